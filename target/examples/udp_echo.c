/* udp_echo: sends every datagram back to who sent it, the empty one as well. How datagrams are
 * taken and answered is here; when, in datagram_server.c. */
#include "examples/programs.h"

#include "wb/udp.h"

#include "examples/console.h"
#include "examples/datagram_server.h"
#include "examples/options.h"

#define PROGRAM "udp_echo"

struct udp_echo {
    struct wb__datagram_server server;
    struct wb_udp_socket socket;
    struct wb_addr sender; /* of the datagram in the buffer */
    bool is_verbose;
};

static struct udp_echo *from_server(struct wb__datagram_server *server) {
    return (struct udp_echo *)server;
}

static void on_listening(struct wb__datagram_server *server) {
    struct wb_addr addr;
    char text[WB_ADDR_TEXT_LEN_MAX];
    enum wb_status status = wb_udp_socket_local_addr(&from_server(server)->socket, &addr);
    if (status != WB_OK) {
        wb__print_failure(server->sys, PROGRAM, "own address", status);
        return;
    }
    wb_addr_format(&addr, text, sizeof text);
    wb__print(server->sys, WB__CONSOLE_OUT, "listening on %s\n", text);
}

static enum wb_status on_receive(
    struct wb__datagram_server *server, struct wb_datagram *out_datagram) {
    struct udp_echo *self = from_server(server);
    enum wb_status status = wb_udp_socket_recv_from(
        &self->socket, server->buffer, WB__DATAGRAM_LEN_MAX, out_datagram, &self->sender);
    if (status == WB_OK && self->is_verbose) {
        char text[WB_ADDR_TEXT_LEN_MAX];
        wb_addr_format(&self->sender, text, sizeof text);
        wb__print(server->sys, WB__CONSOLE_OUT, "%zu bytes from %s\n", out_datagram->len, text);
    }
    return status;
}

static enum wb_status on_reply(struct wb__datagram_server *server, size_t len) {
    struct udp_echo *self = from_server(server);
    return wb_udp_socket_send_to(&self->socket, server->buffer, len, &self->sender);
}

static int run(struct udp_echo *self, const struct wb_sys *sys, const struct wb_addr *listen,
    enum wb_trigger trigger) {
    static const struct wb__datagram_callbacks callbacks = {
        .listening = on_listening, .receive = on_receive, .reply = on_reply};
    const struct wb__datagram_options options = {.program = PROGRAM, .trigger = trigger};
    enum wb_status status = wb_udp_socket_bind(&self->socket, sys, listen, NULL);
    if (status != WB_OK) {
        char text[WB_ADDR_TEXT_LEN_MAX];
        wb_addr_format(listen, text, sizeof text);
        wb__print_failure(sys, PROGRAM, text, status);
        return WB__EXIT_FAILURE;
    }
    int exit_status = wb__datagram_server_run(&self->server, sys, &callbacks, &options,
        wb_udp_socket_source(&self->socket), wb_udp_socket_fd(&self->socket));
    wb_udp_socket_close(&self->socket);
    return exit_status;
}

int wb__udp_echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_addr listen = wb_addr_v4_loopback(7007);
    struct wb__trigger_option trigger = {0};
    struct udp_echo self = {0};
    const struct wb__option options[] = {
        {"listen", WB__OPTION_ADDR, &listen, "where to listen; port 0 picks one. 127.0.0.1:7007", 0,
            0},
        {"trigger", WB__OPTION_TRIGGER, &trigger, "of the socket. edge", 0, 0},
        {"verbose", WB__OPTION_FLAG, &self.is_verbose, "prints every datagram", 0, 0},
    };
    const struct wb__command command = {PROGRAM, "Sends every UDP datagram back to who sent it.",
        options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    return run(&self, sys, &listen, wb__trigger_or(trigger, WB_TRIGGER_EDGE));
}
