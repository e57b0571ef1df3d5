/* Datagrams between hosts: whom an address reaches, whose a port is, and what links and cuts do to
 * what is under way. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { PORT = 7000, MANY = 100 };
#define MS INT64_C(1000000)

struct fixture {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    struct wb_sockaddr own;    /* what the server binds to */
    struct wb_sockaddr target; /* whom the client sends to */
    unsigned count;            /* datagrams that it sends; each says which it is */
    size_t len;                /* of each */
    unsigned arrived[MANY];    /* as the server saw them */
    int64_t arrived_ms[MANY];  /* since the first was sent */
    unsigned arrived_count;
    uint64_t began_ns;
    int error;               /* what the client found instead of an answer */
    int64_t error_ms;        /* when */
    struct wb_sockaddr seen; /* the client as the server sees it */
};

static struct wb_sockaddr address(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
    struct wb_sockaddr addr = {.in = {.family = WB_AF_INET, .addr = {a, b, c, d}}};
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    return addr;
}

static struct wb_sockaddr without_port(struct wb_sockaddr addr) {
    addr.in.port_be = 0;
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
    fixture.own = address(0, 0, 0, 0);
    fixture.target = first;
    fixture.count = 1;
    fixture.len = 1;
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    sim_kernel_destroy(fixture->kernel);
    return 0;
}

/* In whole milliseconds; calls take microseconds. */
static int64_t ms_since_begin(const struct fixture *fixture) {
    return (int64_t)(sim_kernel_now(fixture->kernel) - fixture->began_ns) / MS;
}

static int udp_socket(const struct fixture *fixture) {
    return WB_SYS(fixture->sys, socket, WB_AF_INET, WB_SOCK_DGRAM, 0);
}

static int64_t send_to(
    const struct fixture *fixture, int fd, const struct wb_sockaddr *to, void *bytes, size_t len) {
    struct wb_sockaddr name = *to;
    struct wb_iovec iov = {bytes, len};
    struct wb_msghdr msg = {.name = &name, .name_len = sizeof(name.in), .iov = &iov, .iov_len = 1};
    return WB_SYS(fixture->sys, sendmsg, fd, &msg, 0);
}

/* ---- programs ---- */

/* Takes in whatever comes, and ends a second of silence after. */
static int serve(void *arg) {
    struct fixture *fixture = arg;
    static uint8_t bytes[2000];
    int fd = udp_socket(fixture);
    assert_int_equal(WB_SYS(fixture->sys, bind, fd, &fixture->own, sizeof(fixture->own.in)), 0);
    for (;;) {
        struct wb_pollfd pollfd = {.fd = fd, .events = WB_EPOLLIN};
        if (WB_SYS(fixture->sys, poll, &pollfd, 1, 1000 * MS) == 0) {
            return 0;
        }
        struct wb_iovec iov = {bytes, sizeof(bytes)};
        struct wb_msghdr msg = {
            .name = &fixture->seen, .name_len = sizeof(fixture->seen), .iov = &iov, .iov_len = 1};
        assert_int_equal(WB_SYS(fixture->sys, recvmsg, fd, &msg, 0), fixture->len);
        fixture->arrived_ms[fixture->arrived_count] = ms_since_begin(fixture);
        fixture->arrived[fixture->arrived_count++] = bytes[0];
    }
}

static int send_all(void *arg) {
    struct fixture *fixture = arg;
    static uint8_t bytes[2000];
    int fd = udp_socket(fixture);
    fixture->began_ns = sim_kernel_now(fixture->kernel);
    for (unsigned i = 0; i < fixture->count; i++) {
        bytes[0] = (uint8_t)i;
        assert_int_equal(send_to(fixture, fd, &fixture->target, bytes, fixture->len), fixture->len);
    }
    return 0;
}

/* Says something from a connected socket and waits what comes of it, for ten seconds. */
static int knock(void *arg) {
    struct fixture *fixture = arg;
    uint8_t byte = 0;
    int fd = udp_socket(fixture);
    fixture->began_ns = sim_kernel_now(fixture->kernel);
    assert_int_equal(
        WB_SYS(fixture->sys, connect, fd, &fixture->target, sizeof(fixture->target.in)), 0);
    assert_int_equal(WB_SYS(fixture->sys, send, fd, &byte, 1, 0), 1);
    struct wb_pollfd pollfd = {.fd = fd, .events = WB_EPOLLIN};
    (void)WB_SYS(fixture->sys, poll, &pollfd, 1, 10000 * MS);
    fixture->error_ms = ms_since_begin(fixture);
    fixture->error = (int)WB_SYS(fixture->sys, recv, fd, &byte, 1, WB_MSG_DONTWAIT);
    return 0;
}

