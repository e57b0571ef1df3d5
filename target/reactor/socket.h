/* What all kinds of sockets of the reactor share: opening, giving away, closing, names, options,
 * and moving the bytes of a stream. Each works on the descriptor source inside the socket's object,
 * and tells it what operations found out (wb_fd_source_would_block()). Datagrams are in datagram.h.
 */
#ifndef WB_REACTOR_SOCKET_H
#define WB_REACTOR_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

/* What the socket is asked for when it is made. */
#define WB__SOCKET_FLAGS (WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)

/* Buffers of one vectored call; more are not used. */
enum { WB__SOCKET_IOV_MAX = 1024 };

/* An address in the kernel's form. */
struct wb__socket_name {
    struct wb_sockaddr addr;
    uint32_t len;
};

static inline struct wb__socket_name wb__socket_name_of(const struct wb_addr *addr) {
    struct wb__socket_name name;
    name.len = wb_addr_to_sockaddr(addr, &name.addr);
    return name;
}

/* ---- life ---- */

/* A non-blocking, close-on-exec socket. On failure `io` is all zero. */
WB_MUST_USE enum wb_status wb__socket_open(
    struct wb_fd_source *io, const struct wb_sys *sys, int domain, int type);

/* Two of them, connected. On failure both are all zero. */
WB_MUST_USE enum wb_status wb__socket_pair(struct wb_fd_source *first, struct wb_fd_source *second,
    const struct wb_sys *sys, int domain, int type);

/* Deregisters, and closes or gives away; `io` is then all zero. Closing what is all zero does
 * nothing. For any descriptor. */
void wb__socket_close(struct wb_fd_source *io);
int wb__socket_into_fd(struct wb_fd_source *io);

/* For any descriptor. */
WB_MUST_USE enum wb_status wb__socket_set_nonblocking(struct wb_fd_source *io, bool nonblocking);

WB_MUST_USE enum wb_status wb__socket_bind(
    struct wb_fd_source *io, const struct wb__socket_name *name);

/* `backlog` 0: WB__SOCKET_BACKLOG_DEFAULT. */
enum { WB__SOCKET_BACKLOG_DEFAULT = 1024 };
WB_MUST_USE enum wb_status wb__socket_listen(struct wb_fd_source *io, int backlog);

/* `out_peer` may be NULL. */
WB_MUST_USE enum wb_status wb__socket_accept(
    struct wb_fd_source *io, struct wb_fd_source *out_io, struct wb__socket_name *out_peer);

WB_MUST_USE enum wb_status wb__socket_connect(
    struct wb_fd_source *io, const struct wb__socket_name *name);

/* `how` is WB_SHUT_*. */
WB_MUST_USE enum wb_status wb__socket_shutdown(struct wb_fd_source *io, int how);

/* ---- names ---- */

WB_MUST_USE enum wb_status wb__socket_local_name(
    const struct wb_fd_source *io, struct wb__socket_name *out_name);
WB_MUST_USE enum wb_status wb__socket_peer_name(
    const struct wb_fd_source *io, struct wb__socket_name *out_name);

WB_MUST_USE enum wb_status wb__socket_local_addr(
    const struct wb_fd_source *io, struct wb_addr *out_addr);
WB_MUST_USE enum wb_status wb__socket_peer_addr(
    const struct wb_fd_source *io, struct wb_addr *out_addr);

/* ---- options ---- */

WB_MUST_USE enum wb_status wb__socket_take_error(
    struct wb_fd_source *io, enum wb_status *out_error);

/* Options whose value is an int. */
WB_MUST_USE enum wb_status wb__socket_set_int(
    struct wb_fd_source *io, int level, int name, int value);
WB_MUST_USE enum wb_status wb__socket_get_int(
    const struct wb_fd_source *io, int level, int name, int *out_value);
WB_MUST_USE enum wb_status wb__socket_get_bool(
    const struct wb_fd_source *io, int level, int name, bool *out_value);

/* Time to live of either family. Errors: WB_ERR_INVALID outside 1 to 255. */
WB_MUST_USE enum wb_status wb__socket_set_ttl(struct wb_fd_source *io, uint32_t ttl);
WB_MUST_USE enum wb_status wb__socket_ttl(const struct wb_fd_source *io, uint32_t *out_ttl);

/* ---- bytes of a stream ---- */

/* The status of a call that failed, told to the source if the direction `interest` would block. */
static inline WB_MUST_USE enum wb_status wb__socket_failed(
    struct wb_fd_source *io, int64_t result, uint32_t interest) {
    enum wb_status status = wb_status_from_result(result);
    if (status == WB_WOULD_BLOCK) {
        wb_fd_source_would_block(io, interest);
    }
    return status;
}

/* The outcome of a receiving call that was asked for more than 0 bytes, and of a sending one. */
static inline WB_MUST_USE enum wb_status wb__socket_received(
    struct wb_fd_source *io, int64_t result, size_t *out_len) {
    if (result > 0) {
        *out_len = (size_t)result;
        return WB_OK;
    }
    return result == 0 ? WB_EOF : wb__socket_failed(io, result, WB_INTEREST_READABLE);
}

static inline WB_MUST_USE enum wb_status wb__socket_sent(
    struct wb_fd_source *io, int64_t result, size_t *out_len) {
    if (result >= 0) {
        *out_len = (size_t)result;
        return WB_OK;
    }
    return wb__socket_failed(io, result, WB_INTEREST_WRITABLE);
}

/* Receiving 0 bytes is no question about the stream: the kernel's answer depends on what is queued,
 * and its 0 would be taken for the end. */
static inline WB_MUST_USE enum wb_status wb__socket_recv(
    struct wb_fd_source *io, void *buf, size_t len, int flags, size_t *out_len) {
    if (len == 0) {
        *out_len = 0;
        return WB_OK;
    }
    return wb__socket_received(io, WB_SYS(io->sys, recv, io->fd, buf, len, flags), out_len);
}

static inline WB_MUST_USE enum wb_status wb__socket_send(
    struct wb_fd_source *io, const void *buf, size_t len, size_t *out_len) {
    return wb__socket_sent(io, WB_SYS(io->sys, send, io->fd, buf, len, WB_MSG_NOSIGNAL), out_len);
}

/* Reads from any descriptor. */
WB_MUST_USE enum wb_status wb__socket_readv(
    struct wb_fd_source *io, const struct wb_iovec *iov, size_t iov_len, size_t *out_len);
WB_MUST_USE enum wb_status wb__socket_sendv(
    struct wb_fd_source *io, const struct wb_iovec *iov, size_t iov_len, size_t *out_len);

#endif
