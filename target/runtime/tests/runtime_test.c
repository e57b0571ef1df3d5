/* Spawning, awaiting, waking and ending, on both flavours. */
#include "stage.h"

#include "wb/async.h"
#include "wb/blocking.h"
#include "wb/combine.h"

/* ---- spawning and awaiting ---- */

static void tk_01_block_on_returns_the_status(void **state) {
    (void)state;
    struct wb_done done;
    wb_done_init(&done, WB_ERR_PARSE);
    assert_status(wb_runtime_block_on(stage.runtime, &done.future), WB_ERR_PARSE);
    struct probe_log log = {.pending = 3, .wakes_itself = true};
    struct probe probe;
    probe_init(&probe, &log);
    assert_ok(wb_runtime_block_on(stage.runtime, &probe.future));
    assert_int_equal(log.polls, 4);
    assert_int_equal(log.drops, 1);
}

static void tk_01_spawned_task_is_joined(void **state) {
    (void)state;
    struct probe_log log = {.status = WB_ERR_CLOSED, .output = 7};
    struct wb_join_handle handle;
    stage_spawn(&log, NULL, &handle);
    assert_status(wb_runtime_block_on(stage.runtime, &handle.future), WB_ERR_CLOSED);
    struct wb_future *output = wb_join_handle_take_output(&handle);
    assert_int_equal(WB_FUTURE_OF(output, struct probe, future)->output, 7);
    wb_join_handle_detach(&handle);
    assert_int_equal(log.polls, 1);
    assert_int_equal(log.output_drops, 0);
}

enum { MANY = 2000 };

/* Spawns the rest of its kind before it ends. */
struct spawner {
    struct wb_future future;
    atomic_int *ended;
    int left;
};

static enum wb_progress spawner_poll(struct wb_future *future, struct wb_context *context);

static const struct wb_future_ops spawner_ops = {
    .size = sizeof(struct spawner),
    .offset = offsetof(struct spawner, future),
    .poll = spawner_poll,
};

static struct spawner spawner_of(atomic_int *ended, int left) {
    struct spawner spawner = {.ended = ended, .left = left};
    wb_future_init(&spawner.future, &spawner_ops);
    return spawner;
}

static enum wb_progress spawner_poll(struct wb_future *future, struct wb_context *context) {
    const struct spawner *self = WB_FUTURE_OF(future, struct spawner, future);
    const int half = (self->left - 1) / 2;
    const int parts[] = {half, self->left - 1 - half};
    for (int i = 0; i < 2; i++) {
        struct spawner child = spawner_of(self->ended, parts[i]);
        const struct wb_spawn_options options = {.priority = (enum wb_priority)(parts[i] % 2)};
        if (parts[i] > 0) {
            assert_ok(wb_context_spawn(context, &child.future, &options, NULL));
        }
    }
    atomic_fetch_add(self->ended, 1);
    return wb_future_end(future, WB_OK);
}

/* Pending until a number is reached, looked at again and again. */
struct until {
    struct wb_future future;
    atomic_int *number;
    int value;
};

static enum wb_progress until_poll(struct wb_future *future, struct wb_context *context) {
    const struct until *self = WB_FUTURE_OF(future, struct until, future);
    if (atomic_load(self->number) == self->value) {
        return wb_future_end(future, WB_OK);
    }
    wb_context_wake(context);
    return WB_PENDING;
}

static const struct wb_future_ops until_ops = {
    .size = sizeof(struct until),
    .offset = offsetof(struct until, future),
    .poll = until_poll,
};

static struct until until(atomic_int *number, int value) {
    struct until future = {.number = number, .value = value};
    wb_future_init(&future.future, &until_ops);
    return future;
}

static void tk_01_tasks_spawn_tasks(void **state) {
    (void)state;
    atomic_int ended = 0;
    struct spawner first = spawner_of(&ended, MANY);
    assert_ok(wb_runtime_spawn(stage.runtime, &first.future, NULL, NULL));
    struct until all = until(&ended, MANY);
    assert_ok(wb_runtime_block_on(stage.runtime, &all.future));
}

