/* Unix sockets that block, between two programs of a run: all is moved that was asked for, whatever
 * faults do in between, and nobody sleeps for room that will not come. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum {
    STREAM = WB_SOCK_STREAM,
    PART = 36544,    /* the largest message that a stream's bytes travel in */
    FULL = 6 * PART, /* with so much unread nothing more fits */
    AMOUNT = 10 * PART,
};

struct play {
    const struct wb_sys *sys;
    struct wb_sockaddr addr;
    int type;
    int flags;        /* of the reader's calls */
    size_t write_len; /* of one call */
    size_t read_len;
    int64_t first; /* what the writer's calls gave */
    int64_t second;
    int64_t read;
    int64_t read_next;
};

static uint8_t bytes[AMOUNT]; /* nobody looks at them */

static void run(struct play *play, int (*reader)(void *arg), int (*writer)(void *arg),
    struct one_choice *fault) {
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    struct sim_config config = {
        .source = fault != NULL ? &fault->base : NULL, .legality_max = WBH_LEGALITY_CONTRACT};
    sim_kernel_reset(kernel, &config);
    play->sys = wb_sim_sys(kernel);
    play->addr = (struct wb_sockaddr){.un = {.family = WB_AF_UNIX, .path = "/run/x"}};
    (void)sim_process_add(kernel, reader, play);
    (void)sim_process_add(kernel, writer, play);
    enum sim_stop stop = sim_kernel_run_all(kernel);
    sim_kernel_destroy(kernel);
    assert_int_equal(stop, SIM_STOP_EXITED);
}

static void doze(const struct play *play) {
    assert_int_equal(WB_SYS(play->sys, poll, NULL, 0, 1000000), 0);
}

static int accepted(const struct play *play) {
    int listener = WB_SYS(play->sys, socket, WB_AF_UNIX, play->type, 0);
    assert_int_equal(WB_SYS(play->sys, bind, listener, &play->addr, sizeof(play->addr.un)), 0);
    assert_int_equal(WB_SYS(play->sys, listen, listener, 1), 0);
    return WB_SYS(play->sys, accept4, listener, NULL, NULL, 0);
}

static int connected(const struct play *play) {
    doze(play);
    int fd = WB_SYS(play->sys, socket, WB_AF_UNIX, play->type, 0);
    assert_int_equal(WB_SYS(play->sys, connect, fd, &play->addr, sizeof(play->addr.un)), 0);
    return fd;
}

/* ---- writing ---- */

static int read_all_late(void *arg) {
    static uint8_t into[AMOUNT];
    struct play *play = arg;
    int fd = accepted(play);
    doze(play);
    doze(play);
    for (int64_t got = 1; got > 0;) {
        got = WB_SYS(play->sys, recv, fd, into, PART / 2, 0);
        play->read += got;
    }
    return 0;
}

static int write_once(void *arg) {
    struct play *play = arg;
    int fd = connected(play);
    play->first = WB_SYS(play->sys, send, fd, bytes, play->write_len, play->flags);
    return 0;
}

static void write_that_a_fault_cuts_is_finished(void **state) {
    (void)state;
    struct play play = {.type = STREAM, .write_len = AMOUNT};
    struct one_choice fault;
    one_choice_init(&fault, WBH_POINT_SEND, 1, WBH_ACTION_SHORT, 1000);
    run(&play, read_all_late, write_once, &fault);
    assert_int_equal(fault.asked, 1);
    assert_int_equal(play.first, AMOUNT);
    assert_int_equal(play.read, AMOUNT);
}

static void write_that_a_fault_puts_off_is_finished(void **state) {
    (void)state;
    struct play play = {.type = STREAM, .write_len = AMOUNT};
    struct one_choice fault;
    one_choice_init(&fault, WBH_POINT_SEND, 1, WBH_ACTION_WOULD_BLOCK, 0);
    run(&play, read_all_late, write_once, &fault);
    assert_int_equal(fault.asked, 1);
    assert_int_equal(play.first, AMOUNT);
    assert_int_equal(play.read, AMOUNT);
}

/* It is a message of its own, and there is no room for it. The read before it throws it away. */
static void urgent_byte_waits_for_room_as_well(void **state) {
    (void)state;
    struct play play = {.type = STREAM, .flags = WB_MSG_OOB, .write_len = FULL + 1};
    run(&play, read_all_late, write_once, NULL);
    assert_int_equal(play.first, FULL + 1);
    assert_int_equal(play.read, FULL);
}

/* ---- a reader that goes ---- */

