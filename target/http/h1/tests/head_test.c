/* Heads of requests: what is understood, and what is refused. Each input is given in every way. */
#include "every_way.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

#define NEXT "GET /b HTTP/1.1\r\nHost: a\r\n\r\n"

static struct outcome request(struct wb_bytes input) {
    return every_way(&way_of_requests, input);
}

static void assert_refused(struct wb_bytes input, enum wb_h1_error error, unsigned response) {
    struct outcome outcome = request(input);
    if (outcome.status != WB_ERR_PARSE || outcome.error != error) {
        char text[512];
        (void)wb_bytes_format(input, text, sizeof text);
        fail_msg("%s: %s, %s at %u instead of: %s", text, wb_status_name(outcome.status),
            wb_h1_error_text(outcome.error), (unsigned)outcome.error_at, wb_h1_error_text(error));
    }
    assert_int_equal(wb_h1_error_response(error), response);
}

/* A request with one more line of fields. */
static struct wb_bytes with_field(
    char *room, size_t room_len, const char *start, struct wb_bytes line) {
    int len = snprintf(room, room_len, "%s\r\nHost: a\r\n", start);
    assert_true((size_t)len + line.len + 4 < room_len);
    memcpy(room + len, line.ptr, line.len);
    memcpy(room + (size_t)len + line.len, "\r\n\r\n", 4);
    return wb_bytes_from(room, (size_t)len + line.len + 4);
}

static struct outcome post_with(struct wb_bytes line) {
    char room[1024];
    return request(with_field(room, sizeof room, "POST / HTTP/1.1", line));
}

static void refuse_post_with(struct wb_bytes line, enum wb_h1_error error, unsigned response) {
    char room[1024];
    assert_refused(with_field(room, sizeof room, "POST / HTTP/1.1", line), error, response);
}

/* ---- framing ---- */

static void h1s_01_a_request_without_lengths_has_no_content(void **state) {
    (void)state;
    struct wb_bytes input = BYTES("GET /x?y HTTP/1.1\r\nHost: a:80\r\n\r\n" NEXT);
    struct outcome outcome = request(input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.method, WB_HTTP_GET);
    assert_int_equal(outcome.head.version, WB_HTTP_1_1);
    assert_int_equal(outcome.head.target_form, WB_H1_TARGET_ORIGIN);
    assert_true(part_is(input, outcome.head.target_at, outcome.head.target_len, "/x?y"));
    assert_int_equal(outcome.head.body, WB_H1_BODY_NONE);
    assert_int_equal(outcome.head.head_len, input.len - strlen(NEXT));
    assert_true(outcome.head.keep_alive);
    assert_int_equal(outcome.head.field_count, 1);
    assert_int_equal(outcome.fields[0].id, WB_HTTP_FIELD_HOST);
    assert_true(part_is(input, outcome.fields[0].value_at, outcome.fields[0].value_len, "a:80"));
}

static void r_01_both_lengths_are_refused_in_either_order(void **state) {
    (void)state;
    refuse_post_with(
        BYTES("Content-Length: 4\r\nTransfer-Encoding: chunked"), WB_H1_ERROR_BOTH_LENGTHS, 400);
    refuse_post_with(
        BYTES("Transfer-Encoding: chunked\r\nContent-Length: 4"), WB_H1_ERROR_BOTH_LENGTHS, 400);
    refuse_post_with(
        BYTES("Transfer-Encoding: chunked\r\nContent-Length: 0"), WB_H1_ERROR_BOTH_LENGTHS, 400);
    /* A length that is none is what is wrong, also behind a coding. */
    refuse_post_with(
        BYTES("Transfer-Encoding: chunked\r\nContent-Length: x"), WB_H1_ERROR_CONTENT_LENGTH, 400);
}

static void r_02_r_03_more_than_one_length_is_refused(void **state) {
    (void)state;
    refuse_post_with(
        BYTES("Content-Length: 5\r\nContent-Length: 6"), WB_H1_ERROR_CONTENT_LENGTH, 400);
    refuse_post_with(
        BYTES("Content-Length: 5\r\nContent-Length: 5"), WB_H1_ERROR_CONTENT_LENGTH, 400);
    refuse_post_with(BYTES("Content-Length: 5, 5"), WB_H1_ERROR_CONTENT_LENGTH, 400);
    refuse_post_with(BYTES("Content-Length: 5, 6"), WB_H1_ERROR_CONTENT_LENGTH, 400);
    refuse_post_with(BYTES("Content-Length: 5,"), WB_H1_ERROR_CONTENT_LENGTH, 400);
}

static void r_04_a_length_is_digits_and_nothing_else(void **state) {
    (void)state;
    static const struct {
        const char *value;
        size_t len;
    } values[] = {
#define VALUE(literal) {"Content-Length: " literal, sizeof("Content-Length: " literal) - 1}
        VALUE("+5"),
        VALUE("-1"),
        VALUE("0x5"),
        VALUE("5.0"),
        VALUE("5 6"),
        VALUE("1_0"),
        VALUE("5;"),
        VALUE("\"5\""),
        VALUE(""),
        VALUE("\xb2"),
        VALUE("foo"),
        VALUE("5\t6"),
        VALUE("\xef\xbc\x95"),
#undef VALUE
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        refuse_post_with(
            wb_bytes_from(values[i].value, values[i].len), WB_H1_ERROR_CONTENT_LENGTH, 400);
    }
}

