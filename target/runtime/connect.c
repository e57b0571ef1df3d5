/* Connecting a stream. */
#include "runtime/io.h"
#include "wb/net.h"
#include "wb/runtime.h"

/* WB_IN_PROGRESS is to connecting what WB_WOULD_BLOCK is to the rest: a report for nothing. */
static enum wb_status try_connect(void *user_data) {
    const enum wb_status status = wb_tcp_stream_finish_connect(user_data);
    return status == WB_IN_PROGRESS ? WB_WOULD_BLOCK : status;
}

static enum wb_status begin_connect(struct wb_connect *self) {
    struct wb_tcp_stream tcp;
    if (self->runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    const struct wb_sys *sys = wb_runtime_sys(self->runtime);
    const enum wb_status status = self->socket.stream.io.sys != NULL
                                      ? wb_tcp_socket_connect(&self->socket, &self->addr, &tcp)
                                      : wb_tcp_stream_connect(&tcp, sys, &self->addr);
    return status == WB_OK ? wb_stream_from_tcp(&self->stream, self->runtime, &tcp) : status;
}

static enum wb_progress connect_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_connect *self = WB_FUTURE_OF(future, struct wb_connect, future);
    enum wb_status status = WB_OK;
    if (self->stream.writer.io == NULL) {
        status = begin_connect(self);
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
    }
    if (wb__evented_poll(&self->stream.writer.io->evented, WB_DIRECTION_WRITE, context, try_connect,
            wb_stream_tcp(&self->stream), &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static void connect_drop_output(struct wb_future *future) {
    wb_stream_close(&WB_FUTURE_OF(future, struct wb_connect, future)->stream);
}

static void connect_drop(struct wb_future *future) {
    wb_tcp_socket_close(&WB_FUTURE_OF(future, struct wb_connect, future)->socket);
    if (!wb_future_is_over(future) || future->status != WB_OK) {
        connect_drop_output(future);
    }
}

static const struct wb_future_ops connect_ops = {
    .size = sizeof(struct wb_connect),
    .offset = offsetof(struct wb_connect, future),
    .poll = connect_poll,
    .drop = connect_drop,
    .drop_output = connect_drop_output,
};

void wb_connect_init(
    struct wb_connect *connect, struct wb_runtime *runtime, const struct wb_addr *addr) {
    *connect = (struct wb_connect){.runtime = runtime, .addr = *addr};
    wb_future_init(&connect->future, &connect_ops);
}

void wb_connect_init_socket(struct wb_connect *connect, struct wb_runtime *runtime,
    struct wb_tcp_socket *socket, const struct wb_addr *addr) {
    wb_connect_init(connect, runtime, addr);
    connect->socket = *socket;
    *socket = (struct wb_tcp_socket){0};
}

enum wb_status wb_stream_connect_unix(
    struct wb_stream *stream, struct wb_runtime *runtime, const struct wb_unix_addr *addr) {
    struct wb_unix_stream connected;
    *stream = (struct wb_stream){0};
    if (runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    enum wb_status status = WB_ERR_INTERRUPTED;
    while (status == WB_ERR_INTERRUPTED) {
        status = wb_unix_stream_connect(&connected, wb_runtime_sys(runtime), addr);
    }
    return status == WB_OK ? wb_stream_from_unix(stream, runtime, &connected) : status;
}
