/* The table of twins: as harness/run has one of the examples. */
#include "programs.h"

#include <stddef.h>

#include "wouldblock/run.h"

enum { KIB = 1024 };

static const char *const server_options[] = {"bug", "trigger", "max-connections", NULL};
static const char *const stack_options[] = {"bug", "head-timeout", NULL};
static const char *const stack_arguments[] = {"--date", "off", NULL};
static const struct wbh_flag stack_flags[] = {
    {"collect", NULL}, {"half-close", NULL}, {NULL, NULL}};
static const char *const proxy_options[] = {"bug", "to", "response-timeout", NULL};
static const char *const get_arguments[] = {"--max-body", "65536", NULL};
static const char *const get_options[] = {"bug", "url", "max-body", NULL};
static const char *const copy_options[] = {"bug", NULL};
static const char *const uv_options[] = {"bug", NULL};
static const char *const event_options[] = {"bug", "trigger", NULL};
static const char *const async_client_options[] = {"bug", "server", NULL};
static const char *const async_options[] = {"bug", "pause", "events", "flavour", NULL};
static const char *const client_options[] = {"bug", "trigger", "timeout", NULL};
static const char *const capitals_arguments[] = {"--unit", "capitals", NULL};
static const char *const thread_arguments[] = {"--unit", "thread", NULL};
static const char *const frames_arguments[] = {"--unit", "frames", NULL};

/* The buffer of a connection doubles up to the longest unit, and exists twice while it grows. */
static const struct wbh_program programs[] = {
    {
        .name = "planted_ping_pong",
        .summary = "sends every line back, with one bug or none",
        .main = planted_ping_pong_main,
        .options = server_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6567,
        .independent = 1,
        .memory_base = 16 * KIB,
        .memory_per_connection = 1536 * KIB,
    },
    {
        .name = "planted_capitals",
        .summary = "sends every line back with a capital letter, with one bug or none",
        .main = planted_ping_pong_main,
        .arguments = capitals_arguments,
        .options = server_options,
        .port = 6567,
        .independent = 1,
        .memory_base = 16 * KIB,
        .memory_per_connection = 1536 * KIB,
    },
    {
        .name = "planted_frames",
        .summary = "sends every frame back, with one bug or none",
        .main = planted_ping_pong_main,
        .arguments = frames_arguments,
        .options = server_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6567,
        .independent = 1,
        .memory_base = 16 * KIB,
        .memory_per_connection = 192 * KIB,
    },
    {
        .name = "planted_multi_echo",
        .summary = "sends what anybody says to everybody, with one bug or none",
        .main = planted_multi_echo_main,
        .options = server_options,
        .conservation = WBH_CONSERVE_BROADCAST,
        .port = 8000,
        .memory_base = 16 * KIB,
        .memory_per_connection = 320 * KIB,
    },
    {
        .name = "planted_seqpacket",
        .summary =
            "sends every message of a Unix socket at /run/planted back, with one bug or none",
        .main = planted_seqpacket_main,
        .options = server_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 1, /* it serves; nobody listens there */
        .independent = 1,
        .memory_base = 16 * KIB,
        .memory_per_connection = 72 * KIB,
    },
    {
        .name = "planted_http",
        .summary = "answers requests of HTTP/1, with one bug or none",
        .main = planted_http_main,
        .options = server_options,
        .port = 8088,
        .independent = 1,
        .speaks_http = 1,
    },
    {
        .name = "planted_hello",
        .summary = "http_hello on a stack with one bug or none",
        .main = planted_hello_main,
        .arguments = stack_arguments,
        .options = stack_options,
        .port = 3000,
        .independent = 1,
        .speaks_http = 1,
        .memory_base = 64 * KIB,
        .memory_per_connection = 720 * KIB,
    },
    {
        .name = "planted_echo",
        .summary = "http_echo on a stack with one bug or none",
        .main = planted_echo_main,
        .arguments = stack_arguments,
        .options = stack_options,
        .flags = stack_flags,
        .port = 3001,
        .independent = 1,
        .speaks_http = 1,
        .memory_base = 64 * KIB,
        .memory_per_connection = 4 * 1024 * KIB,
    },
    {
        .name = "planted_proxy",
        .summary = "http_proxy on a stack with one bug or none",
        .main = planted_proxy_main,
        .arguments = stack_arguments,
        .options = proxy_options,
        .port = 3003,
        .speaks_http = 1,
        .memory_base = 128 * KIB,
        .memory_per_connection = 1536 * KIB,
    },
    {
        .name = "planted_get",
        .summary = "http_get on a stack with one bug or none",
        .main = planted_get_main,
        .arguments = get_arguments,
        .options = get_options,
        .positional = "url",
        .speaks_http = 1,
        .must_succeed = 1,
        .memory_base = 256 * KIB,
        .memory_per_connection = 1536 * KIB,
        .memory_option = "max-body",
        .memory_option_times = 3,
    },
    {
        .name = "planted_copy",
        .summary = "copies /srv/in to /tmp/out, with one bug or none",
        .main = planted_copy_main,
        .options = copy_options,
        .must_succeed = 1,
    },
    {
        .name = "planted_client",
        .summary = "sends a line to a peer and waits for it, with one bug or none",
        .main = planted_client_main,
        .options = client_options,
        .independent = 1,
    },
    {
        .name = "planted_async",
        .summary = "sends everything back on the runtime, with one bug or none",
        .main = planted_async_main,
        .options = async_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6570,
        .independent = 1,
    },
    {
        .name = "planted_relay",
        .summary = "sends everything back with two tasks a connection, with one bug or none",
        .main = planted_relay_main,
        .options = copy_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6571,
        .independent = 1,
    },
    {
        .name = "planted_courier",
        .summary = "sends everything back a little later, with one bug or none",
        .main = planted_courier_main,
        .options = copy_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6576,
        .independent = 1,
    },
    {
        .name = "planted_async_client",
        .summary = "sends a line to a name and waits for it, with one bug or none",
        .main = planted_async_client_main,
        .options = async_client_options,
        .independent = 1,
        .must_succeed = 1,
    },
    {
        .name = "planted_async_udp",
        .summary = "sends every datagram back on the runtime, with one bug or none",
        .main = planted_async_udp_main,
        .options = copy_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6573,
        .independent = 1,
    },
    {
        .name = "planted_async_greeter",
        .summary = "greets a peer over UDP and sends back what it says, with one bug or none",
        .main = planted_async_greeter_main,
        .options = copy_options,
        .port = 6574,
        .independent = 1,
    },
    {
        .name = "planted_executor",
        .summary = "runs four tasks on an executor in little, with one bug or none",
        .main = planted_executor_main,
        .options = copy_options,
        .must_succeed = 1,
    },
    {
        .name = "planted_executor_threads",
        .summary = "the same with one task that another thread wakes",
        .main = planted_executor_main,
        .arguments = thread_arguments,
        .options = copy_options,
        .must_succeed = 1,
    },
    {
        .name = "uv_style",
        .summary =
            "sends everything back on a loop as libuv's, with one expectation ignored or none",
        .main = uv_style_main,
        .options = uv_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6568,
        .registers_on_a_guess = 1,
    },
    {
        .name = "event_style",
        .summary =
            "sends everything back on a loop as libevent's, with one expectation ignored or none",
        .main = event_style_main,
        .options = event_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6569,
        .registers_on_a_guess = 1,
    },
};

void planted_register(void) {
    wbh_program_register(programs, sizeof programs / sizeof programs[0]);
}
