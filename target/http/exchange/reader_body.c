/* A body of what a stream brings. */
#include "wb/http_body.h"

#include <assert.h>

static struct wb_http_reader_body *reader_of(const struct wb_http_body *body) {
    return (struct wb_http_reader_body *)(uintptr_t)((const char *)body
                                                     - offsetof(struct wb_http_reader_body, body));
}

static size_t asked(const struct wb_http_reader_body *reader) {
    return !reader->is_len_known || reader->left > reader->capacity ? reader->capacity
                                                                    : (size_t)reader->left;
}

static enum wb_progress reader_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb_http_reader_body *reader = reader_of(body);
    size_t len = 0;
    if (reader->is_len_known && reader->left == 0) {
        *out_status = WB_EOF;
        return WB_READY;
    }
    if (wb_async_poll_read(reader->stream, context, reader->buf, asked(reader), out_status, &len)
        == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        reader->left -= reader->is_len_known ? len : 0;
        out_frame->data = wb_bytes_from(reader->buf, len);
    } else if (*out_status == WB_EOF && reader->is_len_known) {
        *out_status = WB_ERR_UNEXPECTED_EOF;
    }
    return WB_READY;
}

static bool reader_is_end(const struct wb_http_body *body) {
    const struct wb_http_reader_body *reader = reader_of(body);
    return reader->is_len_known && reader->left == 0;
}

static struct wb_http_size_hint reader_size_hint(const struct wb_http_body *body) {
    const struct wb_http_reader_body *reader = reader_of(body);
    const struct wb_http_size_hint unknown = {.has_upper = false};
    const struct wb_http_size_hint known = {
        .lower = reader->left, .upper = reader->left, .has_upper = true};
    return reader->is_len_known ? known : unknown;
}

static const struct wb_http_body_ops reader_ops = {
    .poll_frame = reader_poll_frame,
    .is_end = reader_is_end,
    .size_hint = reader_size_hint,
};

void wb_http_reader_body_init(struct wb_http_reader_body *reader, struct wb_async_read *stream,
    uint64_t len, void *buf, size_t capacity) {
    assert(capacity != 0);
    wb_http_body_init(&reader->body, &reader_ops);
    reader->stream = stream;
    reader->buf = buf;
    reader->capacity = capacity;
    reader->is_len_known = len != WB_HTTP_BODY_LEN_UNKNOWN;
    reader->left = reader->is_len_known ? len : 0;
}
