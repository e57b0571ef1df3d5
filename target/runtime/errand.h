/* What is done on the blocking pool for somebody who may lose interest meanwhile: one piece of
 * memory that belongs to both, of whom the last frees it. */
#ifndef WB_RUNTIME_ERRAND_H
#define WB_RUNTIME_ERRAND_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/runtime.h"
#include "wb/status.h"
#include "wb/task.h"

/* The first member of an object of `size` bytes. */
struct wb__errand {
    const struct wb_sys *sys;
    size_t size;
    _Atomic uint32_t owners; /* whoever made it, and the pool while it is there */
    enum wb_status (*run)(struct wb__errand *errand); /* may block */
    void (*clean_up)(struct wb__errand *errand);      /* by the last owner; NULL: nothing */
};

/* The whole object, all zero but for this, or NULL: there is no memory. */
void *wb__errand_new(const struct wb_sys *sys, size_t size,
    enum wb_status (*run)(struct wb__errand *errand), void (*clean_up)(struct wb__errand *errand));

/* Has it run. What the object holds is the pool's until the handle is over. It may be sent again
 * after that. Errors: those of wb_runtime_spawn_blocking(). */
WB_MUST_USE enum wb_status wb__errand_send(
    struct wb__errand *errand, struct wb_runtime *runtime, struct wb_join_handle *out_handle);

/* It is the caller's no longer. NULL is allowed. */
void wb__errand_release(struct wb__errand *errand);

#endif
