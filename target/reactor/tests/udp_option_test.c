/* Options of UDP sockets, and multicast. A-NET-09 */
#include "world.h"

#include <fcntl.h>
#include <net/if.h>

#include "wb/udp.h"

static struct wb_udp_socket bound(struct world *world, struct wb_addr addr) {
    struct wb_udp_socket socket;
    assert_ok(wb_udp_socket_bind(&socket, &world->sys, &addr, NULL));
    return socket;
}

static void udp_sockets_are_nonblocking_and_close_on_exec(void **state) {
    struct world *world = *state;
    struct wb_udp_socket socket = bound(world, wb_addr_v4_loopback(0));
    int fd = wb_udp_socket_fd(&socket);
    assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
    assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
    wb_udp_socket_close(&socket);
}

static void udp_options_are_read_unset_and_set(void **state) {
    struct world *world = *state;
    struct wb_udp_socket socket = bound(world, wb_addr_v4_loopback(0));
    bool is_on = true;
    uint32_t ttl = 0;
    assert_ok(wb_udp_socket_broadcast(&socket, &is_on));
    assert_false(is_on);
    assert_ok(wb_udp_socket_set_broadcast(&socket, true));
    assert_ok(wb_udp_socket_broadcast(&socket, &is_on));
    assert_true(is_on);
    assert_ok(wb_udp_socket_ttl(&socket, &ttl));
    assert_true(ttl > 0);
    assert_ok(wb_udp_socket_set_ttl(&socket, 9));
    assert_ok(wb_udp_socket_ttl(&socket, &ttl));
    assert_int_equal(ttl, 9);
    assert_status(wb_udp_socket_set_ttl(&socket, 0), WB_ERR_INVALID);
    assert_ok(wb_udp_socket_multicast_ttl_v4(&socket, &ttl));
    assert_int_equal(ttl, 1);
    assert_ok(wb_udp_socket_set_multicast_ttl_v4(&socket, 0));
    assert_ok(wb_udp_socket_multicast_ttl_v4(&socket, &ttl));
    assert_int_equal(ttl, 0);
    assert_status(wb_udp_socket_set_multicast_ttl_v4(&socket, 256), WB_ERR_INVALID);
    assert_ok(wb_udp_socket_multicast_loop_v4(&socket, &is_on));
    assert_true(is_on);
    assert_ok(wb_udp_socket_set_multicast_loop_v4(&socket, false));
    assert_ok(wb_udp_socket_multicast_loop_v4(&socket, &is_on));
    assert_false(is_on);
    wb_udp_socket_close(&socket);
}

static void udp_options_of_v6_are_read_unset_and_set(void **state) {
    struct world *world = *state;
    struct wb_udp_socket socket;
    const struct wb_addr addr = wb_addr_v6_loopback(0);
    const struct wb_udp_options options = {.only_v6 = true};
    bool is_on = false;
    uint32_t hops = 0;
    assert_ok(wb_udp_socket_bind(&socket, &world->sys, &addr, &options));
    assert_ok(wb_udp_socket_only_v6(&socket, &is_on));
    assert_true(is_on);
    assert_ok(wb_udp_socket_set_ttl(&socket, 9));
    assert_ok(wb_udp_socket_ttl(&socket, &hops));
    assert_int_equal(hops, 9);
    assert_ok(wb_udp_socket_multicast_hops_v6(&socket, &hops));
    assert_int_equal(hops, 1);
    assert_ok(wb_udp_socket_set_multicast_hops_v6(&socket, 7));
    assert_ok(wb_udp_socket_multicast_hops_v6(&socket, &hops));
    assert_int_equal(hops, 7);
    assert_status(wb_udp_socket_set_multicast_hops_v6(&socket, 256), WB_ERR_INVALID);
    assert_ok(wb_udp_socket_multicast_loop_v6(&socket, &is_on));
    assert_true(is_on);
    assert_ok(wb_udp_socket_set_multicast_loop_v6(&socket, false));
    assert_ok(wb_udp_socket_multicast_loop_v6(&socket, &is_on));
    assert_false(is_on);
    wb_udp_socket_close(&socket);
}

