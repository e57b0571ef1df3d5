/* One poll of a task, as its context knows it. */
#ifndef WB_RUNTIME_TURN_H
#define WB_RUNTIME_TURN_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/task_waker.h"

struct wb__turn {
    struct wb_task_waker waker; /* of the task, without a reference of its own */
    uint32_t budget;            /* operations left; see wb_context_spend() */
    bool is_unconstrained;
    bool is_woken; /* the task asked for another poll by its context */
};

#endif
