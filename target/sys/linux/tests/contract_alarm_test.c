/* An alarm that was never heard proves nothing: each test breaks one operation of the Linux
 * implementation in one way, and the contract suite must notice. Not a test of Linux. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "sys/linux/contract/host.h"
#include "wb/sys_linux.h"

#define REAL(op, ...) WB_SYS(wb_sys_linux(), op, __VA_ARGS__)

/* ---- the faults ---- */

static int ctl_without(
    int epfd, int op, int fd, const struct wb_epoll_event *event, uint32_t bits) {
    struct wb_epoll_event changed;
    if (event == NULL) {
        return REAL(epoll_ctl, epfd, op, fd, NULL);
    }
    changed = *event;
    changed.events &= ~bits;
    return REAL(epoll_ctl, epfd, op, fd, &changed);
}

static int edge_is_level(void *self, int epfd, int op, int fd, const struct wb_epoll_event *event) {
    (void)self;
    return ctl_without(epfd, op, fd, event, WB_EPOLLET);
}

static int oneshot_is_forgotten(
    void *self, int epfd, int op, int fd, const struct wb_epoll_event *event) {
    (void)self;
    return ctl_without(epfd, op, fd, event, WB_EPOLLONESHOT);
}

static int modify_does_nothing(
    void *self, int epfd, int op, int fd, const struct wb_epoll_event *event) {
    (void)self;
    return op == WB_EPOLL_CTL_MOD ? 0 : REAL(epoll_ctl, epfd, op, fd, event);
}

static int wait_ends_early(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self;
    int64_t shorter_ns = timeout_ns > 0 ? timeout_ns / 2 : timeout_ns;
    return REAL(epoll_pwait2, epfd, events, events_max, shorter_ns);
}

static int wait_reverses(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self;
    int count = REAL(epoll_pwait2, epfd, events, events_max, timeout_ns);
    for (int i = 0; i < count / 2; i++) {
        struct wb_epoll_event swapped = events[i];
        events[i] = events[count - 1 - i];
        events[count - 1 - i] = swapped;
    }
    return count;
}

static int wait_hides_rdhup(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self;
    int count = REAL(epoll_pwait2, epfd, events, events_max, timeout_ns);
    for (int i = 0; i < count; i++) {
        events[i].events &= ~WB_EPOLLRDHUP;
    }
    return count;
}

static int wait_loses_the_last_event(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self;
    int count = REAL(epoll_pwait2, epfd, events, events_max, timeout_ns);
    return count > 1 ? count - 1 : count;
}

static int poll_does_not_wait(
    void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    (void)self;
    (void)timeout_ns;
    return REAL(poll, fds, fds_len, 0);
}

static int64_t recv_ignores_flags(void *self, int fd, void *buf, size_t len, int flags) {
    (void)self;
    return REAL(recv, fd, buf, len, flags & WB_MSG_DONTWAIT);
}

static int64_t recv_leaves_a_byte(void *self, int fd, void *buf, size_t len, int flags) {
    (void)self;
    return REAL(recv, fd, buf, len > 1 ? len - 1 : len, flags);
}

static int64_t send_loses_bytes(void *self, int fd, const void *buf, size_t len, int flags) {
    (void)self;
    int64_t sent = REAL(send, fd, buf, len > 1 ? len - 1 : len, flags);
    return sent > 0 ? (int64_t)len : sent;
}

static int shutdown_does_nothing(void *self, int fd, int how) {
    (void)self;
    (void)fd;
    (void)how;
    return 0;
}

static int error_is_never_told(
    void *self, int fd, int level, int name, void *value, uint32_t *value_len) {
    (void)self;
    int result = REAL(getsockopt, fd, level, name, value, value_len);
    if (result == 0 && level == WB_SOL_SOCKET && name == WB_SO_ERROR) {
        memset(value, 0, *value_len);
    }
    return result;
}

static int option_is_not_set(
    void *self, int fd, int level, int name, const void *value, uint32_t value_len) {
    (void)self;
    (void)fd;
    (void)level;
    (void)name;
    (void)value;
    (void)value_len;
    return 0;
}

static int accepts_nonblocking(
    void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    (void)self;
    return REAL(accept4, fd, addr, addr_len, flags | WB_SOCK_NONBLOCK);
}

static int connect_says_done(
    void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    (void)self;
    int result = REAL(connect, fd, addr, addr_len);
    return result < 0 ? 0 : result;
}

static int eventfd_starts_at_zero(void *self, uint32_t initial, int flags) {
    (void)self;
    (void)initial;
    return REAL(eventfd, 0, flags);
}

