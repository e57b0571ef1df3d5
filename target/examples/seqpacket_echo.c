/* seqpacket_echo: sends every message back, over Unix seqpackets. One step of a connection is a
 * message: received, and answered before the next is received. An answer for which there is no room
 * is kept, and nothing is received meanwhile: a peer that does not receive is not heard. */
#include "examples/programs.h"

#include <assert.h>
#include <string.h>

#include "wb/slab.h"
#include "wb/unix_seqpacket.h"

#include "examples/console.h"
#include "examples/options.h"
#include "examples/server.h"

#define PROGRAM "seqpacket_echo"

enum {
    TOKEN_LISTENER = 0,
    CONNECTION_KEY_FIRST = 1,
    CONNECTIONS_DEFAULT = 1024,
    CONNECTIONS_MAX = 1000000,
    CONNECTIONS_RESERVED = 16,
    /* A longer message is given up. */
    MESSAGE_LEN_MAX = 64 * 1024,
    /* Steps that a connection may take for one event before others get their turn. */
    STEPS_MAX = 16,
};

struct connection {
    struct wb_unix_seqpacket socket;
    uint8_t *answer; /* that found no room; NULL: none */
    size_t answer_len;
    uint32_t interest; /* as last registered */
};

struct seqpacket_echo {
    struct wb__server server;
    struct wb_slab connections;
    enum wb_trigger trigger;
    int steps_max;   /* for one event */
    uint8_t *buffer; /* MESSAGE_LEN_MAX bytes: the message at hand */
    bool has_told_limit;
};

/* What a step came to. */
enum step {
    STEP_MORE,    /* another may follow */
    STEP_BLOCKED, /* the socket has to be waited for */
    STEP_CLOSE,   /* the connection is over */
};

static struct seqpacket_echo *from_server(struct wb__server *server) {
    return (struct seqpacket_echo *)server;
}

/* ---- messages ---- */

/* Gives bytes up that were received, and says so. */
static void discard(
    struct seqpacket_echo *self, struct connection *connection, const char *what, size_t len) {
    const struct wb_sys *sys = self->server.sys;
    wb_sys_note(sys, WB_NOTE_DISCARD, (uint64_t)wb_unix_seqpacket_fd(&connection->socket), len);
    wb__print(sys, WB__CONSOLE_ERR, PROGRAM ": %s\n", what);
}

static void drop_answer(struct seqpacket_echo *self, struct connection *connection) {
    if (connection->answer != NULL) {
        WB_SYS(self->server.sys, free, connection->answer, connection->answer_len);
    }
    connection->answer = NULL;
}

/* `step` when it is kept. */
static enum step keep_answer(
    struct seqpacket_echo *self, struct connection *connection, size_t len, enum step step) {
    connection->answer = WB_SYS(self->server.sys, alloc, len);
    if (connection->answer == NULL) {
        discard(self, connection, "no memory for an answer that has to wait", len);
        return STEP_CLOSE;
    }
    memcpy(connection->answer, self->buffer, len);
    connection->answer_len = len;
    return step;
}

/* The message at hand. A peer that has gone is nothing that a server need complain about. */
static enum step answer(struct seqpacket_echo *self, struct connection *connection, size_t len) {
    enum wb_status status = wb_unix_seqpacket_send(&connection->socket, self->buffer, len);
    if (status == WB_WOULD_BLOCK) {
        return keep_answer(self, connection, len, STEP_BLOCKED);
    }
    if (status == WB_ERR_INTERRUPTED) {
        return keep_answer(self, connection, len, STEP_MORE);
    }
    if (status == WB_ERR_MESSAGE_TOO_BIG) {
        discard(self, connection, "a message too long to be sent back", len);
        return STEP_MORE;
    }
    return status == WB_OK ? STEP_MORE : STEP_CLOSE;
}

