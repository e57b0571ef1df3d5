/* An eventfd as a waker. It is edge-triggered: each write is an edge whether or not it was read, so
 * nobody needs to read it until the counter is full. Where edges are emulated the wait reads it. */
#include "wb/waker.h"

#include "reactor/event_fd.h"
#include "reactor/selector.h"

static enum wb_status waker_open(
    struct wb_waker *waker, const struct wb_registry *registry, uint64_t token) {
    const struct wb_sys *sys = registry->selector->sys;
    int fd = -1;
    enum wb_status status = wb__event_fd_open(sys, &fd);
    if (status != WB_OK) {
        return status;
    }
    wb_fd_source_init(&waker->event_fd, sys, fd);
    waker->event_fd.is_bell = true;
    status = wb_registry_register(
        registry, &waker->event_fd.source, token, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    if (status != WB_OK) {
        wb_fd_source_clean_up(&waker->event_fd);
        WB_SYS(sys, close, fd);
        *waker = (struct wb_waker){0};
    }
    return status;
}

enum wb_status wb_waker_init(
    struct wb_waker *waker, const struct wb_registry *registry, uint64_t token) {
    *waker = (struct wb_waker){0};
    wb_sys_interleave(registry->selector->sys, &registry->selector->has_waker);
    if (atomic_exchange_explicit(&registry->selector->has_waker, true, memory_order_acq_rel)) {
        return WB_ERR_EXISTS;
    }
    enum wb_status status = waker_open(waker, registry, token);
    if (status != WB_OK) {
        atomic_store_explicit(&registry->selector->has_waker, false, memory_order_release);
    }
    return status;
}

void wb_waker_clean_up(struct wb_waker *waker) {
    struct wb_selector *selector = waker->event_fd.selector;
    if (selector == NULL) {
        return;
    }
    const struct wb_sys *sys = waker->event_fd.sys;
    int fd = waker->event_fd.fd;
    wb__selector_acquire(selector);
    wb_fd_source_clean_up(&waker->event_fd);
    WB_SYS(sys, close, fd);
    atomic_store_explicit(&selector->has_waker, false, memory_order_release);
    wb__selector_release(selector);
    *waker = (struct wb_waker){0};
}

enum wb_status wb_waker_wake(const struct wb_waker *waker) {
    return wb__event_fd_ring(waker->event_fd.sys, waker->event_fd.fd);
}
