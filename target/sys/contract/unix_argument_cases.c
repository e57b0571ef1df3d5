/* What Unix sockets refuse, and with which error: arguments, states and addresses, in tables. */
#include "sys/contract/unix_support.h"

#include <string.h>

enum { AF_NONE = 200, SOCK_RAW_NUMBER = 3, SOCK_UNUSED = 4 };

/* Results of a call, one a row. */
static bool all_are(struct wb_contract_fixture *fx, int line, const int *actual,
    const int *expected, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (actual[i] != expected[i]) {
            wb__fail(
                fx, __FILE__, line, "row %zu gives %d, expected %d", i, actual[i], expected[i]);
            return false;
        }
    }
    return true;
}

static void unix_socket_with_wrong_arguments(struct wb_contract_fixture *fx) {
    static const struct {
        int type;
        int protocol;
        int expected;
    } rows[] = {
        {STREAM, 2, -EPROTONOSUPPORT},
        {DGRAM, WB_IPPROTO_UDP, -EPROTONOSUPPORT},
        {SOCK_UNUSED, 0, -ESOCKTNOSUPPORT},
        {6, 0, -ESOCKTNOSUPPORT},
        {15, 0, -EINVAL},
        {STREAM | 020, 0, -EINVAL},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = wb__track(fx, SYS(socket, WB_AF_UNIX, rows[i].type, rows[i].protocol));
        CHECK(all_are(fx, __LINE__, &fd, &rows[i].expected, 1));
    }
}

static void unix_socket_tells_what_it_is(struct wb_contract_fixture *fx) {
    static const struct {
        int type;
        int told;
    } rows[] = {{STREAM, STREAM}, {DGRAM, DGRAM}, {SEQPACKET, SEQPACKET}, {SOCK_RAW_NUMBER, DGRAM}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = wb__track(fx, SYS(socket, WB_AF_UNIX, rows[i].type, WB_AF_UNIX));
        CHECK(fd >= 0);
        CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_TYPE), rows[i].told);
        CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_DOMAIN), WB_AF_UNIX);
        CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_PROTOCOL), 0);
        CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_ACCEPTCONN), 0);
        CHECK_EQUAL(wb__get_int(fx, fd, WB_SOL_SOCKET, WB_SO_ERROR), 0);
    }
}

static void unix_socketpair_with_wrong_arguments(struct wb_contract_fixture *fx) {
    static const struct {
        int domain;
        int type;
        int protocol;
        int expected;
    } rows[] = {
        {WB_AF_INET, STREAM, 0, -EOPNOTSUPP},
        {WB_AF_INET6, STREAM, 0, -EOPNOTSUPP},
        {WB_AF_INET, STREAM, WB_IPPROTO_UDP, -EPROTONOSUPPORT},
        {AF_NONE, STREAM, 0, -EAFNOSUPPORT},
        {WB_AF_UNIX, STREAM | 020, 0, -EINVAL},
        {WB_AF_UNIX, SOCK_UNUSED, 0, -ESOCKTNOSUPPORT},
        {WB_AF_UNIX, STREAM, WB_IPPROTO_TCP, -EPROTONOSUPPORT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fds[2] = {-1, -1};
        int result = SYS(socketpair, rows[i].domain, rows[i].type, rows[i].protocol, fds);
        CHECK(all_are(fx, __LINE__, &result, &rows[i].expected, 1));
    }
    CHECK_EQUAL(SYS(socketpair, WB_AF_UNIX, STREAM, 0, NULL), -EFAULT);
}

static void unix_socketpair_takes_the_lowest_numbers_and_the_flags(struct wb_contract_fixture *fx) {
    int fds[2];
    int first = wb__unix_socket(fx, STREAM);
    int second = wb__unix_socket(fx, STREAM);
    CHECK_EQUAL(wb__close(fx, first), 0);
    CHECK_EQUAL(wb__close(fx, second), 0);
    CHECK_EQUAL(SYS(socketpair, WB_AF_UNIX, STREAM, 0, fds), 0);
    CHECK_EQUAL(wb__track(fx, fds[0]), first);
    CHECK_EQUAL(wb__track(fx, fds[1]), second);
    CHECK_EQUAL(SYS(fcntl, fds[0], WB_F_GETFL, 0) & WB_O_NONBLOCK, 0);
    CHECK_EQUAL(SYS(fcntl, fds[1], WB_F_GETFL, 0) & WB_O_NONBLOCK, 0);
    CHECK_EQUAL(SYS(socketpair, WB_AF_UNIX, STREAM | WB_SOCK_NONBLOCK, 0, fds), 0);
    wb__track(fx, fds[0]);
    wb__track(fx, fds[1]);
    CHECK(SYS(fcntl, fds[0], WB_F_GETFL, 0) & WB_O_NONBLOCK);
    CHECK(SYS(fcntl, fds[1], WB_F_GETFL, 0) & WB_O_NONBLOCK);
}

/* Lengths count the family's two bytes. */
static void unix_bind_and_connect_with_a_wrong_form(struct wb_contract_fixture *fx) {
    static const struct {
        uint16_t family;
        uint32_t len;
        int bound;
        int connected;
    } rows[] = {
        {WB_AF_UNIX, 0, -EINVAL, -EINVAL},
        {WB_AF_UNIX, 1, -EINVAL, -EINVAL},
        {WB_AF_UNIX, sizeof(struct wb_sockaddr_un) + 1, -EINVAL, -EINVAL},
        {WB_AF_INET, 2, -EINVAL, -EINVAL},
        {WB_AF_INET, sizeof(struct wb_sockaddr_in), -EINVAL, -EINVAL},
        {WB_AF_UNSPEC, 2, -EINVAL, -EINVAL},
        {WB_AF_UNSPEC, 16, -EINVAL, -EINVAL},
    };
    int fd = wb__unix_socket(fx, STREAM);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wb_sockaddr addr = {.un = {.family = rows[i].family, .path = "x"}};
        int result = SYS(bind, fd, &addr, rows[i].len);
        CHECK(all_are(fx, __LINE__, &result, &rows[i].bound, 1));
        result = SYS(connect, fd, &addr, rows[i].len);
        CHECK(all_are(fx, __LINE__, &result, &rows[i].connected, 1));
    }
    struct wb_sockaddr family = {.family = WB_AF_UNIX};
    CHECK_EQUAL(SYS(connect, fd, &family, 2), -EINVAL);
    CHECK_EQUAL(SYS(bind, fd, NULL, 5), -EFAULT);
    CHECK_EQUAL(SYS(connect, fd, NULL, 5), -EFAULT);
}

