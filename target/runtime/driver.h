/* The driver: readiness and time. One thread at a time has it (parking.c says which); everything
 * else here is for any thread. */
#ifndef WB_RUNTIME_DRIVER_H
#define WB_RUNTIME_DRIVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/alarm.h"
#include "runtime/lock.h"
#include "runtime/time_wheel.h"
#include "wb/event.h"
#include "wb/poll.h"
#include "wb/runtime.h"
#include "wb/slab.h"
#include "wb/waker.h"

struct wb__wake_list;

/* Values of first_at_ns that are no time. */
#define WB__TIMER_UNKNOWN UINT64_C(0) /* it was cleared or has fired: to be looked for */
#define WB__TIMER_NONE UINT64_MAX

/* Hears of one source, under the lock of the registrations: may not watch or unwatch, nor wake, but
 * put wakers into the list, which is fired without the lock. False: the list is full, and it is to
 * be told again. Both REQUIRED. */
struct wb__io_listener {
    /* It may be ready. On the thread that has the driver. `flags`: WB_EPOLL*. */
    bool (*on_ready)(
        struct wb__io_listener *listener, uint32_t flags, struct wb__wake_list *wakers);
    /* The driver goes away; once it returned true nothing is unwatched any more. */
    bool (*on_gone)(struct wb__io_listener *listener, struct wb__wake_list *wakers);
};

struct wb__driver {
    const struct wb_sys *sys;
    struct wb_poll poll;
    struct wb_waker waker;
    bool tells_all;          /* see wb__selector_tells_all() */
    struct wb_events events; /* of whoever has the driver */
    bool is_early;           /* there, too: no timer was due when the wait began, and events came
                                before one was; the next wait looks at the clock, not this one */
    struct wb__alarm alarm;  /* there, too */
    struct wb__lock io_lock;
    struct wb_slab listeners; /* of struct wb__io_listener *, under io_lock */
    struct wb__lock time_lock;
    uint64_t tick_ns;
    struct wb__time_wheel wheel; /* the rest is under time_lock */
    uint64_t next_timer_id;
    _Atomic uint64_t timers; /* the wheel's count, for those who only look */
    /* When the first timer is due, so that a wait need not look into the wheel. Written under the
     * lock. */
    _Atomic uint64_t first_at_ns;
    /* When the wait of the driver ends by itself, or earlier: whoever sets an earlier timer must
     * end it; 0: nobody waits. Written without the lock when a wait begins and ends. */
    _Atomic uint64_t wakes_at_ns;
};

/* A driver of zero bytes can be cleaned up. Errors: those of wb_runtime_new(). */
WB_MUST_USE enum wb_status wb__driver_init(
    struct wb__driver *driver, const struct wb_sys *sys, const struct wb_runtime_config *config);
void wb__driver_clean_up(struct wb__driver *driver);

/* ---- whoever has it ---- */

/* Waits for readiness, the next timer, wb__driver_interrupt(), or timeout_ns, and remembers what
 * came. Errors: those of the system; not being interrupted by a signal. */
WB_MUST_USE enum wb_status wb__driver_wait(struct wb__driver *driver, int64_t timeout_ns);

/* Hands out what the wait remembered, and fires the timers that are due. */
void wb__driver_dispatch(struct wb__driver *driver);

/* ---- any thread ---- */

/* Ends the present wait, or else the next one. */
void wb__driver_interrupt(struct wb__driver *driver);

/* Registers `source`, whose reports go to `listener` from now on, until it is unwatched. Errors:
 * those of wb_registry_register(), WB_ERR_NO_MEMORY, WB_ERR_FULL. */
WB_MUST_USE enum wb_status wb__driver_watch(struct wb__driver *driver, struct wb_source *source,
    uint32_t interest, enum wb_trigger trigger, struct wb__io_listener *listener,
    uint64_t *out_token);

/* The same in two steps: the first makes no system call, and is undone as the whole is; the second
 * may come later, from any thread, and does nothing if *in_out_is_watched, which is under the
 * driver's lock. */
WB_MUST_USE enum wb_status wb__driver_enlist(
    struct wb__driver *driver, struct wb__io_listener *listener, uint64_t *out_token);
WB_MUST_USE enum wb_status wb__driver_watch_enlisted(struct wb__driver *driver,
    struct wb_source *source, uint32_t interest, enum wb_trigger trigger, uint64_t token,
    bool *in_out_is_watched);

/* Registers again under the same token. */
WB_MUST_USE enum wb_status wb__driver_rewatch(struct wb__driver *driver, struct wb_source *source,
    uint32_t interest, enum wb_trigger trigger, uint64_t token);

/* When it returns the listener is not called, and never again. */
void wb__driver_unwatch(struct wb__driver *driver, struct wb_source *source, uint64_t token);

/* Timers. The waker in the timer is the caller's to fill in and to take out, under time_lock, which
 * the caller has; the driver takes it when it fires. set: false, that is due already. */
bool wb__driver_set_timer(struct wb__driver *driver, struct wb__timer *timer, uint64_t deadline_ns);
void wb__driver_clear_timer(struct wb__driver *driver, struct wb__timer *timer);

#endif
