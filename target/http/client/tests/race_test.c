/* Many tasks on several threads use one client, whose connections are driven by others; some give
 * up in the midst. What is asked is whether anything is lost, or used after its end:
 * ThreadSanitizer and AddressSanitizer answer, too. */
#include "loopback.h"

#include <stdio.h>

#include "wb/async.h"
#include "wb/http_client.h"
#include "wb/http_server.h"

enum { CUSTOMERS = 6, ROUNDS = 60, CONTENT_LEN = 40000, GIVES_UP_EVERY = 7, EXPECTS_EVERY = 3 };

static char content[CONTENT_LEN];

static struct {
    struct wb_http_fn_service fn;
    struct wb_http_shared_service shared;
    struct wb_http_server server;
    struct wb_http_tcp_connector connector;
    struct wb_http_client client;
    atomic_int served;
    atomic_int wrong;
} it;

static enum wb_status answer(
    struct wb_http_request *request, struct wb_http_response *response, void *user_data) {
    (void)user_data;
    const size_t len = request->method == WB_HTTP_POST ? 5 : CONTENT_LEN;
    wb_http_response_set_bytes(response, wb_bytes_from(content, len));
    return WB_OK;
}

/* ---- a customer ---- */

struct customer {
    struct wb_future future;
    struct wb_http_client client;
    struct wb_http_client_request request;
    struct wb_http_client_response response;
    struct wb_http_fetch fetch;
    struct wb_http_collect collect;
    uint32_t number;
    uint32_t round;
    int patience;
    char uri[64];
};

static bool is_posting(const struct customer *customer) {
    return (customer->number + customer->round) % 2 == 1;
}

static void prepare(struct customer *customer) {
    struct wb_http_client_request *request = &customer->request;
    wb_http_client_request_clear(request);
    const char *method = is_posting(customer) ? "POST" : "GET";
    enum wb_status status = wb_http_client_request_set(
        request, wb_bytes_from_string(method), wb_bytes_from_string(customer->uri));
    if (status == WB_OK && customer->round % EXPECTS_EVERY == 1) {
        status = wb_http_client_request_add(request, "Expect", "100-continue");
    }
    atomic_fetch_add(&it.wrong, status != WB_OK);
    if (is_posting(customer)) {
        wb_http_client_request_set_bytes(request, wb_bytes_from(content, CONTENT_LEN));
    }
    wb_http_fetch_init(&customer->fetch, &customer->client, request, &customer->response);
}

static void check(struct customer *customer) {
    const size_t len = is_posting(customer) ? 5 : CONTENT_LEN;
    const bool is_right = customer->collect.future.status == WB_OK
                          && customer->collect.bytes.len == len
                          && memcmp(customer->collect.bytes.ptr, content, len) == 0;
    atomic_fetch_add(&it.wrong, !is_right);
    atomic_fetch_add(&it.served, is_right);
    wb_bytes_mut_release(&customer->collect.bytes);
    wb_http_field_list_clean_up(&customer->collect.trailers);
}

/* Ready when it is over, or was polled so often. */
static enum wb_progress poll_a_few(struct customer *customer, struct wb_context *context) {
    if (wb_future_poll(&customer->fetch.future, context) == WB_READY || customer->patience-- == 0) {
        return WB_READY;
    }
    wb_context_wake(context);
    return WB_PENDING;
}

