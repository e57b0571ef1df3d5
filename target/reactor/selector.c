/* Life and death of the epoll instance. */
#include "reactor/selector.h"

#include <assert.h>

enum wb_status wb__selector_new(const struct wb_sys *sys, struct wb_selector **out_selector) {
    struct wb_selector *selector = WB_SYS(sys, alloc, sizeof(*selector));
    if (selector == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    int epfd = WB_SYS(sys, epoll_create1, WB_EPOLL_CLOEXEC);
    if (epfd < 0) {
        WB_SYS(sys, free, selector, sizeof(*selector));
        return wb_status_from_result(epfd);
    }
    *selector = (struct wb_selector){.sys = sys};
    atomic_init(&selector->epfd, epfd);
    atomic_init(&selector->owners, 1);
    atomic_init(&selector->references, 1);
    atomic_init(&selector->has_waker, false);
    *out_selector = selector;
    return WB_OK;
}

void wb__selector_acquire(struct wb_selector *selector) {
    unsigned before = atomic_fetch_add_explicit(&selector->references, 1, memory_order_relaxed);
    assert(before != 0);
}

void wb__selector_release(struct wb_selector *selector) {
    if (atomic_fetch_sub_explicit(&selector->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    assert(wb__selector_epfd(selector) == -1);
    WB_SYS(selector->sys, free, selector, sizeof(*selector));
}

void wb__selector_own(struct wb_selector *selector) {
    unsigned before = atomic_fetch_add_explicit(&selector->owners, 1, memory_order_relaxed);
    assert(before != 0);
    wb__selector_acquire(selector);
}

void wb__selector_disown(struct wb_selector *selector) {
    if (atomic_fetch_sub_explicit(&selector->owners, 1, memory_order_acq_rel) == 1) {
        int epfd = atomic_exchange_explicit(&selector->epfd, -1, memory_order_acq_rel);
        WB_SYS(selector->sys, close, epfd);
    }
    wb__selector_release(selector);
}
