/* The runtime as an executor. */
#include "wb/http_executor.h"

#include <stddef.h>

#include "wb/runtime.h"

static enum wb_status runtime_execute(struct wb_http_executor *self, struct wb_future *future) {
    const struct wb_http_runtime_executor *executor =
        WB_FUTURE_OF(self, struct wb_http_runtime_executor, executor);
    return wb_runtime_spawn(executor->runtime, future, &executor->options, NULL);
}

static const struct wb_http_executor_ops runtime_ops = {
    .execute = runtime_execute,
};

void wb_http_runtime_executor_init(struct wb_http_runtime_executor *executor,
    struct wb_runtime *runtime, const struct wb_spawn_options *options) {
    *executor =
        (struct wb_http_runtime_executor){{&runtime_ops}, runtime, {WB_PRIORITY_LOW, false}};
    if (options != NULL) {
        executor->options = *options;
    }
}
