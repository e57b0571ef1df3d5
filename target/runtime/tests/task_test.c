/* The state machine of tasks, with a scheduler that the test is. */
#include "world.h"

#include "probe.h"

struct fixture {
    struct world *world;
    struct shelf shelf;
    struct probe_log log;
    struct wb_task *task;
    struct wb_join_handle handle;
    struct bell bell;
    struct wb_context context; /* of the bell */
};

static struct fixture fixture;

static int setup(void **state) {
    fixture = (struct fixture){.log = {.output = 42}};
    shelf_init(&fixture.shelf);
    bell_init(&fixture.bell);
    fixture.context = wb_context_with_waker(&fixture.bell.waker);
    if (world_setup_bare(state) != 0) {
        return -1;
    }
    fixture.world = *state;
    return 0;
}

static int teardown(void **state) {
    assert_int_equal(atomic_load(&fixture.bell.references), 1);
    return world_teardown_bare(state);
}

static struct wb_task *make(struct wb_join_handle *out_handle) {
    struct probe probe;
    probe_init(&probe, &fixture.log);
    assert_ok(wb_task_new(&fixture.world->sys, &fixture.shelf.scheduler, &probe.future, NULL,
        &fixture.task, out_handle));
    return fixture.task;
}

static void assert_counts(int polls, int drops, int output_drops) {
    assert_int_equal(atomic_load(&fixture.log.polls), polls);
    assert_int_equal(atomic_load(&fixture.log.drops), drops);
    assert_int_equal(atomic_load(&fixture.log.output_drops), output_drops);
}

static void assert_freed(void) {
    assert_int_equal(atomic_load(&fixture.world->blocks), 0);
}

static enum wb_progress poll_handle(void) {
    return wb_future_poll(&fixture.handle.future, &fixture.context);
}

/* ---- cancelling, detaching, running ---- */

static void rt_01_cancelled_by_holder_then_detached_drops_the_future_once(void **state) {
    (void)state;
    wb_task_cancel(make(&fixture.handle));
    assert_counts(0, 1, 0);
    wb_join_handle_detach(&fixture.handle);
    assert_counts(0, 1, 0);
    assert_int_equal(fixture.shelf.ends, 1);
    assert_freed();
}

static void rt_01_detached_then_cancelled_by_holder_drops_the_future_once(void **state) {
    (void)state;
    struct wb_task *task = make(&fixture.handle);
    wb_join_handle_detach(&fixture.handle);
    assert_counts(0, 0, 0);
    wb_task_cancel(task);
    assert_counts(0, 1, 0);
    assert_freed();
}

static void rt_02_detached_task_runs_and_its_output_is_dropped(void **state) {
    (void)state;
    struct wb_task *task = make(&fixture.handle);
    wb_join_handle_detach(&fixture.handle);
    assert_int_equal(wb_task_run(task), WB_TASK_ENDED);
    assert_counts(1, 1, 1);
    assert_freed();
}

static void rt_02_detaching_after_the_run_drops_the_output(void **state) {
    (void)state;
    assert_int_equal(wb_task_run(make(&fixture.handle)), WB_TASK_ENDED);
    assert_counts(1, 1, 0);
    wb_join_handle_detach(&fixture.handle);
    assert_counts(1, 1, 1);
    assert_freed();
}

static void rt_02_task_without_a_handle_runs(void **state) {
    (void)state;
    assert_int_equal(wb_task_run(make(NULL)), WB_TASK_ENDED);
    assert_counts(1, 1, 1);
    assert_freed();
}

static void rt_03_cancelled_before_the_first_run_is_not_polled(void **state) {
    (void)state;
    struct wb_task *task = make(&fixture.handle);
    wb_join_handle_cancel(&fixture.handle);
    assert_counts(0, 0, 0); /* the future is dropped by the holder, not here */
    assert_int_equal(wb_task_run(task), WB_TASK_ENDED);
    assert_counts(0, 1, 0);
    assert_int_equal(fixture.shelf.scheduled, 0);
    assert_freed();
}

