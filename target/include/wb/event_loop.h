/* The handler form of the reactor: a loop that waits, and calls back for readiness, for messages of
 * other threads and for timers.
 *
 * One iteration waits (until something is ready, a timer is due or a message came), then calls
 * ready for each source that was reported, notify for at most messages_per_tick messages, timeout
 * for each timer that is due, and tick, in this order. With nothing to do and no timer it waits for
 * ever. Callbacks may use the loop freely, but not run or destroy it.
 *
 * Thread: the loop belongs to one thread at a time, and so do the sources registered through it.
 * Only a struct wb_sender is for other threads. */
#ifndef WB_EVENT_LOOP_H
#define WB_EVENT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/event.h"
#include "wb/interest.h"
#include "wb/poll.h"
#include "wb/sender.h"
#include "wb/source.h"
#include "wb/status.h"
#include "wb/sys.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_event_loop;

/* The one token that cannot be registered: the loop's own. It is also WB_SLAB_TOKEN_NONE. */
#define WB_EVENT_LOOP_TOKEN UINT64_MAX

/* What a loop calls. Every slot is optional; a message for which there is no notify is dropped (see
 * drop_message). Nothing here is called from inside the function that registered, set or sent it,
 * except by run and run_once. */
struct wb_handler {
    /* A source is reported: once in an iteration, whatever the number of the system's reports, with
     * all they say in one event. Sources that share a token are one source in this respect: the one
     * call is for all of them, and says what any of them is ready for. Every report of a source
     * that was deregistered or closed earlier in the same iteration has been removed, and of one
     * that was reregistered everything that is no longer of interest; a report under a token that
     * was replaced comes again under the new one. It may still be spurious. */
    void (*ready)(struct wb_event_loop *loop, struct wb_event event, void *user_data);
    /* Ownership: of the message passes to the handler. */
    void (*notify)(struct wb_event_loop *loop, void *message, void *user_data);
    void (*timeout)(struct wb_event_loop *loop, uint64_t value, void *user_data);
    /* The wait was interrupted by a signal; the iteration goes on without events. */
    void (*interrupted)(struct wb_event_loop *loop, void *user_data);
    /* The end of the iteration. */
    void (*tick)(struct wb_event_loop *loop, void *user_data);
};

/* All zero means the defaults. */
struct wb_event_loop_config {
    enum wb_backend backend;    /* what it waits with; 0: WB_BACKEND_EPOLL */
    uint32_t events_capacity;   /* reports taken from one wait; 0: 1,024. At most
                                   WB_EVENTS_CAPACITY_MAX */
    uint32_t notify_capacity;   /* messages that may wait; 0: 4,096. At most 1,048,576 */
    uint32_t messages_per_tick; /* messages handled in one iteration; 0: 256 */
    uint64_t timer_tick_ns;     /* resolution of timers; 0: 100 ms */
    uint32_t timer_wheel_slots; /* ticks in one turn of the wheel, a power of two; 0: 1,024. At
                                   most 65,536 */
    uint32_t timer_capacity;    /* timers set at once; 0: 65,536. At most 16,777,216 */
    void (*drop_message)(void *message, void *user_data); /* ends a message that nobody will handle,
                                                             exactly once; NULL: nothing to do */
    void *drop_user_data;
};

/* `config` may be NULL. Memory and descriptors for messages and timers are taken when the first
 * sender is made and the first timer set. Errors: WB_ERR_INVALID for a configuration outside its
 * bounds, WB_ERR_NO_MEMORY, WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT. Allocates. Ownership: end it
 * with wb_event_loop_destroy(). */
WB_API WB_MUST_USE enum wb_status wb_event_loop_new(const struct wb_sys *sys,
    const struct wb_event_loop_config *config, struct wb_event_loop **out_loop);

/* Queued messages are dropped, senders find it closed, timers are forgotten (and announced as
 * cleared). Sources still registered are no longer watched; close them before or after. NULL is
 * allowed. */
