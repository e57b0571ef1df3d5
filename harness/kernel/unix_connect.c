/* How Unix connections come to be: at once, or not at all; pairs of sockets, too. The accepted end
 * exists from connect on and takes messages while it waits in the listener's queue. */
#include "kernel/unix.h"

#include <errno.h>

enum { BACKLOG_MAX = 4096 }; /* net.core.somaxconn */

int unix_listen(struct sim_kernel *kernel, struct sim_file *file, int backlog) {
    (void)kernel;
    struct unix_socket *socket = file->unix_socket;
    if (unix_is_datagram(socket)) {
        return -EOPNOTSUPP;
    }
    if (socket->local.len == 0 || socket->state == UNIX_CONNECTED) {
        return -EINVAL;
    }
    socket->backlog = backlog < 0 || backlog > BACKLOG_MAX ? BACKLOG_MAX : (uint32_t)backlog;
    socket->state = UNIX_LISTENING;
    unix_tell_room(socket, KEY_NONE);
    socket->peer_credentials = unix_credentials(socket);
    return 0;
}

/* ---- streams and seqpackets ---- */

static void emit_pending(const struct unix_socket *listener, const struct unix_socket *server) {
    struct sim_event event = event_begin(listener->kernel, SIM_EVENT_PENDING);
    event.process = unix_process(server);
    event.subject = server->subject;
    event.file = listener->file->serial;
    event_emit(listener->kernel, &event);
}

/* Connections between programs count up, two numbers each; the world's listener names those to it.
 */
static void name_client(struct unix_socket *client, const struct unix_socket *listener) {
    const struct sim_config *config = &client->kernel->config;
    if (listener->neighbour == NULL || client->subject != WBH_SUBJECT_NONE) {
        unix_name_subject(client);
    } else if (config->on_incoming_unix != NULL) {
        client->subject = config->on_incoming_unix(config->user_data, listener->neighbour);
    }
}

/* The other end, before anybody has accepted it. */
static struct unix_socket *far_end(
    const struct unix_socket *client, const struct unix_socket *listener) {
    struct unix_socket *server =
        unix_socket_new(client->kernel, client->so.type, listener->process);
    bool is_local = client->neighbour == NULL && listener->neighbour == NULL;
    server->subject = is_local ? client->subject + 1 : client->subject;
    server->host = listener->host;
    if (listener->neighbour != NULL) {
        (void)unix_make_neighbour(server);
    }
    return server;
}

static void establish(struct unix_socket *client, struct unix_socket *listener) {
    struct unix_socket *server = far_end(client, listener);
    server->state = UNIX_CONNECTED;
    server->was_connected = true;
    server->local = listener->local;
    server->passes_credentials = listener->passes_credentials;
    server->peer_credentials = unix_credentials(client);
    server->peer = client;
    client->peer_credentials =
        listener->neighbour != NULL ? unix_credentials(server) : listener->peer_credentials;
    client->peer = server;
    client->state = UNIX_CONNECTED;
    client->was_connected = true;
    list_push_tail(&listener->pending, &server->in_pending);
    listener->pending_count++;
    emit_pending(listener, server);
    if (!unix_reads_held(listener)) {
        unix_wake(listener, KEY_READ);
    }
}

int unix_connect_once(struct unix_socket *client, const struct wb_sockaddr *addr, uint32_t len) {
    struct unix_socket *listener;
    int result = unix_find(client, addr, len, &listener);
    if (result != 0) {
        return result;
    }
    bool is_of_the_world = client->neighbour != NULL && listener->neighbour != NULL;
    if (listener->state != UNIX_LISTENING || listener->rd_shut || is_of_the_world) {
        return -ECONNREFUSED;
    }
    if (listener->pending_count > listener->backlog) {
        if (!client->file->nonblocking || client->neighbour != NULL) {
            unix_wait_asleep(client, listener);
        }
        return -EAGAIN;
    }
    if (client->state != UNIX_CLOSED) {
        return client->state == UNIX_CONNECTED ? -EISCONN : -EINVAL;
    }
    name_client(client, listener);
    result = unix_connect_fault(client);
    if (result == 0) {
        establish(client, listener);
    }
    return result;
}

/* ---- datagrams ---- */

int unix_connect_datagram(
    struct unix_socket *socket, const struct wb_sockaddr *addr, uint32_t len) {
    struct unix_socket *peer;
    int result = unix_find(socket, addr, len, &peer);
    if (result != 0) {
        return result;
    }
    if (peer->peer != NULL && peer->peer != socket) {
        return -EPERM;
    }
    unix_datagram_reconnect(socket, peer);
    return 0;
}

