/* Memory that is refused, futures that are dropped after each number of polls, and what does not
 * allocate. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

static const char *const pieces[] = {"abc", "-", "def", ".", NULL};
static struct piecewise body;

static char large_head[2048];

/* Content in pieces both ways, trailers both ways, and a head of that length. */
static const struct say *conversation(size_t head_len) {
    static struct say says[] = {{"0\r\n", large_head, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    memset(large_head, 'a', sizeof large_head);
    memcpy(large_head, "HTTP/1.1 200 OK\r\nX: ", 20);
    (void)strcpy(large_head + head_len,
        "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n3\r\nyou\r\n0\r\nY: z\r\n\r\n");
    return says;
}

static void post(void) {
    struct exchange *exchange = &bench.exchange;
    piecewise_init(&body, pieces);
    exchange->request.body = &body.body;
}

/* What there is of the request after allocations that may fail. */
static enum wb_status prepare(void) {
    struct wb_http_client_request *request = &bench.exchange.request;
    enum wb_status status = wb_http_client_request_set(
        request, wb_bytes_from_string("POST"), wb_bytes_from_string("/"));
    if (status == WB_OK) {
        status = wb_http_client_request_add(request, "host", "a");
    }
    return status == WB_OK ? wb_http_client_request_add(request, "trailer", "x-sum") : status;
}

static enum wb_status exchange_all(void) {
    static const struct wb_h1_client_options options = {.buffer_len = 256};
    peer_init(&bench.peer, conversation(1500)); /* the buffer has to grow */
    const struct wb_http_io io = peer_io(&bench.peer);
    lab = (struct lab){.count = 0};
    enum wb_status status =
        wb_h1_handshake(&stage.world->sys, &io, &options, &bench.sender, &bench.connection);
    if (status != WB_OK) {
        assert_int_equal(bench.peer.closes, 0);
        return status;
    }
    exchange_init(&bench.exchange, &bench.sender);
    exchange_init(&bench.second, &bench.sender);
    post();
    status = prepare();
    if (status == WB_OK) {
        (void)lab_add(&bench.connection.future);
        (void)lab_add(&bench.exchange.future);
        lab_run();
        assert_true(wb_future_is_over(&bench.exchange.future));
        status = bench.exchange.future.status;
    }
    bench_close();
    assert_int_equal(body.drops, 1);
    assert_int_equal(bench.peer.closes, 1);
    return status;
}

static void each_refused_allocation_is_a_status(void **state) {
    (void)state;
    size_t n = 1;
    world_refuse(stage.world, n);
    for (enum wb_status status = exchange_all(); status != WB_OK; status = exchange_all()) {
        assert_status(status, WB_ERR_NO_MEMORY);
        assert_int_equal(atomic_load(&stage.world->blocks), 0);
        world_refuse(stage.world, ++n);
    }
    assert_true(n > 10);
    world_refuse(stage.world, 0);
}

/* ---- dropping ---- */

enum who {
    THE_EXCHANGE,
    THE_CONNECTION,
    THE_RESPONSE,
    THE_REQUEST,
    EVERYBODY,
};

static void drop(enum who who) {
    switch (who) {
    case THE_EXCHANGE:
        wb_future_drop(&bench.exchange.future);
        lab_remove(&bench.exchange.future);
        break;
    case THE_CONNECTION:
        wb_future_drop(&bench.connection.future);
        lab_remove(&bench.connection.future);
        break;
    case THE_RESPONSE:
        wb_future_drop(&bench.exchange.future);
        lab_remove(&bench.exchange.future);
        wb_http_client_response_clean_up(&bench.exchange.response);
        break;
    case THE_REQUEST:
        wb_http_client_request_clear(&bench.exchange.request);
        break;
    case EVERYBODY:
        break;
    }
}

/* False: it was over before. */
static bool drop_after(int polls, enum who who) {
    static const struct wb_h1_client_options options = {.buffer_len = 256};
    bench_open(conversation(24), &options);
    assert_ok(prepare());
    assert_int_equal(
        wb_http_field_list_remove(&bench.exchange.request.fields, wb_bytes_from_string("host")), 2);
    assert_ok(wb_http_client_request_add(&bench.exchange.request, "host", "a"));
    post();
    bench.peer.reads_slowly = true;
    bench.peer.writes_slowly = true;
    bench.peer.write_max = 7;
    (void)lab_add(&bench.exchange.future);
    const bool is_over = lab_run_some(polls);
    drop(who);
    const bool ran = who == EVERYBODY || lab_run_some(100000);
    assert_true(ran);
    bench_close();
    assert_int_equal(bench.peer.closes, 1);
    assert_int_equal(body.drops, 1);
    return !is_over;
}

static void whoever_is_dropped_after_any_poll_leaves_nothing(void **state) {
    (void)state;
    for (enum who who = THE_EXCHANGE; who <= EVERYBODY; who++) {
        int polls = 0;
        while (drop_after(polls, who)) {
            polls++;
        }
        assert_true(polls > 20);
    }
}

/* ---- the steady state ---- */

static void a_connection_used_again_allocates_nothing(void **state) {
    (void)state;
    static struct say says[12];
    for (int i = 0; i < 11; i++) {
        says[i] = (struct say){ASKED,
            "HTTP/1.1 200 OK\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nY: "
            "z\r\n\r\n",
            PEER_GOES_ON};
    }
    size_t requests = 0;
    bench_open(says, NULL);
    for (int i = 0; i < 10; i++) {
        struct exchange *exchange = &bench.exchange;
        wb_future_drop(&exchange->future);
        exchange->send = (struct wb_h1_send){.stage = 0};
        exchange->future.point = 0;
        lab.count = 1;
        bench_exchange();
        assert_ok(exchange->future.status);
        if (i == 1) {
            requests = atomic_load(&stage.world->requests);
        }
    }
    assert_int_equal(atomic_load(&stage.world->requests), requests);
    bench_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BENCH(each_refused_allocation_is_a_status),
        BENCH(whoever_is_dropped_after_any_poll_leaves_nothing),
        BENCH(a_connection_used_again_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
