/* Readiness: listeners of sources, on whichever thread has the driver. */
#include "stage.h"

#include "runtime/internal.h"
#include "runtime/wake_list.h"
#include "wb/async.h"
#include "wb/pipe.h"
#include "wb/sys_linux.h"
#include "wb/time.h"

/* A pipe whose readable end is watched, and a task that waits for it. */
struct ear {
    struct wb__io_listener listener; /* first */
    struct wb_pipe_sender sender;
    struct wb_pipe_receiver receiver;
    uint64_t token;
    struct wb_mutex mutex; /* of the rest */
    struct wb_task_waker waker;
    uint32_t flags;
    int reports;
};

static bool hear(struct wb__io_listener *listener, uint32_t flags, struct wb__wake_list *wakers) {
    struct ear *ear = (struct ear *)(void *)listener;
    WB_SYS(&stage.world->sys, mutex_lock, &ear->mutex);
    ear->flags |= flags;
    ear->reports++;
    const bool is_told = wb__wake_list_take(wakers, &ear->waker);
    WB_SYS(&stage.world->sys, mutex_unlock, &ear->mutex);
    return is_told;
}

static bool hear_no_more(struct wb__io_listener *listener, struct wb__wake_list *wakers) {
    return hear(listener, 0, wakers);
}

static void ear_open(struct ear *ear) {
    *ear = (struct ear){.listener = {hear, hear_no_more}};
    assert_int_equal(WB_SYS(&stage.world->sys, mutex_init, &ear->mutex), 0);
    assert_ok(wb_pipe_open(&stage.world->sys, &ear->sender, &ear->receiver));
    assert_ok(wb__driver_watch(&stage.runtime->driver, wb_pipe_receiver_source(&ear->receiver),
        WB_INTEREST_READABLE, WB_TRIGGER_EDGE, &ear->listener, &ear->token));
}

static void ear_close(struct ear *ear) {
    wb__driver_unwatch(&stage.runtime->driver, wb_pipe_receiver_source(&ear->receiver), ear->token);
    wb_pipe_receiver_close(&ear->receiver);
    wb_pipe_sender_close(&ear->sender);
    WB_SYS(&stage.world->sys, mutex_destroy, &ear->mutex);
}

static void speak(void *arg) {
    struct ear *ear = arg;
    size_t written = 0;
    assert_ok(wb_pipe_sender_write(&ear->sender, "x", 1, &written));
}

/* Over when the ear has heard something. */
struct listening {
    struct wb_future future;
    struct ear *ear;
};

static enum wb_progress listening_poll(struct wb_future *future, struct wb_context *context) {
    struct ear *ear = WB_FUTURE_OF(future, struct listening, future)->ear;
    struct wb_task_waker next = wb_task_waker_clone(context->waker);
    WB_SYS(&stage.world->sys, mutex_lock, &ear->mutex);
    const bool has_heard = ear->flags != 0;
    if (!has_heard) {
        const struct wb_task_waker replaced = ear->waker;
        ear->waker = next;
        next = replaced;
    }
    WB_SYS(&stage.world->sys, mutex_unlock, &ear->mutex);
    wb_task_waker_drop(&next);
    return has_heard ? wb_future_end(future, WB_OK) : WB_PENDING;
}

static const struct wb_future_ops listening_ops = {
    .size = sizeof(struct listening),
    .offset = offsetof(struct listening, future),
    .poll = listening_poll,
};

static struct listening listen_to(struct ear *ear) {
    struct listening listening = {.ear = ear};
    wb_future_init(&listening.future, &listening_ops);
    return listening;
}

static void readiness_wakes_the_task_that_waits_for_it(void **state) {
    (void)state;
    struct ear ear;
    struct wb_join_handle handle;
    ear_open(&ear);
    struct listening task = listen_to(&ear);
    assert_ok(wb_runtime_spawn(stage.runtime, &task.future, NULL, &handle));
    const uint64_t thread = world_start(stage.world, speak, &ear);
    assert_ok(stage_join(&handle));
    world_join(stage.world, thread);
    assert_true((ear.flags & WB_EPOLLIN) != 0);
    assert_int_equal(ear.reports, 1);
    ear_close(&ear);
}

