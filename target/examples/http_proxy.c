/* http_proxy: passes requests of HTTP on to the server that they name, or with --to to one server,
 * and its responses back, both as they come; CONNECT and upgrades become tunnels. What one side
 * does not take is not read from the other. */
#include <string.h>

#include "examples/console.h"
#include "examples/content_pump.h"
#include "examples/forward_fields.h"
#include "examples/http_frame.h"
#include "examples/max_forwards.h"
#include "examples/onward_request.h"
#include "examples/ports.h"
#include "examples/programs.h"
#include "examples/proxy_answer.h"
#include "examples/tunnel.h"
#include "wb/async.h"
#include "wb/http_client.h"
#include "wb/http_connector.h"
#include "wb/resolve.h"
#include "wb/time.h"
#include "wb/uri.h"

#define PROGRAM "http_proxy"
#define MS_NS UINT64_C(1000000)

enum {
    TUNNEL_LEN = 16384,
    HOST_LEN_MAX = 255,
    LOOPS_MAX = 8, /* proxies of this kind in a row; more are taken for one in a circle */
    TUNNEL_IDLE_MS = 600000,
    DAY_MS = 86400000,
};

struct http_proxy {
    struct wb__http_frame frame;
    struct wb_http_service service;
    struct wb_http_tcp_connector connector;
    struct wb_http_client client;
    struct wb__onward onward;
    struct wb__texts connect_ports; /* none: any */
    size_t connect_timeout_ms;
    size_t response_timeout_ms;
    size_t tunnel_timeout_ms; /* 0: for ever */
};

/* A request on its way. */
struct passage {
    struct wb_future future;
    struct http_proxy *proxy;
    struct wb_http_request *request;
    struct wb_http_response *response;
    struct wb_http_client_request out;
    struct wb_http_client_response in;
    struct wb_http_fetch fetch;
    struct wb__content_pump pump;
    struct wb_http_body back; /* the content of the response */
    struct wb_connect_name connect;
    struct wb_with_timeout in_time;
    struct wb_stream server; /* of CONNECT */
    struct wb_h1_raw raw;    /* after an upgrade */
    struct wb__tunnel tunnel;
    struct wb_done no_tunnel;
    struct wb_http_field_list early;  /* of an interim response, then trailers of the response */
    struct wb_bytes_mut reflection;   /* the answer to TRACE */
    char why[WB__PROXY_TEXT_LEN_MAX]; /* what the client is told, or a name to connect to */
    char buf[TUNNEL_LEN];
};

static struct wb_bytes text_of(const char *text) {
    return wb_bytes_from_string(text);
}

/* ---- answers of the proxy's own ---- */

static enum wb_status answer(struct passage *self, unsigned status, const char *why) {
    return wb__proxy_answer(self->response, self->why, status, why);
}

static enum wb_status answer_error(struct passage *self, const struct wb_http_error *error) {
    return wb__proxy_answer_error(self->response, self->why, error);
}

static bool is_reverse(const struct passage *self) {
    return self->proxy->onward.to != NULL;
}

/* A 405 must say what is allowed instead, and OPTIONS should (RFC 9110 sections 9.3.7, 15.5.6). */
static enum wb_status add_allowed(struct passage *self) {
    return wb_http_response_add(self->response, "allow",
        is_reverse(self) ? "GET, HEAD, POST, PUT, DELETE, OPTIONS, TRACE"
                         : "GET, HEAD, POST, PUT, DELETE, CONNECT, OPTIONS, TRACE");
}

static enum wb_status refuse_tunnel(struct passage *self) {
    const enum wb_status status = answer(self, 405, "there are no tunnels here");
    return status != WB_OK ? status : add_allowed(self);
}

/* RFC 9112 section 9.3: a proxy keeps no connection with a client of HTTP/1.0, since what stands
 * between may have passed its Connection field on unread. Who is asked for its own sake may. */
static enum wb_status part_with_old_client(struct passage *self) {
    return is_reverse(self) || self->request->version != WB_HTTP_1_0
               ? WB_OK
               : wb_http_response_add(self->response, "connection", "close");
}

/* As whoever the request was for: OPTIONS and TRACE alone come to that. */
static enum wb_status answer_as_last(struct passage *self) {
    if (self->request->method == WB_HTTP_OPTIONS) {
        return add_allowed(self);
    }
    const enum wb_status status = wb__reflect(&self->reflection, self->request);
    if (status != WB_OK) {
        return status;
    }
    wb_http_response_set_bytes(self->response, wb_bytes_mut_view(&self->reflection));
    return wb_http_response_add(self->response, "content-type", "message/http");
}

