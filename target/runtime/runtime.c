/* The runtime's life, spawning, and what a thread does that blocks on a future. */
#include "wb/runtime.h"

#include <assert.h>
#include <string.h>

#include "runtime/internal.h"

#define NS_PER_MS UINT64_C(1000000)

/* Defaults and bounds of the configuration. */
enum {
    WORKERS_DEFAULT = 1,
    TASKS_DEFAULT = 1 << 24,
    BLOCKING_DEFAULT = 500,
    KEEP_ALIVE_MS_DEFAULT = 500,
    EVENTS_DEFAULT = 256,
};

/* ---- configuration ---- */

static uint32_t or_default(uint32_t value, uint32_t default_value) {
    return value == 0 ? default_value : value;
}

static struct wb_runtime_config complete(const struct wb_runtime_config *given) {
    struct wb_runtime_config config = {0};
    if (given != NULL) {
        config = *given;
    }
    config.high_workers = or_default(config.high_workers, WORKERS_DEFAULT);
    config.low_workers = or_default(config.low_workers, WORKERS_DEFAULT);
    if (config.flavour == WB_RUNTIME_CURRENT_THREAD) {
        config.high_workers = 1;
        config.low_workers = 0;
    }
    config.tasks_max = or_default(config.tasks_max, TASKS_DEFAULT);
    config.blocking_threads_max = or_default(config.blocking_threads_max, BLOCKING_DEFAULT);
    if (config.blocking_threads_max > WB_RUNTIME_BLOCKING_MAX) {
        config.blocking_threads_max = WB_RUNTIME_BLOCKING_MAX;
    }
    if (config.blocking_keep_alive_ns == 0) {
        config.blocking_keep_alive_ns = KEEP_ALIVE_MS_DEFAULT * NS_PER_MS;
    }
    config.timer_tick_ns = config.timer_tick_ns == 0 ? NS_PER_MS : config.timer_tick_ns;
    config.events_capacity = or_default(config.events_capacity, EVENTS_DEFAULT);
    return config;
}

static bool is_within_bounds(const struct wb_runtime_config *config) {
    const bool is_known =
        config->flavour == WB_RUNTIME_MULTI_THREAD || config->flavour == WB_RUNTIME_CURRENT_THREAD;
    const bool is_waitable =
        config->backend == WB_BACKEND_EPOLL || config->backend == WB_BACKEND_POLL;
    return is_known && is_waitable && config->high_workers <= WB_RUNTIME_WORKERS_MAX
           && config->low_workers <= WB_RUNTIME_WORKERS_MAX
           && config->events_capacity <= WB_EVENTS_CAPACITY_MAX
           && config->blocking_keep_alive_ns <= INT64_MAX;
}

/* ---- life ---- */

/* The slots of the wheel and the rings of the workers are written before they are read. They are
 * nearly all of a runtime, so that clearing them would be most of the work of making one. */

/* Returns what is behind the part that is left out. */
static char *clear_up_to(char *from, void *part, size_t len) {
    memset(from, 0, (size_t)((char *)part - from));
    return (char *)part + len;
}

static void clear_runtime(struct wb_runtime *runtime) {
    struct wb__time_wheel *wheel = &runtime->driver.wheel;
    char *rest = clear_up_to((char *)runtime, wheel->slots, sizeof(wheel->slots));
    memset(rest, 0, (size_t)((char *)(runtime + 1) - rest));
}

static void clear_worker(struct wb__worker *worker) {
    char *rest = (char *)worker;
    for (int i = 0; i < WB__PRIORITIES; i++) {
        struct wb__local_queue *queue = &worker->queues[i];
        rest = clear_up_to(rest, queue->slots, sizeof(queue->slots));
    }
    memset(rest, 0, (size_t)((char *)(worker + 1) - rest));
}

static enum wb_status open_locks(struct wb_runtime *runtime) {
    const struct wb_sys *sys = runtime->sys;
    wb__lock_init(&runtime->waiting_lock, sys);
    for (int i = 0; i < WB__PRIORITIES; i++) {
        wb__lock_init(&runtime->shared[i].lock, sys);
    }
    wb__lock_init(&runtime->parking.lock, sys);
    return wb__bell_init(&runtime->parking.quiet, sys, false);
}

