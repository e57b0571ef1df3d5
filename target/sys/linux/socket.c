/* Sockets: addresses and message headers have Linux's layout (abi.c), so they pass through. */
#include "sys/linux/ops.h"

#include <sys/socket.h>

int wb__linux_socket(void *self, int domain, int type, int protocol) {
    (void)self;
    return wb__linux_result(socket(domain, type, protocol));
}

int wb__linux_bind(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    (void)self;
    return wb__linux_result(bind(fd, (const struct sockaddr *)addr, addr_len));
}

int wb__linux_listen(void *self, int fd, int backlog) {
    (void)self;
    return wb__linux_result(listen(fd, backlog));
}

int wb__linux_accept4(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    (void)self;
    return wb__linux_result(accept4(fd, (struct sockaddr *)addr, addr_len, flags));
}

int wb__linux_connect(void *self, int fd, const struct wb_sockaddr *addr, uint32_t addr_len) {
    (void)self;
    return wb__linux_result(connect(fd, (const struct sockaddr *)addr, addr_len));
}

int wb__linux_shutdown(void *self, int fd, int how) {
    (void)self;
    return wb__linux_result(shutdown(fd, how));
}

int wb__linux_getsockopt(
    void *self, int fd, int level, int name, void *value, uint32_t *value_len) {
    (void)self;
    return wb__linux_result(getsockopt(fd, level, name, value, value_len));
}

int wb__linux_setsockopt(
    void *self, int fd, int level, int name, const void *value, uint32_t value_len) {
    (void)self;
    return wb__linux_result(setsockopt(fd, level, name, value, value_len));
}

int wb__linux_getsockname(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    (void)self;
    return wb__linux_result(getsockname(fd, (struct sockaddr *)addr, addr_len));
}

int wb__linux_getpeername(void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len) {
    (void)self;
    return wb__linux_result(getpeername(fd, (struct sockaddr *)addr, addr_len));
}

int64_t wb__linux_recv(void *self, int fd, void *buf, size_t len, int flags) {
    (void)self;
    return wb__linux_count(recv(fd, buf, len, flags));
}

int64_t wb__linux_send(void *self, int fd, const void *buf, size_t len, int flags) {
    (void)self;
    return wb__linux_count(send(fd, buf, len, flags));
}

int64_t wb__linux_recvmsg(void *self, int fd, struct wb_msghdr *msg, int flags) {
    (void)self;
    return wb__linux_count(recvmsg(fd, (struct msghdr *)msg, flags));
}

int64_t wb__linux_sendmsg(void *self, int fd, const struct wb_msghdr *msg, int flags) {
    (void)self;
    return wb__linux_count(sendmsg(fd, (const struct msghdr *)msg, flags));
}

int wb__linux_recvmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags) {
    (void)self;
    return wb__linux_result(recvmmsg(fd, (struct mmsghdr *)msgs, msgs_len, flags, NULL));
}

int wb__linux_sendmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags) {
    (void)self;
    return wb__linux_result(sendmmsg(fd, (struct mmsghdr *)msgs, msgs_len, flags));
}

int wb__linux_socketpair(void *self, int domain, int type, int protocol, int out_fds[2]) {
    (void)self;
    return wb__linux_result(socketpair(domain, type, protocol, out_fds));
}
