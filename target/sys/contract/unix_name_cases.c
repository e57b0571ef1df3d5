/* Names of Unix sockets: unnamed, paths, abstract ones; what becomes of a path when its socket is
 * closed; what is told of names. */
#include "sys/contract/unix_support.h"

#include <string.h>

/* Family and path, without and with the letter's name. */
enum { UNNAMED_LEN = 2, AUTOBIND_LEN = 8 };

static bool check_name(struct wb_contract_fixture *fx, const struct wb_sockaddr *actual,
    uint32_t actual_len, const struct wb_sockaddr *expected, uint32_t expected_len) {
    return wb__check_equal(fx, __FILE__, __LINE__, actual_len, expected_len, "length of the name")
           && wb__check(fx, __FILE__, __LINE__, memcmp(actual, expected, expected_len) == 0,
               "the name is the right one");
}

static void unix_unnamed_socket_tells_its_family_only(struct wb_contract_fixture *fx) {
    const int types[] = {STREAM, DGRAM, SEQPACKET};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct wb_sockaddr addr = {.storage = {0}};
        uint32_t len = sizeof(addr);
        int fd = wb__unix_socket(fx, types[i]);
        CHECK_EQUAL(SYS(getsockname, fd, &addr, &len), 0);
        CHECK_EQUAL(len, UNNAMED_LEN);
        CHECK_EQUAL(addr.family, WB_AF_UNIX);
        CHECK_EQUAL(SYS(getpeername, fd, &addr, &len), -ENOTCONN);
    }
}

static void unix_pair_has_no_names_and_yet_a_peer(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(SYS(getpeername, pair.own, &addr, &len), 0);
    CHECK_EQUAL(len, UNNAMED_LEN);
    CHECK_EQUAL(wb__close(fx, pair.peer), 0);
    len = sizeof(addr);
    CHECK_EQUAL(SYS(getpeername, pair.own, &addr, &len), 0); /* gone, and still the peer */
    CHECK_EQUAL(len, UNNAMED_LEN);
}

static void unix_path_is_told_with_its_nul(struct wb_contract_fixture *fx) {
    struct wb_sockaddr wanted;
    struct wb_sockaddr actual;
    uint32_t wanted_len = wb__unix_path(fx, 'a', &wanted);
    int bare = wb__unix_socket(fx, STREAM);
    CHECK_EQUAL(SYS(bind, bare, &wanted, wanted_len - 1), 0); /* given without */
    uint32_t len = sizeof(actual);
    CHECK_EQUAL(SYS(getsockname, bare, &actual, &len), 0);
    CHECK(check_name(fx, &actual, len, &wanted, wanted_len));
    len = 4;
    memset(&actual, 0, sizeof(actual));
    CHECK_EQUAL(SYS(getsockname, bare, &actual, &len), 0); /* cut, and yet the full length */
    CHECK_EQUAL(len, wanted_len);
    CHECK_EQUAL(actual.un.path[1], wanted.un.path[1]);
    CHECK_EQUAL(actual.un.path[2], 0);
}

static void unix_abstract_name_is_told_as_it_was_given(struct wb_contract_fixture *fx) {
    struct wb_sockaddr wanted;
    struct wb_sockaddr actual;
    uint32_t wanted_len = wb__unix_abstract(fx, 'a', &wanted);
    int fd = wb__unix_socket(fx, DGRAM);
    uint32_t len = sizeof(actual);
    CHECK_EQUAL(SYS(bind, fd, &wanted, wanted_len), 0);
    CHECK_EQUAL(SYS(getsockname, fd, &actual, &len), 0);
    CHECK(check_name(fx, &actual, len, &wanted, wanted_len));
    CHECK_EQUAL(actual.un.path[0], 0);
}

/* Its length belongs to an abstract name: one more NUL is another name. */
static void unix_abstract_names_differ_by_length(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = wb__unix_abstract(fx, 'a', &addr);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, DGRAM), &addr, len), 0);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, DGRAM), &addr, len), -EADDRINUSE);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, DGRAM), &addr, len + 1), 0);
}

