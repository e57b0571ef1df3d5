/* The sending end of a channel: values, room for values, and the growing of one without bound. */
#include <assert.h>

#include "runtime/sync/mpsc.h"

/* Values of blocks of a channel without bound: each new one has twice as many as the one before,
 * since a channel that needed more may need more still. */
enum { FIRST_BLOCK = 16, LAST_BLOCK = 256 };

struct wb_mpsc_sender wb_mpsc_sender_clone(const struct wb_mpsc_sender *sender) {
    struct wb__mpsc *shared = sender->shared;
    wb_sys_interleave(shared->sys, &shared->references);
    atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    (void)wb__mpsc_enter(shared);
    shared->senders++;
    wb__mpsc_leave(shared);
    return *sender;
}

void wb_mpsc_sender_drop(struct wb_mpsc_sender *sender) {
    struct wb__mpsc *shared = sender->shared;
    if (shared == NULL) {
        return;
    }
    sender->shared = NULL;
    (void)wb__mpsc_enter(shared);
    shared->senders--;
    if (shared->senders == 0) {
        wb__mpsc_note_crowd(shared);
        wb__mpsc_close(shared, &shared->receiving);
    } else {
        wb__mpsc_leave(shared);
    }
    wb__mpsc_release(shared);
}

bool wb_mpsc_sender_is_closed(const struct wb_mpsc_sender *sender) {
    struct wb__mpsc *shared = sender->shared;
    (void)wb__mpsc_enter(shared);
    const bool is_closed = shared->is_closed;
    wb__mpsc_leave(shared);
    return is_closed;
}

/* ---- under the lock ---- */

static inline void see_head(struct wb__mpsc *shared, uint64_t head) {
    shared->freed = head / WB__MPSC_ONE_TAKEN;
}

static uint32_t more_than(const struct wb__mpsc_block *block) {
    if (block == NULL) {
        return FIRST_BLOCK;
    }
    return block->capacity < LAST_BLOCK ? block->capacity * 2 : LAST_BLOCK;
}

/* Without a capacity: values go on in a block that was used before or, if there is none, a new one.
 */
static enum wb_status add_block(struct wb__mpsc *shared) {
    struct wb__mpsc_block *block = shared->spare;
    if (block == NULL) {
        block = wb__mpsc_block_new(shared, more_than(shared->last));
        if (block == NULL) {
            return WB_ERR_NO_MEMORY;
        }
    }
    shared->spare = block->next;
    block->next = NULL;
    if (shared->last == NULL) {
        shared->first = block;
    } else {
        shared->last->next = block;
    }
    shared->last = block;
    return WB_OK;
}

/* There is room, but no place where a value may go without a look. Now there is. */
static __attribute__((noinline)) enum wb_status find_places(struct wb__mpsc *shared) {
    if (shared->to_left == 0) {
        if (shared->capacity == WB_MPSC_UNBOUNDED) {
            const enum wb_status status = add_block(shared);
            if (status != WB_OK) {
                return status;
            }
        }
        shared->to = (uint8_t *)shared->last->values;
        shared->to_left = shared->last->capacity;
    }
    const uint64_t room = wb__mpsc_room(shared);
    shared->to_quick = room < shared->to_left ? (uint32_t)room : shared->to_left;
    shared->to_left -= shared->to_quick;
    return WB_OK;
}

/* There is room. WB_OK: and a place for a value. */
static inline enum wb_status make_place(struct wb__mpsc *shared) {
    return shared->to_quick != 0 ? WB_OK : find_places(shared);
}

/* There is a place. Returns `tail`, which does not yet tell of it. */
static inline uint64_t write(struct wb__mpsc *shared, const void *value) {
    wb__value_move(&shared->type, shared->to, value);
    shared->to += shared->type.size;
    shared->to_quick--;
    return atomic_load_explicit(&shared->tail, memory_order_relaxed);
}

/* There is a place. The receiver sees all that was written before it sees that `tail` has moved. */
static inline void put(struct wb__mpsc *shared, const void *value) {
    const uint64_t tail = write(shared, value);
    atomic_store_explicit(&shared->tail, tail + WB__MPSC_ONE_SENT, memory_order_release);
}

/* The same if several futures wait for it, which may be more than can be taken out of the queue at
 * once. The lock has been left on return. */
static __attribute__((noinline)) void put_for_crowd(struct wb__mpsc *shared, const void *value) {
    wb__mpsc_note_crowd(shared);
    put(shared, value);
    wb__mpsc_tell_receiver(shared);
}

/* The same for one: it is out of the queue before it can see the value. */
static inline void put_and_wake(struct wb__mpsc *shared, const void *value) {
    if (wb__mpsc_is_crowd(shared)) {
        put_for_crowd(shared, value);
        return;
    }
    struct wb_task_waker waker = wb__waiter_take(wb__wait_queue_first(&shared->receiving));
    put(shared, value);
    wb__mpsc_leave(shared);
    wb_task_waker_fire(&waker);
}

