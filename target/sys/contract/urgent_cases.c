/* Out-of-band data of TCP (R131, R132, R134): one byte that MSG_OOB reads and other reads skip, the
 * mark where they stop, and EPOLLPRI. */
#include "sys/contract/support.h"

#include <string.h>

static bool watched_pair(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, struct wb__watch *out_watch) {
    return wb__pair(fx, out_pair) && wb__watch(fx, out_watch, out_pair->own, READ, READ);
}

static bool send_text(struct wb_contract_fixture *fx, int fd, const char *text, int flags) {
    size_t len = strlen(text);
    return wb__check_equal(fx, __FILE__, __LINE__,
        SYS(send, fd, text, len, flags | WB_MSG_NOSIGNAL), (long long)len, "bytes sent");
}

static bool send_urgent(struct wb_contract_fixture *fx, int fd, const char *text) {
    return send_text(fx, fd, text, WB_MSG_OOB);
}

/* One read gives exactly this text; an empty one: it says EAGAIN. */
static bool gives(struct wb_contract_fixture *fx, int line, int fd, int flags, const char *text) {
    char data[16] = {0};
    int64_t expected = text[0] == '\0' ? -EAGAIN : (int64_t)strlen(text);
    return wb__check_equal(fx, __FILE__, line, SYS(recv, fd, data, sizeof(data) - 1, flags),
               expected, "bytes received")
           && wb__check(fx, __FILE__, line, strcmp(data, text) == 0, text);
}
#define GIVES(fd, flags, text)                                                                     \
    do {                                                                                           \
        if (!gives(fx, __LINE__, (fd), (flags), (text))) {                                         \
            return;                                                                                \
        }                                                                                          \
    } while (0)

static int64_t urgent_result(struct wb_contract_fixture *fx, int fd) {
    char data[4];
    return SYS(recv, fd, data, sizeof(data), WB_MSG_OOB);
}

static void r131_urgent_byte_alone_is_pri_and_no_in(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK(send_urgent(fx, pair.peer, "x"));
    OBSERVE(watch, PRI, PRI, PRI);
    GIVES(pair.own, WB_MSG_OOB | WB_MSG_PEEK, "x");
    OBSERVE(watch, PRI, NONE, NONE);
    GIVES(pair.own, WB_MSG_OOB, "x");
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(urgent_result(fx, pair.own), -EINVAL);
    GIVES(pair.own, 0, "");
}

static void r131_plain_read_discards_the_urgent_byte(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(send_urgent(fx, pair.peer, "x"));
    GIVES(pair.own, 0, "");
    STATE(pair.own, OUT);
    CHECK_EQUAL(urgent_result(fx, pair.own), -EINVAL);
}

static void r131_plain_peek_leaves_the_urgent_byte(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(send_urgent(fx, pair.peer, "x"));
    GIVES(pair.own, WB_MSG_PEEK, "");
    STATE(pair.own, OUT | PRI);
    GIVES(pair.own, WB_MSG_OOB, "x");
}

static void r131_reading_for_urgent_data_without_any_is_an_error(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(urgent_result(fx, pair.own), -EINVAL);
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK_EQUAL(urgent_result(fx, pair.own), -EINVAL);
    CHECK_EQUAL(urgent_result(fx, wb__tcp_socket(fx)), -EINVAL);
    int listener = -1;
    CHECK(wb__listener(fx, 1, &listener));
    CHECK_EQUAL(urgent_result(fx, listener), -ENOTCONN);
}

static void r132_read_stops_at_the_mark(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK(send_text(fx, pair.peer, "ab", 0));
    CHECK(send_urgent(fx, pair.peer, "xyz")); /* only the last byte is urgent */
    CHECK(send_text(fx, pair.peer, "cd", 0));
    OBSERVE(watch, IN | PRI, IN | PRI, IN | PRI);
    GIVES(pair.own, WB_MSG_PEEK, "abxy");
    GIVES(pair.own, 0, "abxy");
    OBSERVE(watch, IN | PRI, NONE, NONE);
    GIVES(pair.own, WB_MSG_PEEK, "cd");
    GIVES(pair.own, 0, "cd");
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(urgent_result(fx, pair.own), -EINVAL);
}

static void r132_mark_stays_when_its_byte_was_taken(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(send_text(fx, pair.peer, "ab", 0));
    CHECK(send_urgent(fx, pair.peer, "x"));
    CHECK(send_text(fx, pair.peer, "cd", 0));
    GIVES(pair.own, WB_MSG_OOB, "x");
    STATE(pair.own, IN | OUT);
    GIVES(pair.own, 0, "ab");
    STATE(pair.own, IN | OUT);
    GIVES(pair.own, 0, "cd");
    STATE(pair.own, OUT);
}

