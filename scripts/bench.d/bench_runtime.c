/* Measures the runtime on the real system: what a task, a yield, a timer and a wake cost, on the
 * current-thread flavour and with two workers. Processor time of the whole process, so that
 * neighbours disturb little: with two workers the time of both counts. Each case is told by the
 * median of its rounds. */
#define _GNU_SOURCE
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"
#include "wb/async.h"
#include "wb/runtime.h"
#include "wb/sys_linux.h"
#include "wb/time.h"

enum {
    ROUNDS = 7,
    TASKS = 1000000,
    ONE_BY_ONE = 300000,
    YIELDERS = 1000,
    YIELDS = 1000,
    TIMERS = 1000000,
    WAKES = 20000,
};

#define SECOND_NS UINT64_C(1000000000)
#define MS_NS UINT64_C(1000000)

static const struct {
    const char *name;
    struct wb_runtime_config config;
} flavours[] = {
    {"one thread", {.flavour = WB_RUNTIME_CURRENT_THREAD}},
    {"two workers", {.high_workers = 1, .low_workers = 1}},
};
enum { FLAVOURS = sizeof flavours / sizeof flavours[0] };

static void must(enum wb_status status) {
    if (status != WB_OK) {
        (void)fprintf(stderr, "bench_runtime: %s\n", wb_status_text(status));
    }
    assert(status == WB_OK);
}

static void *must_alloc(size_t count, size_t size) {
    void *memory = calloc(count, size);
    assert(memory != NULL);
    return memory;
}

static uint64_t process_ns(void) {
    struct timespec spent;
    const int failed = clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    assert(failed == 0);
    (void)failed;
    return (uint64_t)spent.tv_sec * SECOND_NS + (uint64_t)spent.tv_nsec;
}

/* Runs one task on a fresh runtime; what it took. */
static uint64_t run(const struct wb_runtime_config *config, struct wb_future *root) {
    struct wb_runtime *runtime = NULL;
    struct wb_join_handle handle;
    must(wb_runtime_new(wb_sys_linux(), config, &runtime));
    const uint64_t before_ns = process_ns();
    must(wb_runtime_spawn(runtime, root, NULL, &handle));
    must(wb_runtime_block_on(runtime, &handle.future));
    const uint64_t spent_ns = process_ns() - before_ns;
    wb_join_handle_detach(&handle);
    wb_runtime_destroy(runtime);
    return spent_ns;
}

/* ---- tasks ---- */

struct spawning {
    struct wb_future future;
    struct wb_join_handle *handles;
    int count;
    int batch; /* spawned before the first of them is awaited */
    int begin;
    int at;
};

