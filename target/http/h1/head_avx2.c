/* Heads, thirty-two bytes at a time. */
#if defined(__x86_64__)
#include "http/h1/scan_sse42.h"

static inline __m256i load_32(const uint8_t *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline __m256i not_of_32(__m128i sets, __m256i bytes) {
    const __m256i half = _mm256_set1_epi8(0x0f);
    __m256i lower = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(sets), bytes);
    __m256i upper = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(upper_halves()),
        _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half));
    return _mm256_cmpeq_epi8(_mm256_and_si256(lower, upper), _mm256_setzero_si256());
}

static inline __m256i at_most_32(__m256i bytes, uint8_t bound) {
    return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8((char)bound)), bytes);
}

static inline __m256i below_or_beyond_32(__m256i bytes, uint8_t bound) {
    return _mm256_cmpgt_epi8(
        _mm256_set1_epi8((char)(bound + 1)), _mm256_add_epi8(bytes, _mm256_set1_epi8(1)));
}

static inline __m256i no_print_32(__m256i bytes) {
    return below_or_beyond_32(bytes, ' ');
}

static inline __m256i no_target_32(__m256i bytes) {
    __m256i hash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('#'));
    return _mm256_or_si256(below_or_beyond_32(bytes, '!'), hash);
}

static inline __m256i no_text_32(__m256i bytes) {
    __m256i tab = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\t'));
    __m256i delete = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
    return _mm256_or_si256(_mm256_andnot_si256(tab, at_most_32(bytes, 0x1f)), delete);
}

#define SCAN_32(no)                                                                                \
    while (end - at >= 32) {                                                                       \
        unsigned found = (unsigned)_mm256_movemask_epi8(no(load_32(at)));                          \
        if (found != 0) {                                                                          \
            return at + __builtin_ctz(found);                                                      \
        }                                                                                          \
        at += 32;                                                                                  \
    }

/* Names are short: sixteen are enough. */
static inline const uint8_t *scan_token(
    const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    SCAN_16(no_token_16, WB__CLASS_TOKEN);
}

static inline const uint8_t *scan_target(
    const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    SCAN_32(no_target_32)
    SCAN_16(no_target_16, WB__CLASS_TARGET);
}

static inline const uint8_t *scan_text(const uint8_t *base, const uint8_t *at, const uint8_t *end) {
    SCAN_32(no_text_32)
    SCAN_16(no_text_16, WB__CLASS_TEXT);
}

enum { WINDOW = 32 };
#define WINDOW_BYTES __m256i

static inline __m256i load_window(const uint8_t *at) {
    return load_32(at);
}

static inline uint32_t is_colon(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(':')));
}

static inline uint32_t no_token(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(not_of_32(token_sets(), bytes));
}

static inline uint32_t no_target(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(no_target_32(bytes));
}

static inline uint32_t no_print(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(no_print_32(bytes));
}

static inline uint32_t no_plain(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(not_of_32(plain_sets(), bytes));
}

/* A window has fewer bytes than bits that are counted. */
static inline uint64_t first_bytes(uint64_t word, size_t len) {
    return _bzhi_u64(word, 8 * (unsigned)len);
}

#include "http/h1/head_usual.h"

#define LINES_USUAL usual_lines
#define IS_FIRST_USUAL may_be_usual_request
#define FIRST_USUAL usual_request
#define LINES wb__h1_lines_avx2
#include "http/h1/head_lines.h"
#else
#include "http/h1/levels.h"

enum wb_status wb__h1_lines_avx2(struct wb_h1_parser *parser, const uint8_t *base, size_t len) {
    return wb__h1_lines_scalar(parser, base, len);
}
#endif
