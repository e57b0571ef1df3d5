/* UDP: what is moved by one call: addresses, cut datagrams, peeks, sizes, pieces, several messages,
 * and what arguments get which error (R117, R122, A-NET-08). */
#include "sys/contract/udp_support.h"

#include <string.h>

/* ---- addresses with messages ---- */

static void udp_recvmsg_names_the_sender(struct wb_contract_fixture *fx) {
    struct wb_sockaddr to;
    struct wb_sockaddr own;
    struct wb_sockaddr from;
    int receiver = -1;
    int sender = -1;
    CHECK(wb__udp_bound(fx, &receiver, &to));
    CHECK(wb__udp_bound(fx, &sender, &own));
    CHECK_EQUAL(wb__send_to(fx, sender, &to, "hello"), 5);
    char data[16];
    char control[32];
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.name = &from,
        .name_len = sizeof(from),
        .iov = &iov,
        .iov_len = 1,
        .control = control,
        .control_len = sizeof(control),
        .flags = 77};
    CHECK_EQUAL(SYS(recvmsg, receiver, &msg, 0), 5);
    CHECK_EQUAL(msg.name_len, wb__addr_len(fx));
    CHECK_EQUAL(msg.control_len, 0);
    CHECK_EQUAL(msg.flags, 0);
    CHECK_EQUAL(memcmp(&from, &own, msg.name_len), 0);
}

static void udp_recvmsg_cuts_the_name_and_tells_its_length(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr from = {.storage = {0}};
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 3));
    char data[16];
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.name = &from, .name_len = 4, .iov = &iov, .iov_len = 1};
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, 0), 3);
    CHECK_EQUAL(msg.name_len, wb__addr_len(fx));
    CHECK_EQUAL(from.in.port_be, wb__name_of(fx, pair.peer).in.port_be);
    CHECK_EQUAL(from.in.addr[0], 0);
}

static void udp_parts_are_one_datagram(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char first[] = "ab";
    char second[] = "cde";
    struct wb_iovec out[2] = {{first, 2}, {second, 3}};
    char head[3];
    char tail[8];
    struct wb_iovec in[2] = {{head, sizeof(head)}, {tail, sizeof(tail)}};
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(writev, pair.own, out, 2), 5);
    CHECK_EQUAL(SYS(readv, pair.peer, in, 2), 5);
    CHECK_EQUAL(memcmp(head, "abc", 3), 0);
    CHECK_EQUAL(memcmp(tail, "de", 2), 0);
}

static void udp_several_messages_go_in_one_call(struct wb_contract_fixture *fx) {
    enum { COUNT = 3 };
    struct wb__pair pair;
    char data[COUNT + 1][8];
    struct wb_iovec iov[COUNT + 1];
    struct wb_mmsghdr msgs[COUNT + 1];
    CHECK(wb__udp_pair(fx, &pair));
    memset(msgs, 0, sizeof(msgs));
    memset(data, 'x', sizeof(data));
    for (int i = 0; i <= COUNT; i++) {
        iov[i] = (struct wb_iovec){data[i], (size_t)i + 1};
        msgs[i].hdr = (struct wb_msghdr){.iov = &iov[i], .iov_len = 1};
    }
    CHECK_EQUAL(SYS(sendmmsg, pair.own, msgs, COUNT, 0), COUNT);
    for (int i = 0; i <= COUNT; i++) {
        iov[i].len = sizeof(data[i]);
    }
    CHECK_EQUAL(SYS(recvmmsg, pair.peer, msgs, COUNT + 1, 0), COUNT);
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQUAL(msgs[i].len, i + 1);
    }
    CHECK_EQUAL(SYS(recvmmsg, pair.peer, msgs, COUNT, 0), -EAGAIN);
}

/* ---- R117: what does not fit ---- */

static void r117_a_short_buffer_loses_the_rest(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[4];
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(wb__send_to(fx, pair.peer, NULL, "0123456789"), 10);
    CHECK_EQUAL(wb__send_to(fx, pair.peer, NULL, "next"), 4);
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, 0), 4);
    CHECK_EQUAL(msg.flags, WB_MSG_TRUNC);
    CHECK_EQUAL(memcmp(data, "0123", 4), 0);
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, 0), 4);
    CHECK_EQUAL(msg.flags, 0);
    CHECK_EQUAL(memcmp(data, "next", 4), 0);
}

