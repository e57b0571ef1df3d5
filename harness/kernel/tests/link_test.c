/* Hosts and the links between them: who is reached by which address, how long it takes, and what a
 * cut holds back. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { PORT = 7000, BULK_LEN = 100000 };
#define MS INT64_C(1000000)

struct fixture {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    struct wb_sockaddr target; /* where the client connects to */
    int64_t result;            /* of the client's connect */
    uint64_t began_ns;         /* its moments */
    uint64_t connected_ns;
    uint64_t answered_ns;
    uint64_t accepted_ns;
    uint64_t received_len;
    size_t send_len;
    struct wb_sockaddr seen; /* the client as the server sees it */
};

static struct wb_sockaddr address(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    struct wb_sockaddr addr = {0};
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    addr.in.addr[0] = a;
    addr.in.addr[1] = b;
    addr.in.addr[2] = c;
    addr.in.addr[3] = d;
    return addr;
}

/* A server on host 1, 10.0.0.1, a client on host 2, 10.0.0.2. */
static int setup(void **state) {
    static struct fixture fixture;
    struct sim_config config = {0};
    memset(&fixture, 0, sizeof(fixture));
    fixture.kernel = sim_kernel_new();
    assert_non_null(fixture.kernel);
    sim_kernel_reset(fixture.kernel, &config);
    fixture.sys = wb_sim_sys(fixture.kernel);
    struct wb_sockaddr first = address(10, 0, 0, 1);
    struct wb_sockaddr second = address(10, 0, 0, 2);
    assert_int_equal(sim_host_add(fixture.kernel, "first", &first, 1), 1);
    assert_int_equal(sim_host_add(fixture.kernel, "second", &second, 1), 2);
    fixture.target = first;
    fixture.send_len = 4;
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    sim_kernel_destroy(fixture->kernel);
    return 0;
}

static int64_t read_all(const struct wb_sys *sys, int fd) {
    char piece[4096];
    int64_t total = 0;
    for (;;) {
        int64_t n = WB_SYS(sys, recv, fd, piece, sizeof(piece), 0);
        if (n <= 0) {
            return total;
        }
        total += n;
    }
}

/* Takes one connection, reads it to its end and sends a byte back. */
static int serve(void *arg) {
    struct fixture *fixture = arg;
    const struct wb_sys *sys = fixture->sys;
    struct wb_sockaddr any = address(0, 0, 0, 0);
    uint32_t len = sizeof(fixture->seen);
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(sys, bind, listener, &any, sizeof(any.in)), 0);
    assert_int_equal(WB_SYS(sys, listen, listener, 8), 0);
    int fd = WB_SYS(sys, accept4, listener, &fixture->seen, &len, 0);
    fixture->accepted_ns = sim_kernel_now(fixture->kernel);
    fixture->received_len = (uint64_t)read_all(sys, fd);
    WB_SYS(sys, send, fd, "x", 1, 0);
    WB_SYS(sys, close, fd);
    return 0;
}

static int ask(void *arg) {
    struct fixture *fixture = arg;
    const struct wb_sys *sys = fixture->sys;
    static uint8_t bytes[BULK_LEN];
    char answer;
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    fixture->began_ns = sim_kernel_now(fixture->kernel);
    fixture->result = WB_SYS(sys, connect, fd, &fixture->target, sizeof(fixture->target.in));
    fixture->connected_ns = sim_kernel_now(fixture->kernel);
    if (fixture->result != 0) {
        return 1;
    }
    for (size_t sent = 0; sent < fixture->send_len;) {
        int64_t n = WB_SYS(sys, send, fd, bytes, fixture->send_len - sent, 0);
        assert_true(n > 0);
        sent += (size_t)n;
    }
    WB_SYS(sys, shutdown, fd, WB_SHUT_WR);
    assert_int_equal(WB_SYS(sys, recv, fd, &answer, 1, 0), 1);
    fixture->answered_ns = sim_kernel_now(fixture->kernel);
    return 0;
}

