/* See lossy_text.h. */
#include "examples/lossy_text.h"

#include <stdint.h>
#include <string.h>

/* First bytes from low to high begin a character of `len` bytes, whose second byte is from
 * second_low to second_high: no overlong form, no surrogate, nothing beyond U+10FFFF (RFC 3629,
 * section 4). */
struct form {
    uint8_t low;
    uint8_t high;
    uint8_t len;
    uint8_t second_low;
    uint8_t second_high;
};

static const struct form forms[] = {
    {0x00, 0x7f, 1, 0x80, 0xbf},
    {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f},
    {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f},
};

static bool is_form(const struct form *form, const uint8_t *at, size_t left) {
    if (at[0] < form->low || at[0] > form->high || form->len > left) {
        return false;
    }
    if (form->len > 1 && (at[1] < form->second_low || at[1] > form->second_high)) {
        return false;
    }
    for (size_t i = 2; i < form->len; i++) {
        if (at[i] < 0x80 || at[i] > 0xbf) {
            return false;
        }
    }
    return true;
}

/* Bytes of the character at the front; 0: there is none. */
static size_t character_len(const uint8_t *at, size_t left) {
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (is_form(&forms[i], at, left)) {
            return forms[i].len;
        }
    }
    return 0;
}

size_t wb__lossy_text(struct wb_bytes bytes, char *out) {
    static const char replacement[] = "\xef\xbf\xbd";
    size_t out_len = 0;
    size_t at = 0;
    while (at < bytes.len) {
        const size_t len = character_len(bytes.ptr + at, bytes.len - at);
        if (len == 0) {
            memcpy(out + out_len, replacement, WB__REPLACEMENT_LEN);
            out_len += WB__REPLACEMENT_LEN;
            at++;
        } else {
            memcpy(out + out_len, bytes.ptr + at, len);
            out_len += len;
            at += len;
        }
    }
    return out_len;
}

bool wb__is_text(struct wb_bytes bytes) {
    size_t len = 1;
    for (size_t at = 0; at < bytes.len && len != 0; at += len) {
        len = character_len(bytes.ptr + at, bytes.len - at);
    }
    return len != 0;
}
