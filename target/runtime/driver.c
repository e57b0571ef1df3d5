/* Readiness and time. */
#include "runtime/driver.h"

#include <assert.h>

#include "reactor/event_fd.h"
#include "reactor/selector.h"
#include "runtime/planted.h"
#include "runtime/wake_list.h"

/* Wakers that are taken under the lock and fired without it, at a time. */
enum { FIRE_MAX = 32, LISTENERS_FIRST = 16 };

/* No listener has one of these: what they say is for the driver itself. */
#define WAKER_TOKEN WB_SLAB_TOKEN_NONE
#define ALARM_TOKEN (WB_SLAB_TOKEN_NONE - 1)

/* How listeners are called in notes: "io". */
#define LISTENERS_LABEL UINT64_C(0x696f)

/* ---- life ---- */

static enum wb_status open_poll(struct wb__driver *driver, const struct wb_runtime_config *config) {
    enum wb_status status = wb_events_init(&driver->events, driver->sys, config->events_capacity);
    if (status != WB_OK) {
        return status;
    }
    status = wb_poll_init_backend(&driver->poll, driver->sys, config->backend);
    if (status != WB_OK) {
        return status;
    }
    driver->tells_all = wb__selector_tells_all(wb_poll_registry(&driver->poll)->selector);
    /* Else each edge has to be asked for. */
    const struct wb_registry *alarmed = driver->tells_all ? wb_poll_registry(&driver->poll) : NULL;
    wb__alarm_init(&driver->alarm, driver->sys, alarmed, ALARM_TOKEN);
    return wb_waker_init(&driver->waker, wb_poll_registry(&driver->poll), WAKER_TOKEN);
}

enum wb_status wb__driver_init(
    struct wb__driver *driver, const struct wb_sys *sys, const struct wb_runtime_config *config) {
    const struct wb_slab_options listeners = {
        .element_size = sizeof(struct wb__io_listener *),
        .capacity = LISTENERS_FIRST,
        .label = LISTENERS_LABEL,
    };
    driver->sys = sys;
    driver->tick_ns = config->timer_tick_ns;
    driver->wheel.done_tick = WB_SYS(sys, clock_gettime, WB_CLOCK_MONOTONIC) / driver->tick_ns;
    driver->next_timer_id = 1;
    atomic_init(&driver->first_at_ns, WB__TIMER_NONE);
    wb__lock_init(&driver->io_lock, sys);
    wb__lock_init(&driver->time_lock, sys);
    const enum wb_status status = wb_slab_init(&driver->listeners, sys, &listeners);
    return status == WB_OK ? open_poll(driver, config) : status;
}

/* Tells those who still wait that nothing will come. Who is woken may close what was registered. */
static void dismiss_listeners(struct wb__driver *driver) {
    struct wb__wake_list wakers;
    wakers.count = 0;
    while (wb_slab_len(&driver->listeners) != 0) {
        struct wb_slab_iter iter = wb_slab_iter(&driver->listeners);
        size_t key = 0;
        struct wb__io_listener **listener = wb_slab_iter_next(&iter, &key);
        if ((*listener)->on_gone(*listener, &wakers)) {
            wb_slab_remove(&driver->listeners, key, NULL);
        }
        wb__wake_list_fire(&wakers);
    }
}

void wb__driver_clean_up(struct wb__driver *driver) {
    assert(driver->wheel.count == 0 && "a sleep outlives its runtime");
    dismiss_listeners(driver);
    wb_waker_clean_up(&driver->waker);
    wb__alarm_clean_up(&driver->alarm);
    wb_poll_clean_up(&driver->poll);
    wb_events_clean_up(&driver->events);
    wb_slab_clean_up(&driver->listeners);
    wb__lock_clean_up(&driver->time_lock);
    wb__lock_clean_up(&driver->io_lock);
}

/* ---- waiting ---- */