static void tk_12_many_tasks_are_joined_in_any_order(void **state) {
    (void)state;
    static struct wb_join_handle handles[MANY];
    struct probe_log log = {.pending = 0};
    for (int i = 0; i < MANY; i++) {
        stage_spawn(&log, NULL, &handles[i]);
    }
    for (int i = MANY - 1; i >= 0; i--) {
        assert_ok(stage_join(&handles[i]));
    }
    assert_int_equal(log.polls, MANY);
    assert_int_equal(log.drops, MANY);
    assert_int_equal(log.output_drops, MANY);
}

static void tk_04_tasks_that_wake_themselves_starve_nobody(void **state) {
    (void)state;
    atomic_int never = 0;
    struct wb_join_handle spinners[4];
    for (int i = 0; i < 4; i++) {
        struct until spinner = until(&never, 1);
        const struct wb_spawn_options options = {.priority = (enum wb_priority)(i % 2)};
        assert_ok(wb_runtime_spawn(stage.runtime, &spinner.future, &options, &spinners[i]));
    }
    struct probe_log log = {.pending = 20, .wakes_itself = true};
    for (int i = 0; i < 2; i++) {
        const struct wb_spawn_options options = {.priority = (enum wb_priority)i};
        struct wb_join_handle handle;
        stage_spawn(&log, &options, &handle);
        assert_ok(stage_join(&handle));
    }
    for (int i = 0; i < 4; i++) {
        wb_join_handle_abort(&spinners[i]);
        assert_status(stage_join(&spinners[i]), WB_ERR_CANCELLED);
    }
}

/* ---- the runtime of a book ---- */

static void p3_2_counter_is_polled_three_times(void **state) {
    (void)state;
    struct probe_log log = {.pending = 2, .wakes_itself = true, .output = 3};
    struct wb_join_handle handle;
    stage_spawn(&log, NULL, &handle);
    assert_ok(wb_runtime_block_on(stage.runtime, &handle.future));
    struct wb_future *output = wb_join_handle_take_output(&handle);
    assert_int_equal(WB_FUTURE_OF(output, struct probe, future)->output, 3);
    assert_int_equal(log.polls, 3);
    wb_join_handle_detach(&handle);
}

static void p3_3_results_come_in_the_order_of_arguments(void **state) {
    (void)state;
    struct probe_log logs[3] = {{.pending = 9, .wakes_itself = true, .status = WB_EOF},
        {.pending = 1, .wakes_itself = true, .status = WB_WOULD_BLOCK},
        {.pending = 0, .status = WB_IN_PROGRESS}};
    struct wb_join_handle handles[3];
    struct wb_future *parts[3];
    struct wb_all all;
    for (int i = 0; i < 3; i++) {
        const struct wb_spawn_options options = {.priority = (enum wb_priority)(i % 2)};
        stage_spawn(&logs[i], &options, &handles[i]);
        parts[i] = &handles[i].future;
    }
    wb_all_init(&all, parts, 3);
    assert_ok(wb_runtime_block_on(stage.runtime, &all.future));
    assert_status(handles[0].future.status, WB_EOF);
    assert_status(handles[1].future.status, WB_WOULD_BLOCK);
    assert_status(handles[2].future.status, WB_IN_PROGRESS);
    for (int i = 0; i < 3; i++) {
        wb_join_handle_detach(&handles[i]);
    }
}

static void p3_4_endless_detached_task_keeps_nobody_from_returning(void **state) {
    (void)state;
    struct probe_log endless = {.pending = 1 << 30, .wakes_itself = true};
    struct probe_log brief = {.pending = 5, .wakes_itself = true};
    struct wb_join_handle handle;
    stage_spawn(&endless, NULL, NULL);
    stage_spawn(&brief, NULL, &handle);
    assert_ok(stage_join(&handle));
    stage_await(&endless.polls, 1); /* its worker may have been slower */
    stage_destroy();
    assert_int_equal(endless.drops, 1);
}

static void p3_5_failures_are_told_each_for_itself(void **state) {
    (void)state;
    struct probe_log logs[2] = {{.status = WB_ERR_PARSE}, {.status = WB_OK}};
    struct wb_join_handle handles[2];
    for (int i = 0; i < 2; i++) {
        stage_spawn(&logs[i], NULL, &handles[i]);
    }
    assert_status(stage_join(&handles[0]), WB_ERR_PARSE);
    assert_ok(stage_join(&handles[1]));
}

