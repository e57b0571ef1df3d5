/* Descriptors passed along: owned once, and none left over. A-NET-11. The fixture counts them. */
#define _GNU_SOURCE
#include "world.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wb/unix_stream.h"

struct pair {
    struct wb_unix_stream first;
    struct wb_unix_stream second;
};

static void pair_open(struct world *world, struct pair *pair) {
    assert_ok(wb_unix_stream_pair(&world->sys, &pair->first, &pair->second));
}

static void pair_close(struct pair *pair) {
    wb_unix_stream_close(&pair->first);
    wb_unix_stream_close(&pair->second);
}

/* Sends `count` duplicates of one end of a pipe with `text`; returns the other end. */
static int send_pipe_ends(struct pair *pair, const char *text, size_t count) {
    int ends[2];
    int fds[WB_UNIX_FDS_MAX];
    size_t n = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    for (size_t i = 0; i < count; i++) {
        fds[i] = ends[1];
    }
    assert_ok(wb_unix_stream_send_fds(&pair->first, text, strlen(text), fds, count, &n));
    assert_int_equal(n, strlen(text));
    assert_int_equal(close(ends[1]), 0); /* the sender keeps its own, and may close it */
    return ends[0];
}

/* Nobody holds the other end any more. */
static void check_all_closed(int fd) {
    char byte;
    assert_int_equal(read(fd, &byte, 1), 0);
    assert_int_equal(close(fd), 0);
}

static void receive(struct pair *pair, const char *text, struct wb_unix_fds *fds) {
    char buf[32];
    size_t n = 0;
    assert_ok(wb_unix_stream_recv_fds(&pair->second, buf, sizeof(buf), &n, fds));
    assert_int_equal(n, strlen(text));
    assert_memory_equal(buf, text, n);
}

/* MOLD-25 */
static void fd_received_works_and_is_close_on_exec(void **state) {
    struct world *world = *state;
    struct pair pair;
    int received[4] = {-1, -1, -1, -1};
    struct wb_unix_fds fds = {.fds = received, .capacity = 4};
    pair_open(world, &pair);
    world_watch(
        world, wb_unix_stream_source(&pair.second), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    int other = send_pipe_ends(&pair, "take", 1);
    world_await(world, 1, WB_EPOLLIN);
    receive(&pair, "take", &fds);
    assert_int_equal(fds.count, 1);
    assert_false(fds.is_truncated);
    assert_true((fcntl(received[0], F_GETFD) & FD_CLOEXEC) != 0);
    assert_int_equal(write(received[0], "x", 1), 1);
    char byte;
    assert_int_equal(read(other, &byte, 1), 1);
    assert_int_equal(close(received[0]), 0);
    check_all_closed(other);
    size_t n = 0;
    assert_status(wb_unix_stream_recv_fds(&pair.second, &byte, 1, &n, &fds), WB_WOULD_BLOCK);
    assert_int_equal(fds.count, 0);
    world_forget(world);
    other = send_pipe_ends(&pair, "again", 0); /* bytes alone */
    world_await(world, 1, WB_EPOLLIN);
    receive(&pair, "again", &fds);
    assert_int_equal(fds.count, 0);
    check_all_closed(other);
    pair_close(&pair);
}

/* Neither too many for the caller's room, nor for its rounding up, nor no room at all. */
static void fds_beyond_the_room_are_closed(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open(world, &pair);
    for (size_t room = 0; room <= 3; room++) {
        int received[4] = {-1, -1, -1, -1};
        struct wb_unix_fds fds = {.fds = received, .capacity = room};
        int other = send_pipe_ends(&pair, "three", 3);
        receive(&pair, "three", &fds);
        assert_int_equal(fds.count, room);
        assert_int_equal(fds.is_truncated, room < 3);
        assert_int_equal(received[room], -1); /* not a number beyond the room */
        for (size_t i = 0; i < fds.count; i++) {
            assert_int_equal(close(received[i]), 0);
        }
        check_all_closed(other);
    }
    pair_close(&pair);
}

static void fds_not_asked_for_are_closed(void **state) {
    struct world *world = *state;
    struct pair pair;
    char buf[8];
    size_t n = 0;
    pair_open(world, &pair);
    int other = send_pipe_ends(&pair, "plain", 2);
    assert_ok(wb_unix_stream_read(&pair.second, buf, sizeof(buf), &n));
    assert_int_equal(n, 5);
    check_all_closed(other);
    other = send_pipe_ends(&pair, "unread", 2);
    wb_unix_stream_close(&pair.second);
    check_all_closed(other);
    pair_close(&pair);
}

/* The bytes of two messages are not joined across descriptors. */
static void fds_of_two_messages_come_apart(void **state) {
    struct world *world = *state;
    struct pair pair;
    int received[8];
    struct wb_unix_fds fds = {.fds = received, .capacity = 8};
    pair_open(world, &pair);
    int one = send_pipe_ends(&pair, "one", 1);
    int two = send_pipe_ends(&pair, "two", 2);
    receive(&pair, "one", &fds);
    assert_int_equal(fds.count, 1);
    assert_int_equal(close(received[0]), 0);
    receive(&pair, "two", &fds);
    assert_int_equal(fds.count, 2);
    assert_int_equal(close(received[0]), 0);
    assert_int_equal(close(received[1]), 0);
    check_all_closed(one);
    check_all_closed(two);
    pair_close(&pair);
}

static void fds_in_the_largest_number_are_passed_and_more_refused(void **state) {
    struct world *world = *state;
    struct pair pair;
    int received[WB_UNIX_FDS_MAX];
    struct wb_unix_fds fds = {.fds = received, .capacity = WB_UNIX_FDS_MAX};
    size_t n = 0;
    pair_open(world, &pair);
    int on = 1; /* credentials come as well, and are no descriptors */
    assert_int_equal(
        setsockopt(wb_unix_stream_fd(&pair.second), SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)), 0);
    int other = send_pipe_ends(&pair, "many", WB_UNIX_FDS_MAX);
    receive(&pair, "many", &fds);
    assert_int_equal(fds.count, WB_UNIX_FDS_MAX);
    assert_false(fds.is_truncated);
    for (size_t i = 0; i < fds.count; i++) {
        assert_int_equal(close(received[i]), 0);
    }
    check_all_closed(other);
    assert_status(wb_unix_stream_send_fds(&pair.first, "x", 1, received, WB_UNIX_FDS_MAX + 1, &n),
        WB_ERR_INVALID);
    assert_status(wb_unix_stream_send_fds(&pair.first, "x", 0, received, 0, &n), WB_ERR_INVALID);
    assert_status(wb_unix_stream_recv_fds(&pair.second, received, 0, &n, &fds), WB_ERR_INVALID);
    const int closed = received[0];
    assert_status(wb_unix_stream_send_fds(&pair.first, "x", 1, &closed, 1, &n), WB_ERR_BAD_FD);
    pair_close(&pair);
}

