/* See runtimes.h. */
#include "runtimes.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "groups.h"
#include "wb/async.h"
#include "wb/blocking.h"
#include "wb/combine.h"
#include "wb/runtime.h"
#include "wb/time.h"

#define MS UINT64_C(1000000)

enum { CROWD = 6, SPAWNED = 5, JOBS = 3 };

static const struct wb_runtime_config single = {.flavour = WB_RUNTIME_CURRENT_THREAD};
static const struct wb_runtime_config multi = {.high_workers = 1, .low_workers = 2};

const struct wb_runtime_config *runtime_flavour(int argc, char *const argv[]) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strcmp(argv[i], "--flavour") == 0 && strcmp(argv[i + 1], "multi") == 0) {
            return &multi;
        }
    }
    return &single;
}

/* ---- a gate that is opened once ---- */

struct gate {
    const struct wb_sys *sys;
    struct wb_mutex mutex;
    struct wb_task_waker waker;
    bool is_open;
};

static void gate_open(void *arg) {
    struct gate *gate = arg;
    WB_SYS(gate->sys, mutex_lock, &gate->mutex);
    struct wb_task_waker waker = gate->waker;
    gate->waker = (struct wb_task_waker){0};
    gate->is_open = true;
    WB_SYS(gate->sys, mutex_unlock, &gate->mutex);
    wb_task_waker_fire(&waker);
}

struct pass {
    struct wb_future future;
    struct gate *gate;
    struct gate *next; /* opened when this one is passed; may be NULL */
};

static enum wb_progress pass_poll(struct wb_future *future, struct wb_context *context) {
    struct pass *self = WB_FUTURE_OF(future, struct pass, future);
    struct gate *gate = self->gate;
    WB_SYS(gate->sys, mutex_lock, &gate->mutex);
    const bool is_open = gate->is_open;
    if (!is_open) {
        wb_task_waker_store(&gate->waker, context->waker);
    }
    WB_SYS(gate->sys, mutex_unlock, &gate->mutex);
    if (!is_open) {
        return WB_PENDING;
    }
    if (self->next != NULL) {
        gate_open(self->next);
    }
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops pass_ops = {
    .size = sizeof(struct pass),
    .offset = offsetof(struct pass, future),
    .poll = pass_poll,
};

static bool spawn(struct wb_runtime *runtime, struct wb_future *future, int number,
    struct wb_join_handle *out_handle) {
    const struct wb_spawn_options how = {.priority = (enum wb_priority)(number % 2)};
    return wb_runtime_spawn(runtime, future, &how, out_handle) == WB_OK;
}

static bool join(struct wb_runtime *runtime, struct wb_join_handle *handle, enum wb_status status) {
    const bool is_right = wb_runtime_block_on(runtime, &handle->future) == status;
    wb_join_handle_detach(handle);
    return is_right;
}

/* A chain of tasks, each of which wakes the next; another thread wakes the first. */
static int chain_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = NULL;
    struct gate gates[CROWD];
    struct wb_join_handle handles[CROWD];
    uint64_t thread = 0;
    bool is_right = wb_runtime_new(sys, runtime_flavour(argc, argv), &runtime) == WB_OK;
    for (int i = 0; i < CROWD && is_right; i++) {
        gates[i] = (struct gate){.sys = sys};
        is_right = WB_SYS(sys, mutex_init, &gates[i].mutex) == 0;
    }
    for (int i = 0; i < CROWD && is_right; i++) {
        struct pass pass = {.gate = &gates[i], .next = i + 1 < CROWD ? &gates[i + 1] : NULL};
        wb_future_init(&pass.future, &pass_ops);
        is_right = spawn(runtime, &pass.future, i, &handles[i]);
    }
    if (!is_right || WB_SYS(sys, thread_create, gate_open, &gates[0], &thread) != 0) {
        return 2;
    }
    for (int i = CROWD - 1; i >= 0; i--) {
        is_right &= join(runtime, &handles[i], WB_OK);
    }
    is_right &= WB_SYS(sys, thread_join, thread) == 0;
    wb_runtime_destroy(runtime);
    for (int i = 0; i < CROWD; i++) {
        WB_SYS(sys, mutex_destroy, &gates[i].mutex);
    }
    return is_right ? 0 : 1;
}

