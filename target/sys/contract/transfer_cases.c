/* Bytes from end to end: order, amounts, full buffers, messages of several parts, the end of a
 * stream, and no signal for a broken pipe. */
#include "sys/contract/support.h"

#include <string.h>

enum { PIECE = 1024, TOTAL = 200000 };

/* The byte at this place of the stream: its period is no power of two, so that shifted or repeated
 * pieces show. */
static uint8_t byte_at(uint64_t place) {
    return (uint8_t)(place % 251);
}

/* Sends the next piece of the stream; -EAGAIN leaves *sent. */
static bool send_piece(struct wb_contract_fixture *fx, int fd, uint64_t *sent) {
    uint8_t data[PIECE];
    size_t len = TOTAL - *sent < PIECE ? (size_t)(TOTAL - *sent) : PIECE;
    for (size_t i = 0; i < len; i++) {
        data[i] = byte_at(*sent + i);
    }
    int64_t result = SYS(send, fd, data, len, WB_MSG_NOSIGNAL);
    if (result > 0) {
        *sent += (uint64_t)result;
    }
    return result > 0 || result == -EAGAIN;
}

/* Receives what is there, at most a piece, and looks at every byte. */
static bool recv_piece(struct wb_contract_fixture *fx, int fd, uint64_t *received) {
    uint8_t data[PIECE - 7];
    int64_t result = SYS(recv, fd, data, sizeof(data), 0);
    for (int64_t i = 0; i < result; i++) {
        if (data[i] != byte_at(*received + (uint64_t)i)) {
            return false;
        }
    }
    if (result > 0) {
        *received += (uint64_t)result;
    }
    return result > 0 || result == -EAGAIN;
}

static void transfer_through_narrow_buffers_keeps_every_byte(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    uint64_t sent = 0;
    uint64_t received = 0;
    CHECK(wb__narrow_pair(fx, &pair));
    while (received < TOTAL) {
        struct wb_pollfd fds[2] = {{.fd = pair.own, .events = sent < TOTAL ? (int16_t)OUT : 0},
            {.fd = pair.peer, .events = (int16_t)IN}};
        CHECK(SYS(poll, fds, 2, INT64_C(5000000000)) > 0);
        if (fds[0].revents != 0) {
            CHECK(send_piece(fx, pair.own, &sent));
        }
        if (fds[1].revents != 0) {
            CHECK(recv_piece(fx, pair.peer, &received));
        }
    }
    CHECK_EQUAL(sent, TOTAL);
    CHECK_EQUAL(received, TOTAL);
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN);
}

static void transfer_large_write_into_a_narrow_buffer_is_short(struct wb_contract_fixture *fx) {
    static const char data[1 << 20];
    struct wb__pair pair;
    CHECK(wb__narrow_pair(fx, &pair));
    int64_t sent = SYS(send, pair.own, data, sizeof(data), WB_MSG_NOSIGNAL);
    CHECK(sent > 0);
    CHECK(sent < (int64_t)sizeof(data));
    CHECK(wb__drain(fx, pair.peer, (uint64_t)sent));
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN);
}

static void transfer_full_socket_refuses_with_eagain(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__fill(fx, pair.own, &unread));
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EAGAIN);
    CHECK_EQUAL(SYS(write, pair.own, "x", 1), -EAGAIN);
    CHECK(wb__drain(fx, pair.peer, unread));
}

static void transfer_dontwait_does_not_block_on_a_full_blocking_socket(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    uint64_t unread;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__fill(fx, pair.own, &unread));
    int flags = SYS(fcntl, pair.own, WB_F_GETFL, 0);
    CHECK_EQUAL(SYS(fcntl, pair.own, WB_F_SETFL, flags & ~WB_O_NONBLOCK), 0);
    CHECK_EQUAL(SYS(send, pair.own, "x", 1, WB_MSG_NOSIGNAL | WB_MSG_DONTWAIT), -EAGAIN);
}

