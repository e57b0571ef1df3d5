/* recvmsg and sendmsg beside the bytes, and several messages in one call, on streams. */
#include "sys/contract/support.h"

#include <string.h>

enum { COUNT = 3, LEN = 4 };

/* Three messages of four bytes each. */
struct batch {
    char bytes[COUNT][LEN];
    struct wb_iovec parts[COUNT];
    struct wb_mmsghdr messages[COUNT];
};

static void prepare(struct batch *batch) {
    memset(batch, 0, sizeof(*batch));
    for (int i = 0; i < COUNT; i++) {
        batch->parts[i] = (struct wb_iovec){batch->bytes[i], LEN};
        batch->messages[i].hdr.iov = &batch->parts[i];
        batch->messages[i].hdr.iov_len = 1;
        batch->messages[i].len = 99;
    }
}

static bool make_blocking(struct wb_contract_fixture *fx, int fd) {
    int flags = SYS(fcntl, fd, WB_F_GETFL, 0);
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(fcntl, fd, WB_F_SETFL, flags & ~WB_O_NONBLOCK), 0, "fcntl");
}

/* ---- one message ---- */

static void message_of_a_stream_names_nobody_and_has_no_control(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr name;
    char control[64];
    char data[8];
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.name = &name,
        .name_len = sizeof(name),
        .iov = &iov,
        .iov_len = 1,
        .control = control,
        .control_len = sizeof(control),
        .flags = -1};
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, 0), 3);
    CHECK_EQUAL(msg.name_len, 0);
    CHECK_EQUAL(msg.control_len, 0);
    CHECK_EQUAL(msg.flags, 0);
}

static void message_without_a_name_keeps_the_length(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8];
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.name_len = 77, .iov = &iov, .iov_len = 1};
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, 0), 3);
    CHECK_EQUAL(msg.name_len, 77);
}

static void message_to_a_connected_stream_goes_to_its_peer_whatever_the_name(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr name;
    uint32_t len = wb__loopback(fx, &name);
    char data[] = "abc";
    struct wb_iovec iov = {data, 3};
    struct wb_msghdr msg = {.name = &name, .name_len = len, .iov = &iov, .iov_len = 1};
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), 3);
    CHECK(wb__recv(fx, pair.peer, 3));
}

static void message_with_bad_control_is_refused(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[] = "abc";
    struct wb_iovec iov = {data, 3};
    struct {
        struct wb_cmsghdr header;
        int payload[2];
    } control = {{WB_CMSG_LEN(sizeof(int)), WB_SOL_SOCKET, WB_SCM_RIGHTS}, {0}};
    struct wb_msghdr msg = {
        .iov = &iov, .iov_len = 1, .control = &control, .control_len = sizeof(control)};
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), 3); /* TCP passes no descriptors */
    control.header.type = 999;
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), -EINVAL);
    control.header.level = WB_IPPROTO_TCP;
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), 3);
    control.header.len = 3;
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), -EINVAL);
    control.header.len = sizeof(control) + 1;
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), -EINVAL);
    msg.control_len = 5; /* too short for a header: there is none */
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), 3);
    msg.control = NULL;
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), -EFAULT);
    msg.control_len = (size_t)INT32_MAX + 1;
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, WB_MSG_NOSIGNAL), -ENOBUFS);
    CHECK(wb__recv(fx, pair.peer, 9));
}

static void message_flag_of_the_kernels_own_is_refused(struct wb_contract_fixture *fx) {
    const int compat = INT32_MIN; /* MSG_CMSG_COMPAT */
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    prepare(&batch);
    CHECK_EQUAL(SYS(recvmsg, pair.own, &batch.messages[0].hdr, compat), -EINVAL);
    CHECK_EQUAL(SYS(sendmsg, pair.own, &batch.messages[0].hdr, compat), -EINVAL);
    CHECK_EQUAL(SYS(recvmsg, -1, &batch.messages[0].hdr, compat), -EINVAL);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, 1, compat), -EINVAL);
    CHECK_EQUAL(SYS(sendmmsg, pair.own, batch.messages, 1, compat), -EINVAL);
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK_EQUAL(SYS(recv, pair.own, batch.bytes[0], LEN, compat), 2);
}

static void message_flags_that_are_told_back(struct wb_contract_fixture *fx) {
    const int error_queue = 0x2000;
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    prepare(&batch);
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK_EQUAL(SYS(recvmsg, pair.own, &batch.messages[0].hdr, error_queue), -EAGAIN);
    CHECK_EQUAL(SYS(recvmsg, pair.own, &batch.messages[0].hdr, WB_MSG_CMSG_CLOEXEC), 2);
    CHECK_EQUAL(batch.messages[0].hdr.flags, WB_MSG_CMSG_CLOEXEC);
}

/* ---- several ---- */

