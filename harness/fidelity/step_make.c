/* Operations that open descriptors, and the one that closes them. */
#include "fidelity/step.h"

#include <errno.h>
#include <string.h>

enum { SOCKET_FLAGS = WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC };

static void put_number(const struct fid_call *call, const char *label, int fd) {
    fid_fact_add(call->out, label, FID_FORM_NUMBER, fid_side_number(call->side, fd));
}

static int domain_of(enum fid_kind kind) {
    uint32_t bit = FID_KIND_BIT(kind);
    if ((bit & FID_KINDS_UNIX) != 0) {
        return WB_AF_UNIX;
    }
    return kind == FID_KIND_TCP6 || kind == FID_KIND_UDP6 ? WB_AF_INET6 : WB_AF_INET;
}

static int type_of(enum fid_kind kind) {
    if (kind == FID_KIND_UNIX_SEQPACKET) {
        return WB_SOCK_SEQPACKET;
    }
    return (FID_KIND_BIT(kind) & (FID_KINDS_TCP | FID_KIND_BIT(FID_KIND_UNIX_STREAM))) != 0
               ? WB_SOCK_STREAM
               : WB_SOCK_DGRAM;
}

/* Nothing is ever held back for a fuller segment (T4). */
static void set_nodelay(const struct fid_call *call, enum fid_kind kind, int fd) {
    int on = 1;
    if (fd >= 0 && (FID_KIND_BIT(kind) & FID_KINDS_TCP) != 0) {
        (void)WB_SYS(
            call->sys, setsockopt, fd, WB_IPPROTO_TCP, WB_TCP_NODELAY, &on, (uint32_t)sizeof(on));
    }
}

static int new_socket(const struct fid_call *call, enum fid_kind kind) {
    int fd = WB_SYS(call->sys, socket, domain_of(kind), type_of(kind) | SOCKET_FLAGS, 0);
    set_nodelay(call, kind, fd);
    return fd;
}

/* Over a listener that no sequence sees. Destinations vary, so that a connection never meets what
 * an earlier one left behind. */
static void pair_tcp(const struct fid_call *call, enum fid_kind kind) {
    int which = kind == FID_KIND_TCP6;
    struct wb_sockaddr addr = call->side->listener_addr[which];
    if (kind == FID_KIND_TCP4) {
        uint32_t count = call->side->pair_count++;
        addr.in.addr[0] = 127;
        addr.in.addr[1] = (uint8_t)(count >> 12);
        addr.in.addr[2] = (uint8_t)(count >> 4);
        addr.in.addr[3] = (uint8_t)(1 + (count & 15));
    }
    int client = new_socket(call, kind);
    int connected =
        client < 0 ? client : WB_SYS(call->sys, connect, client, &addr, fid_addr_len(&addr));
    int server = -EINVAL;
    if (connected == 0 || connected == -EINPROGRESS) {
        server = WB_SYS(call->sys, accept4, call->side->listener[which], NULL, NULL, SOCKET_FLAGS);
        fid_side_learn(call->side, client);
    }
    put_number(call, "", client);
    put_number(call, "and", server);
}

/* Two bound sockets, each connected to the other. */
static void pair_udp(const struct fid_call *call, enum fid_kind kind) {
    struct wb_sockaddr addr[2];
    int fds[2];
    int result = 0;
    for (int i = 0; i < 2; i++) {
        uint32_t len = sizeof(addr[i]);
        fds[i] = new_socket(call, kind);
        fid_side_loopback(kind, 0, &addr[i]);
        result |= WB_SYS(call->sys, bind, fds[i], &addr[i], fid_addr_len(&addr[i]));
        result |= WB_SYS(call->sys, getsockname, fds[i], &addr[i], &len);
        fid_side_learn(call->side, fds[i]);
    }
    for (int i = 0; i < 2; i++) {
        result |= WB_SYS(call->sys, connect, fds[i], &addr[1 - i], fid_addr_len(&addr[1 - i]));
    }
    put_number(call, "", fds[0]);
    put_number(call, "and", fds[1]);
    fid_fact_add(call->out, "connected", FID_FORM_VALUE, result == 0);
}

