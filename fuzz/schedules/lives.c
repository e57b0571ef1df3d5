/* Plays about lives: of tasks, of the runtime, of work that blocks. */
#include "schedules/plays.h"

#include <string.h>

#include "wb/async.h"
#include "wb/blocking.h"
#include "wb/notify.h"
#include "wb/time.h"

/* What became of those that were made: each is dropped once. */
struct census {
    const struct wb_sys *sys;
    atomic_uint made;
    atomic_uint dropped;
    atomic_uint polled_after; /* it was dropped */
};

struct being {
    struct wb_future future;
    struct census *census;
    struct wb_notify *notify; /* waits for so many notifications; NULL: yields so often */
    struct wb_notified notified;
    uint32_t left;
    bool is_dropped;
};

static enum wb_progress being_poll(struct wb_future *future, struct wb_context *context) {
    struct being *self = WB_FUTURE_OF(future, struct being, future);
    if (self->is_dropped) {
        account_add(self->census->sys, &self->census->polled_after);
    }
    WB_ASYNC_BEGIN(future, context);
    while (self->left-- > 0) {
        if (self->notify == NULL) {
            WB_ASYNC_YIELD();
        } else {
            wb_notified_init(&self->notified, self->notify);
            WB_AWAIT(&self->notified.future);
        }
    }
    WB_ASYNC_END(WB_OK);
}

static void being_drop(struct wb_future *future) {
    struct being *self = WB_FUTURE_OF(future, struct being, future);
    self->is_dropped = true;
    wb_future_drop(&self->notified.future);
    account_add(self->census->sys, &self->census->dropped);
}

static const struct wb_future_ops being_ops = {
    .size = sizeof(struct being),
    .offset = offsetof(struct being, future),
    .poll = being_poll,
    .drop = being_drop,
};

static enum wb_status spawn_being(struct play *play, struct census *census,
    struct wb_notify *notify, uint32_t number, struct wb_join_handle *out_handle) {
    const struct wb_spawn_options options = {.priority = (enum wb_priority)(number % 2)};
    struct being being = {.census = census, .notify = notify, .left = play->rounds};
    wb_future_init(&being.future, &being_ops);
    account_add(play->sys, &census->made);
    const enum wb_status status =
        wb_runtime_spawn(play->runtime, &being.future, &options, out_handle);
    if (status != WB_OK) {
        wb_future_drop(&being.future);
    }
    return status;
}

static bool census_is_even(struct census *census) {
    return atomic_load(&census->made) == atomic_load(&census->dropped)
           && atomic_load(&census->polled_after) == 0;
}

/* ---- wakes ---- */

struct bell {
    struct play *play;
    struct wb_notify notify;
    uint32_t rings;
};

static void ring(void *arg) {
    struct bell *bell = arg;
    for (uint32_t i = 0; i < bell->rings; i++) {
        wb_notify_one(&bell->notify);
    }
}

/* With little room the runtime ends before all were woken. */
static bool end_runtime(struct play *play) {
    if (play->room != 0) {
        struct wb_sleep sleep;
        wb_sleep_init(&sleep, play->runtime, play->room * MS);
        (void)ends_with(play, &sleep.future, WB_OK);
    }
    const enum wb_status status = wb_runtime_shutdown(play->runtime, 0);
    wb_runtime_destroy(play->runtime);
    play->runtime = NULL;
    return status == WB_OK || status == WB_ERR_TIMED_OUT;
}

int play_wakes(struct play *play) {
    struct census census = {.sys = play->sys};
    struct bell bell = {.play = play, .rings = play->tasks * play->rounds};
    uint64_t thread = 0;
    uint32_t spawned = 0;
    if (wb_notify_init(&bell.notify, play->sys) != WB_OK) {
        return 2;
    }
    while (
        spawned < play->tasks && spawn_being(play, &census, &bell.notify, spawned, NULL) == WB_OK) {
        spawned++;
    }
    const bool is_started = WB_SYS(play->sys, thread_create, ring, &bell, &thread) == 0;
    bool is_right = end_runtime(play);
    if (is_started) {
        is_right = WB_SYS(play->sys, thread_join, thread) == 0 && is_right;
    }
    wb_notify_clean_up(&bell.notify);
    return is_right && census_is_even(&census) ? 0 : 1;
}

/* ---- arrivals ---- */

struct gate {
    struct play *play;
    struct census *census;
    bool is_wrong;
};

