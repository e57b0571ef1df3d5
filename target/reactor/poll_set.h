/* The back-end on poll(2): registrations kept here, and waiting for them. What epoll keeps in the
 * kernel (tokens, edges, one-shot) is emulated by these rules:
 *
 *   - Level: asked for at every wait.
 *   - Edge: a report disarms what it reports: readable (with the end of the stream), priority,
 *     writable; one with a hang-up disarms everything, since nothing else can follow; one with an
 *     error disarms everything until that error was taken. What is disarmed is not asked for. An
 *     operation that finds the source not ready arms its direction again, and so do, for
 * everything, taking an error and reregistering. poll(2) tells the state and not the change, so
 * readiness that came between the operation and the arming is reported as well: whoever goes on
 * until WB_WOULD_BLOCK misses nothing. Whoever does not is told nothing more, even if more arrives.
 *   - One-shot, with edge or without: a report disarms everything, and only reregistering arms.
 *
 * The operations say so through wb_fd_source_would_block() and wb_fd_source_error_taken(). The
 * waker reads its counter at the report instead (`is_bell`), since nobody else does.
 *
 * Any thread may change registrations while one waits. The waiting thread works on a copy, and is
 * made to take a new one by ringing. Removing waits until the copy is out of use, so that the
 * descriptor may then be closed and its number be used again. */
#ifndef WB_REACTOR_POLL_SET_H
#define WB_REACTOR_POLL_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "reactor/poll_slots.h"
#include "wb/event.h"
#include "wb/status.h"
#include "wb/sys.h"

struct wb__poll_entry {
    uint64_t token;
    int fd;         /* -1: the slot is free */
    uint32_t flags; /* as registered: WB_EPOLL*, with WB_EPOLLET and WB_EPOLLONESHOT */
    uint32_t armed; /* what is asked for, and ERR and HUP if they are to be reported */
    bool has_error; /* an error was reported, and not taken since */
    bool is_bell;
};

struct wb__poll_set {
    const struct wb_sys *sys;
    struct wb_mutex lock;
    struct wb_cond left; /* the waiting thread is out of the kernel */
    int bell_fd;         /* eventfd; ringing ends the present wait */
    struct {             /* under the lock */
        struct wb__poll_entry *entries;
        uint32_t capacity;
        struct wb__poll_slots slots;
        uint32_t used;            /* the highest slot in use + 1 */
        uint32_t next;            /* the slot with which the next search for reports begins */
        struct wb_pollfd *larger; /* for the waiting thread: replaces its copy; NULL: none */
        uint32_t larger_capacity;
        uint64_t rounds; /* how often a thread came out of the kernel */
        bool is_waiting;
        bool is_ringing;
    } shared;
    struct wb_pollfd *fds; /* the waiting thread's: the bell, then a copy of each slot */
    uint32_t fds_capacity;
};

/* Errors: WB_ERR_NO_MEMORY, WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT. Allocates. */
WB_MUST_USE enum wb_status wb__poll_set_new(
    const struct wb_sys *sys, struct wb__poll_set **out_set);

/* Gives the descriptor back: nobody waits now or later. Registrations may still be removed. */
void wb__poll_set_close(struct wb__poll_set *set);

/* After closing. */
void wb__poll_set_destroy(struct wb__poll_set *set);

/* `flags` are WB_EPOLL*. *out_slot names the registration until it is removed. Errors:
 * WB_ERR_ALREADY_REGISTERED, WB_ERR_BAD_FD, WB_ERR_NO_MEMORY; nothing has changed then. Allocates.
 */
WB_MUST_USE enum wb_status wb__poll_set_add(struct wb__poll_set *set, int fd, uint64_t token,
    uint32_t flags, bool is_bell, uint32_t *out_slot);

void wb__poll_set_modify(struct wb__poll_set *set, uint32_t slot, uint64_t token, uint32_t flags);

void wb__poll_set_remove(struct wb__poll_set *set, uint32_t slot);

/* For edge registrations; others are left as they are. `flags`: the direction in which an operation
 * found the source not ready. */
void wb__poll_set_arm(struct wb__poll_set *set, uint32_t slot, uint32_t flags);

/* The source's pending error was taken. */
void wb__poll_set_error_taken(struct wb__poll_set *set, uint32_t slot);

/* As wb_poll_wait(). Allocates: nothing. Asks the clock if timeout_ns is positive. */
WB_MUST_USE enum wb_status wb__poll_set_wait(
    struct wb__poll_set *set, struct wb_events *events, int64_t timeout_ns);

#endif