static void r_05_a_length_never_wraps(void **state) {
    (void)state;
    refuse_post_with(
        BYTES("Content-Length: 18446744073709551616"), WB_H1_ERROR_CONTENT_LENGTH_TOO_BIG, 413);
    refuse_post_with(
        BYTES("Content-Length: 9999999999999999999999"), WB_H1_ERROR_CONTENT_LENGTH_TOO_BIG, 413);
    refuse_post_with(
        BYTES("Content-Length: 9223372036854775808"), WB_H1_ERROR_CONTENT_LENGTH_TOO_BIG, 413);
    refuse_post_with(
        BYTES("Content-Length: 99999999999999999999x"), WB_H1_ERROR_CONTENT_LENGTH, 400);
    struct outcome outcome = post_with(BYTES("Content-Length: 9223372036854775807"));
    assert_int_equal(outcome.status, WB_OK);
    assert_true(outcome.head.content_length == INT64_MAX);
}

static void r_06_a_length_is_decimal_whatever_it_begins_with(void **state) {
    (void)state;
    struct outcome outcome = post_with(BYTES("Content-Length: 010"));
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.body, WB_H1_BODY_LENGTH);
    assert_true(outcome.head.content_length == 10);
    outcome = post_with(BYTES("Content-Length:\t 00000000000000000000000005 \t"));
    assert_true(outcome.status == WB_OK && outcome.head.content_length == 5);
    outcome = post_with(BYTES("Content-Length: 0"));
    assert_true(outcome.status == WB_OK && outcome.head.has_content_length);
    assert_int_equal(outcome.head.body, WB_H1_BODY_NONE);
}

static void r_07_r_09_chunked_comes_last_and_once(void **state) {
    (void)state;
    static const char *const lines[] = {
        "Transfer-Encoding: gzip",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "Transfer-Encoding: chunked, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked, chunked",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        refuse_post_with(wb_bytes_from_string(lines[i]), WB_H1_ERROR_TRANSFER_ENCODING, 400);
    }
}

static void r_08_another_coding_is_not_implemented(void **state) {
    (void)state;
    refuse_post_with(BYTES("Transfer-Encoding: gzip, chunked"), WB_H1_ERROR_TRANSFER_CODING, 501);
    refuse_post_with(BYTES("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked"),
        WB_H1_ERROR_TRANSFER_CODING, 501);
}

static void r_10_what_only_looks_like_chunked_is_refused(void **state) {
    (void)state;
    static const char *const values[] = {"xchunked", "chunkedchunked", "\"chunked\"", "chunked;a=b",
        "identity", "\240chunked", "chunked\xa0", "chun ked", "", "chunked;"};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        char line[64];
        (void)snprintf(line, sizeof line, "Transfer-Encoding: %s", values[i]);
        refuse_post_with(wb_bytes_from_string(line), WB_H1_ERROR_TRANSFER_ENCODING, 400);
    }
    refuse_post_with(BYTES("Transfer-Encoding: \x0b"
                           "chunked"),
        WB_H1_ERROR_FIELD_VALUE, 400);
    refuse_post_with(BYTES("Transfer-Encoding: chunked\0"), WB_H1_ERROR_FIELD_VALUE, 400);
}

static void r_11_empty_codings_are_refused(void **state) {
    (void)state;
    refuse_post_with(BYTES("Transfer-Encoding: ,chunked"), WB_H1_ERROR_TRANSFER_ENCODING, 400);
    refuse_post_with(BYTES("Transfer-Encoding: chunked,"), WB_H1_ERROR_TRANSFER_ENCODING, 400);
    refuse_post_with(BYTES("Transfer-Encoding: ,"), WB_H1_ERROR_TRANSFER_ENCODING, 400);
}

static void r_12_chunked_is_known_in_any_case_and_between_blanks(void **state) {
    (void)state;
    static const char *const lines[] = {"Transfer-Encoding: CHUNKED", "transfer-encoding:chunked",
        "Transfer-Encoding:\tchunked \t", "TRANSFER-ENCODING: cHuNkEd"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        struct outcome outcome = post_with(wb_bytes_from_string(lines[i]));
        assert_int_equal(outcome.status, WB_OK);
        assert_int_equal(outcome.head.body, WB_H1_BODY_CHUNKED);
        assert_true(outcome.head.keep_alive);
    }
}

static void r_13_chunked_is_not_of_http_1_0(void **state) {
    (void)state;
    assert_refused(BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"),
        WB_H1_ERROR_CHUNKED_1_0, 400);
}

