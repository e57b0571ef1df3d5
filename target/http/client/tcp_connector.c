/* Plain TCP connections: by name, to an address, or from an address of one's own. */
#include "wb/http_connector.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "wb/async.h"
#include "wb/net.h"
#include "wb/resolve.h"
#include "wb/runtime.h"
#include "wb/time.h"

#define PORT_DEFAULT 80

/* ---- the stream ---- */

struct tcp_io {
    const struct wb_sys *sys;
    struct wb_stream stream;
};

static void tcp_io_close(void *user_data) {
    struct tcp_io *io = user_data;
    wb_stream_close(&io->stream);
    WB_SYS(io->sys, free, io, sizeof *io);
}

static void tcp_io_reset(void *user_data) {
    struct wb_tcp_stream *tcp = wb_stream_tcp(&((struct tcp_io *)user_data)->stream);
    if (tcp != NULL) {
        (void)!wb_tcp_stream_set_linger(tcp, 0);
    }
    tcp_io_close(user_data);
}

/* Takes the stream over, whatever comes of it. */
static enum wb_status make_io(
    const struct wb_sys *sys, struct wb_stream *stream, struct wb_http_io *out_io) {
    struct tcp_io *io = WB_SYS(sys, alloc, sizeof *io);
    if (io == NULL) {
        wb_stream_close(stream);
        return WB_ERR_NO_MEMORY;
    }
    *io = (struct tcp_io){sys, *stream};
    *out_io = (struct wb_http_io){wb_stream_io(&io->stream), tcp_io_close, io, tcp_io_reset};
    return WB_OK;
}

/* ---- one connection ---- */

enum way {
    WAY_NAME,    /* whoever answers first */
    WAY_ADDRESS, /* one */
    WAY_BOUND,   /* one after the other */
};

struct tcp_call {
    struct wb_future future; /* the whole, in time */
    struct wb_future inner;
    struct wb_http_tcp_connector *connector;
    const struct wb_uri *uri;
    struct wb_http_connected *out;
    struct wb_with_timeout timeout;
    enum way way;
    uint16_t port;
    struct wb_addr address;
    struct wb_connect_name by_name;
    struct wb_resolve resolve;
    struct wb_connect connect;
    uint32_t next;
    enum wb_status failure;
    struct wb_stream stream;
    char name[WB_RESOLVE_NAME_LEN_MAX + 1];
};

static struct tcp_call *call_of(struct wb_future *future) {
    return WB_FUTURE_OF(future, struct tcp_call, future);
}

static struct tcp_call *call_of_inner(struct wb_future *inner) {
    return WB_FUTURE_OF(inner, struct tcp_call, inner);
}

/* ---- what the URI says ---- */

static enum wb_status say(struct tcp_call *call, enum wb_status status, const char *detail) {
    call->out->error =
        (struct wb_http_error){.kind = WB_HTTP_ERROR_CONNECT, .status = status, .detail = detail};
    return status;
}

static enum wb_status refuse_scheme(struct tcp_call *call) {
    const struct wb_bytes scheme = call->uri->scheme;
    char *text = call->out->text;
    if (scheme.len == 0) {
        return say(call, WB_ERR_NOT_SUPPORTED, "unsupported scheme: None");
    }
    (void)snprintf(text, WB_HTTP_CONNECT_TEXT_MAX, "unsupported scheme: Some(\"%.*s\")",
        (int)(scheme.len < WB_HTTP_CONNECT_TEXT_MAX ? scheme.len : WB_HTTP_CONNECT_TEXT_MAX),
        (const char *)scheme.ptr);
    return say(call, WB_ERR_NOT_SUPPORTED, text);
}

static bool is_http(struct wb_bytes scheme) {
    static const char name[] = "http";
    if (scheme.len != sizeof name - 1) {
        return false;
    }
    for (size_t i = 0; i < scheme.len; i++) {
        if ((scheme.ptr[i] | 0x20) != name[i]) {
            return false;
        }
    }
    return true;
}

static uint16_t port_of(const struct wb_uri *uri) {
    const uint16_t usual = wb_uri_default_port(uri->scheme);
    return uri->authority.port != 0 ? uri->authority.port : usual != 0 ? usual : PORT_DEFAULT;
}

