/* Threads, mutexes and conditions on pthreads, which live inside the seam's opaque storage.
 * Whatever can only fail by misuse (locking a destroyed mutex, ...) is asserted. */
#include "sys/linux/ops.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct wb_mutex), "struct wb_mutex is too small");
_Static_assert(_Alignof(pthread_mutex_t) <= _Alignof(struct wb_mutex), "misaligned mutex");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct wb_cond), "struct wb_cond is too small");
_Static_assert(_Alignof(pthread_cond_t) <= _Alignof(struct wb_cond), "misaligned condition");
_Static_assert(sizeof(pthread_t) <= sizeof(uint64_t), "a thread does not fit into uint64_t");

static pthread_mutex_t *real_mutex(struct wb_mutex *mutex) {
    return (pthread_mutex_t *)(void *)mutex->opaque;
}

static pthread_cond_t *real_cond(struct wb_cond *cond) {
    return (pthread_cond_t *)(void *)cond->opaque;
}

static void must_succeed(int error) {
    assert(error == 0 && "a mutex or condition was misused");
    (void)error;
}

/* What a new thread is to do; freed by the thread. */
struct start {
    wb_thread_fn fn;
    void *arg;
};

static void *thread_main(void *arg) {
    struct start start = *(struct start *)arg;
    free(arg);
    start.fn(start.arg);
    return NULL;
}

int wb__linux_thread_create(void *self, wb_thread_fn fn, void *arg, uint64_t *out_thread) {
    (void)self;
    struct start *start = malloc(sizeof(*start));
    if (start == NULL) {
        return -ENOMEM;
    }
    *start = (struct start){.fn = fn, .arg = arg};
    pthread_t thread;
    int error = pthread_create(&thread, NULL, thread_main, start);
    if (error != 0) {
        free(start);
        return -error;
    }
    *out_thread = (uint64_t)thread;
    return 0;
}

int wb__linux_thread_join(void *self, uint64_t thread) {
    (void)self;
    return -pthread_join((pthread_t)thread, NULL);
}

uint64_t wb__linux_thread_self(void *self) {
    (void)self;
    return (uint64_t)pthread_self();
}

int wb__linux_mutex_init(void *self, struct wb_mutex *mutex) {
    (void)self;
    return -pthread_mutex_init(real_mutex(mutex), NULL);
}

void wb__linux_mutex_destroy(void *self, struct wb_mutex *mutex) {
    (void)self;
    must_succeed(pthread_mutex_destroy(real_mutex(mutex)));
}

void wb__linux_mutex_lock(void *self, struct wb_mutex *mutex) {
    (void)self;
    must_succeed(pthread_mutex_lock(real_mutex(mutex)));
}

void wb__linux_mutex_unlock(void *self, struct wb_mutex *mutex) {
    (void)self;
    must_succeed(pthread_mutex_unlock(real_mutex(mutex)));
}

/* Timed waits count on the monotonic clock: setting the time of day must not prolong them. */
int wb__linux_cond_init(void *self, struct wb_cond *cond) {
    (void)self;
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error != 0) {
        return -error;
    }
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (error == 0) {
        error = pthread_cond_init(real_cond(cond), &attributes);
    }
    (void)pthread_condattr_destroy(&attributes);
    return -error;
}

void wb__linux_cond_destroy(void *self, struct wb_cond *cond) {
    (void)self;
    must_succeed(pthread_cond_destroy(real_cond(cond)));
}

void wb__linux_cond_wait(void *self, struct wb_cond *cond, struct wb_mutex *mutex) {
    (void)self;
    must_succeed(pthread_cond_wait(real_cond(cond), real_mutex(mutex)));
}

int wb__linux_cond_timedwait(
    void *self, struct wb_cond *cond, struct wb_mutex *mutex, int64_t timeout_ns) {
    if (timeout_ns < 0) {
        wb__linux_cond_wait(self, cond, mutex);
        return 0;
    }
    struct timespec deadline = wb__linux_timespec(wb__linux_deadline(timeout_ns));
    int error = pthread_cond_timedwait(real_cond(cond), real_mutex(mutex), &deadline);
    must_succeed(error == ETIMEDOUT ? 0 : error);
    return -error;
}

void wb__linux_cond_signal(void *self, struct wb_cond *cond) {
    (void)self;
    must_succeed(pthread_cond_signal(real_cond(cond)));
}

void wb__linux_cond_broadcast(void *self, struct wb_cond *cond) {
    (void)self;
    must_succeed(pthread_cond_broadcast(real_cond(cond)));
}
