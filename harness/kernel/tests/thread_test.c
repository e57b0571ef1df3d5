/* Threads of one program: whose turn it is, mutexes and conditions, how they end, and what of it is
 * a choice. That they behave as Linux's do is the contract suite's to say. */
#include "kernel/tests/support.h"

#include <errno.h>
#include <string.h>

enum { PLACES_MAX = 64 };
#define MS INT64_C(1000000)

/* ---- a run, and who came by ---- */

struct fixture {
    struct sim_kernel *kernel;
    const struct wb_sys *sys;
    char order[PLACES_MAX]; /* a letter each */
    size_t order_len;
    int calls[SIM_CALL_COUNT]; /* events of calls that were told */
    int returned;              /* threads whose function has returned, */
    int left;                  /* and those that nobody joined */
    struct wb_mutex mutex;
    struct wb_cond cond;
    int fd;
    int64_t result;
};

struct who {
    struct fixture *fixture;
    char letter;
    uint64_t id;
};

static void on_event(void *user_data, const struct sim_event *event) {
    struct fixture *fixture = user_data;
    if (event->kind == SIM_EVENT_CALL) {
        fixture->calls[event->call]++;
    } else if (event->kind == SIM_EVENT_THREAD) {
        *(event->a == SIM_THREAD_LEFT ? &fixture->left : &fixture->returned) += 1;
    }
}

static void begin(struct fixture *fixture, struct wbh_choice_source *source) {
    struct sim_config config = {.source = source,
        .legality_max = WBH_LEGALITY_FAILING,
        .calls_max = 20000,
        .on_event = on_event,
        .user_data = fixture};
    struct sim_kernel *kernel = fixture->kernel;
    memset(fixture, 0, sizeof(*fixture));
    fixture->kernel = kernel;
    fixture->sys = wb_sim_sys(kernel);
    sim_kernel_reset(kernel, &config);
    (void)WB_SYS(fixture->sys, mutex_init, &fixture->mutex);
    (void)WB_SYS(fixture->sys, cond_init, &fixture->cond);
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

static enum sim_stop run(struct fixture *fixture, int (*program)(void *arg)) {
    int exit_status = -1;
    return sim_kernel_run(fixture->kernel, program, fixture, &exit_status);
}

static void come_by(struct who *who) {
    struct fixture *fixture = who->fixture;
    assert_true(fixture->order_len < PLACES_MAX - 1);
    fixture->order[fixture->order_len++] = who->letter;
}

static void start(struct who *who, wb_thread_fn fn) {
    assert_int_equal(WB_SYS(who->fixture->sys, thread_create, fn, who, &who->id), 0);
}

static void join(const struct who *who) {
    assert_int_equal(WB_SYS(who->fixture->sys, thread_join, who->id), 0);
}

static void doze(struct fixture *fixture, int64_t time_ns) {
    assert_int_equal(WB_SYS(fixture->sys, poll, NULL, 0, time_ns), 0);
}

static void lock(struct fixture *fixture) {
    WB_SYS(fixture->sys, mutex_lock, &fixture->mutex);
}

static void unlock(struct fixture *fixture) {
    WB_SYS(fixture->sys, mutex_unlock, &fixture->mutex);
}

/* ---- turns ---- */

/* Comes by between two points at which others may have a turn. */
static void pass_by(void *arg) {
    struct who *who = arg;
    for (int i = 0; i < 2; i++) {
        wb_sys_interleave(who->fixture->sys, who);
        come_by(who);
    }
}

static int two_pass_by(void *arg) {
    struct who a = {.fixture = arg, .letter = 'a'};
    struct who b = {.fixture = arg, .letter = 'b'};
    start(&a, pass_by);
    start(&b, pass_by);
    join(&a);
    join(&b);
    return 0;
}

static void thread_runs_until_it_waits_in_the_order_of_numbers(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "aabb");
    assert_int_equal(fixture->returned, 2);
    assert_int_equal(fixture->left, 0);
}

/* Answers so many moments, each once. */
struct plan {
    struct wbh_choice_source base;
    const struct wbh_decision *decisions;
    size_t len;
    size_t fired;
    uint32_t contract; /* what was offered so when one fired, */
    uint32_t kernel;
};

