/* What a worker does: takes the next task, runs it, and looks at readiness and timers now and then.
 */
#include "runtime/internal.h"
#include "wb/time.h"

enum {
    OUT_OF_TURN_INTERVAL = 31, /* tasks after which one of those comes that would come last */
    TAKEN_MAX = 128,           /* tasks taken from the shared queue, or stolen, at a time */
    INTERVAL_FIRST = 64,       /* polls between two turns of the driver, to begin with ... */
    INTERVAL_MIN = 16,         /* ... and adapted within these bounds ... */
    INTERVAL_MAX = 256,
    YIELDS_A_TURN = 8, /* a task that yields does not do so more often before a turn */
};

/* ... so that they are about so far apart. */
#define TURN_NS UINT64_C(100000)

static enum wb_priority other_than(enum wb_priority priority) {
    return priority == WB_PRIORITY_HIGH ? WB_PRIORITY_LOW : WB_PRIORITY_HIGH;
}

void wb__worker_init(struct wb__worker *worker, struct wb_runtime *runtime, uint32_t index) {
    worker->runtime = runtime;
    worker->index = index;
    worker->own = index < runtime->config.high_workers ? WB_PRIORITY_HIGH : WB_PRIORITY_LOW;
    worker->interval = INTERVAL_FIRST;
    worker->until_turn = INTERVAL_FIRST;
}

/* ---- taking: the only worker ---- */

/* Moves what has arrived into the queue of the only worker. Returns its length. */
static __attribute__((noinline)) uint64_t collect(
    struct wb__worker *worker, enum wb_priority priority) {
    struct wb__shared_queue *shared = &worker->runtime->shared[priority];
    struct wb__local_queue *queue = &worker->queues[priority];
    if (!wb__shared_queue_is_empty(shared)) {
        wb__shared_queue_take(shared, UINT64_MAX, &queue->list);
    }
    atomic_store_explicit(&queue->list_len, queue->list.len, memory_order_relaxed);
    return queue->list.len;
}

void wb__worker_collect(struct wb__worker *worker) {
    (void)collect(worker, WB_PRIORITY_HIGH);
    (void)collect(worker, WB_PRIORITY_LOW);
}

static inline struct wb_task *take_single(struct wb__worker *worker, enum wb_priority priority) {
    struct wb__task_list *list = &worker->queues[priority].list;
    if (list->head == NULL) {
        if (wb__shared_queue_is_empty(&worker->runtime->shared[priority])) {
            return NULL;
        }
        (void)collect(worker, priority);
    }
    return wb__task_list_pop(list);
}

/* High before low, but now and then the other way round. */
static inline struct wb_task *next_single(struct wb__worker *worker) {
    const bool is_low_first = ++worker->picks % WB_RUNTIME_OTHER_QUEUE_INTERVAL == 0;
    struct wb_task *task = is_low_first ? take_single(worker, WB_PRIORITY_LOW) : NULL;
    if (task == NULL) {
        task = take_single(worker, WB_PRIORITY_HIGH);
    }
    return task != NULL ? task : take_single(worker, WB_PRIORITY_LOW);
}

/* ---- taking: one among several ---- */

/* Takes some of what has arrived, at most `max`: the first to run, the others into the ring. */
static struct wb_task *take_shared(
    struct wb__worker *worker, enum wb_priority priority, uint32_t max) {
    struct wb_runtime *runtime = worker->runtime;
    struct wb__shared_queue *shared = &runtime->shared[priority];
    if (wb__shared_queue_is_empty(shared)) {
        return NULL;
    }
    struct wb__local_queue *queue = &worker->queues[priority];
    const uint32_t room = WB__RING_LEN - wb__ring_len(queue);
    struct wb__task_list taken = {0};
    wb__shared_queue_take(shared, room < max ? room + 1 : max, &taken);
    struct wb_task *first = wb__task_list_pop(&taken);
    const bool is_more = taken.len != 0;
    if (is_more) {
        wb__ring_fill(queue, &taken);
    }
    if ((is_more || !wb__shared_queue_is_empty(shared)) && wb__parking_has_idle(runtime)) {
        wb__parking_wake_one(runtime, priority);
    }
    return first;
}

