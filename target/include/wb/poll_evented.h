/* The bridge from readiness to wakers: a source, registered once with the runtime's poll, that
 * futures wait for.
 *
 *     static enum wb_status read_some(void *arg); // one try, may say WB_WOULD_BLOCK
 *
 *     enum wb_progress my_poll(struct wb_future *future, struct wb_context *context) {
 *         ...
 *         enum wb_status status;
 *         if (wb_poll_evented_poll_read(&self->evented, context, read_some, self, &status)
 *             == WB_PENDING) {
 *             return WB_PENDING;
 *         }
 *         return wb_future_end(future, status);
 *     }
 *
 * What is known of a source's readiness is remembered until an operation says WB_WOULD_BLOCK;
 * nothing else clears it: no short read, no failure, no end. (The streams of wb/net.h know more of
 * TCP than this does of a source, and are spared the last try where nothing can be lost by it.)
 * Each report has a number, and whoever clears says which report it had seen, so that a newer one
 * is never erased. Registered is both directions, edge-triggered, for as long as the object lives.
 *
 * A source of one's own must make its operations tell it when they would block, if it has to work
 * with WB_BACKEND_POLL; those of this library do (wb_fd_source_would_block()).
 *
 * Thread: any number of futures may wait, in any thread. A wb_poll_evented is cleaned up when
 * nobody uses it any more; not while its runtime is being destroyed. */
#ifndef WB_POLL_EVENTED_H
#define WB_POLL_EVENTED_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/task_waker.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;
struct wb__evented;

/* May be moved at any time but while a struct wb_readiness of it is alive. All zero: none, for
 * which only clean_up is allowed. */
struct wb_poll_evented {
    struct wb__evented *shared;
};

/* ---- life ---- */

/* Registers the source. `source` is used here and in clean_up only, and may move in between.
 * Errors: WB_ERR_NO_RUNTIME if `runtime` is NULL (a context outside of any has none), WB_ERR_CLOSED
 * since its tasks are being cancelled, WB_ERR_NO_MEMORY, those of wb_registry_register().
 * Allocates: once. */
WB_API WB_MUST_USE enum wb_status wb_poll_evented_init(
    struct wb_poll_evented *evented, struct wb_runtime *runtime, struct wb_source *source);

/* Deregisters it, before it is closed; a socket of this library that was closed first, so that it
 * is all zero, is allowed as well. No future waits for it any more, and none is told: drop them
 * first. After the runtime was destroyed it is allowed still. */
WB_API void wb_poll_evented_clean_up(struct wb_poll_evented *evented, struct wb_source *source);

/* ---- operations ---- */

enum wb_direction {
    WB_DIRECTION_READ,
    WB_DIRECTION_WRITE,
};

/* One try of an operation: WB_WOULD_BLOCK, or its outcome. */
typedef enum wb_status (*wb_try_fn)(void *user_data);

/* Tries the operation whenever there may be something for it, until it says neither WB_WOULD_BLOCK
 * nor WB_ERR_INTERRUPTED. WB_READY: that is *out_status; or WB_ERR_CLOSED since the runtime was
 * destroyed; or WB_ERR_NO_RUNTIME since it would have to wait, and the context has an empty waker:
 * whoever polls outside of a task is told so instead of never being woken. WB_PENDING: the task is
 * woken when it is worth another poll. Spends from the task's budget.
 *
 * There is one waiter a direction: the latest poll's. Whoever polled before and was not woken waits
 * no more, so that two tasks that want the same use a struct wb_readiness each. Calls back: try_fn,
 * in this call only. */
WB_API WB_MUST_USE enum wb_progress wb_poll_evented_poll_read(struct wb_poll_evented *evented,
    struct wb_context *context, wb_try_fn try_fn, void *user_data, enum wb_status *out_status);
WB_API WB_MUST_USE enum wb_progress wb_poll_evented_poll_write(struct wb_poll_evented *evented,
    struct wb_context *context, wb_try_fn try_fn, void *user_data, enum wb_status *out_status);

/* The same without waiting and without a task: WB_WOULD_BLOCK, and the operation is not tried, if
 * nothing was reported since one would have blocked; to wait for that there is struct wb_readiness.
 * Nobody's waiter is touched. Spends nothing. Errors: the operation's; WB_ERR_CLOSED. */
WB_API WB_MUST_USE enum wb_status wb_poll_evented_try(struct wb_poll_evented *evented,
    enum wb_direction direction, wb_try_fn try_fn, void *user_data);

/* ---- readiness by itself ---- */

/* That a direction may be ready, and by which report. Like readiness itself `is_closed` is a hint:
 * that was reported that nothing more can be read, but for what has come, or be written. Some
 * systems do not tell; the operation always does. */
struct wb_ready {
    enum wb_direction direction;
    uint64_t report;
    bool is_closed;
};

/* WB_READY, with *out_status WB_OK: an operation of this direction is worth a try. Its outcome goes
 * to wb_poll_evented_settle(). Or with WB_ERR_CLOSED or WB_ERR_NO_RUNTIME, as above. The waiter is
 * as above. */
WB_API WB_MUST_USE enum wb_progress wb_poll_evented_poll_ready(struct wb_poll_evented *evented,
    enum wb_direction direction, struct wb_context *context, struct wb_ready *out_ready,
    enum wb_status *out_status);

/* Has the outcome of the operation that was tried upon `ready` known: WB_WOULD_BLOCK clears the
 * readiness, unless there was another report since; everything else leaves it. The one way to clear
 * it, so that nobody waits for a report that came already. Returns `outcome`. */
WB_API enum wb_status wb_poll_evented_settle(
    struct wb_poll_evented *evented, struct wb_ready ready, enum wb_status outcome);

/* Waiters among themselves: private, under the lock of what they wait for. */
struct wb__io_waiter {
    struct wb_task_waker waker; /* empty: does not wait */
    enum wb_direction direction;
    bool is_linked;
    struct wb__io_waiter *prev;
    struct wb__io_waiter *next;
};

/* Over when a direction may be ready: with WB_OK and `ready`, or with WB_ERR_CLOSED or
 * WB_ERR_NO_RUNTIME as above. To wait for either direction race two of them. Any number of them
 * may wait for one direction; all are woken. */
struct wb_readiness {
    struct wb_future future;
    struct wb__evented *shared;
    struct wb_ready ready;
    struct wb__io_waiter waiter;
};

/* `evented` must outlive it. */
WB_API void wb_readiness_init(
    struct wb_readiness *readiness, struct wb_poll_evented *evented, enum wb_direction direction);

#ifdef __cplusplus
}
#endif

#endif
