/* Sockets for futures, over loopback, in both flavours: tries that do not wait, readiness by
 * itself, halves, sockets before they connect, messages in datagrams. */
#include "loopback.h"

#include "wb/combine.h"

enum { BIG = 1 << 16 };

static enum wb_status ready_to_read(struct wb_read_half *half, bool *out_is_closed) {
    struct wb_readiness readiness;
    wb_readiness_init_reader(&readiness, half);
    const enum wb_status status = run(&readiness.future);
    *out_is_closed = readiness.ready.is_closed;
    return status;
}

static enum wb_status ready_to_write(struct wb_write_half *half, bool *out_is_closed) {
    struct wb_readiness readiness;
    wb_readiness_init_writer(&readiness, half);
    const enum wb_status status = run(&readiness.future);
    *out_is_closed = readiness.ready.is_closed;
    return status;
}

/* ---- tries ---- */

/* Fills until it would block; readable then waits, and wakes when there is room again. */
static size_t fill(struct wb_write_half *half) {
    static const char bytes[4096];
    size_t sum = 0;
    size_t len = 0;
    bool is_closed = false;
    enum wb_status status = ready_to_write(half, &is_closed);
    while (status == WB_OK) {
        status = wb_write_half_try_write(half, bytes, sizeof(bytes), &len);
        sum += status == WB_OK ? len : 0;
    }
    assert_status(status, WB_WOULD_BLOCK);
    return sum;
}

static size_t drain(struct wb_read_half *half, size_t sum) {
    static char bytes[BIG];
    size_t got = 0;
    while (got < sum) {
        size_t len = 0;
        bool is_closed = false;
        assert_ok(ready_to_read(half, &is_closed));
        const enum wb_status status = wb_read_half_try_read(half, bytes, sizeof(bytes), &len);
        if (status != WB_WOULD_BLOCK) {
            assert_ok(status);
            got += len;
        }
    }
    return got;
}

static void try_read_write(struct wb_stream *a, struct wb_stream *b) {
    char buf[8];
    size_t len = 0;
    bool is_closed = false;
    struct wb_readiness readiness;
    assert_status(wb_read_half_try_read(&b->reader, buf, 8, &len), WB_WOULD_BLOCK);
    bell_init(&script_bell);
    wb_readiness_init_reader(&readiness, &b->reader);
    assert_int_equal(poll_once(&readiness.future), WB_PENDING);
    assert_ok(ready_to_write(&a->writer, &is_closed));
    assert_ok(wb_write_half_try_write(&a->writer, "abc", 3, &len));
    assert_int_equal(len, 3);
    await_wakes(1);
    assert_int_equal(poll_once(&readiness.future), WB_READY);
    assert_false(readiness.ready.is_closed);
    assert_ok(wb_read_half_try_read(&b->reader, buf, 8, &len));
    assert_int_equal(len, 3);
    assert_memory_equal(buf, "abc", 3);
    assert_status(wb_read_half_try_read(&b->reader, buf, 8, &len), WB_WOULD_BLOCK);
    const size_t sum = fill(&a->writer);
    wb_readiness_init_writer(&readiness, &a->writer);
    assert_int_equal(poll_once(&readiness.future), WB_PENDING);
    assert_int_equal(drain(&b->reader, sum), sum);
    assert_ok(run(&readiness.future));
}

static void tk_32_try_read_write(void **state) {
    (void)state;
    open_pair();
    try_read_write(&net.client, &net.server);
    close_pair();
}

static void tk_32_nothing_is_tried_of_an_empty_buffer(void **state) {
    (void)state;
    struct wb_async_read *read = &net.server.reader.read;
    struct wb_read one;
    char buf[1];
    open_pair();
    wb_read_init(&one, read, buf, 0);
    assert_ok(run(&one.future));
    assert_int_equal(one.len, 0);
    close_pair();
}

