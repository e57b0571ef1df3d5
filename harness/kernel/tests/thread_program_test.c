/* Threads of several programs in one run. */
#include "kernel/tests/thread_support.h"

static int receive_in_a_thread(void *arg) {
    struct fixture *fixture = arg;
    struct who who = {.fixture = fixture, .letter = 'r'};
    struct wb_sockaddr addr = {.un = {.family = WB_AF_UNIX, .path = "/tmp/x"}};
    int listener = WB_SYS(fixture->sys, socket, WB_AF_UNIX, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(fixture->sys, bind, listener, &addr, sizeof(addr.un)), 0);
    assert_int_equal(WB_SYS(fixture->sys, listen, listener, 1), 0);
    fixture->fd = WB_SYS(fixture->sys, accept4, listener, NULL, NULL, 0);
    who_start(&who, receive_a_byte);
    threads_doze(fixture, MS);
    assert_int_equal(WB_SYS(fixture->sys, close, fixture->fd), 0);
    threads_doze(fixture, WB_TIMEOUT_INFINITE);
    return 0;
}

/* Whose end has come is seen when the other program is killed, not before. */
static int await_end(void *arg) {
    struct fixture *fixture = arg;
    struct wb_sockaddr addr = {.un = {.family = WB_AF_UNIX, .path = "/tmp/x"}};
    char byte;
    threads_doze(fixture, MS);
    int fd = WB_SYS(fixture->sys, socket, WB_AF_UNIX, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(fixture->sys, connect, fd, &addr, sizeof(addr.un)), 0);
    assert_int_equal(WB_SYS(fixture->sys, recv, fd, &byte, 1, 0), 0);
    fixture->order[fixture->order_len++] = sim_kernel_now(fixture->kernel) >= 50 * MS ? 'k' : 'c';
    return 0;
}

static void kill_first(void *arg) {
    sim_process_kill(arg, 0);
}

static void thread_that_is_killed_with_its_program_lets_go(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, receive_in_a_thread, fixture);
    sim_process_add(fixture->kernel, await_end, fixture);
    sim_schedule(fixture->kernel, 50 * MS, kill_first, fixture->kernel);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "k");
    assert_int_equal(fixture->left, 0); /* it did not end: it was made to */
}

static void write_a_byte(void *arg) {
    const struct who *who = arg;
    threads_doze(who->fixture, MS);
    assert_int_equal(WB_SYS(who->fixture->sys, write, who->fixture->fd, "x", 1), 1);
}

static void doze_for_ever(void *arg) {
    const struct who *who = arg;
    threads_doze(who->fixture, WB_TIMEOUT_INFINITE);
}

/* Killed at an instance in its first life; in the second it waits for a byte. */
static int live_twice(void *arg) {
    struct fixture *fixture = arg;
    struct who who = {.fixture = fixture, .letter = 'b'};
    struct wb_epoll_event event;
    int fds[2];
    char byte;
    if (fixture->order_len++ == 0) {
        who_start(&who, doze_for_ever);
        int instance = WB_SYS(fixture->sys, epoll_create1, 0);
        (void)WB_SYS(fixture->sys, epoll_pwait2, instance, &event, 1, WB_TIMEOUT_INFINITE);
        return 1;
    }
    assert_int_equal(WB_SYS(fixture->sys, pipe2, fds, 0), 0);
    fixture->fd = fds[1];
    who_start(&who, write_a_byte);
    fixture->result = WB_SYS(fixture->sys, read, fds[0], &byte, 1);
    who_join(&who);
    return 0;
}

static void start_first(void *arg) {
    sim_process_start(arg, 0);
}

static void thread_of_a_new_life_does_not_wait_for_what_the_old_one_did(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, live_twice, fixture);
    sim_schedule(fixture->kernel, 50 * MS, kill_first, fixture->kernel);
    sim_schedule(fixture->kernel, 60 * MS, start_first, fixture->kernel);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->order_len, 2);
    assert_int_equal(fixture->result, 1);
}

static void thread_of_several_programs_takes_turns_with_its_own(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, two_pass_by, fixture);
    sim_process_add(fixture->kernel, two_pass_by, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->order_len, 8);
    assert_int_equal(fixture->returned, 4);
    assert_int_equal(fixture->left, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        THREAD_TEST(thread_that_is_killed_with_its_program_lets_go),
        THREAD_TEST(thread_of_a_new_life_does_not_wait_for_what_the_old_one_did),
        THREAD_TEST(thread_of_several_programs_takes_turns_with_its_own),
    };
    return cmocka_run_group_tests_name("kernel_thread_program", tests, NULL, NULL);
}
