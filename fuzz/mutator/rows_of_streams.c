/* The rows of fuzz_runtime_io. */
#include "mutator/rows.h"

const struct rows_format rows_format = {.head = 77, .row = 4, .rows_max = 48, .kinds = 4};
