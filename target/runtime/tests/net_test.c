/* Sockets for futures, over loopback, in both flavours: what they are for. What else they can do is
 * in socket_test.c. */
#include "loopback.h"

#include "wb/async.h"
#include "wb/async_buf.h"
#include "wb/combine.h"
#include "wb/resolve.h"
#include "wb/sys_linux.h"

enum { MANY = 100, BIG = 1 << 20 };

/* ---- connecting and accepting ---- */

static void tc_04_both_ends_know_each_other(void **state) {
    (void)state;
    struct wb_addr ours;
    struct wb_addr theirs;
    open_pair();
    assert_ok(wb_tcp_stream_local_addr(wb_stream_tcp(&net.client), &ours));
    assert_ok(wb_tcp_stream_peer_addr(wb_stream_tcp(&net.server), &theirs));
    assert_true(wb_addr_equal(&ours, &theirs));
    assert_null(wb_stream_unix(&net.client));
    assert_null(wb_listener_unix(&net.listener));
    put(&net.client.writer.write, "ping");
    expect(&net.server.reader.read, "ping");
    put(&net.server.writer.write, "pong");
    expect(&net.client.reader.read, "pong");
    close_pair();
}

static void tk_30_nobody_there_is_refused(void **state) {
    (void)state;
    struct wb_connect connect;
    listen_on_loopback();
    wb_listener_close(&net.listener);
    wb_connect_init(&connect, stage.runtime, &net.addr);
    assert_status(run(&connect.future), WB_ERR_CONN_REFUSED);
    assert_null(wb_stream_tcp(&connect.stream));
}

static void tk_30_connecting_given_up_leaves_nothing(void **state) {
    (void)state;
    struct wb_connect connect;
    struct wb_accept accept;
    struct bell bell;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    listen_on_loopback();
    wb_connect_init(&connect, stage.runtime, &net.addr);
    (void)!wb_future_poll(&connect.future, &context);
    wb_future_drop(&connect.future);
    if (wb_future_is_over(&connect.future)) { /* loopback is quick */
        wb_stream_close(&connect.stream);
    }
    wb_accept_init(&accept, &net.listener);
    wb_future_drop(&accept.future);
    wb_listener_close(&net.listener);
}

static void tk_23_without_a_runtime_it_is_said_so(void **state) {
    (void)state;
    struct wb_connect connect;
    struct wb_connect_name by_name;
    const struct wb_addr addr = wb_addr_v4_loopback(1);
    wb_connect_init(&connect, NULL, &addr);
    assert_status(run(&connect.future), WB_ERR_NO_RUNTIME);
    wb_connect_name_init(&by_name, NULL, "somewhere", 1);
    assert_status(run(&by_name.future), WB_ERR_NO_RUNTIME);
    assert_status(wb_listener_bind(&net.listener, NULL, &addr, 0), WB_ERR_NO_RUNTIME);
}

/* Accepts MANY connections and says a byte to each. */
struct greeter {
    struct wb_future future;
    struct wb_accept accept;
    struct wb_write_all write;
    struct wb_stream stream;
    int left;
};

static enum wb_progress greeter_poll(struct wb_future *future, struct wb_context *context) {
    struct greeter *self = WB_FUTURE_OF(future, struct greeter, future);
    WB_ASYNC_BEGIN(future, context);
    while (self->left-- > 0) {
        wb_accept_init(&self->accept, &net.listener);
        WB_TRY_AWAIT(&self->accept.future);
        self->stream = self->accept.stream;
        wb_write_all_init(&self->write, &self->stream.writer.write, "!", 1);
        WB_TRY_AWAIT(&self->write.future);
        wb_stream_close(&self->stream);
    }
    WB_ASYNC_END(WB_OK);
}

static void greeter_drop(struct wb_future *future) {
    struct greeter *self = WB_FUTURE_OF(future, struct greeter, future);
    wb_future_drop(&self->accept.future);
    wb_future_drop(&self->write.future);
    wb_stream_close(&self->stream);
}

static const struct wb_future_ops greeter_ops = {
    .size = sizeof(struct greeter),
    .offset = offsetof(struct greeter, future),
    .poll = greeter_poll,
    .drop = greeter_drop,
};

