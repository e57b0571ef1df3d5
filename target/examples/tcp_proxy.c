/* tcp_proxy: passes each connection on to a server, both ways, with the end of each way. A failure
 * of one side is passed on as a reset. */
#include "examples/programs.h"

#include "examples/async_server.h"
#include "examples/console.h"
#include "examples/options.h"
#include "wb/async.h"
#include "wb/io.h"

#define PROGRAM "tcp_proxy"

/* Bytes under way of one connection, both ways together. */
enum { BUFFER_LEN = 16 * 1024 };

struct tcp_proxy {
    struct wb__async_server server;
    struct wb_addr to;
};

/* A task. */
struct passage {
    struct wb_future future;
    struct tcp_proxy *proxy;
    struct wb_stream client;
    struct wb_stream server;
    struct wb_connect connect;
    struct wb_copy_bidirectional copy;
    char buf[BUFFER_LEN];
};

static enum wb_progress passage_poll(struct wb_future *future, struct wb_context *context) {
    struct passage *self = WB_FUTURE_OF(future, struct passage, future);
    WB_ASYNC_BEGIN(future, context);
    wb_connect_init(&self->connect, context->runtime, &self->proxy->to);
    WB_TRY_AWAIT(&self->connect.future);
    self->server = self->connect.stream;
    wb_copy_bidirectional_init(&self->copy, wb_stream_io(&self->client),
        wb_stream_io(&self->server), self->buf, sizeof self->buf);
    WB_TRY_AWAIT(&self->copy.future);
    WB_ASYNC_END(WB_OK);
}

static void close_side(struct wb_stream *stream, bool has_failed) {
    struct wb_tcp_stream *tcp = wb_stream_tcp(stream);
    if (has_failed && tcp != NULL) {
        (void)!wb_tcp_stream_set_linger(tcp, 0);
    }
    wb_stream_close(stream);
}

static void passage_drop(struct wb_future *future) {
    struct passage *self = WB_FUTURE_OF(future, struct passage, future);
    const bool has_failed = !wb_future_is_over(future) || future->status != WB_OK;
    wb_future_drop(&self->connect.future);
    wb_future_drop(&self->copy.future);
    close_side(&self->client, has_failed);
    close_side(&self->server, has_failed);
    self->proxy->server.connections--;
}

static const struct wb_future_ops passage_ops = {
    .size = sizeof(struct passage),
    .offset = offsetof(struct passage, future),
    .poll = passage_poll,
    .drop = passage_drop,
};

static enum wb_status on_accepted(struct wb__async_server *server, struct wb_context *context,
    const struct wb_stream *stream, struct wb_join_handle *out_handle) {
    struct passage passage = {.proxy = server->options.user_data, .client = *stream};
    wb_future_init(&passage.future, &passage_ops);
    const enum wb_status status = wb_context_spawn(context, &passage.future, NULL, out_handle);
    server->connections += status == WB_OK ? 1 : 0;
    return status;
}

int wb__tcp_proxy_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct tcp_proxy self = {.to = wb_addr_v4_loopback(6567)};
    struct wb__async_server_options server = {
        .program = PROGRAM,
        .listen = wb_addr_v4_loopback(7201),
        .connections_max = 1024,
        .accepted = on_accepted,
        .user_data = &self,
    };
    const struct wb__option options[] = {
        {"listen", WB__OPTION_ADDR, &server.listen,
            "where to listen; port 0 picks one. 127.0.0.1:7201", 0, 0},
        {"to", WB__OPTION_ADDR, &self.to, "the server to pass on to. 127.0.0.1:6567", 0, 0},
        {"max-connections", WB__OPTION_COUNT, &server.connections_max,
            "that are passed on at a time; others are reset. 1024", 1, 100000},
    };
    const struct wb__command command = {PROGRAM, "Passes TCP connections on to a server.", options,
        sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    return wb__async_server_run(&self.server, sys, &server);
}
