/* The kernel as an object: runs and why they end, time, signals, the world's endpoints,
 * determinism, many at once. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

static struct sim_kernel *fresh(const struct sim_config *config) {
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    sim_kernel_reset(kernel, config);
    return kernel;
}

/* ---- why a run ends ---- */

static int return_seven(void *arg) {
    (void)arg;
    return 7;
}

static void run_program_returns_its_status(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    int status = -1;
    assert_int_equal(sim_kernel_run(kernel, return_seven, NULL, &status), SIM_STOP_EXITED);
    assert_int_equal(status, 7);
    sim_kernel_destroy(kernel);
}

static int wait_for_ever(void *arg) {
    const struct wb_sys *sys = arg;
    int epfd = WB_SYS(sys, epoll_create1, 0);
    struct wb_epoll_event event;
    return WB_SYS(sys, epoll_pwait2, epfd, &event, 1, WB_TIMEOUT_INFINITE);
}

static void run_that_waits_for_nothing_is_quiescent(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    int status = -1;
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(sim_kernel_run(kernel, wait_for_ever, sys, &status), SIM_STOP_QUIESCENT);
    assert_int_equal(status, -1);
    sim_kernel_destroy(kernel);
}

static int call_for_ever(void *arg) {
    const struct wb_sys *sys = arg;
    for (;;) {
        (void)WB_SYS(sys, close, 99);
    }
    return 0;
}

static void run_that_calls_for_ever_stops_at_calls_max(void **state) {
    (void)state;
    struct sim_config config = {.calls_max = 100};
    struct sim_kernel *kernel = fresh(&config);
    int status = -1;
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(sim_kernel_run(kernel, call_for_ever, sys, &status), SIM_STOP_STEPS);
    assert_int_equal(sim_kernel_calls(kernel), 101);
    sim_kernel_destroy(kernel);
}

static int sleep_for_ever(void *arg) {
    const struct wb_sys *sys = arg;
    for (;;) {
        (void)WB_SYS(sys, poll, NULL, 0, INT64_C(1000000000));
    }
    return 0;
}

static void run_that_sleeps_for_ever_stops_at_time_max(void **state) {
    (void)state;
    struct sim_config config = {.time_max_ns = UINT64_C(5000000000)};
    struct sim_kernel *kernel = fresh(&config);
    int status = -1;
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(sim_kernel_run(kernel, sleep_for_ever, sys, &status), SIM_STOP_TIME);
    assert_true(sim_kernel_calls(kernel) <= 7);
    sim_kernel_destroy(kernel);
}

static int sleep_an_hour(void *arg) {
    const struct wb_sys *sys = arg;
    return WB_SYS(sys, poll, NULL, 0, INT64_C(3600000000000));
}

static void sleep_beyond_time_max_ends_at_it(void **state) {
    (void)state;
    struct sim_config config = {.time_max_ns = UINT64_C(5000000000)};
    struct sim_kernel *kernel = fresh(&config);
    uint64_t begin_ns = sim_kernel_now(kernel);
    int status = -1;
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(sim_kernel_run(kernel, sleep_an_hour, sys, &status), SIM_STOP_TIME);
    assert_int_equal(sim_kernel_now(kernel) - begin_ns, UINT64_C(5000000001));
    sim_kernel_destroy(kernel);
}

/* ---- what is spared ---- */

struct told {
    int allocations;
    int failures; /* of allocations */
};

static void count_allocations(void *user_data, const struct sim_event *event) {
    struct told *told = user_data;
    if (event->kind == SIM_EVENT_CALL && event->call == SIM_CALL_ALLOC) {
        told->allocations++;
        told->failures += event->result < 0;
    }
}

static int allocate_twice(void *arg) {
    const struct wb_sys *sys = arg;
    void *block = WB_SYS(sys, alloc, 100);
    assert_non_null(block);
    assert_null(WB_SYS(sys, alloc, 1000));
    WB_SYS(sys, free, block, 100);
    return 0;
}

static uint64_t hash_of_allocating(bool hides_allocations, struct told *told) {
    struct sim_config config = {.memory_max = 1000,
        .hides_allocations = hides_allocations,
        .on_event = count_allocations,
        .user_data = told};
    struct sim_kernel *kernel = fresh(&config);
    int status = -1;
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(sim_kernel_run(kernel, allocate_twice, sys, &status), SIM_STOP_EXITED);
    uint64_t hash = sim_kernel_hash(kernel);
    sim_kernel_destroy(kernel);
    return hash;
}

