/* Lines, words, numbers, times and strings of a scenario text; see lexer.h. */
#include "scenario/lexer.h"

#include "scenario/words.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

/* ---- lines */

static void enter_line(struct wbh__lexer *lexer, size_t begin) {
    lexer->line_begin = begin;
    lexer->pos = begin;
    const char *newline =
        begin < lexer->len ? memchr(lexer->text + begin, '\n', lexer->len - begin) : NULL;
    lexer->line_end = newline != NULL ? (size_t)(newline - lexer->text) : lexer->len;
    lexer->line++;
}

void wbh__lexer_init(
    struct wbh__lexer *lexer, const char *text, size_t len, struct wbh_parse_error *error) {
    *lexer = (struct wbh__lexer){.text = text, .len = len, .error = error};
    memset(error, 0, sizeof *error);
}

static void skip_blanks(struct wbh__lexer *lexer) {
    while (lexer->pos < lexer->line_end && is_blank(lexer->text[lexer->pos])) {
        lexer->pos++;
    }
    if (lexer->pos < lexer->line_end && lexer->text[lexer->pos] == '#') {
        lexer->pos = lexer->line_end;
    }
}

bool wbh__lexer_next_line(struct wbh__lexer *lexer) {
    size_t begin = lexer->line == 0 ? 0 : lexer->line_end + 1;
    while (begin < lexer->len) {
        enter_line(lexer, begin);
        skip_blanks(lexer);
        if (lexer->pos < lexer->line_end) {
            return true;
        }
        begin = lexer->line_end + 1;
    }
    return false;
}

bool wbh__lexer_is_indented(const struct wbh__lexer *lexer) {
    return is_blank(lexer->text[lexer->line_begin]);
}

int wbh__lexer_end_line(struct wbh__lexer *lexer) {
    struct wbh__span rest = wbh__lexer_peek(lexer);
    return rest.len == 0 ? 0 : wbh__fail(lexer, rest, "the end of the line", NULL);
}

/* ---- words */

/* A comment at the end of a line counts as its end, blanks before it too: the column is where the
 * missing word would have begun. */
static struct wbh__span span_at(struct wbh__lexer *lexer, size_t len) {
    return (struct wbh__span){.at = lexer->text + lexer->pos,
        .len = len,
        .line = lexer->line,
        .column = (uint32_t)(lexer->pos - lexer->line_begin) + 1};
}

static struct wbh__span end_of_line(struct wbh__lexer *lexer, size_t last_end) {
    struct wbh__span span = span_at(lexer, 0);
    span.column = (uint32_t)(last_end - lexer->line_begin) + 1;
    return span;
}

/* Up to a blank, the end, or a quote that begins a string. */
static size_t word_len(const struct wbh__lexer *lexer) {
    size_t end = lexer->pos;
    while (end < lexer->line_end && !is_blank(lexer->text[end]) && lexer->text[end] != '"') {
        end++;
    }
    return end - lexer->pos;
}

struct wbh__span wbh__lexer_peek(struct wbh__lexer *lexer) {
    size_t last_end = lexer->pos;
    skip_blanks(lexer);
    if (lexer->pos >= lexer->line_end) {
        struct wbh__span span = end_of_line(lexer, last_end);
        lexer->pos = last_end;
        return span;
    }
    if (lexer->text[lexer->pos] == '"') {
        return span_at(lexer, lexer->line_end - lexer->pos);
    }
    return span_at(lexer, word_len(lexer));
}

struct wbh__span wbh__lexer_word(struct wbh__lexer *lexer) {
    struct wbh__span span = wbh__lexer_peek(lexer);
    if (span.len == 0 || *span.at == '"') {
        span.len = 0;
        return span;
    }
    lexer->pos += span.len;
    return span;
}

struct wbh__span wbh__lexer_take(struct wbh__lexer *lexer) {
    struct wbh__span span = wbh__lexer_peek(lexer);
    (void)wbh__lexer_word(lexer);
    return span;
}

bool wbh__lexer_is_string(struct wbh__lexer *lexer) {
    struct wbh__span span = wbh__lexer_peek(lexer);
    return span.len > 0 && *span.at == '"';
}

bool wbh__span_is(struct wbh__span span, const char *word) {
    return span.len == strlen(word) && memcmp(span.at, word, span.len) == 0;
}

struct wbh__span wbh__span_part(struct wbh__span span, size_t from, size_t len) {
    assert(from <= span.len && len <= span.len - from);
    span.at += from;
    span.column += (uint32_t)from;
    span.len = len;
    return span;
}

struct wbh__span wbh__lexer_eof(const struct wbh__lexer *lexer) {
    uint32_t line = lexer->line == 0 ? 1 : lexer->line;
    size_t begin = lexer->line_begin;
    for (size_t i = begin; i < lexer->len; i++) {
        if (lexer->text[i] == '\n') {
            line++;
            begin = i + 1;
        }
    }
    return (struct wbh__span){
        .at = NULL, .line = line, .column = (uint32_t)(lexer->len - begin) + 1};
}

