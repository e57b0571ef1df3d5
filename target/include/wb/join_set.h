/* Tasks that belong together: spawned into a set, awaited in the order in which they end, and ended
 * with it.
 *
 *     wb_join_set_spawn(&self->set, &part.future, NULL, NULL);
 *     ...
 *     for (;;) {
 *         wb_join_next_init(&self->next, &self->set);
 *         WB_AWAIT(&self->next.future);
 *         if (self->next.future.status == WB_EOF) {
 *             break; // that was all
 *         }
 *         ... self->next.id, self->next.result ...
 *         wb_join_handle_detach(&self->next.handle);
 *     }
 *
 * Thread: one task at a time uses a set; its own tasks run where they run. Allocates: once, and
 * once for each task beside the task itself. */
#ifndef WB_JOIN_SET_H
#define WB_JOIN_SET_H

#include <stddef.h>
#include <stdint.h>

#include "wb/future.h"
#include "wb/runtime.h"
#include "wb/status.h"
#include "wb/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb__join_set;

/* May be moved at any time but while a struct wb_join_next on it is pending. All zero: none, for
 * which only destroy is allowed. */
struct wb_join_set {
    struct wb__join_set *shared;
};

/* An empty one. Errors: WB_ERR_NO_MEMORY, WB_ERR_NO_RUNTIME for NULL. */
WB_API WB_MUST_USE enum wb_status wb_join_set_new(
    struct wb_join_set *out_set, struct wb_runtime *runtime);

/* Cancels every task that is left, without waiting for its end: see wb_join_handle_cancel(). Twice
 * is allowed. */
WB_API void wb_join_set_destroy(struct wb_join_set *set);

/* As wb_runtime_spawn() and wb_runtime_spawn_blocking(); the task is the set's. *out_id (may be
 * NULL) is the number by which wb_join_next tells which one ended: 1 for the first, then 2 and so
 * on. Errors: as there; the set is as it was. */
WB_API WB_MUST_USE enum wb_status wb_join_set_spawn(struct wb_join_set *set,
    struct wb_future *future, const struct wb_spawn_options *options, uint64_t *out_id);
WB_API WB_MUST_USE enum wb_status wb_join_set_spawn_blocking(
    struct wb_join_set *set, enum wb_status (*fn)(void *arg), void *arg, uint64_t *out_id);

/* How many tasks it has whose end nobody took. */
WB_API size_t wb_join_set_len(const struct wb_join_set *set);

/* Has all of them cancelled, as wb_join_handle_abort(): they end with WB_ERR_CANCELLED, unless they
 * had ended, and are still to be taken. */
WB_API void wb_join_set_abort_all(struct wb_join_set *set);

/* They run to their ends, unattended, and the set is empty. */
WB_API void wb_join_set_detach_all(struct wb_join_set *set);

/* The next task that ends, or has ended: over with WB_OK, and then `result` is the task's status,
 * `id` its number, and `handle`, the caller's to be given up, has its output. The task is no longer
 * of the set. Or with WB_EOF, at once, if there is none in it, or with WB_ERR_ALREADY_IN_PROGRESS
 * if another one waits for the same set. Given up, it takes nothing. Those that end while nobody
 * waits come in the order of their ends. */
struct wb_join_next {
    struct wb_future future;
    struct wb_join_set *set;
    uint64_t id;
    enum wb_status result;
    struct wb_join_handle handle;
};

WB_API void wb_join_next_init(struct wb_join_next *next, struct wb_join_set *set);

#ifdef __cplusplus
}
#endif

#endif
