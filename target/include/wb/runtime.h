/* The runtime: drives tasks, timers and readiness with one thread or several.
 *
 *     struct wb_runtime *runtime;
 *     wb_runtime_new(sys, NULL, &runtime);
 *     struct wb_join_handle handle;
 *     wb_runtime_spawn(runtime, &my.future, NULL, &handle);
 *     wb_runtime_block_on(runtime, &handle.future);
 *     wb_join_handle_detach(&handle);
 *     wb_runtime_destroy(runtime);
 *
 * There are two queues, high and low, each first in, first out, with workers of its own. A worker
 * takes from its own queue while there is anything in it, and else from the other: so high tasks
 * never wait for a free low worker, nor does either kind of worker idle while there is work. A
 * worker whose queues are empty waits for readiness and timers on behalf of all, or sleeps.
 *
 * All this as long as polls are short. The task that a poll wakes stays with its worker and comes
 * after that poll; and a worker that waited for all and found something to run looks at readiness
 * and timers again only after some polls. Meanwhile a high worker that sleeps takes the place of a
 * low one, if there are high tasks; otherwise nobody does. So a poll that computes or blocks for
 * long makes timers and sockets of other tasks of its kind late, and in a high task those of all.
 * Such work belongs into the blocking pool (wb/blocking.h).
 *
 * The current-thread flavour has one worker and no thread: tasks run while, and only while, some
 * thread is in wb_runtime_block_on(). It prefers high tasks, but low ones get every
 * WB_RUNTIME_OTHER_QUEUE_INTERVAL-th turn at least.
 *
 * Tasks that must stay on one thread belong into one of these: nobody else polls or drops them. It
 * may lie beside a runtime with workers.
 *
 * There is no ambient runtime: futures find theirs in the context they are polled with. Many may
 * live in one process.
 *
 * Thread: any, unless it says otherwise. */
#ifndef WB_RUNTIME_H
#define WB_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/poll.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;

enum wb_runtime_flavour {
    WB_RUNTIME_MULTI_THREAD,
    WB_RUNTIME_CURRENT_THREAD,
};

#define WB_RUNTIME_WORKERS_MAX 32u          /* of each kind */
#define WB_RUNTIME_BLOCKING_MAX 10000u      /* threads of the blocking pool */
#define WB_RUNTIME_OTHER_QUEUE_INTERVAL 16u /* turns of a single worker */

/* All zero means the defaults. */
struct wb_runtime_config {
    enum wb_runtime_flavour flavour;
    uint32_t high_workers;         /* threads; 0: 1. At most WB_RUNTIME_WORKERS_MAX. The current-
                                      thread flavour has none, whatever is said here */
    uint32_t low_workers;          /* the same */
    uint32_t tasks_max;            /* alive at once; 0: 16,777,216. The limit is never exceeded, but
                                      an eighth of it may be set aside for workers */
    uint32_t blocking_threads_max; /* 0: 500; more than WB_RUNTIME_BLOCKING_MAX: that */
    uint64_t blocking_keep_alive_ns; /* how long an idle thread of the pool stays; 0: 500 ms */
    uint64_t timer_tick_ns;          /* resolution of timers: they fire up to so much late, and are
                                        collected in fewer wakes; 0: 1 ms */
    uint32_t events_capacity;        /* readiness reports of one wait; 0: 256 */
    enum wb_backend backend;         /* what it waits with; 0: WB_BACKEND_EPOLL */
    /* In each thread of the runtime's, those of the blocking pool included, before anything else,
     * and at its end; NULL: none. The place to give a thread its name, or its scheduling. They must
     * not use the runtime. */
    void (*on_thread_start)(void *user_data);
    void (*on_thread_stop)(void *user_data);
    void *user_data;
};

/* `config` may be NULL. The workers run when it returns. Errors: WB_ERR_INVALID for too many
 * workers, an unknown flavour or back-end, more than WB_EVENTS_CAPACITY_MAX reports, or more than
 * INT64_MAX nanoseconds of keeping alive, WB_ERR_NO_MEMORY, WB_ERR_FD_LIMIT,
 * WB_ERR_SYSTEM_FD_LIMIT, what the system says to a mutex, or a thread, too many (WB_WOULD_BLOCK
 * becomes WB_ERR_LIMIT). Allocates. Ownership: end it with wb_runtime_destroy(). */
WB_API WB_MUST_USE enum wb_status wb_runtime_new(const struct wb_sys *sys,
    const struct wb_runtime_config *config, struct wb_runtime **out_runtime);

/* Shuts it down at once if that was not done, drops every task that has not ended, also those that
 * never ran, joins all threads, and frees it. Waits for what runs in the blocking pool, since that
 * cannot be stopped. Wakers and handles may outlive it; sleeps and whatever else was made for this
 * runtime must have been dropped, which those in its tasks are. NULL is allowed.
 * Thread: one of its own may not; that aborts. */
