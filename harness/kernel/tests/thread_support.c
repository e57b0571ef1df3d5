/* What the tests of threads share. */
#include "kernel/tests/thread_support.h"

#include <string.h>

static void on_event(void *user_data, const struct sim_event *event) {
    struct fixture *fixture = user_data;
    if (event->kind == SIM_EVENT_CALL) {
        fixture->calls[event->call]++;
    } else if (event->kind == SIM_EVENT_THREAD) {
        *(event->a == SIM_THREAD_LEFT ? &fixture->left : &fixture->returned) += 1;
    }
}

void threads_begin(struct fixture *fixture, struct wbh_choice_source *source) {
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

int threads_setup(void **state) {
    static struct fixture fixture;
    fixture.kernel = sim_kernel_new();
    assert_non_null(fixture.kernel);
    threads_begin(&fixture, NULL);
    *state = &fixture;
    return 0;
}

int threads_teardown(void **state) {
    struct fixture *fixture = *state;
    sim_kernel_destroy(fixture->kernel);
    return 0;
}

enum sim_stop threads_run(struct fixture *fixture, int (*program)(void *arg)) {
    int exit_status = -1;
    return sim_kernel_run(fixture->kernel, program, fixture, &exit_status);
}

void who_come_by(struct who *who) {
    struct fixture *fixture = who->fixture;
    assert_true(fixture->order_len < PLACES_MAX - 1);
    fixture->order[fixture->order_len++] = who->letter;
}

void who_start(struct who *who, wb_thread_fn fn) {
    assert_int_equal(WB_SYS(who->fixture->sys, thread_create, fn, who, &who->id), 0);
}

void who_join(const struct who *who) {
    assert_int_equal(WB_SYS(who->fixture->sys, thread_join, who->id), 0);
}

void threads_doze(struct fixture *fixture, int64_t time_ns) {
    assert_int_equal(WB_SYS(fixture->sys, poll, NULL, 0, time_ns), 0);
}

void threads_lock(struct fixture *fixture) {
    WB_SYS(fixture->sys, mutex_lock, &fixture->mutex);
}

void threads_unlock(struct fixture *fixture) {
    WB_SYS(fixture->sys, mutex_unlock, &fixture->mutex);
}

/* ---- answers to choices ---- */

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

void threads_begin_planned(
    struct fixture *fixture, struct plan *plan, const struct wbh_decision *decisions, size_t len) {
    static const struct wbh_choice_source_ops ops = {.choose = plan_choose};
    *plan = (struct plan){.base.ops = &ops, .decisions = decisions, .len = len};
    threads_begin(fixture, &plan->base);
}

/* ---- programs and threads ---- */

/* Comes by between two points at which others may have a turn. */
static void pass_by(void *arg) {
    struct who *who = arg;
    for (int i = 0; i < 2; i++) {
        wb_sys_interleave(who->fixture->sys, who);
        who_come_by(who);
    }
}

int two_pass_by(void *arg) {
    struct who a = {.fixture = arg, .letter = 'a'};
    struct who b = {.fixture = arg, .letter = 'b'};
    who_start(&a, pass_by);
    who_start(&b, pass_by);
    who_join(&a);
    who_join(&b);
    return 0;
}

void take_for_ever(void *arg) {
    struct who *who = arg;
    threads_lock(who->fixture);
    threads_doze(who->fixture, WB_TIMEOUT_INFINITE);
}

void receive_a_byte(void *arg) {
    struct who *who = arg;
    char byte;
    who->fixture->result = WB_SYS(who->fixture->sys, recv, who->fixture->fd, &byte, 1, 0);
    who_come_by(who);
}
