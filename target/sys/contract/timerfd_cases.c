/* timerfd: expiry as an event, counts, both clocks, and what arming and disarming do (R39, R140).
 * Moments are the kernel's: cases wait until a timer has expired, and check what holds from then
 * on. */
#include "sys/contract/support.h"

enum { MS = 1000000 };
static const int64_t patience_ns = INT64_C(5000000000);

static int timer(struct wb_contract_fixture *fx) {
    return wb__track(fx, SYS(timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK | WB_TFD_CLOEXEC));
}

static int set(struct wb_contract_fixture *fx, int fd, int64_t value_ns, int64_t interval_ns) {
    struct wb_itimerspec spec = {.value = {.nsec = value_ns}, .interval = {.nsec = interval_ns}};
    return SYS(timerfd_settime, fd, 0, &spec, NULL);
}

static int disarm(struct wb_contract_fixture *fx, int fd) {
    return set(fx, fd, 0, 0);
}

/* How often it expired, or a negative result. */
static int64_t take(struct wb_contract_fixture *fx, int fd) {
    uint64_t value = 0;
    int64_t result = SYS(read, fd, &value, sizeof(value));
    return result < 0 ? result : (int64_t)value;
}

/* Waits without touching the timer's edges until it has expired. */
static bool await(struct wb_contract_fixture *fx, int fd) {
    return wb__check_equal(
        fx, __FILE__, __LINE__, wb__poll_one(fx, fd, IN, patience_ns), IN, "an expired timer");
}

static bool pass_time(struct wb_contract_fixture *fx, int64_t time_ns) {
    return wb__check_equal(fx, __FILE__, __LINE__, SYS(poll, NULL, 0, time_ns), 0, "a pause");
}

static void r39_unarmed_timer_shows_nothing(struct wb_contract_fixture *fx) {
    int fd = timer(fx);
    STATE(fd, NONE);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
    CHECK_EQUAL(disarm(fx, fd), 0);
    STATE(fd, NONE);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
}

static void r140_expiry_is_an_event_and_is_read_once(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = timer(fx);
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    CHECK_EQUAL(set(fx, fd, 2 * MS, 0), 0);
    CHECK(await(fx, fd));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(take(fx, fd), 1);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
}

static void r140_timer_never_expires_early(struct wb_contract_fixture *fx) {
    static const int64_t times_ns[] = {1, 999, 50000, 1000001, 7000001};
    int fd = timer(fx);
    for (size_t i = 0; i < sizeof(times_ns) / sizeof(times_ns[0]); i++) {
        uint64_t begin = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
        CHECK_EQUAL(set(fx, fd, times_ns[i], 0), 0);
        CHECK(await(fx, fd));
        CHECK(SYS(clock_gettime, WB_CLOCK_MONOTONIC) - begin >= (uint64_t)times_ns[i]);
        CHECK_EQUAL(take(fx, fd), 1);
    }
}

static void r140_later_expiries_are_no_edge_until_it_is_read(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = timer(fx);
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    CHECK_EQUAL(set(fx, fd, 2 * MS, 2 * MS), 0);
    CHECK(await(fx, fd));
    OBSERVE(watch, IN, IN, IN);
    CHECK(pass_time(fx, 7 * MS));
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(take(fx, fd) >= 4);
    CHECK(await(fx, fd));
    OBSERVE(watch, IN, IN, NONE);
}

static void r140_periods_that_passed_unseen_are_counted(struct wb_contract_fixture *fx) {
    int fd = timer(fx);
    uint64_t begin = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    CHECK_EQUAL(set(fx, fd, 1 * MS, 1 * MS), 0);
    CHECK(pass_time(fx, 6 * MS));
    int64_t count = take(fx, fd);
    uint64_t passed_ns = SYS(clock_gettime, WB_CLOCK_MONOTONIC) - begin;
    CHECK(count >= 5);
    CHECK((uint64_t)count <= passed_ns / MS);
}