static void run(struct fixture *fixture, int (*server)(void *arg), int (*client)(void *arg)) {
    assert_int_equal(sim_process_add(fixture->kernel, server, fixture), 0);
    assert_int_equal(sim_process_add(fixture->kernel, client, fixture), 1);
    sim_process_place(fixture->kernel, 0, 1);
    sim_process_place(fixture->kernel, 1, 2);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
}

static int do_nothing(void *arg) {
    (void)arg;
    return 0;
}

/* ---- hosts ---- */

static void datagram_finds_its_host_by_address(void **state) {
    struct fixture *fixture = *state;
    run(fixture, serve, send_all);
    assert_int_equal(fixture->arrived_count, 1);
    assert_int_equal(fixture->arrived_ms[0], 0);
    const uint8_t client[4] = {10, 0, 0, 2};
    assert_memory_equal(fixture->seen.in.addr, client, sizeof(client));
}

static void datagram_to_loopback_stays_on_its_host(void **state) {
    struct fixture *fixture = *state;
    fixture->target = address(127, 0, 0, 1);
    run(fixture, serve, send_all);
    assert_int_equal(fixture->arrived_count, 0);
}

static void datagram_from_afar_does_not_reach_loopback(void **state) {
    struct fixture *fixture = *state;
    fixture->own = address(127, 0, 0, 1);
    run(fixture, serve, knock);
    assert_int_equal(fixture->arrived_count, 0);
    assert_int_equal(fixture->error, -ECONNREFUSED);
}

/* Linux asks three times who has the address and then gives up, but tells no socket over UDP that
 * has not asked for such messages. */
static void datagram_to_nobody_is_swallowed(void **state) {
    struct fixture *fixture = *state;
    fixture->target = address(10, 0, 0, 99);
    run(fixture, do_nothing, knock);
    assert_int_equal(fixture->error, -EAGAIN);
    assert_int_equal(fixture->error_ms, 10000);
}

static int bind_here_and_there(void *arg) {
    struct fixture *fixture = arg;
    struct wb_sockaddr own = address(10, 0, 0, 2);
    struct wb_sockaddr other = address(10, 0, 0, 1);
    int fd = udp_socket(fixture);
    assert_int_equal(WB_SYS(fixture->sys, bind, fd, &other, sizeof(other.in)), -EADDRNOTAVAIL);
    assert_int_equal(WB_SYS(fixture->sys, bind, fd, &own, sizeof(own.in)), 0);
    return 0;
}

/* The server on the other host has the same port. */
static void host_has_its_own_ports(void **state) {
    struct fixture *fixture = *state;
    run(fixture, serve, bind_here_and_there);
}

static int go_astray(void *arg) {
    struct fixture *fixture = arg;
    const struct wb_sys *sys = fixture->sys;
    struct wb_sockaddr far6 = {.in6 = {.family = WB_AF_INET6, .addr = {0xfd, [15] = 1}}};
    struct wb_sockaddr loopback = without_port(address(127, 0, 0, 1));
    uint8_t byte = 0;
    far6.in6.port_be = fixture->target.in.port_be;
    int fd6 = WB_SYS(sys, socket, WB_AF_INET6, WB_SOCK_DGRAM, 0);
    assert_int_equal(WB_SYS(sys, connect, fd6, &far6, sizeof(far6.in6)), -ENETUNREACH);
    int fd = udp_socket(fixture);
    assert_int_equal(WB_SYS(sys, bind, fd, &loopback, sizeof(loopback.in)), 0);
    assert_int_equal(send_to(fixture, fd, &fixture->target, &byte, 1), -EINVAL);
    assert_int_equal(
        WB_SYS(sys, connect, fd, &fixture->target, sizeof(fixture->target.in)), -EINVAL);
    return 0;
}

/* The host has no address of IPv6; and what is bound to loopback cannot leave. */
static void datagram_without_a_way_is_refused_at_once(void **state) {
    run(*state, do_nothing, go_astray);
}

