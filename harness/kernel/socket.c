/* The system calls on sockets that move no bytes: arguments checked, the endpoint asked, the call
 * told. */
#include "kernel/internal.h"

#include <errno.h>

enum {
    SOCK_TYPE_END = 11, /* Linux's SOCK_MAX */
    ESOCKTNOSUPPORT_NUMBER = 94,
};

struct sim_file *socket_file(struct sim_kernel *kernel, int fd, int *out_error) {
    struct sim_file *file = fd_get(kernel, fd);
    *out_error = file == NULL ? -EBADF : file->type != FILE_SOCKET ? -ENOTSOCK : 0;
    return file;
}

int sys_accept4(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    struct sim_file *made = NULL;
    if ((flags & ~(WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) != 0) {
        result = -EINVAL;
    } else if (result == 0) {
        result = accept_into(kernel, file, addr, addr_len, flags, &made);
    }
    return (int)call_return(
        kernel, SIM_CALL_ACCEPT, fd, file, result, file_subject(made), (uint32_t)flags);
}

static int check_kind(int domain, int type, int protocol) {
    if (domain != WB_AF_INET && domain != WB_AF_INET6) {
        return -EAFNOSUPPORT;
    }
    if ((type & ~(WB_SOCK_TYPE_MASK | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC)) != 0) {
        return -EINVAL;
    }
    if ((type & WB_SOCK_TYPE_MASK) >= SOCK_TYPE_END) {
        return -EINVAL;
    }
    if ((type & WB_SOCK_TYPE_MASK) != WB_SOCK_STREAM) {
        return -ESOCKTNOSUPPORT_NUMBER;
    }
    return protocol == 0 || protocol == WB_IPPROTO_TCP ? 0 : -EPROTONOSUPPORT;
}

int sys_socket(void *self, int domain, int type, int protocol) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int fd = check_kind(domain, type, protocol);
    struct sim_file *file = NULL;
    if (fd == 0) {
        fd = open_fault(kernel);
    }
    if (fd == 0) {
        file = file_new(kernel, FILE_SOCKET);
        file->nonblocking = (type & WB_SOCK_NONBLOCK) != 0;
        file->socket = endpoint_new(kernel, domain, true);
        file->socket->file = file;
        file->socket->accepted = true;
        fd = fd_install(kernel, file);
    }
    return (int)call_return(
        kernel, SIM_CALL_SOCKET, fd, file, fd, (uint64_t)domain, (uint64_t)(uint32_t)type);
}

int sys_bind(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = endpoint_bind(file->socket, addr, addr_len);
    }
    uint64_t port = result == 0 ? file->socket->local.port : 0;
    return (int)call_return(kernel, SIM_CALL_BIND, fd, file, result, port, 0);
}

int sys_listen(void *self, int fd, int backlog) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = endpoint_listen(file->socket, backlog);
    }
    uint64_t port = result == 0 ? file->socket->local.port : 0;
    return (int)call_return(
        kernel, SIM_CALL_LISTEN, fd, file, result, port, (uint64_t)(int64_t)backlog);
}

static int connect_blocking(struct sim_kernel *kernel, struct sim_endpoint *endpoint) {
    while (endpoint->tcp == TCP_SYN_SENT) {
        wait_advance(kernel, UINT64_MAX);
    }
    if (endpoint->tcp == TCP_CLOSED) {
        int error = endpoint_take_error(endpoint);
        endpoint_disconnect(endpoint);
        endpoint->connecting = CONNECT_NONE;
        return -error;
    }
    endpoint->connecting = CONNECT_DONE;
    return 0;
}

int sys_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = endpoint_connect(file->socket, addr, addr_len);
        if (result == -EINPROGRESS && !file->nonblocking) {
            result = connect_blocking(kernel, file->socket);
        }
    }
    uint64_t port = file != NULL && file->type == FILE_SOCKET ? file->socket->remote.port : 0;
    return (int)call_return(kernel, SIM_CALL_CONNECT, fd, file, result, port, 0);
}

int sys_shutdown(void *self, int fd, int how) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    if (result == 0) {
        result = endpoint_shutdown(file->socket, how);
    }
    return (int)call_return(kernel, SIM_CALL_SHUTDOWN, fd, file, result, (uint64_t)(int64_t)how, 0);
}

static int check_name_args(const struct wb_sockaddr *addr, const uint32_t *addr_len) {
    return addr == NULL || addr_len == NULL ? -EFAULT : (int32_t)*addr_len < 0 ? -EINVAL : 0;
}

int sys_getsockname(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    result = result != 0 ? result : check_name_args(addr, addr_len);
    if (result == 0) {
        address_store(&file->socket->local, addr, addr_len);
    }
    return (int)call_return(kernel, SIM_CALL_GETSOCKNAME, fd, file, result, 0, 0);
}

int sys_getpeername(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = socket_file(kernel, fd, &result);
    result = result != 0 ? result : check_name_args(addr, addr_len);
    if (result == 0 && file->socket->tcp != TCP_ESTABLISHED) {
        result = -ENOTCONN;
    }
    if (result == 0) {
        address_store(&file->socket->remote, addr, addr_len);
    }
    return (int)call_return(kernel, SIM_CALL_GETPEERNAME, fd, file, result, 0, 0);
}
