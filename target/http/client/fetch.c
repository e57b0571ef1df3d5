/* A request of a client: a connection that is idle, or becomes so, or a new one; and the request
 * over that, perhaps twice. */
#include "http/client/pool.h"

#include <assert.h>
#include <string.h>

enum stage {
    STAGE_NEW,
    STAGE_READYING,   /* the connector is asked whether it takes another */
    STAGE_CONNECTING, /* it was asked for one */
    STAGE_SENDING,
};

static struct wb_http_fetch *fetch_of(struct wb_future *future) {
    return WB_FUTURE_OF(future, struct wb_http_fetch, future);
}

static enum wb_progress fail(struct wb_http_fetch *fetch, enum wb_http_error_kind kind,
    enum wb_status status, const char *detail) {
    fetch->error = (struct wb_http_error){.kind = kind, .status = status, .detail = detail};
    return wb_future_end(&fetch->future, status);
}

/* Nothing was sent. */
static enum wb_progress refuse(struct wb_http_fetch *fetch, enum wb_http_error_kind kind,
    enum wb_status status, const char *detail) {
    fetch->is_unsent = true;
    return fail(fetch, kind, status, detail);
}

/* ---- what is asked of whom ---- */

static bool is_connect(const struct wb_http_fetch *fetch) {
    return wb_http_method_from(wb_http_client_request_method(fetch->request)) == WB_HTTP_CONNECT;
}

static bool is_idempotent(const struct wb_http_fetch *fetch) {
    return wb_http_method_is_idempotent(
        wb_http_method_from(wb_http_client_request_method(fetch->request)));
}

/* The server that a tunnel leads to has no scheme; its connections are told apart by one all the
 * same. */
static enum wb_status parse_authority(struct wb_http_fetch *fetch, struct wb_bytes target) {
    struct wb_uri uri = {.has_query = false};
    const enum wb_status status = wb_uri_parse_authority(target, &uri.authority);
    if (status != WB_OK || uri.authority.host.len == 0) {
        return WB_ERR_INVALID;
    }
    uri.scheme = wb_bytes_from_string(uri.authority.port == 443 ? "https" : "http");
    fetch->uri = uri;
    return WB_OK;
}

static enum wb_status parse_target(struct wb_http_fetch *fetch) {
    const struct wb_bytes target = wb_http_client_request_target(fetch->request);
    const bool is_absolute =
        wb_uri_parse(target, &fetch->uri) == WB_OK && fetch->uri.authority.host.len != 0;
    if (is_absolute) {
        return WB_OK;
    }
    return is_connect(fetch) ? parse_authority(fetch, target) : WB_ERR_INVALID;
}

static void put(struct wb_http_fetch *fetch, const void *bytes, size_t len) {
    assert(fetch->host_len + len <= sizeof fetch->host);
    memcpy(fetch->host + fetch->host_len, bytes, len);
    fetch->host_len = (uint16_t)(fetch->host_len + len);
}

/* As Host has it: without the scheme's own port, which CONNECT must have (RFC 9110 section 9.3.6).
 */
static void write_host(struct wb_http_fetch *fetch) {
    const struct wb_bytes host = fetch->uri.authority.host;
    const bool has_port =
        fetch->origin.port != wb_uri_default_port(fetch->uri.scheme) || is_connect(fetch);
    char digits[5];
    size_t first = sizeof digits;
    fetch->host_len = 0;
    put(fetch, host.ptr, host.len);
    if (!has_port || fetch->origin.port == 0) {
        return;
    }
    for (unsigned port = fetch->origin.port; port != 0; port /= 10) {
        digits[--first] = (char)('0' + port % 10);
    }
    put(fetch, ":", 1);
    put(fetch, digits + first, sizeof digits - first);
}

static enum wb_progress prepare(struct wb_http_fetch *fetch) {
    if (fetch->request->version != WB_HTTP_WANTED_1_1
        && fetch->request->version != WB_HTTP_WANTED_1_0) {
        return refuse(fetch, WB_HTTP_ERROR_USER, WB_ERR_NOT_SUPPORTED,
            "the version that was asked for is not supported");
    }
    if (parse_target(fetch) != WB_OK) {
        return refuse(fetch, WB_HTTP_ERROR_USER, WB_ERR_INVALID, "the target is no absolute URI");
    }
    if (wb__http_origin_of(&fetch->uri, &fetch->origin) != WB_OK) {
        return refuse(fetch, WB_HTTP_ERROR_CONNECT, WB_ERR_INVALID, "cannot parse host");
    }
    write_host(fetch);
    fetch->waiter.origin = &fetch->origin;
    return WB_PENDING;
}

