/* See alarm.h. The timerfd is registered for edges, of which each expiry is one: nobody reads it.
 */
#include "runtime/alarm.h"

#define NS_PER_S UINT64_C(1000000000)

void wb__alarm_init(struct wb__alarm *alarm, const struct wb_sys *sys,
    const struct wb_registry *registry, uint64_t token) {
    *alarm = (struct wb__alarm){
        .sys = sys,
        .registry = registry,
        .token = token,
        .fd = {.fd = -1},
        .rings_at_ns = WB__ALARM_SILENT,
    };
}

static void close_fd(struct wb__alarm *alarm) {
    const int fd = alarm->fd.fd;
    wb_fd_source_clean_up(&alarm->fd);
    WB_SYS(alarm->sys, close, fd);
}

void wb__alarm_clean_up(struct wb__alarm *alarm) {
    if (alarm->fd.sys != NULL) {
        close_fd(alarm);
    }
    *alarm = (struct wb__alarm){0};
}

static bool open_fd(struct wb__alarm *alarm) {
    const int fd =
        WB_SYS(alarm->sys, timerfd_create, WB_CLOCK_MONOTONIC, WB_TFD_NONBLOCK | WB_TFD_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    wb_fd_source_init(&alarm->fd, alarm->sys, fd);
    const enum wb_status status = wb_registry_register(
        alarm->registry, &alarm->fd.source, alarm->token, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    if (status != WB_OK) {
        close_fd(alarm);
    }
    return status == WB_OK;
}

static bool set_fd(const struct wb__alarm *alarm, uint64_t at_ns) {
    const struct wb_itimerspec when = {
        .value = {(int64_t)(at_ns / NS_PER_S), (int64_t)(at_ns % NS_PER_S)}};
    return WB_SYS(alarm->sys, timerfd_settime, alarm->fd.fd, WB_TFD_TIMER_ABSTIME, &when, NULL)
           == 0;
}

bool wb__alarm_set(struct wb__alarm *alarm, uint64_t at_ns) {
    if (alarm->awaited_ns != at_ns) {
        alarm->awaited_ns = at_ns;
        alarm->waits = 0;
    }
    if (alarm->registry == NULL || alarm->waits++ < WB__ALARM_WAITS_MAX) {
        return false;
    }
    alarm->waits = 0; /* if it cannot be set now it may later */
    if ((alarm->fd.fd < 0 && !open_fd(alarm)) || !set_fd(alarm, at_ns)) {
        return false;
    }
    alarm->rings_at_ns = at_ns;
    return true;
}
