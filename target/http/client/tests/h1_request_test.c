/* Requests, byte by byte as they are written, whatever pieces the stream takes. */
#include "lab.h"

#include <string.h>

#define FINE "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static const struct say fine[] = {{"\r\n", FINE, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};

/* ---- how it is asked ---- */

struct asked {
    const char *method;
    const char *target;
    const char *fields[8]; /* names and values in turn */
    enum wb_http_wanted version;
    const char *const *pieces; /* NULL: no body */
    bool is_len_known;
    const struct wb_h1_client_options *options;
};

static struct piecewise piecewise;

static void set(struct exchange *exchange, const struct asked *asked) {
    struct wb_http_client_request *request = &exchange->request;
    wb_http_client_request_clear(request);
    assert_ok(wb_http_client_request_set(
        request, wb_bytes_from_string(asked->method), wb_bytes_from_string(asked->target)));
    for (int i = 0; i < 8 && asked->fields[i] != NULL; i += 2) {
        assert_ok(wb_http_client_request_add(request, asked->fields[i], asked->fields[i + 1]));
    }
    request->version = asked->version;
    if (asked->pieces != NULL) {
        piecewise_init(&piecewise, asked->pieces);
        piecewise.is_len_known = asked->is_len_known;
        assert_ok(wb_http_field_list_add(
            &piecewise.trailers, wb_bytes_from_string("x-sum"), wb_bytes_from_string("7")));
        assert_ok(wb_http_field_list_add(&piecewise.trailers,
            wb_bytes_from_string("content-length"), wb_bytes_from_string("9")));
        request->body = &piecewise.body;
    }
}

