/* From text to scenario: what a peer says, or expects to hear, in HTTP. */
#include "scenario/parser.h"

#include "scenario/rules.h"
#include "scenario/words.h"

#include <string.h>

/* ---- the first line */

static int keep_word(struct wbh__parser *parser, struct wbh_step *step, struct wbh__span word) {
    bool is_first = step->data_len == 0;
    if ((!is_first && wbh__add_data(parser->scenario, " ", 1) != 0)
        || wbh__add_data(parser->scenario, word.at, word.len) != 0) {
        return wbh__fail_memory(&parser->lexer);
    }
    step->data_len += (uint32_t)word.len + !is_first;
    return 0;
}

/* What goes behind method and target is none: who wrote it there left one of them out. */
static int fail_word_of_request(
    struct wbh__parser *parser, struct wbh__span word, const char *expected) {
    return wbh__fail(&parser->lexer, word, expected,
        wbh__is_message_word(word.at, word.len)
            ? "method and target come first: http-request GET / ..."
            : "anything else can be sent as bytes: send \"...\"");
}

static int parse_request_words(struct wbh__parser *parser, struct wbh_step *step) {
    struct wbh__lexer *lexer = &parser->lexer;
    step->data_offset = parser->scenario->data_len;
    struct wbh__span method = wbh__lexer_take(lexer);
    if (!wbh__is_http_method(method.at, method.len)) {
        return fail_word_of_request(parser, method, "a method of at most 255 bytes, as in GET");
    }
    struct wbh__span target = wbh__lexer_take(lexer);
    if (!wbh__is_http_target(target.at, target.len)) {
        return fail_word_of_request(
            parser, target, "a target of at most 255 bytes, as in /index.html");
    }
    step->repeat = 1;
    return keep_word(parser, step, method) == 0 ? keep_word(parser, step, target) : -1;
}

static int parse_version(struct wbh__parser *parser, struct wbh_step *step) {
    static const char word[] = "version=";
    struct wbh__span span = wbh__lexer_peek(&parser->lexer);
    if (span.len < sizeof word - 1 || memcmp(span.at, word, sizeof word - 1) != 0) {
        return 0;
    }
    (void)wbh__lexer_word(&parser->lexer);
    if (wbh__span_is(span, "version=1.0")) {
        step->version = WBH_HTTP_1_0;
    } else if (wbh__span_is(span, "version=1.1")) {
        step->version = WBH_HTTP_1_1;
    } else {
        return wbh__fail(&parser->lexer, span, "version=1.0 or version=1.1", NULL);
    }
    return 0;
}

int wbh__parse_message(struct wbh__parser *parser, struct wbh_step *step) {
    enum { STATUS_MIN = 100, STATUS_MAX = 999 };
    int status = wbh__step_has_request((enum wbh_step_kind)step->kind)
                     ? parse_request_words(parser, step)
                     : wbh__parse_number(parser, "a status", STATUS_MIN, STATUS_MAX, &step->count);
    return status == 0 ? parse_version(parser, step) : -1;
}

/* ---- the parts */

static const char *part_word(unsigned n) {
    return n < WBH_PART_KIND_COUNT ? wbh_part_word((enum wbh_part_kind)n) : NULL;
}

static int kind_of(struct wbh__span word) {
    int kind = 0;
    while (kind < WBH_PART_KIND_COUNT
           && !wbh__span_is(word, wbh_part_word((enum wbh_part_kind)kind))) {
        kind++;
    }
    return kind < WBH_PART_KIND_COUNT ? kind : -1;
}

static int add_part(
    struct wbh__parser *parser, struct wbh__span word, const struct wbh_part *part) {
    struct wbh_scenario *scenario = parser->scenario;
    const struct wbh_step *step = wbh__last_step(scenario);
    if (step->part_count == WBH_PARTS_MAX) {
        return wbh__fail(&parser->lexer, word, "at most 32 parts of a message", NULL);
    }
    if (part->data_len * part->repeat > WBH_TRAFFIC_MAX - wbh__storage_of(scenario)->traffic_len) {
        return wbh__fail(
            &parser->lexer, word, "at most 16777216 bytes in all steps together", NULL);
    }
    return wbh__add_part(scenario, part) == 0 ? 0 : wbh__fail_memory(&parser->lexer);
}

static int add_contents(struct wbh__parser *parser, struct wbh__span word, struct wbh_part *part) {
    struct wbh_step contents = {0};
    if (wbh__parse_contents(parser, &contents, true) != 0) {
        return -1;
    }
    part->data_offset = contents.data_offset;
    part->data_len = contents.data_len;
    part->repeat = contents.repeat;
    return add_part(parser, word, part);
}

static int parse_chunks(struct wbh__parser *parser, struct wbh__span word, struct wbh_part *part) {
    do {
        if (add_contents(parser, word, part) != 0) {
            return -1;
        }
    } while (wbh__is_contents(parser));
    return 0;
}

