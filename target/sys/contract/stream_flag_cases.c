/* What flags and options make of a TCP stream's sends and receives: MSG_WAITALL, peeking, blocking
 * sockets, MSG_MORE and TCP_CORK, TCP_NOTSENT_LOWAT (R100, R101), and listeners that share a port
 * by SO_REUSEPORT. */
#include "sys/contract/support.h"

#include <string.h>

static bool make_blocking(struct wb_contract_fixture *fx, int fd) {
    int flags = SYS(fcntl, fd, WB_F_GETFL, 0);
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(fcntl, fd, WB_F_SETFL, flags & ~WB_O_NONBLOCK), 0, "fcntl");
}

static int set(struct wb_contract_fixture *fx, int fd, int level, int name, int value) {
    return SYS(setsockopt, fd, level, name, &value, sizeof(value));
}

static int get(struct wb_contract_fixture *fx, int fd, int level, int name) {
    int value = -1;
    uint32_t len = sizeof(value);
    int result = SYS(getsockopt, fd, level, name, &value, &len);
    return result < 0 ? result : value;
}

static void r84_waitall_takes_what_is_there_if_that_is_all(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8];
    CHECK(wb__pair(fx, &pair));
    CHECK(make_blocking(fx, pair.own));
    CHECK(wb__send(fx, pair.peer, 5));
    CHECK_EQUAL(SYS(recv, pair.own, data, 4, WB_MSG_WAITALL), 4);
    CHECK_EQUAL(SYS(recv, pair.own, data, 1, WB_MSG_WAITALL), 1);
}

static void r84_waitall_on_a_nonblocking_socket_is_short(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8];
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_WAITALL), -EAGAIN);
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_WAITALL), 3);
}

static void r84_waitall_ends_with_the_stream(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8];
    CHECK(wb__pair(fx, &pair));
    CHECK(make_blocking(fx, pair.own));
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_WAITALL | WB_MSG_PEEK), 3);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_WAITALL), 3);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_WAITALL), 0);
}

static void r84_waitall_leaves_an_error_behind_bytes_to_the_next_call(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8];
    CHECK(wb__pair(fx, &pair));
    CHECK(make_blocking(fx, pair.own));
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_WAITALL), 3);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_WAITALL), -ECONNRESET);
}

static void r84_waitall_stops_at_the_urgent_mark(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8];
    CHECK(wb__pair(fx, &pair));
    CHECK(make_blocking(fx, pair.own));
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK_EQUAL(SYS(send, pair.peer, "x", 1, WB_MSG_OOB | WB_MSG_NOSIGNAL), 1);
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK_EQUAL(SYS(recv, pair.own, data, 4, WB_MSG_WAITALL), 2);
    CHECK_EQUAL(SYS(recv, pair.own, data, 2, WB_MSG_WAITALL), 2);
}

static void r84_peek_begins_at_the_same_place_each_time(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8] = {0};
    struct wb_iovec parts[] = {{data, 1}, {data + 1, 3}};
    struct wb_msghdr msg = {.iov = parts, .iov_len = 2};
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.peer, "abcdef", 6, WB_MSG_NOSIGNAL), 6);
    for (int i = 0; i < 2; i++) {
        CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, WB_MSG_PEEK), 4);
        CHECK_EQUAL(memcmp(data, "abcd", 4), 0);
    }
    CHECK_EQUAL(SYS(recv, pair.own, data, 2, 0), 2);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_PEEK), 4);
    CHECK_EQUAL(memcmp(data, "cdef", 4), 0);
    CHECK_EQUAL(SYS(recv, pair.own, data, 4, WB_MSG_PEEK | WB_MSG_TRUNC), 4);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 4);
}

static void r81_blocking_read_waits_for_the_low_water_mark(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8];
    CHECK(wb__pair(fx, &pair));
    CHECK(make_blocking(fx, pair.own));
    CHECK_EQUAL(set(fx, pair.own, WB_SOL_SOCKET, WB_SO_RCVLOWAT, 4), 0);
    CHECK(wb__send(fx, pair.peer, 6));
    CHECK_EQUAL(SYS(recv, pair.own, data, 2, 0), 2); /* no more than was asked for */
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 4);
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_DONTWAIT), 2);
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 3);
}

