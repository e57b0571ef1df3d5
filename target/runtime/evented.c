/* Readiness: reported by the driver, remembered, cleared by whoever finds that there is none. */
#include "runtime/evented.h"

#include <assert.h>

#include "runtime/internal.h"
#include "runtime/wake_list.h"

#define READY_MASK UINT64_C(3)
#define STATE_MASK ((UINT64_C(1) << WB__EVENTED_STATE_BITS) - 1)

static uint64_t bit_of(enum wb_direction direction) {
    return WB__EVENTED_READY << direction;
}

static uint64_t closed_bit_of(enum wb_direction direction) {
    return WB__EVENTED_CLOSED << direction;
}

static uint64_t more_bit_of(enum wb_direction direction) {
    return WB__EVENTED_MORE << direction;
}

static struct wb_ready ready_of(enum wb_direction direction, uint64_t state) {
    return (struct wb_ready){
        .direction = direction,
        .report = state >> WB__EVENTED_STATE_BITS,
        .is_closed = (state & closed_bit_of(direction)) != 0,
    };
}

static struct wb_event event_of(uint32_t flags) {
    const struct wb_event event = {.flags = flags};
    return event;
}

/* An end, an error, or urgent data, before which a read stops: there is more to find out than
 * bytes, and it was told already. */
static uint64_t more_of_flags(uint32_t flags) {
    const uint32_t to_read = WB_EPOLLRDHUP | WB_EPOLLHUP | WB_EPOLLERR | WB_EPOLLPRI;
    const uint32_t to_write = WB_EPOLLHUP | WB_EPOLLERR;
    return ((flags & to_read) != 0 ? more_bit_of(WB_DIRECTION_READ) : 0)
           | ((flags & to_write) != 0 ? more_bit_of(WB_DIRECTION_WRITE) : 0);
}

static __attribute__((noinline)) uint64_t bits_of_many_flags(uint32_t flags) {
    const struct wb_event event = event_of(flags);
    return (wb_event_wants_read(event) ? bit_of(WB_DIRECTION_READ) : 0)
           | (wb_event_wants_write(event) ? bit_of(WB_DIRECTION_WRITE) : 0)
           | (wb_event_is_read_closed(event) ? closed_bit_of(WB_DIRECTION_READ) : 0)
           | (wb_event_is_write_closed(event) ? closed_bit_of(WB_DIRECTION_WRITE) : 0)
           | more_of_flags(flags);
}

/* Most often there is nothing but readiness. */
static inline uint64_t bits_of_flags(uint32_t flags) {
    if ((flags & ~(WB_EPOLLIN | WB_EPOLLOUT)) != 0) {
        return bits_of_many_flags(flags);
    }
    return ((flags & WB_EPOLLIN) != 0 ? bit_of(WB_DIRECTION_READ) : 0)
           | ((flags & WB_EPOLLOUT) != 0 ? bit_of(WB_DIRECTION_WRITE) : 0);
}

/* ---- waiters, under the lock ---- */

static void link_waiter(struct wb__evented *evented, struct wb__io_waiter *waiter) {
    waiter->is_linked = true;
    waiter->prev = evented->last;
    waiter->next = NULL;
    *(evented->last != NULL ? &evented->last->next : &evented->waiters) = waiter;
    evented->last = waiter;
}

static void unlink_waiter(struct wb__evented *evented, struct wb__io_waiter *waiter) {
    waiter->is_linked = false;
    *(waiter->prev != NULL ? &waiter->prev->next : &evented->waiters) = waiter->next;
    *(waiter->next != NULL ? &waiter->next->prev : &evented->last) = waiter->prev;
}

/* False: there is no room for all of them. Who is in the list and was told has no waker, and is
 * taken out by its next poll or its drop. */
static bool take_wakers(struct wb__evented *evented, uint64_t bits, struct wb__wake_list *list) {
    for (int i = 0; i < WB__DIRECTIONS; i++) {
        if ((bits & bit_of((enum wb_direction)i)) != 0
            && !wb__wake_list_take(list, &evented->slots[i].waker)) {
            return false;
        }
    }
    for (struct wb__io_waiter *waiter = evented->waiters; waiter != NULL; waiter = waiter->next) {
        if ((bits & bit_of(waiter->direction)) != 0 && !wb__wake_list_take(list, &waiter->waker)) {
            return false;
        }
    }
    return true;
}

/* ---- the driver's side ---- */

static struct wb__evented *of_listener(struct wb__io_listener *listener) {
    return (
        struct wb__evented *)(void *)((char *)listener - offsetof(struct wb__evented, listener));
}

