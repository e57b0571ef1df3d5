/* A value that is watched. There is room for two, so that the old one is dropped without the lock:
 * only the sender changes which of them is the value, and it is one thread at a time. */
#include "wb/watch.h"

#include <assert.h>
#include <stdatomic.h>

#include "runtime/sync/value.h"
#include "runtime/sync/wait_queue.h"

/* All below `lock` is under it. */
struct wb__watch {
    const struct wb_sys *sys;
    struct wb_value_type type;
    atomic_uint ends; /* not dropped */
    struct wb__lock lock;
    struct wb__wait_queue watching;
    struct wb__wait_queue closing; /* waiting for the last receiver to go */
    uint64_t version;              /* how many values there have been */
    uint32_t receivers;
    bool is_sender_gone;
    max_align_t values[]; /* twice slot_size() bytes */
};

/* ---- life ---- */

static size_t slot_size(const struct wb_value_type *type) {
    const size_t unit = sizeof(max_align_t);
    return (type->size + unit - 1) / unit * unit;
}

static size_t size_of(const struct wb_value_type *type) {
    return sizeof(struct wb__watch) + 2 * slot_size(type);
}

static void *slot(struct wb__watch *shared, uint64_t version) {
    return (uint8_t *)shared->values + version % 2 * slot_size(&shared->type);
}

enum wb_status wb_watch_new(const struct wb_sys *sys, const struct wb_value_type *type,
    const void *value, struct wb_watch_sender *out_sender, struct wb_watch_receiver *out_receiver) {
    *out_sender = (struct wb_watch_sender){0};
    *out_receiver = (struct wb_watch_receiver){0};
    if (type->size > WB_VALUE_SIZE_MAX) {
        return WB_ERR_INVALID;
    }
    struct wb__watch *shared = WB_SYS(sys, alloc, size_of(type));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *shared = (struct wb__watch){.sys = sys, .type = *type, .receivers = 1};
    wb__lock_init(&shared->lock, sys);
    atomic_init(&shared->ends, 2);
    wb__wait_queue_init(&shared->watching);
    wb__wait_queue_init(&shared->closing);
    wb__value_move(type, slot(shared, 0), value);
    out_sender->shared = shared;
    out_receiver->shared = shared;
    return WB_OK;
}

static void release(struct wb__watch *shared) {
    wb_sys_interleave(shared->sys, &shared->ends);
    if (atomic_fetch_sub_explicit(&shared->ends, 1, memory_order_acq_rel) == 1) {
        wb__value_drop(&shared->type, slot(shared, shared->version));
        wb__lock_clean_up(&shared->lock);
        WB_SYS(shared->sys, free, shared, size_of(&shared->type));
    }
}

static void add_receiver(struct wb__watch *shared) {
    wb_sys_interleave(shared->sys, &shared->ends);
    atomic_fetch_add_explicit(&shared->ends, 1, memory_order_relaxed);
    shared->receivers++;
}

/* ---- sending ---- */

/* The lock is left. */
static void replace(struct wb__watch *shared, const void *value) {
    void *old = slot(shared, shared->version);
    shared->version++;
    wb__value_move(&shared->type, slot(shared, shared->version), value);
    wb__wait_queue_wake_all(&shared->watching, &shared->lock);
    wb__value_drop(&shared->type, old);
}

enum wb_status wb_watch_send(const struct wb_watch_sender *sender, const void *value) {
    struct wb__watch *shared = sender->shared;
    wb__lock_enter(&shared->lock);
    if (shared->receivers == 0) {
        wb__lock_leave(&shared->lock);
        return WB_ERR_CLOSED;
    }
    replace(shared, value);
    return WB_OK;
}

void wb_watch_set(const struct wb_watch_sender *sender, const void *value) {
    wb__lock_enter(&sender->shared->lock);
    replace(sender->shared, value);
}

struct wb_watch_receiver wb_watch_subscribe(const struct wb_watch_sender *sender) {
    struct wb__watch *shared = sender->shared;
    wb__lock_enter(&shared->lock);
    const struct wb_watch_receiver receiver = {shared, shared->version};
    add_receiver(shared);
    wb__lock_leave(&shared->lock);
    return receiver;
}

bool wb_watch_sender_is_closed(const struct wb_watch_sender *sender) {
    struct wb__watch *shared = sender->shared;
    wb__lock_enter(&shared->lock);
    const bool is_closed = shared->receivers == 0;
    wb__lock_leave(&shared->lock);
    return is_closed;
}

void wb_watch_sender_drop(struct wb_watch_sender *sender) {
    struct wb__watch *shared = sender->shared;
    if (shared != NULL) {
        sender->shared = NULL;
        wb__lock_enter(&shared->lock);
        shared->is_sender_gone = true;
        wb__wait_queue_close(&shared->watching, &shared->lock);
        release(shared);
    }
}