static void transfer_blocking_send_moves_all_that_fits(struct wb_contract_fixture *fx) {
    static char data[20000];
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(make_blocking(fx, pair.own));
    CHECK_EQUAL(SYS(send, pair.own, data, sizeof(data), WB_MSG_NOSIGNAL), sizeof(data));
    CHECK(wb__drain(fx, pair.peer, sizeof(data)));
}

static void r101_more_and_cork_only_delay(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[16];
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.own, "ab", 2, WB_MSG_NOSIGNAL | WB_MSG_MORE), 2);
    CHECK_EQUAL(SYS(send, pair.own, "c", 1, WB_MSG_NOSIGNAL), 1);
    CHECK_EQUAL(SYS(recv, pair.peer, data, 3, WB_MSG_PEEK), 3);
    CHECK_EQUAL(get(fx, pair.own, WB_IPPROTO_TCP, WB_TCP_CORK), 0);
    CHECK_EQUAL(set(fx, pair.own, WB_IPPROTO_TCP, WB_TCP_CORK, 5), 0);
    CHECK_EQUAL(get(fx, pair.own, WB_IPPROTO_TCP, WB_TCP_CORK), 1);
    CHECK_EQUAL(SYS(send, pair.own, "de", 2, WB_MSG_NOSIGNAL), 2);
    CHECK_EQUAL(set(fx, pair.own, WB_IPPROTO_TCP, WB_TCP_CORK, 0), 0);
    CHECK(wb__drain(fx, pair.peer, 5));
}

static void r100_notsent_low_water_is_read_back_and_setting_it_is_an_edge(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(get(fx, pair.own, WB_IPPROTO_TCP, WB_TCP_NOTSENT_LOWAT), 0);
    CHECK_EQUAL(set(fx, pair.own, WB_IPPROTO_TCP, WB_TCP_NOTSENT_LOWAT, 4096), 0);
    CHECK_EQUAL(get(fx, pair.own, WB_IPPROTO_TCP, WB_TCP_NOTSENT_LOWAT), 4096);
    OBSERVE(watch, OUT, OUT, NONE);
}

/* With a small limit on what waits, far less is taken than the buffers would hold; and a drained
 * socket becomes writable again. */
static void r100_notsent_low_water_limits_what_waits(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t sent;
    int listener = -1;
    CHECK(wb__listener(fx, 1, &listener));
    CHECK_EQUAL(set(fx, listener, WB_SOL_SOCKET, WB_SO_RCVBUF, 8192), 0);
    CHECK(wb__client(fx, listener, &pair.own));
    CHECK(wb__accept(fx, listener, &pair.peer));
    CHECK_EQUAL(set(fx, pair.own, WB_SOL_SOCKET, WB_SO_SNDBUF, 200000), 0);
    CHECK_EQUAL(set(fx, pair.own, WB_IPPROTO_TCP, WB_TCP_NOTSENT_LOWAT, 1024), 0);
    CHECK(wb__fill(fx, pair.own, &sent));
    CHECK(sent < 150000);
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__drain(fx, pair.peer, sent));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, OUT, INT64_C(5000000000)), OUT);
    OBSERVE(watch, OUT, OUT, OUT);
}

/* ---- listeners that share a port ---- */

enum { SHARERS = 2, CLIENTS = 48 };

static bool share_port(struct wb_contract_fixture *fx, int out_listeners[SHARERS]) {
    struct wb_sockaddr addr;
    uint32_t len = wb__loopback(fx, &addr);
    for (int i = 0; i < SHARERS; i++) {
        int fd = wb__tcp_socket(fx);
        out_listeners[i] = fd;
        if (set(fx, fd, WB_SOL_SOCKET, WB_SO_REUSEPORT, 1) != 0 || SYS(bind, fd, &addr, len) != 0
            || SYS(listen, fd, CLIENTS) != 0 || SYS(getsockname, fd, &addr, &len) != 0) {
            return false;
        }
    }
    return true;
}

