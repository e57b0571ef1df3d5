/* The same calls on the simulated kernel and on the one of this machine, side by side: what a call
 * costs here and there, and what a wait costs as more is watched. CPU time of this thread, system
 * time included; the two take turns, and each is told by the median of its rounds. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "wb/sys_linux.h"
#include "wouldblock/kernel.h"

enum { ROUNDS = 11, TURNS_A_ROUND = 4000, LEN = 64, FD_MAX = 250000 };

enum { SIMULATED, REAL, SIDES };

/* Two connected ends on one of the systems, and an instance that watches the second. */
struct bed {
    const struct wb_sys *sys;
    int epoll;
    int near;
    int far;
};

static const char message[LEN + 1] =
    "the same sixty-four bytes for the one kernel and for the other.\n";

static void must(int64_t result, int64_t expected) {
    if (result != expected) {
        (void)fprintf(
            stderr, "bench_both: %lld instead of %lld\n", (long long)result, (long long)expected);
    }
    assert(result == expected);
}

static int must_open(int fd) {
    if (fd < 0) {
        (void)fprintf(stderr, "bench_both: no descriptor: %d\n", fd);
    }
    assert(fd >= 0);
    return fd;
}

static void watch(const struct bed *bed, int operation, int fd, uint32_t events) {
    const struct wb_epoll_event event = {events, (uint64_t)fd};
    must(WB_SYS(bed->sys, epoll_ctl, bed->epoll, operation, fd, &event), 0);
}

static struct wb_sockaddr loopback(void) {
    struct wb_sockaddr addr;
    memset(&addr, 0, sizeof addr);
    addr.in.family = WB_AF_INET;
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    return addr;
}

/* ---- what the ends are ---- */

static void open_tcp(struct bed *bed) {
    enum { STREAM = WB_SOCK_STREAM | WB_SOCK_NONBLOCK };
    struct wb_sockaddr addr = loopback();
    uint32_t len = sizeof addr.in;
    int listener = must_open(WB_SYS(bed->sys, socket, WB_AF_INET, STREAM, 0));
    must(WB_SYS(bed->sys, bind, listener, &addr, len), 0);
    must(WB_SYS(bed->sys, listen, listener, 1), 0);
    must(WB_SYS(bed->sys, getsockname, listener, &addr, &len), 0);
    bed->near = must_open(WB_SYS(bed->sys, socket, WB_AF_INET, STREAM, 0));
    (void)WB_SYS(bed->sys, connect, bed->near, &addr, len);
    bed->far = must_open(WB_SYS(bed->sys, accept4, listener, NULL, NULL, WB_SOCK_NONBLOCK));
    const int on = 1;
    must(
        WB_SYS(bed->sys, setsockopt, bed->near, WB_IPPROTO_TCP, WB_TCP_NODELAY, &on, sizeof on), 0);
    must(WB_SYS(bed->sys, close, listener), 0);
}

static void open_udp(struct bed *bed) {
    enum { DATAGRAM = WB_SOCK_DGRAM | WB_SOCK_NONBLOCK };
    struct wb_sockaddr addr = loopback();
    uint32_t len = sizeof addr.in;
    bed->near = must_open(WB_SYS(bed->sys, socket, WB_AF_INET, DATAGRAM, 0));
    bed->far = must_open(WB_SYS(bed->sys, socket, WB_AF_INET, DATAGRAM, 0));
    must(WB_SYS(bed->sys, bind, bed->far, &addr, len), 0);
    must(WB_SYS(bed->sys, getsockname, bed->far, &addr, &len), 0);
    must(WB_SYS(bed->sys, connect, bed->near, &addr, len), 0);
}

static void open_unix(struct bed *bed) {
    int fds[2];
    must(WB_SYS(bed->sys, socketpair, WB_AF_UNIX, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0, fds), 0);
    bed->near = fds[0];
    bed->far = fds[1];
}

static void open_pipe(struct bed *bed) {
    int fds[2];
    must(WB_SYS(bed->sys, pipe2, fds, WB_O_NONBLOCK), 0);
    bed->near = fds[1];
    bed->far = fds[0];
}

