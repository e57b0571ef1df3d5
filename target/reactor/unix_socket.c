/* What Unix streams and datagrams share. */
#include "reactor/unix_socket.h"

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