static bool parse_address(struct tcp_call *call, struct wb_bytes host) {
    const bool is_literal = host.len > 2 && host.ptr[0] == '[';
    const struct wb_bytes inner = is_literal ? wb_bytes_slice(host, 1, host.len - 1) : host;
    return wb_addr_parse_ip((const char *)inner.ptr, inner.len, call->port, &call->address) == WB_OK
           && (call->address.family == WB_AF_INET6) == is_literal;
}

static bool is_name(struct wb_bytes host) {
    return host.len != 0 && host.len <= WB_RESOLVE_NAME_LEN_MAX && host.ptr[0] != '['
           && wb_bytes_find_byte(host, '%') == host.len;
}

static enum wb_status understand(struct tcp_call *call) {
    const struct wb_bytes host = call->uri->authority.host;
    if (!call->connector->options.allows_any_scheme && !is_http(call->uri->scheme)) {
        return refuse_scheme(call);
    }
    call->port = port_of(call->uri);
    const bool is_address = parse_address(call, host);
    if (!is_address && !is_name(host)) {
        return say(call, WB_ERR_INVALID, "cannot parse host");
    }
    if (!is_address) {
        memcpy(call->name, host.ptr, host.len);
        call->name[host.len] = '\0';
    }
    call->way = call->connector->options.local.family != 0 ? WAY_BOUND
                : is_address                               ? WAY_ADDRESS
                                                           : WAY_NAME;
    return WB_OK;
}

/* ---- connecting ---- */

static enum wb_status bind_and_begin(struct tcp_call *call, struct wb_runtime *runtime) {
    const struct wb_addr *local = &call->connector->options.local;
    const struct wb_addr *to = &call->resolve.addrs[call->next++];
    struct wb_tcp_socket socket;
    enum wb_status status = wb_tcp_socket_open(&socket, call->connector->sys, local->family);
    if (status == WB_OK) {
        status = wb_tcp_socket_bind(&socket, local);
    }
    if (status == WB_OK) {
        wb_connect_init_socket(&call->connect, runtime, &socket, to);
    } else {
        wb_tcp_socket_close(&socket);
    }
    return status;
}

/* An address is a name with one answer. */
static void answer_oneself(struct tcp_call *call) {
    const bool fits = call->address.family == call->connector->options.local.family;
    call->resolve.addrs[0] = call->address;
    call->resolve.count = fits ? 1 : 0;
}

static enum wb_progress bound_poll(struct wb_future *inner, struct wb_context *context) {
    struct tcp_call *call = call_of_inner(inner);
    WB_ASYNC_BEGIN(inner, context);
    if (call->name[0] == '\0') {
        answer_oneself(call);
    } else {
        wb_resolve_init(&call->resolve, context->runtime, call->name, call->port,
            call->connector->options.local.family);
        WB_TRY_AWAIT(&call->resolve.future);
    }
    call->failure = WB_ERR_NO_ENTRY;
    while (call->next < call->resolve.count) {
        call->failure = bind_and_begin(call, context->runtime);
        if (call->failure != WB_OK) {
            continue;
        }
        WB_AWAIT(&call->connect.future);
        call->failure = call->connect.future.status;
        if (call->failure == WB_OK) {
            break;
        }
    }
    call->stream = call->connect.stream;
    WB_ASYNC_END(call->failure);
}

