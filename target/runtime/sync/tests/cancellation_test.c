/* Tokens: who is told, how far it goes down, and how long the tree lives. */
#include "desk.h"

#include "wb/cancellation.h"

static struct wb_cancellation root;

static void open_root(void) {
    assert_ok(wb_cancellation_new(desk.sys, &root));
}

static struct wb_cancellation child_of(const struct wb_cancellation *token) {
    struct wb_cancellation child;
    assert_ok(wb_cancellation_child(token, &child));
    return child;
}

static struct wb_cancelled cancelled_new(const struct wb_cancellation *token) {
    struct wb_cancelled cancelled;
    wb_cancelled_init(&cancelled, token);
    return cancelled;
}

static void cancellation_wakes_who_waits_and_lasts(void **state) {
    (void)state;
    open_root();
    struct wb_cancellation other = wb_cancellation_clone(&root);
    struct wb_cancelled waiting = cancelled_new(&root);
    assert_pending(&waiting.future, 0);
    assert_false(wb_cancellation_is_cancelled(&root));
    wb_cancellation_cancel(&other);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&waiting.future, 0, WB_OK);
    wb_cancellation_cancel(&root);
    assert_true(wb_cancellation_is_cancelled(&root));
    struct wb_cancelled late = cancelled_new(&root);
    assert_over(&late.future, 0, WB_OK);
    wb_cancellation_drop(&other);
    wb_cancellation_drop(&root);
    wb_cancellation_drop(&root);
}

static void cancellation_goes_down_and_not_up(void **state) {
    (void)state;
    open_root();
    struct wb_cancellation left = child_of(&root);
    struct wb_cancellation right = child_of(&root);
    struct wb_cancellation below = child_of(&left);
    struct wb_cancelled waiting[4] = {
        cancelled_new(&root), cancelled_new(&left), cancelled_new(&right), cancelled_new(&below)};
    for (int i = 0; i < 4; i++) {
        assert_pending(&waiting[i].future, i);
    }
    wb_cancellation_cancel(&left);
    assert_int_equal(desk_woken(0) + desk_woken(2), 0);
    assert_int_equal(desk_woken(1), 1);
    assert_int_equal(desk_woken(3), 1);
    assert_over(&waiting[1].future, 1, WB_OK);
    assert_over(&waiting[3].future, 3, WB_OK);
    assert_pending(&waiting[2].future, 2);
    wb_cancellation_cancel(&root);
    assert_over(&waiting[0].future, 0, WB_OK);
    assert_over(&waiting[2].future, 2, WB_OK);
    wb_cancellation_drop(&root); /* the order does not matter */
    wb_cancellation_drop(&left);
    wb_cancellation_drop(&below);
    wb_cancellation_drop(&right);
}

static void cancellation_child_of_a_cancelled_one_is_cancelled(void **state) {
    (void)state;
    open_root();
    wb_cancellation_cancel(&root);
    struct wb_cancellation child = child_of(&root);
    assert_true(wb_cancellation_is_cancelled(&child));
    wb_cancellation_drop(&child);
    wb_cancellation_drop(&root);
}

static void cancellation_reaches_below_a_dropped_parent(void **state) {
    (void)state;
    open_root();
    struct wb_cancellation middle = child_of(&root);
    struct wb_cancellation below = child_of(&middle);
    wb_cancellation_drop(&middle);
    wb_cancellation_cancel(&root);
    assert_true(wb_cancellation_is_cancelled(&below));
    wb_cancellation_drop(&root);
    wb_cancellation_drop(&below);
}

static void cancellation_of_many_goes_in_batches(void **state) {
    (void)state;
    open_root();
    struct wb_cancellation children[BELLS];
    struct wb_cancelled waiting[BELLS];
    for (int i = 0; i < BELLS; i++) {
        children[i] = child_of(i % 3 == 0 ? &root : &children[i - 1]);
        waiting[i] = cancelled_new(&children[i]);
        assert_pending(&waiting[i].future, i);
    }
    wb_future_drop(&waiting[5].future);
    wb_cancellation_cancel(&root);
    for (int i = 0; i < BELLS; i++) {
        assert_int_equal(desk_woken(i), i != 5);
        if (i != 5) {
            assert_over(&waiting[i].future, i, WB_OK);
        }
        wb_cancellation_drop(&children[i]);
    }
    wb_cancellation_drop(&root);
}

static void cancellation_last_task_that_polled_is_woken(void **state) {
    (void)state;
    open_root();
    struct wb_cancelled waiting = cancelled_new(&root);
    assert_pending(&waiting.future, 0);
    assert_pending(&waiting.future, 1);
    wb_cancellation_cancel(&root);
    assert_int_equal(desk_woken(0), 0);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&waiting.future, 1, WB_OK);
    wb_cancellation_drop(&root);
}

static void until_cancelled_drops_the_work(void **state) {
    (void)state;
    struct probe_log log = {.pending = 5};
    struct probe probe;
    struct wb_until_cancelled until;
    open_root();
    probe_init(&probe, &log);
    wb_until_cancelled_init(&until, &root, &probe.future);
    assert_pending(&until.future, 0);
    assert_pending(&until.future, 0);
    wb_cancellation_cancel(&root);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&until.future, 0, WB_ERR_CANCELLED);
    assert_int_equal(atomic_load(&log.polls), 2);
    assert_int_equal(atomic_load(&log.drops), 1);
    wb_cancellation_drop(&root);
}

static void until_cancelled_ends_with_the_work(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1, .status = WB_EOF};
    struct probe probe;
    struct wb_until_cancelled until;
    open_root();
    probe_init(&probe, &log);
    wb_until_cancelled_init(&until, &root, &probe.future);
    assert_pending(&until.future, 0);
    assert_over(&until.future, 0, WB_EOF);
    wb_cancellation_cancel(&root);
    assert_int_equal(desk_woken(0), 0);
    wb_cancellation_drop(&root);
}

static void cancellation_out_of_memory_is_a_status(void **state) {
    (void)state;
    struct wb_cancellation child;
    world_refuse(stage.world, 1);
    assert_status(wb_cancellation_new(desk.sys, &root), WB_ERR_NO_MEMORY);
    wb_cancellation_drop(&root);
    world_refuse(stage.world, 0);
    open_root();
    world_refuse(stage.world, 1);
    assert_status(wb_cancellation_child(&root, &child), WB_ERR_NO_MEMORY);
    wb_cancellation_drop(&child);
    wb_cancellation_drop(&root);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(cancellation_wakes_who_waits_and_lasts),
        DESK(cancellation_goes_down_and_not_up),
        DESK(cancellation_child_of_a_cancelled_one_is_cancelled),
        DESK(cancellation_reaches_below_a_dropped_parent),
        DESK(cancellation_of_many_goes_in_batches),
        DESK(cancellation_last_task_that_polled_is_woken),
        DESK(until_cancelled_drops_the_work),
        DESK(until_cancelled_ends_with_the_work),
        DESK(cancellation_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
