/* Accepting Unix connections. */
#include "wb/unix_stream.h"

#include "reactor/unix_socket.h"

enum wb_status wb_unix_listener_bind(struct wb_unix_listener *listener, const struct wb_sys *sys,
    const struct wb_unix_addr *addr, int backlog) {
    return wb__unix_open_at(&listener->io, sys, WB_SOCK_STREAM, addr, backlog);
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
    return wb__unix_take(&listener->io, &out_stream->io, out_peer);
}

enum wb_status wb_unix_listener_local_addr(
    const struct wb_unix_listener *listener, struct wb_unix_addr *out_addr) {
    return wb__unix_local_addr(&listener->io, out_addr);
}

enum wb_status wb_unix_listener_take_error(
    struct wb_unix_listener *listener, enum wb_status *out_error) {
    return wb__socket_take_error(&listener->io, out_error);
}
