/* Out-of-band data of TCP: one byte of the stream is marked. It is readable by MSG_OOB alone, and
 * skipped by other reads, unless SO_OOBINLINE leaves it in the stream; either way a read stops
 * before it once. That a byte is urgent is learnt with the byte, never before it. */
#include "kernel/internal.h"

#include <errno.h>

static uint64_t place_of_head(const struct sim_endpoint *endpoint) {
    return endpoint->peer != NULL ? endpoint->peer->out.taken + 1 : 0;
}

/* ---- sending ---- */

void endpoint_mark_urgent(struct sim_endpoint *endpoint) {
    const struct stream *out = &endpoint->out;
    endpoint->urgent_out.place = out->taken + out->arrived + out->flying + out->unsent;
    endpoint->urgent_out.byte = out->tail->bytes[out->tail_len - 1];
}

struct urgent urgent_within(const struct sim_endpoint *from, uint64_t start, uint64_t len) {
    uint64_t place = from->urgent_out.place;
    bool is_within = place > start && place <= start + len;
    return is_within ? from->urgent_out : (struct urgent){0};
}

/* ---- receiving ---- */

bool endpoint_at_mark(const struct sim_endpoint *endpoint) {
    return endpoint->mark.place != 0 && endpoint->mark.place == place_of_head(endpoint);
}

bool endpoint_at_hole(const struct sim_endpoint *endpoint) {
    return endpoint_at_mark(endpoint) && !endpoint->so.oob_inline;
}

/* A mark that reading has come to goes together with its byte when the next one comes. */
void endpoint_urgent_arrives(struct sim_endpoint *to, const struct urgent *urgent) {
    if (endpoint_at_hole(to) && to->peer->out.arrived != 0) {
        stream_take(to->kernel, &to->peer->out, 1);
    }
    to->mark = *urgent;
    to->mark_taken = false;
    if (to->read_hold.until_ns == 0) {
        endpoint_wake(to, KEY_READ);
    }
}

uint64_t endpoint_before_mark(const struct sim_endpoint *endpoint, uint64_t readable) {
    uint64_t head = place_of_head(endpoint);
    if (endpoint->mark.place <= head) {
        return readable;
    }
    uint64_t before = endpoint->mark.place - head;
    return before < readable ? before : readable;
}

bool endpoint_shows_urgent(const struct sim_endpoint *endpoint) {
    return endpoint->mark.place != 0 && !endpoint->mark_taken && endpoint->read_hold.until_ns == 0;
}

void endpoint_pass_mark(struct sim_endpoint *endpoint) {
    if (endpoint->mark.place < place_of_head(endpoint)) {
        endpoint->mark.place = 0;
    }
}

int64_t endpoint_recv_urgent(
    struct sim_endpoint *endpoint, const struct wb_iovec *iov, size_t iov_len, int flags) {
    if (endpoint->so.oob_inline || !endpoint_shows_urgent(endpoint)) {
        return -EINVAL;
    }
    if (endpoint->tcp == TCP_CLOSED && !endpoint->fin_received) {
        return -ENOTCONN;
    }
    if ((flags & WB_MSG_PEEK) == 0) {
        endpoint->mark_taken = true;
        file_lowered(endpoint->kernel, endpoint->file);
    }
    if (iov_total(iov, iov_len) == 0) {
        return 0;
    }
    if ((flags & WB_MSG_TRUNC) == 0) {
        if (iov_is_bad(iov, iov_len)) {
            return -EFAULT;
        }
        iov_scatter(iov, iov_len, &endpoint->mark.byte, 1);
    }
    return 1;
}
