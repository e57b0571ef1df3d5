/* Waiting until all have come. */
#include "desk.h"

#include "wb/barrier.h"

static struct wb_barrier barrier;

static struct wb_barrier_wait wait_new(void) {
    struct wb_barrier_wait wait;
    wb_barrier_wait_init(&wait, &barrier);
    return wait;
}

static void tk_39_zero_does_not_block(void **state) {
    (void)state;
    for (uint32_t size = 0; size < 2; size++) {
        assert_ok(wb_barrier_init(&barrier, desk.sys, size));
        for (int i = 0; i < 2; i++) {
            struct wb_barrier_wait wait = wait_new();
            assert_over(&wait.future, 0, WB_OK);
            assert_true(wait.is_leader);
        }
        wb_barrier_clean_up(&barrier);
    }
}

static void tk_39_tango(void **state) {
    (void)state;
    assert_ok(wb_barrier_init(&barrier, desk.sys, 2));
    for (int round = 0; round < 3; round++) {
        struct wb_barrier_wait first = wait_new();
        struct wb_barrier_wait second = wait_new();
        assert_pending(&first.future, 0);
        assert_pending(&first.future, 0); /* comes once */
        assert_over(&second.future, 1, WB_OK);
        assert_int_equal(desk_woken(0), 1);
        assert_over(&first.future, 0, WB_OK);
        assert_true(second.is_leader);
        assert_false(first.is_leader);
    }
    wb_barrier_clean_up(&barrier);
}

static void tk_39_lots(void **state) {
    (void)state;
    assert_ok(wb_barrier_init(&barrier, desk.sys, BELLS + 1));
    for (int round = 0; round < 10; round++) {
        struct wb_barrier_wait waiting[BELLS];
        for (int i = 0; i < BELLS; i++) {
            waiting[i] = wait_new();
            assert_pending(&waiting[i].future, i);
        }
        struct wb_barrier_wait last = wait_new();
        assert_over(&last.future, 0, WB_OK);
        struct wb_barrier_wait next = wait_new(); /* of the next round */
        assert_pending(&next.future, 0);
        for (int i = 0; i < BELLS; i++) {
            assert_int_equal(desk_woken(i), 1);
            assert_over(&waiting[i].future, i, WB_OK);
            assert_false(waiting[i].is_leader);
        }
        wb_future_drop(&next.future);
    }
    wb_barrier_clean_up(&barrier);
}

static void tk_39_waiter_that_is_dropped_has_not_come(void **state) {
    (void)state;
    assert_ok(wb_barrier_init(&barrier, desk.sys, 2));
    struct wb_barrier_wait first = wait_new();
    struct wb_barrier_wait second = wait_new();
    struct wb_barrier_wait third = wait_new();
    assert_pending(&first.future, 0);
    wb_future_drop(&first.future);
    assert_pending(&second.future, 1);
    assert_over(&third.future, 2, WB_OK);
    wb_future_drop(&second.future); /* let go, and not polled: the next round is not touched */
    struct wb_barrier_wait fourth = wait_new();
    struct wb_barrier_wait fifth = wait_new();
    assert_pending(&fourth.future, 0);
    assert_over(&fifth.future, 1, WB_OK);
    assert_over(&fourth.future, 0, WB_OK);
    wb_barrier_clean_up(&barrier);
}

static void tk_39_last_task_that_polled_is_woken(void **state) {
    (void)state;
    assert_ok(wb_barrier_init(&barrier, desk.sys, 2));
    struct wb_barrier_wait first = wait_new();
    struct wb_barrier_wait second = wait_new();
    assert_pending(&first.future, 0);
    assert_pending(&first.future, 1);
    assert_over(&second.future, 2, WB_OK);
    assert_int_equal(desk_woken(0), 0);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&first.future, 1, WB_OK);
    wb_barrier_clean_up(&barrier);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(tk_39_zero_does_not_block),
        DESK(tk_39_tango),
        DESK(tk_39_lots),
        DESK(tk_39_waiter_that_is_dropped_has_not_come),
        DESK(tk_39_last_task_that_polled_is_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