static void transfer_short_read_gives_what_is_there(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[16];
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.own, "abc", 3, WB_MSG_NOSIGNAL), 3);
    CHECK_EQUAL(SYS(send, pair.own, "de", 2, WB_MSG_NOSIGNAL), 2);
    CHECK_EQUAL(SYS(recv, pair.peer, data, sizeof(data), 0), 5);
    CHECK_EQUAL(memcmp(data, "abcde", 5), 0);
    CHECK_EQUAL(SYS(recv, pair.peer, data, sizeof(data), 0), -EAGAIN);
}

static void transfer_read_and_write_are_recv_and_send_without_flags(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[16];
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(read, pair.peer, data, sizeof(data)), -EAGAIN);
    CHECK_EQUAL(SYS(write, pair.own, "abc", 3), 3);
    CHECK_EQUAL(SYS(read, pair.peer, data, sizeof(data)), 3);
    CHECK_EQUAL(memcmp(data, "abc", 3), 0);
}

static void transfer_message_gathers_and_scatters(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char sent[] = "abcdef";
    char first[2];
    char second[8];
    struct wb_iovec out[] = {{sent, 1}, {sent + 1, 5}};
    struct wb_iovec in[] = {{first, sizeof(first)}, {second, sizeof(second)}};
    struct wb_msghdr out_msg = {.iov = out, .iov_len = 2};
    struct wb_msghdr in_msg = {.iov = in, .iov_len = 2, .flags = -1};
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(recvmsg, pair.peer, &in_msg, 0), -EAGAIN);
    CHECK_EQUAL(SYS(sendmsg, pair.own, &out_msg, WB_MSG_NOSIGNAL), 6);
    CHECK_EQUAL(SYS(recvmsg, pair.peer, &in_msg, 0), 6);
    CHECK_EQUAL(memcmp(first, "ab", 2), 0);
    CHECK_EQUAL(memcmp(second, "cdef", 4), 0);
    CHECK_EQUAL(in_msg.flags, 0);
    CHECK_EQUAL(in_msg.control_len, 0);
}

static void transfer_both_directions_are_independent(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.own, 3));
    CHECK(wb__send(fx, pair.peer, 5));
    CHECK(wb__recv(fx, pair.own, 5));
    CHECK(wb__recv(fx, pair.peer, 3));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN);
}

static void transfer_data_before_the_end_is_read_first(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.own, 9));
    CHECK_EQUAL(wb__close(fx, pair.own), 0);
    CHECK(wb__recv(fx, pair.peer, 4));
    CHECK(wb__recv(fx, pair.peer, 5));
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), 0);
}

static void transfer_half_closed_stream_still_carries_the_answer(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.own, 4));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    CHECK(wb__recv(fx, pair.peer, 4));
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), 0);
    CHECK(wb__send(fx, pair.peer, 6));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    CHECK(wb__recv(fx, pair.own, 6));
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void transfer_to_a_broken_pipe_raises_no_signal_if_asked(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[] = "x";
    struct wb_iovec iov = {data, 1};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    CHECK_EQUAL(SYS(send, pair.own, data, 1, WB_MSG_NOSIGNAL), -EPIPE);
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), -EPIPE);
}

static const struct wb_contract_case cases[] = {
    CASE(transfer_through_narrow_buffers_keeps_every_byte, NETWORK | WB_CONTRACT_TIMING),
    CASE(transfer_large_write_into_a_narrow_buffer_is_short, NETWORK | WB_CONTRACT_TIMING),
    CASE(transfer_full_socket_refuses_with_eagain, NETWORK | WB_CONTRACT_TIMING),
    CASE(transfer_dontwait_does_not_block_on_a_full_blocking_socket, NETWORK | WB_CONTRACT_TIMING),
    CASE(transfer_short_read_gives_what_is_there, NETWORK),
    CASE(transfer_read_and_write_are_recv_and_send_without_flags, NETWORK),
    CASE(transfer_message_gathers_and_scatters, NETWORK),
    CASE(transfer_both_directions_are_independent, NETWORK),
    CASE(transfer_data_before_the_end_is_read_first, NETWORK),
    CASE(transfer_half_closed_stream_still_carries_the_answer, NETWORK),
    CASE(transfer_to_a_broken_pipe_raises_no_signal_if_asked, NETWORK),
};
WB__CONTRACT_GROUP(transfer);
