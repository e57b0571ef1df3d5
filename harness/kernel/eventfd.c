/* eventfd: a counter that is readable while it is not zero. */
#include "kernel/internal.h"

#include <errno.h>

#define EVENTFD_MAX UINT64_C(0xfffffffffffffffe)

static const char *eventfd_what(const struct sim_file *file) {
    (void)file;
    return "eventfd";
}

static uint32_t eventfd_poll(struct sim_kernel *kernel, struct sim_file *file) {
    (void)kernel;
    uint32_t state = file->eventfd.count != 0 ? WB_EPOLLIN : 0;
    return state | (file->eventfd.count < EVENTFD_MAX ? WB_EPOLLOUT : 0);
}

static int64_t eventfd_read(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    if (iov_total(iov, iov_len) < sizeof(uint64_t)) {
        return -EINVAL;
    }
    if (file->eventfd.count == 0) {
        file_lowered(kernel, file);
        return -EAGAIN;
    }
    uint64_t value = file->eventfd.semaphore ? 1 : file->eventfd.count;
    file->eventfd.count -= value;
    file_lowered(kernel, file);
    if (!PLANTED(COUNTER_READ_SILENT)) {
        file_wake(kernel, file, WB_EPOLLOUT);
    }
    if (iov_is_bad(iov, iov_len)) {
        return -EFAULT; /* and the value is lost, as on Linux */
    }
    iov_scatter(iov, iov_len, &value, sizeof(value));
    return sizeof(value);
}

static int64_t eventfd_write(
    struct sim_kernel *kernel, struct sim_file *file, const struct wb_iovec *iov, size_t iov_len) {
    uint64_t value;
    if (iov_total(iov, iov_len) != sizeof(value)) {
        return -EINVAL;
    }
    if (iov_is_bad(iov, iov_len)) {
        return -EFAULT;
    }
    iov_gather(iov, iov_len, &value, sizeof(value));
    if (value == UINT64_MAX) {
        return -EINVAL;
    }
    if (value > EVENTFD_MAX - file->eventfd.count) {
        return -EAGAIN;
    }
    file->eventfd.count += value;
    file_wake(kernel, file, WB_EPOLLIN);
    return sizeof(value);
}

static const struct file_ops eventfd_ops = {
    .what = eventfd_what,
    .poll = eventfd_poll,
    .read = eventfd_read,
    .write = eventfd_write,
    .checks_buffers = true,
};

int sys_eventfd(void *self, uint32_t initial, int flags) {
    struct sim_kernel *kernel = self;
    call_enter(kernel);
    if ((flags & ~(WB_EFD_SEMAPHORE | WB_EFD_NONBLOCK | WB_EFD_CLOEXEC)) != 0) {
        return (int)call_return(kernel, SIM_CALL_EVENTFD, -1, NULL, -EINVAL, 0, 0);
    }
    struct sim_file *file = NULL;
    int fd = file_open(kernel, FILE_EVENTFD, &eventfd_ops, flags, &file);
    if (fd >= 0) {
        file->eventfd.count = initial;
        file->eventfd.semaphore = (flags & WB_EFD_SEMAPHORE) != 0;
    }
    return (int)call_return(kernel, SIM_CALL_EVENTFD, fd, file, fd, initial, (uint32_t)flags);
}
