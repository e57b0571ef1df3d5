/* Datagrams for futures, in both flavours: tries that do not wait, readiness by itself, messages;
 * and that none of it allocates. What receiving comes down to is in recv_from_test.c. */
#include "loopback.h"

#include "wb/async.h"
#include "wb/framed.h"

/* ---- Unix ---- */

static void tk_35_try_send_recv_never_block(void **state) {
    (void)state;
    struct wb_unix_datagram first;
    struct wb_unix_datagram second;
    struct wb_datagram_socket a;
    struct wb_datagram_socket b;
    struct wb_readiness readiness;
    struct wb_datagram datagram;
    const struct wb_addr nowhere = wb_addr_v4_loopback(1);
    char buf[16];
    int sent = 0;
    int received = 0;
    enum wb_status status = WB_OK;
    assert_ok(wb_unix_datagram_pair(&stage.world->sys, &first, &second));
    assert_ok(wb_datagram_socket_from_unix(&a, stage.runtime, &first));
    assert_ok(wb_datagram_socket_from_unix(&b, stage.runtime, &second));
    assert_status(
        wb_datagram_socket_try_recv(&b, buf, sizeof(buf), &datagram, NULL), WB_WOULD_BLOCK);
    wb_readiness_init_datagrams(&readiness, &a, WB_DIRECTION_WRITE);
    assert_ok(run(&readiness.future));
    for (; status == WB_OK; sent += status == WB_OK) {
        status = wb_datagram_socket_try_send(&a, "hello", 5, NULL);
    }
    assert_status(status, WB_WOULD_BLOCK);
    assert_status(wb_datagram_socket_try_send(&a, "x", 1, &nowhere), WB_ERR_NOT_SUPPORTED);
    wb_readiness_init_datagrams(&readiness, &b, WB_DIRECTION_READ);
    assert_ok(run(&readiness.future));
    for (status = WB_OK; status == WB_OK; received += status == WB_OK) {
        status = wb_datagram_socket_try_recv(&b, buf, sizeof(buf), &datagram, NULL);
    }
    assert_status(status, WB_WOULD_BLOCK);
    assert_int_equal(received, sent);
    wb_readiness_init_datagrams(&readiness, &a, WB_DIRECTION_WRITE);
    assert_ok(run(&readiness.future)); /* there is room again */
    wb_datagram_socket_close(&a);
    wb_datagram_socket_close(&b);
}

/* ---- UDP ---- */

static struct {
    struct wb_datagram_socket a;
    struct wb_datagram_socket b;
    struct wb_addr a_addr;
    struct wb_addr b_addr;
} udp;

static void open_one(struct wb_datagram_socket *out_socket, struct wb_addr *out_addr) {
    const struct wb_addr any = wb_addr_v4_loopback(0);
    struct wb_udp_socket socket;
    assert_ok(wb_udp_socket_bind(&socket, &stage.world->sys, &any, NULL));
    assert_ok(wb_udp_socket_local_addr(&socket, out_addr));
    assert_ok(wb_datagram_socket_from_udp(out_socket, stage.runtime, &socket));
}

static void open_udp(void) {
    open_one(&udp.a, &udp.a_addr);
    open_one(&udp.b, &udp.b_addr);
}

static void close_udp(void) {
    wb_datagram_socket_close(&udp.a);
    wb_datagram_socket_close(&udp.b);
}

static void await_readiness(struct wb_datagram_socket *socket, enum wb_direction direction) {
    struct wb_readiness readiness;
    wb_readiness_init_datagrams(&readiness, socket, direction);
    assert_ok(run(&readiness.future));
}

static void tk_34_try_send_recv(void **state) {
    (void)state;
    struct wb_datagram datagram;
    struct wb_addr sender;
    char buf[16];
    open_udp();
    assert_status(
        wb_datagram_socket_try_recv(&udp.b, buf, sizeof(buf), &datagram, NULL), WB_WOULD_BLOCK);
    await_readiness(&udp.a, WB_DIRECTION_WRITE);
    assert_ok(wb_datagram_socket_try_send(&udp.a, "hello", 5, &udp.b_addr));
    assert_ok(wb_datagram_socket_try_send(&udp.a, "", 0, &udp.b_addr));
    await_readiness(&udp.b, WB_DIRECTION_READ);
    assert_ok(wb_datagram_socket_try_recv(&udp.b, buf, sizeof(buf), &datagram, &sender));
    assert_int_equal(datagram.len, 5);
    assert_memory_equal(buf, "hello", 5);
    assert_true(wb_addr_equal(&sender, &udp.a_addr));
    assert_ok(wb_datagram_socket_try_recv(&udp.b, buf, sizeof(buf), &datagram, &sender));
    assert_int_equal(datagram.len, 0);
    assert_status(
        wb_datagram_socket_try_recv(&udp.b, buf, sizeof(buf), &datagram, &sender), WB_WOULD_BLOCK);
    assert_status(wb_datagram_socket_try_send(&udp.a, "x", 1, NULL), WB_ERR_DEST_ADDR_REQUIRED);
    assert_ok(wb_udp_socket_connect(wb_datagram_socket_udp(&udp.a), &udp.b_addr));
    assert_ok(wb_datagram_socket_try_send(&udp.a, "x", 1, NULL));
    close_udp();
}

