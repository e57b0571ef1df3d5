/* What all kinds of sockets share. */
#include "reactor/socket.h"

enum { TTL_MAX = 255 };

/* ---- life ---- */

enum wb_status wb__socket_open(
    struct wb_fd_source *io, const struct wb_sys *sys, int domain, int type) {
    *io = (struct wb_fd_source){0};
    int fd = WB_SYS(sys, socket, domain, type | WB__SOCKET_FLAGS, 0);
    if (fd < 0) {
        return wb_status_from_result(fd);
    }
    wb_fd_source_init(io, sys, fd);
    return WB_OK;
}

enum wb_status wb__socket_pair(struct wb_fd_source *first, struct wb_fd_source *second,
    const struct wb_sys *sys, int domain, int type) {
    int fds[2];
    *first = (struct wb_fd_source){0};
    *second = (struct wb_fd_source){0};
    int result = WB_SYS(sys, socketpair, domain, type | WB__SOCKET_FLAGS, 0, fds);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    wb_fd_source_init(first, sys, fds[0]);
    wb_fd_source_init(second, sys, fds[1]);
    return WB_OK;
}

int wb__socket_into_fd(struct wb_fd_source *io) {
    int fd = io->fd;
    wb_fd_source_clean_up(io);
    *io = (struct wb_fd_source){0};
    return fd;
}

void wb__socket_close(struct wb_fd_source *io) {
    const struct wb_sys *sys = io->sys;
    if (sys != NULL) {
        int fd = wb__socket_into_fd(io);
        /* Nothing can be done about a failure, and the descriptor is gone in any case. */
        (void)WB_SYS(sys, close, fd);
    }
}

enum wb_status wb__socket_set_nonblocking(struct wb_fd_source *io, bool nonblocking) {
    int flags = WB_SYS(io->sys, fcntl, io->fd, WB_F_GETFL, 0);
    if (flags < 0) {
        return wb_status_from_result(flags);
    }
    flags = nonblocking ? flags | WB_O_NONBLOCK : flags & ~WB_O_NONBLOCK;
    return wb_status_from_result(WB_SYS(io->sys, fcntl, io->fd, WB_F_SETFL, flags));
}

enum wb_status wb__socket_bind(struct wb_fd_source *io, const struct wb__socket_name *name) {
    return wb_status_from_result(WB_SYS(io->sys, bind, io->fd, &name->addr, name->len));
}

enum wb_status wb__socket_listen(struct wb_fd_source *io, int backlog) {
    return wb_status_from_result(
        WB_SYS(io->sys, listen, io->fd, backlog == 0 ? (int)WB__SOCKET_BACKLOG_DEFAULT : backlog));
}

enum wb_status wb__socket_accept(
    struct wb_fd_source *io, struct wb_fd_source *out_io, struct wb__socket_name *out_peer) {
    struct wb_sockaddr *addr = NULL;
    uint32_t *len = NULL;
    if (out_peer != NULL) {
        addr = &out_peer->addr;
        len = &out_peer->len;
        *len = sizeof(*addr);
    }
    int fd = WB_SYS(io->sys, accept4, io->fd, addr, len, WB__SOCKET_FLAGS);
    if (fd < 0) {
        return wb__socket_failed(io, fd, WB_INTEREST_READABLE);
    }
    wb_fd_source_init(out_io, io->sys, fd);
    return WB_OK;
}

enum wb_status wb__socket_connect(struct wb_fd_source *io, const struct wb__socket_name *name) {
    return wb_status_from_result(WB_SYS(io->sys, connect, io->fd, &name->addr, name->len));
}

enum wb_status wb__socket_shutdown(struct wb_fd_source *io, int how) {
    return wb_status_from_result(WB_SYS(io->sys, shutdown, io->fd, how));
}

/* ---- names ---- */

enum wb_status wb__socket_local_name(
    const struct wb_fd_source *io, struct wb__socket_name *out_name) {
    out_name->len = sizeof(out_name->addr);
    return wb_status_from_result(
        WB_SYS(io->sys, getsockname, io->fd, &out_name->addr, &out_name->len));
}

enum wb_status wb__socket_peer_name(
    const struct wb_fd_source *io, struct wb__socket_name *out_name) {
    out_name->len = sizeof(out_name->addr);
    return wb_status_from_result(
        WB_SYS(io->sys, getpeername, io->fd, &out_name->addr, &out_name->len));
}

enum wb_status wb__socket_local_addr(const struct wb_fd_source *io, struct wb_addr *out_addr) {
    struct wb__socket_name name;
    enum wb_status status = wb__socket_local_name(io, &name);
    return status == WB_OK ? wb_addr_from_sockaddr(&name.addr, name.len, out_addr) : status;
}

