/* Socket options: what is set is what is got, and what is wrong is refused. */
#include "sys/contract/support.h"

static int set(struct wb_contract_fixture *fx, int fd, int level, int name, int value) {
    return SYS(setsockopt, fd, level, name, &value, sizeof(value));
}

/* The value, or a negative result; options with negative values are not asked for. */
static int get(struct wb_contract_fixture *fx, int fd, int level, int name) {
    int value = 0;
    uint32_t len = sizeof(value);
    int result = SYS(getsockopt, fd, level, name, &value, &len);
    if (result < 0) {
        return result;
    }
    return len == sizeof(value) ? value : -1000;
}

static void option_flags_are_off_until_set_and_read_back(struct wb_contract_fixture *fx) {
    static const struct {
        int level;
        int name;
    } flags[] = {{WB_SOL_SOCKET, WB_SO_REUSEADDR}, {WB_SOL_SOCKET, WB_SO_REUSEPORT},
        {WB_SOL_SOCKET, WB_SO_KEEPALIVE}, {WB_SOL_SOCKET, WB_SO_BROADCAST},
        {WB_SOL_SOCKET, WB_SO_OOBINLINE}, {WB_IPPROTO_TCP, WB_TCP_NODELAY}};
    int fd = wb__tcp_socket(fx);
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        CHECK_EQUAL(get(fx, fd, flags[i].level, flags[i].name), 0);
        CHECK_EQUAL(set(fx, fd, flags[i].level, flags[i].name, 7), 0);
        CHECK_EQUAL(get(fx, fd, flags[i].level, flags[i].name), 1);
        CHECK_EQUAL(set(fx, fd, flags[i].level, flags[i].name, 0), 0);
        CHECK_EQUAL(get(fx, fd, flags[i].level, flags[i].name), 0);
    }
}

static void option_numbers_are_read_back(struct wb_contract_fixture *fx) {
    static const struct {
        int name;
        int value;
    } numbers[] = {{WB_TCP_KEEPIDLE, 33}, {WB_TCP_KEEPINTVL, 7}, {WB_TCP_KEEPCNT, 4},
        {WB_TCP_USER_TIMEOUT, 1234}};
    int fd = wb__tcp_socket(fx);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        CHECK_EQUAL(set(fx, fd, WB_IPPROTO_TCP, numbers[i].name, numbers[i].value), 0);
        CHECK_EQUAL(get(fx, fd, WB_IPPROTO_TCP, numbers[i].name), numbers[i].value);
    }
    CHECK_EQUAL(set(fx, fd, WB_IPPROTO_TCP, WB_TCP_KEEPIDLE, 0), -EINVAL);
    CHECK_EQUAL(get(fx, fd, WB_IPPROTO_TCP, WB_TCP_KEEPIDLE), 33);
}

static void option_of_another_kind_of_socket_is_not_supported(struct wb_contract_fixture *fx) {
    int unix_socket = wb__track(fx, SYS(socket, WB_AF_UNIX, WB_SOCK_STREAM, 0));
    int tcp = wb__tcp_socket(fx);
    CHECK_EQUAL(set(fx, unix_socket, WB_SOL_SOCKET, WB_SO_REUSEPORT, 1), -EOPNOTSUPP);
    CHECK_EQUAL(set(fx, unix_socket, WB_SOL_SOCKET, WB_SO_REUSEPORT, 0), 0);
    CHECK_EQUAL(get(fx, unix_socket, WB_SOL_SOCKET, WB_SO_REUSEPORT), 0);
    CHECK_EQUAL(set(fx, tcp, WB_SOL_SOCKET, WB_SO_PASSCRED, 0), -EOPNOTSUPP);
    CHECK_EQUAL(get(fx, tcp, WB_SOL_SOCKET, WB_SO_PASSCRED), -EOPNOTSUPP);
}

