/* The content of responses, piece by piece, what comes after it, and what is left of the request's.
 */
#include "http/h1/encode.h"
#include "http/h1/title_case.h"
#include "http/server/conn.h"

/* ---- errors of contents ---- */

static struct wb_http_error malformed(
    const struct wb__h1_incoming *incoming, const struct wb_h1_parser *parser) {
    struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_PARSE, WB_ERR_PARSE);
    error.detail = incoming->reads_trailers ? wb_h1_error_text(parser->error)
                                            : wb_h1_body_error_text(incoming->reader.error);
    error.at = incoming->reads_trailers ? parser->error_at : incoming->len;
    return error;
}

struct wb_http_error wb__h1_content_error(const struct wb__h1_server *self) {
    const enum wb_status failed = self->incoming.failed;
    struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_IO, failed);
    if (failed == WB_ERR_PARSE) {
        error = malformed(&self->incoming, &self->parser);
    } else if (failed == WB_ERR_LIMIT) {
        error.kind = WB_HTTP_ERROR_TOO_LARGE;
        error.detail = "the content is longer than is taken";
    } else if (failed == WB_ERR_TIMED_OUT) {
        error.kind = WB_HTTP_ERROR_TIMEOUT;
        error.detail = "of content that did not come";
    } else if (failed == WB_ERR_UNEXPECTED_EOF) {
        error.kind = WB_HTTP_ERROR_INCOMPLETE_MESSAGE;
    }
    return error;
}

/* ---- content ---- */

static enum wb__h1_step abort_content(struct wb__h1_server *self, enum wb_status status) {
    struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_BODY_ABORTED, status);
    if (self->incoming.failed != WB_OK && self->incoming.failed == status) {
        error = wb__h1_content_error(self);
    }
    if (self->writer.body == WB_H1_BODY_UNTIL_CLOSE) {
        return wb__h1_break(self, error); /* an orderly end would say that this was all */
    }
    self->lingers = true;
    return wb__h1_close(self, error);
}

static enum wb_status put_trailers(struct wb__h1_server *self, struct wb_http_fields trailers) {
    struct wb_bytes_mut *bytes = &self->out.bytes;
    struct wb__h1_announced announced;
    const size_t before = bytes->len;
    const struct wb_bytes names =
        wb__h1_announced_by(wb_http_field_list_view(&self->response.fields), &announced);
    const enum wb_status status = wb_h1_encode_trailers(trailers, names, bytes);
    if (status == WB_OK && self->options.title_case_fields) {
        wb__h1_title_case(bytes->ptr + before, bytes->len - before);
    }
    return status;
}

/* `trailers` NULL: there are none, or the client does not want them. */
static enum wb__h1_step end_content(
    struct wb__h1_server *self, const struct wb_http_fields *trailers) {
    struct wb_bytes tail = {0};
    enum wb_status status = wb_h1_body_finish(&self->writer, trailers != NULL, &tail);
    if (status != WB_OK) {
        return abort_content(self, status);
    }
    status = wb__h1_put(self, tail);
    if (status == WB_OK && trailers != NULL) {
        status = put_trailers(self, *trailers);
    }
    if (status != WB_OK) {
        return wb__h1_break_io(self, status);
    }
    self->state = wb__h1_finish;
    return WB__H1_GO_ON;
}

static enum wb__h1_step send_data(struct wb__h1_server *self, struct wb_bytes data) {
    struct wb_h1_frame frame;
    const enum wb_status is_allowed = wb_h1_body_frame(&self->writer, data.len, &frame);
    const enum wb_status status = wb__h1_put_piece(self, &frame, data);
    if (status != WB_OK) {
        return wb__h1_break_io(self, status);
    }
    if (is_allowed != WB_OK) { /* longer than it said */
        self->is_cut = true;
        self->state = wb__h1_finish;
        return WB__H1_GO_ON;
    }
    return wb_http_body_is_end(self->response.body) ? end_content(self, NULL) : WB__H1_GO_ON;
}

static enum wb__h1_step send_frame(
    struct wb__h1_server *self, enum wb_status status, const struct wb_http_frame *frame) {
    if (status == WB_EOF) {
        return end_content(self, NULL);
    }
    if (status != WB_OK) {
        return abort_content(self, status);
    }
    if (!frame->is_trailers) {
        return send_data(self, frame->data);
    }
    const bool are_sent = self->writer.body == WB_H1_BODY_CHUNKED && self->request.takes_trailers;
    return end_content(self, are_sent ? &frame->trailers : NULL);
}

