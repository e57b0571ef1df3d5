/* Connections that end by a reset, and what of the error and of the data is left (R111, R112,
 * R112b). A Unix stream is reset by a peer that closes with data unread, and by nothing else. */
#include "sys/contract/stream_support.h"

#define END (IN | OUT | RDHUP)
#define HUNG_UP (IN | OUT | RDHUP | HUP)
#define DEAD (IN | OUT | RDHUP | HUP | ERR)

static bool watched_pair(struct wb_contract_fixture *fx, int kind, struct wb__pair *out_pair,
    struct wb__watch *out_watch) {
    return wb__stream_pair(fx, kind, out_pair)
           && wb__watch(fx, out_watch, out_pair->own, ALL, READ);
}

static void r111_close_without_lingering_resets(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    OBSERVE(watch, DEAD, DEAD, DEAD & ~OUT);
}

static void r111_close_with_unread_data_resets(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__send(fx, pair.own, 3));
        OBSERVE(watch, OUT, OUT, NONE);
        CHECK_EQUAL(wb__close(fx, pair.peer), 0);
        OBSERVE(watch, DEAD, DEAD, DEAD & ~OUT);
    }
}

static void r111_data_partly_read_still_resets(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK(wb__send(fx, pair.own, 3));
        CHECK(wb__recv(fx, pair.peer, 2));
        CHECK_EQUAL(wb__close(fx, pair.peer), 0);
        CHECK_EQUAL(wb__recv_result(fx, pair.own), -ECONNRESET);
    }
}

static void r111_reset_is_read_once(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -ECONNRESET);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
}

static void r111_reset_is_reported_to_a_write_once(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -ECONNRESET);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r111_reset_is_reported_to_so_error_once(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK(wb__send(fx, pair.own, 1));
        CHECK_EQUAL(wb__close(fx, pair.peer), 0);
        CHECK_EQUAL(wb__socket_error(fx, pair.own), ECONNRESET);
        CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
        CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
        CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    }
}

static void r111_data_before_the_reset_stays_readable(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[16];
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 7));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 7);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), -ECONNRESET);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 0);
}

static void r112_end_before_the_reset_wins_over_the_error(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    CHECK(wb__send(fx, pair.peer, 7));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, END, NONE, IN | RDHUP);
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    OBSERVE(watch, DEAD, DEAD, NONE);
    CHECK(wb__recv(fx, pair.own, 7));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), EPIPE);
}

static void r112_reset_after_only_the_own_end_is_a_reset(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    OBSERVE(watch, DEAD, DEAD, DEAD & ~OUT);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -ECONNRESET);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r112b_error_goes_with_its_consumption_and_hangup_stays(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__send(fx, pair.own, 1));
        CHECK_EQUAL(wb__close(fx, pair.peer), 0);
        OBSERVE(watch, DEAD, DEAD, DEAD & ~OUT);
        CHECK_EQUAL(wb__socket_error(fx, pair.own), ECONNRESET);
        OBSERVE(watch, HUNG_UP, NONE, NONE);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, HUNG_UP, NONE, HUNG_UP & ~OUT);
    }
}

static void r112_close_with_unread_data_after_the_end_is_a_broken_pipe(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK(wb__send(fx, pair.own, 3));
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, DEAD, DEAD, NONE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
}

static void r112_close_with_unread_data_after_only_the_own_end_is_a_reset(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.own, 3));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    STATE(pair.own, DEAD);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -ECONNRESET);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r111_reset_is_consumed_by_a_peek(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[4];
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_PEEK), -ECONNRESET);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_PEEK), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r111_error_shows_beside_the_data_until_consumed(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, WB__TCP, &pair, &watch));
    CHECK(wb__send(fx, pair.peer, 7));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    OBSERVE(watch, DEAD, DEAD, DEAD & ~OUT);
    CHECK(wb__recv(fx, pair.own, 7));
    OBSERVE(watch, DEAD, NONE, NONE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -ECONNRESET);
    OBSERVE(watch, HUNG_UP, NONE, NONE);
}

static void reset_takes_the_name_of_the_peer_away(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(wb__peer_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(wb__peer_result(fx, pair.own), -ENOTCONN);
}

static const struct wb_contract_case cases[] = {
    CASE(r111_close_without_lingering_resets, NETWORK),
    CASE(r111_close_with_unread_data_resets, NETWORK),
    CASE(r111_data_partly_read_still_resets, NETWORK),
    CASE(r111_reset_is_read_once, NETWORK),
    CASE(r111_reset_is_reported_to_a_write_once, NETWORK),
    CASE(r111_reset_is_reported_to_so_error_once, NETWORK),
    CASE(r111_data_before_the_reset_stays_readable, NETWORK),
    CASE(r112_end_before_the_reset_wins_over_the_error, NETWORK),
    CASE(r112_reset_after_only_the_own_end_is_a_reset, NETWORK),
    CASE(r112b_error_goes_with_its_consumption_and_hangup_stays, NETWORK),
    CASE(r112_close_with_unread_data_after_the_end_is_a_broken_pipe, NETWORK),
    CASE(r112_close_with_unread_data_after_only_the_own_end_is_a_reset, NETWORK),
    CASE(r111_reset_is_consumed_by_a_peek, NETWORK),
    CASE(r111_error_shows_beside_the_data_until_consumed, NETWORK),
    CASE(reset_takes_the_name_of_the_peer_away, NETWORK),
};
WB__CONTRACT_GROUP(reset);
