/* Services: a function, and one for all connections. */
#include "stage.h"

#include <string.h>

#include "wb/http_service.h"

static struct wb_http_request request;
static struct wb_http_response response;
static struct bell bell;

static int setup(void **state) {
    const int result = stage_setup_bare(state);
    if (result == 0) {
        bell_init(&bell);
        response = (struct wb_http_response){.status = 200};
        wb_http_field_list_init(&response.fields, &stage.world->sys, 0, 0);
    }
    return result;
}

static int teardown(void **state) {
    wb_http_field_list_clean_up(&response.fields);
    return stage_teardown(state);
}

static struct wb_context context(void) {
    return wb_context_with_waker(&bell.waker);
}

/* ---- a function ---- */

static enum wb_status answer(
    struct wb_http_request *asked, struct wb_http_response *given, void *user_data) {
    assert_ptr_equal(asked, &request);
    given->status = 404;
    wb_http_response_set_bytes(given, wb_bytes_from_string("none"));
    return *(enum wb_status *)user_data;
}

static enum wb_status call(struct wb_http_service *service) {
    max_align_t memory[8];
    struct wb_context polled = context();
    assert_true(service->call_size <= sizeof(memory));
    struct wb_future *future = service->ops->call(service, memory, &request, &response);
    assert_int_equal(wb_future_poll(future, &polled), WB_READY);
    const enum wb_status status = future->status;
    if (service->ops->end_call != NULL) {
        service->ops->end_call(service, memory);
    }
    return status;
}

static void fn_answers_at_once(void **state) {
    (void)state;
    enum wb_status status = WB_OK;
    struct wb_http_fn_service fn;
    wb_http_fn_service_init(&fn, answer, &status);
    assert_ok(call(&fn.service));
    assert_int_equal(response.status, 404);
    assert_ptr_equal(response.body, &response.full.body);
    assert_int_equal(wb_http_body_size_hint(response.body).lower, 4);
    assert_null(fn.service.ops->upgraded);
}

static void fn_that_fails_fails_the_call(void **state) {
    (void)state;
    enum wb_status status = WB_ERR_OS;
    struct wb_http_fn_service fn;
    wb_http_fn_service_init(&fn, answer, &status);
    assert_status(call(&fn.service), WB_ERR_OS);
}

static void field_of_a_response_is_checked(void **state) {
    (void)state;
    assert_ok(wb_http_response_add(&response, "Allow", "GET"));
    assert_status(wb_http_response_add(&response, "Allow", "GET\r\nX: y"), WB_ERR_INVALID);
    assert_int_equal(wb_http_field_list_view(&response.fields).count, 1);
    world_refuse(stage.world, 1);
    assert_status(wb_http_response_add(&response, "X",
                      "0123456789012345678901234567890123456789"
                      "0123456789012345678901234567890123456789"),
        WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
}

/* ---- one for all ---- */

/* Tells what it was asked. */
struct told_service {
    struct wb_http_service service;
    struct wb_done done;
    char calls[64];
};

static struct told_service *told_of(struct wb_http_service *service, const char *call_name) {
    struct told_service *told = WB_FUTURE_OF(service, struct told_service, service);
    strcat(told->calls, call_name);
    return told;
}

static enum wb_progress told_poll_ready(
    struct wb_http_service *self, struct wb_context *polled, enum wb_status *out_status) {
    (void)told_of(self, "ready ");
    wb_context_wake(polled);
    *out_status = WB_ERR_LIMIT;
    return WB_READY;
}

static struct wb_future *told_call(struct wb_http_service *self, void *memory,
    struct wb_http_request *asked, struct wb_http_response *given) {
    struct told_service *told = told_of(self, "call ");
    assert_true(asked == &request && given == &response && memory != NULL);
    wb_done_init(&told->done, WB_OK);
    return &told->done.future;
}

static struct wb_future *told_upgraded(
    struct wb_http_service *self, void *memory, struct wb_async_stream io) {
    struct told_service *told = told_of(self, "upgraded ");
    assert_true(memory != NULL && io.read == NULL);
    wb_done_init(&told->done, WB_EOF);
    return &told->done.future;
}

static void told_end_call(struct wb_http_service *self, void *memory) {
    assert_non_null(memory);
    (void)told_of(self, "end ");
}

static void told_drop(struct wb_http_service *self) {
    (void)told_of(self, "drop ");
}

static const struct wb_http_service_ops told_ops = {.poll_ready = told_poll_ready,
    .call = told_call,
    .upgraded = told_upgraded,
    .end_call = told_end_call,
    .drop = told_drop};

static struct wb_http_service *make(struct wb_http_shared_service *shared) {
    const struct wb_http_connection connection = {.is_secure = true};
    struct wb_http_service *service = NULL;
    assert_ok(shared->make.ops->make(&shared->make, &connection, &service));
    return service;
}

static void shared_passes_everything_on_but_drops(void **state) {
    (void)state;
    struct told_service told = {.service = {.ops = &told_ops, .call_size = 40}};
    struct wb_http_shared_service shared;
    struct wb_context polled = context();
    enum wb_status status = WB_OK;
    wb_http_shared_service_init(&shared, &told.service);
    struct wb_http_service *service = make(&shared);
    assert_ptr_equal(make(&shared), service);
    assert_int_equal(service->call_size, 40);
    assert_int_equal(service->ops->poll_ready(service, &polled, &status), WB_READY);
    assert_status(status, WB_ERR_LIMIT);
    assert_int_equal(bell.wakes, 1);
    assert_ok(call(service));
    const struct wb_async_stream io = {0};
    (void)service->ops->upgraded(service, &status, io);
    assert_null(service->ops->drop);
    assert_string_equal(told.calls, "ready call end upgraded ");
}

static void shared_offers_what_the_service_has(void **state) {
    (void)state;
    enum wb_status status = WB_OK;
    struct wb_http_fn_service fn;
    struct wb_http_shared_service shared;
    wb_http_fn_service_init(&fn, answer, &status);
    wb_http_shared_service_init(&shared, &fn.service);
    struct wb_http_service *service = make(&shared);
    assert_null(service->ops->poll_ready);
    assert_null(service->ops->upgraded);
    assert_null(service->ops->end_call);
    assert_ok(call(service));
}

#define CASE(test)                                                                                 \
    { #test, test, setup, teardown, NULL }

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(fn_answers_at_once),
        CASE(fn_that_fails_fails_the_call),
        CASE(field_of_a_response_is_checked),
        CASE(shared_passes_everything_on_but_drops),
        CASE(shared_offers_what_the_service_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
