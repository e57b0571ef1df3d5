/* ping_pong: sends every line back. One event is one step of a connection's state machine (reading
 * a line, writing it), or as many as it takes with an edge trigger. While a line is being written
 * nothing is read: a peer that does not read is not heard. */
#include "examples/programs.h"

#include <assert.h>
#include <string.h>

#include "wb/event_set.h"
#include "wb/slab.h"

#include "examples/accept_once.h"
#include "examples/console.h"
#include "examples/line_buffer.h"
#include "examples/options.h"
#include "examples/server.h"

enum {
    TOKEN_LISTENER = 0,
    CONNECTION_KEY_FIRST = 1,
    CONNECTIONS_DEFAULT = 1024,
    CONNECTIONS_MAX = 1000000,
    /* Slots taken at once; the slab doubles from there as connections come. */
    CONNECTIONS_RESERVED = 16,
    /* Steps that a connection may take for one event before others get their turn. */
    STEPS_MAX = 16,
};

struct connection {
    struct wb_tcp_stream stream;
    struct wb__line_buffer buffer;
    uint32_t write_len; /* bytes at the front of the buffer that are to be sent; 0: Reading */
    uint32_t interest;  /* as last registered */
    bool is_at_end;     /* the peer has finished */
};

struct ping_pong {
    struct wb__server server;
    struct wb_slab connections;
    enum wb_trigger trigger;
    int steps_max; /* for one event */
    int reads_max; /* of those */
    bool is_verbose;
    bool has_told_limit;
};

/* What a step came to. */
enum step {
    STEP_MORE,    /* another may follow */
    STEP_BLOCKED, /* the socket has to be waited for */
    STEP_CLOSE,   /* the connection is over */
};

static struct ping_pong *from_server(struct wb__server *server) {
    return (struct ping_pong *)server;
}

static const char *state_name(const struct connection *connection) {
    if (connection->write_len == 0) {
        return "Reading";
    }
    return connection->is_at_end ? "Writing, then closing" : "Writing";
}

/* Gives up what was read of a connection that cannot go on, and says so. */
static enum step abandon(
    struct ping_pong *self, struct connection *connection, const char *why, enum wb_status status) {
    size_t len = wb__line_buffer_len(&connection->buffer);
    if (len > 0) {
        wb_sys_note(self->server.sys, WB_NOTE_DISCARD,
            (uint64_t)wb_tcp_stream_fd(&connection->stream), len);
    }
    wb__print_failure(self->server.sys, self->server.options.program, why, status);
    return STEP_CLOSE;
}

/* The peer, or the way to it, has failed: nothing that a server need complain about. */
static enum step lose(struct ping_pong *self, const char *what, enum wb_status status) {
    if (self->is_verbose) {
        wb__print_failure(self->server.sys, self->server.options.program, what, status);
    }
    return STEP_CLOSE;
}

static enum step without_line(struct ping_pong *self, struct connection *connection) {
    size_t len = wb__line_buffer_len(&connection->buffer);
    if (connection->is_at_end) {
        connection->write_len = (uint32_t)len;
        return len > 0 ? STEP_MORE : STEP_CLOSE;
    }
    if (len == WB__LINE_LEN_MAX) {
        return abandon(self, connection, "line too long", WB_ERR_LIMIT);
    }
    return STEP_MORE;
}

/* After bytes came or went, or the end did: is there something to send? */
static inline enum step next_state(struct ping_pong *self, struct connection *connection) {
    connection->write_len = (uint32_t)wb__line_buffer_line_len(&connection->buffer);
    return connection->write_len > 0 ? STEP_MORE : without_line(self, connection);
}

static enum step read_end(struct ping_pong *self, struct connection *connection) {
    if (self->is_verbose) {
        wb__print(self->server.sys, WB__CONSOLE_OUT, "    read 0 bytes from client; buffered=%zu\n",
            wb__line_buffer_len(&connection->buffer));
    }
    connection->is_at_end = true;
    return next_state(self, connection);
}

/* A read that brought no bytes. */
static enum step no_bytes(
    struct ping_pong *self, struct connection *connection, enum wb_status status) {
    if (status == WB_WOULD_BLOCK) {
        return STEP_BLOCKED;
    }
    if (status == WB_ERR_INTERRUPTED) {
        return STEP_MORE;
    }
    return status == WB_EOF ? read_end(self, connection) : lose(self, "reading", status);
}

static enum step read_step(struct ping_pong *self, struct connection *connection) {
    uint8_t *space;
    size_t space_len;
    size_t n;
    enum wb_status status =
        wb__line_buffer_reserve(&connection->buffer, self->server.sys, &space, &space_len);
    if (status != WB_OK) {
        return abandon(self, connection, "reading", status);
    }
    status = wb_tcp_stream_read(&connection->stream, space, space_len, &n);
    if (status != WB_OK) {
        return no_bytes(self, connection, status);
    }
    if (self->is_verbose) {
        wb__print(self->server.sys, WB__CONSOLE_OUT, "read %zu bytes\n", n);
    }
    wb__line_buffer_commit(&connection->buffer, n);
    return next_state(self, connection);
}