static void hidden_allocations_are_not_told_unless_they_fail(void **state) {
    (void)state;
    struct told all = {0};
    struct told some = {0};
    uint64_t hash = hash_of_allocating(false, &all);
    assert_true(hash_of_allocating(true, &some) == hash);
    assert_int_equal(all.allocations, 2);
    assert_int_equal(some.allocations, 1);
    assert_int_equal(some.failures, 1);
}

static void end_at_once(void *arg) {
    (void)arg;
}

static int begin_a_thread(void *arg) {
    const struct wb_sys *sys = arg;
    uint64_t id = 0;
    assert_null(sys->ops->interleave);
    assert_int_equal(WB_SYS(sys, thread_create, end_at_once, NULL, &id), 0);
    assert_non_null(sys->ops->interleave);
    return WB_SYS(sys, thread_join, id);
}

static void points_are_spared_until_there_is_a_second_thread(void **state) {
    (void)state;
    struct sim_config config = {.spares_points = true};
    struct sim_kernel *kernel = fresh(&config);
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    for (int i = 0; i < 2; i++) {
        int status = -1;
        sim_kernel_reset(kernel, &config);
        assert_int_equal(sim_kernel_run(kernel, begin_a_thread, sys, &status), SIM_STOP_EXITED);
        assert_int_equal(status, 0);
    }
    config.spares_points = false;
    sim_kernel_reset(kernel, &config);
    assert_non_null(wb_sim_sys(kernel)->ops->interleave);
    sim_kernel_destroy(kernel);
}

static void abandoned_run_leaves_nothing_for_the_next(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    int status = -1;
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_non_null(WB_SYS(wb_sim_sys(kernel), alloc, 1000));
    assert_int_equal(sim_kernel_run(kernel, wait_for_ever, sys, &status), SIM_STOP_QUIESCENT);
    sim_kernel_reset(kernel, &config);
    struct sim_memory_info memory;
    sim_memory(kernel, 0, &memory);
    assert_int_equal(memory.live_blocks, 0);
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), epoll_create1, 0), 3);
    sim_kernel_destroy(kernel);
}

/* ---- time ---- */

static void each_call_takes_its_cost(void **state) {
    (void)state;
    struct sim_config config = {.call_cost_ns = 1000};
    struct sim_kernel *kernel = fresh(&config);
    const struct wb_sys *sys = wb_sim_sys(kernel);
    uint64_t first = WB_SYS(sys, clock_gettime, WB_CLOCK_MONOTONIC);
    uint64_t second = WB_SYS(sys, clock_gettime, WB_CLOCK_MONOTONIC);
    assert_int_equal(second - first, 1000);
    sim_kernel_destroy(kernel);
}

static void a_wait_never_returns_early_and_costs_no_real_time(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    const struct wb_sys *sys = wb_sim_sys(kernel);
    int epfd = WB_SYS(sys, epoll_create1, 0);
    struct wb_epoll_event event;
    uint64_t before = sim_kernel_now(kernel);
    assert_int_equal(WB_SYS(sys, epoll_pwait2, epfd, &event, 1, INT64_C(1800000000000)), 0);
    assert_true(sim_kernel_now(kernel) - before >= UINT64_C(1800000000000));
    sim_kernel_destroy(kernel);
}

struct order_log {
    char text[16];
    size_t len;
    struct sim_kernel *kernel;
    uint64_t second;
};

static void log_a(void *user_data) {
    struct order_log *log = user_data;
    log->text[log->len++] = 'a';
}

static void log_b(void *user_data) {
    struct order_log *log = user_data;
    log->text[log->len++] = 'b';
    sim_cancel(log->kernel, log->second);
}

static void actions_happen_in_order_of_time_then_of_scheduling(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    struct order_log log = {.kernel = kernel};
    uint64_t base = sim_kernel_now(kernel);
    assert_true(sim_schedule(kernel, base + 3000, log_a, &log) != 0);
    assert_true(sim_schedule(kernel, base + 1000, log_a, &log) != 0);
    assert_true(sim_schedule(kernel, base + 1000, log_b, &log) != 0);
    log.second = sim_schedule(kernel, base + 2000, log_a, &log); /* b cancels it */
    const struct wb_sys *sys = wb_sim_sys(kernel);
    assert_int_equal(WB_SYS(sys, poll, NULL, 0, INT64_C(1000000)), 0);
    assert_int_equal(log.len, 3);
    assert_memory_equal(log.text, "aba", 3);
    sim_cancel(kernel, log.second); /* a past id does nothing */
    sim_kernel_destroy(kernel);
}

