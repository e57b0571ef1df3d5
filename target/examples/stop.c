/* See stop.h. */
#include "examples/stop.h"

#include <stddef.h>

static enum wb_status try_take(void *user_data) {
    return wb_termination_take(user_data, NULL);
}

static enum wb_progress stop_poll(struct wb_future *future, struct wb_context *context) {
    struct wb__stop *self = WB_FUTURE_OF(future, struct wb__stop, future);
    enum wb_status status = WB_OK;
    if (wb_poll_evented_poll_read(&self->signals, context, try_take, &self->termination, &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops stop_ops = {
    .size = sizeof(struct wb__stop),
    .offset = offsetof(struct wb__stop, future),
    .poll = stop_poll,
};

enum wb_status wb__stop_prepare(struct wb__stop *stop, const struct wb_sys *sys) {
    *stop = (struct wb__stop){0};
    wb_future_init(&stop->future, &stop_ops);
    return wb_termination_init(&stop->termination, sys);
}

enum wb_status wb__stop_begin(struct wb__stop *stop, struct wb_runtime *runtime) {
    return wb_poll_evented_init(&stop->signals, runtime, wb_termination_source(&stop->termination));
}

void wb__stop_close(struct wb__stop *stop) {
    wb_future_drop(&stop->future);
    wb_poll_evented_clean_up(&stop->signals, wb_termination_source(&stop->termination));
    wb_termination_clean_up(&stop->termination);
}
