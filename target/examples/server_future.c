/* server_future: a server that is a future, and its client. The future listens, on the low queue of
 * the runtime, until somebody has sent a message; the client, in the program's own thread and on a
 * poll of its own, sends it; the outcome is printed. With --serve every message is handed to a
 * task, and the future listens on. */
#include "examples/programs.h"

#include <string.h>

#include "examples/client.h"
#include "examples/console.h"
#include "examples/lossy_text.h"
#include "examples/message_future.h"
#include "examples/options.h"
#include "examples/stop.h"
#include "wb/combine.h"
#include "wb/runtime.h"
#include "wb/time.h"

#define PROGRAM "server_future"
#define STOPPED "stopped"
#define TIMEOUT_NS UINT64_C(10000000000)

enum { CLIENTS_MAX = WB__MESSAGE_SENDERS_MAX };

struct server_future {
    char subject[WB_ADDR_TEXT_LEN_MAX]; /* what a failure would be about now */
    const struct wb_sys *sys;
    struct wb_runtime *runtime;
    struct wb__stop stop;
    struct wb_listener listener;
    struct wb_addr addr;
    struct wb__client clients[CLIENTS_MAX];
    size_t client_count;
    const char *message;
    bool serves;
};

/* As text, whatever the bytes are; then a newline of its own, though a message has one mostly. All
 * at once, since tasks print side by side. */
static void print_message(const struct wb_sys *sys, const char *what, struct wb_bytes message) {
    char text[WB__MESSAGE_LEN_MAX * WB__REPLACEMENT_LEN + 16];
    size_t len = strlen(what);
    memcpy(text, what, len);
    len += wb__lossy_text(message, text + len);
    text[len++] = '\n';
    wb__print_bytes(sys, WB__CONSOLE_OUT, wb_bytes_from(text, len));
}

/* ---- a task for each message ---- */

struct handler {
    struct wb_future future;
    const struct wb_sys *sys;
    size_t len;
    unsigned char bytes[WB__MESSAGE_LEN_MAX]; /* its own: the sender's place is used again */
};

static enum wb_progress handler_poll(struct wb_future *future, struct wb_context *context) {
    const struct handler *self = WB_FUTURE_OF(future, struct handler, future);
    (void)context;
    print_message(self->sys, "handled: ", wb_bytes_from(self->bytes, self->len));
    return wb_future_end(future, WB_OK);
}

static const struct wb_future_ops handler_ops = {
    .size = sizeof(struct handler),
    .offset = offsetof(struct handler, future),
    .poll = handler_poll,
};

static bool hand_over(void *user_data, struct wb_context *context, struct wb_bytes message) {
    const struct server_future *self = user_data;
    struct handler handler = {.sys = self->sys, .len = message.len};
    memcpy(handler.bytes, message.ptr, message.len);
    wb_future_init(&handler.future, &handler_ops);
    const enum wb_status status = wb_context_spawn(context, &handler.future, NULL, NULL);
    if (status != WB_OK) {
        wb__print_failure(self->sys, PROGRAM, "a message is lost", status);
    }
    return true;
}

/* ---- life ---- */

static enum wb_status listen_and_tell(struct server_future *self, const struct wb_addr *listen) {
    char text[WB_ADDR_TEXT_LEN_MAX];
    wb_addr_format(listen, self->subject, sizeof self->subject);
    enum wb_status status = wb_listener_bind(&self->listener, self->runtime, listen, 0);
    if (status != WB_OK) {
        return status;
    }
    status = wb_tcp_listener_local_addr(wb_listener_tcp(&self->listener), &self->addr);
    if (status == WB_OK) {
        wb_addr_format(&self->addr, text, sizeof text);
        wb__print(self->sys, WB__CONSOLE_OUT, "listening on %s\n", text);
    }
    return status;
}

static enum wb_status open_all(struct server_future *self, const struct wb_addr *listen) {
    enum wb_status status = wb__stop_prepare(&self->stop, self->sys);
    if (status != WB_OK) {
        return status;
    }
    status = wb_runtime_new(self->sys, NULL, &self->runtime);
    if (status != WB_OK) {
        return status;
    }
    status = wb__stop_begin(&self->stop, self->runtime);
    return status == WB_OK ? listen_and_tell(self, listen) : status;
}