/* The process may open no more: what cannot be received is gone, and that is told. */
static void fds_beyond_the_limit_of_the_process_are_told(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct rlimit before;
    int received[4];
    struct wb_unix_fds fds = {.fds = received, .capacity = 4};
    pair_open(world, &pair);
    int other = send_pipe_ends(&pair, "tight", 4);
    int next = dup(other);
    assert_true(next >= 0);
    assert_int_equal(close(next), 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit tight = {.rlim_cur = (rlim_t)next + 1, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
    receive(&pair, "tight", &fds);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_true(fds.is_truncated);
    assert_int_equal(fds.count, 1);
    assert_int_equal(close(received[0]), 0);
    check_all_closed(other);
    pair_close(&pair);
}

/* A socket made elsewhere may be given a descriptor of the sender's process with each message. */
static void fd_of_the_sender_is_closed(void **state) {
    struct world *world = *state;
    enum { PASS_PIDFD = 76 }; /* Linux 6.5 */
    const int on = 1;
    struct pair pair;
    int received[4];
    struct wb_unix_fds fds = {.fds = received, .capacity = 4};
    pair_open(world, &pair);
    const int fd = wb_unix_stream_fd(&pair.second);
    const bool is_known = setsockopt(fd, SOL_SOCKET, PASS_PIDFD, &on, sizeof(on)) == 0;
    const size_t before = world_descriptors();
    int other = send_pipe_ends(&pair, "who", 1);
    receive(&pair, "who", &fds);
    assert_int_equal(fds.count, 1);
    assert_int_equal(world_descriptors(), before + 2); /* the pipe's ends */
    assert_int_equal(close(received[0]), 0);
    check_all_closed(other);
    pair_close(&pair);
    if (!is_known) {
        print_message("[  NOTE    ] this kernel sends no such descriptors\n");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(fd_received_works_and_is_close_on_exec),
        CASE(fds_beyond_the_room_are_closed),
        CASE(fds_not_asked_for_are_closed),
        CASE(fds_of_two_messages_come_apart),
        CASE(fds_in_the_largest_number_are_passed_and_more_refused),
        CASE(fds_beyond_the_limit_of_the_process_are_told),
        CASE(fd_of_the_sender_is_closed),
    };
    return cmocka_run_group_tests_name("unix_fds", tests, NULL, NULL);
}
