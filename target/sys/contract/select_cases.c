/* select(): which state counts for which set, what is written and what is not, and its errors. */
#include "sys/contract/support.h"

enum { MS = 1000000 };

static void put(struct wb_fd_set *set, int fd) {
    set->bits[fd / 64] |= UINT64_C(1) << (fd % 64);
}

static bool has(const struct wb_fd_set *set, int fd) {
    return (set->bits[fd / 64] >> (fd % 64) & 1u) != 0;
}

/* One descriptor asked for in all three sets, without waiting: IN, OUT and PRI of what is said. */
static int asked_for_all(struct wb_contract_fixture *fx, int fd) {
    struct wb_fd_set sets[3] = {{{0}}, {{0}}, {{0}}};
    for (int i = 0; i < 3; i++) {
        put(&sets[i], fd);
    }
    int result = SYS(select, fd + 1, &sets[0], &sets[1], &sets[2], 0);
    int count = has(&sets[0], fd) + has(&sets[1], fd) + has(&sets[2], fd);
    if (result < 0 || result != count) {
        return result < 0 ? result : -1000 - result;
    }
    return (int)((has(&sets[0], fd) ? IN : 0) | (has(&sets[1], fd) ? OUT : 0)
                 | (has(&sets[2], fd) ? PRI : 0));
}

static void select_reports_each_set_and_counts_all_bits(struct wb_contract_fixture *fx) {
    struct wb_fd_set readable = {{0}};
    struct wb_fd_set writable = {{0}};
    int zero = wb__eventfd(fx, 0);
    int one = wb__eventfd(fx, 1);
    put(&readable, zero);
    put(&readable, one);
    put(&writable, zero);
    put(&writable, one);
    CHECK_EQUAL(SYS(select, one + 1, &readable, &writable, NULL, WB_TIMEOUT_INFINITE), 3);
    CHECK(!has(&readable, zero));
    CHECK(has(&readable, one));
    CHECK(has(&writable, zero));
    CHECK(has(&writable, one));
}

static void select_of_a_connection_through_its_life(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(asked_for_all(fx, pair.own), OUT);
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(asked_for_all(fx, pair.own), IN | OUT);
    CHECK(wb__recv(fx, pair.own, 1));
    CHECK_EQUAL(SYS(send, pair.peer, "x", 1, WB_MSG_OOB | WB_MSG_NOSIGNAL), 1);
    CHECK_EQUAL(asked_for_all(fx, pair.own), OUT | PRI);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(asked_for_all(fx, pair.own), IN | OUT);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(asked_for_all(fx, pair.own), IN | OUT);
}

static void select_takes_hangup_for_readable_and_error_for_both(struct wb_contract_fixture *fx) {
    int reader_gone[2];
    int writer_gone[2];
    CHECK_EQUAL(SYS(pipe2, reader_gone, WB_O_NONBLOCK), 0);
    CHECK_EQUAL(SYS(pipe2, writer_gone, WB_O_NONBLOCK), 0);
    for (int i = 0; i < 2; i++) {
        (void)wb__track(fx, reader_gone[i]);
        (void)wb__track(fx, writer_gone[i]);
    }
    CHECK_EQUAL(wb__close(fx, reader_gone[0]), 0);
    CHECK_EQUAL(wb__close(fx, writer_gone[1]), 0);
    CHECK_EQUAL(asked_for_all(fx, reader_gone[1]), IN | OUT);
    CHECK_EQUAL(asked_for_all(fx, writer_gone[0]), IN);
}

static void select_of_a_closed_descriptor_gives_ebadf_and_leaves_the_sets(
    struct wb_contract_fixture *fx) {
    struct wb_fd_set sets[3] = {{{0}}, {{0}}, {{0}}};
    int closed = wb__eventfd(fx, 1);
    int open = wb__eventfd(fx, 1);
    CHECK_EQUAL(wb__close(fx, closed), 0);
    for (int i = 0; i < 3; i++) {
        struct wb_fd_set *asked[3] = {NULL, NULL, NULL};
        put(&sets[i], closed);
        put(&sets[i], open);
        asked[i] = &sets[i];
        CHECK_EQUAL(SYS(select, open + 1, asked[0], asked[1], asked[2], 0), -EBADF);
        CHECK(has(&sets[i], closed) && has(&sets[i], open));
    }
}

static void select_with_a_negative_count_gives_einval(struct wb_contract_fixture *fx) {
    struct wb_fd_set set = {{0}};
    CHECK_EQUAL(SYS(select, -1, &set, NULL, NULL, 0), -EINVAL);
    CHECK_EQUAL(SYS(select, INT32_MIN, NULL, NULL, NULL, 0), -EINVAL);
}

