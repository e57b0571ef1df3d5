/* Lines as nearly all are: a request to a path, a status line, fields of one line, all complete and
 * without anything that would have to be looked at twice. Each is taken whole, or left to
 * head_lines.h, which would take it the same. Included by a file that defines WINDOW, how many
 * bytes it looks at in one step, WINDOW_BYTES, as which it has them, load_window(); is_colon(),
 * no_token(), no_target(), no_print(), no_plain() and no_digit(), which make of them a bit for each
 * byte that is so; and first_bytes(), which leaves that many of a word.
 *
 * A line's first window is looked at once, for the end of the name and for that of the line,
 * neither of which waits for the other. Windows end before the last byte that is there, so that
 * what ends a run is never the last one: two bytes may be read where a run was found to end. */
#ifndef HTTP_H1_HEAD_USUAL_H
#define HTTP_H1_HEAD_USUAL_H

#include <string.h>

#include "http/h1/levels.h"
#include "http/message/names.h"

/* What is looked at: at least a window and the last byte. Places in it are counted from `base`, as
 * results are. By value, or it would have to be where it can be pointed at. */
struct view {
    const uint8_t *base;
    size_t end;  /* of windows */
    size_t last; /* where the last window begins */
};

/* Where the window begins that has the byte at `at`: there, or it is the last one. */
static inline size_t window_at(struct view view, size_t at) {
    return at < view.last ? at : view.last;
}

/* Where the run of bytes from `at` on ends. If that is not seen, its last byte in the view, which
 * is not what any line goes on with. */
#define RUN_END(no)                                                                                \
    for (; at < view.last; at += WINDOW) {                                                         \
        const uint32_t found = no(load_window(view.base + at));                                    \
        if (found != 0) {                                                                          \
            return at + (unsigned)__builtin_ctz(found);                                            \
        }                                                                                          \
    }                                                                                              \
    const uint32_t last =                                                                          \
        at < view.end ? no(load_window(view.base + view.last)) >> (at - view.last) : 0;            \
    return last != 0 ? at + (unsigned)__builtin_ctz(last) : view.end - 1

static inline size_t target_end(struct view view, size_t at) {
    RUN_END(no_target);
}

static inline size_t print_end(struct view view, size_t at) {
    RUN_END(no_print);
}

#define BEGINS_WITH(at, literal) (memcmp(view.base + (at), literal, sizeof(literal) - 1) == 0)

/* ---- start lines ---- */

/* All functions return where the next line begins; 0: that line is not usual. `at` is before the
 * view's end. */

/* The length of the method at `at`, and which it is, unless it is one that is not usual. */
static inline size_t usual_method(struct view view, size_t at, enum wb_http_method *out_method) {
    const size_t window = window_at(view, at);
    const uint32_t found = no_token(load_window(view.base + window)) >> (at - window);
    const size_t len = found != 0 ? (size_t)__builtin_ctz(found) : 0;
    *out_method = wb__method_from(first_bytes(wb__eight_at(view.base + at), len), len);
    return *out_method != WB_HTTP_METHOD_OTHER && *out_method != WB_HTTP_CONNECT ? len : 0;
}

static inline size_t usual_request_line(
    struct wb_h1_head *head, uint32_t target_len_max, struct view view, size_t at) {
    enum { VERSION_LEN = sizeof(" HTTP/1.1\r\n") - 1, METHOD_LEN_MAX = 7 };
    size_t method_len = 3;
    enum wb_http_method method = WB_HTTP_GET;
    if (view.end - at < METHOD_LEN_MAX + 2) {
        return 0;
    }
    if (!BEGINS_WITH(at, "GET /")) {
        method_len = usual_method(view, at, &method);
        if (method_len == 0 || !BEGINS_WITH(at + method_len, " /")) {
            return 0;
        }
    }
    const size_t target = at + method_len + 1;
    const size_t after = target_end(view, target);
    if (after - target > target_len_max || after + VERSION_LEN > view.end + 1
        || !BEGINS_WITH(after, " HTTP/1.1\r\n")) {
        return 0;
    }
    head->method = method;
    head->method_at = (uint32_t)at;
    head->method_len = (uint32_t)method_len;
    head->target_form = WB_H1_TARGET_ORIGIN;
    head->target_at = (uint32_t)target;
    head->target_len = (uint32_t)(after - target);
    head->version = WB_HTTP_1_1;
    return after + VERSION_LEN;
}

