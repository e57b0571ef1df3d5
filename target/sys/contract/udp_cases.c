/* UDP: what a socket shows and who is woken (R38, R42, R83, R113-R123, S3, S5, T9). */
#include "sys/contract/udp_support.h"

#include <string.h>

#define BANDS (WB_EPOLLRDNORM | WB_EPOLLRDBAND | WB_EPOLLWRNORM | WB_EPOLLWRBAND)
#define END (IN | OUT | RDHUP)

static bool watched_pair(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, struct wb__watch *out_watch) {
    return wb__udp_pair(fx, out_pair) && wb__watch(fx, out_watch, out_pair->own, ALL, READ);
}

/* Both ends in one instance, edge mode, everything; their first events taken. */
static bool ends_in_one_instance(
    struct wb_contract_fixture *fx, struct wb__pair *out_pair, int *out_epfd) {
    *out_epfd = wb__epoll(fx);
    return wb__udp_pair(fx, out_pair)
           && wb__add(fx, *out_epfd, out_pair->own, ALL | WB_EPOLLET, 'o')
           && wb__add(fx, *out_epfd, out_pair->peer, ALL | WB_EPOLLET, 'p')
           && wb__check_order(fx, __FILE__, __LINE__, *out_epfd, 4, "op");
}

/* ---- states ---- */

static void r38_fresh_or_bound_is_writable_only(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int bound = -1;
    int fresh = wb__udp_socket(fx);
    STATE(fresh, OUT);
    CHECK_EQUAL(wb__recv_result(fx, fresh), -EAGAIN);
    CHECK_EQUAL(wb__send_result(fx, fresh), -EDESTADDRREQ);
    CHECK(wb__udp_bound(fx, &bound, &addr));
    STATE(bound, OUT);
}

static void r42_bands_of_udp(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, IN | OUT | BANDS, 0),
        (long long)(OUT | WB_EPOLLWRNORM | WB_EPOLLWRBAND));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK_EQUAL(wb__poll_one(fx, pair.own, IN | BANDS, 0),
        (long long)(IN | WB_EPOLLRDNORM | WB_EPOLLWRNORM | WB_EPOLLWRBAND));
}

static void r83_the_low_water_mark_is_ignored(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_RCVLOWAT, 100), 0);
    CHECK_EQUAL(wb__get_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_RCVLOWAT), 100);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN | OUT, IN | OUT, IN);
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_RCVLOWAT, 1), 0);
    OBSERVE(watch, IN | OUT, NONE, NONE);
}

/* ---- R113-R116: datagrams come and go ---- */

static void r113_each_own_send_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    for (int i = 0; i < 3; i++) {
        CHECK(wb__send(fx, pair.own, 1));
        OBSERVE(watch, OUT, OUT, NONE);
    }
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, OUT, NONE, OUT);
}

static void r113_a_send_that_fails_is_no_event(struct wb_contract_fixture *fx) {
    static char large[70000];
    struct wb__watch watch;
    int fd = wb__udp_socket(fx);
    CHECK(wb__watch(fx, &watch, fd, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(wb__send_result(fx, fd), -EDESTADDRREQ);
    OBSERVE(watch, OUT, NONE, NONE);
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(SYS(send, pair.own, large, sizeof(large), 0), -EMSGSIZE);
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r113_the_sender_is_woken_before_the_receiver(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int epfd = -1;
    CHECK(ends_in_one_instance(fx, &pair, &epfd));
    CHECK(wb__send(fx, pair.own, 1));
    ORDER(epfd, 4, "op");
    CHECK(wb__send(fx, pair.peer, 1));
    ORDER(epfd, 4, "po");
    ORDER(epfd, 4, "");
}

static void r114_each_arrival_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__send(fx, pair.peer, 1));
    OBSERVE(watch, IN, IN, NONE);
}

static void r115_reading_one_of_several_is_no_event(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK(wb__send(fx, pair.peer, 2));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__recv(fx, pair.own, 1));
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__modify(fx, &watch, READ));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__recv(fx, pair.own, 2));
    NO_DATAGRAM(pair.own);
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r77_a_peek_changes_nothing(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    char data[4];
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 3));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_PEEK), 3);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__recv(fx, pair.own, 3));
}

static void r116_an_empty_datagram_is_one(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    char data[4];
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK(wb__send(fx, pair.peer, 0));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 0);
    NO_DATAGRAM(pair.own);
    STATE(pair.own, OUT);
}

static void r116_recv_of_no_bytes_takes_a_datagram_and_read_does_not(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[4];
    struct wb_iovec iov = {data, 0};
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 1));
    CHECK(wb__send(fx, pair.peer, 2));
    CHECK_EQUAL(SYS(read, pair.own, data, 0), 0);
    CHECK_EQUAL(SYS(readv, pair.own, &iov, 1), 0);
    CHECK_EQUAL(SYS(recv, pair.own, data, 0, 0), 0);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 2);
}

