/* The growing string and the few ways numbers and bytes are written in reports. */
#include "report/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAPACITY_FIRST = 256 };

void wbh_text_clean_up(struct wbh_text *text) {
    free(text->bytes);
    *text = (struct wbh_text){0};
}

const char *wbh_text_string(const struct wbh_text *text) {
    return text->bytes != NULL ? text->bytes : "";
}

/* Makes room for `len` more bytes and the terminator. */
static int reserve(struct wbh_text *text, size_t len) {
    if (text->failed) {
        return -1;
    }
    if (len >= SIZE_MAX / 2 - text->len) {
        text->failed = 1;
        return -1;
    }
    size_t needed = text->len + len + 1;
    if (needed <= text->capacity) {
        return 0;
    }
    size_t capacity = text->capacity == 0 ? CAPACITY_FIRST : text->capacity;
    while (capacity < needed) {
        capacity *= 2;
    }
    char *bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        text->failed = 1;
        return -1;
    }
    text->bytes = bytes;
    text->capacity = capacity;
    return 0;
}

void wbh_text_append(struct wbh_text *text, const char *bytes, size_t len) {
    if (len == 0 || reserve(text, len) != 0) {
        return;
    }
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
}

void wbh_text_add(struct wbh_text *text, const char *string) {
    wbh_text_append(text, string, strlen(string));
}

void wbh_text_format(struct wbh_text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    assert(len >= 0);
    if (len == 0 || reserve(text, (size_t)len) != 0) {
        return;
    }
    va_start(arguments, format);
    vsnprintf(text->bytes + text->len, (size_t)len + 1, format, arguments);
    va_end(arguments);
    text->len += (size_t)len;
}

void wbh_text_repeat(struct wbh_text *text, char c, size_t count) {
    if (count == 0 || reserve(text, count) != 0) {
        return;
    }
    memset(text->bytes + text->len, c, count);
    text->len += count;
    text->bytes[text->len] = '\0';
}

static void escape_byte(struct wbh_text *text, unsigned char byte) {
    switch (byte) {
    case '\n':
        wbh_text_add(text, "\\n");
        break;
    case '\r':
        wbh_text_add(text, "\\r");
        break;
    case '\t':
        wbh_text_add(text, "\\t");
        break;
    case '\\':
        wbh_text_add(text, "\\\\");
        break;
    case '"':
        wbh_text_add(text, "\\\"");
        break;
    default:
        if (byte >= 0x20 && byte < 0x7f) {
            wbh_text_repeat(text, (char)byte, 1);
        } else {
            wbh_text_format(text, "\\x%02x", byte);
        }
    }
}

void wbh_text_escape(struct wbh_text *text, const void *bytes, size_t len, size_t len_max) {
    const unsigned char *at = bytes;
    size_t shown = len < len_max ? len : len_max;
    for (size_t i = 0; i < shown; i++) {
        escape_byte(text, at[i]);
    }
}

void wbh_text_excerpt(struct wbh_text *text, const void *bytes, size_t len, size_t len_max) {
    wbh_text_add(text, "\"");
    wbh_text_escape(text, bytes, len, len_max);
    wbh_text_add(text, len > len_max ? "\"..." : "\"");
}

void wbh_text_duration(struct wbh_text *text, uint64_t duration_ns) {
    static const struct {
        uint64_t ns;
        const char *unit;
    } units[] = {{UINT64_C(1000000000), "s"}, {1000000, "ms"}, {1000, "us"}, {1, "ns"}};
    size_t i = 0;
    while (duration_ns % units[i].ns != 0) {
        i++;
    }
    wbh_text_format(text, "%" PRIu64 "%s", duration_ns / units[i].ns, units[i].unit);
}

void wbh_text_count(struct wbh_text *text, uint64_t count, const char *noun) {
    wbh_text_format(text, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}