/* ---- signals ---- */

static void raise_term(void *user_data) {
    sim_signal(user_data, 0, WB_SIGTERM);
}

struct signal_program {
    struct sim_kernel *kernel;
    uint32_t signo;
};

static int wait_for_signal(void *arg) {
    struct signal_program *program = arg;
    const struct wb_sys *sys = wb_sim_sys(program->kernel);
    int fd = WB_SYS(sys, signalfd, UINT64_C(1) << (WB_SIGTERM - 1), WB_SOCK_NONBLOCK);
    struct wb_signalfd_siginfo info;
    if (WB_SYS(sys, read, fd, &info, sizeof(info)) != -EAGAIN) {
        return 1;
    }
    struct wb_pollfd entry = {.fd = fd, .events = WB_EPOLLIN};
    if (WB_SYS(sys, poll, &entry, 1, WB_TIMEOUT_INFINITE) != 1) {
        return 2;
    }
    if (WB_SYS(sys, read, fd, &info, sizeof(info)) != sizeof(info)) {
        return 3;
    }
    program->signo = info.signo;
    return WB_SYS(sys, close, fd);
}

static void signal_reaches_the_signalfd(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    sim_schedule(kernel, sim_kernel_now(kernel) + 1000000, raise_term, kernel);
    struct signal_program program = {.kernel = kernel};
    int status = -1;
    assert_int_equal(sim_kernel_run(kernel, wait_for_signal, &program, &status), SIM_STOP_EXITED);
    assert_int_equal(status, 0);
    assert_int_equal(program.signo, WB_SIGTERM);
    sim_kernel_destroy(kernel);
}

static void signal_without_signalfd_kills(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    sim_schedule(kernel, sim_kernel_now(kernel) + 1000000, raise_term, kernel);
    int status = -1;
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(sim_kernel_run(kernel, wait_for_ever, sys, &status), SIM_STOP_KILLED);
    sim_kernel_destroy(kernel);
}

/* ---- the world's endpoints ---- */

struct echo_world {
    struct sim_kernel *kernel;
    struct sim_endpoint *endpoint;
    char received[32];
    size_t received_len;
    unsigned changes;
    int ended;
};

static void world_changed(void *user_data, struct sim_endpoint *endpoint) {
    struct echo_world *world = user_data;
    world->changes++;
    char buf[32];
    int64_t n;
    while ((n = sim_endpoint_recv(endpoint, buf, sizeof(buf))) > 0) {
        memcpy(world->received + world->received_len, buf, (size_t)n);
        world->received_len += (size_t)n;
    }
    if (n == 0) {
        world->ended = 1;
    }
}

static void world_begins(void *user_data) {
    struct echo_world *world = user_data;
    struct wb_sockaddr addr;
    memset(&addr, 0, sizeof(addr));
    addr.in.family = WB_AF_INET;
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    addr.in.port_be = 0x5c1a; /* whatever the program bound */
    world->endpoint = sim_endpoint_new(world->kernel, 1, WB_AF_INET, world_changed, world);
    assert_int_equal(sim_endpoint_connect(world->endpoint, &addr), 0);
    assert_int_equal(sim_endpoint_send(world->endpoint, "ping", 4), 4);
}

static int echo_once(void *arg) {
    const struct wb_sys *sys = arg;
    struct wb_sockaddr addr;
    memset(&addr, 0, sizeof(addr));
    addr.in.family = WB_AF_INET;
    addr.in.port_be = 0x5c1a;
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    if (WB_SYS(sys, bind, listener, &addr, sizeof(addr.in)) != 0
        || WB_SYS(sys, listen, listener, 1) != 0) {
        return 1;
    }
    int fd = WB_SYS(sys, accept4, listener, NULL, NULL, 0); /* blocks */
    char buf[16];
    int64_t n = WB_SYS(sys, recv, fd, buf, sizeof(buf), 0);
    if (n != 4 || WB_SYS(sys, send, fd, buf, 4, WB_MSG_NOSIGNAL) != 4) {
        return 2;
    }
    (void)WB_SYS(sys, close, fd);
    (void)WB_SYS(sys, close, listener);
    (void)WB_SYS(sys, poll, NULL, 0, INT64_C(1000000));
    return 0;
}

