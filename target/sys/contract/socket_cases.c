/* Making, naming and listening: socket, bind, getsockname, listen. */
#include "sys/contract/support.h"

#include <string.h>

static void socket_with_wrong_arguments_gives_its_error(struct wb_contract_fixture *fx) {
    CHECK_EQUAL(wb__track(fx, SYS(socket, 200, WB_SOCK_STREAM, 0)), -EAFNOSUPPORT);
    CHECK_EQUAL(wb__track(fx, SYS(socket, -1, WB_SOCK_STREAM, 0)), -EAFNOSUPPORT);
    CHECK_EQUAL(wb__track(fx, SYS(socket, fx->family, 15, 0)), -EINVAL);
    CHECK_EQUAL(wb__track(fx, SYS(socket, fx->family, WB_SOCK_STREAM | 020, 0)), -EINVAL);
    CHECK_EQUAL(wb__track(fx, SYS(socket, fx->family, WB_SOCK_SEQPACKET, 0)), -ESOCKTNOSUPPORT);
    CHECK_EQUAL(
        wb__track(fx, SYS(socket, fx->family, WB_SOCK_STREAM, WB_IPPROTO_UDP)), -EPROTONOSUPPORT);
}

static void socket_of_named_protocol_is_the_default_one(struct wb_contract_fixture *fx) {
    int fd = wb__track(fx, SYS(socket, fx->family, WB_SOCK_STREAM, WB_IPPROTO_TCP));
    CHECK(fd >= 0);
    STATE(fd, OUT | HUP);
}

static void bind_to_port_zero_picks_a_port(struct wb_contract_fixture *fx) {
    struct wb_sockaddr want;
    struct wb_sockaddr first;
    struct wb_sockaddr second;
    int a = -1;
    int b = -1;
    uint32_t len = wb__loopback(fx, &want);
    CHECK(wb__bound(fx, &a, &first));
    CHECK(wb__bound(fx, &b, &second));
    CHECK(first.in.port_be != 0);
    CHECK(second.in.port_be != 0);
    CHECK(first.in.port_be != second.in.port_be);
    want.in.port_be = first.in.port_be;
    CHECK_EQUAL(memcmp(&want, &first, len), 0);
}

static void getsockname_of_the_unbound_is_the_wildcard(struct wb_contract_fixture *fx) {
    struct wb_sockaddr actual;
    struct wb_sockaddr wildcard;
    uint32_t len = sizeof(actual);
    uint32_t expected_len = wb__loopback(fx, &wildcard);
    memset(&wildcard, 0, sizeof(wildcard));
    wildcard.family = (uint16_t)fx->family;
    CHECK_EQUAL(SYS(getsockname, wb__tcp_socket(fx), &actual, &len), 0);
    CHECK_EQUAL(len, expected_len);
    CHECK_EQUAL(memcmp(&actual, &wildcard, len), 0);
}

static void getsockname_into_a_short_buffer_cuts_and_tells_the_length(
    struct wb_contract_fixture *fx) {
    struct wb_sockaddr bound;
    struct wb_sockaddr cut = {.storage = {0}};
    int fd = -1;
    uint32_t len = 4;
    uint32_t full_len = wb__loopback(fx, &bound);
    CHECK(wb__bound(fx, &fd, &bound));
    CHECK_EQUAL(SYS(getsockname, fd, &cut, &len), 0);
    CHECK_EQUAL(len, full_len);
    CHECK_EQUAL(cut.in.port_be, bound.in.port_be);
    CHECK_EQUAL(cut.in.addr[0], 0);
}

static void bind_twice_gives_einval(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int fd = -1;
    CHECK(wb__bound(fx, &fd, &addr));
    uint32_t len = wb__loopback(fx, &addr);
    CHECK_EQUAL(SYS(bind, fd, &addr, len), -EINVAL);
}

