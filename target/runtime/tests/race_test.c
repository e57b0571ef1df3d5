/* Threads that wake, abort, await and give up the same tasks at the same time: every future is
 * dropped once, every output is taken or dropped once, nothing is lost and nothing is left. Meant
 * for ThreadSanitizer. */
#include "stage.h"

#include <sched.h>
#include <string.h>

#include "wb/async.h"
#include "wb/time.h"

enum { ROUNDS = 400, HANDS = 3 };

/* One task, and what threads do to it. */
struct round {
    struct probe_log log;
    struct wb_join_handle handle;
    struct wb_task_waker wakers[HANDS];
    atomic_int ready; /* threads that may begin */
};

static struct round current;
static struct shelf shelf;
static struct wb_mutex shelf_mutex;

/* ---- a scheduler with a lock ---- */

static void locked_schedule(struct wb_scheduler *self, struct wb_task *task) {
    struct shelf *locked = (struct shelf *)(void *)self;
    WB_SYS(&stage.world->sys, mutex_lock, &shelf_mutex);
    locked->tasks[locked->count++] = task;
    locked->scheduled++;
    WB_SYS(&stage.world->sys, mutex_unlock, &shelf_mutex);
}

static const struct wb_scheduler_ops locked_ops = {.schedule = locked_schedule};

static struct wb_task *locked_take(void) {
    struct wb_task *task = NULL;
    WB_SYS(&stage.world->sys, mutex_lock, &shelf_mutex);
    if (shelf.count != 0) {
        task = shelf_take(&shelf);
    }
    WB_SYS(&stage.world->sys, mutex_unlock, &shelf_mutex);
    return task;
}

/* ---- rounds ---- */

static void meet(void) {
    atomic_fetch_add(&current.ready, 1);
    while (atomic_load(&current.ready) < HANDS) {
        (void)sched_yield();
    }
}

static void run_all(void *arg) {
    (void)arg;
    meet();
    while (atomic_load(&current.log.drops) == 0) {
        struct wb_task *task = locked_take();
        if (task != NULL) {
            (void)wb_task_run(task);
        } else {
            (void)sched_yield();
        }
    }
}

static void wake_often(void *arg) {
    struct wb_task_waker *waker = arg;
    meet();
    for (int i = 0; i < 20; i++) {
        wb_task_waker_wake(waker);
    }
    wb_task_waker_fire(waker);
}

static void cancel_handle(void *arg) {
    (void)arg;
    meet();
    wb_join_handle_cancel(&current.handle);
}

static void detach_handle(void *arg) {
    (void)arg;
    meet();
    wb_join_handle_detach(&current.handle);
}

/* Polls the handle with changing wakers until it is over. */
static void await_handle(void *arg) {
    struct bell bells[2];
    enum wb_progress progress = WB_PENDING;
    (void)arg;
    bell_init(&bells[0]);
    bell_init(&bells[1]);
    meet();
    for (int i = 0; progress == WB_PENDING; i++) {
        struct wb_context context = wb_context_with_waker(&bells[i % 2].waker);
        progress = wb_future_poll(&current.handle.future, &context);
        if (i % 16 == 15) {
            (void)sched_yield();
        }
    }
    const bool is_taken = wb_join_handle_take_output(&current.handle) != NULL;
    wb_join_handle_detach(&current.handle);
    while (atomic_load(&bells[0].references) + atomic_load(&bells[1].references) != 2) {
        (void)sched_yield();
    }
    if (is_taken) {
        atomic_fetch_add(&current.log.output_drops, 1); /* accounted for */
    }
}

/* A task that ends after a number of polls, run by one thread, with two others about. */
static void play(int pending, wb_thread_fn first, wb_thread_fn second) {
    struct probe probe;
    struct wb_task *task = NULL;
    memset(&current, 0, sizeof(current));
    shelf = (struct shelf){.scheduler = {&locked_ops}};
    current.log.pending = pending;
    current.log.wakes_itself = true;
    probe_init(&probe, &current.log);
    assert_ok(wb_task_new(
        &stage.world->sys, &shelf.scheduler, &probe.future, NULL, &task, &current.handle));
    current.wakers[0] = wb_task_waker_of(task);
    current.wakers[1] = wb_task_waker_of(task);
    wb_task_schedule(task);
    const uint64_t threads[HANDS] = {world_start(stage.world, run_all, NULL),
        world_start(stage.world, first, &current.wakers[0]),
        world_start(stage.world, second, &current.wakers[1])};
    for (int i = 0; i < HANDS; i++) {
        world_join(stage.world, threads[i]);
    }
    wb_task_waker_drop(&current.wakers[0]);
    wb_task_waker_drop(&current.wakers[1]);
    wb_join_handle_detach(&current.handle);
    assert_int_equal(current.log.drops, 1);
    assert_int_equal(shelf.count, 0);
}

static bool has_ended_well(int pending) {
    return atomic_load(&current.log.polls) == pending + 1;
}

