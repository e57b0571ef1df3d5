/* All that a stream still has, into a growable buffer, up to a limit. */
#include "wb/async_buf.h"

/* What is asked of the system at a time when the buffer has no room: enough for most of what is
 * read whole, and doubled by the buffer from there on. */
enum { READ_AT_A_TIME = 4096, PROBE_LEN = 1 };

/* Room for more, but never beyond the limit: the buffer is not enlarged for what may not come. */
static enum wb_status make_room(struct wb_read_to_end *self, uint8_t **out_space, size_t *out_len) {
    const size_t left = self->limit - self->done;
    size_t room = 0;
    uint8_t *space = wb_bytes_mut_spare(self->into, &room);
    if (room == 0) {
        const enum wb_status status =
            wb_bytes_mut_reserve(self->into, left < READ_AT_A_TIME ? left : READ_AT_A_TIME);
        if (status != WB_OK) {
            return status;
        }
        space = wb_bytes_mut_spare(self->into, &room);
    }
    *out_space = space;
    *out_len = room < left ? room : left;
    return WB_OK;
}

/* A buffer that is just full is not enlarged to find out that nothing comes, nor is the limit
 * exceeded: one byte beside it tells. */
static enum wb_progress probe(
    struct wb_read_to_end *self, struct wb_context *context, enum wb_status *out_status) {
    uint8_t byte = 0;
    size_t len = 0;
    if (wb_async_poll_read(self->stream, context, &byte, PROBE_LEN, out_status, &len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status != WB_OK) {
        return WB_READY;
    }
    if (self->done == self->limit) {
        *out_status = WB_ERR_LIMIT;
        return WB_READY;
    }
    *out_status = wb_bytes_mut_extend(self->into, wb_bytes_from(&byte, PROBE_LEN));
    self->done += *out_status == WB_OK ? PROBE_LEN : 0;
    return WB_READY;
}

static bool must_probe(const struct wb_read_to_end *self) {
    size_t room = 0;
    (void)wb_bytes_mut_spare(self->into, &room);
    return self->done == self->limit || (room == 0 && self->done != 0);
}

static enum wb_progress read_more(
    struct wb_read_to_end *self, struct wb_context *context, enum wb_status *out_status) {
    uint8_t *space = NULL;
    size_t room = 0;
    size_t len = 0;
    if (must_probe(self)) {
        return probe(self, context, out_status);
    }
    *out_status = make_room(self, &space, &room);
    if (*out_status != WB_OK) {
        return WB_READY;
    }
    if (wb_async_poll_read(self->stream, context, space, room, out_status, &len) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        wb_bytes_mut_commit(self->into, len);
        self->done += len;
    }
    return WB_READY;
}

static enum wb_progress read_to_end_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_read_to_end *self = WB_FUTURE_OF(future, struct wb_read_to_end, future);
    enum wb_status status = WB_OK;
    while (status == WB_OK) {
        if (read_more(self, context, &status) == WB_PENDING) {
            return WB_PENDING;
        }
    }
    return wb_future_end(future, status == WB_EOF ? WB_OK : status);
}

static const struct wb_future_ops read_to_end_ops = {
    .size = sizeof(struct wb_read_to_end),
    .offset = offsetof(struct wb_read_to_end, future),
    .poll = read_to_end_poll,
};

void wb_read_to_end_init(struct wb_read_to_end *read, struct wb_async_read *stream,
    struct wb_bytes_mut *into, size_t limit) {
    *read = (struct wb_read_to_end){.stream = stream, .into = into, .limit = limit};
    wb_future_init(&read->future, &read_to_end_ops);
}
