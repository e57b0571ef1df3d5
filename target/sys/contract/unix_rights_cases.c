/* Descriptors in messages of Unix sockets (SCM_RIGHTS): a descriptor that arrives is owned exactly
 * once, one that does not is closed. */
#include "sys/contract/unix_support.h"

#include <string.h>

enum { ROOM = 128, RIGHTS_MAX = 253 };

/* Whether a pair's end lives shows at the other end. */
#define GONE (IN | OUT | RDHUP | HUP)

static bool same_file(struct wb_contract_fixture *fx, int eventfd, int copy) {
    uint64_t value = 7;
    uint64_t read = 0;
    return wb__check_equal(fx, __FILE__, __LINE__, SYS(write, copy, &value, sizeof(value)),
               sizeof(value), "written to the copy")
           && wb__check_equal(fx, __FILE__, __LINE__, SYS(read, eventfd, &read, sizeof(read)),
               sizeof(read), "read from the original")
           && wb__check_equal(fx, __FILE__, __LINE__, (long long)read, 7, "the value");
}

static void rights_arrive_as_new_descriptors_of_the_same_files(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int first = wb__eventfd(fx, 0);
    int second = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", (int[]){first, second}, 2), 2);
    int lowest = wb__dup(fx, first);
    CHECK_EQUAL(wb__close(fx, lowest), 0);
    struct wb__received received = wb__receive(fx, pair.own, 8, ROOM, 0);
    CHECK_EQUAL(received.result, 2);
    CHECK_EQUAL(received.flags, 0);
    CHECK_EQUAL(received.control_len, WB_CMSG_SPACE(2 * sizeof(int)));
    CHECK_EQUAL(received.fds_len, 2);
    CHECK_EQUAL(received.fds[0], lowest);
    CHECK(same_file(fx, first, received.fds[0]));
    CHECK(same_file(fx, second, received.fds[1]));
    CHECK_EQUAL(wb__close(fx, received.fds[0]), 0);
    CHECK_EQUAL(wb__close(fx, received.fds[0]), -EBADF); /* owned once */
    CHECK(SYS(fcntl, first, WB_F_GETFL, 0) >= 0);
}

/* Closed by the sender at once, as one does. */
static void rights_in_flight_keep_the_file_open(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pair passed;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__unix_pair(fx, STREAM, &passed));
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "x", &passed.own, 1), 1);
    CHECK_EQUAL(wb__close(fx, passed.own), 0);
    STATE(passed.peer, OUT);
    CHECK_EQUAL(wb__send_text(fx, passed.peer, "hello", 0), 5);
    struct wb__received received = wb__receive(fx, pair.own, 8, ROOM, 0);
    CHECK_EQUAL(received.fds_len, 1);
    TEXT(received.fds[0], 8, 0, "hello");
    CHECK_EQUAL(wb__close(fx, received.fds[0]), 0);
    STATE(passed.peer, GONE);
}

struct passer {
    struct wb_contract_fixture *fx;
    int fd;
    int passed;
    int64_t result;
};

static void pass_on(void *arg) {
    struct passer *passer = arg;
    passer->result = wb__send_fds(passer->fx, passer->fd, "x", &passer->passed, 1);
}

/* What a send came to that was to sleep while what it passes was closed; false: recorded. */
static bool pass_while_closed(
    struct wb_contract_fixture *fx, struct wb__pair *pair, int64_t delay_ns, int64_t *out_result) {
    struct wb__pair passed;
    uint64_t thread;
    uint64_t len;
    if (!wb__unix_pair(fx, STREAM, pair) || !wb__unix_pair(fx, STREAM, &passed)
        || wb__send_text(fx, passed.peer, "hello", 0) != 5 || !wb__fill(fx, pair->peer, &len)
        || !wb__set_blocking(fx, pair->peer)) {
        return wb__check_equal(fx, __FILE__, __LINE__, false, true, "a full connection");
    }
    struct passer passer = {.fx = fx, .fd = pair->peer, .passed = passed.own};
    if (SYS(thread_create, pass_on, &passer, &thread) != 0) {
        return wb__check_equal(fx, __FILE__, __LINE__, false, true, "a thread sleeps");
    }
    (void)SYS(poll, NULL, 0, delay_ns);
    int closed = wb__close(fx, passed.own);
    bool is_drained = wb__drain(fx, pair->own, len);
    int joined = SYS(thread_join, thread);
    *out_result = passer.result;
    return wb__check_equal(
        fx, __FILE__, __LINE__, closed == 0 && is_drained && joined == 0, true, "all went");
}

