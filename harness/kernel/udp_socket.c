/* UDP as a kind of file: its answers to the calls that every socket has. */
#include "kernel/udp.h"

#include <errno.h>

static uint32_t poll_udp(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    return udp_poll(file->datagram);
}

static const char *what_udp(const struct sim_file *file) {
    (void)file;
    return "udp socket";
}

static void release_udp(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    udp_close(file->datagram);
}

static uint32_t subject_of(const struct sim_file *file) {
    return file->datagram->subject;
}

/* A socket that serves everybody is where the world knocks, as a listener is. */
static uint32_t spurious_subject(const struct sim_file *file) {
    return file->datagram->connected ? file->datagram->subject : WBH_SUBJECT_LISTENER;
}

static void note_known(struct sim_file *file, uint32_t events) {
    if ((events & WB_EPOLLIN) != 0 && udp_first(file->datagram) != NULL) {
        file->datagram->known_readable = true;
    }
}

/* ---- calls ---- */

static int bind_udp(struct sim_kernel *kernel, struct sim_file *file,
    const struct wb_sockaddr *addr, uint32_t len) {
    (void)kernel;
    return udp_bind(file->datagram, addr, len);
}

static int listen_udp(struct sim_kernel *kernel, struct sim_file *file, int backlog) {
    (void)kernel;
    (void)file;
    (void)backlog;
    return -EOPNOTSUPP;
}

static int accept_udp(struct sim_kernel *kernel, struct sim_file *file, struct wb_sockaddr *addr,
    uint32_t *addr_len, int flags, struct sim_file **out_file) {
    (void)kernel;
    (void)file;
    (void)addr;
    (void)addr_len;
    (void)flags;
    (void)out_file;
    return -EOPNOTSUPP;
}

static int connect_udp(struct sim_kernel *kernel, struct sim_file *file,
    const struct wb_sockaddr *addr, uint32_t len) {
    (void)kernel;
    return udp_connect(file->datagram, addr, len);
}

static int shutdown_udp(struct sim_kernel *kernel, struct sim_file *file, int how) {
    (void)kernel;
    return udp_shutdown(file->datagram, how);
}

static int name_udp(struct sim_kernel *kernel, struct sim_file *file, bool of_peer,
    struct wb_sockaddr *addr, uint32_t *addr_len) {
    (void)kernel;
    const struct sim_datagram *socket = file->datagram;
    if (of_peer && (!socket->connected || socket->remote.port == 0)) {
        return -ENOTCONN;
    }
    address_store(of_peer ? &socket->remote : &socket->local, addr, addr_len);
    return 0;
}

static int64_t recv_udp(
    struct sim_kernel *kernel, struct sim_file *file, struct wb_msghdr *msg, int flags) {
    (void)kernel;
    return udp_recv(file->datagram, msg, flags);
}

static int64_t send_udp(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_msghdr *msg, int flags) {
    (void)kernel;
    return udp_send(file->datagram, msg, flags);
}

static uint32_t moved_subject(const struct sim_file *file) {
    return file->datagram->moved_subject;
}

/* ---- options ---- */

static struct socket_options *options_of(struct sim_file *file) {
    return &file->datagram->so;
}

static int take_error(struct sim_file *file) {
    return udp_take_error(file->datagram);
}

static bool is_listening(const struct sim_file *file) {
    (void)file;
    return false;
}

static void option_set(struct sim_kernel *kernel, struct sim_file *file, int name) {
    (void)kernel;
    if (name == WB_SO_SNDBUF && file->datagram->write_hold.until_ns == 0) {
        udp_wake(file->datagram, KEY_WRITE);
    }
}

static int get_int(struct sim_file *file, int level, int name, int *out_value) {
    const struct sim_datagram *socket = file->datagram;
    return ip_option_get(&socket->ip, &socket->so, level, name, out_value);
}

static int set_int(struct sim_file *file, int level, int name, int value) {
    struct sim_datagram *socket = file->datagram;
    return ip_option_set(&socket->ip, &socket->so, socket->bound, level, name, value);
}

static int set_other(
    struct sim_file *file, int level, int name, const void *value, uint32_t value_len) {
    return udp_set_membership(file->datagram, level, name, value, value_len);
}

static uint16_t port_of(const struct sim_file *file, bool of_peer) {
    return of_peer ? file->datagram->remote.port : file->datagram->local.port;
}

static const struct socket_ops udp_socket_ops = {
    .bind = bind_udp,
    .listen = listen_udp,
    .accept = accept_udp,
    .connect = connect_udp,
    .shutdown = shutdown_udp,
    .name = name_udp,
    .recv = recv_udp,
    .send = send_udp,
    .options = options_of,
    .take_error = take_error,
    .is_listening = is_listening,
    .option_set = option_set,
    .get_int = get_int,
    .set_int = set_int,
    .set_other = set_other,
    .port = port_of,
    .moved_subject = moved_subject,
};

static const struct file_ops udp_file_ops = {
    .what = what_udp,
    .poll = poll_udp,
    .release = release_udp,
    .subject = subject_of,
    .spurious_subject = spurious_subject,
    .note_known = note_known,
    .socket = &udp_socket_ops,
    .checks_buffers = true,
};

int udp_open(struct sim_kernel *kernel, int domain, int flags, struct sim_file **out_file) {
    int fd = file_open(kernel, FILE_UDP, &udp_file_ops, flags, out_file);
    if (fd >= 0) {
        struct sim_datagram *socket = udp_new(kernel, domain, kernel->current);
        socket->file = *out_file;
        socket->serial = socket->file->serial;
        (*out_file)->datagram = socket;
    }
    return fd;
}
