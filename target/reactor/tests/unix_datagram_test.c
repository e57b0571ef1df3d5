/* Unix datagrams: boundaries, addresses, full queues, shutdown. */
#include "world.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wb/unix_datagram.h"

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

struct pair {
    struct wb_unix_datagram first;
    struct wb_unix_datagram second;
};

static void pair_open(struct world *world, struct pair *pair) {
    assert_ok(wb_unix_datagram_pair(&world->sys, &pair->first, &pair->second));
}

static void pair_close(struct pair *pair) {
    wb_unix_datagram_close(&pair->first);
    wb_unix_datagram_close(&pair->second);
}

static void hear(struct wb_unix_datagram *socket, const char *text) {
    char buf[64];
    struct wb_datagram datagram;
    assert_ok(wb_unix_datagram_recv(socket, buf, sizeof(buf), &datagram));
    assert_int_equal(datagram.len, strlen(text));
    assert_memory_equal(buf, text, datagram.len);
    assert_false(datagram.is_truncated);
}

static enum wb_status receive_byte(struct wb_unix_datagram *socket) {
    char byte;
    struct wb_datagram datagram;
    return wb_unix_datagram_recv(socket, &byte, 1, &datagram);
}

/* Bound to a name of the system's choice. */
static void bind_any(
    struct world *world, struct wb_unix_datagram *socket, struct wb_unix_addr *out_addr) {
    const struct wb_unix_addr unnamed = {0};
    assert_ok(wb_unix_datagram_bind(socket, &world->sys, &unnamed));
    assert_ok(wb_unix_datagram_local_addr(socket, out_addr));
    assert_int_equal(out_addr->kind, WB_UNIX_ADDR_ABSTRACT);
}

