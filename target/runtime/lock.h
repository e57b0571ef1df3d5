/* Mutual exclusion and sleep: locks for sections of a few instructions, monitors for those who wait
 * with a signal, and bells for those who sleep until they are called.
 *
 * A lock is one word, so that taking and leaving a free one costs an atomic operation each and no
 * call. Who finds it taken waits in line, with a mutex and a condition of the seam on its own stack
 * (lock.c). Once it has been left by somebody it may be freed by whoever has it next: nobody
 * touches it after leaving. */
#ifndef WB_RUNTIME_LOCK_H
#define WB_RUNTIME_LOCK_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "wb/lock.h"
#include "wb/status.h"
#include "wb/sys.h"

/* For who looks again and again whether another thread is done. On 64-bit ARM `yield` does nothing
 * on most cores, while `isb` takes about as long as x86's `pause`. */
static inline void wb__relax(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("isb");
#elif defined(__arm__) && __ARM_ARCH >= 7
    __asm__ __volatile__("yield");
#endif
}

/* For who has looked so often that the other one must have been interrupted. */
void wb__lock_give_way(const struct wb_sys *sys);

/* ---- locks ---- */

#define WB__LOCK_FREE ((uintptr_t)0)
#define WB__LOCK_TAKEN ((uintptr_t)1)

static inline atomic_uintptr_t *wb__lock_word(struct wb__lock *lock) {
    return (atomic_uintptr_t *)(void *)&lock->word;
}

static inline void wb__lock_init(struct wb__lock *lock, const struct wb_sys *sys) {
    lock->sys = sys;
    atomic_init(wb__lock_word(lock), WB__LOCK_FREE);
}

static inline void wb__lock_clean_up(struct wb__lock *lock) {
    assert(atomic_load_explicit(wb__lock_word(lock), memory_order_relaxed) == WB__LOCK_FREE
           && "a lock goes away while somebody has it");
    lock->sys = NULL;
}

void wb__lock_enter_taken(struct wb__lock *lock);
void wb__lock_leave_awaited(struct wb__lock *lock);

static inline void wb__lock_enter(struct wb__lock *lock) {
    uintptr_t word = WB__LOCK_FREE;
    wb_sys_interleave(lock->sys, &lock->word);
    if (!atomic_compare_exchange_strong_explicit(wb__lock_word(lock), &word, WB__LOCK_TAKEN,
            memory_order_acquire, memory_order_relaxed)) {
        wb__lock_enter_taken(lock);
    }
}

static inline void wb__lock_leave(struct wb__lock *lock) {
    uintptr_t word = WB__LOCK_TAKEN;
    wb_sys_interleave(lock->sys, &lock->word);
    if (!atomic_compare_exchange_strong_explicit(wb__lock_word(lock), &word, WB__LOCK_FREE,
            memory_order_release, memory_order_relaxed)) {
        wb__lock_leave_awaited(lock);
    }
}

/* ---- monitors ---- */

/* The status of making something of which the system may have too few. It says so with EAGAIN, and
 * that is no outcome to anybody who does not try again. */
static inline enum wb_status wb__scarce_status(int result) {
    const enum wb_status status = wb_status_from_result(result);
    return status == WB_WOULD_BLOCK ? WB_ERR_LIMIT : status;
}

/* A mutex of the seam that knows whether it is there, so that half-built objects can be cleaned up.
 * All zero: none. */
struct wb__monitor {
    const struct wb_sys *sys;
    struct wb_mutex mutex;
};

static inline WB_MUST_USE enum wb_status wb__monitor_init(
    struct wb__monitor *monitor, const struct wb_sys *sys) {
    const int result = WB_SYS(sys, mutex_init, &monitor->mutex);
    if (result == 0) {
        monitor->sys = sys;
    }
    return wb__scarce_status(result);
}

static inline void wb__monitor_clean_up(struct wb__monitor *monitor) {
    if (monitor->sys != NULL) {
        WB_SYS(monitor->sys, mutex_destroy, &monitor->mutex);
        monitor->sys = NULL;
    }
}

static inline void wb__monitor_enter(struct wb__monitor *monitor) {
    WB_SYS(monitor->sys, mutex_lock, &monitor->mutex);
}

static inline void wb__monitor_leave(struct wb__monitor *monitor) {
    WB_SYS(monitor->sys, mutex_unlock, &monitor->mutex);
}

/* The same for conditions. */
struct wb__signal {
    const struct wb_sys *sys;
    struct wb_cond cond;
};

static inline WB_MUST_USE enum wb_status wb__signal_init(
    struct wb__signal *signal, const struct wb_sys *sys) {
    const int result = WB_SYS(sys, cond_init, &signal->cond);
    if (result == 0) {
        signal->sys = sys;
    }
    return wb__scarce_status(result);
}

static inline void wb__signal_clean_up(struct wb__signal *signal) {
    if (signal->sys != NULL) {
        WB_SYS(signal->sys, cond_destroy, &signal->cond);
        signal->sys = NULL;
    }
}

static inline void wb__signal_send(struct wb__signal *signal) {
    WB_SYS(signal->sys, cond_signal, &signal->cond);
}

static inline void wb__signal_send_all(struct wb__signal *signal) {
    WB_SYS(signal->sys, cond_broadcast, &signal->cond);
}

static inline void wb__signal_await(struct wb__signal *signal, struct wb__monitor *monitor) {
    WB_SYS(signal->sys, cond_wait, &signal->cond, &monitor->mutex);
}

/* False: the time is up. */
static inline bool wb__signal_await_for(
    struct wb__signal *signal, struct wb__monitor *monitor, int64_t timeout_ns) {
    return WB_SYS(signal->sys, cond_timedwait, &signal->cond, &monitor->mutex, timeout_ns) == 0;
}

/* ---- bells ---- */

/* Counts how often it was rung, so that no call is lost on who is about to sleep. For one who
 * listens at a time, or without patience. All zero: none. */
struct wb__bell {
    struct wb__monitor monitor;
    struct wb__signal rung;
    _Atomic uint64_t rings; /* written under the monitor */
    uint32_t patience;      /* the listener's: looks before it goes to sleep */
};

WB_MUST_USE enum wb_status wb__bell_init(
    struct wb__bell *bell, const struct wb_sys *sys, bool is_patient);
void wb__bell_clean_up(struct wb__bell *bell);

/* Who is called may do away with the bell as soon as its wait has returned. */
void wb__bell_ring(struct wb__bell *bell);

static inline uint64_t wb__bell_rings(struct wb__bell *bell) {
    wb_sys_interleave(bell->monitor.sys, &bell->rings);
    return atomic_load_explicit(&bell->rings, memory_order_acquire);
}

/* Until it was rung more than `heard` times, or the time is up. */
void wb__bell_await(struct wb__bell *bell, uint64_t heard, int64_t timeout_ns);

#endif
