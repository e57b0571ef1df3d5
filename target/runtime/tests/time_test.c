/* Sleeps, timeouts and intervals on a clock that moves only when the runtime waits. */
#include "stage.h"

#include "wb/async.h"
#include "wb/combine.h"
#include "wb/time.h"

#define S (1000 * (uint64_t)MS)
#define MS_U ((uint64_t)MS)

static void sleep_for(uint64_t delay_ns) {
    struct wb_sleep sleep;
    wb_sleep_init(&sleep, stage.runtime, delay_ns);
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
}

/* ---- sleep ---- */

static void tk_17_immediate_sleep_is_over_at_once(void **state) {
    (void)state;
    sleep_for(0);
    assert_int_equal(stage_now(), STILL_START_NS);
    struct wb_sleep past;
    wb_sleep_init_until(&past, stage.runtime, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &past.future));
    assert_int_equal(stage_waits(), 0);
}

static void tk_17_sleep_ends_at_the_first_tick_after_its_deadline(void **state) {
    (void)state;
    const uint64_t delays[] = {1, 100000, MS_U, 1100000, 3100000, 63 * MS_U, 64 * MS_U, 65 * MS_U,
        4095 * MS_U, 4096 * MS_U, 4097 * MS_U, 3600 * S, UINT64_C(86400) * 365 * S};
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        const uint64_t begin_ns = stage_now();
        sleep_for(delays[i]);
        const uint64_t due_ns = begin_ns + delays[i];
        assert_true(stage_now() >= due_ns);
        assert_true(stage_now() < due_ns + MS_U);
        assert_int_equal(stage_now() % MS_U, 0);
    }
}

static void tk_17_a_sleep_takes_one_wait(void **state) {
    (void)state;
    sleep_for(10 * 3600 * S);
    assert_int_equal(stage_waits(), 1);
}

static void tk_17_endless_sleep_saturates(void **state) {
    (void)state;
    struct wb_sleep endless;
    struct wb_sleep brief;
    wb_sleep_init(&endless, stage.runtime, UINT64_MAX);
    assert_int_equal(wb_sleep_deadline(&endless), UINT64_MAX);
    wb_sleep_init(&brief, stage.runtime, 5 * MS_U);
    struct wb_future *parts[] = {&endless.future, &brief.future};
    struct wb_race race;
    wb_race_init(&race, parts, 2, WB_RACE_BIASED);
    assert_ok(wb_runtime_block_on(stage.runtime, &race.future));
    assert_int_equal(race.winner, 1);
    assert_int_equal(stage_now(), STILL_START_NS + 5 * MS_U);
}

static struct bell bell;

static enum wb_progress poll_once(struct wb_future *future) {
    struct wb_context context = wb_context_with_waker(&bell.waker);
    return wb_future_poll(future, &context);
}

static void tk_17_reset_moves_a_set_timer(void **state) {
    (void)state;
    struct wb_sleep sleep;
    bell_init(&bell);
    wb_sleep_init(&sleep, stage.runtime, 10 * MS_U);
    assert_int_equal(poll_once(&sleep.future), WB_PENDING);
    wb_sleep_reset(&sleep, STILL_START_NS + 30 * MS_U); /* later */
    sleep_for(20 * MS_U);
    assert_int_equal(bell.wakes, 0);
    assert_int_equal(poll_once(&sleep.future), WB_PENDING);
    wb_sleep_reset(&sleep, STILL_START_NS + 25 * MS_U); /* earlier */
    sleep_for(5 * MS_U);
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(poll_once(&sleep.future), WB_READY);
    assert_int_equal(bell.references, 1);
}

static void tk_17_reset_to_the_past_wakes_at_once(void **state) {
    (void)state;
    struct wb_sleep sleep;
    bell_init(&bell);
    wb_sleep_init(&sleep, stage.runtime, 10 * MS_U);
    assert_int_equal(poll_once(&sleep.future), WB_PENDING);
    wb_sleep_reset(&sleep, 1);
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(poll_once(&sleep.future), WB_READY);
}

static void tk_17_reset_after_the_end_sleeps_again(void **state) {
    (void)state;
    struct wb_sleep sleep;
    wb_sleep_init(&sleep, stage.runtime, 10 * MS_U);
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
    wb_sleep_reset(&sleep, stage_now() + 7 * MS_U);
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
    assert_int_equal(stage_now(), STILL_START_NS + 17 * MS_U);
    wb_future_drop(&sleep.future);
    wb_sleep_reset(&sleep, stage_now() + MS_U);
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
    assert_int_equal(stage_now(), STILL_START_NS + 18 * MS_U);
}

