/* Making something once. */
#include "desk.h"

#include "wb/once.h"

static struct wb_once once;

static int setup(void **state) {
    const int result = desk_setup(state);
    assert_ok(wb_once_init(&once, desk.sys));
    return result;
}

static int teardown(void **state) {
    wb_once_clean_up(&once);
    wb_once_clean_up(&once);
    return desk_teardown(state);
}

/* A run with a maker that the test looks at. */
struct attempt {
    struct probe_log log;
    struct probe probe;
    struct wb_once_run run;
};

static void attempt_init(struct attempt *attempt, int pending, enum wb_status status) {
    attempt->log = (struct probe_log){.pending = pending, .status = status};
    probe_init(&attempt->probe, &attempt->log);
    wb_once_run_init(&attempt->run, &once, &attempt->probe.future);
}

/* One that makes, and one that waits for it. */
static void make_two(struct attempt *first, struct attempt *second, enum wb_status outcome) {
    attempt_init(first, 1, outcome);
    attempt_init(second, 0, WB_OK);
    assert_pending(&first->run.future, 0);
    assert_pending(&second->run.future, 1);
}

static void whoever_comes_first_makes_it_and_nobody_else(void **state) {
    (void)state;
    struct attempt first;
    struct attempt second;
    make_two(&first, &second, WB_OK);
    assert_false(wb_once_is_made(&once));
    assert_over(&first.run.future, 0, WB_OK);
    assert_true(first.run.is_maker);
    assert_true(wb_once_is_made(&once));
    assert_int_equal(desk_woken(1), 1);
    assert_over(&second.run.future, 1, WB_OK);
    assert_false(second.run.is_maker);
    assert_int_equal(second.log.polls, 0);
    assert_int_equal(second.log.drops, 1);
}

static void who_comes_later_does_not_wait(void **state) {
    (void)state;
    struct attempt attempts[3];
    for (int i = 0; i < 3; i++) {
        attempt_init(&attempts[i], 0, WB_OK);
        assert_over(&attempts[i].run.future, i, WB_OK);
        assert_int_equal(attempts[i].log.polls, i == 0);
        assert_int_equal(attempts[i].log.drops, 1);
    }
}

static void all_who_wait_are_told(void **state) {
    (void)state;
    static struct attempt attempts[BELLS];
    for (int i = 0; i < BELLS; i++) {
        attempt_init(&attempts[i], 1, WB_OK);
        assert_pending(&attempts[i].run.future, i);
    }
    assert_over(&attempts[0].run.future, 0, WB_OK);
    for (int i = 1; i < BELLS; i++) {
        assert_int_equal(desk_woken(i), 1);
        assert_over(&attempts[i].run.future, i, WB_OK);
    }
}

static void a_maker_that_fails_leaves_it_to_the_next(void **state) {
    (void)state;
    struct attempt first;
    struct attempt second;
    make_two(&first, &second, WB_ERR_NO_ENTRY);
    assert_over(&first.run.future, 0, WB_ERR_NO_ENTRY);
    assert_false(wb_once_is_made(&once));
    assert_int_equal(desk_woken(1), 1);
    assert_over(&second.run.future, 1, WB_OK);
    assert_true(second.run.is_maker);
}

static void a_maker_that_is_given_up_leaves_it_to_the_next(void **state) {
    (void)state;
    struct attempt attempts[3];
    for (int i = 0; i < 3; i++) {
        attempt_init(&attempts[i], i == 0 ? 5 : 0, WB_OK);
        assert_pending(&attempts[i].run.future, i);
    }
    wb_future_drop(&attempts[0].run.future); /* at work */
    assert_int_equal(attempts[0].log.drops, 1);
    assert_int_equal(desk_woken(1), 1);
    wb_future_drop(&attempts[1].run.future); /* has been given the turn and does not know it */
    assert_int_equal(attempts[1].log.polls, 0);
    assert_int_equal(desk_woken(2), 1);
    assert_over(&attempts[2].run.future, 2, WB_OK);
    assert_true(wb_once_is_made(&once));
}

static void the_latest_waker_counts(void **state) {
    (void)state;
    struct attempt first;
    struct attempt second;
    make_two(&first, &second, WB_OK);
    assert_pending(&second.run.future, 2);
    assert_over(&first.run.future, 0, WB_OK);
    assert_int_equal(desk_woken(1), 0);
    assert_int_equal(desk_woken(2), 1);
    assert_over(&second.run.future, 2, WB_OK);
}

#define ONCE(test)                                                                                 \
    { #test, test, setup, teardown, NULL }

int main(void) {
    const struct CMUnitTest tests[] = {
        ONCE(whoever_comes_first_makes_it_and_nobody_else),
        ONCE(who_comes_later_does_not_wait),
        ONCE(all_who_wait_are_told),
        ONCE(a_maker_that_fails_leaves_it_to_the_next),
        ONCE(a_maker_that_is_given_up_leaves_it_to_the_next),
        ONCE(the_latest_waker_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
