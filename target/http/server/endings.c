/* How a connection ends: what was to be said is said, our direction is shut down, and the client is
 * heard out for a while, since closing on bytes that nobody has read would reset the connection and
 * take the last response with it (RFC 9112 section 9.6). */
#include "http/server/conn.h"

enum wb__h1_step wb__h1_close(struct wb__h1_server *self, struct wb_http_error error) {
    wb__h1_end_call(self);
    self->incoming.is_waited_for = false;
    self->conn->error = error;
    self->result = error.status;
    self->state = wb__h1_go_silent;
    return WB__H1_GO_ON;
}

enum wb__h1_step wb__h1_break(struct wb__h1_server *self, struct wb_http_error error) {
    wb__h1_end_call(self);
    self->conn->error = error;
    self->conn->end = WB_H1_SERVER_END_BROKEN;
    self->result = error.status;
    return WB__H1_OVER;
}

enum wb__h1_step wb__h1_break_io(struct wb__h1_server *self, enum wb_status status) {
    return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_IO, status));
}

/* What cannot be said any more is of no importance beside what went wrong before. */
static enum wb__h1_step break_off(
    struct wb__h1_server *self, enum wb_http_error_kind kind, enum wb_status status) {
    return wb__h1_break(
        self, self->result != WB_OK ? self->conn->error : wb__h1_error(kind, status));
}

enum wb__h1_step wb__h1_go_silent(struct wb__h1_server *self, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (wb__h1_push(self, context, &status) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    if (status != WB_OK) {
        return break_off(self, WB_HTTP_ERROR_IO, status);
    }
    if (self->is_parting && self->result == WB_OK) {
        self->conn->end = WB_H1_SERVER_END_PARTED;
        return WB__H1_OVER;
    }
    if (wb_async_poll_shutdown(self->io.write, context, &status) == WB_PENDING) {
        self->out.is_pending = true;
        return WB__H1_WAIT;
    }
    if (status != WB_OK) {
        return break_off(self, WB_HTTP_ERROR_SHUTDOWN, status);
    }
    self->conn->end = WB_H1_SERVER_END_CLOSED;
    self->thrown_away = 0;
    self->state = wb__h1_linger;
    return self->lingers && !self->in.is_eof ? WB__H1_GO_ON : WB__H1_OVER;
}

/* Whatever comes of it, the connection has been closed. */
enum wb__h1_step wb__h1_linger(struct wb__h1_server *self, struct wb_context *context) {
    uint8_t scratch[4096];
    enum wb_status status = WB_OK;
    size_t len = 0;
    if (wb_async_poll_read(self->io.read, context, scratch, sizeof scratch, &status, &len)
        == WB_PENDING) {
        return WB__H1_WAIT;
    }
    self->thrown_away += len;
    return status == WB_OK && self->thrown_away <= WB__H1_LINGER_LEN_MAX ? WB__H1_GO_ON
                                                                         : WB__H1_OVER;
}
