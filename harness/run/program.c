/* The programs that scenarios can name: the examples, and what a test adds. */
#include "wouldblock/run.h"

#include <assert.h>
#include <string.h>

#include "wb/examples.h"

/* A start function is found by name, so that the table of examples stays the only list of them. */
#define EXAMPLE_MAIN(name)                                                                         \
    static int run_##name(const struct wb_sys *sys, int argc, char *const argv[]) {                \
        const struct wb_example *example = wb_example_find(#name);                                 \
        assert(example != NULL);                                                                   \
        return example->main(sys, argc, argv);                                                     \
    }

EXAMPLE_MAIN(ping_pong)
EXAMPLE_MAIN(ping_pong_client)
EXAMPLE_MAIN(multi_echo)
EXAMPLE_MAIN(multi_echo_client)
EXAMPLE_MAIN(registration)
EXAMPLE_MAIN(udp_echo)
EXAMPLE_MAIN(unix_datagram)
EXAMPLE_MAIN(unix_datagram_sender)
EXAMPLE_MAIN(seqpacket_echo)
EXAMPLE_MAIN(tcp_proxy)
EXAMPLE_MAIN(chat)
EXAMPLE_MAIN(async_udp_echo)
EXAMPLE_MAIN(sequential_echo)
EXAMPLE_MAIN(server_future)
EXAMPLE_MAIN(runtime_smoke)
EXAMPLE_MAIN(file_copy)
EXAMPLE_MAIN(http_hello)
EXAMPLE_MAIN(http_echo)
EXAMPLE_MAIN(http_get)
EXAMPLE_MAIN(http_files)
EXAMPLE_MAIN(http_proxy)

static const char *const ping_pong_options[] = {
    "trigger", "max-connections", "listen", "backlog", NULL};
static const char *const multi_echo_options[] = {"trigger", "max-connections", "listen", NULL};
static const char *const registration_options[] = {"trigger", NULL};
static const char *const udp_echo_options[] = {"trigger", "listen", NULL};
static const char *const unix_datagram_options[] = {"trigger", "listen", NULL};
static const char *const seqpacket_echo_options[] = {"trigger", "listen", "max-connections", NULL};
static const char *const chat_options[] = {"listen", "max-connections", NULL};
static const char *const tcp_proxy_options[] = {"listen", "to", "max-connections", NULL};
static const char *const async_udp_echo_options[] = {"listen", NULL};
static const char *const sequential_echo_options[] = {"listen", "max-connections", NULL};
static const char *const server_future_options[] = {"listen", "clients", "message", NULL};
static const char *const runtime_smoke_options[] = {"low", "high", "pause-ms", NULL};
static const char *const file_copy_options[] = {"from", "to", NULL};
static const char *const http_options[] = {"listen", "workers", "max-connections", "backlog",
    "head-timeout", "body-timeout", "write-timeout", "drain-timeout", "max-head", "max-fields",
    "max-body", "keep-alive", "date", NULL};
static const char *const http_get_options[] = {"url", "header", "method", "data", "data-file",
    "max-body", "timeout", "times", "low", "high", NULL};
/* Given as they are here unless the scenario says otherwise: of an option the last one counts. */
static const char *const file_copy_arguments[] = {"--from", "/srv/in", "--to", "/tmp/out", NULL};
/* What a response says of the time differs with the faults that it meets. */
static const char *const http_arguments[] = {"--date", "off", NULL};
/* What it keeps of a response is bounded as a scenario is; by itself it would keep 16 MiB. */
static const char *const http_get_arguments[] = {"--max-body", "1048576", NULL};
static const char *const http_files_arguments[] = {"--date", "off", "--root", "/srv", NULL};
static const char *const http_files_options[] = {"listen", "workers", "max-connections", "backlog",
    "head-timeout", "body-timeout", "write-timeout", "drain-timeout", "max-head", "max-fields",
    "max-body", "keep-alive", "date", "root", NULL};
static const char *const http_proxy_options[] = {"listen", "workers", "max-connections", "backlog",
    "head-timeout", "body-timeout", "write-timeout", "drain-timeout", "max-head", "max-fields",
    "max-body", "keep-alive", "date", "to", "connect-timeout", "response-timeout", "tunnel-timeout",
    "connect-port", NULL};
static const char *const unix_datagram_sender_options[] = {
    "trigger", "to", "message", "count", "timeout", NULL};
static const char *const ping_pong_client_options[] = {
    "trigger", "message", "timeout", "server", NULL};
static const char *const multi_echo_client_options[] = {
    "trigger", "clients", "iterations", "interval-ms", "timeout-ms", "server", NULL};

enum { KIB = 1024 };

/* Who comes first is taken and nobody else; an accept that fails is the end, too. */
static const struct wbh_program accept_once = {.ends_by_itself = 1, .memory_base = 64 * KIB};
static const struct wbh_flag ping_pong_flags[] = {{"accept-once", &accept_once}, {NULL, NULL}};