static void tk_30_many_are_accepted(void **state) {
    (void)state;
    static struct wb_connect connects[MANY];
    static struct wb_future *parts[MANY];
    struct greeter greeter = {.left = MANY};
    struct wb_join_handle handle;
    struct wb_all all;
    listen_on_loopback();
    wb_future_init(&greeter.future, &greeter_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &greeter.future, NULL, &handle));
    for (int i = 0; i < MANY; i++) {
        wb_connect_init(&connects[i], stage.runtime, &net.addr);
        parts[i] = &connects[i].future;
    }
    wb_all_init(&all, parts, MANY);
    assert_ok(run(&all.future));
    for (int i = 0; i < MANY; i++) {
        expect(&connects[i].stream.reader.read, "!");
        expect_status(&connects[i].stream.reader.read, WB_EOF);
        wb_stream_close(&connects[i].stream);
    }
    assert_ok(stage_join(&handle));
    wb_listener_close(&net.listener);
}

/* The first of several that wait for a listener is given up; the others are not forgotten. */
static void tk_30_several_accept_from_one_listener(void **state) {
    (void)state;
    struct wb_accept accepts[3];
    struct wb_connect connects[2];
    struct bell bell;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    listen_on_loopback();
    for (int i = 0; i < 3; i++) {
        wb_accept_init(&accepts[i], &net.listener);
        assert_int_equal(wb_future_poll(&accepts[i].future, &context), WB_PENDING);
    }
    wb_future_drop(&accepts[1].future);
    wb_future_drop(&accepts[2].future);
    wb_accept_init(&accepts[2], &net.listener);
    struct wb_future *parts[] = {
        &accepts[0].future, &accepts[2].future, &connects[0].future, &connects[1].future};
    struct wb_all all;
    for (int i = 0; i < 2; i++) {
        wb_connect_init(&connects[i], stage.runtime, &net.addr);
    }
    wb_all_init(&all, parts, 4);
    assert_ok(run(&all.future));
    for (int i = 0; i < 2; i++) {
        wb_stream_close(&connects[i].stream);
        wb_stream_close(&accepts[2 * i].stream);
    }
    assert_int_equal(bell.references, 1);
    wb_listener_close(&net.listener);
}

static void tc_12_a_wait_given_up_takes_nobody_elses(void **state) {
    (void)state;
    struct wb_accept first;
    struct wb_accept second;
    struct wb_connect connect;
    struct bell one;
    struct bell other;
    bell_init(&one);
    bell_init(&other);
    struct wb_context of_one = wb_context_with_waker(&one.waker);
    struct wb_context of_other = wb_context_with_waker(&other.waker);
    listen_on_loopback();
    wb_accept_init(&first, &net.listener);
    wb_accept_init(&second, &net.listener);
    assert_int_equal(wb_future_poll(&first.future, &of_one), WB_PENDING);
    assert_int_equal(wb_future_poll(&second.future, &of_other), WB_PENDING);
    wb_future_drop(&first.future);
    wb_connect_init(&connect, stage.runtime, &net.addr);
    assert_ok(run(&connect.future));
    stage_await(&other.wakes, 1);
    assert_int_equal(one.wakes, 0);
    assert_int_equal(wb_future_poll(&second.future, &of_other), WB_READY);
    wb_stream_close(&connect.stream);
    wb_stream_close(&second.stream);
    wb_listener_close(&net.listener);
}

/* ---- bytes ---- */

static void tc_05_a_lot_arrives_whole_through_an_echo(void **state) {
    (void)state;
    static char bytes[BIG];
    static char back[BIG];
    static char buf[4096];
    struct wb_copy copy;
    struct wb_join_handle handle;
    struct wb_write_all write;
    struct wb_read_exact read;
    struct wb_future *parts[] = {&write.future, &read.future};
    struct wb_all all;
    open_pair();
    for (size_t i = 0; i < BIG; i++) {
        bytes[i] = (char)(i * 7 + i / 251);
    }
    wb_copy_init(&copy, &net.server.reader.read, &net.server.writer.write, buf, sizeof(buf));
    assert_ok(wb_runtime_spawn(stage.runtime, &copy.future, NULL, &handle));
    wb_write_all_init(&write, &net.client.writer.write, bytes, BIG);
    wb_read_exact_init(&read, &net.client.reader.read, back, BIG);
    wb_all_init(&all, parts, 2);
    assert_ok(run(&all.future));
    assert_memory_equal(bytes, back, BIG);
    assert_ok(shut(&net.client));
    assert_ok(stage_join(&handle));
    close_pair();
}

