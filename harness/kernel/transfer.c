/* The system calls that move bytes: arguments checked, the file asked, again and again where it
 * blocks, and the call told. What a kind of file does with the bytes is its own affair. */
#include "kernel/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    IOV_MAX_LEN = 1024,
    MESSAGES_MAX = 1024, /* of one recvmmsg or sendmmsg: what is beyond is not looked at */
};
#define FLAG_OF_THE_KERNEL (1u << 31) /* MSG_CMSG_COMPAT: refused from programs, in messages */

/* ---- buffers in parts ---- */

/* One piece is the rule: no loop is set up for it. */
uint64_t iov_total(const struct wb_iovec *iov, size_t iov_len) {
    if (iov_len == 1) {
        return iov[0].len;
    }
    uint64_t total = 0;
    for (size_t i = 0; i < iov_len; i++) {
        total += iov[i].len;
    }
    return total;
}

bool iov_is_bad(const struct wb_iovec *iov, size_t iov_len) {
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

void iov_scatter(const struct wb_iovec *iov, size_t iov_len, const void *bytes, size_t len) {
    const uint8_t *next = bytes;
    for (size_t i = 0; i < iov_len && len != 0; i++) {
        size_t part = len < iov[i].len ? len : iov[i].len;
        if (part != 0) {
            memcpy(iov[i].base, next, part);
        }
        next += part;
        len -= part;
    }
}

void iov_gather(const struct wb_iovec *iov, size_t iov_len, void *bytes, size_t len) {
    uint8_t *next = bytes;
    for (size_t i = 0; i < iov_len && len != 0; i++) {
        size_t part = len < iov[i].len ? len : iov[i].len;
        if (part != 0) {
            memcpy(next, iov[i].base, part);
        }
        next += part;
        len -= part;
    }
}

uint8_t *scratch(struct sim_kernel *kernel, size_t size) {
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

/* ---- one call ---- */

/* What is moved, where to, and what came of it. */
struct transfer {
    int fd;
    struct sim_file *file; /* NULL: not open */
    struct wb_msghdr *msg;
    uint64_t wanted;
    int flags;
    bool sending;
    bool socket_only; /* recv, send and their kin, that ask for a socket */
    bool is_vector;   /* given in parts */
};

static enum sim_call call_of(const struct transfer *transfer) {
    bool is_socket = transfer->file != NULL && transfer->file->ops->socket != NULL;
    if (is_socket || transfer->socket_only) {
        return transfer->sending ? SIM_CALL_SEND : SIM_CALL_RECV;
    }
    return transfer->sending ? SIM_CALL_WRITE : SIM_CALL_READ;
}

static uint32_t moved_subject(const struct sim_file *file) {
    const struct socket_ops *ops = file->ops->socket;
    return ops != NULL && ops->moved_subject != NULL ? ops->moved_subject(file)
                                                     : file_subject(file);
}

/* A datagram that was cut tells its full length: there are no more bytes than buffers. */
static void emit_transfer(
    struct sim_kernel *kernel, const struct transfer *transfer, int64_t result) {
    struct sim_event event = event_begin(kernel, SIM_EVENT_CALL);
    event.call = (uint8_t)call_of(transfer);
    event.fd = transfer->fd;
    event.result = result;
    event.a = transfer->wanted;
    event.b = (uint64_t)(uint32_t)transfer->flags;
    if (transfer->file != NULL) {
        event.file = transfer->file->serial;
        event.subject = moved_subject(transfer->file);
    }
    bool thrown_away = (transfer->flags & WB_MSG_TRUNC) != 0 && transfer->file != NULL
                       && transfer->file->type == FILE_TCP;
    if (result > 0 && !thrown_away) {
        const struct wb_iovec *iov = transfer->msg->iov;
        size_t len =
            (uint64_t)result < transfer->wanted ? (size_t)result : (size_t)transfer->wanted;
        event.data_len = len;
        event.data = len != 0 ? iov[0].base : NULL;
        if (len != 0 && iov[0].len < len) {
            uint8_t *bytes = scratch(kernel, len);
            iov_gather(iov, transfer->msg->iov_len, bytes, len);
            event.data = bytes;
        }
    }
    event_emit(kernel, &event);
}

static bool is_too_long(const struct wb_iovec *iov, size_t iov_len) {
    for (size_t i = 0; i < iov_len; i++) {
        if ((int64_t)iov[i].len < 0) {
            return true;
        }
    }
    return false;
}

static int check_parts(const struct transfer *transfer) {
    const struct wb_msghdr *msg = transfer->msg;
    if (msg->iov_len > IOV_MAX_LEN) {
        return transfer->socket_only ? -EMSGSIZE : -EINVAL;
    }
    if (msg->iov == NULL && msg->iov_len != 0) {
        return -EFAULT;
    }
    if (is_too_long(msg->iov, msg->iov_len)) {
        bool is_read_or_write = !transfer->is_vector && !transfer->socket_only;
        return transfer->is_vector ? -EINVAL : is_read_or_write ? -EFAULT : 0;
    }
    bool refused = !transfer->file->ops->checks_buffers && iov_is_bad(msg->iov, msg->iov_len);
    return refused ? -EFAULT : 0;
}

/* The rule: one part, of a size that is possible, and somewhere. */
static bool is_one_good_part(const struct wb_msghdr *msg) {
    return msg->iov_len == 1 && msg->iov != NULL && (int64_t)msg->iov[0].len >= 0
           && msg->iov[0].base != NULL;
}

static int check_control(const struct transfer *transfer) {
    const struct wb_msghdr *msg = transfer->msg;
    if (!transfer->sending || msg->control_len == 0) {
        return 0;
    }
    return msg->control_len > INT32_MAX ? -ENOBUFS : msg->control == NULL ? -EFAULT : 0;
}

static int check_kind(const struct transfer *transfer) {
    const struct file_ops *ops = transfer->file->ops;
    if (ops->socket != NULL) {
        return 0;
    }
    if (transfer->socket_only) {
        return -ENOTSOCK;
    }
    if (!access_allows(ops, transfer->sending)) {
        return -EBADF;
    }
    return (transfer->sending ? ops->write : ops->read) == NULL ? -EINVAL : 0;
}

/* In the order in which Linux finds fault. */
static int check_arguments(const struct transfer *transfer) {
    if (transfer->file == NULL) {
        return -EBADF;
    }
    int error = check_kind(transfer);
    if (error != 0) {
        return error;
    }
    if (transfer->msg->name != NULL && (int32_t)transfer->msg->name_len < 0) {
        return -EINVAL;
    }
    error = is_one_good_part(transfer->msg) ? 0 : check_parts(transfer);
    return error != 0 ? error : check_control(transfer);
}

static int64_t attempt(struct sim_kernel *kernel, const struct transfer *transfer) {
    const struct file_ops *ops = transfer->file->ops;
    struct wb_msghdr *msg = transfer->msg;
    if (ops->socket != NULL) {
        return transfer->sending ? ops->socket->send(kernel, transfer->file, msg, transfer->flags)
                                 : ops->socket->recv(kernel, transfer->file, msg, transfer->flags);
    }
    return transfer->sending ? ops->write(kernel, transfer->file, msg->iov, msg->iov_len)
                             : ops->read(kernel, transfer->file, msg->iov, msg->iov_len);
}

static bool is_over(const struct sim_file *file, bool sending) {
    const struct socket_ops *ops = file->ops->socket;
    return sending && ops != NULL && ops->send_is_over != NULL && ops->send_is_over(file);
}

/* A blocking read that waits for SO_RCVLOWAT is not even woken before. */
void file_wait(struct sim_kernel *kernel, struct sim_file *file, bool sending) {
    uint32_t wanted = (sending ? WB_EPOLLOUT : WB_EPOLLIN) | WB_EPOLLERR | WB_EPOLLHUP;
    do {
        wait_advance(kernel, UINT64_MAX);
    } while ((file_peek(kernel, file) & wanted) == 0 && !is_over(file, sending));
}

/* How much must be there before a blocking call returns. */
static uint64_t target_of(const struct transfer *transfer) {
    const struct socket_ops *ops = transfer->file->ops->socket;
    if (transfer->sending || (transfer->flags & WB_MSG_WAITALL) != 0) {
        return transfer->wanted;
    }
    uint64_t low_water = ops == NULL ? 1 : ops->options(transfer->file)->recv_low_water;
    return low_water < transfer->wanted ? low_water : transfer->wanted;
}

/* Copies what is left of the parts behind the first `done` bytes; how many they are. */
static size_t iov_rest(
    const struct wb_iovec *iov, size_t iov_len, uint64_t done, struct wb_iovec *rest) {
    size_t count = 0;
    for (size_t i = 0; i < iov_len; i++) {
        size_t skipped = done < iov[i].len ? (size_t)done : iov[i].len;
        done -= skipped;
        if (skipped < iov[i].len) {
            rest[count].base = (uint8_t *)iov[i].base + skipped;
            rest[count].len = iov[i].len - skipped;
            count++;
        }
    }
    return count;
}

/* Whether a blocking transfer that has moved something waits for more. */
static bool goes_on(const struct transfer *transfer, uint64_t peeked_len) {
    const struct file_ops *ops = transfer->file->ops;
    if (ops->socket == NULL) {
        return ops->is_stream && transfer->sending;
    }
    return ops->socket->goes_on != NULL
           && ops->socket->goes_on(transfer->file, transfer->sending, peeked_len);
}

/* An error behind bytes that were moved is the next call's. */
static void keep_error(const struct transfer *transfer, int64_t result) {
    const struct socket_ops *ops = transfer->file->ops->socket;
    if (result < 0 && result != -EPIPE && result != -EAGAIN && ops != NULL
        && ops->put_error != NULL) {
        ops->put_error(transfer->file, (int)-result);
    }
}

/* A handled SIGPIPE would be the program's own affair; the default action ends it. */
static void raise_sigpipe(
    struct sim_kernel *kernel, const struct transfer *transfer, int64_t result) {
    if (result == -EPIPE && transfer->sending && transfer->file->ops->raises_sigpipe
        && (transfer->flags & WB_MSG_NOSIGNAL) == 0) {
        sim_signal(kernel, kernel->current->number, SIGPIPE_NUMBER);
    }
}

/* Of a blocking stream: on and on, until all has been written, or enough has been read. A peek
 * begins anew each time. */
static int64_t move_all(struct sim_kernel *kernel, const struct transfer *transfer, int64_t done) {
    struct wb_iovec rest[IOV_MAX_LEN];
    struct wb_msghdr msg = *transfer->msg;
    struct transfer next = *transfer;
    bool peeks = !transfer->sending && (transfer->flags & WB_MSG_PEEK) != 0;
    if (!peeks) {
        next.msg = &msg;
        msg.iov = rest;
    }
    while ((uint64_t)done < target_of(transfer) && goes_on(transfer, peeks ? (uint64_t)done : 0)) {
        msg.iov_len = iov_rest(transfer->msg->iov, transfer->msg->iov_len, (uint64_t)done, rest);
        int64_t result = attempt(kernel, &next);
        if (result == -EAGAIN) {
            file_wait(kernel, transfer->file, transfer->sending);
            continue;
        }
        if (peeks && result == done) {
            wait_advance(kernel, UINT64_MAX);
            continue;
        }
        if (result <= 0) {
            keep_error(transfer, result);
            raise_sigpipe(kernel, transfer, result);
            break;
        }
        done = peeks ? result : done + result;
    }
    return done;
}

/* A blocking file sleeps where another says EAGAIN. */
static int64_t move_patiently(struct sim_kernel *kernel, const struct transfer *transfer) {
    int64_t result;
    while ((result = attempt(kernel, transfer)) == -EAGAIN) {
        file_wait(kernel, transfer->file, transfer->sending);
    }
    bool is_part = result > 0 && (uint64_t)result < target_of(transfer);
    return is_part ? move_all(kernel, transfer, result) : result;
}

static int64_t move_bytes(struct sim_kernel *kernel, const struct transfer *transfer) {
    bool nonblocking = transfer->file->nonblocking || (transfer->flags & WB_MSG_DONTWAIT) != 0;
    return nonblocking ? attempt(kernel, transfer) : move_patiently(kernel, transfer);
}

/* Parts that are nothing together ask nothing of the file, nor does read() of no bytes of a socket;
 * other files have their own mind about that. */
static bool asks_nothing(const struct transfer *transfer) {
    bool is_socket = transfer->file->ops->socket != NULL;
    bool is_plain_read = is_socket && !transfer->sending;
    return transfer->wanted == 0 && !transfer->socket_only
           && (transfer->is_vector || is_plain_read);
}

static inline int64_t transfer_file(struct sim_kernel *kernel, struct transfer *transfer) {
    int64_t result = check_arguments(transfer);
    if (result == 0) {
        transfer->wanted = iov_total(transfer->msg->iov, transfer->msg->iov_len);
        result = asks_nothing(transfer) ? 0 : move_bytes(kernel, transfer);
    }
    if (result >= 0 && !transfer->sending) {
        transfer->msg->flags |= transfer->flags & WB_MSG_CMSG_CLOEXEC;
    }
    emit_transfer(kernel, transfer, result);
    raise_sigpipe(kernel, transfer, result);
    if (result == -EAGAIN) {
        flavour_would_block(kernel, transfer->file, transfer->sending);
    }
    return result;
}

/* Among several threads; apart, so that one alone pays nothing for it. */
static __attribute__((noinline)) int64_t transfer_holding(
    struct sim_kernel *kernel, struct transfer *transfer) {
    bool holds = thread_hold(kernel, transfer->file);
    int64_t result = transfer_file(kernel, transfer);
    if (holds) {
        thread_let_go(kernel);
    }
    return result;
}

/* Without entering: several messages are one call. */
static int64_t transfer_run(struct sim_kernel *kernel, struct transfer *transfer) {
    transfer->file = fd_get(kernel, transfer->fd);
    return kernel->takes_turns ? transfer_holding(kernel, transfer)
                               : transfer_file(kernel, transfer);
}

static int64_t transfer_iov(struct sim_kernel *kernel, bool sending, bool socket_only,
    bool is_vector, int fd, struct wb_iovec *iov, size_t iov_len, int flags) {
    call_enter(kernel);
    struct wb_msghdr msg = {.iov = iov, .iov_len = iov_len};
    struct transfer transfer = {.fd = fd,
        .msg = &msg,
        .flags = flags,
        .sending = sending,
        .socket_only = socket_only,
        .is_vector = is_vector};
    return transfer_run(kernel, &transfer);
}

/* Writing reads the buffer only; struct wb_iovec has no const form, as in the system call. */
static struct wb_iovec iovec_of(const void *buf, size_t len) {
    struct wb_iovec iov;
    memcpy(&iov.base, &buf, sizeof(buf));
    iov.len = len;
    return iov;
}

/* ---- the system calls ---- */

int64_t sys_recv(void *self, int fd, void *buf, size_t len, int flags) {
    struct wb_iovec iov = {buf, len};
    return transfer_iov(self, false, true, false, fd, &iov, 1, flags);
}

int64_t sys_send(void *self, int fd, const void *buf, size_t len, int flags) {
    struct wb_iovec iov = iovec_of(buf, len);
    return transfer_iov(self, true, true, false, fd, &iov, 1, flags);
}

int64_t sys_read(void *self, int fd, void *buf, size_t len) {
    struct wb_iovec iov = {buf, len};
    return transfer_iov(self, false, false, false, fd, &iov, 1, 0);
}

int64_t sys_write(void *self, int fd, const void *buf, size_t len) {
    struct wb_iovec iov = iovec_of(buf, len);
    return transfer_iov(self, true, false, false, fd, &iov, 1, 0);
}

static int64_t transfer_vector(
    struct sim_kernel *kernel, bool sending, int fd, const struct wb_iovec *iov, int iov_len) {
    struct wb_iovec *parts;
    memcpy(&parts, &iov, sizeof(iov)); /* only read: see iovec_of() */
    size_t count = iov_len < 0 ? SIZE_MAX : (size_t)iov_len;
    return transfer_iov(kernel, sending, false, true, fd, parts, count, 0);
}

int64_t sys_readv(void *self, int fd, const struct wb_iovec *iov, int iov_len) {
    return transfer_vector(self, false, fd, iov, iov_len);
}

int64_t sys_writev(void *self, int fd, const struct wb_iovec *iov, int iov_len) {
    return transfer_vector(self, true, fd, iov, iov_len);
}

static int64_t transfer_message(
    struct sim_kernel *kernel, bool sending, int fd, struct wb_msghdr *msg, int flags) {
    struct wb_msghdr none = {0};
    struct transfer transfer = {.fd = fd,
        .msg = msg != NULL ? msg : &none,
        .flags = flags,
        .sending = sending,
        .socket_only = true,
        .is_vector = true};
    bool is_refused = ((uint32_t)flags & FLAG_OF_THE_KERNEL) != 0;
    if (msg == NULL || is_refused) {
        int error;
        transfer.file = socket_file(kernel, fd, &error);
        error = is_refused ? -EINVAL : error != 0 ? error : -EFAULT;
        emit_transfer(kernel, &transfer, error);
        return error;
    }
    return transfer_run(kernel, &transfer);
}

int64_t sys_recvmsg(void *self, int fd, struct wb_msghdr *msg, int flags) {
    call_enter(self);
    return transfer_message(self, false, fd, msg, flags);
}

int64_t sys_sendmsg(void *self, int fd, const struct wb_msghdr *msg, int flags) {
    struct wb_msghdr *only_read;
    memcpy(&only_read, &msg, sizeof(msg)); /* see iovec_of() */
    call_enter(self);
    return transfer_message(self, true, fd, only_read, flags);
}

/* What there is to say before the first message; receiving begins with the socket's error. */
static int messages_error(struct sim_kernel *kernel, const struct transfer *transfer) {
    int error;
    struct sim_file *file = socket_file(kernel, transfer->fd, &error);
    if (((uint32_t)transfer->flags & FLAG_OF_THE_KERNEL) != 0) {
        return -EINVAL;
    }
    if (error == 0 && !transfer->sending) {
        error = -file->ops->socket->take_error(file);
    }
    return error;
}

/* An error after the first message is told by the next call. With WAITFORONE only the first is
 * waited for. */
static int transfer_all(struct sim_kernel *kernel, bool sending, int fd, struct wb_mmsghdr *msgs,
    uint32_t msgs_len, int flags) {
    struct wb_msghdr none = {0};
    struct transfer call = {.fd = fd,
        .file = fd_get(kernel, fd),
        .msg = &none,
        .flags = flags,
        .sending = sending,
        .socket_only = true};
    uint32_t count = msgs_len < MESSAGES_MAX ? msgs_len : MESSAGES_MAX;
    int error = messages_error(kernel, &call);
    error = error == 0 && msgs == NULL && count != 0 ? -EFAULT : error;
    if (error != 0 || count == 0) {
        emit_transfer(kernel, &call, error);
        return error;
    }
    for (uint32_t i = 0; i < count; i++) {
        int each = flags & ~WB_MSG_WAITFORONE;
        if (i != 0 && (flags & WB_MSG_WAITFORONE) != 0) {
            each |= WB_MSG_DONTWAIT;
        }
        int64_t result = transfer_message(kernel, sending, fd, &msgs[i].hdr, each);
        if (result < 0 && i != 0 && !sending) {
            keep_error(&call, result);
        }
        if (result < 0) {
            return i != 0 ? (int)i : (int)result;
        }
        msgs[i].len = (uint32_t)result;
        if (!sending && (msgs[i].hdr.flags & WB_MSG_OOB) != 0) {
            return (int)i + 1;
        }
    }
    return (int)count;
}

static int transfer_messages(struct sim_kernel *kernel, bool sending, int fd,
    struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags) {
    call_enter(kernel);
    bool holds = thread_hold(kernel, fd_get(kernel, fd));
    int result = transfer_all(kernel, sending, fd, msgs, msgs_len, flags);
    if (holds) {
        thread_let_go(kernel);
    }
    return result;
}

int sys_recvmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags) {
    return transfer_messages(self, false, fd, msgs, msgs_len, flags);
}

int sys_sendmmsg(void *self, int fd, struct wb_mmsghdr *msgs, uint32_t msgs_len, int flags) {
    return transfer_messages(self, true, fd, msgs, msgs_len, flags);
}
