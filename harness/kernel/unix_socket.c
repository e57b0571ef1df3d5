/* Unix sockets as a kind of file: making them, what they show to poll, shutdown and close, options.
 * All three types are here; how they move bytes is in unix_stream.c and unix_datagram.c. */
#include "kernel/unix.h"

#include <errno.h>
#include <string.h>

enum {
    SOCK_RAW_NUMBER = 3,     /* of Unix sockets another word for datagrams */
    DEFAULT_BUFFER = 212992, /* net.core.wmem_default */
    SEND_BUFFER_MIN = 4608,  /* which SO_SNDBUF keeps to as well */
    DATAGRAM_QUEUE_MAX = 10, /* net.unix.max_dgram_qlen; one more than that fits */
    ENOPROTOOPT_NUMBER = 92,
};
static const struct wb_ucred nobody = {.pid = 0, .uid = UINT32_MAX, .gid = UINT32_MAX};

/* ---- making ---- */

/* What is not said of buffers is as Linux has it for all types. The receiving one bounds nothing.
 */
static void init_options(struct unix_socket *socket, int type) {
    const struct sim_config *config = &socket->kernel->config;
    bool is_neighbour = socket->process == NULL;
    options_init(socket->kernel, &socket->so, WB_AF_UNIX, type);
    if (config->send_buffer_size == 0 || is_neighbour) {
        socket->so.send_buffer_size = DEFAULT_BUFFER;
    }
    if (config->recv_buffer_size == 0 || is_neighbour) {
        socket->so.recv_buffer_size = DEFAULT_BUFFER;
    }
    options_limit(&socket->so, socket->process);
    if (socket->so.send_buffer_size < SEND_BUFFER_MIN) {
        socket->so.send_buffer_size = SEND_BUFFER_MIN;
    }
}

struct unix_socket *unix_socket_new(
    struct sim_kernel *kernel, int type, struct sim_process *process) {
    struct unix_socket *socket = kernel_alloc(kernel, sizeof(*socket));
    socket->kernel = kernel;
    socket->process = process;
    socket->host = process != NULL ? process->host : 0;
    init_options(socket, type);
    socket->peer_credentials = nobody;
    socket->backlog = DATAGRAM_QUEUE_MAX;
    list_init(&socket->queue);
    list_init(&socket->room_waiters);
    list_init(&socket->in_room_waiters);
    list_init(&socket->pending);
    list_init(&socket->in_pending);
    list_init(&socket->in_abstract);
    list_push_tail(&kernel->unix_sockets, &socket->in_kernel);
    return socket;
}

void unix_give_file(struct unix_socket *socket, struct sim_file *file) {
    file->unix_socket = socket;
    socket->file = file;
    socket->serial = file->serial;
    socket->process = file->process;
    socket->accepted = true;
}

int unix_bare_type(int type) {
    int bare = type & WB_SOCK_TYPE_MASK;
    return bare == SOCK_RAW_NUMBER ? WB_SOCK_DGRAM : bare;
}

int unix_open(struct sim_kernel *kernel, int domain, int type, struct sim_file **out_file) {
    (void)domain;
    int fd = file_open(kernel, FILE_UNIX, unix_file_ops(unix_bare_type(type)), type, out_file);
    if (fd >= 0) {
        struct unix_socket *socket = unix_socket_new(kernel, unix_bare_type(type), kernel->current);
        unix_give_file(socket, *out_file);
        if (unix_is_datagram(socket)) {
            unix_name_subject(socket);
        }
    }
    return fd;
}

void unix_name_subject(struct unix_socket *socket) {
    if (socket->subject == WBH_SUBJECT_NONE) {
        socket->subject = WBH_SUBJECT_LOCAL | socket->kernel->local_next;
        socket->kernel->local_next += 2;
    }
}

void unix_wake(struct unix_socket *socket, uint32_t key) {
    if (socket->neighbour != NULL) {
        unix_tell_neighbour(socket->neighbour);
    } else if (socket->file != NULL) {
        file_wake(socket->kernel, socket->file, key);
    }
}

int unix_take_error(struct unix_socket *socket) {
    int error = socket->error;
    socket->error = 0;
    return error;
}