static void r117_msg_trunc_gives_the_full_length(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[4];
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 10));
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, WB_MSG_PEEK | WB_MSG_TRUNC), 10);
    CHECK_EQUAL(msg.flags, WB_MSG_TRUNC);
    CHECK_EQUAL(SYS(recv, pair.own, NULL, 0, WB_MSG_PEEK | WB_MSG_TRUNC), 10);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_PEEK), 4);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_TRUNC), 10);
    NO_DATAGRAM(pair.own);
}

static void udp_peek_sees_the_sender_and_keeps_the_datagram(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr from;
    char data[8];
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.name = &from, .name_len = sizeof(from), .iov = &iov, .iov_len = 1};
    CHECK(wb__udp_pair(fx, &pair));
    struct wb_sockaddr peer = wb__name_of(fx, pair.peer);
    CHECK_EQUAL(wb__send_to(fx, pair.peer, NULL, "stay"), 4);
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, WB_MSG_PEEK), 4);
    CHECK_EQUAL(memcmp(&from, &peer, wb__addr_len(fx)), 0);
    DATAGRAM(pair.own, "stay");
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, WB_MSG_PEEK), -EAGAIN);
}

/* ---- R122: sizes ---- */

static void r122_the_longest_datagram(struct wb_contract_fixture *fx) {
    enum { MAX4 = 65507, MAX6 = 65527 };
    static char data[65536];
    struct wb__pair pair;
    const size_t longest = fx->family == WB_AF_INET6 ? MAX6 : MAX4;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.own, data, longest, 0), (long long)longest);
    CHECK_EQUAL(SYS(recv, pair.peer, data, sizeof(data), 0), (long long)longest);
    CHECK_EQUAL(SYS(send, pair.own, data, longest + 1, 0), -EMSGSIZE);
    CHECK_EQUAL(SYS(send, pair.own, data, sizeof(data), 0), -EMSGSIZE);
    NO_DATAGRAM(pair.peer);
}

/* ---- MSG_MORE ---- */

static void udp_more_builds_one_datagram(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    struct wb_sockaddr elsewhere;
    int other = -1;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__udp_bound(fx, &other, &elsewhere));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(SYS(send, pair.own, "ab", 2, WB_MSG_MORE), 2);
    CHECK_EQUAL(SYS(send, pair.own, "cd", 2, WB_MSG_MORE), 2);
    OBSERVE(watch, OUT, NONE, NONE);
    NO_DATAGRAM(pair.peer);
    /* Where it goes was settled by its first piece. */
    CHECK_EQUAL(wb__send_to(fx, pair.own, &elsewhere, "ef"), 2);
    OBSERVE(watch, OUT, OUT, NONE);
    DATAGRAM(pair.peer, "abcdef");
    NO_DATAGRAM(other);
    CHECK_EQUAL(wb__send_to(fx, pair.own, &elsewhere, "gh"), 2);
    DATAGRAM(other, "gh");
}

/* Of a later piece only IPv6 looks at the address, though it leads nowhere. */
static void udp_more_and_an_address_that_is_none(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    bool is_ipv6 = fx->family == WB_AF_INET6;
    struct wb_sockaddr mapped = wb__mapped_loopback(0x100);
    struct wb_sockaddr addr = {.family = WB_AF_UNIX};
    struct wb_sockaddr short_addr = {.family = WB_AF_INET6};
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.own, "ab", 2, WB_MSG_MORE), 2);
    CHECK_EQUAL(wb__send_len_to(fx, pair.own, &addr, 16), is_ipv6 ? -EINVAL : 1);
    if (!is_ipv6) {
        return;
    }
    CHECK_EQUAL(wb__send_len_to(fx, pair.own, &short_addr, 23), -EINVAL);
    CHECK_EQUAL(wb__send_len_to(fx, pair.own, &addr, 1), -EINVAL);
    addr.family = WB_AF_INET;
    CHECK_EQUAL(wb__send_len_to(fx, pair.own, &addr, 16), -ENETUNREACH); /* bound to ::1 */
    CHECK_EQUAL(wb__send_len_to(fx, pair.own, &mapped, sizeof(mapped.in6)), -ENETUNREACH);
    CHECK_EQUAL(wb__send_to(fx, pair.own, NULL, "cd"), 2);
    DATAGRAM(pair.peer, "abcd");
}

