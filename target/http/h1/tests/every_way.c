#include "every_way.h"

#include <stdlib.h>
#include <string.h>

#include "test_abort.h"

const struct way way_of_requests = {WB_H1_REQUEST, NULL, NULL, EVERY_WAY_FIELDS_MAX};

/* Exactly so long, so that a sanitizer sees each read behind the end. */
static uint8_t *copy_of(struct wb_bytes bytes) {
    uint8_t *copy = malloc(bytes.len != 0 ? bytes.len : 1);
    assert_non_null(copy);
    if (bytes.len != 0) {
        memcpy(copy, bytes.ptr, bytes.len);
    }
    return copy;
}

static enum wb_status give(
    enum wb__h1_level level, struct wb_h1_parser *parser, struct wb_bytes input, size_t len) {
    uint8_t *copy = copy_of(wb_bytes_from(input.ptr, len));
    enum wb_status status = wb__h1_parse_at(level, parser, wb_bytes_from(copy, len));
    free(copy);
    return status;
}

/* In pieces that end at `cut` and then every `step` bytes. */
static struct outcome parse_cut(const struct way *way, enum wb__h1_level level,
    struct wb_bytes input, size_t cut, size_t step) {
    struct outcome outcome;
    struct wb_h1_parser parser;
    memset(&outcome, 0, sizeof outcome);
    wb_h1_parser_init(
        &parser, way->kind, way->options, way->asked, outcome.fields, way->fields_max);
    size_t len = cut < input.len ? cut : input.len;
    outcome.status = give(level, &parser, input, len);
    while (outcome.status == WB_WOULD_BLOCK && len < input.len) {
        len = input.len - len < step ? input.len : len + step;
        outcome.status = give(level, &parser, input, len);
    }
    outcome.error = parser.error;
    outcome.error_at = parser.error_at;
    if (outcome.status == WB_OK) {
        outcome.head = parser.head;
    } else {
        memset(outcome.fields, 0, sizeof outcome.fields);
    }
    return outcome;
}

static void assert_same_fields(const struct outcome *a, const struct outcome *b) {
    for (uint32_t i = 0; i < a->head.field_count; i++) {
        assert_int_equal(a->fields[i].name_at, b->fields[i].name_at);
        assert_int_equal(a->fields[i].name_len, b->fields[i].name_len);
        assert_int_equal(a->fields[i].value_at, b->fields[i].value_at);
        assert_int_equal(a->fields[i].value_len, b->fields[i].value_len);
        assert_int_equal(a->fields[i].id, b->fields[i].id);
    }
}

static void assert_same(const struct outcome *a, const struct outcome *b) {
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->error, b->error);
    assert_int_equal(a->error_at, b->error_at);
    assert_int_equal(a->head.head_len, b->head.head_len);
    assert_int_equal(a->head.field_count, b->head.field_count);
    assert_int_equal(a->head.version, b->head.version);
    assert_int_equal(a->head.method, b->head.method);
    assert_int_equal(a->head.target_at, b->head.target_at);
    assert_int_equal(a->head.target_len, b->head.target_len);
    assert_int_equal(a->head.status, b->head.status);
    assert_int_equal(a->head.reason_at, b->head.reason_at);
    assert_int_equal(a->head.reason_len, b->head.reason_len);
    assert_int_equal(a->head.body, b->head.body);
    assert_true(a->head.content_length == b->head.content_length);
    assert_int_equal(a->head.has_content_length, b->head.has_content_length);
    assert_int_equal(a->head.keep_alive, b->head.keep_alive);
    assert_int_equal(a->head.says_keep_alive, b->head.says_keep_alive);
    assert_int_equal(a->head.expects_continue, b->head.expects_continue);
    assert_int_equal(a->head.expects_else, b->head.expects_else);
    assert_int_equal(a->head.wants_upgrade, b->head.wants_upgrade);
    assert_int_equal(a->head.has_trailer_field, b->head.has_trailer_field);
    assert_int_equal(a->head.takes_trailers, b->head.takes_trailers);
    assert_same_fields(a, b);
}

struct outcome every_way(const struct way *way, struct wb_bytes input) {
    enum { ALL_CUTS_MAX = 512 };
    struct outcome whole = parse_cut(way, WB__H1_SCALAR, input, input.len, 1);
    for (unsigned i = 0; i < WB__H1_LEVEL_COUNT; i++) {
        enum wb__h1_level level = (enum wb__h1_level)i;
        if (!wb__h1_level_is_there(level)) {
            continue;
        }
        struct outcome other = parse_cut(way, level, input, input.len, 1);
        assert_same(&whole, &other);
        size_t stride = input.len <= ALL_CUTS_MAX ? 1 : input.len / 37;
        other = parse_cut(way, level, input, 1, stride);
        assert_same(&whole, &other);
        for (size_t cut = 0; cut < input.len; cut += stride) {
            other = parse_cut(way, level, input, cut, input.len);
            assert_same(&whole, &other);
        }
    }
    return whole;
}

bool part_is(struct wb_bytes input, uint32_t at, uint32_t len, const char *text) {
    return len == strlen(text) && memcmp(input.ptr + at, text, len) == 0;
}
