/* Several programs in one run: their turns, their ends, and what one leaves to the others. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { PORT = 7000, LINE_LEN = 5, PLACES_MAX = 64 };
#define MS INT64_C(1000000)

struct fixture {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    char order[PLACES_MAX]; /* who came by, a letter each */
    size_t order_len;
    unsigned ends;
    enum sim_process_change last_end;
    int last_status;
    int64_t seen; /* what a program read last */
};

static void on_process_end(
    void *user_data, unsigned process, enum sim_process_change how, int exit_status) {
    struct fixture *fixture = user_data;
    (void)process;
    fixture->ends++;
    fixture->last_end = how;
    fixture->last_status = exit_status;
}

static void begin(struct fixture *fixture, struct wbh_choice_source *source) {
    struct sim_config config = {
        .source = source, .on_process_end = on_process_end, .user_data = fixture};
    struct sim_kernel *kernel = fixture->kernel;
    memset(fixture, 0, sizeof(*fixture));
    fixture->kernel = kernel;
    fixture->sys = wb_sim_sys(kernel);
    sim_kernel_reset(kernel, &config);
}

static int setup(void **state) {
    static struct fixture fixture;
    fixture.kernel = sim_kernel_new();
    assert_non_null(fixture.kernel);
    begin(&fixture, NULL);
    *state = &fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    sim_kernel_destroy(fixture->kernel);
    return 0;
}

static void come_by(struct fixture *fixture, char who) {
    assert_true(fixture->order_len < PLACES_MAX - 1);
    fixture->order[fixture->order_len++] = who;
}

static struct wb_sockaddr loopback(void) {
    struct wb_sockaddr addr = {0};
    const uint8_t port_be[2] = {PORT >> 8, PORT & 0xff};
    addr.in.family = WB_AF_INET;
    memcpy(&addr.in.port_be, port_be, sizeof(port_be));
    addr.in.addr[0] = 127;
    addr.in.addr[3] = 1;
    return addr;
}

static void doze(struct fixture *fixture, int64_t time_ns) {
    assert_int_equal(WB_SYS(fixture->sys, poll, NULL, 0, time_ns), 0);
}

/* ---- a server and a client, both of them blocking ---- */

static int serve(void *arg) {
    struct fixture *fixture = arg;
    const struct wb_sys *sys = fixture->sys;
    struct wb_sockaddr addr = loopback();
    char line[LINE_LEN];
    int on = 1;
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    WB_SYS(sys, setsockopt, listener, WB_SOL_SOCKET, WB_SO_REUSEADDR, &on, sizeof(on));
    if (WB_SYS(sys, bind, listener, &addr, sizeof(addr.in)) != 0
        || WB_SYS(sys, listen, listener, 8) != 0) {
        return 1;
    }
    for (;;) {
        int fd = WB_SYS(sys, accept4, listener, NULL, NULL, 0);
        int64_t len = WB_SYS(sys, recv, fd, line, sizeof(line), 0);
        come_by(fixture, 's');
        WB_SYS(sys, send, fd, line, (size_t)len, 0);
        WB_SYS(sys, close, fd);
        if (line[0] == 'q') {
            return 7;
        }
    }
}

static int64_t ask(struct fixture *fixture, const char *line) {
    const struct wb_sys *sys = fixture->sys;
    struct wb_sockaddr addr = loopback();
    char answer[LINE_LEN];
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    int result = WB_SYS(sys, connect, fd, &addr, sizeof(addr.in));
    if (result != 0) {
        WB_SYS(sys, close, fd);
        return result;
    }
    assert_int_equal(WB_SYS(sys, send, fd, line, LINE_LEN, 0), LINE_LEN);
    int64_t len = WB_SYS(sys, recv, fd, answer, sizeof(answer), 0);
    assert_true(len <= 0 || memcmp(answer, line, (size_t)len) == 0);
    WB_SYS(sys, close, fd);
    come_by(fixture, 'c');
    return len;
}

static int ask_once(void *arg) {
    struct fixture *fixture = arg;
    fixture->seen = ask(fixture, "quit\n");
    return 0;
}

static void turns_server_and_client_talk_over_blocking_calls(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(sim_process_add(fixture->kernel, serve, fixture), 0);
    assert_int_equal(sim_process_add(fixture->kernel, ask_once, fixture), 1);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->seen, LINE_LEN);
    assert_string_equal(fixture->order, "sc");
    assert_int_equal(fixture->ends, 2);
}

