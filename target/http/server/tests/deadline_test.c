/* How long a client is waited for, on a clock that the test moves; and the Date of responses. */
#include <string.h>

#include "bench.h"

#define SECOND UINT64_C(1000000000)
#define POST(fields) "POST / HTTP/1.1" CRLF HOST fields CRLF

/* H1S-37: also a client that never says anything. */
static void silent_clients_are_closed(void **state) {
    (void)state;
    bench.options.head_timeout_ns = 3 * SECOND;
    bench_open();
    bench_pass(2 * SECOND);
    assert_false(bench_is_over());
    bench_pass(SECOND + 2 * (uint64_t)MS);
    bench_expect("");
    bench_expect_over(WB_ERR_TIMED_OUT, WB_HTTP_ERROR_TIMEOUT);
}

static void default_is_thirty_seconds(void **state) {
    (void)state;
    bench_open();
    bench_pass(WB_H1_SERVER_HEAD_TIMEOUT_NS - (uint64_t)MS);
    assert_false(bench_is_over());
    bench_pass(3 * (uint64_t)MS);
    assert_true(bench_is_over());
}

/* H1S-38: the deadline is the whole head's, and no byte moves it. */
static void slow_heads_are_refused(void **state) {
    (void)state;
    static const char head[] = "GET / HTTP/1.1" CRLF HOST;
    char letter[2] = {0};
    bench.options.head_timeout_ns = 3 * SECOND;
    bench_open();
    for (size_t i = 0; i < 14; i++) {
        letter[0] = head[i];
        bench_send(letter);
        bench_pass(SECOND / 5);
    }
    assert_false(bench_is_over());
    bench_pass(SECOND / 5 + 2 * (uint64_t)MS);
    bench_expect(REFUSED("408 Request Timeout"));
    bench_finish();
    bench_expect_over(WB_ERR_TIMED_OUT, WB_HTTP_ERROR_TIMEOUT);
}

/* H1S-38: anew for each request, from the end of the last one on. */
static void each_request_has_its_own_time(void **state) {
    (void)state;
    bench.options.head_timeout_ns = 3 * SECOND;
    bench_open();
    for (int i = 0; i < 5; i++) {
        bench_pass(2 * SECOND);
        bench_send("GET / HTTP");
        bench_pass(SECOND / 2);
        bench_send("/1.1" CRLF HOST CRLF);
        bench_expect(HELLO);
    }
    bench_pass(2 * SECOND);
    assert_false(bench_is_over());
    bench_pass(SECOND + 2 * (uint64_t)MS);
    bench_expect("");
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE); /* that of an idle one is no failure */
}

static void slow_answers_have_all_the_time(void **state) {
    (void)state;
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/"));
    bench_pass(1000 * SECOND);
    assert_false(bench_is_over());
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(HELLO);
    bench_pass(WB_H1_SERVER_HEAD_TIMEOUT_NS - SECOND);
    assert_false(bench_is_over());
}

static void content_that_does_not_come_is_refused(void **state) {
    (void)state;
    bench.desk.reading = DESK_READS;
    bench.options.body_timeout_ns = 3 * SECOND;
    bench_open();
    bench_send(POST("Content-Length: 10" CRLF));
    for (int i = 0; i < 5; i++) {
        bench_pass(2 * SECOND);
        bench_send("x"); /* which begins it anew */
    }
    assert_false(bench_is_over());
    bench_pass(3 * SECOND + 2 * (uint64_t)MS);
    bench_expect(REFUSED("408 Request Timeout"));
    bench_expect_log("POST / a xxxxx!WB_ERR_TIMED_OUT;");
    bench_finish();
    bench_expect_over(WB_ERR_TIMED_OUT, WB_HTTP_ERROR_TIMEOUT);
}

/* Time in which nobody waits for content is not the client's. */
static void content_that_nobody_asks_for_may_take_its_time(void **state) {
    (void)state;
    bench.desk.reading = DESK_READS;
    bench.desk.is_closed = true;
    bench.options.body_timeout_ns = 3 * SECOND;
    bench_open();
    bench_send(POST("Content-Length: 5" CRLF));
    bench_pass(100 * SECOND);
    desk_open(&bench.desk);
    bench_settle();
    bench_pass(2 * SECOND);
    bench_send("hello");
    bench_expect(HELLO);
}

static void draining_has_the_same_deadline(void **state) {
    (void)state;
    bench.options.body_timeout_ns = 3 * SECOND;
    bench_open();
    bench_send(POST("Content-Length: 10" CRLF));
    bench_expect(HELLO);
    bench_pass(3 * SECOND + 2 * (uint64_t)MS);
    assert_int_equal(bench.line.shutdowns, 1);
    bench_finish();
    bench_expect_over(WB_ERR_TIMED_OUT, WB_HTTP_ERROR_TIMEOUT);
}

