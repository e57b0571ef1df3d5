/* Shutdown of one or both directions (R103-R108, R112c), of Unix streams as well where they do the
 * same but for a detail, and an orderly close by a peer over TCP (R109). */
#include "sys/contract/stream_support.h"

#define END (IN | OUT | RDHUP)
#define BOTH_SHUT (IN | OUT | RDHUP | HUP)
#define DEAD (IN | OUT | RDHUP | HUP | ERR)

/* Level and edge watch everything, the one-shot modes all but OUT. */
static bool watched_pair(struct wb_contract_fixture *fx, int kind, struct wb__pair *out_pair,
    struct wb__watch *out_watch) {
    return wb__stream_pair(fx, kind, out_pair)
           && wb__watch(fx, out_watch, out_pair->own, ALL, READ);
}

static void r103_peer_shut_down_writing(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        OBSERVE(watch, OUT, OUT, NONE);
        CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
        OBSERVE(watch, END, END, IN | RDHUP);
        CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
        CHECK(wb__send(fx, pair.own, 5));
        CHECK(wb__recv(fx, pair.peer, 5));
        OBSERVE(watch, END, kind == WB__TCP ? NONE : END, NONE); /* R95: the peer has read */
    }
}

static void r104_own_shutdown_of_writing(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        OBSERVE(watch, OUT, OUT, NONE);
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
        OBSERVE(watch, OUT, OUT, NONE);
        CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
        CHECK(wb__send(fx, pair.peer, 5));
        OBSERVE(watch, IN | OUT, IN | OUT, IN);
        CHECK(wb__recv(fx, pair.own, 5));
    }
}

static void r105_own_shutdown_then_the_peers(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
        OBSERVE(watch, OUT, OUT, NONE);
        CHECK_EQUAL(SYS(shutdown, pair.peer, WB_SHUT_WR), 0);
        OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
        CHECK_EQUAL(wb__peer_result(fx, pair.own), kind == WB__TCP ? -ENOTCONN : 0);
    }
}

static void r105_the_peers_shutdown_then_the_own(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
        OBSERVE(watch, END, END, IN | RDHUP);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, END, NONE, IN | RDHUP);
        CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
        OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, NONE);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, BOTH_SHUT, NONE, BOTH_SHUT & ~OUT);
        CHECK_EQUAL(wb__peer_result(fx, pair.own), kind == WB__TCP ? -ENOTCONN : 0);
        CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
        CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    }
}

static void r105_shutdown_of_a_closed_connection_fails_and_wakes(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), -ENOTCONN);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, NONE);
}

static void r106_own_shutdown_of_reading_is_not_seen_by_the_peer(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch own;
    struct wb__watch peer;
    CHECK(watched_pair(fx, WB__TCP, &pair, &own));
    CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ));
    OBSERVE(own, OUT, OUT, NONE);
    OBSERVE(peer, OUT, OUT, NONE);
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
    OBSERVE(own, END, END, IN | RDHUP);
    OBSERVE(peer, OUT, NONE, NONE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r106_data_after_own_shutdown_of_reading_arrives(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK(wb__send(fx, pair.peer, 5));
    OBSERVE(watch, END, END, NONE);
    CHECK(wb__recv(fx, pair.own, 5));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r107_own_shutdown_of_both_directions(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch own;
        struct wb__watch peer;
        CHECK(watched_pair(fx, kind, &pair, &own));
        CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ));
        OBSERVE(own, OUT, OUT, NONE);
        OBSERVE(peer, OUT, OUT, NONE);
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RDWR));
        OBSERVE(own, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
        const uint32_t shows = kind == WB__TCP ? END : BOTH_SHUT;
        OBSERVE(peer, shows, shows, shows & ~OUT);
    }
}

static void r107_data_for_what_was_shut_down_resets_both_ends(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch own;
    CHECK(watched_pair(fx, WB__TCP, &pair, &own));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RDWR));
    OBSERVE(own, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
    CHECK(wb__send(fx, pair.peer, 5));
    OBSERVE(own, DEAD, DEAD, NONE);
    STATE(pair.peer, DEAD);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), ECONNRESET);
    CHECK_EQUAL(wb__socket_error(fx, pair.peer), EPIPE);
}

