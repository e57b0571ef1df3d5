/* The system calls on sockets that move no bytes: arguments checked, the endpoint asked, the call
 * told. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum {
    SOCK_TYPE_END = 11, /* Linux's SOCK_MAX */
    SOCK_RAW_NUMBER = 3,
    ESOCKTNOSUPPORT_NUMBER = 94,
};

struct sim_file *socket_file(struct sim_kernel *kernel, int fd, int *out_error) {
    struct sim_file *file = fd_get(kernel, fd);
    *out_error = file == NULL ? -EBADF : file->ops->socket == NULL ? -ENOTSOCK : 0;
    return file;
}

int sys_accept4(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    struct sim_file *made = NULL;
    bool holds = false;
    if (file != NULL && (flags & ~(WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) != 0) {
        result = -EINVAL;
    } else if (result == 0) {
        holds = thread_hold(kernel, file);
        result = file->ops->socket->accept(kernel, file, addr, addr_len, flags, &made);
    }
    if (result == -EAGAIN) {
        flavour_would_block(kernel, file, false);
    }
    call_return(kernel, SIM_CALL_ACCEPT, fd, file, result, file_subject(made), (uint32_t)flags);
    if (holds) {
        thread_let_go(kernel);
    }
    return result;
}

/* The kinds there are. A protocol of 0 is taken for the kind's own. */
static const struct socket_kind {
    int domain;
    int type;
    int protocol;
    int (*open)(struct sim_kernel *kernel, int domain, int flags, struct sim_file **out_file);
} kinds[] = {
    {WB_AF_INET, WB_SOCK_STREAM, WB_IPPROTO_TCP, tcp_open},
    {WB_AF_INET6, WB_SOCK_STREAM, WB_IPPROTO_TCP, tcp_open},
    {WB_AF_INET, WB_SOCK_DGRAM, WB_IPPROTO_UDP, udp_open},
    {WB_AF_INET6, WB_SOCK_DGRAM, WB_IPPROTO_UDP, udp_open},
    {WB_AF_UNIX, WB_SOCK_STREAM, WB_AF_UNIX, unix_open},
    {WB_AF_UNIX, WB_SOCK_DGRAM, WB_AF_UNIX, unix_open},
    {WB_AF_UNIX, SOCK_RAW_NUMBER, WB_AF_UNIX, unix_open}, /* another word for datagrams */
    {WB_AF_UNIX, WB_SOCK_SEQPACKET, WB_AF_UNIX, unix_open},
};

/* In the order in which Linux finds fault: -errno, or 0 with the kind. */
static int find_kind(int domain, int type, int protocol, const struct socket_kind **out_kind) {
    if ((type & ~(WB_SOCK_TYPE_MASK | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) != 0) {
        return -EINVAL;
    }
    int bare_type = type & WB_SOCK_TYPE_MASK;
    int error = -EAFNOSUPPORT;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (kinds[i].domain != domain) {
            continue;
        }
        if (bare_type >= SOCK_TYPE_END) {
            return -EINVAL;
        }
        error = error == -EAFNOSUPPORT ? -ESOCKTNOSUPPORT_NUMBER : error;
        if (kinds[i].type != bare_type) {
            continue;
        }
        if (protocol == 0 || protocol == kinds[i].protocol) {
            *out_kind = &kinds[i];
            return 0;
        }
        error = -EPROTONOSUPPORT;
    }
    return error;
}

int sys_socket(void *self, int domain, int type, int protocol) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    const struct socket_kind *kind;
    struct sim_file *file = NULL;
    int fd = find_kind(domain, type, protocol, &kind);
    if (fd == 0) {
        fd = kind->open(kernel, domain, type, &file);
    }
    return (int)call_return(
        kernel, SIM_CALL_SOCKET, fd, file, fd, (uint64_t)domain, (uint64_t)(uint32_t)type);
}

/* A fault or a limit: -errno; 0: there is room for two descriptors. */
static int open_two_fault(struct sim_kernel *kernel) {
    int error = open_fault(kernel);
    if (error != 0) {
        return error;
    }
    const struct sim_process *process = kernel->current;
    size_t second = process->fd_lowest_free + 1;
    while (second < process->fd_capacity && process->fds[second] != NULL) {
        second++;
    }
    if (second >= process->fd_limit) {
        return -EMFILE;
    }
    return kernel->file_count + 2 > kernel->config.file_limit ? -ENFILE : 0;
}