static struct wbh_choice plan_choose(
    struct wbh_choice_source *self, const struct wbh_choice_point *point) {
    struct plan *plan = (struct plan *)self;
    for (size_t i = 0; i < plan->len; i++) {
        const struct wbh_decision *decision = &plan->decisions[i];
        if (decision->subject == point->subject && decision->point == point->point
            && decision->ordinal == point->ordinal) {
            plan->fired++;
            plan->contract = point->contract;
            plan->kernel = point->kernel;
            return (struct wbh_choice){.action = decision->action, .value = decision->value};
        }
    }
    return (struct wbh_choice){.action = WBH_ACTION_PASS};
}

static void begin_planned(
    struct fixture *fixture, struct plan *plan, const struct wbh_decision *decisions, size_t len) {
    static const struct wbh_choice_source_ops ops = {.choose = plan_choose};
    *plan = (struct plan){.base.ops = &ops, .decisions = decisions, .len = len};
    begin(fixture, &plan->base);
}

enum { FIRST = WBH_SUBJECT_NONE };
#define THREAD(number) WBH_SUBJECT_THREAD(0, number)
#define SWITCH(whose, which, by)                                                                   \
    {                                                                                              \
        .subject = (whose), .ordinal = (which), .point = WBH_POINT_SWITCH,                         \
        .action = WBH_ACTION_ORDER, .value = (by)                                                  \
    }

/* The first thread's points are creating b, joining a, and there beginning to wait. */
static void thread_switch_gives_the_turn_away_before_a_call(void **state) {
    struct fixture *fixture = *state;
    struct plan plan;
    const struct wbh_decision to_b[] = {SWITCH(FIRST, 2, 2)};
    begin_planned(fixture, &plan, to_b, 1);
    assert_int_equal(run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "bbaa");
    assert_int_equal(plan.kernel, WBH_ACTION_BIT(WBH_ACTION_ORDER));
    const struct sim_fault_counts *faults = sim_faults(fixture->kernel);
    assert_int_equal(faults->injected[WBH_POINT_SWITCH][WBH_ACTION_ORDER], 1);
    assert_int_equal(faults->consumed[WBH_POINT_SWITCH][WBH_ACTION_ORDER], 1);

    const struct wbh_decision to_b_and_a[] = {SWITCH(FIRST, 2, 2), SWITCH(THREAD(2), 2, 2)};
    begin_planned(fixture, &plan, to_b_and_a, 2);
    assert_int_equal(run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "baab");
    assert_int_equal(plan.fired, 2);
}

static void thread_choice_who_follows_one_that_waits_is_its_own(void **state) {
    struct fixture *fixture = *state;
    struct plan plan;
    const struct wbh_decision to_b[] = {SWITCH(FIRST, 3, 1)};
    begin_planned(fixture, &plan, to_b, 1);
    assert_int_equal(run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "bbaa");
}

static void thread_switches_are_part_of_the_hash(void **state) {
    struct fixture *fixture = *state;
    struct plan plan;
    uint64_t hashes[3];
    const struct wbh_decision to_b[] = {SWITCH(FIRST, 2, 2)};
    for (int i = 0; i < 3; i++) {
        begin_planned(fixture, &plan, to_b, i == 2);
        assert_int_equal(run(fixture, two_pass_by), SIM_STOP_EXITED);
        hashes[i] = sim_kernel_hash(fixture->kernel);
    }
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
}

/* Waits for b by asking for the time again and again. */
static void come_by_later(void *arg) {
    struct who *who = arg;
    come_by(who);
    who->fixture->result = 1;
}

static int spin_until_it_came(void *arg) {
    struct fixture *fixture = arg;
    struct who b = {.fixture = fixture, .letter = 'b'};
    start(&b, come_by_later);
    while (fixture->result == 0) {
        (void)WB_SYS(fixture->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    }
    join(&b);
    return 0;
}

static void thread_that_never_waits_does_not_keep_the_others_from_running(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, spin_until_it_came), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "b");
}

/* ---- one thread alone ---- */

static int lock_alone(void *arg) {
    struct fixture *fixture = arg;
    uint64_t calls = sim_kernel_calls(fixture->kernel);
    uint64_t hash = sim_kernel_hash(fixture->kernel);
    lock(fixture);
    unlock(fixture);
    WB_SYS(fixture->sys, cond_signal, &fixture->cond);
    WB_SYS(fixture->sys, cond_broadcast, &fixture->cond);
    wb_sys_interleave(fixture->sys, fixture);
    assert_true(sim_kernel_calls(fixture->kernel) == calls);
    assert_true(sim_kernel_hash(fixture->kernel) == hash);
    return 0;
}

