/* UDP to many: the options of IPv4 and IPv6, broadcast, groups (A-NET-09). Groups of IPv4 are
 * tried over the loopback device, which hands out what a socket sends from its own address; IPv6
 * has no groups there, so its delivery needs the flag NEEDS_MULTICAST: a device with groups. */
#include "sys/contract/udp_support.h"

#include <string.h>

static const uint8_t group4[4] = {239, 255, 77, 7};
static const uint8_t group6[16] = {0xff, 0x05, [15] = 0x77};
static const uint8_t loopback4[4] = {127, 0, 0, 1};

/* ---- options that are numbers ---- */

struct option_rule {
    int level;
    int name;
    int default_value;
    int min;
    int of_minus_one; /* what -1 leaves; -EINVAL: it is refused */
    bool is_flag;
};

static const struct option_rule rules4[] = {
    {WB_IPPROTO_IP, WB_IP_TTL, 64, 1, 64, false},
    {WB_IPPROTO_IP, WB_IP_MULTICAST_TTL, 1, 0, 1, false},
    {WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP, 1, 0, 1, true},
};
static const struct option_rule rules6[] = {
    {WB_IPPROTO_IPV6, WB_IPV6_UNICAST_HOPS, 64, 0, 64, false},
    {WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_HOPS, 1, 0, 1, false},
    {WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_LOOP, 1, 0, -EINVAL, true},
    {WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, 0, 0, 1, true},
};
enum { RULES4 = sizeof(rules4) / sizeof(rules4[0]), RULES6 = sizeof(rules6) / sizeof(rules6[0]) };

static bool follows(struct wb_contract_fixture *fx, const struct option_rule *rule) {
    int fd = wb__udp_socket(fx);
    int set = wb__set_int(fx, fd, rule->level, rule->name, -1);
    bool holds = wb__get_int(fx, wb__udp_socket(fx), rule->level, rule->name) == rule->default_value
                 && set == (rule->of_minus_one < 0 ? rule->of_minus_one : 0)
                 && wb__set_int(fx, fd, rule->level, rule->name, rule->min) == 0
                 && wb__get_int(fx, fd, rule->level, rule->name) == rule->min
                 && wb__set_int(fx, fd, rule->level, rule->name, 1) == 0
                 && wb__get_int(fx, fd, rule->level, rule->name) == 1;
    if (holds && !rule->is_flag) {
        holds = wb__set_int(fx, fd, rule->level, rule->name, 255) == 0
                && wb__set_int(fx, fd, rule->level, rule->name, 256) == -EINVAL
                && wb__set_int(fx, fd, rule->level, rule->name, -2) == -EINVAL
                && wb__set_int(fx, fd, rule->level, rule->name, rule->min - 1)
                       == (rule->min == 0 ? 0 : -EINVAL)
                && wb__get_int(fx, fd, rule->level, rule->name)
                       == (rule->min == 0 ? rule->of_minus_one : 255);
    }
    return wb__check(fx, __FILE__, __LINE__, holds, "an option follows its rule")
           || (wb__fail(fx, __FILE__, __LINE__, "level %d, option %d", rule->level, rule->name),
               false);
}

static void udp_options_of_ip(struct wb_contract_fixture *fx) {
    for (size_t i = 0; i < RULES4; i++) {
        CHECK(follows(fx, &rules4[i]));
    }
    for (size_t i = 0; i < RULES6; i++) {
        const struct option_rule *rule = &rules6[i];
        if (fx->family == WB_AF_INET6) {
            CHECK(follows(fx, rule));
        } else {
            int fd = wb__udp_socket(fx);
            CHECK_EQUAL(wb__set_int(fx, fd, rule->level, rule->name, 1), -ENOPROTOOPT);
            CHECK_EQUAL(wb__get_int(fx, fd, rule->level, rule->name), -EOPNOTSUPP);
        }
    }
}

