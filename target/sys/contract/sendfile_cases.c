/* sendfile: which places move, what a socket without room makes of it, pipes and files as the other
 * end. What is refused for what descriptor is in the table of errno_cases.c. */
#include "sys/contract/file_support.h"
#include "sys/contract/unix_support.h"

#include <string.h>

enum { LARGE = 1 << 20, PAGE = 4096, FULL = 16 * PAGE };

static int letters(struct wb_contract_fixture *fx) {
    return wb__file_write(fx, "file", "abcdefgh") ? wb__open(fx, "file", WB_O_RDONLY) : -1;
}

/* A file of so many bytes, each by its place. */
static uint8_t byte_at(uint64_t place) {
    return (uint8_t)(place % 251);
}

static int large(struct wb_contract_fixture *fx, uint64_t size) {
    uint8_t data[PAGE];
    int fd = wb__open(fx, "large", WB_O_RDWR | WB_O_CREAT | WB_O_TRUNC);
    wb__begin(fx);
    for (uint64_t at = 0; at < size; at += sizeof(data)) {
        for (size_t i = 0; i < sizeof(data); i++) {
            data[i] = byte_at(at + i);
        }
        (void)SYS(write, fd, data, sizeof(data));
    }
    int64_t result = SYS(lseek, fd, 0, WB_SEEK_SET);
    TELL(result, "a large file is there", -1);
    return fd;
}

static void sendfile_moves_its_own_place_or_the_files(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int64_t offset = 5;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    int file = letters(fx);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 3), 3);
    TEXT(pair.peer, 10, 0, "abc");
    CHECK_EQUAL(SYS(sendfile, pair.own, file, &offset, 2), 2);
    TEXT(pair.peer, 10, 0, "fg");
    CHECK_EQUAL(offset, 7);
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), 3);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, &offset, 100), 1);
    CHECK_EQUAL(offset, 8);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, &offset, 100), 0);
    offset = 1000;
    CHECK_EQUAL(SYS(sendfile, pair.own, file, &offset, 100), 0);
    CHECK_EQUAL(offset, 1000);
    offset = 2;
    CHECK_EQUAL(SYS(sendfile, pair.own, file, &offset, 0), 0);
    CHECK_EQUAL(offset, 2);
    TEXT(pair.peer, 10, 0, "h");
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, SIZE_MAX), -EINVAL);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, INT64_MAX), -EINVAL); /* beyond all places */
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, INT64_MAX - 3), 5);
    TEXT(pair.peer, 10, 0, "defgh");
}

/* The place moves by what was moved, and not at all by what was refused. */
static void sendfile_stops_where_the_socket_is_full(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int64_t offset = 0;
    uint64_t sent = 0;
    uint64_t received = 0;
    uint8_t data[PAGE];
    CHECK(wb__narrow_pair(fx, &pair));
    int file = large(fx, LARGE);
    int64_t first = SYS(sendfile, pair.own, file, &offset, LARGE);
    CHECK(first > 0 && first < LARGE);
    CHECK_EQUAL(offset, first);
    for (int64_t result = first; result > 0; sent += (uint64_t)result) {
        result = SYS(sendfile, pair.own, file, &offset, LARGE);
        if (result < 0) {
            CHECK_EQUAL(result, -EAGAIN);
            break;
        }
    }
    sent = (uint64_t)offset;
    CHECK_EQUAL(wb__close(fx, file), 0);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    while (received < sent) {
        CHECK(wb__poll_one(fx, pair.peer, IN, INT64_C(5000000000)) > 0);
        int64_t len = SYS(recv, pair.peer, data, sizeof(data), 0);
        CHECK(len > 0);
        for (int64_t i = 0; i < len; i++) {
            CHECK(data[i] == byte_at(received + (uint64_t)i));
        }
        received += (uint64_t)len;
    }
    CHECK(wb__poll_one(fx, pair.peer, IN, INT64_C(5000000000)) > 0);
    CHECK_EQUAL(SYS(recv, pair.peer, data, sizeof(data), 0), 0);
    CHECK_EQUAL(received, sent);
}