static void rt_04_cancelling_an_ended_task_changes_nothing(void **state) {
    (void)state;
    fixture.log.status = WB_ERR_PARSE;
    (void)wb_task_run(make(&fixture.handle));
    wb_join_handle_abort(&fixture.handle);
    assert_int_equal(poll_handle(), WB_READY);
    assert_status(fixture.handle.future.status, WB_ERR_PARSE);
    struct wb_future *output = wb_join_handle_take_output(&fixture.handle);
    assert_non_null(output);
    assert_int_equal(WB_FUTURE_OF(output, struct probe, future)->output, 42);
    assert_null(wb_join_handle_take_output(&fixture.handle));
    wb_join_handle_cancel(&fixture.handle);
    wb_join_handle_cancel(&fixture.handle);
    assert_counts(1, 1, 0); /* the output was taken */
    assert_freed();
}

static void rt_05_each_schedule_hands_over_one_task(void **state) {
    (void)state;
    struct wb_task *task = make(NULL);
    for (int i = 1; i <= 3; i++) {
        wb_task_schedule(task);
        assert_int_equal(fixture.shelf.scheduled, i);
        assert_int_equal(fixture.shelf.count, 1);
        assert_ptr_equal(shelf_take(&fixture.shelf), task);
    }
    wb_task_cancel(task);
    assert_freed();
}

static void rt_06_task_may_be_cancelled_by_its_scheduler(void **state) {
    (void)state;
    fixture.shelf.cancels = true;
    wb_task_schedule(make(NULL));
    assert_counts(0, 1, 0);
    assert_freed();
}

static void spawned_future_is_moved_whole(void **state) {
    (void)state;
    struct padded_probe padded;
    struct wb_task *task = NULL;
    padded_probe_init(&padded, &fixture.log);
    assert_ok(wb_task_new(&fixture.world->sys, &fixture.shelf.scheduler, &padded.probe.future, NULL,
        &task, &fixture.handle));
    padded.probe.log = NULL; /* the task has its own */
    (void)wb_task_run(task);
    struct wb_future *output = wb_join_handle_take_output(&fixture.handle);
    struct padded_probe *moved = WB_FUTURE_OF(output, struct padded_probe, probe.future);
    assert_int_equal(moved->before[0], 1);
    assert_int_equal(moved->before[1], 2);
    wb_join_handle_detach(&fixture.handle);
}

static void without_memory_the_future_stays_the_callers(void **state) {
    (void)state;
    struct probe probe;
    probe_init(&probe, &fixture.log);
    world_refuse(fixture.world, 1);
    assert_status(wb_task_new(&fixture.world->sys, &fixture.shelf.scheduler, &probe.future, NULL,
                      &fixture.task, &fixture.handle),
        WB_ERR_NO_MEMORY);
    assert_counts(0, 0, 0);
    assert_int_equal(wb_future_poll(&probe.future, &fixture.context), WB_READY);
    assert_counts(1, 1, 0);
}

/* ---- waking ---- */

/* A task that waits, with its waker in the log. */
static void make_waiting(struct wb_join_handle *out_handle) {
    fixture.log.pending = 1;
    fixture.log.keeps_waker = true;
    assert_int_equal(wb_task_run(make(out_handle)), WB_TASK_WAITS);
    assert_int_equal(fixture.shelf.scheduled, 0);
    assert_int_equal(fixture.shelf.waits, 1);
}

