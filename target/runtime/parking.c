/* Workers with nothing to do: who sleeps, who waits for readiness on behalf of all, and how they
 * are woken without a wake being lost.
 *
 * A worker first says that it is idle, in `idle` and with a bit in the head of each shared queue,
 * and only then looks whether there is work after all. Whoever makes work either does so before
 * that, and it is found, or finds the worker idle, and wakes it:
 *
 *   - Who pushes into a shared queue changes the very word that bears the idle bit.
 *   - Who pushes into its own rings looks at `idle` after it; both are sequentially consistent. But
 *     for the only task there, spawned or woken by the task that the worker runs, or by the wait
 *     that it comes from: that one it takes itself, as soon as it is done with that. And for one
 *     behind two others, which are found in its place (run_queue.h).
 *
 * A push by a thread that is no worker touches nothing of the runtime after it, or holds the lock
 * while it does; so that the runtime may be freed as soon as the task has ended and the lock was
 * had once more. */
#include "runtime/internal.h"
#include "runtime/planted.h"

/* How long a worker whose wait failed does nothing, so that it does not spin. */
#define FAILED_WAIT_NS INT64_C(10000000)

#ifdef WB_RUNTIME_PLANTED
enum wb__runtime_planted wb__runtime_planted = WB__RUNTIME_PLANTED_COUNT;
#endif

static uint64_t bit_of(uint32_t worker) {
    return UINT64_C(1) << worker;
}

static uint64_t high_workers(const struct wb_runtime *runtime) {
    return bit_of(runtime->config.high_workers) - 1;
}

static uint64_t idle_now(struct wb_runtime *runtime) {
    return atomic_load_explicit(&runtime->parking.idle, memory_order_relaxed);
}

/* ---- under the lock ---- */

static void announce_idle(struct wb__worker *worker) {
    struct wb_runtime *runtime = worker->runtime;
    atomic_store_explicit(
        &runtime->parking.idle, idle_now(runtime) | bit_of(worker->index), memory_order_seq_cst);
    for (int i = 0; i < WB__PRIORITIES; i++) {
        atomic_fetch_or_explicit(
            &runtime->shared[i].arrivals, WB__ARRIVALS_IDLE, memory_order_seq_cst);
    }
}

/* Whoever woke the worker has done it already. */
static void retract_idle(struct wb_runtime *runtime, uint32_t worker) {
    const uint64_t idle = idle_now(runtime) & ~bit_of(worker);
    if (idle == idle_now(runtime)) {
        return;
    }
    atomic_store_explicit(&runtime->parking.idle, idle, memory_order_seq_cst);
    for (int i = 0; i < WB__PRIORITIES && idle == 0; i++) {
        atomic_fetch_and_explicit(
            &runtime->shared[i].arrivals, ~WB__ARRIVALS_IDLE, memory_order_seq_cst);
    }
}

static void wake_worker(struct wb_runtime *runtime, uint32_t worker) {
    retract_idle(runtime, worker);
    if (runtime->is_single || (runtime->parking.is_driven && runtime->parking.driver == worker)) {
        wb__driver_interrupt(&runtime->driver);
    } else {
        wb__bell_ring(&runtime->workers[worker].call);
    }
}

/* Of those that are idle: rather one whose own queue it is, and rather not the driver. */
static uint32_t choose(struct wb_runtime *runtime, uint64_t idle, enum wb_priority priority) {
    const uint64_t high = high_workers(runtime);
    const uint64_t own = priority == WB_PRIORITY_HIGH ? high : ~high;
    uint64_t sleeping = idle;
    if (runtime->parking.is_driven) {
        sleeping &= ~bit_of(runtime->parking.driver);
    }
    if ((sleeping & own) != 0) {
        idle = sleeping & own;
    } else if (sleeping != 0) {
        idle = sleeping;
    }
    return (uint32_t)__builtin_ctzll(idle);
}

static void wake_one(struct wb_runtime *runtime, enum wb_priority priority) {
    const uint64_t idle = idle_now(runtime);
    if (idle != 0) {
        wake_worker(runtime, choose(runtime, idle, priority));
    }
}