/* ---- other threads ---- */

struct foreign {
    struct probe_log *log;
    struct wb_join_handle handle;
    atomic_int is_spawned;
};

static void spawn_from_thread(void *arg) {
    struct foreign *foreign = arg;
    struct probe probe;
    probe_init(&probe, foreign->log);
    if (wb_runtime_spawn(stage.runtime, &probe.future, NULL, &foreign->handle) == WB_OK) {
        atomic_store(&foreign->is_spawned, 1);
    }
}

static void tk_05_other_threads_spawn(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1, .wakes_itself = true};
    struct foreign foreign = {.log = &log};
    const uint64_t thread = world_start(stage.world, spawn_from_thread, &foreign);
    struct until spawned = until(&foreign.is_spawned, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &spawned.future));
    assert_ok(stage_join(&foreign.handle));
    world_join(stage.world, thread);
    assert_int_equal(log.polls, 2);
}

/* A gate that another thread opens: one waker, kept under a lock. */
struct gate {
    struct wb_mutex mutex;
    struct wb_task_waker waker;
    bool is_open;
};

static void gate_open(void *arg) {
    struct gate *gate = arg;
    struct wb_task_waker waker = {0};
    WB_SYS(&stage.world->sys, mutex_lock, &gate->mutex);
    gate->is_open = true;
    waker = gate->waker;
    gate->waker = (struct wb_task_waker){0};
    WB_SYS(&stage.world->sys, mutex_unlock, &gate->mutex);
    wb_task_waker_fire(&waker);
}

struct pass {
    struct wb_future future;
    struct gate *gate;
};

static enum wb_progress pass_poll(struct wb_future *future, struct wb_context *context) {
    struct gate *gate = WB_FUTURE_OF(future, struct pass, future)->gate;
    struct wb_task_waker next = wb_task_waker_clone(context->waker);
    WB_SYS(&stage.world->sys, mutex_lock, &gate->mutex);
    const bool is_open = gate->is_open;
    if (!is_open) {
        const struct wb_task_waker replaced = gate->waker;
        gate->waker = next;
        next = replaced;
    }
    WB_SYS(&stage.world->sys, mutex_unlock, &gate->mutex);
    wb_task_waker_drop(&next);
    return is_open ? wb_future_end(future, WB_OK) : WB_PENDING;
}

static const struct wb_future_ops pass_ops = {
    .size = sizeof(struct pass),
    .offset = offsetof(struct pass, future),
    .poll = pass_poll,
};

static struct pass pass(struct gate *gate) {
    struct pass future = {.gate = gate};
    wb_future_init(&future.future, &pass_ops);
    return future;
}

static void gate_init(struct gate *gate) {
    *gate = (struct gate){.is_open = false};
    assert_int_equal(WB_SYS(&stage.world->sys, mutex_init, &gate->mutex), 0);
}

static void gate_clean_up(struct gate *gate) {
    WB_SYS(&stage.world->sys, mutex_destroy, &gate->mutex);
}

/* Each round races a wake against the way from the poll to the wait. */
static void rt_30_no_wake_of_another_thread_is_lost(void **state) {
    (void)state;
    enum { ROUNDS = 300 };
    for (int i = 0; i < ROUNDS; i++) {
        struct gate gates[2];
        struct wb_join_handle handle;
        gate_init(&gates[0]);
        gate_init(&gates[1]);
        struct pass task = pass(&gates[0]);
        assert_ok(wb_runtime_spawn(stage.runtime, &task.future, NULL, &handle));
        const uint64_t first = world_start(stage.world, gate_open, &gates[0]);
        const uint64_t second = world_start(stage.world, gate_open, &gates[1]);
        struct pass root = pass(&gates[1]);
        assert_ok(wb_runtime_block_on(stage.runtime, &root.future));
        assert_ok(stage_join(&handle));
        world_join(stage.world, first);
        world_join(stage.world, second);
        gate_clean_up(&gates[0]);
        gate_clean_up(&gates[1]);
    }
}

