/* What sending and receiving share of a channel. */
#ifndef RUNTIME_SYNC_MPSC_H
#define RUNTIME_SYNC_MPSC_H

#include <stdatomic.h>

#include "runtime/sync/value.h"
#include "runtime/sync/wait_queue.h"
#include "wb/mpsc.h"

/* All below `lock` is under it. Room is `capacity - count - reserved`; while anybody waits for it
 * there is none. */
struct wb__mpsc {
    const struct wb_sys *sys;
    struct wb_value_type type;
    uint32_t capacity;
    atomic_uint references; /* ends and permits */
    struct wb__lock lock;
    struct wb__wait_queue sending;
    struct wb__wait_queue receiving;
    struct wb__wait_queue closing; /* waiting for the receiver to close */
    uint8_t *ring;
    uint32_t ring_capacity;
    uint32_t first;
    uint32_t count;
    uint32_t reserved; /* permits, and senders that were served and have not been polled since */
    uint32_t senders;
    bool is_closed;
    bool is_receiver_gone;
};

void wb__mpsc_release(struct wb__mpsc *shared);

/* Under the lock, which has been left on return: the receiver is to look again. */
static inline void wb__mpsc_tell_receiver(struct wb__mpsc *shared) {
    wb__wait_queue_wake_all(&shared->receiving, &shared->lock);
}

/* Under the lock, for room that was there and is free now: the longest waiting sender has it. */
static inline void wb__mpsc_pass_room(struct wb__mpsc *shared, struct wb__wakes *wakes) {
    struct wb__waiter *first = wb__wait_queue_first(&shared->sending);
    if (first != NULL && !shared->is_closed) {
        shared->reserved++;
        wb__waiter_serve(first, wakes);
    }
}

#endif
