/* Heads of responses: where the content ends, for what was asked, and what is refused. */
#include "every_way.h"

#include <stdio.h>
#include <string.h>

#include "test_abort.h"

static struct outcome response_to(enum wb_http_method method, bool upgrade, struct wb_bytes input) {
    const struct wb_h1_asked asked = {method, upgrade};
    const struct way way = {WB_H1_RESPONSE, NULL, &asked, EVERY_WAY_FIELDS_MAX};
    return every_way(&way, input);
}

static struct outcome response(struct wb_bytes input) {
    return response_to(WB_HTTP_GET, false, input);
}

static void assert_refused(struct wb_bytes input, enum wb_h1_error error) {
    struct outcome outcome = response(input);
    assert_int_equal(outcome.status, WB_ERR_PARSE);
    assert_string_equal(wb_h1_error_text(outcome.error), wb_h1_error_text(error));
}

static void r_68_status_lines(void **state) {
    (void)state;
    struct wb_bytes input = BYTES("HTTP/1.1 200 Cool \x80 stuff\r\ncontent-length: 3\r\n\r\nabc");
    struct outcome outcome = response(input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.status, 200);
    assert_true(part_is(input, outcome.head.reason_at, outcome.head.reason_len, "Cool \x80 stuff"));
    assert_true(outcome.head.body == WB_H1_BODY_LENGTH && outcome.head.content_length == 3);
    outcome = response(BYTES("HTTP/1.1 200\r\n\r\n"));
    assert_true(outcome.status == WB_OK && outcome.head.reason_len == 0);
    outcome = response(BYTES("HTTP/1.1 200 \r\n\r\n"));
    assert_true(outcome.status == WB_OK && outcome.head.reason_len == 0);
    assert_int_equal(response(BYTES("HTTP/1.1 999 x\r\n\r\n")).head.status, 999);
    assert_refused(BYTES("HTTP/1.1 99 x\r\n\r\n"), WB_H1_ERROR_STATUS);
    assert_refused(BYTES("HTTP/1.1 1000 x\r\n\r\n"), WB_H1_ERROR_STATUS);
    assert_refused(BYTES("HTTP/1.1 2OO x\r\n\r\n"), WB_H1_ERROR_STATUS);
    assert_refused(BYTES("HTTP/1.1200 OK\r\n\r\n"), WB_H1_ERROR_VERSION);
    /* H1C-15, H1C-17, H1C-23 */
    assert_refused(BYTES("HEAT/1.1 200 OK\r\n\r\n"), WB_H1_ERROR_VERSION);
    assert_refused(BYTES("HTTP/1.1 001 x\r\n\r\n"), WB_H1_ERROR_STATUS);
    assert_refused(BYTES("HTTP/1.1 1\r\n\r\n"), WB_H1_ERROR_STATUS);
    assert_refused(BYTES("Mmmmh, HTTP/0.9"), WB_H1_ERROR_VERSION);
    assert_refused(BYTES("\r\nHTTP/1.1 200 OK\r\n\r\n"), WB_H1_ERROR_VERSION);
    assert_refused(BYTES("HTTP/1.1 200 a\0b\r\n\r\n"), WB_H1_ERROR_REASON);
    assert_refused(BYTES("HTTP/1.1 200 a\rb\r\n\r\n"), WB_H1_ERROR_BARE_CR);
}