static void world_talks_to_a_blocking_program(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    struct echo_world world = {.kernel = kernel};
    sim_schedule(kernel, sim_kernel_now(kernel) + 10000, world_begins, &world);
    int status = -1;
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(sim_kernel_run(kernel, echo_once, sys, &status), SIM_STOP_EXITED);
    assert_int_equal(status, 0);
    assert_int_equal(world.received_len, 4);
    assert_memory_equal(world.received, "ping", 4);
    assert_true(world.ended);
    sim_kernel_destroy(kernel);
}

/* ---- windows and large transfers ---- */

static void bytes_beyond_the_window_wait_and_arrive_in_order(void **state) {
    (void)state;
    struct sim_config config = {.send_buffer_size = 3000, .recv_buffer_size = 1000};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    pair_open(&pair, kernel);
    uint8_t out[8192];
    for (size_t i = 0; i < sizeof(out); i++) {
        out[i] = (uint8_t)(i * 7 + i / 256);
    }
    size_t sent = 0;
    size_t got = 0;
    unsigned blocked = 0;
    while (got < sizeof(out)) {
        int64_t n;
        while ((n = WB_SYS(pair.sys, send, pair.client, out + sent, sizeof(out) - sent, 0)) > 0) {
            sent += (size_t)n;
        }
        blocked += n == -EAGAIN;
        uint8_t in[777];
        n = WB_SYS(pair.sys, recv, pair.server, in, sizeof(in), 0);
        if (n > 0) {
            assert_memory_equal(in, out + got, (size_t)n);
            got += (size_t)n;
        }
        assert_true(sent - got <= 4000); /* both buffers full, and no more */
    }
    assert_true(blocked > 0);
    sim_kernel_destroy(kernel);
}

static void many_connections_stay_under_4_kib_each(void **state) {
    (void)state;
    enum { COUNT = 2000 };
    struct sim_config config = {.fd_limit = 3 * COUNT};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    pair_open(&pair, kernel);
    struct wb_sockaddr addr;
    uint32_t len = sizeof(addr);
    assert_int_equal(WB_SYS(pair.sys, getsockname, pair.listener, &addr, &len), 0);
    for (int i = 0; i < COUNT; i++) {
        int fd = WB_SYS(pair.sys, socket, WB_AF_INET, WB_SOCK_STREAM | WB_SOCK_NONBLOCK, 0);
        assert_int_equal(WB_SYS(pair.sys, connect, fd, &addr, len), -EINPROGRESS);
        fd = WB_SYS(pair.sys, accept4, pair.listener, NULL, NULL, WB_SOCK_NONBLOCK);
        assert_true(fd >= 0);
        watch(&pair, WB_EPOLL_CTL_ADD, fd, WB_EPOLLIN | WB_EPOLLET);
    }
    assert_true(sim_kernel_host_bytes(kernel) / COUNT < 4096);
    sim_kernel_destroy(kernel);
}

/* ---- determinism ---- */

static uint64_t hash_of_a_transfer(struct sim_kernel *kernel, const char *text) {
    struct sim_config config = {.entropy_seed = 42};
    sim_kernel_reset(kernel, &config);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLET);
    assert_int_equal(
        WB_SYS(pair.sys, send, pair.client, text, strlen(text), 0), (int64_t)strlen(text));
    assert_int_equal(wait_bits(&pair, pair.server, WB_TIMEOUT_INFINITE), WB_EPOLLIN);
    uint64_t random = 0;
    assert_int_equal(WB_SYS(pair.sys, getrandom, &random, sizeof(random)), 0);
    return sim_kernel_hash(kernel) ^ random;
}

static void same_calls_same_hash_other_bytes_other_hash(void **state) {
    (void)state;
    struct sim_kernel *kernel = sim_kernel_new();
    struct sim_kernel *other = sim_kernel_new();
    uint64_t first = hash_of_a_transfer(kernel, "hello");
    assert_true(hash_of_a_transfer(kernel, "jello") != first);
    assert_true(hash_of_a_transfer(kernel, "hello") == first);
    assert_true(hash_of_a_transfer(other, "hello") == first);
    sim_kernel_destroy(kernel);
    sim_kernel_destroy(other);
}

