/* Pipes: page slots and merging (R90, R92), who is woken (R96, R139), ends that are gone (R80),
 * sizes, packets, and which end may do what. */
#include "sys/contract/support.h"

#include <string.h>

enum { PAGE = 4096, SLOTS = 16, FULL = PAGE * SLOTS };

struct ends {
    int reader;
    int writer;
};

static bool open_ends(struct wb_contract_fixture *fx, int flags, struct ends *out_ends) {
    int fds[2] = {-1, -1};
    if (!wb__check_equal(fx, __FILE__, __LINE__, SYS(pipe2, fds, flags), 0, "pipe2")) {
        return false;
    }
    out_ends->reader = wb__track(fx, fds[0]);
    out_ends->writer = wb__track(fx, fds[1]);
    return true;
}

static bool open_pipe(struct wb_contract_fixture *fx, struct ends *out_ends) {
    return open_ends(fx, WB_O_NONBLOCK | WB_O_CLOEXEC, out_ends);
}

static char bytes[FULL + PAGE];

static int64_t put(struct wb_contract_fixture *fx, const struct ends *ends, size_t len) {
    return SYS(write, ends->writer, bytes, len);
}

static int64_t take(struct wb_contract_fixture *fx, const struct ends *ends, size_t len) {
    static char taken[FULL + PAGE];
    return SYS(read, ends->reader, taken, len);
}

/* ---- what is there ---- */

static void pipe_carries_bytes_in_order(struct wb_contract_fixture *fx) {
    struct ends ends;
    char data[16];
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(SYS(write, ends.writer, "abc", 3), 3);
    CHECK_EQUAL(SYS(write, ends.writer, "defg", 4), 4);
    CHECK_EQUAL(SYS(read, ends.reader, data, 5), 5);
    CHECK_EQUAL(SYS(read, ends.reader, data + 5, sizeof(data) - 5), 2);
    CHECK_EQUAL(memcmp(data, "abcdefg", 7), 0);
    CHECK_EQUAL(SYS(read, ends.reader, data, sizeof(data)), -EAGAIN);
}

static void pipe_long_transfer_keeps_every_byte(struct wb_contract_fixture *fx) {
    struct ends ends;
    uint64_t sent = 0;
    uint64_t received = 0;
    CHECK(open_pipe(fx, &ends));
    while (received < 300000) {
        uint8_t data[5003];
        for (size_t i = 0; i < sizeof(data); i++) {
            data[i] = (uint8_t)((sent + i) % 251);
        }
        int64_t put_len = SYS(write, ends.writer, data, sizeof(data));
        CHECK(put_len > 0 || put_len == -EAGAIN);
        sent += put_len > 0 ? (uint64_t)put_len : 0;
        int64_t len = SYS(read, ends.reader, data, 3001);
        CHECK(len > 0);
        for (int64_t i = 0; i < len; i++) {
            CHECK_EQUAL(data[i], (received + (uint64_t)i) % 251);
        }
        received += (uint64_t)len;
    }
}

static void r40_ends_of_a_fresh_pipe(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    STATE(ends.reader, NONE);
    STATE(ends.writer, OUT);
}

static void r39_empty_pipe_shows_nothing_to_its_reader(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch watch;
    CHECK(open_pipe(fx, &ends));
    CHECK(wb__watch(fx, &watch, ends.reader, ALL, ALL));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(put(fx, &ends, 1), 1);
    CHECK_EQUAL(take(fx, &ends, 1), 1);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(take(fx, &ends, 1), -EAGAIN);
}

static void r42_pipe_shows_the_normal_bands_only_if_asked(struct wb_contract_fixture *fx) {
    struct ends ends;
    const uint32_t bands = WB_EPOLLRDNORM | WB_EPOLLWRNORM | WB_EPOLLRDBAND | WB_EPOLLWRBAND;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, 1), 1);
    CHECK_EQUAL(wb__poll_one(fx, ends.reader, IN | bands, 0), IN | WB_EPOLLRDNORM);
    CHECK_EQUAL(wb__poll_one(fx, ends.writer, OUT | bands, 0), OUT | WB_EPOLLWRNORM);
}

/* ---- reading ---- */

