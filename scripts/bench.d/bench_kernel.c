/* Measures the simulated kernel: what a call costs, what a whole small run costs, and how time and
 * memory grow with the number of connections. CPU time of this thread; the cases take turns, and
 * each is told by the median of its rounds. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "wouldblock/kernel.h"

enum { ROUNDS = 15, CALLS_A_ROUND = 60000, RUNS_A_ROUND = 2000, LINE_LEN = 64 };
enum { FD_LIMIT = 300000, PF_INET_NUMBER = 2, STREAM = WB_SOCK_STREAM | WB_SOCK_NONBLOCK };

/* A program's listener and connections to it, all in one simulated kernel. */
struct bed {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    struct wb_sockaddr addr;
    int listener;
    int epoll;
    int client; /* the first connection, both ends */
    int server;
    struct sim_endpoint *peer; /* the world's end of the last connection */
};

static const char line[LINE_LEN + 1] =
    "wait for me: sixty-four bytes on their way there and back again\n";

static void must(int64_t result, int64_t expected) {
    if (result != expected) {
        (void)fprintf(
            stderr, "bench_kernel: %lld instead of %lld\n", (long long)result, (long long)expected);
    }
    assert(result == expected);
}

static int must_open(int fd) {
    assert(fd >= 0);
    return fd;
}

static void begin(struct bed *bed) {
    const struct sim_config config = {
        .calls_max = UINT64_MAX, .time_max_ns = UINT64_C(1) << 62, .fd_limit = FD_LIMIT};
    uint32_t len = sizeof bed->addr;
    sim_kernel_reset(bed->kernel, &config);
    bed->sys = wb_sim_sys(bed->kernel);
    memset(&bed->addr, 0, sizeof bed->addr);
    bed->addr.in.family = PF_INET_NUMBER;
    bed->addr.in.addr[0] = 127;
    bed->addr.in.addr[3] = 1;
    bed->listener = must_open(WB_SYS(bed->sys, socket, PF_INET_NUMBER, STREAM, 0));
    must(WB_SYS(bed->sys, bind, bed->listener, &bed->addr, sizeof bed->addr.in), 0);
    must(WB_SYS(bed->sys, listen, bed->listener, 128), 0);
    must(WB_SYS(bed->sys, getsockname, bed->listener, &bed->addr, &len), 0);
    bed->epoll = must_open(WB_SYS(bed->sys, epoll_create1, 0));
}

static int accept_next(const struct bed *bed) {
    return must_open(WB_SYS(bed->sys, accept4, bed->listener, NULL, NULL, WB_SOCK_NONBLOCK));
}

static void watch(const struct bed *bed, int operation, int fd) {
    const struct wb_epoll_event event = {WB_EPOLLIN | WB_EPOLLET, (uint64_t)fd};
    must(WB_SYS(bed->sys, epoll_ctl, bed->epoll, operation, fd, &event), 0);
}

/* The program connects to itself. */
static void connect_own(struct bed *bed) {
    bed->client = must_open(WB_SYS(bed->sys, socket, PF_INET_NUMBER, STREAM, 0));
    (void)WB_SYS(bed->sys, connect, bed->client, &bed->addr, sizeof bed->addr.in);
    bed->server = accept_next(bed);
    watch(bed, WB_EPOLL_CTL_ADD, bed->server);
}

/* A neighbour connects and is watched. */
static void connect_peer(struct bed *bed) {
    bed->peer = sim_endpoint_new(bed->kernel, 1, PF_INET_NUMBER, NULL, NULL);
    must(sim_endpoint_connect(bed->peer, &bed->addr), 0);
    bed->server = accept_next(bed);
    watch(bed, WB_EPOLL_CTL_ADD, bed->server);
}

/* ---- calls ---- */

static void send_wait_recv(struct bed *bed) {
    struct wb_epoll_event events[4];
    char back[LINE_LEN];
    for (int i = 0; i < CALLS_A_ROUND / 3; i++) {
        must(WB_SYS(bed->sys, send, bed->client, line, LINE_LEN, 0), LINE_LEN);
        must(WB_SYS(bed->sys, epoll_pwait2, bed->epoll, events, 4, -1), 1);
        must(WB_SYS(bed->sys, recv, bed->server, back, LINE_LEN, 0), LINE_LEN);
    }
}

