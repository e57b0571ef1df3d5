/* A connection over several requests: order, keeping alive, half-closing, invitations, take-overs,
 * the end; and how it treats its stream. */
#include <stdio.h>
#include <string.h>

#include "bench.h"

#define POST(fields) "POST / HTTP/1.1" CRLF HOST fields CRLF
#define CONTINUE "HTTP/1.1 100 Continue" CRLF CRLF
#define EXPECTS "Expect: 100-continue" CRLF

/* ---- one after the other ---- */

/* H1S-16, H1S-18, P7.4 */
static void requests_are_answered_in_order(void **state) {
    (void)state;
    static const struct talk talk = {"H1S-18", GET("/1") GET("/2") GET("/3"), HELLO HELLO HELLO,
        "GET /1 a ;GET /2 a ;GET /3 a ;", WB_OK};
    talk_every_way(&talk, NULL);
}

/* nothing overtakes a slow one, and nothing is asked before it is time. */
static void r_54_slow_answers_keep_their_place(void **state) {
    (void)state;
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/1") GET("/2"));
    bench_expect("");
    bench_expect_log("GET /1 a ");
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(HELLO HELLO);
    bench_expect_log("GET /1 a ;GET /2 a ;");
}

static void busy_services_are_waited_for(void **state) {
    (void)state;
    bench.desk.is_busy = true;
    bench_open();
    bench_send(GET("/1"));
    bench_expect_log("");
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(HELLO);
}

static void flush_together(void) {
    bench.options.pipeline_flush = true;
}

/* H1S-19 */
static void responses_may_go_out_together(void **state) {
    (void)state;
    static const char last[] = "GET /2 HTTP/1.1" CRLF HOST "Connection: close" CRLF CRLF;
    char text[256];
    flush_together();
    bench_open();
    (void)!snprintf(text, sizeof text, "%s%s", GET("/1"), last);
    bench_send(text);
    bench_expect(HELLO HELLO_CLOSE);
    assert_int_equal(bench.line.writes, 1);
    assert_int_equal(bench.line.shutdowns, 1);
    bench_close();
    /* What waits for the rest of a request is sent before. */
    flush_together();
    bench_open();
    bench_send(GET("/1") "GET /2");
    bench_expect(HELLO);
    bench_close();
    const struct talk talk = {
        "together", GET("/1") GET("/2") GET("/3"), HELLO HELLO HELLO, NULL, WB_OK};
    talk_every_way(&talk, flush_together);
}

/* However many there are, what is kept back is bounded. */
static void kept_back_is_bounded(void **state) {
    (void)state;
    static char input[100000];
    size_t len = 0;
    while (len + sizeof GET("/") < sizeof input) {
        memcpy(input + len, GET("/"), sizeof GET("/") - 1);
        len += sizeof GET("/") - 1;
    }
    flush_together();
    bench.line.input = wb_bytes_from(input, len);
    bench_open();
    const size_t count = len / (sizeof GET("/") - 1);
    assert_int_equal(bench.line.output_len, count * (sizeof HELLO - 1));
    assert_in_range(bench.line.writes, 2, 60);
    bench_close();
    /* A client that takes nothing is not read from either. */
    flush_together();
    bench.line.input = wb_bytes_from(input, len);
    bench.line.is_stuck = true;
    bench_open();
    assert_true(bench.line.read_len <= 2 * WB_H1_SERVER_BUF_LEN_MIN);
    assert_int_equal(bench.line.output_len, 0);
    assert_in_range(stage.world->bytes, 0, 200000);
}

/* Without that, each goes out before the next is looked at. */
static void one_at_a_time_otherwise(void **state) {
    (void)state;
    bench.line.is_stuck = true;
    bench_open();
    bench_send(GET("/1") GET("/2"));
    bench_expect_log("GET /1 a ;");
    bench.line.is_stuck = false;
    line_wake(&bench.line);
    bench_settle();
    bench_expect(HELLO HELLO);
}

/* ---- content that somebody is not done with ---- */

static void read_and_hold(void) {
    bench.desk.reading = DESK_READS;
    bench.desk.holds = true;
}

