/* Operations on sockets that move no bytes: addresses, shutdown, options. */
#include "fidelity/step.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static enum fid_kind kind_of(const struct fid_call *call, unsigned i) {
    const struct fid_file *file = fid_world_file(call->world, call->op->arg[i]);
    return file == NULL ? FID_KIND_COUNT : (enum fid_kind)file->kind;
}

/* ---- connect ---- */

/* A wildcard stands for this host. */
static void any_to_loopback(struct wb_sockaddr *addr) {
    struct wb_sockaddr local;
    if (addr->family == WB_AF_INET && addr->in.addr[0] == 0) {
        fid_side_loopback(FID_KIND_TCP4, 0, &local);
        memcpy(addr->in.addr, local.in.addr, sizeof(addr->in.addr));
    } else if (addr->family == WB_AF_INET6) {
        fid_side_loopback(FID_KIND_TCP6, 0, &local);
        uint8_t none[16] = {0};
        if (memcmp(addr->in6.addr, none, sizeof(none)) == 0) {
            memcpy(addr->in6.addr, local.in6.addr, sizeof(addr->in6.addr));
        }
    }
}

static void finish_connect(const struct fid_call *call, int fd, int result) {
    fid_call_result(call, result);
    if (result == 0 || result == -EINPROGRESS) {
        fid_side_learn(call->side, fd);
    }
}

static void do_connect(const struct fid_call *call) {
    struct wb_sockaddr addr = {.family = 0};
    uint32_t len = sizeof(addr);
    int target = WB_SYS(call->sys, getsockname, fid_call_fd(call, 1), &addr, &len);
    if (target != 0) {
        fid_fact_add(call->out, "target", FID_FORM_RESULT, target);
        return;
    }
    any_to_loopback(&addr);
    int fd = fid_call_fd(call, 0);
    finish_connect(call, fd, WB_SYS(call->sys, connect, fd, &addr, len));
}

/* Port 1 is nobody's, and so is that name. */
static void connect_refused(const struct fid_call *call) {
    enum fid_kind kind = kind_of(call, 0);
    struct wb_sockaddr addr;
    fid_side_loopback(kind, 1, &addr);
    uint32_t len = fid_addr_len(&addr);
    if (kind != FID_KIND_COUNT && (FID_KIND_BIT(kind) & FID_KINDS_UNIX) != 0) {
        memset(&addr, 0, sizeof(addr));
        addr.un.family = WB_AF_UNIX;
        memcpy(addr.un.path, "\0wbfid-nobody", 13);
        len = sizeof(addr.family) + 13;
    }
    int fd = fid_call_fd(call, 0);
    finish_connect(call, fd, WB_SYS(call->sys, connect, fd, &addr, len));
}

static void disconnect(const struct fid_call *call) {
    struct wb_sockaddr addr = {.family = WB_AF_UNSPEC};
    fid_call_result(
        call, WB_SYS(call->sys, connect, fid_call_fd(call, 0), &addr, (uint32_t)sizeof(addr.in)));
}

/* ---- bind, shutdown ---- */

static uint32_t bind_address(
    const struct fid_call *call, enum fid_bind how, enum fid_kind kind, struct wb_sockaddr *addr) {
    uint32_t bit = kind == FID_KIND_COUNT ? 0 : FID_KIND_BIT(kind);
    uint32_t len = fid_side_fresh_address(call->side, kind, addr);
    switch (how) {
    case FID_BIND_LOOPBACK:
        return len;
    case FID_BIND_ANY:
        if ((bit & FID_KINDS_UNIX) != 0) {
            return sizeof(addr->family);
        }
        memset(addr->in6.addr, 0, addr->family == WB_AF_INET6 ? sizeof(addr->in6.addr) : 0);
        memset(addr->in.addr, 0, addr->family == WB_AF_INET ? sizeof(addr->in.addr) : 0);
        return len;
    case FID_BIND_FAMILY:
        addr->family = addr->family == WB_AF_UNIX ? WB_AF_INET : WB_AF_UNIX;
        return len;
    case FID_BIND_SHORT:
        return 1;
    case FID_BIND_FAR: /* 192.0.2.1 or 2001:db8::1; of a Unix socket, a name that is too long */
        if ((bit & FID_KINDS_UNIX) != 0) {
            return sizeof(addr->un) + 1;
        }
        if (addr->family == WB_AF_INET) {
            memcpy(addr->in.addr, (const uint8_t[]){192, 0, 2, 1}, 4);
        } else {
            memcpy(addr->in6.addr, (const uint8_t[]){0x20, 1, 0xd, 0xb8}, 4);
        }
        return len;
    }
    return len;
}

