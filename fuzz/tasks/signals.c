/* Cancellation, time, yielding and waiting for another task, each beside its model. */
#include "tasks/world.h"

enum { TOKENS = 3, TICKS_MAX = 4, YIELDS_MAX = 12 };

static struct {
    struct wb_cancellation tokens[TOKENS]; /* each below the one before */
    bool is_cancelled[TOKENS];
    uint32_t users[TOKENS];
    struct line lines[TOKENS];
} here;

/* ---- cancellation ---- */

static void make_token(int token) {
    const enum wb_status status =
        token == 0 ? wb_cancellation_new(&world.sys, &here.tokens[0])
                   : wb_cancellation_child(&here.tokens[token - 1], &here.tokens[token]);
    CHECK(status == (memory_refused() ? WB_ERR_NO_MEMORY : WB_OK));
    here.is_cancelled[token] = token != 0 && here.is_cancelled[token - 1];
}

void signals_open(void) {
    memset(&here, 0, sizeof(here));
    for (int i = 0; i < TOKENS; i++) {
        make_token(i);
    }
}

void signals_close(void) {
    for (int i = 0; i < TOKENS; i++) {
        CHECK(here.users[i] == 0);
        wb_cancellation_drop(&here.tokens[i]);
    }
}

const struct wb_cancellation *token_of(int token) {
    return here.tokens[token % TOKENS].node == NULL ? NULL : &here.tokens[token % TOKENS];
}

/* All below it, too; those that wait are woken from the top down. */
void act_cancel(int actor, const struct step *step) {
    (void)actor;
    const int token = step->a % TOKENS;
    if (here.tokens[token].node == NULL) {
        return;
    }
    wb_cancellation_cancel(&here.tokens[token]);
    for (int i = token; i < TOKENS && here.tokens[i].node != NULL; i++) {
        here.is_cancelled[i] = true;
        line_wake(&here.lines[i]);
    }
    for (int i = 0; i < TOKENS && here.tokens[i].node != NULL; i++) {
        CHECK(wb_cancellation_is_cancelled(&here.tokens[i]) == here.is_cancelled[i]);
    }
}

void act_renew_token(int actor, const struct step *step) {
    (void)actor;
    const int token = step->a % TOKENS;
    for (int i = token; i < TOKENS; i++) {
        if (here.users[i] != 0) {
            return;
        }
    }
    for (int i = token; i < TOKENS; i++) {
        wb_cancellation_drop(&here.tokens[i]);
    }
    for (int i = token; i < TOKENS && (i == 0 || here.tokens[i - 1].node != NULL); i++) {
        make_token(i);
    }
}

void cancelled_begin(int actor, int token) {
    actor_of(actor)->token = token % TOKENS;
    here.users[token % TOKENS]++;
}

struct outcome cancelled_poll(int actor) {
    struct actor *it = actor_of(actor);
    return wait_for(&it->cancel, &here.lines[it->token], here.is_cancelled[it->token]);
}

void cancelled_drop(int actor) {
    struct actor *it = actor_of(actor);
    here.users[it->token]--;
    wait_settle(&it->cancel);
}

static struct wb_future *await_cancelled_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    if (it->wrap == WRAP_UNTIL || token_of(step->a) == NULL) {
        return NULL; /* there is one place to wait in */
    }
    cancelled_begin(actor, step->a);
    wb_cancelled_init(&it->body->u.cancelled, token_of(step->a));
    return &it->body->u.cancelled.future;
}

static bool await_cancelled_finish(int actor, enum wb_status status) {
    (void)status;
    cancelled_drop(actor);
    return false;
}

const struct await_ops await_cancelled = {
    await_cancelled_begin, cancelled_poll, await_cancelled_finish, cancelled_drop};

/* ---- time ---- */

/* Time goes on while the real one is asked: it is followed, where it may be so. */
struct outcome timer_poll(int actor, uint64_t deadline_ns) {
    struct timer *timer = &actor_of(actor)->timer;
    const uint64_t now_ns = sim_kernel_now(world.kernel);
    if (timer_take_news(timer, deadline_ns) || timer->is_set) {
        return pending();
    }
    CHECK(now_ns >= deadline_ns);
    return over(WB_OK);
}

static bool has_time_to_spare(int actor) {
    return actor_of(actor)->wrap != WRAP_TIMEOUT; /* there is one timer */
}

static struct wb_future *sleep_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    struct wb_sleep *sleep = &it->body->u.sleep;
    const uint64_t before_ns = sim_kernel_now(world.kernel);
    const uint64_t delay_ns = step->a * (step->a < 128 ? TICK_NS / 8 : TICK_NS);
    if (!has_time_to_spare(actor)) {
        return NULL;
    }
    wb_sleep_init(sleep, world.runtime, delay_ns);
    it->due_ns = wb_sleep_deadline(sleep);
    CHECK(it->due_ns >= before_ns + delay_ns);
    CHECK(it->due_ns <= sim_kernel_now(world.kernel) + delay_ns);
    return &sleep->future;
}

