/* What rows.c has to know of an input: a head, then rows of one size, whose first byte says what is
 * done. A target that uses it defines this. */
#ifndef FUZZ_MUTATOR_ROWS_H
#define FUZZ_MUTATOR_ROWS_H

#include <stddef.h>

struct rows_format {
    size_t head;
    size_t row;
    size_t rows_max;
    unsigned kinds; /* that the first byte of a row can say */
};

extern const struct rows_format rows_format;

#endif
