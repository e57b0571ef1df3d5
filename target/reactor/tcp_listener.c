/* Accepting connections. */
#include "wb/tcp.h"

#include "reactor/socket.h"

static enum wb_status listener_begin(
    struct wb_tcp_listener *listener, const struct wb_addr *addr, int backlog) {
    /* A restarted server must not wait for the old one's connections in TIME_WAIT. */
    enum wb_status status = wb__socket_set_int(&listener->io, WB_SOL_SOCKET, WB_SO_REUSEADDR, 1);
    if (status != WB_OK) {
        return status;
    }
    const struct wb_sys *sys = listener->io.sys;
    struct wb_sockaddr sockaddr;
    uint32_t len = wb_addr_to_sockaddr(addr, &sockaddr);
    int result = WB_SYS(sys, bind, listener->io.fd, &sockaddr, len);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    return wb_status_from_result(
        WB_SYS(sys, listen, listener->io.fd, backlog == 0 ? WB_TCP_BACKLOG_DEFAULT : backlog));
}

enum wb_status wb_tcp_listener_bind(struct wb_tcp_listener *listener, const struct wb_sys *sys,
    const struct wb_addr *addr, int backlog) {
    *listener = (struct wb_tcp_listener){0};
    if (backlog < 0) {
        return WB_ERR_INVALID;
    }
    enum wb_status status = wb__socket_open(&listener->io, sys, addr, WB_SOCK_STREAM);
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
    const struct wb_sys *sys = listener->io.sys;
    struct wb_sockaddr sockaddr;
    uint32_t len = sizeof(sockaddr);
    bool wants_peer = out_peer != NULL;
    int fd = WB_SYS(sys, accept4, listener->io.fd, wants_peer ? &sockaddr : NULL,
        wants_peer ? &len : NULL, WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC);
    if (fd < 0) {
        return wb_status_from_result(fd);
    }
    if (wants_peer) {
        enum wb_status status = wb_addr_from_sockaddr(&sockaddr, len, out_peer);
        if (status != WB_OK) {
            (void)WB_SYS(sys, close, fd);
            return status;
        }
    }
    wb_fd_source_init(&out_stream->io, sys, fd);
    return WB_OK;
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
