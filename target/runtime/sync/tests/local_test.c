/* Tasks that must stay on one thread: those of a current-thread runtime, which is polled by whoever
 * blocks on it and nobody else. It may lie beside a runtime with workers, in one process. */
#include "stage.h"

#include <string.h>

#include "wb/async.h"
#include "wb/async_mutex.h"
#include "wb/oneshot.h"
#include "wb/sys_linux.h"

enum { TASKS = 20 };

static struct {
    _Atomic uint64_t thread; /* that alone may poll and drop */
    atomic_int strays;
} home;

static uint64_t this_thread(void) {
    return wb_sys_thread_self(wb_sys_linux());
}

static void look_around(struct probe_log *log, struct wb_context *context) {
    (void)log, (void)context;
    if (this_thread() != atomic_load(&home.thread)) {
        atomic_fetch_add(&home.strays, 1);
    }
}

static void look_around_in_drop(struct probe_log *log) {
    look_around(log, NULL);
}

static void settle_here(void) {
    atomic_store(&home.thread, this_thread());
    atomic_store(&home.strays, 0);
}

static struct probe_log local_log(int pending) {
    return (struct probe_log){
        .pending = pending, .during_poll = look_around, .during_drop = look_around_in_drop};
}

static void tk_16_drop_cancels_tasks(void **state) {
    (void)state;
    struct probe_log logs[TASKS];
    settle_here();
    for (int i = 0; i < TASKS; i++) {
        logs[i] = local_log(1 << 20);
        logs[i].keeps_waker = true;
        stage_spawn(&logs[i], NULL, NULL);
    }
    assert_ok(wb_runtime_turn(stage.runtime, 0)); /* the later ones may not have been polled */
    stage_destroy();
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(logs[i].drops, 1);
        wb_task_waker_drop(&logs[i].waker);
    }
    assert_int_equal(home.strays, 0);
}

static struct probe_log nested_log;

static void spawn_nested(struct probe_log *log, struct wb_context *context) {
    struct probe probe;
    look_around(log, context);
    probe_init(&probe, &nested_log);
    assert_ok(wb_context_spawn(context, &probe.future, NULL, NULL));
}

static void tk_16_nested_spawn_is_local(void **state) {
    (void)state;
    struct probe_log log = local_log(0);
    struct wb_join_handle handle;
    settle_here();
    nested_log = local_log(3);
    nested_log.wakes_itself = true;
    log.during_poll = spawn_nested;
    stage_spawn(&log, NULL, &handle);
    assert_ok(stage_join(&handle));
    assert_ok(wb_runtime_shutdown(stage.runtime, (uint64_t)PATIENCE_NS));
    assert_int_equal(nested_log.polls, 4);
    assert_int_equal(nested_log.drops, 1);
    assert_int_equal(home.strays, 0);
}

/* ---- from elsewhere ---- */

static struct probe_log sent_log;

static void spawn_from_thread(void *runtime) {
    struct probe probe;
    probe_init(&probe, &sent_log);
    assert_ok(wb_runtime_spawn(runtime, &probe.future, NULL, NULL));
}

static bool is_sent_over(void) {
    return atomic_load(&sent_log.drops) != 0;
}

/* It waits, without a timer, until another thread has spawned something, which it then polls. */
static void tk_16_spawn_wakes_localset(void **state) {
    (void)state;
    settle_here();
    sent_log = local_log(0);
    const uint64_t thread = world_start(stage.world, spawn_from_thread, stage.runtime);
    while (!is_sent_over()) {
        assert_ok(wb_runtime_turn(stage.runtime, PATIENCE_NS));
    }
    world_join(stage.world, thread);
    assert_int_equal(home.strays, 0);
}

/* Wakes come from workers of another runtime; polls do not. */
struct question {
    struct wb_future future;
    struct wb_oneshot_receiver receiver;
    struct wb_oneshot_receive receive;
    int answer;
};

static enum wb_progress question_poll(struct wb_future *future, struct wb_context *context) {
    struct question *self = WB_FUTURE_OF(future, struct question, future);
    look_around(NULL, context);
    WB_ASYNC_BEGIN(future, context);
    wb_oneshot_receive_init(&self->receive, &self->receiver, &self->answer);
    WB_TRY_AWAIT(&self->receive.future);
    WB_ASYNC_END(self->answer == 42 ? WB_OK : WB_ERR_PARSE);
}

