/* Name resolution: numbers, the name of this host itself, names that are none. */
#include "sys/contract/support.h"

#include <string.h>

enum { PORT = 8080 };

static bool has_port(const struct wb_sockaddr *addr) {
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    return memcmp(addr->family == WB_AF_INET6 ? &addr->in6.port_be : &addr->in.port_be, port_be, 2)
           == 0;
}

static void resolve_number_of_ipv4_gives_that_address(struct wb_contract_fixture *fx) {
    const uint8_t expected[4] = {192, 0, 2, 7};
    struct wb_sockaddr out[4];
    memset(out, 0xff, sizeof(out));
    CHECK_EQUAL(SYS(resolve, "192.0.2.7", PORT, WB_AF_UNSPEC, out, 4), 1);
    CHECK_EQUAL(out[0].family, WB_AF_INET);
    CHECK(has_port(&out[0]));
    CHECK(memcmp(out[0].in.addr, expected, sizeof(expected)) == 0);
    CHECK_EQUAL(SYS(resolve, "192.0.2.7", PORT, WB_AF_INET, out, 4), 1);
}

static void resolve_number_of_ipv6_gives_that_address(struct wb_contract_fixture *fx) {
    const uint8_t expected[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
    struct wb_sockaddr out[4];
    memset(out, 0xff, sizeof(out));
    CHECK_EQUAL(SYS(resolve, "2001:db8::7", PORT, WB_AF_UNSPEC, out, 4), 1);
    CHECK_EQUAL(out[0].family, WB_AF_INET6);
    CHECK(has_port(&out[0]));
    CHECK(memcmp(out[0].in6.addr, expected, sizeof(expected)) == 0);
    CHECK_EQUAL(out[0].in6.scope_id, 0);
    CHECK_EQUAL(SYS(resolve, "2001:db8::7", PORT, WB_AF_INET6, out, 4), 1);
}

static void resolve_number_of_the_other_family_is_not_found(struct wb_contract_fixture *fx) {
    struct wb_sockaddr out[4];
    CHECK_EQUAL(SYS(resolve, "192.0.2.7", PORT, WB_AF_INET6, out, 4), -ENOENT);
    CHECK_EQUAL(SYS(resolve, "2001:db8::7", PORT, WB_AF_INET, out, 4), -ENOENT);
}

static void resolve_localhost_is_a_loopback(struct wb_contract_fixture *fx) {
    struct wb_sockaddr out[4];
    CHECK(SYS(resolve, "localhost", PORT, WB_AF_INET, out, 4) >= 1);
    CHECK_EQUAL(out[0].family, WB_AF_INET);
    CHECK_EQUAL(out[0].in.addr[0], 127);
    CHECK(has_port(&out[0]));
}

/* A label of 69 bytes cannot be asked for at all, so that no name server is. */
static void resolve_what_cannot_be_a_name_is_not_found(struct wb_contract_fixture *fx) {
    struct wb_sockaddr out[4];
    char label[70];
    memset(label, 'a', sizeof(label) - 1);
    label[sizeof(label) - 1] = '\0';
    CHECK_EQUAL(SYS(resolve, label, PORT, WB_AF_UNSPEC, out, 4), -ENOENT);
    CHECK_EQUAL(SYS(resolve, "", PORT, WB_AF_UNSPEC, out, 4), -ENOENT);
    CHECK_EQUAL(SYS(resolve, "a..b", PORT, WB_AF_UNSPEC, out, 4), -ENOENT);
}

static void resolve_writes_no_more_than_there_is_room_for(struct wb_contract_fixture *fx) {
    struct wb_sockaddr out[2];
    memset(out, 0x5a, sizeof(out));
    CHECK_EQUAL(SYS(resolve, "localhost", PORT, WB_AF_UNSPEC, out, 1), 1);
    CHECK_EQUAL(out[1].family, 0x5a5a);
}

static void resolve_bad_arguments_are_refused(struct wb_contract_fixture *fx) {
    enum { NO_FAMILY = 99 };
    struct wb_sockaddr out[1];
    CHECK_EQUAL(SYS(resolve, NULL, PORT, WB_AF_UNSPEC, out, 1), -EFAULT);
    CHECK_EQUAL(SYS(resolve, "192.0.2.7", PORT, WB_AF_UNSPEC, NULL, 1), -EFAULT);
    CHECK_EQUAL(SYS(resolve, "192.0.2.7", PORT, WB_AF_UNSPEC, out, 0), -EINVAL);
    CHECK_EQUAL(SYS(resolve, "192.0.2.7", PORT, NO_FAMILY, out, 1), -EAFNOSUPPORT);
    CHECK_EQUAL(SYS(resolve, "192.0.2.7", PORT, WB_AF_UNIX, out, 1), -EAFNOSUPPORT);
}

static const struct wb_contract_case cases[] = {
    CASE(resolve_number_of_ipv4_gives_that_address, 0),
    CASE(resolve_number_of_ipv6_gives_that_address, 0),
    CASE(resolve_number_of_the_other_family_is_not_found, 0),
    CASE(resolve_localhost_is_a_loopback, 0),
    CASE(resolve_what_cannot_be_a_name_is_not_found, 0),
    CASE(resolve_writes_no_more_than_there_is_room_for, 0),
    CASE(resolve_bad_arguments_are_refused, 0),
};

WB__CONTRACT_GROUP(resolve);
