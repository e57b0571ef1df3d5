/* The lines of a head, one after the other, as far as they are complete. Included once for each way
 * to look at bytes, by a file that defines LINES and scan_token(), scan_target(), scan_text(),
 * which return where a run of such bytes ends.
 *
 * Every step takes the bytes at `at`, or says why not: then `at` is NULL. The first byte that
 * offends is what is reported, whether or not its line is complete. LINES_USUAL, if it is defined,
 * goes through lines as most are a shorter way (head_usual.h). */
#include <string.h>

#include "http/h1/levels.h"
#include "wb/uri.h"

/* A walk over the bytes of a head. `failed`: parser->error is set; otherwise bytes are missing. */
struct walk {
    struct wb_h1_parser *parser;
    const uint8_t *base;
    const uint8_t *end;
    bool failed;
};

static const uint8_t *fail(struct walk *walk, enum wb_h1_error error, const uint8_t *at) {
    walk->failed = true;
    (void)wb__h1_fail(walk->parser, error, (uint32_t)(at - walk->base));
    return NULL;
}

#ifndef LINES_USUAL
#define LINES_USUAL(parser, base, len) WB__H1_PASS_ON /* line by line, all of them */
#define IS_FIRST_USUAL(parser, len) false
#define FIRST_USUAL LINES_USUAL

static inline bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\t';
}

static inline bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}
#endif

static inline uint32_t offset(const struct walk *walk, const uint8_t *at) {
    return (uint32_t)(at - walk->base);
}

/* A line's end at `at`; another byte there is `error`. */
static const uint8_t *take_line_end(struct walk *walk, const uint8_t *at, enum wb_h1_error error) {
    if (at == walk->end) {
        return NULL;
    }
    if (*at == '\n') {
        return walk->parser->options.allow_bare_lf ? at + 1 : fail(walk, WB_H1_ERROR_BARE_LF, at);
    }
    if (*at != '\r') {
        return fail(walk, error, at);
    }
    if (at + 1 == walk->end) {
        return NULL;
    }
    return at[1] == '\n' ? at + 2 : fail(walk, WB_H1_ERROR_BARE_CR, at);
}

/* ---- the start line ---- */

/* One space, or several blanks where that is put up with. */
static const uint8_t *take_space(struct walk *walk, const uint8_t *at, enum wb_h1_error error) {
    bool allow_more = walk->parser->options.allow_spaces_in_start_line;
    if (at == walk->end) {
        return NULL;
    }
    if (*at != ' ' && !(allow_more && *at == '\t')) {
        return fail(walk, error, at);
    }
    at++;
    while (allow_more && at < walk->end && is_blank(*at)) {
        at++;
    }
    return at;
}

/* "HTTP/1.1": what is there of it must fit. A major version that is not ours decides by itself,
 * whatever follows it. */
static const uint8_t *take_version(struct walk *walk, const uint8_t *at) {
    static const char pattern[] = "HTTP/0.0";
    enum { LEN = sizeof pattern - 1, MAJOR = 5, MINOR = 7 };
    struct wb_h1_head *head = &walk->parser->head;
    for (size_t i = 0; i < LEN; i++) {
        if (at + i == walk->end) {
            return NULL;
        }
        bool fits = pattern[i] == '0' ? is_digit(at[i]) : at[i] == (uint8_t)pattern[i];
        if (!fits) {
            return fail(walk, WB_H1_ERROR_VERSION, at + i);
        }
        if (i == MAJOR && at[i] != '1') {
            return fail(walk, WB_H1_ERROR_VERSION_NOT_SUPPORTED, at + i);
        }
    }
    head->version = at[MINOR] == '0' ? WB_HTTP_1_0 : WB_HTTP_1_1;
    return at + LEN;
}

static const uint8_t *take_version_and_end(struct walk *walk, const uint8_t *at) {
    at = take_version(walk, at);
    if (at != NULL && walk->parser->options.allow_spaces_in_start_line) {
        while (at < walk->end && is_blank(*at)) {
            at++;
        }
    }
    return at == NULL ? NULL : take_line_end(walk, at, WB_H1_ERROR_START_LINE);
}