static void reset_before_the_first_poll_is_the_deadline(void **state) {
    (void)state;
    struct wb_sleep sleep;
    wb_sleep_init(&sleep, stage.runtime, 10 * S);
    wb_sleep_reset(&sleep, stage_now() + 2 * MS_U);
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
    assert_int_equal(stage_now(), STILL_START_NS + 2 * MS_U);
}

static void inv_14_dropped_sleep_never_fires(void **state) {
    (void)state;
    struct wb_sleep sleep;
    struct wb_runtime_metrics metrics;
    bell_init(&bell);
    wb_sleep_init(&sleep, stage.runtime, 10 * MS_U);
    assert_int_equal(poll_once(&sleep.future), WB_PENDING);
    wb_runtime_metrics(stage.runtime, &metrics);
    assert_int_equal(metrics.timers, 1);
    wb_future_drop(&sleep.future);
    wb_future_drop(&sleep.future);
    wb_runtime_metrics(stage.runtime, &metrics);
    assert_int_equal(metrics.timers, 0);
    sleep_for(20 * MS_U);
    assert_int_equal(bell.wakes, 0);
    assert_int_equal(bell.references, 1);
}

static void latest_waker_is_woken(void **state) {
    (void)state;
    struct wb_sleep sleep;
    struct bell other;
    bell_init(&bell);
    bell_init(&other);
    wb_sleep_init(&sleep, stage.runtime, 10 * MS_U);
    assert_int_equal(poll_once(&sleep.future), WB_PENDING);
    struct wb_context context = wb_context_with_waker(&other.waker);
    assert_int_equal(wb_future_poll(&sleep.future, &context), WB_PENDING);
    assert_int_equal(bell.references, 1);
    sleep_for(10 * MS_U);
    assert_int_equal(bell.wakes, 0);
    assert_int_equal(other.wakes, 1);
    wb_future_drop(&sleep.future);
}

/* ---- order ---- */

enum { SLEEPERS = 300 };

struct sleeper {
    struct wb_future future;
    struct wb_sleep sleep;
    uint64_t delay_ns;
    int number;
    int *order;
    int *count;
};

static enum wb_progress sleeper_poll(struct wb_future *future, struct wb_context *context) {
    struct sleeper *self = WB_FUTURE_OF(future, struct sleeper, future);
    WB_ASYNC_BEGIN(future, context);
    wb_sleep_init(&self->sleep, context->runtime, self->delay_ns);
    WB_TRY_AWAIT(&self->sleep.future);
    self->order[(*self->count)++] = self->number;
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

static void spawn_sleeper(uint64_t delay_ns, int number, int *order, int *count) {
    struct sleeper sleeper = {
        .delay_ns = delay_ns, .number = number, .order = order, .count = count};
    wb_future_init(&sleeper.future, &sleeper_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &sleeper.future, NULL, NULL));
}

static void tk_20_order_is_that_of_ticks_then_of_age(void **state) {
    (void)state;
    int order[SLEEPERS];
    int count = 0;
    for (int i = 0; i < SLEEPERS; i++) {
        const uint64_t ticks = (uint64_t)((i * 7) % 100) + 1;
        spawn_sleeper(ticks * MS_U, i, order, &count);
    }
    sleep_for(200 * MS_U);
    assert_int_equal(count, SLEEPERS);
    for (int i = 1; i < SLEEPERS; i++) {
        const int tick = (order[i] * 7) % 100;
        const int before = (order[i - 1] * 7) % 100;
        assert_true(before < tick || (before == tick && order[i - 1] < order[i]));
    }
}

static void tk_02_destroying_drops_sleeping_tasks(void **state) {
    (void)state;
    int order[4];
    int count = 0;
    for (int i = 0; i < 4; i++) {
        spawn_sleeper(3600 * S, i, order, &count);
    }
    sleep_for(MS_U);
    stage_destroy();
    assert_int_equal(count, 0);
}

static void tk_20_time_moved_by_hand_is_seen_at_the_next_turn(void **state) {
    (void)state;
    int order[1];
    int count = 0;
    spawn_sleeper(10 * MS_U, 0, order, &count);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_int_equal(count, 0);
    stage_advance(10 * MS_U - 1);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_int_equal(count, 0);
    stage_advance(1);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_int_equal(count, 1);
    assert_int_equal(stage_waits(), 0);
}

