/* UDP: datagrams, peers, errors, and what is reported for them. */
#include "world.h"

#include <string.h>

#include "wb/udp.h"

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

struct pair {
    struct wb_udp_socket client;
    struct wb_udp_socket server;
    struct wb_addr client_addr;
    struct wb_addr server_addr;
};

static void bind_any(struct world *world, struct wb_udp_socket *socket, struct wb_addr *out_addr) {
    const struct wb_addr any_port = wb_addr_v4_loopback(0);
    assert_ok(wb_udp_socket_bind(socket, &world->sys, &any_port, NULL));
    assert_ok(wb_udp_socket_local_addr(socket, out_addr));
}

static void pair_open(struct world *world, struct pair *pair) {
    bind_any(world, &pair->client, &pair->client_addr);
    bind_any(world, &pair->server, &pair->server_addr);
}

static void pair_close(struct pair *pair) {
    wb_udp_socket_close(&pair->client);
    wb_udp_socket_close(&pair->server);
}

static void say(struct pair *pair, const char *text) {
    assert_ok(wb_udp_socket_send_to(&pair->client, text, strlen(text), &pair->server_addr));
}

/* The next datagram is this one, of that sender. */
static void hear(struct wb_udp_socket *socket, const char *text, const struct wb_addr *from) {
    char buf[64];
    struct wb_datagram datagram;
    struct wb_addr sender;
    assert_ok(wb_udp_socket_recv_from(socket, buf, sizeof(buf), &datagram, &sender));
    assert_int_equal(datagram.len, strlen(text));
    assert_memory_equal(buf, text, datagram.len);
    assert_false(datagram.is_truncated);
    assert_true(wb_addr_equal(&sender, from));
}

static void expect_nothing(struct wb_udp_socket *socket) {
    char byte;
    struct wb_datagram datagram;
    assert_status(wb_udp_socket_recv(socket, &byte, 1, &datagram), WB_WOULD_BLOCK);
}

/* MIO-48, A-NET-08, P6.4: whatever has come is received before it would block; then the next
 * arrival is an event of its own. */