static int make_pair(struct sim_kernel *kernel, int domain, int type, int protocol, int out_fds[2],
    struct sim_file *out_files[2]) {
    const struct socket_kind *kind;
    if (out_fds == NULL) {
        return -EFAULT;
    }
    int error = find_kind(domain, type, protocol, &kind);
    if (error == 0 && domain != WB_AF_UNIX) {
        error = -EOPNOTSUPP;
    }
    error = error != 0 ? error : open_two_fault(kernel);
    if (error != 0) {
        return error;
    }
    unix_pair(kernel, type, out_files);
    out_fds[0] = fd_install(kernel, out_files[0]);
    out_fds[1] = fd_install(kernel, out_files[1]);
    return 0;
}

int sys_socketpair(void *self, int domain, int type, int protocol, int out_fds[2]) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    struct sim_file *files[2] = {NULL, NULL};
    int result = make_pair(kernel, domain, type, protocol, out_fds, files);
    int fd = result == 0 ? out_fds[0] : result;
    uint64_t second = result == 0 ? (uint64_t)out_fds[1] : 0;
    return (int)call_return(kernel, SIM_CALL_SOCKETPAIR, fd, files[0], result,
        (uint64_t)(uint32_t)domain << 32 | (uint32_t)type, second);
}

/* An address that is given, before it is anybody's business what it says. */
static int check_address(const struct wb_sockaddr *addr, uint32_t len) {
    return len > sizeof(*addr) ? -EINVAL : addr == NULL && len != 0 ? -EFAULT : 0;
}

static uint64_t port_of(const struct sim_file *file, bool of_peer) {
    const struct socket_ops *ops = file == NULL ? NULL : file->ops->socket;
    return ops == NULL || ops->port == NULL ? 0 : ops->port(file, of_peer);
}

int sys_bind(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    result = result == 0 ? check_address(addr, addr_len) : result;
    if (result == 0) {
        result = file->ops->socket->bind(kernel, file, addr, addr_len);
    }
    uint64_t port = result == 0 ? port_of(file, false) : 0;
    return (int)call_return(kernel, SIM_CALL_BIND, fd, file, result, port, 0);
}

int sys_listen(void *self, int fd, int backlog) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = file->ops->socket->listen(kernel, file, backlog);
    }
    uint64_t port = result == 0 ? port_of(file, false) : 0;
    return (int)call_return(
        kernel, SIM_CALL_LISTEN, fd, file, result, port, (uint64_t)(int64_t)backlog);
}

int sys_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    int address_error = file != NULL ? check_address(addr, addr_len) : 0;
    result = address_error != 0 ? address_error : result;
    bool holds = thread_hold(kernel, file);
    if (result == 0) {
        result = file->ops->socket->connect(kernel, file, addr, addr_len);
    }
    if (result == -EINPROGRESS || result == -EALREADY || result == -EAGAIN) {
        flavour_would_block(kernel, file, true);
        flavour_would_block(kernel, file, false);
    }
    uint64_t port = port_of(file, true);
    call_return(kernel, SIM_CALL_CONNECT, fd, file, result, port, 0);
    if (holds) {
        thread_let_go(kernel);
    }
    return result;
}

int sys_shutdown(void *self, int fd, int how) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = file->ops->socket->shutdown(kernel, file, how);
    }
    return (int)call_return(kernel, SIM_CALL_SHUTDOWN, fd, file, result, (uint64_t)(int64_t)how, 0);
}

/* As much of a name as there is room for, and how long it is. */
static int give_name(const struct wb_sockaddr *name, uint32_t name_len, struct wb_sockaddr *addr,
    uint32_t *addr_len) {
    if (addr_len == NULL) {
        return -EFAULT;
    }
    if ((int32_t)*addr_len < 0) {
        return -EINVAL;
    }
    uint32_t len = *addr_len < name_len ? *addr_len : name_len;
    if (addr == NULL && len != 0) {
        return -EFAULT;
    }
    if (len != 0) {
        memcpy(addr, name, len);
    }
    *addr_len = name_len;
    return 0;
}

static int get_name(struct sim_kernel *kernel, enum sim_call call, bool of_peer, int fd,
    struct wb_sockaddr *addr, uint32_t *addr_len) {
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    struct wb_sockaddr name;
    uint32_t name_len = sizeof(name);
    if (result == 0) {
        result = file->ops->socket->name(kernel, file, of_peer, &name, &name_len);
    }
    if (result == 0) {
        result = give_name(&name, name_len, addr, addr_len);
    }
    return (int)call_return(kernel, call, fd, file, result, 0, 0);
}

int sys_getsockname(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    return get_name(self, SIM_CALL_GETSOCKNAME, false, fd, addr, addr_len);
}

int sys_getpeername(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    return get_name(self, SIM_CALL_GETPEERNAME, true, fd, addr, addr_len);
}
