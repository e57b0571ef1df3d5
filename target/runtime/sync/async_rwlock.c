/* Reading and writing: a semaphore of which a writer takes all permits. */
#include "wb/async_rwlock.h"

#include <assert.h>

enum { ALL = WB_SEMAPHORE_MAX };

enum wb_status wb_async_rwlock_init(struct wb_async_rwlock *lock, const struct wb_sys *sys) {
    return wb_semaphore_init(&lock->holders, sys, ALL);
}

void wb_async_rwlock_clean_up(struct wb_async_rwlock *lock) {
    wb_semaphore_clean_up(&lock->holders);
}

enum wb_status wb_async_rwlock_try_read(struct wb_async_rwlock *lock) {
    return wb_semaphore_try_acquire(&lock->holders, 1);
}

enum wb_status wb_async_rwlock_try_write(struct wb_async_rwlock *lock) {
    return wb_semaphore_try_acquire(&lock->holders, ALL);
}

void wb_async_rwlock_read_unlock(struct wb_async_rwlock *lock) {
    wb_semaphore_release(&lock->holders, 1); /* aborts if all are there */
}

void wb_async_rwlock_write_unlock(struct wb_async_rwlock *lock) {
    wb_semaphore_release(&lock->holders, ALL); /* aborts if any is there */
}

void wb_async_rwlock_downgrade(struct wb_async_rwlock *lock) {
    assert(wb_semaphore_available(&lock->holders) == 0 && "downgraded without writing");
    wb_semaphore_release(&lock->holders, ALL - 1);
}

void wb_async_read_lock_init(struct wb_async_read_lock *read, struct wb_async_rwlock *lock) {
    wb_acquire_init(&read->acquire, &lock->holders, 1);
}

void wb_async_write_lock_init(struct wb_async_write_lock *write, struct wb_async_rwlock *lock) {
    wb_acquire_init(&write->acquire, &lock->holders, ALL);
}
