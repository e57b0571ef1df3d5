/* Which worker takes which task, and budgets. */
#include "stage.h"

#include <string.h>

#include "runtime/internal.h"
#include "wb/async.h"
#include "wb/combine.h"
#include "wb/time.h"

/* ---- workers that are held up ---- */

/* A task that holds its worker up until it is let go. What no task should do. */
struct holdup {
    atomic_int held[2]; /* by the worker's own priority */
    atomic_int let_go[2];
};

static struct holdup holdup;

/* What ran where, in order; each worker writes while the others are held up, or have ended. */
static struct {
    atomic_int count;
    int numbers[8];
    enum wb_priority workers[8];
} diary;

static enum wb_priority other_priority(enum wb_priority priority) {
    return priority == WB_PRIORITY_HIGH ? WB_PRIORITY_LOW : WB_PRIORITY_HIGH;
}

static enum wb_priority own_priority(struct wb_context *context) {
    return wb__runtime_worker(context->runtime)->own;
}

static void hold_up(struct probe_log *log, struct wb_context *context) {
    (void)log;
    const enum wb_priority own = own_priority(context);
    atomic_store(&holdup.held[own], 1);
    stage_await(&holdup.let_go[own], 1);
}

static void write_diary(struct probe_log *log, struct wb_context *context) {
    const int at = atomic_load(&diary.count);
    diary.numbers[at] = log->output;
    diary.workers[at] = own_priority(context);
    atomic_store(&diary.count, at + 1);
}

static void spawn(struct probe_log *log, enum wb_priority priority) {
    const struct wb_spawn_options options = {.priority = priority};
    stage_spawn(log, &options, NULL);
}

/* Two workers, one of each kind, both held up. */
static struct probe_log holders = {.during_poll = hold_up};

static void make_held_up(void) {
    const struct wb_runtime_config config = {.high_workers = 1, .low_workers = 1};
    memset(&holdup, 0, sizeof(holdup));
    memset(&diary, 0, sizeof(diary));
    stage_make(&config);
    spawn(&holders, WB_PRIORITY_HIGH);
    spawn(&holders, WB_PRIORITY_LOW);
    stage_await(&holdup.held[WB_PRIORITY_HIGH], 1);
    stage_await(&holdup.held[WB_PRIORITY_LOW], 1);
}

static void spawn_four(struct probe_log logs[4]) {
    static const enum wb_priority priorities[4] = {
        WB_PRIORITY_LOW, WB_PRIORITY_HIGH, WB_PRIORITY_HIGH, WB_PRIORITY_LOW};
    for (int i = 0; i < 4; i++) {
        logs[i] = (struct probe_log){.during_poll = write_diary, .output = i};
        spawn(&logs[i], priorities[i]);
    }
}

static void assert_diary(const int numbers[4], enum wb_priority worker) {
    stage_await(&diary.count, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(diary.numbers[i], numbers[i]);
        assert_int_equal(diary.workers[i], worker);
    }
}

static void let_go_and_end(void) {
    atomic_store(&holdup.let_go[WB_PRIORITY_HIGH], 1);
    atomic_store(&holdup.let_go[WB_PRIORITY_LOW], 1);
    stage_destroy();
}

static void rt_27_high_worker_takes_high_tasks_before_it_takes_low_ones(void **state) {
    (void)state;
    static struct probe_log logs[4];
    make_held_up();
    spawn_four(logs);
    atomic_store(&holdup.let_go[WB_PRIORITY_HIGH], 1);
    assert_diary((const int[4]){1, 2, 0, 3}, WB_PRIORITY_HIGH);
    let_go_and_end();
}

static void rt_27_low_worker_takes_low_tasks_before_it_takes_high_ones(void **state) {
    (void)state;
    static struct probe_log logs[4];
    make_held_up();
    spawn_four(logs);
    atomic_store(&holdup.let_go[WB_PRIORITY_LOW], 1);
    assert_diary((const int[4]){0, 3, 1, 2}, WB_PRIORITY_LOW);
    let_go_and_end();
}

/* Sleeps, and then may hold its worker up until another has slept, too. */
struct sleeper {
    struct wb_future future;
    struct wb_sleep sleep;
    uint64_t delay_ns;
    atomic_int *is_over;
    atomic_int *awaits; /* NULL: nothing */
};