/* ---- the target, as it goes out ---- */

static enum wb_status extend(struct wb_http_fetch *fetch, struct wb_bytes bytes) {
    return wb_bytes_mut_extend(&fetch->text, bytes);
}

static enum wb_status write_absolute_start(struct wb_http_fetch *fetch) {
    enum wb_status status = extend(fetch, fetch->uri.scheme);
    if (status == WB_OK) {
        status = extend(fetch, wb_bytes_from_string("://"));
    }
    return status == WB_OK ? extend(fetch, wb_bytes_from(fetch->host, fetch->host_len)) : status;
}

static enum wb_status write_path(struct wb_http_fetch *fetch) {
    enum wb_status status = extend(fetch, fetch->uri.path);
    if (status == WB_OK && fetch->uri.has_query) {
        status = extend(fetch, wb_bytes_from_string("?"));
        status = status == WB_OK ? extend(fetch, fetch->uri.query) : status;
    }
    return status;
}

/* Path and query lie together in the text of the request, unless there is no path. */
static bool lies_together(const struct wb_http_fetch *fetch) {
    return !fetch->uri.has_query
           || fetch->uri.path.ptr + fetch->uri.path.len + 1 == fetch->uri.query.ptr;
}

/* OPTIONS of a URI without path and query asks about the server, not about one of its resources.
 * The parser made a path up. */
static bool is_about_server(const struct wb_http_fetch *fetch) {
    const struct wb_bytes mark = wb_bytes_from_string("://");
    struct wb_bytes target = wb_http_client_request_target(fetch->request);
    const enum wb_http_method method =
        wb_http_method_from(wb_http_client_request_method(fetch->request));
    target = wb_bytes_slice(target, wb_bytes_find(target, mark) + mark.len, target.len);
    return method == WB_HTTP_OPTIONS && !fetch->uri.has_query
           && wb_bytes_find_byte(target, '/') == target.len;
}

/* RFC 9112 sections 3.2.1 and 3.2.4. */
static enum wb_status origin_form(struct wb_http_fetch *fetch, struct wb_bytes *out_target) {
    const struct wb_uri *uri = &fetch->uri;
    if (is_about_server(fetch)) {
        *out_target = wb_bytes_from_string("*");
        return WB_OK;
    }
    if (lies_together(fetch)) {
        const size_t query_len = uri->has_query ? uri->query.len + 1 : 0;
        *out_target = wb_bytes_from(uri->path.ptr, uri->path.len + query_len);
        return WB_OK;
    }
    wb_bytes_mut_truncate(&fetch->text, 0);
    const enum wb_status status = write_path(fetch);
    *out_target = wb_bytes_mut_view(&fetch->text);
    return status;
}

/* The last proxy on the way makes an asterisk of one without a path (RFC 9112 section 3.2.4). */
static enum wb_status absolute_form(struct wb_http_fetch *fetch, struct wb_bytes *out_target) {
    wb_bytes_mut_truncate(&fetch->text, 0);
    enum wb_status status = write_absolute_start(fetch);
    if (status == WB_OK && !is_about_server(fetch)) {
        status = write_path(fetch);
    }
    *out_target = wb_bytes_mut_view(&fetch->text);
    return status;
}

static enum wb_status target_for(
    struct wb_http_fetch *fetch, const struct wb__pooled *pooled, struct wb_bytes *out_target) {
    if (is_connect(fetch)) {
        *out_target = wb_bytes_from(fetch->host, fetch->host_len);
        return WB_OK;
    }
    return pooled->is_proxied ? absolute_form(fetch, out_target) : origin_form(fetch, out_target);
}

/* ---- sending ---- */

static void give_up_connecting(struct wb_http_fetch *fetch) {
    if (fetch->connecting != NULL) {
        wb_future_drop(fetch->connecting);
        fetch->connecting = NULL;
    }
    if (fetch->memory != NULL) {
        WB_SYS(fetch->pool->sys, free, fetch->memory, fetch->pool->connector->call_size);
        fetch->memory = NULL;
    }
}

