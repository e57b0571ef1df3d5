/* Streams: bytes through a connected socket of either kind, in two halves. */
#include "reactor/socket.h"
#include "runtime/io.h"
#include "wb/net.h"
#include "wb/runtime.h"

/* One try to move bytes. */
struct transfer {
    struct wb_fd_source *fd;
    void *buf;
    const void *bytes;
    const struct wb_iovec *iov;
    size_t len; /* of the buffer, or how many there are */
    size_t *out_len;
    bool is_short; /* it moved fewer bytes than it was given room for */
};

static enum wb_status moved(struct transfer *it, enum wb_status status) {
    it->is_short = status == WB_OK && *it->out_len < it->len;
    return status;
}

/* The last of very many pieces are not handed on, and nothing is known of them. */
static enum wb_status moved_pieces(struct transfer *it, enum wb_status status) {
    size_t left = status == WB_OK ? *it->out_len : 0;
    size_t i = 0;
    while (i < it->len && it->iov[i].len <= left) {
        left -= it->iov[i++].len;
    }
    it->is_short = status == WB_OK && i < it->len && it->len <= WB__SOCKET_IOV_MAX;
    return status;
}

static enum wb_status try_recv(void *user_data) {
    struct transfer *it = user_data;
    return moved(it, wb__socket_recv(it->fd, it->buf, it->len, 0, it->out_len));
}

/* What was looked at is there still, so that it says nothing of what is left. */
static enum wb_status try_peek(void *user_data) {
    const struct transfer *it = user_data;
    return wb__socket_recv(it->fd, it->buf, it->len, WB_MSG_PEEK, it->out_len);
}

static enum wb_status try_readv(void *user_data) {
    struct transfer *it = user_data;
    return moved_pieces(it, wb__socket_readv(it->fd, it->iov, it->len, it->out_len));
}

static enum wb_status try_send(void *user_data) {
    struct transfer *it = user_data;
    return moved(it, wb__socket_send(it->fd, it->bytes, it->len, it->out_len));
}

static enum wb_status try_sendv(void *user_data) {
    struct transfer *it = user_data;
    return moved_pieces(it, wb__socket_sendv(it->fd, it->iov, it->len, it->out_len));
}

/* Part of each operation, so that its transfer need not exist. */
static __attribute__((always_inline)) inline enum wb_progress poll_io(struct wb__io *io,
    enum wb_direction direction, struct wb_context *context, wb_try_fn try_fn,
    struct transfer *transfer, enum wb_status *out_status) {
    struct wb__evented *evented = &io->evented;
    transfer->fd = &io->socket.fd;
    return wb__evented_run(evented, &evented->slots[direction], direction, context, try_fn,
        transfer, &transfer->is_short, out_status);
}

/* ---- reading ---- */

static struct wb_read_half *reader_of(struct wb_async_read *read) {
    return (struct wb_read_half *)(void *)((char *)read - offsetof(struct wb_read_half, read));
}

static enum wb_progress stream_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct transfer transfer = {.buf = buf, .len = len, .out_len = out_len};
    return poll_io(
        reader_of(self)->io, WB_DIRECTION_READ, context, try_recv, &transfer, out_status);
}

static enum wb_progress stream_poll_readv(struct wb_async_read *self, struct wb_context *context,
    const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len) {
    struct transfer transfer = {.iov = iov, .len = iov_len, .out_len = out_len};
    return poll_io(
        reader_of(self)->io, WB_DIRECTION_READ, context, try_readv, &transfer, out_status);
}

const struct wb_async_read_ops wb__stream_read_ops = {
    .poll_read = stream_poll_read,
    .poll_readv = stream_poll_readv,
};

enum wb_progress wb_read_half_poll_peek(struct wb_read_half *half, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct transfer transfer = {.buf = buf, .len = len, .out_len = out_len};
    return poll_io(half->io, WB_DIRECTION_READ, context, try_peek, &transfer, out_status);
}

static enum wb_progress peek_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_peek *self = WB_FUTURE_OF(future, struct wb_peek, future);
    enum wb_status status = WB_OK;
    if (wb_read_half_poll_peek(self->half, context, self->buf, self->capacity, &status, &self->len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops peek_ops = {
    .size = sizeof(struct wb_peek),
    .offset = offsetof(struct wb_peek, future),
    .poll = peek_poll,
};

void wb_peek_init(struct wb_peek *peek, struct wb_read_half *half, void *buf, size_t capacity) {
    *peek = (struct wb_peek){.half = half, .buf = buf, .capacity = capacity};
    wb_future_init(&peek->future, &peek_ops);
}

/* ---- writing ---- */

static struct wb_write_half *writer_of(struct wb_async_write *write) {
    return (struct wb_write_half *)(void *)((char *)write - offsetof(struct wb_write_half, write));
}

static enum wb_progress stream_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct transfer transfer = {.bytes = buf, .len = len, .out_len = out_len};
    return poll_io(
        writer_of(self)->io, WB_DIRECTION_WRITE, context, try_send, &transfer, out_status);
}

static enum wb_progress stream_poll_writev(struct wb_async_write *self, struct wb_context *context,
    const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len) {
    struct transfer transfer = {.iov = iov, .len = iov_len, .out_len = out_len};
    return poll_io(
        writer_of(self)->io, WB_DIRECTION_WRITE, context, try_sendv, &transfer, out_status);
}

/* Of a connection that has ended by itself, by a reset for one, there is nothing left to tell the
 * peer. */
static enum wb_status shut_down(struct wb__io *io) {
    const enum wb_status status = wb__socket_shutdown(&io->socket.fd, WB_SHUT_WR);
    return status == WB_ERR_NOT_CONNECTED ? WB_OK : status;
}

static enum wb_progress stream_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    (void)context;
    *out_status = shut_down(writer_of(self)->io);
    return WB_READY;
}

