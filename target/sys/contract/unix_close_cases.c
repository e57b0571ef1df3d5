/* Half-close, close and reset of Unix streams where they are not like TCP (half_close_cases.c):
 * what TCP needs segments for happens here within the call (R106, R110, R111). */
#include "sys/contract/unix_support.h"

#define END (IN | OUT | RDHUP)
#define BOTH_SHUT (IN | OUT | RDHUP | HUP)
#define DEAD (IN | OUT | RDHUP | HUP | ERR)

static bool watched_pair(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, struct wb__watch *out_watch) {
    return wb__unix_pair(fx, STREAM, out_pair)
           && wb__watch(fx, out_watch, out_pair->own, ALL, READ);
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

static void r111_linger_makes_no_unix_reset(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    STATE(pair.own, BOTH_SHUT);
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
    CASE(r106_own_unix_shutdown_of_reading_closes_the_peers_writing, 0),
    CASE(unix_shutdown_wakes_itself_before_the_peer, 0),
    CASE(r110_unix_peer_closed_with_nothing_unread, 0),
    CASE(r111_unix_peer_closed_with_unread_data, 0),
    CASE(r111_linger_makes_no_unix_reset, 0),
    CASE(unix_close_wakes_the_peer_for_what_it_discards, 0),
    CASE(unix_last_descriptor_closes, 0),
};
WB__CONTRACT_GROUP(unix_close);
