/* Blocking sockets between two programs of a run: how much a read waits for, and that a write
 * returns when all is on its way. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { PORT = 7100, LARGE_LEN = 700000 };
#define MS INT64_C(1000000)

/* What the one that reads does, and what comes of it. */
struct reading {
    const struct wb_sys *sys;
    struct sim_kernel *kernel;
    int flags;
    int low_water; /* 0: as it is */
    size_t len;
    int64_t result;
    int64_t second;
    uint64_t done_ns;
};

static struct wb_sockaddr loopback(void) {
    struct wb_sockaddr addr = {.in = {.family = WB_AF_INET, .addr = {127, 0, 0, 1}}};
    const uint8_t port[2] = {PORT >> 8, PORT & 0xff};
    memcpy(&addr.in.port_be, port, sizeof(port));
    return addr;
}

static int connection(const struct wb_sys *sys) {
    struct wb_sockaddr addr = loopback();
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    int result = WB_SYS(sys, connect, fd, &addr, sizeof(addr.in));
    return result == 0 ? fd : result;
}

static int accepted(const struct wb_sys *sys) {
    struct wb_sockaddr addr = loopback();
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    if (WB_SYS(sys, bind, listener, &addr, sizeof(addr.in)) != 0
        || WB_SYS(sys, listen, listener, 1) != 0) {
        return -1;
    }
    return WB_SYS(sys, accept4, listener, NULL, NULL, 0);
}

static int read_once(void *arg) {
    static uint8_t data[LARGE_LEN];
    struct reading *reading = arg;
    int fd = accepted(reading->sys);
    if (reading->low_water != 0) {
        (void)WB_SYS(reading->sys, setsockopt, fd, WB_SOL_SOCKET, WB_SO_RCVLOWAT,
            &reading->low_water, sizeof(reading->low_water));
    }
    reading->result = WB_SYS(reading->sys, recv, fd, data, reading->len, reading->flags);
    reading->done_ns = sim_kernel_now(reading->kernel);
    reading->second = WB_SYS(reading->sys, recv, fd, data, sizeof(data), WB_MSG_DONTWAIT);
    return 0;
}

/* Two bytes at once, after 10 ms and after 20 ms. */
static int write_in_pairs(void *arg) {
    struct reading *reading = arg;
    int fd = connection(reading->sys);
    for (int i = 0; i < 3; i++) {
        (void)WB_SYS(reading->sys, poll, NULL, 0, i == 0 ? 1 * MS : 10 * MS);
        (void)WB_SYS(reading->sys, send, fd, "ab", 2, WB_MSG_NOSIGNAL);
    }
    return (int)WB_SYS(reading->sys, poll, NULL, 0, 50 * MS);
}

static int write_large(void *arg) {
    static const uint8_t data[LARGE_LEN];
    struct reading *reading = arg;
    int fd = connection(reading->sys);
    return (int)WB_SYS(reading->sys, send, fd, data, sizeof(data), WB_MSG_NOSIGNAL);
}

static int end_status;

static void on_process_end(
    void *user_data, unsigned process, enum sim_process_change how, int exit_status) {
    (void)user_data;
    (void)how;
    end_status = process == 1 ? exit_status : end_status;
}

/* Virtual ms from the start until the read returned. */
static uint64_t run(struct reading *reading, int (*writer)(void *arg)) {
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    struct sim_config config = {.on_process_end = on_process_end};
    sim_kernel_reset(kernel, &config);
    reading->kernel = kernel;
    reading->sys = wb_sim_sys(kernel);
    uint64_t begin_ns = sim_kernel_now(kernel);
    (void)sim_process_add(kernel, read_once, reading);
    (void)sim_process_add(kernel, writer, reading);
    assert_int_equal(sim_kernel_run_all(kernel), SIM_STOP_EXITED);
    sim_kernel_destroy(kernel);
    return (reading->done_ns - begin_ns) / (uint64_t)MS;
}

static void read_returns_with_the_first_bytes(void **state) {
    (void)state;
    struct reading reading = {.len = 6};
    assert_int_equal(run(&reading, write_in_pairs), 1);
    assert_int_equal(reading.result, 2);
}

static void read_with_waitall_returns_with_all(void **state) {
    (void)state;
    struct reading reading = {.len = 5, .flags = WB_MSG_WAITALL};
    assert_int_equal(run(&reading, write_in_pairs), 21);
    assert_int_equal(reading.result, 5);
    assert_int_equal(reading.second, 1);
}

static void peek_with_waitall_returns_with_all_and_leaves_it(void **state) {
    (void)state;
    struct reading reading = {.len = 4, .flags = WB_MSG_WAITALL | WB_MSG_PEEK};
    assert_int_equal(run(&reading, write_in_pairs), 11);
    assert_int_equal(reading.result, 4);
    assert_int_equal(reading.second, 4);
}

static void read_is_woken_by_the_low_water_mark(void **state) {
    (void)state;
    struct reading reading = {.len = 6, .low_water = 4};
    assert_int_equal(run(&reading, write_in_pairs), 11);
    assert_int_equal(reading.result, 4);
}

static void write_returns_when_all_is_taken(void **state) {
    (void)state;
    struct reading reading = {.len = LARGE_LEN, .flags = WB_MSG_WAITALL};
    end_status = -1;
    (void)run(&reading, write_large);
    assert_int_equal(end_status, LARGE_LEN);
    assert_int_equal(reading.result, LARGE_LEN);
    assert_int_equal(reading.second, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_returns_with_the_first_bytes),
        cmocka_unit_test(read_with_waitall_returns_with_all),
        cmocka_unit_test(peek_with_waitall_returns_with_all_and_leaves_it),
        cmocka_unit_test(read_is_woken_by_the_low_water_mark),
        cmocka_unit_test(write_returns_when_all_is_taken),
    };
    return cmocka_run_group_tests_name("kernel_blocking", tests, NULL, NULL);
}