static void rt_07_wake_of_an_idle_task_schedules_it(void **state) {
    (void)state;
    make_waiting(&fixture.handle);
    wb_task_waker_wake(&fixture.log.waker);
    assert_int_equal(fixture.shelf.count, 1);
    wb_task_waker_wake(&fixture.log.waker);
    struct wb_task_waker other = wb_task_waker_clone(&fixture.log.waker);
    assert_true(wb_task_waker_will_wake(&other, &fixture.log.waker));
    wb_task_waker_fire(&other);
    assert_true(wb_task_waker_is_empty(&other));
    assert_int_equal(fixture.shelf.count, 1); /* many wakes, one poll */
    assert_int_equal(wb_task_run(shelf_take(&fixture.shelf)), WB_TASK_ENDED);
    assert_counts(2, 1, 0);
    wb_join_handle_detach(&fixture.handle);
    wb_task_waker_drop(&fixture.log.waker);
    assert_freed();
}

static void rt_07_firing_the_only_waker_schedules(void **state) {
    (void)state;
    make_waiting(NULL);
    wb_task_waker_fire(&fixture.log.waker);
    assert_int_equal(fixture.shelf.count, 1);
    assert_int_equal(wb_task_run(shelf_take(&fixture.shelf)), WB_TASK_ENDED);
    assert_counts(2, 1, 1);
    assert_freed();
}

static void rt_08_wake_after_the_end_does_nothing_and_the_last_waker_frees(void **state) {
    (void)state;
    make_waiting(NULL);
    wb_task_waker_wake(&fixture.log.waker);
    (void)wb_task_run(shelf_take(&fixture.shelf));
    assert_counts(2, 1, 1);
    assert_int_equal(atomic_load(&fixture.world->blocks), 1); /* the waker keeps it */
    wb_task_waker_wake(&fixture.log.waker);
    assert_int_equal(fixture.shelf.count, 0);
    wb_task_waker_drop(&fixture.log.waker);
    assert_freed();
}

static void rt_08_wake_after_cancelling_does_nothing(void **state) {
    (void)state;
    make_waiting(&fixture.handle);
    wb_join_handle_cancel(&fixture.handle);
    assert_int_equal(fixture.shelf.count, 1);
    wb_task_waker_fire(&fixture.log.waker);
    assert_int_equal(fixture.shelf.count, 1);
    assert_int_equal(wb_task_run(shelf_take(&fixture.shelf)), WB_TASK_ENDED);
    assert_counts(1, 1, 0);
    assert_freed();
}

static void wake_several_times(struct probe_log *log, struct wb_context *context) {
    (void)log;
    if (atomic_load(&log->polls) == 1) {
        struct wb_task_waker waker = wb_task_waker_clone(context->waker);
        wb_task_waker_wake(context->waker);
        wb_task_waker_wake(&waker);
        assert_int_equal(fixture.shelf.scheduled, 0); /* not while it runs */
        wb_task_waker_fire(&waker);
        wb_context_wake(context);
    }
}

static void rt_09_wakes_during_the_run_schedule_once_after_it(void **state) {
    (void)state;
    fixture.log.pending = 2;
    fixture.log.keeps_waker = true;
    fixture.log.during_poll = wake_several_times;
    assert_int_equal(wb_task_run(make(&fixture.handle)), WB_TASK_WOKEN);
    assert_int_equal(fixture.shelf.scheduled, 1);
    assert_int_equal(fixture.shelf.count, 1);
    assert_int_equal(wb_task_run(shelf_take(&fixture.shelf)), WB_TASK_WAITS);
    assert_int_equal(fixture.shelf.scheduled, 1);
    wb_task_waker_fire(&fixture.log.waker);
    assert_int_equal(wb_task_run(shelf_take(&fixture.shelf)), WB_TASK_ENDED);
    assert_counts(3, 1, 0);
    wb_join_handle_detach(&fixture.handle);
    assert_freed();
}

static void cancel_in_poll(struct probe_log *log, struct wb_context *context) {
    (void)log;
    wb_join_handle_cancel(&fixture.handle);
    wb_task_waker_wake(context->waker);
    assert_counts(1, 0, 0);
}

static void wake_then_cancel_in_poll(struct probe_log *log, struct wb_context *context) {
    wb_task_waker_wake(context->waker);
    cancel_in_poll(log, context);
}

