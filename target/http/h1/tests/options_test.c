/* What a parser can be told to put up with. Each leniency alone, and what stays strict with it. */
#include "every_way.h"

#include <string.h>

#include "test_abort.h"

static struct outcome request_with(
    const struct wb_h1_head_options *options, struct wb_bytes input) {
    const struct way way = {WB_H1_REQUEST, options, NULL, EVERY_WAY_FIELDS_MAX};
    return every_way(&way, input);
}

static struct outcome response_with(
    const struct wb_h1_head_options *options, struct wb_bytes input) {
    static const struct wb_h1_asked asked = {WB_HTTP_GET, false};
    const struct way way = {WB_H1_RESPONSE, options, &asked, EVERY_WAY_FIELDS_MAX};
    return every_way(&way, input);
}

static void h1s_65_bare_line_feeds(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.allow_bare_lf = true};
    struct wb_bytes input = BYTES("\nPOST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello");
    struct outcome outcome = request_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.head_len, input.len - 5);
    assert_true(outcome.head.content_length == 5);
    assert_int_equal(
        request_with(&options, BYTES("GET / HTTP/1.1\r\nHost: a\n\r\n")).status, WB_OK);
    /* What follows the head is none of its lines, though it looks like some. */
    input = BYTES("GET / HTTP/1.1\r\nHost: a\r\n\n"
                  "X: y\r\n\r\nand many more bytes, of which a window is full");
    outcome = request_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.head_len, strlen("GET / HTTP/1.1\r\nHost: a\r\n\n"));
    assert_int_equal(outcome.head.field_count, 1);
    /* A carriage return alone is no line's end all the same. */
    assert_int_equal(
        request_with(&options, BYTES("GET / HTTP/1.1\nHost: a\rb\n\n")).error, WB_H1_ERROR_BARE_CR);
}

static void h1s_65_spaces_in_the_start_line(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.allow_spaces_in_start_line = true};
    struct wb_bytes input = BYTES("GET   /x  \t HTTP/1.1 \r\nHost: a\r\n\r\n");
    struct outcome outcome = request_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_true(part_is(input, outcome.head.target_at, outcome.head.target_len, "/x"));
    assert_int_equal(request_with(&options, BYTES("GET / x HTTP/1.1\r\nHost: a\r\n\r\n")).error,
        WB_H1_ERROR_VERSION);
}

static void h1c_36_blanks_before_a_colon(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.allow_space_before_colon = true};
    struct wb_bytes input = BYTES("HTTP/1.1 200 OK\r\nContent-Length \t: 5\r\n\r\n");
    struct outcome outcome = response_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_true(
        part_is(input, outcome.fields[0].name_at, outcome.fields[0].name_len, "Content-Length"));
    assert_true(outcome.head.content_length == 5);
    assert_int_equal(response_with(&options, BYTES("HTTP/1.1 200 OK\r\nX Y: 5\r\n\r\n")).error,
        WB_H1_ERROR_FIELD_NAME);
    /* Never in a request. */
    assert_int_equal(request_with(&options, BYTES("GET / HTTP/1.1\r\nHost : a\r\n\r\n")).error,
        WB_H1_ERROR_SPACE_BEFORE_COLON);
}