/* ---- the request ---- */

/* Content of unknown length is sent in chunks, whatever the method. */
static enum wb_status add_content(struct passage *self) {
    struct wb_http_body *content = self->request->body;
    if (wb_http_body_is_end(content)) {
        return WB_OK;
    }
    enum wb_status status =
        wb__content_pump_init(&self->pump, self->proxy->onward.sys, content, self->request->fields);
    if (status != WB_OK) {
        return status;
    }
    self->out.body = &self->pump.to.body;
    if (wb_http_body_size_hint(content).has_upper) {
        return WB_OK;
    }
    return wb_http_field_list_add(
        &self->out.fields, text_of("transfer-encoding"), text_of("chunked"));
}

static enum wb_status prepare(struct passage *self) {
    const enum wb_status status =
        wb__onward_request(&self->proxy->onward, self->request, &self->out);
    return status != WB_OK ? status : add_content(self);
}

/* Why it is not passed on at all; NULL: it is. */
static const char *reason_to_refuse(const struct passage *self, unsigned *out_status) {
    const struct wb_http_request *request = self->request;
    *out_status = 400;
    if (wb__forward_count(request->fields) >= LOOPS_MAX) {
        *out_status = 508;
        return "it goes in circles";
    }
    uint32_t left;
    if (wb__max_forwards_of(request, &left) == WB__MAX_FORWARDS_BAD) {
        return "Max-Forwards is one number";
    }
    if (request->method == WB_HTTP_TRACE && !wb_http_body_is_end(request->body)) {
        return "TRACE has no content"; /* RFC 9110 section 9.3.8 */
    }
    if (!is_reverse(self) && request->method != WB_HTTP_CONNECT && request->scheme.len == 0
        && !wb_bytes_equal(request->path, text_of("*"))) {
        return "the target must be a URI with scheme and host";
    }
    return NULL;
}

/* It goes no further: "*" names no server but the one that was asked. */
static bool is_last(const struct passage *self) {
    uint32_t left;
    return wb__max_forwards_of(self->request, &left) == WB__MAX_FORWARDS_LAST
           || (!is_reverse(self) && wb_bytes_equal(self->request->path, text_of("*")));
}

/* ---- the way there ---- */

/* A client that cannot be told does without (RFC 9110 section 15.2). */
static void pass_interim_on(struct passage *self, const struct wb_http_interim *interim) {
    wb_http_field_list_clear(&self->early);
    enum wb_status status = wb__forward_fields(&self->early, interim->fields);
    status = status != WB_OK ? status : wb__forward_add_via(&self->early, WB_HTTP_1_1);
    if (status == WB_OK) {
        (void)!wb_http_request_send_interim(
            self->request, interim->status, wb_http_field_list_view(&self->early));
    }
}

/* 100 the client gets when its content is asked for. */
static void on_interim(const struct wb_http_interim *interim, void *user_data) {
    if (interim->status != 100) {
        pass_interim_on(user_data, interim);
    }
}

/* Content that the server may not want is not asked for before it says so, nor read here. What the
 * server says ahead of its answer is not asked for before the client takes it. */
static enum wb_progress poll_exchange(struct passage *self, struct wb_context *context) {
    if (wb_http_request_takes_interim(self->request)
        && wb_future_poll(&self->fetch.future, context) == WB_READY) {
        return WB_READY;
    }
    wb__content_pump_poll(&self->pump, context);
    return self->pump.failure == WB_OK ? WB_PENDING : WB_READY;
}

/* ---- the way back ---- */

static struct passage *passage_of(const struct wb_http_body *back) {
    return (struct passage *)(uintptr_t)((const char *)back - offsetof(struct passage, back));
}

/* Those that the client may have. */
static enum wb_status pass_trailers_on(struct passage *self, struct wb_http_frame *frame) {
    wb_http_field_list_clear(&self->early);
    const enum wb_status status =
        wb__forward_trailers(&self->early, frame->trailers, self->in.fields);
    frame->trailers = wb_http_field_list_view(&self->early);
    return status;
}

