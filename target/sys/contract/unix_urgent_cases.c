/* Out-of-band data of Unix streams (R133): one byte that waits in the queue like any other until it
 * is asked for, overtaken, or forgotten. */
#include "sys/contract/unix_support.h"

static bool send_urgent(struct wb_contract_fixture *fx, int fd, const char *text, int64_t len) {
    int64_t sent = SYS(send, fd, text, (size_t)len, WB_MSG_OOB | WB_MSG_NOSIGNAL);
    return wb__check_equal(fx, __FILE__, __LINE__, sent, len, "bytes sent urgently");
}

static void r133_urgent_byte_alone_shows_in_and_pri_and_a_read_loses_it(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(send_urgent(fx, pair.peer, "o", 1));
    OBSERVE(watch, IN | PRI, IN | PRI, IN | PRI);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(SYS(recv, pair.own, (char[2]){0}, 1, WB_MSG_OOB), -EINVAL);
}

static void r133_urgent_byte_taken_leaves_a_mark(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(send_urgent(fx, pair.peer, "o", 1));
    TEXT(pair.own, 8, WB_MSG_OOB | WB_MSG_PEEK, "o");
    TEXT(pair.own, 8, WB_MSG_OOB, "o");
    STATE(pair.own, IN | OUT); /* with nothing to read */
    CHECK_EQUAL(SYS(recv, pair.own, (char[2]){0}, 2, WB_MSG_PEEK), -EAGAIN);
    STATE(pair.own, IN | OUT);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    STATE(pair.own, OUT);
    CHECK_EQUAL(SYS(recv, pair.own, (char[2]){0}, 1, WB_MSG_OOB), -EINVAL);
}

static void r133_read_stops_before_the_urgent_byte_and_drops_it_next(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(send_urgent(fx, pair.peer, "abc", 3));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "def", 0), 3);
    STATE(pair.own, IN | OUT | PRI);
    TEXT(pair.own, 8, WB_MSG_PEEK, "ab");
    TEXT(pair.own, 8, 0, "ab");
    STATE(pair.own, IN | OUT | PRI);
    TEXT(pair.own, 8, WB_MSG_PEEK, "def");
    TEXT(pair.own, 8, 0, "def");
    STATE(pair.own, OUT);
}

static void r133_read_stops_at_the_mark_of_a_byte_taken(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(send_urgent(fx, pair.peer, "abc", 3));
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "def", 0), 3);
    TEXT(pair.own, 1, WB_MSG_OOB, "c");
    TEXT(pair.own, 8, WB_MSG_PEEK, "ab");
    TEXT(pair.own, 8, 0, "ab");
    TEXT(pair.own, 8, 0, "def");
    STATE(pair.own, OUT);
}

static void r133_second_urgent_byte_makes_the_first_an_ordinary_one(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(send_urgent(fx, pair.peer, "A", 1));
    OBSERVE(watch, IN | PRI, IN | PRI, IN | PRI);
    CHECK(send_urgent(fx, pair.peer, "B", 1));
    OBSERVE(watch, IN | PRI, IN | PRI, NONE);
    TEXT(pair.own, 8, WB_MSG_PEEK, "A");
    TEXT(pair.own, 1, WB_MSG_OOB, "B");
    TEXT(pair.own, 8, 0, "A");
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    STATE(pair.own, OUT);
}

static void r133_marks_in_a_row_are_one(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    for (int i = 0; i < 3; i++) {
        CHECK(send_urgent(fx, pair.peer, "o", 1));
        TEXT(pair.own, 1, WB_MSG_OOB, "o");
    }
    STATE(pair.own, IN | OUT);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "x", 0), 1);
    TEXT(pair.own, 8, 0, "x");
    STATE(pair.own, OUT);
    CHECK(send_urgent(fx, pair.peer, "A", 1));
    TEXT(pair.own, 1, WB_MSG_OOB, "A");
    CHECK(send_urgent(fx, pair.peer, "xB", 2));
    TEXT(pair.own, 1, WB_MSG_OOB, "B");
    TEXT(pair.own, 8, 0, "x");
    STATE(pair.own, IN | OUT);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    STATE(pair.own, OUT);
}

