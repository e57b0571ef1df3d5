/* splice and tee: pipes to and from sockets, files and pipes; which places move, where it stops,
 * what an end that is gone makes of it. What is refused for what descriptor is in the table of
 * errno_cases.c. */
#include "sys/contract/file_support.h"
#include "sys/contract/unix_support.h"

#include <string.h>

enum { PAGE = 4096, SLOTS = 16, FULL = SLOTS * PAGE };
enum { NB = WB_SPLICE_F_NONBLOCK };

static char bytes[FULL + PAGE];

static int64_t splice(struct wb_contract_fixture *fx, int in, int out, size_t len) {
    return SYS(splice, in, NULL, out, NULL, len, NB | WB_SPLICE_F_MOVE);
}

static bool put(struct wb_contract_fixture *fx, const struct wb__pipe *pipe, const char *text) {
    return wb__check_equal(fx, __FILE__, __LINE__, SYS(write, pipe->writer, text, strlen(text)),
        (long long)strlen(text), "bytes written");
}

/* ---- sockets ---- */

static void splice_pipe_to_socket_moves_what_is_there(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(put(fx, &pipe, "abc"));
    CHECK(put(fx, &pipe, "defgh"));
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 2), 2);
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 100), 6);
    TEXT(pair.peer, 20, 0, "abcdefgh");
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 100), -EAGAIN);
    CHECK_EQUAL(wb__close(fx, pipe.writer), 0);
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 100), 0);
}

static void splice_socket_to_pipe_moves_what_is_there(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), -EAGAIN);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abcdefgh", 0), 8);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 3), 3);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), 5);
    READS(pipe.reader, "abcdefgh");
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), 0);
    CHECK_EQUAL(wb__close(fx, pipe.reader), 0);
}

static void splice_unix_stream_both_ways(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(put(fx, &pipe, "abcdef"));
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 4), 4);
    TEXT(pair.peer, 20, 0, "abcd");
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "xyz", 0), 3);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 2), 2);
    READS(pipe.reader, "efxy");
    TEXT(pair.own, 20, 0, "z");
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 2), 0);
}

/* What is spliced is charged by its length, not by what a copy of it would take, and goes as one
 * message however small the buffer is. */
static void splice_to_a_unix_stream_is_charged_by_length(struct wb_contract_fixture *fx) {
    enum { LEN = 300, LEAST = 4608 };
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(wb__set_send_buffer(fx, pair.own, LEAST));
    CHECK_EQUAL(SYS(write, pipe.writer, bytes, 6 * LEN), 6 * LEN);
    for (int i = 0; i < 5; i++) { /* each 768 more than its length */
        CHECK_EQUAL(splice(fx, pipe.reader, pair.own, LEN), LEN);
    }
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, LEN), -EAGAIN);
    CHECK(wb__drain(fx, pair.peer, 5 * LEN));
    CHECK_EQUAL(SYS(write, pipe.writer, bytes, 5000), 5000);
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 5000), 5000);
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 1), -EAGAIN);
}

/* One read, one datagram: what does not fit is gone. */
static void splice_datagram_to_pipe_is_a_read(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, DGRAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abcdef", 0), 6);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "gh", 0), 2);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 4), 4);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), 2);
    READS(pipe.reader, "abcdgh");
}

static void splice_to_a_full_socket_leaves_the_pipe_alone(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    uint64_t sent = 0;
    CHECK(wb__narrow_pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(put(fx, &pipe, "abc"));
    CHECK(wb__fill(fx, pair.own, &sent));
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 3), -EAGAIN);
    CHECK(wb__drain(fx, pair.peer, sent));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, OUT, INT64_C(5000000000)), OUT);
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 3), 3);
    CHECK_EQUAL(wb__poll_one(fx, pair.peer, IN, INT64_C(5000000000)), IN);
    TEXT(pair.peer, 20, 0, "abc");
}

/* Neither end waits where the flag, or the socket's own mode, says so; the pipe's mode is that of
 * its end. */
static void splice_waits_for_neither_end_if_told_so(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK_EQUAL(SYS(splice, pair.own, NULL, pipe.writer, NULL, 5, 0), -EAGAIN);
    CHECK_EQUAL(SYS(splice, pipe.reader, NULL, pair.own, NULL, 5, 0), -EAGAIN);
    CHECK(wb__set_blocking(fx, pipe.reader));
    CHECK_EQUAL(SYS(splice, pipe.reader, NULL, pair.own, NULL, 5, NB), -EAGAIN);
}

/* ---- the pipe's room ---- */

static void splice_to_a_full_pipe_would_block(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abc", 0), 3);
    CHECK_EQUAL(SYS(write, pipe.writer, bytes, FULL), FULL);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 3), -EAGAIN);
    CHECK_EQUAL(SYS(read, pipe.reader, bytes, PAGE), PAGE);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 3), 3);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 3), -EAGAIN);
    CHECK_EQUAL(SYS(write, pipe.writer, "x", 1), -EAGAIN); /* nothing is added to such a page */
}