static void tk_34_poll_ready(void **state) {
    (void)state;
    struct wb_readiness readiness;
    struct wb_send send;
    bell_init(&script_bell);
    open_udp();
    wb_readiness_init_datagrams(&readiness, &udp.b, WB_DIRECTION_READ);
    assert_int_equal(poll_once(&readiness.future), WB_PENDING);
    wb_send_to_init(&send, &udp.a, "x", 1, &udp.b_addr);
    assert_ok(run(&send.future));
    await_wakes(1);
    assert_int_equal(poll_once(&readiness.future), WB_READY);
    wb_readiness_init_datagrams(&readiness, &udp.b, WB_DIRECTION_READ);
    assert_int_equal(poll_once(&readiness.future), WB_READY); /* nobody took it */
    close_udp();
}

/* split_chan: one socket, one task that receives and one that sends */
static void tk_34_one_socket_two_tasks(void **state) {
    (void)state;
    struct wb_recv recv;
    struct wb_send send;
    struct wb_join_handle receiving;
    char buf[16];
    char got[16];
    open_udp();
    wb_recv_init(&recv, &udp.b, buf, sizeof(buf));
    assert_ok(wb_runtime_spawn(stage.runtime, &recv.future, NULL, &receiving));
    wb_send_to_init(&send, &udp.b, "out", 3, &udp.a_addr);
    assert_ok(run(&send.future));
    wb_recv_init(&recv, &udp.a, got, sizeof(got));
    assert_ok(run(&recv.future));
    assert_memory_equal(got, "out", 3);
    wb_send_to_init(&send, &udp.a, "in", 2, &recv.sender);
    assert_ok(run(&send.future));
    assert_ok(stage_join(&receiving));
    assert_memory_equal(buf, "in", 2);
    close_udp();
}

/* ---- messages in datagrams ---- */

static struct {
    struct wb_length_decoder decoder;
    struct wb_length_encoder encoder;
    struct wb_framed_datagrams framed;
    unsigned char buf[16];
} messages;

static void open_messages(void) {
    const struct wb_length_format format = {.field_len = 1, .frame_len_max = 8};
    open_udp();
    wb_length_decoder_init(&messages.decoder, &format);
    wb_length_encoder_init(&messages.encoder, &format);
    wb_framed_datagrams_init(
        &messages.framed, &udp.b, &messages.decoder.decoder, messages.buf, sizeof(messages.buf));
}

static void send_plain(const char *bytes, size_t len) {
    struct wb_send send;
    wb_send_to_init(&send, &udp.a, bytes, len, &udp.b_addr);
    assert_ok(run(&send.future));
}

static void expect_message(enum wb_status status, const char *expected) {
    struct wb_next_datagram_frame next;
    wb_next_datagram_frame_init(&next, &messages.framed);
    assert_status(run(&next.future), status);
    if (status == WB_OK) {
        assert_bytes(next.frame.ptr, next.frame.len, expected);
        assert_true(wb_addr_equal(&messages.framed.sender, &udp.a_addr));
    }
}

static void tc_07_send_framed(void **state) {
    (void)state;
    struct wb_send_frame send;
    char wire[8];
    open_messages();
    wb_send_frame_to_init(&send, &udp.a, &messages.encoder.encoder, wb_bytes_from_string("hello"),
        wire, sizeof(wire), &udp.b_addr);
    assert_ok(run(&send.future));
    expect_message(WB_OK, "hello");
    assert_ok(wb_udp_socket_connect(wb_datagram_socket_udp(&udp.a), &udp.b_addr));
    wb_send_frame_init(
        &send, &udp.a, &messages.encoder.encoder, wb_bytes_from_string(""), wire, sizeof(wire));
    assert_ok(run(&send.future));
    expect_message(WB_OK, "");
    wb_send_frame_init(&send, &udp.a, &messages.encoder.encoder, wb_bytes_from_string("12345678"),
        wire, sizeof(wire));
    assert_status(run(&send.future), WB_ERR_LIMIT); /* no room for the head */
    wb_send_frame_init(&send, &udp.a, &messages.encoder.encoder, wb_bytes_from_string("123456789"),
        wire, sizeof(wire));
    assert_status(run(&send.future), WB_ERR_LIMIT); /* of the codec */
    close_udp();
}

/* Several messages in one, none in another, one that is cut, one that is too long; each datagram by
 * itself, whatever the one before was. */
