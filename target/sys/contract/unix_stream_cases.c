/* Unix streams, as far as they are not like every stream (reading_cases.c): how they begin
 * (R37-R42), messages whose borders a read does not see, flags (R83, R84), blocking descriptors. */
#include "sys/contract/unix_support.h"

#include <string.h>

static bool watched_pair(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, struct wb__watch *out_watch) {
    return wb__unix_pair(fx, STREAM, out_pair)
           && wb__watch(fx, out_watch, out_pair->own, READ, READ);
}

static void r37_fresh_unix_sockets_are_writable_and_hung_up(struct wb_contract_fixture *fx) {
    STATE(wb__unix_socket(fx, STREAM), OUT | HUP);
    STATE(wb__unix_socket(fx, SEQPACKET), OUT | HUP);
    int bound = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &bound));
    STATE(bound, OUT | HUP);
}

/* TCP says ENOTCONN. */
static void r37_shutdown_of_a_fresh_unix_socket_succeeds_and_wakes(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__unix_socket(fx, STREAM);
    CHECK(wb__watch(fx, &watch, fd, ALL, READ));
    OBSERVE(watch, OUT | HUP, OUT | HUP, HUP);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT | HUP, NONE, HUP);
    CHECK(wb__rearm(fx, &watch));
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_RD), 0);
    OBSERVE(watch, IN | OUT | RDHUP | HUP, IN | OUT | RDHUP | HUP, IN | RDHUP | HUP);
    CHECK_EQUAL(wb__recv_result(fx, fd), -EINVAL);
}

static void r40_unix_pairs_are_writable_on_both_sides(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct wb__pair pair;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        STATE(pair.own, OUT);
        STATE(pair.peer, OUT);
        CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
        CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN);
    }
}

static void r42_band_bits_accompany_out_on_unix_sockets(struct wb_contract_fixture *fx) {
    const uint32_t bits = WB_EPOLLRDNORM | WB_EPOLLRDBAND | WB_EPOLLWRNORM | WB_EPOLLWRBAND;
    const uint32_t writable = WB_EPOLLWRNORM | WB_EPOLLWRBAND;
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK(wb__watch(fx, &watch, pair.own, bits, bits));
        OBSERVE(watch, writable, writable, writable);
        CHECK(wb__send(fx, pair.peer, 1));
        OBSERVE(watch, WB_EPOLLRDNORM | writable, WB_EPOLLRDNORM | writable, NONE);
    }
}

static void unix_read_runs_over_the_borders_of_messages(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abc", 0), 3);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "def", 0), 3);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "ghi", 0), 3);
    TEXT(pair.own, 4, WB_MSG_PEEK, "abcd");
    TEXT(pair.own, 4, 0, "abcd");
    TEXT(pair.own, 1, 0, "e");
    TEXT(pair.own, 16, WB_MSG_PEEK, "fghi");
    TEXT(pair.own, 16, 0, "fghi");
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
}

/* On a stream the flag throws bytes away where TCP is meant; here it does nothing. */
static void r84_unix_flags(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abcdef", WB_MSG_MORE | WB_MSG_EOR), 6);
    TEXT(pair.own, 2, WB_MSG_TRUNC, "ab");
    TEXT(pair.own, 2, WB_MSG_WAITALL, "cd");
    TEXT(pair.own, 16, WB_MSG_WAITALL | WB_MSG_DONTWAIT, "ef");
    CHECK(wb__set_blocking(fx, pair.own));
    CHECK_EQUAL(SYS(recv, pair.own, (char[4]){0}, 4, WB_MSG_DONTWAIT), -EAGAIN);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "gh", 0), 2);
    TEXT(pair.own, 16, WB_MSG_WAITALL | WB_MSG_DONTWAIT, "gh");
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "ij", 0), 2);
    TEXT(pair.own, 16, WB_MSG_WAITALL | WB_MSG_PEEK, "ij"); /* a look does not wait for more */
    struct wb__received received = wb__receive(fx, pair.own, 8, 0, 0);
    CHECK_EQUAL(received.result, 2);
    CHECK_EQUAL(received.flags, 0);
}

static void r83_unix_readiness_knows_no_low_water(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_RCVLOWAT, 100), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__recv(fx, pair.own, 1));
}

/* What is there is more than a blocking read waits for. */
static void unix_blocking_read_takes_what_it_was_to_wait_for(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__set_blocking(fx, pair.own));
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_RCVLOWAT, 4), 0);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abcdef", 0), 6);
    TEXT(pair.own, 5, 0, "abcde");
    TEXT(pair.own, 1, 0, "f"); /* it waits for no more than it asks for */
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "ab", 0), 2);
    CHECK_EQUAL(SYS(shutdown, pair.peer, WB_SHUT_WR), 0);
    TEXT(pair.own, 16, 0, "ab"); /* the end is the end of waiting */
    TEXT(pair.own, 16, WB_MSG_WAITALL, "");
}

static void unix_large_write_goes_whole_through_a_blocking_reader(struct wb_contract_fixture *fx) {
    enum { SIZE = 100000 };
    static char bytes[SIZE];
    static char copy[SIZE];
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__set_blocking(fx, pair.own));
    for (int i = 0; i < SIZE; i++) {
        bytes[i] = (char)(i * 7 + i / 251);
    }
    CHECK_EQUAL(SYS(send, pair.peer, bytes, SIZE, WB_MSG_NOSIGNAL), SIZE);
    CHECK_EQUAL(SYS(recv, pair.own, copy, SIZE, WB_MSG_WAITALL), SIZE);
    CHECK_EQUAL(memcmp(bytes, copy, SIZE), 0);
}

static const struct wb_contract_case cases[] = {
    CASE(r37_fresh_unix_sockets_are_writable_and_hung_up, 0),
    CASE(r37_shutdown_of_a_fresh_unix_socket_succeeds_and_wakes, 0),
    CASE(r40_unix_pairs_are_writable_on_both_sides, 0),
    CASE(r42_band_bits_accompany_out_on_unix_sockets, 0),
    CASE(unix_read_runs_over_the_borders_of_messages, 0),
    CASE(r84_unix_flags, 0),
    CASE(r83_unix_readiness_knows_no_low_water, 0),
    CASE(unix_blocking_read_takes_what_it_was_to_wait_for, 0),
    CASE(unix_large_write_goes_whole_through_a_blocking_reader, 0),
};
WB__CONTRACT_GROUP(unix_stream);
