/* Randomness of a mutation: a function of its seed. */
#ifndef FUZZ_MUTATOR_DICE_H
#define FUZZ_MUTATOR_DICE_H

#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint32_t roll(struct dice *dice, uint32_t sides) {
    dice->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t word = dice->state;
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((word ^ (word >> 31)) >> 32) % sides;
}

#endif
