/* The two kinds of system that a sequence runs on, and what makes their answers comparable. */
#include "fidelity/side.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Not in the seam: only the real side needs them, and passes them through. */
enum {
    TCP_INFO_NAME = 11,
    TCP_QUICKACK_NAME = 12,
    TCP_STATE_FIN_WAIT1 = 4,
    TCP_STATE_CLOSE_WAIT = 8
};
enum { SETTLE_SPINS_MAX = 2000000 };

static uint16_t to_network(uint16_t value) {
    uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    uint16_t out;
    memcpy(&out, bytes, sizeof(out));
    return out;
}

void fid_side_loopback(enum fid_kind kind, uint16_t port, struct wb_sockaddr *out_addr) {
    memset(out_addr, 0, sizeof(*out_addr));
    if (kind == FID_KIND_TCP6 || kind == FID_KIND_UDP6) {
        out_addr->in6.family = WB_AF_INET6;
        out_addr->in6.port_be = to_network(port);
        out_addr->in6.addr[15] = 1;
    } else {
        out_addr->in.family = WB_AF_INET;
        out_addr->in.port_be = to_network(port);
        out_addr->in.addr[0] = 127;
        out_addr->in.addr[3] = 1;
    }
}

/* ---- what it can do ---- */

static int probe_socket(const struct wb_sys *sys, int domain, int type) {
    return sys->ops->socket == NULL
               ? -ENOSYS
               : WB_SYS(sys, socket, domain, type | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC, 0);
}

/* Where there are directories there are files. */
static int probe_directory(const struct wb_sys *sys, int flags) {
    return sys->ops->openat == NULL
               ? -ENOSYS
               : WB_SYS(sys, openat, WB_AT_FDCWD, "/", flags | WB_O_CLOEXEC, 0);
}

/* An urgent byte alone makes its receiver PRI. */
static int probe_urgent(const struct fid_side *side) {
    const struct wb_sys *sys = side->sys;
    struct wb_pollfd server = {.fd = -1, .events = WB_EPOLLPRI};
    int client = probe_socket(sys, WB_AF_INET, WB_SOCK_STREAM);
    if (side->listener[0] < 0 || client < 0) {
        return client < 0 ? client : -ENOSYS;
    }
    struct wb_sockaddr addr;
    fid_side_loopback(FID_KIND_TCP4, 0, &addr);
    addr.in.port_be = side->listener_addr[0].in.port_be;
    (void)WB_SYS(sys, connect, client, &addr, fid_addr_len(&addr));
    server.fd = WB_SYS(sys, accept4, side->listener[0], NULL, NULL, WB_SOCK_NONBLOCK);
    (void)WB_SYS(sys, send, client, "!", 1, WB_MSG_OOB | WB_MSG_NOSIGNAL);
    (void)WB_SYS(sys, poll, &server, 1, 0);
    (void)WB_SYS(sys, close, client);
    if ((server.revents & (int16_t)WB_EPOLLPRI) == 0) {
        (void)WB_SYS(sys, close, server.fd);
        return -EOPNOTSUPP;
    }
    return server.fd;
}

static int probe_kind(const struct fid_side *side, enum fid_kind kind) {
    const struct wb_sys *sys = side->sys;
    int fds[2];
    switch (kind) {
    case FID_KIND_TCP4:
        return probe_socket(sys, WB_AF_INET, WB_SOCK_STREAM);
    case FID_KIND_TCP6:
        return probe_socket(sys, WB_AF_INET6, WB_SOCK_STREAM);
    case FID_KIND_UDP4:
        return probe_socket(sys, WB_AF_INET, WB_SOCK_DGRAM);
    case FID_KIND_UDP6:
        return probe_socket(sys, WB_AF_INET6, WB_SOCK_DGRAM);
    case FID_KIND_UNIX_STREAM:
        return probe_socket(sys, WB_AF_UNIX, WB_SOCK_STREAM);
    case FID_KIND_UNIX_DGRAM:
        return probe_socket(sys, WB_AF_UNIX, WB_SOCK_DGRAM);
    case FID_KIND_UNIX_SEQPACKET:
        return probe_socket(sys, WB_AF_UNIX, WB_SOCK_SEQPACKET);
    case FID_KIND_PIPE: {
        int result = sys->ops->pipe2 == NULL ? -ENOSYS : WB_SYS(sys, pipe2, fds, 0);
        if (result == 0) {
            (void)WB_SYS(sys, close, fds[0]);
            return fds[1];
        }
        return result;
    }
    case FID_KIND_EVENTFD:
        return sys->ops->eventfd == NULL ? -ENOSYS : WB_SYS(sys, eventfd, 0, 0);
    case FID_KIND_TIMERFD:
        return sys->ops->timerfd_create == NULL
                   ? -ENOSYS
                   : WB_SYS(sys, timerfd_create, WB_CLOCK_MONOTONIC, 0);
    case FID_KIND_SIGNALFD:
        return sys->ops->signalfd == NULL ? -ENOSYS : WB_SYS(sys, signalfd, 0, 0);
    case FID_KIND_EPOLL:
        return sys->ops->epoll_create1 == NULL ? -ENOSYS : WB_SYS(sys, epoll_create1, 0);
    case FID_KIND_FILE:
        return probe_directory(sys, WB_O_RDONLY);
    case FID_KIND_DIRECTORY:
        return probe_directory(sys, WB_O_RDONLY | WB_O_DIRECTORY);
    case FID_KIND_SELECT:
        return sys->ops->select == NULL ? -ENOSYS : WB_SYS(sys, dup, 0);
    case FID_KIND_URGENT:
        return probe_urgent(side);
    case FID_KIND_COUNT:
        break;
    }
    return -ENOSYS;
}

