/* A lock that tasks may hold across awaits: many may read, or one may write.
 *
 *     wb_async_read_lock_init(&self->read, &thing->lock);
 *     WB_TRY_AWAIT(wb_async_read_lock_future(&self->read));
 *     ... awaits ...
 *     wb_async_rwlock_read_unlock(&thing->lock);
 *
 * First come, first served: who wants to read waits behind one who waits to write, so that readers
 * who come and go do not keep a writer waiting for ever. Who reads and wants to write must first
 * give up reading. A waiting future that was given the lock and is dropped before it was polled
 * gives it on.
 *
 * The lock is in its user's memory, which must not be moved, and must outlive its futures and all
 * calls on it. Thread: any; unlocking, too. Allocates: nothing. */
#ifndef WB_ASYNC_RWLOCK_H
#define WB_ASYNC_RWLOCK_H

#include "wb/semaphore.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are private. */
struct wb_async_rwlock {
    struct wb_semaphore holders; /* who reads has one permit, who writes has all */
};

/* Errors: none. */
WB_API WB_MUST_USE enum wb_status wb_async_rwlock_init(
    struct wb_async_rwlock *lock, const struct wb_sys *sys);

/* Nobody may hold it or wait. One of zero bytes, and one cleaned up before, is allowed. */
WB_API void wb_async_rwlock_clean_up(struct wb_async_rwlock *lock);

/* WB_WOULD_BLOCK: somebody writes, or waits to. */
WB_API WB_MUST_USE enum wb_status wb_async_rwlock_try_read(struct wb_async_rwlock *lock);

/* WB_WOULD_BLOCK: somebody holds it. */
WB_API WB_MUST_USE enum wb_status wb_async_rwlock_try_write(struct wb_async_rwlock *lock);

/* Abort if nobody holds it. */
WB_API void wb_async_rwlock_read_unlock(struct wb_async_rwlock *lock);
WB_API void wb_async_rwlock_write_unlock(struct wb_async_rwlock *lock);

/* The writer goes on as a reader; nobody writes between. */
WB_API void wb_async_rwlock_downgrade(struct wb_async_rwlock *lock);

/* Over with WB_OK: the caller reads. */
struct wb_async_read_lock {
    struct wb_acquire acquire;
};

WB_API void wb_async_read_lock_init(struct wb_async_read_lock *read, struct wb_async_rwlock *lock);

static inline struct wb_future *wb_async_read_lock_future(struct wb_async_read_lock *read) {
    return &read->acquire.future;
}

/* Over with WB_OK: the caller writes. */
struct wb_async_write_lock {
    struct wb_acquire acquire;
};

WB_API void wb_async_write_lock_init(
    struct wb_async_write_lock *write, struct wb_async_rwlock *lock);

static inline struct wb_future *wb_async_write_lock_future(struct wb_async_write_lock *write) {
    return &write->acquire.future;
}

#ifdef __cplusplus
}
#endif

#endif
