/* A channel's life, and its receiving end. */
#include "runtime/sync/mpsc.h"

#include <assert.h>

static bool is_valid(const struct wb_value_type *type, uint32_t capacity) {
    return type->size <= WB_VALUE_SIZE_MAX && capacity != 0
           && (capacity <= WB_MPSC_CAPACITY_MAX || capacity == WB_MPSC_UNBOUNDED);
}

static size_t size_of_block(const struct wb__mpsc *shared, uint32_t capacity) {
    return sizeof(struct wb__mpsc_block) + shared->type.size * capacity;
}

struct wb__mpsc_block *wb__mpsc_block_new(const struct wb__mpsc *shared, uint32_t capacity) {
    struct wb__mpsc_block *block = WB_SYS(shared->sys, alloc, size_of_block(shared, capacity));
    if (block != NULL) {
        block->next = NULL;
        block->capacity = capacity;
    }
    return block;
}

/* With a capacity: the one block, in which both sides go round. */
static enum wb_status set_up(struct wb__mpsc *shared) {
    if (shared->capacity != WB_MPSC_UNBOUNDED) {
        shared->first = wb__mpsc_block_new(shared, shared->capacity);
        if (shared->first == NULL) {
            return WB_ERR_NO_MEMORY;
        }
        shared->last = shared->first;
        shared->block = shared->first;
    }
    return WB_OK;
}

static void free_blocks(const struct wb__mpsc *shared, struct wb__mpsc_block *block) {
    while (block != NULL) {
        struct wb__mpsc_block *next = block->next;
        WB_SYS(shared->sys, free, block, size_of_block(shared, block->capacity));
        block = next;
    }
}

static void destroy(struct wb__mpsc *shared) {
    free_blocks(shared, shared->block != NULL ? shared->block : shared->first);
    free_blocks(shared, shared->spare);
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
    atomic_init(&shared->tail, 0);
    atomic_init(&shared->head, 0);
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

/* ---- the lock ---- */

/* Looks at a lock that is taken; then whoever has it may have been interrupted. */
enum { SPINS = 64 };

uint64_t wb__mpsc_enter_locked(struct wb__mpsc *shared) {
    for (unsigned looks = 1;; looks++) {
        uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_relaxed);
        if ((tail & WB__MPSC_LOCKED) == 0) {
            if (atomic_compare_exchange_strong_explicit(&shared->tail, &tail,
                    tail | WB__MPSC_LOCKED, memory_order_acquire, memory_order_relaxed)) {
                return tail;
            }
        } else if (looks % SPINS == 0) {
            wb__lock_give_way(shared->sys);
        } else {
            wb__relax();
        }
    }
}

void wb__mpsc_wake_all(struct wb__mpsc *shared, struct wb__wait_queue *queue) {
    struct wb__wait_queue woken; /* a waiter that goes meanwhile leaves it like any queue */
    struct wb__wakes wakes;
    wb__wakes_init(&wakes);
    wb__wait_queue_init(&woken);
    wb__wait_queue_append(&woken, queue);
    while (wb__wakes_take(&wakes, &woken)) {
        wb__mpsc_leave(shared);
        (void)wb__wakes_fire(&wakes);
        (void)wb__mpsc_enter(shared);
    }
    wb__mpsc_leave(shared);
    (void)wb__wakes_fire(&wakes);
}

void wb__mpsc_stop(struct wb__mpsc *shared, struct wb__waiter *waiter) {
    (void)wb__mpsc_enter(shared);
    struct wb_task_waker waker = wb__waiter_leave(waiter);
    wb__mpsc_leave(shared);
    wb_task_waker_drop(&waker);
}

/* ---- taking, without the lock ---- */

static uint64_t taken(const struct wb__mpsc *shared) {
    return shared->from_until - shared->from_quick;
}

/* Without a capacity: what was sent lies in the next block, or in the first. The one before may be
 * used again, and its room counts as free. */