static void tk_04_readiness_is_seen_while_tasks_keep_all_workers_busy(void **state) {
    (void)state;
    struct ear ear;
    static struct probe_log busy = {.pending = 1 << 30, .wakes_itself = true};
    struct wb_join_handle spinners[4];
    ear_open(&ear);
    for (int i = 0; i < 4; i++) {
        const struct wb_spawn_options options = {.priority = (enum wb_priority)(i % 2)};
        stage_spawn(&busy, &options, &spinners[i]);
    }
    struct listening root = listen_to(&ear);
    const uint64_t thread = world_start(stage.world, speak, &ear);
    assert_ok(wb_runtime_block_on(stage.runtime, &root.future));
    world_join(stage.world, thread);
    for (int i = 0; i < 4; i++) {
        wb_join_handle_cancel(&spinners[i]);
    }
    ear_close(&ear);
    stage_destroy();
}

static void inv_13_unwatched_source_is_not_heard_of(void **state) {
    (void)state;
    struct ear ears[2];
    struct wb_yield yield;
    ear_open(&ears[0]);
    speak(&ears[0]);
    wb__driver_unwatch(
        &stage.runtime->driver, wb_pipe_receiver_source(&ears[0].receiver), ears[0].token);
    ear_open(&ears[1]);
    assert_true(ears[1].token != ears[0].token); /* the slot is the same, its generation is not */
    for (int i = 0; i < 100; i++) {
        wb_yield_init(&yield);
        assert_ok(wb_runtime_block_on(stage.runtime, &yield.future));
    }
    assert_int_equal(ears[1].reports, 0);
    assert_ok(wb__driver_watch(&stage.runtime->driver, wb_pipe_receiver_source(&ears[0].receiver),
        WB_INTEREST_READABLE, WB_TRIGGER_LEVEL, &ears[0].listener, &ears[0].token));
    struct listening root = listen_to(&ears[0]);
    assert_ok(wb_runtime_block_on(stage.runtime, &root.future));
    ear_close(&ears[0]);
    ear_close(&ears[1]);
}

static void rewatched_source_reports_again(void **state) {
    (void)state;
    struct ear ear;
    ear_open(&ear);
    speak(&ear);
    for (int i = 1; i <= 3; i++) {
        struct listening root = listen_to(&ear);
        assert_ok(wb_runtime_block_on(stage.runtime, &root.future));
        WB_SYS(&stage.world->sys, mutex_lock, &ear.mutex);
        ear.flags = 0;
        WB_SYS(&stage.world->sys, mutex_unlock, &ear.mutex);
        assert_ok(wb__driver_rewatch(&stage.runtime->driver, wb_pipe_receiver_source(&ear.receiver),
            WB_INTEREST_READABLE, WB_TRIGGER_EDGE, ear.token));
    }
    ear_close(&ear);
}

static void source_that_cannot_be_watched_leaves_nothing(void **state) {
    (void)state;
    struct ear ear;
    uint64_t token = 0;
    ear_open(&ear);
    assert_status(wb__driver_watch(&stage.runtime->driver, wb_pipe_receiver_source(&ear.receiver),
                      WB_INTEREST_READABLE, WB_TRIGGER_EDGE, &ear.listener, &token),
        WB_ERR_ALREADY_REGISTERED);
    assert_int_equal(wb_slab_len(&stage.runtime->driver.listeners), 1);
    ear_close(&ear);
    assert_int_equal(wb_slab_len(&stage.runtime->driver.listeners), 0);
}

/* ---- the wait fails ---- */

static void tk_22_failing_wait_ends_block_on(void **state) {
    (void)state;
    struct probe_log log = {.pending = 1, .keeps_waker = true};
    struct probe probe;
    probe_init(&probe, &log);
    world_fail_waits(stage.world, 9); /* EBADF */
    assert_status(wb_runtime_block_on(stage.runtime, &probe.future), WB_ERR_BAD_FD);
    assert_int_equal(log.drops, 1);
    world_wait_works(stage.world);
    wb_task_waker_drop(&log.waker);
    struct wb_done done;
    wb_done_init(&done, WB_OK);
    assert_ok(wb_runtime_block_on(stage.runtime, &done.future));
}

