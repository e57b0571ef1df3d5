/* Unix seqpacket sockets (R129): connections that keep the borders of messages: streams where one
 * end goes, datagrams where messages are read. */
#include "sys/contract/unix_support.h"

#define BOTH_SHUT (IN | OUT | RDHUP | HUP)
#define DEAD (IN | OUT | RDHUP | HUP | ERR)

static void r129_seqpacket_connects_as_a_stream(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__unix_listener(fx, SEQPACKET, 4, 'a', &listener));
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, STREAM), 'a'), -EPROTOTYPE);
    CHECK(wb__unix_client(fx, SEQPACKET, 'a', &client));
    CHECK_EQUAL(wb__send_text(fx, client, "early", 0), 5);
    STATE(listener, IN);
    CHECK(wb__accept(fx, listener, &accepted));
    STATE(accepted, IN | OUT);
    CHECK_EQUAL(wb__send_text(fx, client, "x", 0), 1);
    TEXT(accepted, 64, 0, "early");
    TEXT(accepted, 64, 0, "x");
    CHECK_EQUAL(wb__get_int(fx, accepted, WB_SOL_SOCKET, WB_SO_TYPE), SEQPACKET);
}

static void r129_seqpacket_each_message_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 3));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__send(fx, pair.peer, 4));
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__recv(fx, pair.own, 3));
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    CHECK(wb__recv(fx, pair.own, 4));
    OBSERVE(watch, NONE, NONE, NONE);
}

/* An empty message and the end look alike. */
static void r129_seqpacket_empty_message_reads_as_the_end(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK_EQUAL(SYS(send, pair.peer, "", 0, WB_MSG_NOSIGNAL), 0);
    STATE(pair.own, IN | OUT);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    CHECK_EQUAL(SYS(shutdown, pair.peer, WB_SHUT_WR), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(SYS(recv, pair.own, (char[1]){0}, 0, 0), 0);
}

static void r129_seqpacket_half_close(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch own;
    struct wb__watch peer;
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK(wb__watch(fx, &own, pair.own, ALL, READ));
    CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ));
    CHECK(wb__send(fx, pair.own, 3));
    OBSERVE(peer, IN | OUT, IN | OUT, IN);
    CHECK(wb__rearm(fx, &peer));
    OBSERVE(peer, IN | OUT, NONE, IN);
    CHECK(wb__rearm(fx, &peer));
    OBSERVE(own, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(own, OUT, OUT, NONE);
    OBSERVE(peer, IN | OUT | RDHUP, IN | OUT | RDHUP, IN | RDHUP);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK(wb__recv(fx, pair.peer, 3));
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), 0);
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK(wb__recv(fx, pair.own, 2));
}

static void r129_seqpacket_own_shutdown_of_reading(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RD), 0);
    STATE(pair.own, IN | OUT | RDHUP);
    STATE(pair.peer, OUT);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0); /* a datagram socket says EAGAIN */
    CHECK_EQUAL(wb__send_result(fx, pair.peer), -EPIPE);
}

static void r129_seqpacket_peer_closed(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, ALL, READ));
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, BOTH_SHUT, BOTH_SHUT, BOTH_SHUT & ~OUT);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK(wb__recv(fx, pair.own, 2));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__peer_result(fx, pair.own), 0);
}

/* Unlike a stream's, its error goes before the data. */
static void r129_seqpacket_error_is_read_before_the_data(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK(wb__send(fx, pair.own, 3));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    STATE(pair.own, DEAD);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -ECONNRESET);
    STATE(pair.own, BOTH_SHUT);
    CHECK(wb__recv(fx, pair.own, 2));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
}

/* A stream's write leaves it. */
static void r129_seqpacket_error_is_told_by_a_write(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK(wb__send(fx, pair.own, 3));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -ECONNRESET);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

/* Linux takes it for what urgent data leaves behind. */
static void r129_seqpacket_empty_message_unread_makes_no_error(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK_EQUAL(SYS(send, pair.own, "", 0, WB_MSG_NOSIGNAL), 0);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    STATE(pair.own, BOTH_SHUT);
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK_EQUAL(SYS(send, pair.own, "", 0, WB_MSG_NOSIGNAL), 0);
    CHECK_EQUAL(SYS(send, pair.own, "", 0, WB_MSG_NOSIGNAL), 0);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    STATE(pair.own, DEAD);
}

static void r129_seqpacket_takes_no_addresses_and_no_urgent_data(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char byte = 'x';
    CHECK(wb__unix_pair(fx, SEQPACKET, &pair));
    CHECK_EQUAL(wb__unix_send_to(fx, pair.own, 'z'), 1); /* passed over */
    CHECK(wb__recv(fx, pair.peer, 1));
    CHECK_EQUAL(SYS(send, pair.own, &byte, 1, WB_MSG_OOB | WB_MSG_NOSIGNAL), -EOPNOTSUPP);
    CHECK_EQUAL(SYS(recv, pair.own, &byte, 1, WB_MSG_OOB), -EOPNOTSUPP);
    CHECK_EQUAL(wb__unix_connect(fx, pair.own, 'z'), -ENOENT);
}

static void r129_closing_a_seqpacket_listener_resets_what_waits(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    CHECK(wb__unix_listener(fx, SEQPACKET, 4, 'a', &listener));
    CHECK(wb__unix_client(fx, SEQPACKET, 'a', &client));
    CHECK_EQUAL(wb__close(fx, listener), 0);
    STATE(client, DEAD);
    CHECK_EQUAL(wb__socket_error(fx, client), ECONNRESET);
}

static const struct wb_contract_case cases[] = {
    CASE(r129_seqpacket_connects_as_a_stream, 0),
    CASE(r129_seqpacket_each_message_is_an_event, 0),
    CASE(r129_seqpacket_empty_message_reads_as_the_end, 0),
    CASE(r129_seqpacket_half_close, 0),
    CASE(r129_seqpacket_own_shutdown_of_reading, 0),
    CASE(r129_seqpacket_peer_closed, 0),
    CASE(r129_seqpacket_error_is_read_before_the_data, 0),
    CASE(r129_seqpacket_error_is_told_by_a_write, 0),
    CASE(r129_seqpacket_empty_message_unread_makes_no_error, 0),
    CASE(r129_seqpacket_takes_no_addresses_and_no_urgent_data, 0),
    CASE(r129_closing_a_seqpacket_listener_resets_what_waits, 0),
};
WB__CONTRACT_GROUP(unix_seqpacket);
