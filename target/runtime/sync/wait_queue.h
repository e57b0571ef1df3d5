/* Queues of waiting futures, and waking those that are in them.
 *
 * The rule that all of this folder follows: under the lock a waiter is taken out of its queue,
 * marked, and its waker moved to a list on the stack; it is woken when the lock has been left.
 * Wakers are never woken nor dropped under the lock: whoever made them may use what it guards. */
#ifndef RUNTIME_SYNC_WAIT_QUEUE_H
#define RUNTIME_SYNC_WAIT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/lock.h"
#include "runtime/sync/planted.h"
#include "wb/future.h"
#include "wb/waiter.h"

/* ---- wakers to be woken ---- */

enum { WB__WAKES_MAX = 16 };

struct wb__wakes {
    uint32_t count;
    struct wb_task_waker wakers[WB__WAKES_MAX];
};

static inline void wb__wakes_init(struct wb__wakes *wakes) {
    wakes->count = 0; /* the rest is written before it is read, and long */
}

/* Outside of locks. True: there was no room for more, so more may be left to do. */
bool wb__wakes_fire_all(struct wb__wakes *wakes);
static inline bool wb__wakes_fire(struct wb__wakes *wakes) {
    return wakes->count != 0 && wb__wakes_fire_all(wakes);
}

/* ---- under the lock ---- */

void wb__wait_queue_init(struct wb__wait_queue *queue);

static inline bool wb__wait_queue_is_empty(const struct wb__wait_queue *queue) {
    return queue->ends.next == &queue->ends;
}

/* NULL: none. */
static inline struct wb__waiter *wb__wait_queue_first(const struct wb__wait_queue *queue) {
    return wb__wait_queue_is_empty(queue) ? NULL
                                          : WB_FUTURE_OF(queue->ends.next, struct wb__waiter, link);
}

/* Moves all of `more` behind those of `queue`. */
void wb__wait_queue_append(struct wb__wait_queue *queue, struct wb__wait_queue *more);

/* Makes the waiter wait, at the end of the queue unless it is in one, for this waker to be woken.
 * Returns a waker that is to be dropped when the lock has been left. */
WB_MUST_USE struct wb_task_waker wb__wait_queue_enter(
    struct wb__wait_queue *queue, struct wb__waiter *waiter, const struct wb_task_waker *waker);

/* The same with a waker that was cloned before: it is taken unless it is needless. */
WB_MUST_USE struct wb_task_waker wb__wait_queue_enter_with(
    struct wb__wait_queue *queue, struct wb__waiter *waiter, struct wb_task_waker *waker);

/* Takes it out of its queue, marked as served: it was given what it waits for. There must be room
 * in `wakes`. */
void wb__waiter_serve(struct wb__waiter *waiter, struct wb__wakes *wakes);

/* It waits no longer. Returns a waker that is to be dropped when the lock has been left. */
WB_MUST_USE struct wb_task_waker wb__waiter_leave(struct wb__waiter *waiter);

/* Takes it out of its queue without giving it anything: it is to look again. */
void wb__waiter_wake(struct wb__waiter *waiter, struct wb__wakes *wakes);

/* The same for a single one: returns the waker that is to be fired when the lock has been left. */
static inline WB_MUST_USE struct wb_task_waker wb__waiter_take(struct wb__waiter *waiter) {
    const struct wb_task_waker waker = waiter->waker;
    waiter->waker = (struct wb_task_waker){0};
    waiter->link.prev->next = waiter->link.next;
    waiter->link.next->prev = waiter->link.prev;
    waiter->link = (struct wb__wait_link){0};
    return waker;
}

/* The end of a poll of one that may have waited, and is in no queue, nor has a waker in
 * consequence: it never waited, or was woken since. True: so it is, and it waits no longer. */
static inline bool wb__waiter_is_out(struct wb__waiter *waiter) {
    if (waiter->link.prev != NULL) {
        return false;
    }
    waiter->is_served = false;
    waiter->is_waiting = false;
    return true;
}

/* The end of a poll: it waits on, or, if it did, no longer. Returns a waker that is to be dropped
 * when the lock has been left. */
static inline WB_MUST_USE struct wb_task_waker wb__waiter_settle(struct wb__wait_queue *queue,
    struct wb__waiter *waiter, const struct wb_task_waker *waker, bool is_pending) {
    if (is_pending) {
        return wb__wait_queue_enter(queue, waiter, waker);
    }
    return waiter->is_waiting ? wb__waiter_leave(waiter) : (struct wb_task_waker){0};
}

/* Takes the wakers of those who are to look again, as many as there is room for. True: there are
 * more; fire, and go on. */
bool wb__wakes_take(struct wb__wakes *wakes, struct wb__wait_queue *queue);

/* The same where a waker may not be cloned under the lock; if it was not taken it is to be dropped,
 * too. */
static inline WB_MUST_USE struct wb_task_waker wb__waiter_settle_with(struct wb__wait_queue *queue,
    struct wb__waiter *waiter, struct wb_task_waker *waker, bool is_pending) {
    if (is_pending) {
        return wb__wait_queue_enter_with(queue, waiter, waker);
    }
    return waiter->is_waiting ? wb__waiter_leave(waiter) : (struct wb_task_waker){0};
}

/* Wakes all that are in the queue now. The lock is held, and has been left on return. */
void wb__wait_queue_wake_those(struct wb__wait_queue *queue, struct wb__lock *lock);
static inline void wb__wait_queue_wake_all(struct wb__wait_queue *queue, struct wb__lock *lock) {
    if (wb__wait_queue_is_empty(queue)) {
        wb__lock_leave(lock);
    } else {
        wb__wait_queue_wake_those(queue, lock);
    }
}

/* The same when something was closed. */
void wb__wait_queue_close(struct wb__wait_queue *queue, struct wb__lock *lock);

/* ---- for futures, without the lock ---- */

/* The drop of a future whose being served obliges to nothing. Costs nothing if it never waited. */
void wb__waiter_stop(struct wb__waiter *waiter, struct wb__lock *lock);
static inline void wb__waiter_give_up(struct wb__waiter *waiter, struct wb__lock *lock) {
    if (waiter->is_waiting) {
        wb__waiter_stop(waiter, lock);
    }
}

/* An operation pays for its first poll (wb_context_spend), not for those after it has waited.
 * WB_PENDING: the budget is used up, return that. */
static inline WB_MUST_USE enum wb_progress wb__waiter_pay(
    const struct wb__waiter *waiter, struct wb_context *context) {
    return waiter->is_waiting ? WB_READY : wb_context_spend(context);
}

/* The end of a poll. The lock is held, and has been left on return. WB_WOULD_BLOCK: it waits on;
 * any other status is the future's. */
static inline WB_MUST_USE enum wb_progress wb__waiter_conclude(struct wb_future *future,
    const struct wb_context *context, struct wb__waiter *waiter, struct wb__wait_queue *queue,
    struct wb__lock *lock, enum wb_status status) {
    struct wb_task_waker replaced =
        wb__waiter_settle(queue, waiter, context->waker, status == WB_WOULD_BLOCK);
    wb__lock_leave(lock);
    wb_task_waker_drop(&replaced);
    return status == WB_WOULD_BLOCK ? WB_PENDING : wb_future_end(future, status);
}

#endif
