/* Listeners: the next connection as a future. */
#include "runtime/internal.h"
#include "runtime/io.h"
#include "wb/net.h"

/* ---- life ---- */

enum wb_status wb_listener_bind(struct wb_listener *listener, struct wb_runtime *runtime,
    const struct wb_addr *addr, int backlog) {
    union wb__io_socket socket = {0};
    listener->io = NULL;
    if (runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    const enum wb_status status =
        wb_tcp_listener_bind(&socket.tcp_listener, runtime->sys, addr, backlog);
    return status == WB_OK ? wb__io_new(&listener->io, runtime, WB__IO_TCP_LISTENER, &socket)
                           : status;
}

enum wb_status wb_listener_bind_unix(struct wb_listener *listener, struct wb_runtime *runtime,
    const struct wb_unix_addr *addr, int backlog) {
    union wb__io_socket socket = {0};
    listener->io = NULL;
    if (runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    const enum wb_status status =
        wb_unix_listener_bind(&socket.unix_listener, runtime->sys, addr, backlog);
    return status == WB_OK ? wb__io_new(&listener->io, runtime, WB__IO_UNIX_LISTENER, &socket)
                           : status;
}

enum wb_status wb_listener_from_tcp(
    struct wb_listener *listener, struct wb_runtime *runtime, struct wb_tcp_listener *tcp) {
    const union wb__io_socket socket = {.tcp_listener = *tcp};
    listener->io = NULL;
    *tcp = (struct wb_tcp_listener){0};
    return wb__io_new(&listener->io, runtime, WB__IO_TCP_LISTENER, &socket);
}

enum wb_status wb_listener_from_unix(struct wb_listener *listener, struct wb_runtime *runtime,
    struct wb_unix_listener *listener_socket) {
    const union wb__io_socket socket = {.unix_listener = *listener_socket};
    listener->io = NULL;
    *listener_socket = (struct wb_unix_listener){0};
    return wb__io_new(&listener->io, runtime, WB__IO_UNIX_LISTENER, &socket);
}

void wb_listener_close(struct wb_listener *listener) {
    wb__io_release(listener->io);
    listener->io = NULL;
}

struct wb_tcp_listener *wb_listener_tcp(const struct wb_listener *listener) {
    return wb__io_as(listener->io, WB__IO_TCP_LISTENER);
}

struct wb_unix_listener *wb_listener_unix(const struct wb_listener *listener) {
    return wb__io_as(listener->io, WB__IO_UNIX_LISTENER);
}

/* ---- accepting ---- */

/* The socket that came, before it is a stream. */
struct acceptance {
    struct wb_accept *accept;
    union wb__io_socket socket;
};

/* A connection that was aborted concerns nobody: as if nothing had happened. */
static enum wb_status try_accept(void *user_data) {
    struct acceptance *it = user_data;
    struct wb__io *io = it->accept->listener->io;
    const enum wb_status status =
        io->kind == WB__IO_TCP_LISTENER
            ? wb_tcp_listener_accept(
                &io->socket.tcp_listener, &it->socket.tcp_stream, &it->accept->peer)
            : wb_unix_listener_accept(&io->socket.unix_listener, &it->socket.unix_stream, NULL);
    return status == WB_ERR_CONN_ABORTED ? WB_ERR_INTERRUPTED : status;
}

static enum wb_progress accept_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_accept *self = WB_FUTURE_OF(future, struct wb_accept, future);
    struct wb__io *io = self->listener->io;
    struct acceptance acceptance = {.accept = self};
    enum wb_status status = WB_OK;
    if (wb__evented_poll_as(&io->evented, &self->waiter, context, try_accept, &acceptance, &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    if (status == WB_OK) {
        const enum wb__io_kind kind =
            io->kind == WB__IO_TCP_LISTENER ? WB__IO_TCP_STREAM : WB__IO_UNIX_STREAM;
        status = wb__stream_accepted(&self->stream, io->evented.runtime, kind, &acceptance.socket);
    }
    return wb_future_end(future, status);
}

static void accept_drop(struct wb_future *future) {
    struct wb_accept *self = WB_FUTURE_OF(future, struct wb_accept, future);
    if (self->waiter.is_linked) { /* else the listener may be gone */
        wb__evented_leave(&self->listener->io->evented, &self->waiter);
    }
}

static void accept_drop_output(struct wb_future *future) {
    wb_stream_close(&WB_FUTURE_OF(future, struct wb_accept, future)->stream);
}

static const struct wb_future_ops accept_ops = {
    .size = sizeof(struct wb_accept),
    .offset = offsetof(struct wb_accept, future),
    .poll = accept_poll,
    .drop = accept_drop,
    .drop_output = accept_drop_output,
};

void wb_accept_init(struct wb_accept *accept, struct wb_listener *listener) {
    *accept = (struct wb_accept){.listener = listener};
    wb_future_init(&accept->future, &accept_ops);
}
