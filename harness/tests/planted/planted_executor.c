/* An executor of tasks in little, against struct wb_sys itself, that notes what becomes of its
 * tasks as the runtime does: two that pass bytes on to themselves, one that sleeps now and then,
 * one that is woken by the first. With --unit thread: one that another thread wakes again and
 * again. Each use of `has` is a bug; without them it is as it should be. */
#include "programs.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "options.h"
#include "wb/status.h"

enum { JOBS = 4, TIMERS = 8, QUEUE = 64, ROUNDS = 2000, NAPS = 5, HANDOVERS = 20 };
enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };
static const uint64_t nap_ns = UINT64_C(100000);
static const uint64_t haste_ns = UINT64_C(50000);

struct executor;

struct job {
    bool (*step)(struct executor *executor, struct job *job); /* true: it is over */
    unsigned left;
    bool is_polled;
    bool is_due; /* woken, or queued to begin with */
    bool has_ended;
};

struct timer {
    unsigned job;
    uint64_t deadline_ns;
    bool is_set;
};

struct executor {
    const struct wb_sys *sys;
    struct planted_options options;
    int epfd;
    int bell; /* an eventfd */
    int pair[2];
    struct job jobs[JOBS]; /* job i is task i + 1 */
    unsigned job_count;
    unsigned alive;
    struct wb_mutex mutex; /* of the queue, of what is due, and of what follows */
    struct wb_cond asked;
    unsigned queue[QUEUE];
    unsigned queue_len;
    bool sleeps;
    bool asks;                   /* the other thread is to wake job 0 */
    struct timer timers[TIMERS]; /* timer i has the number i + 1 */
    unsigned timer_count;
};

static bool has(const struct executor *self, enum planted_bug bug) {
    return self->options.bug == bug;
}

static void note(struct executor *self, enum wb_note what, unsigned job, uint64_t b) {
    wb_sys_note(self->sys, what, job + 1, b);
}

