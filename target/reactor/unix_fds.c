/* Descriptors that travel with the bytes of a Unix stream (SCM_RIGHTS). The kernel is always given
 * room for all that one message can carry, so that what does not fit the caller's room is closed
 * here: the sizes of ancillary data are rounded up, and a kernel uses what lies in between. */
#include "wb/unix_stream.h"

#include <string.h>

#include "reactor/socket.h"

/* What a socket sends along that was made to (SO_PASSPIDFD, Linux 6.5); the stack never asks. */
enum { SCM_PIDFD = 4 };

/* Of the largest message, with the sender's credentials and process for a socket that was made to
 * receive them. */
#define CONTROL_LEN                                                                                \
    (WB_CMSG_SPACE(WB_UNIX_FDS_MAX * sizeof(int)) + WB_CMSG_SPACE(sizeof(struct wb_ucred))         \
        + WB_CMSG_SPACE(sizeof(int)))

struct control {
    union {
        struct wb_cmsghdr header; /* for its alignment */
        uint8_t bytes[CONTROL_LEN];
    };
};

/* ---- sending ---- */

static size_t put_fds(struct control *control, const int *fds, size_t fds_len) {
    if (fds_len == 0) {
        return 0;
    }
    control->header = (struct wb_cmsghdr){
        .len = WB_CMSG_LEN(fds_len * sizeof(*fds)),
        .level = WB_SOL_SOCKET,
        .type = WB_SCM_RIGHTS,
    };
    memcpy(control->bytes + sizeof(control->header), fds, fds_len * sizeof(*fds));
    return control->header.len;
}

enum wb_status wb_unix_stream_send_fds(struct wb_unix_stream *stream, const void *buf, size_t len,
    const int *fds, size_t fds_len, size_t *out_len) {
    if (len == 0 || fds_len > WB_UNIX_FDS_MAX) {
        return WB_ERR_INVALID;
    }
    struct control control;
    /* The kernel does not write to what it sends. */
    struct wb_iovec iov = {.base = (void *)(uintptr_t)buf, .len = len};
    struct wb_msghdr message = {.iov = &iov, .iov_len = 1};
    message.control_len = put_fds(&control, fds, fds_len);
    message.control = message.control_len != 0 ? &control : NULL;
    return wb__socket_sent(&stream->io,
        WB_SYS(stream->io.sys, sendmsg, stream->io.fd, &message, WB_MSG_NOSIGNAL), out_len);
}

/* ---- receiving ---- */

/* Hands over what there is room for, and closes the rest. */
static void take_fds(
    const struct wb_sys *sys, const uint8_t *payload, size_t count, struct wb_unix_fds *fds) {
    for (size_t i = 0; i < count; i++) {
        int fd;
        memcpy(&fd, payload + i * sizeof(fd), sizeof(fd));
        if (fds->count < fds->capacity) {
            fds->fds[fds->count++] = fd;
        } else {
            fds->is_truncated = true;
            (void)WB_SYS(sys, close, fd);
        }
    }
}

/* Of the sender's process; negative if there is none. Nobody here asked for it. */
static void close_process(const struct wb_sys *sys, const uint8_t *payload) {
    int fd;
    memcpy(&fd, payload, sizeof(fd));
    if (fd >= 0) {
        (void)WB_SYS(sys, close, fd);
    }
}

static void take_payload(const struct wb_sys *sys, const struct wb_cmsghdr *header,
    const uint8_t *payload, struct wb_unix_fds *fds) {
    const size_t count = (header->len - sizeof(*header)) / sizeof(int);
    if (header->level != WB_SOL_SOCKET) {
        return;
    }
    if (header->type == WB_SCM_RIGHTS) {
        take_fds(sys, payload, count, fds);
    } else if (header->type == SCM_PIDFD && count == 1) {
        close_process(sys, payload);
    }
}

static void take_control(
    const struct wb_sys *sys, const struct control *control, size_t len, struct wb_unix_fds *fds) {
    struct wb_cmsghdr header;
    for (size_t at = 0; len - at >= sizeof(header); at += WB_CMSG_ALIGN(header.len)) {
        memcpy(&header, control->bytes + at, sizeof(header));
        if (header.len < sizeof(header) || header.len > len - at) {
            return;
        }
        take_payload(sys, &header, control->bytes + at + sizeof(header), fds);
        if (WB_CMSG_ALIGN(header.len) > len - at) {
            return;
        }
    }
}

enum wb_status wb_unix_stream_recv_fds(struct wb_unix_stream *stream, void *buf, size_t len,
    size_t *out_len, struct wb_unix_fds *fds) {
    fds->count = 0;
    fds->is_truncated = false;
    if (len == 0) {
        return WB_ERR_INVALID;
    }
    const struct wb_sys *sys = stream->io.sys;
    struct control control;
    struct wb_iovec iov = {.base = buf, .len = len};
    struct wb_msghdr message = {
        .iov = &iov, .iov_len = 1, .control = &control, .control_len = sizeof(control)};
    enum wb_status status = wb__socket_received(
        &stream->io, WB_SYS(sys, recvmsg, stream->io.fd, &message, WB_MSG_CMSG_CLOEXEC), out_len);
    if (status == WB_OK) {
        fds->is_truncated = (message.flags & WB_MSG_CTRUNC) != 0;
        take_control(sys, &control, message.control_len, fds);
    }
    return status;
}