static void tk_32_read_closed(void **state) {
    (void)state;
    bool is_closed = true;
    char buf[8];
    size_t len = 0;
    open_pair();
    put(&net.client.writer.write, "ping");
    assert_ok(ready_to_read(&net.server.reader, &is_closed));
    assert_false(is_closed);
    expect(&net.server.reader.read, "ping");
    assert_status(wb_read_half_try_read(&net.server.reader, buf, 8, &len), WB_WOULD_BLOCK);
    assert_ok(shut(&net.client));
    assert_ok(ready_to_read(&net.server.reader, &is_closed));
    assert_true(is_closed);
    for (int i = 0; i < 2; i++) {
        assert_status(wb_read_half_try_read(&net.server.reader, buf, 8, &len), WB_EOF);
        assert_ok(ready_to_read(&net.server.reader, &is_closed)); /* the end stays */
    }
    close_pair();
}

/* Until the reset comes the direction is full, so that there is something to wait for. */
static void tk_32_write_closed(void **state) {
    (void)state;
    bool is_closed = true;
    size_t len = 0;
    open_pair();
    assert_ok(ready_to_write(&net.client.writer, &is_closed));
    assert_false(is_closed);
    (void)fill(&net.client.writer);
    assert_ok(wb_tcp_stream_set_linger(wb_stream_tcp(&net.server), 0));
    wb_stream_close(&net.server);
    assert_ok(ready_to_write(&net.client.writer, &is_closed));
    assert_true(is_closed);
    assert_true(wb_status_is_error(wb_write_half_try_write(&net.client.writer, "x", 1, &len)));
    close_pair();
}

static void tk_32_set_linger(void **state) {
    (void)state;
    int seconds = 7;
    open_pair();
    struct wb_tcp_stream *tcp = wb_stream_tcp(&net.client);
    assert_ok(wb_tcp_stream_linger(tcp, &seconds));
    assert_int_equal(seconds, WB_TCP_LINGER_OFF);
    assert_ok(wb_tcp_stream_set_linger(tcp, 0));
    assert_ok(wb_tcp_stream_linger(tcp, &seconds));
    assert_int_equal(seconds, 0);
    wb_stream_close(&net.client);
    expect_status(&net.server.reader.read, WB_ERR_CONN_RESET);
    close_pair();
}

/* ---- halves ---- */

static void tk_28_unsplit_ok(void **state) {
    (void)state;
    struct wb_stream again;
    open_pair();
    struct wb_read_half reader = net.client.reader;
    struct wb_write_half writer = net.client.writer;
    assert_ok(wb_stream_reunite(&again, &reader, &writer));
    wb_read_half_close(&reader); /* are without a socket now */
    wb_write_half_close(&writer);
    net.client = again;
    put(&net.client.writer.write, "whole");
    expect(&net.server.reader.read, "whole");
    close_pair();
}

static void tk_28_unsplit_err(void **state) {
    (void)state;
    struct wb_stream none;
    open_pair();
    assert_status(wb_stream_reunite(&none, &net.client.reader, &net.server.writer), WB_ERR_INVALID);
    put(&net.client.writer.write, "both");
    expect(&net.server.reader.read, "both");
    close_pair();
}

/* split: each half in a task of its own, both at once */
static void tk_28_halves_work_in_tasks_of_their_own(void **state) {
    (void)state;
    static char bytes[BIG];
    static char got[BIG];
    static char buf[512];
    struct wb_copy echo;
    struct wb_write_all write;
    struct wb_read_exact read;
    struct wb_join_handle handles[3];
    open_pair();
    for (size_t i = 0; i < BIG; i++) {
        bytes[i] = (char)(i * 7 + i / 251);
    }
    wb_copy_init(&echo, &net.server.reader.read, &net.server.writer.write, buf, sizeof(buf));
    wb_write_all_init(&write, &net.client.writer.write, bytes, BIG);
    wb_read_exact_init(&read, &net.client.reader.read, got, BIG);
    assert_ok(wb_runtime_spawn(stage.runtime, &echo.future, NULL, &handles[0]));
    assert_ok(wb_runtime_spawn(stage.runtime, &write.future, NULL, &handles[1]));
    assert_ok(wb_runtime_spawn(stage.runtime, &read.future, NULL, &handles[2]));
    assert_ok(stage_join(&handles[1]));
    wb_write_half_close(&net.client.writer); /* the end, while the other half reads on */
    assert_ok(stage_join(&handles[2]));
    assert_ok(stage_join(&handles[0]));
    assert_memory_equal(bytes, got, BIG);
    close_pair();
}

