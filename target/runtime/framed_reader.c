/* Messages from a stream. */
#include <assert.h>
#include <string.h>

#include "wb/framed.h"

/* ---- the buffer ---- */

static struct wb_bytes held(const struct wb_framed_reader *reader) {
    return wb_bytes_from(reader->buf + reader->begin, reader->end - reader->begin);
}

/* Bytes move to the front when that makes more room than there is behind them. */
static void make_room(struct wb_framed_reader *reader) {
    const size_t len = reader->end - reader->begin;
    if (len == 0 || reader->capacity - reader->end < reader->begin) {
        memmove(reader->buf, reader->buf + reader->begin, len);
        reader->begin = 0;
        reader->end = len;
    }
}

static enum wb_progress read_more(
    struct wb_framed_reader *reader, struct wb_context *context, enum wb_status *out_status) {
    size_t len = 0;
    make_room(reader);
    if (reader->end == reader->capacity) {
        *out_status = WB_ERR_LIMIT;
        return WB_READY;
    }
    if (wb_async_poll_read(reader->inner, context, reader->buf + reader->end,
            reader->capacity - reader->end, out_status, &len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_EOF) {
        reader->is_at_end = true;
        *out_status = WB_OK;
    } else if (*out_status == WB_OK) {
        reader->end += len;
    }
    return WB_READY;
}

/* ---- messages ---- */

static enum wb_status decode(struct wb_framed_reader *reader, struct wb_bytes *out_frame) {
    size_t used = 0;
    const enum wb_status status =
        wb_decoder_decode(reader->decoder, held(reader), reader->is_at_end, &used, out_frame);
    reader->begin += used;
    return status;
}

/* Forgotten as soon as it is told, so that a stream that has more after all is read on. */
static enum wb_status end_of(struct wb_framed_reader *reader) {
    reader->is_at_end = false;
    return reader->begin == reader->end ? WB_EOF : WB_ERR_UNEXPECTED_EOF;
}

enum wb_progress wb_framed_reader_poll_next(struct wb_framed_reader *reader,
    struct wb_context *context, enum wb_status *out_status, struct wb_bytes *out_frame) {
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    for (;;) {
        *out_status = decode(reader, out_frame);
        if (*out_status != WB_WOULD_BLOCK) {
            return WB_READY;
        }
        if (reader->is_at_end) {
            *out_status = end_of(reader);
            return WB_READY;
        }
        if (read_more(reader, context, out_status) == WB_PENDING) {
            return WB_PENDING;
        }
        if (*out_status != WB_OK) {
            return WB_READY;
        }
    }
}

void wb_framed_reader_init(struct wb_framed_reader *reader, struct wb_async_read *inner,
    struct wb_decoder *decoder, void *buf, size_t capacity) {
    assert(capacity != 0);
    *reader = (struct wb_framed_reader){
        .inner = inner, .decoder = decoder, .buf = buf, .capacity = capacity};
}

/* ---- as a future ---- */

static enum wb_progress next_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_next_frame *self = WB_FUTURE_OF(future, struct wb_next_frame, future);
    enum wb_status status = WB_OK;
    if (wb_framed_reader_poll_next(self->reader, context, &status, &self->frame) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops next_ops = {
    .size = sizeof(struct wb_next_frame),
    .offset = offsetof(struct wb_next_frame, future),
    .poll = next_poll,
};

void wb_next_frame_init(struct wb_next_frame *next, struct wb_framed_reader *reader) {
    *next = (struct wb_next_frame){.reader = reader};
    wb_future_init(&next->future, &next_ops);
}