static void r116_write_sends_an_empty_datagram_and_writev_does_not(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    char data[4];
    struct wb_iovec iov = {data, 0};
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(writev, pair.own, &iov, 1), 0);
    NO_DATAGRAM(pair.peer);
    CHECK_EQUAL(SYS(write, pair.own, data, 0), 0);
    CHECK_EQUAL(SYS(recv, pair.peer, data, sizeof(data), 0), 0);
    NO_DATAGRAM(pair.peer);
}

/* ---- R118, R122: full queues ---- */

static void r118_what_does_not_fit_is_dropped_silently(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int received = 0;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(wb__set_int(fx, pair.peer, WB_SOL_SOCKET, WB_SO_RCVBUF, 4096), 0);
    for (int i = 0; i < 100; i++) {
        CHECK(wb__send(fx, pair.own, 100));
    }
    STATE(pair.own, OUT);
    STATE(pair.peer, IN | OUT);
    while (wb__recv_result(fx, pair.peer) == 16) {
        received++;
    }
    CHECK(received >= 1);
    CHECK(received < 100);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
    CHECK_EQUAL(wb__socket_error(fx, pair.peer), 0);
    CHECK(wb__send(fx, pair.own, 5));
    CHECK(wb__recv(fx, pair.peer, 5));
}

static void r118_an_empty_queue_takes_any_datagram(struct wb_contract_fixture *fx) {
    static char large[60000];
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(wb__set_int(fx, pair.peer, WB_SOL_SOCKET, WB_SO_RCVBUF, 0), 0);
    CHECK_EQUAL(SYS(send, pair.own, large, sizeof(large), 0), (long long)sizeof(large));
    CHECK_EQUAL(SYS(recv, pair.peer, large, sizeof(large), 0), (long long)sizeof(large));
}

static void r122_a_send_never_blocks(struct wb_contract_fixture *fx) {
    static char large[60000];
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(wb__set_int(fx, pair.own, WB_SOL_SOCKET, WB_SO_SNDBUF, 0), 0);
    CHECK(wb__watch(fx, &watch, pair.own, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    for (int i = 0; i < 100; i++) {
        CHECK_EQUAL(SYS(send, pair.own, large, sizeof(large), 0), (long long)sizeof(large));
    }
    OBSERVE(watch, OUT, OUT, NONE);
}

static void r100_setting_the_send_buffer_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__udp_socket(fx);
    CHECK(wb__watch(fx, &watch, fd, OUT, OUT));
    OBSERVE(watch, OUT, OUT, OUT);
    CHECK_EQUAL(wb__set_int(fx, fd, WB_SOL_SOCKET, WB_SO_SNDBUF, 9000), 0);
    OBSERVE(watch, OUT, OUT, NONE);
}

/* ---- R119, R120: nobody there ---- */

static void r119_a_refused_datagram_is_an_error_of_the_next_call(struct wb_contract_fixture *fx) {
    int fd = -1;
    CHECK(wb__udp_to_nobody(fx, &fd));
    STATE(fd, OUT);
    CHECK(wb__send(fx, fd, 1));
    STATE(fd, OUT | ERR);
    CHECK_EQUAL(wb__send_result(fx, fd), -ECONNREFUSED);
    STATE(fd, OUT);
    CHECK(wb__send(fx, fd, 1));
    CHECK_EQUAL(wb__recv_result(fx, fd), -ECONNREFUSED);
    CHECK_EQUAL(wb__recv_result(fx, fd), -EAGAIN);
    CHECK(wb__send(fx, fd, 1));
    CHECK_EQUAL(wb__socket_error(fx, fd), ECONNREFUSED);
    CHECK_EQUAL(wb__socket_error(fx, fd), 0);
    STATE(fd, OUT);
}

static void r119_a_refusal_wakes_everybody(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = -1;
    CHECK(wb__udp_to_nobody(fx, &fd));
    CHECK(wb__watch(fx, &watch, fd, ALL, READ));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK(wb__send(fx, fd, 1));
    OBSERVE(watch, OUT | ERR, OUT | ERR, ERR);
    CHECK_EQUAL(wb__socket_error(fx, fd), ECONNREFUSED);
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r119_the_error_goes_before_what_is_queued(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__send(fx, pair.peer, 3));
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    CHECK(wb__send(fx, pair.own, 1));
    STATE(pair.own, IN | OUT | ERR);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -ECONNREFUSED);
    CHECK(wb__recv(fx, pair.own, 3));
}

