/* The system, the poll and the connections of the tests. */
#include "world.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "wb/sys_linux.h"

/* ---- memory and notes ---- */

static bool is_refused(struct world *world) {
    size_t number = atomic_fetch_add(&world->requests, 1) + 1;
    return number == atomic_load(&world->refuse_at);
}

static void *counted_alloc(void *self, size_t size) {
    struct world *world = self;
    void *ptr = is_refused(world) ? NULL : malloc(size);
    if (ptr != NULL) {
        memset(ptr, 0xa5, size); /* nobody may rely on zeroes */
        atomic_fetch_add(&world->blocks, 1);
        atomic_fetch_add(&world->bytes, size);
    }
    return ptr;
}

static void counted_free(void *self, void *ptr, size_t size) {
    struct world *world = self;
    if (ptr != NULL) {
        atomic_fetch_sub(&world->blocks, 1);
        atomic_fetch_sub(&world->bytes, size);
        memset(ptr, 0x5a, size); /* nobody may still look */
        free(ptr);
    }
}

static void *counted_resize(void *self, void *ptr, size_t old_size, size_t new_size) {
    void *moved = counted_alloc(self, new_size);
    if (moved != NULL && ptr != NULL) {
        memcpy(moved, ptr, old_size < new_size ? old_size : new_size);
        counted_free(self, ptr, old_size);
    }
    return moved;
}

static void kept_note(void *self, enum wb_note kind, uint64_t a, uint64_t b) {
    struct world *world = self;
    if (world->note_count < NOTES_MAX) {
        world->notes[world->note_count++] = (struct note){kind, a, b};
    }
}

void world_refuse(struct world *world, size_t n) {
    atomic_store(&world->requests, 0);
    atomic_store(&world->refuse_at, n);
}

/* ---- calls ---- */

static int64_t counted_read(void *self, int fd, void *buf, size_t len) {
    struct world *world = self;
    atomic_fetch_add(&world->reads, 1);
    return wb_sys_linux()->ops->read(self, fd, buf, len);
}

static int64_t counted_write(void *self, int fd, const void *buf, size_t len) {
    struct world *world = self;
    atomic_fetch_add(&world->writes, 1);
    return wb_sys_linux()->ops->write(self, fd, buf, len);
}

void world_count_calls(struct world *world) {
    atomic_store(&world->reads, 0);
    atomic_store(&world->writes, 0);
    world->ops.read = counted_read;
    world->ops.write = counted_write;
}

/* ---- fixtures ---- */

size_t world_descriptors(void) {
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    size_t count = 0;
    while (readdir(dir) != NULL) {
        count++;
    }
    closedir(dir);
    return count;
}

static enum wb_backend asked_backend(void) {
    const char *name = getenv("WB_TEST_BACKEND");
    return name != NULL && strcmp(name, "poll") == 0 ? WB_BACKEND_POLL : WB_BACKEND_EPOLL;
}

int world_setup_bare(void **state) {
    struct world *world = calloc(1, sizeof(*world));
    if (world == NULL) {
        return -1;
    }
    world->ops = *wb_sys_linux()->ops;
    world->ops.alloc = counted_alloc;
    world->ops.resize = counted_resize;
    world->ops.free = counted_free;
    world->ops.note = kept_note;
    world->sys = (struct wb_sys){.ops = &world->ops, .self = world};
    world->backend = asked_backend();
    world->descriptors = world_descriptors();
    *state = world;
    return 0;
}

int world_teardown_bare(void **state) {
    struct world *world = *state;
    assert_int_equal(atomic_load(&world->blocks), 0);
    assert_int_equal(atomic_load(&world->bytes), 0);
    assert_int_equal(world_descriptors(), world->descriptors);
    free(world);
    return 0;
}

int world_setup(void **state) {
    if (world_setup_bare(state) != 0) {
        return -1;
    }
    struct world *world = *state;
    world_poll_init(world, &world->poll);
    assert_ok(wb_events_init(&world->events, &world->sys, 64));
    return 0;
}

int world_teardown(void **state) {
    struct world *world = *state;
    wb_events_clean_up(&world->events);
    wb_poll_clean_up(&world->poll);
    return world_teardown_bare(state);
}

void world_poll_init(struct world *world, struct wb_poll *out_poll) {
    assert_ok(wb_poll_init_backend(out_poll, &world->sys, world->backend));
}

static int wait_error;

static int failing_epoll(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self, (void)epfd, (void)events, (void)events_max, (void)timeout_ns;
    return -wait_error;
}

static int failing_poll(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    (void)self, (void)fds, (void)fds_len, (void)timeout_ns;
    return -wait_error;
}

