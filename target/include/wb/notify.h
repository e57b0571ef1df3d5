/* Tells tasks that something happened, without saying what: the sync part of whatever a user
 * guards otherwise.
 *
 *     wb_notified_init(&self->notified, &thing->notify);
 *     ... look whether there is anything to do; if not: ...
 *     WB_AWAIT(&self->notified.future);
 *
 * One notification for one waiting task is kept if nobody waits, so that it is not lost between
 * looking and waiting; more than one are kept as one. It goes to whoever waited longest. A waiting
 * future that was given one and is dropped before it was polled passes it on.
 *
 * The notify is in its user's memory, which must not be moved, and must outlive its futures and all
 * calls on it. Thread: any; each future by one at a time. Allocates: nothing. */
#ifndef WB_NOTIFY_H
#define WB_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/lock.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/waiter.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fields are private. */
struct wb_notify {
    struct wb__lock lock;
    struct wb__wait_queue waiting;
    uint64_t rounds; /* of wb_notify_all() */
    bool has_kept_one;
};

/* Errors: none. */
WB_API WB_MUST_USE enum wb_status wb_notify_init(
    struct wb_notify *notify, const struct wb_sys *sys);

/* Nobody may wait. One of zero bytes, and one cleaned up before, is allowed. */
WB_API void wb_notify_clean_up(struct wb_notify *notify);

/* One that waits, or the next to wait. */
WB_API void wb_notify_one(struct wb_notify *notify);

/* All futures that were initialised before, polled or not, and are not over. Keeps nothing for
 * those who come later, and leaves what wb_notify_one() kept. */
WB_API void wb_notify_all(struct wb_notify *notify);

/* Over with WB_OK when it was notified. */
struct wb_notified {
    struct wb_future future;
    struct wb_notify *notify;
    struct wb__waiter waiter;
    uint64_t round;  /* when it was made */
    bool is_enabled; /* and has its notification */
};

WB_API void wb_notified_init(struct wb_notified *notified, struct wb_notify *notify);

/* Joins those who wait now, not at the first poll; so that wb_notify_one() between here and there
 * reaches this one. True: it is notified, and has taken what was kept; polls are ready at once. It
 * must not be moved from now on. */
WB_API bool wb_notified_enable(struct wb_notified *notified);

#ifdef __cplusplus
}
#endif

#endif
