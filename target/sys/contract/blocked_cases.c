/* Threads that are blocked in a call of their own, other than a wait on an instance. */
#include "sys/contract/support.h"

enum { MS = 1000000, ATTEMPTS = 4 };

static const int64_t long_ns = INT64_C(10000) * MS;

struct reader {
    const struct wb_sys *sys;
    int fd;
    int64_t result;
    uint8_t bytes[8];
};

static void receive_once(void *arg) {
    struct reader *reader = arg;
    reader->result = WB_SYS(reader->sys, recv, reader->fd, reader->bytes, sizeof(reader->bytes), 0);
}

/* A descriptor that blocks, in the place of `fd`; the case closes it itself. */
static int blocking_twin(struct wb_contract_fixture *fx, int fd) {
    int twin = SYS(dup, fd);
    return SYS(fcntl, twin, WB_F_SETFL, 0) == 0 && wb__close(fx, fd) == 0 ? twin : -1;
}

/* What recv says to whom another thread has closed the socket, and whose peer then sends a byte.
 * -EBADF: the other was quicker. */
static int64_t receive_on_closed(
    struct wb_contract_fixture *fx, const struct wb__pair *pair, int64_t after_ns) {
    uint64_t thread;
    struct reader reader = {.sys = fx->sys, .fd = blocking_twin(fx, pair->own)};
    if (reader.fd < 0 || SYS(thread_create, receive_once, &reader, &thread) != 0
        || SYS(poll, NULL, 0, after_ns) != 0 || SYS(close, reader.fd) != 0) {
        return -1;
    }
    bool is_sent = wb__send_result(fx, pair->peer) > 0;
    return SYS(thread_join, thread) == 0 && is_sent ? reader.result : -1;
}

static void receive_goes_on_when_another_thread_closes_its_socket(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int64_t after_ns = INT64_C(10) * MS;
    int64_t bytes_received = -EBADF;
    wb__say(fx, "one thread receives, another closes the socket; then its peer sends");
    for (int i = 0; i < ATTEMPTS && bytes_received == -EBADF; i++, after_ns *= 4) {
        CHECK(wb__pair(fx, &pair));
        bytes_received = receive_on_closed(fx, &pair, after_ns);
    }
    CHECK(bytes_received > 0);
    /* With the call ends the connection. */
    CHECK_EQUAL(wb__poll_one(fx, pair.peer, IN, long_ns), IN);
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), 0);
}

static void each_of_two_blocked_receivers_gets_a_datagram(struct wb_contract_fixture *fx) {
    enum { COUNT = 2 };
    struct reader readers[COUNT] = {{0}};
    uint64_t threads[COUNT];
    int fds[2];
    CHECK_EQUAL(SYS(socketpair, WB_AF_UNIX, WB_SOCK_DGRAM, 0, fds), 0);
    CHECK(wb__track(fx, fds[0]) >= 0 && wb__track(fx, fds[1]) >= 0);
    wb__say(fx, "two threads receive from one socket, two datagrams come");
    for (int i = 0; i < COUNT; i++) {
        readers[i] = (struct reader){.sys = fx->sys, .fd = fds[0]};
        CHECK_EQUAL(SYS(thread_create, receive_once, &readers[i], &threads[i]), 0);
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQUAL(SYS(send, fds[1], "abc", (size_t)i + 1, 0), i + 1);
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQUAL(SYS(thread_join, threads[i]), 0);
    }
    CHECK_EQUAL(readers[0].result + readers[1].result, 1 + 2);
}

struct acceptor {
    const struct wb_sys *sys;
    int listener;
    int fd;
};

static void accept_once(void *arg) {
    struct acceptor *acceptor = arg;
    acceptor->fd = WB_SYS(acceptor->sys, accept4, acceptor->listener, NULL, NULL, 0);
}

static void each_of_two_blocked_acceptors_gets_a_connection(struct wb_contract_fixture *fx) {
    enum { COUNT = 2 };
    struct acceptor acceptors[COUNT] = {{0}};
    uint64_t threads[COUNT];
    int listener;
    int client;
    CHECK(wb__listener(fx, COUNT, &listener));
    CHECK_EQUAL(SYS(fcntl, listener, WB_F_SETFL, 0), 0);
    wb__say(fx, "two threads accept from one listener, two connections come");
    for (int i = 0; i < COUNT; i++) {
        acceptors[i] = (struct acceptor){.sys = fx->sys, .listener = listener};
        CHECK_EQUAL(SYS(thread_create, accept_once, &acceptors[i], &threads[i]), 0);
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK(wb__client(fx, listener, &client));
    }
    for (int i = 0; i < COUNT; i++) {
        CHECK_EQUAL(SYS(thread_join, threads[i]), 0);
        CHECK(wb__track(fx, acceptors[i].fd) >= 0);
    }
    CHECK(acceptors[0].fd != acceptors[1].fd);
}

static const struct wb_contract_case cases[] = {
    CASE(receive_goes_on_when_another_thread_closes_its_socket,
        WB_CONTRACT_NEEDS_THREADS | WB_CONTRACT_TIMING | NETWORK),
    CASE(each_of_two_blocked_receivers_gets_a_datagram, WB_CONTRACT_NEEDS_THREADS),
    CASE(each_of_two_blocked_acceptors_gets_a_connection, WB_CONTRACT_NEEDS_THREADS | NETWORK),
};
WB__CONTRACT_GROUP(blocked);
