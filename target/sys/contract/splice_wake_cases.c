/* Whom splice and tee wake (R145 to R147): the writer of a pipe each time a slot becomes free, also
 * of one that was not full, and the reader each time something comes; nobody when they say EAGAIN.
 */
#include "sys/contract/file_support.h"
#include "sys/contract/unix_support.h"

#include <string.h>

enum { PAGE = 4096, FULL = 16 * PAGE };

struct ends {
    struct wb__pipe pipe;
    struct wb__pipe other;
    struct wb__pair pair;
    struct wb__watch reader;
    struct wb__watch writer;
};

/* All that a pipe can show, of both its ends; what they show at first has been seen. */
static bool prepare(struct wb_contract_fixture *fx, struct ends *ends) {
    return wb__pipe(fx, &ends->pipe) && wb__pipe(fx, &ends->other)
           && wb__unix_pair(fx, STREAM, &ends->pair)
           && wb__watch(fx, &ends->reader, ends->pipe.reader, IN, IN)
           && wb__watch(fx, &ends->writer, ends->pipe.writer, OUT, OUT)
           && wb__observe(fx, __FILE__, __LINE__, &ends->writer, OUT, OUT, OUT)
           && wb__rearm(fx, &ends->writer)
           && wb__observe(fx, __FILE__, __LINE__, &ends->writer, OUT, NONE, OUT)
           && wb__observe(fx, __FILE__, __LINE__, &ends->reader, NONE, NONE, NONE);
}

static int64_t splice(struct wb_contract_fixture *fx, int in, int out, size_t len) {
    return SYS(splice, in, NULL, out, NULL, len, WB_SPLICE_F_NONBLOCK);
}

static bool put(struct wb_contract_fixture *fx, int fd, const char *text) {
    int64_t len = (int64_t)strlen(text);
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(write, fd, text, (size_t)len), len, "bytes written");
}

/* A read wakes the writer of a full pipe only (R96); a splice out of it does of any. */
static void r146_splice_out_of_a_pipe_wakes_its_writer_by_each_slot(
    struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(prepare(fx, &ends));
    CHECK(put(fx, ends.pipe.writer, "abcdef"));
    OBSERVE(ends.reader, IN, IN, IN);
    CHECK_EQUAL(splice(fx, ends.pipe.reader, ends.pair.own, 2), 2); /* no slot is free by it */
    OBSERVE(ends.reader, IN, NONE, NONE);
    OBSERVE(ends.writer, OUT, NONE, NONE);
    CHECK_EQUAL(splice(fx, ends.pipe.reader, ends.pair.own, 4), 4);
    OBSERVE(ends.reader, NONE, NONE, NONE);
    OBSERVE(ends.writer, OUT, OUT, NONE);
    CHECK_EQUAL(splice(fx, ends.pipe.reader, ends.pair.own, 4), -EAGAIN);
    OBSERVE(ends.writer, OUT, NONE, NONE);
}

static void r146_splice_out_of_a_full_pipe_wakes_its_writer(struct wb_contract_fixture *fx) {
    static char bytes[FULL];
    struct ends ends;
    CHECK(prepare(fx, &ends));
    CHECK_EQUAL(SYS(write, ends.pipe.writer, bytes, FULL), FULL);
    CHECK(wb__rearm(fx, &ends.writer));
    OBSERVE(ends.writer, NONE, NONE, NONE);
    CHECK_EQUAL(splice(fx, ends.pipe.reader, ends.pair.own, PAGE - 1), PAGE - 1);
    OBSERVE(ends.writer, NONE, NONE, NONE);
    CHECK_EQUAL(splice(fx, ends.pipe.reader, ends.pair.own, 1), 1);
    OBSERVE(ends.writer, OUT, OUT, OUT);
}

static void r145_splice_into_a_pipe_wakes_its_reader(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(prepare(fx, &ends));
    CHECK_EQUAL(splice(fx, ends.pair.own, ends.pipe.writer, 9), -EAGAIN);
    OBSERVE(ends.reader, NONE, NONE, NONE);
    CHECK_EQUAL(wb__send_text(fx, ends.pair.peer, "abcdef", 0), 6);
    CHECK_EQUAL(splice(fx, ends.pair.own, ends.pipe.writer, 2), 2);
    OBSERVE(ends.reader, IN, IN, IN);
    CHECK_EQUAL(splice(fx, ends.pair.own, ends.pipe.writer, 9), 4);
    OBSERVE(ends.reader, IN, IN, NONE);
    OBSERVE(ends.writer, OUT, NONE, NONE);
    CHECK_EQUAL(splice(fx, ends.pair.own, ends.pipe.writer, 9), -EAGAIN);
    OBSERVE(ends.reader, IN, NONE, NONE);
    CHECK(wb__rearm(fx, &ends.reader));
    OBSERVE(ends.reader, IN, NONE, IN);
}

