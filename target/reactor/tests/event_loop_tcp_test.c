/* TCP through the loop: level, edge and one-shot, and an echo server. */
#include "loop_world.h"

#include <string.h>

#include "wb/slab.h"

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

struct stage {
    struct loop_world self;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
};

static void stage_open(struct stage *stage, struct world *world) {
    *stage = (struct stage){0};
    loop_world_open(&stage->self, world, NULL);
    stage->self.user_data = stage;
    world_listen(world, &stage->listener, &stage->addr);
}

static void stage_close(struct stage *stage) {
    wb_tcp_stream_close(&stage->client);
    wb_tcp_stream_close(&stage->server);
    wb_tcp_listener_close(&stage->listener);
    loop_world_close(&stage->self);
}

static void stage_connect(struct stage *stage) {
    assert_ok(wb_tcp_stream_connect(&stage->client, &stage->self.world->sys, &stage->addr));
}

/* One iteration without waiting; what it reported for the token. */
static uint32_t turn(struct stage *stage, uint64_t token) {
    loop_world_forget(&stage->self);
    loop_world_turn(&stage->self, 0);
    return stage->self.flags[token];
}

/* ---- listeners ---- */

static void accept_once(struct loop_world *self, struct wb_event event) {
    struct stage *stage = self->user_data;
    struct wb_tcp_stream none;
    assert_int_equal(event.token, 1);
    assert_ok(wb_tcp_listener_accept(&stage->listener, &stage->server, NULL));
    assert_status(wb_tcp_listener_accept(&stage->listener, &none, NULL), WB_WOULD_BLOCK);
    wb_event_loop_shutdown(self->loop);
}

/* MOLD-03, MOLD-30, A-MOLD-16 */
static void loop_reports_a_connection_once(void **state) {
    struct stage stage;
    stage_open(&stage, *state);
    stage.self.on_ready = accept_once;
    loop_world_watch(&stage.self, wb_tcp_listener_source(&stage.listener), 1, WB_INTEREST_READABLE,
        WB_TRIGGER_EDGE);
    stage_connect(&stage);
    loop_world_run(&stage.self);
    assert_int_equal(stage.self.readies, 1);
    loop_world_turn(&stage.self, 0);
    assert_int_equal(stage.self.readies, 1);
    stage_close(&stage);
}

/* MOLD-16 */
static void level_listener_is_reported_until_accepted(void **state) {
    struct stage stage;
    stage_open(&stage, *state);
    loop_world_watch(&stage.self, wb_tcp_listener_source(&stage.listener), 1, WB_INTEREST_READABLE,
        WB_TRIGGER_LEVEL);
    stage_connect(&stage);
    loop_world_await(&stage.self, 1, WB_EPOLLIN);
    assert_int_equal(turn(&stage, 1), WB_EPOLLIN);
    assert_int_equal(turn(&stage, 1), WB_EPOLLIN);
    assert_ok(wb_tcp_listener_accept(&stage.listener, &stage.server, NULL));
    assert_int_equal(turn(&stage, 1), 0);
    wb_tcp_stream_close(&stage.client);
    stage_connect(&stage);
    loop_world_await(&stage.self, 1, WB_EPOLLIN);
    wb_tcp_listener_close(&stage.listener);
    assert_int_equal(turn(&stage, 1), 0);
    stage_close(&stage);
}

/* MOLD-07 */
static void level_listener_ticks_after_each_report(void **state) {
    struct stage stage;
    stage_open(&stage, *state);
    loop_world_watch(&stage.self, wb_tcp_listener_source(&stage.listener), 1, WB_INTEREST_READABLE,
        WB_TRIGGER_LEVEL);
    stage_connect(&stage);
    for (int i = 1; i <= 2; i++) {
        loop_world_turn(&stage.self, PATIENCE_NS);
        assert_int_equal(stage.self.readies, i);
        assert_int_equal(stage.self.ticks, i);
    }
    stage_close(&stage);
}

