/* See server.h. */
#include "examples/server.h"

#include <assert.h>

#include "examples/console.h"
#include "examples/options.h"

/* One timer, and a resolution finer than the shortest rest. */
static const struct wb_event_loop_config loop_config = {
    .events_capacity = 256,
    .timer_tick_ns = UINT64_C(5000000),
    .timer_wheel_slots = 32,
    .timer_capacity = 4,
};

static void on_accepted(
    struct wb_tcp_stream stream, const struct wb__address *peer, void *user_data) {
    struct wb__server *server = user_data;
    server->callbacks->accepted(server, stream, peer);
}

static void stop_if_asked(struct wb__server *server) {
    int signo;
    if (wb_termination_take(&server->termination, &signo) == WB_OK) {
        wb__acceptor_clean_up(&server->acceptor);
        wb_event_loop_shutdown(server->loop);
    }
}

static void on_ready(struct wb_event_loop *loop, struct wb_event event, void *user_data) {
    (void)loop;
    struct wb__server *server = user_data;
    if (event.token == server->options.listener_token) {
        wb__acceptor_ready(&server->acceptor);
    } else if (event.token == WB__SERVER_TOKEN_TERMINATION) {
        stop_if_asked(server);
    } else {
        server->callbacks->ready(server, event);
    }
}

static void on_timeout(struct wb_event_loop *loop, uint64_t value, void *user_data) {
    (void)loop;
    (void)value;
    struct wb__server *server = user_data;
    wb__acceptor_timeout(&server->acceptor);
}

static void on_tick(struct wb_event_loop *loop, void *user_data) {
    (void)loop;
    struct wb__server *server = user_data;
    server->callbacks->tick(server);
}

static enum wb_status watch_signals(struct wb__server *server) {
    enum wb_status status = wb_termination_init(&server->termination, server->sys);
    if (status != WB_OK) {
        return status;
    }
    return wb_event_loop_register(server->loop, wb_termination_source(&server->termination),
        WB__SERVER_TOKEN_TERMINATION, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
}

static enum wb_status begin_to_listen(struct wb__server *server) {
    const struct wb__acceptor_options options = {
        .program = server->options.program,
        .listen = server->options.listen,
        .is_seqpacket = server->options.is_seqpacket,
        .backlog = server->options.backlog,
        .trigger = server->options.listener_trigger,
        .token = server->options.listener_token,
        .accepted = on_accepted,
        .user_data = server,
    };
    enum wb_status status = wb__acceptor_init(&server->acceptor, server->loop, &options);
    if (status != WB_OK) {
        return status;
    }
    struct wb__address addr;
    status = wb__acceptor_local_addr(&server->acceptor, &addr);
    if (status != WB_OK) {
        return status;
    }
    char text[WB__ADDRESS_TEXT_LEN_MAX];
    wb__address_format(&addr, text, sizeof text);
    wb__print(server->sys, WB__CONSOLE_OUT, "listening on %s\n", text);
    return WB_OK;
}

/* Everything up to the end of serving; what it opened is closed by the caller. */
static int serve(struct wb__server *server) {
    const struct wb_handler handler = {
        .ready = on_ready,
        .timeout = on_timeout,
        .tick = server->callbacks->tick != NULL ? on_tick : NULL,
    };
    const char *program = server->options.program;
    enum wb_status status = wb_event_loop_new(server->sys, &loop_config, &server->loop);
    if (status != WB_OK) {
        wb__print_failure(server->sys, program, "event loop", status);
        return WB__EXIT_FAILURE;
    }
    status = watch_signals(server);
    if (status != WB_OK) {
        wb__print_failure(server->sys, program, "signals", status);
        return WB__EXIT_FAILURE;
    }
    status = begin_to_listen(server);
    if (status != WB_OK) {
        char text[WB__ADDRESS_TEXT_LEN_MAX];
        wb__address_format(&server->options.listen, text, sizeof text);
        wb__print_failure(server->sys, program, text, status);
        return WB__EXIT_FAILURE;
    }
    status = wb_event_loop_run(server->loop, &handler, server);
    if (status != WB_OK) {
        wb__print_failure(server->sys, program, "waiting for events", status);
        return WB__EXIT_FAILURE;
    }
    return WB__EXIT_OK;
}

void wb__server_init(struct wb__server *server, const struct wb_sys *sys,
    const struct wb__server_callbacks *callbacks, const struct wb__server_options *options) {
    assert(callbacks->accepted != NULL && callbacks->ready != NULL && callbacks->close_all != NULL);
    *server = (struct wb__server){.sys = sys, .callbacks = callbacks, .options = *options};
}

int wb__server_run(struct wb__server *server) {
    int exit_status = serve(server);
    wb__acceptor_clean_up(&server->acceptor);
    server->callbacks->close_all(server);
    wb_termination_clean_up(&server->termination);
    wb_event_loop_destroy(server->loop);
    return exit_status;
}
