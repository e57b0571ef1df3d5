/* The sending end of a channel: values, room for values, and the growing of one without bound. */
#include <assert.h>
#include <string.h>

#include "runtime/sync/mpsc.h"

enum { FIRST_RING = 16 };

struct wb_mpsc_sender wb_mpsc_sender_clone(const struct wb_mpsc_sender *sender) {
    struct wb__mpsc *shared = sender->shared;
    wb_sys_interleave(shared->sys, &shared->references);
    atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    wb__lock_enter(&shared->lock);
    shared->senders++;
    wb__lock_leave(&shared->lock);
    return *sender;
}

void wb_mpsc_sender_drop(struct wb_mpsc_sender *sender) {
    struct wb__mpsc *shared = sender->shared;
    if (shared == NULL) {
        return;
    }
    sender->shared = NULL;
    wb__lock_enter(&shared->lock);
    shared->senders--;
    if (shared->senders == 0) {
        wb__wait_queue_close(&shared->receiving, &shared->lock);
    } else {
        wb__lock_leave(&shared->lock);
    }
    wb__mpsc_release(shared);
}

bool wb_mpsc_sender_is_closed(const struct wb_mpsc_sender *sender) {
    struct wb__mpsc *shared = sender->shared;
    wb__lock_enter(&shared->lock);
    const bool is_closed = shared->is_closed;
    wb__lock_leave(&shared->lock);
    return is_closed;
}

/* ---- under the lock ---- */

/* Of a channel without bound: twice the room, the values in order from the start. */
static __attribute__((noinline)) enum wb_status grow(struct wb__mpsc *shared) {
    const size_t size = shared->type.size;
    const uint32_t old = shared->ring_capacity;
    const uint32_t new = old == 0 ? FIRST_RING : old * 2;
    if (new >= WB_MPSC_UNBOUNDED / 2) {
        return WB_ERR_NO_MEMORY;
    }
    if (size != 0) {
        uint8_t *ring = WB_SYS(shared->sys, alloc, size * new);
        if (ring == NULL) {
            return WB_ERR_NO_MEMORY;
        }
        if (old != 0) {
            const size_t head = size * (old - shared->first);
            memcpy(ring, shared->ring + size * shared->first, head);
            memcpy(ring + head, shared->ring, size * shared->first);
            WB_SYS(shared->sys, free, shared->ring, size * old);
        }
        shared->ring = ring;
    }
    shared->first = 0;
    shared->ring_capacity = new;
    return WB_OK;
}

/* There is room. */
static inline enum wb_status put(struct wb__mpsc *shared, const void *value) {
    if (shared->count == shared->ring_capacity) {
        const enum wb_status status = grow(shared);
        if (status != WB_OK) {
            return status;
        }
    }
    const uint32_t behind = shared->ring_capacity - shared->first;
    const uint32_t at =
        shared->count < behind ? shared->first + shared->count : shared->count - behind;
    wb__value_move(&shared->type, wb__value_at(&shared->type, shared->ring, at), value);
    shared->count++;
    return WB_OK;
}

/* Whether there is room for one who comes now. */
static enum wb_status ask(const struct wb__mpsc *shared) {
    if (shared->is_closed) {
        return WB_ERR_CLOSED;
    }
    return shared->count + shared->reserved < shared->capacity ? WB_OK : WB_ERR_FULL;
}

/* Reserved room is needed no longer. The lock has been left on return. */
static void give_back(struct wb__mpsc *shared) {
    struct wb__wakes wakes;
    wb__wakes_init(&wakes);
    shared->reserved--;
    if (shared->is_closed || shared->senders == 0) {
        wb__mpsc_tell_receiver(shared); /* it may have waited for this last one */
        return;
    }
    wb__mpsc_pass_room(shared, &wakes);
    wb__lock_leave(&shared->lock);
    (void)wb__wakes_fire(&wakes);
}