static void h1c_24_folded_values(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.allow_obs_fold = true};
    struct wb_bytes input = BYTES("HTTP/1.1 204 x\r\nX: a\r\n  b \r\n\t\r\n\tc\r\nY: z\r\n\r\n");
    struct outcome outcome = response_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.field_count, 2);
    uint8_t value[32];
    uint32_t len = outcome.fields[0].value_len;
    assert_true(len < sizeof value);
    memcpy(value, input.ptr + outcome.fields[0].value_at, len);
    wb_h1_field_unfold(value, len);
    assert_int_equal(len, strlen("a\r\n  b \r\n\t\r\n\tc"));
    assert_memory_equal(value, "a    b   \t  \tc", len);
    assert_int_equal(
        response_with(&options, BYTES("HTTP/1.1 204 x\r\n X: a\r\n\r\n")).error, WB_H1_ERROR_FOLD);
    /* What frames the message may not be folded. */
    assert_int_equal(
        response_with(&options, BYTES("HTTP/1.1 200 x\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"))
            .error,
        WB_H1_ERROR_FOLD);
    assert_int_equal(
        response_with(&options, BYTES("HTTP/1.1 200 x\r\nContent-Length: 1\r\n 2\r\n\r\n")).error,
        WB_H1_ERROR_CONTENT_LENGTH);
    /* Never in a request. */
    assert_int_equal(request_with(&options, BYTES("GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n")).error,
        WB_H1_ERROR_FOLD);
}

static void h1s_65_bad_fields_are_skipped(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.ignore_bad_fields = true};
    struct wb_bytes input = BYTES("GET / HTTP/1.1\r\nB@d: x\r\nHost: a\r\nno colon\r\n\r\n");
    struct outcome outcome = request_with(&options, input);
    assert_int_equal(outcome.error, WB_H1_ERROR_SPACE_BEFORE_COLON);
    input = BYTES("GET / HTTP/1.1\r\nB@d: x\r\nHost: a\r\nnocolon\r\n\r\n");
    outcome = request_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.field_count, 1);
    /* A value is never left out for a byte: what it would say could be meant for somebody. */
    assert_int_equal(
        request_with(&options, BYTES("GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n")).error,
        WB_H1_ERROR_FIELD_VALUE);
}

/* A skipped line ends where any other line ends, or what it hides would be a field to us alone. */
static void h1s_65_a_skipped_line_ends_like_any_other(void **state) {
    (void)state;
    struct wb_h1_head_options options = {.ignore_bad_fields = true};
    struct wb_bytes input =
        BYTES("POST / HTTP/1.1\r\nHost: a\r\nB@d: x\nTransfer-Encoding: chunked\r\n\r\n");
    assert_int_equal(request_with(&options, input).error, WB_H1_ERROR_BARE_LF);
    assert_int_equal(request_with(&options, BYTES("GET / HTTP/1.1\r\nHost: a\r\nbad\n\r\n")).error,
        WB_H1_ERROR_BARE_LF);
    options.allow_bare_lf = true;
    struct outcome outcome = request_with(&options, input);
    assert_true(outcome.status == WB_OK && outcome.head.body == WB_H1_BODY_CHUNKED);
    /* Nor may it have what no line may have. */
    assert_int_equal(
        request_with(&options, BYTES("GET / HTTP/1.1\r\nHost: a\r\nB@d: x\rX: y\r\n\r\n")).error,
        WB_H1_ERROR_BARE_CR);
    assert_int_equal(
        request_with(&options, BYTES("GET / HTTP/1.1\r\nHost: a\r\nB@d: \0\r\n\r\n")).error,
        WB_H1_ERROR_FIELD_NAME);
    assert_int_equal(
        request_with(&options, BYTES("GET / HTTP/1.1\r\nHost: a\r\nB\x01: x\r\n\r\n")).error,
        WB_H1_ERROR_FIELD_NAME);
    options = (struct wb_h1_head_options){.ignore_bad_fields = true, .allow_obs_fold = true};
    assert_int_equal(
        response_with(&options, BYTES("HTTP/1.1 204 x\r\nB@d: x\r\n y\nX: z\r\n\r\n")).error,
        WB_H1_ERROR_BARE_LF);
}

static void h1s_65_what_folds_onto_a_skipped_field_is_skipped(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.ignore_bad_fields = true, .allow_obs_fold = true};
    struct wb_bytes input = BYTES("HTTP/1.1 204 x\r\nX: a\r\nB@d: x\r\n y\r\n\r\n");
    struct outcome outcome = response_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_true(part_is(input, outcome.fields[0].value_at, outcome.fields[0].value_len, "a"));
}

