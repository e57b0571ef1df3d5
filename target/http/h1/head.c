/* Heads as their users see them: limits, bytes that come bit by bit, and which way of looking at
 * bytes is used. The lines themselves are in head_lines.h, what they say in meaning.c. */
#include "http/h1/levels.h"
#include "http/message/classes.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct {
    uint16_t response;
    const char *text;
} errors[] = {
#define ERROR_ROW(name, status, text) [name] = {status, text},
    WB_H1_ERROR_TABLE(ERROR_ROW)
#undef ERROR_ROW
};

const char *wb_h1_error_text(enum wb_h1_error error) {
    return (unsigned)error < WB_H1_ERROR_COUNT ? errors[error].text : "unknown";
}

unsigned wb_h1_error_response(enum wb_h1_error error) {
    return (unsigned)error < WB_H1_ERROR_COUNT ? errors[error].response : 400;
}

/* Once for each head: what is set anyway is not cleared before. */
void wb_h1_parser_init(struct wb_h1_parser *parser, enum wb_h1_kind kind,
    const struct wb_h1_head_options *options, const struct wb_h1_asked *asked,
    struct wb_http_field *fields, uint32_t fields_max) {
    static const struct wb_h1_head_options defaults = {
        .head_len_max = WB_H1_HEAD_LEN_MAX, .target_len_max = WB_H1_TARGET_LEN_MAX};
    memset(parser, 0, offsetof(struct wb_h1_parser, options));
    parser->kind = (uint8_t)kind;
    parser->stage = kind == WB_H1_TRAILERS ? WB__H1_STAGE_FIELDS : WB__H1_STAGE_START;
    parser->options = options != NULL ? *options : defaults;
    if (parser->options.head_len_max == 0) {
        parser->options.head_len_max = WB_H1_HEAD_LEN_MAX;
    }
    if (parser->options.target_len_max == 0) {
        parser->options.target_len_max = WB_H1_TARGET_LEN_MAX;
    }
    parser->fields = fields;
    parser->fields_max = fields_max;
    if (asked != NULL) {
        assert(kind == WB_H1_RESPONSE);
        parser->asked = *asked;
    } else {
        assert(kind != WB_H1_RESPONSE);
    }
}

/* ---- which way ---- */

static const wb__h1_lines_fn lines_at[WB__H1_LEVEL_COUNT] = {
    [WB__H1_SCALAR] = wb__h1_lines_scalar,
    [WB__H1_SSE42] = wb__h1_lines_sse42,
    [WB__H1_AVX2] = wb__h1_lines_avx2,
};

