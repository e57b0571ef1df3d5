/* Unix listeners and streams: addresses, bytes, half-close, credentials. */
#define _GNU_SOURCE
#include "world.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wb/unix_buf.h"
#include "wb/unix_stream.h"

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

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

/* The first one registered under token 1, its first writable event taken. */
static void pair_open_watched(struct world *world, struct pair *pair) {
    pair_open(world, pair);
    world_watch(world, wb_unix_stream_source(&pair->first), 1, BOTH, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLOUT);
    world_forget(world);
}

static struct wb_event seen(const struct world *world) {
    return (struct wb_event){.token = 1, .flags = world->flags[1]};
}

static void say(struct wb_unix_stream *stream, const char *text) {
    size_t n = 0;
    assert_ok(wb_unix_stream_write(stream, text, strlen(text), &n));
    assert_int_equal(n, strlen(text));
}

static void hear(struct wb_unix_stream *stream, const char *text) {
    char buf[64];
    size_t n = 0;
    assert_ok(wb_unix_stream_read(stream, buf, sizeof(buf), &n));
    assert_int_equal(n, strlen(text));
    assert_memory_equal(buf, text, n);
}

static enum wb_status read_byte(struct wb_unix_stream *stream) {
    char byte;
    size_t n = 0;
    return wb_unix_stream_read(stream, &byte, 1, &n);
}

/* ---- addresses ---- */

static struct wb_unix_addr address(const char *text) {
    struct wb_unix_addr addr;
    assert_ok(wb_unix_addr_parse(text, &addr));
    return addr;
}

static void check_addr(
    enum wb_status status, const struct wb_unix_addr *actual, const struct wb_unix_addr *expected) {
    assert_ok(status);
    assert_true(wb_unix_addr_equal(actual, expected));
}

