/* Operations that move bytes. What is sent counts up from the step's number, so that a byte tells
 * where it comes from. */
#include "fidelity/step.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum { BUFFER_LEN = 4096, MANY_PARTS = 1025, MESSAGES_MAX = 3 };

void fid_call_fill(const struct fid_call *call, uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)(call->step * 16 + i);
    }
    /* An eventfd adds it up: small, whatever the step. */
    const struct fid_file *file = fid_world_file(call->world, call->op->arg[0]);
    if (file != NULL && file->kind == FID_KIND_EVENTFD && len >= sizeof(uint64_t)) {
        uint64_t value = call->step % 3;
        memcpy(bytes, &value, sizeof(value));
    }
}

static uint32_t hash_of(const uint8_t *bytes, size_t len) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ bytes[i]) * 16777619u;
    }
    return hash;
}

void fid_call_bytes(const struct fid_call *call, const uint8_t *bytes, int64_t len, size_t room) {
    if (len > 0) {
        size_t shown = (size_t)len < room ? (size_t)len : room;
        fid_fact_add(call->out, "bytes", FID_FORM_BYTES,
            (int64_t)((uint64_t)shown << 32 | hash_of(bytes, shown)));
    }
}

/* ---- one buffer ---- */

static void send_one(const struct fid_call *call, bool writes) {
    uint8_t bytes[BUFFER_LEN];
    size_t len = (size_t)fid_call_value(call, 1);
    int fd = fid_call_fd(call, 0);
    fid_call_fill(call, bytes, len);
    fid_call_result(call, writes ? WB_SYS(call->sys, write, fd, bytes, len)
                                 : WB_SYS(call->sys, send, fd, bytes, len,
                                     (int)fid_call_value(call, 2) | WB_MSG_NOSIGNAL));
}

/* A timer says how often it expired: of a short period that is a matter of time (T8). */
static void recv_one(const struct fid_call *call, bool reads) {
    uint8_t bytes[BUFFER_LEN] = {0};
    size_t len = (size_t)fid_call_value(call, 1);
    int fd = fid_call_fd(call, 0);
    const struct fid_file *file = fid_world_file(call->world, call->op->arg[0]);
    int64_t result = reads ? WB_SYS(call->sys, read, fd, bytes, len)
                           : WB_SYS(call->sys, recv, fd, bytes, len, (int)fid_call_value(call, 2));
    fid_call_result(call, result);
    if (file != NULL && file->kind == FID_KIND_TIMERFD) {
        uint64_t count = 0;
        memcpy(&count, bytes, sizeof(count));
        fid_fact_add(call->out, "expired", FID_FORM_VALUE, result > 0 ? (int64_t)count : 0);
    } else if (file != NULL && file->kind == FID_KIND_SIGNALFD) {
        fid_call_bytes(call, bytes, result < 4 ? result : 4, len); /* only the number is promised */
    } else {
        fid_call_bytes(call, bytes, result, len);
    }
}

/* ---- several buffers ---- */

/* Buffers of the shape that argument 1 names, all within `bytes`. */
static size_t shape_buffers(
    const struct fid_call *call, struct wb_iovec *iov, uint8_t *bytes, size_t *out_len) {
    int64_t shape = fid_call_value(call, 1);
    size_t count = 0;
    *out_len = 0;
    if (shape == FID_SHAPE_MANY) {
        for (; count < MANY_PARTS; count++) {
            iov[count] = (struct wb_iovec){bytes, 1};
        }
        return count;
    }
    for (; fid_shapes[shape][count] >= 0; count++) {
        size_t len = (size_t)fid_shapes[shape][count];
        iov[count] = (struct wb_iovec){bytes + *out_len, len};
        *out_len += len;
    }
    if (shape == FID_SHAPE_NULL) {
        iov[0].base = NULL;
    }
    return count;
}

static void send_shape(const struct fid_call *call, bool writes) {
    uint8_t bytes[64];
    struct wb_iovec iov[MANY_PARTS];
    size_t len;
    size_t count = shape_buffers(call, iov, bytes, &len);
    int fd = fid_call_fd(call, 0);
    fid_call_fill(call, bytes, len);
    if (writes) {
        fid_call_result(call, WB_SYS(call->sys, writev, fd, iov, (int)count));
        return;
    }
    struct wb_msghdr msg = {.iov = iov, .iov_len = count};
    fid_call_result(
        call, WB_SYS(call->sys, sendmsg, fd, &msg, (int)fid_call_value(call, 2) | WB_MSG_NOSIGNAL));
}

static void put_sender(const struct fid_call *call, const struct wb_msghdr *msg) {
    fid_fact_add(call->out, "flags", FID_FORM_FLAGS,
        msg->flags & (WB_MSG_OOB | WB_MSG_CTRUNC | WB_MSG_TRUNC | WB_MSG_EOR));
    fid_fact_add(call->out, "name length", FID_FORM_VALUE, msg->name_len);
    if (msg->name_len != 0) {
        fid_fact_add(
            call->out, "from", FID_FORM_NAME, fid_side_name(call->side, msg->name, msg->name_len));
    }
}

