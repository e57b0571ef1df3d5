/* Unix listeners and connect (R69, R130, and R43-R57 as far as they are not TCP's): a connection
 * stands when connect returns, or there is none. */
#include "sys/contract/unix_support.h"

#define DEAD (IN | OUT | RDHUP | HUP | ERR)

static bool watched_listener(
    struct wb_contract_fixture *fx, int *out_listener, struct wb__watch *out_watch) {
    return wb__unix_listener(fx, STREAM, 8, 'a', out_listener)
           && wb__watch(fx, out_watch, *out_listener, ALL, ALL);
}

static void r39_unix_listener_shows_nothing(struct wb_contract_fixture *fx) {
    int listener = -1;
    CHECK(wb__unix_listener(fx, STREAM, 1, 'a', &listener));
    STATE(listener, NONE);
    CHECK_EQUAL(wb__get_int(fx, listener, WB_SOL_SOCKET, WB_SO_ACCEPTCONN), 1);
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EAGAIN);
    CHECK(wb__unix_listener(fx, SEQPACKET, 1, 'b', &listener));
    STATE(listener, NONE);
}

static void r43_unix_connections_are_events_each(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    CHECK(wb__accept(fx, listener, &accepted)); /* R45: the one left over is no event */
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__accept(fx, listener, &accepted));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r69_unix_connect_is_done_at_once_and_no_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = wb__unix_socket(fx, STREAM);
    CHECK(wb__unix_listener(fx, STREAM, 8, 'a', &listener));
    CHECK(wb__watch(fx, &watch, client, ALL, ALL));
    OBSERVE(watch, OUT | HUP, OUT | HUP, OUT | HUP);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT | HUP, NONE, OUT | HUP);
    CHECK_EQUAL(wb__unix_connect(fx, client, 'a'), 0);
    OBSERVE(watch, OUT, NONE, NONE);
    CHECK_EQUAL(wb__socket_error(fx, client), 0);
    CHECK_EQUAL(wb__peer_result(fx, client), 0);
}

/* Backlog b lets b+1 wait. Room in the queue is no event. */
static void r69_unix_connect_to_a_full_queue_gives_eagain(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int accepted = -1;
    int client = -1;
    int late = wb__unix_socket(fx, STREAM);
    CHECK(wb__unix_listener(fx, STREAM, 1, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__watch(fx, &watch, late, ALL, READ));
    CHECK_EQUAL(wb__unix_connect(fx, late, 'a'), -EAGAIN);
    OBSERVE(watch, OUT | HUP, OUT | HUP, HUP);
    CHECK(wb__accept(fx, listener, &accepted));
    OBSERVE(watch, OUT | HUP, NONE, NONE);
    CHECK_EQUAL(wb__unix_connect(fx, late, 'a'), 0);
}

static void unix_backlog_of_zero_lets_one_wait_and_may_grow(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    CHECK(wb__unix_listener(fx, SEQPACKET, 0, 'a', &listener));
    CHECK(wb__unix_client(fx, SEQPACKET, 'a', &client));
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, SEQPACKET), 'a'), -EAGAIN);
    CHECK_EQUAL(SYS(listen, listener, 1), 0);
    CHECK(wb__unix_client(fx, SEQPACKET, 'a', &client));
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, SEQPACKET), 'a'), -EAGAIN);
    CHECK_EQUAL(SYS(listen, listener, -1), 0); /* as many as the system allows */
    for (int i = 0; i < 20; i++) {
        CHECK(wb__unix_client(fx, SEQPACKET, 'a', &client));
    }
}

static void unix_connections_are_accepted_in_order(struct wb_contract_fixture *fx) {
    int listener = -1;
    int clients[3];
    CHECK(wb__unix_listener(fx, STREAM, 8, 'a', &listener));
    for (int i = 0; i < 3; i++) {
        CHECK(wb__unix_client(fx, STREAM, 'a', &clients[i]));
        CHECK_EQUAL(SYS(send, clients[i], &"abc"[i], 1, 0), 1);
    }
    const char *expected[3] = {"a", "b", "c"};
    for (int i = 0; i < 3; i++) {
        int accepted = -1;
        CHECK(wb__accept(fx, listener, &accepted));
        TEXT(accepted, 8, 0, expected[i]);
    }
}

static void r57_unix_accept_flags(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    CHECK(wb__unix_listener(fx, STREAM, 8, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 1), -EINVAL);
    int blocking = wb__track(fx, SYS(accept4, listener, NULL, NULL, 0));
    CHECK(blocking >= 0);
    CHECK_EQUAL(SYS(fcntl, blocking, WB_F_GETFL, 0) & WB_O_NONBLOCK, 0);
    int accepted = wb__track(fx, SYS(accept4, listener, NULL, NULL, WB_SOCK_NONBLOCK));
    CHECK(accepted >= 0);
    CHECK(SYS(fcntl, accepted, WB_F_GETFL, 0) & WB_O_NONBLOCK);
}

