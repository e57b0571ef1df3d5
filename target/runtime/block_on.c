/* Threads that block on a future: in the current-thread flavour they are its worker meanwhile, in
 * the other one they poll nothing but their future. */
#include <assert.h>

#include "runtime/internal.h"
#include "runtime/planted.h"

/* How long a thread that cannot wait for a wake gives way to whoever is about to wake. */
#define GIVE_WAY_NS INT64_C(1000000)

/* ---- the future as a task ---- */

/* Borrows the future of whoever blocks, who is told when it is over. */
struct root_future {
    struct wb_future future;
    struct wb_future *inner;
    struct outcome *outcome;
};

struct outcome {
    enum wb_status status;
    bool is_over;
};

static enum wb_progress root_poll(struct wb_future *future, struct wb_context *context) {
    const struct root_future *root = WB_FUTURE_OF(future, struct root_future, future);
    if (wb_future_poll(root->inner, context) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, root->inner->status);
}

static void root_drop(struct wb_future *future) {
    const struct root_future *root = WB_FUTURE_OF(future, struct root_future, future);
    wb_future_drop(root->inner);
    root->outcome->status = wb_future_is_over(root->inner) ? root->inner->status : WB_ERR_CANCELLED;
    root->outcome->is_over = true;
}

static const struct wb_future_ops root_ops = {
    .size = sizeof(struct root_future),
    .offset = offsetof(struct root_future, future),
    .poll = root_poll,
    .drop = root_drop,
};

static struct root_future root_of(struct wb_future *inner, struct outcome *outcome) {
    struct root_future root = {.inner = inner, .outcome = outcome};
    wb_future_init(&root.future, &root_ops);
    return root;
}

/* ---- current-thread ---- */

enum wb_status wb__runtime_sit(struct wb_runtime *runtime) {
    struct wb__worker *worker = runtime->workers;
    if (atomic_exchange_explicit(&runtime->is_driven, 1, memory_order_acquire) != 0) {
        return WB_ERR_NESTED;
    }
    atomic_store_explicit(&worker->thread, wb_sys_thread_self(runtime->sys), memory_order_relaxed);
    wb__worker_collect(worker);
    return WB_OK;
}

void wb__runtime_stand(struct wb_runtime *runtime) {
    wb__worker_collect(runtime->workers); /* so that the figures are those of now */
    atomic_store_explicit(&runtime->workers->thread, 0, memory_order_relaxed);
    atomic_store_explicit(&runtime->is_driven, 0, memory_order_release);
}

/* Whoever wakes a task may have made it held and not yet handed it over: then there is nothing to
 * run for a moment. */
static void run_next(struct wb_runtime *runtime) {
    struct wb_task *task = wb__worker_next(runtime->workers);
    if (task != NULL) {
        wb__worker_run(runtime->workers, task);
    } else {
        (void)WB_SYS(runtime->sys, poll, NULL, 0, GIVE_WAY_NS);
    }
}

/* Until it is over the task is there, since it drops the future before anything else. */
static enum wb_status drive_until_over(
    struct wb_runtime *runtime, struct wb_task *task, const struct outcome *outcome) {
    const enum wb_status status = wb__worker_run_until(runtime->workers, &outcome->is_over);
    if (outcome->is_over) {
        return outcome->status;
    }
    wb__task_abort(task);
    while (!outcome->is_over) {
        run_next(runtime);
    }
    return status;
}

static enum wb_status block_on_single(struct wb_runtime *runtime, struct wb_future *future) {
    enum wb_status status = wb__runtime_sit(runtime);
    if (status != WB_OK) {
        return status;
    }
    const struct wb_spawn_options options = {.priority = WB_PRIORITY_HIGH};
    struct outcome outcome = {WB_OK, false};
    struct root_future root = root_of(future, &outcome);
    struct wb_task *task = NULL;
    status = wb__runtime_spawn(runtime, &root.future, &options, NULL, &task);
    if (status == WB_OK) {
        status = drive_until_over(runtime, task, &outcome);
    }
    wb__runtime_stand(runtime);
    return status;
}

/* ---- multi-thread ---- */

