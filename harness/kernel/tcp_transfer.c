/* Bytes between the program's buffers and a TCP connection: recv and send, with the faults that may
 * cut them short. */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

/* ---- faults of both directions ---- */

static int error_of(const struct wbh_choice *choice) {
    return choice->action == WBH_ACTION_RESET ? ECONNRESET : (int)choice->value;
}

/* A connection that stands cannot be refused any more. Where no error can be offered none is looked
 * for: this is asked at every read and write. */
static uint32_t errnos_at(const struct sim_kernel *kernel, enum wbh_point point) {
    if (kernel->config.legality_max < WBH_LEGALITY_FAILING) {
        return 0;
    }
    return wbh_point_errnos(point) & ~(1u << (unsigned)wbh_errno_index(ECONNREFUSED));
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
int64_t endpoint_recv_nothing(struct sim_endpoint *endpoint) {
    bool fin = endpoint->fin_received && endpoint->read_hold.until_ns == 0;
    if (fin && !(PLANTED(ERROR_BEFORE_END) && endpoint->error != 0)) {
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
        .errnos = errnos_at(kernel, WBH_POINT_RECV),
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
        iov_scatter(iov, iov_len, bytes, (size_t)len);
        return;
    }
    for (size_t i = 0; i < iov_len && len != 0; i++) {
        size_t part = len < iov[i].len ? (size_t)len : iov[i].len;
        if (part != 0) {
            stream_copy(stream, iov[i].base, part);
            stream_take(kernel, stream, part);
            len -= part;
        }
    }
}

/* MSG_TRUNC on a stream counts bytes and copies none of them, also when they stay. */
static void take_bytes(struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len,
    uint64_t len, int flags) {
    struct stream *stream = &endpoint->peer->out;
    if ((flags & WB_MSG_TRUNC) != 0 && (flags & WB_MSG_PEEK) != 0) {
        return;
    }
    if ((flags & WB_MSG_TRUNC) != 0) {
        stream_take(endpoint->kernel, stream, (size_t)len);
    } else {
        scatter(endpoint, iov, iov_len, len, (flags & WB_MSG_PEEK) != 0);
    }
}

static void after_read(struct sim_endpoint *endpoint, uint64_t len, uint64_t readable_before) {
    endpoint->received_len += len;
    endpoint_pass_mark(endpoint);
    endpoint->known_len = endpoint->known_len > len ? endpoint->known_len - len : 0;
    if (len < readable_before) {
        file_lowered(endpoint->kernel, endpoint->file);
    }
    endpoint_transmit(endpoint->peer);
}

/* The urgent byte at the head is skipped, and lost with it, though nothing may be behind it; a peek
 * looks behind it. */
static int64_t recv_behind_hole(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, int flags) {
    uint64_t wanted = iov_total(iov, iov_len);
    uint64_t behind = endpoint_readable(endpoint) - 1;
    uint64_t len = wanted < behind ? wanted : behind;
    struct stream *stream = &endpoint->peer->out;
    bool copies = (flags & WB_MSG_TRUNC) == 0;
    bool bad = copies && len != 0 && iov_is_bad(iov, iov_len);
    if (bad || ((flags & WB_MSG_PEEK) != 0 && !copies)) {
        stream_take(endpoint->kernel, stream, bad && (flags & WB_MSG_PEEK) == 0);
    } else if ((flags & WB_MSG_PEEK) != 0) {
        uint8_t *bytes = scratch(endpoint->kernel, (size_t)len + 1);
        stream_copy(stream, bytes, (size_t)len + 1);
        iov_scatter(iov, iov_len, bytes + 1, (size_t)len);
    } else {
        stream_take(endpoint->kernel, stream, 1);
        take_bytes(endpoint, iov, iov_len, len, flags);
        after_read(endpoint, len, behind + 1);
    }
    if (bad) {
        return -EFAULT; /* the next read finds that the mark is passed */
    }
    return len != 0 ? (int64_t)len : endpoint_recv_nothing(endpoint);
}

int64_t endpoint_recv(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, int flags) {
    if (endpoint->tcp == TCP_LISTENING) {
        return -ENOTCONN;
    }
    if ((flags & WB_MSG_OOB) != 0) {
        return endpoint_recv_urgent(endpoint, iov, iov_len, flags);
    }
    uint64_t wanted = iov_total(iov, iov_len);
    uint64_t readable = endpoint_readable(endpoint);
    bool faulty = endpoint->file != NULL && choice_possible(endpoint->kernel) && wanted != 0
                  && endpoint->mark.place == 0;
    uint64_t len = wanted;
    int64_t decided = 0;
    if (faulty && recv_fault(endpoint, &len, &decided)) {
        return decided;
    }
    bool cut = len < wanted && len < readable;
    readable = endpoint_readable(endpoint);
    bool bad = iov_is_bad(iov, iov_len) && (flags & WB_MSG_TRUNC) == 0;
    if (wanted != 0 && readable != 0 && endpoint_at_hole(endpoint)) {
        return recv_behind_hole(endpoint, iov, iov_len, flags);
    }
    if (readable != 0 && bad) {
        return -EFAULT;
    }
    if (readable == 0) {
        int64_t result = endpoint_recv_nothing(endpoint);
        if (result == -EAGAIN) {
            file_lowered(endpoint->kernel, endpoint->file);
        }
        return result;
    }
    if (wanted == 0) {
        endpoint_pass_mark(endpoint);
        return 0;
    }
    len = len < readable ? len : readable;
    len = endpoint_before_mark(endpoint, len);
    take_bytes(endpoint, iov, iov_len, len, flags);
    if ((flags & WB_MSG_PEEK) != 0) {
        if (PLANTED(PEEK_TAKES)) {
            stream_take(endpoint->kernel, &endpoint->peer->out, (size_t)len);
        }
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
        .errnos = errnos_at(kernel, WBH_POINT_SEND),
    };
    /* Nothing queued, or told to be writable: then only the contract allows EAGAIN. */
    bool timing = endpoint_queued(endpoint) != 0 && !endpoint->known_writable;
    *(timing ? &point.kernel : &point.contract) |= WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK);
    if (point.size >= 2) {
        /* Less than a third of the buffer always fits when it is empty or was reported writable. */
        bool large = point.size > endpoint->so.send_buffer_size / 3;
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
    /* MSG_MORE and MSG_NOSIGNAL change nothing that can be seen here. */
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
    uint64_t room = endpoint_send_room(endpoint);
    if (endpoint->write_hold.until_ns != 0 || room == 0) {
        endpoint->nospace = true;
        file_lowered(endpoint->kernel, endpoint->file);
        return -EAGAIN;
    }
    if (iov_is_bad(iov, iov_len)) {
        return -EFAULT;
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
    if ((flags & WB_MSG_OOB) != 0) {
        endpoint_mark_urgent(endpoint);
    }
    endpoint_transmit(endpoint);
    file_lowered(endpoint->kernel, endpoint->file);
    return (int64_t)len;
}
