/* Mutations that know what a message of HTTP/1 is made of: lines, words, lengths, chunks. Borders
 * are where readers differ, so that is where most of them go. What they make is a message again
 * more often than not; the rest of the time it is nearly one. */
#include "mutator/messages.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "mutator/dice.h"
#include "mutator/message_text.h"
#include "mutator/records.h"

/* ---- lines ---- */

/* Any of them but the first, which is no field; false: there is none. */
static bool pick_field(const struct lines *lines, struct dice *dice, size_t *out_line) {
    if (lines->count < 2) {
        return false;
    }
    *out_line = 1 + roll(dice, (uint32_t)lines->count - 1);
    return true;
}

/* A place within a line, its end included. */
static size_t place_in(const struct lines *lines, size_t line, struct dice *dice) {
    const size_t len = lines->at[line + 1] - lines->at[line];
    return lines->at[line] + roll(dice, (uint32_t)len);
}

enum { LINE_LEN_MAX = 512 };

static bool copy_line(const struct text *text, const struct lines *lines, size_t line, uint8_t *out,
    size_t *out_len) {
    *out_len = lines->at[line + 1] - lines->at[line];
    if (*out_len > LINE_LEN_MAX) {
        return false;
    }
    memcpy(out, text->bytes + lines->at[line], *out_len);
    return true;
}

static bool duplicate_field(struct text *text, struct dice *dice) {
    const struct lines lines = text_lines(text);
    uint8_t copy[LINE_LEN_MAX];
    size_t len;
    size_t line;
    if (!pick_field(&lines, dice, &line) || !copy_line(text, &lines, line, copy, &len)) {
        return false;
    }
    return text_splice(text, lines.at[1 + roll(dice, (uint32_t)lines.count)], 0, copy, len);
}

/* It goes to another place, or away. */
static bool move_field(struct text *text, struct dice *dice) {
    struct lines lines = text_lines(text);
    uint8_t copy[LINE_LEN_MAX];
    size_t len;
    size_t line;
    if (!pick_field(&lines, dice, &line) || !copy_line(text, &lines, line, copy, &len)) {
        return false;
    }
    (void)text_splice(text, lines.at[line], len, NULL, 0);
    if (roll(dice, 3) == 0) {
        return true;
    }
    lines = text_lines(text);
    return lines.count == 0
           || text_splice(text, lines.at[1 + roll(dice, (uint32_t)lines.count)], 0, copy, len);
}

static const char *choose(const char *const words[], size_t count, struct dice *dice) {
    return words[roll(dice, (uint32_t)count)];
}

#define CHOOSE(words, dice) choose(words, sizeof(words) / sizeof(words[0]), dice)

static bool add_field(struct text *text, struct dice *dice) {
    static const char *const fields[] = {"Host: a\r\n", "Host: a:80\r\n", "Content-Length: 5\r\n",
        "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Connection: close\r\n",
        "Connection: keep-alive\r\n", "Connection: upgrade\r\n", "Connection: a, close, b\r\n",
        "Upgrade: x\r\n", "Expect: 100-continue\r\n", "TE: trailers\r\n", "Trailer: x\r\n",
        "X: y\r\n", "X:\r\n", "Date: x\r\n"};
    const struct lines lines = text_lines(text);
    return lines.count != 0
           && text_insert(
               text, lines.at[1 + roll(dice, (uint32_t)lines.count)], CHOOSE(fields, dice));
}

/* One line becomes two, or one that goes on in the next. */
static bool split_field(struct text *text, struct dice *dice) {
    static const char *const ends[] = {
        "\r\n", "\r\n ", "\r\n\t", "\n", "\r", "\r\nX: ", "\r\n\r\n", " \r\n \r\n "};
    const struct lines lines = text_lines(text);
    size_t line;
    return pick_field(&lines, dice, &line)
           && text_insert(text, place_in(&lines, line, dice), CHOOSE(ends, dice));
}

/* ---- borders ---- */

/* Where one thing ends and another begins: from a place on the next byte that is no letter or
 * number. */
static size_t border_from(const struct text *text, size_t at) {
    while (at < text->len
           && ((text->bytes[at] >= '0' && text->bytes[at] <= '9')
               || ((text->bytes[at] | 0x20) >= 'a' && (text->bytes[at] | 0x20) <= 'z'))) {
        at++;
    }
    return at;
}

static bool insert_at_border(struct text *text, struct dice *dice) {
    static const uint8_t bytes[] = {'\r', '\n', '\0', ' ', '\t', ':', ',', ';', '"', '\\', '/', '@',
        '%', '#', '+', '-', '0', 0x0b, 0x7f, 0x80, 0xa0, 0xff};
    const size_t border = border_from(text, roll(dice, (uint32_t)text->len + 1));
    const size_t at = border + (border < text->len && roll(dice, 2) == 0);
    return text_splice(text, at, 0, &bytes[roll(dice, sizeof bytes)], 1);
}

static bool remove_at_border(struct text *text, struct dice *dice) {
    const size_t at = border_from(text, roll(dice, (uint32_t)text->len + 1));
    return at < text->len && text_splice(text, at, 1, NULL, 0);
}

