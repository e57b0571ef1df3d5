/* Accepting connections. */
#include "wb/tcp.h"

#include "reactor/socket.h"

_Static_assert(WB_TCP_BACKLOG_DEFAULT == WB__SOCKET_BACKLOG_DEFAULT, "as documented");

static enum wb_status listener_begin(
    struct wb_tcp_listener *listener, const struct wb_addr *addr, int backlog) {
    /* A restarted server must not wait for the old one's connections in TIME_WAIT. */
    enum wb_status status = wb__socket_set_int(&listener->io, WB_SOL_SOCKET, WB_SO_REUSEADDR, 1);
    if (status != WB_OK) {
        return status;
    }
    const struct wb__socket_name name = wb__socket_name_of(addr);
    status = wb__socket_bind(&listener->io, &name);
    return status == WB_OK ? wb__socket_listen(&listener->io, backlog) : status;
}

enum wb_status wb_tcp_listener_bind(struct wb_tcp_listener *listener, const struct wb_sys *sys,
    const struct wb_addr *addr, int backlog) {
    *listener = (struct wb_tcp_listener){0};
    if (backlog < 0) {
        return WB_ERR_INVALID;
    }
    enum wb_status status = wb__socket_open(&listener->io, sys, addr->family, WB_SOCK_STREAM);
    if (status != WB_OK) {
        return status;
    }
    status = listener_begin(listener, addr, backlog);
    if (status != WB_OK) {
        wb_tcp_listener_close(listener);
    }
    return status;
}

void wb_tcp_listener_from_fd(struct wb_tcp_listener *listener, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&listener->io, sys, fd);
}

int wb_tcp_listener_into_fd(struct wb_tcp_listener *listener) {
    return wb__socket_into_fd(&listener->io);
}

void wb_tcp_listener_close(struct wb_tcp_listener *listener) {
    wb__socket_close(&listener->io);
}

enum wb_status wb_tcp_listener_accept(
    struct wb_tcp_listener *listener, struct wb_tcp_stream *out_stream, struct wb_addr *out_peer) {
    struct wb__socket_name peer;
    struct wb_tcp_stream stream;
    enum wb_status status =
        wb__socket_accept(&listener->io, &stream.io, out_peer != NULL ? &peer : NULL);
    if (status == WB_OK && out_peer != NULL) {
        status = wb_addr_from_sockaddr(&peer.addr, peer.len, out_peer);
        if (status != WB_OK) {
            wb_tcp_stream_close(&stream);
        }
    }
    if (status == WB_OK) {
        *out_stream = stream;
    }
    return status;
}

enum wb_status wb_tcp_listener_local_addr(
    const struct wb_tcp_listener *listener, struct wb_addr *out_addr) {
    return wb__socket_local_addr(&listener->io, out_addr);
}

enum wb_status wb_tcp_listener_take_error(
    struct wb_tcp_listener *listener, enum wb_status *out_error) {
    return wb__socket_take_error(&listener->io, out_error);
}

enum wb_status wb_tcp_listener_set_ttl(struct wb_tcp_listener *listener, uint32_t ttl) {
    return wb__socket_set_ttl(&listener->io, ttl);
}

enum wb_status wb_tcp_listener_ttl(const struct wb_tcp_listener *listener, uint32_t *out_ttl) {
    return wb__socket_ttl(&listener->io, out_ttl);
}

enum wb_status wb_tcp_listener_set_nodelay(struct wb_tcp_listener *listener, bool nodelay) {
    return wb__socket_set_int(&listener->io, WB_IPPROTO_TCP, WB_TCP_NODELAY, nodelay);
}
