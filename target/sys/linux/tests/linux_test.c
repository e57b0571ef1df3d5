/* What only Linux can be asked: interruption by signals, signal masks, rounding of timeouts, the
 * table. With --without-epoll-pwait2 the same on a kernel that denies having that call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

#include "sys/linux/ops.h"
#include "sys/linux/contract/host.h"
#include "wb/sys_linux.h"

#define SYS(op, ...) WB_SYS(wb_sys_linux(), op, __VA_ARGS__)

enum { EXIT_SKIPPED = 77, THREAD_COUNT = 4 };

static const int64_t patience_ns = INT64_C(10000000000);

/* ---- the table ---- */

static void table_every_required_slot_is_filled(void **state) {
    (void)state;
    const struct wb_sys_ops *ops = wb_sys_linux()->ops;
    _Static_assert(offsetof(struct wb_sys_ops, note) + sizeof(ops->note) + sizeof(ops->number)
                           + sizeof(ops->interleave) + sizeof(ops->epoll_tells_all)
                       == sizeof(*ops),
        "what is optional has the last slots");
    for (size_t at = 0; at < offsetof(struct wb_sys_ops, note); at += sizeof(void (*)(void))) {
        uintptr_t slot;
        memcpy(&slot, (const char *)ops + at, sizeof(slot));
        assert_true(slot != 0);
    }
    assert_null(ops->note);
    assert_null(ops->number);
    assert_null(ops->interleave);
    assert_true(wb_sys_epoll_tells_all(wb_sys_linux()) != 0);
    wb_sys_note(wb_sys_linux(), WB_NOTE_STOPPING, 0, 0); /* allowed, and nothing */
    wb_sys_interleave(wb_sys_linux(), &ops);
    assert_ptr_equal(wb_sys_linux(), wb_sys_linux());
}

/* ---- timeouts ---- */

static void timeout_in_milliseconds_is_rounded_up(void **state) {
    (void)state;
    assert_int_equal(wb__linux_timeout_ms(0), 0);
    assert_int_equal(wb__linux_timeout_ms(1), 1);
    assert_int_equal(wb__linux_timeout_ms(999999), 1);
    assert_int_equal(wb__linux_timeout_ms(1000000), 1);
    assert_int_equal(wb__linux_timeout_ms(1000001), 2);
    assert_int_equal(wb__linux_timeout_ms(INT64_C(5000000000)), 5000);
}

static void timeout_in_milliseconds_has_an_upper_bound(void **state) {
    (void)state;
    int64_t longest_ns = INT64_C(1000000) * INT_MAX;
    assert_int_equal(wb__linux_timeout_ms(longest_ns - 1), INT_MAX);
    assert_int_equal(wb__linux_timeout_ms(longest_ns), INT_MAX);
    assert_int_equal(wb__linux_timeout_ms(longest_ns + 1), INT_MAX);
    assert_int_equal(wb__linux_timeout_ms(INT64_MAX), INT_MAX);
}

static void deadline_beyond_the_end_of_time_is_the_end_of_time(void **state) {
    (void)state;
    assert_true(wb__linux_deadline(INT64_MAX) == INT64_MAX);
    int64_t before = (int64_t)SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    int64_t deadline = wb__linux_deadline(1000);
    int64_t after = (int64_t)SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    assert_true(deadline >= before + 1000 && deadline <= after + 1000);
}

/* ---- interruption: a signal every millisecond, so that no race can lose it ---- */

static void on_alarm(int signo) {
    (void)signo;
}

static void set_alarm(suseconds_t interval_us) {
    struct itimerval timer = {
        .it_interval = {.tv_usec = interval_us}, .it_value = {.tv_usec = interval_us}};
    assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static int start_alarms(void **state) {
    (void)state;
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = 0};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    set_alarm(1000);
    return 0;
}

static int start_restarting_alarms(void **state) {
    (void)start_alarms(state);
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    return 0;
}

static int stop_alarms(void **state) {
    (void)state;
    set_alarm(0);
    return 0;
}

static void epoll_wait_interrupted_gives_eintr(void **state) {
    (void)state;
    struct wb_epoll_event event;
    int epfd = SYS(epoll_create1, WB_EPOLL_CLOEXEC);
    assert_true(epfd >= 0);
    assert_int_equal(SYS(epoll_pwait2, epfd, &event, 1, patience_ns), -EINTR);
    assert_int_equal(SYS(epoll_pwait2, epfd, &event, 1, WB_TIMEOUT_INFINITE), -EINTR);
    assert_int_equal(SYS(close, epfd), 0);
}

static void poll_interrupted_gives_eintr(void **state) {
    (void)state;
    assert_int_equal(SYS(poll, NULL, 0, patience_ns), -EINTR);
    assert_int_equal(SYS(poll, NULL, 0, WB_TIMEOUT_INFINITE), -EINTR);
}