enum wb_status wb__socket_peer_addr(const struct wb_fd_source *io, struct wb_addr *out_addr) {
    struct wb__socket_name name;
    enum wb_status status = wb__socket_peer_name(io, &name);
    return status == WB_OK ? wb_addr_from_sockaddr(&name.addr, name.len, out_addr) : status;
}

/* ---- options ---- */

enum wb_status wb__socket_set_int(struct wb_fd_source *io, int level, int name, int value) {
    return wb_status_from_result(
        WB_SYS(io->sys, setsockopt, io->fd, level, name, &value, sizeof(value)));
}

enum wb_status wb__socket_get_int(
    const struct wb_fd_source *io, int level, int name, int *out_value) {
    int value = 0;
    uint32_t len = sizeof(value);
    int result = WB_SYS(io->sys, getsockopt, io->fd, level, name, &value, &len);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    *out_value = value;
    return WB_OK;
}

enum wb_status wb__socket_get_bool(
    const struct wb_fd_source *io, int level, int name, bool *out_value) {
    int value = 0;
    enum wb_status status = wb__socket_get_int(io, level, name, &value);
    if (status == WB_OK) {
        *out_value = value != 0;
    }
    return status;
}

enum wb_status wb__socket_take_error(struct wb_fd_source *io, enum wb_status *out_error) {
    int number = 0;
    enum wb_status status = wb__socket_get_int(io, WB_SOL_SOCKET, WB_SO_ERROR, &number);
    if (status == WB_OK) {
        *out_error = wb_status_from_result(-(long long)number);
        if (number != 0) {
            wb_fd_source_error_taken(io);
        }
    }
    return status;
}

/* IP_TTL does nothing for an IPv6 socket. */
static enum wb_status find_ttl_option(
    const struct wb_fd_source *io, int *out_level, int *out_name) {
    int domain = 0;
    enum wb_status status = wb__socket_get_int(io, WB_SOL_SOCKET, WB_SO_DOMAIN, &domain);
    if (status == WB_OK) {
        *out_level = domain == WB_AF_INET6 ? WB_IPPROTO_IPV6 : WB_IPPROTO_IP;
        *out_name = domain == WB_AF_INET6 ? WB_IPV6_UNICAST_HOPS : WB_IP_TTL;
    }
    return status;
}

enum wb_status wb__socket_set_ttl(struct wb_fd_source *io, uint32_t ttl) {
    if (ttl == 0 || ttl > TTL_MAX) {
        return WB_ERR_INVALID;
    }
    int level = 0;
    int name = 0;
    enum wb_status status = find_ttl_option(io, &level, &name);
    return status == WB_OK ? wb__socket_set_int(io, level, name, (int)ttl) : status;
}

enum wb_status wb__socket_ttl(const struct wb_fd_source *io, uint32_t *out_ttl) {
    int level = 0;
    int name = 0;
    enum wb_status status = find_ttl_option(io, &level, &name);
    if (status != WB_OK) {
        return status;
    }
    int ttl = 0;
    status = wb__socket_get_int(io, level, name, &ttl);
    if (status == WB_OK) {
        *out_ttl = (uint32_t)ttl;
    }
    return status;
}

/* ---- bytes of a stream ---- */

static int bounded_iov_len(size_t iov_len) {
    return iov_len > WB__SOCKET_IOV_MAX ? WB__SOCKET_IOV_MAX : (int)iov_len;
}

static bool iov_is_empty(const struct wb_iovec *iov, int iov_len) {
    for (int i = 0; i < iov_len; i++) {
        if (iov[i].len != 0) {
            return false;
        }
    }
    return true;
}

enum wb_status wb__socket_readv(
    struct wb_fd_source *io, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    int count = bounded_iov_len(iov_len);
    if (iov_is_empty(iov, count)) {
        *out_len = 0;
        return WB_OK;
    }
    return wb__socket_received(io, WB_SYS(io->sys, readv, io->fd, iov, count), out_len);
}

enum wb_status wb__socket_sendv(
    struct wb_fd_source *io, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    /* sendmsg, since writev raises SIGPIPE. The kernel does not write to what it sends. */
    const struct wb_msghdr message = {
        .iov = (struct wb_iovec *)(uintptr_t)iov,
        .iov_len = (size_t)bounded_iov_len(iov_len),
    };
    return wb__socket_sent(
        io, WB_SYS(io->sys, sendmsg, io->fd, &message, WB_MSG_NOSIGNAL), out_len);
}
