/* Files that threads sleep with: kept until the call ends, and who of several is woken. */
#include "kernel/tests/thread_support.h"

#include <errno.h>

static void poll_for_a_while(void *arg) {
    struct who *who = arg;
    struct wb_pollfd one = {.fd = who->fixture->fd, .events = (int16_t)WB_EPOLLIN};
    who->fixture->result = WB_SYS(who->fixture->sys, poll, &one, 1, 5 * MS);
    who_come_by(who);
}

static void select_for_a_while(void *arg) {
    struct who *who = arg;
    int fd = who->fixture->fd;
    struct wb_fd_set set = {.bits = {UINT64_C(1) << fd}};
    who->fixture->result = WB_SYS(who->fixture->sys, select, fd + 1, &set, NULL, NULL, 5 * MS);
    who_come_by(who);
}

static int close_under(struct fixture *fixture, wb_thread_fn fn) {
    struct who who = {.fixture = fixture, .letter = 'w'};
    int fds[2];
    assert_int_equal(WB_SYS(fixture->sys, socketpair, WB_AF_UNIX, WB_SOCK_STREAM, 0, fds), 0);
    fixture->fd = fds[0];
    who_start(&who, fn);
    threads_doze(fixture, MS);
    assert_int_equal(WB_SYS(fixture->sys, close, fds[0]), 0);
    assert_int_equal(WB_SYS(fixture->sys, eventfd, 1, 0), fds[0]); /* ready, with that number */
    threads_doze(fixture, MS);
    assert_int_equal(fixture->order_len, 0);
    assert_int_equal(WB_SYS(fixture->sys, send, fds[1], "x", 1, WB_MSG_NOSIGNAL), 1);
    who_join(&who);
    /* With the call the socket has ended, too. */
    assert_int_equal(WB_SYS(fixture->sys, send, fds[1], "x", 1, WB_MSG_NOSIGNAL), -EPIPE);
    return fixture->result == 1 ? 0 : 1;
}

static int close_under_recv(void *arg) {
    return close_under(arg, receive_a_byte);
}

static int close_under_poll(void *arg) {
    return close_under(arg, poll_for_a_while);
}

static int close_under_select(void *arg) {
    return close_under(arg, select_for_a_while);
}

static void thread_keeps_the_file_that_it_sleeps_with(void **state) {
    struct fixture *fixture = *state;
    int (*const programs[])(void *) = {close_under_recv, close_under_poll, close_under_select};
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        int exit_status = -1;
        threads_begin(fixture, NULL);
        assert_int_equal(
            sim_kernel_run(fixture->kernel, programs[i], fixture, &exit_status), SIM_STOP_EXITED);
        assert_int_equal(exit_status, 0);
    }
}

static void wait_for_event(void *arg) {
    struct who *who = arg;
    struct wb_epoll_event event;
    if (WB_SYS(who->fixture->sys, epoll_pwait2, who->fixture->fd, &event, 1, 5 * MS) == 1) {
        who_come_by(who);
    }
}

static int rouse_one_of_three(void *arg) {
    struct fixture *fixture = arg;
    struct who whos[3];
    struct wb_epoll_event event = {.events = WB_EPOLLIN | WB_EPOLLET};
    const uint64_t one = 1;
    int fd = WB_SYS(fixture->sys, eventfd, 0, 0);
    fixture->fd = WB_SYS(fixture->sys, epoll_create1, 0);
    assert_int_equal(WB_SYS(fixture->sys, epoll_ctl, fixture->fd, WB_EPOLL_CTL_ADD, fd, &event), 0);
    for (int i = 0; i < 3; i++) {
        whos[i] = (struct who){.fixture = fixture, .letter = (char)('a' + i)};
        who_start(&whos[i], wait_for_event);
    }
    threads_doze(fixture, MS);
    assert_int_equal(WB_SYS(fixture->sys, write, fd, &one, sizeof(one)), sizeof(one));
    for (int i = 0; i < 3; i++) {
        who_join(&whos[i]);
    }
    return 0;
}

static void thread_that_came_last_to_an_instance_is_woken_unless_chosen_otherwise(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(threads_run(fixture, rouse_one_of_three), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "c");
    struct plan plan;
    const struct wbh_decision first[] = {
        {.ordinal = 1, .point = WBH_POINT_ROUSE, .action = WBH_ACTION_ORDER, .value = 2}};
    threads_begin_planned(fixture, &plan, first, 1);
    assert_int_equal(threads_run(fixture, rouse_one_of_three), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "a");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        THREAD_TEST(thread_keeps_the_file_that_it_sleeps_with),
        THREAD_TEST(thread_that_came_last_to_an_instance_is_woken_unless_chosen_otherwise),
    };
    return cmocka_run_group_tests_name("kernel_thread_file", tests, NULL, NULL);
}
