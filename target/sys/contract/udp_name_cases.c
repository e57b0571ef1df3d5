/* UDP: names and ports: bind, connect and its end, automatic binding, shared ports and who of those
 * that share gets a datagram, IPv4-mapped addresses. */
#include "sys/contract/udp_support.h"

#include <string.h>

static bool has_name(struct wb_contract_fixture *fx, int fd, const struct wb_sockaddr *expected) {
    struct wb_sockaddr actual = wb__name_of(fx, fd);
    return memcmp(&actual, expected, wb__addr_len(fx)) == 0;
}

/* ---- automatic binding ---- */

static void udp_fresh_has_no_name(struct wb_contract_fixture *fx) {
    struct wb_sockaddr wildcard = wb__wildcard(fx, 0);
    int fd = wb__udp_socket(fx);
    CHECK(has_name(fx, fd, &wildcard));
    CHECK_EQUAL(wb__peer_result(fx, fd), -ENOTCONN);
}

static void udp_first_send_picks_a_port(struct wb_contract_fixture *fx) {
    struct wb_sockaddr to;
    struct wb_sockaddr from;
    int receiver = -1;
    CHECK(wb__udp_bound(fx, &receiver, &to));
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(wb__send_to(fx, fd, &to, "x"), 1);
    struct wb_sockaddr name = wb__name_of(fx, fd);
    CHECK(name.in.port_be != 0);
    struct wb_sockaddr wildcard = wb__wildcard(fx, name.in.port_be);
    CHECK(has_name(fx, fd, &wildcard));
    DATAGRAM_FROM(receiver, "x", &from);
    struct wb_sockaddr expected;
    uint32_t len = wb__loopback(fx, &expected);
    expected.in.port_be = name.in.port_be;
    CHECK_EQUAL(memcmp(&from, &expected, len), 0);
    CHECK_EQUAL(SYS(bind, fd, &expected, len), -EINVAL);
}

static void udp_even_a_failing_call_picks_a_port(struct wb_contract_fixture *fx) {
    struct wb_sockaddr wrong = wb__wildcard(fx, 1);
    wrong.family = 99;
    int sender = wb__udp_socket(fx);
    CHECK_EQUAL(wb__send_result(fx, sender), -EDESTADDRREQ);
    CHECK(wb__name_of(fx, sender).in.port_be != 0);
    int connecting = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(connect, connecting, &wrong, wb__addr_len(fx)), -EAFNOSUPPORT);
    CHECK(wb__name_of(fx, connecting).in.port_be != 0);
    int receiver = wb__udp_socket(fx);
    CHECK_EQUAL(wb__recv_result(fx, receiver), -EAGAIN);
    CHECK_EQUAL(wb__name_of(fx, receiver).in.port_be, 0);
}

static void udp_ports_are_not_those_of_tcp(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int tcp = -1;
    CHECK(wb__bound(fx, &tcp, &addr));
    CHECK_EQUAL(SYS(bind, wb__udp_socket(fx), &addr, wb__addr_len(fx)), 0);
}

/* ---- connect and its end ---- */

static void udp_connect_names_both_ends(struct wb_contract_fixture *fx) {
    struct wb_sockaddr to;
    struct wb_sockaddr actual;
    uint32_t len = sizeof(actual);
    int receiver = -1;
    CHECK(wb__udp_bound(fx, &receiver, &to));
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(connect, fd, &to, wb__addr_len(fx)), 0);
    struct wb_sockaddr expected;
    (void)wb__loopback(fx, &expected);
    expected.in.port_be = wb__name_of(fx, fd).in.port_be;
    CHECK(expected.in.port_be != 0);
    CHECK(has_name(fx, fd, &expected));
    CHECK_EQUAL(SYS(getpeername, fd, &actual, &len), 0);
    CHECK_EQUAL(memcmp(&actual, &to, wb__addr_len(fx)), 0);
    CHECK_EQUAL(SYS(bind, fd, &expected, wb__addr_len(fx)), -EINVAL);
}