WB_API void wb_runtime_destroy(struct wb_runtime *runtime);

WB_API const struct wb_sys *wb_runtime_sys(const struct wb_runtime *runtime);

/* ---- tasks ---- */

/* Has the runtime drive `future`, which is moved into a task (wb/task.h): a future that was polled
 * may not be. `options` may be NULL; `out_handle` may be NULL, the task is then detached. A handle
 * that is neither awaited nor detached keeps nothing from running, but if it is dropped or
 * cancelled, so is the task.
 *
 * Errors: WB_ERR_CLOSED after shutdown began, WB_ERR_LIMIT at tasks_max, WB_ERR_NO_MEMORY; the
 * future is still the caller's then. Allocates: once. */
WB_API WB_MUST_USE enum wb_status wb_runtime_spawn(struct wb_runtime *runtime,
    struct wb_future *future, const struct wb_spawn_options *options,
    struct wb_join_handle *out_handle);

/* The same from within a poll, on the runtime of the context, which there must be. */
static inline WB_MUST_USE enum wb_status wb_context_spawn(struct wb_context *context,
    struct wb_future *future, const struct wb_spawn_options *options,
    struct wb_join_handle *out_handle) {
    return wb_runtime_spawn(context->runtime, future, options, out_handle);
}

/* Polls `future` on this thread until it is over, and returns its status. Between polls the thread
 * of the current-thread flavour drives everything else; that of the other one sleeps.
 *
 * Errors, as far as they are not the future's own: WB_ERR_NESTED from within a poll of this
 * runtime, or while another thread is in here (current-thread only); WB_ERR_CANCELLED if it waits
 * and nobody is left who could wake it; WB_ERR_CLOSED after shutdown began; WB_ERR_LIMIT, since in
 * the current-thread flavour it counts as a task; WB_ERR_NO_MEMORY; an error of the system when it
 * waits or prepares for that. The future has been dropped whatever comes. Thread: any that is not a
 * worker of this runtime. Allocates: once. */
WB_API WB_MUST_USE enum wb_status wb_runtime_block_on(
    struct wb_runtime *runtime, struct wb_future *future);

/* One turn of a current-thread runtime: takes in what is ready, waits for it no longer than
 * timeout_ns (negative: for ever; 0: not at all) unless there are tasks to run, then polls each
 * task that was in a queue by then, once. For those who drive a runtime from a loop of their own.
 * Errors: as wb_runtime_block_on(); WB_ERR_INVALID for the other flavour. */
WB_API WB_MUST_USE enum wb_status wb_runtime_turn(struct wb_runtime *runtime, int64_t timeout_ns);

/* ---- end ---- */

/* Begins the end: nothing is spawned any more. Waits until all tasks have ended and nothing runs in
 * the blocking pool, but for no longer than drain_ns; then cancels the tasks that have not ended
 * and waits until their futures are dropped. What waits in the blocking pool and has not begun is
 * cancelled, too.
 *
 * WB_OK: nothing is left, as it is at once for who has joined all tasks. WB_ERR_TIMED_OUT: tasks
 * had to be cancelled, or something still runs in the blocking pool. In the current-thread flavour
 * the calling thread drives the tasks. May be called again; it then waits for what is left. Thread:
 * as wb_runtime_block_on(); WB_ERR_NESTED. */
WB_API WB_MUST_USE enum wb_status wb_runtime_shutdown(
    struct wb_runtime *runtime, uint64_t drain_ns);

/* ---- figures ---- */

/* Counted since the runtime was made, unless it says "now". Taken without stopping anybody, so they
 * may not fit each other exactly. */
struct wb_runtime_metrics {
    uint64_t tasks_spawned;
    uint64_t tasks_ended;
    uint64_t tasks_alive;  /* now */
    uint64_t queue_len[2]; /* now, by enum wb_priority */
    uint64_t polls;
    uint64_t steals;             /* tasks that a worker took from another's queue */
    uint64_t parks;              /* times that a worker found nothing to do, and waited */
    uint64_t turns;              /* times that readiness and timers were looked at */
    uint64_t timers;             /* now: set and not yet fired */
    uint32_t workers;            /* now */
    uint32_t workers_idle;       /* now: waiting */
    uint32_t blocking_threads;   /* now */
    uint32_t blocking_idle;      /* now */
    uint64_t blocking_queue_len; /* now: not yet begun */
};

WB_API void wb_runtime_metrics(struct wb_runtime *runtime, struct wb_runtime_metrics *out_metrics);

/* Bytes that a task takes beside its future. */
WB_API size_t wb_runtime_task_overhead(void);

#ifdef __cplusplus
}
#endif

#endif