static void open_eventfd(struct bed *bed) {
    bed->near = must_open(WB_SYS(bed->sys, eventfd, 0, WB_EFD_NONBLOCK));
    bed->far = must_open(WB_SYS(bed->sys, dup, bed->near));
}

/* ---- what is done with them ---- */

/* Three calls a turn. */
static void exchange(struct bed *bed, size_t len) {
    struct wb_epoll_event events[4];
    char back[LEN];
    for (int i = 0; i < TURNS_A_ROUND; i++) {
        must(WB_SYS(bed->sys, write, bed->near, message, len), (int64_t)len);
        must(WB_SYS(bed->sys, epoll_pwait2, bed->epoll, events, 4, -1), 1);
        must(WB_SYS(bed->sys, read, bed->far, back, len), (int64_t)len);
    }
}

static void exchange_bytes(struct bed *bed) {
    exchange(bed, LEN);
}

static void exchange_count(struct bed *bed) {
    exchange(bed, sizeof(uint64_t));
}

static void read_nothing(struct bed *bed) {
    enum { LINUX_EAGAIN = 11 };
    char back[LEN];
    for (int i = 0; i < 3 * TURNS_A_ROUND; i++) {
        must(WB_SYS(bed->sys, read, bed->far, back, LEN), -LINUX_EAGAIN);
    }
}

static void change_interest(struct bed *bed) {
    for (int i = 0; i < 3 * TURNS_A_ROUND; i++) {
        watch(bed, WB_EPOLL_CTL_MOD, bed->far, WB_EPOLLIN);
    }
}

static void wait_for_nothing(struct bed *bed) {
    struct wb_epoll_event events[4];
    for (int i = 0; i < 3 * TURNS_A_ROUND; i++) {
        must(WB_SYS(bed->sys, epoll_pwait2, bed->epoll, events, 4, 0), 0);
    }
}

static const struct call_case {
    const char *name;
    void (*open)(struct bed *bed);
    void (*run)(struct bed *bed);
} call_cases[] = {
    {"TCP: write, wait, read 64 bytes", open_tcp, exchange_bytes},
    {"UDP: write, wait, read 64 bytes", open_udp, exchange_bytes},
    {"Unix stream: write, wait, read 64 bytes", open_unix, exchange_bytes},
    {"pipe: write, wait, read 64 bytes", open_pipe, exchange_bytes},
    {"eventfd: write, wait, read", open_eventfd, exchange_count},
    {"TCP: read that would block", open_tcp, read_nothing},
    {"TCP: epoll_ctl MOD", open_tcp, change_interest},
    {"TCP: wait with nothing ready", open_tcp, wait_for_nothing},
};
enum { CALL_CASES = sizeof call_cases / sizeof call_cases[0] };

/* ---- both sides ---- */

struct sides {
    struct sim_kernel *kernel;
    const struct wb_sys *sys[SIDES];
};

/* The simulated kernel begins anew, so that no round pays for the garbage of another. */
static struct bed begin(struct sides *sides, int side) {
    if (side == SIMULATED) {
        const struct sim_config config = {
            .calls_max = UINT64_MAX, .time_max_ns = UINT64_C(1) << 62, .fd_limit = FD_MAX};
        sim_kernel_reset(sides->kernel, &config);
    }
    struct bed bed = {.sys = sides->sys[side], .near = -1, .far = -1};
    bed.epoll = must_open(WB_SYS(bed.sys, epoll_create1, 0));
    return bed;
}

static void end(const struct bed *bed) {
    (void)WB_SYS(bed->sys, close, bed->near);
    (void)WB_SYS(bed->sys, close, bed->far);
    (void)WB_SYS(bed->sys, close, bed->epoll);
}

static double cost_of_call(struct sides *sides, int side, const struct call_case *one) {
    struct bed bed = begin(sides, side);
    one->open(&bed);
    watch(&bed, WB_EPOLL_CTL_ADD, bed.far, WB_EPOLLIN);
    uint64_t start_ns = bench_cpu_ns();
    one->run(&bed);
    double cost_ns = (double)(bench_cpu_ns() - start_ns) / (3.0 * TURNS_A_ROUND);
    end(&bed);
    return cost_ns;
}

