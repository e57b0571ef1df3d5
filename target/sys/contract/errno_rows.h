/* The rows of errno_cases.c, one a call with its arguments: to which group it belongs, its name,
 * the call, and what it gives for each kind of descriptor, in the order of enum kind. Names of
 * errors stand for -E...; 0 and above are results; FOREIGN is what getsockopt says of a level that
 * is not the socket's, for which the families have different words.
 *
 *   OF_SOCKETS(fresh ... UDP loaded)  EBADF and ENOTSOCK for the others, files included
 *   OF_FILES(regular, read-only, directory), OF_EACH(instance ... UDP loaded)  EBADF where there is
 *                       no descriptor
 *   OF_UNIX(...), OF_EVERY_UNIX(result)  the Unix sockets, behind one of the two above
 *   OF_EVERY_SOCKET(result)  as OF_SOCKETS, all equal and the Unix sockets, too
 *   OF_ALL(result)  as OF_EACH, all equal and the Unix sockets, too
 *   OF_ANY(result)  even without a descriptor
 *
 * A Unix socket knows no level of options but SOL_SOCKET, no address of another family, and may be
 * shut down before it is connected; its datagrams are copied before their receiver is looked for.
 *
 * No include guard: it is included twice, with two meanings of ROW. */

/* clang-format off */

/* ---- sockets ---- */
ROW(SOCKETS, bind_null,
    SYS(bind, fd, NULL, 16),
    OF_EVERY_SOCKET(FAULT))
ROW(SOCKETS, bind_null_without_length,
    SYS(bind, fd, NULL, 0),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, bind_without_length,
    SYS(bind, fd, &args->addr, 0),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, bind_cut_in_the_family,
    SYS(bind, fd, &args->addr, 1),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, bind_short,
    SYS(bind, fd, &args->addr, 15),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, bind_long,
    SYS(bind, fd, &args->addr, 129),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, bind_negative_length,
    SYS(bind, fd, &args->addr, UINT32_MAX),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, bind_strange_family,
    SYS(bind, fd, &args->strange, args->addr_len),
    OF_SOCKETS(AFNOSUPPORT, AFNOSUPPORT, AFNOSUPPORT, AFNOSUPPORT, AFNOSUPPORT, AFNOSUPPORT, AFNOSUPPORT),
    OF_EVERY_UNIX(INVAL))
ROW(SOCKETS, listen_good,
    SYS(listen, fd, 1),
    OF_SOCKETS(0, 0, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP),
    OF_UNIX(INVAL, 0, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP, INVAL, INVAL, INVAL))
ROW(SOCKETS, listen_negative,
    SYS(listen, fd, -1),
    OF_SOCKETS(0, 0, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP),
    OF_UNIX(INVAL, 0, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP, INVAL, INVAL, INVAL))
ROW(SOCKETS, accept_good,
    SYS(accept4, fd, NULL, NULL, 0),
    OF_SOCKETS(INVAL, AGAIN, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP),
    OF_UNIX(INVAL, AGAIN, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP, INVAL, INVAL, INVAL))
ROW(SOCKETS, accept_strange_flags,
    SYS(accept4, fd, NULL, NULL, 1),
    OF_ALL(INVAL))
ROW(SOCKETS, accept_null_length,
    SYS(accept4, fd, &args->addr, NULL, 0),
    OF_SOCKETS(INVAL, AGAIN, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP),
    OF_UNIX(INVAL, AGAIN, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP, INVAL, INVAL, INVAL))
ROW(SOCKETS, connect_null,
    SYS(connect, fd, NULL, 16),
    OF_ALL(FAULT))
