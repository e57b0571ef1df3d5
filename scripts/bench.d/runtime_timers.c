/* Timers: set, moved, dropped and fired. */
#include <assert.h>
#include <stdlib.h>

#include "runtime_case.h"
#include "wb/async.h"
#include "wb/time.h"

#define SECOND_NS UINT64_C(1000000000)
#define MS_NS UINT64_C(1000000)

enum { LIVE = 1000000 };

/* Sleeps that are polled in one task, without being waited for. */
struct timers {
    struct wb_future future;
    struct wb_sleep *sleeps;
    uint64_t live; /* set before the clock runs */
    bool moves;
    const struct runtime_run *run;
    uint64_t *out_spent_ns;
};

static void set(struct timers *self, uint64_t i, struct wb_context *context) {
    const uint64_t delay_ns = SECOND_NS + i % 1000 * 30 * MS_NS;
    wb_sleep_init(&self->sleeps[i], context->runtime, delay_ns);
    const enum wb_progress progress = wb_future_poll(&self->sleeps[i].future, context);
    assert(progress == WB_PENDING);
    (void)progress;
}

static enum wb_progress timers_poll(struct wb_future *future, struct wb_context *context) {
    struct timers *self = WB_FUTURE_OF(future, struct timers, future);
    for (uint64_t i = 0; i < self->live; i++) {
        set(self, i, context);
    }
    const uint64_t now_ns = wb_runtime_now(context->runtime);
    const uint64_t before_ns = runtime_clock_ns(self->run);
    for (uint64_t i = 0; i < self->run->count; i++) {
        if (self->moves) {
            wb_sleep_reset(&self->sleeps[i % self->live], now_ns + 20 * SECOND_NS + i * 100);
        } else {
            set(self, self->live, context);
            wb_future_drop(&self->sleeps[self->live].future);
        }
    }
    *self->out_spent_ns = runtime_clock_ns(self->run) - before_ns;
    for (uint64_t i = 0; i < self->live; i++) {
        wb_future_drop(&self->sleeps[i].future);
    }
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops timers_ops = {
    .size = sizeof(struct timers),
    .offset = offsetof(struct timers, future),
    .poll = timers_poll,
};

static uint64_t run_timers(const struct runtime_run *run, uint64_t live, bool moves) {
    uint64_t spent_ns = 0;
    struct timers root = {.live = live, .moves = moves, .run = run, .out_spent_ns = &spent_ns};
    root.sleeps = runtime_must_alloc(live + 1, sizeof *root.sleeps);
    wb_future_init(&root.future, &timers_ops);
    (void)runtime_run_root(run, &root.future);
    free(root.sleeps);
    return spent_ns;
}

uint64_t runtime_timer_set(const struct runtime_run *run) {
    return run_timers(run, 1, false);
}

uint64_t runtime_timer_set_among_many(const struct runtime_run *run) {
    return run_timers(run, LIVE, false);
}

uint64_t runtime_timer_move(const struct runtime_run *run) {
    return run_timers(run, LIVE, true);
}

struct sleeper {
    struct wb_future future;
    struct wb_sleep sleep;
    uint64_t deadline_ns;
};

static enum wb_progress sleeper_poll(struct wb_future *future, struct wb_context *context) {
    struct sleeper *self = WB_FUTURE_OF(future, struct sleeper, future);
    WB_ASYNC_BEGIN(future, context);
    wb_sleep_init_until(&self->sleep, context->runtime, self->deadline_ns);
    WB_TRY_AWAIT(&self->sleep.future);
    WB_ASYNC_END(WB_OK);
}

static void sleeper_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct sleeper, future)->sleep.future);
}

static const struct wb_future_ops sleeper_ops = {
    .size = sizeof(struct sleeper),
    .offset = offsetof(struct sleeper, future),
    .poll = sleeper_poll,
    .drop = sleeper_drop,
};

/* A task a timer, all of them due within a few milliseconds. */
struct alarm {
    struct wb_future future;
    struct wb_join_handle *handles;
    uint64_t count;
    uint64_t at;
};

static enum wb_progress alarm_poll(struct wb_future *future, struct wb_context *context) {
    struct alarm *self = WB_FUTURE_OF(future, struct alarm, future);
    const uint64_t now_ns = wb_runtime_now(context->runtime);
    WB_ASYNC_BEGIN(future, context);
    for (uint64_t i = 0; i < self->count; i++) {
        struct sleeper task = {.deadline_ns = now_ns + MS_NS + i % 1000 * 1000};
        wb_future_init(&task.future, &sleeper_ops);
        runtime_must(wb_context_spawn(context, &task.future, NULL, &self->handles[i]));
    }
    for (self->at = 0; self->at < self->count; self->at++) {
        WB_TRY_AWAIT(&self->handles[self->at].future);
        wb_join_handle_detach(&self->handles[self->at]);
    }
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops alarm_ops = {
    .size = sizeof(struct alarm),
    .offset = offsetof(struct alarm, future),
    .poll = alarm_poll,
};

uint64_t runtime_timer_fire(const struct runtime_run *run) {
    struct alarm root = {.count = run->count};
    root.handles = runtime_must_alloc(root.count, sizeof *root.handles);
    wb_future_init(&root.future, &alarm_ops);
    const uint64_t spent_ns = runtime_run_root(run, &root.future);
    free(root.handles);
    return spent_ns;
}

uint64_t runtime_size_of_timer(const struct runtime_run *run) {
    return sizeof(struct wb_sleep) * run->count;
}
