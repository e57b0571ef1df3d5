/* Who drives futures in the background: the connections of a client, for one. The runtime does it
 * by default; who wants to know of each, or have them elsewhere, gives another.
 *
 * Thread: an executor may be asked by several at a time. */
#ifndef WB_HTTP_EXECUTOR_H
#define WB_HTTP_EXECUTOR_H

#include "wb/future.h"
#include "wb/status.h"
#include "wb/sys.h"
#include "wb/task.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wb_runtime;
struct wb_http_executor;

struct wb_http_executor_ops {
    /* REQUIRED. From now on `future`, which is moved (see wb_runtime_spawn()), is driven until it
     * is over, whoever forgets it: nobody waits for it. A failure: the future is still the
     * caller's. */
    enum wb_status (*execute)(struct wb_http_executor *self, struct wb_future *future);
};

/* Member of whatever is an executor. */
struct wb_http_executor {
    const struct wb_http_executor_ops *ops;
};

/* Spawns detached tasks. */
struct wb_http_runtime_executor {
    struct wb_http_executor executor;
    struct wb_runtime *runtime;
    struct wb_spawn_options options;
};

/* `options` may be NULL. The runtime is borrowed. */
WB_API void wb_http_runtime_executor_init(struct wb_http_runtime_executor *executor,
    struct wb_runtime *runtime, const struct wb_spawn_options *options);

#ifdef __cplusplus
}
#endif

#endif
