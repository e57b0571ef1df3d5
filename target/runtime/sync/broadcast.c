/* A ring of values, each with the number of receivers that are still to get it. Positions count all
 * values that were ever sent; a receiver knows that of its next. */
#include "wb/broadcast.h"

#include <assert.h>
#include <stdatomic.h>

#include "runtime/sync/value.h"
#include "runtime/sync/wait_queue.h"

/* All below `lock` is under it. */
struct wb__broadcast {
    const struct wb_sys *sys;
    struct wb_value_type type;
    uint32_t capacity;
    atomic_uint ends; /* not dropped */
    struct wb__lock lock;
    struct wb__wait_queue receiving;
    uint64_t sent; /* the position of the next value */
    uint32_t senders;
    uint32_t receivers;
    uint8_t *values;
    uint32_t *missing; /* receivers that are still to get it; 0: there is no value */
};

/* ---- life ---- */

static size_t values_size(const struct wb__broadcast *shared) {
    return shared->type.size * shared->capacity;
}

static size_t missing_size(const struct wb__broadcast *shared) {
    return sizeof(*shared->missing) * shared->capacity;
}

static void destroy(struct wb__broadcast *shared) {
    wb__lock_clean_up(&shared->lock);
    WB_SYS(shared->sys, free, shared->values, values_size(shared));
    WB_SYS(shared->sys, free, shared->missing, missing_size(shared));
    WB_SYS(shared->sys, free, shared, sizeof(*shared));
}

static enum wb_status set_up(struct wb__broadcast *shared) {
    shared->missing = WB_SYS(shared->sys, alloc, missing_size(shared));
    if (shared->missing == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    memset(shared->missing, 0, missing_size(shared));
    if (shared->type.size != 0) {
        shared->values = WB_SYS(shared->sys, alloc, values_size(shared));
        if (shared->values == NULL) {
            return WB_ERR_NO_MEMORY;
        }
    }
    wb__lock_init(&shared->lock, shared->sys);
    return WB_OK;
}

enum wb_status wb_broadcast_new(const struct wb_sys *sys, const struct wb_value_type *type,
    uint32_t capacity, struct wb_broadcast_sender *out_sender,
    struct wb_broadcast_receiver *out_receiver) {
    *out_sender = (struct wb_broadcast_sender){0};
    *out_receiver = (struct wb_broadcast_receiver){0};
    if (type->size > WB_VALUE_SIZE_MAX || capacity == 0 || capacity > WB_BROADCAST_CAPACITY_MAX) {
        return WB_ERR_INVALID;
    }
    struct wb__broadcast *shared = WB_SYS(sys, alloc, sizeof(*shared));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__broadcast){
        .sys = sys, .type = *type, .capacity = capacity, .senders = 1, .receivers = 1};
    const enum wb_status status = set_up(shared);
    if (status != WB_OK) {
        destroy(shared);
        return status;
    }
    atomic_init(&shared->ends, 2);
    wb__wait_queue_init(&shared->receiving);
    out_sender->shared = shared;
    out_receiver->shared = shared;
    return WB_OK;
}

static void hold(struct wb__broadcast *shared) {
    wb_sys_interleave(shared->sys, &shared->ends);
    atomic_fetch_add_explicit(&shared->ends, 1, memory_order_relaxed);
}

/* No value is left when the last end goes: each has gone with the last receiver that was to get it.
 */
static void release(struct wb__broadcast *shared) {
    wb_sys_interleave(shared->sys, &shared->ends);
    if (atomic_fetch_sub_explicit(&shared->ends, 1, memory_order_acq_rel) == 1) {
        destroy(shared);
    }
}

/* ---- values, under the lock ---- */

static void *value_at(struct wb__broadcast *shared, uint64_t position) {
    return wb__value_at(&shared->type, shared->values, position % shared->capacity);
}

static uint32_t *missing_at(struct wb__broadcast *shared, uint64_t position) {
    return &shared->missing[position % shared->capacity];
}

/* The position of the oldest value that is kept. */
static uint64_t oldest(const struct wb__broadcast *shared) {
    return shared->sent > shared->capacity ? shared->sent - shared->capacity : 0;
}

static enum wb_status take_value(struct wb__broadcast *shared, uint64_t position, void *out_value) {
    uint32_t *missing = missing_at(shared, position);
    void *value = value_at(shared, position);
    (*missing)--;
    if (*missing == 0) {
        wb__value_move(&shared->type, out_value, value);
        return WB_OK;
    }
    return wb__value_copy(&shared->type, out_value, value);
}

