/* See program.h. */
#include "program.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wb/examples.h"
#include "wb/sys_linux.h"

enum { OUTPUT_MAX = 1 << 20, ARGUMENTS_MAX = 16 };

const char *const triggers[TRIGGERS_COUNT] = {NULL, "level", "edge", "oneshot", "edge-oneshot"};

static struct {
    struct wb_sys_ops ops;
    struct wb_sys sys;
    struct program_faults faults; /* of the program's thread */
    const struct wb_example *example;
    char *argv[ARGUMENTS_MAX];
    int argc;
    pthread_t thread;
    int exit_status;
    int descriptors_before;
    atomic_llong live_bytes;
    atomic_int accepts;
    atomic_int allocations;
    atomic_int waits;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    char output[OUTPUT_MAX];
    size_t output_len;
    int has_ended;
} world = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static const struct wb_sys *real(void) {
    return wb_sys_linux();
}

static int64_t write_caught(void *self, int fd, const void *buf, size_t len) {
    if (fd != 1 && fd != 2) {
        return real()->ops->write(self, fd, buf, len);
    }
    pthread_mutex_lock(&world.lock);
    size_t room = OUTPUT_MAX - 1 - world.output_len;
    size_t n = len < room ? len : room;
    memcpy(world.output + world.output_len, buf, n);
    world.output_len += n;
    world.output[world.output_len] = '\0';
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
    return (int64_t)len;
}

static int accept_counted(
    void *self, int fd, struct wb_sockaddr *addr, uint32_t *addr_len, int flags) {
    atomic_fetch_add(&world.accepts, 1);
    if (world.faults.accept_errors > 0) {
        world.faults.accept_errors--;
        return -world.faults.accept_error;
    }
    return real()->ops->accept4(self, fd, addr, addr_len, flags);
}

static int wait_counted(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    atomic_fetch_add(&world.waits, 1);
    return real()->ops->epoll_pwait2(self, epfd, events, events_max, timeout_ns);
}

static int register_faulty(
    void *self, int epfd, int op, int fd, const struct wb_epoll_event *event) {
    if (op != WB_EPOLL_CTL_DEL && world.faults.register_errors > 0) {
        if (world.faults.register_skip == 0) {
            world.faults.register_errors--;
            return -world.faults.register_error;
        }
        world.faults.register_skip--;
    }
    return real()->ops->epoll_ctl(self, epfd, op, fd, event);
}

static size_t piece(size_t len) {
    size_t max = world.faults.piece_max;
    return max != 0 && len > max ? max : len;
}

static int64_t recv_short(void *self, int fd, void *buf, size_t len, int flags) {
    return real()->ops->recv(self, fd, buf, piece(len), flags);
}

static int64_t send_short(void *self, int fd, const void *buf, size_t len, int flags) {
    return real()->ops->send(self, fd, buf, piece(len), flags);
}

static int64_t recvmsg_faulty(void *self, int fd, struct wb_msghdr *msg, int flags) {
    if (world.faults.recvmsg_errors > 0) {
        world.faults.recvmsg_errors--;
        return -world.faults.recvmsg_error;
    }
    return real()->ops->recvmsg(self, fd, msg, flags);
}

static int64_t sendmsg_faulty(void *self, int fd, const struct wb_msghdr *msg, int flags) {
    if (world.faults.sendmsg_errors > 0) {
        world.faults.sendmsg_errors--;
        return -world.faults.sendmsg_error;
    }
    return real()->ops->sendmsg(self, fd, msg, flags);
}

static int alloc_fails(void) {
    atomic_fetch_add(&world.allocations, 1);
    if (world.faults.alloc_errors == 0) {
        return 0;
    }
    if (world.faults.alloc_skip > 0) {
        world.faults.alloc_skip--;
        return 0;
    }
    world.faults.alloc_errors--;
    return 1;
}

static void *alloc_counted(void *self, size_t size) {
    void *block = alloc_fails() ? NULL : real()->ops->alloc(self, size);
    if (block != NULL) {
        atomic_fetch_add(&world.live_bytes, (long long)size);
    }
    return block;
}

static void *resize_counted(void *self, void *ptr, size_t old_size, size_t new_size) {
    void *block = alloc_fails() ? NULL : real()->ops->resize(self, ptr, old_size, new_size);
    if (block != NULL) {
        atomic_fetch_add(&world.live_bytes, (long long)new_size - (long long)old_size);
    }
    return block;
}

static void free_counted(void *self, void *ptr, size_t size) {
    if (ptr != NULL) {
        atomic_fetch_sub(&world.live_bytes, (long long)size);
    }
    real()->ops->free(self, ptr, size);
}

static int count_descriptors(void) {
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    int count = 0;
    while (readdir(directory) != NULL) {
        count++;
    }
    closedir(directory);
    return count;
}

static void *run_program(void *arg) {
    (void)arg;
    int exit_status = world.example->main(&world.sys, world.argc, world.argv);
    pthread_mutex_lock(&world.lock);
    world.exit_status = exit_status;
    world.has_ended = 1;
    pthread_cond_broadcast(&world.changed);
    pthread_mutex_unlock(&world.lock);
    return NULL;
}

