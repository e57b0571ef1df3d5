/* The calls of sockets: passed on as they are and noted with their results. Addresses, and values
 * of options that differ from kernel to kernel, are left out. */
#include "semantics/note.h"

#include <string.h>

#include "report/names.h"

static enum wbh_kind kind_of(int domain, int type) {
    int kind = type & WB_SOCK_TYPE_MASK;
    if (domain == WB_AF_UNIX) {
        return kind == WB_SOCK_STREAM  ? WBH_KIND_UNIX_STREAM
               : kind == WB_SOCK_DGRAM ? WBH_KIND_UNIX_DATAGRAM
                                       : WBH_KIND_UNIX_SEQPACKET;
    }
    return kind == WB_SOCK_STREAM ? WBH_KIND_TCP : WBH_KIND_UDP;
}

static const char *kind_text(int domain, int type) {
    return wbh_kind_name((unsigned)__builtin_ctz((unsigned)kind_of(domain, type)));
}

static int rec_socket(void *self, int domain, int type, int protocol) {
    struct wbh_note note = wbh_note_making(self, "socket(");
    wbh_text_add(&note.text, kind_text(domain, type));
    return wbh_note_end_making_kind(
        &note, self, KERNEL(self, socket, domain, type, protocol), "socket", kind_of(domain, type));
}

static int rec_bind(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    struct wbh_note note = wbh_note_call(self, "bind", fd);
    return (int)wbh_note_end(&note, KERNEL(self, bind, fd, addr, addr_len));
}

static int rec_listen(void *self, int fd, int backlog) {
    int result = KERNEL(self, listen, fd, backlog);
    if (result == 0 && wbh_recorder_is(self, fd, "socket")) {
        wbh_recorder_name(self, fd, "listener");
    }
    struct wbh_note note = wbh_note_call(self, "listen", fd);
    wbh_text_format(&note.text, ", %d", backlog);
    return (int)wbh_note_end(&note, result);
}

static int rec_accept4(
    void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    struct wbh_note note = wbh_note_call(self, "accept", fd);
    if (flags == 0) {
        wbh_text_add(&note.text, ", blocking");
    } else if (flags != WB_SOCK_NONBLOCK) {
        wbh_text_format(&note.text, ", flags 0%o", (unsigned)flags);
    }
    return wbh_note_end_making(
        &note, self, KERNEL(self, accept4, fd, addr, addr_len, flags), "accepted");
}

static int rec_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    struct wbh_note note = wbh_note_call(self, "connect", fd);
    int has_family = addr != NULL && addr_len >= sizeof addr->family;
    int dissolves = has_family && addr->family == WB_AF_UNSPEC;
    wbh_text_add(&note.text, dissolves ? ", nowhere" : ", an address");
    return (int)wbh_note_end(&note, KERNEL(self, connect, fd, addr, addr_len));
}

static int rec_shutdown(void *self, int fd, int how) {
    static const char *const hows[] = {"RD", "WR", "RDWR"};
    struct wbh_note note = wbh_note_call(self, "shutdown", fd);
    wbh_text_format(&note.text, ", %s", how >= 0 && how <= WB_SHUT_RDWR ? hows[how] : "?");
    return (int)wbh_note_end(&note, KERNEL(self, shutdown, fd, how));
}

static void add_option(struct wbh_text *text, int level, int name) {
    static const struct {
        int level;
        int name;
        const char *text;
    } options[] = {{WB_SOL_SOCKET, WB_SO_ERROR, "SO_ERROR"},
        {WB_SOL_SOCKET, WB_SO_SNDBUF, "SO_SNDBUF"}, {WB_SOL_SOCKET, WB_SO_RCVBUF, "SO_RCVBUF"},
        {WB_SOL_SOCKET, WB_SO_RCVLOWAT, "SO_RCVLOWAT"}, {WB_SOL_SOCKET, WB_SO_LINGER, "SO_LINGER"},
        {WB_SOL_SOCKET, WB_SO_OOBINLINE, "SO_OOBINLINE"},
        {WB_SOL_SOCKET, WB_SO_REUSEADDR, "SO_REUSEADDR"},
        {WB_SOL_SOCKET, WB_SO_PASSCRED, "SO_PASSCRED"},
        {WB_SOL_SOCKET, WB_SO_PEERCRED, "SO_PEERCRED"},
        {WB_IPPROTO_TCP, WB_TCP_NODELAY, "TCP_NODELAY"}, {WB_IPPROTO_TCP, WB_TCP_CORK, "TCP_CORK"},
        {WB_IPPROTO_TCP, WB_TCP_USER_TIMEOUT, "TCP_USER_TIMEOUT"},
        {WB_IPPROTO_IPV6, WB_IPV6_V6ONLY, "IPV6_V6ONLY"}};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].level == level && options[i].name == name) {
            wbh_text_format(text, ", %s", options[i].text);
            return;
        }
    }
    wbh_text_format(text, ", option %d of %d", name, level);
}

