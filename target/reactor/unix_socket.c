/* What Unix streams, seqpackets and datagrams share. */
#include "reactor/unix_socket.h"

_Static_assert(WB_UNIX_BACKLOG_DEFAULT == WB__SOCKET_BACKLOG_DEFAULT, "as documented");

enum wb_status wb__unix_open_at(struct wb_fd_source *io, const struct wb_sys *sys, int type,
    const struct wb_unix_addr *addr, int backlog) {
    *io = (struct wb_fd_source){0};
    if (backlog < 0) {
        return WB_ERR_INVALID;
    }
    enum wb_status status = wb__socket_open(io, sys, WB_AF_UNIX, type);
    if (status != WB_OK) {
        return status;
    }
    const struct wb__socket_name name = wb__unix_name_of(addr);
    status = wb__socket_bind(io, &name);
    if (status == WB_OK) {
        status = wb__socket_listen(io, backlog);
    }
    if (status != WB_OK) {
        wb__socket_close(io);
    }
    return status;
}

enum wb_status wb__unix_take(
    struct wb_fd_source *io, struct wb_fd_source *out_io, struct wb_unix_addr *out_peer) {
    struct wb__socket_name peer;
    struct wb_fd_source accepted;
    enum wb_status status = wb__socket_accept(io, &accepted, out_peer != NULL ? &peer : NULL);
    if (status == WB_OK && out_peer != NULL) {
        status = wb_unix_addr_from_sockaddr(&peer.addr, peer.len, out_peer);
        if (status != WB_OK) {
            wb__socket_close(&accepted);
        }
    }
    if (status == WB_OK) {
        *out_io = accepted;
    }
    return status;
}

enum wb_status wb__unix_open_to(
    struct wb_fd_source *io, const struct wb_sys *sys, int type, const struct wb_unix_addr *addr) {
    enum wb_status status = wb__socket_open(io, sys, WB_AF_UNIX, type);
    if (status != WB_OK) {
        return status;
    }
    const struct wb__socket_name name = wb__unix_name_of(addr);
    status = wb__socket_connect(io, &name);
    if (status != WB_OK) {
        wb__socket_close(io);
    }
    return status;
}

enum wb_status wb__unix_local_addr(const struct wb_fd_source *io, struct wb_unix_addr *out_addr) {
    struct wb__socket_name name;
    enum wb_status status = wb__socket_local_name(io, &name);
    return status == WB_OK ? wb_unix_addr_from_sockaddr(&name.addr, name.len, out_addr) : status;
}

enum wb_status wb__unix_peer_addr(const struct wb_fd_source *io, struct wb_unix_addr *out_addr) {
    struct wb__socket_name name;
    enum wb_status status = wb__socket_peer_name(io, &name);
    return status == WB_OK ? wb_unix_addr_from_sockaddr(&name.addr, name.len, out_addr) : status;
}

enum wb_status wb__unix_shutdown(struct wb_fd_source *io, enum wb_unix_shutdown how) {
    static const int directions[] = {
        [WB_UNIX_SHUTDOWN_READ] = WB_SHUT_RD,
        [WB_UNIX_SHUTDOWN_WRITE] = WB_SHUT_WR,
        [WB_UNIX_SHUTDOWN_BOTH] = WB_SHUT_RDWR,
    };
    return wb__socket_shutdown(io, directions[how]);
}
