/* UDP sockets: life and datagrams. Their options are in udp_option.c. */
#include "wb/udp.h"

#include "reactor/datagram.h"
#include "reactor/socket.h"

/* ---- life ---- */

static enum wb_status prepare(struct wb_fd_source *io, const struct wb_udp_options *options) {
    enum wb_status status = WB_OK;
    if (options->reuse_addr) {
        status = wb__socket_set_int(io, WB_SOL_SOCKET, WB_SO_REUSEADDR, 1);
    }
    if (status == WB_OK && options->only_v6) {
        status = wb__socket_set_int(io, WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, 1);
    }
    return status;
}

enum wb_status wb_udp_socket_bind(struct wb_udp_socket *socket, const struct wb_sys *sys,
    const struct wb_addr *addr, const struct wb_udp_options *options) {
    enum wb_status status = wb__socket_open(&socket->io, sys, addr->family, WB_SOCK_DGRAM);
    if (status != WB_OK) {
        return status;
    }
    if (options != NULL) {
        status = prepare(&socket->io, options);
    }
    if (status == WB_OK) {
        const struct wb__socket_name name = wb__socket_name_of(addr);
        status = wb__socket_bind(&socket->io, &name);
    }
    if (status != WB_OK) {
        wb_udp_socket_close(socket);
    }
    return status;
}

void wb_udp_socket_from_fd(struct wb_udp_socket *socket, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&socket->io, sys, fd);
}

int wb_udp_socket_into_fd(struct wb_udp_socket *socket) {
    return wb__socket_into_fd(&socket->io);
}

void wb_udp_socket_close(struct wb_udp_socket *socket) {
    wb__socket_close(&socket->io);
}

enum wb_status wb_udp_socket_connect(struct wb_udp_socket *socket, const struct wb_addr *addr) {
    const struct wb__socket_name name = wb__socket_name_of(addr);
    return wb__socket_connect(&socket->io, &name);
}

/* ---- datagrams ---- */

enum wb_status wb_udp_socket_send(struct wb_udp_socket *socket, const void *buf, size_t len) {
    return wb__datagram_send(&socket->io, buf, len, NULL);
}

enum wb_status wb_udp_socket_send_to(
    struct wb_udp_socket *socket, const void *buf, size_t len, const struct wb_addr *to) {
    const struct wb__socket_name name = wb__socket_name_of(to);
    return wb__datagram_send(&socket->io, buf, len, &name);
}

static enum wb_status recv_from(struct wb_udp_socket *socket, void *buf, size_t len, int flags,
    struct wb_datagram *out_datagram, struct wb_addr *out_sender) {
    struct wb__socket_name sender;
    struct wb_datagram datagram;
    enum wb_status status = wb__datagram_recv(&socket->io, buf, len, flags, &datagram, &sender);
    if (status == WB_OK) {
        status = wb_addr_from_sockaddr(&sender.addr, sender.len, out_sender);
    }
    if (status == WB_OK) {
        *out_datagram = datagram;
    }
    return status;
}

enum wb_status wb_udp_socket_recv(
    struct wb_udp_socket *socket, void *buf, size_t len, struct wb_datagram *out_datagram) {
    return wb__datagram_recv(&socket->io, buf, len, 0, out_datagram, NULL);
}

enum wb_status wb_udp_socket_recv_from(struct wb_udp_socket *socket, void *buf, size_t len,
    struct wb_datagram *out_datagram, struct wb_addr *out_sender) {
    return recv_from(socket, buf, len, 0, out_datagram, out_sender);
}

enum wb_status wb_udp_socket_peek(
    struct wb_udp_socket *socket, void *buf, size_t len, struct wb_datagram *out_datagram) {
    return wb__datagram_recv(&socket->io, buf, len, WB_MSG_PEEK, out_datagram, NULL);
}

enum wb_status wb_udp_socket_peek_from(struct wb_udp_socket *socket, void *buf, size_t len,
    struct wb_datagram *out_datagram, struct wb_addr *out_sender) {
    return recv_from(socket, buf, len, WB_MSG_PEEK, out_datagram, out_sender);
}

/* ---- asking ---- */

enum wb_status wb_udp_socket_take_error(struct wb_udp_socket *socket, enum wb_status *out_error) {
    return wb__socket_take_error(&socket->io, out_error);
}

enum wb_status wb_udp_socket_local_addr(
    const struct wb_udp_socket *socket, struct wb_addr *out_addr) {
    return wb__socket_local_addr(&socket->io, out_addr);
}

enum wb_status wb_udp_socket_peer_addr(
    const struct wb_udp_socket *socket, struct wb_addr *out_addr) {
    return wb__socket_peer_addr(&socket->io, out_addr);
}
