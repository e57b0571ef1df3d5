/* Ringing and hushing an eventfd. */
#include "reactor/event_fd.h"

#include <stdint.h>

enum wb_status wb__event_fd_open(const struct wb_sys *sys, int *out_fd) {
    int fd = WB_SYS(sys, eventfd, 0, WB_EFD_NONBLOCK | WB_EFD_CLOEXEC);
    if (fd < 0) {
        return wb_status_from_result(fd);
    }
    *out_fd = fd;
    return WB_OK;
}

static enum wb_status add_one(const struct wb_sys *sys, int fd) {
    const uint64_t one = 1;
    return wb_status_from_result(WB_SYS(sys, write, fd, &one, sizeof(one)));
}

enum wb_status wb__event_fd_ring(const struct wb_sys *sys, int fd) {
    enum wb_status status = add_one(sys, fd);
    if (status == WB_WOULD_BLOCK) {
        /* The counter is full. Whoever else empties it at the same time writes after that, too. */
        (void)!wb__event_fd_hush(sys, fd);
        status = add_one(sys, fd);
    }
    return status;
}

enum wb_status wb__event_fd_hush(const struct wb_sys *sys, int fd) {
    uint64_t counter;
    return wb_status_from_result(WB_SYS(sys, read, fd, &counter, sizeof(counter)));
}
