/* Measures servers of HTTP/1.1 on the real system, over loopback, side by side: our http_hello, the
 * floor that bare epoll is, nginx, h2o, lighttpd, libevent, hyper. All of them run at once, pinned
 * to one processor, and are given short rounds of load in turn from another, so that what disturbs
 * one disturbs all. The figure is the server's CPU time, user and system, for a request.
 *
 *   bench_http                                 requests and memory
 *   bench_http --names                         the servers that are there, a line each
 *   bench_http --prepare NAME FOLDER           writes what the server needs into the folder; prints
 *                                              the port and its command, a word a line
 *   bench_http --drive PORT PID REQUESTS DEPTH   so many requests, that many at once, on one
 *                                              connection; 0 at once: each on one of its own. Each
 *                                              time when the server waits */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "http_peers.h"
#include "load_http.h"
#include "referee.h"

enum { SERVERS_MAX = 16, ROUNDS = 60, WARM_UP_ROUNDS = 3, ROUNDS_MIN = 10 };
enum { ROUND_NS = 8 * 1000 * 1000, FOLDER_LEN = 64, IDLE_CONNECTIONS = 10000 };

/* On a busy machine a round lasts longer; then there are fewer. */
#define BUDGET_NS UINT64_C(6000000000)

struct server {
    const struct http_peer *peer;
    pid_t pid;
    uint16_t port;
    clockid_t clock;
    struct load_http load;
    struct bench_samples cost; /* ns of CPU a request */
};

static struct {
    struct server of[SERVERS_MAX];
    size_t count;
    char folder[FOLDER_LEN];
} field;

static _Noreturn void fail(const char *what) {
    (void)fprintf(stderr, "bench_http: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

/* ---- servers ---- */

static void start(struct server *server) {
    server->port = http_peer_prepare(server->peer, field.folder);
    server->pid = http_peer_start(server->peer, field.folder, server->port);
    if (clock_getcpuclockid(server->pid, &server->clock) != 0) {
        fail("the clock of a server");
    }
}

static void stop(struct server *server) {
    if (server->pid > 0) {
        (void)kill(server->pid, SIGKILL);
        (void)waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
}

static void show_log(void) {
    char path[FOLDER_LEN + 8];
    int byte;
    (void)snprintf(path, sizeof path, "%s/%s", field.folder, HTTP_PEER_LOG);
    FILE *file = fopen(path, "r");
    while (file != NULL && (byte = fgetc(file)) != EOF) {
        (void)fputc(byte, stderr);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

/* At the end, whatever it is: a server that has changed its user does not die with its parent. */
static void clean_up(int status, void *user_data) {
    (void)user_data;
    if (status != EXIT_SUCCESS) {
        show_log();
    }
    for (size_t i = 0; i < field.count; i++) {
        stop(&field.of[i]);
    }
    http_peer_remove_folder(field.folder);
}

static void find_servers(void) {
    char path[4096];
    for (size_t i = 0; i < http_peer_count; i++) {
        if (http_peer_find(&http_peers[i], path, sizeof path)) {
            field.of[field.count++].peer = &http_peers[i];
        } else {
            (void)fprintf(
                stderr, "%s is not there: nothing is compared with it\n", http_peers[i].name);
        }
    }
}

static uint64_t cpu_of(const struct server *server) {
    struct timespec used;
    if (clock_gettime(server->clock, &used) != 0) {
        fail(server->peer->name);
    }
    return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* A line of /proc/PID/status, in bytes. */
static double memory_of(const struct server *server, const char *name) {
    char path[64];
    char line[256];
    unsigned long long kb = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)server->pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail(server->peer->name);
    }
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            kb = strtoull(line + strlen(name), NULL, 10);
        }
    }
    (void)fclose(file);
    return (double)kb * 1024;
}

/* ---- requests ---- */

struct http_case {
    const char *name;
    struct load_http_manner manner;
};
static const struct http_case cases[] = {
    {"64 connections", {.connections = 64, .depth = 1}},
    {"256 connections", {.connections = 256, .depth = 1}},
    {"16 at once on each of 64", {.connections = 64, .depth = 16}},
    {"700 bytes, 64 connections", {.connections = 64, .depth = 1, .is_long = true}},
    {"a connection a request, 64", {.connections = 64, .depth = 1, .is_single = true}},
};
enum { CASE_COUNT = sizeof cases / sizeof cases[0] };

static bool is_measured(const struct server *server, const struct http_case *of) {
    return of->manner.depth > 1 || !server->peer->is_for_pipelines;
}

/* The field without those that the case leaves out. */
static size_t choose(const struct http_case *of, struct server *out_chosen[SERVERS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < field.count; i++) {
        if (is_measured(&field.of[i], of)) {
            out_chosen[count++] = &field.of[i];
        }
    }
    return count;
}

static void measure_round(struct server *server, bool counts) {
    const uint64_t cpu_ns = cpu_of(server);
    const uint64_t requests = load_http_run(&server->load, bench_now_ns() + ROUND_NS, UINT64_MAX);
    if (counts) {
        bench_add(&server->cost, (double)(cpu_of(server) - cpu_ns) / (double)requests);
    }
}

/* The server of ours that another is compared with: one that does the same with requests that come
 * together. NULL: it is not there, or the other is ours. */
static const struct server *ours_beside(const struct http_case *of, const struct http_peer *peer) {
    const bool together = of->manner.depth > 1 && peer->answers_together;
    for (size_t i = 0; i < field.count && !peer->is_ours; i++) {
        const struct http_peer *other = field.of[i].peer;
        if (other->is_ours && other->answers_together == together) {
            return &field.of[i];
        }
    }
    return NULL;
}

static void print_rate(const struct http_case *of, const struct server *theirs) {
    const struct server *ours = ours_beside(of, theirs->peer);
    const double rate = 1e9 / bench_median(&theirs->cost);
    char name[128];
    (void)snprintf(name, sizeof name, "%s%s%s", of->name, ours != NULL ? "" : ": ",
        ours != NULL ? "" : theirs->peer->name);
    if (ours != NULL) {
        const struct bench_samples ratio = bench_ratio(&theirs->cost, &ours->cost);
        bench_row_beside(name, 1e9 / bench_median(&ours->cost), "requests/CPU s",
            bench_doubt(&ratio), bench_median(&ratio), theirs->peer->name, rate);
    } else {
        bench_row(name, rate, "requests/CPU s", bench_doubt(&theirs->cost), 0, "");
    }
}

/* Ours beside each of the others; those that have nobody to stand beside, alone. */
static void print_rates(const struct http_case *of, struct server *const *chosen, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!chosen[i]->peer->is_ours || count == 1) {
            print_rate(of, chosen[i]);
        }
    }
}

