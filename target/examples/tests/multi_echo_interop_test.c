/* multi_echo on real sockets, in every trigger mode: P2 of the conformance list. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"
#include "program.h"

typedef void (*case_fn)(uint16_t port);

static void in_every_mode(
    case_fn run, const struct program_faults *faults, const char *a, const char *b) {
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        run(program_start("multi_echo", with_trigger(triggers[i], a, b), faults));
        program_stop();
    }
}

/* Connects and waits to be a member: it hears itself. */
static int join(uint16_t port) {
    int peer = peer_connect(port);
    peer_say(peer, "!");
    peer_hear(peer, "!");
    return peer;
}

static void join_three(uint16_t port, int *peers) {
    for (int i = 0; i < 3; i++) {
        peers[i] = join(port);
        for (int j = 0; j < i; j++) {
            peer_hear(peers[j], "!");
        }
    }
}

static void close_all(const int *peers, int count) {
    for (int i = 0; i < count; i++) {
        peer_close(peers[i]);
    }
}

/* P2.6; P2.7: who joins late hears only what comes later. */
static void everybody_hears(uint16_t port) {
    int peers[4];
    join_three(port, peers);
    peer_say(peers[0], "x");
    for (int i = 0; i < 3; i++) {
        peer_hear(peers[i], "x");
    }
    peers[3] = join(port);
    for (int i = 0; i < 3; i++) {
        peer_hear(peers[i], "!");
    }
    peer_say(peers[1], "later");
    for (int i = 0; i < 4; i++) {
        peer_hear(peers[i], "later");
    }
    close_all(peers, 4);
}

static void multi_echo_everybody_hears_what_is_said_after_joining(void **state) {
    (void)state;
    in_every_mode(everybody_hears, NULL, NULL, NULL);
}

/* P2.7: two speak at once, many times; all hear the same sequence, each speaker's bytes in order.
 */
enum { WORDS = 500, WORD_LEN = 4 };

static void one_order(uint16_t port) {
    static char heard[3][2 * WORDS * WORD_LEN];
    int peers[3];
    join_three(port, peers);
    for (int i = 0; i < WORDS; i++) {
        peer_say(peers[0], "aaaa");
        peer_say(peers[1], "bbbb");
    }
    for (int i = 0; i < 3; i++) {
        peer_read(peers[i], heard[i], sizeof heard[i]);
    }
    assert_memory_equal(heard[0], heard[1], sizeof heard[0]);
    assert_memory_equal(heard[0], heard[2], sizeof heard[0]);
    size_t from_first = 0;
    for (size_t i = 0; i < sizeof heard[0]; i++) {
        from_first += heard[0][i] == 'a';
    }
    assert_int_equal(from_first, WORDS * WORD_LEN);
    close_all(peers, 3);
}

static void multi_echo_all_hear_one_order(void **state) {
    (void)state;
    in_every_mode(one_order, NULL, NULL, NULL);
}

/* P2.8, T3-01, T3-03, T3-04 */
static void all_sizes(uint16_t port) {
    static const size_t sizes[] = {1, 2047, 2048, 2049, 3000, 4096, 100000};
    static char message[100000];
    int peers[3];
    join_three(port, peers);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t i = 0; i < sizes[s]; i++) {
            message[i] = (char)(i * 31 / 7 + s);
        }
        peer_send(peers[s % 3], message, sizes[s]);
        for (int i = 0; i < 3; i++) {
            peer_expect(peers[i], message, sizes[s]);
        }
    }
    close_all(peers, 3);
}

static void multi_echo_every_size_arrives_once_and_in_order(void **state) {
    (void)state;
    in_every_mode(all_sizes, NULL, NULL, NULL);
}

/* P2.12 */
static void multi_echo_short_reads_and_writes_lose_nothing(void **state) {
    (void)state;
    const struct program_faults faults = {.piece_max = 700};
    in_every_mode(all_sizes, &faults, NULL, NULL);
    const struct program_faults bytes = {.piece_max = 1};
    in_every_mode(one_order, &bytes, NULL, NULL);
}

/* P2.9, T3-05, T3-06: last words and the end in one go; the echo is still sent to who half-closed.
 */