/* Upper case for lower, where it is one. */
static bool change_case(struct text *text, struct dice *dice) {
    const size_t at = roll(dice, (uint32_t)text->len + 1);
    const bool is_letter =
        at < text->len && (text->bytes[at] | 0x20) >= 'a' && (text->bytes[at] | 0x20) <= 'z';
    if (is_letter) {
        text->bytes[at] ^= 0x20;
    }
    return is_letter;
}

/* ---- the first line ---- */

static bool change_version(struct text *text, struct dice *dice) {
    static const char *const versions[] = {"HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "HTTP/0.9",
        "HTTP/2.0", "HTTP/1.10", "http/1.1", "HTTP/11"};
    const char *version = CHOOSE(versions, dice);
    const size_t at = text_find(text, "http/");
    return at + 8 <= text->len && text_splice(text, at, 8, version, strlen(version));
}

/* The method; of a response the status, which is the second word. */
static bool change_word(struct text *text, struct dice *dice) {
    static const char *const methods[] = {
        "GET", "HEAD", "POST", "PUT", "CONNECT", "OPTIONS", "PATCH", "get", "M-SEARCH", "X"};
    static const char *const statuses[] = {
        "200", "204", "304", "100", "101", "103", "205", "206", "404", "999", "099", "1000"};
    const bool is_response = text_find(text, "http/") == 0;
    const uint8_t *space = memchr(text->bytes, ' ', text->len);
    const size_t at = is_response && space != NULL ? (size_t)(space + 1 - text->bytes) : 0;
    const char *word = is_response ? CHOOSE(statuses, dice) : CHOOSE(methods, dice);
    const size_t end = border_from(text, at);
    return text_splice(text, at, end - at, word, strlen(word));
}

static bool change_target(struct text *text, struct dice *dice) {
    static const char *const targets[] = {"/", "/a?b", "*", "http://a/", "http://a:80?q", "a:443",
        "[::1]:443", "http://u@a/", "/%2e%2e", "a", "https://[::1]", "/#", ""};
    const uint8_t *space = memchr(text->bytes, ' ', text->len);
    if (space == NULL) {
        return false;
    }
    const size_t at = (size_t)(space + 1 - text->bytes);
    const uint8_t *end = memchr(text->bytes + at, ' ', text->len - at);
    const char *target = CHOOSE(targets, dice);
    return end != NULL
           && text_splice(text, at, (size_t)(end - text->bytes) - at, target, strlen(target));
}

/* ---- lengths ---- */

static size_t content_at(const struct text *text) {
    const struct lines lines = text_lines(text);
    const size_t at = lines.at[lines.count];
    const size_t end = at + 2;
    return end <= text->len ? end : text->len;
}

/* Another number, which may be the right one. */
static bool change_length(struct text *text, struct dice *dice) {
    static const char *const lengths[] = {"0", "1", "5", "05", "010", "+5", "-1", "5, 5", "5,",
        " 5 ", "9223372036854775807", "9223372036854775808", "18446744073709551621", "0x5", "5 5",
        ""};
    const size_t name = text_find(text, "content-length:");
    if (name == text->len) {
        return false;
    }
    const size_t at = name + strlen("content-length:");
    const uint8_t *end = memchr(text->bytes + at, '\r', text->len - at);
    if (end == NULL) {
        return false;
    }
    char right[24];
    (void)snprintf(right, sizeof right, " %u", (unsigned)(text->len - content_at(text)));
    const char *length = roll(dice, 3) == 0 ? right : CHOOSE(lengths, dice);
    return text_splice(text, at, (size_t)(end - text->bytes) - at, length, strlen(length));
}

/* ---- chunks ---- */

static const char hex_digits[] = "0123456789abcdef";

static size_t hex_value(uint8_t byte) {
    const char *digit = byte != '\0' ? strchr(hex_digits, byte | (byte >= 'A' ? 0x20 : 0)) : NULL;
    return digit != NULL ? (size_t)(digit - hex_digits) : SIZE_MAX;
}

/* The line with the size of a chunk of one or two digits. */
struct chunk {
    size_t at;
    size_t digits;
    size_t size;
    size_t data_at;
};

static bool chunk_at(const struct text *text, size_t at, struct chunk *out) {
    *out = (struct chunk){.at = at};
    while (out->digits < 2 && at < text->len && hex_value(text->bytes[at]) != SIZE_MAX) {
        out->size = out->size * 16 + hex_value(text->bytes[at++]);
        out->digits++;
    }
    const uint8_t *end = at < text->len ? memchr(text->bytes + at, '\n', text->len - at) : NULL;
    if (out->digits == 0 || end == NULL) {
        return false;
    }
    out->data_at = (size_t)(end + 1 - text->bytes);
    return out->data_at + out->size + 2 <= text->len;
}

/* Any of the chunks. */
static bool pick_chunk(const struct text *text, struct dice *dice, struct chunk *out) {
    struct chunk chunk;
    size_t seen = 0;
    for (size_t at = content_at(text); chunk_at(text, at, &chunk);
         at = chunk.data_at + chunk.size + 2) {
        if (roll(dice, (uint32_t)++seen) == 0) {
            *out = chunk;
        }
        if (chunk.size == 0) {
            break;
        }
    }
    return seen != 0;
}