/* An accepted connection reaches groups as far as its client's first segment still had to go. */
static void option_multicast_hops_of_an_accepted_connection(struct wb_contract_fixture *fx) {
    bool is_ipv6 = fx->family == WB_AF_INET6;
    int level = is_ipv6 ? WB_IPPROTO_IPV6 : WB_IPPROTO_IP;
    int listener = -1;
    int accepted = -1;
    int client = wb__tcp_socket(fx);
    CHECK(wb__listener(fx, 4, &listener));
    CHECK_EQUAL(set(fx, client, level, is_ipv6 ? WB_IPV6_UNICAST_HOPS : WB_IP_TTL, 42), 0);
    (void)wb__connect_to(fx, client, listener);
    CHECK(wb__accept(fx, listener, &accepted));
    int name = is_ipv6 ? WB_IPV6_MULTICAST_HOPS : WB_IP_MULTICAST_TTL;
    CHECK_EQUAL(get(fx, accepted, level, name), 42);
    CHECK_EQUAL(get(fx, client, level, name), 1);
}

static void option_hop_limit_is_read_back(struct wb_contract_fixture *fx) {
    int level = fx->family == WB_AF_INET6 ? WB_IPPROTO_IPV6 : WB_IPPROTO_IP;
    int name = fx->family == WB_AF_INET6 ? WB_IPV6_UNICAST_HOPS : WB_IP_TTL;
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(set(fx, fd, level, name, 42), 0);
    CHECK_EQUAL(get(fx, fd, level, name), 42);
    CHECK_EQUAL(set(fx, fd, level, name, 256), -EINVAL);
    CHECK_EQUAL(get(fx, fd, level, name), 42);
}

static void option_v6only_is_read_back(struct wb_contract_fixture *fx) {
    int fd = wb__tcp_socket(fx);
    if (fx->family != WB_AF_INET6) {
        CHECK_EQUAL(get(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY), -EOPNOTSUPP);
        return;
    }
    CHECK_EQUAL(set(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, 1), 0);
    CHECK_EQUAL(get(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY), 1);
    CHECK_EQUAL(set(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, 0), 0);
    CHECK_EQUAL(get(fx, fd, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY), 0);
}

static void option_what_a_socket_is_can_be_asked(struct wb_contract_fixture *fx) {
    int listener = -1;
    int fd = wb__tcp_socket(fx);
    CHECK(wb__listener(fx, 1, &listener));
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_TYPE), WB_SOCK_STREAM);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_DOMAIN), fx->family);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_PROTOCOL), WB_IPPROTO_TCP);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_ACCEPTCONN), 0);
    CHECK_EQUAL(get(fx, listener, WB_SOL_SOCKET, WB_SO_ACCEPTCONN), 1);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_ERROR), 0);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, WB_SO_TYPE, 1), -ENOPROTOOPT);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, WB_SO_ERROR, 1), -ENOPROTOOPT);
}

/* Linux doubles what it is given, to make room for its bookkeeping, and has a lower bound. */
static void option_buffer_sizes_are_doubled(struct wb_contract_fixture *fx) {
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, WB_SO_SNDBUF, 20000), 0);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_SNDBUF), 40000);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, WB_SO_RCVBUF, 20000), 0);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_RCVBUF), 40000);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, WB_SO_SNDBUF, 1), 0);
    CHECK(get(fx, fd, WB_SOL_SOCKET, WB_SO_SNDBUF) >= 2048);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, WB_SO_RCVBUF, 1), 0);
    CHECK(get(fx, fd, WB_SOL_SOCKET, WB_SO_RCVBUF) >= 2048);
}

static void option_low_water_mark_is_at_least_one(struct wb_contract_fixture *fx) {
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_RCVLOWAT), 1);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, WB_SO_RCVLOWAT, 5), 0);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_RCVLOWAT), 5);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, WB_SO_RCVLOWAT, 0), 0);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, WB_SO_RCVLOWAT), 1);
}

