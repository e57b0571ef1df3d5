/* What all kinds of sockets share. */
#include "reactor/socket.h"

enum { TTL_MAX = 255 };

/* ---- life ---- */

enum wb_status wb__socket_open(
    struct wb_fd_source *io, const struct wb_sys *sys, const struct wb_addr *addr, int type) {
    *io = (struct wb_fd_source){0};
    int fd = WB_SYS(sys, socket, addr->family, type | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return wb_status_from_result(fd);
    }
    wb_fd_source_init(io, sys, fd);
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

/* ---- addresses ---- */

enum wb_status wb__socket_local_addr(const struct wb_fd_source *io, struct wb_addr *out_addr) {
    struct wb_sockaddr sockaddr;
    uint32_t len = sizeof(sockaddr);
    int result = WB_SYS(io->sys, getsockname, io->fd, &sockaddr, &len);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    return wb_addr_from_sockaddr(&sockaddr, len, out_addr);
}

enum wb_status wb__socket_peer_addr(const struct wb_fd_source *io, struct wb_addr *out_addr) {
    struct wb_sockaddr sockaddr;
    uint32_t len = sizeof(sockaddr);
    int result = WB_SYS(io->sys, getpeername, io->fd, &sockaddr, &len);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    return wb_addr_from_sockaddr(&sockaddr, len, out_addr);
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

enum wb_status wb__socket_take_error(struct wb_fd_source *io, enum wb_status *out_error) {
    int number = 0;
    enum wb_status status = wb__socket_get_int(io, WB_SOL_SOCKET, WB_SO_ERROR, &number);
    if (status == WB_OK) {
        *out_error = wb_status_from_result(-(long long)number);
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