static int write_twice(void *arg) {
    struct play *play = arg;
    int fd = connected(play);
    if (play->type != STREAM) {
        while (WB_SYS(play->sys, send, fd, bytes, 1000, WB_MSG_DONTWAIT) == 1000) {
        }
    } else {
        play->first = WB_SYS(play->sys, send, fd, bytes, play->write_len, WB_MSG_NOSIGNAL);
    }
    play->second = WB_SYS(play->sys, send, fd, bytes, 1000, WB_MSG_NOSIGNAL);
    return 0;
}

static int shut_reading_late(void *arg) {
    struct play *play = arg;
    int fd = accepted(play);
    doze(play);
    doze(play);
    assert_int_equal(WB_SYS(play->sys, shutdown, fd, WB_SHUT_RD), 0);
    doze(play);
    return 0;
}

static int close_late(void *arg) {
    struct play *play = arg;
    int fd = accepted(play);
    doze(play);
    doze(play);
    return WB_SYS(play->sys, close, fd);
}

static void write_ends_when_the_reader_shuts_reading(void **state) {
    (void)state;
    struct play play = {.type = STREAM, .write_len = AMOUNT};
    run(&play, shut_reading_late, write_twice, NULL);
    assert_int_equal(play.first, FULL);
    assert_int_equal(play.second, -EPIPE);
}

/* Nothing of it was written; the end is no event of the writer's. */
static void write_that_has_not_begun_ends_when_the_reader_shuts_reading(void **state) {
    (void)state;
    struct play full = {.type = STREAM, .write_len = FULL};
    struct play packets = {.type = WB_SOCK_SEQPACKET};
    run(&full, shut_reading_late, write_twice, NULL);
    assert_int_equal(full.first, FULL);
    assert_int_equal(full.second, -EPIPE);
    run(&packets, shut_reading_late, write_twice, NULL);
    assert_int_equal(packets.second, -EPIPE);
}

static void write_ends_when_the_reader_closes(void **state) {
    (void)state;
    struct play half = {.type = STREAM, .write_len = AMOUNT};
    struct play full = {.type = STREAM, .write_len = FULL};
    run(&half, close_late, write_twice, NULL);
    assert_int_equal(half.first, FULL);
    assert_int_equal(half.second, -EPIPE);
    run(&full, close_late, write_twice, NULL);
    assert_int_equal(full.first, FULL);
    assert_int_equal(full.second, -ECONNRESET);
}

/* ---- one datagram socket, two threads, two receivers that are full ---- */

enum { QUEUE_FULL = 11 };

/* Whoever names a socket by its letter. */
static struct wb_sockaddr letter(char name) {
    struct wb_sockaddr addr = {.un = {.family = WB_AF_UNIX, .path = "/run/?"}};
    addr.un.path[5] = name;
    return addr;
}

struct letter_writer {
    const struct wb_sys *sys;
    int fd;
    char name;
};

static int64_t write_to(const struct letter_writer *writer) {
    struct wb_sockaddr addr = letter(writer->name);
    struct wb_iovec iov = {bytes, 1};
    struct wb_msghdr msg = {.name = &addr, .name_len = sizeof(addr.un), .iov = &iov, .iov_len = 1};
    return WB_SYS(writer->sys, sendmsg, writer->fd, &msg, 0);
}

static void write_one_too_many(void *arg) {
    for (int i = 0; i <= QUEUE_FULL; i++) {
        assert_int_equal(write_to(arg), 1);
    }
}

/* What both queues hold fits into the buffer, what one does is too much for it to be writable: it
 * is the receiver that tells of room. */
