/* The end: drain, then cancel, then wait for what cannot be cancelled. */
#include "runtime/internal.h"
#include "wb/time.h"

/* Whether what is waited for has come. */
typedef bool (*is_reached_fn)(struct wb_runtime *runtime);

static bool is_drained(struct wb_runtime *runtime) {
    return wb__capacity_alive(runtime) == 0;
}

/* But for the blocking pool, whose work is counted last: what ends in between is then one task too
 * many, not one of the others too few. */
static bool is_cancelled(struct wb_runtime *runtime) {
    const uint64_t alive = wb__capacity_alive(runtime);
    return alive <= wb__blocking_alive(runtime);
}

/* What was counted as ended is so to its handle, too. */
static bool is_known(struct wb_runtime *runtime) {
    for (uint32_t i = 0; i < runtime->worker_count; i++) {
        wb_sys_interleave(runtime->sys, &runtime->workers[i].is_ending);
        if (atomic_load_explicit(&runtime->workers[i].is_ending, memory_order_acquire) != 0) {
            return false;
        }
    }
    return !wb__blocking_is_leaving(runtime);
}

static int64_t left_until(const struct wb_runtime *runtime, uint64_t deadline_ns) {
    const uint64_t now_ns = wb_runtime_now(runtime);
    if (deadline_ns == UINT64_MAX) {
        return WB_TIMEOUT_INFINITE;
    }
    const uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    return left_ns > INT64_MAX ? INT64_MAX : (int64_t)left_ns;
}

/* The calling thread is the worker. */
static bool drive_until(
    struct wb_runtime *runtime, is_reached_fn is_reached, uint64_t deadline_ns) {
    enum wb_status status = WB_OK;
    const bool always = true;
    while (!is_reached(runtime)) {
        const int64_t left_ns = left_until(runtime, deadline_ns);
        if (left_ns == 0) {
            return false;
        }
        status = wb__worker_step(runtime->workers, left_ns, &always);
        if (status != WB_OK && deadline_ns != UINT64_MAX) {
            return false; /* it can't wait; whoever has no deadline has nothing else to do */
        }
    }
    return true;
}

static bool wait_until(struct wb_runtime *runtime, is_reached_fn is_reached, uint64_t deadline_ns) {
    struct wb__bell *quiet = &runtime->parking.quiet;
    for (;;) {
        const uint64_t heard = wb__bell_rings(quiet);
        if (is_reached(runtime)) {
            return true;
        }
        const int64_t left_ns = left_until(runtime, deadline_ns);
        if (left_ns == 0) {
            return false;
        }
        wb__bell_await(quiet, heard, left_ns);
    }
}

/* False: the time is up. */
static bool reach(struct wb_runtime *runtime, is_reached_fn is_reached, uint64_t deadline_ns) {
    return runtime->is_single ? drive_until(runtime, is_reached, deadline_ns)
                              : wait_until(runtime, is_reached, deadline_ns);
}

/* Another thread may shut it down as well, and be further. */
static void begin_draining(struct wb_runtime *runtime) {
    wb__lock_enter(&runtime->waiting_lock);
    if (wb__runtime_phase(runtime) == WB__PHASE_OPEN) {
        wb__runtime_set_phase(runtime, WB__PHASE_DRAINING);
    }
    wb__lock_leave(&runtime->waiting_lock);
}

/* Tasks in queues are dropped by whoever takes them out; those that wait are put there. */
static void cancel_tasks(struct wb_runtime *runtime) {
    wb__lock_enter(&runtime->waiting_lock);
    if (wb__runtime_phase(runtime) < WB__PHASE_CANCELLING) {
        wb__runtime_set_phase(runtime, WB__PHASE_CANCELLING);
    }
    for (struct wb_task *task = runtime->waiting; task != NULL; task = task->next) {
        wb__task_abort(task);
    }
    wb__lock_leave(&runtime->waiting_lock);
    wb__blocking_cancel(runtime);
}

static void watch(struct wb_runtime *runtime, bool begins) {
    wb__lock_enter(&runtime->parking.lock);
    runtime->parking.watchers += begins ? 1 : UINT32_MAX;
    wb__lock_leave(&runtime->parking.lock);
}

static enum wb_status shut_down(struct wb_runtime *runtime, uint64_t drain_ns) {
    const uint64_t now_ns = wb_runtime_now(runtime);
    const uint64_t deadline_ns = drain_ns > UINT64_MAX - now_ns ? UINT64_MAX : now_ns + drain_ns;
    begin_draining(runtime);
    const bool has_drained = reach(runtime, is_drained, deadline_ns);
    if (!has_drained) {
        cancel_tasks(runtime);
        (void)reach(runtime, is_cancelled, UINT64_MAX);
        (void)reach(runtime, is_drained, deadline_ns);
    }
    (void)reach(runtime, is_known, UINT64_MAX); /* for which nobody runs a future's code */
    return has_drained ? WB_OK : WB_ERR_TIMED_OUT;
}

enum wb_status wb_runtime_shutdown(struct wb_runtime *runtime, uint64_t drain_ns) {
    if (!runtime->is_single && wb__runtime_is_inside(runtime)) {
        return WB_ERR_NESTED;
    }
    enum wb_status status = runtime->is_single ? wb__runtime_sit(runtime) : WB_OK;
    if (status != WB_OK) {
        return status;
    }
    watch(runtime, true);
    status = shut_down(runtime, drain_ns);
    watch(runtime, false);
    if (runtime->is_single) {
        wb__runtime_stand(runtime);
    }
    return status;
}
