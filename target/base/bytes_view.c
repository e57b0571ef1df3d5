/* Views of bytes: slicing, comparing, finding, and their text. */
#include "wb/bytes.h"

#include <assert.h>
#include <string.h>

struct wb_bytes wb_bytes_from_string(const char *string) {
    return wb_bytes_from(string, strlen(string));
}

struct wb_bytes wb_bytes_slice(struct wb_bytes bytes, size_t start, size_t end) {
    assert(start <= end && end <= bytes.len);
    if (start == 0) {
        return (struct wb_bytes){bytes.ptr, end};
    }
    return (struct wb_bytes){bytes.ptr + start, end - start};
}

int wb_bytes_compare(struct wb_bytes a, struct wb_bytes b) {
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

bool wb_bytes_equal(struct wb_bytes a, struct wb_bytes b) {
    return a.len == b.len && wb_bytes_compare(a, b) == 0;
}

bool wb_bytes_starts_with(struct wb_bytes bytes, struct wb_bytes prefix) {
    return prefix.len <= bytes.len && wb_bytes_equal(wb_bytes_slice(bytes, 0, prefix.len), prefix);
}

size_t wb_bytes_find_byte(struct wb_bytes bytes, uint8_t byte) {
    const uint8_t *at = bytes.len == 0 ? NULL : memchr(bytes.ptr, byte, bytes.len);
    return at == NULL ? bytes.len : (size_t)(at - bytes.ptr);
}

size_t wb_bytes_find(struct wb_bytes bytes, struct wb_bytes sequence) {
    for (size_t start = 0; start + sequence.len <= bytes.len; start++) {
        if (wb_bytes_starts_with(wb_bytes_slice(bytes, start, bytes.len), sequence)) {
            return start;
        }
    }
    return bytes.len;
}

/* ---- text ---- */

static char short_escape(uint8_t byte) {
    switch (byte) {
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '\0':
        return '0';
    case '\\':
    case '"':
        return (char)byte;
    default:
        return '\0';
    }
}

/* Returns how many characters stand for the byte. */
static size_t escape(uint8_t byte, char out[4]) {
    static const char hex[] = "0123456789abcdef";
    char letter = short_escape(byte);
    if (letter != '\0') {
        out[0] = '\\';
        out[1] = letter;
        return 2;
    }
    if (byte >= ' ' && byte <= '~') {
        out[0] = (char)byte;
        return 1;
    }
    out[0] = '\\';
    out[1] = 'x';
    out[2] = hex[byte >> 4];
    out[3] = hex[byte & 0xf];
    return 4;
}

size_t wb_bytes_format(struct wb_bytes bytes, char *out_text, size_t capacity) {
    assert(capacity != 0);
    size_t len = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        char piece[4];
        size_t piece_len = escape(bytes.ptr[i], piece);
        if (piece_len >= capacity - len) {
            break;
        }
        memcpy(out_text + len, piece, piece_len);
        len += piece_len;
    }
    out_text[len] = '\0';
    return len;
}
