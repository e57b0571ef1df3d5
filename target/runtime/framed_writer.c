/* Messages into a stream. */
#include <assert.h>

#include "wb/framed.h"

enum wb_progress wb_framed_writer_poll_ready(
    struct wb_framed_writer *writer, struct wb_context *context, enum wb_status *out_status) {
    return wb_buf_writer_poll_drain(&writer->out, context, writer->boundary, out_status);
}

/* Encoded right behind what is held; what is held moves only if there is too little room. */
enum wb_status wb_framed_writer_put(struct wb_framed_writer *writer, struct wb_bytes frame) {
    struct wb_buf_writer *out = &writer->out;
    unsigned char *space = wb_buf_writer_reserve(out, 1);
    size_t len = space != NULL ? out->capacity - out->end : 0;
    enum wb_status status = wb_encoder_encode(writer->encoder, frame, space, &len);
    if (status == WB_ERR_FULL) {
        space = wb_buf_writer_reserve(out, len);
        if (space == NULL) {
            return WB_ERR_FULL;
        }
        status = wb_encoder_encode(writer->encoder, frame, space, &len);
    }
    if (status == WB_OK) {
        wb_buf_writer_commit(out, len);
    }
    return status;
}

void wb_framed_writer_init(struct wb_framed_writer *writer, struct wb_async_write *inner,
    struct wb_encoder *encoder, void *buf, size_t capacity, size_t boundary) {
    assert(boundary >= 1 && boundary <= capacity);
    wb_buf_writer_init(&writer->out, inner, buf, capacity);
    writer->encoder = encoder;
    writer->boundary = boundary;
}

/* ---- as a future ---- */

/* A message that has no room beside the others waits until all of them are written. */
static enum wb_progress put_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_put_frame *self = WB_FUTURE_OF(future, struct wb_put_frame, future);
    enum wb_status status = WB_OK;
    if (wb_context_spend(context) == WB_PENDING
        || wb_framed_writer_poll_ready(self->writer, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (status == WB_OK) {
        status = wb_framed_writer_put(self->writer, self->frame);
    }
    if (status != WB_ERR_FULL) {
        return wb_future_end(future, status);
    }
    if (wb_buf_writer_poll_drain(&self->writer->out, context, 1, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (status == WB_OK) {
        status = wb_framed_writer_put(self->writer, self->frame);
    }
    return wb_future_end(future, status == WB_ERR_FULL ? WB_ERR_LIMIT : status);
}

static const struct wb_future_ops put_ops = {
    .size = sizeof(struct wb_put_frame),
    .offset = offsetof(struct wb_put_frame, future),
    .poll = put_poll,
};

void wb_put_frame_init(
    struct wb_put_frame *put, struct wb_framed_writer *writer, struct wb_bytes frame) {
    *put = (struct wb_put_frame){.writer = writer, .frame = frame};
    wb_future_init(&put->future, &put_ops);
}
