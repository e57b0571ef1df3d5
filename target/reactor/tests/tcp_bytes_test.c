/* Moving bytes. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

struct pair {
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
};

static void pair_close(struct pair *pair) {
    wb_tcp_stream_close(&pair->client);
    wb_tcp_stream_close(&pair->server);
}

/* The byte at a position of an endless stream: differs at every power of two of distance. */
static uint8_t pattern(size_t position) {
    return (uint8_t)(position ^ position >> 8 ^ position >> 16);
}

#define BULK_LEN ((size_t)16 * 1024 * 1024)

struct bulk {
    size_t sent;
    size_t received;
    bool can_write;
    bool can_read;
    bool at_end;
};

static void bulk_write(struct bulk *bulk, struct wb_tcp_stream *stream) {
    uint8_t buf[16384];
    while (bulk->sent < BULK_LEN) {
        size_t len = BULK_LEN - bulk->sent < sizeof(buf) ? BULK_LEN - bulk->sent : sizeof(buf);
        for (size_t i = 0; i < len; i++) {
            buf[i] = pattern(bulk->sent + i);
        }
        size_t n = 0;
        enum wb_status status = wb_tcp_stream_write(stream, buf, len, &n);
        if (status == WB_WOULD_BLOCK) {
            bulk->can_write = false;
            return;
        }
        assert_ok(status);
        bulk->sent += n;
    }
    assert_ok(wb_tcp_stream_shutdown(stream, WB_TCP_SHUTDOWN_WRITE));
    bulk->can_write = false;
}

static void bulk_read(struct bulk *bulk, struct wb_tcp_stream *stream) {
    uint8_t buf[16384];
    for (;;) {
        size_t n = 0;
        enum wb_status status = wb_tcp_stream_read(stream, buf, sizeof(buf), &n);
        if (status != WB_OK) {
            bulk->can_read = false;
            bulk->at_end = status == WB_EOF;
            assert_true(status == WB_EOF || status == WB_WOULD_BLOCK);
            return;
        }
        for (size_t i = 0; i < n; i++) {
            if (buf[i] != pattern(bulk->received + i)) {
                fail_msg("byte %zu is wrong", bulk->received + i);
            }
        }
        bulk->received += n;
    }
}

