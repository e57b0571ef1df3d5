/* The reference reader by itself: a few messages of each kind, by the sentences of the RFCs. That
 * it agrees with the stack on everything else is for the fuzz targets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wouldblock/http_reference.h"

static const struct wbh_http_limits limits = {100, 32, 8};
static struct wbh_http_head head;

static enum wbh_http_outcome request(const char *text) {
    return wbh_http_read_request(text, strlen(text), &limits, &head);
}

static enum wbh_http_outcome response(const char *text, const char *method) {
    return wbh_http_read_response(text, strlen(text), method, false, &limits, &head);
}

static void reference_requests(void **state) {
    (void)state;
    assert_int_equal(request("\r\nPOST /x HTTP/1.1\r\nHost: a:80\r\nContent-Length: 007\r\n\r\n"),
        WBH_HTTP_WHOLE);
    assert_true(head.content == WBH_HTTP_OF_LENGTH && head.content_len == 7 && head.stays_open);
    assert_int_equal(request("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"),
        WBH_HTTP_WHOLE);
    assert_int_equal(head.content, WBH_HTTP_CHUNKED);
    assert_int_equal(request("GET / HTTP/1.1\r\nHost: a\r\n"), WBH_HTTP_PART);
    static const char *const bad[] = {"GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: a\n\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(request(bad[i]), WBH_HTTP_BAD);
    }
}

static void reference_responses(void **state) {
    (void)state;
    assert_int_equal(response("HTTP/1.1 200 OK\r\n\r\n", "GET"), WBH_HTTP_WHOLE);
    assert_true(head.content == WBH_HTTP_UNTIL_CLOSE && !head.stays_open);
    assert_int_equal(response("HTTP/1.1 204\r\nContent-Length: 5\r\n\r\n", "GET"), WBH_HTTP_WHOLE);
    assert_true(head.content == WBH_HTTP_NO_CONTENT && head.stays_open);
    assert_int_equal(
        response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD"), WBH_HTTP_WHOLE);
    assert_int_equal(head.content, WBH_HTTP_NO_CONTENT);
    assert_int_equal(response("HTTP/1.1 200 OK\r\n\r\n", "CONNECT"), WBH_HTTP_WHOLE);
    assert_int_equal(head.content, WBH_HTTP_TUNNEL);
    assert_int_equal(response("HTTP/1.1 101 x\r\n\r\n", "GET"), WBH_HTTP_BAD);
    assert_int_equal(response("HTTP/1.1 099 x\r\n\r\n", "GET"), WBH_HTTP_BAD);
    assert_int_equal(response("HTTP/1.1 200", "GET"), WBH_HTTP_PART);
}

static void assert_chunks(const char *text, enum wbh_http_outcome outcome, const char *expected) {
    char *content;
    size_t content_len;
    size_t used;
    head.content = WBH_HTTP_CHUNKED;
    assert_int_equal(
        wbh_http_read_content(&head, text, strlen(text), true, &content, &content_len, &used),
        outcome);
    if (outcome == WBH_HTTP_WHOLE) {
        assert_int_equal(content_len, strlen(expected));
        assert_true(content_len == 0 || memcmp(content, expected, content_len) == 0);
    }
    free(content);
}

static void reference_contents(void **state) {
    (void)state;
    assert_chunks("3;x=y\r\nabc\r\nA \r\n0123456789\r\n0\r\n", WBH_HTTP_WHOLE, "abc0123456789");
    assert_chunks("0\r\n", WBH_HTTP_WHOLE, "");
    assert_chunks("3\r\nab", WBH_HTTP_PART, "");
    assert_chunks("3\r\nabcd\r\n", WBH_HTTP_BAD, "");
    assert_chunks("3\nabc\r\n", WBH_HTTP_BAD, "");
    assert_chunks("3 x\r\n", WBH_HTTP_BAD, "");
    assert_chunks("8000000000000000\r\n", WBH_HTTP_BAD, "");
}

static void reference_trailers(void **state) {
    (void)state;
    static const char text[] = "A: b\r\nSum:  7 \r\n\r\nmore";
    assert_int_equal(
        wbh_http_read_trailers(text, sizeof(text) - 1, &limits, &head), WBH_HTTP_WHOLE);
    assert_int_equal(head.len, sizeof(text) - 1 - 4);
    assert_int_equal(head.line_count, 2);
    assert_int_equal(wbh_http_line_of(&head, "sum", 0)->value.len, 1);
    assert_int_equal(wbh_http_read_trailers("\r\n", 2, &limits, &head), WBH_HTTP_WHOLE);
    assert_int_equal(head.len, 2);
    assert_int_equal(wbh_http_read_trailers("A: b\r\n", 6, &limits, &head), WBH_HTTP_PART);
    assert_int_equal(wbh_http_read_trailers(" A: b\r\n\r\n", 9, &limits, &head), WBH_HTTP_BAD);
}

static void reference_lines(void **state) {
    (void)state;
    assert_int_equal(request("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nx: 2, \"3, close\", "
                             "CLOSE\r\n\r\n"),
        WBH_HTTP_WHOLE);
    assert_memory_equal(wbh_http_line_of(&head, "x", 0)->value.bytes, "1", 1);
    assert_memory_equal(wbh_http_line_of(&head, "X", 1)->value.bytes, "2", 1);
    assert_null(wbh_http_line_of(&head, "x", 2));
    assert_true(wbh_http_lists(&head, "X", "1"));
    assert_true(wbh_http_lists(&head, "x", "close"));
    assert_false(wbh_http_lists(&head, "x", "3"));
    assert_true(wbh_http_same_name((struct wbh_http_text){"hOst", 4}, "Host"));
    assert_false(wbh_http_same_name((struct wbh_http_text){"host", 3}, "host"));
}

static size_t bad_at(const char *text, const char *method) {
    return wbh_http_bad_at(text, strlen(text), method, false, &limits);
}

static void reference_place_where_it_ends_to_be_a_head(void **state) {
    (void)state;
    assert_int_equal(bad_at("GET / HTTP/1.1\n", NULL), 14);
    assert_int_equal(bad_at("GET / HTTP/3.1\r\nHost: a", NULL), 15);
    assert_int_equal(bad_at("GET / HTTP/1.1\r\nHost a\r\nX: y", NULL), 23);
    assert_int_equal(bad_at("GET / HTTP/1.1\r\n\r\nX", NULL), 17);
    assert_int_equal(bad_at("hello\r\n", "GET"), 6);
}

static void assert_so_far(const char *text, const char *expected, size_t used, bool is_whole) {
    char out[64];
    size_t out_used;
    bool out_is_whole;
    size_t len = wbh_http_chunks_so_far(text, strlen(text), out, &out_used, &out_is_whole);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(out, expected, len);
    assert_int_equal(out_used, used);
    assert_int_equal(out_is_whole, is_whole);
}

static void reference_chunks_so_far(void **state) {
    (void)state;
    assert_so_far("3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nA: b\r\n", "abcd", 21, true);
    assert_so_far("3\r\nabc\r\n2\r\nd", "abcd", 12, false);
    assert_so_far("3\r\nabc\r", "abc", 7, false);
    assert_so_far("3\r\nabc\r\n1", "abc", 8, false);
    assert_so_far("3\r\nabcd\r\n", "abc", 6, false);
    assert_so_far("x\r\n", "", 0, false);
    assert_so_far("", "", 0, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_requests),
        cmocka_unit_test(reference_responses),
        cmocka_unit_test(reference_contents),
        cmocka_unit_test(reference_trailers),
        cmocka_unit_test(reference_lines),
        cmocka_unit_test(reference_place_where_it_ends_to_be_a_head),
        cmocka_unit_test(reference_chunks_so_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