/* Over IPv4 connecting elsewhere takes along what grows; over IPv6 it goes where it was begun. */
static void udp_more_and_another_peer(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr elsewhere;
    int other = -1;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__udp_bound(fx, &other, &elsewhere));
    CHECK_EQUAL(SYS(send, pair.own, "ab", 2, WB_MSG_MORE), 2);
    CHECK_EQUAL(SYS(connect, pair.own, &elsewhere, wb__addr_len(fx)), 0);
    CHECK_EQUAL(wb__send_to(fx, pair.own, NULL, "cd"), 2);
    bool is_ipv4 = fx->family != WB_AF_INET6;
    DATAGRAM(is_ipv4 ? other : pair.peer, "abcd");
    NO_DATAGRAM(is_ipv4 ? pair.peer : other);
}

/* A port that nobody named is given up with the peer: over IPv4 the datagram comes from the next
 * one, so its receiver, which is connected to the old one, does not take it. */
static void udp_more_and_no_peer_any_more(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.own, "ab", 2, WB_MSG_MORE), 2);
    CHECK_EQUAL(wb__dissolve(fx, pair.own), 0);
    CHECK_EQUAL(wb__send_to(fx, pair.own, NULL, "cd"), 2);
    if (fx->family == WB_AF_INET6) {
        DATAGRAM(pair.peer, "abcd");
    }
    NO_DATAGRAM(pair.peer);
}

static void udp_more_than_fits_loses_what_was_gathered(struct wb_contract_fixture *fx) {
    static char data[40000];
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.own, data, sizeof(data), WB_MSG_MORE), (long long)sizeof(data));
    CHECK_EQUAL(SYS(send, pair.own, data, sizeof(data), 0), -EMSGSIZE);
    CHECK_EQUAL(wb__send_to(fx, pair.own, NULL, "anew"), 4);
    DATAGRAM(pair.peer, "anew");
}

/* ---- errors by argument ---- */

/* What a call says to an address of a family and length; 0: it is content. The first fit counts. */
struct verdict {
    int family; /* -1: any */
    uint32_t len_min;
    uint32_t len_max;
    int result4; /* of an IPv4 socket */
    int result6;
};

enum { ANY = -1, LONGEST = 128, WHATEVER = 1 };

static int expected_of(const struct wb_contract_fixture *fx, const struct verdict *verdicts,
    int family, uint32_t len) {
    while ((verdicts->family != ANY && verdicts->family != family) || len < verdicts->len_min
           || len > verdicts->len_max) {
        verdicts++;
    }
    return fx->family == WB_AF_INET6 ? verdicts->result6 : verdicts->result4;
}

static const int families[] = {WB_AF_UNSPEC, WB_AF_UNIX, WB_AF_INET, WB_AF_INET6, 99};
static const uint32_t lengths[] = {0, 1, 2, 3, 15, 16, 23, 24, 27, 28, 128};

/* The loopback address in whatever family, with a port. */
static struct wb_sockaddr address_of(int family, uint16_t port_be) {
    static const uint8_t loopback[4] = {127, 0, 0, 1};
    struct wb_sockaddr addr = {.storage = {0}};
    addr.family = (uint16_t)family;
    addr.in.port_be = port_be;
    if (family == WB_AF_INET6) {
        addr.in6.addr[15] = 1;
    } else {
        memcpy(addr.in.addr, loopback, sizeof(loopback));
    }
    return addr;
}