static enum sim_stop run(struct fixture *fixture) {
    assert_int_equal(sim_process_add(fixture->kernel, serve, fixture), 0);
    assert_int_equal(sim_process_add(fixture->kernel, ask, fixture), 1);
    sim_process_place(fixture->kernel, 0, 1);
    sim_process_place(fixture->kernel, 1, 2);
    return sim_kernel_run_all(fixture->kernel);
}

/* In whole milliseconds; calls take microseconds. */
static int64_t ms_since(uint64_t from_ns, uint64_t to_ns) {
    return (int64_t)(to_ns - from_ns) / MS;
}

/* ---- hosts ---- */

static void host_is_reached_by_its_address(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    assert_int_equal(fixture->result, 0);
    assert_int_equal(fixture->received_len, 4);
    const uint8_t client[4] = {10, 0, 0, 2};
    assert_memory_equal(fixture->seen.in.addr, client, sizeof(client));
    assert_int_equal(ms_since(fixture->began_ns, fixture->answered_ns), 0);
}

static void host_loopback_is_its_own(void **state) {
    struct fixture *fixture = *state;
    fixture->target = address(127, 0, 0, 1);
    assert_int_equal(run(fixture), SIM_STOP_QUIESCENT);
    assert_int_equal(fixture->result, -ECONNREFUSED);
}

static void host_that_is_nobody_is_unreachable(void **state) {
    struct fixture *fixture = *state;
    fixture->target = address(10, 0, 0, 99);
    assert_int_equal(run(fixture), SIM_STOP_QUIESCENT);
    assert_int_equal(fixture->result, -EHOSTUNREACH);
    assert_int_equal(ms_since(fixture->began_ns, fixture->connected_ns), 3000);
}

static int bind_here_and_there(void *arg) {
    struct fixture *fixture = arg;
    const struct wb_sys *sys = fixture->sys;
    struct wb_sockaddr own = address(10, 0, 0, 2);
    struct wb_sockaddr other = address(10, 0, 0, 1);
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(sys, bind, fd, &other, sizeof(other.in)), -EADDRNOTAVAIL);
    assert_int_equal(WB_SYS(sys, bind, fd, &own, sizeof(own.in)), 0);
    return 0;
}

static void host_binds_its_own_addresses_and_ports(void **state) {
    struct fixture *fixture = *state;
    /* The server on host 1 has the same port. */
    sim_process_add(fixture->kernel, serve, fixture);
    sim_process_add(fixture->kernel, bind_here_and_there, fixture);
    sim_process_place(fixture->kernel, 0, 1);
    sim_process_place(fixture->kernel, 1, 2);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_QUIESCENT);
}

static void host_address_is_given_once_only(void **state) {
    struct fixture *fixture = *state;
    struct wb_sockaddr taken = address(10, 0, 0, 1);
    struct wb_sockaddr loopback = address(127, 0, 0, 5);
    assert_int_equal(sim_host_add(fixture->kernel, NULL, &taken, 1), -EADDRINUSE);
    assert_int_equal(sim_host_add(fixture->kernel, NULL, &loopback, 1), -EINVAL);
}

/* ---- names ---- */

static int resolve_first(struct fixture *fixture, struct wb_sockaddr *out) {
    return WB_SYS(fixture->sys, resolve, "first", PORT, WB_AF_UNSPEC, out, 1);
}

static void name_of_a_host_gives_its_address(void **state) {
    struct fixture *fixture = *state;
    struct wb_sockaddr out;
    struct wb_sockaddr expected = address(10, 0, 0, 1);
    assert_int_equal(resolve_first(fixture, &out), 1);
    assert_memory_equal(&out.in, &expected.in, sizeof(out.in));
    assert_int_equal(WB_SYS(fixture->sys, resolve, "third", PORT, WB_AF_UNSPEC, &out, 1), -ENOENT);
    assert_int_equal(WB_SYS(fixture->sys, resolve, "first", PORT, WB_AF_INET6, &out, 1), -ENOENT);
}