static void bind_to_a_port_in_use_gives_eaddrinuse(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int holder = -1;
    uint32_t len = wb__loopback(fx, &addr);
    CHECK(wb__bound(fx, &holder, &addr));
    CHECK_EQUAL(SYS(bind, wb__tcp_socket(fx), &addr, len), -EADDRINUSE);
    CHECK_EQUAL(SYS(listen, holder, 1), 0);
    CHECK_EQUAL(SYS(bind, wb__tcp_socket(fx), &addr, len), -EADDRINUSE);
    CHECK_EQUAL(wb__close(fx, holder), 0);
    CHECK_EQUAL(SYS(bind, wb__tcp_socket(fx), &addr, len), 0);
}

static void bind_with_reuse_beside_a_listener_gives_eaddrinuse(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int on = 1;
    int holder = wb__tcp_socket(fx);
    int other = wb__tcp_socket(fx);
    uint32_t len = wb__loopback(fx, &addr);
    CHECK_EQUAL(SYS(setsockopt, holder, WB_SOL_SOCKET, WB_SO_REUSEADDR, &on, sizeof(on)), 0);
    CHECK_EQUAL(SYS(setsockopt, other, WB_SOL_SOCKET, WB_SO_REUSEADDR, &on, sizeof(on)), 0);
    CHECK_EQUAL(SYS(bind, holder, &addr, len), 0);
    CHECK_EQUAL(SYS(listen, holder, 1), 0);
    CHECK_EQUAL(SYS(getsockname, holder, &addr, &len), 0);
    CHECK_EQUAL(SYS(bind, other, &addr, len), -EADDRINUSE);
}

static void bind_with_a_wrong_address_gives_its_error(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int fd = wb__tcp_socket(fx);
    uint32_t len = wb__loopback(fx, &addr);
    CHECK_EQUAL(SYS(bind, fd, &addr, 1), -EINVAL);
    CHECK_EQUAL(SYS(bind, fd, &addr, len - 8), -EINVAL);
    addr.family = 200;
    CHECK_EQUAL(SYS(bind, fd, &addr, len), -EAFNOSUPPORT);
}

/* 192.0.2.1 and 2001:db8::1 are set aside for documentation (RFC 5737, RFC 3849). */
static void bind_to_a_foreign_address_gives_eaddrnotavail(struct wb_contract_fixture *fx) {
    static const uint8_t foreign4[4] = {192, 0, 2, 1};
    static const uint8_t foreign6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    struct wb_sockaddr addr;
    uint32_t len = wb__loopback(fx, &addr);
    if (fx->family == WB_AF_INET6) {
        memcpy(addr.in6.addr, foreign6, sizeof(foreign6));
    } else {
        memcpy(addr.in.addr, foreign4, sizeof(foreign4));
    }
    CHECK_EQUAL(SYS(bind, wb__tcp_socket(fx), &addr, len), -EADDRNOTAVAIL);
}

static void listen_unbound_picks_a_port(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    int client = -1;
    int accepted = -1;
    int listener = wb__tcp_socket(fx);
    CHECK_EQUAL(SYS(listen, listener, 8), 0);
    CHECK_EQUAL(SYS(getsockname, listener, &addr, &len), 0);
    CHECK(addr.in.port_be != 0);
    CHECK(wb__client(fx, listener, &client)); /* the wildcard address reaches this host */
    CHECK(wb__accept(fx, listener, &accepted));
}

static void listen_again_is_allowed_and_listen_connected_is_not(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int listener = -1;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__listener(fx, 1, &listener));
    CHECK_EQUAL(SYS(listen, listener, 16), 0);
    CHECK_EQUAL(SYS(listen, pair.own, 1), -EINVAL);
}

static void accept_names_the_peer_and_gives_connections_in_order(struct wb_contract_fixture *fx) {
    enum { CLIENT_COUNT = 3 };
    int listener = -1;
    int clients[CLIENT_COUNT];
    CHECK(wb__listener(fx, 8, &listener));
    for (int i = 0; i < CLIENT_COUNT; i++) {
        CHECK(wb__client(fx, listener, &clients[i]));
    }
    for (int i = 0; i < CLIENT_COUNT; i++) {
        struct wb_sockaddr client;
        struct wb_sockaddr peer;
        uint32_t client_len = sizeof(client);
        uint32_t peer_len = sizeof(peer);
        CHECK(wb__track(fx, SYS(accept4, listener, &peer, &peer_len, 0)) >= 0);
        CHECK_EQUAL(SYS(getsockname, clients[i], &client, &client_len), 0);
        CHECK_EQUAL(peer_len, client_len);
        CHECK_EQUAL(memcmp(&peer, &client, peer_len), 0);
    }
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EAGAIN);
}

