/* Reads and writes that move a cursor. */
#include "wb/tcp_buf.h"

enum wb_status wb_tcp_stream_read_buf(
    struct wb_tcp_stream *stream, struct wb_buf_mut buf, size_t *out_len) {
    size_t room = 0;
    uint8_t *chunk = wb_buf_mut_chunk(buf, &room);
    size_t n = 0;
    enum wb_status status = wb_tcp_stream_read(stream, chunk, room, &n);
    if (status == WB_OK) {
        wb_buf_mut_advance(buf, n);
        *out_len = n;
    }
    return status;
}

/* Most cursors are one piece, for which send is the cheaper call. */
static enum wb_status write_pieces(
    struct wb_tcp_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    return iov_len == 1 ? wb_tcp_stream_write(stream, iov[0].base, iov[0].len, out_len)
                        : wb_tcp_stream_writev(stream, iov, iov_len, out_len);
}

enum wb_status wb_tcp_stream_write_buf(
    struct wb_tcp_stream *stream, struct wb_buf buf, size_t *out_len) {
    if (!wb_buf_has_remaining(buf)) {
        *out_len = 0;
        return WB_OK;
    }
    struct wb_iovec iov[WB_TCP_BUF_PIECES];
    size_t iov_len = wb_buf_chunks(buf, iov, WB_TCP_BUF_PIECES);
    size_t n = 0;
    enum wb_status status = write_pieces(stream, iov, iov_len, &n);
    if (status == WB_OK) {
        wb_buf_advance(buf, n);
        *out_len = n;
    }
    return status;
}
