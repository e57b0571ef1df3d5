/* Time: what may take only so long, on a clock that moves when everybody waits. */
#include "town.h"

#include <string.h>

#include "wb/time.h"

#define S UINT64_C(1000000000)

static const struct say half_a_head[] = {
    {ASKED, "HTTP/1.1 200 OK\r\n", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
static const struct say half_a_body[] = {
    {ASKED, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", PEER_GOES_ON},
    {NULL, NULL, PEER_GOES_ON}};

static int still_setup(void **state) {
    const int result = stage_setup_still(state);
    lab = (struct lab){.count = 0};
    return result;
}

#define CLOCK(test)                                                                                \
    { #test, test, still_setup, stage_teardown, NULL }

/* ---- one connection ---- */

/* Runs the exchange and the connection on the runtime; how long that took. */
static uint64_t run_in_time(void) {
    struct wb_join_handle handle;
    const uint64_t start_ns = stage_now();
    assert_ok(wb_runtime_spawn(stage.runtime, &bench.connection.future, NULL, &handle));
    (void)!wb_runtime_block_on(stage.runtime, &bench.exchange.future);
    const uint64_t took_ns = stage_now() - start_ns;
    bench_close_but_connection();
    (void)stage_join(&handle);
    return took_ns;
}

static uint64_t exchange_in_time(
    const struct say *says, const struct wb_h1_client_options *options) {
    bench_open_on_runtime(says, options);
    return run_in_time();
}

/* The runtime's wheel may be late by a little. */
static void assert_took(uint64_t took_ns, uint64_t expected_ns) {
    assert_in_range(took_ns, expected_ns, expected_ns + S / 10);
}

static void a_head_may_take_only_so_long(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.head_timeout_ns = 5 * S};
    const uint64_t took_ns = exchange_in_time(half_a_head, &options);
    assert_status(bench.exchange.future.status, WB_ERR_TIMED_OUT);
    assert_int_equal(bench.exchange.send.error.kind, WB_HTTP_ERROR_TIMEOUT);
    assert_string_equal(bench.exchange.send.error.detail, "the head of the response did not come");
    assert_took(took_ns, 5 * S);
    assert_int_equal(bench.peer.closes, 1);
}

static void a_body_may_pause_only_so_long(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.head_timeout_ns = 5 * S, .body_timeout_ns = S};
    const uint64_t took_ns = exchange_in_time(half_a_body, &options);
    assert_status(bench.exchange.future.status, WB_ERR_TIMED_OUT);
    assert_int_equal(bench.exchange.kind, WB_HTTP_ERROR_TIMEOUT);
    assert_string_equal(bench.exchange.detail, "the content of the response did not go on");
    assert_body(&bench.exchange, "hello");
    assert_took(took_ns, S);
}

static void note_interim(const struct wb_http_interim *interim, void *user_data) {
    (void)interim;
    ((struct exchange *)user_data)->frames++;
}

/* A server that says 103 every second is awaited no longer than one that says nothing. */
static void interim_responses_do_not_prolong_it(void **state) {
    (void)state;
    static const struct say hints[] = {{ASKED, "HTTP/1.1 103 E\r\n\r\n", PEER_GOES_ON},
        {NULL, "HTTP/1.1 103 E\r\n\r\n", PEER_GOES_ON},
        {NULL, "HTTP/1.1 103 E\r\n\r\n", PEER_GOES_ON},
        {NULL, "HTTP/1.1 103 E\r\n\r\n", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    const struct wb_h1_client_options options = {.head_timeout_ns = 5 * S / 2};
    for (int shows = 0; shows < 2; shows++) {
        bench_open_on_runtime(hints, &options);
        bench.peer.say_pause_ns = S;
        bench.exchange.on_interim = shows != 0 ? note_interim : NULL;
        assert_took(run_in_time(), 5 * S / 2);
        assert_status(bench.exchange.future.status, WB_ERR_TIMED_OUT);
        assert_int_equal(bench.exchange.frames, shows != 0 ? 2 : 0);
    }
}

/* ---- a server that does not read ---- */

static const char *const pieces[] = {"abc", "def", NULL};
static struct piecewise body;

static void open_to_post(const struct say *says, const struct wb_h1_client_options *options) {
    bench_open_on_runtime(says, options);
    assert_ok(wb_http_client_request_set(
        &bench.exchange.request, wb_bytes_from_string("POST"), wb_bytes_from_string("/")));
    piecewise_init(&body, pieces);
    bench.exchange.request.body = &body.body;
}

static void assert_stalled(void) {
    assert_status(bench.exchange.future.status, WB_ERR_TIMED_OUT);
    assert_int_equal(bench.exchange.send.error.kind, WB_HTTP_ERROR_TIMEOUT);
    assert_string_equal(bench.exchange.send.error.detail, "the server took no more of the request");
    assert_int_equal(body.drops, 1);
    assert_int_equal(bench.peer.closes, 1);
}

static void an_upload_may_rest_only_so_long(void **state) {
    (void)state;
    open_to_post(silence, NULL);
    bench.peer.stuck_at = 20;
    assert_took(run_in_time(), WB_H1_CLIENT_SEND_TIMEOUT_NS);
    assert_stalled();
    assert_false(bench.exchange.send.is_unsent);
    const struct wb_h1_client_options options = {.send_timeout_ns = 5 * S, .head_timeout_ns = S};
    open_to_post(silence, &options);
    bench.peer.is_stuck = true;
    assert_took(run_in_time(), 5 * S);
    assert_stalled();
}

/* Three bytes a second are progress. */
static void an_upload_that_goes_on_may_take_its_time(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.send_timeout_ns = 3 * S / 2};
    const struct say answers[] = {{"def", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    open_to_post(answers, &options);
    bench.peer.write_max = 3;
    bench.peer.write_pause_ns = S;
    assert_true(run_in_time() > 10 * S);
    assert_ok(bench.exchange.future.status);
    assert_body(&bench.exchange, "hi");
}

/* Whoever sends is not to blame the server for its own content. */
static void content_that_is_not_there_is_no_stall(void **state) {
    (void)state;
    static const char *const waits[] = {"abc", "-", NULL};
    const struct wb_h1_client_options options = {.send_timeout_ns = S};
    struct wb_sleep sleep;
    open_to_post(silence, &options);
    piecewise_init(&body, waits);
    body.waits = true;
    wb_sleep_init(&sleep, stage.runtime, 30 * S);
    struct wb_join_handle handle;
    assert_ok(wb_runtime_spawn(stage.runtime, &bench.connection.future, NULL, &handle));
    (void)lab_add(&bench.exchange.future);
    lab_run();
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
    lab_run();
    assert_false(wb_future_is_over(&bench.exchange.future));
    assert_int_equal(bench.peer.closes, 0);
    bench_close_but_connection();
    (void)stage_join(&handle);
}

/* A response that goes on is progress, too; when that rests the upload is told of. */
static void an_upload_may_rest_while_the_answer_goes_on(void **state) {
    (void)state;
    static const struct say slowly[] = {
        {"POST", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", PEER_GOES_ON},
        {NULL, "def", PEER_GOES_ON}, {NULL, "g", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    const struct wb_h1_client_options options = {.send_timeout_ns = 3 * S / 2};
    open_to_post(slowly, &options);
    bench.peer.say_pause_ns = S;
    bench.peer.stuck_at = 20;
    assert_took(run_in_time(), 3 * S + 3 * S / 2);
    assert_status(bench.exchange.future.status, WB_ERR_TIMED_OUT);
    assert_string_equal(bench.exchange.detail, "the server took no more of the request");
    assert_body(&bench.exchange, "abcdefg");
}

/* A stream that has to say something to the end, as encryption does. */
static void a_good_bye_may_take_only_so_long(void **state) {
    (void)state;
    struct wb_join_handle handle;
    bench_open_on_runtime(silence, NULL);
    bench.peer.is_shutdown_stuck = true;
    const uint64_t start_ns = stage_now();
    assert_ok(wb_runtime_spawn(stage.runtime, &bench.connection.future, NULL, &handle));
    wb_h1_sender_drop(&bench.sender);
    assert_status(stage_join(&handle), WB_ERR_TIMED_OUT);
    assert_took(stage_now() - start_ns, WB_H1_CLIENT_SEND_TIMEOUT_NS);
    assert_int_equal(bench.peer.closes, 1);
    bench_close_but_connection();
}

/* ---- a server that says nothing of the content ---- */

static void content_is_held_back_only_so_long(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.continue_timeout_ns = 3 * S};
    const struct say answers[] = {{"def", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    for (int way = 0; way < 2; way++) {
        open_to_post(answers, way == 0 ? NULL : &options);
        assert_ok(wb_http_client_request_add(&bench.exchange.request, "Expect", "100-continue"));
        assert_took(run_in_time(), way == 0 ? S : 3 * S);
        assert_ok(bench.exchange.future.status);
        assert_body(&bench.exchange, "hi");
        assert_non_null(strstr(bench.peer.written, "abc"));
    }
}

/* The time begins with the end of the head. */
static void a_slow_head_is_not_held_against_it(void **state) {
    (void)state;
    const struct say answers[] = {
        {ASKED, "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    open_to_post(answers, NULL);
    bench.peer.say_pause_ns = S / 2;
    bench.peer.write_max = 30;
    bench.peer.write_pause_ns = S;
    assert_ok(wb_http_client_request_add(&bench.exchange.request, "Expect", "100-continue"));
    (void)run_in_time();
    assert_ok(bench.exchange.future.status);
    assert_int_equal(body.polls, 0);
}

static void what_comes_in_time_is_whole(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.head_timeout_ns = S, .body_timeout_ns = S};
    assert_int_equal(exchange_in_time(one_hi, &options), 0);
    assert_ok(bench.exchange.future.status);
    assert_body(&bench.exchange, "hi");
}

static void without_a_runtime_nobody_keeps_the_time(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.head_timeout_ns = S};
    bench_open(half_a_head, &options);
    bench.exchange.future.status = WB_OK;
    (void)lab_add(&bench.exchange.future);
    lab_run();
    assert_status(bench.exchange.future.status, WB_ERR_NO_RUNTIME);
    bench_close_but_connection();
    wb_future_drop(&bench.connection.future);
}

/* ---- the pool ---- */

static const struct wb_http_client_options idle_for_ten = {.idle_timeout_ns = 10 * S};

/* Number 0 gets HI, by the runtime, which drives connections, too. */
static void get_hi(const char *uri) {
    struct visit *visit = visit_of(0, "GET", uri);
    assert_ok(wb_runtime_block_on(stage.runtime, &visit->future));
    visit_assert_hi(visit);
}

static void sleep_for(uint64_t delay_ns) {
    struct wb_sleep sleep;
    wb_sleep_init(&sleep, stage.runtime, delay_ns);
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
}

static int still_town_setup(void **state) {
    const int result = still_setup(state);
    town_begin();
    return result;
}

static int still_town_teardown(void **state) {
    town_end();
    return stage_teardown(state);
}

#define STILL_TOWN(test)                                                                           \
    { #test, test, still_town_setup, still_town_teardown, NULL }

static void open_client(const struct wb_http_client_options *options) {
    assert_ok(wb_http_client_new(&stage.world->sys, &town.connector, options, &client));
}

static void hp_11_an_idle_connection_is_closed_after_its_time(void **state) {
    (void)state;
    open_client(&idle_for_ten);
    town_says(0, many_his);
    get_hi("http://a/");
    sleep_for(9 * S);
    assert_int_equal(wb_http_client_idle(&client), 1);
    get_hi("http://a/"); /* from here on ten seconds anew */
    sleep_for(9 * S);
    assert_int_equal(wb_http_client_idle(&client), 1);
    assert_int_equal(town.peers[0].closes, 0);
    sleep_for(2 * S);
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
    assert_int_equal(town.peers[0].shutdowns, 1);
}

/* It was given to a request that was given up, so that its own task did not find it idle. */
static void hp_11_one_that_was_given_back_is_closed_after_its_time(void **state) {
    (void)state;
    const struct say answer[] = {{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    open_client(&idle_for_ten);
    struct visit *first = visit_of(0, "GET", "http://a/");
    struct visit *second = visit_of(1, "GET", "http://a/second");
    struct wb_join_handle handle;
    assert_ok(wb_runtime_spawn(stage.runtime, &first->future, NULL, &handle));
    sleep_for(S);
    town.is_slow = true;
    (void)lab_add(&second->future);
    lab_run(); /* waits, and is not polled again */
    peer_say(&town.peers[0], answer);
    sleep_for(S);
    assert_int_equal(wb_http_client_idle(&client), 0);
    wb_future_drop(&second->future);
    assert_int_equal(wb_http_client_idle(&client), 1);
    sleep_for(9 * S);
    assert_int_equal(wb_http_client_idle(&client), 1);
    sleep_for(2 * S);
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
    assert_ok(stage_join(&handle));
}

/* Nobody looked at the clock since, as without a runtime. */
static void hp_11_one_that_is_too_old_is_not_used(void **state) {
    (void)state;
    open_client(&idle_for_ten);
    town_says(0, many_his);
    town_says(1, many_his);
    get_hi("http://a/");
    stage_advance(11 * S);
    get_hi("http://a/");
    assert_int_equal(town.calls, 2);
    assert_false(visits[0].fetch.is_reused);
}

static void hp_11_ninety_seconds_unless_said_otherwise(void **state) {
    (void)state;
    open_client(NULL);
    town_says(0, many_his);
    get_hi("http://a/");
    sleep_for(89 * S);
    assert_int_equal(wb_http_client_idle(&client), 1);
    sleep_for(2 * S);
    assert_int_equal(wb_http_client_idle(&client), 0);
}

static void a_client_that_is_dropped_waits_for_no_timer(void **state) {
    (void)state;
    open_client(NULL);
    town_says(0, many_his);
    get_hi("http://a/");
    const uint64_t start_ns = stage_now();
    wb_http_client_release(&client);
    assert_ok(wb_runtime_shutdown(stage.runtime, 10 * S));
    assert_int_equal(stage_now(), start_ns);
    assert_int_equal(town.peers[0].closes, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CLOCK(a_head_may_take_only_so_long),
        CLOCK(a_body_may_pause_only_so_long),
        CLOCK(interim_responses_do_not_prolong_it),
        CLOCK(an_upload_may_rest_only_so_long),
        CLOCK(an_upload_that_goes_on_may_take_its_time),
        CLOCK(content_that_is_not_there_is_no_stall),
        CLOCK(an_upload_may_rest_while_the_answer_goes_on),
        CLOCK(a_good_bye_may_take_only_so_long),
        CLOCK(content_is_held_back_only_so_long),
        CLOCK(a_slow_head_is_not_held_against_it),
        CLOCK(what_comes_in_time_is_whole),
        CLOCK(without_a_runtime_nobody_keeps_the_time),
        STILL_TOWN(hp_11_an_idle_connection_is_closed_after_its_time),
        STILL_TOWN(hp_11_one_that_was_given_back_is_closed_after_its_time),
        STILL_TOWN(hp_11_one_that_is_too_old_is_not_used),
        STILL_TOWN(hp_11_ninety_seconds_unless_said_otherwise),
        STILL_TOWN(a_client_that_is_dropped_waits_for_no_timer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
