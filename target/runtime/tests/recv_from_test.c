/* Receiving datagrams with their sender in futures, and the same three outcomes of a stream: what
 * comes, what would block, what fails (P6.1 to P6.7, T2-09, T2-10). The program that does this is
 * async_udp_echo. */
#include "stage.h"

#include <errno.h>
#include <string.h>

#include "wb/io.h"
#include "wb/net.h"
#include "wb/sys_linux.h"

static struct {
    struct wb_datagram_socket socket;
    struct wb_addr addr;
    struct wb_udp_socket peer;
    struct wb_addr peer_addr;
    char buf[16];
    struct wb_recv recv;
} udp;

static struct bell bell;

static struct {
    int tries;    /* receiving calls */
    int refusals; /* that many of them would block first, whatever has come */
} calls;

static int64_t recvmsg_counted(void *self, int fd, struct wb_msghdr *msg, int flags) {
    const struct wb_sys *linux = wb_sys_linux();
    (void)self;
    calls.tries++;
    if (calls.refusals > 0) {
        calls.refusals--;
        return -EAGAIN;
    }
    return WB_SYS(linux, recvmsg, fd, msg, flags);
}

static void bind_one(struct wb_udp_socket *socket, struct wb_addr *out_addr) {
    const struct wb_addr any = wb_addr_v4_loopback(0);
    assert_ok(wb_udp_socket_bind(socket, &stage.world->sys, &any, NULL));
    assert_ok(wb_udp_socket_local_addr(socket, out_addr));
}

static void open_udp(void) {
    struct wb_udp_socket socket;
    stage.world->ops.recvmsg = recvmsg_counted;
    calls.tries = 0;
    calls.refusals = 0;
    bell_init(&bell);
    bind_one(&socket, &udp.addr);
    bind_one(&udp.peer, &udp.peer_addr);
    assert_ok(wb_datagram_socket_from_udp(&udp.socket, stage.runtime, &socket));
    assert_ok(wb_runtime_turn(stage.runtime, 0)); /* it is writable, and not readable */
}

static void close_udp(void) {
    wb_future_drop(&udp.recv.future);
    wb_datagram_socket_close(&udp.socket);
    wb_udp_socket_close(&udp.peer);
}

static void turn(void) {
    assert_ok(wb_runtime_turn(stage.runtime, 0));
}

static void say(const char *bytes, size_t len) {
    assert_ok(wb_udp_socket_send_to(&udp.peer, bytes, len, &udp.addr));
}

static enum wb_progress poll_again(void) {
    struct wb_context context = wb_context_with_waker(&bell.waker);
    return wb_future_poll(&udp.recv.future, &context);
}

static enum wb_progress poll_recv(void) {
    wb_recv_init(&udp.recv, &udp.socket, udp.buf, sizeof(udp.buf));
    return poll_again();
}

static void expect_received(const char *bytes, size_t len) {
    assert_ok(udp.recv.future.status);
    assert_int_equal(udp.recv.datagram.len, len);
    assert_memory_equal(udp.buf, bytes, len);
    assert_true(wb_addr_equal(&udp.recv.sender, &udp.peer_addr));
}

/* ---- outside of a task ---- */

static void p6_1_recv_from_outside_of_a_task_is_refused(void **state) {
    (void)state;
    const struct wb_task_waker nobody = {0};
    struct wb_context context = wb_context_with_waker(&nobody);
    struct wb_udp_socket socket;
    struct wb_datagram_socket without_runtime;
    struct wb_addr addr;
    open_udp();
    wb_recv_init(&udp.recv, &udp.socket, udp.buf, sizeof(udp.buf));
    assert_int_equal(wb_future_poll(&udp.recv.future, &context), WB_READY);
    assert_status(udp.recv.future.status, WB_ERR_NO_RUNTIME);
    assert_string_equal(
        wb_status_text(WB_ERR_NO_RUNTIME), "no runtime is there to wait for readiness");
    bind_one(&socket, &addr);
    assert_status(wb_datagram_socket_from_udp(&without_runtime, NULL, &socket), WB_ERR_NO_RUNTIME);
    close_udp();
}

/* ---- in a task ---- */

static void p6_2_a_datagram_wakes_the_task_once(void **state) {
    (void)state;
    open_udp();
    assert_int_equal(poll_recv(), WB_PENDING);
    assert_int_equal(calls.tries, 0); /* not ready, so it is not tried */
    turn();
    assert_int_equal(bell.wakes, 0);
    say("1234", 4);
    turn();
    turn();
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(poll_again(), WB_READY);
    assert_int_equal(calls.tries, 1);
    expect_received("1234", 4);
    close_udp();
}

static void p6_3_ready_and_then_not_arms_the_task(void **state) {
    (void)state;
    open_udp();
    say("first", 5);
    turn();
    calls.refusals = 1;
    assert_int_equal(poll_recv(), WB_PENDING);
    assert_int_equal(calls.tries, 1);
    assert_int_equal(poll_again(), WB_PENDING); /* the readiness was cleared */
    assert_int_equal(calls.tries, 1);
    say("second", 6);
    turn();
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(poll_again(), WB_READY);
    expect_received("first", 5);
    close_udp();
}

static void p6_4_two_datagrams_need_one_wake(void **state) {
    (void)state;
    open_udp();
    assert_int_equal(poll_recv(), WB_PENDING);
    say("one", 3);
    say("two", 3);
    turn();
    assert_int_equal(poll_again(), WB_READY);
    expect_received("one", 3);
    const int wakes = bell.wakes;
    assert_int_equal(poll_recv(), WB_READY);
    expect_received("two", 3);
    assert_int_equal(poll_recv(), WB_PENDING);
    assert_int_equal(bell.wakes, wakes);
    assert_int_equal(calls.tries, 3);
    close_udp();
}