/* Who comes too late is sent away, and nobody after that is let in. */
static void arrive(void *arg) {
    struct gate *gate = arg;
    bool is_shut = false;
    for (uint32_t i = 0; i < gate->play->tasks + gate->play->rounds; i++) {
        const enum wb_status status = spawn_being(gate->play, gate->census, NULL, i, NULL);
        gate->is_wrong = gate->is_wrong || (is_shut && status == WB_OK);
        is_shut = is_shut || status == WB_ERR_CLOSED;
    }
}

int play_arrivals(struct play *play) {
    struct census census = {.sys = play->sys};
    struct gate gate = {.play = play, .census = &census};
    uint64_t thread = 0;
    if (WB_SYS(play->sys, thread_create, arrive, &gate, &thread) != 0) {
        return 2;
    }
    const enum wb_status status = wb_runtime_shutdown(play->runtime, play->room * MS);
    bool is_right = status == WB_OK || status == WB_ERR_TIMED_OUT;
    is_right = WB_SYS(play->sys, thread_join, thread) == 0 && is_right;
    wb_runtime_destroy(play->runtime);
    play->runtime = NULL;
    return is_right && !gate.is_wrong && census_is_even(&census) ? 0 : 1;
}

/* ---- aborts ---- */

/* The handle tells which came first; and when it tells, the future has been dropped. */
static bool abort_one(struct play *play, struct census *census, uint32_t number) {
    struct wb_join_handle handle;
    const uint32_t before = atomic_load(&census->dropped);
    if (spawn_being(play, census, NULL, number, &handle) != WB_OK) {
        return true;
    }
    if (play->room != 0) {
        struct wb_yield yield;
        wb_yield_init(&yield);
        (void)ends_with(play, &yield.future, WB_OK);
    }
    wb_join_handle_abort(&handle);
    const enum wb_status status = wb_runtime_block_on(play->runtime, &handle.future);
    wb_sys_interleave(play->sys, &census->dropped);
    const bool is_dropped = atomic_load(&census->dropped) == before + 1;
    const bool is_told = status == WB_OK || status == WB_ERR_CANCELLED;
    const bool has_output = handle.task != NULL && wb_join_handle_take_output(&handle) != NULL;
    wb_join_handle_detach(&handle);
    play->was_refused = play->was_refused || status == WB_ERR_NO_MEMORY;
    return status == WB_ERR_NO_MEMORY || (is_dropped && is_told && has_output == (status == WB_OK));
}

int play_aborts(struct play *play) {
    struct census census = {.sys = play->sys};
    bool is_right = true;
    for (uint32_t i = 0; i < play->tasks; i++) {
        is_right = abort_one(play, &census, i) && is_right;
    }
    is_right = wb_runtime_shutdown(play->runtime, 1000 * MS) == WB_OK && is_right;
    return is_right && census_is_even(&census) ? 0 : 1;
}

/* ---- work that blocks ---- */

struct job {
    struct play *play;
    atomic_uint runs;
};

static enum wb_status work(void *arg) {
    struct job *job = arg;
    for (uint32_t i = 0; i < job->play->room; i++) {
        (void)WB_SYS(job->play->sys, poll, NULL, 0, 0);
    }
    account_add(job->play->sys, &job->runs);
    return WB_EOF;
}

/* It ran, or was cancelled before it began: the handle tells. */
static bool is_told(struct play *play, struct wb_join_handle *handle, struct job *job) {
    const enum wb_status status = wb_runtime_block_on(play->runtime, &handle->future);
    wb_sys_interleave(play->sys, &job->runs);
    const uint32_t runs = atomic_load(&job->runs);
    wb_join_handle_detach(handle);
    return status == WB_ERR_NO_MEMORY || (status == WB_EOF && runs == 1)
           || (status == WB_ERR_CANCELLED && runs == 0);
}

int play_jobs(struct play *play) {
    struct wb_join_handle handles[PLAY_TASKS_MAX];
    struct job jobs[PLAY_TASKS_MAX];
    uint32_t begun = 0;
    bool is_right = true;
    for (; begun < play->tasks; begun++) {
        jobs[begun].play = play;
        atomic_init(&jobs[begun].runs, 0);
        if (wb_runtime_spawn_blocking(play->runtime, work, &jobs[begun], &handles[begun])
            != WB_OK) {
            break;
        }
    }
    for (uint32_t i = 0; i < begun; i++) {
        if (i < play->rounds - 1) {
            wb_join_handle_abort(&handles[i]);
        }
        is_right = is_told(play, &handles[i], &jobs[i]) && is_right;
    }
    (void)!wb_runtime_shutdown(play->runtime, UINT64_MAX);
    return is_right ? 0 : 1;
}
