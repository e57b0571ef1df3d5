/* Records of the binary form; see wire.h, and codec.c for why they look like that. */
#include "scenario/wire.h"

#include <assert.h>
#include <stdlib.h>

static bool is_tag(uint8_t byte) {
    return byte >= WBH__TAG_FIRST && byte <= WBH__TAG_LAST;
}

/* ---- reading */

void wbh__reader_init(struct wbh__reader *reader, const uint8_t *bytes, size_t len) {
    *reader = (struct wbh__reader){.bytes = bytes, .len = len};
}

bool wbh__reader_next(struct wbh__reader *reader) {
    size_t at = reader->end;
    while (at < reader->len && !is_tag(reader->bytes[at])) {
        at++;
    }
    if (at == reader->len) {
        return false;
    }
    reader->tag = reader->bytes[at];
    reader->pos = at + 1;
    reader->end = reader->pos;
    while (reader->end < reader->len && !is_tag(reader->bytes[reader->end])) {
        reader->end++;
    }
    return true;
}

bool wbh__reader_byte(struct wbh__reader *reader, uint8_t *out) {
    if (reader->pos == reader->end) {
        return false;
    }
    uint8_t byte = reader->bytes[reader->pos++];
    if (byte != WBH__ESCAPE) {
        *out = byte;
        return true;
    }
    if (reader->pos == reader->end) {
        return false; /* an escape that escapes nothing */
    }
    *out = reader->bytes[reader->pos++] ^ WBH__ESCAPE_XOR;
    return true;
}

uint64_t wbh__reader_number(struct wbh__reader *reader, unsigned width) {
    assert(width <= 8);
    uint64_t value = 0;
    uint8_t byte;
    for (unsigned i = 0; i < width && wbh__reader_byte(reader, &byte); i++) {
        value |= (uint64_t)byte << 8 * i;
    }
    return value;
}

size_t wbh__reader_rest(struct wbh__reader *reader, uint8_t *out, size_t max) {
    size_t len = 0;
    while (len < max && wbh__reader_byte(reader, &out[len])) {
        len++;
    }
    return len;
}

/* ---- writing */

static void append(struct wbh__writer *writer, uint8_t byte) {
    if (writer->is_broken) {
        return;
    }
    if (writer->len == writer->capacity) {
        size_t capacity = writer->capacity == 0 ? 256 : writer->capacity * 2;
        uint8_t *bytes = realloc(writer->bytes, capacity);
        if (bytes == NULL) {
            writer->is_broken = true;
            return;
        }
        writer->bytes = bytes;
        writer->capacity = capacity;
    }
    writer->bytes[writer->len++] = byte;
}

static void append_payload(struct wbh__writer *writer, uint8_t byte) {
    if (is_tag(byte) || byte == WBH__ESCAPE) {
        append(writer, WBH__ESCAPE);
        byte ^= WBH__ESCAPE_XOR;
    }
    append(writer, byte);
}

void wbh__writer_begin(struct wbh__writer *writer, uint8_t tag) {
    assert(is_tag(tag));
    writer->zeros = 0; /* those at the end of a record are what a reader takes missing bytes for */
    append(writer, tag);
}

static void writer_settle(struct wbh__writer *writer) {
    for (; writer->zeros > 0; writer->zeros--) {
        append(writer, 0);
    }
}

void wbh__writer_number(struct wbh__writer *writer, uint64_t value, unsigned width) {
    for (unsigned i = 0; i < width; i++) {
        uint8_t byte = (uint8_t)(value >> 8 * i);
        if (byte == 0) {
            writer->zeros++;
        } else {
            writer_settle(writer);
            append_payload(writer, byte);
        }
    }
}

void wbh__writer_bytes(struct wbh__writer *writer, const void *bytes, size_t len) {
    writer_settle(writer);
    for (size_t i = 0; i < len; i++) {
        append_payload(writer, ((const uint8_t *)bytes)[i]);
    }
}
