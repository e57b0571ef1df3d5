/* What of a registered source is shared between the driver, which reports, and those who wait. */
#ifndef WB_RUNTIME_EVENTED_H
#define WB_RUNTIME_EVENTED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/driver.h"
#include "runtime/lock.h"
#include "wb/poll_evented.h"

struct wb_runtime;

enum { WB__DIRECTIONS = 2 };

/* What is known of operations: of a stream of TCP's that one which moved fewer bytes than it was
 * given room for has left nothing to move. Elsewhere a message, a descriptor that is passed along
 * or who sent ends a read as well. */
enum wb__evented_kind {
    WB__EVENTED_ANY,
    WB__EVENTED_TCP_BYTES,
};

/* When the source is registered: as soon as it is there, or once somebody has to wait for it. */
enum wb__evented_start {
    WB__EVENTED_WATCHED,
    WB__EVENTED_TRIED_FIRST,
};

/* Stays where it is while it is registered. All zero: not. */
struct wb__evented {
    struct wb__io_listener listener;
    const struct wb_sys *sys;
    struct wb_runtime *runtime; /* NULL: it was destroyed; under the lock */
    uint64_t token;
    struct wb_source *unwatched; /* what is to be registered late; NULL: nothing is */
    bool is_watched;             /* of that; under the driver's lock */
    bool heeds_short;            /* a short transfer is as good as would-block, but near an end */
    /* What may be ready, and by which report; written by the driver under the lock, cleared by
     * anybody. */
    _Atomic uint64_t state;
    struct wb__lock lock;                       /* of the rest */
    struct wb__io_waiter slots[WB__DIRECTIONS]; /* of those who poll without a future */
    struct wb__io_waiter *waiters;              /* of futures, the oldest first */
    struct wb__io_waiter *last;
};

/* Errors and the rest as wb_poll_evented_init(). TRIED_FIRST, of a connection that has just been
 * accepted: most often its first bytes are there and there is room for an answer, so that both
 * directions count as ready. Who finds that one is not has the source registered, and with it is
 * reported what is ready by then, so that nothing that came before is missed; errors of registering
 * are those of that wait. One that is over before needs no registration at all. */
WB_MUST_USE enum wb_status wb__evented_init(struct wb__evented *evented, struct wb_runtime *runtime,
    struct wb_source *source, enum wb__evented_kind kind, enum wb__evented_start start);
void wb__evented_clean_up(struct wb__evented *evented, struct wb_source *source);

/* As their namesakes of wb_poll_evented. */
WB_MUST_USE enum wb_progress wb__evented_poll_ready(struct wb__evented *evented,
    enum wb_direction direction, struct wb_context *context, struct wb_ready *out_ready,
    enum wb_status *out_status);
enum wb_status wb__evented_settle(
    struct wb__evented *evented, struct wb_ready ready, enum wb_status outcome);
WB_MUST_USE enum wb_progress wb__evented_poll(struct wb__evented *evented,
    enum wb_direction direction, struct wb_context *context, wb_try_fn try_fn, void *user_data,
    enum wb_status *out_status);

/* As wb__evented_poll(), of an operation that moves bytes and sets *is_short if it succeeded with
 * fewer than it was given room for. That clears the readiness where nothing can be lost by it. */
WB_MUST_USE enum wb_progress wb__evented_poll_bytes(struct wb__evented *evented,
    enum wb_direction direction, struct wb_context *context, wb_try_fn try_fn, void *user_data,
    const bool *is_short, enum wb_status *out_status);

/* As wb__evented_poll(), for a waiter of a future's own: any number of them may wait for one
 * direction. All zero but for its direction, it stays where it is from the first poll on until it
 * leaves, which it may any number of times. */
WB_MUST_USE enum wb_progress wb__evented_poll_as(struct wb__evented *evented,
    struct wb__io_waiter *waiter, struct wb_context *context, wb_try_fn try_fn, void *user_data,
    enum wb_status *out_status);
void wb__evented_leave(struct wb__evented *evented, struct wb__io_waiter *waiter);

/* As wb_poll_evented_try() and wb_readiness_init(). */
WB_MUST_USE enum wb_status wb__evented_try(
    struct wb__evented *evented, enum wb_direction direction, wb_try_fn try_fn, void *user_data);
void wb__readiness_init(
    struct wb_readiness *readiness, struct wb__evented *evented, enum wb_direction direction);

/* Nobody waits any more who polled without a future. */
void wb__evented_forget(struct wb__evented *evented, enum wb_direction direction);

#endif
