/* A stranger's test on the installed harness: only public headers, only what the package names. A
 * server of one's own is run in a scenario under 200 seeds of hostile faults, and so is a broken
 * one that forgets what a short write left over, which must be found. To be copied from. */
#include <wb/event.h>
#include <wb/poll.h>
#include <wb/status.h>
#include <wb/tcp.h>
#include <wb/termination.h>
#include <wouldblock/run.h>
#include <wouldblock/scenario.h>

#include <stdio.h>
#include <string.h>

/* ---- the server: sends back what it reads; knows nothing of the harness ---- */

enum { PORT = 7000, CLIENTS = 8, TOKEN_LISTENER = CLIENTS, TOKEN_END };

struct client {
    struct wb_tcp_stream stream;
    int is_open;
    size_t begin; /* of the bytes still to be sent */
    size_t end;
    char bytes[512];
};

struct server {
    const struct wb_sys *sys;
    struct wb_poll poll;
    struct wb_events events;
    struct wb_termination termination;
    struct wb_tcp_listener listener;
    struct client clients[CLIENTS];
    int forgets; /* the bug */
};

static void leave(struct client *client) {
    wb_tcp_stream_close(&client->stream);
    client->is_open = 0;
}

static void join(struct server *server) {
    struct wb_tcp_stream stream;
    if (wb_tcp_listener_accept(&server->listener, &stream, NULL) != WB_OK) {
        return; /* the trigger is level: what still waits is reported again */
    }
    uint64_t token = 0;
    while (token < CLIENTS && server->clients[token].is_open) {
        token++;
    }
    if (token == CLIENTS) {
        wb_tcp_stream_close(&stream);
        return;
    }
    struct client *client = &server->clients[token];
    *client = (struct client){.stream = stream, .is_open = 1};
    if (wb_registry_register(wb_poll_registry(&server->poll), wb_tcp_stream_source(&client->stream),
            token, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL)
        != WB_OK) {
        leave(client);
    }
}

static enum wb_status move_bytes(struct server *server, struct client *client) {
    size_t count = 0;
    if (client->begin == client->end) {
        enum wb_status status =
            wb_tcp_stream_read(&client->stream, client->bytes, sizeof client->bytes, &count);
        if (status != WB_OK) {
            return status;
        }
        client->begin = 0;
        client->end = count;
    }
    enum wb_status status = wb_tcp_stream_write(
        &client->stream, client->bytes + client->begin, client->end - client->begin, &count);
    if (status == WB_OK) {
        client->begin = server->forgets ? client->end : client->begin + count;
    }
    return status;
}

static void serve(struct server *server, uint64_t token) {
    struct client *client = &server->clients[token];
    if (!client->is_open) {
        return; /* it left earlier in this batch */
    }
    enum wb_status status = move_bytes(server, client);
    uint32_t interest = client->begin == client->end ? WB_INTEREST_READABLE : WB_INTEREST_WRITABLE;
    if (status == WB_OK || status == WB_WOULD_BLOCK || status == WB_ERR_INTERRUPTED) {
        status = wb_registry_reregister(wb_poll_registry(&server->poll),
            wb_tcp_stream_source(&client->stream), token, interest, WB_TRIGGER_LEVEL);
    }
    if (status != WB_OK) {
        leave(client);
    }
}