static void close_all(struct server_future *self) {
    for (size_t i = 0; i < self->client_count; i++) {
        wb__client_clean_up(&self->clients[i]);
    }
    /* The task, if there still is one, before the listener that it waits for. */
    if (self->runtime != NULL) {
        (void)!wb_runtime_shutdown(self->runtime, 0);
    }
    wb_listener_close(&self->listener);
    wb__stop_close(&self->stop);
    wb_runtime_destroy(self->runtime);
}

/* ---- clients ---- */

/* Before the future is polled for the first time, so that it finds all of them waiting. */
static enum wb_status connect_clients(struct server_future *self) {
    const struct wb__address addr = wb__address_tcp(self->addr);
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < self->client_count && status == WB_OK; i++) {
        status =
            wb__client_connect(&self->clients[i], self->sys, &addr, WB_TRIGGER_EDGE, TIMEOUT_NS);
    }
    return status;
}

/* They stay connected: a message ends with its newline. When somebody else's came first the future
 * is gone, and the connection with it; nobody is told of that. */
static void send_messages(struct server_future *self) {
    for (size_t i = 0; i < self->client_count; i++) {
        enum wb_status status =
            wb__client_send(&self->clients[i], wb_bytes_from_string(self->message));
        if (status == WB_OK) {
            status = wb__client_send(&self->clients[i], wb_bytes_from_string("\n"));
        }
        if (status != WB_OK && wb_status_category(status) != WB_CATEGORY_NETWORK) {
            wb__print_failure(self->sys, PROGRAM, "a client", status);
        }
    }
}

/* ---- the future ---- */

/* Whoever sent a message waits no longer for what comes of it than for anything else; what others
 * may send is waited for as long as it takes. */
static enum wb_status await_outcome(struct server_future *self, struct wb_join_handle *handle) {
    const bool has_sent = self->client_count != 0 && !self->serves;
    struct wb_with_timeout timeout;
    struct wb_future *parts[] = {&self->stop.future, has_sent ? &timeout.future : &handle->future};
    struct wb_race race;
    wb_with_timeout_init(&timeout, self->runtime, &handle->future, TIMEOUT_NS);
    wb_race_init(&race, parts, 2, WB_RACE_BIASED);
    const enum wb_status status = wb_runtime_block_on(self->runtime, &race.future);
    if (status != WB_OK || race.winner == 0) { /* the handle was given up, and the task with it */
        return status;
    }
    const struct wb_future *output = wb_join_handle_take_output(handle);
    print_message(self->sys,
        "outcome: ", WB_FUTURE_OF(output, const struct wb__message_future, future)->message);
    return WB_OK;
}

static enum wb_status run(struct server_future *self) {
    struct wb__message_future messages;
    struct wb_join_handle handle = {0};
    const struct wb_spawn_options low = {.priority = WB_PRIORITY_LOW};
    enum wb_status status = connect_clients(self);
    if (status != WB_OK) {
        return status;
    }
    wb__message_future_init(&messages, &self->listener, self->serves ? hand_over : NULL, self);
    status = wb_runtime_spawn(self->runtime, &messages.future, &low, &handle);
    if (status != WB_OK) {
        return status;
    }
    send_messages(self);
    status = await_outcome(self, &handle);
    wb_join_handle_cancel(&handle);
    return status;
}

int wb__server_future_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct server_future self = {
        .subject = STOPPED, .sys = sys, .client_count = 1, .message = "that's so dingo!"};
    struct wb_addr listen = wb_addr_v4_loopback(13265);
    const struct wb__option options[] = {
        {"listen", WB__OPTION_ADDR, &listen, "where to listen; port 0 picks one. 127.0.0.1:13265",
            0, 0},
        {"clients", WB__OPTION_COUNT, &self.client_count,
            "of its own, that send the message; 0 leaves it to others. 1", 0, CLIENTS_MAX},
        {"message", WB__OPTION_TEXT, &self.message, "what they send, without its newline", 0, 0},
        {"serve", WB__OPTION_FLAG, &self.serves,
            "goes on: every message is printed by a task of its own", 0, 0},
    };
    const struct wb__command command = {PROGRAM, "A server that is a future, and its client.",
        options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    enum wb_status status = open_all(&self, &listen);
    if (status == WB_OK) {
        memcpy(self.subject, STOPPED, sizeof STOPPED);
        status = run(&self);
    }
    close_all(&self);
    if (status != WB_OK) {
        wb__print_failure(sys, PROGRAM, self.subject, status);
        return WB__EXIT_FAILURE;
    }
    return WB__EXIT_OK;
}
