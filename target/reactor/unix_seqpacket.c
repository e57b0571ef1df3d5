/* Unix seqpackets: begun and ended like streams, moved like datagrams. */
#include "wb/unix_seqpacket.h"

#include "reactor/datagram.h"
#include "reactor/unix_socket.h"

/* ---- listener ---- */

enum wb_status wb_unix_seqpacket_listener_bind(struct wb_unix_seqpacket_listener *listener,
    const struct wb_sys *sys, const struct wb_unix_addr *addr, int backlog) {
    return wb__unix_open_at(&listener->io, sys, WB_SOCK_SEQPACKET, addr, backlog);
}

void wb_unix_seqpacket_listener_from_fd(
    struct wb_unix_seqpacket_listener *listener, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&listener->io, sys, fd);
}

int wb_unix_seqpacket_listener_into_fd(struct wb_unix_seqpacket_listener *listener) {
    return wb__socket_into_fd(&listener->io);
}

void wb_unix_seqpacket_listener_close(struct wb_unix_seqpacket_listener *listener) {
    wb__socket_close(&listener->io);
}

enum wb_status wb_unix_seqpacket_listener_accept(struct wb_unix_seqpacket_listener *listener,
    struct wb_unix_seqpacket *out_connection, struct wb_unix_addr *out_peer) {
    return wb__unix_take(&listener->io, &out_connection->io, out_peer);
}

enum wb_status wb_unix_seqpacket_listener_local_addr(
    const struct wb_unix_seqpacket_listener *listener, struct wb_unix_addr *out_addr) {
    return wb__unix_local_addr(&listener->io, out_addr);
}

/* ---- life ---- */

enum wb_status wb_unix_seqpacket_connect(struct wb_unix_seqpacket *connection,
    const struct wb_sys *sys, const struct wb_unix_addr *addr) {
    return wb__unix_open_to(&connection->io, sys, WB_SOCK_SEQPACKET, addr);
}

enum wb_status wb_unix_seqpacket_pair(const struct wb_sys *sys, struct wb_unix_seqpacket *out_first,
    struct wb_unix_seqpacket *out_second) {
    return wb__socket_pair(&out_first->io, &out_second->io, sys, WB_AF_UNIX, WB_SOCK_SEQPACKET);
}

void wb_unix_seqpacket_from_fd(
    struct wb_unix_seqpacket *connection, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&connection->io, sys, fd);
}

int wb_unix_seqpacket_into_fd(struct wb_unix_seqpacket *connection) {
    return wb__socket_into_fd(&connection->io);
}

void wb_unix_seqpacket_close(struct wb_unix_seqpacket *connection) {
    wb__socket_close(&connection->io);
}

/* ---- messages ---- */

enum wb_status wb_unix_seqpacket_send(
    struct wb_unix_seqpacket *connection, const void *buf, size_t len) {
    return len == 0 ? WB_ERR_INVALID : wb__datagram_send(&connection->io, buf, len, NULL);
}

/* The kernel says 0 both at the end and of an empty message. */
static enum wb_status receive(struct wb_unix_seqpacket *connection, void *buf, size_t len,
    int flags, struct wb_datagram *out_message) {
    struct wb_datagram message;
    enum wb_status status = wb__datagram_recv(&connection->io, buf, len, flags, &message, NULL);
    if (status != WB_OK) {
        return status;
    }
    if (message.len == 0 && !message.is_truncated) {
        return WB_EOF;
    }
    *out_message = message;
    return WB_OK;
}

enum wb_status wb_unix_seqpacket_recv(
    struct wb_unix_seqpacket *connection, void *buf, size_t len, struct wb_datagram *out_message) {
    return receive(connection, buf, len, 0, out_message);
}

enum wb_status wb_unix_seqpacket_peek(
    struct wb_unix_seqpacket *connection, void *buf, size_t len, struct wb_datagram *out_message) {
    return receive(connection, buf, len, WB_MSG_PEEK, out_message);
}

enum wb_status wb_unix_seqpacket_shutdown(
    struct wb_unix_seqpacket *connection, enum wb_unix_shutdown how) {
    return wb__unix_shutdown(&connection->io, how);
}

/* ---- asking ---- */

enum wb_status wb_unix_seqpacket_take_error(
    struct wb_unix_seqpacket *connection, enum wb_status *out_error) {
    return wb__socket_take_error(&connection->io, out_error);
}

enum wb_status wb_unix_seqpacket_local_addr(
    const struct wb_unix_seqpacket *connection, struct wb_unix_addr *out_addr) {
    return wb__unix_local_addr(&connection->io, out_addr);
}

enum wb_status wb_unix_seqpacket_peer_addr(
    const struct wb_unix_seqpacket *connection, struct wb_unix_addr *out_addr) {
    return wb__unix_peer_addr(&connection->io, out_addr);
}