/* Low and high half of a product of 128 bits, together; by halves of words, as in school. */
static uint64_t folded(uint64_t x, uint64_t y) {
    uint64_t x_low = x & UINT32_MAX;
    uint64_t y_low = y & UINT32_MAX;
    uint64_t low = x_low * y_low;
    uint64_t cross = (x >> 32) * y_low + (low >> 32);
    uint64_t other = x_low * (y >> 32) + (cross & UINT32_MAX);
    uint64_t high = (x >> 32) * (y >> 32) + (cross >> 32) + (other >> 32);
    return (other << 32 | (low & UINT32_MAX)) ^ high;
}

/* The value is part of the promise: it may change only together with what a run does, never with
 * the compiler. */
static void hash_is_the_same_on_every_machine(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    sim_note_peer(kernel, 1, 2, 3, "abcdefghij", 10);
    const uint64_t odd[] = {
        UINT64_C(0x9e3779b185ebca87),
        UINT64_C(0xc2b2ae3d27d4eb4f),
        UINT64_C(0x165667b19e3779f9),
        UINT64_C(0x85ebca77c2b2ae63),
        UINT64_C(0x27d4eb2f165667c5),
        UINT64_C(0xbf58476d1ce4e5b9),
        UINT64_C(0x94d049bb133111eb),
    };
    uint64_t kind = UINT64_C(0xffffffff) << 32 | SIM_EVENT_PEER; /* no descriptor, no call */
    uint64_t time_ns = 1000000;
    uint64_t who = 1;  /* the subject, no file */
    uint64_t when = 0; /* no registration, no call yet */
    uint64_t share = folded(kind ^ odd[1], time_ns ^ odd[2]) + folded(who ^ odd[3], when ^ odd[4])
                     + folded(2 ^ odd[5], 3 ^ odd[6]);
    uint64_t words[] = {
        0,                            /* the result; the event's share goes to the hash before */
        UINT64_C(0x6867666564636261), /* "abcdefgh" */
        2 << 16 | 'i' << 8 | 'j',     /* what is left, and how much */
    };
    uint64_t expected = UINT64_C(0x9e3779b97f4a7c15) + share;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        expected = folded(expected ^ odd[0], words[i] ^ odd[1]);
    }
    assert_true(sim_kernel_hash(kernel) == expected);
    sim_kernel_destroy(kernel);
}

static void kernels_know_nothing_of_each_other(void **state) {
    (void)state;
    struct sim_config config = {0};
    struct sim_kernel *one = fresh(&config);
    struct sim_kernel *two = fresh(&config);
    assert_int_equal(WB_SYS(wb_sim_sys(one), eventfd, 0, 0), 3);
    assert_int_equal(WB_SYS(wb_sim_sys(one), eventfd, 0, 0), 4);
    assert_int_equal(WB_SYS(wb_sim_sys(two), eventfd, 0, 0), 3);
    sim_kernel_destroy(one);
    assert_int_equal(WB_SYS(wb_sim_sys(two), eventfd, 0, 0), 4);
    sim_kernel_destroy(two);
}

/* ---- flavours ---- */

static void edge_per_transition_gives_no_edge_while_ready(void **state) {
    (void)state;
    struct sim_config config = {.flavour = SIM_FLAVOUR_EDGE_PER_TRANSITION};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLET);
    char buf[4];
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "ab", 2, 0), 2);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, 1, 0), 1);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "c", 1, 0), 1);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0); /* Linux would report */
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, 4, 0), 2);
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, 4, 0), -EAGAIN);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "d", 1, 0), 1);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    sim_kernel_destroy(kernel);
}

static void no_rdhup_reports_the_end_as_readable(void **state) {
    (void)state;
    struct sim_config config = {.flavour = SIM_FLAVOUR_NO_RDHUP};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLRDHUP | WB_EPOLLET);
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.client, WB_SHUT_WR), 0);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    sim_kernel_destroy(kernel);
}

/* The events of one wait that does not block, at most `max`; how many. */
static int wait_some(const struct pair *pair, struct wb_epoll_event *events, int max) {
    return WB_SYS(pair->sys, epoll_pwait2, pair->epfd, events, max, 0);
}