static void thread_alone_locks_for_nothing(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, lock_alone), SIM_STOP_EXITED);
}

static int wait_alone(void *arg) {
    struct fixture *fixture = arg;
    uint64_t begin_ns = sim_kernel_now(fixture->kernel);
    lock(fixture);
    fixture->result = WB_SYS(fixture->sys, cond_timedwait, &fixture->cond, &fixture->mutex, 5 * MS);
    unlock(fixture);
    return sim_kernel_now(fixture->kernel) == begin_ns + 5 * MS + 200 ? 0 : 1;
}

static void thread_alone_waits_by_the_virtual_clock(void **state) {
    struct fixture *fixture = *state;
    int exit_status = -1;
    assert_int_equal(
        sim_kernel_run(fixture->kernel, wait_alone, fixture, &exit_status), SIM_STOP_EXITED);
    assert_int_equal(exit_status, 0);
    assert_int_equal(fixture->result, -ETIMEDOUT);
}

/* ---- mutexes and conditions ---- */

static void hold_for_a_while(void *arg) {
    struct who *who = arg;
    lock(who->fixture);
    come_by(who);
    doze(who->fixture, MS);
    come_by(who);
    unlock(who->fixture);
}

static int three_hold(void *arg) {
    struct who whos[3];
    for (int i = 0; i < 3; i++) {
        whos[i] = (struct who){.fixture = arg, .letter = (char)('a' + i)};
        start(&whos[i], hold_for_a_while);
    }
    for (int i = 0; i < 3; i++) {
        join(&whos[i]);
    }
    return 0;
}

static void thread_mutex_is_held_across_a_sleep(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, three_hold), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "aabbcc");
    /* Who takes it next is open: here the thread that ends gives the turn to the second in order.
     */
    struct plan plan;
    const struct wbh_decision to_c[] = {SWITCH(THREAD(1), 4, 1)};
    begin_planned(fixture, &plan, to_c, 1);
    assert_int_equal(run(fixture, three_hold), SIM_STOP_EXITED);
    assert_int_equal(plan.fired, 1);
    assert_string_equal(fixture->order, "aaccbb");
}

static void await_signal(void *arg) {
    struct who *who = arg;
    lock(who->fixture);
    WB_SYS(who->fixture->sys, cond_wait, &who->fixture->cond, &who->fixture->mutex);
    come_by(who);
    unlock(who->fixture);
}

static int signal_three_times(void *arg) {
    struct fixture *fixture = arg;
    struct who whos[3];
    for (int i = 0; i < 3; i++) {
        whos[i] = (struct who){.fixture = fixture, .letter = (char)('a' + i)};
        start(&whos[i], await_signal);
    }
    doze(fixture, MS);
    for (int i = 0; i < 3; i++) {
        WB_SYS(fixture->sys, cond_signal, &fixture->cond);
        doze(fixture, MS);
    }
    for (int i = 0; i < 3; i++) {
        join(&whos[i]);
    }
    return 0;
}

static void thread_signal_wakes_who_has_waited_longest_unless_chosen_otherwise(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, signal_three_times), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "abc");
    struct plan plan;
    const struct wbh_decision last[] = {
        {.ordinal = 1, .point = WBH_POINT_ROUSE, .action = WBH_ACTION_ORDER, .value = 2}};
    begin_planned(fixture, &plan, last, 1);
    assert_int_equal(run(fixture, signal_three_times), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "cab");
    assert_int_equal(plan.kernel, WBH_ACTION_BIT(WBH_ACTION_ORDER));
}

static int await_nobody(void *arg) {
    struct fixture *fixture = arg;
    lock(fixture);
    WB_SYS(fixture->sys, cond_wait, &fixture->cond, &fixture->mutex);
    unlock(fixture);
    return 0;
}

static void thread_wait_may_end_for_nothing_by_contract(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, await_nobody), SIM_STOP_QUIESCENT);
    struct plan plan;
    const struct wbh_decision wake[] = {
        {.ordinal = 1, .point = WBH_POINT_PARK, .action = WBH_ACTION_WAKE}};
    begin_planned(fixture, &plan, wake, 1);
    assert_int_equal(run(fixture, await_nobody), SIM_STOP_EXITED);
    assert_int_equal(plan.contract, WBH_ACTION_BIT(WBH_ACTION_WAKE));
    assert_int_equal(plan.kernel, 0);
}

