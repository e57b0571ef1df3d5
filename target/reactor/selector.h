/* What a poll waits with, shared by everybody who may still name it: an epoll instance, or a set
 * for poll(2). Not the registering: that is fd_source.c.
 *
 * Two counts, since they end different things: when the last owner (the poll, its registry's
 * clones) is gone the descriptor is closed; when the last reference (owners, and sources that were
 * ever registered) is gone the memory is freed. So a source may be closed after its poll. */
#ifndef WB_REACTOR_SELECTOR_H
#define WB_REACTOR_SELECTOR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wb/event.h"
#include "wb/poll.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "reactor/poll_set.h"

struct wb__batch;

struct wb_selector {
    const struct wb_sys *sys;
    struct wb__poll_set *poll_set; /* NULL: epoll */
    atomic_int fd;                 /* epoll's, or the set's bell; -1 once the last owner is gone */
    atomic_uint owners;
    atomic_uint references;
    atomic_bool has_waker;
    struct wb__batch *batch; /* of the event loop, in whose thread it is used; NULL: none */
};

/* With one owner. Errors: as wb_poll_init_backend(). */
WB_MUST_USE enum wb_status wb__selector_new(
    const struct wb_sys *sys, enum wb_backend backend, struct wb_selector **out_selector);

/* Owners hold a reference as well. */
void wb__selector_own(struct wb_selector *selector);
void wb__selector_disown(struct wb_selector *selector);

void wb__selector_acquire(struct wb_selector *selector);
void wb__selector_release(struct wb_selector *selector);

static inline int wb__selector_fd(struct wb_selector *selector) {
    return atomic_load_explicit(&selector->fd, memory_order_relaxed);
}

/* Whether whoever is registered for edges, and for the end, is told of all that comes after a
 * report, without an operation that says WB_WOULD_BLOCK in between. */
static inline bool wb__selector_tells_all(const struct wb_selector *selector) {
    return selector->poll_set == NULL && wb_sys_epoll_tells_all(selector->sys) != 0;
}

/* As wb_poll_wait(). */
static inline WB_MUST_USE enum wb_status wb__selector_wait(
    struct wb_selector *selector, struct wb_events *events, int64_t timeout_ns) {
    if (selector->poll_set != NULL) {
        return wb__poll_set_wait(selector->poll_set, events, timeout_ns);
    }
    events->count = 0;
    int result = WB_SYS(selector->sys, epoll_pwait2, wb__selector_fd(selector), events->items,
        (int)events->capacity, timeout_ns);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    events->count = (uint32_t)result;
    return WB_OK;
}

#endif