static void r145_splice_from_tcp_wakes_the_reader(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__pair pair;
    CHECK(prepare(fx, &ends));
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abcdef", 0), 6);
    CHECK_EQUAL(splice(fx, pair.own, ends.pipe.writer, 2), 2);
    OBSERVE(ends.reader, IN, IN, IN);
    CHECK_EQUAL(splice(fx, pair.own, ends.pipe.writer, 9), 4);
    OBSERVE(ends.reader, IN, IN, NONE);
    CHECK_EQUAL(splice(fx, pair.own, ends.pipe.writer, 9), -EAGAIN);
    OBSERVE(ends.reader, IN, NONE, NONE);
    OBSERVE(ends.writer, OUT, NONE, NONE);
}

static void r145_splice_from_a_file_wakes_the_reader(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(prepare(fx, &ends));
    CHECK(wb__file_write(fx, "file", "abcdef"));
    int file = wb__open(fx, "file", WB_O_RDWR);
    CHECK_EQUAL(splice(fx, file, ends.pipe.writer, 3), 3);
    OBSERVE(ends.reader, IN, IN, IN);
    CHECK_EQUAL(SYS(sendfile, ends.pipe.writer, file, NULL, 9), 3);
    OBSERVE(ends.reader, IN, IN, NONE);
    CHECK_EQUAL(splice(fx, file, ends.pipe.writer, 9), 0); /* the file's end */
    OBSERVE(ends.reader, IN, NONE, NONE);
    CHECK_EQUAL(splice(fx, ends.pipe.reader, file, 9), 6);
    OBSERVE(ends.writer, OUT, OUT, NONE);
    OBSERVE(ends.reader, NONE, NONE, NONE);
}

static void r147_splice_from_pipe_to_pipe_wakes_both(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch to;
    CHECK(prepare(fx, &ends));
    CHECK(wb__watch(fx, &to, ends.other.reader, IN, IN));
    CHECK(put(fx, ends.pipe.writer, "abcdef"));
    CHECK_EQUAL(splice(fx, ends.pipe.reader, ends.other.writer, 2), 2);
    OBSERVE(to, IN, IN, IN);
    OBSERVE(ends.writer, OUT, NONE, NONE);
    CHECK_EQUAL(splice(fx, ends.pipe.reader, ends.other.writer, 9), 4);
    OBSERVE(to, IN, IN, NONE);
    OBSERVE(ends.writer, OUT, OUT, NONE);
    CHECK_EQUAL(splice(fx, ends.pipe.reader, ends.other.writer, 9), -EAGAIN);
    OBSERVE(to, IN, NONE, NONE);
    OBSERVE(ends.writer, OUT, NONE, NONE);
}

static void r147_tee_wakes_the_reader_of_the_copy(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch to;
    CHECK(prepare(fx, &ends));
    CHECK(wb__watch(fx, &to, ends.other.reader, IN, IN));
    CHECK(put(fx, ends.pipe.writer, "abcdef"));
    OBSERVE(ends.reader, IN, IN, IN);
    CHECK_EQUAL(SYS(tee, ends.pipe.reader, ends.other.writer, 9, WB_SPLICE_F_NONBLOCK), 6);
    OBSERVE(to, IN, IN, IN);
    OBSERVE(ends.reader, IN, NONE, NONE);
    OBSERVE(ends.writer, OUT, NONE, NONE);
}

static const struct wb_contract_case cases[] = {
    CASE(r146_splice_out_of_a_pipe_wakes_its_writer_by_each_slot, 0),
    CASE(r146_splice_out_of_a_full_pipe_wakes_its_writer, 0),
    CASE(r145_splice_into_a_pipe_wakes_its_reader, 0),
    CASE(r145_splice_from_tcp_wakes_the_reader, WB_CONTRACT_NETWORK),
    CASE(r145_splice_from_a_file_wakes_the_reader, 0),
    CASE(r147_splice_from_pipe_to_pipe_wakes_both, 0),
    CASE(r147_tee_wakes_the_reader_of_the_copy, 0),
};
WB__CONTRACT_GROUP(splice_wake);
