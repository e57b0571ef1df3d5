/* Readiness to read, and reading itself (R70-R79, R84-R87), of every kind of stream that a rule is
 * about. Sockets are watched without OUT in the one-shot modes, where it would hide what follows.
 */
#include "sys/contract/stream_support.h"

#include <string.h>

enum { MS = 1000000 };

static bool watched_pair(struct wb_contract_fixture *fx, int kind, struct wb__pair *out_pair,
    struct wb__watch *out_watch) {
    return wb__stream_pair(fx, kind, out_pair)
           && wb__watch(fx, out_watch, out_pair->own, READ, READ);
}

static void r70_data_is_an_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        OBSERVE(watch, NONE, NONE, NONE);
        CHECK(wb__write(fx, pair.peer, 10));
        OBSERVE(watch, IN, IN, IN);
    }
}

static void r71_partial_read_is_no_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__write(fx, pair.peer, 10));
        OBSERVE(watch, IN, IN, IN);
        CHECK(wb__read(fx, pair.own, 4));
        OBSERVE(watch, IN, NONE, NONE);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, IN, NONE, IN);
    }
}

static void r72_more_data_on_data_left_is_an_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__write(fx, pair.peer, 10));
        OBSERVE(watch, IN, IN, IN);
        CHECK(wb__read(fx, pair.own, 4));
        CHECK(wb__write(fx, pair.peer, 1));
        OBSERVE(watch, IN, IN, NONE);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, IN, NONE, IN);
    }
}

static void r73_new_data_after_an_exact_read_is_an_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__write(fx, pair.peer, 10));
        OBSERVE(watch, IN, IN, IN);
        CHECK(wb__read(fx, pair.own, 10));
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, NONE, NONE, NONE);
        CHECK(wb__write(fx, pair.peer, 1));
        OBSERVE(watch, IN, IN, IN);
    }
}

static void r74_new_data_after_a_short_read_is_an_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        char data[64];
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__write(fx, pair.peer, 10));
        OBSERVE(watch, IN, IN, IN);
        CHECK_EQUAL(SYS(read, pair.own, data, sizeof(data)), 10);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, NONE, NONE, NONE);
        CHECK(wb__write(fx, pair.peer, 1));
        OBSERVE(watch, IN, IN, IN);
    }
}

static void r75_three_writes_before_a_wait_are_one_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__write(fx, pair.peer, 1));
        CHECK(wb__write(fx, pair.peer, 1));
        CHECK(wb__write(fx, pair.peer, 1));
        OBSERVE(watch, IN, IN, IN);
    }
}

static void r76_event_for_data_carries_the_whole_state(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK(wb__watch(fx, &watch, pair.own, ALL, ALL));
        OBSERVE(watch, OUT, OUT, OUT);
        CHECK(wb__rearm(fx, &watch));
        CHECK(wb__send(fx, pair.peer, 1));
        OBSERVE(watch, IN | OUT, IN | OUT, IN | OUT);
    }
}

static void r77_own_read_own_write_and_peek_wake_nobody(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        char data[4];
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK(wb__watch(fx, &watch, pair.own, ALL, READ));
        CHECK(wb__send(fx, pair.peer, 10));
        OBSERVE(watch, IN | OUT, IN | OUT, IN);
        CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_PEEK), 4);
        OBSERVE(watch, IN | OUT, NONE, NONE);
        CHECK(wb__recv(fx, pair.own, 4));
        OBSERVE(watch, IN | OUT, NONE, NONE);
        CHECK(wb__send(fx, pair.own, 4));
        OBSERVE(watch, IN | OUT, NONE, NONE);
        CHECK(wb__recv(fx, pair.own, 6));
        OBSERVE(watch, OUT, NONE, NONE);
    }
}

