/* An echo server on libuv, to measure against: one buffer a connection, uv_try_write. */
#define _GNU_SOURCE
#include <stdlib.h>

#include <uv.h>

#include "echo_server.h"

enum { PIECE_LEN = 1024 };

struct connection {
    uv_tcp_t tcp;
    char piece[PIECE_LEN];
};

static void on_closed(uv_handle_t *handle) {
    free(handle);
}

static void on_alloc(uv_handle_t *handle, size_t wanted, uv_buf_t *out) {
    (void)wanted;
    struct connection *connection = (struct connection *)handle;
    *out = uv_buf_init(connection->piece, sizeof connection->piece);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    if (n > 0) {
        uv_buf_t out = uv_buf_init(buf->base, (unsigned)n);
        if (uv_try_write(stream, &out, 1) == (int)n) {
            return;
        }
    } else if (n == 0) {
        return;
    }
    uv_close((uv_handle_t *)stream, on_closed);
}

static void on_connection(uv_stream_t *listener, int status) {
    struct connection *connection = status == 0 ? malloc(sizeof *connection) : NULL;
    if (connection == NULL || uv_tcp_init(listener->loop, &connection->tcp) != 0) {
        echo_server_fail("a connection");
    }
    uv_stream_t *stream = (uv_stream_t *)&connection->tcp;
    if (uv_accept(listener, stream) != 0) {
        uv_close((uv_handle_t *)stream, on_closed);
        return;
    }
    (void)uv_tcp_nodelay(&connection->tcp, 1);
    (void)uv_read_start(stream, on_alloc, on_read);
}

int main(void) {
    uv_tcp_t listener;
    uv_loop_t *loop = uv_default_loop();
    if (loop == NULL || uv_tcp_init(loop, &listener) != 0
        || uv_tcp_open(&listener, echo_server_listen()) != 0
        || uv_listen((uv_stream_t *)&listener, 4096, on_connection) != 0) {
        echo_server_fail("libuv");
    }
    return uv_run(loop, UV_RUN_DEFAULT);
}
