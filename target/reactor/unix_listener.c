/* Accepting Unix connections. */
#include "wb/unix_stream.h"

#include "reactor/unix_socket.h"

_Static_assert(WB_UNIX_BACKLOG_DEFAULT == WB__SOCKET_BACKLOG_DEFAULT, "as documented");

enum wb_status wb_unix_listener_bind(struct wb_unix_listener *listener, const struct wb_sys *sys,
    const struct wb_unix_addr *addr, int backlog) {
    *listener = (struct wb_unix_listener){0};
    if (backlog < 0) {
        return WB_ERR_INVALID;
    }
    enum wb_status status = wb__socket_open(&listener->io, sys, WB_AF_UNIX, WB_SOCK_STREAM);
    if (status != WB_OK) {
        return status;
    }
    const struct wb__socket_name name = wb__unix_name_of(addr);
    status = wb__socket_bind(&listener->io, &name);
    if (status == WB_OK) {
        status = wb__socket_listen(&listener->io, backlog);
    }
    if (status != WB_OK) {
        wb_unix_listener_close(listener);
    }
    return status;
}

void wb_unix_listener_from_fd(struct wb_unix_listener *listener, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&listener->io, sys, fd);
}

int wb_unix_listener_into_fd(struct wb_unix_listener *listener) {
    return wb__socket_into_fd(&listener->io);
}

void wb_unix_listener_close(struct wb_unix_listener *listener) {
    wb__socket_close(&listener->io);
}

enum wb_status wb_unix_listener_accept(struct wb_unix_listener *listener,
    struct wb_unix_stream *out_stream, struct wb_unix_addr *out_peer) {
    struct wb__socket_name peer;
    struct wb_unix_stream stream;
    enum wb_status status =
        wb__socket_accept(&listener->io, &stream.io, out_peer != NULL ? &peer : NULL);
    if (status == WB_OK && out_peer != NULL) {
        status = wb_unix_addr_from_sockaddr(&peer.addr, peer.len, out_peer);
        if (status != WB_OK) {
            wb_unix_stream_close(&stream);
        }
    }
    if (status == WB_OK) {
        *out_stream = stream;
    }
    return status;
}

enum wb_status wb_unix_listener_local_addr(
    const struct wb_unix_listener *listener, struct wb_unix_addr *out_addr) {
    return wb__unix_local_addr(&listener->io, out_addr);
}

enum wb_status wb_unix_listener_take_error(
    struct wb_unix_listener *listener, enum wb_status *out_error) {
    return wb__socket_take_error(&listener->io, out_error);
}