static void rt_10_cancelling_during_the_run_wins_over_wakes(void **state) {
    (void)state;
    void (*const orders[])(struct probe_log *, struct wb_context *) = {
        cancel_in_poll, wake_then_cancel_in_poll};
    for (int i = 0; i < 2; i++) {
        fixture.log = (struct probe_log){
            .pending = 1, .keeps_waker = true, .wakes_itself = true, .during_poll = orders[i]};
        assert_int_equal(wb_task_run(make(&fixture.handle)), WB_TASK_ENDED);
        assert_int_equal(fixture.shelf.scheduled, 0);
        assert_counts(1, 1, 0);
        wb_task_waker_drop(&fixture.log.waker);
        assert_freed();
    }
}

static void rt_11_dropping_the_last_waker_of_a_detached_task_has_it_dropped(void **state) {
    (void)state;
    make_waiting(&fixture.handle);
    wb_join_handle_detach(&fixture.handle);
    assert_int_equal(fixture.shelf.scheduled, 0); /* the waker is there */
    wb_task_waker_drop(&fixture.log.waker);
    assert_int_equal(fixture.shelf.scheduled, 1);
    assert_counts(1, 0, 0);
    assert_int_equal(wb_task_run(shelf_take(&fixture.shelf)), WB_TASK_ENDED);
    assert_counts(1, 1, 0);
    assert_freed();
}

static void rt_11_detaching_a_task_without_wakers_has_it_dropped(void **state) {
    (void)state;
    make_waiting(&fixture.handle);
    wb_task_waker_drop(&fixture.log.waker);
    assert_int_equal(fixture.shelf.scheduled, 0); /* the handle is there */
    wb_join_handle_detach(&fixture.handle);
    assert_int_equal(fixture.shelf.scheduled, 1);
    (void)wb_task_run(shelf_take(&fixture.shelf));
    assert_counts(1, 1, 0);
    assert_freed();
}

static void rt_11_cancelling_a_task_without_wakers_has_it_dropped_once(void **state) {
    (void)state;
    make_waiting(&fixture.handle);
    wb_task_waker_drop(&fixture.log.waker);
    wb_join_handle_cancel(&fixture.handle);
    assert_int_equal(fixture.shelf.scheduled, 1);
    (void)wb_task_run(shelf_take(&fixture.shelf));
    assert_counts(1, 1, 0);
    assert_freed();
}

static void rt_11_poll_that_is_armed_on_nothing_ends_a_detached_task(void **state) {
    (void)state;
    fixture.log.pending = 1;
    assert_int_equal(wb_task_run(make(NULL)), WB_TASK_ENDED);
    assert_counts(1, 1, 0);
    assert_int_equal(fixture.shelf.scheduled, 0);
    assert_freed();
}

/* ---- awaiting ---- */

static void rt_12_awaiting_a_task_that_its_holder_cancelled_fails(void **state) {
    (void)state;
    struct wb_task *task = make(&fixture.handle);
    assert_int_equal(poll_handle(), WB_PENDING);
    wb_task_cancel(task);
    assert_int_equal(atomic_load(&fixture.bell.wakes), 1);
    assert_int_equal(poll_handle(), WB_READY);
    assert_status(fixture.handle.future.status, WB_ERR_CANCELLED);
    assert_null(wb_join_handle_take_output(&fixture.handle));
    wb_join_handle_detach(&fixture.handle);
    assert_freed();
}

