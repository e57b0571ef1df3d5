/* A Unix connection: how it begins, how bytes move, how it ends. Descriptors are in unix_fds.c. */
#include "wb/unix_stream.h"

#include "reactor/unix_socket.h"

/* ---- life ---- */

enum wb_status wb_unix_stream_connect(
    struct wb_unix_stream *stream, const struct wb_sys *sys, const struct wb_unix_addr *addr) {
    return wb__unix_open_to(&stream->io, sys, WB_SOCK_STREAM, addr);
}

enum wb_status wb_unix_stream_pair(
    const struct wb_sys *sys, struct wb_unix_stream *out_first, struct wb_unix_stream *out_second) {
    return wb__socket_pair(&out_first->io, &out_second->io, sys, WB_AF_UNIX, WB_SOCK_STREAM);
}

void wb_unix_stream_from_fd(struct wb_unix_stream *stream, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&stream->io, sys, fd);
}

int wb_unix_stream_into_fd(struct wb_unix_stream *stream) {
    return wb__socket_into_fd(&stream->io);
}

void wb_unix_stream_close(struct wb_unix_stream *stream) {
    wb__socket_close(&stream->io);
}

/* ---- bytes ---- */

enum wb_status wb_unix_stream_read(
    struct wb_unix_stream *stream, void *buf, size_t len, size_t *out_len) {
    return wb__socket_recv(&stream->io, buf, len, 0, out_len);
}

enum wb_status wb_unix_stream_peek(
    struct wb_unix_stream *stream, void *buf, size_t len, size_t *out_len) {
    return wb__socket_recv(&stream->io, buf, len, WB_MSG_PEEK, out_len);
}

enum wb_status wb_unix_stream_readv(
    struct wb_unix_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    return wb__socket_readv(&stream->io, iov, iov_len, out_len);
}

enum wb_status wb_unix_stream_write(
    struct wb_unix_stream *stream, const void *buf, size_t len, size_t *out_len) {
    return wb__socket_send(&stream->io, buf, len, out_len);
}

enum wb_status wb_unix_stream_writev(
    struct wb_unix_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    return wb__socket_sendv(&stream->io, iov, iov_len, out_len);
}

enum wb_status wb_unix_stream_shutdown(struct wb_unix_stream *stream, enum wb_unix_shutdown how) {
    return wb__unix_shutdown(&stream->io, how);
}

/* ---- asking ---- */

enum wb_status wb_unix_stream_take_error(struct wb_unix_stream *stream, enum wb_status *out_error) {
    return wb__socket_take_error(&stream->io, out_error);
}

enum wb_status wb_unix_stream_local_addr(
    const struct wb_unix_stream *stream, struct wb_unix_addr *out_addr) {
    return wb__unix_local_addr(&stream->io, out_addr);
}

enum wb_status wb_unix_stream_peer_addr(
    const struct wb_unix_stream *stream, struct wb_unix_addr *out_addr) {
    return wb__unix_peer_addr(&stream->io, out_addr);
}

enum wb_status wb_unix_stream_peer_credentials(
    const struct wb_unix_stream *stream, struct wb_ucred *out_credentials) {
    struct wb_ucred credentials = {0};
    uint32_t len = sizeof(credentials);
    int result = WB_SYS(stream->io.sys, getsockopt, stream->io.fd, WB_SOL_SOCKET, WB_SO_PEERCRED,
        &credentials, &len);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    *out_credentials = credentials;
    return WB_OK;
}
