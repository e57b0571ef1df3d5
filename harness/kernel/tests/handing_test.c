/* What one program hands to another, and what becomes of it when the first one ends. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { SIGUSR1_NUMBER = 10, HANDED = 2, INFO_LEN = sizeof(struct wb_signalfd_siginfo) };
#define SIGUSR1_MASK (UINT64_C(1) << (SIGUSR1_NUMBER - 1))
#define MS INT64_C(1000000)

struct fixture {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    unsigned lives; /* of the first program */
    uint32_t seen;  /* the signal that was read */
};

static int setup(void **state) {
    static struct fixture fixture;
    struct sim_config config = {0};
    memset(&fixture, 0, sizeof(fixture));
    fixture.kernel = sim_kernel_new();
    assert_non_null(fixture.kernel);
    fixture.sys = wb_sim_sys(fixture.kernel);
    sim_kernel_reset(fixture.kernel, &config);
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    sim_kernel_destroy(((struct fixture *)*state)->kernel);
    return 0;
}

static void doze(const struct fixture *fixture, int64_t time_ns) {
    assert_int_equal(WB_SYS(fixture->sys, poll, NULL, 0, time_ns), 0);
}

/* ---- handing over ---- */

static uint32_t name(struct wb_sockaddr *out) {
    static const char path[] = "\0taker";
    memset(out, 0, sizeof(*out));
    out->un.family = WB_AF_UNIX;
    memcpy(out->un.path, path, sizeof(path) - 1);
    return (uint32_t)(sizeof(out->un.family) + sizeof(path) - 1);
}

union control {
    struct wb_cmsghdr header;
    uint8_t bytes[WB_CMSG_SPACE(HANDED * sizeof(int))];
};

static void hand(const struct fixture *fixture, const int fds[HANDED]) {
    const struct wb_sys *sys = fixture->sys;
    struct wb_sockaddr addr;
    union control control = {.bytes = {0}};
    struct wb_iovec iov = {(void *)(uintptr_t) "x", 1};
    struct wb_msghdr msg = {.name = &addr,
        .name_len = name(&addr),
        .iov = &iov,
        .iov_len = 1,
        .control = control.bytes,
        .control_len = sizeof(control)};
    control.header =
        (struct wb_cmsghdr){WB_CMSG_LEN(HANDED * sizeof(int)), WB_SOL_SOCKET, WB_SCM_RIGHTS};
    memcpy(control.bytes + sizeof(control.header), fds, HANDED * sizeof(int));
    int fd = WB_SYS(sys, socket, WB_AF_UNIX, WB_SOCK_DGRAM, 0);
    assert_int_equal(WB_SYS(sys, sendmsg, fd, &msg, 0), 1);
    assert_int_equal(WB_SYS(sys, close, fd), 0);
}

static int taker(const struct fixture *fixture) {
    struct wb_sockaddr addr;
    uint32_t len = name(&addr);
    int fd = WB_SYS(fixture->sys, socket, WB_AF_UNIX, WB_SOCK_DGRAM, 0);
    assert_int_equal(WB_SYS(fixture->sys, bind, fd, &addr, len), 0);
    return fd;
}

static void take(const struct fixture *fixture, int fd, int out_fds[HANDED]) {
    char byte;
    union control control = {.bytes = {0}};
    struct wb_iovec iov = {&byte, 1};
    struct wb_msghdr msg = {
        .iov = &iov, .iov_len = 1, .control = control.bytes, .control_len = sizeof(control)};
    assert_int_equal(WB_SYS(fixture->sys, recvmsg, fd, &msg, 0), 1);
    assert_int_equal(control.header.len, WB_CMSG_LEN(HANDED * sizeof(int)));
    memcpy(out_fds, control.bytes + sizeof(control.header), HANDED * sizeof(int));
}

/* ---- signals ---- */

static int signals(const struct fixture *fixture) {
    return WB_SYS(fixture->sys, signalfd, SIGUSR1_MASK, 0);
}

static uint32_t next_signal(const struct fixture *fixture, int fd) {
    struct wb_signalfd_siginfo info;
    int epfd = WB_SYS(fixture->sys, epoll_create1, 0);
    struct wb_epoll_event event = {.events = WB_EPOLLIN};
    assert_int_equal(WB_SYS(fixture->sys, epoll_ctl, epfd, WB_EPOLL_CTL_ADD, fd, &event), 0);
    assert_int_equal(WB_SYS(fixture->sys, epoll_pwait2, epfd, &event, 1, WB_TIMEOUT_INFINITE), 1);
    assert_int_equal(WB_SYS(fixture->sys, read, fd, &info, INFO_LEN), INFO_LEN);
    return info.signo;
}