/* Twice the same, to the nanosecond: nothing but the tasks and the runtime moves this clock. */
static void tk_20_paused_time_is_deterministic(void **state) {
    (void)state;
    uint64_t ends_ns[2];
    int orders[2][SLEEPERS];
    for (int run = 0; run < 2; run++) {
        const uint64_t begin_ns = stage_now();
        int count = 0;
        for (int i = 0; i < SLEEPERS; i++) {
            spawn_sleeper((uint64_t)(i * 37 % 50) * MS_U, i, orders[run], &count);
        }
        sleep_for(100 * MS_U);
        assert_int_equal(count, SLEEPERS);
        ends_ns[run] = stage_now() - begin_ns;
    }
    assert_int_equal(ends_ns[0], ends_ns[1]);
    assert_memory_equal(orders[0], orders[1], sizeof(orders[0]));
}

/* advance_after_poll, exact_1ms_advance, regression_3710_with_submillis_advance: by steps that are
 * no multiples of the tick, and still neither early nor late. */
static void tk_20_time_moved_in_small_steps_adds_up(void **state) {
    (void)state;
    static const uint64_t steps_ns[] = {1, 300 * 1000, 500 * 1000, 999 * 1000, MS_U};
    for (size_t i = 0; i < sizeof(steps_ns) / sizeof(steps_ns[0]); i++) {
        const uint64_t deadline_ns = stage_now() + MS_U;
        int order[1];
        int count = 0;
        spawn_sleeper(MS_U, 0, order, &count);
        assert_ok(wb_runtime_turn(stage.runtime, 0)); /* polled before time moves */
        if (steps_ns[i] == 1) {
            stage_advance(MS_U - 5);
        }
        while (count == 0) {
            assert_true(stage_now() < deadline_ns + 2 * MS_U);
            stage_advance(steps_ns[i]);
            assert_ok(wb_runtime_turn(stage.runtime, 0));
            assert_true(count == 0 || stage_now() >= deadline_ns);
        }
    }
}

/* timeout.rs smoke and two, interval.rs single and two_times */
static void tc_09_nothing_is_early_and_intervals_keep_their_distance(void **state) {
    (void)state;
    struct wb_sleep sleeps[2];
    struct wb_interval interval;
    struct wb_future *parts[] = {&sleeps[0].future, &sleeps[1].future};
    struct wb_all all;
    const uint64_t begin_ns = stage_now();
    wb_sleep_init(&sleeps[0], stage.runtime, 200 * MS_U);
    wb_sleep_init(&sleeps[1], stage.runtime, 400 * MS_U);
    wb_all_init(&all, parts, 2);
    assert_ok(wb_runtime_block_on(stage.runtime, &all.future));
    assert_in_range(stage_now() - begin_ns, 400 * MS_U, 401 * MS_U);
    const uint64_t first_ns = stage_now() + 200 * MS_U;
    assert_ok(wb_interval_init(&interval, stage.runtime, first_ns, 200 * MS_U, WB_MISSED_BURST));
    for (uint64_t i = 0; i < 3; i++) {
        assert_ok(wb_runtime_block_on(stage.runtime, wb_interval_tick(&interval)));
        assert_int_equal(interval.due_ns, first_ns + i * 200 * MS_U);
        assert_in_range(stage_now() - interval.due_ns, 0, MS_U);
    }
    wb_future_drop(wb_interval_tick(&interval));
}

/* ---- timeout ---- */

static enum wb_status run_limited(struct wb_future *inner, uint64_t limit_ns) {
    struct wb_with_timeout timeout;
    wb_with_timeout_init(&timeout, stage.runtime, inner, limit_ns);
    return wb_runtime_block_on(stage.runtime, &timeout.future);
}

static void tk_19_inner_future_wins_ties(void **state) {
    (void)state;
    struct wb_sleep inner;
    wb_sleep_init(&inner, stage.runtime, 10 * MS_U);
    assert_ok(run_limited(&inner.future, 10 * MS_U));
    assert_int_equal(stage_now(), STILL_START_NS + 10 * MS_U);
}

static void tk_19_completed_future_wins_past_the_deadline(void **state) {
    (void)state;
    struct wb_done done;
    wb_done_init(&done, WB_ERR_PARSE);
    assert_status(run_limited(&done.future, 0), WB_ERR_PARSE);
}