static void r78_end_behind_data_that_was_read_is_no_further_event(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        char data[64];
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__send(fx, pair.peer, 10));
        CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
        OBSERVE(watch, IN | RDHUP, IN | RDHUP, IN | RDHUP);
        CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 10);
        OBSERVE(watch, IN | RDHUP, NONE, NONE);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, IN | RDHUP, NONE, IN | RDHUP);
        CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
    }
}

static void r79_end_is_read_again_and_again(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
        OBSERVE(watch, IN | RDHUP, IN | RDHUP, IN | RDHUP);
        for (int i = 0; i < 3; i++) {
            CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
            OBSERVE(watch, IN | RDHUP, NONE, NONE);
        }
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, IN | RDHUP, NONE, IN | RDHUP);
    }
}

static void r84_peek_leaves_the_bytes(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        char peeked[8] = {0};
        char read[8] = {0};
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK_EQUAL(SYS(recv, pair.own, peeked, sizeof(peeked), WB_MSG_PEEK), -EAGAIN);
        CHECK_EQUAL(SYS(send, pair.peer, "abcd", 4, WB_MSG_NOSIGNAL), 4);
        CHECK_EQUAL(SYS(recv, pair.own, peeked, sizeof(peeked), WB_MSG_PEEK), 4);
        CHECK_EQUAL(SYS(recv, pair.own, peeked, 2, WB_MSG_PEEK), 2);
        CHECK_EQUAL(SYS(recv, pair.own, read, sizeof(read), 0), 4);
        CHECK_EQUAL(memcmp(peeked, "abcd", 4), 0);
        CHECK_EQUAL(memcmp(read, "abcd", 4), 0);
        CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    }
}

static void r84_truncating_read_of_tcp_discards(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8] = "........";
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.peer, "abcdef", 6, WB_MSG_NOSIGNAL), 6);
    CHECK_EQUAL(SYS(recv, pair.own, data, 4, WB_MSG_TRUNC), 4);
    CHECK_EQUAL(memcmp(data, "........", 8), 0);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 2);
    CHECK_EQUAL(memcmp(data, "ef", 2), 0);
}

static void r84_dontwait_does_not_block_on_a_blocking_socket(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        char data[8];
        CHECK(wb__stream_pair(fx, kind, &pair));
        int flags = SYS(fcntl, pair.own, WB_F_GETFL, 0);
        CHECK_EQUAL(SYS(fcntl, pair.own, WB_F_SETFL, flags & ~WB_O_NONBLOCK), 0);
        CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_DONTWAIT), -EAGAIN);
    }
}

static void r84_waitall_with_dontwait_is_short(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        char data[8];
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK(wb__send(fx, pair.peer, 3));
        CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_WAITALL | WB_MSG_DONTWAIT), 3);
    }
}

static void r85_zero_lengths(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_SOCKET_COUNT; kind++) {
        struct wb__pair pair;
        struct wb__watch watch;
        char data[8];
        CHECK(watched_pair(fx, kind, &pair, &watch));
        CHECK_EQUAL(SYS(recv, pair.own, data, 0, 0), -EAGAIN);
        CHECK_EQUAL(SYS(read, pair.own, data, 0), 0);
        CHECK_EQUAL(SYS(send, pair.peer, data, 0, WB_MSG_NOSIGNAL), 0);
        OBSERVE(watch, NONE, NONE, NONE);
        CHECK(wb__send(fx, pair.peer, 1));
        CHECK_EQUAL(SYS(recv, pair.own, data, 0, 0), 0);
        CHECK_EQUAL(SYS(recv, pair.own, data, 0, WB_MSG_PEEK), 0);
        CHECK_EQUAL(SYS(read, pair.own, data, 0), 0);
        OBSERVE(watch, IN, IN, IN);
        CHECK(wb__recv(fx, pair.own, 1));
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
        CHECK_EQUAL(SYS(send, pair.own, data, 0, WB_MSG_NOSIGNAL), -EPIPE);
    }
}