static void r148_splice_takes_a_slot_each_time(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    for (int i = 0; i < SLOTS; i++) {
        CHECK_EQUAL(wb__send_text(fx, pair.peer, "x", 0), 1);
        CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), 1);
    }
    STATE(pipe.writer, NONE);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), -EAGAIN);
    CHECK_EQUAL(SYS(read, pipe.reader, bytes, FULL), SLOTS);
}

/* Each message of a Unix stream is a slot of its own, so there may be room for a few bytes only. */
static void r148_splice_from_a_unix_stream_takes_a_slot_for_each_message(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    for (int i = 0; i < SLOTS + 2; i++) {
        CHECK_EQUAL(wb__send_text(fx, pair.peer, "abc", 0), 3);
    }
    TEXT(pair.own, 1, 0, "a");
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), 3 * SLOTS - 1);
    STATE(pipe.writer, NONE);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), -EAGAIN);
    CHECK_EQUAL(SYS(read, pipe.reader, bytes, 2 + 3), 2 + 3); /* two of them are free now */
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 4), 4);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100), -EAGAIN);
    TEXT(pair.own, 10, 0, "bc");
}

static void splice_to_a_pipe_without_reader_is_a_broken_pipe(struct wb_contract_fixture *fx) {
    enum { SIGPIPE_NUMBER = 13 };
    struct wb__pair pair;
    struct wb__pipe pipe;
    struct wb__pipe other;
    struct wb_signalfd_siginfo raised;
    int signals =
        wb__track(fx, SYS(signalfd, UINT64_C(1) << (SIGPIPE_NUMBER - 1), WB_EFD_NONBLOCK));
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(wb__pipe(fx, &other));
    CHECK(put(fx, &other, "abc"));
    CHECK_EQUAL(wb__close(fx, pipe.reader), 0);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 3), -EPIPE); /* before it is found empty */
    CHECK_EQUAL(SYS(read, signals, &raised, sizeof(raised)), (int64_t)sizeof(raised));
    CHECK_EQUAL(splice(fx, other.reader, pipe.writer, 3), -EPIPE);
    CHECK_EQUAL(SYS(read, signals, &raised, sizeof(raised)), (int64_t)sizeof(raised));
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    CHECK_EQUAL(splice(fx, other.reader, pair.own, 3), -EPIPE);
    CHECK_EQUAL(SYS(read, signals, &raised, sizeof(raised)), (int64_t)sizeof(raised));
    READS(other.reader, "abc");
}

/* ---- files ---- */

static void splice_file_to_pipe_moves_a_place(struct wb_contract_fixture *fx) {
    struct wb__pipe pipe;
    int64_t offset = 5;
    CHECK(wb__pipe(fx, &pipe));
    CHECK(wb__file_write(fx, "file", "abcdefgh"));
    int file = wb__open(fx, "file", WB_O_RDONLY);
    CHECK_EQUAL(splice(fx, file, pipe.writer, 2), 2);
    CHECK_EQUAL(SYS(splice, file, &offset, pipe.writer, NULL, 100, 0), 3);
    CHECK_EQUAL(offset, 8);
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), 2);
    CHECK_EQUAL(SYS(splice, file, &offset, pipe.writer, NULL, 100, 0), 0);
    READS(pipe.reader, "abfgh");
}

static void splice_pipe_to_file_moves_a_place(struct wb_contract_fixture *fx) {
    struct wb__pipe pipe;
    int64_t offset = 5;
    CHECK(wb__pipe(fx, &pipe));
    CHECK(wb__file_write(fx, "file", "abcdefgh"));
    int file = wb__open(fx, "file", WB_O_RDWR);
    CHECK(put(fx, &pipe, "123456"));
    CHECK_EQUAL(splice(fx, pipe.reader, file, 2), 2);
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), 2);
    CHECK_EQUAL(SYS(splice, pipe.reader, NULL, file, &offset, 100, 0), 4);
    CHECK_EQUAL(offset, 9);
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), 2);
    CONTENTS("file", "12cde3456");
    CHECK_EQUAL(splice(fx, pipe.reader, file, 2), -EAGAIN);
    int appended = wb__open(fx, "file", WB_O_WRONLY | WB_O_APPEND);
    CHECK(put(fx, &pipe, "7"));
    CHECK_EQUAL(splice(fx, pipe.reader, appended, 2), -EINVAL);
    CHECK_EQUAL(wb__close(fx, pipe.writer), 0);
    CHECK_EQUAL(splice(fx, pipe.reader, file, 5), 1);
    CHECK_EQUAL(splice(fx, pipe.reader, file, 5), 0);
}

/* ---- pipes ---- */

