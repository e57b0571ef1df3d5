/* What the contract suite cannot see of files: the world's side, hosts, injected faults, calls that
 * sleep between descriptors, what oracles are told. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE = 300000 };

static struct sim_kernel *kernel_with(struct one_choice *source, enum wbh_legality legality) {
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    struct sim_config config = {
        .source = source != NULL ? &source->base : NULL, .legality_max = legality};
    sim_kernel_reset(kernel, &config);
    return kernel;
}

static int open_path(struct sim_kernel *kernel, const char *path, int flags) {
    return WB_SYS(wb_sim_sys(kernel), openat, WB_AT_FDCWD, path, flags, 0644);
}

static void assert_contents(
    struct sim_kernel *kernel, unsigned host, const char *path, const char *expected) {
    char bytes[64];
    int64_t len = sim_file_read(kernel, host, path, 0, bytes, sizeof(bytes));
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(bytes, expected, strlen(expected));
}

/* ---- the world's side ---- */

static void world_puts_files_and_looks_at_them(void **state) {
    (void)state;
    struct sim_kernel *kernel = kernel_with(NULL, WBH_LEGALITY_KERNEL);
    struct wb_stat stat;
    char bytes[8];
    assert_int_equal(sim_file_put(kernel, 0, "/srv/www/a.txt", "hello", 5), 0);
    int fd = open_path(kernel, "/srv/www/a.txt", WB_O_RDWR);
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), read, fd, bytes, 8), 5);
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), write, fd, "!", 1), 1);
    assert_contents(kernel, 0, "/srv/www/a.txt", "hello!");
    assert_int_equal(sim_file_put(kernel, 0, "/srv/www/a.txt", "new", 3), 0);
    assert_int_equal(sim_file_stat(kernel, 0, "/srv/www/a.txt", &stat), 0);
    assert_int_equal(stat.size, 3);
    assert_int_equal(stat.kind, WB_DT_REG);
    assert_int_equal(sim_file_read(kernel, 0, "/srv/www/a.txt", 2, bytes, 8), 1);
    assert_int_equal(sim_file_read(kernel, 0, "/srv/www/a.txt", 9, bytes, 8), 0);
    assert_int_equal(sim_file_put(kernel, 0, "/srv/www/empty", NULL, 0), 0);
    assert_int_equal(sim_file_put(kernel, 0, "/tmp", "x", 1), -EISDIR);
    assert_int_equal(sim_file_put(kernel, 0, "/srv", "x", 1), -EISDIR);
    assert_int_equal(sim_file_put(kernel, 0, "/srv/", "x", 1), -EISDIR);
    assert_int_equal(sim_file_put(kernel, 0, "/srv/www/a.txt/b", "x", 1), -ENOTDIR);
    assert_int_equal(sim_file_put(kernel, 0, "", "x", 1), -ENOENT);
    assert_int_equal(sim_file_stat(kernel, 0, "/none", &stat), -ENOENT);
    assert_int_equal(sim_file_read(kernel, 0, "/srv", 0, bytes, 8), -EISDIR);
    sim_kernel_destroy(kernel);
}

static void reset_leaves_no_file(void **state) {
    (void)state;
    struct sim_kernel *kernel = kernel_with(NULL, WBH_LEGALITY_KERNEL);
    struct sim_config config = {0};
    struct wb_stat stat;
    assert_int_equal(sim_file_put(kernel, 0, "/a", "x", 1), 0);
    assert_true(open_path(kernel, "/a", WB_O_RDONLY) >= 0);
    sim_kernel_reset(kernel, &config);
    assert_int_equal(open_path(kernel, "/a", WB_O_RDONLY), -ENOENT);
    assert_int_equal(sim_file_stat(kernel, 0, "/tmp", &stat), 0);
    sim_kernel_destroy(kernel);
}

static int read_own(void *arg) {
    struct sim_kernel *kernel = arg;
    char bytes[8];
    int fd = open_path(kernel, "/name", WB_O_RDONLY);
    int64_t len = WB_SYS(wb_sim_sys(kernel), read, fd, bytes, sizeof(bytes));
    return len == 1 ? bytes[0] : -1;
}

static int exits[2];

static void note_exit(void *user_data, unsigned process, enum sim_process_change how, int status) {
    (void)user_data;
    (void)how;
    exits[process] = status;
}

