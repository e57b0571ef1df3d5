/* Readiness to write: when OUT goes off, when it comes back, how many edges that is (R88, R91-R94,
 * R97-R102). How many bytes fit differs from run to run; what is checked holds for any
 * amount. */
#include "sys/contract/stream_support.h"

enum { MS = 1000000, PATIENCE_MS = 5000, PIECE = 128 };

/* Lets own fill up, so that it is not writable and knows it. */
static bool full_pair(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, uint64_t *out_unread) {
    return wb__narrow_pair(fx, out_pair) && wb__fill(fx, out_pair->own, out_unread);
}

static bool await_writable(struct wb_contract_fixture *fx, int fd) {
    int events = wb__poll_one(fx, fd, OUT, INT64_C(1) * PATIENCE_MS * MS);
    return wb__check_equal(fx, __FILE__, __LINE__, events, OUT, "events of the drained socket");
}

static void r88_out_goes_off_when_full_and_comes_back_when_drained(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(full_pair(fx, &pair, &unread));
    CHECK(unread > 0);
    STATE(pair.own, NONE);
    CHECK(wb__watch(fx, &watch, pair.own, ALL, ALL));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK(await_writable(fx, pair.own));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__send(fx, pair.own, 1));
}

static void r91_write_after_out_does_not_block(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    uint64_t unread;
    int writable = 0;
    CHECK(full_pair(fx, &pair, &unread));
    wb__begin(fx);
    while (unread > 0) {
        uint64_t step = unread < 512 ? unread : 512;
        CHECK(wb__drain(fx, pair.peer, step));
        unread -= step;
        if (wb__poll_one(fx, pair.own, OUT, 0) > 0) {
            CHECK_EQUAL(wb__send_result(fx, pair.own), 1);
            writable++;
        }
    }
    TELL(1, "recv({}) by 512; whenever {} is writable, send 1", pair.peer, pair.own);
    CHECK(writable > 0 || wb__poll_one(fx, pair.own, OUT, INT64_C(1) * PATIENCE_MS * MS) > 0);
}

static void r93_refused_write_brings_exactly_one_edge(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__fill(fx, pair.own, &unread));
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK(await_writable(fx, pair.own));
    OBSERVE(watch, OUT, OUT, OUT);
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r93_socket_that_was_never_full_has_no_edge(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    for (int i = 0; i < 3; i++) {
        CHECK(wb__send(fx, pair.own, 100));
        CHECK(wb__recv(fx, pair.peer, 100));
        OBSERVE(watch, OUT, NONE, NONE);
    }
}

static void r93_second_episode_brings_a_second_edge(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    for (int episode = 0; episode < 2; episode++) {
        CHECK(wb__fill(fx, pair.own, &unread));
        CHECK(wb__drain(fx, pair.peer, unread));
        CHECK(await_writable(fx, pair.own));
        OBSERVE(watch, OUT, OUT, NONE);
    }
}

static void r98_data_to_a_full_socket_shows_in_and_later_both(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(full_pair(fx, &pair, &unread));
    CHECK(wb__watch(fx, &watch, pair.own, IN | OUT, IN | OUT));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK(await_writable(fx, pair.own));
    OBSERVE(watch, IN | OUT, IN | OUT, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN | OUT, NONE, IN | OUT);
}

static void r100_setting_the_send_buffer_wakes_if_writable(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    int size = 20000;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, ALL, READ));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(setsockopt, pair.own, WB_SOL_SOCKET, WB_SO_SNDBUF, &size, sizeof(size)), 0);
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(setsockopt, pair.own, WB_SOL_SOCKET, WB_SO_RCVBUF, &size, sizeof(size)), 0);
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r102_out_is_permanent_after_own_shutdown(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
        CHECK(wb__watch(fx, &watch, pair.own, ALL, ALL));
        OBSERVE(watch, OUT, OUT, OUT);
        CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
        CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
        OBSERVE(watch, OUT, NONE, NONE);
    }
}