/* The connection is the caller's, with a reference, which this ends. */
static enum wb_status begin_sending(struct wb_http_fetch *fetch, struct wb__h1_client *client) {
    struct wb__pooled *pooled = wb__pooled_of(client);
    const struct wb_h1_sender sender = {client};
    struct wb_bytes target = {NULL, 0};
    const struct wb_bytes host = wb_bytes_from(fetch->host, fetch->host_len);
    const struct wb_bytes none = {NULL, 0};
    give_up_connecting(fetch);
    wb__http_pool_stop(fetch->pool, &fetch->waiter);
    const enum wb_status status = target_for(fetch, pooled, &target);
    if (status != WB_OK) {
        wb__http_pool_give_back(client);
        return status;
    }
    wb_h1_try_send_init(&fetch->send, &sender, fetch->request, fetch->response);
    wb_h1_send_set_target(&fetch->send, target, fetch->pool->options.keeps_host ? none : host);
    if (fetch->on_interim != NULL) {
        wb_h1_send_on_interim(&fetch->send, fetch->on_interim, fetch->user_data);
    }
    fetch->is_reused = pooled->is_used;
    pooled->is_used = true;
    fetch->stage = STAGE_SENDING;
    wb__h1c_release(client);
    return WB_OK;
}

static bool may_retry(const struct wb_http_fetch *fetch) {
    const struct wb_h1_send *send = &fetch->send;
    const enum wb_http_error_kind kind = send->error.kind;
    if (fetch->pool->options.never_retries || fetch->has_retried || !fetch->is_reused
        || kind == WB_HTTP_ERROR_USER) {
        return false;
    }
    const bool was_lost = kind == WB_HTTP_ERROR_INCOMPLETE_MESSAGE || kind == WB_HTTP_ERROR_IO;
    return send->is_unsent
           || (was_lost && !send->has_response_begun && is_idempotent(fetch)
               && fetch->request->body == NULL);
}

static enum wb_progress end_sending(struct wb_http_fetch *fetch) {
    fetch->error = fetch->send.error;
    fetch->is_unsent = fetch->send.is_unsent;
    return wb_future_end(&fetch->future, fetch->send.future.status);
}

