/* Lines as nearly all are: a request to a path, a status line, fields of one line, all complete and
 * without anything that would have to be looked at twice. Each is taken whole, or left to
 * head_lines.h, which would take it the same. Included by a file that defines WINDOW, how many
 * bytes it looks at in one step, load_window(), and no_token(), no_target(), no_text() and
 * no_plain(), which make of them a bit for each byte that is no such one; and first_bytes(), which
 * leaves that many of a word.
 *
 * Windows end before the last byte that is there, so that what ends a run is never the last one:
 * two bytes may be read where a run was found to end. */
#ifndef HTTP_H1_HEAD_USUAL_H
#define HTTP_H1_HEAD_USUAL_H

#include <string.h>

#include "http/h1/levels.h"
#include "http/message/names.h"

/* What is looked at: at least a window and the last byte. */
struct view {
    const uint8_t *base;
    const uint8_t *end;  /* of windows */
    const uint8_t *last; /* where the last window begins */
};

/* The window that has the byte at `at`: there, or the last one. */
static inline const uint8_t *window_at(const struct view *view, const uint8_t *at) {
    return at < view->last ? at : view->last;
}

/* Where the run of bytes from `at`, which is before the end, on ends; NULL: that is not seen. */
#define RUN_END(no)                                                                                \
    for (;;) {                                                                                     \
        const uint8_t *window = window_at(view, at);                                               \
        const uint32_t found = no(load_window(window)) >> (at - window);                           \
        if (found != 0) {                                                                          \
            return at + __builtin_ctz(found);                                                      \
        }                                                                                          \
        if (window == view->last) {                                                                \
            return NULL;                                                                           \
        }                                                                                          \
        at += WINDOW;                                                                              \
        at = at < view->end ? at : view->end - 1;                                                  \
    }

/* Names and methods are short: only one window is looked at. A bit for each byte that is no part of
 * a token, the byte at `at` first. */
static inline uint32_t no_token_bits(const struct view *view, const uint8_t *at) {
    const uint8_t *window = window_at(view, at);
    return no_token(load_window(window)) >> (at - window);
}

static inline const uint8_t *target_end(const struct view *view, const uint8_t *at) {
    RUN_END(no_target)
}

static inline const uint8_t *text_end(const struct view *view, const uint8_t *at) {
    RUN_END(no_text)
}

#define BEGINS_WITH(at, literal) (memcmp(at, literal, sizeof(literal) - 1) == 0)

/* ---- start lines ---- */

/* All functions return where the next line begins; NULL: that line is not usual. `at` is before the
 * view's end. */

static inline const uint8_t *usual_request_line(
    struct wb_h1_head *head, uint32_t target_len_max, const struct view *view, const uint8_t *at) {
    enum { VERSION_LEN = sizeof(" HTTP/1.1\r\n") - 1 };
    const uint8_t *after = at + 3;
    enum wb_http_method method = WB_HTTP_GET;
    if (view->end - at < 16) {
        return NULL;
    }
    if (!BEGINS_WITH(at, "GET /")) {
        const uint32_t found = no_token_bits(view, at);
        const size_t len = found != 0 ? (size_t)__builtin_ctz(found) : 0;
        after = at + len;
        method = wb_http_method_from(wb_bytes_from(at, len));
        if (method == WB_HTTP_METHOD_OTHER || method == WB_HTTP_CONNECT
            || !BEGINS_WITH(after, " /")) {
            return NULL;
        }
    }
    const uint8_t *target = after + 1;
    head->method_len = (uint32_t)(after - at);
    after = target_end(view, target);
    if (after == NULL || (size_t)(after - target) > target_len_max
        || view->end + 1 - after < VERSION_LEN || !BEGINS_WITH(after, " HTTP/1.1\r\n")) {
        return NULL;
    }
    head->method = method;
    head->method_at = (uint32_t)(at - view->base);
    head->target_form = WB_H1_TARGET_ORIGIN;
    head->target_at = (uint32_t)(target - view->base);
    head->target_len = (uint32_t)(after - target);
    head->version = WB_HTTP_1_1;
    return after + VERSION_LEN;
}