static void split_reports_come_as_two_events(void **state) {
    (void)state;
    struct sim_config config = {.flavour = SIM_FLAVOUR_SPLIT_REPORTS};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    struct wb_epoll_event events[4];
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server,
        WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLRDHUP | WB_EPOLLET);
    assert_int_equal(wait_some(&pair, events, 4), 1); /* OUT alone is not divided */
    assert_int_equal(events[0].events, WB_EPOLLOUT);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "ab", 2, 0), 2);
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.client, WB_SHUT_WR), 0);
    assert_int_equal(wait_some(&pair, events, 4), 2);
    assert_int_equal(events[0].events, WB_EPOLLIN | WB_EPOLLRDHUP);
    assert_int_equal(events[1].events, WB_EPOLLOUT);
    assert_int_equal(wait_some(&pair, events, 4), 0);
    sim_kernel_destroy(kernel);
}

static void split_reports_without_room_for_both_come_with_two_waits(void **state) {
    (void)state;
    struct sim_config config = {.flavour = SIM_FLAVOUR_SPLIT_REPORTS};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    struct wb_epoll_event event;
    pair_open(&pair, kernel);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "ab", 2, 0), 2);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(wait_some(&pair, &event, 1), 1);
    assert_int_equal(event.events, WB_EPOLLIN);
    assert_int_equal(wait_some(&pair, &event, 1), 1);
    assert_int_equal(event.events, WB_EPOLLOUT);
    assert_int_equal(wait_some(&pair, &event, 1), 0);
    watch(&pair, WB_EPOLL_CTL_MOD, pair.server, WB_EPOLLIN | WB_EPOLLOUT); /* level: for ever */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wait_some(&pair, &event, 1), 1);
        assert_int_equal(event.events, WB_EPOLLIN);
        assert_int_equal(wait_some(&pair, &event, 1), 1);
        assert_int_equal(event.events, WB_EPOLLOUT);
    }
    sim_kernel_destroy(kernel);
}

static void emulated_edge_is_armed_by_would_block_alone(void **state) {
    (void)state;
    struct sim_config config = {.flavour = SIM_FLAVOUR_EMULATED_EDGE};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    char buf[4];
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLET);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "ab", 2, 0), 2);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, 4, 0), 2);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "c", 1, 0), 1);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0); /* drained, but nobody heard so */
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, 4, 0), 1);
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, 4, 0), -EAGAIN);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "d", 1, 0), 1);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    assert_int_equal(WB_SYS(pair.sys, shutdown, pair.client, WB_SHUT_WR), 0);
    assert_int_equal(wait_bits(&pair, pair.server, 0), 0); /* nor the end */
    watch(&pair, WB_EPOLL_CTL_MOD, pair.server, WB_EPOLLIN | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    sim_kernel_destroy(kernel);
}

static void emulated_edge_arms_each_direction_by_itself(void **state) {
    (void)state;
    struct sim_config config = {.flavour = SIM_FLAVOUR_EMULATED_EDGE};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    char buf[4];
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLOUT);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "a", 1, 0), 1);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN); /* Linux tells OUT, too */
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, 4, 0), 1);
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, buf, 4, 0), -EAGAIN);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "b", 1, 0), 1);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    sim_kernel_destroy(kernel);
}

static void emulated_edge_leaves_level_and_wakers_alone(void **state) {
    (void)state;
    struct sim_config config = {.flavour = SIM_FLAVOUR_EMULATED_EDGE};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    pair_open(&pair, kernel);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.server, WB_EPOLLIN);
    assert_int_equal(WB_SYS(pair.sys, send, pair.client, "ab", 2, 0), 2);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    assert_int_equal(wait_bits(&pair, pair.server, 0), WB_EPOLLIN);
    watch(&pair, WB_EPOLL_CTL_DEL, pair.server, 0);
    int waker = WB_SYS(pair.sys, eventfd, 0, WB_EFD_NONBLOCK);
    watch(&pair, WB_EPOLL_CTL_ADD, waker, WB_EPOLLIN | WB_EPOLLET);
    for (int i = 0; i < 2; i++) {
        const uint64_t one = 1;
        assert_int_equal(WB_SYS(pair.sys, write, waker, &one, sizeof(one)), 8);
        assert_int_equal(wait_bits(&pair, waker, 0), WB_EPOLLIN);
    }
    sim_kernel_destroy(kernel);
}

static void count_resets(void *user_data, const struct sim_event *event) {
    enum { RST_TO_PROGRAM = 6 };
    unsigned *count = user_data;
    *count += event->kind == SIM_EVENT_ARRIVE && event->b == RST_TO_PROGRAM;
}