static void p6_5_a_failure_is_returned_and_nothing_is_cleared(void **state) {
    (void)state;
    struct wb_datagram datagram;
    open_udp();
    assert_ok(wb_udp_socket_connect(wb_datagram_socket_udp(&udp.socket), &udp.peer_addr));
    wb_udp_socket_close(&udp.peer);
    assert_ok(wb_udp_socket_send(wb_datagram_socket_udp(&udp.socket), "x", 1));
    turn(); /* loopback answers at once that nobody is there */
    assert_int_equal(poll_recv(), WB_READY);
    assert_status(udp.recv.future.status, WB_ERR_CONN_REFUSED);
    assert_int_equal(bell.references, 1);
    /* The socket goes on, and was not made to wait for a report that comes no more: it is tried. */
    const int before = calls.tries;
    assert_status(
        wb_datagram_socket_try_recv(&udp.socket, udp.buf, sizeof(udp.buf), &datagram, NULL),
        WB_WOULD_BLOCK);
    assert_int_equal(calls.tries, before + 1);
    close_udp();
}

/* T2-09 as well */
static void p6_6_an_empty_datagram_has_a_sender_and_is_no_end(void **state) {
    (void)state;
    open_udp();
    say("", 0);
    say("x", 1);
    turn();
    assert_int_equal(poll_recv(), WB_READY);
    expect_received("", 0);
    assert_int_equal(poll_recv(), WB_READY);
    expect_received("x", 1);
    close_udp();
}

static void t2_09_every_datagram_keeps_its_sender(void **state) {
    (void)state;
    struct wb_udp_socket other;
    struct wb_addr other_addr;
    open_udp();
    bind_one(&other, &other_addr);
    say("a", 1);
    assert_ok(wb_udp_socket_send_to(&other, "b", 1, &udp.addr));
    turn();
    assert_int_equal(poll_recv(), WB_READY);
    expect_received("a", 1);
    assert_int_equal(poll_recv(), WB_READY);
    assert_ok(udp.recv.future.status);
    assert_true(wb_addr_equal(&udp.recv.sender, &other_addr));
    wb_udp_socket_close(&other);
    close_udp();
}

/* ---- a stream ---- */

enum { STREAM_LEN = 128 };

static void p6_7_a_stream_read_has_three_outcomes(void **state) {
    (void)state;
    struct wb_unix_stream first;
    struct wb_unix_stream second;
    struct wb_stream stream;
    struct wb_read read;
    char buf[STREAM_LEN];
    size_t len = 0;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    assert_ok(wb_unix_stream_pair(&stage.world->sys, &first, &second));
    assert_ok(wb_stream_from_unix(&stream, stage.runtime, &first));
    wb_read_init(&read, &stream.reader.read, buf, STREAM_LEN);
    assert_int_equal(wb_future_poll(&read.future, &context), WB_PENDING);
    assert_ok(wb_unix_stream_write(&second, "hello", 5, &len));
    turn();
    assert_int_equal(bell.wakes, 1); /* would block, and was armed */
    assert_int_equal(wb_future_poll(&read.future, &context), WB_READY);
    assert_ok(read.future.status);
    assert_int_equal(read.len, 5);
    /* Closing with bytes unread is a failure for the other end. */
    assert_ok(wb_unix_stream_write(wb_stream_unix(&stream), "unread", 6, &len));
    wb_unix_stream_close(&second);
    turn();
    wb_read_init(&read, &stream.reader.read, buf, STREAM_LEN);
    assert_int_equal(wb_future_poll(&read.future, &context), WB_READY);
    assert_status(read.future.status, WB_ERR_CONN_RESET);
    wb_stream_close(&stream);
}

/* What was not read stays as it was, and nothing is looked at before. */
static void t2_10_only_what_came_is_in_the_buffer(void **state) {
    (void)state;
    struct wb_unix_stream first;
    struct wb_unix_stream second;
    struct wb_stream stream;
    struct wb_read read;
    char buf[STREAM_LEN];
    char expected[STREAM_LEN];
    size_t len = 0;
    memset(buf, 0x5a, STREAM_LEN);
    memset(expected, 0x5a, STREAM_LEN);
    memcpy(expected, "hello", 5);
    assert_ok(wb_unix_stream_pair(&stage.world->sys, &first, &second));
    assert_ok(wb_stream_from_unix(&stream, stage.runtime, &first));
    assert_ok(wb_unix_stream_write(&second, "hello", 5, &len));
    wb_read_init(&read, &stream.reader.read, buf, STREAM_LEN);
    assert_ok(wb_runtime_block_on(stage.runtime, &read.future));
    assert_int_equal(read.len, 5);
    assert_memory_equal(buf, expected, STREAM_LEN);
    wb_stream_close(&stream);
    wb_unix_stream_close(&second);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SINGLE(p6_1_recv_from_outside_of_a_task_is_refused),
        SINGLE(p6_2_a_datagram_wakes_the_task_once),
        SINGLE(p6_3_ready_and_then_not_arms_the_task),
        SINGLE(p6_4_two_datagrams_need_one_wake),
        SINGLE(p6_5_a_failure_is_returned_and_nothing_is_cleared),
        SINGLE(p6_6_an_empty_datagram_has_a_sender_and_is_no_end),
        SINGLE(t2_09_every_datagram_keeps_its_sender),
        SINGLE(p6_7_a_stream_read_has_three_outcomes),
        SINGLE(t2_10_only_what_came_is_in_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
