/* The listening socket: what makes it readable, what accept gives, how it ends (R43-R57). */
#include "sys/contract/support.h"

/* A listener with room for eight, watched for reading. */
static bool watched_listener(
    struct wb_contract_fixture *fx, int *out_listener, struct wb__watch *out_watch) {
    return wb__listener(fx, 8, out_listener) && wb__watch(fx, out_watch, *out_listener, ALL, ALL);
}

static void r43_first_connection_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
}

static void r44_second_connection_is_another_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
}

static void r45_accepting_one_of_two_is_no_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__accept(fx, listener, &accepted));
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
}

static void r46_connection_beside_one_left_over_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
}

static void r47_three_connections_before_a_wait_are_one_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
}

static void r48_connection_accepted_before_the_wait_is_no_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__accept(fx, listener, &accepted));
    OBSERVE(watch, NONE, NONE, NONE);
}

static void r49_connection_after_eagain_is_an_event(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EAGAIN);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
}

static void r50_pending_connection_that_was_reset_is_accepted_dead(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(wb__close_by_reset(fx, client), 0);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__accept(fx, listener, &accepted));
    STATE(accepted, IN | OUT | RDHUP | HUP | ERR);
    CHECK_EQUAL(wb__peer_result(fx, accepted), -ENOTCONN);
    CHECK_EQUAL(wb__recv_result(fx, accepted), -ECONNRESET);
    CHECK_EQUAL(wb__recv_result(fx, accepted), 0);
    CHECK_EQUAL(wb__send_result(fx, accepted), -EPIPE);
}

static void r51_fin_before_accept_shows_on_the_accepted_socket(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__shutdown(fx, client, WB_SHUT_WR));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__accept(fx, listener, &accepted));
    STATE(accepted, IN | OUT | RDHUP);
    CHECK_EQUAL(wb__recv_result(fx, accepted), 0);
}

static void r51_data_and_fin_before_accept_show_on_the_accepted_socket(
    struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__send(fx, client, 7));
    CHECK_EQUAL(wb__close(fx, client), 0);
    CHECK(wb__accept(fx, listener, &accepted));
    STATE(accepted, IN | OUT | RDHUP);
    CHECK(wb__recv(fx, accepted, 7));
    CHECK_EQUAL(wb__recv_result(fx, accepted), 0);
}

/* Takes every descriptor number there is; returns one that can be given back. */
static int exhaust_descriptors(struct wb_contract_fixture *fx, int fd) {
    int last = fd;
    wb__begin(fx);
    for (int i = 0; i < WB_CONTRACT_FD_MAX; i++) {
        int next = wb__dup(fx, fd);
        if (next < 0) {
            wb__name(fx, last, "last one");
            TELL(next, "dup({}) until there is no descriptor left", fd);
            return next == -EMFILE ? last : next;
        }
        last = next;
    }
    return -1;
}

static void r52_accept_without_a_free_descriptor_loses_no_connection_but_the_edge(
    struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    int late = wb__tcp_socket(fx);
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    int last = exhaust_descriptors(fx, listener);
    CHECK(last >= 0);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EMFILE);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, IN, NONE, IN);
    CHECK_EQUAL(wb__close(fx, last), 0);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK_EQUAL(wb__connect_to(fx, late, listener), -EINPROGRESS);
    OBSERVE(watch, IN, IN, NONE);
    CHECK_EQUAL(wb__track(fx, SYS(accept4, listener, NULL, NULL, 0)), last);
}

static void r53_closing_a_listener_resets_what_is_pending(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    struct wb__watch client_watch;
    int listener = -1;
    int client = -1;
    const uint32_t gone = IN | OUT | RDHUP | HUP | ERR;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__watch(fx, &client_watch, client, ALL, READ));
    OBSERVE(client_watch, OUT, OUT, NONE);
    OBSERVE(watch, IN, IN, IN);
    CHECK_EQUAL(wb__close(fx, listener), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    OBSERVE(client_watch, gone, gone, gone & ~OUT);
    CHECK_EQUAL(wb__recv_result(fx, client), -ECONNRESET);
}