bool wb__h1_level_is_there(enum wb__h1_level level) {
#if defined(__x86_64__)
    return level == WB__H1_SCALAR || (level == WB__H1_SSE42 && __builtin_cpu_supports("sse4.2"))
           || (level == WB__H1_AVX2 && __builtin_cpu_supports("avx2")
               && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"));
#else
    return level == WB__H1_SCALAR;
#endif
}

static enum wb__h1_level best_level(void) {
    return wb__h1_level_is_there(WB__H1_AVX2)    ? WB__H1_AVX2
           : wb__h1_level_is_there(WB__H1_SSE42) ? WB__H1_SSE42
                                                 : WB__H1_SCALAR;
}

/* ---- parsing ---- */

/* A line that is not complete is looked at with each byte that comes, so that a peer that stops
 * there is told what is wrong. Behind so many bytes only a control character, as at its end, and
 * the byte after one, which may not be what a carriage return needs, are worth another look: or a
 * sender of single bytes would make every one of them cost a line. */
enum { LINE_LOOKED_AT_MAX = 4096 };

static bool is_worth_a_look(struct wb_h1_parser *parser, struct wb_bytes view) {
    if (parser->searched <= parser->line_at
        || parser->searched - parser->line_at < LINE_LOOKED_AT_MAX
        || view.len >= parser->options.head_len_max) {
        return true;
    }
    size_t from = parser->searched - 1;
    size_t new_len = view.len - from;
    size_t run = wb__class_run(view.ptr + from, new_len, WB__CLASS_TEXT);
    parser->searched = (uint32_t)view.len;
    return run < new_len;
}

/* What would not be found if the bytes came one by one is not told either, before there is a
 * control character. So what fails far into a line is looked at twice at most. */
static bool is_told(const struct wb_h1_parser *parser, struct wb_bytes view) {
    uint32_t at = parser->error_at;
    return at - parser->line_at < LINE_LOOKED_AT_MAX || at >= view.len
           || view.len >= parser->options.head_len_max
           || wb__class_run(view.ptr + at, view.len - at, WB__CLASS_TEXT) < view.len - at;
}

enum wb_status wb__h1_end_pass(
    struct wb_h1_parser *parser, struct wb_bytes view, enum wb__h1_pass pass) {
    if (pass == WB__H1_PASS_PLAIN) {
        return WB_OK;
    }
    if (pass == WB__H1_PASS_DONE) {
        return wb__h1_understand(parser, view.ptr) ? WB_OK : WB_ERR_PARSE;
    }
    const uint32_t len_max = parser->options.head_len_max;
    parser->searched = (uint32_t)view.len;
    if (pass == WB__H1_PASS_FAILED) {
        if (is_told(parser, view)) {
            return WB_ERR_PARSE;
        }
        (void)wb__h1_fail(parser, WB_H1_ERROR_NONE, 0);
    }
    if (view.len == len_max) {
        (void)wb__h1_fail(parser, WB_H1_ERROR_TOO_LARGE, len_max);
        return WB_ERR_PARSE;
    }
    return WB_WOULD_BLOCK;
}

/* Nothing behind the limit is looked at, so that it decides the same however the bytes come. */
static inline struct wb_bytes view_of(const struct wb_h1_parser *parser, struct wb_bytes input) {
    const uint32_t len_max = parser->options.head_len_max;
    return wb_bytes_from(input.ptr, input.len < len_max ? input.len : len_max);
}

/* When something was seen of the message before; apart, since most come whole. */
__attribute__((noinline)) static enum wb_status parse_on(
    enum wb__h1_level level, struct wb_h1_parser *parser, struct wb_bytes input) {
    if (parser->error != WB_H1_ERROR_NONE) {
        return WB_ERR_PARSE;
    }
    if (parser->stage == WB__H1_STAGE_DONE) {
        return WB_OK;
    }
    const struct wb_bytes view = view_of(parser, input);
    assert(view.len >= parser->searched); /* or the input got shorter */
    return is_worth_a_look(parser, view) ? lines_at[level](parser, view.ptr, view.len)
                                         : WB_WOULD_BLOCK;
}

static inline enum wb_status parse_at(
    enum wb__h1_level level, struct wb_h1_parser *parser, struct wb_bytes input) {
    if (parser->searched != 0) {
        return parse_on(level, parser, input);
    }
    const struct wb_bytes view = view_of(parser, input);
    return view.len != 0 ? lines_at[level](parser, view.ptr, view.len) : WB_WOULD_BLOCK;
}

enum wb_status wb__h1_parse_at(
    enum wb__h1_level level, struct wb_h1_parser *parser, struct wb_bytes input) {
    return parse_at(level, parser, input);
}

enum wb_status wb_h1_parse(struct wb_h1_parser *parser, struct wb_bytes input) {
    return parse_at(best_level(), parser, input);
}

bool wb_h1_parser_has_begun(const struct wb_h1_parser *parser, struct wb_bytes input) {
    if (parser->stage != WB__H1_STAGE_START || input.len <= parser->line_at) {
        return parser->stage != WB__H1_STAGE_START;
    }
    const bool is_half_empty_line = parser->kind == WB_H1_REQUEST
                                    && input.len - parser->line_at == 1
                                    && input.ptr[parser->line_at] == '\r';
    return !is_half_empty_line;
}

struct wb_http_fields wb_h1_parser_fields(
    const struct wb_h1_parser *parser, struct wb_bytes input) {
    return (struct wb_http_fields){input.ptr, parser->fields, parser->head.field_count};
}

/* A line's end and the blanks around it were one border between words: as many blanks keep it. */
void wb_h1_field_unfold(uint8_t *value, size_t value_len) {
    for (size_t i = 0; i < value_len; i++) {
        if (value[i] == '\r' || value[i] == '\n') {
            value[i] = ' ';
        }
    }
}
