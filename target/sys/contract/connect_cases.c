/* connect: in progress, done, refused, again, dissolved (R58-R68). */
#include "sys/contract/support.h"

#include <string.h>

/* A socket that was refused: the port it asked for is bound by somebody who does not listen. */
static bool refused(struct wb_contract_fixture *fx, int *out_fd, int *out_bound) {
    struct wb_sockaddr addr;
    if (!wb__bound(fx, out_bound, &addr)) {
        return false;
    }
    *out_fd = wb__tcp_socket(fx);
    int result = wb__connect_to(fx, *out_fd, *out_bound);
    return wb__check_equal(fx, __FILE__, __LINE__, result, -EINPROGRESS, "connect");
}

static int dissolve(struct wb_contract_fixture *fx, int fd) {
    struct wb_sockaddr addr;
    memset(&addr, 0, sizeof(addr));
    return SYS(connect, fd, &addr, sizeof(addr.in));
}

static void r58_registered_before_connect_reports_the_unconnected_socket(
    struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int fd = wb__tcp_socket(fx);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
    OBSERVE(watch, OUT | HUP, OUT | HUP, OUT | HUP);
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EINPROGRESS);
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT, NONE, OUT);
}

static void r59_connect_says_in_progress_and_is_done(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int fd = wb__tcp_socket(fx);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EINPROGRESS);
    CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(wb__socket_error(fx, fd), 0);
    CHECK_EQUAL(wb__peer_result(fx, fd), 0);
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), 0);
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EISCONN);
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EISCONN);
}

static void r59_client_comes_before_the_listener(struct wb_contract_fixture *fx) {
    for (int mode = WB__LEVEL; mode <= WB__EDGE; mode++) {
        int listener = -1;
        int epfd = wb__epoll(fx);
        int fd = wb__tcp_socket(fx);
        CHECK(wb__listener(fx, 8, &listener));
        CHECK(wb__add(fx, epfd, listener, IN | wb__mode_bits[mode], 'l'));
        CHECK(wb__add(fx, epfd, fd, OUT | wb__mode_bits[mode], 'c'));
        ORDER(epfd, 4, "c"); /* not connected yet */
        CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EINPROGRESS);
        ORDER(epfd, 4, "cl");
    }
}

static void r60_connect_done_is_silent_for_in_interest(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int fd = wb__tcp_socket(fx);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__watch(fx, &watch, fd, IN, IN));
    OBSERVE(watch, HUP, HUP, HUP);
    CHECK(wb__rearm(fx, &watch));
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EINPROGRESS);
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r61_refused_shows_everything(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = -1;
    int bound = -1;
    const uint32_t all = IN | OUT | RDHUP | HUP | ERR;
    CHECK(refused(fx, &fd, &bound));
    CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
    OBSERVE(watch, all, all, all);
    OBSERVE(watch, all, NONE, NONE);
    CHECK_EQUAL(wb__peer_result(fx, fd), -ENOTCONN);
}

static void r61_refused_is_an_event_for_whoever_was_registered(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    struct wb__watch watch;
    int bound = -1;
    int fd = wb__tcp_socket(fx);
    const uint32_t all = IN | OUT | RDHUP | HUP | ERR;
    CHECK(wb__bound(fx, &bound, &addr));
    CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
    OBSERVE(watch, OUT | HUP, OUT | HUP, OUT | HUP);
    CHECK_EQUAL(wb__connect_to(fx, fd, bound), -EINPROGRESS);
    OBSERVE(watch, all, all, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, all, NONE, all);
}

enum consumer { BY_SO_ERROR, BY_READ, BY_WRITE, CONSUMER_COUNT };

static int64_t consume(struct wb_contract_fixture *fx, int fd, enum consumer consumer) {
    switch (consumer) {
    case BY_SO_ERROR:
        return -wb__socket_error(fx, fd);
    case BY_READ:
        return wb__recv_result(fx, fd);
    case BY_WRITE:
        return wb__send_result(fx, fd);
    case CONSUMER_COUNT:
        break;
    }
    return 0;
}

