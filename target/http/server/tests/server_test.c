/* The server with real sockets, on both flavours of the runtime: who is let in, who is told what,
 * and how it ends. */
#include "stage.h"

#include <stdatomic.h>
#include <string.h>

#include "wb/http_server.h"
#include "wb/net.h"
#include "wb/sys_linux.h"

#define CRLF "\r\n"
#define GET "GET / HTTP/1.1" CRLF "Host: a" CRLF CRLF
#define HELLO "HTTP/1.1 200 OK" CRLF "content-length: 12" CRLF CRLF "Hello, World"
#define HELLO_CLOSE                                                                                \
    "HTTP/1.1 200 OK" CRLF "content-length: 12" CRLF "connection: close" CRLF CRLF "Hello, World"

/* ---- a service for each connection ---- */

struct answer {
    struct wb_future future;
    struct wb_http_response *response;
};

static struct hall {
    struct wb_http_make_service make;
    struct wb_http_service service;
    enum wb_status make_status;
    atomic_bool is_closed; /* answers come never */
    atomic_int made;
    atomic_int dropped;
    atomic_int calls;
    atomic_int errors;
    atomic_int error_kind; /* of the last */
    struct wb_addr peer;
    struct wb_addr local;
} hall;

static enum wb_progress answer_poll(struct wb_future *future, struct wb_context *context) {
    struct answer *self = WB_FUTURE_OF(future, struct answer, future);
    (void)context;
    if (atomic_load(&hall.is_closed)) {
        return WB_PENDING;
    }
    wb_http_response_set_bytes(self->response, wb_bytes_from_string("Hello, World"));
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops answer_ops = {
    .size = sizeof(struct answer),
    .offset = offsetof(struct answer, future),
    .poll = answer_poll,
};

static struct wb_future *hall_call(struct wb_http_service *service, void *memory,
    struct wb_http_request *request, struct wb_http_response *response) {
    struct answer *answer = memory;
    (void)service, (void)request;
    atomic_fetch_add(&hall.calls, 1);
    answer->response = response;
    wb_future_init(&answer->future, &answer_ops);
    return &answer->future;
}

static void hall_drop(struct wb_http_service *service) {
    (void)service;
    atomic_fetch_add(&hall.dropped, 1);
}

static const struct wb_http_service_ops service_ops = {.call = hall_call, .drop = hall_drop};

static enum wb_status hall_make(struct wb_http_make_service *make,
    const struct wb_http_connection *connection, struct wb_http_service **out_service) {
    (void)make;
    hall.peer = connection->peer;
    hall.local = connection->local;
    if (hall.make_status == WB_OK) {
        atomic_fetch_add(&hall.made, 1);
        *out_service = &hall.service;
    }
    return hall.make_status;
}

static const struct wb_http_make_service_ops make_ops = {.make = hall_make};

static void on_error(const struct wb_http_connection *connection, const struct wb_http_error *error,
    void *user_data) {
    assert_ptr_equal(user_data, &hall);
    assert_non_null(connection);
    atomic_store(&hall.error_kind, error->kind);
    atomic_fetch_add(&hall.errors, 1);
}

/* ---- a server in a task of its own ---- */

static struct {
    struct wb_http_server_options options;
    struct wb_listener listener;
    struct wb_addr addr;
    struct wb_http_server server;
    struct wb_join_handle task;
} house;

struct serving {
    struct wb_future future;
};

static enum wb_progress serving_poll(struct wb_future *future, struct wb_context *context) {
    return wb_future_poll(&house.server.future, context) == WB_PENDING
               ? WB_PENDING
               : wb_future_end(future, house.server.future.status);
}

static void serving_drop(struct wb_future *future) {
    (void)future;
    wb_future_drop(&house.server.future);
}

static const struct wb_future_ops serving_ops = {
    .size = sizeof(struct serving),
    .offset = offsetof(struct serving, future),
    .poll = serving_poll,
    .drop = serving_drop,
};

static void make_new(void) {
    memset(&hall, 0, sizeof hall);
    memset(&house, 0, sizeof house);
    hall.make.ops = &make_ops;
    hall.service = (struct wb_http_service){&service_ops, sizeof(struct answer)};
    house.options = (struct wb_http_server_options){
        .h1 = {.no_date = true}, .on_error = on_error, .user_data = &hall};
}

/* Accepting fails so often before it works. */
static atomic_int failing_accepts;
static atomic_int accept_error;

static int failing_accept4(
    void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    (void)self;
    if (atomic_load(&failing_accepts) > 0) {
        atomic_fetch_sub(&failing_accepts, 1);
        return atomic_load(&accept_error);
    }
    const struct wb_sys *linux = wb_sys_linux();
    return WB_SYS(linux, accept4, fd, addr, addr_len, flags);
}

static void refuse_accepts(int error, int count) {
    atomic_store(&accept_error, error);
    atomic_store(&failing_accepts, count);
}

/* The system is as it will be before there is a thread that uses it. */
static int setup(void **state, const struct wb_runtime_config *config) {
    make_new();
    const int result = stage_setup_bare(state);
    if (result == 0) {
        stage.world->ops.accept4 = failing_accept4;
        stage_make(config);
    }
    return result;
}

static int setup_single(void **state) {
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    return setup(state, &config);
}

static int setup_multi(void **state) {
    const struct wb_runtime_config config = {.high_workers = 2, .low_workers = 2};
    return setup(state, &config);
}

static void open_house(void) {
    const struct wb_addr any = wb_addr_v4_loopback(0);
    struct serving serving;
    assert_ok(wb_listener_bind(&house.listener, stage.runtime, &any, 0));
    assert_ok(wb_tcp_listener_local_addr(wb_listener_tcp(&house.listener), &house.addr));
    assert_ok(wb_http_server_init(
        &house.server, stage.runtime, &house.listener, &hall.make, &house.options));
    wb_future_init(&serving.future, &serving_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &serving.future, NULL, &house.task));
}

