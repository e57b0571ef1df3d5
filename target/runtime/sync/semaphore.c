/* Permits. While anybody waits, the first of them wants more than is available: each release serves
 * from the front. */
#include "wb/semaphore.h"

#include <assert.h>

#include "runtime/sync/wait_queue.h"

enum wb_status wb_semaphore_init(
    struct wb_semaphore *semaphore, const struct wb_sys *sys, uint32_t permits) {
    *semaphore = (struct wb_semaphore){.available = permits};
    if (permits > WB_SEMAPHORE_MAX) {
        return WB_ERR_INVALID;
    }
    wb__wait_queue_init(&semaphore->waiting);
    wb__lock_init(&semaphore->lock, sys);
    return WB_OK;
}

void wb_semaphore_clean_up(struct wb_semaphore *semaphore) {
    wb__lock_clean_up(&semaphore->lock);
}

/* Under the lock. */
static enum wb_status take(struct wb_semaphore *semaphore, uint32_t count) {
    if (semaphore->is_closed) {
        return WB_ERR_CLOSED;
    }
    const bool must_queue = !wb__wait_queue_is_empty(&semaphore->waiting) && !PLANTED(OVERTAKING);
    if (must_queue || semaphore->available < count) {
        return WB_WOULD_BLOCK;
    }
    semaphore->available -= count;
    return WB_OK;
}

enum wb_status wb_semaphore_try_acquire(struct wb_semaphore *semaphore, uint32_t count) {
    wb__lock_enter(&semaphore->lock);
    const enum wb_status status = take(semaphore, count);
    wb__lock_leave(&semaphore->lock);
    return status;
}

/* Under the lock: as many from the front as there are permits for, and as `wakes` has room for. */
static void serve(struct wb_semaphore *semaphore, struct wb__wakes *wakes) {
    while (wakes->count < WB__WAKES_MAX && !semaphore->is_closed) {
        struct wb__waiter *first = wb__wait_queue_first(&semaphore->waiting);
        if (first == NULL || first->wanted > semaphore->available) {
            return;
        }
        semaphore->available -= first->wanted;
        wb__waiter_serve(first, wakes);
    }
}

void wb_semaphore_release(struct wb_semaphore *semaphore, uint32_t count) {
    struct wb__wakes wakes;
    wb__wakes_init(&wakes);
    do {
        wb__lock_enter(&semaphore->lock);
        assert(count <= WB_SEMAPHORE_MAX - semaphore->available);
        semaphore->available += count;
        count = 0;
        serve(semaphore, &wakes);
        wb__lock_leave(&semaphore->lock);
    } while (wb__wakes_fire(&wakes));
}

void wb_semaphore_close(struct wb_semaphore *semaphore) {
    wb__lock_enter(&semaphore->lock);
    semaphore->is_closed = true;
    wb__wait_queue_close(&semaphore->waiting, &semaphore->lock);
}

uint32_t wb_semaphore_available(struct wb_semaphore *semaphore) {
    wb__lock_enter(&semaphore->lock);
    const uint32_t available = semaphore->available;
    wb__lock_leave(&semaphore->lock);
    return available;
}

/* ---- the future ---- */

/* Under the lock. Who was served before it was closed has its permits. */
static enum wb_status look(struct wb_acquire *acquire) {
    const struct wb_semaphore *semaphore = acquire->semaphore;
    if (acquire->waiter.is_served) {
        return WB_OK;
    }
    if (acquire->waiter.is_waiting && !semaphore->is_closed) {
        return WB_WOULD_BLOCK; /* it is in the queue, and its turn has not come */
    }
    return take(acquire->semaphore, acquire->waiter.wanted);
}

static enum wb_progress acquire_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_acquire *acquire = WB_FUTURE_OF(future, struct wb_acquire, future);
    struct wb_semaphore *semaphore = acquire->semaphore;
    if (wb__waiter_pay(&acquire->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&semaphore->lock);
    const enum wb_status status = look(acquire);
    return wb__waiter_conclude(
        future, context, &acquire->waiter, &semaphore->waiting, &semaphore->lock, status);
}

/* Without it those behind may be served: with the permits it was given, or since it wanted more
 * than they do. */
static void acquire_drop(struct wb_future *future) {
    struct wb_acquire *acquire = WB_FUTURE_OF(future, struct wb_acquire, future);
    struct wb_semaphore *semaphore = acquire->semaphore;
    if (!acquire->waiter.is_waiting) {
        return;
    }
    wb__lock_enter(&semaphore->lock);
    const bool has_permits = acquire->waiter.is_served;
    struct wb_task_waker waker = wb__waiter_leave(&acquire->waiter);
    wb__lock_leave(&semaphore->lock);
    wb_task_waker_drop(&waker);
    if (!PLANTED(KEPT_PERMITS)) {
        wb_semaphore_release(semaphore, has_permits ? acquire->waiter.wanted : 0);
    }
}

static const struct wb_future_ops acquire_ops = {
    .size = sizeof(struct wb_acquire),
    .offset = offsetof(struct wb_acquire, future),
    .poll = acquire_poll,
    .drop = acquire_drop,
};

void wb_acquire_init(struct wb_acquire *acquire, struct wb_semaphore *semaphore, uint32_t count) {
    *acquire = (struct wb_acquire){.semaphore = semaphore, .waiter = {.wanted = count}};
    wb_future_init(&acquire->future, &acquire_ops);
}
