/* timerfd: a descriptor that becomes readable when its timer expires, on virtual time. As on Linux
 * a periodic timer runs on only after its expiry has been looked at, by a read or by
 * timerfd_gettime: until then nothing wakes again, and the periods that pass are counted
 * afterwards.
 * A timer is no action of the world but a deadline of the program's, as the timeout of a wait is:
 * where nothing else will happen the run's owner is asked before the clock jumps to it (wait.c). */
#include "kernel/internal.h"

#include <errno.h>
#include <string.h>

enum {
    CLOCK_BOOTTIME_NUMBER = 7, /* there is no suspend here: as WB_CLOCK_MONOTONIC */
    CANCEL_ON_SET = 2,         /* without effect: nobody sets the clock, it only jumps */
};
#define NS_PER_S INT64_C(1000000000)
#define NEVER_NS UINT64_C(0x7fffffffffffffff) /* KTIME_MAX */
#define NOT_RUNNING UINT64_MAX

struct timer {
    struct sim_kernel *kernel;
    struct sim_file *file;
    struct list in_kernel; /* kernel.timers */
    bool follows_real;     /* runs by the wall clock, jumps included */
    bool real_absolute;    /* what is set is a time of the wall clock */
    bool expired;          /* since the last read, gettime or settime */
    uint64_t ticks;        /* what a read gives, without the periods that passed unseen */
    uint64_t expires_ns;   /* 0: disarmed. By the clock it is set by */
    uint64_t interval_ns;  /* 0: once */
    uint64_t due_ns;       /* the same on virtual time; NOT_RUNNING */
};

/* The time by which expires_ns counts. */
static uint64_t timer_now(const struct timer *timer) {
    return timer->real_absolute ? real_now(timer->kernel) : timer->kernel->now_ns;
}

/* The timer that is due first, of several the one that was made first; NULL: none is running. */
static struct timer *first_due(struct sim_kernel *kernel) {
    struct timer *first = NULL;
    for (struct list *node = kernel->timers.next; node != &kernel->timers; node = node->next) {
        struct timer *timer = LIST_ENTRY(node, struct timer, in_kernel);
        if (timer->due_ns != NOT_RUNNING && (first == NULL || timer->due_ns < first->due_ns)) {
            first = timer;
        }
    }
    return first;
}

static void set_due(struct timer *timer, uint64_t due_ns) {
    timer->due_ns = due_ns;
    const struct timer *first = first_due(timer->kernel);
    timer->kernel->timer_next_ns = first != NULL ? first->due_ns : UINT64_MAX;
}

static void stop(struct timer *timer) {
    set_due(timer, NOT_RUNNING);
}

static void expire(struct timer *timer) {
    stop(timer);
    timer->expired = true;
    timer->ticks++;
    file_wake(timer->kernel, timer->file, WB_EPOLLIN);
}

bool timer_runs(const struct sim_file *file) {
    return file->timer->due_ns != NOT_RUNNING;
}

void timers_run_due(struct sim_kernel *kernel) {
    while (kernel->timer_next_ns <= kernel->now_ns) {
        expire(first_due(kernel));
    }
}

static void start(struct timer *timer) {
    stop(timer);
    if (timer->expires_ns == 0 || timer->expires_ns == NEVER_NS) {
        return;
    }
    uint64_t now_ns = timer_now(timer);
    if (timer->expires_ns <= now_ns) {
        expire(timer);
        return;
    }
    set_due(timer, timer->kernel->now_ns + (timer->expires_ns - now_ns));
}

/* To the first period that is not over; how many were. */
static uint64_t forward(struct timer *timer) {
    uint64_t now_ns = timer_now(timer);
    if (now_ns < timer->expires_ns) {
        return 0;
    }
    uint64_t periods = (now_ns - timer->expires_ns) / timer->interval_ns + 1;
    timer->expires_ns += periods * timer->interval_ns;
    return periods;
}

/* Periods that passed unseen are counted, and the timer runs on. */
static void run_on(struct timer *timer) {
    if (timer->expired && timer->interval_ns != 0) {
        uint64_t periods = forward(timer);
        timer->ticks += periods != 0 ? periods - 1 : 0;
        timer->expired = false;
        start(timer);
    }
}

void timers_real_jumped(struct sim_kernel *kernel) {
    for (struct list *node = kernel->timers.next; node != &kernel->timers; node = node->next) {
        struct timer *timer = LIST_ENTRY(node, struct timer, in_kernel);
        if (timer->real_absolute && timer->due_ns != NOT_RUNNING) {
            start(timer);
        }
    }
}

/* ---- as a file ---- */

static const char *timerfd_what(const struct sim_file *file) {
    (void)file;
    return "timerfd";
}

static uint32_t timerfd_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    return file->timer->ticks != 0 ? WB_EPOLLIN : 0;
}

/* What does not fit into a bad buffer is lost, as on Linux. */
static int64_t timerfd_read(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    struct timer *timer = file->timer;
    if (iov_total(iov, iov_len) < sizeof(uint64_t)) {
        return -EINVAL;
    }
    if (timer->ticks == 0) {
        file_lowered(kernel, file);
        return -EAGAIN;
    }
    run_on(timer);
    uint64_t ticks = timer->ticks;
    timer->ticks = 0;
    timer->expired = false;
    file_lowered(kernel, file);
    if (iov_is_bad(iov, iov_len)) {
        return -EFAULT;
    }
    iov_scatter(iov, iov_len, &ticks, sizeof(ticks));
    return sizeof(ticks);
}

