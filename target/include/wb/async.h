/* Poll functions that read as if they were sequential:
 *
 *     struct greet {
 *         struct wb_future future;
 *         struct wb_sleep sleep;
 *         int times;
 *     };
 *
 *     static enum wb_progress greet_poll(struct wb_future *future, struct wb_context *context) {
 *         struct greet *self = WB_FUTURE_OF(future, struct greet, future);
 *         WB_ASYNC_BEGIN(future, context);
 *         while (self->times-- > 0) {
 *             wb_sleep_init(&self->sleep, context->runtime, SECOND_NS);
 *             WB_TRY_AWAIT(&self->sleep.future);
 *             puts("hello");
 *         }
 *         WB_ASYNC_END(WB_OK);
 *     }
 *
 *     static void greet_drop(struct wb_future *future) {
 *         wb_future_drop(&WB_FUTURE_OF(future, struct greet, future)->sleep.future);
 *     }
 *
 * The function returns at each await that is pending and goes on there at the next poll. So:
 *
 *   - Local variables do not outlive an await: what must, is a member of the object. Nothing but
 *     declarations without initialiser may stand before WB_ASYNC_BEGIN that is not to be done at
 *     each poll.
 *   - One await a line. Two on one line do not compile (duplicate case value).
 *   - No await inside a `switch` of one's own: the place to go on at would be sought in the wrong
 *     one. It compiles, and the first poll after it aborts (with NDEBUG: is pending for ever). Use
 *     if, or a function.
 *   - Loops, if, break and continue work as usual. `return` does not: WB_ASYNC_RETURN.
 *   - The drop of the object drops every future that it may have been waiting for. Dropping one
 *     that is over, was dropped, or is all zero does nothing; so begin with a zeroed object.
 *
 * It compiles to a switch over the line: no stack, no allocation. */
#ifndef WB_ASYNC_H
#define WB_ASYNC_H

#include <assert.h>

#include "wb/future.h"

#if defined(__GNUC__)
#define WB__FALLTHROUGH __attribute__((fallthrough))
#else
#define WB__FALLTHROUGH ((void)0)
#endif

/* Opens the sequential part. Both are pointers, and used by name until WB_ASYNC_END. */
#define WB_ASYNC_BEGIN(future, context)                                                            \
    struct wb_future *const wb__async = (future);                                                  \
    struct wb_context *const wb__async_context = (context);                                        \
    (void)wb__async_context;                                                                       \
    switch (wb__async->point) {                                                                    \
    default:                                                                                       \
        assert(0 && "polled when over, or awaited inside a switch");                               \
        return WB_PENDING;                                                                         \
    case 0:

/* Closes it: whoever gets here ends with `status`. */
#define WB_ASYNC_END(status)                                                                       \
    }                                                                                              \
    return wb_future_end(wb__async, (status))

/* Ends it here. */
#define WB_ASYNC_RETURN(status) return wb_future_end(wb__async, (status))

/* Waits until `child`, a struct wb_future *, is over. The expression is evaluated at each poll. Its
 * status and output are then there to be looked at. */
#define WB_AWAIT(child)                                                                            \
    do {                                                                                           \
        wb__async->point = __LINE__;                                                               \
        WB__FALLTHROUGH;                                                                           \
    case __LINE__:                                                                                 \
        if (wb_future_poll((child), wb__async_context) == WB_PENDING) {                            \
            return WB_PENDING;                                                                     \
        }                                                                                          \
    } while (0)

/* The same, and ends with the child's status if that is a failure. */
#define WB_TRY_AWAIT(child)                                                                        \
    do {                                                                                           \
        wb__async->point = __LINE__;                                                               \
        WB__FALLTHROUGH;                                                                           \
    case __LINE__:;                                                                                \
        struct wb_future *const wb__async_child = (child);                                         \
        if (wb_future_poll(wb__async_child, wb__async_context) == WB_PENDING) {                    \
            return WB_PENDING;                                                                     \
        }                                                                                          \
        if (wb_status_is_error(wb__async_child->status)) {                                         \
            WB_ASYNC_RETURN(wb__async_child->status);                                              \
        }                                                                                          \
    } while (0)

/* Waits until `progress`, an expression of type enum wb_progress that is evaluated at each poll and
 * sees to its own waker, is WB_READY. */
#define WB_AWAIT_READY(progress)                                                                   \
    do {                                                                                           \
        wb__async->point = __LINE__;                                                               \
        WB__FALLTHROUGH;                                                                           \
    case __LINE__:                                                                                 \
        if ((progress) == WB_PENDING) {                                                            \
            return WB_PENDING;                                                                     \
        }                                                                                          \
    } while (0)

/* Lets others run, once. */
#define WB_ASYNC_YIELD()                                                                           \
    do {                                                                                           \
        wb__async->point = __LINE__;                                                               \
        wb_context_wake(wb__async_context);                                                        \
        return WB_PENDING;                                                                         \
    case __LINE__:;                                                                                \
    } while (0)

#endif
