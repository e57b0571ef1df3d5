/* runtime_smoke: what a runtime is for, one thing after the other, each checked: workers of both
 * queues, a future that wakes itself, several at once, one that never ends, one that fails. */
#include "examples/programs.h"

#include "examples/console.h"
#include "examples/options.h"
#include "wb/async.h"
#include "wb/combine.h"
#include "wb/runtime.h"
#include "wb/time.h"

#define PROGRAM "runtime_smoke"

enum { JOINED = 3, TURNS = 3 };

struct smoke {
    const struct wb_sys *sys;
    struct wb_runtime *runtime;
    size_t low;
    size_t high;
    size_t pause_ms; /* of the task in the background */
    int background_drops;
};

/* What is not as it should be ends the program with a failure. */
static enum wb_status check(bool is_right) {
    return is_right ? WB_OK : WB_ERR_PARSE;
}

static enum wb_status spawn_and_join(
    struct smoke *self, struct wb_future *future, enum wb_priority priority) {
    const struct wb_spawn_options options = {.priority = priority};
    struct wb_join_handle handle;
    enum wb_status status = wb_runtime_spawn(self->runtime, future, &options, &handle);
    if (status == WB_OK) {
        status = wb_runtime_block_on(self->runtime, &handle.future);
        wb_join_handle_detach(&handle);
    }
    return status;
}

/* ---- workers ---- */

static enum wb_status show_workers(struct smoke *self) {
    struct wb_runtime_metrics metrics;
    struct wb_done empty;
    for (int priority = WB_PRIORITY_LOW; priority <= WB_PRIORITY_HIGH; priority++) {
        wb_done_init(&empty, WB_OK);
        const enum wb_status status =
            spawn_and_join(self, &empty.future, (enum wb_priority)priority);
        if (status != WB_OK) {
            return status;
        }
    }
    wb_runtime_metrics(self->runtime, &metrics);
    wb__print(self->sys, WB__CONSOLE_OUT, "%u workers ran an empty task of each queue\n",
        metrics.workers);
    return check(metrics.workers == self->low + self->high);
}

/* ---- a future that counts ---- */

struct counter {
    struct wb_future future;
    const struct wb_sys *sys;
    int count;
};

static enum wb_progress counter_poll(struct wb_future *future, struct wb_context *context) {
    struct counter *self = WB_FUTURE_OF(future, struct counter, future);
    self->count++;
    wb__print(self->sys, WB__CONSOLE_OUT, "polling with result: %d\n", self->count);
    if (self->count == TURNS) {
        return wb_future_end(future, WB_OK);
    }
    wb_context_wake(context);
    return WB_PENDING;
}

static const struct wb_future_ops counter_ops = {
    .size = sizeof(struct counter),
    .offset = offsetof(struct counter, future),
    .poll = counter_poll,
};

static enum wb_status show_counter(struct smoke *self) {
    struct counter counter = {.sys = self->sys};
    struct wb_join_handle handle;
    wb_future_init(&counter.future, &counter_ops);
    enum wb_status status = wb_runtime_spawn(self->runtime, &counter.future, NULL, &handle);
    if (status != WB_OK) {
        return status;
    }
    status = wb_runtime_block_on(self->runtime, &handle.future);
    if (status != WB_OK) {
        wb_join_handle_detach(&handle);
        return status;
    }
    const struct wb_future *output = wb_join_handle_take_output(&handle);
    const int count = WB_FUTURE_OF(output, const struct counter, future)->count;
    wb_join_handle_detach(&handle);
    return check(count == TURNS);
}

/* ---- several at once ---- */

/* Two steps, with others in between. */
struct steps {
    struct wb_future future;
    const char *name;
    bool has_both;
};

static enum wb_progress steps_poll(struct wb_future *future, struct wb_context *context) {
    struct steps *self = WB_FUTURE_OF(future, struct steps, future);
    WB_ASYNC_BEGIN(future, context);
    WB_ASYNC_YIELD();
    self->has_both = true;
    WB_ASYNC_END(WB_OK);
}

static const struct wb_future_ops steps_ops = {
    .size = sizeof(struct steps),
    .offset = offsetof(struct steps, future),
    .poll = steps_poll,
};

static enum wb_status show_results(
    const struct smoke *self, struct wb_join_handle handles[JOINED]) {
    bool is_right = true;
    wb__print(self->sys, WB__CONSOLE_OUT, "results:");
    for (int i = 0; i < JOINED; i++) {
        const struct steps *steps =
            WB_FUTURE_OF(wb_join_handle_take_output(&handles[i]), const struct steps, future);
        is_right = is_right && steps->has_both;
        wb__print(self->sys, WB__CONSOLE_OUT, " %s", steps->name);
    }
    wb__print(self->sys, WB__CONSOLE_OUT, "\n");
    return check(is_right);
}

/* A high one, and two of the default. Returns how many could be spawned. */
static int spawn_several(
    struct smoke *self, struct wb_join_handle handles[JOINED], enum wb_status *out_status) {
    static const char *const names[JOINED] = {"high", "low", "async"};
    static const struct wb_spawn_options options[JOINED] = {{.priority = WB_PRIORITY_HIGH}};
    for (int i = 0; i < JOINED; i++) {
        struct steps steps = {.name = names[i]};
        wb_future_init(&steps.future, &steps_ops);
        *out_status = wb_runtime_spawn(self->runtime, &steps.future, &options[i], &handles[i]);
        if (*out_status != WB_OK) {
            return i;
        }
    }
    return JOINED;
}

