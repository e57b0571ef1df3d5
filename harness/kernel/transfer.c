/* Moving bytes between the program's buffers and a connection: recv, send and their kin, with the
 * faults that may cut them short. */
#include "kernel/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { IOV_MAX_LEN = 1024 };

/* One piece is the rule: no loop is set up for it. */
static uint64_t iov_total(const struct wb_iovec *iov, size_t iov_len) {
    if (iov_len == 1) {
        return iov[0].len;
    }
    uint64_t total = 0;
    for (size_t i = 0; i < iov_len; i++) {
        total += iov[i].len;
    }
    return total;
}

static bool iov_is_bad(const struct wb_iovec *iov, size_t iov_len) {
    if (iov_len == 1) {
        return iov[0].base == NULL && iov[0].len != 0;
    }
    for (size_t i = 0; i < iov_len; i++) {
        if (iov[i].base == NULL && iov[i].len != 0) {
            return true;
        }
    }
    return false;
}

static uint8_t *scratch(struct sim_kernel *kernel, size_t size) {
    if (kernel->scratch_size < size) {
        size_t larger = kernel->scratch_size == 0 ? 4096 : kernel->scratch_size;
        while (larger < size) {
            larger *= 2;
        }
        uint8_t *grown = realloc(kernel->scratch, larger);
        if (grown == NULL) {
            abort();
        }
        kernel->scratch = grown;
        kernel->scratch_size = larger;
    }
    return kernel->scratch;
}

/* ---- faults of both directions ---- */

static int error_of(const struct wbh_choice *choice) {
    return choice->action == WBH_ACTION_RESET ? ECONNRESET : (int)choice->value;
}

/* The peer learns of it as of an RST; this end learns it from the present call, and only from it.
 */
static int64_t break_connection(struct sim_endpoint *endpoint, int error) {
    endpoint_send_reset(endpoint);
    endpoint_become_reset(endpoint, error);
    return -endpoint_take_error(endpoint);
}

/* ---- receiving ---- */

/* Every answer of a read but bytes, in the order Linux asks. */
static int64_t recv_without_data(struct sim_endpoint *endpoint) {
    bool fin = endpoint->fin_received && endpoint->read_hold.until_ns == 0;
    if (fin) {
        endpoint->fin_read = true;
        return 0;
    }
    if (endpoint->error != 0) {
        return -endpoint_take_error(endpoint);
    }
    if (endpoint->rd_shut) {
        return 0;
    }
    if (endpoint->tcp == TCP_CLOSED && endpoint->read_hold.until_ns == 0) {
        return -ENOTCONN;
    }
    return -EAGAIN;
}

/* The faults that this read may meet. True: it is decided, and *out_result is the answer. */
static bool recv_fault(struct sim_endpoint *endpoint, uint64_t *in_out_len, int64_t *out_result) {
    struct sim_kernel *kernel = endpoint->kernel;
    uint64_t readable = endpoint_readable(endpoint);
    bool fin = endpoint->fin_received && endpoint->read_hold.until_ns == 0;
    if (endpoint->tcp == TCP_SYN_SENT || endpoint->error != 0 || (readable == 0 && !fin)) {
        return false;
    }
    struct wbh_choice_point point = {
        .point = WBH_POINT_RECV,
        .subject = endpoint->subject,
        .ordinal = ++endpoint->recv_ordinal,
        .size = *in_out_len < readable ? *in_out_len : readable,
    };
    bool untold = !endpoint->known_fin;
    uint32_t *blocking = untold && endpoint->known_len == 0 ? &point.kernel : &point.contract;
    *blocking |= WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK);
    if (point.size >= 2) {
        uint32_t *shorter = untold && endpoint->known_len <= 1 ? &point.kernel : &point.contract;
        *shorter |= WBH_ACTION_BIT(WBH_ACTION_SHORT);
    }
    if (endpoint->tcp == TCP_ESTABLISHED) {
        point.failing = WBH_ACTION_BIT(WBH_ACTION_RESET) | WBH_ACTION_BIT(WBH_ACTION_ERROR);
    }
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action == WBH_ACTION_PASS) {
        return false;
    }
    choice_consumed(kernel, point.point, choice.action);
    if (choice.action == WBH_ACTION_SHORT) {
        *in_out_len = choice.value;
        return false;
    }
    if (choice.action == WBH_ACTION_WOULD_BLOCK) {
        endpoint_hold_reads(endpoint);
        *out_result = -EAGAIN;
        return true;
    }
    *out_result = break_connection(endpoint, error_of(&choice));
    return true;
}

