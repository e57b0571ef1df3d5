/* An actor's way through its script: when a step begins, when its action comes, when it is done. */
#include "run/stage.h"

static void think_over(void *user_data) {
    struct wbh_actor *actor = user_data;
    actor->timer = 0;
    if (actor->done) {
        return;
    }
    actor->acted = true;
    wbh_step_act(actor, wbh_actor_step(actor));
    wbh_actor_run(actor);
}

static void time_is_up(void *user_data) {
    struct wbh_actor *actor = user_data;
    actor->timer = 0;
    actor->acted = true;
    wbh_actor_run(actor);
}

static void resume(void *user_data) {
    wbh_actor_run(user_data);
}

/* Of datagrams a refusal is about what was sent, and a socket for them may be connected anew. */
static bool opens_connection(const struct wbh_actor *actor, enum wbh_step_kind kind) {
    return kind == WBH_STEP_CONNECT || kind == WBH_STEP_CONNECT_UNIX
           || kind == WBH_STEP_CONNECT_SEQPACKET || kind == WBH_STEP_EXPECT_REFUSED_UNIX
           || (kind == WBH_STEP_CONNECT_DATAGRAM && !wbh_actor_has_unix_datagrams(actor))
           || (kind == WBH_STEP_EXPECT_REFUSED && !wbh_actor_has_datagrams(actor));
}

/* A step belongs to the connection it opens, otherwise to the current one. */
static void adopt_subject(struct wbh_actor *actor, const struct wbh_step *step) {
    if (opens_connection(actor, (enum wbh_step_kind)step->kind) && actor->connections != 0) {
        uint32_t next = WBH_SUBJECT(actor->index, actor->connections);
        if (actor->subject != next) {
            actor->subject = next;
            actor->ordinal = 0;
        }
    }
}

static uint64_t thinking_time(struct wbh_actor *actor) {
    struct wbh_choice_point point = {
        .point = WBH_POINT_STEP,
        .subject = actor->subject,
        .ordinal = ++actor->ordinal,
        .kernel = WBH_ACTION_BIT(WBH_ACTION_DELAY),
    };
    struct wbh_choice choice = sim_choose(actor->stage->kernel, &point);
    return WBH_THINK_NS + (choice.action == WBH_ACTION_DELAY ? choice.value : 0);
}

static void begin_step(struct wbh_actor *actor, const struct wbh_step *step) {
    struct wbh_stage *stage = actor->stage;
    actor->begun = true;
    actor->acted = false;
    actor->sent = 0;
    actor->is_sent = false;
    actor->matched = 0;
    adopt_subject(actor, step);
    uint64_t now_ns = sim_kernel_now(stage->kernel);
    if (wbh_step_needs_thought((enum wbh_step_kind)step->kind)) {
        actor->timer =
            sim_schedule(stage->kernel, now_ns + thinking_time(actor), think_over, actor);
    } else if (step->kind == WBH_STEP_SLEEP || step->kind == WBH_STEP_EXPECT_SILENCE) {
        actor->timer = sim_schedule(stage->kernel, now_ns + step->duration_ns, time_is_up, actor);
    } else if (step->kind == WBH_STEP_AFTER) {
        stage->after_waiting++;
    } else {
        wbh_step_act(actor,
            step); /* LISTEN..., BUFFERS, BIND_..., SEND_TO: at once; nothing for those that wait */
    }
}

static bool is_ahead(const struct wbh_actor *other, uint32_t steps) {
    return other->done || (steps != 0 && other->step >= steps);
}

static bool is_complete(struct wbh_actor *actor, const struct wbh_step *step) {
    if (actor->passed_over) {
        return true;
    }
    if (step->kind == WBH_STEP_AFTER) {
        return is_ahead(&actor->stage->actors[step->peer], step->step);
    }
    return wbh_actor_fulfilled(actor, step);
}

static bool waits_for_others(const struct wbh_actor *actor) {
    return !actor->done && actor->begun && wbh_actor_step(actor)->kind == WBH_STEP_AFTER;
}

/* Wakes those who wait for this actor; each in a moment of its own. */
static void tell_others(struct wbh_actor *actor) {
    struct wbh_stage *stage = actor->stage;
    for (uint32_t i = 0; i < stage->actor_count && stage->after_waiting != 0; i++) {
        struct wbh_actor *other = &stage->actors[i];
        if (other != actor && waits_for_others(other)
            && wbh_actor_step(other)->peer == actor->index) {
            sim_schedule(stage->kernel, sim_kernel_now(stage->kernel), resume, other);
        }
    }
}

static void finish(struct wbh_actor *actor) {
    if (!actor->done) {
        actor->done = true;
        actor->stage->done_count++;
        tell_others(actor);
    }
}

static void end_step(struct wbh_actor *actor, const struct wbh_step *step) {
    struct wbh_stage *stage = actor->stage;
    if (step->kind == WBH_STEP_AFTER) {
        stage->after_waiting--;
        sim_note_peer(stage->kernel, actor->subject, step->kind, step->peer, NULL, 0);
    }
    sim_cancel(stage->kernel, actor->timer);
    actor->timer = 0;
    actor->begun = false;
    actor->passed_over = false;
    actor->step++;
    stage->progress_ns = sim_kernel_now(stage->kernel);
    tell_others(actor);
}

void wbh_actor_run(struct wbh_actor *actor) {
    if (actor->running) {
        return;
    }
    actor->running = true;
    while (!actor->done) {
        if (actor->step == actor->script->step_count) {
            finish(actor);
            break;
        }
        const struct wbh_step *step = wbh_actor_step(actor);
        if (!actor->begun) {
            begin_step(actor, step);
        }
        if (!is_complete(actor, step)) {
            break;
        }
        end_step(actor, step);
    }
    actor->running = false;
}

/* What it begins with, before any program runs. */
static bool needs_no_program(enum wbh_step_kind kind) {
    return kind == WBH_STEP_LISTEN || kind == WBH_STEP_LISTEN_UNIX
           || kind == WBH_STEP_LISTEN_SEQPACKET || kind == WBH_STEP_BUFFERS
           || kind == WBH_STEP_BIND_UDP || kind == WBH_STEP_BIND_DATAGRAM
           || kind == WBH_STEP_SEND_TO;
}

void wbh_actor_begin(struct wbh_actor *actor) {
    actor->subject = WBH_SUBJECT(actor->index, 0);
    while (actor->step < actor->script->step_count) {
        const struct wbh_step *step = wbh_actor_step(actor);
        if (!needs_no_program((enum wbh_step_kind)step->kind)) {
            break;
        }
        wbh_step_act(actor, step);
        actor->step++;
    }
}

void wbh_actor_pass_over(struct wbh_actor *actor) {
    actor->passed_over = true;
    wbh_actor_run(actor);
}

void wbh_actor_disappointed(struct wbh_actor *actor, const char *saw) {
    struct wbh_stage *stage = actor->stage;
    if (stage->panel != NULL && !stage->tolerant) {
        struct wbh_unmet unmet;
        wbh_actor_unmet(actor, &unmet);
        wbh_panel_disappointed(stage->panel, &unmet, saw);
    }
    if (stage->tolerant) {
        actor->passed_over = true;
        return;
    }
    if (wbh_actor_step(actor)->kind == WBH_STEP_AFTER) {
        stage->after_waiting--;
    }
    sim_cancel(stage->kernel, actor->timer);
    wbh_actor_close(actor);
    finish(actor);
}