static int dup_is_another_file(void *self, int fd) {
    (void)self;
    (void)fd;
    return REAL(eventfd, 0, WB_EFD_NONBLOCK);
}

static int entropy_runs_out(void *self, void *buf, size_t len) {
    (void)self;
    return REAL(getrandom, buf, len < 256 ? len : 256);
}

static uint64_t clock_counts_microseconds(void *self, int clock) {
    (void)self;
    return REAL(clock_gettime, clock) / 1000;
}

static void *resize_forgets(void *self, void *ptr, size_t old_size, size_t new_size) {
    (void)self;
    void *next = REAL(resize, ptr, old_size, new_size);
    if (next != NULL) {
        memset(next, 0, new_size);
    }
    return next;
}

static int signals_are_others(void *self, uint64_t mask, int flags) {
    (void)self;
    int fd = REAL(signalfd, mask, flags & ~WB_EFD_NONBLOCK); /* blocks them */
    return fd < 0 || REAL(close, fd) != 0 ? -1 : REAL(eventfd, 0, flags);
}

static int pipe_ends_are_swapped(void *self, int out_fds[2], int flags) {
    (void)self;
    int result = REAL(pipe2, out_fds, flags);
    if (result == 0) {
        int reader = out_fds[0];
        out_fds[0] = out_fds[1];
        out_fds[1] = reader;
    }
    return result;
}

static int timer_expires_once(
    void *self, int fd, int flags, const struct wb_itimerspec *value, struct wb_itimerspec *old) {
    (void)self;
    struct wb_itimerspec once = value != NULL ? *value : (struct wb_itimerspec){0};
    once.interval = (struct wb_timespec){0};
    return REAL(timerfd_settime, fd, flags, value != NULL ? &once : NULL, old);
}

static int select_hides_urgent_data(void *self, int fds_len, struct wb_fd_set *readable,
    struct wb_fd_set *writable, struct wb_fd_set *exceptional, int64_t timeout_ns) {
    (void)self;
    (void)exceptional;
    return REAL(select, fds_len, readable, writable, NULL, timeout_ns);
}

static int one_message_is_received(
    void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags) {
    (void)self;
    return REAL(recvmmsg, fd, msgs, msgs_len < 1 ? msgs_len : 1, flags);
}

static int pipe_keeps_its_size(void *self, int fd, int cmd, int arg) {
    (void)self;
    return REAL(fcntl, fd, cmd == WB_F_SETPIPE_SZ ? WB_F_GETPIPE_SZ : cmd, arg);
}

static int cond_times_out_at_once(
    void *self, struct wb_cond *cond, struct wb_mutex *mutex, int64_t timeout_ns) {
    (void)self;
    return REAL(cond_timedwait, cond, mutex, timeout_ns > 0 ? 0 : timeout_ns);
}

/* It does it, so that no path is left behind. */
static int unlink_denies(void *self, const char *path) {
    (void)self;
    (void)REAL(unlink, path);
    return -ENOENT;
}

/* Both ends are one. */
static int socketpair_is_a_loop(void *self, int domain, int type, int protocol, int out_fds[2]) {
    (void)self;
    int result = REAL(socketpair, domain, type, protocol, out_fds);
    if (result == 0) {
        (void)REAL(close, out_fds[1]);
        out_fds[1] = REAL(dup, out_fds[0]);
    }
    return result;
}

/* What came with the bytes is told of and not given. */
static int64_t recvmsg_loses_control(void *self, int fd, struct wb_msghdr *msg, int flags) {
    (void)self;
    if (msg == NULL) {
        return REAL(recvmsg, fd, msg, flags);
    }
    void *control = msg->control;
    msg->control = NULL;
    int64_t result = REAL(recvmsg, fd, msg, flags);
    msg->control = control;
    return result;
}

static int close_does_nothing(void *self, int fd) {
    (void)self;
    (void)fd;
    return 0;
}

static int64_t sendfile_leaves_the_place(
    void *self, int out_fd, int in_fd, int64_t *offset, size_t len) {
    (void)self;
    int64_t copy = offset != NULL ? *offset : 0;
    return REAL(sendfile, out_fd, in_fd, offset != NULL ? &copy : NULL, len);
}

/* A read and a write instead: the bytes are right, and who is woken is not. */
static int64_t splice_is_a_copy(void *self, int in_fd, int64_t *in_offset, int out_fd,
    int64_t *out_offset, size_t len, uint32_t flags) {
    char bytes[4096];
    (void)self;
    struct wb_stat in = {0};
    if (REAL(fstat, in_fd, &in) != 0 || in.kind != WB_DT_FIFO || out_offset != NULL) {
        return REAL(splice, in_fd, in_offset, out_fd, out_offset, len, flags);
    }
    int64_t count = REAL(read, in_fd, bytes, len < sizeof(bytes) ? len : sizeof(bytes));
    return count <= 0 ? count : REAL(write, out_fd, bytes, (size_t)count);
}

