/* Programs with a race between threads that the option `careless` switches on; without it they are
 * right. */
#ifndef SEARCH_TESTS_TWINS_H
#define SEARCH_TESTS_TWINS_H

#include "wouldblock/run.h"

/* For wbh_program_register(). */
const struct wbh_program *twin_programs(size_t *out_count);

#endif