/* Joined in the order of the arguments, whoever ends first. */
static enum wb_status show_joined(struct smoke *self) {
    struct wb_join_handle handles[JOINED];
    struct wb_future *const parts[] = {&handles[0].future, &handles[1].future, &handles[2].future};
    struct wb_all all;
    enum wb_status status = WB_OK;
    const int count = spawn_several(self, handles, &status);
    if (status == WB_OK) {
        wb_all_init(&all, parts, JOINED);
        status = wb_runtime_block_on(self->runtime, &all.future);
    }
    if (status == WB_OK) {
        status = show_results(self, handles);
    }
    for (int i = 0; i < count; i++) {
        wb_join_handle_detach(&handles[i]);
    }
    return status;
}

/* ---- one that never ends ---- */

struct background {
    struct wb_future future;
    struct wb_sleep pause;
    uint64_t pause_ns;
    int *drops;
};

static enum wb_progress background_poll(struct wb_future *future, struct wb_context *context) {
    struct background *self = WB_FUTURE_OF(future, struct background, future);
    WB_ASYNC_BEGIN(future, context);
    for (;;) {
        if (self->pause_ns == 0) {
            WB_ASYNC_YIELD();
        } else {
            wb_sleep_init(&self->pause, context->runtime, self->pause_ns);
            WB_TRY_AWAIT(&self->pause.future);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void background_drop(struct wb_future *future) {
    struct background *self = WB_FUTURE_OF(future, struct background, future);
    wb_future_drop(&self->pause.future);
    ++*self->drops;
}

static const struct wb_future_ops background_ops = {
    .size = sizeof(struct background),
    .offset = offsetof(struct background, future),
    .poll = background_poll,
    .drop = background_drop,
};

/* Detached: it runs as long as the runtime does, and keeps nobody from returning. */
static enum wb_status begin_background(struct smoke *self) {
    struct background background = {
        .pause_ns = self->pause_ms * UINT64_C(1000000), .drops = &self->background_drops};
    wb_future_init(&background.future, &background_ops);
    return wb_runtime_spawn(self->runtime, &background.future, NULL, NULL);
}

/* ---- one that fails ---- */

static enum wb_status show_failure(struct smoke *self) {
    struct wb_done done;
    wb_done_init(&done, WB_ERR_LIMIT);
    const enum wb_status failed = spawn_and_join(self, &done.future, WB_PRIORITY_LOW);
    wb_done_init(&done, WB_OK);
    const enum wb_status next = spawn_and_join(self, &done.future, WB_PRIORITY_LOW);
    wb__print(self->sys, WB__CONSOLE_OUT, "a task that fails: %s; the next one: %s\n",
        wb_status_text(failed), wb_status_text(next));
    return check(failed == WB_ERR_LIMIT && next == WB_OK);
}

/* ---- all of it ---- */

static enum wb_status show_all(struct smoke *self) {
    static enum wb_status (*const parts[])(struct smoke * self) = {
        show_workers, show_counter, show_joined, begin_background, show_failure};
    enum wb_status status = WB_OK;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0] && status == WB_OK; i++) {
        status = parts[i](self);
    }
    return status;
}

static enum wb_status run(struct smoke *self) {
    const struct wb_runtime_config config = {
        .low_workers = (uint32_t)self->low, .high_workers = (uint32_t)self->high};
    enum wb_status status = wb_runtime_new(self->sys, &config, &self->runtime);
    if (status != WB_OK) {
        return status;
    }
    status = show_all(self);
    wb_runtime_destroy(self->runtime);
    if (status == WB_OK) {
        wb__print(self->sys, WB__CONSOLE_OUT, "the background task ran to the end\n");
        status = check(self->background_drops == 1);
    }
    return status;
}

int wb__runtime_smoke_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct smoke self = {.sys = sys, .low = 2, .high = 4};
    const struct wb__option options[] = {
        {"low", WB__OPTION_COUNT, &self.low, "workers of the low queue. 2", 1,
            WB_RUNTIME_WORKERS_MAX},
        {"high", WB__OPTION_COUNT, &self.high, "workers of the high queue. 4", 1,
            WB_RUNTIME_WORKERS_MAX},
        {"pause-ms", WB__OPTION_COUNT, &self.pause_ms,
            "of the task in the background between two polls; 0: it wakes itself. 0", 0, 1000},
    };
    const struct wb__command command = {PROGRAM, "Shows what a runtime does, and checks it.",
        options, sizeof options / sizeof options[0]};
    int exit_status;
    if (!wb__command_parse(&command, sys, argc, argv, &exit_status)) {
        return exit_status;
    }
    const enum wb_status status = run(&self);
    if (status != WB_OK) {
        wb__print_failure(sys, PROGRAM, "stopped", status);
        return WB__EXIT_FAILURE;
    }
    return WB__EXIT_OK;
}
