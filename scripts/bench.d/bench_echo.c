/* Measures echo servers on the real system, over loopback, side by side: our ping_pong in each
 * trigger mode, bare epoll, libuv. All of them run at once, pinned to one processor, and are given
 * short rounds of load in turn from another, so that what disturbs one disturbs all.
 *
 * The figure is the server's CPU time, user and system, for a line that comes and goes: a round
 * trip's own time would tell of the load and of the neighbours, too.
 *
 *   bench_echo                                    event loops
 *   bench_echo --tasks                            our runtime and tokio
 *   bench_echo --drive PORT PID TRIPS             load alone, for a server that somebody watches:
 * one connection, each line sent once the server waits, so that it does the same for each */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "load.h"
#include "referee.h"

enum { ROUNDS = 75, WARM_UP_ROUNDS = 3, ROUNDS_MIN = 15, ROUND_NS = 8 * 1000 * 1000, ARGS_MAX = 8 };

/* On a busy machine a round lasts longer; then there are fewer. */
#define BUDGET_NS UINT64_C(15000000000)

struct server {
    const char *name;
    const char *args[ARGS_MAX];
    int reference; /* the server it is compared with */
    pid_t pid;
    uint16_t port;
    clockid_t clock;
    struct load load;
    struct bench_samples cost; /* ns of CPU a round trip */
    double rate;               /* round trips a second of time, of the last round */
};

#define PING_PONG "ping_pong", "--listen", "127.0.0.1:0", "--max-connections", "8192", "--trigger"
static struct server servers[] = {
    {.name = "epoll level", .args = {"echo_epoll", "level"}, .reference = 0},
    {.name = "epoll edge", .args = {"echo_epoll", "edge"}, .reference = 1},
    {.name = "epoll edge-oneshot", .args = {"echo_epoll", "edge-oneshot"}, .reference = 2},
    {.name = "epoll edge-oneshot, by steps", .args = {"echo_epoll", "steps"}, .reference = 3},
    /* The same program twice: how far apart two figures are that should be one. */
    {.name = "epoll level, again", .args = {"echo_epoll", "level"}, .reference = 0},
#ifdef BENCH_WITH_LIBUV
    {.name = "libuv", .args = {"echo_libuv"}, .reference = 0},
#endif
    {.name = "ping_pong level", .args = {PING_PONG, "level"}, .reference = 0},
    {.name = "ping_pong edge", .args = {PING_PONG, "edge"}, .reference = 1},
    {.name = "ping_pong oneshot", .args = {PING_PONG, "oneshot"}, .reference = 3},
    {.name = "ping_pong edge-oneshot", .args = {PING_PONG, "edge-oneshot"}, .reference = 3},
};
enum { SERVER_COUNT = sizeof servers / sizeof servers[0] };

/* A task a connection, on tokio and on our runtime; both must be there. */
static struct server task_servers[] = {
    {.name = "tokio, one thread", .args = {"bench_tokio", "echo", "one"}, .reference = 0},
    {.name = "tokio, two workers", .args = {"bench_tokio", "echo", "two"}, .reference = 1},
    {.name = "runtime, one thread", .args = {"echo_runtime", "one"}, .reference = 0},
    {.name = "runtime, two workers", .args = {"echo_runtime", "two"}, .reference = 1},
};
enum { TASK_SERVER_COUNT = sizeof task_servers / sizeof task_servers[0] };

/* Those that are compared now. */
struct field {
    struct server *servers;
    size_t count;
};