static void blocking_read_interrupted_gives_eintr(void **state) {
    (void)state;
    uint64_t value;
    int fd = SYS(eventfd, 0, WB_EFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(SYS(read, fd, &value, sizeof(value)), -EINTR);
    assert_int_equal(SYS(close, fd), 0);
}

static void getrandom_interrupted_still_fills_the_buffer(void **state) {
    (void)state;
    enum { SIZE = 8 << 20, TAIL = 64 };
    uint8_t *data = calloc(1, SIZE);
    assert_non_null(data);
    assert_int_equal(SYS(getrandom, data, SIZE), 0);
    uint8_t any = 0;
    for (int i = SIZE - TAIL; i < SIZE; i++) {
        any = (uint8_t)(any | data[i]);
    }
    free(data);
    assert_int_not_equal(any, 0);
}

/* ---- signals ---- */

static int is_blocked(int signo) {
    sigset_t mask;
    assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mask), 0);
    return sigismember(&mask, signo);
}

static void signalfd_blocks_its_signals_and_no_others(void **state) {
    (void)state;
    assert_false(is_blocked(SIGUSR1));
    int fd = SYS(signalfd, UINT64_C(1) << (SIGUSR1 - 1), WB_EFD_NONBLOCK);
    assert_true(fd >= 0);
    assert_true(is_blocked(SIGUSR1));
    assert_false(is_blocked(SIGUSR2));
    assert_int_equal(SYS(close, fd), 0);
}

static void signalfd_that_fails_leaves_the_mask(void **state) {
    (void)state;
    assert_false(is_blocked(SIGUSR2));
    assert_int_equal(SYS(signalfd, UINT64_C(1) << (SIGUSR2 - 1), 1), -EINVAL);
    assert_false(is_blocked(SIGUSR2));
}

static void write_to_a_broken_pipe_raises_sigpipe_unless_it_is_ignored(void **state) {
    (void)state;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    int fd = SYS(socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(sigaction(SIGPIPE, &ignore, &before), 0);
    assert_int_equal(SYS(write, fd, "x", 1), -EPIPE);
    assert_int_equal(sigaction(SIGPIPE, &before, NULL), 0);
    assert_int_equal(SYS(send, fd, "x", 1, WB_MSG_NOSIGNAL), -EPIPE);
    assert_int_equal(SYS(close, fd), 0);
}

/* ---- threads ---- */

struct waiter {
    int epfd;
    int result;
};

static void wait_once(void *arg) {
    struct waiter *waiter = arg;
    struct wb_epoll_event event;
    waiter->result = SYS(epoll_pwait2, waiter->epfd, &event, 1, patience_ns);
}

/* Runs first, so that the very first waits of the process race for what the kernel has. */
static void first_waits_of_several_threads_all_succeed(void **state) {
    (void)state;
    struct waiter waiters[THREAD_COUNT];
    uint64_t threads[THREAD_COUNT];
    struct wb_epoll_event ready = {.events = WB_EPOLLIN};
    int fd = SYS(eventfd, 1, WB_EFD_NONBLOCK);
    int epfd = SYS(epoll_create1, WB_EPOLL_CLOEXEC);
    assert_true(fd >= 0 && epfd >= 0);
    assert_int_equal(SYS(epoll_ctl, epfd, WB_EPOLL_CTL_ADD, fd, &ready), 0);
    for (int i = 0; i < THREAD_COUNT; i++) {
        waiters[i] = (struct waiter){.epfd = epfd, .result = -1};
        assert_int_equal(SYS(thread_create, wait_once, &waiters[i], &threads[i]), 0);
    }
    for (int i = 0; i < THREAD_COUNT; i++) {
        assert_int_equal(SYS(thread_join, threads[i]), 0);
        assert_int_equal(waiters[i].result, 1);
    }
    assert_int_equal(SYS(close, epfd), 0);
    assert_int_equal(SYS(close, fd), 0);
}

int main(int argc, char *argv[]) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_waits_of_several_threads_all_succeed),
        cmocka_unit_test(table_every_required_slot_is_filled),
        cmocka_unit_test(timeout_in_milliseconds_is_rounded_up),
        cmocka_unit_test(timeout_in_milliseconds_has_an_upper_bound),
        cmocka_unit_test(deadline_beyond_the_end_of_time_is_the_end_of_time),
        cmocka_unit_test_setup_teardown(
            epoll_wait_interrupted_gives_eintr, start_alarms, stop_alarms),
        {"epoll_wait_interrupted_gives_eintr_even_with_sa_restart",
            epoll_wait_interrupted_gives_eintr, start_restarting_alarms, stop_alarms, NULL},
        cmocka_unit_test_setup_teardown(poll_interrupted_gives_eintr, start_alarms, stop_alarms),
        cmocka_unit_test_setup_teardown(
            blocking_read_interrupted_gives_eintr, start_alarms, stop_alarms),
        cmocka_unit_test_setup_teardown(
            getrandom_interrupted_still_fills_the_buffer, start_alarms, stop_alarms),
        cmocka_unit_test(signalfd_blocks_its_signals_and_no_others),
        cmocka_unit_test(signalfd_that_fails_leaves_the_mask),
        cmocka_unit_test(write_to_a_broken_pipe_raises_sigpipe_unless_it_is_ignored),
    };
    if (argc > 1 && strcmp(argv[1], "--without-epoll-pwait2") == 0
        && wb_contract_linux_deny_epoll_pwait2() != 0) {
        print_message("no seccomp here: skipped\n");
        return EXIT_SKIPPED;
    }
    return cmocka_run_group_tests_name("linux", tests, NULL, NULL);
}