ROW(SOCKETS, connect_without_length,
    SYS(connect, fd, &args->addr, 0),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, connect_cut_in_the_family,
    SYS(connect, fd, &args->addr, 1),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, connect_short,
    SYS(connect, fd, &args->addr, 15),
    OF_SOCKETS(INVAL, ISCONN, 0, 0, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SOCKETS, connect_long,
    SYS(connect, fd, &args->addr, 129),
    OF_ALL(INVAL))
ROW(SOCKETS, connect_strange_family,
    SYS(connect, fd, &args->strange, args->addr_len),
    OF_SOCKETS(AFNOSUPPORT, ISCONN, 0, 0, AFNOSUPPORT, AFNOSUPPORT, AFNOSUPPORT),
    OF_EVERY_UNIX(INVAL))
ROW(SOCKETS, shutdown_good,
    SYS(shutdown, fd, WB_SHUT_WR),
    OF_SOCKETS(NOTCONN, 0, 0, 0, NOTCONN, 0, 0),
    OF_EVERY_UNIX(0))
ROW(SOCKETS, shutdown_strange,
    SYS(shutdown, fd, 3),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, shutdown_negative,
    SYS(shutdown, fd, -1),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, getsockname_null,
    SYS(getsockname, fd, NULL, &args->len),
    OF_EVERY_SOCKET(FAULT))
ROW(SOCKETS, getsockname_null_length,
    SYS(getsockname, fd, &args->addr, NULL),
    OF_EVERY_SOCKET(FAULT))
ROW(SOCKETS, getsockname_negative_length,
    SYS(getsockname, fd, &args->addr, &args->negative_len),
    OF_EVERY_SOCKET(INVAL))
ROW(SOCKETS, getsockname_without_length,
    SYS(getsockname, fd, NULL, &args->zero_len),
    OF_EVERY_SOCKET(0))
ROW(SOCKETS, getpeername_good,
    SYS(getpeername, fd, &args->addr, &args->len),
    OF_SOCKETS(NOTCONN, NOTCONN, 0, 0, NOTCONN, 0, 0),
    OF_UNIX(NOTCONN, NOTCONN, 0, 0, NOTCONN, 0, 0, NOTCONN, 0, 0))
ROW(SOCKETS, getpeername_null,
    SYS(getpeername, fd, NULL, &args->len),
    OF_SOCKETS(NOTCONN, NOTCONN, FAULT, FAULT, NOTCONN, FAULT, FAULT),
    OF_UNIX(NOTCONN, NOTCONN, FAULT, FAULT, NOTCONN, FAULT, FAULT, NOTCONN, FAULT, FAULT))
ROW(SOCKETS, getpeername_null_length,
    SYS(getpeername, fd, &args->addr, NULL),
    OF_SOCKETS(NOTCONN, NOTCONN, FAULT, FAULT, NOTCONN, FAULT, FAULT),
    OF_UNIX(NOTCONN, NOTCONN, FAULT, FAULT, NOTCONN, FAULT, FAULT, NOTCONN, FAULT, FAULT))
ROW(SOCKETS, getpeername_negative_length,
    SYS(getpeername, fd, &args->addr, &args->negative_len),
    OF_SOCKETS(NOTCONN, NOTCONN, INVAL, INVAL, NOTCONN, INVAL, INVAL),
    OF_UNIX(NOTCONN, NOTCONN, INVAL, INVAL, NOTCONN, INVAL, INVAL, NOTCONN, INVAL, INVAL))

/* ---- options ---- */
ROW(OPTIONS, getsockopt_good,
    SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, args->value, &args->len),
    OF_EVERY_SOCKET(0))
ROW(OPTIONS, getsockopt_strange_socket_name,
    SYS(getsockopt, fd, WB_SOL_SOCKET, 9999, args->value, &args->len),
    OF_EVERY_SOCKET(NOPROTOOPT))
ROW(OPTIONS, getsockopt_strange_tcp_name,
    SYS(getsockopt, fd, WB_IPPROTO_TCP, 9999, args->value, &args->len),
    OF_SOCKETS(NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, FOREIGN, FOREIGN, FOREIGN),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, getsockopt_strange_name_null,
    SYS(getsockopt, fd, WB_SOL_SOCKET, 9999, NULL, &args->len),
    OF_EVERY_SOCKET(NOPROTOOPT))
ROW(OPTIONS, getsockopt_null,
    SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, NULL, &args->len),
    OF_EVERY_SOCKET(FAULT))
ROW(OPTIONS, getsockopt_null_length,
    SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, args->value, NULL),
    OF_EVERY_SOCKET(FAULT))
ROW(OPTIONS, getsockopt_negative_length,
    SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, args->value, &args->negative_len),
    OF_EVERY_SOCKET(INVAL))
ROW(OPTIONS, getsockopt_without_length,
    SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, NULL, &args->zero_len),
    OF_EVERY_SOCKET(0))
ROW(OPTIONS, getsockopt_tcp_null,
    SYS(getsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, NULL, &args->len),
    OF_SOCKETS(FAULT, FAULT, FAULT, FAULT, FOREIGN, FOREIGN, FOREIGN),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, getsockopt_tcp_null_length,
    SYS(getsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, args->value, NULL),
    OF_SOCKETS(FAULT, FAULT, FAULT, FAULT, FOREIGN, FOREIGN, FOREIGN),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, getsockopt_tcp_negative_length,
    SYS(getsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, args->value, &args->negative_len),
    OF_SOCKETS(INVAL, INVAL, INVAL, INVAL, FOREIGN, FOREIGN, FOREIGN),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, getsockopt_linger_null,
    SYS(getsockopt, fd, WB_SOL_SOCKET, WB_SO_LINGER, NULL, &args->len),
    OF_EVERY_SOCKET(FAULT))
ROW(OPTIONS, setsockopt_strange_level,
    SYS(setsockopt, fd, 999, 1, args->value, 4),
    OF_SOCKETS(NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, setsockopt_strange_socket_name,
    SYS(setsockopt, fd, WB_SOL_SOCKET, 9999, args->value, 4),
    OF_EVERY_SOCKET(NOPROTOOPT))
ROW(OPTIONS, setsockopt_strange_tcp_name,
    SYS(setsockopt, fd, WB_IPPROTO_TCP, 9999, args->value, 4),
    OF_SOCKETS(NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, setsockopt_strange_name_null,
    SYS(setsockopt, fd, WB_SOL_SOCKET, 9999, NULL, 4),
    OF_EVERY_SOCKET(FAULT))
ROW(OPTIONS, setsockopt_strange_name_short,
    SYS(setsockopt, fd, WB_SOL_SOCKET, 9999, args->value, 3),
    OF_EVERY_SOCKET(INVAL))
ROW(OPTIONS, setsockopt_null,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_KEEPALIVE, NULL, 4),
    OF_EVERY_SOCKET(FAULT))
ROW(OPTIONS, setsockopt_short,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_KEEPALIVE, args->value, 3),
    OF_EVERY_SOCKET(INVAL))
