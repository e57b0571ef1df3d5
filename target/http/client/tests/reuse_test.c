/* The client with a pool: which connection a request gets, and what becomes of connections
 * afterwards. */
#include "town.h"

#include <string.h>

/* ---- using connections again ---- */

static void hp_02_two_requests_use_one_connection(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, many_his);
    visit_get_hi("http://a/");
    assert_int_equal(wb_http_client_idle(&client), 1);
    visit_get_hi("http://A:80/else"); /* URI-04: the same server */
    assert_true(visits[0].fetch.is_reused);
    assert_int_equal(town.calls, 1);
}

static void servers_are_told_apart(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, one_hi);
    town_says(1, one_hi);
    town_says(2, one_hi);
    visit_get_hi("http://a/");
    visit_get_hi("http://a:81/");
    visit_get_hi("http://b/");
    assert_int_equal(town.calls, 3);
    assert_int_equal(wb_http_client_idle(&client), 3);
}

static void hp_03_stray_bytes_keep_it_out_of_the_pool(void **state) {
    (void)state;
    const struct say stray[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    town_client(NULL);
    town_says(0, stray);
    town_says(1, one_hi);
    struct visit *visit = visit_begin(0, "HEAD", "http://a/");
    assert_ok(visit->future.status);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
    visit_get_hi("http://a/");
    assert_int_equal(town.calls, 2);
}

static void hp_04_an_early_response_does_not_cost_the_connection(void **state) {
    (void)state;
    static const char *const pieces[] = {"abc", "-", NULL};
    const struct say early[] = {
        {"abc", HI, PEER_GOES_ON}, {"GET", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    static struct piecewise body;
    town_client(NULL);
    town_says(0, early);
    piecewise_init(&body, pieces);
    body.waits = true;
    struct visit *visit = visit_of(0, "POST", "http://a/");
    visit->request.body = &body.body;
    (void)lab_add(&visit->future);
    lab_run();
    visit_assert_hi(visit);
    assert_int_equal(wb_http_client_idle(&client), 0);
    piecewise_wake(&body);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 1);
    visit = visit_begin(1, "GET", "http://a/");
    visit_assert_hi(visit);
    assert_int_equal(town.calls, 1);
}

static void after_a_dropped_body(const char *answer, int calls) {
    const struct say says_it[] = {
        {ASKED, answer, PEER_GOES_ON}, {ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    town_says(0, says_it);
    town_says(1, one_hi);
    town.calls = 0;
    town_client(NULL);
    visits[0].leaves_body = true;
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    assert_ok(visit->future.status);
    wb_http_body_drop(visit->response.body);
    lab_run();
    visits[0].leaves_body = false;
    visit_get_hi("http://a/");
    assert_int_equal(town.calls, calls);
    wb_http_client_release(&client);
    lab_run();
}

static void hp_05_a_body_dropped_before_its_last_chunk_was_read(void **state) {
    (void)state;
    after_a_dropped_body(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 1);
}

static void hp_06_a_body_dropped_in_its_midst_closes(void **state) {
    (void)state;
    after_a_dropped_body("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", 2);
}

static void hp_07_a_dropped_future_closes(void **state) {
    (void)state;
    town_client(NULL);
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    visit_give_up(visit);
    lab_run();
    assert_int_equal(town.peers[0].closes, 1);
    assert_int_equal(wb_http_client_idle(&client), 0);
}

static void hp_07_a_dropped_future_does_not_connect_on(void **state) {
    (void)state;
    town_client(NULL);
    town.is_slow = true;
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    visit_give_up(visit);
    assert_int_equal(town.drops, 1);
}

static void hp_07_a_dropped_client_closes_what_is_idle(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, one_hi);
    visit_get_hi("http://a/");
    struct wb_http_client other = wb_http_client_acquire(&client);
    wb_http_client_release(&client);
    lab_run();
    assert_int_equal(town.peers[0].closes, 0);
    wb_http_client_release(&other);
    lab_run();
    assert_int_equal(town.peers[0].closes, 1);
    assert_int_equal(town.peers[0].shutdowns, 1);
}

static void hp_07_what_is_under_way_survives_the_client_and_ends(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, silence);
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    wb_http_client_release(&client);
    lab_run();
    assert_int_equal(town.peers[0].closes, 0);
    peer_say(&town.peers[0],
        &(const struct say[]){{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}}[0]);
    lab_run();
    visit_assert_hi(visit);
    assert_int_equal(town.peers[0].closes, 1);
}

static void hp_08_a_connection_that_says_close_is_not_kept(void **state) {
    (void)state;
    const struct say closes[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
            PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    town_client(NULL);
    town_says(0, closes);
    visit_get_hi("http://a/");
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
}

static void hp_08_an_idle_connection_that_the_server_ends_leaves_the_pool(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, one_hi);
    visit_get_hi("http://a/");
    assert_int_equal(wb_http_client_idle(&client), 1);
    peer_say(&town.peers[0], ends);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
}

/* ---- one that is dead already ---- */

/* Its end has come, and its task has not looked since. */
static void end_unseen(int peer, const struct say *how) {
    for (int i = 0; i < town.executed; i++) {
        lab_remove(town.futures[i]);
    }
    peer_say(&town.peers[peer], how);
}

static void look_again(void) {
    for (int i = 0; i < town.executed; i++) {
        if (!wb_future_is_over(town.futures[i])) {
            (void)lab_add(town.futures[i]);
        }
    }
    lab_run();
}

static void a_hy_07_a_dead_idle_connection_is_tried_once_more_elsewhere(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", NULL};
    static struct piecewise body;
    town_client(NULL);
    town_says(0, one_hi);
    town_says(1, one_hi);
    visit_get_hi("http://a/");
    end_unseen(0, ends);
    struct visit *visit = visit_of(1, "POST", "http://a/");
    piecewise_init(&body, pieces);
    visit->request.body = &body.body;
    (void)lab_add(&visit->future);
    lab_run();
    assert_false(wb_future_is_over(&visit->future));
    look_again();
    visit_assert_hi(visit);
    assert_int_equal(town.calls, 2);
    assert_non_null(strstr(town.peers[1].written, "1\r\nx\r\n0\r\n\r\n"));
    assert_int_equal(body.drops, 1);
}

static void a_hy_07_not_without_leave(void **state) {
    (void)state;
    town_client(&(struct wb_http_client_options){.never_retries = true});
    town_says(0, one_hi);
    visit_get_hi("http://a/");
    end_unseen(0, ends);
    struct visit *visit = visit_begin(1, "GET", "http://a/");
    look_again();
    assert_status(visit->future.status, WB_ERR_CLOSED);
    assert_true(visit->fetch.is_unsent);
    assert_int_equal(town.calls, 1);
}

static void a_new_connection_that_dies_is_not_tried_again(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, ends);
    struct visit *visit = visit_begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_CLOSED);
    assert_int_equal(town.calls, 1);
}

