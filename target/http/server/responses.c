/* Responses: the head, the content piece by piece, and what comes after it. */
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

/* ---- heads ---- */

/* Whether what the client has still to send leaves the connection of use. A body that is shown to
 * somebody may yet be read; what nobody will read is drained, if it is short. One that waits for
 * 100 will perhaps never come. */
static bool can_go_on(const struct wb__h1_server *self) {
    const struct wb__h1_incoming *incoming = &self->incoming;
    const struct wb_http_response *response = &self->response;
    uint64_t left = 0;
    if (incoming->is_done) {
        return true;
    }
    if (incoming->failed != WB_OK || self->owes_continue) {
        return false;
    }
    const bool nobody_reads = response->body == NULL || response->body == &response->full.body;
    return !nobody_reads || !wb_h1_body_left(&incoming->reader, &left)
           || left <= self->options.drain_len_max;
}

static bool wants_keep_alive(const struct wb__h1_server *self) {
    return self->keep_alive && !self->is_stopping && !self->in.is_eof && can_go_on(self);
}

static struct wb_h1_content content_of(const struct wb_http_response *response) {
    const struct wb_http_size_hint hint = wb_http_body_size_hint(response->body);
    return (struct wb_h1_content){
        .is_known = hint.has_upper && hint.upper == hint.lower, .len = hint.lower};
}

/* Content-Length instead of content-length: for clients that compare letters. */
static void title_case(uint8_t *head, size_t len, bool begins_with_name) {
    bool in_name = begins_with_name;
    bool at_word = begins_with_name;
    for (size_t i = 0; i < len; i++) {
        if (head[i] == '\n') {
            in_name = at_word = true;
        } else if (in_name) {
            const bool is_small = head[i] >= 'a' && head[i] <= 'z';
            head[i] = (uint8_t)(at_word && is_small ? head[i] - ('a' - 'A') : head[i]);
            at_word = head[i] == '-';
            in_name = head[i] != ':';
        }
    }
}

static enum wb_status put_head(struct wb__h1_server *self, const struct wb_h1_response *response,
    struct wb_h1_sent *out_sent) {
    struct wb_bytes_mut *bytes = &self->out.bytes;
    struct wb_h1_response head = *response;
    const size_t before = bytes->len;
    if (!self->options.no_date) {
        head.date = wb__http_date_at(&self->date, self->sys, wb__h1_now(self));
    }
    const enum wb_status status = wb_h1_encode_response(&head, &self->answered, bytes, out_sent);
    if (status == WB_OK && self->options.title_case_fields) {
        title_case(bytes->ptr + before, bytes->len - before, false);
    }
    return status;
}

/* Neither more nor less than what the service gave can be sent as a response. */
static enum wb__h1_step refuse_response(struct wb__h1_server *self, const char *detail) {
    struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_USER, WB_ERR_INVALID);
    error.detail = detail;
    return wb__h1_refuse(self, 500, error);
}

static bool may_be_tunnel(const struct wb__h1_server *self) {
    const unsigned status = self->response.status;
    return self->service->ops->upgraded != NULL && (status != 101 || self->may_switch);
}

static bool is_tunnel(const struct wb__h1_server *self) {
    const unsigned status = self->response.status;
    return status == 101 || (self->answered.method == WB_HTTP_CONNECT && status / 100 == 2);
}

/* The head is there. */
static void go_on_with(struct wb__h1_server *self, const struct wb_h1_sent *sent) {
    self->has_answer = true;
    self->keep_alive = sent->keep_alive;
    if (sent->body == WB_H1_BODY_TUNNEL) {
        self->state = wb__h1_switch;
    } else if (sent->body == WB_H1_BODY_NONE) {
        self->state = wb__h1_finish;
    } else {
        wb_h1_body_writer_init(&self->writer, sent->body, sent->content_length);
        self->state = wb__h1_send_content;
    }
}

