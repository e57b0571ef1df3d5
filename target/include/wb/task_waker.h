/* A task waker: tells whoever polls a future that polling it again is worthwhile. It is a value of
 * two words, handed to a future with each poll; the future clones it into whatever will know when
 * there is progress. (struct wb_waker, in wb/waker.h, is another thing: it ends the wait of a
 * poll.)
 *
 * Waking never runs a future. For the wakers of this library it only marks the task and puts it
 * into a queue, so that it may be done under a lock.
 *
 * Thread: wakers may be cloned, woken and dropped by any thread; one struct wb_task_waker is used
 * by one thread at a time. Allocates: nothing, neither a clone nor a wake. */
#ifndef WB_TASK_WAKER_H
#define WB_TASK_WAKER_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a waker works; for those who write an executor or a combinator with wakers of its own. */
struct wb_task_waker_ops {
    /* REQUIRED. There is one more waker with this data. */
    void (*clone)(void *data);
    /* REQUIRED. The waker remains. */
    void (*wake)(void *data);
    /* REQUIRED. There is one waker less. */
    void (*drop)(void *data);
    /* Optional. wake and drop in one; for those to whom that is cheaper. */
    void (*fire)(void *data);
};

/* All zero: empty, wakes nobody. */
struct wb_task_waker {
    const struct wb_task_waker_ops *ops;
    void *data;
};

static inline bool wb_task_waker_is_empty(const struct wb_task_waker *waker) {
    return waker->ops == NULL;
}

/* Another waker of the same task. Ownership: give it back with wb_task_waker_drop() or
 * wb_task_waker_fire(). That of an empty one is empty. */
static inline struct wb_task_waker wb_task_waker_clone(const struct wb_task_waker *waker) {
    if (waker->ops != NULL) {
        waker->ops->clone(waker->data);
    }
    return *waker;
}

/* The task will be polled again, unless it has ended. Any number of wakes before that poll cause
 * one poll. An empty waker does nothing, nor does that of a task that has ended. */
static inline void wb_task_waker_wake(const struct wb_task_waker *waker) {
    if (waker->ops != NULL) {
        waker->ops->wake(waker->data);
    }
}

/* Leaves the waker empty. Dropping the last waker of a task that nobody awaits and that is not to
 * run has it cancelled: nobody could ever wake it. */
static inline void wb_task_waker_drop(struct wb_task_waker *waker) {
    const struct wb_task_waker gone = *waker;
    waker->ops = NULL;
    waker->data = NULL;
    if (gone.ops != NULL) {
        gone.ops->drop(gone.data);
    }
}

/* Wakes and drops, cheaper than one after the other. */
static inline void wb_task_waker_fire(struct wb_task_waker *waker) {
    const struct wb_task_waker gone = *waker;
    waker->ops = NULL;
    waker->data = NULL;
    if (gone.ops == NULL) {
        return;
    }
    if (gone.ops->fire != NULL) {
        gone.ops->fire(gone.data);
    } else {
        gone.ops->wake(gone.data);
        gone.ops->drop(gone.data);
    }
}

/* Whether both wake the same task, so that one of them is enough. False negatives are possible for
 * wakers of other makers. */
static inline bool wb_task_waker_will_wake(
    const struct wb_task_waker *a, const struct wb_task_waker *b) {
    return a->ops == b->ops && a->data == b->data;
}

/* Makes `slot`, a waker or empty, wake the task of `waker`: what a pending future does in each
 * poll, since only the waker of the latest poll is sure to be the right one. Costs a comparison if
 * it is the same. */
static inline void wb_task_waker_store(
    struct wb_task_waker *slot, const struct wb_task_waker *waker) {
    if (!wb_task_waker_will_wake(slot, waker)) {
        struct wb_task_waker replaced = *slot;
        *slot = wb_task_waker_clone(waker);
        wb_task_waker_drop(&replaced);
    }
}

#ifdef __cplusplus
}
#endif

#endif