static void r132_discarding_read_stops_at_the_mark(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[8];
    CHECK(wb__pair(fx, &pair));
    CHECK(send_text(fx, pair.peer, "ab", 0));
    CHECK(send_urgent(fx, pair.peer, "x"));
    CHECK(send_text(fx, pair.peer, "cd", 0));
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_TRUNC), 2);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_TRUNC), 2);
    STATE(pair.own, OUT);
}

static void r132_inline_leaves_the_byte_in_the_stream(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    int on = 1;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK_EQUAL(SYS(setsockopt, pair.own, WB_SOL_SOCKET, WB_SO_OOBINLINE, &on, sizeof(on)), 0);
    CHECK(send_urgent(fx, pair.peer, "x"));
    OBSERVE(watch, IN | PRI, IN | PRI, IN | PRI);
    CHECK_EQUAL(urgent_result(fx, pair.own), -EINVAL);
    CHECK(send_text(fx, pair.peer, "cd", 0));
    GIVES(pair.own, 0, "xcd");
    STATE(pair.own, OUT);
    CHECK(send_text(fx, pair.peer, "ab", 0));
    CHECK(send_urgent(fx, pair.peer, "y"));
    CHECK(send_text(fx, pair.peer, "ef", 0));
    GIVES(pair.own, 0, "ab");
    STATE(pair.own, IN | OUT | PRI);
    GIVES(pair.own, 0, "yef");
}

static void r132_second_urgent_byte_replaces_the_first_and_is_an_edge(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK(send_urgent(fx, pair.peer, "x"));
    OBSERVE(watch, PRI, PRI, PRI);
    CHECK(send_urgent(fx, pair.peer, "y"));
    OBSERVE(watch, PRI, PRI, NONE);
    GIVES(pair.own, WB_MSG_OOB, "y");
    GIVES(pair.own, 0, ""); /* the first is lost: reading had come to it */
}

static void r132_replaced_urgent_byte_behind_data_is_data(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(send_text(fx, pair.peer, "a", 0));
    CHECK(send_urgent(fx, pair.peer, "x"));
    CHECK(send_text(fx, pair.peer, "b", 0));
    CHECK(send_urgent(fx, pair.peer, "y"));
    STATE(pair.own, IN | OUT | PRI);
    GIVES(pair.own, 0, "axb");
    GIVES(pair.own, 0, "");
    STATE(pair.own, OUT);
}

static void r134_urgent_byte_wakes_readers_and_not_writers(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch pri;
    struct wb__watch out;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &pri, pair.own, PRI, PRI));
    CHECK(wb__watch(fx, &out, pair.own, OUT, OUT));
    OBSERVE(out, OUT, OUT, OUT);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(pri, NONE, NONE, NONE);
    CHECK(send_urgent(fx, pair.peer, "x"));
    OBSERVE(pri, PRI, PRI, PRI);
    OBSERVE(out, OUT, NONE, NONE);
}

static void r134_in_interest_is_woken_and_shows_only_what_is_readable(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, IN, IN));
    CHECK(send_urgent(fx, pair.peer, "x"));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
}

static void r81_urgent_byte_does_not_count_for_the_low_water_mark(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    int low_water = 4;
    CHECK(watched_pair(fx, &pair, &watch));
    CHECK_EQUAL(
        SYS(setsockopt, pair.own, WB_SOL_SOCKET, WB_SO_RCVLOWAT, &low_water, sizeof(low_water)), 0);
    CHECK(send_urgent(fx, pair.peer, "x"));
    OBSERVE(watch, PRI, PRI, PRI);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, PRI, NONE, PRI);
    CHECK(wb__send(fx, pair.peer, 3));
    OBSERVE(watch, PRI, PRI, NONE); /* four bytes with it: woken, but not ready */
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN | PRI, IN | PRI, NONE);
}

static void urgent_byte_before_the_end(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(send_urgent(fx, pair.peer, "x"));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    STATE(pair.own, IN | OUT | RDHUP | PRI);
    GIVES(pair.own, WB_MSG_OOB, "x");
    STATE(pair.own, IN | OUT | RDHUP);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void urgent_byte_unread_makes_closing_a_reset(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(send_urgent(fx, pair.peer, "x"));
    GIVES(pair.own, WB_MSG_OOB, "x"); /* taken, and still in the queue */
    CHECK_EQUAL(wb__close(fx, pair.own), 0);
    STATE(pair.peer, IN | OUT | RDHUP | HUP | ERR);
}

static void urgent_message_says_so(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char byte = 0;
    struct wb_iovec iov = {&byte, 1};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    struct wb_msghdr empty = {0};
    CHECK(wb__pair(fx, &pair));
    CHECK(send_urgent(fx, pair.peer, "x"));
    CHECK_EQUAL(SYS(recvmsg, pair.own, &msg, WB_MSG_OOB), 1);
    CHECK_EQUAL(msg.flags, WB_MSG_OOB);
    CHECK_EQUAL(byte, 'x');
    CHECK(send_urgent(fx, pair.peer, "y"));
    CHECK_EQUAL(SYS(recvmsg, pair.own, &empty, WB_MSG_OOB), 0);
    CHECK_EQUAL(empty.flags, WB_MSG_OOB | WB_MSG_TRUNC);
    STATE(pair.own, OUT);
}

static void urgent_send_fails_as_any_other(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(send, pair.peer, "", 0, WB_MSG_OOB), 0);
    STATE(pair.own, OUT);
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(SYS(send, pair.peer, "x", 1, WB_MSG_OOB | WB_MSG_NOSIGNAL), -EPIPE);
    CHECK_EQUAL(SYS(send, wb__tcp_socket(fx), "x", 1, WB_MSG_OOB | WB_MSG_NOSIGNAL), -EPIPE);
}