static void open_after_a_while(void *arg) {
    struct wb_pollfd none;
    (void)WB_SYS(&stage.world->sys, poll, &none, 0, 100 * MS);
    gate_open(arg);
}

static void rt_29_waiting_takes_no_polls(void **state) {
    (void)state;
    struct gate gate;
    struct wb_join_handle handle;
    struct wb_runtime_metrics before, after;
    gate_init(&gate);
    struct pass task = pass(&gate);
    assert_ok(wb_runtime_spawn(stage.runtime, &task.future, NULL, &handle));
    wb_runtime_metrics(stage.runtime, &before);
    const uint64_t thread = world_start(stage.world, open_after_a_while, &gate);
    assert_ok(stage_join(&handle));
    wb_runtime_metrics(stage.runtime, &after);
    assert_true(after.polls - before.polls <= 4); /* the task twice, and who awaits it */
    assert_true(after.turns - before.turns <= 4);
    world_join(stage.world, thread);
    gate_clean_up(&gate);
}

/* ---- refused ---- */

static void block_in_poll(struct probe_log *log, struct wb_context *context) {
    struct wb_done done;
    struct wb_runtime *other = NULL;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    wb_done_init(&done, WB_OK);
    log->output = (int)wb_runtime_block_on(context->runtime, &done.future);
    assert_status(wb_runtime_shutdown(context->runtime, 0), WB_ERR_NESTED);
    wb_done_init(&done, WB_OK);
    assert_ok(wb_runtime_new(&stage.world->sys, &config, &other));
    assert_ok(wb_runtime_block_on(other, &done.future));
    wb_runtime_destroy(other);
}

static void tk_03_nested_block_on_is_refused_another_runtime_is_not(void **state) {
    (void)state;
    struct probe_log task = {.during_poll = block_in_poll};
    struct probe_log root = {.during_poll = block_in_poll};
    struct wb_join_handle handle;
    struct probe probe;
    stage_spawn(&task, NULL, &handle);
    assert_ok(stage_join(&handle));
    assert_status((enum wb_status)task.output, WB_ERR_NESTED);
    probe_init(&probe, &root);
    assert_ok(wb_runtime_block_on(stage.runtime, &probe.future));
    assert_status((enum wb_status)root.output, WB_ERR_NESTED);
}

static void tk_06_failed_task_concerns_nobody_else(void **state) {
    (void)state;
    static struct probe_log bad = {.status = WB_ERR_CONN_RESET}; /* nobody waits for the first */
    struct probe_log good = {.pending = 1, .wakes_itself = true};
    struct wb_join_handle handles[2];
    stage_spawn(&bad, NULL, NULL);
    stage_spawn(&bad, NULL, &handles[0]);
    stage_spawn(&good, NULL, &handles[1]);
    assert_ok(stage_join(&handles[1]));
    assert_status(stage_join(&handles[0]), WB_ERR_CONN_RESET);
}

static void block_on_what_nobody_can_wake_is_cancelled(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1};
    struct probe probe;
    probe_init(&probe, &log);
    assert_status(wb_runtime_block_on(stage.runtime, &probe.future), WB_ERR_CANCELLED);
    assert_int_equal(log.drops, 1);
}

/* ---- cancelling ---- */

static void rt_28_dropped_handle_cancels_detached_task_runs(void **state) {
    (void)state;
    struct probe_log dropped = {.pending = 1, .keeps_waker = true};
    struct probe_log detached = {.pending = 1, .wakes_itself = true};
    struct wb_join_handle handle;
    stage_spawn(&dropped, NULL, &handle);
    wb_join_handle_cancel(&handle);
    stage_spawn(&detached, NULL, &handle);
    wb_join_handle_detach(&handle);
    struct until ran = until(&detached.output_drops, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &ran.future));
    struct until gone = until(&dropped.drops, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &gone.future));
    assert_int_equal(dropped.output_drops, 0);
    wb_task_waker_drop(&dropped.waker);
}

static void tk_13_abort_of_a_waiting_task_wakes_its_awaiter(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1, .keeps_waker = true};
    struct wb_join_handle handle;
    stage_spawn(&log, NULL, &handle);
    struct until waits = until(&log.polls, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &waits.future));
    wb_join_handle_abort(&handle);
    assert_status(stage_join(&handle), WB_ERR_CANCELLED);
    assert_int_equal(log.drops, 1);
    wb_task_waker_drop(&log.waker);
}

