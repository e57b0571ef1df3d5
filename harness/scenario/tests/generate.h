/* Scenario texts out of a number: each valid, together using every word of the language. */
#ifndef WOULDBLOCK_SCENARIO_TESTS_GENERATE_H
#define WOULDBLOCK_SCENARIO_TESTS_GENERATE_H

#include <stddef.h>
#include <stdint.h>

/* A deterministic generator of numbers (splitmix64). */
uint64_t next_random(uint64_t *state);
static inline uint64_t random_below(uint64_t *state, uint64_t bound) {
    return next_random(state) % bound;
}

/* The text of scenario number `seed`; free() it. */
char *generate_text(uint64_t seed, size_t *out_len);

#endif
