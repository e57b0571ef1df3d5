/* What holds for every body, and the one that is all there from the start. */
#include "wb/http_body.h"

#include <assert.h>

/* Values of `stage`. A body of zero bytes is at its beginning. */
enum stage {
    STAGE_DATA,
    STAGE_TRAILERS, /* were shown: the end comes next, asked or not */
    STAGE_ENDED,
    STAGE_FAILED, /* with which status is not kept: it was told */
    STAGE_DROPPED,
};

static enum wb_progress end(
    struct wb_http_body *body, enum wb_status status, enum wb_status *out_status) {
    body->stage = status == WB_EOF ? STAGE_ENDED : STAGE_FAILED;
    *out_status = status;
    return WB_READY;
}

enum wb_progress wb_http_body_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    assert(body->stage != STAGE_DROPPED && "polled a body that was dropped");
    if (body->stage == STAGE_TRAILERS || body->stage == STAGE_ENDED) {
        return end(body, WB_EOF, out_status);
    }
    if (body->stage == STAGE_FAILED) {
        return end(body, WB_ERR_CLOSED, out_status);
    }
    struct wb_http_frame frame = {.is_trailers = false};
    enum wb_status status = WB_OK;
    if (body->ops->poll_frame(body, context, &status, &frame) == WB_PENDING) {
        return WB_PENDING;
    }
    if (status != WB_OK) {
        assert(status == WB_EOF || wb_status_is_error(status));
        return end(body, status, out_status);
    }
    assert((frame.is_trailers ? frame.data.len == 0 : frame.data.len > 0)
           && "a piece of a body is data, and then trailers");
    body->stage = frame.is_trailers ? STAGE_TRAILERS : STAGE_DATA;
    *out_status = WB_OK;
    *out_frame = frame;
    return WB_READY;
}

bool wb_http_body_is_end(const struct wb_http_body *body) {
    if (body == NULL || body->stage != STAGE_DATA) {
        return true;
    }
    return body->ops->is_end != NULL && body->ops->is_end(body);
}

struct wb_http_size_hint wb_http_body_size_hint(const struct wb_http_body *body) {
    struct wb_http_size_hint hint = {.has_upper = true};
    if (wb_http_body_is_end(body)) {
        return hint;
    }
    hint.has_upper = false;
    return body->ops->size_hint != NULL ? body->ops->size_hint(body) : hint;
}

void wb_http_body_drop(struct wb_http_body *body) {
    if (body == NULL || body->stage == STAGE_DROPPED) {
        return;
    }
    body->stage = STAGE_DROPPED;
    if (body->ops->drop != NULL) {
        body->ops->drop(body);
    }
}

/* ---- all in one piece ---- */

static struct wb_http_full_body *full_of(struct wb_http_body *body) {
    return WB_FUTURE_OF(body, struct wb_http_full_body, body);
}

static const struct wb_http_full_body *full_of_const(const struct wb_http_body *body) {
    return (
        const struct wb_http_full_body *)(const void *)((const char *)body
                                                        - offsetof(struct wb_http_full_body, body));
}

static enum wb_progress full_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    (void)context;
    struct wb_http_full_body *full = full_of(body);
    if (full->bytes.len == 0) {
        *out_status = WB_EOF;
        return WB_READY;
    }
    out_frame->data = full->bytes;
    full->bytes.len = 0;
    *out_status = WB_OK;
    return WB_READY;
}

static bool full_is_end(const struct wb_http_body *body) {
    return full_of_const(body)->bytes.len == 0;
}

static struct wb_http_size_hint full_size_hint(const struct wb_http_body *body) {
    const uint64_t len = full_of_const(body)->bytes.len;
    const struct wb_http_size_hint hint = {.lower = len, .upper = len, .has_upper = true};
    return hint;
}

static const struct wb_http_body_ops full_ops = {
    .poll_frame = full_poll_frame,
    .is_end = full_is_end,
    .size_hint = full_size_hint,
};

void wb_http_full_body_init(struct wb_http_full_body *full, struct wb_bytes bytes) {
    wb_http_body_init(&full->body, &full_ops);
    full->bytes = bytes;
}