static void skip_value(struct wb__broadcast *shared, uint64_t position) {
    uint32_t *missing = missing_at(shared, position);
    (*missing)--;
    if (*missing == 0) {
        wb__value_drop(&shared->type, value_at(shared, position));
    }
}

/* ---- sending ---- */

enum wb_status wb_broadcast_send(const struct wb_broadcast_sender *sender, const void *value) {
    struct wb__broadcast *shared = sender->shared;
    wb__lock_enter(&shared->lock);
    if (shared->receivers == 0) {
        wb__lock_leave(&shared->lock);
        return WB_ERR_CLOSED;
    }
    uint32_t *missing = missing_at(shared, shared->sent);
    void *place = value_at(shared, shared->sent);
    if (*missing != 0) {
        wb__value_drop(&shared->type, place);
    }
    wb__value_move(&shared->type, place, value);
    *missing = shared->receivers;
    shared->sent++;
    wb__wait_queue_wake_all(&shared->receiving, &shared->lock);
    return WB_OK;
}

struct wb_broadcast_sender wb_broadcast_sender_clone(const struct wb_broadcast_sender *sender) {
    hold(sender->shared);
    wb__lock_enter(&sender->shared->lock);
    sender->shared->senders++;
    wb__lock_leave(&sender->shared->lock);
    return *sender;
}

void wb_broadcast_sender_drop(struct wb_broadcast_sender *sender) {
    struct wb__broadcast *shared = sender->shared;
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
    release(shared);
}

/* ---- receiving ---- */

struct wb_broadcast_receiver wb_broadcast_subscribe(const struct wb_broadcast_sender *sender) {
    struct wb__broadcast *shared = sender->shared;
    hold(shared);
    wb__lock_enter(&shared->lock);
    shared->receivers++;
    const struct wb_broadcast_receiver receiver = {.shared = shared, .next = shared->sent};
    wb__lock_leave(&shared->lock);
    return receiver;
}

void wb_broadcast_receiver_drop(struct wb_broadcast_receiver *receiver) {
    struct wb__broadcast *shared = receiver->shared;
    if (shared == NULL) {
        return;
    }
    receiver->shared = NULL;
    wb__lock_enter(&shared->lock);
    shared->receivers--;
    const uint64_t first = receiver->next < oldest(shared) ? oldest(shared) : receiver->next;
    for (uint64_t position = first; position < shared->sent; position++) {
        skip_value(shared, position);
    }
    wb__lock_leave(&shared->lock);
    release(shared);
}

/* Under the lock. */
static enum wb_status take(struct wb_broadcast_receiver *receiver, void *out_value) {
    struct wb__broadcast *shared = receiver->shared;
    const uint64_t first = oldest(shared);
    if (receiver->next < first) {
        receiver->missed = first - receiver->next;
        receiver->next = first;
        return WB_ERR_LIMIT;
    }
    if (receiver->next == shared->sent) {
        return shared->senders == 0 ? WB_EOF : WB_WOULD_BLOCK;
    }
    receiver->next++;
    return take_value(shared, receiver->next - 1, out_value);
}

enum wb_status wb_broadcast_try_receive(struct wb_broadcast_receiver *receiver, void *out_value) {
    struct wb__broadcast *shared = receiver->shared;
    wb__lock_enter(&shared->lock);
    const enum wb_status status = take(receiver, out_value);
    wb__lock_leave(&shared->lock);
    return status;
}

static enum wb_progress receive_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_broadcast_receive *receive =
        WB_FUTURE_OF(future, struct wb_broadcast_receive, future);
    struct wb__broadcast *shared = receive->receiver->shared;
    if (wb__waiter_pay(&receive->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&shared->lock);
    const enum wb_status status = take(receive->receiver, receive->out_value);
    return wb__waiter_conclude(
        future, context, &receive->waiter, &shared->receiving, &shared->lock, status);
}

static void receive_drop(struct wb_future *future) {
    struct wb_broadcast_receive *receive =
        WB_FUTURE_OF(future, struct wb_broadcast_receive, future);
    if (receive->waiter.is_waiting) {
        wb__waiter_give_up(&receive->waiter, &receive->receiver->shared->lock);
    }
}

static const struct wb_future_ops receive_ops = {
    .size = sizeof(struct wb_broadcast_receive),
    .offset = offsetof(struct wb_broadcast_receive, future),
    .poll = receive_poll,
    .drop = receive_drop,
};

void wb_broadcast_receive_init(
    struct wb_broadcast_receive *receive, struct wb_broadcast_receiver *receiver, void *out_value) {
    assert(receiver->shared != NULL);
    *receive = (struct wb_broadcast_receive){.receiver = receiver, .out_value = out_value};
    wb_future_init(&receive->future, &receive_ops);
}
