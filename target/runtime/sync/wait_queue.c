/* See wait_queue.h. */
#include "runtime/sync/wait_queue.h"

#include <assert.h>

#ifdef WB_SYNC_PLANTED
enum wb__sync_planted wb__sync_planted = WB__SYNC_PLANTED_COUNT;
#endif

bool wb__wakes_fire_all(struct wb__wakes *wakes) {
    const uint32_t count = wakes->count;
    wakes->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        wb_task_waker_fire(&wakes->wakers[i]);
    }
    return count == WB__WAKES_MAX;
}

/* ---- links ---- */

static bool is_linked(const struct wb__waiter *waiter) {
    return waiter->link.prev != NULL;
}

static void link_before(struct wb__wait_link *next, struct wb__wait_link *link) {
    link->prev = next->prev;
    link->next = next;
    next->prev->next = link;
    next->prev = link;
}

static void unlink_from_queue(struct wb__waiter *waiter) {
    waiter->link.prev->next = waiter->link.next;
    waiter->link.next->prev = waiter->link.prev;
    waiter->link = (struct wb__wait_link){0};
}

static struct wb_task_waker take_waker(struct wb__waiter *waiter) {
    const struct wb_task_waker waker = waiter->waker;
    waiter->waker = (struct wb_task_waker){0};
    return waker;
}

/* ---- queues ---- */

void wb__wait_queue_init(struct wb__wait_queue *queue) {
    queue->ends.prev = &queue->ends;
    queue->ends.next = &queue->ends;
}

void wb__wait_queue_append(struct wb__wait_queue *queue, struct wb__wait_queue *more) {
    if (wb__wait_queue_is_empty(more)) {
        return;
    }
    more->ends.next->prev = queue->ends.prev;
    more->ends.prev->next = &queue->ends;
    queue->ends.prev->next = more->ends.next;
    queue->ends.prev = more->ends.prev;
    wb__wait_queue_init(more);
}

/* Whether the one that it has will do. */
static bool has_waker(const struct wb__waiter *waiter, const struct wb_task_waker *waker) {
    return wb_task_waker_will_wake(&waiter->waker, waker)
           || (PLANTED(STALE_WAKER) && waiter->is_waiting);
}

static void enter(struct wb__wait_queue *queue, struct wb__waiter *waiter) {
    if (!is_linked(waiter)) {
        link_before(&queue->ends, &waiter->link);
        waiter->is_served = false;
    }
    waiter->is_waiting = true;
}

struct wb_task_waker wb__wait_queue_enter(
    struct wb__wait_queue *queue, struct wb__waiter *waiter, const struct wb_task_waker *waker) {
    struct wb_task_waker replaced = {0};
    if (!has_waker(waiter, waker)) {
        replaced = waiter->waker;
        waiter->waker = wb_task_waker_clone(waker);
    }
    enter(queue, waiter);
    return replaced;
}

struct wb_task_waker wb__wait_queue_enter_with(
    struct wb__wait_queue *queue, struct wb__waiter *waiter, struct wb_task_waker *waker) {
    struct wb_task_waker replaced = {0};
    if (!has_waker(waiter, waker)) {
        replaced = waiter->waker;
        waiter->waker = *waker;
        *waker = (struct wb_task_waker){0};
    }
    enter(queue, waiter);
    return replaced;
}

void wb__waiter_wake(struct wb__waiter *waiter, struct wb__wakes *wakes) {
    assert(wakes->count < WB__WAKES_MAX);
    wakes->wakers[wakes->count++] = wb__waiter_take(waiter);
}

void wb__waiter_serve(struct wb__waiter *waiter, struct wb__wakes *wakes) {
    wb__waiter_wake(waiter, wakes);
    waiter->is_served = true;
}

struct wb_task_waker wb__waiter_leave(struct wb__waiter *waiter) {
    if (is_linked(waiter)) {
        unlink_from_queue(waiter);
    }
    waiter->is_served = false;
    waiter->is_waiting = false;
    return take_waker(waiter);
}

/* Wakes the only one, without the detour that more of them take. */
static void wake_only(struct wb__waiter *waiter, struct wb__lock *lock) {
    struct wb_task_waker waker = wb__waiter_take(waiter);
    wb__lock_leave(lock);
    wb_task_waker_fire(&waker);
}

bool wb__wakes_take(struct wb__wakes *wakes, struct wb__wait_queue *queue) {
    struct wb__waiter *first;
    while ((first = wb__wait_queue_first(queue)) != NULL && wakes->count < WB__WAKES_MAX) {
        wb__waiter_wake(first, wakes);
    }
    return first != NULL;
}

void wb__wait_queue_wake_those(struct wb__wait_queue *queue, struct wb__lock *lock) {
    struct wb__wait_queue woken; /* a waiter that goes meanwhile leaves it like any queue */
    struct wb__wakes wakes;
    struct wb__waiter *first = wb__wait_queue_first(queue);
    if (queue->ends.prev == &first->link) {
        wake_only(first, lock);
        return;
    }
    wb__wakes_init(&wakes);
    wb__wait_queue_init(&woken);
    wb__wait_queue_append(&woken, queue);
    while (wb__wakes_take(&wakes, &woken)) {
        wb__lock_leave(lock);
        (void)wb__wakes_fire(&wakes);
        wb__lock_enter(lock);
    }
    wb__lock_leave(lock);
    (void)wb__wakes_fire(&wakes);
}

void wb__wait_queue_close(struct wb__wait_queue *queue, struct wb__lock *lock) {
    if (PLANTED(QUIET_CLOSE)) {
        wb__lock_leave(lock);
    } else {
        wb__wait_queue_wake_all(queue, lock);
    }
}

void wb__waiter_stop(struct wb__waiter *waiter, struct wb__lock *lock) {
    wb__lock_enter(lock);
    struct wb_task_waker waker = wb__waiter_leave(waiter);
    wb__lock_leave(lock);
    wb_task_waker_drop(&waker);
}