static uint64_t now(const struct executor *self) {
    return WB_SYS(self->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

/* ---- the queue: with the mutex ---- */

static void push(struct executor *self, unsigned job) {
    if (self->queue_len == QUEUE) {
        return;
    }
    unsigned at = self->queue_len++;
    if (has(self, PLANTED_YOUNGEST_FIRST)) {
        memmove(self->queue + 1, self->queue, at * sizeof self->queue[0]);
        at = 0;
    }
    self->queue[at] = job;
}

static bool pop(struct executor *self, unsigned *out_job) {
    if (self->queue_len == 0) {
        return false;
    }
    *out_job = self->queue[0];
    memmove(self->queue, self->queue + 1, --self->queue_len * sizeof self->queue[0]);
    return true;
}

static void ring(struct executor *self) {
    uint64_t one = 1;
    if (self->sleeps) {
        (void)!WB_SYS(self->sys, write, self->bell, &one, sizeof one);
    }
}

/* However often it is woken before its turn, it gets one. */
static void wake(struct executor *self, unsigned number) {
    struct job *job = &self->jobs[number];
    if (job->has_ended || (job->is_due && !has(self, PLANTED_QUEUED_PER_WAKE))) {
        return;
    }
    note(self, WB_NOTE_TASK_WAKE, number, 0);
    job->is_due = true;
    if (!job->is_polled) {
        push(self, number);
        ring(self);
    }
}

/* ---- timers ---- */

static unsigned set_timer(struct executor *self, unsigned job, uint64_t delay_ns) {
    unsigned timer = self->timer_count++ % TIMERS;
    self->timers[timer] = (struct timer){job, now(self) + delay_ns, true};
    note(self, WB_NOTE_TIMER_SET, timer, self->timers[timer].deadline_ns);
    return timer;
}

static void clear_timer(struct executor *self, unsigned timer) {
    self->timers[timer].is_set = has(self, PLANTED_CLEARED_TIMER_FIRES);
    note(self, WB_NOTE_TIMER_CLEAR, timer, 0);
}

static void fire_timers(struct executor *self) {
    uint64_t now_ns = now(self) + (has(self, PLANTED_TIMER_HASTENED) ? haste_ns : 0);
    for (unsigned i = 0; i < TIMERS; i++) {
        struct timer *timer = &self->timers[i];
        if (timer->is_set && timer->deadline_ns <= now_ns) {
            timer->is_set = false;
            note(self, WB_NOTE_TIMER_FIRE, i, timer->deadline_ns);
            wake(self, timer->job);
        }
    }
}

/* ---- what the tasks do ---- */

static bool pass_on(struct executor *self, struct job *job) {
    unsigned number = (unsigned)(job - self->jobs);
    char byte = 'x';
    (void)!WB_SYS(self->sys, send, self->pair[0], &byte, 1, WB_MSG_NOSIGNAL);
    (void)!WB_SYS(self->sys, recv, self->pair[1], &byte, 1, 0);
    if (number == 0 && (job->left % 100 == 0 || job->left == 1)) {
        wake(self, 3);
        wake(self, 3);
    }
    if (--job->left != 0) {
        wake(self, number);
    }
    return job->left == 0;
}

/* Between two naps it sets a timer that it does not wait for. */
static bool nap(struct executor *self, struct job *job) {
    if (job->left-- == 0) {
        return true;
    }
    clear_timer(self, set_timer(self, (unsigned)(job - self->jobs), 3 * nap_ns));
    (void)set_timer(self, (unsigned)(job - self->jobs), nap_ns);
    return false;
}

/* Until the first has ended. */
static bool listen_to_first(struct executor *self, struct job *job) {
    (void)job;
    return self->jobs[0].left <= 1;
}

static bool ask(struct executor *self, struct job *job) {
    if (job->left-- == 0) {
        return true;
    }
    WB_SYS(self->sys, mutex_lock, &self->mutex);
    self->asks = true;
    WB_SYS(self->sys, cond_signal, &self->asked);
    WB_SYS(self->sys, mutex_unlock, &self->mutex);
    return false;
}

static void answer(void *arg) {
    struct executor *self = arg;
    for (int i = 0; i < HANDOVERS; i++) {
        WB_SYS(self->sys, mutex_lock, &self->mutex);
        while (!self->asks) {
            (void)WB_SYS(self->sys, cond_wait, &self->asked, &self->mutex);
        }
        self->asks = false;
        wake(self, 0);
        WB_SYS(self->sys, mutex_unlock, &self->mutex);
    }
}

/* ---- polling ---- */

static void end(struct executor *self, unsigned number) {
    self->jobs[number].has_ended = true;
    self->alive--;
    note(self, WB_NOTE_TASK_END, number, WB_OK);
}

static void poll_job(struct executor *self, unsigned number) {
    struct job *job = &self->jobs[number];
    job->is_due = false;
    job->is_polled = true;
    note(self, WB_NOTE_TASK_POLL, number, 0);
    bool is_over = job->step(self, job);
    WB_SYS(self->sys, mutex_lock, &self->mutex);
    job->is_polled = false;
    if (is_over) {
        end(self, number);
    } else if (job->is_due) {
        note(self, WB_NOTE_TASK_AGAIN, number, 0);
        push(self, number);
    } else {
        note(self, WB_NOTE_TASK_WAIT, number, 1);
    }
    WB_SYS(self->sys, mutex_unlock, &self->mutex);
}

static void poll_others(struct executor *self) {
    for (unsigned i = 0; i < self->job_count; i++) {
        if (!self->jobs[i].has_ended && !self->jobs[i].is_due) {
            poll_job(self, i);
        }
    }
}

/* ---- the loop ---- */

static bool take(struct executor *self, unsigned *out_job) {
    WB_SYS(self->sys, mutex_lock, &self->mutex);
    bool is_there = pop(self, out_job);
    WB_SYS(self->sys, mutex_unlock, &self->mutex);
    return is_there;
}

/* Says that it will sleep, and looks again: who wakes a task after that rings. */
static bool may_sleep(struct executor *self) {
    WB_SYS(self->sys, mutex_lock, &self->mutex);
    self->sleeps = self->queue_len == 0 || has(self, PLANTED_LOOKED_BEFORE_SLEEP);
    bool sleeps = self->sleeps;
    WB_SYS(self->sys, mutex_unlock, &self->mutex);
    return sleeps;
}

static int64_t patience(const struct executor *self) {
    uint64_t next_ns = UINT64_MAX;
    for (unsigned i = 0; i < TIMERS; i++) {
        const struct timer *timer = &self->timers[i];
        next_ns = timer->is_set && timer->deadline_ns < next_ns ? timer->deadline_ns : next_ns;
    }
    uint64_t now_ns = now(self);
    return next_ns == UINT64_MAX ? WB_TIMEOUT_INFINITE
           : next_ns > now_ns    ? (int64_t)(next_ns - now_ns)
                                 : 0;
}

static void sleep_until_woken(struct executor *self) {
    struct wb_epoll_event event;
    uint64_t count = 0;
    if (may_sleep(self)) {
        (void)WB_SYS(self->sys, epoll_pwait2, self->epfd, &event, 1, patience(self));
        (void)!WB_SYS(self->sys, read, self->bell, &count, sizeof count);
    }
    WB_SYS(self->sys, mutex_lock, &self->mutex);
    self->sleeps = false;
    WB_SYS(self->sys, mutex_unlock, &self->mutex);
}

static void run(struct executor *self) {
    unsigned until_alive = has(self, PLANTED_TASK_LEFT) ? 1 : 0;
    while (self->alive > until_alive) {
        unsigned job = 0;
        bool is_busy = take(self, &job);
        if (is_busy) {
            poll_job(self, job);
        } else {
            sleep_until_woken(self);
        }
        if (!is_busy || !has(self, PLANTED_TIMERS_STARVED)) {
            fire_timers(self);
        }
        if (has(self, PLANTED_ALL_POLLED)) {
            poll_others(self);
        }
    }
}

/* ---- life ---- */

static void spawn(
    struct executor *self, bool (*step)(struct executor *, struct job *), unsigned left) {
    unsigned number = self->job_count++;
    self->jobs[number] = (struct job){.step = step, .left = left, .is_due = true};
    self->alive++;
    note(self, WB_NOTE_TASK_SPAWN, number, 0);
    push(self, number);
}

static bool open_all(struct executor *self) {
    const struct wb_sys *sys = self->sys;
    struct wb_epoll_event event = {.events = WB_EPOLLIN};
    self->epfd = WB_SYS(sys, epoll_create1, WB_EPOLL_CLOEXEC);
    self->bell = WB_SYS(sys, eventfd, 0, WB_EFD_NONBLOCK | WB_EFD_CLOEXEC);
    return self->epfd >= 0 && self->bell >= 0 && WB_SYS(sys, mutex_init, &self->mutex) == 0
           && WB_SYS(sys, cond_init, &self->asked) == 0
           && WB_SYS(sys, socketpair, WB_AF_UNIX,
                  WB_SOCK_STREAM | WB_SOCK_NONBLOCK | WB_SOCK_CLOEXEC, 0, self->pair)
                  == 0
           && WB_SYS(sys, epoll_ctl, self->epfd, WB_EPOLL_CTL_ADD, self->bell, &event) == 0;
}

static void close_all(struct executor *self) {
    const int fds[] = {self->pair[0], self->pair[1], self->bell, self->epfd};
    for (unsigned i = 0; i < 4; i++) {
        (void)WB_SYS(self->sys, close, fds[i]);
    }
    WB_SYS(self->sys, cond_destroy, &self->asked);
    WB_SYS(self->sys, mutex_destroy, &self->mutex);
    if (has(self, PLANTED_DROPPED_AGAIN)) {
        note(self, WB_NOTE_TASK_END, 0, WB_ERR_CANCELLED);
    }
}

int planted_executor_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct executor self = {.sys = sys};
    uint64_t thread = 0;
    if (!planted_options_parse(&self.options, argc, argv)) {
        return EXIT_USAGE;
    }
    if (!open_all(&self)) {
        return EXIT_FAILED;
    }
    if (self.options.with_thread) {
        spawn(&self, ask, HANDOVERS);
        if (WB_SYS(sys, thread_create, answer, &self, &thread) != 0) {
            return EXIT_FAILED;
        }
    } else {
        spawn(&self, pass_on, ROUNDS);
        spawn(&self, pass_on, ROUNDS);
        spawn(&self, nap, NAPS);
        spawn(&self, listen_to_first, 0);
    }
    run(&self);
    if (self.options.with_thread) {
        WB_SYS(sys, thread_join, thread);
    }
    close_all(&self);
    return 0;
}
