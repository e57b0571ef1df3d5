/* Words that have a number, methods and names of fields: looking one up, where a call would cost
 * more than that. */
#ifndef HTTP_MESSAGE_NAMES_H
#define HTTP_MESSAGE_NAMES_H

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

enum { WB__FIELD_NAME_LEN_MAX = 17, WB__FIELD_SLOTS = 32, WB__FIELD_NAME_SHORT = 7 };

/* Where a name is in wb__field_names, by its first byte, its last and its length: each of those
 * that are known is alone in its slot, so one comparison decides. Upper and lower case differ in a
 * bit that is not counted. */
#define WB__FIELD_SLOT(first, last, len)                                                           \
    ((2u * (first) + 5u * (last) + 2u * (unsigned)(len)) % WB__FIELD_SLOTS)

/* In lower case, with the colon; and which bits of the first eight bytes count: of the name all but
 * the one in which lower case differs from upper, of the colon all. A carriage return passes for
 * the hyphen: names are tokens. An empty slot fits anything, and says WB_HTTP_FIELD_OTHER. */
struct wb__field_name {
    char text[22];
    uint8_t len;
    uint8_t id; /* enum wb_http_field_id */
    uint8_t mask[8];
};

extern const struct wb__field_name wb__field_names[WB__FIELD_SLOTS];

/* Whether eight bytes at both are the same but for case. */
static inline bool wb__are_eight_same(const void *a, const void *b) {
    return ((wb__eight_at(a) ^ wb__eight_at(b)) & UINT64_C(0xdfdfdfdfdfdfdfdf)) == 0;
}

/* Of a name of `len` bytes, at least one, and a colon behind it. Eight bytes may be read, whatever
 * follows it. The first eight decide, or the last eight and, of the longest, those in the middle
 * besides. */
static inline enum wb_http_field_id wb__field_id_from(const uint8_t *name, size_t len) {
    const struct wb__field_name *known =
        &wb__field_names[WB__FIELD_SLOT(name[0], name[len - 1], len)];
    if (((wb__eight_at(name) ^ wb__eight_at(known->text)) & wb__eight_at(known->mask)) != 0) {
        return WB_HTTP_FIELD_OTHER;
    }
    const bool is_known =
        known->len <= WB__FIELD_NAME_SHORT
        || (known->len == len && wb__are_eight_same(name + len - 8, known->text + len - 8)
            && (len <= 16 || wb__are_eight_same(name + 8, known->text + 8)));
    return is_known ? (enum wb_http_field_id)known->id : WB_HTTP_FIELD_OTHER;
}

#endif