static void signal_first(void *user_data) {
    sim_signal(((struct fixture *)user_data)->kernel, 0, SIGUSR1_NUMBER);
}

static void signal_second(void *user_data) {
    sim_signal(((struct fixture *)user_data)->kernel, 1, SIGUSR1_NUMBER);
}

static void start_first(void *user_data) {
    sim_process_start(((struct fixture *)user_data)->kernel, 0);
}

/* In its second life it waits for a signal. */
static int hand_signals(void *arg) {
    struct fixture *fixture = arg;
    doze(fixture, 1 * MS);
    if (fixture->lives++ == 0) {
        const int fds[HANDED] = {signals(fixture), signals(fixture)};
        hand(fixture, fds);
    } else {
        fixture->seen = next_signal(fixture, signals(fixture));
    }
    return 0;
}

static int take_and_wait(void *arg) {
    struct fixture *fixture = arg;
    int fds[HANDED];
    int own = signals(fixture); /* so that the signal ends nobody */
    take(fixture, taker(fixture), fds);
    doze(fixture, 5 * MS);
    fixture->seen = next_signal(fixture, fds[1]);
    assert_int_equal(WB_SYS(fixture->sys, close, own), 0);
    return 0;
}

/* A signalfd tells whoever reads it of their own signals, also when its maker is gone. */
static void handed_signalfd_tells_of_the_takers_signals(void **state) {
    struct fixture *fixture = *state;
    uint64_t now_ns = sim_kernel_now(fixture->kernel);
    sim_process_add(fixture->kernel, hand_signals, fixture);
    sim_process_add(fixture->kernel, take_and_wait, fixture);
    sim_schedule(fixture->kernel, now_ns + 20 * MS, signal_second, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->seen, SIGUSR1_NUMBER);
}

static int take_and_close_late(void *arg) {
    struct fixture *fixture = arg;
    int fds[HANDED];
    int socket = taker(fixture);
    doze(fixture, 5 * MS); /* its maker is gone when it is taken ... */
    take(fixture, socket, fds);
    doze(fixture, 25 * MS); /* ... and back when it is closed */
    assert_int_equal(WB_SYS(fixture->sys, close, fds[0]), 0);
    assert_int_equal(WB_SYS(fixture->sys, close, fds[1]), 0);
    return 0;
}

static void handed_signalfds_are_nothing_to_their_maker_when_it_comes_again(void **state) {
    struct fixture *fixture = *state;
    uint64_t now_ns = sim_kernel_now(fixture->kernel);
    sim_process_add(fixture->kernel, hand_signals, fixture);
    sim_process_add(fixture->kernel, take_and_close_late, fixture);
    sim_schedule(fixture->kernel, now_ns + 15 * MS, start_first, fixture);
    sim_schedule(fixture->kernel, now_ns + 50 * MS, signal_first, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->lives, 2);
    assert_int_equal(fixture->seen, SIGUSR1_NUMBER);
}

/* Nobody ever takes them: they go with the socket they lie in. */
static int close_untaken(void *arg) {
    struct fixture *fixture = arg;
    int fd = taker(fixture);
    doze(fixture, 30 * MS);
    assert_int_equal(WB_SYS(fixture->sys, close, fd), 0);
    return 0;
}

static void handed_signalfds_that_nobody_took_are_nothing_to_their_maker(void **state) {
    struct fixture *fixture = *state;
    uint64_t now_ns = sim_kernel_now(fixture->kernel);
    sim_process_add(fixture->kernel, hand_signals, fixture);
    sim_process_add(fixture->kernel, close_untaken, fixture);
    sim_schedule(fixture->kernel, now_ns + 15 * MS, start_first, fixture);
    sim_schedule(fixture->kernel, now_ns + 50 * MS, signal_first, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->seen, SIGUSR1_NUMBER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            handed_signalfd_tells_of_the_takers_signals, setup, teardown),
        cmocka_unit_test_setup_teardown(
            handed_signalfds_are_nothing_to_their_maker_when_it_comes_again, setup, teardown),
        cmocka_unit_test_setup_teardown(
            handed_signalfds_that_nobody_took_are_nothing_to_their_maker, setup, teardown),
    };
    return cmocka_run_group_tests_name("kernel_handing", tests, NULL, NULL);
}
