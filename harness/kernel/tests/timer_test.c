/* timerfd on virtual time: as a deadline of the program's that the run's owner is asked about, by
 * the wall clock when that jumps, and with several programs. That every slot of the table is filled
 * is looked at here, too. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

struct owner {
    uint64_t asked; /* how often on_idle was called */
    uint64_t deadline_ns;
    int answer;
};

static int on_idle(void *user_data, uint64_t deadline_ns) {
    struct owner *owner = user_data;
    owner->asked++;
    owner->deadline_ns = deadline_ns;
    return owner->answer;
}

static struct sim_kernel *fresh(struct owner *owner, int answer, struct wbh_choice_source *source) {
    struct sim_config config = {.on_idle = on_idle,
        .user_data = owner,
        .source = source,
        .legality_max = WBH_LEGALITY_FAILING};
    *owner = (struct owner){.answer = answer};
    struct sim_kernel *kernel = sim_kernel_new();
    assert_non_null(kernel);
    sim_kernel_reset(kernel, &config);
    return kernel;
}

static int timer(const struct wb_sys *sys, int clock, int flags, uint64_t at_ns) {
    struct wb_itimerspec spec = {
        .value = {.sec = (int64_t)(at_ns / NS_PER_S), .nsec = (int64_t)(at_ns % NS_PER_S)}};
    int fd = WB_SYS(sys, timerfd_create, clock, WB_TFD_NONBLOCK);
    assert_true(fd >= 0);
    assert_int_equal(WB_SYS(sys, timerfd_settime, fd, flags, &spec, NULL), 0);
    return fd;
}

static int is_readable(const struct wb_sys *sys, int fd, int64_t timeout_ns) {
    struct wb_pollfd one = {.fd = fd, .events = (int16_t)WB_EPOLLIN};
    return WB_SYS(sys, poll, &one, 1, timeout_ns);
}

/* ---- the table ---- */

static void table_every_slot_is_filled(void **state) {
    (void)state;
    struct owner owner;
    struct sim_kernel *kernel = fresh(&owner, 2, NULL);
    const struct wb_sys_ops *ops = wb_sim_sys(kernel)->ops;
    for (size_t at = 0; at < sizeof(*ops); at += sizeof(void (*)(void))) {
        uintptr_t slot;
        memcpy(&slot, (const char *)ops + at, sizeof(slot));
        assert_true(slot != 0);
    }
    sim_kernel_destroy(kernel);
}

/* ---- a deadline ---- */

static int wait_for_timer(void *arg) {
    const struct wb_sys *sys = arg;
    int fd = timer(sys, WB_CLOCK_MONOTONIC, 0, 5 * MS);
    return is_readable(sys, fd, WB_TIMEOUT_INFINITE);
}

static void timer_is_a_deadline_the_owner_is_asked_about(void **state) {
    (void)state;
    struct owner owner;
    int status = -1;
    struct sim_kernel *kernel = fresh(&owner, 2, NULL);
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    uint64_t begin_ns = sim_kernel_now(kernel);
    assert_int_equal(sim_kernel_run(kernel, wait_for_timer, sys, &status), SIM_STOP_EXITED);
    assert_int_equal(status, 1);
    assert_int_equal(owner.asked, 1);
    assert_true(owner.deadline_ns >= begin_ns + 5 * MS && owner.deadline_ns < begin_ns + 6 * MS);
    sim_kernel_destroy(kernel);
}

static void timer_does_not_keep_a_run_alive_that_its_owner_ends(void **state) {
    (void)state;
    struct owner owner;
    int status = -1;
    struct sim_kernel *kernel = fresh(&owner, 0, NULL);
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(sim_kernel_run(kernel, wait_for_timer, sys, &status), SIM_STOP_QUIESCENT);
    sim_kernel_destroy(kernel);
}

static int leave_periodic_timer_unread(void *arg) {
    const struct wb_sys *sys = arg;
    struct wb_itimerspec spec = {.value = {.nsec = 1000}, .interval = {.nsec = 1000}};
    int fd = WB_SYS(sys, timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK);
    (void)WB_SYS(sys, timerfd_settime, fd, 0, &spec, NULL);
    return WB_SYS(sys, poll, NULL, 0, WB_TIMEOUT_INFINITE);
}

/* It expires once; nobody looks, and nothing will ever happen again. */
static void timer_that_nobody_reads_expires_once(void **state) {
    (void)state;
    struct owner owner;
    int status = -1;
    struct sim_kernel *kernel = fresh(&owner, 2, NULL);
    void *sys = (void *)(uintptr_t)wb_sim_sys(kernel);
    assert_int_equal(
        sim_kernel_run(kernel, leave_periodic_timer_unread, sys, &status), SIM_STOP_QUIESCENT);
    assert_int_equal(owner.asked, 2); /* about the timer, and about nothing */
    assert_int_equal(owner.deadline_ns, UINT64_MAX);
    sim_kernel_destroy(kernel);
}

static void timer_before_the_timeout_of_a_wait_comes_first(void **state) {
    (void)state;
    struct owner owner;
    struct sim_kernel *kernel = fresh(&owner, 2, NULL);
    const struct wb_sys *sys = wb_sim_sys(kernel);
    int early = timer(sys, WB_CLOCK_MONOTONIC, 0, 2 * MS);
    int late = timer(sys, WB_CLOCK_MONOTONIC, 0, 9 * MS);
    uint64_t begin_ns = sim_kernel_now(kernel);
    assert_int_equal(is_readable(sys, late, 5 * (int64_t)MS), 0);
    assert_true(sim_kernel_now(kernel) >= begin_ns + 5 * MS);
    assert_true(sim_kernel_now(kernel) < begin_ns + 6 * MS);
    assert_int_equal(is_readable(sys, early, 0), 1);
    assert_int_equal(is_readable(sys, late, WB_TIMEOUT_INFINITE), 1);
    assert_true(sim_kernel_now(kernel) < begin_ns + 10 * MS);
    sim_kernel_destroy(kernel);
}

