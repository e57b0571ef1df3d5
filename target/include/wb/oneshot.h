/* A channel for one value: the answer of one task that another waits for.
 *
 *     struct wb_oneshot_sender sender;
 *     struct wb_oneshot_receiver receiver;
 *     wb_oneshot_new(sys, &(struct wb_value_type){.size = sizeof(int)}, &sender, &receiver);
 *     ... one task: wb_oneshot_send(&sender, &answer) ...
 *     ... another: wb_oneshot_receive_init(&self->receive, &self->receiver, &self->answer);
 *                  WB_TRY_AWAIT(&self->receive.future); ...
 *     wb_oneshot_receiver_drop(&receiver);
 *
 * Each end is given up once, the sender by sending, too. A value that nobody received is dropped
 * when the receiver is, or the sender if that is later. Ends may be moved (copied, and the original
 * forgotten); an end of zero bytes, and one given up before, is none: dropping it does nothing, any
 * other use is a mistake.
 *
 * Futures here borrow what is behind an end, not the end itself, and must be over or dropped before
 * it is given up. Dropping one that waits changes nothing else: no value is lost.
 *
 * Thread: any; each end and each future by one at a time. A future that receives counts as the
 * receiver: several of them may wait, but only one is polled or dropped, or the receiver used, at a
 * time; closing it is allowed meanwhile. Allocates: wb_oneshot_new() only. */
#ifndef WB_ONESHOT_H
#define WB_ONESHOT_H

#include <stdbool.h>

#include "wb/future.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/value.h"
#include "wb/waiter.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb__oneshot;

struct wb_oneshot_sender {
    struct wb__oneshot *shared; /* private */
};

struct wb_oneshot_receiver {
    struct wb__oneshot *shared; /* private */
};

/* Errors: WB_ERR_NO_MEMORY; WB_ERR_INVALID for a size above WB_VALUE_SIZE_MAX. Both ends are none
 * then. */
WB_API WB_MUST_USE enum wb_status wb_oneshot_new(const struct wb_sys *sys,
    const struct wb_value_type *type, struct wb_oneshot_sender *out_sender,
    struct wb_oneshot_receiver *out_receiver);

/* ---- sending ---- */

/* Gives up the sender. Never waits. Ownership: with WB_OK the value passes to the channel. Errors:
 * WB_ERR_CLOSED, the receiver was closed or dropped; the value is still the caller's. */
WB_API WB_MUST_USE enum wb_status wb_oneshot_send(
    struct wb_oneshot_sender *sender, const void *value);

/* Whether the receiver was closed or dropped, so that an answer is not wanted any more. */
WB_API bool wb_oneshot_sender_is_closed(const struct wb_oneshot_sender *sender);

/* Without a value: whoever waits for it gets WB_ERR_CLOSED. */
WB_API void wb_oneshot_sender_drop(struct wb_oneshot_sender *sender);

/* ---- receiving ---- */

/* WB_WOULD_BLOCK: not yet. Errors: WB_ERR_CLOSED, there is no value, nor will there be: the sender
 * was dropped, the value taken, or the receiver closed before it was sent. */
WB_API WB_MUST_USE enum wb_status wb_oneshot_try_receive(
    const struct wb_oneshot_receiver *receiver, void *out_value);

/* No value may come any more; one that came stays. Futures that wait are woken, those that receive,
 * in whatever task, with WB_ERR_CLOSED. Thread: also while a future that receives is polled. */
WB_API void wb_oneshot_receiver_close(struct wb_oneshot_receiver *receiver);

/* Closes, too. Aborts if a future that receives waits still. */
WB_API void wb_oneshot_receiver_drop(struct wb_oneshot_receiver *receiver);

/* Over with WB_OK, and then the value is in `out_value`; or with WB_ERR_CLOSED, as for
 * wb_oneshot_try_receive(). */
struct wb_oneshot_receive {
    struct wb_future future;
    struct wb__oneshot *shared;
    void *out_value;
    struct wb__waiter waiter;
};

WB_API void wb_oneshot_receive_init(struct wb_oneshot_receive *receive,
    const struct wb_oneshot_receiver *receiver, void *out_value);

/* Over with WB_OK when the receiver was closed or dropped. */
struct wb_oneshot_closed {
    struct wb_future future;
    struct wb__oneshot *shared;
    struct wb__waiter waiter;
};

WB_API void wb_oneshot_closed_init(
    struct wb_oneshot_closed *closed, const struct wb_oneshot_sender *sender);

#ifdef __cplusplus
}
#endif

#endif
