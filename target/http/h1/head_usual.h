/* Lines as nearly all are: a request to a path, a status line, fields of one line, all complete and
 * without anything that would have to be looked at twice. Each is taken whole, or left to
 * head_lines.h, which would take it the same. Included by a file that defines what head_window.h
 * needs, and first_bytes(), which leaves that many of a word.
 *
 * A line's first window is looked at once, for the end of the name and for that of the line,
 * neither of which waits for the other. */
#ifndef HTTP_H1_HEAD_USUAL_H
#define HTTP_H1_HEAD_USUAL_H

#include <string.h>

#include "http/h1/head_window.h"
#include "http/h1/levels.h"
#include "http/message/names.h"

/* For what is the same for all fields to stay in registers. */
#define ALWAYS_INLINE __attribute__((always_inline)) inline

#define IS_AT(at, literal) (memcmp(at, literal, sizeof(literal) - 1) == 0)

/* ---- start lines ---- */

/* All functions return where the next line begins; 0: that line is not usual. `at` is before the
 * view's end. */

/* The length of the method at `at`, and which it is, unless it is one that is not usual. */
static inline size_t usual_method(struct view view, size_t at, enum wb_http_method *out_method) {
    const size_t from = window_at(view, at);
    const uint32_t found = no_token(load_window(view.base + from)) >> (at - from);
    const size_t len = found != 0 ? (size_t)__builtin_ctz(found) : 0;
    *out_method = wb__method_from(first_bytes(wb__eight_at(view.base + at), len), len);
    return *out_method != WB_HTTP_METHOD_OTHER && *out_method != WB_HTTP_CONNECT ? len : 0;
}

/* Where the target ends that begins at `at`; in the first window, mostly. */
ALWAYS_INLINE static size_t usual_target_end(struct view view, size_t at) {
    const uint32_t found = at < view.last ? no_target(load_window(view.base + at)) : 0;
    return found != 0 ? at + (unsigned)__builtin_ctz(found) : target_end(view, at);
}

/* Behind the method. Sixteen bytes of the line's end may be read, unless the head is not complete.
 */