static void each_host_has_its_own_files(void **state) {
    (void)state;
    struct sim_kernel *kernel = sim_kernel_new();
    struct sim_config config = {.on_process_end = note_exit};
    struct wb_sockaddr addr = {.in = {.family = WB_AF_INET, .addr = {10, 0, 0, 1}}};
    sim_kernel_reset(kernel, &config);
    int host = sim_host_add(kernel, "far", &addr, 1);
    assert_int_equal(host, 1);
    assert_int_equal(sim_file_put(kernel, 0, "/name", "n", 1), 0);
    assert_int_equal(sim_file_put(kernel, 1, "/name", "f", 1), 0);
    (void)sim_process_add(kernel, read_own, kernel);
    (void)sim_process_add(kernel, read_own, kernel);
    sim_process_place(kernel, 1, 1);
    assert_int_equal(sim_kernel_run_all(kernel), SIM_STOP_EXITED);
    assert_int_equal(exits[0], 'n');
    assert_int_equal(exits[1], 'f');
    sim_kernel_destroy(kernel);
}

/* ---- faults ---- */

static void short_read_of_a_file_is_contract_and_loses_nothing(void **state) {
    (void)state;
    struct one_choice source;
    char bytes[8];
    one_choice_init(&source, WBH_POINT_FILE_READ, 1, WBH_ACTION_SHORT, 2);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    assert_int_equal(sim_file_put(kernel, 0, "/a", "abcde", 5), 0);
    int fd = open_path(kernel, "/a", WB_O_RDONLY);
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), read, fd, bytes, 8), 2);
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), read, fd, bytes, 8), 3);
    assert_memory_equal(bytes, "cde", 3);
    assert_int_equal(source.offered_kernel, 0);
    assert_int_equal(source.offered_contract,
        WBH_ACTION_BIT(WBH_ACTION_SHORT) | WBH_ACTION_BIT(WBH_ACTION_INTERRUPT));
    assert_int_equal(sim_faults(kernel)->consumed[WBH_POINT_FILE_READ][WBH_ACTION_SHORT], 1);
    sim_kernel_destroy(kernel);
}

static void interrupted_write_has_written_nothing(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_FILE_WRITE, 2, WBH_ACTION_INTERRUPT, 0);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    int fd = open_path(kernel, "/a", WB_O_WRONLY | WB_O_CREAT);
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), write, fd, "abc", 3), -EINTR);
    assert_contents(kernel, 0, "/a", "");
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), pwrite, fd, "abc", 3, 0), 3);
    assert_contents(kernel, 0, "/a", "abc");
    sim_kernel_destroy(kernel);
}

static void full_disk_is_a_failure(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_FILE_WRITE, 0, WBH_ACTION_ERROR, ENOSPC);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    const struct wb_sys *sys = wb_sim_sys(kernel);
    assert_int_equal(sim_file_put(kernel, 0, "/a", "abc", 3), 0);
    int fd = open_path(kernel, "/a", WB_O_RDWR);
    assert_int_equal(WB_SYS(sys, write, fd, "xyz", 3), -ENOSPC);
    assert_int_equal(WB_SYS(sys, ftruncate, fd, 1), -ENOSPC);
    assert_int_equal(WB_SYS(sys, fsync, fd), -ENOSPC);
    assert_int_equal(open_path(kernel, "/b", WB_O_WRONLY | WB_O_CREAT), -ENOSPC);
    assert_int_equal(WB_SYS(sys, mkdir, "/d", 0755), -ENOSPC);
    assert_int_equal(WB_SYS(sys, rename, "/a", "/b"), -ENOSPC);
    assert_contents(kernel, 0, "/a", "abc");
    assert_int_equal(source.offered_failing, WBH_ACTION_BIT(WBH_ACTION_ERROR));
    sim_kernel_destroy(kernel);
}

/* An error that does not fit the moment is not taken. */
static void disk_that_is_read_is_never_full(void **state) {
    (void)state;
    struct one_choice source;
    char byte;
    one_choice_init(&source, WBH_POINT_FILE_READ, 0, WBH_ACTION_ERROR, ENOSPC);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    assert_int_equal(sim_file_put(kernel, 0, "/a", "abc", 3), 0);
    int fd = open_path(kernel, "/a", WB_O_RDONLY);
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), read, fd, &byte, 1), 1);
    assert_int_equal(sim_faults(kernel)->unfit, 1);
    source.answer.value = EIO;
    assert_int_equal(WB_SYS(wb_sim_sys(kernel), read, fd, &byte, 1), -EIO);
    sim_kernel_destroy(kernel);
}