/* ---- tasks that do all kinds of things ---- */

struct worker {
    struct wb_future future;
    struct wb_sleep sleep;
    struct wb_join_handle blocking;
    const struct wb_sys *sys;
    atomic_uint *ended;
    int number;
    int left;
};

static enum wb_status block(void *arg) {
    struct worker *self = arg;
    (void)WB_SYS(self->sys, poll, NULL, 0, 2 * (int64_t)MS);
    return WB_EOF;
}

static enum wb_progress worker_poll(struct wb_future *future, struct wb_context *context) {
    struct worker *self = WB_FUTURE_OF(future, struct worker, future);
    WB_ASYNC_BEGIN(future, context);
    while (self->left-- > 0) {
        WB_ASYNC_YIELD();
    }
    wb_sleep_init(&self->sleep, context->runtime, (uint64_t)(self->number % 3) * MS);
    WB_TRY_AWAIT(&self->sleep.future);
    if (self->number == 0) {
        if (wb_runtime_spawn_blocking(context->runtime, block, self, &self->blocking) != WB_OK) {
            WB_ASYNC_RETURN(WB_ERR_LIMIT);
        }
        WB_AWAIT(&self->blocking.future);
        if (self->blocking.future.status != WB_EOF) {
            WB_ASYNC_RETURN(self->blocking.future.status);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void worker_drop(struct wb_future *future) {
    struct worker *self = WB_FUTURE_OF(future, struct worker, future);
    wb_future_drop(&self->sleep.future);
    wb_join_handle_cancel(&self->blocking);
    wb_sys_interleave(self->sys, self->ended);
    atomic_fetch_add(self->ended, 1);
}

static const struct wb_future_ops worker_ops = {
    .size = sizeof(struct worker),
    .offset = offsetof(struct worker, future),
    .poll = worker_poll,
    .drop = worker_drop,
};

static bool spawn_worker(struct wb_runtime *runtime, int number, uint64_t yields,
    atomic_uint *ended, struct wb_join_handle *out_handle) {
    struct worker worker = {
        .sys = wb_runtime_sys(runtime), .ended = ended, .number = number, .left = (int)yields};
    wb_future_init(&worker.future, &worker_ops);
    return spawn(runtime, &worker.future, number, out_handle);
}

/* Some are awaited, one is cancelled, the rest is left to the end of the runtime. */
static int crowd_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = NULL;
    struct wb_join_handle handles[SPAWNED];
    atomic_uint ended;
    atomic_init(&ended, 0);
    bool is_right = wb_runtime_new(sys, runtime_flavour(argc, argv), &runtime) == WB_OK;
    for (int i = 0; i < SPAWNED && is_right; i++) {
        is_right = spawn_worker(runtime, i, (uint64_t)i, &ended, &handles[i]);
    }
    if (!is_right) {
        return 2;
    }
    wb_join_handle_cancel(&handles[SPAWNED - 1]);
    wb_join_handle_detach(&handles[SPAWNED - 2]);
    for (int i = 0; i < SPAWNED - 2; i++) {
        is_right &= join(runtime, &handles[i], WB_OK);
    }
    is_right &= wb_runtime_shutdown(runtime, 1000 * MS) == WB_OK;
    wb_runtime_destroy(runtime);
    return is_right && atomic_load(&ended) == SPAWNED ? 0 : 1;
}

/* ---- the end, while others still wake ---- */

/* A task waits for a thread that may come before, while or after the runtime is destroyed. */
static int farewell_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = NULL;
    struct gate gate = {.sys = sys};
    uint64_t thread = 0;
    if (wb_runtime_new(sys, runtime_flavour(argc, argv), &runtime) != WB_OK
        || WB_SYS(sys, mutex_init, &gate.mutex) != 0) {
        return 2;
    }
    struct pass pass = {.gate = &gate};
    wb_future_init(&pass.future, &pass_ops);
    struct wb_sleep moment;
    wb_sleep_init(&moment, runtime, 0);
    if (!spawn(runtime, &pass.future, 0, NULL)
        || wb_runtime_block_on(runtime, &moment.future) != WB_OK
        || WB_SYS(sys, thread_create, gate_open, &gate, &thread) != 0) {
        return 2;
    }
    wb_runtime_destroy(runtime);
    const bool is_right = WB_SYS(sys, thread_join, thread) == 0;
    wb_task_waker_drop(&gate.waker);
    WB_SYS(sys, mutex_destroy, &gate.mutex);
    return is_right ? 0 : 1;
}

/* ---- the end, while work of the blocking pool ends ---- */

struct work {
    const struct wb_sys *sys;
    atomic_uint *ended;
};

static enum wb_status count_end_of_work(void *arg) {
    struct work *work = arg;
    (void)WB_SYS(work->sys, poll, NULL, 0, 0);
    wb_sys_interleave(work->sys, work->ended);
    atomic_fetch_add(work->ended, 1);
    return WB_OK;
}

/* Shutdown has no deadline, so that nothing but the end of the work can end its wait; and the work
 * is short, so that it ends while shutdown is on its way there. */
static int closing_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = NULL;
    struct work works[JOBS];
    atomic_uint ended;
    atomic_init(&ended, 0);
    bool is_right = wb_runtime_new(sys, runtime_flavour(argc, argv), &runtime) == WB_OK;
    for (int i = 0; i < JOBS && is_right; i++) {
        works[i] = (struct work){.sys = sys, .ended = &ended};
        is_right = wb_runtime_spawn_blocking(runtime, count_end_of_work, &works[i], NULL) == WB_OK;
    }
    if (!is_right) {
        return 2;
    }
    is_right = wb_runtime_shutdown(runtime, UINT64_MAX) == WB_OK && atomic_load(&ended) == JOBS;
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}

