/* One poll of a task, as its context knows it. */
#ifndef WB_RUNTIME_TURN_H
#define WB_RUNTIME_TURN_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/task_waker.h"

struct wb__turn {
    struct wb_task_waker waker; /* of the task, without a reference of its own */
    uint32_t budget;            /* operations left; see wb_context_spend() */
    bool is_unconstrained;
    bool is_woken; /* the task asked for another poll by its context */
};

/* wb_future_poll(), for those who poll most. */
static inline enum wb_progress wb__future_poll(
    struct wb_future *future, struct wb_context *context) {
    assert(future->point < WB__FUTURE_DROPPED && "polled a future that is over or was dropped");
    if (future->ops->poll(future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    assert(future->point == WB__FUTURE_OVER && "WB_READY without wb_future_end()");
    if (future->ops->drop != NULL) {
        future->ops->drop(future);
    }
    return WB_READY;
}

#endif
