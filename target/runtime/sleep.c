/* Sleeps and timeouts: futures with a timer in them. */
#include "runtime/internal.h"
#include "wb/time.h"

/* The status of one that was given a delay and was not polled yet: no need to look at the clock
 * again. Should its time have passed meanwhile the timer fires in the next turn. */
#define FRESH WB_IN_PROGRESS

static uint64_t deadline_after(const struct wb_runtime *runtime, uint64_t delay_ns) {
    const uint64_t now_ns = wb_runtime_now(runtime);
    return delay_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + delay_ns;
}

/* ---- sleep ---- */

/* Sees to it that the waker is woken in time. False: that is now. */
static bool arm(struct wb_sleep *sleep, const struct wb_task_waker *waker) {
    struct wb__driver *driver = &sleep->runtime->driver;
    struct wb__timer *timer = &sleep->timer;
    struct wb_task_waker next = wb_task_waker_clone(waker);
    wb__lock_enter(&driver->time_lock);
    const bool is_set = timer->id != 0 || wb__driver_set_timer(driver, timer, sleep->deadline_ns);
    if (is_set) {
        const struct wb_task_waker replaced = timer->waker;
        timer->waker = next;
        next = replaced;
    }
    wb__lock_leave(&driver->time_lock);
    wb_task_waker_drop(&next);
    return is_set;
}

static void disarm(struct wb_sleep *sleep) {
    struct wb__driver *driver = &sleep->runtime->driver;
    struct wb_task_waker waker = {0};
    wb__lock_enter(&driver->time_lock);
    if (sleep->timer.id != 0) {
        wb__driver_clear_timer(driver, &sleep->timer);
        waker = sleep->timer.waker;
        sleep->timer.waker = (struct wb_task_waker){0};
    }
    wb__lock_leave(&driver->time_lock);
    wb_task_waker_drop(&waker);
}

static bool is_due(struct wb_sleep *sleep) {
    if (sleep->future.status == FRESH) {
        sleep->future.status = WB_OK;
        return false;
    }
    return wb_runtime_now(sleep->runtime) >= sleep->deadline_ns;
}

static enum wb_progress sleep_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_sleep *sleep = WB_FUTURE_OF(future, struct wb_sleep, future);
    if (!is_due(sleep) && arm(sleep, context->waker)) {
        return WB_PENDING;
    }
    return wb_future_end(future, WB_OK);
}

static void sleep_drop(struct wb_future *future) {
    disarm(WB_FUTURE_OF(future, struct wb_sleep, future));
}

static const struct wb_future_ops sleep_ops = {
    .size = sizeof(struct wb_sleep),
    .offset = offsetof(struct wb_sleep, future),
    .poll = sleep_poll,
    .drop = sleep_drop,
};

void wb_sleep_init_until(struct wb_sleep *sleep, struct wb_runtime *runtime, uint64_t deadline_ns) {
    *sleep = (struct wb_sleep){.runtime = runtime, .deadline_ns = deadline_ns};
    wb_future_init(&sleep->future, &sleep_ops);
}

void wb_sleep_init(struct wb_sleep *sleep, struct wb_runtime *runtime, uint64_t delay_ns) {
    wb_sleep_init_until(sleep, runtime, deadline_after(runtime, delay_ns));
    if (delay_ns != 0) {
        sleep->future.status = FRESH;
    }
}

void wb_sleep_reset(struct wb_sleep *sleep, uint64_t deadline_ns) {
    struct wb__driver *driver = &sleep->runtime->driver;
    struct wb_task_waker due = {0};
    wb__lock_enter(&driver->time_lock);
    sleep->deadline_ns = deadline_ns;
    if (sleep->timer.id != 0) {
        wb__driver_clear_timer(driver, &sleep->timer);
        if (!wb__driver_set_timer(driver, &sleep->timer, deadline_ns)) {
            due = sleep->timer.waker;
            sleep->timer.waker = (struct wb_task_waker){0};
        }
    }
    wb__lock_leave(&driver->time_lock);
    wb_task_waker_fire(&due);
    sleep->future.status = WB_OK; /* not fresh */
    if (sleep->future.point >= WB__FUTURE_DROPPED) {
        wb_future_init(&sleep->future, &sleep_ops);
    }
}

/* ---- timeout ---- */

static enum wb_progress timeout_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_with_timeout *timeout = WB_FUTURE_OF(future, struct wb_with_timeout, future);
    if (wb_future_poll(timeout->inner, context) == WB_READY) {
        return wb_future_end(future, timeout->inner->status);
    }
    if (wb_future_poll(&timeout->sleep.future, context) == WB_READY) {
        return wb_future_end(future, WB_ERR_TIMED_OUT);
    }
    return WB_PENDING;
}

static void timeout_drop(struct wb_future *future) {
    struct wb_with_timeout *timeout = WB_FUTURE_OF(future, struct wb_with_timeout, future);
    wb_future_drop(timeout->inner);
    wb_future_drop(&timeout->sleep.future);
}

static const struct wb_future_ops timeout_ops = {
    .size = sizeof(struct wb_with_timeout),
    .offset = offsetof(struct wb_with_timeout, future),
    .poll = timeout_poll,
    .drop = timeout_drop,
};

void wb_with_timeout_init_until(struct wb_with_timeout *timeout, struct wb_runtime *runtime,
    struct wb_future *inner, uint64_t deadline_ns) {
    wb_future_init(&timeout->future, &timeout_ops);
    timeout->inner = inner;
    wb_sleep_init_until(&timeout->sleep, runtime, deadline_ns);
}

void wb_with_timeout_init(struct wb_with_timeout *timeout, struct wb_runtime *runtime,
    struct wb_future *inner, uint64_t delay_ns) {
    wb_with_timeout_init_until(timeout, runtime, inner, deadline_after(runtime, delay_ns));
}
