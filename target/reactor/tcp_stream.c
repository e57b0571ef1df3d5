/* A TCP connection: how it begins, how bytes move, how it ends. */
#include "wb/tcp.h"

#include <errno.h>

#include "reactor/socket.h"

/* ---- life ---- */

enum wb_status wb_tcp_stream_connect(
    struct wb_tcp_stream *stream, const struct wb_sys *sys, const struct wb_addr *addr) {
    enum wb_status status = wb__socket_open(&stream->io, sys, addr, WB_SOCK_STREAM);
    if (status != WB_OK) {
        return status;
    }
    struct wb_sockaddr sockaddr;
    uint32_t len = wb_addr_to_sockaddr(addr, &sockaddr);
    int result = WB_SYS(sys, connect, stream->io.fd, &sockaddr, len);
    /* An interrupted connect goes on by itself, just as one in progress does. */
    if (result >= 0 || result == -EINPROGRESS || result == -EINTR) {
        return WB_OK;
    }
    wb_tcp_stream_close(stream);
    return wb_status_from_result(result);
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
    return status == WB_ERR_NOT_CONNECTED ? WB_IN_PROGRESS : status;
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

/* Receiving 0 bytes is no question about the stream: the kernel's answer depends on what is queued,
 * and its 0 would be taken for the end. */
static enum wb_status stream_recv(
    struct wb_tcp_stream *stream, void *buf, size_t len, int flags, size_t *out_len) {
    if (len == 0) {
        *out_len = 0;
        return WB_OK;
    }
    return wb__socket_received(
        WB_SYS(stream->io.sys, recv, stream->io.fd, buf, len, flags), out_len);
}

enum wb_status wb_tcp_stream_read(
    struct wb_tcp_stream *stream, void *buf, size_t len, size_t *out_len) {
    return stream_recv(stream, buf, len, 0, out_len);
}

enum wb_status wb_tcp_stream_peek(
    struct wb_tcp_stream *stream, void *buf, size_t len, size_t *out_len) {
    return stream_recv(stream, buf, len, WB_MSG_PEEK, out_len);
}

static int bounded_iov_len(size_t iov_len) {
    return iov_len > WB_TCP_IOV_MAX ? WB_TCP_IOV_MAX : (int)iov_len;
}

static bool iov_is_empty(const struct wb_iovec *iov, int iov_len) {
    for (int i = 0; i < iov_len; i++) {
        if (iov[i].len != 0) {
            return false;
        }
    }
    return true;
}

enum wb_status wb_tcp_stream_readv(
    struct wb_tcp_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    int count = bounded_iov_len(iov_len);
    if (iov_is_empty(iov, count)) {
        *out_len = 0;
        return WB_OK;
    }
    return wb__socket_received(WB_SYS(stream->io.sys, readv, stream->io.fd, iov, count), out_len);
}

enum wb_status wb_tcp_stream_write(
    struct wb_tcp_stream *stream, const void *buf, size_t len, size_t *out_len) {
    return wb__socket_sent(
        WB_SYS(stream->io.sys, send, stream->io.fd, buf, len, WB_MSG_NOSIGNAL), out_len);
}

enum wb_status wb_tcp_stream_writev(
    struct wb_tcp_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    /* sendmsg, since writev raises SIGPIPE. The kernel does not write to what it sends. */
    const struct wb_msghdr message = {
        .iov = (struct wb_iovec *)(uintptr_t)iov,
        .iov_len = (size_t)bounded_iov_len(iov_len),
    };
    return wb__socket_sent(
        WB_SYS(stream->io.sys, sendmsg, stream->io.fd, &message, WB_MSG_NOSIGNAL), out_len);
}

enum wb_status wb_tcp_stream_shutdown(struct wb_tcp_stream *stream, enum wb_tcp_shutdown how) {
    static const int directions[] = {
        [WB_TCP_SHUTDOWN_READ] = WB_SHUT_RD,
        [WB_TCP_SHUTDOWN_WRITE] = WB_SHUT_WR,
        [WB_TCP_SHUTDOWN_BOTH] = WB_SHUT_RDWR,
    };
    return wb_status_from_result(WB_SYS(stream->io.sys, shutdown, stream->io.fd, directions[how]));
}