int unix_end_or_again(struct unix_socket *socket) {
    if (!socket->rd_shut) {
        return -EAGAIN;
    }
    socket->end_read = true;
    return 0;
}

/* ---- what it shows ---- */

static bool has_input(const struct unix_socket *socket) {
    return !unix_reads_held(socket) && (socket->queue_len != 0 || socket->pending_count != 0);
}

static uint32_t readable_state(const struct unix_socket *socket) {
    uint32_t state = has_input(socket) ? WB_EPOLLIN | WB_EPOLLRDNORM : 0;
    if (socket->rd_shut) {
        state |= WB_EPOLLIN | WB_EPOLLRDNORM | WB_EPOLLRDHUP;
    }
    if (socket->urgent != NULL && !unix_reads_held(socket)) {
        state |= WB_EPOLLPRI;
    }
    return state;
}

static uint32_t look(struct unix_socket *socket, bool to_wait) {
    const uint32_t writable = WB_EPOLLOUT | WB_EPOLLWRNORM | WB_EPOLLWRBAND;
    uint32_t state = readable_state(socket);
    bool is_unconnected = !unix_is_datagram(socket) && socket->state == UNIX_CLOSED;
    if ((socket->rd_shut && socket->snd_shut) || is_unconnected) {
        state |= WB_EPOLLHUP;
    }
    if (socket->error != 0) {
        state |= WB_EPOLLERR;
    }
    if (unix_writable(socket) && !unix_peer_is_full(socket, to_wait)) {
        state |= writable;
    }
    return state;
}

static uint32_t unix_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    return look(file->unix_socket, true);
}

static uint32_t unix_peek(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    return look(file->unix_socket, false);
}

static const char *unix_what(const struct sim_file *file) {
    const struct unix_socket *socket = file->unix_socket;
    if (socket->state == UNIX_LISTENING) {
        return "unix listener";
    }
    return socket->so.type == WB_SOCK_STREAM  ? "unix stream socket"
           : socket->so.type == WB_SOCK_DGRAM ? "unix datagram socket"
                                              : "unix seqpacket socket";
}

static uint32_t unix_subject(const struct sim_file *file) {
    return file->unix_socket->subject;
}

static uint32_t unix_spurious_subject(const struct sim_file *file) {
    const struct unix_socket *socket = file->unix_socket;
    return socket->state == UNIX_LISTENING ? WBH_SUBJECT_LISTENER : socket->subject;
}

/* ---- shutdown and close ---- */

static void emit_end(const struct unix_socket *socket, uint32_t flags) {
    struct sim_event event = event_begin(socket->kernel, SIM_EVENT_ARRIVE);
    event.process = unix_process(socket);
    event.subject = socket->subject;
    event.b = flags | (socket->neighbour == NULL ? SIM_ARRIVE_TO_PROGRAM : 0u);
    event_emit(socket->kernel, &event);
}

static void shut(struct unix_socket *socket, bool reading, bool writing) {
    socket->rd_shut = socket->rd_shut || reading;
    socket->snd_shut = socket->snd_shut || writing;
    unix_release_reads(socket);
    unix_wake(socket, KEY_NONE);
}

static void shut_by_peer(struct unix_socket *socket, bool reading, bool writing) {
    if (reading && !socket->end_arrived) {
        socket->end_arrived = true;
        emit_end(socket, SIM_ARRIVE_FIN);
    }
    shut(socket, reading, writing);
}

/* What is shut here is shut at the other end of a connection, too, the other way round. */
static int unix_shutdown(struct sim_kernel *kernel, struct sim_file *file, int how) {
    (void)kernel;
    if (how < WB_SHUT_RD || how > WB_SHUT_RDWR) {
        return -EINVAL;
    }
    struct unix_socket *socket = file->unix_socket;
    bool reading = how != WB_SHUT_WR;
    bool writing = how != WB_SHUT_RD;
    shut(socket, reading, writing);
    if (socket->peer != NULL && !unix_is_datagram(socket)) {
        shut_by_peer(socket->peer, writing, reading);
    }
    return 0;
}

/* A mark that urgent data left is nothing that was not read; Linux takes an empty message for one.
 */