static void rt_13_awaiter_is_woken_exactly_when_the_result_is_there(void **state) {
    (void)state;
    make_waiting(&fixture.handle);
    assert_int_equal(poll_handle(), WB_PENDING);
    assert_int_equal(poll_handle(), WB_PENDING);
    assert_int_equal(atomic_load(&fixture.bell.references), 2); /* one clone, however many polls */
    wb_task_waker_fire(&fixture.log.waker);
    assert_int_equal(atomic_load(&fixture.bell.wakes), 0);
    assert_false(wb_join_handle_is_finished(&fixture.handle));
    (void)wb_task_run(shelf_take(&fixture.shelf));
    assert_int_equal(atomic_load(&fixture.bell.wakes), 1);
    assert_int_equal(atomic_load(&fixture.bell.references), 1);
    assert_true(wb_join_handle_is_finished(&fixture.handle));
    assert_int_equal(poll_handle(), WB_READY);
    assert_status(fixture.handle.future.status, WB_OK);
    wb_join_handle_detach(&fixture.handle);
    assert_freed();
}

static void rt_13_latest_awaiter_is_woken(void **state) {
    (void)state;
    struct bell other;
    bell_init(&other);
    struct wb_context context = wb_context_with_waker(&other.waker);
    struct wb_task *task = make(&fixture.handle);
    assert_int_equal(poll_handle(), WB_PENDING);
    assert_int_equal(wb_future_poll(&fixture.handle.future, &context), WB_PENDING);
    assert_int_equal(atomic_load(&fixture.bell.references), 1);
    (void)wb_task_run(task);
    assert_int_equal(atomic_load(&fixture.bell.wakes), 0);
    assert_int_equal(atomic_load(&other.wakes), 1);
    assert_int_equal(atomic_load(&other.references), 1);
    wb_join_handle_detach(&fixture.handle);
}

static void rt_13_giving_up_a_handle_forgets_its_awaiter(void **state) {
    (void)state;
    struct wb_task *task = make(&fixture.handle);
    assert_int_equal(poll_handle(), WB_PENDING);
    wb_join_handle_detach(&fixture.handle);
    assert_int_equal(atomic_load(&fixture.bell.references), 1);
    (void)wb_task_run(task);
    assert_int_equal(atomic_load(&fixture.bell.wakes), 0);
    assert_freed();
}

static void rt_14_failed_task_hands_its_status_to_the_awaiter_only(void **state) {
    (void)state;
    fixture.log.status = WB_ERR_CONN_RESET;
    struct wb_task *task = make(&fixture.handle);
    assert_int_equal(poll_handle(), WB_PENDING);
    assert_int_equal(wb_task_run(task), WB_TASK_ENDED);
    assert_counts(1, 1, 0);
    assert_int_equal(poll_handle(), WB_READY);
    assert_status(fixture.handle.future.status, WB_ERR_CONN_RESET);
    wb_join_handle_detach(&fixture.handle);
    assert_counts(1, 1, 1);
    assert_freed();
}

static void abort_in_poll(struct probe_log *log, struct wb_context *context) {
    (void)log, (void)context;
    wb_join_handle_abort(&fixture.handle);
}

static void rt_14_result_that_came_with_the_abort_stands(void **state) {
    (void)state;
    fixture.log.during_poll = abort_in_poll;
    assert_int_equal(wb_task_run(make(&fixture.handle)), WB_TASK_ENDED);
    assert_int_equal(poll_handle(), WB_READY);
    assert_status(fixture.handle.future.status, WB_OK);
    assert_non_null(wb_join_handle_take_output(&fixture.handle));
    wb_join_handle_detach(&fixture.handle);
    assert_counts(1, 1, 0);
    assert_freed();
}

static void rt_15_abort_is_over_only_after_the_future_was_dropped(void **state) {
    (void)state;
    make_waiting(&fixture.handle);
    wb_join_handle_abort(&fixture.handle);
    wb_join_handle_abort(&fixture.handle);
    assert_int_equal(fixture.shelf.count, 1);
    assert_int_equal(poll_handle(), WB_PENDING);
    assert_counts(1, 0, 0);
    (void)wb_task_run(shelf_take(&fixture.shelf));
    assert_counts(1, 1, 0);
    assert_int_equal(atomic_load(&fixture.bell.wakes), 1);
    assert_int_equal(poll_handle(), WB_READY);
    assert_status(fixture.handle.future.status, WB_ERR_CANCELLED);
    wb_join_handle_detach(&fixture.handle);
    wb_task_waker_drop(&fixture.log.waker);
    assert_freed();
}