static __attribute__((noinline)) void leave_block(struct wb__mpsc *shared) {
    struct wb__mpsc_block *emptied = shared->block;
    shared->block = emptied == NULL ? shared->first : emptied->next;
    if (emptied != NULL) {
        (void)wb__mpsc_enter(shared);
        emptied->next = shared->spare;
        shared->spare = emptied;
        shared->freed = taken(shared);
        wb__mpsc_leave(shared);
    }
}

/* More were sent than may be taken without a look; now some may. */
static inline void see_sent(struct wb__mpsc *shared, uint64_t sent) {
    if (shared->from_left == 0) {
        if (shared->capacity == WB_MPSC_UNBOUNDED) {
            leave_block(shared);
        }
        shared->from = (uint8_t *)shared->block->values;
        shared->from_left = shared->block->capacity;
    }
    const uint64_t there = sent - shared->from_until;
    shared->from_quick = there < shared->from_left ? (uint32_t)there : shared->from_left;
    shared->from_left -= shared->from_quick;
    shared->from_until += shared->from_quick;
}

static __attribute__((noinline)) bool look(struct wb__mpsc *shared) {
    wb_sys_interleave(shared->sys, &shared->tail);
    const uint64_t sent = wb__mpsc_sent(shared);
    if (sent == shared->from_until) {
        return false;
    }
    see_sent(shared, sent);
    return true;
}

/* Whether there is a value that was not taken. */
static inline bool has_value(struct wb__mpsc *shared) {
    return shared->from_quick != 0 || look(shared);
}

static inline void forget_oldest(struct wb__mpsc *shared) {
    shared->from += shared->type.size;
    shared->from_quick--;
}

/* `head` has moved, and was marked: the room is of who waits, if somebody still does. */
static __attribute__((noinline)) void hand_room_on(struct wb__mpsc *shared) {
    struct wb__wakes wakes;
    wb__wakes_init(&wakes);
    (void)wb__mpsc_enter(shared);
    shared->freed = taken(shared);
    if (wb__mpsc_room(shared) != 0) {
        wb__mpsc_pass_room(shared, &wakes);
    }
    if (wb__wait_queue_is_empty(&shared->sending)) {
        atomic_fetch_and_explicit(&shared->head, ~WB__MPSC_AWAITED, memory_order_relaxed);
    }
    wb__mpsc_leave(shared);
    (void)wb__wakes_fire(&wakes);
}

/* One was taken, so that its place may be written to. */
static inline void free_room(struct wb__mpsc *shared) {
    wb_sys_interleave(shared->sys, &shared->head);
    const uint64_t before =
        atomic_fetch_add_explicit(&shared->head, WB__MPSC_ONE_TAKEN, memory_order_release);
    if ((before & WB__MPSC_AWAITED) != 0 && !PLANTED(KEPT_ROOM)) {
        hand_room_on(shared);
    }
}

/* There is one. */
static inline void take(struct wb__mpsc *shared, void *out_value) {
    wb__value_move(&shared->type, out_value, shared->from);
    forget_oldest(shared);
    if (shared->capacity != WB_MPSC_UNBOUNDED) {
        free_room(shared);
    }
}

/* ---- receiving ---- */

/* Under the lock: nothing will be sent any more. */
static bool is_over(const struct wb__mpsc *shared) {
    return shared->reserved == 0 && (shared->is_closed || shared->senders == 0);
}

/* Under the lock, for who found nothing without it. WB_OK: there is something now. */
static enum wb_status look_again(const struct wb__mpsc *shared) {
    if (wb__mpsc_sent(shared) != shared->from_until && !PLANTED(UNSEEN_VALUE)) {
        return WB_OK;
    }
    return is_over(shared) ? WB_EOF : WB_WOULD_BLOCK;
}

/* What the receiver was told when it looked again. */
static enum wb_status take_if(struct wb__mpsc *shared, enum wb_status status, void *out_value) {
    if (status == WB_OK) {
        see_sent(shared, wb__mpsc_sent(shared));
        take(shared, out_value);
    }
    return status;
}

enum wb_status wb_mpsc_try_receive(const struct wb_mpsc_receiver *receiver, void *out_value) {
    struct wb__mpsc *shared = receiver->shared;
    if (has_value(shared)) {
        take(shared, out_value);
        return WB_OK;
    }
    (void)wb__mpsc_enter(shared);
    const enum wb_status status = look_again(shared);
    wb__mpsc_leave(shared);
    return take_if(shared, status, out_value);
}

