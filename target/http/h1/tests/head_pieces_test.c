/* Heads of requests that come bit by bit: what is told when, at what cost, and what an end means.
 */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

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

/* Half of the end of an empty line is as little of a message as the whole. */
static void h1s_34_half_an_empty_line_is_no_message(void **state) {
    (void)state;
    struct wb_h1_parser parser;
    struct wb_http_field field;
    wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, &field, 1);
    assert_int_equal(wb_h1_parse(&parser, BYTES("\r")), WB_WOULD_BLOCK);
    assert_false(wb_h1_parser_has_begun(&parser, BYTES("\r")));
    assert_int_equal(wb_h1_parse(&parser, BYTES("\r\n\r")), WB_WOULD_BLOCK);
    assert_false(wb_h1_parser_has_begun(&parser, BYTES("\r\n\r")));
    /* Of a response nothing may come before. */
    const struct wb_h1_asked asked = {.method = WB_HTTP_GET};
    wb_h1_parser_init(&parser, WB_H1_RESPONSE, NULL, &asked, &field, 1);
    assert_true(wb_h1_parser_has_begun(&parser, BYTES("\r")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h1s_34_h1s_63_an_end_is_clean_only_before_a_message),
        cmocka_unit_test(h1_what_is_wrong_is_told_before_the_line_ends),
        cmocka_unit_test(h1_what_is_told_far_into_a_line_does_not_depend_on_pieces),
        cmocka_unit_test(h1_what_was_parsed_stays_parsed),
        cmocka_unit_test(h1_a_slow_sender_costs_no_more),
        cmocka_unit_test(h1s_34_half_an_empty_line_is_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