/* A thread that wakes the task when its runtime waits, and is held up in the middle of it. */
static struct {
    struct probe_log log;
    uint64_t thread; /* 0: not yet */
    atomic_int is_woken;
} slow;

static void wake_slowly(void *arg) {
    (void)arg;
    wb_task_waker_fire(&slow.log.waker);
}

static void hold_up_wake(void *self, enum wb_note note, uint64_t a, uint64_t b) {
    struct wb_pollfd none;
    (void)self, (void)a, (void)b;
    if (note == WB_NOTE_TASK_WAKE) { /* the task is held, but in no queue yet */
        atomic_store(&slow.is_woken, 1);
        (void)WB_SYS(wb_sys_linux(), poll, &none, 0, 50 * MS);
    }
}

static int fail_after_wake(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self, (void)epfd, (void)events, (void)events_max, (void)timeout_ns;
    if (slow.thread == 0) {
        slow.thread = world_start(stage.world, wake_slowly, NULL);
        stage_await(&slow.is_woken, 1);
    }
    return -9; /* EBADF */
}

static void tk_22_failing_wait_ends_block_on_while_it_is_woken(void **state) {
    (void)state;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct probe probe;
    slow.log = (struct probe_log){.pending = 2, .keeps_waker = true};
    stage.world->backend = WB_BACKEND_EPOLL;
    stage_make(&config);
    probe_init(&probe, &slow.log);
    stage.world->ops.note = hold_up_wake;
    stage.world->ops.epoll_pwait2 = fail_after_wake;
    assert_status(wb_runtime_block_on(stage.runtime, &probe.future), WB_ERR_BAD_FD);
    stage.world->ops.note = NULL;
    assert_int_equal(slow.log.drops, 1);
    world_join(stage.world, slow.thread);
}

static void t0_12_interrupted_wait_is_no_failure(void **state) {
    (void)state;
    struct probe_log log = {.pending = 3, .wakes_itself = true};
    struct wb_join_handle handle;
    world_fail_waits(stage.world, 4); /* EINTR */
    stage_spawn(&log, NULL, &handle);
    assert_ok(stage_join(&handle));
    world_wait_works(stage.world);
}

/* ---- the alarm ---- */

static int alarms;

static int count_settime(
    void *self, int fd, int flags, const struct wb_itimerspec *value, struct wb_itimerspec *old) {
    (void)self;
    alarms++;
    return WB_SYS(wb_sys_linux(), timerfd_settime, fd, flags, value, old);
}

/* Waits that end at once, all for one timer, and then one that only the alarm can end; on poll(2)
 * its timeout does. */
static void alarm_of_the_system_ends_a_wait(void **state) {
    (void)state;
    struct wb_sleep sleep;
    struct wb_join_handle handle;
    alarms = 0;
    stage.world->ops.timerfd_settime = count_settime;
    const uint64_t begin_ns = wb_runtime_now(stage.runtime);
    wb_sleep_init(&sleep, stage.runtime, 300 * (uint64_t)MS);
    assert_ok(wb_runtime_spawn(stage.runtime, &sleep.future, NULL, &handle));
    for (int i = 0; i < 2 * WB__ALARM_WAITS_MAX; i++) {
        assert_ok(wb_runtime_turn(stage.runtime, 1));
    }
    assert_int_equal(alarms, stage.world->backend == WB_BACKEND_EPOLL ? 1 : 0);
    assert_ok(stage_join(&handle));
    assert_in_range(wb_runtime_now(stage.runtime), begin_ns + 300 * (uint64_t)MS, UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(readiness_wakes_the_task_that_waits_for_it),
        BOTH(tk_04_readiness_is_seen_while_tasks_keep_all_workers_busy),
        SINGLE(inv_13_unwatched_source_is_not_heard_of),
        BOTH(rewatched_source_reports_again),
        BOTH(source_that_cannot_be_watched_leaves_nothing),
        SINGLE(tk_22_failing_wait_ends_block_on),
        STAGE_CASE(tk_22_failing_wait_ends_block_on_while_it_is_woken, "", stage_setup_bare),
        SINGLE(t0_12_interrupted_wait_is_no_failure),
        SINGLE(alarm_of_the_system_ends_a_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