/* ---- two runtimes at a time, and a task of the second that blocks in its poll ---- */

struct rude {
    struct wb_future future;
    const struct wb_sys *sys;
};

static enum wb_progress rude_poll(struct wb_future *future, struct wb_context *context) {
    (void)context;
    (void)WB_SYS(WB_FUTURE_OF(future, struct rude, future)->sys, poll, NULL, 0, (int64_t)MS);
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops rude_ops = {
    .size = sizeof(struct rude),
    .offset = offsetof(struct rude, future),
    .poll = rude_poll,
};

static int rude_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtimes[2] = {NULL, NULL};
    struct rude polite = {.sys = sys};
    struct rude rude = {.sys = sys};
    (void)argc, (void)argv;
    for (int i = 0; i < 2; i++) {
        if (wb_runtime_new(sys, &single, &runtimes[i]) != WB_OK) {
            return 2;
        }
    }
    wb_future_init(&polite.future, &rude_ops); /* never polled */
    wb_future_init(&rude.future, &rude_ops);
    const bool is_right = wb_runtime_spawn(runtimes[0], &polite.future, NULL, NULL) == WB_OK
                          && wb_runtime_block_on(runtimes[1], &rude.future) == WB_OK;
    wb_runtime_destroy(runtimes[0]);
    wb_runtime_destroy(runtimes[1]);
    return is_right ? 0 : 1;
}

static const char *const options[] = {"flavour", NULL};

static const struct wbh_program programs[] = {
    {.name = "chain", .main = chain_main, .options = options, .must_succeed = 1},
    {.name = "crowd", .main = crowd_main, .options = options, .must_succeed = 1},
    {.name = "closing", .main = closing_main, .options = options, .must_succeed = 1},
    {.name = "family", .main = family_main, .options = options, .must_succeed = 1},
    {.name = "farewell", .main = farewell_main, .options = options, .must_succeed = 1},
    {.name = "patient", .main = patient_main, .options = options, .must_succeed = 1},
    {.name = "rude", .main = rude_main},
};

const struct wbh_program *runtime_programs(size_t *out_count) {
    *out_count = sizeof(programs) / sizeof(programs[0]);
    return programs;
}
