/* Half-close, close and reset of Unix streams (R79, R102-R112d): what TCP needs segments for
 * happens here within the call. */
#include "sys/contract/unix_support.h"

#define END (IN | OUT | RDHUP)
#define BOTH_SHUT (IN | OUT | RDHUP | HUP)
#define DEAD (IN | OUT | RDHUP | HUP | ERR)

static bool watched_pair(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, struct wb__watch *out_watch) {
    return wb__unix_pair(fx, STREAM, out_pair)
           && wb__watch(fx, out_watch, out_pair->own, ALL, READ);
}

static void r78_unix_end_behind_data_is_told_once(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK(wb__send(fx, pair.peer, 5));
    CHECK_EQUAL(SYS(shutdown, pair.peer, WB_SHUT_WR), 0);
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK(wb__recv(fx, pair.own, 5));
    OBSERVE(watch, END, NONE, NONE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r103_unix_peer_shut_down_writing(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.peer, WB_SHUT_WR), 0);
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK(wb__send(fx, pair.own, 3));
    CHECK(wb__recv(fx, pair.peer, 3));
}

static void r104_own_unix_shutdown_of_writing(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(watch, OUT, OUT, NONE); /* R102: for good, though nothing can be written */
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK(wb__recv(fx, pair.own, 3));
}

static void r105_unix_directions_shut_one_by_one(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.peer, WB_SHUT_WR), 0);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
    CHECK_EQUAL(wb__peer_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
}

/* TCP's peer would not notice. */
static void r106_own_unix_shutdown_of_reading_closes_the_peers_writing(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch own;
    struct wb__watch peer;
    CHECK(watched_pair(fx, &pair, &own));
    CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ | OUT));
    OBSERVE(own, OUT, OUT, NONE);
    OBSERVE(peer, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &peer));
    OBSERVE(peer, OUT, NONE, OUT);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RD), 0);
    OBSERVE(own, END, END, IN | RDHUP);
    OBSERVE(peer, OUT, OUT, NONE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.peer), -EPIPE);
    CHECK(wb__send(fx, pair.own, 3));
}

static void r106_unix_data_before_own_shutdown_of_reading_is_read(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__send(fx, pair.peer, 5));
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RD), 0);
    CHECK(wb__recv(fx, pair.own, 3));
    CHECK(wb__recv(fx, pair.own, 2));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r107_own_unix_shutdown_of_both_directions(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch own;
    struct wb__watch peer;
    CHECK(watched_pair(fx, &pair, &own));
    CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ));
    OBSERVE(own, OUT, OUT, NONE);
    OBSERVE(peer, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RDWR), 0);
    OBSERVE(own, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
    OBSERVE(peer, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
}

static void r108_repeated_unix_shutdown_wakes_both_ends_again(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch own;
    struct wb__watch peer;
    CHECK(watched_pair(fx, &pair, &own));
    CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ));
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(own, OUT, OUT, NONE);
    OBSERVE(peer, END, END, IN | RDHUP);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(own, OUT, OUT, NONE);
    OBSERVE(peer, END, END, NONE);
}

static void unix_shutdown_wakes_itself_before_the_peer(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = wb__epoll(fx);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__add(fx, epfd, pair.peer, IN | WB_EPOLLET, 'p'));
    CHECK(wb__add(fx, epfd, pair.own, OUT | WB_EPOLLET, 'o'));
    ORDER(epfd, 4, "o");
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    ORDER(epfd, 4, "op");
}

/* TCP's first write would succeed. */
static void r110_unix_peer_closed_with_nothing_unread(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK(wb__send(fx, pair.peer, 2));
    OBSERVE(watch, IN | OUT, IN | OUT, IN);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, NONE);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK(wb__recv(fx, pair.own, 2));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
}

static void r111_unix_peer_closed_with_unread_data(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK(wb__send(fx, pair.peer, 7));
    CHECK(wb__send(fx, pair.own, 1));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, DEAD, DEAD, DEAD & ~OUT);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE); /* and leaves the error */
    CHECK(wb__recv(fx, pair.own, 7));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -ECONNRESET);
    OBSERVE(watch, BOTH_SHUT, NONE, NONE); /* R112b */
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
}

static void r111_unix_error_is_told_once_by_so_error(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__send(fx, pair.own, 1));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), ECONNRESET);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r111_linger_makes_no_unix_reset(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    STATE(pair.own, BOTH_SHUT);
}

/* TCP would be silent. */
static void r112c_unix_close_after_both_ends_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK_EQUAL(SYS(shutdown, pair.peer, WB_SHUT_WR), 0);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, NONE);
}

/* R95: each message that the close throws away gives its room back, which only OUT hears. */
static void unix_close_wakes_the_peer_for_what_it_discards(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    CHECK(wb__send(fx, pair.own, 1));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT, NONE, OUT);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, OUT | HUP | ERR, OUT | HUP | ERR, NONE);
}

static void unix_last_descriptor_closes(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    int copy = wb__dup(fx, pair.peer);
    CHECK(copy >= 0);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK(wb__send(fx, copy, 1));
    CHECK_EQUAL(wb__close(fx, copy), 0);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
}

static const struct wb_contract_case cases[] = {
    CASE(r78_unix_end_behind_data_is_told_once, 0),
    CASE(r103_unix_peer_shut_down_writing, 0),
    CASE(r104_own_unix_shutdown_of_writing, 0),
    CASE(r105_unix_directions_shut_one_by_one, 0),
    CASE(r106_own_unix_shutdown_of_reading_closes_the_peers_writing, 0),
    CASE(r106_unix_data_before_own_shutdown_of_reading_is_read, 0),
    CASE(r107_own_unix_shutdown_of_both_directions, 0),
    CASE(r108_repeated_unix_shutdown_wakes_both_ends_again, 0),
    CASE(unix_shutdown_wakes_itself_before_the_peer, 0),
    CASE(r110_unix_peer_closed_with_nothing_unread, 0),
    CASE(r111_unix_peer_closed_with_unread_data, 0),
    CASE(r111_unix_error_is_told_once_by_so_error, 0),
    CASE(r111_linger_makes_no_unix_reset, 0),
    CASE(r112c_unix_close_after_both_ends_is_an_event, 0),
    CASE(unix_close_wakes_the_peer_for_what_it_discards, 0),
    CASE(unix_last_descriptor_closes, 0),
};
WB__CONTRACT_GROUP(unix_close);
