/* Between requests and in heads of them, and what must be known before a service is asked. */
#include "http/server/conn.h"

/* ---- what is wrong with it ---- */

static enum wb__h1_step refuse_head(struct wb__h1_server *self) {
    const enum wb_h1_error reason = self->parser.error;
    const unsigned status = wb_h1_error_response(reason);
    const bool is_too_large = status == 431 || status == 414 || status == 413;
    const struct wb_http_error error = {
        .kind = is_too_large ? WB_HTTP_ERROR_TOO_LARGE : WB_HTTP_ERROR_PARSE,
        .status = WB_ERR_PARSE,
        .detail = wb_h1_error_text(reason),
        .at = self->parser.error_at,
    };
    return wb__h1_refuse(self, status, error);
}

static enum wb__h1_step refuse_content(struct wb__h1_server *self) {
    struct wb_http_error error = wb__h1_error(WB_HTTP_ERROR_TOO_LARGE, WB_ERR_LIMIT);
    error.detail = "the content is longer than is taken";
    return wb__h1_refuse(self, 413, error);
}

/* ---- a whole head ---- */

static bool is_too_long(const struct wb__h1_server *self, const struct wb_h1_head *head) {
    return self->options.body_len_max != 0 && head->body == WB_H1_BODY_LENGTH
           && head->content_length > self->options.body_len_max;
}

static inline enum wb__h1_step begin_request(
    struct wb__h1_server *self, struct wb_context *context, const uint8_t *bytes) {
    const struct wb_h1_head *head = &self->parser.head;
    wb__h1_pin(self, head->head_len);
    wb__h1_show_request(self, wb_bytes_from(bytes, head->head_len));
    wb__h1_incoming_init(self);
    self->answered = (struct wb_h1_answered){.method = head->method, .version = head->version};
    self->keep_alive = head->keep_alive && !self->options.no_keep_alive;
    self->is_last = !head->keep_alive;
    self->owes_continue = head->expects_continue;
    self->may_switch = head->wants_upgrade;
    self->conn->requests++;
    if (is_too_long(self, head)) {
        return refuse_content(self);
    }
    self->state = wb__h1_ask_service;
    return wb__h1_ask_service(self, context);
}

/* ---- the end between requests, or in one ---- */

static enum wb__h1_step end_of_input(struct wb__h1_server *self) {
    const struct wb_bytes unread = wb__h1_unread(self);
    if (unread.len == 0 || !wb_h1_parser_has_begun(&self->parser, unread)) {
        return wb__h1_close(self, wb__h1_error(WB_HTTP_ERROR_NONE, WB_OK));
    }
    return wb__h1_close(
        self, wb__h1_error(WB_HTTP_ERROR_INCOMPLETE_MESSAGE, WB_ERR_UNEXPECTED_EOF));
}

__attribute__((noinline)) static enum wb__h1_step stop(struct wb__h1_server *self) {
    return wb__h1_close(self, wb__h1_error(WB_HTTP_ERROR_NONE, WB_OK));
}

/* ---- the state ---- */

/* Nothing more comes. */
__attribute__((noinline)) static enum wb__h1_step end_of_reading(
    struct wb__h1_server *self, enum wb_status status) {
    return status == WB_EOF ? end_of_input(self) : wb__h1_break_io(self, status);
}

static __attribute__((always_inline)) inline enum wb__h1_step read_on(
    struct wb__h1_server *self, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (wb__h1_read(self, context, &self->head_reading, &status) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    return status == WB_OK ? WB__H1_GO_ON : end_of_reading(self, status);
}

/* Of a head that has begun. */
__attribute__((noinline)) static enum wb__h1_step read_head_on(
    struct wb__h1_server *self, struct wb_context *context) {
    return read_on(self, context);
}

/* Apart, so that the state itself needs few registers: it is asked twice for each head. Something
 * is unread. */
__attribute__((noinline)) static enum wb__h1_step parse_head(
    struct wb__h1_server *self, struct wb_context *context) {
    const struct wb__h1_in *in = &self->in;
    const struct wb_bytes unread = wb_bytes_from(in->ptr + in->begin, in->end - in->begin);
    enum wb_status status = WB_OK;
    if (self->fields == NULL) {
        status = wb__h1_prepare(self);
        if (status != WB_OK) {
            return wb__h1_break_io(self, status);
        }
    }
    if (!self->has_parser) {
        wb_h1_parser_init(&self->parser, WB_H1_REQUEST, &self->options.head, NULL, self->fields,
            self->options.fields_max);
        self->has_parser = true;
    }
    status = wb_h1_parse(&self->parser, unread);
    if (status == WB_WOULD_BLOCK) {
        return read_head_on(self, context);
    }
    self->has_parser = false;
    return status == WB_OK ? begin_request(self, context, unread.ptr) : refuse_head(self);
}

/* Requests that came in one piece are answered without waiting for anything, so each of them is
 * paid for. */
enum wb__h1_step wb__h1_read_head(struct wb__h1_server *self, struct wb_context *context) {
    if (self->in.begin == self->in.end) {
        const enum wb__h1_step step = self->is_stopping ? stop(self) : read_on(self, context);
        if (step != WB__H1_GO_ON || self->in.begin == self->in.end) {
            return step;
        }
    }
    return wb_context_spend(context) == WB_PENDING ? WB__H1_WAIT : parse_head(self, context);
}
