/* Messages in datagrams. */
#include <assert.h>

#include "wb/framed.h"

/* ---- receiving ---- */

/* The rest of the datagram is of no use. */
static void forget(struct wb_framed_datagrams *datagrams) {
    datagrams->begin = datagrams->end;
    datagrams->has_datagram = false;
}

/* WB_WOULD_BLOCK: the datagram holds no further message. */
static enum wb_status decode(struct wb_framed_datagrams *datagrams, struct wb_bytes *out_frame) {
    size_t used = 0;
    const struct wb_bytes rest =
        wb_bytes_from(datagrams->buf + datagrams->begin, datagrams->end - datagrams->begin);
    const enum wb_status status =
        wb_decoder_decode(datagrams->decoder, rest, true, &used, out_frame);
    datagrams->begin += used;
    if (status == WB_OK || (status != WB_WOULD_BLOCK && used != 0)) {
        return status;
    }
    const bool is_cut = status == WB_WOULD_BLOCK && datagrams->begin != datagrams->end;
    forget(datagrams);
    return is_cut ? WB_ERR_UNEXPECTED_EOF : status;
}

static enum wb_status take_datagram(
    struct wb_framed_datagrams *datagrams, const struct wb_recv *recv) {
    if (recv->future.status != WB_OK) {
        return recv->future.status;
    }
    if (recv->datagram.is_truncated) {
        return WB_ERR_LIMIT;
    }
    datagrams->begin = 0;
    datagrams->end = recv->datagram.len;
    datagrams->sender = recv->sender;
    datagrams->has_datagram = true;
    return WB_OK;
}

static enum wb_progress receive(
    struct wb_next_datagram_frame *self, struct wb_context *context, enum wb_status *out_status) {
    struct wb_framed_datagrams *datagrams = self->datagrams;
    if (wb_future_is_over(&self->recv.future)) { /* one without a message */
        wb_recv_init(&self->recv, datagrams->socket, datagrams->buf, datagrams->capacity);
    }
    if (wb_future_poll(&self->recv.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    *out_status = take_datagram(datagrams, &self->recv);
    return WB_READY;
}

static enum wb_progress next_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_next_datagram_frame *self =
        WB_FUTURE_OF(future, struct wb_next_datagram_frame, future);
    enum wb_status status = WB_OK;
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    for (;;) {
        if (self->datagrams->has_datagram) {
            status = decode(self->datagrams, &self->frame);
            if (status != WB_WOULD_BLOCK) {
                return wb_future_end(future, status);
            }
        }
        if (receive(self, context, &status) == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
    }
}

static void next_drop(struct wb_future *future) {
    struct wb_next_datagram_frame *self =
        WB_FUTURE_OF(future, struct wb_next_datagram_frame, future);
    wb_future_drop(&self->recv.future);
}

static const struct wb_future_ops next_ops = {
    .size = sizeof(struct wb_next_datagram_frame),
    .offset = offsetof(struct wb_next_datagram_frame, future),
    .poll = next_poll,
    .drop = next_drop,
};

void wb_next_datagram_frame_init(
    struct wb_next_datagram_frame *next, struct wb_framed_datagrams *datagrams) {
    *next = (struct wb_next_datagram_frame){.datagrams = datagrams};
    wb_recv_init(&next->recv, datagrams->socket, datagrams->buf, datagrams->capacity);
    wb_future_init(&next->future, &next_ops);
}

void wb_framed_datagrams_init(struct wb_framed_datagrams *datagrams,
    struct wb_datagram_socket *socket, struct wb_decoder *decoder, void *buf, size_t capacity) {
    assert(capacity != 0);
    *datagrams = (struct wb_framed_datagrams){
        .socket = socket, .decoder = decoder, .buf = buf, .capacity = capacity};
}

/* ---- sending ---- */

static enum wb_progress send_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_send_frame *self = WB_FUTURE_OF(future, struct wb_send_frame, future);
    if (self->encoded != WB_OK) {
        return wb_future_end(future, self->encoded == WB_ERR_FULL ? WB_ERR_LIMIT : self->encoded);
    }
    if (wb_future_poll(&self->send.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, self->send.future.status);
}

static void send_drop(struct wb_future *future) {
    struct wb_send_frame *self = WB_FUTURE_OF(future, struct wb_send_frame, future);
    wb_future_drop(&self->send.future);
}

static const struct wb_future_ops send_ops = {
    .size = sizeof(struct wb_send_frame),
    .offset = offsetof(struct wb_send_frame, future),
    .poll = send_poll,
    .drop = send_drop,
};

void wb_send_frame_init(struct wb_send_frame *send, struct wb_datagram_socket *socket,
    struct wb_encoder *encoder, struct wb_bytes frame, void *buf, size_t capacity) {
    size_t len = capacity;
    *send = (struct wb_send_frame){.encoded = wb_encoder_encode(encoder, frame, buf, &len)};
    if (send->encoded == WB_OK) {
        wb_send_init(&send->send, socket, buf, len);
    }
    wb_future_init(&send->future, &send_ops);
}

void wb_send_frame_to_init(struct wb_send_frame *send, struct wb_datagram_socket *socket,
    struct wb_encoder *encoder, struct wb_bytes frame, void *buf, size_t capacity,
    const struct wb_addr *to) {
    wb_send_frame_init(send, socket, encoder, frame, buf, capacity);
    if (send->encoded == WB_OK) {
        send->send.to = *to;
        send->send.has_to = true;
    }
}
