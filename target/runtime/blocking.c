/* The blocking pool: threads that start on demand and end when they have nothing to do. Work is a
 * task like any other, whose future calls the function; it is never pending. */
#include "wb/blocking.h"

#include <assert.h>

#include "runtime/internal.h"

/* Freed by whoever joins the thread. */
struct wb__blocking_thread {
    struct wb_runtime *runtime;
    struct wb__blocking_thread *next;
    uint64_t handle;
};

struct work {
    struct wb_future future;
    enum wb_status (*fn)(void *arg);
    void (*release)(void *arg); /* NULL: nothing */
    void *arg;
};

static enum wb_progress work_poll(struct wb_future *future, struct wb_context *context) {
    const struct work *work = WB_FUTURE_OF(future, struct work, future);
    (void)context;
    return wb_future_end(future, work->fn(work->arg));
}

static void work_drop(struct wb_future *future) {
    const struct work *work = WB_FUTURE_OF(future, struct work, future);
    if (work->release != NULL) {
        work->release(work->arg);
    }
}

static const struct wb_future_ops work_ops = {
    .size = sizeof(struct work),
    .offset = offsetof(struct work, future),
    .poll = work_poll,
    .drop = work_drop,
};

static struct wb_runtime *runtime_of(struct wb_scheduler *scheduler) {
    return (struct wb_runtime *)(void *)((char *)scheduler
                                         - offsetof(struct wb_runtime, blocking.scheduler));
}

/* ---- threads ---- */

/* A task has ended, and its handle knows. With the lock. */
static void take_leave(struct wb_runtime *runtime) {
    runtime->blocking.leaving--;
    wb__parking_tell(runtime);
}

/* Without the lock. */
static void cancel_work(struct wb_runtime *runtime, struct wb_task *task) {
    wb_task_cancel(task);
    wb__monitor_enter(&runtime->blocking.lock);
    take_leave(runtime);
    wb__monitor_leave(&runtime->blocking.lock);
}

/* Until the queue is empty. With the lock, but for the time of the work. */
static void work_off(struct wb_runtime *runtime) {
    struct wb__blocking *pool = &runtime->blocking;
    for (struct wb_task *task = NULL; (task = wb__task_list_pop(&pool->queue)) != NULL;) {
        wb__monitor_leave(&pool->lock);
        if (wb__runtime_phase(runtime) >= WB__PHASE_CANCELLING) {
            wb_task_cancel(task);
        } else {
            (void)wb__task_poll(task, runtime);
        }
        wb__monitor_enter(&pool->lock);
        take_leave(runtime);
    }
}

/* Until it was idle for too long, or the pool stops. With the lock. */
static void serve(struct wb_runtime *runtime) {
    struct wb__blocking *pool = &runtime->blocking;
    bool has_time = true;
    for (;;) {
        work_off(runtime);
        if (pool->is_stopping || !has_time) {
            break;
        }
        pool->idle++;
        has_time = wb__signal_await_for(
            &pool->wake, &pool->lock, (int64_t)runtime->config.blocking_keep_alive_ns);
        pool->idle--;
        has_time = has_time || pool->queue.len != 0;
    }
}

static void tell(void (*hook)(void *user_data), const struct wb_runtime *runtime) {
    if (hook != NULL) {
        hook(runtime->config.user_data);
    }
}

/* Nobody joins it before it has told of its end, and then touches the runtime no more. */
static void thread_main(void *arg) {
    struct wb__blocking_thread *thread = arg;
    struct wb_runtime *runtime = thread->runtime;
    struct wb__blocking *pool = &runtime->blocking;
    tell(runtime->config.on_thread_start, runtime);
    wb__monitor_enter(&pool->lock);
    serve(runtime);
    pool->threads--;
    wb__monitor_leave(&pool->lock);
    tell(runtime->config.on_thread_stop, runtime);
    wb__monitor_enter(&pool->lock);
    pool->running--;
    thread->next = pool->ended;
    pool->ended = thread;
    if (pool->is_stopping) { /* else it would only be news to idle threads, and keep them alive */
        wb__signal_send_all(&pool->wake);
    }
    wb__monitor_leave(&pool->lock);
}

/* Those that have ended want nothing any more. Without the lock. */
static void join_ended(struct wb_runtime *runtime) {
    struct wb__blocking *pool = &runtime->blocking;
    wb__monitor_enter(&pool->lock);
    struct wb__blocking_thread *thread = pool->ended;
    pool->ended = NULL;
    wb__monitor_leave(&pool->lock);
    while (thread != NULL) {
        struct wb__blocking_thread *next = thread->next;
        WB_SYS(runtime->sys, thread_join, thread->handle);
        WB_SYS(runtime->sys, free, thread, sizeof(*thread));
        thread = next;
    }
}

