/* The shortest sequence that still differs. */
#ifndef FIDELITY_SHRINK_H
#define FIDELITY_SHRINK_H

#include "fidelity/compare.h"

/* Takes away operations, then makes arguments plain, for as long as the same operation of the same
 * kind still differs. `ops` must differ. Afterwards the comparison holds its difference. Returns
 * how many sequences were tried, or 0 if ops does not differ (any more). */
uint32_t fid_shrink(struct fid_comparison *comparison, struct fid_ops *ops);

#endif
