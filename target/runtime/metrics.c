/* Figures of a runtime. */
#include "runtime/internal.h"

/* What has arrived is moved, so that it can be counted. */
static uint64_t shared_len(struct wb__shared_queue *queue) {
    struct wb__task_list none = {0};
    if (!wb__shared_queue_is_empty(queue)) {
        wb__shared_queue_append(queue, &none);
    }
    return atomic_load_explicit(&queue->backlog_len, memory_order_relaxed);
}

static void add_worker(struct wb__worker *worker, struct wb_runtime_metrics *metrics) {
    metrics->polls += atomic_load_explicit(&worker->polls, memory_order_relaxed);
    metrics->steals += atomic_load_explicit(&worker->steals, memory_order_relaxed);
    metrics->parks += atomic_load_explicit(&worker->parks, memory_order_relaxed);
    metrics->turns += atomic_load_explicit(&worker->turns, memory_order_relaxed);
    metrics->tasks_ended += atomic_load_explicit(&worker->ended, memory_order_acquire);
    for (int i = 0; i < WB__PRIORITIES; i++) {
        metrics->queue_len[i] +=
            wb__ring_len(&worker->queues[i])
            + atomic_load_explicit(&worker->queues[i].list_len, memory_order_relaxed);
    }
}

void wb_runtime_metrics(struct wb_runtime *runtime, struct wb_runtime_metrics *out_metrics) {
    struct wb_runtime_metrics metrics = {.workers = runtime->worker_count};
    metrics.tasks_ended = atomic_load_explicit(&runtime->ended, memory_order_acquire);
    for (uint32_t i = 0; i < runtime->worker_count; i++) {
        add_worker(&runtime->workers[i], &metrics);
    }
    metrics.tasks_alive = wb__capacity_alive(runtime);
    metrics.tasks_spawned = metrics.tasks_ended + metrics.tasks_alive;
    for (int i = 0; i < WB__PRIORITIES; i++) {
        metrics.queue_len[i] += shared_len(&runtime->shared[i]);
    }
    metrics.timers = atomic_load_explicit(&runtime->driver.timers, memory_order_relaxed);
    metrics.workers_idle = (uint32_t)__builtin_popcountll(
        atomic_load_explicit(&runtime->parking.idle, memory_order_relaxed));
    wb__monitor_enter(&runtime->blocking.lock);
    metrics.blocking_threads = runtime->blocking.threads;
    metrics.blocking_idle = runtime->blocking.idle;
    metrics.blocking_queue_len = runtime->blocking.queue.len;
    wb__monitor_leave(&runtime->blocking.lock);
    *out_metrics = metrics;
}