/* ---- watching ---- */

struct wb_watch_receiver wb_watch_receiver_clone(const struct wb_watch_receiver *receiver) {
    struct wb__watch *shared = receiver->shared;
    wb__lock_enter(&shared->lock);
    add_receiver(shared);
    wb__lock_leave(&shared->lock);
    return *receiver;
}

void wb_watch_receiver_drop(struct wb_watch_receiver *receiver) {
    struct wb__watch *shared = receiver->shared;
    if (shared == NULL) {
        return;
    }
    receiver->shared = NULL;
    wb__lock_enter(&shared->lock);
    shared->receivers--;
    if (shared->receivers == 0) {
        wb__wait_queue_close(&shared->closing, &shared->lock);
    } else {
        wb__lock_leave(&shared->lock);
    }
    release(shared);
}

static enum wb_status copy_value(
    const struct wb_watch_receiver *receiver, void *out_value, uint64_t *out_version) {
    struct wb__watch *shared = receiver->shared;
    wb__lock_enter(&shared->lock);
    const enum wb_status status =
        wb__value_copy(&shared->type, out_value, slot(shared, shared->version));
    *out_version = shared->version;
    wb__lock_leave(&shared->lock);
    return status;
}

enum wb_status wb_watch_get(struct wb_watch_receiver *receiver, void *out_value) {
    uint64_t version;
    const enum wb_status status = copy_value(receiver, out_value, &version);
    if (status == WB_OK) {
        receiver->seen = version;
    }
    return status;
}

enum wb_status wb_watch_peek(const struct wb_watch_receiver *receiver, void *out_value) {
    uint64_t version;
    return copy_value(receiver, out_value, &version);
}

bool wb_watch_has_changed(const struct wb_watch_receiver *receiver) {
    struct wb__watch *shared = receiver->shared;
    wb__lock_enter(&shared->lock);
    const bool has_changed = shared->version != receiver->seen;
    wb__lock_leave(&shared->lock);
    return has_changed;
}

/* Under the lock. */
static enum wb_status look(struct wb_watch_receiver *receiver) {
    const struct wb__watch *shared = receiver->shared;
    if (receiver->seen != shared->version) {
        receiver->seen = shared->version;
        return WB_OK;
    }
    return shared->is_sender_gone ? WB_EOF : WB_WOULD_BLOCK;
}

static enum wb_progress changed_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_watch_changed *changed = WB_FUTURE_OF(future, struct wb_watch_changed, future);
    struct wb__watch *shared = changed->receiver->shared;
    if (wb__waiter_pay(&changed->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&shared->lock);
    const enum wb_status status = look(changed->receiver);
    return wb__waiter_conclude(
        future, context, &changed->waiter, &shared->watching, &shared->lock, status);
}

static void changed_drop(struct wb_future *future) {
    struct wb_watch_changed *changed = WB_FUTURE_OF(future, struct wb_watch_changed, future);
    if (changed->waiter.is_waiting) {
        wb__waiter_give_up(&changed->waiter, &changed->receiver->shared->lock);
    }
}

static const struct wb_future_ops changed_ops = {
    .size = sizeof(struct wb_watch_changed),
    .offset = offsetof(struct wb_watch_changed, future),
    .poll = changed_poll,
    .drop = changed_drop,
};

void wb_watch_changed_init(struct wb_watch_changed *changed, struct wb_watch_receiver *receiver) {
    assert(receiver->shared != NULL);
    *changed = (struct wb_watch_changed){.receiver = receiver};
    wb_future_init(&changed->future, &changed_ops);
}

/* ---- waiting for the last receiver to go ---- */

static enum wb_progress closed_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_watch_closed *closed = WB_FUTURE_OF(future, struct wb_watch_closed, future);
    struct wb__watch *shared = closed->shared;
    if (wb__waiter_pay(&closed->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    wb__lock_enter(&shared->lock);
    const bool is_closed = shared->receivers == 0;
    return wb__waiter_conclude(future, context, &closed->waiter, &shared->closing, &shared->lock,
        is_closed ? WB_OK : WB_WOULD_BLOCK);
}

static void closed_drop(struct wb_future *future) {
    struct wb_watch_closed *closed = WB_FUTURE_OF(future, struct wb_watch_closed, future);
    wb__waiter_give_up(&closed->waiter, &closed->shared->lock);
}

static const struct wb_future_ops closed_ops = {
    .size = sizeof(struct wb_watch_closed),
    .offset = offsetof(struct wb_watch_closed, future),
    .poll = closed_poll,
    .drop = closed_drop,
};

void wb_watch_closed_init(struct wb_watch_closed *closed, const struct wb_watch_sender *sender) {
    assert(sender->shared != NULL);
    *closed = (struct wb_watch_closed){.shared = sender->shared};
    wb_future_init(&closed->future, &closed_ops);
}