static enum wb_status set_up(struct server *server) {
    const struct wb_addr addr = wb_addr_v4_any(PORT);
    enum wb_status status = wb_poll_init(&server->poll, server->sys);
    const struct wb_registry *registry = wb_poll_registry(&server->poll);
    if (status == WB_OK) {
        status = wb_events_init(&server->events, server->sys, CLIENTS);
    }
    if (status == WB_OK) {
        status = wb_termination_init(&server->termination, server->sys);
    }
    if (status == WB_OK) {
        status = wb_registry_register(registry, wb_termination_source(&server->termination),
            TOKEN_END, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    }
    if (status == WB_OK) {
        status = wb_tcp_listener_bind(&server->listener, server->sys, &addr, 0);
    }
    if (status == WB_OK) {
        status = wb_registry_register(registry, wb_tcp_listener_source(&server->listener),
            TOKEN_LISTENER, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    }
    return status;
}

static enum wb_status serve_until_told(struct server *server) {
    for (;;) {
        enum wb_status status = wb_poll_wait(&server->poll, &server->events, WB_TIMEOUT_INFINITE);
        if (status != WB_OK && status != WB_ERR_INTERRUPTED) {
            return status;
        }
        for (uint32_t i = 0; i < wb_events_count(&server->events); i++) {
            uint64_t token = wb_event_token(wb_events_at(&server->events, i));
            if (token < CLIENTS) {
                serve(server, token);
            } else if (token == TOKEN_LISTENER) {
                join(server);
            } else if (wb_termination_take(&server->termination, NULL) == WB_OK) {
                return WB_OK;
            }
        }
    }
}

static int run_server(const struct wb_sys *sys, int forgets) {
    struct server server = {.sys = sys, .forgets = forgets};
    enum wb_status status = set_up(&server);
    if (status == WB_OK) {
        status = serve_until_told(&server);
    }
    wb_sys_note(sys, WB_NOTE_STOPPING, 0, 0); /* from here on connections may be cut off */
    for (int i = 0; i < CLIENTS; i++) {
        leave(&server.clients[i]);
    }
    wb_tcp_listener_close(&server.listener);
    wb_termination_clean_up(&server.termination);
    wb_events_clean_up(&server.events);
    wb_poll_clean_up(&server.poll);
    return status == WB_OK ? 0 : 1;
}

static int echo_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return run_server(sys, 0);
}

static int forgetful_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return run_server(sys, 1);
}

/* ---- the test ---- */

static const struct wbh_program programs[] = {
    {
        .name = "my_echo",
        .main = echo_main,
        .port = PORT,
        .conservation = WBH_CONSERVE_ECHO,
        .independent = 1,
        .memory_base = 16384,
    },
    {
        .name = "my_forgetful_echo",
        .main = forgetful_main,
        .port = PORT,
        .conservation = WBH_CONSERVE_ECHO,
        .independent = 1,
        .memory_base = 16384,
    },
};

static const char scenario_format[] = "scenario \"what two peers say comes back to them\"\n"
                                      "program  %s\n"
                                      "faults   hostile\n"
                                      "peer alice\n"
                                      "  connect\n"
                                      "  send   \"hello\\n\" * 500\n"
                                      "  expect \"hello\\n\" * 500\n"
                                      "  close\n"
                                      "peer bob\n"
                                      "  connect\n"
                                      "  send   \"0123456789\" * 200\n"
                                      "  half-close\n"
                                      "  expect \"0123456789\" * 200\n"
                                      "  expect close\n";

/* How many of the seeds are not as expected, the first of them told; -1: it could not be run. */
static int count_failing(struct wbh_runner *runner, const struct wbh_scenario *scenario) {
    struct wbh_result result;
    char error[256];
    int failing = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        const struct wbh_run_options options = {.seed = &seed};
        if (wbh_run(runner, scenario, &options, &result, error, sizeof error) != 0) {
            fprintf(stderr, "%s\n", error);
            return -1;
        }
        if (result.verdict != (enum wbh_verdict)scenario->verdict && failing++ == 0) {
            printf("%s, seed %u: %s\n%s\n%s\n", scenario->program, (unsigned)seed,
                wbh_verdict_name(result.verdict), result.findings[0].text, result.findings[0].why);
        }
    }
    return failing;
}

static int test(struct wbh_runner *runner, const char *program) {
    char text[1024];
    int len = snprintf(text, sizeof text, scenario_format, program);
    struct wbh_parse_error error;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, (size_t)len, &error);
    if (scenario == NULL) {
        wbh_parse_error_format(&error, "scenario", text, sizeof text);
        fprintf(stderr, "%s\n", text);
        return -1;
    }
    int failing = count_failing(runner, scenario);
    wbh_scenario_destroy(scenario);
    printf("%s: %d of 200 seeds failing\n", program, failing);
    return failing;
}

int main(void) {
    struct wbh_runner *runner = wbh_runner_new();
    if (runner == NULL) {
        return 1;
    }
    wbh_program_register(programs, sizeof programs / sizeof programs[0]);
    int good = test(runner, "my_echo");
    int bad = test(runner, "my_forgetful_echo");
    wbh_runner_destroy(runner);
    return good == 0 && bad > 0 ? 0 : 1;
}