static void last_words(uint16_t port) {
    int peers[3];
    join_three(port, peers);
    peer_say(peers[0], "last words");
    peer_half_close(peers[0]);
    peer_say(peers[1], "");
    peer_hear(peers[0], "last words");
    peer_expect_end(peers[0]);
    peer_hear(peers[1], "last words");
    peer_hear(peers[2], "last words");
    peer_close(peers[1]);
    int waits = program_waits();
    peer_say(peers[2], "anybody?");
    peer_hear(peers[2], "anybody?");
    /* No event goes on coming from those who left. */
    assert_in_range(program_waits() - waits, 0, 20);
    peer_close(peers[2]);
}

static void multi_echo_last_words_of_a_leaver_are_heard(void **state) {
    (void)state;
    in_every_mode(last_words, NULL, NULL, NULL);
}

/* P2.9 with a plain close right after the data. */
static void close_behind_data(uint16_t port) {
    int listener = join(port);
    for (int i = 0; i < 20; i++) {
        int peer = peer_connect(port);
        peer_say(peer, "bye");
        peer_close(peer);
        peer_hear(listener, "bye");
    }
    peer_close(listener);
}

static void multi_echo_data_before_a_close_is_heard(void **state) {
    (void)state;
    in_every_mode(close_behind_data, NULL, "--max-connections", "3");
}

/* P2.10 */
static void reset_member(uint16_t port) {
    int peers[3];
    join_three(port, peers);
    peer_reset(peers[1]);
    peer_say(peers[0], "to the others");
    peer_hear(peers[0], "to the others");
    peer_hear(peers[2], "to the others");
    peer_close(peers[0]);
    peer_close(peers[2]);
}

static void multi_echo_reset_ends_that_member_only(void **state) {
    (void)state;
    in_every_mode(reset_member, NULL, NULL, NULL);
}

/* P2.11, T3-12: what one stalled reader is owed is bounded; then it is dropped. The others hear
 * all. */
enum { FLOOD_PIECE = 32 * 1024, FLOOD_PIECES = 512 };

static void stalled_reader(uint16_t port) {
    static char piece[FLOOD_PIECE];
    int speaker = join(port);
    int listener = join(port);
    peer_hear(speaker, "!");
    int stalled = peer_connect_small(port);
    peer_say(stalled, "!");
    peer_hear(stalled, "!");
    peer_hear(speaker, "!");
    peer_hear(listener, "!");
    for (int i = 0; i < FLOOD_PIECES; i++) {
        memset(piece, 'a' + i % 26, sizeof piece);
        peer_send(speaker, piece, sizeof piece);
        peer_expect(speaker, piece, sizeof piece);
        peer_expect(listener, piece, sizeof piece);
    }
    program_await("reads too slowly");
    assert_true(peer_drain(stalled) < (size_t)FLOOD_PIECE * FLOOD_PIECES);
    peer_close(speaker);
    peer_close(listener);
}

static void multi_echo_stalled_reader_is_dropped_and_others_hear_all(void **state) {
    (void)state;
    in_every_mode(stalled_reader, NULL, NULL, NULL);
}

/* P2.13 */
static void one_too_many(uint16_t port) {
    int first = join(port);
    int second = join(port);
    peer_hear(first, "!");
    peer_expect_end(peer_connect(port));
    program_await("connection refused");
    peer_say(first, "still here");
    peer_hear(second, "still here");
    peer_hear(first, "still here");
    peer_half_close(first);
    peer_expect_end(first);
    int third = join(port);
    peer_hear(second, "!");
    peer_close(third);
    peer_close(second);
}

static void multi_echo_member_beyond_the_limit_is_closed(void **state) {
    (void)state;
    in_every_mode(one_too_many, NULL, "--max-connections", "2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multi_echo_everybody_hears_what_is_said_after_joining),
        cmocka_unit_test(multi_echo_all_hear_one_order),
        cmocka_unit_test(multi_echo_every_size_arrives_once_and_in_order),
        cmocka_unit_test(multi_echo_short_reads_and_writes_lose_nothing),
        cmocka_unit_test(multi_echo_last_words_of_a_leaver_are_heard),
        cmocka_unit_test(multi_echo_data_before_a_close_is_heard),
        cmocka_unit_test(multi_echo_reset_ends_that_member_only),
        cmocka_unit_test(multi_echo_stalled_reader_is_dropped_and_others_hear_all),
        cmocka_unit_test(multi_echo_member_beyond_the_limit_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
