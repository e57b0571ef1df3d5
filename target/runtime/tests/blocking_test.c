/* The blocking pool. */
#include "stage.h"

#include "runtime/internal.h"
#include "wb/blocking.h"
#include "wb/net.h"
#include "wb/sys_linux.h"
#include "wb/time.h"

/* ---- work ---- */

struct job {
    atomic_int begun;
    atomic_int let_go;
    atomic_int ended;
    enum wb_status status;
    bool waits;
};

static enum wb_status do_job(void *arg) {
    struct job *job = arg;
    atomic_fetch_add(&job->begun, 1);
    if (job->waits) {
        stage_await(&job->let_go, 1);
    }
    atomic_fetch_add(&job->ended, 1);
    return job->status;
}

static struct wb_join_handle start(struct job *job) {
    struct wb_join_handle handle;
    assert_ok(wb_runtime_spawn_blocking(stage.runtime, do_job, job, &handle));
    return handle;
}

static struct wb_runtime_metrics metrics_now(void) {
    struct wb_runtime_metrics metrics;
    wb_runtime_metrics(stage.runtime, &metrics);
    return metrics;
}

static void rt_17_caller_is_not_held_up(void **state) {
    (void)state;
    struct job job = {.waits = true};
    struct bell bell;
    bell_init(&bell);
    struct wb_context context = wb_context_with_waker(&bell.waker);
    struct wb_join_handle handle = start(&job);
    stage_await(&job.begun, 1);
    assert_int_equal(wb_future_poll(&handle.future, &context), WB_PENDING);
    assert_int_equal(job.ended, 0);
    atomic_store(&job.let_go, 1);
    assert_ok(stage_join(&handle));
    assert_int_equal(job.ended, 1);
    assert_true(bell.wakes <= 1); /* 0 if the other waker came before the end */
}

static void rt_18_failure_reaches_the_awaiter_and_the_thread_survives(void **state) {
    (void)state;
    struct job bad = {.status = WB_ERR_NO_ENTRY};
    struct job good = {.status = WB_OK};
    struct wb_join_handle handle = start(&bad);
    assert_status(stage_join(&handle), WB_ERR_NO_ENTRY);
    handle = start(&good);
    assert_ok(stage_join(&handle));
    assert_int_equal(good.ended, 1);
}

static void detached_work_is_done(void **state) {
    (void)state;
    struct job job = {.status = WB_OK};
    assert_ok(wb_runtime_spawn_blocking(stage.runtime, do_job, &job, NULL));
    stage_await(&job.ended, 1);
    assert_ok(wb_runtime_shutdown(stage.runtime, (uint64_t)PATIENCE_NS));
}

/* ---- bounds ---- */

static void make_bounded(uint32_t threads_max) {
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD,
        .blocking_threads_max = threads_max,
        .blocking_keep_alive_ns = 3600 * 1000 * (uint64_t)MS};
    stage_make(&config);
}

static void tk_12_more_work_than_threads_waits_in_order(void **state) {
    (void)state;
    enum { JOBS = 6 };
    struct job jobs[JOBS];
    struct wb_join_handle handles[JOBS];
    make_bounded(2);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.waits = true};
        handles[i] = start(&jobs[i]);
    }
    for (int i = 0; i < JOBS; i++) {
        stage_await(&jobs[i].begun, 1);
        const struct wb_runtime_metrics metrics = metrics_now();
        assert_int_equal(metrics.blocking_threads, 2);
        if (i >= 1 && i < JOBS - 1) {
            assert_int_equal(jobs[i + 1].begun, 0);
            assert_int_equal(metrics.blocking_queue_len, JOBS - 1 - i);
        }
        if (i >= 1) {
            atomic_store(&jobs[i - 1].let_go, 1);
        }
    }
    atomic_store(&jobs[JOBS - 1].let_go, 1);
    for (int i = 0; i < JOBS; i++) {
        assert_ok(stage_join(&handles[i]));
    }
}

static void idle_thread_is_used_again(void **state) {
    (void)state;
    make_bounded(8);
    for (int i = 0; i < 5; i++) {
        struct job job = {.status = WB_OK};
        struct wb_join_handle handle = start(&job);
        assert_ok(stage_join(&handle));
        while (metrics_now().blocking_idle == 0) {
        }
        assert_int_equal(metrics_now().blocking_threads, 1);
    }
}