/* In no queue yet, and in nobody's hands any more; what was sent to it is still there. Nothing says
 * that a thread sleeps already: one that had not begun is tried again, with more time. */
static void rights_that_wait_for_room_keep_the_file_open(struct wb_contract_fixture *fx) {
    enum { DELAY_MAX_MS = 1280, MS = 1000000 };
    struct wb__pair pair;
    int64_t result = -EBADF;
    for (int64_t ms = 20; result == -EBADF && ms <= DELAY_MAX_MS; ms *= 2) {
        CHECK(pass_while_closed(fx, &pair, ms * MS, &result));
    }
    CHECK_EQUAL(result, 1);
    struct wb__received received = wb__receive(fx, pair.own, 8, ROOM, 0);
    CHECK_EQUAL(received.fds_len, 1);
    TEXT(received.fds[0], 8, 0, "hello");
}

static void rights_are_closed_with_the_queue(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    for (size_t i = 0; i < 3; i++) {
        struct wb__pair pair;
        struct wb__pair passed;
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK(wb__unix_pair(fx, STREAM, &passed));
        CHECK_EQUAL(wb__send_fds(fx, pair.peer, "x", &passed.own, 1), 1);
        CHECK_EQUAL(wb__close(fx, passed.own), 0);
        STATE(passed.peer, OUT);
        CHECK_EQUAL(wb__close(fx, pair.own), 0);
        STATE(passed.peer, GONE);
    }
}

static void rights_that_find_no_room_are_closed(struct wb_contract_fixture *fx) {
    static const struct {
        size_t room;
        size_t taken;
        size_t told; /* control_len */
    } rows[] = {
        {0, 0, 0}, /* no buffer at all */
        {sizeof(struct wb_cmsghdr) - 1, 0, 0},
        {sizeof(struct wb_cmsghdr), 0, 0},
        {WB_CMSG_LEN(sizeof(int)), 1, WB_CMSG_LEN(sizeof(int))},
        {WB_CMSG_LEN(sizeof(int)) + 3, 1, WB_CMSG_LEN(sizeof(int)) + 3},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wb__pair pair;
        struct wb__pair passed;
        int kept = wb__eventfd(fx, 0);
        CHECK(wb__unix_pair(fx, STREAM, &pair));
        CHECK(wb__unix_pair(fx, STREAM, &passed));
        CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", (int[]){kept, passed.own}, 2), 2);
        CHECK_EQUAL(wb__close(fx, passed.own), 0);
        struct wb__received received = wb__receive(fx, pair.own, 8, rows[i].room, 0);
        CHECK_EQUAL(received.result, 2);
        CHECK_EQUAL(received.flags, WB_MSG_CTRUNC);
        CHECK_EQUAL(received.fds_len, rows[i].taken);
        CHECK_EQUAL(received.control_len, rows[i].told);
        STATE(passed.peer, GONE);
    }
}

static void rights_beyond_the_limit_of_descriptors_are_closed(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pair passed;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__unix_pair(fx, STREAM, &passed));
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", (int[]){fd, passed.own}, 2), 2);
    CHECK_EQUAL(wb__close(fx, passed.own), 0);
    int last = -1;
    int next = wb__dup(fx, fd);
    while (next >= 0) {
        last = next;
        next = wb__dup(fx, fd);
    }
    CHECK_EQUAL(next, -EMFILE);
    CHECK_EQUAL(wb__close(fx, last), 0); /* room for one */
    struct wb__received received = wb__receive(fx, pair.own, 8, ROOM, 0);
    CHECK_EQUAL(received.result, 2);
    CHECK_EQUAL(received.flags, WB_MSG_CTRUNC);
    CHECK_EQUAL(received.fds_len, 1);
    CHECK_EQUAL(wb__poll_one(fx, passed.peer, ALL, 0), GONE);
}

static void rights_not_wanted_are_closed_by_plain_reading(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pair passed;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__unix_pair(fx, STREAM, &passed));
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", &passed.own, 1), 2);
    CHECK_EQUAL(wb__close(fx, passed.own), 0);
    TEXT(pair.own, 1, 0, "h"); /* they come with the first byte */
    STATE(passed.peer, GONE);
    TEXT(pair.own, 1, 0, "i");
}