/* A server may answer before it has got all of the content, so that both go on side by side. */
static enum wb_progress back_poll_frame(struct wb_http_body *back, struct wb_context *context,
    enum wb_status *out_status, struct wb_http_frame *out_frame) {
    struct passage *self = passage_of(back);
    wb__content_pump_poll(&self->pump, context);
    if (wb_http_body_poll_frame(self->in.body, context, out_status, out_frame) == WB_PENDING) {
        return WB_PENDING;
    }
    if (*out_status == WB_OK && out_frame->is_trailers) {
        *out_status = pass_trailers_on(self, out_frame);
    }
    return WB_READY;
}

static bool back_is_end(const struct wb_http_body *back) {
    return wb_http_body_is_end(passage_of(back)->in.body);
}

static struct wb_http_size_hint back_size_hint(const struct wb_http_body *back) {
    return wb_http_body_size_hint(passage_of(back)->in.body);
}

static const struct wb_http_body_ops back_ops = {
    .poll_frame = back_poll_frame,
    .is_end = back_is_end,
    .size_hint = back_size_hint,
};

/* Why nothing of the response is passed on; NULL: it is. */
static const char *reason_to_keep_back(const struct passage *self) {
    struct wb_bytes protocol;
    if (self->in.status == 101
        && !wb_http_fields_get(self->in.fields, text_of("upgrade"), &protocol)) {
        return "the server switched to what nobody had asked for";
    }
    return wb__forward_has_other_coding(self->in.fields)
               ? "the content is in a coding of the connection's own"
               : NULL;
}

/* What the server has switched to, or wants (RFC 9110 section 15.5.22: 426 must say so). */
static enum wb_status pass_upgrade_on(struct passage *self) {
    struct wb_bytes protocol;
    if ((self->in.status != 101 && self->in.status != 426)
        || !wb_http_fields_get(self->in.fields, text_of("upgrade"), &protocol)) {
        return WB_OK;
    }
    const enum wb_status status =
        wb_http_field_list_add(&self->response->fields, text_of("upgrade"), protocol);
    return status != WB_OK ? status : wb_http_response_add(self->response, "connection", "upgrade");
}

static enum wb_status pass_response_on(struct passage *self) {
    struct wb_http_response *response = self->response;
    const char *why = reason_to_keep_back(self);
    if (why != NULL) {
        return answer(self, 502, why);
    }
    enum wb_status status = wb__forward_fields(&response->fields, self->in.fields);
    status = status != WB_OK ? status : wb__forward_add_via(&response->fields, self->in.version);
    status = status != WB_OK ? status : pass_upgrade_on(self);
    if (status != WB_OK) {
        return status;
    }
    response->status = self->in.status;
    response->reason = self->in.reason;
    if (response->status != 101) {
        wb_http_body_init(&self->back, &back_ops);
        response->body = &self->back;
    }
    return WB_OK;
}

static enum wb_status finish(struct passage *self) {
    if (!wb_future_is_over(&self->fetch.future)) {
        wb_future_drop(&self->fetch.future);
        return self->pump.failure; /* of the client's content: it is told by its connection */
    }
    if (self->fetch.future.status != WB_OK) {
        return answer_error(self, &self->fetch.error);
    }
    return pass_response_on(self);
}

/* ---- tunnels ---- */

/* "host:port", which must have both (RFC 9110 section 9.3.6). NULL: it is under way; otherwise why
 * not, and what the client is told. */
static const char *begin_to_connect(
    struct passage *self, struct wb_context *context, unsigned *out_status) {
    struct wb_uri_authority authority;
    *out_status = 400;
    if (wb_uri_parse_authority(self->request->authority, &authority) != WB_OK
        || authority.host.len == 0 || authority.host.len > HOST_LEN_MAX || authority.port == 0) {
        return "the target must be HOST:PORT";
    }
    if (!wb__ports_allow(&self->proxy->connect_ports, authority.port)) {
        *out_status = 403;
        return "tunnels to that port are not allowed";
    }
    const bool has_brackets = authority.host.ptr[0] == '[';
    const struct wb_bytes name = wb_bytes_slice(
        authority.host, has_brackets ? 1 : 0, authority.host.len - (has_brackets ? 1 : 0));
    memcpy(self->why, name.ptr, name.len);
    self->why[name.len] = '\0';
    wb_connect_name_init(&self->connect, context->runtime, self->why, authority.port);
    wb_with_timeout_init(&self->in_time, context->runtime, &self->connect.future,
        self->proxy->connect_timeout_ms * MS_NS);
    return NULL;
}