static int64_t tee_takes_the_bytes(void *self, int in_fd, int out_fd, size_t len, uint32_t flags) {
    (void)self;
    return REAL(splice, in_fd, NULL, out_fd, NULL, len, flags);
}

static int64_t pread_moves_the_place(void *self, int fd, void *buf, size_t len, int64_t offset) {
    (void)self;
    int64_t result = REAL(pread, fd, buf, len, offset);
    if (result > 0) {
        (void)REAL(lseek, fd, result, WB_SEEK_CUR);
    }
    return result;
}

static int opens_without_appending(
    void *self, int dir_fd, const char *path, int flags, uint32_t mode) {
    (void)self;
    return REAL(openat, dir_fd, path, flags & ~WB_O_APPEND, mode);
}

static int entries_are_told_twice(void *self, int fd, struct wb_dirent *out, uint32_t out_max) {
    (void)self;
    int count = REAL(getdents, fd, out, out_max);
    if (count > 0 && (uint32_t)count < out_max) {
        out[count] = out[count - 1];
        return count + 1;
    }
    return count;
}

/* ---- hearing the alarm ---- */

/* Which cases are asked. */
struct asked {
    const char *word; /* is in their names */
    uint32_t flag;
    uint32_t wanted; /* of the flag */
};

/* The first case that fails; NULL if none does. */
static const struct wb_contract_case *first_failure_of(
    struct wb_contract_fixture *fixture, const struct asked *asked) {
    for (size_t i = 0; i < wb_contract_case_count(); i++) {
        const struct wb_contract_case *one = wb_contract_case_nth(i);
        if ((one->flags & asked->flag) == asked->wanted && strstr(one->name, asked->word) != NULL
            && wb_contract_run(fixture, one) == WB_CONTRACT_FAILED) {
            return one;
        }
    }
    return NULL;
}

/* Those with the word are asked first, those that take their time last. */
static const struct wb_contract_case *first_failure(
    const struct wb_sys_ops *ops, const char *word) {
    const struct asked rounds[] = {
        {word, 0, 0},
        {"", WB_CONTRACT_TIMING, 0},
        {"", WB_CONTRACT_TIMING, WB_CONTRACT_TIMING},
    };
    const struct wb_sys broken = {.ops = ops};
    struct wb_contract_fixture fixture = wb_contract_linux_fixture(WB_AF_INET);
    const struct wb_contract_case *failing = NULL;
    fixture.sys = &broken;
    for (size_t i = 0; failing == NULL && i < sizeof rounds / sizeof rounds[0]; i++) {
        failing = first_failure_of(&fixture, &rounds[i]);
    }
    return failing;
}

/* `word`: what is broken, as names of cases have it. It only says where to begin, which is what
 * this test's time depends on: the whole suite takes seconds. */
#define ALARM(slot, fault, word)                                                                   \
    static void alarm_##fault##_is_noticed(void **state) {                                         \
        (void)state;                                                                               \
        struct wb_sys_ops ops = *wb_sys_linux()->ops;                                              \
        ops.slot = fault;                                                                          \
        const struct wb_contract_case *noticed = first_failure(&ops, word);                        \
        assert_non_null(noticed);                                                                  \
        print_message("             by %s\n", noticed->name);                                      \
    }

