/* What is not compared: operations that the systems cannot do, and those whose outcome would depend
 * on time. Judged by the world alone, so that they are left out alike on both sides. */
#ifndef FIDELITY_OBJECTION_H
#define FIDELITY_OBJECTION_H

#include "fidelity/op.h"
#include "fidelity/world.h"

/* What the systems compared can do, and what was asked for. */
struct fid_limits {
    uint32_t kinds; /* FID_KIND_BIT */
    uint64_t codes; /* 1 << enum fid_code */
};

/* Why an operation is left out, on both sides: NULL if it is not. */
const char *fid_objection(
    const struct fid_world *world, const struct fid_limits *limits, const struct fid_op *op);

#endif