static void measure_requests(const struct http_case *of) {
    struct server *chosen[SERVERS_MAX];
    const size_t count = choose(of, chosen);
    for (size_t i = 0; i < count; i++) {
        chosen[i]->cost.len = 0;
        load_http_open(&chosen[i]->load, chosen[i]->port, &of->manner);
    }
    const uint64_t end_ns = bench_now_ns() + BUDGET_NS;
    for (size_t round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
        if (round >= WARM_UP_ROUNDS + ROUNDS_MIN && bench_now_ns() >= end_ns) {
            break;
        }
        for (size_t i = 0; i < count; i++) {
            measure_round(chosen[referee_turn(count, round, i)], round >= WARM_UP_ROUNDS);
        }
    }
    print_rates(of, chosen, count);
    for (size_t i = 0; i < count; i++) {
        load_http_close(&chosen[i]->load);
    }
}

/* ---- memory ---- */

/* Both in bytes. */
struct memory {
    double peak;
    double idle_connection;
};

static double figure_at(const struct memory *figures, size_t offset) {
    return *(const double *)((const char *)figures + offset);
}

static void print_memory(const char *name, const struct memory *figures, size_t offset) {
    const bool has_ours = field.of[0].peer->is_ours;
    const double ours = figure_at(&figures[0], offset);
    for (size_t i = 0; i < field.count; i++) {
        const struct http_peer *peer = field.of[i].peer;
        const double theirs = figure_at(&figures[i], offset);
        if (has_ours && !peer->is_ours && !peer->is_for_pipelines) {
            bench_row_beside(name, ours, "bytes", 0, theirs / ours, peer->name, theirs);
        } else if (!has_ours && !peer->is_for_pipelines) {
            char words[128];
            (void)snprintf(words, sizeof words, "%s: %s", name, peer->name);
            bench_row(words, theirs, "bytes", 0, 0, "");
        }
    }
}

/* What a connection takes that has sent a request and waits: in a server that has done nothing else
 * but answer one. */
