/* Waiting for a time, in futures. Times are nanoseconds on the seam's monotonic clock. Timers never
 * fire early; they are due at the runtime's next tick (timer_tick_ns), and fire in the order of
 * their ticks and, within one, in the order in which they were set.
 *
 * They fire when the runtime looks at readiness and timers the next time: if it waits, as soon as
 * one is due; if it has tasks to run, within 256 polls of a worker. A wait that something else
 * ends, readiness or another thread, does not look at the clock again: a timer that was not yet due
 * when it began, and is by then, fires when the runtime looks the time after that.
 *
 * The timer lies in the future itself: setting, resetting and cancelling one allocates nothing and
 * costs the same however many there are. A future here must have been dropped before its runtime is
 * destroyed; being polled by another runtime is allowed. */
#ifndef WB_TIME_H
#define WB_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/status.h"
#include "wb/task_waker.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;

/* Now, on the clock that all of this goes by. */
WB_API uint64_t wb_runtime_now(const struct wb_runtime *runtime);

/* ---- sleep ---- */

/* A timer in the wheel of a runtime. The fields are private, under the lock of the wheel. */
struct wb__timer {
    struct wb__timer *prev;
    struct wb__timer *next;
    uint64_t tick;
    uint64_t id; /* 0 unless it is set */
    struct wb_task_waker waker;
};

/* Over, with WB_OK, once its deadline has passed. */
struct wb_sleep {
    struct wb_future future;
    struct wb_runtime *runtime;
    uint64_t deadline_ns;
    struct wb__timer timer;
};

/* For delay_ns from now, or until deadline_ns. Deadlines beyond the clock's range are its end. The
 * timer is set at the first poll; if a delay that was not zero has passed by then, it fires in the
 * runtime's next turn. */
WB_API void wb_sleep_init(struct wb_sleep *sleep, struct wb_runtime *runtime, uint64_t delay_ns);
WB_API void wb_sleep_init_until(
    struct wb_sleep *sleep, struct wb_runtime *runtime, uint64_t deadline_ns);

/* Another deadline, for a sleep in whatever state: one that is set is moved, its waker stays; one
 * that is over or was dropped can be polled again. */
WB_API void wb_sleep_reset(struct wb_sleep *sleep, uint64_t deadline_ns);

static inline uint64_t wb_sleep_deadline(const struct wb_sleep *sleep) {
    return sleep->deadline_ns;
}

/* ---- timeout ---- */

/* A future that has only so much time: over with its status, or with WB_ERR_TIMED_OUT, and then it
 * has been dropped. The inner one is polled first: if it is over, it is, however late. */
struct wb_with_timeout {
    struct wb_future future;
    struct wb_future *inner;
    struct wb_sleep sleep;
};

/* `inner` is borrowed and must stay where it is from the first poll on. */
WB_API void wb_with_timeout_init(struct wb_with_timeout *timeout, struct wb_runtime *runtime,
    struct wb_future *inner, uint64_t delay_ns);
WB_API void wb_with_timeout_init_until(struct wb_with_timeout *timeout, struct wb_runtime *runtime,
    struct wb_future *inner, uint64_t deadline_ns);

/* ---- interval ---- */

/* What becomes of ticks that were missed because nobody waited for them. */
enum wb_missed_ticks {
    WB_MISSED_BURST, /* they come at once, one after the other, until the schedule is met again */
    WB_MISSED_DELAY, /* the next comes a period after the late one, and the schedule from there on
                      */
    WB_MISSED_SKIP,  /* they are left out; the next comes at the next multiple of the period */
};

/* Ticks again and again: WB_AWAIT(wb_interval_tick(&self->interval)). */
struct wb_interval {
    struct wb_future future; /* over at a tick, until the next is asked for */
    struct wb_sleep sleep;
    uint64_t period_ns;
    uint64_t due_ns; /* of the last tick: when it should have come */
    enum wb_missed_ticks missed;
};

/* The first tick is due at start_ns, which may have passed. Errors: WB_ERR_INVALID for a period of
 * 0. */
WB_API WB_MUST_USE enum wb_status wb_interval_init(struct wb_interval *interval,
    struct wb_runtime *runtime, uint64_t start_ns, uint64_t period_ns, enum wb_missed_ticks missed);

/* The future of the next tick: the interval's own, ready to be polled again if the last tick is
 * over, or if it was given up (as by a race that another future won): that tick is then still to
 * come. Asking several times for one tick changes nothing. `due_ns` is then when the tick was due.
 */
WB_API struct wb_future *wb_interval_tick(struct wb_interval *interval);

/* The next tick is due a period from now; or at the given time. */
WB_API void wb_interval_reset(struct wb_interval *interval);
WB_API void wb_interval_reset_at(struct wb_interval *interval, uint64_t deadline_ns);

#ifdef __cplusplus
}
#endif

#endif
