/* Streams that were just accepted: tried first, and registered once somebody has to wait. */
#include "loopback.h"

#include <errno.h>

#include "wb/sys_linux.h"

enum { FDS_MAX = 1024 };

static struct {
    atomic_int adds[FDS_MAX]; /* by descriptor */
    atomic_int refused;       /* this descriptor is not to be registered; -1: all may be */
    const char *late; /* what the client sends while the server hears that nothing is there */
} hooks;

static int counted_epoll_ctl(
    void *self, int epfd, int operation, int fd, const struct wb_epoll_event *event) {
    (void)self;
    if (operation == WB_EPOLL_CTL_ADD && atomic_load(&hooks.refused) == fd) {
        return -ENOSPC;
    }
    if (operation == WB_EPOLL_CTL_ADD) {
        atomic_fetch_add(&hooks.adds[fd], 1);
    }
    return WB_SYS(wb_sys_linux(), epoll_ctl, epfd, operation, fd, event);
}

static int fd_of(const struct wb_stream *stream) {
    return wb_tcp_stream_fd(wb_stream_tcp(stream));
}

/* More comes before the outcome is known. */
static int64_t late_recv(void *self, int fd, void *buf, size_t len, int flags) {
    (void)self;
    const int64_t result = WB_SYS(wb_sys_linux(), recv, fd, buf, len, flags);
    if (result == -EAGAIN && hooks.late != NULL && fd == fd_of(&net.server)) {
        const char *late = hooks.late;
        hooks.late = NULL;
        assert_int_equal(WB_SYS(wb_sys_linux(), send, fd_of(&net.client), late, strlen(late), 0),
            (int64_t)strlen(late));
    }
    return result;
}

static void open_watched_pair(void) {
    for (int i = 0; i < FDS_MAX; i++) {
        atomic_store(&hooks.adds[i], 0);
    }
    atomic_store(&hooks.refused, -1);
    hooks.late = NULL;
    stage.world->ops.epoll_ctl = counted_epoll_ctl;
    stage.world->ops.recv = late_recv;
    open_pair();
    bell_init(&script_bell);
}

static int adds_of_server(void) {
    return atomic_load(&hooks.adds[fd_of(&net.server)]);
}

static void begin_to_read(struct wb_read *read, char buf[static 8]) {
    wb_read_init(read, &net.server.reader.read, buf, 8);
}

/* ---- when it is registered ---- */

static void who_need_not_wait_is_not_registered(void **state) {
    (void)state;
    struct wb_read read;
    char buf[8];
    open_watched_pair();
    size_t len = 0;
    assert_ok(wb_tcp_stream_write(wb_stream_tcp(&net.client), "ask", 3, &len));
    begin_to_read(&read, buf);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_bytes(buf, read.len, "ask");
    put(&net.server.writer.write, "answer");
    assert_int_equal(adds_of_server(), 0);
    expect(&net.client.reader.read, "answer");
    close_pair();
}

static void who_waits_is_registered_once(void **state) {
    (void)state;
    struct wb_read read;
    char buf[8];
    open_watched_pair();
    begin_to_read(&read, buf);
    assert_int_equal(poll_once(&read.future), WB_PENDING);
    assert_int_equal(adds_of_server(), 1);
    assert_int_equal(poll_once(&read.future), WB_PENDING);
    put(&net.client.writer.write, "one");
    await_wakes(1);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_bytes(buf, read.len, "one");
    begin_to_read(&read, buf);
    assert_int_equal(poll_once(&read.future), WB_PENDING);
    assert_int_equal(adds_of_server(), 1);
    close_pair();
}

static void a_direction_that_waits_registers_for_both(void **state) {
    (void)state;
    static char much[1 << 16];
    struct wb_read read;
    struct wb_write write;
    char buf[8];
    open_watched_pair();
    do {
        wb_write_init(&write, &net.server.writer.write, much, sizeof(much));
    } while (poll_once(&write.future) == WB_READY);
    assert_int_equal(adds_of_server(), 1);
    begin_to_read(&read, buf);
    assert_int_equal(poll_once(&read.future), WB_PENDING);
    assert_int_equal(adds_of_server(), 1);
    close_pair();
}

/* ---- nothing is missed ---- */

static void what_comes_before_the_registration_is_reported(void **state) {
    (void)state;
    struct wb_read read;
    char buf[8];
    open_watched_pair();
    hooks.late = "late";
    begin_to_read(&read, buf);
    assert_int_equal(poll_once(&read.future), WB_PENDING);
    assert_null(hooks.late);
    await_wakes(1);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_bytes(buf, read.len, "late");
    close_pair();
}

static void a_try_that_would_block_is_told_of_what_comes(void **state) {
    (void)state;
    char buf[8];
    size_t len = 0;
    open_watched_pair();
    struct wb_read_half *reader = &net.server.reader;
    assert_status(wb_read_half_try_read(reader, buf, sizeof(buf), &len), WB_WOULD_BLOCK);
    put(&net.client.writer.write, "tried");
    enum wb_status status = WB_WOULD_BLOCK;
    for (int i = 0; i < 1000 && status == WB_WOULD_BLOCK; i++) {
        status = wb_read_half_try_read(reader, buf, sizeof(buf), &len);
        assert_ok(wb_runtime_turn(stage.runtime, MS));
    }
    assert_ok(status);
    assert_bytes(buf, len, "tried");
    close_pair();
}

/* ---- what may go wrong ---- */

static void a_registration_that_fails_is_told_who_waits(void **state) {
    (void)state;
    struct wb_read read;
    char buf[8];
    size_t len = 0;
    open_watched_pair();
    atomic_store(&hooks.refused, fd_of(&net.server));
    begin_to_read(&read, buf);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_status(read.future.status, wb_status_from_result(-ENOSPC));
    assert_status(wb_read_half_try_read(&net.server.reader, buf, sizeof(buf), &len),
        wb_status_from_result(-ENOSPC));
    atomic_store(&hooks.refused, -1); /* somebody else has made room */
    begin_to_read(&read, buf);
    assert_int_equal(poll_once(&read.future), WB_PENDING);
    put(&net.client.writer.write, "on");
    await_wakes(1);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_bytes(buf, read.len, "on");
    close_pair();
}

static void one_that_was_never_registered_outlives_its_runtime(void **state) {
    (void)state;
    struct wb_read read;
    char buf[8];
    size_t len = 0;
    open_watched_pair();
    stage_destroy();
    begin_to_read(&read, buf);
    assert_int_equal(poll_once(&read.future), WB_READY);
    assert_status(read.future.status, WB_ERR_CLOSED);
    assert_status(wb_read_half_try_read(&net.server.reader, buf, sizeof(buf), &len), WB_ERR_CLOSED);
    close_pair();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SINGLE(who_need_not_wait_is_not_registered),
        SINGLE(who_waits_is_registered_once),
        SINGLE(a_direction_that_waits_registers_for_both),
        SINGLE(what_comes_before_the_registration_is_reported),
        SINGLE(a_try_that_would_block_is_told_of_what_comes),
        SINGLE(a_registration_that_fails_is_told_who_waits),
        BOTH(one_that_was_never_registered_outlives_its_runtime),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
