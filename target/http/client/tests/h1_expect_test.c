/* Content that the server may not want: what is announced by Expect, and what an early answer says
 * (RFC 9110 section 10.1.1, RFC 9112 section 9.5). */
#include "lab.h"

#include <string.h>

#define CONTINUE "HTTP/1.1 100 Continue\r\n\r\n"

static const struct say silence[] = {{NULL, NULL, PEER_GOES_ON}};
static const struct wb_h1_client_options for_ever = {.continue_timeout_ns = UINT64_MAX};
static const char *const pieces[] = {"abc", "def", NULL};
static struct piecewise body;

static void post(struct exchange *exchange) {
    assert_ok(wb_http_client_request_set(
        &exchange->request, wb_bytes_from_string("POST"), wb_bytes_from_string("/")));
    piecewise_init(&body, pieces);
    exchange->request.body = &body.body;
}

static void post_expecting(struct exchange *exchange) {
    post(exchange);
    assert_ok(wb_http_client_request_add(&exchange->request, "Expect", "100-continue"));
}

static void begin(void) {
    (void)lab_add(&bench.exchange.future);
    lab_run();
}

static void assert_held(void) {
    assert_int_equal(body.polls + body.drops, 0);
    assert_false(wb_future_is_over(&bench.exchange.future));
    assert_non_null(strstr(bench.peer.written, ASKED));
    assert_null(strstr(bench.peer.written, "abc"));
}

static void assert_sent(void) {
    assert_ok(bench.exchange.future.status);
    assert_body(&bench.exchange, "hi");
    assert_int_equal(body.drops, 1);
    assert_false(bench.exchange.response.left_out_content);
    assert_non_null(strstr(bench.peer.written, "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"));
    assert_true(wb_h1_sender_is_ready(&bench.sender));
}

/* ---- waiting ---- */