static void tk_19_time_runs_out_and_the_inner_future_is_dropped(void **state) {
    (void)state;
    struct probe_log log = {.pending = 100, .keeps_waker = true};
    struct probe probe;
    probe_init(&probe, &log);
    assert_status(run_limited(&probe.future, 20 * MS_U), WB_ERR_TIMED_OUT);
    assert_int_equal(stage_now(), STILL_START_NS + 20 * MS_U);
    assert_int_equal(log.polls, 2);
    assert_int_equal(log.drops, 1);
    wb_task_waker_drop(&log.waker);
}

static void tk_19_deadline_that_has_passed_elapses_at_once(void **state) {
    (void)state;
    struct probe_log log = {.pending = 100, .keeps_waker = true};
    struct probe probe;
    probe_init(&probe, &log);
    assert_status(run_limited(&probe.future, 0), WB_ERR_TIMED_OUT);
    assert_int_equal(log.polls, 1);
    wb_task_waker_drop(&log.waker);
}

static void tk_19_very_large_timeout_is_none(void **state) {
    (void)state;
    struct wb_sleep inner;
    wb_sleep_init(&inner, stage.runtime, 3600 * S);
    assert_ok(run_limited(&inner.future, UINT64_MAX));
}

static void use_up_the_budget(struct probe_log *log, struct wb_context *context) {
    (void)log;
    while (wb_context_spend(context) == WB_READY) {
    }
    stage_advance(MS_U);
}

static void tk_19_future_that_is_always_busy_still_times_out(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1 << 20, .during_poll = use_up_the_budget};
    struct probe probe;
    probe_init(&probe, &log);
    assert_status(run_limited(&probe.future, 20 * MS_U), WB_ERR_TIMED_OUT);
    assert_true(log.polls <= 21);
}

/* ---- interval ---- */

/* Takes ticks, each of which takes some time, and tells when they came, in ms. */
struct ticker {
    struct wb_future future;
    struct wb_interval interval;
    enum wb_missed_ticks missed;
    const uint64_t *work_ms;
    uint64_t *came_ms;
    int count;
    int at;
};

static enum wb_progress ticker_poll(struct wb_future *future, struct wb_context *context) {
    struct ticker *self = WB_FUTURE_OF(future, struct ticker, future);
    WB_ASYNC_BEGIN(future, context);
    assert_ok(
        wb_interval_init(&self->interval, context->runtime, stage_now(), 300 * MS_U, self->missed));
    for (self->at = 0; self->at < self->count; self->at++) {
        WB_TRY_AWAIT(wb_interval_tick(&self->interval));
        self->came_ms[self->at] = (stage_now() - STILL_START_NS) / MS_U;
        stage_advance(self->work_ms[self->at] * MS_U);
    }
    WB_ASYNC_END(WB_OK);
}

static void ticker_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct ticker, future)->interval.future);
}

static const struct wb_future_ops ticker_ops = {
    .size = sizeof(struct ticker),
    .offset = offsetof(struct ticker, future),
    .poll = ticker_poll,
    .drop = ticker_drop,
};

enum { TICKS = 7 };

static void assert_ticks(enum wb_missed_ticks missed, const uint64_t expected_ms[TICKS]) {
    static const uint64_t work_ms[TICKS] = {0, 650, 0, 0, 0, 0, 0};
    uint64_t came_ms[TICKS];
    struct ticker ticker = {
        .missed = missed, .work_ms = work_ms, .came_ms = came_ms, .count = TICKS};
    wb_future_init(&ticker.future, &ticker_ops);
    assert_ok(wb_runtime_block_on(stage.runtime, &ticker.future));
    for (int i = 0; i < TICKS; i++) {
        assert_int_equal(came_ms[i], expected_ms[i]);
    }
}

/* The second tick, at 300, is worked on until 950: those of 600 and 900 are missed. */
static void tk_18_burst_makes_up_for_missed_ticks(void **state) {
    (void)state;
    static const uint64_t expected_ms[TICKS] = {0, 300, 950, 950, 1200, 1500, 1800};
    assert_ticks(WB_MISSED_BURST, expected_ms);
}

static void tk_18_delay_goes_on_from_the_late_one(void **state) {
    (void)state;
    static const uint64_t expected_ms[TICKS] = {0, 300, 950, 1250, 1550, 1850, 2150};
    assert_ticks(WB_MISSED_DELAY, expected_ms);
}