ROW(OPTIONS, setsockopt_without_length,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_KEEPALIVE, NULL, 0),
    OF_EVERY_SOCKET(INVAL))
ROW(OPTIONS, setsockopt_negative_length,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_KEEPALIVE, args->value, UINT32_MAX),
    OF_EVERY_SOCKET(INVAL))
ROW(OPTIONS, setsockopt_tcp_null,
    SYS(setsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, NULL, 4),
    OF_SOCKETS(FAULT, FAULT, FAULT, FAULT, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, setsockopt_tcp_short,
    SYS(setsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, args->value, 3),
    OF_SOCKETS(INVAL, INVAL, INVAL, INVAL, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, setsockopt_tcp_negative_length,
    SYS(setsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, args->value, UINT32_MAX),
    OF_EVERY_SOCKET(INVAL))
ROW(OPTIONS, setsockopt_linger_short,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_LINGER, args->value, 7),
    OF_EVERY_SOCKET(INVAL))
ROW(OPTIONS, setsockopt_linger_null,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_LINGER, NULL, 8),
    OF_EVERY_SOCKET(FAULT))
ROW(OPTIONS, setsockopt_read_only_type,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_TYPE, args->value, 4),
    OF_EVERY_SOCKET(NOPROTOOPT))
ROW(OPTIONS, setsockopt_read_only_error,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_ERROR, args->value, 4),
    OF_EVERY_SOCKET(NOPROTOOPT))
ROW(OPTIONS, setsockopt_read_only_acceptconn,
    SYS(setsockopt, fd, WB_SOL_SOCKET, WB_SO_ACCEPTCONN, args->value, 4),
    OF_EVERY_SOCKET(NOPROTOOPT))
