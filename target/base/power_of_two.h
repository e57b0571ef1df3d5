/* Rounding capacities. */
#ifndef BASE_POWER_OF_TWO_H
#define BASE_POWER_OF_TWO_H

#include <stddef.h>
#include <stdint.h>

/* The least power of two that is not below `size`: 0 for 0, and for a size above the largest. */
static inline size_t wb__power_of_two_from(size_t size) {
    if (size == 0 || size > SIZE_MAX / 2 + 1) {
        return 0;
    }
    size_t power = 1;
    while (power < size) {
        power <<= 1;
    }
    return power;
}

#endif
