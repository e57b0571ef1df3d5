/* What is understood by whole windows, at whatever place of one it lies: hosts and ports, the word
 * that keeps a connection, methods, names that have a number, values with bytes that few have. */
#include "every_way.h"

#include <stdio.h>
#include <string.h>

#include "test_abort.h"

enum { ROOM = 512, PLACES = 40 };

/* A request whose field lies `place` bytes further on; `after` it come others. */
static struct outcome take(
    size_t place, const char *version, const char *field, const char *after) {
    char text[ROOM];
    char path[PLACES + 1] = {0};
    memset(path, 'p', place);
    const int len =
        snprintf(text, sizeof text, "GET /%s %s\r\n%s\r\n%s\r\n", path, version, field, after);
    assert_true(len > 0 && (size_t)len < sizeof text);
    return every_way(&way_of_requests, wb_bytes_from(text, (size_t)len));
}

static void host_is_told_from_what_is_none_at_every_place(void **state) {
    (void)state;
    static const struct {
        const char *end;
        bool is_host;
    } ends[] = {{"", true}, {":", true}, {":1", true}, {":8080", true}, {":65535", true},
        {":00080", true}, {":0", false}, {":65536", false}, {":80a", false}, {":8:0", false},
        {":8 0", false}, {"#", false}, {"/", false}, {"@b", false}, {"%zz", false}, {"%20", true}};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        for (size_t len = 1; len < PLACES; len++) {
            char field[ROOM];
            char name[PLACES + 1] = {0};
            memset(name, 'h', len);
            (void)snprintf(field, sizeof field, "Host: %s%s", name, ends[i].end);
            struct outcome outcome =
                take(len % 7, "HTTP/1.1", field, len % 2 == 0 ? "" : "X: y\r\n");
            assert_int_equal(outcome.error, ends[i].is_host ? WB_H1_ERROR_NONE : WB_H1_ERROR_HOST);
        }
    }
}

static void host_may_be_empty_but_not_twice(void **state) {
    (void)state;
    for (size_t place = 0; place < PLACES; place++) {
        assert_int_equal(take(place, "HTTP/1.1", "Host: ", "").status, WB_OK);
        assert_int_equal(
            take(place, "HTTP/1.1", "Host: a", "Host: a\r\n").error, WB_H1_ERROR_HOST_TWICE);
        assert_int_equal(
            take(place, "HTTP/1.1", "hOST: a", "A: b\r\nhosT:a\r\n").error, WB_H1_ERROR_HOST_TWICE);
        assert_int_equal(
            take(place, "HTTP/1.1", "X: yyyyyyyyyyyyyyyyyyy", "").error, WB_H1_ERROR_HOST_MISSING);
    }
}

static void connection_is_kept_as_it_says(void **state) {
    (void)state;
    static const struct {
        const char *field;
        bool says_keep_alive;
        bool keeps_1_0;
        bool keeps_1_1;
    } cases[] = {{"Connection: keep-alive", true, true, true},
        {"CONNECTION: Keep-Alive", true, true, true}, {"connection:keep-alive ", true, true, true},
        {"Connection: keep-alive\r\nConnection: close", true, false, false},
        {"Connection: close\r\nConnection: keep-alive", true, false, false},
        {"Connection: keep-alive, close", true, false, false},
        {"Connection: close", false, false, false}, {"Connection: keep-aliv", false, false, true},
        {"Connection: keep_alive", false, false, true},
        {"Connection: keep-alivE\r\nX: y", true, true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t place = 0; place < PLACES; place++) {
            struct outcome outcome = take(place, "HTTP/1.1", cases[i].field, "Host: a\r\n");
            assert_int_equal(outcome.head.says_keep_alive, cases[i].says_keep_alive);
            assert_int_equal(outcome.head.keep_alive, cases[i].keeps_1_1);
            outcome = take(place, "HTTP/1.0", cases[i].field, "Host: a\r\n");
            assert_int_equal(outcome.head.says_keep_alive, cases[i].says_keep_alive);
            assert_int_equal(outcome.head.keep_alive, cases[i].keeps_1_0);
        }
    }
}

