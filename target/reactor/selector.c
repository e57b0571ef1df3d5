/* Life and death of what a poll waits with. */
#include "reactor/selector.h"

#include <assert.h>

static enum wb_status open_epoll(struct wb_selector *selector) {
    int epfd = WB_SYS(selector->sys, epoll_create1, WB_EPOLL_CLOEXEC);
    if (epfd < 0) {
        return wb_status_from_result(epfd);
    }
    atomic_init(&selector->fd, epfd);
    return WB_OK;
}

static enum wb_status open_poll_set(struct wb_selector *selector) {
    enum wb_status status = wb__poll_set_new(selector->sys, &selector->poll_set);
    if (status == WB_OK) {
        atomic_init(&selector->fd, selector->poll_set->bell_fd);
    }
    return status;
}

enum wb_status wb__selector_new(
    const struct wb_sys *sys, enum wb_backend backend, struct wb_selector **out_selector) {
    struct wb_selector *selector = WB_SYS(sys, alloc, sizeof(*selector));
    if (selector == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *selector = (struct wb_selector){.sys = sys};
    enum wb_status status =
        backend == WB_BACKEND_POLL ? open_poll_set(selector) : open_epoll(selector);
    if (status != WB_OK) {
        WB_SYS(sys, free, selector, sizeof(*selector));
        return status;
    }
    atomic_init(&selector->owners, 1);
    atomic_init(&selector->references, 1);
    atomic_init(&selector->has_waker, false);
    *out_selector = selector;
    return WB_OK;
}

void wb__selector_acquire(struct wb_selector *selector) {
    wb_sys_interleave(selector->sys, &selector->references);
    unsigned before = atomic_fetch_add_explicit(&selector->references, 1, memory_order_relaxed);
    assert(before != 0);
}

void wb__selector_release(struct wb_selector *selector) {
    wb_sys_interleave(selector->sys, &selector->references);
    if (atomic_fetch_sub_explicit(&selector->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    assert(wb__selector_fd(selector) == -1);
    if (selector->poll_set != NULL) {
        wb__poll_set_destroy(selector->poll_set);
    }
    WB_SYS(selector->sys, free, selector, sizeof(*selector));
}

void wb__selector_own(struct wb_selector *selector) {
    wb_sys_interleave(selector->sys, &selector->owners);
    unsigned before = atomic_fetch_add_explicit(&selector->owners, 1, memory_order_relaxed);
    assert(before != 0);
    wb__selector_acquire(selector);
}

void wb__selector_disown(struct wb_selector *selector) {
    wb_sys_interleave(selector->sys, &selector->owners);
    if (atomic_fetch_sub_explicit(&selector->owners, 1, memory_order_acq_rel) == 1) {
        int fd = atomic_exchange_explicit(&selector->fd, -1, memory_order_acq_rel);
        if (selector->poll_set != NULL) {
            wb__poll_set_close(selector->poll_set);
        } else {
            WB_SYS(selector->sys, close, fd);
        }
    }
    wb__selector_release(selector);
}