static int pending(struct wb_contract_fixture *fx, int listener) {
    int count = 0;
    while (wb__track(fx, SYS(accept4, listener, NULL, NULL, WB_SOCK_NONBLOCK)) >= 0) {
        count++;
    }
    return count;
}

static void listener_sharing_its_port_gets_a_part_of_the_connections(
    struct wb_contract_fixture *fx) {
    int listeners[SHARERS];
    CHECK(share_port(fx, listeners));
    for (int i = 0; i < CLIENTS; i++) {
        int client = -1;
        CHECK(wb__client(fx, listeners[0], &client));
    }
    STATE(listeners[0], IN);
    STATE(listeners[1], IN);
    int first = pending(fx, listeners[0]);
    int second = pending(fx, listeners[1]);
    CHECK(first > 0 && second > 0);
    CHECK_EQUAL(first + second, CLIENTS);
}

static void listener_sharing_its_port_gets_all_when_the_others_are_gone(
    struct wb_contract_fixture *fx) {
    int listeners[SHARERS];
    CHECK(share_port(fx, listeners));
    CHECK_EQUAL(wb__close(fx, listeners[0]), 0);
    for (int i = 0; i < 8; i++) {
        int client = -1;
        CHECK(wb__client(fx, listeners[1], &client));
    }
    CHECK_EQUAL(pending(fx, listeners[1]), 8);
}

static void listener_of_its_own_address_goes_before_one_of_any(struct wb_contract_fixture *fx) {
    struct wb_sockaddr any = {.in6 = {.family = (uint16_t)fx->family}};
    struct wb_sockaddr own;
    uint32_t len = wb__loopback(fx, &own);
    int listeners[2] = {wb__tcp_socket(fx), wb__tcp_socket(fx)};
    CHECK_EQUAL(set(fx, listeners[0], WB_SOL_SOCKET, WB_SO_REUSEPORT, 1), 0);
    CHECK_EQUAL(set(fx, listeners[1], WB_SOL_SOCKET, WB_SO_REUSEPORT, 1), 0);
    CHECK_EQUAL(SYS(bind, listeners[0], &any, len), 0);
    CHECK_EQUAL(SYS(getsockname, listeners[0], &any, &len), 0);
    own.in.port_be = any.in.port_be;
    CHECK_EQUAL(SYS(bind, listeners[1], &own, len), 0);
    CHECK_EQUAL(SYS(listen, listeners[0], 8), 0);
    CHECK_EQUAL(SYS(listen, listeners[1], 8), 0);
    for (int i = 0; i < 8; i++) {
        int client = -1;
        CHECK(wb__client(fx, listeners[1], &client));
    }
    CHECK_EQUAL(pending(fx, listeners[0]), 0);
    CHECK_EQUAL(pending(fx, listeners[1]), 8);
}

static const struct wb_contract_case cases[] = {
    CASE(r84_waitall_takes_what_is_there_if_that_is_all, NETWORK),
    CASE(r84_waitall_on_a_nonblocking_socket_is_short, NETWORK),
    CASE(r84_waitall_ends_with_the_stream, NETWORK),
    CASE(r84_waitall_leaves_an_error_behind_bytes_to_the_next_call, NETWORK),
    CASE(r84_waitall_stops_at_the_urgent_mark, NETWORK),
    CASE(r84_peek_begins_at_the_same_place_each_time, NETWORK),
    CASE(r81_blocking_read_waits_for_the_low_water_mark, NETWORK),
    CASE(transfer_blocking_send_moves_all_that_fits, NETWORK),
    CASE(r101_more_and_cork_only_delay, NETWORK | WB_CONTRACT_TIMING),
    CASE(r100_notsent_low_water_is_read_back_and_setting_it_is_an_edge, NETWORK),
    CASE(r100_notsent_low_water_limits_what_waits, NETWORK | WB_CONTRACT_TIMING),
    CASE(listener_sharing_its_port_gets_a_part_of_the_connections, NETWORK),
    CASE(listener_sharing_its_port_gets_all_when_the_others_are_gone, NETWORK),
    CASE(listener_of_its_own_address_goes_before_one_of_any, NETWORK),
};
WB__CONTRACT_GROUP(stream_flag);