static void r119_a_refusal_stays_over_another_connect(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int somebody = -1;
    int fd = -1;
    CHECK(wb__udp_bound(fx, &somebody, &addr));
    CHECK(wb__udp_to_nobody(fx, &fd));
    CHECK(wb__send(fx, fd, 1));
    CHECK_EQUAL(SYS(connect, fd, &addr, wb__addr_len(fx)), 0);
    CHECK_EQUAL(wb__socket_error(fx, fd), ECONNREFUSED);
}

static void r119_a_datagram_that_the_receiver_does_not_want_is_refused(
    struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr addr;
    CHECK(wb__udp_pair(fx, &pair));
    int stranger = wb__udp_socket(fx);
    addr = wb__name_of(fx, pair.own);
    CHECK_EQUAL(SYS(connect, stranger, &addr, wb__addr_len(fx)), 0);
    CHECK(wb__send(fx, stranger, 1));
    CHECK_EQUAL(wb__socket_error(fx, stranger), ECONNREFUSED);
    NO_DATAGRAM(pair.own);
}

static void r120_the_unconnected_hears_of_no_refusal(struct wb_contract_fixture *fx) {
    struct wb_sockaddr nobody;
    struct wb__watch watch;
    int fd = -1;
    CHECK(wb__udp_bound(fx, &fd, &nobody));
    CHECK_EQUAL(wb__close(fx, fd), 0);
    fd = wb__udp_socket(fx);
    CHECK(wb__watch(fx, &watch, fd, READ, READ));
    CHECK_EQUAL(wb__send_to(fx, fd, &nobody, "x"), 1);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__socket_error(fx, fd), 0);
    CHECK_EQUAL(wb__recv_result(fx, fd), -EAGAIN);
}

static void r120_a_refusal_from_elsewhere_is_not_heard(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr nobody;
    int fd = -1;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__udp_bound(fx, &fd, &nobody));
    CHECK_EQUAL(wb__close(fx, fd), 0);
    CHECK_EQUAL(wb__send_to(fx, pair.own, &nobody, "x"), 1);
    CHECK_EQUAL(wb__socket_error(fx, pair.own), 0);
}

/* ---- R121: shutdown ---- */

static void r121_shutdown_of_reading_spins(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RD), 0);
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK_EQUAL(wb__recv_result(fx, pair.own), -EAGAIN);
    OBSERVE(watch, END, NONE, NONE);
    CHECK(wb__send(fx, pair.peer, 5));
    OBSERVE(watch, END, END, NONE);
    CHECK(wb__recv(fx, pair.own, 5));
    CHECK(wb__send(fx, pair.own, 5));
}

static void r121_shutdown_of_both_is_a_hangup(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch peer;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK(wb__watch(fx, &peer, pair.peer, ALL, READ));
    OBSERVE(peer, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RDWR), 0);
    STATE(pair.own, END | HUP);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    OBSERVE(peer, OUT, NONE, NONE);
}

static void r121_shutdown_of_writing_shows_nothing(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(watched_pair(fx, &pair, &watch));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(wb__send_result(fx, pair.own), -EPIPE);
    OBSERVE(watch, OUT, NONE, NONE);
}

static void r121_shutdown_of_the_unconnected_fails_and_works(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int fd = wb__udp_socket(fx);
    CHECK(wb__watch(fx, &watch, fd, ALL, READ));
    OBSERVE(watch, OUT, OUT, NONE);
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_RD), -ENOTCONN);
    OBSERVE(watch, END, END, IN | RDHUP);
    CHECK_EQUAL(wb__recv_result(fx, fd), -EAGAIN);
    CHECK_EQUAL(SYS(shutdown, fd, 3), -EINVAL);
}

static void r121_what_was_shut_down_stays_so(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr peer;
    CHECK(wb__udp_pair(fx, &pair));
    peer = wb__name_of(fx, pair.peer);
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RDWR), 0);
    CHECK_EQUAL(SYS(connect, pair.own, &peer, wb__addr_len(fx)), 0);
    STATE(pair.own, END | HUP);
    CHECK_EQUAL(wb__dissolve(fx, pair.own), 0);
    STATE(pair.own, END | HUP);
    CHECK_EQUAL(wb__send_to(fx, pair.own, &peer, "x"), -EPIPE);
}

static void r121_a_blocking_read_after_shutdown_gives_0(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_RD), 0);
    CHECK_EQUAL(SYS(fcntl, pair.own, WB_F_SETFL, 0), 0);
    char data[4];
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), 0), 0);
    CHECK_EQUAL(SYS(recv, pair.own, data, sizeof(data), WB_MSG_DONTWAIT), -EAGAIN);
}

