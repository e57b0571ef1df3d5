/* Unix datagrams: borders, truncation, connecting, the peer that is gone (R38, R116, R117, R126,
 * R127). How many may be queued is in unix_queue_cases.c. */
#include "sys/contract/unix_support.h"

#include <string.h>

static void r38_fresh_unix_datagram_socket_is_writable(struct wb_contract_fixture *fx) {
    int fd = wb__unix_socket(fx, DGRAM);
    STATE(fd, OUT);
    CHECK_EQUAL(wb__recv_result(fx, fd), -EAGAIN);
    CHECK_EQUAL(wb__send_result(fx, fd), -ENOTCONN);
    CHECK_EQUAL(wb__peer_result(fx, fd), -ENOTCONN);
}

static void unix_datagrams_keep_their_borders(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abc", 0), 3);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "de", 0), 2);
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    TEXT(pair.own, 64, 0, "abc");
    OBSERVE(watch, IN, NONE, NONE);
    TEXT(pair.own, 64, 0, "de");
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
}

static void r116_empty_unix_datagram_is_one(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    char byte = 'x';
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK_EQUAL(SYS(send, pair.peer, &byte, 0, 0), 0);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(SYS(recv, pair.own, &byte, 1, 0), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    /* recv of no bytes takes a datagram, read of no bytes takes none. */
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "ab", 0), 2);
    CHECK_EQUAL(SYS(read, pair.own, &byte, 0), 0);
    CHECK_EQUAL(SYS(recv, pair.own, &byte, 0, 0), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
}

static void r117_cut_unix_datagram_loses_its_rest(struct wb_contract_fixture *fx) {
    const int types[] = {DGRAM, SEQPACKET};
    for (size_t i = 0; i < 2; i++) {
        struct wb__pair pair;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        for (int n = 0; n < 3; n++) {
            CHECK_EQUAL(wb__send_text(fx, pair.peer, "abcdef", WB_MSG_EOR), 6);
        }
        struct wb__received looked = wb__receive(fx, pair.own, 2, 0, WB_MSG_PEEK);
        CHECK_EQUAL(looked.result, 2);
        CHECK_EQUAL(looked.flags, WB_MSG_TRUNC);
        struct wb__received cut = wb__receive(fx, pair.own, 2, 0, 0);
        CHECK_EQUAL(cut.result, 2);
        CHECK_EQUAL(cut.flags, WB_MSG_TRUNC);
        CHECK_EQUAL(memcmp(cut.bytes, "ab", 3), 0);
        cut = wb__receive(fx, pair.own, 2, 0, WB_MSG_TRUNC); /* tells the full length */
        CHECK_EQUAL(cut.result, 6);
        CHECK_EQUAL(cut.flags, WB_MSG_TRUNC);
        struct wb__received whole = wb__receive(fx, pair.own, 6, 0, WB_MSG_TRUNC);
        CHECK_EQUAL(whole.result, 6);
        CHECK_EQUAL(whole.flags, 0);
        CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    }
}

static void unix_datagram_vectors_are_one_message(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char a[2] = {0};
    char b[8] = {0};
    struct wb_iovec out[3] = {{"ab", 2}, {"", 0}, {"cdef", 4}};
    struct wb_iovec in[2] = {{a, sizeof(a)}, {b, sizeof(b)}};
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK_EQUAL(SYS(writev, pair.peer, out, 3), 6);
    CHECK_EQUAL(SYS(readv, pair.own, in, 2), 6);
    CHECK_EQUAL(memcmp(a, "ab", 2), 0);
    CHECK_EQUAL(memcmp(b, "cdef", 4), 0);
}

static void unix_datagram_socket_connects_and_reconnects(struct wb_contract_fixture *fx) {
    struct wb_sockaddr nobody = {.family = WB_AF_UNSPEC};
    int a = -1;
    int b = -1;
    int fd = wb__unix_socket(fx, DGRAM);
    CHECK(wb__unix_bound(fx, DGRAM, 'a', &a));
    CHECK(wb__unix_bound(fx, DGRAM, 'b', &b));
    CHECK_EQUAL(SYS(connect, fd, &nobody, 2), 0); /* it is not connected: nothing happens */
    CHECK_EQUAL(wb__unix_connect(fx, fd, 'a'), 0);
    CHECK_EQUAL(wb__peer_result(fx, fd), 0);
    CHECK_EQUAL(wb__send_text(fx, fd, "to a", 0), 4);
    CHECK_EQUAL(wb__unix_send_to(fx, fd, 'b'), 1); /* an address of its own goes before */
    CHECK_EQUAL(wb__unix_connect(fx, fd, 'b'), 0);
    CHECK_EQUAL(wb__send_text(fx, fd, "to b", 0), 4);
    CHECK_EQUAL(SYS(connect, fd, &nobody, 2), 0);
    CHECK_EQUAL(wb__peer_result(fx, fd), -ENOTCONN);
    CHECK_EQUAL(wb__send_result(fx, fd), -ENOTCONN);
    TEXT(a, 64, 0, "to a");
    TEXT(b, 64, 0, "x");
    TEXT(b, 64, 0, "to b");
}