static void tk_33_peeked_bytes_stay(void **state) {
    (void)state;
    struct wb_peek peek;
    char buf[8];
    open_pair();
    put(&net.client.writer.write, "abc");
    for (int i = 0; i < 2; i++) {
        wb_peek_init(&peek, &net.server.reader, buf, sizeof(buf));
        assert_ok(run(&peek.future));
        assert_int_equal(peek.len, 3);
        assert_memory_equal(buf, "abc", 3);
    }
    expect(&net.server.reader.read, "abc");
    assert_ok(shut(&net.client));
    wb_peek_init(&peek, &net.server.reader, buf, sizeof(buf));
    assert_status(run(&peek.future), WB_EOF);
    close_pair();
}

static void a_tk_05_vectored_bytes_are_one_stream(void **state) {
    (void)state;
    char first[] = "ab";
    char second[] = "cd";
    char buf[8];
    const struct wb_iovec out[] = {{first, 2}, {NULL, 0}, {second, 2}};
    const struct wb_iovec in[] = {{buf, 1}, {buf + 1, 7}};
    struct wb_writev write;
    struct wb_readv read;
    open_pair();
    wb_writev_init(&write, &net.client.writer.write, out, 3);
    assert_ok(run(&write.future));
    assert_int_equal(write.done, 4);
    wb_readv_init(&read, &net.server.reader.read, in, 2);
    assert_ok(run(&read.future));
    assert_int_equal(read.len, 4);
    assert_memory_equal(buf, "abcd", 4);
    close_pair();
}

static void tk_32_tries_do_not_wait(void **state) {
    (void)state;
    char buf[8];
    size_t len = 0;
    open_pair();
    struct wb_tcp_stream *tcp = wb_stream_tcp(&net.server);
    assert_status(wb_tcp_stream_read(tcp, buf, sizeof(buf), &len), WB_WOULD_BLOCK);
    put(&net.client.writer.write, "x");
    expect(&net.server.reader.read, "x");
    close_pair();
}

/* ---- the end ---- */

static void tk_28_a_half_that_goes_tells_the_peer(void **state) {
    (void)state;
    open_pair();
    struct wb_read_half reader = net.client.reader;
    struct wb_write_half writer = net.client.writer;
    assert_true(wb_stream_fits(&reader, &writer));
    assert_false(wb_stream_fits(&reader, &net.server.writer));
    put(&writer.write, "last");
    wb_write_half_close(&writer);
    expect(&net.server.reader.read, "last");
    expect_status(&net.server.reader.read, WB_EOF);
    put(&net.server.writer.write, "answer");
    expect(&reader.read, "answer");
    wb_read_half_close(&reader);
    net.client = (struct wb_stream){0};
    close_pair();
}

static void tk_28_a_reader_that_goes_leaves_the_writer(void **state) {
    (void)state;
    open_pair();
    wb_read_half_close(&net.client.reader);
    put(&net.client.writer.write, "still");
    expect(&net.server.reader.read, "still");
    wb_write_half_close(&net.client.writer);
    expect_status(&net.server.reader.read, WB_EOF);
    close_pair();
}

static void tk_31_shutdown_may_come_again_and_after_a_reset(void **state) {
    (void)state;
    open_pair();
    assert_ok(shut(&net.client));
    assert_ok(shut(&net.client));
    expect_status(&net.server.reader.read, WB_EOF);
    assert_ok(wb_tcp_stream_set_linger(wb_stream_tcp(&net.client), 0));
    wb_stream_close(&net.client); /* a reset */
    assert_ok(shut(&net.server));
    close_pair();
}

