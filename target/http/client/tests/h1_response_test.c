/* Responses, as a connection of HTTP/1 takes them: each with its bytes as they come and cut at
 * every byte, so that no border between two reads matters. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

#include "wb/h1_body.h"

/* What must come of it. */
struct outcome {
    enum wb_status status; /* of the exchange */
    enum wb_http_error_kind kind;
    unsigned code;
    const char *body;
    const char *trailers;
    bool is_reused; /* the connection takes another request */
};

struct variant {
    const char *method; /* NULL: GET */
    const struct wb_h1_client_options *options;
    void (*prepare)(struct exchange *exchange);
};

static void check(const struct outcome *outcome) {
    const struct exchange *exchange = &bench.exchange;
    assert_status(exchange->future.status, outcome->status);
    if (outcome->status != WB_OK) {
        const struct wb_http_error *error = wb_status_is_error(exchange->send.future.status)
                                                ? &exchange->send.error
                                                : &exchange->response.error;
        assert_int_equal(error->kind, outcome->kind);
    }
    if (outcome->code != 0) {
        assert_int_equal(exchange->response.status, outcome->code);
    }
    if (outcome->body != NULL) {
        assert_body(&bench.exchange, outcome->body);
    }
    assert_string_equal(exchange->trailers, outcome->trailers != NULL ? outcome->trailers : "");
    assert_int_equal(wb_h1_sender_is_ready(&bench.sender), outcome->is_reused);
    assert_int_equal(wb_h1_sender_is_closed(&bench.sender), !outcome->is_reused);
    assert_int_equal(bench.peer.closes, outcome->is_reused ? 0 : 1);
}

static void open_and_prepare(const struct say *says, const struct variant *variant) {
    bench_open(says, variant->options);
    if (variant->method != NULL) {
        assert_ok(wb_http_client_request_set(&bench.exchange.request,
            wb_bytes_from_string(variant->method), wb_bytes_from_string("/")));
    }
    if (variant->prepare != NULL) {
        variant->prepare(&bench.exchange);
    }
}

static void every_way(
    const struct say *says, const struct variant *variant, const struct outcome *outcome) {
    const struct variant plain = {NULL, NULL, NULL};
    const size_t len = strlen(says->bytes);
    variant = variant != NULL ? variant : &plain;
    for (size_t cut_at = 0; cut_at <= len + 1; cut_at++) {
        open_and_prepare(says, variant);
        bench.peer.cut_at = cut_at;
        bench.peer.reads_slowly = cut_at > len;
        bench.peer.writes_slowly = cut_at % 2 == 1;
        bench_exchange();
        check(outcome);
        bench_close();
    }
}

static void answered(const char *bytes, enum peer_then then, const struct outcome *outcome) {
    const struct say says[] = {{ASKED, bytes, then}, {NULL, NULL, PEER_GOES_ON}};
    every_way(says, NULL, outcome);
}

static void answered_to(const struct variant *variant, const char *bytes, enum peer_then then,
    const struct outcome *outcome) {
    const struct say says[] = {{ASKED, bytes, then}, {NULL, NULL, PEER_GOES_ON}};
    every_way(says, variant, outcome);
}

#define OK_REUSED(text)                                                                            \
    &(struct outcome) {                                                                            \
        .code = 200, .body = text, .is_reused = true                                               \
    }
#define OK_CLOSED(text)                                                                            \
    &(struct outcome) {                                                                            \
        .code = 200, .body = text                                                                  \
    }
#define FAILED(what, error)                                                                        \
    &(struct outcome) {                                                                            \
        .status = what, .kind = error                                                              \
    }

/* ---- where the content ends ---- */

static void h1c_25_content_of_a_length_ends_there(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", PEER_GOES_ON, OK_REUSED("hello"));
    answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", PEER_GOES_ON, OK_REUSED(""));
}

static void h1c_35_chunks_end_with_the_last_one(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x=y\r\n!\r\n0"
             "\r\n\r\n",
        PEER_GOES_ON, OK_REUSED("hello!"));
}

static void h1c_35_without_a_length_content_ends_with_the_connection(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\n\r\nhello", PEER_ENDS, OK_CLOSED("hello"));
    answered("HTTP/1.1 200 OK\r\n\r\n", PEER_ENDS, OK_CLOSED(""));
    answered("HTTP/1.1 200 OK\r\n\r\nhel", PEER_RESETS,
        &(struct outcome){
            .status = WB_ERR_CONN_RESET, .kind = WB_HTTP_ERROR_IO, .code = 200, .body = "hel"});
}

