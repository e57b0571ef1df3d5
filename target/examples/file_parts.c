/* See file_parts.h. */
#include "examples/file_parts.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What comes next of the part number `at`. */
enum step {
    HEAD,
    SEEK,
    DATA,
    LAST_LINE, /* behind all parts */
    END,
};

static struct wb__file_parts *parts_of(const struct wb_http_body *body) {
    return (struct wb__file_parts *)(uintptr_t)((const char *)body
                                                - offsetof(struct wb__file_parts, body));
}

/* ---- what stands between the parts ---- */

static bool is_multipart(const struct wb__file_parts *parts) {
    return parts->boundary[0] != '\0';
}

static size_t format_head(struct wb__file_parts *parts, size_t index) {
    char range[WB_HTTP_CONTENT_RANGE_LEN_MAX + 1];
    (void)wb_http_content_range_format(&parts->ranges.items[index], parts->file_len, range);
    const int len = snprintf(parts->head, sizeof parts->head,
        "%s--%s\r\ncontent-type: %s\r\ncontent-range: %s\r\n\r\n", index == 0 ? "" : "\r\n",
        parts->boundary, parts->type, range);
    assert(len > 0 && (size_t)len < sizeof parts->head);
    return (size_t)len;
}

static size_t format_last_line(struct wb__file_parts *parts) {
    const int len = snprintf(parts->head, sizeof parts->head, "\r\n--%s--\r\n", parts->boundary);
    assert(len > 0 && (size_t)len < sizeof parts->head);
    return (size_t)len;
}

static uint64_t total_len(struct wb__file_parts *parts) {
    uint64_t len = 0;
    for (size_t i = 0; i < parts->ranges.count; i++) {
        len += parts->ranges.items[i].len + (is_multipart(parts) ? format_head(parts, i) : 0);
    }
    return len + (is_multipart(parts) ? format_last_line(parts) : 0);
}

/* ---- steps ---- */

static enum wb_progress show(struct wb__file_parts *parts, struct wb_bytes data, int next,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    parts->step = next;
    parts->left -= data.len;
    out_frame->data = data;
    *out_status = WB_OK;
    return WB_READY;
}

static void read_from_here(struct wb__file_parts *parts) {
    wb_http_reader_body_init(&parts->reader, &parts->file->io.read,
        parts->ranges.items[parts->at].len, parts->buf, sizeof parts->buf);
    parts->step = DATA;
}

static void begin_part(struct wb__file_parts *parts) {
    const uint64_t first = parts->ranges.items[parts->at].first;
    if (parts->at == 0 && first == 0) {
        read_from_here(parts); /* the file is there already */
        return;
    }
    wb_seek_init(&parts->seek, &parts->file->io, (int64_t)first, WB_SEEK_SET);
    parts->step = SEEK;
}

static enum wb_progress seek_part(
    struct wb__file_parts *parts, struct wb_context *context, enum wb_status *out_status) {
    if (wb_future_poll(&parts->seek.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    *out_status = parts->seek.future.status;
    read_from_here(parts);
    return WB_READY;
}

static void end_part(struct wb__file_parts *parts) {
    parts->at++;
    if (parts->at < parts->ranges.count) {
        parts->step = HEAD;
    } else {
        parts->step = is_multipart(parts) ? LAST_LINE : END;
    }
}

static enum wb_progress read_part(struct wb__file_parts *parts, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb_http_frame frame;
    if (wb_http_body_poll_frame(&parts->reader.body, context, out_status, &frame) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK) {
        return show(parts, frame.data, DATA, out_status, out_frame);
    }
    if (*out_status == WB_EOF) {
        end_part(parts);
        *out_status = WB_OK; /* of this part: there is more to come of the body */
    }
    return WB_READY;
}

/* ---- the body ---- */

/* Status WB_OK without data: the next step is to be taken. */
static enum wb_progress take_step(struct wb__file_parts *parts, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    if (parts->step == HEAD) {
        const size_t at = parts->at;
        begin_part(parts);
        if (is_multipart(parts)) {
            const size_t len = format_head(parts, at);
            return show(parts, wb_bytes_from(parts->head, len), parts->step, out_status, out_frame);
        }
        *out_status = WB_OK;
        return WB_READY;
    }
    if (parts->step == SEEK) {
        return seek_part(parts, context, out_status);
    }
    if (parts->step == DATA) {
        return read_part(parts, context, out_status, out_frame);
    }
    if (parts->step == LAST_LINE) {
        const size_t len = format_last_line(parts);
        return show(parts, wb_bytes_from(parts->head, len), END, out_status, out_frame);
    }
    *out_status = WB_EOF;
    return WB_READY;
}

static enum wb_progress parts_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct wb__file_parts *parts = parts_of(body);
    do {
        if (take_step(parts, context, out_status, out_frame) == WB_PENDING) {
            return WB_PENDING;
        }
    } while (*out_status == WB_OK && out_frame->data.len == 0);
    return WB_READY;
}

static bool parts_is_end(const struct wb_http_body *body) {
    return parts_of(body)->left == 0;
}

static struct wb_http_size_hint parts_size_hint(const struct wb_http_body *body) {
    const uint64_t left = parts_of(body)->left;
    return (struct wb_http_size_hint){.lower = left, .upper = left, .has_upper = true};
}

static void parts_drop(struct wb_http_body *body) {
    wb_future_drop(&parts_of(body)->seek.future);
}

static const struct wb_http_body_ops parts_ops = {
    .poll_frame = parts_poll_frame,
    .is_end = parts_is_end,
    .size_hint = parts_size_hint,
    .drop = parts_drop,
};

void wb__file_parts_init(struct wb__file_parts *parts, struct wb_file *file, uint64_t file_len,
    const struct wb_http_ranges *ranges, const char *type, const char *boundary) {
    assert(ranges->count != 0);
    wb_http_body_init(&parts->body, &parts_ops);
    parts->file = file;
    parts->file_len = file_len;
    parts->type = type;
    parts->ranges = *ranges;
    parts->at = 0;
    parts->step = HEAD;
    parts->seek = (struct wb_seek){0};
    parts->boundary[0] = '\0';
    if (ranges->count > 1) {
        memcpy(parts->boundary, boundary, sizeof parts->boundary);
    }
    parts->left = total_len(parts);
}
