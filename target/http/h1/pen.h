/* Writing a head into a buffer that has room for it. Of encode.c and encode_usual.h. */
#ifndef HTTP_H1_PEN_H
#define HTTP_H1_PEN_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wb/bytes.h"
#include "wb/http_fields.h"
#include "wb/status.h"

/* ---- pieces ---- */

/* Where the next byte goes. It is handed on by value, so that it stays in a register. */
struct wb__pen {
    uint8_t *at;
};

/* Words at both ends cover what is longer than one and not longer than two. */
#define WB__PEN_BOTH_ENDS(out, bytes, len, word_len)                                               \
    do {                                                                                           \
        memcpy(out, bytes, word_len);                                                              \
        memcpy((out) + (len) - (word_len), (bytes) + (len) - (word_len), word_len);                \
    } while (0)

/* Most pieces are short: a call would cost more than what it does. */
static inline void wb__pen_bytes(struct wb__pen *pen, struct wb_bytes bytes) {
    if (bytes.len > 32) {
        memcpy(pen->at, bytes.ptr, bytes.len);
    } else if (bytes.len >= 16) {
        WB__PEN_BOTH_ENDS(pen->at, bytes.ptr, bytes.len, 16);
    } else if (bytes.len >= 8) {
        WB__PEN_BOTH_ENDS(pen->at, bytes.ptr, bytes.len, 8);
    } else if (bytes.len >= 4) {
        WB__PEN_BOTH_ENDS(pen->at, bytes.ptr, bytes.len, 4);
    } else if (bytes.len >= 2) {
        WB__PEN_BOTH_ENDS(pen->at, bytes.ptr, bytes.len, 2);
    } else if (bytes.len == 1) {
        *pen->at = *bytes.ptr;
    }
    pen->at += bytes.len;
}

#define WB__PEN_LITERAL(pen, literal)                                                              \
    do {                                                                                           \
        memcpy((pen)->at, literal, sizeof(literal) - 1);                                           \
        (pen)->at += sizeof(literal) - 1;                                                          \
    } while (0)

/* From 00 to 99. */
extern const char wb__pen_pairs[201];

/* Digits of the longest number. What is behind a shorter one is written, too, and then over. */
enum { WB__PEN_DIGITS_MAX = 20 };

static inline void wb__pen_number(struct wb__pen *pen, uint64_t number) {
    uint8_t digits[2 * WB__PEN_DIGITS_MAX];
    unsigned at = WB__PEN_DIGITS_MAX;
    for (; number >= 100; number /= 100) {
        at -= 2;
        memcpy(digits + at, wb__pen_pairs + 2 * (number % 100), 2);
    }
    at -= 2;
    memcpy(digits + at, wb__pen_pairs + 2 * number, 2);
    at += number < 10 ? 1 : 0;
    memcpy(pen->at, digits + at, WB__PEN_DIGITS_MAX);
    pen->at += WB__PEN_DIGITS_MAX - at;
}

/* ---- fields of ours ---- */

static inline struct wb__pen wb__pen_length(struct wb__pen pen, uint64_t length) {
    WB__PEN_LITERAL(&pen, "content-length: ");
    wb__pen_number(&pen, length);
    WB__PEN_LITERAL(&pen, "\r\n");
    return pen;
}

static inline struct wb__pen wb__pen_date(struct wb__pen pen, struct wb_bytes date) {
    if (date.len != 0) {
        WB__PEN_LITERAL(&pen, "date: ");
        wb__pen_bytes(&pen, date);
        WB__PEN_LITERAL(&pen, "\r\n");
    }
    return pen;
}

/* ---- the buffer ---- */

/* More than what is added to the application's fields: the start line without its words, or with a
 * usual reason, framing, connection. */
enum { WB__PEN_ROOM_FOR_OURS = 256, WB__PEN_FIELD_FRAME_LEN = 4 };

/* Apart, as are other loops over fields, so that responses without any need few registers. */
size_t wb__pen_fields_len(const struct wb_http_field *items, size_t count);
struct wb__pen wb__pen_fields(struct wb__pen pen, const struct wb_http_fields *fields);

static inline enum wb_status wb__pen_make_room(
    struct wb_bytes_mut *out, struct wb_http_fields fields, size_t more_len) {
    const size_t len = fields.count != 0 ? wb__pen_fields_len(fields.items, fields.count) : 0;
    return wb_bytes_mut_reserve(out, len + more_len + WB__PEN_ROOM_FOR_OURS);
}

static inline struct wb__pen wb__pen_begin(struct wb_bytes_mut *out) {
    return (struct wb__pen){out->ptr + out->len};
}

/* There must have been room. */
static inline void wb__pen_end(struct wb_bytes_mut *out, struct wb__pen pen) {
    wb_bytes_mut_commit(out, (size_t)(pen.at - out->ptr) - out->len);
}

#endif