/* The last piece is its reader's until that asks on: the next request comes elsewhere. */
static void next_request_leaves_lent_content_alone(void **state) {
    (void)state;
    read_and_hold();
    bench_open();
    bench_send(POST("Content-Length: 5" CRLF) "abcde");
    bench_send(GET("/2"));
    desk_open(&bench.desk);
    bench_settle();
    bench_expect_log("POST / a abcde;GET /2 a ;");
    bench_close();
    /* Neither do trailers change. */
    read_and_hold();
    bench_open();
    bench_send(POST("Transfer-Encoding: chunked" CRLF) "0" CRLF "X: y" CRLF CRLF);
    bench_send(GET("/2"));
    desk_open(&bench.desk);
    bench_settle();
    bench_expect_log("POST / a {X=y};GET /2 a ;");
}

/* Wherever in the buffer the piece ends, and whichever buffer that is. */
static void lent_content_may_fill_the_buffer(void **state) {
    (void)state;
    static char input[WB_H1_SERVER_BUF_LEN_MIN + 64];
    static char expected[sizeof input + 64];
    for (size_t total = WB_H1_SERVER_BUF_LEN_MIN - 3; total < sizeof input; total++) {
        size_t head_len = sizeof(POST("Content-Length: 0000" CRLF)) - 1;
        const int len = (int)(total - head_len);
        (void)!snprintf(input, sizeof input, POST("Content-Length: %04d" CRLF), len);
        memset(input + head_len, 'a', (size_t)len);
        bench.desk.reading = DESK_READS;
        bench_open();
        bench_send_bytes(wb_bytes_from(input, total - 20));
        bench.desk.holds = true; /* the last piece */
        bench_send_bytes(wb_bytes_from(input + total - 20, 20));
        bench_send(GET("/2"));
        desk_open(&bench.desk);
        bench_settle();
        (void)!snprintf(
            expected, sizeof expected, "POST / a %.*s;GET /2 a ;", len, input + head_len);
        bench_expect_log(expected);
        bench_close();
    }
}

/* Nothing is looked at behind the one byte that is there. */
static void trailers_may_begin_with_the_last_byte_of_the_buffer(void **state) {
    (void)state;
    static char input[WB_H1_SERVER_BUF_LEN_MIN + 1];
    static const char end[] = CRLF CRLF "1" CRLF "a" CRLF "0" CRLF "X";
    const int len = (int)(sizeof input - sizeof end);
    (void)!snprintf(input, sizeof input, "%-*s%s", len,
        "POST / HTTP/1.1" CRLF HOST "Transfer-Encoding: chunked" CRLF "Long: ", end);
    memset(input + 80, 'b', (size_t)len - 80);
    bench.desk.reading = DESK_READS;
    bench_open();
    bench_send(input);
    bench_send(": y" CRLF CRLF);
    bench_expect_log("POST / a a{X=y};");
}

/* ---- clients that go ---- */

/* H1S-36 */
static void client_that_closes_is_given_up(void **state) {
    (void)state;
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/"));
    bench_finish();
    bench_expect("");
    bench_expect_broken(WB_ERR_UNEXPECTED_EOF, WB_HTTP_ERROR_INCOMPLETE_MESSAGE);
    assert_int_equal(bench.desk.drops, 1);
    assert_int_equal(bench.desk.ends, 1);
}

/* H1S-35 */
static void client_that_half_closes_is_answered(void **state) {
    (void)state;
    bench.options.half_close = true;
    bench.desk.is_closed = true;
    bench.desk.status = 500;
    bench_open();
    bench_send(GET("/"));
    bench_finish();
    bench_pass(500 * (uint64_t)MS);
    bench_expect("");
    desk_open(&bench.desk);
    bench_settle();
    bench_expect("HTTP/1.1 500 Internal Server Error" CRLF "content-length: 12" CRLF
                 "connection: close" CRLF CRLF "Hello, World");
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
}

/* H1S-63: what has come is answered, though the end has come, too. */
static void requests_before_the_end_are_answered(void **state) {
    (void)state;
    bench_open();
    bench.line.has_finished = true;
    bench_send(GET("/1") GET("/2"));
    bench_expect(HELLO HELLO);
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
}

/* While a call runs one read tells whether the client is there, and reads no further. */
static void next_request_is_no_reason_to_read_on(void **state) {
    (void)state;
    static char input[100000];
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/1"));
    memset(input, 'x', sizeof input);
    memcpy(input, GET("/2"), sizeof GET("/2") - 1);
    bench_send_bytes(wb_bytes_from(input, sizeof input));
    assert_true(bench.line.read_len <= WB_H1_SERVER_BUF_LEN_MIN);
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(HELLO HELLO REFUSED("501 Not Implemented")); /* of a method without end */
}