static void r130_unix_client_that_wrote_and_closed_before_accept(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__unix_listener(fx, STREAM, 8, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__send(fx, client, 5));
    CHECK_EQUAL(wb__close(fx, client), 0);
    STATE(listener, IN);
    CHECK(wb__accept(fx, listener, &accepted));
    STATE(accepted, IN | OUT | RDHUP | HUP);
    CHECK(wb__recv(fx, accepted, 5));
    CHECK_EQUAL(wb__recv_result(fx, accepted), 0);
    CHECK_EQUAL(wb__send_result(fx, accepted), -EPIPE);
}

static void r130_closing_a_unix_listener_resets_what_waits(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    CHECK(wb__unix_listener(fx, STREAM, 8, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__watch(fx, &watch, client, ALL, READ));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(wb__close(fx, listener), 0);
    OBSERVE(watch, DEAD, DEAD, DEAD & ~OUT);
    CHECK_EQUAL(wb__recv_result(fx, client), -ECONNRESET);
    CHECK_EQUAL(wb__recv_result(fx, client), 0);
    CHECK_EQUAL(wb__send_result(fx, client), -EPIPE);
}

/* TCP's listener shows OUT|HUP and resets; here what waits can still be accepted. */
static void unix_listener_shut_down_for_reading(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__unix_listener(fx, STREAM, 8, 'a', &listener));
    CHECK(wb__watch(fx, &watch, listener, ALL, READ));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK_EQUAL(SYS(shutdown, listener, WB_SHUT_RD), 0);
    OBSERVE(watch, IN | RDHUP, IN | RDHUP, IN | RDHUP);
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, STREAM), 'a'), -ECONNREFUSED);
    CHECK(wb__accept(fx, listener, &accepted));
    STATE(accepted, OUT);
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EAGAIN);
    CHECK(wb__set_blocking(fx, listener));
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EINVAL);
    CHECK_EQUAL(SYS(listen, listener, 8), 0); /* changes nothing */
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, STREAM), 'a'), -ECONNREFUSED);
}

static void unix_listener_shut_down_for_writing_goes_on(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__unix_listener(fx, STREAM, 8, 'a', &listener));
    CHECK_EQUAL(SYS(shutdown, listener, WB_SHUT_WR), 0);
    STATE(listener, NONE);
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__accept(fx, listener, &accepted));
    STATE(accepted, OUT);
    CHECK_EQUAL(SYS(shutdown, listener, WB_SHUT_RD), 0);
    STATE(listener, IN | RDHUP | HUP);
}

static void r55_unix_listen_takes_the_hangup_away_silently(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &fd));
    CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
    OBSERVE(watch, OUT | HUP, OUT | HUP, OUT | HUP);
    CHECK_EQUAL(SYS(listen, fd, 8), 0);
    OBSERVE(watch, NONE, NONE, NONE);
}

/* What was shut before connecting stays shut. */
static void unix_socket_shut_down_before_connecting(struct wb_contract_fixture *fx) {
    int listener = -1;
    int accepted = -1;
    int client = wb__unix_socket(fx, STREAM);
    CHECK(wb__unix_listener(fx, STREAM, 8, 'a', &listener));
    CHECK_EQUAL(SYS(shutdown, client, WB_SHUT_WR), 0);
    CHECK_EQUAL(wb__unix_connect(fx, client, 'a'), 0);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(wb__send_result(fx, client), -EPIPE);
    STATE(accepted, OUT); /* which is not told */
    CHECK(wb__send(fx, accepted, 3));
    CHECK(wb__recv(fx, client, 3));
}

static const struct wb_contract_case cases[] = {
    CASE(r39_unix_listener_shows_nothing, 0),
    CASE(r43_unix_connections_are_events_each, 0),
    CASE(r69_unix_connect_is_done_at_once_and_no_event, 0),
    CASE(r69_unix_connect_to_a_full_queue_gives_eagain, 0),
    CASE(unix_backlog_of_zero_lets_one_wait_and_may_grow, 0),
    CASE(unix_connections_are_accepted_in_order, 0),
    CASE(r57_unix_accept_flags, 0),
    CASE(r130_unix_client_that_wrote_and_closed_before_accept, 0),
    CASE(r130_closing_a_unix_listener_resets_what_waits, 0),
    CASE(unix_listener_shut_down_for_reading, 0),
    CASE(unix_listener_shut_down_for_writing_goes_on, 0),
    CASE(r55_unix_listen_takes_the_hangup_away_silently, 0),
    CASE(unix_socket_shut_down_before_connecting, 0),
};
WB__CONTRACT_GROUP(unix_listener);
