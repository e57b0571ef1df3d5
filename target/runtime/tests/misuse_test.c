/* What a runtime says to those who ask for what cannot be. What is a status, and what aborts; where
 * the rest of it is tested says README.md. */
#include "stage.h"

#include <string.h>

#include "wb/blocking.h"
#include "wb/combine.h"
#include "wb/time.h"
#include "wb/unblock.h"

/* ---- configuration ---- */

static void assert_refused(const struct wb_runtime_config *config) {
    struct wb_runtime *runtime = NULL;
    assert_status(wb_runtime_new(&stage.world->sys, config, &runtime), WB_ERR_INVALID);
    assert_null(runtime);
}

static void configuration_that_cannot_be_is_refused(void **state) {
    (void)state;
    assert_refused(&(struct wb_runtime_config){.high_workers = WB_RUNTIME_WORKERS_MAX + 1});
    assert_refused(&(struct wb_runtime_config){.low_workers = UINT32_MAX});
    assert_refused(&(struct wb_runtime_config){.flavour = (enum wb_runtime_flavour)7});
    assert_refused(&(struct wb_runtime_config){.backend = (enum wb_backend)7});
    assert_refused(&(struct wb_runtime_config){.events_capacity = UINT32_MAX});
    assert_refused(&(struct wb_runtime_config){.blocking_keep_alive_ns = UINT64_MAX});
}

/* Of a nanosecond, and of all the time there is. */
static void ticks_of_any_length_keep_timers_apart(void **state) {
    (void)state;
    static const uint64_t ticks_ns[] = {1, 7, 3600 * UINT64_C(1000000000)};
    for (size_t i = 0; i < sizeof(ticks_ns) / sizeof(ticks_ns[0]); i++) {
        const struct wb_runtime_config config = {
            .flavour = WB_RUNTIME_CURRENT_THREAD, .timer_tick_ns = ticks_ns[i]};
        struct wb_sleep sleeps[4];
        struct wb_future *parts[4];
        struct wb_race race;
        static const uint64_t deadlines_ns[] = {
            UINT64_MAX, UINT64_MAX - 1, STILL_START_NS + 100, STILL_START_NS * 2};
        stage_use_still_clock();
        stage_make(&config);
        for (int k = 0; k < 4; k++) {
            wb_sleep_init_until(&sleeps[k], stage.runtime, deadlines_ns[k]);
            parts[k] = &sleeps[k].future;
        }
        wb_race_init(&race, parts, 4, WB_RACE_BIASED);
        assert_ok(wb_runtime_block_on(stage.runtime, &race.future));
        assert_true(stage_now() >= deadlines_ns[race.winner]);
        assert_true(race.winner >= 2);
        stage_destroy();
    }
}

static void time_that_has_passed_is_now(void **state) {
    (void)state;
    struct wb_sleep sleep;
    wb_sleep_init_until(&sleep, stage.runtime, 0);
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
    wb_sleep_reset(&sleep, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &sleep.future));
    assert_int_equal(stage_now(), STILL_START_NS);
}

/* ---- from within ---- */

static void call_from_within(struct probe_log *log, struct wb_context *context) {
    enum wb_status *statuses = log->user_data;
    statuses[0] = wb_runtime_shutdown(context->runtime, 0);
    statuses[1] = wb_runtime_turn(context->runtime, 0);
}

static void tk_03_what_waits_for_tasks_is_refused_from_within_one(void **state) {
    (void)state;
    enum wb_status statuses[2];
    struct probe_log log = {.during_poll = call_from_within, .user_data = statuses};
    struct wb_join_handle handle;
    stage_spawn(&log, NULL, &handle);
    assert_ok(stage_join(&handle));
    assert_status(statuses[0], WB_ERR_NESTED);
    assert_true(statuses[1] == WB_ERR_NESTED || statuses[1] == WB_ERR_INVALID); /* by flavour */
}

static void tell_driven(struct probe_log *log, struct wb_context *context) {
    (void)context;
    atomic_store((atomic_int *)log->user_data, 1);
}

/* A thread of the pool cannot drive what another one drives: a task was polled, and who polled it
 * waits for this work. */
static enum wb_status block_on_nothing(void *arg) {
    struct wb_done done;
    stage_await(arg, 1);
    wb_done_init(&done, WB_EOF);
    return wb_runtime_block_on(stage.runtime, &done.future);
}

static void tk_15_work_may_not_drive_the_only_worker_meanwhile(void **state) {
    (void)state;
    atomic_int driven = 0;
    struct probe_log log = {.during_poll = tell_driven, .user_data = &driven};
    struct wb_join_handle teller;
    struct wb_join_handle work;
    stage_spawn(&log, NULL, &teller);
    assert_ok(wb_runtime_spawn_blocking(stage.runtime, block_on_nothing, &driven, &work));
    assert_status(stage_join(&work), WB_ERR_NESTED);
    assert_ok(stage_join(&teller));
}

static void destroy_from_within(struct probe_log *log, struct wb_context *context) {
    (void)log;
    wb_runtime_destroy(context->runtime);
}

static void run_destroyer(int unused) {
    struct probe_log log = {.during_poll = destroy_from_within};
    struct probe probe;
    (void)unused;
    probe_init(&probe, &log);
    (void)!wb_runtime_block_on(stage.runtime, &probe.future);
}