static void resets_are_told(void **state) {
    (void)state;
    bench_open();
    bench.line.read_status = WB_ERR_CONN_RESET;
    line_wake(&bench.line);
    bench_settle();
    bench_expect_broken(WB_ERR_CONN_RESET, WB_HTTP_ERROR_IO);
    bench_close();
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/"));
    bench.line.read_status = WB_ERR_CONN_RESET;
    line_wake(&bench.line);
    bench_settle();
    bench_expect_broken(WB_ERR_CONN_RESET, WB_HTTP_ERROR_IO);
    bench_close();
    bench.line.write_status = WB_ERR_BROKEN_PIPE;
    bench_open();
    bench_send(GET("/"));
    bench_expect_broken(WB_ERR_BROKEN_PIPE, WB_HTTP_ERROR_IO);
    assert_int_equal(bench.line.shutdowns, 0);
}

/* ---- 100 ---- */

static void reads(void) {
    bench.desk.reading = DESK_READS;
}

/* H1S-25: once, when the content is asked for. */
static void r_46_expectations_are_met(void **state) {
    (void)state;
    static const struct talk talks[] = {
        {"H1S-25", POST("Content-Length: 5" CRLF EXPECTS) "hello" GET("/"), CONTINUE HELLO HELLO,
            "POST / a hello;GET / a ;", WB_OK},
        {"H1S-25 upper case", POST("Content-Length: 5" CRLF "Expect: 100-Continue" CRLF) "hello",
            CONTINUE HELLO, "POST / a hello;", WB_OK},
        {"chunked", POST("Transfer-Encoding: chunked" CRLF EXPECTS) "0" CRLF CRLF, CONTINUE HELLO,
            "POST / a ;", WB_OK},
        {"H1S-26 without content", POST(EXPECTS) GET("/"), HELLO HELLO, NULL, WB_OK},
        {"H1S-26 of no bytes", POST("Content-Length: 0" CRLF EXPECTS), HELLO, NULL, WB_OK},
        {"H1S-26 HTTP/1.0, R-85",
            "POST / HTTP/1.0" CRLF "Content-Length: 5" CRLF EXPECTS CRLF "hello",
            "HTTP/1.0 200 OK" CRLF "content-length: 12" CRLF "connection: close" CRLF CRLF
            "Hello, World",
            "POST /  hello;", WB_OK},
    };
    TALKS(talks, reads);
}

static void invitation_waits_for_whoever_reads(void **state) {
    (void)state;
    reads();
    bench.desk.is_closed = true;
    bench_open();
    bench_send(POST("Content-Length: 5" CRLF EXPECTS));
    bench_expect("");
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(CONTINUE);
    bench_send("hello");
    bench_expect(HELLO);
}

static void bad_request(void) {
    bench.desk.status = 400;
    bench.desk.content = NULL;
}

/* H1S-27: a client that was not invited may send its content or not, so nobody knows what the next
 * byte is. */
static void r_47_who_is_not_invited_is_closed(void **state) {
    (void)state;
    static const struct talk talk = {"R-47", POST("Content-Length: 23" CRLF EXPECTS) GET("/"),
        REFUSED("400 Bad Request"), "POST / a ;", WB_OK};
    talk_every_way(&talk, bad_request);
}

/* ---- take-overs ---- */

#define UPGRADE "GET / HTTP/1.1" CRLF HOST "Connection: upgrade" CRLF "Upgrade: foobar" CRLF CRLF
#define SWITCHING "HTTP/1.1 101 Switching Protocols" CRLF "upgrade: foobar" CRLF CRLF

static void switches(void) {
    desk_let_tunnel(&bench.desk);
    bench.desk.status = 101;
    bench.desk.content = NULL;
    bench.desk.fields[0] = (struct desk_field){"upgrade", "foobar"};
}

static void connects(void) {
    desk_let_tunnel(&bench.desk);
    bench.desk.content = NULL;
    bench.desk.fields[0] = (struct desk_field){"content-length", "0"};
}