static void r102_full_socket_is_writable_after_own_shutdown(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(full_pair(fx, &pair, &unread));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0); /* the FIN waits behind the data */
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK_EQUAL(wb__poll_one(fx, pair.peer, RDHUP, INT64_C(1) * PATIENCE_MS * MS), (int)RDHUP);
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), 0);
}

/* Sends small pieces until poll(2) says "not writable", which is long before a write is refused. */
static bool send_to_threshold(struct wb_contract_fixture *fx, int fd, uint64_t *out_len) {
    *out_len = 0;
    wb__begin(fx);
    while (wb__poll_one(fx, fd, OUT, 0) == (int)OUT) {
        if (!wb__send(fx, fd, PIECE)) {
            return false;
        }
        *out_len += PIECE;
    }
    TELL(0, "send({}) until poll says it is not writable", fd);
    return true;
}

static void r91_write_is_taken_while_poll_says_not_writable(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(send_to_threshold(fx, pair.own, &unread));
    CHECK_EQUAL(wb__send_result(fx, pair.own), 1);
    CHECK_EQUAL(wb__send_result(fx, pair.own), 1);
    CHECK(wb__drain(fx, pair.peer, unread + 2));
}

static void r93_poll_that_saw_it_not_writable_brings_an_edge(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(send_to_threshold(fx, pair.own, &unread));
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK(await_writable(fx, pair.own));
    OBSERVE(watch, OUT, OUT, NONE);
}

/* As many bytes on a second connection, but nobody looks and no write is refused. */
static void r93_threshold_that_nobody_saw_brings_no_edge(struct wb_contract_fixture *fx) {
    struct wb__pair first;
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &first));
    CHECK(send_to_threshold(fx, first.own, &unread));
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    for (uint64_t sent = 0; sent < unread; sent += PIECE) {
        CHECK(wb__send(fx, pair.own, PIECE));
    }
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK_EQUAL(SYS(poll, NULL, 0, INT64_C(60) * MS), 0); /* until all is acknowledged, unseen */
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r93_short_write_brings_an_edge(struct wb_contract_fixture *fx) {
    static const char data[1 << 20];
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    int64_t sent = SYS(send, pair.own, data, sizeof(data), WB_MSG_NOSIGNAL);
    CHECK(sent > 0 && sent < (int64_t)sizeof(data));
    CHECK(wb__drain(fx, pair.peer, (uint64_t)sent));
    CHECK(await_writable(fx, pair.own));
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r93_small_writes_after_the_edge_bring_none(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__fill(fx, pair.own, &unread));
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK(await_writable(fx, pair.own));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK(wb__send(fx, pair.own, 10));
    CHECK(wb__recv(fx, pair.peer, 10));
    OBSERVE(watch, OUT, NONE, NONE);
}

/* What the next write says is not decided: more may fit, or nothing. */
static void r92_short_write_leaves_open_whether_more_fits(struct wb_contract_fixture *fx) {
    static const char data[1 << 20];
    struct wb__pair pair;
    CHECK(wb__narrow_pair(fx, &pair));
    int64_t sent = SYS(send, pair.own, data, sizeof(data), WB_MSG_NOSIGNAL);
    CHECK(sent > 0 && sent < (int64_t)sizeof(data));
    int64_t more = SYS(send, pair.own, data, sizeof(data), WB_MSG_NOSIGNAL);
    CHECK(more == -EAGAIN || more > 0);
    CHECK(wb__drain(fx, pair.peer, (uint64_t)(more > 0 ? sent + more : sent)));
}

static void r94_small_writes_that_are_read_are_no_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, ALL, ALL));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT, NONE, OUT);
    CHECK(wb__send(fx, pair.own, 1));
    OBSERVE(watch, OUT, NONE, NONE);
    CHECK(wb__recv(fx, pair.peer, 1));
    OBSERVE(watch, OUT, NONE, NONE);
}

/* Whether a wait in level mode says what poll(2) says. An acknowledgement may come between the two:
 * then they are asked again. */
