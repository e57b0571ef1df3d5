/* sequential_echo: serves one connection after the other, each to its end; others wait until it is
 * their turn, however long the one before them is silent. With --spawn each has a task of its own,
 * and nobody waits. Echo on the runtime. */
#include "examples/programs.h"

#include "examples/async_server.h"
#include "examples/console.h"
#include "examples/options.h"
#include "wb/async.h"
#include "wb/io.h"

#define PROGRAM "sequential_echo"

/* Bytes under way of one connection. */
enum { BUFFER_LEN = 4096 };

/* A task. */
struct conversation {
    struct wb_future future;
    struct wb__async_server *server;
    struct wb_stream stream;
    struct wb_copy copy;
    struct wb_flush shutdown;
    char buf[BUFFER_LEN];
};

static enum wb_progress conversation_poll(struct wb_future *future, struct wb_context *context) {
    struct conversation *self = WB_FUTURE_OF(future, struct conversation, future);
    WB_ASYNC_BEGIN(future, context);
    wb_copy_init(&self->copy, &self->stream.reader.read, &self->stream.writer.write, self->buf,
        sizeof self->buf);
    WB_TRY_AWAIT(&self->copy.future);
    wb_shutdown_init(&self->shutdown, &self->stream.writer.write);
    WB_TRY_AWAIT(&self->shutdown.future);
    WB_ASYNC_END(WB_OK);
}

/* Who was not served to the end is told so by a reset. */
static void conversation_drop(struct wb_future *future) {
    struct conversation *self = WB_FUTURE_OF(future, struct conversation, future);
    wb_future_drop(&self->copy.future);
    wb_future_drop(&self->shutdown.future);
    if (!wb_future_is_over(future) || future->status != WB_OK) {
        (void)!wb_tcp_stream_set_linger(wb_stream_tcp(&self->stream), 0);
    }
    wb_stream_close(&self->stream);
    self->server->connections--;
}

static const struct wb_future_ops conversation_ops = {
    .size = sizeof(struct conversation),
    .offset = offsetof(struct conversation, future),
    .poll = conversation_poll,
    .drop = conversation_drop,
};

static enum wb_status on_accepted(struct wb__async_server *server, struct wb_context *context,
    const struct wb_stream *stream, struct wb_join_handle *out_handle) {
    struct conversation conversation = {.server = server, .stream = *stream};
    wb_future_init(&conversation.future, &conversation_ops);
    const enum wb_status status = wb_context_spawn(context, &conversation.future, NULL, out_handle);
    server->connections += status == WB_OK ? 1 : 0;
    return status;
}

int wb__sequential_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb__async_server self;
    bool spawns = false;
    struct wb__async_server_options server = {
        .program = PROGRAM,
        .listen = wb_addr_v4_loopback(6379),
        .connections_max = 1024,
        .accepted = on_accepted,
    };
    const struct wb__option options[] = {
        {"listen", WB__OPTION_ADDR, &server.listen,
            "where to listen; port 0 picks one. 127.0.0.1:6379", 0, 0},
        {"spawn", WB__OPTION_FLAG, &spawns, "serves all of them at once, a task each", 0, 0},
        {"max-connections", WB__OPTION_COUNT, &server.connections_max,
            "that are served at a time, with --spawn; others are reset. 1024", 1, 100000},
    };
    const struct wb__command command = {PROGRAM, "Echoes one connection after the other.", options,
        sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    server.is_sequential = !spawns;
    return wb__async_server_run(&self, sys, &server);
}