void fid_side_probe(const struct fid_side *side, int out_errors[FID_KIND_COUNT]) {
    for (int kind = 0; kind < FID_KIND_COUNT; kind++) {
        int fd = probe_kind(side, (enum fid_kind)kind);
        out_errors[kind] = fd < 0 ? fd : 0;
        if (fd >= 0) {
            (void)WB_SYS(side->sys, close, fd);
        }
    }
}

uint64_t fid_side_codes(const struct fid_side *side) {
    uint64_t codes = (UINT64_C(1) << FID_OP_COUNT) - 1;
    if (side->sys->ops->recvmmsg == NULL) {
        codes &= ~(UINT64_C(1) << FID_OP_RECVMMSG);
    }
    if (side->sys->ops->timerfd_settime == NULL) {
        codes &= ~(UINT64_C(1) << FID_OP_SETTIME);
    }
    if (side->sys->ops->timerfd_gettime == NULL) {
        codes &= ~(UINT64_C(1) << FID_OP_GETTIME);
    }
    if (side->sys->ops->sendmmsg == NULL) {
        codes &= ~(UINT64_C(1) << FID_OP_SENDMMSG);
    }
    return codes;
}

/* ---- life ---- */

/* A listener on all addresses, for the pairs of one family; -1 where there is no such family. */
static void open_listener(struct fid_side *side, int which, enum fid_kind kind) {
    const struct wb_sys *sys = side->sys;
    struct wb_sockaddr *addr = &side->listener_addr[which];
    uint32_t len = sizeof(*addr);
    int fd = probe_kind(side, kind);
    int on = 1;
    side->listener[which] = -1;
    if (fd < 0) {
        return;
    }
    fid_side_loopback(kind, 0, addr);
    if (kind == FID_KIND_TCP4) {
        memset(addr->in.addr, 0, sizeof(addr->in.addr)); /* for 127.0.0.0/8 */
    }
    if (WB_SYS(sys, bind, fd, addr, fid_addr_len(addr)) != 0 || WB_SYS(sys, listen, fd, 16) != 0
        || WB_SYS(sys, setsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, &on, sizeof(on)) != 0
        || WB_SYS(sys, getsockname, fd, addr, &len) != 0) {
        (void)WB_SYS(sys, close, fd);
        return;
    }
    side->listener[which] = fd;
}

void fid_side_init_sim(struct fid_side *side, struct sim_kernel *kernel, const struct wb_sys *sys) {
    memset(side, 0, sizeof(*side));
    side->sys = sys;
    side->kernel = kernel;
    fid_side_begin(side);
}

static void raised_signals(sigset_t *set) {
    sigemptyset(set);
    for (unsigned i = 0; i < fid_arg_count(FID_ARG_SIGNAL); i++) {
        sigaddset(set, (int)fid_arg_value(FID_ARG_SIGNAL, (uint8_t)i));
    }
}

int fid_side_renumber(struct fid_side *side) {
    int result = 0;
    unsigned count = 0;
    for (; result >= 0 && count < FID_NUMBER_COUNT; count++) {
        result = WB_SYS(side->sys, eventfd, 0, 0);
        side->fds[count] = result;
    }
    for (unsigned i = 0; i < count; i++) {
        if (side->fds[i] >= 0) {
            (void)WB_SYS(side->sys, close, side->fds[i]);
        }
    }
    return result < 0 ? result : 0;
}

int fid_side_init_real(struct fid_side *side, const struct wb_sys *sys) {
    sigset_t set;
    memset(side, 0, sizeof(*side));
    side->sys = sys;
    side->process = (uint32_t)getpid();
    raised_signals(&set);
    (void)umask(S_IWGRP | S_IWOTH);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return -errno;
    }
    open_listener(side, 0, FID_KIND_TCP4);
    open_listener(side, 1, FID_KIND_TCP6);
    return fid_side_renumber(side);
}

