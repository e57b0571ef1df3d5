/* See onward_request.h. */
#include "examples/onward_request.h"

#include "examples/forward_fields.h"
#include "examples/max_forwards.h"
#include "wb/addr.h"
#include "wb/http.h"

struct onward {
    const struct wb__onward *how;
    const struct wb_http_request *request;
    struct wb_http_client_request *out;
};

static struct wb_bytes text_of(const char *text) {
    return wb_bytes_from_string(text);
}

/* ---- the target ---- */

/* Of the server as a whole: "*", or neither path nor query behind the host (RFC 9112 section
 * 3.2.4). */
static bool asks_for_all(const struct wb_http_request *request) {
    const size_t root_len = request->scheme.len + 3 + request->authority.len;
    return request->method == WB_HTTP_OPTIONS
           && (wb_bytes_equal(request->path, text_of("*"))
               || (request->scheme.len != 0 && request->target.len == root_len));
}

static enum wb_status add_path(const struct wb_http_request *request, struct wb_bytes_mut *target) {
    enum wb_status status = wb_bytes_mut_extend(target, request->path);
    if (status == WB_OK && request->has_query) {
        status = wb_bytes_mut_extend(target, text_of("?"));
        status = status != WB_OK ? status : wb_bytes_mut_extend(target, request->query);
    }
    return status;
}

/* "http://HOST:PORT/path?query": of the one server, or as it came. */
static enum wb_status set_target(struct onward *self) {
    const struct wb_http_request *request = self->request;
    if (self->how->to == NULL) {
        return wb_http_client_request_set(self->out, request->method_name, request->target);
    }
    struct wb_bytes_mut target = wb_bytes_mut_new(self->how->sys);
    enum wb_status status = wb_bytes_mut_extend(&target, text_of("http://"));
    status = status != WB_OK ? status : wb_bytes_mut_extend(&target, text_of(self->how->to));
    if (status == WB_OK && !asks_for_all(request)) {
        status = add_path(request, &target);
    }
    status = status != WB_OK ? status
                             : wb_http_client_request_set(
                                 self->out, request->method_name, wb_bytes_mut_view(&target));
    wb_bytes_mut_release(&target);
    return status;
}

/* ---- fields ---- */

/* The host that was asked for, also of the one server: it may have several names (RFC 9112 section
 * 3.2.2: that of the target, if it has one). */
static enum wb_status add_host(struct onward *self) {
    const struct wb_bytes host = self->request->authority;
    return wb_http_field_list_add(&self->out->fields, text_of("host"),
        host.len != 0 ? host : text_of(self->how->to != NULL ? self->how->to : ""));
}

/* Trailers and upgrades are matters of each connection: they are asked for anew. */
static enum wb_status add_connection(struct onward *self) {
    const struct wb_http_request *request = self->request;
    struct wb_http_field_list *fields = &self->out->fields;
    struct wb_bytes protocols;
    enum wb_status status = WB_OK;
    if (request->takes_trailers) {
        status = wb_http_field_list_add(fields, text_of("te"), text_of("trailers"));
        status = status != WB_OK
                     ? status
                     : wb_http_field_list_add(fields, text_of("connection"), text_of("te"));
    }
    if (status == WB_OK && request->wants_upgrade
        && wb__forward_upgrade(request->fields, &protocols)) {
        status = wb_http_field_list_add(fields, text_of("upgrade"), protocols);
        status = status != WB_OK
                     ? status
                     : wb_http_field_list_add(fields, text_of("connection"), text_of("upgrade"));
    }
    return status;
}

static enum wb_status add_client(struct onward *self) {
    const struct wb_addr *peer = &self->request->connection->peer;
    char text[WB_ADDR_TEXT_LEN_MAX];
    if (!self->how->tells_client || peer->family == WB_AF_UNSPEC) {
        return WB_OK;
    }
    (void)wb_addr_format_ip(peer, text, sizeof text);
    return wb_http_field_list_add(&self->out->fields, text_of("x-forwarded-for"), text_of(text));
}

/* One step less, where it is counted; HTTP/1.0 cannot expect 100 (RFC 9110 section 10.1.1). */
static enum wb_status add_fields(struct onward *self) {
    uint32_t left;
    const enum wb_status status = wb__forward_fields(&self->out->fields, self->request->fields);
    if (self->request->version == WB_HTTP_1_0) {
        (void)wb_http_field_list_remove(&self->out->fields, text_of("expect"));
    }
    return status == WB_OK && wb__max_forwards_of(self->request, &left) == WB__MAX_FORWARDS_MORE
               ? wb__max_forwards_set(&self->out->fields, left)
               : status;
}

enum wb_status wb__onward_request(const struct wb__onward *how,
    const struct wb_http_request *request, struct wb_http_client_request *out) {
    struct onward it = {how, request, out};
    struct onward *self = &it;
    enum wb_status status = set_target(self);
    status = status != WB_OK ? status : add_host(self);
    status = status != WB_OK ? status : add_fields(self);
    status = status != WB_OK ? status : wb__forward_add_via(&out->fields, request->version);
    status = status != WB_OK ? status : add_client(self);
    return status != WB_OK ? status : add_connection(self);
}