static void idle_threads_end_after_their_time(void **state) {
    (void)state;
    const struct wb_runtime_config config = {
        .flavour = WB_RUNTIME_CURRENT_THREAD, .blocking_keep_alive_ns = (uint64_t)MS};
    struct job job = {.status = WB_OK};
    stage_make(&config);
    for (int i = 0; i < 3; i++) {
        struct wb_join_handle handle = start(&job);
        assert_ok(stage_join(&handle));
        while (metrics_now().blocking_threads != 0) {
        }
    }
}

/* None of them lives longer because another one ends. */
static void many_idle_threads_end_after_their_time(void **state) {
    (void)state;
    enum { JOBS = 6 };
    const struct wb_runtime_config config = {
        .flavour = WB_RUNTIME_CURRENT_THREAD, .blocking_keep_alive_ns = 300 * (uint64_t)MS};
    struct job jobs[JOBS];
    struct wb_join_handle handles[JOBS];
    stage_make(&config);
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct job){.waits = true};
        handles[i] = start(&jobs[i]);
    }
    for (int i = 0; i < JOBS; i++) { /* idle one after the other */
        atomic_store(&jobs[i].let_go, 1);
        assert_ok(stage_join(&handles[i]));
        while (metrics_now().blocking_idle != (uint32_t)i + 1) {
        }
    }
    const uint64_t idle_ns = wb_runtime_now(stage.runtime);
    while (metrics_now().blocking_threads != 0) {
    }
    assert_true(wb_runtime_now(stage.runtime) - idle_ns < 550 * (uint64_t)MS);
}

static void rt_20_number_of_threads_is_clamped(void **state) {
    (void)state;
    const struct wb_runtime_config config = {
        .flavour = WB_RUNTIME_CURRENT_THREAD, .blocking_threads_max = 50000};
    struct job job = {.status = WB_OK};
    stage_make(&config);
    struct wb_join_handle handle = start(&job);
    assert_ok(stage_join(&handle));
}

static int refuse_thread(void *self, wb_thread_fn fn, void *arg, uint64_t *out_thread) {
    (void)self, (void)fn, (void)arg, (void)out_thread;
    return -11; /* EAGAIN, as at the limit of threads */
}

static void without_threads_work_is_refused_with_one_it_waits(void **state) {
    (void)state;
    struct job jobs[2] = {{.waits = true}, {.status = WB_OK}};
    struct wb_join_handle handles[2] = {{.task = NULL}};
    make_bounded(4);
    int (*const works)(void *, wb_thread_fn, void *, uint64_t *) = stage.world->ops.thread_create;
    stage.world->ops.thread_create = refuse_thread;
    assert_status(
        wb_runtime_spawn_blocking(stage.runtime, do_job, &jobs[0], &handles[0]), WB_ERR_LIMIT);
    assert_null(handles[0].task);
    assert_int_equal(metrics_now().tasks_alive, 0);
    stage.world->ops.thread_create = works;
    handles[0] = start(&jobs[0]);
    stage_await(&jobs[0].begun, 1);
    stage.world->ops.thread_create = refuse_thread;
    handles[1] = start(&jobs[1]);
    atomic_store(&jobs[0].let_go, 1);
    assert_ok(stage_join(&handles[0]));
    assert_ok(stage_join(&handles[1]));
    assert_int_equal(jobs[1].ended, 1);
}

/* ---- cancelling ---- */

static void cancelled_before_it_begins_work_is_not_done(void **state) {
    (void)state;
    struct job first = {.waits = true};
    struct job others[2] = {{.status = WB_OK}, {.status = WB_OK}};
    make_bounded(1);
    struct wb_join_handle handle = start(&first);
    struct wb_join_handle cancelled = start(&others[0]);
    struct wb_join_handle aborted = start(&others[1]);
    stage_await(&first.begun, 1);
    wb_join_handle_cancel(&cancelled);
    wb_join_handle_abort(&aborted);
    wb_join_handle_abort(&handle); /* too late */
    atomic_store(&first.let_go, 1);
    assert_status(stage_join(&aborted), WB_ERR_CANCELLED);
    assert_ok(stage_join(&handle));
    assert_int_equal(others[0].begun + others[1].begun, 0);
}

static void shutdown_waits_for_what_runs_and_cancels_what_does_not(void **state) {
    (void)state;
    struct job running = {.waits = true};
    struct job waiting = {.status = WB_OK};
    make_bounded(1);
    struct wb_join_handle first = start(&running);
    struct wb_join_handle second = start(&waiting);
    stage_await(&running.begun, 1);
    assert_status(wb_runtime_shutdown(stage.runtime, (uint64_t)MS), WB_ERR_TIMED_OUT);
    assert_true(wb_join_handle_is_finished(&second));
    assert_false(wb_join_handle_is_finished(&first));
    atomic_store(&running.let_go, 1);
    assert_ok(wb_runtime_shutdown(stage.runtime, (uint64_t)PATIENCE_NS));
    assert_true(wb_join_handle_is_finished(&first));
    assert_int_equal(waiting.begun, 0);
    wb_join_handle_detach(&first);
    wb_join_handle_detach(&second);
}

