/* The runtime of the twins that are tasks, and serving on it until SIGTERM comes. */
#ifndef PLANTED_UNTIL_STOPPED_H
#define PLANTED_UNTIL_STOPPED_H

#include "options.h"
#include "wb/runtime.h"

/* As the options say, of one thread or several. NULL: it could not be made. */
struct wb_runtime *planted_runtime_new(
    const struct wb_sys *sys, const struct planted_options *options);

/* Runs `serve` until it is over, or SIGTERM comes, and ends the runtime. Returns the exit status: 0
 * for SIGTERM. `serve` may be NULL: only waits for the signal. */
int planted_run_until_stopped(struct wb_runtime *runtime, struct wb_future *serve);

#endif