static enum wb_progress spawning_poll(struct wb_future *future, struct wb_context *context) {
    struct spawning *self = WB_FUTURE_OF(future, struct spawning, future);
    WB_ASYNC_BEGIN(future, context);
    for (self->begin = 0; self->begin < self->count; self->begin += self->batch) {
        for (int i = 0; i < self->batch; i++) {
            struct wb_done done;
            wb_done_init(&done, WB_OK);
            must(wb_context_spawn(context, &done.future, NULL, &self->handles[i]));
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

static double cost_of_spawning(const struct wb_runtime_config *config, int count, int batch) {
    struct spawning root = {.count = count, .batch = batch};
    root.handles = must_alloc((size_t)batch, sizeof *root.handles);
    wb_future_init(&root.future, &spawning_ops);
    const double cost_ns = (double)run(config, &root.future) / count;
    free(root.handles);
    return cost_ns;
}

static double cost_of_task(const struct wb_runtime_config *config) {
    return cost_of_spawning(config, TASKS, TASKS);
}

static double cost_of_awaited_task(const struct wb_runtime_config *config) {
    return cost_of_spawning(config, ONE_BY_ONE, 1);
}

/* ---- yields ---- */

struct yielding {
    struct wb_future future;
    int left;
};

static enum wb_progress yielding_poll(struct wb_future *future, struct wb_context *context) {
    struct yielding *self = WB_FUTURE_OF(future, struct yielding, future);
    WB_ASYNC_BEGIN(future, context);
    while (self->left-- > 0) {
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
    struct wb_join_handle handles[YIELDERS];
    int at;
};

static enum wb_progress crowd_poll(struct wb_future *future, struct wb_context *context) {
    struct crowd *self = WB_FUTURE_OF(future, struct crowd, future);
    WB_ASYNC_BEGIN(future, context);
    for (int i = 0; i < YIELDERS; i++) {
        struct yielding task = {.left = YIELDS};
        wb_future_init(&task.future, &yielding_ops);
        must(wb_context_spawn(context, &task.future, NULL, &self->handles[i]));
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

static double cost_of_yield(const struct wb_runtime_config *config) {
    struct crowd *root = must_alloc(1, sizeof *root);
    wb_future_init(&root->future, &crowd_ops);
    const double cost_ns = (double)run(config, &root->future) / YIELDERS / YIELDS;
    free(root);
    return cost_ns;
}

/* ---- timers ---- */

/* Sleeps that are polled in one task, without being waited for. */
struct timers {
    struct wb_future future;
    struct wb_sleep *sleeps;
    int live;   /* set before the clock runs */
    int cycles; /* of setting and dropping, or of moving */
    bool moves;
    uint64_t *out_spent_ns;
};

static void set(struct timers *self, int i, struct wb_context *context) {
    const uint64_t delay_ns = SECOND_NS + (uint64_t)i % 1000 * 30 * MS_NS;
    wb_sleep_init(&self->sleeps[i], context->runtime, delay_ns);
    const enum wb_progress progress = wb_future_poll(&self->sleeps[i].future, context);
    assert(progress == WB_PENDING);
    (void)progress;
}

static enum wb_progress timers_poll(struct wb_future *future, struct wb_context *context) {
    struct timers *self = WB_FUTURE_OF(future, struct timers, future);
    for (int i = 0; i < self->live; i++) {
        set(self, i, context);
    }
    const uint64_t now_ns = wb_runtime_now(context->runtime);
    const uint64_t before_ns = process_ns();
    for (int i = 0; i < self->cycles; i++) {
        if (self->moves) {
            wb_sleep_reset(
                &self->sleeps[i % self->live], now_ns + 20 * SECOND_NS + (uint64_t)i * 100);
        } else {
            set(self, self->live, context);
            wb_future_drop(&self->sleeps[self->live].future);
        }
    }
    *self->out_spent_ns = process_ns() - before_ns;
    for (int i = 0; i < self->live; i++) {
        wb_future_drop(&self->sleeps[i].future);
    }
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops timers_ops = {
    .size = sizeof(struct timers),
    .offset = offsetof(struct timers, future),
    .poll = timers_poll,
};

static double cost_of_timer(const struct wb_runtime_config *config, int live, bool moves) {
    uint64_t spent_ns = 0;
    struct timers root = {
        .live = live, .cycles = TIMERS, .moves = moves, .out_spent_ns = &spent_ns};
    root.sleeps = must_alloc((size_t)live + 1, sizeof *root.sleeps);
    wb_future_init(&root.future, &timers_ops);
    (void)run(config, &root.future);
    free(root.sleeps);
    return (double)spent_ns / TIMERS;
}

static double cost_of_few_timers(const struct wb_runtime_config *config) {
    return cost_of_timer(config, 1, false);
}

static double cost_of_many_timers(const struct wb_runtime_config *config) {
    return cost_of_timer(config, TIMERS, false);
}

static double cost_of_moved_timer(const struct wb_runtime_config *config) {
    return cost_of_timer(config, TIMERS, true);
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
    int at;
};

static enum wb_progress alarm_poll(struct wb_future *future, struct wb_context *context) {
    struct alarm *self = WB_FUTURE_OF(future, struct alarm, future);
    const uint64_t now_ns = wb_runtime_now(context->runtime);
    WB_ASYNC_BEGIN(future, context);
    for (int i = 0; i < TIMERS; i++) {
        struct sleeper task = {.deadline_ns = now_ns + MS_NS + (uint64_t)(i % 1000) * 1000};
        wb_future_init(&task.future, &sleeper_ops);
        must(wb_context_spawn(context, &task.future, NULL, &self->handles[i]));
    }
    for (self->at = 0; self->at < TIMERS; self->at++) {
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

static double cost_of_sleeping_task(const struct wb_runtime_config *config) {
    struct alarm root = {.handles = must_alloc(TIMERS, sizeof *root.handles)};
    wb_future_init(&root.future, &alarm_ops);
    const double cost_ns = (double)run(config, &root.future) / TIMERS;
    free(root.handles);
    return cost_ns;
}

/* ---- wakes ---- */

/* Two tasks that wake each other in turn; one of them may be the thread that blocks. */
struct table {
    struct wb_mutex mutex;
    struct wb_task_waker wakers[2];
    int turn;
};

struct player {
    struct wb_future future;
    struct table *table;
    int me;
    int left;
};

/* Takes a turn if it is ours, and wakes the other. */
static enum wb_progress player_poll(struct wb_future *future, struct wb_context *context) {
    struct player *self = WB_FUTURE_OF(future, struct player, future);
    struct table *table = self->table;
    struct wb_task_waker other = {0};
    WB_SYS(wb_sys_linux(), mutex_lock, &table->mutex);
    if (table->turn % 2 == self->me) {
        table->turn++;
        self->left--;
        other = table->wakers[1 - self->me];
        table->wakers[1 - self->me] = (struct wb_task_waker){0};
    }
    if (self->left > 0) {
        wb_task_waker_store(&table->wakers[self->me], context->waker);
    }
    WB_SYS(wb_sys_linux(), mutex_unlock, &table->mutex);
    wb_task_waker_fire(&other);
    return self->left > 0 ? WB_PENDING : wb_future_end(future, WB_OK);
}

static const struct wb_future_ops player_ops = {
    .size = sizeof(struct player),
    .offset = offsetof(struct player, future),
    .poll = player_poll,
};

static double cost_of_wake(const struct wb_runtime_config *config, bool in_task, int wakes) {
    struct table table = {.turn = 0};
    struct wb_runtime *runtime = NULL;
    struct wb_join_handle handles[2] = {{.task = NULL}};
    must(wb_runtime_new(wb_sys_linux(), config, &runtime));
    must(wb_status_from_result(WB_SYS(wb_sys_linux(), mutex_init, &table.mutex)));
    struct player players[2];
    for (int i = 0; i < 2; i++) {
        players[i] = (struct player){.table = &table, .me = i, .left = wakes / 2};
        wb_future_init(&players[i].future, &player_ops);
    }
    const uint64_t before_ns = process_ns();
    must(wb_runtime_spawn(runtime, &players[1].future, NULL, &handles[1]));
    if (in_task) {
        must(wb_runtime_spawn(runtime, &players[0].future, NULL, &handles[0]));
    } else {
        must(wb_runtime_block_on(runtime, &players[0].future));
    }
    for (int i = in_task ? 0 : 1; i < 2; i++) {
        must(wb_runtime_block_on(runtime, &handles[i].future));
        wb_join_handle_detach(&handles[i]);
    }
    const uint64_t spent_ns = process_ns() - before_ns;
    wb_runtime_destroy(runtime);
    WB_SYS(wb_sys_linux(), mutex_destroy, &table.mutex);
    return (double)spent_ns / wakes;
}

static double cost_of_task_wake(const struct wb_runtime_config *config) {
    return cost_of_wake(config, true, WAKES * 20);
}

static double cost_of_thread_wake(const struct wb_runtime_config *config) {
    return cost_of_wake(config, false, WAKES);
}

/* ---- all of it ---- */

static const struct {
    const char *name;
    double (*cost)(const struct wb_runtime_config *config);
} cases[] = {
    {"spawn and join, a million", cost_of_task},
    {"spawn and await at once", cost_of_awaited_task},
    {"yield, 1000 tasks", cost_of_yield},
    {"wake of one task by another", cost_of_task_wake},
    {"wake of the blocking thread and back", cost_of_thread_wake},
    {"timer set and dropped, 1 live", cost_of_few_timers},
    {"timer set and dropped, a million live", cost_of_many_timers},
    {"timer moved, a million live", cost_of_moved_timer},
    {"task that sleeps, a million at once", cost_of_sleeping_task},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static bool is_wanted(size_t index, int argc, char **argv) {
    return argc < 3 || strstr(cases[index].name, argv[2]) != NULL;
}

/* bench_runtime [ROUNDS [CASE]]: cases whose name contains that. */
int main(int argc, char **argv) {
    static struct bench_samples samples[CASES][FLAVOURS];
    const int rounds = argc > 1 ? atoi(argv[1]) : ROUNDS;
    for (int round = 0; round < rounds; round++) {
        for (size_t c = 0; c < CASES; c++) {
            for (size_t f = 0; f < FLAVOURS && is_wanted(c, argc, argv); f++) {
                bench_add(&samples[c][f], cases[c].cost(&flavours[f].config));
            }
        }
    }
    for (size_t c = 0; c < CASES; c++) {
        for (size_t f = 0; f < FLAVOURS && samples[c][f].len != 0; f++) {
            char name[96];
            (void)snprintf(name, sizeof name, "%s, %s", cases[c].name, flavours[f].name);
            bench_row(name, bench_median(&samples[c][f]), "ns", bench_doubt(&samples[c][f]), 0, "");
        }
    }
    bench_row(
        "an idle task, beside its future", (double)wb_runtime_task_overhead(), "bytes", 0, 0, "");
    bench_row("a sleep", (double)sizeof(struct wb_sleep), "bytes", 0, 0, "");
    return 0;
}