static enum step receive_step(struct seqpacket_echo *self, struct connection *connection) {
    struct wb_datagram message;
    enum wb_status status =
        wb_unix_seqpacket_recv(&connection->socket, self->buffer, MESSAGE_LEN_MAX, &message);
    if (status == WB_WOULD_BLOCK) {
        return STEP_BLOCKED;
    }
    if (status == WB_ERR_INTERRUPTED) {
        return STEP_MORE;
    }
    if (status != WB_OK) {
        return STEP_CLOSE;
    }
    if (message.is_truncated) {
        discard(self, connection, "a message that is too long", message.len);
        return STEP_MORE;
    }
    return answer(self, connection, message.len);
}

static enum step send_step(struct seqpacket_echo *self, struct connection *connection) {
    enum wb_status status =
        wb_unix_seqpacket_send(&connection->socket, connection->answer, connection->answer_len);
    if (status == WB_WOULD_BLOCK) {
        return STEP_BLOCKED;
    }
    if (status == WB_ERR_INTERRUPTED) {
        return STEP_MORE;
    }
    if (status != WB_OK) {
        return STEP_CLOSE;
    }
    drop_answer(self, connection);
    return STEP_MORE;
}

/* ---- events ---- */

/* As many steps as the trigger calls for. STEP_MORE: the connection would go on at once. */
static enum step take_steps(struct seqpacket_echo *self, struct connection *connection) {
    enum step step = STEP_MORE;
    for (int steps = 0; step == STEP_MORE && steps < self->steps_max; steps++) {
        step = connection->answer != NULL ? send_step(self, connection)
                                          : receive_step(self, connection);
    }
    return step;
}

/* Sees to it that what the connection waits for will be reported. With an edge trigger both
 * directions are registered once for all; registering again is only needed to be called again
 * although the socket was not blocked. */
static enum wb_status watch_again(
    struct seqpacket_echo *self, struct connection *connection, uint64_t token, enum step step) {
    uint32_t interest = connection->answer != NULL ? WB_INTEREST_WRITABLE : WB_INTEREST_READABLE;
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
    return wb_event_loop_reregister(self->server.loop,
        wb_unix_seqpacket_source(&connection->socket), token, interest, self->trigger);
}

static void close_connection(struct seqpacket_echo *self, struct connection *connection) {
    if (connection->answer != NULL) {
        wb_sys_note(self->server.sys, WB_NOTE_DISCARD,
            (uint64_t)wb_unix_seqpacket_fd(&connection->socket), connection->answer_len);
    }
    drop_answer(self, connection);
    wb_unix_seqpacket_close(&connection->socket);
}

/* The state says what is to be done, and the event only when. */
static void on_ready(struct wb__server *server, struct wb_event event) {
    struct seqpacket_echo *self = from_server(server);
    struct connection *connection = wb_slab_from_token(&self->connections, event.token);
    if (connection == NULL) {
        return;
    }
    enum step step = take_steps(self, connection);
    if (step != STEP_CLOSE) {
        enum wb_status status = watch_again(self, connection, event.token, step);
        if (status == WB_OK) {
            return;
        }
        wb__print_failure(server->sys, PROGRAM, "watching a connection", status);
    }
    close_connection(self, connection);
    wb_slab_remove(&self->connections, wb_slab_token_key(event.token), NULL);
    self->has_told_limit = false;
}

static void refuse(
    struct seqpacket_echo *self, struct wb_unix_seqpacket *socket, enum wb_status status) {
    wb_unix_seqpacket_close(socket);
    if (!self->has_told_limit) {
        wb__print_failure(self->server.sys, PROGRAM, "connection refused", status);
        self->has_told_limit = true;
    }
}