static inline bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static inline const uint8_t *usual_status_line(
    struct wb_h1_head *head, const struct view *view, const uint8_t *at) {
    enum { STATUS_AT = sizeof("HTTP/1.1 ") - 1, REASON_AT = STATUS_AT + 4 };
    const uint8_t *digits = at + STATUS_AT;
    if (view->end - at <= REASON_AT || !BEGINS_WITH(at, "HTTP/1.1 ") || !is_digit(digits[0])
        || digits[0] == '0' || !is_digit(digits[1]) || !is_digit(digits[2]) || digits[3] != ' ') {
        return NULL;
    }
    const uint8_t *after = text_end(view, at + REASON_AT);
    if (after == NULL || !BEGINS_WITH(after, "\r\n")) {
        return NULL;
    }
    head->version = WB_HTTP_1_1;
    head->status = (uint16_t)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0');
    head->reason_at = (uint32_t)(at + REASON_AT - view->base);
    head->reason_len = (uint32_t)(after - at - REASON_AT);
    return after + 2;
}

/* ---- fields ---- */

static inline bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\t';
}

enum { NAME_WORD_LEN = 8 };

/* Whether it is surely a host, or a host and a port, and so need not be looked at again. Once a
 * head, and apart, so that the others need few registers. */
__attribute__((noinline)) static bool is_plain_host(
    const struct view *view, const uint8_t *value, const uint8_t *value_end) {
    const uint8_t *window = window_at(view, value);
    const uint32_t found = no_plain(load_window(window)) >> (value - window);
    const uint8_t *after = value + (found != 0 ? __builtin_ctz(found) : WINDOW);
    return after == value_end || (after < value_end && wb__h1_is_plain_port(after, value_end));
}

/* A name, a colon, a space, and a value that is not empty, without blanks around it. Eight bytes
 * may be read. */
static inline const uint8_t *usual_field(struct wb_h1_parser *parser, const struct view *view,
    const uint8_t *at, struct wb_http_field *out) {
    const uint32_t found = no_token_bits(view, at);
    if (found == 0) {
        return NULL;
    }
    const uint32_t name_len = (uint32_t)__builtin_ctz(found);
    const uint8_t *colon = at + name_len;
    if (name_len == 0 || !BEGINS_WITH(colon, ": ")) {
        return NULL;
    }
    const uint8_t *value = colon + 2;
    if (value >= view->end || *value <= ' ') {
        return NULL;
    }
    const uint8_t *after = text_end(view, value);
    if (after == NULL || !BEGINS_WITH(after, "\r\n") || after[-1] <= ' ') {
        return NULL;
    }
    out->name_at = (uint32_t)(at - view->base);
    out->value_at = (uint32_t)(value - view->base);
    out->value_len = (uint32_t)(after - value);
    out->name_len = (uint16_t)name_len;
    out->id = (uint8_t)wb__field_id_from(
        first_bytes(wb__name_word(wb__eight_at(at)), name_len), colon, name_len);
    wb__h1_note(parser, out->id);
    if (out->id == WB_HTTP_FIELD_HOST && is_plain_host(view, value, after)) {
        parser->plain_host_at = out->value_at;
    }
    return after + 2;
}

/* As many fields as are usual; how far they went. */
static inline const uint8_t *usual_fields(
    struct wb_h1_parser *parser, const struct view *view, const uint8_t *at) {
    struct wb_http_field *field = parser->fields + parser->head.field_count;
    struct wb_http_field *const fields_end = parser->fields + parser->fields_max;
    const uint8_t *const at_max = view->end - NAME_WORD_LEN;
    while (at <= at_max && field < fields_end) {
        const uint8_t *after = usual_field(parser, view, at, field);
        if (after == NULL) {
            break;
        }
        field++;
        at = after;
    }
    const uint32_t count = (uint32_t)(field - parser->fields);
    if (count != parser->head.field_count) {
        parser->head.field_count = count;
        parser->last_is_skipped = false;
    }
    return at;
}

/* As many lines from line_at on as are usual. */
__attribute__((always_inline)) static inline void usual_lines(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end) {
    const uint8_t *at = base + parser->line_at;
    if (end - base <= WINDOW || at + 1 >= end) {
        return;
    }
    const struct view view = {base, end - 1, end - 1 - WINDOW};
    if (parser->stage == WB__H1_STAGE_START) {
        at = parser->kind == WB_H1_REQUEST
                 ? usual_request_line(&parser->head, parser->options.target_len_max, &view, at)
                 : usual_status_line(&parser->head, &view, at);
        if (at == NULL) {
            return;
        }
        parser->stage = WB__H1_STAGE_FIELDS;
    }
    at = usual_fields(parser, &view, at);
    if (end - at >= 2 && BEGINS_WITH(at, "\r\n")) {
        parser->stage = WB__H1_STAGE_DONE;
        at += 2;
    }
    parser->line_at = (uint32_t)(at - base);
}

#endif
