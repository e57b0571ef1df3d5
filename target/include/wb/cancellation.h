/* Cancellation: tells tasks that they are to stop, and those below them, too.
 *
 *     struct wb_cancellation server;
 *     struct wb_cancellation connection;
 *     wb_cancellation_new(sys, &server);
 *     wb_cancellation_child(&server, &connection);
 *     ... in a task, with a token of its own (wb_cancellation_clone):
 *         wb_until_cancelled_init(&self->until, &self->connection, &self->work.future);
 *         WB_AWAIT(&self->until.future);
 *         if (self->until.future.status == WB_ERR_CANCELLED) ...
 *     wb_cancellation_cancel(&server); // the connection's, too; not the other way round
 *
 * It only tells: what a task does then is its own affair, unlike abort (wb/task.h), after which it
 * is not polled again. Cancelled is for ever.
 *
 * A token may be moved (copied, and the original forgotten); one of zero bytes, and one dropped
 * before, is none: dropping it does nothing, any other use is a mistake. Dropping a token cancels
 * nothing. Futures here borrow what is behind a token, not the token itself, and must be over or
 * dropped before the last token of its kind is. Dropping one that waits changes nothing else.
 *
 * Thread: any; each token and each future by one at a time. Allocates: wb_cancellation_new() and
 * wb_cancellation_child(), once each; that memory is kept until all children are gone, too. */
#ifndef WB_CANCELLATION_H
#define WB_CANCELLATION_H

#include <stdbool.h>

#include "wb/future.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/waiter.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb__cancellation;

struct wb_cancellation {
    struct wb__cancellation *node; /* private */
};

/* Errors: WB_ERR_NO_MEMORY. The token is none then. */
WB_API WB_MUST_USE enum wb_status wb_cancellation_new(
    const struct wb_sys *sys, struct wb_cancellation *out_token);

/* A token that is cancelled with this one, and that can be by itself. That of a cancelled one is
 * cancelled. Errors: WB_ERR_NO_MEMORY; the child is none then. */
WB_API WB_MUST_USE enum wb_status wb_cancellation_child(
    const struct wb_cancellation *token, struct wb_cancellation *out_child);

/* Another token of the same kind: cancelling either is cancelling both. */
WB_API struct wb_cancellation wb_cancellation_clone(const struct wb_cancellation *token);

WB_API void wb_cancellation_drop(struct wb_cancellation *token);

/* Wakes all who wait for it, or for one below it. Takes time with their number, and that of tokens
 * below. A second time does nothing. */
WB_API void wb_cancellation_cancel(const struct wb_cancellation *token);

WB_API bool wb_cancellation_is_cancelled(const struct wb_cancellation *token);

/* Over with WB_OK when it is cancelled. */
struct wb_cancelled {
    struct wb_future future;
    struct wb__cancellation *node;
    struct wb__waiter waiter;
};

WB_API void wb_cancelled_init(struct wb_cancelled *cancelled, const struct wb_cancellation *token);

/* Over with the status of `inner`, or with WB_ERR_CANCELLED when the token is cancelled first, and
 * then it has been dropped. Looks at the token before each poll of the inner one. */
struct wb_until_cancelled {
    struct wb_future future;
    struct wb_future *inner;
    struct wb_cancelled cancelled;
};

/* `inner` is borrowed and must stay where it is from the first poll on. */
WB_API void wb_until_cancelled_init(
    struct wb_until_cancelled *until, const struct wb_cancellation *token, struct wb_future *inner);

#ifdef __cplusplus
}
#endif

#endif