static void rights_are_doubled_by_looking(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    for (size_t i = 0; i < 3; i++) {
        struct wb__pair pair;
        int fd = wb__eventfd(fx, 0);
        CHECK(wb__unix_pair(fx, types[i], &pair));
        CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", &fd, 1), 2);
        struct wb__received looked = wb__receive(fx, pair.own, 8, ROOM, WB_MSG_PEEK);
        struct wb__received received = wb__receive(fx, pair.own, 8, ROOM, 0);
        CHECK_EQUAL(looked.fds_len, 1);
        CHECK_EQUAL(received.fds_len, 1);
        CHECK(looked.fds[0] != received.fds[0]);
        CHECK(same_file(fx, fd, looked.fds[0]));
        CHECK(same_file(fx, fd, received.fds[0]));
    }
}

/* Bytes in front are read along, bytes behind are not. */
static void rights_end_a_read_of_a_stream(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "before", 0), 6);
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "with", &fd, 1), 4);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "behind", 0), 6);
    struct wb__received received = wb__receive(fx, pair.own, 64, ROOM, WB_MSG_PEEK);
    CHECK_EQUAL(received.result, 10);
    CHECK_EQUAL(received.fds_len, 1);
    received = wb__receive(fx, pair.own, 64, ROOM, 0);
    CHECK_EQUAL(received.result, 10);
    CHECK_EQUAL(memcmp(received.bytes, "beforewith", 10), 0);
    CHECK_EQUAL(received.fds_len, 1);
    received = wb__receive(fx, pair.own, 64, ROOM, 0);
    CHECK_EQUAL(received.result, 6);
    CHECK_EQUAL(received.fds_len, 0);
    CHECK_EQUAL(received.control_len, 0);
}

static void rights_of_two_messages_are_not_glued(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int fds[2] = {wb__eventfd(fx, 0), wb__eventfd(fx, 0)};
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "one", fds, 2), 3);
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "two", fds, 1), 3);
    struct wb__received received = wb__receive(fx, pair.own, 64, ROOM, 0);
    CHECK_EQUAL(received.result, 3);
    CHECK_EQUAL(received.fds_len, 2);
    received = wb__receive(fx, pair.own, 64, ROOM, 0);
    CHECK_EQUAL(received.result, 3);
    CHECK_EQUAL(received.fds_len, 1);
}

static void rights_of_an_empty_write_are_lost_on_a_stream_only(struct wb_contract_fixture *fx) {
    struct wb__pair stream;
    struct wb__pair datagram;
    struct wb__pair passed;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &stream));
    CHECK(wb__unix_pair(fx, DGRAM, &datagram));
    CHECK(wb__unix_pair(fx, STREAM, &passed));
    CHECK_EQUAL(wb__send_fds(fx, stream.peer, "", &passed.own, 1), 0);
    CHECK_EQUAL(wb__close(fx, passed.own), 0);
    STATE(stream.own, OUT);
    STATE(passed.peer, GONE);
    CHECK_EQUAL(wb__send_fds(fx, datagram.peer, "", &fd, 1), 0);
    struct wb__received received = wb__receive(fx, datagram.own, 8, ROOM, 0);
    CHECK_EQUAL(received.result, 0);
    CHECK_EQUAL(received.fds_len, 1);
}

static void rights_may_be_taken_by_reading_nothing(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", &fd, 1), 2);
    struct wb__received received = wb__receive(fx, pair.own, 0, ROOM, 0);
    CHECK_EQUAL(received.result, 0);
    CHECK_EQUAL(received.fds_len, 1);
    received = wb__receive(fx, pair.own, 8, ROOM, 0);
    CHECK_EQUAL(received.result, 2);
    CHECK_EQUAL(received.fds_len, 0);
}

static void rights_close_on_exec_is_told_back(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", &fd, 1), 2);
    struct wb__received received = wb__receive(fx, pair.own, 8, ROOM, WB_MSG_CMSG_CLOEXEC);
    CHECK_EQUAL(received.fds_len, 1);
    CHECK_EQUAL(received.flags, WB_MSG_CMSG_CLOEXEC);
    CHECK(same_file(fx, fd, received.fds[0]));
}

