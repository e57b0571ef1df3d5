/* Futures, schedulers and wakers that tests look at. */
#include "probe.h"

#include <assert.h>

/* ---- probe ---- */

static enum wb_progress probe_poll(struct wb_future *future, struct wb_context *context) {
    struct probe *probe = WB_FUTURE_OF(future, struct probe, future);
    struct probe_log *log = probe->log;
    const int polls = atomic_fetch_add(&log->polls, 1);
    if (log->during_poll != NULL) {
        log->during_poll(log, context);
    }
    if (polls < log->pending) {
        if (log->keeps_waker) {
            wb_task_waker_store(&log->waker, context->waker);
        }
        if (log->wakes_itself) {
            wb_context_wake(context);
        }
        return WB_PENDING;
    }
    probe->output = log->output;
    return wb_future_end(future, log->status);
}

static void probe_drop(struct wb_future *future) {
    struct probe_log *log = WB_FUTURE_OF(future, struct probe, future)->log;
    atomic_fetch_add(&log->drops, 1);
    if (log->during_drop != NULL) {
        log->during_drop(log);
    }
}

static void probe_drop_output(struct wb_future *future) {
    atomic_fetch_add(&WB_FUTURE_OF(future, struct probe, future)->log->output_drops, 1);
}

static const struct wb_future_ops probe_ops = {
    .size = sizeof(struct probe),
    .offset = offsetof(struct probe, future),
    .poll = probe_poll,
    .drop = probe_drop,
    .drop_output = probe_drop_output,
};

static const struct wb_future_ops padded_ops = {
    .size = sizeof(struct padded_probe),
    .offset = offsetof(struct padded_probe, probe.future),
    .poll = probe_poll,
    .drop = probe_drop,
    .drop_output = probe_drop_output,
};

void probe_init(struct probe *probe, struct probe_log *log) {
    *probe = (struct probe){.log = log};
    wb_future_init(&probe->future, &probe_ops);
}

void padded_probe_init(struct padded_probe *padded, struct probe_log *log) {
    *padded = (struct padded_probe){.before = {1, 2}, .probe = {.log = log}};
    wb_future_init(&padded->probe.future, &padded_ops);
}

/* ---- shelf ---- */

static void shelf_schedule(struct wb_scheduler *self, struct wb_task *task) {
    struct shelf *shelf = (struct shelf *)(void *)self;
    shelf->scheduled++;
    if (shelf->cancels) {
        wb_task_cancel(task);
        return;
    }
    assert(shelf->count < SHELF_MAX);
    shelf->tasks[shelf->count++] = task;
}

static void shelf_on_wait(struct wb_scheduler *self, struct wb_task *task) {
    (void)task;
    ((struct shelf *)(void *)self)->waits++;
}

static void shelf_on_end(struct wb_scheduler *self, struct wb_task *task) {
    struct shelf *shelf = (struct shelf *)(void *)self;
    (void)task;
    shelf->ends++;
    if (shelf->during_end != NULL) {
        shelf->during_end(shelf);
    }
}

static const struct wb_scheduler_ops shelf_ops = {
    .schedule = shelf_schedule,
    .on_wait = shelf_on_wait,
    .on_end = shelf_on_end,
};

void shelf_init(struct shelf *shelf) {
    *shelf = (struct shelf){.scheduler = {&shelf_ops}};
}

struct wb_task *shelf_take(struct shelf *shelf) {
    assert(shelf->count > 0);
    struct wb_task *task = shelf->tasks[0];
    shelf->count--;
    for (int i = 0; i < shelf->count; i++) {
        shelf->tasks[i] = shelf->tasks[i + 1];
    }
    return task;
}

/* ---- bell ---- */

static void bell_clone(void *data) {
    atomic_fetch_add(&((struct bell *)data)->references, 1);
}

static void bell_wake(void *data) {
    atomic_fetch_add(&((struct bell *)data)->wakes, 1);
}

static void bell_drop(void *data) {
    atomic_fetch_sub(&((struct bell *)data)->references, 1);
}

static const struct wb_task_waker_ops bell_ops = {
    .clone = bell_clone,
    .wake = bell_wake,
    .drop = bell_drop,
};

void bell_init(struct bell *bell) {
    *bell = (struct bell){.waker = {&bell_ops, bell}};
    atomic_store(&bell->references, 1);
}