static inline bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static inline size_t usual_status_line(struct wb_h1_head *head, struct view view, size_t at) {
    enum { STATUS_AT = sizeof("HTTP/1.1 ") - 1, REASON_AT = STATUS_AT + 4 };
    const uint8_t *digits = view.base + at + STATUS_AT;
    if (view.end - at <= REASON_AT || !BEGINS_WITH(at, "HTTP/1.1 ") || !is_digit(digits[0])
        || digits[0] == '0' || !is_digit(digits[1]) || !is_digit(digits[2]) || digits[3] != ' ') {
        return 0;
    }
    const size_t reason = at + REASON_AT;
    const size_t after = print_end(view, reason);
    if (!BEGINS_WITH(after, "\r\n")) {
        return 0;
    }
    head->version = WB_HTTP_1_1;
    head->status = (uint16_t)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0');
    head->reason_at = (uint32_t)reason;
    head->reason_len = (uint32_t)(after - reason);
    return after + 2;
}

/* ---- fields ---- */

/* For each of both ways through the fields: what is the same for all of them stays in registers. */
#define ALWAYS_INLINE __attribute__((always_inline)) inline

static inline bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\t';
}

enum { NAME_WORD_LEN = 8 };

/* Whether the field's value is surely a host, or a host and a port of at most four digits that do
 * not begin with zero, and so need not be looked at again. */
static inline bool is_plain_host(struct view view, const struct wb_http_field *field) {
    const size_t window = window_at(view, field->value_at);
    const WINDOW_BYTES bytes = load_window(view.base + window);
    const uint32_t found = no_plain(bytes) >> (field->value_at - window);
    if (found == 0) {
        return false;
    }
    const uint32_t host_len = (uint32_t)__builtin_ctz(found);
    if (host_len >= field->value_len) {
        return true;
    }
    const uint32_t port_len = field->value_len - host_len - 1;
    const size_t colon = field->value_at + host_len;
    const uint64_t no_digits = (uint64_t)no_digit(bytes) >> (colon + 1 - window);
    return view.base[colon] == ':' && port_len - 1 < 4 && view.base[colon + 1] != '0'
           && no_digits != 0 && (uint32_t)__builtin_ctzll(no_digits) == port_len;
}

/* Whether the field is keep-alive alone, in these letters. */
static inline bool is_plain_keep_alive(struct view view, const struct wb_http_field *field) {
    return field->value_len == sizeof("keep-alive") - 1
           && BEGINS_WITH(field->value_at, "keep-alive");
}

/* A window, and where in it the bytes are that fields have their borders at. */
struct seen_window {
    size_t at;
    WINDOW_BYTES bytes;
    uint32_t colons;
    uint32_t no_print;
};

static inline struct seen_window see_window(struct view view, size_t at) {
    const WINDOW_BYTES bytes = load_window(view.base + at);
    return (struct seen_window){at, bytes, is_colon(bytes), no_print(bytes)};
}

/* A name, a colon, a space, and a value of printable bytes that is not empty, without blanks around
 * it. Eight bytes may be read. The window has the byte at `at`.
 * The name ends at the first colon. One that is known is a token, as no line's end passes for part
 * of one; another is looked at for that. So the line's end lies behind the space. */