static void content_is_held_back_until_100(void **state) {
    (void)state;
    const struct say invites[] = {
        {NULL, CONTINUE, PEER_GOES_ON}, {"def", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(silence, &for_ever);
    post_expecting(&bench.exchange);
    begin();
    assert_held();
    assert_non_null(strstr(bench.peer.written, "100-continue"));
    peer_say(&bench.peer, invites);
    lab_run();
    assert_sent();
    bench_close();
}

/* However the bytes come and go. */
static void content_is_held_back_in_pieces(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, CONTINUE, PEER_GOES_ON}, {"def", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, &for_ever);
    post_expecting(&bench.exchange);
    bench.peer.reads_slowly = true;
    bench.peer.writes_slowly = true;
    bench.peer.write_max = 3;
    begin();
    assert_sent();
    bench_close();
}

static void note_interim(const struct wb_http_interim *interim, void *user_data) {
    struct exchange *exchange = user_data;
    exchange->trailers[strlen(exchange->trailers)] = interim->status == 100 ? 'c' : 'i';
}

static void only_100_invites(void **state) {
    (void)state;
    const struct say hints[] = {{NULL, "HTTP/1.1 103 Early Hints\r\n\r\n", PEER_GOES_ON},
        {NULL, "HTTP/1.1 102 Processing\r\n\r\n", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    const struct say invites[] = {
        {NULL, CONTINUE, PEER_GOES_ON}, {"def", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    for (int shows = 0; shows < 2; shows++) {
        bench_open(silence, &for_ever);
        bench.exchange.on_interim = shows != 0 ? note_interim : NULL;
        post_expecting(&bench.exchange);
        begin();
        peer_say(&bench.peer, hints);
        lab_run();
        assert_held();
        peer_say(&bench.peer, invites);
        lab_run();
        assert_sent();
        assert_string_equal(bench.exchange.trailers, shows != 0 ? "iic" : "");
        bench_close();
    }
}

static void two_invitations_in_one_piece_are_as_good_as_one(void **state) {
    (void)state;
    const struct say invites[] = {{NULL, "HTTP/1.1 103 E\r\n\r\n" CONTINUE CONTINUE, PEER_GOES_ON},
        {"def", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(silence, &for_ever);
    bench.exchange.on_interim = note_interim;
    post_expecting(&bench.exchange);
    begin();
    peer_say(&bench.peer, invites);
    lab_run();
    assert_sent();
    assert_string_equal(bench.exchange.trailers, "icc");
    bench_close();
}

/* A server that reads as it answers. */
static void success_invites_too(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", PEER_GOES_ON},
        {"def", "hi", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, &for_ever);
    post_expecting(&bench.exchange);
    begin();
    assert_sent();
    bench_close();
}

static void is_not_held(void) {
    begin();
    assert_int_equal(body.drops, 1);
    assert_non_null(strstr(bench.peer.written, "def"));
    bench_close();
}

static void content_that_nobody_expects_to_be_invited_is_sent(void **state) {
    (void)state;
    bench_open(silence, &for_ever);
    post(&bench.exchange);
    assert_ok(wb_http_client_request_add(&bench.exchange.request, "Expect", "something-else"));
    is_not_held();
    bench_open(silence, &for_ever); /* which knows no interim responses */
    post_expecting(&bench.exchange);
    body.is_len_known = true;
    bench.exchange.request.version = WB_HTTP_WANTED_1_0;
    is_not_held();
    bench_open(silence, NULL); /* nobody keeps the time */
    post_expecting(&bench.exchange);
    is_not_held();
}

/* ---- not wanted ---- */

static void is_refused_with(const char *answer, unsigned status) {
    const struct say says[] = {
        {ASKED, answer, PEER_GOES_ON}, {NULL, "no", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, &for_ever);
    post_expecting(&bench.exchange);
    bench.exchange.leaves_body = true;
    begin();
    assert_ok(bench.exchange.future.status);
    assert_int_equal(bench.exchange.response.status, status);
    assert_true(bench.exchange.response.left_out_content);
    assert_int_equal(body.polls, 0);
    assert_int_equal(body.drops, 1);
    assert_int_equal(wb_http_client_request_poll_sent(&bench.exchange.request, NULL), WB_READY);
    assert_int_equal(bench.peer.closes, 0);
    wb_future_drop(&bench.exchange.future);
    wb_http_body_drop(bench.exchange.response.body);
    lab_run();
    assert_int_equal(bench.peer.closes, 1);
    assert_true(wb_h1_sender_is_closed(&bench.sender));
    assert_null(strstr(bench.peer.written, "abc"));
    assert_null(strstr(bench.peer.written, "0\r\n\r\n"));
    bench_close();
}

static void another_answer_leaves_the_content_out(void **state) {
    (void)state;
    is_refused_with("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\n", 417);
    is_refused_with("HTTP/1.1 302 Elsewhere\r\nContent-Length: 2\r\n\r\n", 302);
    is_refused_with("HTTP/1.1 401 Who\r\nContent-Length: 2\r\nConnection: close\r\n\r\n", 401);
    is_refused_with("HTTP/1.1 500 No\r\n\r\n", 500);
}

/* Nothing follows its head, and the request is not complete. */
static void an_answer_without_content_ends_it(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, "HTTP/1.1 413 No\r\nContent-Length: 0\r\n\r\n", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, &for_ever);
    post_expecting(&bench.exchange);
    begin();
    assert_ok(bench.exchange.future.status);
    assert_int_equal(body.polls, 0);
    assert_int_equal(body.drops, 1);
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

/* What has begun goes on, unless the server will close: then it stops before its answer is read, so
 * that nothing that is sent costs the answer. */
static void an_early_error(const char *answer, bool stops) {
    const struct say says[] = {{"abc", answer, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    static const char *const slowly[] = {"abc", "-", "def", NULL};
    bench_open(says, NULL);
    post(&bench.exchange);
    piecewise_init(&body, slowly);
    body.waits = true;
    bench.exchange.leaves_body = true;
    begin();
    assert_ok(bench.exchange.future.status);
    assert_int_equal(body.drops, stops ? 1 : 0);
    if (!stops) {
        piecewise_wake(&body);
        lab_run();
        assert_non_null(strstr(bench.peer.written, "def"));
    }
    bench_close();
}

static void content_stops_where_the_server_will_close(void **state) {
    (void)state;
    an_early_error("HTTP/1.1 413 No\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", true);
    an_early_error("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno", false);
    an_early_error("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno", false);
}

/* Two connections would ask one body. */
static void content_that_is_still_being_sent_is_not_sent_again(void **state) {
    (void)state;
    const struct say says[] = {{"abc", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    static const char *const slowly[] = {"abc", "-", "def", NULL};
    struct wb_h1_send again;
    bench_open(says, NULL);
    post(&bench.exchange);
    piecewise_init(&body, slowly);
    body.waits = true;
    bench_exchange();
    assert_ok(bench.exchange.future.status);
    wb_h1_send_init(&again, &bench.sender, &bench.exchange.request, &bench.second.response);
    (void)lab_add(&again.future);
    lab_run();
    assert_true(wb_future_is_over(&again.future));
    assert_status(again.future.status, WB_ERR_INVALID);
    assert_int_equal(again.error.kind, WB_HTTP_ERROR_USER);
    assert_true(again.is_unsent);
    piecewise_wake(&body);
    lab_run();
    assert_non_null(strstr(bench.peer.written, "def\r\n0\r\n\r\n"));
    assert_true(wb_h1_sender_is_ready(&bench.sender));
    assert_int_equal(body.drops, 1);
    bench_close();
}

/* ---- giving up meanwhile ---- */

static void who_gives_up_while_it_is_held_back_leaves_nothing(void **state) {
    (void)state;
    for (int way = 0; way < 3; way++) {
        bench_open(silence, &for_ever);
        post_expecting(&bench.exchange);
        begin();
        assert_held();
        if (way == 0) {
            wb_future_drop(&bench.exchange.future);
            lab_remove(&bench.exchange.future);
        } else if (way == 1) {
            wb_http_client_request_clear(&bench.exchange.request);
        } else {
            peer_say(&bench.peer, &(const struct say[]){{NULL, "", PEER_ENDS}}[0]);
        }
        lab_run();
        assert_int_equal(body.polls, 0);
        assert_int_equal(body.drops, 1);
        assert_int_equal(bench.peer.closes, 1);
        bench_close();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(content_is_held_back_until_100),
        BENCH(content_is_held_back_in_pieces),
        BENCH(only_100_invites),
        BENCH(two_invitations_in_one_piece_are_as_good_as_one),
        BENCH(success_invites_too),
        BENCH(content_that_nobody_expects_to_be_invited_is_sent),
        BENCH(another_answer_leaves_the_content_out),
        BENCH(an_answer_without_content_ends_it),
        BENCH(content_stops_where_the_server_will_close),
        BENCH(content_that_is_still_being_sent_is_not_sent_again),
        BENCH(who_gives_up_while_it_is_held_back_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
