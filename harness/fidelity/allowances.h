/* What the two systems may answer differently because it depends on time. This table is the only
 * tolerance there is: every other fact must be equal. What would depend on time in a way that no
 * set of answers describes is not done at all (objection.h). */
#ifndef FIDELITY_ALLOWANCES_H
#define FIDELITY_ALLOWANCES_H

#include <stdbool.h>

#include "fidelity/world.h"

struct fid_allowance {
    const char *what;
    const char *operations;
    const char *allowed; /* the set, in words */
    const char *reason;
    const char *rule; /* T1 to T9 of the measured semantics */
    /* Whether the fact of this operation is meant, and whether these two answers are both in the
     * set. */
    bool (*applies)(
        const struct fid_world *world, const struct fid_op *op, const struct fid_fact *fact);
    bool (*admits)(int64_t one, int64_t other);
};

enum { FID_ALLOWANCE_COUNT = 3 };
extern const struct fid_allowance fid_allowances[FID_ALLOWANCE_COUNT];

/* The row that excuses the two answers; -1: none, they differ. Both have the same label and form.
 */
int fid_allowance_find(const struct fid_world *world, const struct fid_op *op,
    const struct fid_fact *one, const struct fid_fact *other);

#endif