static const uint8_t *take_method(struct walk *walk, const uint8_t *at) {
    struct wb_h1_head *head = &walk->parser->head;
    const uint8_t *after = scan_token(walk->base, at, walk->end);
    head->method_at = offset(walk, at);
    head->method_len = (uint32_t)(after - at);
    if (head->method_len > WB_H1_METHOD_LEN_MAX) {
        return fail(walk, WB_H1_ERROR_METHOD_TOO_LONG, at + WB_H1_METHOD_LEN_MAX);
    }
    if (after == walk->end) {
        return NULL;
    }
    return after == at ? fail(walk, WB_H1_ERROR_METHOD, at) : after;
}

static const uint8_t *take_target(struct walk *walk, const uint8_t *at) {
    struct wb_h1_parser *parser = walk->parser;
    const uint8_t *after = scan_target(walk->base, at, walk->end);
    parser->head.target_at = offset(walk, at);
    parser->head.target_len = (uint32_t)(after - at);
    if (parser->head.target_len > parser->options.target_len_max) {
        return fail(walk, WB_H1_ERROR_TARGET_TOO_LONG, at + parser->options.target_len_max);
    }
    if (after == walk->end) {
        return NULL;
    }
    return after == at ? fail(walk, WB_H1_ERROR_TARGET, at) : after;
}

static const uint8_t *take_request_line(struct walk *walk, const uint8_t *at) {
    struct wb_h1_head *head = &walk->parser->head;
    at = take_method(walk, at);
    at = at == NULL ? NULL : take_space(walk, at, WB_H1_ERROR_METHOD);
    at = at == NULL ? NULL : take_target(walk, at);
    at = at == NULL ? NULL : take_space(walk, at, WB_H1_ERROR_TARGET);
    at = at == NULL ? NULL : take_version_and_end(walk, at);
    if (at == NULL) {
        return NULL;
    }
    struct wb_bytes target = wb_bytes_from(walk->base + head->target_at, head->target_len);
    head->method =
        wb_http_method_from(wb_bytes_from(walk->base + head->method_at, head->method_len));
    enum wb_status status = wb__h1_target_form(head->method, target, &head->target_form);
    if (status == WB_ERR_LIMIT) {
        return fail(walk, WB_H1_ERROR_TARGET_TOO_LONG, target.ptr + WB_URI_LEN_MAX);
    }
    return status == WB_OK ? at : fail(walk, WB_H1_ERROR_TARGET_FORM, target.ptr);
}

static const uint8_t *take_status(struct walk *walk, const uint8_t *at) {
    unsigned status = 0;
    for (size_t i = 0; i < 3; i++) {
        if (at + i == walk->end) {
            return NULL;
        }
        if (!is_digit(at[i]) || (i == 0 && at[i] == '0')) {
            return fail(walk, WB_H1_ERROR_STATUS, at + i);
        }
        status = status * 10 + (unsigned)(at[i] - '0');
    }
    walk->parser->head.status = (uint16_t)status;
    return at + 3;
}

/* A space and the reason; both may be missing. */
static const uint8_t *take_reason(struct walk *walk, const uint8_t *at) {
    struct wb_h1_head *head = &walk->parser->head;
    if (at == walk->end) {
        return NULL;
    }
    if (*at == '\r' || *at == '\n') {
        head->reason_at = offset(walk, at);
        return at;
    }
    if (*at != ' ') {
        return fail(walk, WB_H1_ERROR_STATUS, at);
    }
    at++;
    const uint8_t *after = scan_text(walk->base, at, walk->end);
    head->reason_at = offset(walk, at);
    head->reason_len = (uint32_t)(after - at);
    return after == walk->end ? NULL : after;
}

static const uint8_t *take_status_line(struct walk *walk, const uint8_t *at) {
    at = take_version(walk, at);
    at = at == NULL ? NULL : take_space(walk, at, WB_H1_ERROR_VERSION);
    at = at == NULL ? NULL : take_status(walk, at);
    at = at == NULL ? NULL : take_reason(walk, at);
    return at == NULL ? NULL : take_line_end(walk, at, WB_H1_ERROR_REASON);
}

