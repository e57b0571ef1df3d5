/* Descriptors of any kind: their numbers, duplicates, flags, and what a wrong one gives. */
#include "sys/contract/support.h"

static void descriptor_new_one_is_the_lowest_free(struct wb_contract_fixture *fx) {
    int a = wb__eventfd(fx, 0);
    int b = wb__eventfd(fx, 0);
    int c = wb__eventfd(fx, 0);
    CHECK(a >= 0 && a < b && b < c);
    CHECK_EQUAL(wb__close(fx, b), 0);
    CHECK_EQUAL(wb__close(fx, a), 0);
    CHECK_EQUAL(wb__epoll(fx), a);
    CHECK_EQUAL(wb__tcp_socket(fx), b);
    CHECK(wb__eventfd(fx, 0) > c);
}

static void descriptor_duplicate_is_the_lowest_free(struct wb_contract_fixture *fx) {
    int a = wb__eventfd(fx, 0);
    int b = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__close(fx, a), 0);
    CHECK_EQUAL(wb__dup(fx, b), a);
}

static void descriptor_accepted_one_is_the_lowest_free(struct wb_contract_fixture *fx) {
    int hole = wb__eventfd(fx, 0);
    int listener = -1;
    int client = -1;
    int accepted = -1;
    CHECK(wb__listener(fx, 1, &listener));
    CHECK(wb__client(fx, listener, &client));
    CHECK_EQUAL(wb__close(fx, hole), 0);
    CHECK(wb__accept(fx, listener, &accepted));
    CHECK_EQUAL(accepted, hole);
}

static void descriptor_closed_twice_gives_ebadf(struct wb_contract_fixture *fx) {
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__close(fx, fd), 0);
    CHECK_EQUAL(wb__close(fx, fd), -EBADF);
    CHECK_EQUAL(wb__close(fx, -1), -EBADF);
}

static void descriptor_closed_gives_ebadf_everywhere(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = wb__loopback(fx, &addr);
    char data[8] = {0};
    struct wb_iovec iov = {data, sizeof(data)};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    int fd = wb__tcp_socket(fx);
    CHECK_EQUAL(wb__close(fx, fd), 0);
    CHECK_EQUAL(SYS(bind, fd, &addr, len), -EBADF);
    CHECK_EQUAL(SYS(listen, fd, 1), -EBADF);
    CHECK_EQUAL(SYS(accept4, fd, NULL, NULL, 0), -EBADF);
    CHECK_EQUAL(SYS(connect, fd, &addr, len), -EBADF);
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_WR), -EBADF);
    CHECK_EQUAL(SYS(getsockname, fd, &addr, &len), -EBADF);
    CHECK_EQUAL(SYS(getpeername, fd, &addr, &len), -EBADF);
    CHECK_EQUAL(wb__socket_error(fx, fd), -EBADF);
    CHECK_EQUAL(SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_REUSEADDR, &len, sizeof(len)), -EBADF);
    CHECK_EQUAL(SYS(recv, fd, data, sizeof(data), 0), -EBADF);
    CHECK_EQUAL(SYS(send, fd, data, sizeof(data), WB_MSG_NOSIGNAL), -EBADF);
    CHECK_EQUAL(SYS(recvmsg, fd, &msg, 0), -EBADF);
    CHECK_EQUAL(SYS(sendmsg, fd, &msg, WB_MSG_NOSIGNAL), -EBADF);
    CHECK_EQUAL(SYS(read, fd, data, sizeof(data)), -EBADF);
    CHECK_EQUAL(SYS(write, fd, data, sizeof(data)), -EBADF);
    CHECK_EQUAL(SYS(readv, fd, &iov, 1), -EBADF);
    CHECK_EQUAL(SYS(writev, fd, &iov, 1), -EBADF);
    CHECK_EQUAL(SYS(dup, fd), -EBADF);
    CHECK_EQUAL(SYS(fcntl, fd, WB_F_GETFL, 0), -EBADF);
}

static void descriptor_that_is_no_socket_gives_enotsock(struct wb_contract_fixture *fx) {
    struct wb_sockaddr addr;
    uint32_t len = wb__loopback(fx, &addr);
    char data[8] = {0};
    int fd = wb__eventfd(fx, 0);
    CHECK_EQUAL(SYS(bind, fd, &addr, len), -ENOTSOCK);
    CHECK_EQUAL(SYS(listen, fd, 1), -ENOTSOCK);
    CHECK_EQUAL(SYS(accept4, fd, NULL, NULL, 0), -ENOTSOCK);
    CHECK_EQUAL(SYS(connect, fd, &addr, len), -ENOTSOCK);
    CHECK_EQUAL(SYS(shutdown, fd, WB_SHUT_WR), -ENOTSOCK);
    CHECK_EQUAL(SYS(getsockname, fd, &addr, &len), -ENOTSOCK);
    CHECK_EQUAL(wb__socket_error(fx, fd), -ENOTSOCK);
    CHECK_EQUAL(SYS(recv, fd, data, sizeof(data), 0), -ENOTSOCK);
    CHECK_EQUAL(SYS(send, fd, data, sizeof(data), WB_MSG_NOSIGNAL), -ENOTSOCK);
}

static void descriptor_instance_cannot_be_read_or_written(struct wb_contract_fixture *fx) {
    char data[8] = {0};
    int epfd = wb__epoll(fx);
    CHECK_EQUAL(SYS(read, epfd, data, sizeof(data)), -EINVAL);
    CHECK_EQUAL(SYS(write, epfd, data, sizeof(data)), -EINVAL);
}