/* With the lock, so that the thread finds its handle filled in when it gets it. */
static enum wb_status start_thread(struct wb_runtime *runtime) {
    const struct wb_sys *sys = runtime->sys;
    struct wb__blocking_thread *thread = WB_SYS(sys, alloc, sizeof(*thread));
    if (thread == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *thread = (struct wb__blocking_thread){.runtime = runtime};
    const int result = WB_SYS(sys, thread_create, thread_main, thread, &thread->handle);
    if (result != 0) {
        WB_SYS(sys, free, thread, sizeof(*thread));
        const enum wb_status status = wb_status_from_result(result);
        return status == WB_ERR_NO_MEMORY ? status : WB_ERR_LIMIT;
    }
    runtime->blocking.threads++;
    runtime->blocking.running++;
    return WB_OK;
}

/* Sees to it that somebody will take what is queued. With the lock. */
static enum wb_status call_for_thread(struct wb_runtime *runtime) {
    struct wb__blocking *pool = &runtime->blocking;
    if (pool->queue.len <= pool->idle || pool->threads >= runtime->config.blocking_threads_max) {
        wb__signal_send(&pool->wake);
        return WB_OK;
    }
    const enum wb_status status = start_thread(runtime);
    return pool->threads == 0 ? status : WB_OK;
}

/* ---- work ---- */

static void pool_schedule(struct wb_scheduler *self, struct wb_task *task) {
    (void)self;
    (void)task;
    assert(!"work of the blocking pool never waits");
}

static void pool_on_end(struct wb_scheduler *self, struct wb_task *task) {
    struct wb_runtime *runtime = runtime_of(self);
    (void)task;
    wb__monitor_enter(&runtime->blocking.lock);
    runtime->blocking.alive--;
    runtime->blocking.leaving++;
    wb__monitor_leave(&runtime->blocking.lock);
    wb__capacity_give(runtime, wb__runtime_worker(runtime));
}

static const struct wb_scheduler_ops pool_scheduler_ops = {
    .schedule = pool_schedule,
    .on_end = pool_on_end,
};

/* On failure the task is still the caller's. */
static enum wb_status submit(struct wb_runtime *runtime, struct wb_task *task) {
    struct wb__blocking *pool = &runtime->blocking;
    join_ended(runtime);
    wb__monitor_enter(&pool->lock);
    pool->alive++;
    wb__task_list_push(&pool->queue, task);
    const enum wb_status status = call_for_thread(runtime);
    if (status != WB_OK) { /* there is no thread, so the queue was empty */
        (void)wb__task_list_pop(&pool->queue);
    }
    wb__monitor_leave(&pool->lock);
    return status;
}

enum wb_status wb_runtime_spawn_blocking(struct wb_runtime *runtime,
    enum wb_status (*fn)(void *arg), void *arg, struct wb_join_handle *out_handle) {
    return wb__blocking_spawn(runtime, fn, NULL, arg, out_handle);
}

enum wb_status wb__blocking_spawn(struct wb_runtime *runtime, enum wb_status (*fn)(void *arg),
    void (*release)(void *arg), void *arg, struct wb_join_handle *out_handle) {
    struct wb__worker *worker = wb__runtime_worker(runtime);
    struct work work = {.fn = fn, .release = release, .arg = arg};
    struct wb_join_handle handle = {0};
    struct wb_task *task = NULL;
    wb_future_init(&work.future, &work_ops);
    enum wb_status status = wb__capacity_take(runtime, worker);
    if (status != WB_OK) {
        wb_future_drop(&work.future);
        return status;
    }
    status =
        wb_task_new(runtime->sys, &runtime->blocking.scheduler, &work.future, NULL, &task, &handle);
    if (status != WB_OK) {
        wb__capacity_undo(runtime, worker);
        wb_future_drop(&work.future);
        return status;
    }
    wb__task_announce(runtime, task);
    status = submit(runtime, task);
    if (status != WB_OK) {
        cancel_work(runtime, task);
    }
    if (status != WB_OK || out_handle == NULL) {
        wb_join_handle_detach(&handle);
    } else {
        *out_handle = handle;
    }
    return status;
}

/* ---- life ---- */

enum wb_status wb__blocking_init(struct wb_runtime *runtime) {
    struct wb__blocking *pool = &runtime->blocking;
    pool->scheduler.ops = &pool_scheduler_ops;
    enum wb_status status = wb__monitor_init(&pool->lock, runtime->sys);
    return status == WB_OK ? wb__signal_init(&pool->wake, runtime->sys) : status;
}

uint64_t wb__blocking_alive(struct wb_runtime *runtime) {
    wb__monitor_enter(&runtime->blocking.lock);
    const uint64_t alive = runtime->blocking.alive;
    wb__monitor_leave(&runtime->blocking.lock);
    return alive;
}

bool wb__blocking_is_leaving(struct wb_runtime *runtime) {
    wb__monitor_enter(&runtime->blocking.lock);
    const bool is_leaving = runtime->blocking.leaving != 0;
    wb__monitor_leave(&runtime->blocking.lock);
    return is_leaving;
}

void wb__blocking_cancel(struct wb_runtime *runtime) {
    struct wb__task_list cancelled = {0};
    wb__monitor_enter(&runtime->blocking.lock);
    wb__task_list_append(&cancelled, &runtime->blocking.queue);
    wb__monitor_leave(&runtime->blocking.lock);
    for (struct wb_task *task = NULL; (task = wb__task_list_pop(&cancelled)) != NULL;) {
        cancel_work(runtime, task);
    }
}

void wb__blocking_stop(struct wb_runtime *runtime) {
    struct wb__blocking *pool = &runtime->blocking;
    wb__monitor_enter(&pool->lock);
    pool->is_stopping = true;
    wb__signal_send_all(&pool->wake);
    while (pool->running != 0) {
        wb__signal_await(&pool->wake, &pool->lock);
    }
    wb__monitor_leave(&pool->lock);
    join_ended(runtime);
}

void wb__blocking_clean_up(struct wb_runtime *runtime) {
    wb__signal_clean_up(&runtime->blocking.wake);
    wb__monitor_clean_up(&runtime->blocking.lock);
}
