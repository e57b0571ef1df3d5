/* Listening and accepting. */
#include "world.h"

#include <errno.h>

struct served {
    struct wb_tcp_listener listener;
    struct wb_addr addr;
};

static void connect_to(
    struct world *world, const struct served *served, struct wb_tcp_stream *out_client) {
    assert_ok(wb_tcp_stream_connect(out_client, &world->sys, &served->addr));
}

/* MIO-26, A-NET-02 */
static void listener_with_two_clients_accepts_both_after_one_event(void **state) {
    struct world *world = *state;
    struct served served;
    struct wb_tcp_stream clients[2];
    struct wb_tcp_stream accepted[3];
    world_listen(world, &served.listener, &served.addr);
    world_watch(
        world, wb_tcp_listener_source(&served.listener), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    assert_status(wb_tcp_listener_accept(&served.listener, &accepted[0], NULL), WB_WOULD_BLOCK);
    connect_to(world, &served, &clients[0]);
    connect_to(world, &served, &clients[1]);
    world_await(world, 1, WB_EPOLLIN);
    for (int i = 0; i < 2; i++) {
        struct wb_addr peer;
        struct wb_addr local;
        assert_ok(wb_tcp_listener_accept(&served.listener, &accepted[i], &peer));
        assert_ok(wb_tcp_stream_local_addr(&clients[i], &local));
        assert_true(wb_addr_equal(&peer, &local));
    }
    assert_status(wb_tcp_listener_accept(&served.listener, &accepted[2], NULL), WB_WOULD_BLOCK);
    for (int i = 0; i < 2; i++) {
        wb_tcp_stream_close(&clients[i]);
        wb_tcp_stream_close(&accepted[i]);
    }
    wb_tcp_listener_close(&served.listener);
}

/* A-NET-02 */
static void listener_accepted_streams_do_not_block_and_do_not_leak_to_programs(void **state) {
    struct world *world = *state;
    struct served served;
    struct wb_tcp_stream client;
    struct wb_tcp_stream accepted;
    world_listen(world, &served.listener, &served.addr);
    connect_to(world, &served, &client);
    world_accept(world, &served.listener, &accepted);
    const int fds[] = {wb_tcp_listener_fd(&served.listener), wb_tcp_stream_fd(&client),
        wb_tcp_stream_fd(&accepted)};
    for (int i = 0; i < 3; i++) {
        int flags = WB_SYS(&world->sys, fcntl, fds[i], WB_F_GETFL, 0);
        assert_true((flags & WB_O_NONBLOCK) != 0);
    }
    char byte;
    size_t n = 0;
    assert_status(wb_tcp_stream_read(&accepted, &byte, 1, &n), WB_WOULD_BLOCK);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&accepted);
    wb_tcp_listener_close(&served.listener);
}

/* MIO-31, MOLD-06 */
static void listener_closed_gives_no_event(void **state) {
    struct world *world = *state;
    struct served served;
    struct wb_tcp_stream client;
    world_listen(world, &served.listener, &served.addr);
    world_watch(
        world, wb_tcp_listener_source(&served.listener), 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    connect_to(world, &served, &client);
    world_await_readable(world, wb_tcp_listener_fd(&served.listener));
    wb_tcp_listener_close(&served.listener);
    wb_tcp_listener_close(&served.listener);
    world_assert_quiet(world);
    wb_tcp_stream_close(&client);
}

/* MIO-32, A-NET-01 */
static void listener_on_an_address_in_use_is_refused(void **state) {
    struct world *world = *state;
    struct served served;
    struct wb_tcp_listener second;
    world_listen(world, &served.listener, &served.addr);
    assert_status(wb_tcp_listener_bind(&second, &world->sys, &served.addr, 0), WB_ERR_ADDR_IN_USE);
    wb_tcp_listener_close(&second);
    wb_tcp_listener_close(&served.listener);
}

/* A-NET-01, T4-05: connections of the old listener in TIME_WAIT do not hinder the new one. */
static void listener_on_an_address_just_left_is_accepted(void **state) {
    struct world *world = *state;
    struct served served;
    struct wb_tcp_stream client;
    struct wb_tcp_stream accepted;
    world_listen(world, &served.listener, &served.addr);
    connect_to(world, &served, &client);
    world_accept(world, &served.listener, &accepted);
    wb_tcp_stream_close(&accepted); /* who closes first has the TIME_WAIT */
    world_expect_eof(world, &client);
    wb_tcp_stream_close(&client);
    wb_tcp_listener_close(&served.listener);
    assert_ok(wb_tcp_listener_bind(&served.listener, &world->sys, &served.addr, 0));
    wb_tcp_listener_close(&served.listener);
}

static void listener_with_a_negative_backlog_is_refused(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr = wb_addr_v4_loopback(0);
    assert_status(wb_tcp_listener_bind(&listener, &world->sys, &addr, -1), WB_ERR_INVALID);
    wb_tcp_listener_close(&listener);
}

static void listener_on_a_foreign_address_is_refused(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr = wb_addr_v4(192, 0, 2, 1, 0); /* RFC 5737: documentation */
    assert_status(
        wb_tcp_listener_bind(&listener, &world->sys, &addr, 0), WB_ERR_ADDR_NOT_AVAILABLE);
    wb_tcp_listener_close(&listener);
}

static void listener_of_ipv6_accepts(void **state) {
    struct world *world = *state;
    struct served served;
    struct wb_tcp_stream client;
    struct wb_tcp_stream accepted;
    struct wb_addr any_port = wb_addr_v6_loopback(0);
    assert_ok(wb_tcp_listener_bind(&served.listener, &world->sys, &any_port, 0));
    assert_ok(wb_tcp_listener_local_addr(&served.listener, &served.addr));
    connect_to(world, &served, &client);
    world_accept(world, &served.listener, &accepted);
    world_send(&client, "six");
    world_expect(world, &accepted, "six");
    uint32_t ttl = 0;
    assert_ok(wb_tcp_stream_set_ttl(&accepted, 31));
    assert_ok(wb_tcp_stream_ttl(&accepted, &ttl));
    assert_int_equal(ttl, 31);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&accepted);
    wb_tcp_listener_close(&served.listener);
}

