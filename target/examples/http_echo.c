/* http_echo: a server of HTTP that sends the content of every request back, piece by piece as it
 * comes; with --collect all at once, with --describe what was asked instead. "Upgrade: echo" and
 * CONNECT make an echo of the connection itself. */
#include "examples/programs.h"

#include <string.h>

#include "examples/http_frame.h"
#include "wb/async.h"
#include "wb/http.h"
#include "wb/io.h"

#define PROGRAM "http_echo"

enum { TUNNEL_BUF_LEN = 4096, COLLECTED_LEN_MAX = 1 << 20 };

struct echo_service {
    struct wb_http_service service;
    const struct wb_sys *sys;
    bool collects;
    bool describes;
};

/* The content of a response: what the call has read, then what follows it in the request. */
struct mirror {
    struct wb_http_body body;
    struct wb_http_body *from;
    struct wb_http_frame first;
    enum wb_status first_status;
    bool has_first;
    struct wb_http_size_hint hint; /* of what follows and the first piece */
};

/* Whatever a call may be: an answer, then a tunnel. */
struct call {
    struct wb_future future;
    struct echo_service *service;
    struct wb_http_request *request;
    struct wb_http_response *response;
    struct mirror mirror;
    struct wb_http_collect collect;
    struct wb_bytes_mut text; /* a description */
    struct wb_copy copy;
    struct wb_flush shutdown;
    struct wb_async_stream io;
    char buf[TUNNEL_BUF_LEN];
};

static struct wb_bytes text_of(const char *string) {
    return wb_bytes_from_string(string);
}

/* ---- the mirror ---- */

static struct mirror *mirror_of(struct wb_http_body *body) {
    return WB_FUTURE_OF(body, struct mirror, body);
}

static enum wb_progress mirror_poll_frame(struct wb_http_body *body, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct mirror *self = mirror_of(body);
    if (self->has_first) {
        self->has_first = false;
        *out_frame = self->first;
        *out_status = self->first_status;
        return WB_READY;
    }
    return wb_http_body_poll_frame(self->from, context, out_status, out_frame);
}

static struct wb_http_size_hint mirror_size_hint(const struct wb_http_body *body) {
    return (
        (const struct mirror *)(const void *)((const char *)body - offsetof(struct mirror, body)))
        ->hint;
}

static bool mirror_is_end(const struct wb_http_body *body) {
    const struct mirror *self =
        (const struct mirror *)(const void *)((const char *)body - offsetof(struct mirror, body));
    return !self->has_first && wb_http_body_is_end(self->from);
}

static const struct wb_http_body_ops mirror_ops = {
    .poll_frame = mirror_poll_frame,
    .is_end = mirror_is_end,
    .size_hint = mirror_size_hint,
};

/* The first piece is awaited before the answer begins: so a client that waits for 100 (Continue)
 * gets it. */
static enum wb_progress poll_first(struct call *self, struct wb_context *context) {
    struct mirror *mirror = &self->mirror;
    if (wb_http_body_poll_frame(mirror->from, context, &mirror->first_status, &mirror->first)
        == WB_PENDING) {
        return WB_PENDING;
    }
    mirror->has_first = true;
    return WB_READY;
}

static void begin_mirror(struct call *self) {
    struct mirror *mirror = &self->mirror;
    wb_http_body_init(&mirror->body, &mirror_ops);
    mirror->from = self->request->body;
    mirror->hint = wb_http_body_size_hint(mirror->from);
}

/* ---- a description ---- */

static enum wb_status say(struct call *self, const char *what, struct wb_bytes value) {
    const struct wb_bytes words[] = {text_of(what), text_of(" "), value, text_of("\n")};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const enum wb_status status = wb_bytes_mut_extend(&self->text, words[i]);
        if (status != WB_OK) {
            return status;
        }
    }
    return WB_OK;
}

