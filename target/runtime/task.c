/* The state machine of tasks; task_state.h has its rules. */
#include "runtime/task_state.h"

#include <assert.h>
#include <string.h>

_Static_assert(_Alignof(max_align_t) <= 16, "the body of a task is aligned to 16 bytes");

/* More wakers than this are a leak of wakers, and the count must not run over. */
#define REFERENCES_MAX (UINT64_C(1) << 48)

static uint64_t references(uint64_t state) {
    return state / WB__TASK_REFERENCE;
}

/* ---- memory ---- */

static void free_task(struct wb_task *task) {
    WB_SYS(task->sys, free, task, WB__TASK_BODY_AT + wb__task_future(task)->ops->size);
}

enum wb_status wb_task_new(const struct wb_sys *sys, struct wb_scheduler *scheduler,
    struct wb_future *future, const struct wb_spawn_options *options, struct wb_task **out_task,
    struct wb_join_handle *out_handle) {
    const struct wb_future_ops *ops = future->ops;
    assert(future->point == 0 && "spawned a future that was polled before");
    assert(ops->offset <= UINT32_MAX && ops->offset + sizeof(*future) <= ops->size);
    struct wb_task *task = WB_SYS(sys, alloc, WB__TASK_BODY_AT + ops->size);
    if (task == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *task = (struct wb_task){
        .scheduler = scheduler,
        .sys = sys,
        .future_at = (uint32_t)ops->offset,
        .priority = options != NULL ? (uint8_t)options->priority : WB_PRIORITY_LOW,
        .is_unconstrained = options != NULL && options->is_unconstrained,
    };
    memcpy((char *)task + WB__TASK_BODY_AT, (const char *)future - ops->offset, ops->size);
    future->ops = NULL;
    uint64_t state = WB__TASK_HELD | WB__TASK_REFERENCE;
    if (out_handle != NULL) {
        state = (state | WB__TASK_HANDLE) + WB__TASK_REFERENCE;
        wb__join_handle_init(out_handle, task);
    }
    atomic_init(&task->state, state);
    *out_task = task;
    return WB_OK;
}

void wb__task_drop_output(struct wb_task *task) {
    struct wb_future *future = wb__task_future(task);
    if (!task->is_taken && wb_future_is_over(future) && future->ops->drop_output != NULL) {
        task->is_taken = true;
        future->ops->drop_output(future);
    }
}

/* ---- scheduling ---- */

void wb_task_schedule(struct wb_task *task) {
    task->scheduler->ops->schedule(task->scheduler, task);
}

/* Whether a task waits and nobody but its handle refers to it. */
static bool is_forsaken(uint64_t state) {
    const uint64_t bits = state & (WB__TASK_HELD | WB__TASK_ENDED | WB__TASK_HANDLE);
    return bits == WB__TASK_HANDLE && references(state) == 1;
}

void wb__task_release(struct wb_task *task) {
    uint64_t state = wb__task_load(task);
    for (;;) {
        if (references(state) > 1) {
            const uint64_t id = task->id; /* it may be gone after the change */
            const struct wb_sys *sys = task->sys;
            const uint64_t released = state - WB__TASK_REFERENCE;
            if (wb__task_change(task, &state, released)) {
                if (is_forsaken(released)) {
                    wb_sys_note(sys, WB_NOTE_TASK_FORSAKEN, id, 1);
                }
                return;
            }
        } else if ((state & WB__TASK_ENDED) != 0) {
            free_task(task);
            return;
        } else if (wb__task_change(task, &state, state | WB__TASK_HELD | WB__TASK_CANCELLED)) {
            wb_sys_note(task->sys, WB_NOTE_TASK_FORSAKEN, task->id, 0);
            wb_task_schedule(task); /* which now has the reference */
            return;
        }
    }
}

/* Makes the task held, or marks it as woken. False: there is nothing to schedule. With `spends` a
 * reference of the caller's becomes the holder's if there is. */
static bool wake(struct wb_task *task, bool spends) {
    uint64_t state = wb__task_load(task);
    while ((state & (WB__TASK_ENDED | WB__TASK_CANCELLED)) == 0) {
        const bool is_held = (state & WB__TASK_HELD) != 0;
        const bool is_news = (state & WB__TASK_WOKEN) == 0;
        uint64_t woken = state | WB__TASK_HELD;
        if (is_held) {
            woken = state | WB__TASK_WOKEN;
        } else if (!spends) {
            woken += WB__TASK_REFERENCE;
        }
        /* Even if nothing changes: what was done before this wake is seen by the poll after it. */
        if (wb__task_change(task, &state, woken)) {
            if (is_news) {
                wb_sys_note(task->sys, WB_NOTE_TASK_WAKE, task->id, 0);
            }
            return !is_held;
        }
    }
    return false;
}

void wb__task_abort(struct wb_task *task) {
    uint64_t state = wb__task_load(task);
    while ((state & (WB__TASK_ENDED | WB__TASK_CANCELLED)) == 0) {
        const bool is_held = (state & WB__TASK_HELD) != 0;
        uint64_t cancelled = state | WB__TASK_CANCELLED | WB__TASK_HELD;
        if (!is_held) {
            cancelled += WB__TASK_REFERENCE;
        }
        if (wb__task_change(task, &state, cancelled)) {
            if (!is_held) {
                wb_task_schedule(task);
            }
            return;
        }
    }
}

/* ---- wakers ---- */

static void waker_clone(void *data) {
    struct wb_task *task = data;
    const uint64_t before =
        atomic_fetch_add_explicit(&task->state, WB__TASK_REFERENCE, memory_order_relaxed);
    assert(references(before) < REFERENCES_MAX);
    (void)before;
}

static void waker_wake(void *data) {
    if (wake(data, false)) {
        wb_task_schedule(data);
    }
}

static void waker_drop(void *data) {
    wb__task_release(data);
}

static void waker_fire(void *data) {
    if (wake(data, true)) {
        wb_task_schedule(data);
    } else {
        wb__task_release(data);
    }
}

const struct wb_task_waker_ops wb__task_waker_ops = {
    .clone = waker_clone,
    .wake = waker_wake,
    .drop = waker_drop,
    .fire = waker_fire,
};

struct wb_task_waker wb_task_waker_of(struct wb_task *task) {
    const struct wb_task_waker borrowed = {&wb__task_waker_ops, task};
    return wb_task_waker_clone(&borrowed);
}

/* ---- the holder ---- */

static enum wb_status result_of(struct wb_task *task) {
    const struct wb_future *future = wb__task_future(task);
    return wb_future_is_over(future) ? future->status : WB_ERR_CANCELLED;
}

static void tell_scheduler(struct wb_task *task) {
    if (task->scheduler->ops->on_end != NULL) {
        task->scheduler->ops->on_end(task->scheduler, task);
    }
}

/* The output is the handle's from now on; or dropped, if there is none. */
static void settle_output(struct wb_task *task) {
    uint64_t state = wb__task_load(task);
    while ((state & WB__TASK_HANDLE) != 0) {
        if (wb__task_change(task, &state, state | WB__TASK_SETTLED)) {
            return;
        }
    }
    wb__task_drop_output(task);
}

/* The end, with or without a result. The scheduler learns of it when nothing is left to be dropped
 * here, and before anybody else: whoever finds that a task has ended, as one does who joins it,
 * finds it counted as ended too. Whoever is the only one to know the task, as its holder is of one
 * without a handle or wakers, changes nothing that others could see: there are none, nor will there
 * be. */
static void end(struct wb_task *task) {
    wb_future_drop(wb__task_future(task));
    wb_sys_note(task->sys, WB_NOTE_TASK_END, task->id, result_of(task));
    settle_output(task);
    tell_scheduler(task);
    if (references(wb__task_load(task)) == 1) {
        free_task(task);
        return;
    }
    const uint64_t before =
        atomic_fetch_or_explicit(&task->state, WB__TASK_ENDED, memory_order_acq_rel);
    if ((before & WB__TASK_AWAITED) != 0) {
        wb_task_waker_fire(&task->awaiter);
    }
    wb__task_release(task);
}

/* After a poll that was pending. */
static enum wb_task_outcome pause_task(struct wb_task *task, bool is_woken) {
    uint64_t state = wb__task_load(task);
    for (;;) {
        if ((state & WB__TASK_CANCELLED) != 0) {
            end(task);
            return WB_TASK_ENDED;
        }
        if (is_woken || (state & WB__TASK_WOKEN) != 0) {
            wb_sys_note(task->sys, WB_NOTE_TASK_AGAIN, task->id, 0);
            return WB_TASK_WOKEN;
        }
        if (!task->has_waited) {
            task->has_waited = true;
            if (task->scheduler->ops->on_wait != NULL) {
                task->scheduler->ops->on_wait(task->scheduler, task);
                state = wb__task_load(task);
                continue;
            }
        }
        wb_sys_note(task->sys, WB_NOTE_TASK_WAIT, task->id, references(state) - 1);
        if (references(state) == 1) { /* nobody could ever wake it */
            wb_sys_note(task->sys, WB_NOTE_TASK_FORSAKEN, task->id, 0);
            end(task);
            return WB_TASK_ENDED;
        }
        const uint64_t id = task->id; /* whoever it is handed to may end it */
        const struct wb_sys *sys = task->sys;
        const uint64_t waiting = (state & ~WB__TASK_HELD) - WB__TASK_REFERENCE;
        if (wb__task_change(task, &state, waiting)) {
            if (is_forsaken(waiting)) {
                wb_sys_note(sys, WB_NOTE_TASK_FORSAKEN, id, 1);
            }
            return WB_TASK_WAITS;
        }
    }
}

enum wb_task_outcome wb__task_poll(struct wb_task *task, struct wb_runtime *runtime) {
    uint64_t state = wb__task_load(task);
    if ((state & WB__TASK_WOKEN) != 0) {
        state = atomic_fetch_and_explicit(&task->state, ~WB__TASK_WOKEN, memory_order_acq_rel);
    }
    if ((state & WB__TASK_CANCELLED) != 0) {
        end(task);
        return WB_TASK_ENDED;
    }
    struct wb__turn turn = {
        .waker = {&wb__task_waker_ops, task},
        .budget = WB_CONTEXT_BUDGET,
        .is_unconstrained = task->is_unconstrained,
    };
    struct wb_context context = {&turn.waker, runtime, &turn};
    wb_sys_note(task->sys, WB_NOTE_TASK_POLL, task->id, 0);
    if (wb_future_poll(wb__task_future(task), &context) == WB_READY) {
        end(task);
        return WB_TASK_ENDED;
    }
    if (turn.is_woken) {
        wb_sys_note(task->sys, WB_NOTE_TASK_WAKE, task->id, 0);
    }
    return pause_task(task, turn.is_woken);
}

enum wb_task_outcome wb_task_run(struct wb_task *task) {
    const enum wb_task_outcome outcome = wb__task_poll(task, NULL);
    if (outcome == WB_TASK_WOKEN) {
        wb_task_schedule(task);
    }
    return outcome;
}

void wb_task_cancel(struct wb_task *task) {
    wb__task_mark_cancelled(task);
    end(task);
}

enum wb_priority wb_task_priority(const struct wb_task *task) {
    return (enum wb_priority)task->priority;
}

struct wb_task **wb_task_link(struct wb_task *task) {
    return &task->link;
}
