/* unix_datagram: messages between two processes over Unix datagram sockets. This one listens on a
 * path and answers every message with itself, if its sender can be answered; the other one sends
 * (unix_datagram_sender.c). What arrives is what was sent, message by message. */
#include "examples/programs.h"

#include "wb/unix_datagram.h"

#include "examples/console.h"
#include "examples/datagram_server.h"
#include "examples/options.h"
#include "examples/stale_path.h"

#define PROGRAM "unix_datagram"

struct unix_echo {
    struct wb__datagram_server server;
    struct wb_unix_datagram socket;
    struct wb_unix_addr sender; /* of the datagram in the buffer */
    bool is_verbose;
};

static struct unix_echo *from_server(struct wb__datagram_server *server) {
    return (struct unix_echo *)server;
}

static void on_listening(struct wb__datagram_server *server) {
    struct wb_unix_addr addr;
    char text[WB_UNIX_ADDR_TEXT_LEN_MAX];
    enum wb_status status = wb_unix_datagram_local_addr(&from_server(server)->socket, &addr);
    if (status != WB_OK) {
        wb__print_failure(server->sys, PROGRAM, "own address", status);
        return;
    }
    wb_unix_addr_format(&addr, text, sizeof text);
    wb__print(server->sys, WB__CONSOLE_OUT, "listening on %s\n", text);
}

static enum wb_status on_receive(
    struct wb__datagram_server *server, struct wb_datagram *out_datagram) {
    struct unix_echo *self = from_server(server);
    enum wb_status status = wb_unix_datagram_recv_from(
        &self->socket, server->buffer, WB__DATAGRAM_LEN_MAX, out_datagram, &self->sender);
    if (status == WB_OK && self->is_verbose) {
        char text[WB_UNIX_ADDR_TEXT_LEN_MAX];
        bool is_unnamed = wb_unix_addr_format(&self->sender, text, sizeof text) == 0;
        wb__print(server->sys, WB__CONSOLE_OUT, "%zu bytes from %s\n", out_datagram->len,
            is_unnamed ? "an unnamed socket" : text);
    }
    return status;
}

static enum wb_status on_reply(struct wb__datagram_server *server, size_t len) {
    struct unix_echo *self = from_server(server);
    if (wb_unix_addr_is_unnamed(&self->sender)) {
        return WB_OK;
    }
    return wb_unix_datagram_send_to(&self->socket, server->buffer, len, &self->sender);
}

/* The path exists only as long as the program: nobody could bind to it otherwise. One that a killed
 * program has left is taken over. */
static int serve(struct unix_echo *self, const struct wb_sys *sys,
    const struct wb_unix_addr *listen, enum wb_trigger trigger) {
    static const struct wb__datagram_callbacks callbacks = {
        .listening = on_listening, .receive = on_receive, .reply = on_reply};
    const struct wb__datagram_options options = {
        .program = PROGRAM, .trigger = trigger, .must_retry_replies = true};
    enum wb_status status = wb_unix_datagram_bind(&self->socket, sys, listen);
    if (status == WB_ERR_ADDR_IN_USE && wb__stale_path_remove(sys, listen, WB__UNIX_DATAGRAM)) {
        status = wb_unix_datagram_bind(&self->socket, sys, listen);
    }
    if (status != WB_OK) {
        char text[WB_UNIX_ADDR_TEXT_LEN_MAX];
        wb_unix_addr_format(listen, text, sizeof text);
        wb__print_failure(sys, PROGRAM, text, status);
        return WB__EXIT_FAILURE;
    }
    int exit_status = wb__datagram_server_run(&self->server, sys, &callbacks, &options,
        wb_unix_datagram_source(&self->socket), wb_unix_datagram_fd(&self->socket));
    wb_unix_datagram_close(&self->socket);
    status = wb_unix_addr_unlink(listen, sys);
    if (status != WB_OK) {
        wb__print_failure(sys, PROGRAM, "removing the path", status);
    }
    return exit_status;
}

int wb__unix_datagram_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_unix_addr listen = {.kind = WB_UNIX_ADDR_ABSTRACT, .len = 10, .name = "wouldblock"};
    struct wb__trigger_option trigger = {0};
    struct unix_echo self = {0};
    const struct wb__option options[] = {
        {"listen", WB__OPTION_UNIX, &listen, "where to listen. @wouldblock", 0, 0},
        {"trigger", WB__OPTION_TRIGGER, &trigger, "of the socket. edge", 0, 0},
        {"verbose", WB__OPTION_FLAG, &self.is_verbose, "prints every datagram", 0, 0},
    };
    const struct wb__command command = {PROGRAM, "Answers every Unix datagram with itself.",
        options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    return serve(&self, sys, &listen, wb__trigger_or(trigger, WB_TRIGGER_EDGE));
}
