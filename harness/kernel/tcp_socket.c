/* TCP as a kind of file: its answers to the calls that every socket has, made of the state
 * machine's operations, and the options of its own level. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum { KEEP_COUNT_MAX = 127, KEEP_SECONDS_MAX = 32767, ENOPROTOOPT_NUMBER = 92 };

static uint32_t tcp_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    return endpoint_poll(file->endpoint);
}

static uint32_t tcp_peek(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    return endpoint_peek(file->endpoint);
}

static const char *tcp_what(const struct sim_file *file) {
    return file->endpoint->tcp == TCP_LISTENING ? "tcp listener" : "tcp socket";
}

static void tcp_release(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    struct sim_endpoint *endpoint = file->endpoint;
    endpoint->file = NULL;
    endpoint_close(endpoint);
}

int tcp_open(struct sim_kernel *kernel, int domain, int flags, struct sim_file **out_file) {
    int fd = file_open(kernel, FILE_TCP, &tcp_file_ops, flags, out_file);
    if (fd >= 0) {
        struct sim_endpoint *endpoint = endpoint_new(kernel, domain, kernel->current);
        endpoint->file = *out_file;
        endpoint->accepted = true;
        (*out_file)->endpoint = endpoint;
    }
    return fd;
}

/* ---- addresses, connecting ---- */

static int tcp_bind(struct sim_kernel *kernel, struct sim_file *file,
    const struct wb_sockaddr *addr, uint32_t len) {
    (void)kernel;
    return endpoint_bind(file->endpoint, addr, len);
}

static int tcp_listen(struct sim_kernel *kernel, struct sim_file *file, int backlog) {
    (void)kernel;
    return endpoint_listen(file->endpoint, backlog);
}

static int tcp_name(struct sim_kernel *kernel, struct sim_file *file, bool of_peer,
    struct wb_sockaddr *addr, uint32_t *addr_len) {
    (void)kernel;
    const struct sim_endpoint *endpoint = file->endpoint;
    if (of_peer && endpoint->tcp != TCP_ESTABLISHED) {
        return -ENOTCONN;
    }
    address_store(of_peer ? &endpoint->remote : &endpoint->local, addr, addr_len);
    return 0;
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

static int tcp_connect(struct sim_kernel *kernel, struct sim_file *file,
    const struct wb_sockaddr *addr, uint32_t len) {
    int result = endpoint_connect(file->endpoint, addr, len);
    if (result == -EINPROGRESS && !file->nonblocking) {
        result = connect_blocking(kernel, file->endpoint);
    }
    return result;
}

static int tcp_shutdown(struct sim_kernel *kernel, struct sim_file *file, int how) {
    (void)kernel;
    return endpoint_shutdown(file->endpoint, how);
}

/* ---- accepting ---- */

/* True: the call is decided, *out_result is its answer. */
static bool accept_fault(struct sim_endpoint *listener, int *out_result) {
    struct sim_kernel *kernel = listener->kernel;
    struct wbh_choice_point point = {
        .point = WBH_POINT_ACCEPT,
        .subject = process_subject(kernel->current),
        .ordinal = ++kernel->current->ordinal[WBH_POINT_ACCEPT],
        .failing = WBH_ACTION_BIT(WBH_ACTION_ERROR),
    };
    *(listener->known_pending ? &point.contract : &point.kernel) |=
        WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK);
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action == WBH_ACTION_PASS) {
        return false;
    }
    choice_consumed(kernel, point.point, choice.action);
    if (choice.action == WBH_ACTION_WOULD_BLOCK) {
        endpoint_hold_reads(listener);
        *out_result = -EAGAIN;
        return true;
    }
    if (choice.value == ECONNABORTED) {
        endpoint_drop_unaccepted(endpoint_accept(listener));
    }
    *out_result = -(int)choice.value;
    return true;
}