ALWAYS_INLINE static size_t usual_field(
    struct view view, struct seen_window window, size_t at, struct wb_http_field *out) {
    const uint32_t colons = window.colons >> (at - window.at);
    const uint32_t no_print_bits = window.no_print >> (at - window.at);
    if (colons == 0) {
        return 0;
    }
    const uint32_t name_len = (uint32_t)__builtin_ctz(colons);
    const size_t value = at + name_len + 2;
    if (name_len == 0 || view.base[value - 1] != ' ') {
        return 0;
    }
    out->name_at = (uint32_t)at;
    out->value_at = (uint32_t)value;
    out->name_len = (uint16_t)name_len;
    out->id = (uint8_t)wb__field_id_from(view.base + at, name_len);
    if (out->id == WB_HTTP_FIELD_OTHER
        && (uint32_t)__builtin_ctz(no_token(window.bytes) >> (at - window.at)) != name_len) {
        return 0;
    }
    const size_t after = no_print_bits != 0 ? at + (unsigned)__builtin_ctz(no_print_bits)
                                            : print_end(view, window.at + WINDOW);
    if (!BEGINS_WITH(after, "\r\n") || view.base[value] == ' ' || view.base[after - 1] == ' ') {
        return 0;
    }
    out->value_len = (uint32_t)(after - value);
    return after + 2;
}

/* A field that means something: what it says is found here if it is what most such fields say; else
 * it is counted, and meaning.c has to look at it, too. Once or twice a head, and apart, so that
 * others need few registers. */
__attribute__((noinline)) static void note_meaning(
    struct wb_h1_parser *parser, struct view view, const struct wb_http_field *field) {
    if (field->id == WB_HTTP_FIELD_CONNECTION && parser->kind == WB_H1_REQUEST
        && is_plain_keep_alive(view, field)) {
        parser->head.says_keep_alive = true;
        return;
    }
    parser->meaningful++;
    if (field->id == WB_HTTP_FIELD_HOST && is_plain_host(view, field)) {
        parser->plain_host_at = field->value_at;
    }
}

/* Where fields are taken, and where the next goes. */
struct fields_walk {
    struct wb_h1_parser *parser;
    struct view view;
    struct wb_http_field *field;
    struct wb_http_field *fields_end;
};

/* Takes the field at `at`; 0: it is not usual, or there is no room. */
ALWAYS_INLINE static size_t take_usual_field(
    struct fields_walk *walk, struct seen_window window, size_t at) {
    const size_t after =
        walk->field < walk->fields_end ? usual_field(walk->view, window, at, walk->field) : 0;
    if (after == 0) {
        return 0;
    }
    if (wb__h1_is_meaningful(walk->field->id)) {
        note_meaning(walk->parser, walk->view, walk->field);
    }
    walk->field++;
    return after;
}

/* As many fields as are usual; how far they went. Each has a window of its own, but for those that
 * begin in the last, which is looked at once. */
static inline size_t usual_fields(struct wb_h1_parser *parser, struct view view, size_t at) {
    struct wb_http_field *const first = parser->fields + parser->head.field_count;
    struct fields_walk walk = {parser, view, first, parser->fields + parser->fields_max};
    const size_t at_max = view.end + 1 - NAME_WORD_LEN;
    size_t after = 0;
    while (at < view.last && (after = take_usual_field(&walk, see_window(view, at), at)) != 0) {
        at = after;
    }
    if (at >= view.last) {
        const struct seen_window last = see_window(view, view.last);
        while (at <= at_max && (after = take_usual_field(&walk, last, at)) != 0) {
            at = after;
        }
    }
    if (walk.field != first) {
        parser->head.field_count = (uint32_t)(walk.field - parser->fields);
        parser->last_is_skipped = false;
    }
    return at;
}

/* As many lines from line_at on as are usual. */
static inline void usual_lines(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end) {
    const size_t len = (size_t)(end - base);
    size_t at = parser->line_at;
    if (len <= WINDOW || at + 1 >= len) {
        return;
    }
    const struct view view = {base, len - 1, len - 1 - WINDOW};
    if (parser->stage == WB__H1_STAGE_START) {
        at = parser->kind == WB_H1_REQUEST
                 ? usual_request_line(&parser->head, parser->options.target_len_max, view, at)
                 : usual_status_line(&parser->head, view, at);
        if (at == 0) {
            return;
        }
        parser->stage = WB__H1_STAGE_FIELDS;
    }
    at = usual_fields(parser, view, at);
    if (len - at >= 2 && BEGINS_WITH(at, "\r\n")) {
        parser->stage = WB__H1_STAGE_DONE;
        at += 2;
    }
    parser->line_at = (uint32_t)at;
}

#endif
