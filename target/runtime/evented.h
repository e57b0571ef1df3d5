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

/* Stays where it is while it is registered. All zero: not. What each report and each try looks at
 * comes first and close together: of a thousand connections, none is in the cache. */
struct wb__evented {
    struct wb__io_listener listener;
    const struct wb_sys *sys;
    struct wb_runtime *runtime; /* NULL: it was destroyed; under the lock */
    /* What may be ready, and by which report; written by the driver under the lock, cleared by
     * anybody. */
    _Atomic uint64_t state;
    bool heeds_short;              /* a short transfer is as good as would-block, but near an end */
    bool is_watched;               /* of `unwatched`; under the driver's lock */
    struct wb__lock lock;          /* of the waiters, and where it is said */
    struct wb__io_waiter *waiters; /* of futures, the oldest first */
    struct wb__io_waiter slots[WB__DIRECTIONS]; /* of those who poll without a future */
    struct wb__io_waiter *last;
    uint64_t token;
    struct wb_source *unwatched; /* what is to be registered late; NULL: nothing is */
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

/* ---- the state ---- */

/* Its lower bits: one for each direction that may be ready, whether the runtime is gone, one for
 * each direction that was reported to have ended, one for each of which was reported what only an
 * operation that says would-block is sure to have met, and whether the source is yet to be
 * registered. Above them is the number of the last report. */
enum { WB__EVENTED_STATE_BITS = 8 };

#define WB__EVENTED_READY UINT64_C(1) /* this and the others: shifted by the direction */
#define WB__EVENTED_GONE UINT64_C(4)  /* but these two */
#define WB__EVENTED_CLOSED UINT64_C(8)
#define WB__EVENTED_MORE UINT64_C(32)
#define WB__EVENTED_UNWATCHED UINT64_C(128)

static inline uint64_t wb__evented_state(struct wb__evented *evented) {
    return atomic_load_explicit(&evented->state, memory_order_acquire);
}

/* Without the lock; not if the runtime is gone, which leaves WB__EVENTED_GONE instead. */
static inline bool wb__evented_is_ready(enum wb_direction direction, uint64_t state) {
    const uint64_t bit = WB__EVENTED_READY << direction;
    return (state & (WB__EVENTED_GONE | bit)) == bit;
}

/* An operation would block that went by this state: the direction is not ready, unless there was a
 * report since. */
static inline void wb__evented_clear(
    struct wb__evented *evented, enum wb_direction direction, uint64_t seen) {
    const uint64_t cleared = (WB__EVENTED_READY | WB__EVENTED_CLOSED | WB__EVENTED_MORE)
                             << direction;
    wb_sys_interleave(evented->sys, &evented->state);
    uint64_t state = wb__evented_state(evented);
    while (state >> WB__EVENTED_STATE_BITS == seen >> WB__EVENTED_STATE_BITS
           && !atomic_compare_exchange_weak_explicit(&evented->state, &state, state & ~cleared,
               memory_order_acq_rel, memory_order_acquire)) {
    }
}

/* ---- operations that move bytes ---- */

/* Of a direction that is not known to be ready. WB_READY if it is worth another look after all
 * (WB_OK), or nobody will tell any more, or nobody would be told, or the source could not be
 * registered; else the waiter has the waker. */
WB_MUST_USE enum wb_progress wb__evented_await(struct wb__evented *evented,
    struct wb__io_waiter *waiter, struct wb_context *context, enum wb_status *out_status);

/* Whether a short transfer that went by this state was the last one. What comes later is an edge of
 * its own, and of what came before, the state knows. */
static inline bool wb__evented_is_drained(
    const struct wb__evented *evented, enum wb_direction direction, uint64_t state) {
    return evented->heeds_short && (state & WB__EVENTED_MORE << direction) == 0;
}

/* As wb__evented_poll(), of an operation that sets *is_short if it succeeded with fewer bytes than
 * it was given room for. That clears the readiness where nothing can be lost by it. Becomes part of
 * who asks, so that of a direction and a try_fn that are known there nothing is left but what they
 * do: this is what each read and write of a stream goes through. */
static __attribute__((always_inline)) inline WB_MUST_USE enum wb_progress wb__evented_run(
    struct wb__evented *evented, struct wb__io_waiter *waiter, enum wb_direction direction,
    struct wb_context *context, wb_try_fn try_fn, void *user_data, const bool *is_short,
    enum wb_status *out_status) {
    for (;;) {
        const uint64_t state = wb__evented_state(evented);
        if (!wb__evented_is_ready(direction, state)) {
            if (wb__evented_await(evented, waiter, context, out_status) == WB_PENDING) {
                return WB_PENDING;
            }
            if (*out_status != WB_OK) {
                return WB_READY;
            }
            continue;
        }
        if (wb_context_spend(context) == WB_PENDING) {
            return WB_PENDING;
        }
        const enum wb_status status = try_fn(user_data);
        if (status == WB_WOULD_BLOCK) {
            wb__evented_clear(evented, direction, state);
        } else if (status != WB_ERR_INTERRUPTED) {
            if (*is_short && wb__evented_is_drained(evented, direction, state)) {
                wb__evented_clear(evented, direction, state);
            }
            *out_status = status;
            return WB_READY;
        }
    }
}

#endif
