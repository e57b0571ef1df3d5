/* eventfd: a counter that wakes (R135-R138), its values and its errors. */
#include "sys/contract/support.h"

static const uint64_t counter_max = UINT64_MAX - 1;

static int64_t add(struct wb_contract_fixture *fx, int fd, uint64_t value) {
    return SYS(write, fd, &value, sizeof(value));
}

/* The value read, or a negative result as it is. */
static int64_t take(struct wb_contract_fixture *fx, int fd) {
    uint64_t value = 0;
    int64_t result = SYS(read, fd, &value, sizeof(value));
    return result < 0 ? result : (int64_t)value;
}

static void r135_each_write_is_an_edge(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(add(fx, fd, 1), 8);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(add(fx, fd, 1), 8);
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    CHECK_EQUAL(take(fx, fd), 2);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(add(fx, fd, 1), 8);
    OBSERVE(watch, IN, IN, IN);
}

static void r135_writes_before_a_wait_are_one_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    CHECK_EQUAL(add(fx, fd, 1), 8);
    CHECK_EQUAL(add(fx, fd, 5), 8);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(take(fx, fd), 6);
}

static void r135_write_and_read_before_the_wait_are_no_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    CHECK_EQUAL(add(fx, fd, 1), 8);
    CHECK_EQUAL(take(fx, fd), 1);
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r136_full_counter_is_not_writable_and_refuses(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__watch(fx, &watch, fd, IN | OUT, IN | OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &watch));
    CHECK_EQUAL(add(fx, fd, counter_max), 8);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(add(fx, fd, 1), -EAGAIN);
    CHECK_EQUAL(add(fx, fd, UINT64_MAX), -EINVAL);
    CHECK_EQUAL((uint64_t)take(fx, fd), counter_max);
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r137_writing_zero_wakes_without_news(struct wb_contract_fixture *fx) {
    struct wb__watch in_only;
    struct wb__watch both;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__watch(fx, &in_only, fd, IN, IN));
    CHECK(wb__watch(fx, &both, fd, IN | OUT, IN | OUT));
    OBSERVE(both, OUT, OUT, OUT);
    CHECK_EQUAL(add(fx, fd, 0), 8);
    OBSERVE(in_only, NONE, NONE, NONE);
    OBSERVE(both, OUT, OUT, NONE);
}

static void r138_each_read_is_an_edge_of_out(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__watch(fx, &watch, fd, IN | OUT, IN | OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(add(fx, fd, 1), 8);
        OBSERVE(watch, IN | OUT, IN | OUT, NONE);
        CHECK_EQUAL(take(fx, fd), 1);
        OBSERVE(watch, OUT, OUT, NONE);
    }
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r138_semaphore_is_readable_until_zero(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__track(fx, SYS(eventfd, 3, WB_EFD_SEMAPHORE | WB_EFD_NONBLOCK));
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(take(fx, fd), 1);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK_EQUAL(take(fx, fd), 1);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK_EQUAL(take(fx, fd), 1);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
}

static void eventfd_keeps_its_first_value_and_gives_it_once(struct wb_contract_fixture *fx) {
    int fd = wb__eventfd(fx, 41);
    CHECK_EQUAL(add(fx, fd, 1), 8);
    CHECK_EQUAL(take(fx, fd), 42);
    CHECK_EQUAL(take(fx, fd), -EAGAIN);
}

static void eventfd_refuses_short_buffers_and_unknown_flags(struct wb_contract_fixture *fx) {
    uint64_t value = 1;
    int fd = wb__eventfd(fx, 1);
    CHECK_EQUAL(SYS(read, fd, &value, 7), -EINVAL);
    CHECK_EQUAL(SYS(write, fd, &value, 7), -EINVAL);
    CHECK_EQUAL(take(fx, fd), 1);
    CHECK_EQUAL(wb__track(fx, SYS(eventfd, 0, 2)), -EINVAL);
}

static void eventfd_reads_eight_bytes_into_a_larger_buffer(struct wb_contract_fixture *fx) {
    uint64_t values[2] = {0, 77};
    int fd = wb__eventfd(fx, 5);
    CHECK_EQUAL(SYS(read, fd, values, sizeof(values)), 8);
    CHECK_EQUAL(values[0], 5);
    CHECK_EQUAL(values[1], 77);
}

static const struct wb_contract_case cases[] = {
    CASE(r135_each_write_is_an_edge, 0),
    CASE(r135_writes_before_a_wait_are_one_event, 0),
    CASE(r135_write_and_read_before_the_wait_are_no_event, 0),
    CASE(r136_full_counter_is_not_writable_and_refuses, 0),
    CASE(r137_writing_zero_wakes_without_news, 0),
    CASE(r138_each_read_is_an_edge_of_out, 0),
    CASE(r138_semaphore_is_readable_until_zero, 0),
    CASE(eventfd_keeps_its_first_value_and_gives_it_once, 0),
    CASE(eventfd_refuses_short_buffers_and_unknown_flags, 0),
    CASE(eventfd_reads_eight_bytes_into_a_larger_buffer, 0),
};
WB__CONTRACT_GROUP(eventfd);