/* Fills reserved room. The lock has been left on return. */
static enum wb_status fill(struct wb__mpsc *shared, const void *value) {
    const enum wb_status status = shared->is_receiver_gone ? WB_ERR_CLOSED : put(shared, value);
    if (status != WB_OK) {
        give_back(shared);
        return status;
    }
    shared->reserved--;
    wb__mpsc_tell_receiver(shared);
    return WB_OK;
}

/* ---- at once ---- */

/* Fills room if there is some. The lock has been left on return, but if it is WB_ERR_FULL. */
static inline enum wb_status fill_at_once(struct wb__mpsc *shared, const void *value) {
    enum wb_status status = ask(shared);
    if (status == WB_ERR_FULL) {
        return status;
    }
    if (status == WB_OK) {
        status = put(shared, value);
    }
    if (status == WB_OK) {
        wb__mpsc_tell_receiver(shared);
    } else {
        wb__lock_leave(&shared->lock);
    }
    return status;
}

enum wb_status wb_mpsc_try_send(const struct wb_mpsc_sender *sender, const void *value) {
    struct wb__mpsc *shared = sender->shared;
    wb__lock_enter(&shared->lock);
    const enum wb_status status = fill_at_once(shared, value);
    if (status == WB_ERR_FULL) {
        wb__lock_leave(&shared->lock);
    }
    return status;
}

enum wb_status wb_mpsc_try_reserve(
    const struct wb_mpsc_sender *sender, struct wb_mpsc_permit *out_permit) {
    struct wb__mpsc *shared = sender->shared;
    wb__lock_enter(&shared->lock);
    const enum wb_status status = ask(shared);
    if (status == WB_OK) {
        shared->reserved++;
        out_permit->shared = shared;
        atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    }
    wb__lock_leave(&shared->lock);
    return status;
}

enum wb_status wb_mpsc_permit_send(struct wb_mpsc_permit *permit, const void *value) {
    struct wb__mpsc *shared = permit->shared;
    assert(shared != NULL);
    permit->shared = NULL;
    wb__lock_enter(&shared->lock);
    const enum wb_status status = fill(shared, value);
    wb__mpsc_release(shared);
    return status;
}

void wb_mpsc_permit_drop(struct wb_mpsc_permit *permit) {
    struct wb__mpsc *shared = permit->shared;
    if (shared != NULL) {
        permit->shared = NULL;
        wb__lock_enter(&shared->lock);
        give_back(shared);
        wb__mpsc_release(shared);
    }
}

/* ---- waiting for room ---- */

/* Under the lock: WB_ERR_FULL to wait, WB_OK with room reserved for this one. */
static enum wb_status look(struct wb__mpsc *shared, struct wb__waiter *waiter) {
    if (waiter->is_served) {
        return WB_OK;
    }
    const enum wb_status status = ask(shared);
    if (status == WB_OK) {
        shared->reserved++;
    }
    return status;
}

/* The drop of one that may wait for room, or have it and not know it yet. */
static __attribute__((noinline)) void leave(struct wb__mpsc *shared, struct wb__waiter *waiter) {
    wb__lock_enter(&shared->lock);
    const bool has_room = waiter->is_served;
    struct wb_task_waker waker = wb__waiter_leave(waiter);
    if (has_room && !PLANTED(KEPT_SLOT)) {
        give_back(shared);
    } else {
        wb__lock_leave(&shared->lock);
    }
    wb_task_waker_drop(&waker);
}

/* With the lock, which has been left on return. */
static __attribute__((noinline)) enum wb_status wait_and_fill(
    struct wb_mpsc_send *send, struct wb_context *context) {
    struct wb__mpsc *shared = send->shared;
    enum wb_status status = look(shared, &send->waiter);
    struct wb_task_waker replaced =
        wb__waiter_settle(&shared->sending, &send->waiter, context->waker, status == WB_ERR_FULL);
    if (status == WB_OK) {
        status = fill(shared, send->value);
    } else {
        wb__lock_leave(&shared->lock);
    }
    wb_task_waker_drop(&replaced);
    return status;
}