static void r86_vectors_count_as_one_buffer_and_skip_empty_parts(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_COUNT; kind++) {
        struct wb__pair pair;
        char sent[] = "abcdef";
        char first[2];
        char last[8];
        struct wb_iovec out[3] = {{sent, 2}, {NULL, 0}, {sent + 2, 4}};
        struct wb_iovec in[3] = {{first, sizeof(first)}, {NULL, 0}, {last, sizeof(last)}};
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK_EQUAL(SYS(writev, pair.peer, out, 3), 6);
        CHECK_EQUAL(SYS(write, pair.peer, "g", 1), 1);
        CHECK_EQUAL(SYS(readv, pair.own, in, 3), 7);
        CHECK_EQUAL(memcmp(first, "ab", 2), 0);
        CHECK_EQUAL(memcmp(last, "cdefg", 5), 0);
        CHECK_EQUAL(SYS(readv, pair.own, in, 3), -EAGAIN);
        CHECK_EQUAL(SYS(readv, pair.own, in, -1), -EINVAL);
    }
}

static void r86_vector_of_no_parts_moves_nothing(struct wb_contract_fixture *fx) {
    for (int kind = 0; kind < WB__STREAM_COUNT; kind++) {
        struct wb__pair pair;
        struct wb_iovec iov = {NULL, 0};
        CHECK(wb__stream_pair(fx, kind, &pair));
        CHECK_EQUAL(SYS(readv, pair.own, &iov, 0), 0);
        CHECK_EQUAL(SYS(writev, pair.peer, &iov, 0), 0);
        CHECK_EQUAL(wb__read_result(fx, pair.own), -EAGAIN);
    }
}

static void urgent_read_without_urgent_data_gives_einval(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char byte;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(SYS(recv, pair.own, &byte, 1, WB_MSG_OOB), -EINVAL);
    CHECK(wb__recv(fx, pair.own, 1));
}

static void r87_one_large_write_is_at_least_one_event(struct wb_contract_fixture *fx) {
    static const char data[40000];
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    OBSERVE(watch, NONE, NONE, NONE);
    int64_t sent = SYS(send, pair.peer, data, sizeof(data), WB_MSG_NOSIGNAL);
    CHECK(sent > 0);
    CHECK_EQUAL(wb__poll_one(fx, pair.own, IN, INT64_C(5000) * MS), IN);
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__drain(fx, pair.own, (uint64_t)sent));
    OBSERVE(watch, NONE, NONE, NONE);
}

static const struct wb_contract_case cases[] = {
    CASE(r70_data_is_an_event, NETWORK),
    CASE(r71_partial_read_is_no_event, NETWORK),
    CASE(r72_more_data_on_data_left_is_an_event, NETWORK),
    CASE(r73_new_data_after_an_exact_read_is_an_event, NETWORK),
    CASE(r74_new_data_after_a_short_read_is_an_event, NETWORK),
    CASE(r75_three_writes_before_a_wait_are_one_event, NETWORK),
    CASE(r76_event_for_data_carries_the_whole_state, NETWORK),
    CASE(r77_own_read_own_write_and_peek_wake_nobody, NETWORK),
    CASE(r78_end_behind_data_that_was_read_is_no_further_event, NETWORK),
    CASE(r79_end_is_read_again_and_again, NETWORK),
    CASE(r84_peek_leaves_the_bytes, NETWORK),
    CASE(r84_truncating_read_of_tcp_discards, NETWORK),
    CASE(r84_dontwait_does_not_block_on_a_blocking_socket, NETWORK),
    CASE(r84_waitall_with_dontwait_is_short, NETWORK),
    CASE(r85_zero_lengths, NETWORK),
    CASE(r86_vectors_count_as_one_buffer_and_skip_empty_parts, NETWORK),
    CASE(r86_vector_of_no_parts_moves_nothing, NETWORK),
    CASE(urgent_read_without_urgent_data_gives_einval, NETWORK),
    CASE(r87_one_large_write_is_at_least_one_event, NETWORK | WB_CONTRACT_TIMING),
};
WB__CONTRACT_GROUP(reading);
