/* Sets of tasks. */
#include "stage.h"

#include "wb/join_set.h"

enum { MANY = 100 };

static struct { struct wb_join_set set; } group;

static int setup_single(void **state) {
    const int result = stage_setup_single(state);
    assert_ok(wb_join_set_new(&group.set, stage.runtime));
    return result;
}

static int setup_multi(void **state) {
    const int result = stage_setup_multi(state);
    assert_ok(wb_join_set_new(&group.set, stage.runtime));
    return result;
}

static int teardown(void **state) {
    wb_join_set_destroy(&group.set);
    wb_join_set_destroy(&group.set);
    return stage_teardown(state);
}

static uint64_t spawn(struct probe_log *log) {
    struct probe probe;
    uint64_t id = 0;
    probe_init(&probe, log);
    assert_ok(wb_join_set_spawn(&group.set, &probe.future, NULL, &id));
    return id;
}

/* The next one's number; 0: there is none. */
static uint64_t take(enum wb_status *out_result) {
    struct wb_join_next next;
    wb_join_next_init(&next, &group.set);
    const enum wb_status status = wb_runtime_block_on(stage.runtime, &next.future);
    *out_result = next.result;
    if (status != WB_OK) {
        assert_status(status, WB_EOF);
        return 0;
    }
    wb_join_handle_detach(&next.handle);
    return next.id;
}

static void tk_14_all_are_joined(void **state) {
    (void)state;
    static struct probe_log logs[MANY];
    bool is_taken[MANY + 1] = {false};
    enum wb_status result;
    for (int i = 0; i < MANY; i++) {
        logs[i] = (struct probe_log){.pending = i % 5, .wakes_itself = true};
        assert_int_equal(spawn(&logs[i]), i + 1);
    }
    assert_int_equal(wb_join_set_len(&group.set), MANY);
    for (int i = 0; i < MANY; i++) {
        const uint64_t id = take(&result);
        assert_in_range(id, 1, MANY);
        assert_false(is_taken[id]);
        is_taken[id] = true;
        assert_ok(result);
    }
    assert_int_equal(wb_join_set_len(&group.set), 0);
    assert_int_equal(take(&result), 0);
    assert_int_equal(take(&result), 0); /* it stays so */
}

/* One thread, so that it is known when each ends. */
static void tk_14_they_come_in_the_order_of_their_ends(void **state) {
    (void)state;
    struct probe_log logs[3];
    enum wb_status result;
    for (int i = 0; i < 3; i++) {
        logs[i] = (struct probe_log){.pending = 3 - i, .wakes_itself = true};
        (void)spawn(&logs[i]);
    }
    for (int i = 0; i < 10; i++) {
        assert_ok(wb_runtime_turn(stage.runtime, 0));
    }
    assert_int_equal(take(&result), 3);
    assert_int_equal(take(&result), 2);
    assert_int_equal(take(&result), 1);
}

static void tk_14_output_goes_to_who_takes_it_or_is_dropped(void **state) {
    (void)state;
    struct probe_log logs[2] = {{.output = 7}, {.output = 8}};
    struct wb_join_next next;
    enum wb_status result;
    (void)spawn(&logs[0]);
    wb_join_next_init(&next, &group.set);
    assert_ok(wb_runtime_block_on(stage.runtime, &next.future));
    struct wb_future *output = wb_join_handle_take_output(&next.handle);
    assert_non_null(output);
    assert_int_equal(WB_FUTURE_OF(output, struct probe, future)->output, 7);
    wb_join_handle_detach(&next.handle);
    assert_int_equal(logs[0].output_drops, 0);
    (void)spawn(&logs[1]);
    assert_int_equal(take(&result), 2);
    assert_int_equal(logs[1].output_drops, 1);
}

static void tk_14_one_that_fails_is_its_own_affair(void **state) {
    (void)state;
    struct probe_log bad = {.status = WB_ERR_NO_ENTRY};
    struct probe_log good = {.pending = 2, .wakes_itself = true};
    enum wb_status result;
    const uint64_t bad_id = spawn(&bad);
    (void)spawn(&good);
    for (int i = 0; i < 2; i++) {
        const uint64_t id = take(&result);
        assert_status(result, id == bad_id ? WB_ERR_NO_ENTRY : WB_OK);
    }
}

