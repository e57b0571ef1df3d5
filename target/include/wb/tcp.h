/* Non-blocking TCP: listener and stream. All sockets made here are non-blocking and close-on-exec,
 * and none raises SIGPIPE.
 *
 * Listeners and streams live in the caller's memory and may be moved (copied, and the original
 * forgotten) at any time, registered or not. Each belongs to one thread at a time.
 *
 * Common to all operations. WB_WOULD_BLOCK: not now; wait for the event, then try again. Readiness
 * is a hint, so it may come right after an event, and is no error. WB_ERR_INTERRUPTED: nothing
 * happened, try again. Other errors than those named are passed on as wb_status_from_result() gives
 * them. Results are written only on WB_OK.
 *
 * Allocates: nothing. Spec: RFC 9293. */
#ifndef WB_TCP_H
#define WB_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are the objects' own. All zero is an object without a socket, for which only close is
 * allowed. */
struct wb_tcp_listener {
    struct wb_fd_source io;
};

struct wb_tcp_stream {
    struct wb_fd_source io;
};

/* ---- listener ---- */

/* Connections that may wait to be accepted; the system's own limit applies as well. */
#define WB_TCP_BACKLOG_DEFAULT 1024

/* Socket, SO_REUSEADDR, bind, listen. Port 0 lets the system choose: ask
 * wb_tcp_listener_local_addr(). `backlog` 0: WB_TCP_BACKLOG_DEFAULT. Errors: WB_ERR_ADDR_IN_USE,
 * WB_ERR_ADDR_NOT_AVAILABLE, WB_ERR_ACCESS, WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT,
 * WB_ERR_NO_BUFFERS; WB_ERR_INVALID for a negative backlog. The listener is then without a socket.
 * Ownership: end it with wb_tcp_listener_close(). */
WB_API WB_MUST_USE enum wb_status wb_tcp_listener_bind(struct wb_tcp_listener *listener,
    const struct wb_sys *sys, const struct wb_addr *addr, int backlog);

/* Takes a listening, non-blocking socket made elsewhere. Ownership: of `fd` passes to the listener.
 */
WB_API void wb_tcp_listener_from_fd(
    struct wb_tcp_listener *listener, const struct wb_sys *sys, int fd);

/* Deregisters if need be and gives the descriptor away, open. Ownership: passes to the caller. */
WB_API int wb_tcp_listener_into_fd(struct wb_tcp_listener *listener);

/* Deregisters if need be, and closes. Connections not yet accepted are reset. Closing twice is
 * allowed. */
WB_API void wb_tcp_listener_close(struct wb_tcp_listener *listener);

/* One connection. `out_peer` may be NULL. With an edge trigger go on until WB_WOULD_BLOCK.
 *
 * Errors, none of which breaks the listener: WB_ERR_CONN_ABORTED (and errors of the network that
 * belong to the one connection): try again at once. WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT,
 * WB_ERR_NO_BUFFERS, WB_ERR_NO_MEMORY: the connection keeps waiting, but with an edge trigger
 * nothing reports it again: try again when a descriptor was closed. A peer that is gone already is
 * no error here: its stream says so. Ownership: end the stream with wb_tcp_stream_close(). */
WB_API WB_MUST_USE enum wb_status wb_tcp_listener_accept(
    struct wb_tcp_listener *listener, struct wb_tcp_stream *out_stream, struct wb_addr *out_peer);

WB_API WB_MUST_USE enum wb_status wb_tcp_listener_local_addr(
    const struct wb_tcp_listener *listener, struct wb_addr *out_addr);

/* As wb_tcp_stream_take_error(). */
WB_API WB_MUST_USE enum wb_status wb_tcp_listener_take_error(
    struct wb_tcp_listener *listener, enum wb_status *out_error);

/* Time to live (IPv6: hop limit), 1 to 255. */
WB_API WB_MUST_USE enum wb_status wb_tcp_listener_set_ttl(
    struct wb_tcp_listener *listener, uint32_t ttl);
WB_API WB_MUST_USE enum wb_status wb_tcp_listener_ttl(
    const struct wb_tcp_listener *listener, uint32_t *out_ttl);

/* What is accepted from now on sends small writes at once, as after wb_tcp_stream_set_nodelay().
 * Off by default. Errors: of the system; what is accepted is as before then. */
WB_API WB_MUST_USE enum wb_status wb_tcp_listener_set_nodelay(
    struct wb_tcp_listener *listener, bool nodelay);

/* For the registry. */
static inline struct wb_source *wb_tcp_listener_source(struct wb_tcp_listener *listener) {
    return &listener->io.source;
}

static inline int wb_tcp_listener_fd(const struct wb_tcp_listener *listener) {
    return listener->io.fd;
}

/* ---- stream: life ---- */

/* Begins to connect and returns. WB_OK says only that it began: register the stream now (not
 * before) as writable, and when its event comes ask wb_tcp_stream_finish_connect(). Errors: those
 * of making a socket; WB_ERR_CONN_REFUSED, WB_ERR_NET_UNREACHABLE, WB_ERR_ADDR_NOT_AVAILABLE if
 * that is known at once. The stream is then without a socket. Ownership: end it with
 * wb_tcp_stream_close(). */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_connect(
    struct wb_tcp_stream *stream, const struct wb_sys *sys, const struct wb_addr *addr);