void world_fail_waits(struct world *world, int error) {
    wait_error = error;
    world->ops.epoll_pwait2 = failing_epoll;
    world->ops.poll = failing_poll;
}

void world_wait_works(struct world *world) {
    world->ops.epoll_pwait2 = wb_sys_linux()->ops->epoll_pwait2;
    world->ops.poll = wb_sys_linux()->ops->poll;
}

uint64_t world_start(struct world *world, wb_thread_fn fn, void *arg) {
    uint64_t thread = 0;
    assert_int_equal(WB_SYS(&world->sys, thread_create, fn, arg, &thread), 0);
    return thread;
}

void world_join(struct world *world, uint64_t thread) {
    assert_int_equal(WB_SYS(&world->sys, thread_join, thread), 0);
}

/* ---- watching ---- */

const struct wb_registry *world_registry(struct world *world) {
    return wb_poll_registry(&world->poll);
}

void world_watch(struct world *world, struct wb_source *source, uint64_t token, uint32_t interest,
    enum wb_trigger trigger) {
    assert_ok(wb_registry_register(world_registry(world), source, token, interest, trigger));
}

uint32_t world_wait(struct world *world, int64_t timeout_ns) {
    assert_ok(wb_poll_wait(&world->poll, &world->events, timeout_ns));
    for (uint32_t i = 0; i < wb_events_count(&world->events); i++) {
        struct wb_event event = wb_events_at(&world->events, i);
        assert_true(event.token < TOKENS);
        world->flags[event.token] |= event.flags;
        world->reports[event.token]++;
        world->report_count++;
    }
    return wb_events_count(&world->events);
}

void world_forget(struct world *world) {
    memset(world->flags, 0, sizeof(world->flags));
    memset(world->reports, 0, sizeof(world->reports));
    world->report_count = 0;
}

void world_await(struct world *world, uint64_t token, uint32_t flags) {
    while ((world->flags[token] & flags) != flags) {
        if (world_wait(world, PATIENCE_NS) == 0) {
            fail_msg("token %u: waited for events 0x%x, got 0x%x", (unsigned)token, flags,
                world->flags[token]);
        }
    }
}

void world_assert_quiet(struct world *world) {
    if (world_wait(world, QUIET_NS) != 0) {
        struct wb_event event = wb_events_at(&world->events, 0);
        fail_msg("unexpected event 0x%x of token %u", event.flags, (unsigned)event.token);
    }
}

/* ---- connections ---- */

void world_listen(
    struct world *world, struct wb_tcp_listener *out_listener, struct wb_addr *out_addr) {
    struct wb_addr any_port = wb_addr_v4_loopback(0);
    assert_ok(wb_tcp_listener_bind(out_listener, &world->sys, &any_port, 0));
    assert_ok(wb_tcp_listener_local_addr(out_listener, out_addr));
}

void world_await_readable(struct world *world, int fd) {
    struct wb_pollfd entry = {.fd = fd, .events = WB_EPOLLIN};
    assert_int_equal(WB_SYS(&world->sys, poll, &entry, 1, PATIENCE_NS), 1);
}

void world_accept(
    struct world *world, struct wb_tcp_listener *listener, struct wb_tcp_stream *out_stream) {
    world_await_readable(world, wb_tcp_listener_fd(listener));
    assert_ok(wb_tcp_listener_accept(listener, out_stream, NULL));
}

void world_pair(
    struct world *world, struct wb_tcp_stream *out_client, struct wb_tcp_stream *out_server) {
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    world_listen(world, &listener, &addr);
    assert_ok(wb_tcp_stream_connect(out_client, &world->sys, &addr));
    world_accept(world, &listener, out_server);
    assert_ok(wb_tcp_stream_finish_connect(out_client));
    wb_tcp_listener_close(&listener);
}

void world_send(struct wb_tcp_stream *stream, const char *text) {
    size_t sent = 0;
    assert_ok(wb_tcp_stream_write(stream, text, strlen(text), &sent));
    assert_int_equal(sent, strlen(text));
}

void world_expect(struct world *world, struct wb_tcp_stream *stream, const char *text) {
    char buf[256];
    size_t len = strlen(text);
    assert_true(len < sizeof(buf));
    for (size_t got = 0; got < len;) {
        size_t n = 0;
        world_await_readable(world, wb_tcp_stream_fd(stream));
        assert_ok(wb_tcp_stream_read(stream, buf, len - got, &n));
        assert_memory_equal(buf, text + got, n);
        got += n;
    }
}

void world_expect_eof(struct world *world, struct wb_tcp_stream *stream) {
    char byte;
    size_t n = 0;
    world_await_readable(world, wb_tcp_stream_fd(stream));
    assert_status(wb_tcp_stream_read(stream, &byte, 1, &n), WB_EOF);
}
