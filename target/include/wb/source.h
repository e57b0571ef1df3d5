/* What can be registered: the interface, and its implementation for descriptors.
 *
 * A source of one's own holds another source and forwards to it with wb_registry_register() and its
 * siblings, or to several under tokens of its own. */
#ifndef WB_SOURCE_H
#define WB_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/interest.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_registry;
struct wb_selector;
struct wb_source;

/* All REQUIRED. What a slot returns is returned to the caller of the registry unchanged; the
 * registry calls it exactly once and checks nothing before. */
struct wb_source_ops {
    enum wb_status (*on_register)(struct wb_source *source, const struct wb_registry *registry,
        uint64_t token, uint32_t interest, enum wb_trigger trigger);
    enum wb_status (*on_reregister)(struct wb_source *source, const struct wb_registry *registry,
        uint64_t token, uint32_t interest, enum wb_trigger trigger);
    enum wb_status (*on_deregister)(struct wb_source *source, const struct wb_registry *registry);
};

/* The first member of whatever can be registered. */
struct wb_source {
    const struct wb_source_ops *ops;
};

/* ---- descriptors ---- */

/* A descriptor as a source: part of every socket of this library, and by itself the way to watch an
 * eventfd, a signalfd, a pipe or anything else that epoll accepts. It may be moved (copied, and the
 * original forgotten) at any time. The fields are its own.
 *
 * Thread: one at a time. Ownership: the descriptor is borrowed. */
struct wb_fd_source {
    struct wb_source source;
    const struct wb_sys *sys;
    struct wb_selector *selector; /* of its first poll; NULL before */
    uint64_t token;
    uint32_t slot; /* of the registration, with WB_BACKEND_POLL */
    int fd;
    bool is_registered;
    bool serves_loop;
    bool is_rearmed; /* by operations: WB_TRIGGER_EDGE with WB_BACKEND_POLL */
    bool is_bell;    /* the waker's */
};

/* Does not ask the system, so cannot fail. `fd` should be non-blocking. */
WB_API void wb_fd_source_init(struct wb_fd_source *source, const struct wb_sys *sys, int fd);

/* Deregisters if need be, and lets go of the poll; does not close. Call it before the descriptor is
 * closed: a duplicate elsewhere would keep the registration alive. A source of zero bytes, or one
 * cleaned up before, is allowed. */
WB_API void wb_fd_source_clean_up(struct wb_fd_source *source);

static inline int wb_fd_source_fd(const struct wb_fd_source *source) {
    return source->fd;
}

static inline bool wb_fd_source_is_registered(const struct wb_fd_source *source) {
    return source->is_registered;
}

/* ---- edges with WB_BACKEND_POLL (wb/poll.h) ---- */

/* private: what the two below do when there is something to do */
WB_API void wb__fd_source_arm(struct wb_fd_source *source, uint32_t interest);
WB_API void wb__fd_source_arm_after_error(struct wb_fd_source *source);

/* An operation on the descriptor found it not ready for `interest`: readable after a read that
 * would block (this stands for WB_INTEREST_PRIORITY as well), writable after a write. With
 * WB_TRIGGER_EDGE on WB_BACKEND_POLL the next event comes only after this was said; in every other
 * case it does nothing. The sockets, pipes and channels of this library say it themselves: it is
 * for descriptors that a program reads and writes by itself.
 */
static inline void wb_fd_source_would_block(struct wb_fd_source *source, uint32_t interest) {
    if (source->is_rearmed) {
        wb__fd_source_arm(source, interest);
    }
}

/* The descriptor's pending error was taken, by asking for it or as the failure of an operation. As
 * above. */
static inline void wb_fd_source_error_taken(struct wb_fd_source *source) {
    if (source->is_rearmed) {
        wb__fd_source_arm_after_error(source);
    }
}

#ifdef __cplusplus
}
#endif

#endif
