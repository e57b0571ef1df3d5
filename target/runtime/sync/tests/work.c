/* What all work has in common, and the list of it. */
#include "work.h"

#include <stdlib.h>

#include "wb/sys.h"

const struct work work_all[] = {
    {"oneshot", work_oneshot},
    {"notify", work_notify},
    {"mpsc", work_mpsc},
    {"mpsc_closed", work_mpsc_closed},
    {"semaphore", work_semaphore},
    {"mutex", work_mutex},
    {"once", work_once},
    {"rwlock", work_rwlock},
    {"barrier", work_barrier},
    {"cancellation", work_cancellation},
    {"watch", work_watch},
    {"broadcast", work_broadcast},
};

const size_t work_count = sizeof(work_all) / sizeof(work_all[0]);

struct wb_join_handle work_spawn(struct wb_runtime *runtime, struct wb_future *future, int number) {
    const struct wb_spawn_options options = {.priority = (enum wb_priority)(number % 2)};
    struct wb_join_handle handle;
    if (wb_runtime_spawn(runtime, future, &options, &handle) != WB_OK) {
        abort();
    }
    return handle;
}

enum wb_status work_join(struct wb_runtime *runtime, struct wb_join_handle *handle) {
    const enum wb_status status = wb_runtime_block_on(runtime, &handle->future);
    wb_join_handle_detach(handle);
    return status;
}

uint64_t work_start(struct wb_runtime *runtime, wb_thread_fn fn, void *arg) {
    uint64_t thread = 0;
    if (WB_SYS(wb_runtime_sys(runtime), thread_create, fn, arg, &thread) != 0) {
        abort();
    }
    return thread;
}

void work_end(struct wb_runtime *runtime, uint64_t thread) {
    (void)WB_SYS(wb_runtime_sys(runtime), thread_join, thread);
}