static void dropping_the_handle_as_a_future_cancels(void **state) {
    (void)state;
    make_waiting(&fixture.handle);
    wb_future_drop(&fixture.handle.future);
    assert_null(fixture.handle.task);
    assert_int_equal(fixture.shelf.count, 1);
    (void)wb_task_run(shelf_take(&fixture.shelf));
    assert_counts(1, 1, 0);
    wb_task_waker_drop(&fixture.log.waker);
    wb_join_handle_detach(&fixture.handle);
    assert_freed();
}

/* ---- what the scheduler is told of the end ---- */

static void find_no_end_yet(struct shelf *shelf) {
    (void)shelf;
    assert_counts(1, 1, 0);
    assert_false(wb_join_handle_is_finished(&fixture.handle));
    assert_null(wb_join_handle_take_output(&fixture.handle));
    assert_int_equal(poll_handle(), WB_PENDING);
    assert_int_equal(atomic_load(&fixture.bell.wakes), 0);
}

static void handle_finds_the_end_only_when_the_scheduler_knows(void **state) {
    (void)state;
    struct wb_task *task = make(&fixture.handle);
    fixture.shelf.during_end = find_no_end_yet;
    assert_int_equal(poll_handle(), WB_PENDING);
    assert_int_equal(wb_task_run(task), WB_TASK_ENDED);
    assert_int_equal(fixture.shelf.ends, 1);
    assert_int_equal(atomic_load(&fixture.bell.wakes), 1);
    assert_int_equal(poll_handle(), WB_READY);
    assert_non_null(wb_join_handle_take_output(&fixture.handle));
    wb_join_handle_detach(&fixture.handle);
    assert_freed();
}

static void find_output_dropped(struct shelf *shelf) {
    (void)shelf;
    assert_counts(1, 1, 1);
}

static void scheduler_knows_of_the_end_when_nothing_is_left_to_drop(void **state) {
    (void)state;
    fixture.shelf.during_end = find_output_dropped;
    assert_int_equal(wb_task_run(make(NULL)), WB_TASK_ENDED);
    assert_int_equal(fixture.shelf.ends, 1);
    assert_freed();
}

static void give_up_all(struct shelf *shelf) {
    (void)shelf;
    assert_counts(2, 1, 0);
    wb_join_handle_abort(&fixture.handle);
    wb_join_handle_detach(&fixture.handle);
    assert_counts(2, 1, 1);
    wb_task_waker_fire(&fixture.log.waker);
}

/* The end is not to be found yet, but the output is; nobody else would drop it in time. */
static void handle_given_up_while_the_scheduler_is_told_drops_the_output(void **state) {
    (void)state;
    fixture.log.pending = 1;
    fixture.log.keeps_waker = true;
    struct wb_task *task = make(&fixture.handle);
    assert_int_equal(poll_handle(), WB_PENDING);
    assert_int_equal(wb_task_run(task), WB_TASK_WAITS);
    wb_task_waker_wake(&fixture.log.waker);
    fixture.shelf.during_end = give_up_all;
    assert_int_equal(wb_task_run(shelf_take(&fixture.shelf)), WB_TASK_ENDED);
    assert_counts(2, 1, 1);
    assert_int_equal(fixture.shelf.ends, 1);
    assert_int_equal(fixture.shelf.scheduled, 1);
    assert_int_equal(atomic_load(&fixture.bell.wakes), 0);
    assert_freed();
}

/* ---- metadata, and a queue made of links ---- */