/* What lies at a path decides: 'a' is a bound socket, 'b' was closed, nothing is 'c'. */
static void unix_connect_to_the_wrong_place(struct wb_contract_fixture *fx) {
    static const struct {
        int type;
        char letter;
        const char *behind; /* what follows the name */
        int expected;
    } rows[] = {
        {STREAM, 'a', "", -ECONNREFUSED}, /* it does not listen */
        {DGRAM, 'a', "", -EPROTOTYPE},
        {SEQPACKET, 'a', "", -EPROTOTYPE},
        {STREAM, 'a', "/", -ENOTDIR},
        {STREAM, 'a', "/x", -ENOTDIR},
        {STREAM, 'a', "/.", -ENOTDIR},
        {STREAM, 'b', "", -ECONNREFUSED},
        {DGRAM, 'b', "", -ECONNREFUSED},
        {STREAM, 'c', "", -ENOENT},
        {DGRAM, 'c', "", -ENOENT},
    };
    int bound = -1;
    int closed = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &bound));
    CHECK(wb__unix_bound(fx, STREAM, 'b', &closed));
    CHECK_EQUAL(wb__close(fx, closed), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wb_sockaddr addr;
        uint32_t len = wb__unix_path(fx, rows[i].letter, &addr);
        strcat(addr.un.path, rows[i].behind);
        len += (uint32_t)strlen(rows[i].behind);
        int result = SYS(connect, wb__unix_socket(fx, rows[i].type), &addr, len);
        CHECK(all_are(fx, __LINE__, &result, &rows[i].expected, 1));
    }
}

static void unix_bind_to_a_place_that_is_taken(struct wb_contract_fixture *fx) {
    static const struct {
        char letter;
        const char *behind;
        int expected;
    } rows[] = {
        {'a', "", -EADDRINUSE},
        {'a', "/", -EADDRINUSE},
        {'a', "/x", -ENOTDIR},
        {'a', "/..", -ENOTDIR},
        {'b', "/", -ENOENT},
    };
    int bound = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &bound));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wb_sockaddr addr;
        uint32_t len = wb__unix_path(fx, rows[i].letter, &addr);
        strcat(addr.un.path, rows[i].behind);
        len += (uint32_t)strlen(rows[i].behind);
        int result = SYS(bind, wb__unix_socket(fx, DGRAM), &addr, len);
        CHECK(all_are(fx, __LINE__, &result, &rows[i].expected, 1));
    }
    /* The directory itself. */
    struct wb_sockaddr addr;
    uint32_t len = wb__unix_path(fx, 'a', &addr);
    CHECK_EQUAL(SYS(bind, wb__unix_socket(fx, DGRAM), &addr, len - 2), -EADDRINUSE);
    CHECK_EQUAL(SYS(connect, wb__unix_socket(fx, DGRAM), &addr, len - 2), -ECONNREFUSED);
}

