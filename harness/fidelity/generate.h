/* Where random sequences come from: a seed, and what the operations before have made. Most
 * operations make sense where they stand, some on purpose do not. */
#ifndef FIDELITY_GENERATE_H
#define FIDELITY_GENERATE_H

#include "fidelity/compare.h"

struct fid_generator {
    uint64_t state;
    uint32_t steps;  /* how many are still to come, before the closing look at everything */
    uint32_t theme;  /* kinds that this sequence is about, FID_KIND_BIT */
    uint32_t known;  /* numbers that were open at the last operation, a bit each */
    uint8_t closing; /* the number that is looked at next in the end */
};

/* The index-th sequence of a seed, of about so many operations. */
void fid_generator_init(struct fid_generator *generator, uint64_t seed, uint64_t index,
    uint32_t steps, const struct fid_limits *limits);
/* A fid_next_fn; user_data is the generator. */
bool fid_generator_next(void *user_data, const struct fid_world *world,
    const struct fid_limits *limits, struct fid_op *out_op);

#endif
