/* What a runtime is made of. Each part has a file that says what it does; here is what they know of
 * each other. */
#ifndef WB_RUNTIME_INTERNAL_H
#define WB_RUNTIME_INTERNAL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/driver.h"
#include "runtime/lock.h"
#include "runtime/run_queue.h"
#include "runtime/task_state.h"
#include "wb/runtime.h"

enum { WB__PRIORITIES = 2 };

/* ---- workers ---- */

/* One thread that runs tasks; of the current-thread flavour, whoever drives it. The fields are the
 * worker's own, but for those that are atomic, of which it alone writes all but `thread`'s reader.
 */
struct wb__worker {
    struct wb_runtime *runtime;
    struct wb__local_queue queues[WB__PRIORITIES]; /* by priority */
    enum wb_priority own;
    uint32_t index;
    uint32_t picks;        /* tasks taken, for fairness */
    uint32_t interval;     /* polls between two turns of the driver; a power of two */
    int32_t until_turn;    /* polls left */
    uint64_t last_turn_ns; /* 0: none yet */
    uint32_t credit;       /* tasks that it may spawn without asking; see capacity.c */
    uint64_t handle;       /* of the thread */
    bool is_started;
    bool is_free; /* it hands out what its wait brought, and will look for work after that */
    struct wb__bell call;       /* rung under the lock of the parking lot */
    _Atomic uint32_t is_ending; /* a task is counted as ended, and its handle may not know yet */
    _Atomic uint64_t thread;    /* wb_sys_thread_self() of whoever drives it; 0: nobody */
    _Atomic uint64_t spawned;   /* figures */
    _Atomic uint64_t ended;
    _Atomic uint64_t polls;
    _Atomic uint64_t steals;
    _Atomic uint64_t parks;
    _Atomic uint64_t turns;
    uint64_t apart[8]; /* so that neighbours do not share a cache line */
};

/* Only one thread writes it. */
static inline void wb__count(_Atomic uint64_t *figure, uint64_t by) {
    atomic_store_explicit(
        figure, atomic_load_explicit(figure, memory_order_relaxed) + by, memory_order_release);
}

/* ---- the parking lot (parking.c) ---- */

/* Workers with nothing to do. All but `idle` under the lock, and that is written under it, but by
 * the only worker of a runtime when it is not idle any more; such a runtime has no need to say who
 * drives, either. While any is idle the shared queues bear WB__ARRIVALS_IDLE. */
struct wb__parking {
    _Atomic uint64_t idle; /* bit per worker; looked at by each push */
    uint64_t apart[8];     /* so that the lock and it do not share a cache line */
    struct wb__lock lock;
    bool is_driven;        /* somebody has the driver */
    uint32_t driver;       /* which worker, if is_driven */
    struct wb__bell quiet; /* somebody went idle or ended while shutdown waits */
    uint32_t watchers;     /* how many wait for that */
    bool is_told;          /* current-thread: that came while the only worker was not idle */
};

/* ---- the blocking pool (blocking.c) ---- */

struct wb__blocking_thread;

struct wb__blocking {
    struct wb_scheduler scheduler;
    struct wb__monitor lock;
    struct wb__signal wake;
    struct wb__task_list queue;        /* the rest is under the lock */
    struct wb__blocking_thread *ended; /* threads to be joined */
    uint32_t threads;                  /* that work, or wait for work */
    uint32_t running;                  /* and those that take leave */
    uint32_t idle;
    uint64_t alive;   /* tasks, waiting or running */
    uint64_t leaving; /* tasks that are counted as ended, and their handles may not know yet */
    bool is_stopping;
};

/* ---- the runtime ---- */

enum wb__phase {
    WB__PHASE_OPEN,
    WB__PHASE_DRAINING,   /* nothing is spawned any more */
    WB__PHASE_CANCELLING, /* nothing is polled any more */
    WB__PHASE_STOPPED,    /* the workers end */
};

/* A thread in wb_runtime_block_on() that is no worker. */
struct wb__root;

struct wb_runtime {
    struct wb_scheduler scheduler;
    const struct wb_sys *sys;
    struct wb_runtime_config config; /* without zeroes */
    struct wb__worker *workers;
    uint32_t worker_count;
    uint32_t handful; /* see capacity.c */
    bool is_single;   /* current-thread */
    struct wb__shared_queue shared[WB__PRIORITIES];
    struct wb__parking parking;
    struct wb__driver driver;
    struct wb__blocking blocking;
    _Atomic uint32_t phase;     /* an enum wb__phase; written under waiting_lock */
    _Atomic uint32_t has_high;  /* a high task was spawned, ever */
    _Atomic uint32_t is_driven; /* current-thread: somebody is in block_on, turn or shutdown */
    _Atomic uint64_t next_task_id;
    _Atomic uint64_t pool;        /* tasks that may still be spawned; see capacity.c */
    _Atomic uint64_t spawned;     /* by threads that are no workers */
    _Atomic uint64_t ended;       /* there */
    struct wb__lock waiting_lock; /* of the following; the only worker of a runtime needs none */
    struct wb_task *waiting;      /* tasks that waited and have not ended */
    struct wb__root *roots;       /* under the lock of the parking lot */
};

static inline enum wb__phase wb__runtime_phase(struct wb_runtime *runtime) {
    return (enum wb__phase)atomic_load_explicit(&runtime->phase, memory_order_seq_cst);
}

static inline void wb__runtime_set_phase(struct wb_runtime *runtime, enum wb__phase phase) {
    atomic_store_explicit(&runtime->phase, phase, memory_order_seq_cst);
}

/* The worker that this thread drives; NULL: none of this runtime. */
struct wb__worker *wb__runtime_worker(struct wb_runtime *runtime);