/* There is a place. The lock has been left on return. */
static inline __attribute__((always_inline)) enum wb_status put_and_tell(
    struct wb__mpsc *shared, const void *value) {
    if (!wb__wait_queue_is_empty(&shared->receiving) && !PLANTED(UNTOLD_RECEIVER)) {
        put_and_wake(shared, value);
    } else {
        put(shared, value);
        wb__mpsc_leave(shared);
    }
    return WB_OK;
}

/* Whether there is room for one who comes now. What the receiver has freed since the senders looked
 * is of who waits for it. */
static inline enum wb_status ask(struct wb__mpsc *shared) {
    if (shared->is_closed) {
        return WB_ERR_CLOSED;
    }
    if (wb__mpsc_room(shared) != 0) {
        return WB_OK;
    }
    if (shared->capacity == WB_MPSC_UNBOUNDED) {
        return WB_ERR_NO_MEMORY;
    }
    if (wb__wait_queue_is_empty(&shared->sending)) {
        see_head(shared, atomic_load_explicit(&shared->head, memory_order_acquire));
    }
    return wb__mpsc_room(shared) != 0 ? WB_OK : WB_ERR_FULL;
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
    wb__mpsc_leave(shared);
    (void)wb__wakes_fire(&wakes);
}

/* Fills reserved room. It is none then, without memory, too. The lock has been left on return. */
static enum wb_status fill(struct wb__mpsc *shared, const void *value) {
    if (shared->is_receiver_gone) {
        give_back(shared);
        return WB_ERR_CLOSED;
    }
    shared->reserved--;
    const enum wb_status status = make_place(shared);
    if (status != WB_OK) {
        shared->reserved++;
        give_back(shared);
        return status;
    }
    return put_and_tell(shared, value);
}

/* ---- at once ---- */

/* Fills room, unless there is no place that needs no look; then the lock has not been left. There
 * is no notice: so leaving it is but to say that there is a value more. */
static inline bool fill_quickly(struct wb__mpsc *shared, const void *value) {
    if (shared->to_quick == 0) {
        return false;
    }
    const uint64_t tail = write(shared, value);
    atomic_store_explicit(
        &shared->tail, tail - WB__MPSC_LOCKED + WB__MPSC_ONE_SENT, memory_order_release);
    return true;
}

/* The same whatever is at hand. The lock has been left on return. */
static __attribute__((noinline)) enum wb_status fill_or_not(
    struct wb__mpsc *shared, const void *value) {
    enum wb_status status = ask(shared);
    status = status == WB_OK ? make_place(shared) : status;
    if (status == WB_OK) {
        return put_and_tell(shared, value);
    }
    wb__mpsc_leave(shared);
    return status;
}

enum wb_status wb_mpsc_try_send(const struct wb_mpsc_sender *sender, const void *value) {
    struct wb__mpsc *shared = sender->shared;
    if (wb__mpsc_enter(shared) && fill_quickly(shared, value)) {
        return WB_OK;
    }
    return fill_or_not(shared, value);
}

/* Under the lock, which has been left on return: with WB_OK the room is the permit's. */
static enum wb_status give(
    struct wb__mpsc *shared, enum wb_status status, struct wb_mpsc_permit *permit) {
    if (status == WB_OK) {
        permit->shared = shared;
        atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
    }
    wb__mpsc_leave(shared);
    return status;
}

static enum wb_status reserve_at_once(struct wb__mpsc *shared, struct wb_mpsc_permit *out_permit) {
    (void)wb__mpsc_enter(shared);
    const enum wb_status status = ask(shared);
    if (status == WB_OK) {
        wb__mpsc_reserve(shared);
    }
    return give(shared, status, out_permit);
}

enum wb_status wb_mpsc_try_reserve(
    const struct wb_mpsc_sender *sender, struct wb_mpsc_permit *out_permit) {
    return reserve_at_once(sender->shared, out_permit);
}

enum wb_status wb_mpsc_permit_send(struct wb_mpsc_permit *permit, const void *value) {
    struct wb__mpsc *shared = permit->shared;
    assert(shared != NULL);
    permit->shared = NULL;
    (void)wb__mpsc_enter(shared);
    const enum wb_status status = fill(shared, value);
    wb__mpsc_release(shared);
    return status;
}

void wb_mpsc_permit_drop(struct wb_mpsc_permit *permit) {
    struct wb__mpsc *shared = permit->shared;
    if (shared != NULL) {
        permit->shared = NULL;
        (void)wb__mpsc_enter(shared);
        give_back(shared);
        wb__mpsc_release(shared);
    }
}

/* ---- waiting for room ---- */

