/* Notifications. One that was given to a waiter is that waiter's until it is polled; the drop of a
 * waiter that has one gives it to the next. */
#include "wb/notify.h"

#include "runtime/sync/wait_queue.h"

enum wb_status wb_notify_init(struct wb_notify *notify, const struct wb_sys *sys) {
    *notify = (struct wb_notify){0};
    wb__wait_queue_init(&notify->waiting);
    wb__lock_init(&notify->lock, sys);
    return WB_OK;
}

void wb_notify_clean_up(struct wb_notify *notify) {
    wb__lock_clean_up(&notify->lock);
}

/* Under the lock. */
static void give_one(struct wb_notify *notify, struct wb__wakes *wakes) {
    struct wb__waiter *first = wb__wait_queue_first(&notify->waiting);
    if (first != NULL) {
        wb__waiter_serve(first, wakes);
    } else {
        notify->has_kept_one = true;
    }
}

void wb_notify_one(struct wb_notify *notify) {
    struct wb__wakes wakes;
    wb__wakes_init(&wakes);
    wb__lock_enter(&notify->lock);
    give_one(notify, &wakes);
    wb__lock_leave(&notify->lock);
    (void)wb__wakes_fire(&wakes);
}

void wb_notify_all(struct wb_notify *notify) {
    wb__lock_enter(&notify->lock);
    notify->rounds++;
    wb__wait_queue_wake_all(&notify->waiting, &notify->lock);
}

/* ---- the future ---- */

/* Under the lock: whether it is notified; it then has the notification. */
static bool take(struct wb_notified *notified) {
    struct wb_notify *notify = notified->notify;
    if (notified->is_enabled || notified->round != notify->rounds || notified->waiter.is_served) {
        return true;
    }
    if (!notify->has_kept_one) {
        return false;
    }
    notify->has_kept_one = false;
    return true;
}

static enum wb_progress notified_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_notified *notified = WB_FUTURE_OF(future, struct wb_notified, future);
    struct wb_notify *notify = notified->notify;
    if (wb__waiter_pay(&notified->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&notify->lock);
    const bool is_notified = take(notified);
    return wb__waiter_conclude(future, context, &notified->waiter, &notify->waiting, &notify->lock,
        is_notified ? WB_OK : WB_WOULD_BLOCK);
}

/* A notification that wb_notify_one() gave to this one and nobody heard of goes on to the next. One
 * to all is not: everybody else has it. */
static void notified_drop(struct wb_future *future) {
    struct wb_notified *notified = WB_FUTURE_OF(future, struct wb_notified, future);
    struct wb_notify *notify = notified->notify;
    struct wb__wakes wakes;
    wb__wakes_init(&wakes);
    if (!notified->waiter.is_waiting) {
        return;
    }
    wb__lock_enter(&notify->lock);
    const bool has_one = notified->waiter.is_served;
    struct wb_task_waker waker = wb__waiter_leave(&notified->waiter);
    if (has_one && !PLANTED(KEPT_NOTIFICATION)) {
        give_one(notify, &wakes);
    }
    wb__lock_leave(&notify->lock);
    wb_task_waker_drop(&waker);
    (void)wb__wakes_fire(&wakes);
}

static const struct wb_future_ops notified_ops = {
    .size = sizeof(struct wb_notified),
    .offset = offsetof(struct wb_notified, future),
    .poll = notified_poll,
    .drop = notified_drop,
};

void wb_notified_init(struct wb_notified *notified, struct wb_notify *notify) {
    *notified = (struct wb_notified){.notify = notify};
    wb_future_init(&notified->future, &notified_ops);
    wb__lock_enter(&notify->lock);
    notified->round = notify->rounds;
    wb__lock_leave(&notify->lock);
}

bool wb_notified_enable(struct wb_notified *notified) {
    struct wb_notify *notify = notified->notify;
    const struct wb_task_waker nobody = {0};
    struct wb_task_waker replaced = {0};
    wb__lock_enter(&notify->lock);
    const bool is_notified = take(notified);
    if (is_notified) {
        notified->is_enabled = true;
        replaced = wb__waiter_leave(&notified->waiter);
    } else if (!notified->waiter.is_waiting) {
        replaced = wb__wait_queue_enter(&notify->waiting, &notified->waiter, &nobody);
    }
    wb__lock_leave(&notify->lock);
    wb_task_waker_drop(&replaced);
    return is_notified;
}
