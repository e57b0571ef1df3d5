/* What is understood by whole windows, at whatever place of one it lies: hosts and ports, the word
 * that keeps a connection, methods, names that have a number, values with bytes that few have. */
#include "every_way.h"

#include <stdio.h>
#include <stdlib.h>
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

/* Whole, at each level, in as many bytes as it has: what the first of them says. */
static struct wb_h1_parser whole(struct wb_bytes text) {
    struct wb_h1_parser first;
    for (unsigned level = 0; level < WB__H1_LEVEL_COUNT; level++) {
        struct wb_http_field fields[4];
        struct wb_h1_parser parser;
        uint8_t *copy = malloc(text.len);
        assert_non_null(copy);
        memcpy(copy, text.ptr, text.len);
        wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, fields, 4);
        if (wb__h1_level_is_there((enum wb__h1_level)level)) {
            (void)wb__h1_parse_at((enum wb__h1_level)level, &parser, wb_bytes_from(copy, text.len));
            first = level == WB__H1_SCALAR ? parser : first;
            assert_int_equal(parser.error, first.error);
            assert_int_equal(parser.error_at, first.error_at);
            assert_int_equal(parser.head.field_count, first.head.field_count);
            assert_int_equal(parser.head.keep_alive, first.head.keep_alive);
        }
        free(copy);
    }
    return first;
}

/* RFC 3986 section 3.2.2, said once more. */
static bool may_stand_in_a_host(unsigned byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9') || (byte != 0 && strchr("-._~!$&'()*+,;=", (int)byte));
}

static void host_is_none_with_any_byte_that_may_not_stand_in_it(void **state) {
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        /* What ends the line, and what the port begins with. */
        if (strchr(" \t\r\n:", (int)byte) != NULL && byte != 0) {
            continue;
        }
        for (size_t len = 1; len < PLACES; len++) {
            for (size_t at = 0; at < len; at += len < 3 ? 1 : len / 2) {
                uint8_t text[ROOM];
                static const char before[] = "GET / HTTP/1.1\r\nHost: ";
                memcpy(text, before, sizeof before - 1);
                memset(text + sizeof before - 1, 'h', len);
                text[sizeof before - 1 + at] = (uint8_t)byte;
                memcpy(text + sizeof before - 1 + len, "\r\n\r\n", 4);
                const struct wb_h1_parser parser =
                    whole(wb_bytes_from(text, sizeof before - 1 + len + 4));
                assert_int_equal(
                    parser.error == WB_H1_ERROR_NONE, may_stand_in_a_host(byte) ? 1 : 0);
            }
        }
    }
}

/* The id of a field of that name, at every place or, if it is none, at some, among others and
 * alone. */
static void assert_id(const char *name, unsigned id) {
    const size_t step = id != WB_HTTP_FIELD_OTHER ? 1 : 19;
    for (size_t place = 0; place < PLACES; place += step) {
        char field[ROOM];
        (void)snprintf(field, sizeof field, "%s: 5", name);
        struct outcome outcome = take(place, "HTTP/1.1", field, place % 2 ? "Host: a\r\n" : "");
        /* Not all of them make sense, but of each something is said. */
        if (outcome.status == WB_OK) {
            assert_int_equal(outcome.fields[0].id, id);
            assert_int_equal(outcome.fields[0].name_len, strlen(name));
        }
    }
    const struct way trailers = {WB_H1_TRAILERS, NULL, NULL, EVERY_WAY_FIELDS_MAX};
    for (size_t place = 0; place < PLACES; place += step) {
        char text[ROOM];
        char filler[PLACES + 1] = {0};
        memset(filler, 'f', place);
        const int len = snprintf(text, sizeof text, "%s%s%s: 5\r\n%s: 5\r\nX: yyyyyyyyyyyy\r\n\r\n",
            filler, place != 0 ? ": 1\r\n" : "", name, name);
        struct outcome outcome = every_way(&trailers, wb_bytes_from(text, (size_t)len));
        assert_int_equal(outcome.status, WB_OK);
        assert_int_equal(outcome.fields[place != 0].id, id);
        assert_int_equal(outcome.fields[(place != 0) + 1].id, id);
    }
}