static void rt_14_cancelling_races_running(void **state) {
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        play(i % 8, cancel_handle, wake_often);
        const int outputs = atomic_load(&current.log.output_drops);
        assert_int_equal(outputs, has_ended_well(i % 8) ? 1 : 0);
    }
}

static void rt_13_awaiting_races_running(void **state) {
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        play(i % 8, await_handle, wake_often);
        assert_true(has_ended_well(i % 8));
        assert_int_equal(current.log.output_drops, 1);
    }
}

static void rt_11_detaching_races_running(void **state) {
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        play(i % 8, detach_handle, wake_often);
        assert_true(has_ended_well(i % 8));
        assert_int_equal(current.log.output_drops, 1);
    }
}

static int setup(void **state) {
    const int result = stage_setup_bare(state);
    return result == 0 ? WB_SYS(&stage.world->sys, mutex_init, &shelf_mutex) : result;
}

static int teardown(void **state) {
    WB_SYS(&stage.world->sys, mutex_destroy, &shelf_mutex);
    return stage_teardown(state);
}

/* ---- the runtime under load ---- */

/* Yields, sleeps a little, wakes another by its waker; all kinds of ways to be queued. */
struct mixed {
    struct wb_future future;
    struct wb_sleep sleep;
    atomic_int *ended;
    int number;
    int left;
};

static enum wb_progress mixed_poll(struct wb_future *future, struct wb_context *context) {
    struct mixed *self = WB_FUTURE_OF(future, struct mixed, future);
    WB_ASYNC_BEGIN(future, context);
    while (self->left-- > 0) {
        if ((self->left + self->number) % 5 == 0) {
            wb_sleep_init(&self->sleep, context->runtime, (uint64_t)(self->number % 3) * 500000);
            WB_AWAIT(&self->sleep.future);
        } else if (self->left % 3 == 0) {
            struct wb_task_waker waker = wb_task_waker_clone(context->waker);
            wb_task_waker_fire(&waker);
            WB_ASYNC_YIELD();
        } else {
            WB_ASYNC_YIELD();
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void mixed_drop(struct wb_future *future) {
    struct mixed *self = WB_FUTURE_OF(future, struct mixed, future);
    wb_future_drop(&self->sleep.future);
    atomic_fetch_add(self->ended, 1);
}

static const struct wb_future_ops mixed_ops = {
    .size = sizeof(struct mixed),
    .offset = offsetof(struct mixed, future),
    .poll = mixed_poll,
    .drop = mixed_drop,
};

enum { MIXED = 600, SPAWNERS = 3 };

static atomic_int mixed_ended;

static void spawn_mixed(void *arg) {
    struct wb_join_handle handles[4];
    (void)arg;
    for (int i = 0; i < MIXED; i++) {
        struct mixed mixed = {.ended = &mixed_ended, .number = i, .left = 20};
        const struct wb_spawn_options options = {.priority = (enum wb_priority)(i % 2)};
        wb_future_init(&mixed.future, &mixed_ops);
        struct wb_join_handle *handle = &handles[i % 4];
        if (i >= 4 && i % 3 == 0) {
            wb_join_handle_cancel(handle);
        } else if (i >= 4) {
            wb_join_handle_detach(handle);
        }
        if (wb_runtime_spawn(stage.runtime, &mixed.future, &options, handle) != WB_OK) {
            *handle = (struct wb_join_handle){.task = NULL};
            wb_future_drop(&mixed.future);
        }
    }
    for (int i = 0; i < 4; i++) {
        wb_join_handle_detach(&handles[i]);
    }
}

static void inv_12_every_future_is_dropped_once_under_load(void **state) {
    (void)state;
    uint64_t threads[SPAWNERS];
    atomic_store(&mixed_ended, 0);
    for (int i = 0; i < SPAWNERS; i++) {
        threads[i] = world_start(stage.world, spawn_mixed, NULL);
    }
    for (int i = 0; i < SPAWNERS; i++) {
        world_join(stage.world, threads[i]);
    }
    assert_ok(wb_runtime_shutdown(stage.runtime, 4 * (uint64_t)PATIENCE_NS));
    assert_int_equal(mixed_ended, SPAWNERS * MIXED);
}

static void tk_10_shutdown_races_spawning(void **state) {
    (void)state;
    uint64_t threads[SPAWNERS];
    atomic_store(&mixed_ended, 0);
    for (int i = 0; i < SPAWNERS; i++) {
        threads[i] = world_start(stage.world, spawn_mixed, NULL);
    }
    (void)!wb_runtime_shutdown(stage.runtime, 0);
    for (int i = 0; i < SPAWNERS; i++) {
        world_join(stage.world, threads[i]);
    }
    stage_destroy();
    assert_int_equal(mixed_ended, SPAWNERS * MIXED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rt_14_cancelling_races_running, setup, teardown),
        cmocka_unit_test_setup_teardown(rt_13_awaiting_races_running, setup, teardown),
        cmocka_unit_test_setup_teardown(rt_11_detaching_races_running, setup, teardown),
        MULTI(inv_12_every_future_is_dropped_once_under_load),
        BOTH(tk_10_shutdown_races_spawning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
