/* What allocates and what does not; what happens when there is no memory; what is told in notes. */
#include "stage.h"

#include "wb/async.h"
#include "wb/blocking.h"
#include "wb/sys_linux.h"
#include "wb/time.h"

/* ---- refusing ---- */

static enum wb_status nothing(void *arg) {
    (void)arg;
    return WB_OK;
}

/* Makes a runtime and uses it; the first failure ends it. */
static enum wb_status use_runtime(const struct wb_runtime_config *config) {
    struct probe_log log = {.pending = 1, .wakes_itself = true};
    struct probe probe;
    struct wb_join_handle handle = {.task = NULL};
    enum wb_status status = wb_runtime_new(&stage.world->sys, config, &stage.runtime);
    if (status != WB_OK) {
        return status;
    }
    probe_init(&probe, &log);
    status = wb_runtime_spawn(stage.runtime, &probe.future, NULL, &handle);
    if (status != WB_OK) {
        assert_int_equal(log.drops, 0);
        wb_future_drop(&probe.future);
    } else {
        status = stage_join(&handle);
    }
    if (status == WB_OK) {
        status = wb_runtime_spawn_blocking(stage.runtime, nothing, NULL, &handle);
    }
    if (status == WB_OK) {
        status = stage_join(&handle);
    }
    stage_destroy();
    assert_int_equal(log.drops, 1);
    return status;
}

static void each_refused_allocation_is_a_status(void **state) {
    (void)state;
    const struct wb_runtime_config configs[] = {
        {.flavour = WB_RUNTIME_CURRENT_THREAD}, {.high_workers = 2, .low_workers = 1}};
    for (int c = 0; c < 2; c++) {
        size_t n = 1;
        world_refuse(stage.world, n);
        while (use_runtime(&configs[c]) != WB_OK) {
            assert_int_equal(atomic_load(&stage.world->blocks), 0);
            world_refuse(stage.world, ++n);
        }
        assert_true(n > 6);
        world_refuse(stage.world, 0);
    }
}

static int threads_left;

static int scarce_thread(void *self, wb_thread_fn fn, void *arg, uint64_t *out_thread) {
    (void)self;
    if (threads_left == 0) {
        return -11; /* EAGAIN */
    }
    threads_left--;
    return WB_SYS(wb_sys_linux(), thread_create, fn, arg, out_thread);
}

static void each_refused_thread_is_a_status(void **state) {
    (void)state;
    const struct wb_runtime_config config = {.high_workers = 2, .low_workers = 2};
    stage.world->ops.thread_create = scarce_thread;
    for (int allowed = 0; allowed < 4; allowed++) {
        threads_left = allowed;
        assert_status(wb_runtime_new(&stage.world->sys, &config, &stage.runtime), WB_ERR_LIMIT);
        assert_int_equal(atomic_load(&stage.world->blocks), 0);
    }
    threads_left = 4;
    stage_make(&config);
}

/* For the thread of the test: workers make some, too, when they wait for a lock. */
static struct {
    uint64_t thread;
    int left;
} locks;

static bool is_lock_refused(void) {
    return wb_sys_thread_self(wb_sys_linux()) == locks.thread && locks.left-- <= 0;
}

static int scarce_mutex(void *self, struct wb_mutex *mutex) {
    (void)self;
    return is_lock_refused() ? -11 /* EAGAIN */ : WB_SYS(wb_sys_linux(), mutex_init, mutex);
}

static int scarce_cond(void *self, struct wb_cond *cond) {
    (void)self;
    return is_lock_refused() ? -11 /* EAGAIN */ : WB_SYS(wb_sys_linux(), cond_init, cond);
}

/* Making a runtime, and blocking on something with it, take some of each. */
static void each_refused_mutex_or_condition_is_a_status(void **state) {
    (void)state;
    const struct wb_runtime_config config = {.high_workers = 1, .low_workers = 1};
    enum wb_status status = WB_ERR_LIMIT;
    locks.thread = wb_sys_thread_self(wb_sys_linux());
    stage.world->ops.mutex_init = scarce_mutex;
    stage.world->ops.cond_init = scarce_cond;
    int made = 0;
    for (int allowed = 0; status != WB_OK; allowed++) {
        struct wb_done done;
        wb_done_init(&done, WB_OK);
        locks.left = allowed;
        status = wb_runtime_new(&stage.world->sys, &config, &stage.runtime);
        if (status == WB_OK) {
            made++;
            status = wb_runtime_block_on(stage.runtime, &done.future);
            stage_destroy();
        }
        assert_true(status == WB_OK || status == WB_ERR_LIMIT);
        assert_int_equal(atomic_load(&stage.world->blocks), 0);
    }
    assert_true(made >= 2); /* block_on was refused one, too */
}