ROW(OPTIONS, setsockopt_keepcnt_zero,
    set_int(fx, fd, WB_TCP_KEEPCNT, 0),
    OF_SOCKETS(INVAL, INVAL, INVAL, INVAL, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, setsockopt_keepcnt_large,
    set_int(fx, fd, WB_TCP_KEEPCNT, 128),
    OF_SOCKETS(INVAL, INVAL, INVAL, INVAL, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, setsockopt_keepidle_large,
    set_int(fx, fd, WB_TCP_KEEPIDLE, 32768),
    OF_SOCKETS(INVAL, INVAL, INVAL, INVAL, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT),
    OF_EVERY_UNIX(OPNOTSUPP))
ROW(OPTIONS, setsockopt_user_timeout_negative,
    set_int(fx, fd, WB_TCP_USER_TIMEOUT, -1),
    OF_SOCKETS(INVAL, INVAL, INVAL, INVAL, NOPROTOOPT, NOPROTOOPT, NOPROTOOPT),
    OF_EVERY_UNIX(OPNOTSUPP))

/* ---- bytes ---- */
ROW(BYTES, recv_null,
    SYS(recv, fd, NULL, 8, 0),
    OF_SOCKETS(NOTCONN, NOTCONN, AGAIN, FAULT, AGAIN, AGAIN, FAULT),
    OF_UNIX(INVAL, INVAL, AGAIN, FAULT, AGAIN, AGAIN, FAULT, NOTCONN, AGAIN, FAULT))
ROW(BYTES, recv_nothing,
    SYS(recv, fd, NULL, 0, 0),
    OF_SOCKETS(NOTCONN, NOTCONN, AGAIN, 0, AGAIN, AGAIN, 0),
    OF_UNIX(INVAL, INVAL, AGAIN, 0, AGAIN, AGAIN, 0, NOTCONN, AGAIN, 0))
ROW(BYTES, recv_endless,
    SYS(recv, fd, args->value, SIZE_MAX, 0),
    OF_SOCKETS(NOTCONN, NOTCONN, AGAIN, 2, AGAIN, AGAIN, 2),
    OF_UNIX(INVAL, INVAL, AGAIN, 2, AGAIN, AGAIN, 2, NOTCONN, AGAIN, 2))
ROW(BYTES, recv_urgent_of_none,
    SYS(recv, fd, args->value, 8, WB_MSG_OOB),
    OF_SOCKETS(INVAL, NOTCONN, INVAL, INVAL, AGAIN, AGAIN, 2),
    OF_UNIX(INVAL, INVAL, INVAL, INVAL, OPNOTSUPP, OPNOTSUPP, OPNOTSUPP, NOTCONN, OPNOTSUPP, OPNOTSUPP))
ROW(BYTES, recv_peek_null,
    SYS(recv, fd, NULL, 8, WB_MSG_PEEK),
    OF_SOCKETS(NOTCONN, NOTCONN, AGAIN, FAULT, AGAIN, AGAIN, FAULT),
    OF_UNIX(INVAL, INVAL, AGAIN, FAULT, AGAIN, AGAIN, FAULT, NOTCONN, AGAIN, FAULT))
ROW(BYTES, send_null,
    SYS(send, fd, NULL, 8, WB_MSG_NOSIGNAL),
    OF_SOCKETS(PIPE, PIPE, FAULT, FAULT, DESTADDRREQ, FAULT, FAULT),
    OF_UNIX(NOTCONN, NOTCONN, FAULT, FAULT, FAULT, FAULT, FAULT, NOTCONN, FAULT, FAULT))
ROW(BYTES, send_nothing,
    SYS(send, fd, NULL, 0, WB_MSG_NOSIGNAL),
    OF_SOCKETS(PIPE, PIPE, 0, 0, DESTADDRREQ, 0, 0),
    OF_UNIX(NOTCONN, NOTCONN, 0, 0, NOTCONN, 0, 0, NOTCONN, 0, 0))
ROW(BYTES, recvmsg_null,
    SYS(recvmsg, fd, NULL, 0),
    OF_EVERY_SOCKET(FAULT))
ROW(BYTES, recvmsg_null_parts,
    message(fx, fd, false, (struct wb_msghdr){.iov_len = 1}),
    OF_EVERY_SOCKET(FAULT))
ROW(BYTES, recvmsg_too_many_parts,
    message(fx, fd, false, (struct wb_msghdr){.iov = args->parts, .iov_len = 1025}),
    OF_EVERY_SOCKET(MSGSIZE))
ROW(BYTES, recvmsg_endless_part,
    message(fx, fd, false, (struct wb_msghdr){.iov = &args->endless, .iov_len = 1}),
    OF_EVERY_SOCKET(INVAL))
ROW(BYTES, recvmsg_null_part,
    message(fx, fd, false, (struct wb_msghdr){.iov = &args->null_part, .iov_len = 1}),
    OF_SOCKETS(NOTCONN, NOTCONN, AGAIN, FAULT, AGAIN, AGAIN, FAULT),
    OF_UNIX(INVAL, INVAL, AGAIN, FAULT, AGAIN, AGAIN, FAULT, NOTCONN, AGAIN, FAULT))
ROW(BYTES, recvmsg_negative_name,
    message(fx, fd, false, args->badly_named),
    OF_EVERY_SOCKET(INVAL))
ROW(BYTES, sendmsg_null,
    SYS(sendmsg, fd, NULL, WB_MSG_NOSIGNAL),
    OF_EVERY_SOCKET(FAULT))
ROW(BYTES, sendmsg_null_parts,
    message(fx, fd, true, (struct wb_msghdr){.iov_len = 1}),
    OF_EVERY_SOCKET(FAULT))
ROW(BYTES, sendmsg_too_many_parts,
    message(fx, fd, true, (struct wb_msghdr){.iov = args->parts, .iov_len = 1025}),
    OF_EVERY_SOCKET(MSGSIZE))
ROW(BYTES, sendmsg_endless_part,
    message(fx, fd, true, (struct wb_msghdr){.iov = &args->endless, .iov_len = 1}),
    OF_EVERY_SOCKET(INVAL))
ROW(BYTES, sendmsg_null_part,
    message(fx, fd, true, (struct wb_msghdr){.iov = &args->null_part, .iov_len = 1}),
    OF_SOCKETS(PIPE, PIPE, FAULT, FAULT, DESTADDRREQ, FAULT, FAULT),
    OF_UNIX(NOTCONN, NOTCONN, FAULT, FAULT, FAULT, FAULT, FAULT, NOTCONN, FAULT, FAULT))
ROW(BYTES, sendmsg_negative_name,
    message(fx, fd, true, args->badly_named),
    OF_EVERY_SOCKET(INVAL))
ROW(BYTES, sendmsg_null_control,
    message(fx, fd, true, (struct wb_msghdr){.iov = &args->good, .iov_len = 1, .control_len = 16}),
    OF_EVERY_SOCKET(FAULT))
ROW(BYTES, recvmmsg_none,
    SYS(recvmmsg, fd, NULL, 0, 0),
    OF_EVERY_SOCKET(0))
ROW(BYTES, recvmmsg_null,
    SYS(recvmmsg, fd, NULL, 1, 0),
    OF_EVERY_SOCKET(FAULT))
ROW(BYTES, sendmmsg_none,
    SYS(sendmmsg, fd, NULL, 0, WB_MSG_NOSIGNAL),
    OF_EVERY_SOCKET(0))
ROW(BYTES, sendmmsg_null,
    SYS(sendmmsg, fd, NULL, 1, WB_MSG_NOSIGNAL),
    OF_EVERY_SOCKET(FAULT))
ROW(BYTES, read_null,
    SYS(read, fd, NULL, 128),
    OF_FILES(FAULT, FAULT, ISDIR),
    OF_EACH(INVAL, FAULT, AGAIN, AGAIN, FAULT, BADF, NOTCONN, NOTCONN, AGAIN, FAULT, AGAIN, AGAIN, FAULT),
    OF_UNIX(INVAL, INVAL, AGAIN, FAULT, AGAIN, AGAIN, FAULT, NOTCONN, AGAIN, FAULT))
ROW(BYTES, read_nothing,
    SYS(read, fd, NULL, 0),
    OF_FILES(0, 0, ISDIR),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, 0, BADF, 0, 0, 0, 0, 0, 0, 0),
    OF_EVERY_UNIX(0))
ROW(BYTES, read_short,
    SYS(read, fd, args->value, 7),
    OF_FILES(7, 7, ISDIR),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, 1, BADF, NOTCONN, NOTCONN, AGAIN, 2, AGAIN, AGAIN, 2),
    OF_UNIX(INVAL, INVAL, AGAIN, 2, AGAIN, AGAIN, 2, NOTCONN, AGAIN, 2))
