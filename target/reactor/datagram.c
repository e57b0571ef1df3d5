/* One datagram a call. */
#include "reactor/datagram.h"

/* An error of the network is what the socket had pending: it is taken with the call that failed. */
static enum wb_status failed(struct wb_fd_source *io, int64_t result, uint32_t interest) {
    enum wb_status status = wb__socket_failed(io, result, interest);
    if (wb_status_category(status) == WB_CATEGORY_NETWORK) {
        wb_fd_source_error_taken(io);
    }
    return status;
}

enum wb_status wb__datagram_send(
    struct wb_fd_source *io, const void *buf, size_t len, const struct wb__socket_name *to) {
    /* The kernel does not write to what it sends. */
    struct wb_iovec iov = {.base = (void *)(uintptr_t)buf, .len = len};
    struct wb_msghdr message = {.iov = &iov, .iov_len = 1};
    if (to != NULL) {
        message.name = (struct wb_sockaddr *)(uintptr_t)&to->addr;
        message.name_len = to->len;
    }
    int64_t result = WB_SYS(io->sys, sendmsg, io->fd, &message, WB_MSG_NOSIGNAL);
    return result >= 0 ? WB_OK : failed(io, result, WB_INTEREST_WRITABLE);
}

enum wb_status wb__datagram_recv(struct wb_fd_source *io, void *buf, size_t len, int flags,
    struct wb_datagram *out_datagram, struct wb__socket_name *out_sender) {
    struct wb_iovec iov = {.base = buf, .len = len};
    struct wb_msghdr message = {.iov = &iov, .iov_len = 1};
    if (out_sender != NULL) {
        message.name = &out_sender->addr;
        message.name_len = sizeof(out_sender->addr);
    }
    int64_t result = WB_SYS(io->sys, recvmsg, io->fd, &message, flags);
    if (result < 0) {
        return failed(io, result, WB_INTEREST_READABLE);
    }
    if (out_sender != NULL) {
        out_sender->len = message.name_len;
    }
    *out_datagram = (struct wb_datagram){
        .len = (size_t)result,
        .is_truncated = (message.flags & WB_MSG_TRUNC) != 0,
    };
    return WB_OK;
}
