/* Small programs of several threads, for tests: with `careless=yes` each has a race between threads
 * planted, without it none. */
#ifndef RUN_TESTS_THREADS_H
#define RUN_TESTS_THREADS_H

#include <stdbool.h>

#include "wouldblock/run.h"

const struct wbh_program *thread_programs(size_t *out_count);

/* Of the stack's own means to hand over between threads; see couriers.c. */
int courier_main(const struct wb_sys *sys, int argc, char *const argv[]);
int receiver_main(const struct wb_sys *sys, int argc, char *const argv[]);
int wakers_main(const struct wb_sys *sys, int argc, char *const argv[]);

/* The value of --NAME, or NULL. */
const char *thread_option(int argc, char *const argv[], const char *name);
/* Runs fn(arg) in two threads and waits for both. False: they could not be made. */
bool run_two(const struct wb_sys *sys, wb_thread_fn fn, void *first, void *second);

#endif
