/* A mutex for tasks: a semaphore with one permit. */
#include "wb/async_mutex.h"

#include <assert.h>

enum wb_status wb_async_mutex_init(struct wb_async_mutex *mutex, const struct wb_sys *sys) {
    return wb_semaphore_init(&mutex->holder, sys, 1);
}

void wb_async_mutex_clean_up(struct wb_async_mutex *mutex) {
    wb_semaphore_clean_up(&mutex->holder);
}

enum wb_status wb_async_mutex_try_lock(struct wb_async_mutex *mutex) {
    return wb_semaphore_try_acquire(&mutex->holder, 1);
}

void wb_async_mutex_unlock(struct wb_async_mutex *mutex) {
    assert(wb_semaphore_available(&mutex->holder) == 0 && "unlocked a mutex that nobody holds");
    wb_semaphore_release(&mutex->holder, 1);
}

void wb_async_lock_init(struct wb_async_lock *lock, struct wb_async_mutex *mutex) {
    wb_acquire_init(&lock->acquire, &mutex->holder, 1);
}
