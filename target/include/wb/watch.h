/* A value that one sender changes and any number of receivers watch: each sees the latest, not
 * every one.
 *
 *     wb_watch_new(sys, &(struct wb_value_type){.size = sizeof(config)}, &config, &sender,
 *         &receiver);
 *     ... a task with a receiver of its own (wb_watch_receiver_clone):
 *         wb_watch_changed_init(&self->changed, &self->receiver);
 *         WB_AWAIT(&self->changed.future);
 *         if (self->changed.future.status == WB_EOF) ...
 *         wb_watch_get(&self->receiver, &self->config);
 *
 * A receiver remembers which value it has seen. The last value before the sender was dropped is
 * seen like any other; only then comes WB_EOF. Values are copied out (struct wb_value_type.copy);
 * the channel drops the one that is replaced, and the last at its end.
 *
 * Ends may be moved (copied, and the original forgotten) while no future of theirs waits; an end of
 * zero bytes, and one dropped before, is none: dropping it does nothing, any other use is a
 * mistake. Futures here must be over or dropped before their end is. Dropping one that waits
 * changes nothing else: the change is still there to be seen.
 *
 * Thread: any; each end and each future by one at a time. Allocates: wb_watch_new() only. */
#ifndef WB_WATCH_H
#define WB_WATCH_H

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

struct wb__watch;

struct wb_watch_sender {
    struct wb__watch *shared; /* private */
};

/* The fields are private. */
struct wb_watch_receiver {
    struct wb__watch *shared;
    uint64_t seen;
};

/* `value` is the first, and counts as seen. Ownership: with WB_OK it passes to the channel. Errors:
 * WB_ERR_INVALID for a size above WB_VALUE_SIZE_MAX; WB_ERR_NO_MEMORY. Both ends are none then. */
WB_API WB_MUST_USE enum wb_status wb_watch_new(const struct wb_sys *sys,
    const struct wb_value_type *type, const void *value, struct wb_watch_sender *out_sender,
    struct wb_watch_receiver *out_receiver);

/* ---- sending ---- */

/* Replaces the value. Ownership: with WB_OK it passes to the channel. Errors: WB_ERR_CLOSED, there
 * is no receiver; the value is still the caller's. Calls back: drop, of the one before. */
WB_API WB_MUST_USE enum wb_status wb_watch_send(
    const struct wb_watch_sender *sender, const void *value);

/* The same whether anybody watches or not: later receivers will see it. */
WB_API void wb_watch_set(const struct wb_watch_sender *sender, const void *value);

/* A receiver that has seen the value of now. */
WB_API struct wb_watch_receiver wb_watch_subscribe(const struct wb_watch_sender *sender);

/* Whether there is no receiver. */
WB_API bool wb_watch_sender_is_closed(const struct wb_watch_sender *sender);

WB_API void wb_watch_sender_drop(struct wb_watch_sender *sender);

/* ---- watching ---- */

/* Another receiver, that has seen what this one has. */
WB_API struct wb_watch_receiver wb_watch_receiver_clone(const struct wb_watch_receiver *receiver);
WB_API void wb_watch_receiver_drop(struct wb_watch_receiver *receiver);

/* Copies the value of now, and counts it as seen; or not. Works after the sender was dropped, too.
 * Errors: what the copying says; it is not seen then. */
WB_API WB_MUST_USE enum wb_status wb_watch_get(struct wb_watch_receiver *receiver, void *out_value);
WB_API WB_MUST_USE enum wb_status wb_watch_peek(
    const struct wb_watch_receiver *receiver, void *out_value);

/* Whether there is a value that it has not seen. */
WB_API bool wb_watch_has_changed(const struct wb_watch_receiver *receiver);

/* Over with WB_OK when there is a value that the receiver has not seen, which then counts as seen;
 * or with WB_EOF, when there is none nor ever will be. */
struct wb_watch_changed {
    struct wb_future future;
    struct wb_watch_receiver *receiver;
    struct wb__waiter waiter;
};

/* `receiver` must stay where it is until the future is over or dropped. */
WB_API void wb_watch_changed_init(
    struct wb_watch_changed *changed, struct wb_watch_receiver *receiver);

/* Over with WB_OK when there is no receiver. */
struct wb_watch_closed {
    struct wb_future future;
    struct wb__watch *shared;
    struct wb__waiter waiter;
};

WB_API void wb_watch_closed_init(
    struct wb_watch_closed *closed, const struct wb_watch_sender *sender);

#ifdef __cplusplus
}
#endif

#endif
