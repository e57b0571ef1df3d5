/* Registrations of the back-end on poll(2). Waiting for them is in poll_set_wait.c. */
#include "reactor/poll_set.h"

#include <assert.h>
#include <string.h>

#include "reactor/event_fd.h"
#include "reactor/poll_set_internal.h"

enum { CAPACITY_FIRST = 8 };

/* ---- life ---- */

/* Room for `capacity` slots here and, in the copy, with the bell. The copy may be in use, so a
 * larger one is left for the waiting thread to take. */
static enum wb_status grow(struct wb__poll_set *set, uint32_t capacity) {
    const struct wb_sys *sys = set->sys;
    struct wb_pollfd *larger = WB_SYS(sys, alloc, wb__poll_fds_size(capacity + 1));
    if (larger == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    struct wb__poll_entry *entries = WB_SYS(sys, alloc, capacity * sizeof(*entries));
    if (entries == NULL || wb__poll_slots_grow(&set->shared.slots, sys, capacity) != WB_OK) {
        WB_SYS(sys, free, entries, capacity * sizeof(*entries));
        WB_SYS(sys, free, larger, wb__poll_fds_size(capacity + 1));
        return WB_ERR_NO_MEMORY;
    }
    const uint32_t old = set->shared.capacity;
    if (old != 0) {
        memcpy(entries, set->shared.entries, old * sizeof(*entries));
    }
    WB_SYS(sys, free, set->shared.entries, old * sizeof(*entries));
    WB_SYS(sys, free, set->shared.larger, wb__poll_fds_size(set->shared.larger_capacity));
    set->shared.larger = larger;
    set->shared.larger_capacity = capacity + 1;
    set->shared.entries = entries;
    set->shared.capacity = capacity;
    return WB_OK;
}

static enum wb_status open_set(struct wb__poll_set *set) {
    enum wb_status status = wb__event_fd_open(set->sys, &set->bell_fd);
    if (status != WB_OK) {
        return status;
    }
    status = wb_status_from_result(WB_SYS(set->sys, mutex_init, &set->lock));
    if (status != WB_OK) {
        WB_SYS(set->sys, close, set->bell_fd);
        return status;
    }
    status = wb_status_from_result(WB_SYS(set->sys, cond_init, &set->left));
    if (status != WB_OK) {
        WB_SYS(set->sys, mutex_destroy, &set->lock);
        WB_SYS(set->sys, close, set->bell_fd);
    }
    return status;
}

enum wb_status wb__poll_set_new(const struct wb_sys *sys, struct wb__poll_set **out_set) {
    struct wb__poll_set *set = WB_SYS(sys, alloc, sizeof(*set));
    if (set == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    *set = (struct wb__poll_set){.sys = sys};
    enum wb_status status = open_set(set);
    if (status != WB_OK) {
        WB_SYS(sys, free, set, sizeof(*set));
        return status;
    }
    status = grow(set, CAPACITY_FIRST);
    if (status != WB_OK) {
        wb__poll_set_close(set);
        wb__poll_set_destroy(set);
        return status;
    }
    *out_set = set;
    return WB_OK;
}

void wb__poll_set_close(struct wb__poll_set *set) {
    assert(!set->shared.is_waiting);
    WB_SYS(set->sys, close, set->bell_fd);
}

void wb__poll_set_destroy(struct wb__poll_set *set) {
    const struct wb_sys *sys = set->sys;
    wb__poll_slots_clean_up(&set->shared.slots, sys);
    WB_SYS(sys, free, set->shared.entries, set->shared.capacity * sizeof(*set->shared.entries));
    WB_SYS(sys, free, set->shared.larger, wb__poll_fds_size(set->shared.larger_capacity));
    WB_SYS(sys, free, set->fds, wb__poll_fds_size(set->fds_capacity));
    WB_SYS(sys, cond_destroy, &set->left);
    WB_SYS(sys, mutex_destroy, &set->lock);
    WB_SYS(sys, free, set, sizeof(*set));
}

/* ---- under the lock ---- */

/* Makes a thread that waits look at what has changed. */
static void ring(struct wb__poll_set *set) {
    if (set->shared.is_waiting && !set->shared.is_ringing) {
        set->shared.is_ringing = wb__event_fd_ring(set->sys, set->bell_fd) == WB_OK;
    }
}

/* The lowest free slot, so that the part the kernel has to go through stays short. Errors:
 * WB_ERR_ALREADY_REGISTERED, WB_ERR_NO_MEMORY. */
static enum wb_status find_slot(struct wb__poll_set *set, int fd, uint32_t *out_slot) {
    struct wb__poll_slots *slots = &set->shared.slots;
    if (wb__poll_slots_has(slots, fd)) {
        return WB_ERR_ALREADY_REGISTERED;
    }
    enum wb_status status = wb__poll_slots_know(slots, set->sys, fd);
    if (status != WB_OK) {
        return status;
    }
    uint32_t slot = wb__poll_slots_lowest(slots);
    if (slot == set->shared.capacity) {
        status = grow(set, 2 * set->shared.capacity);
        if (status != WB_OK) {
            return status;
        }
    }
    *out_slot = slot;
    return WB_OK;
}

static struct wb__poll_entry armed_entry(int fd, uint64_t token, uint32_t flags, bool is_bell) {
    return (struct wb__poll_entry){.token = token,
        .fd = fd,
        .flags = flags,
        .armed = wb__poll_askable(flags),
        .is_bell = is_bell};
}

static enum wb_status add_locked(struct wb__poll_set *set, int fd, uint64_t token, uint32_t flags,
    bool is_bell, uint32_t *out_slot) {
    enum wb_status status = find_slot(set, fd, out_slot);
    if (status != WB_OK) {
        return status;
    }
    wb__poll_slots_take(&set->shared.slots, *out_slot, fd);
    set->shared.entries[*out_slot] = armed_entry(fd, token, flags, is_bell);
    if (*out_slot == set->shared.used) {
        set->shared.used++;
    }
    ring(set);
    return WB_OK;
}

/* A thread in the kernel holds the files it waits for open. One that could not be rung is not
 * waited for. */
static void await_leaving(struct wb__poll_set *set) {
    const uint64_t round = set->shared.rounds;
    while (set->shared.is_ringing && set->shared.rounds == round) {
        WB_SYS(set->sys, cond_wait, &set->left, &set->lock);
    }
}

/* ---- registering ---- */

static struct wb__poll_entry *lock_entry(struct wb__poll_set *set, uint32_t slot) {
    WB_SYS(set->sys, mutex_lock, &set->lock);
    assert(slot < set->shared.used && set->shared.entries[slot].fd >= 0);
    return &set->shared.entries[slot];
}

static void unlock(struct wb__poll_set *set) {
    WB_SYS(set->sys, mutex_unlock, &set->lock);
}

enum wb_status wb__poll_set_add(struct wb__poll_set *set, int fd, uint64_t token, uint32_t flags,
    bool is_bell, uint32_t *out_slot) {
    /* The wait itself would say POLLNVAL, which is too late to tell anybody. */
    int result = WB_SYS(set->sys, fcntl, fd, WB_F_GETFL, 0);
    if (result < 0) {
        return wb_status_from_result(result);
    }
    WB_SYS(set->sys, mutex_lock, &set->lock);
    enum wb_status status = add_locked(set, fd, token, flags, is_bell, out_slot);
    unlock(set);
    return status;
}

void wb__poll_set_modify(struct wb__poll_set *set, uint32_t slot, uint64_t token, uint32_t flags) {
    struct wb__poll_entry *entry = lock_entry(set, slot);
    *entry = armed_entry(entry->fd, token, flags, entry->is_bell);
    ring(set);
    unlock(set);
}

void wb__poll_set_remove(struct wb__poll_set *set, uint32_t slot) {
    struct wb__poll_entry *entry = lock_entry(set, slot);
    ring(set);
    /* Only then is the slot free: what the wait brought must not be taken for somebody else's. */
    *entry = (struct wb__poll_entry){.fd = entry->fd};
    await_leaving(set);
    entry = &set->shared.entries[slot];
    wb__poll_slots_give_back(&set->shared.slots, slot, entry->fd);
    entry->fd = -1;
    while (set->shared.used > 0 && set->shared.entries[set->shared.used - 1].fd < 0) {
        set->shared.used--;
    }
    unlock(set);
}

/* ---- edges ---- */

static bool is_rearmed_by_operations(const struct wb__poll_entry *entry) {
    return (entry->flags & (WB_EPOLLET | WB_EPOLLONESHOT)) == WB_EPOLLET;
}

static void arm_entry(struct wb__poll_set *set, struct wb__poll_entry *entry, uint32_t flags) {
    const uint32_t armed =
        entry->armed | ((flags | WB__POLL_UNASKED) & wb__poll_askable(entry->flags));
    if (is_rearmed_by_operations(entry) && armed != entry->armed) {
        entry->armed = armed;
        ring(set);
    }
}

static void error_taken(struct wb__poll_set *set, struct wb__poll_entry *entry) {
    if (entry->has_error) {
        entry->has_error = false;
        arm_entry(set, entry, wb__poll_askable(entry->flags));
    }
}

void wb__poll_set_arm(struct wb__poll_set *set, uint32_t slot, uint32_t flags) {
    struct wb__poll_entry *entry = lock_entry(set, slot);
    arm_entry(set, entry, flags);
    /* A pending error would have come before "not ready". */
    error_taken(set, entry);
    unlock(set);
}

void wb__poll_set_error_taken(struct wb__poll_set *set, uint32_t slot) {
    error_taken(set, lock_entry(set, slot));
    unlock(set);
}