static void h1c_35_close_wins(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nConnection: foo, close, bar\r\nContent-Length: 2\r\n\r\nhi",
        PEER_GOES_ON, OK_CLOSED("hi"));
    answered("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", PEER_GOES_ON, OK_CLOSED("hi"));
    answered("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
        PEER_GOES_ON, OK_REUSED("hi"));
}

static void h1c_09_trailers_come_apart_and_frame_nothing(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: "
             "7\r\nContent-Length: 99\r\nTransfer-Encoding: yolo\r\n\r\n",
        PEER_GOES_ON,
        &(struct outcome){.code = 200,
            .body = "hi",
            .trailers = "X-Sum=7;Content-Length=99;Transfer-Encoding=yolo;",
            .is_reused = true});
}

static void h1c_10_r_63_head_and_204_and_304_have_no_content(void **state) {
    (void)state;
    const struct variant head = {"HEAD", NULL, NULL};
    answered_to(
        &head, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", PEER_GOES_ON, OK_REUSED(""));
    answered_to(&head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", PEER_GOES_ON,
        OK_REUSED(""));
    answered("HTTP/1.1 204 No Content\r\n\r\n", PEER_GOES_ON,
        &(struct outcome){.code = 204, .body = "", .is_reused = true});
    answered("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", PEER_GOES_ON,
        &(struct outcome){.code = 304, .body = "", .is_reused = true});
}

/* The bytes may come after the response was taken for whole: then the idle connection closes. */
static void h1c_10_r_63_stray_content_closes_without_an_error(void **state) {
    (void)state;
    const struct variant head = {"HEAD", NULL, NULL};
    answered_to(&head, "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello there", PEER_GOES_ON,
        OK_CLOSED(""));
    answered("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", PEER_GOES_ON,
        &(struct outcome){.code = 204, .body = ""});
    answered("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello", PEER_GOES_ON,
        &(struct outcome){.code = 304, .body = ""});
}

static void h1c_11_r_72_another_coding_goes_until_the_end(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: yolo\r\n\r\n5\r\nhello", PEER_ENDS,
        OK_CLOSED("5\r\nhello"));
}

static void h1c_12_r_64_a_second_response_is_nobodys(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: "
             "3\r\n\r\nbad",
        PEER_GOES_ON, OK_CLOSED("hi"));
}

static void r_61_both_lengths_go_by_the_chunks_and_end_it(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: "
             "chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        PEER_GOES_ON, OK_CLOSED("hi"));
}

/* ---- what is no response ---- */

static void r_60_differing_lengths_are_refused(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", PEER_GOES_ON,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE));
    answered("HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello", PEER_GOES_ON,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE));
}

/* Lists of equal lengths are refused, too, by client and server alike. */
static void h1c_22_lengths_on_one_line_are_refused(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nContent-Length: 3,3\r\n\r\nabc", PEER_GOES_ON,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE));
}

static void r_62_chunks_of_1_0_are_refused(void **state) {
    (void)state;
    answered("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", PEER_GOES_ON,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE));
}

static void h1c_14_r_65_an_end_in_the_midst_is_incomplete(void **state) {
    (void)state;
    const struct outcome *incomplete =
        FAILED(WB_ERR_UNEXPECTED_EOF, WB_HTTP_ERROR_INCOMPLETE_MESSAGE);
    answered("HTTP/1.1 200 OK\r\nContent-Le", PEER_ENDS, incomplete);
    answered("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", PEER_ENDS,
        &(struct outcome){.status = WB_ERR_UNEXPECTED_EOF,
            .kind = WB_HTTP_ERROR_INCOMPLETE_MESSAGE,
            .code = 200,
            .body = "hello"});
    answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", PEER_ENDS,
        incomplete);
    answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", PEER_ENDS,
        incomplete);
}

static void h1c_37_an_end_before_any_byte_is_incomplete(void **state) {
    (void)state;
    answered("", PEER_ENDS, FAILED(WB_ERR_UNEXPECTED_EOF, WB_HTTP_ERROR_INCOMPLETE_MESSAGE));
    answered("", PEER_RESETS, FAILED(WB_ERR_CONN_RESET, WB_HTTP_ERROR_IO));
}