static void destroying_from_within_aborts(void **state) {
    (void)state;
    stage_assert_aborts(run_destroyer, 0);
}

/* ---- tasks ---- */

static void spawn_over(int unused) {
    struct probe_log log = {.pending = 0};
    struct probe probe;
    const struct wb_task_waker nobody = {0};
    struct wb_context context = wb_context_with_waker(&nobody);
    (void)unused;
    probe_init(&probe, &log);
    (void)!wb_future_poll(&probe.future, &context);
    (void)!wb_runtime_spawn(stage.runtime, &probe.future, NULL, NULL);
}

static void spawning_a_future_that_is_over_aborts(void **state) {
    (void)state;
    stage_assert_aborts(spawn_over, 0);
}

static void spawn_with_priority(int priority) {
    const struct wb_spawn_options options = {.priority = (enum wb_priority)priority};
    struct probe_log log = {.pending = 0};
    struct probe probe;
    probe_init(&probe, &log);
    (void)!wb_runtime_spawn(stage.runtime, &probe.future, &options, NULL);
}

static void priority_that_is_none_aborts(void **state) {
    (void)state;
    stage_assert_aborts(spawn_with_priority, 2);
    stage_assert_aborts(spawn_with_priority, -1);
}

static int64_t claim_more(void *io, void *buf, size_t len) {
    (void)io;
    (void)buf;
    return (int64_t)len + 1;
}

static int64_t claim_more_taken(void *io, const void *buf, size_t len) {
    (void)io;
    (void)buf;
    return (int64_t)len + 1;
}

static void use_a_liar(int writes) {
    static const struct wb_blocking_io_ops ops = {.read = claim_more, .write = claim_more_taken};
    struct wb_unblock unblock;
    struct wb_read read;
    struct wb_write_all write;
    struct wb_flush flush;
    char bytes[4] = {0};
    assert_ok(wb_unblock_new(&unblock, stage.runtime, &ops, NULL, sizeof(bytes)));
    wb_read_init(&read, &unblock.read, bytes, 1);
    wb_write_all_init(&write, &unblock.write, bytes, sizeof(bytes));
    wb_flush_init(&flush, &unblock.write);
    (void)!wb_runtime_block_on(stage.runtime, writes ? &write.future : &read.future);
    (void)!wb_runtime_block_on(stage.runtime, &flush.future);
}

static void what_blocks_and_claims_what_cannot_be_aborts(void **state) {
    (void)state;
    stage_assert_aborts(use_a_liar, false);
    stage_assert_aborts(use_a_liar, true);
}

/* Every call that is allowed on a handle of zero bytes, and on one that was given up. */
static void handles_may_be_given_up_again(void **state) {
    (void)state;
    struct probe_log log = {.pending = 0};
    struct wb_join_handle handle = {0};
    wb_join_handle_cancel(&handle);
    wb_join_handle_detach(&handle);
    wb_future_drop(&handle.future);
    stage_spawn(&log, NULL, &handle);
    assert_ok(stage_join(&handle));
    wb_join_handle_cancel(&handle);
    wb_join_handle_detach(&handle);
    wb_future_drop(&handle.future);
}

static struct probe_log children;

static void spawn_while_ending(struct probe_log *log) {
    struct probe probe;
    probe_init(&probe, &children);
    log->output = (int)wb_runtime_spawn(stage.runtime, &probe.future, NULL, NULL);
    if (log->output != WB_OK) {
        wb_future_drop(&probe.future);
    }
}

static void tk_10_what_ends_in_a_shutdown_may_not_spawn(void **state) {
    (void)state;
    struct probe_log log = {
        .pending = 1 << 20, .keeps_waker = true, .during_drop = spawn_while_ending};
    children = (struct probe_log){.pending = 0};
    stage_spawn(&log, NULL, NULL);
    assert_status(wb_runtime_shutdown(stage.runtime, 0), WB_ERR_TIMED_OUT);
    assert_status((enum wb_status)log.output, WB_ERR_CLOSED);
    assert_int_equal(children.polls, 0);
    assert_int_equal(children.drops, 1);
    assert_ok(wb_runtime_shutdown(stage.runtime, 0)); /* again: nothing is left */
    wb_task_waker_drop(&log.waker);
}

#define BARE(test) STAGE_CASE(test, "", stage_setup_bare)

int main(void) {
    const struct CMUnitTest tests[] = {
        BARE(configuration_that_cannot_be_is_refused),
        BARE(ticks_of_any_length_keep_timers_apart),
        STILL(time_that_has_passed_is_now),
        BOTH(tk_03_what_waits_for_tasks_is_refused_from_within_one),
        SINGLE(tk_15_work_may_not_drive_the_only_worker_meanwhile),
        SINGLE(destroying_from_within_aborts),
        SINGLE(spawning_a_future_that_is_over_aborts),
        SINGLE(priority_that_is_none_aborts),
        SINGLE(what_blocks_and_claims_what_cannot_be_aborts),
        BOTH(handles_may_be_given_up_again),
        BOTH(tk_10_what_ends_in_a_shutdown_may_not_spawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