static bool try_all(struct wb_contract_fixture *fx, const struct verdict *verdicts,
    int64_t (*call)(struct wb_contract_fixture *fx, const struct wb_sockaddr *addr, uint32_t len)) {
    for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
        for (size_t l = 0; l < sizeof(lengths) / sizeof(lengths[0]); l++) {
            struct wb_sockaddr addr = address_of(families[f], 9);
            int expected = expected_of(fx, verdicts, families[f], lengths[l]);
            int64_t result = call(fx, &addr, lengths[l]);
            if ((expected == 0 && result < 0) || (expected < 0 && result != expected)) {
                wb__fail(fx, __FILE__, __LINE__, "family %d, length %u: %lld instead of %d",
                    families[f], lengths[l], (long long)result, expected);
                return false;
            }
        }
    }
    return true;
}

static int64_t call_connect(
    struct wb_contract_fixture *fx, const struct wb_sockaddr *addr, uint32_t len) {
    int fd = wb__udp_socket(fx);
    int result = SYS(connect, fd, addr, len);
    (void)wb__close(fx, fd);
    return result;
}

static int64_t call_bind(
    struct wb_contract_fixture *fx, const struct wb_sockaddr *addr, uint32_t len) {
    struct wb_sockaddr free_port = *addr;
    free_port.in.port_be = 0;
    int fd = wb__udp_socket(fx);
    int result = SYS(bind, fd, &free_port, len);
    (void)wb__close(fx, fd);
    return result;
}

static int64_t call_send(
    struct wb_contract_fixture *fx, const struct wb_sockaddr *addr, uint32_t len) {
    int fd = wb__udp_socket(fx);
    int64_t result = wb__send_len_to(fx, fd, addr, len);
    (void)wb__close(fx, fd);
    return result;
}

static void udp_connect_by_address(struct wb_contract_fixture *fx) {
    static const struct verdict verdicts[] = {
        {ANY, 0, 1, -EINVAL, -EINVAL},
        {WB_AF_UNSPEC, 2, LONGEST, 0, 0},
        {ANY, 2, 15, -EINVAL, -EINVAL},
        {WB_AF_INET, 16, LONGEST, 0, 0},
        {ANY, 16, 23, -EAFNOSUPPORT, -EINVAL},
        {WB_AF_INET6, 24, LONGEST, -EAFNOSUPPORT, 0},
        {ANY, 0, LONGEST, -EAFNOSUPPORT, -EAFNOSUPPORT},
    };
    CHECK(try_all(fx, verdicts, call_connect));
    struct wb_sockaddr addr = address_of(fx->family, 9);
    CHECK_EQUAL(SYS(connect, wb__udp_socket(fx), &addr, 129), -EINVAL);
    CHECK_EQUAL(SYS(connect, wb__udp_socket(fx), NULL, 16), -EFAULT);
}

static void udp_bind_by_address(struct wb_contract_fixture *fx) {
    static const struct verdict verdicts[] = {
        {ANY, 0, 15, -EINVAL, -EINVAL},
        {WB_AF_INET, 16, 23, 0, -EINVAL},
        {WB_AF_INET, 24, LONGEST, 0, -EAFNOSUPPORT},
        {ANY, 16, 23, -EAFNOSUPPORT, -EINVAL},
        {WB_AF_INET6, 24, LONGEST, -EAFNOSUPPORT, 0},
        {ANY, 0, LONGEST, -EAFNOSUPPORT, -EAFNOSUPPORT},
    };
    CHECK(try_all(fx, verdicts, call_bind));
    struct wb_sockaddr addr = address_of(fx->family, 0);
    CHECK_EQUAL(SYS(bind, wb__udp_socket(fx), &addr, 129), -EINVAL);
    CHECK_EQUAL(SYS(bind, wb__udp_socket(fx), NULL, 16), -EFAULT);
}