static void add_report(struct wb__evented *evented, uint64_t bits) {
    uint64_t state = atomic_load_explicit(&evented->state, memory_order_relaxed);
    uint64_t next = 0;
    do {
        next = ((state | STATE_MASK) + 1) | (state & STATE_MASK) | bits;
    } while (!atomic_compare_exchange_weak_explicit(
        &evented->state, &state, next, memory_order_acq_rel, memory_order_relaxed));
}

static bool on_ready(
    struct wb__io_listener *listener, uint32_t flags, struct wb__wake_list *wakers) {
    struct wb__evented *evented = of_listener(listener);
    const uint64_t bits = bits_of_flags(flags);
    wb__lock_enter(&evented->lock);
    add_report(evented, bits);
    const bool is_told = take_wakers(evented, bits, wakers);
    wb__lock_leave(&evented->lock);
    return is_told;
}

static bool on_gone(struct wb__io_listener *listener, struct wb__wake_list *wakers) {
    struct wb__evented *evented = of_listener(listener);
    wb__lock_enter(&evented->lock);
    const bool is_told = take_wakers(evented, READY_MASK, wakers);
    if (is_told) {
        evented->runtime = NULL;
        add_report(evented, READY_MASK | WB__EVENTED_GONE);
    }
    wb__lock_leave(&evented->lock);
    return is_told;
}

/* ---- life ---- */

/* Urgent data is waited for where a short read means something, since it makes short ones. */
static uint32_t interest_of(const struct wb__evented *evented) {
    return WB_INTEREST_READABLE | WB_INTEREST_WRITABLE
           | (evented->heeds_short ? WB_INTEREST_PRIORITY : 0u);
}

static enum wb_status watch(struct wb__evented *evented, struct wb_source *source) {
    return wb__driver_watch(&evented->runtime->driver, source, interest_of(evented),
        WB_TRIGGER_EDGE, &evented->listener, &evented->token);
}

/* Nobody knows it yet. */
static enum wb_status watch_later(struct wb__evented *evented, struct wb_source *source) {
    evented->unwatched = source;
    atomic_init(&evented->state, READY_MASK | WB__EVENTED_UNWATCHED);
    return wb__driver_enlist(&evented->runtime->driver, &evented->listener, &evented->token);
}