uint32_t wb_mpsc_receiver_len(const struct wb_mpsc_receiver *receiver) {
    const struct wb__mpsc *shared = receiver->shared;
    wb_sys_interleave(shared->sys, &shared->tail);
    return (uint32_t)(wb__mpsc_sent(shared) - taken(shared));
}

/* Closed, under the lock, which has been left on return: a future that receives may wait elsewhere.
 * While room is reserved it goes on waiting; who gives back the last of it tells it. */
static void tell_end(struct wb__mpsc *shared) {
    if (is_over(shared)) {
        wb__mpsc_note_crowd(shared);
        wb__mpsc_close(shared, &shared->receiving);
    } else {
        wb__mpsc_leave(shared);
    }
}

static void close_end(struct wb__mpsc *shared, bool is_dropped) {
    (void)wb__mpsc_enter(shared);
    assert((!is_dropped || wb__wait_queue_is_empty(&shared->receiving))
           && "a receiver goes while a future waits with it");
    shared->is_closed = true;
    wb__mpsc_close(shared, &shared->sending);
    (void)wb__mpsc_enter(shared);
    wb__mpsc_close(shared, &shared->closing);
    (void)wb__mpsc_enter(shared);
    tell_end(shared);
}

void wb_mpsc_receiver_close(struct wb_mpsc_receiver *receiver) {
    close_end(receiver->shared, false);
}

void wb_mpsc_receiver_drop(struct wb_mpsc_receiver *receiver) {
    struct wb__mpsc *shared = receiver->shared;
    if (shared == NULL) {
        return;
    }
    close_end(shared, true);
    receiver->shared = NULL;
    (void)wb__mpsc_enter(shared);
    shared->is_receiver_gone = true; /* from here on nobody sends */
    wb__mpsc_leave(shared);
    while (has_value(shared)) {
        wb__value_drop(&shared->type, shared->type.size == 0 ? NULL : shared->from);
        forget_oldest(shared);
    }
    wb__mpsc_release(shared);
}

/* Not inlined: who need not wait saves no registers for it. */
static __attribute__((noinline)) enum wb_progress receive_or_wait(
    struct wb_mpsc_receive *receive, const struct wb_context *context) {
    struct wb__mpsc *shared = receive->shared;
    struct wb_task_waker waker = wb_task_waker_clone(context->waker);
    (void)wb__mpsc_enter(shared);
    const enum wb_status status = look_again(shared);
    struct wb_task_waker replaced = wb__waiter_settle_with(
        &shared->receiving, &receive->waiter, &waker, status == WB_WOULD_BLOCK);
    wb__mpsc_leave(shared);
    wb_task_waker_drop(&replaced);
    wb_task_waker_drop(&waker);
    if (status == WB_WOULD_BLOCK) {
        return WB_PENDING;
    }
    return wb_future_end(&receive->future, take_if(shared, status, receive->out_value));
}

/* There is a value. If this one waited it is in no queue since, but in a crowd it may be. */
static inline void stop_waiting(struct wb_mpsc_receive *receive) {
    if (receive->waiter.is_waiting) {
        if (receive->shared->is_crowded) {
            wb__mpsc_give_up(receive->shared, &receive->waiter);
        }
        receive->waiter.is_waiting = false;
    }
}

static enum wb_progress receive_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_mpsc_receive *receive = WB_FUTURE_OF(future, struct wb_mpsc_receive, future);
    struct wb__mpsc *shared = receive->shared;
    if (wb__waiter_pay(&receive->waiter, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (!has_value(shared)) {
        return receive_or_wait(receive, context);
    }
    stop_waiting(receive);
    take(shared, receive->out_value);
    return wb_future_end(future, WB_OK);
}

static void receive_drop(struct wb_future *future) {
    struct wb_mpsc_receive *receive = WB_FUTURE_OF(future, struct wb_mpsc_receive, future);
    wb__mpsc_give_up(receive->shared, &receive->waiter);
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
