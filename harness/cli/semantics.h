/* The verb `semantics` with another kernel in the place of this machine's. */
#ifndef WBH_CLI_SEMANTICS_H
#define WBH_CLI_SEMANTICS_H

#include "wb/sys.h"

/* As cli_semantics. `real` NULL is this machine's kernel; anything else must have the descriptors
 * of one process of it. Borrowed. */
int cli_semantics_on(const struct wb_sys *real, int argc, char **argv);

#endif
