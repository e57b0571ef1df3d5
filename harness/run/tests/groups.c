/* Programs with sets of tasks, and with work that blocks beside a timer. See groups.h. */
#include <stdatomic.h>

#include "groups.h"
#include "runtimes.h"
#include "wb/async.h"
#include "wb/blocking.h"
#include "wb/combine.h"
#include "wb/join_set.h"
#include "wb/runtime.h"
#include "wb/time.h"

#define MS UINT64_C(1000000)

enum { MEMBERS = 6, TAKEN = 3, STEPS = 50 };

static struct wb_runtime *open_runtime(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = NULL;
    return wb_runtime_new(sys, runtime_flavour(argc, argv), &runtime) == WB_OK ? runtime : NULL;
}

/* ---- a set of tasks ---- */

struct member {
    struct wb_future future;
    const struct wb_sys *sys;
    atomic_uint *ended;
    struct wb_sleep sleep;
    int number;
};

static enum wb_progress member_poll(struct wb_future *future, struct wb_context *context) {
    struct member *self = WB_FUTURE_OF(future, struct member, future);
    WB_ASYNC_BEGIN(future, context);
    WB_ASYNC_YIELD();
    if (self->number % 2 == 0) {
        wb_sleep_init(&self->sleep, context->runtime, (uint64_t)self->number * MS);
        WB_TRY_AWAIT(&self->sleep.future);
    }
    WB_ASYNC_END(self->number == 1 ? WB_EOF : WB_OK);
}

static void member_drop(struct wb_future *future) {
    struct member *self = WB_FUTURE_OF(future, struct member, future);
    wb_future_drop(&self->sleep.future);
    wb_sys_interleave(self->sys, self->ended);
    atomic_fetch_add(self->ended, 1);
}

static const struct wb_future_ops member_ops = {
    .size = sizeof(struct member),
    .offset = offsetof(struct member, future),
    .poll = member_poll,
    .drop = member_drop,
};

static bool fill(struct wb_join_set *set, const struct wb_sys *sys, atomic_uint *ended) {
    bool is_right = true;
    for (int i = 0; i < MEMBERS && is_right; i++) {
        const struct wb_spawn_options how = {.priority = (enum wb_priority)(i % 2)};
        struct member member = {.sys = sys, .ended = ended, .number = i};
        wb_future_init(&member.future, &member_ops);
        is_right = wb_join_set_spawn(set, &member.future, &how, NULL) == WB_OK;
    }
    return is_right;
}

/* The first of them end by themselves, each with its own status, and none is told twice. */
static bool take_some(
    struct wb_runtime *runtime, struct wb_join_set *set, int count, bool may_be_cut) {
    uint64_t seen = 0;
    for (int i = 0; i < count; i++) {
        struct wb_join_next next;
        wb_join_next_init(&next, set);
        if (wb_runtime_block_on(runtime, &next.future) != WB_OK
            || (seen & UINT64_C(1) << next.id) != 0) {
            return false;
        }
        seen |= UINT64_C(1) << next.id;
        wb_join_handle_detach(&next.handle);
        const enum wb_status own = next.id == 2 ? WB_EOF : WB_OK;
        if (next.result != own && !(may_be_cut && next.result == WB_ERR_CANCELLED)) {
            return false;
        }
    }
    return true;
}

/* Half of it is taken, the rest aborted and taken, or left to the end of the set. */
int family_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    atomic_uint ended;
    bool is_right = runtime != NULL;
    atomic_init(&ended, 0);
    for (int aborts = 0; aborts < 2 && is_right; aborts++) {
        struct wb_join_set set;
        is_right = wb_join_set_new(&set, runtime) == WB_OK && fill(&set, sys, &ended)
                   && take_some(runtime, &set, TAKEN, false);
        if (is_right && aborts != 0) {
            wb_join_set_abort_all(&set);
            is_right =
                take_some(runtime, &set, MEMBERS - TAKEN, true) && wb_join_set_len(&set) == 0;
        }
        wb_join_set_destroy(&set);
    }
    wb_runtime_destroy(runtime);
    return is_right && atomic_load(&ended) == 2 * MEMBERS ? 0 : 1;
}

/* ---- work beside a timer ---- */

struct work {
    const struct wb_sys *sys;
    uint64_t began_ns;
    uint64_t ended_ns;
};

static enum wb_status compute(void *arg) {
    struct work *work = arg;
    work->began_ns = WB_SYS(work->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    for (int i = 0; i < STEPS; i++) {
        wb_sys_interleave(work->sys, work); /* others may run, and wait */
    }
    work->ended_ns = WB_SYS(work->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    return WB_EOF;
}

/* The clock is paused while anything runs: an hour does not pass while something is computed. */
int patient_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    struct wb_runtime *runtime = open_runtime(sys, argc, argv);
    struct work work = {.sys = sys};
    struct wb_join_handle handle;
    struct wb_with_timeout limit;
    if (runtime == NULL || wb_runtime_spawn_blocking(runtime, compute, &work, &handle) != WB_OK) {
        wb_runtime_destroy(runtime);
        return 2;
    }
    wb_with_timeout_init(&limit, runtime, &handle.future, 3600 * 1000 * MS);
    const bool is_right = wb_runtime_block_on(runtime, &limit.future) == WB_EOF
                          && work.ended_ns - work.began_ns < 1000 * MS;
    wb_join_handle_detach(&handle);
    wb_runtime_destroy(runtime);
    return is_right ? 0 : 1;
}