static void udp_connect_again_goes_elsewhere(struct wb_contract_fixture *fx) {
    struct wb_sockaddr first;
    struct wb_sockaddr second;
    int a = -1;
    int b = -1;
    uint32_t len = wb__addr_len(fx);
    CHECK(wb__udp_bound(fx, &a, &first));
    CHECK(wb__udp_bound(fx, &b, &second));
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(connect, fd, &first, len), 0);
    struct wb_sockaddr name = wb__name_of(fx, fd);
    CHECK_EQUAL(wb__send_to(fx, fd, NULL, "to a"), 4);
    CHECK_EQUAL(SYS(connect, fd, &second, len), 0);
    CHECK(has_name(fx, fd, &name));
    CHECK_EQUAL(wb__send_to(fx, fd, NULL, "to b"), 4);
    CHECK_EQUAL(wb__send_to(fx, fd, &first, "to a again"), 10);
    DATAGRAM(a, "to a");
    DATAGRAM(a, "to a again");
    DATAGRAM(b, "to b");
}

static void udp_dissolved_keeps_what_bind_gave(struct wb_contract_fixture *fx) {
    struct wb_sockaddr to;
    struct wb_sockaddr own;
    int receiver = -1;
    int fd = -1;
    uint32_t len = wb__addr_len(fx);
    CHECK(wb__udp_bound(fx, &receiver, &to));
    /* A port that bind picked is given up, the address stays. */
    CHECK(wb__udp_bound(fx, &fd, &own));
    CHECK_EQUAL(SYS(connect, fd, &to, len), 0);
    CHECK_EQUAL(wb__dissolve(fx, fd), 0);
    CHECK_EQUAL(wb__peer_result(fx, fd), -ENOTCONN);
    struct wb_sockaddr expected = own;
    expected.in.port_be = 0;
    CHECK(has_name(fx, fd, &expected));
    CHECK_EQUAL(wb__send_result(fx, fd), -EDESTADDRREQ);
    /* A port that was named stays. */
    int named = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(bind, named, &own, len), 0);
    CHECK_EQUAL(SYS(connect, named, &to, len), 0);
    CHECK_EQUAL(wb__dissolve(fx, named), 0);
    CHECK(has_name(fx, named, &own));
}

static void udp_dissolved_is_as_fresh(struct wb_contract_fixture *fx) {
    struct wb_sockaddr to;
    struct wb_sockaddr wildcard = wb__wildcard(fx, 0);
    int receiver = -1;
    CHECK(wb__udp_bound(fx, &receiver, &to));
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(wb__dissolve(fx, fd), 0);
    CHECK_EQUAL(SYS(connect, fd, &to, wb__addr_len(fx)), 0);
    CHECK_EQUAL(wb__dissolve(fx, fd), 0);
    CHECK(has_name(fx, fd, &wildcard));
    CHECK_EQUAL(SYS(bind, fd, &wildcard, wb__addr_len(fx)), 0);
}

static void udp_connect_to_the_wildcard_is_this_host(struct wb_contract_fixture *fx) {
    struct wb_sockaddr to;
    struct wb_sockaddr actual;
    uint32_t len = sizeof(actual);
    int receiver = -1;
    CHECK(wb__udp_bound(fx, &receiver, &to));
    struct wb_sockaddr wildcard = wb__wildcard(fx, to.in.port_be);
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(connect, fd, &wildcard, wb__addr_len(fx)), 0);
    CHECK_EQUAL(SYS(getpeername, fd, &actual, &len), 0);
    CHECK_EQUAL(memcmp(&actual, &to, wb__addr_len(fx)), 0);
    CHECK_EQUAL(wb__send_to(fx, wb__udp_socket(fx), &wildcard, "x"), 1);
    DATAGRAM(receiver, "x");
}

static void udp_connect_to_port_zero_is_no_connection(struct wb_contract_fixture *fx) {
    struct wb_sockaddr to;
    (void)wb__loopback(fx, &to);
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(connect, fd, &to, wb__addr_len(fx)), 0);
    CHECK_EQUAL(wb__peer_result(fx, fd), -ENOTCONN);
    CHECK(wb__send(fx, fd, 1));
    CHECK_EQUAL(wb__socket_error(fx, fd), ECONNREFUSED);
    CHECK_EQUAL(wb__send_to(fx, wb__udp_socket(fx), &to, "x"), -EINVAL);
}