/* MOLD-02, MOLD-06 */
static void loop_does_not_report_what_was_closed(void **state) {
    struct stage stage;
    stage_open(&stage, *state);
    loop_world_watch(&stage.self, wb_tcp_listener_source(&stage.listener), 1, WB_INTEREST_READABLE,
        WB_TRIGGER_LEVEL);
    stage_connect(&stage);
    world_accept(stage.self.world, &stage.listener, &stage.server);
    loop_world_watch(&stage.self, wb_tcp_stream_source(&stage.server), 2, BOTH, WB_TRIGGER_LEVEL);
    wb_tcp_stream_close(&stage.server);
    wb_tcp_listener_close(&stage.listener);
    loop_world_turn(&stage.self, QUIET_NS);
    assert_int_equal(stage.self.readies, 0);
    stage_close(&stage);
}

/* ---- streams ---- */

/* MOLD-04 */
static void loop_reports_connect_then_the_end_of_the_peer(void **state) {
    struct stage stage;
    stage_open(&stage, *state);
    stage_connect(&stage);
    loop_world_watch(&stage.self, wb_tcp_stream_source(&stage.client), 1, BOTH, WB_TRIGGER_EDGE);
    loop_world_await(&stage.self, 1, WB_EPOLLOUT);
    assert_int_equal(stage.self.flags[1], WB_EPOLLOUT);
    world_accept(stage.self.world, &stage.listener, &stage.server);
    wb_tcp_stream_close(&stage.server);
    loop_world_forget(&stage.self);
    loop_world_await(&stage.self, 1, WB_EPOLLIN | WB_EPOLLRDHUP);
    stage_close(&stage);
}

static void stage_pair(struct stage *stage) {
    stage_connect(stage);
    world_accept(stage->self.world, &stage->listener, &stage->server);
}

/* MOLD-17 */
static void level_stream_is_reported_as_long_as_it_is_ready(void **state) {
    struct stage stage;
    stage_open(&stage, *state);
    stage_pair(&stage);
    loop_world_watch(&stage.self, wb_tcp_stream_source(&stage.server), 1, BOTH, WB_TRIGGER_LEVEL);
    assert_int_equal(turn(&stage, 1), WB_EPOLLOUT);
    assert_int_equal(turn(&stage, 1), WB_EPOLLOUT);
    world_send(&stage.client, "hello world");
    loop_world_await(&stage.self, 1, WB_EPOLLIN);
    assert_int_equal(turn(&stage, 1), WB_EPOLLIN | WB_EPOLLOUT);
    assert_int_equal(turn(&stage, 1), WB_EPOLLIN | WB_EPOLLOUT);
    world_expect(stage.self.world, &stage.server, "hello world");
    assert_int_equal(turn(&stage, 1), WB_EPOLLOUT);
    wb_tcp_stream_close(&stage.server);
    assert_int_equal(turn(&stage, 1), 0);
    stage_close(&stage);
}

struct oneshot {
    struct stage *stage;
    char got[4];
    size_t len;
};

static void oneshot_ready(struct loop_world *self, struct wb_event event) {
    struct oneshot *oneshot = self->user_data;
    struct wb_tcp_stream *server = &oneshot->stage->server;
    size_t n = 0;
    assert_true(wb_event_is_readable(event));
    assert_ok(wb_tcp_stream_read(server, &oneshot->got[oneshot->len], 1, &n));
    oneshot->len++;
    for (int i = 0; i < 2; i++) { /* twice is harmless */
        assert_ok(wb_event_loop_reregister(self->loop, wb_tcp_stream_source(server), 1,
            WB_INTEREST_READABLE, WB_TRIGGER_EDGE_ONESHOT));
    }
}

/* MOLD-19 */
static void oneshot_stream_read_byte_by_byte_is_reported_for_each(void **state) {
    struct stage stage;
    struct oneshot oneshot = {.stage = &stage};
    stage_open(&stage, *state);
    stage_pair(&stage);
    stage.self.on_ready = oneshot_ready;
    stage.self.user_data = &oneshot;
    world_send(&stage.client, "foo");
    world_await_readable(stage.self.world, wb_tcp_stream_fd(&stage.server));
    loop_world_watch(&stage.self, wb_tcp_stream_source(&stage.server), 1, WB_INTEREST_READABLE,
        WB_TRIGGER_EDGE_ONESHOT);
    for (int i = 1; i <= 3; i++) {
        loop_world_turn(&stage.self, PATIENCE_NS);
        assert_int_equal(stage.self.readies, i); /* never two in one batch */
    }
    assert_string_equal(oneshot.got, "foo");
    loop_world_turn(&stage.self, 0);
    assert_int_equal(stage.self.readies, 3);
    stage_close(&stage);
}