static void d_01_a_missing_host(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.allow_missing_host = true};
    assert_int_equal(request_with(&options, BYTES("GET / HTTP/1.1\r\n\r\n")).status, WB_OK);
    assert_int_equal(
        request_with(&options, BYTES("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")).error,
        WB_H1_ERROR_HOST_TWICE);
}

static void h1s_32_limits_are_to_the_byte(void **state) {
    (void)state;
    struct wb_bytes input = BYTES("GET /abc HTTP/1.1\r\nHost: a\r\n\r\nGET");
    uint32_t head_len = (uint32_t)input.len - 3;
    struct wb_h1_head_options options = {.head_len_max = head_len, .target_len_max = 4};
    assert_int_equal(request_with(&options, input).status, WB_OK);
    options.target_len_max = 3;
    assert_int_equal(request_with(&options, input).error, WB_H1_ERROR_TARGET_TOO_LONG);
    options = (struct wb_h1_head_options){.head_len_max = head_len - 1};
    assert_int_equal(request_with(&options, input).error, WB_H1_ERROR_TOO_LARGE);
    /* What is wrong before the limit is what is told, however much comes. */
    options.head_len_max = 12;
    assert_int_equal(
        request_with(&options, BYTES("GET /ab\x01 HTTP/1.1\r\n\r\n")).error, WB_H1_ERROR_TARGET);
    assert_int_equal(request_with(&options, BYTES("GET /abcdefgh\x01 HTTP/1.1\r\n\r\n")).error,
        WB_H1_ERROR_TOO_LARGE);
}

static void h1c_24_a_fold_behind_nothing_adds_no_blanks(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.allow_obs_fold = true};
    struct wb_bytes input = BYTES("HTTP/1.1 204 x\r\nX:\r\n \t b\r\n\tc \r\nY: \r\n \r\n\r\n");
    struct outcome outcome = response_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_true(
        part_is(input, outcome.fields[0].value_at, outcome.fields[0].value_len, "b\r\n\tc"));
    assert_int_equal(outcome.fields[1].value_len, 0);
    /* It is folded all the same. */
    assert_int_equal(
        response_with(&options, BYTES("HTTP/1.1 200 x\r\nContent-Length:\r\n 5\r\n\r\n")).error,
        WB_H1_ERROR_CONTENT_LENGTH);
    assert_int_equal(
        response_with(&options, BYTES("HTTP/1.1 200 x\r\nConnection:\r\n close\r\n\r\n")).error,
        WB_H1_ERROR_FOLD);
}

/* Whichever end the empty line has, what follows is not looked at, be it another one. */
static void h1s_65_nothing_behind_the_empty_line_is_taken(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.allow_bare_lf = true};
    struct wb_bytes input =
        BYTES("GET / HTTP/1.1\r\nHost: a\r\nX: abcdefghijk\r\n\n\r\nbytes that follow");
    struct outcome outcome = request_with(&options, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.head_len, input.len - strlen("\r\nbytes that follow"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h1s_65_bare_line_feeds),
        cmocka_unit_test(h1s_65_spaces_in_the_start_line),
        cmocka_unit_test(h1c_36_blanks_before_a_colon),
        cmocka_unit_test(h1c_24_folded_values),
        cmocka_unit_test(h1s_65_bad_fields_are_skipped),
        cmocka_unit_test(h1s_65_a_skipped_line_ends_like_any_other),
        cmocka_unit_test(h1s_65_what_folds_onto_a_skipped_field_is_skipped),
        cmocka_unit_test(d_01_a_missing_host),
        cmocka_unit_test(h1s_32_limits_are_to_the_byte),
        cmocka_unit_test(h1c_24_a_fold_behind_nothing_adds_no_blanks),
        cmocka_unit_test(h1s_65_nothing_behind_the_empty_line_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