static void udp_connected_to_port_zero_hears_every_port(struct wb_contract_fixture *fx) {
    struct wb_sockaddr own;
    struct wb_sockaddr everybody;
    int fd = -1;
    (void)wb__loopback(fx, &everybody);
    CHECK(wb__udp_bound(fx, &fd, &own));
    CHECK_EQUAL(SYS(connect, fd, &everybody, wb__addr_len(fx)), 0);
    CHECK_EQUAL(wb__send_to(fx, wb__udp_socket(fx), &own, "a"), 1);
    CHECK_EQUAL(wb__send_to(fx, wb__udp_socket(fx), &own, "b"), 1);
    DATAGRAM(fd, "a");
    DATAGRAM(fd, "b");
}

/* 192.0.2.1 and 2001:db8::1 are set aside for documentation (RFC 5737, RFC 3849). IPv4 finds the
 * address at fault first, IPv6 the second bind. */
static void udp_bind_again_elsewhere_gives_what_is_found_first(struct wb_contract_fixture *fx) {
    static const uint8_t foreign4[4] = {192, 0, 2, 77};
    static const uint8_t foreign6[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 1};
    struct wb_sockaddr own;
    bool six = fx->family == WB_AF_INET6;
    int fd = -1;
    CHECK(wb__udp_bound(fx, &fd, &own));
    if (six) {
        memcpy(own.in6.addr, foreign6, sizeof(foreign6));
    } else {
        memcpy(own.in.addr, foreign4, sizeof(foreign4));
    }
    CHECK_EQUAL(SYS(bind, wb__udp_socket(fx), &own, wb__addr_len(fx)), -EADDRNOTAVAIL);
    CHECK_EQUAL(SYS(bind, fd, &own, wb__addr_len(fx)), six ? -EINVAL : -EADDRNOTAVAIL);
}

/* ---- shared ports ---- */

enum { SHARES_NOTHING, SHARES_ADDR = 1, SHARES_PORT = 2 };

static int sharing_socket(struct wb_contract_fixture *fx, int how) {
    int fd = wb__udp_socket(fx);
    if ((how & SHARES_ADDR) != 0) {
        (void)wb__set_int(fx, fd, WB_SOL_SOCKET, WB_SO_REUSEADDR, 1);
    }
    if ((how & SHARES_PORT) != 0) {
        (void)wb__set_int(fx, fd, WB_SOL_SOCKET, WB_SO_REUSEPORT, 1);
    }
    return fd;
}

/* Bound to *in_out_addr, which receives the port if it had none. */
static int sharing(struct wb_contract_fixture *fx, int how, struct wb_sockaddr *in_out_addr) {
    uint32_t len = wb__addr_len(fx);
    int fd = sharing_socket(fx, how);
    int result = SYS(bind, fd, in_out_addr, len);
    if (result != 0) {
        return result;
    }
    return SYS(getsockname, fd, in_out_addr, &len) == 0 ? fd : -EBADF;
}

static void udp_bind_beside_another_needs_one_option_in_common(struct wb_contract_fixture *fx) {
    for (int first = 0; first < 4; first++) {
        for (int second = 0; second < 4; second++) {
            struct wb_sockaddr addr;
            (void)wb__loopback(fx, &addr);
            CHECK(sharing(fx, first, &addr) >= 0);
            int result = SYS(bind, sharing_socket(fx, second), &addr, wb__addr_len(fx));
            CHECK_EQUAL(result, (first & second) != 0 ? 0 : -EADDRINUSE);
        }
    }
}

static void udp_bind_beside_the_wildcard_gives_eaddrinuse(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr = wb__wildcard(fx, 0);
    CHECK(sharing(fx, SHARES_NOTHING, &addr) >= 0);
    struct wb_sockaddr specific;
    (void)wb__loopback(fx, &specific);
    specific.in.port_be = addr.in.port_be;
    CHECK_EQUAL(sharing(fx, SHARES_NOTHING, &specific), -EADDRINUSE);
}

static void udp_closed_socket_gives_its_port_up(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int fd = -1;
    CHECK(wb__udp_bound(fx, &fd, &addr));
    CHECK_EQUAL(sharing(fx, SHARES_NOTHING, &addr), -EADDRINUSE);
    CHECK_EQUAL(wb__close(fx, fd), 0);
    CHECK(sharing(fx, SHARES_NOTHING, &addr) >= 0);
}

