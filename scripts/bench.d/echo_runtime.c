/* An echo server on the runtime, to measure against tokio's: a task a connection, a read, a write.
 *
 *   echo_runtime one|two     on one thread, or with two workers */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wb/async.h"
#include "wb/net.h"
#include "wb/runtime.h"
#include "wb/sys_linux.h"

enum { PIECE_LEN = 1024 };

static void must(enum wb_status status) {
    if (status != WB_OK) {
        (void)fprintf(stderr, "echo_runtime: %s\n", wb_status_text(status));
        exit(EXIT_FAILURE);
    }
}

/* ---- a connection ---- */

struct connection {
    struct wb_future future;
    struct wb_stream stream;
    struct wb_read read;
    struct wb_write_all write;
    char piece[PIECE_LEN];
};

static enum wb_progress connection_poll(struct wb_future *future, struct wb_context *context) {
    struct connection *self = WB_FUTURE_OF(future, struct connection, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_read_init(&self->read, &self->stream.reader.read, self->piece, PIECE_LEN);
        WB_TRY_AWAIT(&self->read.future);
        if (self->read.future.status == WB_EOF) {
            WB_ASYNC_RETURN(WB_OK);
        }
        wb_write_all_init(&self->write, &self->stream.writer.write, self->piece, self->read.len);
        WB_TRY_AWAIT(&self->write.future);
    }
    WB_ASYNC_END(WB_OK);
}

static void connection_drop(struct wb_future *future) {
    struct connection *self = WB_FUTURE_OF(future, struct connection, future);
    wb_future_drop(&self->read.future);
    wb_future_drop(&self->write.future);
    wb_stream_close(&self->stream);
}

static const struct wb_future_ops connection_ops = {
    .size = sizeof(struct connection),
    .offset = offsetof(struct connection, future),
    .poll = connection_poll,
    .drop = connection_drop,
};

static void welcome(struct wb_context *context, const struct wb_stream *stream) {
    struct connection *connection = calloc(1, sizeof *connection);
    must(connection != NULL ? WB_OK : WB_ERR_NO_MEMORY);
    connection->stream = *stream;
    must(wb_tcp_stream_set_nodelay(wb_stream_tcp(stream), true));
    wb_future_init(&connection->future, &connection_ops);
    must(wb_context_spawn(context, &connection->future, NULL, NULL));
    free(connection);
}

/* ---- the listener ---- */

struct server {
    struct wb_future future;
    struct wb_listener listener;
    struct wb_accept accept;
};

static enum wb_progress server_poll(struct wb_future *future, struct wb_context *context) {
    struct server *self = WB_FUTURE_OF(future, struct server, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_accept_init(&self->accept, &self->listener);
        WB_TRY_AWAIT(&self->accept.future);
        welcome(context, &self->accept.stream);
    }
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops server_ops = {
    .size = sizeof(struct server),
    .offset = offsetof(struct server, future),
    .poll = server_poll,
};

int main(int argc, char **argv) {
    const bool is_single = argc == 2 && strcmp(argv[1], "one") == 0;
    const struct wb_runtime_config config = {
        .flavour = is_single ? WB_RUNTIME_CURRENT_THREAD : WB_RUNTIME_MULTI_THREAD};
    struct wb_runtime *runtime = NULL;
    struct wb_join_handle handle;
    struct server server = {.listener = {NULL}};
    struct wb_addr addr;
    char text[WB_ADDR_TEXT_LEN_MAX];
    must(wb_runtime_new(wb_sys_linux(), &config, &runtime));
    must(wb_addr_parse("127.0.0.1:0", &addr));
    must(wb_listener_bind(&server.listener, runtime, &addr, 0));
    must(wb_tcp_listener_local_addr(wb_listener_tcp(&server.listener), &addr));
    (void)wb_addr_format(&addr, text, sizeof text);
    printf("listening on %s\n", text);
    (void)fflush(stdout);
    wb_future_init(&server.future, &server_ops);
    must(wb_runtime_spawn(runtime, &server.future, NULL, &handle));
    must(wb_runtime_block_on(runtime, &handle.future));
    return EXIT_SUCCESS;
}