enum wb__h1_step wb__h1_begin_response(struct wb__h1_server *self) {
    const struct wb_http_response *response = &self->response;
    const struct wb_h1_response head = {
        .status = response->status,
        .reason = response->reason,
        .fields = wb_http_field_list_view(&response->fields),
        .content = content_of(response),
    };
    struct wb_h1_sent sent = {0};
    if (is_tunnel(self) && !may_be_tunnel(self)) {
        return refuse_response(self, "nobody takes over the connection");
    }
    if (is_tunnel(self) && self->owes_continue) {
        self->owes_continue = false; /* RFC 9110 section 7.8: 100 before 101 */
        if (wb__h1_put(self, wb_bytes_from_string("HTTP/1.1 100 Continue\r\n\r\n")) != WB_OK) {
            return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_IO, WB_ERR_NO_MEMORY));
        }
    }
    self->answered.keep_alive = wants_keep_alive(self);
    const enum wb_status status = put_head(self, &head, &sent);
    if (status == WB_ERR_INVALID) {
        return refuse_response(self, "the response cannot be sent");
    }
    if (status != WB_OK) {
        return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_IO, status));
    }
    go_on_with(self, &sent);
    return WB__H1_GO_ON;
}

enum wb__h1_step wb__h1_refuse(
    struct wb__h1_server *self, unsigned status, struct wb_http_error error) {
    const struct wb_h1_response head = {.status = status, .content = {.is_known = true}};
    struct wb_h1_sent sent = {0};
    if (self->has_call && self->has_answer) {
        return wb__h1_break(self, error);
    }
    if (!self->has_call) { /* what came is no request, or none that counts */
        self->answered = (struct wb_h1_answered){.version = WB_HTTP_1_1};
    }
    self->answered.keep_alive = false;
    if (put_head(self, &head, &sent) != WB_OK) {
        return wb__h1_break(self, error);
    }
    self->lingers = true;
    return wb__h1_close(self, error);
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

static struct wb_bytes announced_trailers(const struct wb__h1_server *self) {
    const struct wb_http_fields fields = wb_http_field_list_view(&self->response.fields);
    const size_t index = wb_http_fields_find_id(fields, WB_HTTP_FIELD_TRAILER, 0);
    return index < fields.count ? wb_http_fields_value(fields, index) : wb_bytes_from(NULL, 0);
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
        const size_t before = self->out.bytes.len;
        status = wb_h1_encode_trailers(*trailers, announced_trailers(self), &self->out.bytes);
        if (status == WB_OK && self->options.title_case_fields) {
            title_case(self->out.bytes.ptr + before, self->out.bytes.len - before, true);
        }
    }
    if (status != WB_OK) {
        return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_IO, status));
    }
    self->state = wb__h1_finish;
    return WB__H1_GO_ON;
}

static enum wb__h1_step send_data(struct wb__h1_server *self, struct wb_bytes data) {
    struct wb_h1_frame frame;
    const enum wb_status is_allowed = wb_h1_body_frame(&self->writer, data.len, &frame);
    const enum wb_status status = wb__h1_put_piece(self, &frame, data);
    if (status != WB_OK) {
        return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_IO, status));
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
            return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_IO, status));
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

static struct wb_http_error outcome_of(const struct wb__h1_server *self) {
    struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_NONE, WB_OK);
    if (self->is_cut) {
        error = wb__h1_error(WB_HTTP_ERROR_USER, WB_ERR_LIMIT);
        error.detail = "the content is longer than its Content-Length";
    }
    return error;
}

enum wb__h1_step wb__h1_finish(struct wb__h1_server *self, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (!may_wait_for_more(self)) {
        if (wb__h1_push(self, context, &status) == WB_PENDING) {
            return WB__H1_WAIT;
        }
        if (status != WB_OK) {
            return wb__h1_break(self, wb__h1_error(WB_HTTP_ERROR_IO, status));
        }
    }
    const struct wb_http_error outcome = outcome_of(self);
    wb__h1_end_call(self);
    if (!self->keep_alive || outcome.status != WB_OK) {
        self->lingers = true;
        return wb__h1_close(self, outcome);
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
    if (self->thrown_away > self->options.drain_len_max) {
        self->lingers = true;
        return wb__h1_close(self, wb__h1_error(WB_HTTP_ERROR_NONE, WB_OK));
    }
    if (wb_context_spend(context) == WB_PENDING
        || wb__h1_incoming_poll(self, context, &status, &frame) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    self->thrown_away += frame.data.len;
    if (status == WB_OK && !self->incoming.is_done) {
        return WB__H1_GO_ON;
    }
    if (self->incoming.is_done) {
        return next_request(self);
    }
    self->lingers = true;
    return wb__h1_close(self, wb__h1_content_error(self));
}