/* ---- fields ---- */

/* A line that cannot be a field is left out as a whole, with what folds onto it. It ends as any
 * other does, and has no control characters: or another reader would see other lines. */
static const uint8_t *skip_line(struct walk *walk, const uint8_t *at) {
    at = take_line_end(walk, scan_text(walk->base, at, walk->end), WB_H1_ERROR_FIELD_NAME);
    if (at != NULL) {
        walk->parser->last_is_skipped = true;
    }
    return at;
}

static const uint8_t *take_colon(struct walk *walk, const uint8_t *at) {
    const struct wb_h1_parser *parser = walk->parser;
    const uint8_t *blank = at;
    while (at < walk->end && is_blank(*at)) {
        at++;
    }
    if (at != blank
        && !(parser->options.allow_space_before_colon && parser->kind == WB_H1_RESPONSE)) {
        return fail(walk, WB_H1_ERROR_SPACE_BEFORE_COLON, blank);
    }
    if (at == walk->end) {
        return NULL;
    }
    return *at == ':' ? at + 1 : fail(walk, WB_H1_ERROR_FIELD_NAME, at);
}

/* Bytes of a value behind the blanks, and the line's end. */
static const uint8_t *take_value(
    struct walk *walk, const uint8_t *at, struct wb_http_field *field) {
    while (at < walk->end && is_blank(*at)) {
        at++;
    }
    const uint8_t *after = scan_text(walk->base, at, walk->end);
    const uint8_t *last = after;
    while (last > at && is_blank(last[-1])) {
        last--;
    }
    field->value_at = offset(walk, at);
    field->value_len = (uint32_t)(last - at);
    return take_line_end(walk, after, WB_H1_ERROR_FIELD_VALUE);
}

static const uint8_t *take_field(struct walk *walk, const uint8_t *at) {
    struct wb_h1_parser *parser = walk->parser;
    struct wb_http_field field = {.name_at = offset(walk, at)};
    const uint8_t *after = scan_token(walk->base, at, walk->end);
    if (after - at > UINT16_MAX) {
        return fail(walk, WB_H1_ERROR_TOO_LARGE, at + UINT16_MAX);
    }
    if (after == walk->end) {
        return NULL;
    }
    bool is_bad = after == at || (*after != ':' && !is_blank(*after));
    if (is_bad) {
        return parser->options.ignore_bad_fields ? skip_line(walk, after)
                                                 : fail(walk, WB_H1_ERROR_FIELD_NAME, after);
    }
    field.name_len = (uint16_t)(after - at);
    field.id = (uint8_t)wb_http_field_id_of(wb_bytes_from(at, field.name_len));
    at = *after == ':' ? after + 1 : take_colon(walk, after);
    at = at == NULL ? NULL : take_value(walk, at, &field);
    if (at == NULL) {
        return NULL;
    }
    if (parser->head.field_count == parser->fields_max) {
        return fail(walk, WB_H1_ERROR_TOO_MANY_FIELDS, walk->base + field.name_at);
    }
    struct wb_http_field *slot = &parser->fields[parser->head.field_count++];
    *slot = field;
    if (wb__h1_is_meaningful(field.id)) {
        wb__h1_note_meaningful(parser, slot);
    }
    parser->last_is_skipped = false;
    return at;
}

/* A line that begins with a blank goes on with the value before it (RFC 9112 section 5.2). */
static const uint8_t *take_fold(struct walk *walk, const uint8_t *at) {
    struct wb_h1_parser *parser = walk->parser;
    bool allowed = parser->options.allow_obs_fold && parser->kind == WB_H1_RESPONSE;
    if (allowed && parser->last_is_skipped) {
        return skip_line(walk, at);
    }
    if (!allowed || parser->head.field_count == 0) {
        return fail(walk, WB_H1_ERROR_FOLD, at);
    }
    struct wb_http_field *field = &parser->fields[parser->head.field_count - 1];
    struct wb_http_field more;
    const uint8_t *after = take_value(walk, at, &more);
    if (after == NULL || more.value_len == 0) {
        return after;
    }
    if (field->value_len == 0) {
        field->value_at = more.value_at; /* it begins here */
    }
    field->value_len = more.value_at + more.value_len - field->value_at;
    return after;
}