static enum wb_progress customer_poll(struct wb_future *future, struct wb_context *context) {
    struct customer *self = WB_FUTURE_OF(future, struct customer, future);
    WB_ASYNC_BEGIN(future, context);
    wb_http_client_request_init(&self->request, &stage.world->sys);
    wb_http_client_response_init(&self->response, &stage.world->sys);
    for (self->round = 0; self->round < ROUNDS; self->round++) {
        prepare(self);
        if (self->round % GIVES_UP_EVERY == GIVES_UP_EVERY - 1) {
            self->patience = (int)(self->round / GIVES_UP_EVERY + self->number);
            WB_AWAIT_READY(poll_a_few(self, context));
            wb_future_drop(&self->fetch.future);
            wb_http_client_response_clean_up(&self->response);
            continue;
        }
        WB_AWAIT(&self->fetch.future);
        if (self->fetch.future.status != WB_OK) {
            atomic_fetch_add(&it.wrong, 1);
            break;
        }
        wb_http_collect_init(&self->collect, &stage.world->sys, self->response.body, CONTENT_LEN);
        WB_AWAIT(&self->collect.future);
        check(self);
    }
    WB_ASYNC_END(WB_OK);
}

static void customer_drop(struct wb_future *future) {
    struct customer *self = WB_FUTURE_OF(future, struct customer, future);
    wb_future_drop(&self->fetch.future);
    wb_future_drop(&self->collect.future);
    wb_http_client_response_clean_up(&self->response);
    wb_http_client_request_clean_up(&self->request);
    wb_http_client_release(&self->client);
}

static const struct wb_future_ops customer_ops = {
    .size = sizeof(struct customer),
    .offset = offsetof(struct customer, future),
    .poll = customer_poll,
    .drop = customer_drop,
};

static void spawn_customer(uint32_t number, struct wb_join_handle *out_handle) {
    struct customer customer = {.number = number};
    const struct wb_spawn_options options = {
        .priority = number % 2 == 0 ? WB_PRIORITY_LOW : WB_PRIORITY_HIGH};
    customer.client = wb_http_client_acquire(&it.client);
    (void)snprintf(customer.uri, sizeof customer.uri, "http://127.0.0.1:%u/", net.addr.port);
    wb_future_init(&customer.future, &customer_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &customer.future, &options, out_handle));
}

/* ---- all of them ---- */

struct serving {
    struct wb_future future;
};

static enum wb_progress serving_poll(struct wb_future *future, struct wb_context *context) {
    if (wb_future_poll(&it.server.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, it.server.future.status);
}

static const struct wb_future_ops serving_ops = {
    .size = sizeof(struct serving),
    .offset = offsetof(struct serving, future),
    .poll = serving_poll,
};

static void open_shop(struct wb_join_handle *out_server) {
    struct serving serving;
    memset(content, 'c', sizeof content);
    listen_on_loopback();
    wb_http_fn_service_init(&it.fn, answer, NULL);
    wb_http_shared_service_init(&it.shared, &it.fn.service);
    assert_ok(wb_http_server_init(&it.server, stage.runtime, &net.listener, &it.shared.make, NULL));
    wb_future_init(&serving.future, &serving_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &serving.future, NULL, out_server));
    wb_http_tcp_connector_init(&it.connector, &stage.world->sys, NULL);
    const struct wb_http_client_options options = {.idle_per_host_max = 3};
    assert_ok(wb_http_client_new(&stage.world->sys, &it.connector.connector, &options, &it.client));
}

static void tasks_share_a_client_and_give_up(void **state) {
    (void)state;
    struct wb_join_handle customers[CUSTOMERS];
    struct wb_join_handle server;
    atomic_store(&it.served, 0);
    atomic_store(&it.wrong, 0);
    open_shop(&server);
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        spawn_customer(i, &customers[i]);
    }
    for (uint32_t i = 0; i < CUSTOMERS; i++) {
        assert_ok(stage_join(&customers[i]));
    }
    assert_int_equal(atomic_load(&it.wrong), 0);
    assert_int_equal(atomic_load(&it.served), CUSTOMERS * (ROUNDS - ROUNDS / GIVES_UP_EVERY));
    assert_true(wb_http_client_idle(&it.client) <= 3);
    wb_http_client_release(&it.client);
    wb_http_server_shutdown(&it.server);
    (void)stage_join(&server);
    wb_http_server_clean_up(&it.server);
    wb_listener_close(&net.listener);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(tasks_share_a_client_and_give_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
