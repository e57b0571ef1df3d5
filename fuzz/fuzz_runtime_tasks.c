/* Property: whatever a program does with tasks, handles, wakers, channels, locks, signals and
 * timers, in whatever order, statuses, values, the order of polls and what is dropped when are
 * those of the plain models in tasks/: who is woken is polled once and nobody else is (INV-11), in
 * the order of the wakes; futures, outputs and messages have one end each (INV-12); timers fire
 * when they are due, all of them, and not before (INV-14); what must not be done is refused. At the
 * end nothing is left. Code under test: target/runtime and target/runtime/sync on the simulated
 * kernel.
 *
 * In the current-thread flavour the model knows the order of all polls. With several threads, which
 * change places here only where one waits, it knows who may be polled, and all else.
 *
 * Input: two bytes for the flavour, the bound of tasks and the end, then rows of four bytes: what,
 * who, which and how. A row for a task is a step that it does when it comes to it; one for nobody
 * is done at once, and if that means to wait, blocks. */
#include "driver/fuzz_target.h"

#include "tasks/world.h"

enum {
    HEAD = 2,
    ROW = 4,
    ROWS_MAX = 160,
    CALL_COST_NS = 20,
    FAIL_MAX = 4,
    TASKS_FEW = 4,
    TASKS_MANY = 100,
    RESTS_MAX = 100,
};

/* ---- what only the main program does ---- */

/* Who was in a queue when it began is polled in a turn, or dropped, and nobody twice. */
static void check_turn(const struct actor before[ACTORS]) {
    for (int i = 0; i < TASKS; i++) {
        const struct actor *it = actor_of(i);
        const bool is_same = it->lives == before[i].lives && task_is_alive(i);
        const uint32_t polls = it->polls - before[i].polls;
        CHECK(!is_same || polls <= 1);
        CHECK(!is_same || before[i].place != QUEUED || polls == 1);
    }
}

static void turn(int actor, const struct step *step) {
    struct actor before[ACTORS];
    if (actor != DIRECTOR) {
        return;
    }
    memcpy(before, world.actors, sizeof(before));
    world.driven_ns = sim_kernel_now(world.kernel);
    const enum wb_status status =
        wb_runtime_turn(world.runtime, (step->b & 1) == 0 ? 0 : (int64_t)(step->a * TICK_NS / 8));
    CHECK(status == (world.is_multi ? WB_ERR_INVALID : WB_OK));
    if (!world.is_multi) {
        check_turn(before);
    }
}

static void fail_memory(int actor, const struct step *step) {
    (void)actor;
    world.fail_in = step->a % FAIL_MAX;
}

static uint32_t timers_set(void) {
    uint32_t count = 0;
    for (int i = 0; i < ACTORS; i++) {
        count += actor_of(i)->timer.is_set ? 1 : 0;
    }
    return count;
}

static void check_metrics(int actor, const struct step *step) {
    struct wb_runtime_metrics metrics;
    (void)step;
    if (actor != DIRECTOR || world.runtime == NULL) {
        return;
    }
    wb_runtime_metrics(world.runtime, &metrics);
    CHECK(metrics.tasks_spawned == world.spawned && metrics.tasks_ended == world.ended);
    CHECK(metrics.tasks_alive == world.alive);
    CHECK(metrics.timers == timers_set());
    for (int i = 0; i < 2 && !world.is_multi; i++) {
        CHECK(metrics.queue_len[i] == world.queues[i].count);
    }
}

static void check_ended(void) {
    for (int i = 0; i < ACTORS; i++) {
        CHECK(!task_is_alive(i));
    }
    CHECK(world.alive == 0 && world.queues[0].count == 0 && world.queues[1].count == 0);
}

/* It succeeds if nothing had to be cancelled; and fails only when the time is up, which may be
 * before those were dropped that others had cancelled. */
static void shut_down(uint64_t drain_ns) {
    const uint64_t now_ns = sim_kernel_now(world.kernel);
    world.is_closed = true;
    world.is_shutting_down = true;
    world.has_cancelled = false;
    world.driven_ns = now_ns;
    world.drain_until_ns = now_ns + drain_ns;
    const enum wb_status status = wb_runtime_shutdown(world.runtime, drain_ns);
    CHECK(status == WB_OK || status == WB_ERR_TIMED_OUT);
    CHECK(status == WB_OK ? !world.has_cancelled
                          : sim_kernel_now(world.kernel) >= world.drain_until_ns);
    world.is_shutting_down = false;
    check_ended();
}

static void act_shutdown(int actor, const struct step *step) {
    if (actor == DIRECTOR && step->b % 4 == 0) { /* not too often: little can be done after it */
        shut_down(step->a * TICK_NS / 8);
    }
}

/* ---- deeds ---- */

