/* The sending end of a queue of messages: that of an event loop (wb/event_loop.h) or of a channel
 * (wb/channel.h).
 *
 * A message is any pointer, NULL too; it is not looked at. Thread: any, for every function here. */
#ifndef WB_SENDER_H
#define WB_SENDER_H

#include "wb/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_mailbox;

/* A handle. It may outlive the receiving end, and may be moved (copied, and the original forgotten)
 * at any time. */
struct wb_sender {
    struct wb_mailbox *mailbox; /* private */
};

/* Another handle to the same queue. Ownership: end it with wb_sender_clean_up(). */
WB_API struct wb_sender wb_sender_clone(const struct wb_sender *sender);

/* Messages that were sent stay. A sender of zero bytes, or one cleaned up before, is allowed. */
WB_API void wb_sender_clean_up(struct wb_sender *sender);

/* Queues a message and wakes the receiving end, also if that is not waiting. Messages of one thread
 * arrive in the order in which they were sent. Never waits for room. Callbacks of an event loop may
 * send to it, too. Errors: WB_ERR_FULL if as many messages wait as may; WB_ERR_CLOSED if the
 * receiving end is gone; WB_ERR_NO_MEMORY, only for a channel without bound; WB_ERR_OS or that of
 * the system if waking failed. The message is then still the caller's. Ownership: with WB_OK the
 * message passes to the queue. Allocates: only for a channel without bound. */
WB_API WB_MUST_USE enum wb_status wb_sender_send(const struct wb_sender *sender, void *message);

#ifdef __cplusplus
}
#endif

#endif
