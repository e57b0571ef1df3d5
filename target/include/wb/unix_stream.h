/* Non-blocking Unix stream sockets: listener and stream, with descriptors passed along. All sockets
 * made here are non-blocking and close-on-exec, and none raises SIGPIPE.
 *
 * Listeners and streams live in the caller's memory and may be moved (copied, and the original
 * forgotten) at any time, registered or not. Each belongs to one thread at a time.
 *
 * Common to all operations. WB_WOULD_BLOCK: not now; wait for the event, then try again.
 * WB_ERR_INTERRUPTED: nothing happened, try again. Other errors than those named are passed on as
 * wb_status_from_result() gives them. Results are written only on WB_OK.
 *
 * Allocates: nothing. Spec: unix(7). */
#ifndef WB_UNIX_STREAM_H
#define WB_UNIX_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/unix_addr.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are the objects' own. All zero is an object without a socket, for which only close is
 * allowed. */
struct wb_unix_listener {
    struct wb_fd_source io;
};

struct wb_unix_stream {
    struct wb_fd_source io;
};

/* ---- listener ---- */

/* Connections that may wait to be accepted; the system's own limit applies as well. */
#define WB_UNIX_BACKLOG_DEFAULT 1024

/* Socket, bind, listen. A path is created, must not exist before, and stays when the listener is
 * closed: wb_unix_addr_unlink(). An unnamed address lets the system choose an abstract one.
 * `backlog` 0: WB_UNIX_BACKLOG_DEFAULT. Errors: WB_ERR_ADDR_IN_USE, also for a path that a socket
 * left behind; WB_ERR_NO_ENTRY, WB_ERR_ACCESS, WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT;
 * WB_ERR_INVALID for a negative backlog. The listener is then without a socket. Ownership: end it
 * with wb_unix_listener_close(). */
WB_API WB_MUST_USE enum wb_status wb_unix_listener_bind(struct wb_unix_listener *listener,
    const struct wb_sys *sys, const struct wb_unix_addr *addr, int backlog);

/* Takes a listening, non-blocking socket made elsewhere. Ownership: of `fd` passes to the listener.
 */
WB_API void wb_unix_listener_from_fd(
    struct wb_unix_listener *listener, const struct wb_sys *sys, int fd);

/* Deregisters if need be and gives the descriptor away, open. Ownership: passes to the caller. */
WB_API int wb_unix_listener_into_fd(struct wb_unix_listener *listener);

/* Deregisters if need be, and closes; connections not yet accepted end. Closing twice is allowed.
 */
WB_API void wb_unix_listener_close(struct wb_unix_listener *listener);

/* One connection. `out_peer` may be NULL; it is mostly an unnamed address, since clients need not
 * bind. With an edge trigger go on until WB_WOULD_BLOCK. Errors: as wb_tcp_listener_accept().
 * Ownership: end the stream with wb_unix_stream_close(). */
WB_API WB_MUST_USE enum wb_status wb_unix_listener_accept(struct wb_unix_listener *listener,
    struct wb_unix_stream *out_stream, struct wb_unix_addr *out_peer);

WB_API WB_MUST_USE enum wb_status wb_unix_listener_local_addr(
    const struct wb_unix_listener *listener, struct wb_unix_addr *out_addr);

/* As wb_unix_stream_take_error(). */
WB_API WB_MUST_USE enum wb_status wb_unix_listener_take_error(
    struct wb_unix_listener *listener, enum wb_status *out_error);

/* For the registry. */
static inline struct wb_source *wb_unix_listener_source(struct wb_unix_listener *listener) {
    return &listener->io.source;
}

static inline int wb_unix_listener_fd(const struct wb_unix_listener *listener) {
    return listener->io.fd;
}

/* ---- stream: life ---- */

/* Connects: unlike TCP the connection stands when this returns, and may be written to before it is
 * accepted. WB_WOULD_BLOCK: as many connections wait as the listener allows; no event tells when
 * there is room, so try again later. Errors: WB_ERR_CONN_REFUSED (nobody listens),
 * WB_ERR_NO_ENTRY (no such path), WB_ERR_ACCESS, WB_ERR_INTERRUPTED, those of making a socket.
 * Whenever it is not WB_OK the stream is without a socket. Ownership: end it with
 * wb_unix_stream_close(). */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_connect(
    struct wb_unix_stream *stream, const struct wb_sys *sys, const struct wb_unix_addr *addr);

/* Two unnamed streams connected to each other. Errors: those of making a socket; both are then
 * without one. */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_pair(
    const struct wb_sys *sys, struct wb_unix_stream *out_first, struct wb_unix_stream *out_second);

/* Takes a stream socket made elsewhere, which must be non-blocking. Ownership: of `fd` passes to
 * the stream. */
