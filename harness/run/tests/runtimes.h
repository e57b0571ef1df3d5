/* Programs on the runtime, for tests: tasks that wake each other from several threads, sleep, are
 * cancelled and block. All of them end with 0. */
#ifndef RUN_TESTS_RUNTIMES_H
#define RUN_TESTS_RUNTIMES_H

#include "wouldblock/run.h"

const struct wbh_program *runtime_programs(size_t *out_count);

/* `family`: sets of tasks; `patient`: work that blocks beside a timer. */
const struct wbh_program *group_programs(size_t *out_count);

#endif
