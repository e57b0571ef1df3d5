/* Reading ahead: a buffered reader, what ends with a byte, lines. */
#include <assert.h>
#include <string.h>

#include "wb/io.h"

/* ---- the reader ---- */

static size_t held_len(const struct wb_buf_reader *reader) {
    return reader->end - reader->begin;
}

enum wb_progress wb_buf_reader_poll_fill(
    struct wb_buf_reader *reader, struct wb_context *context, enum wb_status *out_status) {
    *out_status = WB_OK;
    if (held_len(reader) != 0) {
        return WB_READY;
    }
    size_t len = 0;
    if (wb_async_poll_read(reader->inner, context, reader->buf, reader->capacity, out_status, &len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    reader->begin = 0;
    reader->end = len;
    return WB_READY;
}

static size_t take_held(struct wb_buf_reader *reader, void *buf, size_t len) {
    const size_t count = held_len(reader) < len ? held_len(reader) : len;
    memcpy(buf, reader->buf + reader->begin, count);
    reader->begin += count;
    return count;
}

/* Who wants more than the buffer holds does without it. */
static enum wb_progress reader_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct wb_buf_reader *reader =
        (struct wb_buf_reader *)(void *)((char *)self - offsetof(struct wb_buf_reader, read));
    if (held_len(reader) == 0 && len >= reader->capacity) {
        return wb_async_poll_read(reader->inner, context, buf, len, out_status, out_len);
    }
    if (wb_buf_reader_poll_fill(reader, context, out_status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        *out_len = take_held(reader, buf, len);
    }
    return WB_READY;
}

static const struct wb_async_read_ops reader_ops = {.poll_read = reader_poll_read};

void wb_buf_reader_init(
    struct wb_buf_reader *reader, struct wb_async_read *inner, void *buf, size_t capacity) {
    assert(capacity != 0);
    *reader = (struct wb_buf_reader){
        .read = {&reader_ops}, .inner = inner, .buf = buf, .capacity = capacity};
}

/* ---- up to a byte ---- */

/* Moves what there is, up to the byte, as far as there is room. */
static void take_until(struct wb_read_until *self) {
    struct wb_buf_reader *reader = self->reader;
    const unsigned char *held = reader->buf + reader->begin;
    const unsigned char *found = memchr(held, self->end, held_len(reader));
    const size_t wanted = found != NULL ? (size_t)(found - held) + 1 : held_len(reader);
    const size_t room = self->capacity - *self->len;
    const size_t count = wanted < room ? wanted : room;
    *self->len += take_held(reader, self->buf + *self->len, count);
    self->is_complete = found != NULL && count == wanted;
}

static void strip_line_end(struct wb_read_until *self) {
    size_t len = *self->len - 1;
    if (len != 0 && self->buf[len - 1] == '\r') {
        len--;
    }
    *self->len = len;
}

static enum wb_progress end_until(struct wb_read_until *self, enum wb_status status) {
    if (status == WB_EOF && *self->len != 0) {
        status = WB_OK;
    }
    if (self->is_complete && self->is_line) {
        strip_line_end(self);
    }
    return wb_future_end(&self->future, status);
}

static enum wb_progress until_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_read_until *self = WB_FUTURE_OF(future, struct wb_read_until, future);
    while (!self->is_complete) {
        enum wb_status status = WB_OK;
        if (*self->len == self->capacity) {
            return end_until(self, WB_ERR_LIMIT);
        }
        if (wb_buf_reader_poll_fill(self->reader, context, &status) == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return end_until(self, status);
        }
        /* Buffered lines cost no system call: who finds one each time gives way all the same. */
        if (wb_context_spend(context) == WB_PENDING) {
            return WB_PENDING;
        }
        take_until(self);
    }
    return end_until(self, WB_OK);
}

static const struct wb_future_ops until_ops = {
    .size = sizeof(struct wb_read_until),
    .offset = offsetof(struct wb_read_until, future),
    .poll = until_poll,
};

void wb_read_until_init(struct wb_read_until *read, struct wb_buf_reader *reader, unsigned char end,
    void *buf, size_t capacity, size_t *len) {
    *read = (struct wb_read_until){
        .reader = reader, .buf = buf, .capacity = capacity, .len = len, .end = end};
    wb_future_init(&read->future, &until_ops);
}

void wb_read_line_init(struct wb_read_until *read, struct wb_buf_reader *reader, void *buf,
    size_t capacity, size_t *len) {
    wb_read_until_init(read, reader, '\n', buf, capacity, len);
    read->is_line = true;
}
