/* Addresses: text both ways, and the kernel's form. */
#include "wb/addr.h"

#include <string.h>

#include "test_abort.h"

static struct wb_addr parsed(const char *text) {
    struct wb_addr addr;
    assert_int_equal(wb_addr_parse(text, &addr), WB_OK);
    return addr;
}

static void assert_text(const struct wb_addr *addr, const char *expected) {
    char text[WB_ADDR_TEXT_LEN_MAX];
    assert_int_equal(wb_addr_format(addr, text, sizeof(text)), strlen(expected));
    assert_string_equal(text, expected);
}

/* ---- reading ---- */

static void addr_parse_v4_reads_address_and_port(void **state) {
    (void)state;
    struct wb_addr addr = parsed("127.0.0.1:80");
    struct wb_addr expected = wb_addr_v4(127, 0, 0, 1, 80);
    assert_true(wb_addr_equal(&addr, &expected));
    addr = parsed("255.254.0.9:65535");
    expected = wb_addr_v4(255, 254, 0, 9, 65535);
    assert_true(wb_addr_equal(&addr, &expected));
    addr = parsed("0.0.0.0:0");
    expected = wb_addr_v4_any(0);
    assert_true(wb_addr_equal(&addr, &expected));
}

static void addr_parse_v6_reads_every_form(void **state) {
    (void)state;
    static const struct {
        const char *text;
        uint8_t ip[16];
    } cases[] = {
        {"[::]:1", {0}},
        {"[::1]:1", {[15] = 1}},
        {"[1::]:1", {[1] = 1}},
        {"[1:2:3:4:5:6:7:8]:1", {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
        {"[1:2:3:4:5:6:7::]:1", {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0}},
        {"[::2:3:4:5:6:7:8]:1", {0, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}},
        {"[1:2::7:8]:1", {0, 1, 0, 2, [13] = 7, [15] = 8}},
        {"[2001:DB8::aB]:1", {0x20, 0x01, 0x0d, 0xb8, [15] = 0xab}},
        {"[0001:002:03:4::]:1", {0, 1, 0, 2, 0, 3, 0, 4}},
        {"[::ffff:192.0.2.1]:1", {[10] = 0xff, 0xff, 192, 0, 2, 1}},
        {"[::1.2.3.4]:1", {[12] = 1, 2, 3, 4}},
        {"[1:2:3:4:5:6:1.2.3.4]:1", {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 1, 2, 3, 4}},
        {"[1::6:1.2.3.4]:1", {0, 1, [11] = 6, 1, 2, 3, 4}},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wb_addr addr = parsed(cases[i].text);
        assert_int_equal(addr.family, WB_AF_INET6);
        assert_int_equal(addr.port, 1);
        assert_int_equal(addr.scope_id, 0);
        assert_memory_equal(addr.ip, cases[i].ip, 16);
    }
}

static void addr_parse_v6_reads_a_numeric_zone(void **state) {
    (void)state;
    struct wb_addr addr = parsed("[fe80::1%4294967295]:8080");
    assert_int_equal(addr.scope_id, UINT32_MAX);
    assert_int_equal(addr.port, 8080);
}

static void addr_parse_malformed_is_refused_and_writes_nothing(void **state) {
    (void)state;
    static const char *const malformed[] = {
        "",
        ":",
        ":80",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:99999999999999999999999999",
        "127.0.0.1:080",
        "127.0.0.1:+80",
        "127.0.0.1:-1",
        "127.0.0.1: 80",
        " 127.0.0.1:80",
        "127.0.0.1:80 ",
        "127.0.0.1:80x",
        "127.0.0:80",
        "127.0.0.0.1:80",
        "127.0.0.256:80",
        "127.0.0.01:80",
        "0x7f.0.0.1:80",
        "127..0.1:80",
        ".127.0.0.1:80",
        "1.2.3.4.:80",
        "localhost:80",
        "::1:80",
        "::1",
        "[::1]",
        "[::1]80",
        "[::1:80",
        "[]:80",
        "[:]:80",
        "[:::]:80",
        "[1::2::3]:80",
        "[1:2:3:4:5:6:7]:80",
        "[1:2:3:4:5:6:7:8:9]:80",
        "[1:2:3:4:5:6:7:8:]:80",
        "[:1:2:3:4:5:6:7:8]:80",
        "[1:2:3:4:5:6:7:8::]:80",
        "[::1:2:3:4:5:6:7:8]:80",
        "[1:2:3:4::5:6:7:8]:80",
        "[12345::]:80",
        "[g::]:80",
        "[1:]:80",
        "[::1.2.3]:80",
        "[::1.2.3.4.5]:80",
        "[::1.2.3.4:5]:80",
        "[1.2.3.4::]:80",
        "[1.2.3.4]:80",
        "[1:2:3:4:5:6:7:1.2.3.4]:80",
        "[fe80::1%]:80",
        "[fe80::1%0]:80",
        "[fe80::1%eth0]:80",
        "[fe80::1%4294967296]:80",
        "[%1]:80",
        "127.0.0.1%1:80",
    };
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++) {
        struct wb_addr addr = wb_addr_v4(9, 9, 9, 9, 9);
        struct wb_addr untouched = addr;
        if (wb_addr_parse(malformed[i], &addr) != WB_ERR_PARSE) {
            fail_msg("accepted %s", malformed[i]);
        }
        assert_true(wb_addr_equal(&addr, &untouched));
    }
}

static void addr_parse_n_reads_no_further(void **state) {
    (void)state;
    struct wb_addr addr;
    const char text[] = {'1', '.', '2', '.', '3', '.', '4', ':', '5', '6', '7'};
    assert_int_equal(wb_addr_parse_n(text, 9, &addr), WB_OK);
    assert_int_equal(addr.port, 5);
    assert_int_equal(wb_addr_parse_n(text, 11, &addr), WB_OK);
    assert_int_equal(addr.port, 567);
    assert_int_equal(wb_addr_parse_n(text, 8, &addr), WB_ERR_PARSE);
    assert_int_equal(wb_addr_parse_n(NULL, 0, &addr), WB_ERR_PARSE);
    /* A NUL is a byte like any other. */
    assert_int_equal(wb_addr_parse_n("1.2.3.4:5\0", 10, &addr), WB_ERR_PARSE);
}

static void addr_parse_ip_takes_the_port_apart(void **state) {
    (void)state;
    struct wb_addr addr;
    assert_int_equal(wb_addr_parse_ip("10.0.0.1", 8, 443, &addr), WB_OK);
    assert_text(&addr, "10.0.0.1:443");
    assert_int_equal(wb_addr_parse_ip("fe80::1%2", 9, 443, &addr), WB_OK);
    assert_text(&addr, "[fe80::1%2]:443");
    assert_int_equal(wb_addr_parse_ip("[::1]", 5, 443, &addr), WB_ERR_PARSE);
    assert_int_equal(wb_addr_parse_ip("10.0.0.1:443", 12, 443, &addr), WB_ERR_PARSE);
    assert_int_equal(wb_addr_parse_ip("", 0, 443, &addr), WB_ERR_PARSE);
}

/* ---- writing ---- */

/* The examples of RFC 5952 section 4, and the boundaries of its rules. */
static void addr_format_v6_is_canonical(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *canonical;
    } cases[] = {
        {"[2001:0db8::0001]:80", "[2001:db8::1]:80"},
        {"[2001:db8:0:0:0:0:2:1]:80", "[2001:db8::2:1]:80"},
        {"[2001:db8:0:1:1:1:1:1]:80", "[2001:db8:0:1:1:1:1:1]:80"},
        {"[2001:0:0:1:0:0:0:1]:80", "[2001:0:0:1::1]:80"},
        {"[2001:db8:0:0:1:0:0:1]:80", "[2001:db8::1:0:0:1]:80"},
        {"[2001:DB8::A:BCD]:80", "[2001:db8::a:bcd]:80"},
        {"[0:0:0:0:0:0:0:0]:80", "[::]:80"},
        {"[0:0:0:0:0:0:0:1]:80", "[::1]:80"},
        {"[1:0:0:0:0:0:0:0]:80", "[1::]:80"},
        {"[0:0:1:0:0:1:0:0]:80", "[::1:0:0:1:0:0]:80"},
        {"[1:2:3:4:5:6:0:0]:80", "[1:2:3:4:5:6::]:80"},
        {"[::ffff:c000:201]:80", "[::ffff:192.0.2.1]:80"},
        {"[::1.2.3.4]:80", "[::102:304]:80"},
        {"[fe80::1%7]:80", "[fe80::1%7]:80"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wb_addr addr = parsed(cases[i].text);
        assert_text(&addr, cases[i].canonical);
        struct wb_addr again = parsed(cases[i].canonical);
        assert_true(wb_addr_equal(&addr, &again));
    }
}

static void addr_format_longest_fits(void **state) {
    (void)state;
    uint8_t ip[16];
    memset(ip, 0xff, sizeof(ip));
    struct wb_addr addr = wb_addr_v6(ip, 65535, UINT32_MAX);
    assert_text(&addr, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%4294967295]:65535");
    char small[WB_ADDR_TEXT_LEN_MAX - 1];
    assert_aborts((void)wb_addr_format(&addr, small, sizeof(small)));
}

static void addr_format_ip_leaves_the_port_out(void **state) {
    (void)state;
    char text[WB_ADDR_TEXT_LEN_MAX];
    struct wb_addr addr = wb_addr_v6_loopback(80);
    assert_int_equal(wb_addr_format_ip(&addr, text, sizeof(text)), 3);
    assert_string_equal(text, "::1");
    addr = wb_addr_v4_loopback(80);
    assert_int_equal(wb_addr_format_ip(&addr, text, sizeof(text)), 9);
    assert_string_equal(text, "127.0.0.1");
}

/* ---- the kernel's form ---- */

static void addr_v4_sockaddr_is_in_network_order(void **state) {
    (void)state;
    struct wb_addr addr = wb_addr_v4(192, 0, 2, 7, 0x1234);
    struct wb_sockaddr sockaddr;
    assert_int_equal(wb_addr_to_sockaddr(&addr, &sockaddr), 16);
    assert_int_equal(sockaddr.family, WB_AF_INET);
    assert_memory_equal(&sockaddr.storage[2], "\x12\x34\xc0\x00\x02\x07\0\0\0\0\0\0\0\0", 14);
    struct wb_addr back;
    assert_int_equal(wb_addr_from_sockaddr(&sockaddr, 16, &back), WB_OK);
    assert_true(wb_addr_equal(&addr, &back));
}

static void addr_v6_sockaddr_keeps_zone_and_flow(void **state) {
    (void)state;
    struct wb_addr addr = wb_addr_v6_loopback(0x1234);
    addr.scope_id = 5;
    addr.flowinfo = 6;
    struct wb_sockaddr sockaddr;
    assert_int_equal(wb_addr_to_sockaddr(&addr, &sockaddr), 28);
    assert_memory_equal(&sockaddr.storage[2], "\x12\x34", 2);
    assert_int_equal(sockaddr.storage[23], 1);
    assert_int_equal(sockaddr.in6.scope_id, 5);
    struct wb_addr back;
    assert_int_equal(wb_addr_from_sockaddr(&sockaddr, 28, &back), WB_OK);
    assert_true(wb_addr_equal(&addr, &back));
    assert_int_equal(back.flowinfo, 6);
}

static void addr_from_short_or_foreign_sockaddr_is_refused(void **state) {
    (void)state;
    struct wb_sockaddr sockaddr;
    struct wb_addr addr = wb_addr_v4_any(1);
    assert_int_equal(wb_addr_to_sockaddr(&addr, &sockaddr), 16);
    for (uint32_t len = 0; len < 16; len++) {
        assert_int_equal(wb_addr_from_sockaddr(&sockaddr, len, &addr), WB_ERR_INVALID);
    }
    sockaddr.family = WB_AF_INET6;
    assert_int_equal(wb_addr_from_sockaddr(&sockaddr, 27, &addr), WB_ERR_INVALID);
    sockaddr.family = WB_AF_UNIX;
    assert_int_equal(wb_addr_from_sockaddr(&sockaddr, 110, &addr), WB_ERR_NOT_SUPPORTED);
    assert_int_equal(addr.port, 1);
}

/* ---- any family ---- */

static void addr_format_sockaddr_shows_what_it_is_given(void **state) {
    (void)state;
    char text[WB_ADDR_TEXT_LEN_MAX];
    struct wb_sockaddr sockaddr = {.un = {.family = WB_AF_UNIX}};
    assert_int_equal(wb_addr_format_sockaddr(&sockaddr, 2, text, sizeof(text)), 5);
    assert_string_equal(text, "unix:");
    memcpy(sockaddr.un.path, "a\n\\\xff", 5);
    (void)wb_addr_format_sockaddr(&sockaddr, 7, text, sizeof(text));
    assert_string_equal(text, "unix:a\\x0a\\x5c\\xff");
    /* Longer than the text, once escaped: cut in front of what does not fit. */
    memset(sockaddr.un.path, 1, sizeof(sockaddr.un.path));
    size_t len = wb_addr_format_sockaddr(&sockaddr, sizeof(sockaddr.un), text, sizeof(text));
    assert_int_equal(len, 5 + 4 * 26);
    assert_int_equal(strlen(text), len);
    sockaddr.family = 17;
    (void)wb_addr_format_sockaddr(&sockaddr, 20, text, sizeof(text));
    assert_string_equal(text, "family:17");
    (void)wb_addr_format_sockaddr(&sockaddr, 0, text, sizeof(text));
    assert_string_equal(text, "family:0");
    struct wb_addr addr = wb_addr_v4_loopback(80);
    uint32_t sockaddr_len = wb_addr_to_sockaddr(&addr, &sockaddr);
    (void)wb_addr_format_sockaddr(&sockaddr, sockaddr_len, text, sizeof(text));
    assert_string_equal(text, "127.0.0.1:80");
}

/* ---- asking ---- */

static void addr_kinds_are_told_apart(void **state) {
    (void)state;
    struct wb_addr v4 = parsed("127.9.9.9:1");
    struct wb_addr v6 = parsed("[::1]:1");
    struct wb_addr v4_any = wb_addr_v4_any(1);
    struct wb_addr v6_any = wb_addr_v6_any(1);
    assert_true(wb_addr_is_loopback(&v4) && wb_addr_is_loopback(&v6));
    assert_false(wb_addr_is_loopback(&v4_any) || wb_addr_is_loopback(&v6_any));
    assert_true(wb_addr_is_unspecified(&v4_any) && wb_addr_is_unspecified(&v6_any));
    assert_false(wb_addr_is_unspecified(&v4) || wb_addr_is_unspecified(&v6));
}

static void addr_equal_looks_at_every_part(void **state) {
    (void)state;
    struct wb_addr addr = parsed("[fe80::1%2]:80");
    static const char *const others[] = {
        "[fe80::1%3]:80", "[fe80::1]:80", "[fe80::2%2]:80", "[fe80::1%2]:81", "1.2.3.4:80"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct wb_addr other = parsed(others[i]);
        assert_false(wb_addr_equal(&addr, &other));
    }
    struct wb_addr v4_any = wb_addr_v4_any(1);
    struct wb_addr v6_any = wb_addr_v6_any(1);
    assert_false(wb_addr_equal(&v4_any, &v6_any));
    assert_true(wb_addr_equal(&addr, &addr));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addr_parse_v4_reads_address_and_port),
        cmocka_unit_test(addr_parse_v6_reads_every_form),
        cmocka_unit_test(addr_parse_v6_reads_a_numeric_zone),
        cmocka_unit_test(addr_parse_malformed_is_refused_and_writes_nothing),
        cmocka_unit_test(addr_parse_n_reads_no_further),
        cmocka_unit_test(addr_parse_ip_takes_the_port_apart),
        cmocka_unit_test(addr_format_v6_is_canonical),
        cmocka_unit_test(addr_format_longest_fits),
        cmocka_unit_test(addr_format_ip_leaves_the_port_out),
        cmocka_unit_test(addr_v4_sockaddr_is_in_network_order),
        cmocka_unit_test(addr_v6_sockaddr_keeps_zone_and_flow),
        cmocka_unit_test(addr_from_short_or_foreign_sockaddr_is_refused),
        cmocka_unit_test(addr_format_sockaddr_shows_what_it_is_given),
        cmocka_unit_test(addr_kinds_are_told_apart),
        cmocka_unit_test(addr_equal_looks_at_every_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
