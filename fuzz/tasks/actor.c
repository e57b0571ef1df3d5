/* What the tasks of the world are: each does the steps that it is told to do, one after the other,
 * and compares what came of them with the model. One without a step waits for the next. */
#include "tasks/world.h"

enum { TIMEOUTS = 8 };

/* ---- one await ---- */

static void settle(struct actor *it) {
    it->inner.round = 0;
    it->inner.wanted = 0;
}

static uint64_t timeout_of(const struct step *step) {
    return (step->b >> 2 & (TIMEOUTS - 1)) * (TICK_NS / 2);
}

/* An await may have so much time, or last until a token is cancelled. What is done several times
 * is not wrapped: a timer or a token would count for each. */
static struct wb_future *wrapped(int actor, struct wb_future *inner) {
    struct actor *it = actor_of(actor);
    if (it->wrap == WRAP_TIMEOUT) {
        it->period_ns = sim_kernel_now(world.kernel) + timeout_of(&it->step);
        wb_with_timeout_init_until(&it->body->timeout, world.runtime, inner, it->period_ns);
        return &it->body->timeout.future;
    }
    if (it->wrap == WRAP_UNTIL) {
        cancelled_begin(actor, it->step.b >> 2);
        wb_until_cancelled_init(&it->body->until, token_of(it->step.b >> 2), inner);
        return &it->body->until.future;
    }
    return inner;
}

static enum wrap wrap_of(const struct step *step) {
    if (!deed_of(step)->may_be_wrapped) {
        return WRAP_NONE;
    }
    if (step->b % 4 == 1) {
        return WRAP_TIMEOUT;
    }
    return step->b % 4 == 2 && token_of(step->b >> 2) != NULL ? WRAP_UNTIL : WRAP_NONE;
}

/* NULL: it cannot be done now. */
static struct wb_future *begin(int actor) {
    struct actor *it = actor_of(actor);
    const struct await_ops *await = deed_of(&it->step)->await;
    settle(it);
    struct wb_future *future = await->begin(actor, &it->step);
    if (future == NULL) {
        return NULL;
    }
    it->await = await;
    it->awaited = wrapped(actor, future);
    return it->awaited;
}

static void drop_inner(struct actor *it, int actor) {
    it->await->drop(actor);
}

/* The outer layers of the model are those of the combinations: see wb/time.h and
 * wb/cancellation.h. */
static struct outcome model_poll(int actor) {
    struct actor *it = actor_of(actor);
    it->is_inner_over = false;
    if (it->wrap == WRAP_UNTIL && cancelled_poll(actor).progress == WB_READY) {
        drop_inner(it, actor);
        return over(WB_ERR_CANCELLED);
    }
    const struct outcome outcome = it->await->poll(actor);
    if (outcome.progress == WB_READY) {
        it->is_inner_over = true;
        return outcome;
    }
    if (it->wrap == WRAP_TIMEOUT && timer_poll(actor, it->period_ns).progress == WB_READY) {
        drop_inner(it, actor);
        return over(WB_ERR_TIMED_OUT);
    }
    return outcome;
}

/* True: it is to be begun again. */
static bool finish(int actor, enum wb_status status) {
    struct actor *it = actor_of(actor);
    const struct await_ops *await = it->await;
    it->await = NULL;
    CHECK(it->wrap != WRAP_TIMEOUT || !it->timer.is_set);
    if (it->wrap == WRAP_UNTIL) {
        cancelled_drop(actor);
    }
    return it->is_inner_over && await->finish != NULL && await->finish(actor, status);
}

static enum wb_progress poll_await(int actor, struct wb_context *context) {
    struct actor *it = actor_of(actor);
    const enum wb_progress progress = wb_future_poll(it->awaited, context);
    const struct outcome expected = model_poll(actor);
    CHECK(progress == expected.progress);
    if (progress == WB_READY) {
        it->last_status = it->awaited->status;
        CHECK(it->last_status == expected.status);
    }
    seam_check();
    return progress;
}

/* ---- the steps ---- */

/* False: there is none. */
static bool next_step(struct actor *it) {
    if (it->program_len == 0) {
        return false;
    }
    it->step = it->program[0];
    it->program_len--;
    memmove(&it->program[0], &it->program[1], it->program_len * sizeof(it->program[0]));
    return true;
}

