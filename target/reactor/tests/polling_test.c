/* What users of a plain poller expect: modes that are switched, changes from other threads, many
 * connections, one descriptor in two polls. What else they expect is in poll_test, registry_test
 * and registry_thread_test, marked RT-21 to RT-25. */
#include "world.h"

#include "wb/pipe.h"
#include "wb/waker.h"

enum { CROWD = 100, WAKERS = 4 };

static uint64_t now(struct world *world) {
    return WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

static void wake(void *arg) {
    assert_ok(wb_waker_wake(arg));
}

/* RT-22. Wakes before a wait are one report, and end that wait alone. */
static void polling_wakes_before_a_wait_end_one_wait(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    uint64_t threads[WAKERS];
    assert_ok(wb_waker_init(&waker, world_registry(world), 5));
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < WAKERS; i++) {
            threads[i] = world_start(world, wake, &waker);
        }
        for (int i = 0; i < WAKERS; i++) {
            world_join(world, threads[i]);
        }
        assert_int_equal(world_wait(world, PATIENCE_NS), 1);
        assert_int_equal(world_wait(world, 0), 0);
    }
    assert_int_equal(world->reports[5], 3);
    wb_waker_clean_up(&waker);
}

/* RT-22. One that comes during the wait ends it. */
static void polling_wake_during_a_wait_ends_it(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    assert_ok(wb_waker_init(&waker, world_registry(world), 5));
    for (int round = 0; round < 10; round++) {
        const uint64_t thread = world_start(world, wake, &waker);
        assert_int_equal(world_wait(world, WB_TIMEOUT_INFINITE), 1);
        world_join(world, thread);
        assert_int_equal(world_wait(world, 0), 0);
    }
    wb_waker_clean_up(&waker);
}

/* RT-23 */
static void polling_never_returns_early(void **state) {
    struct world *world = *state;
    static const int64_t timeouts_ns[] = {0, 1, 100 * 1000, 999 * 1000, MS, 3100 * 1000};
    for (size_t i = 0; i < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); i++) {
        for (int round = 0; round < 5; round++) {
            const uint64_t begin = now(world);
            assert_int_equal(world_wait(world, timeouts_ns[i]), 0);
            assert_true(now(world) - begin >= (uint64_t)timeouts_ns[i]);
        }
    }
}

/* RT-24 */
static void polling_switches_from_mode_to_mode(void **state) {
    struct world *world = *state;
    static const struct {
        enum wb_trigger trigger;
        uint32_t reports[3]; /* of three waits, while the byte lies there */
    } modes[] = {
        {WB_TRIGGER_LEVEL, {1, 1, 1}},
        {WB_TRIGGER_ONESHOT, {1, 0, 0}},
        {WB_TRIGGER_EDGE, {1, 0, 0}},
        {WB_TRIGGER_LEVEL, {1, 1, 1}},
        {WB_TRIGGER_EDGE_ONESHOT, {1, 0, 0}},
        {WB_TRIGGER_EDGE_ONESHOT, {1, 0, 0}},
    };
    struct wb_pipe_sender sender;
    struct wb_pipe_receiver receiver;
    size_t n = 0;
    assert_ok(wb_pipe_open(&world->sys, &sender, &receiver));
    world_watch(world, wb_pipe_receiver_source(&receiver), 1, WB_INTEREST_READABLE,
        WB_TRIGGER_EDGE_ONESHOT);
    assert_ok(wb_pipe_sender_write(&sender, "x", 1, &n));
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        assert_ok(wb_registry_reregister(world_registry(world), wb_pipe_receiver_source(&receiver),
            1, WB_INTEREST_READABLE, modes[i].trigger));
        for (int wait = 0; wait < 3; wait++) {
            assert_int_equal(world_wait(world, 0), modes[i].reports[wait]);
        }
    }
    wb_pipe_sender_close(&sender);
    wb_pipe_receiver_close(&receiver);
}

struct change {
    const struct wb_registry *registry;
    struct wb_source *source;
};