static int ask_buffers(void *arg) {
    struct fixture *fixture = arg;
    int size = 0;
    uint32_t len = sizeof(size);
    assert_int_equal(WB_SYS(fixture->sys, getsockopt, udp_socket(fixture), WB_SOL_SOCKET,
                         WB_SO_RCVBUF, &size, &len),
        0);
    return size;
}

static int ended_with;

static void note_end(
    void *user_data, unsigned process, enum sim_process_change how, int exit_status) {
    (void)user_data;
    (void)how;
    ended_with = process == 1 ? exit_status : ended_with;
}

static void socket_has_the_buffers_of_its_process(void **state) {
    struct fixture *fixture = *state;
    struct sim_config config = {.on_process_end = note_end};
    const struct sim_limits limits = {.recv_buffer_size = 5000};
    sim_kernel_reset(fixture->kernel, &config);
    sim_process_add(fixture->kernel, do_nothing, fixture);
    sim_process_add(fixture->kernel, ask_buffers, fixture);
    sim_process_limit(fixture->kernel, 1, &limits);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(ended_with, 5000);
}

/* ---- links ---- */

static void add_link(struct fixture *fixture, struct sim_link link) {
    assert_int_equal(sim_link_add(fixture->kernel, 1, 2, &link), 0);
}

static void link_latency_puts_a_datagram_off(void **state) {
    struct fixture *fixture = *state;
    add_link(fixture, (struct sim_link){.latency_ns = 10 * MS});
    run(fixture, serve, send_all);
    assert_int_equal(fixture->arrived_count, 1);
    assert_int_equal(fixture->arrived_ms[0], 10);
}

/* There and back. */
static void link_latency_puts_a_refusal_off(void **state) {
    struct fixture *fixture = *state;
    add_link(fixture, (struct sim_link){.latency_ns = 10 * MS});
    run(fixture, do_nothing, knock);
    assert_int_equal(fixture->error, -ECONNREFUSED);
    assert_int_equal(fixture->error_ms, 20);
}

static void link_bandwidth_takes_time_for_bytes(void **state) {
    struct fixture *fixture = *state;
    fixture->count = 10;
    fixture->len = 972; /* and headers of 28: a millisecond each */
    add_link(fixture, (struct sim_link){.bytes_per_second = 1000000});
    run(fixture, serve, send_all);
    assert_int_equal(fixture->arrived_count, 10);
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(fixture->arrived[i], i);
        assert_in_range(fixture->arrived_ms[i], i, i + 1);
    }
    assert_int_equal(fixture->arrived_ms[9], 10);
}

static unsigned overtakings(const struct fixture *fixture) {
    unsigned count = 0;
    for (unsigned i = 1; i < fixture->arrived_count; i++) {
        count += fixture->arrived[i] < fixture->arrived[i - 1];
    }
    return count;
}

static void link_jitter_lets_datagrams_overtake(void **state) {
    struct fixture *fixture = *state;
    fixture->count = MANY;
    add_link(fixture, (struct sim_link){.latency_ns = 5 * MS, .jitter_ns = 20 * MS});
    run(fixture, serve, send_all);
    assert_int_equal(fixture->arrived_count, MANY);
    assert_true(overtakings(fixture) > 10);
    assert_in_range(fixture->arrived_ms[0], 5, 25);
    assert_in_range(fixture->arrived_ms[MANY - 1], 5, 25);
}

static void link_without_jitter_keeps_the_order(void **state) {
    struct fixture *fixture = *state;
    fixture->count = MANY;
    add_link(fixture, (struct sim_link){.latency_ns = 5 * MS, .bytes_per_second = 100000});
    run(fixture, serve, send_all);
    assert_int_equal(fixture->arrived_count, MANY);
    assert_int_equal(overtakings(fixture), 0);
}

static void link_loss_is_for_good_and_the_same_each_time(void **state) {
    struct fixture first;
    for (int time = 0; time < 2; time++) {
        struct fixture *fixture = *state;
        fixture->count = MANY;
        add_link(fixture, (struct sim_link){.loss_percent = 20});
        run(fixture, serve, send_all);
        assert_in_range(fixture->arrived_count, 70, 90);
        if (time == 1) {
            assert_int_equal(fixture->arrived_count, first.arrived_count);
            assert_memory_equal(fixture->arrived, first.arrived, sizeof(first.arrived));
            break;
        }
        first = *fixture;
        (void)teardown(state);
        (void)setup(state);
    }
}