static void udp_options_of_both_families_are_apart(struct wb_contract_fixture *fx) {
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(wb__set_int(fx, fd, WB_IPPROTO_IP, WB_IP_TTL, 7), 0);
    CHECK_EQUAL(wb__set_int(fx, fd, WB_IPPROTO_IP, WB_IP_MULTICAST_TTL, 8), 0);
    CHECK_EQUAL(wb__set_int(fx, fd, WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP, 0), 0);
    CHECK_EQUAL(wb__get_int(fx, fd, WB_IPPROTO_IP, WB_IP_TTL), 7);
    CHECK_EQUAL(wb__get_int(fx, fd, WB_IPPROTO_IP, WB_IP_MULTICAST_TTL), 8);
    CHECK_EQUAL(wb__get_int(fx, fd, WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP), 0);
    if (fx->family == WB_AF_INET6) {
        CHECK_EQUAL(wb__get_int(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_UNICAST_HOPS), 64);
        CHECK_EQUAL(wb__get_int(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_HOPS), 1);
        CHECK_EQUAL(wb__get_int(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_LOOP), 1);
    }
}

static void option_of_ipv4_may_be_a_byte(struct wb_contract_fixture *fx) {
    const uint8_t five = 5;
    uint8_t out[4] = {0xff, 0xff, 0xff, 0xff};
    uint32_t len = 1;
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_IPPROTO_IP, WB_IP_TTL, &five, 1), 0);
    CHECK_EQUAL(wb__get_int(fx, fd, WB_IPPROTO_IP, WB_IP_TTL), 5);
    CHECK_EQUAL(SYS(getsockopt, fd, WB_IPPROTO_IP, WB_IP_TTL, out, &len), 0);
    CHECK_EQUAL(len, 1);
    CHECK_EQUAL(out[0], 5);
    CHECK_EQUAL(out[1], 0xff);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_IPPROTO_IP, WB_IP_TTL, &five, 0), -EINVAL);
}

static void stream_is_refused_what_is_for_many(struct wb_contract_fixture *fx) {
    struct wb_ip_mreq request = {.interface = {127, 0, 0, 1}};
    memcpy(request.group, group4, sizeof(group4));
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(wb__set_int(fx, fd, WB_IPPROTO_IP, WB_IP_MULTICAST_TTL, 2), -EINVAL);
    CHECK_EQUAL(wb__set_int(fx, fd, WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP, 1), 0);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_IPPROTO_IP, WB_IP_ADD_MEMBERSHIP, &request, sizeof(request)),
        -EPROTO);
    if (fx->family == WB_AF_INET6) {
        CHECK_EQUAL(wb__set_int(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_HOPS, 2), -ENOPROTOOPT);
        CHECK_EQUAL(wb__set_int(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_UNICAST_HOPS, 0), 0);
    }
}

/* ---- broadcast ---- */

static int socket4(struct wb_contract_fixture *fx) {
    int fd = wb__track(fx, SYS(socket, WB_AF_INET, WB_SOCK_DGRAM | WB_SOCK_NONBLOCK, 0));
    (void)wb__set_int(fx, fd, WB_SOL_SOCKET, WB_SO_REUSEADDR, 1);
    return fd;
}

static struct wb_sockaddr at4(const uint8_t ip[4], uint16_t port_be) {
    struct wb_sockaddr addr = {.in = {.family = WB_AF_INET, .port_be = port_be}};
    memcpy(addr.in.addr, ip, sizeof(addr.in.addr));
    return addr;
}

/* A socket bound there; the port goes to *in_out_port if that is 0. */
static int bound4(struct wb_contract_fixture *fx, const uint8_t ip[4], uint16_t *in_out_port_be) {
    struct wb_sockaddr addr = at4(ip, *in_out_port_be);
    uint32_t len = sizeof(addr.in);
    int fd = socket4(fx);
    int result = SYS(bind, fd, &addr, len);
    if (result != 0 || SYS(getsockname, fd, &addr, &len) != 0) {
        wb__fail(fx, __FILE__, __LINE__, "bind gives %d", result);
        return -1;
    }
    *in_out_port_be = addr.in.port_be;
    return fd;
}

static const uint8_t any4[4];