static void h1c_37_a_response_before_the_end_is_read(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", PEER_ENDS, OK_CLOSED(""));
}

static void h1c_15_r_68_what_is_no_status_line_is_refused(void **state) {
    (void)state;
    const struct outcome *no_http = FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE);
    answered("HEAT/1.1 200 OK\r\n\r\n", PEER_GOES_ON, no_http);
    answered("HTTP/1.1200 OK\r\n\r\n", PEER_GOES_ON, no_http);
}

static void h1c_17_r_68_what_is_no_status_is_refused(void **state) {
    (void)state;
    const struct outcome *no_status = FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_STATUS);
    answered("HTTP/1.1 001 x\r\n\r\n", PEER_GOES_ON, no_status);
    answered("HTTP/1.1 1 x\r\n\r\n", PEER_GOES_ON, no_status);
    answered("HTTP/1.1 99 x\r\n\r\n", PEER_GOES_ON, no_status);
    answered("HTTP/1.1 2OO x\r\n\r\n", PEER_GOES_ON, no_status);
    answered("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", PEER_GOES_ON, OK_REUSED(""));
}

static void h1c_36_r_71_a_blank_before_the_colon_is_refused(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nFoo : bar\r\n\r\n", PEER_GOES_ON,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE));
}

static void r_60_bad_chunks_are_told_after_what_came_before(void **state) {
    (void)state;
    answered("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n", PEER_GOES_ON,
        &(struct outcome){
            .status = WB_ERR_PARSE, .kind = WB_HTTP_ERROR_PARSE, .code = 200, .body = "hi"});
}

/* ---- limits ---- */

static void h1c_16_r_73_heads_have_a_limit(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.head = {.head_len_max = 60}, .fields_max = 2};
    const struct variant limited = {NULL, &options, NULL};
    answered_to(&limited,
        "HTTP/1.1 200 OK\r\nX: "
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n",
        PEER_GOES_ON, FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_TOO_LARGE));
    answered_to(&limited, "HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", PEER_GOES_ON,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_TOO_LARGE));
}

