/* Connecting: success, refusal, the event in between. */
#include "world.h"

#include <errno.h>

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

/* MIO-27, MIO-45, A-NET-03 */
static void connect_that_succeeds_is_writable_then_closed_by_the_peer(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_listen(world, &listener, &addr);
    assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
    world_watch(world, wb_tcp_stream_source(&client), 1, BOTH, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLOUT);
    assert_int_equal(world->flags[1], WB_EPOLLOUT);
    assert_ok(wb_tcp_stream_finish_connect(&client));
    struct wb_addr peer;
    struct wb_addr local;
    assert_ok(wb_tcp_stream_peer_addr(&client, &peer));
    assert_true(wb_addr_equal(&peer, &addr));
    assert_ok(wb_tcp_stream_local_addr(&client, &local));
    assert_true(wb_addr_is_loopback(&local) && local.port != 0);

    world_accept(world, &listener, &server);
    struct wb_addr server_peer;
    struct wb_addr server_local;
    assert_ok(wb_tcp_stream_peer_addr(&server, &server_peer));
    assert_ok(wb_tcp_stream_local_addr(&server, &server_local));
    assert_true(wb_addr_equal(&server_peer, &local) && wb_addr_equal(&server_local, &addr));
    world_assert_quiet(world);

    wb_tcp_stream_close(&server);
    world_await(world, 1, WB_EPOLLIN | WB_EPOLLRDHUP);
    world_expect_eof(world, &client);
    world_assert_quiet(world);
    wb_tcp_stream_close(&client);
    wb_tcp_listener_close(&listener);
}

static struct wb_addr free_address(struct world *world) {
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    world_listen(world, &listener, &addr);
    wb_tcp_listener_close(&listener);
    return addr;
}

/* MIO-35, A-NET-04 */
static void connect_that_is_refused_says_so_once(void **state) {
    struct world *world = *state;
    struct wb_addr addr = free_address(world);
    struct wb_tcp_stream client;
    assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
    world_watch(world, wb_tcp_stream_source(&client), 1, BOTH, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLERR);
    struct wb_event event = {.token = 1, .flags = world->flags[1]};
    assert_true(wb_event_is_error(event) && wb_event_is_write_closed(event));
    enum wb_status error = WB_OK;
    assert_ok(wb_tcp_stream_take_error(&client, &error));
    assert_status(error, WB_ERR_CONN_REFUSED);
    assert_ok(wb_tcp_stream_take_error(&client, &error));
    assert_status(error, WB_OK);
    wb_tcp_stream_close(&client);
}

static void connect_that_is_refused_fails_to_finish(void **state) {
    struct world *world = *state;
    struct wb_addr addr = free_address(world);
    struct wb_tcp_stream client;
    assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
    world_watch(world, wb_tcp_stream_source(&client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLERR);
    assert_status(wb_tcp_stream_finish_connect(&client), WB_ERR_CONN_REFUSED);
    wb_tcp_stream_close(&client);
}

/* ---- moments that loopback passes too quickly, given through the seam ---- */

static int in_progress_getpeername(
    void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    (void)self, (void)fd, (void)addr, (void)addr_len;
    return -ENOTCONN;
}

/* A-NET-03: a spurious event while the connection is still being made. */
static void connect_still_in_progress_is_told_from_failure(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream client;
    world_listen(world, &listener, &addr);
    assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
    int (*real)(void *, int, struct wb_sockaddr *, uint32_t *) = world->ops.getpeername;
    world->ops.getpeername = in_progress_getpeername;
    assert_status(wb_tcp_stream_finish_connect(&client), WB_IN_PROGRESS);
    world->ops.getpeername = real;
    assert_ok(wb_tcp_stream_finish_connect(&client));
    wb_tcp_stream_close(&client);
    wb_tcp_listener_close(&listener);
}

static int connect_result;

static int decided_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    (void)self, (void)fd, (void)addr, (void)addr_len;
    return connect_result;
}

static void connect_that_fails_at_once_leaves_nothing(void **state) {
    struct world *world = *state;
    struct wb_addr addr = free_address(world);
    struct wb_tcp_stream client;
    size_t before = world_descriptors();
    world->ops.connect = decided_connect;
    connect_result = -ENETUNREACH;
    assert_status(wb_tcp_stream_connect(&client, &world->sys, &addr), WB_ERR_NET_UNREACHABLE);
    assert_int_equal(world_descriptors(), before);
    wb_tcp_stream_close(&client);
    static const int begun[] = {0, -EINPROGRESS, -EINTR};
    for (int i = 0; i < 3; i++) {
        connect_result = begun[i];
        assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
        wb_tcp_stream_close(&client);
    }
}

/* MIO-30, MOLD-06 */
static void connect_accepted_and_closed_at_once_does_not_disturb_others(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    struct wb_tcp_stream other_client;
    struct wb_tcp_stream other_server;
    world_pair(world, &other_client, &other_server);
    world_watch(
        world, wb_tcp_stream_source(&other_server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_listen(world, &listener, &addr);
    assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
    world_accept(world, &listener, &server);
    world_watch(world, wb_tcp_stream_source(&server), 2, BOTH, WB_TRIGGER_EDGE);
    wb_tcp_stream_close(&server);
    world_send(&other_client, "on");
    world_await(world, 1, WB_EPOLLIN);
    assert_int_equal(world->reports[2], 0);
    world_expect(world, &other_server, "on");
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&other_client);
    wb_tcp_stream_close(&other_server);
    wb_tcp_listener_close(&listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(connect_that_succeeds_is_writable_then_closed_by_the_peer),
        CASE(connect_that_is_refused_says_so_once),
        CASE(connect_that_is_refused_fails_to_finish),
        CASE(connect_still_in_progress_is_told_from_failure),
        CASE(connect_that_fails_at_once_leaves_nothing),
        CASE(connect_accepted_and_closed_at_once_does_not_disturb_others),
    };
    return cmocka_run_group_tests_name("tcp_connect", tests, NULL, NULL);
}