static struct wb_task *steal(struct wb__worker *worker, enum wb_priority priority, uint32_t max) {
    struct wb_runtime *runtime = worker->runtime;
    for (uint32_t i = 1; i < runtime->worker_count; i++) {
        const uint32_t victim = (worker->index + i) % runtime->worker_count;
        uint32_t stolen = 0;
        struct wb_task *task = wb__ring_steal(runtime->sys,
            &runtime->workers[victim].queues[priority], &worker->queues[priority], max, &stolen);
        if (task != NULL) {
            wb__count(&worker->steals, stolen);
            return task;
        }
    }
    return NULL;
}

static inline struct wb_task *pop_ring(struct wb__worker *worker, enum wb_priority priority) {
    return wb__ring_pop(worker->runtime->sys, &worker->queues[priority]);
}

/* Its own kind before the other. What is in its own ring of the other kind are tasks that yielded
 * here. Others it takes one at a time, and leaves the rest to those who prefer them. */
static __attribute__((noinline)) struct wb_task *take_elsewhere(struct wb__worker *worker) {
    const enum wb_priority own = worker->own;
    const enum wb_priority other = other_than(own);
    struct wb_task *task = take_shared(worker, own, TAKEN_MAX);
    if (task == NULL) {
        task = steal(worker, own, TAKEN_MAX);
    }
    if (task == NULL) {
        task = pop_ring(worker, other);
    }
    if (task == NULL) {
        task = take_shared(worker, other, 1);
    }
    return task != NULL ? task : steal(worker, other, 1);
}

/* One in so many times, what would wait for as long as its own ring is never empty. */
static __attribute__((noinline)) struct wb_task *take_out_of_turn(struct wb__worker *worker) {
    if (worker->picks % (2 * OUT_OF_TURN_INTERVAL) == 0) {
        return take_shared(worker, worker->own, TAKEN_MAX);
    }
    return pop_ring(worker, other_than(worker->own));
}

/* What comes first is mostly in its own ring. Not inlined, nor what looks elsewhere: the only
 * worker, and whoever finds it there, would pay for its registers. */
static __attribute__((noinline)) struct wb_task *next_of_several(struct wb__worker *worker) {
    struct wb_task *task = NULL;
    if (++worker->picks % OUT_OF_TURN_INTERVAL == 0) {
        task = take_out_of_turn(worker);
    }
    if (task == NULL) {
        task = pop_ring(worker, worker->own);
    }
    return task != NULL ? task : take_elsewhere(worker);
}

static __attribute__((always_inline)) inline struct wb_task *next(struct wb__worker *worker) {
    return worker->runtime->is_single ? next_single(worker) : next_of_several(worker);
}

struct wb_task *wb__worker_next(struct wb__worker *worker) {
    return next(worker);
}

/* ---- queueing ---- */

/* The ring is full: half of it goes where everybody finds it. Not inlined: most pushes would pay
 * for its list. */
static __attribute__((noinline)) void spill(struct wb__worker *worker, struct wb_task *task) {
    struct wb_runtime *runtime = worker->runtime;
    const enum wb_priority priority = (enum wb_priority)task->priority;
    struct wb__task_list spilled = {0};
    wb__ring_spill(runtime->sys, &worker->queues[priority], &spilled);
    wb__task_list_push(&spilled, task);
    wb__shared_queue_append(&runtime->shared[priority], &spilled);
}

/* How many tasks are in both its rings. */
static inline uint32_t queued(struct wb__worker *worker) {
    return wb__ring_len(&worker->queues[WB_PRIORITY_HIGH])
           + wb__ring_len(&worker->queues[WB_PRIORITY_LOW]);
}

/* More than the worker itself takes as soon as it is free, or for another rather than for it:
 * somebody is woken. Most often nobody is idle. */