static enum wb_status answer_connect(struct passage *self) {
    const enum wb_status status = self->in_time.future.status;
    if (status != WB_OK) {
        const struct wb_http_error error = {.kind = WB_HTTP_ERROR_CONNECT, .status = status};
        return answer_error(self, &error);
    }
    self->server = self->connect.stream;
    wb_http_field_list_clear(&self->response->fields); /* a tunnel needs no word about itself */
    return WB_OK;
}

static struct wb_future *begin_tunnel(
    struct wb_http_service *service, void *memory, struct wb_async_stream io) {
    struct passage *self = memory;
    struct wb_async_stream server = wb_stream_io(&self->server);
    (void)service;
    if (self->request->method != WB_HTTP_CONNECT) {
        const enum wb_status status = wb_http_client_response_take_raw(&self->in, &self->raw);
        if (status != WB_OK) {
            wb_done_init(&self->no_tunnel, status);
            return &self->no_tunnel.future;
        }
        server = wb_h1_raw_stream(&self->raw);
    }
    wb__tunnel_init(&self->tunnel, io, server, self->buf, sizeof self->buf,
        self->proxy->tunnel_timeout_ms * MS_NS);
    return &self->tunnel.future;
}

/* The server must not take for the end what was none: a client that was reset, or too long silent.
 */
static void close_server(struct passage *self) {
    const struct wb_future *tunnel = &self->tunnel.future;
    const bool has_failed =
        tunnel->ops != NULL && (!wb_future_is_over(tunnel) || tunnel->status != WB_OK);
    struct wb_tcp_stream *tcp = has_failed ? wb_stream_tcp(&self->server) : NULL;
    if (has_failed) {
        wb_h1_raw_reset(&self->raw);
    }
    wb_h1_raw_close(&self->raw);
    if (tcp != NULL) {
        (void)!wb_tcp_stream_set_linger(tcp, 0);
    }
    wb_stream_close(&self->server);
}

/* ---- the service ---- */

static enum wb_progress passage_poll(struct wb_future *future, struct wb_context *context) {
    struct passage *self = WB_FUTURE_OF(future, struct passage, future);
    const char *why;
    unsigned refusal;
    enum wb_status status;
    WB_ASYNC_BEGIN(future, context);
    status = part_with_old_client(self);
    if (status != WB_OK) {
        WB_ASYNC_RETURN(status);
    }
    why = reason_to_refuse(self, &refusal);
    if (why != NULL) {
        WB_ASYNC_RETURN(answer(self, refusal, why));
    }
    if (is_last(self)) {
        WB_ASYNC_RETURN(answer_as_last(self));
    }
    if (self->request->method == WB_HTTP_CONNECT) {
        if (is_reverse(self)) {
            WB_ASYNC_RETURN(refuse_tunnel(self));
        }
        why = begin_to_connect(self, context, &refusal);
        if (why != NULL) {
            WB_ASYNC_RETURN(answer(self, refusal, why));
        }
        WB_AWAIT(&self->in_time.future);
        WB_ASYNC_RETURN(answer_connect(self));
    }
    status = prepare(self);
    if (status != WB_OK) {
        WB_ASYNC_RETURN(status == WB_ERR_NO_MEMORY ? status : answer(self, 400, "it is not valid"));
    }
    wb_http_fetch_init(&self->fetch, &self->proxy->client, &self->out, &self->in);
    wb_http_fetch_on_interim(&self->fetch, on_interim, self);
    WB_AWAIT_READY(poll_exchange(self, context));
    WB_ASYNC_END(finish(self));
}

static void passage_drop(struct wb_future *future) {
    struct passage *self = WB_FUTURE_OF(future, struct passage, future);
    wb_future_drop(&self->in_time.future);
    wb_future_drop(&self->connect.future);
    wb_future_drop(&self->fetch.future);
}

static const struct wb_future_ops passage_ops = {
    .size = sizeof(struct passage),
    .offset = offsetof(struct passage, future),
    .poll = passage_poll,
    .drop = passage_drop,
};

/* All but the buffers begins as zero. */
static struct wb_future *begin_passage(struct wb_http_service *service, void *memory,
    struct wb_http_request *request, struct wb_http_response *response) {
    struct passage *self = memory;
    memset(self, 0, offsetof(struct passage, why));
    wb_future_init(&self->future, &passage_ops);
    self->proxy = WB_FUTURE_OF(service, struct http_proxy, service);
    self->request = request;
    self->response = response;
    wb_http_client_request_init(&self->out, self->proxy->onward.sys);
    wb_http_client_response_init(&self->in, self->proxy->onward.sys);
    wb_http_field_list_init(&self->early, self->proxy->onward.sys, 0, 0);
    self->reflection = wb_bytes_mut_new(self->proxy->onward.sys);
    return &self->future;
}

