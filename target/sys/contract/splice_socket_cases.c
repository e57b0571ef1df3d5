/* splice and sendfile where the socket has its own mind about them: urgent bytes of TCP and of Unix
 * streams, datagrams that are put together of several calls. */
#include "sys/contract/file_support.h"
#include "sys/contract/udp_support.h"
#include "sys/contract/unix_support.h"

#include <string.h>

enum { SLOTS = 16 }; /* of a pipe */

static int64_t splice(struct wb_contract_fixture *fx, int in, int out, size_t len, uint32_t flags) {
    return SYS(splice, in, NULL, out, NULL, len, WB_SPLICE_F_NONBLOCK | flags);
}

static bool put(struct wb_contract_fixture *fx, int fd, const char *text) {
    int64_t len = (int64_t)strlen(text);
    return wb__check_equal(
        fx, __FILE__, __LINE__, SYS(write, fd, text, (size_t)len), len, "bytes written");
}

/* ---- the urgent byte ---- */

/* "ab", of which the second byte is urgent, then "cd"; what a read takes of them: the first. */
static bool urgent(struct wb_contract_fixture *fx, struct wb__pair *pair, struct wb__pipe *pipe) {
    char byte;
    return wb__pair(fx, pair) && wb__pipe(fx, pipe)
           && wb__check_equal(fx, __FILE__, __LINE__,
               SYS(send, pair->peer, "ab", 2, WB_MSG_OOB | WB_MSG_NOSIGNAL), 2, "bytes sent")
           && wb__send_text(fx, pair->peer, "cd", 0) == 2
           && wb__check_equal(
               fx, __FILE__, __LINE__, SYS(recv, pair->own, &byte, 1, 0), 1, "bytes received");
}

/* A read would skip it. */
static void splice_never_passes_an_urgent_byte(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    char byte;
    CHECK(urgent(fx, &pair, &pipe));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), -EAGAIN);
    CHECK_EQUAL(SYS(recv, pair.own, &byte, 1, WB_MSG_OOB), 1);
    CHECK_EQUAL(byte, 'b');
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), -EAGAIN); /* not even its place */
    CHECK_EQUAL(SYS(recv, pair.own, &byte, 1, 0), 1);
    CHECK_EQUAL(byte, 'c');
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 1);
    READS(pipe.reader, "d");
}

static void splice_stops_before_an_urgent_byte_in_the_stream(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(urgent(fx, &pair, &pipe));
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_OOBINLINE, 1), 0);
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), -EAGAIN);
    TEXT(pair.own, 1, 0, "b");
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 2);
    READS(pipe.reader, "cd");
}

/* Who blocks is told that there is nothing, not to wait; behind the byte the end is told. */
static void splice_at_an_urgent_byte_does_not_sleep(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(urgent(fx, &pair, &pipe));
    CHECK(wb__set_blocking(fx, pair.own));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 0);
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 0);
}

/* ---- the urgent byte of a Unix stream ---- */

/* One more than a pipe has slots. */
static bool messages(struct wb_contract_fixture *fx, struct wb__pair *pair) {
    for (int i = 0; i <= SLOTS; i++) {
        if (!put(fx, pair->peer, "ab")) {
            return false;
        }
    }
    return true;
}

static bool urgent_message(struct wb_contract_fixture *fx, struct wb__pair *pair) {
    int64_t sent = SYS(send, pair->peer, "u", 1, WB_MSG_OOB | WB_MSG_NOSIGNAL);
    return wb__check_equal(fx, __FILE__, __LINE__, sent, 1, "urgent bytes sent");
}

/* It is dropped, as by a read, and the messages behind it have slots of their own. */
static void splice_behind_an_urgent_message_takes_a_slot_for_each(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(urgent_message(fx, &pair));
    CHECK(messages(fx, &pair));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 2 * SLOTS);
    STATE(pipe.writer, NONE);
    TEXT(pair.own, 10, 0, "ab");
}

