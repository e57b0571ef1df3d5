/* Keeping small writes back: a buffered writer, and a stream that is buffered both ways. */
#include <assert.h>
#include <string.h>

#include "wb/io.h"

/* ---- what is held ---- */

static enum wb_progress write_some(
    struct wb_buf_writer *writer, struct wb_context *context, enum wb_status *out_status) {
    size_t len = 0;
    if (wb_async_poll_write(writer->inner, context, writer->buf + writer->begin,
            wb_buf_writer_len(writer), out_status, &len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        writer->begin += len;
    }
    return WB_READY;
}

enum wb_progress wb_buf_writer_poll_drain(struct wb_buf_writer *writer, struct wb_context *context,
    size_t len, enum wb_status *out_status) {
    *out_status = WB_OK;
    while (wb_buf_writer_len(writer) >= len && *out_status == WB_OK) {
        if (write_some(writer, context, out_status) == WB_PENDING) {
            return WB_PENDING;
        }
    }
    return WB_READY;
}

/* Moved to the front only when that makes the room that is wanted. */
unsigned char *wb_buf_writer_reserve(struct wb_buf_writer *writer, size_t len) {
    const size_t held = wb_buf_writer_len(writer);
    if (len > writer->capacity - held) {
        return NULL;
    }
    if (held == 0 || len > writer->capacity - writer->end) {
        memmove(writer->buf, writer->buf + writer->begin, held);
        writer->begin = 0;
        writer->end = held;
    }
    return writer->buf + writer->end;
}

void wb_buf_writer_commit(struct wb_buf_writer *writer, size_t len) {
    assert(len <= writer->capacity - writer->end);
    writer->end += len;
}

/* ---- the writer ---- */

static struct wb_buf_writer *writer_of(struct wb_async_write *write) {
    return (struct wb_buf_writer *)(void *)((char *)write - offsetof(struct wb_buf_writer, write));
}

/* What is no smaller than the buffer would gain nothing by it. */
static enum wb_progress writer_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct wb_buf_writer *writer = writer_of(self);
    unsigned char *space = wb_buf_writer_reserve(writer, len);
    if (space == NULL || len >= writer->capacity) {
        if (wb_buf_writer_poll_drain(writer, context, 1, out_status) == WB_PENDING) {
            return WB_PENDING;
        }
        if (*out_status != WB_OK) {
            return WB_READY;
        }
        if (len >= writer->capacity) {
            return wb_async_poll_write(writer->inner, context, buf, len, out_status, out_len);
        }
        space = wb_buf_writer_reserve(writer, len);
    }
    memcpy(space, buf, len);
    wb_buf_writer_commit(writer, len);
    *out_status = WB_OK;
    *out_len = len;
    return WB_READY;
}

static enum wb_progress writer_poll_flush(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    struct wb_buf_writer *writer = writer_of(self);
    if (wb_buf_writer_poll_drain(writer, context, 1, out_status) == WB_PENDING) {
        return WB_PENDING;
    }
    return *out_status == WB_OK ? wb_async_poll_flush(writer->inner, context, out_status)
                                : WB_READY;
}

static enum wb_progress writer_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    struct wb_buf_writer *writer = writer_of(self);
    if (wb_buf_writer_poll_drain(writer, context, 1, out_status) == WB_PENDING) {
        return WB_PENDING;
    }
    return *out_status == WB_OK ? wb_async_poll_shutdown(writer->inner, context, out_status)
                                : WB_READY;
}

static const struct wb_async_write_ops writer_ops = {
    .poll_write = writer_poll_write,
    .poll_flush = writer_poll_flush,
    .poll_shutdown = writer_poll_shutdown,
};

void wb_buf_writer_init(
    struct wb_buf_writer *writer, struct wb_async_write *inner, void *buf, size_t capacity) {
    assert(capacity != 0);
    *writer = (struct wb_buf_writer){
        .write = {&writer_ops}, .inner = inner, .buf = buf, .capacity = capacity};
}

/* ---- both ways ---- */

void wb_buf_stream_init(
    struct wb_buf_stream *stream, struct wb_async_stream inner, void *buf, size_t capacity) {
    const size_t half = capacity / 2;
    wb_buf_reader_init(&stream->reader, inner.read, buf, half);
    wb_buf_writer_init(&stream->writer, inner.write, (unsigned char *)buf + half, half);
}