/* Without the option nothing may be sent to everybody. */
static void udp_broadcast_must_be_allowed(void **state) {
    struct world *world = *state;
    struct wb_udp_socket socket = bound(world, wb_addr_v4_any(0));
    const struct wb_addr everybody = wb_addr_v4(127, 255, 255, 255, 9);
    assert_status(wb_udp_socket_send_to(&socket, "x", 1, &everybody), WB_ERR_ACCESS);
    assert_ok(wb_udp_socket_set_broadcast(&socket, true));
    assert_ok(wb_udp_socket_send_to(&socket, "x", 1, &everybody));
    wb_udp_socket_close(&socket);
}

static void expect_own(struct world *world, struct wb_udp_socket *socket) {
    char buf[8];
    struct wb_datagram datagram;
    world_await(world, 1, WB_EPOLLIN);
    assert_ok(wb_udp_socket_recv(socket, buf, sizeof(buf), &datagram));
    assert_int_equal(datagram.len, 3);
    assert_memory_equal(buf, "all", 3);
    assert_status(wb_udp_socket_recv(socket, buf, sizeof(buf), &datagram), WB_WOULD_BLOCK);
    world_forget(world);
}

/* Through the loopback interface, whatever else the machine has. */
/* MOLD-26 */
static void udp_member_hears_its_own_group_until_it_leaves(void **state) {
    struct world *world = *state;
    static const uint8_t group[] = {239, 255, 71, 13};
    static const uint8_t interface[] = {127, 0, 0, 1};
    struct wb_udp_socket socket = bound(world, wb_addr_v4_any(0));
    struct wb_addr local;
    assert_ok(wb_udp_socket_local_addr(&socket, &local));
    const struct wb_addr to = wb_addr_v4(239, 255, 71, 13, local.port);
    assert_ok(wb_udp_socket_join_multicast_v4(&socket, group, interface));
    assert_status(wb_udp_socket_join_multicast_v4(&socket, group, interface), WB_ERR_ADDR_IN_USE);
    world_watch(world, wb_udp_socket_source(&socket), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    /* What leaves by loopback: a sender bound there. */
    struct wb_udp_socket sender = bound(world, wb_addr_v4_loopback(0));
    assert_ok(wb_udp_socket_send_to(&sender, "all", 3, &to));
    expect_own(world, &socket);
    assert_ok(wb_udp_socket_set_multicast_loop_v4(&sender, false));
    assert_ok(wb_udp_socket_leave_multicast_v4(&socket, group, interface));
    assert_status(
        wb_udp_socket_leave_multicast_v4(&socket, group, interface), WB_ERR_ADDR_NOT_AVAILABLE);
    assert_ok(wb_udp_socket_set_multicast_loop_v4(&sender, true));
    assert_ok(wb_udp_socket_send_to(&sender, "all", 3, &to));
    world_assert_quiet(world);
    static const uint8_t no_group[] = {10, 0, 0, 1};
    assert_status(wb_udp_socket_join_multicast_v4(&socket, no_group, NULL), WB_ERR_INVALID);
    wb_udp_socket_close(&sender);
    wb_udp_socket_close(&socket);
}

/* The loopback interface has no route to groups of IPv6, so that nothing can be sent there. */
static void udp_membership_in_a_v6_group_begins_and_ends(void **state) {
    struct world *world = *state;
    static const uint8_t group[16] = {0xff, 0x01, [15] = 0x71}; /* within the interface */
    const uint32_t loopback = if_nametoindex("lo");
    struct wb_udp_socket socket = bound(world, wb_addr_v6_any(0));
    assert_ok(wb_udp_socket_join_multicast_v6(&socket, group, loopback));
    assert_status(wb_udp_socket_join_multicast_v6(&socket, group, loopback), WB_ERR_ADDR_IN_USE);
    assert_ok(wb_udp_socket_leave_multicast_v6(&socket, group, loopback));
    assert_status(
        wb_udp_socket_leave_multicast_v6(&socket, group, loopback), WB_ERR_ADDR_NOT_AVAILABLE);
    static const uint8_t no_group[16] = {[15] = 1};
    assert_status(wb_udp_socket_join_multicast_v6(&socket, no_group, loopback), WB_ERR_INVALID);
    wb_udp_socket_close(&socket);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(udp_sockets_are_nonblocking_and_close_on_exec),
        CASE(udp_options_are_read_unset_and_set),
        CASE(udp_options_of_v6_are_read_unset_and_set),
        CASE(udp_broadcast_must_be_allowed),
        CASE(udp_member_hears_its_own_group_until_it_leaves),
        CASE(udp_membership_in_a_v6_group_begins_and_ends),
    };
    return cmocka_run_group_tests_name("udp_option", tests, NULL, NULL);
}
