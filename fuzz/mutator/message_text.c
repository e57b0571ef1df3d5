#include "mutator/message_text.h"

#include <string.h>

bool text_splice(
    struct text *text, size_t at, size_t removed, const void *bytes, size_t bytes_len) {
    if (text->len - removed + bytes_len > text->capacity) {
        return false;
    }
    memmove(text->bytes + at + bytes_len, text->bytes + at + removed, text->len - at - removed);
    if (bytes_len != 0) {
        memcpy(text->bytes + at, bytes, bytes_len);
    }
    text->len = text->len - removed + bytes_len;
    return true;
}

bool text_insert(struct text *text, size_t at, const char *string) {
    return text_splice(text, at, 0, string, strlen(string));
}

size_t text_find(const struct text *text, const char *string) {
    const size_t len = strlen(string);
    for (size_t at = 0; at + len <= text->len; at++) {
        size_t same = 0;
        while (same < len && (text->bytes[at + same] | 0x20) == (string[same] | 0x20)) {
            same++;
        }
        if (same == len) {
            return at;
        }
    }
    return text->len;
}

struct lines text_lines(const struct text *text) {
    struct lines lines = {.count = 0};
    size_t at = 0;
    while (at < text->len && lines.count < LINES_MAX) {
        const uint8_t *end = memchr(text->bytes + at, '\n', text->len - at);
        if (end == NULL || text->bytes[at] == '\r' || text->bytes[at] == '\n') {
            break;
        }
        lines.at[lines.count++] = at;
        at = (size_t)(end + 1 - text->bytes);
    }
    lines.at[lines.count] = at;
    return lines;
}