static __attribute__((noinline)) void offer(
    struct wb__worker *worker, enum wb_priority priority, bool is_fit) {
    struct wb_runtime *runtime = worker->runtime;
    wb_sys_interleave(runtime->sys, &runtime->parking);
    if (wb__parking_has_idle(runtime) && (!is_fit || queued(worker) > 1)) {
        wb__parking_wake_one(runtime, priority);
    }
}

/* `is_fit`: it is one that this worker should run. Once it is in the ring it may be stolen, run and
 * gone. */
static __attribute__((always_inline)) inline void push_ring(
    struct wb__worker *worker, struct wb_task *task, bool is_fit) {
    struct wb_runtime *runtime = worker->runtime;
    const enum wb_priority priority = (enum wb_priority)task->priority;
    struct wb__local_queue *queue = &worker->queues[priority];
    wb_sys_interleave(runtime->sys, queue);
    /* The worker itself takes it as soon as it is free, so nobody is to be woken for it. */
    const bool keeps = is_fit && queued(worker) == 0;
    if (!wb__ring_push(queue, task, keeps)) {
        spill(worker, task);
    }
    if (!keeps && !worker->is_free) {
        offer(worker, priority, is_fit);
    }
}

void wb__worker_share(struct wb__worker *worker) {
    struct wb_runtime *runtime = worker->runtime;
    const enum wb_priority other = other_than(worker->own);
    if (runtime->is_single || queued(worker) < 2) {
        return;
    }
    wb_sys_interleave(runtime->sys, &runtime->parking);
    if (wb__parking_has_idle(runtime)) {
        const bool has_other = wb__ring_len(&worker->queues[other]) != 0;
        wb__parking_wake_one(runtime, has_other ? other : worker->own);
    }
}

void wb__worker_push(struct wb__worker *worker, struct wb_task *task) {
    const bool is_own = (enum wb_priority)task->priority == worker->own;
    if (worker->runtime->is_single) {
        wb__task_list_push(&worker->queues[task->priority].list, task);
    } else if (is_own || worker->is_free) {
        push_ring(worker, task, true);
    } else { /* to those who take it before anything else */
        wb__parking_submit(worker->runtime, task);
    }
}

/* ---- running ---- */

/* How many polls a yield counts for, so that a turn comes before any task has yielded too often:
 * many, if there are few others to be polled in between. */
static inline int32_t weight_of_yield(const struct wb__worker *worker, uint64_t others) {
    if (others >= INTERVAL_MAX / YIELDS_A_TURN) {
        return 1;
    }
    const unsigned doubled = 31u - (unsigned)__builtin_clz((unsigned)others + 1);
    const uint32_t weight = worker->interval / YIELDS_A_TURN >> doubled;
    return weight == 0 ? 1 : (int32_t)weight;
}

static __attribute__((noinline)) void requeue_in_ring(
    struct wb__worker *worker, struct wb_task *task) {
    worker->until_turn -=
        weight_of_yield(worker, wb__ring_len(&worker->queues[task->priority])) - 1;
    push_ring(worker, task, (enum wb_priority)task->priority == worker->own);
}

/* Queues a task again that was woken while it was polled. */
static inline void requeue(struct wb__worker *worker, struct wb_task *task) {
    if (!worker->runtime->is_single) {
        requeue_in_ring(worker, task);
        return;
    }
    struct wb__task_list *list = &worker->queues[task->priority].list;
    worker->until_turn -= weight_of_yield(worker, list->len) - 1;
    wb__task_list_push(list, task);
}

static inline void end_is_known(struct wb__worker *worker) {
    atomic_store_explicit(&worker->is_ending, 0, memory_order_release);
}