/* Those who wait for the end: threads in shutdown, of which that of a current-thread runtime is the
 * only worker itself. */
static void tell_watchers(struct wb_runtime *runtime) {
    if (runtime->parking.watchers == 0) {
        return;
    }
    wb__bell_ring(&runtime->parking.quiet);
    if (runtime->is_single) {
        runtime->parking.is_told = true; /* it may have looked already, and be about to wait */
        wake_one(runtime, WB_PRIORITY_LOW);
    }
}

/* ---- making work ---- */

void wb__parking_submit(struct wb_runtime *runtime, struct wb_task *task) {
    const enum wb_priority priority = (enum wb_priority)task->priority;
    struct wb__shared_queue *queue = &runtime->shared[priority];
    if (wb__shared_queue_push(runtime->sys, queue, task, false)) {
        return;
    }
    struct wb__lock *lock = &runtime->parking.lock;
    wb__lock_enter(lock);
    (void)wb__shared_queue_push(runtime->sys, queue, task, true);
    wake_one(runtime, priority);
    wb__lock_leave(lock);
}

void wb__parking_wake_one(struct wb_runtime *runtime, enum wb_priority priority) {
    wb__lock_enter(&runtime->parking.lock);
    wake_one(runtime, priority);
    wb__lock_leave(&runtime->parking.lock);
}

void wb__parking_wake_all(struct wb_runtime *runtime) {
    wb__lock_enter(&runtime->parking.lock);
    while (idle_now(runtime) != 0) {
        wake_one(runtime, WB_PRIORITY_LOW);
    }
    tell_watchers(runtime);
    wb__lock_leave(&runtime->parking.lock);
}

void wb__parking_tell(struct wb_runtime *runtime) {
    wb__lock_enter(&runtime->parking.lock);
    tell_watchers(runtime);
    wb__lock_leave(&runtime->parking.lock);
}

/* ---- finding none ---- */

static bool has_arrivals(struct wb_runtime *runtime) {
    for (int i = 0; i < WB__PRIORITIES; i++) {
        if (!wb__shared_queue_is_empty(&runtime->shared[i])) {
            return true;
        }
    }
    return false;
}

static bool has_queued(struct wb_runtime *runtime) {
    for (uint32_t w = 0; w < runtime->worker_count; w++) {
        struct wb__local_queue *queues = runtime->workers[w].queues;
        if (wb__ring_len(&queues[WB_PRIORITY_HIGH]) + wb__ring_len(&queues[WB_PRIORITY_LOW]) != 0) {
            return true;
        }
    }
    return false;
}

/* The only worker knows that it has queued nothing itself. */
static bool has_work(struct wb_runtime *runtime) {
    return has_arrivals(runtime) || (!runtime->is_single && has_queued(runtime));
}

/* With the lock. A low worker that goes on to run tasks leaves the driver to a high one that
 * sleeps, if there are high tasks: they do not wait for it. Low ones may; so a runtime without high
 * tasks is spared the wake. */
static void leave_driver(struct wb__worker *worker) {
    struct wb_runtime *runtime = worker->runtime;
    runtime->parking.is_driven = false;
    const uint64_t sleeping = idle_now(runtime) & high_workers(runtime);
    if (worker->own == WB_PRIORITY_LOW && sleeping != 0
        && atomic_load_explicit(&runtime->has_high, memory_order_relaxed) != 0) {
        wake_worker(runtime, (uint32_t)__builtin_ctzll(sleeping));
    }
}

static void give_driver_back(struct wb__worker *worker) {
    struct wb__lock *lock = &worker->runtime->parking.lock;
    wb__lock_enter(lock);
    leave_driver(worker);
    wb__lock_leave(lock);
}

/* Whether there is a reason not to wait. */
static bool is_wanted(struct wb_runtime *runtime) {
    const bool is_told = runtime->parking.is_told;
    runtime->parking.is_told = false;
    return is_told || has_work(runtime) || wb__runtime_phase(runtime) == WB__PHASE_STOPPED;
}

/* The same for the only worker, which has the driver for good. It needs no lock to say that it is
 * not idle any more: others under the lock say nothing else of it. */