static void do_bind(const struct fid_call *call) {
    struct wb_sockaddr addr;
    uint32_t len =
        bind_address(call, (enum fid_bind)fid_call_value(call, 1), kind_of(call, 0), &addr);
    int fd = fid_call_fd(call, 0);
    int result = WB_SYS(call->sys, bind, fd, &addr, len);
    fid_call_result(call, result);
    if (result == 0) {
        fid_side_learn(call->side, fd);
    }
}

static void do_shutdown(const struct fid_call *call) {
    int fd = fid_call_fd(call, 0);
    const struct fid_file *file = fid_world_file(call->world, call->op->arg[0]);
    fid_call_result(call, WB_SYS(call->sys, shutdown, fd, (int)fid_call_value(call, 1)));
    if (file != NULL && (FID_KIND_BIT(file->kind) & FID_KINDS_TCP) != 0) {
        uint8_t peer = fid_world_number_of(call->world, file->peer);
        const struct fid_file *other = fid_world_file(call->world, peer);
        bool has_mark = other != NULL && other->urgent != 0; /* perhaps before the end */
        fid_side_settle(call->side, fd, has_mark ? -1 : fid_side_fd(call->side, peer));
    }
}

/* ---- options ---- */

static const struct {
    int level;
    int name;
} options[FID_OPTION_COUNT] = {
    [FID_OPTION_ERROR] = {WB_SOL_SOCKET, WB_SO_ERROR},
    [FID_OPTION_TYPE] = {WB_SOL_SOCKET, WB_SO_TYPE},
    [FID_OPTION_LOWAT] = {WB_SOL_SOCKET, WB_SO_RCVLOWAT},
    [FID_OPTION_SNDBUF] = {WB_SOL_SOCKET, WB_SO_SNDBUF},
    [FID_OPTION_RCVBUF] = {WB_SOL_SOCKET, WB_SO_RCVBUF},
    [FID_OPTION_LINGER] = {WB_SOL_SOCKET, WB_SO_LINGER},
    [FID_OPTION_ACCEPTCONN] = {WB_SOL_SOCKET, WB_SO_ACCEPTCONN},
    [FID_OPTION_DOMAIN] = {WB_SOL_SOCKET, WB_SO_DOMAIN},
    [FID_OPTION_PROTOCOL] = {WB_SOL_SOCKET, WB_SO_PROTOCOL},
    [FID_OPTION_REUSEADDR] = {WB_SOL_SOCKET, WB_SO_REUSEADDR},
    [FID_OPTION_OOBINLINE] = {WB_SOL_SOCKET, WB_SO_OOBINLINE},
    [FID_OPTION_BROADCAST] = {WB_SOL_SOCKET, WB_SO_BROADCAST},
    [FID_OPTION_KEEPALIVE] = {WB_SOL_SOCKET, WB_SO_KEEPALIVE},
    [FID_OPTION_NODELAY] = {WB_IPPROTO_TCP, WB_TCP_NODELAY},
    [FID_OPTION_TTL] = {WB_IPPROTO_IP, WB_IP_TTL},
    [FID_OPTION_V6ONLY] = {WB_IPPROTO_IPV6, WB_IPV6_V6ONLY},
    [FID_OPTION_UNKNOWN] = {WB_SOL_SOCKET, 9999},
    [FID_OPTION_REUSEPORT] = {WB_SOL_SOCKET, WB_SO_REUSEPORT},
    [FID_OPTION_KEEPIDLE] = {WB_IPPROTO_TCP, WB_TCP_KEEPIDLE},
    [FID_OPTION_KEEPINTVL] = {WB_IPPROTO_TCP, WB_TCP_KEEPINTVL},
    [FID_OPTION_KEEPCNT] = {WB_IPPROTO_TCP, WB_TCP_KEEPCNT},
    [FID_OPTION_USER_TIMEOUT] = {WB_IPPROTO_TCP, WB_TCP_USER_TIMEOUT},
    [FID_OPTION_NOTSENT_LOWAT] = {WB_IPPROTO_TCP, WB_TCP_NOTSENT_LOWAT},
    [FID_OPTION_CORK] = {WB_IPPROTO_TCP, WB_TCP_CORK},
    [FID_OPTION_HOPS] = {WB_IPPROTO_IPV6, WB_IPV6_UNICAST_HOPS},
    [FID_OPTION_MULTICAST_TTL] = {WB_IPPROTO_IP, WB_IP_MULTICAST_TTL},
    [FID_OPTION_MULTICAST_LOOP] = {WB_IPPROTO_IP, WB_IP_MULTICAST_LOOP},
    [FID_OPTION_PASSCRED] = {WB_SOL_SOCKET, WB_SO_PASSCRED},
};