static void unix_abstract_names_differ_by_type(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = wb__unix_abstract(fx, 'a', &addr);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, DGRAM), &addr, len), 0);
    CHECK_EQUAL(SYS(connect, wb__unix_socket(fx, STREAM), &addr, len), -ECONNREFUSED);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, STREAM), &addr, len), 0);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, SEQPACKET), &addr, len), 0);
    CHECK_EQUAL(SYS(connect, wb__unix_socket(fx, DGRAM), &addr, len), 0);
}

static void unix_abstract_name_goes_with_its_socket(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = wb__unix_abstract(fx, 'a', &addr);
    int first = wb__unix_socket(fx, DGRAM);
    CHECK_EQUAL(SYS(bind, first, &addr, len), 0);
    CHECK_EQUAL(wb__close(fx, first), 0);
    CHECK_EQUAL(SYS(connect, wb__unix_socket(fx, DGRAM), &addr, len), -ECONNREFUSED);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, DGRAM), &addr, len), 0);
}

static void unix_family_alone_binds_to_a_name_of_the_kernels(struct wb_contract_fixture *fx) {
    struct wb_sockaddr first = {.family = WB_AF_UNIX};
    struct wb_sockaddr second = first;
    uint32_t first_len = sizeof(first);
    uint32_t second_len = sizeof(second);
    int a = wb__unix_socket(fx, DGRAM);
    int b = wb__unix_socket(fx, DGRAM);
    CHECK_EQUAL(SYS(bind, a, &first, UNNAMED_LEN), 0);
    CHECK_EQUAL(SYS(bind, b, &first, UNNAMED_LEN), 0);
    CHECK_EQUAL(SYS(getsockname, a, &first, &first_len), 0);
    CHECK_EQUAL(SYS(getsockname, b, &second, &second_len), 0);
    CHECK_EQUAL(first_len, AUTOBIND_LEN);
    CHECK_EQUAL(second_len, AUTOBIND_LEN);
    CHECK_EQUAL(first.un.path[0], 0);
    for (int i = 1; i <= 5; i++) {
        CHECK(strchr("0123456789abcdef", first.un.path[i]) != NULL);
    }
    CHECK(memcmp(&first, &second, AUTOBIND_LEN) != 0);
    CHECK_EQUAL(SYS(connect, b, &first, first_len), 0);
}

static void unix_bound_socket_may_ask_for_a_name_and_keeps_its_own(struct wb_contract_fixture *fx) {
    struct wb_sockaddr family = {.family = WB_AF_UNIX};
    struct wb_sockaddr wanted;
    struct wb_sockaddr actual;
    uint32_t wanted_len = wb__unix_path(fx, 'a', &wanted);
    uint32_t len = sizeof(actual);
    int fd = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &fd));
    CHECK_EQUAL(SYS(bind, fd, &family, UNNAMED_LEN), 0);
    CHECK_EQUAL(SYS(getsockname, fd, &actual, &len), 0);
    CHECK(check_name(fx, &actual, len, &wanted, wanted_len));
}

static void unix_bound_socket_cannot_be_bound_again(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int fd = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &fd));
    uint32_t len = wb__unix_path(fx, 'b', &addr);
    CHECK_EQUAL(SYS(bind, fd, &addr, len), -EINVAL);
    CHECK_EQUAL(wb__unix_unlink(fx, 'b'), -ENOENT); /* nothing was left there */
    len = wb__unix_path(fx, 'a', &addr);
    CHECK_EQUAL(SYS(bind, fd, &addr, len), -EADDRINUSE);
    len = wb__unix_abstract(fx, 'b', &addr);
    CHECK_EQUAL(SYS(bind, fd, &addr, len), -EINVAL);
}

static void unix_path_stays_until_it_is_unlinked(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    int fd = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &fd));
    CHECK_EQUAL(wb__close(fx, fd), 0);
    uint32_t len = wb__unix_path(fx, 'a', &addr);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, STREAM), &addr, len), -EADDRINUSE);
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, STREAM), 'a'), -ECONNREFUSED);
    CHECK_EQUAL(wb__unix_unlink(fx, 'a'), 0);
    CHECK_EQUAL(wb__unix_unlink(fx, 'a'), -ENOENT);
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, STREAM), 'a'), -ENOENT);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, STREAM), &addr, len), 0);
}

