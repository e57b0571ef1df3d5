/* A sequence on both sides at once, step by step, until they differ. */
#ifndef FIDELITY_COMPARE_H
#define FIDELITY_COMPARE_H

#include <stdbool.h>

#include "fidelity/allowances.h"
#include "fidelity/objection.h"
#include "fidelity/side.h"
#include "fidelity/state.h"

/* What was seen, over any number of sequences. */
struct fid_tally {
    uint64_t sequences;
    uint64_t steps; /* carried out */
    uint64_t skipped;
    uint64_t events;       /* reported by waits */
    uint64_t coincidences; /* sequences that ran twice: a real system gives two connections one port
                              if their other ends differ, every 30,000th time */
    uint64_t allowed[FID_ALLOWANCE_COUNT];
    /* The last index is FID_KIND_COUNT for what is no descriptor. */
    uint32_t cells[FID_OP_COUNT][FID_ROLE_COUNT][FID_KIND_COUNT + 1][FID_STATE_COUNT];
};
void fid_tally_add(struct fid_tally *tally, const struct fid_tally *more);

struct fid_difference {
    uint32_t step; /* index of the operation that differs */
    uint32_t fact; /* and of the first fact that does; count of the shorter list if one is missing
                    */
    struct fid_outcome simulated;
    struct fid_outcome real;
};

/* Which descriptors a step made: `count` of them from `first` up. */
struct fid_made {
    uint8_t first;
    uint8_t count;
};

struct fid_comparison {
    struct fid_side *simulated;
    struct fid_side *real;
    struct fid_limits limits;
    struct fid_tally *tally; /* NULL: not wanted */
    struct fid_world world;  /* of the sequence that ran last */
    struct fid_made made[FID_STEPS_MAX];
    struct fid_difference difference;
    bool is_second_time;
};

/* The kinds and operations that both sides have, out of those wanted. Writes for each kind that was
 * wanted and is missing why: -errno, negative for the simulated side, positive for the real one; 0
 * for the others. */
void fid_comparison_limit(
    struct fid_comparison *comparison, uint32_t wanted, int out_missing[FID_KIND_COUNT]);

/* Says what comes next, given what there is; false at the end. It may look at what it gave out
 * before in ops. */
typedef bool (*fid_next_fn)(void *user_data, const struct fid_world *world,
    const struct fid_limits *limits, struct fid_op *out_op);

/* Runs what `next` gives, at most FID_STEPS_MAX operations, and records it in *out_ops before it is
 * carried out. True: no difference. */
bool fid_compare_generated(
    struct fid_comparison *comparison, fid_next_fn next, void *user_data, struct fid_ops *out_ops);
/* Runs a sequence as it stands. `ops` is read only. */
bool fid_compare(struct fid_comparison *comparison, const struct fid_ops *ops);

/* Two differences with the same signature are taken for the same one. */
uint64_t fid_difference_signature(
    const struct fid_comparison *comparison, const struct fid_ops *ops);

/* For a stranger: every step up to the difference with what both said, the latter side by side. */
void fid_difference_print(struct fid_comparison *comparison, const struct fid_ops *ops, FILE *out);

#endif
