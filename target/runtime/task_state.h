/* The memory of a task and the one word that rules it.
 *
 * A task is HELD by exactly one party, from the moment that it is scheduled (or made) until the
 * poll after which it waits: whoever has it in a queue or polls it. Only the holder touches the
 * future, the link and the fields marked so. To wake an idle task is to make it held and to hand it
 * to the scheduler; to wake a held one is to set WOKEN. So a wake costs one atomic operation, a
 * poll that ends in waiting another, and a task that yields none: it stays held.
 *
 *   HELD       in a queue, or being polled
 *   WOKEN      woken while held; cleared by the holder before it polls
 *   CANCELLED  not to be polled again; the holder drops the future
 *   ENDED      the future is dropped, the result stands; HELD has no meaning any more
 *   HANDLE     there is a handle: the output is wanted
 *   SETTLED    the future is dropped while there was a handle: the output is now the handle's, and
 *              whoever gives that up drops it
 *   AWAITED    `awaiter` holds the waker of whoever polls the handle. While it is set and ENDED is
 *              not, nobody touches the slot; before it is set it belongs to the handle, once ENDED
 *              is set as well to the holder
 *
 * Above them, in units of REFERENCE, how many refer to the task: its holder, its handle, each
 * waker. Whoever gives back the last one frees the task if it has ended; if not, nobody could ever
 * wake it: it is cancelled, and scheduled for that. */
#ifndef WB_RUNTIME_TASK_STATE_H
#define WB_RUNTIME_TASK_STATE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wb/task.h"

#define WB__TASK_HELD UINT64_C(1)
#define WB__TASK_WOKEN UINT64_C(2)
#define WB__TASK_CANCELLED UINT64_C(4)
#define WB__TASK_ENDED UINT64_C(8)
#define WB__TASK_HANDLE UINT64_C(16)
#define WB__TASK_AWAITED UINT64_C(32)
#define WB__TASK_SETTLED UINT64_C(64)
#define WB__TASK_REFERENCE UINT64_C(128)

/* What each wake and each poll looks at comes first. */
struct wb_task {
    _Atomic uint64_t state;
    struct wb_scheduler *scheduler;
    const struct wb_sys *sys;
    struct wb_task *link; /* the holder's */
    uint32_t future_at;   /* bytes from the beginning of the body */
    uint8_t priority;     /* an enum wb_priority */
    bool is_unconstrained;
    bool has_waited;      /* the holder's */
    bool is_taken;        /* the handle's: the output is somebody else's */
    struct wb_task *prev; /* those the scheduler keeps of tasks that wait, or waited */
    struct wb_task *next;
    struct wb_task_waker awaiter; /* see AWAITED */
    uint64_t id;                  /* in notes */
};

/* The future lies behind the task, aligned for any object. */
#define WB__TASK_BODY_AT ((sizeof(struct wb_task) + 15u) & ~(size_t)15u)

static inline struct wb_future *wb__task_future(struct wb_task *task) {
    return (struct wb_future *)(void *)((char *)task + WB__TASK_BODY_AT + task->future_at);
}

extern const struct wb_task_waker_ops wb__task_waker_ops;

/* One poll, without scheduling it again: after WB_TASK_WOKEN the caller still holds the task. */
enum wb_task_outcome wb__task_poll(struct wb_task *task, struct wb_runtime *runtime);

/* For whoever is sure that the task has not been freed. Not to be polled again. */
void wb__task_abort(struct wb_task *task);

/* The holder, or whoever keeps the list that on_wait() put it into, while it does: it will find out
 * before it waits. */
static inline void wb__task_mark_cancelled(struct wb_task *task) {
    atomic_fetch_or_explicit(&task->state, WB__TASK_CANCELLED, memory_order_acq_rel);
}

/* Gives back a reference that is not the holder's. */
void wb__task_release(struct wb_task *task);

void wb__join_handle_init(struct wb_join_handle *handle, struct wb_task *task);

/* Drops the output, unless it was taken or there is none. */
void wb__task_drop_output(struct wb_task *task);

static inline uint64_t wb__task_load(struct wb_task *task) {
    wb_sys_interleave(task->sys, task);
    return atomic_load_explicit(&task->state, memory_order_acquire);
}

/* From *state, which is what it was last seen to be and is seen anew if that is not so. */
static inline bool wb__task_change(struct wb_task *task, uint64_t *state, uint64_t to) {
    return atomic_compare_exchange_weak_explicit(
        &task->state, state, to, memory_order_acq_rel, memory_order_acquire);
}

#endif