/* H1S-43, H1S-45, R-50, R-81: what was sent ahead comes first, in its order. */
static void connections_are_handed_over(void **state) {
    (void)state;
    static const struct talk upgrades[] = {
        {"H1S-43", UPGRADE "eagerly optimistic", SWITCHING "eagerly optimistic", NULL, WB_OK},
        {"nothing ahead", UPGRADE, SWITCHING, "GET / a ;tunnel:", WB_OK},
        {"R-50",
            "GET / HTTP/1.1" CRLF HOST "Connection: upgrade" CRLF "Upgrade: foobar" CRLF
            "Content-Length: 5" CRLF CRLF "hello"
            "tunnel",
            SWITCHING "tunnel", NULL, WB_OK},
        {"100 goes before 101",
            "GET / HTTP/1.1" CRLF HOST "Connection: upgrade" CRLF "Upgrade: foobar" CRLF
            "Content-Length: 5" CRLF EXPECTS CRLF "hello"
            "tunnel",
            CONTINUE SWITCHING "tunnel", NULL, WB_OK},
    };
    static const struct talk tunnels[] = {
        {"H1S-45", "CONNECT a:1 HTTP/1.1" CRLF "Host: a:1" CRLF CRLF "eagerly optimistic",
            "HTTP/1.1 200 OK" CRLF CRLF "eagerly optimistic", NULL, WB_OK},
    };
    TALKS(upgrades, switches);
    TALKS(tunnels, connects);
}

static void handed_over_is_an_end_of_its_own(void **state) {
    (void)state;
    switches();
    bench_open();
    bench_send(UPGRADE "ahead");
    bench_expect(SWITCHING "ahead");
    bench_expect_log("GET / a ;tunnel:ahead");
    /* H1S-42: shutting down means nothing to it. */
    wb_h1_server_conn_shutdown(&bench.conn);
    bench_send(" more");
    bench_expect(" more");
    bench_pass(WB_H1_SERVER_HEAD_TIMEOUT_NS + WB_H1_SERVER_BODY_TIMEOUT_NS);
    assert_false(bench_is_over());
    bench_finish();
    assert_true(bench_is_over());
    assert_ok(bench.conn.future.status);
    assert_int_equal(bench.conn.end, WB_H1_SERVER_END_UPGRADED);
    assert_int_equal(bench.line.shutdowns, 0);
}

static void declines(void) {
    desk_let_tunnel(&bench.desk);
}

static void switches_unasked(void) {
    bench.desk.status = 101;
    desk_let_tunnel(&bench.desk);
}

static void switches_without_anybody(void) {
    bench.desk.status = 101;
}

/* H1S-44, R-49, R-51 */
static void upgrades_may_be_declined_and_not_forced(void **state) {
    (void)state;
    static const struct talk declined[] = {
        {"H1S-44", UPGRADE GET("/"), HELLO HELLO, NULL, WB_OK},
        {"CONNECT", "CONNECT a:1 HTTP/1.0" CRLF CRLF, "HTTP/1.0 200 OK" CRLF CRLF, NULL, WB_OK},
    };
    static const struct talk forced[] = {
        {"nobody asked", GET("/") GET("/"), REFUSED("500 Internal Server Error"), NULL,
            WB_ERR_INVALID},
        {"R-49 not named", "GET / HTTP/1.1" CRLF HOST "Upgrade: foobar" CRLF CRLF,
            REFUSED("500 Internal Server Error"), NULL, WB_ERR_INVALID},
        {"R-49 HTTP/1.0",
            "GET / HTTP/1.0" CRLF "Connection: upgrade" CRLF "Upgrade: foobar" CRLF CRLF,
            "HTTP/1.0 500 Internal Server Error" CRLF "content-length: 0" CRLF
            "connection: close" CRLF CRLF,
            NULL, WB_ERR_INVALID},
    };
    static const struct talk nobody[] = {
        {"nobody takes over", UPGRADE, REFUSED("500 Internal Server Error"), NULL, WB_ERR_INVALID},
    };
    TALKS(declined, declines);
    TALKS(forced, switches_unasked);
    TALKS(nobody, switches_without_anybody);
}

/* ---- the end ---- */

/* H1S-40, H1S-41 */
static void idle_connections_end_at_once(void **state) {
    (void)state;
    bench_open();
    wb_h1_server_conn_shutdown(&bench.conn);
    atomic_store(&bench.bell.wakes, 1);
    bench_settle();
    bench_expect("");
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
    bench_close();
    bench_open();
    bench_send(GET("/"));
    bench_expect(HELLO);
    wb_h1_server_conn_shutdown(&bench.conn);
    wb_h1_server_conn_shutdown(&bench.conn);
    atomic_store(&bench.bell.wakes, 1);
    bench_settle();
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
}