static void bound_client_connects_from_its_port(struct wb_contract_fixture *fx) {
    struct wb_sockaddr bound;
    struct wb_sockaddr peer;
    uint32_t peer_len = sizeof(peer);
    int listener = -1;
    int client = -1;
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__bound(fx, &client, &bound));
    CHECK_EQUAL(wb__connect_to(fx, client, listener), -EINPROGRESS);
    CHECK(wb__track(fx, SYS(accept4, listener, &peer, &peer_len, 0)) >= 0);
    CHECK_EQUAL(memcmp(&peer, &bound, peer_len), 0);
}

static void bind_beside_the_wildcard_gives_eaddrinuse(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    struct wb_sockaddr wildcard;
    uint32_t len = wb__loopback(fx, &addr);
    int holder = wb__tcp_socket(fx);
    memset(&wildcard, 0, sizeof(wildcard));
    wildcard.family = (uint16_t)fx->family;
    CHECK_EQUAL(SYS(bind, holder, &wildcard, len), 0);
    CHECK_EQUAL(SYS(getsockname, holder, &wildcard, &len), 0);
    addr.in.port_be = wildcard.in.port_be;
    CHECK_EQUAL(SYS(bind, wb__tcp_socket(fx), &addr, len), -EADDRINUSE);
}

static void bind_with_reuse_after_an_active_close_succeeds(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int on = 1;
    int client = -1;
    int accepted = -1;
    int listener = wb__tcp_socket(fx);
    int next = wb__tcp_socket(fx);
    uint32_t len = wb__loopback(fx, &addr);
    CHECK_EQUAL(SYS(setsockopt, listener, WB_SOL_SOCKET, WB_SO_REUSEADDR, &on, sizeof(on)), 0);
    CHECK_EQUAL(SYS(setsockopt, next, WB_SOL_SOCKET, WB_SO_REUSEADDR, &on, sizeof(on)), 0);
    CHECK_EQUAL(SYS(bind, listener, &addr, len), 0);
    CHECK_EQUAL(SYS(listen, listener, 8), 0);
    CHECK_EQUAL(SYS(getsockname, listener, &addr, &len), 0);
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(wb__close(fx, accepted), 0); /* the listener's side closes first */
    CHECK_EQUAL(wb__close(fx, client), 0);
    CHECK_EQUAL(wb__close(fx, listener), 0);
    CHECK_EQUAL(SYS(bind, next, &addr, len), 0);
    CHECK_EQUAL(SYS(listen, next, 8), 0);
}

/* Two sockets that share ports, the first one bound; the address for the second. */
static bool sharing_sockets(
    struct wb_contract_fixture *fx, int *out_first, int *out_second, struct wb_sockaddr *out_addr) {
    int on = 1;
    uint32_t len = wb__loopback(fx, out_addr);
    *out_first = wb__tcp_socket(fx);
    *out_second = wb__tcp_socket(fx);
    return SYS(setsockopt, *out_first, WB_SOL_SOCKET, WB_SO_REUSEPORT, &on, sizeof(on)) == 0
           && SYS(setsockopt, *out_second, WB_SOL_SOCKET, WB_SO_REUSEPORT, &on, sizeof(on)) == 0
           && SYS(bind, *out_first, out_addr, len) == 0
           && SYS(getsockname, *out_first, out_addr, &len) == 0;
}

