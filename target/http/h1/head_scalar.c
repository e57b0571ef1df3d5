/* Heads, one byte at a time: for any processor, and what the others are held against. */
#include "http/h1/scan_scalar.h"

static inline const uint8_t *scan_token(
    const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    (void)base;
    return one_by_one(at, end, WB__CLASS_TOKEN);
}

static inline const uint8_t *scan_target(
    const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    (void)base;
    return one_by_one(at, end, WB__CLASS_TARGET);
}

static inline const uint8_t *scan_text(const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    (void)base;
    return one_by_one(at, end, WB__CLASS_TEXT);
}

#define LINES wb__h1_lines_scalar
#include "http/h1/head_lines.h"