static void recv_nothing(struct bed *bed) {
    enum { LINUX_EAGAIN = 11 };
    char back[LINE_LEN];
    for (int i = 0; i < CALLS_A_ROUND; i++) {
        must(WB_SYS(bed->sys, recv, bed->server, back, LINE_LEN, 0), -LINUX_EAGAIN);
    }
}

static void change_interest(struct bed *bed) {
    for (int i = 0; i < CALLS_A_ROUND; i++) {
        watch(bed, WB_EPOLL_CTL_MOD, bed->server);
    }
}

static void wait_for_nothing(struct bed *bed) {
    struct wb_epoll_event events[4];
    for (int i = 0; i < CALLS_A_ROUND; i++) {
        must(WB_SYS(bed->sys, epoll_pwait2, bed->epoll, events, 4, 0), 0);
    }
}

/* A new connection each time: accept4, epoll_ctl, close. The memory of a closed connection is kept
 * until the reset. */
static void accept_close(struct bed *bed) {
    for (int i = 0; i < CALLS_A_ROUND / 3; i++) {
        if (i % 1000 == 0) {
            begin(bed);
        }
        connect_peer(bed);
        must(WB_SYS(bed->sys, close, bed->server), 0);
    }
}

struct call_case {
    const char *name;
    void (*run)(struct bed *bed);
    struct bench_samples ns; /* a call */
};

static struct call_case call_cases[] = {
    {"send + epoll_pwait2 + recv of 64 bytes, a call", send_wait_recv, {.len = 0}},
    {"recv that would block", recv_nothing, {.len = 0}},
    {"epoll_ctl MOD", change_interest, {.len = 0}},
    {"epoll_pwait2 with nothing ready", wait_for_nothing, {.len = 0}},
    {"accept4 + epoll_ctl ADD + close, peer's connect included, a call", accept_close, {.len = 0}},
};
enum { CALL_CASES = sizeof call_cases / sizeof call_cases[0] };

static void measure_calls(struct bed *bed) {
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < CALL_CASES; i++) {
            begin(bed);
            connect_own(bed);
            uint64_t start_ns = bench_cpu_ns();
            call_cases[i].run(bed);
            bench_add(
                &call_cases[i].ns, (double)(bench_cpu_ns() - start_ns) / (double)CALLS_A_ROUND);
        }
    }
    for (size_t i = 0; i < CALL_CASES; i++) {
        const struct call_case *one = &call_cases[i];
        bench_row(
            one->name, 1000 / bench_median(&one->ns), "M calls/s", bench_doubt(&one->ns), 0, NULL);
    }
}

/* ---- a whole small run ---- */

static int exchange(void *arg) {
    struct bed *bed = arg;
    char back[LINE_LEN];
    connect_own(bed);
    must(WB_SYS(bed->sys, send, bed->client, line, LINE_LEN, 0), LINE_LEN);
    must(WB_SYS(bed->sys, recv, bed->server, back, LINE_LEN, 0), LINE_LEN);
    (void)WB_SYS(bed->sys, close, bed->client);
    (void)WB_SYS(bed->sys, close, bed->server);
    (void)WB_SYS(bed->sys, close, bed->listener);
    return 0;
}

static void measure_runs(struct bed *bed) {
    struct bench_samples resets = {.len = 0};
    struct bench_samples runs = {.len = 0};
    static const struct sim_config config = {.fd_limit = 64};
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t start_ns = bench_cpu_ns();
        for (int i = 0; i < RUNS_A_ROUND; i++) {
            sim_kernel_reset(bed->kernel, &config);
        }
        uint64_t middle_ns = bench_cpu_ns();
        for (int i = 0; i < RUNS_A_ROUND; i++) {
            int status = 1;
            begin(bed);
            (void)sim_kernel_run(bed->kernel, exchange, bed, &status);
            must(status, 0);
        }
        bench_add(&resets, (double)(middle_ns - start_ns) / (double)RUNS_A_ROUND);
        bench_add(&runs, (double)(bench_cpu_ns() - middle_ns) / (double)RUNS_A_ROUND);
    }
    bench_row("reset of an empty run", bench_median(&resets), "ns", bench_doubt(&resets), 0, NULL);
    bench_row("reset, one exchange of 64 bytes, all closed (14 calls)", bench_median(&runs), "ns",
        bench_doubt(&runs), 0, NULL);
}

