/* Operations on any descriptor, and the descriptors that are no sockets: pipe, eventfd, signalfd
 * and timerfd. */
#include "sys/linux/ops.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

int64_t wb__linux_read(void *self, int fd, void *buf, size_t len) {
    (void)self;
    return wb__linux_count(read(fd, buf, len));
}

int64_t wb__linux_write(void *self, int fd, const void *buf, size_t len) {
    (void)self;
    return wb__linux_count(write(fd, buf, len));
}

int64_t wb__linux_readv(void *self, int fd, const struct wb_iovec *iov, int iov_len) {
    (void)self;
    return wb__linux_count(readv(fd, (const struct iovec *)iov, iov_len));
}

int64_t wb__linux_writev(void *self, int fd, const struct wb_iovec *iov, int iov_len) {
    (void)self;
    return wb__linux_count(writev(fd, (const struct iovec *)iov, iov_len));
}

/* Never retried: Linux has given up the number even if it reports EINTR, and by then another thread
 * may have been given it. */
int wb__linux_close(void *self, int fd) {
    (void)self;
    return wb__linux_result(close(fd));
}

int wb__linux_dup(void *self, int fd) {
    (void)self;
    return wb__linux_result(dup(fd));
}

int wb__linux_fcntl(void *self, int fd, int cmd, int arg) {
    (void)self;
    switch (cmd) {
    case WB_F_GETFL:
    case WB_F_SETFL:
    case WB_F_GETPIPE_SZ:
    case WB_F_SETPIPE_SZ:
        return wb__linux_result(fcntl(fd, cmd, arg));
    default:
        return -EINVAL;
    }
}

int wb__linux_pipe2(void *self, int out_fds[2], int flags) {
    (void)self;
    return wb__linux_result(pipe2(out_fds, flags));
}

int wb__linux_eventfd(void *self, uint32_t initial, int flags) {
    (void)self;
    return wb__linux_result(eventfd(initial, flags));
}

static void signal_set(uint64_t mask, sigset_t *out_set) {
    sigemptyset(out_set);
    for (int signo = 1; signo <= 64; signo++) {
        if ((mask >> (signo - 1)) & 1u) {
            sigaddset(out_set, signo);
        }
    }
}

/* A signalfd only sees signals that are blocked: otherwise the default action comes first. Threads
 * that start later inherit the mask. */
int wb__linux_signalfd(void *self, uint64_t mask, int flags) {
    (void)self;
    sigset_t wanted;
    sigset_t before;
    signal_set(mask, &wanted);
    int error = pthread_sigmask(SIG_BLOCK, &wanted, &before);
    if (error != 0) {
        return -error;
    }
    int fd = wb__linux_result(signalfd(-1, &wanted, flags));
    if (fd < 0) {
        (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    return fd;
}

int wb__linux_timerfd_create(void *self, int clock, int flags) {
    (void)self;
    return wb__linux_result(timerfd_create(clock, flags));
}

int wb__linux_timerfd_settime(
    void *self, int fd, int flags, const struct wb_itimerspec *value, struct wb_itimerspec *old) {
    (void)self;
    return wb__linux_result(
        timerfd_settime(fd, flags, (const struct itimerspec *)value, (struct itimerspec *)old));
}

int wb__linux_timerfd_gettime(void *self, int fd, struct wb_itimerspec *value) {
    (void)self;
    return wb__linux_result(timerfd_gettime(fd, (struct itimerspec *)value));
}
