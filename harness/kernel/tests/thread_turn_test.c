/* Whose turn it is among the threads of one program, and what of it is a choice. That they behave
 * as Linux's do is the contract suite's to say. */
#include "kernel/tests/thread_support.h"

#include <errno.h>

/* ---- turns ---- */

static void thread_runs_until_it_waits_in_the_order_of_numbers(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "aabb");
    assert_int_equal(fixture->returned, 2);
    assert_int_equal(fixture->left, 0);
}

/* The first thread's points are creating b, joining a, and there beginning to wait. */
static void thread_switch_gives_the_turn_away_before_a_call(void **state) {
    struct fixture *fixture = *state;
    struct plan plan;
    const struct wbh_decision to_b[] = {SWITCH(FIRST, 2, 2)};
    threads_begin_planned(fixture, &plan, to_b, 1);
    assert_int_equal(threads_run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "bbaa");
    assert_int_equal(plan.kernel, WBH_ACTION_BIT(WBH_ACTION_ORDER));
    const struct sim_fault_counts *faults = sim_faults(fixture->kernel);
    assert_int_equal(faults->injected[WBH_POINT_SWITCH][WBH_ACTION_ORDER], 1);
    assert_int_equal(faults->consumed[WBH_POINT_SWITCH][WBH_ACTION_ORDER], 1);

    const struct wbh_decision to_b_and_a[] = {SWITCH(FIRST, 2, 2), SWITCH(THREAD(2), 2, 2)};
    threads_begin_planned(fixture, &plan, to_b_and_a, 2);
    assert_int_equal(threads_run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "baab");
    assert_int_equal(plan.fired, 2);
}

static void thread_choice_who_follows_one_that_waits_is_its_own(void **state) {
    struct fixture *fixture = *state;
    struct plan plan;
    const struct wbh_decision to_b[] = {SWITCH(FIRST, 3, 1)};
    threads_begin_planned(fixture, &plan, to_b, 1);
    assert_int_equal(threads_run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "bbaa");
}

static void thread_switches_are_part_of_the_hash(void **state) {
    struct fixture *fixture = *state;
    struct plan plan;
    uint64_t hashes[3];
    const struct wbh_decision to_b[] = {SWITCH(FIRST, 2, 2)};
    for (int i = 0; i < 3; i++) {
        threads_begin_planned(fixture, &plan, to_b, i == 2);
        assert_int_equal(threads_run(fixture, two_pass_by), SIM_STOP_EXITED);
        hashes[i] = sim_kernel_hash(fixture->kernel);
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
}

/* Waits for b by asking for the time again and again. */
static void come_by_later(void *arg) {
    struct who *who = arg;
    who_come_by(who);
    who->fixture->result = 1;
}

static int spin_until_it_came(void *arg) {
    struct fixture *fixture = arg;
    struct who b = {.fixture = fixture, .letter = 'b'};
    who_start(&b, come_by_later);
    while (fixture->result == 0) {
        (void)WB_SYS(fixture->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    }
    who_join(&b);
    return 0;
}

static void thread_that_never_waits_does_not_keep_the_others_from_running(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, spin_until_it_came), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "b");
}

/* ---- one thread alone ---- */

static int lock_alone(void *arg) {
    struct fixture *fixture = arg;
    uint64_t calls = sim_kernel_calls(fixture->kernel);
    uint64_t hash = sim_kernel_hash(fixture->kernel);
    threads_lock(fixture);
    threads_unlock(fixture);
    WB_SYS(fixture->sys, cond_signal, &fixture->cond);
    WB_SYS(fixture->sys, cond_broadcast, &fixture->cond);
    wb_sys_interleave(fixture->sys, fixture);
    assert_true(sim_kernel_calls(fixture->kernel) == calls);
    assert_true(sim_kernel_hash(fixture->kernel) == hash);
    return 0;
}

static void thread_alone_locks_for_nothing(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, lock_alone), SIM_STOP_EXITED);
}

static int wait_alone(void *arg) {
    struct fixture *fixture = arg;
    uint64_t begin_ns = sim_kernel_now(fixture->kernel);
    threads_lock(fixture);
    fixture->result = WB_SYS(fixture->sys, cond_timedwait, &fixture->cond, &fixture->mutex, 5 * MS);
    threads_unlock(fixture);
    return sim_kernel_now(fixture->kernel) == begin_ns + 5 * MS + 200 ? 0 : 1;
}

static void thread_alone_waits_by_the_virtual_clock(void **state) {
    struct fixture *fixture = *state;
    int exit_status = -1;
    assert_int_equal(
        sim_kernel_run(fixture->kernel, wait_alone, fixture, &exit_status), SIM_STOP_EXITED);
    assert_int_equal(exit_status, 0);
    assert_int_equal(fixture->result, -ETIMEDOUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        THREAD_TEST(thread_runs_until_it_waits_in_the_order_of_numbers),
        THREAD_TEST(thread_switch_gives_the_turn_away_before_a_call),
        THREAD_TEST(thread_choice_who_follows_one_that_waits_is_its_own),
        THREAD_TEST(thread_switches_are_part_of_the_hash),
        THREAD_TEST(thread_that_never_waits_does_not_keep_the_others_from_running),
        THREAD_TEST(thread_alone_locks_for_nothing),
        THREAD_TEST(thread_alone_waits_by_the_virtual_clock),
    };
    return cmocka_run_group_tests_name("kernel_thread_turn", tests, NULL, NULL);
}
