/* Datagram sockets: one datagram as a future, in either direction. */
#include "runtime/io.h"
#include "wb/net.h"

/* ---- life ---- */

enum wb_status wb_datagram_socket_from_udp(
    struct wb_datagram_socket *datagrams, struct wb_runtime *runtime, struct wb_udp_socket *udp) {
    const union wb__io_socket socket = {.udp = *udp};
    datagrams->io = NULL;
    *udp = (struct wb_udp_socket){.io = {.fd = -1}};
    return wb__io_new(&datagrams->io, runtime, WB__IO_UDP, &socket);
}

enum wb_status wb_datagram_socket_from_unix(struct wb_datagram_socket *datagrams,
    struct wb_runtime *runtime, struct wb_unix_datagram *unix_socket) {
    const union wb__io_socket socket = {.unix_datagram = *unix_socket};
    datagrams->io = NULL;
    *unix_socket = (struct wb_unix_datagram){.io = {.fd = -1}};
    return wb__io_new(&datagrams->io, runtime, WB__IO_UNIX_DATAGRAM, &socket);
}

void wb_datagram_socket_close(struct wb_datagram_socket *datagrams) {
    wb__io_release(datagrams->io);
    datagrams->io = NULL;
}

struct wb_udp_socket *wb_datagram_socket_udp(const struct wb_datagram_socket *datagrams) {
    return wb__io_as(datagrams->io, WB__IO_UDP);
}

struct wb_unix_datagram *wb_datagram_socket_unix(const struct wb_datagram_socket *datagrams) {
    return wb__io_as(datagrams->io, WB__IO_UNIX_DATAGRAM);
}

/* ---- receiving ---- */

static enum wb_status try_recv(void *user_data) {
    struct wb_recv *self = user_data;
    struct wb__io *io = self->socket->io;
    if (io->kind == WB__IO_UDP) {
        return wb_udp_socket_recv_from(
            &io->socket.udp, self->buf, self->capacity, &self->datagram, &self->sender);
    }
    return wb_unix_datagram_recv(
        &io->socket.unix_datagram, self->buf, self->capacity, &self->datagram);
}

static enum wb_progress recv_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_recv *self = WB_FUTURE_OF(future, struct wb_recv, future);
    enum wb_status status = WB_OK;
    if (wb__evented_poll_as(
            &self->socket->io->evented, &self->waiter, context, try_recv, self, &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static void recv_drop(struct wb_future *future) {
    struct wb_recv *self = WB_FUTURE_OF(future, struct wb_recv, future);
    if (self->waiter.is_linked) {
        wb__evented_leave(&self->socket->io->evented, &self->waiter);
    }
}

static const struct wb_future_ops recv_ops = {
    .size = sizeof(struct wb_recv),
    .offset = offsetof(struct wb_recv, future),
    .poll = recv_poll,
    .drop = recv_drop,
};

void wb_recv_init(
    struct wb_recv *recv, struct wb_datagram_socket *socket, void *buf, size_t capacity) {
    *recv = (struct wb_recv){.socket = socket, .buf = buf, .capacity = capacity};
    wb_future_init(&recv->future, &recv_ops);
}

/* ---- sending ---- */

static enum wb_status try_send(void *user_data) {
    const struct wb_send *self = user_data;
    struct wb__io *io = self->socket->io;
    if (io->kind == WB__IO_UNIX_DATAGRAM) {
        return wb_unix_datagram_send(&io->socket.unix_datagram, self->buf, self->len);
    }
    return self->has_to ? wb_udp_socket_send_to(&io->socket.udp, self->buf, self->len, &self->to)
                        : wb_udp_socket_send(&io->socket.udp, self->buf, self->len);
}

static enum wb_progress send_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_send *self = WB_FUTURE_OF(future, struct wb_send, future);
    struct wb__io *io = self->socket->io;
    enum wb_status status = WB_OK;
    if (self->has_to && io->kind != WB__IO_UDP) {
        return wb_future_end(future, WB_ERR_NOT_SUPPORTED);
    }
    if (wb__evented_poll_as(&io->evented, &self->waiter, context, try_send, self, &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static void send_drop(struct wb_future *future) {
    struct wb_send *self = WB_FUTURE_OF(future, struct wb_send, future);
    if (self->waiter.is_linked) {
        wb__evented_leave(&self->socket->io->evented, &self->waiter);
    }
}

static const struct wb_future_ops send_ops = {
    .size = sizeof(struct wb_send),
    .offset = offsetof(struct wb_send, future),
    .poll = send_poll,
    .drop = send_drop,
};

void wb_send_init(
    struct wb_send *send, struct wb_datagram_socket *socket, const void *buf, size_t len) {
    *send = (struct wb_send){
        .socket = socket, .buf = buf, .len = len, .waiter = {.direction = WB_DIRECTION_WRITE}};
    wb_future_init(&send->future, &send_ops);
}

void wb_send_to_init(struct wb_send *send, struct wb_datagram_socket *socket, const void *buf,
    size_t len, const struct wb_addr *to) {
    wb_send_init(send, socket, buf, len);
    send->to = *to;
    send->has_to = true;
}

/* ---- without waiting ---- */

enum wb_status wb_datagram_socket_try_recv(struct wb_datagram_socket *socket, void *buf,
    size_t capacity, struct wb_datagram *out_datagram, struct wb_addr *out_sender) {
    struct wb_recv recv = {.socket = socket, .buf = buf, .capacity = capacity};
    const enum wb_status status =
        wb__evented_try(&socket->io->evented, WB_DIRECTION_READ, try_recv, &recv);
    if (status == WB_OK) {
        *out_datagram = recv.datagram;
        if (out_sender != NULL) {
            *out_sender = recv.sender;
        }
    }
    return status;
}

enum wb_status wb_datagram_socket_try_send(
    struct wb_datagram_socket *socket, const void *buf, size_t len, const struct wb_addr *to) {
    struct wb_send send = {.socket = socket, .buf = buf, .len = len, .has_to = to != NULL};
    if (to != NULL) {
        if (socket->io->kind != WB__IO_UDP) {
            return WB_ERR_NOT_SUPPORTED;
        }
        send.to = *to;
    }
    return wb__evented_try(&socket->io->evented, WB_DIRECTION_WRITE, try_send, &send);
}

void wb_readiness_init_datagrams(struct wb_readiness *readiness, struct wb_datagram_socket *socket,
    enum wb_direction direction) {
    wb__readiness_init(readiness, &socket->io->evented, direction);
}