/* The server answers when all of it has come, so that nothing ends it early. */
static void ask(const struct asked *asked, const char *expected, size_t write_max, bool slowly) {
    const struct say says[] = {{expected, FINE, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, asked->options);
    set(&bench.exchange, asked);
    bench.peer.write_max = write_max;
    bench.peer.writes_slowly = slowly;
    bench_exchange();
    assert_ok(bench.exchange.future.status);
}

static void goes_out(const struct asked *asked, const char *expected) {
    for (size_t write_max = 0; write_max < 12; write_max++) {
        ask(asked, expected, write_max, write_max % 2 == 1);
        assert_written(&bench.peer, expected);
        assert_true(asked->pieces == NULL || piecewise.drops == 1);
        assert_true(bench.peer.flushes > 0);
        bench_close();
    }
}

/* Nothing is written, and the connection takes the next. */
static void is_refused(const struct asked *asked, enum wb_status status) {
    bench_open(fine, asked->options);
    set(&bench.exchange, asked);
    bench_exchange();
    assert_status(bench.exchange.future.status, status);
    assert_int_equal(bench.exchange.send.error.kind, WB_HTTP_ERROR_USER);
    assert_true(bench.exchange.send.is_unsent);
    assert_written(&bench.peer, "");
    (void)lab_add(&bench.second.future);
    lab_run();
    assert_ok(bench.second.future.status);
    bench_close();
}

/* ---- heads ---- */

static void h1c_01_get_with_and_without_a_query(void **state) {
    (void)state;
    goes_out(&(struct asked){.method = "GET", .target = "/", .fields = {"host", "a:80"}},
        "GET / HTTP/1.1\r\nhost: a:80\r\n\r\n");
    goes_out(
        &(struct asked){.method = "GET", .target = "/foo?key=val#dont", .fields = {"host", "a"}},
        "GET /foo?key=val HTTP/1.1\r\nhost: a\r\n\r\n");
}

static void h1c_28_a_proxy_gets_the_absolute_form(void **state) {
    (void)state;
    goes_out(
        &(struct asked){.method = "GET", .target = "http://a.b/c?d", .fields = {"host", "a.b"}},
        "GET http://a.b/c?d HTTP/1.1\r\nhost: a.b\r\n\r\n");
}

static void h1c_19_connect_has_an_authority(void **state) {
    (void)state;
    goes_out(&(struct asked){.method = "CONNECT", .target = "a:80", .fields = {"host", "a:80"}},
        "CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n");
    goes_out(
        &(struct asked){.method = "CONNECT", .target = "http://a:80/b", .fields = {"host", "a:80"}},
        "CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n");
}

static void h1c_20_title_case(void **state) {
    (void)state;
    static const char *const pieces[] = {"hi", ".", NULL};
    const struct wb_h1_client_options options = {.title_case = true};
    goes_out(&(struct asked){.method = "POST",
                 .target = "/lower-case",
                 .fields = {"host", "a", "x-a-b", "c-d", "trailer", "x-sum"},
                 .pieces = pieces,
                 .options = &options},
        "POST /lower-case HTTP/1.1\r\nHost: a\r\nX-A-B: c-d\r\nTrailer: "
        "x-sum\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n");
}

static void h1c_29_http_2_becomes_1_1(void **state) {
    (void)state;
    goes_out(
        &(struct asked){
            .method = "GET", .target = "/", .fields = {"host", "a"}, .version = WB_HTTP_WANTED_2},
        "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
}

static void h1c_21_http_0_9_is_not_asked_for(void **state) {
    (void)state;
    is_refused(
        &(struct asked){
            .method = "GET", .target = "/", .fields = {"host", "a"}, .version = WB_HTTP_WANTED_0_9},
        WB_ERR_NOT_SUPPORTED);
}

static void h1c_37_a_connection_for_one_says_so(void **state) {
    (void)state;
    const struct wb_h1_client_options options = {.closes_after_one = true};
    const struct asked asked = {
        .method = "GET", .target = "/", .fields = {"host", "a"}, .options = &options};
    goes_out(&asked, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    ask(&asked, "\r\n\r\n", 0, false);
    assert_true(wb_h1_sender_is_closed(&bench.sender));
    assert_int_equal(bench.peer.closes, 1);
    bench_close();
}

/* ---- content ---- */

static const char *const foo_bar_baz[] = {"foo bar baz", NULL};

static void h1c_02_an_empty_body_of_unknown_length_is_not_spoken_of(void **state) {
    (void)state;
    static const char *const nothing[] = {NULL};
    goes_out(
        &(struct asked){.method = "GET", .target = "/", .fields = {"host", "a"}, .pieces = nothing},
        "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
}

static void h1c_03_chunked_by_the_application(void **state) {
    (void)state;
    const char *expected = "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: "
                           "chunked\r\n\r\nb\r\nfoo bar baz\r\n0\r\n\r\n";
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a", "transfer-encoding", "chunked"},
                 .pieces = foo_bar_baz},
        expected);
    goes_out(&(struct asked){.method = "GET",
                 .target = "/",
                 .fields = {"host", "a", "transfer-encoding", "chunked"},
                 .pieces = foo_bar_baz},
        "GET / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\nfoo bar "
        "baz\r\n0\r\n\r\n");
}

static void h1c_04_another_coding_is_followed_by_chunked(void **state) {
    (void)state;
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a", "transfer-encoding", "foo"},
                 .pieces = foo_bar_baz},
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: foo, chunked\r\n\r\nb\r\nfoo bar "
        "baz\r\n0\r\n\r\n");
}

static void h1c_05_r_83_nothing_is_chunked_in_1_0(void **state) {
    (void)state;
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a", "transfer-encoding", "chunked"},
                 .version = WB_HTTP_WANTED_1_0,
                 .pieces = foo_bar_baz,
                 .is_len_known = true},
        "POST / HTTP/1.0\r\nhost: a\r\ncontent-length: 11\r\nconnection: keep-alive\r\n\r\nfoo bar "
        "baz");
    goes_out(&(struct asked){.method = "GET",
                 .target = "/",
                 .fields = {"host", "a"},
                 .version = WB_HTTP_WANTED_1_0,
                 .pieces = foo_bar_baz},
        "GET / HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n");
    is_refused(&(struct asked){.method = "POST",
                   .target = "/",
                   .fields = {"host", "a"},
                   .version = WB_HTTP_WANTED_1_0,
                   .pieces = foo_bar_baz},
        WB_ERR_INVALID);
}

static void h1c_06_a_length_of_the_applications(void **state) {
    (void)state;
    goes_out(&(struct asked){.method = "GET",
                 .target = "/",
                 .fields = {"host", "a", "content-length", "11"},
                 .pieces = foo_bar_baz},
        "GET / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\nfoo bar baz");
}

