/* What sending and receiving share of a channel.
 *
 * `tail` says how many values were sent, and whether somebody has the channel to itself (LOCKED):
 * who sends, or is about to wait, or closes. That is a lock without a line of those who wait for
 * it: so taking it is one atomic operation, and leaving it, with one value more, a mere store. It
 * is held for some instructions, and in them nobody waits; but without a capacity a sender may
 * allocate a block meanwhile.
 *
 * The receiver takes values without it, but for a block that it has emptied. It owns what it has
 * yet to take, looks at `tail` to learn of more, and gives room back by moving `head`. Whether an
 * empty channel is at its end it asks under the lock. Two who wait must not be missed:
 * - The receiver waits under the lock, having looked at `tail` once more, and leaves NOTICE there.
 *   Who sends takes it out of its queue before the value can be seen; so a future that sees one is
 *   in no queue, and need not take the lock to know that.
 * - A sender that finds no room marks `head`, and looks in the same operation where it is. Who
 * moves a marked one takes the lock and hands the room to the first who waits. */
#ifndef RUNTIME_SYNC_MPSC_H
#define RUNTIME_SYNC_MPSC_H

#include <stdatomic.h>

#include "runtime/sync/value.h"
#include "runtime/sync/wait_queue.h"
#include "wb/mpsc.h"

/* Bytes that lie apart are in different lines of the processor's cache. */
enum { WB__MPSC_APART = 64 };

/* In `tail`, beside the number: somebody has the lock; a sender has more to do than to send, since
 * futures receive or the channel is closed. */
#define WB__MPSC_LOCKED UINT64_C(1)
#define WB__MPSC_NOTICE UINT64_C(2)
#define WB__MPSC_ONE_SENT UINT64_C(4)

/* In `head`, beside the number: senders wait, or did when it was last seen under the lock. */
#define WB__MPSC_AWAITED UINT64_C(1)
#define WB__MPSC_ONE_TAKEN UINT64_C(2)

/* Values of a channel. One with a capacity has one block, in which both sides go round; others have
 * a chain, in which the receiver is behind the senders. */
struct wb__mpsc_block {
    struct wb__mpsc_block *next; /* of the last one NULL, until there is more to come */
    uint32_t capacity;
    max_align_t values[];
};

struct wb__mpsc {
    const struct wb_sys *sys;
    struct wb_value_type type;
    uint32_t capacity;
    atomic_uint references; /* ends and permits */
    uint8_t apart[WB__MPSC_APART];

    _Atomic uint64_t tail; /* values that were ever sent, and two bits */

    /* Under the lock. Room is `capacity - (tail - freed) - reserved`; while anybody waits for it
     * there is none. */
    uint64_t freed;    /* the number in `head` when a sender last looked */
    uint8_t *to;       /* where the next value goes */
    uint32_t to_quick; /* how many may go there without a look at anything else, */
    uint32_t to_left;  /* ... and how many more the block has then */
    uint32_t reserved; /* permits, and senders that were served and have not been polled since */
    uint32_t senders;
    struct wb__wait_queue sending;
    struct wb__wait_queue receiving;
    struct wb__wait_queue closing; /* waiting for the receiver to close */
    struct wb__mpsc_block *first;  /* of all blocks */
    struct wb__mpsc_block *last;
    struct wb__mpsc_block *spare; /* a chain of those that the receiver has emptied */
    bool is_closed;
    bool is_receiver_gone;
    bool is_crowded; /* once several futures waited to receive; see wb__mpsc_note_crowd() */
    uint8_t apart_again[WB__MPSC_APART];

    /* The receiver's own, but for `head`. */
    _Atomic uint64_t head; /* values whose room is free again, and WB__MPSC_AWAITED; 0 without a
                              capacity, where nobody waits for room */
    uint8_t *from;         /* where the next value lies */
    uint32_t from_quick;   /* how many may be taken from there without a look at anything else, */
    uint32_t from_left;    /* ... and for how many more the block has places then */
    uint64_t from_until;   /* values that will be taken then */
    struct wb__mpsc_block *block; /* of those; NULL before the first */
};

void wb__mpsc_release(struct wb__mpsc *shared);

/* ---- the lock ---- */

/* Returns what `tail` said, but LOCKED. */
uint64_t wb__mpsc_enter_locked(struct wb__mpsc *shared);