static void tc_07_each_datagram_is_decoded_by_itself(void **state) {
    (void)state;
    open_messages();
    send_plain("\x02"
               "ab"
               "\x01"
               "c",
        5);
    send_plain("", 0);
    send_plain("\x03"
               "de",
        3);
    send_plain("\x01"
               "f",
        2);
    send_plain("\x09"
               "123456789",
        10);
    send_plain("\x01"
               "gggggggggggggggg",
        17);
    send_plain("\x01"
               "h"
               "\x05"
               "i",
        4);
    send_plain("\x01"
               "j",
        2);
    expect_message(WB_OK, "ab");
    expect_message(WB_OK, "c");
    expect_message(WB_ERR_UNEXPECTED_EOF, "");
    expect_message(WB_OK, "f");
    expect_message(WB_ERR_LIMIT, "");
    expect_message(WB_ERR_LIMIT, "");
    expect_message(WB_OK, "h");
    expect_message(WB_ERR_UNEXPECTED_EOF, "");
    expect_message(WB_OK, "j");
    close_udp();
}

static void tc_07_a_wait_given_up_loses_no_message(void **state) {
    (void)state;
    struct wb_next_datagram_frame next;
    open_messages();
    bell_init(&script_bell);
    wb_next_datagram_frame_init(&next, &messages.framed);
    assert_int_equal(poll_once(&next.future), WB_PENDING);
    send_plain("\x01"
               "a",
        2);
    await_wakes(1);
    wb_future_drop(&next.future);
    expect_message(WB_OK, "a");
    close_udp();
}

/* ---- no allocation ---- */

/* Messages from the client to the server, and a datagram for each. */
struct rounds {
    struct wb_future future;
    struct wb_framed_writer writer;
    struct wb_framed_reader reader;
    struct wb_put_frame put;
    struct wb_flush flush;
    struct wb_next_frame next;
    struct wb_readiness readiness;
    struct wb_send_frame send;
    struct wb_next_datagram_frame arrival;
    int left;
    size_t requests; /* of memory, when it began */
    char out[64];
    char in[64];
    char wire[16];
};

static enum wb_progress rounds_poll(struct wb_future *future, struct wb_context *context) {
    struct rounds *self = WB_FUTURE_OF(future, struct rounds, future);
    WB_ASYNC_BEGIN(future, context);
    self->requests = atomic_load(&stage.world->requests);
    while (self->left-- > 0) {
        wb_put_frame_init(&self->put, &self->writer, wb_bytes_from_string("hello"));
        WB_TRY_AWAIT(&self->put.future);
        wb_flush_init(&self->flush, &self->writer.out.write);
        WB_TRY_AWAIT(&self->flush.future);
        wb_next_frame_init(&self->next, &self->reader);
        WB_TRY_AWAIT(&self->next.future);
        wb_readiness_init_writer(&self->readiness, &net.client.writer);
        WB_TRY_AWAIT(&self->readiness.future);
        wb_send_frame_to_init(&self->send, &udp.a, &messages.encoder.encoder, self->next.frame,
            self->wire, sizeof(self->wire), &udp.b_addr);
        WB_TRY_AWAIT(&self->send.future);
        wb_next_datagram_frame_init(&self->arrival, &messages.framed);
        WB_TRY_AWAIT(&self->arrival.future);
        assert_bytes(self->arrival.frame.ptr, self->arrival.frame.len, "hello");
    }
    assert_int_equal(atomic_load(&stage.world->requests), self->requests);
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops rounds_ops = {
    .size = sizeof(struct rounds),
    .offset = offsetof(struct rounds, future),
    .poll = rounds_poll,
};

static void a_tk_06_nothing_is_allocated_on_the_way(void **state) {
    (void)state;
    static struct rounds rounds;
    struct wb_line_decoder decoder;
    struct wb_encoder encoder = wb_line_encoder();
    open_pair();
    open_messages();
    wb_line_decoder_init(&decoder, 16);
    rounds = (struct rounds){.left = 100};
    wb_framed_writer_init(&rounds.writer, &net.client.writer.write, &encoder, rounds.out, 64, 32);
    wb_framed_reader_init(&rounds.reader, &net.server.reader.read, &decoder.decoder, rounds.in, 64);
    wb_future_init(&rounds.future, &rounds_ops);
    assert_ok(run(&rounds.future));
    close_udp();
    close_pair();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(tk_35_try_send_recv_never_block),
        BOTH(tk_34_try_send_recv),
        BOTH(tk_34_poll_ready),
        BOTH(tk_34_one_socket_two_tasks),
        BOTH(tc_07_send_framed),
        BOTH(tc_07_each_datagram_is_decoded_by_itself),
        BOTH(tc_07_a_wait_given_up_loses_no_message),
        BOTH(a_tk_06_nothing_is_allocated_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
