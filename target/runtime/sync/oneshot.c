/* A channel for one value: a flag for each thing that can have happened, under one lock. */
#include "wb/oneshot.h"

#include <assert.h>
#include <stdatomic.h>

#include "runtime/sync/value.h"
#include "runtime/sync/wait_queue.h"

struct wb__oneshot {
    const struct wb_sys *sys;
    struct wb_value_type type;
    atomic_uint ends; /* not given up */
    struct wb__lock lock;
    struct wb__wait_queue receiving;
    struct wb__wait_queue closing; /* waiting for the receiver to close */
    bool has_value;
    bool is_sender_gone;
    bool is_closed;
    max_align_t value[]; /* type.size bytes */
};

static size_t size_of(const struct wb_value_type *type) {
    return sizeof(struct wb__oneshot) + type->size;
}

enum wb_status wb_oneshot_new(const struct wb_sys *sys, const struct wb_value_type *type,
    struct wb_oneshot_sender *out_sender, struct wb_oneshot_receiver *out_receiver) {
    out_sender->shared = NULL;
    out_receiver->shared = NULL;
    if (type->size > WB_VALUE_SIZE_MAX) {
        return WB_ERR_INVALID;
    }
    struct wb__oneshot *shared = WB_SYS(sys, alloc, size_of(type));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__oneshot){.sys = sys, .type = *type};
    wb__lock_init(&shared->lock, sys);
    atomic_init(&shared->ends, 2);
    wb__wait_queue_init(&shared->receiving);
    wb__wait_queue_init(&shared->closing);
    out_sender->shared = shared;
    out_receiver->shared = shared;
    return WB_OK;
}

static void destroy(struct wb__oneshot *shared) {
    if (shared->has_value) {
        wb__value_drop(&shared->type, shared->value);
    }
    wb__lock_clean_up(&shared->lock);
    WB_SYS(shared->sys, free, shared, size_of(&shared->type));
}

static void release(struct wb__oneshot *shared) {
    wb_sys_interleave(shared->sys, &shared->ends);
    if (atomic_fetch_sub_explicit(&shared->ends, 1, memory_order_acq_rel) == 1) {
        destroy(shared);
    }
}

/* ---- sending ---- */

static struct wb__oneshot *take_sender(struct wb_oneshot_sender *sender) {
    struct wb__oneshot *shared = sender->shared;
    sender->shared = NULL;
    return shared;
}

enum wb_status wb_oneshot_send(struct wb_oneshot_sender *sender, const void *value) {
    struct wb__oneshot *shared = take_sender(sender);
    assert(shared != NULL);
    wb__lock_enter(&shared->lock);
    const bool is_closed = shared->is_closed;
    shared->is_sender_gone = true;
    if (!is_closed) {
        wb__value_move(&shared->type, shared->value, value);
        shared->has_value = true;
    }
    wb__wait_queue_wake_all(&shared->receiving, &shared->lock);
    release(shared);
    return is_closed ? WB_ERR_CLOSED : WB_OK;
}

bool wb_oneshot_sender_is_closed(const struct wb_oneshot_sender *sender) {
    struct wb__oneshot *shared = sender->shared;
    wb__lock_enter(&shared->lock);
    const bool is_closed = shared->is_closed;
    wb__lock_leave(&shared->lock);
    return is_closed;
}

void wb_oneshot_sender_drop(struct wb_oneshot_sender *sender) {
    struct wb__oneshot *shared = take_sender(sender);
    if (shared != NULL) {
        wb__lock_enter(&shared->lock);
        shared->is_sender_gone = true;
        wb__wait_queue_close(&shared->receiving, &shared->lock);
        release(shared);
    }
}

/* ---- receiving ---- */

/* Under the lock. */
static enum wb_status take_value(struct wb__oneshot *shared, void *out_value) {
    if (shared->has_value) {
        wb__value_move(&shared->type, out_value, shared->value);
        shared->has_value = false;
        return WB_OK;
    }
    return shared->is_sender_gone || shared->is_closed ? WB_ERR_CLOSED : WB_WOULD_BLOCK;
}

enum wb_status wb_oneshot_try_receive(const struct wb_oneshot_receiver *receiver, void *out_value) {
    struct wb__oneshot *shared = receiver->shared;
    wb__lock_enter(&shared->lock);
    const enum wb_status status = take_value(shared, out_value);
    wb__lock_leave(&shared->lock);
    return status;
}