static enum wb_progress sleeper_poll(struct wb_future *future, struct wb_context *context) {
    struct sleeper *self = WB_FUTURE_OF(future, struct sleeper, future);
    WB_ASYNC_BEGIN(future, context);
    wb_sleep_init(&self->sleep, context->runtime, self->delay_ns);
    WB_AWAIT(&self->sleep.future);
    if (self->awaits != NULL) {
        stage_await(self->awaits, 1);
    }
    atomic_store(self->is_over, 1);
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

static void spawn_sleeper(
    enum wb_priority priority, int64_t delay_ns, atomic_int *is_over, atomic_int *awaits) {
    const struct wb_spawn_options options = {.priority = priority};
    struct sleeper sleeper = {.delay_ns = (uint64_t)delay_ns, .is_over = is_over, .awaits = awaits};
    wb_future_init(&sleeper.future, &sleeper_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &sleeper.future, &options, NULL));
}

static void await_idle(uint32_t workers) {
    struct wb_runtime_metrics metrics = {0};
    while (metrics.workers_idle != workers) {
        wb_runtime_metrics(stage.runtime, &metrics);
    }
}

/* The low worker waits on behalf of both; then what it runs takes long, and the high one, which
 * slept, must see to the timer of its own task. */
static void inv_24_high_timer_does_not_wait_for_a_busy_low_worker(void **state) {
    (void)state;
    atomic_int is_low_over = 0;
    atomic_int is_high_over = 0;
    make_held_up();
    spawn_sleeper(WB_PRIORITY_LOW, 50 * MS, &is_low_over, &is_high_over);
    spawn_sleeper(WB_PRIORITY_HIGH, 100 * MS, &is_high_over, NULL);
    atomic_store(&holdup.let_go[WB_PRIORITY_LOW], 1);
    await_idle(1);
    atomic_store(&holdup.let_go[WB_PRIORITY_HIGH], 1);
    stage_await(&is_low_over, 1);
    stage_destroy();
}

/* ---- stealing ---- */

static struct probe_log children[3];

/* What the parent of the children has done, and may do. */
static struct {
    atomic_int has_spawned;
    atomic_int may_end;
} family;

static void spawn_children_and_stay(struct probe_log *log, struct wb_context *context) {
    (void)log;
    for (int i = 0; i < 3; i++) {
        struct probe child;
        probe_init(&child, &children[i]);
        const struct wb_spawn_options options = {.priority = (enum wb_priority)(i % 2)};
        assert_ok(wb_context_spawn(context, &child.future, &options, NULL));
    }
    atomic_store(&family.has_spawned, 1);
    stage_await(&family.may_end, 1);
}

/* The other worker looks for work only when all children are queued: one that is alone in the queue
 * of its parent's worker may wait there for the end of that poll. */
static void rt_27_idle_worker_takes_from_the_queue_of_a_busy_one(void **state) {
    (void)state;
    static struct probe_log parent = {.during_poll = spawn_children_and_stay};
    struct wb_runtime_metrics metrics;
    make_held_up();
    spawn(&parent, WB_PRIORITY_LOW);
    atomic_store(&holdup.let_go[WB_PRIORITY_LOW], 1);
    stage_await(&family.has_spawned, 1);
    atomic_store(&holdup.let_go[WB_PRIORITY_HIGH], 1);
    for (int i = 0; i < 3; i++) {
        stage_await(&children[i].drops, 1); /* while the parent still runs */
    }
    assert_int_equal(parent.drops, 0);
    wb_runtime_metrics(stage.runtime, &metrics);
    assert_int_equal(metrics.steals, 2); /* those of the parent worker's own kind */
    atomic_store(&family.may_end, 1);
    stage_destroy();
}