static double measure_idle(struct server *server, int connections) {
    const struct load_http_manner one = {.connections = 1, .depth = 1};
    const struct load_http_manner many = {.connections = connections, .depth = 1};
    struct load_http first;
    struct load_http rest;
    start(server);
    load_http_open(&first, server->port, &one);
    (void)load_http_run(&first, UINT64_MAX, 1);
    const double before = memory_of(server, "VmRSS:");
    load_http_close(&first);
    load_http_open(&rest, server->port, &many);
    (void)load_http_run(&rest, UINT64_MAX, (uint64_t)connections);
    const double after = memory_of(server, "VmRSS:");
    load_http_close(&rest);
    stop(server);
    return (after - before) / connections;
}

static void measure_memory(size_t descriptors) {
    struct memory figures[SERVERS_MAX];
    const int connections =
        descriptors > IDLE_CONNECTIONS + 200 ? IDLE_CONNECTIONS : (int)descriptors - 200;
    char name[64];
    for (size_t i = 0; i < field.count; i++) {
        figures[i].peak = memory_of(&field.of[i], "VmHWM:");
        stop(&field.of[i]);
    }
    for (size_t i = 0; i < field.count; i++) {
        if (!field.of[i].peer->is_for_pipelines) {
            figures[i].idle_connection = measure_idle(&field.of[i], connections);
        }
    }
    (void)snprintf(name, sizeof name, "an idle connection of %d", connections);
    print_memory("most memory, under load", figures, offsetof(struct memory, peak));
    print_memory(name, figures, offsetof(struct memory, idle_connection));
}

static void measure(size_t descriptors) {
    find_servers();
    http_peer_make_folder(field.folder);
    (void)on_exit(clean_up, NULL);
    for (size_t i = 0; i < field.count; i++) {
        start(&field.of[i]);
    }
    referee_pin_to(1);
    for (size_t i = 0; i < CASE_COUNT; i++) {
        measure_requests(&cases[i]);
    }
    measure_memory(descriptors);
}

/* ---- for those who watch one server ---- */

static int print_names(void) {
    find_servers();
    for (size_t i = 0; i < field.count; i++) {
        printf("%s\n", field.of[i].peer->name);
    }
    return EXIT_SUCCESS;
}

static int prepare(const char *name, const char *folder) {
    char path[4096];
    for (size_t i = 0; i < http_peer_count; i++) {
        const struct http_peer *peer = &http_peers[i];
        if (strcmp(peer->name, name) != 0 || !http_peer_find(peer, path, sizeof path)) {
            continue;
        }
        const uint16_t port = http_peer_prepare(peer, folder);
        printf("%u\n%s\n", (unsigned)port, path);
        for (size_t k = 1; k < HTTP_PEER_ARGS_MAX && peer->args[k] != NULL; k++) {
            char *argument = http_peer_argument(peer->args[k], folder, port);
            printf("%s\n", argument);
            free(argument);
        }
        return EXIT_SUCCESS;
    }
    (void)fprintf(stderr, "bench_http: no server %s\n", name);
    return EXIT_FAILURE;
}

/* One connection at a time, a batch at a time. */
static int drive(char **argv) {
    struct load_http load;
    const unsigned long long requests = strtoull(argv[2], NULL, 10);
    const int depth = (int)strtol(argv[3], NULL, 10);
    const struct load_http_manner manner = {
        .connections = 1, .depth = depth > 0 ? depth : 1, .is_single = depth == 0};
    load_http_open(&load, (uint16_t)strtoul(argv[0], NULL, 10), &manner);
    for (unsigned long long done = 0; done < requests;) {
        referee_await_sleep(argv[1]);
        done += load_http_run(&load, UINT64_MAX, 1);
    }
    referee_await_sleep(argv[1]);
    load_http_close(&load);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    const size_t descriptors = referee_raise_descriptor_limit();
    if (argc == 2 && strcmp(argv[1], "--names") == 0) {
        return print_names();
    }
    if (argc == 4 && strcmp(argv[1], "--prepare") == 0) {
        return prepare(argv[2], argv[3]);
    }
    if (argc == 6 && strcmp(argv[1], "--drive") == 0) {
        return drive(argv + 2);
    }
    if (argc != 1) {
        (void)fputs("usage: bench_http [--names | --prepare NAME FOLDER | --drive PORT PID "
                    "REQUESTS DEPTH]\n",
            stderr);
        return 2;
    }
    measure(descriptors);
    return EXIT_SUCCESS;
}