/* ---- steady state ---- */

/* Yields, wakes itself through a waker, moves a timer and sleeps. */
struct busy {
    struct wb_future future;
    struct wb_sleep sleep;
    int left;
};

static enum wb_progress busy_poll(struct wb_future *future, struct wb_context *context) {
    struct busy *self = WB_FUTURE_OF(future, struct busy, future);
    WB_ASYNC_BEGIN(future, context);
    wb_sleep_init(&self->sleep, context->runtime, 1000 * (uint64_t)MS);
    (void)!wb_future_poll(&self->sleep.future, context);
    while (self->left-- > 0) {
        struct wb_task_waker waker = wb_task_waker_clone(context->waker);
        wb_task_waker_fire(&waker);
        wb_sleep_reset(&self->sleep, wb_runtime_now(context->runtime) + 500 * (uint64_t)MS);
        WB_ASYNC_YIELD();
    }
    wb_sleep_reset(&self->sleep, wb_runtime_now(context->runtime) + (uint64_t)MS);
    WB_AWAIT(&self->sleep.future);
    WB_ASYNC_END(WB_OK);
}

static void busy_drop(struct wb_future *future) {
    wb_future_drop(&WB_FUTURE_OF(future, struct busy, future)->sleep.future);
}

static const struct wb_future_ops busy_ops = {
    .size = sizeof(struct busy),
    .offset = offsetof(struct busy, future),
    .poll = busy_poll,
    .drop = busy_drop,
};

enum { BUSY_TASKS = 300 }; /* more than a ring holds */

static void yields_wakes_and_timers_allocate_nothing(void **state) {
    (void)state;
    static struct wb_join_handle handles[BUSY_TASKS];
    for (int i = 0; i < BUSY_TASKS; i++) {
        struct busy busy = {.left = 200};
        wb_future_init(&busy.future, &busy_ops);
        assert_ok(wb_runtime_spawn(stage.runtime, &busy.future, NULL, &handles[i]));
    }
    const size_t spawned = atomic_load(&stage.world->requests);
    for (int i = 0; i < BUSY_TASKS; i++) {
        assert_ok(stage_join(&handles[i]));
    }
    /* Each join blocks on a future, which is one allocation. */
    assert_int_equal(atomic_load(&stage.world->requests) - spawned, BUSY_TASKS);
}

static void a_task_is_one_allocation(void **state) {
    (void)state;
    struct probe_log log = {.pending = 0};
    struct wb_join_handle handle;
    const size_t requests = atomic_load(&stage.world->requests);
    const size_t bytes = atomic_load(&stage.world->bytes);
    stage_spawn(&log, NULL, &handle);
    assert_int_equal(atomic_load(&stage.world->requests) - requests, 1);
    assert_int_equal(atomic_load(&stage.world->bytes) - bytes,
        wb_runtime_task_overhead() + sizeof(struct probe));
    assert_ok(stage_join(&handle));
    /* Who ran it lets go of it when it has told of its end. */
    struct wb_pollfd none;
    for (int64_t ns = 0; atomic_load(&stage.world->bytes) != bytes && ns < PATIENCE_NS; ns += MS) {
        (void)WB_SYS(&stage.world->sys, poll, &none, 0, MS);
    }
    assert_int_equal(atomic_load(&stage.world->bytes), bytes);
}

/* ---- notes ---- */

static struct {
    enum wb_note kinds[32];
    uint64_t ids[32];
    uint64_t seconds[32];
    int count;
} notes;

static void keep_note(void *self, enum wb_note note, uint64_t a, uint64_t b) {
    (void)self;
    if (note >= WB_NOTE_TASK_SPAWN || note == WB_NOTE_TIMER_SET || note == WB_NOTE_TIMER_FIRE) {
        assert_true(notes.count < 32);
        notes.kinds[notes.count] = note;
        notes.ids[notes.count] = a;
        notes.seconds[notes.count++] = b;
    }
}

static void assert_note(int at, enum wb_note kind, uint64_t id, uint64_t second) {
    assert_int_equal(notes.kinds[at], kind);
    assert_int_equal(notes.ids[at], id);
    assert_int_equal(notes.seconds[at], second);
}

