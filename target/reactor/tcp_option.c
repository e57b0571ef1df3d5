/* What can be asked of a TCP connection and set on it. */
#include "wb/tcp.h"

#include "reactor/socket.h"

enum wb_status wb_tcp_stream_take_error(struct wb_tcp_stream *stream, enum wb_status *out_error) {
    return wb__socket_take_error(&stream->io, out_error);
}

enum wb_status wb_tcp_stream_local_addr(
    const struct wb_tcp_stream *stream, struct wb_addr *out_addr) {
    return wb__socket_local_addr(&stream->io, out_addr);
}

enum wb_status wb_tcp_stream_peer_addr(
    const struct wb_tcp_stream *stream, struct wb_addr *out_addr) {
    return wb__socket_peer_addr(&stream->io, out_addr);
}

enum wb_status wb_tcp_stream_set_nodelay(struct wb_tcp_stream *stream, bool nodelay) {
    return wb__socket_set_int(&stream->io, WB_IPPROTO_TCP, WB_TCP_NODELAY, nodelay);
}

enum wb_status wb_tcp_stream_nodelay(const struct wb_tcp_stream *stream, bool *out_nodelay) {
    return wb__socket_get_bool(&stream->io, WB_IPPROTO_TCP, WB_TCP_NODELAY, out_nodelay);
}

enum wb_status wb_tcp_stream_set_keepalive(struct wb_tcp_stream *stream, bool keepalive) {
    return wb__socket_set_int(&stream->io, WB_SOL_SOCKET, WB_SO_KEEPALIVE, keepalive);
}

enum wb_status wb_tcp_stream_keepalive(const struct wb_tcp_stream *stream, bool *out_keepalive) {
    return wb__socket_get_bool(&stream->io, WB_SOL_SOCKET, WB_SO_KEEPALIVE, out_keepalive);
}

enum wb_status wb_tcp_stream_set_ttl(struct wb_tcp_stream *stream, uint32_t ttl) {
    return wb__socket_set_ttl(&stream->io, ttl);
}

enum wb_status wb_tcp_stream_ttl(const struct wb_tcp_stream *stream, uint32_t *out_ttl) {
    return wb__socket_ttl(&stream->io, out_ttl);
}

enum wb_status wb_tcp_stream_set_linger(struct wb_tcp_stream *stream, int seconds) {
    if (seconds != WB_TCP_LINGER_OFF && seconds != 0) {
        return WB_ERR_INVALID;
    }
    const struct wb_linger linger = {.onoff = seconds == 0, .seconds = 0};
    return wb_status_from_result(WB_SYS(stream->io.sys, setsockopt, stream->io.fd, WB_SOL_SOCKET,
        WB_SO_LINGER, &linger, sizeof(linger)));
}

enum wb_status wb_tcp_stream_linger(const struct wb_tcp_stream *stream, int *out_seconds) {
    struct wb_linger linger = {0};
    uint32_t len = sizeof(linger);
    int result = WB_SYS(
        stream->io.sys, getsockopt, stream->io.fd, WB_SOL_SOCKET, WB_SO_LINGER, &linger, &len);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    *out_seconds = linger.onoff != 0 ? linger.seconds : WB_TCP_LINGER_OFF;
    return WB_OK;
}