static void timer_of_the_far_future_never_expires(void **state) {
    (void)state;
    struct owner owner;
    int status = -1;
    struct sim_kernel *kernel = fresh(&owner, 2, NULL);
    const struct wb_sys *sys = wb_sim_sys(kernel);
    struct wb_itimerspec never = {.value = {.sec = INT64_MAX}};
    int fd = WB_SYS(sys, timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK);
    assert_int_equal(WB_SYS(sys, timerfd_settime, fd, 0, &never, NULL), 0);
    void *arg = (void *)(uintptr_t)sys;
    assert_int_equal(
        sim_kernel_run(kernel, leave_periodic_timer_unread, arg, &status), SIM_STOP_QUIESCENT);
    sim_kernel_destroy(kernel);
}

/* ---- the wall clock ---- */

/* An hour's jump: the timer of the wall clock's time expires with it, the others do not. */
static void timer_of_the_wall_clock_follows_its_jumps(void **state) {
    (void)state;
    struct owner owner;
    struct one_choice source;
    const uint64_t hour_ns = 3600 * NS_PER_S;
    one_choice_init(&source, WBH_POINT_CLOCK, 2, WBH_ACTION_JUMP, hour_ns);
    struct sim_kernel *kernel = fresh(&owner, 2, &source.base);
    const struct wb_sys *sys = wb_sim_sys(kernel);
    uint64_t real_ns = WB_SYS(sys, clock_gettime, WB_CLOCK_REALTIME);
    uint64_t now_ns = WB_SYS(sys, clock_gettime, WB_CLOCK_MONOTONIC);
    int absolute = timer(sys, WB_CLOCK_REALTIME, WB_TFD_TIMER_ABSTIME, real_ns + hour_ns / 2);
    int relative = timer(sys, WB_CLOCK_REALTIME, 0, hour_ns / 2);
    int monotonic = timer(sys, WB_CLOCK_MONOTONIC, WB_TFD_TIMER_ABSTIME, now_ns + hour_ns / 2);
    assert_int_equal(is_readable(sys, absolute, 0), 0);
    assert_true(WB_SYS(sys, clock_gettime, WB_CLOCK_REALTIME) > real_ns + hour_ns / 2);
    assert_int_equal(source.asked, 1);
    assert_int_equal(is_readable(sys, absolute, 0), 1);
    assert_int_equal(is_readable(sys, relative, 0), 0);
    assert_int_equal(is_readable(sys, monotonic, 0), 0);
    sim_kernel_destroy(kernel);
}

/* ---- several programs ---- */

struct sleeper {
    const struct wb_sys *sys;
    uint64_t sleep_ns;
    uint64_t woke_ns;
    uint64_t ticks;
    struct sim_kernel *kernel;
};

static int sleep_by_timer(void *arg) {
    struct sleeper *sleeper = arg;
    int fd = timer(sleeper->sys, WB_CLOCK_MONOTONIC, 0, sleeper->sleep_ns);
    (void)WB_SYS(sleeper->sys, fcntl, fd, WB_F_SETFL, 0);
    int64_t result = WB_SYS(sleeper->sys, read, fd, &sleeper->ticks, sizeof(sleeper->ticks));
    sleeper->woke_ns = sim_kernel_now(sleeper->kernel);
    return (int)result;
}

static void timers_of_several_programs_wake_each_its_own(void **state) {
    (void)state;
    struct owner owner;
    struct sim_kernel *kernel = fresh(&owner, 2, NULL);
    struct sleeper sleepers[2];
    for (int i = 0; i < 2; i++) {
        sleepers[i] = (struct sleeper){
            .sys = wb_sim_sys(kernel), .sleep_ns = (i == 0 ? 8 : 3) * MS, .kernel = kernel};
        (void)sim_process_add(kernel, sleep_by_timer, &sleepers[i]);
    }
    uint64_t begin_ns = sim_kernel_now(kernel);
    assert_int_equal(sim_kernel_run_all(kernel), SIM_STOP_EXITED);
    assert_int_equal(sleepers[0].ticks, 1);
    assert_int_equal(sleepers[1].ticks, 1);
    assert_true(sleepers[1].woke_ns >= begin_ns + 3 * MS);
    assert_true(sleepers[1].woke_ns < begin_ns + 4 * MS);
    assert_true(sleepers[0].woke_ns >= begin_ns + 8 * MS);
    assert_true(sleepers[0].woke_ns < begin_ns + 9 * MS);
    sim_kernel_destroy(kernel);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_every_slot_is_filled),
        cmocka_unit_test(timer_is_a_deadline_the_owner_is_asked_about),
        cmocka_unit_test(timer_does_not_keep_a_run_alive_that_its_owner_ends),
        cmocka_unit_test(timer_that_nobody_reads_expires_once),
        cmocka_unit_test(timer_before_the_timeout_of_a_wait_comes_first),
        cmocka_unit_test(timer_of_the_far_future_never_expires),
        cmocka_unit_test(timer_of_the_wall_clock_follows_its_jumps),
        cmocka_unit_test(timers_of_several_programs_wake_each_its_own),
    };
    return cmocka_run_group_tests_name("kernel_timer", tests, NULL, NULL);
}
