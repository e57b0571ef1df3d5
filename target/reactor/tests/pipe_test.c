/* Pipes. A-NET-12 */
#define _GNU_SOURCE
#include "world.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wb/pipe.h"

struct pipe {
    struct wb_pipe_sender sender;
    struct wb_pipe_receiver receiver;
};

static void pipe_open(struct world *world, struct pipe *pipe) {
    assert_ok(wb_pipe_open(&world->sys, &pipe->sender, &pipe->receiver));
    world_watch(
        world, wb_pipe_receiver_source(&pipe->receiver), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_watch(
        world, wb_pipe_sender_source(&pipe->sender), 2, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
}

static void pipe_close(struct pipe *pipe) {
    wb_pipe_sender_close(&pipe->sender);
    wb_pipe_receiver_close(&pipe->receiver);
}

static void send_text(struct pipe *pipe, const char *text) {
    size_t n = 0;
    assert_ok(wb_pipe_sender_write(&pipe->sender, text, strlen(text), &n));
    assert_int_equal(n, strlen(text));
}

static void expect_text(struct pipe *pipe, const char *text) {
    char buf[64];
    size_t n = 0;
    assert_ok(wb_pipe_receiver_read(&pipe->receiver, buf, sizeof(buf), &n));
    assert_int_equal(n, strlen(text));
    assert_memory_equal(buf, text, n);
}

static enum wb_status read_byte(struct pipe *pipe) {
    char byte;
    size_t n = 0;
    return wb_pipe_receiver_read(&pipe->receiver, &byte, 1, &n);
}

/* MIO-54 */
static void pipe_carries_bytes_after_would_block(void **state) {
    struct world *world = *state;
    struct pipe pipe;
    pipe_open(world, &pipe);
    assert_true((fcntl(wb_pipe_sender_fd(&pipe.sender), F_GETFD) & FD_CLOEXEC) != 0);
    assert_status(read_byte(&pipe), WB_WOULD_BLOCK);
    world_await(world, 2, WB_EPOLLOUT);
    for (int round = 0; round < 2; round++) {
        world_forget(world);
        send_text(&pipe, "hello");
        world_await(world, 1, WB_EPOLLIN);
        expect_text(&pipe, "hello");
        assert_status(read_byte(&pipe), WB_WOULD_BLOCK);
        world_assert_quiet(world);
    }
    size_t n = 9;
    char byte;
    assert_ok(wb_pipe_receiver_read(&pipe.receiver, &byte, 0, &n));
    assert_int_equal(n, 0);
    pipe_close(&pipe);
}

/* MIO-54: read-closed, what was sent, then the end; told once. */
static void pipe_without_sender_is_at_its_end_after_the_rest(void **state) {
    struct world *world = *state;
    struct pipe pipe;
    pipe_open(world, &pipe);
    assert_status(read_byte(&pipe), WB_WOULD_BLOCK);
    send_text(&pipe, "rest");
    wb_pipe_sender_close(&pipe.sender);
    world_forget(world);
    world_await(world, 1, WB_EPOLLHUP);
    const struct wb_event event = {.flags = world->flags[1]};
    assert_true(wb_event_is_read_closed(event) && wb_event_wants_read(event));
    expect_text(&pipe, "rest");
    assert_status(read_byte(&pipe), WB_EOF);
    assert_status(read_byte(&pipe), WB_EOF);
    world_assert_quiet(world);
    pipe_close(&pipe);
}

static void pipe_that_loses_its_sender_idle_says_so_once(void **state) {
    struct world *world = *state;
    struct pipe pipe;
    pipe_open(world, &pipe);
    world_await(world, 2, WB_EPOLLOUT);
    wb_pipe_sender_close(&pipe.sender);
    world_forget(world);
    world_await(world, 1, WB_EPOLLHUP);
    assert_status(read_byte(&pipe), WB_EOF);
    world_assert_quiet(world);
    pipe_close(&pipe);
}

/* MIO-54 */
static void pipe_without_receiver_is_broken(void **state) {
    struct world *world = *state;
    struct pipe pipe;
    size_t n = 0;
    pipe_open(world, &pipe);
    world_await(world, 2, WB_EPOLLOUT);
    world_forget(world);
    wb_pipe_receiver_close(&pipe.receiver);
    world_await(world, 2, WB_EPOLLERR);
    const struct wb_event event = {.flags = world->flags[2]};
    assert_true(wb_event_is_write_closed(event) && wb_event_wants_write(event));
    assert_status(wb_pipe_sender_write(&pipe.sender, "x", 1, &n), WB_ERR_BROKEN_PIPE);
    world_assert_quiet(world);
    pipe_close(&pipe);
}

/* Full, then room again: an event for each. */
static void pipe_that_is_full_would_block_until_it_is_read(void **state) {
    struct world *world = *state;
    struct pipe pipe;
    static char bulk[1 << 20];
    size_t taken = 0;
    size_t n = 0;
    pipe_open(world, &pipe);
    while (wb_pipe_sender_write(&pipe.sender, bulk, sizeof(bulk), &n) == WB_OK) {
        taken += n;
    }
    assert_true(taken > 0 && taken < sizeof(bulk));
    (void)world_wait(world, 0);
    world_forget(world);
    while (taken > 0) {
        assert_ok(wb_pipe_receiver_read(&pipe.receiver, bulk, sizeof(bulk), &n));
        taken -= n;
    }
    world_await(world, 2, WB_EPOLLOUT);
    pipe_close(&pipe);
}

static void pipe_takes_several_buffers_in_order(void **state) {
    struct world *world = *state;
    struct pipe pipe;
    char one[] = "ab";
    char two[] = "cde";
    char first[1];
    char second[8];
    size_t n = 0;
    pipe_open(world, &pipe);
    const struct wb_iovec out[] = {{one, 2}, {two, 3}};
    assert_ok(wb_pipe_sender_writev(&pipe.sender, out, 2, &n));
    assert_int_equal(n, 5);
    const struct wb_iovec in[] = {{first, 1}, {second, 8}};
    assert_ok(wb_pipe_receiver_readv(&pipe.receiver, in, 2, &n));
    assert_int_equal(n, 5);
    assert_true(first[0] == 'a');
    assert_memory_equal(second, "bcde", 4);
    assert_status(wb_pipe_receiver_readv(&pipe.receiver, in, 2, &n), WB_WOULD_BLOCK);
    pipe_close(&pipe);
}

/* ---- a child ---- */

static pid_t start_cat(int in, int out, const int *others) {
    pid_t child = fork();
    if (child == 0) {
        (void)close(others[0]);
        (void)close(others[1]);
        char buf[64];
        for (ssize_t n; (n = read(in, buf, sizeof(buf))) > 0;) {
            if (write(out, buf, (size_t)n) != n) {
                _exit(1);
            }
        }
        _exit(0);
    }
    assert_true(child > 0);
    return child;
}

/* MIO-55, A-NET-13: the ends of an ordinary, blocking pipe to another process. */
static void pipe_ends_of_a_child_are_adopted(void **state) {
    struct world *world = *state;
    struct pipe pipe;
    int to[2];
    int from[2];
    int status = 0;
    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    const int ours[] = {to[1], from[0]};
    pid_t child = start_cat(to[0], from[1], ours);
    assert_int_equal(close(to[0]), 0);
    assert_int_equal(close(from[1]), 0);
    wb_pipe_sender_from_fd(&pipe.sender, &world->sys, to[1]);
    wb_pipe_receiver_from_fd(&pipe.receiver, &world->sys, from[0]);
    assert_ok(wb_pipe_sender_set_nonblocking(&pipe.sender, true));
    assert_ok(wb_pipe_receiver_set_nonblocking(&pipe.receiver, true));
    assert_status(read_byte(&pipe), WB_WOULD_BLOCK);
    world_watch(
        world, wb_pipe_receiver_source(&pipe.receiver), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    send_text(&pipe, "there and back");
    world_await(world, 1, WB_EPOLLIN);
    expect_text(&pipe, "there and back");
    assert_status(read_byte(&pipe), WB_WOULD_BLOCK);
    wb_pipe_sender_close(&pipe.sender);
    world_await(world, 1, WB_EPOLLHUP);
    assert_status(read_byte(&pipe), WB_EOF);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    int fd = wb_pipe_receiver_into_fd(&pipe.receiver);
    assert_int_equal(close(fd), 0);
    pipe_close(&pipe);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN); /* as every process that writes to pipes */
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(pipe_carries_bytes_after_would_block),
        CASE(pipe_without_sender_is_at_its_end_after_the_rest),
        CASE(pipe_that_loses_its_sender_idle_says_so_once),
        CASE(pipe_without_receiver_is_broken),
        CASE(pipe_that_is_full_would_block_until_it_is_read),
        CASE(pipe_takes_several_buffers_in_order),
        CASE(pipe_ends_of_a_child_are_adopted),
    };
    return cmocka_run_group_tests_name("pipe", tests, NULL, NULL);
}
