/* The low-water mark of a TCP socket: how many bytes make it readable (R81, R82). */
#include "sys/contract/support.h"

static int set_mark(struct wb_contract_fixture *fx, int fd, int value) {
    return SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_RCVLOWAT, &value, sizeof(value));
}

static bool marked_pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair,
    struct wb__watch *out_watch, int mark) {
    return wb__pair(fx, out_pair)
           && wb__check_equal(
               fx, __FILE__, __LINE__, set_mark(fx, out_pair->own, mark), 0, "SO_RCVLOWAT")
           && wb__watch(fx, out_watch, out_pair->own, READ, READ);
}

static void r81_in_only_from_the_mark_on(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(marked_pair(fx, &pair, &watch, 10));
    CHECK(wb__send(fx, pair.peer, 9));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, NONE);
}

static void r81_read_below_the_mark_gives_what_is_there(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    char data[16];
    CHECK(marked_pair(fx, &pair, &watch, 10));
    CHECK(wb__send(fx, pair.peer, 4));
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 4);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), -EAGAIN);
}

static void r81_next_edge_when_the_mark_is_reached_again(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(marked_pair(fx, &pair, &watch, 10));
    CHECK(wb__send(fx, pair.peer, 12));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__recv(fx, pair.own, 8));
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 5));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
}

static void r81_end_overrides_the_mark(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(marked_pair(fx, &pair, &watch, 10));
    CHECK(wb__send(fx, pair.peer, 3));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    OBSERVE(watch, IN | RDHUP, IN | RDHUP, IN | RDHUP);
}

static void r82_lowering_the_mark_to_what_is_there_is_an_edge(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(marked_pair(fx, &pair, &watch, 10));
    CHECK(wb__send(fx, pair.peer, 5));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(set_mark(fx, pair.own, 6), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(set_mark(fx, pair.own, 5), 0);
    OBSERVE(watch, IN, IN, IN);
}

static void r82_raising_the_mark_above_what_is_there_takes_in_away(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(marked_pair(fx, &pair, &watch, 1));
    CHECK(wb__send(fx, pair.peer, 5));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(set_mark(fx, pair.own, 6), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r82_any_mark_set_after_the_end_is_an_edge(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(marked_pair(fx, &pair, &watch, 1));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    OBSERVE(watch, IN | RDHUP, IN | RDHUP, IN | RDHUP);
    CHECK_EQUAL(set_mark(fx, pair.own, 7), 0);
    OBSERVE(watch, IN | RDHUP, IN | RDHUP, NONE);
}

static const struct wb_contract_case cases[] = {
    CASE(r81_in_only_from_the_mark_on, NETWORK),
    CASE(r81_read_below_the_mark_gives_what_is_there, NETWORK),
    CASE(r81_next_edge_when_the_mark_is_reached_again, NETWORK),
    CASE(r81_end_overrides_the_mark, NETWORK),
    CASE(r82_lowering_the_mark_to_what_is_there_is_an_edge, NETWORK),
    CASE(r82_raising_the_mark_above_what_is_there_takes_in_away, NETWORK),
    CASE(r82_any_mark_set_after_the_end_is_an_edge, NETWORK),
};
WB__CONTRACT_GROUP(low_water);