static enum wb_progress send_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_mpsc_send *send = WB_FUTURE_OF(future, struct wb_mpsc_send, future);
    if (wb__waiter_pay(&send->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&send->shared->lock);
    enum wb_status status =
        send->waiter.is_waiting ? WB_ERR_FULL : fill_at_once(send->shared, send->value);
    if (status == WB_ERR_FULL) {
        status = wait_and_fill(send, context);
    }
    return status == WB_ERR_FULL ? WB_PENDING : wb_future_end(future, status);
}

static void send_drop(struct wb_future *future) {
    struct wb_mpsc_send *send = WB_FUTURE_OF(future, struct wb_mpsc_send, future);
    if (send->waiter.is_waiting) {
        leave(send->shared, &send->waiter);
    }
}

static const struct wb_future_ops send_ops = {
    .size = sizeof(struct wb_mpsc_send),
    .offset = offsetof(struct wb_mpsc_send, future),
    .poll = send_poll,
    .drop = send_drop,
};

void wb_mpsc_send_init(
    struct wb_mpsc_send *send, const struct wb_mpsc_sender *sender, const void *value) {
    assert(sender->shared != NULL);
    *send = (struct wb_mpsc_send){.shared = sender->shared, .value = value};
    wb_future_init(&send->future, &send_ops);
}

static enum wb_progress reserve_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_mpsc_reserve *reserve = WB_FUTURE_OF(future, struct wb_mpsc_reserve, future);
    struct wb__mpsc *shared = reserve->shared;
    if (wb__waiter_pay(&reserve->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&shared->lock);
    const enum wb_status status = look(shared, &reserve->waiter);
    struct wb_task_waker replaced = wb__waiter_settle(
        &shared->sending, &reserve->waiter, context->waker, status == WB_ERR_FULL);
    if (status == WB_OK) {
        reserve->permit.shared = shared;
        atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    }
    wb__lock_leave(&shared->lock);
    wb_task_waker_drop(&replaced);
    return status == WB_ERR_FULL ? WB_PENDING : wb_future_end(future, status);
}

static void reserve_drop(struct wb_future *future) {
    struct wb_mpsc_reserve *reserve = WB_FUTURE_OF(future, struct wb_mpsc_reserve, future);
    if (reserve->waiter.is_waiting) {
        leave(reserve->shared, &reserve->waiter);
    }
}

static const struct wb_future_ops reserve_ops = {
    .size = sizeof(struct wb_mpsc_reserve),
    .offset = offsetof(struct wb_mpsc_reserve, future),
    .poll = reserve_poll,
    .drop = reserve_drop,
};

void wb_mpsc_reserve_init(struct wb_mpsc_reserve *reserve, const struct wb_mpsc_sender *sender) {
    assert(sender->shared != NULL);
    *reserve = (struct wb_mpsc_reserve){.shared = sender->shared};
    wb_future_init(&reserve->future, &reserve_ops);
}

/* ---- waiting for the receiver to close ---- */

static enum wb_progress closed_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_mpsc_closed *closed = WB_FUTURE_OF(future, struct wb_mpsc_closed, future);
    struct wb__mpsc *shared = closed->shared;
    if (wb__waiter_pay(&closed->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&shared->lock);
    const bool is_closed = shared->is_closed;
    return wb__waiter_conclude(future, context, &closed->waiter, &shared->closing, &shared->lock,
        is_closed ? WB_OK : WB_WOULD_BLOCK);
}

static void closed_drop(struct wb_future *future) {
    struct wb_mpsc_closed *closed = WB_FUTURE_OF(future, struct wb_mpsc_closed, future);
    wb__waiter_give_up(&closed->waiter, &closed->shared->lock);
}

static const struct wb_future_ops closed_ops = {
    .size = sizeof(struct wb_mpsc_closed),
    .offset = offsetof(struct wb_mpsc_closed, future),
    .poll = closed_poll,
    .drop = closed_drop,
};

void wb_mpsc_closed_init(struct wb_mpsc_closed *closed, const struct wb_mpsc_sender *sender) {
    assert(sender->shared != NULL);
    *closed = (struct wb_mpsc_closed){.shared = sender->shared};
    wb_future_init(&closed->future, &closed_ops);
}