static void r_60_r_61_lengths(void **state) {
    (void)state;
    assert_refused(BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n"),
        WB_H1_ERROR_CONTENT_LENGTH);
    assert_refused(
        BYTES("HTTP/1.1 200 OK\r\nContent-Length: 3,3\r\n\r\n"), WB_H1_ERROR_CONTENT_LENGTH);
    struct outcome outcome = response(
        BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"));
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.body, WB_H1_BODY_CHUNKED);
    assert_false(outcome.head.keep_alive);
    outcome = response(BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
    assert_true(outcome.head.body == WB_H1_BODY_CHUNKED && outcome.head.keep_alive);
}

static void r_62_chunked_is_not_of_http_1_0(void **state) {
    (void)state;
    assert_refused(
        BYTES("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), WB_H1_ERROR_CHUNKED_1_0);
}

static void r_63_no_content_whatever_is_said(void **state) {
    (void)state;
    static const unsigned statuses[] = {204, 304, 100, 103, 199};
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        char text[128];
        (void)snprintf(
            text, sizeof text, "HTTP/1.1 %u x\r\nContent-Length: 5\r\n\r\nhello", statuses[i]);
        struct outcome outcome = response(wb_bytes_from_string(text));
        assert_int_equal(outcome.status, WB_OK);
        assert_int_equal(outcome.head.body, WB_H1_BODY_NONE);
        (void)snprintf(
            text, sizeof text, "HTTP/1.1 %u x\r\nTransfer-Encoding: chunked\r\n\r\n", statuses[i]);
        assert_int_equal(response(wb_bytes_from_string(text)).head.body, WB_H1_BODY_NONE);
    }
    struct outcome outcome = response_to(
        WB_HTTP_HEAD, false, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world"));
    assert_true(outcome.status == WB_OK && outcome.head.body == WB_H1_BODY_NONE);
    assert_true(outcome.head.has_content_length && outcome.head.content_length == 11);
    assert_true(outcome.head.keep_alive);
}

static void r_67_101_needs_to_have_been_asked_for(void **state) {
    (void)state;
    struct wb_bytes switching = BYTES("HTTP/1.1 101 x\r\nUpgrade: y\r\n\r\nz");
    assert_refused(switching, WB_H1_ERROR_STATUS);
    assert_int_equal(response(switching).error_at, strlen("HTTP/1.1 "));
    struct outcome outcome = response_to(WB_HTTP_GET, true, switching);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.body, WB_H1_BODY_TUNNEL);
    assert_int_equal(outcome.head.head_len, switching.len - 1);
}

static void r_69_connect_makes_a_tunnel(void **state) {
    (void)state;
    struct outcome outcome =
        response_to(WB_HTTP_CONNECT, false, BYTES("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    assert_int_equal(outcome.head.body, WB_H1_BODY_TUNNEL);
    outcome = response_to(
        WB_HTTP_CONNECT, false, BYTES("HTTP/1.1 299 x\r\nTransfer-Encoding: chunked\r\n\r\n"));
    assert_int_equal(outcome.head.body, WB_H1_BODY_TUNNEL);
    outcome =
        response_to(WB_HTTP_CONNECT, false, BYTES("HTTP/1.1 403 x\r\nContent-Length: 5\r\n\r\n"));
    assert_int_equal(outcome.head.body, WB_H1_BODY_LENGTH);
}

static void r_72_other_codings_last_until_close(void **state) {
    (void)state;
    struct outcome outcome = response(BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: yolo\r\n\r\n"));
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.body, WB_H1_BODY_UNTIL_CLOSE);
    assert_false(outcome.head.keep_alive);
    outcome = response(BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"));
    assert_int_equal(outcome.head.body, WB_H1_BODY_CHUNKED);
    assert_refused(BYTES("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n"),
        WB_H1_ERROR_TRANSFER_ENCODING);
}

static void h1c_35_without_lengths_until_close(void **state) {
    (void)state;
    struct outcome outcome = response(BYTES("HTTP/1.1 200 OK\r\n\r\n"));
    assert_int_equal(outcome.head.body, WB_H1_BODY_UNTIL_CLOSE);
    assert_false(outcome.head.keep_alive);
    outcome = response(BYTES("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert_true(outcome.head.body == WB_H1_BODY_NONE && outcome.head.keep_alive);
    outcome = response(BYTES("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert_false(outcome.head.keep_alive);
    outcome =
        response(BYTES("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n"));
    assert_true(outcome.head.keep_alive);
    outcome = response(
        BYTES("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: foo, close, bar\r\n\r\n"));
    assert_false(outcome.head.keep_alive);
}

static void r_70_r_71_folds_and_blanks_are_refused(void **state) {
    (void)state;
    assert_refused(BYTES("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n"), WB_H1_ERROR_FOLD);
    assert_refused(BYTES("HTTP/1.1 200 OK\r\nX : a\r\n\r\n"), WB_H1_ERROR_SPACE_BEFORE_COLON);
}

static void h1_responses_need_no_host(void **state) {
    (void)state;
    assert_int_equal(
        response(BYTES("HTTP/1.1 204 x\r\nHost: a b\r\nHost: c\r\n\r\n")).status, WB_OK);
}

/* A line of fields is one in either kind of message, or in neither; none of these says anything
 * about the message. */
static void r_141_fields_are_the_same_in_requests_and_responses(void **state) {
    (void)state;
    static const struct {
        const char *line;
        size_t line_len;
        bool is_one;
    } lines[] = {
#define LINE(literal) literal, sizeof(literal) - 1
        {LINE("X: a"), true},
        {LINE("X:a"), true},
        {LINE("X:\t a \t"), true},
        {LINE("X:"), true},
        {LINE("X: a\tb"), true},
        {LINE("X: \x80\xff"), true},
        {LINE("!#$%&'*+-.^_`|~09azAZ: a"), true},
        {LINE("X : a"), false},
        {LINE("X\t: a"), false},
        {LINE(" X: a"), false},
        {LINE("\tX: a"), false},
        {LINE(": a"), false},
        {LINE("X"), false},
        {LINE("X Y: a"), false},
        {LINE("X(: a"), false},
        {LINE("X\x80: a"), false},
        {LINE("X\0: a"), false},
        {LINE("X\x7f: a"), false},
        {LINE("X: a\0b"), false},
        {LINE("X: a\x01"), false},
        {LINE("X: a\x7f"), false},
        {LINE("X: a\rb"), false},
        {LINE("X: a\nb"), false},
        {LINE("X: a\r\n b"), false},
#undef LINE
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const struct wb_bytes starts[] = {
            BYTES("GET / HTTP/1.1\r\nHost: a\r\n"), BYTES("HTTP/1.1 200 OK\r\nHost: a\r\n")};
        struct outcome outcomes[2];
        for (size_t k = 0; k < 2; k++) {
            uint8_t message[256];
            const struct wb_bytes parts[] = {
                starts[k], wb_bytes_from(lines[i].line, lines[i].line_len), BYTES("\r\n\r\n")};
            size_t len = 0;
            for (size_t part = 0; part < 3; part++) {
                memcpy(message + len, parts[part].ptr, parts[part].len);
                len += parts[part].len;
            }
            const struct wb_bytes input = wb_bytes_from(message, len);
            outcomes[k] = k == 0 ? every_way(&way_of_requests, input) : response(input);
            assert_int_equal(outcomes[k].status, lines[i].is_one ? WB_OK : WB_ERR_PARSE);
        }
        assert_int_equal(outcomes[0].error, outcomes[1].error);
        if (lines[i].is_one) {
            assert_int_equal(outcomes[0].fields[1].name_len, outcomes[1].fields[1].name_len);
            assert_int_equal(outcomes[0].fields[1].value_len, outcomes[1].fields[1].value_len);
        }
    }
}

static void r_23_h1c_09_trailers_say_nothing_about_the_message(void **state) {
    (void)state;
    const struct way trailers = {WB_H1_TRAILERS, NULL, NULL, 4};
    struct wb_bytes input =
        BYTES("Content-Length: x\r\nTransfer-Encoding: y\r\nHost: a b\r\nX: 1\r\n\r\nGET");
    struct outcome outcome = every_way(&trailers, input);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.field_count, 4);
    assert_int_equal(outcome.head.head_len, input.len - 3);
    assert_int_equal(every_way(&trailers, BYTES("\r\n")).status, WB_OK);
    assert_int_equal(every_way(&trailers, BYTES("\n")).error, WB_H1_ERROR_BARE_LF);
    assert_int_equal(every_way(&trailers, BYTES(" X: 1\r\n\r\n")).error, WB_H1_ERROR_FOLD);
    /* H1S-60 */
    assert_int_equal(every_way(&trailers, BYTES("a:\r\nb:\r\nc:\r\nd:\r\ne:\r\n\r\n")).error,
        WB_H1_ERROR_TOO_MANY_FIELDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(r_68_status_lines),
        cmocka_unit_test(r_60_r_61_lengths),
        cmocka_unit_test(r_62_chunked_is_not_of_http_1_0),
        cmocka_unit_test(r_63_no_content_whatever_is_said),
        cmocka_unit_test(r_67_101_needs_to_have_been_asked_for),
        cmocka_unit_test(r_69_connect_makes_a_tunnel),
        cmocka_unit_test(r_72_other_codings_last_until_close),
        cmocka_unit_test(h1c_35_without_lengths_until_close),
        cmocka_unit_test(r_70_r_71_folds_and_blanks_are_refused),
        cmocka_unit_test(h1_responses_need_no_host),
        cmocka_unit_test(r_141_fields_are_the_same_in_requests_and_responses),
        cmocka_unit_test(r_23_h1c_09_trailers_say_nothing_about_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
