/* A connection whose tasks belong to several threads: whatever one of them is at, another may come
 * first. */
#include "turns.h"

#include <string.h>

static int turns_setup(void **state) {
    const int result = bench_setup(state);
    turns_begin();
    return result;
}

#define TURNS(test)                                                                                \
    { #test, test, turns_setup, bench_teardown, NULL }

static const char *const pieces[] = {"abc", "-", "def", NULL};
static struct piecewise body;

static void post(struct exchange *exchange) {
    assert_ok(wb_http_client_request_set(
        &exchange->request, wb_bytes_from_string("POST"), wb_bytes_from_string("/")));
    piecewise_init(&body, pieces);
    body.waits = true;
    exchange->request.body = &body.body;
}

/* ---- the next request ---- */

static void read_the_first(void) {
    wb_http_body_drop(bench.exchange.response.body);
}

/* The turn comes after the sender looked whether it is its turn. */
static void whoever_has_the_turn_may_take_its_body_back(void **state) {
    (void)state;
    const struct say says[] = {
        {ASKED, HI, PEER_GOES_ON}, {"abc", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    int moment = 0;
    bool came;
    do {
        bench_open(says, NULL);
        bench.exchange.leaves_body = true;
        bench_exchange();
        post(&bench.second);
        turns_watch_connection(bench.sender.client);
        turns_let_act(&bench.second.future, ++moment, read_the_first);
        (void)lab_add(&bench.second.future);
        lab_run();
        came = turns_came();
        if (came) {
            assert_body(&bench.second, "hi");
            assert_int_equal(body.drops, 0);
            wb_http_client_request_clear(&bench.second.request);
            assert_int_equal(body.drops, 1);
            lab_run();
            assert_int_equal(bench.peer.closes, 1);
        }
        turns_forget();
        bench_close();
    } while (came);
    assert_true(moment > 1);
}

static void send_the_second(void) {
    read_the_first();
    const int number = lab_add(&bench.second.future);
    struct wb_context context = wb_context_with_waker(&lab.tasks[number].bell.waker);
    assert_int_equal(wb_future_poll(&bench.second.future, &context), WB_PENDING);
}

/* between reading, which nobody had asked for, and writing. */
static void r_64_what_came_before_a_request_is_never_its_response(void **state) {
    (void)state;
    const struct say says[] = {{ASKED, HI, PEER_GOES_ON},
        {NULL, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstray", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    int moment = 0;
    bool came;
    do {
        bench_open(says, NULL);
        bench.exchange.leaves_body = true;
        bench_exchange();
        turns_watch_connection(bench.sender.client);
        turns_let_act(&bench.connection.future, ++moment, send_the_second);
        wb_task_waker_wake(&lab.tasks[0].bell.waker);
        lab_run();
        came = turns_came();
        if (came) {
            assert_status(bench.second.future.status, WB_ERR_PARSE);
            assert_int_equal(bench.second.send.error.kind, WB_HTTP_ERROR_UNEXPECTED_MESSAGE);
            assert_true(bench.second.send.is_unsent);
            assert_null(strstr(bench.peer.written, "second"));
        }
        turns_forget();
        bench_close();
    } while (came);
    assert_true(moment > 2);
}

/* ---- giving up ---- */

static void drop_exchange(void) {
    wb_future_drop(&bench.exchange.future);
    lab_remove(&bench.exchange.future);
}

static void drop_response(void) {
    drop_exchange();
    wb_http_client_response_clean_up(&bench.exchange.response);
}

static void clear_request(void) {
    wb_http_client_request_clear(&bench.exchange.request);
}

static void drop_connection(void) {
    wb_future_drop(&bench.connection.future);
    lab_remove(&bench.connection.future);
}

static void drop_sender(void) {
    if (bench.exchange.send.future.ops != NULL) {
        wb_h1_sender_drop(&bench.sender);
    }
}

/* False: there is no such moment. */
static bool given_up(const struct wb_future *during, int moment, void (*act)(void)) {
    const struct say says[] = {
        {"abc", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", PEER_GOES_ON},
        {"def", "3\r\nyou\r\n0\r\n\r\n", PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    bench_open(says, NULL);
    post(&bench.exchange);
    body.waits = false;
    bench.peer.reads_slowly = true;
    bench.peer.writes_slowly = true;
    bench.peer.write_max = 20;
    turns_watch_connection(bench.sender.client);
    turns_let_act(during, moment, act);
    (void)lab_add(&bench.exchange.future);
    lab_run();
    const bool came = turns_came();
    turns_forget();
    bench_close();
    assert_int_equal(body.drops, 1);
    assert_int_equal(bench.peer.closes, 1);
    return came;
}

static void whoever_gives_up_at_any_moment_leaves_nothing(void **state) {
    (void)state;
    const struct {
        const struct wb_future *during;
        void (*act)(void);
    } ways[] = {{&bench.connection.future, drop_exchange},
        {&bench.connection.future, drop_response}, {&bench.connection.future, clear_request},
        {&bench.connection.future, drop_sender}, {&bench.exchange.future, drop_connection},
        {&bench.exchange.future, drop_sender}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        int moment = 1;
        while (given_up(ways[i].during, moment, ways[i].act)) {
            moment++;
        }
        assert_true(moment > 5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TURNS(whoever_has_the_turn_may_take_its_body_back),
        TURNS(r_64_what_came_before_a_request_is_never_its_response),
        TURNS(whoever_gives_up_at_any_moment_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
