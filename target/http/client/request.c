/* Requests, as their senders have them. */
#include "http/client/h1.h"

#include <assert.h>

#include "wb/uri.h"

void wb_http_client_request_init(struct wb_http_client_request *request, const struct wb_sys *sys) {
    *request = (struct wb_http_client_request){.text = wb_bytes_mut_new(sys)};
    wb_http_field_list_init(&request->fields, sys, 0, 0);
}

/* The body is nobody else's afterwards. */
static void take_body_back(struct wb_http_client_request *request) {
    struct wb__h1_client *client = request->client;
    if (client != NULL) {
        request->client = NULL;
        wb__h1c_take_content_back(client, request);
        wb__h1c_release(client);
    }
    wb_http_body_drop(request->body);
    request->body = NULL;
}

enum wb_progress wb_http_client_request_poll_sent(
    struct wb_http_client_request *request, struct wb_context *context) {
    const bool is_sent =
        request->client == NULL || wb__h1c_is_done_with(request->client, request, context);
    return is_sent ? WB_READY : WB_PENDING;
}

void wb_http_client_request_clean_up(struct wb_http_client_request *request) {
    if (request != NULL) {
        take_body_back(request);
        wb_http_field_list_clean_up(&request->fields);
        wb_bytes_mut_release(&request->text);
        request->method_len = 0;
    }
}

void wb_http_client_request_clear(struct wb_http_client_request *request) {
    take_body_back(request);
    wb_http_field_list_clear(&request->fields);
    wb_bytes_mut_truncate(&request->text, 0);
    request->method_len = 0;
    request->version = WB_HTTP_WANTED_1_1;
}

enum wb_status wb_http_client_request_set(
    struct wb_http_client_request *request, struct wb_bytes method, struct wb_bytes target) {
    if (!wb_http_is_token(method)) {
        return WB_ERR_INVALID;
    }
    if (target.len > WB_URI_LEN_MAX || method.len > WB_URI_LEN_MAX) {
        return WB_ERR_LIMIT;
    }
    target.len = wb_bytes_find_byte(target, '#');
    enum wb_status status = wb_bytes_mut_reserve(&request->text, method.len + target.len);
    if (status != WB_OK) {
        return status;
    }
    wb_bytes_mut_truncate(&request->text, 0);
    status = wb_bytes_mut_extend(&request->text, method);
    assert(status == WB_OK && "there is room");
    status = wb_bytes_mut_extend(&request->text, target);
    assert(status == WB_OK && "there is room");
    request->method_len = method.len;
    return WB_OK;
}

enum wb_status wb_http_client_request_get(
    struct wb_http_client_request *request, const char *target) {
    return wb_http_client_request_set(
        request, wb_bytes_from_string("GET"), wb_bytes_from_string(target));
}

enum wb_status wb_http_client_request_add(
    struct wb_http_client_request *request, const char *name, const char *value) {
    return wb_http_field_list_add(
        &request->fields, wb_bytes_from_string(name), wb_bytes_from_string(value));
}

struct wb_bytes wb_http_client_request_method(const struct wb_http_client_request *request) {
    if (request->method_len == 0) {
        return wb_bytes_from_string("GET");
    }
    return wb_bytes_from(request->text.ptr, request->method_len);
}

struct wb_bytes wb_http_client_request_target(const struct wb_http_client_request *request) {
    const struct wb_bytes text = wb_bytes_mut_view(&request->text);
    return wb_bytes_slice(text, request->method_len, text.len);
}
