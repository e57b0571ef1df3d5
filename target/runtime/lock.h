/* A mutex of the seam that knows whether it is there, so that half-built objects can be cleaned up.
 */
#ifndef WB_RUNTIME_LOCK_H
#define WB_RUNTIME_LOCK_H

#include <stdbool.h>

#include "wb/lock.h"
#include "wb/status.h"
#include "wb/sys.h"

static inline WB_MUST_USE enum wb_status wb__lock_init(
    struct wb__lock *lock, const struct wb_sys *sys) {
    const int result = WB_SYS(sys, mutex_init, &lock->mutex);
    if (result == 0) {
        lock->sys = sys;
    }
    return wb_status_from_result(result);
}

static inline void wb__lock_clean_up(struct wb__lock *lock) {
    if (lock->sys != NULL) {
        WB_SYS(lock->sys, mutex_destroy, &lock->mutex);
        lock->sys = NULL;
    }
}

static inline void wb__lock_enter(struct wb__lock *lock) {
    WB_SYS(lock->sys, mutex_lock, &lock->mutex);
}

static inline void wb__lock_leave(struct wb__lock *lock) {
    WB_SYS(lock->sys, mutex_unlock, &lock->mutex);
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
    return wb_status_from_result(result);
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

static inline void wb__signal_await(struct wb__signal *signal, struct wb__lock *lock) {
    WB_SYS(signal->sys, cond_wait, &signal->cond, &lock->mutex);
}

/* False: the time is up. */
static inline bool wb__signal_await_for(
    struct wb__signal *signal, struct wb__lock *lock, int64_t timeout_ns) {
    return WB_SYS(signal->sys, cond_timedwait, &signal->cond, &lock->mutex, timeout_ns) == 0;
}

#endif
