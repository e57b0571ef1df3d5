/* A queue of values from any number of senders to one receiver, for tasks.
 *
 *     struct wb_mpsc_sender sender;
 *     struct wb_mpsc_receiver receiver;
 *     wb_mpsc_new(sys, &(struct wb_value_type){.size = sizeof(struct job)}, 64, &sender,
 * &receiver);
 *     ... a task with a sender of its own (wb_mpsc_sender_clone):
 *         wb_mpsc_send_init(&self->send, &self->sender, &self->job);
 *         WB_TRY_AWAIT(&self->send.future);
 *     ... the task with the receiver:
 *         wb_mpsc_receive_init(&self->receive, &self->receiver, &self->job);
 *         WB_AWAIT(&self->receive.future);
 *         if (self->receive.future.status == WB_EOF) ...
 *     wb_mpsc_sender_drop(&sender); // each
 *     wb_mpsc_receiver_drop(&receiver);
 *
 * (Who receives in a poll, not in a task, takes wb/channel.h.)
 *
 * Order: values that one sender sent one after the other arrive so. Bound: with a capacity, who
 * finds the channel full waits for room, and gets it in the order in which they came; nobody
 * overtakes. Without one (WB_MPSC_UNBOUNDED) nobody waits, and memory is the limit; room that was
 * once needed is kept until the end.
 *
 * End: when the last sender was dropped the receiver still gets what was sent, then WB_EOF. When
 * the receiver was closed senders are told WB_ERR_CLOSED, but for those who had reserved room; it
 * gets what they send and what was sent before, then WB_EOF. What is left when the receiver is
 * dropped is dropped, in order.
 *
 * Ends may be moved (copied, and the original forgotten); an end of zero bytes, and one given up
 * before, is none: dropping it does nothing, any other use is a mistake. Futures here borrow what
 * is behind an end, not the end itself, and must be over or dropped before it is given up. Dropping
 * one that waits loses nothing: no value was moved, and room that it was given goes on to the next.
 *
 * Thread: any; each end and each future by one at a time. A future that receives counts as the
 * receiver: several of them may wait, but only one is polled or dropped, or the receiver used, at a
 * time; closing it is allowed meanwhile. Receiving does not hold up who sends, nor the other way
 * round, but where one waits for the other. Allocates: wb_mpsc_new(), with a capacity all it will
 * ever need; without one, sending: blocks for 16 values at first and for 256 at most, which are
 * used again and again. */
#ifndef WB_MPSC_H
#define WB_MPSC_H

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

#define WB_MPSC_UNBOUNDED UINT32_MAX
#define WB_MPSC_CAPACITY_MAX 1048576u /* of a channel that has one */

struct wb__mpsc;

struct wb_mpsc_sender {
    struct wb__mpsc *shared; /* private */
};

struct wb_mpsc_receiver {
    struct wb__mpsc *shared; /* private */
};

/* `capacity`: how many values may wait, reserved room included; at least 1, at most
 * WB_MPSC_CAPACITY_MAX, or WB_MPSC_UNBOUNDED. Errors: WB_ERR_INVALID for another, or a size above
 * WB_VALUE_SIZE_MAX; WB_ERR_NO_MEMORY. Both ends are none then. */
WB_API WB_MUST_USE enum wb_status wb_mpsc_new(const struct wb_sys *sys,
    const struct wb_value_type *type, uint32_t capacity, struct wb_mpsc_sender *out_sender,
    struct wb_mpsc_receiver *out_receiver);

/* ---- sending ---- */

/* Another sender of the same channel. */
WB_API struct wb_mpsc_sender wb_mpsc_sender_clone(const struct wb_mpsc_sender *sender);
WB_API void wb_mpsc_sender_drop(struct wb_mpsc_sender *sender);

/* Whether the receiver was closed or dropped. */
WB_API bool wb_mpsc_sender_is_closed(const struct wb_mpsc_sender *sender);

/* Never waits. Ownership: with WB_OK the value passes to the channel. Errors: WB_ERR_FULL, there is
 * no room; WB_ERR_CLOSED; WB_ERR_NO_MEMORY, only without a capacity. The value is then still the
 * caller's. */