static void unix_unlinked_listener_is_out_of_reach_but_whole(struct wb_contract_fixture *fx) {
    struct wb_sockaddr wanted;
    struct wb_sockaddr actual;
    uint32_t wanted_len = wb__unix_path(fx, 'a', &wanted);
    uint32_t len = sizeof(actual);
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK_EQUAL(wb__unix_unlink(fx, 'a'), 0);
    CHECK_EQUAL(wb__unix_connect(fx, wb__unix_socket(fx, STREAM), 'a'), -ENOENT);
    CHECK_EQUAL(SYS(getsockname, listener, &actual, &len), 0);
    CHECK(check_name(fx, &actual, len, &wanted, wanted_len));
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(wb__send_text(fx, client, "hi", 0), 2);
    TEXT(accepted, 8, 0, "hi");
    /* Another may take the path meanwhile, and keeps it when the first one is closed. */
    int next = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &next));
    CHECK_EQUAL(wb__close(fx, listener), 0);
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
}

static void unix_accepted_socket_bears_the_listeners_name(struct wb_contract_fixture *fx) {
    struct wb_sockaddr server;
    struct wb_sockaddr client;
    struct wb_sockaddr actual;
    uint32_t server_len = wb__unix_path(fx, 'a', &server);
    uint32_t client_len = wb__unix_path(fx, 'b', &client);
    uint32_t len = sizeof(actual);
    int listener = -1;
    int fd = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK(wb__unix_bound(fx, STREAM, 'b', &fd));
    CHECK_EQUAL(wb__unix_connect(fx, fd, 'a'), 0);
    int accepted = wb__track(fx, SYS(accept4, listener, &actual, &len, WB_SOCK_NONBLOCK));
    CHECK(accepted >= 0);
    CHECK(check_name(fx, &actual, len, &client, client_len));
    len = sizeof(actual);
    CHECK_EQUAL(SYS(getsockname, accepted, &actual, &len), 0);
    CHECK(check_name(fx, &actual, len, &server, server_len));
    len = sizeof(actual);
    CHECK_EQUAL(SYS(getpeername, accepted, &actual, &len), 0);
    CHECK(check_name(fx, &actual, len, &client, client_len));
    len = sizeof(actual);
    CHECK_EQUAL(SYS(getpeername, fd, &actual, &len), 0);
    CHECK(check_name(fx, &actual, len, &server, server_len));
}

static void unix_accept_from_the_unnamed_tells_the_family_only(struct wb_contract_fixture *fx) {
    struct wb_sockaddr actual;
    uint32_t len = sizeof(actual);
    int listener = -1;
    int client = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &client));
    CHECK(wb__track(fx, SYS(accept4, listener, &actual, &len, 0)) >= 0);
    CHECK_EQUAL(len, UNNAMED_LEN);
    CHECK_EQUAL(actual.family, WB_AF_UNIX);
}

static void unix_datagram_names_its_sender_if_it_has_a_name(struct wb_contract_fixture *fx) {
    struct wb_sockaddr path;
    struct wb_sockaddr abstract;
    uint32_t path_len = wb__unix_path(fx, 'b', &path);
    uint32_t abstract_len = wb__unix_abstract(fx, 'c', &abstract);
    int receiver = -1;
    int named = -1;
    int unnamed = wb__unix_socket(fx, DGRAM);
    int hidden = wb__unix_socket(fx, DGRAM);
    CHECK(wb__unix_bound(fx, DGRAM, 'a', &receiver));
    CHECK(wb__unix_bound(fx, DGRAM, 'b', &named));
    CHECK_EQUAL(SYS(bind, hidden, &abstract, abstract_len), 0);
    CHECK_EQUAL(wb__unix_send_to(fx, named, 'a'), 1);
    CHECK_EQUAL(wb__unix_send_to(fx, unnamed, 'a'), 1);
    CHECK_EQUAL(wb__unix_send_to(fx, hidden, 'a'), 1);
    struct wb__received received = wb__receive(fx, receiver, 8, 0, 0);
    CHECK_EQUAL(received.result, 1);
    CHECK(check_name(fx, &received.name, received.name_len, &path, path_len));
    received = wb__receive(fx, receiver, 8, 0, 0);
    CHECK_EQUAL(received.result, 1);
    CHECK_EQUAL(received.name_len, 0); /* no address at all, not even a family */
    received = wb__receive(fx, receiver, 8, 0, 0);
    CHECK_EQUAL(received.result, 1);
    CHECK(check_name(fx, &received.name, received.name_len, &abstract, abstract_len));
}

