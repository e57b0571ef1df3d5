/* See loopback.h. */
#include "loopback.h"

#include "wb/combine.h"

struct net net;

void listen_on_loopback(void) {
    const struct wb_addr any = wb_addr_v4_loopback(0);
    assert_ok(wb_listener_bind(&net.listener, stage.runtime, &any, 0));
    assert_ok(wb_tcp_listener_local_addr(wb_listener_tcp(&net.listener), &net.addr));
}

/* A connection, both ends. */
void open_pair(void) {
    struct wb_connect connect;
    struct wb_accept accept;
    struct wb_future *parts[] = {&connect.future, &accept.future};
    struct wb_all all;
    listen_on_loopback();
    wb_connect_init(&connect, stage.runtime, &net.addr);
    wb_accept_init(&accept, &net.listener);
    wb_all_init(&all, parts, 2);
    assert_ok(run(&all.future));
    net.client = connect.stream;
    net.server = accept.stream;
}

void close_pair(void) {
    wb_stream_close(&net.client);
    wb_stream_close(&net.server);
    wb_listener_close(&net.listener);
}

void put(struct wb_async_write *to, const char *bytes) {
    struct wb_write_all write;
    wb_write_all_init(&write, to, bytes, strlen(bytes));
    assert_ok(run(&write.future));
}

void expect(struct wb_async_read *from, const char *bytes) {
    struct wb_read_exact read;
    char buf[64];
    wb_read_exact_init(&read, from, buf, strlen(bytes));
    assert_ok(run(&read.future));
    assert_memory_equal(buf, bytes, strlen(bytes));
}

void expect_status(struct wb_async_read *from, enum wb_status status) {
    struct wb_read read;
    char buf[8];
    wb_read_init(&read, from, buf, sizeof(buf));
    assert_status(run(&read.future), status);
}

enum wb_status shut(struct wb_stream *stream) {
    struct wb_flush shutdown;
    wb_shutdown_init(&shutdown, &stream->writer.write);
    return run(&shutdown.future);
}

/* In the flavour without threads somebody has to turn. */
void await_wakes(int count) {
    for (int turns = 0; atomic_load(&script_bell.wakes) < count && turns < 1000; turns++) {
        if (wb_runtime_turn(stage.runtime, MS) != WB_OK) {
            break;
        }
    }
    stage_await(&script_bell.wakes, count);
}