static void r133_urgent_byte_in_line(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_OOBINLINE, 1), 0);
    CHECK(send_urgent(fx, pair.peer, "abc", 3));
    STATE(pair.own, IN | OUT | PRI);
    CHECK_EQUAL(SYS(recv, pair.own, (char[2]){0}, 1, WB_MSG_OOB), -EINVAL);
    TEXT(pair.own, 8, WB_MSG_PEEK, "ab");
    TEXT(pair.own, 8, 0, "ab");
    STATE(pair.own, IN | OUT | PRI);
    TEXT(pair.own, 8, 0, "c");
    STATE(pair.own, OUT);
}

static void r133_urgent_byte_and_the_end(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(send_urgent(fx, pair.peer, "o", 1));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    STATE(pair.own, IN | OUT | PRI | RDHUP | HUP);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0); /* and the byte is lost */
    STATE(pair.own, IN | OUT | RDHUP | HUP);
}

/* A mark is nothing that was not read. */
static void r133_close_with_an_urgent_byte(struct wb_contract_fixture *fx) {
    struct wb__pair unread;
    struct wb__pair taken;
    CHECK(wb__unix_pair(fx, STREAM, &unread));
    CHECK(wb__unix_pair(fx, STREAM, &taken));
    CHECK(send_urgent(fx, unread.peer, "o", 1));
    CHECK_EQUAL(wb__close(fx, unread.own), 0);
    STATE(unread.peer, IN | OUT | RDHUP | HUP | ERR);
    CHECK(send_urgent(fx, taken.peer, "o", 1));
    TEXT(taken.own, 1, WB_MSG_OOB, "o");
    CHECK_EQUAL(wb__close(fx, taken.own), 0);
    STATE(taken.peer, IN | OUT | RDHUP | HUP);
}

static void r133_urgent_calls_refuse(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char byte = 'x';
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(SYS(send, pair.own, &byte, 0, WB_MSG_OOB | WB_MSG_NOSIGNAL), -EOPNOTSUPP);
    CHECK_EQUAL(SYS(recv, pair.own, &byte, 1, WB_MSG_OOB), -EINVAL);
    struct wb__received received = {.result = 0};
    CHECK(send_urgent(fx, pair.peer, "o", 1));
    received = wb__receive(fx, pair.own, 8, 0, WB_MSG_OOB);
    CHECK_EQUAL(received.result, 1);
    CHECK_EQUAL(received.flags, WB_MSG_OOB);
    CHECK(send_urgent(fx, pair.peer, "o", 1));
    CHECK_EQUAL(SYS(recv, pair.own, &byte, 0, WB_MSG_OOB), 1); /* into no buffer at all */
}

/* R134: who asks for PRI only is woken by ordinary data and sees what is so. */
static void r134_pri_interest_is_woken_by_unix_data(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, PRI, PRI));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "x", 0), 1);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(send_urgent(fx, pair.peer, "o", 1));
    OBSERVE(watch, PRI, PRI, PRI);
    CHECK_EQUAL(wb__send_text(fx, pair.peer, "x", 0), 1);
    OBSERVE(watch, PRI, PRI, NONE);
}

static const struct wb_contract_case cases[] = {
    CASE(r133_urgent_byte_alone_shows_in_and_pri_and_a_read_loses_it, 0),
    CASE(r133_urgent_byte_taken_leaves_a_mark, 0),
    CASE(r133_read_stops_before_the_urgent_byte_and_drops_it_next, 0),
    CASE(r133_read_stops_at_the_mark_of_a_byte_taken, 0),
    CASE(r133_second_urgent_byte_makes_the_first_an_ordinary_one, 0),
    CASE(r133_marks_in_a_row_are_one, 0),
    CASE(r133_urgent_byte_in_line, 0),
    CASE(r133_urgent_byte_and_the_end, 0),
    CASE(r133_close_with_an_urgent_byte, 0),
    CASE(r133_urgent_calls_refuse, 0),
    CASE(r134_pri_interest_is_woken_by_unix_data, 0),
};
WB__CONTRACT_GROUP(unix_urgent);