/* Something happens in between: the runtime's turn, if it has no thread of its own. */
static void let_pass(void) {
    if (wb_runtime_turn(stage.runtime, MS) == WB_ERR_INVALID) {
        struct wb_pollfd none = {.fd = -1};
        (void)!WB_SYS(&stage.world->sys, poll, &none, 1, MS);
    }
}

#define AWAIT(condition)                                                                           \
    do {                                                                                           \
        for (int tries = 0; !(condition); tries++) {                                               \
            assert_true(tries < 5000);                                                             \
            let_pass();                                                                            \
        }                                                                                          \
    } while (0)

static void close_house(enum wb_status status) {
    wb_http_server_shutdown(&house.server);
    AWAIT(wb_join_handle_is_finished(&house.task));
    assert_status(wb_runtime_block_on(stage.runtime, &house.task.future), status);
    wb_join_handle_detach(&house.task);
    wb_http_server_clean_up(&house.server);
    wb_listener_close(&house.listener);
    assert_int_equal(atomic_load(&hall.made), atomic_load(&hall.dropped));
}

static struct wb_http_server_figures figures(void) {
    struct wb_http_server_figures figures;
    wb_http_server_figures(&house.server, &figures);
    return figures;
}

/* ---- clients ---- */

static void connect_client(struct wb_tcp_stream *client) {
    assert_ok(wb_tcp_stream_connect(client, &stage.world->sys, &house.addr));
}

static void say(struct wb_tcp_stream *client, const char *text) {
    size_t len = 0;
    enum wb_status status = WB_OK;
    AWAIT((status = wb_tcp_stream_write(client, text, strlen(text), &len)) != WB_WOULD_BLOCK
          && status != WB_ERR_NOT_CONNECTED);
    assert_ok(status);
    assert_int_equal(len, strlen(text));
}

static void hear(struct wb_tcp_stream *client, const char *text) {
    char heard[512];
    size_t heard_len = 0;
    const size_t text_len = strlen(text);
    while (heard_len < text_len) {
        size_t len = 0;
        enum wb_status status = WB_OK;
        AWAIT((status = wb_tcp_stream_read(client, heard + heard_len, text_len - heard_len, &len))
              != WB_WOULD_BLOCK);
        assert_ok(status);
        heard_len += len;
    }
    assert_memory_equal(heard, text, text_len);
}

static void hear_status(struct wb_tcp_stream *client, enum wb_status expected) {
    char byte;
    size_t len = 0;
    enum wb_status status = WB_OK;
    AWAIT((status = wb_tcp_stream_read(client, &byte, 1, &len)) != WB_WOULD_BLOCK);
    assert_status(status, expected);
}

/* ---- serving ---- */

