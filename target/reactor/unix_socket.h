/* What the types of Unix sockets share: names, and how connections come to be. */
#ifndef WB_REACTOR_UNIX_SOCKET_H
#define WB_REACTOR_UNIX_SOCKET_H

#include "wb/unix_addr.h"
#include "wb/unix_stream.h"
#include "reactor/socket.h"

static inline struct wb__socket_name wb__unix_name_of(const struct wb_unix_addr *addr) {
    struct wb__socket_name name;
    name.len = wb_unix_addr_to_sockaddr(addr, &name.addr);
    return name;
}

/* Of streams and seqpackets, `type`. */
WB_MUST_USE enum wb_status wb__unix_open_at(struct wb_fd_source *io, const struct wb_sys *sys,
    int type, const struct wb_unix_addr *addr, int backlog);
WB_MUST_USE enum wb_status wb__unix_take(
    struct wb_fd_source *io, struct wb_fd_source *out_io, struct wb_unix_addr *out_peer);
WB_MUST_USE enum wb_status wb__unix_open_to(
    struct wb_fd_source *io, const struct wb_sys *sys, int type, const struct wb_unix_addr *addr);

WB_MUST_USE enum wb_status wb__unix_local_addr(
    const struct wb_fd_source *io, struct wb_unix_addr *out_addr);
WB_MUST_USE enum wb_status wb__unix_peer_addr(
    const struct wb_fd_source *io, struct wb_unix_addr *out_addr);

WB_MUST_USE enum wb_status wb__unix_shutdown(struct wb_fd_source *io, enum wb_unix_shutdown how);

#endif