/* ---- cuts ---- */

static void cut_now(void *user_data) {
    assert_int_equal(sim_link_cut(((struct fixture *)user_data)->kernel, 1, 2), 0);
}

static void heal_now(void *user_data) {
    sim_link_heal(((struct fixture *)user_data)->kernel, 2, 1);
}

static int send_before_during_and_after(void *arg) {
    struct fixture *fixture = arg;
    int fd = udp_socket(fixture);
    uint8_t bytes[3] = {0, 1, 2};
    fixture->began_ns = sim_kernel_now(fixture->kernel);
    (void)send_to(fixture, fd, &fixture->target, &bytes[0], 1);
    cut_now(fixture);
    (void)send_to(fixture, fd, &fixture->target, &bytes[1], 1);
    heal_now(fixture);
    (void)send_to(fixture, fd, &fixture->target, &bytes[2], 1);
    return 0;
}

static void cut_loses_what_departs_and_not_what_is_under_way(void **state) {
    struct fixture *fixture = *state;
    add_link(fixture, (struct sim_link){.latency_ns = 10 * MS});
    run(fixture, serve, send_before_during_and_after);
    assert_int_equal(fixture->arrived_count, 2);
    assert_int_equal(fixture->arrived[0], 0);
    assert_int_equal(fixture->arrived[1], 2);
}

static void cut_keeps_a_refusal_from_coming_back(void **state) {
    struct fixture *fixture = *state;
    add_link(fixture, (struct sim_link){.latency_ns = 10 * MS});
    sim_schedule(
        fixture->kernel, sim_kernel_now(fixture->kernel) + (uint64_t)(5 * MS), cut_now, fixture);
    run(fixture, do_nothing, knock);
    assert_int_equal(fixture->error, -EAGAIN);
}

/* ---- neighbours ---- */

static void say_hello(void *user_data) {
    struct fixture *fixture = user_data;
    struct wb_sockaddr any = without_port(address(0, 0, 0, 0));
    struct sim_datagram *alice =
        sim_datagram_new(fixture->kernel, WBH_SUBJECT(0, 0), WB_AF_INET, NULL, NULL);
    sim_datagram_place(alice, 2, SIM_END_SITE(0));
    assert_int_equal(sim_datagram_bind(alice, &any), 0);
    fixture->began_ns = sim_kernel_now(fixture->kernel);
    assert_int_equal(sim_datagram_send_to(alice, &fixture->target, "x", 1), 1);
}

static void neighbour_has_a_host_and_a_link_of_its_own(void **state) {
    struct fixture *fixture = *state;
    struct sim_link slow = {.latency_ns = 30 * MS};
    assert_int_equal(sim_link_add(fixture->kernel, SIM_END_SITE(0), SIM_END_ANY, &slow), 0);
    sim_schedule(
        fixture->kernel, sim_kernel_now(fixture->kernel) + (uint64_t)MS, say_hello, fixture);
    run(fixture, serve, do_nothing);
    assert_int_equal(fixture->arrived_count, 1);
    assert_int_equal(fixture->arrived_ms[0], 30);
    const uint8_t host[4] = {10, 0, 0, 2};
    assert_memory_equal(fixture->seen.in.addr, host, sizeof(host));
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(datagram_finds_its_host_by_address),
        CASE(datagram_to_loopback_stays_on_its_host),
        CASE(datagram_from_afar_does_not_reach_loopback),
        CASE(datagram_to_nobody_is_swallowed),
        CASE(host_has_its_own_ports),
        CASE(datagram_without_a_way_is_refused_at_once),
        CASE(socket_has_the_buffers_of_its_process),
        CASE(link_latency_puts_a_datagram_off),
        CASE(link_latency_puts_a_refusal_off),
        CASE(link_bandwidth_takes_time_for_bytes),
        CASE(link_jitter_lets_datagrams_overtake),
        CASE(link_without_jitter_keeps_the_order),
        CASE(link_loss_is_for_good_and_the_same_each_time),
        CASE(cut_loses_what_departs_and_not_what_is_under_way),
        CASE(cut_keeps_a_refusal_from_coming_back),
        CASE(neighbour_has_a_host_and_a_link_of_its_own),
    };
    return cmocka_run_group_tests_name("udp_link", tests, NULL, NULL);
}