/* ---- growth ---- */

struct growth {
    struct bench_samples connect_ns; /* a connection */
    struct bench_samples wait_ns;    /* a wait that reports one, its send and recv included */
    double bytes;                    /* a connection */
};

static double wait_cost(struct bed *bed) {
    enum { WAITS = 20000 };
    struct wb_epoll_event events[4];
    char back[LINE_LEN];
    uint64_t start_ns = bench_cpu_ns();
    for (int i = 0; i < WAITS; i++) {
        must(sim_endpoint_send(bed->peer, line, LINE_LEN), LINE_LEN);
        must(WB_SYS(bed->sys, epoll_pwait2, bed->epoll, events, 4, -1), 1);
        must(WB_SYS(bed->sys, recv, bed->server, back, LINE_LEN, 0), LINE_LEN);
    }
    return (double)(bench_cpu_ns() - start_ns) / WAITS;
}

static void grow_once(struct bed *bed, int connections, struct growth *growth) {
    begin(bed);
    uint64_t before = sim_kernel_host_bytes(bed->kernel);
    uint64_t start_ns = bench_cpu_ns();
    for (int i = 0; i < connections; i++) {
        connect_peer(bed);
    }
    bench_add(&growth->connect_ns, (double)(bench_cpu_ns() - start_ns) / (double)connections);
    growth->bytes = (double)(sim_kernel_host_bytes(bed->kernel) - before) / (double)connections;
    bench_add(&growth->wait_ns, wait_cost(bed));
}

static void measure_growth(struct bed *bed) {
    static const int sizes[] = {1, 100, 1000, 10000, 100000};
    enum { SIZES = sizeof sizes / sizeof sizes[0], GROWTH_ROUNDS = 7 };
    static struct growth growths[SIZES];
    for (int round = 0; round < GROWTH_ROUNDS; round++) {
        for (size_t i = 0; i < SIZES; i++) {
            grow_once(bed, sizes[i], &growths[i]);
        }
    }
    char name[128];
    for (size_t i = 0; i < SIZES; i++) {
        struct bench_samples ratio = bench_ratio(&growths[i].connect_ns, &growths[1].connect_ns);
        (void)snprintf(name, sizeof name, "connect, accept, watch; %d connections", sizes[i]);
        bench_row(name, bench_median(&growths[i].connect_ns), "ns each",
            bench_doubt(&growths[i].connect_ns), i >= 2 ? bench_median(&ratio) : 0, "of 100");
    }
    for (size_t i = 0; i < SIZES; i++) {
        (void)snprintf(name, sizeof name, "memory of %d idle connections", sizes[i]);
        bench_row(name, growths[i].bytes, "bytes each", 0,
            i >= 2 ? growths[i].bytes / growths[1].bytes : 0, "of 100");
    }
    for (size_t i = 0; i < SIZES; i++) {
        struct bench_samples ratio = bench_ratio(&growths[i].wait_ns, &growths[0].wait_ns);
        (void)snprintf(name, sizeof name, "send, wait, recv with %d watched, one ready", sizes[i]);
        bench_row(name, bench_median(&growths[i].wait_ns), "ns", bench_doubt(&growths[i].wait_ns),
            i >= 1 ? bench_median(&ratio) : 0, "of 1");
    }
}

int main(void) {
    struct bed bed = {.kernel = sim_kernel_new()};
    assert(bed.kernel != NULL);
    measure_calls(&bed);
    measure_runs(&bed);
    measure_growth(&bed);
    sim_kernel_destroy(bed.kernel);
    return 0;
}
