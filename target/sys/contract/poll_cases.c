/* poll(), and that no wait ends before its time (R141). */
#include "sys/contract/support.h"

#define POLL_INVALID 0x20 /* POLLNVAL, which epoll has no name for */

enum { MS = 1000000 };

static uint64_t now(struct wb_contract_fixture *fx) {
    return SYS(clock_gettime, WB_CLOCK_MONOTONIC);
}

static void poll_reports_the_ready_and_counts_them(struct wb_contract_fixture *fx) {
    struct wb_pollfd fds[3] = {{.fd = wb__eventfd(fx, 1), .events = (int16_t)IN},
        {.fd = wb__eventfd(fx, 0), .events = (int16_t)IN, .revents = 99},
        {.fd = wb__eventfd(fx, 1), .events = (int16_t)(IN | OUT)}};
    CHECK_EQUAL(SYS(poll, fds, 3, 0), 2);
    CHECK_EQUAL(fds[0].revents, IN);
    CHECK_EQUAL(fds[1].revents, 0);
    CHECK_EQUAL(fds[2].revents, IN | OUT);
}

static void poll_ignores_negative_descriptors(struct wb_contract_fixture *fx) {
    struct wb_pollfd fds[2] = {{.fd = -7, .events = (int16_t)IN, .revents = 99},
        {.fd = wb__eventfd(fx, 1), .events = (int16_t)IN}};
    CHECK_EQUAL(SYS(poll, fds, 2, WB_TIMEOUT_INFINITE), 1);
    CHECK_EQUAL(fds[0].revents, 0);
    CHECK_EQUAL(fds[1].revents, IN);
}

static void poll_reports_a_closed_descriptor_as_invalid(struct wb_contract_fixture *fx) {
    struct wb_pollfd one = {.fd = wb__eventfd(fx, 1), .events = (int16_t)IN};
    CHECK_EQUAL(wb__close(fx, one.fd), 0);
    CHECK_EQUAL(SYS(poll, &one, 1, WB_TIMEOUT_INFINITE), 1);
    CHECK_EQUAL(one.revents, POLL_INVALID);
}

static void poll_reports_hangup_and_error_unasked(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, 0, 0), 0);
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(wb__poll_one(fx, pair.own, 0, 0), HUP | ERR);
    CHECK_EQUAL(wb__poll_one(fx, pair.own, ALL, 0), IN | OUT | RDHUP | HUP | ERR);
}

static void poll_takes_no_edge_from_epoll(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, ALL, 0), IN | OUT);
    CHECK_EQUAL(wb__poll_one(fx, pair.own, ALL, 0), IN | OUT);
    OBSERVE(watch, IN, IN, IN);
}

static void poll_of_an_instance_tells_whether_a_wait_would_report(struct wb_contract_fixture *fx) {
    const uint64_t one = 1;
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__add(fx, epfd, fd, IN, 'a'));
    CHECK_EQUAL(wb__poll_one(fx, epfd, IN, 0), 0);
    CHECK_EQUAL(SYS(write, fd, &one, sizeof(one)), sizeof(one));
    CHECK_EQUAL(wb__poll_one(fx, epfd, IN, 0), IN);
    ORDER(epfd, 4, "a");
}

static void poll_counts_invalid_descriptors_among_the_ready(struct wb_contract_fixture *fx) {
    struct wb_pollfd fds[3] = {{.fd = 1 << 30, .events = (int16_t)IN},
        {.fd = wb__eventfd(fx, 1), .events = 0, .revents = 99},
        {.fd = wb__eventfd(fx, 1), .events = (int16_t)OUT}};
    CHECK_EQUAL(SYS(poll, fds, 3, WB_TIMEOUT_INFINITE), 2);
    CHECK_EQUAL(fds[0].revents, POLL_INVALID);
    CHECK_EQUAL(fds[1].revents, 0);
    CHECK_EQUAL(fds[2].revents, OUT);
    CHECK_EQUAL(SYS(poll, NULL, 1, 0), -EFAULT);
}

static void poll_of_the_same_descriptor_twice_reports_it_twice(struct wb_contract_fixture *fx) {
    int fd = wb__eventfd(fx, 1);
    struct wb_pollfd fds[2] = {
        {.fd = fd, .events = (int16_t)IN}, {.fd = fd, .events = (int16_t)OUT}};
    CHECK_EQUAL(SYS(poll, fds, 2, 0), 2);
    CHECK_EQUAL(fds[0].revents, IN);
    CHECK_EQUAL(fds[1].revents, OUT);
}

static void poll_reports_urgent_data(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, PRI, 0), 0);
    CHECK_EQUAL(SYS(send, pair.peer, "x", 1, WB_MSG_OOB | WB_MSG_NOSIGNAL), 1);
    CHECK_EQUAL(wb__poll_one(fx, pair.own, PRI, WB_TIMEOUT_INFINITE), PRI);
    CHECK_EQUAL(wb__poll_one(fx, pair.own, IN, 0), 0);
}

static void poll_wakes_for_a_timer(struct wb_contract_fixture *fx) {
    struct wb_itimerspec spec = {.value = {.nsec = 2 * MS}};
    int fd = wb__track(fx, SYS(timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK));
    CHECK_EQUAL(SYS(timerfd_settime, fd, 0, &spec, NULL), 0);
    CHECK_EQUAL(wb__poll_one(fx, fd, IN, WB_TIMEOUT_INFINITE), IN);
}