static void r62_refusal_is_consumed_once_by_whoever_is_first(struct wb_contract_fixture *fx) {
    const uint32_t rest = IN | OUT | RDHUP | HUP;
    for (int consumer = 0; consumer < CONSUMER_COUNT; consumer++) {
        struct wb__watch watch;
        int fd = -1;
        int bound = -1;
        CHECK(refused(fx, &fd, &bound));
        CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
        OBSERVE(watch, rest | ERR, rest | ERR, rest | ERR);
        CHECK_EQUAL(consume(fx, fd, (enum consumer)consumer), -ECONNREFUSED);
        OBSERVE(watch, rest, NONE, NONE);
        CHECK(wb__rearm(fx, &watch));
        OBSERVE(watch, rest, NONE, rest);
        CHECK_EQUAL(wb__socket_error(fx, fd), 0);
        CHECK_EQUAL(wb__recv_result(fx, fd), 0);
        CHECK_EQUAL(wb__recv_result(fx, fd), 0);
        CHECK_EQUAL(wb__send_result(fx, fd), -EPIPE);
    }
}

static void r63_connect_again_first_reports_the_refusal(struct wb_contract_fixture *fx) {
    int fd = -1;
    int bound = -1;
    CHECK(refused(fx, &fd, &bound));
    CHECK_EQUAL(wb__connect_to(fx, fd, bound), -ECONNREFUSED);
    STATE(fd, OUT | HUP);
    CHECK_EQUAL(SYS(listen, bound, 8), 0);
    CHECK_EQUAL(wb__connect_to(fx, fd, bound), -EINPROGRESS);
    CHECK_EQUAL(wb__peer_result(fx, fd), 0);
}

static void r63_connect_again_after_the_error_was_consumed_is_aborted_once(
    struct wb_contract_fixture *fx) {
    int fd = -1;
    int bound = -1;
    CHECK(refused(fx, &fd, &bound));
    CHECK_EQUAL(wb__socket_error(fx, fd), ECONNREFUSED);
    CHECK_EQUAL(wb__connect_to(fx, fd, bound), -ECONNABORTED);
    STATE(fd, OUT | HUP);
    CHECK_EQUAL(SYS(listen, bound, 8), 0);
    CHECK_EQUAL(wb__connect_to(fx, fd, bound), -EINPROGRESS);
    CHECK_EQUAL(wb__peer_result(fx, fd), 0);
}

/* A full backlog leaves the SYN unanswered. */
static void r64_unanswered_connect_is_in_progress(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int fd = -1;
    CHECK(wb__listener(fx, 0, &listener));
    CHECK(wb__client(fx, listener, &fd));
    CHECK(wb__client(fx, listener, &fd));
    CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EALREADY);
    CHECK_EQUAL(wb__peer_result(fx, fd), -ENOTCONN);
    CHECK_EQUAL(wb__socket_error(fx, fd), 0);
    CHECK_EQUAL(wb__recv_result(fx, fd), -EAGAIN);
    CHECK_EQUAL(wb__send_result(fx, fd), -EAGAIN);
}

/* How a connection that is in progress is given up. */
enum abort { BY_SHUT_RD, BY_SHUT_WR, BY_SHUT_RDWR, BY_DISSOLVING, ABORT_COUNT };

static int give_up(struct wb_contract_fixture *fx, int fd, enum abort how) {
    switch (how) {
    case BY_SHUT_RD:
        return SYS(shutdown, fd, WB_SHUT_RD);
    case BY_SHUT_WR:
        return SYS(shutdown, fd, WB_SHUT_WR);
    case BY_SHUT_RDWR:
        return SYS(shutdown, fd, WB_SHUT_RDWR);
    case BY_DISSOLVING:
        return dissolve(fx, fd);
    case ABORT_COUNT:
        break;
    }
    return -EINVAL;
}