static void recv_shape(const struct fid_call *call, bool reads) {
    uint8_t bytes[64] = {0};
    struct wb_iovec iov[MANY_PARTS];
    struct wb_sockaddr from = {.family = 0};
    size_t len;
    size_t count = shape_buffers(call, iov, bytes, &len);
    int fd = fid_call_fd(call, 0);
    if (reads) {
        int64_t result = WB_SYS(call->sys, readv, fd, iov, (int)count);
        fid_call_result(call, result);
        fid_call_bytes(call, bytes, result, len);
        return;
    }
    struct wb_msghdr msg = {.name = &from, .name_len = sizeof(from), .iov = iov, .iov_len = count};
    int64_t result = WB_SYS(call->sys, recvmsg, fd, &msg, (int)fid_call_value(call, 2));
    fid_call_result(call, result);
    fid_call_bytes(call, bytes, result, len);
    if (result >= 0) {
        put_sender(call, &msg);
    }
}

static void send_to(const struct fid_call *call) {
    uint8_t bytes[BUFFER_LEN];
    struct wb_sockaddr addr = {.family = 0};
    uint32_t addr_len = sizeof(addr);
    size_t len = (size_t)fid_call_value(call, 2);
    int target = WB_SYS(call->sys, getsockname, fid_call_fd(call, 1), &addr, &addr_len);
    if (target != 0) {
        fid_fact_add(call->out, "target", FID_FORM_RESULT, target);
        return;
    }
    struct wb_iovec iov = {bytes, len};
    struct wb_msghdr msg = {.name = &addr, .name_len = addr_len, .iov = &iov, .iov_len = 1};
    int fd = fid_call_fd(call, 0);
    fid_call_fill(call, bytes, len);
    int64_t result = WB_SYS(call->sys, sendmsg, fd, &msg, WB_MSG_NOSIGNAL);
    fid_call_result(call, result);
    if (result >= 0) {
        fid_side_learn(call->side, fd); /* it may have been given a port */
    }
}

/* ---- several messages ---- */

static uint32_t messages_of(const struct fid_call *call, struct wb_mmsghdr *msgs,
    struct wb_iovec *iov, struct wb_sockaddr *from, uint8_t (*bytes)[BUFFER_LEN]) {
    uint32_t count = (uint32_t)fid_call_value(call, 1);
    for (uint32_t i = 0; i < count; i++) {
        iov[i] = (struct wb_iovec){bytes[i], (size_t)fid_call_value(call, 2)};
        msgs[i] = (struct wb_mmsghdr){.hdr = {.iov = &iov[i], .iov_len = 1}};
        if (from != NULL) {
            msgs[i].hdr.name = &from[i];
            msgs[i].hdr.name_len = sizeof(from[i]);
        }
    }
    return count;
}

static void send_many(const struct fid_call *call) {
    uint8_t bytes[MESSAGES_MAX][BUFFER_LEN];
    struct wb_iovec iov[MESSAGES_MAX];
    struct wb_mmsghdr msgs[MESSAGES_MAX];
    uint32_t count = messages_of(call, msgs, iov, NULL, bytes);
    for (uint32_t i = 0; i < count; i++) {
        fid_call_fill(call, bytes[i], iov[i].len);
    }
    int result = WB_SYS(call->sys, sendmmsg, fid_call_fd(call, 0), msgs, count, WB_MSG_NOSIGNAL);
    int64_t total = 0;
    fid_call_result(call, result);
    for (int i = 0; i < result; i++) {
        fid_fact_add(call->out, "length", FID_FORM_VALUE, msgs[i].len);
        total += msgs[i].len;
    }
    fid_fact_add(call->out, "bytes", FID_FORM_VALUE, total);
}

static void recv_many(const struct fid_call *call) {
    uint8_t bytes[MESSAGES_MAX][BUFFER_LEN];
    struct wb_iovec iov[MESSAGES_MAX];
    struct wb_mmsghdr msgs[MESSAGES_MAX];
    struct wb_sockaddr from[MESSAGES_MAX];
    memset(bytes, 0, sizeof(bytes));
    memset(from, 0, sizeof(from));
    uint32_t count = messages_of(call, msgs, iov, from, bytes);
    int result = WB_SYS(
        call->sys, recvmmsg, fid_call_fd(call, 0), msgs, count, (int)fid_call_value(call, 3));
    int64_t total = 0;
    fid_call_result(call, result);
    for (int i = 0; i < result; i++) {
        fid_fact_add(call->out, "length", FID_FORM_VALUE, msgs[i].len);
        put_sender(call, &msgs[i].hdr);
        total += msgs[i].len;
    }
    fid_fact_add(call->out, "bytes", FID_FORM_VALUE, total);
}