WB_API WB_MUST_USE enum wb_status wb_mpsc_try_send(
    const struct wb_mpsc_sender *sender, const void *value);

/* Over with WB_OK: the value has passed to the channel. Errors: WB_ERR_CLOSED, WB_ERR_NO_MEMORY, as
 * above; also if it is dropped, the value is still the caller's. */
struct wb_mpsc_send {
    struct wb_future future;
    struct wb__mpsc *shared;
    const void *value;
    struct wb__waiter waiter;
};

/* `value` is borrowed, and read in the poll that ends it. */
WB_API void wb_mpsc_send_init(
    struct wb_mpsc_send *send, const struct wb_mpsc_sender *sender, const void *value);

/* Room for one value that is yet to be made. Ownership: ended by one of the two functions below;
 * one of zero bytes, or ended before, is none. It counts as a sender. */
struct wb_mpsc_permit {
    struct wb__mpsc *shared; /* private */
};

/* Over with WB_OK, and then `permit` is the caller's. Errors: WB_ERR_CLOSED; WB_ERR_NO_MEMORY, only
 * without a capacity, when it holds UINT32_MAX values and permits. */
struct wb_mpsc_reserve {
    struct wb_future future;
    struct wb__mpsc *shared;
    struct wb_mpsc_permit permit;
    struct wb__waiter waiter;
};

WB_API void wb_mpsc_reserve_init(
    struct wb_mpsc_reserve *reserve, const struct wb_mpsc_sender *sender);

/* At once. Errors: WB_ERR_FULL, WB_ERR_CLOSED, WB_ERR_NO_MEMORY as above. */
WB_API WB_MUST_USE enum wb_status wb_mpsc_try_reserve(
    const struct wb_mpsc_sender *sender, struct wb_mpsc_permit *out_permit);

/* Never waits, and works also when the receiver was closed since. Errors: WB_ERR_CLOSED, the
 * receiver was dropped; WB_ERR_NO_MEMORY, only without a capacity. The value is then still the
 * caller's, the permit gone. */
WB_API WB_MUST_USE enum wb_status wb_mpsc_permit_send(
    struct wb_mpsc_permit *permit, const void *value);

/* The room goes to the next. */
WB_API void wb_mpsc_permit_drop(struct wb_mpsc_permit *permit);

/* Over with WB_OK when the receiver was closed or dropped. */
struct wb_mpsc_closed {
    struct wb_future future;
    struct wb__mpsc *shared;
    struct wb__waiter waiter;
};

WB_API void wb_mpsc_closed_init(struct wb_mpsc_closed *closed, const struct wb_mpsc_sender *sender);

/* ---- receiving ---- */

/* WB_WOULD_BLOCK: nothing now. WB_EOF: nothing, and never again. */
WB_API WB_MUST_USE enum wb_status wb_mpsc_try_receive(
    const struct wb_mpsc_receiver *receiver, void *out_value);

/* Values that wait now. */
WB_API uint32_t wb_mpsc_receiver_len(const struct wb_mpsc_receiver *receiver);

/* Nobody may send any more; what was sent stays. Futures that wait are woken: those that wait for
 * room or for this, and those that receive, in whatever task, unless room is reserved: then a value
 * may come still, and the end of the last permit wakes them. Thread: also while a future that
 * receives is polled. */
WB_API void wb_mpsc_receiver_close(struct wb_mpsc_receiver *receiver);

/* Closes, too. Aborts if a future that receives waits still. Calls back: drop of the values that
 * are left. */
WB_API void wb_mpsc_receiver_drop(struct wb_mpsc_receiver *receiver);

/* Over with WB_OK, and then the oldest value is in `out_value`; or with WB_EOF. */
struct wb_mpsc_receive {
    struct wb_future future;
    struct wb__mpsc *shared;
    void *out_value;
    struct wb__waiter waiter;
};

WB_API void wb_mpsc_receive_init(
    struct wb_mpsc_receive *receive, const struct wb_mpsc_receiver *receiver, void *out_value);

#ifdef __cplusplus
}
#endif

#endif