static void splice_before_an_urgent_message_takes_a_slot_for_each(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(messages(fx, &pair));
    CHECK(urgent_message(fx, &pair));
    CHECK(put(fx, pair.peer, "cd"));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 2 * SLOTS);
    STATE(pipe.writer, NONE);
    READS(pipe.reader, "abababababababababababababababab");
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 2); /* and no further */
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 2);
    READS(pipe.reader, "abcd");
}

static void splice_of_an_urgent_message_in_the_stream_gives_it_a_slot(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_OOBINLINE, 1), 0);
    CHECK(urgent_message(fx, &pair));
    CHECK(messages(fx, &pair));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 1 + 2 * (SLOTS - 1));
    STATE(pipe.writer, NONE);
    TEXT(pair.own, 10, 0, "abab");
}

/* Where a byte was taken out of turn there is nothing that could have a slot. */
static void splice_at_the_mark_of_an_urgent_message_takes_a_slot_for_each(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(put(fx, pair.peer, "cd"));
    CHECK(urgent_message(fx, &pair));
    TEXT(pair.own, 1, WB_MSG_OOB, "u");
    CHECK(messages(fx, &pair));
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 2);
    READS(pipe.reader, "cd");
    CHECK_EQUAL(splice(fx, pair.own, pipe.writer, 100, 0), 2 * SLOTS);
    STATE(pipe.writer, NONE);
    TEXT(pair.own, 10, 0, "ab");
}

/* ---- datagrams ---- */

static void splice_with_more_to_come_makes_one_datagram(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__pipe pipe;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__pipe(fx, &pipe));
    CHECK(put(fx, pipe.writer, "abcdef"));
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 2, WB_SPLICE_F_MORE), 2);
    NO_DATAGRAM(pair.peer);
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 3, 0), 3);
    DATAGRAM(pair.peer, "abcde");
    CHECK_EQUAL(splice(fx, pipe.reader, pair.own, 9, 0), 1);
    DATAGRAM(pair.peer, "f");
}

/* Whoever asks for more than a file has says by that that more will come. Over IPv4 its end sends
 * what there is, over IPv6 nothing does until the next datagram. */
static void sendfile_of_more_than_there_is_may_keep_a_datagram(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int64_t offset = 0;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__file_write(fx, "file", "abc"));
    int file = wb__open(fx, "file", WB_O_RDONLY);
    CHECK_EQUAL(SYS(sendfile, pair.own, file, &offset, 3), 3);
    DATAGRAM(pair.peer, "abc");
    offset = 0;
    CHECK_EQUAL(SYS(sendfile, pair.own, file, &offset, 4), 3);
    if (fx->family != WB_AF_INET6) {
        DATAGRAM(pair.peer, "abc");
        return;
    }
    NO_DATAGRAM(pair.peer);
    CHECK_EQUAL(wb__send_to(fx, pair.own, NULL, "de"), 2);
    DATAGRAM(pair.peer, "abcde");
}

enum { NET = WB_CONTRACT_NETWORK };

static const struct wb_contract_case cases[] = {
    CASE(splice_never_passes_an_urgent_byte, NET),
    CASE(splice_stops_before_an_urgent_byte_in_the_stream, NET),
    CASE(splice_at_an_urgent_byte_does_not_sleep, NET),
    CASE(splice_behind_an_urgent_message_takes_a_slot_for_each, 0),
    CASE(splice_before_an_urgent_message_takes_a_slot_for_each, 0),
    CASE(splice_of_an_urgent_message_in_the_stream_gives_it_a_slot, 0),
    CASE(splice_at_the_mark_of_an_urgent_message_takes_a_slot_for_each, 0),
    CASE(splice_with_more_to_come_makes_one_datagram, NET),
    CASE(sendfile_of_more_than_there_is_may_keep_a_datagram, NET),
};
WB__CONTRACT_GROUP(splice_socket);
