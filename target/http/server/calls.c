/* Asking the service: whether it takes a request, and what it answers. */
#include "http/server/conn.h"

/* ---- while the service is busy ---- */

static enum wb__h1_step client_has_gone(struct wb__h1_server *self) {
    struct wb_http_error error =
        wb__h1_error(WB_HTTP_ERROR_INCOMPLETE_MESSAGE, WB_ERR_UNEXPECTED_EOF);
    error.detail = "the client closed before it was answered";
    return wb__h1_break(self, error);
}

/* A client that has finished is noticed by its end of input, for which one read is enough: what
 * comes instead is the next request, and stays until it is its turn. */
enum wb__h1_step wb__h1_await_service(struct wb__h1_server *self, struct wb_context *context) {
    enum wb_status status = WB_OK;
    const bool is_known = self->in.is_eof || self->in.begin != self->in.end;
    if (is_known || !self->incoming.is_done || (self->incoming.is_lent && !wb__h1_keep_lent(self))
        || wb__h1_read(self, context, &self->head_reading, &status) == WB_PENDING) {
        return WB__H1_WAIT;
    }
    if (status == WB_EOF && self->options.half_close) {
        return WB__H1_WAIT;
    }
    if (status == WB_EOF) {
        return client_has_gone(self);
    }
    return status == WB_OK ? WB__H1_WAIT : wb__h1_break_io(self, status);
}

/* ---- what the call came to ---- */

/* The status that tells the client what is wrong with its content; 0: nothing can tell it. */
static unsigned status_of_content(const struct wb__h1_server *self) {
    const enum wb_status failed = self->incoming.failed;
    if (failed == WB_ERR_PARSE) {
        return self->incoming.reads_trailers ? wb_h1_error_response(self->parser.error) : 400;
    }
    return failed == WB_ERR_LIMIT ? 413 : failed == WB_ERR_TIMED_OUT ? 408 : 0;
}

/* Who could not read the content is not to blame, and the client is told. */
__attribute__((noinline)) static enum wb__h1_step service_failed(
    struct wb__h1_server *self, enum wb_status status) {
    const unsigned of_content = status_of_content(self);
    if (of_content != 0) {
        return wb__h1_refuse(self, of_content, wb__h1_content_error(self));
    }
    return wb__h1_close(self, self->incoming.failed != WB_OK
                                  ? wb__h1_content_error(self)
                                  : wb__h1_error(WB_HTTP_ERROR_SERVICE, status));
}

static inline enum wb__h1_step poll_call(
    struct wb__h1_server *self, struct wb_context *context, struct wb_future *call) {
    if (wb_future_poll(call, context) == WB_PENDING) {
        return wb__h1_await_service(self, context);
    }
    const enum wb_status status = call->status;
    self->call = NULL;
    return status == WB_OK ? wb__h1_begin_response(self, context) : service_failed(self, status);
}

enum wb__h1_step wb__h1_await_answer(struct wb__h1_server *self, struct wb_context *context) {
    return poll_call(self, context, self->call);
}

/* ---- a call ---- */

static enum wb__h1_step begin_call(struct wb__h1_server *self, struct wb_context *context) {
    struct wb_http_response *response = &self->response;
    response->status = 200;
    response->reason = wb_bytes_from(NULL, 0);
    response->body = NULL;
    wb_http_field_list_clear(&response->fields);
    self->has_answer = false;
    self->has_call = true;
    if (self->fd >= 0) {
        wb__h1_note_request(self);
    }
    struct wb_future *call =
        self->service->ops->call(self->service, self->work, &self->request, response);
    self->call = call;
    self->state = wb__h1_await_answer;
    return poll_call(self, context, call);
}

/* Its choice whether another request is taken; what has begun is not read on meanwhile. */
__attribute__((noinline)) static enum wb__h1_step await_readiness(
    struct wb__h1_server *self, struct wb_context *context) {
    enum wb_status status = WB_OK;
    if (self->service->ops->poll_ready(self->service, context, &status) == WB_PENDING) {
        return wb__h1_await_service(self, context);
    }
    return status == WB_OK ? begin_call(self, context)
                           : wb__h1_close(self, wb__h1_error(WB_HTTP_ERROR_SERVICE, status));
}

enum wb__h1_step wb__h1_ask_service(struct wb__h1_server *self, struct wb_context *context) {
    return self->service->ops->poll_ready == NULL ? begin_call(self, context)
                                                  : await_readiness(self, context);
}

/* What the service holds for the request is released in the order in which it was lent. */
void wb__h1_end_call(struct wb__h1_server *self) {
    if (self->call != NULL) {
        wb_future_drop(self->call);
        self->call = NULL;
    }
    if (!self->has_call) {
        return;
    }
    self->has_call = false;
    wb__h1_drop_content(self);
    self->out.piece = wb_bytes_from(NULL, 0);
    if (self->service->ops->end_call != NULL) {
        self->service->ops->end_call(self->service, self->work);
    }
}
