/* udp_echo on real sockets, in every trigger mode: P6 of the conformance list, as far as it needs
 * no tasks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "peer.h"
#include "program.h"

enum { LONGEST = PEER_DATAGRAM_LEN_MAX };

/* Each case runs once for every trigger, against a fresh server. */
typedef void (*case_fn)(uint16_t port);

static void in_every_mode(case_fn run, const struct program_faults *faults) {
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        run(program_start("udp_echo", with_trigger(triggers[i], NULL, NULL), faults));
        program_stop();
    }
}

static void check_serves(uint16_t port) {
    int peer = peer_open_udp(port);
    peer_send_datagram(peer, "ping", 4);
    peer_expect_datagram(peer, "ping", 4);
    assert_int_equal(close(peer), 0);
}

/* P6.4, P6.6: several at once, an empty one among them; each goes back to its own sender. */
static void several(uint16_t port) {
    int first = peer_open_udp(port);
    int second = peer_open_udp(port);
    for (int round = 0; round < 3; round++) {
        peer_send_datagram(first, "one", 3);
        peer_send_datagram(second, "other", 5);
        peer_send_datagram(first, "", 0);
        peer_send_datagram(first, "\0\n\xff", 3);
        peer_expect_datagram(first, "one", 3);
        peer_expect_datagram(first, "", 0);
        peer_expect_datagram(first, "\0\n\xff", 3);
        peer_expect_datagram(second, "other", 5);
    }
    assert_int_equal(close(first), 0);
    assert_int_equal(close(second), 0);
}

static void udp_echo_datagrams_come_back_to_their_senders(void **state) {
    (void)state;
    in_every_mode(several, NULL);
}

static void longest(uint16_t port) {
    static char data[LONGEST];
    memset(data, 'l', sizeof data);
    int peer = peer_open_udp(port);
    peer_send_datagram(peer, data, sizeof data);
    peer_expect_datagram(peer, data, sizeof data);
    assert_int_equal(close(peer), 0);
}

static void udp_echo_longest_datagram_comes_back(void **state) {
    (void)state;
    in_every_mode(longest, NULL);
}

/* More than one event's share, one after the other. */
static void many(uint16_t port) {
    int peer = peer_open_udp(port);
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 60; i++) {
            char number = (char)i;
            peer_send_datagram(peer, &number, 1);
        }
        for (int i = 0; i < 60; i++) {
            char number = (char)i;
            peer_expect_datagram(peer, &number, 1);
        }
    }
    assert_int_equal(close(peer), 0);
}

static void udp_echo_many_datagrams_come_back_in_order(void **state) {
    (void)state;
    in_every_mode(many, NULL);
}

/* A sender that is gone before it is answered disturbs nobody. */
static void gone(uint16_t port) {
    for (int i = 0; i < 10; i++) {
        int peer = peer_open_udp(port);
        peer_send_datagram(peer, "bye", 3);
        assert_int_equal(close(peer), 0);
    }
    check_serves(port);
}

static void udp_echo_sender_that_is_gone_disturbs_nobody(void **state) {
    (void)state;
    in_every_mode(gone, NULL);
}

/* P6.3: ready, and then not; with an edge another datagram brings the next event. */
static void spurious(uint16_t port) {
    int peer = peer_open_udp(port);
    peer_send_datagram(peer, "a", 1);
    peer_send_datagram(peer, "b", 1);
    peer_expect_datagram(peer, "a", 1);
    peer_expect_datagram(peer, "b", 1);
    assert_int_equal(close(peer), 0);
    check_serves(port);
}

/* P6.5: an error of the network is not the end; nor is want of memory, after a rest. */
static void udp_echo_failed_receives_are_survived(void **state) {
    (void)state;
    static const int errors[] = {EAGAIN, EINTR, ECONNREFUSED, EHOSTUNREACH, ENOMEM};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const struct program_faults faults = {.recvmsg_error = errors[i], .recvmsg_errors = 1};
        if (errors[i] != EAGAIN) {
            in_every_mode(spurious, &faults);
            continue;
        }
        /* An injected EAGAIN comes without the event that a kernel would let follow; a level
         * trigger reports again by itself. */
        spurious(program_start("udp_echo", with_trigger("level", NULL, NULL), &faults));
        program_stop();
    }
}

