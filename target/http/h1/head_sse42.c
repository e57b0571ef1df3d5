/* Heads, sixteen bytes at a time. */
#if defined(__x86_64__)
#include "http/h1/scan_sse42.h"

static inline const uint8_t *scan_token(
    const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    SCAN_16(no_token_16, WB__CLASS_TOKEN);
}

static inline const uint8_t *scan_target(
    const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    SCAN_16(no_target_16, WB__CLASS_TARGET);
}

static inline const uint8_t *scan_text(const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    SCAN_16(no_text_16, WB__CLASS_TEXT);
}

#define LINES wb__h1_lines_sse42
#include "http/h1/head_lines.h"
#else
#include "http/h1/levels.h"

enum wb__h1_pass wb__h1_lines_sse42(
    struct wb_h1_parser *parser, const uint8_t *base, const uint8_t *end) {
    return wb__h1_lines_scalar(parser, base, end);
}
#endif
