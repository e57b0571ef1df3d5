/* What programs that measure several servers in turn have in common. */
#ifndef BENCH_REFEREE_H
#define BENCH_REFEREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* This process, and what it starts from now on, runs on one processor; on any where there is but
 * one. */
void referee_pin_to(size_t processor);

/* As many descriptors as the system allows. Returns how many those are. */
size_t referee_raise_descriptor_limit(void);

/* Whose turn it is: each of `count` once a round, in an order that differs from round to round,
 * since each leaves its traces in the caches for the next. `i` counts within the round. */
size_t referee_turn(size_t count, size_t round, size_t i);

/* Waits until a process sleeps. Aborts if there is none. */
void referee_await_sleep(const char *pid);

#endif
