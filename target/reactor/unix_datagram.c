/* Unix datagram sockets. */
#include "wb/unix_datagram.h"

#include "reactor/datagram.h"
#include "reactor/unix_socket.h"

/* ---- life ---- */

enum wb_status wb_unix_datagram_open(struct wb_unix_datagram *socket, const struct wb_sys *sys) {
    *socket = (struct wb_unix_datagram){0};
    return wb__socket_open(&socket->io, sys, WB_AF_UNIX, WB_SOCK_DGRAM);
}

enum wb_status wb_unix_datagram_bind(
    struct wb_unix_datagram *socket, const struct wb_sys *sys, const struct wb_unix_addr *addr) {
    enum wb_status status = wb_unix_datagram_open(socket, sys);
    if (status != WB_OK) {
        return status;
    }
    const struct wb__socket_name name = wb__unix_name_of(addr);
    status = wb__socket_bind(&socket->io, &name);
    if (status != WB_OK) {
        wb_unix_datagram_close(socket);
    }
    return status;
}

enum wb_status wb_unix_datagram_pair(const struct wb_sys *sys, struct wb_unix_datagram *out_first,
    struct wb_unix_datagram *out_second) {
    *out_first = (struct wb_unix_datagram){0};
    *out_second = (struct wb_unix_datagram){0};
    return wb__socket_pair(&out_first->io, &out_second->io, sys, WB_AF_UNIX, WB_SOCK_DGRAM);
}

void wb_unix_datagram_from_fd(struct wb_unix_datagram *socket, const struct wb_sys *sys, int fd) {
    *socket = (struct wb_unix_datagram){0};
    wb_fd_source_init(&socket->io, sys, fd);
}

int wb_unix_datagram_into_fd(struct wb_unix_datagram *socket) {
    return wb__socket_into_fd(&socket->io);
}

void wb_unix_datagram_close(struct wb_unix_datagram *socket) {
    wb__socket_close(&socket->io);
}

enum wb_status wb_unix_datagram_connect(
    struct wb_unix_datagram *socket, const struct wb_unix_addr *addr) {
    const struct wb__socket_name name = wb__unix_name_of(addr);
    return wb__socket_connect(&socket->io, &name);
}

/* ---- datagrams ---- */

enum wb_status wb_unix_datagram_send(struct wb_unix_datagram *socket, const void *buf, size_t len) {
    return wb__datagram_send(&socket->io, buf, len, NULL);
}

enum wb_status wb_unix_datagram_send_to(
    struct wb_unix_datagram *socket, const void *buf, size_t len, const struct wb_unix_addr *to) {
    const struct wb__socket_name name = wb__unix_name_of(to);
    return wb__datagram_send(&socket->io, buf, len, &name);
}

/* After reading was shut down the kernel goes on to say that the socket is readable and that
 * reading would block, for ever. The source is not told of the latter, or the former would be
 * reported again and again. */
static enum wb_status receive_shut(struct wb_unix_datagram *socket, void *buf, size_t len,
    int flags, struct wb_datagram *out_datagram, struct wb__socket_name *out_sender) {
    struct wb_fd_source untold = socket->io;
    untold.is_rearmed = false;
    enum wb_status status = wb__datagram_recv(&untold, buf, len, flags, out_datagram, out_sender);
    if (wb_status_category(status) == WB_CATEGORY_NETWORK) {
        wb_fd_source_error_taken(&socket->io);
    }
    return status == WB_WOULD_BLOCK ? WB_EOF : status;
}

static enum wb_status receive(struct wb_unix_datagram *socket, void *buf, size_t len, int flags,
    struct wb_datagram *out_datagram, struct wb__socket_name *out_sender) {
    return socket->is_read_shut
               ? receive_shut(socket, buf, len, flags, out_datagram, out_sender)
               : wb__datagram_recv(&socket->io, buf, len, flags, out_datagram, out_sender);
}

enum wb_status wb_unix_datagram_recv(
    struct wb_unix_datagram *socket, void *buf, size_t len, struct wb_datagram *out_datagram) {
    return receive(socket, buf, len, 0, out_datagram, NULL);
}

enum wb_status wb_unix_datagram_peek(
    struct wb_unix_datagram *socket, void *buf, size_t len, struct wb_datagram *out_datagram) {
    return receive(socket, buf, len, WB_MSG_PEEK, out_datagram, NULL);
}

enum wb_status wb_unix_datagram_recv_from(struct wb_unix_datagram *socket, void *buf, size_t len,
    struct wb_datagram *out_datagram, struct wb_unix_addr *out_sender) {
    struct wb__socket_name sender;
    struct wb_datagram datagram;
    enum wb_status status = receive(socket, buf, len, 0, &datagram, &sender);
    if (status == WB_OK) {
        status = wb_unix_addr_from_sockaddr(&sender.addr, sender.len, out_sender);
    }
    if (status == WB_OK) {
        *out_datagram = datagram;
    }
    return status;
}

enum wb_status wb_unix_datagram_shutdown(
    struct wb_unix_datagram *socket, enum wb_unix_shutdown how) {
    enum wb_status status = wb__unix_shutdown(&socket->io, how);
    if (status == WB_OK && how != WB_UNIX_SHUTDOWN_WRITE) {
        socket->is_read_shut = true;
    }
    return status;
}

/* ---- asking ---- */

enum wb_status wb_unix_datagram_take_error(
    struct wb_unix_datagram *socket, enum wb_status *out_error) {
    return wb__socket_take_error(&socket->io, out_error);
}

enum wb_status wb_unix_datagram_local_addr(
    const struct wb_unix_datagram *socket, struct wb_unix_addr *out_addr) {
    return wb__unix_local_addr(&socket->io, out_addr);
}

enum wb_status wb_unix_datagram_peer_addr(
    const struct wb_unix_datagram *socket, struct wb_unix_addr *out_addr) {
    return wb__unix_peer_addr(&socket->io, out_addr);
}