ALWAYS_INLINE static size_t usual_target(struct wb_h1_head *head, enum wb_http_method method,
    size_t method_len, uint32_t target_len_max, struct view view, size_t at) {
    enum { VERSION_LEN = sizeof(" HTTP/1.1\r\n") - 1 };
    const size_t target = at + method_len + 1;
    const size_t after = usual_target_end(view, target);
    if (after - target > target_len_max || after + 16 > view.end + 1
        || !is_1_1_end_16(load_16(view.base + after))) {
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

ALWAYS_INLINE static size_t usual_request_line(
    struct wb_h1_head *head, uint32_t target_len_max, struct view view, size_t at) {
    enum { METHOD_LEN_MAX = 7 };
    enum wb_http_method method = WB_HTTP_GET;
    if (view.end - at < METHOD_LEN_MAX + 2) {
        return 0;
    }
    if (IS_AT(view.base + at, "GET /")) {
        return usual_target(head, method, 3, target_len_max, view, at);
    }
    const size_t method_len = usual_method(view, at, &method);
    return method_len != 0 && IS_AT(view.base + at + method_len, " /")
               ? usual_target(head, method, method_len, target_len_max, view, at)
               : 0;
}

static inline bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static inline size_t usual_status_line(struct wb_h1_head *head, struct view view, size_t at) {
    enum { STATUS_AT = sizeof("HTTP/1.1 ") - 1, REASON_AT = STATUS_AT + 4 };
    const uint8_t *digits = view.base + at + STATUS_AT;
    if (view.end - at <= REASON_AT || !IS_AT(view.base + at, "HTTP/1.1 ") || !is_digit(digits[0])
        || digits[0] == '0' || !is_digit(digits[1]) || !is_digit(digits[2]) || digits[3] != ' ') {
        return 0;
    }
    const size_t reason = at + REASON_AT;
    const size_t after = print_end(view, reason);
    if (!IS_AT(view.base + after, "\r\n")) {
        return 0;
    }
    head->version = WB_HTTP_1_1;
    head->status = (uint16_t)((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + digits[2] - '0');
    head->reason_at = (uint32_t)reason;
    head->reason_len = (uint32_t)(after - reason);
    return after + 2;
}

/* ---- fields ---- */

static inline bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\t';
}

/* The shortest line that is a field, and the empty one; and how far from the beginning of what is
 * parsed the first field is, so that a line of a table may be compared with what ends with its
 * colon. */
enum { FIELD_LEN_MIN = sizeof("a: b\r\n\r\n") - 1, FIELDS_AT_MIN = WB__FIELD_LINE_LEN - 2 };

/* Where fields are taken, and where the next goes. */
struct fields_walk {
    struct wb_h1_parser *parser;
    enum wb_h1_kind kind;
    struct view view;
    size_t at;
    struct wb_http_field *field;
    struct wb_http_field *fields_end;
};

/* The bits up to the first that is set, or all. */
static inline uint64_t up_to_first(uint64_t bits) {
    return bits ^ (bits - 1);
}

/* Whether the bytes up to the name's colon, all of them printable, are a line of the table. */
static inline bool is_known(
    const uint8_t *name, size_t name_len, const struct wb__field_slot *slot) {
    return is_line_of(load_16(name + name_len + 1 - WB__FIELD_LINE_LEN), slot);
}

/* Whether a token ends with the colon that the name at `at` has behind it, in the same window. */
static inline bool is_token(struct view view, size_t at, uint32_t name_len) {
    const size_t from = window_at(view, at);
    const uint32_t found = no_token(load_window(view.base + from)) >> (at - from);
    return (uint32_t)__builtin_ctz(found) == name_len;
}

/* A name, a colon, a space, and a value of printable bytes that is not empty, without blanks around
 * it: how long the line is; 0: it is another line. The window is from there on. The name ends at
 * the first colon; one behind the line's end is none, or the end of a line without a colon and the
 * name behind it would be taken for one name. */
ALWAYS_INLINE static size_t usual_field(
    const struct fields_walk *walk, struct window window, bool is_last_window) {
    const struct view view = walk->view;
    const uint8_t *const line = view.base + walk->at;
    const uint64_t colons = window.colons & up_to_first(window.no_print);
    if (colons == 0 || (is_last_window && window.no_print == 0)) {
        return 0;
    }
    const uint32_t name_len = (uint32_t)__builtin_ctzll(colons);
    if (name_len == 0 || line[name_len + 1] != ' ') {
        return 0;
    }
    const struct wb__field_slot *const slot = wb__field_slot(line, name_len);
    uint32_t id = slot->id;
    if (!is_known(line, name_len, slot)) {
        if (!is_token(view, walk->at, name_len)) {
            return 0;
        }
        id = wb__is_long_name_of(slot, line, name_len) ? slot->id : WB_HTTP_FIELD_OTHER;
    }
    const size_t value = name_len + 2;
    const size_t len = window.no_print != 0 ? (size_t)__builtin_ctzll(window.no_print)
                                            : print_end(view, walk->at + WINDOW) - walk->at;
    if (!IS_AT(line + len, "\r\n") || line[value] == ' ' || line[len - 1] == ' ') {
        return 0;
    }
    *walk->field = (struct wb_http_field){.name_at = (uint32_t)walk->at,
        .value_at = (uint32_t)(walk->at + value),
        .value_len = (uint32_t)(len - value),
        .name_len = (uint16_t)name_len,
        .id = (uint8_t)id};
    return len + 2;
}

/* Whether the field is keep-alive alone, in these letters. */
static inline bool is_plain_keep_alive(struct view view, const struct wb_http_field *field) {
    return field->value_len == sizeof("keep-alive") - 1
           && IS_AT(view.base + field->value_at, "keep-alive");
}

/* A field that means something is left to meaning.c, unless it says what most such fields say. */
ALWAYS_INLINE static void note_meaning(
    const struct fields_walk *walk, const struct wb_http_field *field) {
    struct wb_h1_parser *parser = walk->parser;
    if (field->id == WB_HTTP_FIELD_CONNECTION && walk->kind == WB_H1_REQUEST
        && is_plain_keep_alive(walk->view, field)) {
        parser->head.says_keep_alive = true;
    } else {
        wb__h1_note_meaningful(parser, field);
    }
}

/* Takes the field that the window begins with: how long its line is; 0: it is not usual, or there
 * is no room. */
ALWAYS_INLINE static size_t take_usual_field(
    struct fields_walk *walk, struct window window, bool is_last_window) {
    const size_t len =
        walk->field != walk->fields_end ? usual_field(walk, window, is_last_window) : 0;
    if (len == 0) {
        return 0;
    }
    if (wb__h1_is_meaningful(walk->field->id)) {
        note_meaning(walk, walk->field);
    }
    walk->field++;
    walk->at += len;
    return len;
}

/* As many fields as are usual. Each has a window of its own, but for those that begin in the last,
 * which is looked at once. */
ALWAYS_INLINE static void usual_fields(struct fields_walk *walk) {
    const struct view view = walk->view;
    const size_t at_max = view.end + 1 - FIELD_LEN_MIN;
    while (walk->at < view.last) {
        if (take_usual_field(walk, see_window(view, walk->at), false) == 0) {
            return;
        }
    }
    if (walk->at > at_max) {
        return;
    }
    struct window last = window_behind(see_window(view, view.last), walk->at - view.last);
    size_t len = 0;
    while ((len = take_usual_field(walk, last, true)) != 0 && walk->at <= at_max) {
        last = window_behind(last, len);
    }
}

/* ---- all lines ---- */

/* Whether the one to four bytes that end there are digits, the first of them not zero. All four are
 * made the numbers that they are; what is before them, which may be read, is shifted out. */
static inline bool is_short_number(const uint8_t *end, uint32_t len) {
    uint32_t digits;
    memcpy(&digits, end - sizeof digits, sizeof digits);
    digits = (digits ^ 0x30303030) >> (8 * (sizeof digits - len));
    const uint32_t above_nine = (digits + 0x76767676) | digits;
    return (above_nine & 0x80808080) == 0 && (digits & 0xff) != 0;
}

/* Whether the field's value is surely a host, or a host and a port of at most four digits that do
 * not begin with zero, and so need not be looked at again. */
static inline bool is_plain_host(struct view view, const struct wb_http_field *field) {
    const size_t from = window_at(view, field->value_at);
    const uint32_t found = no_plain(load_window(view.base + from)) >> (field->value_at - from);
    const uint32_t host_len = found != 0 ? (uint32_t)__builtin_ctz(found) : WINDOW;
    const uint8_t *const value = view.base + field->value_at;
    if (found == 0 || host_len >= field->value_len) {
        return found != 0;
    }
    const uint32_t port_len = field->value_len - host_len - 1;
    return value[host_len] == ':' && port_len - 1 < 4
           && is_short_number(value + field->value_len, port_len);
}

/* The fields from `at` on, and the empty line. Of a plain request the version decides about the
 * connection, and it has no content. */
ALWAYS_INLINE static enum wb__h1_pass usual_rest(struct wb_h1_parser *parser, enum wb_h1_kind kind,
    struct view view, size_t at, uint32_t count, bool is_1_1) {
    struct wb_http_field *const fields = parser->fields;
    struct fields_walk walk = {parser, kind, view, at, fields + count, fields + parser->fields_max};
    usual_fields(&walk);
    parser->head.field_count = (uint32_t)(walk.field - fields);
    if (walk.at >= view.end || !IS_AT(view.base + walk.at, "\r\n")) {
        parser->stage = WB__H1_STAGE_FIELDS;
        parser->line_at = (uint32_t)walk.at;
        return WB__H1_PASS_ON;
    }
    wb__h1_end_lines(parser, (uint32_t)walk.at + 2);
    const bool is_plain =
        kind == WB_H1_REQUEST && wb__h1_has_host_alone(parser) && is_plain_host(view, parser->host);
    if (!is_plain) {
        return WB__H1_PASS_DONE;
    }
    parser->head.keep_alive = is_1_1 || parser->head.says_keep_alive;
    return WB__H1_PASS_PLAIN;
}

/* As many lines from line_at on as are usual. */
static inline enum wb__h1_pass take_usual(struct wb_h1_parser *parser, struct view view) {
    size_t at = parser->line_at;
    if (at >= view.end) {
        return WB__H1_PASS_ON;
    }
    if (parser->stage == WB__H1_STAGE_START) {
        at = parser->kind == WB_H1_REQUEST
                 ? usual_request_line(&parser->head, parser->options.target_len_max, view, at)
                 : usual_status_line(&parser->head, view, at);
    }
    if (at < FIELDS_AT_MIN) {
        return WB__H1_PASS_ON;
    }
    const uint32_t count = parser->head.field_count;
    const enum wb__h1_pass pass = usual_rest(parser, (enum wb_h1_kind)parser->kind, view, at, count,
        parser->head.version == WB_HTTP_1_1);
    parser->last_is_skipped = parser->last_is_skipped && parser->head.field_count == count;
    return pass;
}

/* The same. Few bytes are copied to where more may be looked at: NULs, which no line goes on with.
 */
__attribute__((noinline)) static enum wb__h1_pass usual_lines(
    struct wb_h1_parser *parser, const uint8_t *base, size_t len) {
    uint8_t room[VIEW_LEN_MIN];
    if (len < VIEW_LEN_MIN) {
        memset(room, 0, sizeof room);
        memcpy(room, base, len);
        base = room;
        len = sizeof room;
    }
    return take_usual(parser, view_of(base, len));
}

/* Whether that is what is to be parsed, and long enough. */
static inline bool may_be_usual_request(const struct wb_h1_parser *parser, size_t len) {
    return parser->kind == WB_H1_REQUEST && parser->line_at == 0 && len >= VIEW_LEN_MIN;
}

/* The same of a request from its first byte on, which most come with: there is much that need not
 * be asked. */
ALWAYS_INLINE static enum wb__h1_pass usual_request(
    struct wb_h1_parser *parser, const uint8_t *base, size_t len) {
    const struct view view = view_of(base, len);
    const size_t at = usual_request_line(&parser->head, parser->options.target_len_max, view, 0);
    return at == 0 ? WB__H1_PASS_ON : usual_rest(parser, WB_H1_REQUEST, view, at, 0, true);
}

#endif