/* Under the lock, of one who was told that there is no room, or waits. WB_OK: room is reserved for
 * it now. WB_ERR_FULL: the receiver knows that somebody waits. */
static enum wb_status look_again(struct wb__mpsc *shared, const struct wb__waiter *waiter) {
    if (waiter->is_served) {
        return WB_OK;
    }
    if (shared->is_closed) {
        return WB_ERR_CLOSED;
    }
    if (!wb__wait_queue_is_empty(&shared->sending)) {
        return WB_ERR_FULL;
    }
    const uint64_t head =
        atomic_fetch_or_explicit(&shared->head, WB__MPSC_AWAITED, memory_order_acquire);
    if (!PLANTED(UNSEEN_ROOM)) {
        see_head(shared, head);
    }
    if (wb__mpsc_room(shared) == 0) {
        return WB_ERR_FULL;
    }
    wb__mpsc_reserve(shared);
    return WB_OK;
}

/* The drop of one that may wait for room, or have it and not know it yet. */
static __attribute__((noinline)) void leave(struct wb__mpsc *shared, struct wb__waiter *waiter) {
    (void)wb__mpsc_enter(shared);
    const bool has_room = waiter->is_served;
    struct wb_task_waker waker = wb__waiter_leave(waiter);
    if (has_room && !PLANTED(KEPT_SLOT)) {
        give_back(shared);
    } else {
        wb__mpsc_leave(shared);
    }
    wb_task_waker_drop(&waker);
}

/* Its own waker is cloned before the lock is taken, as a clone may be a point where threads take
 * turns. */
static __attribute__((noinline)) enum wb_status wait_and_fill(
    struct wb_mpsc_send *send, struct wb_context *context) {
    struct wb__mpsc *shared = send->shared;
    struct wb_task_waker waker = wb_task_waker_clone(context->waker);
    (void)wb__mpsc_enter(shared);
    enum wb_status status = look_again(shared, &send->waiter);
    struct wb_task_waker replaced =
        wb__waiter_settle_with(&shared->sending, &send->waiter, &waker, status == WB_ERR_FULL);
    if (status == WB_OK) {
        status = fill(shared, send->value);
    } else {
        wb__mpsc_leave(shared);
    }
    wb_task_waker_drop(&replaced);
    wb_task_waker_drop(&waker);
    return status;
}

static enum wb_progress send_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_mpsc_send *send = WB_FUTURE_OF(future, struct wb_mpsc_send, future);
    if (wb__waiter_pay(&send->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    struct wb__mpsc *shared = send->shared;
    enum wb_status status = WB_ERR_FULL;
    if (!send->waiter.is_waiting) {
        if (wb__mpsc_enter(shared) && fill_quickly(shared, send->value)) {
            return wb_future_end(future, WB_OK);
        }
        status = fill_or_not(shared, send->value);
    }
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

static enum wb_status wait_and_reserve(
    struct wb_mpsc_reserve *reserve, struct wb_context *context) {
    struct wb__mpsc *shared = reserve->shared;
    struct wb_task_waker waker = wb_task_waker_clone(context->waker);
    (void)wb__mpsc_enter(shared);
    enum wb_status status = look_again(shared, &reserve->waiter);
    struct wb_task_waker replaced =
        wb__waiter_settle_with(&shared->sending, &reserve->waiter, &waker, status == WB_ERR_FULL);
    status = give(shared, status, &reserve->permit);
    wb_task_waker_drop(&replaced);
    wb_task_waker_drop(&waker);
    return status;
}

static enum wb_progress reserve_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_mpsc_reserve *reserve = WB_FUTURE_OF(future, struct wb_mpsc_reserve, future);
    struct wb__mpsc *shared = reserve->shared;
    if (wb__waiter_pay(&reserve->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    enum wb_status status = WB_ERR_FULL;
    if (!reserve->waiter.is_waiting) {
        status = reserve_at_once(shared, &reserve->permit);
    }
    if (status == WB_ERR_FULL) {
        status = wait_and_reserve(reserve, context);
    }
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
    struct wb_task_waker waker = wb_task_waker_clone(context->waker);
    (void)wb__mpsc_enter(shared);
    const bool is_closed = shared->is_closed;
    struct wb_task_waker replaced =
        wb__waiter_settle_with(&shared->closing, &closed->waiter, &waker, !is_closed);
    wb__mpsc_leave(shared);
    wb_task_waker_drop(&replaced);
    wb_task_waker_drop(&waker);
    return is_closed ? wb_future_end(future, WB_OK) : WB_PENDING;
}

static void closed_drop(struct wb_future *future) {
    struct wb_mpsc_closed *closed = WB_FUTURE_OF(future, struct wb_mpsc_closed, future);
    wb__mpsc_give_up(closed->shared, &closed->waiter);
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