/* ---- standing still ---- */

struct lookout {
    struct sim_thread_info threads[4];
    unsigned count;
};

static void look_at(void *user_data, const struct sim_thread_info *info) {
    struct lookout *lookout = user_data;
    lookout->threads[lookout->count++] = *info;
}

static int wait_for_one_another(void *arg) {
    struct fixture *fixture = arg;
    struct who waiter = {.fixture = fixture, .letter = 'w'};
    start(&waiter, await_signal);
    join(&waiter);
    return 0;
}

static void thread_that_waits_is_seen_with_what_it_waits_for(void **state) {
    struct fixture *fixture = *state;
    struct lookout lookout = {.count = 0};
    assert_int_equal(run(fixture, wait_for_one_another), SIM_STOP_QUIESCENT);
    sim_each_thread(fixture->kernel, 0, look_at, &lookout);
    assert_int_equal(lookout.count, 2);
    assert_int_equal(lookout.threads[0].waits, SIM_THREAD_AT_JOIN);
    assert_int_equal(lookout.threads[0].holder, 1);
    assert_int_equal(lookout.threads[1].waits, SIM_THREAD_AT_COND);
    assert_int_equal(lookout.threads[1].object, 1);
    assert_int_equal(lookout.threads[1].has_deadline, 0);
}

static void take_for_ever(void *arg) {
    struct who *who = arg;
    lock(who->fixture);
    doze(who->fixture, WB_TIMEOUT_INFINITE);
}

static int lock_what_is_taken(void *arg) {
    struct fixture *fixture = arg;
    struct who taker = {.fixture = fixture, .letter = 't'};
    start(&taker, take_for_ever);
    doze(fixture, MS);
    lock(fixture);
    return 0;
}

static void thread_at_a_mutex_is_seen_with_its_holder(void **state) {
    struct fixture *fixture = *state;
    struct lookout lookout = {.count = 0};
    assert_int_equal(run(fixture, lock_what_is_taken), SIM_STOP_QUIESCENT);
    sim_each_thread(fixture->kernel, 0, look_at, &lookout);
    assert_int_equal(lookout.threads[0].waits, SIM_THREAD_AT_MUTEX);
    assert_int_equal(lookout.threads[0].object, 1);
    assert_int_equal(lookout.threads[0].holder, 1);
    assert_int_equal(lookout.threads[1].waits, SIM_THREAD_IN_CALL);
}

/* ---- creating and joining ---- */

static void do_nothing(void *arg) {
    (void)arg;
}

static int join_wrongly(void *arg) {
    struct fixture *fixture = arg;
    struct who who = {.fixture = fixture, .letter = 'n'};
    assert_int_equal(WB_SYS(fixture->sys, thread_join, 12345), -ESRCH);
    start(&who, do_nothing);
    join(&who);
    assert_int_equal(WB_SYS(fixture->sys, thread_join, who.id), -ESRCH);
    return 0;
}

static void thread_is_joined_once(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, join_wrongly), SIM_STOP_EXITED);
    assert_int_equal(fixture->calls[SIM_CALL_JOIN], 3);
}

static int create_too_many(void *arg) {
    struct fixture *fixture = arg;
    uint64_t ids[SIM_THREADS_MAX];
    uint64_t one_more;
    for (int i = 0; i < SIM_THREADS_MAX - 1; i++) {
        assert_int_equal(WB_SYS(fixture->sys, thread_create, do_nothing, NULL, &ids[i]), 0);
    }
    assert_int_equal(WB_SYS(fixture->sys, thread_create, do_nothing, NULL, &one_more), -EAGAIN);
    for (int i = 0; i < SIM_THREADS_MAX - 1; i++) {
        assert_int_equal(WB_SYS(fixture->sys, thread_join, ids[i]), 0);
    }
    assert_int_equal(WB_SYS(fixture->sys, thread_create, do_nothing, NULL, &one_more), 0);
    return WB_SYS(fixture->sys, thread_join, one_more);
}

static void thread_count_has_a_bound(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, create_too_many), SIM_STOP_EXITED);
    assert_int_equal(fixture->returned, SIM_THREADS_MAX);
}