static enum wb_progress end(struct actor *it, enum wb_status status) {
    if (it != actor_of(ROOT)) {
        it->body->output = value_new();
        it->has_output = true;
    }
    return wb_future_end(&it->body->future, status);
}

/* WB_READY: on to the next step. */
static enum wb_progress await_step(int actor, struct wb_context *context) {
    struct actor *it = actor_of(actor);
    if (poll_await(actor, context) == WB_PENDING) {
        return WB_PENDING;
    }
    if (finish(actor, it->last_status)) {
        (void)begin(actor);
    }
    return WB_READY;
}

static void begin_step(int actor) {
    struct actor *it = actor_of(actor);
    const struct deed *deed = deed_of(&it->step);
    it->left = 0;
    it->last_status = WB_OK;
    if (deed->act != NULL) {
        deed->act(actor, &it->step);
        seam_check();
    } else if (deed->await != NULL) {
        it->wrap = wrap_of(&it->step);
        (void)begin(actor);
    }
}

static enum wb_progress run_steps(int actor, struct wb_context *context) {
    struct actor *it = actor_of(actor);
    for (;;) {
        if (it->await != NULL) {
            if (await_step(actor, context) == WB_PENDING) {
                return WB_PENDING;
            }
        } else if (next_step(it)) {
            begin_step(actor);
        } else if (actor == ROOT) {
            return end(it, it->last_status);
        } else if (it->is_told_to_end) {
            return end(it, it->end_status);
        } else {
            wb_task_waker_store(&it->waker, context->waker);
            it->is_idle = true;
            return WB_PENDING;
        }
    }
}

static struct body *body_of(struct wb_future *future) {
    return WB_FUTURE_OF(future, struct body, future);
}

static enum wb_progress actor_poll(struct wb_future *future, struct wb_context *context) {
    struct body *body = body_of(future);
    struct actor *it = actor_of(body->actor);
    const int outer = world.current;
    task_polled(body->actor);
    it->body = body;
    it->is_idle = false;
    world.current = body->actor;
    const enum wb_progress progress = run_steps(body->actor, context);
    world.current = outer;
    if (progress == WB_READY) {
        it->place = LEAVING;
    } else {
        task_paused(body->actor);
    }
    return progress;
}

/* ---- its end ---- */

static void drop_await(int actor) {
    struct actor *it = actor_of(actor);
    const struct await_ops *await = it->await;
    if (await == NULL) {
        return;
    }
    it->await = NULL;
    wb_future_drop(it->awaited);
    await->drop(actor);
    if (it->wrap == WRAP_UNTIL) {
        cancelled_drop(actor);
    }
    CHECK(!it->timer.is_set);
}

/* What block_on could not make a task of, for want of memory, it had in its queue for a moment. */
static void actor_drop(struct wb_future *future) {
    const struct body *body = body_of(future);
    const bool is_refused = world.is_refused;
    if (is_refused) {
        return; /* it never was a task */
    }
    world.is_refused = body->actor == ROOT && world.has_failed;
    task_leaves(body->actor);
    drop_await(body->actor);
    task_ended(body->actor, wb_future_is_over(future), future->status);
    world.is_refused = false;
}

static void actor_drop_output(struct wb_future *future) {
    const struct body *body = body_of(future);
    struct actor *it = actor_of(body->actor);
    CHECK(it->has_output);
    CHECK(!it->has_handle || it->awaited_by >= 0 || world.giving_up == body->actor);
    it->has_output = false;
    value_end(body->output);
}

const struct wb_future_ops actor_ops = {
    .size = sizeof(struct body),
    .offset = offsetof(struct body, future),
    .poll = actor_poll,
    .drop = actor_drop,
    .drop_output = actor_drop_output,
};

/* ---- being told ---- */

void actor_make(struct body *body, int actor) {
    memset(body, 0, sizeof(*body));
    body->actor = actor;
    wb_future_init(&body->future, &actor_ops);
}

void actor_rouse(int actor) {
    struct actor *it = actor_of(actor);
    if (it->is_idle && it->place == IDLE && !wb_task_waker_is_empty(&it->waker)) {
        wb_task_waker_wake(&it->waker);
        task_wake(actor);
    }
}

void actor_tell(int actor, const struct step *step) {
    struct actor *it = actor_of(actor);
    if (it->program_len == PROGRAM_LEN || !task_is_alive(actor)) {
        return;
    }
    it->program[it->program_len++] = *step;
    actor_rouse(actor);
}