static void r80_reader_of_a_pipe_without_writer_hangs_up(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch watch;
    CHECK(open_pipe(fx, &ends));
    CHECK(wb__watch(fx, &watch, ends.reader, READ, READ));
    CHECK_EQUAL(put(fx, &ends, 3), 3);
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__rearm(fx, &watch));
    CHECK_EQUAL(wb__close(fx, ends.writer), 0);
    OBSERVE(watch, IN | HUP, IN | HUP, IN | HUP);
    CHECK_EQUAL(take(fx, &ends, 100), 3);
    OBSERVE(watch, HUP, NONE, NONE);
    CHECK_EQUAL(take(fx, &ends, 100), 0);
    CHECK_EQUAL(take(fx, &ends, 100), 0);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, HUP, NONE, HUP);
}

static void pipe_end_with_a_duplicate_is_not_gone(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    int twin = wb__dup(fx, ends.writer);
    CHECK_EQUAL(wb__close(fx, ends.writer), 0);
    CHECK_EQUAL(take(fx, &ends, 1), -EAGAIN);
    CHECK_EQUAL(wb__close(fx, twin), 0);
    CHECK_EQUAL(take(fx, &ends, 1), 0);
}

/* ---- writing ---- */

static void r90_pipe_is_writable_while_a_slot_is_free(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, FULL), FULL);
    STATE(ends.writer, NONE);
    CHECK_EQUAL(put(fx, &ends, 1), -EAGAIN);
    CHECK_EQUAL(take(fx, &ends, PAGE - 1), PAGE - 1);
    STATE(ends.writer, NONE);
    CHECK_EQUAL(put(fx, &ends, 1), -EAGAIN);
    CHECK_EQUAL(take(fx, &ends, 1), 1);
    STATE(ends.writer, OUT);
    CHECK_EQUAL(put(fx, &ends, PAGE), PAGE);
}

static void r90_small_writes_take_a_slot_each_unless_they_merge(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    for (int i = 0; i < SLOTS; i++) {
        CHECK_EQUAL(put(fx, &ends, 3000), 3000); /* two do not fit into a page */
    }
    STATE(ends.writer, NONE);
    CHECK_EQUAL(put(fx, &ends, 1097), -EAGAIN);
    CHECK_EQUAL(put(fx, &ends, 1096), 1096); /* fits into the last page, though not writable */
    CHECK_EQUAL(put(fx, &ends, 1), -EAGAIN);
    CHECK_EQUAL(take(fx, &ends, FULL), SLOTS * 3000 + 1096);
}

static void r90_writes_of_a_page_are_all_or_nothing(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, FULL - PAGE), FULL - PAGE);
    CHECK_EQUAL(put(fx, &ends, 100), 100);
    CHECK_EQUAL(put(fx, &ends, PAGE), -EAGAIN); /* 3996 bytes would fit */
    CHECK_EQUAL(put(fx, &ends, PAGE - 100), PAGE - 100);
}

static void r92_large_write_is_short_and_fills_the_last_page_first(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, FULL - PAGE), FULL - PAGE);
    CHECK_EQUAL(put(fx, &ends, 100), 100);
    CHECK_EQUAL(put(fx, &ends, PAGE + 904), 904); /* what exceeds a page is merged, no page free */
    CHECK_EQUAL(take(fx, &ends, FULL), FULL - PAGE + 1004);
    CHECK_EQUAL(put(fx, &ends, FULL + 5), FULL);
}

static void r96_writer_is_woken_only_when_full_becomes_not_full(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch watch;
    CHECK(open_pipe(fx, &ends));
    CHECK(wb__watch(fx, &watch, ends.writer, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(put(fx, &ends, PAGE), PAGE);
    CHECK_EQUAL(take(fx, &ends, PAGE), PAGE);
    OBSERVE(watch, OUT, NONE, NONE);
    CHECK_EQUAL(put(fx, &ends, FULL), FULL);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(take(fx, &ends, PAGE), PAGE);
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(take(fx, &ends, PAGE), PAGE);
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r139_refused_write_is_an_edge_for_the_reader(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch watch;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, FULL), FULL);
    CHECK(wb__watch(fx, &watch, ends.reader, IN, IN));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(put(fx, &ends, 1), -EAGAIN);
    OBSERVE(watch, IN, IN, NONE);
}

static void r139_write_of_nothing_wakes_nobody(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch watch;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, 1), 1);
    CHECK(wb__watch(fx, &watch, ends.reader, IN, IN));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(put(fx, &ends, 0), 0);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK_EQUAL(take(fx, &ends, 0), 0);
    CHECK_EQUAL(take(fx, &ends, 100), 1);
    CHECK_EQUAL(take(fx, &ends, 0), 0);
}