static void messages_sent_at_once_are_one_stream(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct batch batch;
    char data[16];
    CHECK(wb__pair(fx, &pair));
    prepare(&batch);
    memcpy(batch.bytes, "abcdefghijkl", 12);
    batch.parts[1].len = 2;
    CHECK_EQUAL(SYS(sendmmsg, pair.own, batch.messages, COUNT, WB_MSG_NOSIGNAL), COUNT);
    CHECK_EQUAL(batch.messages[0].len, 4);
    CHECK_EQUAL(batch.messages[1].len, 2);
    CHECK_EQUAL(batch.messages[2].len, 4);
    CHECK_EQUAL(SYS(recv, pair.peer, data, sizeof(data), 0), 10);
    CHECK_EQUAL(memcmp(data, "abcdefijkl", 10), 0);
}

static void messages_received_at_once_take_what_is_there(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    prepare(&batch);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, COUNT, 0), -EAGAIN);
    CHECK_EQUAL(batch.messages[0].len, 99);
    CHECK_EQUAL(SYS(send, pair.peer, "abcdef", 6, WB_MSG_NOSIGNAL), 6);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, COUNT, 0), 2);
    CHECK_EQUAL(batch.messages[0].len, 4);
    CHECK_EQUAL(batch.messages[1].len, 2);
    CHECK_EQUAL(batch.messages[2].len, 99);
    CHECK_EQUAL(memcmp(batch.bytes[0], "abcd", 4), 0);
    CHECK_EQUAL(memcmp(batch.bytes[1], "ef", 2), 0);
}

static void messages_waiting_for_one_do_not_wait_for_more(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    CHECK(make_blocking(fx, pair.own));
    prepare(&batch);
    CHECK(wb__send(fx, pair.peer, 6));
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, COUNT, WB_MSG_WAITFORONE), 2);
    CHECK_EQUAL(batch.messages[1].len, 2);
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, COUNT, WB_MSG_DONTWAIT), 1);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, COUNT, WB_MSG_DONTWAIT), -EAGAIN);
}

static void messages_at_the_end_of_a_stream_are_empty(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 5));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    prepare(&batch);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, COUNT, 0), COUNT);
    CHECK_EQUAL(batch.messages[0].len, 4);
    CHECK_EQUAL(batch.messages[1].len, 1);
    CHECK_EQUAL(batch.messages[2].len, 0);
}

static void messages_of_a_reset_stream_tell_the_error_before_the_data(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 5));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    prepare(&batch);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, 1, 0), -ECONNRESET);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, 2, 0), 2);
    CHECK_EQUAL(batch.messages[0].len, 4);
    CHECK_EQUAL(SYS(sendmmsg, pair.own, batch.messages, COUNT, WB_MSG_NOSIGNAL), -EPIPE);
}

static void messages_with_an_urgent_one_end_there(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.peer, "x", 1, WB_MSG_OOB | WB_MSG_NOSIGNAL), 1);
    prepare(&batch);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, COUNT, WB_MSG_OOB), 1);
    CHECK_EQUAL(batch.messages[0].len, 1);
    CHECK_EQUAL(batch.messages[0].hdr.flags, WB_MSG_OOB);
}

static void messages_before_a_bad_one_are_moved(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    prepare(&batch);
    batch.parts[1].base = NULL;
    CHECK_EQUAL(SYS(sendmmsg, pair.own, batch.messages, COUNT, WB_MSG_NOSIGNAL), 1);
    CHECK(wb__recv(fx, pair.peer, 4));
    CHECK_EQUAL(SYS(sendmmsg, pair.own, batch.messages + 1, 2, WB_MSG_NOSIGNAL), -EFAULT);
}

static void messages_none_and_nowhere(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct batch batch;
    CHECK(wb__pair(fx, &pair));
    prepare(&batch);
    CHECK_EQUAL(SYS(sendmmsg, pair.own, batch.messages, 0, WB_MSG_NOSIGNAL), 0);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, batch.messages, 0, 0), 0);
    CHECK_EQUAL(SYS(sendmmsg, pair.own, NULL, 1, WB_MSG_NOSIGNAL), -EFAULT);
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(SYS(recvmmsg, pair.own, NULL, 1, 0), -EFAULT);
}

static const struct wb_contract_case cases[] = {
    CASE(message_of_a_stream_names_nobody_and_has_no_control, NETWORK),
    CASE(message_without_a_name_keeps_the_length, NETWORK),
    CASE(message_to_a_connected_stream_goes_to_its_peer_whatever_the_name, NETWORK),
    CASE(message_with_bad_control_is_refused, NETWORK),
    CASE(message_flag_of_the_kernels_own_is_refused, NETWORK),
    CASE(message_flags_that_are_told_back, NETWORK),
    CASE(messages_sent_at_once_are_one_stream, NETWORK),
    CASE(messages_received_at_once_take_what_is_there, NETWORK),
    CASE(messages_waiting_for_one_do_not_wait_for_more, NETWORK),
    CASE(messages_at_the_end_of_a_stream_are_empty, NETWORK),
    CASE(messages_of_a_reset_stream_tell_the_error_before_the_data, NETWORK),
    CASE(messages_with_an_urgent_one_end_there, NETWORK),
    CASE(messages_before_a_bad_one_are_moved, NETWORK),
    CASE(messages_none_and_nowhere, NETWORK),
};
WB__CONTRACT_GROUP(messages);