static void udp_datagram_of_a_shared_address_is_the_youngests(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    (void)wb__loopback(fx, &addr);
    int sender = wb__udp_socket(fx);
    int oldest = sharing(fx, SHARES_ADDR, &addr);
    int middle = sharing(fx, SHARES_ADDR, &addr);
    int youngest = sharing(fx, SHARES_ADDR, &addr);
    CHECK(oldest >= 0 && middle >= 0 && youngest >= 0);
    CHECK_EQUAL(wb__send_to(fx, sender, &addr, "x"), 1);
    DATAGRAM(youngest, "x");
    CHECK_EQUAL(wb__close(fx, youngest), 0);
    CHECK_EQUAL(wb__send_to(fx, sender, &addr, "y"), 1);
    DATAGRAM(middle, "y");
    NO_DATAGRAM(oldest);
}

static void udp_datagram_goes_to_the_specific_before_the_wildcard(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    (void)wb__loopback(fx, &addr);
    int specific = sharing(fx, SHARES_ADDR, &addr);
    struct wb_sockaddr any = wb__wildcard(fx, addr.in.port_be);
    int wildcard = sharing(fx, SHARES_ADDR, &any);
    CHECK(specific >= 0 && wildcard >= 0);
    CHECK_EQUAL(wb__send_to(fx, wb__udp_socket(fx), &addr, "x"), 1);
    DATAGRAM(specific, "x");
    NO_DATAGRAM(wildcard);
}

static void udp_datagram_goes_to_the_connected_first(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    struct wb_sockaddr from;
    int sender = -1;
    (void)wb__loopback(fx, &addr);
    CHECK(wb__udp_bound(fx, &sender, &from));
    int connected = sharing(fx, SHARES_ADDR, &addr);
    int youngest = sharing(fx, SHARES_ADDR, &addr);
    CHECK(connected >= 0 && youngest >= 0);
    CHECK_EQUAL(SYS(connect, connected, &from, wb__addr_len(fx)), 0);
    CHECK_EQUAL(wb__send_to(fx, sender, &addr, "from its peer"), 13);
    CHECK_EQUAL(wb__send_to(fx, wb__udp_socket(fx), &addr, "from another"), 12);
    DATAGRAM(connected, "from its peer");
    NO_DATAGRAM(connected);
    DATAGRAM(youngest, "from another");
}

/* Which of them is a matter of a hash; a sender's datagrams stay together. */
static void udp_shared_port_gives_each_sender_one_receiver(struct wb_contract_fixture *fx) {
    enum { RECEIVERS = 3, SENDERS = 40, EACH = 3 };
    struct wb_sockaddr addr;
    int receiver[RECEIVERS];
    int used = 0;
    (void)wb__loopback(fx, &addr);
    for (int i = 0; i < RECEIVERS; i++) {
        receiver[i] = sharing(fx, SHARES_PORT, &addr);
        CHECK(receiver[i] >= 0);
    }
    int seen[RECEIVERS] = {0};
    for (int s = 0; s < SENDERS; s++) {
        int sender = wb__udp_socket(fx);
        for (int n = 0; n < EACH; n++) {
            CHECK_EQUAL(wb__send_to(fx, sender, &addr, "x"), 1);
        }
        for (int i = 0; i < RECEIVERS; i++) {
            int got = 0;
            while (wb__recv_result(fx, receiver[i]) == 1) {
                got++;
            }
            CHECK(got == 0 || got == EACH);
            seen[i] += got;
        }
        CHECK_EQUAL(wb__close(fx, sender), 0);
    }
    for (int i = 0; i < RECEIVERS; i++) {
        used += seen[i] != 0;
    }
    CHECK(used >= 2);
    CHECK_EQUAL(seen[0] + seen[1] + seen[2], SENDERS * EACH);
}

/* ---- IPv4 through IPv6 ---- */

static int socket_of(struct wb_contract_fixture *fx, int family) {
    return wb__track(fx, SYS(socket, family, WB_SOCK_DGRAM | WB_SOCK_NONBLOCK, 0));
}

