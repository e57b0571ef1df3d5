/* A queue of messages as something a poll can wait for: any number of threads send, one receives.
 *
 *     struct wb_receiver receiver;
 *     struct wb_sender sender;
 *     wb_channel_open(sys, NULL, &receiver, &sender);
 *     wb_registry_register(registry, wb_receiver_source(&receiver), token, WB_INTEREST_READABLE,
 *         WB_TRIGGER_EDGE);
 *     ... another thread: wb_sender_send(&sender, message) ...
 *     ... when the token is reported: while (wb_receiver_receive(&receiver, &message) == WB_OK) ...
 *
 * To a poll the receiving end is like the reading end of a pipe. It is readable while messages wait
 * and, for ever, once the last sender is gone. With WB_TRIGGER_EDGE it is reported when the first
 * message comes into the empty queue, when the last sender goes, and when it is registered or
 * reregistered while readable; so go on until WB_WOULD_BLOCK or WB_EOF. It is never writable, nor
 * anything else: other interests are accepted and ask for nothing. */
#ifndef WB_CHANNEL_H
#define WB_CHANNEL_H

#include <stdint.h>

#include "wb/sender.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A channel that grows with what it holds, up to 2,147,483,648 messages. */
#define WB_CHANNEL_UNBOUNDED UINT32_MAX

/* All zero means the defaults. */
struct wb_channel_config {
    uint32_t capacity; /* messages that may wait; 0: 4,096. At most 1,048,576, or
                          WB_CHANNEL_UNBOUNDED */
    void (*drop_message)(void *message, void *user_data); /* ends a message that nobody received,
                                                             exactly once; NULL: nothing to do */
    void *drop_user_data;
};

/* The receiving end. It may be moved (copied, and the original forgotten) at any time. The fields
 * are its own. Thread: one at a time. */
struct wb_receiver {
    struct wb_source source;
    struct wb_fd_source bell;
    struct wb_mailbox *mailbox;
};

/* A channel with one sender, which wb_sender_clone() makes more. `config` may be NULL. Errors:
 * WB_ERR_INVALID for another capacity, WB_ERR_NO_MEMORY, WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT;
 * both are then as after their end. Allocates: one with a bound all it will ever need. Ownership:
 * end them, in any order, with wb_receiver_close() and wb_sender_clean_up(). */
WB_API WB_MUST_USE enum wb_status wb_channel_open(const struct wb_sys *sys,
    const struct wb_channel_config *config, struct wb_receiver *out_receiver,
    struct wb_sender *out_sender);

/* To register it; valid while the receiver stays where it is. */
static inline struct wb_source *wb_receiver_source(struct wb_receiver *receiver) {
    return &receiver->source;
}

/* Takes the oldest message. WB_WOULD_BLOCK if none waits; WB_EOF if none does nor ever will, since
 * the last sender is gone. Ownership: of the message passes to the caller. */
WB_API WB_MUST_USE enum wb_status wb_receiver_receive(
    struct wb_receiver *receiver, void **out_message);

/* Deregisters if need be; messages that wait are dropped, senders find it closed, no later wait
 * reports it. A receiver of zero bytes, or one closed before, is allowed. Calls back: drop_message.
 */
WB_API void wb_receiver_close(struct wb_receiver *receiver);

#ifdef __cplusplus
}
#endif

#endif