/* After an event of a connecting stream. WB_OK: connected. WB_IN_PROGRESS: the event was spurious,
 * wait for another. Otherwise the connection failed (WB_ERR_CONN_REFUSED, WB_ERR_TIMED_OUT, ...),
 * which is told once: close the stream. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_finish_connect(struct wb_tcp_stream *stream);

/* Takes a stream socket made elsewhere, which must be non-blocking. Ownership: of `fd` passes to
 * the stream. */
WB_API void wb_tcp_stream_from_fd(struct wb_tcp_stream *stream, const struct wb_sys *sys, int fd);

/* Deregisters if need be and gives the descriptor away, open. Ownership: passes to the caller. */
WB_API int wb_tcp_stream_into_fd(struct wb_tcp_stream *stream);

/* Deregisters if need be, and closes. What was written is still delivered, unless received bytes
 * are unread or linger is 0: then the connection is reset. Closing twice is allowed. */
WB_API void wb_tcp_stream_close(struct wb_tcp_stream *stream);

/* ---- stream: bytes ---- */

/* Up to `len` bytes. WB_OK: *out_len of them, at least 1. WB_EOF: the peer has finished, and always
 * again. With `len` 0: WB_OK and 0, and says nothing of the stream. Errors: WB_ERR_CONN_RESET,
 * WB_ERR_TIMED_OUT and others of the network, once; WB_ERR_NOT_CONNECTED. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_read(
    struct wb_tcp_stream *stream, void *buf, size_t len, size_t *out_len);

/* As read, into several buffers in order. At most WB_TCP_IOV_MAX of them are used. */
#define WB_TCP_IOV_MAX 1024
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_readv(
    struct wb_tcp_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len);

/* As read, but the bytes stay, to be read again. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_peek(
    struct wb_tcp_stream *stream, void *buf, size_t len, size_t *out_len);

/* The first *out_len of `len` bytes, at least 1; the rest was not taken. WB_OK and 0 only for `len`
 * 0. A short write does not say that the next would block. Errors: WB_ERR_BROKEN_PIPE,
 * WB_ERR_CONN_RESET, WB_ERR_NOT_CONNECTED. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_write(
    struct wb_tcp_stream *stream, const void *buf, size_t len, size_t *out_len);

/* As write, from several buffers in order. At most WB_TCP_IOV_MAX of them are used. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_writev(
    struct wb_tcp_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len);

enum wb_tcp_shutdown {
    WB_TCP_SHUTDOWN_READ,  /* own reads say WB_EOF once what has come is read; the peer is not told
                            */
    WB_TCP_SHUTDOWN_WRITE, /* the peer reads WB_EOF after what was written; own writes fail */
    WB_TCP_SHUTDOWN_BOTH,
};

/* Errors: WB_ERR_NOT_CONNECTED, also when the connection has ended by itself. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_shutdown(
    struct wb_tcp_stream *stream, enum wb_tcp_shutdown how);

/* ---- stream: asking ---- */

/* The pending error of the socket, which is thereby taken: WB_OK in *out_error if there is none. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_take_error(
    struct wb_tcp_stream *stream, enum wb_status *out_error);

WB_API WB_MUST_USE enum wb_status wb_tcp_stream_local_addr(
    const struct wb_tcp_stream *stream, struct wb_addr *out_addr);

/* Errors: WB_ERR_NOT_CONNECTED before the connection stands and after it ended. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_peer_addr(
    const struct wb_tcp_stream *stream, struct wb_addr *out_addr);

/* ---- stream: options, each readable without having been set ---- */

/* Sends small writes at once (no Nagle's algorithm). Off by default. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_set_nodelay(
    struct wb_tcp_stream *stream, bool nodelay);
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_nodelay(
    const struct wb_tcp_stream *stream, bool *out_nodelay);

/* Time to live (IPv6: hop limit), 1 to 255. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_set_ttl(struct wb_tcp_stream *stream, uint32_t ttl);
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_ttl(
    const struct wb_tcp_stream *stream, uint32_t *out_ttl);

/* What close does with bytes not yet delivered. WB_TCP_LINGER_OFF, the default: delivers them in
 * the background. 0: drops them and resets the connection. A positive time makes close block and is
 * refused with WB_ERR_INVALID. */
#define WB_TCP_LINGER_OFF (-1)
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_set_linger(
    struct wb_tcp_stream *stream, int seconds);
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_linger(
    const struct wb_tcp_stream *stream, int *out_seconds);

/* Probes an idle connection. Off by default. The intervals are the system's. */
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_set_keepalive(
    struct wb_tcp_stream *stream, bool keepalive);
WB_API WB_MUST_USE enum wb_status wb_tcp_stream_keepalive(
    const struct wb_tcp_stream *stream, bool *out_keepalive);

/* For the registry. */
static inline struct wb_source *wb_tcp_stream_source(struct wb_tcp_stream *stream) {
    return &stream->io.source;
}

static inline int wb_tcp_stream_fd(const struct wb_tcp_stream *stream) {
    return stream->io.fd;
}

#ifdef __cplusplus
}
#endif

#endif