/* H1S-39 */
static void begun_requests_are_the_last(void **state) {
    (void)state;
    bench_open();
    bench_send("GET / HT");
    wb_h1_server_conn_shutdown(&bench.conn);
    atomic_store(&bench.bell.wakes, 1);
    bench_settle();
    assert_false(bench_is_over());
    bench_send("TP/1.1" CRLF HOST CRLF GET("/2"));
    bench_expect(HELLO_CLOSE);
    bench_finish();
    bench_expect_log("GET / a ;");
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
    bench_close();
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/1") GET("/2"));
    wb_h1_server_conn_shutdown(&bench.conn);
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(HELLO_CLOSE);
    bench_expect_log("GET /1 a ;");
}

/* What was read ahead is not lost. */
static void parting_leaves_the_stream(void **state) {
    (void)state;
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/1") "something else");
    wb_h1_server_conn_part(&bench.conn);
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(HELLO_CLOSE);
    assert_true(bench_is_over());
    assert_ok(bench.conn.future.status);
    assert_int_equal(bench.conn.end, WB_H1_SERVER_END_PARTED);
    assert_int_equal(bench.line.shutdowns, 0);
    const struct wb_bytes left = wb_h1_server_conn_leftover(&bench.conn);
    assert_int_equal(left.len, strlen("something else"));
    assert_memory_equal(left.ptr, "something else", left.len);
}

/* RFC 9112 section 9.6: closing on unread bytes would reset the connection and lose the response.
 */
static void client_is_heard_out(void **state) {
    (void)state;
    bench_open();
    bench_send("GET / HTTP/1.1" CRLF HOST "Connection: close" CRLF CRLF GET("/2"));
    bench_expect(HELLO_CLOSE);
    assert_int_equal(bench.line.shutdowns, 1);
    assert_false(bench_is_over());
    bench_send(GET("/3"));
    assert_false(bench_is_over());
    bench_finish();
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
    bench_expect_log("GET / a ;");
}

/* Who has said that no other request follows has nothing to say any more. */
static void client_that_has_said_its_last_is_not_heard_out(void **state) {
    (void)state;
    static const char *const last[] = {
        "GET / HTTP/1.1" CRLF HOST "Connection: close" CRLF CRLF,
        "GET / HTTP/1.0" CRLF HOST CRLF,
        "POST / HTTP/1.1" CRLF HOST "Connection: close" CRLF "Content-Length: 2" CRLF CRLF "ab",
    };
    for (size_t i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
        bench.desk.reading = DESK_READS;
        bench_open();
        bench_send(last[i]);
        assert_int_equal(bench.line.shutdowns, 1);
        bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
        bench_close();
    }
}

/* A read that was filled may have left something. */
static void client_whose_last_words_fill_a_read_is_heard_out(void **state) {
    (void)state;
    static const char head[] = "GET / HTTP/1.1" CRLF HOST "Connection: close" CRLF "X: ";
    char request[1025];
    memset(request, 'x', sizeof request);
    memcpy(request, head, sizeof head - 1);
    memcpy(request + sizeof request - sizeof(CRLF CRLF), CRLF CRLF, sizeof(CRLF CRLF));
    bench_open();
    bench_send(request);
    bench_expect(HELLO_CLOSE);
    assert_int_equal(bench.line.shutdowns, 1);
    assert_false(bench_is_over());
    bench_finish();
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
}

/* Whatever comes of that, the connection came to a proper end. */
static void client_that_resets_after_the_response_is_none_of_ours(void **state) {
    (void)state;
    bench.options.no_keep_alive = true;
    bench_open();
    bench_send(GET("/"));
    assert_false(bench_is_over());
    bench.line.read_status = WB_ERR_CONN_RESET;
    line_wake(&bench.line);
    bench_settle();
    bench_expect_over(WB_OK, WB_HTTP_ERROR_NONE);
}

static void giving_up_drops_what_has_begun(void **state) {
    (void)state;
    bench.desk.is_closed = true;
    bench_open();
    bench_send(GET("/"));
    bench_close(); /* which counts drops and ends */
    bench.desk.content = NULL;
    bench.desk.pieces_stop = true;
    bench_open();
    bench_send(GET("/"));
    wb_future_drop(&bench.conn.future);
    assert_int_equal(bench.desk.body_drops, 1);
    assert_int_equal(bench.desk.ends, 1);
}

/* ---- the stream ---- */