static void option_linger_is_read_back(struct wb_contract_fixture *fx) {
    struct wb_linger linger = {.onoff = 1, .seconds = 9};
    uint32_t len = sizeof(linger);
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_LINGER, &linger, sizeof(linger)), 0);
    linger = (struct wb_linger){0};
    CHECK_EQUAL(SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_LINGER, &linger, &len), 0);
    CHECK_EQUAL(len, sizeof(linger));
    CHECK_EQUAL(linger.onoff, 1);
    CHECK_EQUAL(linger.seconds, 9);
}

static void option_unknown_ones_are_refused(struct wb_contract_fixture *fx) {
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(set(fx, fd, WB_SOL_SOCKET, 9999, 1), -ENOPROTOOPT);
    CHECK_EQUAL(get(fx, fd, WB_SOL_SOCKET, 9999), -ENOPROTOOPT);
    CHECK_EQUAL(set(fx, fd, WB_IPPROTO_TCP, 9999, 1), -ENOPROTOOPT);
    CHECK_EQUAL(get(fx, fd, WB_IPPROTO_TCP, 9999), -ENOPROTOOPT);
}

static void option_short_values_are_refused_and_cut(struct wb_contract_fixture *fx) {
    int value = 1;
    uint32_t len = 2;
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_REUSEADDR, &value, 2), -EINVAL);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_LINGER, &value, 4), -EINVAL);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, &value, 2), -EINVAL);
    value = -1;
    CHECK_EQUAL(SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, &value, &len), 0);
    CHECK_EQUAL(len, 2);
    CHECK_EQUAL((uint32_t)value & 0xffffu, WB_SOCK_STREAM);
    CHECK_EQUAL((uint32_t)value >> 16, 0xffff);
}

static void option_accepted_socket_inherits_its_listeners(struct wb_contract_fixture *fx) {
    static const struct {
        int level;
        int name;
        int value;
    } options[] = {{WB_SOL_SOCKET, WB_SO_KEEPALIVE, 1}, {WB_SOL_SOCKET, WB_SO_RCVLOWAT, 7},
        {WB_SOL_SOCKET, WB_SO_OOBINLINE, 1}, {WB_IPPROTO_TCP, WB_TCP_KEEPIDLE, 77},
        {WB_IPPROTO_TCP, WB_TCP_USER_TIMEOUT, 4321}};
    enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };
    struct wb_linger linger = {.onoff = 1, .seconds = 9};
    uint32_t len = sizeof(linger);
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(SYS(setsockopt, listener, WB_SOL_SOCKET, WB_SO_LINGER, &linger, len), 0);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        CHECK_EQUAL(set(fx, listener, options[i].level, options[i].name, options[i].value), 0);
    }
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__accept(fx, listener, &accepted));
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        CHECK_EQUAL(get(fx, accepted, options[i].level, options[i].name), options[i].value);
    }
    linger = (struct wb_linger){0};
    CHECK_EQUAL(SYS(getsockopt, accepted, WB_SOL_SOCKET, WB_SO_LINGER, &linger, &len), 0);
    CHECK_EQUAL(linger.onoff, 1);
    CHECK_EQUAL(linger.seconds, 9);
}

static const struct wb_contract_case cases[] = {
    CASE(option_flags_are_off_until_set_and_read_back, NETWORK),
    CASE(option_numbers_are_read_back, NETWORK),
    CASE(option_of_another_kind_of_socket_is_not_supported, 0),
    CASE(option_multicast_hops_of_an_accepted_connection, NETWORK),
    CASE(option_hop_limit_is_read_back, NETWORK),
    CASE(option_v6only_is_read_back, NETWORK),
    CASE(option_what_a_socket_is_can_be_asked, NETWORK),
    CASE(option_buffer_sizes_are_doubled, NETWORK),
    CASE(option_low_water_mark_is_at_least_one, NETWORK),
    CASE(option_linger_is_read_back, NETWORK),
    CASE(option_unknown_ones_are_refused, NETWORK),
    CASE(option_short_values_are_refused_and_cut, NETWORK),
    CASE(option_accepted_socket_inherits_its_listeners, NETWORK),
};
WB__CONTRACT_GROUP(option);
