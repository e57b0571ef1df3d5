/* Copying from stream to stream, one way and both ways. */
#include <assert.h>

#include "wb/io.h"

/* ---- one way ---- */

/* The step that waits, or what it came to. */
static enum wb_progress write_held(
    struct wb_copy *copy, struct wb_context *context, enum wb_status *out_status) {
    size_t len = 0;
    if (wb_async_poll_write(copy->writer, context, copy->buf + copy->begin, copy->end - copy->begin,
            out_status, &len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        copy->begin += len;
        copy->copied += len;
        copy->must_flush = true;
    }
    return WB_READY;
}

/* While nothing comes, what was written is not kept back. A flush that waits does not keep anybody
 * from reading on. */
static void flush_meanwhile(
    struct wb_copy *copy, struct wb_context *context, enum wb_status *out_status) {
    if (copy->must_flush && wb_async_poll_flush(copy->writer, context, out_status) == WB_READY) {
        copy->must_flush = false;
    }
}

/* Spends for the round by itself: streams that are ready without a system call may not. */
static enum wb_progress read_more(
    struct wb_copy *copy, struct wb_context *context, enum wb_status *out_status) {
    size_t len = 0;
    if (wb_context_spend(context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (wb_async_poll_read(copy->reader, context, copy->buf, copy->capacity, out_status, &len)
        == WB_PENDING) {
        *out_status = WB_OK;
        flush_meanwhile(copy, context, out_status);
        return *out_status == WB_OK ? WB_PENDING : WB_READY;
    }
    if (*out_status == WB_EOF) {
        copy->is_at_end = true;
        *out_status = WB_OK;
    } else if (*out_status == WB_OK) {
        copy->begin = 0;
        copy->end = len;
    }
    return WB_READY;
}

static enum wb_progress finish(
    struct wb_copy *copy, struct wb_context *context, enum wb_status *out_status) {
    return copy->shuts_down ? wb_async_poll_shutdown(copy->writer, context, out_status)
                            : wb_async_poll_flush(copy->writer, context, out_status);
}

static enum wb_progress copy_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_copy *copy = WB_FUTURE_OF(future, struct wb_copy, future);
    enum wb_status status = WB_OK;
    while (copy->begin != copy->end || !copy->is_at_end) {
        const enum wb_progress progress = copy->begin != copy->end
                                              ? write_held(copy, context, &status)
                                              : read_more(copy, context, &status);
        if (progress == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
    }
    return finish(copy, context, &status) == WB_PENDING ? WB_PENDING
                                                        : wb_future_end(future, status);
}

static const struct wb_future_ops copy_ops = {
    .size = sizeof(struct wb_copy),
    .offset = offsetof(struct wb_copy, future),
    .poll = copy_poll,
};

void wb_copy_init(struct wb_copy *copy, struct wb_async_read *reader, struct wb_async_write *writer,
    void *buf, size_t capacity) {
    assert(capacity != 0);
    *copy = (struct wb_copy){.reader = reader, .writer = writer, .buf = buf, .capacity = capacity};
    wb_future_init(&copy->future, &copy_ops);
}

/* ---- both ways ---- */

/* Whether this way is over, or just came to its end. */
static bool goes_on(struct wb_copy *copy, struct wb_context *context) {
    return !wb_future_is_over(&copy->future)
           && wb_future_poll(&copy->future, context) == WB_PENDING;
}

static enum wb_progress both_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_copy_bidirectional *self = WB_FUTURE_OF(future, struct wb_copy_bidirectional, future);
    const bool there_goes_on = goes_on(&self->there, context);
    if (!there_goes_on && self->there.future.status != WB_OK) {
        return wb_future_end(future, self->there.future.status);
    }
    const bool back_goes_on = goes_on(&self->back, context);
    if (!back_goes_on && self->back.future.status != WB_OK) {
        return wb_future_end(future, self->back.future.status);
    }
    return there_goes_on || back_goes_on ? WB_PENDING : wb_future_end(future, WB_OK);
}

static void both_drop(struct wb_future *future) {
    struct wb_copy_bidirectional *self = WB_FUTURE_OF(future, struct wb_copy_bidirectional, future);
    wb_future_drop(&self->there.future);
    wb_future_drop(&self->back.future);
}

static const struct wb_future_ops both_ops = {
    .size = sizeof(struct wb_copy_bidirectional),
    .offset = offsetof(struct wb_copy_bidirectional, future),
    .poll = both_poll,
    .drop = both_drop,
};

void wb_copy_bidirectional_init(struct wb_copy_bidirectional *copy, struct wb_async_stream a,
    struct wb_async_stream b, void *buf, size_t capacity) {
    const size_t half = capacity / 2;
    wb_future_init(&copy->future, &both_ops);
    wb_copy_init(&copy->there, a.read, b.write, buf, half);
    wb_copy_init(&copy->back, b.read, a.write, (unsigned char *)buf + half, half);
    copy->there.shuts_down = true;
    copy->back.shuts_down = true;
}
