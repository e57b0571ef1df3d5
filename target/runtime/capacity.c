/* How many tasks there are, and how many there may be.
 *
 * A worker counts what it spawns and what ends on it by itself, and takes the right to spawn from
 * the common pool in handfuls, so that spawning and ending share no cache line with others. */
#include "runtime/internal.h"

/* Rights to spawn that a worker takes at a time, at most; from twice as many on it gives some back.
 * All workers together set aside no more than an eighth of all rights. */
enum { HANDFUL_MAX = 64, SHARES = 16 };

void wb__capacity_init(struct wb_runtime *runtime) {
    const uint32_t tasks_max = runtime->config.tasks_max;
    const uint32_t share = tasks_max / (SHARES * runtime->worker_count);
    runtime->handful = share > HANDFUL_MAX ? HANDFUL_MAX : share;
    atomic_store_explicit(&runtime->pool, tasks_max, memory_order_relaxed);
}

/* Takes at most `wanted` from the pool. */
static uint32_t draw(struct wb_runtime *runtime, uint32_t wanted) {
    uint64_t pool = atomic_load_explicit(&runtime->pool, memory_order_relaxed);
    for (;;) {
        const uint32_t drawn = pool < wanted ? (uint32_t)pool : wanted;
        if (drawn == 0
            || atomic_compare_exchange_weak_explicit(
                &runtime->pool, &pool, pool - drawn, memory_order_relaxed, memory_order_relaxed)) {
            return drawn;
        }
    }
}

static void give_back(struct wb_runtime *runtime, uint32_t count) {
    atomic_fetch_add_explicit(&runtime->pool, count, memory_order_relaxed);
}

static enum wb_status take_as_worker(struct wb_runtime *runtime, struct wb__worker *worker) {
    if (wb__runtime_phase(runtime) != WB__PHASE_OPEN) {
        return WB_ERR_CLOSED;
    }
    if (worker->credit == 0) {
        worker->credit = draw(runtime, runtime->handful == 0 ? 1 : runtime->handful);
        if (worker->credit == 0) {
            return WB_ERR_LIMIT;
        }
    }
    worker->credit--;
    wb__count(&worker->spawned, 1);
    return WB_OK;
}

enum wb_status wb__capacity_take(struct wb_runtime *runtime, struct wb__worker *worker) {
    if (worker != NULL) {
        return take_as_worker(runtime, worker);
    }
    if (draw(runtime, 1) == 0) {
        return wb__runtime_phase(runtime) == WB__PHASE_OPEN ? WB_ERR_LIMIT : WB_ERR_CLOSED;
    }
    /* Counted before the phase is looked at: whoever changes it afterwards counts this one. */
    atomic_fetch_add_explicit(&runtime->spawned, 1, memory_order_seq_cst);
    if (wb__runtime_phase(runtime) != WB__PHASE_OPEN) {
        wb__capacity_undo(runtime, NULL);
        return WB_ERR_CLOSED;
    }
    return WB_OK;
}

/* A right that a worker needs no longer: it keeps it for the next, but not too many. */
static void lay_aside(struct wb_runtime *runtime, struct wb__worker *worker) {
    const uint32_t handful = runtime->handful;
    worker->credit++;
    if (worker->credit >= 2 * handful) {
        give_back(runtime, worker->credit - handful);
        worker->credit = handful;
    }
}

void wb__capacity_undo(struct wb_runtime *runtime, struct wb__worker *worker) {
    if (worker != NULL) {
        lay_aside(runtime, worker);
        wb__count(&worker->spawned, UINT64_MAX); /* one less */
        return;
    }
    give_back(runtime, 1);
    atomic_fetch_sub_explicit(&runtime->spawned, 1, memory_order_seq_cst);
    wb__parking_tell(runtime);
}

void wb__capacity_give(struct wb_runtime *runtime, struct wb__worker *worker) {
    if (worker == NULL) {
        give_back(runtime, 1);
        atomic_fetch_add_explicit(&runtime->ended, 1, memory_order_release);
        return;
    }
    lay_aside(runtime, worker);
    wb__count(&worker->ended, 1);
}

/* What has ended is read first: what it spawned before is then counted for sure. */
uint64_t wb__capacity_alive(struct wb_runtime *runtime) {
    uint64_t ended = atomic_load_explicit(&runtime->ended, memory_order_acquire);
    for (uint32_t i = 0; i < runtime->worker_count; i++) {
        ended += atomic_load_explicit(&runtime->workers[i].ended, memory_order_acquire);
    }
    uint64_t spawned = atomic_load_explicit(&runtime->spawned, memory_order_seq_cst);
    for (uint32_t i = 0; i < runtime->worker_count; i++) {
        spawned += atomic_load_explicit(&runtime->workers[i].spawned, memory_order_acquire);
    }
    return spawned - ended;
}
