/* Mutexes and conditions among threads, and threads that stand still as they are seen from
 * outside. */
#include "kernel/tests/thread_support.h"

/* ---- mutexes and conditions ---- */

static void hold_for_a_while(void *arg) {
    struct who *who = arg;
    threads_lock(who->fixture);
    who_come_by(who);
    threads_doze(who->fixture, MS);
    who_come_by(who);
    threads_unlock(who->fixture);
}

static int three_hold(void *arg) {
    struct who whos[3];
    for (int i = 0; i < 3; i++) {
        whos[i] = (struct who){.fixture = arg, .letter = (char)('a' + i)};
        who_start(&whos[i], hold_for_a_while);
    }
    for (int i = 0; i < 3; i++) {
        who_join(&whos[i]);
    }
    return 0;
}

static void thread_mutex_is_held_across_a_sleep(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, three_hold), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "aabbcc");
    /* Who takes it next is open: here the thread that ends gives the turn to the second in order.
     */
    struct plan plan;
    const struct wbh_decision to_c[] = {SWITCH(THREAD(1), 4, 1)};
    threads_begin_planned(fixture, &plan, to_c, 1);
    assert_int_equal(threads_run(fixture, three_hold), SIM_STOP_EXITED);
    assert_int_equal(plan.fired, 1);
    assert_string_equal(fixture->order, "aaccbb");
}

static void await_signal(void *arg) {
    struct who *who = arg;
    threads_lock(who->fixture);
    WB_SYS(who->fixture->sys, cond_wait, &who->fixture->cond, &who->fixture->mutex);
    who_come_by(who);
    threads_unlock(who->fixture);
}

static int signal_three_times(void *arg) {
    struct fixture *fixture = arg;
    struct who whos[3];
    for (int i = 0; i < 3; i++) {
        whos[i] = (struct who){.fixture = fixture, .letter = (char)('a' + i)};
        who_start(&whos[i], await_signal);
    }
    threads_doze(fixture, MS);
    for (int i = 0; i < 3; i++) {
        WB_SYS(fixture->sys, cond_signal, &fixture->cond);
        threads_doze(fixture, MS);
    }
    for (int i = 0; i < 3; i++) {
        who_join(&whos[i]);
    }
    return 0;
}

static void thread_signal_wakes_who_has_waited_longest_unless_chosen_otherwise(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, signal_three_times), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "abc");
    struct plan plan;
    const struct wbh_decision last[] = {
        {.ordinal = 1, .point = WBH_POINT_ROUSE, .action = WBH_ACTION_ORDER, .value = 2}};
    threads_begin_planned(fixture, &plan, last, 1);
    assert_int_equal(threads_run(fixture, signal_three_times), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "cab");
    assert_int_equal(plan.kernel, WBH_ACTION_BIT(WBH_ACTION_ORDER));
}

static int await_nobody(void *arg) {
    struct fixture *fixture = arg;
    threads_lock(fixture);
    WB_SYS(fixture->sys, cond_wait, &fixture->cond, &fixture->mutex);
    threads_unlock(fixture);
    return 0;
}

static void thread_wait_may_end_for_nothing_by_contract(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, await_nobody), SIM_STOP_QUIESCENT);
    struct plan plan;
    const struct wbh_decision wake[] = {
        {.ordinal = 1, .point = WBH_POINT_PARK, .action = WBH_ACTION_WAKE}};
    threads_begin_planned(fixture, &plan, wake, 1);
    assert_int_equal(threads_run(fixture, await_nobody), SIM_STOP_EXITED);
    assert_int_equal(plan.contract, WBH_ACTION_BIT(WBH_ACTION_WAKE));
    assert_int_equal(plan.kernel, 0);
}

/* ---- standing still ---- */

struct lookout {
    struct sim_thread_info threads[4];
    unsigned count;
};

static void look_at(void *user_data, const struct sim_thread_info *info) {
    struct lookout *lookout = user_data;
    lookout->threads[lookout->count++] = *info;
}

static int wait_for_one_another(void *arg) {
    struct fixture *fixture = arg;
    struct who waiter = {.fixture = fixture, .letter = 'w'};
    who_start(&waiter, await_signal);
    who_join(&waiter);
    return 0;
}

static void thread_that_waits_is_seen_with_what_it_waits_for(void **state) {
    struct fixture *fixture = *state;
    struct lookout lookout = {.count = 0};
    assert_int_equal(threads_run(fixture, wait_for_one_another), SIM_STOP_QUIESCENT);
    sim_each_thread(fixture->kernel, 0, look_at, &lookout);
    assert_int_equal(lookout.count, 2);
    assert_int_equal(lookout.threads[0].waits, SIM_THREAD_AT_JOIN);
    assert_int_equal(lookout.threads[0].holder, 1);
    assert_int_equal(lookout.threads[1].waits, SIM_THREAD_AT_COND);
    assert_int_equal(lookout.threads[1].object, 1);
    assert_int_equal(lookout.threads[1].has_deadline, 0);
}

static int lock_what_is_taken(void *arg) {
    struct fixture *fixture = arg;
    struct who taker = {.fixture = fixture, .letter = 't'};
    who_start(&taker, take_for_ever);
    threads_doze(fixture, MS);
    threads_lock(fixture);
    return 0;
}

static void thread_at_a_mutex_is_seen_with_its_holder(void **state) {
    struct fixture *fixture = *state;
    struct lookout lookout = {.count = 0};
    assert_int_equal(threads_run(fixture, lock_what_is_taken), SIM_STOP_QUIESCENT);
    sim_each_thread(fixture->kernel, 0, look_at, &lookout);
    assert_int_equal(lookout.threads[0].waits, SIM_THREAD_AT_MUTEX);
    assert_int_equal(lookout.threads[0].object, 1);
    assert_int_equal(lookout.threads[0].holder, 1);
    assert_int_equal(lookout.threads[1].waits, SIM_THREAD_IN_CALL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        THREAD_TEST(thread_mutex_is_held_across_a_sleep),
        THREAD_TEST(thread_signal_wakes_who_has_waited_longest_unless_chosen_otherwise),
        THREAD_TEST(thread_wait_may_end_for_nothing_by_contract),
        THREAD_TEST(thread_that_waits_is_seen_with_what_it_waits_for),
        THREAD_TEST(thread_at_a_mutex_is_seen_with_its_holder),
    };
    return cmocka_run_group_tests_name("kernel_thread_lock", tests, NULL, NULL);
}