static const struct wb_async_write_ops write_ops = {
    .poll_write = stream_poll_write,
    .poll_writev = stream_poll_writev,
    .poll_shutdown = stream_poll_shutdown,
};

/* ---- without waiting ---- */

enum wb_status wb_read_half_try_read(
    struct wb_read_half *half, void *buf, size_t len, size_t *out_len) {
    struct transfer transfer = {
        .fd = &half->io->socket.fd, .buf = buf, .len = len, .out_len = out_len};
    return wb__evented_try(&half->io->evented, WB_DIRECTION_READ, try_recv, &transfer);
}

enum wb_status wb_write_half_try_write(
    struct wb_write_half *half, const void *buf, size_t len, size_t *out_len) {
    struct transfer transfer = {
        .fd = &half->io->socket.fd, .bytes = buf, .len = len, .out_len = out_len};
    return wb__evented_try(&half->io->evented, WB_DIRECTION_WRITE, try_send, &transfer);
}

void wb_readiness_init_reader(struct wb_readiness *readiness, struct wb_read_half *half) {
    wb__readiness_init(readiness, &half->io->evented, WB_DIRECTION_READ);
}

void wb_readiness_init_writer(struct wb_readiness *readiness, struct wb_write_half *half) {
    wb__readiness_init(readiness, &half->io->evented, WB_DIRECTION_WRITE);
}

/* ---- life ---- */

static enum wb_status make_stream(struct wb_stream *stream, struct wb_runtime *runtime,
    enum wb__io_kind kind, struct wb_fd_source *fd, enum wb__evented_start start) {
    const union wb__io_socket socket = {.fd = *fd};
    struct wb__io *io = NULL;
    *fd = (struct wb_fd_source){.fd = -1};
    *stream = (struct wb_stream){0};
    const enum wb_status status = wb__io_start(&io, runtime, kind, &socket, start);
    if (status != WB_OK) {
        return status;
    }
    atomic_store_explicit(&io->handles, 2, memory_order_relaxed);
    stream->reader = (struct wb_read_half){{&wb__stream_read_ops}, io};
    stream->writer = (struct wb_write_half){{&write_ops}, io};
    return WB_OK;
}

enum wb_status wb_stream_from_tcp(
    struct wb_stream *stream, struct wb_runtime *runtime, struct wb_tcp_stream *tcp) {
    return make_stream(stream, runtime, WB__IO_TCP_STREAM, &tcp->io, WB__EVENTED_WATCHED);
}

enum wb_status wb_stream_from_unix(
    struct wb_stream *stream, struct wb_runtime *runtime, struct wb_unix_stream *stream_socket) {
    return make_stream(
        stream, runtime, WB__IO_UNIX_STREAM, &stream_socket->io, WB__EVENTED_WATCHED);
}

enum wb_status wb__stream_accepted(struct wb_stream *stream, struct wb_runtime *runtime,
    enum wb__io_kind kind, union wb__io_socket *socket) {
    return make_stream(stream, runtime, kind, &socket->fd, WB__EVENTED_TRIED_FIRST);
}

struct wb_tcp_stream *wb_stream_tcp(const struct wb_stream *stream) {
    return wb__io_as(stream->reader.io, WB__IO_TCP_STREAM);
}

struct wb_unix_stream *wb_stream_unix(const struct wb_stream *stream) {
    return wb__io_as(stream->reader.io, WB__IO_UNIX_STREAM);
}

enum wb_status wb_stream_reunite(
    struct wb_stream *stream, struct wb_read_half *reader, struct wb_write_half *writer) {
    if (!wb_stream_fits(reader, writer)) {
        return WB_ERR_INVALID;
    }
    *stream = (struct wb_stream){*reader, *writer};
    reader->io = NULL;
    writer->io = NULL;
    return WB_OK;
}

void wb_read_half_close(struct wb_read_half *half) {
    struct wb__io *io = half->io;
    half->io = NULL;
    if (io != NULL) {
        wb__evented_forget(&io->evented, WB_DIRECTION_READ);
    }
    wb__io_release(io);
}

void wb_write_half_close(struct wb_write_half *half) {
    struct wb__io *io = half->io;
    half->io = NULL;
    if (io == NULL) {
        return;
    }
    wb__evented_forget(&io->evented, WB_DIRECTION_WRITE);
    if (atomic_load_explicit(&io->handles, memory_order_acquire) > 1) {
        (void)!shut_down(io); /* the peer learns of it by the end of the connection, too */
    }
    wb__io_release(io);
}

/* The reader first, so that the writer closes the whole. */
void wb_stream_close(struct wb_stream *stream) {
    wb_read_half_close(&stream->reader);
    wb_write_half_close(&stream->writer);
}
