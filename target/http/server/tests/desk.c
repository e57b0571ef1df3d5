/* See desk.h. */
#include "desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "wb/http.h"

/* The content of a response. */
struct pieces {
    struct wb_http_body body;
    struct desk *desk;
    size_t at;
    size_t shown;
    bool has_paused;
    struct wb_http_field trailer_items[DESK_FIELDS_MAX];
    char trailer_text[256];
};

struct call {
    struct wb_future future;
    struct desk *desk;
    struct wb_http_request *request;
    struct wb_http_response *response;
    bool has_begun;
    size_t interims_sent;
    struct wb_http_frame held;
    struct pieces pieces;
    struct wb_async_stream io;
    char buf[64];
    size_t buf_len;
    size_t buf_done;
};

/* ---- writing down ---- */

void desk_log(struct desk *desk, const void *bytes, size_t len) {
    const size_t room = DESK_LOG_MAX - 1 - desk->log_len;
    len = len < room ? len : room;
    if (len != 0) {
        memcpy(desk->log + desk->log_len, bytes, len);
    }
    desk->log_len += len;
    desk->log[desk->log_len] = '\0';
}

static void log_text(struct desk *desk, const char *text) {
    desk_log(desk, text, strlen(text));
}

static void log_bytes(struct desk *desk, struct wb_bytes bytes) {
    desk_log(desk, bytes.ptr, bytes.len);
}

/* "GET /path?query authority " */
static void log_request(struct desk *desk, const struct wb_http_request *request) {
    log_bytes(desk, request->method_name);
    log_text(desk, " ");
    log_bytes(desk, request->path);
    if (request->has_query) {
        log_text(desk, "?");
        log_bytes(desk, request->query);
    }
    log_text(desk, " ");
    log_bytes(desk, request->authority);
    log_text(desk, " ");
}

static void log_trailers(struct desk *desk, struct wb_http_fields fields) {
    for (size_t i = 0; i < fields.count; i++) {
        log_text(desk, "{");
        log_bytes(desk, wb_http_fields_name(fields, i));
        log_text(desk, "=");
        log_bytes(desk, wb_http_fields_value(fields, i));
        log_text(desk, "}");
    }
}

static void log_failure(struct desk *desk, enum wb_status status) {
    log_text(desk, "!");
    log_text(desk, wb_status_name(status));
}

/* ---- content ---- */

static struct pieces *pieces_of(struct wb_http_body *body) {
    return WB_FUTURE_OF(body, struct pieces, body);
}

static struct wb_http_fields show_trailers(struct pieces *self) {
    size_t count = 0;
    size_t len = 0;
    for (; count < DESK_FIELDS_MAX && self->desk->trailers[count].name != NULL; count++) {
        const struct desk_field *field = &self->desk->trailers[count];
        const size_t name_len = strlen(field->name);
        const size_t value_len = strlen(field->value);
        assert_true(len + name_len + value_len <= sizeof self->trailer_text);
        memcpy(self->trailer_text + len, field->name, name_len);
        memcpy(self->trailer_text + len + name_len, field->value, value_len);
        self->trailer_items[count] = (struct wb_http_field){
            .name_at = (uint32_t)len,
            .name_len = (uint16_t)name_len,
            .value_at = (uint32_t)(len + name_len),
            .value_len = (uint32_t)value_len,
            .id = (uint8_t)wb_http_field_id_of(wb_bytes_from(field->name, name_len)),
        };
        len += name_len + value_len;
    }
    return (struct wb_http_fields){(const uint8_t *)self->trailer_text, self->trailer_items, count};
}

static enum wb_progress end_of_pieces(struct pieces *self, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct desk *desk = self->desk;
    if (desk->pieces_stop) {
        wb_task_waker_store(&desk->waker, context->waker);
        return WB_PENDING;
    }
    *out_status = desk->pieces_status != WB_OK ? desk->pieces_status : WB_EOF;
    if (*out_status == WB_EOF && desk->trailers[0].name != NULL) {
        *out_status = WB_OK;
        *out_frame = (struct wb_http_frame){.is_trailers = true, .trailers = show_trailers(self)};
    }
    return WB_READY;
}

static enum wb_progress pieces_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct pieces *self = pieces_of(body);
    const struct desk *desk = self->desk;
    self->has_paused = desk->pieces_pause && !self->has_paused;
    if (self->has_paused) {
        wb_context_wake(context);
        return WB_PENDING;
    }
    if (self->at == DESK_PIECES_MAX || desk->pieces[self->at] == NULL) {
        return end_of_pieces(self, context, out_status, out_frame);
    }
    *out_frame = (struct wb_http_frame){.data = wb_bytes_from_string(desk->pieces[self->at])};
    *out_status = WB_OK;
    if (++self->shown >= desk->pieces_repeat) {
        self->shown = 0;
        self->at++;
    }
    return WB_READY;
}

