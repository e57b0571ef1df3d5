/* Names of fields that have a number: looking one up, where a call would cost more than that. */
#ifndef HTTP_MESSAGE_NAMES_H
#define HTTP_MESSAGE_NAMES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wb/http_fields.h"

enum { WB__FIELD_NAME_ROOM = 24, WB__FIELD_NAME_LEN_MAX = 17, WB__FIELD_IDS_OF_LEN_MAX = 8 };

/* In lower case, filled up with NULs. */
extern const char wb__field_names[WB_HTTP_FIELD_COUNT][WB__FIELD_NAME_ROOM];

/* The known names of each length, up to WB_HTTP_FIELD_OTHER: few enough to be compared one by one.
 */
extern const uint8_t wb__field_ids_by_len[WB__FIELD_NAME_LEN_MAX + 1][WB__FIELD_IDS_OF_LEN_MAX];

static inline uint64_t wb__eight_at(const void *bytes) {
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

/* Lower case differs from upper in one bit. A carriage return would pass for the hyphen: names are
 * tokens. */
static inline uint64_t wb__name_word(uint64_t bytes) {
    return bytes | UINT64_C(0x2020202020202020);
}

/* Of a name of `len` bytes before `end`. `head` are its first eight as wb__name_word() has them,
 * filled up with NULs; the last eight and, of the longest, those in the middle are looked at
 * besides. */
static inline enum wb_http_field_id wb__field_id_from(
    uint64_t head, const uint8_t *end, size_t len) {
    if (len > WB__FIELD_NAME_LEN_MAX) {
        return WB_HTTP_FIELD_OTHER;
    }
    for (const uint8_t *id = wb__field_ids_by_len[len]; *id != WB_HTTP_FIELD_OTHER; id++) {
        const char *known = wb__field_names[*id];
        if (head == wb__eight_at(known)
            && (len <= 8 || wb__name_word(wb__eight_at(end - 8)) == wb__eight_at(known + len - 8))
            && (len <= 16
                || wb__name_word(wb__eight_at(end - len + 8)) == wb__eight_at(known + 8))) {
            return (enum wb_http_field_id) * id;
        }
    }
    return WB_HTTP_FIELD_OTHER;
}

#endif