/* What is borrowed must be written before the next piece is asked for, and so must be what has been
 * kept back for long enough. */
static bool must_push(const struct wb__h1_server *self) {
    return self->out.piece.len != 0 || wb__h1_out_len(self) > WB__H1_OUT_LEN_MAX;
}

enum wb__h1_step wb__h1_send_content(struct wb__h1_server *self, struct wb_context *context) {
    struct wb_http_frame frame = {0};
    enum wb_status status = WB_OK;
    if (must_push(self)) {
        if (wb__h1_push(self, context, &status) == WB_PENDING) {
            return WB__H1_WAIT;
        }
        if (status != WB_OK) {
            return wb__h1_break_io(self, status);
        }
    }
    if (wb_context_spend(context) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    if (self->response.body == NULL) { /* a length was promised, and nothing given */
        return end_content(self, NULL);
    }
    if (wb_http_body_poll_frame(self->response.body, context, &status, &frame) == WB_PENDING) {
        return wb__h1_await_service(self, context);
    }
    return send_frame(self, status, &frame);
}

/* ---- after it ---- */

/* Whether the response may be kept back until the next one is there. */
static bool may_wait_for_more(const struct wb__h1_server *self) {
    return self->options.pipeline_flush && self->keep_alive && self->incoming.is_done
           && self->in.begin != self->in.end && !must_push(self);
}

static enum wb__h1_step next_request(struct wb__h1_server *self) {
    wb__h1_unpin(self);
    self->idle_since_ns = 0;
    self->state = wb__h1_read_head;
    return WB__H1_GO_ON;
}

/* Whether bytes of the client's may come that nobody reads: not of one that has said that this is
 * its last request (RFC 9112 section 9.6), and of which nothing more is there. */
static bool may_send_on(const struct wb__h1_server *self) {
    return !self->is_last || !self->incoming.is_done || self->in.begin != self->in.end
           || self->in.was_full_read;
}

/* Nothing follows this response. */
__attribute__((noinline)) static enum wb__h1_step finish_last(struct wb__h1_server *self) {
    struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_NONE, WB_OK);
    if (self->is_cut) {
        error = wb__h1_error(WB_HTTP_ERROR_USER, WB_ERR_LIMIT);
        error.detail = "the content is longer than its Content-Length";
    }
    self->lingers = may_send_on(self);
    return wb__h1_close(self, error);
}

enum wb__h1_step wb__h1_finish(struct wb__h1_server *self, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (!may_wait_for_more(self)) {
        if (wb__h1_push(self, context, &status) == WB_PENDING) {
            return WB__H1_WAIT;
        }
        if (status != WB_OK) {
            return wb__h1_break_io(self, status);
        }
    }
    wb__h1_end_call(self);
    if (!self->keep_alive || self->is_cut) {
        return finish_last(self);
    }
    if (!self->incoming.is_done) {
        self->thrown_away = 0;
        self->state = wb__h1_drain;
        return WB__H1_GO_ON;
    }
    return next_request(self);
}

/* ---- content that nobody wanted ---- */

/* A client whose content is too long, or wrong, has its answer already. */
enum wb__h1_step wb__h1_drain(struct wb__h1_server *self, struct wb_context *context) {
    struct wb_http_frame frame = {0};
    enum wb_status status = WB_OK;
    if (wb_context_spend(context) == WB_PENDING
        || wb__h1_incoming_poll(self, context, &status, &frame) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    self->thrown_away += frame.data.len;
    /* Also if that was the last of it: how it came in pieces decides nothing. */
    if (self->thrown_away > self->options.drain_len_max) {
        self->lingers = true;
        return wb__h1_close(self, wb__h1_error(WB_HTTP_ERROR_NONE, WB_OK));
    }
    if (status == WB_OK && !self->incoming.is_done) {
        return WB__H1_GO_ON;
    }
    if (self->incoming.is_done) {
        return next_request(self);
    }
    self->lingers = true;
    return wb__h1_close(self, wb__h1_content_error(self));
}