static enum wb_status say_fields(
    struct call *self, const char *what, struct wb_http_fields fields) {
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < fields.count && status == WB_OK; i++) {
        status = wb_bytes_mut_extend(&self->text, text_of(what));
        if (status == WB_OK) {
            status = wb_bytes_mut_extend(&self->text, wb_http_fields_name(fields, i));
        }
        if (status == WB_OK) {
            status = say(self, ":", wb_http_fields_value(fields, i));
        }
    }
    return status;
}

/* When all of the content has come. */
static enum wb_status describe(struct call *self) {
    const struct wb_http_request *request = self->request;
    const struct {
        const char *what;
        struct wb_bytes value;
    } parts[] = {
        {"method", request->method_name},
        {"version", text_of(request->version == WB_HTTP_1_1 ? "HTTP/1.1" : "HTTP/1.0")},
        {"target", request->target},
        {"scheme", request->scheme},
        {"authority", request->authority},
        {"path", request->path},
        {request->has_query ? "query" : "no query", request->query},
    };
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status == WB_OK; i++) {
        status = say(self, parts[i].what, parts[i].value);
    }
    if (status == WB_OK) {
        status = say_fields(self, "field ", request->fields);
    }
    if (status == WB_OK) {
        status = say(self, "content", wb_bytes_mut_view(&self->collect.bytes));
    }
    return status == WB_OK
               ? say_fields(self, "trailer ", wb_http_field_list_view(&self->collect.trailers))
               : status;
}

/* ---- tunnels ---- */

static bool asks_for_tunnel(const struct wb_http_request *request) {
    struct wb_bytes protocol;
    return request->method == WB_HTTP_CONNECT
           || (request->wants_upgrade
               && wb_http_fields_get(request->fields, text_of("upgrade"), &protocol)
               && wb_http_equal_nocase(protocol, text_of("echo")));
}

static enum wb_status accept_tunnel(struct call *self) {
    struct wb_http_response *response = self->response;
    if (self->request->method == WB_HTTP_CONNECT) {
        return WB_OK;
    }
    response->status = 101;
    const enum wb_status status = wb_http_response_add(response, "upgrade", "echo");
    return status == WB_OK ? wb_http_response_add(response, "connection", "upgrade") : status;
}

static enum wb_progress tunnel_poll(struct wb_future *future, struct wb_context *context) {
    struct call *self = WB_FUTURE_OF(future, struct call, future);
    WB_ASYNC_BEGIN(future, context);
    wb_copy_init(&self->copy, self->io.read, self->io.write, self->buf, sizeof self->buf);
    WB_TRY_AWAIT(&self->copy.future);
    wb_shutdown_init(&self->shutdown, self->io.write);
    WB_TRY_AWAIT(&self->shutdown.future);
    WB_ASYNC_END(WB_OK);
}

static void tunnel_drop(struct wb_future *future) {
    struct call *self = WB_FUTURE_OF(future, struct call, future);
    wb_future_drop(&self->copy.future);
    wb_future_drop(&self->shutdown.future);
}

static const struct wb_future_ops tunnel_ops = {
    .size = sizeof(struct call),
    .offset = offsetof(struct call, future),
    .poll = tunnel_poll,
    .drop = tunnel_drop,
};

static struct wb_future *echo_upgraded(
    struct wb_http_service *service, void *memory, struct wb_async_stream io) {
    struct call *self = memory;
    (void)service;
    self->io = io;
    wb_future_init(&self->future, &tunnel_ops);
    return &self->future;
}

/* ---- calls ---- */

/* What describes the content is true of its echo, and trailers must be announced. */
static enum wb_status copy_fields(struct call *self) {
    static const char *const names[] = {"content-type", "trailer"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct wb_bytes value;
        if (!wb_http_fields_get(self->request->fields, text_of(names[i]), &value)) {
            continue;
        }
        const enum wb_status status =
            wb_http_field_list_add(&self->response->fields, text_of(names[i]), value);
        if (status != WB_OK) {
            return status;
        }
    }
    return WB_OK;
}