static void select_looks_at_no_descriptor_from_the_count_on(struct wb_contract_fixture *fx) {
    struct wb_fd_set set = {{0}};
    int first = wb__eventfd(fx, 0);
    int second = wb__eventfd(fx, 1);
    put(&set, first);
    put(&set, second);
    set.bits[1] = 5;
    CHECK_EQUAL(SYS(select, second, &set, NULL, NULL, 0), 0);
    CHECK(!has(&set, first));
    CHECK(!has(&set, second)); /* in a word that is written whole */
    CHECK_EQUAL(set.bits[1], 5);
    put(&set, second);
    CHECK_EQUAL(SYS(select, 0, &set, NULL, NULL, 0), 0);
    CHECK(has(&set, second));
}

static void select_count_beyond_all_descriptors_is_cut(struct wb_contract_fixture *fx) {
    struct wb_fd_set set = {{0}};
    int fd = wb__eventfd(fx, 1);
    put(&set, fd);
    CHECK_EQUAL(SYS(select, 1024, &set, NULL, NULL, 0), 1);
    CHECK(has(&set, fd));
}

static void select_without_sets_waits_out_its_timeout(struct wb_contract_fixture *fx) {
    uint64_t begin = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    CHECK_EQUAL(SYS(select, 0, NULL, NULL, NULL, INT64_C(3) * MS), 0);
    CHECK(SYS(clock_gettime, WB_CLOCK_MONOTONIC) - begin >= 3 * MS);
}

static void select_that_times_out_clears_the_sets(struct wb_contract_fixture *fx) {
    struct wb_fd_set set = {{0}};
    int fd = wb__eventfd(fx, 0);
    put(&set, fd);
    uint64_t begin = SYS(clock_gettime, WB_CLOCK_MONOTONIC);
    CHECK_EQUAL(SYS(select, fd + 1, &set, NULL, NULL, INT64_C(2500000)), 0);
    CHECK(SYS(clock_gettime, WB_CLOCK_MONOTONIC) - begin >= 2500000);
    CHECK(!has(&set, fd));
}

static void select_returns_at_once_when_ready_whatever_the_timeout(struct wb_contract_fixture *fx) {
    static const int64_t timeouts_ns[] = {
        WB_TIMEOUT_INFINITE, INT64_MIN, INT64_C(4000000000000000), 0};
    int fd = wb__eventfd(fx, 1);
    for (size_t i = 0; i < sizeof(timeouts_ns) / sizeof(timeouts_ns[0]); i++) {
        struct wb_fd_set set = {{0}};
        put(&set, fd);
        CHECK_EQUAL(SYS(select, fd + 1, &set, NULL, NULL, timeouts_ns[i]), 1);
    }
}

static void select_wakes_for_a_timer(struct wb_contract_fixture *fx) {
    struct wb_fd_set set = {{0}};
    struct wb_itimerspec spec = {.value = {.nsec = 2 * MS}};
    int fd = wb__track(fx, SYS(timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK));
    CHECK_EQUAL(SYS(timerfd_settime, fd, 0, &spec, NULL), 0);
    put(&set, fd);
    CHECK_EQUAL(SYS(select, fd + 1, &set, NULL, NULL, WB_TIMEOUT_INFINITE), 1);
    CHECK(has(&set, fd));
}

static void select_takes_no_edge_from_epoll(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(asked_for_all(fx, pair.own), IN | OUT);
    OBSERVE(watch, IN, IN, IN);
}

/* R93: the edge for OUT comes only if somebody had seen the socket full; select looks, too. The
 * queue is brought above the threshold without a refused write. */
static void r93_select_that_sees_a_full_socket_arms_its_edge(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    struct wb__pair pair;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__fill(fx, pair.own, &unread));
    CHECK_EQUAL(asked_for_all(fx, pair.own), 0);
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, OUT, INT64_C(5000000000)), OUT);
    OBSERVE(watch, OUT, OUT, NONE);
}

static const struct wb_contract_case cases[] = {
    CASE(select_reports_each_set_and_counts_all_bits, 0),
    CASE(select_of_a_connection_through_its_life, NETWORK),
    CASE(select_takes_hangup_for_readable_and_error_for_both, 0),
    CASE(select_of_a_closed_descriptor_gives_ebadf_and_leaves_the_sets, 0),
    CASE(select_with_a_negative_count_gives_einval, 0),
    CASE(select_looks_at_no_descriptor_from_the_count_on, 0),
    CASE(select_count_beyond_all_descriptors_is_cut, 0),
    CASE(select_without_sets_waits_out_its_timeout, WB_CONTRACT_TIMING),
    CASE(select_that_times_out_clears_the_sets, WB_CONTRACT_TIMING),
    CASE(select_returns_at_once_when_ready_whatever_the_timeout, 0),
    CASE(select_wakes_for_a_timer, WB_CONTRACT_TIMING),
    CASE(select_takes_no_edge_from_epoll, NETWORK),
    CASE(r93_select_that_sees_a_full_socket_arms_its_edge, NETWORK | WB_CONTRACT_TIMING),
};
WB__CONTRACT_GROUP(select);