/* ---- all lines ---- */

/* Of requests only: RFC 9112 section 2.2. */
static const uint8_t *take_empty_line(struct walk *walk, const uint8_t *at) {
    const uint8_t *after = take_line_end(walk, at, WB_H1_ERROR_START_LINE);
    if (after == NULL) {
        return NULL;
    }
    if (walk->parser->empty_lines == WB_H1_EMPTY_LINES_MAX) {
        return fail(walk, WB_H1_ERROR_EMPTY_LINES, at);
    }
    walk->parser->empty_lines++;
    return after;
}

static const uint8_t *take_start_line(struct walk *walk, const uint8_t *at) {
    struct wb_h1_parser *parser = walk->parser;
    if (at == walk->end) {
        return NULL;
    }
    if (parser->kind == WB_H1_REQUEST && (*at == '\r' || *at == '\n')) {
        return take_empty_line(walk, at);
    }
    at = parser->kind == WB_H1_REQUEST ? take_request_line(walk, at) : take_status_line(walk, at);
    if (at != NULL) {
        parser->stage = WB__H1_STAGE_FIELDS;
    }
    return at;
}

static const uint8_t *take_field_line(struct walk *walk, const uint8_t *at) {
    if (at == walk->end) {
        return NULL;
    }
    if (*at == '\r' || *at == '\n') {
        at = take_line_end(walk, at, WB_H1_ERROR_BARE_CR);
        if (at != NULL) {
            walk->parser->stage = WB__H1_STAGE_DONE;
        }
        return at;
    }
    return is_blank(*at) ? take_fold(walk, at) : take_field(walk, at);
}

static const uint8_t *take_line(struct walk *walk, const uint8_t *at) {
    return walk->parser->stage == WB__H1_STAGE_START ? take_start_line(walk, at)
                                                     : take_field_line(walk, at);
}

/* One line that is not usual, or not complete. Apart, so that the others need few registers. */
__attribute__((noinline)) static enum wb__h1_pass take_one(
    struct wb_h1_parser *parser, const uint8_t *base, size_t len) {
    struct walk walk = {.parser = parser, .base = base, .end = base + len};
    const uint8_t *at = take_line(&walk, base + parser->line_at);
    if (at == NULL) {
        return walk.failed ? WB__H1_PASS_FAILED : WB__H1_PASS_MORE;
    }
    parser->line_at = offset(&walk, at);
    if (parser->stage != WB__H1_STAGE_DONE) {
        return WB__H1_PASS_ON;
    }
    wb__h1_end_lines(parser, parser->line_at);
    return WB__H1_PASS_DONE;
}

/* Where a line is not usual: it is taken, and then others as before. */
__attribute__((noinline)) static enum wb_status go_on(
    struct wb_h1_parser *parser, const uint8_t *base, size_t len) {
    enum wb__h1_pass pass;
    do {
        pass = take_one(parser, base, len);
        pass = pass == WB__H1_PASS_ON ? LINES_USUAL(parser, base, len) : pass;
    } while (pass == WB__H1_PASS_ON);
    return wb__h1_end_pass(parser, wb_bytes_from(base, len), pass);
}

enum wb_status LINES(struct wb_h1_parser *parser, const uint8_t *base, size_t len) {
    const enum wb__h1_pass pass = IS_FIRST_USUAL(parser, len) ? FIRST_USUAL(parser, base, len)
                                                              : LINES_USUAL(parser, base, len);
    if (pass == WB__H1_PASS_PLAIN) {
        return WB_OK;
    }
    return pass == WB__H1_PASS_ON ? go_on(parser, base, len)
                                  : wb__h1_end_pass(parser, wb_bytes_from(base, len), pass);
}
