/* What poll_set.c and poll_set_wait.c share. */
#ifndef WB_REACTOR_POLL_SET_INTERNAL_H
#define WB_REACTOR_POLL_SET_INTERNAL_H

#include <stddef.h>

#include "reactor/poll_set.h"

/* Reported whether asked for or not. */
#define WB__POLL_UNASKED (WB_EPOLLERR | WB_EPOLLHUP)

/* What a registration can be armed for. The bits are the same in poll(2) and in epoll. */
static inline uint32_t wb__poll_askable(uint32_t flags) {
    const uint32_t modes = WB_EPOLLET | WB_EPOLLONESHOT;
    return (flags & ~modes) | WB__POLL_UNASKED;
}

static inline size_t wb__poll_fds_size(uint32_t capacity) {
    return capacity * sizeof(struct wb_pollfd);
}

#endif