static void r65_connect_given_up_is_reset(struct wb_contract_fixture *fx) {
    for (int how = 0; how < ABORT_COUNT; how++) {
        struct wb__watch watch;
        int listener = -1;
        int fd = -1;
        CHECK(wb__listener(fx, 0, &listener));
        CHECK(wb__client(fx, listener, &fd));
        CHECK(wb__client(fx, listener, &fd));
        CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
        OBSERVE(watch, NONE, NONE, NONE);
        CHECK_EQUAL(give_up(fx, fd, (enum abort)how), 0);
        OBSERVE(watch, OUT | HUP | ERR, OUT | HUP | ERR, OUT | HUP | ERR);
        CHECK_EQUAL(wb__socket_error(fx, fd), ECONNRESET);
        OBSERVE(watch, OUT | HUP, NONE, NONE);
    }
}

/* With TCP_USER_TIMEOUT Linux gives up when the first SYN is to be repeated, after a second;
 * without it, as a kernel may that does not look at the option, after two minutes. */
static void r66_connect_that_times_out_shows_everything(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int timeout_ms = 50;
    int fd = wb__tcp_socket(fx);
    const int64_t patience_ns = INT64_C(300000000000);
    const uint32_t all = IN | OUT | RDHUP | HUP | ERR;
    CHECK(wb__listener(fx, 0, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(
        SYS(setsockopt, fd, WB_IPPROTO_TCP, WB_TCP_USER_TIMEOUT, &timeout_ms, sizeof(timeout_ms)),
        0);
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EINPROGRESS);
    CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__poll_one(fx, fd, ALL, patience_ns), (int)all);
    OBSERVE(watch, all, all, all);
    CHECK_EQUAL(wb__socket_error(fx, fd), ETIMEDOUT);
    OBSERVE(watch, all & ~ERR, NONE, NONE);
}

static void r67_peer_that_closed_before_the_add_shows_the_end(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    CHECK(wb__watch(fx, &watch, pair.own, ALL, ALL));
    OBSERVE(watch, IN | OUT | RDHUP, IN | OUT | RDHUP, IN | OUT | RDHUP);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), 0);
}

static void r68_dissolving_a_connection_resets_it(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch own;
    struct wb__watch peer;
    const uint32_t gone = IN | OUT | RDHUP | HUP | ERR;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &own, pair.own, ALL, READ));
    CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ));
    OBSERVE(own, OUT, OUT, NONE);
    OBSERVE(peer, OUT, OUT, NONE);
    CHECK_EQUAL(dissolve(fx, pair.own), 0);
    OBSERVE(own, OUT | HUP | ERR, OUT | HUP | ERR, HUP | ERR);
    OBSERVE(peer, gone, gone, gone & ~OUT);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), ECONNRESET);
    CHECK_EQUAL(wb__socket_error(fx, pair.peer), ECONNRESET);
    STATE(pair.own, OUT | HUP);
}

static void connect_with_a_wrong_address_gives_its_error(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = wb__loopback(fx, &addr);
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(SYS(connect, fd, &addr, 1), -EINVAL);
    CHECK_EQUAL(SYS(connect, fd, &addr, 8), -EINVAL);
    addr.family = 200;
    CHECK_EQUAL(SYS(connect, fd, &addr, len), -EAFNOSUPPORT);
}

static void connected_sockets_name_each_other(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr a;
    struct wb_sockaddr b;
    uint32_t a_len = sizeof(a);
    uint32_t b_len = sizeof(b);
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(SYS(getsockname, pair.own, &a, &a_len), 0);
    CHECK_EQUAL(SYS(getpeername, pair.peer, &b, &b_len), 0);
    CHECK_EQUAL(a_len, b_len);
    CHECK(a.in.port_be != 0);
    CHECK_EQUAL(memcmp(&a, &b, a_len), 0);
    a_len = sizeof(a);
    b_len = sizeof(b);
    CHECK_EQUAL(SYS(getpeername, pair.own, &a, &a_len), 0);
    CHECK_EQUAL(SYS(getsockname, pair.peer, &b, &b_len), 0);
    CHECK_EQUAL(a_len, b_len);
    CHECK_EQUAL(memcmp(&a, &b, a_len), 0);
}