/* Without what the note of a timer's deadline says. */
static void inv_05_notes_tell_what_became_of_a_task(void **state) {
    (void)state;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct busy busy = {.left = 0};
    stage_use_still_clock();
    stage.world->ops.note = keep_note;
    notes.count = 0;
    stage_make(&config);
    wb_future_init(&busy.future, &busy_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &busy.future, NULL, NULL));
    while (notes.kinds[notes.count - 1] != WB_NOTE_TASK_END) {
        assert_ok(wb_runtime_turn(stage.runtime, WB_TIMEOUT_INFINITE));
    }
    assert_note(0, WB_NOTE_TASK_SPAWN, 1, 0);
    assert_note(1, WB_NOTE_TASK_POLL, 1, 0);
    assert_note(2, WB_NOTE_TIMER_SET, 1, STILL_START_NS + 1000 * (uint64_t)MS);
    assert_note(3, WB_NOTE_TIMER_SET, 2, STILL_START_NS + (uint64_t)MS); /* moved */
    assert_note(4, WB_NOTE_TASK_WAIT, 1, 1); /* one refers to it: the timer */
    assert_note(5, WB_NOTE_TIMER_FIRE, 2, STILL_START_NS + (uint64_t)MS);
    assert_note(6, WB_NOTE_TASK_WAKE, 1, 0);
    assert_note(7, WB_NOTE_TASK_POLL, 1, 0);
    assert_note(8, WB_NOTE_TASK_END, 1, WB_OK);
    assert_int_equal(notes.count, 9);
    stage_destroy();
    stage.world->ops.note = NULL;
}

static void t0_07_note_tells_of_a_task_that_is_armed_on_nothing(void **state) {
    (void)state;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct probe_log log = {.pending = 1};
    stage.world->ops.note = keep_note;
    notes.count = 0;
    stage_make(&config);
    stage_spawn(&log, NULL, NULL);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_note(2, WB_NOTE_TASK_WAIT, 1, 0);
    assert_note(3, WB_NOTE_TASK_FORSAKEN, 1, 0);
    assert_note(4, WB_NOTE_TASK_END, 1, WB_ERR_CANCELLED);
    stage_destroy();
    stage.world->ops.note = NULL;
}

static void inv_05_note_tells_of_a_task_that_only_its_handle_knows(void **state) {
    (void)state;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    struct probe_log log = {.pending = 1};
    struct wb_join_handle handle;
    stage.world->ops.note = keep_note;
    notes.count = 0;
    stage_make(&config);
    stage_spawn(&log, NULL, &handle);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_note(2, WB_NOTE_TASK_WAIT, 1, 1);
    assert_note(3, WB_NOTE_TASK_FORSAKEN, 1, 1);
    wb_join_handle_cancel(&handle);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_note(4, WB_NOTE_TASK_END, 1, WB_ERR_CANCELLED);
    stage_destroy();
    stage.world->ops.note = NULL;
}

static void inv_11_note_ends_a_poll_in_which_the_task_was_woken(void **state) {
    (void)state;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    const struct wb_spawn_options unconstrained = {.is_unconstrained = true};
    struct probe_log log = {.pending = 1, .wakes_itself = true};
    stage.world->ops.note = keep_note;
    notes.count = 0;
    stage_make(&config);
    stage_spawn(&log, &unconstrained, NULL);
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    assert_note(0, WB_NOTE_TASK_SPAWN, 1, WB_NOTE_SPAWN_UNBUDGETED);
    assert_note(1, WB_NOTE_TASK_POLL, 1, 0);
    assert_note(2, WB_NOTE_TASK_WAKE, 1, 0);
    assert_note(3, WB_NOTE_TASK_AGAIN, 1, 0);
    stage_destroy();
    stage.world->ops.note = NULL;
}

#define BARE(test) STAGE_CASE(test, "", stage_setup_bare)

int main(void) {
    const struct CMUnitTest tests[] = {
        BARE(each_refused_allocation_is_a_status),
        BARE(each_refused_thread_is_a_status),
        BARE(each_refused_mutex_or_condition_is_a_status),
        BOTH(yields_wakes_and_timers_allocate_nothing),
        BOTH(a_task_is_one_allocation),
        BARE(inv_05_notes_tell_what_became_of_a_task),
        BARE(t0_07_note_tells_of_a_task_that_is_armed_on_nothing),
        BARE(inv_05_note_tells_of_a_task_that_only_its_handle_knows),
        BARE(inv_11_note_ends_a_poll_in_which_the_task_was_woken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