static void timerfd_release(struct sim_kernel *kernel, struct sim_file *file) {
    struct timer *timer = file->timer;
    stop(timer);
    list_remove(&timer->in_kernel);
    kernel_free(kernel, timer, sizeof(*timer));
}

static const struct file_ops timerfd_ops = {
    .what = timerfd_what,
    .poll = timerfd_poll,
    .read = timerfd_read,
    .release = timerfd_release,
    .checks_buffers = true,
};

/* ---- the system calls ---- */

int sys_timerfd_create(void *self, int clock, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    bool known = (flags & ~(WB_TFD_NONBLOCK | WB_TFD_CLOEXEC)) == 0
                 && (clock == WB_CLOCK_REALTIME || clock == WB_CLOCK_MONOTONIC
                     || clock == CLOCK_BOOTTIME_NUMBER);
    struct sim_file *file = NULL;
    int fd = known ? file_open(kernel, FILE_TIMERFD, &timerfd_ops, flags, &file) : -EINVAL;
    if (fd >= 0) {
        struct timer *timer = kernel_alloc(kernel, sizeof(*timer));
        timer->kernel = kernel;
        timer->file = file;
        timer->follows_real = clock == WB_CLOCK_REALTIME;
        timer->due_ns = NOT_RUNNING;
        list_push_tail(&kernel->timers, &timer->in_kernel);
        file->timer = timer;
    }
    return (int)call_return(
        kernel, SIM_CALL_TIMERFD, fd, file, fd, (uint64_t)(int64_t)clock, (uint32_t)flags);
}

static bool is_valid(const struct wb_timespec *time) {
    return time->sec >= 0 && time->nsec >= 0 && time->nsec < NS_PER_S;
}

static uint64_t to_ns(const struct wb_timespec *time) {
    const int64_t seconds_max = (int64_t)NEVER_NS / NS_PER_S;
    return time->sec >= seconds_max ? NEVER_NS : (uint64_t)(time->sec * NS_PER_S + time->nsec);
}

static struct wb_timespec to_timespec(uint64_t ns) {
    return (struct wb_timespec){
        .sec = (int64_t)(ns / (uint64_t)NS_PER_S), .nsec = (int64_t)(ns % (uint64_t)NS_PER_S)};
}

static void tell(const struct timer *timer, struct wb_itimerspec *out) {
    uint64_t now_ns = timer_now(timer);
    out->interval = to_timespec(timer->interval_ns);
    out->value = to_timespec(timer->expires_ns > now_ns ? timer->expires_ns - now_ns : 0);
}

static void set(struct timer *timer, bool absolute, const struct wb_itimerspec *value) {
    stop(timer);
    timer->expired = false;
    timer->ticks = 0;
    timer->interval_ns = to_ns(&value->interval);
    timer->real_absolute = absolute && timer->follows_real;
    uint64_t time_ns = to_ns(&value->value);
    uint64_t base_ns = absolute ? 0 : timer->kernel->now_ns;
    timer->expires_ns = time_ns == 0                   ? 0
                        : time_ns > NEVER_NS - base_ns ? NEVER_NS
                                                       : base_ns + time_ns;
    file_lowered(timer->kernel, timer->file);
    start(timer);
}

/* The file of a descriptor that must be a timer: *out_error becomes 0, -EBADF or -EINVAL. */
static struct sim_file *timer_file(struct sim_kernel *kernel, int fd, int *out_error) {
    struct sim_file *file = fd_get(kernel, fd);
    *out_error = file == NULL ? -EBADF : file->type != FILE_TIMERFD ? -EINVAL : 0;
    return file;
}

int sys_timerfd_settime(
    void *self, int fd, int flags, const struct wb_itimerspec *value, struct wb_itimerspec *old) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = timer_file(kernel, fd, &result);
    if (value == NULL) {
        result = -EFAULT;
    } else if ((flags & ~(WB_TFD_TIMER_ABSTIME | CANCEL_ON_SET)) != 0 || !is_valid(&value->value)
               || !is_valid(&value->interval)) {
        result = -EINVAL;
    }
    if (result == 0) {
        struct timer *timer = file->timer;
        struct wb_itimerspec given = *value; /* `old` may be the same object */
        if (timer->expired && timer->interval_ns != 0) {
            (void)forward(timer);
        }
        if (old != NULL) {
            tell(timer, old);
        }
        set(timer, (flags & WB_TFD_TIMER_ABSTIME) != 0, &given);
    }
    uint64_t expires_ns = result == 0 ? file->timer->expires_ns : 0;
    return (int)call_return(
        kernel, SIM_CALL_TIMERFD, fd, file, result, expires_ns, (uint32_t)flags);
}

int sys_timerfd_gettime(void *self, int fd, struct wb_itimerspec *value) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    int result;
    struct sim_file *file = timer_file(kernel, fd, &result);
    if (result == 0 && value == NULL) {
        result = -EFAULT;
    }
    if (result == 0) {
        run_on(file->timer);
        tell(file->timer, value);
    }
    return (int)call_return(kernel, SIM_CALL_TIMERFD, fd, file, result, 0, 0);
}
