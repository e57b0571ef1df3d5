/* A connection between and beside its requests: who may send when, what ends it, what is given up.
 * What it becomes when it speaks HTTP no more: h1_raw_test.c. */
#include "lab.h"

#include <string.h>

static const struct say silence[] = {{NULL, NULL, PEER_GOES_ON}};

static void begin(struct exchange *exchange) {
    (void)lab_add(&exchange->future);
    lab_run();
}

static void post(struct exchange *exchange, struct piecewise *body, const char *const *pieces) {
    assert_ok(wb_http_client_request_set(
        &exchange->request, wb_bytes_from_string("POST"), wb_bytes_from_string("/")));
    piecewise_init(body, pieces);
    body->waits = true;
    exchange->request.body = &body->body;
}

/* ---- turns ---- */

static void h1c_39_ready_when_the_last_response_was_read(void **state) {
    (void)state;
    const struct say says[] = {{ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    assert_true(wb_h1_sender_is_ready(&bench.sender));
    bench.exchange.leaves_body = true;
    bench_exchange();
    assert_false(wb_h1_sender_is_ready(&bench.sender));
    assert_false(wb_h1_sender_is_closed(&bench.sender));
    struct wb_h1_ready ready;
    wb_h1_ready_init(&ready, &bench.sender);
    (void)lab_add(&ready.future);
    lab_run();
    assert_false(wb_future_is_over(&ready.future));
    wb_http_body_drop(bench.exchange.response.body);
    lab_run();
    assert_ok(ready.future.status);
    assert_true(wb_future_is_over(&ready.future));
    assert_true(wb_h1_sender_is_ready(&bench.sender));
    bench_close();
}

static void h1c_39_not_ready_before_the_request_was_written(void **state) {
    (void)state;
    bench_open(silence, NULL);
    bench.peer.is_stuck = true;
    begin(&bench.exchange);
    assert_false(wb_h1_sender_is_ready(&bench.sender));
    assert_int_equal(bench.peer.written_len, 0);
    bench_close();
}

static void h1c_30_a_second_request_is_refused_and_still_the_callers(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", NULL};
    static struct piecewise body;
    bench_open(silence, NULL);
    begin(&bench.exchange);
    post(&bench.second, &body, pieces);
    bench.second.tries = true;
    begin(&bench.second);
    assert_failed(&bench.second, WB_ERR_FULL, WB_HTTP_ERROR_CANCELLED);
    assert_true(bench.second.send.is_unsent);
    assert_int_equal(body.polls + body.drops, 0);
    assert_ptr_equal(bench.second.request.body, &body.body);
    bench_close();
    assert_int_equal(body.drops, 1);
}

static void a_hy_08_further_requests_queue(void **state) {
    (void)state;
    const struct say answers[] = {{NULL, HI, PEER_GOES_ON},
        {"GET /second", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nho", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    bench_open(silence, NULL);
    begin(&bench.exchange);
    begin(&bench.second);
    assert_false(wb_future_is_over(&bench.second.future));
    assert_null(strstr(bench.peer.written, "second"));
    peer_say(&bench.peer, answers);
    lab_run();
    assert_ok(bench.exchange.future.status);
    assert_body(&bench.exchange, "hi");
    assert_ok(bench.second.future.status);
    assert_body(&bench.second, "ho");
    bench_close();
}

static void who_queues_is_told_that_it_closed(void **state) {
    (void)state;
    const struct say ends[] = {{NULL, "", PEER_ENDS}};
    bench_open(silence, NULL);
    begin(&bench.exchange);
    begin(&bench.second);
    peer_say(&bench.peer, ends);
    lab_run();
    assert_failed(&bench.exchange, WB_ERR_UNEXPECTED_EOF, WB_HTTP_ERROR_INCOMPLETE_MESSAGE);
    assert_failed(&bench.second, WB_ERR_CLOSED, WB_HTTP_ERROR_CLOSED);
    assert_true(bench.second.send.is_unsent);
    bench_close();
}

/* ---- idle ---- */

static void an_idle_connection_ends_in_peace_with_its_sender(void **state) {
    (void)state;
    bench_open(silence, NULL);
    lab_run();
    wb_h1_sender_drop(&bench.sender);
    lab_run();
    assert_true(wb_future_is_over(&bench.connection.future));
    assert_ok(bench.connection.future.status);
    assert_int_equal(bench.peer.shutdowns, 1);
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

static void an_idle_connection_ends_when_the_server_does(void **state) {
    (void)state;
    const struct say ends[] = {{NULL, "", PEER_ENDS}};
    const struct say resets[] = {{NULL, "", PEER_RESETS}};
    const struct say *const both[] = {ends, resets};
    for (int i = 0; i < 2; i++) {
        bench_open(silence, NULL);
        lab_run();
        peer_say(&bench.peer, both[i]);
        lab_run();
        assert_true(wb_future_is_over(&bench.connection.future));
        assert_ok(bench.connection.future.status);
        assert_true(wb_h1_sender_is_closed(&bench.sender));
        assert_int_equal(bench.peer.closes, 1);
        bench_close();
    }
}

static void h1c_38_r_64_bytes_before_a_request_are_not_its_response(void **state) {
    (void)state;
    const struct say early[] = {{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(early, NULL);
    lab_run();
    assert_true(wb_h1_sender_is_closed(&bench.sender));
    assert_int_equal(bench.connection.error.kind, WB_HTTP_ERROR_UNEXPECTED_MESSAGE);
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

/* They come between the request's being handed over and its first byte. */
static void h1c_38_bytes_that_a_request_finds_close_it_unsent(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", NULL};
    const struct say early[] = {{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    static struct piecewise body;
    bench_open(early, NULL);
    lab_remove(&bench.connection.future);
    post(&bench.exchange, &body, pieces);
    begin(&bench.exchange);
    (void)lab_add(&bench.connection.future);
    lab_run();
    assert_failed(&bench.exchange, WB_ERR_PARSE, WB_HTTP_ERROR_UNEXPECTED_MESSAGE);
    assert_true(bench.exchange.send.is_unsent);
    assert_written(&bench.peer, "");
    assert_int_equal(body.polls + body.drops, 0);
    bench_close();
}

static void h1c_32_a_request_that_finds_the_server_gone_is_unsent(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", NULL};
    const struct say ends[] = {{NULL, "", PEER_ENDS}};
    static struct piecewise body;
    bench_open(ends, NULL);
    lab_remove(&bench.connection.future);
    post(&bench.exchange, &body, pieces);
    begin(&bench.exchange);
    (void)lab_add(&bench.connection.future);
    lab_run();
    assert_failed(&bench.exchange, WB_ERR_CLOSED, WB_HTTP_ERROR_CLOSED);
    assert_true(bench.exchange.send.is_unsent);
    assert_int_equal(body.polls + body.drops, 0);
    bench_close();
    assert_int_equal(body.drops, 1);
}

static void h1c_32_a_first_write_that_fails_is_unsent(void **state) {
    (void)state;
    bench_open(silence, NULL);
    bench.peer.writes_left = 0;
    bench_exchange();
    assert_failed(&bench.exchange, WB_ERR_BROKEN_PIPE, WB_HTTP_ERROR_IO);
    assert_true(bench.exchange.send.is_unsent);
    bench_close();
}

static void a_request_is_unsent_no_longer_with_its_first_byte(void **state) {
    (void)state;
    const struct say ends[] = {{"G", "", PEER_ENDS}};
    bench_open(ends, NULL);
    bench.peer.writes_left = 1;
    bench_exchange();
    assert_failed(&bench.exchange, WB_ERR_BROKEN_PIPE, WB_HTTP_ERROR_IO);
    assert_false(bench.exchange.send.is_unsent);
    bench_close();
}

/* ---- both directions at once ---- */

static void hp_04_a_response_may_come_before_the_request_is_done(void **state) {
    (void)state;
    static const char *const pieces[] = {"abc", "-", "def", NULL};
    static struct piecewise body;
    const struct say says[] = {{"abc", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    post(&bench.exchange, &body, pieces);
    bench_exchange();
    assert_ok(bench.exchange.future.status);
    assert_body(&bench.exchange, "hi");
    assert_false(wb_h1_sender_is_ready(&bench.sender));
    assert_int_equal(body.drops, 0);
    piecewise_wake(&body);
    lab_run();
    assert_true(wb_h1_sender_is_ready(&bench.sender));
    assert_int_equal(body.drops, 1);
    assert_non_null(strstr(bench.peer.written, "3\r\ndef\r\n0\r\n\r\n"));
    bench_close();
}

static void a_request_is_given_up_when_its_server_will_close(void **state) {
    (void)state;
    static const char *const pieces[] = {"abc", "-", "def", NULL};
    static struct piecewise body;
    const struct say says[] = {
        {"abc", "HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    post(&bench.exchange, &body, pieces);
    bench_exchange();
    assert_int_equal(bench.exchange.response.status, 413);
    assert_int_equal(body.drops, 1);
    assert_int_equal(bench.peer.closes, 1);
    assert_null(strstr(bench.peer.written, "0\r\n\r\n"));
    bench_close();
}

/* ---- the rest of a request that was answered early ---- */

struct sent {
    struct wb_future future;
    struct wb_http_client_request *request;
};

static enum wb_progress sent_poll(struct wb_future *future, struct wb_context *context) {
    struct sent *sent = WB_FUTURE_OF(future, struct sent, future);
    if (wb_http_client_request_poll_sent(sent->request, context) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops sent_ops = {
    .size = sizeof(struct sent),
    .offset = offsetof(struct sent, future),
    .poll = sent_poll,
};

static void is_waited_for(bool is_cut_off) {
    static const char *const pieces[] = {"abc", "-", "def", NULL};
    static struct piecewise body;
    const struct say says[] = {{"abc", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    struct sent sent = {.request = &bench.exchange.request};
    bench_open(says, NULL);
    post(&bench.exchange, &body, pieces);
    bench_exchange();
    wb_future_init(&sent.future, &sent_ops);
    (void)lab_add(&sent.future);
    lab_run();
    assert_false(wb_future_is_over(&sent.future));
    if (is_cut_off) {
        wb_future_drop(&bench.connection.future);
        lab_remove(&bench.connection.future);
    } else {
        piecewise_wake(&body);
    }
    lab_run();
    assert_true(wb_future_is_over(&sent.future));
    assert_int_equal(body.drops, 1);
    bench_close();
}

static void hp_04_the_rest_of_a_request_is_waited_for(void **state) {
    (void)state;
    is_waited_for(false);
    is_waited_for(true);
}

/* ---- one direction that fails ---- */

/* K3: the server has answered and reads no more. */
static void a_response_is_read_though_writing_has_failed(void **state) {
    (void)state;
    static const char *const pieces[] = {"abc", "-", "def", NULL};
    static struct piecewise body;
    const struct say answer[] = {
        {NULL, "HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno", PEER_RESETS}};
    bench_open(silence, NULL);
    post(&bench.exchange, &body, pieces);
    begin(&bench.exchange);
    bench.peer.writes_left = 0;
    piecewise_wake(&body);
    lab_run();
    assert_int_equal(body.drops, 1);
    peer_say(&bench.peer, answer);
    lab_run();
    assert_ok(bench.exchange.future.status);
    assert_int_equal(bench.exchange.response.status, 413);
    assert_body(&bench.exchange, "no");
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

static void h1c_33_a_half_closed_server_does_not_make_it_spin(void **state) {
    (void)state;
    static const char *const pieces[] = {"abc", "-", "def", NULL};
    static struct piecewise body;
    const struct say says[] = {{"abc", HI, PEER_ENDS}};
    bench_open(says, NULL);
    post(&bench.exchange, &body, pieces);
    (void)lab_add(&bench.exchange.future);
    assert_true(lab_run_some(20));
    assert_ok(bench.exchange.future.status);
    assert_true(bench.peer.flushes < 10);
    assert_true(bench.peer.reads < 10);
    piecewise_wake(&body);
    assert_true(lab_run_some(20));
    assert_non_null(strstr(bench.peer.written, "0\r\n\r\n"));
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

static void nothing_is_read_that_nobody_asked_for(void **state) {
    (void)state;
    static char answer[65536];
    const struct say says[] = {{ASKED, answer, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    const struct wb_h1_client_options options = {.buffer_len = 512};
    memset(answer, 'a', sizeof answer - 1);
    memcpy(answer, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n", 42);
    bench_open(says, &options);
    bench.exchange.leaves_body = true;
    bench_exchange();
    assert_true(bench.peer.read_len <= 512);
    assert_int_equal(atomic_load(&stage.world->blocks) > 0, true);
    bench_close();
}

/* ---- giving up ---- */

static void hp_07_dropping_the_future_closes(void **state) {
    (void)state;
    static const char *const pieces[] = {"abc", "-", "def", NULL};
    static struct piecewise body;
    bench_open(silence, NULL);
    post(&bench.exchange, &body, pieces);
    begin(&bench.exchange);
    wb_future_drop(&bench.exchange.future);
    lab_remove(&bench.exchange.future);
    assert_int_equal(body.drops, 1);
    lab_run();
    assert_true(wb_future_is_over(&bench.connection.future));
    assert_int_equal(bench.peer.closes, 1);
    assert_null(strstr(bench.peer.written, "0\r\n"));
    bench_close();
}

/* How the connection stands when the body of this response was dropped after its head. */
static void dropped_after_head(const char *answer, bool is_reused) {
    const struct say says[] = {{ASKED, answer, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    bench.exchange.leaves_body = true;
    bench_exchange();
    wb_http_body_drop(bench.exchange.response.body);
    lab_run();
    assert_int_equal(wb_h1_sender_is_ready(&bench.sender), is_reused);
    assert_int_equal(bench.peer.closes, is_reused ? 0 : 1);
    bench_close();
}

static void hp_05_hp_06_a_little_rest_that_is_there_is_drained(void **state) {
    (void)state;
    dropped_after_head(HI, true);
    dropped_after_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                       "chunked\r\n\r\n2\r\nhi\r\n0\r\nX: y\r\n\r\n",
        true);
    dropped_after_head("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", false);
    dropped_after_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", false);
    dropped_after_head(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n", false);
    dropped_after_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false);
    dropped_after_head("HTTP/1.1 200 OK\r\n\r\nhi", false);
    dropped_after_head(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", false);
    dropped_after_head("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", false);
}

static void hp_06_a_long_rest_is_not_drained(void **state) {
    (void)state;
    static char answer[100000];
    memset(answer, 'a', sizeof answer - 1);
    memcpy(answer, "HTTP/1.1 200 OK\r\nContent-Length: 99000\r\n\r\n", 42);
    dropped_after_head(answer, false);
    assert_true(bench.peer.read_len <= WB_H1_CLIENT_BUFFER_LEN);
    memcpy(answer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n18000\r\n", 55);
    dropped_after_head(answer, false);
    assert_true(bench.peer.read_len <= WB_H1_CLIENT_DRAIN_LEN_MAX + 2 * WB_H1_CLIENT_BUFFER_LEN);
}

static void h1c_26_a_dropped_connection_leaves_the_body_incomplete(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    begin(&bench.exchange);
    assert_false(wb_future_is_over(&bench.exchange.future));
    wb_future_drop(&bench.connection.future);
    lab_remove(&bench.connection.future);
    lab_run();
    assert_status(bench.exchange.future.status, WB_ERR_UNEXPECTED_EOF);
    assert_body(&bench.exchange, "hello");
    assert_int_equal(bench.exchange.response.error.kind, WB_HTTP_ERROR_INCOMPLETE_MESSAGE);
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

static void a_dropped_connection_tells_who_waits_for_a_head(void **state) {
    (void)state;
    bench_open(silence, NULL);
    begin(&bench.exchange);
    begin(&bench.second);
    wb_future_drop(&bench.connection.future);
    lab_remove(&bench.connection.future);
    lab_run();
    assert_failed(&bench.exchange, WB_ERR_UNEXPECTED_EOF, WB_HTTP_ERROR_INCOMPLETE_MESSAGE);
    assert_failed(&bench.second, WB_ERR_CLOSED, WB_HTTP_ERROR_CLOSED);
    bench_close();
}

/* H1C-34: the user's content fails in a way of its own; the connection is as good as closed. */
static void h1c_34_a_request_cleaned_up_takes_its_body_back(void **state) {
    (void)state;
    static const char *const pieces[] = {"abc", "-", "def", NULL};
    static struct piecewise body;
    const struct say says[] = {{"abc", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    post(&bench.exchange, &body, pieces);
    bench_exchange();
    assert_int_equal(body.drops, 0);
    wb_http_client_request_clear(&bench.exchange.request);
    assert_int_equal(body.drops, 1);
    lab_run();
    assert_true(wb_h1_sender_is_closed(&bench.sender));
    assert_int_equal(bench.peer.closes, 1);
    assert_null(strstr(bench.peer.written, "0\r\n"));
    bench_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(h1c_39_ready_when_the_last_response_was_read),
        BENCH(h1c_39_not_ready_before_the_request_was_written),
        BENCH(h1c_30_a_second_request_is_refused_and_still_the_callers),
        BENCH(a_hy_08_further_requests_queue),
        BENCH(who_queues_is_told_that_it_closed),
        BENCH(an_idle_connection_ends_in_peace_with_its_sender),
        BENCH(an_idle_connection_ends_when_the_server_does),
        BENCH(h1c_38_r_64_bytes_before_a_request_are_not_its_response),
        BENCH(h1c_38_bytes_that_a_request_finds_close_it_unsent),
        BENCH(h1c_32_a_request_that_finds_the_server_gone_is_unsent),
        BENCH(h1c_32_a_first_write_that_fails_is_unsent),
        BENCH(a_request_is_unsent_no_longer_with_its_first_byte),
        BENCH(hp_04_a_response_may_come_before_the_request_is_done),
        BENCH(hp_04_the_rest_of_a_request_is_waited_for),
        BENCH(a_request_is_given_up_when_its_server_will_close),
        BENCH(a_response_is_read_though_writing_has_failed),
        BENCH(h1c_33_a_half_closed_server_does_not_make_it_spin),
        BENCH(nothing_is_read_that_nobody_asked_for),
        BENCH(hp_07_dropping_the_future_closes),
        BENCH(hp_05_hp_06_a_little_rest_that_is_there_is_drained),
        BENCH(hp_06_a_long_rest_is_not_drained),
        BENCH(h1c_26_a_dropped_connection_leaves_the_body_incomplete),
        BENCH(a_dropped_connection_tells_who_waits_for_a_head),
        BENCH(h1c_34_a_request_cleaned_up_takes_its_body_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