static void tk_18_skip_keeps_the_phase(void **state) {
    (void)state;
    static const uint64_t expected_ms[TICKS] = {0, 300, 950, 1200, 1500, 1800, 2100};
    assert_ticks(WB_MISSED_SKIP, expected_ms);
}

static void tk_18_period_of_zero_is_refused(void **state) {
    (void)state;
    struct wb_interval interval;
    assert_status(wb_interval_init(&interval, stage.runtime, stage_now(), 0, WB_MISSED_BURST),
        WB_ERR_INVALID);
}

static void await_tick(struct wb_interval *interval, uint64_t expected_ms) {
    assert_ok(wb_runtime_block_on(stage.runtime, wb_interval_tick(interval)));
    assert_int_equal((stage_now() - STILL_START_NS) / MS_U, expected_ms);
}

static void tk_18_reset_begins_a_new_period(void **state) {
    (void)state;
    struct wb_interval interval;
    assert_ok(wb_interval_init(
        &interval, stage.runtime, stage_now() + 300 * MS_U, 300 * MS_U, WB_MISSED_BURST));
    await_tick(&interval, 300);
    stage_advance(100 * MS_U);
    wb_interval_reset(&interval);
    await_tick(&interval, 700);
    wb_interval_reset_at(&interval, stage_now());
    await_tick(&interval, 700);
    await_tick(&interval, 1000);
}

/* As in a loop of races, of which it loses some. */
static void tk_18_tick_that_was_given_up_can_be_asked_for_again(void **state) {
    (void)state;
    struct wb_interval interval;
    assert_ok(wb_interval_init(
        &interval, stage.runtime, stage_now() + 300 * MS_U, 300 * MS_U, WB_MISSED_BURST));
    for (uint64_t due_ms = 300; due_ms <= 900; due_ms += 300) {
        struct wb_sleep sleep;
        struct wb_race race;
        wb_sleep_init(&sleep, stage.runtime, 100 * MS_U);
        struct wb_future *parts[] = {wb_interval_tick(&interval), &sleep.future};
        wb_race_init(&race, parts, 2, WB_RACE_BIASED);
        assert_ok(wb_runtime_block_on(stage.runtime, &race.future));
        assert_int_equal(race.winner, 1);
        await_tick(&interval, due_ms);
    }
    wb_future_drop(wb_interval_tick(&interval)); /* also before it was polled */
    await_tick(&interval, 1200);
    wb_future_drop(wb_interval_tick(&interval));
    wb_interval_reset_at(&interval, stage_now() + MS_U);
    await_tick(&interval, 1201);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(tk_17_immediate_sleep_is_over_at_once),
        STILL(tk_17_sleep_ends_at_the_first_tick_after_its_deadline),
        STILL(tk_17_a_sleep_takes_one_wait),
        STILL(tk_17_endless_sleep_saturates),
        STILL(tk_17_reset_moves_a_set_timer),
        STILL(tk_17_reset_to_the_past_wakes_at_once),
        STILL(tk_17_reset_after_the_end_sleeps_again),
        STILL(reset_before_the_first_poll_is_the_deadline),
        STILL(inv_14_dropped_sleep_never_fires),
        STILL(latest_waker_is_woken),
        STILL(tk_20_order_is_that_of_ticks_then_of_age),
        STILL(tk_02_destroying_drops_sleeping_tasks),
        STILL(tk_20_time_moved_by_hand_is_seen_at_the_next_turn),
        STILL(tk_20_paused_time_is_deterministic),
        STILL(tk_20_time_moved_in_small_steps_adds_up),
        STILL(tc_09_nothing_is_early_and_intervals_keep_their_distance),
        STILL(tk_19_inner_future_wins_ties),
        STILL(tk_19_completed_future_wins_past_the_deadline),
        STILL(tk_19_time_runs_out_and_the_inner_future_is_dropped),
        STILL(tk_19_deadline_that_has_passed_elapses_at_once),
        STILL(tk_19_very_large_timeout_is_none),
        STILL(tk_19_future_that_is_always_busy_still_times_out),
        STILL(tk_18_burst_makes_up_for_missed_ticks),
        STILL(tk_18_delay_goes_on_from_the_late_one),
        STILL(tk_18_skip_keeps_the_phase),
        STILL(tk_18_period_of_zero_is_refused),
        STILL(tk_18_reset_begins_a_new_period),
        STILL(tk_18_tick_that_was_given_up_can_be_asked_for_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