static void r_14_folded_lines_are_refused(void **state) {
    (void)state;
    refuse_post_with(BYTES("Transfer-Encoding:\r\n chunked"), WB_H1_ERROR_FOLD, 400);
    refuse_post_with(BYTES("X: a\r\n\tb"), WB_H1_ERROR_FOLD, 400);
    refuse_post_with(BYTES("X: a\r\n "), WB_H1_ERROR_FOLD, 400);
}

static void r_15_a_length_holds_whatever_the_method(void **state) {
    (void)state;
    static const char *const methods[] = {"GET", "HEAD", "DELETE", "POST", "OPTIONS"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof text,
            "%s / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", methods[i]);
        struct outcome outcome = request(wb_bytes_from_string(text));
        assert_int_equal(outcome.status, WB_OK);
        assert_int_equal(outcome.head.body, WB_H1_BODY_LENGTH);
        assert_true(outcome.head.content_length == 5);
        assert_int_equal(outcome.head.head_len, strlen(text) - 5);
    }
}

static void r_26_r_27_close_wins(void **state) {
    (void)state;
    static const char *const closing[] = {"Connection: close", "Connection: keep-alive, close",
        "Connection: close\r\nConnection: keep-alive", "Connection: foo, close, bar",
        "connection: CLOSE", "Connection: ,close,"};
    for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++) {
        struct outcome outcome = post_with(wb_bytes_from_string(closing[i]));
        assert_true(outcome.status == WB_OK && !outcome.head.keep_alive);
    }
    static const char *const open[] = {"Connection: keep-alive", "Connection: closed",
        "Connection: \"close\"", "X-Connection: close", "Connection: x-close"};
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++) {
        struct outcome outcome = post_with(wb_bytes_from_string(open[i]));
        assert_true(outcome.status == WB_OK && outcome.head.keep_alive);
    }
}

