/* Polling a stream with one buffer, and futures of single operations. */
#include "wb/async_io.h"

#include <assert.h>

/* ---- polling ---- */

enum wb_progress wb_async_poll_read(struct wb_async_read *stream, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    if (len == 0) {
        *out_status = WB_OK;
        *out_len = 0;
        return WB_READY;
    }
    size_t got = 0;
    if (stream->ops->poll_read(stream, context, buf, len, out_status, &got) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        assert(got != 0 && got <= len && "a stream read what it can't have read");
        *out_len = got;
    }
    return WB_READY;
}

enum wb_progress wb_async_poll_write(struct wb_async_write *stream, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    if (len == 0) {
        *out_status = WB_OK;
        *out_len = 0;
        return WB_READY;
    }
    size_t taken = 0;
    if (stream->ops->poll_write(stream, context, buf, len, out_status, &taken) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        assert(taken <= len && "a stream took more than it was given");
        *out_status = taken == 0 ? WB_ERR_WRITE_ZERO : WB_OK;
        *out_len = taken;
    }
    return WB_READY;
}

static enum wb_progress poll_optional(enum wb_progress (*operation)(struct wb_async_write *self,
                                          struct wb_context *context, enum wb_status *out_status),
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status) {
    if (operation == NULL) {
        *out_status = WB_OK;
        return WB_READY;
    }
    return operation(stream, context, out_status);
}

enum wb_progress wb_async_poll_flush(
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status) {
    return poll_optional(stream->ops->poll_flush, stream, context, out_status);
}

enum wb_progress wb_async_poll_shutdown(
    struct wb_async_write *stream, struct wb_context *context, enum wb_status *out_status) {
    return poll_optional(stream->ops->poll_shutdown, stream, context, out_status);
}

/* ---- one read ---- */

static enum wb_progress read_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_read *self = WB_FUTURE_OF(future, struct wb_read, future);
    enum wb_status status = WB_OK;
    if (wb_async_poll_read(self->stream, context, self->buf, self->capacity, &status, &self->len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops read_ops = {
    .size = sizeof(struct wb_read),
    .offset = offsetof(struct wb_read, future),
    .poll = read_poll,
};

void wb_read_init(struct wb_read *read, struct wb_async_read *stream, void *buf, size_t capacity) {
    *read = (struct wb_read){.stream = stream, .buf = buf, .capacity = capacity};
    wb_future_init(&read->future, &read_ops);
}

/* ---- exactly so much ---- */

static enum wb_progress read_exact_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_read_exact *self = WB_FUTURE_OF(future, struct wb_read_exact, future);
    while (self->done < self->len) {
        enum wb_status status = WB_OK;
        size_t len = 0;
        if (wb_async_poll_read(self->stream, context, self->buf + self->done,
                self->len - self->done, &status, &len)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return wb_future_end(future, status == WB_EOF ? WB_ERR_UNEXPECTED_EOF : status);
        }
        self->done += len;
    }
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops read_exact_ops = {
    .size = sizeof(struct wb_read_exact),
    .offset = offsetof(struct wb_read_exact, future),
    .poll = read_exact_poll,
};

void wb_read_exact_init(
    struct wb_read_exact *read, struct wb_async_read *stream, void *buf, size_t len) {
    *read = (struct wb_read_exact){.stream = stream, .buf = buf, .len = len};
    wb_future_init(&read->future, &read_exact_ops);
}

/* ---- one write ---- */

static enum wb_progress write_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_write *self = WB_FUTURE_OF(future, struct wb_write, future);
    enum wb_status status = WB_OK;
    if (wb_async_poll_write(self->stream, context, self->buf, self->len, &status, &self->done)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops write_ops = {
    .size = sizeof(struct wb_write),
    .offset = offsetof(struct wb_write, future),
    .poll = write_poll,
};

void wb_write_init(
    struct wb_write *write, struct wb_async_write *stream, const void *buf, size_t len) {
    *write = (struct wb_write){.stream = stream, .buf = buf, .len = len};
    wb_future_init(&write->future, &write_ops);
}

/* ---- all of it ---- */

static enum wb_progress write_all_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_write_all *self = WB_FUTURE_OF(future, struct wb_write_all, future);
    while (self->done < self->len) {
        enum wb_status status = WB_OK;
        size_t len = 0;
        if (wb_async_poll_write(self->stream, context, self->buf + self->done,
                self->len - self->done, &status, &len)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
        self->done += len;
    }
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops write_all_ops = {
    .size = sizeof(struct wb_write_all),
    .offset = offsetof(struct wb_write_all, future),
    .poll = write_all_poll,
};

void wb_write_all_init(
    struct wb_write_all *write, struct wb_async_write *stream, const void *buf, size_t len) {
    *write = (struct wb_write_all){.stream = stream, .buf = buf, .len = len};
    wb_future_init(&write->future, &write_all_ops);
}

/* ---- flush, shutdown ---- */

static enum wb_progress flush_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_flush *self = WB_FUTURE_OF(future, struct wb_flush, future);
    enum wb_status status = WB_OK;
    if (wb_async_poll_flush(self->stream, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static enum wb_progress shutdown_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_flush *self = WB_FUTURE_OF(future, struct wb_flush, future);
    enum wb_status status = WB_OK;
    if (wb_async_poll_shutdown(self->stream, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops flush_ops = {
    .size = sizeof(struct wb_flush),
    .offset = offsetof(struct wb_flush, future),
    .poll = flush_poll,
};

static const struct wb_future_ops shutdown_ops = {
    .size = sizeof(struct wb_flush),
    .offset = offsetof(struct wb_flush, future),
    .poll = shutdown_poll,
};

void wb_flush_init(struct wb_flush *flush, struct wb_async_write *stream) {
    flush->stream = stream;
    wb_future_init(&flush->future, &flush_ops);
}

void wb_shutdown_init(struct wb_flush *shutdown, struct wb_async_write *stream) {
    shutdown->stream = stream;
    wb_future_init(&shutdown->future, &shutdown_ops);
}