/* ---- ending ---- */

static void tk_02_destroying_drops_every_future_once(void **state) {
    (void)state;
    enum { TASKS = 40 };
    static struct probe_log logs[TASKS];
    struct wb_join_handle handles[TASKS];
    for (int i = 0; i < TASKS; i++) {
        logs[i] = (struct probe_log){.pending = 1 << 20, .keeps_waker = true};
        logs[i].wakes_itself = i % 4 == 0;
        stage_spawn(&logs[i], NULL, &handles[i]);
    }
    struct until some = until(&logs[1].polls, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &some.future));
    stage_destroy();
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(logs[i].drops, 1);
        wb_task_waker_wake(&logs[i].waker); /* they outlive it */
        wb_task_waker_drop(&logs[i].waker);
        assert_true(wb_join_handle_is_finished(&handles[i]));
        wb_join_handle_detach(&handles[i]);
        assert_int_equal(logs[i].output_drops, 0);
    }
}

static void tk_09_wakes_race_the_end(void **state) {
    (void)state;
    stage_destroy();
    for (int i = 0; i < 100; i++) {
        struct gate gate;
        const struct wb_runtime_config config = {.flavour = WB_RUNTIME_MULTI_THREAD};
        stage_make(&config);
        gate_init(&gate);
        struct pass task = pass(&gate);
        assert_ok(wb_runtime_spawn(stage.runtime, &task.future, NULL, NULL));
        const uint64_t thread = world_start(stage.world, gate_open, &gate);
        stage_destroy();
        world_join(stage.world, thread);
        wb_task_waker_drop(&gate.waker);
        gate_clean_up(&gate);
    }
}

static void spawn_in_drop(struct probe_log *log) {
    struct probe probe;
    probe_init(&probe, log->user_data);
    log->output = (int)wb_runtime_spawn(stage.runtime, &probe.future, NULL, NULL);
    wb_future_drop(&probe.future);
}

static void tc_01_destructor_spawns(void **state) {
    (void)state;
    struct probe_log child = {.pending = 1, .wakes_itself = true};
    struct probe_log parent = {.pending = 0, .during_drop = spawn_in_drop, .user_data = &child};
    struct wb_join_handle handle;
    stage_spawn(&parent, NULL, &handle);
    assert_ok(stage_join(&handle));
    assert_ok((enum wb_status)parent.output);
    struct until ended = until(&child.output_drops, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &ended.future));
    assert_int_equal(child.polls, 2);
}

static void tk_10_spawning_while_it_ends_is_refused(void **state) {
    (void)state;
    struct probe_log other = {.pending = 0};
    struct probe_log log = {.pending = 1 << 20,
        .wakes_itself = true,
        .during_drop = spawn_in_drop,
        .user_data = &other};
    stage_spawn(&log, NULL, NULL);
    assert_status(wb_runtime_shutdown(stage.runtime, 0), WB_ERR_TIMED_OUT);
    assert_status((enum wb_status)log.output, WB_ERR_CLOSED);
    assert_int_equal(other.drops, 1);
    struct wb_done done;
    wb_done_init(&done, WB_OK);
    assert_status(wb_runtime_block_on(stage.runtime, &done.future), WB_ERR_CLOSED);
    assert_status(wb_runtime_spawn_blocking(stage.runtime, NULL, NULL, NULL), WB_ERR_CLOSED);
}

static void inv_25_shutdown_drains_what_can_end(void **state) {
    (void)state;
    struct probe_log log = {.pending = 500, .wakes_itself = true};
    struct wb_join_handle handle;
    stage_spawn(&log, NULL, &handle);
    assert_ok(wb_runtime_shutdown(stage.runtime, (uint64_t)PATIENCE_NS));
    assert_int_equal(log.polls, 501);
    assert_true(wb_join_handle_is_finished(&handle));
    wb_join_handle_detach(&handle);
    assert_ok(wb_runtime_shutdown(stage.runtime, 0)); /* nothing is left */
}