static void r68_dissolved_socket_connects_again(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int listener = -1;
    int accepted = -1;
    CHECK(wb__pair(fx, &pair));
    CHECK_EQUAL(dissolve(fx, pair.own), 0);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), ECONNRESET);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(wb__connect_to(fx, pair.own, listener), -EINPROGRESS);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK(wb__send(fx, pair.own, 3));
    CHECK(wb__recv(fx, accepted, 3));
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), -ECONNRESET); /* the old end, untouched by it */
}

/* ::ffff:127.0.0.1 is how an IPv6 socket sees an IPv4 one (RFC 4291, section 2.5.5.2). */
static void connect_of_ipv4_reaches_a_listener_of_both_families(struct wb_contract_fixture *fx) {
    static const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, 127, 0, 0, 1};
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    int off = 0;
    int listener = wb__track(fx, SYS(socket, WB_AF_INET6, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0));
    int client = wb__track(fx, SYS(socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0));
    if (fx->family != WB_AF_INET6) {
        return; /* perhaps there is no IPv6 */
    }
    CHECK_EQUAL(SYS(setsockopt, listener, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, &off, sizeof(off)), 0);
    CHECK_EQUAL(SYS(listen, listener, 8), 0);
    CHECK_EQUAL(SYS(getsockname, listener, &addr, &len), 0);
    struct wb_sockaddr to = {.in = {.family = WB_AF_INET, .addr = {127, 0, 0, 1}}};
    to.in.port_be = addr.in6.port_be;
    CHECK_EQUAL(SYS(connect, client, &to, sizeof(to.in)), -EINPROGRESS);
    len = sizeof(addr);
    CHECK(wb__track(fx, SYS(accept4, listener, &addr, &len, 0)) >= 0);
    CHECK_EQUAL(len, sizeof(addr.in6));
    CHECK_EQUAL(addr.family, WB_AF_INET6);
    CHECK_EQUAL(memcmp(addr.in6.addr, mapped, sizeof(mapped)), 0);
}

/* The wake-up matches every interest, so the entry is queued although it has nothing to report;
 * when it has, it still has that place. */
static void r60_connect_done_queues_even_whom_it_does_not_concern(struct wb_contract_fixture *fx) {
    const uint64_t one = 1;
    int listener = -1;
    int accepted = -1;
    int epfd = wb__epoll(fx);
    int fd = wb__tcp_socket(fx);
    int other = wb__eventfd(fx, 0);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__add(fx, epfd, fd, IN | WB_EPOLLET, 'c'));
    CHECK(wb__add(fx, epfd, other, IN | WB_EPOLLET, 'x'));
    ORDER(epfd, 4, "c"); /* not connected yet */
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EINPROGRESS);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(SYS(write, other, &one, sizeof(one)), sizeof(one));
    CHECK(wb__send(fx, accepted, 1));
    ORDER(epfd, 4, "cx");
}

static void connect_after_a_refused_one_was_shut_down_is_invalid(struct wb_contract_fixture *fx) {
    int fd = -1;
    int bound = -1;
    CHECK(refused(fx, &fd, &bound));
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_WR), -ENOTCONN);
    CHECK_EQUAL(wb__connect_to(fx, fd, bound), -EINVAL);
    CHECK_EQUAL(dissolve(fx, fd), 0);
    CHECK_EQUAL(SYS(listen, bound, 8), 0);
    CHECK_EQUAL(wb__connect_to(fx, fd, bound), -EINPROGRESS);
}

static void connect_that_was_shut_down_does_not_say_it_is_done(struct wb_contract_fixture *fx) {
    int listener = -1;
    int fd = wb__tcp_socket(fx);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EINPROGRESS);
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_RD), 0);
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EISCONN);
}