static struct {
    _Atomic uint64_t thread; /* whose looks at the clock count; 0: nobody's */
    int looks;
    struct job *job;
} last_moment;

/* When shutdown has found the job still running, and is about to wait, the job ends. */
static uint64_t end_job_at_last_moment(void *self, int clock) {
    const struct wb_sys *linux = wb_sys_linux();
    (void)self;
    if (WB_SYS(linux, clock_gettime, clock) != 0 && last_moment.thread != 0
        && last_moment.thread == wb_sys_thread_self(linux) && ++last_moment.looks == 2) {
        struct wb_pollfd none;
        atomic_store(&last_moment.job->let_go, 1);
        while (metrics_now().tasks_alive != 0) {
        }
        (void)WB_SYS(linux, poll, &none, 0, 20 * MS); /* until it has told so */
    }
    return WB_SYS(linux, clock_gettime, clock);
}

static void tk_09_work_that_ends_while_shutdown_goes_to_wait_is_noticed(void **state) {
    (void)state;
    struct job job = {.waits = true};
    stage.world->ops.clock_gettime = end_job_at_last_moment;
    make_bounded(1);
    struct wb_join_handle handle = start(&job);
    stage_await(&job.begun, 1);
    const uint64_t begin_ns = wb_runtime_now(stage.runtime);
    last_moment.job = &job;
    last_moment.looks = 0;
    last_moment.thread = wb_sys_thread_self(wb_sys_linux());
    assert_ok(wb_runtime_shutdown(stage.runtime, 3000 * (uint64_t)MS));
    last_moment.thread = 0;
    assert_int_equal(atomic_load(&job.ended), 1);
    assert_true(wb_runtime_now(stage.runtime) - begin_ns < 2000 * (uint64_t)MS);
    wb_join_handle_detach(&handle);
}

static struct {
    _Atomic uint64_t thread; /* that shuts down; 0: nobody */
    int unlocks;
    struct job *job;
    atomic_int is_over;
} between_counts;

/* Between counting the work that runs and counting all tasks, the work ends. */
static void end_job_between_counts(void *self, struct wb_mutex *mutex) {
    const struct wb_sys *linux = wb_sys_linux();
    (void)self;
    WB_SYS(linux, mutex_unlock, mutex);
    if (between_counts.thread == wb_sys_thread_self(linux)
        && mutex == &stage.runtime->blocking.lock.mutex && ++between_counts.unlocks == 2) {
        atomic_store(&between_counts.job->let_go, 1);
        while (wb__capacity_alive(stage.runtime) > 1) {
        }
        atomic_store(&between_counts.is_over, 1);
    }
}

/* Keeps its worker busy for a while after that. */
static void outlast_job(struct probe_log *log, struct wb_context *context) {
    struct wb_pollfd none;
    (void)log, (void)context;
    stage_await(&between_counts.is_over, 1);
    (void)WB_SYS(wb_sys_linux(), poll, &none, 0, 50 * MS);
}

static void tk_09_shutdown_waits_for_tasks_though_work_ends(void **state) {
    (void)state;
    struct job job = {.waits = true};
    struct probe_log log = {.pending = 1, .during_poll = outlast_job};
    const struct wb_runtime_config config = {.high_workers = 1, .low_workers = 1};
    stage.world->ops.mutex_unlock = end_job_between_counts;
    stage_make(&config);
    struct wb_join_handle handle = start(&job);
    stage_spawn(&log, NULL, NULL);
    stage_await(&job.begun, 1);
    stage_await(&log.polls, 1);
    between_counts.job = &job;
    between_counts.thread = wb_sys_thread_self(wb_sys_linux());
    assert_status(wb_runtime_shutdown(stage.runtime, 0), WB_ERR_TIMED_OUT);
    between_counts.thread = 0;
    assert_int_equal(atomic_load(&log.drops), 1);
    wb_join_handle_detach(&handle);
}

/* ---- threads ---- */

