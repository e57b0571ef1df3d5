/* chat on real sockets. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "peer.h"
#include "program.h"

static uint16_t start(const struct program_faults *faults) {
    static const char *const arguments[] = {"--max-connections", "3", NULL};
    return program_start("chat", arguments, faults);
}

static int join(uint16_t port) {
    const int peer = peer_connect(port);
    peer_hear(peer, "welcome\n");
    return peer;
}

static void leave(int peer) {
    peer_half_close(peer);
    peer_expect_end(peer);
}

/* TC-06 */
static void lines_go_to_everybody_else(uint16_t port) {
    const int alice = join(port);
    const int bob = join(port);
    const int carol = join(port);
    peer_say(alice, "one\r\ntw");
    peer_hear(bob, "one\n");
    peer_hear(carol, "one\n");
    peer_say(bob, "from bob\n");
    peer_hear(alice, "from bob\n");
    peer_hear(carol, "from bob\n");
    peer_say(alice, "o");
    leave(alice); /* the last line, without its end */
    peer_hear(bob, "two\n");
    peer_hear(carol, "two\n");
    leave(bob);
    leave(carol);
}

static void chat_tells_lines_to_everybody_else(void **state) {
    (void)state;
    const struct program_faults pieces = {.piece_max = 1};
    lines_go_to_everybody_else(start(NULL));
    program_stop();
    lines_go_to_everybody_else(start(&pieces));
    program_stop();
}

static void chat_throws_out_a_line_beyond_the_limit(void **state) {
    (void)state;
    static char line[1025];
    const uint16_t port = start(NULL);
    const int alice = join(port);
    const int bob = join(port);
    memset(line, '0', sizeof line);
    peer_send(alice, line, sizeof line);
    assert_int_equal(peer_drain(alice), 0);
    peer_expect_nothing(bob);
    leave(bob);
    program_stop();
}

static void chat_throws_out_who_does_not_read(void **state) {
    (void)state;
    static char line[1000];
    static char heard[sizeof line];
    const uint16_t port = start(NULL);
    const int sleeper = peer_connect_small(port);
    const int speaker = join(port);
    const int reader = join(port);
    memset(line, '0', sizeof line);
    line[sizeof line - 1] = '\n';
    for (int i = 0; i < 8000; i++) { /* more than the kernel's buffers and the outbox hold */
        peer_send(speaker, line, sizeof line);
        peer_read(reader, heard, sizeof heard);
    }
    assert_memory_equal(line, heard, sizeof line);
    assert_true(peer_drain(sleeper) < 8000 * sizeof line);
    leave(speaker);
    leave(reader);
    program_stop();
}

static void chat_is_limited(void **state) {
    (void)state;
    const uint16_t port = start(NULL);
    const int peers[] = {join(port), join(port), join(port)};
    assert_int_equal(peer_drain(peer_connect(port)), 0);
    for (int i = 0; i < 3; i++) {
        leave(peers[i]);
    }
    program_stop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chat_tells_lines_to_everybody_else),
        cmocka_unit_test(chat_throws_out_a_line_beyond_the_limit),
        cmocka_unit_test(chat_throws_out_who_does_not_read),
        cmocka_unit_test(chat_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
