/* registration: a listener and a client of it in one poll, each under its own token, and what is
 * reported for them: first the listener as readable and the client as writable; then, when the
 * server's end was closed, the client as readable, and it reads the end. */
#include "examples/programs.h"

#include "wb/poll.h"
#include "wb/tcp.h"

#include "examples/console.h"
#include "examples/options.h"

#define PROGRAM "registration"
/* Loopback needs microseconds. */
#define TIMEOUT_NS UINT64_C(10000000000)

enum { TOKEN_SERVER = 0, TOKEN_CLIENT = 1, EVENTS_CAPACITY = 8 };

struct registration {
    const struct wb_sys *sys;
    enum wb_trigger trigger;
    uint64_t deadline_ns;
    struct wb_poll poll;
    struct wb_events events;
    struct wb_tcp_listener server;
    struct wb_tcp_stream accepted; /* the server's end of the client's connection */
    struct wb_tcp_stream client;
    struct wb_addr client_addr;
    uint32_t client_interest;
    bool is_connected;
    bool is_accepted;
    bool is_closed; /* the accepted end */
    bool is_at_end;
};

static enum wb_status watch_client(struct registration *self, uint32_t interest) {
    self->client_interest = interest;
    return wb_registry_reregister(wb_poll_registry(&self->poll),
        wb_tcp_stream_source(&self->client), TOKEN_CLIENT, interest, self->trigger);
}

static enum wb_status watch_server(struct registration *self) {
    return wb_registry_reregister(wb_poll_registry(&self->poll),
        wb_tcp_listener_source(&self->server), TOKEN_SERVER, WB_INTEREST_READABLE, self->trigger);
}

/* Keeps the client's own connection, which is known by its address: somebody else may have
 * connected too. */
static void keep_or_close(
    struct registration *self, struct wb_tcp_stream *accepted, const struct wb_addr *peer) {
    if (self->is_accepted || !wb_addr_equal(peer, &self->client_addr)) {
        wb_tcp_stream_close(accepted);
        return;
    }
    self->is_accepted = true;
    self->accepted = *accepted;
    wb__print(self->sys, WB__CONSOLE_OUT, "server: accepted the client\n");
}

static enum wb_status serve(struct registration *self) {
    struct wb_tcp_stream accepted;
    struct wb_addr peer;
    enum wb_status status = wb_tcp_listener_accept(&self->server, &accepted, &peer);
    if (status == WB_OK) {
        keep_or_close(self, &accepted, &peer);
        /* More may wait, which an edge would not tell. */
        return watch_server(self);
    }
    if (status == WB_WOULD_BLOCK) {
        return wb_trigger_is_oneshot(self->trigger) ? watch_server(self) : WB_OK;
    }
    if (status == WB_ERR_INTERRUPTED || wb_status_category(status) == WB_CATEGORY_NETWORK) {
        return watch_server(self);
    }
    return status;
}

/* When both ends stand the server has no more to do: closing its end makes the client readable. */
static void close_accepted(struct registration *self) {
    if (self->is_accepted && self->is_connected && !self->is_closed) {
        self->is_closed = true;
        wb_tcp_stream_close(&self->accepted);
        wb__print(self->sys, WB__CONSOLE_OUT, "server: closed the connection\n");
    }
}

static enum wb_status read_client(struct registration *self) {
    uint8_t byte;
    size_t n;
    enum wb_status status = wb_tcp_stream_read(&self->client, &byte, sizeof byte, &n);
    if (status == WB_EOF) {
        wb__print(self->sys, WB__CONSOLE_OUT, "client: read 0 bytes\n");
        self->is_at_end = true;
        return WB_OK;
    }
    if (status == WB_OK) {
        wb__print(self->sys, WB__CONSOLE_ERR, PROGRAM ": a byte came from nowhere\n");
        return WB_ERR_PARSE;
    }
    return status;
}

/* Until it is connected the client waits to be writable as well; after that, to read the end. */
static enum wb_status serve_client(struct registration *self, struct wb_event event) {
    enum wb_status status = WB_OK;
    if (!self->is_connected) {
        status = wb_tcp_stream_finish_connect(&self->client);
        self->is_connected = status == WB_OK;
    }
    if (self->is_connected && wb_event_wants_read(event)) {
        status = read_client(self);
    }
    if (self->is_at_end) {
        return WB_OK;
    }
    if (status != WB_OK && status != WB_WOULD_BLOCK && status != WB_IN_PROGRESS
        && status != WB_ERR_INTERRUPTED) {
        return status;
    }
    uint32_t interest =
        self->is_connected ? WB_INTEREST_READABLE : WB_INTEREST_READABLE | WB_INTEREST_WRITABLE;
    bool must_arm = wb_trigger_is_oneshot(self->trigger) || status == WB_ERR_INTERRUPTED;
    return must_arm || interest != self->client_interest ? watch_client(self, interest) : WB_OK;
}