void fid_side_clean_up(struct fid_side *side) {
    for (int i = 0; i < 2; i++) {
        if (side->kernel == NULL && side->listener[i] >= 0) {
            (void)WB_SYS(side->sys, close, side->listener[i]);
        }
    }
}

void fid_side_begin(struct fid_side *side) {
    side->name_count = 0;
    if (side->kernel == NULL) {
        return;
    }
    struct sim_config config = {0};
    sim_kernel_reset(side->kernel, &config);
    side->has_files = false;
    open_listener(side, 0, FID_KIND_TCP4);
    open_listener(side, 1, FID_KIND_TCP6);
    int first = WB_SYS(side->sys, dup, 0);
    (void)WB_SYS(side->sys, close, first);
    for (int i = 0; i < FID_NUMBER_COUNT; i++) {
        side->fds[i] = first + i;
    }
}

static void close_abruptly(const struct wb_sys *sys, int fd, const struct fid_file *file) {
    struct wb_linger now = {.onoff = 1};
    if ((FID_KIND_BIT(file->kind) & FID_KINDS_TCP) != 0) {
        (void)WB_SYS(sys, setsockopt, fd, WB_SOL_SOCKET, WB_SO_LINGER, &now, (uint32_t)sizeof(now));
    }
    (void)WB_SYS(sys, close, fd);
}

void fid_side_end(struct fid_side *side, const struct fid_world *world) {
    if (side->kernel != NULL) {
        return; /* the next reset takes it all back */
    }
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        const struct fid_file *file = fid_world_file(world, i);
        if (file != NULL) {
            close_abruptly(side->sys, side->fds[i], file);
        }
    }
    fid_side_remove_files(side);
    sigset_t set;
    raised_signals(&set);
    const struct timespec at_once = {0};
    while (sigtimedwait(&set, NULL, &at_once) > 0) {
    }
}

/* ---- numbers ---- */

int fid_side_fd(const struct fid_side *side, uint8_t number) {
    return number < FID_NUMBER_COUNT ? side->fds[number] : -1;
}

int64_t fid_side_number(const struct fid_side *side, int fd) {
    if (fd < 0) {
        return fd;
    }
    for (int i = 0; i < FID_NUMBER_COUNT; i++) {
        if (side->fds[i] == fd) {
            return i;
        }
    }
    return FID_NUMBER_COUNT;
}

/* ---- addresses ---- */

enum address_class {
    CLASS_NONE,
    CLASS_ANY,
    CLASS_LOOPBACK,
    CLASS_MAPPED,
    CLASS_UNNAMED,
    CLASS_NAMED,
    CLASS_OTHER_LOOPBACK, /* of 127.0.0.0/8, but 127.0.0.1 */
};

