/* The work of target/runtime/sync/tests as programs of the simulated kernel, and judging them. */
#ifndef RUN_TESTS_SYNCS_H
#define RUN_TESTS_SYNCS_H

#include <stdbool.h>
#include <stdint.h>

/* A program for each piece of work, by its name, with the option "flavour". */
void syncs_register(void);

/* Runs the scenario under this seed; whether nothing was found and it ended with 0. What was found
 * is in `judged`. */
bool syncs_are_well(const char *text, uint64_t seed);

#endif