/* ---- connecting ---- */

/* accept_no_extra_poll: one connection is one wake */
static void tk_30_no_extra_poll(void **state) {
    (void)state;
    struct wb_accept accept;
    struct wb_connect connect;
    listen_on_loopback();
    bell_init(&script_bell);
    wb_accept_init(&accept, &net.listener);
    assert_int_equal(poll_once(&accept.future), WB_PENDING);
    wb_connect_init(&connect, stage.runtime, &net.addr);
    assert_ok(run(&connect.future));
    await_wakes(1);
    assert_int_equal(poll_once(&accept.future), WB_READY);
    assert_int_equal(script_bell.wakes, 1);
    wb_stream_close(&accept.stream);
    wb_stream_close(&connect.stream);
    wb_listener_close(&net.listener);
}

static void tk_30_connect_v6(void **state) {
    (void)state;
    struct wb_addr addr;
    struct wb_connect connect;
    struct wb_accept accept;
    struct wb_future *parts[] = {&connect.future, &accept.future};
    struct wb_all all;
    assert_ok(wb_addr_parse("[::1]:0", &addr));
    assert_ok(wb_listener_bind(&net.listener, stage.runtime, &addr, 0));
    assert_ok(wb_tcp_listener_local_addr(wb_listener_tcp(&net.listener), &addr));
    wb_connect_init(&connect, stage.runtime, &addr);
    wb_accept_init(&accept, &net.listener);
    wb_all_init(&all, parts, 2);
    assert_ok(run(&all.future));
    assert_ok(wb_tcp_stream_local_addr(wb_stream_tcp(&connect.stream), &addr));
    assert_true(wb_addr_equal(&addr, &accept.peer));
    wb_stream_close(&connect.stream);
    wb_stream_close(&accept.stream);
    wb_listener_close(&net.listener);
}

/* poll_hup: all that is reported is a hang-up, and the bytes come before the end */
static void tk_30_poll_hup(void **state) {
    (void)state;
    open_pair();
    put(&net.server.writer.write, "hello world");
    assert_ok(shut(&net.client));
    wb_stream_close(&net.server);
    expect(&net.client.reader.read, "hello world");
    expect_status(&net.client.reader.read, WB_EOF);
    expect_status(&net.client.reader.read, WB_EOF);
    close_pair();
}

/* ---- a socket before it connects ---- */

static void open_socket(struct wb_tcp_socket *socket) {
    assert_ok(wb_tcp_socket_open(socket, &stage.world->sys, WB_AF_INET));
}

static void connect_and_accept(struct wb_connect *connect) {
    struct wb_accept accept;
    struct wb_future *parts[] = {&connect->future, &accept.future};
    struct wb_all all;
    wb_accept_init(&accept, &net.listener);
    wb_all_init(&all, parts, 2);
    assert_ok(run(&all.future));
    net.client = connect->stream;
    net.server = accept.stream;
}

static void tk_33_basic_usage(void **state) {
    (void)state;
    const struct wb_addr any = wb_addr_v4_loopback(0);
    struct wb_tcp_socket sockets[2];
    struct wb_tcp_listener listener;
    struct wb_connect connect;
    open_socket(&sockets[0]);
    open_socket(&sockets[1]);
    assert_ok(wb_tcp_socket_bind(&sockets[0], &any));
    assert_ok(wb_tcp_socket_local_addr(&sockets[0], &net.addr));
    assert_ok(wb_tcp_socket_listen(&sockets[0], 128, &listener));
    assert_ok(wb_listener_from_tcp(&net.listener, stage.runtime, &listener));
    wb_connect_init_socket(&connect, stage.runtime, &sockets[1], &net.addr);
    connect_and_accept(&connect);
    put(&net.client.writer.write, "ping");
    expect(&net.server.reader.read, "ping");
    wb_tcp_socket_close(&sockets[0]); /* both are without a socket, which is allowed */
    wb_tcp_socket_close(&sockets[1]);
    wb_tcp_listener_close(&listener);
    close_pair();
}