/* Whether the bytes behind an urgent one came in its segment, as they do if that was acknowledged
 * late, decides what a read into bad memory has passed when it finds out: at least the byte itself,
 * perhaps the mark, too, and with it what MSG_OOB would still have given. */
static void urgent_byte_before_bad_memory_is_skipped(struct wb_contract_fixture *fx) {
    for (int answers = 0; answers < 2; answers++) {
        struct wb__pair pair;
        char data[4];
        CHECK(wb__pair(fx, &pair));
        CHECK(!answers || (wb__send(fx, pair.peer, 1) && wb__recv(fx, pair.own, 1)));
        CHECK(!answers || (wb__send(fx, pair.own, 1) && wb__recv(fx, pair.peer, 1)));
        CHECK(send_urgent(fx, pair.peer, "x"));
        CHECK(send_text(fx, pair.peer, "cd", 0));
        CHECK_EQUAL(SYS(recv, pair.own, NULL, 3, 0), -EFAULT);
        bool shows = (wb__poll_one(fx, pair.own, PRI, 0) & (int)PRI) != 0;
        CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_OOB), shows ? 1 : -EINVAL);
        GIVES(pair.own, 0, "cd");
        STATE(pair.own, OUT);
        CHECK_EQUAL(urgent_result(fx, pair.own), -EINVAL);
    }
}

/* Nothing is copied before the mark is reached, nor when the byte is all there is. */
static void urgent_byte_stays_or_goes_as_far_as_bad_memory_lets_it(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK(send_text(fx, pair.peer, "ab", 0));
    CHECK(send_urgent(fx, pair.peer, "x"));
    CHECK_EQUAL(SYS(recv, pair.own, NULL, 3, 0), -EFAULT);
    STATE(pair.own, IN | OUT | PRI);
    GIVES(pair.own, 0, "ab");
    CHECK_EQUAL(SYS(recv, pair.own, NULL, 3, 0), -EAGAIN);
    STATE(pair.own, OUT);
}

static const struct wb_contract_case cases[] = {
    CASE(r131_urgent_byte_alone_is_pri_and_no_in, NETWORK),
    CASE(r131_plain_read_discards_the_urgent_byte, NETWORK),
    CASE(r131_plain_peek_leaves_the_urgent_byte, NETWORK),
    CASE(r131_reading_for_urgent_data_without_any_is_an_error, NETWORK),
    CASE(r132_read_stops_at_the_mark, NETWORK),
    CASE(r132_mark_stays_when_its_byte_was_taken, NETWORK),
    CASE(r132_discarding_read_stops_at_the_mark, NETWORK),
    CASE(r132_inline_leaves_the_byte_in_the_stream, NETWORK),
    CASE(r132_second_urgent_byte_replaces_the_first_and_is_an_edge, NETWORK),
    CASE(r132_replaced_urgent_byte_behind_data_is_data, NETWORK),
    CASE(r134_urgent_byte_wakes_readers_and_not_writers, NETWORK),
    CASE(r134_in_interest_is_woken_and_shows_only_what_is_readable, NETWORK),
    CASE(r81_urgent_byte_does_not_count_for_the_low_water_mark, NETWORK),
    CASE(urgent_byte_before_the_end, NETWORK),
    CASE(urgent_byte_unread_makes_closing_a_reset, NETWORK),
    CASE(urgent_message_says_so, NETWORK),
    CASE(urgent_send_fails_as_any_other, NETWORK),
    CASE(urgent_byte_before_bad_memory_is_skipped,
        NETWORK | WB_CONTRACT_TIMING | WB_CONTRACT_NEEDS_BAD_POINTERS),
    CASE(urgent_byte_stays_or_goes_as_far_as_bad_memory_lets_it,
        NETWORK | WB_CONTRACT_NEEDS_BAD_POINTERS),
};
WB__CONTRACT_GROUP(urgent);