static void tk_22_a_stream_outlives_its_runtime(void **state) {
    (void)state;
    struct wb_read read;
    struct bell bell;
    char buf[8];
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    open_pair();
    wb_read_init(&read, &net.client.reader.read, buf, sizeof(buf));
    assert_int_equal(wb_future_poll(&read.future, &context), WB_PENDING);
    stage_destroy();
    assert_true(bell.wakes >= 1);
    assert_int_equal(wb_future_poll(&read.future, &context), WB_READY);
    assert_status(read.future.status, WB_ERR_CLOSED);
    close_pair();
}

/* ---- Unix ---- */

static void tk_35_unix_streams_are_streams(void **state) {
    (void)state;
    struct wb_unix_addr addr;
    struct wb_listener listener;
    struct wb_accept accept;
    struct wb_stream client;
    const struct wb_unix_addr unnamed = {0};
    assert_ok(wb_listener_bind_unix(&listener, stage.runtime, &unnamed, 0));
    assert_ok(wb_unix_listener_local_addr(wb_listener_unix(&listener), &addr));
    assert_ok(wb_stream_connect_unix(&client, stage.runtime, &addr));
    wb_accept_init(&accept, &listener);
    assert_ok(run(&accept.future));
    put(&client.writer.write, "hello");
    expect(&accept.stream.reader.read, "hello");
    wb_stream_close(&client);
    expect_status(&accept.stream.reader.read, WB_EOF);
    wb_stream_close(&accept.stream);
    wb_listener_close(&listener);
    assert_status(wb_stream_connect_unix(&client, stage.runtime, &addr), WB_ERR_CONN_REFUSED);
}

/* ---- datagrams ---- */

static void open_udp(struct wb_datagram_socket *out_socket, struct wb_addr *out_addr) {
    const struct wb_addr any = wb_addr_v4_loopback(0);
    struct wb_udp_socket udp;
    assert_ok(wb_udp_socket_bind(&udp, &stage.world->sys, &any, NULL));
    assert_ok(wb_udp_socket_local_addr(&udp, out_addr));
    assert_ok(wb_datagram_socket_from_udp(out_socket, stage.runtime, &udp));
}

static void tc_07_datagrams_come_whole_with_their_sender(void **state) {
    (void)state;
    struct wb_datagram_socket a;
    struct wb_datagram_socket b;
    struct wb_addr a_addr;
    struct wb_addr b_addr;
    struct wb_send send;
    struct wb_recv recv;
    char buf[8];
    open_udp(&a, &a_addr);
    open_udp(&b, &b_addr);
    const char *const datagrams[] = {"1234", "", "x"};
    for (int i = 0; i < 3; i++) {
        const size_t len = strlen(datagrams[i]);
        wb_send_to_init(&send, &a, datagrams[i], len, &b_addr);
        assert_ok(run(&send.future));
        wb_recv_init(&recv, &b, buf, sizeof(buf));
        assert_ok(run(&recv.future));
        assert_int_equal(recv.datagram.len, len);
        assert_memory_equal(buf, datagrams[i], len);
        assert_true(wb_addr_equal(&recv.sender, &a_addr));
    }
    wb_datagram_socket_close(&a);
    wb_datagram_socket_close(&b);
}

static void tk_34_sending_to_nobody_is_told_and_no_hang(void **state) {
    (void)state;
    struct wb_datagram_socket a;
    struct wb_datagram_socket gone;
    struct wb_addr a_addr;
    struct wb_addr gone_addr;
    struct wb_send send;
    struct wb_recv recv;
    char buf[8];
    open_udp(&a, &a_addr);
    open_udp(&gone, &gone_addr);
    wb_datagram_socket_close(&gone);
    assert_ok(wb_udp_socket_connect(wb_datagram_socket_udp(&a), &gone_addr));
    wb_send_init(&send, &a, "x", 1);
    assert_ok(run(&send.future));
    wb_recv_init(&recv, &a, buf, sizeof(buf));
    assert_status(run(&recv.future), WB_ERR_CONN_REFUSED);
    wb_datagram_socket_close(&a);
}

