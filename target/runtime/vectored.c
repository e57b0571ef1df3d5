/* Polling a stream with several buffers, and futures of that. */
#include <assert.h>

#include "wb/async_buf.h"

/* ---- polling ---- */

/* The first buffer that has bytes; NULL: none has. */
static const struct wb_iovec *first_filled(const struct wb_iovec *iov, size_t iov_len) {
    for (size_t i = 0; i < iov_len; i++) {
        if (iov[i].len != 0) {
            return &iov[i];
        }
    }
    return NULL;
}

static size_t total_len(const struct wb_iovec *iov, size_t iov_len) {
    size_t total = 0;
    for (size_t i = 0; i < iov_len; i++) {
        total += iov[i].len;
    }
    return total;
}

enum wb_progress wb_async_poll_readv(struct wb_async_read *stream, struct wb_context *context,
    const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len) {
    const struct wb_iovec *first = first_filled(iov, iov_len);
    if (first == NULL || stream->ops->poll_readv == NULL) {
        return wb_async_poll_read(stream, context, first == NULL ? NULL : first->base,
            first == NULL ? 0 : first->len, out_status, out_len);
    }
    size_t got = 0;
    if (stream->ops->poll_readv(stream, context, iov, iov_len, out_status, &got) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        assert(
            got != 0 && got <= total_len(iov, iov_len) && "a stream read what it can't have read");
        *out_len = got;
    }
    return WB_READY;
}

enum wb_progress wb_async_poll_writev(struct wb_async_write *stream, struct wb_context *context,
    const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len) {
    const struct wb_iovec *first = first_filled(iov, iov_len);
    if (first == NULL || stream->ops->poll_writev == NULL) {
        return wb_async_poll_write(stream, context, first == NULL ? NULL : first->base,
            first == NULL ? 0 : first->len, out_status, out_len);
    }
    size_t taken = 0;
    if (stream->ops->poll_writev(stream, context, iov, iov_len, out_status, &taken) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        assert(taken <= total_len(iov, iov_len) && "a stream took more than it was given");
        *out_status = taken == 0 ? WB_ERR_WRITE_ZERO : WB_OK;
        *out_len = taken;
    }
    return WB_READY;
}

/* ---- one read ---- */

static enum wb_progress readv_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_readv *self = WB_FUTURE_OF(future, struct wb_readv, future);
    enum wb_status status = WB_OK;
    if (wb_async_poll_readv(self->stream, context, self->iov, self->iov_len, &status, &self->len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops readv_ops = {
    .size = sizeof(struct wb_readv),
    .offset = offsetof(struct wb_readv, future),
    .poll = readv_poll,
};

void wb_readv_init(struct wb_readv *readv, struct wb_async_read *stream, const struct wb_iovec *iov,
    size_t iov_len) {
    *readv = (struct wb_readv){.stream = stream, .iov = iov, .iov_len = iov_len};
    wb_future_init(&readv->future, &readv_ops);
}

/* ---- one write ---- */

static enum wb_progress writev_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_writev *self = WB_FUTURE_OF(future, struct wb_writev, future);
    enum wb_status status = WB_OK;
    if (wb_async_poll_writev(self->stream, context, self->iov, self->iov_len, &status, &self->done)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops writev_ops = {
    .size = sizeof(struct wb_writev),
    .offset = offsetof(struct wb_writev, future),
    .poll = writev_poll,
};

void wb_writev_init(struct wb_writev *writev, struct wb_async_write *stream,
    const struct wb_iovec *iov, size_t iov_len) {
    *writev = (struct wb_writev){.stream = stream, .iov = iov, .iov_len = iov_len};
    wb_future_init(&writev->future, &writev_ops);
}

/* ---- all that a cursor walks over ---- */

static enum wb_progress write_buf_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_write_buf *self = WB_FUTURE_OF(future, struct wb_write_buf, future);
    while (wb_buf_has_remaining(self->buf)) {
        struct wb_iovec pieces[WB_WRITE_BUF_PIECES];
        const size_t count = wb_buf_chunks(self->buf, pieces, WB_WRITE_BUF_PIECES);
        enum wb_status status = WB_OK;
        size_t taken = 0;
        if (wb_async_poll_writev(self->stream, context, pieces, count, &status, &taken)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
        wb_buf_advance(self->buf, taken);
    }
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops write_buf_ops = {
    .size = sizeof(struct wb_write_buf),
    .offset = offsetof(struct wb_write_buf, future),
    .poll = write_buf_poll,
};

void wb_write_buf_init(
    struct wb_write_buf *write, struct wb_async_write *stream, struct wb_buf buf) {
    *write = (struct wb_write_buf){.stream = stream, .buf = buf};
    wb_future_init(&write->future, &write_buf_ops);
}
