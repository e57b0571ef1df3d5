/* See until_stopped.h. */
#include "until_stopped.h"

#include "wb/combine.h"
#include "wb/poll_evented.h"
#include "wb/termination.h"

struct stop {
    struct wb_future future;
    struct wb_termination termination;
    struct wb_poll_evented evented;
};

static enum wb_status try_take(void *user_data) {
    return wb_termination_take(user_data, NULL);
}

static enum wb_progress stop_poll(struct wb_future *future, struct wb_context *context) {
    struct stop *self = WB_FUTURE_OF(future, struct stop, future);
    enum wb_status status = WB_OK;
    if (wb_poll_evented_poll_read(&self->evented, context, try_take, &self->termination, &status)
        == WB_PENDING) {
        return WB_PENDING;
    }
    return wb_future_end(future, status);
}

static const struct wb_future_ops stop_ops = {
    .size = sizeof(struct stop),
    .offset = offsetof(struct stop, future),
    .poll = stop_poll,
};

struct wb_runtime *planted_runtime_new(
    const struct wb_sys *sys, const struct planted_options *options) {
    const struct wb_runtime_config config = {
        .flavour = options->several_workers ? WB_RUNTIME_MULTI_THREAD : WB_RUNTIME_CURRENT_THREAD,
        .low_workers = 2,
        .timer_tick_ns = 1000,
        .events_capacity = options->events_max,
    };
    struct wb_runtime *runtime = NULL;
    return wb_runtime_new(sys, &config, &runtime) == WB_OK ? runtime : NULL;
}

int planted_run_until_stopped(struct wb_runtime *runtime, struct wb_future *serve) {
    struct stop stop = {0};
    struct wb_race race;
    struct wb_future *parts[] = {&stop.future, serve};
    wb_future_init(&stop.future, &stop_ops);
    if (wb_termination_init(&stop.termination, wb_runtime_sys(runtime)) != WB_OK
        || wb_poll_evented_init(&stop.evented, runtime, wb_termination_source(&stop.termination))
               != WB_OK) {
        return 2;
    }
    wb_race_init(&race, parts, serve != NULL ? 2 : 1, WB_RACE_BIASED);
    const enum wb_status status = wb_runtime_block_on(runtime, &race.future);
    wb_poll_evented_clean_up(&stop.evented, wb_termination_source(&stop.termination));
    wb_termination_clean_up(&stop.termination);
    wb_runtime_destroy(runtime);
    return status == WB_OK && race.winner == 0 ? 0 : 1;
}
