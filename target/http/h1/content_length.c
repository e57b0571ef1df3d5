/* The number that Content-Length is, for those who read it and those who write it. */
#include "http/h1/levels.h"

/* So many digits are below 2^63, whatever they are. */
enum { DIGITS_SAFE = 18 };

static bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

/* A decimal number below 2^63, of which leading zeros are part. */
enum wb_h1_error wb__h1_parse_length(struct wb_bytes value, uint64_t *out_length) {
    uint64_t length = 0;
    if (value.len == 0) {
        return WB_H1_ERROR_CONTENT_LENGTH;
    }
    size_t i = 0;
    for (; i < value.len && i < DIGITS_SAFE; i++) {
        if (!is_digit(value.ptr[i])) {
            return WB_H1_ERROR_CONTENT_LENGTH;
        }
        length = length * 10 + (uint64_t)(value.ptr[i] - '0');
    }
    bool is_too_big = false;
    for (; i < value.len; i++) {
        if (!is_digit(value.ptr[i])) {
            return WB_H1_ERROR_CONTENT_LENGTH;
        }
        uint64_t digit = (uint64_t)(value.ptr[i] - '0');
        is_too_big = is_too_big || length > ((uint64_t)INT64_MAX - digit) / 10;
        length = is_too_big ? 0 : length * 10 + digit;
    }
    *out_length = length;
    return is_too_big ? WB_H1_ERROR_CONTENT_LENGTH_TOO_BIG : WB_H1_ERROR_NONE;
}