static void open_fails_as_a_file_can(void **state) {
    (void)state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_OPEN, 0, WBH_ACTION_ERROR, ENOBUFS);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_FAILING);
    assert_int_equal(sim_file_put(kernel, 0, "/a", "abc", 3), 0);
    assert_true(open_path(kernel, "/a", WB_O_RDONLY) >= 0); /* a socket's error */
    source.answer.value = EMFILE;
    assert_int_equal(open_path(kernel, "/a", WB_O_RDONLY), -EMFILE);
    sim_kernel_destroy(kernel);
}

/* What the socket leaves behind the file gives again. */
static void short_send_of_sendfile_moves_the_place_as_far(void **state) {
    (void)state;
    struct one_choice source;
    struct pair pair;
    char bytes[16];
    int64_t offset = 1;
    one_choice_init(&source, WBH_POINT_SEND, 1, WBH_ACTION_SHORT, 3);
    struct sim_kernel *kernel = kernel_with(&source, WBH_LEGALITY_CONTRACT);
    pair_open(&pair, kernel);
    assert_int_equal(sim_file_put(kernel, 0, "/a", "0123456789", 10), 0);
    int fd = open_path(kernel, "/a", WB_O_RDONLY);
    assert_int_equal(WB_SYS(pair.sys, sendfile, pair.client, fd, &offset, 9), 3);
    assert_int_equal(offset, 4);
    assert_int_equal(WB_SYS(pair.sys, sendfile, pair.client, fd, &offset, 9), -EAGAIN);
    assert_int_equal(offset, 4);
    watch(&pair, WB_EPOLL_CTL_ADD, pair.client, WB_EPOLLOUT | WB_EPOLLET);
    assert_int_equal(wait_bits(&pair, pair.client, WB_TIMEOUT_INFINITE), WB_EPOLLOUT);
    assert_int_equal(WB_SYS(pair.sys, sendfile, pair.client, fd, &offset, 9), 6);
    assert_int_equal(WB_SYS(pair.sys, recv, pair.server, bytes, sizeof(bytes), 0), 9);
    assert_memory_equal(bytes, "123456789", 9);
    sim_kernel_destroy(kernel);
}

/* ---- calls that sleep ---- */

struct two {
    struct sim_kernel *kernel;
    uint64_t received;
    bool is_right;
};

static struct wb_sockaddr meeting(void) {
    return (struct wb_sockaddr){
        .in = {.family = WB_AF_INET, .port_be = 0x5a1b, .addr = {127, 0, 0, 1}}};
}

/* Sends a large file over a blocking socket with one call. */
static int send_large(void *arg) {
    struct two *two = arg;
    const struct wb_sys *sys = wb_sim_sys(two->kernel);
    struct wb_sockaddr addr = meeting();
    int listener = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    (void)WB_SYS(sys, bind, listener, &addr, sizeof(addr.in));
    (void)WB_SYS(sys, listen, listener, 1);
    int fd = WB_SYS(sys, accept4, listener, NULL, NULL, 0);
    int file = open_path(two->kernel, "/large", WB_O_RDONLY);
    return WB_SYS(sys, sendfile, fd, file, NULL, LARGE) == LARGE ? 0 : 1;
}

/* Takes it through a blocking pipe into a file. */
static int take_large(void *arg) {
    struct two *two = arg;
    const struct wb_sys *sys = wb_sim_sys(two->kernel);
    struct wb_sockaddr addr = meeting();
    int fds[2];
    int fd = WB_SYS(sys, socket, WB_AF_INET, WB_SOCK_STREAM, 0);
    int result = WB_SYS(sys, connect, fd, &addr, sizeof(addr.in));
    int file = open_path(two->kernel, "/copy", WB_O_WRONLY | WB_O_CREAT);
    if (result != 0 || WB_SYS(sys, pipe2, fds, 0) != 0) {
        return 1;
    }
    while (two->received < LARGE) {
        int64_t len = WB_SYS(sys, splice, fd, NULL, fds[1], NULL, LARGE, 0);
        int64_t put = len <= 0 ? len : WB_SYS(sys, splice, fds[0], NULL, file, NULL, LARGE, 0);
        if (put <= 0 || put != len) {
            return 1;
        }
        two->received += (uint64_t)put;
    }
    return 0;
}