/* ---- errors of accept4 that Linux gives on demand only through the seam ---- */

static int accept_result;

static int failing_accept(
    void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    (void)self, (void)fd, (void)addr, (void)addr_len, (void)flags;
    return accept_result;
}

/* A-NET-02 */
static void listener_after_an_error_of_accept_goes_on(void **state) {
    struct world *world = *state;
    struct served served;
    struct wb_tcp_stream client;
    struct wb_tcp_stream accepted;
    static const struct {
        int result;
        enum wb_status status;
    } cases[] = {{-ECONNABORTED, WB_ERR_CONN_ABORTED}, {-EMFILE, WB_ERR_FD_LIMIT},
        {-ENFILE, WB_ERR_SYSTEM_FD_LIMIT}, {-EINTR, WB_ERR_INTERRUPTED}, {-EAGAIN, WB_WOULD_BLOCK}};
    world_listen(world, &served.listener, &served.addr);
    connect_to(world, &served, &client);
    world_await_readable(world, wb_tcp_listener_fd(&served.listener));
    int (*real_accept)(void *, int, struct wb_sockaddr *, uint32_t *, int) = world->ops.accept4;
    world->ops.accept4 = failing_accept;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        accept_result = cases[i].result;
        assert_status(wb_tcp_listener_accept(&served.listener, &accepted, NULL), cases[i].status);
    }
    world->ops.accept4 = real_accept;
    assert_ok(wb_tcp_listener_accept(&served.listener, &accepted, NULL));
    wb_tcp_stream_close(&accepted);
    wb_tcp_stream_close(&client);
    wb_tcp_listener_close(&served.listener);
}

/* A peer that reset its connection before it was accepted is accepted, and says so when read. */
static void listener_accepts_what_was_reset_meanwhile(void **state) {
    struct world *world = *state;
    struct served served;
    struct wb_tcp_stream client;
    struct wb_tcp_stream accepted;
    struct wb_addr peer;
    world_listen(world, &served.listener, &served.addr);
    connect_to(world, &served, &client);
    world_await_readable(world, wb_tcp_listener_fd(&served.listener));
    assert_ok(wb_tcp_stream_set_linger(&client, 0));
    wb_tcp_stream_close(&client);
    assert_ok(wb_tcp_listener_accept(&served.listener, &accepted, &peer));
    char byte;
    size_t n = 0;
    assert_status(wb_tcp_stream_read(&accepted, &byte, 1, &n), WB_ERR_CONN_RESET);
    assert_status(wb_tcp_stream_read(&accepted, &byte, 1, &n), WB_EOF);
    wb_tcp_stream_close(&accepted);
    wb_tcp_listener_close(&served.listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(listener_with_two_clients_accepts_both_after_one_event),
        CASE(listener_accepted_streams_do_not_block_and_do_not_leak_to_programs),
        CASE(listener_closed_gives_no_event),
        CASE(listener_on_an_address_in_use_is_refused),
        CASE(listener_on_an_address_just_left_is_accepted),
        CASE(listener_with_a_negative_backlog_is_refused),
        CASE(listener_on_a_foreign_address_is_refused),
        CASE(listener_of_ipv6_accepts),
        CASE(listener_after_an_error_of_accept_goes_on),
        CASE(listener_accepts_what_was_reset_meanwhile),
    };
    return cmocka_run_group_tests_name("tcp_listener", tests, NULL, NULL);
}
