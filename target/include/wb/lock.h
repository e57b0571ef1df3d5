/* A lock in one word, for sections of a few instructions. Public only because objects in their
 * user's memory have one; nothing in here is for users. */
#ifndef WB_LOCK_H
#define WB_LOCK_H

#include "wb/sys.h"

/* All zero: none. */
struct wb__lock {
    const struct wb_sys *sys; /* NULL: none */
    uintptr_t word;           /* private; an atomic, which C++ calls by another name */
};

#endif
