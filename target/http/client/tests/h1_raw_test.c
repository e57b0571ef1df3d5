/* A connection that speaks HTTP no more: its stream after an upgrade, in a tunnel, or taken back by
 * who gave it. */
#include "lab.h"

#include <string.h>

static const struct say silence[] = {{NULL, NULL, PEER_GOES_ON}};

static void upgrade(struct exchange *exchange) {
    assert_ok(wb_http_client_request_add(&exchange->request, "Connection", "upgrade"));
    assert_ok(wb_http_client_request_add(&exchange->request, "Upgrade", "foo"));
}

static void assert_reads(struct wb_h1_raw *raw, const char *expected) {
    char buf[64];
    struct wb_read_exact read;
    wb_read_exact_init(&read, &raw->read, buf, strlen(expected));
    struct wb_context context = wb_context_with_waker(&lab.tasks[0].bell.waker);
    while (wb_future_poll(&read.future, &context) == WB_PENDING) {
    }
    assert_ok(read.future.status);
    assert_memory_equal(buf, expected, strlen(expected));
}

static void assert_writes(struct wb_h1_raw *raw, const char *bytes) {
    struct wb_write_all write;
    wb_write_all_init(&write, &raw->write, bytes, strlen(bytes));
    struct wb_context context = wb_context_with_waker(&lab.tasks[0].bell.waker);
    while (wb_future_poll(&write.future, &context) == WB_PENDING) {
    }
    assert_ok(write.future.status);
}

static void becomes_raw(void) {
    struct wb_h1_raw raw;
    assert_true(wb_future_is_over(&bench.connection.future));
    assert_ok(bench.connection.future.status);
    assert_true(wb_h1_sender_is_closed(&bench.sender));
    assert_true(wb_http_body_is_end(bench.exchange.response.body));
    assert_ok(wb_http_client_response_take_raw(&bench.exchange.response, &raw));
    assert_status(wb_http_client_response_take_raw(&bench.exchange.response, &raw), WB_ERR_INVALID);
    assert_reads(&raw, "ahead and more");
    assert_writes(&raw, "well");
    assert_non_null(strstr(bench.peer.written, "\r\n\r\nwell"));
    wb_http_body_drop(bench.exchange.response.body);
    assert_int_equal(bench.peer.closes, 0);
    wb_h1_raw_close(&raw);
    wb_h1_raw_close(&raw);
    assert_int_equal(bench.peer.closes, 1);
    assert_int_equal(bench.peer.shutdowns, 0);
}

