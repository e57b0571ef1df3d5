/* See town.h. */
#include "town.h"

#include <stdio.h>
#include <string.h>

const struct say silence[1] = {{NULL, NULL, PEER_GOES_ON}};
const struct say one_hi[2] = {{ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
const struct say many_his[4] = {{ASKED, HI, PEER_GOES_ON}, {ASKED, HI, PEER_GOES_ON},
    {ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
const struct say ends[1] = {{NULL, "", PEER_ENDS}};

/* ---- a connector to scripted servers ---- */

struct town town;

struct town_call {
    struct wb_future future;
    struct wb_http_connected *out;
    int number;
};

static enum wb_progress town_call_poll(struct wb_future *future, struct wb_context *context) {
    struct town_call *call = WB_FUTURE_OF(future, struct town_call, future);
    town.polls++;
    if (town.is_slow) {
        wb_task_waker_store(&town.waiting[call->number], context->waker);
        return WB_PENDING;
    }
    if (town.fails != WB_OK) {
        call->out->error = (struct wb_http_error){
            .kind = WB_HTTP_ERROR_CONNECT, .status = town.fails, .detail = "the town is shut"};
        return wb_future_end(future, town.fails);
    }
    assert_true(town.calls < PEERS_MAX);
    *call->out = town.sample;
    call->out->io = peer_io(&town.peers[town.calls++]);
    return wb_future_end(future, WB_OK);
}

static void town_call_drop(struct wb_future *future) {
    town.drops++;
    wb_task_waker_drop(&town.waiting[WB_FUTURE_OF(future, struct town_call, future)->number]);
}

static const struct wb_future_ops town_call_ops = {
    .size = sizeof(struct town_call),
    .offset = offsetof(struct town_call, future),
    .poll = town_call_poll,
    .drop = town_call_drop,
};

static struct wb_future *town_call(struct wb_http_connector *self, void *memory,
    const struct wb_uri *uri, struct wb_http_connected *out_connected) {
    (void)self;
    struct town_call *call = memory;
    *call = (struct town_call){.out = out_connected, .number = town.begun++ % PEERS_MAX};
    (void)snprintf(town.asked, sizeof town.asked, "%.*s", (int)uri->authority.host.len,
        (const char *)uri->authority.host.ptr);
    wb_future_init(&call->future, &town_call_ops);
    return &call->future;
}

static enum wb_progress town_poll_ready(
    struct wb_http_connector *self, struct wb_context *context, enum wb_status *out_status) {
    (void)self;
    *out_status = WB_OK;
    if (town.is_busy) {
        wb_task_waker_store(&town.waiting[0], context->waker);
        return WB_PENDING;
    }
    return WB_READY;
}

static const struct wb_http_connector_ops town_ops = {
    .poll_ready = town_poll_ready,
    .call = town_call,
};

void town_open(void) {
    town.is_slow = false;
    town.is_busy = false;
    for (int i = 0; i < PEERS_MAX; i++) {
        wb_task_waker_wake(&town.waiting[i]);
    }
}

/* ---- an executor on the lab ---- */

static enum wb_status town_execute(struct wb_http_executor *self, struct wb_future *future) {
    (void)self;
    assert_true(town.executed < EXECUTED_MAX);
    assert_true(future->ops->size <= EXECUTED_SIZE);
    if (town.refuses_tasks) {
        return WB_ERR_LIMIT;
    }
    char *to = (char *)town.tasks[town.executed];
    memcpy(to, (char *)future - future->ops->offset, future->ops->size);
    struct wb_future *moved = (struct wb_future *)(void *)(to + future->ops->offset);
    town.futures[town.executed++] = moved;
    (void)lab_add(moved);
    return WB_OK;
}

static const struct wb_http_executor_ops town_executor_ops = {
    .execute = town_execute,
};

/* ---- a request of the client ---- */

struct visit visits[VISITS_MAX];
struct wb_http_client client;

static enum wb_progress visit_read(struct visit *visit, struct wb_context *context) {
    struct wb_http_frame frame;
    enum wb_status status = WB_OK;
    while (status == WB_OK) {
        if (wb_http_body_poll_frame(visit->response.body, context, &status, &frame) == WB_PENDING) {
            return WB_PENDING;
        }
        if (status == WB_OK && !frame.is_trailers) {
            memcpy(visit->body + visit->body_len, frame.data.ptr, frame.data.len);
            visit->body_len += frame.data.len;
        }
    }
    return wb_future_end(&visit->future, status == WB_EOF ? WB_OK : status);
}

static enum wb_progress visit_poll(struct wb_future *future, struct wb_context *context) {
    struct visit *visit = WB_FUTURE_OF(future, struct visit, future);
    if (!wb_future_is_over(&visit->fetch.future)
        && wb_future_poll(&visit->fetch.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (visit->fetch.future.status != WB_OK || visit->leaves_body) {
        return wb_future_end(future, visit->fetch.future.status);
    }
    return visit_read(visit, context);
}

static void visit_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct visit, future)->fetch.future);
}

static const struct wb_future_ops visit_ops = {
    .size = sizeof(struct visit),
    .offset = offsetof(struct visit, future),
    .poll = visit_poll,
    .drop = visit_drop,
};

void visit_init(struct visit *visit) {
    wb_future_init(&visit->future, &visit_ops);
    visit->body_len = 0;
}

struct visit *visit_of(int i, const char *method, const char *uri) {
    struct visit *visit = &visits[i];
    wb_http_fetch_init(&visit->fetch, &client, &visit->request, &visit->response);
    visit_init(visit);
    assert_ok(wb_http_client_request_set(
        &visit->request, wb_bytes_from_string(method), wb_bytes_from_string(uri)));
    return visit;
}

struct visit *visit_begin(int i, const char *method, const char *uri) {
    struct visit *visit = visit_of(i, method, uri);
    (void)lab_add(&visit->future);
    lab_run();
    return visit;
}

void visit_give_up(struct visit *visit) {
    wb_future_drop(&visit->future);
    lab_remove(&visit->future);
}

void visit_assert_hi(const struct visit *visit) {
    assert_true(wb_future_is_over(&visit->future));
    assert_ok(visit->future.status);
    assert_int_equal(visit->body_len, 2);
    assert_memory_equal(visit->body, "hi", 2);
}

void visit_get_hi(const char *uri) {
    struct visit *visit = visit_begin(0, "GET", uri);
    visit_assert_hi(visit);
}

/* ---- fixtures ---- */

void town_client(const struct wb_http_client_options *options) {
    struct wb_http_client_options with_executor = {.keeps_none = false};
    if (options != NULL) {
        with_executor = *options;
    }
    with_executor.executor = &town.executor;
    assert_ok(wb_http_client_new(&stage.world->sys, &town.connector, &with_executor, &client));
}

void town_says(int peer, const struct say *what) {
    peer_init(&town.peers[peer], what);
}

void town_begin(void) {
    memset(&town, 0, sizeof town);
    town.connector = (struct wb_http_connector){&town_ops, sizeof(struct town_call)};
    town.executor.ops = &town_executor_ops;
    for (int i = 0; i < PEERS_MAX; i++) {
        town_says(i, silence);
    }
    for (int i = 0; i < VISITS_MAX; i++) {
        memset(&visits[i], 0, sizeof visits[i]);
        wb_http_client_request_init(&visits[i].request, &stage.world->sys);
        wb_http_client_response_init(&visits[i].response, &stage.world->sys);
    }
}

int town_setup(void **state) {
    const int result = bench_setup(state);
    town_begin();
    return result;
}

void town_end(void) {
    for (int i = 0; i < VISITS_MAX; i++) {
        wb_future_drop(&visits[i].future);
        wb_http_client_response_clean_up(&visits[i].response);
        wb_http_client_request_clean_up(&visits[i].request);
    }
    wb_http_client_release(&client);
    for (int i = 0; i < town.executed; i++) {
        wb_future_drop(town.futures[i]);
    }
    for (int i = 0; i < PEERS_MAX; i++) {
        peer_clean_up(&town.peers[i]);
    }
}

int town_teardown(void **state) {
    town_end();
    assert_int_equal(atomic_load(&stage.world->blocks), 0);
    return bench_teardown(state);
}
