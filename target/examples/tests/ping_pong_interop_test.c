/* ping_pong on real sockets, in every trigger mode: P1 of the conformance list. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"
#include "program.h"

enum { LINE_LEN_MAX = 64 * 1024 };

/* Each case runs once for every trigger, against a fresh server. */
typedef void (*case_fn)(uint16_t port);

static void in_every_mode(
    case_fn run, const struct program_faults *faults, const char *a, const char *b) {
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        run(program_start("ping_pong", with_trigger(triggers[i], a, b), faults));
        program_stop();
    }
}

/* A whole exchange on a new connection: the server is alive, and has seen what came before. */
static void check_serves(uint16_t port) {
    int peer = peer_connect(port);
    peer_say(peer, "ping\n");
    peer_hear(peer, "ping\n");
    peer_half_close(peer);
    peer_expect_end(peer);
}

/* P1.9 */
static void two_lines(uint16_t port) {
    int peer = peer_connect(port);
    peer_say(peer, "hello world\n");
    peer_hear(peer, "hello world\n");
    peer_say(peer, "this is a line\n");
    peer_hear(peer, "this is a line\n");
    peer_close(peer);
}

static void ping_pong_lines_come_back(void **state) {
    (void)state;
    in_every_mode(two_lines, NULL, NULL, NULL);
}

/* P1.10 */
static void split_line(uint16_t port) {
    int peer = peer_connect(port);
    peer_say(peer, "he");
    check_serves(port);
    peer_expect_nothing(peer);
    peer_say(peer, "llo\n");
    peer_hear(peer, "hello\n");
    peer_close(peer);
}

static void ping_pong_split_line_comes_back_whole(void **state) {
    (void)state;
    in_every_mode(split_line, NULL, NULL, NULL);
}

/* P1.11, P1.12, P1.15 */
static void pipelined(uint16_t port) {
    int peer = peer_connect(port);
    peer_say(peer, "a\nb\nc\n");
    peer_hear(peer, "a\nb\nc\n");
    peer_say(peer, "a\nb");
    peer_hear(peer, "a\n");
    check_serves(port);
    peer_expect_nothing(peer);
    peer_say(peer, "c\n");
    peer_hear(peer, "bc\n");
    peer_send(peer, "\0\xff\r\n\n\n", 6);
    peer_expect(peer, "\0\xff\r\n\n\n", 6);
    peer_close(peer);
}

static void ping_pong_pipelined_lines_keep_order_and_tail(void **state) {
    (void)state;
    in_every_mode(pipelined, NULL, NULL, NULL);
}

/* P1.13 */
static void end_with_data(uint16_t port) {
    int peer = peer_connect(port);
    peer_say(peer, "hello world");
    peer_half_close(peer);
    peer_hear(peer, "hello world");
    peer_expect_end(peer);
    peer = peer_connect(port);
    peer_say(peer, "a\nb");
    peer_half_close(peer);
    peer_hear(peer, "a\nb");
    peer_expect_end(peer);
}

static void ping_pong_half_closed_peer_gets_the_rest(void **state) {
    (void)state;
    in_every_mode(end_with_data, NULL, NULL, NULL);
}

/* P1.14: more connections in a row than there are slots at once. */
static void many_in_a_row(uint16_t port) {
    for (int i = 0; i < 20; i++) {
        int peer = peer_connect(port);
        peer_half_close(peer);
        peer_expect_end(peer);
        check_serves(port);
    }
}

static void ping_pong_slots_are_used_again(void **state) {
    (void)state;
    in_every_mode(many_in_a_row, NULL, "--max-connections", "2");
}

/* P1.17, P1.8: a peer that sends megabytes before it reads fills both directions; nothing is lost.
 */
enum { BULK_LINE = 999, BULK_LINES = 20000 };

static void bulk(uint16_t port) {
    size_t len = (size_t)BULK_LINE * BULK_LINES;
    char *sent = malloc(len);
    assert_non_null(sent);
    for (size_t i = 0; i < len; i++) {
        sent[i] = (char)(i % BULK_LINE == BULK_LINE - 1 ? '\n' : 'a' + (int)(i / BULK_LINE % 26));
    }
    int peer = peer_connect_small(port);
    /* What the two windows and the server's buffer take without anything being read. */
    size_t at_once = 100 * 1000;
    for (size_t at = 0; at < len; at += at_once) {
        size_t n = len - at < at_once ? len - at : at_once;
        peer_send(peer, sent + at, n);
        size_t ends = (at + n) / BULK_LINE * BULK_LINE;
        size_t begins = at / BULK_LINE * BULK_LINE;
        peer_expect(peer, sent + begins, ends - begins);
    }
    peer_close(peer);
    free(sent);
}

static void ping_pong_slow_reader_loses_nothing(void **state) {
    (void)state;
    in_every_mode(bulk, NULL, NULL, NULL);
}

/* P1.16, P1.17 with every read and write cut to three bytes. */
static void ping_pong_short_reads_and_writes_lose_nothing(void **state) {
    (void)state;
    const struct program_faults faults = {.piece_max = 3};
    in_every_mode(pipelined, &faults, NULL, NULL);
    in_every_mode(end_with_data, &faults, NULL, NULL);
}

/* P1.18 */
static void reset_while_served(uint16_t port) {
    int other = peer_connect(port);
    peer_say(other, "half of a ");
    int peer = peer_connect(port);
    peer_say(peer, "line\nrest");
    peer_hear(peer, "line\n");
    peer_reset(peer);
    check_serves(port);
    peer_say(other, "line\n");
    peer_hear(other, "half of a line\n");
    peer_close(other);
}