static void tk_35_unix_datagrams_wait_for_room(void **state) {
    (void)state;
    struct wb_unix_datagram first;
    struct wb_unix_datagram second;
    struct wb_datagram_socket a;
    struct wb_datagram_socket b;
    struct wb_send send;
    struct wb_recv recv;
    struct bell bell;
    char buf[8];
    int sent = 0;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    assert_ok(wb_unix_datagram_pair(&stage.world->sys, &first, &second));
    assert_ok(wb_datagram_socket_from_unix(&a, stage.runtime, &first));
    assert_ok(wb_datagram_socket_from_unix(&b, stage.runtime, &second));
    assert_null(wb_datagram_socket_udp(&a));
    wb_send_init(&send, &a, "x", 1);
    assert_ok(run(&send.future)); /* the first one waits for its report */
    sent++;
    for (;; sent++) {
        wb_send_init(&send, &a, "x", 1);
        if (wb_future_poll(&send.future, &context) == WB_PENDING) {
            break;
        }
    }
    for (int i = 0; i < sent; i++) {
        wb_recv_init(&recv, &b, buf, sizeof(buf));
        assert_ok(run(&recv.future));
    }
    assert_ok(run(&send.future));
    wb_datagram_socket_close(&a);
    wb_datagram_socket_close(&b);
}

/* ---- names ---- */

static void lookup_gives_addresses_in_order(void **state) {
    (void)state;
    struct wb_resolve resolve;
    wb_resolve_init(&resolve, stage.runtime, "127.0.0.1", 80, WB_AF_UNSPEC);
    assert_ok(run(&resolve.future));
    const struct wb_addr expected = wb_addr_v4_loopback(80);
    assert_int_equal(resolve.count, 1);
    assert_true(wb_addr_equal(&resolve.addrs[0], &expected));
    wb_resolve_init(&resolve, stage.runtime, "127.0.0.1", 80, WB_AF_UNSPEC);
    wb_future_drop(&resolve.future);
}

static void lookup_given_up_leaves_nothing(void **state) {
    (void)state;
    struct wb_resolve resolve;
    struct bell bell;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    wb_resolve_init(&resolve, stage.runtime, "127.0.0.1", 80, WB_AF_UNSPEC);
    (void)!wb_future_poll(&resolve.future, &context);
    wb_future_drop(&resolve.future);
}

/* Two addresses, of one family, of which the first refuses. */
static int resolve_two(void *self, const char *name, uint16_t port, int family,
    struct wb_sockaddr *out, uint32_t out_max) {
    const struct wb_addr nobody = wb_addr_v4_loopback(1);
    const struct wb_addr somebody = wb_addr_v4_loopback(port);
    (void)self;
    assert_string_equal(name, "somewhere");
    if (family != WB_AF_INET) {
        return -2; /* ENOENT */
    }
    assert_true(out_max >= 2);
    (void)wb_addr_to_sockaddr(&nobody, &out[0]);
    (void)wb_addr_to_sockaddr(&somebody, &out[1]);
    return 2;
}

static void connecting_by_name_tries_the_addresses_in_order(void **state) {
    (void)state;
    struct wb_connect_name connect;
    uint16_t port = 0;
    listen_on_loopback();
    port = net.addr.port;
    stage.world->ops.resolve = resolve_two;
    wb_connect_name_init(&connect, stage.runtime, "somewhere", port);
    assert_ok(run(&connect.future));
    assert_int_equal(connect.race.winner, 1);
    wb_stream_close(&connect.stream);
    wb_listener_close(&net.listener);
    wb_connect_name_init(&connect, stage.runtime, "somewhere", port);
    assert_status(run(&connect.future), WB_ERR_CONN_REFUSED);
}