static void listen_of_two_that_share_a_port_is_allowed(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int first = -1;
    int second = -1;
    int client = -1;
    uint32_t len = wb__loopback(fx, &addr);
    CHECK(sharing_sockets(fx, &first, &second, &addr));
    CHECK_EQUAL(SYS(listen, first, 8), 0);
    CHECK_EQUAL(SYS(bind, second, &addr, len), 0);
    CHECK_EQUAL(SYS(listen, second, 8), 0);
    CHECK(wb__client(fx, first, &client));
    /* Which of them gets it is the kernel's choice. */
    int by_first = wb__poll_one(fx, first, IN, 0);
    int by_second = wb__poll_one(fx, second, IN, 0);
    CHECK_EQUAL(by_first + by_second, IN);
}

/* Without it the port is kept for the time that a late segment may take (RFC 9293, section 3.6.1).
 */
static void bind_after_an_active_close_gives_eaddrinuse(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    uint32_t len = sizeof(addr);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(SYS(getsockname, listener, &addr, &len), 0);
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(wb__close(fx, accepted), 0);
    CHECK_EQUAL(wb__close(fx, client), 0);
    CHECK_EQUAL(wb__close(fx, listener), 0);
    CHECK_EQUAL(SYS(bind, wb__tcp_socket(fx), &addr, len), -EADDRINUSE);
}

static void bind_to_the_port_of_a_connected_client_gives_eaddrinuse(
    struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int listener = -1;
    int client = -1;
    uint32_t len = sizeof(addr);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(SYS(getsockname, client, &addr, &len), 0);
    CHECK_EQUAL(SYS(bind, wb__tcp_socket(fx), &addr, len), -EADDRINUSE);
}

static void listen_of_two_with_reuse_is_allowed_once(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int on = 1;
    int first = wb__tcp_socket(fx);
    int second = wb__tcp_socket(fx);
    uint32_t len = wb__loopback(fx, &addr);
    CHECK_EQUAL(SYS(setsockopt, first, WB_SOL_SOCKET, WB_SO_REUSEADDR, &on, sizeof(on)), 0);
    CHECK_EQUAL(SYS(setsockopt, second, WB_SOL_SOCKET, WB_SO_REUSEADDR, &on, sizeof(on)), 0);
    CHECK_EQUAL(SYS(bind, first, &addr, len), 0);
    CHECK_EQUAL(SYS(getsockname, first, &addr, &len), 0);
    CHECK_EQUAL(SYS(bind, second, &addr, len), 0);
    CHECK_EQUAL(SYS(listen, first, 8), 0);
    CHECK_EQUAL(SYS(listen, second, 8), -EADDRINUSE);
}

static const struct wb_contract_case cases[] = {
    CASE(socket_with_wrong_arguments_gives_its_error, NETWORK),
    CASE(socket_of_named_protocol_is_the_default_one, NETWORK),
    CASE(bind_to_port_zero_picks_a_port, NETWORK),
    CASE(getsockname_of_the_unbound_is_the_wildcard, NETWORK),
    CASE(getsockname_into_a_short_buffer_cuts_and_tells_the_length, NETWORK),
    CASE(bind_twice_gives_einval, NETWORK),
    CASE(bind_to_a_port_in_use_gives_eaddrinuse, NETWORK),
    CASE(bind_with_reuse_beside_a_listener_gives_eaddrinuse, NETWORK),
    CASE(bind_with_a_wrong_address_gives_its_error, NETWORK),
    CASE(bind_to_a_foreign_address_gives_eaddrnotavail, NETWORK),
    CASE(listen_unbound_picks_a_port, NETWORK),
    CASE(listen_again_is_allowed_and_listen_connected_is_not, NETWORK),
    CASE(accept_names_the_peer_and_gives_connections_in_order, NETWORK),
    CASE(bound_client_connects_from_its_port, NETWORK),
    CASE(bind_beside_the_wildcard_gives_eaddrinuse, NETWORK),
    CASE(bind_with_reuse_after_an_active_close_succeeds, NETWORK),
    CASE(listen_of_two_that_share_a_port_is_allowed, NETWORK),
    CASE(listen_of_two_with_reuse_is_allowed_once, NETWORK),
    CASE(bind_after_an_active_close_gives_eaddrinuse, NETWORK),
    CASE(bind_to_the_port_of_a_connected_client_gives_eaddrinuse, NETWORK),
};
WB__CONTRACT_GROUP(socket);
