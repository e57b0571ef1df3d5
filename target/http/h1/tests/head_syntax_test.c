/* Heads of requests: what lines and words may look like. Each input is given in every way. */
#include "requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

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

/* However much the options allow. */
static void r_43_a_uri_has_a_limit_of_its_own(void **state) {
    (void)state;
    const struct wb_h1_head_options options = {.target_len_max = 100000};
    const struct way way = {WB_H1_REQUEST, &options, NULL, 1};
    struct wb_bytes input = stretch("GET http://a/", 66000, " HTTP/1.1\r\nHost: a\r\n\r\n");
    struct outcome outcome = every_way(&way, input);
    assert_int_equal(outcome.error, WB_H1_ERROR_TARGET_TOO_LONG);
    assert_int_equal(outcome.error_at, strlen("GET ") + 65534);
    free((void *)(uintptr_t)input.ptr);
    input = stretch("GET /", 66000, " HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(every_way(&way, input).status, WB_OK);
    free((void *)(uintptr_t)input.ptr);
}

int main(void) {
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(r_43_a_uri_has_a_limit_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
