/* Numbers as bytes in either order. */
#ifndef BASE_BYTE_ORDER_H
#define BASE_BYTE_ORDER_H

#include <stdint.h>

#include "wb/buf.h"

/* Where in the bytes of a number the byte worth 256^significance lies. */
static inline size_t wb__byte_index(size_t significance, size_t width, enum wb_byte_order order) {
    const uint16_t one = 1;
    bool is_little = order == WB_BYTE_ORDER_LITTLE
                     || (order == WB_BYTE_ORDER_NATIVE && *(const uint8_t *)&one == 1);
    return is_little ? significance : width - 1 - significance;
}

static inline uint64_t wb__uint_load(const uint8_t *raw, size_t width, enum wb_byte_order order) {
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++) {
        value |= (uint64_t)raw[wb__byte_index(i, width, order)] << (8 * i);
    }
    return value;
}

static inline void wb__uint_store(
    uint8_t *raw, uint64_t value, size_t width, enum wb_byte_order order) {
    for (size_t i = 0; i < width; i++) {
        raw[wb__byte_index(i, width, order)] = (uint8_t)(value >> (8 * i));
    }
}

/* The value of the low `width` bytes in two's complement. */
static inline int64_t wb__sign_extend(uint64_t value, size_t width) {
    uint64_t sign = UINT64_C(1) << (8 * width - 1);
    uint64_t below = value & (sign - 1);
    return value & sign ? (int64_t)below - (int64_t)(sign - 1) - 1 : (int64_t)below;
}

#endif