static void large_file_travels_by_sendfile_and_splice(void **state) {
    (void)state;
    struct two two = {.kernel = sim_kernel_new()};
    struct sim_config config = {.on_process_end = note_exit};
    uint8_t *bytes = malloc(LARGE);
    uint8_t *copy = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++) {
        bytes[i] = (uint8_t)(i % 251);
    }
    sim_kernel_reset(two.kernel, &config);
    assert_int_equal(sim_file_put(two.kernel, 0, "/large", bytes, LARGE), 0);
    exits[0] = exits[1] = -1;
    (void)sim_process_add(two.kernel, send_large, &two);
    (void)sim_process_add(two.kernel, take_large, &two);
    assert_int_equal(sim_kernel_run_all(two.kernel), SIM_STOP_EXITED);
    assert_int_equal(exits[0], 0);
    assert_int_equal(exits[1], 0);
    assert_int_equal(sim_file_read(two.kernel, 0, "/copy", 0, copy, LARGE), LARGE);
    assert_memory_equal(copy, bytes, LARGE);
    free(bytes);
    free(copy);
    sim_kernel_destroy(two.kernel);
}

/* ---- what oracles are told ---- */

struct told {
    uint32_t calls[8];
    int64_t results[8];
    uint64_t ends[8];
    char data[8][8];
    size_t count;
};

static void note_call(void *user_data, const struct sim_event *event) {
    struct told *told = user_data;
    if (event->kind == SIM_EVENT_CALL && told->count < 8) {
        told->calls[told->count] = event->call;
        told->results[told->count] = event->result;
        told->ends[told->count] = event->b;
        if (event->data_len != 0 && event->data_len < 8) {
            memcpy(told->data[told->count], event->data, event->data_len);
        }
        told->count++;
    }
}

static void each_end_is_told_and_a_socket_with_its_bytes(void **state) {
    (void)state;
    struct told told = {0};
    struct pair pair;
    int fds[2];
    struct sim_kernel *kernel = sim_kernel_new();
    struct sim_config config = {.on_event = note_call, .user_data = &told};
    sim_kernel_reset(kernel, &config);
    told.count = 8; /* not yet */
    pair_open(&pair, kernel);
    assert_int_equal(sim_file_put(kernel, 0, "/a", "abc", 3), 0);
    int fd = open_path(kernel, "/a", WB_O_RDONLY);
    assert_int_equal(WB_SYS(pair.sys, pipe2, fds, WB_O_NONBLOCK), 0);
    told.count = 0;
    assert_int_equal(WB_SYS(pair.sys, sendfile, pair.client, fd, NULL, 9), 3);
    assert_int_equal(WB_SYS(pair.sys, splice, pair.server, NULL, fds[1], NULL, 9, 0), 3);
    assert_int_equal(WB_SYS(pair.sys, splice, pair.server, NULL, fds[1], NULL, 9, 0), -EAGAIN);
    assert_int_equal(told.count, 5);
    const uint32_t calls[] = {
        SIM_CALL_SENDFILE, SIM_CALL_SEND, SIM_CALL_RECV, SIM_CALL_SPLICE, SIM_CALL_RECV};
    const int64_t results[] = {3, 3, 3, 3, -EAGAIN};
    assert_memory_equal(told.calls, calls, sizeof(calls));
    assert_memory_equal(told.results, results, sizeof(results));
    assert_int_equal(told.ends[0], 0);
    assert_int_equal(told.ends[3], 1);
    assert_string_equal(told.data[1], "abc");
    assert_string_equal(told.data[2], "abc");
    sim_kernel_destroy(kernel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(world_puts_files_and_looks_at_them),
        cmocka_unit_test(reset_leaves_no_file),
        cmocka_unit_test(each_host_has_its_own_files),
        cmocka_unit_test(short_read_of_a_file_is_contract_and_loses_nothing),
        cmocka_unit_test(interrupted_write_has_written_nothing),
        cmocka_unit_test(full_disk_is_a_failure),
        cmocka_unit_test(disk_that_is_read_is_never_full),
        cmocka_unit_test(open_fails_as_a_file_can),
        cmocka_unit_test(short_send_of_sendfile_moves_the_place_as_far),
        cmocka_unit_test(large_file_travels_by_sendfile_and_splice),
        cmocka_unit_test(each_end_is_told_and_a_socket_with_its_bytes),
    };
    return cmocka_run_group_tests_name("kernel_file", tests, NULL, NULL);
}
