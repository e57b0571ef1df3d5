/* sequential_echo on real sockets (P8). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "peer.h"
#include "program.h"

static uint16_t start(const char *flag, const struct program_faults *faults) {
    const char *const arguments[] = {flag, NULL};
    return program_start("sequential_echo", arguments, faults);
}

static void p8_1_one_connection_after_the_other(void **state) {
    (void)state;
    const uint16_t port = start(NULL, NULL);
    const int first = peer_connect(port);
    peer_say(first, "first");
    peer_hear(first, "first");
    const int second = peer_connect(port); /* stands before it is accepted */
    peer_say(second, "second");
    for (int i = 0; i < 10; i++) {
        peer_say(first, "again");
        peer_hear(first, "again");
    }
    peer_expect_nothing(second);
    assert_int_equal(program_accepts(), 1);
    peer_half_close(first);
    peer_expect_end(first);
    peer_hear(second, "second");
    peer_half_close(second);
    peer_expect_end(second);
    program_stop();
}

static void p8_2_spawned_the_second_is_served_while_the_first_idles(void **state) {
    (void)state;
    const uint16_t port = start("--spawn", NULL);
    const int first = peer_connect(port);
    peer_say(first, "first");
    peer_hear(first, "first");
    const int second = peer_connect(port);
    peer_say(second, "second");
    peer_hear(second, "second");
    peer_close(first);
    peer_close(second);
    program_stop();
}

static void p8_a_failing_connection_lets_the_next_have_its_turn(void **state) {
    (void)state;
    const uint16_t port = start(NULL, NULL);
    const int first = peer_connect(port);
    const int second = peer_connect(port);
    peer_say(first, "x");
    peer_hear(first, "x");
    peer_say(second, "y");
    peer_reset(first);
    peer_hear(second, "y");
    peer_close(second);
    program_stop();
}

static void p8_much_in_small_pieces_comes_back(void **state) {
    (void)state;
    static char bytes[50000];
    static char got[sizeof bytes];
    const struct program_faults faults = {.piece_max = 333};
    const int peer = peer_connect(start(NULL, &faults));
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(i * 31 + i / 253);
    }
    for (size_t i = 0; i < sizeof bytes; i += 1000) {
        peer_send(peer, bytes + i, 1000);
        peer_read(peer, got + i, 1000);
    }
    assert_memory_equal(bytes, got, sizeof bytes);
    peer_close(peer);
    program_stop();
}

/* Told to end in the middle of a connection, with another waiting: both are over. */
static void p8_end_while_serving(void **state) {
    (void)state;
    const uint16_t port = start(NULL, NULL);
    const int first = peer_connect(port);
    peer_say(first, "x");
    peer_hear(first, "x");
    const int second = peer_connect(port);
    program_tell_to_stop();
    assert_int_equal(peer_drain(first), 0);
    assert_int_equal(peer_drain(second), 0);
    assert_int_equal(program_wait(), 0);
}

static void p8_out_of_descriptors_it_rests_and_goes_on(void **state) {
    (void)state;
    const struct program_faults faults = {.accept_error = 24, .accept_errors = 2};
    const int peer = peer_connect(start(NULL, &faults));
    peer_say(peer, "x");
    peer_hear(peer, "x");
    peer_close(peer);
    program_stop();
}

/* Where it cannot listen the message says where. */
static void an_address_of_others_is_named(void **state) {
    (void)state;
    const char *const arguments[] = {"--listen", "192.0.2.1:7000", NULL};
    assert_int_equal(program_run("sequential_echo", arguments, NULL), 1);
    assert_string_equal(
        program_output(), "sequential_echo: 192.0.2.1:7000: address not available\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p8_1_one_connection_after_the_other),
        cmocka_unit_test(p8_2_spawned_the_second_is_served_while_the_first_idles),
        cmocka_unit_test(p8_a_failing_connection_lets_the_next_have_its_turn),
        cmocka_unit_test(p8_much_in_small_pieces_comes_back),
        cmocka_unit_test(p8_end_while_serving),
        cmocka_unit_test(p8_out_of_descriptors_it_rests_and_goes_on),
        cmocka_unit_test(an_address_of_others_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
