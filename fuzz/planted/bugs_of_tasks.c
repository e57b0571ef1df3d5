/* Planted bugs for fuzz_runtime_tasks, one at a time (planted/choice.h). Some are put in by
 * wrapping a function (ld --wrap), the others are those of target/runtime/sync/planted.h. */
#include "driver/fuzz_target.h"
#include "planted/choice.h"
#include "runtime/sync/planted.h"
#include "runtime/task_state.h"
#include "runtime/time_wheel.h"
#include "wb/mpsc.h"

static const char *const names[] = {"lost-abort", "early-timer", "output-twice", "lost-message",
    "kept-permits", "kept-notification", "kept-slot", "overtaking", "quiet-close"};

enum { LOST_ABORT, EARLY_TIMER, OUTPUT_TWICE, LOST_MESSAGE, OWN_COUNT };

static const enum wb__sync_planted of_sync[] = {WB__SYNC_PLANTED_KEPT_PERMITS,
    WB__SYNC_PLANTED_KEPT_NOTIFICATION, WB__SYNC_PLANTED_KEPT_SLOT, WB__SYNC_PLANTED_OVERTAKING,
    WB__SYNC_PLANTED_QUIET_CLOSE};

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

void __real_wb__task_abort(struct wb_task *task);
void __wrap_wb__task_abort(struct wb_task *task);

/* One that waits is not scheduled to be dropped. */
void __wrap_wb__task_abort(struct wb_task *task) {
    if (planted == LOST_ABORT && (wb__task_load(task) & WB__TASK_HELD) == 0) {
        wb__task_mark_cancelled(task);
    } else {
        __real_wb__task_abort(task);
    }
}

bool __real_wb__time_wheel_set(
    struct wb__time_wheel *wheel, struct wb__timer *timer, uint64_t tick);
bool __wrap_wb__time_wheel_set(
    struct wb__time_wheel *wheel, struct wb__timer *timer, uint64_t tick);

/* A timer stands for the tick before its deadline. */
bool __wrap_wb__time_wheel_set(
    struct wb__time_wheel *wheel, struct wb__timer *timer, uint64_t tick) {
    return __real_wb__time_wheel_set(wheel, timer, planted == EARLY_TIMER ? tick - 1 : tick);
}

void __real_wb__task_drop_output(struct wb_task *task);
void __wrap_wb__task_drop_output(struct wb_task *task);

/* A handle that is given up does not see that the output was taken. */
void __wrap_wb__task_drop_output(struct wb_task *task) {
    if (planted == OUTPUT_TWICE) {
        task->is_taken = false;
    }
    __real_wb__task_drop_output(task);
}

void __real_wb_mpsc_receiver_close(struct wb_mpsc_receiver *receiver);
void __wrap_wb_mpsc_receiver_close(struct wb_mpsc_receiver *receiver);

/* A message that was sent before the close is gone with it. */
void __wrap_wb_mpsc_receiver_close(struct wb_mpsc_receiver *receiver) {
    unsigned char lost[64];
    if (planted == LOST_MESSAGE) {
        (void)!wb_mpsc_try_receive(receiver, lost);
    }
    __real_wb_mpsc_receiver_close(receiver);
}
