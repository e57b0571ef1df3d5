/* Names that sockets of TCP and of UDP get and keep alike. */
#include <string.h>

#include "sys/contract/udp_support.h"

static const int types[] = {WB_SOCK_STREAM, WB_SOCK_DGRAM};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

static int socket_of(struct wb_contract_fixture *fx, int type) {
    return wb__track(fx, SYS(socket, fx->family, type | WB_SOCK_NONBLOCK, 0));
}

/* Connects to a port that nobody has, and dissolves what came of it. */
static bool connect_and_dissolve(struct wb_contract_fixture *fx, int type, int fd) {
    struct wb_sockaddr nobody;
    uint32_t len = wb__loopback(fx, &nobody);
    nobody.in.port_be = 256; /* port 1 */
    int begun = type == WB_SOCK_STREAM ? -EINPROGRESS : 0;
    return wb__check_equal(fx, __FILE__, __LINE__, SYS(connect, fd, &nobody, len), begun, "connect")
           && wb__check_equal(fx, __FILE__, __LINE__, wb__dissolve(fx, fd), 0, "dissolve");
}

static bool is_named(struct wb_contract_fixture *fx, int fd, const struct wb_sockaddr *expected) {
    struct wb_sockaddr name = wb__name_of(fx, fd);
    return memcmp(&name, expected, wb__addr_len(fx)) == 0;
}

/* Whatever its port, which TCP shows even when it is given up. */
static bool has_address(struct wb_contract_fixture *fx, int fd, struct wb_sockaddr expected) {
    expected.in.port_be = wb__name_of(fx, fd).in.port_be;
    return is_named(fx, fd, &expected);
}

/* Dissolved, a socket forgets the address that connect chose for it, and keeps the one that a bind
 * gave: even though another bind since gave none in particular. */
static void name_that_bind_gave_once_stays_given(struct wb_contract_fixture *fx) {
    struct wb_sockaddr any = wb__wildcard(fx, 0);
    struct wb_sockaddr own;
    uint32_t len = wb__loopback(fx, &own);
    for (int i = 0; i < TYPE_COUNT; i++) {
        int fd = socket_of(fx, types[i]);
        CHECK_EQUAL(SYS(bind, fd, &any, len), 0);
        CHECK(connect_and_dissolve(fx, types[i], fd));
        CHECK(has_address(fx, fd, any));
        CHECK_EQUAL(SYS(bind, fd, &own, len), 0);
        CHECK(connect_and_dissolve(fx, types[i], fd));
        CHECK(has_address(fx, fd, own));
        CHECK_EQUAL(SYS(bind, fd, &any, len), 0);
        CHECK(has_address(fx, fd, any));
        CHECK(connect_and_dissolve(fx, types[i], fd));
        CHECK(has_address(fx, fd, own));
    }
}

/* A port that was named once is kept as well, and no other can be given any more. */
static void name_keeps_the_port_that_was_named(struct wb_contract_fixture *fx) {
    for (int i = 0; i < TYPE_COUNT; i++) {
        struct wb_sockaddr own;
        int fd = -1;
        CHECK(wb__bound(fx, &fd, &own)); /* by TCP, whose ports are not those of UDP */
        CHECK_EQUAL(wb__close(fx, fd), 0);
        fd = socket_of(fx, types[i]);
        CHECK_EQUAL(SYS(bind, fd, &own, wb__addr_len(fx)), 0);
        CHECK(connect_and_dissolve(fx, types[i], fd));
        CHECK(is_named(fx, fd, &own));
        CHECK_EQUAL(SYS(bind, fd, &own, wb__addr_len(fx)), -EINVAL);
    }
}

/* All of 127.0.0.0/8 is this host. A socket that is bound to none of it, also one of IPv6, goes
 * there as 127.0.0.1. */
static void name_of_who_goes_to_any_loopback_address_is_the_first(struct wb_contract_fixture *fx) {
    static const uint8_t elsewhere[4] = {127, 5, 6, 7};
    static const uint8_t first[4] = {127, 0, 0, 1};
    bool six = fx->family == WB_AF_INET6;
    for (int i = 0; i < TYPE_COUNT; i++) {
        struct wb_sockaddr any = wb__wildcard(fx, 0);
        struct wb_sockaddr to;
        int listener = socket_of(fx, types[i]);
        int fd = socket_of(fx, types[i]);
        CHECK_EQUAL(SYS(bind, listener, &any, wb__addr_len(fx)), 0);
        CHECK_EQUAL(SYS(listen, listener, 8), types[i] == WB_SOCK_STREAM ? 0 : -EOPNOTSUPP);
        uint16_t port_be = wb__name_of(fx, listener).in.port_be;
        to = six ? wb__mapped_loopback(port_be) : wb__wildcard(fx, port_be);
        memcpy(six ? to.in6.addr + 12 : to.in.addr, elsewhere, sizeof(elsewhere));
        CHECK_EQUAL(
            SYS(connect, fd, &to, wb__addr_len(fx)), types[i] == WB_SOCK_STREAM ? -EINPROGRESS : 0);
        struct wb_sockaddr name = wb__name_of(fx, fd);
        CHECK_EQUAL(memcmp(six ? name.in6.addr + 12 : name.in.addr, first, sizeof(first)), 0);
        uint32_t len = sizeof(name);
        CHECK_EQUAL(SYS(getpeername, fd, &name, &len), 0);
        CHECK_EQUAL(memcmp(&name, &to, wb__addr_len(fx)), 0);
    }
}

static const struct wb_contract_case cases[] = {
    CASE(name_that_bind_gave_once_stays_given, NETWORK),
    CASE(name_keeps_the_port_that_was_named, NETWORK | WB_CONTRACT_TIMING),
    CASE(name_of_who_goes_to_any_loopback_address_is_the_first, NETWORK),
};
WB__CONTRACT_GROUP(name);