/* H1S-55, INV-06: as many polls as there is reason to. */
static void nothing_spins(void **state) {
    (void)state;
    bench_open();
    bench_send("GET /");
    bench_send(" HTTP/1.1" CRLF);
    assert_int_equal(bench.polls, 3);
    bench_send(HOST CRLF);
    bench_expect(HELLO);
    assert_int_equal(bench.polls, 4);
    bench_pass(WB_H1_SERVER_HEAD_TIMEOUT_NS - (uint64_t)MS);
    assert_in_range(bench.polls, 5, 7); /* buffers are given back, once */
    bench_close();
    bench.line.is_stuck = true;
    bench_open();
    bench_send(GET("/"));
    const int polls = bench.polls;
    bench_pass(WB_H1_SERVER_WRITE_TIMEOUT_NS - (uint64_t)MS);
    assert_in_range(bench.polls - polls, 0, 2);
}

/* Only heads are read without being asked for. */
static void content_is_read_when_asked_for(void **state) {
    (void)state;
    static char content[100000];
    memset(content, 'x', sizeof content);
    bench.desk.reading = DESK_READS;
    bench.desk.is_closed = true;
    bench_open();
    bench_send(POST("Content-Length: 100000" CRLF));
    bench_send_bytes(wb_bytes_from(content, sizeof content));
    assert_int_equal(bench.line.read_len, 0);
    desk_open(&bench.desk);
    bench_settle();
    bench_expect(HELLO);
}

/* A task that always has something to do lets others run. */
struct hog {
    struct wb_future future;
    struct wb_future *inner;
    uint32_t polls;
};

static enum wb_progress hog_poll(struct wb_future *future, struct wb_context *context) {
    struct hog *self = WB_FUTURE_OF(future, struct hog, future);
    self->polls++;
    return wb_future_poll(self->inner, context) == WB_PENDING
               ? WB_PENDING
               : wb_future_end(future, self->inner->status);
}

static const struct wb_future_ops hog_ops = {
    .size = sizeof(struct hog), .offset = offsetof(struct hog, future), .poll = hog_poll};

static void others_have_their_turn(void **state) {
    (void)state;
    static char input[100000];
    size_t len = 0;
    while (len + sizeof GET("/") < sizeof input) {
        memcpy(input + len, GET("/"), sizeof GET("/") - 1);
        len += sizeof GET("/") - 1;
    }
    bench.line.input = wb_bytes_from(input, len);
    bench.line.has_finished = true;
    assert_ok(wb_h1_server_conn_init(&bench.conn, stage.runtime, line_io(&bench.line),
        &bench.desk.service, NULL, &bench.options));
    bench.is_open = true;
    struct hog hog = {.inner = &bench.conn.future};
    wb_future_init(&hog.future, &hog_ops);
    assert_ok(wb_runtime_block_on(stage.runtime, &hog.future));
    const uint32_t count = (uint32_t)(len / (sizeof GET("/") - 1));
    assert_in_range(hog.polls, count / WB_CONTEXT_BUDGET, 3 * count / WB_CONTEXT_BUDGET);
    assert_int_equal(bench.conn.requests, count);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, bench_setup, bench_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(requests_are_answered_in_order),
        CASE(r_54_slow_answers_keep_their_place),
        CASE(busy_services_are_waited_for),
        CASE(responses_may_go_out_together),
        CASE(kept_back_is_bounded),
        CASE(one_at_a_time_otherwise),
        CASE(next_request_leaves_lent_content_alone),
        CASE(lent_content_may_fill_the_buffer),
        CASE(trailers_may_begin_with_the_last_byte_of_the_buffer),
        CASE(client_that_closes_is_given_up),
        CASE(client_that_half_closes_is_answered),
        CASE(requests_before_the_end_are_answered),
        CASE(next_request_is_no_reason_to_read_on),
        CASE(resets_are_told),
        CASE(r_46_expectations_are_met),
        CASE(invitation_waits_for_whoever_reads),
        CASE(r_47_who_is_not_invited_is_closed),
        CASE(connections_are_handed_over),
        CASE(handed_over_is_an_end_of_its_own),
        CASE(upgrades_may_be_declined_and_not_forced),
        CASE(idle_connections_end_at_once),
        CASE(begun_requests_are_the_last),
        CASE(parting_leaves_the_stream),
        CASE(client_is_heard_out),
        CASE(client_that_has_said_its_last_is_not_heard_out),
        CASE(client_whose_last_words_fill_a_read_is_heard_out),
        CASE(client_that_resets_after_the_response_is_none_of_ours),
        CASE(giving_up_drops_what_has_begun),
        CASE(nothing_spins),
        CASE(content_is_read_when_asked_for),
        CASE(others_have_their_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
