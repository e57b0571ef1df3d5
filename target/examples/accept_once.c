/* See accept_once.h. */
#include "examples/accept_once.h"

#include "wb/event_loop.h"
#include "wb/tcp.h"
#include "wb/termination.h"

#include "examples/console.h"
#include "examples/options.h"

enum { TOKEN_LISTENER = 0, TOKEN_TERMINATION = 1 };

struct accept_once {
    const struct wb_sys *sys;
    struct wb_event_loop *loop;
    struct wb_tcp_listener listener;
    struct wb_termination termination;
    enum wb_trigger trigger;
    int exit_status;
};

static void finish(struct accept_once *self, int exit_status) {
    self->exit_status = exit_status;
    wb_event_loop_shutdown(self->loop);
}

static void say(struct accept_once *self, const char *text) {
    wb__print(self->sys, WB__CONSOLE_OUT, "%s\n", text);
}

/* The event was for nothing: the next one has to be asked for if the trigger is one-shot. */
static void keep_waiting(struct accept_once *self) {
    say(self, "the server socket wasn't actually ready");
    if (!wb_trigger_is_oneshot(self->trigger)) {
        return;
    }
    enum wb_status status =
        wb_event_loop_reregister(self->loop, wb_tcp_listener_source(&self->listener),
            TOKEN_LISTENER, WB_INTEREST_READABLE, self->trigger);
    if (status != WB_OK) {
        wb__print_failure(self->sys, "ping_pong", "watching the listener", status);
        finish(self, WB__EXIT_FAILURE);
    }
}

static void accept_one(struct accept_once *self) {
    struct wb_tcp_stream stream;
    enum wb_status status;
    say(self, "the server socket is ready to accept a connection");
    do {
        status = wb_tcp_listener_accept(&self->listener, &stream, NULL);
    } while (status == WB_ERR_INTERRUPTED);
    if (status == WB_WOULD_BLOCK) {
        keep_waiting(self);
    } else if (status == WB_OK) {
        say(self, "accepted a socket, exiting program");
        wb_tcp_stream_close(&stream);
        finish(self, WB__EXIT_OK);
    } else {
        wb__print(
            self->sys, WB__CONSOLE_ERR, "listener.accept() errored: %s\n", wb_status_text(status));
        finish(self, WB__EXIT_FAILURE);
    }
}

static void on_ready(struct wb_event_loop *loop, struct wb_event event, void *user_data) {
    (void)loop;
    struct accept_once *self = user_data;
    if (!wb_event_loop_is_running(self->loop)) {
        return;
    }
    if (event.token == TOKEN_LISTENER) {
        accept_one(self);
    } else if (wb_termination_take(&self->termination, NULL) == WB_OK) {
        finish(self, WB__EXIT_OK);
    }
}

static enum wb_status open_all(struct accept_once *self, const struct wb_addr *listen) {
    enum wb_status status = wb_event_loop_new(self->sys, NULL, &self->loop);
    if (status != WB_OK) {
        return status;
    }
    status = wb_termination_init(&self->termination, self->sys);
    if (status != WB_OK) {
        return status;
    }
    status = wb_event_loop_register(self->loop, wb_termination_source(&self->termination),
        TOKEN_TERMINATION, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    if (status != WB_OK) {
        return status;
    }
    status = wb_tcp_listener_bind(&self->listener, self->sys, listen, 0);
    if (status != WB_OK) {
        return status;
    }
    return wb_event_loop_register(self->loop, wb_tcp_listener_source(&self->listener),
        TOKEN_LISTENER, WB_INTEREST_READABLE, self->trigger);
}

static enum wb_status run(struct accept_once *self) {
    static const struct wb_handler handler = {.ready = on_ready};
    struct wb_addr addr;
    enum wb_status status = wb_tcp_listener_local_addr(&self->listener, &addr);
    if (status != WB_OK) {
        return status;
    }
    char text[WB_ADDR_TEXT_LEN_MAX];
    wb_addr_format(&addr, text, sizeof text);
    wb__print(self->sys, WB__CONSOLE_OUT, "listening on %s\nrunning pingpong server\n", text);
    return wb_event_loop_run(self->loop, &handler, self);
}

int wb__accept_once(const struct wb_sys *sys, const char *program, const struct wb_addr *listen,
    enum wb_trigger trigger) {
    struct accept_once self = {.sys = sys, .trigger = trigger};
    enum wb_status status = open_all(&self, listen);
    if (status == WB_OK) {
        status = run(&self);
    }
    if (status != WB_OK) {
        wb__print_failure(sys, program, "cannot serve", status);
        self.exit_status = WB__EXIT_FAILURE;
    }
    wb_tcp_listener_close(&self.listener);
    wb_termination_clean_up(&self.termination);
    wb_event_loop_destroy(self.loop);
    return self.exit_status;
}