static __attribute__((always_inline)) inline void run(
    struct wb__worker *worker, struct wb_task *task) {
    struct wb_runtime *runtime = worker->runtime;
    if (wb__runtime_phase(runtime) >= WB__PHASE_CANCELLING) {
        wb_task_cancel(task);
        end_is_known(worker);
        return;
    }
    wb__count(&worker->polls, 1);
    worker->until_turn--;
    const enum wb_task_outcome outcome = wb__task_poll(task, runtime);
    if (outcome == WB_TASK_WOKEN) {
        requeue(worker, task);
    } else if (outcome == WB_TASK_ENDED) {
        end_is_known(worker);
    }
}

void wb__worker_run(struct wb__worker *worker, struct wb_task *task) {
    run(worker, task);
}

/* Turns that are too close together make the interval longer, and the other way round. */
static void adapt_interval(struct wb__worker *worker) {
    const uint64_t now_ns = wb_runtime_now(worker->runtime);
    const uint64_t passed_ns = now_ns - worker->last_turn_ns;
    if (passed_ns < TURN_NS / 2 && worker->interval < INTERVAL_MAX) {
        worker->interval *= 2;
    } else if (passed_ns > TURN_NS * 2 && worker->interval > INTERVAL_MIN) {
        worker->interval /= 2;
    }
    worker->last_turn_ns = now_ns;
}

static void take_turn(struct wb__worker *worker) {
    wb__parking_turn(worker);
    adapt_interval(worker);
    worker->until_turn = (int32_t)worker->interval;
    if (worker->runtime->is_single) {
        wb__worker_collect(worker);
    }
}

/* As wb__worker_step(). */
static __attribute__((always_inline)) inline enum wb_status step(
    struct wb__worker *worker, int64_t timeout_ns, const bool *is_enough) {
    if (worker->until_turn <= 0) {
        take_turn(worker);
    }
    do {
        struct wb_task *task = next(worker);
        if (task == NULL) {
            worker->until_turn = (int32_t)worker->interval;
            return wb__parking_park(worker, timeout_ns);
        }
        run(worker, task);
    } while (worker->until_turn > 0 && !*is_enough);
    return WB_OK;
}

enum wb_status wb__worker_step(
    struct wb__worker *worker, int64_t timeout_ns, const bool *is_enough) {
    return step(worker, timeout_ns, is_enough);
}

enum wb_status wb__worker_run_until(struct wb__worker *worker, const bool *is_enough) {
    enum wb_status status = WB_OK;
    while (!*is_enough && status == WB_OK) {
        status = step(worker, WB_TIMEOUT_INFINITE, is_enough);
    }
    return status;
}

enum wb_status wb__worker_turn(struct wb__worker *worker, int64_t timeout_ns) {
    enum wb_status status = WB_OK;
    if (collect(worker, WB_PRIORITY_HIGH) + collect(worker, WB_PRIORITY_LOW) != 0) {
        wb__parking_turn(worker);
    } else {
        status = wb__parking_park(worker, timeout_ns);
    }
    uint64_t high = collect(worker, WB_PRIORITY_HIGH);
    uint64_t low = collect(worker, WB_PRIORITY_LOW);
    while (high-- != 0) {
        wb__worker_run(worker, wb__task_list_pop(&worker->queues[WB_PRIORITY_HIGH].list));
    }
    while (low-- != 0) {
        wb__worker_run(worker, wb__task_list_pop(&worker->queues[WB_PRIORITY_LOW].list));
    }
    worker->until_turn = (int32_t)worker->interval;
    return status;
}

void wb__worker_main(void *arg) {
    struct wb__worker *worker = arg;
    struct wb_runtime *runtime = worker->runtime;
    const struct wb_runtime_config *config = &runtime->config;
    atomic_store_explicit(&worker->thread, wb_sys_thread_self(runtime->sys), memory_order_relaxed);
    if (config->on_thread_start != NULL) {
        config->on_thread_start(config->user_data);
    }
    const bool never = false;
    while (wb__runtime_phase(runtime) != WB__PHASE_STOPPED) {
        (void)!wb__worker_step(worker, WB_TIMEOUT_INFINITE, &never); /* tried again */
    }
    if (config->on_thread_stop != NULL) {
        config->on_thread_stop(config->user_data);
    }
}