WB_API void wb_event_loop_destroy(struct wb_event_loop *loop);

/* What it was made with, defaults filled in. Borrowed: valid as long as the loop. */
WB_API const struct wb_event_loop_config *wb_event_loop_configuration(
    const struct wb_event_loop *loop);

WB_API const struct wb_sys *wb_event_loop_sys(const struct wb_event_loop *loop);

/* ---- sources ---- */

/* As wb_registry_register() and its siblings. Errors: also WB_ERR_INVALID for the token
 * WB_EVENT_LOOP_TOKEN. A source registered or reregistered here must from then on be
 * reregistered, deregistered and closed in the loop's thread, which may be done through any of the
 * interfaces. */
WB_API WB_MUST_USE enum wb_status wb_event_loop_register(struct wb_event_loop *loop,
    struct wb_source *source, uint64_t token, uint32_t interest, enum wb_trigger trigger);
WB_API WB_MUST_USE enum wb_status wb_event_loop_reregister(struct wb_event_loop *loop,
    struct wb_source *source, uint64_t token, uint32_t interest, enum wb_trigger trigger);
WB_API WB_MUST_USE enum wb_status wb_event_loop_deregister(
    struct wb_event_loop *loop, struct wb_source *source);

/* ---- running ---- */

/* Iterates until shutdown was called, and may be called again after that. Errors: what the wait
 * fails with, other than being interrupted; the loop may be run again. Calls back: everything. */
WB_API WB_MUST_USE enum wb_status wb_event_loop_run(
    struct wb_event_loop *loop, const struct wb_handler *handler, void *user_data);

/* One iteration. Waits for at most timeout_ns: negative for ever, 0 not at all; less if a timer is
 * due before, not at all if messages wait. Errors: as run; then only the wait was done. */
WB_API WB_MUST_USE enum wb_status wb_event_loop_run_once(struct wb_event_loop *loop,
    const struct wb_handler *handler, void *user_data, int64_t timeout_ns);

/* Ends run after this iteration, which is completed: remaining events, messages, timers, tick. From
 * a callback; outside run it has no effect. */
WB_API void wb_event_loop_shutdown(struct wb_event_loop *loop);

/* Between the beginning of run and shutdown. */
WB_API bool wb_event_loop_is_running(const struct wb_event_loop *loop);

/* ---- messages of other threads ---- */

/* A handle through which any thread sends to the loop (wb/sender.h); it may outlive the loop. At
 * most notify_capacity messages wait. Thread: the loop's. Errors: WB_ERR_NO_MEMORY,
 * WB_ERR_FD_LIMIT, WB_ERR_SYSTEM_FD_LIMIT, and only for the first sender. Allocates. Ownership: end
 * it with wb_sender_clean_up(). */
WB_API WB_MUST_USE enum wb_status wb_event_loop_sender(
    struct wb_event_loop *loop, struct wb_sender *out_sender);

/* ---- timers ---- */

/* Names one timer. A stale handle, whose timer fired or was cleared, is harmless for ever. All zero
 * names none. */
struct wb_timeout {
    uint64_t id;
};

/* Calls timeout(value) once, no earlier than delay_ns from now, and at least one tick of the wheel
 * from now. Timers fire in the order of their ticks, and within one tick in the order in which they
 * were set. `out_timeout` may be NULL. Errors: WB_ERR_FULL at timer_capacity, WB_ERR_NO_MEMORY.
 * Allocates: when there were never so many timers before. */
WB_API WB_MUST_USE enum wb_status wb_event_loop_timeout(
    struct wb_event_loop *loop, uint64_t delay_ns, uint64_t value, struct wb_timeout *out_timeout);

/* Whether the timer was still to fire, and now never will. */
WB_API bool wb_event_loop_clear_timeout(struct wb_event_loop *loop, struct wb_timeout timeout);

#ifdef __cplusplus
}
#endif

#endif