/* Without a length there is no address. */
static void udp_send_by_address(struct wb_contract_fixture *fx) {
    static const struct verdict verdicts[] = {
        {ANY, 0, 0, -EDESTADDRREQ, -EDESTADDRREQ},
        {ANY, 1, 1, -EINVAL, -EINVAL},
        {WB_AF_UNSPEC, 2, 15, -EINVAL, -EDESTADDRREQ},
        {WB_AF_UNSPEC, 16, LONGEST, 0, -EDESTADDRREQ},
        {ANY, 2, 15, -EINVAL, -EINVAL},
        {WB_AF_INET, 16, LONGEST, 0, 0},
        {WB_AF_INET6, 24, LONGEST, -EAFNOSUPPORT, 0},
        {ANY, 0, LONGEST, -EAFNOSUPPORT, -EINVAL},
    };
    CHECK(try_all(fx, verdicts, call_send));
    CHECK_EQUAL(wb__send_len_to(fx, wb__udp_socket(fx), NULL, 16), -EDESTADDRREQ);
}

static void udp_calls_that_are_for_streams(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(listen, pair.own, 1), -EOPNOTSUPP);
    CHECK_EQUAL(SYS(accept4, pair.own, NULL, NULL, 0), -EOPNOTSUPP);
    CHECK_EQUAL(SYS(accept4, pair.own, NULL, NULL, 1), -EINVAL);
    /* IPv6 does not look at the flag; and receiving does not in either. */
    bool six = fx->family == WB_AF_INET6;
    CHECK_EQUAL(SYS(send, pair.own, "x", 1, WB_MSG_OOB), six ? 1 : -EOPNOTSUPP);
    CHECK_EQUAL(wb__send_result(fx, pair.own), 1);
    char data[4];
    CHECK_EQUAL(SYS(recv, pair.peer, data, sizeof(data), WB_MSG_OOB), 1);
    if (six) { /* IPv4 in the clothes of IPv6 looks at the flag before it looks at the port */
        struct wb_sockaddr nowhere = wb__mapped_loopback(0);
        int fd = wb__udp_socket(fx);
        CHECK_EQUAL(SYS(connect, fd, &nowhere, sizeof(nowhere.in6)), 0);
        CHECK_EQUAL(SYS(send, fd, "x", 1, 0), -EINVAL);
        CHECK_EQUAL(SYS(send, fd, "x", 1, WB_MSG_OOB), -EOPNOTSUPP);
    }
}

static void udp_socket_by_protocol(struct wb_contract_fixture *fx) {
    const int type = WB_SOCK_DGRAM | WB_SOCK_NONBLOCK;
    int fd = wb__track(fx, SYS(socket, fx->family, type, WB_IPPROTO_UDP));
    CHECK(fd >= 0);
    CHECK_EQUAL(wb__track(fx, SYS(socket, fx->family, type, WB_IPPROTO_TCP)), -EPROTONOSUPPORT);
    CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_TYPE), WB_SOCK_DGRAM);
    CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_PROTOCOL), WB_IPPROTO_UDP);
    CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_DOMAIN), fx->family);
    CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_ACCEPTCONN), 0);
}

static const struct wb_contract_case cases[] = {
    CASE(udp_recvmsg_names_the_sender, NETWORK),
    CASE(udp_recvmsg_cuts_the_name_and_tells_its_length, NETWORK),
    CASE(udp_parts_are_one_datagram, NETWORK),
    CASE(udp_several_messages_go_in_one_call, NETWORK),
    CASE(r117_a_short_buffer_loses_the_rest, NETWORK),
    CASE(r117_msg_trunc_gives_the_full_length, NETWORK),
    CASE(udp_peek_sees_the_sender_and_keeps_the_datagram, NETWORK),
    CASE(r122_the_longest_datagram, NETWORK),
    CASE(udp_more_builds_one_datagram, NETWORK),
    CASE(udp_more_and_an_address_that_is_none, NETWORK),
    CASE(udp_more_and_another_peer, NETWORK),
    CASE(udp_more_and_no_peer_any_more, NETWORK),
    CASE(udp_more_than_fits_loses_what_was_gathered, NETWORK),
    CASE(udp_connect_by_address, NETWORK),
    CASE(udp_bind_by_address, NETWORK),
    CASE(udp_send_by_address, NETWORK),
    CASE(udp_calls_that_are_for_streams, NETWORK),
    CASE(udp_socket_by_protocol, NETWORK),
};

WB__CONTRACT_GROUP(udp_transfer);