ROW(BYTES, read_endless,
    SYS(read, fd, args->value, SIZE_MAX),
    OF_FILES(FAULT, FAULT, FAULT),
    OF_EACH(INVAL, FAULT, FAULT, FAULT, FAULT, BADF, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT),
    OF_EVERY_UNIX(FAULT))
ROW(BYTES, write_null,
    SYS(write, fd, NULL, 8),
    OF_FILES(FAULT, BADF, BADF),
    OF_EACH(INVAL, FAULT, INVAL, INVAL, BADF, FAULT, PIPE, PIPE, FAULT, FAULT, DESTADDRREQ, FAULT, FAULT),
    OF_UNIX(NOTCONN, NOTCONN, FAULT, FAULT, FAULT, FAULT, FAULT, NOTCONN, FAULT, FAULT))
ROW(BYTES, write_nothing,
    SYS(write, fd, NULL, 0),
    OF_FILES(0, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, 0, PIPE, PIPE, 0, 0, DESTADDRREQ, 0, 0),
    OF_UNIX(NOTCONN, NOTCONN, 0, 0, NOTCONN, 0, 0, NOTCONN, 0, 0))
ROW(BYTES, write_short,
    SYS(write, fd, args->value, 7),
    OF_FILES(7, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, 7, PIPE, PIPE, 7, 7, DESTADDRREQ, 7, 7),
    OF_UNIX(NOTCONN, NOTCONN, 7, 7, NOTCONN, 7, 7, NOTCONN, 7, 7))
ROW(BYTES, write_endless,
    SYS(write, fd, args->value, SIZE_MAX),
    OF_FILES(FAULT, BADF, BADF),
    OF_EACH(INVAL, FAULT, INVAL, INVAL, BADF, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT),
    OF_EVERY_UNIX(FAULT))
ROW(BYTES, readv_null,
    SYS(readv, fd, NULL, 1),
    OF_FILES(FAULT, FAULT, FAULT),
    OF_EACH(INVAL, FAULT, FAULT, FAULT, FAULT, BADF, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT),
    OF_EVERY_UNIX(FAULT))