static enum step write_step(struct ping_pong *self, struct connection *connection) {
    struct wb_bytes bytes = wb__line_buffer_bytes(&connection->buffer);
    size_t n;
    enum wb_status status =
        wb_tcp_stream_write(&connection->stream, bytes.ptr, connection->write_len, &n);
    if (status == WB_WOULD_BLOCK) {
        return STEP_BLOCKED;
    }
    if (status == WB_ERR_INTERRUPTED) {
        return STEP_MORE;
    }
    if (status != WB_OK) {
        return lose(self, "writing", status);
    }
    wb__line_buffer_consume(&connection->buffer, self->server.sys, n);
    connection->write_len -= (uint32_t)n;
    return connection->write_len > 0 ? STEP_MORE : next_state(self, connection);
}

/* One-shot: a step an event, as every event is paid for with a registration anyway. Level: one
 * read, and what follows from it. Edge: until the socket has to be waited for. */
static void set_bounds(struct ping_pong *self) {
    self->steps_max = wb_trigger_is_oneshot(self->trigger) ? 1 : STEPS_MAX;
    self->reads_max = self->trigger == WB_TRIGGER_LEVEL ? 1 : STEPS_MAX;
}

/* As many steps as the trigger calls for. STEP_MORE: the connection would go on at once. */
static enum step take_steps(struct ping_pong *self, struct connection *connection) {
    enum step step = STEP_MORE;
    for (int steps = 0, reads = 0; step == STEP_MORE && steps < self->steps_max; steps++) {
        if (connection->write_len > 0) {
            step = write_step(self, connection);
        } else if (reads < self->reads_max) {
            reads++;
            step = read_step(self, connection);
        } else {
            break;
        }
    }
    return step;
}

/* Sees to it that what the connection waits for will be reported. With an edge trigger both
 * directions are registered once for all; registering again is only needed to be called again
 * although the socket was not blocked. */
static enum wb_status watch_again(
    struct ping_pong *self, struct connection *connection, uint64_t token, enum step step) {
    uint32_t interest = connection->write_len > 0 ? WB_INTEREST_WRITABLE : WB_INTEREST_READABLE;
    if (self->trigger == WB_TRIGGER_EDGE) {
        if (step == STEP_BLOCKED) {
            return WB_OK;
        }
        interest = WB_INTEREST_READABLE | WB_INTEREST_WRITABLE;
    }
    if (self->trigger == WB_TRIGGER_LEVEL && interest == connection->interest) {
        return WB_OK;
    }
    connection->interest = interest;
    return wb_event_loop_reregister(self->server.loop, wb_tcp_stream_source(&connection->stream),
        token, interest, self->trigger);
}

static void close_connection(struct ping_pong *self, struct connection *connection) {
    wb_tcp_stream_close(&connection->stream);
    wb__line_buffer_clean_up(&connection->buffer, self->server.sys);
}

static void print_event(
    struct ping_pong *self, const struct connection *connection, struct wb_event event) {
    char text[WB_EVENT_SET_TEXT_LEN_MAX];
    wb_event_set_format(wb_event_set_of(event), text, sizeof text);
    wb__print(self->server.sys, WB__CONSOLE_OUT,
        "socket is ready; token=%zu; events=%s\n    connection-state=%s\n",
        wb_slab_token_key(event.token), text, state_name(connection));
}

/* The state says what is to be done, and the event only when: so a hang-up, an error, a report that
 * came too late or for nothing all lead to the operation that tells the truth. */
static void on_ready(struct wb__server *server, struct wb_event event) {
    struct ping_pong *self = from_server(server);
    struct connection *connection = wb_slab_from_token(&self->connections, event.token);
    if (connection == NULL) {
        return;
    }
    if (self->is_verbose) {
        print_event(self, connection, event);
    }
    enum step step = take_steps(self, connection);
    if (step != STEP_CLOSE) {
        enum wb_status status = watch_again(self, connection, event.token, step);
        if (status == WB_OK) {
            return;
        }
        (void)abandon(self, connection, "watching a connection", status);
    }
    close_connection(self, connection);
    wb_slab_remove(&self->connections, wb_slab_token_key(event.token), NULL);
    self->has_told_limit = false;
}

static void refuse(struct ping_pong *self, struct wb_tcp_stream *stream, enum wb_status status) {
    wb_tcp_stream_close(stream);
    if (!self->has_told_limit) {
        wb__print_failure(
            self->server.sys, self->server.options.program, "connection refused", status);
        self->has_told_limit = true;
    }
}