/* No SIGPIPE (R112d): the process is still there. */
static void r112d_epipe_of_udp_is_no_signal(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__udp_pair(fx, &pair));
    CHECK_EQUAL(SYS(shutdown, pair.own, WB_SHUT_WR), 0);
    CHECK_EQUAL(SYS(send, pair.own, "x", 1, 0), -EPIPE);
    CHECK_EQUAL(SYS(write, pair.own, "x", 1), -EPIPE);
}

/* ---- R123: connected ---- */

static void r123_strangers_are_not_heard(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb__watch watch;
    CHECK(wb__udp_pair(fx, &pair));
    struct wb_sockaddr own = wb__name_of(fx, pair.own);
    int stranger = wb__udp_socket(fx);
    CHECK(wb__watch(fx, &watch, pair.own, READ, READ));
    CHECK_EQUAL(wb__send_to(fx, stranger, &own, "foreign"), 7);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(wb__socket_error(fx, stranger), 0);
    CHECK_EQUAL(wb__send_to(fx, pair.peer, NULL, "known"), 5);
    DATAGRAM(pair.own, "known");
    NO_DATAGRAM(pair.own);
}

static void r123_what_was_queued_before_connect_stays(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    struct wb_sockaddr other;
    struct wb__watch watch;
    int fd = -1;
    int friend = -1;
    CHECK(wb__udp_bound(fx, &fd, &addr));
    CHECK(wb__udp_bound(fx, &friend, &other));
    int stranger = wb__udp_socket(fx);
    CHECK_EQUAL(wb__send_to(fx, stranger, &addr, "early"), 5);
    CHECK(wb__watch(fx, &watch, fd, ALL, READ));
    OBSERVE(watch, IN | OUT, IN | OUT, IN);
    CHECK_EQUAL(SYS(connect, fd, &other, wb__addr_len(fx)), 0);
    OBSERVE(watch, IN | OUT, NONE, NONE);
    CHECK_EQUAL(wb__send_to(fx, stranger, &addr, "late"), 4);
    DATAGRAM(fd, "early");
    NO_DATAGRAM(fd);
    CHECK_EQUAL(wb__dissolve(fx, fd), 0);
    OBSERVE(watch, OUT, NONE, NONE);
}

static const struct wb_contract_case cases[] = {
    CASE(r38_fresh_or_bound_is_writable_only, NETWORK),
    CASE(r42_bands_of_udp, NETWORK),
    CASE(r77_a_peek_changes_nothing, NETWORK),
    CASE(r83_the_low_water_mark_is_ignored, NETWORK),
    CASE(r100_setting_the_send_buffer_is_an_event, NETWORK),
    CASE(r112d_epipe_of_udp_is_no_signal, NETWORK),
    CASE(r113_each_own_send_is_an_event, NETWORK),
    CASE(r113_a_send_that_fails_is_no_event, NETWORK),
    CASE(r113_the_sender_is_woken_before_the_receiver, NETWORK),
    CASE(r114_each_arrival_is_an_event, NETWORK),
    CASE(r115_reading_one_of_several_is_no_event, NETWORK),
    CASE(r116_an_empty_datagram_is_one, NETWORK),
    CASE(r116_recv_of_no_bytes_takes_a_datagram_and_read_does_not, NETWORK),
    CASE(r116_write_sends_an_empty_datagram_and_writev_does_not, NETWORK),
    CASE(r118_what_does_not_fit_is_dropped_silently, NETWORK | WB_CONTRACT_TIMING),
    CASE(r118_an_empty_queue_takes_any_datagram, NETWORK),
    CASE(r119_a_refused_datagram_is_an_error_of_the_next_call, NETWORK),
    CASE(r119_a_refusal_wakes_everybody, NETWORK),
    CASE(r119_the_error_goes_before_what_is_queued, NETWORK),
    CASE(r119_a_refusal_stays_over_another_connect, NETWORK),
    CASE(r119_a_datagram_that_the_receiver_does_not_want_is_refused, NETWORK),
    CASE(r120_the_unconnected_hears_of_no_refusal, NETWORK),
    CASE(r120_a_refusal_from_elsewhere_is_not_heard, NETWORK),
    CASE(r121_shutdown_of_reading_spins, NETWORK),
    CASE(r121_shutdown_of_both_is_a_hangup, NETWORK),
    CASE(r121_shutdown_of_writing_shows_nothing, NETWORK),
    CASE(r121_shutdown_of_the_unconnected_fails_and_works, NETWORK),
    CASE(r121_what_was_shut_down_stays_so, NETWORK),
    CASE(r121_a_blocking_read_after_shutdown_gives_0, NETWORK),
    CASE(r122_a_send_never_blocks, NETWORK),
    CASE(r123_strangers_are_not_heard, NETWORK),
    CASE(r123_what_was_queued_before_connect_stays, NETWORK),
};

WB__CONTRACT_GROUP(udp);