static void r150_sendfile_that_was_refused_is_told_of_room(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    uint64_t sent = 0;
    CHECK(wb__narrow_pair(fx, &pair));
    int file = large(fx, PAGE);
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__fill(fx, pair.own, &sent));
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, PAGE), -EAGAIN);
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__drain(fx, pair.peer, sent));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, OUT, INT64_C(5000000000)), OUT);
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, PAGE), PAGE);
    CHECK(wb__drain(fx, pair.peer, PAGE));
}

static void r149_sendfile_wakes_the_receiver(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    int file = letters(fx);
    CHECK(wb__watch(fx, &watch, pair.peer, IN, IN));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 4), 4);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 4), 4);
    OBSERVE(watch, IN, IN, NONE);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 4), 0);
    OBSERVE(watch, IN, NONE, NONE);
    TEXT(pair.peer, 10, 0, "abcdefgh");
}

static void sendfile_to_a_socket_that_is_shut_is_a_broken_pipe(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    enum { SIGPIPE_NUMBER = 13 };
    struct wb_signalfd_siginfo raised;
    int signals =
        wb__track(fx, SYS(signalfd, UINT64_C(1) << (SIGPIPE_NUMBER - 1), WB_EFD_NONBLOCK));
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    int file = letters(fx);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 4), -EPIPE);
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), 0);
    CHECK_EQUAL(SYS(read, signals, &raised, sizeof(raised)), (int64_t)sizeof(raised));
    CHECK_EQUAL(raised.signo, SIGPIPE_NUMBER);
}

static void sendfile_to_a_datagram_socket_sends_one(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    int file = letters(fx);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 3), 3);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 5), 5);
    TEXT(pair.peer, 10, 0, "abc");
    TEXT(pair.peer, 10, 0, "defgh");
}

static void sendfile_to_a_pipe_fills_its_pages(struct wb_contract_fixture *fx) {
    struct wb__pipe pipe;
    static char data[FULL];
    int64_t offset = 100;
    CHECK(wb__pipe(fx, &pipe));
    int file = large(fx, LARGE);
    /* The pages are those of the file: the first of them gives its rest. */
    CHECK_EQUAL(SYS(sendfile, pipe.writer, file, &offset, LARGE), FULL - 100);
    CHECK_EQUAL(offset, FULL);
    CHECK_EQUAL(SYS(sendfile, pipe.writer, file, &offset, LARGE), -EAGAIN);
    CHECK_EQUAL(offset, FULL);
    CHECK_EQUAL(SYS(read, pipe.reader, data, PAGE - 100), PAGE - 100);
    CHECK(data[0] == (char)byte_at(100));
    CHECK_EQUAL(SYS(sendfile, pipe.writer, file, &offset, 10), 10);
    CHECK_EQUAL(SYS(write, pipe.writer, "x", 1), -EAGAIN); /* nothing is added to such a page */
    CHECK_EQUAL(SYS(read, pipe.reader, data, FULL), FULL - PAGE + 10);
    CHECK(data[FULL - PAGE] == (char)byte_at(FULL));
}

/* Whether the pipe has room comes first, and whether anybody reads it. */
static void sendfile_from_a_pipe_is_refused_behind_what_the_other_pipe_says(
    struct wb_contract_fixture *fx) {
    struct wb__pipe from;
    struct wb__pipe to;
    static char data[FULL];
    enum { SIGPIPE_NUMBER = 13 };
    int signals =
        wb__track(fx, SYS(signalfd, UINT64_C(1) << (SIGPIPE_NUMBER - 1), WB_EFD_NONBLOCK));
    CHECK(signals >= 0);
    CHECK(wb__pipe(fx, &from));
    CHECK(wb__pipe(fx, &to));
    CHECK_EQUAL(SYS(sendfile, to.writer, from.reader, NULL, 1), -EINVAL);
    CHECK_EQUAL(SYS(write, to.writer, data, FULL), FULL);
    CHECK_EQUAL(SYS(sendfile, to.writer, from.reader, NULL, 1), -EAGAIN);
    CHECK_EQUAL(wb__close(fx, to.reader), 0);
    CHECK_EQUAL(SYS(sendfile, to.writer, from.reader, NULL, 1), -EPIPE);
}