static void p3_1_workers_are_as_many_as_configured(void **state) {
    (void)state;
    struct wb_runtime_metrics metrics;
    struct stage_visits visits = {0, 0};
    const struct wb_runtime_config four_and_two = {.high_workers = 4,
        .low_workers = 2,
        .on_thread_start = stage_count_start,
        .on_thread_stop = stage_count_stop,
        .user_data = &visits};
    const struct wb_runtime_config too_many = {.high_workers = WB_RUNTIME_WORKERS_MAX + 1};
    stage_make(&four_and_two);
    wb_runtime_metrics(stage.runtime, &metrics);
    assert_int_equal(metrics.workers, 6);
    stage_await(&visits.starts, 6);
    struct probe_log logs[2] = {{.pending = 0}, {.pending = 0}};
    for (int i = 0; i < 2; i++) {
        struct wb_join_handle handle;
        const struct wb_spawn_options options = {.priority = (enum wb_priority)i};
        stage_spawn(&logs[i], &options, &handle);
        assert_ok(stage_join(&handle));
    }
    assert_int_equal(visits.stops, 0);
    stage_destroy();
    assert_int_equal(visits.stops, 6);
    assert_status(wb_runtime_new(&stage.world->sys, &too_many, &stage.runtime), WB_ERR_INVALID);
}

static void t0_15_default_is_one_worker_of_each_kind(void **state) {
    (void)state;
    struct wb_runtime_metrics metrics;
    stage_make(NULL);
    wb_runtime_metrics(stage.runtime, &metrics);
    assert_int_equal(metrics.workers, 2);
}

/* ---- fairness ---- */

static struct probe_log strangers[2];

/* From a worker of whichever kind, tasks of both kinds. */
static void spawn_strangers(struct probe_log *log, struct wb_context *context) {
    if (atomic_load(&log->polls) != 100) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        struct probe child;
        const struct wb_spawn_options options = {.priority = (enum wb_priority)i};
        probe_init(&child, &strangers[i]);
        assert_ok(wb_context_spawn(context, &child.future, &options, NULL));
    }
}

static void inv_24_tasks_of_the_other_kind_are_not_left_with_a_busy_worker(void **state) {
    (void)state;
    static struct probe_log busy[2] = {
        {.pending = 1 << 30, .wakes_itself = true, .during_poll = spawn_strangers},
        {.pending = 1 << 30, .wakes_itself = true},
    };
    const struct wb_runtime_config config = {.high_workers = 1, .low_workers = 1};
    for (int spawner = 0; spawner < 2; spawner++) {
        stage_make(&config);
        for (int i = 0; i < 2; i++) {
            strangers[i] = (struct probe_log){.pending = 50, .wakes_itself = true};
            atomic_store(&busy[i].polls, 0);
        }
        spawn(&busy[0], (enum wb_priority)spawner);
        spawn(&busy[1], other_priority((enum wb_priority)spawner));
        stage_await(&strangers[0].drops, 1);
        stage_await(&strangers[1].drops, 1);
        stage_destroy();
    }
}

static void inv_24_yielding_task_of_the_other_kind_goes_on_where_it_is(void **state) {
    (void)state;
    static struct probe_log yielding = {.pending = 300, .wakes_itself = true};
    static struct probe_log busy = {.pending = 1 << 30, .wakes_itself = true};
    make_held_up();
    spawn(&yielding, WB_PRIORITY_LOW);
    spawn(&busy, WB_PRIORITY_HIGH);
    atomic_store(&holdup.let_go[WB_PRIORITY_HIGH], 1); /* the low worker stays held up ... */
    stage_await(&busy.polls, 1);
    atomic_store(&holdup.let_go[WB_PRIORITY_LOW], 1); /* ... until now */
    stage_await(&yielding.drops, 1);
    let_go_and_end();
    assert_int_equal(yielding.polls, 301);
}

/* ---- the only worker ---- */

static void only_worker_prefers_high_but_does_not_starve_low(void **state) {
    (void)state;
    static struct probe_log high = {.pending = 1 << 20, .wakes_itself = true};
    static struct probe_log low = {.pending = 20, .wakes_itself = true};
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct wb_join_handle handle;
    const struct wb_spawn_options options = {.priority = WB_PRIORITY_LOW};
    stage_make(&config);
    spawn(&high, WB_PRIORITY_HIGH);
    stage_spawn(&low, &options, &handle);
    assert_ok(stage_join(&handle));
    assert_true(high.polls >= 20 * ((int)WB_RUNTIME_OTHER_QUEUE_INTERVAL / 2 - 2));
    assert_true(high.polls <= 21 * (int)WB_RUNTIME_OTHER_QUEUE_INTERVAL);
    stage_destroy();
}

