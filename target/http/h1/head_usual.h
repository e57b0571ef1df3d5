/* Lines as nearly all are: a request to a path, a status line, fields of one line, all complete and
 * without anything that would have to be looked at twice. Each is taken whole, or left to
 * head_lines.h, which would take it the same. Included by a file that defines WINDOW, how many
 * bytes it looks at in one step, WINDOW_BYTES, as which it has them, load_window(), and no_token(),
 * no_target(), no_print(), no_plain() and no_digit(), which make of them a bit for each
 * byte that is no such one; and first_bytes(), which leaves that many of a word.
 *
 * A line's first window is looked at once, for the end of the name and for that of the line,
 * neither of which waits for the other. Windows end before the last byte that is there, so that
 * what ends a run is never the last one: two bytes may be read where a run was found to end. */
#ifndef HTTP_H1_HEAD_USUAL_H
#define HTTP_H1_HEAD_USUAL_H

#include <string.h>

#include "http/h1/levels.h"
#include "http/message/names.h"

/* What is looked at: at least a window and the last byte. By value, or it would have to be where it
 * can be pointed at. */
struct view {
    const uint8_t *base;
    const uint8_t *end;  /* of windows */
    const uint8_t *last; /* where the last window begins */
};

/* The window that has the byte at `at`: there, or the last one. */
static inline const uint8_t *window_at(struct view view, const uint8_t *at) {
    return at < view.last ? at : view.last;
}

/* Where the run of bytes from `at` on ends. If that is not seen, its last byte in the view, which
 * is not what any line goes on with. */
#define RUN_END(no)                                                                                \
    for (; at < view.last; at += WINDOW) {                                                         \
        const uint32_t found = no(load_window(at));                                                \
        if (found != 0) {                                                                          \
            return at + __builtin_ctz(found);                                                      \
        }                                                                                          \
    }                                                                                              \
    const uint32_t last = at < view.end ? no(load_window(view.last)) >> (at - view.last) : 0;      \
    return last != 0 ? at + __builtin_ctz(last) : view.end - 1

static inline const uint8_t *target_end(struct view view, const uint8_t *at) {
    RUN_END(no_target);
}

static inline const uint8_t *print_end(struct view view, const uint8_t *at) {
    RUN_END(no_print);
}

#define BEGINS_WITH(at, literal) (memcmp(at, literal, sizeof(literal) - 1) == 0)

/* ---- start lines ---- */

/* All functions return where the next line begins; NULL: that line is not usual. `at` is before the
 * view's end. */

static inline const uint8_t *usual_request_line(
    struct wb_h1_head *head, uint32_t target_len_max, struct view view, const uint8_t *at) {
    enum { VERSION_LEN = sizeof(" HTTP/1.1\r\n") - 1 };
    const uint8_t *after = at + 3;
    enum wb_http_method method = WB_HTTP_GET;
    if (view.end - at < 16) {
        return NULL;
    }
    if (!BEGINS_WITH(at, "GET /")) {
        const uint8_t *window = window_at(view, at);
        const uint32_t found = no_token(load_window(window)) >> (at - window);
        const size_t len = found != 0 ? (size_t)__builtin_ctz(found) : 0;
        after = at + len;
        method = wb__method_from(first_bytes(wb__eight_at(at), len), len);
        if (method == WB_HTTP_METHOD_OTHER || method == WB_HTTP_CONNECT
            || !BEGINS_WITH(after, " /")) {
            return NULL;
        }
    }
    const uint8_t *target = after + 1;
    head->method_len = (uint32_t)(after - at);
    after = target_end(view, target);
    if ((size_t)(after - target) > target_len_max || view.end + 1 - after < VERSION_LEN
        || !BEGINS_WITH(after, " HTTP/1.1\r\n")) {
        return NULL;
    }
    head->method = method;
    head->method_at = (uint32_t)(at - view.base);
    head->target_form = WB_H1_TARGET_ORIGIN;
    head->target_at = (uint32_t)(target - view.base);
    head->target_len = (uint32_t)(after - target);
    head->version = WB_HTTP_1_1;
    return after + VERSION_LEN;
}

static inline bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static inline const uint8_t *usual_status_line(
    struct wb_h1_head *head, struct view view, const uint8_t *at) {
    enum { STATUS_AT = sizeof("HTTP/1.1 ") - 1, REASON_AT = STATUS_AT + 4 };
    const uint8_t *digits = at + STATUS_AT;
    if (view.end - at <= REASON_AT || !BEGINS_WITH(at, "HTTP/1.1 ") || !is_digit(digits[0])
        || digits[0] == '0' || !is_digit(digits[1]) || !is_digit(digits[2]) || digits[3] != ' ') {
        return NULL;
    }
    const uint8_t *after = print_end(view, at + REASON_AT);
    if (!BEGINS_WITH(after, "\r\n")) {
        return NULL;
    }
    head->version = WB_HTTP_1_1;
    head->status = (uint16_t)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0');
    head->reason_at = (uint32_t)(at + REASON_AT - view.base);
    head->reason_len = (uint32_t)(after - at - REASON_AT);
    return after + 2;
}