static void tk_14_aborted_they_are_still_taken(void **state) {
    (void)state;
    struct probe_log logs[4];
    enum wb_status result;
    for (int i = 0; i < 4; i++) {
        logs[i] = (struct probe_log){.pending = 1 << 20, .keeps_waker = true};
        (void)spawn(&logs[i]);
    }
    wb_join_set_abort_all(&group.set);
    for (int i = 0; i < 4; i++) {
        assert_true(take(&result) != 0);
        assert_status(result, WB_ERR_CANCELLED);
    }
    assert_int_equal(take(&result), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(logs[i].drops, 1);
        wb_task_waker_drop(&logs[i].waker);
    }
}

static void tk_14_the_end_of_the_set_is_theirs(void **state) {
    (void)state;
    struct probe_log waits = {.pending = 1 << 20, .keeps_waker = true};
    struct probe_log ended = {.status = WB_OK};
    (void)spawn(&waits);
    (void)spawn(&ended);
    wb_join_set_destroy(&group.set);
    assert_status(wb_runtime_shutdown(stage.runtime, (uint64_t)PATIENCE_NS), WB_OK);
    assert_int_equal(waits.drops, 1);
    assert_int_equal(ended.drops, 1);
    wb_task_waker_drop(&waits.waker);
}

static void tk_14_detached_they_go_on(void **state) {
    (void)state;
    struct probe_log log = {.pending = 3, .wakes_itself = true};
    enum wb_status result;
    (void)spawn(&log);
    wb_join_set_detach_all(&group.set);
    assert_int_equal(wb_join_set_len(&group.set), 0);
    assert_int_equal(take(&result), 0);
    assert_ok(wb_runtime_shutdown(stage.runtime, (uint64_t)PATIENCE_NS));
    assert_int_equal(log.polls, 4);
}

static void tk_14_the_runtime_may_go_first(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1 << 20, .keeps_waker = true};
    struct probe_log late = {.status = WB_OK};
    struct wb_join_next next;
    struct probe probe;
    struct bell bell;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    (void)spawn(&log);
    wb_join_next_init(&next, &group.set);
    assert_int_equal(wb_future_poll(&next.future, &context), WB_PENDING);
    assert_status(wb_runtime_shutdown(stage.runtime, 0), WB_ERR_TIMED_OUT);
    stage_await(&bell.wakes, 1);
    assert_int_equal(wb_future_poll(&next.future, &context), WB_READY);
    assert_status(next.result, WB_ERR_CANCELLED);
    wb_join_handle_detach(&next.handle);
    probe_init(&probe, &late);
    assert_status(wb_join_set_spawn(&group.set, &probe.future, NULL, NULL), WB_ERR_CLOSED);
    wb_future_drop(&probe.future);
    assert_int_equal(wb_join_set_len(&group.set), 0);
    wb_task_waker_drop(&log.waker);
}

static void given_up_it_takes_nothing(void **state) {
    (void)state;
    struct probe_log log = {.status = WB_OK};
    struct wb_join_next next;
    struct bell bell;
    enum wb_status result;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    (void)spawn(&log);
    wb_join_next_init(&next, &group.set);
    if (wb_future_poll(&next.future, &context) == WB_PENDING) {
        wb_future_drop(&next.future);
        assert_int_equal(take(&result), 1);
    } else { /* a worker was fast */
        wb_join_handle_detach(&next.handle);
    }
    assert_int_equal(bell.references, 1);
    assert_int_equal(take(&result), 0);
}

static enum wb_status work(void *arg) {
    atomic_int *done = arg;
    atomic_fetch_add(done, 1);
    return WB_EOF;
}