static _Noreturn void fail(const char *what) {
    (void)fprintf(stderr, "bench_echo: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* Becomes the server; its program lies beside this one. */
static _Noreturn void become(const struct server *server, int output) {
    char path[4096];
    if (!bench_path_beside(server->args[0], path, sizeof path)) {
        fail("its own path");
    }
    char *args[ARGS_MAX + 1] = {0};
    for (size_t i = 0; i < ARGS_MAX && server->args[i] != NULL; i++) {
        args[i] = strdup(server->args[i]);
    }
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)dup2(output, STDOUT_FILENO);
    referee_pin_to(0);
    (void)execv(path, args);
    fail(path);
}

static uint16_t read_port(int output) {
    char text[256];
    size_t len = 0;
    ssize_t n = 0;
    while (len < sizeof text - 1 && memchr(text, '\n', len) == NULL
           && (n = read(output, text + len, sizeof text - 1 - len)) > 0) {
        len += (size_t)n;
    }
    text[len] = '\0';
    const char *colon = strrchr(text, ':');
    if (strstr(text, "listening on ") == NULL || colon == NULL) {
        fail("a server that does not listen");
    }
    return (uint16_t)strtoul(colon + 1, NULL, 10);
}

static void start(struct server *server) {
    int output[2];
    if (pipe(output) != 0) {
        fail("pipe");
    }
    server->pid = fork();
    if (server->pid < 0) {
        fail("fork");
    }
    if (server->pid == 0) {
        (void)close(output[0]);
        become(server, output[1]);
    }
    (void)close(output[1]);
    server->port = read_port(output[0]);
    if (clock_getcpuclockid(server->pid, &server->clock) != 0) {
        fail("the clock of a server");
    }
}

static uint64_t cpu_of(const struct server *server) {
    struct timespec used;
    if (clock_gettime(server->clock, &used) != 0) {
        fail("a server is gone");
    }
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

static void measure_round(struct server *server, bool counts) {
    uint64_t cpu_ns = cpu_of(server);
    uint64_t start_ns = bench_now_ns();
    uint64_t trips = load_run(&server->load, start_ns + ROUND_NS, UINT64_MAX);
    server->rate = (double)trips * 1e9 / (double)(bench_now_ns() - start_ns);
    if (counts) {
        bench_add(&server->cost, (double)(cpu_of(server) - cpu_ns) / (double)trips);
    }
}

static void print_server(const struct field *field, const struct server *server, int connections) {
    const struct server *reference = &field->servers[server->reference];
    char name[128];
    (void)snprintf(name, sizeof name, "%s, %d connection%s", server->name, connections,
        connections == 1 ? "" : "s");
    /* Trips a CPU second: the reference's cost over this one's. */
    struct bench_samples ratio = bench_ratio(&reference->cost, &server->cost);
    bench_row(name, 1e9 / bench_median(&server->cost), "trips/CPU s",
        bench_doubt(reference == server ? &server->cost : &ratio),
        reference == server ? 0 : bench_median(&ratio), reference->name);
}

static void measure(const struct field *field, int connections) {
    struct server *of = field->servers;
    for (size_t i = 0; i < field->count; i++) {
        of[i].cost.len = 0;
        load_open(&of[i].load, of[i].port, connections);
    }
    uint64_t end_ns = bench_now_ns() + BUDGET_NS;
    for (size_t round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
        if (round >= WARM_UP_ROUNDS + ROUNDS_MIN && bench_now_ns() >= end_ns) {
            break;
        }
        for (size_t i = 0; i < field->count; i++) {
            measure_round(&of[referee_turn(field->count, round, i)], round >= WARM_UP_ROUNDS);
        }
    }
    for (size_t i = 0; i < field->count; i++) {
        print_server(field, &of[i], connections);
        load_close(&of[i].load);
    }
}

static void measure_field(const struct field *field) {
    static const int connections[] = {1, 100, 1000};
    for (size_t i = 0; i < field->count; i++) {
        start(&field->servers[i]);
    }
    referee_pin_to(1);
    for (size_t i = 0; i < sizeof connections / sizeof connections[0]; i++) {
        measure(field, connections[i]);
    }
    for (size_t i = 0; i < field->count; i++) {
        (void)kill(field->servers[i].pid, SIGKILL);
        (void)waitpid(field->servers[i].pid, NULL, 0);
    }
}

static int drive(char **argv) {
    struct load load;
    const unsigned long long trips = strtoull(argv[2], NULL, 10);
    load_open(&load, (uint16_t)strtoul(argv[0], NULL, 10), 1);
    for (unsigned long long i = 0; i < trips; i++) {
        referee_await_sleep(argv[1]);
        (void)load_run(&load, UINT64_MAX, 1);
    }
    referee_await_sleep(argv[1]);
    load_close(&load);
    return 0;
}

int main(int argc, char **argv) {
    referee_raise_descriptor_limit();
    if (argc == 5 && strcmp(argv[1], "--drive") == 0) {
        return drive(argv + 2);
    }
    const bool has_tasks = argc == 2 && strcmp(argv[1], "--tasks") == 0;
    const struct field all = {servers, SERVER_COUNT};
    const struct field tasks = {task_servers, TASK_SERVER_COUNT};
    measure_field(has_tasks ? &tasks : &all);
    return 0;
}