static int rec_getsockopt(
    void *self, int fd, int level, int name, void *value, uint32_t *value_len) {
    struct wbh_note note = wbh_note_call(self, "getsockopt", fd);
    add_option(&note.text, level, name);
    int result = KERNEL(self, getsockopt, fd, level, name, value, value_len);
    if (result < 0 || level != WB_SOL_SOCKET || name != WB_SO_ERROR) {
        return (int)wbh_note_end(&note, result);
    }
    int error = 0;
    memcpy(&error, value, *value_len < sizeof error ? *value_len : sizeof error);
    if (error == 0) {
        wbh_text_add(&note.result, "no error");
    } else {
        wbh_report_add_errno(&note.result, error);
    }
    wbh_note_finish(&note);
    return result;
}

static int rec_setsockopt(
    void *self, int fd, int level, int name, const void *value, uint32_t value_len) {
    struct wbh_note note = wbh_note_call(self, "setsockopt", fd);
    int number = 0;
    add_option(&note.text, level, name);
    if (value != NULL && value_len == sizeof number) {
        memcpy(&number, value, sizeof number);
        wbh_text_format(&note.text, ", %d", number);
    }
    return (int)wbh_note_end(&note, KERNEL(self, setsockopt, fd, level, name, value, value_len));
}

static int rec_getsockname(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    struct wbh_note note = wbh_note_call(self, "getsockname", fd);
    return (int)wbh_note_end(&note, KERNEL(self, getsockname, fd, addr, addr_len));
}

static int rec_getpeername(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    struct wbh_note note = wbh_note_call(self, "getpeername", fd);
    return (int)wbh_note_end(&note, KERNEL(self, getpeername, fd, addr, addr_len));
}

static int64_t rec_recv(void *self, int fd, void *buf, size_t len, int flags) {
    struct wbh_note note = wbh_note_transfer(self, "recv", fd, len, flags);
    return wbh_note_end(&note, KERNEL(self, recv, fd, buf, len, flags));
}

static int64_t rec_send(void *self, int fd, const void *buf, size_t len, int flags) {
    struct wbh_note note = wbh_note_transfer(self, "send", fd, len, flags);
    return wbh_note_end(&note, KERNEL(self, send, fd, buf, len, flags));
}

static int64_t rec_recvmsg(void *self, int fd, struct wb_msghdr *msg, int flags) {
    size_t len = msg != NULL ? wbh_vector_len(msg->iov, msg->iov_len) : 0;
    struct wbh_note note = wbh_note_transfer(self, "recvmsg", fd, len, flags);
    return wbh_note_end(&note, KERNEL(self, recvmsg, fd, msg, flags));
}

static int64_t rec_sendmsg(void *self, int fd, const struct wb_msghdr *msg, int flags) {
    size_t len = msg != NULL ? wbh_vector_len(msg->iov, msg->iov_len) : 0;
    struct wbh_note note = wbh_note_transfer(self, "sendmsg", fd, len, flags);
    return wbh_note_end(&note, KERNEL(self, sendmsg, fd, msg, flags));
}

static int rec_recvmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags) {
    struct wbh_note note = wbh_note_transfer(self, "recvmmsg", fd, msgs_len, flags);
    return (int)wbh_note_end(&note, KERNEL(self, recvmmsg, fd, msgs, msgs_len, flags));
}

static int rec_sendmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags) {
    struct wbh_note note = wbh_note_transfer(self, "sendmmsg", fd, msgs_len, flags);
    return (int)wbh_note_end(&note, KERNEL(self, sendmmsg, fd, msgs, msgs_len, flags));
}

static int rec_socketpair(void *self, int domain, int type, int protocol, int out_fds[2]) {
    static const char *const names[2] = {"left", "right"};
    struct wbh_note note = wbh_note_making(self, "socketpair(");
    wbh_text_add(&note.text, kind_text(domain, type));
    int result = KERNEL(self, socketpair, domain, type, protocol, out_fds);
    if (result >= 0) {
        wbh_recorder_meet(self, kind_of(domain, type));
    }
    return wbh_note_end_making_two(&note, self, result, out_fds, names);
}

void wbh_recorder_take_sockets(struct wb_sys_ops *ops) {
    ops->socket = rec_socket;
    ops->bind = rec_bind;
    ops->listen = rec_listen;
    ops->accept4 = rec_accept4;
    ops->connect = rec_connect;
    ops->shutdown = rec_shutdown;
    ops->getsockopt = rec_getsockopt;
    ops->setsockopt = rec_setsockopt;
    ops->getsockname = rec_getsockname;
    ops->getpeername = rec_getpeername;
    ops->recv = rec_recv;
    ops->send = rec_send;
    ops->recvmsg = rec_recvmsg;
    ops->sendmsg = rec_sendmsg;
    ops->recvmmsg = rec_recvmmsg;
    ops->sendmmsg = rec_sendmmsg;
    ops->socketpair = rec_socketpair;
}
