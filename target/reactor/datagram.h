/* Sending and receiving one datagram, for UDP and Unix sockets. */
#ifndef WB_REACTOR_DATAGRAM_H
#define WB_REACTOR_DATAGRAM_H

#include "wb/datagram.h"
#include "reactor/socket.h"

/* `to` NULL: the peer. */
WB_MUST_USE enum wb_status wb__datagram_send(
    struct wb_fd_source *io, const void *buf, size_t len, const struct wb__socket_name *to);

/* `flags` is 0 or WB_MSG_PEEK. `out_sender` may be NULL. */
WB_MUST_USE enum wb_status wb__datagram_recv(struct wb_fd_source *io, void *buf, size_t len,
    int flags, struct wb_datagram *out_datagram, struct wb__socket_name *out_sender);

#endif