static void begin_with(struct fixture *fixture, struct one_choice *source) {
    struct sim_config config = {.source = &source->base, .legality_max = WBH_LEGALITY_FAILING};
    struct wb_sockaddr first = address(10, 0, 0, 1);
    sim_kernel_reset(fixture->kernel, &config);
    assert_int_equal(sim_host_add(fixture->kernel, "first", &first, 1), 1);
}

static void name_server_may_be_slow(void **state) {
    struct fixture *fixture = *state;
    struct one_choice source;
    struct wb_sockaddr out;
    one_choice_init(&source, WBH_POINT_RESOLVE, 1, WBH_ACTION_DELAY, 500 * MS);
    begin_with(fixture, &source);
    uint64_t began_ns = sim_kernel_now(fixture->kernel);
    assert_int_equal(resolve_first(fixture, &out), 1);
    assert_int_equal(ms_since(began_ns, sim_kernel_now(fixture->kernel)), 500);
    assert_int_equal(source.offered_kernel, WBH_ACTION_BIT(WBH_ACTION_DELAY));
}

static void name_server_may_fail(void **state) {
    struct fixture *fixture = *state;
    struct one_choice source;
    struct wb_sockaddr out;
    one_choice_init(&source, WBH_POINT_RESOLVE, 1, WBH_ACTION_ERROR, ETIMEDOUT);
    begin_with(fixture, &source);
    /* A number is no question. */
    assert_int_equal(WB_SYS(fixture->sys, resolve, "10.0.0.1", PORT, 0, &out, 1), 1);
    assert_int_equal(resolve_first(fixture, &out), -ETIMEDOUT);
    assert_int_equal(resolve_first(fixture, &out), 1);
    assert_int_equal(source.offered_failing, WBH_ACTION_BIT(WBH_ACTION_ERROR));
}

/* ---- links ---- */

static void add_link(struct fixture *fixture, struct sim_link link) {
    assert_int_equal(sim_link_add(fixture->kernel, 1, 2, &link), 0);
}

static void link_latency_makes_round_trips(void **state) {
    struct fixture *fixture = *state;
    add_link(fixture, (struct sim_link){.latency_ns = 10 * MS});
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    /* SYN and its answer; the acknowledgement; the FIN there and the byte back. */
    assert_int_equal(ms_since(fixture->began_ns, fixture->connected_ns), 20);
    assert_int_equal(ms_since(fixture->began_ns, fixture->accepted_ns), 30);
    assert_int_equal(ms_since(fixture->connected_ns, fixture->answered_ns), 20);
}

static void link_names_of_both_ends_go_before_one(void **state) {
    struct fixture *fixture = *state;
    struct sim_link slow = {.latency_ns = 100 * MS};
    assert_int_equal(sim_link_add(fixture->kernel, 1, SIM_END_ANY, &slow), 0);
    add_link(fixture, (struct sim_link){.latency_ns = 1 * MS});
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    assert_int_equal(ms_since(fixture->began_ns, fixture->connected_ns), 2);
}

static void link_bandwidth_takes_time_for_bytes(void **state) {
    struct fixture *fixture = *state;
    fixture->send_len = BULK_LEN;
    add_link(fixture, (struct sim_link){.bytes_per_second = 1000000});
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    assert_int_equal(fixture->received_len, BULK_LEN);
    /* 100,000 bytes in 69 segments with headers of 40: 102.8 ms; some more empty ones. */
    assert_in_range(ms_since(fixture->connected_ns, fixture->answered_ns), 102, 103);
}

