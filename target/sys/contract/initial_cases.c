/* What a descriptor shows before anything has happened to it, and what operations on it give
 * (R37, R39-R42). */
#include "sys/contract/support.h"

static void r37_fresh_socket_is_writable_and_hung_up(struct wb_contract_fixture *fx) {
    int fd = wb__tcp_socket(fx);
    STATE(fd, OUT | HUP);
    CHECK_EQUAL(wb__recv_result(fx, fd), -ENOTCONN);
    CHECK_EQUAL(wb__send_result(fx, fd), -EPIPE);
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_WR), -ENOTCONN);
    CHECK_EQUAL(wb__peer_result(fx, fd), -ENOTCONN);
    CHECK_EQUAL(wb__socket_error(fx, fd), 0);
}

static void r37_bound_socket_is_writable_and_hung_up(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int fd = -1;
    CHECK(wb__bound(fx, &fd, &addr));
    STATE(fd, OUT | HUP);
    CHECK_EQUAL(wb__recv_result(fx, fd), -ENOTCONN);
    CHECK_EQUAL(wb__send_result(fx, fd), -EPIPE);
    CHECK_EQUAL(SYS(accept4, fd, NULL, NULL, 0), -EINVAL);
}

static void r39_listener_shows_nothing_and_carries_no_data(struct wb_contract_fixture *fx) {
    int listener = -1;
    CHECK(wb__listener(fx, 1, &listener));
    STATE(listener, NONE);
    CHECK_EQUAL(wb__recv_result(fx, listener), -ENOTCONN);
    CHECK_EQUAL(wb__send_result(fx, listener), -EPIPE);
    CHECK_EQUAL(wb__connect_to(fx, listener, listener), -EISCONN);
}

static void r39_empty_instance_shows_nothing(struct wb_contract_fixture *fx) {
    STATE(wb__epoll(fx), NONE);
}

static void r40_connected_sockets_are_writable_on_both_sides(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    STATE(pair.own, OUT);
    STATE(pair.peer, OUT);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN);
}

static void r40_eventfd_of_zero_is_writable(struct wb_contract_fixture *fx) {
    STATE(wb__eventfd(fx, 0), OUT);
}

static void r41_eventfd_of_three_is_readable_and_writable(struct wb_contract_fixture *fx) {
    STATE(wb__eventfd(fx, 3), IN | OUT);
}

static void r42_normal_bits_accompany_in_and_out_if_asked(struct wb_contract_fixture *fx) {
    const uint32_t bits = WB_EPOLLRDNORM | WB_EPOLLRDBAND | WB_EPOLLWRNORM | WB_EPOLLWRBAND;
    struct wb__pair pair;
    struct wb__watch normal;
    struct wb__watch all;
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__watch(fx, &normal, pair.own, bits, bits));
    CHECK(wb__watch(fx, &all, pair.own, ALL | bits, ALL | bits));
    OBSERVE(normal, WB_EPOLLWRNORM, WB_EPOLLWRNORM, WB_EPOLLWRNORM);
    OBSERVE(all, OUT | WB_EPOLLWRNORM, OUT | WB_EPOLLWRNORM, OUT | WB_EPOLLWRNORM);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(normal, WB_EPOLLRDNORM | WB_EPOLLWRNORM, WB_EPOLLRDNORM | WB_EPOLLWRNORM, NONE);
    CHECK(wb__recv(fx, pair.own, 1));
    OBSERVE(normal, WB_EPOLLWRNORM, NONE, NONE);
}

static void r37_shutdown_of_a_fresh_socket_fails_and_yet_shows(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__tcp_socket(fx);
    CHECK(wb__watch(fx, &watch, fd, ALL, READ));
    OBSERVE(watch, OUT | HUP, OUT | HUP, HUP);
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_RD), -ENOTCONN);
    OBSERVE(watch, IN | OUT | RDHUP | HUP, IN | OUT | RDHUP | HUP, NONE);
    CHECK_EQUAL(wb__recv_result(fx, fd), 0);
}

static const struct wb_contract_case cases[] = {
    CASE(r37_fresh_socket_is_writable_and_hung_up, NETWORK),
    CASE(r37_bound_socket_is_writable_and_hung_up, NETWORK),
    CASE(r39_listener_shows_nothing_and_carries_no_data, NETWORK),
    CASE(r39_empty_instance_shows_nothing, 0),
    CASE(r40_connected_sockets_are_writable_on_both_sides, NETWORK),
    CASE(r40_eventfd_of_zero_is_writable, 0),
    CASE(r42_normal_bits_accompany_in_and_out_if_asked, NETWORK),
    CASE(r41_eventfd_of_three_is_readable_and_writable, 0),
    CASE(r37_shutdown_of_a_fresh_socket_fails_and_yet_shows, NETWORK),
};
WB__CONTRACT_GROUP(initial);
