/* How threads begin, are joined and end, each by itself or with its program. */
#include "kernel/tests/thread_support.h"

#include <errno.h>

/* ---- creating and joining ---- */

static void do_nothing(void *arg) {
    (void)arg;
}

static int join_wrongly(void *arg) {
    struct fixture *fixture = arg;
    struct who who = {.fixture = fixture, .letter = 'n'};
    assert_int_equal(WB_SYS(fixture->sys, thread_join, 12345), -ESRCH);
    who_start(&who, do_nothing);
    who_join(&who);
    assert_int_equal(WB_SYS(fixture->sys, thread_join, who.id), -ESRCH);
    return 0;
}

static void thread_is_joined_once(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, join_wrongly), SIM_STOP_EXITED);
    assert_int_equal(fixture->calls[SIM_CALL_JOIN], 3);
}

static int create_too_many(void *arg) {
    struct fixture *fixture = arg;
    uint64_t ids[SIM_THREADS_MAX];
    uint64_t one_more;
    for (int i = 0; i < SIM_THREADS_MAX - 1; i++) {
        assert_int_equal(WB_SYS(fixture->sys, thread_create, do_nothing, NULL, &ids[i]), 0);
    }
    assert_int_equal(WB_SYS(fixture->sys, thread_create, do_nothing, NULL, &one_more), -EAGAIN);
    for (int i = 0; i < SIM_THREADS_MAX - 1; i++) {
        assert_int_equal(WB_SYS(fixture->sys, thread_join, ids[i]), 0);
    }
    assert_int_equal(WB_SYS(fixture->sys, thread_create, do_nothing, NULL, &one_more), 0);
    return WB_SYS(fixture->sys, thread_join, one_more);
}

static void thread_count_has_a_bound(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, create_too_many), SIM_STOP_EXITED);
    assert_int_equal(fixture->returned, SIM_THREADS_MAX);
}

static int create_one(void *arg) {
    struct fixture *fixture = arg;
    uint64_t id;
    fixture->result = WB_SYS(fixture->sys, thread_create, do_nothing, NULL, &id);
    return 0;
}

static void thread_creation_may_fail(void **state) {
    struct fixture *fixture = *state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_THREAD, 1, WBH_ACTION_ERROR, ENOMEM);
    threads_begin(fixture, &source.base);
    assert_int_equal(threads_run(fixture, create_one), SIM_STOP_EXITED);
    assert_int_equal(fixture->result, -ENOMEM);
    assert_int_equal(fixture->left, 0);
}

/* ---- ends ---- */

static int leave_two(void *arg) {
    struct who sleeper = {.fixture = arg, .letter = 's'};
    struct who ended = {.fixture = arg, .letter = 'e'};
    who_start(&sleeper, take_for_ever);
    who_start(&ended, do_nothing);
    threads_doze(arg, MS);
    return 0;
}

static void thread_ends_with_its_program(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < 2; i++) { /* and the kernel is as good as new */
        threads_begin(fixture, NULL);
        assert_int_equal(threads_run(fixture, leave_two), SIM_STOP_EXITED);
        assert_int_equal(fixture->returned, 1);
        assert_int_equal(fixture->left, 2);
    }
}

static void ask_again_and_again(void *arg) {
    struct who *who = arg;
    for (;;) {
        (void)WB_SYS(who->fixture->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    }
}

static int wait_for_one_that_spins(void *arg) {
    struct who spinner = {.fixture = arg, .letter = 's'};
    who_start(&spinner, ask_again_and_again);
    who_join(&spinner);
    return 0;
}

static void stop(void *arg) {
    sim_kernel_stop(arg);
}

static void kill_it(void *arg) {
    sim_signal(arg, 0, WB_SIGTERM);
}

static void thread_may_be_where_the_run_is_left(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, wait_for_one_that_spins), SIM_STOP_STEPS);
    threads_begin(fixture, NULL);
    sim_schedule(fixture->kernel, sim_kernel_now(fixture->kernel) + MS, stop, fixture->kernel);
    assert_int_equal(threads_run(fixture, wait_for_one_that_spins), SIM_STOP_REQUESTED);
    threads_begin(fixture, NULL);
    sim_schedule(fixture->kernel, sim_kernel_now(fixture->kernel) + MS, kill_it, fixture->kernel);
    assert_int_equal(threads_run(fixture, wait_for_one_that_spins), SIM_STOP_KILLED);
    threads_begin(fixture, NULL);
    assert_int_equal(threads_run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "aabb");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        THREAD_TEST(thread_is_joined_once),
        THREAD_TEST(thread_count_has_a_bound),
        THREAD_TEST(thread_creation_may_fail),
        THREAD_TEST(thread_ends_with_its_program),
        THREAD_TEST(thread_may_be_where_the_run_is_left),
    };
    return cmocka_run_group_tests_name("kernel_thread_life", tests, NULL, NULL);
}