static int parse_line(struct wbh__parser *parser, struct wbh__span word, struct wbh_part *part) {
    static const char expected[] =
        "a line in quotes, as in \"Content-Type: text/plain\", without control characters";
    struct wbh__span string = wbh__lexer_peek(&parser->lexer);
    struct wbh_step contents = {0};
    if (!wbh__lexer_is_string(&parser->lexer)) {
        return wbh__fail(&parser->lexer, string, expected, NULL);
    }
    if (wbh__parse_contents(parser, &contents, true) != 0) {
        return -1;
    }
    const char *line =
        (const char *)wbh__storage_of(parser->scenario)->data.items + contents.data_offset;
    if (contents.repeat != 1 || !wbh__is_http_line(line, contents.data_len)) {
        return wbh__fail(&parser->lexer, wbh__taken(parser, string), expected, NULL);
    }
    part->data_offset = contents.data_offset;
    part->data_len = contents.data_len;
    return add_part(parser, word, part);
}

static int parse_name(struct wbh__parser *parser, struct wbh__span word, struct wbh_part *part) {
    struct wbh__span name = wbh__lexer_take(&parser->lexer);
    if (!wbh__is_http_token(name.at, name.len)) {
        return wbh__fail(&parser->lexer, name, "the name of a line, as in Content-Length", NULL);
    }
    part->data_offset = parser->scenario->data_len;
    part->data_len = (uint32_t)name.len;
    if (wbh__add_data(parser->scenario, name.at, name.len) != 0) {
        return wbh__fail_memory(&parser->lexer);
    }
    return add_part(parser, word, part);
}

static int parse_part(struct wbh__parser *parser, struct wbh__span word, enum wbh_part_kind kind) {
    struct wbh_part part = {.kind = (uint8_t)kind, .repeat = 1};
    switch (kind) {
    case WBH_PART_HEADER:
    case WBH_PART_TRAILER:
        return parse_line(parser, word, &part);
    case WBH_PART_NO_HEADER:
        return parse_name(parser, word, &part);
    case WBH_PART_BODY:
        return add_contents(parser, word, &part);
    case WBH_PART_CHUNK:
        return parse_chunks(parser, word, &part);
    case WBH_PART_BODY_LEN:
        return wbh__parse_number(parser, "a number of bytes", 0, WBH_TRAFFIC_MAX, &part.count) == 0
                   ? add_part(parser, word, &part)
                   : -1;
    case WBH_PART_KIND_COUNT:
        break;
    }
    return -1;
}

static int fail_fit(struct wbh__parser *parser, struct wbh__span word, bool is_sent) {
    return wbh__fail(&parser->lexer, word, "a part that goes with those before it",
        is_sent ? "the content is told once, as body or chunked; trailers come behind chunks"
                : "the content is told once, as body or body-len, whatever its chunks");
}

/* "version=1.0" too late or again, or a version as HTTP or people write it. */
static bool means_version(struct wbh__span word) {
    static const char *const beginnings[] = {"version", "HTTP/", "http/"};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        const size_t len = strlen(beginnings[i]);
        if (word.len >= len && memcmp(word.at, beginnings[i], len) == 0) {
            return true;
        }
    }
    return false;
}

static int fail_part(struct wbh__parser *parser, struct wbh__span word, bool is_sent) {
    static const char sent[] = "the end of the line, header, no-header, body, chunked or trailer";
    static const char expected[] =
        "the end of the line, header, no-header, body, body-len or trailer";
    if (means_version(word)) {
        return wbh__fail(&parser->lexer, word, is_sent ? sent : expected,
            "version=1.0 or version=1.1 stands once, right behind the target or the status");
    }
    return wbh__fail_word(&parser->lexer, word, is_sent ? sent : expected, part_word);
}

int wbh__parse_parts(struct wbh__parser *parser) {
    struct wbh__lexer *lexer = &parser->lexer;
    for (;;) {
        const struct wbh_step *step = wbh__last_step(parser->scenario);
        struct wbh__span word = wbh__lexer_peek(lexer);
        if (word.len == 0) {
            return 0;
        }
        bool is_sent = wbh__step_sends_parts((enum wbh_step_kind)step->kind);
        int kind = kind_of(word);
        if (kind < 0) {
            return fail_part(parser, word, is_sent);
        }
        const struct wbh_part *parts = wbh__storage_of(parser->scenario)->parts.items;
        if (!wbh__part_fits(step->part_count != 0 ? parts + step->part_begin : NULL, step,
                (enum wbh_part_kind)kind)) {
            return fail_fit(parser, word, is_sent);
        }
        (void)wbh__lexer_word(lexer);
        if (parse_part(parser, word, (enum wbh_part_kind)kind) != 0) {
            return -1;
        }
    }
}
