/* What services do with requests and responses; and services of two kinds: a function that answers
 * at once, and one service for all connections. */
#include "wb/http_service.h"

#include <assert.h>
#include <string.h>

enum wb_status wb_http_response_add(
    struct wb_http_response *response, const char *name, const char *value) {
    return wb_http_field_list_add(
        &response->fields, wb_bytes_from_string(name), wb_bytes_from_string(value));
}

enum wb_status wb_http_request_send_interim(
    struct wb_http_request *request, unsigned status, struct wb_http_fields fields) {
    if (request->send_interim == NULL) {
        return WB_ERR_NOT_SUPPORTED;
    }
    return status / 100 == 1 && status > 101 ? request->send_interim(request, status, fields)
                                             : WB_ERR_INVALID;
}

bool wb_http_request_takes_interim(struct wb_http_request *request) {
    return request->takes_interim == NULL || request->takes_interim(request);
}

/* ---- a function ---- */

static struct wb_future *fn_call(struct wb_http_service *self, void *memory,
    struct wb_http_request *request, struct wb_http_response *response) {
    struct wb_http_fn_service *service = WB_FUTURE_OF(self, struct wb_http_fn_service, service);
    struct wb_done *done = memory;
    wb_done_init(done, service->fn(request, response, service->user_data));
    return &done->future;
}

static const struct wb_http_service_ops fn_ops = {
    .call = fn_call,
};

void wb_http_fn_service_init(
    struct wb_http_fn_service *service, wb_http_service_fn fn, void *user_data) {
    *service = (struct wb_http_fn_service){
        .service = {.ops = &fn_ops, .call_size = sizeof(struct wb_done)},
        .fn = fn,
        .user_data = user_data};
}

/* ---- one for all ---- */

static struct wb_http_service *shared_by(struct wb_http_service *self) {
    return WB_FUTURE_OF(self, struct wb_http_shared_service, shared)->service;
}

static enum wb_progress shared_poll_ready(
    struct wb_http_service *self, struct wb_context *context, enum wb_status *out_status) {
    struct wb_http_service *service = shared_by(self);
    return service->ops->poll_ready(service, context, out_status);
}

static struct wb_future *shared_call(struct wb_http_service *self, void *memory,
    struct wb_http_request *request, struct wb_http_response *response) {
    struct wb_http_service *service = shared_by(self);
    return service->ops->call(service, memory, request, response);
}

static struct wb_future *shared_upgraded(
    struct wb_http_service *self, void *memory, struct wb_async_stream io) {
    struct wb_http_service *service = shared_by(self);
    return service->ops->upgraded(service, memory, io);
}

static void shared_end_call(struct wb_http_service *self, void *memory) {
    struct wb_http_service *service = shared_by(self);
    service->ops->end_call(service, memory);
}

static enum wb_status hand_out(struct wb_http_make_service *make,
    const struct wb_http_connection *connection, struct wb_http_service **out_service) {
    (void)connection;
    *out_service = &WB_FUTURE_OF(make, struct wb_http_shared_service, make)->shared;
    return WB_OK;
}

static const struct wb_http_make_service_ops hand_out_ops = {
    .make = hand_out,
};

/* It can what its service can, and is not asked for more. */
void wb_http_shared_service_init(
    struct wb_http_shared_service *shared, struct wb_http_service *service) {
    const struct wb_http_service_ops *ops = service->ops;
    assert(ops->call != NULL);
    *shared = (struct wb_http_shared_service){.make = {&hand_out_ops},
        .ops = {.poll_ready = ops->poll_ready != NULL ? shared_poll_ready : NULL,
            .call = shared_call,
            .upgraded = ops->upgraded != NULL ? shared_upgraded : NULL,
            .end_call = ops->end_call != NULL ? shared_end_call : NULL},
        .shared = {.call_size = service->call_size},
        .service = service};
    shared->shared.ops = &shared->ops;
}