/* Who is connected takes from his peer only. */
static void unix_datagram_to_who_is_connected_to_another_gives_eperm(
    struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int a = -1;
    int b = -1;
    int third = wb__unix_socket(fx, DGRAM);
    CHECK(wb__unix_bound(fx, DGRAM, 'a', &a));
    CHECK(wb__unix_bound(fx, DGRAM, 'b', &b));
    CHECK_EQUAL(wb__unix_send_to(fx, third, 'a'), 1);
    CHECK_EQUAL(wb__unix_connect(fx, third, 'a'), 0);
    CHECK_EQUAL(wb__unix_connect(fx, a, 'b'), 0);
    CHECK(wb__watch(fx, &watch, third, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT, NONE, OUT);
    CHECK_EQUAL(wb__send_result(fx, third), -EPERM);
    OBSERVE(watch, OUT, OUT, NONE); /* R125: a message that was made and given back */
    CHECK_EQUAL(wb__unix_send_to(fx, third, 'a'), -EPERM);
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, DGRAM), 'a'), -EPERM);
    CHECK_EQUAL(wb__unix_connect(fx, b, 'a'), 0);
    CHECK(wb__recv(fx, a, 1)); /* what was queued before is there */
}

static void unix_datagram_socket_may_be_its_own_peer(struct wb_contract_fixture *fx) {
    int fd = -1;
    CHECK(wb__unix_bound(fx, DGRAM, 'a', &fd));
    CHECK_EQUAL(wb__unix_connect(fx, fd, 'a'), 0);
    CHECK_EQUAL(wb__send_text(fx, fd, "me", 0), 2);
    STATE(fd, IN | OUT);
    TEXT(fd, 8, 0, "me");
}

static void r126_closed_unix_datagram_peer_is_found_out_by_sending(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, ALL, READ | OUT));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "lost", 0), 4);
    OBSERVE(watch, IN | OUT, IN | OUT, IN | OUT);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    OBSERVE(watch, IN | OUT, NONE, NONE); /* no event */
    CHECK_EQUAL(wb__send_result(fx, pair.own), -ECONNREFUSED);
    OBSERVE(watch, OUT, OUT, NONE); /* and what the dead one had sent is gone */
    CHECK_EQUAL(wb__send_result(fx, pair.own), -ENOTCONN);
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    CHECK_EQUAL(wb__peer_result(fx, pair.own), -ENOTCONN);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
}

static void r126_what_a_closed_peer_sent_can_be_read(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "left", 0), 4);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    TEXT(pair.own, 8, 0, "left");
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
}

/* The one that goes loses what it had; the other, if it is still connected to it, gets an error. */
static void unix_datagram_peer_that_disconnects_leaves_an_error(struct wb_contract_fixture *fx) {
    struct wb_sockaddr nobody = {.family = WB_AF_UNSPEC};
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.peer, READ, READ));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "lost", 0), 4);
    CHECK_EQUAL(SYS(connect, pair.own, &nobody, 2), 0);
    OBSERVE(watch, ERR, ERR, ERR);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    CHECK_EQUAL(wb__send_result(fx, pair.peer), -ECONNRESET);
    CHECK_EQUAL(wb__send_result(fx, pair.peer), 1); /* it is still connected */
    CHECK(wb__recv(fx, pair.own, 1));
    CHECK_EQUAL(wb__socket_error(fx, pair.peer), 0);
}

/* Where nothing is lost nothing is told. */
static void unix_datagram_peer_that_disconnects_with_nothing_queued_leaves_none(
    struct wb_contract_fixture *fx) {
    struct wb_sockaddr nobody = {.family = WB_AF_UNSPEC};
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK_EQUAL(SYS(connect, pair.own, &nobody, 2), 0);
    STATE(pair.peer, OUT);
    CHECK_EQUAL(wb__send_result(fx, pair.peer), 1);
}