static void descriptor_duplicates_share_their_file(struct wb_contract_fixture *fx) {
    struct wb__pair pair;
    CHECK(wb__pair(fx, &pair));
    int twin = wb__dup(fx, pair.own);
    CHECK(twin >= 0 && twin != pair.own);
    CHECK(wb__send(fx, pair.peer, 4));
    CHECK(wb__recv(fx, pair.own, 1));
    CHECK(wb__recv(fx, twin, 3));
    CHECK_EQUAL(wb__close(fx, pair.own), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), -EAGAIN); /* no FIN: the file is still open */
    CHECK(wb__send(fx, twin, 2));
    CHECK(wb__recv(fx, pair.peer, 2));
    CHECK_EQUAL(wb__close(fx, twin), 0);
    CHECK_EQUAL(wb__recv_result(fx, pair.peer), 0);
}

static void descriptor_duplicates_share_their_flags(struct wb_contract_fixture *fx) {
    int fd = wb__tcp_socket(fx);
    int twin = wb__dup(fx, fd);
    int flags = SYS(fcntl, fd, WB_F_GETFL, 0);
    CHECK(flags >= 0 && (flags & WB_O_NONBLOCK) != 0);
    CHECK_EQUAL(SYS(fcntl, twin, WB_F_GETFL, 0), flags);
    CHECK_EQUAL(SYS(fcntl, twin, WB_F_SETFL, flags & ~WB_O_NONBLOCK), 0);
    CHECK_EQUAL(SYS(fcntl, fd, WB_F_GETFL, 0), flags & ~WB_O_NONBLOCK);
    CHECK_EQUAL(SYS(fcntl, fd, WB_F_SETFL, flags), 0);
    CHECK_EQUAL(SYS(fcntl, twin, WB_F_GETFL, 0), flags);
}

static void descriptor_is_nonblocking_only_if_asked(struct wb_contract_fixture *fx) {
    int blocking[] = {wb__track(fx, SYS(socket, fx->family, WB_SOCK_STREAM, 0)),
        wb__track(fx, SYS(eventfd, 0, WB_EFD_CLOEXEC))};
    int nonblocking[] = {wb__tcp_socket(fx), wb__eventfd(fx, 0)};
    for (int i = 0; i < 2; i++) {
        int flags = SYS(fcntl, blocking[i], WB_F_GETFL, 0);
        CHECK(flags >= 0 && (flags & WB_O_NONBLOCK) == 0);
        flags = SYS(fcntl, nonblocking[i], WB_F_GETFL, 0);
        CHECK(flags >= 0 && (flags & WB_O_NONBLOCK) != 0);
    }
}

static void descriptor_other_fcntl_commands_give_einval(struct wb_contract_fixture *fx) {
    CHECK_EQUAL(SYS(fcntl, wb__eventfd(fx, 0), 9999, 0), -EINVAL);
}

static void descriptor_many_opened_and_closed_leave_none(struct wb_contract_fixture *fx) {
    int first = wb__eventfd(fx, 0);
    CHECK_EQUAL(wb__close(fx, first), 0);
    for (int i = 0; i < 500; i++) {
        struct wb__pair pair;
        int epfd = wb__epoll(fx);
        CHECK_EQUAL(epfd, first);
        CHECK(wb__pair(fx, &pair));
        CHECK_EQUAL(wb__close_by_reset(fx, pair.own), 0);
        CHECK_EQUAL(wb__close(fx, pair.peer), 0);
        CHECK_EQUAL(wb__close(fx, epfd), 0);
    }
    CHECK_EQUAL(wb__eventfd(fx, 0), first);
}

static void descriptor_lowest_free_does_not_depend_on_the_order_of_closing(
    struct wb_contract_fixture *fx) {
    int fds[4];
    for (int i = 0; i < 4; i++) {
        fds[i] = wb__eventfd(fx, 0);
    }
    CHECK_EQUAL(wb__close(fx, fds[0]), 0);
    CHECK_EQUAL(wb__close(fx, fds[2]), 0);
    CHECK_EQUAL(wb__close(fx, fds[1]), 0);
    CHECK_EQUAL(wb__eventfd(fx, 0), fds[0]);
    CHECK_EQUAL(wb__eventfd(fx, 0), fds[1]);
    CHECK_EQUAL(wb__eventfd(fx, 0), fds[2]);
}

static const struct wb_contract_case cases[] = {
    CASE(descriptor_new_one_is_the_lowest_free, 0),
    CASE(descriptor_duplicate_is_the_lowest_free, 0),
    CASE(descriptor_accepted_one_is_the_lowest_free, NETWORK),
    CASE(descriptor_closed_twice_gives_ebadf, 0),
    CASE(descriptor_closed_gives_ebadf_everywhere, NETWORK),
    CASE(descriptor_that_is_no_socket_gives_enotsock, 0),
    CASE(descriptor_instance_cannot_be_read_or_written, 0),
    CASE(descriptor_duplicates_share_their_file, NETWORK),
    CASE(descriptor_duplicates_share_their_flags, 0),
    CASE(descriptor_is_nonblocking_only_if_asked, 0),
    CASE(descriptor_other_fcntl_commands_give_einval, 0),
    CASE(descriptor_many_opened_and_closed_leave_none, NETWORK),
    CASE(descriptor_lowest_free_does_not_depend_on_the_order_of_closing, 0),
};
WB__CONTRACT_GROUP(descriptor);