static void r54_shutting_down_reading_ends_the_listening(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__rearm(fx, &watch));
    CHECK_EQUAL(SYS(shutdown, listener, WB_SHUT_RD), 0);
    OBSERVE(watch, OUT | HUP, OUT | HUP, OUT | HUP);
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EINVAL);
    CHECK_EQUAL(wb__recv_result(fx, client), -ECONNRESET);
    CHECK_EQUAL(SYS(listen, listener, 8), 0);
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__accept(fx, listener, &client));
}

static void r54_shutting_down_writing_has_no_effect(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK_EQUAL(SYS(shutdown, listener, WB_SHUT_WR), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__client(fx, listener, &client));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__accept(fx, listener, &client));
}

static void r55_listen_on_a_watched_socket_takes_the_hangup_away(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    struct wb__watch watch;
    int fd = -1;
    CHECK(wb__bound(fx, &fd, &addr));
    CHECK(wb__watch(fx, &watch, fd, ALL, ALL));
    OBSERVE(watch, OUT | HUP, OUT | HUP, OUT | HUP);
    CHECK_EQUAL(SYS(listen, fd, 1), 0);
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK(wb__rearm(fx, &watch));
    OBSERVE(watch, NONE, NONE, NONE);
}

/* Connections beyond the backlog are not refused: their SYN is dropped, so nothing happens to them
 * until it is repeated, a second later. */
static void r56_backlog_lets_one_more_connect_than_it_says(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    int client = -1;
    CHECK(wb__listener(fx, 1, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(wb__peer_result(fx, client), 0);
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(wb__peer_result(fx, client), 0);
    CHECK(wb__watch(fx, &watch, listener, ALL, ALL));
    OBSERVE(watch, IN, IN, IN);
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(wb__peer_result(fx, client), -ENOTCONN);
    OBSERVE(watch, IN, NONE, NONE);
    CHECK(wb__accept(fx, listener, &client));
    CHECK(wb__accept(fx, listener, &client));
    OBSERVE(watch, NONE, NONE, NONE);
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EAGAIN);
}

static int descriptor_flags(struct wb_contract_fixture *fx, int fd) {
    return SYS(fcntl, fd, WB_F_GETFL, 0);
}

static void r57_accepted_socket_is_nonblocking_only_if_asked(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__client(fx, listener, &client));
    CHECK((descriptor_flags(fx, listener) & WB_O_NONBLOCK) != 0);
    int blocking = wb__track(fx, SYS(accept4, listener, NULL, NULL, WB_SOCK_CLOEXEC));
    int nonblocking = wb__track(fx, SYS(accept4, listener, NULL, NULL, WB_SOCK_NONBLOCK));
    CHECK((descriptor_flags(fx, blocking) & WB_O_NONBLOCK) == 0);
    CHECK((descriptor_flags(fx, nonblocking) & WB_O_NONBLOCK) != 0);
}

static void r57_accepted_socket_inherits_nodelay(struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int accepted = -1;
    int value = 1;
    uint32_t len = sizeof(value);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK_EQUAL(SYS(setsockopt, listener, WB_IPPROTO_TCP, WB_TCP_NODELAY, &value, len), 0);
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__accept(fx, listener, &accepted));
    value = 0;
    CHECK_EQUAL(SYS(getsockopt, accepted, WB_IPPROTO_TCP, WB_TCP_NODELAY, &value, &len), 0);
    CHECK(value != 0);
}

static void r57_accept_refuses_unknown_flags_and_other_sockets(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    int listener = -1;
    int client = -1;
    int udp = wb__track(fx, SYS(socket, fx->family, WB_SOCK_DGRAM | WB_SOCK_NONBLOCK, 0));
    CHECK(wb__pair(fx, &pair));
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 1), -EINVAL);
    CHECK_EQUAL(SYS(accept4, pair.own, NULL, NULL, 0), -EINVAL);
    CHECK_EQUAL(SYS(accept4, wb__tcp_socket(fx), NULL, NULL, 0), -EINVAL);
    CHECK_EQUAL(SYS(accept4, udp, NULL, NULL, 0), -EOPNOTSUPP);
    CHECK_EQUAL(SYS(accept4, udp, NULL, NULL, 1), -EINVAL);
    CHECK(wb__accept(fx, listener, &client));
}