static void unix_path_is_found_whatever_way_it_is_written(struct wb_contract_fixture *fx) {
    struct wb_sockaddr plain;
    struct wb_sockaddr addr;
    int listener = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    wb__unix_path(fx, 'a', &plain);
    size_t len = strlen(plain.un.path);
    char letter = plain.un.path[len - 1];
    memset(&addr, 0, sizeof(addr));
    addr.family = WB_AF_UNIX;
    memcpy(addr.un.path, plain.un.path, len - 1);
    memcpy(addr.un.path + len - 1, ".//./", 5);
    addr.un.path[len + 4] = letter;
    CHECK_EQUAL(SYS(connect, wb__unix_socket(fx, STREAM), &addr, sizeof(addr.un)), 0);
}

static void unix_unlink_of_the_wrong_place(struct wb_contract_fixture *fx) {
    static const struct {
        const char *behind;
        int expected;
    } rows[] = {{"/", -ENOTDIR}, {"/x", -ENOTDIR}, {"x", -ENOENT}, {"", 0}};
    struct wb_sockaddr addr;
    int bound = -1;
    CHECK(wb__unix_bound(fx, STREAM, 'a', &bound));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        wb__unix_path(fx, 'a', &addr);
        strcat(addr.un.path, rows[i].behind);
        int result = SYS(unlink, addr.un.path);
        CHECK(all_are(fx, __LINE__, &result, &rows[i].expected, 1));
    }
    CHECK_EQUAL(SYS(unlink, ""), -ENOENT);
    CHECK_EQUAL(SYS(unlink, "/"), -EISDIR);
    char longest[4200];
    memset(longest, 'x', sizeof(longest));
    longest[4199] = '\0';
    CHECK_EQUAL(SYS(unlink, longest), -ENAMETOOLONG);
    longest[256] = '\0';
    CHECK_EQUAL(SYS(unlink, longest), -ENAMETOOLONG); /* one part of a path */
}

