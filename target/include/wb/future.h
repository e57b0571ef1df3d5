/* Futures: something that will have come to a result. A future is an object in its user's memory
 * with a function that drives it a step further. Polled, it either says WB_READY, and has its
 * status, or WB_PENDING, and has seen to it that the context's waker is woken when polling it again
 * makes sense. It is polled then and not before; it never blocks.
 *
 *     struct countdown {
 *         struct wb_future future; // anywhere in it: WB_FUTURE_OF finds the way back
 *         int left;
 *     };
 *
 *     static enum wb_progress countdown_poll(
 *         struct wb_future *future, struct wb_context *context) {
 *         struct countdown *self = WB_FUTURE_OF(future, struct countdown, future);
 *         if (self->left == 0) {
 *             return wb_future_end(future, WB_OK);
 *         }
 *         self->left--;
 *         wb_context_wake(context); // nobody else would
 *         return WB_PENDING;
 *     }
 *
 *     static const struct wb_future_ops countdown_ops = {
 *         .size = sizeof(struct countdown),
 *         .offset = offsetof(struct countdown, future),
 *         .poll = countdown_poll,
 *     };
 *
 * wb/async.h writes such functions as if they were sequential.
 *
 * Life: initialised with wb_future_init(); may be moved in memory, bytewise, until it is polled for
 * the first time, and never again after that; polled until it is ready; then over. It is given up
 * before with wb_future_drop(). Either way its `drop` is called exactly once, so that what it holds
 * has one place to be released. What it brought (its output) lies in its own fields for whoever
 * polled it.
 *
 * Thread: a future is polled and dropped by one thread at a time, not always the same. */
#ifndef WB_FUTURE_H
#define WB_FUTURE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/status.h"
#include "wb/task_waker.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;
struct wb_future;
struct wb_context;

enum wb_progress {
    WB_PENDING,
    WB_READY,
};

/* ---- the future ---- */

/* What kind of future it is. */
struct wb_future_ops {
    /* REQUIRED. Of the whole object, which begins `offset` bytes before its struct wb_future: what
     * is copied when it is spawned as a task. */
    size_t size;
    size_t offset;
    /* REQUIRED. A step further. WB_READY through wb_future_end() only. Never called again after
     * that, nor after drop. */
    enum wb_progress (*poll)(struct wb_future *self, struct wb_context *context);
    /* Optional. Releases what the future holds, other than its output. Called exactly once: right
     * after the poll that ended it, or when it is given up, which may be before its first poll. The
     * memory of the object itself is not the future's. */
    void (*drop)(struct wb_future *self);
    /* Optional. Releases an output that nobody took; for futures that are spawned as tasks. */
    void (*drop_output)(struct wb_future *self);
};

/* The fields are the library's own, but for `status`, which is the result once the future is over.
 * All zero: no future; dropping it is allowed. */
struct wb_future {
    const struct wb_future_ops *ops;
    enum wb_status status;
    uint32_t point; /* where WB_ASYNC goes on, or one of WB__FUTURE_* */
};

/* Values of `point` that are no line of a source file. */
#define WB__FUTURE_OVER UINT32_MAX
#define WB__FUTURE_DROPPED (UINT32_MAX - 1)

/* The object that a struct wb_future is a member of. */
#define WB_FUTURE_OF(future, type, member)                                                         \
    ((type *)(void *)((char *)(future)-offsetof(type, member)))

static inline void wb_future_init(struct wb_future *future, const struct wb_future_ops *ops) {
    future->ops = ops;
    future->status = WB_OK;
    future->point = 0;
}

/* For poll functions: the future is over, with this status. `return wb_future_end(...)`. */
static inline enum wb_progress wb_future_end(struct wb_future *future, enum wb_status status) {
    future->status = status;
    future->point = WB__FUTURE_OVER;
    return WB_READY;
}

/* A step further; how futures poll others. After WB_READY it has been dropped, `future->status` and
 * its output are there, and it must not be polled again: polling a future that is over or was
 * dropped aborts. */
static inline WB_MUST_USE enum wb_progress wb_future_poll(
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

/* Gives it up if it is not over. Any number of times, in every state, from anywhere but its own
 * poll. */
static inline void wb_future_drop(struct wb_future *future) {
    if (future->ops == NULL || future->point >= WB__FUTURE_DROPPED) {
        return;
    }
    future->point = WB__FUTURE_DROPPED;
    if (future->ops->drop != NULL) {
        future->ops->drop(future);
    }
}

/* Whether it came to its end, so that `status` is its result; false if it was given up. */
static inline bool wb_future_is_over(const struct wb_future *future) {
    return future->point == WB__FUTURE_OVER;
}

/* ---- the context of a poll ---- */

/* One poll of a task, as its context knows it. Public only because operations pay from it inline;
 * nothing in it is for users. */
struct wb__turn {
    struct wb_task_waker waker; /* of the task, without a reference of its own */
    uint32_t budget;            /* operations left; see wb_context_spend() */
    bool is_unconstrained;
    bool is_woken; /* the task asked for another poll by its context */
};

/* What a future is polled with. Valid during the poll only. */
struct wb_context {
    const struct wb_task_waker *waker; /* of whoever polls; clone it, or use wb_task_waker_store().
                                          Never NULL, may be empty */
    struct wb_runtime *runtime;        /* that polls; NULL outside one */
    struct wb__turn *turn;             /* private; NULL outside a task */
};

/* A context outside any task, for executors and tests: polls are not budgeted. */
static inline struct wb_context wb_context_with_waker(const struct wb_task_waker *waker) {
    struct wb_context context = {waker, NULL, NULL};
    return context;
}

/* The same turn of the same task, but who wakes this waker is to be polled: for combinators with
 * wakers of their own. */
static inline struct wb_context wb_context_derive(
    const struct wb_context *parent, const struct wb_task_waker *waker) {
    struct wb_context context = {waker, parent->runtime, parent->turn};
    return context;
}

/* Asks for another poll after this one; as waking the context's waker, and cheaper. */
static inline void wb_context_wake(struct wb_context *context) {
    struct wb__turn *turn = context->turn;
    if (turn != NULL && context->waker == &turn->waker) {
        turn->is_woken = true;
    } else {
        wb_task_waker_wake(context->waker);
    }
}

/* How much a task may do in one poll: WB_CONTEXT_BUDGET operations that could have waited. */
#define WB_CONTEXT_BUDGET 128u

/* Asked by operations of futures that were ready at once (a channel with a message, a socket with
 * data) before they go ahead: takes one from the budget of this poll. WB_PENDING: it is used up,
 * the task has been woken, return WB_PENDING. So that a task whose resources are always ready does
 * not keep the others from running. Always WB_READY outside a task, and in tasks that were spawned
 * unconstrained. */
static inline WB_MUST_USE enum wb_progress wb_context_spend(struct wb_context *context) {
    struct wb__turn *turn = context->turn;
    if (turn == NULL || turn->is_unconstrained) {
        return WB_READY;
    }
    if (turn->budget == 0) {
        wb_context_wake(context);
        return WB_PENDING;
    }
    turn->budget--;
    return WB_READY;
}

/* ---- two small futures ---- */

/* Lets others run: pending once, then over. Input and output are looked at before a task that
 * yields again and again has done so ten times. */
struct wb_yield {
    struct wb_future future;
    bool has_yielded;
};

WB_API void wb_yield_init(struct wb_yield *yield);

/* A future that is over at once, with this status. */
struct wb_done {
    struct wb_future future;
    enum wb_status result;
};

WB_API void wb_done_init(struct wb_done *done, enum wb_status status);

#ifdef __cplusplus
}
#endif

#endif