static void names_are_known_at_every_place_and_no_others(void **state) {
    (void)state;
    for (unsigned id = 1; id < WB_HTTP_FIELD_COUNT; id++) {
        const char *name = wb_http_field_id_name((enum wb_http_field_id)id);
        char other[32];
        assert_id(name, id);
        (void)snprintf(other, sizeof other, "%s", name);
        other[0] = (char)(other[0] - 'a' + 'A');
        assert_id(other, id);
        (void)snprintf(other, sizeof other, "x%s", name);
        assert_id(other, WB_HTTP_FIELD_OTHER);
        (void)snprintf(other, sizeof other, "%sx", name);
        assert_id(other, WB_HTTP_FIELD_OTHER);
        for (size_t i = 0; i < strlen(name); i += 3) {
            (void)snprintf(other, sizeof other, "%s", name);
            other[i] ^= 1;
            if (wb_http_is_token(wb_bytes_from_string(other))) {
                assert_id(other, WB_HTTP_FIELD_OTHER);
            }
        }
    }
    assert_id("transfer-encodin'", WB_HTTP_FIELD_OTHER);
    assert_id("x", WB_HTTP_FIELD_OTHER);
}

/* A line without a colon takes no part of the next one, however its first byte and its length make
 * the two of them look. */
static void line_without_a_colon_is_no_part_of_a_name(void **state) {
    (void)state;
    for (unsigned id = 1; id < WB_HTTP_FIELD_COUNT; id++) {
        for (int len = 1; len < PLACES; len++) {
            for (char first = 'A'; first < 'A' + 16; first++) {
                char text[ROOM];
                (void)snprintf(text, sizeof text,
                    "GET / HTTP/1.1\r\nHost: a\r\n%c%.*s\r\n%s: 5\r\n\r\n", first, len - 1,
                    "jjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjjj",
                    wb_http_field_id_name((enum wb_http_field_id)id));
                assert_int_equal(whole(wb_bytes_from_string(text)).error, WB_H1_ERROR_FIELD_NAME);
            }
        }
    }
}

/* Nor does the empty line, of whatever comes behind the head. */
static void what_comes_behind_a_head_is_no_part_of_it(void **state) {
    (void)state;
    static const char head[] = "POST /b HTTP/1.1\r\nHost: a\r\n\r\n";
    for (unsigned id = 1; id < WB_HTTP_FIELD_COUNT; id++) {
        for (int len = 0; len < PLACES; len++) {
            char text[ROOM];
            (void)snprintf(text, sizeof text, "%s%.*s\r\n%s: 5\r\n\r\n", head, len,
                "GET /page HTTP/1.1 and whatever may follow",
                wb_http_field_id_name((enum wb_http_field_id)id));
            const struct wb_h1_parser parser = whole(wb_bytes_from_string(text));
            assert_int_equal(parser.error, WB_H1_ERROR_NONE);
            assert_int_equal(parser.head.head_len, sizeof head - 1);
            assert_int_equal(parser.head.field_count, 1);
        }
    }
}

static void blanks_around_a_value_are_no_part_of_it(void **state) {
    (void)state;
    static const struct {
        const char *field;
        size_t value_len;
    } cases[] = {{"X:", 0}, {"X: ", 0}, {"X:  ", 0}, {"X:\t", 0}, {"X:y", 1}, {"X:  y", 1},
        {"X: y ", 1}, {"X: y\t", 1}, {"X:\ty", 1}, {"X: \ty \t", 1}, {"X: :", 1}, {"X: y: z", 4}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t place = 0; place < PLACES; place++) {
            struct outcome outcome = take(place, "HTTP/1.1", cases[i].field, "Host: a\r\n");
            assert_int_equal(outcome.status, WB_OK);
            assert_int_equal(outcome.fields[0].value_len, cases[i].value_len);
        }
        assert_int_equal(take(i, "HTTP/1.1", "Host: a", "").status, WB_OK);
    }
}