static void ping_pong_reset_ends_that_connection_only(void **state) {
    (void)state;
    in_every_mode(reset_while_served, NULL, NULL, NULL);
}

/* P1.19 */
static void one_too_many(uint16_t port) {
    int first = peer_connect(port);
    int second = peer_connect(port);
    peer_say(second, "here\n");
    peer_hear(second, "here\n");
    peer_expect_end(peer_connect(port));
    peer_say(first, "still here\n");
    peer_hear(first, "still here\n");
    program_await("connection refused");
    peer_half_close(first);
    peer_expect_end(first);
    check_serves(port);
    peer_close(second);
}

static void ping_pong_connection_beyond_the_limit_is_closed(void **state) {
    (void)state;
    in_every_mode(one_too_many, NULL, "--max-connections", "2");
}

/* P1.20 */
static void long_lines(uint16_t port) {
    static char line[LINE_LEN_MAX];
    memset(line, 'x', sizeof line);
    line[sizeof line - 1] = '\n';
    int peer = peer_connect(port);
    peer_send(peer, line, sizeof line);
    peer_expect(peer, line, sizeof line);
    line[sizeof line - 1] = 'x';
    peer_send(peer, line, sizeof line);
    assert_int_equal(peer_drain(peer), 0);
    check_serves(port);
}

static void ping_pong_longest_line_comes_back_and_longer_one_ends_it(void **state) {
    (void)state;
    in_every_mode(long_lines, NULL, NULL, NULL);
}

/* No memory for a connection's buffer: that connection ends, the next is served. */
static void no_memory_once(uint16_t port) {
    int peer = peer_connect(port);
    peer_say(peer, "x\n");
    assert_int_equal(peer_drain(peer), 0);
    check_serves(port);
}

/* Allocations succeed until the first line buffer, which is the first of WB__LINE_BUFFER_FIRST
 * bytes after those of the start: counted by trying. */
static void ping_pong_no_memory_ends_that_connection_only(void **state) {
    (void)state;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        int skip = program_allocations("ping_pong", with_trigger(triggers[i], NULL, NULL));
        const struct program_faults faults = {.alloc_skip = skip, .alloc_errors = 1};
        no_memory_once(program_start("ping_pong", with_trigger(triggers[i], NULL, NULL), &faults));
        program_stop();
    }
}

/* P1.21 */
static void ping_pong_verbose_tells_events_and_states(void **state) {
    (void)state;
    uint16_t port = program_start("ping_pong", with_trigger(NULL, "--verbose", NULL), NULL);
    int peer = peer_connect(port);
    peer_say(peer, "hello\nrest");
    peer_hear(peer, "hello\n");
    peer_half_close(peer);
    peer_hear(peer, "rest");
    peer_expect_end(peer);
    program_stop();
    const char *output = program_output();
    assert_non_null(strstr(output, "socket is ready; token=1; events=Readable"));
    assert_non_null(strstr(output, "    connection-state=Reading"));
    assert_non_null(strstr(output, "read 10 bytes"));
    assert_non_null(strstr(output, "    connection-state=Writing"));
    assert_non_null(strstr(output, "    read 0 bytes from client; buffered=4"));
}

/* P1.1 to P1.3 */
static void ping_pong_accept_once_ends_after_one(void **state) {
    (void)state;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        uint16_t port =
            program_start("ping_pong", with_trigger(triggers[i], "--accept-once", NULL), NULL);
        peer_expect_end(peer_connect(port));
        assert_int_equal(program_wait(), 0);
        const char *output = program_output();
        const char *running = strstr(output, "running pingpong server\n");
        assert_non_null(running);
        const char *ready = strstr(running, "the server socket is ready to accept a connection\n");
        assert_non_null(ready);
        assert_non_null(strstr(ready, "accepted a socket, exiting program\n"));
    }
}

/* P1.4 */
static void ping_pong_accept_once_waits_on_or_fails(void **state) {
    (void)state;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        const struct program_faults nothing = {.accept_error = 11, .accept_errors = 1};
        uint16_t port =
            program_start("ping_pong", with_trigger(triggers[i], "--accept-once", NULL), &nothing);
        int peer = peer_connect(port);
        program_await("the server socket wasn't actually ready\n");
        bool is_edge = triggers[i] != NULL && strcmp(triggers[i], "edge") == 0;
        /* An edge is not repeated: another connection brings the next. */
        int second = is_edge ? peer_connect(port) : -1;
        peer_expect_end(peer);
        if (is_edge) {
            peer_close(second);
        }
        assert_int_equal(program_wait(), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ping_pong_lines_come_back),
        cmocka_unit_test(ping_pong_split_line_comes_back_whole),
        cmocka_unit_test(ping_pong_pipelined_lines_keep_order_and_tail),
        cmocka_unit_test(ping_pong_half_closed_peer_gets_the_rest),
        cmocka_unit_test(ping_pong_slots_are_used_again),
        cmocka_unit_test(ping_pong_slow_reader_loses_nothing),
        cmocka_unit_test(ping_pong_short_reads_and_writes_lose_nothing),
        cmocka_unit_test(ping_pong_reset_ends_that_connection_only),
        cmocka_unit_test(ping_pong_connection_beyond_the_limit_is_closed),
        cmocka_unit_test(ping_pong_longest_line_comes_back_and_longer_one_ends_it),
        cmocka_unit_test(ping_pong_no_memory_ends_that_connection_only),
        cmocka_unit_test(ping_pong_verbose_tells_events_and_states),
        cmocka_unit_test(ping_pong_accept_once_ends_after_one),
        cmocka_unit_test(ping_pong_accept_once_waits_on_or_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
