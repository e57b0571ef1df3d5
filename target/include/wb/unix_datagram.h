/* Non-blocking Unix datagram sockets. Nothing that was sent is lost on the way, boundaries are
 * kept, and a receiver that does not receive makes senders wait. Sockets made here are non-blocking
 * and close-on-exec, and none raises SIGPIPE.
 *
 * A socket lives in the caller's memory and may be moved (copied, and the original forgotten) at
 * any time, registered or not. It belongs to one thread at a time.
 *
 * Common to all operations. WB_WOULD_BLOCK: not now; wait for the event, then try again (but see
 * send_to). WB_ERR_INTERRUPTED: nothing happened, try again. Other errors than those named are
 * passed on as wb_status_from_result() gives them. Results are written only on WB_OK.
 *
 * Allocates: nothing. Spec: unix(7). */
#ifndef WB_UNIX_DATAGRAM_H
#define WB_UNIX_DATAGRAM_H

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

/* The fields are the object's own. All zero is an object without a socket, for which only close is
 * allowed. */
struct wb_unix_datagram {
    struct wb_fd_source io;
    bool is_read_shut; /* by shutdown */
};

/* ---- life ---- */

/* A path is created, must not exist before, and stays when the socket is closed:
 * wb_unix_addr_unlink(). An unnamed address lets the system choose an abstract one. Errors:
 * WB_ERR_ADDR_IN_USE, also for a path that a socket left behind; WB_ERR_NO_ENTRY, WB_ERR_ACCESS,
 * WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT. The object is then without a socket. Ownership: end it
 * with wb_unix_datagram_close(). */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_bind(
    struct wb_unix_datagram *socket, const struct wb_sys *sys, const struct wb_unix_addr *addr);

/* A socket that has no address: it can send, and be answered by nobody. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_open(
    struct wb_unix_datagram *socket, const struct wb_sys *sys);

/* Two unnamed sockets connected to each other. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_pair(const struct wb_sys *sys,
    struct wb_unix_datagram *out_first, struct wb_unix_datagram *out_second);

/* Takes a Unix datagram socket made elsewhere, which must be non-blocking. Ownership: of `fd`
 * passes to the object. */
WB_API void wb_unix_datagram_from_fd(
    struct wb_unix_datagram *socket, const struct wb_sys *sys, int fd);

/* Deregisters if need be and gives the descriptor away, open. Ownership: passes to the caller. */
WB_API int wb_unix_datagram_into_fd(struct wb_unix_datagram *socket);

/* Deregisters if need be, and closes. What was sent stays for the receiver; what was received and
 * not read is lost. Closing twice is allowed. */
WB_API void wb_unix_datagram_close(struct wb_unix_datagram *socket);

/* Sets the one peer: send goes there, and nobody else can send here any more. May be done again
 * with another. Errors: WB_ERR_CONN_REFUSED, WB_ERR_NO_ENTRY, WB_ERR_ACCESS; WB_ERR_NOT_PERMITTED
 * if that one is connected to somebody else. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_connect(
    struct wb_unix_datagram *socket, const struct wb_unix_addr *addr);

/* ---- datagrams ---- */

/* Sends `len` bytes, 0 included, as one datagram to the peer: all or nothing. WB_WOULD_BLOCK: the
 * peer's queue is full; a writable event tells when to try again. Errors: WB_ERR_NOT_CONNECTED
 * without a peer, WB_ERR_CONN_REFUSED (once) if it is gone, WB_ERR_MESSAGE_TOO_BIG,
 * WB_ERR_BROKEN_PIPE if either side has shut down. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_send(
    struct wb_unix_datagram *socket, const void *buf, size_t len);

/* The same to any address. WB_WOULD_BLOCK: there is no room, here or in the queue of that one; for
 * the latter no event tells as long as it is not the peer: try again later, or connect. (With a
 * level trigger, or with an edge on WB_BACKEND_POLL, a writable event comes at once, since there is
 * room here: whoever tries again for it goes round in circles.) What a receiver has not received
 * counts against the buffer here, and nothing else limits the queue of one whose peer this is: if
 * it never receives, sending to everybody comes to an end. Errors: WB_ERR_CONN_REFUSED,
 * WB_ERR_NO_ENTRY: nobody is bound there. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_send_to(
    struct wb_unix_datagram *socket, const void *buf, size_t len, const struct wb_unix_addr *to);

/* The next datagram, and who sent it: an unnamed address if the sender was never bound, as of a
 * pair. With an edge trigger go on until WB_WOULD_BLOCK. WB_EOF: reading was shut down here, and
 * nothing is left; it is no message of the peer, whose end is not seen. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_recv(
    struct wb_unix_datagram *socket, void *buf, size_t len, struct wb_datagram *out_datagram);
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_recv_from(struct wb_unix_datagram *socket,
    void *buf, size_t len, struct wb_datagram *out_datagram, struct wb_unix_addr *out_sender);

/* As recv, but the datagram stays, to be received again. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_peek(
    struct wb_unix_datagram *socket, void *buf, size_t len, struct wb_datagram *out_datagram);

/* READ: whoever sends here fails with WB_ERR_BROKEN_PIPE. WRITE: own sends fail so; the peer is not
 * told. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_shutdown(
    struct wb_unix_datagram *socket, enum wb_unix_shutdown how);

/* ---- asking ---- */

/* The pending error of the socket, which is thereby taken: WB_OK in *out_error if there is none. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_take_error(
    struct wb_unix_datagram *socket, enum wb_status *out_error);

WB_API WB_MUST_USE enum wb_status wb_unix_datagram_local_addr(
    const struct wb_unix_datagram *socket, struct wb_unix_addr *out_addr);

/* Errors: WB_ERR_NOT_CONNECTED without a peer. */
WB_API WB_MUST_USE enum wb_status wb_unix_datagram_peer_addr(
    const struct wb_unix_datagram *socket, struct wb_unix_addr *out_addr);

/* For the registry. */
static inline struct wb_source *wb_unix_datagram_source(struct wb_unix_datagram *socket) {
    return &socket->io.source;
}

static inline int wb_unix_datagram_fd(const struct wb_unix_datagram *socket) {
    return socket->io.fd;
}

#ifdef __cplusplus
}
#endif

#endif