static void bytes_for_a_peer_that_closed_draw_a_reset_that_is_told(void **state) {
    (void)state;
    unsigned resets = 0;
    struct sim_config config = {.on_event = count_resets, .user_data = &resets};
    struct sim_kernel *kernel = fresh(&config);
    struct pair pair;
    pair_open(&pair, kernel);
    assert_int_equal(WB_SYS(pair.sys, close, pair.client), 0);
    assert_int_equal(WB_SYS(pair.sys, send, pair.server, "a", 1, WB_MSG_NOSIGNAL), 1);
    assert_int_equal(resets, 1);
    assert_int_equal(WB_SYS(pair.sys, send, pair.server, "a", 1, WB_MSG_NOSIGNAL), -EPIPE);
    assert_int_equal(resets, 1);
    sim_kernel_destroy(kernel);
}

#if defined(__SANITIZE_ADDRESS__)
#define WITH_LSAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_LSAN 1
#endif
#endif
#ifdef WITH_LSAN
#include <sanitizer/lsan_interface.h>

static int leave_blocks(void *arg) {
    const struct wb_sys *sys = arg;
    for (int i = 0; i < 100; i++) {
        if (WB_SYS(sys, alloc, 64) == NULL) {
            return 1;
        }
    }
    return 0;
}

#endif

/* A fuzz target ends with what its last input left in the kernel. */
static void memory_left_by_a_program_is_no_leak_of_the_harness(void **state) {
    (void)state;
#ifdef WITH_LSAN
    struct sim_config config = {0};
    struct sim_kernel *kernel = fresh(&config);
    int status = -1;
    assert_int_equal(
        sim_kernel_run(kernel, leave_blocks, (void *)(uintptr_t)wb_sim_sys(kernel), &status),
        SIM_STOP_EXITED);
    assert_int_equal(status, 0);
    assert_int_equal(__lsan_do_recoverable_leak_check(), 0);
    sim_kernel_destroy(kernel);
#else
    skip();
#endif
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_program_returns_its_status),
        cmocka_unit_test(run_that_waits_for_nothing_is_quiescent),
        cmocka_unit_test(run_that_calls_for_ever_stops_at_calls_max),
        cmocka_unit_test(run_that_sleeps_for_ever_stops_at_time_max),
        cmocka_unit_test(sleep_beyond_time_max_ends_at_it),
        cmocka_unit_test(hidden_allocations_are_not_told_unless_they_fail),
        cmocka_unit_test(points_are_spared_until_there_is_a_second_thread),
        cmocka_unit_test(abandoned_run_leaves_nothing_for_the_next),
        cmocka_unit_test(memory_left_by_a_program_is_no_leak_of_the_harness),
        cmocka_unit_test(each_call_takes_its_cost),
        cmocka_unit_test(a_wait_never_returns_early_and_costs_no_real_time),
        cmocka_unit_test(actions_happen_in_order_of_time_then_of_scheduling),
        cmocka_unit_test(signal_reaches_the_signalfd),
        cmocka_unit_test(signal_without_signalfd_kills),
        cmocka_unit_test(world_talks_to_a_blocking_program),
        cmocka_unit_test(bytes_beyond_the_window_wait_and_arrive_in_order),
        cmocka_unit_test(many_connections_stay_under_4_kib_each),
        cmocka_unit_test(same_calls_same_hash_other_bytes_other_hash),
        cmocka_unit_test(hash_is_the_same_on_every_machine),
        cmocka_unit_test(kernels_know_nothing_of_each_other),
        cmocka_unit_test(edge_per_transition_gives_no_edge_while_ready),
        cmocka_unit_test(no_rdhup_reports_the_end_as_readable),
        cmocka_unit_test(split_reports_come_as_two_events),
        cmocka_unit_test(split_reports_without_room_for_both_come_with_two_waits),
        cmocka_unit_test(emulated_edge_is_armed_by_would_block_alone),
        cmocka_unit_test(emulated_edge_arms_each_direction_by_itself),
        cmocka_unit_test(emulated_edge_leaves_level_and_wakers_alone),
        cmocka_unit_test(bytes_for_a_peer_that_closed_draw_a_reset_that_is_told),
    };
    return cmocka_run_group_tests_name("kernel", tests, NULL, NULL);
}
