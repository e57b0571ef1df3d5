/* Pipes. */
#include "wb/pipe.h"

#include "reactor/socket.h"

/* ---- life ---- */

enum wb_status wb_pipe_open(const struct wb_sys *sys, struct wb_pipe_sender *out_sender,
    struct wb_pipe_receiver *out_receiver) {
    int fds[2];
    *out_sender = (struct wb_pipe_sender){0};
    *out_receiver = (struct wb_pipe_receiver){0};
    int result = WB_SYS(sys, pipe2, fds, WB_O_NONBLOCK | WB_O_CLOEXEC);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    wb_fd_source_init(&out_receiver->io, sys, fds[0]);
    wb_fd_source_init(&out_sender->io, sys, fds[1]);
    return WB_OK;
}

void wb_pipe_sender_from_fd(struct wb_pipe_sender *sender, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&sender->io, sys, fd);
}

void wb_pipe_receiver_from_fd(struct wb_pipe_receiver *receiver, const struct wb_sys *sys, int fd) {
    wb_fd_source_init(&receiver->io, sys, fd);
}

enum wb_status wb_pipe_sender_set_nonblocking(struct wb_pipe_sender *sender, bool nonblocking) {
    return wb__socket_set_nonblocking(&sender->io, nonblocking);
}

enum wb_status wb_pipe_receiver_set_nonblocking(
    struct wb_pipe_receiver *receiver, bool nonblocking) {
    return wb__socket_set_nonblocking(&receiver->io, nonblocking);
}

int wb_pipe_sender_into_fd(struct wb_pipe_sender *sender) {
    return wb__socket_into_fd(&sender->io);
}

int wb_pipe_receiver_into_fd(struct wb_pipe_receiver *receiver) {
    return wb__socket_into_fd(&receiver->io);
}

void wb_pipe_sender_close(struct wb_pipe_sender *sender) {
    wb__socket_close(&sender->io);
}

void wb_pipe_receiver_close(struct wb_pipe_receiver *receiver) {
    wb__socket_close(&receiver->io);
}

/* ---- bytes ---- */

enum wb_status wb_pipe_receiver_read(
    struct wb_pipe_receiver *receiver, void *buf, size_t len, size_t *out_len) {
    const struct wb_iovec iov = {.base = buf, .len = len};
    return wb__socket_readv(&receiver->io, &iov, 1, out_len);
}

enum wb_status wb_pipe_receiver_readv(struct wb_pipe_receiver *receiver, const struct wb_iovec *iov,
    size_t iov_len, size_t *out_len) {
    return wb__socket_readv(&receiver->io, iov, iov_len, out_len);
}

enum wb_status wb_pipe_sender_write(
    struct wb_pipe_sender *sender, const void *buf, size_t len, size_t *out_len) {
    return wb__socket_sent(
        &sender->io, WB_SYS(sender->io.sys, write, sender->io.fd, buf, len), out_len);
}

enum wb_status wb_pipe_sender_writev(
    struct wb_pipe_sender *sender, const struct wb_iovec *iov, size_t iov_len, size_t *out_len) {
    int count = iov_len > WB__SOCKET_IOV_MAX ? WB__SOCKET_IOV_MAX : (int)iov_len;
    return wb__socket_sent(
        &sender->io, WB_SYS(sender->io.sys, writev, sender->io.fd, iov, count), out_len);
}