/* Those that were spawned before somebody came to drive them, too. */
static void tk_11_tasks_run_in_the_order_of_their_wakes(void **state) {
    (void)state;
    static struct probe_log early[2];
    static struct probe_log last;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct probe probe;
    memset(&diary, 0, sizeof(diary));
    stage_make(&config);
    for (int i = 0; i < 2; i++) {
        early[i] = (struct probe_log){.during_poll = write_diary, .output = i};
        spawn(&early[i], WB_PRIORITY_HIGH);
    }
    last = (struct probe_log){.during_poll = write_diary, .output = 2};
    probe_init(&probe, &last);
    assert_ok(wb_runtime_block_on(stage.runtime, &probe.future)); /* high, too */
    assert_int_equal(atomic_load(&diary.count), 3);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(diary.numbers[i], i);
    }
    stage_destroy();
}

/* ---- turns ---- */

static void tc_02_turn_runs_what_was_there_once(void **state) {
    (void)state;
    struct probe_log log = {.pending = 3, .wakes_itself = true};
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    stage_make(&config);
    spawn(&log, WB_PRIORITY_LOW);
    assert_int_equal(log.polls, 0);
    for (int i = 1; i <= 4; i++) {
        assert_ok(wb_runtime_turn(stage.runtime, 0));
        assert_int_equal(log.polls, i);
    }
    assert_int_equal(log.drops, 1);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
}

static uint64_t queued_now(enum wb_priority priority) {
    struct wb_runtime_metrics metrics;
    wb_runtime_metrics(stage.runtime, &metrics);
    return metrics.queue_len[priority];
}

static void figures_tell_what_is_queued_after_a_turn(void **state) {
    (void)state;
    struct probe_log ends = {.pending = 0};
    struct probe_log goes_on = {.pending = 3, .wakes_itself = true};
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    stage_make(&config);
    spawn(&ends, WB_PRIORITY_HIGH);
    spawn(&goes_on, WB_PRIORITY_LOW);
    assert_int_equal(queued_now(WB_PRIORITY_HIGH), 1);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_int_equal(queued_now(WB_PRIORITY_HIGH), 0);
    assert_int_equal(queued_now(WB_PRIORITY_LOW), 1);
    stage_destroy();
}

static void tc_02_turn_is_for_one_thread(void **state) {
    (void)state;
    stage_make(NULL);
    assert_status(wb_runtime_turn(stage.runtime, 0), WB_ERR_INVALID);
}

static void tk_11_task_does_not_progress_unless_driven(void **state) {
    (void)state;
    struct probe_log log = {.pending = 0};
    struct wb_done done;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct wb_join_handle handle;
    stage_make(&config);
    stage_spawn(&log, NULL, &handle);
    assert_int_equal(log.polls, 0);
    wb_done_init(&done, WB_OK);
    assert_ok(wb_runtime_block_on(stage.runtime, &done.future));
    assert_ok(stage_join(&handle));
    assert_int_equal(log.polls, 1);
}

/* How many turns come while each of a number of tasks yields ten times. */
static void assert_turns_among(int tasks) {
    static struct probe_log logs[300];
    struct wb_runtime_metrics before, after;
    for (int i = 0; i < tasks; i++) {
        logs[i] = (struct probe_log){.pending = 10, .wakes_itself = true};
        spawn(&logs[i], WB_PRIORITY_LOW);
    }
    struct wb_yield yield;
    wb_yield_init(&yield);
    wb_runtime_metrics(stage.runtime, &before);
    while (atomic_load(&logs[0].drops) == 0) {
        wb_yield_init(&yield);
        assert_ok(wb_runtime_block_on(stage.runtime, &yield.future));
    }
    wb_runtime_metrics(stage.runtime, &after);
    assert_true(after.turns > before.turns);
}

static void tk_07_input_and_output_are_looked_at_within_ten_yields(void **state) {
    (void)state;
    const int counts[] = {1, 2, 3, 7, 20, 60, 300};
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    stage_make(&config);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        assert_turns_among(counts[i]);
    }
}

/* ---- budget ---- */

static int spent[4];

static void spend_all(struct probe_log *log, struct wb_context *context) {
    int *count = &spent[atomic_load(&log->polls) - 1];
    while (*count < 1000 && wb_context_spend(context) == WB_READY) {
        (*count)++;
    }
}

static void tk_08_budget_ends_a_poll_and_wakes_the_task(void **state) {
    (void)state;
    struct probe_log log = {.pending = 2, .during_poll = spend_all};
    struct wb_join_handle handle;
    stage_spawn(&log, NULL, &handle);
    assert_ok(stage_join(&handle)); /* woken by the budget alone */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(spent[i], WB_CONTEXT_BUDGET);
        spent[i] = 0;
    }
}

