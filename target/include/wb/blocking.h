/* Work that blocks (name resolution, files, long computations), on a pool of threads of its own, so
 * that no worker of the runtime waits for it.
 *
 * Threads start on demand, up to blocking_threads_max of the runtime's configuration, and end when
 * they had nothing to do for blocking_keep_alive_ns. More work than threads waits in a queue, first
 * in, first out, which counts as tasks: tasks_max bounds it. When the system refuses a thread, the
 * work waits for those that there are; it is refused only if there are none. */
#ifndef WB_BLOCKING_H
#define WB_BLOCKING_H

#include "wb/runtime.h"
#include "wb/status.h"
#include "wb/task.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Has fn(arg) called once, in a thread of the pool; its status is what the handle brings. `arg` is
 * borrowed until then. `out_handle` may be NULL. Cancelling or aborting before it began means that
 * it never will; afterwards it is too late: it runs to its end, and its result stands. Which of
 * both it was is told by the handle only, awaited after wb_join_handle_abort(): whoever cancels
 * instead does not know whether `arg` is still in use.
 *
 * Errors: WB_ERR_CLOSED after shutdown began, WB_ERR_LIMIT at tasks_max or when there is no thread
 * and the system refuses one, WB_ERR_NO_MEMORY. fn is then not called. Thread: any. Allocates. */
WB_API WB_MUST_USE enum wb_status wb_runtime_spawn_blocking(struct wb_runtime *runtime,
    enum wb_status (*fn)(void *arg), void *arg, struct wb_join_handle *out_handle);

#ifdef __cplusplus
}
#endif

#endif