/* What frames is seen beside what is plain. */
static void content_is_seen_beside_what_is_plain(void **state) {
    (void)state;
    for (size_t place = 0; place < PLACES; place++) {
        const char *plain = "Host: a\r\nConnection: keep-alive\r\n";
        struct outcome outcome = take(place, "HTTP/1.1", "Content-Length: 12", plain);
        assert_int_equal(outcome.head.body, WB_H1_BODY_LENGTH);
        assert_int_equal(outcome.head.content_length, 12);
        outcome = take(place, "HTTP/1.1", "Transfer-Encoding: chunked", plain);
        assert_int_equal(outcome.head.body, WB_H1_BODY_CHUNKED);
        outcome = take(place, "HTTP/1.1", "Transfer_Encoding: chunked", plain);
        assert_int_equal(outcome.head.body, WB_H1_BODY_NONE);
        outcome = take(place, "HTTP/1.1", "Upgrade: x\r\nConnection: upgrade", "Host: a\r\n");
        assert_true(outcome.head.wants_upgrade);
    }
}

/* Trailers say nothing about the message, whatever stands in them. */
static void trailers_keep_no_connection(void **state) {
    (void)state;
    const struct way trailers = {WB_H1_TRAILERS, NULL, NULL, EVERY_WAY_FIELDS_MAX};
    const struct wb_bytes text =
        BYTES("Connection: keep-alive\r\nHost: a:80\r\nX: yyyyyyy\r\n\r\n");
    struct outcome outcome = every_way(&trailers, text);
    assert_int_equal(outcome.status, WB_OK);
    assert_int_equal(outcome.head.field_count, 3);
    assert_int_equal(outcome.fields[0].id, WB_HTTP_FIELD_CONNECTION);
    assert_false(outcome.head.says_keep_alive);
}

static void value_is_the_same_with_bytes_that_few_have(void **state) {
    (void)state;
    static const char *const values[] = {"a\tb", "a\xc3\xa9", "\xff", "a  b", "a:b", "\x80 \x80"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        for (size_t place = 0; place < PLACES; place++) {
            char field[ROOM];
            char filler[PLACES + 1] = {0};
            memset(filler, 'v', place);
            (void)snprintf(field, sizeof field, "X: %s%s%s", filler, values[i], filler);
            struct outcome outcome = take(place % 5, "HTTP/1.1", field, "Host: a\r\n");
            assert_int_equal(outcome.status, WB_OK);
            assert_int_equal(outcome.fields[0].value_len, 2 * place + strlen(values[i]));
        }
    }
}

static void method_is_known_at_every_length_of_target(void **state) {
    (void)state;
    for (unsigned method = 0; method < WB_HTTP_METHOD_COUNT; method++) {
        const char *name = wb_http_method_name((enum wb_http_method)method);
        name = name != NULL ? name : "GETS";
        for (size_t len = 0; len < PLACES && method != WB_HTTP_CONNECT; len++) {
            char text[ROOM];
            char path[PLACES + 1] = {0};
            memset(path, 'p', len);
            const int text_len =
                snprintf(text, sizeof text, "%s /%s HTTP/1.1\r\nHost: a\r\n\r\n", name, path);
            struct outcome outcome =
                every_way(&way_of_requests, wb_bytes_from(text, (size_t)text_len));
            assert_int_equal(outcome.status, WB_OK);
            assert_int_equal(outcome.head.method, method);
            assert_int_equal(outcome.head.target_len, len + 1);
        }
    }
}

/* A carriage return differs from the hyphen in one bit, in which letters differ from themselves. */
static void name_with_a_line_end_is_no_known_one(void **state) {
    (void)state;
    for (unsigned id = 1; id < WB_HTTP_FIELD_COUNT; id++) {
        char field[ROOM];
        (void)snprintf(
            field, sizeof field, "%s: 5", wb_http_field_id_name((enum wb_http_field_id)id));
        char *hyphen = strchr(field, '-');
        for (size_t place = 0; place < PLACES && hyphen != NULL; place++) {
            *hyphen = '\r';
            assert_int_equal(take(place, "HTTP/1.1", field, "").error, WB_H1_ERROR_FIELD_NAME);
            *hyphen = '\n';
            assert_int_equal(take(place, "HTTP/1.1", field, "").error, WB_H1_ERROR_FIELD_NAME);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_is_told_from_what_is_none_at_every_place),
        cmocka_unit_test(host_may_be_empty_but_not_twice),
        cmocka_unit_test(connection_is_kept_as_it_says),
        cmocka_unit_test(content_is_seen_beside_what_is_plain),
        cmocka_unit_test(trailers_keep_no_connection),
        cmocka_unit_test(value_is_the_same_with_bytes_that_few_have),
        cmocka_unit_test(name_with_a_line_end_is_no_known_one),
        cmocka_unit_test(method_is_known_at_every_length_of_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
