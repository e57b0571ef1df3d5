/* Heads of requests: how long the content is, and what becomes of the connection. Each input is
 * given in every way. */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

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

static void r_01_h1s_64_both_lengths_are_refused_in_either_order(void **state) {
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

/* A quotation mark means nothing in a list of tokens: it hides no close. */
static void r_27_quotation_marks_hide_no_close(void **state) {
    (void)state;
    struct outcome outcome = post_with(BYTES("Connection: \"a, close, b\""));
    assert_true(outcome.status == WB_OK && !outcome.head.keep_alive);
    outcome = post_with(BYTES("Connection: \", close"));
    assert_true(outcome.status == WB_OK && !outcome.head.keep_alive);
    outcome = post_with(BYTES("Connection: \"close\""));
    assert_true(outcome.status == WB_OK && outcome.head.keep_alive);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h1s_01_a_request_without_lengths_has_no_content),
        cmocka_unit_test(r_01_h1s_64_both_lengths_are_refused_in_either_order),
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
        cmocka_unit_test(r_27_quotation_marks_hide_no_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
