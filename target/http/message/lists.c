/* Bytes of fields: which are allowed, comparing, and lists with commas. */
#include <string.h>

#include "http/message/classes.h"
#include "wb/http.h"

bool wb_http_is_token(struct wb_bytes bytes) {
    return bytes.len != 0 && wb__class_run(bytes.ptr, bytes.len, WB__CLASS_TOKEN) == bytes.len;
}

/* Eight at once: whether one of them might be no text. A byte below a space borrows into its upper
 * bit, which bytes beyond ASCII have already; DEL becomes zero and then does the same. */
static bool might_be_no_text(const uint8_t *bytes) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t upper = ones * 0x80;
    uint64_t word;
    memcpy(&word, bytes, sizeof(word));
    const uint64_t deletes = word ^ (ones * 0x7f);
    return (((word - ones * ' ') & ~word) | ((deletes - ones) & ~deletes)) & upper;
}

static bool is_text_by_bytes(struct wb_bytes bytes) {
    return wb__class_run(bytes.ptr, bytes.len, WB__CLASS_TEXT) == bytes.len;
}

/* The last eight may have been looked at before, in part. */
bool wb_http_is_text(struct wb_bytes bytes) {
    enum { WORD_LEN = 8 };
    if (bytes.len < WORD_LEN) {
        return is_text_by_bytes(bytes);
    }
    const uint8_t *last = bytes.ptr + bytes.len - WORD_LEN;
    for (const uint8_t *at = bytes.ptr; at < last; at += WORD_LEN) {
        if (might_be_no_text(at)) {
            return is_text_by_bytes(bytes);
        }
    }
    return !might_be_no_text(last) || is_text_by_bytes(bytes);
}

static uint8_t lower(uint8_t byte) {
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20u) : byte;
}

/* Most that are the same are so byte by byte. */
bool wb_http_equal_nocase(struct wb_bytes a, struct wb_bytes b) {
    enum { WORD_LEN = 8 };
    if (a.len != b.len) {
        return false;
    }
    size_t i = 0;
    while (a.len - i >= WORD_LEN && memcmp(a.ptr + i, b.ptr + i, WORD_LEN) == 0) {
        i += WORD_LEN;
    }
    for (; i < a.len; i++) {
        if (a.ptr[i] != b.ptr[i] && lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

static bool is_blank(uint8_t byte) {
    return byte == ' ' || byte == '\t';
}

struct wb_bytes wb_http_trim(struct wb_bytes bytes) {
    while (bytes.len != 0 && is_blank(bytes.ptr[0])) {
        bytes.ptr++;
        bytes.len--;
    }
    while (bytes.len != 0 && is_blank(bytes.ptr[bytes.len - 1])) {
        bytes.len--;
    }
    return bytes;
}

/* Up to the comma that ends the first element, or to the end. */
static size_t element_len(struct wb_bytes list) {
    bool quoted = false;
    for (size_t i = 0; i < list.len; i++) {
        if (list.ptr[i] == '"') {
            quoted = !quoted;
        } else if (quoted && list.ptr[i] == '\\') {
            i++;
        } else if (!quoted && list.ptr[i] == ',') {
            return i;
        }
    }
    return list.len;
}

/* What is left behind the last comma is an element, too: a list that is used up has no bytes to
 * point at. */
static void take_element(struct wb_bytes *in_out_list, size_t len, struct wb_bytes *out_element) {
    struct wb_bytes list = *in_out_list;
    *out_element = wb_http_trim(wb_bytes_from(list.ptr, len));
    *in_out_list = len < list.len ? wb_bytes_from(list.ptr + len + 1, list.len - len - 1)
                                  : wb_bytes_from(NULL, 0);
}

bool wb_http_next_element(struct wb_bytes *in_out_list, struct wb_bytes *out_element) {
    if (in_out_list->ptr == NULL) {
        return false;
    }
    take_element(in_out_list, element_len(*in_out_list), out_element);
    return true;
}

bool wb_http_next_token(struct wb_bytes *in_out_list, struct wb_bytes *out_element) {
    if (in_out_list->ptr == NULL) {
        return false;
    }
    take_element(in_out_list, wb_bytes_find_byte(*in_out_list, ','), out_element);
    return true;
}