/* MIO-28, MOLD-05 */
static void bytes_in_bulk_arrive_through_edge_events(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct bulk bulk = {0};
    world_pair(world, &pair.client, &pair.server);
    world_watch(
        world, wb_tcp_stream_source(&pair.client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    world_watch(
        world, wb_tcp_stream_source(&pair.server), 2, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    while (!bulk.at_end) {
        world_forget(world);
        assert_true(world_wait(world, PATIENCE_NS) > 0);
        bulk.can_write |= world->reports[1] != 0 && bulk.sent < BULK_LEN;
        bulk.can_read |= world->reports[2] != 0;
        if (bulk.can_write) {
            bulk_write(&bulk, &pair.client);
        }
        if (bulk.can_read) {
            bulk_read(&bulk, &pair.server);
        }
    }
    assert_int_equal(bulk.sent, BULK_LEN);
    assert_int_equal(bulk.received, BULK_LEN);
    pair_close(&pair);
}

/* MIO-29, A-NET-05 */
static void bytes_peeked_are_read_again(void **state) {
    struct world *world = *state;
    struct pair pair;
    char buf[16];
    size_t n = 0;
    world_pair(world, &pair.client, &pair.server);
    assert_status(wb_tcp_stream_peek(&pair.server, buf, sizeof(buf), &n), WB_WOULD_BLOCK);
    world_watch(
        world, wb_tcp_stream_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_send(&pair.client, "peek me");
    world_await(world, 1, WB_EPOLLIN); /* a peek that would block keeps the source armed */
    assert_ok(wb_tcp_stream_peek(&pair.server, buf, sizeof(buf), &n));
    assert_int_equal(n, 7);
    assert_memory_equal(buf, "peek me", 7);
    assert_ok(wb_tcp_stream_peek(&pair.server, buf, 4, &n));
    assert_int_equal(n, 4);
    world_expect(world, &pair.server, "peek me");
    assert_status(wb_tcp_stream_peek(&pair.server, buf, sizeof(buf), &n), WB_WOULD_BLOCK);
    world_forget(world);
    world_send(&pair.client, "more");
    world_await(world, 1, WB_EPOLLIN);
    pair_close(&pair);
}

/* MIO-29: a peek before the wait does not swallow the event. */
static void bytes_peeked_before_the_wait_are_still_reported(void **state) {
    struct world *world = *state;
    struct pair pair;
    char byte;
    size_t n = 0;
    world_pair(world, &pair.client, &pair.server);
    world_watch(
        world, wb_tcp_stream_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_send(&pair.client, "x");
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    assert_ok(wb_tcp_stream_peek(&pair.server, &byte, 1, &n));
    assert_int_equal(world_wait(world, 0), 1);
    pair_close(&pair);
}

/* A-NET-05 */
static void bytes_of_zero_length_say_nothing_of_the_stream(void **state) {
    struct world *world = *state;
    struct pair pair;
    char byte;
    size_t n = 99;
    world_pair(world, &pair.client, &pair.server);
    assert_ok(wb_tcp_stream_read(&pair.server, &byte, 0, &n)); /* with nothing there */
    assert_int_equal(n, 0);
    world_send(&pair.client, "x");
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    n = 99;
    assert_ok(wb_tcp_stream_read(&pair.server, &byte, 0, &n)); /* with something there */
    assert_int_equal(n, 0);
    struct wb_iovec empty[2] = {{&byte, 0}, {&byte, 0}};
    n = 99;
    assert_ok(wb_tcp_stream_readv(&pair.server, empty, 2, &n));
    assert_int_equal(n, 0);
    n = 99;
    assert_ok(wb_tcp_stream_readv(&pair.server, NULL, 0, &n));
    assert_int_equal(n, 0);
    n = 99;
    assert_ok(wb_tcp_stream_write(&pair.server, &byte, 0, &n));
    assert_int_equal(n, 0);
    world_expect(world, &pair.server, "x");
    pair_close(&pair);
}

/* A-NET-05 */
static void bytes_of_several_buffers_keep_their_order(void **state) {
    struct world *world = *state;
    struct pair pair;
    char one[] = "ab";
    char two[] = "cdefg";
    char first[3];
    char second[8];
    size_t n = 0;
    world_pair(world, &pair.client, &pair.server);
    const struct wb_iovec out[3] = {{one, 2}, {NULL, 0}, {two, 5}};
    assert_ok(wb_tcp_stream_writev(&pair.client, out, 3, &n));
    assert_int_equal(n, 7);
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    const struct wb_iovec in[2] = {{first, 3}, {second, 8}};
    assert_ok(wb_tcp_stream_readv(&pair.server, in, 2, &n));
    assert_int_equal(n, 7);
    assert_memory_equal(first, "abc", 3);
    assert_memory_equal(second, "defg", 4);
    assert_status(wb_tcp_stream_readv(&pair.server, in, 2, &n), WB_WOULD_BLOCK);
    assert_ok(wb_tcp_stream_shutdown(&pair.client, WB_TCP_SHUTDOWN_WRITE));
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    assert_status(wb_tcp_stream_readv(&pair.server, in, 2, &n), WB_EOF);
    pair_close(&pair);
}

/* MIO-33 */
static void bytes_of_a_fresh_connection_are_taken_at_once(void **state) {
    struct world *world = *state;
    struct pair pair;
    uint8_t buf[1024];
    world_pair(world, &pair.client, &pair.server);
    for (size_t i = 0; i < 16; i++) {
        memset(buf, (int)i, sizeof(buf));
        size_t n = 0;
        assert_ok(wb_tcp_stream_write(&pair.client, buf, sizeof(buf), &n));
        assert_int_equal(n, sizeof(buf));
    }
    for (size_t got = 0; got < 16 * sizeof(buf);) {
        size_t n = 0;
        world_await_readable(world, wb_tcp_stream_fd(&pair.server));
        assert_ok(wb_tcp_stream_read(&pair.server, buf, sizeof(buf), &n));
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(buf[i], (got + i) / 1024);
        }
        got += n;
    }
    pair_close(&pair);
}

/* A write is cut short, then would block; what was taken arrives. */
static void bytes_beyond_the_buffers_are_not_taken(void **state) {
    struct world *world = *state;
    struct pair pair;
    size_t len = (size_t)8 * 1024 * 1024;
    uint8_t *buf = calloc(1, len);
    assert_non_null(buf);
    world_pair(world, &pair.client, &pair.server);
    world_watch(
        world, wb_tcp_stream_source(&pair.client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    size_t taken = 0;
    enum wb_status status = WB_OK;
    while (status == WB_OK) {
        size_t n = 0;
        status = wb_tcp_stream_write(&pair.client, buf, len, &n);
        taken += n;
        assert_true(status != WB_OK || (n > 0 && n <= len));
    }
    assert_status(status, WB_WOULD_BLOCK);
    world_forget(world);
    while (taken > 0) {
        size_t n = 0;
        world_await_readable(world, wb_tcp_stream_fd(&pair.server));
        assert_ok(wb_tcp_stream_read(&pair.server, buf, len, &n));
        assert_true(n <= taken);
        taken -= n;
    }
    world_await(world, 1, WB_EPOLLOUT);
    free(buf);
    pair_close(&pair);
}

/* MIO-43, A-MIO-26 */
static void bytes_out_of_band_are_reported_if_asked_for(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    world_watch(
        world, wb_tcp_stream_source(&pair.server), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    assert_int_equal(
        WB_SYS(&world->sys, send, wb_tcp_stream_fd(&pair.client), "!", 1, WB_MSG_OOB), 1);
    (void)world_wait(world, QUIET_NS);
    assert_int_equal(world->flags[1] & WB_EPOLLPRI, 0);
    world_forget(world);
    assert_ok(wb_registry_reregister(world_registry(world), wb_tcp_stream_source(&pair.server), 1,
        WB_INTEREST_READABLE | WB_INTEREST_PRIORITY, WB_TRIGGER_EDGE));
    world_await(world, 1, WB_EPOLLPRI);
    struct wb_event event = {.flags = world->flags[1]};
    assert_true(wb_event_is_priority(event) && wb_event_is_readable(event));
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(bytes_in_bulk_arrive_through_edge_events),
        CASE(bytes_peeked_are_read_again),
        CASE(bytes_peeked_before_the_wait_are_still_reported),
        CASE(bytes_of_zero_length_say_nothing_of_the_stream),
        CASE(bytes_of_several_buffers_keep_their_order),
        CASE(bytes_of_a_fresh_connection_are_taken_at_once),
        CASE(bytes_beyond_the_buffers_are_not_taken),
        CASE(bytes_out_of_band_are_reported_if_asked_for),
    };
    return cmocka_run_group_tests_name("tcp_bytes", tests, NULL, NULL);
}