static struct outcome sleep_poll(int actor) {
    return timer_poll(actor, actor_of(actor)->due_ns);
}

static void time_drop(int actor) {
    CHECK(!actor_of(actor)->timer.is_set);
}

const struct await_ops await_sleep = {sleep_begin, sleep_poll, NULL, time_drop};

/* Another deadline for one that sleeps; if it has passed the sleeper is woken. */
void act_reset_sleep(int actor, const struct step *step) {
    (void)actor;
    struct actor *it = actor_of(step->a % TASKS);
    if (it->await != &await_sleep || it->place == POLLED || it->place == LEAVING) {
        return;
    }
    const bool was_set = it->timer.is_set;
    it->due_ns = sim_kernel_now(world.kernel) + step->b * (TICK_NS / 4);
    if (step->b == 0) {
        it->due_ns -= TICK_NS;
    }
    wb_sleep_reset(&it->body->u.sleep, it->due_ns);
    if (was_set) {
        CHECK(!it->timer.is_set); /* until there is news */
        if (!timer_take_news(&it->timer, it->due_ns)) {
            CHECK(sim_kernel_now(world.kernel) >= it->due_ns);
            task_wake(step->a % TASKS);
        }
    }
}

static enum wb_missed_ticks missed_of(const struct step *step) {
    return (enum wb_missed_ticks)(step->b % 3);
}

static struct wb_future *interval_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    struct wb_interval *interval = &it->body->u.interval;
    if (!has_time_to_spare(actor)) {
        return NULL;
    }
    if (it->left == 0) {
        it->left = 1u + step->b % TICKS_MAX;
        it->period_ns = (1u + step->a % 64u) * (TICK_NS / 4);
        it->due_ns = sim_kernel_now(world.kernel) + (step->a >> 6) * TICK_NS;
        CHECK(wb_interval_init(interval, world.runtime, it->due_ns, 0, missed_of(step))
              == WB_ERR_INVALID);
        CHECK(wb_interval_init(interval, world.runtime, it->due_ns, it->period_ns, missed_of(step))
              == WB_OK);
    }
    return wb_interval_tick(interval);
}

/* When the next one may come, by what becomes of those that were missed. */
static void check_schedule(const struct actor *it, uint64_t next_ns) {
    const uint64_t step_ns = next_ns - it->due_ns;
    CHECK(next_ns >= it->due_ns + it->period_ns);
    if (missed_of(&it->step) == WB_MISSED_BURST) {
        CHECK(step_ns == it->period_ns);
    } else if (missed_of(&it->step) == WB_MISSED_SKIP) {
        CHECK(step_ns % it->period_ns == 0);
    }
}

static bool interval_finish(int actor, enum wb_status status) {
    struct actor *it = actor_of(actor);
    const struct wb_interval *interval = &it->body->u.interval;
    const uint64_t next_ns = wb_sleep_deadline(&interval->sleep);
    CHECK(status == WB_OK && interval->due_ns == it->due_ns);
    check_schedule(it, next_ns);
    it->due_ns = next_ns;
    return --it->left != 0;
}

const struct await_ops await_interval = {interval_begin, sleep_poll, interval_finish, time_drop};

/* ---- giving way ---- */

static struct wb_future *yield_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    if (it->left == 0) {
        it->left = 1u + step->a % YIELDS_MAX;
    }
    it->value = 0;
    wb_yield_init(&it->body->u.yield);
    return &it->body->u.yield.future;
}

static struct outcome yield_poll(int actor) {
    struct actor *it = actor_of(actor);
    if (it->value++ != 0) {
        return over(WB_OK);
    }
    it->is_woken = true;
    return pending();
}

static bool yield_finish(int actor, enum wb_status status) {
    (void)status;
    return --actor_of(actor)->left != 0;
}

static void yield_drop(int actor) {
    (void)actor;
}

const struct await_ops await_yield = {yield_begin, yield_poll, yield_finish, yield_drop};

/* ---- the end of another task, or of one's own ---- */

static struct wb_future *join_begin(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    struct actor *other = actor_of(step->a % TASKS);
    if (!other->has_handle || other->is_handle_over || other->awaited_by >= 0) {
        return NULL;
    }
    it->target = step->a % TASKS;
    other->awaited_by = actor;
    return &other->handle.future;
}

static struct outcome join_poll(int actor) {
    struct actor *other = actor_of(actor_of(actor)->target);
    if (other->place != ENDED) {
        other->awaiter = actor;
        return pending();
    }
    return over(other->result);
}

static bool join_finish(int actor, enum wb_status status) {
    struct actor *other = actor_of(actor_of(actor)->target);
    (void)status;
    other->awaited_by = -1;
    other->is_handle_over = true;
    return false;
}

static void join_drop(int actor) {
    const int target = actor_of(actor)->target;
    actor_of(target)->awaited_by = -1;
    handle_cancelled(target);
}

const struct await_ops await_join = {join_begin, join_poll, join_finish, join_drop};