static bool leaves_data(const struct unix_socket *socket) {
    const struct unix_message *first = unix_first(socket);
    if (first != NULL && first->taken == first->len) {
        first = unix_after(socket, first);
    }
    return first != NULL;
}

static void close_connection(struct unix_socket *socket, struct unix_socket *peer, bool is_embryo) {
    if (leaves_data(socket) || is_embryo) {
        peer->error = ECONNRESET;
        emit_end(peer, SIM_ARRIVE_RST);
    }
    shut_by_peer(peer, true, true);
}

static void drop_queue(struct unix_socket *socket) {
    for (;;) {
        struct unix_message *message = unix_first(socket);
        if (message == NULL) {
            break;
        }
        unix_message_drop(message, socket);
    }
    while (!list_is_empty(&socket->pending)) {
        struct unix_socket *server =
            LIST_ENTRY(socket->pending.next, struct unix_socket, in_pending);
        list_remove(&server->in_pending);
        socket->pending_count--;
        unix_close(server, true);
    }
}

void unix_close(struct unix_socket *socket, bool is_embryo) {
    struct unix_socket *peer = socket->peer;
    socket->dead = true;
    socket->rd_shut = true;
    socket->snd_shut = true;
    socket->urgent = NULL;
    socket->peer = NULL;
    unix_release_name(socket);
    unix_release_reads(socket);
    unix_tell_room(socket, KEY_NONE);
    if (peer != NULL && !unix_is_datagram(socket)) {
        close_connection(socket, peer, is_embryo);
    }
    if (socket->waits_for != NULL) {
        unix_stop_waiting(socket, socket->waits_for);
    }
    drop_queue(socket);
    socket->state = UNIX_CLOSED;
}

static void unix_release(struct sim_kernel *kernel, struct sim_file *file) {
    file->unix_socket->file = NULL;
    unix_close(file->unix_socket, false);
    unix_collect_garbage(kernel);
}

/* ---- looking in from outside ---- */

static void describe(struct unix_socket *socket, struct sim_connection_info *out) {
    bool held = unix_reads_held(socket);
    *out = (struct sim_connection_info){
        .subject = socket->subject,
        .fd = socket->file != NULL ? fd_of_file(socket->process, socket->file) : -1,
        .accepted = socket->accepted,
        .closed = socket->accepted && socket->file == NULL,
        .state = look(socket, false),
        .unread_len = held ? 0 : socket->queue_bytes,
        .fin_unread = socket->end_arrived && !socket->end_read,
        .error = socket->error,
        .peer_unread_len = socket->peer != NULL ? socket->peer->queue_bytes : 0,
        .in_flight_len = held ? socket->queue_bytes : 0,
        .received_len = socket->received_len,
        .sent_len = socket->sent_len,
    };
}

void unix_each_connection(struct sim_kernel *kernel, unsigned process,
    void (*visit)(void *user_data, const struct sim_connection_info *info), void *user_data) {
    struct list *all = &kernel->unix_sockets;
    for (struct list *node = all->next; node != all; node = node->next) {
        struct unix_socket *socket = LIST_ENTRY(node, struct unix_socket, in_kernel);
        bool is_given_up = socket->dead && !socket->accepted;
        bool is_connection = socket->was_connected && !unix_is_datagram(socket) && !is_given_up;
        bool is_own = socket->process != NULL && socket->process->number == process;
        if (is_connection && is_own) {
            struct sim_connection_info info;
            describe(socket, &info);
            visit(user_data, &info);
        }
    }
}

bool unix_describe_datagrams(struct sim_file *file, struct sim_datagram_info *info) {
    struct unix_socket *socket = file->unix_socket;
    if (!unix_is_datagram(socket)) {
        return false;
    }
    info->file = file->serial;
    info->subject = socket->subject;
    info->state = look(socket, false);
    info->error = socket->error;
    const struct unix_message *first = unix_first(socket);
    if (first != NULL && !unix_reads_held(socket)) {
        info->subject = unix_matter_of(socket, first->from)->subject;
        info->unread_count = socket->queue_len;
        info->unread_len = socket->queue_bytes;
    }
    return true;
}

/* ---- bytes ---- */