static void turns_same_run_has_the_same_hash(void **state) {
    struct fixture *fixture = *state;
    uint64_t hashes[2];
    for (int i = 0; i < 2; i++) {
        begin(fixture, NULL);
        sim_process_add(fixture->kernel, serve, fixture);
        sim_process_add(fixture->kernel, ask_once, fixture);
        assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
        hashes[i] = sim_kernel_hash(fixture->kernel);
    }
    assert_true(hashes[0] == hashes[1]);
}

/* ---- descriptors and memory are each one's own ---- */

static int keep_something(void *arg) {
    struct fixture *fixture = arg;
    int fd = WB_SYS(fixture->sys, eventfd, 0, 0);
    assert_int_equal(fd, 3);
    assert_non_null(WB_SYS(fixture->sys, alloc, 100));
    doze(fixture, 5 * MS);
    return fd;
}

static int look_around(void *arg) {
    struct fixture *fixture = arg;
    uint64_t count;
    struct sim_memory_info memory;
    doze(fixture, 1 * MS);
    assert_int_equal(WB_SYS(fixture->sys, read, 3, &count, sizeof(count)), -EBADF);
    sim_memory(fixture->kernel, 0, &memory);
    assert_int_equal(memory.live_bytes, 100);
    sim_memory(fixture->kernel, 1, &memory);
    assert_int_equal(memory.live_bytes, 0);
    return 0;
}

static void turns_descriptors_and_memory_are_each_ones_own(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, keep_something, fixture);
    sim_process_add(fixture->kernel, look_around, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->last_end, SIM_PROCESS_EXITED);
    assert_int_equal(fixture->last_status, 3);
}

/* ---- whose turn it is ---- */

static int come_by_a(void *arg) {
    for (int i = 0; i < 3; i++) {
        come_by(arg, 'a');
        doze(arg, 1 * MS);
    }
    return 0;
}

static int come_by_b(void *arg) {
    for (int i = 0; i < 3; i++) {
        come_by(arg, 'b');
        doze(arg, 1 * MS);
    }
    return 0;
}

static void turns_go_round_by_number(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, come_by_a, fixture);
    sim_process_add(fixture->kernel, come_by_b, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "ababab");
}

static void turns_choice_rotates_them(void **state) {
    struct fixture *fixture = *state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_RUN, 1, WBH_ACTION_ORDER, 1);
    begin(fixture, &source.base);
    sim_process_add(fixture->kernel, come_by_a, fixture);
    sim_process_add(fixture->kernel, come_by_b, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(source.asked, 1);
    assert_int_equal(source.offered_kernel, WBH_ACTION_BIT(WBH_ACTION_ORDER));
    assert_string_equal(fixture->order, "bababa");
}