static void udp_broadcast_needs_permission(struct wb_contract_fixture *fx) {
    static const uint8_t everybody[2][4] = {{255, 255, 255, 255}, {127, 255, 255, 255}};
    for (int i = 0; i < 2; i++) {
        struct wb_sockaddr to = at4(everybody[i], 9);
        int fd = socket4(fx);
        CHECK_EQUAL(wb__send_to(fx, fd, &to, "x"), -EACCES);
        CHECK_EQUAL(SYS(connect, fd, &to, sizeof(to.in)), -EACCES);
    }
    struct wb_sockaddr to = at4(everybody[1], 9);
    int fd = socket4(fx);
    CHECK_EQUAL(wb__set_int(fx, fd, WB_SOL_SOCKET, WB_SO_BROADCAST, 1), 0);
    CHECK_EQUAL(SYS(connect, fd, &to, sizeof(to.in)), 0);
    CHECK_EQUAL(wb__send_to(fx, fd, NULL, "x"), 1);
    CHECK_EQUAL(wb__socket_error(fx, fd), 0);
}

static void udp_broadcast_reaches_all_who_listen_everywhere(struct wb_contract_fixture *fx) {
    static const uint8_t everybody[4] = {127, 255, 255, 255};
    uint16_t port_be = 0;
    int first = bound4(fx, any4, &port_be);
    int specific = bound4(fx, loopback4, &port_be);
    int second = bound4(fx, any4, &port_be);
    int at_it = bound4(fx, everybody, &port_be);
    CHECK(first >= 0 && specific >= 0 && second >= 0 && at_it >= 0);
    int sender = socket4(fx);
    CHECK_EQUAL(wb__set_int(fx, sender, WB_SOL_SOCKET, WB_SO_BROADCAST, 1), 0);
    struct wb_sockaddr to = at4(everybody, port_be);
    CHECK_EQUAL(wb__send_to(fx, sender, &to, "all"), 3);
    DATAGRAM(first, "all");
    DATAGRAM(second, "all");
    DATAGRAM(at_it, "all");
    NO_DATAGRAM(specific);
}

/* ---- groups of IPv4 ---- */

static int member4(struct wb_contract_fixture *fx, int fd, int option, const uint8_t interface[4]) {
    struct wb_ip_mreq request;
    memcpy(request.group, group4, sizeof(group4));
    memcpy(request.interface, interface, sizeof(request.interface));
    return SYS(setsockopt, fd, WB_IPPROTO_IP, option, &request, sizeof(request));
}

static void multicast4_goes_to_all_with_the_port_once_one_has_joined(
    struct wb_contract_fixture *fx) {
    uint16_t port_be = 0;
    uint16_t sender_port_be = 0;
    int member = bound4(fx, any4, &port_be);
    int at_group = bound4(fx, group4, &port_be);
    int specific = bound4(fx, loopback4, &port_be);
    int bystander = bound4(fx, any4, &port_be);
    int sender = bound4(fx, loopback4, &sender_port_be);
    CHECK(member >= 0 && at_group >= 0 && specific >= 0 && bystander >= 0 && sender >= 0);
    struct wb_sockaddr to = at4(group4, port_be);
    CHECK_EQUAL(wb__send_to(fx, sender, &to, "early"), 5);
    CHECK_EQUAL(member4(fx, member, WB_IP_ADD_MEMBERSHIP, loopback4), 0);
    CHECK_EQUAL(wb__send_to(fx, sender, &to, "joined"), 6);
    struct wb_sockaddr from;
    DATAGRAM_FROM(member, "joined", &from);
    CHECK_EQUAL(from.in.port_be, sender_port_be);
    CHECK_EQUAL(memcmp(from.in.addr, loopback4, sizeof(loopback4)), 0);
    DATAGRAM(at_group, "joined");
    DATAGRAM(bystander, "joined");
    NO_DATAGRAM(specific);
    CHECK_EQUAL(member4(fx, member, WB_IP_DROP_MEMBERSHIP, loopback4), 0);
    CHECK_EQUAL(wb__send_to(fx, sender, &to, "left"), 4);
    NO_DATAGRAM(member);
    NO_DATAGRAM(at_group);
    CHECK_EQUAL(wb__socket_error(fx, sender), 0);
}