static void r140_disarming_an_expired_timer_takes_the_expiry_away(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = timer(fx);
    CHECK_EQUAL(set(fx, fd, 1, 0), 0);
    CHECK(await(fx, fd));
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    CHECK_EQUAL(disarm(fx, fd), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
}

static void r140_setting_an_expired_timer_anew_takes_the_expiry_away(
    struct wb_contract_fixture *fx) {
    struct wb_itimerspec far = {.value = {.sec = 1000}};
    int fd = timer(fx);
    CHECK_EQUAL(set(fx, fd, 1, 0), 0);
    CHECK(await(fx, fd));
    CHECK_EQUAL(SYS(timerfd_settime, fd, 0, &far, NULL), 0);
    STATE(fd, NONE);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
}

static void r140_asking_for_the_time_left_lets_a_periodic_timer_run_on(
    struct wb_contract_fixture *fx) {
    struct wb_itimerspec left;
    struct wb__watch watch;
    int fd = timer(fx);
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    CHECK_EQUAL(set(fx, fd, 20 * MS, 20 * MS), 0);
    CHECK(await(fx, fd));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(SYS(timerfd_gettime, fd, &left), 0);
    CHECK(left.value.nsec > 0 && left.value.nsec <= 20 * MS);
    CHECK(pass_time(fx, 25 * MS));
    OBSERVE(watch, IN, IN, NONE); /* a second expiry, though the first was not read */
    CHECK(take(fx, fd) >= 2);
}

static void timerfd_tells_what_is_left_and_what_was_set(struct wb_contract_fixture *fx) {
    struct wb_itimerspec spec = {.value = {.sec = 1000, .nsec = 5}, .interval = {.sec = 7}};
    struct wb_itimerspec told;
    int fd = timer(fx);
    CHECK_EQUAL(SYS(timerfd_gettime, fd, &told), 0);
    CHECK_EQUAL(told.value.sec + told.value.nsec + told.interval.sec + told.interval.nsec, 0);
    CHECK_EQUAL(SYS(timerfd_settime, fd, 0, &spec, &told), 0);
    CHECK_EQUAL(told.value.sec + told.value.nsec + told.interval.sec, 0);
    CHECK_EQUAL(SYS(timerfd_gettime, fd, &told), 0);
    CHECK(told.value.sec >= 990 && told.value.sec <= 1000);
    CHECK_EQUAL(told.interval.sec, 7);
    spec = (struct wb_itimerspec){.interval = {.nsec = 9}};
    CHECK_EQUAL(SYS(timerfd_settime, fd, 0, &spec, &told), 0);
    CHECK(told.value.sec >= 990 && told.value.sec <= 1000);
    CHECK_EQUAL(told.interval.sec, 7);
    CHECK_EQUAL(SYS(timerfd_gettime, fd, &told), 0);
    CHECK_EQUAL(told.value.sec + told.value.nsec, 0); /* disarmed, though with an interval */
    CHECK_EQUAL(told.interval.nsec, 9);
}

static void timerfd_expired_once_has_nothing_left(struct wb_contract_fixture *fx) {
    struct wb_itimerspec told;
    int fd = timer(fx);
    CHECK_EQUAL(set(fx, fd, 1, 0), 0);
    CHECK(await(fx, fd));
    CHECK_EQUAL(SYS(timerfd_gettime, fd, &told), 0);
    CHECK_EQUAL(told.value.sec + told.value.nsec, 0);
    CHECK_EQUAL(take(fx, fd), 1);
}

static void timerfd_absolute_time_that_has_passed_expires_at_once(struct wb_contract_fixture *fx) {
    static const int clocks[] = {WB_CLOCK_MONOTONIC, WB_CLOCK_REALTIME};
    struct wb_itimerspec spec = {.value = {.nsec = 1}};
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        int fd = wb__track(fx, SYS(timerfd_create, clocks[i], WB_TFD_NONBLOCK));
        CHECK_EQUAL(SYS(timerfd_settime, fd, WB_TFD_TIMER_ABSTIME, &spec, NULL), 0);
        STATE(fd, IN);
        CHECK_EQUAL(take(fx, fd), 1);
        CHECK_EQUAL(take(fx, fd), -EAGAIN);
    }
}

static void timerfd_absolute_time_is_by_its_clock(struct wb_contract_fixture *fx) {
    static const int clocks[] = {WB_CLOCK_MONOTONIC, WB_CLOCK_REALTIME};
    for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
        uint64_t at_ns = SYS(clock_gettime, clocks[i]) + 3 * MS;
        struct wb_itimerspec spec = {
            .value = {.sec = (int64_t)(at_ns / 1000000000), .nsec = (int64_t)(at_ns % 1000000000)}};
        int fd = wb__track(fx, SYS(timerfd_create, clocks[i], WB_TFD_NONBLOCK));
        CHECK_EQUAL(SYS(timerfd_settime, fd, WB_TFD_TIMER_ABSTIME, &spec, NULL), 0);
        CHECK(await(fx, fd));
        CHECK(SYS(clock_gettime, clocks[i]) >= at_ns);
        CHECK_EQUAL(take(fx, fd), 1);
    }
}

static void timerfd_wakes_a_wait_without_timeout(struct wb_contract_fixture *fx) {
    struct wb_epoll_event event;
    int epfd = wb__epoll(fx);
    int fd = timer(fx);
    CHECK(wb__add(fx, epfd, fd, IN, 't'));
    CHECK_EQUAL(set(fx, fd, 3 * MS, 0), 0);
    CHECK_EQUAL(SYS(epoll_pwait2, epfd, &event, 1, WB_TIMEOUT_INFINITE), 1);
    CHECK_EQUAL(event.data, 't');
    CHECK_EQUAL(event.events, IN);
}