static void scatter(struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len,
    uint64_t len, bool peek) {
    struct sim_kernel *kernel = endpoint->kernel;
    struct stream *stream = &endpoint->peer->out;
    if (peek) {
        uint8_t *bytes = scratch(kernel, (size_t)len);
        stream_copy(stream, bytes, (size_t)len);
        for (size_t i = 0; i < iov_len && len != 0; i++) {
            size_t part = len < iov[i].len ? (size_t)len : iov[i].len;
            memcpy(iov[i].base, bytes, part);
            bytes += part;
            len -= part;
        }
        return;
    }
    for (size_t i = 0; i < iov_len && len != 0; i++) {
        size_t part = len < iov[i].len ? (size_t)len : iov[i].len;
        if (part != 0) {
            stream_copy(stream, iov[i].base, part);
            stream_drop(kernel, stream, part);
            stream->arrived -= part;
            len -= part;
        }
    }
}

/* MSG_TRUNC on a stream throws the bytes away and counts them. */
static void take_bytes(struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len,
    uint64_t len, int flags) {
    struct stream *stream = &endpoint->peer->out;
    if ((flags & WB_MSG_TRUNC) != 0 && (flags & WB_MSG_PEEK) == 0) {
        stream_drop(endpoint->kernel, stream, (size_t)len);
        stream->arrived -= len;
    } else {
        scatter(endpoint, iov, iov_len, len, (flags & WB_MSG_PEEK) != 0);
    }
}

static void after_read(struct sim_endpoint *endpoint, uint64_t len, uint64_t readable_before) {
    endpoint->received_len += len;
    endpoint->known_len = endpoint->known_len > len ? endpoint->known_len - len : 0;
    if (len < readable_before) {
        file_lowered(endpoint->kernel, endpoint->file);
    }
    endpoint_transmit(endpoint->peer);
}

int64_t endpoint_recv(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, int flags) {
    if (endpoint->tcp == TCP_LISTENING) {
        return -ENOTCONN;
    }
    if ((flags & WB_MSG_OOB) != 0) {
        return -EINVAL; /* there is no urgent data */
    }
    uint64_t wanted = iov_total(iov, iov_len);
    uint64_t readable = endpoint_readable(endpoint);
    bool faulty = endpoint->file != NULL && choice_possible(endpoint->kernel) && wanted != 0;
    uint64_t len = wanted;
    int64_t decided = 0;
    if (faulty && recv_fault(endpoint, &len, &decided)) {
        return decided;
    }
    bool cut = len < wanted && len < readable;
    readable = endpoint_readable(endpoint);
    if (readable == 0) {
        int64_t result = recv_without_data(endpoint);
        if (result == -EAGAIN) {
            file_lowered(endpoint->kernel, endpoint->file);
        }
        return result;
    }
    if (wanted == 0) {
        return 0;
    }
    len = len < readable ? len : readable;
    take_bytes(endpoint, iov, iov_len, len, flags);
    if ((flags & WB_MSG_PEEK) != 0) {
        endpoint->known_len = endpoint->known_len > len ? endpoint->known_len : len;
        return (int64_t)len;
    }
    if (cut) {
        endpoint_hold_reads(endpoint);
    }
    after_read(endpoint, len, readable);
    return (int64_t)len;
}

/* ---- sending ---- */

static int64_t send_error(struct sim_endpoint *endpoint) {
    int error = endpoint_take_error(endpoint);
    return error != 0 ? -error : -EPIPE;
}

static bool send_fault(struct sim_endpoint *endpoint, uint64_t *in_out_len, int64_t *out_result) {
    struct sim_kernel *kernel = endpoint->kernel;
    struct wbh_choice_point point = {
        .point = WBH_POINT_SEND,
        .subject = endpoint->subject,
        .ordinal = ++endpoint->send_ordinal,
        .size = *in_out_len,
        .failing = WBH_ACTION_BIT(WBH_ACTION_RESET) | WBH_ACTION_BIT(WBH_ACTION_ERROR),
    };
    /* Nothing queued, or told to be writable: then only the contract allows EAGAIN. */
    bool timing = endpoint_queued(endpoint) != 0 && !endpoint->known_writable;
    *(timing ? &point.kernel : &point.contract) |= WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK);
    if (point.size >= 2) {
        /* Less than a third of the buffer always fits when it is empty or was reported writable. */
        bool large = point.size > endpoint->send_buffer_size / 3;
        uint32_t *shorter = timing || large ? &point.kernel : &point.contract;
        *shorter |= WBH_ACTION_BIT(WBH_ACTION_SHORT);
    }
    struct wbh_choice choice = choose(kernel, &point);
    if (choice.action == WBH_ACTION_PASS) {
        return false;
    }
    choice_consumed(kernel, point.point, choice.action);
    if (choice.action == WBH_ACTION_SHORT) {
        *in_out_len = choice.value;
        return false;
    }
    if (choice.action == WBH_ACTION_WOULD_BLOCK) {
        endpoint_hold_writes(endpoint);
        *out_result = -EAGAIN;
        return true;
    }
    int error = error_of(&choice);
    if (error == ENOBUFS || error == ENOMEM) {
        *out_result = -error; /* the call fails, the connection stands */
        return true;
    }
    *out_result = break_connection(endpoint, error);
    return true;
}