static int64_t unix_recv(
    struct sim_kernel *kernel, struct sim_file *file, struct wb_msghdr *msg, int flags) {
    return file->unix_socket->so.type == WB_SOCK_STREAM
               ? unix_stream_recv(kernel, file, msg, flags)
               : unix_datagram_recv(kernel, file, msg, flags);
}

static int64_t unix_send(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags) {
    return file->unix_socket->so.type == WB_SOCK_STREAM
               ? unix_stream_send(kernel, file, msg, flags)
               : unix_datagram_send(kernel, file, msg, flags);
}

/* ---- options ---- */

static struct socket_options *unix_options(struct sim_file *file) {
    return &file->unix_socket->so;
}

static int unix_take_file_error(struct sim_file *file) {
    return unix_take_error(file->unix_socket);
}

static bool unix_is_listening(const struct sim_file *file) {
    return file->unix_socket->state == UNIX_LISTENING;
}

/* Its peer may have shut reading: that is no event. Nor is room in a receiver's queue, whatever the
 * own buffer holds. */
static bool unix_send_is_over(const struct sim_file *file) {
    return file->unix_socket->snd_shut || file->unix_socket->sleeps_for_receivers;
}

static void unix_option_set(struct sim_kernel *kernel, struct sim_file *file, int name) {
    (void)kernel;
    if (name == WB_SO_SNDBUF && unix_writable(file->unix_socket)) {
        unix_wake(file->unix_socket, KEY_WRITE);
    }
}

static void give(void *value, uint32_t *value_len, const void *from, uint32_t size) {
    uint32_t len = *value_len < size ? *value_len : size;
    memcpy(value, from, len);
    *value_len = len;
}

static int unix_get_other(
    struct sim_file *file, int level, int name, void *value, uint32_t *value_len) {
    const struct unix_socket *socket = file->unix_socket;
    if (level == WB_SOL_SOCKET && name == WB_SO_PEERCRED) {
        give(value, value_len, &socket->peer_credentials, sizeof(socket->peer_credentials));
        return 0;
    }
    if (level == WB_SOL_SOCKET && name == WB_SO_PASSCRED) {
        int number = socket->passes_credentials;
        give(value, value_len, &number, sizeof(number));
        return 0;
    }
    return -ENOPROTOOPT_NUMBER;
}

static int unix_set_other(
    struct sim_file *file, int level, int name, const void *value, uint32_t value_len) {
    int number;
    if (level != WB_SOL_SOCKET || name != WB_SO_PASSCRED) {
        return -ENOPROTOOPT_NUMBER;
    }
    if (value_len < sizeof(number)) {
        return -EINVAL;
    }
    if (value == NULL) {
        return -EFAULT;
    }
    memcpy(&number, value, sizeof(number));
    file->unix_socket->passes_credentials = number != 0;
    return 0;
}

static uint32_t unix_moved_subject(const struct sim_file *file) {
    const struct unix_socket *socket = file->unix_socket;
    return unix_is_datagram(socket) ? socket->moved_subject : socket->subject;
}

static const struct socket_ops unix_socket_ops = {
    .bind = unix_bind,
    .listen = unix_listen,
    .accept = unix_accept,
    .connect = unix_connect,
    .shutdown = unix_shutdown,
    .name = unix_getname,
    .recv = unix_recv,
    .send = unix_send,
    .options = unix_options,
    .take_error = unix_take_file_error,
    .is_listening = unix_is_listening,
    .send_is_over = unix_send_is_over,
    .option_set = unix_option_set,
    .get_other = unix_get_other,
    .set_other = unix_set_other,
    .moved_subject = unix_moved_subject,
};

#define UNIX_FILE_OPS                                                                              \
    .what = unix_what, .poll = unix_poll, .peek = unix_peek, .release = unix_release,              \
    .subject = unix_subject, .spurious_subject = unix_spurious_subject,                            \
    .socket = &unix_socket_ops, .checks_buffers = true

static const struct file_ops stream_file_ops = {UNIX_FILE_OPS, .raises_sigpipe = true};
static const struct file_ops message_file_ops = {UNIX_FILE_OPS};

const struct file_ops *unix_file_ops(int type) {
    return type == WB_SOCK_STREAM ? &stream_file_ops : &message_file_ops;
}