/* The scheduler of one task: wakes the thread that blocks on it. */
struct wb__root {
    struct wb_scheduler scheduler;
    struct wb_runtime *runtime;
    struct wb__root *next; /* in the runtime, under the lock of its parking lot */
    uint64_t thread;
    struct wb_task *scheduled; /* written before the call */
    struct wb__bell call;      /* rung once each time that the task is scheduled */
    uint64_t heard;
};

static void root_schedule(struct wb_scheduler *self, struct wb_task *task) {
    struct wb__root *root = (struct wb__root *)(void *)self;
    root->scheduled = task;
    wb__bell_ring(&root->call);
}

static const struct wb_scheduler_ops root_scheduler_ops = {.schedule = root_schedule};

static struct wb_task *await_scheduled(struct wb__root *root) {
    if (RUNTIME_PLANTED(FORGOTTEN_WAKE)) {
        root->heard = wb__bell_rings(&root->call);
    }
    wb__bell_await(&root->call, root->heard++, WB_TIMEOUT_INFINITE);
    return root->scheduled;
}

bool wb__runtime_is_inside(struct wb_runtime *runtime) {
    if (wb__runtime_worker(runtime) != NULL) {
        return true;
    }
    bool is_inside = false;
    const uint64_t self = wb_sys_thread_self(runtime->sys);
    wb__lock_enter(&runtime->parking.lock);
    for (const struct wb__root *root = runtime->roots; root != NULL; root = root->next) {
        is_inside = is_inside || root->thread == self;
    }
    wb__lock_leave(&runtime->parking.lock);
    return is_inside;
}

static void enter(struct wb__root *root) {
    struct wb_runtime *runtime = root->runtime;
    root->thread = wb_sys_thread_self(runtime->sys);
    wb__lock_enter(&runtime->parking.lock);
    root->next = runtime->roots;
    runtime->roots = root;
    wb__lock_leave(&runtime->parking.lock);
}

static void leave(struct wb__root *root) {
    struct wb_runtime *runtime = root->runtime;
    wb__lock_enter(&runtime->parking.lock);
    struct wb__root **link = &runtime->roots;
    while (*link != root) {
        link = &(*link)->next;
    }
    *link = root->next;
    wb__lock_leave(&runtime->parking.lock);
}

static enum wb_status run_root(struct wb__root *root, struct wb_future *future) {
    struct outcome outcome = {WB_OK, false};
    struct root_future borrowed = root_of(future, &outcome);
    struct wb_task *task = NULL;
    enum wb_status status =
        wb_task_new(root->runtime->sys, &root->scheduler, &borrowed.future, NULL, &task, NULL);
    if (status != WB_OK) {
        return status;
    }
    wb__task_announce(root->runtime, task);
    enum wb_task_outcome progress = wb__task_poll(task, root->runtime);
    while (progress != WB_TASK_ENDED) {
        if (progress == WB_TASK_WAITS) {
            task = await_scheduled(root);
        }
        progress = wb__task_poll(task, root->runtime);
    }
    return outcome.status;
}

static enum wb_status block_on_multi(struct wb_runtime *runtime, struct wb_future *future) {
    struct wb__root root = {.scheduler = {&root_scheduler_ops}, .runtime = runtime};
    if (wb__runtime_is_inside(runtime)) {
        return WB_ERR_NESTED;
    }
    if (wb__runtime_phase(runtime) != WB__PHASE_OPEN) {
        return WB_ERR_CLOSED;
    }
    enter(&root);
    enum wb_status status = wb__bell_init(&root.call, runtime->sys, true);
    if (status == WB_OK) {
        status = run_root(&root, future);
    }
    wb__bell_clean_up(&root.call);
    leave(&root);
    return status;
}

enum wb_status wb_runtime_block_on(struct wb_runtime *runtime, struct wb_future *future) {
    const enum wb_status status =
        runtime->is_single ? block_on_single(runtime, future) : block_on_multi(runtime, future);
    wb_future_drop(future);
    return status;
}

/* ---- a turn ---- */

enum wb_status wb_runtime_turn(struct wb_runtime *runtime, int64_t timeout_ns) {
    if (!runtime->is_single) {
        return WB_ERR_INVALID;
    }
    enum wb_status status = wb__runtime_sit(runtime);
    if (status == WB_OK) {
        status = wb__worker_turn(runtime->workers, timeout_ns);
        wb__runtime_stand(runtime);
    }
    return status;
}
