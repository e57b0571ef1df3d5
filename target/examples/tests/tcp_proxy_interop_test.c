/* tcp_proxy on real sockets: the test is both the client and the server behind it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdint.h>
#include <string.h>

#include "behind.h"
#include "peer.h"
#include "program.h"

enum { BIG = 1 << 20 };

/* The proxy, with the listener behind it. */
static uint16_t start(const struct program_faults *faults) {
    const char *const arguments[] = {"--to", behind_addr, "--max-connections", "2", NULL};
    behind_listen();
    return program_start("tcp_proxy", arguments, faults);
}

static void stop(void) {
    program_stop();
    behind_close();
}

/* TK-26 */
static void proxy_passes_bytes_and_ends_both_ways(void **state) {
    (void)state;
    const int client = peer_connect(start(NULL));
    peer_say(client, "ask");
    const int server = behind_accept();
    peer_hear(server, "ask");
    peer_half_close(client);
    peer_say(server, "answer");
    peer_hear(client, "answer");
    peer_expect_end(server);
    peer_expect_end(client);
    stop();
}

/* TK-26, D1, D2: a megabyte in pieces of any size. */
static void proxy_passes_much_in_pieces(void **state) {
    (void)state;
    const struct program_faults faults = {.piece_max = 777};
    static char bytes[BIG];
    static char got[BIG];
    const int client = peer_connect(start(&faults));
    const int server = behind_accept();
    for (size_t i = 0; i < BIG; i++) {
        bytes[i] = (char)(i * 31 + i / 253);
    }
    for (size_t i = 0; i < BIG; i += BIG / 64) {
        peer_send(client, bytes + i, BIG / 64);
        peer_read(server, got + i, BIG / 64);
    }
    assert_memory_equal(bytes, got, BIG);
    peer_close(client);
    peer_expect_end(server);
    stop();
}

static void proxy_passes_a_reset_on(void **state) {
    (void)state;
    const int client = peer_connect(start(NULL));
    peer_say(client, "x");
    const int server = behind_accept();
    peer_hear(server, "x");
    peer_reset(client);
    assert_int_equal(peer_drain(server), 0);
    stop();
}

static void proxy_with_nobody_behind_resets(void **state) {
    (void)state;
    const char *const arguments[] = {"--to", behind_addr, NULL};
    behind_listen();
    behind_close();
    const uint16_t port = program_start("tcp_proxy", arguments, NULL);
    assert_int_equal(peer_drain(peer_connect(port)), 0);
    program_stop();
}

static void proxy_is_limited_and_goes_on(void **state) {
    (void)state;
    const uint16_t port = start(NULL);
    int clients[2];
    int servers[2];
    for (int i = 0; i < 2; i++) {
        clients[i] = peer_connect(port);
        servers[i] = behind_accept();
    }
    assert_int_equal(peer_drain(peer_connect(port)), 0);
    for (int i = 0; i < 2; i++) {
        peer_say(clients[i], "still");
        peer_hear(servers[i], "still");
        peer_close(clients[i]);
        peer_expect_end(servers[i]);
    }
    stop();
}

/* T1-07, T3-11 */
static void proxy_out_of_descriptors_rests_and_goes_on(void **state) {
    (void)state;
    const struct program_faults faults = {.accept_error = 24, .accept_errors = 2};
    const int client = peer_connect(start(&faults));
    const int server = behind_accept();
    peer_say(client, "x");
    peer_hear(server, "x");
    assert_in_range(program_accepts(), 3, 6);
    peer_close(client);
    peer_expect_end(server);
    stop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proxy_passes_bytes_and_ends_both_ways),
        cmocka_unit_test(proxy_passes_much_in_pieces),
        cmocka_unit_test(proxy_passes_a_reset_on),
        cmocka_unit_test(proxy_with_nobody_behind_resets),
        cmocka_unit_test(proxy_is_limited_and_goes_on),
        cmocka_unit_test(proxy_out_of_descriptors_rests_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
