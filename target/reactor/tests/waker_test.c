/* The waker in one thread; across threads it is in registry_thread_test.c. */
#include "world.h"

#include "wb/waker.h"

/* MIO-23, A-MIO-28, A-MIO-29 */
static void waker_woken_once_or_often_is_reported_readable(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    assert_ok(wb_waker_init(&waker, world_registry(world), 9));
    world_assert_quiet(world);
    for (int wakes = 1; wakes <= 3; wakes += 2) {
        for (int i = 0; i < wakes; i++) {
            assert_ok(wb_waker_wake(&waker));
        }
        assert_int_equal(world_wait(world, 0), 1);
        assert_true(wb_event_is_readable(wb_events_at(&world->events, 0)));
        assert_int_equal(wb_events_at(&world->events, 0).token, 9);
        world_assert_quiet(world);
    }
    wb_waker_clean_up(&waker);
}

/* MIO-25, A-MIO-28 */
static void waker_second_of_a_poll_is_refused(void **state) {
    struct world *world = *state;
    struct wb_waker first;
    struct wb_waker second;
    struct wb_registry clone = wb_registry_clone(world_registry(world));
    assert_ok(wb_waker_init(&first, world_registry(world), 1));
    assert_status(wb_waker_init(&second, world_registry(world), 2), WB_ERR_EXISTS);
    assert_status(wb_waker_init(&second, &clone, 2), WB_ERR_EXISTS);
    wb_waker_clean_up(&second);
    assert_ok(wb_waker_wake(&first));
    world_await(world, 1, WB_EPOLLIN);
    wb_waker_clean_up(&first);
    assert_ok(wb_waker_init(&second, &clone, 2)); /* one at a time */
    assert_ok(wb_waker_wake(&second));
    world_await(world, 2, WB_EPOLLIN);
    wb_waker_clean_up(&second);
    wb_registry_clean_up(&clone);
}

/* A-MIO-30 */
static void waker_ended_is_not_reported(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    assert_ok(wb_waker_init(&waker, world_registry(world), 1));
    assert_ok(wb_waker_wake(&waker));
    wb_waker_clean_up(&waker);
    wb_waker_clean_up(&waker);
    world_assert_quiet(world);
}

/* A-MIO-29 */
static void waker_with_a_full_counter_still_wakes(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    assert_ok(wb_waker_init(&waker, world_registry(world), 1));
    uint64_t nearly_full = UINT64_MAX - 1;
    assert_int_equal(
        WB_SYS(&world->sys, write, waker.event_fd.fd, &nearly_full, sizeof(nearly_full)), 8);
    assert_int_equal(world_wait(world, 0), 1);
    assert_ok(wb_waker_wake(&waker));
    assert_int_equal(world_wait(world, 0), 1);
    world_assert_quiet(world);
    wb_waker_clean_up(&waker);
}

/* MIO-21 */
static void waker_is_the_only_event_after_a_listener_was_deregistered(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream client;
    assert_ok(wb_waker_init(&waker, world_registry(world), 1));
    world_listen(world, &listener, &addr);
    world_watch(world, wb_tcp_listener_source(&listener), 2, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
    world_await_readable(world, wb_tcp_listener_fd(&listener));
    assert_ok(wb_registry_deregister(world_registry(world), wb_tcp_listener_source(&listener)));
    assert_ok(wb_waker_wake(&waker));
    assert_int_equal(world_wait(world, PATIENCE_NS), 1);
    assert_int_equal(world->reports[1], 1);
    wb_waker_clean_up(&waker);
    wb_tcp_stream_close(&client);
    wb_tcp_listener_close(&listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(waker_woken_once_or_often_is_reported_readable),
        CASE(waker_second_of_a_poll_is_refused),
        CASE(waker_ended_is_not_reported),
        CASE(waker_with_a_full_counter_still_wakes),
        CASE(waker_is_the_only_event_after_a_listener_was_deregistered),
    };
    return cmocka_run_group_tests_name("waker", tests, NULL, NULL);
}