static void a_tk_01_threads_of_the_pool_tell_of_themselves(void **state) {
    (void)state;
    struct stage_visits visits = {0, 0};
    struct job jobs[2] = {{.waits = true}, {.waits = true}};
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD,
        .blocking_keep_alive_ns = (uint64_t)MS,
        .on_thread_start = stage_count_start,
        .on_thread_stop = stage_count_stop,
        .user_data = &visits};
    stage_make(&config);
    struct wb_join_handle first = start(&jobs[0]);
    struct wb_join_handle second = start(&jobs[1]);
    stage_await(&jobs[0].begun, 1);
    stage_await(&jobs[1].begun, 1);
    assert_int_equal(visits.starts, 2); /* before anything else */
    assert_int_equal(visits.stops, 0);
    atomic_store(&jobs[0].let_go, 1);
    assert_ok(stage_join(&first));
    stage_await(&visits.stops, 1); /* idle for too long */
    atomic_store(&jobs[1].let_go, 1);
    assert_ok(stage_join(&second));
    stage_destroy();
    assert_int_equal(visits.stops, 2);
}

/* ---- instead of blocking in place ---- */

/* Uses up its budget, has something done that blocks, and goes on. */
struct handover {
    struct wb_future future;
    struct wb_join_handle handle;
    struct job *job;
    int spent[2]; /* before and after */
};

static int spend_all(struct wb_context *context) {
    int spent = 0;
    while (spent < 1000 && wb_context_spend(context) == WB_READY) {
        spent++;
    }
    return spent;
}

static enum wb_progress handover_poll(struct wb_future *future, struct wb_context *context) {
    struct handover *self = WB_FUTURE_OF(future, struct handover, future);
    if (self->handle.task == NULL) {
        self->spent[0] = spend_all(context);
        self->handle = start(self->job);
    }
    if (wb_future_poll(&self->handle.future, context) == WB_PENDING) {
        return WB_PENDING;
    }
    self->spent[1] = spend_all(context);
    return wb_future_end(future, self->handle.future.status);
}

static void handover_drop(struct wb_future *future) {
    wb_join_handle_detach(&WB_FUTURE_OF(future, struct handover, future)->handle);
}

static const struct wb_future_ops handover_ops = {
    .size = sizeof(struct handover),
    .offset = offsetof(struct handover, future),
    .poll = handover_poll,
    .drop = handover_drop,
};

/* coop_and_block_in_place: the only worker runs other tasks meanwhile, and the budget is anew. */
static void tk_12_coop_and_work_that_blocks(void **state) {
    (void)state;
    struct job job = {.waits = true};
    struct probe_log other = {.pending = 3, .wakes_itself = true};
    struct handover handover = {.job = &job};
    struct wb_join_handle handle;
    struct wb_join_handle other_handle;
    const struct wb_runtime_config config = {.flavour = WB_RUNTIME_CURRENT_THREAD};
    stage_make(&config);
    wb_future_init(&handover.future, &handover_ops);
    assert_ok(wb_runtime_spawn(stage.runtime, &handover.future, NULL, &handle));
    stage_spawn(&other, NULL, &other_handle);
    assert_ok(stage_join(&other_handle));
    stage_await(&job.begun, 1);
    assert_false(wb_join_handle_is_finished(&handle));
    atomic_store(&job.let_go, 1);
    assert_ok(wb_runtime_block_on(stage.runtime, &handle.future));
    const struct handover *over =
        WB_FUTURE_OF(wb_join_handle_take_output(&handle), struct handover, future);
    assert_int_equal(over->spent[0], WB_CONTEXT_BUDGET);
    assert_int_equal(over->spent[1], WB_CONTEXT_BUDGET);
    wb_join_handle_detach(&handle);
}

/* ---- from within ---- */

static enum wb_status spawn_more(void *arg) {
    struct wb_join_handle handle;
    assert_ok(wb_runtime_spawn_blocking(stage.runtime, do_job, arg, &handle));
    wb_join_handle_detach(&handle);
    return WB_OK;
}

static void tk_15_work_spawns_work(void **state) {
    (void)state;
    struct job job = {.status = WB_OK};
    struct wb_join_handle handle;
    assert_ok(wb_runtime_spawn_blocking(stage.runtime, spawn_more, &job, &handle));
    assert_ok(stage_join(&handle));
    stage_await(&job.ended, 1);
}

static enum wb_status block_on_task(void *arg) {
    struct probe_log *log = arg;
    struct wb_join_handle handle;
    stage_spawn(log, NULL, &handle);
    return stage_join(&handle);
}