/* ---- capacity.c ---- */

void wb__capacity_init(struct wb_runtime *runtime);

/* Counts a task that is about to be made. Errors: WB_ERR_CLOSED, WB_ERR_LIMIT. */
WB_MUST_USE enum wb_status wb__capacity_take(struct wb_runtime *runtime, struct wb__worker *worker);

/* It could not be made after all. */
void wb__capacity_undo(struct wb_runtime *runtime, struct wb__worker *worker);

/* It has ended. */
void wb__capacity_give(struct wb_runtime *runtime, struct wb__worker *worker);

/* How many have not ended; never fewer than there are. */
uint64_t wb__capacity_alive(struct wb_runtime *runtime);

/* ---- parking.c ---- */

/* Puts a task into the shared queue and wakes somebody for it. */
void wb__parking_submit(struct wb_runtime *runtime, struct wb_task *task);

/* There is work of this priority: wakes a worker if one is idle. */
void wb__parking_wake_one(struct wb_runtime *runtime, enum wb_priority priority);
void wb__parking_wake_all(struct wb_runtime *runtime);

/* From now on there are high tasks, which must not wait for readiness and timers until a low worker
 * looks at them again. */
static inline void wb__parking_expect_high(struct wb_runtime *runtime) {
    if (atomic_load_explicit(&runtime->has_high, memory_order_relaxed) == 0) {
        atomic_store_explicit(&runtime->has_high, 1, memory_order_relaxed);
    }
}

/* Something ended that shutdown may be waiting for. Workers that go idle tell by themselves. Under
 * any lock but that of the parking lot. */
void wb__parking_tell(struct wb_runtime *runtime);

static inline bool wb__parking_has_idle(struct wb_runtime *runtime) {
    return atomic_load_explicit(&runtime->parking.idle, memory_order_seq_cst) != 0;
}

/* Waits until there may be something to do: for readiness and timers if nobody else does, no longer
 * than timeout_ns. Errors: what the wait failed with; only of the worker that drives. */
WB_MUST_USE enum wb_status wb__parking_park(struct wb__worker *worker, int64_t timeout_ns);

/* Looks at readiness and timers, without waiting, unless another worker does. */
void wb__parking_turn(struct wb__worker *worker);

/* ---- worker.c ---- */

void wb__worker_init(struct wb__worker *worker, struct wb_runtime *runtime, uint32_t index);

/* The thread of a worker. */
void wb__worker_main(void *worker);

/* The next task to run; NULL: there is none anywhere. */
struct wb_task *wb__worker_next(struct wb__worker *worker);

/* For the only worker: what has arrived until now comes before all that it will queue itself. */
void wb__worker_collect(struct wb__worker *worker);

/* Runs a task that it holds, or drops it if the runtime is ending. */
void wb__worker_run(struct wb__worker *worker, struct wb_task *task);

/* Runs tasks until it is time to look at readiness and timers again, or *is_enough after one of
 * them; or waits, if there is none. Errors: those of the wait. */
WB_MUST_USE enum wb_status wb__worker_step(
    struct wb__worker *worker, int64_t timeout_ns, const bool *is_enough);

/* The same again and again, until *is_enough. */
WB_MUST_USE enum wb_status wb__worker_run_until(struct wb__worker *worker, const bool *is_enough);

/* As wb_runtime_turn(), for whoever has the seat. */
WB_MUST_USE enum wb_status wb__worker_turn(struct wb__worker *worker, int64_t timeout_ns);

/* It has more than it can run at once: wakes another. */
void wb__worker_share(struct wb__worker *worker);

/* Queues a task on the worker whose thread this is. */
void wb__worker_push(struct wb__worker *worker, struct wb_task *task);

/* ---- runtime.c, shutdown.c, blocking.c ---- */

extern const struct wb_scheduler_ops wb__runtime_scheduler_ops;

/* As wb_runtime_spawn(). The task may be gone already. */
WB_MUST_USE enum wb_status wb__runtime_spawn(struct wb_runtime *runtime, struct wb_future *future,
    const struct wb_spawn_options *options, struct wb_join_handle *out_handle,
    struct wb_task **out_task);

/* Gives a new task its number, and notes it, if anybody looks. */
void wb__task_announce(struct wb_runtime *runtime, struct wb_task *task);

/* Whether this thread is a worker, or in wb_runtime_block_on(). */
bool wb__runtime_is_inside(struct wb_runtime *runtime);

/* Takes the only seat of a current-thread runtime. Errors: WB_ERR_NESTED. */
WB_MUST_USE enum wb_status wb__runtime_sit(struct wb_runtime *runtime);
void wb__runtime_stand(struct wb_runtime *runtime);

WB_MUST_USE enum wb_status wb__blocking_init(struct wb_runtime *runtime);

/* As wb_runtime_spawn_blocking(), and calls release(arg) once, whatever comes of it: after fn, or
 * when it is clear that fn will never be called. */
WB_MUST_USE enum wb_status wb__blocking_spawn(struct wb_runtime *runtime,
    enum wb_status (*fn)(void *arg), void (*release)(void *arg), void *arg,
    struct wb_join_handle *out_handle);

/* Cancels what has not begun. */
void wb__blocking_cancel(struct wb_runtime *runtime);

/* Tasks of the pool that have not ended. */
uint64_t wb__blocking_alive(struct wb_runtime *runtime);

/* Whether there is work that is counted as ended, and its handle may not know. */
bool wb__blocking_is_leaving(struct wb_runtime *runtime);

/* Joins all threads, and waits for what they do. */
void wb__blocking_stop(struct wb_runtime *runtime);
void wb__blocking_clean_up(struct wb_runtime *runtime);

#endif
