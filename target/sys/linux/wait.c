/* Readiness: epoll, poll and select, with nanosecond timeouts where the kernel has them and
 * rounded-up milliseconds where it has not. */
#include "sys/linux/ops.h"

#include <limits.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/select.h>

/* Set for good by the first wait that the kernel answers with ENOSYS. Every thread that races here
 * learns the same and stores the same, so the order of the accesses does not matter. */
static atomic_bool pwait2_is_missing;

int wb__linux_epoll_create1(void *self, int flags) {
    (void)self;
    return wb__linux_result(epoll_create1(flags));
}

int wb__linux_epoll_ctl(void *self, int epfd, int op, int fd, const struct wb_epoll_event *event) {
    (void)self;
    /* The kernel only reads the event; the C library's prototype forgets to say so. */
    return wb__linux_result(epoll_ctl(epfd, op, fd, (struct epoll_event *)(uintptr_t)event));
}

int wb__linux_epoll_tells_all(void *self) {
    (void)self;
    return 1;
}

int wb__linux_timeout_ms(int64_t timeout_ns) {
    int64_t ms = timeout_ns / WB__NS_PER_MS + (timeout_ns % WB__NS_PER_MS != 0);
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Waits by epoll_wait. A timeout beyond INT_MAX ms ends early there, so what is left of it is
 * waited for again; others need no look at the clock. */
static int wait_in_milliseconds(
    int epfd, struct epoll_event *events, int events_max, int64_t timeout_ns) {
    int ms = wb__linux_timeout_ms(timeout_ns);
    const int64_t deadline = ms < INT_MAX ? 0 : wb__linux_deadline(timeout_ns);
    for (;;) {
        int result = wb__linux_result(epoll_wait(epfd, events, events_max, ms));
        if (result != 0 || ms < INT_MAX) {
            return result;
        }
        int64_t left = deadline - (int64_t)wb__linux_clock_gettime(NULL, WB_CLOCK_MONOTONIC);
        if (left <= 0) {
            return 0;
        }
        ms = wb__linux_timeout_ms(left);
    }
}

/* Not inlined, so that a wait without a timeout saves no registers for it. */
__attribute__((noinline)) static int wait_until_timeout(
    int epfd, struct epoll_event *events, int events_max, int64_t timeout_ns) {
    if (!atomic_load_explicit(&pwait2_is_missing, memory_order_relaxed)) {
        struct timespec timeout = wb__linux_timespec(timeout_ns);
        int result = wb__linux_result(epoll_pwait2(epfd, events, events_max, &timeout, NULL));
        if (result != -ENOSYS) {
            return result;
        }
        atomic_store_explicit(&pwait2_is_missing, true, memory_order_relaxed);
    }
    return wait_in_milliseconds(epfd, events, events_max, timeout_ns);
}

/* Nanoseconds matter only where there is time to count. */
int wb__linux_epoll_pwait2(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self;
    struct epoll_event *real = (struct epoll_event *)events;
    if (timeout_ns <= 0) {
        return wb__linux_result(epoll_wait(epfd, real, events_max, timeout_ns < 0 ? -1 : 0));
    }
    return wait_until_timeout(epfd, real, events_max, timeout_ns);
}

int wb__linux_poll(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    (void)self;
    struct timespec timeout = wb__linux_timespec(timeout_ns < 0 ? 0 : timeout_ns);
    return wb__linux_result(
        ppoll((struct pollfd *)fds, fds_len, timeout_ns < 0 ? NULL : &timeout, NULL));
}

int wb__linux_select(void *self, int fds_len, struct wb_fd_set *readable,
    struct wb_fd_set *writable, struct wb_fd_set *exceptional, int64_t timeout_ns) {
    (void)self;
    struct timespec timeout = wb__linux_timespec(timeout_ns < 0 ? 0 : timeout_ns);
    return wb__linux_result(pselect(fds_len, (fd_set *)readable, (fd_set *)writable,
        (fd_set *)exceptional, timeout_ns < 0 ? NULL : &timeout, NULL));
}
