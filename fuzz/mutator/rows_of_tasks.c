/* The rows of fuzz_runtime_tasks. */
#include "mutator/rows.h"

const struct rows_format rows_format = {.head = 2, .row = 4, .rows_max = 60, .kinds = 61};
