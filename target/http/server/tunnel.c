/* Connections that are no longer of HTTP: after 101, and after 2xx to CONNECT. */
#include "http/server/conn.h"

#include <string.h>

/* First what was read ahead, then the stream itself. */
static enum wb_progress tunnel_poll_read(struct wb_async_read *stream, struct wb_context *context,
    void *buf, size_t len, enum wb_status *out_status, size_t *out_len) {
    struct wb__h1_server *self = WB_FUTURE_OF(stream, struct wb__h1_server, tunnel);
    const struct wb_bytes unread = wb__h1_unread(self);
    if (unread.len == 0) {
        return wb_async_poll_read(self->io.read, context, buf, len, out_status, out_len);
    }
    *out_len = len < unread.len ? len : unread.len;
    memcpy(buf, unread.ptr, *out_len);
    wb__h1_use(self, *out_len);
    *out_status = WB_OK;
    return WB_READY;
}

static const struct wb_async_read_ops tunnel_ops = {.poll_read = tunnel_poll_read};

/* The content of the request comes first (RFC 9110 section 7.8), and is nobody's: who wanted it has
 * read it. */
static enum wb__h1_step skip_content(struct wb__h1_server *self, struct wb_context *context) {
    struct wb_http_frame frame = {0};
    enum wb_status status = WB_OK;
    if (wb_context_spend(context) == WB_PENDING
        || wb__h1_incoming_poll(self, context, &status, &frame) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    self->thrown_away += frame.data.len;
    if (status != WB_OK && status != WB_EOF) {
        return wb__h1_break(self, wb__h1_content_error(self));
    }
    if (self->thrown_away > self->options.drain_len_max) {
        return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_TOO_LARGE, WB_ERR_LIMIT));
    }
    return WB__H1_GO_ON;
}

/* The body of such a response, if there is one, is no content. */
static void hand_over(struct wb__h1_server *self) {
    wb__h1_drop_content(self);
    self->tunnel.ops = &tunnel_ops;
    const struct wb_async_stream io = {&self->tunnel, self->io.write};
    self->call = self->service->ops->upgraded(self->service, self->work, io);
    self->state = wb__h1_be_tunnel;
}

enum wb__h1_step wb__h1_switch(struct wb__h1_server *self, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (wb__h1_push(self, context, &status) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    if (status != WB_OK) {
        return wb__h1_break_io(self, status);
    }
    if (!self->incoming.is_done) {
        return skip_content(self, context);
    }
    hand_over(self);
    return WB__H1_GO_ON;
}

enum wb__h1_step wb__h1_be_tunnel(struct wb__h1_server *self, struct wb_context *context) {
    if (wb_future_poll(self->call, context) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    const enum wb_status status = self->call->status;
    self->call = NULL;
    if (status != WB_OK) {
        return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_SERVICE, status));
    }
    wb__h1_end_call(self);
    self->conn->end = WB_H1_SERVER_END_UPGRADED;
    return WB__H1_OVER;
}
