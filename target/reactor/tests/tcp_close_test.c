/* Half-close, close and reset, and what each reports. */
#include "world.h"

#include <signal.h>

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

struct pair {
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
};

static void pair_close(struct pair *pair) {
    wb_tcp_stream_close(&pair->client);
    wb_tcp_stream_close(&pair->server);
}

/* Connected, the client registered under token 1, its first writable event taken. */
static void pair_open_watched(struct world *world, struct pair *pair) {
    world_pair(world, &pair->client, &pair->server);
    world_watch(world, wb_tcp_stream_source(&pair->client), 1, BOTH, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLOUT);
    world_forget(world);
}

static struct wb_event seen(const struct world *world) {
    struct wb_event event = {.token = 1, .flags = world->flags[1]};
    return event;
}

/* MIO-20 */
static void close_after_would_block_ends_the_peer(void **state) {
    struct world *world = *state;
    struct pair pair;
    char byte;
    size_t n = 0;
    pair_open_watched(world, &pair);
    assert_status(wb_tcp_stream_read(&pair.client, &byte, 1, &n), WB_WOULD_BLOCK);
    wb_tcp_stream_close(&pair.client);
    world_expect_eof(world, &pair.server);
    pair_close(&pair);
}

/* MIO-46, MOLD-22 */
static void close_by_the_peer_is_readable_then_the_end(void **state) {
    struct world *world = *state;
    struct pair pair;
    char byte;
    size_t n = 0;
    pair_open_watched(world, &pair);
    wb_tcp_stream_close(&pair.server);
    world_await(world, 1, WB_EPOLLIN);
    assert_true(wb_event_is_readable(seen(world)));
    assert_status(wb_tcp_stream_read(&pair.client, &byte, 1, &n), WB_EOF);
    assert_status(wb_tcp_stream_read(&pair.client, &byte, 1, &n), WB_EOF); /* and again */
    pair_close(&pair);
}

/* MIO-38, MOLD-29 */
static void close_after_a_write_still_delivers(void **state) {
    struct world *world = *state;
    for (int deregister_only = 0; deregister_only < 2; deregister_only++) {
        struct pair pair;
        world_forget(world);
        pair_open_watched(world, &pair);
        world_watch(world, wb_tcp_stream_source(&pair.server), 2, BOTH, WB_TRIGGER_EDGE);
        world_await(world, 2, WB_EPOLLOUT);
        world_send(&pair.server, "1234");
        if (deregister_only != 0) {
            assert_ok(
                wb_registry_deregister(world_registry(world), wb_tcp_stream_source(&pair.server)));
        } else {
            wb_tcp_stream_close(&pair.server);
        }
        world_await(world, 1, WB_EPOLLIN);
        world_expect(world, &pair.client, "1234");
        pair_close(&pair);
    }
}

/* MIO-34, MIO-42 */
static void reset_by_the_peer_is_readable_and_an_error(void **state) {
    struct world *world = *state;
    struct pair pair;
    char byte;
    size_t n = 0;
    pair_open_watched(world, &pair);
    assert_ok(wb_tcp_stream_set_linger(&pair.server, 0));
    wb_tcp_stream_close(&pair.server);
    world_await(world, 1, WB_EPOLLIN);
    assert_true(wb_event_is_read_closed(seen(world)));
    assert_status(wb_tcp_stream_read(&pair.client, &byte, 1, &n), WB_ERR_CONN_RESET);
    assert_status(wb_tcp_stream_read(&pair.client, &byte, 1, &n), WB_EOF); /* told once */
    world_assert_quiet(world);
    pair_close(&pair);
}

/* MIO-36, MOLD-29, A-NET-06 */
static void write_to_a_closed_peer_ends_in_an_error_and_no_signal(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    wb_tcp_stream_close(&pair.server);
    world_await_readable(world, wb_tcp_stream_fd(&pair.client));
    const char bytes[] = "abc";
    const struct wb_iovec iov = {(void *)(uintptr_t)bytes, 3};
    enum wb_status status = WB_OK;
    for (int i = 0; i < 100 && (status == WB_OK || status == WB_WOULD_BLOCK); i++) {
        size_t n = 0;
        status = wb_tcp_stream_write(&pair.client, bytes, 3, &n);
        assert_true(status != WB_OK || n > 0);
    }
    assert_true(status == WB_ERR_BROKEN_PIPE || status == WB_ERR_CONN_RESET);
    size_t n = 0;
    assert_status(wb_tcp_stream_write(&pair.client, bytes, 3, &n), WB_ERR_BROKEN_PIPE);
    assert_status(wb_tcp_stream_writev(&pair.client, &iov, 1, &n), WB_ERR_BROKEN_PIPE);
    pair_close(&pair);
}