enum wb_status wb__evented_init(struct wb__evented *evented, struct wb_runtime *runtime,
    struct wb_source *source, enum wb__evented_kind kind, enum wb__evented_start start) {
    *evented = (struct wb__evented){.listener = {on_ready, on_gone}};
    if (runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    if (wb__runtime_phase(runtime) >= WB__PHASE_CANCELLING) {
        return WB_ERR_CLOSED;
    }
    evented->sys = runtime->sys;
    evented->runtime = runtime;
    evented->slots[WB_DIRECTION_WRITE].direction = WB_DIRECTION_WRITE;
    evented->heeds_short = kind == WB__EVENTED_TCP_BYTES && runtime->driver.tells_all;
    wb__lock_init(&evented->lock, runtime->sys);
    /* Elsewhere what operations find out is part of the registration. */
    const enum wb_status status = start == WB__EVENTED_TRIED_FIRST && runtime->driver.tells_all
                                      ? watch_later(evented, source)
                                      : watch(evented, source);
    if (status != WB_OK) {
        wb__lock_clean_up(&evented->lock);
    }
    return status;
}

void wb__evented_forget(struct wb__evented *evented, enum wb_direction direction) {
    struct wb_task_waker waker = {0};
    wb__lock_enter(&evented->lock);
    waker = evented->slots[direction].waker;
    evented->slots[direction].waker = (struct wb_task_waker){0};
    wb__lock_leave(&evented->lock);
    wb_task_waker_drop(&waker);
}

void wb__evented_clean_up(struct wb__evented *evented, struct wb_source *source) {
    if (evented->lock.sys == NULL) {
        return;
    }
    wb__lock_enter(&evented->lock);
    struct wb_runtime *runtime = evented->runtime;
    wb__lock_leave(&evented->lock);
    if (runtime != NULL) {
        wb__driver_unwatch(&runtime->driver, source, evented->token);
    }
    wb__evented_forget(evented, WB_DIRECTION_READ);
    wb__evented_forget(evented, WB_DIRECTION_WRITE);
    assert(evented->waiters == NULL && "somebody waits for what is closed");
    wb__lock_clean_up(&evented->lock);
}

/* ---- whoever waits ---- */

/* Somebody is to wait for what was only tried so far. A report may come before this returns. */
static __attribute__((noinline)) enum wb_status watch_now(struct wb__evented *evented) {
    wb__lock_enter(&evented->lock);
    struct wb_runtime *runtime = evented->runtime;
    wb__lock_leave(&evented->lock);
    if (runtime == NULL) { /* which is told in the state, too */
        return WB_OK;
    }
    const enum wb_status status = wb__driver_watch_enlisted(&runtime->driver, evented->unwatched,
        interest_of(evented), WB_TRIGGER_EDGE, evented->token, &evented->is_watched);
    if (status == WB_OK) {
        wb_sys_interleave(evented->sys, &evented->state);
        (void)atomic_fetch_and_explicit(
            &evented->state, ~WB__EVENTED_UNWATCHED, memory_order_release);
    }
    return status;
}

static inline enum wb_status see_to_watch(struct wb__evented *evented, uint64_t state) {
    return (state & WB__EVENTED_UNWATCHED) == 0 ? WB_OK : watch_now(evented);
}

/* Under the lock: the waiter has the waker from now on, and `waker` what it had before. */
static void wait_with(
    struct wb__evented *evented, struct wb__io_waiter *waiter, struct wb_task_waker *waker) {
    const struct wb_task_waker replaced = waiter->waker;
    waiter->waker = *waker;
    *waker = replaced;
    if (!waiter->is_linked && waiter != &evented->slots[waiter->direction]) {
        link_waiter(evented, waiter);
    }
}

/* The driver reports under the same lock, so that no report falls in between. */
enum wb_progress wb__evented_await(struct wb__evented *evented, struct wb__io_waiter *waiter,
    struct wb_context *context, enum wb_status *out_status) {
    *out_status = see_to_watch(evented, wb__evented_state(evented));
    if (*out_status != WB_OK) {
        return WB_READY;
    }
    struct wb_task_waker waker = wb_task_waker_clone(context->waker);
    wb__lock_enter(&evented->lock);
    const bool is_gone = evented->runtime == NULL;
    const bool is_ready = is_gone || (wb__evented_state(evented) & bit_of(waiter->direction)) != 0;
    const bool waits = !is_ready && !wb_task_waker_is_empty(context->waker);
    if (waits) {
        wait_with(evented, waiter, &waker);
    }
    wb__lock_leave(&evented->lock);
    wb_task_waker_drop(&waker);
    if (waits) {
        return WB_PENDING;
    }
    *out_status = is_gone ? WB_ERR_CLOSED : is_ready ? WB_OK : WB_ERR_NO_RUNTIME;
    return WB_READY;
}

static enum wb_progress look(struct wb__evented *evented, struct wb__io_waiter *waiter,
    struct wb_context *context, struct wb_ready *out_ready, enum wb_status *out_status) {
    uint64_t state = wb__evented_state(evented);
    *out_status = WB_OK;
    while (*out_status == WB_OK && !wb__evented_is_ready(waiter->direction, state)) {
        if (wb__evented_await(evented, waiter, context, out_status) == WB_PENDING) {
            return WB_PENDING;
        }
        state = wb__evented_state(evented);
    }
    *out_ready = ready_of(waiter->direction, state);
    return WB_READY;
}

enum wb_progress wb__evented_poll_ready(struct wb__evented *evented, enum wb_direction direction,
    struct wb_context *context, struct wb_ready *out_ready, enum wb_status *out_status) {
    return look(evented, &evented->slots[direction], context, out_ready, out_status);
}

enum wb_status wb__evented_settle(
    struct wb__evented *evented, struct wb_ready ready, enum wb_status outcome) {
    if (outcome == WB_WOULD_BLOCK) {
        wb__evented_clear(evented, ready.direction, ready.report << WB__EVENTED_STATE_BITS);
    }
    return outcome;
}

enum wb_progress wb__evented_poll_as(struct wb__evented *evented, struct wb__io_waiter *waiter,
    struct wb_context *context, wb_try_fn try_fn, void *user_data, enum wb_status *out_status) {
    const bool is_short = false;
    return wb__evented_run(
        evented, waiter, waiter->direction, context, try_fn, user_data, &is_short, out_status);
}

enum wb_progress wb__evented_poll(struct wb__evented *evented, enum wb_direction direction,
    struct wb_context *context, wb_try_fn try_fn, void *user_data, enum wb_status *out_status) {
    return wb__evented_poll_as(
        evented, &evented->slots[direction], context, try_fn, user_data, out_status);
}

enum wb_status wb__evented_try(
    struct wb__evented *evented, enum wb_direction direction, wb_try_fn try_fn, void *user_data) {
    enum wb_status status = WB_ERR_INTERRUPTED;
    while (status == WB_ERR_INTERRUPTED) {
        const uint64_t state = wb__evented_state(evented);
        if (!wb__evented_is_ready(direction, state)) {
            status = see_to_watch(evented, state);
            const bool is_gone = (state & WB__EVENTED_GONE) != 0;
            return status != WB_OK ? status : is_gone ? WB_ERR_CLOSED : WB_WOULD_BLOCK;
        }
        status = try_fn(user_data);
        if (status == WB_WOULD_BLOCK) {
            wb__evented_clear(evented, direction, state);
        }
    }
    return status;
}

/* A waiter that was never linked is known to nobody. Only its own future links it. */
void wb__evented_leave(struct wb__evented *evented, struct wb__io_waiter *waiter) {
    if (!waiter->is_linked) {
        return;
    }
    wb__lock_enter(&evented->lock);
    unlink_waiter(evented, waiter);
    wb__lock_leave(&evented->lock);
    wb_task_waker_drop(&waiter->waker);
}

/* ---- futures ---- */

static enum wb_progress readiness_poll(struct wb_future *future, struct wb_context *context) {
    struct wb_readiness *self = WB_FUTURE_OF(future, struct wb_readiness, future);
    enum wb_status status = WB_OK;
    if (look(self->shared, &self->waiter, context, &self->ready, &status) == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static void readiness_drop(struct wb_future *future) {
    struct wb_readiness *self = WB_FUTURE_OF(future, struct wb_readiness, future);
    wb__evented_leave(self->shared, &self->waiter);
}

static const struct wb_future_ops readiness_ops = {
    .size = sizeof(struct wb_readiness),
    .offset = offsetof(struct wb_readiness, future),
    .poll = readiness_poll,
    .drop = readiness_drop,
};

void wb__readiness_init(
    struct wb_readiness *readiness, struct wb__evented *evented, enum wb_direction direction) {
    *readiness = (struct wb_readiness){.shared = evented, .waiter = {.direction = direction}};
    wb_future_init(&readiness->future, &readiness_ops);
}

void wb_readiness_init(
    struct wb_readiness *readiness, struct wb_poll_evented *evented, enum wb_direction direction) {
    wb__readiness_init(readiness, evented->shared, direction);
}

/* ---- the public object ---- */

enum wb_status wb_poll_evented_init(
    struct wb_poll_evented *evented, struct wb_runtime *runtime, struct wb_source *source) {
    evented->shared = NULL;
    if (runtime == NULL) {
        return WB_ERR_NO_RUNTIME;
    }
    struct wb__evented *shared = WB_SYS(runtime->sys, alloc, sizeof(*shared));
    if (shared == NULL) {
        return WB_ERR_NO_MEMORY;
    }
    const enum wb_status status =
        wb__evented_init(shared, runtime, source, WB__EVENTED_ANY, WB__EVENTED_WATCHED);
    if (status != WB_OK) {
        WB_SYS(runtime->sys, free, shared, sizeof(*shared));
        return status;
    }
    evented->shared = shared;
    return WB_OK;
}

void wb_poll_evented_clean_up(struct wb_poll_evented *evented, struct wb_source *source) {
    struct wb__evented *shared = evented->shared;
    if (shared != NULL) {
        const struct wb_sys *sys = shared->sys;
        evented->shared = NULL;
        wb__evented_clean_up(shared, source);
        WB_SYS(sys, free, shared, sizeof(*shared));
    }
}

enum wb_progress wb_poll_evented_poll_read(struct wb_poll_evented *evented,
    struct wb_context *context, wb_try_fn try_fn, void *user_data, enum wb_status *out_status) {
    return wb__evented_poll(
        evented->shared, WB_DIRECTION_READ, context, try_fn, user_data, out_status);
}

enum wb_progress wb_poll_evented_poll_write(struct wb_poll_evented *evented,
    struct wb_context *context, wb_try_fn try_fn, void *user_data, enum wb_status *out_status) {
    return wb__evented_poll(
        evented->shared, WB_DIRECTION_WRITE, context, try_fn, user_data, out_status);
}

enum wb_progress wb_poll_evented_poll_ready(struct wb_poll_evented *evented,
    enum wb_direction direction, struct wb_context *context, struct wb_ready *out_ready,
    enum wb_status *out_status) {
    return wb__evented_poll_ready(evented->shared, direction, context, out_ready, out_status);
}

enum wb_status wb_poll_evented_settle(
    struct wb_poll_evented *evented, struct wb_ready ready, enum wb_status outcome) {
    return wb__evented_settle(evented->shared, ready, outcome);
}

enum wb_status wb_poll_evented_try(struct wb_poll_evented *evented, enum wb_direction direction,
    wb_try_fn try_fn, void *user_data) {
    return wb__evented_try(evented->shared, direction, try_fn, user_data);
}
