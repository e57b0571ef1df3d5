/* Bytes that go: small ones are copied together, a large one is written from where it lies. */
#include "http/server/conn.h"

/* ---- adding ---- */

enum wb_status wb__h1_put_continue(struct wb__h1_server *self) {
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    return wb__h1_put(self, wb_bytes_from(interim, sizeof interim - 1));
}

enum wb_status wb__h1_put_piece(
    struct wb__h1_server *self, const struct wb_h1_frame *frame, struct wb_bytes data) {
    struct wb__h1_out *out = &self->out;
    const bool is_copied = frame->data_len <= WB__H1_PIECE_COPIED_MAX;
    const struct wb_bytes whole = wb_bytes_from(data.ptr, frame->data_len);
    const struct wb_bytes parts[] = {wb_bytes_from(frame->prefix, frame->prefix_len),
        is_copied ? whole : wb_bytes_from(NULL, 0), wb_bytes_from("\r\n", frame->suffix_len)};
    const size_t len = parts[0].len + parts[1].len + parts[2].len;
    const enum wb_status status = wb_bytes_mut_reserve(&out->bytes, len);
    if (status != WB_OK) {
        return status;
    }
    /* There is room for all of it. */
    (void)!wb__h1_put(self, parts[0]);
    if (is_copied) {
        (void)!wb__h1_put(self, whole);
    } else {
        wb__h1_put_borrowed(self, whole);
    }
    (void)!wb__h1_put(self, parts[2]);
    return WB_OK;
}

/* ---- writing ---- */

enum { IOV_MAX_LEN = 3 };

static void add_iov(struct wb_iovec *iov, size_t *count, const uint8_t *base, size_t len) {
    if (len != 0) {
        union {
            const void *from;
            void *to;
        } written = {.from = base}; /* an iovec serves reading, too */
        iov[(*count)++] = (struct wb_iovec){written.to, len};
    }
}

static size_t fill_iov(const struct wb__h1_out *out, struct wb_iovec iov[IOV_MAX_LEN]) {
    size_t count = 0;
    add_iov(iov, &count, out->bytes.ptr + out->done, out->split - out->done);
    add_iov(iov, &count, out->piece.ptr, out->piece.len);
    add_iov(iov, &count, out->bytes.ptr + out->split, out->bytes.len - out->split);
    return count;
}

static void take(struct wb__h1_out *out, size_t len) {
    if (out->piece.len != 0) {
        const size_t before = out->split - out->done;
        const size_t first = len < before ? len : before;
        const size_t of_piece = len - first < out->piece.len ? len - first : out->piece.len;
        out->done += first;
        out->piece = wb_bytes_from(out->piece.ptr + of_piece, out->piece.len - of_piece);
        len -= first + of_piece;
    }
    out->done += len;
    if (out->done == out->bytes.len) {
        wb_bytes_mut_truncate(&out->bytes, 0);
        out->done = 0;
        out->split = 0; /* of a piece that is left there is nothing before it */
    }
}

/* Mostly there is nothing but what was copied. */
static enum wb_progress write_copied(struct wb__h1_server *self, struct wb_context *context,
    enum wb_status *out_status, size_t *out_len) {
    const struct wb__h1_out *out = &self->out;
    return wb_async_poll_write(self->io.write, context, out->bytes.ptr + out->done,
        out->bytes.len - out->done, out_status, out_len);
}

__attribute__((noinline)) static enum wb_progress write_around_piece(struct wb__h1_server *self,
    struct wb_context *context, enum wb_status *out_status, size_t *out_len) {
    struct wb_iovec iov[IOV_MAX_LEN];
    const size_t count = fill_iov(&self->out, iov);
    return count == 1 || self->options.no_writev
               ? wb_async_poll_write(
                   self->io.write, context, iov[0].base, iov[0].len, out_status, out_len)
               : wb_async_poll_writev(self->io.write, context, iov, count, out_status, out_len);
}

/* What was taken is to be flushed, if the stream keeps anything back. */
static inline enum wb_progress write_once(
    struct wb__h1_server *self, struct wb_context *context, enum wb_status *out_status) {
    struct wb__h1_out *out = &self->out;
    size_t len = 0;
    const enum wb_progress progress = out->piece.len == 0
                                          ? write_copied(self, context, out_status, &len)
                                          : write_around_piece(self, context, out_status, &len);
    if (progress == WB_READY && *out_status == WB_OK) {
        take(out, len);
        out->needs_flush = self->io.write->ops->poll_flush != NULL;
        self->write_since_ns = 0;
    }
    return progress;
}

static inline enum wb_progress write_all(
    struct wb__h1_server *self, struct wb_context *context, enum wb_status *out_status) {
    struct wb__h1_out *out = &self->out;
    *out_status = WB_OK;
    while (wb__h1_out_len(self) != 0) {
        if (write_once(self, context, out_status) == WB_PENDING) {
            return WB_PENDING;
        }
        if (*out_status != WB_OK) {
            return WB_READY;
        }
    }
    if (!out->needs_flush) {
        return WB_READY;
    }
    const enum wb_progress progress = wb_async_poll_flush(self->io.write, context, out_status);
    out->needs_flush = progress == WB_PENDING;
    return progress;
}

enum wb_progress wb__h1_push(
    struct wb__h1_server *self, struct wb_context *context, enum wb_status *out_status) {
    const enum wb_progress progress = write_all(self, context, out_status);
    self->out.is_pending = progress == WB_PENDING;
    if (progress == WB_READY) {
        self->write_since_ns = 0;
    }
    return progress;
}