static void gather(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, uint64_t len) {
    for (size_t i = 0; i < iov_len && len != 0; i++) {
        size_t part = len < iov[i].len ? (size_t)len : iov[i].len;
        stream_append(endpoint->kernel, &endpoint->out, iov[i].base, part);
        len -= part;
    }
}

int64_t endpoint_send(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, int flags) {
    (void)flags; /* MSG_MORE and MSG_NOSIGNAL change nothing that can be seen here */
    if (endpoint->tcp == TCP_SYN_SENT && endpoint->error == 0) {
        return -EAGAIN;
    }
    if (endpoint->error != 0 || endpoint->snd_shut || endpoint->tcp != TCP_ESTABLISHED) {
        return send_error(endpoint);
    }
    uint64_t wanted = iov_total(iov, iov_len);
    if (wanted == 0) {
        return 0;
    }
    uint64_t queued = endpoint_queued(endpoint);
    uint64_t room = queued < endpoint->send_buffer_size ? endpoint->send_buffer_size - queued : 0;
    if (endpoint->write_hold.until_ns != 0 || room == 0) {
        endpoint->nospace = true;
        file_lowered(endpoint->kernel, endpoint->file);
        return -EAGAIN;
    }
    uint64_t len = wanted < room ? wanted : room;
    uint64_t allowed = len;
    int64_t decided = 0;
    if (endpoint->file != NULL && choice_possible(endpoint->kernel)
        && send_fault(endpoint, &allowed, &decided)) {
        return decided;
    }
    if (allowed < len) {
        endpoint_hold_writes(endpoint);
        len = allowed;
    } else if (len < wanted) {
        endpoint->nospace = true;
    }
    endpoint->known_writable = false;
    gather(endpoint, iov, iov_len, len);
    endpoint->out.unsent += len;
    endpoint->sent_len += len;
    endpoint_transmit(endpoint);
    file_lowered(endpoint->kernel, endpoint->file);
    return (int64_t)len;
}

/* ---- the system calls ---- */

static void emit_transfer(struct sim_kernel *kernel, enum sim_call call, int fd,
    struct sim_file *file, int64_t result, uint64_t wanted, int flags, const struct wb_iovec *iov,
    size_t iov_len) {
    struct sim_event event = event_begin(kernel, SIM_EVENT_CALL);
    event.call = (uint8_t)call;
    event.fd = fd;
    event.result = result;
    event.a = wanted;
    event.b = (uint64_t)(uint32_t)flags;
    if (file != NULL) {
        event.file = file->serial;
        event.subject = file_subject(file);
    }
    if (result > 0 && (flags & WB_MSG_TRUNC) == 0) {
        size_t len = (size_t)result;
        event.data_len = len;
        event.data = iov[0].base;
        if (iov[0].len < len) {
            uint8_t *bytes = scratch(kernel, len);
            event.data = bytes;
            for (size_t i = 0; i < iov_len && len != 0; i++) {
                size_t part = len < iov[i].len ? len : iov[i].len;
                if (part != 0) {
                    memcpy(bytes, iov[i].base, part);
                }
                bytes += part;
                len -= part;
            }
        }
    }
    event_emit(kernel, &event);
}

/* A handled SIGPIPE would be the program's own affair; the default action ends it. */
static void raise_sigpipe(struct sim_kernel *kernel, int64_t result, int flags) {
    enum { SIGPIPE_NUMBER = 13 };
    if (result == -EPIPE && (flags & WB_MSG_NOSIGNAL) == 0) {
        sim_signal(kernel, SIGPIPE_NUMBER);
    }
}