/* What each type says to the calls that are not for it, or too early. */
static void unix_fresh_sockets_refuse(struct wb_contract_fixture *fx) {
    static const struct {
        int type;
        int expected[6]; /* listen, accept, recv, send, urgent recv, urgent send */
    } rows[] = {
        {STREAM, {-EINVAL, -EINVAL, -EINVAL, -ENOTCONN, -EINVAL, -ENOTCONN}},
        {DGRAM, {-EOPNOTSUPP, -EOPNOTSUPP, -EAGAIN, -ENOTCONN, -EOPNOTSUPP, -EOPNOTSUPP}},
        {SEQPACKET, {-EINVAL, -EINVAL, -ENOTCONN, -ENOTCONN, -ENOTCONN, -ENOTCONN}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char byte = 0;
        int fd = wb__unix_socket(fx, rows[i].type);
        const int actual[6] = {
            SYS(listen, fd, 1),
            wb__track(fx, SYS(accept4, fd, NULL, NULL, 0)),
            (int)wb__recv_result(fx, fd),
            (int)wb__send_result(fx, fd),
            (int)SYS(recv, fd, &byte, 1, WB_MSG_OOB),
            (int)SYS(send, fd, &byte, 1, WB_MSG_OOB | WB_MSG_NOSIGNAL),
        };
        CHECK(all_are(fx, __LINE__, actual, rows[i].expected, 6));
        CHECK_EQUAL(SYS(shutdown, fd, 3), -EINVAL);
        CHECK_EQUAL(SYS(shutdown, fd, -1), -EINVAL);
    }
}

static void unix_listeners_refuse(struct wb_contract_fixture *fx) {
    static const struct {
        int type;
        int expected[4]; /* recv, send, connect to another, getpeername */
    } rows[] = {
        {STREAM, {-EINVAL, -ENOTCONN, -EINVAL, -ENOTCONN}},
        {SEQPACKET, {-ENOTCONN, -ENOTCONN, -EINVAL, -ENOTCONN}},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = -1;
        int other = -1;
        char letter = (char)('a' + 2 * i);
        CHECK(wb__unix_listener(fx, rows[i].type, 4, letter, &fd));
        CHECK(wb__unix_listener(fx, rows[i].type, 4, (char)(letter + 1), &other));
        const int actual[4] = {
            (int)wb__recv_result(fx, fd),
            (int)wb__send_result(fx, fd),
            wb__unix_connect(fx, fd, (char)(letter + 1)),
            wb__peer_result(fx, fd),
        };
        CHECK(all_are(fx, __LINE__, actual, rows[i].expected, 4));
    }
}

static void unix_connected_socket_refuses(struct wb_contract_fixture *fx) {
    int listener = -1;
    int fd = -1;
    CHECK(wb__unix_listener(fx, STREAM, 4, 'a', &listener));
    CHECK(wb__unix_client(fx, STREAM, 'a', &fd));
    CHECK_EQUAL(wb__unix_connect(fx, fd, 'a'), -EISCONN);
    CHECK_EQUAL(wb__unix_connect(fx, fd, 'z'), -ENOENT); /* the address is looked at first */
    CHECK_EQUAL(wb__unix_send_to(fx, fd, 'a'), -EISCONN);
    CHECK_EQUAL(wb__unix_send_to(fx, wb__unix_socket(fx, STREAM), 'a'), -EOPNOTSUPP);
    CHECK_EQUAL(SYS(listen, fd, 1), -EINVAL);
    struct wb_sockaddr addr;
    uint32_t len = wb__unix_path(fx, 'b', &addr);
    CHECK_EQUAL(SYS(bind, fd, &addr, len), 0); /* a name may come later */
}

static void unix_datagram_to_the_wrong_place(struct wb_contract_fixture *fx) {
    int stream = -1;
    int fd = wb__unix_socket(fx, DGRAM);
    CHECK(wb__unix_bound(fx, STREAM, 'a', &stream));
    CHECK_EQUAL(wb__unix_send_to(fx, fd, 'a'), -EPROTOTYPE);
    CHECK_EQUAL(wb__unix_send_to(fx, fd, 'b'), -ENOENT);
    CHECK_EQUAL(wb__close(fx, stream), 0);
    CHECK_EQUAL(wb__unix_send_to(fx, fd, 'a'), -ECONNREFUSED);
}

/* The unnamed have no more of an address than a family: to TCP that is too short to look at. */
static void unix_name_of_the_unnamed_is_no_address_for_tcp(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    CHECK(wb__unix_pair(fx, STREAM, &pair));
    CHECK_EQUAL(SYS(getsockname, pair.own, &addr, &len), 0);
    CHECK_EQUAL(SYS(connect, wb__tcp_socket(fx), &addr, len), -EINVAL);
    CHECK_EQUAL(SYS(connect, wb__tcp_socket(fx), &addr, sizeof(addr.un)), -EAFNOSUPPORT);
}

static void unix_options_of_other_levels_are_refused(struct wb_contract_fixture *fx) {
    int value = 1;
    uint32_t len = sizeof(value);
    int fd = wb__unix_socket(fx, STREAM);
    CHECK_EQUAL(SYS(getsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, &value, &len), -EOPNOTSUPP);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, &value, len), -EOPNOTSUPP);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_PEERCRED, &value, len), -ENOPROTOOPT);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_PASSCRED, &value, 3), -EINVAL);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_PASSCRED, NULL, len), -EFAULT);
}

static const struct wb_contract_case cases[] = {
    CASE(unix_socket_with_wrong_arguments, 0),
    CASE(unix_socket_tells_what_it_is, 0),
    CASE(unix_socketpair_with_wrong_arguments, 0),
    CASE(unix_socketpair_takes_the_lowest_numbers_and_the_flags, 0),
    CASE(unix_bind_and_connect_with_a_wrong_form, 0),
    CASE(unix_connect_to_the_wrong_place, 0),
    CASE(unix_bind_to_a_place_that_is_taken, 0),
    CASE(unix_path_is_found_whatever_way_it_is_written, 0),
    CASE(unix_unlink_of_the_wrong_place, 0),
    CASE(unix_fresh_sockets_refuse, 0),
    CASE(unix_listeners_refuse, 0),
    CASE(unix_connected_socket_refuses, 0),
    CASE(unix_datagram_to_the_wrong_place, 0),
    CASE(unix_name_of_the_unnamed_is_no_address_for_tcp, NETWORK),
    CASE(unix_options_of_other_levels_are_refused, 0),
};
WB__CONTRACT_GROUP(unix_argument);