static void tk_14_work_that_blocks_may_be_of_it(void **state) {
    (void)state;
    atomic_int done = 0;
    uint64_t id = 0;
    enum wb_status result;
    assert_ok(wb_join_set_spawn_blocking(&group.set, work, &done, &id));
    assert_int_equal(take(&result), id);
    assert_status(result, WB_EOF);
    assert_int_equal(done, 1);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    struct probe_log log = {.status = WB_OK};
    struct wb_join_set none;
    struct probe probe;
    assert_status(wb_join_set_new(&none, NULL), WB_ERR_NO_RUNTIME);
    wb_join_set_destroy(&none);
    world_refuse(stage.world, 1);
    assert_status(wb_join_set_new(&none, stage.runtime), WB_ERR_NO_MEMORY);
    probe_init(&probe, &log);
    for (size_t n = 1; n <= 2; n++) { /* what the set keeps of it, and the task */
        world_refuse(stage.world, n);
        assert_status(wb_join_set_spawn(&group.set, &probe.future, NULL, NULL), WB_ERR_NO_MEMORY);
    }
    world_refuse(stage.world, 0);
    assert_int_equal(wb_join_set_len(&group.set), 0);
    wb_future_drop(&probe.future);
    assert_int_equal(log.drops, 1);
}

/* One waits at a time: a second one is told so, and the first goes on waiting. */
static void who_waits_beside_another_is_refused(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1, .wakes_itself = true};
    struct wb_join_next nexts[2];
    struct bell bells[2];
    for (int i = 0; i < 2; i++) {
        bell_init(&bells[i]);
        wb_join_next_init(&nexts[i], &group.set);
    }
    struct wb_context first = wb_context_with_waker(&bells[0].waker);
    struct wb_context second = wb_context_with_waker(&bells[1].waker);
    (void)spawn(&log);
    assert_int_equal(wb_future_poll(&nexts[0].future, &first), WB_PENDING);
    assert_int_equal(wb_future_poll(&nexts[1].future, &second), WB_READY);
    assert_status(nexts[1].future.status, WB_ERR_ALREADY_IN_PROGRESS);
    while (bells[0].wakes == 0) {
        assert_ok(wb_runtime_turn(stage.runtime, 0));
    }
    assert_int_equal(wb_future_poll(&nexts[0].future, &first), WB_READY);
    assert_ok(nexts[0].future.status);
    wb_join_handle_detach(&nexts[0].handle);
}

static void who_waits_while_all_are_detached_is_told(void **state) {
    (void)state;
    static struct probe_log log = {.pending = 1, .wakes_itself = true}; /* it goes on */
    struct wb_join_next next;
    struct bell bell;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    (void)spawn(&log);
    wb_join_next_init(&next, &group.set);
    assert_int_equal(wb_future_poll(&next.future, &context), WB_PENDING);
    wb_join_set_detach_all(&group.set);
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(wb_future_poll(&next.future, &context), WB_READY);
    assert_status(next.future.status, WB_EOF);
}

#define GROUP_SINGLE(test)                                                                         \
    { #test "_single", test, setup_single, teardown, NULL }
#define GROUP_MULTI(test)                                                                          \
    { #test "_multi", test, setup_multi, teardown, NULL }
#define GROUP_BOTH(test) GROUP_SINGLE(test), GROUP_MULTI(test)

int main(void) {
    const struct CMUnitTest tests[] = {
        GROUP_BOTH(tk_14_all_are_joined),
        GROUP_SINGLE(tk_14_they_come_in_the_order_of_their_ends),
        GROUP_BOTH(tk_14_output_goes_to_who_takes_it_or_is_dropped),
        GROUP_BOTH(tk_14_one_that_fails_is_its_own_affair),
        GROUP_BOTH(tk_14_aborted_they_are_still_taken),
        GROUP_BOTH(tk_14_the_end_of_the_set_is_theirs),
        GROUP_BOTH(tk_14_detached_they_go_on),
        GROUP_BOTH(tk_14_the_runtime_may_go_first),
        GROUP_BOTH(given_up_it_takes_nothing),
        GROUP_BOTH(tk_14_work_that_blocks_may_be_of_it),
        GROUP_SINGLE(what_cannot_be_is_refused),
        GROUP_SINGLE(who_waits_beside_another_is_refused),
        GROUP_SINGLE(who_waits_while_all_are_detached_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