static void tk_05_work_may_block_on_a_task(void **state) {
    (void)state;
    struct probe_log log = {.pending = 2, .wakes_itself = true, .status = WB_EOF};
    struct wb_join_handle handle;
    assert_ok(wb_runtime_spawn_blocking(stage.runtime, block_on_task, &log, &handle));
    assert_status(stage_join(&handle), WB_EOF);
}

static enum wb_status sleep_a_little(void *arg) {
    struct wb_sleep sleep;
    (void)arg;
    wb_sleep_init(&sleep, stage.runtime, 2 * (uint64_t)MS);
    return wb_runtime_block_on(stage.runtime, &sleep.future);
}

static enum wb_status listen_and_close(void *arg) {
    const struct wb_addr any = wb_addr_v4_loopback(0);
    struct wb_listener listener;
    (void)arg;
    const enum wb_status status = wb_listener_bind(&listener, stage.runtime, &any, 0);
    wb_listener_close(&listener);
    return status;
}

static void tk_05_sleep_and_socket_from_blocking(void **state) {
    (void)state;
    struct wb_join_handle handle;
    assert_ok(wb_runtime_spawn_blocking(stage.runtime, listen_and_close, NULL, &handle));
    assert_ok(stage_join(&handle));
    const uint64_t begin_ns = wb_runtime_now(stage.runtime);
    assert_ok(wb_runtime_spawn_blocking(stage.runtime, sleep_a_little, NULL, &handle));
    assert_ok(stage_join(&handle));
    assert_true(wb_runtime_now(stage.runtime) - begin_ns >= 2 * (uint64_t)MS);
}

static struct {
    atomic_int begun;
    atomic_int let_go;
} farewell;

static void take_leave(void *user_data) {
    (void)user_data;
    atomic_fetch_add(&farewell.begun, 1);
    stage_await(&farewell.let_go, 1);
    (void)metrics_now(); /* which wants what the pool guards */
}

/* A thread that tells of its end holds up nobody. */
static void a_tk_01_work_goes_on_while_a_thread_takes_leave(void **state) {
    (void)state;
    const struct wb_runtime_config config = {
        .blocking_keep_alive_ns = 1,
        .on_thread_stop = take_leave,
        .flavour = WB_RUNTIME_CURRENT_THREAD,
    };
    struct job jobs[2] = {{.status = WB_OK}, {.status = WB_OK}};
    atomic_store(&farewell.begun, 0);
    atomic_store(&farewell.let_go, 0);
    stage_make(&config);
    for (int i = 0; i < 2; i++) {
        struct wb_join_handle handle = start(&jobs[i]);
        assert_ok(stage_join(&handle));
        stage_await(&farewell.begun, i + 1);
    }
    atomic_store(&farewell.let_go, 1);
    stage_destroy();
}

static void many_pieces_of_work_come_to_their_end(void **state) {
    (void)state;
    enum { JOBS = 500 };
    static struct wb_join_handle handles[JOBS];
    struct job job = {.status = WB_OK};
    for (int i = 0; i < JOBS; i++) {
        handles[i] = start(&job);
    }
    for (int i = 0; i < JOBS; i++) {
        assert_ok(stage_join(&handles[i]));
    }
    assert_int_equal(job.ended, JOBS);
}

#define BARE(test) STAGE_CASE(test, "", stage_setup_bare)

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(rt_17_caller_is_not_held_up),
        BOTH(rt_18_failure_reaches_the_awaiter_and_the_thread_survives),
        BOTH(detached_work_is_done),
        BARE(tk_12_more_work_than_threads_waits_in_order),
        BARE(idle_thread_is_used_again),
        BARE(idle_threads_end_after_their_time),
        BARE(many_idle_threads_end_after_their_time),
        BARE(rt_20_number_of_threads_is_clamped),
        BARE(without_threads_work_is_refused_with_one_it_waits),
        BARE(cancelled_before_it_begins_work_is_not_done),
        BARE(shutdown_waits_for_what_runs_and_cancels_what_does_not),
        BARE(tk_09_work_that_ends_while_shutdown_goes_to_wait_is_noticed),
        BARE(tk_09_shutdown_waits_for_tasks_though_work_ends),
        BARE(a_tk_01_threads_of_the_pool_tell_of_themselves),
        BARE(a_tk_01_work_goes_on_while_a_thread_takes_leave),
        BARE(tk_12_coop_and_work_that_blocks),
        BOTH(tk_15_work_spawns_work),
        MULTI(tk_05_work_may_block_on_a_task),
        MULTI(tk_05_sleep_and_socket_from_blocking),
        BOTH(many_pieces_of_work_come_to_their_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