static void pieces_drop(struct wb_http_body *body) {
    pieces_of(body)->desk->body_drops++;
}

static const struct wb_http_body_ops pieces_ops = {
    .poll_frame = pieces_poll_frame,
    .drop = pieces_drop,
};

/* ---- calls ---- */

static void log_frame(struct desk *desk, const struct wb_http_frame *frame) {
    if (frame->is_trailers) {
        log_trailers(desk, frame->trailers);
    } else {
        log_bytes(desk, frame->data);
    }
}

static enum wb_progress hold(struct call *self, struct wb_context *context) {
    const bool has_any = self->held.data.len != 0 || self->held.is_trailers;
    if (has_any && self->desk->holds) {
        wb_task_waker_store(&self->desk->waker, context->waker);
        return WB_PENDING;
    }
    log_frame(self->desk, &self->held);
    self->held = (struct wb_http_frame){0};
    return WB_READY;
}

/* WB_READY when the content has been read, or need not be. */
static enum wb_progress read_content(
    struct call *self, struct wb_context *context, enum wb_status *out_status) {
    struct wb_http_frame frame = {0};
    *out_status = WB_OK;
    if (self->desk->reading == DESK_IGNORES || self->desk->reading == DESK_MIRRORS) {
        return WB_READY;
    }
    for (;;) {
        if (hold(self, context) == WB_PENDING) {
            return WB_PENDING;
        }
        if (wb_http_body_poll_frame(self->request->body, context, out_status, &frame)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (*out_status != WB_OK) {
            break;
        }
        self->held = frame;
    }
    if (*out_status == WB_EOF) {
        *out_status = WB_OK;
        return WB_READY;
    }
    log_failure(self->desk, *out_status);
    if (self->desk->reading == DESK_ANSWERS_ANYWAY) {
        *out_status = WB_OK;
    }
    return WB_READY;
}

static enum wb_status fill_in(struct call *self) {
    struct desk *desk = self->desk;
    struct wb_http_response *response = self->response;
    response->status = (uint16_t)desk->status;
    if (desk->reason != NULL) {
        response->reason = wb_bytes_from_string(desk->reason);
    }
    for (size_t i = 0; i < DESK_FIELDS_MAX && desk->fields[i].name != NULL; i++) {
        const enum wb_status status =
            wb_http_response_add(response, desk->fields[i].name, desk->fields[i].value);
        if (status != WB_OK) {
            return status;
        }
    }
    if (desk->reading == DESK_MIRRORS) {
        response->body = self->request->body;
    } else if (desk->content != NULL) {
        const size_t len = desk->content_len != 0 ? desk->content_len : strlen(desk->content);
        wb_http_response_set_bytes(response, wb_bytes_from(desk->content, len));
    } else if (desk->pieces[0] != NULL || desk->pieces_stop || desk->pieces_status != WB_OK
               || desk->trailers[0].name != NULL) {
        self->pieces = (struct pieces){.desk = desk};
        wb_http_body_init(&self->pieces.body, &pieces_ops);
        response->body = &self->pieces.body;
    }
    return WB_OK;
}

/* One field as fields, with the text at `text`. */
static struct wb_http_field one_field(const struct desk_field *field, char text[64]) {
    const size_t name_len = strlen(field->name);
    const size_t value_len = strlen(field->value);
    assert_true(name_len + value_len <= 64);
    memcpy(text, field->name, name_len);
    memcpy(text + name_len, field->value, value_len);
    return (struct wb_http_field){
        .name_len = (uint16_t)name_len,
        .value_at = (uint32_t)name_len,
        .value_len = (uint32_t)value_len,
        .id = (uint8_t)wb_http_field_id_of(wb_bytes_from(field->name, name_len)),
    };
}

static enum wb_status send_interim(struct call *self, unsigned status) {
    const struct desk_field *field = &self->desk->interim_field;
    char text[64];
    struct wb_http_field item;
    struct wb_http_fields fields = {0};
    if (field->name != NULL) {
        item = one_field(field, text);
        fields = (struct wb_http_fields){(const uint8_t *)text, &item, 1};
    }
    return wb_http_request_send_interim(self->request, status, fields);
}

/* The first status only, as often as it is to be sent, and none before it is taken. */
static enum wb_progress send_interims_patiently(struct call *self) {
    while (self->interims_sent < self->desk->interims_repeat) {
        if (!wb_http_request_takes_interim(self->request)) {
            return WB_PENDING;
        }
        assert_int_equal(send_interim(self, self->desk->interims[0]), WB_OK);
        self->interims_sent++;
    }
    return WB_READY;
}

/* Refused ones are written down, and the rest of the same status left out. */
static void send_interims(struct call *self) {
    const struct desk *desk = self->desk;
    const size_t rounds = desk->interims_repeat != 0 ? desk->interims_repeat : 1;
    for (size_t i = 0; i < DESK_FIELDS_MAX && desk->interims[i] != 0; i++) {
        enum wb_status status = WB_OK;
        for (size_t round = 0; round < rounds && status == WB_OK; round++) {
            status = send_interim(self, desk->interims[i]);
        }
        if (status != WB_OK) {
            log_failure(self->desk, status);
        }
    }
}

static enum wb_progress call_poll(struct wb_future *future, struct wb_context *context) {
    struct call *self = WB_FUTURE_OF(future, struct call, future);
    struct desk *desk = self->desk;
    enum wb_status status = WB_OK;
    if (!self->has_begun) {
        self->has_begun = true;
        log_request(desk, self->request);
        if (!desk->interims_wait) {
            send_interims(self);
        }
    }
    if (desk->interims_wait && send_interims_patiently(self) == WB_PENDING) {
        return WB_PENDING;
    }
    if (desk->is_closed) {
        wb_task_waker_store(&desk->waker, context->waker);
        return WB_PENDING;
    }
    if (read_content(self, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    log_text(desk, ";");
    status = status == WB_OK ? desk->call_status : status;
    return wb_future_end(future, status == WB_OK ? fill_in(self) : status);
}

static void call_drop(struct wb_future *future) {
    WB_FUTURE_OF(future, struct call, future)->desk->drops++;
}

static const struct wb_future_ops call_ops = {
    .size = sizeof(struct call),
    .offset = offsetof(struct call, future),
    .poll = call_poll,
    .drop = call_drop,
};

/* ---- tunnels ---- */

static enum wb_progress tunnel_poll(struct wb_future *future, struct wb_context *context) {
    struct call *self = WB_FUTURE_OF(future, struct call, future);
    enum wb_status status = WB_OK;
    size_t len = 0;
    for (;;) {
        if (self->buf_done == self->buf_len) {
            if (wb_async_poll_read(
                    self->io.read, context, self->buf, sizeof self->buf, &status, &self->buf_len)
                == WB_PENDING) {
                return WB_PENDING;
            }
            if (status != WB_OK) {
                return wb_future_end(future, status == WB_EOF ? WB_OK : status);
            }
            log_bytes(self->desk, wb_bytes_from(self->buf, self->buf_len));
            self->buf_done = 0;
        }
        if (wb_async_poll_write(self->io.write, context, self->buf + self->buf_done,
                self->buf_len - self->buf_done, &status, &len)
            == WB_PENDING) {
            return WB_PENDING;
        }
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
        self->buf_done += len;
    }
}

static const struct wb_future_ops tunnel_ops = {
    .size = sizeof(struct call),
    .offset = offsetof(struct call, future),
    .poll = tunnel_poll,
};

static struct wb_future *desk_upgraded(
    struct wb_http_service *service, void *memory, struct wb_async_stream io) {
    struct call *self = memory;
    (void)service;
    log_text(self->desk, "tunnel:");
    self->io = io;
    self->buf_len = self->buf_done = 0;
    wb_future_init(&self->future, &tunnel_ops);
    return &self->future;
}

/* ---- the service ---- */

static struct desk *desk_of(struct wb_http_service *service) {
    return WB_FUTURE_OF(service, struct desk, service);
}

static enum wb_progress desk_poll_ready(
    struct wb_http_service *service, struct wb_context *context, enum wb_status *out_status) {
    struct desk *desk = desk_of(service);
    if (desk->is_busy) {
        wb_task_waker_store(&desk->waker, context->waker);
        return WB_PENDING;
    }
    *out_status = desk->ready_status;
    return WB_READY;
}

static struct wb_future *desk_call(struct wb_http_service *service, void *memory,
    struct wb_http_request *request, struct wb_http_response *response) {
    struct call *self = memory;
    *self = (struct call){.desk = desk_of(service), .request = request, .response = response};
    wb_future_init(&self->future, &call_ops);
    self->desk->calls++;
    return &self->future;
}

static void desk_end_call(struct wb_http_service *service, void *memory) {
    (void)memory;
    desk_of(service)->ends++;
}

static const struct wb_http_service_ops ops = {
    .poll_ready = desk_poll_ready,
    .call = desk_call,
    .end_call = desk_end_call,
};

static const struct wb_http_service_ops tunnel_service_ops = {
    .poll_ready = desk_poll_ready,
    .call = desk_call,
    .upgraded = desk_upgraded,
    .end_call = desk_end_call,
};

void desk_init(struct desk *desk) {
    memset(desk, 0, sizeof *desk);
    desk->service = (struct wb_http_service){.ops = &ops, .call_size = sizeof(struct call)};
    desk->status = 200;
    desk->content = "Hello, World";
}

void desk_clean_up(struct desk *desk) {
    wb_task_waker_drop(&desk->waker);
}

void desk_open(struct desk *desk) {
    desk->is_closed = desk->is_busy = desk->pieces_stop = desk->holds = false;
    wb_task_waker_fire(&desk->waker);
}

void desk_let_tunnel(struct desk *desk) {
    desk->service.ops = &tunnel_service_ops;
}