static void sendfile_to_a_file_writes_at_its_place(struct wb_contract_fixture *fx) {
    int64_t offset = 6;
    int file = letters(fx);
    CHECK(wb__file_write(fx, "other", "123456"));
    int other = wb__open(fx, "other", WB_O_RDWR);
    CHECK_EQUAL(SYS(sendfile, other, file, &offset, 100), 2);
    CHECK_EQUAL(SYS(lseek, other, 0, WB_SEEK_CUR), 2);
    CHECK_EQUAL(SYS(sendfile, other, file, NULL, 1), 1);
    CONTENTS("other", "gha456");
    int appended = wb__open(fx, "other", WB_O_WRONLY | WB_O_APPEND);
    CHECK_EQUAL(SYS(sendfile, appended, file, NULL, 1), -EINVAL);
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), 1);
    /* More than one call moves is cut before it is seen that it would end beyond all places. */
    CHECK_EQUAL(
        SYS(sendfile, other, wb__open(fx, "empty", WB_O_RDWR | WB_O_CREAT), NULL, INT64_MAX), 0);
    offset = 0;
    CHECK_EQUAL(SYS(sendfile, other, other, &offset, 1), 1); /* to itself */
    CONTENTS("other", "ghag56");
}

/* Both ends begin where it stands. */
static void sendfile_from_a_file_to_itself_moves_its_place_once(struct wb_contract_fixture *fx) {
    CHECK(wb__file_write(fx, "file", "abcdef"));
    int file = wb__open(fx, "file", WB_O_RDWR);
    CHECK_EQUAL(SYS(lseek, file, 1, WB_SEEK_SET), 1);
    CHECK_EQUAL(SYS(sendfile, file, file, NULL, 3), 3);
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), 4);
    CONTENTS("file", "abcdef");
}

static void sendfile_arguments_are_looked_at_in_order(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int64_t negative = -1;
    int64_t last = INT64_MAX;
    int64_t zero = 0;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    int file = letters(fx);
    int writer = wb__open(fx, "file", WB_O_WRONLY);
    CHECK_EQUAL(SYS(sendfile, -1, file, &negative, 1), -EINVAL);
    CHECK_EQUAL(SYS(sendfile, -1, pair.peer, &negative, 1), -ESPIPE);
    CHECK_EQUAL(SYS(sendfile, pair.own, writer, &negative, 1), -EBADF);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, &last, 1), -EINVAL);
    CHECK_EQUAL(SYS(sendfile, pair.own, pair.peer, NULL, 1), -EINVAL);
    CHECK_EQUAL(SYS(sendfile, pair.own, pair.peer, NULL, 0), -EINVAL); /* it has no places */
    CHECK_EQUAL(SYS(sendfile, pair.own, wb__eventfd(fx, 1), NULL, 0), 0);
    CHECK_EQUAL(SYS(sendfile, pair.own, pair.peer, &zero, 1), -ESPIPE);
    CHECK_EQUAL(zero, 0);
}

enum { SIGNALS = WB_CONTRACT_NEEDS_SIGNALS, NET = WB_CONTRACT_NETWORK };

static const struct wb_contract_case cases[] = {
    CASE(sendfile_moves_its_own_place_or_the_files, 0),
    CASE(sendfile_stops_where_the_socket_is_full, NET | WB_CONTRACT_TIMING),
    CASE(r150_sendfile_that_was_refused_is_told_of_room, NET | WB_CONTRACT_TIMING),
    CASE(r149_sendfile_wakes_the_receiver, NET),
    CASE(sendfile_to_a_socket_that_is_shut_is_a_broken_pipe, SIGNALS),
    CASE(sendfile_to_a_datagram_socket_sends_one, 0),
    CASE(sendfile_to_a_pipe_fills_its_pages, 0),
    CASE(sendfile_from_a_pipe_is_refused_behind_what_the_other_pipe_says, SIGNALS),
    CASE(sendfile_to_a_file_writes_at_its_place, 0),
    CASE(sendfile_from_a_file_to_itself_moves_its_place_once, 0),
    CASE(sendfile_arguments_are_looked_at_in_order, 0),
};
WB__CONTRACT_GROUP(sendfile);
