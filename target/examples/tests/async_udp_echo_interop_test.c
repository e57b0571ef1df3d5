/* async_udp_echo on real sockets: P6 of the conformance list as a program; the outcomes one by one
 * are in runtime/tests/recv_from_test.c. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "peer.h"
#include "program.h"

static uint16_t start(const struct program_faults *faults) {
    return program_start("async_udp_echo", NULL, faults);
}

static void check_serves(uint16_t port) {
    const int peer = peer_open_udp(port);
    peer_send_datagram(peer, "ping", 4);
    peer_expect_datagram(peer, "ping", 4);
    peer_close(peer);
}

static void p6_2_datagrams_come_back_to_their_senders(void **state) {
    (void)state;
    const uint16_t port = start(NULL);
    const int first = peer_open_udp(port);
    const int second = peer_open_udp(port);
    for (int round = 0; round < 20; round++) {
        peer_send_datagram(first, "one", 3);
        peer_send_datagram(second, "other", 5);
        peer_send_datagram(first, "\0\n\xff", 3);
        peer_expect_datagram(first, "one", 3);
        peer_expect_datagram(first, "\0\n\xff", 3);
        peer_expect_datagram(second, "other", 5);
    }
    peer_close(first);
    peer_close(second);
    program_stop();
}

static void p6_4_many_datagrams_come_back_in_order(void **state) {
    (void)state;
    const int peer = peer_open_udp(start(NULL));
    for (int i = 0; i < 60; i++) {
        const char number = (char)i;
        peer_send_datagram(peer, &number, 1);
    }
    for (int i = 0; i < 60; i++) {
        const char number = (char)i;
        peer_expect_datagram(peer, &number, 1);
    }
    peer_close(peer);
    program_stop();
}

/* An error of the network is not the end; nor is want of memory, after a rest. */
static void p6_5_failures_are_not_the_end(void **state) {
    (void)state;
    const struct program_faults refused = {.recvmsg_error = ECONNREFUSED, .recvmsg_errors = 3};
    const struct program_faults no_memory = {.recvmsg_error = ENOBUFS, .recvmsg_errors = 2};
    check_serves(start(&refused));
    program_stop();
    check_serves(start(&no_memory));
    program_stop();
}

static void p6_6_an_empty_datagram_is_no_end(void **state) {
    (void)state;
    const uint16_t port = start(NULL);
    const int peer = peer_open_udp(port);
    peer_send_datagram(peer, "", 0);
    peer_send_datagram(peer, "", 0);
    peer_expect_datagram(peer, "", 0);
    peer_expect_datagram(peer, "", 0);
    check_serves(port);
    peer_close(peer);
    program_stop();
}

static void longest_datagram_comes_back(void **state) {
    (void)state;
    static char data[PEER_DATAGRAM_LEN_MAX];
    const int peer = peer_open_udp(start(NULL));
    memset(data, 'l', sizeof data);
    peer_send_datagram(peer, data, sizeof data);
    peer_expect_datagram(peer, data, sizeof data);
    peer_close(peer);
    program_stop();
}

/* The reply is given up; the next one is answered. */
static void reply_that_cannot_be_sent_is_given_up(void **state) {
    (void)state;
    const struct program_faults faults = {.sendmsg_error = ENOBUFS, .sendmsg_errors = 1};
    const int peer = peer_open_udp(start(&faults));
    peer_send_datagram(peer, "lost", 4);
    peer_send_datagram(peer, "next", 4);
    peer_expect_datagram(peer, "next", 4);
    peer_close(peer);
    program_stop();
}

/* One wait for each thing that happens, and no more. */
static void idle_program_sleeps(void **state) {
    (void)state;
    const uint16_t port = start(NULL);
    check_serves(port);
    assert_in_range(program_waits(), 1, 6);
    program_stop();
}

static void every_allocation_may_fail(void **state) {
    (void)state;
    const int count = program_allocations("async_udp_echo", NULL);
    const char *const arguments[] = {"--listen", "127.0.0.1:0", NULL};
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        const struct program_faults faults = {.alloc_skip = i, .alloc_errors = 1};
        assert_int_equal(program_run("async_udp_echo", arguments, &faults), 1);
        assert_non_null(strstr(program_output(), "out of memory"));
    }
}

/* Where it cannot listen the message says where. */
static void an_address_of_others_is_named(void **state) {
    (void)state;
    const char *const arguments[] = {"--listen", "192.0.2.1:7000", NULL};
    assert_int_equal(program_run("async_udp_echo", arguments, NULL), 1);
    assert_string_equal(
        program_output(), "async_udp_echo: 192.0.2.1:7000: address not available\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p6_2_datagrams_come_back_to_their_senders),
        cmocka_unit_test(p6_4_many_datagrams_come_back_in_order),
        cmocka_unit_test(p6_5_failures_are_not_the_end),
        cmocka_unit_test(p6_6_an_empty_datagram_is_no_end),
        cmocka_unit_test(longest_datagram_comes_back),
        cmocka_unit_test(reply_that_cannot_be_sent_is_given_up),
        cmocka_unit_test(idle_program_sleeps),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(an_address_of_others_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