ROW(BYTES, readv_negative,
    SYS(readv, fd, args->parts, -1),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, INVAL, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(BYTES, readv_too_many,
    SYS(readv, fd, args->parts, 1025),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, INVAL, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(BYTES, readv_nothing,
    SYS(readv, fd, NULL, 0),
    OF_FILES(0, 0, 0),
    OF_EACH(INVAL, 0, 0, 0, 0, BADF, 0, 0, 0, 0, 0, 0, 0),
    OF_EVERY_UNIX(0))
ROW(BYTES, readv_endless,
    SYS(readv, fd, &args->endless, 1),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, INVAL, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(BYTES, readv_null_part,
    SYS(readv, fd, &args->null_part, 1),
    OF_FILES(FAULT, FAULT, ISDIR),
    OF_EACH(INVAL, FAULT, AGAIN, AGAIN, FAULT, BADF, NOTCONN, NOTCONN, AGAIN, FAULT, AGAIN, AGAIN, FAULT),
    OF_UNIX(INVAL, INVAL, AGAIN, FAULT, AGAIN, AGAIN, FAULT, NOTCONN, AGAIN, FAULT))
ROW(BYTES, writev_null,
    SYS(writev, fd, NULL, 1),
    OF_FILES(FAULT, BADF, BADF),
    OF_EACH(INVAL, FAULT, INVAL, INVAL, BADF, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT, FAULT),
    OF_EVERY_UNIX(FAULT))
ROW(BYTES, writev_negative,
    SYS(writev, fd, args->parts, -1),
    OF_FILES(INVAL, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(BYTES, writev_too_many,
    SYS(writev, fd, args->parts, 1025),
    OF_FILES(INVAL, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(BYTES, writev_nothing,
    SYS(writev, fd, NULL, 0),
    OF_FILES(0, BADF, BADF),
    OF_EACH(INVAL, 0, INVAL, INVAL, BADF, 0, 0, 0, 0, 0, 0, 0, 0),
    OF_EVERY_UNIX(0))
ROW(BYTES, writev_endless,
    SYS(writev, fd, &args->endless, 1),
    OF_FILES(INVAL, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(BYTES, writev_null_part,
    SYS(writev, fd, &args->null_part, 1),
    OF_FILES(FAULT, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, FAULT, PIPE, PIPE, FAULT, FAULT, DESTADDRREQ, FAULT, FAULT),
    OF_UNIX(NOTCONN, NOTCONN, FAULT, FAULT, FAULT, FAULT, FAULT, NOTCONN, FAULT, FAULT))

/* ---- any descriptor ---- */
ROW(DESCRIPTORS, fcntl_strange,
    SYS(fcntl, fd, 9999, 0),
    OF_ANY(INVAL))
ROW(DESCRIPTORS, fcntl_setfl,
    SYS(fcntl, fd, WB_F_SETFL, WB_O_NONBLOCK),
    OF_ALL(0))
ROW(DESCRIPTORS, fcntl_getpipe_sz,
    SYS(fcntl, fd, WB_F_GETPIPE_SZ, 0),
    OF_FILES(BADF, BADF, BADF),
    OF_EACH(BADF, BADF, BADF, BADF, PIPE_LEN, PIPE_LEN, BADF, BADF, BADF, BADF, BADF, BADF, BADF),
    OF_EVERY_UNIX(BADF))
ROW(DESCRIPTORS, fcntl_setpipe_sz_negative,
    SYS(fcntl, fd, WB_F_SETPIPE_SZ, -1),
    OF_FILES(BADF, BADF, BADF),
    OF_EACH(BADF, BADF, BADF, BADF, INVAL, INVAL, BADF, BADF, BADF, BADF, BADF, BADF, BADF),
    OF_EVERY_UNIX(BADF))

/* ---- readiness ---- */
ROW(READINESS, epoll_ctl_good,
    SYS(epoll_ctl, args->epfd, WB_EPOLL_CTL_ADD, fd, &args->event),
    OF_FILES(PERM, PERM, PERM),
    OF_EACH(EACH(0)),
    OF_EVERY_UNIX(0))
ROW(READINESS, epoll_ctl_null,
    SYS(epoll_ctl, args->epfd, WB_EPOLL_CTL_ADD, fd, NULL),
    OF_ANY(FAULT))
ROW(READINESS, epoll_ctl_strange_operation,
    SYS(epoll_ctl, args->epfd, 4, fd, &args->event),
    OF_FILES(PERM, PERM, PERM),
    OF_EACH(EACH(INVAL)),
    OF_EVERY_UNIX(INVAL))
ROW(READINESS, epoll_ctl_mod_of_none,
    SYS(epoll_ctl, args->epfd, WB_EPOLL_CTL_MOD, fd, &args->event),
    OF_FILES(PERM, PERM, PERM),
    OF_EACH(EACH(NOENT)),
    OF_EVERY_UNIX(NOENT))
ROW(READINESS, epoll_ctl_del_of_none,
    SYS(epoll_ctl, args->epfd, WB_EPOLL_CTL_DEL, fd, NULL),
    OF_FILES(PERM, PERM, PERM),
    OF_EACH(EACH(NOENT)),
    OF_EVERY_UNIX(NOENT))
ROW(READINESS, epoll_ctl_of_itself,
    SYS(epoll_ctl, fd, WB_EPOLL_CTL_ADD, fd, &args->event),
    OF_FILES(PERM, PERM, PERM),
    OF_EACH(EACH(INVAL)),
    OF_EVERY_UNIX(INVAL))
ROW(READINESS, epoll_ctl_instance,
    SYS(epoll_ctl, fd, WB_EPOLL_CTL_ADD, args->other, &args->event),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(0, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(READINESS, epoll_ctl_instance_null,
    SYS(epoll_ctl, fd, WB_EPOLL_CTL_ADD, args->other, NULL),
    OF_ANY(FAULT))
ROW(READINESS, epoll_ctl_instance_and_closed,
    SYS(epoll_ctl, fd, WB_EPOLL_CTL_ADD, -1, &args->event),
    OF_ALL(BADF))
ROW(READINESS, epoll_wait_good,
    SYS(epoll_pwait2, fd, &args->event, 1, 0),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(0, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(READINESS, epoll_wait_null,
    SYS(epoll_pwait2, fd, NULL, 1, 0),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(0, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(READINESS, epoll_wait_for_none,
    SYS(epoll_pwait2, fd, &args->event, 0, 0),
    OF_ALL(INVAL))
ROW(READINESS, epoll_wait_for_less_than_none,
    SYS(epoll_pwait2, fd, &args->event, -1, 0),
    OF_ALL(INVAL))
ROW(READINESS, epoll_wait_for_too_many,
    SYS(epoll_pwait2, fd, &args->event, INT32_MAX, 0),
    OF_ALL(INVAL))
ROW(READINESS, timerfd_settime_good,
    SYS(timerfd_settime, fd, 0, &args->timer, NULL),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(INVAL, INVAL, 0, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(READINESS, timerfd_settime_null,
    SYS(timerfd_settime, fd, 0, NULL, NULL),
    OF_ANY(FAULT))
ROW(READINESS, timerfd_settime_strange_flags,
    SYS(timerfd_settime, fd, 8, &args->timer, NULL),
    OF_ANY(INVAL))
ROW(READINESS, timerfd_settime_bad_time,
    SYS(timerfd_settime, fd, 0, &args->bad_timer, NULL),
    OF_ANY(INVAL))
ROW(READINESS, timerfd_gettime_good,
    SYS(timerfd_gettime, fd, &args->timer),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(INVAL, INVAL, 0, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(READINESS, timerfd_gettime_null,
    SYS(timerfd_gettime, fd, NULL),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(INVAL, INVAL, FAULT, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))

/* ---- files ---- */
ROW(FILES, pread_good,
    SYS(pread, fd, args->value, 4, 0),
    OF_FILES(4, 4, ISDIR),
    OF_EACH(EACH(SPIPE)),
    OF_EVERY_UNIX(SPIPE))
ROW(FILES, pread_negative,
    SYS(pread, fd, args->value, 4, -1),
    OF_ANY(INVAL))
ROW(FILES, pread_null,
    SYS(pread, fd, NULL, 4, 0),
    OF_FILES(FAULT, FAULT, ISDIR),
    OF_EACH(EACH(SPIPE)),
    OF_EVERY_UNIX(SPIPE))
ROW(FILES, pwrite_good,
    SYS(pwrite, fd, args->value, 4, 0),
    OF_FILES(4, BADF, BADF),
    OF_EACH(EACH(SPIPE)),
    OF_EVERY_UNIX(SPIPE))
ROW(FILES, pwrite_negative,
    SYS(pwrite, fd, args->value, 4, -1),
    OF_ANY(INVAL))
ROW(FILES, pwrite_null,
    SYS(pwrite, fd, NULL, 4, 0),
    OF_FILES(FAULT, BADF, BADF),
    OF_EACH(EACH(SPIPE)),
    OF_EVERY_UNIX(SPIPE))
ROW(FILES, lseek_good,
    SYS(lseek, fd, 0, WB_SEEK_CUR),
    OF_FILES(0, 0, 0),
    OF_EACH(0, 0, 0, 0, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE),
    OF_EVERY_UNIX(SPIPE))
ROW(FILES, lseek_strange,
    SYS(lseek, fd, 0, 9),
    OF_ANY(INVAL))
ROW(FILES, lseek_negative,
    SYS(lseek, fd, -1, WB_SEEK_SET),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(0, 0, 0, 0, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE),
    OF_EVERY_UNIX(SPIPE))
ROW(FILES, fstat_good,
    SYS(fstat, fd, &args->stat),
    OF_ALL(0))
ROW(FILES, fstat_null,
    SYS(fstat, fd, NULL),
    OF_ALL(FAULT))
ROW(FILES, ftruncate_good,
    SYS(ftruncate, fd, 0),
    OF_FILES(0, INVAL, INVAL),
    OF_EACH(EACH(INVAL)),
    OF_EVERY_UNIX(INVAL))
ROW(FILES, ftruncate_negative,
    SYS(ftruncate, fd, -1),
    OF_ANY(INVAL))
ROW(FILES, fsync_good,
    SYS(fsync, fd),
    OF_FILES(0, 0, 0),
    OF_EACH(EACH(INVAL)),
    OF_EVERY_UNIX(INVAL))
ROW(FILES, getdents_good,
    SYS(getdents, fd, &args->entry, 1),
    OF_FILES(NOTDIR, NOTDIR, 1),
    OF_EACH(EACH(NOTDIR)),
    OF_EVERY_UNIX(NOTDIR))
ROW(FILES, getdents_of_none,
    SYS(getdents, fd, &args->entry, 0),
    OF_ANY(INVAL))
ROW(FILES, openat_there,
    opened(fx, SYS(openat, fd, "x", WB_O_RDONLY, 0)),
    OF_FILES(NOTDIR, NOTDIR, 0),
    OF_EACH(EACH(NOTDIR)),
    OF_EVERY_UNIX(NOTDIR))
ROW(FILES, openat_null,
    SYS(openat, fd, NULL, WB_O_RDONLY, 0),
    OF_ANY(FAULT))
ROW(FILES, openat_strange_flags,
    SYS(openat, fd, "x", 1 << 30, 0),
    OF_ANY(INVAL))

/* ---- bytes from descriptor to descriptor ---- */
ROW(SPLICES, sendfile_to_it,
    SYS(sendfile, fd, args->file, NULL, 4),
    OF_FILES(4, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, 4, PIPE, PIPE, 4, 4, DESTADDRREQ, 4, 4),
    OF_UNIX(NOTCONN, NOTCONN, 4, 4, NOTCONN, 4, 4, NOTCONN, 4, 4))
ROW(SPLICES, sendfile_to_it_from_a_place,
    SYS(sendfile, fd, args->file, &args->place, 4),
    OF_FILES(4, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, 4, PIPE, PIPE, 4, 4, DESTADDRREQ, 4, 4),
    OF_UNIX(NOTCONN, NOTCONN, 4, 4, NOTCONN, 4, 4, NOTCONN, 4, 4))
ROW(SPLICES, sendfile_to_it_from_a_negative_place,
    SYS(sendfile, fd, args->file, &args->negative_place, 4),
    OF_ANY(INVAL))
ROW(SPLICES, sendfile_to_it_of_nothing,
    SYS(sendfile, fd, args->file, NULL, 0),
    OF_FILES(0, BADF, BADF),
    OF_EACH(0, 0, 0, 0, BADF, 0, 0, 0, 0, 0, 0, 0, 0),
    OF_EVERY_UNIX(0))
ROW(SPLICES, sendfile_to_it_from_a_pipe,
    SYS(sendfile, fd, args->full.reader, NULL, 4),
    OF_FILES(INVAL, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, sendfile_from_it_to_a_pipe,
    SYS(sendfile, args->empty.writer, fd, NULL, 4),
    OF_FILES(4, 4, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, INVAL, BADF, NOTCONN, NOTCONN, AGAIN, 2, AGAIN, AGAIN, 2),
    OF_UNIX(INVAL, INVAL, AGAIN, 2, AGAIN, AGAIN, 2, NOTCONN, AGAIN, 2))
ROW(SPLICES, sendfile_from_a_place_of_it_to_a_pipe,
    SYS(sendfile, args->empty.writer, fd, &args->place, 4),
    OF_FILES(4, 4, INVAL),
    OF_EACH(SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, BADF, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE, SPIPE),
    OF_EVERY_UNIX(SPIPE))
ROW(SPLICES, sendfile_from_it_to_a_file,
    SYS(sendfile, args->file, fd, NULL, 4),
    OF_FILES(4, 4, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, INVAL, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, sendfile_from_it_of_nothing,
    SYS(sendfile, args->empty.writer, fd, NULL, 0),
    OF_FILES(0, 0, 0),
    OF_EACH(0, 0, 0, 0, 0, BADF, 0, 0, 0, 0, 0, 0, 0),
    OF_EVERY_UNIX(0))
ROW(SPLICES, splice_to_it,
    SYS(splice, args->full.reader, NULL, fd, NULL, 4, WB_SPLICE_F_NONBLOCK),
    OF_FILES(4, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, 4, PIPE, PIPE, 4, 4, DESTADDRREQ, 4, 4),
    OF_UNIX(NOTCONN, NOTCONN, 4, 4, NOTCONN, 4, 4, NOTCONN, 4, 4))
ROW(SPLICES, splice_to_it_of_nothing,
    SYS(splice, args->full.reader, NULL, fd, NULL, 0, WB_SPLICE_F_NONBLOCK),
    OF_ANY(0))
ROW(SPLICES, splice_to_it_with_strange_flags,
    SYS(splice, args->full.reader, NULL, fd, NULL, 4, 1u << 20),
    OF_ANY(INVAL))
ROW(SPLICES, splice_to_a_place_of_it,
    SYS(splice, args->full.reader, NULL, fd, &args->place, 4, 0),
    OF_FILES(4, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, SPIPE, SPIPE, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, splice_to_it_from_a_place_of_a_pipe,
    SYS(splice, args->full.reader, &args->place, fd, NULL, 4, 0),
    OF_ALL(SPIPE))
ROW(SPLICES, splice_to_it_from_nothing,
    SYS(splice, args->empty.reader, NULL, fd, NULL, 4, WB_SPLICE_F_NONBLOCK),
    OF_FILES(AGAIN, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, AGAIN),
    OF_EVERY_UNIX(AGAIN))
ROW(SPLICES, splice_to_it_from_a_file,
    SYS(splice, args->file, NULL, fd, NULL, 4, WB_SPLICE_F_NONBLOCK),
    OF_FILES(INVAL, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, 4, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, splice_from_it,
    SYS(splice, fd, NULL, args->empty.writer, NULL, 4, WB_SPLICE_F_NONBLOCK),
    OF_FILES(4, 4, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, 1, BADF, NOTCONN, NOTCONN, AGAIN, 2, AGAIN, AGAIN, 2),
    OF_UNIX(INVAL, INVAL, AGAIN, 2, AGAIN, AGAIN, 2, NOTCONN, AGAIN, 2))
ROW(SPLICES, splice_from_a_place_of_it,
    SYS(splice, fd, &args->place, args->empty.writer, NULL, 4, 0),
    OF_FILES(4, 4, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, SPIPE, SPIPE, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, splice_from_a_negative_place_of_it,
    SYS(splice, fd, &args->negative_place, args->empty.writer, NULL, 4, 0),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, SPIPE, SPIPE, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, splice_from_it_to_a_place_of_a_pipe,
    SYS(splice, fd, NULL, args->empty.writer, &args->place, 4, 0),
    OF_ALL(SPIPE))
ROW(SPLICES, splice_from_it_to_itself,
    SYS(splice, fd, NULL, fd, NULL, 4, WB_SPLICE_F_NONBLOCK),
    OF_FILES(INVAL, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, tee_to_it,
    SYS(tee, args->full.reader, fd, 4, WB_SPLICE_F_NONBLOCK),
    OF_FILES(INVAL, BADF, BADF),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, BADF, 4, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, tee_from_it,
    SYS(tee, fd, args->empty.writer, 4, WB_SPLICE_F_NONBLOCK),
    OF_FILES(INVAL, INVAL, INVAL),
    OF_EACH(INVAL, INVAL, INVAL, INVAL, 1, BADF, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL, INVAL),
    OF_EVERY_UNIX(INVAL))
ROW(SPLICES, tee_of_nothing,
    SYS(tee, fd, args->empty.writer, 0, WB_SPLICE_F_NONBLOCK),
    OF_ANY(0))
ROW(SPLICES, tee_with_strange_flags,
    SYS(tee, fd, args->empty.writer, 0, 1u << 20),
    OF_ANY(INVAL))

/* clang-format on */
