/* A TCP connection: how it begins, how bytes move, how it ends. */
#include "wb/tcp.h"

#include "reactor/socket.h"
#include "wb/tcp_socket.h"

_Static_assert(WB_TCP_IOV_MAX == WB__SOCKET_IOV_MAX, "as documented");

/* ---- life ---- */

enum wb_status wb_tcp_stream_connect(
    struct wb_tcp_stream *stream, const struct wb_sys *sys, const struct wb_addr *addr) {
    struct wb_tcp_socket socket;
    *stream = (struct wb_tcp_stream){0};
    const enum wb_status status = wb_tcp_socket_open(&socket, sys, addr->family);
    return status == WB_OK ? wb_tcp_socket_connect(&socket, addr, stream) : status;
}

enum wb_status wb_tcp_stream_finish_connect(struct wb_tcp_stream *stream) {
    enum wb_status error = WB_OK;
    enum wb_status status = wb_tcp_stream_take_error(stream, &error);
    if (status != WB_OK) {
        return status;
    }
    if (error != WB_OK) {
        return error;
    }
    struct wb_addr peer;
    status = wb_tcp_stream_peer_addr(stream, &peer);
    if (status != WB_ERR_NOT_CONNECTED) {
        return status;
    }
    wb_fd_source_would_block(&stream->io, WB_INTEREST_WRITABLE);
    return WB_IN_PROGRESS;
}

void wb_tcp_stream_from_fd(struct wb_tcp_stream *stream, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&stream->io, sys, fd);
}

int wb_tcp_stream_into_fd(struct wb_tcp_stream *stream) {
    return wb__socket_into_fd(&stream->io);
}

void wb_tcp_stream_close(struct wb_tcp_stream *stream) {
    wb__socket_close(&stream->io);
}

/* ---- bytes ---- */

enum wb_status wb_tcp_stream_read(
    struct wb_tcp_stream *stream, void *buf, size_t len, size_t *out_len) {
    return wb__socket_recv(&stream->io, buf, len, 0, out_len);
}

enum wb_status wb_tcp_stream_peek(
    struct wb_tcp_stream *stream, void *buf, size_t len, size_t *out_len) {
    return wb__socket_recv(&stream->io, buf, len, WB_MSG_PEEK, out_len);
}

enum wb_status wb_tcp_stream_readv(
    struct wb_tcp_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    return wb__socket_readv(&stream->io, iov, iov_len, out_len);
}

enum wb_status wb_tcp_stream_write(
    struct wb_tcp_stream *stream, const void *buf, size_t len, size_t *out_len) {
    return wb__socket_send(&stream->io, buf, len, out_len);
}

enum wb_status wb_tcp_stream_writev(
    struct wb_tcp_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    return wb__socket_sendv(&stream->io, iov, iov_len, out_len);
}

enum wb_status wb_tcp_stream_shutdown(struct wb_tcp_stream *stream, enum wb_tcp_shutdown how) {
    static const int directions[] = {
        [WB_TCP_SHUTDOWN_READ] = WB_SHUT_RD,
        [WB_TCP_SHUTDOWN_WRITE] = WB_SHUT_WR,
        [WB_TCP_SHUTDOWN_BOTH] = WB_SHUT_RDWR,
    };
    return wb__socket_shutdown(&stream->io, directions[how]);
}
