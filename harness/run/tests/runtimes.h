/* Programs on the runtime, for tests: tasks that wake each other from several threads, sleep, are
 * cancelled and block. All of them end with 0, and are right, but for one that is rude. */
#ifndef RUN_TESTS_RUNTIMES_H
#define RUN_TESTS_RUNTIMES_H

#include "wb/runtime.h"
#include "wouldblock/run.h"

const struct wbh_program *runtime_programs(size_t *out_count);

/* What the option `flavour` asks for. */
const struct wb_runtime_config *runtime_flavour(int argc, char *const argv[]);

#endif
