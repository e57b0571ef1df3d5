/* Buffers that are nowhere, on Unix sockets: which errors come before EFAULT, what is lost by it
 * and what is not. Only the bytes that are moved need a place. */
#include "sys/contract/unix_support.h"

enum {
    /* A stream's message holds so much: what is written beyond that is a message of its own. */
    STREAM_MESSAGE = 36544,
};

static const int types[] = {STREAM, DGRAM, SEQPACKET};
enum { TYPE_COUNT = sizeof(types) / sizeof(types[0]) };

static int64_t receive_parts(
    struct wb_contract_fixture *fx, int fd, char *bytes, size_t len, int flags) {
    struct wb_iovec parts[] = {{bytes, len}, {NULL, 8}};
    struct wb_msghdr msg = {.iov = parts, .iov_len = 2};
    return SYS(recvmsg, fd, &msg, flags);
}

static int64_t send_parts(struct wb_contract_fixture *fx, int fd, char *bytes, size_t len) {
    struct wb_iovec parts[] = {{bytes, len}, {NULL, 8}};
    struct wb_msghdr msg = {.iov = parts, .iov_len = 2};
    return SYS(sendmsg, fd, &msg, WB_MSG_NOSIGNAL);
}

static void unix_read_into_nowhere_loses_a_message_but_no_bytes(struct wb_contract_fixture *fx) {
    for (int i = 0; i < TYPE_COUNT; i++) {
        struct wb__pair pair;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK_EQUAL(wb__send_text(fx, pair.peer, "ab", 0), 2);
        CHECK_EQUAL(wb__send_text(fx, pair.peer, "cd", 0), 2);
        CHECK_EQUAL(SYS(recv, pair.own, NULL, 8, WB_MSG_PEEK), -EFAULT);
        TEXT(pair.own, 2, WB_MSG_PEEK, "ab");
        CHECK_EQUAL(SYS(recv, pair.own, NULL, 8, 0), -EFAULT);
        TEXT(pair.own, 2, 0, types[i] == STREAM ? "ab" : "cd");
    }
}

/* The bytes go into the good part only. */
static void unix_read_does_not_look_at_parts_that_it_does_not_need(struct wb_contract_fixture *fx) {
    for (int i = 0; i < TYPE_COUNT; i++) {
        struct wb__pair pair;
        char bytes[8] = {0};
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK_EQUAL(wb__send_text(fx, pair.peer, "abc", 0), 3);
        CHECK_EQUAL(receive_parts(fx, pair.own, bytes, 3, 0), 3);
        CHECK(bytes[0] == 'a' && bytes[2] == 'c');
        CHECK_EQUAL(SYS(recv, pair.own, NULL, 8, 0), -EAGAIN);
    }
}

/* What was written at once fits whole or not at all; what was written before it is kept. */
static void unix_stream_read_ends_before_bytes_that_have_no_place(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char bytes[4] = {0};
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "a", 0), 1);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "bcd", 0), 3);
    CHECK_EQUAL(receive_parts(fx, pair.own, bytes, 2, WB_MSG_PEEK), 1);
    CHECK_EQUAL(receive_parts(fx, pair.own, bytes, 2, 0), 1);
    CHECK_EQUAL(receive_parts(fx, pair.own, bytes, 2, 0), -EFAULT);
    TEXT(pair.own, 8, 0, "bcd");
}

static void unix_urgent_byte_read_into_nowhere_is_lost(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abo", WB_MSG_OOB), 3);
    CHECK_EQUAL(SYS(recv, pair.own, NULL, 1, WB_MSG_OOB | WB_MSG_PEEK), -EFAULT);
    STATE(pair.own, IN | OUT | PRI);
    CHECK_EQUAL(SYS(recv, pair.own, NULL, 1, WB_MSG_OOB), -EFAULT);
    STATE(pair.own, IN | OUT);
    CHECK_EQUAL(SYS(recv, pair.own, (char[2]){0}, 1, WB_MSG_OOB), -EINVAL);
    TEXT(pair.own, 8, 0, "ab");
}

/* The buffer that was meant for the bytes is given back, which is an edge. */
static void unix_write_from_nowhere_wakes_the_writer(struct wb_contract_fixture *fx) {
    for (int i = 0; i < TYPE_COUNT; i++) {
        struct wb__pair pair;
        struct wb__watch watch;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
        OBSERVE(watch, OUT, OUT, OUT);
        CHECK_EQUAL(SYS(send, pair.own, NULL, 8, 0), -EFAULT);
        OBSERVE(watch, OUT, OUT, NONE);
        CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN);
    }
}

static void unix_stream_write_ends_before_a_message_that_is_nowhere(
    struct wb_contract_fixture *fx) {
    static char bytes[STREAM_MESSAGE];
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(send_parts(fx, pair.own, bytes, 100), -EFAULT);
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN);
    CHECK_EQUAL(send_parts(fx, pair.own, bytes, STREAM_MESSAGE), STREAM_MESSAGE);
    CHECK_EQUAL(send_parts(fx, pair.own, bytes, STREAM_MESSAGE - 1), -EFAULT);
    CHECK(wb__drain(fx, pair.peer, STREAM_MESSAGE));
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN);
}

static void unix_write_from_nowhere_without_room_or_reader(struct wb_contract_fixture *fx) {
    for (int i = 0; i < TYPE_COUNT; i++) {
        struct wb__pair pair;
        uint64_t len;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK(wb__set_send_buffer(fx, pair.own, 4608));
        CHECK(wb__fill(fx, pair.own, &len));
        CHECK_EQUAL(SYS(send, pair.own, NULL, 8, WB_MSG_NOSIGNAL), -EAGAIN);
        CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
        CHECK_EQUAL(SYS(send, pair.own, NULL, 8, WB_MSG_NOSIGNAL), -EPIPE);
        CHECK_EQUAL(wb__close(fx, pair.peer), 0);
        CHECK_EQUAL(SYS(recv, pair.own, NULL, 8, 0), types[i] == DGRAM ? -EAGAIN : -ECONNRESET);
    }
}

static const struct wb_contract_case cases[] = {
    CASE(unix_read_into_nowhere_loses_a_message_but_no_bytes, 0),
    CASE(unix_read_does_not_look_at_parts_that_it_does_not_need, 0),
    CASE(unix_stream_read_ends_before_bytes_that_have_no_place, 0),
    CASE(unix_urgent_byte_read_into_nowhere_is_lost, 0),
    CASE(unix_write_from_nowhere_wakes_the_writer, 0),
    CASE(unix_stream_write_ends_before_a_message_that_is_nowhere, 0),
    CASE(unix_write_from_nowhere_without_room_or_reader, 0),
};
WB__CONTRACT_GROUP(unix_bad_buffer);
