/* What the cases of bench_runtime share. A case runs `count` operations on a fresh runtime and says
 * what they took; bench_tokio has a case of the same name that does the same. */
#ifndef BENCH_RUNTIME_CASE_H
#define BENCH_RUNTIME_CASE_H

#include <stddef.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/runtime.h"
#include "wb/status.h"
#include "wb/sys.h"

/* One run of a case. */
struct runtime_run {
    const struct wb_sys *sys;
    const struct wb_runtime_config *config;
    uint64_t count;
    bool is_wall; /* time as it passes, not that of the process's threads */
};

/* Nanoseconds, on the clock of this run; or whatever else the case counts. */
typedef uint64_t runtime_case_fn(const struct runtime_run *run);

/* runtime_tasks.c */
runtime_case_fn runtime_spawn_and_join;
runtime_case_fn runtime_spawn_and_await;
runtime_case_fn runtime_yield;
runtime_case_fn runtime_size_of_task; /* bytes */

/* runtime_wakes.c */
runtime_case_fn runtime_wake_of_task;
runtime_case_fn runtime_wake_of_thread;

/* runtime_timers.c */
runtime_case_fn runtime_timer_set;
runtime_case_fn runtime_timer_set_among_many;
runtime_case_fn runtime_timer_move;
runtime_case_fn runtime_timer_fire;
runtime_case_fn runtime_size_of_timer; /* bytes */

/* runtime_values.c */
runtime_case_fn runtime_mpsc_bounded;
runtime_case_fn runtime_mpsc_unbounded;
runtime_case_fn runtime_mpsc_there_and_back;
runtime_case_fn runtime_oneshot;
runtime_case_fn runtime_mutex;

/* ---- runtime_case.c ---- */

/* Ends the program unless it is WB_OK. */
void runtime_must(enum wb_status status);

/* Zeroes; free() gives it back. */
void *runtime_must_alloc(size_t count, size_t size);

uint64_t runtime_clock_ns(const struct runtime_run *run);

/* Runs tasks on a fresh runtime, the first `low` of them low ones and the rest high; what that
 * took. Each is awaited by the thread that blocks. */
uint64_t runtime_run_tasks(
    const struct runtime_run *run, struct wb_future *const *futures, size_t count, size_t low);

static inline uint64_t runtime_run_root(const struct runtime_run *run, struct wb_future *root) {
    return runtime_run_tasks(run, &root, 1, 1);
}

#endif