/* ---- strings */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int simple_escape(char c) {
    static const char letters[] = "nrt0\\\"";
    static const char bytes[] = {'\n', '\r', '\t', '\0', '\\', '"'};
    const char *at = c != '\0' ? strchr(letters, c) : NULL;
    return at != NULL ? bytes[at - letters] : -1;
}

/* The byte that the escape at pos (a backslash) stands for; pos moves behind it. */
static int take_escape(struct wbh__lexer *lexer, uint8_t *out) {
    const size_t left = lexer->line_end - lexer->pos;
    char letter = '\0';
    if (left >= 2) {
        letter = lexer->text[lexer->pos + 1];
    }
    if (letter == 'x') {
        int high = left >= 4 ? hex_digit(lexer->text[lexer->pos + 2]) : -1;
        int low = left >= 4 ? hex_digit(lexer->text[lexer->pos + 3]) : -1;
        if (high < 0 || low < 0) {
            return wbh__fail(
                lexer, span_at(lexer, left < 4 ? left : 4), "\\x and two hexadecimal digits", NULL);
        }
        *out = (uint8_t)(high << 4 | low);
        lexer->pos += 4;
        return 0;
    }
    int byte = simple_escape(letter);
    if (byte < 0) {
        return wbh__fail(lexer, span_at(lexer, left < 2 ? left : 2),
            "an escape: \\n \\r \\t \\0 \\\\ \\\" or \\xHH", NULL);
    }
    *out = (uint8_t)byte;
    lexer->pos += 2;
    return 0;
}

static int take_byte(struct wbh__lexer *lexer, uint8_t *out) {
    char c = lexer->text[lexer->pos];
    if (c == '\\') {
        return take_escape(lexer, out);
    }
    if (!is_printable(c)) {
        return wbh__fail(lexer, span_at(lexer, 1), "a printable ASCII character or an escape",
            "write this byte as \\x%02x", (unsigned)(uint8_t)c);
    }
    *out = (uint8_t)c;
    lexer->pos++;
    return 0;
}

int wbh__lexer_string(
    struct wbh__lexer *lexer, uint8_t *out, size_t max, const char *expected, size_t *out_len) {
    if (!wbh__lexer_is_string(lexer)) {
        return wbh__fail(lexer, wbh__lexer_peek(lexer), expected, NULL);
    }
    struct wbh__span whole = wbh__lexer_peek(lexer);
    size_t len = 0;
    lexer->pos++;
    while (lexer->pos < lexer->line_end && lexer->text[lexer->pos] != '"') {
        if (len == max) {
            char limit[64];
            (void)snprintf(limit, sizeof limit, "a string of at most %zu bytes", max);
            return wbh__fail(lexer, whole, limit, NULL);
        }
        if (take_byte(lexer, &out[len]) != 0) {
            return -1;
        }
        len++;
    }
    if (lexer->pos == lexer->line_end) {
        return wbh__fail(lexer, whole, "a closing quote on this line",
            "a string ends on the line where it begins; write a newline as \\n");
    }
    lexer->pos++;
    *out_len = len;
    return 0;
}

/* ---- numbers and times */

/* Digits at the beginning of a span: how many, and their value. A value that 64 bits cannot hold is
 * reported as *out_fits false. */
static size_t take_digits(struct wbh__span span, uint64_t *out, bool *out_fits) {
    size_t n = 0;
    *out = 0;
    *out_fits = true;
    while (n < span.len && span.at[n] >= '0' && span.at[n] <= '9') {
        uint64_t digit = (uint64_t)(span.at[n] - '0');
        *out_fits = *out_fits && *out <= (UINT64_MAX - digit) / 10;
        *out = *out * 10 + digit;
        n++;
    }
    return n;
}

static bool is_number(struct wbh__span span, size_t digits) {
    return digits > 0 && (digits == 1 || span.at[0] != '0');
}

int wbh__span_number(struct wbh__lexer *lexer, struct wbh__span span, const char *what,
    uint64_t min, uint64_t max, uint64_t *out) {
    uint64_t value;
    bool fits;
    size_t digits = take_digits(span, &value, &fits);
    if (!is_number(span, digits) || digits != span.len || !fits || value < min || value > max) {
        char expected[160];
        (void)snprintf(
            expected, sizeof expected, "%.80s from %" PRIu64 " to %" PRIu64, what, min, max);
        return wbh__fail(lexer, span, expected, NULL);
    }
    *out = value;
    return 0;
}