static void h1c_06_content_left_out_is_told(void **state) {
    (void)state;
    const struct asked asked = {
        .method = "GET", .target = "/", .fields = {"host", "a"}, .pieces = foo_bar_baz};
    goes_out(&asked, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    ask(&asked, "\r\n\r\n", 0, false);
    assert_true(bench.exchange.response.left_out_content);
    assert_int_equal(piecewise.polls, 0);
    bench_close();
}

static void h1c_07_post(void **state) {
    (void)state;
    static const char *const nothing[] = {NULL};
    static const char *const halting[] = {"hello", "-", " ", "-", "-", "world", NULL};
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a"},
                 .pieces = foo_bar_baz,
                 .is_len_known = true},
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 11\r\n\r\nfoo bar baz");
    goes_out(
        &(struct asked){
            .method = "POST", .target = "/", .fields = {"host", "a"}, .pieces = halting},
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n "
        "\r\n5\r\nworld\r\n0\r\n\r\n");
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a"},
                 .pieces = nothing,
                 .is_len_known = true},
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    goes_out(&(struct asked){.method = "POST", .target = "/", .fields = {"host", "a"}},
        "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a", "transfer-encoding", "chunked"}},
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
}

static void h1c_08_trailers_that_were_announced(void **state) {
    (void)state;
    static const char *const pieces[] = {"hi", ".", NULL};
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a", "trailer", "x-sum, content-length"},
                 .pieces = pieces},
        "POST / HTTP/1.1\r\nhost: a\r\ntrailer: x-sum, content-length\r\ntransfer-encoding: "
        "chunked\r\n\r\n2\r\nhi\r\n0\r\nx-sum: 7\r\n\r\n");
    goes_out(
        &(struct asked){.method = "POST", .target = "/", .fields = {"host", "a"}, .pieces = pieces},
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
}

static void several_announcements_are_one(void **state) {
    (void)state;
    static const char *const pieces[] = {".", NULL};
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a", "trailer", "x-other", "Trailer", "x-sum"},
                 .pieces = pieces},
        "POST / HTTP/1.1\r\nhost: a\r\ntrailer: x-other\r\nTrailer: x-sum\r\ntransfer-encoding: "
        "chunked\r\n\r\n0\r\nx-sum: 7\r\n\r\n");
}

static void pieces_that_are_not_copied_are_whole(void **state) {
    (void)state;
    static char large[5001];
    static const char *const pieces[] = {large, "small", large, NULL};
    static char expected[16384];
    memset(large, 'x', 5000);
    (void)strcpy(
        expected, "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1388\r\n");
    strcat(strcat(expected, large), "\r\n5\r\nsmall\r\n1388\r\n");
    strcat(strcat(expected, large), "\r\n0\r\n\r\n");
    const struct asked asked = {
        .method = "POST", .target = "/", .fields = {"host", "a"}, .pieces = pieces};
    goes_out(&asked, expected);
    ask(&asked, expected, 4999, true);
    assert_written(&bench.peer, expected);
    bench_close();
}

static void r_87_a_coding_goes_before_a_length(void **state) {
    (void)state;
    goes_out(&(struct asked){.method = "POST",
                 .target = "/",
                 .fields = {"host", "a", "content-length", "11", "transfer-encoding", "chunked"},
                 .pieces = foo_bar_baz},
        "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\nfoo bar "
        "baz\r\n0\r\n\r\n");
}

/* ---- what is never written ---- */

static void r_80_what_could_split_a_request_is_refused(void **state) {
    (void)state;
    struct wb_http_client_request request;
    wb_http_client_request_init(&request, &stage.world->sys);
    assert_status(wb_http_client_request_add(&request, "x", "a\r\nb: c"), WB_ERR_INVALID);
    assert_status(wb_http_client_request_add(&request, "x\n", "a"), WB_ERR_INVALID);
    assert_status(wb_http_client_request_set(
                      &request, wb_bytes_from_string("GE T"), wb_bytes_from_string("/")),
        WB_ERR_INVALID);
    wb_http_client_request_clean_up(&request);
    is_refused(&(struct asked){.method = "GET", .target = "/a b", .fields = {"host", "a"}},
        WB_ERR_INVALID);
    is_refused(&(struct asked){.method = "GET", .target = "/a\r\nb: c", .fields = {"host", "a"}},
        WB_ERR_INVALID);
    is_refused(
        &(struct asked){.method = "GET", .target = "", .fields = {"host", "a"}}, WB_ERR_INVALID);
}