static void question_drop(struct wb_future *future) {
    struct question *self = WB_FUTURE_OF(future, struct question, future);
    wb_future_drop(&self->receive.future);
    wb_oneshot_receiver_drop(&self->receiver);
}

static const struct wb_future_ops question_ops = {
    .size = sizeof(struct question),
    .offset = offsetof(struct question, future),
    .poll = question_poll,
    .drop = question_drop,
};

static void answer(struct probe_log *log, struct wb_context *context) {
    const int value = 42;
    (void)context;
    assert_ok(wb_oneshot_send(log->user_data, &value));
}

static void tk_16_workers_of_another_runtime_wake_and_do_not_poll(void **state) {
    (void)state;
    static const struct wb_value_type type = {.size = sizeof(int)};
    struct wb_runtime *workers = NULL;
    settle_here();
    assert_ok(wb_runtime_new(&stage.world->sys, NULL, &workers));
    for (int i = 0; i < TASKS; i++) {
        struct question question = {.answer = 0};
        struct wb_oneshot_sender sender;
        struct probe_log log = {.during_poll = answer, .user_data = &sender};
        struct probe probe;
        struct wb_join_handle handle;
        struct wb_join_handle answering;
        assert_ok(wb_oneshot_new(&stage.world->sys, &type, &sender, &question.receiver));
        wb_future_init(&question.future, &question_ops);
        probe_init(&probe, &log);
        assert_ok(wb_runtime_spawn(stage.runtime, &question.future, NULL, &handle));
        assert_ok(wb_runtime_spawn(workers, &probe.future, NULL, &answering));
        assert_ok(stage_join(&handle));
        assert_ok(wb_runtime_block_on(workers, &answering.future));
        wb_join_handle_detach(&answering);
    }
    wb_runtime_destroy(workers);
    assert_int_equal(home.strays, 0);
}

/* ---- on one thread ---- */

/* no_extra_poll: what is woken once, or often before its turn, is polled once. */
static void tk_11_no_extra_poll(void **state) {
    (void)state;
    struct probe_log log = local_log(3);
    struct wb_join_handle handle;
    settle_here();
    log.keeps_waker = true;
    stage_spawn(&log, NULL, &handle);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_int_equal(log.polls, 1);
    for (int wakes = 1; wakes <= 3; wakes++) {
        for (int i = 0; i < wakes; i++) {
            wb_task_waker_wake(&log.waker);
        }
        for (int turn = 0; turn < 3; turn++) {
            assert_ok(wb_runtime_turn(stage.runtime, 0));
        }
        assert_int_equal(log.polls, 1 + wakes);
    }
    assert_true(wb_join_handle_is_finished(&handle));
    wb_join_handle_detach(&handle);
    wb_task_waker_drop(&log.waker);
}

static struct wb_async_mutex mutex;

static void lock_in_drop(struct probe_log *log) {
    log->output = (int)wb_async_mutex_try_lock(&mutex);
    if (log->output == WB_OK) {
        wb_async_mutex_unlock(&mutex);
    }
}

/* acquire_mutex_in_drop: the end of a runtime holds nothing that a drop may want. */
static void tk_11_acquire_mutex_in_drop(void **state) {
    (void)state;
    struct probe_log logs[2];
    assert_ok(wb_async_mutex_init(&mutex, &stage.world->sys));
    for (int i = 0; i < 2; i++) {
        logs[i] = (struct probe_log){
            .pending = 1 << 20, .keeps_waker = true, .during_drop = lock_in_drop};
        stage_spawn(&logs[i], NULL, NULL);
    }
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    stage_destroy();
    for (int i = 0; i < 2; i++) {
        assert_int_equal(logs[i].drops, 1);
        assert_ok((enum wb_status)logs[i].output);
        wb_task_waker_drop(&logs[i].waker);
    }
    wb_async_mutex_clean_up(&mutex);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        SINGLE(tk_16_drop_cancels_tasks),
        SINGLE(tk_16_nested_spawn_is_local),
        SINGLE(tk_16_spawn_wakes_localset),
        SINGLE(tk_11_no_extra_poll),
        SINGLE(tk_11_acquire_mutex_in_drop),
        SINGLE(tk_16_workers_of_another_runtime_wake_and_do_not_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