static void making_a_socket_fails_without_memory(void **state) {
    (void)state;
    struct wb_connect connect;
    listen_on_loopback();
    wb_connect_init(&connect, stage.runtime, &net.addr);
    world_refuse(stage.world, 2); /* the first is the one of block_on */
    assert_status(run(&connect.future), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
    wb_listener_close(&net.listener);
}

/* ---- T2-01: what a short read says ---- */

static atomic_int receives;

static int64_t counted_recv(void *self, int fd, void *buf, size_t len, int flags) {
    (void)self;
    atomic_fetch_add(&receives, 1);
    return WB_SYS(wb_sys_linux(), recv, fd, buf, len, flags);
}

/* One read that waits, with room for more than comes. Returns how many were tried. */
static int tries_of_a_read(enum wb_status expected) {
    struct wb_read read;
    char buf[64];
    atomic_store(&receives, 0);
    wb_read_init(&read, &net.server.reader.read, buf, sizeof(buf));
    assert_status(run(&read.future), expected);
    return atomic_load(&receives);
}

/* poll(2) tells of nothing more until an operation would block, so there it must be tried. */
static void t2_01_a_short_read_of_tcp_spares_the_last_try(void **state) {
    (void)state;
    const bool is_spared = stage.world->backend != WB_BACKEND_POLL;
    stage.world->ops.recv = counted_recv;
    open_pair();
    put(&net.client.writer.write, "one");
    (void)tries_of_a_read(WB_OK);
    struct wb_read next;
    char buf[64];
    bell_init(&script_bell);
    wb_read_init(&next, &net.server.reader.read, buf, sizeof(buf));
    atomic_store(&receives, 0);
    assert_int_equal(poll_once(&next.future), WB_PENDING);
    assert_int_equal(atomic_load(&receives), is_spared ? 0 : 1);
    put(&net.client.writer.write, "two");
    await_wakes(1);
    assert_int_equal(poll_once(&next.future), WB_READY);
    assert_bytes(buf, next.len, "two");
    close_pair();
}

/* Bytes and the end are in one report, and no other one comes. */
static void t2_01_a_short_read_hides_no_end(void **state) {
    (void)state;
    open_pair();
    put(&net.client.writer.write, "last");
    assert_ok(shut(&net.client));
    (void)tries_of_a_read(WB_OK);
    (void)tries_of_a_read(WB_EOF);
    close_pair();
}

/* A read stops before urgent data, and is short although there is more behind it. */
static void t2_01_a_short_read_hides_nothing_behind_urgent_data(void **state) {
    (void)state;
    open_pair();
    const int fd = wb_tcp_stream_fd(wb_stream_tcp(&net.client));
    put(&net.client.writer.write, "ab");
    assert_int_equal(WB_SYS(wb_sys_linux(), send, fd, "!", 1, WB_MSG_OOB), 1);
    put(&net.client.writer.write, "cd");
    (void)tries_of_a_read(WB_OK);
    (void)tries_of_a_read(WB_OK);
    close_pair();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(tc_04_both_ends_know_each_other),
        BOTH(tk_30_nobody_there_is_refused),
        BOTH(tk_30_connecting_given_up_leaves_nothing),
        SINGLE(tk_23_without_a_runtime_it_is_said_so),
        BOTH(tk_30_many_are_accepted),
        BOTH(tk_30_several_accept_from_one_listener),
        MULTI(tc_12_a_wait_given_up_takes_nobody_elses),
        BOTH(tc_05_a_lot_arrives_whole_through_an_echo),
        SINGLE(t2_01_a_short_read_of_tcp_spares_the_last_try),
        BOTH(t2_01_a_short_read_hides_no_end),
        BOTH(t2_01_a_short_read_hides_nothing_behind_urgent_data),
        BOTH(tk_33_peeked_bytes_stay),
        BOTH(a_tk_05_vectored_bytes_are_one_stream),
        BOTH(tk_32_tries_do_not_wait),
        BOTH(tk_28_a_half_that_goes_tells_the_peer),
        BOTH(tk_28_a_reader_that_goes_leaves_the_writer),
        BOTH(tk_31_shutdown_may_come_again_and_after_a_reset),
        BOTH(tk_22_a_stream_outlives_its_runtime),
        BOTH(tk_35_unix_streams_are_streams),
        BOTH(tc_07_datagrams_come_whole_with_their_sender),
        BOTH(tk_34_sending_to_nobody_is_told_and_no_hang),
        BOTH(tk_35_unix_datagrams_wait_for_room),
        BOTH(lookup_gives_addresses_in_order),
        BOTH(lookup_given_up_leaves_nothing),
        BOTH(connecting_by_name_tries_the_addresses_in_order),
        SINGLE(making_a_socket_fails_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