static bool level_follows_poll(struct wb_contract_fixture *fx, int epfd, int fd) {
    for (int attempt = 0; attempt < 3; attempt++) {
        struct wb_epoll_event event = {0};
        int count = SYS(epoll_pwait2, epfd, &event, 1, 0);
        if (wb__poll_one(fx, fd, OUT, 0) == (count == 1 ? (int)event.events : 0)) {
            return true;
        }
    }
    return false;
}

static bool drain_while_level_follows_poll(
    struct wb_contract_fixture *fx, int epfd, const struct wb__pair *pair, uint64_t unread) {
    wb__begin(fx);
    while (unread > 0) {
        uint64_t step = unread < PIECE ? unread : PIECE;
        if (!wb__drain(fx, pair->peer, step)
            || !wb__check(fx, __FILE__, __LINE__, level_follows_poll(fx, epfd, pair->own),
                "a wait in level mode and poll agree")) {
            return false;
        }
        unread -= step;
    }
    TELL(0, "recv({}) piece by piece; wait and poll agree", pair->peer);
    return true;
}

static void r97_level_shows_out_exactly_while_it_holds(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(send_to_threshold(fx, pair.own, &unread));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.own, 1)); /* it is not full yet */
    CHECK(drain_while_level_follows_poll(fx, watch.epfd[WB__LEVEL], &pair, unread + 1));
    CHECK(await_writable(fx, pair.own));
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r99_sender_is_writable_when_all_was_read(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t unread;
    CHECK(full_pair(fx, &pair, &unread));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__drain(fx, pair.peer, unread));
    CHECK(await_writable(fx, pair.own));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(wb__send_result(fx, pair.own), 1);
}

static void r101_small_writes_without_delay_arrive_at_once(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.peer, READ, READ));
    CHECK(wb__send(fx, pair.own, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__send(fx, pair.own, 1));
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__recv(fx, pair.peer, 2));
}

static const struct wb_contract_case cases[] = {
    CASE(r88_out_goes_off_when_full_and_comes_back_when_drained, NETWORK | WB_CONTRACT_TIMING),
    CASE(r91_write_after_out_does_not_block, NETWORK | WB_CONTRACT_TIMING),
    CASE(r93_refused_write_brings_exactly_one_edge, NETWORK | WB_CONTRACT_TIMING),
    CASE(r93_socket_that_was_never_full_has_no_edge, NETWORK),
    CASE(r93_second_episode_brings_a_second_edge, NETWORK | WB_CONTRACT_TIMING),
    CASE(r98_data_to_a_full_socket_shows_in_and_later_both, NETWORK | WB_CONTRACT_TIMING),
    CASE(r100_setting_the_send_buffer_wakes_if_writable, NETWORK),
    CASE(r102_out_is_permanent_after_own_shutdown, NETWORK),
    CASE(r102_full_socket_is_writable_after_own_shutdown, NETWORK | WB_CONTRACT_TIMING),
    CASE(r91_write_is_taken_while_poll_says_not_writable, NETWORK | WB_CONTRACT_TIMING),
    CASE(r93_poll_that_saw_it_not_writable_brings_an_edge, NETWORK | WB_CONTRACT_TIMING),
    CASE(r93_threshold_that_nobody_saw_brings_no_edge, NETWORK | WB_CONTRACT_TIMING),
    CASE(r93_short_write_brings_an_edge, NETWORK | WB_CONTRACT_TIMING),
    CASE(r93_small_writes_after_the_edge_bring_none, NETWORK | WB_CONTRACT_TIMING),
    CASE(r92_short_write_leaves_open_whether_more_fits, NETWORK | WB_CONTRACT_TIMING),
    CASE(r94_small_writes_that_are_read_are_no_event, NETWORK),
    CASE(r97_level_shows_out_exactly_while_it_holds, NETWORK | WB_CONTRACT_TIMING),
    CASE(r99_sender_is_writable_when_all_was_read, NETWORK | WB_CONTRACT_TIMING),
    CASE(r101_small_writes_without_delay_arrive_at_once, NETWORK),
};
WB__CONTRACT_GROUP(writing);