static void splice_pipe_to_pipe_moves_pages(struct wb_contract_fixture *fx) {
    struct wb__pipe from;
    struct wb__pipe to;
    CHECK(wb__pipe(fx, &from));
    CHECK(wb__pipe(fx, &to));
    CHECK_EQUAL(splice(fx, from.reader, to.writer, 5), -EAGAIN);
    CHECK(put(fx, &from, "abcdef"));
    CHECK_EQUAL(splice(fx, from.reader, to.writer, 4), 4);
    READS(to.reader, "abcd");
    CHECK_EQUAL(splice(fx, from.reader, to.writer, 100), 2);
    READS(to.reader, "ef");
    CHECK_EQUAL(SYS(write, from.writer, bytes, FULL), FULL);
    CHECK(put(fx, &to, "abc"));
    CHECK_EQUAL(splice(fx, from.reader, to.writer, FULL), FULL - PAGE);
    CHECK_EQUAL(splice(fx, from.reader, to.writer, FULL), -EAGAIN);
    CHECK_EQUAL(wb__close(fx, from.writer), 0);
    CHECK_EQUAL(SYS(read, to.reader, bytes, sizeof(bytes)), FULL - PAGE + 3);
    CHECK_EQUAL(splice(fx, from.reader, to.writer, FULL), PAGE);
    CHECK_EQUAL(splice(fx, from.reader, to.writer, FULL), 0);
    CHECK_EQUAL(splice(fx, to.reader, to.writer, 1), -EINVAL);
}

static void tee_leaves_the_bytes_where_they_are(struct wb_contract_fixture *fx) {
    struct wb__pipe from;
    struct wb__pipe to;
    CHECK(wb__pipe(fx, &from));
    CHECK(wb__pipe(fx, &to));
    CHECK_EQUAL(SYS(tee, from.reader, to.writer, 5, NB), -EAGAIN);
    CHECK(put(fx, &from, "abcdef"));
    CHECK_EQUAL(SYS(tee, from.reader, to.writer, 4, NB), 4);
    CHECK_EQUAL(SYS(tee, from.reader, to.writer, 100, 0), 6);
    READS(to.reader, "abcdabcdef");
    READS(from.reader, "abcdef");
    CHECK(put(fx, &from, "gh"));
    CHECK_EQUAL(SYS(write, to.writer, bytes, FULL), FULL);
    CHECK_EQUAL(SYS(tee, from.reader, to.writer, 1, NB), -EAGAIN);
    READS(from.reader, "gh");
    CHECK_EQUAL(wb__close(fx, from.writer), 0);
    CHECK_EQUAL(SYS(read, to.reader, bytes, FULL), FULL);
    CHECK_EQUAL(SYS(tee, from.reader, to.writer, 1, NB), 0);
    CHECK_EQUAL(SYS(tee, to.reader, to.writer, 1, NB), -EINVAL);
}

/* However much is asked for: a read of eight bytes would have been no error. */
static void splice_from_a_counter_is_refused_and_takes_nothing(struct wb_contract_fixture *fx) {
    struct wb__pipe pipe;
    uint64_t count = 0;
    int fd = wb__eventfd(fx, 5);
    CHECK(fd >= 0);
    CHECK(wb__pipe(fx, &pipe));
    CHECK_EQUAL(splice(fx, fd, pipe.writer, sizeof(count)), -EINVAL);
    CHECK_EQUAL(SYS(sendfile, pipe.writer, fd, NULL, sizeof(count)), -EINVAL);
    CHECK_EQUAL(SYS(read, pipe.reader, bytes, 1), -EAGAIN);
    CHECK_EQUAL(SYS(read, fd, &count, sizeof(count)), sizeof(count));
    CHECK_EQUAL(count, 5);
}

enum { SIGNALS = WB_CONTRACT_NEEDS_SIGNALS, NET = WB_CONTRACT_NETWORK };

static const struct wb_contract_case cases[] = {
    CASE(splice_pipe_to_socket_moves_what_is_there, NET),
    CASE(splice_socket_to_pipe_moves_what_is_there, NET),
    CASE(splice_unix_stream_both_ways, 0),
    CASE(splice_to_a_unix_stream_is_charged_by_length, 0),
    CASE(splice_datagram_to_pipe_is_a_read, 0),
    CASE(splice_to_a_full_socket_leaves_the_pipe_alone, NET | WB_CONTRACT_TIMING),
    CASE(splice_waits_for_neither_end_if_told_so, 0),
    CASE(splice_to_a_full_pipe_would_block, NET),
    CASE(r148_splice_takes_a_slot_each_time, NET),
    CASE(r148_splice_from_a_unix_stream_takes_a_slot_for_each_message, 0),
    CASE(splice_to_a_pipe_without_reader_is_a_broken_pipe, SIGNALS),
    CASE(splice_file_to_pipe_moves_a_place, 0),
    CASE(splice_pipe_to_file_moves_a_place, 0),
    CASE(splice_pipe_to_pipe_moves_pages, 0),
    CASE(tee_leaves_the_bytes_where_they_are, 0),
    CASE(splice_from_a_counter_is_refused_and_takes_nothing, 0),
};
WB__CONTRACT_GROUP(splice);
