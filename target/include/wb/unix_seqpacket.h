/* Non-blocking Unix seqpacket sockets: a connection like that of a Unix stream, whose bytes come as
 * messages like datagrams. Nothing is lost or overtaken, borders are kept, and the end of the peer
 * is seen. All sockets made here are non-blocking and close-on-exec, and none raises SIGPIPE.
 *
 * Listeners and connections live in the caller's memory and may be moved (copied, and the original
 * forgotten) at any time, registered or not. Each belongs to one thread at a time.
 *
 * Common to all operations. WB_WOULD_BLOCK: not now; wait for the event, then try again.
 * WB_ERR_INTERRUPTED: nothing happened, try again. Other errors than those named are passed on as
 * wb_status_from_result() gives them. Results are written only on WB_OK.
 *
 * Allocates: nothing. Spec: unix(7). */
#ifndef WB_UNIX_SEQPACKET_H
#define WB_UNIX_SEQPACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/datagram.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/unix_addr.h"
#include "wb/unix_stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are the objects' own. All zero is an object without a socket, for which only close is
 * allowed. */
struct wb_unix_seqpacket_listener {
    struct wb_fd_source io;
};

struct wb_unix_seqpacket {
    struct wb_fd_source io;
};

/* ---- listener: as struct wb_unix_listener, call by call ---- */

WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_listener_bind(
    struct wb_unix_seqpacket_listener *listener, const struct wb_sys *sys,
    const struct wb_unix_addr *addr, int backlog);
WB_API void wb_unix_seqpacket_listener_from_fd(
    struct wb_unix_seqpacket_listener *listener, const struct wb_sys *sys, int fd);
WB_API int wb_unix_seqpacket_listener_into_fd(struct wb_unix_seqpacket_listener *listener);
WB_API void wb_unix_seqpacket_listener_close(struct wb_unix_seqpacket_listener *listener);
/* Ownership: end the connection with wb_unix_seqpacket_close(). */
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_listener_accept(
    struct wb_unix_seqpacket_listener *listener, struct wb_unix_seqpacket *out_connection,
    struct wb_unix_addr *out_peer);
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_listener_local_addr(
    const struct wb_unix_seqpacket_listener *listener, struct wb_unix_addr *out_addr);

/* For the registry. */
static inline struct wb_source *wb_unix_seqpacket_listener_source(
    struct wb_unix_seqpacket_listener *listener) {
    return &listener->io.source;
}

static inline int wb_unix_seqpacket_listener_fd(const struct wb_unix_seqpacket_listener *listener) {
    return listener->io.fd;
}

/* ---- connection: life, as of struct wb_unix_stream ---- */

WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_connect(struct wb_unix_seqpacket *connection,
    const struct wb_sys *sys, const struct wb_unix_addr *addr);
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_pair(const struct wb_sys *sys,
    struct wb_unix_seqpacket *out_first, struct wb_unix_seqpacket *out_second);
WB_API void wb_unix_seqpacket_from_fd(
    struct wb_unix_seqpacket *connection, const struct wb_sys *sys, int fd);
WB_API int wb_unix_seqpacket_into_fd(struct wb_unix_seqpacket *connection);
WB_API void wb_unix_seqpacket_close(struct wb_unix_seqpacket *connection);

/* ---- messages ---- */

/* Sends `len` bytes as one message: all or nothing. WB_WOULD_BLOCK: there is no room; a writable
 * event tells when to try again. Errors: WB_ERR_INVALID for none, which the receiver could not tell
 * from the end; WB_ERR_MESSAGE_TOO_BIG; WB_ERR_BROKEN_PIPE if the peer has closed or reading is
 * shut there, or writing here; WB_ERR_CONN_RESET, once, if it closed without reading all. */
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_send(
    struct wb_unix_seqpacket *connection, const void *buf, size_t len);

/* The next message, cut to the buffer if it is longer: the next call is for the next one. WB_EOF:
 * the peer has closed or shut down writing, and nothing is left; an empty message, which only
 * others than this library send, looks the same. With an edge trigger go on until WB_WOULD_BLOCK.
 * Errors: WB_ERR_CONN_RESET. */
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_recv(
    struct wb_unix_seqpacket *connection, void *buf, size_t len, struct wb_datagram *out_message);

/* As recv, but the message stays, to be received again. */
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_peek(
    struct wb_unix_seqpacket *connection, void *buf, size_t len, struct wb_datagram *out_message);

/* WRITE: the peer sees WB_EOF behind what was sent. */
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_shutdown(
    struct wb_unix_seqpacket *connection, enum wb_unix_shutdown how);

/* ---- asking ---- */

/* The pending error of the socket, which is thereby taken: WB_OK in *out_error if there is none. */
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_take_error(
    struct wb_unix_seqpacket *connection, enum wb_status *out_error);

WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_local_addr(
    const struct wb_unix_seqpacket *connection, struct wb_unix_addr *out_addr);

/* Errors: WB_ERR_NOT_CONNECTED. */
WB_API WB_MUST_USE enum wb_status wb_unix_seqpacket_peer_addr(
    const struct wb_unix_seqpacket *connection, struct wb_unix_addr *out_addr);

/* For the registry. */
static inline struct wb_source *wb_unix_seqpacket_source(struct wb_unix_seqpacket *connection) {
    return &connection->io.source;
}

static inline int wb_unix_seqpacket_fd(const struct wb_unix_seqpacket *connection) {
    return connection->io.fd;
}

#ifdef __cplusplus
}
#endif

#endif
