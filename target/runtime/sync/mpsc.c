/* A channel's life, and its receiving end. */
#include "runtime/sync/mpsc.h"

#include <assert.h>

static bool is_valid(const struct wb_value_type *type, uint32_t capacity) {
    return type->size <= WB_VALUE_SIZE_MAX && capacity != 0
           && (capacity <= WB_MPSC_CAPACITY_MAX || capacity == WB_MPSC_UNBOUNDED);
}

static size_t ring_size(const struct wb__mpsc *shared) {
    return shared->type.size * shared->ring_capacity;
}

static enum wb_status set_up(struct wb__mpsc *shared) {
    if (shared->capacity != WB_MPSC_UNBOUNDED) {
        shared->ring_capacity = shared->capacity;
    }
    if (ring_size(shared) != 0) {
        shared->ring = WB_SYS(shared->sys, alloc, ring_size(shared));
        if (shared->ring == NULL) {
            return WB_ERR_NO_MEMORY;
        }
    }
    wb__lock_init(&shared->lock, shared->sys);
    return WB_OK;
}

static void destroy(struct wb__mpsc *shared) {
    wb__lock_clean_up(&shared->lock);
    if (shared->ring != NULL) {
        WB_SYS(shared->sys, free, shared->ring, ring_size(shared));
    }
    WB_SYS(shared->sys, free, shared, sizeof(*shared));
}

enum wb_status wb_mpsc_new(const struct wb_sys *sys, const struct wb_value_type *type,
    uint32_t capacity, struct wb_mpsc_sender *out_sender, struct wb_mpsc_receiver *out_receiver) {
    out_sender->shared = NULL;
    out_receiver->shared = NULL;
    if (!is_valid(type, capacity)) {
        return WB_ERR_INVALID;
    }
    struct wb__mpsc *shared = WB_SYS(sys, alloc, sizeof(*shared));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__mpsc){.sys = sys, .type = *type, .capacity = capacity, .senders = 1};
    const enum wb_status status = set_up(shared);
    if (status != WB_OK) {
        destroy(shared);
        return status;
    }
    atomic_init(&shared->references, 2);
    wb__wait_queue_init(&shared->sending);
    wb__wait_queue_init(&shared->receiving);
    wb__wait_queue_init(&shared->closing);
    out_sender->shared = shared;
    out_receiver->shared = shared;
    return WB_OK;
}

void wb__mpsc_release(struct wb__mpsc *shared) {
    wb_sys_interleave(shared->sys, &shared->references);
    if (atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) == 1) {
        destroy(shared);
    }
}

/* ---- receiving ---- */

static void *oldest(struct wb__mpsc *shared) {
    return wb__value_at(&shared->type, shared->ring, shared->first);
}

static void forget_oldest(struct wb__mpsc *shared) {
    shared->first = shared->first + 1 == shared->ring_capacity ? 0 : shared->first + 1;
    shared->count--;
}

/* Under the lock. */
static enum wb_status take(struct wb__mpsc *shared, void *out_value, struct wb__wakes *wakes) {
    if (shared->count != 0) {
        wb__value_move(&shared->type, out_value, oldest(shared));
        forget_oldest(shared);
        wb__mpsc_pass_room(shared, wakes);
        return WB_OK;
    }
    const bool is_over = shared->reserved == 0 && (shared->is_closed || shared->senders == 0);
    return is_over ? WB_EOF : WB_WOULD_BLOCK;
}

enum wb_status wb_mpsc_try_receive(const struct wb_mpsc_receiver *receiver, void *out_value) {
    struct wb__mpsc *shared = receiver->shared;
    struct wb__wakes wakes;
    wb__wakes_init(&wakes);
    wb__lock_enter(&shared->lock);
    const enum wb_status status = take(shared, out_value, &wakes);
    wb__lock_leave(&shared->lock);
    (void)wb__wakes_fire(&wakes);
    return status;
}

uint32_t wb_mpsc_receiver_len(const struct wb_mpsc_receiver *receiver) {
    struct wb__mpsc *shared = receiver->shared;
    wb__lock_enter(&shared->lock);
    const uint32_t count = shared->count;
    wb__lock_leave(&shared->lock);
    return count;
}

void wb_mpsc_receiver_close(struct wb_mpsc_receiver *receiver) {
    struct wb__mpsc *shared = receiver->shared;
    wb__lock_enter(&shared->lock);
    shared->is_closed = true;
    wb__wait_queue_close(&shared->sending, &shared->lock);
    wb__lock_enter(&shared->lock);
    wb__wait_queue_close(&shared->closing, &shared->lock);
}

/* Nobody sends any more, so that the ring is this thread's alone. */
static void drop_values(struct wb__mpsc *shared) {
    while (shared->count != 0) {
        wb__value_drop(&shared->type, oldest(shared));
        forget_oldest(shared);
    }
}

void wb_mpsc_receiver_drop(struct wb_mpsc_receiver *receiver) {
    struct wb__mpsc *shared = receiver->shared;
    if (shared == NULL) {
        return;
    }
    wb_mpsc_receiver_close(receiver);
    receiver->shared = NULL;
    wb__lock_enter(&shared->lock);
    shared->is_receiver_gone = true;
    wb__lock_leave(&shared->lock);
    drop_values(shared);
    wb__mpsc_release(shared);
}

/* With the lock, which has been left on return. Not inlined: who need not wait saves no registers
 * for it. */
static __attribute__((noinline)) enum wb_progress receive_or_wait(
    struct wb_mpsc_receive *receive, const struct wb_context *context) {
    struct wb__mpsc *shared = receive->shared;
    struct wb__wakes wakes;
    wb__wakes_init(&wakes);
    const enum wb_status status = take(shared, receive->out_value, &wakes);
    struct wb_task_waker replaced = wb__waiter_settle(
        &shared->receiving, &receive->waiter, context->waker, status == WB_WOULD_BLOCK);
    wb__lock_leave(&shared->lock);
    wb_task_waker_drop(&replaced);
    (void)wb__wakes_fire(&wakes);
    return status == WB_WOULD_BLOCK ? WB_PENDING : wb_future_end(&receive->future, status);
}

static enum wb_progress receive_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_mpsc_receive *receive = WB_FUTURE_OF(future, struct wb_mpsc_receive, future);
    struct wb__mpsc *shared = receive->shared;
    if (wb__waiter_pay(&receive->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&shared->lock);
    if (shared->count == 0 || !wb__wait_queue_is_empty(&shared->sending)
        || !wb__waiter_is_out(&receive->waiter)) {
        return receive_or_wait(receive, context);
    }
    wb__value_move(&shared->type, receive->out_value, oldest(shared));
    forget_oldest(shared);
    wb__lock_leave(&shared->lock);
    return wb_future_end(future, WB_OK);
}

static void receive_drop(struct wb_future *future) {
    struct wb_mpsc_receive *receive = WB_FUTURE_OF(future, struct wb_mpsc_receive, future);
    wb__waiter_give_up(&receive->waiter, &receive->shared->lock);
}

static const struct wb_future_ops receive_ops = {
    .size = sizeof(struct wb_mpsc_receive),
    .offset = offsetof(struct wb_mpsc_receive, future),
    .poll = receive_poll,
    .drop = receive_drop,
};

void wb_mpsc_receive_init(
    struct wb_mpsc_receive *receive, const struct wb_mpsc_receiver *receiver, void *out_value) {
    assert(receiver->shared != NULL);
    *receive = (struct wb_mpsc_receive){.shared = receiver->shared, .out_value = out_value};
    wb_future_init(&receive->future, &receive_ops);
}
