/* Two tasks, or a task and a thread that blocks, that wake each other in turn. */
#include "runtime_case.h"

/* Two tasks that wake each other in turn; one of them may be the thread that blocks. */
struct table {
    const struct wb_sys *sys;
    struct wb_mutex mutex;
    struct wb_task_waker wakers[2];
    int turn;
};

struct player {
    struct wb_future future;
    struct table *table;
    int me;
    uint64_t left;
};

/* Takes a turn if it is ours, and wakes the other. */
static enum wb_progress player_poll(struct wb_future *future, struct wb_context *context) {
    struct player *self = WB_FUTURE_OF(future, struct player, future);
    struct table *table = self->table;
    struct wb_task_waker other = {0};
    WB_SYS(table->sys, mutex_lock, &table->mutex);
    if (table->turn % 2 == self->me) {
        table->turn++;
        self->left--;
        other = table->wakers[1 - self->me];
        table->wakers[1 - self->me] = (struct wb_task_waker){0};
    }
    if (self->left != 0) {
        wb_task_waker_store(&table->wakers[self->me], context->waker);
    }
    WB_SYS(table->sys, mutex_unlock, &table->mutex);
    wb_task_waker_fire(&other);
    return self->left != 0 ? WB_PENDING : wb_future_end(future, WB_OK);
}

static const struct wb_future_ops player_ops = {
    .size = sizeof(struct player),
    .offset = offsetof(struct player, future),
    .poll = player_poll,
};

static uint64_t run_players(const struct runtime_run *run, bool in_task, struct wb_future *first,
    struct wb_future *second) {
    struct wb_future *const both[] = {second, first};
    if (in_task) {
        return runtime_run_tasks(run, both, 2, 2);
    }
    struct wb_runtime *runtime = NULL;
    struct wb_join_handle handle;
    runtime_must(wb_runtime_new(run->sys, run->config, &runtime));
    const uint64_t before_ns = runtime_clock_ns(run);
    runtime_must(wb_runtime_spawn(runtime, second, NULL, &handle));
    runtime_must(wb_runtime_block_on(runtime, first));
    runtime_must(wb_runtime_block_on(runtime, &handle.future));
    wb_join_handle_detach(&handle);
    const uint64_t spent_ns = runtime_clock_ns(run) - before_ns;
    wb_runtime_destroy(runtime);
    return spent_ns;
}

static uint64_t play(const struct runtime_run *run, bool in_task) {
    struct table table = {.sys = run->sys};
    struct player players[2];
    runtime_must(wb_status_from_result(WB_SYS(table.sys, mutex_init, &table.mutex)));
    for (int i = 0; i < 2; i++) {
        players[i] = (struct player){.table = &table, .me = i, .left = run->count / 2};
        wb_future_init(&players[i].future, &player_ops);
    }
    const uint64_t spent_ns = run_players(run, in_task, &players[0].future, &players[1].future);
    WB_SYS(table.sys, mutex_destroy, &table.mutex);
    return spent_ns;
}

uint64_t runtime_wake_of_task(const struct runtime_run *run) {
    return play(run, true);
}

uint64_t runtime_wake_of_thread(const struct runtime_run *run) {
    return play(run, false);
}