static void timerfd_blocking_read_waits_for_the_expiry(struct wb_contract_fixture *fx) {
    int fd = wb__track(fx, SYS(timerfd_create, WB_CLOCK_MONOTONIC, 0));
    uint64_t begin = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    CHECK_EQUAL(set(fx, fd, 3 * MS, 0), 0);
    CHECK_EQUAL(take(fx, fd), 1);
    CHECK(SYS(clock_gettime, WB_CLOCK_MONOTONIC) - begin >= 3 * MS);
}

static void timerfd_two_timers_come_in_the_order_of_their_times(struct wb_contract_fixture *fx) {
    int epfd = wb__epoll(fx);
    int late = timer(fx);
    int early = timer(fx);
    CHECK(wb__add(fx, epfd, late, IN | WB_EPOLLET, 'l'));
    CHECK(wb__add(fx, epfd, early, IN | WB_EPOLLET, 'e'));
    CHECK_EQUAL(set(fx, late, 20 * MS, 0), 0);
    CHECK_EQUAL(set(fx, early, 2 * MS, 0), 0);
    CHECK(await(fx, late));
    ORDER(epfd, 4, "el");
}

static void timerfd_refuses_bad_times_and_flags(struct wb_contract_fixture *fx) {
    struct wb_itimerspec bad[] = {{.value = {.nsec = 1000000000}}, {.value = {.nsec = -1}},
        {.value = {.sec = -1}}, {.interval = {.nsec = 1000000000}}, {.interval = {.sec = -1}}};
    struct wb_itimerspec good = {.value = {.nsec = 1}};
    int fd = timer(fx);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK_EQUAL(SYS(timerfd_settime, fd, 0, &bad[i], NULL), -EINVAL);
    }
    CHECK_EQUAL(SYS(timerfd_settime, fd, 8, &good, NULL), -EINVAL);
    CHECK_EQUAL(SYS(timerfd_settime, fd, 0, NULL, NULL), -EFAULT);
    CHECK_EQUAL(SYS(timerfd_gettime, fd, NULL), -EFAULT);
    CHECK_EQUAL(SYS(timerfd_create, 99, 0), -EINVAL);
    CHECK_EQUAL(SYS(timerfd_create, WB_CLOCK_MONOTONIC, 1), -EINVAL);
    STATE(fd, NONE);
}

static void timerfd_read_rules(struct wb_contract_fixture *fx) {
    uint64_t values[2] = {0, 77};
    int fd = timer(fx);
    CHECK_EQUAL(SYS(read, fd, values, 7), -EINVAL);
    CHECK_EQUAL(SYS(read, fd, values, 0), -EINVAL);
    CHECK_EQUAL(SYS(write, fd, values, 8), -EINVAL);
    CHECK_EQUAL(set(fx, fd, 1, 0), 0);
    CHECK(await(fx, fd));
    CHECK_EQUAL(SYS(read, fd, values, 7), -EINVAL);
    CHECK_EQUAL(SYS(read, fd, values, sizeof(values)), 8);
    CHECK_EQUAL(values[0], 1);
    CHECK_EQUAL(values[1], 77);
}

static const struct wb_contract_case cases[] = {
    CASE(r39_unarmed_timer_shows_nothing, 0),
    CASE(r140_expiry_is_an_event_and_is_read_once, WB_CONTRACT_TIMING),
    CASE(r140_timer_never_expires_early, WB_CONTRACT_TIMING),
    CASE(r140_later_expiries_are_no_edge_until_it_is_read, WB_CONTRACT_TIMING),
    CASE(r140_periods_that_passed_unseen_are_counted, WB_CONTRACT_TIMING),
    CASE(r140_disarming_an_expired_timer_takes_the_expiry_away, WB_CONTRACT_TIMING),
    CASE(r140_setting_an_expired_timer_anew_takes_the_expiry_away, WB_CONTRACT_TIMING),
    CASE(r140_asking_for_the_time_left_lets_a_periodic_timer_run_on, WB_CONTRACT_TIMING),
    CASE(timerfd_tells_what_is_left_and_what_was_set, WB_CONTRACT_TIMING),
    CASE(timerfd_expired_once_has_nothing_left, WB_CONTRACT_TIMING),
    CASE(timerfd_absolute_time_that_has_passed_expires_at_once, 0),
    CASE(timerfd_absolute_time_is_by_its_clock, WB_CONTRACT_TIMING),
    CASE(timerfd_wakes_a_wait_without_timeout, WB_CONTRACT_TIMING),
    CASE(timerfd_blocking_read_waits_for_the_expiry, WB_CONTRACT_TIMING),
    CASE(timerfd_two_timers_come_in_the_order_of_their_times, WB_CONTRACT_TIMING),
    CASE(timerfd_refuses_bad_times_and_flags, 0),
    CASE(timerfd_read_rules, WB_CONTRACT_TIMING),
};
WB__CONTRACT_GROUP(timerfd);