static void add_argument(const char *argument) {
    assert_true(world.argc < ARGUMENTS_MAX);
    world.argv[world.argc++] = strdup(argument);
}

/* SIGTERM reaches the program through its signalfd only if no thread takes it. */
static void block_sigterm(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    assert_int_equal(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
}

static void start(const char *name, const char *const *arguments, const char *listen) {
    block_sigterm();
    world.example = wb_example_find(name);
    assert_non_null(world.example);
    world.ops = *real()->ops;
    world.ops.write = write_caught;
    world.ops.accept4 = accept_counted;
    world.ops.epoll_pwait2 = wait_counted;
    world.ops.epoll_ctl = register_faulty;
    world.ops.recv = recv_short;
    world.ops.send = send_short;
    world.ops.recvmsg = recvmsg_faulty;
    world.ops.sendmsg = sendmsg_faulty;
    world.ops.alloc = alloc_counted;
    world.ops.resize = resize_counted;
    world.ops.free = free_counted;
    if (world.faults.piece_max != 0) {
        /* A piece leaves bytes behind, of which no edge will tell. */
        world.ops.epoll_tells_all = NULL;
    }
    world.sys = (struct wb_sys){&world.ops, real()->self};
    world.argc = 0;
    add_argument(name);
    if (listen != NULL) {
        add_argument("--listen");
        add_argument(listen);
    }
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL; i++) {
        add_argument(arguments[i]);
    }
    world.output_len = 0;
    world.output[0] = '\0';
    world.has_ended = 0;
    atomic_store(&world.accepts, 0);
    atomic_store(&world.waits, 0);
    atomic_store(&world.allocations, 0);
    atomic_store(&world.live_bytes, 0);
    world.descriptors_before = count_descriptors();
    assert_int_equal(pthread_create(&world.thread, NULL, run_program, NULL), 0);
}

void program_await(const char *text) {
    pthread_mutex_lock(&world.lock);
    while (strstr(world.output, text) == NULL && !world.has_ended) {
        pthread_cond_wait(&world.changed, &world.lock);
    }
    pthread_mutex_unlock(&world.lock);
}

static void set_faults(const struct program_faults *faults) {
    static const struct program_faults none;
    world.faults = faults != NULL ? *faults : none;
}

uint16_t program_start(
    const char *name, const char *const *arguments, const struct program_faults *faults) {
    program_start_on(name, arguments, faults, "127.0.0.1:0");
    const char *line = strstr(world.output, "listening on 127.0.0.1:");
    assert_non_null(line);
    int port = atoi(line + strlen("listening on 127.0.0.1:"));
    assert_in_range(port, 1, 65535);
    return (uint16_t)port;
}

void program_start_on(const char *name, const char *const *arguments,
    const struct program_faults *faults, const char *listen) {
    set_faults(faults);
    start(name, arguments, listen);
    program_await("listening on ");
    assert_non_null(strstr(world.output, "listening on "));
}

/* Whom the program spoke to may be a thread of the test, which has still to close its own end, or
 * to open it: there is nothing to wait for, so that one look at which all is as before will do.
 * What the program left open stays. */
static void expect_descriptors_back(void) {
    enum { TRIES = 2000 };
    int count = count_descriptors();
    for (int i = 0; i < TRIES && count != world.descriptors_before; i++) {
        (void)poll(NULL, 0, 1);
        count = count_descriptors();
    }
    assert_int_equal(count, world.descriptors_before);
}

int program_wait(void) {
    assert_int_equal(pthread_join(world.thread, NULL), 0);
    for (int i = 0; i < world.argc; i++) {
        free(world.argv[i]);
    }
    assert_int_equal(atomic_load(&world.live_bytes), 0);
    expect_descriptors_back();
    return world.exit_status;
}

void program_tell_to_stop(void) {
    assert_int_equal(kill(getpid(), SIGTERM), 0);
}

void program_stop(void) {
    program_tell_to_stop();
    assert_int_equal(program_wait(), 0);
}

int program_run(
    const char *name, const char *const *arguments, const struct program_faults *faults) {
    set_faults(faults);
    start(name, arguments, NULL);
    return program_wait();
}

const char *program_output(void) {
    return world.output;
}

int program_accepts(void) {
    return atomic_load(&world.accepts);
}

int program_waits(void) {
    return atomic_load(&world.waits);
}

int program_allocations(const char *name, const char *const *arguments) {
    (void)program_start(name, arguments, NULL);
    int allocations = atomic_load(&world.allocations);
    program_stop();
    return allocations;
}

const char *const *with_trigger(const char *trigger, const char *a, const char *b) {
    static const char *arguments[6];
    size_t count = 0;
    if (trigger != NULL) {
        arguments[count++] = "--trigger";
        arguments[count++] = trigger;
    }
    if (a != NULL) {
        arguments[count++] = a;
    }
    if (b != NULL) {
        arguments[count++] = b;
    }
    arguments[count] = NULL;
    return arguments;
}