static void rights_of_what_is_no_descriptor_give_ebadf(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int good = wb__eventfd(fx, 0);
    int closed = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__close(fx, closed), 0);
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", (int[]){good, closed}, 2), -EBADF);
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", (int[]){-1}, 1), -EBADF);
    STATE(pair.own, OUT); /* nothing was sent */
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", NULL, 0), 2);
}

static void rights_of_too_many_give_einval(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int fds[RIGHTS_MAX + 1];
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    for (int i = 0; i < RIGHTS_MAX + 1; i++) {
        fds[i] = fd;
    }
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", fds, RIGHTS_MAX + 1), -EINVAL);
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "hi", fds, RIGHTS_MAX), 2);
    struct wb__received received = wb__receive(fx, pair.own, 8, 0, 0);
    CHECK_EQUAL(received.result, 2);
    CHECK_EQUAL(received.flags, WB_MSG_CTRUNC);
}

/* Control messages that are none; the second of two, so that the first one's files must be let go.
 */
static void control_messages_of_a_wrong_form(struct wb_contract_fixture *fx) {
    static const struct {
        size_t len;
        int level;
        int type;
        int64_t expected;
    } rows[] = {
        {WB_CMSG_LEN(4), WB_SOL_SOCKET, WB_SCM_RIGHTS, 1},
        {WB_CMSG_LEN(5), WB_SOL_SOCKET, WB_SCM_RIGHTS, 1}, /* what is no whole number is none */
        {WB_CMSG_LEN(0), WB_SOL_SOCKET, WB_SCM_RIGHTS, 1},
        {WB_CMSG_LEN(0) - 1, WB_SOL_SOCKET, WB_SCM_RIGHTS, -EINVAL},
        {0, WB_SOL_SOCKET, WB_SCM_RIGHTS, -EINVAL},
        {100, WB_SOL_SOCKET, WB_SCM_RIGHTS, -EINVAL},
        {WB_CMSG_LEN(4), WB_SOL_SOCKET, 77, -EINVAL},
        {WB_CMSG_LEN(4), WB_IPPROTO_TCP, 77, 1}, /* of other levels nobody asks */
        {WB_CMSG_LEN(4), WB_SOL_SOCKET, WB_SCM_CREDENTIALS, -EINVAL},
    };
    struct wb__pair pair;
    int fd = wb__eventfd(fx, 0);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        union {
            struct wb_cmsghdr header;
            uint8_t bytes[2 * WB_CMSG_SPACE(sizeof(int))];
        } control = {.bytes = {0}};
        struct wb_cmsghdr second = {rows[i].len, rows[i].level, rows[i].type};
        control.header = (struct wb_cmsghdr){WB_CMSG_LEN(4), WB_SOL_SOCKET, WB_SCM_RIGHTS};
        memcpy(control.bytes + WB_CMSG_LEN(0), &fd, sizeof(fd));
        memcpy(control.bytes + WB_CMSG_SPACE(4), &second, sizeof(second));
        memcpy(control.bytes + WB_CMSG_SPACE(4) + WB_CMSG_LEN(0), &fd, sizeof(fd));
        struct wb_iovec iov = {"x", 1};
        struct wb_msghdr msg = {.iov = &iov,
            .iov_len = 1,
            .control = control.bytes,
            .control_len = sizeof(control.bytes)};
        int64_t result = SYS(sendmsg, pair.peer, &msg, 0);
        if (result != rows[i].expected) {
            wb__fail(fx, __FILE__, __LINE__, "row %zu gives %lld", i, (long long)result);
            return;
        }
    }
    struct wb__received received = wb__receive(fx, pair.own, 1, ROOM, 0);
    CHECK_EQUAL(received.fds_len, 2); /* two messages of rights become one */
    CHECK_EQUAL(received.control_len, WB_CMSG_SPACE(2 * sizeof(int)));
}

static void control_buffer_of_a_wrong_form(struct wb_contract_fixture *fx) {
    static uint8_t bytes[1 << 18];
    struct wb__pair pair;
    struct wb_iovec iov = {"x", 1};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    msg.control_len = 16;
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, 0), -EFAULT);
    msg.control = bytes;
    msg.control_len = sizeof(struct wb_cmsghdr) - 1; /* too short to hold anything */
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, 0), 1);
    msg.control_len = sizeof(bytes);
    CHECK_EQUAL(SYS(sendmsg, pair.own, &msg, 0), -ENOBUFS);
}