static enum wb_progress name_poll(struct wb_future *inner, struct wb_context *context) {
    struct tcp_call *call = call_of_inner(inner);
    if (wb_future_poll(&call->by_name.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    call->stream = call->by_name.stream;
    return wb_future_end(inner, call->by_name.future.status);
}

static enum wb_progress address_poll(struct wb_future *inner, struct wb_context *context) {
    struct tcp_call *call = call_of_inner(inner);
    if (wb_future_poll(&call->connect.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    call->stream = call->connect.stream;
    return wb_future_end(inner, call->connect.future.status);
}

static enum wb_progress inner_poll(struct wb_future *inner, struct wb_context *context) {
    switch (call_of_inner(inner)->way) {
    case WAY_NAME:
        return name_poll(inner, context);
    case WAY_ADDRESS:
        return address_poll(inner, context);
    case WAY_BOUND:
        return bound_poll(inner, context);
    }
    assert(!"a way to connect");
    return WB_PENDING;
}

static void inner_drop(struct wb_future *inner) {
    struct tcp_call *call = call_of_inner(inner);
    wb_future_drop(&call->by_name.future);
    wb_future_drop(&call->resolve.future);
    wb_future_drop(&call->connect.future);
}

static const struct wb_future_ops inner_ops = {
    .size = sizeof(struct tcp_call),
    .offset = offsetof(struct tcp_call, inner),
    .poll = inner_poll,
    .drop = inner_drop,
};

static void begin(struct tcp_call *call, struct wb_runtime *runtime) {
    const uint64_t timeout_ns = call->connector->options.timeout_ns;
    wb_future_init(&call->inner, &inner_ops);
    if (call->way == WAY_NAME) {
        wb_connect_name_init(&call->by_name, runtime, call->name, call->port);
    } else if (call->way == WAY_ADDRESS) {
        wb_connect_init(&call->connect, runtime, &call->address);
    }
    if (timeout_ns != 0) {
        wb_with_timeout_init(&call->timeout, runtime, &call->inner, timeout_ns);
    }
}

/* ---- the future ---- */

static enum wb_status hand_over(struct tcp_call *call) {
    if (!call->connector->options.allows_delay) {
        /* without it everything works, somewhat later */
        const enum wb_status ignored =
            wb_tcp_stream_set_nodelay(wb_stream_tcp(&call->stream), true);
        (void)ignored;
    }
    const enum wb_status status = make_io(call->connector->sys, &call->stream, &call->out->io);
    return status == WB_OK ? WB_OK : say(call, status, NULL);
}

static enum wb_progress tcp_call_poll(struct wb_future *future, struct wb_context *context) {
    struct tcp_call *call = call_of(future);
    if (context->runtime == NULL) {
        return wb_future_end(future, say(call, WB_ERR_NO_RUNTIME, NULL));
    }
    if (call->inner.ops == NULL) {
        const enum wb_status status = understand(call);
        if (status != WB_OK) {
            return wb_future_end(future, status);
        }
        begin(call, context->runtime);
    }
    struct wb_future *polled =
        call->timeout.future.ops != NULL ? &call->timeout.future : &call->inner;
    if (wb_future_poll(polled, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (polled->status == WB_OK) {
        return wb_future_end(future, hand_over(call));
    }
    const bool is_unknown = polled->status == WB_ERR_NO_ENTRY;
    return wb_future_end(
        future, say(call, polled->status, is_unknown ? "cannot resolve address" : NULL));
}

static void tcp_call_drop(struct wb_future *future) {
    struct tcp_call *call = call_of(future);
    wb_future_drop(&call->timeout.future);
    wb_future_drop(&call->inner);
}

static const struct wb_future_ops tcp_call_ops = {
    .size = sizeof(struct tcp_call),
    .offset = offsetof(struct tcp_call, future),
    .poll = tcp_call_poll,
    .drop = tcp_call_drop,
};

/* ---- the connector ---- */

static struct wb_future *tcp_connector_call(struct wb_http_connector *self, void *memory,
    const struct wb_uri *uri, struct wb_http_connected *out_connected) {
    struct tcp_call *call = memory;
    memset(call, 0, sizeof *call);
    call->connector = WB_FUTURE_OF(self, struct wb_http_tcp_connector, connector);
    call->uri = uri;
    call->out = out_connected;
    wb_future_init(&call->future, &tcp_call_ops);
    return &call->future;
}

static const struct wb_http_connector_ops tcp_connector_ops = {
    .call = tcp_connector_call,
};

void wb_http_tcp_connector_init(struct wb_http_tcp_connector *connector, const struct wb_sys *sys,
    const struct wb_http_tcp_options *options) {
    *connector = (struct wb_http_tcp_connector){
        .connector = {.ops = &tcp_connector_ops, .call_size = sizeof(struct tcp_call)}, .sys = sys};
    if (options != NULL) {
        connector->options = *options;
    }
}
