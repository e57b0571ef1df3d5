/* From text to scenario: bytes, in quotes and repeated or taken from a local file. */
#include "scenario/parser.h"

#include "scenario/words.h"

#include <stdlib.h>

struct wbh__span wbh__taken(const struct wbh__parser *parser, struct wbh__span string) {
    const char *end = parser->lexer.text + parser->lexer.pos;
    while (end > string.at && end[-1] != '"') {
        end--;
    }
    return wbh__span_part(string, 0, (size_t)(end - string.at));
}

int wbh__parse_number(
    struct wbh__parser *parser, const char *what, uint64_t min, uint64_t max, uint32_t *out) {
    struct wbh__span word = wbh__lexer_take(&parser->lexer);
    uint64_t value;
    if (wbh__span_number(&parser->lexer, word, what, min, max, &value) != 0) {
        return -1;
    }
    *out = (uint32_t)value;
    return 0;
}

/* ---- in quotes */

static int parse_repeat(struct wbh__parser *parser, struct wbh_step *step, bool goes_on) {
    struct wbh__span sign = wbh__lexer_peek(&parser->lexer);
    step->repeat = 1;
    if (sign.len == 0 || (goes_on && !wbh__span_is(sign, "*"))) {
        return 0;
    }
    (void)wbh__lexer_word(&parser->lexer);
    if (!wbh__span_is(sign, "*")) {
        return wbh__fail(
            &parser->lexer, sign, "the end of the line, or * and how often, as in * 100", NULL);
    }
    struct wbh__span number = wbh__lexer_peek(&parser->lexer);
    if (wbh__parse_number(parser, "how often,", 1, WBH_REPEAT_MAX, &step->repeat) != 0) {
        return -1;
    }
    if ((uint64_t)step->data_len * step->repeat > WBH_PAYLOAD_MAX) {
        return wbh__fail(&parser->lexer, number, "at most 4194304 bytes in one step", NULL);
    }
    return 0;
}

static int parse_literal(struct wbh__parser *parser, struct wbh_step *step, bool goes_on) {
    struct wbh__lexer *lexer = &parser->lexer;
    struct wbh__storage *storage = wbh__storage_of(parser->scenario);
    struct wbh__span string = wbh__lexer_peek(lexer);
    size_t room = string.len < WBH_DATA_MAX ? string.len : WBH_DATA_MAX;
    step->data_offset = parser->scenario->data_len;
    if (wbh__pool_reserve(&storage->data, step->data_offset + room + 1) != 0) {
        return wbh__fail_memory(lexer);
    }
    size_t len;
    if (wbh__lexer_string(lexer, (uint8_t *)storage->data.items + step->data_offset, room,
            "bytes in quotes, as in \"hello\\n\"", &len)
        != 0) {
        return -1;
    }
    step->data_len = (uint32_t)len;
    parser->scenario->data_len += (uint32_t)len;
    if (parse_repeat(parser, step, goes_on) != 0) {
        return -1;
    }
    if (step->data_len * step->repeat > WBH_TRAFFIC_MAX - storage->traffic_len) {
        return wbh__fail(lexer, string, "at most 16777216 bytes in all steps together", NULL);
    }
    return 0;
}

/* ---- from "LOCAL FILE" */

static int keep_source(struct wbh__parser *parser, struct wbh_step *step, struct wbh__span name,
    const uint8_t *bytes, size_t len) {
    if (len > WBH_DATA_MAX) {
        return wbh__fail(&parser->lexer, name, "a file of at most 65535 bytes", NULL);
    }
    if (len > WBH_TRAFFIC_MAX - wbh__storage_of(parser->scenario)->traffic_len) {
        return wbh__fail(&parser->lexer, name, "at most 16777216 bytes in all together", NULL);
    }
    step->data_offset = parser->scenario->data_len;
    step->data_len = (uint32_t)len;
    step->repeat = 1;
    return wbh__add_data(parser->scenario, bytes, len) == 0 ? 0 : wbh__fail_memory(&parser->lexer);
}

static int parse_source(struct wbh__parser *parser, struct wbh_step *step) {
    char name[WBH_PATH_MAX + 1];
    size_t len;
    struct wbh__span string = wbh__lexer_peek(&parser->lexer);
    if (wbh__lexer_string(&parser->lexer, (uint8_t *)name, WBH_PATH_MAX,
            "the name of a local file in quotes, as in \"index.html\"", &len)
        != 0) {
        return -1;
    }
    name[len] = '\0';
    string = wbh__taken(parser, string);
    if (parser->source == NULL) {
        return wbh__fail(&parser->lexer, string, "the contents themselves, in quotes",
            "this text has no place from which a file could be taken");
    }
    size_t bytes_len = 0;
    uint8_t *bytes = parser->source->read(parser->source->user_data, name, &bytes_len);
    if (bytes == NULL) {
        return wbh__fail(&parser->lexer, string, "a file that can be read",
            "it is looked for beside the scenario");
    }
    int status = keep_source(parser, step, string, bytes, bytes_len);
    free(bytes);
    return status;
}

/* ---- either */

static bool is_source(struct wbh__parser *parser) {
    return wbh__span_is(wbh__lexer_peek(&parser->lexer), "from");
}

bool wbh__is_contents(struct wbh__parser *parser) {
    return is_source(parser) || wbh__lexer_is_string(&parser->lexer);
}

int wbh__parse_contents(struct wbh__parser *parser, struct wbh_step *step, bool goes_on) {
    if (!is_source(parser)) {
        return parse_literal(parser, step, goes_on);
    }
    (void)wbh__lexer_word(&parser->lexer);
    return parse_source(parser, step);
}