/* A frame of 64 KiB that comes in pieces is kept until it is whole. */
static const struct wbh_program framed = {
    .conservation = WBH_CONSERVE_BROADCAST_FRAMES,
    .memory_base = 384 * KIB,
    .memory_per_connection = 68 * KIB,
};
static const struct wbh_flag multi_echo_flags[] = {{"framed", &framed}, {NULL, NULL}};

static const struct wbh_flag sequential_echo_flags[] = {{"spawn", NULL}, {NULL, NULL}};

/* A message is at most 4 KiB, for each of eight who send one and for the task that has it. */
static const struct wbh_program serving = {.memory_base = 128 * KIB};
static const struct wbh_flag server_future_flags[] = {{"serve", &serving}, {NULL, NULL}};

static const struct wbh_flag http_flags[] = {{"pipeline-flush", NULL}, {"half-close", NULL},
    {"title-case", NULL}, {"verbose", NULL}, {NULL, NULL}};

static const struct wbh_flag http_echo_flags[] = {{"pipeline-flush", NULL}, {"half-close", NULL},
    {"title-case", NULL}, {"verbose", NULL}, {"collect", NULL}, {"describe", NULL}, {NULL, NULL}};

static const struct wbh_flag http_get_flags[] = {{"head", NULL}, {"raw", NULL}, {"show-head", NULL},
    {"announce", NULL}, {"one-thread", NULL}, {NULL, NULL}};
static const struct wbh_flag http_files_flags[] = {{"pipeline-flush", NULL}, {"half-close", NULL},
    {"title-case", NULL}, {"verbose", NULL}, {"list", NULL}, {NULL, NULL}};

static const struct wbh_flag http_proxy_flags[] = {{"pipeline-flush", NULL}, {"half-close", NULL},
    {"title-case", NULL}, {"verbose", NULL}, {"forwarded", NULL}, {NULL, NULL}};

/* Memory bounds: what the programs promise, rounded up. A ping_pong connection holds at most one
 * line of 64 KiB, and half of that again while its buffer grows. multi_echo shares one log of 256
 * KiB among all; udp_echo, unix_datagram and seqpacket_echo have one buffer for the longest
 * message, the last one a copy for each connection whose answer waits. tcp_proxy has 16 KiB for
 * what is under way of each connection. An HTTP server keeps a head of 408 KiB, and half of that
 * again while its buffer grows, and what it writes together; http_echo a content of 1 MiB, and the
 * description that it is part of; http_files reads ahead in a file, and has room for a path and a
 * page; http_proxy a head of each side, and content on its way. */