/* A blocking socket sleeps where another says EAGAIN. */
static int64_t transfer_socket(struct sim_kernel *kernel, struct sim_file *file, bool sending,
    const struct wb_iovec *iov, size_t iov_len, int flags) {
    for (;;) {
        int64_t result = sending ? endpoint_send(file->socket, iov, iov_len, flags)
                                 : endpoint_recv(file->socket, iov, iov_len, flags);
        if (result != -EAGAIN || file->nonblocking || (flags & WB_MSG_DONTWAIT) != 0) {
            return result;
        }
        wait_advance(kernel, UINT64_MAX);
    }
}

static int64_t transfer(struct sim_kernel *kernel, bool sending, bool socket_only, int fd,
    const struct wb_iovec *iov, size_t iov_len, int flags) {
    call_enter(kernel);
    struct sim_file *file = fd_get(kernel, fd);
    bool is_socket = file != NULL && file->type == FILE_SOCKET;
    enum sim_call call = sending ? SIM_CALL_SEND : SIM_CALL_RECV;
    if (!is_socket && !socket_only) {
        call = sending ? SIM_CALL_WRITE : SIM_CALL_READ;
    }
    uint64_t wanted = 0;
    int64_t result;
    if (file == NULL) {
        result = -EBADF;
    } else if (!is_socket && socket_only) {
        result = -ENOTSOCK;
    } else if (iov_len > IOV_MAX_LEN) {
        result = socket_only ? -EMSGSIZE : -EINVAL;
    } else if (iov_is_bad(iov, iov_len)) {
        result = -EFAULT;
    } else {
        wanted = iov_total(iov, iov_len);
        if (!is_socket) {
            struct wb_iovec first = iov_len != 0 ? iov[0] : (struct wb_iovec){NULL, 0};
            result = sending ? special_write(kernel, fd, file, first.base, first.len)
                             : special_read(kernel, file, first.base, first.len);
        } else if (wanted == 0 && !sending && !socket_only) {
            result = 0; /* read() of no bytes asks nothing of the socket */
        } else {
            result = transfer_socket(kernel, file, sending, iov, iov_len, flags);
        }
    }
    emit_transfer(kernel, call, fd, file, result, wanted, flags, iov, iov_len);
    if (sending && is_socket) {
        raise_sigpipe(kernel, result, flags);
    }
    return result;
}

/* Writing reads the buffer only; struct wb_iovec has no const form, as in the system call. */
static struct wb_iovec iovec_of(const void *buf, size_t len) {
    struct wb_iovec iov;
    memcpy(&iov.base, &buf, sizeof(buf));
    iov.len = len;
    return iov;
}

int64_t sys_recv(void *self, int fd, void *buf, size_t len, int flags) {
    struct wb_iovec iov = {buf, len};
    return transfer(self, false, true, fd, &iov, 1, flags);
}

int64_t sys_send(void *self, int fd, const void *buf, size_t len, int flags) {
    struct wb_iovec iov = iovec_of(buf, len);
    return transfer(self, true, true, fd, &iov, 1, flags);
}

int64_t sys_recvmsg(void *self, int fd, struct wb_msghdr *msg, int flags) {
    int64_t result = transfer(self, false, true, fd, msg->iov, msg->iov_len, flags);
    if (result >= 0) {
        msg->name_len = 0; /* a stream names no sender */
        msg->control_len = 0;
        msg->flags = 0;
    }
    return result;
}

int64_t sys_sendmsg(void *self, int fd, const struct wb_msghdr *msg, int flags) {
    return transfer(self, true, true, fd, msg->iov, msg->iov_len, flags);
}

int64_t sys_read(void *self, int fd, void *buf, size_t len) {
    struct wb_iovec iov = {buf, len};
    return transfer(self, false, false, fd, &iov, 1, 0);
}

int64_t sys_write(void *self, int fd, const void *buf, size_t len) {
    struct wb_iovec iov = iovec_of(buf, len);
    return transfer(self, true, false, fd, &iov, 1, 0);
}

int64_t sys_readv(void *self, int fd, const struct wb_iovec *iov, int iov_len) {
    return transfer(self, false, false, fd, iov, iov_len < 0 ? SIZE_MAX : (size_t)iov_len, 0);
}

int64_t sys_writev(void *self, int fd, const struct wb_iovec *iov, int iov_len) {
    return transfer(self, true, false, fd, iov, iov_len < 0 ? SIZE_MAX : (size_t)iov_len, 0);
}
