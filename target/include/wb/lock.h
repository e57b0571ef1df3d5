/* A mutex of the seam that knows whether it is there. Public only because objects in their user's
 * memory have one; nothing in here is for users. */
#ifndef WB_LOCK_H
#define WB_LOCK_H

#include "wb/sys.h"

/* All zero: none. */
struct wb__lock {
    const struct wb_sys *sys; /* NULL: none */
    struct wb_mutex mutex;
};

#endif