static bool all_zero(const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

static enum address_class class_of(const struct wb_sockaddr *addr, uint32_t len) {
    switch (addr->family) {
    case WB_AF_INET:
        if (addr->in.addr[0] == 127) {
            return all_zero(addr->in.addr + 1, 2) && addr->in.addr[3] == 1 ? CLASS_LOOPBACK
                                                                           : CLASS_OTHER_LOOPBACK;
        }
        return all_zero(addr->in.addr, 4) ? CLASS_ANY : CLASS_NONE;
    case WB_AF_INET6:
        if (all_zero(addr->in6.addr, 16)) {
            return CLASS_ANY;
        }
        if (all_zero(addr->in6.addr, 15) && addr->in6.addr[15] == 1) {
            return CLASS_LOOPBACK;
        }
        return all_zero(addr->in6.addr, 10) && addr->in6.addr[10] == 0xff ? CLASS_MAPPED
                                                                          : CLASS_NONE;
    case WB_AF_UNIX:
        return len <= sizeof(addr->family) ? CLASS_UNNAMED : CLASS_NAMED;
    default:
        return CLASS_NONE;
    }
}

/* What tells one address from another; false if there is nothing. */
static bool key_of(const struct wb_sockaddr *addr, uint32_t len, struct fid_name *out_key) {
    memset(out_key, 0, sizeof(*out_key));
    if (addr->family == WB_AF_INET || addr->family == WB_AF_INET6) {
        uint16_t port = addr->family == WB_AF_INET ? addr->in.port_be : addr->in6.port_be;
        /* Each family has ports of its own; IPv4 in the clothes of IPv6 is IPv4. */
        out_key->len = 1 + sizeof(port);
        out_key->bytes[0] =
            (uint8_t)(class_of(addr, len) == CLASS_MAPPED ? WB_AF_INET : addr->family);
        memcpy(out_key->bytes + 1, &port, sizeof(port));
        return port != 0;
    }
    uint32_t path_len = len > sizeof(addr->family) ? len - (uint32_t)sizeof(addr->family) : 0;
    if (addr->family != WB_AF_UNIX || path_len == 0) {
        return false;
    }
    out_key->len =
        (uint16_t)(path_len < sizeof(out_key->bytes) ? path_len : sizeof(out_key->bytes));
    memcpy(out_key->bytes, addr->un.path, out_key->len);
    return true;
}

static const struct fid_name *find_name(const struct fid_side *side, const struct fid_name *key) {
    for (unsigned i = 0; i < side->name_count; i++) {
        const struct fid_name *name = &side->names[i];
        if (name->len == key->len && memcmp(name->bytes, key->bytes, key->len) == 0) {
            return name;
        }
    }
    return NULL;
}

int64_t fid_side_name(
    const struct fid_side *side, const struct wb_sockaddr *addr, uint32_t addr_len) {
    if (addr_len < sizeof(addr->family)) {
        return 0;
    }
    struct fid_name key;
    const struct fid_name *name = key_of(addr, addr_len, &key) ? find_name(side, &key) : NULL;
    return (int64_t)addr->family << 16 | (int64_t)class_of(addr, addr_len) << 8
           | (name != NULL ? name->id : 0);
}

void fid_side_learn(struct fid_side *side, int fd) {
    struct wb_sockaddr addr = {.family = 0};
    uint32_t len = sizeof(addr);
    struct fid_name key;
    if (side->name_count == FID_NAMES_MAX || WB_SYS(side->sys, getsockname, fd, &addr, &len) != 0
        || !key_of(&addr, len, &key) || find_name(side, &key) != NULL) {
        return;
    }
    key.id = (uint8_t)(side->name_count + 1);
    side->names[side->name_count++] = key;
}

uint32_t fid_side_fresh_address(
    struct fid_side *side, enum fid_kind kind, struct wb_sockaddr *out_addr) {
    if ((FID_KIND_BIT(kind) & FID_KINDS_UNIX) == 0) {
        fid_side_loopback(kind, 0, out_addr);
        return fid_addr_len(out_addr);
    }
    memset(out_addr, 0, sizeof(*out_addr));
    out_addr->un.family = WB_AF_UNIX;
    int len = snprintf(out_addr->un.path + 1, sizeof(out_addr->un.path) - 1, "wbfid%08x%08x",
        side->process, side->bound_count++);
    return (uint32_t)(sizeof(out_addr->family) + 1 + (size_t)len);
}

/* ---- the world's part ---- */

static bool is_in_state(const struct fid_side *side, int fd, int state) {
    uint8_t info[8] = {0};
    uint32_t len = sizeof(info);
    return WB_SYS(side->sys, getsockopt, fd, WB_IPPROTO_TCP, TCP_INFO_NAME, info, &len) == 0
           && info[0] == state;
}

static bool fin_is_unacknowledged(const struct fid_side *side, int fd) {
    return is_in_state(side, fd, TCP_STATE_FIN_WAIT1);
}

/* An acknowledgement is only sent at once by whoever has nothing in its queue, not even the FIN. To
 * read that changes nothing: the end stays the end. */
static void hurry(const struct fid_side *side, int peer) {
    const int look = WB_MSG_PEEK | WB_MSG_DONTWAIT;
    uint8_t byte;
    int on = 1;
    /* Who has got no FIN may have an error, which a look would consume. */
    if (!is_in_state(side, peer, TCP_STATE_CLOSE_WAIT)
        || WB_SYS(side->sys, recv, peer, &byte, 1, look) != 0) {
        return;
    }
    (void)WB_SYS(side->sys, recv, peer, &byte, 1, WB_MSG_DONTWAIT);
    (void)WB_SYS(
        side->sys, setsockopt, peer, WB_IPPROTO_TCP, TCP_QUICKACK_NAME, &on, (uint32_t)sizeof(on));
}

void fid_side_settle(const struct fid_side *side, int fd, int peer) {
    if (side->kernel != NULL || !fin_is_unacknowledged(side, fd)) {
        return;
    }
    if (peer >= 0) {
        hurry(side, peer);
    }
    for (int i = 0; i < SETTLE_SPINS_MAX && fin_is_unacknowledged(side, fd); i++) {
    }
}

void fid_side_raise(const struct fid_side *side, int signal) {
    if (side->kernel != NULL) {
        sim_signal(side->kernel, 0, signal);
    } else {
        (void)kill(getpid(), signal);
    }
}
