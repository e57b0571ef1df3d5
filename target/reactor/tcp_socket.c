/* A TCP socket until it is a listener or a stream; and connecting, which begins the same way for
 * those that were never anything else. */
#include "wb/tcp_socket.h"

#include "reactor/socket.h"

/* ---- life ---- */

enum wb_status wb_tcp_socket_open(
    struct wb_tcp_socket *socket, const struct wb_sys *sys, int family) {
    return wb__socket_open(&socket->stream.io, sys, family, WB_SOCK_STREAM);
}

void wb_tcp_socket_close(struct wb_tcp_socket *socket) {
    wb_tcp_stream_close(&socket->stream);
}

/* ---- what has to be said before ---- */

enum wb_status wb_tcp_socket_set_reuse_addr(struct wb_tcp_socket *socket, bool reuse) {
    return wb__socket_set_int(&socket->stream.io, WB_SOL_SOCKET, WB_SO_REUSEADDR, reuse);
}

enum wb_status wb_tcp_socket_set_reuse_port(struct wb_tcp_socket *socket, bool reuse) {
    return wb__socket_set_int(&socket->stream.io, WB_SOL_SOCKET, WB_SO_REUSEPORT, reuse);
}

static int as_option(uint32_t len) {
    return len <= INT32_MAX ? (int)len : INT32_MAX;
}

enum wb_status wb_tcp_socket_set_send_buffer(struct wb_tcp_socket *socket, uint32_t len) {
    return wb__socket_set_int(&socket->stream.io, WB_SOL_SOCKET, WB_SO_SNDBUF, as_option(len));
}

enum wb_status wb_tcp_socket_set_recv_buffer(struct wb_tcp_socket *socket, uint32_t len) {
    return wb__socket_set_int(&socket->stream.io, WB_SOL_SOCKET, WB_SO_RCVBUF, as_option(len));
}

enum wb_status wb_tcp_socket_bind(struct wb_tcp_socket *socket, const struct wb_addr *addr) {
    const struct wb__socket_name name = wb__socket_name_of(addr);
    return wb__socket_bind(&socket->stream.io, &name);
}

enum wb_status wb_tcp_socket_local_addr(
    const struct wb_tcp_socket *socket, struct wb_addr *out_addr) {
    return wb__socket_local_addr(&socket->stream.io, out_addr);
}

/* ---- what becomes of it ---- */

/* An interrupted connect goes on by itself, just as one in progress does. */
static bool has_begun(enum wb_status status) {
    return status == WB_OK || status == WB_IN_PROGRESS || status == WB_ERR_INTERRUPTED;
}

enum wb_status wb_tcp_socket_connect(
    struct wb_tcp_socket *socket, const struct wb_addr *addr, struct wb_tcp_stream *out_stream) {
    const struct wb__socket_name name = wb__socket_name_of(addr);
    *out_stream = socket->stream;
    *socket = (struct wb_tcp_socket){0};
    const enum wb_status status = wb__socket_connect(&out_stream->io, &name);
    if (has_begun(status)) {
        return WB_OK;
    }
    wb_tcp_stream_close(out_stream);
    return status;
}

enum wb_status wb_tcp_socket_listen(
    struct wb_tcp_socket *socket, int backlog, struct wb_tcp_listener *out_listener) {
    out_listener->io = socket->stream.io;
    *socket = (struct wb_tcp_socket){0};
    const enum wb_status status =
        backlog < 0 ? WB_ERR_INVALID : wb__socket_listen(&out_listener->io, backlog);
    if (status != WB_OK) {
        wb_tcp_listener_close(out_listener);
    }
    return status;
}