static int create_one(void *arg) {
    struct fixture *fixture = arg;
    uint64_t id;
    fixture->result = WB_SYS(fixture->sys, thread_create, do_nothing, NULL, &id);
    return 0;
}

static void thread_creation_may_fail(void **state) {
    struct fixture *fixture = *state;
    struct one_choice source;
    one_choice_init(&source, WBH_POINT_THREAD, 1, WBH_ACTION_ERROR, ENOMEM);
    begin(fixture, &source.base);
    assert_int_equal(run(fixture, create_one), SIM_STOP_EXITED);
    assert_int_equal(fixture->result, -ENOMEM);
    assert_int_equal(fixture->left, 0);
}

/* ---- ends ---- */

static int leave_two(void *arg) {
    struct who sleeper = {.fixture = arg, .letter = 's'};
    struct who ended = {.fixture = arg, .letter = 'e'};
    start(&sleeper, take_for_ever);
    start(&ended, do_nothing);
    doze(arg, MS);
    return 0;
}

static void thread_ends_with_its_program(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < 2; i++) { /* and the kernel is as good as new */
        begin(fixture, NULL);
        assert_int_equal(run(fixture, leave_two), SIM_STOP_EXITED);
        assert_int_equal(fixture->returned, 1);
        assert_int_equal(fixture->left, 2);
    }
}

static void ask_again_and_again(void *arg) {
    struct who *who = arg;
    for (;;) {
        (void)WB_SYS(who->fixture->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    }
}

static int wait_for_one_that_spins(void *arg) {
    struct who spinner = {.fixture = arg, .letter = 's'};
    start(&spinner, ask_again_and_again);
    join(&spinner);
    return 0;
}

static void stop(void *arg) {
    sim_kernel_stop(arg);
}

static void kill_it(void *arg) {
    sim_signal(arg, 0, WB_SIGTERM);
}

static void thread_may_be_where_the_run_is_left(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, wait_for_one_that_spins), SIM_STOP_STEPS);
    begin(fixture, NULL);
    sim_schedule(fixture->kernel, sim_kernel_now(fixture->kernel) + MS, stop, fixture->kernel);
    assert_int_equal(run(fixture, wait_for_one_that_spins), SIM_STOP_REQUESTED);
    begin(fixture, NULL);
    sim_schedule(fixture->kernel, sim_kernel_now(fixture->kernel) + MS, kill_it, fixture->kernel);
    assert_int_equal(run(fixture, wait_for_one_that_spins), SIM_STOP_KILLED);
    begin(fixture, NULL);
    assert_int_equal(run(fixture, two_pass_by), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "aabb");
}

/* ---- files ---- */

static void receive(void *arg) {
    struct who *who = arg;
    char byte;
    who->fixture->result = WB_SYS(who->fixture->sys, recv, who->fixture->fd, &byte, 1, 0);
    come_by(who);
}

static void poll_for_a_while(void *arg) {
    struct who *who = arg;
    struct wb_pollfd one = {.fd = who->fixture->fd, .events = (int16_t)WB_EPOLLIN};
    who->fixture->result = WB_SYS(who->fixture->sys, poll, &one, 1, 5 * MS);
    come_by(who);
}

static void select_for_a_while(void *arg) {
    struct who *who = arg;
    int fd = who->fixture->fd;
    struct wb_fd_set set = {.bits = {UINT64_C(1) << fd}};
    who->fixture->result = WB_SYS(who->fixture->sys, select, fd + 1, &set, NULL, NULL, 5 * MS);
    come_by(who);
}

static int close_under(struct fixture *fixture, wb_thread_fn fn) {
    struct who who = {.fixture = fixture, .letter = 'w'};
    int fds[2];
    assert_int_equal(WB_SYS(fixture->sys, socketpair, WB_AF_UNIX, WB_SOCK_STREAM, 0, fds), 0);
    fixture->fd = fds[0];
    start(&who, fn);
    doze(fixture, MS);
    assert_int_equal(WB_SYS(fixture->sys, close, fds[0]), 0);
    assert_int_equal(WB_SYS(fixture->sys, eventfd, 1, 0), fds[0]); /* ready, with that number */
    doze(fixture, MS);
    assert_int_equal(fixture->order_len, 0);
    assert_int_equal(WB_SYS(fixture->sys, send, fds[1], "x", 1, WB_MSG_NOSIGNAL), 1);
    join(&who);
    /* With the call the socket has ended, too. */
    assert_int_equal(WB_SYS(fixture->sys, send, fds[1], "x", 1, WB_MSG_NOSIGNAL), -EPIPE);
    return fixture->result == 1 ? 0 : 1;
}