static void connections_are_served_at_once(void **state) {
    (void)state;
    struct wb_tcp_stream clients[8];
    enum { CLIENTS = sizeof clients / sizeof clients[0] };
    open_house();
    for (size_t i = 0; i < CLIENTS; i++) {
        connect_client(&clients[i]);
    }
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < CLIENTS; i++) {
            say(&clients[i], GET);
        }
        for (size_t i = 0; i < CLIENTS; i++) {
            hear(&clients[i], HELLO);
        }
    }
    AWAIT(figures().requests == 24);
    assert_int_equal(figures().connections_now, 8);
    assert_int_equal(figures().connections, 8);
    assert_int_equal(atomic_load(&hall.made), 8);
    assert_int_equal(hall.peer.family, WB_AF_INET);
    assert_int_equal(hall.local.port, house.addr.port);
    for (size_t i = 0; i < CLIENTS; i++) {
        wb_tcp_stream_close(&clients[i]);
    }
    AWAIT(figures().connections_now == 0);
    assert_int_equal(figures().requests, 24);
    assert_int_equal(figures().errors, 0);
    close_house(WB_OK);
}

static void further_connections_wait(void **state) {
    (void)state;
    struct wb_tcp_stream first, second;
    house.options.connections_max = 1;
    open_house();
    connect_client(&first);
    say(&first, GET);
    hear(&first, HELLO);
    connect_client(&second);
    say(&second, GET);
    for (int i = 0; i < 20; i++) {
        let_pass();
    }
    assert_int_equal(figures().connections, 1);
    wb_tcp_stream_close(&first);
    hear(&second, HELLO);
    wb_tcp_stream_close(&second);
    close_house(WB_OK);
}

/* ---- failures ---- */

static void failures_are_told(void **state) {
    (void)state;
    struct wb_tcp_stream client;
    open_house();
    connect_client(&client);
    say(&client, "nonsense" CRLF CRLF);
    hear(&client, "HTTP/1.1 400 Bad Request" CRLF);
    wb_tcp_stream_close(&client);
    AWAIT(atomic_load(&hall.errors) == 1);
    assert_int_equal(atomic_load(&hall.error_kind), WB_HTTP_ERROR_PARSE);
    assert_int_equal(figures().errors, 1);
    close_house(WB_OK);
}

static void connection_without_a_service_is_closed(void **state) {
    (void)state;
    struct wb_tcp_stream client;
    hall.make_status = WB_ERR_LIMIT;
    open_house();
    connect_client(&client);
    hear_status(&client, WB_ERR_CONN_RESET);
    wb_tcp_stream_close(&client);
    AWAIT(figures().connections_now == 0);
    assert_int_equal(atomic_load(&hall.error_kind), WB_HTTP_ERROR_SERVICE);
    close_house(WB_OK);
}

enum { EMFILE_ERROR = 24, ECONNABORTED_ERROR = 103, ENOMEM_ERROR = 12 };

/* A-HY-13: a server rests, and goes on. */
static void lack_of_descriptors_is_waited_out(void **state) {
    (void)state;
    struct wb_tcp_stream client;
    house.options.rest_ns = 20 * (uint64_t)MS;
    refuse_accepts(-EMFILE_ERROR, 2);
    open_house();
    connect_client(&client);
    say(&client, GET);
    hear(&client, HELLO);
    assert_int_equal(figures().refusals, 2);
    refuse_accepts(-ENOMEM_ERROR, 1);
    struct wb_tcp_stream second;
    connect_client(&second);
    say(&second, GET);
    hear(&second, HELLO);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&second);
    close_house(WB_OK);
}

static void end_of_a_connection_ends_the_rest(void **state) {
    (void)state;
    struct wb_tcp_stream first, second;
    house.options.rest_ns = 3600 * 1000 * (uint64_t)MS;
    open_house();
    connect_client(&first);
    say(&first, GET);
    hear(&first, HELLO);
    refuse_accepts(-EMFILE_ERROR, 1);
    connect_client(&second);
    say(&second, GET);
    AWAIT(figures().refusals == 1);
    for (int i = 0; i < 20; i++) {
        let_pass();
    }
    assert_int_equal(figures().connections, 1);
    wb_tcp_stream_close(&first);
    hear(&second, HELLO);
    wb_tcp_stream_close(&second);
    close_house(WB_OK);
}

static void aborted_connections_are_passed_over(void **state) {
    (void)state;
    struct wb_tcp_stream client;
    refuse_accepts(-ECONNABORTED_ERROR, 3);
    open_house();
    connect_client(&client);
    say(&client, GET);
    hear(&client, HELLO);
    assert_int_equal(figures().refusals, 0);
    wb_tcp_stream_close(&client);
    close_house(WB_OK);
}

/* ---- the end ---- */