void wb_oneshot_receiver_close(struct wb_oneshot_receiver *receiver) {
    struct wb__oneshot *shared = receiver->shared;
    wb__lock_enter(&shared->lock);
    shared->is_closed = true;
    wb__wait_queue_close(&shared->closing, &shared->lock);
}

/* The sender may be there. */
static void close_for_good(struct wb__oneshot *shared) {
    wb__lock_enter(&shared->lock);
    const bool has_value = shared->has_value;
    shared->has_value = false; /* from here on nobody looks at it, nor puts one there */
    shared->is_closed = true;
    wb__wait_queue_close(&shared->closing, &shared->lock);
    if (has_value) {
        wb__value_drop(&shared->type, shared->value);
    }
}

/* If it is the only end left nobody waits for it to close, and the value goes with the channel. */
void wb_oneshot_receiver_drop(struct wb_oneshot_receiver *receiver) {
    struct wb__oneshot *shared = receiver->shared;
    if (shared == NULL) {
        return;
    }
    receiver->shared = NULL;
    wb_sys_interleave(shared->sys, &shared->ends);
    if (atomic_load_explicit(&shared->ends, memory_order_acquire) == 1) {
        destroy(shared);
        return;
    }
    close_for_good(shared);
    release(shared);
}

/* With the lock, which has been left on return. */
static __attribute__((noinline)) enum wb_progress receive_or_wait(
    struct wb_oneshot_receive *receive, const struct wb_context *context) {
    struct wb__oneshot *shared = receive->shared;
    const enum wb_status status = take_value(shared, receive->out_value);
    return wb__waiter_conclude(
        &receive->future, context, &receive->waiter, &shared->receiving, &shared->lock, status);
}

static enum wb_progress receive_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_oneshot_receive *receive = WB_FUTURE_OF(future, struct wb_oneshot_receive, future);
    struct wb__oneshot *shared = receive->shared;
    if (wb__waiter_pay(&receive->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&shared->lock);
    if (!shared->has_value || !wb__waiter_is_out(&receive->waiter)) {
        return receive_or_wait(receive, context);
    }
    wb__value_move(&shared->type, receive->out_value, shared->value);
    shared->has_value = false;
    wb__lock_leave(&shared->lock);
    return wb_future_end(future, WB_OK);
}

static void receive_drop(struct wb_future *future) {
    struct wb_oneshot_receive *receive = WB_FUTURE_OF(future, struct wb_oneshot_receive, future);
    wb__waiter_give_up(&receive->waiter, &receive->shared->lock);
}

static const struct wb_future_ops receive_ops = {
    .size = sizeof(struct wb_oneshot_receive),
    .offset = offsetof(struct wb_oneshot_receive, future),
    .poll = receive_poll,
    .drop = receive_drop,
};

void wb_oneshot_receive_init(struct wb_oneshot_receive *receive,
    const struct wb_oneshot_receiver *receiver, void *out_value) {
    *receive = (struct wb_oneshot_receive){.shared = receiver->shared, .out_value = out_value};
    wb_future_init(&receive->future, &receive_ops);
}

/* ---- waiting for the receiver to close ---- */

static enum wb_progress closed_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_oneshot_closed *closed = WB_FUTURE_OF(future, struct wb_oneshot_closed, future);
    struct wb__oneshot *shared = closed->shared;
    if (wb__waiter_pay(&closed->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&shared->lock);
    const bool is_closed = shared->is_closed;
    return wb__waiter_conclude(future, context, &closed->waiter, &shared->closing, &shared->lock,
        is_closed ? WB_OK : WB_WOULD_BLOCK);
}

static void closed_drop(struct wb_future *future) {
    struct wb_oneshot_closed *closed = WB_FUTURE_OF(future, struct wb_oneshot_closed, future);
    wb__waiter_give_up(&closed->waiter, &closed->shared->lock);
}

static const struct wb_future_ops closed_ops = {
    .size = sizeof(struct wb_oneshot_closed),
    .offset = offsetof(struct wb_oneshot_closed, future),
    .poll = closed_poll,
    .drop = closed_drop,
};

void wb_oneshot_closed_init(
    struct wb_oneshot_closed *closed, const struct wb_oneshot_sender *sender) {
    *closed = (struct wb_oneshot_closed){.shared = sender->shared};
    wb_future_init(&closed->future, &closed_ops);
}
