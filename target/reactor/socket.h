/* What all kinds of sockets of the reactor share: opening, giving away, closing, addresses,
 * options. Each works on the descriptor source inside the socket's object. */
#ifndef WB_REACTOR_SOCKET_H
#define WB_REACTOR_SOCKET_H

#include <stddef.h>
#include <stdint.h>

#include "wb/addr.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

/* A non-blocking, close-on-exec socket for the address's family. On failure `io` is all zero. */
WB_MUST_USE enum wb_status wb__socket_open(
    struct wb_fd_source *io, const struct wb_sys *sys, const struct wb_addr *addr, int type);

/* Deregisters, and closes or gives away; `io` is then all zero. Closing what is all zero does
 * nothing. */
void wb__socket_close(struct wb_fd_source *io);
int wb__socket_into_fd(struct wb_fd_source *io);

WB_MUST_USE enum wb_status wb__socket_local_addr(
    const struct wb_fd_source *io, struct wb_addr *out_addr);
WB_MUST_USE enum wb_status wb__socket_peer_addr(
    const struct wb_fd_source *io, struct wb_addr *out_addr);

WB_MUST_USE enum wb_status wb__socket_take_error(
    struct wb_fd_source *io, enum wb_status *out_error);

/* Options whose value is an int. */
WB_MUST_USE enum wb_status wb__socket_set_int(
    struct wb_fd_source *io, int level, int name, int value);
WB_MUST_USE enum wb_status wb__socket_get_int(
    const struct wb_fd_source *io, int level, int name, int *out_value);

/* Time to live of either family. Errors: WB_ERR_INVALID outside 1 to 255. */
WB_MUST_USE enum wb_status wb__socket_set_ttl(struct wb_fd_source *io, uint32_t ttl);
WB_MUST_USE enum wb_status wb__socket_ttl(const struct wb_fd_source *io, uint32_t *out_ttl);

/* The outcome of a receiving call that was asked for more than 0 bytes, and of a sending one. */
static inline WB_MUST_USE enum wb_status wb__socket_received(int64_t result, size_t *out_len) {
    if (result > 0) {
        *out_len = (size_t)result;
        return WB_OK;
    }
    return result == 0 ? WB_EOF : wb_status_from_result(result);
}

static inline WB_MUST_USE enum wb_status wb__socket_sent(int64_t result, size_t *out_len) {
    if (result >= 0) {
        *out_len = (size_t)result;
        return WB_OK;
    }
    return wb_status_from_result(result);
}

#endif
