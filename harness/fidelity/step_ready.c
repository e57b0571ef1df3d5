/* Operations of readiness: epoll, its observers poll and select, timers. */
#include "fidelity/step.h"

#include <stdbool.h>
#include <string.h>

enum { EVENTS_MAX = 24 };
static const uint32_t everything = WB_EPOLLIN | WB_EPOLLPRI | WB_EPOLLOUT | WB_EPOLLRDNORM
                                   | WB_EPOLLRDBAND | WB_EPOLLWRNORM | WB_EPOLLWRBAND
                                   | WB_EPOLLRDHUP;

static void control(const struct fid_call *call, int op) {
    struct wb_epoll_event event = {.data = call->step};
    if (op != WB_EPOLL_CTL_DEL) {
        event.events = (uint32_t)fid_call_value(call, 2) | (uint32_t)fid_call_value(call, 3);
    }
    fid_call_result(call, WB_SYS(call->sys, epoll_ctl, fid_call_fd(call, 0), op,
                              fid_call_fd(call, 1), op == WB_EPOLL_CTL_DEL ? NULL : &event));
}

static void wait_epoll(const struct fid_call *call) {
    struct wb_epoll_event events[EVENTS_MAX];
    int64_t timeout_ns = fid_call_value(call, 2);
    uint64_t before = timeout_ns != 0 ? WB_SYS(call->sys, clock_gettime, WB_CLOCK_MONOTONIC) : 0;
    int count = WB_SYS(call->sys, epoll_pwait2, fid_call_fd(call, 0), events,
        (int)fid_call_value(call, 1), timeout_ns);
    fid_call_result(call, count);
    for (int i = 0; i < count; i++) {
        fid_fact_add(call->out, "", FID_FORM_EVENTS, events[i].events);
        fid_fact_add(call->out, "", FID_FORM_STEP, (int64_t)events[i].data);
    }
    if (timeout_ns != 0 && count == 0) {
        uint64_t waited = WB_SYS(call->sys, clock_gettime, WB_CLOCK_MONOTONIC) - before;
        fid_fact_add(call->out, "waited enough", FID_FORM_VALUE, waited >= (uint64_t)timeout_ns);
    }
}

static void poll_one(const struct fid_call *call) {
    struct wb_pollfd entry = {
        .fd = fid_call_fd(call, 0), .events = (int16_t)fid_call_value(call, 1)};
    fid_call_result(call, WB_SYS(call->sys, poll, &entry, 1, 0));
    fid_fact_add(call->out, "", FID_FORM_EVENTS, (uint16_t)entry.revents);
}

static void poll_all(const struct fid_call *call) {
    struct wb_pollfd entries[FID_NUMBER_COUNT];
    uint32_t count = 0;
    for (uint8_t i = 0; i < FID_NUMBER_COUNT; i++) {
        if (fid_world_file(call->world, i) != NULL) {
            entries[count++] =
                (struct wb_pollfd){.fd = fid_side_fd(call->side, i), .events = (int16_t)everything};
        }
    }
    fid_call_result(call, WB_SYS(call->sys, poll, entries, count, 0));
    for (uint32_t i = 0; i < count; i++) {
        fid_fact_add(call->out, "", FID_FORM_NUMBER, fid_side_number(call->side, entries[i].fd));
        fid_fact_add(call->out, "", FID_FORM_EVENTS, (uint16_t)entries[i].revents);
    }
}

static void select_one(const struct fid_call *call) {
    struct wb_fd_set sets[3];
    int fd = fid_call_fd(call, 0);
    memset(sets, 0, sizeof(sets));
    if (fd >= 0) {
        for (int i = 0; i < 3; i++) {
            sets[i].bits[fd / 64] |= UINT64_C(1) << (fd % 64);
        }
    }
    int result = WB_SYS(call->sys, select, fd + 1, &sets[0], &sets[1], &sets[2], 0);
    static const char *const labels[] = {"readable", "writable", "exceptional"};
    fid_call_result(call, result);
    for (int i = 0; i < 3 && result >= 0 && fd >= 0; i++) {
        fid_fact_add(call->out, labels[i], FID_FORM_VALUE,
            (int64_t)(sets[i].bits[fd / 64] >> (fd % 64) & 1));
    }
}

/* ---- timers ---- */

static struct wb_timespec timespec_of(int64_t ns) {
    return (struct wb_timespec){ns / 1000000000, ns % 1000000000};
}

/* Expiry of what is due is an interrupt away: poll(2) waits for it. */
static void settle_timer(const struct fid_call *call, int fd) {
    struct wb_pollfd entry = {.fd = fd, .events = WB_EPOLLIN};
    (void)WB_SYS(call->sys, poll, &entry, 1, INT64_C(1000000000));
}

static void set_time(const struct fid_call *call) {
    const int64_t hour_ns = INT64_C(3600000000000);
    enum fid_when when = (enum fid_when)fid_call_value(call, 1);
    struct wb_itimerspec value = {.interval = timespec_of(fid_call_value(call, 2))};
    struct wb_itimerspec old;
    memset(&old, 0, sizeof(old));
    uint64_t now = WB_SYS(call->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    value.value = timespec_of(when == FID_WHEN_NEVER  ? 0
                              : when == FID_WHEN_PAST ? (int64_t)now - 1
                              : when == FID_WHEN_SOON ? 1000
                                                      : hour_ns);
    int fd = fid_call_fd(call, 0);
    int result = WB_SYS(call->sys, timerfd_settime, fd,
        when == FID_WHEN_PAST ? WB_TFD_TIMER_ABSTIME : 0, &value, &old);
    fid_call_result(call, result);
    if (result == 0) {
        fid_fact_add(
            call->out, "was armed", FID_FORM_VALUE, old.value.sec != 0 || old.value.nsec != 0);
        fid_fact_add(call->out, "had a period", FID_FORM_VALUE,
            old.interval.sec != 0 || old.interval.nsec != 0);
        if (when == FID_WHEN_PAST || when == FID_WHEN_SOON) {
            settle_timer(call, fd);
        }
    }
}

static void get_time(const struct fid_call *call) {
    struct wb_itimerspec value;
    memset(&value, 0, sizeof(value));
    int result = WB_SYS(call->sys, timerfd_gettime, fid_call_fd(call, 0), &value);
    fid_call_result(call, result);
    if (result == 0) {
        fid_fact_add(
            call->out, "armed", FID_FORM_VALUE, value.value.sec != 0 || value.value.nsec != 0);
        fid_fact_add(call->out, "period", FID_FORM_VALUE,
            value.interval.sec * INT64_C(1000000000) + value.interval.nsec);
    }
}

void fid_step_ready(const struct fid_call *call) {
    switch (call->op->code) {
    case FID_OP_EPOLL_ADD:
        control(call, WB_EPOLL_CTL_ADD);
        break;
    case FID_OP_EPOLL_MOD:
        control(call, WB_EPOLL_CTL_MOD);
        break;
    case FID_OP_EPOLL_DEL:
        control(call, WB_EPOLL_CTL_DEL);
        break;
    case FID_OP_EPOLL_WAIT:
        wait_epoll(call);
        break;
    case FID_OP_POLL:
        poll_one(call);
        break;
    case FID_OP_POLL_ALL:
        poll_all(call);
        break;
    case FID_OP_SELECT:
        select_one(call);
        break;
    case FID_OP_SETTIME:
        set_time(call);
        break;
    case FID_OP_GETTIME:
        get_time(call);
        break;
    default:
        break;
    }
}