static void r108_each_repeated_shutdown_is_an_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
        OBSERVE(watch, END, END, IN | RDHUP);
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
        OBSERVE(watch, END, END, NONE);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, END, NONE, IN | RDHUP);
        CHECK(wb__rearm(fx, &watch));
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
        OBSERVE(watch, END, END, IN | RDHUP);
    }
}

/* The peer hears it again only where no segment is needed to tell it. */
static void r108_repeated_shutdown_of_writing_is_an_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch own;
        struct wb__watch peer;
        CHECK(watched_pair(fx, kind, &pair, &own));
        CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ));
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
        OBSERVE(own, OUT, OUT, NONE);
        OBSERVE(peer, END, END, IN | RDHUP);
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
        OBSERVE(own, OUT, OUT, NONE);
        OBSERVE(peer, END, kind == WB__TCP ? NONE : END, NONE);
        CHECK_EQUAL(SYS(shutdown, pair.own, 3), -EINVAL);
    }
}

static void r109_peer_closed_with_nothing_unread(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r109_first_write_to_a_closed_peer_succeeds_and_draws_a_reset(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK(wb__rearm(fx, &watch));
    CHECK_EQUAL(wb__send_result(fx, pair.own), 1);
    OBSERVE(watch, DEAD, DEAD, DEAD & ~OUT);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r109_error_after_the_first_write_is_epipe(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), 1);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), EPIPE);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
}

static void r112c_close_of_the_peer_after_both_ends_is_no_event_but_of_unix(
    struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
        CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
        OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
        CHECK_EQUAL(wb__close(fx, pair.peer), 0);
        OBSERVE(watch, BOTH_SHUT, kind == WB__TCP ? NONE : BOTH_SHUT, NONE);
    }
}

static void r106_data_and_own_shutdown_of_reading_leave_the_data(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK(wb__send(fx, pair.peer, 5));
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
        CHECK(wb__recv(fx, pair.own, 3));
        CHECK(wb__recv(fx, pair.own, 2));
        CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
        CHECK_EQUAL(wb__send_result(fx, pair.own), 1);
    }
}

static void r107_shut_down_one_after_the_other_is_as_both_at_once(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_RD));
    CHECK_EQUAL(wb__send_result(fx, pair.peer), 1);
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    STATE(pair.own, BOTH_SHUT);
    CHECK_EQUAL(wb__send_result(fx, pair.peer), 1);
    STATE(pair.own, DEAD);
    STATE(pair.peer, DEAD);
    CHECK_EQUAL(wb__send_result(fx, pair.peer), -EPIPE);
}

static void r109_second_close_reads_the_end_on_a_half_closed_socket(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK(wb__send(fx, pair.peer, 4));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
    CHECK(wb__recv(fx, pair.own, 4));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
}

static const struct wb_contract_case cases[] = {
    CASE(r103_peer_shut_down_writing, NETWORK),
    CASE(r104_own_shutdown_of_writing, NETWORK),
    CASE(r105_own_shutdown_then_the_peers, NETWORK),
    CASE(r105_the_peers_shutdown_then_the_own, NETWORK),
    CASE(r105_shutdown_of_a_closed_connection_fails_and_wakes, NETWORK),
    CASE(r106_own_shutdown_of_reading_is_not_seen_by_the_peer, NETWORK),
    CASE(r106_data_after_own_shutdown_of_reading_arrives, NETWORK),
    CASE(r107_own_shutdown_of_both_directions, NETWORK),
    CASE(r107_data_for_what_was_shut_down_resets_both_ends, NETWORK),
    CASE(r108_each_repeated_shutdown_is_an_event, NETWORK),
    CASE(r108_repeated_shutdown_of_writing_is_an_event, NETWORK),
    CASE(r109_peer_closed_with_nothing_unread, NETWORK),
    CASE(r109_first_write_to_a_closed_peer_succeeds_and_draws_a_reset, NETWORK),
    CASE(r109_error_after_the_first_write_is_epipe, NETWORK),
    CASE(r112c_close_of_the_peer_after_both_ends_is_no_event_but_of_unix, NETWORK),
    CASE(r106_data_and_own_shutdown_of_reading_leave_the_data, NETWORK),
    CASE(r107_shut_down_one_after_the_other_is_as_both_at_once, NETWORK),
    CASE(r109_second_close_reads_the_end_on_a_half_closed_socket, NETWORK),
};
WB__CONTRACT_GROUP(half_close);
