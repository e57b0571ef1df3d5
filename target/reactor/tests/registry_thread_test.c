/* Registry and waker used by several threads at once. */
#include "world.h"

#include "wb/waker.h"

/* ---- one registration in each thread ---- */

struct registration {
    const struct wb_registry *registry;
    struct wb_source *source;
    uint64_t token;
    enum wb_status status;
};

static void register_writable(void *arg) {
    struct registration *registration = arg;
    registration->status = wb_registry_register(registration->registry, registration->source,
        registration->token, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
}

/* MIO-07, A-MIO-10 */
static void registry_shared_by_threads_serves_a_blocked_wait(void **state) {
    struct world *world = *state;
    struct wb_registry clone = wb_registry_clone(world_registry(world));
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    struct registration first = {world_registry(world), wb_tcp_stream_source(&client), 1, WB_OK};
    struct registration second = {&clone, wb_tcp_stream_source(&server), 2, WB_OK};
    uint64_t threads[] = {world_start(world, register_writable, &first),
        world_start(world, register_writable, &second)};
    world_await(world, 1, WB_EPOLLOUT);
    world_await(world, 2, WB_EPOLLOUT);
    world_join(world, threads[0]);
    world_join(world, threads[1]);
    assert_ok(first.status);
    assert_ok(second.status);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
    wb_registry_clean_up(&clone);
}

/* MIO-09, RT-25 */
static void registry_source_registered_during_a_wait_wakes_it_once(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    struct registration only = {world_registry(world), wb_tcp_stream_source(&client), 1, WB_OK};
    uint64_t thread = world_start(world, register_writable, &only);
    assert_int_equal(world_wait(world, PATIENCE_NS), 1);
    world_join(world, thread);
    assert_ok(only.status);
    world_assert_quiet(world);
    assert_int_equal(world->reports[1], 1);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* ---- many operations in each thread ---- */

struct churn {
    const struct wb_registry *registry;
    struct wb_source *source;
    uint64_t token;
    uint32_t interest; /* the final one */
    int failures;
};

static void churn_run(void *arg) {
    struct churn *churn = arg;
    for (int i = 0; i < 200; i++) {
        uint32_t other = WB_INTEREST_ALL;
        churn->failures +=
            wb_registry_register(churn->registry, churn->source, 15, other, WB_TRIGGER_EDGE)
            != WB_OK;
        churn->failures += wb_registry_deregister(churn->registry, churn->source) != WB_OK;
    }
    churn->failures += wb_registry_register(churn->registry, churn->source, 14,
                           WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE)
                       != WB_OK;
    churn->failures += wb_registry_reregister(churn->registry, churn->source, churn->token,
                           churn->interest, WB_TRIGGER_LEVEL)
                       != WB_OK;
}

/* MIO-08 */
static void registry_operations_of_three_threads_end_as_each_said(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream clients[3];
    struct wb_tcp_stream servers[3];
    struct churn churns[3];
    uint64_t threads[3];
    const uint32_t interests[] = {
        WB_INTEREST_WRITABLE, WB_INTEREST_READABLE, WB_INTEREST_READABLE | WB_INTEREST_WRITABLE};
    for (int i = 0; i < 3; i++) {
        world_pair(world, &clients[i], &servers[i]);
        world_send(&servers[i], "x");
        world_await_readable(world, wb_tcp_stream_fd(&clients[i]));
        churns[i] = (struct churn){
            world_registry(world), wb_tcp_stream_source(&clients[i]), (uint64_t)i, interests[i], 0};
    }
    for (int i = 0; i < 3; i++) {
        threads[i] = world_start(world, churn_run, &churns[i]);
    }
    for (int i = 0; i < 20; i++) {
        (void)world_wait(world, MS); /* whatever is there in the meantime */
    }
    for (int i = 0; i < 3; i++) {
        world_join(world, threads[i]);
        assert_int_equal(churns[i].failures, 0);
    }
    world_forget(world);
    assert_int_equal(world_wait(world, 0), 3);
    assert_int_equal(world->flags[0], WB_EPOLLOUT);
    assert_int_equal(world->flags[1], WB_EPOLLIN);
    assert_int_equal(world->flags[2], WB_EPOLLIN | WB_EPOLLOUT);
    for (int i = 0; i < 3; i++) {
        wb_tcp_stream_close(&clients[i]);
        wb_tcp_stream_close(&servers[i]);
    }
}

/* ---- waking ---- */

struct wakes {
    const struct wb_waker *waker;
    int count;
    enum wb_status status;
};

static void wake_often(void *arg) {
    struct wakes *wakes = arg;
    for (int i = 0; i < wakes->count && wakes->status == WB_OK; i++) {
        wakes->status = wb_waker_wake(wakes->waker);
    }
}

/* MIO-24, A-MIO-29, RT-22 */
static void waker_of_another_thread_ends_an_endless_wait(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    assert_ok(wb_waker_init(&waker, world_registry(world), 1));
    for (int count = 1; count <= 100; count += 33) {
        struct wakes wakes = {&waker, count, WB_OK};
        uint64_t thread = world_start(world, wake_often, &wakes);
        assert_int_equal(world_wait(world, WB_TIMEOUT_INFINITE), 1);
        world_join(world, thread);
        assert_ok(wakes.status);
        (void)world_wait(world, 0); /* what came after the first report */
        world_assert_quiet(world);
    }
    assert_int_equal(world->report_count, world->reports[1]);
    wb_waker_clean_up(&waker);
}

/* MIO-24 */
static void waker_of_several_threads_is_reported(void **state) {
    struct world *world = *state;
    struct wb_waker waker;
    assert_ok(wb_waker_init(&waker, world_registry(world), 1));
    struct wakes wakes[3];
    uint64_t threads[3];
    for (int i = 0; i < 3; i++) {
        wakes[i] = (struct wakes){&waker, 50, WB_OK};
        threads[i] = world_start(world, wake_often, &wakes[i]);
    }
    world_await(world, 1, WB_EPOLLIN);
    for (int i = 0; i < 3; i++) {
        world_join(world, threads[i]);
        assert_ok(wakes[i].status);
    }
    assert_ok(wb_waker_wake(&waker)); /* a later wake is seen by a later wait */
    assert_int_equal(world_wait(world, PATIENCE_NS), 1);
    wb_waker_clean_up(&waker);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(registry_shared_by_threads_serves_a_blocked_wait),
        CASE(registry_source_registered_during_a_wait_wakes_it_once),
        CASE(registry_operations_of_three_threads_end_as_each_said),
        CASE(waker_of_another_thread_ends_an_endless_wait),
        CASE(waker_of_several_threads_is_reported),
    };
    return cmocka_run_group_tests_name("registry_thread", tests, NULL, NULL);
}