static void r141_poll_without_descriptors_waits_out_its_timeout(struct wb_contract_fixture *fx) {
    uint64_t begin = now(fx);
    CHECK_EQUAL(SYS(poll, NULL, 0, INT64_C(3) * MS), 0);
    CHECK(now(fx) - begin >= 3 * MS);
}

static void r141_poll_never_ends_early(struct wb_contract_fixture *fx) {
    static const int64_t timeouts_ns[] = {1, 999, 50000, 999999, 1000001, 2500000, 7000001};
    struct wb_pollfd one = {.fd = wb__eventfd(fx, 0), .events = (int16_t)IN};
    for (size_t i = 0; i < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); i++) {
        uint64_t begin = now(fx);
        CHECK_EQUAL(SYS(poll, &one, 1, timeouts_ns[i]), 0);
        CHECK(now(fx) - begin >= (uint64_t)timeouts_ns[i]);
    }
}

static void r141_epoll_wait_never_ends_early(struct wb_contract_fixture *fx) {
    static const int64_t timeouts_ns[] = {1, 999, 50000, 999999, 1000001, 2500000, 7000001};
    struct wb_epoll_event event;
    int epfd = wb__epoll(fx);
    CHECK(wb__add(fx, epfd, wb__eventfd(fx, 0), IN, 'a'));
    for (size_t i = 0; i < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); i++) {
        uint64_t begin = now(fx);
        CHECK_EQUAL(SYS(epoll_pwait2, epfd, &event, 1, timeouts_ns[i]), 0);
        CHECK(now(fx) - begin >= (uint64_t)timeouts_ns[i]);
    }
}

static void epoll_wait_with_zero_asks_and_returns(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__add(fx, epfd, fd, IN, 'a'));
    ORDER(epfd, 4, "");
    CHECK(wb__add(fx, epfd, wb__eventfd(fx, 1), IN, 'b'));
    ORDER(epfd, 4, "b");
}

static void r141_waits_return_at_once_when_ready_whatever_the_timeout(
    struct wb_contract_fixture *fx) {
    static const int64_t timeouts_ns[] = {
        WB_TIMEOUT_INFINITE, INT64_MIN, INT64_MAX, INT64_C(4000000000000000), 0};
    struct wb_epoll_event event;
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 1);
    CHECK(wb__add(fx, epfd, fd, IN, 'a'));
    for (size_t i = 0; i < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); i++) {
        CHECK_EQUAL(SYS(epoll_pwait2, epfd, &event, 1, timeouts_ns[i]), 1);
        CHECK_EQUAL(event.data, 'a');
        CHECK_EQUAL(wb__poll_one(fx, fd, IN, timeouts_ns[i]), IN);
    }
}

static void epoll_event_data_is_returned_as_it_was_given(struct wb_contract_fixture *fx) {
    static const uint64_t values[] = {0, 1, UINT32_MAX, UINT64_C(0x0123456789abcdef), UINT64_MAX};
    struct wb_epoll_event event;
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 1);
    CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_ADD, fd, IN, 5), 0);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CHECK_EQUAL(wb__ctl(fx, epfd, WB_EPOLL_CTL_MOD, fd, IN, values[i]), 0);
        CHECK_EQUAL(SYS(epoll_pwait2, epfd, &event, 1, 0), 1);
        CHECK(event.data == values[i]);
    }
}

static void poll_of_more_than_may_be_open_gives_einval(struct wb_contract_fixture *fx) {
    enum { TOO_MANY = WB_CONTRACT_FD_MAX + 1 };
    static struct wb_pollfd fds[TOO_MANY];
    for (int i = 0; i < TOO_MANY; i++) {
        fds[i].fd = -1;
    }
    CHECK_EQUAL(SYS(poll, fds, TOO_MANY, 0), -EINVAL);
}

static const struct wb_contract_case cases[] = {
    CASE(poll_reports_the_ready_and_counts_them, 0),
    CASE(poll_ignores_negative_descriptors, 0),
    CASE(poll_reports_a_closed_descriptor_as_invalid, 0),
    CASE(poll_reports_hangup_and_error_unasked, NETWORK),
    CASE(poll_takes_no_edge_from_epoll, NETWORK),
    CASE(poll_of_an_instance_tells_whether_a_wait_would_report, 0),
    CASE(poll_counts_invalid_descriptors_among_the_ready, 0),
    CASE(poll_of_the_same_descriptor_twice_reports_it_twice, 0),
    CASE(poll_reports_urgent_data, NETWORK),
    CASE(poll_wakes_for_a_timer, WB_CONTRACT_TIMING),
    CASE(r141_poll_without_descriptors_waits_out_its_timeout, WB_CONTRACT_TIMING),
    CASE(r141_poll_never_ends_early, WB_CONTRACT_TIMING),
    CASE(r141_epoll_wait_never_ends_early, WB_CONTRACT_TIMING),
    CASE(epoll_wait_with_zero_asks_and_returns, 0),
    CASE(r141_waits_return_at_once_when_ready_whatever_the_timeout, 0),
    CASE(epoll_event_data_is_returned_as_it_was_given, 0),
    CASE(poll_of_more_than_may_be_open_gives_einval, 0),
};
WB__CONTRACT_GROUP(poll);