static uint64_t now_of(const struct wb__driver *driver) {
    return WB_SYS(driver->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

static uint64_t time_of(const struct wb__driver *driver, uint64_t tick) {
    return tick > UINT64_MAX / driver->tick_ns ? UINT64_MAX : tick * driver->tick_ns;
}

/* When the first timer is due. */
static uint64_t look_for_first(struct wb__driver *driver) {
    uint64_t tick = 0;
    wb__lock_enter(&driver->time_lock);
    const bool is_any = wb__time_wheel_next(&driver->wheel, &tick);
    const uint64_t at_ns = is_any ? time_of(driver, tick) : WB__TIMER_NONE;
    atomic_store_explicit(&driver->first_at_ns, at_ns, memory_order_relaxed);
    wb__lock_leave(&driver->time_lock);
    return at_ns;
}

/* The shorter of timeout_ns and the time until then. */
static int64_t until(struct wb__driver *driver, uint64_t at_ns, int64_t timeout_ns) {
    const uint64_t now_ns = now_of(driver);
    const uint64_t wait_ns = at_ns > now_ns ? at_ns - now_ns : 0;
    driver->is_early = wait_ns != 0;
    if (timeout_ns >= 0 && wait_ns >= (uint64_t)timeout_ns) {
        return timeout_ns;
    }
    return wait_ns > INT64_MAX ? INT64_MAX : (int64_t)wait_ns;
}

/* From now on timers end the wait that are earlier than its end: either it is seen here that one is
 * the first, or whoever sets it, and says first that it is, sees that somebody waits. */
static int64_t begin_wait(struct wb__driver *driver, int64_t timeout_ns) {
    wb_sys_interleave(driver->sys, &driver->wakes_at_ns);
    atomic_store_explicit(&driver->wakes_at_ns, UINT64_MAX, memory_order_seq_cst);
    wb_sys_interleave(driver->sys, &driver->first_at_ns);
    uint64_t at_ns = atomic_load_explicit(&driver->first_at_ns, memory_order_seq_cst);
    if (at_ns == WB__TIMER_UNKNOWN) {
        at_ns = look_for_first(driver);
    }
    if (at_ns == WB__TIMER_NONE) {
        return timeout_ns;
    }
    wb_sys_interleave(driver->sys, &driver->wakes_at_ns);
    atomic_store_explicit(&driver->wakes_at_ns, at_ns, memory_order_relaxed);
    if (wb__alarm_rings_by(&driver->alarm, at_ns)) {
        driver->is_early = true; /* or else it rings */
        return timeout_ns;
    }
    return until(driver, at_ns, timeout_ns);
}

static void end_wait(struct wb__driver *driver) {
    wb_sys_interleave(driver->sys, &driver->wakes_at_ns);
    atomic_store_explicit(&driver->wakes_at_ns, 0, memory_order_release);
}

enum wb_status wb__driver_wait(struct wb__driver *driver, int64_t timeout_ns) {
    struct wb_selector *selector = wb_poll_registry(&driver->poll)->selector;
    enum wb_status status = WB_OK;
    driver->is_early = false;
    if (timeout_ns == 0) {
        status = wb__selector_wait(selector, &driver->events, 0);
    } else {
        timeout_ns = begin_wait(driver, timeout_ns);
        status = wb__selector_wait(selector, &driver->events, timeout_ns);
        end_wait(driver);
        driver->is_early = driver->is_early && !wb_events_is_empty(&driver->events);
    }
    return status == WB_ERR_INTERRUPTED ? WB_OK : status;
}

/* An eventfd can't be full, so this does not fail unless the system is broken; and then the next
 * wait ends when something else does. */
void wb__driver_interrupt(struct wb__driver *driver) {
    (void)!wb_waker_wake(&driver->waker);
}

/* ---- readiness ---- */

/* Makes room in the list. With the lock, which is left meanwhile: sources may come and go. Not
 * inlined: there is mostly room. */
static __attribute__((noinline)) void fire_some(
    struct wb__driver *driver, struct wb__wake_list *wakers) {
    wb__lock_leave(&driver->io_lock);
    wb__wake_list_fire(wakers);
    wb__lock_enter(&driver->io_lock);
}

static __attribute__((noinline)) void dispatch_own(struct wb__driver *driver, uint64_t token) {
    if (token == ALARM_TOKEN) {
        wb__alarm_rang(&driver->alarm);
        driver->is_early = false;
    } else {
        /* Nobody promises another edge of what is still readable. What is taken here was said
         * before this thread looks for what there is to do. */
        (void)!wb__event_fd_hush(driver->sys, wb_fd_source_fd(&driver->waker.event_fd));
    }
}

static void dispatch_event(
    struct wb__driver *driver, struct wb_event event, struct wb__wake_list *wakers) {
    if (event.token >= ALARM_TOKEN) {
        dispatch_own(driver, event.token);
        return;
    }
    struct wb__io_listener **listener = wb_slab_from_token(&driver->listeners, event.token);
    if (listener == NULL) { /* it was unwatched meanwhile */
        return;
    }
    wb_sys_note(driver->sys, WB_NOTE_DISPATCH, event.token, event.flags);
    while (listener != NULL && !(*listener)->on_ready(*listener, event.flags, wakers)) {
        fire_some(driver, wakers);
        listener = wb_slab_from_token(&driver->listeners, event.token);
    }
}

static void dispatch_events(struct wb__driver *driver) {
    if (wb_events_is_empty(&driver->events)) {
        return;
    }
    struct wb__wake_list wakers;
    wakers.count = 0;
    wb__lock_enter(&driver->io_lock);
    for (uint32_t i = 0; i < wb_events_count(&driver->events); i++) {
        dispatch_event(driver, wb_events_at(&driver->events, i), &wakers);
    }
    wb__lock_leave(&driver->io_lock);
    wb_events_clear(&driver->events);
    wb__wake_list_fire(&wakers);
}

/* With the lock. */
static enum wb_status enlist(
    struct wb__driver *driver, struct wb__io_listener *listener, uint64_t *out_token) {
    size_t key = 0;
    const enum wb_status status = wb_slab_insert(&driver->listeners, &listener, &key);
    if (status == WB_OK) {
        *out_token = wb_slab_token(&driver->listeners, key);
    }
    return status;
}

enum wb_status wb__driver_watch(struct wb__driver *driver, struct wb_source *source,
    uint32_t interest, enum wb_trigger trigger, struct wb__io_listener *listener,
    uint64_t *out_token) {
    uint64_t token = 0;
    wb__lock_enter(&driver->io_lock);
    enum wb_status status = enlist(driver, listener, &token);
    if (status == WB_OK) {
        status =
            wb_registry_register(wb_poll_registry(&driver->poll), source, token, interest, trigger);
        if (status == WB_OK) {
            *out_token = token;
        } else {
            wb_slab_remove(&driver->listeners, wb_slab_token_key(token), NULL);
        }
    }
    wb__lock_leave(&driver->io_lock);
    return status;
}

enum wb_status wb__driver_enlist(
    struct wb__driver *driver, struct wb__io_listener *listener, uint64_t *out_token) {
    wb__lock_enter(&driver->io_lock);
    const enum wb_status status = enlist(driver, listener, out_token);
    wb__lock_leave(&driver->io_lock);
    return status;
}

enum wb_status wb__driver_watch_enlisted(struct wb__driver *driver, struct wb_source *source,
    uint32_t interest, enum wb_trigger trigger, uint64_t token, bool *in_out_is_watched) {
    enum wb_status status = WB_OK;
    wb__lock_enter(&driver->io_lock);
    if (!*in_out_is_watched) {
        status =
            wb_registry_register(wb_poll_registry(&driver->poll), source, token, interest, trigger);
        *in_out_is_watched = status == WB_OK;
    }
    wb__lock_leave(&driver->io_lock);
    return status;
}

enum wb_status wb__driver_rewatch(struct wb__driver *driver, struct wb_source *source,
    uint32_t interest, enum wb_trigger trigger, uint64_t token) {
    return wb_registry_reregister(
        wb_poll_registry(&driver->poll), source, token, interest, trigger);
}

void wb__driver_unwatch(struct wb__driver *driver, struct wb_source *source, uint64_t token) {
    wb__lock_enter(&driver->io_lock);
    if (source->ops != NULL) { /* else it was closed, which deregistered it */
        (void)!wb_registry_deregister(wb_poll_registry(&driver->poll), source);
    }
    wb_slab_remove(&driver->listeners, wb_slab_token_key(token), NULL);
    wb__lock_leave(&driver->io_lock);
}

/* ---- time ---- */

static void tell_count(struct wb__driver *driver) {
    atomic_store_explicit(&driver->timers, driver->wheel.count, memory_order_relaxed);
}

/* Whoever begins to wait has to see a new first one, or is seen by hasten_wait(). */
static void tell_first(struct wb__driver *driver, uint64_t at_ns) {
    if (at_ns < atomic_load_explicit(&driver->first_at_ns, memory_order_relaxed)) {
        atomic_store_explicit(&driver->first_at_ns, at_ns, memory_order_seq_cst);
    }
}

/* What was the first one is none any more. */
static void forget_first(struct wb__driver *driver) {
    const bool is_any = driver->wheel.count != 0;
    atomic_store_explicit(
        &driver->first_at_ns, is_any ? WB__TIMER_UNKNOWN : WB__TIMER_NONE, memory_order_relaxed);
}

/* The wait may end by itself meanwhile, and another one begin, which then counts this timer. */
static void hasten_wait(struct wb__driver *driver, uint64_t at_ns) {
    wb_sys_interleave(driver->sys, &driver->wakes_at_ns);
    uint64_t wakes_at_ns = atomic_load_explicit(&driver->wakes_at_ns, memory_order_seq_cst);
    if (at_ns < wakes_at_ns && !RUNTIME_PLANTED(UNARMED_TIMER)) {
        (void)atomic_compare_exchange_strong_explicit(
            &driver->wakes_at_ns, &wakes_at_ns, at_ns, memory_order_relaxed, memory_order_relaxed);
        wb__driver_interrupt(driver);
    }
}

bool wb__driver_set_timer(
    struct wb__driver *driver, struct wb__timer *timer, uint64_t deadline_ns) {
    const uint64_t tick =
        deadline_ns / driver->tick_ns + (deadline_ns % driver->tick_ns != 0 ? 1 : 0);
    if (!wb__time_wheel_set(&driver->wheel, timer, tick)) {
        return false;
    }
    timer->id = driver->next_timer_id++;
    tell_count(driver);
    const uint64_t at_ns = time_of(driver, tick);
    tell_first(driver, at_ns);
    wb_sys_note(driver->sys, WB_NOTE_TIMER_SET, timer->id, at_ns);
    hasten_wait(driver, at_ns);
    return true;
}

void wb__driver_clear_timer(struct wb__driver *driver, struct wb__timer *timer) {
    wb__time_wheel_clear(&driver->wheel, timer);
    wb_sys_note(driver->sys, WB_NOTE_TIMER_CLEAR, timer->id, 0);
    timer->id = 0;
    tell_count(driver);
    const uint64_t first_at_ns = atomic_load_explicit(&driver->first_at_ns, memory_order_relaxed);
    if (driver->wheel.count == 0 || time_of(driver, timer->tick) == first_at_ns) {
        forget_first(driver);
    }
}

/* Takes the wakers of the first timers that are due. */
static uint32_t take_due(
    struct wb__driver *driver, uint64_t now_tick, struct wb_task_waker wakers[FIRE_MAX]) {
    uint32_t count = 0;
    wb__lock_enter(&driver->time_lock);
    while (count < FIRE_MAX) {
        struct wb__timer *timer = wb__time_wheel_pop(&driver->wheel, now_tick);
        if (timer == NULL) {
            break;
        }
        wb_sys_note(driver->sys, WB_NOTE_TIMER_FIRE, timer->id, time_of(driver, timer->tick));
        timer->id = 0;
        wakers[count++] = timer->waker;
        timer->waker = (struct wb_task_waker){0};
    }
    tell_count(driver);
    forget_first(driver);
    wb__lock_leave(&driver->time_lock);
    return count;
}

static __attribute__((noinline)) void fire_timers(struct wb__driver *driver) {
    struct wb_task_waker wakers[FIRE_MAX];
    const uint64_t now_tick = now_of(driver) / driver->tick_ns;
    uint32_t count = FIRE_MAX;
    while (count == FIRE_MAX) {
        count = take_due(driver, now_tick, wakers);
        for (uint32_t i = 0; i < count; i++) {
            wb_task_waker_fire(&wakers[i]);
        }
    }
}

void wb__driver_dispatch(struct wb__driver *driver) {
    dispatch_events(driver);
    if (!driver->is_early && atomic_load_explicit(&driver->timers, memory_order_relaxed) != 0) {
        fire_timers(driver);
    }
}