static void ask_for_writable(void *arg) {
    const struct change *change = arg;
    assert_ok(wb_registry_reregister(
        change->registry, change->source, 2, WB_INTEREST_WRITABLE, WB_TRIGGER_ONESHOT));
}

/* RT-25 */
static void polling_change_during_a_wait_is_seen_by_it(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    world_watch(world, wb_tcp_stream_source(&client), 1, WB_INTEREST_READABLE, WB_TRIGGER_ONESHOT);
    struct change change = {world_registry(world), wb_tcp_stream_source(&client)};
    const uint64_t thread = world_start(world, ask_for_writable, &change);
    assert_int_equal(world_wait(world, PATIENCE_NS), 1);
    world_join(world, thread);
    assert_int_equal(world->flags[2], WB_EPOLLOUT);
    assert_int_equal(world->reports[1], 0);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* RT-26. A source belongs to one poll, a descriptor need not. */
static void polling_one_descriptor_in_two_polls_is_reported_by_both(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    struct wb_fd_source other;
    struct wb_poll second;
    struct wb_events events;
    world_pair(world, &client, &server);
    world_poll_init(world, &second);
    assert_ok(wb_events_init(&events, &world->sys, 4));
    world_watch(world, wb_tcp_stream_source(&server), 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    wb_fd_source_init(&other, &world->sys, wb_tcp_stream_fd(&server));
    assert_ok(wb_registry_register(
        wb_poll_registry(&second), &other.source, 7, WB_INTEREST_READABLE, WB_TRIGGER_ONESHOT));
    world_send(&client, "x");
    world_await(world, 1, WB_EPOLLIN);
    assert_ok(wb_poll_wait(&second, &events, PATIENCE_NS));
    assert_int_equal(wb_events_count(&events), 1);
    assert_int_equal(wb_events_at(&events, 0).token, 7);
    assert_ok(wb_poll_wait(&second, &events, 0));
    assert_true(wb_events_is_empty(&events));
    assert_int_equal(world_wait(world, 0), 1); /* the other one's mode is not its own */
    wb_fd_source_clean_up(&other);
    wb_events_clean_up(&events);
    wb_poll_clean_up(&second);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* RT-26 */
static void polling_a_crowd_is_reported_one_by_one_and_leaves_one_by_one(void **state) {
    struct world *world = *state;
    static struct wb_tcp_stream clients[CROWD];
    static struct wb_tcp_stream servers[CROWD];
    for (uint64_t i = 0; i < CROWD; i++) {
        world_pair(world, &clients[i], &servers[i]);
        assert_ok(wb_registry_register(world_registry(world), wb_tcp_stream_source(&servers[i]), i,
            WB_INTEREST_READABLE, WB_TRIGGER_ONESHOT));
    }
    for (uint64_t left = CROWD; left > 0; left--) { /* another order than that of arrival */
        const uint64_t i = left * 37 % CROWD;
        world_send(&clients[i], "x");
        assert_ok(wb_poll_wait(&world->poll, &world->events, PATIENCE_NS));
        assert_int_equal(wb_events_count(&world->events), 1);
        assert_int_equal(wb_events_at(&world->events, 0).token, i);
        assert_ok(wb_registry_deregister(world_registry(world), wb_tcp_stream_source(&servers[i])));
        world_expect(world, &servers[i], "x");
        wb_tcp_stream_close(&servers[i]);
        wb_tcp_stream_close(&clients[i]);
    }
    world_assert_quiet(world);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, world_setup, world_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(polling_wakes_before_a_wait_end_one_wait),
        CASE(polling_wake_during_a_wait_ends_it),
        CASE(polling_never_returns_early),
        CASE(polling_switches_from_mode_to_mode),
        CASE(polling_change_during_a_wait_is_seen_by_it),
        CASE(polling_one_descriptor_in_two_polls_is_reported_by_both),
        CASE(polling_a_crowd_is_reported_one_by_one_and_leaves_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
