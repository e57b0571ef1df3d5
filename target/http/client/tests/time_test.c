/* Time: what may take only so long, on a clock that moves when everybody waits. */
#include "town.h"

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
static uint64_t exchange_in_time(
    const struct say *says, const struct wb_h1_client_options *options) {
    struct wb_join_handle handle;
    bench_open_on_runtime(says, options);
    const uint64_t start_ns = stage_now();
    assert_ok(wb_runtime_spawn(stage.runtime, &bench.connection.future, NULL, &handle));
    (void)!wb_runtime_block_on(stage.runtime, &bench.exchange.future);
    const uint64_t took_ns = stage_now() - start_ns;
    bench_close_but_connection();
    (void)stage_join(&handle);
    return took_ns;
}

static void a_head_may_take_only_so_long(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.head_timeout_ns = 5 * S};
    const uint64_t took_ns = exchange_in_time(half_a_head, &options);
    assert_status(bench.exchange.future.status, WB_ERR_TIMED_OUT);
    assert_int_equal(bench.exchange.send.error.kind, WB_HTTP_ERROR_TIMEOUT);
    assert_true(took_ns >= 5 * S && took_ns < 6 * S);
    assert_int_equal(bench.peer.closes, 1);
}

static void a_body_may_pause_only_so_long(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.head_timeout_ns = 5 * S, .body_timeout_ns = S};
    const uint64_t took_ns = exchange_in_time(half_a_body, &options);
    assert_status(bench.exchange.future.status, WB_ERR_TIMED_OUT);
    assert_int_equal(bench.exchange.kind, WB_HTTP_ERROR_TIMEOUT);
    assert_body(&bench.exchange, "hello");
    assert_true(took_ns >= S && took_ns < 2 * S);
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