/* What two readers would understand differently is refused at every place of a window. */
static void lines_that_are_none_are_refused_at_every_place(void **state) {
    (void)state;
    static const struct {
        const char *field;
        enum wb_h1_error error;
    } cases[] = {{"X : y", WB_H1_ERROR_SPACE_BEFORE_COLON},
        {"X\t: y", WB_H1_ERROR_SPACE_BEFORE_COLON}, {": y", WB_H1_ERROR_FIELD_NAME},
        {"X", WB_H1_ERROR_FIELD_NAME}, {" X: y", WB_H1_ERROR_FOLD},
        {"X: y\rZ: z", WB_H1_ERROR_BARE_CR}, {"X: y\nZ: z", WB_H1_ERROR_BARE_LF},
        {"X: y\x7f", WB_H1_ERROR_FIELD_VALUE}, {"X: y\x01", WB_H1_ERROR_FIELD_VALUE},
        {"X: y\r\n z", WB_H1_ERROR_FOLD}, {"X\x80: y", WB_H1_ERROR_FIELD_NAME},
        {"Host\r: a", WB_H1_ERROR_FIELD_NAME}, {"X: \r", WB_H1_ERROR_BARE_CR},
        {"X:\rY: z", WB_H1_ERROR_BARE_CR}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (size_t place = 0; place < PLACES; place++) {
            assert_int_equal(
                take(place, "HTTP/1.1", cases[i].field, "Host: a\r\n").error, cases[i].error);
        }
    }
}

static void nul_is_refused_at_every_place(void **state) {
    (void)state;
    char text[] = "GET /pppppppppppppppppp HTTP/1.1\r\nHost: aaaaaaaaaaa\r\nX-Y: zzzzzzzz\r\n\r\n";
    for (size_t at = 0; at < sizeof text - 1; at++) {
        const char byte = text[at];
        text[at] = '\0';
        assert_int_equal(
            every_way(&way_of_requests, wb_bytes_from(text, sizeof text - 1)).status, WB_ERR_PARSE);
        text[at] = byte;
    }
}

/* As many fields as there is room for, and one more; and none at all. */
static void room_for_fields_is_used_up_and_no_further(void **state) {
    (void)state;
    enum { COUNT_MAX = 12 };
    for (uint32_t count = 0; count < COUNT_MAX; count++) {
        char text[ROOM] = "GET / HTTP/1.1\r\n";
        for (uint32_t i = 0; i < count; i++) {
            strcat(text, i == 0       ? "Host: a\r\n"
                         : i % 3 != 0 ? "X: y\r\n"
                                      : "Accept-Thing: yyyyyyyy\r\n");
        }
        strcat(text, "\r\n");
        for (uint32_t room = 0; room < COUNT_MAX; room++) {
            const struct way way = {WB_H1_REQUEST, NULL, NULL, room};
            struct outcome outcome = every_way(&way, wb_bytes_from_string(text));
            assert_int_equal(outcome.error, count > room ? WB_H1_ERROR_TOO_MANY_FIELDS
                                            : count == 0 ? WB_H1_ERROR_HOST_MISSING
                                                         : WB_H1_ERROR_NONE);
        }
    }
}

/* A head and a target of just so many bytes, and of one more. */
static void limits_hold_to_the_byte(void **state) {
    (void)state;
    for (size_t len = 1; len < PLACES; len++) {
        char text[ROOM];
        char path[PLACES + 1] = {0};
        memset(path, '/', len);
        const int text_len =
            snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", path);
        const struct wb_bytes input = wb_bytes_from(text, (size_t)text_len);
        struct wb_h1_head_options options = {
            .target_len_max = (uint32_t)len, .head_len_max = (uint32_t)text_len};
        const struct way way = {WB_H1_REQUEST, &options, NULL, EVERY_WAY_FIELDS_MAX};
        assert_int_equal(every_way(&way, input).error, WB_H1_ERROR_NONE);
        options.head_len_max--;
        assert_int_equal(every_way(&way, input).error, WB_H1_ERROR_TOO_LARGE);
        options.head_len_max++;
        options.target_len_max--;
        assert_int_equal(every_way(&way, input).error,
            len == 1 ? WB_H1_ERROR_NONE : WB_H1_ERROR_TARGET_TOO_LONG);
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
        cmocka_unit_test(host_is_none_with_any_byte_that_may_not_stand_in_it),
        cmocka_unit_test(names_are_known_at_every_place_and_no_others),
        cmocka_unit_test(line_without_a_colon_is_no_part_of_a_name),
        cmocka_unit_test(what_comes_behind_a_head_is_no_part_of_it),
        cmocka_unit_test(blanks_around_a_value_are_no_part_of_it),
        cmocka_unit_test(lines_that_are_none_are_refused_at_every_place),
        cmocka_unit_test(nul_is_refused_at_every_place),
        cmocka_unit_test(room_for_fields_is_used_up_and_no_further),
        cmocka_unit_test(limits_hold_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