static void r_88_there_is_one_host(void **state) {
    (void)state;
    is_refused(&(struct asked){.method = "GET", .target = "/"}, WB_ERR_INVALID);
    is_refused(
        &(struct asked){.method = "GET", .target = "/", .fields = {"host", "a", "host", "b"}},
        WB_ERR_INVALID);
    is_refused(
        &(struct asked){.method = "GET", .target = "/", .fields = {"host", "a b"}}, WB_ERR_INVALID);
}

/* The rest of the content would be the beginning of another request. */
static void is_aborted(const char *length, const char *const *pieces, bool is_known,
    enum wb_http_error_kind kind, enum wb_status status, const char *never) {
    bench_open(fine + 1, NULL);
    set(&bench.exchange,
        &(struct asked){.method = "POST",
            .target = "/",
            .fields = {"host", "a", length != NULL ? "content-length" : NULL, length},
            .pieces = pieces,
            .is_len_known = is_known});
    bench_exchange();
    assert_status(bench.exchange.future.status, status);
    assert_int_equal(bench.exchange.send.error.kind, kind);
    assert_false(bench.exchange.send.is_unsent);
    assert_null(strstr(bench.peer.written, never));
    assert_int_equal(bench.peer.closes, 1);
    assert_int_equal(bench.peer.shutdowns, 0);
    assert_int_equal(piecewise.drops, 1);
    bench_close();
}

static void r_84_content_fits_its_length_or_is_aborted(void **state) {
    (void)state;
    static const char *const longer[] = {"12345", "-", "6789", NULL};
    static const char *const shorter[] = {"123", NULL};
    is_aborted("7", longer, false, WB_HTTP_ERROR_USER, WB_ERR_LIMIT, "8");
    is_aborted("7", shorter, false, WB_HTTP_ERROR_USER, WB_ERR_UNEXPECTED_EOF, "\r\n\r\n\r\n");
}

static void h1c_27_aborted_content_is_not_completed(void **state) {
    (void)state;
    static const char *const failing[] = {"abc", "-", "!", NULL};
    static const char *const at_once[] = {"!", NULL};
    is_aborted(NULL, failing, false, WB_HTTP_ERROR_BODY_ABORTED, WB_ERR_CANCELLED, "0\r\n");
    is_aborted(NULL, at_once, false, WB_HTTP_ERROR_BODY_ABORTED, WB_ERR_CANCELLED, "0\r\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(h1c_01_get_with_and_without_a_query),
        BENCH(h1c_28_a_proxy_gets_the_absolute_form),
        BENCH(h1c_19_connect_has_an_authority),
        BENCH(h1c_20_title_case),
        BENCH(h1c_29_http_2_becomes_1_1),
        BENCH(h1c_21_http_0_9_is_not_asked_for),
        BENCH(h1c_37_a_connection_for_one_says_so),
        BENCH(h1c_02_an_empty_body_of_unknown_length_is_not_spoken_of),
        BENCH(h1c_03_chunked_by_the_application),
        BENCH(h1c_04_another_coding_is_followed_by_chunked),
        BENCH(h1c_05_r_83_nothing_is_chunked_in_1_0),
        BENCH(h1c_06_a_length_of_the_applications),
        BENCH(h1c_06_content_left_out_is_told),
        BENCH(h1c_07_post),
        BENCH(h1c_08_trailers_that_were_announced),
        BENCH(several_announcements_are_one),
        BENCH(pieces_that_are_not_copied_are_whole),
        BENCH(r_87_a_coding_goes_before_a_length),
        BENCH(r_80_what_could_split_a_request_is_refused),
        BENCH(r_88_there_is_one_host),
        BENCH(r_84_content_fits_its_length_or_is_aborted),
        BENCH(h1c_27_aborted_content_is_not_completed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
