/* signalfd: signals as something to be read. The fixture's hook raises them. */
#include "sys/tests/support.h"

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

static void signal_descriptor_with_unknown_flags_gives_einval(struct wb_contract_fixture *fx) {
    CHECK_EQUAL(wb__track(fx, SYS(signalfd, BIT(WB_SIGTERM), 1)), -EINVAL);
}

static const struct wb_contract_case cases[] = {
    CASE(signal_is_an_event_and_is_read, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_of_the_same_kind_is_pending_once, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_lowest_of_several_is_read_first, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_into_a_short_buffer_gives_einval_and_stays, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(signal_descriptor_with_unknown_flags_gives_einval, WB_CONTRACT_NEEDS_SIGNALS),
};
WB__CONTRACT_GROUP(signal);