static enum wb_status open_workers(struct wb_runtime *runtime) {
    const size_t size = runtime->worker_count * sizeof(*runtime->workers);
    runtime->workers = WB_SYS(runtime->sys, alloc, size);
    if (runtime->workers == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    enum wb_status status = WB_OK;
    for (uint32_t i = 0; i < runtime->worker_count; i++) {
        struct wb__worker *worker = &runtime->workers[i];
        clear_worker(worker);
        wb__worker_init(worker, runtime, i);
        if (status == WB_OK) {
            status = wb__bell_init(&worker->call, runtime->sys, true);
        }
    }
    return status;
}

static enum wb_status start_threads(struct wb_runtime *runtime) {
    for (uint32_t i = 0; i < runtime->worker_count && !runtime->is_single; i++) {
        struct wb__worker *worker = &runtime->workers[i];
        const int result =
            WB_SYS(runtime->sys, thread_create, wb__worker_main, worker, &worker->handle);
        if (result != 0) {
            return wb__scarce_status(result);
        }
        worker->is_started = true;
    }
    return WB_OK;
}

static enum wb_status runtime_open(struct wb_runtime *runtime) {
    enum wb_status status = open_locks(runtime);
    if (status == WB_OK) {
        status = open_workers(runtime);
    }
    if (status == WB_OK) {
        status = wb__driver_init(&runtime->driver, runtime->sys, &runtime->config);
    }
    if (status == WB_OK) {
        status = wb__blocking_init(runtime);
    }
    return status == WB_OK ? start_threads(runtime) : status;
}

static void stop_threads(struct wb_runtime *runtime) {
    wb__runtime_set_phase(runtime, WB__PHASE_STOPPED);
    if (runtime->parking.lock.sys != NULL && runtime->workers != NULL) {
        wb__parking_wake_all(runtime);
    }
    for (uint32_t i = 0; i < runtime->worker_count && runtime->workers != NULL; i++) {
        if (runtime->workers[i].is_started) {
            WB_SYS(runtime->sys, thread_join, runtime->workers[i].handle);
        }
    }
}

static void runtime_free(struct wb_runtime *runtime) {
    const struct wb_sys *sys = runtime->sys;
    wb__blocking_clean_up(runtime);
    wb__driver_clean_up(&runtime->driver);
    if (runtime->workers != NULL) {
        for (uint32_t i = 0; i < runtime->worker_count; i++) {
            wb__bell_clean_up(&runtime->workers[i].call);
        }
        WB_SYS(sys, free, runtime->workers, runtime->worker_count * sizeof(*runtime->workers));
    }
    wb__bell_clean_up(&runtime->parking.quiet);
    wb__lock_clean_up(&runtime->parking.lock);
    for (int i = 0; i < WB__PRIORITIES; i++) {
        wb__lock_clean_up(&runtime->shared[i].lock);
    }
    wb__lock_clean_up(&runtime->waiting_lock);
    WB_SYS(sys, free, runtime, sizeof(*runtime));
}

enum wb_status wb_runtime_new(const struct wb_sys *sys, const struct wb_runtime_config *config,
    struct wb_runtime **out_runtime) {
    const struct wb_runtime_config completed = complete(config);
    if (!is_within_bounds(&completed)) {
        return WB_ERR_INVALID;
    }
    struct wb_runtime *runtime = WB_SYS(sys, alloc, sizeof(*runtime));
    if (runtime == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    clear_runtime(runtime);
    runtime->scheduler.ops = &wb__runtime_scheduler_ops;
    runtime->sys = sys;
    runtime->config = completed;
    runtime->worker_count = completed.high_workers + completed.low_workers;
    runtime->is_single = completed.flavour == WB_RUNTIME_CURRENT_THREAD;
    wb__capacity_init(runtime);
    const enum wb_status status = runtime_open(runtime);
    if (status != WB_OK) {
        stop_threads(runtime);
        runtime_free(runtime);
        return status;
    }
    *out_runtime = runtime;
    return WB_OK;
}

void wb_runtime_destroy(struct wb_runtime *runtime) {
    if (runtime == NULL) {
        return;
    }
    const enum wb_status status = wb_runtime_shutdown(runtime, 0);
    assert(status != WB_ERR_NESTED && "a runtime is destroyed from within itself");
    (void)status;
    wb__blocking_stop(runtime);
    stop_threads(runtime);
    /* Whoever pushed last may still be about to let go of the lock. */
    wb__lock_enter(&runtime->parking.lock);
    wb__lock_leave(&runtime->parking.lock);
    runtime_free(runtime);
}

const struct wb_sys *wb_runtime_sys(const struct wb_runtime *runtime) {
    return runtime->sys;
}

uint64_t wb_runtime_now(const struct wb_runtime *runtime) {
    return WB_SYS(runtime->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

size_t wb_runtime_task_overhead(void) {
    return WB__TASK_BODY_AT;
}

/* ---- scheduling ---- */

struct wb__worker *wb__runtime_worker(struct wb_runtime *runtime) {
    const uint64_t self = wb_sys_thread_self(runtime->sys);
    if (runtime->is_single) {
        struct wb__worker *only = runtime->workers;
        return atomic_load_explicit(&only->thread, memory_order_relaxed) == self ? only : NULL;
    }
    for (uint32_t i = 0; i < runtime->worker_count; i++) {
        struct wb__worker *worker = &runtime->workers[i];
        if (atomic_load_explicit(&worker->thread, memory_order_relaxed) == self) {
            return worker;
        }
    }
    return NULL;
}

static struct wb_runtime *runtime_of(struct wb_scheduler *scheduler) {
    return (
        struct wb_runtime *)(void *)((char *)scheduler - offsetof(struct wb_runtime, scheduler));
}

static void runtime_schedule(struct wb_scheduler *self, struct wb_task *task) {
    struct wb_runtime *runtime = runtime_of(self);
    struct wb__worker *worker = wb__runtime_worker(runtime);
    if (worker == NULL) {
        wb__parking_submit(runtime, task);
    } else if (runtime->is_single) {
        wb__task_list_push(&worker->queues[task->priority].list, task);
    } else {
        wb__worker_push(worker, task);
    }
}

/* The list of the only worker belongs to whoever drives it. */
static void enter_waiting(struct wb_runtime *runtime) {
    if (!runtime->is_single) {
        wb__lock_enter(&runtime->waiting_lock);
    }
}

static void leave_waiting(struct wb_runtime *runtime) {
    if (!runtime->is_single) {
        wb__lock_leave(&runtime->waiting_lock);
    }
}

static void runtime_on_wait(struct wb_scheduler *self, struct wb_task *task) {
    struct wb_runtime *runtime = runtime_of(self);
    enter_waiting(runtime);
    if (wb__runtime_phase(runtime) >= WB__PHASE_CANCELLING) {
        wb__task_mark_cancelled(task); /* the list has been gone through */
    }
    task->prev = NULL;
    task->next = runtime->waiting;
    if (task->next != NULL) {
        task->next->prev = task;
    }
    runtime->waiting = task;
    leave_waiting(runtime);
}

static void runtime_on_end(struct wb_scheduler *self, struct wb_task *task) {
    struct wb_runtime *runtime = runtime_of(self);
    if (task->has_waited) {
        enter_waiting(runtime);
        *(task->prev == NULL ? &runtime->waiting : &task->prev->next) = task->next;
        if (task->next != NULL) {
            task->next->prev = task->prev;
        }
        leave_waiting(runtime);
    }
    struct wb__worker *worker = wb__runtime_worker(runtime);
    if (worker != NULL) {
        atomic_store_explicit(&worker->is_ending, 1, memory_order_relaxed);
    }
    wb__capacity_give(runtime, worker);
}

const struct wb_scheduler_ops wb__runtime_scheduler_ops = {
    .schedule = runtime_schedule,
    .on_wait = runtime_on_wait,
    .on_end = runtime_on_end,
};

enum wb_status wb__runtime_spawn(struct wb_runtime *runtime, struct wb_future *future,
    const struct wb_spawn_options *options, struct wb_join_handle *out_handle,
    struct wb_task **out_task) {
    assert(options == NULL || (unsigned)options->priority < WB__PRIORITIES);
    struct wb__worker *worker = wb__runtime_worker(runtime);
    struct wb_task *task = NULL;
    enum wb_status status = wb__capacity_take(runtime, worker);
    if (status != WB_OK) {
        return status;
    }
    status = wb_task_new(runtime->sys, &runtime->scheduler, future, options, &task, out_handle);
    if (status != WB_OK) {
        wb__capacity_undo(runtime, worker);
        return status;
    }
    wb__task_announce(runtime, task);
    if (task->priority == WB_PRIORITY_HIGH) {
        wb__parking_expect_high(runtime);
    }
    *out_task = task;
    if (worker != NULL) {
        wb__worker_push(worker, task);
    } else {
        wb__parking_submit(runtime, task);
    }
    return WB_OK;
}

enum wb_status wb_runtime_spawn(struct wb_runtime *runtime, struct wb_future *future,
    const struct wb_spawn_options *options, struct wb_join_handle *out_handle) {
    struct wb_task *task = NULL;
    return wb__runtime_spawn(runtime, future, options, out_handle, &task);
}

/* Numbers are for those who look; all runtimes of a program share them, so that its tasks can be
 * told apart. Where nobody gives any a runtime counts its own. */
static uint64_t next_number(struct wb_runtime *runtime) {
    const struct wb_sys *sys = runtime->sys;
    if (sys->ops->number != NULL) {
        return sys->ops->number(sys->self);
    }
    return atomic_fetch_add_explicit(&runtime->next_task_id, 1, memory_order_relaxed) + 1;
}

void wb__task_announce(struct wb_runtime *runtime, struct wb_task *task) {
    if (runtime->sys->ops->note != NULL) {
        const bool may_block = task->scheduler == &runtime->blocking.scheduler;
        const uint64_t how = (task->is_unconstrained ? WB_NOTE_SPAWN_UNBUDGETED : 0u)
                             | (may_block ? WB_NOTE_SPAWN_BLOCKING : 0u);
        task->id = next_number(runtime);
        wb_sys_note(runtime->sys, WB_NOTE_TASK_SPAWN, task->id, how);
    }
}