static void tk_33_bind_before_connect(void **state) {
    (void)state;
    const struct wb_addr any = wb_addr_v4_loopback(0);
    struct wb_addr bound;
    struct wb_addr seen;
    struct wb_tcp_socket socket;
    struct wb_connect connect;
    listen_on_loopback();
    open_socket(&socket);
    assert_ok(wb_tcp_socket_bind(&socket, &any));
    assert_status(wb_tcp_socket_bind(&socket, &any), WB_ERR_INVALID);
    assert_ok(wb_tcp_socket_local_addr(&socket, &bound));
    wb_connect_init_socket(&connect, stage.runtime, &socket, &net.addr);
    connect_and_accept(&connect);
    assert_ok(wb_tcp_stream_peer_addr(wb_stream_tcp(&net.server), &seen));
    assert_true(wb_addr_equal(&bound, &seen));
    close_pair();
}

static void tk_33_basic_linger(void **state) {
    (void)state;
    struct wb_tcp_socket socket;
    struct wb_connect connect;
    bool nodelay = false;
    int seconds = 7;
    listen_on_loopback();
    open_socket(&socket);
    assert_ok(wb_tcp_stream_linger(&socket.stream, &seconds));
    assert_int_equal(seconds, WB_TCP_LINGER_OFF);
    assert_ok(wb_tcp_stream_set_linger(&socket.stream, 0));
    assert_ok(wb_tcp_stream_set_nodelay(&socket.stream, true));
    wb_connect_init_socket(&connect, stage.runtime, &socket, &net.addr);
    connect_and_accept(&connect);
    assert_ok(wb_tcp_stream_nodelay(wb_stream_tcp(&net.client), &nodelay));
    assert_true(nodelay);
    wb_stream_close(&net.client);
    expect_status(&net.server.reader.read, WB_ERR_CONN_RESET);
    close_pair();
}

static void tk_33_buffers_and_addresses_that_are_shared(void **state) {
    (void)state;
    const struct wb_addr any = wb_addr_v4_loopback(0);
    struct wb_addr addr;
    struct wb_tcp_socket sockets[3];
    struct wb_tcp_listener listeners[2];
    for (int i = 0; i < 3; i++) {
        open_socket(&sockets[i]);
        assert_ok(wb_tcp_socket_set_reuse_port(&sockets[i], i < 2));
        assert_ok(wb_tcp_socket_set_send_buffer(&sockets[i], 8192));
        assert_ok(wb_tcp_socket_set_recv_buffer(&sockets[i], UINT32_MAX));
    }
    assert_ok(wb_tcp_socket_bind(&sockets[0], &any));
    assert_ok(wb_tcp_socket_local_addr(&sockets[0], &addr));
    assert_ok(wb_tcp_socket_bind(&sockets[1], &addr));
    assert_ok(wb_tcp_socket_listen(&sockets[0], 0, &listeners[0]));
    assert_ok(wb_tcp_socket_listen(&sockets[1], 0, &listeners[1]));
    assert_status(wb_tcp_socket_bind(&sockets[2], &addr), WB_ERR_ADDR_IN_USE);
    assert_ok(wb_tcp_socket_set_reuse_addr(&sockets[2], true));
    assert_status(wb_tcp_socket_bind(&sockets[2], &addr), WB_ERR_ADDR_IN_USE);
    wb_tcp_socket_close(&sockets[2]);
    wb_tcp_listener_close(&listeners[0]);
    wb_tcp_listener_close(&listeners[1]);
}

static void tk_33_what_comes_of_nothing(void **state) {
    (void)state;
    struct wb_tcp_socket socket;
    struct wb_tcp_listener listener;
    struct wb_connect connect;
    listen_on_loopback();
    wb_listener_close(&net.listener);
    open_socket(&socket);
    wb_connect_init_socket(&connect, stage.runtime, &socket, &net.addr);
    assert_status(run(&connect.future), WB_ERR_CONN_REFUSED);
    open_socket(&socket);
    wb_connect_init_socket(&connect, stage.runtime, &socket, &net.addr);
    wb_future_drop(&connect.future); /* never polled: its socket is closed all the same */
    open_socket(&socket);
    wb_connect_init_socket(&connect, NULL, &socket, &net.addr);
    assert_status(run(&connect.future), WB_ERR_NO_RUNTIME);
    open_socket(&socket);
    assert_status(wb_tcp_socket_listen(&socket, -1, &listener), WB_ERR_INVALID);
}

