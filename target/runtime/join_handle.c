/* The handle: awaits the end of a task, and says whether its output is wanted. */
#include <assert.h>

#include "runtime/task_state.h"

/* ---- awaiting ---- */

/* Makes the slot of the awaiter the handle's again. False: the task has ended. */
static bool reclaim_slot(struct wb_task *task, uint64_t state) {
    while ((state & WB__TASK_ENDED) == 0) {
        if ((state & WB__TASK_AWAITED) == 0
            || wb__task_change(task, &state, state & ~WB__TASK_AWAITED)) {
            return true;
        }
    }
    return false;
}

/* False: the task has ended. */
static bool announce_slot(struct wb_task *task) {
    uint64_t state = wb__task_load(task);
    while ((state & WB__TASK_ENDED) == 0) {
        if (wb__task_change(task, &state, state | WB__TASK_AWAITED)) {
            return true;
        }
    }
    return false;
}

/* Sees to it that this waker is woken when the task has ended. False: it has. */
static bool await(struct wb_join_handle *handle, const struct wb_task_waker *waker) {
    struct wb_task *task = handle->task;
    const uint64_t state = wb__task_load(task);
    if ((state & WB__TASK_ENDED) != 0) {
        return false;
    }
    if ((state & WB__TASK_AWAITED) != 0 && wb_task_waker_will_wake(&handle->awaiter, waker)) {
        return true;
    }
    if (!reclaim_slot(task, state)) {
        return false;
    }
    wb_task_waker_store(&task->awaiter, waker);
    handle->awaiter = *waker;
    if (announce_slot(task)) {
        return true;
    }
    wb_task_waker_drop(&task->awaiter);
    return false;
}

static enum wb_progress handle_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_join_handle *handle = WB_FUTURE_OF(future, struct wb_join_handle, future);
    if (await(handle, context->waker)) {
        return WB_PENDING;
    }
    const struct wb_future *ended = wb__task_future(handle->task);
    return wb_future_end(future, wb_future_is_over(ended) ? ended->status : WB_ERR_CANCELLED);
}

static void handle_drop(struct wb_future *future) {
    if (!wb_future_is_over(future)) { /* else the output stays until the handle is given up */
        wb_join_handle_cancel(WB_FUTURE_OF(future, struct wb_join_handle, future));
    }
}

static const struct wb_future_ops handle_ops = {
    .size = sizeof(struct wb_join_handle),
    .offset = offsetof(struct wb_join_handle, future),
    .poll = handle_poll,
    .drop = handle_drop,
};

void wb__join_handle_init(struct wb_join_handle *handle, struct wb_task *task) {
    *handle = (struct wb_join_handle){.task = task};
    wb_future_init(&handle->future, &handle_ops);
}

bool wb_join_handle_is_finished(const struct wb_join_handle *handle) {
    return (wb__task_load(handle->task) & WB__TASK_ENDED) != 0;
}

struct wb_future *wb_join_handle_take_output(struct wb_join_handle *handle) {
    struct wb_task *task = handle->task;
    if (!wb_join_handle_is_finished(handle) || task->is_taken
        || !wb_future_is_over(wb__task_future(task))) {
        return NULL;
    }
    task->is_taken = true;
    return wb__task_future(task);
}

/* ---- the end of the handle ---- */

void wb_join_handle_abort(struct wb_join_handle *handle) {
    wb__task_abort(handle->task);
}

/* From now on whoever ends the task drops the output. False: it is the handle's to drop. */
static bool disclaim_output(struct wb_task *task) {
    uint64_t state = wb__task_load(task);
    while ((state & WB__TASK_SETTLED) == 0) {
        if (wb__task_change(task, &state, state & ~WB__TASK_HANDLE)) {
            return true;
        }
    }
    return false;
}

/* The awaiter is dropped before the reference: it may be the last of another task. False: the
 * output is the handle's to drop. */
static bool give_up_slot_and_output(struct wb_task *task) {
    const uint64_t state = wb__task_load(task);
    if ((state & WB__TASK_ENDED) != 0 || !reclaim_slot(task, state)) {
        return false;
    }
    wb_task_waker_drop(&task->awaiter);
    return disclaim_output(task);
}

void wb_join_handle_detach(struct wb_join_handle *handle) {
    struct wb_task *task = handle->task;
    if (task == NULL) {
        return;
    }
    handle->task = NULL;
    if (!wb_future_is_over(&handle->future)) {
        handle->future.point = WB__FUTURE_DROPPED;
    }
    if (!give_up_slot_and_output(task)) {
        wb__task_drop_output(task);
    }
    wb__task_release(task);
}

void wb_join_handle_cancel(struct wb_join_handle *handle) {
    if (handle->task != NULL) {
        wb__task_abort(handle->task);
        wb_join_handle_detach(handle);
    }
}
