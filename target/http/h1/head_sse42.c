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

enum { WINDOW = 16 };
#define WINDOW_BYTES __m128i

static inline __m128i load_window(const uint8_t *at) {
    return load_16(at);
}

static inline uint32_t is_colon(__m128i bytes) {
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(':')));
}

static inline uint32_t no_token(__m128i bytes) {
    return (uint32_t)_mm_movemask_epi8(no_token_16(bytes));
}

static inline uint32_t no_target(__m128i bytes) {
    return (uint32_t)_mm_movemask_epi8(no_target_16(bytes));
}

static inline uint32_t no_print(__m128i bytes) {
    return (uint32_t)_mm_movemask_epi8(no_print_16(bytes));
}

static inline uint32_t no_plain(__m128i bytes) {
    return (uint32_t)_mm_movemask_epi8(not_of_16(plain_sets(), bytes));
}

static inline uint64_t first_bytes(uint64_t word, size_t len) {
    return len < sizeof(word) ? word & ((UINT64_C(1) << (8 * len)) - 1) : word;
}

#include "http/h1/head_usual.h"

#define LINES_USUAL usual_lines
#define IS_FIRST_USUAL may_be_usual_request
#define FIRST_USUAL usual_request
#define LINES wb__h1_lines_sse42
#include "http/h1/head_lines.h"
#else
#include "http/h1/levels.h"

enum wb_status wb__h1_lines_sse42(struct wb_h1_parser *parser, const uint8_t *base, size_t len) {
    return wb__h1_lines_scalar(parser, base, len);
}
#endif
