/* See datagram_server.h. */
#include "examples/datagram_server.h"

#include <assert.h>

#include "examples/console.h"
#include "examples/options.h"

enum {
    TOKEN_SOCKET = 0,
    TOKEN_TERMINATION = 1,
    /* Datagrams received or answered for one event, before signals get their turn. */
    STEPS_MAX = 32,
    PATIENCE_MAX = 200,
};

/* How long a rest is, and the resolution of the timer: a second or two of patience. */
#define REST_NS UINT64_C(5000000)

static const struct wb_event_loop_config loop_config = {
    .events_capacity = 8,
    .timer_tick_ns = REST_NS,
    .timer_wheel_slots = 32,
    .timer_capacity = 4,
};

/* What a step came to. */
enum step {
    STEP_MORE,    /* another may follow */
    STEP_BLOCKED, /* the socket has to be waited for */
    STEP_REST,    /* the socket cannot be waited for, or there is nothing to be had now */
};

/* ---- steps ---- */

static void give_up(struct wb__datagram_server *server, const char *what, enum wb_status status) {
    wb_sys_note(server->sys, WB_NOTE_DISCARD, (uint64_t)server->fd, server->reply_len);
    wb__print_failure(server->sys, server->options.program, what, status);
    server->has_reply = false;
}

/* Half as patient after each reply given up, and twice after each that was worth waiting for, so
 * that those who never receive cannot stop the server for all others. */
static enum step reply_blocked(struct wb__datagram_server *server) {
    if (!server->options.must_retry_replies) {
        return STEP_BLOCKED;
    }
    server->retries++;
    if (server->retries <= server->patience) {
        return STEP_REST;
    }
    server->patience = server->patience > 1 ? server->patience / 2 : 1;
    give_up(server, "a reply that nobody received", WB_ERR_TIMED_OUT);
    return STEP_MORE;
}

static void reply_sent(struct wb__datagram_server *server) {
    server->has_reply = false;
    if (server->retries > 0) {
        server->patience =
            server->patience < PATIENCE_MAX / 2 ? 2 * server->patience : PATIENCE_MAX;
    }
}

static enum step reply_step(struct wb__datagram_server *server) {
    enum wb_status status = server->callbacks->reply(server, server->reply_len);
    if (status == WB_OK) {
        reply_sent(server);
    } else if (status == WB_WOULD_BLOCK) {
        return reply_blocked(server);
    } else if (status != WB_ERR_INTERRUPTED) {
        give_up(server, "a reply that could not be sent", status);
    }
    return STEP_MORE;
}

/* Where no event tells of room, none is waited for: the reply is tried at once. */
static enum step received(struct wb__datagram_server *server, struct wb_datagram datagram) {
    server->has_reply = true;
    server->reply_len = datagram.len;
    server->retries = 0;
    if (datagram.is_truncated) {
        give_up(server, "a datagram that is too long", WB_ERR_LIMIT);
        return STEP_MORE;
    }
    return server->options.must_retry_replies ? reply_step(server) : STEP_MORE;
}

/* An error of the network is that of an earlier reply. */
static enum step receive_step(struct wb__datagram_server *server) {
    struct wb_datagram datagram;
    enum wb_status status = server->callbacks->receive(server, &datagram);
    if (status == WB_OK) {
        return received(server, datagram);
    }
    if (status == WB_WOULD_BLOCK) {
        return STEP_BLOCKED;
    }
    if (status == WB_ERR_INTERRUPTED || wb_status_category(status) == WB_CATEGORY_NETWORK) {
        return STEP_MORE;
    }
    wb__print_failure(server->sys, server->options.program, "receiving", status);
    return STEP_REST;
}

/* One-shot: a step an event, as every event is paid for with a registration anyway. Otherwise until
 * the socket has to be waited for. */
static enum step take_steps(struct wb__datagram_server *server) {
    int steps_max = wb_trigger_is_oneshot(server->options.trigger) ? 1 : STEPS_MAX;
    enum step step = STEP_MORE;
    for (int steps = 0; step == STEP_MORE && steps < steps_max; steps++) {
        step = server->has_reply ? reply_step(server) : receive_step(server);
    }
    return step;
}

/* ---- watching ---- */

static uint32_t wanted(const struct wb__datagram_server *server) {
    if (server->options.trigger == WB_TRIGGER_EDGE) {
        return WB_INTEREST_READABLE | WB_INTEREST_WRITABLE;
    }
    return server->has_reply ? WB_INTEREST_WRITABLE : WB_INTEREST_READABLE;
}

/* Registering afresh reports what is ready in every mode. */
static enum wb_status watch(struct wb__datagram_server *server) {
    server->interest = wanted(server);
    return wb_event_loop_register(
        server->loop, server->source, TOKEN_SOCKET, server->interest, server->options.trigger);
}

/* Sees to it that what the socket waits for will be reported. With an edge trigger registering
 * again is only needed to be called again although the socket was not blocked. */