static enum wb_status dispatch(struct registration *self, struct wb_event event) {
    char text[WB_EVENT_TEXT_LEN_MAX];
    wb_event_format(event, text, sizeof text);
    bool is_server = event.token == TOKEN_SERVER;
    wb__print(self->sys, WB__CONSOLE_OUT, "%s: %s\n", is_server ? "SERVER" : "CLIENT", text);
    wb_sys_note(self->sys, WB_NOTE_DISPATCH, event.token, event.flags);
    if (is_server) {
        return serve(self);
    }
    return self->is_at_end ? WB_OK : serve_client(self, event);
}

static enum wb_status wait_and_dispatch(struct registration *self) {
    uint64_t now = WB_SYS(self->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    if (now >= self->deadline_ns) {
        return WB_ERR_TIMED_OUT;
    }
    enum wb_status status =
        wb_poll_wait(&self->poll, &self->events, (int64_t)(self->deadline_ns - now));
    if (status == WB_ERR_INTERRUPTED) {
        return WB_OK;
    }
    for (uint32_t i = 0; status == WB_OK && i < wb_events_count(&self->events); i++) {
        status = dispatch(self, wb_events_at(&self->events, i));
    }
    close_accepted(self);
    return status;
}

static enum wb_status listen_and_connect(struct registration *self, struct wb_addr listen) {
    const struct wb_registry *registry = wb_poll_registry(&self->poll);
    enum wb_status status = wb_tcp_listener_bind(&self->server, self->sys, &listen, 0);
    if (status != WB_OK) {
        return status;
    }
    status = wb_registry_register(registry, wb_tcp_listener_source(&self->server), TOKEN_SERVER,
        WB_INTEREST_READABLE, self->trigger);
    if (status != WB_OK) {
        return status;
    }
    status = wb_tcp_listener_local_addr(&self->server, &listen);
    if (status != WB_OK) {
        return status;
    }
    char text[WB_ADDR_TEXT_LEN_MAX];
    wb_addr_format(&listen, text, sizeof text);
    wb__print(self->sys, WB__CONSOLE_OUT, "listening on %s\n", text);
    status = wb_tcp_stream_connect(&self->client, self->sys, &listen);
    if (status != WB_OK) {
        return status;
    }
    status = wb_tcp_stream_local_addr(&self->client, &self->client_addr);
    if (status != WB_OK) {
        return status;
    }
    self->client_interest = WB_INTEREST_READABLE | WB_INTEREST_WRITABLE;
    return wb_registry_register(registry, wb_tcp_stream_source(&self->client), TOKEN_CLIENT,
        self->client_interest, self->trigger);
}

static enum wb_status run(struct registration *self, struct wb_addr listen) {
    enum wb_status status = wb_poll_init(&self->poll, self->sys);
    if (status == WB_OK) {
        status = wb_events_init(&self->events, self->sys, EVENTS_CAPACITY);
    }
    if (status == WB_OK) {
        status = listen_and_connect(self, listen);
    }
    self->deadline_ns = WB_SYS(self->sys, clock_gettime, WB_CLOCK_MONOTONIC) + TIMEOUT_NS;
    while (status == WB_OK && !self->is_at_end) {
        status = wait_and_dispatch(self);
    }
    return status;
}

int wb__registration_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_addr listen = wb_addr_v4_loopback(13265);
    struct wb__trigger_option trigger = {0};
    const struct wb__option options[] = {
        {"listen", WB__OPTION_ADDR, &listen, "where to listen; port 0 picks one. 127.0.0.1:13265",
            0, 0},
        {"trigger", WB__OPTION_TRIGGER, &trigger, "of both sockets. edge", 0, 0},
    };
    const struct wb__command command = {PROGRAM, "Watches a listener and a client of it.", options,
        sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    struct registration self = {.sys = sys, .trigger = wb__trigger_or(trigger, WB_TRIGGER_EDGE)};
    enum wb_status status = run(&self, listen);
    if (status != WB_OK) {
        wb__print_failure(sys, PROGRAM, "stopped", status);
    }
    wb_tcp_stream_close(&self.client);
    wb_tcp_stream_close(&self.accepted);
    wb_tcp_listener_close(&self.server);
    wb_events_clean_up(&self.events);
    wb_poll_clean_up(&self.poll);
    return status == WB_OK ? WB__EXIT_OK : WB__EXIT_FAILURE;
}