static const struct deed deeds[] = {
    {"spawn", act_spawn, NULL, false},
    {"sleep", NULL, &await_sleep, true},
    {"turn", turn, NULL, false},
    {"end", act_end, NULL, false},
    {"abort", act_abort, NULL, false},
    {"give_up", act_give_up, NULL, false},
    {"join", NULL, &await_join, true},
    {"wake", act_wake, NULL, false},
    {"drop_waker", act_drop_waker, NULL, false},
    {"look_at_handle", act_look_at_handle, NULL, false},
    {"yield", NULL, &await_yield, false},
    {"acquire", NULL, &await_acquire, true},
    {"release", act_release, NULL, false},
    {"try_acquire", act_try_acquire, NULL, false},
    {"lock", NULL, &await_lock, true},
    {"read", NULL, &await_read, true},
    {"write", NULL, &await_write, true},
    {"unlock", act_unlock, NULL, false},
    {"try_lock", act_try_lock, NULL, false},
    {"downgrade", act_downgrade, NULL, false},
    {"notified", NULL, &await_notified, true},
    {"notify", act_notify, NULL, false},
    {"barrier", NULL, &await_barrier, true},
    {"send", NULL, &await_send, true},
    {"receive", NULL, &await_receive, true},
    {"try_send", act_try_send, NULL, false},
    {"try_receive", act_try_receive, NULL, false},
    {"reserve", NULL, &await_reserve, true},
    {"permit", act_permit, NULL, false},
    {"mpsc_closed", NULL, &await_mpsc_closed, true},
    {"receiver_end", act_receiver_end, NULL, false},
    {"sender_end", act_sender_end, NULL, false},
    {"mpsc_new", act_mpsc_new, NULL, false},
    {"oneshot", NULL, &await_oneshot, true},
    {"oneshot_closed", NULL, &await_oneshot_closed, true},
    {"oneshot_send", act_oneshot_send, NULL, false},
    {"oneshot_receive", act_oneshot_receive, NULL, false},
    {"oneshot_end", act_oneshot_end, NULL, false},
    {"oneshot_new", act_oneshot_new, NULL, false},
    {"broadcast", NULL, &await_broadcast, true},
    {"broadcast_send", act_broadcast_send, NULL, false},
    {"broadcast_receive", act_broadcast_receive, NULL, false},
    {"broadcast_end", act_broadcast_end, NULL, false},
    {"broadcast_subscribe", act_broadcast_subscribe, NULL, false},
    {"changed", NULL, &await_changed, true},
    {"watch_closed", NULL, &await_watch_closed, true},
    {"watch_send", act_watch_send, NULL, false},
    {"watch_look", act_watch_look, NULL, false},
    {"watch_end", act_watch_end, NULL, false},
    {"watch_subscribe", act_watch_subscribe, NULL, false},
    {"cancelled", NULL, &await_cancelled, true},
    {"cancel", act_cancel, NULL, false},
    {"renew_token", act_renew_token, NULL, false},
    {"interval", NULL, &await_interval, false},
    {"reset_sleep", act_reset_sleep, NULL, false},
    {"burst", NULL, &await_burst, false},
    {"nested", act_nested, NULL, false},
    {"fail_memory", fail_memory, NULL, false},
    {"metrics", check_metrics, NULL, false},
    {"close_semaphore", act_close_semaphore, NULL, false},
    {"shutdown", act_shutdown, NULL, false},
};

enum { DEEDS = sizeof(deeds) / sizeof(deeds[0]) };

const struct deed *deed_of(const struct step *step) {
    return &deeds[step->what % DEEDS];
}

/* ---- blocking ---- */

static enum wb_status expected_refusal(void) {
    if (world.is_closed) {
        return WB_ERR_CLOSED;
    }
    return !world.is_multi && world.alive >= world.tasks_max ? WB_ERR_LIMIT : WB_OK;
}

static void block_refused(struct body *body, enum wb_status expected) {
    world.is_refused = true;
    CHECK(wb_runtime_block_on(world.runtime, &body->future) == expected);
    world.is_refused = false;
}

/* The main program waits for one step; for so long only, since nobody else may end it. */
static void block_on(const struct step *step) {
    static const struct wb_spawn_options high = {.priority = WB_PRIORITY_HIGH};
    struct actor *root = actor_of(ROOT);
    struct body body;
    actor_make(&body, ROOT);
    root->program[0] = *step;
    root->program_len = 1;
    const enum wb_status refusal = expected_refusal();
    if (refusal != WB_OK) {
        block_refused(&body, refusal);
        return;
    }
    world.driven_ns = sim_kernel_now(world.kernel);
    task_spawned(ROOT, &high, false);
    const enum wb_status status = wb_runtime_block_on(world.runtime, &body.future);
    CHECK(root->place == ENDED && root->await == NULL);
    if (memory_refused()) {
        CHECK(status == WB_ERR_NO_MEMORY);
    } else {
        CHECK(status == root->result && root->has_result);
    }
}

static void await_directly(const struct step *step) {
    struct step limited = *step;
    limited.b = (uint8_t)((step->b & ~3) | 1);
    if (deed_of(step)->may_be_wrapped || deed_of(step)->await == &await_yield) {
        block_on(deed_of(step)->await == &await_sleep ? step : &limited);
    }
}

/* ---- one input ---- */

static bool is_for_task(const struct step *step) {
    return step->who % (TASKS + 2) < TASKS;
}