/* ---- until nothing fits ---- */

enum {
    CHUNK_LEN = 65536,         /* TCP */
    PAGE_LEN = 4096,           /* pipes fill up exactly by whole pages */
    MESSAGE_LEN = 100,         /* Unix sockets by equal messages */
    FLOOD_WRITES_MAX = 4096,   /* far beyond any buffer */
    DRAIN_READS_MAX = 1000000, /* of which most find nothing, if the other end is slow */
    UDP_FLOOD_MAX = 4,         /* it never is full */
};

static uint32_t poll_one(const struct fid_call *call, int fd, uint32_t events) {
    struct wb_pollfd entry = {.fd = fd, .events = (int16_t)events};
    (void)WB_SYS(call->sys, poll, &entry, 1, 0);
    return (uint32_t)entry.revents;
}

static int64_t write_until_full(const struct fid_call *call, size_t len, int writes_max) {
    static const uint8_t zeros[CHUNK_LEN];
    int fd = fid_call_fd(call, 0);
    int64_t total = 0;
    int64_t result = 0;
    for (int i = 0; i < writes_max && result >= 0; i++) {
        result = WB_SYS(call->sys, write, fd, zeros, len);
        total += result > 0 ? result : 0;
    }
    fid_fact_add(call->out, "at last", FID_FORM_RESULT, result < 0 ? result : 0);
    return total;
}

static int64_t drain(const struct fid_call *call, int fd, int64_t len) {
    static uint8_t sink[CHUNK_LEN];
    int64_t drained = 0;
    for (int i = 0; i < DRAIN_READS_MAX && drained < len; i++) {
        int64_t result = WB_SYS(call->sys, read, fd, sink, sizeof(sink));
        drained += result > 0 ? result : 0;
        if (result < 0 && result != -EAGAIN) {
            break;
        }
    }
    return drained;
}

/* How much a buffer takes is a matter of time (T2); that all of it arrives and the sender is
 * writable then is not. Whoever has lost its peer is told so by the reset that the first bytes
 * draw. */
static void flood_tcp(const struct fid_call *call, const struct fid_file *file) {
    int64_t sent = write_until_full(call, CHUNK_LEN, FLOOD_WRITES_MAX);
    fid_fact_add(call->out, "took", FID_FORM_VALUE, sent);
    if (sent > 0 && file->peer != FID_FILE_NONE) {
        int peer = fid_side_fd(call->side, fid_world_number_of(call->world, file->peer));
        int64_t whole = sent + call->world->file[file->peer].unread;
        fid_fact_add(call->out, "lost", FID_FORM_VALUE, whole - drain(call, peer, whole));
    }
    fid_fact_add(call->out, "then", FID_FORM_EVENTS,
        poll_one(call, fid_call_fd(call, 0), WB_EPOLLIN | WB_EPOLLOUT));
}

static void flood(const struct fid_call *call) {
    const struct fid_file *file = fid_world_file(call->world, call->op->arg[0]);
    enum fid_kind kind = file == NULL ? FID_KIND_COUNT : (enum fid_kind)file->kind;
    uint32_t bit = file == NULL ? 0 : FID_KIND_BIT(kind);
    if ((bit & FID_KINDS_TCP) != 0) {
        flood_tcp(call, file);
        return;
    }
    bool is_unix = (bit & FID_KINDS_UNIX) != 0;
    int64_t sent = write_until_full(call, is_unix ? MESSAGE_LEN : PAGE_LEN,
        is_unix || kind == FID_KIND_PIPE ? FLOOD_WRITES_MAX : UDP_FLOOD_MAX);
    fid_fact_add(call->out, "took", FID_FORM_VALUE, sent);
    fid_fact_add(call->out, "then", FID_FORM_EVENTS,
        poll_one(call, fid_call_fd(call, 0), WB_EPOLLIN | WB_EPOLLOUT));
}

void fid_step_transfer(const struct fid_call *call) {
    switch (call->op->code) {
    case FID_OP_SEND:
        send_one(call, false);
        break;
    case FID_OP_WRITE:
        send_one(call, true);
        break;
    case FID_OP_RECV:
        recv_one(call, false);
        break;
    case FID_OP_READ:
        recv_one(call, true);
        break;
    case FID_OP_WRITEV:
        send_shape(call, true);
        break;
    case FID_OP_READV:
        recv_shape(call, true);
        break;
    case FID_OP_SENDMSG:
        send_shape(call, false);
        break;
    case FID_OP_RECVMSG:
        recv_shape(call, false);
        break;
    case FID_OP_SENDTO:
        send_to(call);
        break;
    case FID_OP_SENDMMSG:
        send_many(call);
        break;
    case FID_OP_RECVMMSG:
        recv_many(call);
        break;
    case FID_OP_FLOOD:
        flood(call);
        break;
    default:
        break;
    }
}