static void end_passage(struct wb_http_service *service, void *memory) {
    struct passage *self = memory;
    (void)service;
    wb__content_pump_clean_up(&self->pump);
    wb_http_client_request_clean_up(&self->out);
    wb_http_client_response_clean_up(&self->in);
    wb_http_field_list_clean_up(&self->early);
    wb_bytes_mut_release(&self->reflection);
    close_server(self);
}

static const struct wb_http_service_ops service_ops = {
    .call = begin_passage,
    .upgraded = begin_tunnel,
    .end_call = end_passage,
};

/* ---- the program ---- */

static enum wb_status make_client(struct http_proxy *self) {
    const struct wb_http_tcp_options tcp = {.timeout_ns = self->connect_timeout_ms * MS_NS};
    const struct wb_http_client_options options = {
        .keeps_host = true,
        .h1 = {.head_timeout_ns = self->response_timeout_ms * MS_NS,
            .body_timeout_ns = self->response_timeout_ms * MS_NS},
    };
    wb_http_tcp_connector_init(&self->connector, self->onward.sys, &tcp);
    return wb_http_client_new(
        self->onward.sys, &self->connector.connector, &options, &self->client);
}

static bool is_server(const char *text) {
    struct wb_uri_authority authority;
    return wb_uri_parse_authority(text_of(text), &authority) == WB_OK && authority.host.len != 0
           && authority.userinfo.len == 0 && authority.port != 0;
}

static int run(struct http_proxy *self) {
    if (!wb__ports_are_sound(&self->connect_ports, self->onward.sys, PROGRAM ": --connect-port")) {
        return WB__EXIT_USAGE;
    }
    if (self->onward.to != NULL && !is_server(self->onward.to)) {
        wb__print(self->onward.sys, WB__CONSOLE_ERR, PROGRAM ": --to is HOST:PORT\n");
        return WB__EXIT_USAGE;
    }
    const enum wb_status status = make_client(self);
    if (status != WB_OK) {
        wb__print_failure(self->onward.sys, PROGRAM, "client", status);
        return WB__EXIT_FAILURE;
    }
    const int exit_status = wb__http_frame_run(&self->frame, &self->service);
    wb_http_client_release(&self->client);
    return exit_status;
}

int wb__http_proxy_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct http_proxy self = {.onward = {.sys = sys},
        .service = {.ops = &service_ops, .call_size = sizeof(struct passage)},
        .connect_timeout_ms = 10000,
        .response_timeout_ms = 60000,
        .tunnel_timeout_ms = TUNNEL_IDLE_MS};
    const struct wb__option options[] = {
        {"to", WB__OPTION_TEXT, &self.onward.to,
            "the server that all is passed on to, HOST:PORT; without it a request says which", 0,
            0},
        {"forwarded", WB__OPTION_FLAG, &self.onward.tells_client,
            "tells the server who asks, in X-Forwarded-For", 0, 0},
        {"connect-timeout", WB__OPTION_COUNT, &self.connect_timeout_ms,
            "milliseconds until a server must have been reached. 10000", 1, DAY_MS},
        {"response-timeout", WB__OPTION_COUNT, &self.response_timeout_ms,
            "milliseconds that a server may take to answer, and between pieces. 60000", 1, DAY_MS},
        {"tunnel-timeout", WB__OPTION_COUNT, &self.tunnel_timeout_ms,
            "milliseconds without a byte through a tunnel, which is then cut; 0: for ever. 600000",
            0, DAY_MS},
        {"connect-port", WB__OPTION_TEXTS, &self.connect_ports,
            "a port that CONNECT may lead to, others are 403; may be given again. Any", 0, 0},
    };
    int exit_status = WB__EXIT_OK;
    wb__http_frame_init(
        &self.frame, sys, PROGRAM, 3003, "where to listen; port 0 picks one. 127.0.0.1:3003");
    if (!wb__http_frame_parse(&self.frame, "Passes requests of HTTP on to servers.", options,
            sizeof options / sizeof options[0], argc, argv, &exit_status)) {
        return exit_status;
    }
    return run(&self);
}