/* Where the peer is known a name is told all the same. */
static void unix_stream_names_the_sender_of_the_bytes(struct wb_contract_fixture *fx) {
    struct wb_sockaddr client;
    uint32_t client_len = wb__unix_path(fx, 'b', &client);
    int listener = -1;
    int fd = -1;
    int accepted = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK(wb__unix_bound(fx, STREAM, 'b', &fd));
    CHECK_EQUAL(wb__unix_connect(fx, fd, 'a'), 0);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(wb__send_text(fx, fd, "hi", 0), 2);
    struct wb__received received = wb__receive(fx, accepted, 8, 0, 0);
    CHECK_EQUAL(received.result, 2);
    CHECK(check_name(fx, &received.name, received.name_len, &client, client_len));
    CHECK_EQUAL(wb__close(fx, fd), 0);
    received = wb__receive(fx, accepted, 8, 0, 0);
    CHECK_EQUAL(received.result, 0);
    CHECK_EQUAL(received.name_len, 0);
}

/* The longest path has no room for a NUL of its own. */
static void unix_path_may_fill_its_field(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = wb__unix_path(fx, 'a', &addr);
    size_t used = strlen(addr.un.path);
    memset(addr.un.path + used, 'x', sizeof(addr.un.path) - used);
    char path[sizeof(addr.un.path) + 1] = {0};
    memcpy(path, addr.un.path, sizeof(addr.un.path));
    int fd = wb__unix_socket(fx, STREAM);
    CHECK_EQUAL(SYS(bind, fd, &addr, sizeof(addr.un)), 0);
    len = sizeof(addr);
    int result = SYS(getsockname, fd, &addr, &len);
    CHECK_EQUAL(SYS(unlink, path), 0);
    CHECK_EQUAL(result, 0);
    CHECK_EQUAL(len, sizeof(addr.un) + 1);
    CHECK_EQUAL(strcmp((const char *)addr.storage + 2, path), 0);
}

static const struct wb_contract_case cases[] = {
    CASE(unix_unnamed_socket_tells_its_family_only, 0),
    CASE(unix_pair_has_no_names_and_yet_a_peer, 0),
    CASE(unix_path_is_told_with_its_nul, 0),
    CASE(unix_abstract_name_is_told_as_it_was_given, 0),
    CASE(unix_abstract_names_differ_by_length, 0),
    CASE(unix_abstract_names_differ_by_type, 0),
    CASE(unix_abstract_name_goes_with_its_socket, 0),
    CASE(unix_family_alone_binds_to_a_name_of_the_kernels, 0),
    CASE(unix_bound_socket_may_ask_for_a_name_and_keeps_its_own, 0),
    CASE(unix_bound_socket_cannot_be_bound_again, 0),
    CASE(unix_path_stays_until_it_is_unlinked, 0),
    CASE(unix_unlinked_listener_is_out_of_reach_but_whole, 0),
    CASE(unix_accepted_socket_bears_the_listeners_name, 0),
    CASE(unix_accept_from_the_unnamed_tells_the_family_only, 0),
    CASE(unix_datagram_names_its_sender_if_it_has_a_name, 0),
    CASE(unix_stream_names_the_sender_of_the_bytes, 0),
    CASE(unix_path_may_fill_its_field, 0),
};
WB__CONTRACT_GROUP(unix_name);
