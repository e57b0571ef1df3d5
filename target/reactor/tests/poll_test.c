/* Waiting: time, capacity, what is reported when. */
#include "world.h"

static uint64_t now(struct world *world) {
    return WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

/* MIO-01, A-MIO-03 */
static void poll_with_nothing_returns_empty_after_the_timeout(void **state) {
    struct world *world = *state;
    uint64_t begin = now(world);
    assert_ok(wb_poll_wait(&world->poll, &world->events, 100 * MS));
    assert_true(wb_events_is_empty(&world->events));
    assert_true(now(world) - begin >= 100 * (uint64_t)MS);
}

/* A-MIO-02, RT-23 */
static void poll_with_a_tiny_timeout_does_not_return_early(void **state) {
    struct world *world = *state;
    for (int i = 0; i < 100; i++) {
        uint64_t begin = now(world);
        assert_ok(wb_poll_wait(&world->poll, &world->events, 300000));
        assert_true(now(world) - begin >= 300000);
    }
}

/* MIO-02, MIO-31 */
static void poll_after_closing_a_registered_listener_is_quiet(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    world_listen(world, &listener, &addr);
    world_watch(world, wb_tcp_listener_source(&listener), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    wb_tcp_listener_close(&listener);
    world_assert_quiet(world);
}

/* MIO-03, RT-23 */
static void poll_with_zero_timeout_asks_the_kernel(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream clients[3];
    struct wb_tcp_stream servers[3];
    for (uint64_t i = 0; i < 3; i++) {
        world_pair(world, &clients[i], &servers[i]);
        world_watch(
            world, wb_tcp_stream_source(&clients[i]), i, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    }
    assert_int_equal(world_wait(world, 0), 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(world->flags[i], WB_EPOLLOUT);
        wb_tcp_stream_close(&clients[i]);
        wb_tcp_stream_close(&servers[i]);
    }
}

/* MIO-04, A-MIO-01 */
static void poll_made_and_ended_often_leaks_nothing(void **state) {
    struct world *world = *state;
    size_t before = world_descriptors();
    for (int i = 0; i < 2000; i++) {
        struct wb_poll poll;
        world_poll_init(world, &poll);
        assert_ok(wb_poll_wait(&poll, &world->events, 0));
        wb_poll_clean_up(&poll);
    }
    assert_int_equal(world_descriptors(), before);
}

/* MIO-05 */
static void poll_closing_a_registered_stream_ends_it_for_the_peer(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    world_watch(world, wb_tcp_stream_source(&client), 1,
        WB_INTEREST_READABLE | WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLOUT);
    wb_tcp_stream_close(&client);
    world_expect_eof(world, &server);
    world_assert_quiet(world);
    wb_tcp_stream_close(&server);
}

/* MIO-06, A-MIO-08, A-MIO-09, RT-21 */
static void poll_after_would_block_reports_the_next_arrival(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    char byte;
    size_t n = 0;
    world_pair(world, &client, &server);
    world_watch(world, wb_tcp_stream_source(&server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    for (int round = 0; round < 2; round++) {
        world_send(&client, "hello");
        world_await(world, 1, WB_EPOLLIN);
        world_expect(world, &server, "hello");
        assert_status(wb_tcp_stream_read(&server, &byte, 1, &n), WB_WOULD_BLOCK);
        world_assert_quiet(world);
        assert_int_equal(world->reports[1], 1);
        world_forget(world);
    }
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* A-MIO-05 */
static void poll_with_room_for_one_event_loses_none(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream clients[4];
    struct wb_tcp_stream servers[4];
    for (uint64_t i = 0; i < 4; i++) {
        world_pair(world, &clients[i], &servers[i]);
        world_watch(
            world, wb_tcp_stream_source(&clients[i]), i, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    }
    wb_events_clean_up(&world->events);
    assert_ok(wb_events_init(&world->events, &world->sys, 1));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(world_wait(world, 0), 1);
    }
    assert_int_equal(world_wait(world, 0), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(world->reports[i], 1);
        wb_tcp_stream_close(&clients[i]);
        wb_tcp_stream_close(&servers[i]);
    }
}

/* A-MIO-21, RT-21 (where a poller appends) */
static void poll_clears_the_container_first(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    world_watch(world, wb_tcp_stream_source(&client), 3, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    assert_int_equal(world_wait(world, 0), 1);
    assert_int_equal(wb_events_at(&world->events, 0).token, 3);
    assert_int_equal(wb_events_at(&world->events, 0).token, 3);
    assert_ok(wb_poll_wait(&world->poll, &world->events, 0));
    assert_true(wb_events_is_empty(&world->events));
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* A-MIO-04, RT-25 */
static void poll_interrupted_says_so_and_gives_nothing(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    world_watch(world, wb_tcp_stream_source(&client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_LEVEL);
    assert_int_equal(world_wait(world, 0), 1);
    world_fail_waits(world, 4); /* EINTR */
    assert_status(wb_poll_wait(&world->poll, &world->events, -1), WB_ERR_INTERRUPTED);
    assert_true(wb_events_is_empty(&world->events));
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* An emulated edge comes only after the source was found not ready. */
static bool is_disarmed(const struct world *world, enum wb_trigger trigger) {
    return wb_trigger_is_oneshot(trigger)
           || (world->backend == WB_BACKEND_POLL && trigger == WB_TRIGGER_EDGE);
}

/* RT-24 */
static void poll_in_each_trigger_reports_as_documented(void **state) {
    struct world *world = *state;
    for (int trigger = WB_TRIGGER_LEVEL; trigger <= WB_TRIGGER_EDGE_ONESHOT; trigger++) {
        struct wb_tcp_stream client;
        struct wb_tcp_stream server;
        world_forget(world);
        world_pair(world, &client, &server);
        world_watch(world, wb_tcp_stream_source(&server), 1, WB_INTEREST_READABLE,
            (enum wb_trigger)trigger);
        world_send(&client, "a");
        world_await(world, 1, WB_EPOLLIN);
        (void)world_wait(world, 0); /* unread: only a level trigger says it again */
        assert_int_equal(world->reports[1], trigger == WB_TRIGGER_LEVEL ? 2 : 1);
        world_forget(world);
        world_send(&client, "b"); /* one-shot: disarmed, even for new data */
        (void)world_wait(world, QUIET_NS);
        assert_int_equal(world->reports[1], is_disarmed(world, (enum wb_trigger)trigger) ? 0 : 1);
        world_forget(world);
        assert_ok(wb_registry_reregister(world_registry(world), wb_tcp_stream_source(&server), 1,
            WB_INTEREST_READABLE, (enum wb_trigger)trigger));
        assert_int_equal(world_wait(world, 0), 1);
        wb_tcp_stream_close(&client);
        wb_tcp_stream_close(&server);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(poll_with_nothing_returns_empty_after_the_timeout),
        CASE(poll_with_a_tiny_timeout_does_not_return_early),
        CASE(poll_after_closing_a_registered_listener_is_quiet),
        CASE(poll_with_zero_timeout_asks_the_kernel),
        CASE(poll_made_and_ended_often_leaks_nothing),
        CASE(poll_closing_a_registered_stream_ends_it_for_the_peer),
        CASE(poll_after_would_block_reports_the_next_arrival),
        CASE(poll_with_room_for_one_event_loses_none),
        CASE(poll_clears_the_container_first),
        CASE(poll_interrupted_says_so_and_gives_nothing),
        CASE(poll_in_each_trigger_reports_as_documented),
    };
    return cmocka_run_group_tests_name("poll", tests, NULL, NULL);
}
