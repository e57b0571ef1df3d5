/* A mutex that tasks may hold across awaits. Where no await happens under it a mutex of the seam
 * (wb/sys.h) is the better one.
 *
 *     wb_async_lock_init(&self->lock, &thing->mutex);
 *     WB_AWAIT(wb_async_lock_future(&self->lock));
 *     ... awaits ...
 *     wb_async_mutex_unlock(&thing->mutex);
 *
 * First come, first served. It does not know who holds it: a task that waits for a mutex it holds
 * waits for ever, and one that is dropped while it holds it must unlock it in its drop. A waiting
 * future that was given the mutex and is dropped before it was polled gives it on.
 *
 * The mutex is in its user's memory, which must not be moved, and must outlive its futures and all
 * calls on it. Thread: any; unlocking, too. Allocates: nothing. */
#ifndef WB_ASYNC_MUTEX_H
#define WB_ASYNC_MUTEX_H

#include "wb/semaphore.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are private. */
struct wb_async_mutex {
    struct wb_semaphore holder; /* one permit */
};

/* Errors: none. */
WB_API WB_MUST_USE enum wb_status wb_async_mutex_init(
    struct wb_async_mutex *mutex, const struct wb_sys *sys);

/* Nobody may hold it or wait. One of zero bytes, and one cleaned up before, is allowed. */
WB_API void wb_async_mutex_clean_up(struct wb_async_mutex *mutex);

/* WB_WOULD_BLOCK: somebody holds it. */
WB_API WB_MUST_USE enum wb_status wb_async_mutex_try_lock(struct wb_async_mutex *mutex);

/* Hands it to whoever waited longest. Aborts if nobody holds it. */
WB_API void wb_async_mutex_unlock(struct wb_async_mutex *mutex);

/* Over with WB_OK: the caller holds it. */
struct wb_async_lock {
    struct wb_acquire acquire;
};

WB_API void wb_async_lock_init(struct wb_async_lock *lock, struct wb_async_mutex *mutex);

/* To await. */
static inline struct wb_future *wb_async_lock_future(struct wb_async_lock *lock) {
    return &lock->acquire.future;
}

#ifdef __cplusplus
}
#endif

#endif
