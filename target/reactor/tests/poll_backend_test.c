/* The back-end on poll(2): what is particular to it. Everything else is tested by running the other
 * programs of this folder on it. */
#include "world.h"

#include <string.h>

#include "wb/sys_linux.h"
#include "wb/udp.h"
#include "wb/unix_datagram.h"
#include "wb/unix_stream.h"
#include "wb/waker.h"

static int setup(void **state) {
    if (world_setup_bare(state) != 0) {
        return -1;
    }
    struct world *world = *state;
    world->backend = WB_BACKEND_POLL;
    world_poll_init(world, &world->poll);
    assert_ok(wb_events_init(&world->events, &world->sys, 64));
    return 0;
}

static int event_fd(struct world *world) {
    int fd = WB_SYS(&world->sys, eventfd, 0, WB_EFD_NONBLOCK | WB_EFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void make_ready(struct world *world, int fd) {
    const uint64_t one = 1;
    assert_int_equal(WB_SYS(&world->sys, write, fd, &one, sizeof(one)), sizeof(one));
}

static void make_unready(struct world *world, int fd) {
    uint64_t counter;
    assert_int_equal(WB_SYS(&world->sys, read, fd, &counter, sizeof(counter)), sizeof(counter));
}

/* ---- edges ---- */

/* The rule itself: disarmed by the report, armed by what is said, whatever comes in between. */
static void poll_backend_edge_is_armed_by_would_block(void **state) {
    struct world *world = *state;
    struct wb_fd_source source;
    int fd = event_fd(world);
    wb_fd_source_init(&source, &world->sys, fd);
    wb_fd_source_would_block(&source, WB_INTEREST_READABLE); /* not registered: nothing to do */
    world_watch(world, &source.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    make_ready(world, fd);
    world_await(world, 1, WB_EPOLLIN);
    world_assert_quiet(world);
    make_ready(world, fd);
    world_assert_quiet(world); /* not even for more */
    make_unready(world, fd);
    make_ready(world, fd); /* between the operation and what is said of it */
    wb_fd_source_would_block(&source, WB_INTEREST_READABLE);
    assert_int_equal(world_wait(world, 0), 1);
    world_assert_quiet(world);
    assert_ok(wb_registry_reregister(
        world_registry(world), &source.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE));
    assert_int_equal(world_wait(world, 0), 1);
    wb_fd_source_clean_up(&source);
    WB_SYS(&world->sys, close, fd);
}

/* One direction says nothing of the other. */
static void poll_backend_edge_arms_the_direction_alone(void **state) {
    struct world *world = *state;
    struct wb_unix_stream first;
    struct wb_unix_stream second;
    char byte;
    size_t n = 0;
    assert_ok(wb_unix_stream_pair(&world->sys, &first, &second));
    world_watch(world, wb_unix_stream_source(&first), 1,
        WB_INTEREST_READABLE | WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    assert_int_equal(world_wait(world, 0), 1);
    assert_int_equal(world->flags[1], WB_EPOLLOUT);
    assert_status(wb_unix_stream_read(&first, &byte, 1, &n), WB_WOULD_BLOCK);
    world_assert_quiet(world);
    assert_ok(wb_unix_stream_write(&second, "x", 1, &n));
    world_forget(world);
    assert_int_equal(world_wait(world, PATIENCE_NS), 1);
    assert_int_equal(world->flags[1], WB_EPOLLIN);
    wb_unix_stream_close(&first);
    wb_unix_stream_close(&second);
}

/* Level and one-shot are not armed by operations. */
static void poll_backend_oneshot_is_armed_by_reregistering_only(void **state) {
    struct world *world = *state;
    static const enum wb_trigger triggers[] = {WB_TRIGGER_ONESHOT, WB_TRIGGER_EDGE_ONESHOT};
    for (size_t i = 0; i < 2; i++) {
        struct wb_fd_source source;
        int fd = event_fd(world);
        wb_fd_source_init(&source, &world->sys, fd);
        world_watch(world, &source.source, 1, WB_INTEREST_READABLE, triggers[i]);
        make_ready(world, fd);
        assert_int_equal(world_wait(world, 0), 1);
        wb_fd_source_would_block(&source, WB_INTEREST_READABLE);
        wb_fd_source_error_taken(&source);
        world_assert_quiet(world);
        assert_ok(wb_registry_reregister(
            world_registry(world), &source.source, 1, WB_INTEREST_READABLE, triggers[i]));
        assert_int_equal(world_wait(world, 0), 1);
        wb_fd_source_clean_up(&source);
        WB_SYS(&world->sys, close, fd);
    }
}

/* An error disarms what it says nothing of as well; "not ready" shows that it is gone. */
static void poll_backend_error_is_over_when_an_operation_would_block(void **state) {
    struct world *world = *state;
    struct wb_udp_socket socket;
    struct wb_udp_socket gone;
    struct wb_addr addr = wb_addr_v4_loopback(0);
    char byte;
    assert_ok(wb_udp_socket_bind(&gone, &world->sys, &addr, NULL));
    assert_ok(wb_udp_socket_bind(&socket, &world->sys, &addr, NULL));
    assert_ok(wb_udp_socket_local_addr(&gone, &addr));
    assert_ok(wb_udp_socket_connect(&socket, &addr));
    wb_udp_socket_close(&gone);
    world_watch(world, wb_udp_socket_source(&socket), 1,
        WB_INTEREST_READABLE | WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    assert_int_equal(world_wait(world, 0), 1);
    assert_ok(wb_udp_socket_send(&socket, "x", 1));
    world_await(world, 1, WB_EPOLLERR);
    world_assert_quiet(world);
    /* Taken and tried behind the library's back; only that is said. */
    assert_true(WB_SYS(&world->sys, recv, wb_udp_socket_fd(&socket), &byte, 1, 0) < 0);
    wb_fd_source_would_block(&socket.io, WB_INTEREST_READABLE);
    world_forget(world);
    assert_int_equal(world_wait(world, 0), 1);
    assert_int_equal(world->flags[1], WB_EPOLLOUT); /* not reported since the error disarmed it */
    wb_udp_socket_close(&socket);
}

/* Reading on until it would block goes past urgent data, so it arms what tells of more of it. */
static void poll_backend_urgent_data_is_reported_again(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    char bytes[8];
    size_t n = 0;
    world_pair(world, &client, &server);
    world_watch(world, wb_tcp_stream_source(&server), 1,
        WB_INTEREST_READABLE | WB_INTEREST_PRIORITY, WB_TRIGGER_EDGE);
    for (int round = 0; round < 3; round++) {
        const int fd = wb_tcp_stream_fd(&client);
        assert_int_equal(WB_SYS(&world->sys, send, fd, "ab", 2, WB_MSG_OOB), 2);
        world_await(world, 1, WB_EPOLLIN | WB_EPOLLPRI);
        enum wb_status status = WB_OK;
        while (status == WB_OK) {
            status = wb_tcp_stream_read(&server, bytes, sizeof(bytes), &n);
        }
        assert_status(status, WB_WOULD_BLOCK);
        world_assert_quiet(world);
        world_forget(world);
    }
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* Nobody else is told of the error that a receiving call takes after reading was shut down. */
static void poll_backend_error_taken_after_reading_was_shut_is_over(void **state) {
    struct world *world = *state;
    struct wb_unix_datagram socket;
    struct wb_unix_datagram peer;
    struct wb_unix_datagram other;
    const struct wb_unix_addr any = {0};
    struct wb_unix_addr addr;
    struct wb_datagram datagram;
    char byte;
    assert_ok(wb_unix_datagram_bind(&socket, &world->sys, &any));
    assert_ok(wb_unix_datagram_bind(&peer, &world->sys, &any));
    assert_ok(wb_unix_datagram_bind(&other, &world->sys, &any));
    assert_ok(wb_unix_datagram_local_addr(&peer, &addr));
    assert_ok(wb_unix_datagram_connect(&socket, &addr));
    assert_ok(wb_unix_datagram_local_addr(&socket, &addr));
    assert_ok(wb_unix_datagram_connect(&peer, &addr));
    assert_ok(wb_unix_datagram_shutdown(&socket, WB_UNIX_SHUTDOWN_READ));
    world_watch(world, wb_unix_datagram_source(&socket), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLOUT);
    /* A peer that takes another one loses what it has not received, and resets its sender. */
    assert_ok(wb_unix_datagram_send(&socket, "x", 1));
    assert_ok(wb_unix_datagram_local_addr(&other, &addr));
    assert_ok(wb_unix_datagram_connect(&peer, &addr));
    world_await(world, 1, WB_EPOLLERR);
    world_forget(world);
    assert_status(wb_unix_datagram_recv(&socket, &byte, 1, &datagram), WB_ERR_CONN_RESET);
    world_await(world, 1, WB_EPOLLOUT);
    assert_status(wb_unix_datagram_recv(&socket, &byte, 1, &datagram), WB_EOF);
    world_assert_quiet(world);
    wb_unix_datagram_close(&socket);
    wb_unix_datagram_close(&peer);
    wb_unix_datagram_close(&other);
}

/* What the header warns of: the socket itself has room, so each refusal is followed by an event. */
static void poll_backend_full_queue_of_another_is_reported_each_time(void **state) {
    struct world *world = *state;
    struct wb_unix_datagram socket;
    struct wb_unix_datagram full;
    const struct wb_unix_addr any = {0};
    struct wb_unix_addr addr;
    assert_ok(wb_unix_datagram_open(&socket, &world->sys));
    assert_ok(wb_unix_datagram_bind(&full, &world->sys, &any));
    assert_ok(wb_unix_datagram_local_addr(&full, &addr));
    world_watch(world, wb_unix_datagram_source(&socket), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    assert_int_equal(world_wait(world, 0), 1);
    while (wb_unix_datagram_send_to(&socket, "x", 1, &addr) == WB_OK) {
    }
    for (int round = 0; round < 3; round++) {
        assert_int_equal(world_wait(world, 0), 1);
        world_assert_quiet(world);
        assert_status(wb_unix_datagram_send_to(&socket, "x", 1, &addr), WB_WOULD_BLOCK);
    }
    wb_unix_datagram_close(&socket);
    wb_unix_datagram_close(&full);
}

/* ---- many registrations ---- */

enum { MANY = 100 };

struct many {
    int fds[MANY];
    struct wb_fd_source sources[MANY];
};

static void many_open(struct world *world, struct many *many) {
    for (uint64_t i = 0; i < MANY; i++) {
        many->fds[i] = event_fd(world);
        wb_fd_source_init(&many->sources[i], &world->sys, many->fds[i]);
        assert_ok(wb_registry_register(world_registry(world), &many->sources[i].source, i,
            WB_INTEREST_READABLE, WB_TRIGGER_LEVEL));
    }
}

static void many_close(struct world *world, struct many *many) {
    for (size_t i = 0; i < MANY; i++) {
        wb_fd_source_clean_up(&many->sources[i]);
        WB_SYS(&world->sys, close, many->fds[i]);
    }
}

/* With room for 64 events two waits see all 100, though all stay ready: nobody is always left out.
 * Waiting asks for no memory. */
static void poll_backend_with_little_room_leaves_nobody_out(void **state) {
    struct world *world = *state;
    static struct many many;
    int seen[MANY] = {0};
    many_open(world, &many);
    for (size_t i = 0; i < MANY; i++) {
        make_ready(world, many.fds[i]);
    }
    world_refuse(world, 1);
    for (int wait = 0; wait < 2; wait++) {
        assert_ok(wb_poll_wait(&world->poll, &world->events, 0));
        assert_int_equal(wb_events_count(&world->events), 64);
        for (uint32_t i = 0; i < 64; i++) {
            seen[wb_events_at(&world->events, i).token]++;
        }
    }
    assert_int_equal(atomic_load(&world->requests), 0);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(seen[i] > 0);
    }
    world_refuse(world, 0);
    many_close(world, &many);
}

/* Each request for memory refused in turn: the source is as before, and then registered. */
static void poll_backend_without_memory_refuses_one_registration(void **state) {
    struct world *world = *state;
    static struct many many;
    int refusals = 0;
    for (uint64_t i = 0; i < MANY; i++) {
        many.fds[i] = event_fd(world);
        wb_fd_source_init(&many.sources[i], &world->sys, many.fds[i]);
        enum wb_status status = WB_ERR_NO_MEMORY;
        for (size_t refused = 1; status != WB_OK; refused++) {
            world_refuse(world, refused);
            status = wb_registry_register(world_registry(world), &many.sources[i].source, i,
                WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
            world_refuse(world, 0);
            assert_true(status == WB_OK || status == WB_ERR_NO_MEMORY);
            assert_int_equal(wb_fd_source_is_registered(&many.sources[i]), status == WB_OK);
            refusals += status != WB_OK;
        }
    }
    assert_true(refusals >= 8); /* two requests each time the room doubles */
    make_ready(world, many.fds[MANY - 1]);
    assert_ok(wb_poll_wait(&world->poll, &world->events, 0));
    assert_int_equal(wb_events_count(&world->events), 1);
    assert_int_equal(wb_events_at(&world->events, 0).token, MANY - 1);
    many_close(world, &many);
}

/* Slots are used again, and the last one that is left is still found. */
static void poll_backend_uses_slots_again(void **state) {
    struct world *world = *state;
    static struct many many;
    many_open(world, &many);
    for (size_t i = 0; i < MANY - 1; i++) {
        assert_ok(wb_registry_deregister(world_registry(world), &many.sources[i].source));
    }
    make_ready(world, many.fds[MANY - 1]);
    make_ready(world, many.fds[0]);
    assert_ok(wb_poll_wait(&world->poll, &world->events, 0));
    assert_int_equal(wb_events_count(&world->events), 1);
    assert_ok(wb_registry_register(
        world_registry(world), &many.sources[0].source, 7, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL));
    assert_int_equal(many.sources[0].slot, 0);
    assert_ok(wb_poll_wait(&world->poll, &world->events, 0));
    assert_int_equal(wb_events_count(&world->events), 2);
    many_close(world, &many);
}

static void poll_backend_descriptor_closed_behind_its_back_does_not_spin(void **state) {
    struct world *world = *state;
    struct wb_fd_source source;
    int fd = event_fd(world);
    wb_fd_source_init(&source, &world->sys, fd);
    world_watch(world, &source.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    WB_SYS(&world->sys, close, fd);
    const uint64_t begin = WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    world_assert_quiet(world);
    assert_true(WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC) - begin >= QUIET_NS);
    wb_fd_source_clean_up(&source);
}

/* ---- other threads ---- */

struct waiting {
    struct world *world;
    uint64_t passed_ns;
    int64_t timeout_ns;
    enum wb_status status;
};

static void wait_once(void *arg) {
    struct waiting *waiting = arg;
    struct world *world = waiting->world;
    const uint64_t begin = WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    waiting->status = wb_poll_wait(&world->poll, &world->events, waiting->timeout_ns);
    waiting->passed_ns = WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC) - begin;
}

/* A file that a wait still looks at would stay open: closing it would not be seen by the peer. */
static void poll_backend_closed_during_a_wait_is_closed_at_once(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    assert_ok(wb_waker_init(&waker, world_registry(world), 2));
    for (int round = 0; round < 100; round++) {
        struct waiting waiting = {.world = world, .timeout_ns = WB_TIMEOUT_INFINITE};
        struct wb_unix_stream first;
        struct wb_unix_stream second;
        char byte;
        size_t n = 0;
        assert_ok(wb_unix_stream_pair(&world->sys, &first, &second));
        world_watch(
            world, wb_unix_stream_source(&first), 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
        uint64_t thread = world_start(world, wait_once, &waiting);
        struct wb_pollfd none = {.fd = -1};
        (void)WB_SYS(&world->sys, poll, &none, 1, round % 4 * MS / 4); /* mostly it waits by then */
        wb_unix_stream_close(&first);
        assert_status(wb_unix_stream_read(&second, &byte, 1, &n), WB_EOF);
        assert_ok(wb_waker_wake(&waker));
        world_join(world, thread);
        assert_ok(waiting.status);
        assert_int_equal(wb_events_count(&world->events), 1);
        assert_int_equal(wb_events_at(&world->events, 0).token, 2);
        wb_unix_stream_close(&second);
    }
    wb_waker_clean_up(&waker);
}

/* Changes wake the waiting thread, which then waits for what is left of its time. */
static void poll_backend_changes_do_not_shorten_a_wait(void **state) {
    struct world *world = *state;
    static struct many many;
    struct waiting waiting = {.world = world, .timeout_ns = 2 * QUIET_NS};
    uint64_t thread = world_start(world, wait_once, &waiting);
    many_open(world, &many); /* grows several times meanwhile */
    many_close(world, &many);
    world_join(world, thread);
    assert_ok(waiting.status);
    assert_true(wb_events_is_empty(&world->events));
    assert_true(waiting.passed_ns >= 2 * (uint64_t)QUIET_NS);
}

/* An operation in another thread than the one that waits arms the source for the present wait. */
static void poll_backend_armed_during_a_wait_is_reported_by_it(void **state) {
    struct world *world = *state;
    for (int round = 0; round < 50; round++) {
        struct waiting waiting = {.world = world, .timeout_ns = PATIENCE_NS};
        struct wb_fd_source source;
        int fd = event_fd(world);
        wb_fd_source_init(&source, &world->sys, fd);
        world_watch(world, &source.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
        make_ready(world, fd);
        assert_int_equal(world_wait(world, 0), 1);
        uint64_t thread = world_start(world, wait_once, &waiting);
        make_unready(world, fd);
        wb_fd_source_would_block(&source, WB_INTEREST_READABLE);
        make_ready(world, fd);
        world_join(world, thread);
        assert_ok(waiting.status);
        assert_int_equal(wb_events_count(&world->events), 1);
        wb_fd_source_clean_up(&source);
        WB_SYS(&world->sys, close, fd);
    }
}

static atomic_int failing_reads;
static atomic_int poll_calls;

static int64_t interrupted_read(void *self, int fd, void *buf, size_t len) {
    if (atomic_fetch_sub(&failing_reads, 1) > 0) {
        return -4; /* EINTR */
    }
    return wb_sys_linux()->ops->read(self, fd, buf, len);
}

static int counted_poll(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    atomic_fetch_add(&poll_calls, 1);
    return wb_sys_linux()->ops->poll(self, fds, fds_len, timeout_ns);
}

/* What wakes the waiting thread is tried again if it cannot be taken back, and does not spin. */
static void poll_backend_wake_that_is_not_taken_back_does_not_spin(void **state) {
    struct world *world = *state;
    struct waiting waiting = {.world = world, .timeout_ns = QUIET_NS};
    struct wb_fd_source source;
    int fd = event_fd(world);
    wb_fd_source_init(&source, &world->sys, fd);
    atomic_store(&failing_reads, 1);
    atomic_store(&poll_calls, 0);
    world->ops.read = interrupted_read;
    world->ops.poll = counted_poll;
    uint64_t thread = world_start(world, wait_once, &waiting);
    while (atomic_load(&poll_calls) == 0) {
    }
    world_watch(world, &source.source, 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    world_join(world, thread);
    assert_ok(waiting.status);
    assert_true(wb_events_is_empty(&world->events));
    assert_true(atomic_load(&poll_calls) <= 4);
    wb_fd_source_clean_up(&source);
    WB_SYS(&world->sys, close, fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, world_teardown)
        CASE(poll_backend_edge_is_armed_by_would_block),
        CASE(poll_backend_edge_arms_the_direction_alone),
        CASE(poll_backend_oneshot_is_armed_by_reregistering_only),
        CASE(poll_backend_error_is_over_when_an_operation_would_block),
        CASE(poll_backend_urgent_data_is_reported_again),
        CASE(poll_backend_error_taken_after_reading_was_shut_is_over),
        CASE(poll_backend_full_queue_of_another_is_reported_each_time),
        CASE(poll_backend_with_little_room_leaves_nobody_out),
        CASE(poll_backend_without_memory_refuses_one_registration),
        CASE(poll_backend_uses_slots_again),
        CASE(poll_backend_descriptor_closed_behind_its_back_does_not_spin),
        CASE(poll_backend_closed_during_a_wait_is_closed_at_once),
        CASE(poll_backend_changes_do_not_shorten_a_wait),
        CASE(poll_backend_armed_during_a_wait_is_reported_by_it),
        CASE(poll_backend_wake_that_is_not_taken_back_does_not_spin),
    };
    return cmocka_run_group_tests_name("poll_backend", tests, NULL, NULL);
}