WB_API void wb_unix_stream_from_fd(struct wb_unix_stream *stream, const struct wb_sys *sys, int fd);

/* Deregisters if need be and gives the descriptor away, open. Ownership: passes to the caller. */
WB_API int wb_unix_stream_into_fd(struct wb_unix_stream *stream);

/* Deregisters if need be, and closes. What was written stays for the peer to read; if something
 * received is unread the peer's next read fails with WB_ERR_CONN_RESET. Closing twice is allowed.
 */
WB_API void wb_unix_stream_close(struct wb_unix_stream *stream);

/* ---- stream: bytes ---- */

/* As wb_tcp_stream_read() and its siblings, with wb/unix_buf.h for cursors. Descriptors that came
 * along with the bytes are closed: only wb_unix_stream_recv_fds() takes them. */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_read(
    struct wb_unix_stream *stream, void *buf, size_t len, size_t *out_len);
WB_API WB_MUST_USE enum wb_status wb_unix_stream_readv(
    struct wb_unix_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len);
WB_API WB_MUST_USE enum wb_status wb_unix_stream_peek(
    struct wb_unix_stream *stream, void *buf, size_t len, size_t *out_len);

/* As wb_tcp_stream_write() and wb_tcp_stream_writev(). */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_write(
    struct wb_unix_stream *stream, const void *buf, size_t len, size_t *out_len);
WB_API WB_MUST_USE enum wb_status wb_unix_stream_writev(
    struct wb_unix_stream *stream, const struct wb_iovec *iov, size_t iov_len, size_t *out_len);

/* Also for Unix datagram sockets. */
enum wb_unix_shutdown {
    WB_UNIX_SHUTDOWN_READ,  /* own reads say WB_EOF once what has come is read; the peer's writes
                             * fail
                             */
    WB_UNIX_SHUTDOWN_WRITE, /* the peer reads WB_EOF after what was written; own writes fail */
    WB_UNIX_SHUTDOWN_BOTH,
};

/* Errors: WB_ERR_NOT_CONNECTED. */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_shutdown(
    struct wb_unix_stream *stream, enum wb_unix_shutdown how);

/* ---- stream: descriptors ---- */

/* Descriptors of one message. */
#define WB_UNIX_FDS_MAX 253

/* As write, with descriptors that go with the first byte: when some of the bytes were taken, all of
 * the descriptors were, and the rest is for an ordinary write. At least one byte, at most
 * WB_UNIX_FDS_MAX descriptors. Ownership: the descriptors are duplicated and remain the caller's.
 * Errors: WB_ERR_INVALID for no byte or too many descriptors, WB_ERR_BAD_FD; nothing was sent. */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_send_fds(struct wb_unix_stream *stream,
    const void *buf, size_t len, const int *fds, size_t fds_len, size_t *out_len);

/* Where received descriptors are put. */
struct wb_unix_fds {
    int *fds;          /* in: room for `capacity`; may be NULL for none */
    size_t capacity;   /* in */
    size_t count;      /* out: how many there are */
    bool is_truncated; /* out: more came, for which there was no room here, or in the process
                          (RLIMIT_NOFILE): they are closed, as if they had not been sent */
};

/* As read, and takes the descriptors that came along with the bytes; one call never takes those of
 * two messages. They are close-on-exec; whether they block is the sender's choice. Ownership: of
 * those that are counted passes to the caller, to be closed through the same struct wb_sys. On
 * anything but WB_OK there are none. `len` must not be 0: WB_ERR_INVALID. */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_recv_fds(
    struct wb_unix_stream *stream, void *buf, size_t len, size_t *out_len, struct wb_unix_fds *fds);

/* ---- stream: asking ---- */

/* The pending error of the socket, which is thereby taken: WB_OK in *out_error if there is none. */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_take_error(
    struct wb_unix_stream *stream, enum wb_status *out_error);

WB_API WB_MUST_USE enum wb_status wb_unix_stream_local_addr(
    const struct wb_unix_stream *stream, struct wb_unix_addr *out_addr);

/* Also after both directions were shut down, and after the peer was closed. Errors:
 * WB_ERR_NOT_CONNECTED. */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_peer_addr(
    const struct wb_unix_stream *stream, struct wb_unix_addr *out_addr);

/* Who the peer was when it connected, listened or made the pair: process, user and group. */
WB_API WB_MUST_USE enum wb_status wb_unix_stream_peer_credentials(
    const struct wb_unix_stream *stream, struct wb_ucred *out_credentials);

/* For the registry. */
static inline struct wb_source *wb_unix_stream_source(struct wb_unix_stream *stream) {
    return &stream->io.source;
}

static inline int wb_unix_stream_fd(const struct wb_unix_stream *stream) {
    return stream->io.fd;
}

#ifdef __cplusplus
}
#endif

#endif
