/* Waiting for readiness: the poll that is waited on and the registry that says what for.
 *
 *     struct wb_poll poll;
 *     struct wb_events events;
 *     wb_poll_init(&poll, sys);
 *     wb_events_init(&events, sys, 1024);
 *     wb_registry_register(wb_poll_registry(&poll), wb_tcp_listener_source(&listener), 0,
 *         WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
 *     while (wb_poll_wait(&poll, &events, WB_TIMEOUT_INFINITE) == WB_OK) {
 *         for (uint32_t i = 0; i < wb_events_count(&events); i++) {
 *             ... wb_events_at(&events, i) ...
 *         }
 *     }
 *
 * A token is any uint64_t. It is not looked at and comes back verbatim; several sources may share
 * one. An event that was already reported is not taken back: whoever closes a source while a batch
 * is being gone through must expect the rest of that batch to name its token. The event loop
 * (wb/event_loop.h) removes such events by itself. */
#ifndef WB_POLL_H
#define WB_POLL_H

#include <stdint.h>

#include "wb/event.h"
#include "wb/interest.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- registry ---- */

/* What is watched. Thread: any thread may register, reregister and deregister, also while another
 * is in a wait, as long as one source is used by one thread at a time. */
struct wb_registry {
    struct wb_selector *selector; /* private */
    bool serves_loop;             /* private: the event loop's own */
};

/* An independent handle to the same registry, that may outlive the poll: then registering fails
 * with WB_ERR_CLOSED once the poll and all other handles are gone. Thread: any. Ownership: give
 * back with wb_registry_clean_up(). */
WB_API struct wb_registry wb_registry_clone(const struct wb_registry *registry);

/* Only for clones. A registry of zero bytes, or one cleaned up before, is allowed. */
WB_API void wb_registry_clean_up(struct wb_registry *registry);

/* Watches `source`. If it is ready already the next wait reports it. Calls exactly the source's own
 * on_register, once, and returns what that returns.
 *
 * Errors of the sources of this library: WB_ERR_ALREADY_REGISTERED if it is registered, here or on
 * another poll; WB_ERR_INVALID if the interest is not valid, or if the source was registered on
 * another poll before: it stays with its first one for life. WB_ERR_NOT_PERMITTED for a descriptor
 * that cannot be waited for (a regular file), WB_ERR_BAD_FD, WB_ERR_NO_MEMORY, WB_ERR_NO_SPACE. The
 * source is then as it was. */
WB_API WB_MUST_USE enum wb_status wb_registry_register(const struct wb_registry *registry,
    struct wb_source *source, uint64_t token, uint32_t interest, enum wb_trigger trigger);

/* Replaces token, interest and trigger altogether, and arms the source again: if it is ready the
 * next wait reports it. A report that was pending for what is no longer of interest does not come.
 * Errors: WB_ERR_NOT_REGISTERED, WB_ERR_INVALID as above, WB_ERR_NO_MEMORY. */
WB_API WB_MUST_USE enum wb_status wb_registry_reregister(const struct wb_registry *registry,
    struct wb_source *source, uint64_t token, uint32_t interest, enum wb_trigger trigger);

/* Watches no longer. No wait that begins after this returned reports the source. Errors:
 * WB_ERR_NOT_REGISTERED. */
WB_API WB_MUST_USE enum wb_status wb_registry_deregister(
    const struct wb_registry *registry, struct wb_source *source);

/* ---- poll ---- */

/* The fields are the poll's own. */
struct wb_poll {
    struct wb_registry registry;
};

/* What a poll waits with. Programs that follow wb/interest.h cannot tell the difference, but:
 *
 *   - EPOLL: the kernel keeps the registrations; a wait costs what is ready.
 *   - POLL: poll(2) and registrations in memory; a wait costs what is registered. Level and
 * one-shot are as with EPOLL. Edges are emulated: a direction that was reported is reported again
 * only after an operation found it not ready, WB_WOULD_BLOCK, or after reregistering; going on
 * until then is what an edge asks for anyway, but here nothing at all comes before it, not even for
 *     new data. What is reported at the same time comes as several events more often. After an
 * event with an error the same holds for every direction, until the error was taken. Regular files
 *     are accepted, and always ready. A descriptor closed behind the poll's back stays registered.
 */
enum wb_backend {
    WB_BACKEND_EPOLL,
    WB_BACKEND_POLL,
};

/* Errors: WB_ERR_NO_MEMORY, WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT; the poll is then as after
 * clean_up. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_poll_init(struct wb_poll *poll, const struct wb_sys *sys);

/* The same with a back-end of one's choice; wb_poll_init() takes EPOLL. */
WB_API WB_MUST_USE enum wb_status wb_poll_init_backend(
    struct wb_poll *poll, const struct wb_sys *sys, enum wb_backend backend);

/* Sources still registered are no longer watched, may be closed later, and cannot be registered
 * elsewhere. A poll of zero bytes, or one cleaned up before, is allowed. Thread: no other is in a
 * wait, and none without a registry of its own registers or closes sources of this poll. */
WB_API void wb_poll_clean_up(struct wb_poll *poll);

/* Borrowed: valid as long as the poll, for any thread. */
static inline const struct wb_registry *wb_poll_registry(const struct wb_poll *poll) {
    return &poll->registry;
}

/* Waits until something is ready, or for timeout_ns: WB_TIMEOUT_INFINITE (any negative) for ever; 0
 * asks the kernel and returns. Never returns early, so a timeout of any length is not a busy loop.
 *
 * The container is cleared first. WB_OK without events: the time is up. Errors: WB_ERR_INTERRUPTED,
 * by a signal; wait again. The container is then empty. Thread: one waits at a time. Allocates:
 * nothing. */
WB_API WB_MUST_USE enum wb_status wb_poll_wait(
    struct wb_poll *poll, struct wb_events *events, int64_t timeout_ns);

#ifdef __cplusplus
}
#endif

#endif