/* MIO-53, A-NET-10 */
static void unix_datagrams_of_a_pair_keep_their_boundaries(void **state) {
    struct world *world = *state;
    struct pair pair;
    char buf[4];
    struct wb_datagram datagram;
    pair_open(world, &pair);
    world_watch(
        world, wb_unix_datagram_source(&pair.second), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    for (int round = 0; round < 2; round++) {
        world_forget(world);
        assert_ok(wb_unix_datagram_send(&pair.first, "one", 3));
        assert_ok(wb_unix_datagram_send(&pair.first, NULL, 0));
        assert_ok(wb_unix_datagram_send(&pair.first, "three", 5));
        world_await(world, 1, WB_EPOLLIN);
        hear(&pair.second, "one");
        hear(&pair.second, "");
        assert_ok(wb_unix_datagram_peek(&pair.second, buf, sizeof(buf), &datagram));
        assert_ok(wb_unix_datagram_recv(&pair.second, buf, sizeof(buf), &datagram));
        assert_true(datagram.is_truncated && datagram.len == 4);
        assert_memory_equal(buf, "thre", 4);
        assert_status(receive_byte(&pair.second), WB_WOULD_BLOCK);
        (void)world_wait(world, 0);
        world_assert_quiet(world);
    }
    pair_close(&pair);
}

/* MIO-22: the sender was never bound, so has no address; one that was has it. */
static void unix_datagram_of_an_unbound_sender_has_no_address(void **state) {
    struct world *world = *state;
    struct wb_unix_datagram server;
    struct wb_unix_datagram nameless;
    struct wb_unix_datagram named;
    struct wb_unix_addr server_addr;
    struct wb_unix_addr named_addr;
    struct wb_unix_addr sender;
    struct wb_datagram datagram;
    char buf[16];
    bind_any(world, &server, &server_addr);
    bind_any(world, &named, &named_addr);
    assert_ok(wb_unix_datagram_open(&nameless, &world->sys));
    assert_ok(wb_unix_datagram_send_to(&nameless, "who", 3, &server_addr));
    assert_ok(wb_unix_datagram_send_to(&named, "me", 2, &server_addr));
    assert_ok(wb_unix_datagram_recv_from(&server, buf, sizeof(buf), &datagram, &sender));
    assert_int_equal(datagram.len, 3);
    assert_memory_equal(buf, "who", 3);
    assert_true(wb_unix_addr_is_unnamed(&sender));
    assert_ok(wb_unix_datagram_recv_from(&server, buf, sizeof(buf), &datagram, &sender));
    assert_int_equal(datagram.len, 2);
    assert_true(wb_unix_addr_equal(&sender, &named_addr));
    assert_ok(wb_unix_datagram_send_to(&server, "back", 4, &sender));
    hear(&named, "back");
    wb_unix_datagram_close(&nameless);
    wb_unix_datagram_close(&named);
    wb_unix_datagram_close(&server);
}

/* A-NET-10 */
static void unix_datagram_on_a_path_leaves_it_behind(void **state) {
    struct world *world = *state;
    struct wb_unix_datagram server;
    struct wb_unix_datagram second;
    struct wb_unix_addr addr;
    struct wb_unix_addr found;
    char path[64];
    (void)snprintf(path, sizeof(path), "/tmp/wouldblock-datagram-test-%d", (int)getpid());
    assert_ok(wb_unix_addr_path(path, &addr));
    assert_ok(wb_unix_datagram_bind(&server, &world->sys, &addr));
    assert_ok(wb_unix_datagram_local_addr(&server, &found));
    assert_true(wb_unix_addr_equal(&found, &addr));
    assert_status(wb_unix_datagram_bind(&second, &world->sys, &addr), WB_ERR_ADDR_IN_USE);
    assert_ok(wb_unix_datagram_open(&second, &world->sys));
    wb_unix_datagram_close(&server);
    assert_status(wb_unix_datagram_send_to(&second, "x", 1, &addr), WB_ERR_CONN_REFUSED);
    assert_ok(wb_unix_addr_unlink(&addr, &world->sys));
    assert_status(wb_unix_datagram_send_to(&second, "x", 1, &addr), WB_ERR_NO_ENTRY);
    wb_unix_datagram_close(&second);
}

/* MIO-53 */
static void unix_datagram_connected_sends_to_its_peer(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_unix_addr first_addr;
    struct wb_unix_addr second_addr;
    struct wb_unix_addr peer;
    bind_any(world, &pair.first, &first_addr);
    bind_any(world, &pair.second, &second_addr);
    assert_status(wb_unix_datagram_send(&pair.first, "x", 1), WB_ERR_NOT_CONNECTED);
    assert_status(wb_unix_datagram_peer_addr(&pair.first, &peer), WB_ERR_NOT_CONNECTED);
    assert_ok(wb_unix_datagram_connect(&pair.first, &second_addr));
    assert_ok(wb_unix_datagram_peer_addr(&pair.first, &peer));
    assert_true(wb_unix_addr_equal(&peer, &second_addr));
    assert_ok(wb_unix_datagram_send(&pair.first, "peer", 4));
    hear(&pair.second, "peer");
    struct wb_unix_datagram stranger;
    assert_ok(wb_unix_datagram_open(&stranger, &world->sys));
    assert_status(wb_unix_datagram_send_to(&stranger, "x", 1, &first_addr), WB_ERR_NOT_PERMITTED);
    wb_unix_datagram_close(&stranger);
    pair_close(&pair);
}

/* Full, then room again: an event for each. */
static void unix_datagram_to_a_full_peer_is_writable_after_receives(void **state) {
    struct world *world = *state;
    struct pair pair;
    int sent = 0;
    pair_open(world, &pair);
    world_watch(
        world, wb_unix_datagram_source(&pair.first), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    world_await(world, 1, WB_EPOLLOUT);
    enum wb_status status = WB_OK;
    while ((status = wb_unix_datagram_send(&pair.first, "x", 1)) == WB_OK) {
        sent++;
    }
    assert_status(status, WB_WOULD_BLOCK);
    world_forget(world);
    world_assert_quiet(world);
    for (int i = 0; i < sent; i++) {
        hear(&pair.second, "x");
    }
    world_await(world, 1, WB_EPOLLOUT);
    assert_ok(wb_unix_datagram_send(&pair.first, "x", 1));
    pair_close(&pair);
}

/* MIO-53: what was received stays; then there is an end, though the kernel would block. */
static void unix_datagram_shut_down_for_reading_is_at_its_end(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open(world, &pair);
    assert_ok(wb_unix_datagram_send(&pair.second, "left", 4));
    world_watch(world, wb_unix_datagram_source(&pair.first), 1, BOTH, WB_TRIGGER_EDGE);
    (void)world_wait(world, 0);
    world_forget(world);
    assert_ok(wb_registry_reregister(
        world_registry(world), wb_unix_datagram_source(&pair.first), 1, BOTH, WB_TRIGGER_EDGE));
    assert_ok(wb_unix_datagram_shutdown(&pair.first, WB_UNIX_SHUTDOWN_READ));
    world_await(world, 1, WB_EPOLLIN | WB_EPOLLRDHUP);
    struct wb_event event = {.flags = world->flags[1]};
    assert_true(wb_event_is_read_closed(event) && !wb_event_is_write_closed(event));
    hear(&pair.first, "left");
    assert_status(receive_byte(&pair.first), WB_EOF);
    world_assert_quiet(world);
    assert_status(wb_unix_datagram_send(&pair.second, "x", 1), WB_ERR_BROKEN_PIPE);
    assert_ok(wb_unix_datagram_shutdown(&pair.first, WB_UNIX_SHUTDOWN_WRITE));
    assert_status(wb_unix_datagram_send(&pair.first, "x", 1), WB_ERR_BROKEN_PIPE);
    world_await(world, 1, WB_EPOLLHUP);
    event.flags = world->flags[1];
    assert_true(wb_event_is_write_closed(event));
    assert_status(receive_byte(&pair.first), WB_EOF);
    world_assert_quiet(world);
    pair_close(&pair);
}

static void unix_datagram_to_a_peer_that_is_gone_is_refused(void **state) {
    struct world *world = *state;
    struct pair pair;
    enum wb_status error = WB_ERR_OS;
    pair_open(world, &pair);
    wb_unix_datagram_close(&pair.second);
    assert_status(wb_unix_datagram_send(&pair.first, "x", 1), WB_ERR_CONN_REFUSED);
    assert_status(wb_unix_datagram_send(&pair.first, "x", 1), WB_ERR_NOT_CONNECTED);
    assert_ok(wb_unix_datagram_take_error(&pair.first, &error));
    assert_status(error, WB_OK);
    pair_close(&pair);
}

/* A-NET-13 */
static void unix_datagram_descriptor_is_given_away_and_taken(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_unix_datagram taken;
    pair_open(world, &pair);
    int fd = wb_unix_datagram_into_fd(&pair.second);
    wb_unix_datagram_from_fd(&taken, &world->sys, fd);
    assert_ok(wb_unix_datagram_send(&pair.first, "still open", 10));
    hear(&taken, "still open");
    wb_unix_datagram_close(&taken);
    pair_close(&pair);
}

int main(void) {
    /* A send that raised SIGPIPE would end the test, whatever the parent left. */
    signal(SIGPIPE, SIG_DFL);
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(unix_datagrams_of_a_pair_keep_their_boundaries),
        CASE(unix_datagram_of_an_unbound_sender_has_no_address),
        CASE(unix_datagram_on_a_path_leaves_it_behind),
        CASE(unix_datagram_connected_sends_to_its_peer),
        CASE(unix_datagram_to_a_full_peer_is_writable_after_receives),
        CASE(unix_datagram_shut_down_for_reading_is_at_its_end),
        CASE(unix_datagram_to_a_peer_that_is_gone_is_refused),
        CASE(unix_datagram_descriptor_is_given_away_and_taken),
    };
    return cmocka_run_group_tests_name("unix_datagram", tests, NULL, NULL);
}
