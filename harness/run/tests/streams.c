/* See streams.h. */
#include "streams.h"

#include <string.h>

#include "wb/async.h"
#include "wb/combine.h"
#include "wb/io.h"
#include "wb/net.h"
#include "wb/poll_evented.h"
#include "wb/resolve.h"
#include "wb/runtime.h"
#include "wb/termination.h"
#include "wb/time.h"

enum { ECHO_PORT = 7101, DATAGRAM_PORT = 7103, CLIENT_PORT = 7105, CHUNK = 512 };

#define MS UINT64_C(1000000)

const char *stream_option(int argc, char *const argv[], const char *name) {
    for (int i = 1; i + 1 < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && strcmp(argv[i] + 2, name) == 0) {
            return argv[i + 1];
        }
    }
    return NULL;
}

struct wb_runtime *stream_runtime(const struct wb_sys *sys, int argc, char *const argv[]) {
    const char *flavour = stream_option(argc, argv, "flavour");
    const bool is_multi = flavour != NULL && strcmp(flavour, "multi") == 0;
    const struct wb_runtime_config config = {
        .flavour = is_multi ? WB_RUNTIME_MULTI_THREAD : WB_RUNTIME_CURRENT_THREAD};
    struct wb_runtime *runtime = NULL;
    return wb_runtime_new(sys, &config, &runtime) == WB_OK ? runtime : NULL;
}

/* ---- until SIGTERM ---- */

struct stop {
    struct wb_future future;
    struct wb_termination termination;
    struct wb_poll_evented evented;
};

static enum wb_status try_take(void *user_data) {
    return wb_termination_take(user_data, NULL);
}

