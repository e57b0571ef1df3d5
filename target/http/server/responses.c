/* Responses: their heads, and what becomes of the connection after them. */
#include "http/h1/encode_usual.h"
#include "http/h1/title_case.h"
#include "http/server/conn.h"

/* ---- heads ---- */

static bool is_in_one_piece(const struct wb_http_response *response) {
    return response->body == &response->full.body;
}

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
    const bool nobody_reads = response->body == NULL || is_in_one_piece(response);
    return !nobody_reads || !wb_h1_body_left(&incoming->reader, &left)
           || left <= self->options.drain_len_max;
}

static bool wants_keep_alive(const struct wb__h1_server *self) {
    return self->keep_alive && !self->is_stopping && !self->in.is_eof && can_go_on(self);
}

static struct wb_h1_content content_of(const struct wb_http_response *response) {
    if (response->body == NULL || is_in_one_piece(response)) {
        const size_t len = response->body != NULL ? response->full.bytes.len : 0;
        return (struct wb_h1_content){.is_known = true, .len = len};
    }
    const struct wb_http_size_hint hint = wb_http_body_size_hint(response->body);
    return (struct wb_h1_content){
        .is_known = hint.has_upper && hint.upper == hint.lower, .len = hint.lower};
}

static struct wb_bytes date_of(struct wb__h1_server *self) {
    return self->options.no_date ? wb_bytes_from(NULL, 0)
                                 : wb__http_date_at(&self->date, self->sys, wb__h1_now(self));
}

/* What was written from byte `before` on is a head, and perhaps so many bytes of content. */
static void finish_head(struct wb__h1_server *self, size_t before, size_t content_len) {
    struct wb_bytes_mut *bytes = &self->out.bytes;
    if (self->options.title_case_fields) {
        wb__h1_title_case_head(bytes->ptr + before, bytes->len - content_len - before);
    }
}

/* Its date is text for sure. */
static enum wb_status put_head(
    struct wb__h1_server *self, struct wb_h1_response *head, struct wb_h1_sent *out_sent) {
    const size_t before = self->out.bytes.len;
    head->date = date_of(self);
    const enum wb_status status =
        wb__h1_encode_any(head, &self->answered, &self->out.bytes, out_sent);
    if (status == WB_OK) {
        finish_head(self, before, 0);
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

/* Content that is there, of a length that was told. `is_put`: short ones were written already. */
static enum wb__h1_step send_at_once(
    struct wb__h1_server *self, struct wb_context *context, bool is_put) {
    const struct wb_bytes bytes = self->response.full.bytes;
    if (bytes.len > WB__H1_PIECE_COPIED_MAX) {
        wb__h1_put_borrowed(self, bytes);
    } else if (!is_put && wb__h1_put(self, bytes) != WB_OK) {
        return wb__h1_break_io(self, WB_ERR_NO_MEMORY);
    }
    self->state = wb__h1_finish;
    return wb__h1_finish(self, context);
}

/* ---- usual ones ---- */

static bool is_usual(const struct wb__h1_server *self) {
    const struct wb_http_response *response = &self->response;
    return wb__h1_is_usual(response->status, response->reason, &self->answered)
           && is_in_one_piece(response)
           && !wb__h1_are_heard(wb_http_field_list_view(&response->fields));
}

/* The long way comes to the same. */
static enum wb__h1_step answer_as_usual(struct wb__h1_server *self, struct wb_context *context) {
    const struct wb_http_fields fields = wb_http_field_list_view(&self->response.fields);
    const struct wb_bytes content = self->response.full.bytes;
    const size_t put_len = content.len <= WB__H1_PIECE_COPIED_MAX ? content.len : 0;
    const size_t before = self->out.bytes.len;
    if (wb__h1_encode_usual(&fields, content.len, date_of(self),
            wb_bytes_from(content.ptr, put_len), &self->out.bytes)
        != WB_OK) {
        return wb__h1_break_io(self, WB_ERR_NO_MEMORY);
    }
    finish_head(self, before, put_len);
    self->has_answer = true;
    return send_at_once(self, context, true);
}

/* ---- all others ---- */

/* The head is there. */
static enum wb__h1_step go_on_with(
    struct wb__h1_server *self, struct wb_context *context, const struct wb_h1_sent *sent) {
    self->has_answer = true;
    self->keep_alive = sent->keep_alive;
    if (sent->body == WB_H1_BODY_LENGTH && is_in_one_piece(&self->response)) {
        return send_at_once(self, context, false);
    }
    if (sent->body == WB_H1_BODY_TUNNEL) {
        self->state = wb__h1_switch;
    } else if (sent->body == WB_H1_BODY_NONE) {
        self->state = wb__h1_finish;
    } else {
        wb_h1_body_writer_init(&self->writer, sent->body, sent->content_length);
        self->state = wb__h1_send_content;
    }
    return WB__H1_GO_ON;
}

/* RFC 9110 section 7.8: who was asked to go on is told so before the protocol changes. */
static enum wb_status prepare_tunnel(struct wb__h1_server *self) {
    if (!self->owes_continue) {
        return WB_OK;
    }
    self->owes_continue = false;
    return wb__h1_put_continue(self);
}

__attribute__((noinline)) static enum wb__h1_step answer(
    struct wb__h1_server *self, struct wb_context *context) {
    const struct wb_http_response *response = &self->response;
    struct wb_h1_response head = {
        .status = response->status,
        .reason = response->reason,
        .fields = wb_http_field_list_view(&response->fields),
        .content = content_of(response),
    };
    struct wb_h1_sent sent;
    enum wb_status status = WB_OK;
    if (is_tunnel(self)) {
        if (!may_be_tunnel(self)) {
            return refuse_response(self, "nobody takes over the connection");
        }
        status = prepare_tunnel(self);
    }
    status = status == WB_OK ? put_head(self, &head, &sent) : status;
    if (status == WB_ERR_INVALID) {
        return refuse_response(self, "the response cannot be sent");
    }
    if (status != WB_OK) {
        return wb__h1_break_io(self, status);
    }
    return go_on_with(self, context, &sent);
}

enum wb__h1_step wb__h1_begin_response(struct wb__h1_server *self, struct wb_context *context) {
    self->answered.keep_alive = wants_keep_alive(self);
    return is_usual(self) ? answer_as_usual(self, context) : answer(self, context);
}

enum wb__h1_step wb__h1_refuse(
    struct wb__h1_server *self, unsigned status, struct wb_http_error error) {
    struct wb_h1_response head = {.status = status, .content = {.is_known = true}};
    struct wb_h1_sent sent;
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