static void r57_accept_reports_the_full_length_of_a_cut_address(struct wb_contract_fixture *fx) {
    struct wb_sockaddr whole;
    struct wb_sockaddr cut = {.storage = {0}};
    int listener = -1;
    int client = -1;
    uint32_t cut_len = sizeof(cut.family);
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__client(fx, listener, &client));
    int accepted = wb__track(fx, SYS(accept4, listener, &cut, &cut_len, 0));
    CHECK(accepted >= 0);
    CHECK_EQUAL(cut_len, wb__loopback(fx, &whole));
    CHECK_EQUAL(cut.family, fx->family);
    CHECK_EQUAL(cut.in.port_be, 0); /* beyond what was asked for */
}

static void r50_data_of_a_pending_connection_that_was_reset_is_read_first(
    struct wb_contract_fixture *fx) {
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__listener(fx, 8, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK(wb__send(fx, client, 7));
    CHECK_EQUAL(wb__close_by_reset(fx, client), 0);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK(wb__recv(fx, accepted, 7));
    CHECK_EQUAL(wb__recv_result(fx, accepted), -ECONNRESET);
    CHECK_EQUAL(wb__recv_result(fx, accepted), 0);
}

static void r54_shutting_down_both_directions_ends_the_listening(struct wb_contract_fixture *fx) {
    struct wb__watch watch;
    int listener = -1;
    CHECK(watched_listener(fx, &listener, &watch));
    CHECK_EQUAL(SYS(shutdown, listener, WB_SHUT_RDWR), 0);
    OBSERVE(watch, OUT | HUP, OUT | HUP, OUT | HUP);
    CHECK_EQUAL(SYS(accept4, listener, NULL, NULL, 0), -EINVAL);
}

static const struct wb_contract_case cases[] = {
    CASE(r43_first_connection_is_an_event, NETWORK),
    CASE(r44_second_connection_is_another_event, NETWORK),
    CASE(r45_accepting_one_of_two_is_no_event, NETWORK),
    CASE(r46_connection_beside_one_left_over_is_an_event, NETWORK),
    CASE(r47_three_connections_before_a_wait_are_one_event, NETWORK),
    CASE(r48_connection_accepted_before_the_wait_is_no_event, NETWORK),
    CASE(r49_connection_after_eagain_is_an_event, NETWORK),
    CASE(r50_pending_connection_that_was_reset_is_accepted_dead, NETWORK),
    CASE(r51_fin_before_accept_shows_on_the_accepted_socket, NETWORK),
    CASE(r51_data_and_fin_before_accept_show_on_the_accepted_socket, NETWORK),
    CASE(r52_accept_without_a_free_descriptor_loses_no_connection_but_the_edge, NETWORK),
    CASE(r53_closing_a_listener_resets_what_is_pending, NETWORK),
    CASE(r54_shutting_down_reading_ends_the_listening, NETWORK),
    CASE(r54_shutting_down_writing_has_no_effect, NETWORK),
    CASE(r55_listen_on_a_watched_socket_takes_the_hangup_away, NETWORK),
    CASE(r56_backlog_lets_one_more_connect_than_it_says, NETWORK),
    CASE(r57_accepted_socket_is_nonblocking_only_if_asked, NETWORK),
    CASE(r57_accepted_socket_inherits_nodelay, NETWORK),
    CASE(r57_accept_refuses_unknown_flags_and_other_sockets, NETWORK),
    CASE(r57_accept_reports_the_full_length_of_a_cut_address, NETWORK),
    CASE(r50_data_of_a_pending_connection_that_was_reset_is_read_first, NETWORK),
    CASE(r54_shutting_down_both_directions_ends_the_listening, NETWORK),
};
WB__CONTRACT_GROUP(listener);