static void multicast4_closing_leaves(struct wb_contract_fixture *fx) {
    uint16_t port_be = 0;
    uint16_t sender_port_be = 0;
    int bystander = bound4(fx, any4, &port_be);
    int member = bound4(fx, any4, &port_be);
    int sender = bound4(fx, loopback4, &sender_port_be);
    CHECK(bystander >= 0 && member >= 0 && sender >= 0);
    struct wb_sockaddr to = at4(group4, port_be);
    CHECK_EQUAL(member4(fx, member, WB_IP_ADD_MEMBERSHIP, loopback4), 0);
    CHECK_EQUAL(wb__close(fx, member), 0);
    CHECK_EQUAL(wb__send_to(fx, sender, &to, "x"), 1);
    NO_DATAGRAM(bystander);
}

/* The loopback device is not asked whether it should loop. */
static void multicast4_own_datagram_comes_back(struct wb_contract_fixture *fx) {
    uint16_t port_be = 0;
    int member = bound4(fx, group4, &port_be);
    int fd = bound4(fx, loopback4, &port_be);
    CHECK(member >= 0 && fd >= 0);
    struct wb_sockaddr to = at4(group4, port_be);
    CHECK_EQUAL(member4(fx, member, WB_IP_ADD_MEMBERSHIP, loopback4), 0);
    CHECK_EQUAL(wb__send_to(fx, fd, &to, "own"), 3);
    DATAGRAM(member, "own");
    CHECK_EQUAL(wb__set_int(fx, fd, WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP, 0), 0);
    CHECK_EQUAL(wb__send_to(fx, fd, &to, "still"), 5);
    DATAGRAM(member, "still");
}

static void multicast4_wrong_requests_get_their_errors(struct wb_contract_fixture *fx) {
    static const uint8_t foreign[4] = {192, 0, 2, 77};
    struct wb_ip_mreq request = {.group = {10, 1, 1, 1}, .interface = {127, 0, 0, 1}};
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(member4(fx, fd, WB_IP_DROP_MEMBERSHIP, loopback4), -EADDRNOTAVAIL);
    CHECK_EQUAL(member4(fx, fd, WB_IP_ADD_MEMBERSHIP, loopback4), 0);
    CHECK_EQUAL(member4(fx, fd, WB_IP_ADD_MEMBERSHIP, loopback4), -EADDRINUSE);
    CHECK_EQUAL(member4(fx, fd, WB_IP_ADD_MEMBERSHIP, foreign), -ENODEV);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_IPPROTO_IP, WB_IP_ADD_MEMBERSHIP, &request, sizeof(request)),
        -EINVAL);
    CHECK_EQUAL(
        SYS(setsockopt, fd, WB_IPPROTO_IP, WB_IP_ADD_MEMBERSHIP, &request, sizeof(request) - 1),
        -EINVAL);
    CHECK_EQUAL(
        SYS(setsockopt, fd, WB_IPPROTO_IP, WB_IP_ADD_MEMBERSHIP, NULL, sizeof(request)), -EFAULT);
    uint32_t len = sizeof(request);
    CHECK_EQUAL(
        SYS(getsockopt, fd, WB_IPPROTO_IP, WB_IP_ADD_MEMBERSHIP, &request, &len), -ENOPROTOOPT);
}

/* ---- groups of IPv6 ---- */

static int member6(struct wb_contract_fixture *fx, int fd, int option, uint32_t interface_index) {
    struct wb_ipv6_mreq request = {.interface_index = interface_index};
    memcpy(request.group, group6, sizeof(group6));
    return SYS(setsockopt, fd, WB_IPPROTO_IPV6, option, &request, sizeof(request));
}