static void h1c_31_an_upgrade_hands_the_stream_over(void **state) {
    (void)state;
    static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\n\r\nahead";
    const struct say says[] = {{ASKED, answer, PEER_GOES_ON}, {NULL, " and more", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    for (size_t cut_at = 0; cut_at < sizeof answer; cut_at++) {
        bench_open(says, NULL);
        bench.peer.cut_at = cut_at;
        upgrade(&bench.exchange);
        bench_exchange();
        assert_ok(bench.exchange.future.status);
        assert_int_equal(bench.exchange.response.status, 101);
        becomes_raw();
        bench_close();
    }
}

static void h1c_19_r_69_a_tunnel_has_no_content(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nahead",
            PEER_GOES_ON},
        {NULL, " and more", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    assert_ok(wb_http_client_request_set(
        &bench.exchange.request, wb_bytes_from_string("CONNECT"), wb_bytes_from_string("a:80")));
    bench_exchange();
    assert_ok(bench.exchange.future.status);
    assert_body(&bench.exchange, "");
    becomes_raw();
    bench_close();
}

static void drop_connection(const struct wb_http_interim *interim, void *user_data) {
    (void)interim;
    (void)user_data;
    wb_future_drop(&bench.connection.future);
    lab_remove(&bench.connection.future);
}

/* The head behind the interim one was read before; the stream is gone. */
static void h1c_31_a_connection_that_was_dropped_switches_no_more(void **state) {
    (void)state;
    const struct say says[] = {{ASKED,
                                   "HTTP/1.1 103 Early Hints\r\n\r\n"
                                   "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\n\r\n",
                                   PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    struct wb_h1_raw raw;
    bench_open(says, NULL);
    upgrade(&bench.exchange);
    bench.exchange.on_interim = drop_connection;
    bench_exchange();
    assert_failed(&bench.exchange, WB_ERR_UNEXPECTED_EOF, WB_HTTP_ERROR_INCOMPLETE_MESSAGE);
    assert_status(wb_http_client_response_take_raw(&bench.exchange.response, &raw), WB_ERR_INVALID);
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

static void h1c_31_an_upgrade_that_was_refused_is_a_response(void **state) {
    (void)state;
    const struct say says[] = {{ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    struct wb_h1_raw raw;
    bench_open(says, NULL);
    upgrade(&bench.exchange);
    bench_exchange();
    assert_body(&bench.exchange, "hi");
    assert_status(wb_http_client_response_take_raw(&bench.exchange.response, &raw), WB_ERR_INVALID);
    assert_true(wb_h1_sender_is_ready(&bench.sender));
    bench_close();
}

static void a_stream_that_nobody_takes_is_closed_with_the_body(void **state) {
    (void)state;
    const struct say says[] = {{ASKED, "HTTP/1.1 101 Switching Protocols\r\n\r\n", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    upgrade(&bench.exchange);
    bench_exchange();
    assert_int_equal(bench.peer.closes, 0);
    wb_http_body_drop(bench.exchange.response.body);
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

static void a_hy_08_a_kept_stream_is_given_back(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
            PEER_GOES_ON},
        {NULL, "ahead and more", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    struct wb_h1_raw raw;
    bench_open(says, NULL);
    wb_h1_connection_keep_stream(&bench.connection);
    bench_exchange();
    assert_true(wb_future_is_over(&bench.connection.future));
    assert_int_equal(bench.peer.closes + bench.peer.shutdowns, 0);
    assert_ok(wb_h1_connection_into_raw(&bench.connection, &raw));
    assert_status(wb_h1_connection_into_raw(&bench.connection, &raw), WB_ERR_CLOSED);
    assert_reads(&raw, "ahead and more");
    wb_h1_raw_close(&raw);
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

static void a_stream_that_came_to_no_proper_end_is_reset(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\n\r\n", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    struct wb_h1_raw raw;
    bench_open(says, NULL);
    upgrade(&bench.exchange);
    bench_exchange();
    assert_ok(wb_http_client_response_take_raw(&bench.exchange.response, &raw));
    wb_h1_raw_reset(&raw);
    wb_h1_raw_reset(&raw);
    assert_int_equal(bench.peer.resets, 1);
    assert_int_equal(bench.peer.closes, 0);
    bench_close();
}

static void a_stream_that_knows_no_reset_is_closed(void **state) {
    (void)state;
    static struct peer peer;
    peer_init(&peer, silence);
    struct wb_http_io io = peer_io(&peer);
    io.reset = NULL;
    wb_http_io_reset(&io);
    wb_http_io_reset(&io);
    assert_int_equal(peer.closes, 1);
    assert_int_equal(peer.resets, 0);
    peer_clean_up(&peer);
}

static void a_hy_08_a_stream_is_taken_in_the_midst(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nahead and", PEER_GOES_ON},
        {NULL, " more", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    struct wb_h1_raw raw;
    bench_open(says, NULL);
    bench.exchange.leaves_body = true;
    bench_exchange();
    lab_remove(&bench.connection.future);
    assert_ok(wb_h1_connection_into_raw(&bench.connection, &raw));
    struct wb_http_frame frame;
    enum wb_status status;
    struct wb_context context = wb_context_with_waker(&lab.tasks[0].bell.waker);
    assert_int_equal(
        wb_http_body_poll_frame(bench.exchange.response.body, &context, &status, &frame), WB_READY);
    assert_status(status, WB_ERR_UNEXPECTED_EOF); /* what is there is the raw stream's */
    assert_reads(&raw, "ahead and more");
    wb_h1_raw_close(&raw);
    bench_close();
}

static void a_kept_stream_that_nobody_wants_is_closed(void **state) {
    (void)state;
    bench_open(silence, NULL);
    wb_h1_connection_keep_stream(&bench.connection);
    lab_run();
    wb_h1_sender_drop(&bench.sender);
    lab_run();
    assert_int_equal(bench.peer.closes, 0);
    wb_h1_connection_drop(&bench.connection);
    wb_h1_connection_drop(&bench.connection);
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(h1c_31_an_upgrade_hands_the_stream_over),
        BENCH(h1c_19_r_69_a_tunnel_has_no_content),
        BENCH(h1c_31_a_connection_that_was_dropped_switches_no_more),
        BENCH(h1c_31_an_upgrade_that_was_refused_is_a_response),
        BENCH(a_stream_that_nobody_takes_is_closed_with_the_body),
        BENCH(a_stream_that_came_to_no_proper_end_is_reset),
        BENCH(a_stream_that_knows_no_reset_is_closed),
        BENCH(a_hy_08_a_kept_stream_is_given_back),
        BENCH(a_hy_08_a_stream_is_taken_in_the_midst),
        BENCH(a_kept_stream_that_nobody_wants_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
