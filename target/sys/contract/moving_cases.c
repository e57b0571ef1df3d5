/* Readiness of sockets that bytes come to or go from by sendfile and splice (R149 to R152), TCP and
 * Unix streams alike. Pipes are in splice_wake_cases.c. */
#include "sys/contract/file_support.h"
#include "sys/contract/unix_support.h"

#include <string.h>

enum { PAGE = 4096, LARGE = 64 * PAGE };

static int64_t splice(struct wb_contract_fixture *fx, int in, int out, size_t len) {
    return SYS(splice, in, NULL, out, NULL, len, WB_SPLICE_F_NONBLOCK);
}

static bool put(struct wb_contract_fixture *fx, int fd, const char *text) {
    int64_t len = (int64_t)strlen(text);
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(write, fd, text, (size_t)len), len, "bytes written");
}

typedef bool (*pair_fn)(struct wb_contract_fixture *fx, struct wb__pair *out_pair);

static bool unix_pair(struct wb_contract_fixture *fx, struct wb__pair *out_pair) {
    return wb__unix_pair(fx, STREAM, out_pair);
}

/* ---- what comes ---- */

static void comes(struct wb_contract_fixture *fx, pair_fn open_pair) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    struct wb__watch watch;
    CHECK(open_pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(wb__file_write(fx, "file", "abcdef"));
    int file = wb__open(fx, "file", WB_O_RDONLY);
    CHECK(wb__watch(fx, &watch, pair.peer, IN, IN));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 2), 2);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 99), 4);
    OBSERVE(watch, IN, IN, NONE);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, NULL, 99), 0); /* at the file's end */
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(put(fx, pipe.writer, "ghi"));
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 2), 2);
    OBSERVE(watch, IN, IN, NONE);
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 2), 1);
    OBSERVE(watch, IN, IN, NONE);
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 2), -EAGAIN); /* of the pipe */
    OBSERVE(watch, IN, NONE, NONE);
    TEXT(pair.peer, 20, 0, "abcdefghi");
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r149_tcp_that_sendfile_and_splice_fill_wakes_its_reader(
    struct wb_contract_fixture *fx) {
    comes(fx, wb__pair);
}

static void r149_unix_stream_that_sendfile_and_splice_fill_wakes_its_reader(
    struct wb_contract_fixture *fx) {
    comes(fx, unix_pair);
}

/* ---- a socket that is full ---- */

static int large_file(struct wb_contract_fixture *fx) {
    static char data[LARGE];
    wb__begin(fx);
    int fd = wb__open(fx, "large", WB_O_RDWR | WB_O_CREAT | WB_O_TRUNC);
    int64_t result = SYS(write, fd, data, sizeof(data));
    result = result == LARGE ? SYS(lseek, fd, 0, WB_SEEK_SET) : result;
    TELL(result, "a large file is there", -1);
    return fd;
}

static void is_full(struct wb_contract_fixture *fx, const struct wb__pair *pair) {
    struct wb__watch watch;
    struct wb__watch reader;
    struct wb__pipe pipe;
    CHECK(wb__pipe(fx, &pipe));
    CHECK(put(fx, pipe.writer, "abc"));
    int file = large_file(fx);
    CHECK(wb__watch(fx, &watch, pair->own, OUT, OUT));
    CHECK(wb__watch(fx, &reader, pipe.reader, IN, IN));
    OBSERVE(watch, OUT, OUT, OUT);
    OBSERVE(reader, IN, IN, IN);
    int64_t sent = SYS(sendfile, pair->own, file, NULL, LARGE);
    CHECK(sent > 0 && sent < LARGE);
    for (int64_t more = sent; more > 0; sent += more > 0 ? more : 0) {
        more = SYS(sendfile, pair->own, file, NULL, LARGE);
        CHECK(more > 0 || more == -EAGAIN);
    }
    CHECK_EQUAL(SYS(lseek, file, 0, WB_SEEK_CUR), sent);
    CHECK_EQUAL(splice(fx, pipe.reader, pair->own, 3), -EAGAIN);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
    OBSERVE(reader, IN, NONE, NONE);
    CHECK(wb__drain(fx, pair->peer, (uint64_t)sent));
    CHECK_EQUAL(wb__poll_one(fx, pair->own, OUT, INT64_C(5000000000)), OUT);
    OBSERVE(watch, OUT, OUT, OUT);
    OBSERVE(reader, IN, NONE, NONE); /* what waits for the socket is no news of the pipe */
    CHECK_EQUAL(splice(fx, pipe.reader, pair->own, 3), 3);
    CHECK(wb__drain(fx, pair->peer, 3));
}

static void r150_tcp_that_is_full_stops_sendfile_and_splice(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__narrow_pair(fx, &pair));
    is_full(fx, &pair);
}

static void r150_unix_stream_that_is_full_stops_sendfile_and_splice(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(unix_pair(fx, &pair));
    CHECK(wb__set_send_buffer(fx, pair.own, 8 * PAGE));
    is_full(fx, &pair);
}

/* ---- what goes ---- */

static void goes(struct wb_contract_fixture *fx, pair_fn open_pair) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    struct wb__watch watch;
    CHECK(open_pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(wb__watch(fx, &watch, pair.own, IN, IN));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "abcdef", 0), 6);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 4), 4);
    OBSERVE(watch, IN, NONE, NONE); /* what is left makes no noise */
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "g", 0), 1);
    OBSERVE(watch, IN, IN, NONE);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 99), 3);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 99), -EAGAIN);
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    OBSERVE(watch, IN, IN, NONE);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 99), 0);
    READS(pipe.reader, "abcdefg");
}

static void r151_tcp_that_splice_leaves_bytes_in_is_silent_under_edge(
    struct wb_contract_fixture *fx) {
    goes(fx, wb__pair);
}

static void r151_unix_stream_that_splice_leaves_bytes_in_is_silent_under_edge(
    struct wb_contract_fixture *fx) {
    goes(fx, unix_pair);
}

/* Level keeps saying IN, and splice EAGAIN: who moves bytes by splice alone spins. */
static void r152_urgent_byte_is_in_the_way_of_splice(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(wb__watch(fx, &watch, pair.own, IN, IN));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "x", WB_MSG_OOB), 1);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "yz", 0), 2);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 99), -EAGAIN);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    TEXT(pair.own, 1, 0, "y"); /* a read goes past it */
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 99), 1);
    OBSERVE(watch, NONE, NONE, NONE);
}

enum { NET = WB_CONTRACT_NETWORK, TIMING = WB_CONTRACT_TIMING };

static const struct wb_contract_case cases[] = {
    CASE(r149_tcp_that_sendfile_and_splice_fill_wakes_its_reader, NET),
    CASE(r149_unix_stream_that_sendfile_and_splice_fill_wakes_its_reader, 0),
    CASE(r150_tcp_that_is_full_stops_sendfile_and_splice, NET | TIMING),
    CASE(r150_unix_stream_that_is_full_stops_sendfile_and_splice, TIMING),
    CASE(r151_tcp_that_splice_leaves_bytes_in_is_silent_under_edge, NET),
    CASE(r151_unix_stream_that_splice_leaves_bytes_in_is_silent_under_edge, 0),
    CASE(r152_urgent_byte_is_in_the_way_of_splice, NET),
};
WB__CONTRACT_GROUP(moving);
