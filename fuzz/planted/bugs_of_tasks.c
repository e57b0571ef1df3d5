/* Planted bugs for fuzz_runtime_tasks, one at a time: that of the environment variable WB_PLANTED,
 * the first without it. Some are put in by wrapping a function (ld --wrap), the others are those of
 * target/runtime/sync/planted.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver/fuzz_target.h"
#include "runtime/sync/planted.h"
#include "runtime/task_state.h"
#include "runtime/time_wheel.h"
#include "wb/mpsc.h"

enum bug { LOST_ABORT, EARLY_TIMER, OUTPUT_TWICE, LOST_MESSAGE, OF_SYNC };

static const struct {
    const char *name;
    enum bug bug;
    enum wb__sync_planted of_sync;
} bugs[] = {
    {"lost-abort", LOST_ABORT, WB__SYNC_PLANTED_COUNT},
    {"early-timer", EARLY_TIMER, WB__SYNC_PLANTED_COUNT},
    {"output-twice", OUTPUT_TWICE, WB__SYNC_PLANTED_COUNT},
    {"lost-message", LOST_MESSAGE, WB__SYNC_PLANTED_COUNT},
    {"kept-permits", OF_SYNC, WB__SYNC_PLANTED_KEPT_PERMITS},
    {"kept-notification", OF_SYNC, WB__SYNC_PLANTED_KEPT_NOTIFICATION},
    {"kept-slot", OF_SYNC, WB__SYNC_PLANTED_KEPT_SLOT},
    {"overtaking", OF_SYNC, WB__SYNC_PLANTED_OVERTAKING},
    {"quiet-close", OF_SYNC, WB__SYNC_PLANTED_QUIET_CLOSE},
};

enum { BUGS = sizeof(bugs) / sizeof(bugs[0]) };

static enum bug planted;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    const char *name = getenv("WB_PLANTED");
    (void)argc;
    (void)argv;
    for (int i = 0; i < BUGS; i++) {
        if (name == NULL || strcmp(name, bugs[i].name) == 0) {
            planted = bugs[i].bug;
            wb__sync_planted = bugs[i].of_sync;
            return 0;
        }
    }
    fprintf(stderr, "WB_PLANTED=%s: there is no such bug. There are:", name);
    for (int i = 0; i < BUGS; i++) {
        fprintf(stderr, " %s", bugs[i].name);
    }
    fprintf(stderr, "\n");
    exit(2);
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
