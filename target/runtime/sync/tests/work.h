/* Work for tasks and a thread that synchronise with each other, while some of them are aborted. It
 * needs a runtime of either flavour and nothing else, so that it runs with real threads and on
 * simulated ones. Each function returns whether everything was as it must be: nothing lost, nothing
 * twice, nobody overtaken; if something is lost they do not return at all. */
#ifndef SYNC_TESTS_WORK_H
#define SYNC_TESTS_WORK_H

#include <stdbool.h>
#include <stddef.h>

#include "wb/runtime.h"

struct work {
    const char *name;
    bool (*run)(struct wb_runtime *runtime);
};

extern const struct work work_all[];
extern const size_t work_count;

bool work_oneshot(struct wb_runtime *runtime);
bool work_notify(struct wb_runtime *runtime);
bool work_mpsc(struct wb_runtime *runtime);
bool work_mpsc_closed(struct wb_runtime *runtime);
bool work_semaphore(struct wb_runtime *runtime);
bool work_mutex(struct wb_runtime *runtime);
bool work_once(struct wb_runtime *runtime);
bool work_rwlock(struct wb_runtime *runtime);
bool work_barrier(struct wb_runtime *runtime);
bool work_cancellation(struct wb_runtime *runtime);
bool work_watch(struct wb_runtime *runtime);
bool work_broadcast(struct wb_runtime *runtime);

/* ---- for those who write one ---- */

/* Spawns it, high and low in turn; aborts the program if that fails. */
struct wb_join_handle work_spawn(struct wb_runtime *runtime, struct wb_future *future, int number);

/* Blocks until it has ended, and gives it up. */
enum wb_status work_join(struct wb_runtime *runtime, struct wb_join_handle *handle);

uint64_t work_start(struct wb_runtime *runtime, wb_thread_fn fn, void *arg);
void work_end(struct wb_runtime *runtime, uint64_t thread);

#endif