/* MIO-37, MIO-42, A-MIO-24 */
static void half_close_by_the_peer_is_reported_once(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    world_watch(world, wb_tcp_stream_source(&pair.client), 1, BOTH, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLOUT);
    assert_false(wb_event_is_read_closed(seen(world)) || wb_event_is_write_closed(seen(world)));
    world_assert_quiet(world);
    assert_ok(wb_tcp_stream_shutdown(&pair.server, WB_TCP_SHUTDOWN_WRITE));
    world_forget(world);
    world_await(world, 1, WB_EPOLLIN | WB_EPOLLRDHUP);
    assert_true(wb_event_is_readable(seen(world)) && wb_event_is_read_closed(seen(world)));
    assert_false(wb_event_is_write_closed(seen(world)));
    world_expect_eof(world, &pair.client);
    world_assert_quiet(world);
    world_send(&pair.client, "still open"); /* the other direction */
    world_expect(world, &pair.server, "still open");
    pair_close(&pair);
}

/* MIO-40, A-NET-06 */
static void shutdown_of_writing_fails_writes_and_keeps_reading(void **state) {
    struct world *world = *state;
    struct pair pair;
    size_t n = 0;
    pair_open_watched(world, &pair);
    world_send(&pair.client, "echo");
    assert_ok(wb_tcp_stream_shutdown(&pair.client, WB_TCP_SHUTDOWN_WRITE));
    assert_status(wb_tcp_stream_write(&pair.client, "x", 1, &n), WB_ERR_BROKEN_PIPE);
    world_expect(world, &pair.server, "echo");
    world_expect_eof(world, &pair.server);
    world_send(&pair.server, "echo");
    world_expect(world, &pair.client, "echo");
    (void)world_wait(world, 0);
    assert_false(wb_event_is_write_closed(seen(world))); /* A-MIO-25: own SHUT_WR alone */
    pair_close(&pair);
}

/* MIO-40, A-NET-06 */
static void shutdown_of_reading_leaves_what_has_come(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    world_send(&pair.server, "here");
    world_await_readable(world, wb_tcp_stream_fd(&pair.client));
    assert_ok(wb_tcp_stream_shutdown(&pair.client, WB_TCP_SHUTDOWN_READ));
    world_expect(world, &pair.client, "here");
    world_expect_eof(world, &pair.client);
    pair_close(&pair);
}

/* MIO-41, A-MIO-24, A-MIO-25 */
static void shutdown_of_ones_own_is_reported(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open_watched(world, &pair);
    assert_ok(wb_tcp_stream_shutdown(&pair.client, WB_TCP_SHUTDOWN_READ));
    world_await(world, 1, WB_EPOLLIN | WB_EPOLLRDHUP);
    assert_true(wb_event_is_read_closed(seen(world)) && !wb_event_is_write_closed(seen(world)));
    world_forget(world);
    assert_ok(wb_tcp_stream_shutdown(&pair.client, WB_TCP_SHUTDOWN_BOTH));
    world_await(world, 1, WB_EPOLLHUP);
    assert_true(wb_event_is_read_closed(seen(world)) && wb_event_is_write_closed(seen(world)));
    pair_close(&pair);
}

static void shutdown_of_an_unconnected_stream_says_so(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream stream;
    int fd = WB_SYS(
        &world->sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    wb_tcp_stream_from_fd(&stream, &world->sys, fd);
    assert_status(wb_tcp_stream_shutdown(&stream, WB_TCP_SHUTDOWN_BOTH), WB_ERR_NOT_CONNECTED);
    wb_tcp_stream_close(&stream);
}

/* MIO-39 */
static void deregistered_stream_with_data_is_quiet(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open_watched(world, &pair);
    world_send(&pair.server, "unseen");
    world_await_readable(world, wb_tcp_stream_fd(&pair.client));
    assert_ok(wb_registry_deregister(world_registry(world), wb_tcp_stream_source(&pair.client)));
    wb_tcp_stream_close(&pair.server);
    world_assert_quiet(world);
    world_expect(world, &pair.client, "unseen");
    pair_close(&pair);
}

int main(void) {
    /* A write that raised SIGPIPE would end the test, whatever the parent left. */
    signal(SIGPIPE, SIG_DFL);
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(close_after_would_block_ends_the_peer),
        CASE(close_by_the_peer_is_readable_then_the_end),
        CASE(close_after_a_write_still_delivers),
        CASE(reset_by_the_peer_is_readable_and_an_error),
        CASE(write_to_a_closed_peer_ends_in_an_error_and_no_signal),
        CASE(half_close_by_the_peer_is_reported_once),
        CASE(shutdown_of_writing_fails_writes_and_keeps_reading),
        CASE(shutdown_of_reading_leaves_what_has_come),
        CASE(shutdown_of_ones_own_is_reported),
        CASE(shutdown_of_an_unconnected_stream_says_so),
        CASE(deregistered_stream_with_data_is_quiet),
    };
    return cmocka_run_group_tests_name("tcp_close", tests, NULL, NULL);
}
