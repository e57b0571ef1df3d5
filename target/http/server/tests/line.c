/* See line.h. */
#include "line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LINE_OF(pointer, member)                                                                   \
    ((struct line *)(void *)((char *)(pointer)-offsetof(struct line, member)))

/* Every other time. */
static bool pauses(bool is_asked_for, bool *has_paused) {
    *has_paused = is_asked_for && !*has_paused;
    return *has_paused;
}

/* ---- reading ---- */

static enum wb_progress end_of_input(
    struct line *line, struct wb_context *context, enum wb_status *out_status) {
    if (line->read_status == WB_OK && !line->has_finished) {
        wb_task_waker_store(&line->reader, context->waker);
        return WB_PENDING;
    }
    line->reads++;
    *out_status = line->read_status != WB_OK ? line->read_status : WB_EOF;
    return WB_READY;
}

static size_t up_to(size_t len, size_t max) {
    return max != 0 && len > max ? max : len;
}

static enum wb_progress line_poll_read(struct wb_async_read *self, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct line *line = LINE_OF(self, read);
    const bool is_at_cut = line->read_len == line->cut_at;
    if (pauses(line->read_pauses || is_at_cut, &line->has_paused_read)) {
        wb_context_wake(context);
        return WB_PENDING;
    }
    size_t left = line->input.len - line->read_len;
    if (left == 0) {
        return end_of_input(line, context, out_status);
    }
    if (line->read_len < line->cut_at && line->cut_at - line->read_len < left) {
        left = line->cut_at - line->read_len;
    }
    *out_len = up_to(left < len ? left : len, line->read_max);
    memcpy(buf, line->input.ptr + line->read_len, *out_len);
    line->read_len += *out_len;
    line->reads++;
    *out_status = WB_OK;
    return WB_READY;
}

/* ---- writing ---- */

static bool is_held_up(struct line *line, struct wb_context *context) {
    if (line->is_stuck) {
        wb_task_waker_store(&line->writer, context->waker);
        return true;
    }
    if (pauses(line->write_pauses, &line->has_paused_write)) {
        wb_context_wake(context);
        return true;
    }
    return false;
}

static enum wb_progress line_poll_writev(struct wb_async_write *self, struct wb_context *context,
    const struct wb_iovec *iov, size_t iov_len, enum wb_status *out_status, size_t *out_len) {
    struct line *line = LINE_OF(self, write);
    assert_int_equal(line->shutdowns, 0); /* nothing is written after the end */
    if (is_held_up(line, context)) {
        return WB_PENDING;
    }
    *out_status = line->write_status;
    *out_len = 0;
    for (size_t i = 0; i < iov_len && line->write_status == WB_OK; i++) {
        const size_t room = line->write_max != 0 ? line->write_max - *out_len : SIZE_MAX;
        const size_t len = iov[i].len < room ? iov[i].len : room;
        assert_true(line->output_len + len <= LINE_OUTPUT_MAX);
        if (len != 0) {
            memcpy(line->output + line->output_len, iov[i].base, len);
        }
        line->output_len += len;
        *out_len += len;
    }
    line->kept_len += line->keeps ? *out_len : 0;
    line->writes += line->write_status == WB_OK;
    return WB_READY;
}

static enum wb_progress line_poll_write(struct wb_async_write *self, struct wb_context *context,
    const void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    union {
        const void *from;
        void *to;
    } bytes = {.from = buf};
    const struct wb_iovec iov = {bytes.to, len};
    return line_poll_writev(self, context, &iov, 1, out_status, out_len);
}

static enum wb_progress line_poll_flush(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    struct line *line = LINE_OF(self, write);
    if (line->keeps && is_held_up(line, context)) {
        return WB_PENDING;
    }
    line->kept_len = 0;
    *out_status = WB_OK;
    return WB_READY;
}

/* H1S-53: never while anything is kept. */
static enum wb_progress line_poll_shutdown(
    struct wb_async_write *self, struct wb_context *context, enum wb_status *out_status) {
    struct line *line = LINE_OF(self, write);
    assert_int_equal(line->kept_len, 0);
    if (line->keeps && is_held_up(line, context)) {
        return WB_PENDING;
    }
    line->shutdowns++;
    *out_status = WB_OK;
    return WB_READY;
}

static const struct wb_async_read_ops read_ops = {.poll_read = line_poll_read};
static const struct wb_async_write_ops write_ops = {
    .poll_write = line_poll_write,
    .poll_writev = line_poll_writev,
    .poll_flush = line_poll_flush,
    .poll_shutdown = line_poll_shutdown,
};

/* ---- life ---- */

/* The output, which is long, is left as it is. */
void line_init(struct line *line) {
    memset(line, 0, offsetof(struct line, output));
    memset(&line->output_len, 0, sizeof *line - offsetof(struct line, output_len));
    line->read.ops = &read_ops;
    line->write.ops = &write_ops;
    line->cut_at = SIZE_MAX;
}

void line_clean_up(struct line *line) {
    wb_task_waker_drop(&line->reader);
    wb_task_waker_drop(&line->writer);
}

struct wb_async_stream line_io(struct line *line) {
    return (struct wb_async_stream){&line->read, &line->write};
}

void line_wake(struct line *line) {
    wb_task_waker_fire(&line->reader);
    wb_task_waker_fire(&line->writer);
}
