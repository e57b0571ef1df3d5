/* What is known of the tasks of a program, from the notes of whoever drives them: where each stands
 * in its life, which is being polled by which thread, which were woken and wait for their turn. A
 * part of the ledger. It judges nothing.
 *
 * Tasks are known by the numbers their notes bear. Of several runtimes in one process the numbers
 * are the same: then nothing is known of any of them, unless the tasks of the former had all ended.
 */
#ifndef ORACLE_TASKS_H
#define ORACLE_TASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wouldblock/kernel.h"

enum wbh_task_state {
    WBH_TASK_UNKNOWN,
    WBH_TASK_DUE,    /* spawned or woken, and not yet polled */
    WBH_TASK_POLLED, /* right now */
    WBH_TASK_WAITS,
    WBH_TASK_ENDED,
};

enum wbh_task_forsaken {
    WBH_TASK_HAS_WAKERS,
    WBH_TASK_HAS_HANDLE, /* and nothing else */
    WBH_TASK_HAS_NOBODY, /* it is given up */
};

/* The last call of a task's polls that read something, accepted from it, or wrote to it. */
struct wbh_touch {
    uint32_t task; /* 0: there was none */
    uint32_t step;
    uint32_t subject;
    int fd;
    int64_t result;
    uint8_t call; /* enum sim_call */
};

struct wbh_task {
    struct wbh_touch touch;
    uint8_t state; /* enum wbh_task_state */
    uint8_t forsaken;
    bool woken; /* while it is polled */
    bool unbudgeted;
    bool may_block;      /* on a thread for that, whose turns are another matter */
    bool left_none;      /* FORSAKEN: right after its poll, so that this poll left no waker */
    uint32_t spawn_step; /* the call before it, of each; 0: none yet */
    uint32_t poll_step;
    uint32_t wake_step;
    uint32_t wait_step;
    uint32_t end_step;
    uint32_t forsaken_step;
    uint32_t polls;
    uint64_t wait_note; /* how many notes there had been */
    uint64_t referrers; /* wakers and its handle, when it began to wait */
    uint64_t due_polls; /* polls of all tasks, */
    uint64_t due_ns;    /* ... and the time, when it was spawned or woken */
    uint32_t
        due_prev; /* among those that take turns, in the order in which they became due; 0: none */
    uint32_t due_next;
};

enum { WBH_POLLS_NESTED_MAX = 4 };

/* The polls that a thread is in, one inside the other. */
struct wbh_polling {
    unsigned depth;
    uint32_t tasks[WBH_POLLS_NESTED_MAX]; /* 0: of one that is not known */
    uint32_t transfers;                   /* calls that moved something, in the innermost */
};

/* What the last note said that cannot be. */
enum wbh_task_flaw {
    WBH_TASK_FLAWLESS,
    WBH_TASK_POLLED_UNWOKEN,
    WBH_TASK_POLLED_TWICE, /* while it is polled */
    WBH_TASK_POLLED_ENDED,
    WBH_TASK_ENDED_TWICE,
};

struct wbh_tasks {
    struct wbh_task *items; /* by number */
    size_t count;
    size_t capacity;
    struct wbh_polling threads[SIM_THREADS_MAX];
    uint32_t under_way; /* polls, of all threads */
    uint32_t due_first; /* since longest; 0: none */
    uint32_t due_last;
    uint32_t alive;
    uint64_t polls;
    uint64_t notes;
    uint8_t flaw; /* enum wbh_task_flaw */
    bool confused;
};

void wbh_tasks_begin(struct wbh_tasks *tasks);
void wbh_tasks_clean_up(struct wbh_tasks *tasks);
void wbh_tasks_on_note(struct wbh_tasks *tasks, const struct sim_event *event);

/* NULL: nothing is known of it. */
struct wbh_task *wbh_tasks_find(struct wbh_tasks *tasks, uint64_t number);

/* The number of the task that a thread polls; 0: none, or none that is known, or it may block. */
static inline uint32_t wbh_tasks_polled(const struct wbh_tasks *tasks, unsigned thread) {
    const struct wbh_polling *polling = &tasks->threads[thread];
    return polling->depth == 0 || tasks->confused ? 0 : polling->tasks[polling->depth - 1];
}

#endif