static enum wb_progress stop_poll(struct wb_future *future, struct wb_context *context) {
    struct stop *self = WB_FUTURE_OF(future, struct stop, future);
    enum wb_status status = WB_OK;
    if (wb_poll_evented_poll_read(&self->evented, context, try_take, &self->termination, &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops stop_ops = {
    .size = sizeof(struct stop),
    .offset = offsetof(struct stop, future),
    .poll = stop_poll,
};

static enum wb_status open_stop(struct stop *stop, struct wb_runtime *runtime) {
    const enum wb_status status = wb_termination_init(&stop->termination, wb_runtime_sys(runtime));
    return status == WB_OK ? wb_poll_evented_init(
               &stop->evented, runtime, wb_termination_source(&stop->termination))
                           : status;
}

int stream_serve(struct wb_runtime *runtime, struct wb_future *serve) {
    struct stop stop = {0};
    struct wb_race race = {.winner = 1};
    struct wb_future *parts[] = {&stop.future, serve};
    wb_future_init(&stop.future, &stop_ops);
    enum wb_status status = open_stop(&stop, runtime);
    if (status == WB_OK) {
        wb_race_init(&race, parts, 2, WB_RACE_BIASED);
        status = wb_runtime_block_on(runtime, &race.future);
        wb_poll_evented_clean_up(&stop.evented, wb_termination_source(&stop.termination));
    }
    wb_future_drop(serve);
    wb_termination_clean_up(&stop.termination);
    wb_runtime_destroy(runtime);
    return status == WB_OK && race.winner == 0 ? 0 : 1;
}

/* ---- echo ---- */

struct connection {
    struct wb_future future;
    struct wb_stream stream;
    struct wb_copy copy;
    struct wb_flush shutdown;
    char buf[CHUNK];
};

static enum wb_progress connection_poll(struct wb_future *future, struct wb_context *context) {
    struct connection *self = WB_FUTURE_OF(future, struct connection, future);
    WB_ASYNC_BEGIN(future, context);
    wb_copy_init(
        &self->copy, &self->stream.reader.read, &self->stream.writer.write, self->buf, CHUNK);
    WB_TRY_AWAIT(&self->copy.future);
    wb_shutdown_init(&self->shutdown, &self->stream.writer.write);
    WB_TRY_AWAIT(&self->shutdown.future);
    WB_ASYNC_END(WB_OK);
}

static void connection_drop(struct wb_future *future) {
    struct connection *self = WB_FUTURE_OF(future, struct connection, future);
    wb_future_drop(&self->copy.future);
    wb_future_drop(&self->shutdown.future);
    wb_stream_close(&self->stream);
}

static const struct wb_future_ops connection_ops = {
    .size = sizeof(struct connection),
    .offset = offsetof(struct connection, future),
    .poll = connection_poll,
    .drop = connection_drop,
};

struct echo {
    struct wb_future future;
    struct wb_listener listener;
    struct wb_accept accept;
    struct wb_sleep rest;
};

static void welcome(struct wb_context *context, const struct wb_stream *stream) {
    struct connection connection = {.stream = *stream};
    wb_future_init(&connection.future, &connection_ops);
    if (wb_context_spawn(context, &connection.future, NULL, NULL) != WB_OK) {
        wb_future_drop(&connection.future);
    }
}

static enum wb_progress echo_poll(struct wb_future *future, struct wb_context *context) {
    struct echo *self = WB_FUTURE_OF(future, struct echo, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_accept_init(&self->accept, &self->listener);
        WB_AWAIT(&self->accept.future);
        if (self->accept.future.status == WB_OK) {
            welcome(context, &self->accept.stream);
        } else {
            wb_sleep_init(&self->rest, context->runtime, 10 * MS);
            WB_AWAIT(&self->rest.future);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void echo_drop(struct wb_future *future) {
    struct echo *self = WB_FUTURE_OF(future, struct echo, future);
    wb_future_drop(&self->accept.future);
    wb_future_drop(&self->rest.future);
    wb_listener_close(&self->listener);
}

static const struct wb_future_ops echo_ops = {
    .size = sizeof(struct echo),
    .offset = offsetof(struct echo, future),
    .poll = echo_poll,
    .drop = echo_drop,
};

static int stream_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = stream_runtime(sys, argc, argv);
    const struct wb_addr addr = wb_addr_v4_loopback(ECHO_PORT);
    struct echo echo = {0};
    wb_future_init(&echo.future, &echo_ops);
    if (runtime == NULL || wb_listener_bind(&echo.listener, runtime, &addr, 0) != WB_OK) {
        return 2;
    }
    return stream_serve(runtime, &echo.future);
}

/* ---- datagrams ---- */

struct datagrams {
    struct wb_future future;
    struct wb_datagram_socket socket;
    struct wb_recv recv;
    struct wb_send send;
    char buf[CHUNK];
};

static enum wb_progress datagrams_poll(struct wb_future *future, struct wb_context *context) {
    struct datagrams *self = WB_FUTURE_OF(future, struct datagrams, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        wb_recv_init(&self->recv, &self->socket, self->buf, CHUNK);
        WB_TRY_AWAIT(&self->recv.future);
        wb_send_to_init(
            &self->send, &self->socket, self->buf, self->recv.datagram.len, &self->recv.sender);
        WB_AWAIT(&self->send.future);
    }
    WB_ASYNC_END(WB_OK);
}

static void datagrams_drop(struct wb_future *future) {
    struct datagrams *self = WB_FUTURE_OF(future, struct datagrams, future);
    wb_future_drop(&self->recv.future);
    wb_future_drop(&self->send.future);
    wb_datagram_socket_close(&self->socket);
}

static const struct wb_future_ops datagrams_ops = {
    .size = sizeof(struct datagrams),
    .offset = offsetof(struct datagrams, future),
    .poll = datagrams_poll,
    .drop = datagrams_drop,
};

static int datagram_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = stream_runtime(sys, argc, argv);
    const struct wb_addr addr = wb_addr_v4_loopback(DATAGRAM_PORT);
    struct datagrams self = {0};
    struct wb_udp_socket udp;
    wb_future_init(&self.future, &datagrams_ops);
    if (runtime == NULL || wb_udp_socket_bind(&udp, sys, &addr, NULL) != WB_OK
        || wb_datagram_socket_from_udp(&self.socket, runtime, &udp) != WB_OK) {
        return 2;
    }
    return stream_serve(runtime, &self.future);
}

/* ---- a client ---- */

struct client {
    struct wb_future future;
    struct wb_connect_name connect;
    struct wb_stream stream;
    struct wb_write_all write;
    struct wb_buf_reader reader;
    struct wb_read_until line;
    char ahead[16];
    char answer[16];
    size_t answer_len;
};

static enum wb_progress client_poll(struct wb_future *future, struct wb_context *context) {
    struct client *self = WB_FUTURE_OF(future, struct client, future);
    WB_ASYNC_BEGIN(future, context);
    wb_connect_name_init(&self->connect, context->runtime, "127.0.0.1", CLIENT_PORT);
    WB_TRY_AWAIT(&self->connect.future);
    self->stream = self->connect.stream;
    wb_write_all_init(&self->write, &self->stream.writer.write, "ping\n", 5);
    WB_TRY_AWAIT(&self->write.future);
    wb_write_half_close(&self->stream.writer);
    wb_buf_reader_init(&self->reader, &self->stream.reader.read, self->ahead, sizeof(self->ahead));
    wb_read_line_init(&self->line, &self->reader, self->answer, 16, &self->answer_len);
    WB_TRY_AWAIT(&self->line.future);
    if (self->answer_len != 4 || memcmp(self->answer, "pong", 4) != 0) {
        WB_ASYNC_RETURN(WB_ERR_PARSE);
    }
    self->answer_len = 0;
    wb_read_line_init(&self->line, &self->reader, self->answer, 16, &self->answer_len);
    WB_TRY_AWAIT(&self->line.future);
    WB_ASYNC_END(self->line.future.status == WB_EOF ? WB_OK : WB_ERR_PARSE);
}

static void client_drop(struct wb_future *future) {
    struct client *self = WB_FUTURE_OF(future, struct client, future);
    wb_future_drop(&self->connect.future);
    wb_future_drop(&self->write.future);
    wb_future_drop(&self->line.future);
    wb_stream_close(&self->stream);
}

static const struct wb_future_ops client_ops = {
    .size = sizeof(struct client),
    .offset = offsetof(struct client, future),
    .poll = client_poll,
    .drop = client_drop,
};

static int stream_client_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = stream_runtime(sys, argc, argv);
    struct client client = {0};
    wb_future_init(&client.future, &client_ops);
    if (runtime == NULL) {
        return 2;
    }
    const enum wb_status status = wb_runtime_block_on(runtime, &client.future);
    wb_runtime_destroy(runtime);
    return status == WB_OK ? 0 : 1;
}

/* ---- the table ---- */

static const char *const options[] = {"flavour", "bug", "pause", "codec", NULL};

static const struct wbh_program programs[] = {
    {.name = "stream_echo",
        .main = stream_echo_main,
        .options = options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = ECHO_PORT,
        .independent = 1},
    {.name = "evented_echo",
        .main = evented_echo_main,
        .options = options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 7102,
        .independent = 1},
    {.name = "datagram_echo",
        .main = datagram_echo_main,
        .options = options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = DATAGRAM_PORT,
        .independent = 1},
    {.name = "framed_echo",
        .main = framed_echo_main,
        .options = options,
        .port = 7106,
        .independent = 1},
    {.name = "stream_client", .main = stream_client_main, .options = options, .independent = 1},
};

const struct wbh_program *stream_programs(size_t *out_count) {
    *out_count = sizeof(programs) / sizeof(programs[0]);
    return programs;
}