static int close_under_recv(void *arg) {
    return close_under(arg, receive);
}

static int close_under_poll(void *arg) {
    return close_under(arg, poll_for_a_while);
}

static int close_under_select(void *arg) {
    return close_under(arg, select_for_a_while);
}

static void thread_keeps_the_file_that_it_sleeps_with(void **state) {
    struct fixture *fixture = *state;
    int (*const programs[])(void *) = {close_under_recv, close_under_poll, close_under_select};
    for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
        int exit_status = -1;
        begin(fixture, NULL);
        assert_int_equal(
            sim_kernel_run(fixture->kernel, programs[i], fixture, &exit_status), SIM_STOP_EXITED);
        assert_int_equal(exit_status, 0);
    }
}

static void wait_for_event(void *arg) {
    struct who *who = arg;
    struct wb_epoll_event event;
    if (WB_SYS(who->fixture->sys, epoll_pwait2, who->fixture->fd, &event, 1, 5 * MS) == 1) {
        come_by(who);
    }
}

static int rouse_one_of_three(void *arg) {
    struct fixture *fixture = arg;
    struct who whos[3];
    struct wb_epoll_event event = {.events = WB_EPOLLIN | WB_EPOLLET};
    const uint64_t one = 1;
    int fd = WB_SYS(fixture->sys, eventfd, 0, 0);
    fixture->fd = WB_SYS(fixture->sys, epoll_create1, 0);
    assert_int_equal(WB_SYS(fixture->sys, epoll_ctl, fixture->fd, WB_EPOLL_CTL_ADD, fd, &event), 0);
    for (int i = 0; i < 3; i++) {
        whos[i] = (struct who){.fixture = fixture, .letter = (char)('a' + i)};
        start(&whos[i], wait_for_event);
    }
    doze(fixture, MS);
    assert_int_equal(WB_SYS(fixture->sys, write, fd, &one, sizeof(one)), sizeof(one));
    for (int i = 0; i < 3; i++) {
        join(&whos[i]);
    }
    return 0;
}

static void thread_that_came_last_to_an_instance_is_woken_unless_chosen_otherwise(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, rouse_one_of_three), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "c");
    struct plan plan;
    const struct wbh_decision first[] = {
        {.ordinal = 1, .point = WBH_POINT_ROUSE, .action = WBH_ACTION_ORDER, .value = 2}};
    begin_planned(fixture, &plan, first, 1);
    assert_int_equal(run(fixture, rouse_one_of_three), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "a");
}

/* ---- several programs ---- */

static int receive_in_a_thread(void *arg) {
    struct fixture *fixture = arg;
    struct who who = {.fixture = fixture, .letter = 'r'};
    struct wb_sockaddr addr = {.un = {.family = WB_AF_UNIX, .path = "/tmp/x"}};
    int listener = WB_SYS(fixture->sys, socket, WB_AF_UNIX, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(fixture->sys, bind, listener, &addr, sizeof(addr.un)), 0);
    assert_int_equal(WB_SYS(fixture->sys, listen, listener, 1), 0);
    fixture->fd = WB_SYS(fixture->sys, accept4, listener, NULL, NULL, 0);
    start(&who, receive);
    doze(fixture, MS);
    assert_int_equal(WB_SYS(fixture->sys, close, fixture->fd), 0);
    doze(fixture, WB_TIMEOUT_INFINITE);
    return 0;
}

/* Whose end has come is seen when the other program is killed, not before. */
static int await_end(void *arg) {
    struct fixture *fixture = arg;
    struct wb_sockaddr addr = {.un = {.family = WB_AF_UNIX, .path = "/tmp/x"}};
    char byte;
    doze(fixture, MS);
    int fd = WB_SYS(fixture->sys, socket, WB_AF_UNIX, WB_SOCK_STREAM, 0);
    assert_int_equal(WB_SYS(fixture->sys, connect, fd, &addr, sizeof(addr.un)), 0);
    assert_int_equal(WB_SYS(fixture->sys, recv, fd, &byte, 1, 0), 0);
    fixture->order[fixture->order_len++] = sim_kernel_now(fixture->kernel) >= 50 * MS ? 'k' : 'c';
    return 0;
}