static void tk_09_shutdown_keeps_to_its_limit(void **state) {
    (void)state;
    struct probe_log waits = {.pending = 1, .keeps_waker = true};
    struct wb_join_handle handle;
    stage_spawn(&waits, NULL, &handle);
    const uint64_t before_ns = WB_SYS(&stage.world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    assert_status(wb_runtime_shutdown(stage.runtime, (uint64_t)(20 * MS)), WB_ERR_TIMED_OUT);
    const uint64_t after_ns = WB_SYS(&stage.world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    assert_true(after_ns - before_ns >= (uint64_t)(20 * MS));
    assert_int_equal(waits.drops, 1);
    assert_true(wb_join_handle_is_finished(&handle));
    wb_join_handle_detach(&handle);
    wb_task_waker_drop(&waits.waker);
}

/* ---- bounds ---- */

static void tasks_max_is_kept(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1, .keeps_waker = false};
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD, .tasks_max = 3};
    struct wb_join_handle handles[3];
    stage_destroy();
    stage_make(&config);
    for (int i = 0; i < 3; i++) {
        stage_spawn(&log, NULL, &handles[i]);
    }
    struct probe probe;
    probe_init(&probe, &log);
    assert_status(wb_runtime_spawn(stage.runtime, &probe.future, NULL, NULL), WB_ERR_LIMIT);
    assert_int_equal(log.drops, 0); /* still the caller's */
    for (int i = 0; i < 3; i++) {
        wb_join_handle_cancel(&handles[i]);
    }
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_int_equal(log.drops, 3);
    assert_ok(wb_runtime_spawn(stage.runtime, &probe.future, NULL, NULL));
    stage_destroy();
    assert_int_equal(log.drops, 4);
}

/* The right to it is not kept by the worker that was refused the memory. */
static void tasks_max_counts_no_task_that_was_refused(void **state) {
    (void)state;
    struct probe_log log = {.pending = 0};
    struct probe probe;
    struct wb_done done;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD, .tasks_max = 1};
    stage_destroy();
    stage_make(&config);
    wb_done_init(&done, WB_OK);
    atomic_store(&stage.world->refuse_at, atomic_load(&stage.world->requests) + 1);
    assert_status(wb_runtime_block_on(stage.runtime, &done.future), WB_ERR_NO_MEMORY);
    probe_init(&probe, &log);
    assert_ok(wb_runtime_spawn(stage.runtime, &probe.future, NULL, NULL));
    stage_destroy();
    assert_int_equal(log.drops, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(tk_01_block_on_returns_the_status),
        BOTH(tk_01_spawned_task_is_joined),
        BOTH(tk_01_tasks_spawn_tasks),
        BOTH(tk_12_many_tasks_are_joined_in_any_order),
        BOTH(tk_04_tasks_that_wake_themselves_starve_nobody),
        BOTH(p3_2_counter_is_polled_three_times),
        BOTH(p3_3_results_come_in_the_order_of_arguments),
        BOTH(p3_4_endless_detached_task_keeps_nobody_from_returning),
        BOTH(p3_5_failures_are_told_each_for_itself),
        BOTH(tk_05_other_threads_spawn),
        BOTH(rt_30_no_wake_of_another_thread_is_lost),
        BOTH(rt_29_waiting_takes_no_polls),
        BOTH(tk_03_nested_block_on_is_refused_another_runtime_is_not),
        BOTH(tk_06_failed_task_concerns_nobody_else),
        BOTH(block_on_what_nobody_can_wake_is_cancelled),
        BOTH(rt_28_dropped_handle_cancels_detached_task_runs),
        BOTH(tk_13_abort_of_a_waiting_task_wakes_its_awaiter),
        BOTH(tk_02_destroying_drops_every_future_once),
        MULTI(tk_09_wakes_race_the_end),
        BOTH(tc_01_destructor_spawns),
        BOTH(tk_10_spawning_while_it_ends_is_refused),
        BOTH(inv_25_shutdown_drains_what_can_end),
        BOTH(tk_09_shutdown_keeps_to_its_limit),
        SINGLE(tasks_max_is_kept),
        SINGLE(tasks_max_counts_no_task_that_was_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