static void make_pair(const struct fid_call *call) {
    enum fid_kind kind = (enum fid_kind)fid_call_value(call, 0);
    uint32_t bit = FID_KIND_BIT(kind);
    if ((bit & FID_KINDS_TCP) != 0) {
        pair_tcp(call, kind);
        return;
    }
    if ((bit & FID_KINDS_UDP) != 0) {
        pair_udp(call, kind);
        return;
    }
    int fds[2] = {-1, -1};
    int result = kind == FID_KIND_PIPE ? WB_SYS(call->sys, pipe2, fds, SOCKET_FLAGS)
                                       : WB_SYS(call->sys, socketpair, WB_AF_UNIX,
                                           type_of(kind) | SOCKET_FLAGS, 0, fds);
    put_number(call, "", result == 0 ? fds[0] : result);
    put_number(call, "and", result == 0 ? fds[1] : result);
}

static void make_listener(const struct fid_call *call) {
    enum fid_kind kind = (enum fid_kind)fid_call_value(call, 0);
    struct wb_sockaddr addr;
    int fd = new_socket(call, kind);
    uint32_t len = fid_side_fresh_address(call->side, kind, &addr);
    put_number(call, "", fd);
    fid_fact_add(call->out, "bind", FID_FORM_RESULT, WB_SYS(call->sys, bind, fd, &addr, len));
    fid_fact_add(call->out, "listen", FID_FORM_RESULT,
        WB_SYS(call->sys, listen, fd, (int)fid_call_value(call, 1)));
    fid_side_learn(call->side, fd);
}

static void make_eventfd(const struct fid_call *call) {
    int64_t value = fid_call_value(call, 0);
    int flags = WB_EFD_NONBLOCK | WB_EFD_CLOEXEC | (value >= 0x100 ? WB_EFD_SEMAPHORE : 0);
    put_number(call, "", WB_SYS(call->sys, eventfd, (uint32_t)(value & 0xff), flags));
}

static void do_accept(const struct fid_call *call) {
    struct wb_sockaddr addr = {.family = 0};
    uint32_t len = sizeof(addr);
    int fd = WB_SYS(call->sys, accept4, fid_call_fd(call, 0), &addr, &len, SOCKET_FLAGS);
    put_number(call, "", fd);
    if (fd >= 0) {
        fid_fact_add(call->out, "from", FID_FORM_NAME, fid_side_name(call->side, &addr, len));
        fid_fact_add(call->out, "length", FID_FORM_VALUE, len);
    }
}

void fid_step_make(const struct fid_call *call) {
    const struct wb_sys *sys = call->sys;
    switch (call->op->code) {
    case FID_OP_SOCKET:
        put_number(call, "", new_socket(call, (enum fid_kind)fid_call_value(call, 0)));
        break;
    case FID_OP_PAIR:
        make_pair(call);
        break;
    case FID_OP_LISTENER:
        make_listener(call);
        break;
    case FID_OP_EVENTFD:
        make_eventfd(call);
        break;
    case FID_OP_TIMERFD:
        put_number(call, "",
            WB_SYS(sys, timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK | WB_TFD_CLOEXEC));
        break;
    case FID_OP_SIGNALFD:
        put_number(call, "",
            WB_SYS(sys, signalfd, UINT64_C(1) << (fid_call_value(call, 0) - 1),
                WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC));
        break;
    case FID_OP_EPOLL:
        put_number(call, "", WB_SYS(sys, epoll_create1, WB_EPOLL_CLOEXEC));
        break;
    case FID_OP_DUP:
        put_number(call, "", WB_SYS(sys, dup, fid_call_fd(call, 0)));
        break;
    case FID_OP_CLOSE:
        fid_call_result(call, WB_SYS(sys, close, fid_call_fd(call, 0)));
        break;
    case FID_OP_ACCEPT:
        do_accept(call);
        break;
    default:
        break;
    }
}
