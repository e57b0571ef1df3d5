/* Reads and writes that move a cursor. */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#include "wb/tcp_buf.h"

struct pair {
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
};

static void pair_close(struct pair *pair) {
    wb_tcp_stream_close(&pair->client);
    wb_tcp_stream_close(&pair->server);
}

/* A-MOLD-15 */
static void read_buf_moves_by_what_came(void **state) {
    struct world *world = *state;
    struct pair pair;
    uint8_t memory[8];
    struct wb_space space = {memory, sizeof(memory)};
    struct wb_buf_mut buf = wb_buf_mut_from_space(&space);
    size_t n = 99;
    world_pair(world, &pair.client, &pair.server);
    assert_status(wb_tcp_stream_read_buf(&pair.server, buf, &n), WB_WOULD_BLOCK);
    assert_int_equal(wb_buf_mut_remaining(buf), 8);
    world_send(&pair.client, "abc");
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    assert_ok(wb_tcp_stream_read_buf(&pair.server, buf, &n));
    assert_int_equal(n, 3);
    assert_int_equal(wb_buf_mut_remaining(buf), 5);
    world_send(&pair.client, "defgh+more");
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    assert_ok(wb_tcp_stream_read_buf(&pair.server, buf, &n));
    assert_int_equal(n, 5);
    assert_memory_equal(memory, "abcdefgh", 8);
    assert_ok(wb_tcp_stream_read_buf(&pair.server, buf, &n)); /* full: not the end */
    assert_int_equal(n, 0);
    world_expect(world, &pair.server, "+more");
    pair_close(&pair);
}

/* A-MOLD-15 */
static void read_buf_at_the_end_says_so_only_with_room(void **state) {
    struct world *world = *state;
    struct pair pair;
    uint8_t memory[2];
    struct wb_space none = {memory, 0};
    struct wb_space space = {memory, sizeof(memory)};
    size_t n = 99;
    world_pair(world, &pair.client, &pair.server);
    wb_tcp_stream_close(&pair.client);
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    assert_ok(wb_tcp_stream_read_buf(&pair.server, wb_buf_mut_from_space(&none), &n));
    assert_int_equal(n, 0);
    struct wb_buf_mut buf = wb_buf_mut_from_space(&space);
    assert_status(wb_tcp_stream_read_buf(&pair.server, buf, &n), WB_EOF);
    assert_int_equal(wb_buf_mut_remaining(buf), 2);
    pair_close(&pair);
}

/* A-MOLD-15: whatever the kernel takes each time, the reader gets every byte once. */
static void write_buf_moves_by_what_was_taken(void **state) {
    struct world *world = *state;
    struct pair pair;
    size_t len = (size_t)6 * 1024 * 1024;
    uint8_t *bytes = malloc(2 * len);
    assert_non_null(bytes);
    uint8_t *got = bytes + len;
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(i ^ i >> 8 ^ i >> 16);
    }
    world_pair(world, &pair.client, &pair.server);
    int small = 65536; /* so that the kernel cannot take all at once */
    assert_int_equal(WB_SYS(&world->sys, setsockopt, wb_tcp_stream_fd(&pair.client), WB_SOL_SOCKET,
                         WB_SO_SNDBUF, &small, sizeof(small)),
        0);
    struct wb_bytes view = wb_bytes_from(bytes, len);
    struct wb_buf out = wb_buf_from_bytes(&view);
    struct wb_space space = {got, len};
    struct wb_buf_mut in = wb_buf_mut_from_space(&space);
    bool was_blocked = false;
    while (wb_buf_mut_has_remaining(in)) {
        size_t n = 0;
        enum wb_status status = WB_OK;
        while (status == WB_OK && wb_buf_has_remaining(out)) {
            size_t before = wb_buf_remaining(out);
            n = 0;
            status = wb_tcp_stream_write_buf(&pair.client, out, &n);
            assert_int_equal(before - wb_buf_remaining(out), n);
        }
        was_blocked |= status == WB_WOULD_BLOCK;
        assert_true(status == WB_OK || status == WB_WOULD_BLOCK);
        world_await_readable(world, wb_tcp_stream_fd(&pair.server));
        assert_ok(wb_tcp_stream_read_buf(&pair.server, in, &n));
    }
    assert_true(was_blocked);
    assert_false(wb_buf_has_remaining(out));
    assert_memory_equal(got, bytes, len);
    size_t n = 99;
    assert_ok(wb_tcp_stream_write_buf(&pair.client, out, &n)); /* nothing is left */
    assert_int_equal(n, 0);
    free(bytes);
    pair_close(&pair);
}

static void write_buf_of_a_failed_write_does_not_move(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_bytes view = wb_bytes_from_string("stays");
    struct wb_buf buf = wb_buf_from_bytes(&view);
    size_t n = 0;
    world_pair(world, &pair.client, &pair.server);
    assert_ok(wb_tcp_stream_shutdown(&pair.client, WB_TCP_SHUTDOWN_WRITE));
    assert_status(wb_tcp_stream_write_buf(&pair.client, buf, &n), WB_ERR_BROKEN_PIPE);
    assert_int_equal(wb_buf_remaining(buf), 5);
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(read_buf_moves_by_what_came),
        CASE(read_buf_at_the_end_says_so_only_with_room),
        CASE(write_buf_moves_by_what_was_taken),
        CASE(write_buf_of_a_failed_write_does_not_move),
    };
    return cmocka_run_group_tests_name("tcp_buf", tests, NULL, NULL);
}