static int never_wait(void *arg) {
    struct fixture *fixture = arg;
    while (fixture->order_len == 0) {
        WB_SYS(fixture->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    }
    return 0;
}

static void turns_program_that_never_waits_lets_others_run(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, never_wait, fixture);
    sim_process_add(fixture->kernel, come_by_b, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
}

/* ---- being killed, coming again ---- */

static void kill_first(void *user_data) {
    sim_process_kill(((struct fixture *)user_data)->kernel, 0);
}

static void start_first(void *user_data) {
    sim_process_start(((struct fixture *)user_data)->kernel, 0);
}

static int ask_before_and_after(void *arg) {
    struct fixture *fixture = arg;
    assert_int_equal(ask(fixture, "one.\n"), LINE_LEN);
    doze(fixture, 20 * MS);
    assert_int_equal(ask(fixture, "two.\n"), -ECONNREFUSED);
    doze(fixture, 20 * MS);
    assert_int_equal(ask(fixture, "quit\n"), LINE_LEN);
    return 0;
}

static void turns_killed_server_refuses_and_serves_again_when_restarted(void **state) {
    struct fixture *fixture = *state;
    uint64_t now_ns = sim_kernel_now(fixture->kernel);
    sim_process_add(fixture->kernel, serve, fixture);
    sim_process_add(fixture->kernel, ask_before_and_after, fixture);
    sim_schedule(fixture->kernel, now_ns + 10 * MS, kill_first, fixture);
    sim_schedule(fixture->kernel, now_ns + 30 * MS, start_first, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "scsc");
    assert_int_equal(fixture->ends, 3);
}

/* Sleeps for room with a connection on its way to somebody. */
static int pass_on_for_ever(void *arg) {
    static char much[65536];
    struct fixture *fixture = arg;
    const struct wb_sys *sys = fixture->sys;
    struct wb_sockaddr addr = loopback();
    int pair[2];
    union {
        struct wb_cmsghdr header;
        uint8_t bytes[WB_CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(sys, bind, listener, &addr, sizeof(addr.in)), 0);
    assert_int_equal(WB_SYS(sys, listen, listener, 1), 0);
    int fd = WB_SYS(sys, accept4, listener, NULL, NULL, 0);
    assert_int_equal(WB_SYS(sys, socketpair, WB_AF_UNIX, WB_SOCK_STREAM, 0, pair), 0);
    while (WB_SYS(sys, send, pair[0], much, sizeof(much), WB_MSG_DONTWAIT) > 0) {
    }
    control.header = (struct wb_cmsghdr){WB_CMSG_LEN(sizeof(int)), WB_SOL_SOCKET, WB_SCM_RIGHTS};
    memcpy(control.bytes + sizeof(control.header), &fd, sizeof(fd));
    struct wb_iovec iov = {much, 1};
    struct wb_msghdr msg = {
        .iov = &iov, .iov_len = 1, .control = control.bytes, .control_len = sizeof(control)};
    (void)WB_SYS(sys, sendmsg, pair[0], &msg, 0);
    return 1;
}

static int hold_a_connection(void *arg) {
    struct fixture *fixture = arg;
    const struct wb_sys *sys = fixture->sys;
    struct wb_sockaddr addr = loopback();
    char byte;
    doze(fixture, 1 * MS);
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(sys, connect, fd, &addr, sizeof(addr.in)), 0);
    fixture->seen = WB_SYS(sys, recv, fd, &byte, 1, 0);
    return 0;
}

static void turns_killed_process_ends_what_it_was_passing_on(void **state) {
    struct fixture *fixture = *state;
    fixture->seen = -1;
    sim_process_add(fixture->kernel, pass_on_for_ever, fixture);
    sim_process_add(fixture->kernel, hold_a_connection, fixture);
    sim_schedule(fixture->kernel, sim_kernel_now(fixture->kernel) + 50 * MS, kill_first, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->seen, 0);
}

static void turns_killed_process_ends_its_connections(void **state) {
    struct fixture *fixture = *state;
    fixture->seen = -1;
    sim_process_add(fixture->kernel, serve, fixture);
    sim_process_add(fixture->kernel, hold_a_connection, fixture);
    sim_schedule(fixture->kernel, sim_kernel_now(fixture->kernel) + 10 * MS, kill_first, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->seen, 0);
}

static int busy_until_killed(void *arg) {
    struct fixture *fixture = arg;
    assert_non_null(WB_SYS(fixture->sys, alloc, 1000));
    while (fixture->ends == 0) {
        WB_SYS(fixture->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    }
    return 0;
}

static void turns_process_is_killed_inside_its_own_call(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, busy_until_killed, fixture);
    sim_schedule(fixture->kernel, sim_kernel_now(fixture->kernel) + 1 * MS, kill_first, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->last_end, SIM_PROCESS_KILLED);
}

static int send_itself_sigpipe(void *arg) {
    struct fixture *fixture = arg;
    struct pair pair;
    pair_open(&pair, fixture->kernel);
    WB_SYS(fixture->sys, shutdown, pair.client, WB_SHUT_WR);
    WB_SYS(fixture->sys, send, pair.client, "x", 1, 0);
    fail();
    return 0;
}

static void turns_sigpipe_kills_who_caused_it_only(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, send_itself_sigpipe, fixture);
    sim_process_add(fixture->kernel, come_by_b, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "bbb");
    assert_int_equal(fixture->ends, 2);
}

/* ---- the end of the run under them ---- */

static void turns_still_world_ends_the_run(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, serve, fixture);
    sim_process_add(fixture->kernel, come_by_b, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_QUIESCENT);
    assert_int_equal(fixture->ends, 1);
    assert_true(sim_process_is_alive(fixture->kernel, 0));
}

static void turns_bound_on_calls_ends_the_run(void **state) {
    struct fixture *fixture = *state;
    struct sim_config config = {.calls_max = 5000};
    sim_kernel_reset(fixture->kernel, &config);
    sim_process_add(fixture->kernel, busy_until_killed, fixture);
    sim_process_add(fixture->kernel, serve, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_STEPS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(turns_server_and_client_talk_over_blocking_calls),
        CASE(turns_same_run_has_the_same_hash),
        CASE(turns_descriptors_and_memory_are_each_ones_own),
        CASE(turns_go_round_by_number),
        CASE(turns_choice_rotates_them),
        CASE(turns_program_that_never_waits_lets_others_run),
        CASE(turns_killed_server_refuses_and_serves_again_when_restarted),
        CASE(turns_killed_process_ends_its_connections),
        CASE(turns_killed_process_ends_what_it_was_passing_on),
        CASE(turns_process_is_killed_inside_its_own_call),
        CASE(turns_sigpipe_kills_who_caused_it_only),
        CASE(turns_still_world_ends_the_run),
        CASE(turns_bound_on_calls_ends_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
