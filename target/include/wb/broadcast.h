/* A queue of values from any number of senders to any number of receivers, each of which gets every
 * value that is sent after it subscribed.
 *
 *     wb_broadcast_new(sys, &type, 64, &sender, &receiver);
 *     ... any thread: wb_broadcast_send(&sender, &value) ...
 *     ... a task with a receiver of its own (wb_broadcast_subscribe):
 *         wb_broadcast_receive_init(&self->receive, &self->receiver, &self->value);
 *         WB_AWAIT(&self->receive.future);
 *         switch (self->receive.future.status) ... WB_OK, WB_ERR_LIMIT: it was too slow; WB_EOF ...
 *
 * Nobody who sends waits: at its bound the channel drops its oldest value, and receivers that had
 * not got it are told how many they missed, once, before they get the oldest that is left. A value
 * is copied out (struct wb_value_type.copy), but moved to the last receiver that was to get it.
 *
 * When the last sender was dropped receivers still get what was sent, then WB_EOF.
 *
 * Ends may be moved (copied, and the original forgotten) while no future of theirs waits; an end of
 * zero bytes, and one dropped before, is none: dropping it does nothing, any other use is a
 * mistake. Futures here must be over or dropped before their end is. Dropping one that waits loses
 * nothing.
 *
 * Thread: any; each end and each future by one at a time. Allocates: wb_broadcast_new() only. Calls
 * back: values are copied, and dropped, under the lock of the channel. */
#ifndef WB_BROADCAST_H
#define WB_BROADCAST_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/value.h"
#include "wb/waiter.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WB_BROADCAST_CAPACITY_MAX 1048576u

struct wb__broadcast;

struct wb_broadcast_sender {
    struct wb__broadcast *shared; /* private */
};

struct wb_broadcast_receiver {
    struct wb__broadcast *shared; /* private */
    uint64_t next;                /* private */
    uint64_t missed; /* after WB_ERR_LIMIT: how many values it did not get since the one before */
};

/* `capacity`: how many values are kept for slow receivers, 1 to WB_BROADCAST_CAPACITY_MAX. Errors:
 * WB_ERR_INVALID for another, or a size above WB_VALUE_SIZE_MAX; WB_ERR_NO_MEMORY. Both ends are
 * none then. */
WB_API WB_MUST_USE enum wb_status wb_broadcast_new(const struct wb_sys *sys,
    const struct wb_value_type *type, uint32_t capacity, struct wb_broadcast_sender *out_sender,
    struct wb_broadcast_receiver *out_receiver);

/* ---- sending ---- */

/* Never waits. Ownership: with WB_OK the value passes to the channel. Errors: WB_ERR_CLOSED, there
 * is no receiver now; the value is still the caller's. */
WB_API WB_MUST_USE enum wb_status wb_broadcast_send(
    const struct wb_broadcast_sender *sender, const void *value);

WB_API struct wb_broadcast_sender wb_broadcast_sender_clone(
    const struct wb_broadcast_sender *sender);
WB_API void wb_broadcast_sender_drop(struct wb_broadcast_sender *sender);

/* ---- receiving ---- */

/* A receiver of what is sent from now on. */
WB_API struct wb_broadcast_receiver wb_broadcast_subscribe(
    const struct wb_broadcast_sender *sender);

/* Values that only this one was still to get are dropped. */
WB_API void wb_broadcast_receiver_drop(struct wb_broadcast_receiver *receiver);

/* The next value. WB_WOULD_BLOCK: none now. WB_EOF: none, and never again. Errors: WB_ERR_LIMIT, it
 * was too slow: see `missed`; what the copying says, and then this value is skipped. */
WB_API WB_MUST_USE enum wb_status wb_broadcast_try_receive(
    struct wb_broadcast_receiver *receiver, void *out_value);

/* Over with WB_OK, and then the next value is in `out_value`; or with WB_EOF, or an error, as
 * above. */
struct wb_broadcast_receive {
    struct wb_future future;
    struct wb_broadcast_receiver *receiver;
    void *out_value;
    struct wb__waiter waiter;
};

/* `receiver` must stay where it is until the future is over or dropped. */
WB_API void wb_broadcast_receive_init(
    struct wb_broadcast_receive *receive, struct wb_broadcast_receiver *receiver, void *out_value);

#ifdef __cplusplus
}
#endif

#endif