static enum wb_status answer_collected(struct call *self) {
    const struct wb_bytes_mut *bytes = &self->collect.bytes;
    enum wb_status status = self->collect.future.status;
    if (status == WB_ERR_LIMIT) {
        self->response->status = 413;
        return WB_OK;
    }
    if (status == WB_OK && self->service->describes) {
        status = describe(self);
        bytes = &self->text;
    } else if (status == WB_OK) {
        status = copy_fields(self);
    }
    wb_http_response_set_bytes(self->response, wb_bytes_mut_view(bytes));
    return status;
}

static enum wb_progress collect_and_answer(
    struct call *self, struct wb_context *context, enum wb_status *out_status) {
    if (wb_future_poll(&self->collect.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    *out_status = answer_collected(self);
    return WB_READY;
}

static enum wb_progress mirror_and_answer(
    struct call *self, struct wb_context *context, enum wb_status *out_status) {
    if (poll_first(self, context) == WB_PENDING) {
        return WB_PENDING;
    }
    self->response->body = &self->mirror.body;
    const bool failed = wb_status_is_error(self->mirror.first_status);
    *out_status = failed ? self->mirror.first_status : copy_fields(self);
    return WB_READY;
}

static enum wb_progress call_poll(struct wb_future *future, struct wb_context *context) {
    struct call *self = WB_FUTURE_OF(future, struct call, future);
    const bool keeps = self->service->collects || self->service->describes;
    enum wb_status status = WB_OK;
    if (asks_for_tunnel(self->request)) {
        return wb_future_end(future, accept_tunnel(self));
    }
    if ((keeps ? collect_and_answer : mirror_and_answer)(self, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static void call_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct call, future)->collect.future);
}

static const struct wb_future_ops call_ops = {
    .size = sizeof(struct call),
    .offset = offsetof(struct call, future),
    .poll = call_poll,
    .drop = call_drop,
};

static struct wb_future *echo_call(struct wb_http_service *service, void *memory,
    struct wb_http_request *request, struct wb_http_response *response) {
    struct call *self = memory;
    struct echo_service *own = WB_FUTURE_OF(service, struct echo_service, service);
    self->service = own;
    self->request = request;
    self->response = response;
    self->mirror = (struct mirror){.has_first = false};
    self->text = wb_bytes_mut_new(own->sys);
    wb_http_collect_init(&self->collect, own->sys, request->body, COLLECTED_LEN_MAX);
    self->copy = (struct wb_copy){0};
    self->shutdown = (struct wb_flush){0};
    begin_mirror(self);
    wb_future_init(&self->future, &call_ops);
    return &self->future;
}

static void echo_end_call(struct wb_http_service *service, void *memory) {
    struct call *self = memory;
    (void)service;
    wb_bytes_mut_release(&self->text);
    wb_bytes_mut_release(&self->collect.bytes);
    wb_http_field_list_clean_up(&self->collect.trailers);
}

static const struct wb_http_service_ops echo_ops = {
    .call = echo_call,
    .upgraded = echo_upgraded,
    .end_call = echo_end_call,
};

int wb__http_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb__http_frame frame;
    struct echo_service service = {
        .service = {.ops = &echo_ops, .call_size = sizeof(struct call)}, .sys = sys};
    const struct wb__option own[] = {
        {"collect", WB__OPTION_FLAG, &service.collects,
            "answers when all of the content has come, 1 MiB at most", 0, 0},
        {"describe", WB__OPTION_FLAG, &service.describes,
            "answers with what was asked, a line each: method, version, target and its parts, "
            "fields, content, trailers",
            0, 0},
    };
    int exit_status = WB__EXIT_OK;
    wb__http_frame_init(
        &frame, sys, PROGRAM, 3001, "where to listen; port 0 picks one. 127.0.0.1:3001");
    if (!wb__http_frame_parse(&frame, "Sends the content of every request of HTTP back.", own,
            sizeof own / sizeof own[0], argc, argv, &exit_status)) {
        return exit_status;
    }
    return wb__http_frame_run(&frame, &service.service);
}
