/* A scenario text as lines of words, numbers, times and strings; and how to say that one of them is
 * not what it should be. Knows the shapes of tokens, not the statements. */
#ifndef WOULDBLOCK_SCENARIO_LEXER_H
#define WOULDBLOCK_SCENARIO_LEXER_H

#include "wouldblock/scenario.h"

#include <stdbool.h>

struct wbh__lexer {
    const char *text;
    size_t len;
    size_t pos;        /* the next byte to look at */
    size_t line_begin; /* of the current line */
    size_t line_end;   /* its newline, or len */
    uint32_t line;     /* from 1 */
    struct wbh_parse_error *error;
};

/* A piece of the text; len 0: nothing stood there. */
struct wbh__span {
    const char *at;
    size_t len;
    uint32_t line;
    uint32_t column;
};

void wbh__lexer_init(
    struct wbh__lexer *lexer, const char *text, size_t len, struct wbh_parse_error *error);

/* Goes to the first word of the next line that has one. false: end of text. */
bool wbh__lexer_next_line(struct wbh__lexer *lexer);
/* Whether the current line begins with a blank. */
bool wbh__lexer_is_indented(const struct wbh__lexer *lexer);

/* What stands next on the line, not taken: for errors and decisions. */
struct wbh__span wbh__lexer_peek(struct wbh__lexer *lexer);
/* The next word, up to a blank or a quote; empty at the end of the line and before a string. */
struct wbh__span wbh__lexer_word(struct wbh__lexer *lexer);
/* The next word, taken; or what stands there instead, not taken, to say that it is wrong. */
struct wbh__span wbh__lexer_take(struct wbh__lexer *lexer);
bool wbh__lexer_is_string(struct wbh__lexer *lexer);
/* A string's bytes, at most `max`, to `out`. -1: an error was reported. */
int wbh__lexer_string(
    struct wbh__lexer *lexer, uint8_t *out, size_t max, const char *expected, size_t *out_len);
/* The line must end here. */
int wbh__lexer_end_line(struct wbh__lexer *lexer);

bool wbh__span_is(struct wbh__span span, const char *word);
struct wbh__span wbh__span_part(struct wbh__span span, size_t from, size_t len);

/* A decimal number, without sign or leading zeros, from min to max. `what` names it in the error:
 * "expected WHAT from MIN to MAX". */
int wbh__span_number(struct wbh__lexer *lexer, struct wbh__span span, const char *what,
    uint64_t min, uint64_t max, uint64_t *out);
/* A number and its unit: 10ms. From 1 ns to max_ns. */
int wbh__span_time(
    struct wbh__lexer *lexer, struct wbh__span span, uint64_t max_ns, uint64_t *out_ns);

/* Reports that something else was expected where the span is. Always -1. `hint` may be NULL. */
int wbh__fail(
    struct wbh__lexer *lexer, struct wbh__span span, const char *expected, const char *hint, ...);
/* The same, with "did you mean" as the hint if a candidate is near. */
int wbh__fail_word(struct wbh__lexer *lexer, struct wbh__span span, const char *expected,
    const char *(*candidate)(unsigned n));
/* Words joined by commas, each at most once: the bits that they stand for. word(n) and bit(n) name
 * them, NULL at the end. 0, or -1 with the error reported. */
int wbh__span_bits(struct wbh__lexer *lexer, struct wbh__span list, const char *expected,
    const char *(*word)(unsigned n), uint32_t (*bit)(unsigned n), uint32_t *out_bits);
int wbh__fail_memory(struct wbh__lexer *lexer);
/* The end of the text, as a place for errors. */
struct wbh__span wbh__lexer_eof(const struct wbh__lexer *lexer);

#endif