static void clients_that_take_nothing_are_given_up(void **state) {
    (void)state;
    bench.options.write_timeout_ns = 3 * SECOND;
    bench.line.is_stuck = true;
    bench_open();
    bench_send(GET("/"));
    bench_pass(2 * SECOND);
    assert_false(bench_is_over());
    bench_pass(SECOND + 2 * (uint64_t)MS);
    bench_expect_broken(WB_ERR_TIMED_OUT, WB_HTTP_ERROR_TIMEOUT);
    assert_int_equal(bench.line.shutdowns, 0);
}

static void clients_that_take_slowly_are_not(void **state) {
    (void)state;
    bench.options.write_timeout_ns = 3 * SECOND;
    bench.line.is_stuck = true;
    bench_open();
    bench_send(GET("/"));
    for (int i = 0; i < 5; i++) {
        bench_pass(2 * SECOND);
        const size_t before = bench.line.output_len;
        bench.line.is_stuck = false;
        bench.line.write_max = 1;
        bench.line.write_pauses = true;
        bench.line.has_paused_write = true; /* takes a byte, then waits */
        wb_task_waker_fire(&bench.line.writer);
        const struct wb_context context = wb_context_with_waker(&bench.bell.waker);
        struct wb_context own = context;
        assert_int_equal(wb_future_poll(&bench.conn.future, &own), WB_PENDING);
        assert_int_equal(bench.line.output_len, before + 1);
        bench.line.is_stuck = true;
        bench_settle();
    }
    assert_false(bench_is_over());
}

static void hearing_out_has_an_end(void **state) {
    (void)state;
    bench.options.no_keep_alive = true;
    bench_open();
    bench_send(GET("/"));
    assert_int_equal(bench.line.shutdowns, 1);
    bench_pass(SECOND);
    assert_false(bench_is_over());
    bench_pass(SECOND + 2 * (uint64_t)MS);
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
}

static void never_is_never(void **state) {
    (void)state;
    bench.options.head_timeout_ns = WB_H1_TIMEOUT_NEVER;
    bench.options.body_timeout_ns = WB_H1_TIMEOUT_NEVER;
    bench.options.write_timeout_ns = WB_H1_TIMEOUT_NEVER;
    bench.desk.reading = DESK_READS;
    bench_open();
    bench_pass(1000 * SECOND);
    bench_send("G");
    bench_pass(1000 * SECOND);
    bench_send("ET / HTTP/1.1" CRLF HOST CRLF);
    bench_expect(HELLO);
    bench_send(POST("Content-Length: 5" CRLF) "h");
    bench_pass(1000 * SECOND);
    bench.line.is_stuck = true;
    bench_send("ello");
    bench_pass(1000 * SECOND);
    bench.line.is_stuck = false;
    line_wake(&bench.line);
    bench_settle();
    bench_expect(HELLO);
}

/* ---- Date ---- */

#define WITH_DATE(date)                                                                            \
    "HTTP/1.1 200 OK" CRLF "content-length: 12" CRLF "date: " date CRLF CRLF "Hello, World"

/* H1S-66. The still clock began at a thousand seconds, and shows the same time of day. */
static void date_is_that_of_the_second(void **state) {
    (void)state;
    bench.options.no_date = false;
    bench_open();
    bench_send(GET("/"));
    bench_expect(WITH_DATE("Thu, 01 Jan 1970 00:16:40 GMT"));
    bench_pass(SECOND - 1);
    bench_send(GET("/"));
    bench_expect(WITH_DATE("Thu, 01 Jan 1970 00:16:40 GMT"));
    bench_pass(1);
    bench_send(GET("/"));
    bench_expect(WITH_DATE("Thu, 01 Jan 1970 00:16:41 GMT"));
    bench_send("bad" CRLF CRLF);
    bench_expect("HTTP/1.1 400 Bad Request" CRLF "content-length: 0" CRLF "connection: close" CRLF
                 "date: Thu, 01 Jan 1970 00:16:41 GMT" CRLF CRLF);
}

static void date_of_the_application_is_kept(void **state) {
    (void)state;
    bench.options.no_date = false;
    bench.desk.fields[0] = (struct desk_field){"date", "Wed, 29 Feb 2012 00:00:00 GMT"};
    bench_open();
    bench_send(GET("/"));
    bench_expect("HTTP/1.1 200 OK" CRLF "date: Wed, 29 Feb 2012 00:00:00 GMT" CRLF
                 "content-length: 12" CRLF CRLF "Hello, World");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(silent_clients_are_closed),
        CASE(default_is_thirty_seconds),
        CASE(slow_heads_are_refused),
        CASE(each_request_has_its_own_time),
        CASE(slow_answers_have_all_the_time),
        CASE(content_that_does_not_come_is_refused),
        CASE(content_that_nobody_asks_for_may_take_its_time),
        CASE(draining_has_the_same_deadline),
        CASE(clients_that_take_nothing_are_given_up),
        CASE(clients_that_take_slowly_are_not),
        CASE(hearing_out_has_an_end),
        CASE(never_is_never),
        CASE(date_is_that_of_the_second),
        CASE(date_of_the_application_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