static void r139_writer_without_reader_shows_an_error(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch watch;
    CHECK(open_pipe(fx, &ends));
    CHECK(wb__watch(fx, &watch, ends.writer, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK(wb__rearm(fx, &watch));
    CHECK_EQUAL(wb__close(fx, ends.reader), 0);
    OBSERVE(watch, OUT | ERR, OUT | ERR, OUT | ERR);
    CHECK_EQUAL(put(fx, &ends, 0), 0);
}

static void r139_full_writer_without_reader_shows_only_the_error(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, FULL), FULL);
    CHECK_EQUAL(wb__close(fx, ends.reader), 0);
    STATE(ends.writer, ERR);
}

static void r112d_write_without_reader_raises_sigpipe(struct wb_contract_fixture *fx) {
    enum { SIGPIPE_NUMBER = 13 };
    struct wb_signalfd_siginfo info = {.signo = 0};
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    int fd = wb__track(
        fx, SYS(signalfd, UINT64_C(1) << (SIGPIPE_NUMBER - 1), WB_EFD_NONBLOCK | WB_EFD_CLOEXEC));
    CHECK(fd >= 0);
    CHECK_EQUAL(wb__close(fx, ends.reader), 0);
    CHECK_EQUAL(put(fx, &ends, 1), -EPIPE);
    CHECK_EQUAL(SYS(read, fd, &info, sizeof(info)), sizeof(info));
    CHECK_EQUAL(info.signo, SIGPIPE_NUMBER);
}

/* ---- sizes ---- */

static void pipe_size_is_rounded_up_to_a_power_of_two_of_pages(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(SYS(fcntl, ends.reader, WB_F_GETPIPE_SZ, 0), FULL);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_SETPIPE_SZ, 5000), 2 * PAGE);
    CHECK_EQUAL(SYS(fcntl, ends.reader, WB_F_GETPIPE_SZ, 0), 2 * PAGE);
    CHECK_EQUAL(SYS(fcntl, ends.reader, WB_F_SETPIPE_SZ, 0), PAGE);
    CHECK_EQUAL(put(fx, &ends, FULL), PAGE);
    STATE(ends.writer, NONE);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_SETPIPE_SZ, -1), -EINVAL);
    CHECK_EQUAL(SYS(fcntl, wb__eventfd(fx, 0), WB_F_GETPIPE_SZ, 0), -EBADF);
}

static void pipe_size_below_what_is_used_is_busy(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, 2 * PAGE + 1), 2 * PAGE + 1);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_SETPIPE_SZ, 2 * PAGE), -EBUSY);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_SETPIPE_SZ, 4 * PAGE), 4 * PAGE);
    CHECK_EQUAL(take(fx, &ends, FULL), 2 * PAGE + 1);
}

static void r100_growing_a_pipe_is_an_edge_for_the_writer(struct wb_contract_fixture *fx) {
    struct ends ends;
    struct wb__watch watch;
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(put(fx, &ends, FULL), FULL);
    CHECK(wb__watch(fx, &watch, ends.writer, OUT, OUT));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_SETPIPE_SZ, 2 * FULL), 2 * FULL);
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_SETPIPE_SZ, 2 * FULL), 2 * FULL);
    OBSERVE(watch, OUT, OUT, NONE);
}

/* ---- ends, flags, packets ---- */

static void pipe_ends_are_for_one_direction(struct wb_contract_fixture *fx) {
    struct ends ends;
    char data[4];
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(SYS(read, ends.writer, data, sizeof(data)), -EBADF);
    CHECK_EQUAL(SYS(read, ends.writer, data, 0), -EBADF);
    CHECK_EQUAL(SYS(write, ends.reader, data, sizeof(data)), -EBADF);
    CHECK_EQUAL(SYS(write, ends.reader, data, 0), -EBADF);
    CHECK_EQUAL(SYS(fcntl, ends.reader, WB_F_GETFL, 0), WB_O_NONBLOCK);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_GETFL, 0), WB_O_NONBLOCK | 1);
}

static void pipe_is_nonblocking_only_if_asked_and_each_end_by_itself(
    struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_ends(fx, 0, &ends));
    CHECK_EQUAL(SYS(fcntl, ends.reader, WB_F_GETFL, 0), 0);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_GETFL, 0), 1);
    CHECK_EQUAL(SYS(fcntl, ends.reader, WB_F_SETFL, WB_O_NONBLOCK), 0);
    CHECK_EQUAL(SYS(fcntl, ends.reader, WB_F_GETFL, 0), WB_O_NONBLOCK);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_GETFL, 0), 1);
    CHECK_EQUAL(take(fx, &ends, 1), -EAGAIN);
}

