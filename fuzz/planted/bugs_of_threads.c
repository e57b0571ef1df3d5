/* Planted bugs for fuzz_runtime_threads, one at a time (planted/choice.h). Some are put in by
 * wrapping a function (ld --wrap), the others are those of target/runtime/sync/planted.h. */
#include "driver/fuzz_target.h"
#include "planted/choice.h"
#include "runtime/internal.h"
#include "runtime/sync/planted.h"
#include "runtime/task_state.h"

static const char *const names[] = {
    "lost-submit", "lost-abort", "torn-end", "kept-permits", "kept-slot", "quiet-close"};

enum { LOST_SUBMIT, LOST_ABORT, TORN_END, OWN_COUNT };

static const enum wb__sync_planted of_sync[] = {
    WB__SYNC_PLANTED_KEPT_PERMITS, WB__SYNC_PLANTED_KEPT_SLOT, WB__SYNC_PLANTED_QUIET_CLOSE};

static int planted;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    planted = planted_choice(names, (int)(sizeof(names) / sizeof(names[0])));
    if (planted >= OWN_COUNT) {
        wb__sync_planted = of_sync[planted - OWN_COUNT];
    }
    return 0;
}

void __real_wb__parking_submit(struct wb_runtime *runtime, struct wb_task *task);
void __wrap_wb__parking_submit(struct wb_runtime *runtime, struct wb_task *task);

/* Who submits looks whether anybody is idle first, and then pushes: in between all may fall asleep.
 */
void __wrap_wb__parking_submit(struct wb_runtime *runtime, struct wb_task *task) {
    if (planted != LOST_SUBMIT || wb__parking_has_idle(runtime)) {
        __real_wb__parking_submit(runtime, task);
        return;
    }
    struct wb__shared_queue *queue = &runtime->shared[task->priority];
    (void)wb__shared_queue_push(runtime->sys, queue, task, true);
}

void __real_wb__task_abort(struct wb_task *task);
void __wrap_wb__task_abort(struct wb_task *task);

/* One that waits, or is polled just now, is not scheduled to be dropped. */
void __wrap_wb__task_abort(struct wb_task *task) {
    if (planted == LOST_ABORT && (wb__task_load(task) & WB__TASK_HELD) == 0) {
        wb__task_mark_cancelled(task);
    } else {
        __real_wb__task_abort(task);
    }
}

void __real_wb__capacity_give(struct wb_runtime *runtime, struct wb__worker *worker);
void __wrap_wb__capacity_give(struct wb_runtime *runtime, struct wb__worker *worker);

/* The end of a task is counted by reading, giving way and writing: two at a time count as one. */
void __wrap_wb__capacity_give(struct wb_runtime *runtime, struct wb__worker *worker) {
    static uint64_t seen;
    if (planted == TORN_END && worker != NULL) {
        seen = atomic_load(&worker->ended);
        wb_sys_interleave(runtime->sys, &worker->ended);
        worker->credit++;
        atomic_store(&worker->ended, seen + 1);
    } else {
        __real_wb__capacity_give(runtime, worker);
    }
}