/* Bound to the IPv4 loopback address; where. */
static int four_bound(struct wb_contract_fixture *fx, struct wb_sockaddr *out_addr) {
    static const uint8_t loopback[4] = {127, 0, 0, 1};
    uint32_t len = sizeof(out_addr->in);
    int fd = socket_of(fx, WB_AF_INET);
    *out_addr = (struct wb_sockaddr){.in = {.family = WB_AF_INET}};
    memcpy(out_addr->in.addr, loopback, sizeof(loopback));
    return SYS(bind, fd, out_addr, len) == 0 && SYS(getsockname, fd, out_addr, &len) == 0 ? fd : -1;
}

static void udp_dual_stack_hears_ipv4_as_mapped(struct wb_contract_fixture *fx) {
    if (fx->family != WB_AF_INET6) {
        return; /* the case is about sockets of IPv6 */
    }
    struct wb_sockaddr any = {.in6 = {.family = WB_AF_INET6}};
    struct wb_sockaddr four;
    struct wb_sockaddr from;
    uint32_t len = sizeof(any.in6);
    int six = socket_of(fx, WB_AF_INET6);
    int sender = four_bound(fx, &four);
    CHECK_EQUAL(SYS(bind, six, &any, len), 0);
    CHECK_EQUAL(SYS(getsockname, six, &any, &len), 0);
    struct wb_sockaddr to = four;
    to.in.port_be = any.in6.port_be;
    CHECK_EQUAL(wb__send_to(fx, sender, &to, "four"), 4);
    DATAGRAM_FROM(six, "four", &from);
    struct wb_sockaddr mapped = wb__mapped_loopback(four.in.port_be);
    CHECK_EQUAL(memcmp(&from, &mapped, sizeof(mapped.in6)), 0);
    CHECK_EQUAL(wb__send_to(fx, six, &mapped, "back"), 4);
    DATAGRAM_FROM(sender, "back", &from);
    CHECK_EQUAL(memcmp(&from, &to, sizeof(to.in)), 0);
    CHECK_EQUAL(SYS(bind, socket_of(fx, WB_AF_INET), &to, sizeof(to.in)), -EADDRINUSE);
    CHECK_EQUAL(wb__send_to(fx, six, &four, "plain"), 5);
    DATAGRAM(sender, "plain");
}

static void udp_v6only_is_deaf_and_dumb_to_ipv4(struct wb_contract_fixture *fx) {
    if (fx->family != WB_AF_INET6) {
        return; /* the case is about sockets of IPv6 */
    }
    struct wb_sockaddr any = {.in6 = {.family = WB_AF_INET6}};
    struct wb_sockaddr four;
    uint32_t len = sizeof(any.in6);
    int six = socket_of(fx, WB_AF_INET6);
    int receiver = four_bound(fx, &four);
    CHECK_EQUAL(wb__set_int(fx, six, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, 1), 0);
    struct wb_sockaddr mapped = wb__mapped_loopback(0);
    CHECK_EQUAL(SYS(bind, six, &mapped, sizeof(mapped.in6)), -EINVAL);
    CHECK_EQUAL(SYS(bind, six, &any, len), 0);
    CHECK_EQUAL(SYS(getsockname, six, &any, &len), 0);
    CHECK_EQUAL(wb__set_int(fx, six, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, 0), -EINVAL);
    mapped = wb__mapped_loopback(four.in.port_be);
    CHECK_EQUAL(wb__send_to(fx, six, &mapped, "x"), -ENETUNREACH);
    CHECK_EQUAL(SYS(connect, six, &mapped, sizeof(mapped.in6)), -ENETUNREACH);
    CHECK_EQUAL(wb__send_to(fx, six, &four, "x"), -ENETUNREACH);
    CHECK_EQUAL(SYS(connect, six, &four, sizeof(four.in)), -EAFNOSUPPORT);
    four.in.port_be = any.in6.port_be;
    CHECK_EQUAL(SYS(bind, socket_of(fx, WB_AF_INET), &four, sizeof(four.in)), 0);
    NO_DATAGRAM(receiver);
}