static void link_jitter_keeps_the_order_and_the_run(void **state) {
    struct fixture *fixture = *state;
    fixture->send_len = BULK_LEN;
    add_link(fixture, (struct sim_link){.latency_ns = 5 * MS, .jitter_ns = 20 * MS});
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    assert_int_equal(fixture->received_len, BULK_LEN);
    int64_t handshake_ms = ms_since(fixture->began_ns, fixture->connected_ns);
    assert_in_range(handshake_ms, 10, 50);
    uint64_t hash = sim_kernel_hash(fixture->kernel);
    struct fixture again = {0};
    void *other = &again;
    (void)teardown(state);
    (void)setup(&other);
    fixture = other;
    *state = other;
    fixture->send_len = BULK_LEN;
    add_link(fixture, (struct sim_link){.latency_ns = 5 * MS, .jitter_ns = 20 * MS});
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    assert_true(sim_kernel_hash(fixture->kernel) == hash);
}

static void link_loss_is_late_and_not_lost(void **state) {
    struct fixture *fixture = *state;
    fixture->send_len = BULK_LEN;
    add_link(fixture, (struct sim_link){.loss_percent = 20});
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    assert_int_equal(fixture->received_len, BULK_LEN);
    /* Of some seventy segments a few are sent again, each 200 ms later at least. */
    assert_true(ms_since(fixture->began_ns, fixture->answered_ns) >= 200);
}

/* ---- cuts ---- */

static void cut_now(void *user_data) {
    assert_int_equal(sim_link_cut(((struct fixture *)user_data)->kernel, 1, 2), 0);
}

static void heal_now(void *user_data) {
    sim_link_heal(((struct fixture *)user_data)->kernel, 2, 1);
}

static void at(struct fixture *fixture, int64_t after_ns, void (*fn)(void *user_data)) {
    sim_schedule(
        fixture->kernel, sim_kernel_now(fixture->kernel) + (uint64_t)after_ns, fn, fixture);
}

static void cut_holds_segments_until_it_heals(void **state) {
    struct fixture *fixture = *state;
    add_link(fixture, (struct sim_link){.latency_ns = 10 * MS});
    at(fixture, 5 * MS, cut_now); /* the SYN and its answer are on their way */
    at(fixture, 500 * MS, heal_now);
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    assert_int_equal(ms_since(fixture->began_ns, fixture->connected_ns), 20);
    /* The heal was set before the client had made its first call. */
    assert_in_range(ms_since(fixture->began_ns, fixture->answered_ns), 519, 520);
    assert_true(fixture->accepted_ns > fixture->began_ns + 500 * MS);
}

static void cut_link_makes_a_connection_attempt_repeat(void **state) {
    struct fixture *fixture = *state;
    cut_now(fixture);
    at(fixture, 2500 * MS, heal_now);
    assert_int_equal(run(fixture), SIM_STOP_EXITED);
    /* SYNs leave after 0, 1 and 3 seconds. */
    assert_int_equal(ms_since(fixture->began_ns, fixture->connected_ns), 3000);
}

static void cut_link_that_never_heals_times_an_attempt_out(void **state) {
    struct fixture *fixture = *state;
    cut_now(fixture);
    assert_int_equal(run(fixture), SIM_STOP_QUIESCENT);
    assert_int_equal(fixture->result, -ETIMEDOUT);
    assert_int_equal(ms_since(fixture->began_ns, fixture->connected_ns), 127000);
    assert_int_equal(sim_links_cut(fixture->kernel), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(host_is_reached_by_its_address),
        CASE(host_loopback_is_its_own),
        CASE(host_that_is_nobody_is_unreachable),
        CASE(host_binds_its_own_addresses_and_ports),
        CASE(host_address_is_given_once_only),
        CASE(name_of_a_host_gives_its_address),
        CASE(name_server_may_be_slow),
        CASE(name_server_may_fail),
        CASE(link_latency_makes_round_trips),
        CASE(link_names_of_both_ends_go_before_one),
        CASE(link_bandwidth_takes_time_for_bytes),
        CASE(link_jitter_keeps_the_order_and_the_run),
        CASE(link_loss_is_late_and_not_lost),
        CASE(cut_holds_segments_until_it_heals),
        CASE(cut_link_makes_a_connection_attempt_repeat),
        CASE(cut_link_that_never_heals_times_an_attempt_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