/* True: there is no notice. */
static inline bool wb__mpsc_enter(struct wb__mpsc *shared) {
    wb_sys_interleave(shared->sys, &shared->tail);
    uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_relaxed);
    if ((tail & WB__MPSC_LOCKED) != 0
        || !atomic_compare_exchange_strong_explicit(&shared->tail, &tail, tail | WB__MPSC_LOCKED,
            memory_order_acquire, memory_order_relaxed)) {
        tail = wb__mpsc_enter_locked(shared);
    }
    return (tail & WB__MPSC_NOTICE) == 0;
}

static inline void wb__mpsc_leave(struct wb__mpsc *shared) {
    const uint64_t tail = atomic_load_explicit(&shared->tail, memory_order_relaxed);
    const bool has_notice = shared->is_closed || !wb__wait_queue_is_empty(&shared->receiving);
    atomic_store_explicit(&shared->tail,
        (tail & ~(WB__MPSC_LOCKED | WB__MPSC_NOTICE)) | (has_notice ? WB__MPSC_NOTICE : 0),
        memory_order_release);
}

/* The lock is held, and has been left on return: whoever is in the queue now is to look again. */
void wb__mpsc_wake_all(struct wb__mpsc *shared, struct wb__wait_queue *queue);

/* The same when something was closed. */
static inline void wb__mpsc_close(struct wb__mpsc *shared, struct wb__wait_queue *queue) {
    if (PLANTED(QUIET_CLOSE)) {
        wb__mpsc_leave(shared);
    } else {
        wb__mpsc_wake_all(shared, queue);
    }
}

/* For futures, without the lock: it waits no longer. Costs nothing if it did not. */
void wb__mpsc_stop(struct wb__mpsc *shared, struct wb__waiter *waiter);
static inline void wb__mpsc_give_up(struct wb__mpsc *shared, struct wb__waiter *waiter) {
    if (waiter->is_waiting) {
        wb__mpsc_stop(shared, waiter);
    }
}

/* Values that were ever sent. */
static inline uint64_t wb__mpsc_sent(const struct wb__mpsc *shared) {
    return atomic_load_explicit(&shared->tail, memory_order_acquire) / WB__MPSC_ONE_SENT;
}

/* ---- the rest ---- */

/* NULL: no memory. */
struct wb__mpsc_block *wb__mpsc_block_new(const struct wb__mpsc *shared, uint32_t capacity);

/* Under the lock: several futures wait. */
static inline bool wb__mpsc_is_crowd(const struct wb__mpsc *shared) {
    return shared->receiving.ends.next != shared->receiving.ends.prev;
}

/* Under the lock, before futures that receive are woken: if there are several, some of them may be
 * in a queue still when there is a value. It is written once, when no value can be seen by one that
 * waits, and never taken back; so whoever sees a value may read it without the lock. */
static inline void wb__mpsc_note_crowd(struct wb__mpsc *shared) {
    if (!shared->is_crowded && wb__mpsc_is_crowd(shared)) {
        shared->is_crowded = true;
    }
}

/* Under the lock, which has been left on return: the receiver is to look again. */
static inline void wb__mpsc_tell_receiver(struct wb__mpsc *shared) {
    wb__mpsc_note_crowd(shared);
    wb__mpsc_wake_all(shared, &shared->receiving);
}

/* Under the lock: there is room, of which one is for somebody to come. */
static inline void wb__mpsc_reserve(struct wb__mpsc *shared) {
    shared->to_left += shared->to_quick;
    shared->to_quick = 0;
    shared->reserved++;
}

/* Under the lock, for room that was there and is free now: the longest waiting sender has it. */
static inline void wb__mpsc_pass_room(struct wb__mpsc *shared, struct wb__wakes *wakes) {
    struct wb__waiter *first = wb__wait_queue_first(&shared->sending);
    if (first != NULL && !shared->is_closed) {
        wb__mpsc_reserve(shared);
        wb__waiter_serve(first, wakes);
    }
}

/* Under the lock: how many may be sent or reserved, as far as the senders know. */
static inline uint64_t wb__mpsc_room(const struct wb__mpsc *shared) {
    return shared->capacity - (wb__mpsc_sent(shared) - shared->freed) - shared->reserved;
}

#endif