static int tcp_accept(struct sim_kernel *kernel, struct sim_file *file, struct wb_sockaddr *addr,
    uint32_t *addr_len, int flags, struct sim_file **out_file) {
    struct sim_endpoint *listener = file->endpoint;
    if (listener->tcp != TCP_LISTENING) {
        return -EINVAL;
    }
    int fault = -EAGAIN; /* a call that blocks sleeps over it, and is asked about the next time */
    while (fault == -EAGAIN) {
        while (listener->pending_count == 0 || listener->read_hold.until_ns != 0) {
            file_lowered(kernel, file);
            if (file->nonblocking) {
                return -EAGAIN;
            }
            wait_advance(kernel, UINT64_MAX);
            if (listener->tcp != TCP_LISTENING) {
                return -EINVAL; /* another thread has shut it */
            }
        }
        if (!choice_possible(kernel) || !accept_fault(listener, &fault)) {
            break;
        }
        if (fault != -EAGAIN || file->nonblocking) {
            return fault;
        }
    }
    int room = fd_room(kernel);
    if (room != 0) {
        return room;
    }
    struct sim_endpoint *server = endpoint_accept(listener);
    listener->known_pending = false;
    *out_file = file_new(kernel, FILE_TCP, &tcp_file_ops);
    (*out_file)->endpoint = server;
    (*out_file)->nonblocking = (flags & WB_SOCK_NONBLOCK) != 0;
    server->file = *out_file;
    server->accepted = true;
    if (addr != NULL && addr_len != NULL) {
        address_store(&server->remote, addr, addr_len);
    }
    file_lowered(kernel, file);
    return fd_install(kernel, *out_file);
}

/* ---- bytes ---- */

static int64_t tcp_recv(
    struct sim_kernel *kernel, struct sim_file *file, struct wb_msghdr *msg, int flags) {
    enum { ERROR_QUEUE = 0x2000 }; /* MSG_ERRQUEUE: there is none */
    (void)kernel;
    if ((flags & ERROR_QUEUE) != 0) {
        return -EAGAIN;
    }
    int64_t result = endpoint_recv(file->endpoint, msg->iov, msg->iov_len, flags);
    if (result >= 0) {
        msg->name_len = msg->name == NULL ? msg->name_len : 0; /* a stream names no sender */
        msg->control_len = 0;
        bool is_urgent = (flags & WB_MSG_OOB) != 0;
        msg->flags = is_urgent ? WB_MSG_OOB | (result == 0 ? WB_MSG_TRUNC : 0) : 0;
    }
    return result;
}

/* Linux looks only whether what it knows is well-formed, and uses none of it. */
static bool is_control_bad(const struct wb_msghdr *msg) {
    const uint8_t *control = msg->control;
    size_t at = 0;
    while (msg->control_len - at >= sizeof(struct wb_cmsghdr) && at < msg->control_len) {
        struct wb_cmsghdr header;
        memcpy(&header, control + at, sizeof(header));
        if (header.len < sizeof(header) || header.len > msg->control_len - at) {
            return true;
        }
        bool known = header.type == WB_SCM_RIGHTS || header.type == WB_SCM_CREDENTIALS;
        if (header.level == WB_SOL_SOCKET && !known) {
            return true;
        }
        at += WB_CMSG_ALIGN(header.len);
    }
    return false;
}

static int64_t tcp_send(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags) {
    (void)kernel;
    if (msg->control_len != 0 && is_control_bad(msg)) {
        return -EINVAL;
    }
    return endpoint_send(file->endpoint, msg->iov, msg->iov_len, flags);
}

static bool tcp_goes_on(const struct sim_file *file, bool sending, uint64_t peeked_len) {
    const struct sim_endpoint *endpoint = file->endpoint;
    bool stands = endpoint->error == 0 && endpoint->tcp == TCP_ESTABLISHED;
    if (sending) {
        return stands && !endpoint->snd_shut;
    }
    if (endpoint_readable(endpoint) > peeked_len) {
        return !endpoint_at_mark(endpoint);
    }
    bool ended = endpoint->fin_received && endpoint->read_hold.until_ns == 0;
    return stands && !endpoint->rd_shut && !ended;
}