static void on_accepted(
    struct wb__server *server, struct wb_tcp_stream stream, const struct wb__address *peer) {
    (void)peer;
    struct ping_pong *self = from_server(server);
    if (self->is_verbose) {
        wb__print(
            server->sys, WB__CONSOLE_OUT, "the server socket is ready to accept a connection\n");
    }
    struct wb_slab_vacant vacant;
    enum wb_status status = wb_slab_vacant_entry(&self->connections, &vacant);
    if (status != WB_OK) {
        refuse(self, &stream, status);
        return;
    }
    struct connection fresh = {.stream = stream, .interest = WB_INTEREST_READABLE};
    if (self->trigger == WB_TRIGGER_EDGE) {
        fresh.interest |= WB_INTEREST_WRITABLE;
    }
    status = wb_event_loop_register(server->loop, wb_tcp_stream_source(&fresh.stream), vacant.token,
        fresh.interest, self->trigger);
    if (status != WB_OK) {
        refuse(self, &fresh.stream, status);
        return;
    }
    (void)wb_slab_vacant_insert(&vacant, &fresh);
}

static void on_close_all(struct wb__server *server) {
    struct ping_pong *self = from_server(server);
    struct wb_slab_iter iter = wb_slab_iter(&self->connections);
    struct connection connection;
    while (wb_slab_drain_next(&iter, NULL, &connection)) {
        close_connection(self, &connection);
    }
    wb_slab_clean_up(&self->connections);
}

struct settings {
    struct wb__address listen;
    struct wb__trigger_option trigger;
    size_t connections_max;
    size_t backlog;
    bool is_verbose;
    bool once;
};

static int run(const struct wb_sys *sys, const struct settings *settings) {
    static const struct wb__server_callbacks callbacks = {
        .accepted = on_accepted, .ready = on_ready, .close_all = on_close_all};
    struct ping_pong self = {.trigger = wb__trigger_or(settings->trigger, WB_TRIGGER_EDGE_ONESHOT),
        .is_verbose = settings->is_verbose};
    const size_t connections_max = settings->connections_max;
    set_bounds(&self);
    const struct wb_slab_options slab_options = {
        .element_size = sizeof(struct connection),
        .first = CONNECTION_KEY_FIRST,
        .capacity = connections_max < CONNECTIONS_RESERVED ? connections_max : CONNECTIONS_RESERVED,
        .capacity_max = connections_max,
    };
    const struct wb__server_options options = {
        .program = "ping_pong",
        .listen = settings->listen,
        .backlog = (int)settings->backlog,
        .listener_trigger = wb__trigger_or(settings->trigger, WB_TRIGGER_LEVEL),
        .listener_token = TOKEN_LISTENER,
    };
    wb__server_init(&self.server, sys, &callbacks, &options);
    enum wb_status status = wb_slab_init(&self.connections, sys, &slab_options);
    if (status != WB_OK) {
        wb__print_failure(sys, options.program, "memory at the start", status);
        return WB__EXIT_FAILURE;
    }
    return wb__server_run(&self.server);
}

static int accept_once(const struct wb_sys *sys, const struct settings *settings) {
    if (settings->listen.is_unix) {
        wb__print(
            sys, WB__CONSOLE_ERR, "ping_pong: --accept-once: expected HOST:PORT to listen on\n");
        return WB__EXIT_USAGE;
    }
    return wb__accept_once(sys, "ping_pong", &settings->listen.tcp,
        wb__trigger_or(settings->trigger, WB_TRIGGER_LEVEL));
}

int wb__ping_pong_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct settings settings = {
        .listen = wb__address_tcp(wb_addr_v4_any(6567)), .connections_max = CONNECTIONS_DEFAULT};
    const struct wb__option options[] = {
        {"listen", WB__OPTION_STREAM, &settings.listen,
            "where to listen; port 0 picks one. 0.0.0.0:6567", 0, 0},
        {"trigger", WB__OPTION_TRIGGER, &settings.trigger,
            "of all sockets. Without it: level for the listener, edge-oneshot for connections", 0,
            0},
        {"max-connections", WB__OPTION_COUNT, &settings.connections_max,
            "at once; one more is closed when it comes. 1024", 1, CONNECTIONS_MAX},
        {"backlog", WB__OPTION_COUNT, &settings.backlog,
            "connections that may wait to be accepted. 1024", 1, WB__BACKLOG_MAX},
        {"accept-once", WB__OPTION_FLAG, &settings.once,
            "accepts one connection, closes it and ends", 0, 0},
        {"verbose", WB__OPTION_FLAG, &settings.is_verbose, "prints every event", 0, 0},
    };
    const struct wb__command command = {"ping_pong", "Sends every line back to who sent it.",
        options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    return settings.once ? accept_once(sys, &settings) : run(sys, &settings);
}
