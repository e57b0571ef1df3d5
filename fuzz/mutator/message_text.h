/* A message of HTTP/1 as text that is edited in place: what messages.c works with. */
#ifndef FUZZ_MUTATOR_MESSAGE_TEXT_H
#define FUZZ_MUTATOR_MESSAGE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The message, within the input. */
struct text {
    uint8_t *bytes;
    size_t len;
    size_t capacity;
};

/* Puts bytes in place of `removed` ones; false: there is no room. They may not lie in the text. */
bool text_splice(struct text *text, size_t at, size_t removed, const void *bytes, size_t bytes_len);
bool text_insert(struct text *text, size_t at, const char *string);

/* Where `string` is; the text's length if nowhere. Letters have no case. */
size_t text_find(const struct text *text, const char *string);

enum { LINES_MAX = 48 };

/* The lines of the head, each from its first byte to behind its end; the empty one is not among
 * them. */
struct lines {
    size_t at[LINES_MAX + 1];
    size_t count;
};

struct lines text_lines(const struct text *text);

#endif