static void udp_connected_to_mapped_speaks_ipv4_only(struct wb_contract_fixture *fx) {
    if (fx->family != WB_AF_INET6) {
        return; /* the case is about sockets of IPv6 */
    }
    struct wb_sockaddr four;
    struct wb_sockaddr six_loopback = {.in6 = {.family = WB_AF_INET6, .addr = {[15] = 1}}};
    int receiver = four_bound(fx, &four);
    int six = socket_of(fx, WB_AF_INET6);
    struct wb_sockaddr mapped = wb__mapped_loopback(four.in.port_be);
    CHECK_EQUAL(SYS(connect, six, &mapped, sizeof(mapped.in6)), 0);
    struct wb_sockaddr name = wb__name_of(fx, six);
    struct wb_sockaddr expected = wb__mapped_loopback(name.in6.port_be);
    CHECK_EQUAL(memcmp(&name, &expected, sizeof(expected.in6)), 0);
    CHECK_EQUAL(wb__send_to(fx, six, NULL, "x"), 1);
    DATAGRAM(receiver, "x");
    six_loopback.in6.port_be = four.in.port_be;
    CHECK_EQUAL(wb__send_to(fx, six, &six_loopback, "x"), -EAFNOSUPPORT);
    CHECK_EQUAL(SYS(connect, six, &six_loopback, sizeof(six_loopback.in6)), -EAFNOSUPPORT);
    CHECK_EQUAL(wb__close(fx, receiver), 0);
    CHECK(wb__send(fx, six, 1));
    CHECK_EQUAL(wb__socket_error(fx, six), ECONNREFUSED);
    /* The other way round: an address of IPv6 cannot reach IPv4. */
    int bound = socket_of(fx, WB_AF_INET6);
    six_loopback.in6.port_be = 0;
    CHECK_EQUAL(SYS(bind, bound, &six_loopback, sizeof(six_loopback.in6)), 0);
    CHECK_EQUAL(wb__send_to(fx, bound, &mapped, "x"), -ENETUNREACH);
    CHECK_EQUAL(SYS(connect, bound, &mapped, sizeof(mapped.in6)), -ENETUNREACH);
}

static void udp_bound_to_an_ipv6_address_is_v6only(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    struct wb_sockaddr four;
    int fd = -1;
    if (fx->family != WB_AF_INET6) {
        return; /* the case is about sockets of IPv6 */
    }
    CHECK(wb__udp_bound(fx, &fd, &addr));
    CHECK_EQUAL(wb__get_int(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY), 1);
    CHECK(four_bound(fx, &four) >= 0);
    CHECK_EQUAL(SYS(connect, fd, &four, sizeof(four.in)), -EAFNOSUPPORT);
    /* One that got its address by connecting may still turn to IPv4. */
    int connected = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(connect, connected, &addr, sizeof(addr.in6)), 0);
    CHECK_EQUAL(wb__get_int(fx, connected, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY), 0);
    CHECK_EQUAL(wb__send_to(fx, connected, &four, "x"), 1);
    CHECK_EQUAL(SYS(connect, connected, &four, sizeof(four.in)), 0);
}

static void udp_ipv4_socket_goes_before_a_dual_stack_one(struct wb_contract_fixture *fx) {
    if (fx->family != WB_AF_INET6) {
        return; /* the case is about sockets of IPv6 */
    }
    struct wb_sockaddr any4 = {.in = {.family = WB_AF_INET}};
    struct wb_sockaddr any6 = {.in6 = {.family = WB_AF_INET6}};
    uint32_t len = sizeof(any4.in);
    int four = socket_of(fx, WB_AF_INET);
    int six = socket_of(fx, WB_AF_INET6);
    CHECK_EQUAL(wb__set_int(fx, four, WB_SOL_SOCKET, WB_SO_REUSEADDR, 1), 0);
    CHECK_EQUAL(wb__set_int(fx, six, WB_SOL_SOCKET, WB_SO_REUSEADDR, 1), 0);
    CHECK_EQUAL(SYS(bind, four, &any4, len), 0);
    CHECK_EQUAL(SYS(getsockname, four, &any4, &len), 0);
    any6.in6.port_be = any4.in.port_be;
    CHECK_EQUAL(SYS(bind, six, &any6, sizeof(any6.in6)), 0);
    CHECK_EQUAL(wb__send_to(fx, socket_of(fx, WB_AF_INET), &any4, "x"), 1);
    DATAGRAM(four, "x");
    NO_DATAGRAM(six);
}