static const struct wbh_program builtin[] = {
    {
        .name = "ping_pong",
        .summary = "sends every line back to who sent it",
        .main = run_ping_pong,
        .options = ping_pong_options,
        .flags = ping_pong_flags,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6567,
        .independent = 1,
        .memory_base = 64 * KIB,
        .memory_per_connection = 100 * KIB,
    },
    {
        .name = "multi_echo",
        .summary = "sends what anybody says to everybody",
        .main = run_multi_echo,
        .options = multi_echo_options,
        .flags = multi_echo_flags,
        .conservation = WBH_CONSERVE_BROADCAST,
        .port = 8000,
        .memory_base = 384 * KIB,
        .memory_per_connection = 2 * KIB,
    },
    {
        .name = "registration",
        .summary = "registers a listener and a connection to it, and waits for both",
        .main = run_registration,
        .options = registration_options,
        .connects_to_itself = 1,
    },
    {
        .name = "udp_echo",
        .summary = "sends every UDP datagram back to who sent it",
        .main = run_udp_echo,
        .options = udp_echo_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 7007,
        .port_is_udp = 1,
        .independent = 1,
        .memory_base = 128 * KIB,
    },
    {
        .name = "tcp_proxy",
        .summary = "passes TCP connections on to a server, on the runtime",
        .main = run_tcp_proxy,
        .options = tcp_proxy_options,
        .port = 7201,
        .memory_base = 64 * KIB,
        .memory_per_connection = 24 * KIB,
    },
    {
        .name = "chat",
        .summary = "tells every line to everybody else, on the runtime",
        .main = run_chat,
        .options = chat_options,
        .port = 7202,
        .memory_base = 64 * KIB,
        .memory_per_connection = 24 * KIB,
    },
    {
        .name = "async_udp_echo",
        .summary = "sends every UDP datagram back, on the runtime",
        .main = run_async_udp_echo,
        .options = async_udp_echo_options,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 7008,
        .port_is_udp = 1,
        .independent = 1,
        .memory_base = 128 * KIB,
    },
    {
        .name = "sequential_echo",
        .summary = "echoes one connection after the other, on the runtime",
        .main = run_sequential_echo,
        .options = sequential_echo_options,
        .flags = sequential_echo_flags,
        .conservation = WBH_CONSERVE_ECHO,
        .port = 6379,
        .independent = 1,
        .memory_base = 64 * KIB,
        .memory_per_connection = 8 * KIB,
    },
    {
        .name = "server_future",
        .summary = "a future that listens for one message, and its client",
        .main = run_server_future,
        .options = server_future_options,
        .flags = server_future_flags,
        .port = 13265,
        .connects_to_itself = 1,
        .must_succeed = 1,
        .ends_by_itself = 1,
        .memory_base = 128 * KIB,
    },
    {
        .name = "runtime_smoke",
        .summary = "what a runtime does, and whether it is right",
        .main = run_runtime_smoke,
        .options = runtime_smoke_options,
        .must_succeed = 1,
    },
    {
        .name = "file_copy",
        .summary = "copies the file /srv/in to /tmp/out, on the runtime",
        .main = run_file_copy,
        .arguments = file_copy_arguments,
        .options = file_copy_options,
        .must_succeed = 1,
        .memory_base = 256 * KIB,
    },
    {
        .name = "http_hello",
        .summary = "answers every request of HTTP with the same words",
        .main = run_http_hello,
        .arguments = http_arguments,
        .options = http_options,
        .flags = http_flags,
        .port = 3000,
        .independent = 1,
        .speaks_http = 1,
        .memory_base = 64 * KIB,
        .memory_per_connection = 720 * KIB,
    },
    {
        .name = "http_echo",
        .summary = "sends the content of every request of HTTP back",
        .main = run_http_echo,
        .arguments = http_arguments,
        .options = http_options,
        .flags = http_echo_flags,
        .port = 3001,
        .independent = 1,
        .speaks_http = 1,
        .memory_base = 64 * KIB,
        .memory_per_connection = 4 * 1024 * KIB,
    },
    {
        .name = "http_get",
        .summary = "gets what a URL names, and prints it",
        .main = run_http_get,
        .arguments = http_get_arguments,
        .options = http_get_options,
        .flags = http_get_flags,
        .positional = "url",
        .speaks_http = 1,
        .must_succeed = 1,
        .memory_base = 256 * KIB,
        .memory_per_connection = 1536 * KIB,
        .memory_option = "max-body",
        .memory_option_times = 3, /* what is kept doubles, and is there twice meanwhile */
        .unbounded_option = "data-file",
    },
    {
        .name = "http_files",
        .summary = "serves the files beneath /srv",
        .main = run_http_files,
        .arguments = http_files_arguments,
        .options = http_files_options,
        .flags = http_files_flags,
        .port = 3002,
        .independent = 1,
        .speaks_http = 1,
        .memory_base = 64 * KIB,
        .memory_per_connection = 1024 * KIB,
    },
    {
        .name = "http_proxy",
        .summary = "passes requests of HTTP on to servers",
        .main = run_http_proxy,
        .arguments = http_arguments,
        .options = http_proxy_options,
        .flags = http_proxy_flags,
        .port = 3003,
        .speaks_http = 1,
        .memory_base = 128 * KIB,
        .memory_per_connection = 1536 * KIB,
    },
    {
        .name = "unix_datagram",
        .summary = "sends every Unix datagram back to who sent it",
        .main = run_unix_datagram,
        .options = unix_datagram_options,
        .conservation = WBH_CONSERVE_ECHO,
        .independent = 1,
        .memory_base = 128 * KIB,
    },
    {
        .name = "seqpacket_echo",
        .summary = "sends every Unix seqpacket message back to who sent it",
        .main = run_seqpacket_echo,
        .options = seqpacket_echo_options,
        .conservation = WBH_CONSERVE_ECHO,
        .independent = 1,
        .memory_base = 128 * KIB,
        .memory_per_connection = 68 * KIB,
    },
    {
        .name = "unix_datagram_sender",
        .summary = "sends Unix datagrams to unix_datagram and waits for each to come back",
        .main = run_unix_datagram_sender,
        .options = unix_datagram_sender_options,
        .independent = 1,
        .must_succeed = 1,
        .memory_base = 128 * KIB,
    },
    {
        .name = "ping_pong_client",
        .summary = "sends one line to a peer on port 6567 and waits for it to come back",
        .main = run_ping_pong_client,
        .options = ping_pong_client_options,
        .positional = "server",
        .independent = 1,
        .must_succeed = 1,
    },
    {
        .name = "multi_echo_client",
        .summary = "several connections to peers on port 8000, each of which speaks and listens",
        .main = run_multi_echo_client,
        .options = multi_echo_client_options,
        .positional = "server",
        .must_succeed = 1,
    },
};

static const struct wbh_program *added;
static size_t added_count;

const struct wbh_program *wbh_programs(size_t *out_count) {
    *out_count = sizeof(builtin) / sizeof(builtin[0]);
    return builtin;
}

void wbh_program_register(const struct wbh_program *programs, size_t count) {
    added = programs;
    added_count = count;
}

static const struct wbh_program *find_in(
    const struct wbh_program *programs, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        const char *own = programs[i].name;
        if (own[0] == name[0] && strcmp(own, name) == 0) { /* asked for in every run */
            return &programs[i];
        }
    }
    return NULL;
}

const struct wbh_program *wbh_program_find(const char *name) {
    const struct wbh_program *program = find_in(added, added_count, name);
    return program != NULL ? program : find_in(builtin, sizeof(builtin) / sizeof(builtin[0]), name);
}
