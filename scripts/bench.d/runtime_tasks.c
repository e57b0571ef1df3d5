/* Tasks: spawning, joining, yielding, and what an idle one weighs. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>

#include "runtime_case.h"
#include "wb/async.h"

enum { YIELDERS = 1000 };

/* ---- tasks ---- */

struct spawning {
    struct wb_future future;
    struct wb_join_handle *handles;
    uint64_t count;
    uint64_t batch; /* spawned before the first of them is awaited */
    uint64_t begin;
    uint64_t at;
};

static enum wb_progress spawning_poll(struct wb_future *future, struct wb_context *context) {
    struct spawning *self = WB_FUTURE_OF(future, struct spawning, future);
    WB_ASYNC_BEGIN(future, context);
    for (self->begin = 0; self->begin < self->count; self->begin += self->batch) {
        for (uint64_t i = 0; i < self->batch; i++) {
            struct wb_done done;
            wb_done_init(&done, WB_OK);
            runtime_must(wb_context_spawn(context, &done.future, NULL, &self->handles[i]));
        }
        for (self->at = 0; self->at < self->batch; self->at++) {
            WB_TRY_AWAIT(&self->handles[self->at].future);
            wb_join_handle_detach(&self->handles[self->at]);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops spawning_ops = {
    .size = sizeof(struct spawning),
    .offset = offsetof(struct spawning, future),
    .poll = spawning_poll,
};

static uint64_t spawn_in_batches(const struct runtime_run *run, uint64_t batch) {
    struct spawning root = {.count = run->count, .batch = batch};
    root.handles = runtime_must_alloc(batch, sizeof *root.handles);
    wb_future_init(&root.future, &spawning_ops);
    const uint64_t spent_ns = runtime_run_root(run, &root.future);
    free(root.handles);
    return spent_ns;
}

uint64_t runtime_spawn_and_join(const struct runtime_run *run) {
    return spawn_in_batches(run, run->count);
}

uint64_t runtime_spawn_and_await(const struct runtime_run *run) {
    return spawn_in_batches(run, 1);
}

/* ---- yields ---- */

struct yielding {
    struct wb_future future;
    uint64_t left;
};

static enum wb_progress yielding_poll(struct wb_future *future, struct wb_context *context) {
    struct yielding *self = WB_FUTURE_OF(future, struct yielding, future);
    WB_ASYNC_BEGIN(future, context);
    while (self->left-- != 0) {
        WB_ASYNC_YIELD();
    }
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops yielding_ops = {
    .size = sizeof(struct yielding),
    .offset = offsetof(struct yielding, future),
    .poll = yielding_poll,
};

struct crowd {
    struct wb_future future;
    uint64_t yields; /* of each */
    struct wb_join_handle handles[YIELDERS];
    int at;
};

static enum wb_progress crowd_poll(struct wb_future *future, struct wb_context *context) {
    struct crowd *self = WB_FUTURE_OF(future, struct crowd, future);
    WB_ASYNC_BEGIN(future, context);
    for (int i = 0; i < YIELDERS; i++) {
        struct yielding task = {.left = self->yields};
        wb_future_init(&task.future, &yielding_ops);
        runtime_must(wb_context_spawn(context, &task.future, NULL, &self->handles[i]));
    }
    for (self->at = 0; self->at < YIELDERS; self->at++) {
        WB_TRY_AWAIT(&self->handles[self->at].future);
        wb_join_handle_detach(&self->handles[self->at]);
    }
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops crowd_ops = {
    .size = sizeof(struct crowd),
    .offset = offsetof(struct crowd, future),
    .poll = crowd_poll,
};

uint64_t runtime_yield(const struct runtime_run *run) {
    struct crowd *root = runtime_must_alloc(1, sizeof *root);
    root->yields = run->count / YIELDERS;
    wb_future_init(&root->future, &crowd_ops);
    const uint64_t spent_ns = runtime_run_root(run, &root->future);
    free(root);
    return spent_ns;
}

/* ---- size ---- */

/* Waits for ever: it alone has its waker. */
struct idle {
    struct wb_future future;
    struct wb_task_waker waker;
};

static enum wb_progress idle_poll(struct wb_future *future, struct wb_context *context) {
    struct idle *self = WB_FUTURE_OF(future, struct idle, future);
    wb_task_waker_store(&self->waker, context->waker);
    return WB_PENDING;
}

static void idle_drop(struct wb_future *future) {
    wb_task_waker_drop(&WB_FUTURE_OF(future, struct idle, future)->waker);
}

static const struct wb_future_ops idle_ops = {
    .size = sizeof(struct idle),
    .offset = offsetof(struct idle, future),
    .poll = idle_poll,
    .drop = idle_drop,
};

static uint64_t allocated(void) {
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

uint64_t runtime_size_of_task(const struct runtime_run *run) {
    struct wb_runtime *runtime = NULL;
    runtime_must(wb_runtime_new(run->sys, run->config, &runtime));
    const uint64_t before = allocated();
    for (uint64_t i = 0; i < run->count; i++) {
        struct idle task = {.waker = {0}};
        wb_future_init(&task.future, &idle_ops);
        runtime_must(wb_runtime_spawn(runtime, &task.future, NULL, NULL));
    }
    const uint64_t bytes = allocated() - before;
    wb_runtime_destroy(runtime);
    return bytes;
}