/* The end of a connection makes a socket of IPv6 hear IPv4 from everybody, IPv6 from its last
 * peer's address alone: the address is kept, only the port is forgotten. */
static void udp_dissolved_hears_of_ipv6_its_last_peer_only(struct wb_contract_fixture *fx) {
    if (fx->family != WB_AF_INET6) {
        return; /* the case is about sockets of IPv6 */
    }
    struct wb_sockaddr four;
    struct wb_sockaddr to;
    int six = socket_of(fx, WB_AF_INET6);
    int sender4 = four_bound(fx, &four);
    (void)wb__loopback(fx, &to);
    CHECK_EQUAL(SYS(connect, six, &four, sizeof(four.in)), 0);
    CHECK_EQUAL(wb__dissolve(fx, six), 0);
    CHECK_EQUAL(wb__send_result(fx, six), -EDESTADDRREQ); /* and has a port now */
    to.in6.port_be = wb__name_of(fx, six).in6.port_be;
    CHECK_EQUAL(wb__send_to(fx, wb__udp_socket(fx), &to, "x"), 1);
    NO_DATAGRAM(six);
    struct wb_sockaddr to4 = four;
    to4.in.port_be = to.in6.port_be;
    CHECK_EQUAL(wb__send_to(fx, sender4, &to4, "four"), 4);
    DATAGRAM(six, "four");
    CHECK_EQUAL(SYS(connect, six, &to, sizeof(to.in6)), 0);
    CHECK_EQUAL(wb__dissolve(fx, six), 0);
    CHECK_EQUAL(wb__send_result(fx, six), -EDESTADDRREQ);
    to.in6.port_be = wb__name_of(fx, six).in6.port_be;
    CHECK_EQUAL(wb__send_to(fx, wb__udp_socket(fx), &to, "y"), 1);
    DATAGRAM(six, "y");
}

static const struct wb_contract_case cases[] = {
    CASE(udp_fresh_has_no_name, NETWORK),
    CASE(udp_first_send_picks_a_port, NETWORK),
    CASE(udp_even_a_failing_call_picks_a_port, NETWORK),
    CASE(udp_ports_are_not_those_of_tcp, NETWORK),
    CASE(udp_connect_names_both_ends, NETWORK),
    CASE(udp_connect_again_goes_elsewhere, NETWORK),
    CASE(udp_dissolved_keeps_what_bind_gave, NETWORK),
    CASE(udp_dissolved_is_as_fresh, NETWORK),
    CASE(udp_connect_to_the_wildcard_is_this_host, NETWORK),
    CASE(udp_connect_to_port_zero_is_no_connection, NETWORK),
    CASE(udp_connected_to_port_zero_hears_every_port, NETWORK),
    CASE(udp_bind_again_elsewhere_gives_what_is_found_first, NETWORK),
    CASE(udp_bind_beside_another_needs_one_option_in_common, NETWORK),
    CASE(udp_bind_beside_the_wildcard_gives_eaddrinuse, NETWORK),
    CASE(udp_closed_socket_gives_its_port_up, NETWORK),
    CASE(udp_datagram_of_a_shared_address_is_the_youngests, NETWORK),
    CASE(udp_datagram_goes_to_the_specific_before_the_wildcard, NETWORK),
    CASE(udp_datagram_goes_to_the_connected_first, NETWORK),
    CASE(udp_shared_port_gives_each_sender_one_receiver, NETWORK),
    CASE(udp_dual_stack_hears_ipv4_as_mapped, NETWORK),
    CASE(udp_v6only_is_deaf_and_dumb_to_ipv4, NETWORK),
    CASE(udp_connected_to_mapped_speaks_ipv4_only, NETWORK),
    CASE(udp_bound_to_an_ipv6_address_is_v6only, NETWORK),
    CASE(udp_ipv4_socket_goes_before_a_dual_stack_one, NETWORK),
    CASE(udp_dissolved_hears_of_ipv6_its_last_peer_only, NETWORK),
};

WB__CONTRACT_GROUP(udp_name);
