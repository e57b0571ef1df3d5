/* Runs of bytes of a class, sixteen at a time. `base` is where the bytes begin that may be read. */
#ifndef HTTP_H1_SCAN_SSE42_H
#define HTTP_H1_SCAN_SSE42_H

#include <immintrin.h>
#include <stdbool.h>

#include "http/h1/scan_scalar.h"
#include "http/message/names.h"

static inline __m128i load_16(const uint8_t *at) {
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

/* Classes of ASCII. A byte is looked up by its lower half, which gives a set of upper halves, and
 * by its upper half, which gives itself as a set; upper halves from 8 on are in none. Bytes from
 * 0x80 on are looked up as they are: the shuffle has nothing for them. */
static inline __m128i upper_halves(void) {
    return _mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0);
}

/* RFC 9110 section 5.6.2. */
static inline __m128i token_sets(void) {
    return _mm_setr_epi8((char)0xe8, (char)0xfc, (char)0xf8, (char)0xfc, (char)0xfc, (char)0xfc,
        (char)0xfc, (char)0xfc, (char)0xf8, (char)0xf8, (char)0xf4, (char)0x54, (char)0xd0,
        (char)0x54, (char)0xf4, (char)0x70);
}

/* Bytes of a host's name that are themselves: RFC 3986 section 3.2.2, without escapes. */
static inline __m128i plain_sets(void) {
    return _mm_setr_epi8((char)0xa8, (char)0xfc, (char)0xf8, (char)0xf8, (char)0xfc, (char)0xf8,
        (char)0xfc, (char)0xfc, (char)0xfc, (char)0xfc, (char)0xf4, (char)0x5c, (char)0x54,
        (char)0x5c, (char)0xd4, (char)0x70);
}

/* For each byte all ones if it is not of the class. */
static inline __m128i not_of_16(__m128i sets, __m128i bytes) {
    const __m128i half = _mm_set1_epi8(0x0f);
    __m128i lower = _mm_shuffle_epi8(sets, bytes);
    __m128i upper = _mm_shuffle_epi8(upper_halves(), _mm_and_si128(_mm_srli_epi16(bytes, 4), half));
    return _mm_cmpeq_epi8(_mm_and_si128(lower, upper), _mm_setzero_si128());
}

static inline __m128i no_token_16(__m128i bytes) {
    return not_of_16(token_sets(), bytes);
}

static inline __m128i at_most_16(__m128i bytes, uint8_t bound) {
    return _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8((char)bound)), bytes);
}

/* Those below `bound`, DEL and what is beyond ASCII: one more makes DEL the least of signed bytes,
 * and leaves what is beyond it, zero included, below all others. */
static inline __m128i below_or_beyond_16(__m128i bytes, uint8_t bound) {
    return _mm_cmpgt_epi8(_mm_set1_epi8((char)(bound + 1)), _mm_add_epi8(bytes, _mm_set1_epi8(1)));
}

/* A space, or visible ASCII: nearly all of what is text. */
static inline __m128i no_print_16(__m128i bytes) {
    return below_or_beyond_16(bytes, ' ');
}

static inline __m128i no_target_16(__m128i bytes) {
    __m128i hash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('#'));
    return _mm_or_si128(below_or_beyond_16(bytes, '!'), hash);
}

static inline __m128i is_colon_16(__m128i bytes) {
    return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(':'));
}

static inline __m128i no_text_16(__m128i bytes) {
    __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    __m128i delete = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return _mm_or_si128(_mm_andnot_si128(tab, at_most_16(bytes, 0x1f)), delete);
}

/* Whether the first eleven of them are the end of a request line in HTTP/1.1. */
static inline bool is_1_1_end_16(__m128i bytes) {
    const __m128i end =
        _mm_setr_epi8(' ', 'H', 'T', 'T', 'P', '/', '1', '.', '1', '\r', '\n', 0, 0, 0, 0, 0);
    return (~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, end)) & 0x7ff) == 0;
}

/* Whether they are the line of that slot. */
static inline bool is_line_of(__m128i bytes, const struct wb__field_slot *slot) {
    return _mm_testc_si128(load_16(slot->free), _mm_xor_si128(bytes, load_16(slot->line))) != 0;
}

/* What is left of fewer than sixteen is looked at together with what comes before it, if there is
 * enough of that. */
#define SCAN_16(no, class_bits)                                                                    \
    while (end - at >= 16) {                                                                       \
        unsigned found = (unsigned)_mm_movemask_epi8(no(load_16(at)));                             \
        if (found != 0) {                                                                          \
            return at + __builtin_ctz(found);                                                      \
        }                                                                                          \
        at += 16;                                                                                  \
    }                                                                                              \
    if (end - base < 16) {                                                                         \
        return one_by_one(at, end, class_bits);                                                    \
    }                                                                                              \
    unsigned last = (unsigned)_mm_movemask_epi8(no(load_16(end - 16))) >> (16 - (end - at));       \
    return last != 0 ? at + __builtin_ctz(last) : end

#endif