/* A-MOLD-04: whatever the one report said, nothing comes until the source is reregistered. */
static void oneshot_stream_reported_writable_does_not_report_the_end(void **state) {
    struct stage stage;
    stage_open(&stage, *state);
    stage_pair(&stage);
    loop_world_watch(&stage.self, wb_tcp_stream_source(&stage.server), 1, BOTH, WB_TRIGGER_ONESHOT);
    assert_int_equal(turn(&stage, 1), WB_EPOLLOUT);
    assert_ok(wb_tcp_stream_set_linger(&stage.client, 0));
    wb_tcp_stream_close(&stage.client);
    loop_world_forget(&stage.self);
    loop_world_turn(&stage.self, QUIET_NS);
    assert_int_equal(stage.self.readies, 0);
    assert_ok(wb_event_loop_reregister(stage.self.loop, wb_tcp_stream_source(&stage.server), 1,
        WB_INTEREST_READABLE, WB_TRIGGER_ONESHOT));
    loop_world_await(&stage.self, 1, WB_EPOLLERR | WB_EPOLLHUP);
    stage_close(&stage);
}

/* ---- an echo server, one-shot, with a slab from token 2 ---- */

struct echo_connection {
    struct wb_tcp_stream stream;
    char buf[64];
    size_t begin; /* bytes still to be sent: begin .. end - 1 */
    size_t end;
};

struct echo {
    struct loop_world self;
    struct wb_tcp_listener listener;
    struct wb_slab connections;
    enum wb_trigger trigger;
};

enum { ECHO_LISTENER = 1, ECHO_FIRST = 2, ECHO_CAPACITY = 8 };

static void echo_accept(struct echo *echo) {
    struct echo_connection connection = {0};
    enum wb_status status = wb_tcp_listener_accept(&echo->listener, &connection.stream, NULL);
    if (status == WB_OK) {
        size_t key = 0;
        assert_ok(wb_slab_insert(&echo->connections, &connection, &key));
        struct echo_connection *kept = wb_slab_at(&echo->connections, key);
        loop_world_watch(&echo->self, wb_tcp_stream_source(&kept->stream), key,
            WB_INTEREST_READABLE, echo->trigger);
    }
    assert_ok(wb_event_loop_reregister(echo->self.loop, wb_tcp_listener_source(&echo->listener),
        ECHO_LISTENER, WB_INTEREST_READABLE, echo->trigger));
}

static void echo_end(struct echo *echo, size_t key) {
    struct echo_connection connection;
    wb_slab_remove(&echo->connections, key, &connection);
    wb_tcp_stream_close(&connection.stream); /* it was moved while registered */
}

static void echo_connection(struct echo *echo, size_t key) {
    struct echo_connection *connection = wb_slab_at(&echo->connections, key);
    size_t n = 0;
    enum wb_status status = WB_OK;
    if (connection->begin == connection->end) {
        connection->begin = connection->end = 0;
        status =
            wb_tcp_stream_read(&connection->stream, connection->buf, sizeof(connection->buf), &n);
        connection->end = n;
    } else {
        status = wb_tcp_stream_write(&connection->stream, &connection->buf[connection->begin],
            connection->end - connection->begin, &n);
        connection->begin += n;
    }
    if (status == WB_EOF) {
        echo_end(echo, key);
        return;
    }
    assert_true(status == WB_OK || status == WB_WOULD_BLOCK);
    uint32_t interest =
        connection->begin == connection->end ? WB_INTEREST_READABLE : WB_INTEREST_WRITABLE;
    assert_ok(wb_event_loop_reregister(
        echo->self.loop, wb_tcp_stream_source(&connection->stream), key, interest, echo->trigger));
}

