/* Making something once: a semaphore with one permit, to make it, which is closed when it is made.
 */
#include "wb/once.h"

#include "runtime/lock.h"

enum wb_status wb_once_init(struct wb_once *once, const struct wb_sys *sys) {
    return wb_semaphore_init(&once->turn, sys, 1);
}

void wb_once_clean_up(struct wb_once *once) {
    wb_semaphore_clean_up(&once->turn);
}

bool wb_once_is_made(struct wb_once *once) {
    wb__lock_enter(&once->turn.lock);
    const bool is_made = once->turn.is_closed;
    wb__lock_leave(&once->turn.lock);
    return is_made;
}

/* ---- the future ---- */

/* Whether it is this one's turn to make it. WB_PENDING: somebody else is at it. */
static enum wb_progress await_turn(struct wb_once_run *self, struct wb_context *context) {
    if (self->is_maker) {
        return WB_READY;
    }
    if (wb_future_poll(&self->acquire.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    self->is_maker = self->acquire.future.status == WB_OK;
    return WB_READY;
}

static enum wb_progress run_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_once_run *self = WB_FUTURE_OF(future, struct wb_once_run, future);
    if (await_turn(self, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (!self->is_maker) {
        return wb_future_end(future, WB_OK);
    }
    if (wb_future_poll(self->make, context) == WB_PENDING) {
        return WB_PENDING;
    }
    const enum wb_status status = self->make->status;
    if (wb_status_is_error(status)) {
        return wb_future_end(future, status); /* its drop lets the next one try */
    }
    wb_semaphore_close(&self->once->turn);
    return wb_future_end(future, WB_OK);
}

static void run_drop(struct wb_future *future) {
    struct wb_once_run *self = WB_FUTURE_OF(future, struct wb_once_run, future);
    const bool has_made = wb_future_is_over(future) && future->status == WB_OK;
    wb_future_drop(self->make);
    wb_future_drop(&self->acquire.future);
    if (self->is_maker && !has_made) {
        self->is_maker = false;
        wb_semaphore_release(&self->once->turn, 1);
    }
}

static const struct wb_future_ops run_ops = {
    .size = sizeof(struct wb_once_run),
    .offset = offsetof(struct wb_once_run, future),
    .poll = run_poll,
    .drop = run_drop,
};

void wb_once_run_init(struct wb_once_run *run, struct wb_once *once, struct wb_future *make) {
    *run = (struct wb_once_run){.once = once, .make = make};
    wb_acquire_init(&run->acquire, &once->turn, 1);
    wb_future_init(&run->future, &run_ops);
}