ALARM(epoll_ctl, edge_is_level, "r1")
ALARM(epoll_ctl, oneshot_is_forgotten, "oneshot")
ALARM(epoll_ctl, modify_does_nothing, "modif")
ALARM(epoll_pwait2, wait_ends_early, "r31_")
ALARM(epoll_pwait2, wait_reverses, "r59_")
ALARM(epoll_pwait2, wait_hides_rdhup, "r103_")
ALARM(epoll_pwait2, wait_loses_the_last_event, "r59_")
ALARM(poll, poll_does_not_wait, "poll")
ALARM(recv, recv_ignores_flags, "peek")
ALARM(recv, recv_leaves_a_byte, "descriptor")
ALARM(send, send_loses_bytes, "descriptor")
ALARM(shutdown, shutdown_does_nothing, "shut")
ALARM(getsockopt, error_is_never_told, "r62_")
ALARM(setsockopt, option_is_not_set, "option")
ALARM(accept4, accepts_nonblocking, "r57_")
ALARM(connect, connect_says_done, "connect")
ALARM(eventfd, eventfd_starts_at_zero, "eventfd")
ALARM(dup, dup_is_another_file, "dup")
ALARM(getrandom, entropy_runs_out, "getrandom")
ALARM(clock_gettime, clock_counts_microseconds, "time")
ALARM(resize, resize_forgets, "resize")
ALARM(signalfd, signals_are_others, "signal")
ALARM(pipe2, pipe_ends_are_swapped, "pipe")
ALARM(timerfd_settime, timer_expires_once, "timerfd")
ALARM(select, select_hides_urgent_data, "r144_")
ALARM(recvmmsg, one_message_is_received, "messages")
ALARM(fcntl, pipe_keeps_its_size, "pipe")
ALARM(cond_timedwait, cond_times_out_at_once, "cond_")
ALARM(unlink, unlink_denies, "unlink")
ALARM(socketpair, socketpair_is_a_loop, "pair")
ALARM(recvmsg, recvmsg_loses_control, "rights")
ALARM(sendfile, sendfile_leaves_the_place, "sendfile")
ALARM(splice, splice_is_a_copy, "splice")
ALARM(tee, tee_takes_the_bytes, "tee")
ALARM(pread, pread_moves_the_place, "pread")
ALARM(openat, opens_without_appending, "append")
ALARM(getdents, entries_are_told_twice, "director")
ALARM(close, close_does_nothing, "close")

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alarm_edge_is_level_is_noticed),
        cmocka_unit_test(alarm_oneshot_is_forgotten_is_noticed),
        cmocka_unit_test(alarm_modify_does_nothing_is_noticed),
        cmocka_unit_test(alarm_wait_ends_early_is_noticed),
        cmocka_unit_test(alarm_wait_reverses_is_noticed),
        cmocka_unit_test(alarm_wait_hides_rdhup_is_noticed),
        cmocka_unit_test(alarm_wait_loses_the_last_event_is_noticed),
        cmocka_unit_test(alarm_poll_does_not_wait_is_noticed),
        cmocka_unit_test(alarm_recv_ignores_flags_is_noticed),
        cmocka_unit_test(alarm_recv_leaves_a_byte_is_noticed),
        cmocka_unit_test(alarm_send_loses_bytes_is_noticed),
        cmocka_unit_test(alarm_shutdown_does_nothing_is_noticed),
        cmocka_unit_test(alarm_error_is_never_told_is_noticed),
        cmocka_unit_test(alarm_option_is_not_set_is_noticed),
        cmocka_unit_test(alarm_accepts_nonblocking_is_noticed),
        cmocka_unit_test(alarm_connect_says_done_is_noticed),
        cmocka_unit_test(alarm_unlink_denies_is_noticed),
        cmocka_unit_test(alarm_socketpair_is_a_loop_is_noticed),
        cmocka_unit_test(alarm_recvmsg_loses_control_is_noticed),
        cmocka_unit_test(alarm_eventfd_starts_at_zero_is_noticed),
        cmocka_unit_test(alarm_dup_is_another_file_is_noticed),
        cmocka_unit_test(alarm_entropy_runs_out_is_noticed),
        cmocka_unit_test(alarm_clock_counts_microseconds_is_noticed),
        cmocka_unit_test(alarm_resize_forgets_is_noticed),
        cmocka_unit_test(alarm_signals_are_others_is_noticed),
        cmocka_unit_test(alarm_pipe_ends_are_swapped_is_noticed),
        cmocka_unit_test(alarm_timer_expires_once_is_noticed),
        cmocka_unit_test(alarm_select_hides_urgent_data_is_noticed),
        cmocka_unit_test(alarm_one_message_is_received_is_noticed),
        cmocka_unit_test(alarm_pipe_keeps_its_size_is_noticed),
        cmocka_unit_test(alarm_cond_times_out_at_once_is_noticed),
        cmocka_unit_test(alarm_sendfile_leaves_the_place_is_noticed),
        cmocka_unit_test(alarm_splice_is_a_copy_is_noticed),
        cmocka_unit_test(alarm_tee_takes_the_bytes_is_noticed),
        cmocka_unit_test(alarm_pread_moves_the_place_is_noticed),
        cmocka_unit_test(alarm_opens_without_appending_is_noticed),
        cmocka_unit_test(alarm_entries_are_told_twice_is_noticed),
        cmocka_unit_test(
            alarm_close_does_nothing_is_noticed), /* last: it leaves descriptors open */
    };
    return wb_contract_linux_limit_descriptors() != 0
           || cmocka_run_group_tests_name("contract alarm", tests, NULL, NULL) != 0;
}
