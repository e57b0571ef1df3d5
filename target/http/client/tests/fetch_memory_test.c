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

/* ---- what is left of one is never taken for the next one's ---- */

static const char *const pieces[] = {"abc", "-", "def", NULL};
static struct piecewise body;

enum who {
    THE_FETCH,
    THE_RESPONSE,
    THE_REQUEST,
    THE_CONNECTION,
    NOBODY,
};

static void drop(struct visit *visit, enum who who) {
    switch (who) {
    case THE_FETCH:
        visit_give_up(visit);
        break;
    case THE_RESPONSE:
        visit_give_up(visit);
        wb_http_client_response_clean_up(&visit->response);
        break;
    case THE_REQUEST:
        wb_http_client_request_clear(&visit->request);
        break;
    case THE_CONNECTION:
        if (town.executed != 0) {
            wb_future_drop(town.futures[0]);
            lab_remove(town.futures[0]);
        }
        break;
    case NOBODY:
        break;
    }
}

/* True: there was more to come. */
static bool upload_given_up_after(int polls, enum who who) {
    const struct say answers[] = {
        {"abc", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nold\r\n", PEER_GOES_ON},
        {"def", "3\r\nold\r\n0\r\n\r\n", PEER_GOES_ON}, {"GET", HI, PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    town_client(NULL);
    town_says(0, answers);
    town.peers[0].reads_slowly = true;
    town.peers[0].writes_slowly = true;
    town.peers[0].write_max = 30;
    piecewise_init(&body, pieces);
    struct visit *first = visit_of(0, "POST", "http://a/");
    first->request.body = &body.body;
    (void)lab_add(&first->future);
    const bool is_over = lab_run_some(polls);
    drop(first, who);
    const bool is_nothing_begun = town.calls == 0 && who < THE_CONNECTION;
    town_says(is_nothing_begun ? 0 : 1, one_hi);
    lab_run();
    struct visit *second = visit_begin(1, "GET", "http://a/");
    visit_assert_hi(second);
    visit_give_up(first);
    wb_http_client_response_clean_up(&first->response);
    wb_http_client_request_clear(&first->request);
    lab_run();
    assert_int_equal(body.drops, 1);
    const int idle = (int)wb_http_client_idle(&client);
    assert_int_equal(town.peers[0].closes + town.peers[1].closes + idle, town.calls);
    return !is_over;
}

static void whoever_gives_up_an_upload_leaves_the_next_its_own_answer(void **state) {
    for (enum who who = THE_FETCH; who <= NOBODY; who++) {
        int polls = 0;
        for (bool more = true; more; polls++) {
            assert_int_equal(town_teardown(state), 0);
            assert_int_equal(town_setup(state), 0);
            more = upload_given_up_after(polls, who);
        }
        assert_true(polls > 20);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TOWN(each_refused_allocation_is_a_status),
        TOWN(whoever_gives_up_after_any_poll_leaves_the_other),
        TOWN(whoever_gives_up_an_upload_leaves_the_next_its_own_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
