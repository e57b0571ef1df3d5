/* Words that have a number, methods and names of fields: looking one up, where a call would cost
 * more than that. */
#ifndef HTTP_MESSAGE_NAMES_H
#define HTTP_MESSAGE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wb/http.h"
#include "wb/http_fields.h"

static inline uint64_t wb__eight_at(const void *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* ---- methods ---- */

enum { WB__METHOD_ROOM = 8, WB__METHODS_OF_LEN_MAX = 3 };

/* Filled up with NULs. */
extern const char wb__method_names[WB_HTTP_METHOD_COUNT][WB__METHOD_ROOM];

/* The known methods of each length, up to WB_HTTP_METHOD_OTHER. */
extern const uint8_t wb__methods_by_len[WB__METHOD_ROOM][WB__METHODS_OF_LEN_MAX];

/* Of a method of `len` bytes. `word` are its first eight, filled up with NULs. */
static inline enum wb_http_method wb__method_from(uint64_t word, size_t len) {
    if (len >= WB__METHOD_ROOM) {
        return WB_HTTP_METHOD_OTHER;
    }
    const uint8_t *method = wb__methods_by_len[len];
    while (*method != WB_HTTP_METHOD_OTHER && word != wb__eight_at(wb__method_names[*method])) {
        method++;
    }
    return (enum wb_http_method) * method;
}

/* ---- names of fields ---- */

enum { WB__FIELD_SLOTS = 32, WB__FIELD_LINE_LEN = 16, WB__FIELD_LINE_NAME_MAX = 14 };

/* Where a name is in the table, by its first byte, its last and its length: each of those that are
 * known is alone in its slot, so one comparison decides. Upper and lower case differ in a bit that
 * is not counted. */
#define WB__FIELD_SLOT(first, last, len)                                                           \
    ((2u * (first) + 5u * (last) + 2u * (unsigned)(len)) % WB__FIELD_SLOTS)

/* A name that is known; and if it has up to WB__FIELD_LINE_NAME_MAX bytes, how a line looks up to
 * the colon behind it, with the line feed before, and which bits of that do not count: what is
 * before, and of the name the one in which lower case differs from upper. All else looks like no
 * line. A name that has no line feed itself is as long as it should be if it looks like its line.
 * In all comparisons a carriage return passes for the hyphen: names are tokens. Together in the
 * cache. */
struct wb__field_slot {
    uint8_t line[WB__FIELD_LINE_LEN];
    uint8_t free[WB__FIELD_LINE_LEN];
    uint32_t id; /* enum wb_http_field_id */
    uint8_t len;
    char name[27]; /* in lower case */
};

extern const struct wb__field_slot wb__field_slots[WB__FIELD_SLOTS];

/* That of a name of `len` bytes, at least one. */
static inline const struct wb__field_slot *wb__field_slot(const uint8_t *name, size_t len) {
    return &wb__field_slots[WB__FIELD_SLOT(name[0], name[len - 1], len)];
}

/* Whether eight bytes at both are the same but for case. */
static inline bool wb__are_eight_same(const void *a, const void *b) {
    return ((wb__eight_at(a) ^ wb__eight_at(b)) & UINT64_C(0xdfdfdfdfdfdfdfdf)) == 0;
}

/* Whether it is that of the slot, if it has more than WB__FIELD_LINE_NAME_MAX bytes. */
static inline bool wb__is_long_name_of(
    const struct wb__field_slot *slot, const uint8_t *name, size_t len) {
    return slot->len == len && len > WB__FIELD_LINE_NAME_MAX && wb__are_eight_same(name, slot->name)
           && wb__are_eight_same(name + len - 8, slot->name + len - 8)
           && wb__are_eight_same(name + len / 2 - 4, slot->name + len / 2 - 4);
}

#endif
