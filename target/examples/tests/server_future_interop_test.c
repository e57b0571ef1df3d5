/* server_future on real sockets (P5). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "peer.h"
#include "program.h"

static uint16_t start(const char *clients, const char *flag, const struct program_faults *faults) {
    const char *const arguments[] = {"--clients", clients, flag, NULL};
    return program_start("server_future", arguments, faults);
}

static void expect_output(const char *text) {
    const char *line_end = strchr(program_output(), '\n');
    assert_non_null(line_end);
    assert_string_equal(line_end + 1, text);
}

/* P5.1, P5.4, P5.6, P5.7: the client stays connected, and would-block is nobody's failure. */
static void p5_5_outcome_of_its_own_client(void **state) {
    (void)state;
    (void)start("1", NULL, NULL);
    assert_int_equal(program_wait(), 0);
    expect_output("outcome: that's so dingo!\n\n");
    assert_int_equal(program_accepts() >= 1, 1);
}

static void p5_2_a_wait_is_not_polled_again_and_again(void **state) {
    (void)state;
    const int peer = peer_connect(start("0", NULL, NULL));
    peer_say(peer, "no end yet");
    peer_expect_nothing(peer);
    const int before = program_waits();
    peer_say(peer, "\n");
    (void)peer_drain(peer);
    assert_int_equal(program_wait(), 0);
    assert_in_range(program_waits() - before, 0, 6);
    expect_output("outcome: no end yet\n\n");
}

static void p5_8_a_long_message_in_pieces(void **state) {
    (void)state;
    static char text[2049];
    static char expected[sizeof text + 64];
    const struct program_faults faults = {.piece_max = 100};
    const int peer = peer_connect(start("0", NULL, &faults));
    memset(text, 'm', sizeof text - 1);
    peer_say(peer, text);
    peer_say(peer, text + 1024);
    peer_half_close(peer); /* the end is one, too */
    (void)peer_drain(peer);
    assert_int_equal(program_wait(), 0);
    strcpy(expected, "outcome: ");
    memset(expected + strlen(expected), 'm', sizeof text - 1);
    assert_int_equal(strncmp(strchr(program_output(), '\n') + 1, expected, 2000), 0);
    assert_int_equal(strlen(strchr(program_output(), '\n') + 1), 9 + 2048 + 1024 + 1);
}

static void p5_3_what_is_no_text_is_replaced(void **state) {
    (void)state;
    const int peer = peer_connect(start("0", NULL, NULL));
    peer_say(peer, "a\xff"
                   "b\xc3\xa4\xc3\n");
    (void)peer_drain(peer);
    assert_int_equal(program_wait(), 0);
    expect_output("outcome: a\xef\xbf\xbd"
                  "b\xc3\xa4\xef\xbf\xbd\n\n");
}

static void p5_10_both_of_two_clients_are_accepted(void **state) {
    (void)state;
    (void)start("2", NULL, NULL);
    assert_int_equal(program_wait(), 0);
    expect_output("outcome: that's so dingo!\n\n");
    const uint16_t port = start("0", NULL, NULL);
    const int first = peer_connect(port);
    const int second = peer_connect(port);
    peer_say(second, "second\n");
    (void)peer_drain(first);
    (void)peer_drain(second);
    assert_int_equal(program_wait(), 0);
    expect_output("outcome: second\n\n");
}

static void p5_11_messages_are_handed_to_tasks(void **state) {
    (void)state;
    const uint16_t port = start("1", "--serve", NULL);
    const int peer = peer_connect(port);
    program_await("handled: that's so dingo!\n\n");
    peer_say(peer, "one\n");
    program_await("handled: one\n\n");
    peer_say(peer, "two\nthree\n");
    program_await("handled: two\n\n");
    program_await("handled: three\n\n");
    const int other = peer_connect(port);
    peer_say(other, "last");
    peer_half_close(other);
    program_await("handled: last\n");
    peer_expect_end(other);
    peer_close(peer);
    program_stop();
}

/* More than there are places: they wait to be accepted until somebody goes. */
static void p5_more_senders_than_places(void **state) {
    (void)state;
    enum { SENDERS = 12 };
    int peers[SENDERS];
    const uint16_t port = start("0", "--serve", NULL);
    for (int i = 0; i < SENDERS; i++) {
        peers[i] = peer_connect(port);
    }
    peer_say(peers[SENDERS - 1], "the last\n");
    for (int i = 0; i < SENDERS - 1; i++) {
        peer_half_close(peers[i]);
        peer_expect_end(peers[i]);
    }
    program_await("handled: the last\n\n");
    peer_close(peers[SENDERS - 1]);
    program_stop();
}

static void p5_told_to_end_it_ends(void **state) {
    (void)state;
    const int peer = peer_connect(start("0", NULL, NULL));
    peer_say(peer, "never finished");
    program_tell_to_stop();
    (void)peer_drain(peer);
    assert_int_equal(program_wait(), 0);
    expect_output("");
}

/* Where it cannot listen the message says where. */
static void an_address_of_others_is_named(void **state) {
    (void)state;
    const char *const arguments[] = {"--listen", "192.0.2.1:7000", NULL};
    assert_int_equal(program_run("server_future", arguments, NULL), 1);
    assert_string_equal(program_output(), "server_future: 192.0.2.1:7000: address not available\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p5_5_outcome_of_its_own_client),
        cmocka_unit_test(p5_2_a_wait_is_not_polled_again_and_again),
        cmocka_unit_test(p5_8_a_long_message_in_pieces),
        cmocka_unit_test(p5_3_what_is_no_text_is_replaced),
        cmocka_unit_test(p5_10_both_of_two_clients_are_accepted),
        cmocka_unit_test(p5_11_messages_are_handed_to_tasks),
        cmocka_unit_test(p5_more_senders_than_places),
        cmocka_unit_test(p5_told_to_end_it_ends),
        cmocka_unit_test(an_address_of_others_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