static void row_of_both(const char *name, const struct bench_samples ns[SIDES]) {
    struct bench_samples faster = bench_ratio(&ns[REAL], &ns[SIMULATED]);
    bench_row(name, bench_median(&ns[SIMULATED]), "ns a call", bench_doubt(&faster),
        bench_median(&faster), "times as fast as the real kernel");
}

static void measure_calls(struct sides *sides) {
    static struct bench_samples ns[CALL_CASES][SIDES];
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < CALL_CASES; i++) {
            for (int side = 0; side < SIDES; side++) {
                bench_add(&ns[i][side], cost_of_call(sides, side, &call_cases[i]));
            }
        }
    }
    for (size_t i = 0; i < CALL_CASES; i++) {
        row_of_both(call_cases[i].name, ns[i]);
    }
}

/* ---- waits, as more is watched ---- */

/* One wait with `ready` of `count` eventfds readable and all reported; the mean of several. */
static double cost_of_wait(struct sides *sides, int side, int count, int ready) {
    struct bed bed = begin(sides, side);
    int *fds = malloc((size_t)count * sizeof *fds);
    struct wb_epoll_event *events = malloc((size_t)ready * sizeof *events);
    assert(fds != NULL && events != NULL);
    for (int i = 0; i < count; i++) {
        fds[i] = must_open(WB_SYS(bed.sys, eventfd, i < ready, WB_EFD_NONBLOCK));
        watch(&bed, WB_EPOLL_CTL_ADD, fds[i], WB_EPOLLIN);
    }
    int waits = 200000 / (ready + 20);
    uint64_t start_ns = bench_cpu_ns();
    for (int i = 0; i < waits; i++) {
        must(WB_SYS(bed.sys, epoll_pwait2, bed.epoll, events, ready, 0), ready);
    }
    double cost_ns = (double)(bench_cpu_ns() - start_ns) / waits;
    for (int i = 0; i < count; i++) {
        must(WB_SYS(bed.sys, close, fds[i]), 0);
    }
    free(events);
    free(fds);
    end(&bed);
    return cost_ns;
}

/* How the simulated kernel's costs grow with the number watched: constant with one ready, linear
 * with all. */
static void measure_waits(struct sides *sides) {
    static const int counts[] = {1, 1000, 100000};
    enum { COUNTS = sizeof counts / sizeof counts[0], WAIT_ROUNDS = 5 };
    static struct bench_samples one_ns[COUNTS];
    static struct bench_samples all_ns[COUNTS]; /* an event */
    for (int round = 0; round < WAIT_ROUNDS; round++) {
        for (size_t i = 0; i < COUNTS; i++) {
            int count = counts[i];
            bench_add(&one_ns[i], cost_of_wait(sides, SIMULATED, count, 1));
            bench_add(&all_ns[i], cost_of_wait(sides, SIMULATED, count, count) / count);
        }
    }
    for (size_t i = 0; i < COUNTS; i++) {
        char name[96];
        struct bench_samples growth = bench_ratio(&one_ns[i], &one_ns[0]);
        (void)snprintf(name, sizeof name, "wait, one of %d ready", counts[i]);
        bench_row(name, bench_median(&one_ns[i]), "ns", bench_doubt(&growth), bench_median(&growth),
            "one of 1");
    }
    for (size_t i = 1; i < COUNTS; i++) {
        char name[96];
        struct bench_samples growth = bench_ratio(&all_ns[i], &all_ns[1]);
        (void)snprintf(name, sizeof name, "wait, all of %d ready", counts[i]);
        bench_row(name, bench_median(&all_ns[i]), "ns an event", bench_doubt(&growth),
            bench_median(&growth), "all of 1000");
    }
}

int main(void) {
    struct sides sides = {.kernel = sim_kernel_new()};
    assert(sides.kernel != NULL);
    sides.sys[SIMULATED] = wb_sim_sys(sides.kernel);
    sides.sys[REAL] = wb_sys_linux();
    measure_calls(&sides);
    measure_waits(&sides);
    sim_kernel_destroy(sides.kernel);
    return 0;
}