static void registration_outlives_a_descriptor_that_is_on_its_way(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = wb__epoll(fx);
    int fd = wb__eventfd(fx, 1);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__add(fx, epfd, fd, IN, 'e'));
    CHECK_EQUAL(wb__send_fds(fx, pair.peer, "x", &fd, 1), 1);
    CHECK_EQUAL(wb__close(fx, fd), 0);
    ORDER(epfd, 4, "e"); /* R27: another reference holds the file */
    struct wb__received received = wb__receive(fx, pair.own, 8, ROOM, 0);
    CHECK_EQUAL(received.fds_len, 1);
    ORDER(epfd, 4, "e");
    CHECK_EQUAL(wb__close(fx, received.fds[0]), 0);
    ORDER(epfd, 4, "");
}

/* Nobody can take them out any more: not at once, but in the end they are closed. */
static void sockets_in_each_others_queues_are_closed(struct wb_contract_fixture *fx) {
    const int64_t patience_ns = INT64_C(5000000000);
    struct wb__pair ring;
    struct wb__pair passed;
    CHECK(wb__unix_pair(fx, STREAM, &ring));
    CHECK(wb__unix_pair(fx, STREAM, &passed));
    CHECK_EQUAL(wb__send_fds(fx, ring.own, "x", &ring.own, 1), 1);
    CHECK_EQUAL(wb__send_fds(fx, ring.peer, "x", (int[]){ring.peer, passed.own}, 2), 1);
    CHECK_EQUAL(wb__close(fx, ring.own), 0);
    STATE(ring.peer, IN | OUT); /* it is still to be had from here */
    CHECK_EQUAL(wb__close(fx, ring.peer), 0);
    CHECK_EQUAL(wb__close(fx, passed.own), 0);
    CHECK_EQUAL(wb__close(fx, wb__unix_socket(fx, STREAM)), 0); /* any end makes the kernel look */
    CHECK(wb__poll_one(fx, passed.peer, IN, patience_ns) > 0);
    STATE(passed.peer, GONE);
}

/* A listener's queue holds a connection whose queue holds its client. */
static void connection_to_be_accepted_may_hold_its_client(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK_EQUAL(wb__send_fds(fx, client, "x", &client, 1), 1);
    CHECK_EQUAL(wb__close(fx, client), 0);
    CHECK(wb__accept(fx, listener, &accepted));
    STATE(accepted, IN | OUT);
    struct wb__received received = wb__receive(fx, accepted, 8, ROOM, 0);
    CHECK_EQUAL(received.fds_len, 1);
    CHECK_EQUAL(wb__send_text(fx, received.fds[0], "back", 0), 4);
    TEXT(accepted, 8, 0, "back");
}

static const struct wb_contract_case cases[] = {
    CASE(rights_arrive_as_new_descriptors_of_the_same_files, 0),
    CASE(rights_in_flight_keep_the_file_open, 0),
    CASE(rights_that_wait_for_room_keep_the_file_open,
        WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING),
    CASE(rights_are_closed_with_the_queue, 0),
    CASE(rights_that_find_no_room_are_closed, 0),
    CASE(rights_beyond_the_limit_of_descriptors_are_closed, 0),
    CASE(rights_not_wanted_are_closed_by_plain_reading, 0),
    CASE(rights_are_doubled_by_looking, 0),
    CASE(rights_end_a_read_of_a_stream, 0),
    CASE(rights_of_two_messages_are_not_glued, 0),
    CASE(rights_of_an_empty_write_are_lost_on_a_stream_only, 0),
    CASE(rights_may_be_taken_by_reading_nothing, 0),
    CASE(rights_close_on_exec_is_told_back, 0),
    CASE(rights_of_what_is_no_descriptor_give_ebadf, 0),
    CASE(rights_of_too_many_give_einval, 0),
    CASE(control_messages_of_a_wrong_form, 0),
    CASE(control_buffer_of_a_wrong_form, 0),
    CASE(registration_outlives_a_descriptor_that_is_on_its_way, 0),
    CASE(sockets_in_each_others_queues_are_closed, 0),
    CASE(connection_to_be_accepted_may_hold_its_client, 0),
};
WB__CONTRACT_GROUP(unix_rights);