/* WB_PENDING with another stage: it is tried again. */
static enum wb_progress send_on(struct wb_http_fetch *fetch, struct wb_context *context) {
    const void *extras = wb__pooled_of(fetch->send.client)->extras;
    if (wb_future_poll(&fetch->send.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (fetch->send.future.status == WB_OK) {
        fetch->response->extras = extras;
        return end_sending(fetch);
    }
    if (!may_retry(fetch)) {
        return end_sending(fetch);
    }
    fetch->has_retried = true;
    fetch->stage = STAGE_READYING;
    return WB_PENDING;
}

/* ---- connecting ---- */

static enum wb_progress fail_to_connect(struct wb_http_fetch *fetch, enum wb_status status) {
    fetch->is_unsent = true;
    fetch->error = fetch->connected.error;
    if (fetch->error.kind == WB_HTTP_ERROR_NONE) {
        fetch->error.kind = WB_HTTP_ERROR_CONNECT;
    }
    fetch->error.status = status;
    return wb_future_end(&fetch->future, status);
}

static enum wb_progress begin_connecting(struct wb_http_fetch *fetch, struct wb_context *context) {
    struct wb_http_connector *connector = fetch->pool->connector;
    enum wb_status status = WB_OK;
    if (connector->ops->poll_ready != NULL
        && connector->ops->poll_ready(connector, context, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    if (status != WB_OK) {
        return fail_to_connect(fetch, status);
    }
    fetch->memory = WB_SYS(fetch->pool->sys, alloc, connector->call_size);
    if (fetch->memory == NULL) {
        return refuse(fetch, WB_HTTP_ERROR_CONNECT, WB_ERR_NO_MEMORY, NULL);
    }
    fetch->connected = (struct wb_http_connected){.is_proxied = false};
    fetch->connecting =
        connector->ops->call(connector, fetch->memory, &fetch->uri, &fetch->connected);
    fetch->stage = STAGE_CONNECTING;
    return WB_PENDING;
}

static enum wb_progress use_stream(struct wb_http_fetch *fetch, struct wb_context *context) {
    struct wb__h1_client *client;
    if (fetch->connected.negotiated_h2) {
        wb_http_io_close(&fetch->connected.io);
        return refuse(fetch, WB_HTTP_ERROR_CONNECT, WB_ERR_NOT_SUPPORTED,
            "the server wants HTTP/2, which is not spoken here");
    }
    enum wb_status status = wb__http_pool_add(
        fetch->pool, context->runtime, &fetch->origin, &fetch->connected, &client);
    if (status != WB_OK) {
        wb_http_io_close(&fetch->connected.io);
        return refuse(fetch, WB_HTTP_ERROR_CONNECT, status, NULL);
    }
    status = begin_sending(fetch, client);
    return status == WB_OK ? WB_PENDING : refuse(fetch, WB_HTTP_ERROR_IO, status, NULL);
}

static enum wb_progress connect_on(struct wb_http_fetch *fetch, struct wb_context *context) {
    if (wb_future_poll(fetch->connecting, context) == WB_PENDING) {
        return WB_PENDING;
    }
    const enum wb_status status = fetch->connecting->status;
    return status == WB_OK ? use_stream(fetch, context) : fail_to_connect(fetch, status);
}

/* ---- one that is there ---- */

static enum wb_progress use_idle(struct wb_http_fetch *fetch, struct wb__h1_client *client) {
    const enum wb_status status = begin_sending(fetch, client);
    return status == WB_OK ? WB_PENDING : refuse(fetch, WB_HTTP_ERROR_IO, status, NULL);
}

/* Whether one became idle that is for us, which is not looked for again after it had failed. */
static struct wb__h1_client *take_given(struct wb_http_fetch *fetch, struct wb_context *context) {
    if (fetch->has_retried || !wb__http_pool_wait(fetch->pool, &fetch->waiter, context)) {
        return NULL;
    }
    struct wb__h1_client *given = fetch->waiter.given;
    fetch->waiter.given = NULL;
    return given;
}

static enum wb_progress begin(struct wb_http_fetch *fetch) {
    if (prepare(fetch) == WB_READY) {
        return WB_READY;
    }
    fetch->stage = STAGE_READYING;
    struct wb__h1_client *idle = wb__http_pool_take(fetch->pool, &fetch->origin);
    return idle != NULL ? use_idle(fetch, idle) : WB_PENDING;
}

/* A step of the stage that it is in. */
static enum wb_progress step(struct wb_http_fetch *fetch, struct wb_context *context) {
    if (fetch->stage == STAGE_NEW) {
        return begin(fetch);
    }
    if (fetch->stage == STAGE_SENDING) {
        return send_on(fetch, context);
    }
    struct wb__h1_client *given = take_given(fetch, context);
    if (given != NULL) {
        return use_idle(fetch, given);
    }
    return fetch->stage == STAGE_READYING ? begin_connecting(fetch, context)
                                          : connect_on(fetch, context);
}

/* ---- the future ---- */

static enum wb_progress fetch_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_http_fetch *fetch = fetch_of(future);
    for (;;) {
        const uint8_t stage = fetch->stage;
        if (step(fetch, context) == WB_READY) {
            return WB_READY;
        }
        if (fetch->stage == stage) {
            return WB_PENDING;
        }
    }
}

static void fetch_drop(struct wb_future *future) {
    struct wb_http_fetch *fetch = fetch_of(future);
    wb_future_drop(&fetch->send.future);
    give_up_connecting(fetch);
    wb__http_pool_stop(fetch->pool, &fetch->waiter);
    wb_bytes_mut_release(&fetch->text);
    wb__http_pool_release(fetch->pool);
}

static const struct wb_future_ops fetch_ops = {
    .size = sizeof(struct wb_http_fetch),
    .offset = offsetof(struct wb_http_fetch, future),
    .poll = fetch_poll,
    .drop = fetch_drop,
};

void wb_http_fetch_init(struct wb_http_fetch *fetch, const struct wb_http_client *client,
    struct wb_http_client_request *request, struct wb_http_client_response *response) {
    assert(client->pool != NULL);
    *fetch = (struct wb_http_fetch){.pool = wb__http_pool_acquire(client->pool),
        .request = request,
        .response = response,
        .text = wb_bytes_mut_new(client->pool->sys)};
    wb_future_init(&fetch->future, &fetch_ops);
}

void wb_http_fetch_on_interim(
    struct wb_http_fetch *fetch, wb_http_interim_fn on_interim, void *user_data) {
    fetch->on_interim = on_interim;
    fetch->user_data = user_data;
}