static void shutdown_lets_finish_what_has_begun(void **state) {
    (void)state;
    struct wb_tcp_stream idle, fresh, begun;
    open_house();
    connect_client(&idle);
    say(&idle, GET);
    hear(&idle, HELLO);
    connect_client(&fresh);
    connect_client(&begun);
    say(&begun, GET "GET / HT");
    hear(&begun, HELLO);
    AWAIT(figures().connections_now == 3);
    for (int i = 0; i < 20; i++) {
        let_pass();
    }
    wb_http_server_shutdown(&house.server);
    wb_http_server_shutdown(&house.server);
    hear_status(&idle, WB_EOF);
    hear_status(&fresh, WB_EOF);
    AWAIT(figures().connections_now == 1);
    assert_false(wb_join_handle_is_finished(&house.task));
    say(&begun, "TP/1.1" CRLF "Host: a" CRLF CRLF);
    hear(&begun, HELLO_CLOSE);
    hear_status(&begun, WB_EOF);
    wb_tcp_stream_close(&begun);
    wb_tcp_stream_close(&idle);
    wb_tcp_stream_close(&fresh);
    close_house(WB_OK);
    assert_int_equal(atomic_load(&hall.errors), 0);
}

/* INV-25 */
static void shutdown_has_an_end(void **state) {
    (void)state;
    struct wb_tcp_stream client;
    atomic_store(&hall.is_closed, true);
    house.options.drain_ns = 30 * (uint64_t)MS;
    open_house();
    connect_client(&client);
    say(&client, GET);
    AWAIT(atomic_load(&hall.calls) == 1);
    close_house(WB_ERR_TIMED_OUT);
    hear_status(&client, WB_ERR_CONN_RESET);
    wb_tcp_stream_close(&client);
    assert_int_equal(atomic_load(&hall.error_kind), WB_HTTP_ERROR_CANCELLED);
}

/* Connections outlive a server that was given up, and end with the runtime. */
static void runtime_may_end_before_the_connections(void **state) {
    (void)state;
    struct wb_tcp_stream client;
    open_house();
    connect_client(&client);
    say(&client, GET);
    hear(&client, HELLO);
    wb_join_handle_abort(&house.task);
    AWAIT(wb_join_handle_is_finished(&house.task));
    wb_join_handle_detach(&house.task);
    say(&client, GET);
    hear(&client, HELLO);
    wb_listener_close(&house.listener);
    stage_destroy();
    stage.runtime = NULL;
    wb_http_server_clean_up(&house.server);
    hear_status(&client, WB_ERR_CONN_RESET);
    wb_tcp_stream_close(&client);
}

static void options_that_cannot_be_are_refused(void **state) {
    (void)state;
    house.options.h1.head.head_len_max = 100;
    const struct wb_addr any = wb_addr_v4_loopback(0);
    assert_ok(wb_listener_bind(&house.listener, stage.runtime, &any, 0));
    assert_status(wb_http_server_init(
                      &house.server, stage.runtime, &house.listener, &hall.make, &house.options),
        WB_ERR_INVALID);
    wb_http_server_clean_up(&house.server);
    wb_listener_close(&house.listener);
}

/* Whatever is refused, the server goes on, and nothing is left. */
static void survives_refused_memory(void **state) {
    (void)state;
    for (size_t n = 1; n < 24; n++) {
        struct wb_tcp_stream client;
        make_new();
        house.options.rest_ns = 2 * (uint64_t)MS;
        open_house();
        let_pass();
        world_refuse(stage.world, n);
        connect_client(&client);
        size_t len = 0;
        AWAIT(wb_tcp_stream_write(&client, GET, strlen(GET), &len) == WB_OK);
        for (int i = 0; i < 10; i++) {
            let_pass();
        }
        world_refuse(stage.world, 0);
        wb_tcp_stream_close(&client);
        connect_client(&client);
        say(&client, GET);
        hear(&client, HELLO);
        wb_tcp_stream_close(&client);
        close_house(WB_OK);
    }
}

#define SERVER_CASE(test, suffix, setup)                                                           \
    { #test suffix, test, setup, stage_teardown, NULL }
#define CASES(test)                                                                                \
    SERVER_CASE(test, "_single", setup_single), SERVER_CASE(test, "_multi", setup_multi)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASES(connections_are_served_at_once),
        CASES(further_connections_wait),
        CASES(failures_are_told),
        CASES(connection_without_a_service_is_closed),
        CASES(lack_of_descriptors_is_waited_out),
        CASES(end_of_a_connection_ends_the_rest),
        CASES(aborted_connections_are_passed_over),
        CASES(shutdown_lets_finish_what_has_begun),
        CASES(shutdown_has_an_end),
        CASES(runtime_may_end_before_the_connections),
        CASES(options_that_cannot_be_are_refused),
        SERVER_CASE(survives_refused_memory, "_single", setup_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