static void udp_echo_failed_reply_loses_that_reply_only(void **state) {
    (void)state;
    static const int errors[] = {ENOBUFS, EPERM, EMSGSIZE};
    for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
        const struct program_faults faults = {.sendmsg_error = errors[i], .sendmsg_errors = 1};
        for (size_t mode = 0; mode < TRIGGERS_COUNT; mode++) {
            uint16_t port =
                program_start("udp_echo", with_trigger(triggers[mode], NULL, NULL), &faults);
            int peer = peer_open_udp(port);
            peer_send_datagram(peer, "lost", 4);
            peer_send_datagram(peer, "found", 5);
            peer_expect_datagram(peer, "found", 5);
            assert_int_equal(close(peer), 0);
            program_stop();
            assert_non_null(strstr(program_output(), "a reply that could not be sent"));
        }
    }
}

/* A reply that would block is sent later, and only then is the next one received. */
static void udp_echo_reply_waits_for_room(void **state) {
    (void)state;
    const struct program_faults faults = {.sendmsg_error = EAGAIN, .sendmsg_errors = 1};
    static const char *const modes[] = {"level", "oneshot", "edge-oneshot"};
    for (size_t i = 0; i < 3; i++) {
        spurious(program_start("udp_echo", with_trigger(modes[i], NULL, NULL), &faults));
        program_stop();
    }
}

static void udp_echo_idle_does_not_spin(void **state) {
    (void)state;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        uint16_t port = program_start("udp_echo", with_trigger(triggers[i], NULL, NULL), NULL);
        check_serves(port);
        check_serves(port);
        program_stop();
        assert_in_range(program_waits(), 2, 12);
    }
}

static void udp_echo_says_what_it_was_told(void **state) {
    (void)state;
    uint16_t port = program_start("udp_echo", with_trigger(NULL, "--verbose", NULL), NULL);
    check_serves(port);
    program_stop();
    assert_non_null(strstr(program_output(), "4 bytes from 127.0.0.1:"));
}

/* P7.7 for UDP: an error line and exit status 1. */
static void udp_echo_address_in_use_ends_it(void **state) {
    (void)state;
    int peer = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in addr = {.sin_family = AF_INET};
    socklen_t len = sizeof addr;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(peer, (struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(getsockname(peer, (struct sockaddr *)&addr, &len), 0);
    char listen[32];
    (void)snprintf(listen, sizeof listen, "127.0.0.1:%d", ntohs(addr.sin_port));
    assert_int_equal(program_run("udp_echo", with_trigger(NULL, "--listen", listen), NULL), 1);
    assert_non_null(strstr(program_output(), "address already in use"));
    assert_int_equal(close(peer), 0);
}

/* Each allocation of the start refused in turn: exit status 1, and nothing is left. */
static void udp_echo_without_memory_ends_it(void **state) {
    (void)state;
    int count = program_allocations("udp_echo", NULL);
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        const struct program_faults faults = {.alloc_skip = i, .alloc_errors = 1};
        const char *const arguments[] = {"--listen", "127.0.0.1:0", NULL};
        assert_int_equal(program_run("udp_echo", arguments, &faults), 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(udp_echo_datagrams_come_back_to_their_senders),
        cmocka_unit_test(udp_echo_longest_datagram_comes_back),
        cmocka_unit_test(udp_echo_many_datagrams_come_back_in_order),
        cmocka_unit_test(udp_echo_sender_that_is_gone_disturbs_nobody),
        cmocka_unit_test(udp_echo_failed_receives_are_survived),
        cmocka_unit_test(udp_echo_failed_reply_loses_that_reply_only),
        cmocka_unit_test(udp_echo_reply_waits_for_room),
        cmocka_unit_test(udp_echo_idle_does_not_spin),
        cmocka_unit_test(udp_echo_says_what_it_was_told),
        cmocka_unit_test(udp_echo_address_in_use_ends_it),
        cmocka_unit_test(udp_echo_without_memory_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
