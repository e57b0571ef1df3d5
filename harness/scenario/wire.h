/* Records of the binary form: a tag and a payload, as codec.c describes them. Bytes only; what they
 * mean is the codec's business. */
#ifndef WOULDBLOCK_SCENARIO_WIRE_H
#define WOULDBLOCK_SCENARIO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WBH__TAG_FIRST = 0xc0,
    WBH__TAG_LAST = 0xcf,
    WBH__ESCAPE = 0xd0,
    WBH__ESCAPE_XOR = 0x80, /* turns tags and the escape itself into letters */
};

/* ---- reading */

struct wbh__reader {
    const uint8_t *bytes;
    size_t len;
    size_t pos; /* the next byte of the record's payload */
    size_t end; /* of the record */
    uint8_t tag;
};

void wbh__reader_init(struct wbh__reader *reader, const uint8_t *bytes, size_t len);
/* Goes to the next record; bytes that belong to none are skipped. */
bool wbh__reader_next(struct wbh__reader *reader);
/* The next byte of the payload; false at its end. */
bool wbh__reader_byte(struct wbh__reader *reader, uint8_t *out);
/* A number of so many bytes, lowest first; what is missing is 0. */
uint64_t wbh__reader_number(struct wbh__reader *reader, unsigned width);
/* The rest of the payload, at most `max` bytes of it; returns how many. */
size_t wbh__reader_rest(struct wbh__reader *reader, uint8_t *out, size_t max);

/* ---- writing */

struct wbh__writer {
    uint8_t *bytes; /* malloc'ed */
    size_t len;
    size_t capacity;
    size_t zeros;   /* zeros of the current record that are written only if something follows */
    bool is_broken; /* no memory */
};

void wbh__writer_begin(struct wbh__writer *writer, uint8_t tag);
void wbh__writer_number(struct wbh__writer *writer, uint64_t value, unsigned width);
void wbh__writer_bytes(struct wbh__writer *writer, const void *bytes, size_t len);

#endif
