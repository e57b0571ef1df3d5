/* The client with a pool without memory, and given up after each number of polls. */
#include "town.h"

#include <string.h>

/* Two requests, so that what the first one left is used. */
static enum wb_status get_twice(void) {
    const struct wb_http_client_options options = {.executor = &town.executor};
    enum wb_status status =
        wb_http_client_new(&stage.world->sys, &town.connector, &options, &client);
    for (int i = 0; i < 2 && status == WB_OK; i++) {
        struct visit *visit = &visits[i];
        wb_http_fetch_init(&visit->fetch, &client, &visit->request, &visit->response);
        visit_init(visit);
        status = wb_http_client_request_get(&visit->request, "http://a?b");
        if (status == WB_OK) {
            (void)lab_add(&visit->future);
            lab_run();
            assert_true(wb_future_is_over(&visit->future));
            status = visit->future.status;
        }
    }
    return status;
}

static void each_refused_allocation_is_a_status(void **state) {
    enum wb_status status = WB_ERR_NO_MEMORY;
    size_t n = 0;
    assert_int_equal(town_teardown(state), 0);
    while (status != WB_OK) {
        assert_int_equal(town_setup(state), 0);
        town_says(0, many_his);
        world_refuse(stage.world, ++n);
        status = get_twice();
        assert_true(status == WB_OK || status == WB_ERR_NO_MEMORY);
        if (status != WB_OK) {
            assert_int_equal(town_teardown(state), 0);
        }
    }
    world_refuse(stage.world, 0);
    assert_true(n > 10);
}

/* True: there was more to come. */
static bool given_up_after(int polls, bool is_slow) {
    town_client(NULL);
    town_says(0, many_his);
    town_says(1, many_his);
    town.peers[0].reads_slowly = true;
    town.peers[0].writes_slowly = true;
    town.is_slow = is_slow;
    struct visit *first = visit_of(0, "GET", "http://a/");
    struct visit *second = visit_of(1, "GET", "http://a/");
    (void)lab_add(&first->future);
    (void)lab_add(&second->future);
    const bool is_over = lab_run_some(polls);
    visit_give_up(first);
    town_open();
    lab_run();
    assert_true(wb_future_is_over(&second->future));
    visit_assert_hi(second);
    return !is_over;
}

static void whoever_gives_up_after_any_poll_leaves_the_other(void **state) {
    for (int is_slow = 0; is_slow < 2; is_slow++) {
        int polls = 0;
        for (bool more = true; more; polls++) {
            assert_int_equal(town_teardown(state), 0);
            assert_int_equal(town_setup(state), 0);
            more = given_up_after(polls, is_slow != 0);
        }
        assert_true(polls > 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TOWN(each_refused_allocation_is_a_status),
        TOWN(whoever_gives_up_after_any_poll_leaves_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
