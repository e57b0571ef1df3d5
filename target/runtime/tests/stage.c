/* The runtime and the clock of the tests. */
#include "stage.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wb/sys_linux.h"

#define NS_PER_S UINT64_C(1000000000)

struct stage stage;

/* A timerfd on the still clock is an eventfd that the wait rings; there is one at most. */
static struct {
    _Atomic uint64_t now_ns;
    _Atomic uint64_t waits;
    int alarm_fd;
    uint64_t alarm_ns; /* UINT64_MAX: it is not set */
    unsigned alarms;   /* how often it was set */
} still;

/* ---- the still clock ---- */

static uint64_t still_clock_gettime(void *self, int clock) {
    (void)self, (void)clock;
    return atomic_load(&still.now_ns);
}

static int still_timerfd_create(void *self, int clock, int flags) {
    assert_int_equal(clock, WB_CLOCK_MONOTONIC);
    still.alarm_fd = stage.world->ops.eventfd(self, 0, flags);
    return still.alarm_fd;
}

static int still_timerfd_settime(
    void *self, int fd, int flags, const struct wb_itimerspec *value, struct wb_itimerspec *old) {
    (void)self, (void)old;
    assert_int_equal(fd, still.alarm_fd);
    assert_int_equal(flags, WB_TFD_TIMER_ABSTIME);
    still.alarm_ns = (uint64_t)value->value.sec * NS_PER_S + (uint64_t)value->value.nsec;
    still.alarms++;
    return 0;
}

static void ring_alarm(void) {
    const uint64_t one = 1;
    const struct wb_sys *linux = wb_sys_linux();
    still.alarm_ns = UINT64_MAX;
    assert_int_equal(WB_SYS(linux, write, still.alarm_fd, &one, sizeof one), sizeof one);
}

static int still_epoll_pwait2(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    const struct wb_sys *linux = wb_sys_linux();
    (void)self;
    if (still.alarm_ns <= stage_now()) {
        ring_alarm();
    }
    const int count = WB_SYS(linux, epoll_pwait2, epfd, events, events_max, 0);
    if (count != 0 || timeout_ns == 0) {
        return count;
    }
    atomic_fetch_add(&still.waits, 1);
    if (still.alarm_ns != UINT64_MAX
        && (timeout_ns < 0 || still.alarm_ns - stage_now() <= (uint64_t)timeout_ns)) {
        atomic_store(&still.now_ns, still.alarm_ns);
        ring_alarm();
        return WB_SYS(linux, epoll_pwait2, epfd, events, events_max, 0);
    }
    if (timeout_ns < 0) { /* only another thread can end it */
        return WB_SYS(linux, epoll_pwait2, epfd, events, events_max, PATIENCE_NS);
    }
    atomic_fetch_add(&still.now_ns, (uint64_t)timeout_ns);
    return 0;
}

void stage_use_still_clock(void) {
    atomic_store(&still.now_ns, STILL_START_NS);
    atomic_store(&still.waits, 0);
    still.alarm_ns = UINT64_MAX;
    still.alarms = 0;
    stage.world->backend = WB_BACKEND_EPOLL; /* whose wait moves the clock */
    stage.world->ops.clock_gettime = still_clock_gettime;
    stage.world->ops.epoll_pwait2 = still_epoll_pwait2;
    stage.world->ops.timerfd_create = still_timerfd_create;
    stage.world->ops.timerfd_settime = still_timerfd_settime;
}

uint64_t stage_now(void) {
    return atomic_load(&still.now_ns);
}

void stage_advance(uint64_t delta_ns) {
    atomic_fetch_add(&still.now_ns, delta_ns);
}

uint64_t stage_waits(void) {
    return atomic_load(&still.waits);
}

unsigned stage_alarms(void) {
    return still.alarms;
}

/* ---- fixtures ---- */

int stage_setup_bare(void **state) {
    stage = (struct stage){0};
    const int result = world_setup_bare(state);
    stage.world = *state;
    if (result == 0) {
        stage.world->ops.note = NULL; /* kept without a lock; see note_test.c */
    }
    return result;
}

void stage_make(const struct wb_runtime_config *config) {
    struct wb_runtime_config with_backend = {0};
    if (config != NULL) {
        with_backend = *config;
    }
    with_backend.backend = stage.world->backend;
    assert_ok(wb_runtime_new(&stage.world->sys, &with_backend, &stage.runtime));
}

void stage_destroy(void) {
    wb_runtime_destroy(stage.runtime);
    stage.runtime = NULL;
}

int stage_setup_single(void **state) {
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    const int result = stage_setup_bare(state);
    if (result == 0) {
        stage_make(&config);
    }
    return result;
}

int stage_setup_multi(void **state) {
    const struct wb_runtime_config config = {.high_workers = 2, .low_workers = 2};
    const int result = stage_setup_bare(state);
    if (result == 0) {
        stage_make(&config);
    }
    return result;
}

int stage_setup_still(void **state) {
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    const int result = stage_setup_bare(state);
    if (result == 0) {
        stage_use_still_clock();
        stage_make(&config);
    }
    return result;
}

int stage_teardown(void **state) {
    stage_destroy();
    return world_teardown_bare(state);
}

/* ---- tasks ---- */

void stage_spawn(struct probe_log *log, const struct wb_spawn_options *options,
    struct wb_join_handle *out_handle) {
    struct probe probe;
    probe_init(&probe, log);
    assert_ok(wb_runtime_spawn(stage.runtime, &probe.future, options, out_handle));
}

enum wb_status stage_join(struct wb_join_handle *handle) {
    const enum wb_status status = wb_runtime_block_on(stage.runtime, &handle->future);
    wb_join_handle_detach(handle);
    return status;
}

void stage_await(atomic_int *number, int value) {
    const struct wb_sys *linux = wb_sys_linux();
    struct wb_pollfd none;
    for (int64_t waited = 0; atomic_load(number) < value; waited += MS) {
        if (waited > PATIENCE_NS) {
            fail_msg("waited for %d, got %d", value, atomic_load(number));
        }
        (void)WB_SYS(linux, poll, &none, 0, MS);
    }
}

/* ---- mistakes ---- */

void stage_assert_aborts(void (*misuse)(int argument), int argument) {
    int status = 0;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL); /* the test's own would report it */
        (void)close(STDERR_FILENO);
        misuse(argument);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

/* ---- threads ---- */

void stage_count_start(void *visits) {
    atomic_fetch_add(&((struct stage_visits *)visits)->starts, 1);
}

void stage_count_stop(void *visits) {
    atomic_fetch_add(&((struct stage_visits *)visits)->stops, 1);
}
