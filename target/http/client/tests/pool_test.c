/* The client with a pool: which connection a request gets, what goes out over it, what becomes of
 * connections afterwards. Servers and connector are scripted. */
#include "lab.h"

#include <stdio.h>
#include <string.h>

#include "wb/http_client.h"

#define ASKED "\r\n\r\n"
#define HI "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

static const struct say silence[] = {{NULL, NULL, PEER_GOES_ON}};
static const struct say one_hi[] = {{ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
static const struct say many_his[] = {{ASKED, HI, PEER_GOES_ON}, {ASKED, HI, PEER_GOES_ON},
    {ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
static const struct say ends[] = {{NULL, "", PEER_ENDS}};

/* ---- a connector to scripted servers ---- */

enum { PEERS_MAX = 4, EXECUTED_MAX = 8, EXECUTED_SIZE = 2048 };

struct town {
    struct wb_http_connector connector;
    struct wb_http_executor executor;
    struct peer peers[PEERS_MAX];
    int calls;
    int polls;
    bool is_slow; /* connections wait until town_let_connect() */
    bool is_busy; /* not ready */
    enum wb_status fails;
    struct wb_task_waker waiting;
    int drops;      /* of futures of connections */
    char asked[64]; /* the host that was asked for last */
    struct wb_http_connected sample;
    bool refuses_tasks;
    int executed;
    max_align_t tasks[EXECUTED_MAX][EXECUTED_SIZE / sizeof(max_align_t)];
    struct wb_future *futures[EXECUTED_MAX];
};

static struct town town;

struct town_call {
    struct wb_future future;
    struct wb_http_connected *out;
};

static enum wb_progress town_call_poll(struct wb_future *future, struct wb_context *context) {
    struct town_call *call = WB_FUTURE_OF(future, struct town_call, future);
    town.polls++;
    if (town.is_slow) {
        wb_task_waker_store(&town.waiting, context->waker);
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
    (void)future;
    town.drops++;
    wb_task_waker_drop(&town.waiting);
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
    *call = (struct town_call){.out = out_connected};
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
        wb_task_waker_store(&town.waiting, context->waker);
        return WB_PENDING;
    }
    return WB_READY;
}

static const struct wb_http_connector_ops town_ops = {
    .poll_ready = town_poll_ready,
    .call = town_call,
};

static void town_open(void) {
    town.is_slow = false;
    town.is_busy = false;
    wb_task_waker_wake(&town.waiting);
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

struct visit {
    struct wb_future future;
    struct wb_http_fetch fetch;
    struct wb_http_client_request request;
    struct wb_http_client_response response;
    bool leaves_body;
    char body[256];
    size_t body_len;
};

enum { VISITS_MAX = 4 };
static struct visit visits[VISITS_MAX];
static struct wb_http_client client;

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

static struct visit *visit_of(int i, const char *method, const char *uri) {
    struct visit *visit = &visits[i];
    wb_http_fetch_init(&visit->fetch, &client, &visit->request, &visit->response);
    wb_future_init(&visit->future, &visit_ops);
    visit->body_len = 0;
    assert_ok(wb_http_client_request_set(
        &visit->request, wb_bytes_from_string(method), wb_bytes_from_string(uri)));
    return visit;
}

static struct visit *begin(int i, const char *method, const char *uri) {
    struct visit *visit = visit_of(i, method, uri);
    (void)lab_add(&visit->future);
    lab_run();
    return visit;
}

static void drop(struct visit *visit) {
    wb_future_drop(&visit->future);
    lab_remove(&visit->future);
}

static void assert_hi(const struct visit *visit) {
    assert_true(wb_future_is_over(&visit->future));
    assert_ok(visit->future.status);
    assert_int_equal(visit->body_len, 2);
    assert_memory_equal(visit->body, "hi", 2);
}

static void get_hi(const char *uri) {
    struct visit *visit = begin(0, "GET", uri);
    assert_hi(visit);
}

/* ---- fixtures ---- */

static void open_client(const struct wb_http_client_options *options) {
    struct wb_http_client_options with_executor = {.keeps_none = false};
    if (options != NULL) {
        with_executor = *options;
    }
    with_executor.executor = &town.executor;
    assert_ok(wb_http_client_new(&stage.world->sys, &town.connector, &with_executor, &client));
}

static void says(int peer, const struct say *what) {
    peer_init(&town.peers[peer], what);
}

static int town_setup(void **state) {
    const int result = bench_setup(state);
    memset(&town, 0, sizeof town);
    town.connector = (struct wb_http_connector){&town_ops, sizeof(struct town_call)};
    town.executor.ops = &town_executor_ops;
    for (int i = 0; i < PEERS_MAX; i++) {
        says(i, silence);
    }
    for (int i = 0; i < VISITS_MAX; i++) {
        memset(&visits[i], 0, sizeof visits[i]);
        wb_http_client_request_init(&visits[i].request, &stage.world->sys);
        wb_http_client_response_init(&visits[i].response, &stage.world->sys);
    }
    return result;
}

static int town_teardown(void **state) {
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
    assert_int_equal(atomic_load(&stage.world->blocks), 0);
    return bench_teardown(state);
}

#define TOWN(test)                                                                                 \
    { #test, test, town_setup, town_teardown, NULL }

/* ---- connecting ---- */

static void hp_01_nothing_happens_before_the_first_poll(void **state) {
    (void)state;
    open_client(NULL);
    (void)visit_of(0, "GET", "http://a/");
    lab_run();
    assert_int_equal(town.calls + town.polls, 0);
}

static void p4_2_a_connector_that_is_not_ready_is_waited_for(void **state) {
    (void)state;
    open_client(NULL);
    says(0, one_hi);
    town.is_busy = true;
    struct visit *visit = begin(0, "GET", "http://a/");
    assert_false(wb_future_is_over(&visit->future));
    assert_int_equal(town.polls, 0);
    town_open();
    lab_run();
    assert_hi(visit);
}

static void a_hy_05_what_the_connector_says_is_told(void **state) {
    (void)state;
    open_client(NULL);
    town.fails = WB_ERR_CONN_REFUSED;
    struct visit *visit = begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_CONN_REFUSED);
    assert_int_equal(visit->fetch.error.kind, WB_HTTP_ERROR_CONNECT);
    assert_string_equal(visit->fetch.error.detail, "the town is shut");
    assert_int_equal(town.drops, 1);
}

static void hp_10_a_server_that_wants_http_2_is_refused(void **state) {
    (void)state;
    open_client(NULL);
    town.sample.negotiated_h2 = true;
    struct visit *visit = begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_NOT_SUPPORTED);
    assert_int_equal(town.peers[0].closes, 1);
}

static void p4_15_without_an_executor_it_says_so(void **state) {
    (void)state;
    assert_ok(wb_http_client_new(&stage.world->sys, &town.connector, NULL, &client));
    struct visit *visit = begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_NO_RUNTIME);
    assert_int_equal(town.peers[0].closes, 1);
}

static void a_hy_04_an_executor_that_refuses_is_told(void **state) {
    (void)state;
    open_client(NULL);
    town.refuses_tasks = true;
    struct visit *visit = begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_LIMIT);
    assert_int_equal(town.peers[0].closes, 1);
    assert_written(&town.peers[0], "");
}

/* ---- what goes out ---- */

static void goes_out(const char *method, const char *uri, const char *expected) {
    open_client(NULL);
    (void)begin(0, method, uri);
    assert_written(&town.peers[town.calls - 1], expected);
    drop(&visits[0]);
    wb_http_client_release(&client);
}

static void p4_7_r_88_the_wire_has_the_origin_form_and_one_host(void **state) {
    (void)state;
    goes_out(
        "GET", "http://www.rust-lang.org", "GET / HTTP/1.1\r\nhost: www.rust-lang.org\r\n\r\n");
    goes_out("GET", "http://u:p@a.b:80/c?d#e", "GET /c?d HTTP/1.1\r\nhost: a.b\r\n\r\n");
    goes_out("GET", "http://[::1]:8080?x", "GET /?x HTTP/1.1\r\nhost: [::1]:8080\r\n\r\n");
    assert_string_equal(town.asked, "[::1]");
    goes_out("HEAD", "http://a:443/", "HEAD / HTTP/1.1\r\nhost: a:443\r\n\r\n");
}

static void p4_8_fields_of_the_application_stay(void **state) {
    (void)state;
    open_client(NULL);
    struct visit *visit = visit_of(0, "GET", "http://a/");
    assert_ok(wb_http_client_request_add(&visit->request, "host", "somebody else"));
    assert_ok(wb_http_client_request_add(&visit->request, "user-agent", "hyper/0.14.2"));
    assert_ok(wb_http_client_request_add(&visit->request, "accept", "text/html"));
    (void)lab_add(&visit->future);
    lab_run();
    assert_written(&town.peers[0],
        "GET / HTTP/1.1\r\nhost: a\r\nuser-agent: hyper/0.14.2\r\naccept: text/html\r\n\r\n");
}

static void h1c_20_host_may_be_the_applications(void **state) {
    (void)state;
    open_client(&(struct wb_http_client_options){.keeps_host = true});
    struct visit *visit = visit_of(0, "GET", "http://a/");
    assert_ok(wb_http_client_request_add(&visit->request, "host", "else"));
    (void)lab_add(&visit->future);
    lab_run();
    assert_written(&town.peers[0], "GET / HTTP/1.1\r\nhost: else\r\n\r\n");
    visit = begin(1, "GET", "http://b/");
    assert_status(visit->future.status, WB_ERR_INVALID); /* there is none */
    assert_written(&town.peers[1], "");
}

static void hp_09_a_proxy_gets_the_absolute_form(void **state) {
    (void)state;
    town.sample.is_proxied = true;
    goes_out("GET", "http://u:p@a.b:80/c?d#e", "GET http://a.b/c?d HTTP/1.1\r\nhost: a.b\r\n\r\n");
    goes_out("GET", "http://a", "GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n");
}

static void hp_09_connect_has_an_authority(void **state) {
    (void)state;
    goes_out("CONNECT", "a:443", "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n");
    goes_out("CONNECT", "http://a/b", "CONNECT a:80 HTTP/1.1\r\nhost: a:80\r\n\r\n");
    town.sample.is_proxied = true;
    goes_out("CONNECT", "a:443", "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n");
}

static void is_refused(
    const char *method, const char *uri, enum wb_http_wanted version, enum wb_status status) {
    open_client(NULL);
    struct visit *visit = visit_of(0, method, uri);
    visit->request.version = version;
    (void)lab_add(&visit->future);
    lab_run();
    assert_status(visit->future.status, status);
    assert_int_equal(visit->fetch.error.kind, WB_HTTP_ERROR_USER);
    assert_true(visit->fetch.is_unsent);
    assert_int_equal(town.polls, 0);
    visit->request.version = WB_HTTP_WANTED_1_1;
    wb_http_client_release(&client);
}

static void h1c_13_a_target_is_absolute(void **state) {
    (void)state;
    is_refused("GET", "/path", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
    is_refused("GET", "a:80", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
    is_refused("GET", "http://", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
    is_refused("GET", "http://a b/", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
    is_refused("CONNECT", "/", WB_HTTP_WANTED_1_1, WB_ERR_INVALID);
}

static void h1c_21_other_versions_are_refused(void **state) {
    (void)state;
    is_refused("GET", "http://a/", WB_HTTP_WANTED_2, WB_ERR_NOT_SUPPORTED);
    is_refused("GET", "http://a/", WB_HTTP_WANTED_0_9, WB_ERR_NOT_SUPPORTED);
}

/* ---- using connections again ---- */

static void hp_02_two_requests_use_one_connection(void **state) {
    (void)state;
    open_client(NULL);
    says(0, many_his);
    get_hi("http://a/");
    assert_int_equal(wb_http_client_idle(&client), 1);
    get_hi("http://A:80/else"); /* URI-04: the same server */
    assert_true(visits[0].fetch.is_reused);
    assert_int_equal(town.calls, 1);
}

static void servers_are_told_apart(void **state) {
    (void)state;
    open_client(NULL);
    says(0, one_hi);
    says(1, one_hi);
    says(2, one_hi);
    get_hi("http://a/");
    get_hi("http://a:81/");
    get_hi("http://b/");
    assert_int_equal(town.calls, 3);
    assert_int_equal(wb_http_client_idle(&client), 3);
}

static void hp_03_stray_bytes_keep_it_out_of_the_pool(void **state) {
    (void)state;
    const struct say stray[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    open_client(NULL);
    says(0, stray);
    says(1, one_hi);
    struct visit *visit = begin(0, "HEAD", "http://a/");
    assert_ok(visit->future.status);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
    get_hi("http://a/");
    assert_int_equal(town.calls, 2);
}

static void hp_04_an_early_response_does_not_cost_the_connection(void **state) {
    (void)state;
    static const char *const pieces[] = {"abc", "-", NULL};
    const struct say early[] = {
        {"abc", HI, PEER_GOES_ON}, {"GET", HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    static struct piecewise body;
    open_client(NULL);
    says(0, early);
    piecewise_init(&body, pieces);
    body.waits = true;
    struct visit *visit = visit_of(0, "POST", "http://a/");
    visit->request.body = &body.body;
    (void)lab_add(&visit->future);
    lab_run();
    assert_hi(visit);
    assert_int_equal(wb_http_client_idle(&client), 0);
    piecewise_wake(&body);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 1);
    visit = begin(1, "GET", "http://a/");
    assert_hi(visit);
    assert_int_equal(town.calls, 1);
}

static void after_a_dropped_body(const char *answer, int calls) {
    const struct say says_it[] = {
        {ASKED, answer, PEER_GOES_ON}, {ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    says(0, says_it);
    says(1, one_hi);
    town.calls = 0;
    open_client(NULL);
    visits[0].leaves_body = true;
    struct visit *visit = begin(0, "GET", "http://a/");
    assert_ok(visit->future.status);
    wb_http_body_drop(visit->response.body);
    lab_run();
    visits[0].leaves_body = false;
    get_hi("http://a/");
    assert_int_equal(town.calls, calls);
    wb_http_client_release(&client);
    lab_run();
}

static void hp_05_a_body_dropped_before_its_last_chunk_was_read(void **state) {
    (void)state;
    after_a_dropped_body(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 1);
}

static void hp_06_a_body_dropped_in_its_midst_closes(void **state) {
    (void)state;
    after_a_dropped_body("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", 2);
}

static void hp_07_a_dropped_future_closes(void **state) {
    (void)state;
    open_client(NULL);
    struct visit *visit = begin(0, "GET", "http://a/");
    drop(visit);
    lab_run();
    assert_int_equal(town.peers[0].closes, 1);
    assert_int_equal(wb_http_client_idle(&client), 0);
}

static void hp_07_a_dropped_future_does_not_connect_on(void **state) {
    (void)state;
    open_client(NULL);
    town.is_slow = true;
    struct visit *visit = begin(0, "GET", "http://a/");
    drop(visit);
    assert_int_equal(town.drops, 1);
}

static void hp_07_a_dropped_client_closes_what_is_idle(void **state) {
    (void)state;
    open_client(NULL);
    says(0, one_hi);
    get_hi("http://a/");
    struct wb_http_client other = wb_http_client_acquire(&client);
    wb_http_client_release(&client);
    lab_run();
    assert_int_equal(town.peers[0].closes, 0);
    wb_http_client_release(&other);
    lab_run();
    assert_int_equal(town.peers[0].closes, 1);
    assert_int_equal(town.peers[0].shutdowns, 1);
}

static void hp_07_what_is_under_way_survives_the_client_and_ends(void **state) {
    (void)state;
    open_client(NULL);
    says(0, silence);
    struct visit *visit = begin(0, "GET", "http://a/");
    wb_http_client_release(&client);
    lab_run();
    assert_int_equal(town.peers[0].closes, 0);
    peer_say(&town.peers[0],
        &(const struct say[]){{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}}[0]);
    lab_run();
    assert_hi(visit);
    assert_int_equal(town.peers[0].closes, 1);
}

static void hp_08_a_connection_that_says_close_is_not_kept(void **state) {
    (void)state;
    const struct say closes[] = {
        {ASKED, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
            PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    open_client(NULL);
    says(0, closes);
    get_hi("http://a/");
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
}

static void hp_08_an_idle_connection_that_the_server_ends_leaves_the_pool(void **state) {
    (void)state;
    open_client(NULL);
    says(0, one_hi);
    get_hi("http://a/");
    assert_int_equal(wb_http_client_idle(&client), 1);
    peer_say(&town.peers[0], ends);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
}

/* ---- one that is dead already ---- */

/* Its end has come, and its task has not looked since. */
static void end_unseen(int peer, const struct say *how) {
    for (int i = 0; i < town.executed; i++) {
        lab_remove(town.futures[i]);
    }
    peer_say(&town.peers[peer], how);
}

static void look_again(void) {
    for (int i = 0; i < town.executed; i++) {
        if (!wb_future_is_over(town.futures[i])) {
            (void)lab_add(town.futures[i]);
        }
    }
    lab_run();
}

static void a_hy_07_a_dead_idle_connection_is_tried_once_more_elsewhere(void **state) {
    (void)state;
    static const char *const pieces[] = {"x", NULL};
    static struct piecewise body;
    open_client(NULL);
    says(0, one_hi);
    says(1, one_hi);
    get_hi("http://a/");
    end_unseen(0, ends);
    struct visit *visit = visit_of(1, "POST", "http://a/");
    piecewise_init(&body, pieces);
    visit->request.body = &body.body;
    (void)lab_add(&visit->future);
    lab_run();
    assert_false(wb_future_is_over(&visit->future));
    look_again();
    assert_hi(visit);
    assert_int_equal(town.calls, 2);
    assert_non_null(strstr(town.peers[1].written, "1\r\nx\r\n0\r\n\r\n"));
    assert_int_equal(body.drops, 1);
}

static void a_hy_07_not_without_leave(void **state) {
    (void)state;
    open_client(&(struct wb_http_client_options){.never_retries = true});
    says(0, one_hi);
    get_hi("http://a/");
    end_unseen(0, ends);
    struct visit *visit = begin(1, "GET", "http://a/");
    look_again();
    assert_status(visit->future.status, WB_ERR_CLOSED);
    assert_true(visit->fetch.is_unsent);
    assert_int_equal(town.calls, 1);
}

static void a_new_connection_that_dies_is_not_tried_again(void **state) {
    (void)state;
    open_client(NULL);
    says(0, ends);
    struct visit *visit = begin(0, "GET", "http://a/");
    assert_status(visit->future.status, WB_ERR_CLOSED);
    assert_int_equal(town.calls, 1);
}

/* The request was written, and the connection ended without an answer: RFC 9110 section 9.2.2. */
static void lost_on_the_way(const char *method, const char *answer, int calls) {
    const struct say lost[] = {{ASKED, HI, PEER_GOES_ON}, {ASKED, answer, PEER_ENDS}};
    says(0, lost);
    says(1, one_hi);
    town.calls = 0;
    town.executed = 0;
    open_client(NULL);
    get_hi("http://a/");
    struct visit *visit = begin(0, method, "http://a/");
    assert_int_equal(town.calls, calls);
    if (calls == 2) {
        assert_hi(visit);
    } else {
        assert_status(visit->future.status, WB_ERR_UNEXPECTED_EOF);
        assert_false(visit->fetch.is_unsent);
    }
    wb_http_client_release(&client);
    lab_run();
}

static void a_request_that_was_lost_is_repeated_only_if_it_may_be(void **state) {
    (void)state;
    lost_on_the_way("GET", "", 2);
    lost_on_the_way("DELETE", "", 2);
    lost_on_the_way("POST", "", 1);
    lost_on_the_way("OTHER", "", 1);
    lost_on_the_way("GET", "H", 1);
}

/* ---- the pool's rules ---- */

static void hp_11_who_waits_gets_what_becomes_idle(void **state) {
    (void)state;
    const struct say later[] = {
        {NULL, HI, PEER_GOES_ON}, {ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    open_client(NULL);
    says(0, silence);
    struct visit *first = begin(0, "GET", "http://a/");
    town.is_slow = true;
    struct visit *second = begin(1, "GET", "http://a/second");
    assert_false(wb_future_is_over(&second->future));
    peer_say(&town.peers[0], later);
    lab_run();
    assert_hi(first);
    assert_hi(second);
    assert_true(second->fetch.is_reused);
    assert_int_equal(town.calls, 1);
    assert_int_equal(town.drops, 2); /* the attempt that was not needed was given up */
}

static void hp_11_who_gives_up_waiting_leaves_nothing(void **state) {
    (void)state;
    open_client(NULL);
    says(0, silence);
    struct visit *first = begin(0, "GET", "http://a/");
    town.is_slow = true;
    struct visit *second = begin(1, "GET", "http://a/second");
    drop(second);
    peer_say(&town.peers[0],
        &(const struct say[]){{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}}[0]);
    lab_run();
    assert_hi(first);
    assert_int_equal(wb_http_client_idle(&client), 1);
}

static void hp_11_what_was_given_and_not_used_goes_back(void **state) {
    (void)state;
    open_client(NULL);
    says(0, silence);
    (void)begin(0, "GET", "http://a/");
    town.is_slow = true;
    struct visit *second = begin(1, "GET", "http://a/second");
    lab_remove(&second->future); /* so that it does not see what it is given */
    peer_say(&town.peers[0],
        &(const struct say[]){{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}}[0]);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    wb_future_drop(&second->future);
    assert_int_equal(wb_http_client_idle(&client), 1);
}

static void hp_11_no_more_are_kept_than_allowed(void **state) {
    (void)state;
    open_client(&(struct wb_http_client_options){.idle_per_host_max = 1, .idle_max = 2});
    says(0, silence);
    says(1, silence);
    const struct say answer[] = {{NULL, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    (void)begin(0, "GET", "http://a/");
    (void)begin(1, "GET", "http://a/");
    peer_say(&town.peers[0], answer);
    peer_say(&town.peers[1], answer);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 1);
    assert_int_equal(town.peers[0].closes + town.peers[1].closes, 1);
    says(2, one_hi);
    says(3, one_hi);
    get_hi("http://b/");
    assert_int_equal(wb_http_client_idle(&client), 2);
    get_hi("http://c/");
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 2);
    assert_int_equal(town.peers[0].closes + town.peers[1].closes, 2); /* the one idle longest */
}

static void hp_11_none_is_kept_if_none_shall_be(void **state) {
    (void)state;
    open_client(&(struct wb_http_client_options){.keeps_none = true});
    says(0, one_hi);
    get_hi("http://a/");
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_int_equal(town.peers[0].closes, 1);
}

static void the_last_used_goes_first(void **state) {
    (void)state;
    const struct say twice[] = {
        {NULL, HI, PEER_GOES_ON}, {ASKED, HI, PEER_GOES_ON}, {NULL, NULL, PEER_GOES_ON}};
    open_client(NULL);
    (void)begin(0, "GET", "http://a/");
    (void)begin(1, "GET", "http://a/");
    peer_say(&town.peers[0], twice);
    lab_run();
    peer_say(&town.peers[1], twice);
    lab_run();
    assert_int_equal(wb_http_client_idle(&client), 2);
    get_hi("http://a/third");
    assert_non_null(strstr(town.peers[1].written, "third"));
}

static void hp_10_an_upgrade_through_the_pool(void **state) {
    (void)state;
    const struct say switches[] = {
        {ASKED, "HTTP/1.1 101 Switching Protocols\r\n\r\nahead", PEER_GOES_ON},
        {NULL, NULL, PEER_GOES_ON}};
    struct wb_h1_raw raw;
    open_client(NULL);
    says(0, switches);
    struct visit *visit = visit_of(0, "GET", "http://a/");
    assert_ok(wb_http_client_request_add(&visit->request, "Connection", "upgrade"));
    assert_ok(wb_http_client_request_add(&visit->request, "Upgrade", "foo"));
    (void)lab_add(&visit->future);
    lab_run();
    assert_ok(visit->future.status);
    assert_int_equal(wb_http_client_idle(&client), 0);
    assert_ok(wb_http_client_response_take_raw(&visit->response, &raw));
    assert_int_equal(wb_h1_raw_ahead(&raw).len, 5);
    wb_h1_raw_close(&raw);
    assert_int_equal(town.peers[0].closes, 1);
}

static void a_hy_06_what_the_connector_adds_comes_with_the_response(void **state) {
    (void)state;
    static const char extras[] = "anything";
    open_client(NULL);
    town.sample.extras = extras;
    says(0, many_his);
    get_hi("http://a/");
    assert_ptr_equal(visits[0].response.extras, extras);
    get_hi("http://a/");
    assert_ptr_equal(visits[0].response.extras, extras);
}

static void a_client_used_again_allocates_nothing(void **state) {
    (void)state;
    static struct say says_it[20];
    for (int i = 0; i < 19; i++) {
        says_it[i] = (struct say){ASKED, HI, PEER_GOES_ON};
    }
    open_client(NULL);
    says(0, says_it);
    get_hi("http://a/");
    get_hi("http://a/");
    const size_t requests = atomic_load(&stage.world->requests);
    for (int i = 0; i < 10; i++) {
        get_hi("http://a/");
    }
    assert_int_equal(atomic_load(&stage.world->requests), requests);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        TOWN(hp_01_nothing_happens_before_the_first_poll),
        TOWN(p4_2_a_connector_that_is_not_ready_is_waited_for),
        TOWN(a_hy_05_what_the_connector_says_is_told),
        TOWN(hp_10_a_server_that_wants_http_2_is_refused),
        TOWN(p4_15_without_an_executor_it_says_so),
        TOWN(a_hy_04_an_executor_that_refuses_is_told),
        TOWN(p4_7_r_88_the_wire_has_the_origin_form_and_one_host),
        TOWN(p4_8_fields_of_the_application_stay),
        TOWN(h1c_20_host_may_be_the_applications),
        TOWN(hp_09_a_proxy_gets_the_absolute_form),
        TOWN(hp_09_connect_has_an_authority),
        TOWN(h1c_13_a_target_is_absolute),
        TOWN(h1c_21_other_versions_are_refused),
        TOWN(hp_02_two_requests_use_one_connection),
        TOWN(servers_are_told_apart),
        TOWN(hp_03_stray_bytes_keep_it_out_of_the_pool),
        TOWN(hp_04_an_early_response_does_not_cost_the_connection),
        TOWN(hp_05_a_body_dropped_before_its_last_chunk_was_read),
        TOWN(hp_06_a_body_dropped_in_its_midst_closes),
        TOWN(hp_07_a_dropped_future_closes),
        TOWN(hp_07_a_dropped_future_does_not_connect_on),
        TOWN(hp_07_a_dropped_client_closes_what_is_idle),
        TOWN(hp_07_what_is_under_way_survives_the_client_and_ends),
        TOWN(hp_08_a_connection_that_says_close_is_not_kept),
        TOWN(hp_08_an_idle_connection_that_the_server_ends_leaves_the_pool),
        TOWN(a_hy_07_a_dead_idle_connection_is_tried_once_more_elsewhere),
        TOWN(a_hy_07_not_without_leave),
        TOWN(a_new_connection_that_dies_is_not_tried_again),
        TOWN(a_request_that_was_lost_is_repeated_only_if_it_may_be),
        TOWN(hp_11_who_waits_gets_what_becomes_idle),
        TOWN(hp_11_who_gives_up_waiting_leaves_nothing),
        TOWN(hp_11_what_was_given_and_not_used_goes_back),
        TOWN(hp_11_no_more_are_kept_than_allowed),
        TOWN(hp_11_none_is_kept_if_none_shall_be),
        TOWN(the_last_used_goes_first),
        TOWN(hp_10_an_upgrade_through_the_pool),
        TOWN(a_hy_06_what_the_connector_adds_comes_with_the_response),
        TOWN(a_client_used_again_allocates_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