static void on_accepted(
    struct wb__server *server, struct wb_tcp_stream stream, const struct wb__address *peer) {
    (void)peer;
    struct seqpacket_echo *self = from_server(server);
    struct connection fresh = {.interest = WB_INTEREST_READABLE};
    wb_unix_seqpacket_from_fd(&fresh.socket, server->sys, wb_tcp_stream_into_fd(&stream));
    struct wb_slab_vacant vacant;
    enum wb_status status = wb_slab_vacant_entry(&self->connections, &vacant);
    if (status == WB_OK) {
        if (self->trigger == WB_TRIGGER_EDGE) {
            fresh.interest |= WB_INTEREST_WRITABLE;
        }
        status = wb_event_loop_register(server->loop, wb_unix_seqpacket_source(&fresh.socket),
            vacant.token, fresh.interest, self->trigger);
    }
    if (status != WB_OK) {
        refuse(self, &fresh.socket, status);
        return;
    }
    (void)wb_slab_vacant_insert(&vacant, &fresh);
}

static void on_close_all(struct wb__server *server) {
    struct seqpacket_echo *self = from_server(server);
    struct wb_slab_iter iter = wb_slab_iter(&self->connections);
    struct connection connection;
    while (wb_slab_drain_next(&iter, NULL, &connection)) {
        close_connection(self, &connection);
    }
    wb_slab_clean_up(&self->connections);
    WB_SYS(server->sys, free, self->buffer, MESSAGE_LEN_MAX);
}

/* ---- the program ---- */

struct settings {
    struct wb__address listen;
    struct wb__trigger_option trigger;
    size_t connections_max;
};

static enum wb_status reserve(struct seqpacket_echo *self, size_t connections_max) {
    const struct wb_slab_options slab_options = {
        .element_size = sizeof(struct connection),
        .first = CONNECTION_KEY_FIRST,
        .capacity = connections_max < CONNECTIONS_RESERVED ? connections_max : CONNECTIONS_RESERVED,
        .capacity_max = connections_max,
    };
    const struct wb_sys *sys = self->server.sys;
    enum wb_status status = wb_slab_init(&self->connections, sys, &slab_options);
    if (status != WB_OK) {
        return status;
    }
    self->buffer = WB_SYS(sys, alloc, MESSAGE_LEN_MAX);
    if (self->buffer == NULL) {
        wb_slab_clean_up(&self->connections);
        return WB_ERR_NO_MEMORY;
    }
    return WB_OK;
}

static int run(const struct wb_sys *sys, const struct settings *settings) {
    static const struct wb__server_callbacks callbacks = {
        .accepted = on_accepted, .ready = on_ready, .close_all = on_close_all};
    struct seqpacket_echo self = {.trigger = wb__trigger_or(settings->trigger, WB_TRIGGER_EDGE)};
    self.steps_max = self.trigger == WB_TRIGGER_EDGE ? STEPS_MAX : 1;
    const struct wb__server_options options = {
        .program = PROGRAM,
        .listen = settings->listen,
        .is_seqpacket = true,
        .listener_trigger = self.trigger,
        .listener_token = TOKEN_LISTENER,
    };
    wb__server_init(&self.server, sys, &callbacks, &options);
    enum wb_status status = reserve(&self, settings->connections_max);
    if (status != WB_OK) {
        wb__print_failure(sys, PROGRAM, "memory at the start", status);
        return WB__EXIT_FAILURE;
    }
    return wb__server_run(&self.server);
}

int wb__seqpacket_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct settings settings = {
        .listen = {.is_unix = true,
            .unix_addr = {.kind = WB_UNIX_ADDR_ABSTRACT, .len = 10, .name = "wouldblock"}},
        .connections_max = CONNECTIONS_DEFAULT,
    };
    const struct wb__option options[] = {
        {"listen", WB__OPTION_UNIX, &settings.listen.unix_addr, "where to listen. @wouldblock", 0,
            0},
        {"trigger", WB__OPTION_TRIGGER, &settings.trigger, "of all sockets. edge", 0, 0},
        {"max-connections", WB__OPTION_COUNT, &settings.connections_max,
            "at once; one more is closed when it comes. 1024", 1, CONNECTIONS_MAX},
    };
    const struct wb__command command = {PROGRAM, "Sends every message back, over Unix seqpackets.",
        options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    return run(sys, &settings);
}