static void pipe_of_unknown_flags_gives_einval_and_no_descriptor(struct wb_contract_fixture *fx) {
    int fds[2] = {-5, -6};
    int lowest = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__close(fx, lowest), 0);
    CHECK_EQUAL(SYS(pipe2, fds, 1), -EINVAL);
    CHECK_EQUAL(SYS(pipe2, NULL, 0), -EFAULT);
    CHECK_EQUAL(fds[0], -5);
    CHECK_EQUAL(fds[1], -6);
    CHECK_EQUAL(wb__eventfd(fx, 0), lowest);
}

static void pipe_takes_the_two_lowest_descriptors(struct wb_contract_fixture *fx) {
    struct ends ends;
    int hole = wb__eventfd(fx, 0);
    (void)wb__eventfd(fx, 0);
    int next = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__close(fx, next), 0);
    CHECK_EQUAL(wb__close(fx, hole), 0);
    CHECK(open_pipe(fx, &ends));
    CHECK_EQUAL(ends.reader, hole);
    CHECK_EQUAL(ends.writer, next);
}

static void pipe_of_packets_gives_each_by_itself(struct wb_contract_fixture *fx) {
    struct ends ends;
    CHECK(open_ends(fx, WB_O_NONBLOCK | WB_O_DIRECT, &ends));
    CHECK_EQUAL(put(fx, &ends, 3), 3);
    CHECK_EQUAL(put(fx, &ends, 5), 5);
    CHECK_EQUAL(put(fx, &ends, PAGE + 2), PAGE + 2);
    CHECK_EQUAL(take(fx, &ends, 100), 3);
    CHECK_EQUAL(take(fx, &ends, 2), 2); /* the rest is lost */
    CHECK_EQUAL(take(fx, &ends, 2 * PAGE), PAGE);
    CHECK_EQUAL(take(fx, &ends, 2 * PAGE), 2);
    CHECK_EQUAL(SYS(fcntl, ends.writer, WB_F_GETFL, 0), WB_O_NONBLOCK | WB_O_DIRECT | 1);
}

static const struct wb_contract_case cases[] = {
    CASE(pipe_carries_bytes_in_order, 0),
    CASE(pipe_long_transfer_keeps_every_byte, 0),
    CASE(r40_ends_of_a_fresh_pipe, 0),
    CASE(r39_empty_pipe_shows_nothing_to_its_reader, 0),
    CASE(r42_pipe_shows_the_normal_bands_only_if_asked, 0),
    CASE(r80_reader_of_a_pipe_without_writer_hangs_up, 0),
    CASE(pipe_end_with_a_duplicate_is_not_gone, 0),
    CASE(r90_pipe_is_writable_while_a_slot_is_free, 0),
    CASE(r90_small_writes_take_a_slot_each_unless_they_merge, 0),
    CASE(r90_writes_of_a_page_are_all_or_nothing, 0),
    CASE(r92_large_write_is_short_and_fills_the_last_page_first, 0),
    CASE(r96_writer_is_woken_only_when_full_becomes_not_full, 0),
    CASE(r139_refused_write_is_an_edge_for_the_reader, 0),
    CASE(r139_write_of_nothing_wakes_nobody, 0),
    CASE(r139_writer_without_reader_shows_an_error, 0),
    CASE(r139_full_writer_without_reader_shows_only_the_error, 0),
    CASE(r112d_write_without_reader_raises_sigpipe, WB_CONTRACT_NEEDS_SIGNALS),
    CASE(pipe_size_is_rounded_up_to_a_power_of_two_of_pages, 0),
    CASE(pipe_size_below_what_is_used_is_busy, 0),
    CASE(r100_growing_a_pipe_is_an_edge_for_the_writer, 0),
    CASE(pipe_ends_are_for_one_direction, 0),
    CASE(pipe_is_nonblocking_only_if_asked_and_each_end_by_itself, 0),
    CASE(pipe_of_unknown_flags_gives_einval_and_no_descriptor, 0),
    CASE(pipe_takes_the_two_lowest_descriptors, 0),
    CASE(pipe_of_packets_gives_each_by_itself, 0),
};
WB__CONTRACT_GROUP(pipe);