static void tcp_put_error(struct sim_file *file, int error) {
    file->endpoint->error = error;
}

/* ---- options ---- */

static struct socket_options *tcp_options(struct sim_file *file) {
    return &file->endpoint->so;
}

static int tcp_take_error(struct sim_file *file) {
    return endpoint_take_error(file->endpoint);
}

static bool tcp_is_listening(const struct sim_file *file) {
    return file->endpoint->tcp == TCP_LISTENING;
}

static void low_water_set(struct sim_endpoint *endpoint) {
    uint64_t readable = endpoint_readable(endpoint);
    bool enough = readable != 0 && readable >= endpoint->so.recv_low_water;
    bool at_end = endpoint->fin_received && endpoint->read_hold.until_ns == 0;
    if (enough || at_end) {
        endpoint_wake(endpoint, KEY_READ);
    }
}

static void wake_if_writable(struct sim_endpoint *endpoint) {
    if (endpoint_writable(endpoint)) {
        endpoint_wake(endpoint, KEY_WRITE);
    }
}

static void tcp_option_set(struct sim_kernel *kernel, struct sim_file *file, int name) {
    (void)kernel;
    struct sim_endpoint *endpoint = file->endpoint;
    if (name == WB_SO_RCVLOWAT) {
        low_water_set(endpoint);
    } else if (name == WB_SO_RCVBUF && endpoint->peer != NULL) {
        endpoint_transmit(endpoint->peer);
    } else if (name == WB_SO_SNDBUF) {
        wake_if_writable(endpoint);
    }
}

static int get_tcp_level(const struct sim_endpoint *endpoint, int name, int *out_value) {
    switch (name) {
    case WB_TCP_NODELAY:
        *out_value = endpoint->nodelay;
        return 0;
    case WB_TCP_CORK:
        *out_value = endpoint->cork;
        return 0;
    case WB_TCP_NOTSENT_LOWAT:
        *out_value = (int)endpoint->notsent_low_water;
        return 0;
    case WB_TCP_KEEPIDLE:
        *out_value = endpoint->keep_idle;
        return 0;
    case WB_TCP_KEEPINTVL:
        *out_value = endpoint->keep_interval;
        return 0;
    case WB_TCP_KEEPCNT:
        *out_value = endpoint->keep_count;
        return 0;
    case WB_TCP_USER_TIMEOUT:
        *out_value = endpoint->user_timeout;
        return 0;
    default:
        return -ENOPROTOOPT_NUMBER;
    }
}

static int tcp_get_int(struct sim_file *file, int level, int name, int *out_value) {
    const struct sim_endpoint *endpoint = file->endpoint;
    if (level == WB_IPPROTO_TCP) {
        return get_tcp_level(endpoint, name, out_value);
    }
    return ip_option_get(&endpoint->ip, &endpoint->so, level, name, out_value);
}

static int set_tcp_level(struct sim_endpoint *endpoint, int name, int value) {
    if (name == WB_TCP_NODELAY) {
        endpoint->nodelay = value != 0;
        return 0;
    }
    if (name == WB_TCP_CORK) {
        endpoint->cork = value != 0;
        return 0;
    }
    if (name == WB_TCP_NOTSENT_LOWAT) {
        endpoint->notsent_low_water = (uint32_t)value;
        wake_if_writable(endpoint);
        return 0;
    }
    if (name == WB_TCP_USER_TIMEOUT) {
        if (value < 0) {
            return -EINVAL;
        }
        endpoint->user_timeout = value;
        return 0;
    }
    int16_t *kept = name == WB_TCP_KEEPIDLE    ? &endpoint->keep_idle
                    : name == WB_TCP_KEEPINTVL ? &endpoint->keep_interval
                    : name == WB_TCP_KEEPCNT   ? &endpoint->keep_count
                                               : NULL;
    if (kept == NULL) {
        return -ENOPROTOOPT_NUMBER;
    }
    if (value < 1 || value > (name == WB_TCP_KEEPCNT ? KEEP_COUNT_MAX : KEEP_SECONDS_MAX)) {
        return -EINVAL;
    }
    *kept = (int16_t)value;
    return 0;
}