static int write_to_two(void *arg) {
    const int size = 10000;
    struct play *play = arg;
    struct letter_writer writers[2];
    uint64_t threads[2];
    doze(play);
    int fd = WB_SYS(play->sys, socket, WB_AF_UNIX, WB_SOCK_DGRAM, 0);
    assert_int_equal(
        WB_SYS(play->sys, setsockopt, fd, WB_SOL_SOCKET, WB_SO_SNDBUF, &size, sizeof(size)), 0);
    for (int i = 0; i < 2; i++) {
        writers[i] = (struct letter_writer){play->sys, fd, (char)('a' + i)};
        assert_int_equal(
            WB_SYS(play->sys, thread_create, write_one_too_many, &writers[i], &threads[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(WB_SYS(play->sys, thread_join, threads[i]), 0);
    }
    return 0;
}

static int bound_to_letter(const struct play *play, char name) {
    struct wb_sockaddr addr = letter(name);
    int fd = WB_SYS(play->sys, socket, WB_AF_UNIX, WB_SOCK_DGRAM, 0);
    assert_int_equal(WB_SYS(play->sys, bind, fd, &addr, sizeof(addr.un)), 0);
    return fd;
}

/* First all of the one, then all of the other: what comes late has to be waited for. */
static int read_one_after_the_other(void *arg) {
    struct play *play = arg;
    int fds[2] = {bound_to_letter(play, 'a'), bound_to_letter(play, 'b')};
    uint8_t byte;
    doze(play);
    doze(play);
    for (int i = 0; i < 2; i++) {
        int fd = fds[play->flags != 0 ? 1 - i : i];
        for (int k = 0; k <= QUEUE_FULL; k++) {
            play->read += WB_SYS(play->sys, recv, fd, &byte, 1, 0);
        }
    }
    return 0;
}

static void write_of_two_threads_waits_for_each_receiver(void **state) {
    (void)state;
    for (int last_first = 0; last_first < 2; last_first++) {
        struct play play = {.flags = last_first};
        run(&play, read_one_after_the_other, write_to_two, NULL);
        assert_int_equal(play.read, 2 * (QUEUE_FULL + 1));
    }
}

/* ---- reading ---- */

static int read_twice(void *arg) {
    struct play *play = arg;
    uint8_t into[16];
    int fd = accepted(play);
    play->read = WB_SYS(play->sys, recv, fd, into, play->read_len, play->flags);
    play->read_next = WB_SYS(play->sys, recv, fd, into, sizeof(into), play->flags);
    return 0;
}

/* Three pairs of bytes with pauses, then the end. */
static int write_pairs(void *arg) {
    struct play *play = arg;
    int fd = connected(play);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(WB_SYS(play->sys, send, fd, "ab", 2, 0), 2);
        doze(play);
    }
    return 0;
}

static void read_returns_with_the_first_bytes(void **state) {
    (void)state;
    struct play play = {.type = STREAM, .read_len = 5};
    run(&play, read_twice, write_pairs, NULL);
    assert_int_equal(play.read, 2);
    assert_int_equal(play.read_next, 2);
}

static void read_with_waitall_returns_with_all_or_at_the_end(void **state) {
    (void)state;
    struct play play = {.type = STREAM, .flags = WB_MSG_WAITALL, .read_len = 5};
    run(&play, read_twice, write_pairs, NULL);
    assert_int_equal(play.read, 5);
    assert_int_equal(play.read_next, 1);
}

/* Linux goes no farther than what it found, whatever was asked for. */
static void peek_with_waitall_returns_with_what_is_there(void **state) {
    (void)state;
    struct play play = {.type = STREAM, .flags = WB_MSG_WAITALL | WB_MSG_PEEK, .read_len = 5};
    run(&play, read_twice, write_pairs, NULL);
    assert_int_equal(play.read, 2);
    assert_int_equal(play.read_next, 2);
}

/* ---- accepting ---- */

static int accept_one(void *arg) {
    struct play *play = arg;
    play->first = accepted(play);
    return 0;
}

static int connect_one(void *arg) {
    connected(arg);
    return 0;
}

static void accept_that_a_fault_puts_off_sleeps_over_it(void **state) {
    (void)state;
    struct play play = {.type = STREAM};
    struct one_choice fault;
    one_choice_init(&fault, WBH_POINT_ACCEPT, 1, WBH_ACTION_WOULD_BLOCK, 0);
    run(&play, accept_one, connect_one, &fault);
    assert_int_equal(fault.asked, 1);
    assert_true(play.first >= 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_that_a_fault_cuts_is_finished),
        cmocka_unit_test(write_that_a_fault_puts_off_is_finished),
        cmocka_unit_test(urgent_byte_waits_for_room_as_well),
        cmocka_unit_test(write_ends_when_the_reader_shuts_reading),
        cmocka_unit_test(write_that_has_not_begun_ends_when_the_reader_shuts_reading),
        cmocka_unit_test(write_ends_when_the_reader_closes),
        cmocka_unit_test(write_of_two_threads_waits_for_each_receiver),
        cmocka_unit_test(read_returns_with_the_first_bytes),
        cmocka_unit_test(read_with_waitall_returns_with_all_or_at_the_end),
        cmocka_unit_test(peek_with_waitall_returns_with_what_is_there),
        cmocka_unit_test(accept_that_a_fault_puts_off_sleeps_over_it),
    };
    return cmocka_run_group_tests_name("kernel_unix_blocking", tests, NULL, NULL);
}