/* The address of nobody dissolves the connection of a datagram socket. */
static bool is_nobody(
    const struct unix_socket *socket, const struct wb_sockaddr *addr, uint32_t len) {
    return unix_is_datagram(socket) && addr != NULL && len >= sizeof(addr->family)
           && addr->family == WB_AF_UNSPEC;
}

int unix_connect(struct sim_kernel *kernel, struct sim_file *file, const struct wb_sockaddr *addr,
    uint32_t len) {
    struct unix_socket *socket = file->unix_socket;
    if (is_nobody(socket, addr, len)) {
        unix_datagram_reconnect(socket, NULL);
        return 0;
    }
    int result = unix_check_address(addr, len);
    if (result == 0 && socket->passes_credentials) {
        result = unix_autobind(socket);
    }
    if (result != 0) {
        return result;
    }
    if (unix_is_datagram(socket)) {
        return unix_connect_datagram(socket, addr, len);
    }
    result = unix_connect_once(socket, addr, len);
    while (result == -EAGAIN && !file->nonblocking) {
        wait_advance(kernel, UINT64_MAX);
        result = unix_connect_once(socket, addr, len);
    }
    return result;
}

/* ---- accepting ---- */

struct unix_socket *unix_take_pending(struct unix_socket *listener) {
    if (listener->pending_count == 0) {
        return NULL;
    }
    struct unix_socket *server = LIST_ENTRY(listener->pending.next, struct unix_socket, in_pending);
    list_remove(&server->in_pending);
    listener->pending_count--;
    unix_tell_room(listener, KEY_NONE);
    return server;
}

static struct sim_file *file_for(struct unix_socket *socket, int flags) {
    struct sim_file *file = file_new(socket->kernel, FILE_UNIX, unix_file_ops(socket->so.type));
    file->nonblocking = (flags & WB_SOCK_NONBLOCK) != 0;
    unix_give_file(socket, file);
    return file;
}

/* A connection that may be accepted, or why there is none. What is shut still gives what waits. */
static int await_pending(struct sim_file *file) {
    struct unix_socket *listener = file->unix_socket;
    while (listener->pending_count == 0 || unix_reads_held(listener)) {
        file_lowered(listener->kernel, file);
        if (file->nonblocking) {
            return -EAGAIN;
        }
        if (listener->rd_shut) {
            return -EINVAL;
        }
        wait_advance(listener->kernel, UINT64_MAX);
    }
    return 0;
}

/* The same, and no fault is in the way. A call that blocks sleeps over one that is nothing but a
 * delay, and is asked about the next time. */
static int await_turn(struct sim_kernel *kernel, struct sim_file *file) {
    int result;
    do {
        result = await_pending(file);
        if (result == 0) {
            result = fd_room(kernel); /* another thread may have taken the last one meanwhile */
        }
        if (result == 0 && choice_possible(kernel)) {
            (void)unix_accept_fault(file->unix_socket, &result);
        }
    } while (result == -EAGAIN && !file->nonblocking);
    return result;
}

int unix_accept(struct sim_kernel *kernel, struct sim_file *file, struct wb_sockaddr *addr,
    uint32_t *addr_len, int flags, struct sim_file **out_file) {
    struct unix_socket *listener = file->unix_socket;
    int room = fd_room(kernel); /* Linux takes the number first */
    if (room != 0) {
        return room;
    }
    if (unix_is_datagram(listener)) {
        return -EOPNOTSUPP;
    }
    if (listener->state != UNIX_LISTENING) {
        return -EINVAL;
    }
    int result = await_turn(kernel, file);
    if (result != 0) {
        return result;
    }
    struct unix_socket *server = unix_take_pending(listener);
    if (addr != NULL && addr_len != NULL) {
        unix_store_address(server->peer, addr, addr_len);
    }
    file_lowered(kernel, file);
    *out_file = file_for(server, flags);
    return fd_install(kernel, *out_file);
}

/* ---- two at once ---- */

static struct unix_socket *half_of_pair(struct sim_kernel *kernel, int type) {
    struct unix_socket *socket = unix_socket_new(kernel, type, kernel->current);
    socket->was_connected = true;
    socket->state = UNIX_CONNECTED;
    socket->peer_credentials = unix_credentials(socket);
    return socket;
}

void unix_pair(struct sim_kernel *kernel, int type, struct sim_file *out_files[2]) {
    struct unix_socket *first = half_of_pair(kernel, unix_bare_type(type));
    struct unix_socket *second = half_of_pair(kernel, unix_bare_type(type));
    first->peer = second;
    second->peer = first;
    unix_name_subject(first);
    second->subject = first->subject + 1;
    out_files[0] = file_for(first, type);
    out_files[1] = file_for(second, type);
}
