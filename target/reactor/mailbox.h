/* The bounded queue through which other threads speak to an event loop. It is shared by the loop
 * and its senders and outlives whichever ends first. */
#ifndef WB_REACTOR_MAILBOX_H
#define WB_REACTOR_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wb/status.h"
#include "wb/sys.h"
#include "wb/waker.h"

struct wb_mailbox {
    const struct wb_sys *sys;
    uint32_t capacity;
    atomic_uint references;
    atomic_uint count; /* written under the lock; the loop looks at it without */
    struct wb_mutex lock;
    struct {             /* under the lock */
        void **messages; /* ring */
        uint32_t head;   /* of the oldest */
        bool is_closed;
        struct wb_waker waker; /* of the loop; cleaned up when closed */
    } shared;
};

/* With one reference, the loop's, and a waker of the registry under `token`. Errors: as
 * wb_waker_init(). */
WB_MUST_USE enum wb_status wb__mailbox_new(const struct wb_sys *sys,
    const struct wb_registry *registry, uint64_t token, uint32_t capacity,
    struct wb_mailbox **out_mailbox);

void wb__mailbox_acquire(struct wb_mailbox *mailbox);
void wb__mailbox_release(struct wb_mailbox *mailbox);

/* Errors: WB_ERR_FULL, WB_ERR_CLOSED, those of waking; the message was not taken. */
WB_MUST_USE enum wb_status wb__mailbox_push(struct wb_mailbox *mailbox, void *message);

/* Takes the oldest messages, at most `count`; returns how many. */
uint32_t wb__mailbox_take(struct wb_mailbox *mailbox, void **out_messages, uint32_t count);

/* No message enters any more. Those that are queued are left to be taken. */
void wb__mailbox_close(struct wb_mailbox *mailbox);

/* A message counted here was sent before, or its waking is still to be reported. */
static inline uint32_t wb__mailbox_count(struct wb_mailbox *mailbox) {
    return atomic_load_explicit(&mailbox->count, memory_order_acquire);
}

#endif