static void udp_after_would_block_reports_the_next_arrival(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open(world, &pair);
    world_watch(
        world, wb_udp_socket_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_assert_quiet(world);
    for (int round = 0; round < 2; round++) {
        world_forget(world);
        say(&pair, "first");
        say(&pair, "second");
        world_await(world, 1, WB_EPOLLIN);
        hear(&pair.server, "first", &pair.client_addr);
        hear(&pair.server, "second", &pair.client_addr);
        expect_nothing(&pair.server);
        (void)world_wait(world, 0);
        world_assert_quiet(world);
    }
    pair_close(&pair);
}

/* MOLD-18: again and again as long as there is something, and again when more has come. */
static void udp_with_level_is_reported_until_it_is_received(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open(world, &pair);
    world_watch(
        world, wb_udp_socket_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    for (int round = 0; round < 2; round++) {
        world_forget(world);
        world_assert_quiet(world);
        say(&pair, "once");
        for (int again = 0; again < 3; again++) {
            world_forget(world);
            world_await(world, 1, WB_EPOLLIN);
        }
        hear(&pair.server, "once", &pair.client_addr);
        world_forget(world);
        (void)world_wait(world, 0);
        world_assert_quiet(world);
    }
    pair_close(&pair);
}

/* MIO-47, A-NET-08, P6.6 */
static void udp_empty_datagram_is_a_message(void **state) {
    struct world *world = *state;
    struct pair pair;
    char buf[4];
    struct wb_datagram datagram = {.len = 99};
    struct wb_addr sender;
    pair_open(world, &pair);
    world_watch(
        world, wb_udp_socket_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    assert_ok(wb_udp_socket_send_to(&pair.client, NULL, 0, &pair.server_addr));
    say(&pair, "x");
    world_await(world, 1, WB_EPOLLIN);
    assert_ok(wb_udp_socket_recv_from(&pair.server, buf, sizeof(buf), &datagram, &sender));
    assert_int_equal(datagram.len, 0);
    assert_false(datagram.is_truncated);
    assert_true(wb_addr_equal(&sender, &pair.client_addr));
    hear(&pair.server, "x", &pair.client_addr);
    expect_nothing(&pair.server);
    pair_close(&pair);
}

/* A-NET-08 */
static void udp_longer_datagram_is_cut_and_says_so(void **state) {
    struct world *world = *state;
    struct pair pair;
    char buf[8];
    struct wb_datagram datagram;
    pair_open(world, &pair);
    say(&pair, "0123456789");
    say(&pair, "01234567");
    say(&pair, "0");
    world_await_readable(world, wb_udp_socket_fd(&pair.server));
    assert_ok(wb_udp_socket_recv(&pair.server, buf, sizeof(buf), &datagram));
    assert_true(datagram.is_truncated && datagram.len == 8);
    assert_memory_equal(buf, "01234567", 8);
    assert_ok(wb_udp_socket_recv(&pair.server, buf, sizeof(buf), &datagram));
    assert_true(!datagram.is_truncated && datagram.len == 8);
    assert_ok(wb_udp_socket_recv(&pair.server, buf, 0, &datagram)); /* no room at all */
    assert_true(datagram.is_truncated && datagram.len == 0);
    expect_nothing(&pair.server);
    pair_close(&pair);
}

/* A-NET-08 */
static void udp_peeked_datagram_is_received_again(void **state) {
    struct world *world = *state;
    struct pair pair;
    char buf[8];
    struct wb_datagram datagram;
    struct wb_addr sender;
    pair_open(world, &pair);
    assert_status(wb_udp_socket_peek(&pair.server, buf, 8, &datagram), WB_WOULD_BLOCK);
    world_watch(
        world, wb_udp_socket_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    say(&pair, "peek");
    world_await(world, 1, WB_EPOLLIN);
    assert_ok(wb_udp_socket_peek(&pair.server, buf, 2, &datagram));
    assert_true(datagram.is_truncated && datagram.len == 2);
    assert_ok(wb_udp_socket_peek_from(&pair.server, buf, 8, &datagram, &sender));
    assert_true(!datagram.is_truncated && datagram.len == 4);
    assert_true(wb_addr_equal(&sender, &pair.client_addr));
    hear(&pair.server, "peek", &pair.client_addr);
    assert_status(wb_udp_socket_peek(&pair.server, buf, 8, &datagram), WB_WOULD_BLOCK);
    world_forget(world);
    say(&pair, "more");
    world_await(world, 1, WB_EPOLLIN);
    pair_close(&pair);
}

/* MIO-49, A-NET-08 */
static void udp_connected_socket_hears_nobody_else(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_udp_socket stranger;
    struct wb_addr stranger_addr;
    pair_open(world, &pair);
    bind_any(world, &stranger, &stranger_addr);
    assert_ok(wb_udp_socket_connect(&pair.server, &pair.client_addr));
    world_watch(
        world, wb_udp_socket_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    assert_ok(wb_udp_socket_send_to(&stranger, "no", 2, &pair.server_addr));
    world_assert_quiet(world);
    say(&pair, "yes");
    world_await(world, 1, WB_EPOLLIN);
    hear(&pair.server, "yes", &pair.client_addr);
    wb_udp_socket_close(&stranger);
    pair_close(&pair);
}

/* MIO-50 */
static void udp_peer_can_be_set_and_changed(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_udp_socket other;
    struct wb_addr other_addr;
    struct wb_addr peer;
    pair_open(world, &pair);
    bind_any(world, &other, &other_addr);
    assert_status(wb_udp_socket_send(&pair.client, "x", 1), WB_ERR_DEST_ADDR_REQUIRED);
    assert_status(wb_udp_socket_peer_addr(&pair.client, &peer), WB_ERR_NOT_CONNECTED);
    assert_ok(wb_udp_socket_connect(&pair.client, &pair.server_addr));
    assert_ok(wb_udp_socket_peer_addr(&pair.client, &peer));
    assert_true(wb_addr_equal(&peer, &pair.server_addr));
    assert_ok(wb_udp_socket_send(&pair.client, "one", 3));
    assert_ok(wb_udp_socket_send_to(&pair.client, "two", 3, &other_addr)); /* Linux allows it */
    assert_ok(wb_udp_socket_connect(&pair.client, &other_addr));
    assert_ok(wb_udp_socket_send(&pair.client, "three", 5));
    hear(&pair.server, "one", &pair.client_addr);
    hear(&other, "two", &pair.client_addr);
    hear(&other, "three", &pair.client_addr);
    expect_nothing(&pair.server);
    wb_udp_socket_close(&other);
    pair_close(&pair);
}

/* A client connected to a port that nobody has any more, with the refusal on its way back. */
static void make_refused(struct world *world, struct pair *pair, uint32_t interest) {
    pair_open(world, pair);
    wb_udp_socket_close(&pair->server);
    assert_ok(wb_udp_socket_connect(&pair->client, &pair->server_addr));
    world_watch(world, wb_udp_socket_source(&pair->client), 1, interest, WB_TRIGGER_EDGE);
    (void)world_wait(world, 0); /* writable, if asked for */
    world_forget(world);
    assert_ok(wb_udp_socket_send(&pair->client, "x", 1));
    world_await(world, 1, WB_EPOLLERR);
}

/* The peer is somebody again, and is heard. */
static void check_still_hears(struct world *world, struct pair *pair) {
    assert_ok(wb_udp_socket_bind(&pair->server, &world->sys, &pair->server_addr, NULL));
    world_forget(world);
    assert_ok(wb_udp_socket_send_to(&pair->server, "back", 4, &pair->client_addr));
    world_await(world, 1, WB_EPOLLIN);
    hear(&pair->client, "back", &pair->server_addr);
}

/* A-NET-08, P6.5: whichever call takes the refusal, the socket goes on and is reported again. */
static void udp_refusal_is_told_once_by_the_next_receive(void **state) {
    struct world *world = *state;
    struct pair pair;
    char byte;
    struct wb_datagram datagram;
    make_refused(world, &pair, WB_INTEREST_READABLE);
    assert_status(wb_udp_socket_recv(&pair.client, &byte, 1, &datagram), WB_ERR_CONN_REFUSED);
    expect_nothing(&pair.client);
    check_still_hears(world, &pair);
    pair_close(&pair);
}

static void udp_refusal_is_told_once_by_the_next_send(void **state) {
    struct world *world = *state;
    struct pair pair;
    make_refused(world, &pair, BOTH);
    assert_status(wb_udp_socket_send(&pair.client, "x", 1), WB_ERR_CONN_REFUSED);
    check_still_hears(world, &pair);
    pair_close(&pair);
}

static void udp_refusal_is_taken_as_an_error(void **state) {
    struct world *world = *state;
    struct pair pair;
    enum wb_status error = WB_OK;
    make_refused(world, &pair, BOTH);
    assert_ok(wb_udp_socket_take_error(&pair.client, &error));
    assert_status(error, WB_ERR_CONN_REFUSED);
    assert_ok(wb_udp_socket_take_error(&pair.client, &error));
    assert_status(error, WB_OK);
    check_still_hears(world, &pair);
    pair_close(&pair);
}

static void udp_datagram_beyond_the_longest_is_refused(void **state) {
    struct world *world = *state;
    struct pair pair;
    static char data[WB_UDP_LEN_MAX + 1];
    static char buf[WB_UDP_LEN_MAX + 1];
    struct wb_datagram datagram;
    pair_open(world, &pair);
    memset(data, 'd', sizeof(data));
    assert_status(wb_udp_socket_send_to(&pair.client, data, sizeof(data), &pair.server_addr),
        WB_ERR_MESSAGE_TOO_BIG);
    assert_ok(wb_udp_socket_send_to(&pair.client, data, WB_UDP_LEN_MAX, &pair.server_addr));
    world_await_readable(world, wb_udp_socket_fd(&pair.server));
    assert_ok(wb_udp_socket_recv(&pair.server, buf, sizeof(buf), &datagram));
    assert_true(datagram.len == WB_UDP_LEN_MAX && !datagram.is_truncated);
    assert_memory_equal(buf, data, WB_UDP_LEN_MAX);
    pair_close(&pair);
}

/* MIO-39 */
static void udp_deregistered_socket_with_a_datagram_is_quiet(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open(world, &pair);
    world_watch(
        world, wb_udp_socket_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    say(&pair, "unseen");
    world_await_readable(world, wb_udp_socket_fd(&pair.server));
    assert_ok(wb_registry_deregister(world_registry(world), wb_udp_socket_source(&pair.server)));
    world_assert_quiet(world);
    hear(&pair.server, "unseen", &pair.client_addr);
    pair_close(&pair);
}

/* MIO-18 */
static void udp_socket_of_a_poll_is_refused_by_another(void **state) {
    struct world *world = *state;
    struct wb_poll other;
    struct pair pair;
    pair_open(world, &pair);
    world_poll_init(world, &other);
    struct wb_source *source = wb_udp_socket_source(&pair.server);
    world_watch(world, source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    assert_status(wb_registry_register(
                      wb_poll_registry(&other), source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE),
        WB_ERR_ALREADY_REGISTERED);
    wb_poll_clean_up(&other);
    pair_close(&pair);
}

/* A-NET-13 */
static void udp_descriptor_is_given_away_and_taken(void **state) {
    struct world *world = *state;
    struct pair pair;
    pair_open(world, &pair);
    int fd = wb_udp_socket_into_fd(&pair.server);
    wb_udp_socket_close(&pair.server); /* it has nothing any more */
    struct wb_udp_socket taken;
    wb_udp_socket_from_fd(&taken, &world->sys, fd);
    say(&pair, "still open");
    hear(&taken, "still open", &pair.client_addr);
    wb_udp_socket_close(&taken);
    pair_close(&pair);
}

/* A-NET-01 for UDP */
static void udp_address_in_use_is_refused_unless_it_is_shared(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_udp_socket second;
    struct wb_udp_socket third;
    struct wb_addr addr;
    const struct wb_udp_options shared = {.reuse_addr = true};
    const struct wb_addr any_port = wb_addr_v4_loopback(0);
    pair_open(world, &pair);
    assert_status(
        wb_udp_socket_bind(&second, &world->sys, &pair.server_addr, NULL), WB_ERR_ADDR_IN_USE);
    wb_udp_socket_close(&second);
    assert_ok(wb_udp_socket_bind(&second, &world->sys, &any_port, &shared));
    assert_ok(wb_udp_socket_local_addr(&second, &addr));
    assert_ok(wb_udp_socket_bind(&third, &world->sys, &addr, &shared));
    wb_udp_socket_close(&second);
    wb_udp_socket_close(&third);
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(udp_after_would_block_reports_the_next_arrival),
        CASE(udp_empty_datagram_is_a_message),
        CASE(udp_longer_datagram_is_cut_and_says_so),
        CASE(udp_peeked_datagram_is_received_again),
        CASE(udp_connected_socket_hears_nobody_else),
        CASE(udp_peer_can_be_set_and_changed),
        CASE(udp_refusal_is_told_once_by_the_next_receive),
        CASE(udp_refusal_is_told_once_by_the_next_send),
        CASE(udp_refusal_is_taken_as_an_error),
        CASE(udp_datagram_beyond_the_longest_is_refused),
        CASE(udp_with_level_is_reported_until_it_is_received),
        CASE(udp_deregistered_socket_with_a_datagram_is_quiet),
        CASE(udp_socket_of_a_poll_is_refused_by_another),
        CASE(udp_descriptor_is_given_away_and_taken),
        CASE(udp_address_in_use_is_refused_unless_it_is_shared),
    };
    return cmocka_run_group_tests_name("udp", tests, NULL, NULL);
}