/* ---- Unix ---- */

static void open_unix_pair(struct wb_stream *a, struct wb_stream *b) {
    struct wb_unix_stream first;
    struct wb_unix_stream second;
    assert_ok(wb_unix_stream_pair(&stage.world->sys, &first, &second));
    assert_ok(wb_stream_from_unix(a, stage.runtime, &first));
    assert_ok(wb_stream_from_unix(b, stage.runtime, &second));
}

static void tk_35_try_read_write(void **state) {
    (void)state;
    struct wb_stream a;
    struct wb_stream b;
    open_unix_pair(&a, &b);
    try_read_write(&a, &b);
    wb_stream_close(&a);
    wb_stream_close(&b);
}

static void tk_35_halves_of_unix_streams(void **state) {
    (void)state;
    struct wb_stream a;
    struct wb_stream b;
    struct wb_stream again;
    open_unix_pair(&a, &b);
    struct wb_read_half reader = a.reader;
    struct wb_write_half writer = a.writer;
    assert_ok(wb_stream_reunite(&again, &reader, &writer));
    put(&again.writer.write, "last");
    wb_write_half_close(&again.writer);
    expect(&b.reader.read, "last");
    expect_status(&b.reader.read, WB_EOF);
    put(&b.writer.write, "answer");
    expect(&again.reader.read, "answer");
    wb_stream_close(&b);
    expect_status(&again.reader.read, WB_EOF);
    wb_read_half_close(&again.reader);
}

/* epollhup: with a full backlog connecting says so at once and never waits; when the listener goes
 * it is refused. */
static void tk_35_a_full_backlog_is_told(void **state) {
    (void)state;
    enum { BACKLOG_MAX = 8 };
    const struct wb_unix_addr unnamed = {0};
    struct wb_unix_listener listener;
    struct wb_unix_addr addr;
    struct wb_stream streams[BACKLOG_MAX];
    struct wb_listener listening;
    int count = 0;
    enum wb_status status = WB_OK;
    assert_ok(wb_unix_listener_bind(&listener, &stage.world->sys, &unnamed, 1));
    assert_ok(wb_unix_listener_local_addr(&listener, &addr));
    while (count < BACKLOG_MAX && status == WB_OK) {
        status = wb_stream_connect_unix(&streams[count], stage.runtime, &addr);
        count += status == WB_OK;
    }
    assert_status(status, WB_WOULD_BLOCK);
    assert_true(count >= 1);
    assert_ok(wb_listener_from_unix(&listening, stage.runtime, &listener));
    wb_listener_close(&listening);
    for (int i = 0; i < count; i++) { /* connections that nobody took have ended */
        struct wb_read read;
        char buf[1];
        wb_read_init(&read, &streams[i].reader.read, buf, 1);
        status = run(&read.future);
        assert_true(status == WB_EOF || status == WB_ERR_CONN_RESET);
        wb_stream_close(&streams[i]);
    }
    assert_status(wb_stream_connect_unix(&streams[0], stage.runtime, &addr), WB_ERR_CONN_REFUSED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(tk_32_try_read_write),
        BOTH(tk_32_nothing_is_tried_of_an_empty_buffer),
        BOTH(tk_32_read_closed),
        BOTH(tk_32_write_closed),
        BOTH(tk_32_set_linger),
        BOTH(tk_28_unsplit_ok),
        BOTH(tk_28_unsplit_err),
        BOTH(tk_28_halves_work_in_tasks_of_their_own),
        BOTH(tk_30_no_extra_poll),
        BOTH(tk_30_connect_v6),
        BOTH(tk_30_poll_hup),
        BOTH(tk_33_basic_usage),
        BOTH(tk_33_bind_before_connect),
        BOTH(tk_33_basic_linger),
        SINGLE(tk_33_buffers_and_addresses_that_are_shared),
        SINGLE(tk_33_what_comes_of_nothing),
        BOTH(tk_35_try_read_write),
        BOTH(tk_35_halves_of_unix_streams),
        BOTH(tk_35_a_full_backlog_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
