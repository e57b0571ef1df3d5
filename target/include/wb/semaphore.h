/* A number of permits that tasks take and give back.
 *
 *     wb_acquire_init(&self->acquire, &pool->semaphore, 1);
 *     WB_TRY_AWAIT(&self->acquire.future);
 *     ... use it ...
 *     wb_semaphore_release(&pool->semaphore, 1);
 *
 * First come, first served: nobody overtakes one who waits, also not with a smaller wish, so that
 * great ones are met in the end. A waiting future that was given its permits and is dropped before
 * it was polled gives them on.
 *
 * The semaphore is in its user's memory, which must not be moved, and must outlive its futures and
 * all calls on it. Thread: any; each future by one at a time. Allocates: nothing. */
#ifndef WB_SEMAPHORE_H
#define WB_SEMAPHORE_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/lock.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/waiter.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WB_SEMAPHORE_MAX 1073741823u /* permits */

/* The fields are private. */
struct wb_semaphore {
    struct wb__lock lock;
    struct wb__wait_queue waiting;
    uint32_t available;
    bool is_closed;
};

/* Errors: WB_ERR_INVALID for more than WB_SEMAPHORE_MAX. */
WB_API WB_MUST_USE enum wb_status wb_semaphore_init(
    struct wb_semaphore *semaphore, const struct wb_sys *sys, uint32_t permits);

/* Nobody may wait. One of zero bytes, and one cleaned up before, is allowed. */
WB_API void wb_semaphore_clean_up(struct wb_semaphore *semaphore);

/* Takes `count` permits, or none. WB_WOULD_BLOCK: there are not so many, or others wait. Errors:
 * WB_ERR_CLOSED. */
WB_API WB_MUST_USE enum wb_status wb_semaphore_try_acquire(
    struct wb_semaphore *semaphore, uint32_t count);

/* Gives back permits, or adds new ones; more than WB_SEMAPHORE_MAX in all aborts. */
WB_API void wb_semaphore_release(struct wb_semaphore *semaphore, uint32_t count);

/* Nobody gets permits any more: who waits, and who comes, is told WB_ERR_CLOSED. Those that were
 * given stay, and may be released. */
WB_API void wb_semaphore_close(struct wb_semaphore *semaphore);

/* Now: free, and claimed by nobody. */
WB_API uint32_t wb_semaphore_available(struct wb_semaphore *semaphore);

/* Over with WB_OK: the permits are the caller's. Or with WB_ERR_CLOSED. */
struct wb_acquire {
    struct wb_future future;
    struct wb_semaphore *semaphore;
    struct wb__waiter waiter;
};

/* `count` may be more than there are: it waits until so many were added. */
WB_API void wb_acquire_init(
    struct wb_acquire *acquire, struct wb_semaphore *semaphore, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif
