/* signalfd: signals as something to be read, raised by the fixture's hook or by a write (R112d);
 * and signals that are handled (R142, R143). */
#include "sys/contract/support.h"
#include "sys/contract/unix_support.h"

enum { MS = 1000000, SIGPIPE_NUMBER = 13 };

#define BIT(signo) (UINT64_C(1) << ((signo)-1))

static int open_signals(struct wb_contract_fixture *fx, uint64_t mask) {
    return wb__track(fx, SYS(signalfd, mask, WB_EFD_NONBLOCK | WB_EFD_CLOEXEC));
}

/* The number of the signal read, or a negative result. */
static int64_t take(struct wb_contract_fixture *fx, int fd) {
    struct wb_signalfd_siginfo info = {.signo = 0};
    int64_t result = SYS(read, fd, &info, sizeof(info));
    return result == (int64_t)sizeof(info) ? (int64_t)info.signo : result;
}

static void signal_is_an_event_and_is_read(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = open_signals(fx, BIT(WB_SIGTERM));
    CHECK(fd >= 0);
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(take(fx, fd), WB_SIGTERM);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
    OBSERVE(watch, NONE, NONE, NONE);
}

static void signal_of_the_same_kind_is_pending_once(struct wb_contract_fixture *fx) {
    int fd = open_signals(fx, BIT(WB_SIGINT));
    CHECK(fd >= 0);
    fx->raise_signal(fx->user_data, WB_SIGINT);
    fx->raise_signal(fx->user_data, WB_SIGINT);
    CHECK_EQUAL(take(fx, fd), WB_SIGINT);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
}

static void signal_lowest_of_several_is_read_first(struct wb_contract_fixture *fx) {
    int fd = open_signals(fx, BIT(WB_SIGINT) | BIT(WB_SIGTERM));
    CHECK(fd >= 0);
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    fx->raise_signal(fx->user_data, WB_SIGINT);
    CHECK_EQUAL(take(fx, fd), WB_SIGINT);
    CHECK_EQUAL(take(fx, fd), WB_SIGTERM);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
}

static void signal_into_a_short_buffer_gives_einval_and_stays(struct wb_contract_fixture *fx) {
    struct wb_signalfd_siginfo info;
    int fd = open_signals(fx, BIT(WB_SIGTERM));
    CHECK(fd >= 0);
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    CHECK_EQUAL(SYS(read, fd, &info, sizeof(info) - 1), -EINVAL);
    CHECK_EQUAL(take(fx, fd), WB_SIGTERM);
    CHECK_EQUAL(SYS(write, fd, &info, sizeof(info)), -EINVAL);
}

/* Signals numbered 2, 10 and 15: INT, USR1 and TERM. */
enum { SIGUSR1_NUMBER = 10 };

static void signal_several_are_read_at_once_lowest_first(struct wb_contract_fixture *fx) {
    struct wb_signalfd_siginfo infos[4];
    int fd = open_signals(fx, BIT(WB_SIGINT) | BIT(SIGUSR1_NUMBER) | BIT(WB_SIGTERM));
    CHECK(fd >= 0);
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    fx->raise_signal(fx->user_data, SIGUSR1_NUMBER);
    fx->raise_signal(fx->user_data, WB_SIGINT);
    CHECK_EQUAL(SYS(read, fd, infos, 2 * sizeof(infos[0]) + 50), 2 * sizeof(infos[0]));
    CHECK_EQUAL(infos[0].signo, WB_SIGINT);
    CHECK_EQUAL(infos[1].signo, SIGUSR1_NUMBER);
    fx->raise_signal(fx->user_data, WB_SIGINT);
    CHECK_EQUAL(SYS(read, fd, infos, sizeof(infos)), 2 * sizeof(infos[0]));
    CHECK_EQUAL(infos[0].signo, WB_SIGINT);
    CHECK_EQUAL(infos[1].signo, WB_SIGTERM);
    CHECK_EQUAL(SYS(read, fd, infos, sizeof(infos)), -EAGAIN);
}

static void signal_each_new_one_is_an_edge_and_one_that_is_pending_is_none(
    struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = open_signals(fx, BIT(WB_SIGINT) | BIT(WB_SIGTERM));
    CHECK(fd >= 0);
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    OBSERVE(watch, IN, IN, IN);
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    OBSERVE(watch, IN, NONE, NONE);
    fx->raise_signal(fx->user_data, WB_SIGINT);
    OBSERVE(watch, IN, IN, NONE);
    CHECK_EQUAL(take(fx, fd), WB_SIGINT);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    CHECK_EQUAL(take(fx, fd), WB_SIGTERM);
    OBSERVE(watch, NONE, NONE, NONE);
}

static void signal_for_another_descriptor_is_an_edge_of_one_that_has_something_to_read(
    struct wb_contract_fixture *fx) {
    struct wb__watch terms;
    struct wb__watch ints;
    int of_terms = open_signals(fx, BIT(WB_SIGTERM));
    int of_ints = open_signals(fx, BIT(WB_SIGINT));
    CHECK(of_terms >= 0 && of_ints >= 0);
    CHECK(wb__watch(fx, &terms, of_terms, IN, IN));
    CHECK(wb__watch(fx, &ints, of_ints, IN, IN));
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    OBSERVE(terms, IN, IN, IN);
    OBSERVE(ints, NONE, NONE, NONE);
    fx->raise_signal(fx->user_data, WB_SIGINT);
    OBSERVE(ints, IN, IN, IN);
    OBSERVE(terms, IN, IN, NONE);
    CHECK_EQUAL(take(fx, of_ints), WB_SIGINT);
    CHECK_EQUAL(take(fx, of_ints), -EAGAIN);
    CHECK_EQUAL(take(fx, of_terms), WB_SIGTERM);
}

static void signal_of_two_descriptors_is_read_by_the_first_that_reads(
    struct wb_contract_fixture *fx) {
    int all = open_signals(fx, BIT(WB_SIGINT) | BIT(WB_SIGTERM));
    int terms = open_signals(fx, BIT(WB_SIGTERM));
    CHECK(all >= 0 && terms >= 0);
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    STATE(all, IN);
    STATE(terms, IN);
    CHECK_EQUAL(take(fx, terms), WB_SIGTERM);
    STATE(all, NONE);
    CHECK_EQUAL(take(fx, all), -EAGAIN);
}

/* As if all signalfds were one file: see R25. */
static void signal_wakes_the_last_registration_first_whatever_its_descriptor(
    struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    for (char name = 'a'; name <= 'c'; name++) {
        int fd = open_signals(fx, BIT(WB_SIGTERM));
        CHECK(fd >= 0);
        CHECK(wb__add(fx, epfd, fd, IN | WB_EPOLLET, name));
    }
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    ORDER(epfd, 4, "cba");
}

static void signal_stays_pending_for_a_descriptor_that_is_made_later(
    struct wb_contract_fixture *fx) {
    int first = open_signals(fx, BIT(WB_SIGTERM));
    CHECK(first >= 0);
    CHECK_EQUAL(wb__close(fx, first), 0);
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    int second = open_signals(fx, BIT(WB_SIGTERM));
    CHECK(second >= 0);
    STATE(second, IN);
    CHECK_EQUAL(take(fx, second), WB_SIGTERM);
}

static void signal_descriptor_with_unknown_flags_gives_einval(struct wb_contract_fixture *fx) {
    CHECK_EQUAL(wb__track(fx, SYS(signalfd, BIT(WB_SIGTERM), 1)), -EINVAL);
}

static void r112d_write_after_the_end_raises_a_signal_unless_told_not_to(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int signals = open_signals(fx, BIT(SIGPIPE_NUMBER));
    CHECK(signals >= 0);
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    CHECK_EQUAL(SYS(send, pair.own, "x", 1, WB_MSG_NOSIGNAL), -EPIPE);
    CHECK_EQUAL(take(fx, signals), -EAGAIN);
    CHECK_EQUAL(SYS(send, pair.own, "x", 1, 0), -EPIPE);
    CHECK_EQUAL(take(fx, signals), SIGPIPE_NUMBER);
    CHECK_EQUAL(SYS(write, pair.own, "x", 1), -EPIPE);
    CHECK_EQUAL(take(fx, signals), SIGPIPE_NUMBER);
}

static void r112d_reset_raises_no_signal_but_what_follows_does(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int signals = open_signals(fx, BIT(SIGPIPE_NUMBER));
    CHECK(signals >= 0);
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(SYS(send, pair.own, "x", 1, 0), -ECONNRESET);
    CHECK_EQUAL(take(fx, signals), -EAGAIN);
    CHECK_EQUAL(SYS(send, pair.own, "x", 1, 0), -EPIPE);
    CHECK_EQUAL(take(fx, signals), SIGPIPE_NUMBER);
}

static void r112d_of_unix_sockets_only_streams_raise_the_signal(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    int signals = open_signals(fx, BIT(SIGPIPE_NUMBER));
    CHECK(signals >= 0);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct wb__pair pair;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
        CHECK_EQUAL(SYS(send, pair.own, "x", 1, WB_MSG_NOSIGNAL), -EPIPE);
        CHECK_EQUAL(take(fx, signals), -EAGAIN);
        CHECK_EQUAL(SYS(send, pair.own, "x", 1, 0), -EPIPE);
        CHECK_EQUAL(take(fx, signals), types[i] == STREAM ? SIGPIPE_NUMBER : -EAGAIN);
        CHECK_EQUAL(SYS(write, pair.own, "x", 1), -EPIPE);
        CHECK_EQUAL(take(fx, signals), types[i] == STREAM ? SIGPIPE_NUMBER : -EAGAIN);
    }
}

static void r142_handled_signal_ends_a_wait(struct wb_contract_fixture *fx) {
    const uint64_t one = 1;
    struct wb_epoll_event event;
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__add(fx, epfd, fd, IN, 'a'));
    wb__say(fx, "a signal with a handler comes while the wait sleeps");
    fx->interrupt(fx->user_data, 1);
    int result = SYS(epoll_pwait2, epfd, &event, 1, INT64_C(10000) * MS);
    fx->interrupt(fx->user_data, 0);
    CHECK_EQUAL(result, -EINTR);
    ORDER(epfd, 4, "");
    CHECK_EQUAL(SYS(write, fd, &one, sizeof(one)), sizeof(one));
    ORDER(epfd, 4, "a");
}

/* Waits again and again for so long that signals must have come; every one must give `expected`. */
static int wait_amid_signals(
    struct wb_contract_fixture *fx, int epfd, int64_t timeout_ns, int expected) {
    struct wb_epoll_event event;
    int result = expected;
    uint64_t begin = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    wb__begin(fx);
    fx->interrupt(fx->user_data, 1);
    while (result == expected && SYS(clock_gettime, WB_CLOCK_MONOTONIC) - begin < 10 * MS) {
        result = SYS(epoll_pwait2, epfd, &event, 1, timeout_ns);
    }
    fx->interrupt(fx->user_data, 0);
    return result;
}

static void r143_what_is_ready_goes_before_a_signal(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    CHECK(wb__add(fx, epfd, wb__eventfd(fx, 1), IN, 'a'));
    int result = wait_amid_signals(fx, epfd, INT64_C(10000) * MS, 1);
    TELL(result, "epoll_wait({}) over and over, amid signals", epfd);
    CHECK_EQUAL(result, 1);
}

static void r143_wait_that_does_not_sleep_is_not_interrupted(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    CHECK(wb__add(fx, epfd, wb__eventfd(fx, 0), IN, 'a'));
    int result = wait_amid_signals(fx, epfd, 0, 0);
    TELL(result, "epoll_wait({}) for 0 ns over and over, amid signals: nothing", epfd);
    CHECK_EQUAL(result, 0);
}

/* Whatever it is that they wait for: all signalfds of a process are one queue. */
static void signal_wakes_every_signalfd(struct wb_contract_fixture *fx) {
    const uint64_t interrupt = UINT64_C(1) << (WB_SIGINT - 1);
    const uint64_t terminate = UINT64_C(1) << (WB_SIGTERM - 1);
    int epfd = wb__epoll(fx);
    int first = wb__track(fx, SYS(signalfd, interrupt, WB_EFD_NONBLOCK));
    int second = wb__track(fx, SYS(signalfd, terminate, WB_EFD_NONBLOCK));
    struct wb_signalfd_siginfo info;
    CHECK(first >= 0 && second >= 0);
    CHECK(wb__add(fx, epfd, first, IN | WB_EPOLLET, 'i'));
    CHECK(wb__add(fx, epfd, second, IN | WB_EPOLLET, 't'));
    fx->raise_signal(fx->user_data, WB_SIGINT);
    ORDER(epfd, 4, "i");
    fx->raise_signal(fx->user_data, WB_SIGINT); /* is pending already: no news */
    ORDER(epfd, 4, "");
    fx->raise_signal(fx->user_data, WB_SIGTERM);
    ORDER(epfd, 4, "ti"); /* last added first */
    CHECK_EQUAL(SYS(read, first, &info, sizeof(info)), (int64_t)sizeof(info));
    CHECK_EQUAL(SYS(read, second, &info, sizeof(info)), (int64_t)sizeof(info));
}

static const struct wb_contract_case cases[] = {
    CASE(signal_is_an_event_and_is_read, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_of_the_same_kind_is_pending_once, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_lowest_of_several_is_read_first, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_into_a_short_buffer_gives_einval_and_stays, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_several_are_read_at_once_lowest_first, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_each_new_one_is_an_edge_and_one_that_is_pending_is_none, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_for_another_descriptor_is_an_edge_of_one_that_has_something_to_read,
        WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_of_two_descriptors_is_read_by_the_first_that_reads, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_wakes_the_last_registration_first_whatever_its_descriptor,
        WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_stays_pending_for_a_descriptor_that_is_made_later, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_descriptor_with_unknown_flags_gives_einval, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(r112d_write_after_the_end_raises_a_signal_unless_told_not_to,
        NETWORK | WB_CONTRACT_NEEDS_SIGNALS),
    CASE(r112d_reset_raises_no_signal_but_what_follows_does, NETWORK | WB_CONTRACT_NEEDS_SIGNALS),
    CASE(r112d_of_unix_sockets_only_streams_raise_the_signal, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(r142_handled_signal_ends_a_wait, WB_CONTRACT_NEEDS_INTERRUPTION),
    CASE(r143_what_is_ready_goes_before_a_signal, WB_CONTRACT_NEEDS_INTERRUPTION),
    CASE(r143_wait_that_does_not_sleep_is_not_interrupted, WB_CONTRACT_NEEDS_INTERRUPTION),
    CASE(signal_wakes_every_signalfd, WB_CONTRACT_NEEDS_SIGNALS),
};
WB__CONTRACT_GROUP(signal);