/* LINGER takes what is odd for "reset at close"; a close that waits would take real time. */
static void set_option(const struct fid_call *call) {
    enum fid_option option = (enum fid_option)fid_call_value(call, 1);
    int value = (int)fid_call_value(call, 2);
    struct wb_linger linger = {.onoff = value & 1};
    bool is_linger = option == FID_OPTION_LINGER;
    if (option == FID_OPTION_NODELAY) {
        value = 1; /* T4 */
    }
    fid_call_result(
        call, WB_SYS(call->sys, setsockopt, fid_call_fd(call, 0), options[option].level,
                  options[option].name, is_linger ? (const void *)&linger : (const void *)&value,
                  (uint32_t)(is_linger ? sizeof(linger) : sizeof(value))));
}

static void get_option(const struct fid_call *call) {
    enum fid_option option = (enum fid_option)fid_call_value(call, 1);
    int value[2] = {0, 0};
    uint32_t len = sizeof(value);
    int result = WB_SYS(call->sys, getsockopt, fid_call_fd(call, 0), options[option].level,
        options[option].name, value, &len);
    fid_call_result(call, result);
    if (result == 0) {
        fid_fact_add(call->out, "length", FID_FORM_VALUE, len);
        fid_fact_add(call->out, "value",
            option == FID_OPTION_ERROR ? FID_FORM_RESULT : FID_FORM_VALUE,
            option == FID_OPTION_ERROR ? -(int64_t)value[0] : value[0]);
    }
}

static void get_name(const struct fid_call *call, bool of_peer) {
    struct wb_sockaddr addr = {.family = 0};
    uint32_t room = (uint32_t)fid_call_value(call, 1);
    uint32_t len = room;
    int fd = fid_call_fd(call, 0);
    int result = of_peer ? WB_SYS(call->sys, getpeername, fd, &addr, &len)
                         : WB_SYS(call->sys, getsockname, fd, &addr, &len);
    fid_call_result(call, result);
    if (result == 0) {
        fid_fact_add(call->out, "length", FID_FORM_VALUE, len);
        fid_fact_add(call->out, "name", FID_FORM_NAME,
            fid_side_name(call->side, &addr, len < room ? len : room));
    }
}

/* Linux keeps O_LARGEFILE and its like among the flags; what a program set is compared. */
static void do_fcntl(const struct fid_call *call) {
    enum { FLAGS = 3 | WB_O_NONBLOCK | WB_O_APPEND };
    int64_t control = fid_call_value(call, 1);
    int command = (int)(control & ((1 << FID_CONTROL_SHIFT) - 1));
    int result = WB_SYS(
        call->sys, fcntl, fid_call_fd(call, 0), command, (int)(control >> FID_CONTROL_SHIFT));
    fid_call_result(call, command == WB_F_GETFL && result >= 0 ? result & FLAGS : result);
}

void fid_step_socket(const struct fid_call *call) {
    switch (call->op->code) {
    case FID_OP_CONNECT:
        do_connect(call);
        break;
    case FID_OP_CONNECT_REFUSED:
        connect_refused(call);
        break;
    case FID_OP_DISCONNECT:
        disconnect(call);
        break;
    case FID_OP_BIND:
        do_bind(call);
        break;
    case FID_OP_LISTEN:
        fid_call_result(
            call, WB_SYS(call->sys, listen, fid_call_fd(call, 0), (int)fid_call_value(call, 1)));
        fid_side_learn(call->side, fid_call_fd(call, 0));
        break;
    case FID_OP_SHUTDOWN:
        do_shutdown(call);
        break;
    case FID_OP_SETSOCKOPT:
        set_option(call);
        break;
    case FID_OP_GETSOCKOPT:
        get_option(call);
        break;
    case FID_OP_GETSOCKNAME:
        get_name(call, false);
        break;
    case FID_OP_GETPEERNAME:
        get_name(call, true);
        break;
    case FID_OP_FCNTL:
        do_fcntl(call);
        break;
    default:
        break;
    }
}
