/* A future that does what the test says and tells what became of it; and a scheduler that only
 * keeps what it is handed. */
#ifndef RUNTIME_TESTS_PROBE_H
#define RUNTIME_TESTS_PROBE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/task.h"

struct probe;

/* What a probe does and what happened to it; outlives the probe, which moves into its task. */
struct probe_log {
    atomic_int polls;
    atomic_int drops;
    atomic_int output_drops;
    int pending;           /* how many polls are pending before the one that is not */
    bool wakes_itself;     /* in each pending poll */
    bool keeps_waker;      /* in `waker`, in each pending poll */
    enum wb_status status; /* its result */
    int output;            /* its output */
    struct wb_task_waker waker;
    void (*during_poll)(struct probe_log *log, struct wb_context *context); /* may be NULL */
    void (*during_drop)(struct probe_log *log);                             /* may be NULL */
    void *user_data;
};

struct probe {
    struct wb_future future;
    struct probe_log *log;
    int output;
};

/* With 16 bytes in front of it, so that a forgotten offset shows. */
struct padded_probe {
    uint64_t before[2];
    struct probe probe;
};

void probe_init(struct probe *probe, struct probe_log *log);
void padded_probe_init(struct padded_probe *probe, struct probe_log *log);

/* A scheduler whose queue the test looks at. */
enum { SHELF_MAX = 16 };

struct shelf {
    struct wb_scheduler scheduler;
    struct wb_task *tasks[SHELF_MAX];
    int count;     /* tasks on it now */
    int scheduled; /* ever */
    int waits;
    int ends;
    bool cancels;                            /* what it is handed, at once */
    void (*during_end)(struct shelf *shelf); /* may be NULL */
};

void shelf_init(struct shelf *shelf);

/* Takes the oldest task. */
struct wb_task *shelf_take(struct shelf *shelf);

/* A waker that counts. */
struct bell {
    struct wb_task_waker waker; /* the test's; wakes count in wakes */
    atomic_int wakes;
    atomic_int references;
};

void bell_init(struct bell *bell);

#endif
