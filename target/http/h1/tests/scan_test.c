/* The ways to look at bytes agree on every byte at every place of a long run, and on where runs end
 * near the end of what is there. */
#include "http/h1/levels.h"

#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

enum { RUN_LEN = 80 };

/* What a run of bytes is in, and what must be there behind it. */
static const struct run {
    const char *before;
    const char *after;
    uint8_t filler;
    enum wb_h1_error error; /* of a byte that may not stand there */
} runs[] = {
    {"GET /", " HTTP/1.0\r\n\r\n", 'a', WB_H1_ERROR_TARGET},
    {"GET / HTTP/1.0\r\n", ": b\r\n\r\n", 'a', WB_H1_ERROR_FIELD_NAME},
    {"GET / HTTP/1.0\r\nX: ", "\r\n\r\n", 'a', WB_H1_ERROR_FIELD_VALUE},
};

static struct wb_h1_parser parse(enum wb__h1_level level, const struct run *run, size_t at,
    uint8_t byte, struct wb_http_field *field, enum wb_status *out_status) {
    size_t before_len = strlen(run->before);
    size_t after_len = strlen(run->after);
    uint8_t *text = malloc(before_len + RUN_LEN + after_len);
    assert_non_null(text);
    memcpy(text, run->before, before_len);
    memset(text + before_len, run->filler, RUN_LEN);
    text[before_len + at] = byte;
    memcpy(text + before_len + RUN_LEN, run->after, after_len);
    struct wb_h1_parser parser;
    wb_h1_parser_init(&parser, WB_H1_REQUEST, NULL, NULL, field, 1);
    *out_status =
        wb__h1_parse_at(level, &parser, wb_bytes_from(text, before_len + RUN_LEN + after_len));
    free(text);
    return parser;
}

/* Which bytes may stand in which run, said once more, in other words. */
static bool may_stand(const struct run *run, uint8_t byte) {
    static const char separators[] = "\"(),/:;<=>?@[\\]{}";
    bool is_visible = byte > ' ' && byte < 0x7f;
    if (run == &runs[0]) {
        return is_visible && byte != '#';
    }
    if (run == &runs[1]) {
        return is_visible && strchr(separators, byte) == NULL;
    }
    return is_visible || byte == ' ' || byte == '\t' || byte >= 0x80;
}

static void check_byte(enum wb__h1_level level, const struct run *run, size_t at, uint8_t byte) {
    struct wb_http_field field;
    enum wb_status status;
    struct wb_h1_parser parser = parse(level, run, at, byte, &field, &status);
    if (may_stand(run, byte)) {
        assert_int_equal(status, WB_OK);
        return;
    }
    struct wb_http_field plain_field;
    enum wb_status plain_status;
    struct wb_h1_parser plain = parse(WB__H1_SCALAR, run, at, byte, &plain_field, &plain_status);
    assert_int_equal(status, plain_status);
    assert_int_equal(parser.error, plain.error);
    assert_int_equal(parser.error_at, plain.error_at);
    /* Some bytes mean something there: the colon ends a name, a space ends a target. */
    bool is_meant = byte == ':' || byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
    if (!is_meant) {
        assert_int_equal(status, WB_ERR_PARSE);
        assert_int_equal(parser.error, run->error);
        assert_int_equal(parser.error_at, strlen(run->before) + at);
    }
}

static void check_level(enum wb__h1_level level) {
    for (size_t r = 0; r < sizeof(runs) / sizeof(runs[0]); r++) {
        for (size_t at = 0; at < RUN_LEN; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                check_byte(level, &runs[r], at, (uint8_t)byte);
            }
        }
    }
}

static void scan_scalar_knows_every_byte(void **state) {
    (void)state;
    check_level(WB__H1_SCALAR);
}

static void scan_sse42_knows_every_byte(void **state) {
    (void)state;
    if (!wb__h1_level_is_there(WB__H1_SSE42)) {
        skip();
    }
    check_level(WB__H1_SSE42);
}

static void scan_avx2_knows_every_byte(void **state) {
    (void)state;
    if (!wb__h1_level_is_there(WB__H1_AVX2)) {
        skip();
    }
    check_level(WB__H1_AVX2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan_scalar_knows_every_byte),
        cmocka_unit_test(scan_sse42_knows_every_byte),
        cmocka_unit_test(scan_avx2_knows_every_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
