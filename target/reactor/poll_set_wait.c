/* Waiting with poll(2), and what of the answer is reported. */
#include "reactor/event_fd.h"
#include "reactor/poll_set.h"
#include "reactor/poll_set_internal.h"

/* ---- before: the copy that the kernel is shown ---- */

static void take_larger(struct wb__poll_set *set) {
    if (set->shared.larger != NULL) {
        WB_SYS(set->sys, free, set->fds, wb__poll_fds_size(set->fds_capacity));
        set->fds = set->shared.larger;
        set->fds_capacity = set->shared.larger_capacity;
        set->shared.larger = NULL;
        set->shared.larger_capacity = 0;
    }
}

/* A descriptor below 0 is passed over. */
static struct wb_pollfd asked_of(const struct wb__poll_entry *entry) {
    return (struct wb_pollfd){
        .fd = entry->armed != 0 ? entry->fd : -1,
        .events = (int16_t)(entry->armed & ~WB__POLL_UNASKED),
    };
}

/* Returns how many descriptors there are to wait for. */
static uint32_t enter(struct wb__poll_set *set) {
    WB_SYS(set->sys, mutex_lock, &set->lock);
    take_larger(set);
    set->fds[0] = (struct wb_pollfd){.fd = set->bell_fd, .events = WB_EPOLLIN};
    const uint32_t used = set->shared.used;
    for (uint32_t i = 0; i < used; i++) {
        set->fds[i + 1] = asked_of(&set->shared.entries[i]);
    }
    set->shared.is_waiting = true;
    WB_SYS(set->sys, mutex_unlock, &set->lock);
    return used + 1;
}

/* ---- after: reports ---- */

/* What the report makes of the registration, by the rules in poll_set.h. */
static void disarm(struct wb__poll_entry *entry, uint32_t reported) {
    if ((entry->flags & WB_EPOLLONESHOT) != 0) {
        entry->armed = 0;
        return;
    }
    if ((entry->flags & WB_EPOLLET) == 0 || entry->is_bell) {
        return;
    }
    if ((reported & WB__POLL_UNASKED) != 0) {
        entry->armed = 0;
        entry->has_error = (reported & WB_EPOLLHUP) == 0;
        return;
    }
    entry->armed &= ~(reported | ((reported & WB_EPOLLIN) != 0 ? WB_EPOLLRDHUP : 0u));
}

/* Another thread may have changed the registration since the kernel was asked; what is no longer
 * armed is not reported. */
static uint32_t take_report(
    struct wb__poll_set *set, struct wb__poll_entry *entry, uint32_t answered) {
    const uint32_t invalid = 0x20; /* POLLNVAL: closed without being deregistered */
    if ((answered & invalid) != 0) {
        entry->armed = 0;
        return 0;
    }
    const uint32_t reported = answered & entry->armed;
    if (reported != 0) {
        disarm(entry, reported);
        if (entry->is_bell) {
            (void)!wb__event_fd_hush(set->sys, entry->fd);
        }
    }
    return reported;
}

/* Begins behind the last one reported, so that with little room nobody is always left out. What
 * finds no room stays armed and is found by the next wait. */
static void collect(struct wb__poll_set *set, uint32_t slots, struct wb_events *events) {
    for (uint32_t i = 0; i < slots && events->count < events->capacity; i++) {
        const uint32_t slot = set->shared.next < slots ? set->shared.next : 0;
        set->shared.next = slot + 1;
        const uint32_t answered = (uint16_t)set->fds[slot + 1].revents;
        if (answered == 0) {
            continue;
        }
        struct wb__poll_entry *entry = &set->shared.entries[slot];
        const uint32_t reported = take_report(set, entry, answered);
        if (reported != 0) {
            events->items[events->count++] =
                (struct wb_epoll_event){.events = reported, .data = entry->token};
        }
    }
}

static void leave(
    struct wb__poll_set *set, uint32_t fds_len, int result, struct wb_events *events) {
    WB_SYS(set->sys, mutex_lock, &set->lock);
    set->shared.is_waiting = false;
    set->shared.rounds++;
    /* Also if it was not hushed the last time: it would end every wait. */
    if (set->shared.is_ringing || (result > 0 && set->fds[0].revents != 0)) {
        set->shared.is_ringing = false;
        (void)!wb__event_fd_hush(set->sys, set->bell_fd);
    }
    if (result > 0) {
        collect(set, fds_len - 1, events);
    }
    WB_SYS(set->sys, cond_broadcast, &set->left);
    WB_SYS(set->sys, mutex_unlock, &set->lock);
}

/* ---- the wait ---- */

static uint64_t now(const struct wb__poll_set *set) {
    return WB_SYS(set->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

static int64_t left_of(const struct wb__poll_set *set, uint64_t begin_ns, int64_t timeout_ns) {
    const uint64_t passed_ns = now(set) - begin_ns;
    return passed_ns < (uint64_t)timeout_ns ? timeout_ns - (int64_t)passed_ns : 0;
}

enum wb_status wb__poll_set_wait(
    struct wb__poll_set *set, struct wb_events *events, int64_t timeout_ns) {
    events->count = 0;
    const uint64_t begin_ns = timeout_ns > 0 ? now(set) : 0;
    int64_t left_ns = timeout_ns;
    for (;;) {
        const uint32_t fds_len = enter(set);
        const int result = WB_SYS(set->sys, poll, set->fds, fds_len, left_ns);
        leave(set, fds_len, result, events);
        if (result < 0) {
            return wb_status_from_result(result);
        }
        /* Otherwise the bell rang, or what was reported is no longer of interest. */
        if (result == 0 || events->count > 0 || left_ns == 0) {
            return WB_OK;
        }
        left_ns = timeout_ns > 0 ? left_of(set, begin_ns, timeout_ns) : timeout_ns;
    }
}
