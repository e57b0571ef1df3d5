/* Reads and writes that move a cursor, for every kind of stream socket. */
#include "wb/tcp_buf.h"
#include "wb/unix_buf.h"

#include "reactor/socket.h"

static enum wb_status read_buf(struct wb_fd_source *io, struct wb_buf_mut buf, size_t *out_len) {
    size_t room = 0;
    uint8_t *chunk = wb_buf_mut_chunk(buf, &room);
    size_t n = 0;
    enum wb_status status = wb__socket_recv(io, chunk, room, 0, &n);
    if (status == WB_OK) {
        wb_buf_mut_advance(buf, n);
        *out_len = n;
    }
    return status;
}

/* Most cursors are one piece, for which send is the cheaper call. */
static enum wb_status write_pieces(
    struct wb_fd_source *io, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    return iov_len == 1 ? wb__socket_send(io, iov[0].base, iov[0].len, out_len)
                        : wb__socket_sendv(io, iov, iov_len, out_len);
}

static enum wb_status write_buf(struct wb_fd_source *io, struct wb_buf buf, size_t *out_len) {
    if (!wb_buf_has_remaining(buf)) {
        *out_len = 0;
        return WB_OK;
    }
    struct wb_iovec iov[WB_TCP_BUF_PIECES];
    size_t iov_len = wb_buf_chunks(buf, iov, WB_TCP_BUF_PIECES);
    size_t n = 0;
    enum wb_status status = write_pieces(io, iov, iov_len, &n);
    if (status == WB_OK) {
        wb_buf_advance(buf, n);
        *out_len = n;
    }
    return status;
}

/* ---- TCP ---- */

enum wb_status wb_tcp_stream_read_buf(
    struct wb_tcp_stream *stream, struct wb_buf_mut buf, size_t *out_len) {
    return read_buf(&stream->io, buf, out_len);
}

enum wb_status wb_tcp_stream_write_buf(
    struct wb_tcp_stream *stream, struct wb_buf buf, size_t *out_len) {
    return write_buf(&stream->io, buf, out_len);
}

/* ---- Unix ---- */

enum wb_status wb_unix_stream_read_buf(
    struct wb_unix_stream *stream, struct wb_buf_mut buf, size_t *out_len) {
    return read_buf(&stream->io, buf, out_len);
}

enum wb_status wb_unix_stream_write_buf(
    struct wb_unix_stream *stream, struct wb_buf buf, size_t *out_len) {
    return write_buf(&stream->io, buf, out_len);
}