static void h1c_16_a_head_of_half_a_megabyte_is_too_large(void **state) {
    (void)state;
    static char head[500 * 1024 + 64];
    memset(head, 'a', sizeof head - 1);
    memcpy(head, "HTTP/1.1 200 OK\r\nX: ", 20);
    const struct say says[] = {{ASKED, head, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    bench_exchange();
    check(FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_TOO_LARGE));
    assert_true(bench.peer.read_len <= WB_H1_HEAD_LEN_MAX + WB_H1_CLIENT_BUFFER_LEN * 32);
    bench_close();
}

/* What frames content and is none: extensions of chunks, then trailers. */
static void is_too_much(const char *begin, size_t len) {
    static char answer[65536];
    const struct say says[] = {{ASKED, answer, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    const size_t begin_len = strlen(begin);
    memcpy(answer, begin, begin_len);
    memset(answer + begin_len, 'a', len);
    answer[begin_len + len] = '\0';
    bench_open(says, NULL);
    bench_exchange();
    check(&(struct outcome){
        .status = WB_ERR_PARSE, .kind = WB_HTTP_ERROR_PARSE, .code = 200, .body = "hi"});
    bench_close();
}

static void r_20_r_24_what_frames_content_has_a_limit(void **state) {
    (void)state;
    is_too_much("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n1;",
        WB_H1_EXTENSIONS_LEN_MAX + 1);
    is_too_much("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX:",
        WB_H1_TRAILERS_LEN_MAX);
}

static void r_73_a_head_larger_than_the_buffer_is_read(void **state) {
    (void)state;
    static char answer[8192];
    const struct wb_h1_client_options options = {.buffer_len = 256};
    memset(answer, 'a', sizeof answer);
    memcpy(answer, "HTTP/1.1 200 OK\r\nX: ", 20);
    memcpy(answer + 5000, "\r\nContent-Length: 3000\r\n\r\n", 26);
    memset(answer + 5026, 'b', 3000);
    answer[8026] = '\0';
    const struct say says[] = {{ASKED, answer, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, &options);
    bench_exchange();
    check(&(struct outcome){.code = 200, .is_reused = true});
    assert_int_equal(bench.exchange.body_len, 3000);
    bench_close();
}

/* ---- interim responses ---- */

static void h1c_18_r_67_interim_responses_are_passed_over(void **state) {
    (void)state;
    answered("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 102 "
             "Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
        PEER_GOES_ON, OK_REUSED("hi"));
}

static char interim_seen[256];

static void see_interim(const struct wb_http_interim *interim, void *user_data) {
    (void)user_data;
    char *at = interim_seen + strlen(interim_seen);
    (void)snprintf(at, 64, "%u %.*s %zu;", interim->status, (int)interim->reason.len,
        (const char *)interim->reason.ptr, interim->fields.count);
}

static void want_interim(struct exchange *exchange) {
    interim_seen[0] = '\0';
    exchange->on_interim = see_interim;
}

static void h1c_18_interim_responses_are_shown_to_who_asks(void **state) {
    (void)state;
    const struct variant shown = {NULL, NULL, want_interim};
    answered_to(&shown,
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 "
        "OK\r\nContent-Length: 2\r\n\r\nhi",
        PEER_GOES_ON, OK_REUSED("hi"));
    assert_string_equal(interim_seen, "100 Continue 0;103 Early Hints 1;");
}

static int polls_seen;

static int polls_of(const struct exchange *exchange) {
    for (int i = 0; i < lab.count; i++) {
        if (lab.tasks[i].future == &exchange->future) {
            return lab.tasks[i].polls;
        }
    }
    return 0;
}

static void see_one_a_poll(const struct wb_http_interim *interim, void *user_data) {
    const int polls = polls_of(user_data);
    assert_true(polls > polls_seen);
    polls_seen = polls;
    see_interim(interim, user_data);
}

/* So that who cannot deal with more of them may leave them where they are. */
static void interim_responses_are_shown_one_a_poll(void **state) {
    (void)state;
    const struct say says[] = {{ASKED,
                                   "HTTP/1.1 102 A\r\n\r\nHTTP/1.1 102 B\r\n\r\nHTTP/1.1 102 "
                                   "C\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
                                   PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    want_interim(&bench.exchange);
    bench.exchange.on_interim = see_one_a_poll;
    polls_seen = 0;
    bench_exchange();
    assert_ok(bench.exchange.future.status);
    assert_body(&bench.exchange, "hi");
    assert_string_equal(interim_seen, "102 A 0;102 B 0;102 C 0;");
    bench_close();
}

static void many_interims(char *text, size_t count, const char *end) {
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        strcat(text, "HTTP/1.1 100 Continue\r\n\r\n");
    }
    strcat(text, end);
}

static void r_67_fifty_interim_responses_and_no_more_than_a_bound(void **state) {
    (void)state;
    static char text[8192];
    const struct say says[] = {{ASKED, text, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    many_interims(text, 50, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    bench_open(says, NULL);
    bench_exchange();
    check(OK_REUSED("hi"));
    bench_close();
    many_interims(text, WB_H1_CLIENT_INTERIM_MAX + 1, "");
    bench_open(says, NULL);
    bench_exchange();
    check(FAILED(WB_ERR_LIMIT, WB_HTTP_ERROR_TOO_LARGE));
    bench_close();
}

/* HTTP/1.0 cannot ask for it (RFC 9110 section 7.8). */
static void ask_by_1_0(struct exchange *exchange) {
    assert_ok(wb_http_client_request_add(&exchange->request, "Connection", "upgrade"));
    assert_ok(wb_http_client_request_add(&exchange->request, "Upgrade", "foo"));
    exchange->request.version = WB_HTTP_WANTED_1_0;
}

static void r_67_switching_without_having_been_asked_is_an_error(void **state) {
    (void)state;
    const struct variant by_1_0 = {NULL, NULL, ask_by_1_0};
    answered("HTTP/1.1 101 Switching Protocols\r\n\r\n", PEER_GOES_ON,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_STATUS));
    answered_to(&by_1_0, "HTTP/1.1 101 Switching Protocols\r\n\r\n", PEER_GOES_ON,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_STATUS));
}

/* ---- leniency ---- */

static void h1c_23_http_0_9_only_with_the_option(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.allow_http_0_9 = true};
    const struct variant allowed = {NULL, &options, NULL};
    answered("Mmmmh, baguettes.", PEER_ENDS, FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE));
    answered_to(&allowed, "Mmmmh, baguettes.", PEER_ENDS, OK_CLOSED("Mmmmh, baguettes."));
    answered_to(
        &allowed, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", PEER_GOES_ON, OK_REUSED("hi"));
    answered_to(&allowed, "HTTP/1.1 100 Continue\r\n\r\nMmmmh, baguettes.", PEER_ENDS,
        FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE));
}

static void assert_field(const char *name, const char *expected) {
    struct wb_bytes value;
    assert_true(
        wb_http_fields_get(bench.exchange.response.fields, wb_bytes_from_string(name), &value));
    assert_int_equal(value.len, strlen(expected));
    assert_memory_equal(value.ptr, expected, value.len);
}

static void h1c_24_r_70_folded_fields_only_with_the_option(void **state) {
    (void)state;
    static const char folded[] = "HTTP/1.1 200 OK\r\nX: one\r\n two\r\nContent-Length: 2\r\n\r\nhi";
    const struct wb_h1_client_options options = {.head = {.allow_obs_fold = true}};
    const struct variant allowed = {NULL, &options, NULL};
    const struct say says[] = {{ASKED, folded, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    answered(folded, PEER_GOES_ON, FAILED(WB_ERR_PARSE, WB_HTTP_ERROR_PARSE));
    answered_to(&allowed, folded, PEER_GOES_ON, OK_REUSED("hi"));
    bench_open(says, &options);
    bench_exchange();
    assert_field("x", "one   two"); /* as many blanks as the fold took */
    bench_close();
}

static void a_response_keeps_its_head_while_the_next_one_comes(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, "HTTP/1.1 200 Fine\r\nX: 1\r\nContent-Length: 2\r\n\r\nhi", PEER_GOES_ON},
        {ASKED, "HTTP/1.1 404 Gone by\r\nX: 2\r\nContent-Length: 2\r\n\r\nho", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    bench_exchange();
    (void)lab_add(&bench.second.future);
    lab_run();
    assert_ok(bench.second.future.status);
    assert_body(&bench.second, "ho");
    assert_field("x", "1");
    assert_int_equal(bench.exchange.response.reason.len, 4);
    assert_memory_equal(bench.exchange.response.reason.ptr, "Fine", 4);
    bench_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(h1c_25_content_of_a_length_ends_there),
        BENCH(h1c_35_chunks_end_with_the_last_one),
        BENCH(h1c_35_without_a_length_content_ends_with_the_connection),
        BENCH(h1c_35_close_wins),
        BENCH(h1c_09_trailers_come_apart_and_frame_nothing),
        BENCH(h1c_10_r_63_head_and_204_and_304_have_no_content),
        BENCH(h1c_10_r_63_stray_content_closes_without_an_error),
        BENCH(h1c_11_r_72_another_coding_goes_until_the_end),
        BENCH(h1c_12_r_64_a_second_response_is_nobodys),
        BENCH(r_61_both_lengths_go_by_the_chunks_and_end_it),
        BENCH(r_60_differing_lengths_are_refused),
        BENCH(h1c_22_lengths_on_one_line_are_refused),
        BENCH(r_62_chunks_of_1_0_are_refused),
        BENCH(h1c_14_r_65_an_end_in_the_midst_is_incomplete),
        BENCH(h1c_37_an_end_before_any_byte_is_incomplete),
        BENCH(h1c_37_a_response_before_the_end_is_read),
        BENCH(h1c_15_r_68_what_is_no_status_line_is_refused),
        BENCH(h1c_17_r_68_what_is_no_status_is_refused),
        BENCH(h1c_36_r_71_a_blank_before_the_colon_is_refused),
        BENCH(r_60_bad_chunks_are_told_after_what_came_before),
        BENCH(h1c_16_r_73_heads_have_a_limit),
        BENCH(h1c_16_a_head_of_half_a_megabyte_is_too_large),
        BENCH(r_20_r_24_what_frames_content_has_a_limit),
        BENCH(r_73_a_head_larger_than_the_buffer_is_read),
        BENCH(h1c_18_r_67_interim_responses_are_passed_over),
        BENCH(h1c_18_interim_responses_are_shown_to_who_asks),
        BENCH(interim_responses_are_shown_one_a_poll),
        BENCH(r_67_fifty_interim_responses_and_no_more_than_a_bound),
        BENCH(r_67_switching_without_having_been_asked_is_an_error),
        BENCH(h1c_23_http_0_9_only_with_the_option),
        BENCH(h1c_24_r_70_folded_fields_only_with_the_option),
        BENCH(a_response_keeps_its_head_while_the_next_one_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