static bool is_of_director(const struct deed *deed) {
    return deed->act == turn || deed->act == act_shutdown || deed->act == check_metrics
           || deed->act == fail_memory;
}

static void run_row(const struct step *step) {
    const struct deed *deed = deed_of(step);
    if (is_for_task(step) && !is_of_director(deed)) {
        actor_tell(step->who % (TASKS + 2), step);
    } else if (deed->act != NULL) {
        deed->act(DIRECTOR, step);
    } else {
        await_directly(step);
    }
    seam_check();
}

static void open_world(uint8_t flavour) {
    const struct wb_runtime_config config = {
        .flavour = world.is_multi ? WB_RUNTIME_MULTI_THREAD : WB_RUNTIME_CURRENT_THREAD,
        .tasks_max = world.tasks_max,
        .timer_tick_ns = TICK_NS,
        .low_workers = 1u + (flavour >> 4 & 1u),
        .events_capacity = 4,
    };
    const struct wb_runtime_config too_many = {.high_workers = WB_RUNTIME_WORKERS_MAX + 1};
    struct wb_runtime *none;
    seam_open();
    CHECK(wb_runtime_new(&world.sys, &too_many, &none) == WB_ERR_INVALID);
    CHECK(wb_runtime_new(&world.sys, &config, &world.runtime) == WB_OK);
    permits_open();
    messages_open();
    publishing_open();
    signals_open();
}

static bool is_anybody_queued(void) {
    return world.queues[0].count != 0 || world.queues[1].count != 0;
}

/* All that was woken is polled before time goes on: a wake that is lost shows here. Who is woken at
 * the very tick at which the main program goes on is polled the next time; but nobody ticks for so
 * long. */
static void settle(void) {
    const struct step rest = {.what = 1 /* sleep */, .a = 8 /* a tick */};
    int rests = 0;
    world.fail_in = 0;
    if (world.is_closed || expected_refusal() != WB_OK) {
        return;
    }
    do {
        block_on(&rest);
    } while (is_anybody_queued() && ++rests < RESTS_MAX);
    CHECK(!is_anybody_queued());
}

static void destroy_runtime(void) {
    const uint64_t now_ns = sim_kernel_now(world.kernel);
    world.is_closed = true;
    world.is_shutting_down = true;
    world.driven_ns = now_ns;
    world.drain_until_ns = now_ns;
    wb_runtime_destroy(world.runtime);
    world.runtime = NULL;
    check_ended();
}

/* Handles and wakers may outlive the runtime. */
static void close_world(uint8_t how) {
    settle();
    check_metrics(DIRECTOR, NULL);
    if ((how & 4) != 0) {
        shut_down((how >> 3) * TICK_NS);
    }
    destroy_runtime();
    handles_close();
    signals_close();
    publishing_close();
    messages_close();
    permits_close();
    seam_check();
    for (uint32_t i = 1; i <= world.value_count; i++) {
        CHECK(world.values[i] == 0);
    }
}

static void visit_descriptor(void *user_data, int fd, const char *what, uint32_t subject) {
    (void)user_data;
    (void)subject;
    fprintf(stderr, "descriptor %d (%s) was left open\n", fd, what);
    abort();
}

static void check_nothing_left(void) {
    struct sim_memory_info memory;
    sim_each_descriptor(world.kernel, 0, visit_descriptor, NULL);
    sim_memory(world.kernel, 0, &memory);
    CHECK(memory.live_blocks == 0);
}

struct input {
    const uint8_t *data;
    size_t size;
};

static int run_input(void *arg) {
    const struct input *input = arg;
    open_world(input->data[0]);
    size_t at = HEAD;
    for (int rows = 0; at + ROW <= input->size && rows < ROWS_MAX; at += ROW, rows++) {
        const uint8_t *row = input->data + at;
        const struct step step = {row[0], row[1], row[2], row[3]};
        run_row(&step);
    }
    close_world(input->data[1]);
    check_nothing_left();
    return 0;
}

static void clear_world(uint8_t flavour, uint8_t how) {
    struct sim_kernel *kernel = world.kernel;
    memset(&world, 0, sizeof(world));
    world.kernel = kernel;
    world.is_multi = (flavour & 7) == 7;
    world.tasks_max = (how & 3) == 3 ? TASKS_FEW : TASKS_MANY;
    world.current = DIRECTOR;
    world.giving_up = -1;
    for (int i = 0; i < ACTORS; i++) {
        world.actors[i].awaited_by = -1;
        world.actors[i].awaiter = -1;
        world.actors[i].inner.actor = i;
        world.actors[i].cancel.actor = i;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct sim_config config = {.fd_limit = 16, .call_cost_ns = CALL_COST_NS};
    struct input input = {data, size};
    int exit_status = -1;
    if (world.kernel == NULL) {
        world.kernel = sim_kernel_new();
        CHECK(world.kernel != NULL);
    }
    if (size < HEAD) {
        return 0;
    }
    clear_world(data[0], data[1]);
    sim_kernel_reset(world.kernel, &config);
    CHECK(sim_kernel_run(world.kernel, run_input, &input, &exit_status) == SIM_STOP_EXITED);
    return 0;
}
