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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_requests),
        cmocka_unit_test(reference_responses),
        cmocka_unit_test(reference_contents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