static enum wb_status drive_alone(struct wb__worker *worker, int64_t timeout_ns) {
    struct wb_runtime *runtime = worker->runtime;
    wb__count(&worker->parks, 1);
    wb__lock_leave(&runtime->parking.lock);
    const enum wb_status status = wb__driver_wait(&runtime->driver, timeout_ns);
    wb_sys_interleave(runtime->sys, &runtime->parking.idle);
    retract_idle(runtime, worker->index);
    wb__driver_dispatch(&runtime->driver);
    wb__count(&worker->turns, 1);
    return status;
}

/* With the lock, which it gives back for the time of the wait, and then for good. */
static enum wb_status drive(struct wb__worker *worker, int64_t timeout_ns) {
    struct wb_runtime *runtime = worker->runtime;
    struct wb__parking *parking = &runtime->parking;
    parking->is_driven = true;
    parking->driver = worker->index;
    wb__lock_leave(&parking->lock);
    const enum wb_status status = wb__driver_wait(&runtime->driver, timeout_ns);
    wb__lock_enter(&parking->lock);
    retract_idle(runtime, worker->index);
    wb__lock_leave(&parking->lock);
    worker->is_free = true;
    wb__driver_dispatch(&runtime->driver);
    worker->is_free = false;
    give_driver_back(worker);
    wb__worker_share(worker);
    return status;
}

/* With the lock, which it gives back for good. Nobody rings without it, nor anybody but the idle.
 */
static void sleep_until_called(struct wb__worker *worker) {
    const uint64_t heard = wb__bell_rings(&worker->call);
    wb__lock_leave(&worker->runtime->parking.lock);
    wb__bell_await(&worker->call, heard, WB_TIMEOUT_INFINITE);
}

/* With the lock, which it gives back for good. */
static enum wb_status wait(struct wb__worker *worker, int64_t timeout_ns) {
    struct wb_runtime *runtime = worker->runtime;
    wb__count(&worker->parks, 1);
    tell_watchers(runtime);
    if (runtime->parking.is_driven) {
        sleep_until_called(worker);
        return WB_OK;
    }
    const enum wb_status status = drive(worker, timeout_ns);
    wb__count(&worker->turns, 1);
    if (status != WB_OK) {
        wb__bell_await(&worker->call, wb__bell_rings(&worker->call), FAILED_WAIT_NS);
    }
    return status;
}

enum wb_status wb__parking_park(struct wb__worker *worker, int64_t timeout_ns) {
    struct wb_runtime *runtime = worker->runtime;
    wb__lock_enter(&runtime->parking.lock);
    if (!RUNTIME_PLANTED(LATE_IDLE)) {
        announce_idle(worker);
    }
    const bool has_reason = is_wanted(runtime);
    if (RUNTIME_PLANTED(LATE_IDLE)) {
        wb_sys_interleave(runtime->sys, &runtime->parking.idle);
        announce_idle(worker);
    }
    if (!has_reason) {
        return runtime->is_single ? drive_alone(worker, timeout_ns) : wait(worker, timeout_ns);
    }
    retract_idle(runtime, worker->index);
    wb__lock_leave(&runtime->parking.lock);
    return WB_OK;
}

/* False: another has it. */
static bool take_driver(struct wb__worker *worker) {
    struct wb__parking *parking = &worker->runtime->parking;
    wb__lock_enter(&parking->lock);
    const bool is_free = !parking->is_driven;
    if (is_free) {
        parking->is_driven = true;
        parking->driver = worker->index;
    }
    wb__lock_leave(&parking->lock);
    return is_free;
}

void wb__parking_turn(struct wb__worker *worker) {
    struct wb_runtime *runtime = worker->runtime;
    if (!runtime->is_single && !take_driver(worker)) {
        return;
    }
    (void)!wb__driver_wait(&runtime->driver, 0); /* what fails now fails again when it matters */
    wb__driver_dispatch(&runtime->driver);
    wb__count(&worker->turns, 1);
    if (!runtime->is_single) {
        give_driver_back(worker);
    }
}
