/* Options, descriptors in and out, pending errors. */
#include "world.h"

/* MIO-44, A-NET-07 */
static void option_is_readable_without_having_been_set(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    bool on = true;
    uint32_t ttl = 0;
    int linger = 5;
    world_pair(world, &client, &server);
    assert_ok(wb_tcp_stream_nodelay(&client, &on));
    assert_false(on);
    on = true;
    assert_ok(wb_tcp_stream_keepalive(&client, &on));
    assert_false(on);
    assert_ok(wb_tcp_stream_ttl(&client, &ttl));
    assert_true(ttl >= 1 && ttl <= 255);
    assert_ok(wb_tcp_stream_linger(&client, &linger));
    assert_int_equal(linger, WB_TCP_LINGER_OFF);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* MIO-44, A-NET-07 */
static void option_set_is_read_back(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_pair(world, &client, &server);
    for (int round = 0; round < 2; round++) {
        bool wanted = round == 0;
        bool on = !wanted;
        assert_ok(wb_tcp_stream_set_nodelay(&client, wanted));
        assert_ok(wb_tcp_stream_nodelay(&client, &on));
        assert_int_equal(on, wanted);
        on = !wanted;
        assert_ok(wb_tcp_stream_set_keepalive(&client, wanted));
        assert_ok(wb_tcp_stream_keepalive(&client, &on));
        assert_int_equal(on, wanted);
    }
    uint32_t ttl = 0;
    assert_ok(wb_tcp_stream_set_ttl(&client, 77));
    assert_ok(wb_tcp_stream_ttl(&client, &ttl));
    assert_int_equal(ttl, 77);
    assert_status(wb_tcp_stream_set_ttl(&client, 0), WB_ERR_INVALID);
    assert_status(wb_tcp_stream_set_ttl(&client, 256), WB_ERR_INVALID);
    int linger = 9;
    assert_ok(wb_tcp_stream_set_linger(&client, 0));
    assert_ok(wb_tcp_stream_linger(&client, &linger));
    assert_int_equal(linger, 0);
    assert_ok(wb_tcp_stream_set_linger(&client, WB_TCP_LINGER_OFF));
    assert_ok(wb_tcp_stream_linger(&client, &linger));
    assert_int_equal(linger, WB_TCP_LINGER_OFF);
    assert_status(wb_tcp_stream_set_linger(&client, 3), WB_ERR_INVALID);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
}

/* MIO-44 */
static void option_of_a_listener_is_read_back(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    uint32_t ttl = 0;
    enum wb_status error = WB_ERR_OS;
    world_listen(world, &listener, &addr);
    assert_ok(wb_tcp_listener_set_ttl(&listener, 33));
    assert_ok(wb_tcp_listener_ttl(&listener, &ttl));
    assert_int_equal(ttl, 33);
    assert_ok(wb_tcp_listener_take_error(&listener, &error));
    assert_status(error, WB_OK);
    wb_tcp_listener_close(&listener);
}

static void what_a_listener_accepts_does_not_delay(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    world_listen(world, &listener, &addr);
    for (int round = 0; round < 2; round++) {
        const bool wanted = round == 0;
        struct wb_tcp_stream client;
        struct wb_tcp_stream server;
        bool on = !wanted;
        assert_ok(wb_tcp_listener_set_nodelay(&listener, wanted));
        assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
        world_accept(world, &listener, &server);
        assert_ok(wb_tcp_stream_nodelay(&server, &on));
        assert_int_equal(on, wanted);
        wb_tcp_stream_close(&client);
        wb_tcp_stream_close(&server);
    }
    wb_tcp_listener_close(&listener);
}

/* MIO-44, A-NET-13 */
static void descriptor_goes_round(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    struct wb_tcp_stream again;
    world_pair(world, &client, &server);
    world_watch(world, wb_tcp_stream_source(&client), 1, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    int fd = wb_tcp_stream_into_fd(&client);
    wb_tcp_stream_close(&client); /* without a socket by now */
    world_send(&server, "kept");
    world_assert_quiet(world); /* it was deregistered */
    wb_tcp_stream_from_fd(&again, &world->sys, fd);
    assert_int_equal(wb_tcp_stream_fd(&again), fd);
    world_expect(world, &again, "kept");
    wb_tcp_stream_close(&again);
    world_expect_eof(world, &server);
    wb_tcp_stream_close(&server);
}

/* MIO-44, A-NET-13 */
static void descriptor_of_a_listener_goes_round(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_addr same;
    world_listen(world, &listener, &addr);
    int fd = wb_tcp_listener_into_fd(&listener);
    wb_tcp_listener_close(&listener);
    wb_tcp_listener_from_fd(&listener, &world->sys, fd);
    assert_int_equal(wb_tcp_listener_fd(&listener), fd);
    assert_ok(wb_tcp_listener_local_addr(&listener, &same));
    assert_true(wb_addr_equal(&addr, &same));
    wb_tcp_listener_close(&listener);
}

static void objects_of_zeroes_may_be_closed(void **state) {
    struct world *world = *state;
    struct wb_tcp_stream stream = {0};
    struct wb_tcp_listener listener = {0};
    (void)world;
    wb_tcp_stream_close(&stream);
    wb_tcp_listener_close(&listener); /* descriptor 0 must still be open: the teardown counts */
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(option_is_readable_without_having_been_set),
        CASE(option_set_is_read_back),
        CASE(option_of_a_listener_is_read_back),
        CASE(what_a_listener_accepts_does_not_delay),
        CASE(descriptor_goes_round),
        CASE(descriptor_of_a_listener_goes_round),
        CASE(objects_of_zeroes_may_be_closed),
    };
    return cmocka_run_group_tests_name("tcp_option", tests, NULL, NULL);
}