static enum wb_status watch_again(struct wb__datagram_server *server, enum step step) {
    enum wb_trigger trigger = server->options.trigger;
    const uint32_t interest = wanted(server);
    if ((trigger == WB_TRIGGER_EDGE && step == STEP_BLOCKED)
        || (trigger == WB_TRIGGER_LEVEL && interest == server->interest)) {
        return WB_OK;
    }
    server->interest = interest;
    return wb_event_loop_reregister(server->loop, server->source, TOKEN_SOCKET, interest, trigger);
}

static void set_rest(struct wb__datagram_server *server) {
    enum wb_status status = wb_event_loop_timeout(server->loop, REST_NS, 0, NULL);
    /* The room for one timer was made sure of at the beginning. */
    assert(status == WB_OK);
    (void)status;
    server->is_resting = true;
}

/* Nothing is watched during a rest: with a level trigger what is ready would wake the loop at once
 * and for ever. */
static void rest(struct wb__datagram_server *server) {
    enum wb_status status = wb_event_loop_deregister(server->loop, server->source);
    assert(status == WB_OK);
    (void)status;
    set_rest(server);
}

/* ---- the loop's callbacks ---- */

static void on_socket(struct wb__datagram_server *server) {
    enum step step = take_steps(server);
    if (step == STEP_REST || (server->has_reply && server->options.must_retry_replies)) {
        rest(server);
        return;
    }
    enum wb_status status = watch_again(server, step);
    if (status != WB_OK) {
        wb__print_failure(server->sys, server->options.program, "watching the socket", status);
        rest(server);
    }
}

static void on_ready(struct wb_event_loop *loop, struct wb_event event, void *user_data) {
    struct wb__datagram_server *server = user_data;
    if (event.token == TOKEN_SOCKET && !server->is_resting) {
        on_socket(server);
    } else if (event.token == TOKEN_TERMINATION
               && wb_termination_take(&server->termination, NULL) == WB_OK) {
        wb_event_loop_shutdown(loop);
    }
}

/* A reply is tried by itself: no event may ever come for it. */
static void on_timeout(struct wb_event_loop *loop, uint64_t value, void *user_data) {
    (void)loop;
    (void)value;
    struct wb__datagram_server *server = user_data;
    server->is_resting = false;
    if (watch(server) != WB_OK) {
        set_rest(server);
    } else if (server->has_reply) {
        on_socket(server);
    }
}

/* ---- running ---- */

/* A timer set once and cleared leaves its memory behind, so that resting can never fail. */
static enum wb_status reserve_timer(struct wb__datagram_server *server) {
    struct wb_timeout timeout;
    enum wb_status status = wb_event_loop_timeout(server->loop, 0, 0, &timeout);
    if (status == WB_OK) {
        bool cleared = wb_event_loop_clear_timeout(server->loop, timeout);
        assert(cleared);
        (void)cleared;
    }
    return status;
}

static enum wb_status begin(struct wb__datagram_server *server) {
    server->buffer = WB_SYS(server->sys, alloc, WB__DATAGRAM_LEN_MAX);
    if (server->buffer == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    enum wb_status status = wb_event_loop_new(server->sys, &loop_config, &server->loop);
    if (status == WB_OK) {
        status = reserve_timer(server);
    }
    if (status == WB_OK) {
        status = wb_termination_init(&server->termination, server->sys);
    }
    if (status == WB_OK) {
        status = wb_event_loop_register(server->loop, wb_termination_source(&server->termination),
            TOKEN_TERMINATION, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    }
    return status == WB_OK ? watch(server) : status;
}

static enum wb_status serve(struct wb__datagram_server *server) {
    static const struct wb_handler handler = {.ready = on_ready, .timeout = on_timeout};
    enum wb_status status = begin(server);
    if (status == WB_OK) {
        server->callbacks->listening(server);
        status = wb_event_loop_run(server->loop, &handler, server);
    }
    return status;
}

int wb__datagram_server_run(struct wb__datagram_server *server, const struct wb_sys *sys,
    const struct wb__datagram_callbacks *callbacks, const struct wb__datagram_options *options,
    struct wb_source *source, int fd) {
    server->sys = sys;
    server->callbacks = callbacks;
    server->options = *options;
    server->source = source;
    server->fd = fd;
    server->patience = PATIENCE_MAX;
    enum wb_status status = serve(server);
    if (status != WB_OK) {
        wb__print_failure(sys, options->program, "serving", status);
    }
    if (server->loop != NULL) {
        /* Not registered during a rest, or if it never came so far. */
        enum wb_status ignored = wb_event_loop_deregister(server->loop, source);
        (void)ignored;
    }
    wb_termination_clean_up(&server->termination);
    wb_event_loop_destroy(server->loop);
    WB_SYS(sys, free, server->buffer, WB__DATAGRAM_LEN_MAX);
    return status == WB_OK ? WB__EXIT_OK : WB__EXIT_FAILURE;
}
