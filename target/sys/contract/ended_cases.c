/* What a socket keeps when its connection ends or never came to be, and what a listener hands down
 * to the connections it accepts. */
#include "sys/contract/support.h"

static int bind_again(struct wb_contract_fixture *fx, int fd) {
    struct wb_sockaddr addr;
    uint32_t len = wb__loopback(fx, &addr);
    return SYS(bind, fd, &addr, len);
}

static int dissolve(struct wb_contract_fixture *fx, int fd) {
    struct wb_sockaddr addr = {.family = WB_AF_UNSPEC};
    return SYS(connect, fd, &addr, (uint32_t)sizeof(addr.in));
}

static void ended_refused_client_has_no_port(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = wb__loopback(fx, &addr);
    int fd = wb__tcp_socket(fx);
    if (addr.family == WB_AF_INET) {
        addr.in.port_be = 256; /* port 1: nobody's */
    } else {
        addr.in6.port_be = 256;
    }
    CHECK_EQUAL(SYS(connect, fd, &addr, len), -EINPROGRESS);
    CHECK_EQUAL(bind_again(fx, fd), 0);
    CHECK_EQUAL(bind_again(fx, fd), -EINVAL);
}

static void ended_both_sides_have_no_port(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(bind_again(fx, pair.own), -EINVAL);
    CHECK(wb__shutdown(fx, pair.own, WB_SHUT_WR));
    CHECK(wb__shutdown(fx, pair.peer, WB_SHUT_WR));
    CHECK_EQUAL(bind_again(fx, pair.own), 0);
    CHECK_EQUAL(bind_again(fx, pair.peer), 0);
}

/* Only what was connected or listened gives up a port that bind picked. */
static void ended_bound_socket_keeps_its_port_when_dissolved(struct wb_contract_fixture *fx) {
    int bound = -1;
    int listener = -1;
    struct wb_sockaddr addr;
    CHECK(wb__bound(fx, &bound, &addr));
    CHECK_EQUAL(dissolve(fx, bound), 0);
    CHECK_EQUAL(bind_again(fx, bound), -EINVAL);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(dissolve(fx, listener), 0);
    CHECK_EQUAL(bind_again(fx, listener), 0);
}

static void ended_listener_dissolved_resets_who_waits(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(dissolve(fx, listener), 0);
    CHECK_EQUAL(wb__socket_error(fx, client), ECONNRESET);
}

/* A listener that was shut for writing before it listened ends each connection at once. */
static void ended_shutdown_before_listen_is_handed_down(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int server = -1;
    struct wb_sockaddr addr;
    CHECK(wb__bound(fx, &listener, &addr));
    CHECK_EQUAL(SYS(shutdown, listener, WB_SHUT_WR), -ENOTCONN);
    CHECK_EQUAL(SYS(listen, listener, 8), 0);
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(wb__recv_result(fx, client), 0);
    CHECK(wb__accept(fx, listener, &server));
    CHECK_EQUAL(wb__send_result(fx, server), -EPIPE);
}

static void ended_several_messages_report_the_error_first(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    uint8_t byte;
    struct wb_iovec iov = {&byte, 1};
    struct wb_mmsghdr msg = {.hdr = {.iov = &iov, .iov_len = 1}};
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(wb__close_by_reset(fx, pair.peer), 0);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, &msg, 1, 0), -ECONNRESET);
    CHECK_EQUAL(SYS(recvmmsg, pair.own, &msg, 1, 0), 1);
}

static const struct wb_contract_case cases[] = {
    CASE(ended_refused_client_has_no_port, NETWORK),
    CASE(ended_both_sides_have_no_port, NETWORK),
    CASE(ended_bound_socket_keeps_its_port_when_dissolved, NETWORK),
    CASE(ended_listener_dissolved_resets_who_waits, NETWORK),
    CASE(ended_shutdown_before_listen_is_handed_down, NETWORK),
    CASE(ended_several_messages_report_the_error_first, NETWORK),
};
WB__CONTRACT_GROUP(ended);