static void h1s_15_http_1_0_is_kept_alive_only_if_it_says_so(void **state) {
    (void)state;
    struct outcome outcome = request(BYTES("GET / HTTP/1.0\r\n\r\n"));
    assert_true(outcome.status == WB_OK && !outcome.head.keep_alive);
    outcome = request(BYTES("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
    assert_true(outcome.status == WB_OK && outcome.head.keep_alive);
    outcome = request(BYTES("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"));
    assert_true(outcome.status == WB_OK && !outcome.head.keep_alive);
}

/* ---- syntax ---- */

static void r_30_no_blank_before_the_colon(void **state) {
    (void)state;
    refuse_post_with(BYTES("Content-Length : 5"), WB_H1_ERROR_SPACE_BEFORE_COLON, 400);
    refuse_post_with(BYTES("Content-Length\t: 5"), WB_H1_ERROR_SPACE_BEFORE_COLON, 400);
    refuse_post_with(BYTES("Content-Length :5"), WB_H1_ERROR_SPACE_BEFORE_COLON, 400);
}

static void r_31_no_blank_before_the_first_field(void **state) {
    (void)state;
    assert_refused(BYTES("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), WB_H1_ERROR_FOLD, 400);
    assert_refused(BYTES("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n"), WB_H1_ERROR_FOLD, 400);
}

static void r_32_r_33_no_control_in_a_value(void **state) {
    (void)state;
    refuse_post_with(BYTES("X: a\0b"), WB_H1_ERROR_FIELD_VALUE, 400);
    refuse_post_with(BYTES("X: a\x7f"), WB_H1_ERROR_FIELD_VALUE, 400);
    refuse_post_with(BYTES("X: a\rTransfer-Encoding: chunked"), WB_H1_ERROR_BARE_CR, 400);
    refuse_post_with(BYTES("X: a\r\r"), WB_H1_ERROR_BARE_CR, 400);
    for (int byte = 1; byte < 0x20; byte++) {
        char line[] = "X: a?b";
        line[4] = (char)byte;
        if (byte == '\t') {
            assert_int_equal(post_with(wb_bytes_from_string(line)).status, WB_OK);
        } else if (byte != '\r' && byte != '\n') {
            refuse_post_with(wb_bytes_from_string(line), WB_H1_ERROR_FIELD_VALUE, 400);
        }
    }
    assert_int_equal(post_with(BYTES("X: \x80\xff gr\xc3\xbc\xc3\x9f")).status, WB_OK);
}

static void r_34_lines_end_with_both(void **state) {
    (void)state;
    assert_refused(BYTES("GET / HTTP/1.1\nHost: a\n\n"), WB_H1_ERROR_BARE_LF, 400);
    assert_refused(BYTES("GET / HTTP/1.1\r\nHost: a\n\r\n"), WB_H1_ERROR_BARE_LF, 400);
    assert_refused(BYTES("GET / HTTP/1.1\r\nHost: a\r\n\n"), WB_H1_ERROR_BARE_LF, 400);
    refuse_post_with(BYTES("X: a\nb: c"), WB_H1_ERROR_BARE_LF, 400);
    assert_refused(BYTES("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_BARE_LF, 400);
    assert_refused(BYTES("GET / HTTP/1.1\r\nHost: a\r\n\rX"), WB_H1_ERROR_BARE_CR, 400);
}

static void r_35_a_name_is_a_token(void **state) {
    (void)state;
    refuse_post_with(BYTES("X(: 1"), WB_H1_ERROR_FIELD_NAME, 400);
    refuse_post_with(BYTES("\x80: 1"), WB_H1_ERROR_FIELD_NAME, 400);
    refuse_post_with(BYTES(": 1"), WB_H1_ERROR_FIELD_NAME, 400);
    refuse_post_with(BYTES("X\0: 1"), WB_H1_ERROR_FIELD_NAME, 400);
    refuse_post_with(BYTES("X Y: 1"), WB_H1_ERROR_SPACE_BEFORE_COLON, 400);
    refuse_post_with(BYTES("Foo bar"), WB_H1_ERROR_SPACE_BEFORE_COLON, 400);
    refuse_post_with(BYTES("Foo"), WB_H1_ERROR_FIELD_NAME, 400);
    assert_int_equal(post_with(BYTES("!#$%&'*+-.^_`|~09azAZ: 1")).status, WB_OK);
}

static void r_36_r_37_there_is_one_host(void **state) {
    (void)state;
    assert_refused(BYTES("GET / HTTP/1.1\r\n\r\n"), WB_H1_ERROR_HOST_MISSING, 400);
    assert_refused(
        BYTES("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), WB_H1_ERROR_HOST_TWICE, 400);
    assert_refused(
        BYTES("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), WB_H1_ERROR_HOST_TWICE, 400);
    assert_int_equal(request(BYTES("GET / HTTP/1.0\r\n\r\n")).status, WB_OK);
    assert_int_equal(request(BYTES("GET / HTTP/1.1\r\nHost:\r\n\r\n")).status, WB_OK);
}

static void r_38_host_is_a_host(void **state) {
    (void)state;
    static const char *const bad[] = {"a b", "a/b", "a@b", "a:99999", "a:0", "[::1", "a:b", "::1",
        "a,b", "[::1]x", "a%zz", "[a]g", "a?b"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", bad[i]);
        if (strcmp(bad[i], "a,b") == 0) {
            /* A comma may stand in a name. */
            assert_int_equal(request(wb_bytes_from_string(text)).status, WB_OK);
            continue;
        }
        assert_refused(wb_bytes_from_string(text), WB_H1_ERROR_HOST, 400);
    }
    static const char *const good[] = {
        "a", "a:80", "a:", "[::1]", "[::1]:8080", "127.0.0.1:1", "xn--bcher-kva.example", "a%20b"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", good[i]);
        assert_int_equal(request(wb_bytes_from_string(text)).status, WB_OK);
    }
}

static void r_39_a_target_may_be_absolute(void **state) {
    (void)state;
    struct wb_bytes input = BYTES("GET http://b/x HTTP/1.1\r\nHost: a\r\n\r\n");
    struct outcome outcome = request(input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.target_form, WB_H1_TARGET_ABSOLUTE);
    assert_true(part_is(input, outcome.head.target_at, outcome.head.target_len, "http://b/x"));
    assert_refused(
        BYTES("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_TARGET_FORM, 400);
    assert_refused(
        BYTES("GET http://u@b/x HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_TARGET_FORM, 400);
    assert_refused(BYTES("GET x HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_TARGET_FORM, 400);
}

static void r_40_one_space_between_words(void **state) {
    (void)state;
    assert_refused(BYTES("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_TARGET, 400);
    assert_refused(BYTES("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_METHOD, 400);
    assert_refused(BYTES("GET / HTTP/1.1 \r\nHost: a\r\n\r\n"), WB_H1_ERROR_START_LINE, 400);
    assert_refused(BYTES("GET / x HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_VERSION, 400);
    assert_refused(BYTES(" GET / HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_METHOD, 400);
    assert_refused(BYTES("GET /\r\n\r\n"), WB_H1_ERROR_TARGET, 400);
    assert_refused(BYTES("GET\r\n\r\n"), WB_H1_ERROR_METHOD, 400);
    /* H1S-29 */
    assert_refused(BYTES("GE T / HTTP/1.1\r\n\r\n"), WB_H1_ERROR_VERSION, 400);
}

static void r_41_the_version_is_http_1(void **state) {
    (void)state;
    assert_refused(BYTES("GET / HTTP/2.0\r\n\r\n"), WB_H1_ERROR_VERSION_NOT_SUPPORTED, 505);
    assert_refused(BYTES("GET / HTTP/3.7\r\n\r\n"), WB_H1_ERROR_VERSION_NOT_SUPPORTED, 505);
    assert_refused(BYTES("GET / HTTP/0.9\r\n\r\n"), WB_H1_ERROR_VERSION_NOT_SUPPORTED, 505);
    assert_refused(BYTES("GET / http/1.1\r\n\r\n"), WB_H1_ERROR_VERSION, 400);
    assert_refused(BYTES("GET / HTTP/1.10\r\n\r\n"), WB_H1_ERROR_START_LINE, 400);
    assert_refused(BYTES("GET / HTTP/11\r\n\r\n"), WB_H1_ERROR_VERSION, 400);
    assert_refused(BYTES("GET / HTTP/1.1\r\r\n"), WB_H1_ERROR_BARE_CR, 400);
    struct outcome outcome = request(BYTES("GET / HTTP/1.2\r\nHost: a\r\n\r\n"));
    assert_true(outcome.status == WB_OK && outcome.head.version == WB_HTTP_1_1);
    /* H1S-52: the preface of HTTP/2 */
    assert_refused(
        BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), WB_H1_ERROR_VERSION_NOT_SUPPORTED, 505);
}

static void r_42_a_target_is_visible_ascii(void **state) {
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char text[] = "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n";
        text[6] = (char)byte;
        struct wb_bytes input = wb_bytes_from(text, sizeof text - 1);
        bool fits = byte > ' ' && byte < 0x7f && byte != '#';
        if (fits) {
            assert_int_equal(request(input).status, WB_OK);
        } else if (byte == ' ') {
            assert_refused(input, WB_H1_ERROR_VERSION, 400);
        } else {
            assert_refused(input, WB_H1_ERROR_TARGET, 400);
        }
    }
    assert_refused(BYTES("GET * HTTP/1.1\r\nHost: a\r\n\r\n"), WB_H1_ERROR_TARGET_FORM, 400);
    struct outcome outcome = request(BYTES("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.target_form, WB_H1_TARGET_ASTERISK);
}

/* `count` times a byte between two texts. */
static struct wb_bytes stretch(const char *before, size_t count, const char *after) {
    size_t before_len = strlen(before);
    size_t after_len = strlen(after);
    char *text = malloc(before_len + count + after_len);
    assert_non_null(text);
    memcpy(text, before, before_len);
    memset(text + before_len, 'a', count);
    memcpy(text + before_len + count, after, after_len);
    return wb_bytes_from(text, before_len + count + after_len);
}

static void refuse_stretched(const char *before, size_t count, const char *after,
    enum wb_h1_error error, unsigned response) {
    struct wb_bytes input = stretch(before, count, after);
    assert_refused(input, error, response);
    free((void *)(uintptr_t)input.ptr);
}

static void take_stretched(const char *before, size_t count, const char *after) {
    struct wb_bytes input = stretch(before, count, after);
    assert_int_equal(request(input).status, WB_OK);
    free((void *)(uintptr_t)input.ptr);
}

static void r_43_every_part_has_a_limit(void **state) {
    (void)state;
    const char *rest = " HTTP/1.1\r\nHost: a\r\n\r\n";
    take_stretched("GET /", WB_H1_TARGET_LEN_MAX - 1, rest);
    refuse_stretched("GET /", WB_H1_TARGET_LEN_MAX, rest, WB_H1_ERROR_TARGET_TOO_LONG, 414);
    take_stretched("", WB_H1_METHOD_LEN_MAX, " / HTTP/1.1\r\nHost: a\r\n\r\n");
    refuse_stretched("", WB_H1_METHOD_LEN_MAX + 1, " / HTTP/1.1\r\nHost: a\r\n\r\n",
        WB_H1_ERROR_METHOD_TOO_LONG, 501);
    /* H1S-31 */
    refuse_stretched(
        "GET / HTTP/1.1\r\nHost: a\r\n", 65536, ": b\r\n\r\n", WB_H1_ERROR_TOO_LARGE, 431);
    take_stretched("GET / HTTP/1.1\r\nHost: a\r\n", 65535, ": b\r\n\r\n");
    /* H1S-32 */
    refuse_stretched("GET / HTTP/1.1\r\nHost: a\r\nX: ", WB_H1_HEAD_LEN_MAX, "\r\n\r\n",
        WB_H1_ERROR_TOO_LARGE, 431);
    size_t frame_len = strlen("GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n");
    take_stretched("GET / HTTP/1.1\r\nHost: a\r\nX: ", WB_H1_HEAD_LEN_MAX - frame_len, "\r\n\r\n");
    refuse_stretched("GET / HTTP/1.1\r\nHost: a\r\nX: ", WB_H1_HEAD_LEN_MAX - frame_len + 1,
        "\r\n\r\n", WB_H1_ERROR_TOO_LARGE, 431);
}

static void h1s_33_fields_are_counted(void **state) {
    (void)state;
    char text[4096] = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 1; i < EVERY_WAY_FIELDS_MAX; i++) {
        strcat(text, "X: y\r\n");
    }
    size_t len = strlen(text);
    strcat(text, "\r\n");
    assert_int_equal(request(wb_bytes_from_string(text)).status, WB_OK);
    strcpy(text + len, "X: y\r\n\r\n");
    assert_refused(wb_bytes_from_string(text), WB_H1_ERROR_TOO_MANY_FIELDS, 431);
    const struct way none = {WB_H1_REQUEST, NULL, NULL, 0};
    assert_int_equal(every_way(&none, BYTES("GET / HTTP/1.0\r\n\r\n")).status, WB_OK);
    assert_int_equal(every_way(&none, BYTES("GET / HTTP/1.0\r\nX: y\r\n\r\n")).error,
        WB_H1_ERROR_TOO_MANY_FIELDS);
}

static void r_44_some_empty_lines_before_are_passed_over(void **state) {
    (void)state;
    struct wb_bytes input = BYTES("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    struct outcome outcome = request(input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.head_len, input.len);
    char text[128] = "";
    for (int i = 0; i < WB_H1_EMPTY_LINES_MAX; i++) {
        strcat(text, "\r\n");
    }
    size_t len = strlen(text);
    strcat(text, NEXT);
    assert_int_equal(request(wb_bytes_from_string(text)).status, WB_OK);
    strcpy(text + len, "\r\n" NEXT);
    assert_refused(wb_bytes_from_string(text), WB_H1_ERROR_EMPTY_LINES, 400);
    assert_refused(BYTES("\rGET / HTTP/1.1\r\n\r\n"), WB_H1_ERROR_BARE_CR, 400);
}

static void r_45_methods_have_a_case(void **state) {
    (void)state;
    struct wb_bytes input = BYTES("get / HTTP/1.1\r\nHost: a\r\n\r\n");
    struct outcome outcome = request(input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.method, WB_HTTP_METHOD_OTHER);
    assert_true(part_is(input, outcome.head.method_at, outcome.head.method_len, "get"));
}

static void r_46_r_48_expectations(void **state) {
    (void)state;
    struct outcome outcome = post_with(BYTES("Content-Length: 5\r\nExpect: 100-Continue"));
    assert_true(outcome.status == WB_OK && outcome.head.expects_continue);
    outcome = post_with(BYTES("Transfer-Encoding: chunked\r\nExpect: 100-continue"));
    assert_true(outcome.status == WB_OK && outcome.head.expects_continue);
    /* H1S-26: without content, or from HTTP/1.0, it means nothing. */
    outcome = post_with(BYTES("Expect: 100-continue"));
    assert_true(outcome.status == WB_OK && !outcome.head.expects_continue);
    outcome =
        request(BYTES("POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello"));
    assert_true(outcome.status == WB_OK && !outcome.head.expects_continue);
    outcome = post_with(BYTES("Expect: foo"));
    assert_true(outcome.status == WB_OK && outcome.head.expects_else);
}

static void r_49_upgrade_needs_connection_and_http_1_1(void **state) {
    (void)state;
    struct outcome outcome = post_with(BYTES("Upgrade: websocket\r\nConnection: Upgrade"));
    assert_true(outcome.status == WB_OK && outcome.head.wants_upgrade);
    outcome = post_with(BYTES("Upgrade: websocket"));
    assert_true(outcome.status == WB_OK && !outcome.head.wants_upgrade);
    outcome = post_with(BYTES("Connection: upgrade"));
    assert_true(outcome.status == WB_OK && !outcome.head.wants_upgrade);
    outcome = request(BYTES("GET / HTTP/1.0\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"));
    assert_true(outcome.status == WB_OK && !outcome.head.wants_upgrade);
}

static void r_52_connect_names_host_and_port(void **state) {
    (void)state;
    static const char *const bad[] = {
        "a", "a:", "a:0x50", "http://a/", "a:0", "a:65536", "/", "*", "u@a:80", ":80", "[::1]"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "CONNECT %s HTTP/1.1\r\nHost: a\r\n\r\n", bad[i]);
        assert_refused(wb_bytes_from_string(text), WB_H1_ERROR_TARGET_FORM, 400);
    }
    struct outcome outcome = request(BYTES("CONNECT [::1]:443 HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.target_form, WB_H1_TARGET_AUTHORITY);
}

static void h1s_47_te_trailers_in_any_list(void **state) {
    (void)state;
    assert_true(post_with(BYTES("TE: trailers")).head.takes_trailers);
    assert_true(post_with(BYTES("TE: gzip;q=1, Trailers")).head.takes_trailers);
    assert_true(post_with(BYTES("TE: gzip\r\nTE: TRAILERS;q=0.5")).head.takes_trailers);
    assert_false(post_with(BYTES("TE: gzip")).head.takes_trailers);
    assert_true(post_with(BYTES("Trailer: x")).head.has_trailer_field);
}

/* ---- bit by bit ---- */

static void h1s_34_h1s_63_an_end_is_clean_only_before_a_message(void **state) {
    (void)state;
    struct wb_h1_parser parser;
    struct wb_http_field fields[4];
    wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, fields, 4);
    assert_int_equal(wb_h1_parse(&parser, BYTES("")), WB_WOULD_BLOCK);
    assert_false(wb_h1_parser_has_begun(&parser, BYTES("")));
    assert_int_equal(wb_h1_parse(&parser, BYTES("\r\n")), WB_WOULD_BLOCK);
    assert_false(wb_h1_parser_has_begun(&parser, BYTES("\r\n")));
    assert_int_equal(wb_h1_parse(&parser, BYTES("\r\nG")), WB_WOULD_BLOCK);
    assert_true(wb_h1_parser_has_begun(&parser, BYTES("\r\nG")));
    struct wb_bytes more = BYTES("\r\nGET / HTTP/1.1\r\n");
    assert_int_equal(wb_h1_parse(&parser, more), WB_WOULD_BLOCK);
    assert_true(wb_h1_parser_has_begun(&parser, more));
}

/* What is wrong is told without waiting for the line's end, but far into a line only if it is a
 * control character. */
static void h1_what_is_wrong_is_told_before_the_line_ends(void **state) {
    (void)state;
    assert_refused(BYTES("GET /\x01"), WB_H1_ERROR_TARGET, 400);
    assert_refused(BYTES("GET / HTTP/1.1\r\nX("), WB_H1_ERROR_FIELD_NAME, 400);
    assert_refused(BYTES("\x16\x03\x01\x02"), WB_H1_ERROR_METHOD, 400);
    refuse_stretched("GET /", 5000, "\x01", WB_H1_ERROR_TARGET, 400);
    refuse_stretched("GET /", 5000, "\x80 HTTP/1.1\r\n", WB_H1_ERROR_TARGET, 400);
    struct wb_bytes input = stretch("GET /", 5000, "\x80");
    assert_int_equal(request(input).status, WB_WOULD_BLOCK);
    free((void *)(uintptr_t)input.ptr);
    refuse_stretched("GET /", 5000, "\x80\x01", WB_H1_ERROR_TARGET, 400);
}

/* Whole, and in pieces of many lengths, which is what every_way() does with short inputs only. */
static void told_however_it_comes(
    const char *before, size_t count, const char *after, enum wb_h1_error error) {
    static const size_t steps[] = {1, 2, 3, 7, 1000, 1460, 4090};
    struct wb_bytes input = stretch(before, count, after);
    struct wb_http_field field;
    struct wb_h1_parser whole;
    wb_h1_parser_init(&whole, WB_H1_REQUEST, NULL, NULL, &field, 1);
    enum wb_status expected = wb_h1_parse(&whole, input);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        struct wb_h1_parser parser;
        wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, &field, 1);
        enum wb_status status = WB_WOULD_BLOCK;
        /* Small pieces matter near the border. */
        size_t start = steps[i] < 100 ? 3900 : 0;
        for (size_t len = start; len < input.len && status == WB_WOULD_BLOCK;) {
            len = input.len - len < steps[i] ? input.len : len + steps[i];
            status = wb_h1_parse(&parser, wb_bytes_from(input.ptr, len));
        }
        if (whole.error != error || status != expected || parser.error != error
            || parser.error_at != whole.error_at) {
            fail_msg("%s, %d bytes, %s: %s at %u, in pieces of %d %s at %u", before, (int)count,
                after, wb_h1_error_text(whole.error), (unsigned)whole.error_at, (int)steps[i],
                wb_h1_error_text(parser.error), (unsigned)parser.error_at);
        }
    }
    free((void *)(uintptr_t)input.ptr);
}

static void h1_what_is_told_far_into_a_line_does_not_depend_on_pieces(void **state) {
    (void)state;
    for (size_t count = 4060; count < 4120; count++) {
        /* Up to 4,096 bytes of a line are looked at one by one. */
        told_however_it_comes(
            "GET /", count, "\x80", count + 5 < 4096 ? WB_H1_ERROR_TARGET : WB_H1_ERROR_NONE);
        told_however_it_comes("GET /", count, " HTTP/2.0",
            count + 11 < 4096 ? WB_H1_ERROR_VERSION_NOT_SUPPORTED : WB_H1_ERROR_NONE);
        told_however_it_comes("GET /", count, " HTTP/2.0\r\n", WB_H1_ERROR_VERSION_NOT_SUPPORTED);
        told_however_it_comes("GET / HTTP/1.1\r\nX: ", count, "\rb", WB_H1_ERROR_BARE_CR);
        told_however_it_comes("GET / HTTP/1.1\r\nX: ", count, "\r\r", WB_H1_ERROR_BARE_CR);
        told_however_it_comes("GET / HTTP/1.1\r\nX: ", count, "\r", WB_H1_ERROR_NONE);
        told_however_it_comes("GET /", count, "\x80 \x01", WB_H1_ERROR_TARGET);
        told_however_it_comes("GET x", count, " HTTP/1.1\r\n", WB_H1_ERROR_TARGET_FORM);
        /* What stands in front of the border, though the piece it comes in ends behind. */
        told_however_it_comes("GET / HTTP/1.1\r\nX", count - 60,
            "(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            count - 59 < 4096 ? WB_H1_ERROR_FIELD_NAME : WB_H1_ERROR_NONE);
    }
}

static void h1_what_was_parsed_stays_parsed(void **state) {
    (void)state;
    struct wb_h1_parser parser;
    struct wb_http_field fields[4];
    struct wb_bytes input = BYTES(NEXT);
    wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, fields, 4);
    assert_int_equal(wb_h1_parse(&parser, input), WB_OK);
    assert_int_equal(wb_h1_parse(&parser, input), WB_OK);
    struct wb_http_fields view = wb_h1_parser_fields(&parser, input);
    struct wb_bytes value;
    assert_true(wb_http_fields_get(view, BYTES("HOST"), &value));
    assert_true(wb_bytes_equal(value, BYTES("a")));
    wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, fields, 4);
    assert_int_equal(wb_h1_parse(&parser, BYTES("X\x01")), WB_ERR_PARSE);
    assert_int_equal(wb_h1_parse(&parser, input), WB_ERR_PARSE);
}

/* Byte by byte a long line costs what it costs whole, up to a factor: were each byte to mean a look
 * at the whole line, this would take minutes. */
static enum wb_status give_slowly(struct wb_bytes input) {
    struct wb_h1_parser parser;
    struct wb_http_field fields[4];
    wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, fields, 4);
    enum wb_status status = WB_WOULD_BLOCK;
    for (size_t len = 1; len <= input.len && status == WB_WOULD_BLOCK; len++) {
        status = wb_h1_parse(&parser, wb_bytes_from(input.ptr, len));
    }
    return status;
}

static void h1_a_slow_sender_costs_no_more(void **state) {
    (void)state;
    struct wb_bytes input = stretch("GET / HTTP/1.1\r\nHost: a\r\nX: ", 400000, "\r\n\r\n");
    assert_int_equal(give_slowly(input), WB_OK);
    /* A mistake far into the line that is not told, and behind it what is looked at. */
    uint8_t *bytes = (uint8_t *)(uintptr_t)input.ptr;
    size_t line_at = strlen("GET / HTTP/1.1\r\nHost: a\r\n");
    memset(bytes + line_at, 'x', 65000);
    bytes[line_at + 65000] = '(';
    memset(bytes + line_at + 65001, 1, input.len - line_at - 65001);
    assert_int_equal(give_slowly(input), WB_ERR_PARSE);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h1s_01_a_request_without_lengths_has_no_content),
        cmocka_unit_test(r_01_both_lengths_are_refused_in_either_order),
        cmocka_unit_test(r_02_r_03_more_than_one_length_is_refused),
        cmocka_unit_test(r_04_a_length_is_digits_and_nothing_else),
        cmocka_unit_test(r_05_a_length_never_wraps),
        cmocka_unit_test(r_06_a_length_is_decimal_whatever_it_begins_with),
        cmocka_unit_test(r_07_r_09_chunked_comes_last_and_once),
        cmocka_unit_test(r_08_another_coding_is_not_implemented),
        cmocka_unit_test(r_10_what_only_looks_like_chunked_is_refused),
        cmocka_unit_test(r_11_empty_codings_are_refused),
        cmocka_unit_test(r_12_chunked_is_known_in_any_case_and_between_blanks),
        cmocka_unit_test(r_13_chunked_is_not_of_http_1_0),
        cmocka_unit_test(r_14_folded_lines_are_refused),
        cmocka_unit_test(r_15_a_length_holds_whatever_the_method),
        cmocka_unit_test(r_26_r_27_close_wins),
        cmocka_unit_test(h1s_15_http_1_0_is_kept_alive_only_if_it_says_so),
        cmocka_unit_test(r_30_no_blank_before_the_colon),
        cmocka_unit_test(r_31_no_blank_before_the_first_field),
        cmocka_unit_test(r_32_r_33_no_control_in_a_value),
        cmocka_unit_test(r_34_lines_end_with_both),
        cmocka_unit_test(r_35_a_name_is_a_token),
        cmocka_unit_test(r_36_r_37_there_is_one_host),
        cmocka_unit_test(r_38_host_is_a_host),
        cmocka_unit_test(r_39_a_target_may_be_absolute),
        cmocka_unit_test(r_40_one_space_between_words),
        cmocka_unit_test(r_41_the_version_is_http_1),
        cmocka_unit_test(r_42_a_target_is_visible_ascii),
        cmocka_unit_test(r_43_every_part_has_a_limit),
        cmocka_unit_test(h1s_33_fields_are_counted),
        cmocka_unit_test(r_44_some_empty_lines_before_are_passed_over),
        cmocka_unit_test(r_45_methods_have_a_case),
        cmocka_unit_test(r_46_r_48_expectations),
        cmocka_unit_test(r_49_upgrade_needs_connection_and_http_1_1),
        cmocka_unit_test(r_52_connect_names_host_and_port),
        cmocka_unit_test(h1s_47_te_trailers_in_any_list),
        cmocka_unit_test(h1s_34_h1s_63_an_end_is_clean_only_before_a_message),
        cmocka_unit_test(h1_what_is_wrong_is_told_before_the_line_ends),
        cmocka_unit_test(h1_what_is_told_far_into_a_line_does_not_depend_on_pieces),
        cmocka_unit_test(h1_what_was_parsed_stays_parsed),
        cmocka_unit_test(h1_a_slow_sender_costs_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
