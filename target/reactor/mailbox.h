/* The queue behind an event loop's messages and behind a channel. It is shared by the receiving end
 * and the senders, and outlives whichever ends first.
 *
 * It rings a bell (event_fd.h), that the receiving end opened and closes, when something comes that
 * one who found nothing must not miss: the first message of an empty queue and, in a channel, the
 * end of the last sender. An event loop never waits while messages are queued, and watches the
 * edges of the bell; so its bell is left ringing. That of a channel rings exactly as long as there
 * is something to receive, for those who watch the level. */
#ifndef WB_REACTOR_MAILBOX_H
#define WB_REACTOR_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wb/sender.h"
#include "wb/status.h"
#include "wb/sys.h"

/* Bounds of the capacity: of a queue whose room is taken at birth, and of one that grows. */
#define WB__MAILBOX_CAPACITY_MAX (UINT32_C(1) << 20)
#define WB__MAILBOX_GROWN_MAX (UINT32_C(1) << 31)

struct wb__mailbox_config {
    uint32_t capacity; /* at birth */
    uint32_t capacity_max;
    bool is_channel;
    int bell_fd;
    void (*drop_message)(void *message, void *user_data); /* may be NULL */
    void *drop_user_data;
};

struct wb_mailbox {
    const struct wb_sys *sys;
    struct wb__mailbox_config config;
    atomic_uint references;
    atomic_uint count; /* written under the lock; the loop looks at it without */
    struct wb_mutex lock;
    struct {             /* under the lock */
        void **messages; /* ring */
        uint32_t capacity;
        uint32_t head; /* of the oldest */
        uint32_t senders;
        bool is_closed; /* the bell may be gone */
        bool is_ringing;
    } shared;
};

/* With one reference, the receiving end's. Errors: WB_ERR_NO_MEMORY. */
WB_MUST_USE enum wb_status wb__mailbox_new(const struct wb_sys *sys,
    const struct wb__mailbox_config *config, struct wb_mailbox **out_mailbox);

/* The receiving end is gone: no message enters any more, the bell is not touched any more, what is
 * queued is dropped, its reference is given back. NULL is allowed. */
void wb__mailbox_close(struct wb_mailbox *mailbox);

/* Another sender, with a reference. */
struct wb_sender wb__mailbox_sender(struct wb_mailbox *mailbox);
void wb__mailbox_sender_ended(struct wb_mailbox *mailbox);

/* As wb_sender_send(). */
WB_MUST_USE enum wb_status wb__mailbox_push(struct wb_mailbox *mailbox, void *message);

/* Takes the oldest messages, at most `count`; returns how many. */
uint32_t wb__mailbox_take(struct wb_mailbox *mailbox, void **out_messages, uint32_t count);

/* Takes the oldest message. WB_WOULD_BLOCK: there is none; WB_EOF: and there are no senders. */
WB_MUST_USE enum wb_status wb__mailbox_receive(struct wb_mailbox *mailbox, void **out_message);

/* A message counted here was sent before, or its waking is still to be reported. */
static inline uint32_t wb__mailbox_count(struct wb_mailbox *mailbox) {
    wb_sys_interleave(mailbox->sys, &mailbox->count);
    return atomic_load_explicit(&mailbox->count, memory_order_acquire);
}

#endif