int wbh__span_time(
    struct wbh__lexer *lexer, struct wbh__span span, uint64_t max_ns, uint64_t *out_ns) {
    uint64_t value;
    bool fits;
    size_t digits = take_digits(span, &value, &fits);
    unsigned unit = 0;
    while (
        unit < WBH__UNIT_COUNT
        && !wbh__span_is(wbh__span_part(span, digits, span.len - digits), wbh__unit_word(unit))) {
        unit++;
    }
    if (!is_number(span, digits) || unit == WBH__UNIT_COUNT) {
        return wbh__fail(lexer, span, "a time: a number and ns, us, ms or s, as in 10ms",
            digits > 0 && digits == span.len ? "a time needs its unit: %.*sms?" : NULL, (int)digits,
            span.at);
    }
    if (value == 0 || !fits || value > max_ns / wbh__unit_ns(unit)) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "a time from 1ns to %" PRIu64 "s",
            max_ns / wbh__unit_ns(WBH__UNIT_COUNT - 1));
        return wbh__fail(lexer, span, expected, NULL);
    }
    *out_ns = value * wbh__unit_ns(unit);
    return 0;
}

/* ---- errors */

/* Where a word is missing something else may stand: a quote, a comma. All of it up to a blank. */
static struct wbh__span what_stands_there(const struct wbh__lexer *lexer, struct wbh__span span) {
    const char *end = lexer->text + lexer->len;
    if (span.len != 0 || span.at == NULL || span.at >= end || *span.at == '#') {
        return span;
    }
    while (span.at + span.len < end && !is_blank(span.at[span.len]) && span.at[span.len] != '\n') {
        span.len++;
    }
    return span;
}

static void describe(struct wbh__span span, char *out, size_t out_len) {
    enum { SHOWN_MAX = 40 };
    if (span.len == 0) {
        (void)snprintf(
            out, out_len, "%s", span.at == NULL ? "the end of the file" : "the end of the line");
        return;
    }
    char shown[SHOWN_MAX + 1];
    size_t len = span.len < SHOWN_MAX ? span.len : SHOWN_MAX;
    for (size_t i = 0; i < len; i++) {
        shown[i] = is_printable(span.at[i]) ? span.at[i] : '?';
    }
    shown[len] = '\0';
    (void)snprintf(out, out_len, "'%s%s'", shown, span.len > SHOWN_MAX ? "..." : "");
}

int wbh__fail(
    struct wbh__lexer *lexer, struct wbh__span span, const char *expected, const char *hint, ...) {
    struct wbh_parse_error *error = lexer->error;
    error->line = span.line;
    error->column = span.column;
    describe(what_stands_there(lexer, span), error->found, sizeof error->found);
    (void)snprintf(error->expected, sizeof error->expected, "%s", expected);
    error->hint[0] = '\0';
    if (hint != NULL) {
        va_list args;
        va_start(args, hint);
        (void)vsnprintf(error->hint, sizeof error->hint, hint, args);
        va_end(args);
    }
    return -1;
}

int wbh__fail_word(struct wbh__lexer *lexer, struct wbh__span span, const char *expected,
    const char *(*candidate)(unsigned n)) {
    const char *nearest = wbh__nearest(span.at, span.len, candidate);
    return wbh__fail(lexer, span, expected, nearest != NULL ? "did you mean '%s'?" : NULL, nearest);
}

static int span_bit(struct wbh__lexer *lexer, struct wbh__span span, const char *expected,
    const char *(*word)(unsigned n), uint32_t (*bit)(unsigned n), uint32_t *bits) {
    unsigned n = 0;
    while (word(n) != NULL && !wbh__span_is(span, word(n))) {
        n++;
    }
    if (word(n) == NULL) {
        return wbh__fail_word(lexer, span, expected, word);
    }
    if ((*bits & bit(n)) != 0) {
        return wbh__fail(lexer, span, "each word once only", NULL);
    }
    *bits |= bit(n);
    return 0;
}

int wbh__span_bits(struct wbh__lexer *lexer, struct wbh__span list, const char *expected,
    const char *(*word)(unsigned n), uint32_t (*bit)(unsigned n), uint32_t *out_bits) {
    uint32_t bits = 0;
    size_t begin = 0;
    for (size_t end = 0; end <= list.len; end++) {
        if (end < list.len && list.at[end] != ',') {
            continue;
        }
        struct wbh__span span = list.len > 0 ? wbh__span_part(list, begin, end - begin) : list;
        if (span_bit(lexer, span, expected, word, bit, &bits) != 0) {
            return -1;
        }
        begin = end + 1;
    }
    *out_bits = bits;
    return 0;
}

int wbh__fail_memory(struct wbh__lexer *lexer) {
    struct wbh__span here = {.at = "memory", .len = 6, .line = lexer->line, .column = 1};
    (void)wbh__fail(lexer, here, "enough memory to hold the scenario", NULL);
    (void)snprintf(lexer->error->found, sizeof lexer->error->found, "too little memory");
    return -1;
}

int wbh_parse_error_format(
    const struct wbh_parse_error *error, const char *file, char *buf, size_t buf_len) {
    return snprintf(buf, buf_len, "%s:%" PRIu32 ":%" PRIu32 ": found %s, expected %s%s%s%s", file,
        error->line, error->column, error->found, error->expected,
        error->hint[0] != '\0' ? " (" : "", error->hint, error->hint[0] != '\0' ? ")" : "");
}
