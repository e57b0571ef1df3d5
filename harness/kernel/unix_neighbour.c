/* The world's Unix sockets: the same as the program's, without a descriptor, without faults of
 * their own calls and at no cost. Each stands for a process of its own on a host. */
#include "kernel/unix.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

struct sim_unix {
    struct unix_socket *socket;
    struct sim_file file; /* in place of a descriptor: open, and watched by no registration */
    void (*on_change)(void *user_data, struct sim_unix *socket);
    void *user_data;
    bool change_scheduled;
};

static void tell(void *user_data) {
    struct sim_unix *neighbour = user_data;
    neighbour->change_scheduled = false;
    if (neighbour->on_change != NULL) {
        neighbour->on_change(neighbour->user_data, neighbour);
    }
}

void unix_tell_neighbour(struct sim_unix *neighbour) {
    struct sim_kernel *kernel = neighbour->socket->kernel;
    if (neighbour->on_change != NULL && !neighbour->change_scheduled) {
        neighbour->change_scheduled = true;
        sim_schedule(kernel, kernel->now_ns, tell, neighbour);
    }
}

/* A call on messages that blocks is told when there is room, and returns all the same: it is
 * transfer.c that sleeps. One on a stream would sleep itself. */
struct sim_unix *unix_make_neighbour(struct unix_socket *socket) {
    struct sim_unix *neighbour = kernel_alloc(socket->kernel, sizeof(*neighbour));
    const int type = socket->so.type;
    *neighbour = (struct sim_unix){.socket = socket};
    neighbour->file = (struct sim_file){.ops = unix_file_ops(type),
        .type = FILE_UNIX,
        .nonblocking = type == WB_SOCK_STREAM,
        .refs = 1,
        .unix_socket = socket};
    list_init(&neighbour->file.waiters);
    socket->neighbour = neighbour;
    socket->file = &neighbour->file;
    return neighbour;
}

struct sim_unix *sim_unix_new(struct sim_kernel *kernel, uint32_t subject, unsigned host, int type,
    void (*on_change)(void *user_data, struct sim_unix *socket), void *user_data) {
    assert(host < kernel->host_count);
    struct unix_socket *socket = unix_socket_new(kernel, type, NULL);
    struct sim_unix *neighbour = unix_make_neighbour(socket);
    sim_unix_on_change(neighbour, on_change, user_data);
    socket->host = host;
    socket->subject = subject;
    return neighbour;
}

void sim_unix_on_change(struct sim_unix *neighbour,
    void (*on_change)(void *user_data, struct sim_unix *socket), void *user_data) {
    neighbour->on_change = on_change;
    neighbour->user_data = user_data;
}

int sim_unix_bind(struct sim_unix *neighbour, const struct wb_sockaddr *addr, uint32_t addr_len) {
    return unix_bind(neighbour->socket->kernel, &neighbour->file, addr, addr_len);
}

int sim_unix_listen(struct sim_unix *neighbour, int backlog) {
    return unix_listen(neighbour->socket->kernel, &neighbour->file, backlog);
}

struct sim_unix *sim_unix_accept(struct sim_unix *listener) {
    struct unix_socket *server = unix_take_pending(listener->socket);
    return server != NULL ? server->neighbour : NULL;
}

int sim_unix_connect(
    struct sim_unix *neighbour, const struct wb_sockaddr *addr, uint32_t addr_len) {
    int result = unix_check_address(addr, addr_len);
    if (result != 0) {
        return result;
    }
    return unix_is_datagram(neighbour->socket)
               ? unix_connect_datagram(neighbour->socket, addr, addr_len)
               : unix_connect_once(neighbour->socket, addr, addr_len);
}

int64_t sim_unix_send(struct sim_unix *neighbour, const struct wb_sockaddr *addr, uint32_t addr_len,
    const void *data, size_t len) {
    struct unix_socket *socket = neighbour->socket;
    struct wb_iovec iov = {.len = len};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    struct wb_sockaddr to;
    memcpy(&iov.base, &data, sizeof(data));
    if (addr != NULL) {
        to = *addr;
        msg.name = &to;
        msg.name_len = addr_len;
    }
    int64_t result =
        socket->so.type == WB_SOCK_STREAM
            ? unix_stream_send(socket->kernel, &neighbour->file, &msg, WB_MSG_NOSIGNAL)
            : unix_datagram_send(socket->kernel, &neighbour->file, &msg, WB_MSG_NOSIGNAL);
    if (result > 0 || (result == 0 && socket->so.type != WB_SOCK_STREAM)) {
        unix_passed(socket);
    }
    return result;
}

int64_t sim_unix_recv(struct sim_unix *neighbour, void *buf, size_t len,
    struct wb_sockaddr *out_addr, uint32_t *out_addr_len) {
    struct unix_socket *socket = neighbour->socket;
    struct wb_iovec iov = {buf, len};
    struct wb_msghdr msg = {.iov = &iov, .iov_len = 1};
    if (out_addr != NULL) {
        msg.name = out_addr;
        msg.name_len = sizeof(*out_addr);
    }
    const int flags = WB_MSG_DONTWAIT | WB_MSG_TRUNC;
    int64_t result = socket->so.type == WB_SOCK_STREAM
                         ? unix_stream_recv(socket->kernel, &neighbour->file, &msg, WB_MSG_DONTWAIT)
                         : unix_datagram_recv(socket->kernel, &neighbour->file, &msg, flags);
    if (out_addr != NULL && result >= 0) {
        *out_addr_len = msg.name_len;
    }
    return result;
}

bool sim_unix_is_at_end(const struct sim_unix *neighbour) {
    const struct unix_socket *socket = neighbour->socket;
    return socket->rd_shut && socket->queue_len == 0;
}

int sim_unix_shutdown(struct sim_unix *neighbour, int how) {
    return neighbour->file.ops->socket->shutdown(neighbour->socket->kernel, &neighbour->file, how);
}

void sim_unix_close(struct sim_unix *neighbour) {
    struct unix_socket *socket = neighbour->socket;
    if (!socket->dead) {
        neighbour->on_change = NULL;
        unix_passed(socket);
        socket->file = NULL;
        unix_close(socket, false);
        unix_collect_garbage(socket->kernel);
    }
}

uint32_t sim_unix_poll(struct sim_unix *neighbour) {
    return neighbour->file.ops->peek(neighbour->socket->kernel, &neighbour->file);
}

int sim_unix_error(struct sim_unix *neighbour) {
    return unix_take_error(neighbour->socket);
}

bool sim_unix_was_closed(const struct sim_kernel *kernel, uint32_t subject) {
    bool any = false;
    const struct list *all = &kernel->unix_sockets;
    for (const struct list *node = all->next; node != all; node = node->next) {
        const struct unix_socket *socket = LIST_ENTRY(node, struct unix_socket, in_kernel);
        if (socket->neighbour != NULL && socket->subject == subject) {
            any = true;
            if (!socket->dead) {
                return false;
            }
        }
    }
    return any;
}

uint32_t sim_unix_subject(const struct sim_unix *neighbour) {
    return neighbour->socket->subject;
}

struct unix_socket *unix_of_neighbour(const struct sim_unix *neighbour) {
    return neighbour->socket;
}

int sim_unix_type(const struct sim_unix *neighbour) {
    return neighbour->socket->so.type;
}