static bool write_size(struct text *text, const struct chunk *chunk, size_t size) {
    const char digits[] = {hex_digits[size >> 4 & 0xf], hex_digits[size & 0xf]};
    return text_splice(
        text, chunk->at, chunk->digits, size > 0xf ? digits : digits + 1, size > 0xf ? 2 : 1);
}

/* Its data become two chunks. */
static bool cut_chunk(struct text *text, struct dice *dice) {
    struct chunk chunk;
    if (!pick_chunk(text, dice, &chunk) || chunk.size < 2) {
        return false;
    }
    const size_t first = 1 + roll(dice, (uint32_t)chunk.size - 1);
    char border[16];
    const int len = snprintf(border, sizeof border, "\r\n%x\r\n", (unsigned)(chunk.size - first));
    return text_splice(text, chunk.data_at + first, 0, border, (size_t)len)
           && write_size(text, &chunk, first);
}

/* Its size is not that of its data. */
static bool move_border(struct text *text, struct dice *dice) {
    struct chunk chunk;
    if (!pick_chunk(text, dice, &chunk)) {
        return false;
    }
    const size_t size = roll(dice, 2) == 0 || chunk.size == 0 ? chunk.size + 1 : chunk.size - 1;
    return write_size(text, &chunk, size);
}

static bool extend_chunk(struct text *text, struct dice *dice) {
    static const char *const words[] = {
        ";x=\"y\"", ";a", " ;a", "  ", "\t", ";a\rb", ";a\nb", " x", "0", "\r", "FFFFFFFFFFFFFFF"};
    struct chunk chunk;
    return pick_chunk(text, dice, &chunk)
           && text_insert(text, chunk.at + chunk.digits, CHOOSE(words, dice));
}

/* What follows the head becomes chunks that are right. */
static bool make_chunks(struct text *text, struct dice *dice) {
    static const char *const contents[] = {"5\r\nhello\r\n0\r\n\r\n", "0\r\n\r\n",
        "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "0\r\nX: y\r\n\r\n", "A\r\n0123456789\r\n00\r\n\r\nGET "};
    const size_t at = content_at(text);
    const char *content = CHOOSE(contents, dice);
    return text_splice(text, at, text->len - at, content, strlen(content));
}

/* ---- all ---- */

typedef bool change_fn(struct text *text, struct dice *dice);

static change_fn *const changes[] = {duplicate_field, move_field, add_field, add_field, split_field,
    insert_at_border, insert_at_border, remove_at_border, change_case, change_version, change_word,
    change_target, change_length, cut_chunk, move_border, extend_chunk, make_chunks};

size_t records_mutate(uint8_t *bytes, size_t len, size_t capacity, unsigned seed,
    records_mutate_bytes_fn mutate_bytes) {
    struct dice dice = {seed};
    const size_t options = messages_format.options;
    if (capacity <= options || (roll(&dice, 6) == 0 && len != 0)) {
        return mutate_bytes(bytes, len, capacity);
    }
    for (; len < options; len++) {
        bytes[len] = 0;
    }
    if (roll(&dice, 12) == 0) {
        bytes[roll(&dice, (uint32_t)options)] = (uint8_t)roll(&dice, 256);
        return len;
    }
    struct text text = {bytes + options, len - options, capacity - options};
    const unsigned wanted = 1 + roll(&dice, 3);
    for (unsigned done = 0, tries = 0; done < wanted && tries < 16; tries++) {
        done += changes[roll(&dice, sizeof(changes) / sizeof(changes[0]))](&text, &dice);
    }
    return options + text.len;
}

/* Lines from the beginning of one, and from a line of the other to its end. */
size_t records_cross(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len, uint8_t *out,
    size_t capacity, unsigned seed) {
    struct dice dice = {seed};
    const size_t options = messages_format.options;
    if (a_len < options || b_len < options || capacity < options) {
        const size_t len = a_len < capacity ? a_len : capacity;
        memcpy(out, a, len);
        return len;
    }
    /* Only read: the lines of a const message. */
    const struct text first = {(uint8_t *)(uintptr_t)(a + options), a_len - options, 0};
    const struct text second = {(uint8_t *)(uintptr_t)(b + options), b_len - options, 0};
    const struct lines first_lines = text_lines(&first);
    const struct lines second_lines = text_lines(&second);
    const size_t end = first_lines.at[roll(&dice, (uint32_t)first_lines.count + 1)];
    const size_t from = second_lines.at[roll(&dice, (uint32_t)second_lines.count + 1)];
    struct text text = {out + options, 0, capacity - options};
    memcpy(out, a, options);
    (void)text_splice(&text, 0, 0, first.bytes, end < text.capacity ? end : text.capacity);
    const size_t room = text.capacity - text.len;
    const size_t more = second.len - from;
    (void)text_splice(&text, text.len, 0, second.bytes + from, more < room ? more : room);
    return options + text.len;
}
