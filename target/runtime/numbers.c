/* Numbers of every width and order, read from and written to streams. */
#include <assert.h>

#include "wb/async_buf.h"

/* ---- reading ---- */

static enum wb_progress read_number_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_read_number *self = WB_FUTURE_OF(future, struct wb_read_number, future);
    while (self->done < self->width) {
        enum wb_status status = WB_OK;
        size_t len = 0;
        if (wb_async_poll_read(self->stream, context, self->bytes + self->done,
                self->width - self->done, &status, &len)
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

static const struct wb_future_ops read_number_ops = {
    .size = sizeof(struct wb_read_number),
    .offset = offsetof(struct wb_read_number, future),
    .poll = read_number_poll,
};

void wb_read_number_init(struct wb_read_number *read, struct wb_async_read *stream, size_t width,
    enum wb_byte_order order) {
    assert(width >= 1 && width <= WB_NUMBER_WIDTH_MAX);
    *read = (struct wb_read_number){.stream = stream, .width = width, .order = order};
    wb_future_init(&read->future, &read_number_ops);
}

uint64_t wb_read_number_unsigned(const struct wb_read_number *read) {
    struct wb_bytes bytes = wb_bytes_from(read->bytes, read->width);
    return wb_buf_get_uint(wb_buf_from_bytes(&bytes), read->width, read->order);
}

int64_t wb_read_number_signed(const struct wb_read_number *read) {
    struct wb_bytes bytes = wb_bytes_from(read->bytes, read->width);
    return wb_buf_get_int(wb_buf_from_bytes(&bytes), read->width, read->order);
}

/* ---- writing ---- */

static enum wb_progress write_number_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_write_number *self = WB_FUTURE_OF(future, struct wb_write_number, future);
    while (self->done < self->width) {
        enum wb_status status = WB_OK;
        size_t len = 0;
        if (wb_async_poll_write(self->stream, context, self->bytes + self->done,
                self->width - self->done, &status, &len)
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

static const struct wb_future_ops write_number_ops = {
    .size = sizeof(struct wb_write_number),
    .offset = offsetof(struct wb_write_number, future),
    .poll = write_number_poll,
};

static struct wb_buf_mut begin_write(struct wb_write_number *write, struct wb_async_write *stream,
    size_t width, struct wb_space *space) {
    assert(width >= 1 && width <= WB_NUMBER_WIDTH_MAX);
    *write = (struct wb_write_number){.stream = stream, .width = width};
    wb_future_init(&write->future, &write_number_ops);
    *space = (struct wb_space){write->bytes, width};
    return wb_buf_mut_from_space(space);
}

/* Memory of fixed size never runs out before the number is in it. */
void wb_write_unsigned_init(struct wb_write_number *write, struct wb_async_write *stream,
    uint64_t value, size_t width, enum wb_byte_order order) {
    struct wb_space space;
    (void)!wb_buf_mut_put_uint(begin_write(write, stream, width, &space), value, width, order);
}

void wb_write_signed_init(struct wb_write_number *write, struct wb_async_write *stream,
    int64_t value, size_t width, enum wb_byte_order order) {
    struct wb_space space;
    (void)!wb_buf_mut_put_int(begin_write(write, stream, width, &space), value, width, order);
}