static void unix_datagram_socket_that_leaves_its_peer_is_woken(struct wb_contract_fixture *fx) {
    struct wb_sockaddr nobody = {.family = WB_AF_UNSPEC};
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(SYS(connect, pair.own, &nobody, 2), 0);
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(connect, pair.own, &nobody, 2), 0); /* there is nobody to leave */
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r127_own_unix_shutdown_is_not_told(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch own;
    struct wb__watch peer;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK(wb__watch(fx, &own, pair.own, ALL, READ));
    CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ | OUT));
    OBSERVE(own, OUT, OUT, NONE);
    OBSERVE(peer, OUT, OUT, OUT);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RD), 0);
    OBSERVE(own, IN | OUT | RDHUP, IN | OUT | RDHUP, IN | RDHUP);
    OBSERVE(peer, OUT, NONE, NONE);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN); /* IN for ever, and nothing to read */
    CHECK_EQUAL(wb__send_result(fx, pair.peer), -EPIPE);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(own, IN | OUT | RDHUP | HUP, IN | OUT | RDHUP | HUP, NONE);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
}

/* Only who would sleep for ever is told the end. */
static void r127_blocking_unix_datagram_read_ends_with_the_shutdown(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "ab", 0), 2);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RD), 0);
    CHECK(wb__set_blocking(fx, pair.own));
    TEXT(pair.own, 8, 0, "ab");
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    CHECK_EQUAL(SYS(recv, pair.own, (char[4]){0}, 4, WB_MSG_DONTWAIT), -EAGAIN);
}

static void unix_several_messages_go_in_one_call(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char bytes[3][8] = {"ab", "c", "def"};
    char in[4][8] = {{0}};
    struct wb_iovec out_iov[3];
    struct wb_iovec in_iov[4];
    struct wb_mmsghdr out[3] = {{{0}, 0}};
    struct wb_mmsghdr received[4] = {{{0}, 0}};
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    for (int i = 0; i < 3; i++) {
        out_iov[i] = (struct wb_iovec){bytes[i], strlen(bytes[i])};
        out[i].hdr = (struct wb_msghdr){.iov = &out_iov[i], .iov_len = 1};
    }
    for (int i = 0; i < 4; i++) {
        in_iov[i] = (struct wb_iovec){in[i], sizeof(in[i])};
        received[i].hdr = (struct wb_msghdr){.iov = &in_iov[i], .iov_len = 1};
    }
    CHECK_EQUAL(SYS(sendmmsg, pair.own, out, 3, 0), 3);
    CHECK_EQUAL(SYS(recvmmsg, pair.peer, received, 4, 0), 3);
    for (int i = 0; i < 3; i++) {
        CHECK_EQUAL(out[i].len, strlen(bytes[i]));
        CHECK_EQUAL(received[i].len, strlen(bytes[i]));
        CHECK_EQUAL(memcmp(in[i], bytes[i], sizeof(in[i])), 0);
    }
}

static const struct wb_contract_case cases[] = {
    CASE(r38_fresh_unix_datagram_socket_is_writable, 0),
    CASE(unix_datagrams_keep_their_borders, 0),
    CASE(r116_empty_unix_datagram_is_one, 0),
    CASE(r117_cut_unix_datagram_loses_its_rest, 0),
    CASE(unix_datagram_vectors_are_one_message, 0),
    CASE(unix_datagram_socket_connects_and_reconnects, 0),
    CASE(unix_datagram_to_who_is_connected_to_another_gives_eperm, 0),
    CASE(unix_datagram_socket_may_be_its_own_peer, 0),
    CASE(r126_closed_unix_datagram_peer_is_found_out_by_sending, 0),
    CASE(r126_what_a_closed_peer_sent_can_be_read, 0),
    CASE(unix_datagram_peer_that_disconnects_leaves_an_error, 0),
    CASE(unix_datagram_peer_that_disconnects_with_nothing_queued_leaves_none, 0),
    CASE(unix_datagram_socket_that_leaves_its_peer_is_woken, 0),
    CASE(r127_own_unix_shutdown_is_not_told, 0),
    CASE(r127_blocking_unix_datagram_read_ends_with_the_shutdown, 0),
    CASE(unix_several_messages_go_in_one_call, 0),
};
WB__CONTRACT_GROUP(unix_dgram);