static void echo_ready(struct loop_world *self, struct wb_event event) {
    struct echo *echo = self->user_data;
    if (event.token == ECHO_LISTENER) {
        echo_accept(echo);
    } else {
        echo_connection(echo, (size_t)event.token);
    }
}

static void echo_open(
    struct echo *echo, struct world *world, enum wb_trigger trigger, struct wb_addr *out_addr) {
    const struct wb_slab_options options = {.element_size = sizeof(struct echo_connection),
        .first = ECHO_FIRST,
        .capacity_max = ECHO_CAPACITY};
    *echo = (struct echo){.trigger = trigger};
    loop_world_open(&echo->self, world, NULL);
    echo->self.user_data = echo;
    echo->self.on_ready = echo_ready;
    assert_ok(wb_slab_init(&echo->connections, &world->sys, &options));
    world_listen(world, &echo->listener, out_addr);
    loop_world_watch(&echo->self, wb_tcp_listener_source(&echo->listener), ECHO_LISTENER,
        WB_INTEREST_READABLE, trigger);
}

static void echo_close(struct echo *echo) {
    assert_int_equal(wb_slab_len(&echo->connections), 0);
    wb_slab_clean_up(&echo->connections);
    wb_tcp_listener_close(&echo->listener);
    loop_world_close(&echo->self);
}

/* Iterates until the client has read exactly this. */
static void echo_expect(struct echo *echo, struct wb_tcp_stream *client, const char *text) {
    char buf[64];
    size_t len = strlen(text);
    for (size_t got = 0; got < len;) {
        size_t n = 0;
        enum wb_status status = wb_tcp_stream_read(client, buf, len - got, &n);
        if (status == WB_WOULD_BLOCK) {
            int before = echo->self.readies;
            loop_world_turn(&echo->self, PATIENCE_NS);
            assert_true(echo->self.readies > before);
            continue;
        }
        assert_ok(status);
        assert_memory_equal(buf, text + got, n);
        got += n;
    }
}

/* MOLD-23, MOLD-31, INV-02, INV-23: the same in each trigger. */
static void echo_server_returns_every_message_in_order(void **state) {
    struct world *world = *state;
    static const char *const messages[] = {"foo", "bar", "a longer one", "\n", "end"};
    for (int trigger = WB_TRIGGER_LEVEL; trigger <= WB_TRIGGER_EDGE_ONESHOT; trigger++) {
        struct echo echo;
        struct wb_addr addr;
        struct wb_tcp_stream clients[3];
        echo_open(&echo, world, (enum wb_trigger)trigger, &addr);
        for (int i = 0; i < 3; i++) {
            assert_ok(wb_tcp_stream_connect(&clients[i], &world->sys, &addr));
            loop_world_turn(&echo.self, PATIENCE_NS); /* one accept per report */
        }
        for (size_t m = 0; m < sizeof(messages) / sizeof(messages[0]); m++) {
            for (int i = 0; i < 3; i++) {
                world_send(&clients[i], messages[m]);
            }
            for (int i = 0; i < 3; i++) {
                echo_expect(&echo, &clients[i], messages[m]);
            }
        }
        world_send(&clients[0], "foo");
        world_send(&clients[0], "bar");
        echo_expect(&echo, &clients[0], "foobar");
        for (int i = 0; i < 3; i++) {
            wb_tcp_stream_close(&clients[i]);
        }
        while (wb_slab_len(&echo.connections) > 0) {
            int before = echo.self.readies;
            loop_world_turn(&echo.self, PATIENCE_NS);
            assert_true(echo.self.readies > before);
        }
        echo_close(&echo);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(loop_reports_a_connection_once),
        CASE(level_listener_is_reported_until_accepted),
        CASE(level_listener_ticks_after_each_report),
        CASE(loop_does_not_report_what_was_closed),
        CASE(loop_reports_connect_then_the_end_of_the_peer),
        CASE(level_stream_is_reported_as_long_as_it_is_ready),
        CASE(oneshot_stream_read_byte_by_byte_is_reported_for_each),
        CASE(oneshot_stream_reported_writable_does_not_report_the_end),
        CASE(echo_server_returns_every_message_in_order),
    };
    return cmocka_run_group_tests_name("event_loop_tcp", tests, NULL, NULL);
}
