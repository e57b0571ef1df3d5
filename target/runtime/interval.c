/* Intervals: one sleep, set anew for each tick. */
#include "runtime/internal.h"
#include "wb/time.h"

static uint64_t add(uint64_t time_ns, uint64_t delay_ns) {
    return delay_ns > UINT64_MAX - time_ns ? UINT64_MAX : time_ns + delay_ns;
}

/* When the tick after this one is due. One that came in its own tick of the timer wheel is not
 * late. */
static uint64_t next_due(const struct wb_interval *interval, uint64_t now_ns) {
    const uint64_t next_ns = add(interval->due_ns, interval->period_ns);
    const uint64_t late_ns = now_ns - interval->due_ns;
    const uint64_t resolution_ns = interval->sleep.runtime->driver.tick_ns;
    if (interval->missed == WB_MISSED_BURST || late_ns <= resolution_ns) {
        return next_ns;
    }
    if (interval->missed == WB_MISSED_DELAY) {
        return add(now_ns, interval->period_ns);
    }
    return add(now_ns, interval->period_ns - late_ns % interval->period_ns);
}

static enum wb_progress interval_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_interval *interval = WB_FUTURE_OF(future, struct wb_interval, future);
    if (wb_future_poll(&interval->sleep.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    interval->due_ns = wb_sleep_deadline(&interval->sleep);
    wb_sleep_reset(&interval->sleep, next_due(interval, wb_runtime_now(interval->sleep.runtime)));
    return wb_future_end(future, WB_OK);
}

static void interval_drop(struct wb_future *future) {
    if (!wb_future_is_over(future)) { /* else the sleep is for the next tick */
        wb_future_drop(&WB_FUTURE_OF(future, struct wb_interval, future)->sleep.future);
    }
}

static const struct wb_future_ops interval_ops = {
    .size = sizeof(struct wb_interval),
    .offset = offsetof(struct wb_interval, future),
    .poll = interval_poll,
    .drop = interval_drop,
};

enum wb_status wb_interval_init(struct wb_interval *interval, struct wb_runtime *runtime,
    uint64_t start_ns, uint64_t period_ns, enum wb_missed_ticks missed) {
    if (period_ns == 0) {
        return WB_ERR_INVALID;
    }
    *interval = (struct wb_interval){.period_ns = period_ns, .missed = missed};
    wb_future_init(&interval->future, &interval_ops);
    wb_sleep_init_until(&interval->sleep, runtime, start_ns);
    return WB_OK;
}

struct wb_future *wb_interval_tick(struct wb_interval *interval) {
    if (interval->sleep.future.point == WB__FUTURE_DROPPED) { /* given up, for the same time */
        wb_sleep_reset(&interval->sleep, wb_sleep_deadline(&interval->sleep));
    }
    if (interval->future.point >= WB__FUTURE_DROPPED) {
        wb_future_init(&interval->future, &interval_ops);
    }
    return &interval->future;
}

void wb_interval_reset_at(struct wb_interval *interval, uint64_t deadline_ns) {
    wb_sleep_reset(&interval->sleep, deadline_ns);
}

void wb_interval_reset(struct wb_interval *interval) {
    const uint64_t now_ns = wb_runtime_now(interval->sleep.runtime);
    wb_interval_reset_at(interval, add(now_ns, interval->period_ns));
}