static void kill_first(void *arg) {
    sim_process_kill(arg, 0);
}

static void thread_that_is_killed_with_its_program_lets_go(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, receive_in_a_thread, fixture);
    sim_process_add(fixture->kernel, await_end, fixture);
    sim_schedule(fixture->kernel, 50 * MS, kill_first, fixture->kernel);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_string_equal(fixture->order, "k");
    assert_int_equal(fixture->left, 0); /* it did not end: it was made to */
}

static void write_a_byte(void *arg) {
    const struct who *who = arg;
    doze(who->fixture, MS);
    assert_int_equal(WB_SYS(who->fixture->sys, write, who->fixture->fd, "x", 1), 1);
}

static void doze_for_ever(void *arg) {
    const struct who *who = arg;
    doze(who->fixture, WB_TIMEOUT_INFINITE);
}

/* Killed at an instance in its first life; in the second it waits for a byte. */
static int live_twice(void *arg) {
    struct fixture *fixture = arg;
    struct who who = {.fixture = fixture, .letter = 'b'};
    struct wb_epoll_event event;
    int fds[2];
    char byte;
    if (fixture->order_len++ == 0) {
        start(&who, doze_for_ever);
        int instance = WB_SYS(fixture->sys, epoll_create1, 0);
        (void)WB_SYS(fixture->sys, epoll_pwait2, instance, &event, 1, WB_TIMEOUT_INFINITE);
        return 1;
    }
    assert_int_equal(WB_SYS(fixture->sys, pipe2, fds, 0), 0);
    fixture->fd = fds[1];
    start(&who, write_a_byte);
    fixture->result = WB_SYS(fixture->sys, read, fds[0], &byte, 1);
    join(&who);
    return 0;
}

static void start_first(void *arg) {
    sim_process_start(arg, 0);
}

static void thread_of_a_new_life_does_not_wait_for_what_the_old_one_did(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, live_twice, fixture);
    sim_schedule(fixture->kernel, 50 * MS, kill_first, fixture->kernel);
    sim_schedule(fixture->kernel, 60 * MS, start_first, fixture->kernel);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->order_len, 2);
    assert_int_equal(fixture->result, 1);
}

static void thread_of_several_programs_takes_turns_with_its_own(void **state) {
    struct fixture *fixture = *state;
    sim_process_add(fixture->kernel, two_pass_by, fixture);
    sim_process_add(fixture->kernel, two_pass_by, fixture);
    assert_int_equal(sim_kernel_run_all(fixture->kernel), SIM_STOP_EXITED);
    assert_int_equal(fixture->order_len, 8);
    assert_int_equal(fixture->returned, 4);
    assert_int_equal(fixture->left, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(thread_runs_until_it_waits_in_the_order_of_numbers),
        TEST(thread_switch_gives_the_turn_away_before_a_call),
        TEST(thread_choice_who_follows_one_that_waits_is_its_own),
        TEST(thread_switches_are_part_of_the_hash),
        TEST(thread_that_never_waits_does_not_keep_the_others_from_running),
        TEST(thread_alone_locks_for_nothing),
        TEST(thread_alone_waits_by_the_virtual_clock),
        TEST(thread_mutex_is_held_across_a_sleep),
        TEST(thread_signal_wakes_who_has_waited_longest_unless_chosen_otherwise),
        TEST(thread_wait_may_end_for_nothing_by_contract),
        TEST(thread_that_waits_is_seen_with_what_it_waits_for),
        TEST(thread_at_a_mutex_is_seen_with_its_holder),
        TEST(thread_is_joined_once),
        TEST(thread_count_has_a_bound),
        TEST(thread_creation_may_fail),
        TEST(thread_ends_with_its_program),
        TEST(thread_may_be_where_the_run_is_left),
        TEST(thread_keeps_the_file_that_it_sleeps_with),
        TEST(thread_that_came_last_to_an_instance_is_woken_unless_chosen_otherwise),
        TEST(thread_that_is_killed_with_its_program_lets_go),
        TEST(thread_of_a_new_life_does_not_wait_for_what_the_old_one_did),
        TEST(thread_of_several_programs_takes_turns_with_its_own),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
