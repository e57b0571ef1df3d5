#include "unit.h"

#include <string.h>

static size_t frame_len(const struct planted_options *options, const uint8_t *bytes, size_t len) {
    uint64_t body_len = 0;
    if (len < PLANTED_PREFIX_LEN) {
        return 0;
    }
    for (size_t i = 0; i < PLANTED_PREFIX_LEN; i++) {
        body_len = body_len << 8 | bytes[i];
    }
    if (body_len > PLANTED_FRAME_LEN_MAX && options->bug != PLANTED_LENGTH_TRUSTED) {
        return SIZE_MAX;
    }
    return (size_t)body_len + PLANTED_PREFIX_LEN;
}

size_t planted_unit_len(const struct planted_options *options, const uint8_t *bytes, size_t len) {
    if (options->frames) {
        return frame_len(options, bytes, len);
    }
    const uint8_t *end = len == 0 ? NULL : memchr(bytes, '\n', len);
    if (end != NULL) {
        return (size_t)(end - bytes) + 1;
    }
    return len >= PLANTED_LINE_LEN_MAX && options->bug != PLANTED_ENDLESS_LINE ? SIZE_MAX : 0;
}

void planted_capitalise(uint8_t *bytes, size_t len, bool *inout_at_start) {
    for (size_t i = 0; i < len; i++) {
        if (*inout_at_start && bytes[i] >= 'a' && bytes[i] <= 'z') {
            bytes[i] = (uint8_t)(bytes[i] - 'a' + 'A');
        }
        *inout_at_start = bytes[i] == '\n';
    }
}