static struct bell derived_bell;

static void spend_by_derived_context(struct probe_log *log, struct wb_context *context) {
    struct wb_context derived = wb_context_derive(context, &derived_bell.waker);
    for (unsigned i = 0; i < WB_CONTEXT_BUDGET; i++) {
        assert_int_equal(wb_context_spend(i % 2 == 0 ? context : &derived), WB_READY);
    }
    assert_int_equal(wb_context_spend(&derived), WB_PENDING); /* wakes its own waker */
    log->output = atomic_load(&derived_bell.wakes);
    wb_context_wake(context);
}

static void tk_08_derived_context_shares_the_budget_but_not_the_waker(void **state) {
    (void)state;
    struct probe_log log = {.pending = 0, .during_poll = spend_by_derived_context};
    struct wb_join_handle handle;
    bell_init(&derived_bell);
    stage_spawn(&log, NULL, &handle);
    assert_ok(stage_join(&handle));
    assert_int_equal(log.output, 1);
    assert_int_equal(log.polls, 1);
}

static void tk_08_unconstrained_task_has_no_budget(void **state) {
    (void)state;
    struct probe_log log = {.during_poll = spend_all};
    struct wb_join_handle handle;
    const struct wb_spawn_options options = {.is_unconstrained = true};
    stage_spawn(&log, &options, &handle);
    assert_ok(stage_join(&handle));
    assert_int_equal(spent[0], 1000);
    spent[0] = 0;
}

/* A part that pays nothing, and what its task has left after it. */
static void spend_in_part(struct probe_log *log, struct wb_context *context) {
    struct probe_log inner_log = {.during_poll = spend_all, .status = WB_EOF};
    struct probe inner;
    struct wb_unconstrained part;
    probe_init(&inner, &inner_log);
    wb_unconstrained_init(&part, &inner.future);
    assert_int_equal(wb_future_poll(&part.future, context), WB_READY);
    assert_status(part.future.status, WB_EOF);
    assert_int_equal(inner_log.drops, 1);
    assert_int_equal(spent[0], 1000);
    spent[0] = 0;
    spend_all(log, context);
}

static void tk_08_part_of_a_task_may_be_unconstrained(void **state) {
    (void)state;
    struct probe_log log = {.during_poll = spend_in_part};
    struct wb_join_handle handle;
    stage_spawn(&log, NULL, &handle);
    assert_ok(stage_join(&handle));
    assert_int_equal(spent[0], WB_CONTEXT_BUDGET);
    spent[0] = 0;
}

#define BARE(test) STAGE_CASE(test, "", stage_setup_bare)

int main(void) {
    const struct CMUnitTest tests[] = {
        BARE(rt_27_high_worker_takes_high_tasks_before_it_takes_low_ones),
        BARE(rt_27_low_worker_takes_low_tasks_before_it_takes_high_ones),
        BARE(inv_24_high_timer_does_not_wait_for_a_busy_low_worker),
        BARE(rt_27_idle_worker_takes_from_the_queue_of_a_busy_one),
        BARE(inv_24_tasks_of_the_other_kind_are_not_left_with_a_busy_worker),
        BARE(inv_24_yielding_task_of_the_other_kind_goes_on_where_it_is),
        BARE(p3_1_workers_are_as_many_as_configured),
        BARE(t0_15_default_is_one_worker_of_each_kind),
        BARE(only_worker_prefers_high_but_does_not_starve_low),
        BARE(tk_11_tasks_run_in_the_order_of_their_wakes),
        BARE(tc_02_turn_runs_what_was_there_once),
        BARE(figures_tell_what_is_queued_after_a_turn),
        BARE(tc_02_turn_is_for_one_thread),
        BARE(tk_11_task_does_not_progress_unless_driven),
        BARE(tk_07_input_and_output_are_looked_at_within_ten_yields),
        BOTH(tk_08_budget_ends_a_poll_and_wakes_the_task),
        BOTH(tk_08_derived_context_shares_the_budget_but_not_the_waker),
        BOTH(tk_08_unconstrained_task_has_no_budget),
        BOTH(tk_08_part_of_a_task_may_be_unconstrained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