/* ---- fields ---- */

static inline bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\t';
}

enum { NAME_WORD_LEN = 8 };

/* Whether it is surely a host, or a host and a port of at most four digits that do not begin with
 * zero, and so need not be looked at again. */
static inline bool is_plain_host(struct view view, const uint8_t *value, const uint8_t *value_end) {
    const uint8_t *window = window_at(view, value);
    const WINDOW_BYTES bytes = load_window(window);
    const uint32_t found = no_plain(bytes) >> (value - window);
    if (found == 0) {
        return false;
    }
    const uint8_t *colon = value + __builtin_ctz(found);
    if (colon >= value_end) {
        return true;
    }
    const size_t port_len = (size_t)(value_end - colon - 1);
    const uint64_t no_digits = (uint64_t)no_digit(bytes) >> (colon + 1 - window);
    return *colon == ':' && port_len - 1 < 4 && colon[1] != '0' && no_digits != 0
           && (size_t)__builtin_ctzll(no_digits) == port_len;
}

/* A field that means something: what it says is found here if it is what most such fields say, and
 * by meaning.c if not. Once or twice a head, and apart, so that others need few registers. */
__attribute__((noinline)) static void note_meaning(
    struct wb_h1_parser *parser, struct view view, const struct wb_http_field *field) {
    const uint8_t *value = view.base + field->value_at;
    const uint8_t *value_end = value + field->value_len;
    if (field->id == WB_HTTP_FIELD_CONNECTION && parser->kind == WB_H1_REQUEST
        && field->value_len == sizeof("keep-alive") - 1 && BEGINS_WITH(value, "keep-alive")) {
        parser->head.says_keep_alive = true;
        return;
    }
    parser->meaningful++;
    if (field->id == WB_HTTP_FIELD_HOST && is_plain_host(view, value, value_end)) {
        parser->plain_host_at = field->value_at;
    }
}

/* A name, a colon, a space, and a value of printable bytes that is not empty, without blanks around
 * it. Eight bytes may be read. The line's end lies behind the space: neither a name nor the two
 * have such a byte. */
static inline const uint8_t *usual_field(
    struct view view, const uint8_t *at, struct wb_http_field *out) {
    const uint8_t *window = window_at(view, at);
    const WINDOW_BYTES bytes = load_window(window);
    const uint32_t no_name = no_token(bytes) >> (at - window);
    const uint32_t no_value = no_print(bytes) >> (at - window);
    if (no_name == 0) {
        return NULL;
    }
    const uint32_t name_len = (uint32_t)__builtin_ctz(no_name);
    const uint8_t *value = at + name_len + 2;
    if (name_len == 0 || !BEGINS_WITH(at + name_len, ": ")) {
        return NULL;
    }
    const uint8_t *after =
        no_value != 0 ? at + __builtin_ctz(no_value) : print_end(view, window + WINDOW);
    if (!BEGINS_WITH(after, "\r\n") || *value == ' ' || after[-1] == ' ') {
        return NULL;
    }
    out->name_at = (uint32_t)(at - view.base);
    out->value_at = (uint32_t)(value - view.base);
    out->value_len = (uint32_t)(after - value);
    out->name_len = (uint16_t)name_len;
    out->id = (uint8_t)wb__field_id_from(wb__eight_at(at), at, name_len);
    return after + 2;
}

/* As many fields as are usual; how far they went. */
static inline const uint8_t *usual_fields(
    struct wb_h1_parser *parser, struct view view, const uint8_t *at) {
    struct wb_http_field *const first = parser->fields + parser->head.field_count;
    struct wb_http_field *const fields_end = parser->fields + parser->fields_max;
    const uint8_t *const at_max = view.end + 1 - NAME_WORD_LEN;
    struct wb_http_field *field = first;
    while (at <= at_max && field < fields_end) {
        const uint8_t *after = usual_field(view, at, field);
        if (after == NULL) {
            break;
        }
        if (wb__h1_is_meaningful(field->id)) {
            note_meaning(parser, view, field);
        }
        field++;
        at = after;
    }
    if (field != first) {
        parser->head.field_count = (uint32_t)(field - parser->fields);
        parser->last_is_skipped = false;
    }
    return at;
}

/* As many lines from line_at on as are usual. */
static inline void usual_lines(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end) {
    const uint8_t *at = base + parser->line_at;
    if (end - base <= WINDOW || at + 1 >= end) {
        return;
    }
    const struct view view = {base, end - 1, end - 1 - WINDOW};
    if (parser->stage == WB__H1_STAGE_START) {
        at = parser->kind == WB_H1_REQUEST
                 ? usual_request_line(&parser->head, parser->options.target_len_max, view, at)
                 : usual_status_line(&parser->head, view, at);
        if (at == NULL) {
            return;
        }
        parser->stage = WB__H1_STAGE_FIELDS;
    }
    at = usual_fields(parser, view, at);
    if (end - at >= 2 && BEGINS_WITH(at, "\r\n")) {
        parser->stage = WB__H1_STAGE_DONE;
        at += 2;
    }
    parser->line_at = (uint32_t)(at - base);
}

#endif