static void rt_16_priority_and_link_belong_to_the_holder(void **state) {
    (void)state;
    struct wb_task *head = NULL;
    for (int i = 0; i < 4; i++) {
        struct probe probe;
        struct wb_task *task = NULL;
        const struct wb_spawn_options options = {
            .priority = i % 2 == 0 ? WB_PRIORITY_LOW : WB_PRIORITY_HIGH};
        probe_init(&probe, &fixture.log);
        assert_ok(wb_task_new(
            &fixture.world->sys, &fixture.shelf.scheduler, &probe.future, &options, &task, NULL));
        *wb_task_link(task) = head;
        head = task;
    }
    for (int i = 3; i >= 0; i--) {
        struct wb_task *task = head;
        head = *wb_task_link(task);
        assert_int_equal(wb_task_priority(task), i % 2 == 0 ? WB_PRIORITY_LOW : WB_PRIORITY_HIGH);
        (void)wb_task_run(task);
    }
    assert_counts(4, 4, 4);
    assert_freed();
}

static void holder_may_have_a_waker_of_its_task(void **state) {
    (void)state;
    fixture.log.pending = 1;
    struct wb_task *task = make(NULL);
    struct wb_task_waker waker = wb_task_waker_of(task);
    assert_int_equal(wb_task_run(task), WB_TASK_WAITS);
    wb_task_waker_fire(&waker);
    assert_int_equal(wb_task_run(shelf_take(&fixture.shelf)), WB_TASK_ENDED);
    assert_freed();
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(rt_01_cancelled_by_holder_then_detached_drops_the_future_once),
        CASE(rt_01_detached_then_cancelled_by_holder_drops_the_future_once),
        CASE(rt_02_detached_task_runs_and_its_output_is_dropped),
        CASE(rt_02_detaching_after_the_run_drops_the_output),
        CASE(rt_02_task_without_a_handle_runs),
        CASE(rt_03_cancelled_before_the_first_run_is_not_polled),
        CASE(rt_04_cancelling_an_ended_task_changes_nothing),
        CASE(rt_05_each_schedule_hands_over_one_task),
        CASE(rt_06_task_may_be_cancelled_by_its_scheduler),
        CASE(spawned_future_is_moved_whole),
        CASE(without_memory_the_future_stays_the_callers),
        CASE(rt_07_wake_of_an_idle_task_schedules_it),
        CASE(rt_07_firing_the_only_waker_schedules),
        CASE(rt_08_wake_after_the_end_does_nothing_and_the_last_waker_frees),
        CASE(rt_08_wake_after_cancelling_does_nothing),
        CASE(rt_09_wakes_during_the_run_schedule_once_after_it),
        CASE(rt_10_cancelling_during_the_run_wins_over_wakes),
        CASE(rt_11_dropping_the_last_waker_of_a_detached_task_has_it_dropped),
        CASE(rt_11_detaching_a_task_without_wakers_has_it_dropped),
        CASE(rt_11_cancelling_a_task_without_wakers_has_it_dropped_once),
        CASE(rt_11_poll_that_is_armed_on_nothing_ends_a_detached_task),
        CASE(rt_12_awaiting_a_task_that_its_holder_cancelled_fails),
        CASE(rt_13_awaiter_is_woken_exactly_when_the_result_is_there),
        CASE(rt_13_latest_awaiter_is_woken),
        CASE(rt_13_giving_up_a_handle_forgets_its_awaiter),
        CASE(rt_14_failed_task_hands_its_status_to_the_awaiter_only),
        CASE(rt_14_result_that_came_with_the_abort_stands),
        CASE(rt_15_abort_is_over_only_after_the_future_was_dropped),
        CASE(dropping_the_handle_as_a_future_cancels),
        CASE(handle_finds_the_end_only_when_the_scheduler_knows),
        CASE(scheduler_knows_of_the_end_when_nothing_is_left_to_drop),
        CASE(handle_given_up_while_the_scheduler_is_told_drops_the_output),
        CASE(rt_16_priority_and_link_belong_to_the_holder),
        CASE(holder_may_have_a_waker_of_its_task),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
