/* Tasks: futures that somebody else drives. A task is one piece of memory with the future in it; it
 * is held by whoever is to poll it (an executor: the runtime, or one of your own), referred to by
 * wakers, and awaited through a handle.
 *
 * Who only uses the runtime (wb/runtime.h) needs struct wb_join_handle from here, and nothing else.
 *
 * The rules, for every executor:
 *
 *   - A task is polled only after it was scheduled, and scheduled only when it is new or was woken.
 *     Wakes that come before the poll they ask for count as one. A task that is woken while it is
 *     polled is scheduled once, when that poll is over.
 *   - Whoever is handed a task by `schedule` holds it, alone: runs it (wb_task_run) or cancels it
 *     (wb_task_cancel), and then no longer holds it.
 *   - The future is polled and dropped by holders only, never by whoever wakes, aborts or lets go
 *     of a handle. It is dropped exactly once, before anybody hears that the task has ended.
 *   - A task that was cancelled is never polled again. If it waits it is scheduled once more, so
 *     that its holder drops the future. So it is with a task that nobody refers to any more: no
 *     waker, no handle.
 *   - Waking a task that has ended does nothing.
 *   - A future that ends with a failure is a task that has ended; nobody else is concerned.
 */
#ifndef WB_TASK_H
#define WB_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/task_waker.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_task;

/* Which queue of the runtime a task belongs to. */
enum wb_priority {
    WB_PRIORITY_LOW,
    WB_PRIORITY_HIGH,
};

/* How a task is spawned. All zero means the defaults; NULL is as good. */
struct wb_spawn_options {
    enum wb_priority priority; /* 0: WB_PRIORITY_LOW */
    bool is_unconstrained;     /* no budget: see wb_context_spend() */
};

/* ---- the handle ---- */

/* Awaits a task: a future, whose status is that of the task, or WB_ERR_CANCELLED if that was
 * cancelled. Dropped as a future while it is not over (by a race that it loses, by a timeout) it is
 * given up and the task cancelled. The memory of the task, and in it the output, is kept until the
 * handle itself is given up, by one of two names:
 *
 *     wb_join_handle_cancel()   the task shall not run on
 *     wb_join_handle_detach()   it shall run to its end, unattended
 *
 * Each in every state, any number of times, also on a handle of zero bytes; everything else wants
 * one that was not given up. A handle may be moved in memory at any time. Thread: one at a time. */
struct wb_join_handle {
    struct wb_future future;
    struct wb_task *task;         /* NULL once given up */
    struct wb_task_waker awaiter; /* which waker waits, without a reference */
};

/* Has the task cancelled, unless it has ended: it is dropped by its executor, soon, and the handle
 * is then over with WB_ERR_CANCELLED; or with the task's own result if that came first. Awaiting
 * the handle after this is waiting until the future has been dropped. */
WB_API void wb_join_handle_abort(struct wb_join_handle *handle);

/* Whether the task has ended: then the future has been dropped, and polling the handle is ready. */
WB_API bool wb_join_handle_is_finished(const struct wb_join_handle *handle);

/* The task's own future, over, with the output in its fields; from now on that is the caller's to
 * release. NULL if the task has not ended, was cancelled, or it was taken before. Valid until the
 * handle is given up. */
WB_API struct wb_future *wb_join_handle_take_output(struct wb_join_handle *handle);

/* Both end the handle; an output that was not taken is dropped. */
WB_API void wb_join_handle_cancel(struct wb_join_handle *handle);
WB_API void wb_join_handle_detach(struct wb_join_handle *handle);

/* ---- for those who write an executor ---- */

/* An executor. Its memory must outlive the end of its last task, and on_end if it has that. */
struct wb_scheduler;

struct wb_scheduler_ops {
    /* REQUIRED. From now on the scheduler holds the task, and should put it into a queue; it may
     * also cancel it here and now, but not run it. Called by whoever woke the task, under whatever
     * locks that has. Thread: any. */
    void (*schedule)(struct wb_scheduler *self, struct wb_task *task);
    /* Optional. The task is about to wait for a wake, for the first time: whoever wants to end all
     * tasks needs a list of those that are in no queue. Called by the holder. */
    void (*on_wait)(struct wb_scheduler *self, struct wb_task *task);
    /* Optional. The future is dropped, and so is the output unless it is a handle's now; whoever
     * polls that finds out that the task has ended only once this has returned, and whoever waits
     * for it is woken after that. Called by the holder, once. The scheduler must outlive it. */
    void (*on_end)(struct wb_scheduler *self, struct wb_task *task);
};

struct wb_scheduler {
    const struct wb_scheduler_ops *ops;
};

/* Makes a task of `future`, which is moved into it; the caller's copy is then no future any more.
 * The caller holds the task: schedule it (wb_task_schedule), run it or cancel it. `options` and
 * `out_handle` may be NULL; without a handle it is detached. Errors: WB_ERR_NO_MEMORY; the future
 * is still the caller's. Allocates: once. */
WB_API WB_MUST_USE enum wb_status wb_task_new(const struct wb_sys *sys,
    struct wb_scheduler *scheduler, struct wb_future *future,
    const struct wb_spawn_options *options, struct wb_task **out_task,
    struct wb_join_handle *out_handle);

/* Hands a task that the caller holds to its scheduler. */
WB_API void wb_task_schedule(struct wb_task *task);

enum wb_task_outcome {
    WB_TASK_WAITS, /* for a wake */
    WB_TASK_WOKEN, /* it was woken in the meantime, and has been scheduled again */
    WB_TASK_ENDED, /* with a result, or because it was cancelled */
};

/* Polls a task that the caller holds, once; one that was cancelled is dropped instead. The caller
 * holds it no longer. */
WB_API enum wb_task_outcome wb_task_run(struct wb_task *task);

/* Ends a task that the caller holds without polling it: the future is dropped here. */
WB_API void wb_task_cancel(struct wb_task *task);

/* A waker of a task that the caller holds. */
WB_API struct wb_task_waker wb_task_waker_of(struct wb_task *task);

/* What it was spawned with. */
WB_API enum wb_priority wb_task_priority(const struct wb_task *task);

/* A pointer that belongs to whoever holds the task, to link it into a queue with. */
WB_API struct wb_task **wb_task_link(struct wb_task *task);

#ifdef __cplusplus
}
#endif

#endif