static void multicast6_requests_get_their_answers(struct wb_contract_fixture *fx) {
    struct wb_ipv6_mreq request = {.group = {[15] = 1}, .interface_index = 1};
    int fd = wb__udp_socket(fx);
    if (fx->family != WB_AF_INET6) {
        CHECK_EQUAL(member6(fx, fd, WB_IPV6_ADD_MEMBERSHIP, 1), -ENOPROTOOPT);
        return;
    }
    CHECK_EQUAL(member6(fx, fd, WB_IPV6_DROP_MEMBERSHIP, 1), -EADDRNOTAVAIL);
    CHECK_EQUAL(member6(fx, fd, WB_IPV6_ADD_MEMBERSHIP, 1), 0);
    CHECK_EQUAL(member6(fx, fd, WB_IPV6_ADD_MEMBERSHIP, 1), -EADDRINUSE);
    CHECK_EQUAL(member6(fx, fd, WB_IPV6_ADD_MEMBERSHIP, 999), -ENODEV);
    CHECK_EQUAL(member6(fx, fd, WB_IPV6_DROP_MEMBERSHIP, 1), 0);
    CHECK_EQUAL(
        SYS(setsockopt, fd, WB_IPPROTO_IPV6, WB_IPV6_ADD_MEMBERSHIP, &request, sizeof(request)),
        -EINVAL);
    CHECK_EQUAL(
        SYS(setsockopt, fd, WB_IPPROTO_IPV6, WB_IPV6_ADD_MEMBERSHIP, &request, sizeof(request) - 1),
        -EINVAL);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_IPPROTO_IPV6, WB_IPV6_ADD_MEMBERSHIP, NULL, sizeof(request)),
        -EFAULT);
}

/* ---- groups on a device that has them, in the fixture's family ---- */

static int member(struct wb_contract_fixture *fx, int fd, bool joins) {
    if (fx->family == WB_AF_INET6) {
        return member6(fx, fd, joins ? WB_IPV6_ADD_MEMBERSHIP : WB_IPV6_DROP_MEMBERSHIP, 0);
    }
    return member4(fx, fd, joins ? WB_IP_ADD_MEMBERSHIP : WB_IP_DROP_MEMBERSHIP, any4);
}

static int loop(struct wb_contract_fixture *fx, int fd, int on) {
    return fx->family == WB_AF_INET6
               ? wb__set_int(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_MULTICAST_LOOP, on)
               : wb__set_int(fx, fd, WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP, on);
}

static void multicast_loop_delivers_own_datagrams_to_members(struct wb_contract_fixture *fx) {
    struct wb_sockaddr name = wb__wildcard(fx, 0);
    uint32_t len = wb__addr_len(fx);
    int fd = wb__udp_socket(fx);
    CHECK_EQUAL(SYS(bind, fd, &name, len), 0);
    CHECK_EQUAL(SYS(getsockname, fd, &name, &len), 0);
    if (fx->family == WB_AF_INET6) {
        memcpy(name.in6.addr, group6, sizeof(group6));
    } else {
        memcpy(name.in.addr, group4, sizeof(group4));
    }
    CHECK_EQUAL(wb__send_to(fx, fd, &name, "early"), 5);
    NO_DATAGRAM(fd);
    CHECK_EQUAL(member(fx, fd, true), 0);
    CHECK_EQUAL(wb__send_to(fx, fd, &name, "own"), 3);
    DATAGRAM(fd, "own");
    CHECK_EQUAL(loop(fx, fd, 0), 0);
    CHECK_EQUAL(wb__send_to(fx, fd, &name, "mute"), 4);
    NO_DATAGRAM(fd);
    CHECK_EQUAL(loop(fx, fd, 1), 0);
    CHECK_EQUAL(member(fx, fd, false), 0);
    CHECK_EQUAL(wb__send_to(fx, fd, &name, "left"), 4);
    NO_DATAGRAM(fd);
}

static const struct wb_contract_case cases[] = {
    CASE(udp_options_of_ip, NETWORK),
    CASE(udp_options_of_both_families_are_apart, NETWORK),
    CASE(option_of_ipv4_may_be_a_byte, NETWORK),
    CASE(stream_is_refused_what_is_for_many, NETWORK),
    CASE(udp_broadcast_needs_permission, 0),
    CASE(udp_broadcast_reaches_all_who_listen_everywhere, 0),
    CASE(multicast4_goes_to_all_with_the_port_once_one_has_joined, 0),
    CASE(multicast4_closing_leaves, 0),
    CASE(multicast4_own_datagram_comes_back, 0),
    CASE(multicast4_wrong_requests_get_their_errors, NETWORK),
    CASE(multicast6_requests_get_their_answers, NETWORK),
    CASE(multicast_loop_delivers_own_datagrams_to_members, NETWORK | WB_CONTRACT_NEEDS_MULTICAST),
};

WB__CONTRACT_GROUP(multicast);