static void socket_shut_down_before_connect_stays_shut(struct wb_contract_fixture *fx) {
    int listener = -1;
    int fd = wb__tcp_socket(fx);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_RDWR), -ENOTCONN);
    CHECK_EQUAL(wb__connect_to(fx, fd, listener), -EINPROGRESS);
    STATE(fd, IN | OUT | RDHUP | HUP);
    CHECK_EQUAL(wb__send_result(fx, fd), -EPIPE);
    CHECK_EQUAL(wb__recv_result(fx, fd), 0);
}

static void r68_error_of_a_dissolved_connection_ends_with_the_next(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int listener = -1;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(dissolve(fx, pair.own), 0);
    CHECK_EQUAL(wb__connect_to(fx, pair.own, listener), -EINPROGRESS);
    STATE(pair.own, OUT);
    CHECK(wb__send(fx, pair.own, 3));
}

/* Binds another socket to the port that connect had picked for one that was dissolved since. */
static void bind_to_port_given_up(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, int *out_result) {
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    CHECK(wb__pair(fx, out_pair));
    CHECK_EQUAL(SYS(getsockname, out_pair->own, &addr, &len), 0);
    CHECK_EQUAL(dissolve(fx, out_pair->own), 0);
    *out_result = SYS(bind, wb__tcp_socket(fx), &addr, len);
}

/* A socket that was bound would have kept the port. A real system may have picked one that a
 * connection of somebody else has, too: then another is tried. */
static void r68_dissolved_socket_gives_up_the_port_it_was_given(struct wb_contract_fixture *fx) {
    struct wb__pair pair = {.own = -1};
    int result = -EADDRINUSE;
    wb__begin(fx);
    for (int tries = 0; tries < 64 && result == -EADDRINUSE; tries++) {
        result = -EBADF;
        bind_to_port_given_up(fx, &pair, &result);
    }
    TELL(result, "dissolve {}, bind another socket to its port", pair.own);
    CHECK_EQUAL(result, 0);
    CHECK_EQUAL(SYS(listen, pair.own, 1), 0);
}

static const struct wb_contract_case cases[] = {
    CASE(r58_registered_before_connect_reports_the_unconnected_socket, NETWORK),
    CASE(r59_connect_says_in_progress_and_is_done, NETWORK),
    CASE(r59_client_comes_before_the_listener, NETWORK),
    CASE(r60_connect_done_is_silent_for_in_interest, NETWORK),
    CASE(r61_refused_shows_everything, NETWORK),
    CASE(r61_refused_is_an_event_for_whoever_was_registered, NETWORK),
    CASE(r62_refusal_is_consumed_once_by_whoever_is_first, NETWORK),
    CASE(r63_connect_again_first_reports_the_refusal, NETWORK),
    CASE(r63_connect_again_after_the_error_was_consumed_is_aborted_once, NETWORK),
    CASE(r64_unanswered_connect_is_in_progress, NETWORK),
    CASE(r65_connect_given_up_is_reset, NETWORK),
    CASE(r66_connect_that_times_out_shows_everything, NETWORK | WB_CONTRACT_TIMING),
    CASE(r67_peer_that_closed_before_the_add_shows_the_end, NETWORK),
    CASE(r68_dissolving_a_connection_resets_it, NETWORK),
    CASE(connect_with_a_wrong_address_gives_its_error, NETWORK),
    CASE(connected_sockets_name_each_other, NETWORK),
    CASE(r68_dissolved_socket_connects_again, NETWORK),
    CASE(connect_of_ipv4_reaches_a_listener_of_both_families, NETWORK),
    CASE(r60_connect_done_queues_even_whom_it_does_not_concern, NETWORK),
    CASE(connect_after_a_refused_one_was_shut_down_is_invalid, NETWORK),
    CASE(connect_that_was_shut_down_does_not_say_it_is_done, NETWORK),
    CASE(socket_shut_down_before_connect_stays_shut, NETWORK),
    CASE(r68_error_of_a_dissolved_connection_ends_with_the_next, NETWORK),
    CASE(r68_dissolved_socket_gives_up_the_port_it_was_given, NETWORK | WB_CONTRACT_TIMING),
};
WB__CONTRACT_GROUP(connect);