/* MIO-52: connects, accepts, and asks everybody for their addresses. */
static void check_connection(struct world *world, const struct wb_unix_addr *addr) {
    const struct wb_unix_addr unnamed = {0};
    struct wb_unix_listener listener;
    struct pair pair;
    struct wb_unix_addr found;
    assert_ok(wb_unix_listener_bind(&listener, &world->sys, addr, 0));
    check_addr(wb_unix_listener_local_addr(&listener, &found), &found, addr);
    assert_status(wb_unix_listener_accept(&listener, &pair.second, NULL), WB_WOULD_BLOCK);
    world_watch(
        world, wb_unix_listener_source(&listener), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_forget(world);
    assert_ok(wb_unix_stream_connect(&pair.first, &world->sys, addr));
    say(&pair.first, "before it is accepted");
    world_await(world, 1, WB_EPOLLIN);
    check_addr(wb_unix_listener_accept(&listener, &pair.second, &found), &found, &unnamed);
    assert_status(wb_unix_listener_accept(&listener, &pair.second, NULL), WB_WOULD_BLOCK);
    check_addr(wb_unix_stream_peer_addr(&pair.first, &found), &found, addr);
    check_addr(wb_unix_stream_local_addr(&pair.first, &found), &found, &unnamed);
    check_addr(wb_unix_stream_peer_addr(&pair.second, &found), &found, &unnamed);
    check_addr(wb_unix_stream_local_addr(&pair.second, &found), &found, addr);
    assert_true((fcntl(wb_unix_stream_fd(&pair.second), F_GETFL) & O_NONBLOCK) != 0);
    hear(&pair.second, "before it is accepted");
    pair_close(&pair);
    wb_unix_listener_close(&listener);
}

/* A-NET-10, MIO-52 */
static void unix_listener_on_an_abstract_name_is_found(void **state) {
    struct world *world = *state;
    char name[64];
    (void)snprintf(name, sizeof(name), "@wouldblock-stream-test-%d", (int)getpid());
    const struct wb_unix_addr addr = address(name);
    check_connection(world, &addr);
    check_connection(world, &addr); /* nothing was left behind */
}

static void unix_stream_knows_its_peer_to_the_end(void **state) {
    struct world *world = *state;
    const struct wb_unix_addr any = {0};
    struct wb_unix_listener listener;
    struct pair pair;
    struct wb_unix_addr addr;
    struct wb_unix_addr found;
    assert_ok(wb_unix_listener_bind(&listener, &world->sys, &any, 0));
    assert_ok(wb_unix_listener_local_addr(&listener, &addr));
    assert_ok(wb_unix_stream_connect(&pair.first, &world->sys, &addr));
    assert_ok(wb_unix_listener_accept(&listener, &pair.second, NULL));
    assert_ok(wb_unix_stream_shutdown(&pair.first, WB_UNIX_SHUTDOWN_BOTH));
    check_addr(wb_unix_stream_peer_addr(&pair.first, &found), &found, &addr);
    wb_unix_stream_close(&pair.second);
    wb_unix_listener_close(&listener);
    check_addr(wb_unix_stream_peer_addr(&pair.first, &found), &found, &addr);
    wb_unix_stream_close(&pair.first);
}

/* A-NET-10 */
static void unix_listener_on_a_path_leaves_it_behind(void **state) {
    struct world *world = *state;
    char directory[] = "/tmp/wouldblock-XXXXXX";
    char path[64];
    struct wb_unix_listener listener;
    struct wb_unix_stream stream;
    assert_non_null(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/socket", directory);
    const struct wb_unix_addr addr = address(path);
    assert_status(wb_unix_stream_connect(&stream, &world->sys, &addr), WB_ERR_NO_ENTRY);
    check_connection(world, &addr);
    assert_status(wb_unix_listener_bind(&listener, &world->sys, &addr, 0), WB_ERR_ADDR_IN_USE);
    assert_status(wb_unix_stream_connect(&stream, &world->sys, &addr), WB_ERR_CONN_REFUSED);
    assert_ok(wb_unix_addr_unlink(&addr, &world->sys));
    assert_status(wb_unix_addr_unlink(&addr, &world->sys), WB_ERR_NO_ENTRY);
    check_connection(world, &addr);
    assert_ok(wb_unix_addr_unlink(&addr, &world->sys));
    assert_int_equal(rmdir(directory), 0);
    wb_unix_listener_close(&listener);
    wb_unix_stream_close(&stream);
}

/* The kernel chooses an abstract name; a full backlog refuses for the moment. */
static void unix_listener_with_a_full_backlog_would_block(void **state) {
    struct world *world = *state;
    const struct wb_unix_addr unnamed = {0};
    struct wb_unix_listener listener;
    struct wb_unix_addr addr;
    struct wb_unix_stream streams[8];
    int count = 0;
    assert_status(wb_unix_listener_bind(&listener, &world->sys, &unnamed, -1), WB_ERR_INVALID);
    assert_ok(wb_unix_listener_bind(&listener, &world->sys, &unnamed, 1));
    assert_ok(wb_unix_listener_local_addr(&listener, &addr));
    assert_int_equal(addr.kind, WB_UNIX_ADDR_ABSTRACT);
    enum wb_status status = WB_OK;
    while (status == WB_OK && count < 8) {
        status = wb_unix_stream_connect(&streams[count], &world->sys, &addr);
        count++;
    }
    assert_status(status, WB_WOULD_BLOCK);
    for (int i = 0; i < count; i++) {
        wb_unix_stream_close(&streams[i]); /* the last is without a socket */
    }
    wb_unix_listener_close(&listener);
}

/* ---- bytes ---- */

/* MIO-52 */
static void unix_stream_of_a_pair_reports_what_arrives(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open_watched(world, &pair);
    for (int round = 0; round < 2; round++) {
        world_forget(world);
        say(&pair.second, "hello");
        world_await(world, 1, WB_EPOLLIN);
        hear(&pair.first, "hello");
        assert_status(read_byte(&pair.first), WB_WOULD_BLOCK);
        (void)world_wait(world, 0);
        world_assert_quiet(world);
    }
    pair_close(&pair);
}

static void unix_stream_peeks_and_takes_several_buffers(void **state) {
    struct world *world = *state;
    struct pair pair;
    char one[] = "ab";
    char two[] = "cde";
    char first[1];
    char second[8];
    size_t n = 0;
    pair_open(world, &pair);
    const struct wb_iovec out[] = {{one, 2}, {two, 3}};
    assert_ok(wb_unix_stream_writev(&pair.first, out, 2, &n));
    assert_int_equal(n, 5);
    assert_ok(wb_unix_stream_peek(&pair.second, second, 8, &n));
    assert_int_equal(n, 5);
    const struct wb_iovec in[] = {{first, 1}, {second, 8}};
    assert_ok(wb_unix_stream_readv(&pair.second, in, 2, &n));
    assert_int_equal(n, 5);
    assert_true(first[0] == 'a');
    assert_memory_equal(second, "bcde", 4);
    assert_ok(wb_unix_stream_read(&pair.second, second, 0, &n));
    assert_int_equal(n, 0);
    assert_status(wb_unix_stream_peek(&pair.second, second, 8, &n), WB_WOULD_BLOCK);
    pair_close(&pair);
}

static void unix_stream_moves_cursors_as_far_as_bytes_went(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_bytes bytes = wb_bytes_from("cursor", 6);
    uint8_t room[16];
    struct wb_space space = {room, sizeof(room)};
    size_t n = 0;
    pair_open(world, &pair);
    assert_ok(wb_unix_stream_write_buf(&pair.first, wb_buf_from_bytes(&bytes), &n));
    assert_int_equal(n, 6);
    assert_int_equal(bytes.len, 0);
    assert_ok(wb_unix_stream_read_buf(&pair.second, wb_buf_mut_from_space(&space), &n));
    assert_int_equal(n, 6);
    assert_memory_equal(room, "cursor", 6);
    assert_int_equal(space.len, sizeof(room) - 6);
    assert_status(
        wb_unix_stream_read_buf(&pair.second, wb_buf_mut_from_space(&space), &n), WB_WOULD_BLOCK);
    pair_close(&pair);
}

/* A sender that fills the buffers is told when there is room. */
static void unix_stream_that_is_full_is_writable_after_reads(void **state) {
    struct world *world = *state;
    struct pair pair;
    static char bulk[1 << 20];
    size_t taken = 0;
    size_t n = 0;
    pair_open_watched(world, &pair);
    while (wb_unix_stream_write(&pair.first, bulk, sizeof(bulk), &n) == WB_OK) {
        taken += n;
    }
    (void)world_wait(world, 0);
    world_forget(world);
    while (taken > 0) {
        assert_ok(wb_unix_stream_read(&pair.second, bulk, sizeof(bulk), &n));
        taken -= n;
    }
    world_await(world, 1, WB_EPOLLOUT);
    pair_close(&pair);
}

/* ---- the end: MIO-51 ---- */

static void unix_stream_write_shutdown_of_the_peer_is_the_end(void **state) {
    struct world *world = *state;
    struct pair pair;
    size_t n = 0;
    pair_open_watched(world, &pair);
    say(&pair.second, "last");
    assert_ok(wb_unix_stream_shutdown(&pair.second, WB_UNIX_SHUTDOWN_WRITE));
    assert_status(wb_unix_stream_write(&pair.second, "x", 1, &n), WB_ERR_BROKEN_PIPE);
    world_await(world, 1, WB_EPOLLIN | WB_EPOLLRDHUP);
    assert_true(wb_event_is_read_closed(seen(world)) && !wb_event_is_write_closed(seen(world)));
    hear(&pair.first, "last");
    assert_status(read_byte(&pair.first), WB_EOF);
    (void)world_wait(world, 0);
    world_assert_quiet(world);
    say(&pair.first, "still open");
    hear(&pair.second, "still open");
    pair_close(&pair);
}

static void unix_stream_read_shutdown_is_the_end_after_what_has_come(void **state) {
    struct world *world = *state;
    struct pair pair;
    size_t n = 0;
    pair_open_watched(world, &pair);
    say(&pair.second, "here");
    assert_ok(wb_unix_stream_shutdown(&pair.first, WB_UNIX_SHUTDOWN_READ));
    world_await(world, 1, WB_EPOLLIN | WB_EPOLLRDHUP);
    assert_true(wb_event_is_read_closed(seen(world)) && !wb_event_is_write_closed(seen(world)));
    hear(&pair.first, "here");
    assert_status(read_byte(&pair.first), WB_EOF);
    assert_status(wb_unix_stream_write(&pair.second, "x", 1, &n), WB_ERR_BROKEN_PIPE);
    pair_close(&pair);
}

static void unix_stream_shut_down_both_ways_is_hung_up(void **state) {
    struct world *world = *state;
    struct pair pair;
    size_t n = 0;
    pair_open_watched(world, &pair);
    assert_ok(wb_unix_stream_shutdown(&pair.first, WB_UNIX_SHUTDOWN_BOTH));
    world_await(world, 1, WB_EPOLLHUP);
    assert_true(wb_event_is_read_closed(seen(world)) && wb_event_is_write_closed(seen(world)));
    assert_status(read_byte(&pair.first), WB_EOF);
    assert_status(wb_unix_stream_write(&pair.first, "x", 1, &n), WB_ERR_BROKEN_PIPE);
    assert_status(read_byte(&pair.second), WB_EOF);
    world_assert_quiet(world);
    pair_close(&pair);
}

static void unix_stream_closed_with_unread_bytes_resets_the_peer(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open_watched(world, &pair);
    say(&pair.first, "unread");
    wb_unix_stream_close(&pair.second);
    world_await(world, 1, WB_EPOLLHUP);
    assert_status(read_byte(&pair.first), WB_ERR_CONN_RESET);
    assert_status(read_byte(&pair.first), WB_EOF);
    world_assert_quiet(world);
    pair_close(&pair);
}

/* ---- asking ---- */

static void unix_stream_knows_who_its_peer_is(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_ucred credentials;
    enum wb_status error = WB_ERR_OS;
    pair_open(world, &pair);
    assert_ok(wb_unix_stream_peer_credentials(&pair.first, &credentials));
    assert_int_equal(credentials.pid, getpid());
    assert_int_equal(credentials.uid, getuid());
    assert_int_equal(credentials.gid, getgid());
    assert_ok(wb_unix_stream_take_error(&pair.first, &error));
    assert_status(error, WB_OK);
    pair_close(&pair);
}

/* A-NET-13 */
static void unix_stream_descriptor_is_given_away_and_taken(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_unix_stream taken;
    pair_open_watched(world, &pair);
    int fd = wb_unix_stream_into_fd(&pair.first);
    wb_unix_stream_from_fd(&taken, &world->sys, fd);
    say(&pair.second, "still open");
    world_assert_quiet(world); /* it was deregistered */
    hear(&taken, "still open");
    wb_unix_stream_close(&taken);
    pair_close(&pair);
}

int main(void) {
    /* A write that raised SIGPIPE would end the test, whatever the parent left. */
    signal(SIGPIPE, SIG_DFL);
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(unix_listener_on_an_abstract_name_is_found),
        CASE(unix_stream_knows_its_peer_to_the_end),
        CASE(unix_listener_on_a_path_leaves_it_behind),
        CASE(unix_listener_with_a_full_backlog_would_block),
        CASE(unix_stream_of_a_pair_reports_what_arrives),
        CASE(unix_stream_peeks_and_takes_several_buffers),
        CASE(unix_stream_moves_cursors_as_far_as_bytes_went),
        CASE(unix_stream_that_is_full_is_writable_after_reads),
        CASE(unix_stream_write_shutdown_of_the_peer_is_the_end),
        CASE(unix_stream_read_shutdown_is_the_end_after_what_has_come),
        CASE(unix_stream_shut_down_both_ways_is_hung_up),
        CASE(unix_stream_closed_with_unread_bytes_resets_the_peer),
        CASE(unix_stream_knows_who_its_peer_is),
        CASE(unix_stream_descriptor_is_given_away_and_taken),
    };
    return cmocka_run_group_tests_name("unix_stream", tests, NULL, NULL);
}
