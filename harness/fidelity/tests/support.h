/* What the tests of fidelity share: two simulated systems that are compared with each other, one of
 * which may be given other operations. */
#ifndef FIDELITY_TESTS_SUPPORT_H
#define FIDELITY_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fidelity/generate.h"

struct twins {
    struct sim_kernel *kernels[2];
    struct wb_sys_ops ops; /* of the second, a copy: change it before a sequence runs */
    struct wb_sys sys;
    struct fid_side sides[2];
    struct fid_tally tally;
    struct fid_comparison comparison;
};
/* Compares all kinds that there are. */
void twins_init(struct twins *twins);
void twins_clean_up(struct twins *twins);

/* The sequence in text; fails the test if there is a mistake in it. */
void ops_of(struct fid_ops *out_ops, const char *text);
/* The number of generated sequences, out of so many, until one differs; it is left in *out_ops. */
unsigned run_until_difference(
    struct twins *twins, uint64_t seed, unsigned sequences_max, struct fid_ops *out_ops);

#endif