static int tcp_set_int(struct sim_file *file, int level, int name, int value) {
    struct sim_endpoint *endpoint = file->endpoint;
    if (level == WB_IPPROTO_TCP) {
        return set_tcp_level(endpoint, name, value);
    }
    return ip_option_set(&endpoint->ip, &endpoint->so, endpoint->bound, level, name, value);
}

static uint32_t tcp_subject(const struct sim_file *file) {
    return file->endpoint->subject;
}

static uint32_t tcp_spurious_subject(const struct sim_file *file) {
    bool is_listener = file->endpoint->tcp == TCP_LISTENING;
    return is_listener ? WBH_SUBJECT_LISTENER : file->endpoint->subject;
}

static void tcp_note_known(struct sim_file *file, uint32_t events) {
    struct sim_endpoint *endpoint = file->endpoint;
    if ((events & WB_EPOLLIN) != 0) {
        endpoint->known_pending = true;
        if (endpoint_readable(endpoint) != 0 && endpoint->known_len == 0) {
            endpoint->known_len = 1;
        }
        if (endpoint_readable(endpoint) == 0 && endpoint->fin_received) {
            endpoint->known_fin = true;
        }
    }
    if ((events & (WB_EPOLLRDHUP | WB_EPOLLHUP)) != 0) {
        endpoint->known_fin = true;
    }
    if ((events & WB_EPOLLOUT) != 0) {
        endpoint->known_writable = true;
    }
}

static uint16_t tcp_port(const struct sim_file *file, bool of_peer) {
    return of_peer ? file->endpoint->remote.port : file->endpoint->local.port;
}

/* Groups are for datagrams. */
static int tcp_set_other(
    struct sim_file *file, int level, int name, const void *value, uint32_t value_len) {
    (void)value;
    (void)value_len;
    bool six = file->endpoint->so.domain == WB_AF_INET6;
    bool of_group =
        (level == WB_IPPROTO_IP && (name == WB_IP_ADD_MEMBERSHIP || name == WB_IP_DROP_MEMBERSHIP))
        || (six && level == WB_IPPROTO_IPV6
            && (name == WB_IPV6_ADD_MEMBERSHIP || name == WB_IPV6_DROP_MEMBERSHIP));
    return of_group ? -EPROTO : -ENOPROTOOPT_NUMBER;
}

static const struct socket_ops tcp_socket_ops = {
    .bind = tcp_bind,
    .listen = tcp_listen,
    .accept = tcp_accept,
    .connect = tcp_connect,
    .shutdown = tcp_shutdown,
    .name = tcp_name,
    .recv = tcp_recv,
    .send = tcp_send,
    .options = tcp_options,
    .take_error = tcp_take_error,
    .is_listening = tcp_is_listening,
    .goes_on = tcp_goes_on,
    .put_error = tcp_put_error,
    .option_set = tcp_option_set,
    .get_int = tcp_get_int,
    .set_int = tcp_set_int,
    .set_other = tcp_set_other,
    .port = tcp_port,
};

const struct file_ops tcp_file_ops = {
    .what = tcp_what,
    .poll = tcp_poll,
    .peek = tcp_peek,
    .release = tcp_release,
    .subject = tcp_subject,
    .spurious_subject = tcp_spurious_subject,
    .note_known = tcp_note_known,
    .socket = &tcp_socket_ops,
    .raises_sigpipe = true,
    .checks_buffers = true,
};