/* The request was written, and the connection ended without an answer: RFC 9110 section 9.2.2. */
static void lost_on_the_way(const char *method, const char *answer, int calls) {
    const struct say lost[] = {{ASKED, HI, PEER_GOES_ON}, {ASKED, answer, PEER_ENDS}};
    town_says(0, lost);
    town_says(1, one_hi);
    town.calls = 0;
    town.executed = 0;
    town_client(NULL);
    visit_get_hi("http://a/");
    struct visit *visit = visit_begin(0, method, "http://a/");
    assert_int_equal(town.calls, calls);
    if (calls == 2) {
        visit_assert_hi(visit);
    } else {
        assert_status(visit->future.status, WB_ERR_UNEXPECTED_EOF);
        assert_false(visit->fetch.is_unsent);
    }
    wb_http_client_release(&client);
    lab_run();
}

static void a_request_that_was_lost_is_repeated_only_if_it_may_be(void **state) {
    (void)state;
    lost_on_the_way("GET", "", 2);
    lost_on_the_way("DELETE", "", 2);
    lost_on_the_way("POST", "", 1);
    lost_on_the_way("OTHER", "", 1);
    lost_on_the_way("GET", "H", 1);
}

/* ---- the pool's rules ---- */

static void hp_11_who_waits_gets_what_becomes_idle(void **state) {
    (void)state;
    const struct say later[] = {
        {NULL, HI, PEER_GOES_ON}, {ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    town_client(NULL);
    town_says(0, silence);
    struct visit *first = visit_begin(0, "GET", "http://a/");
    town.is_slow = true;
    struct visit *second = visit_begin(1, "GET", "http://a/second");
    assert_false(wb_future_is_over(&second->future));
    peer_say(&town.peers[0], later);
    lab_run();
    visit_assert_hi(first);
    visit_assert_hi(second);
    assert_true(second->fetch.is_reused);
    assert_int_equal(town.calls, 1);
    assert_int_equal(town.drops, 2); /* the attempt that was not needed was given up */
}

static void hp_11_who_gives_up_waiting_leaves_nothing(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, silence);
    struct visit *first = visit_begin(0, "GET", "http://a/");
    town.is_slow = true;
    struct visit *second = visit_begin(1, "GET", "http://a/second");
    visit_give_up(second);
    peer_say(&town.peers[0],
        &(const struct say[]){{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}}[0]);
    lab_run();
    visit_assert_hi(first);
    assert_int_equal(wb_http_client_idle(&client), 1);
}

static void hp_11_what_was_given_and_not_used_goes_back(void **state) {
    (void)state;
    town_client(NULL);
    town_says(0, silence);
    (void)visit_begin(0, "GET", "http://a/");
    town.is_slow = true;
    struct visit *second = visit_begin(1, "GET", "http://a/second");
    lab_remove(&second->future); /* so that it does not see what it is given */
    peer_say(&town.peers[0],
        &(const struct say[]){{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}}[0]);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    wb_future_drop(&second->future);
    assert_int_equal(wb_http_client_idle(&client), 1);
}

static void hp_11_no_more_are_kept_than_allowed(void **state) {
    (void)state;
    town_client(&(struct wb_http_client_options){.idle_per_host_max = 1, .idle_max = 2});
    town_says(0, silence);
    town_says(1, silence);
    const struct say answer[] = {{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    (void)visit_begin(0, "GET", "http://a/");
    (void)visit_begin(1, "GET", "http://a/");
    peer_say(&town.peers[0], answer);
    peer_say(&town.peers[1], answer);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 1);
    assert_int_equal(town.peers[0].closes + town.peers[1].closes, 1);
    town_says(2, one_hi);
    town_says(3, one_hi);
    visit_get_hi("http://b/");
    assert_int_equal(wb_http_client_idle(&client), 2);
    visit_get_hi("http://c/");
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 2);
    assert_int_equal(town.peers[0].closes + town.peers[1].closes, 2); /* the one idle longest */
}

static void hp_11_none_is_kept_if_none_shall_be(void **state) {
    (void)state;
    town_client(&(struct wb_http_client_options){.keeps_none = true});
    town_says(0, one_hi);
    visit_get_hi("http://a/");
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
}

static void the_last_used_goes_first(void **state) {
    (void)state;
    const struct say twice[] = {
        {NULL, HI, PEER_GOES_ON}, {ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    town_client(NULL);
    (void)visit_begin(0, "GET", "http://a/");
    (void)visit_begin(1, "GET", "http://a/");
    peer_say(&town.peers[0], twice);
    lab_run();
    peer_say(&town.peers[1], twice);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 2);
    visit_get_hi("http://a/third");
    assert_non_null(strstr(town.peers[1].written, "third"));
}

static void hp_10_an_upgrade_through_the_pool(void **state) {
    (void)state;
    const struct say switches[] = {
        {ASKED, "HTTP/1.1 101 Switching Protocols\r\n\r\nahead", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    struct wb_h1_raw raw;
    town_client(NULL);
    town_says(0, switches);
    struct visit *visit = visit_of(0, "GET", "http://a/");
    assert_ok(wb_http_client_request_add(&visit->request, "Connection", "upgrade"));
    assert_ok(wb_http_client_request_add(&visit->request, "Upgrade", "foo"));
    (void)lab_add(&visit->future);
    lab_run();
    assert_ok(visit->future.status);
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_ok(wb_http_client_response_take_raw(&visit->response, &raw));
    assert_int_equal(wb_h1_raw_ahead(&raw).len, 5);
    wb_h1_raw_close(&raw);
    assert_int_equal(town.peers[0].closes, 1);
}

static void a_hy_06_what_the_connector_adds_comes_with_the_response(void **state) {
    (void)state;
    static const char extras[] = "anything";
    town_client(NULL);
    town.sample.extras = extras;
    town_says(0, many_his);
    visit_get_hi("http://a/");
    assert_ptr_equal(visits[0].response.extras, extras);
    visit_get_hi("http://a/");
    assert_ptr_equal(visits[0].response.extras, extras);
}

static void a_client_used_again_allocates_nothing(void **state) {
    (void)state;
    static struct say says_it[20];
    for (int i = 0; i < 19; i++) {
        says_it[i] = (struct say){ASKED, HI, PEER_GOES_ON};
    }
    town_client(NULL);
    town_says(0, says_it);
    visit_get_hi("http://a/");
    visit_get_hi("http://a/");
    const size_t requests = atomic_load(&stage.world->requests);
    for (int i = 0; i < 10; i++) {
        visit_get_hi("http://a/");
    }
    assert_int_equal(atomic_load(&stage.world->requests), requests);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TOWN(hp_02_two_requests_use_one_connection),
        TOWN(servers_are_told_apart),
        TOWN(hp_03_stray_bytes_keep_it_out_of_the_pool),
        TOWN(hp_04_an_early_response_does_not_cost_the_connection),
        TOWN(hp_05_a_body_dropped_before_its_last_chunk_was_read),
        TOWN(hp_06_a_body_dropped_in_its_midst_closes),
        TOWN(hp_07_a_dropped_future_closes),
        TOWN(hp_07_a_dropped_future_does_not_connect_on),
        TOWN(hp_07_a_dropped_client_closes_what_is_idle),
        TOWN(hp_07_what_is_under_way_survives_the_client_and_ends),
        TOWN(hp_08_a_connection_that_says_close_is_not_kept),
        TOWN(hp_08_an_idle_connection_that_the_server_ends_leaves_the_pool),
        TOWN(a_hy_07_a_dead_idle_connection_is_tried_once_more_elsewhere),
        TOWN(a_hy_07_not_without_leave),
        TOWN(a_new_connection_that_dies_is_not_tried_again),
        TOWN(a_request_that_was_lost_is_repeated_only_if_it_may_be),
        TOWN(hp_11_who_waits_gets_what_becomes_idle),
        TOWN(hp_11_who_gives_up_waiting_leaves_nothing),
        TOWN(hp_11_what_was_given_and_not_used_goes_back),
        TOWN(hp_11_no_more_are_kept_than_allowed),
        TOWN(hp_11_none_is_kept_if_none_shall_be),
        TOWN(the_last_used_goes_first),
        TOWN(hp_10_an_upgrade_through_the_pool),
        TOWN(a_hy_06_what_the_connector_adds_comes_with_the_response),
        TOWN(a_client_used_again_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
