/* What becomes of a run that stands still: the clock may jump to the program's own deadline, a
 * tolerant run passes over what its peers wait for, otherwise the oracles are asked; and when there
 * is nothing to object to, the program is told to end. */
#include "run/stage.h"

/* So much virtual time the program's own timers get to go on by themselves, without any step of a
 * peer. */
static const uint64_t patience_ns = UINT64_C(60000000000);

enum { IDLE_END = 0, IDLE_CHANGED = 1, IDLE_JUMP = 2 };

static bool may_jump(uint64_t deadline_ns, uint64_t since_ns) {
    return deadline_ns != UINT64_MAX && deadline_ns <= since_ns + patience_ns;
}

static int tell_to_end(struct wbh_stage *stage, uint64_t deadline_ns) {
    stage->told_to_end = true;
    stage->was_in_vain = deadline_ns == UINT64_MAX;
    stage->waiting_since_ns = sim_kernel_now(stage->kernel);
    wbh_stage_freeze(stage);
    for (uint32_t i = 0; i < wbh_scenario_program_count(stage->scenario); i++) {
        sim_signal(stage->kernel, i, WB_SIGTERM);
    }
    return IDLE_CHANGED;
}

/* False: there was none to pass over. */
static bool pass_over_all(struct wbh_stage *stage) {
    bool any = false;
    stage->progress_ns = sim_kernel_now(stage->kernel);
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        struct wbh_actor *actor = &stage->actors[i];
        if (!actor->done && wbh_actor_step(actor)->kind != WBH_STEP_AFTER) {
            wbh_actor_pass_over(actor);
            any = true;
        }
    }
    return any;
}

/* Every unfinished script belongs to a connection that a failing fault hit, or waits for one that
 * does. */
static bool all_excused(struct wbh_stage *stage, size_t unmet_count) {
    for (size_t i = 0; i < unmet_count; i++) {
        if (!wbh_panel_excuses_unmet(stage->panel, &stage->unmet[i])) {
            return false;
        }
    }
    return true;
}

static int judge_stillness(struct wbh_stage *stage, uint64_t deadline_ns) {
    size_t unmet_count = wbh_stage_unmet(stage);
    struct wbh_stillness stillness = {
        .unmet = stage->unmet,
        .unmet_count = unmet_count,
    };
    const struct wbh_findings *findings = stage->panel->judges[0]->config.findings;
    uint32_t before = findings->count;
    wbh_panel_at_idle(stage->panel, &stillness);
    if (findings->count != before || !all_excused(stage, unmet_count)) {
        return IDLE_END;
    }
    return tell_to_end(stage, deadline_ns);
}

static int unfinished(struct wbh_stage *stage, uint64_t deadline_ns) {
    if (may_jump(deadline_ns, stage->progress_ns)) {
        return IDLE_JUMP;
    }
    if (stage->tolerant && pass_over_all(stage)) {
        return IDLE_CHANGED;
    }
    if (stage->panel == NULL) {
        return IDLE_END;
    }
    return judge_stillness(stage, deadline_ns);
}

/* Among several programs a client is what a peer is otherwise: it may wait for a reply, or for its
 * next turn, and the run is not over before it has given up. The same goes for one that is alone,
 * without a peer: it has nothing to wait for but its own deadlines. */
static bool client_is_left(const struct wbh_stage *stage) {
    uint32_t count = wbh_scenario_program_count(stage->scenario);
    const bool waits_for_itself = count > 1 || stage->scenario->peer_count == 0;
    for (uint32_t i = 0; waits_for_itself && i < count; i++) {
        if (!stage->targets[i].serves && sim_process_is_alive(stage->kernel, i)) {
            return true;
        }
    }
    return false;
}

/* The time is over while programs were still talking and somebody has a deadline of its own: this
 * is no stillness, of which an oracle could say anything. */
static bool is_interrupted(const struct wbh_stage *stage, uint64_t deadline_ns) {
    return deadline_ns != UINT64_MAX && wbh_scenario_program_count(stage->scenario) > 1
           && client_is_left(stage)
           && sim_kernel_now(stage->kernel) - stage->arrived_ns < patience_ns;
}

int wbh_stage_on_idle(void *user_data, uint64_t deadline_ns) {
    struct wbh_stage *stage = user_data;
    if (stage->draining) {
        return IDLE_END;
    }
    if (wbh_stage_raise_curtain(stage)) {
        return IDLE_CHANGED;
    }
    if (stage->told_to_end) {
        return may_jump(deadline_ns, stage->waiting_since_ns) ? IDLE_JUMP : IDLE_END;
    }
    if (!wbh_stage_is_done(stage)) {
        return unfinished(stage, deadline_ns);
    }
    bool may_go_on = may_jump(deadline_ns, stage->progress_ns);
    if (may_go_on && client_is_left(stage)) {
        return IDLE_JUMP;
    }
    if (stage->panel == NULL || is_interrupted(stage, deadline_ns)) {
        return tell_to_end(stage, deadline_ns);
    }
    return may_go_on && wbh_panel_obligation(stage->panel) ? IDLE_JUMP
                                                           : judge_stillness(stage, deadline_ns);
}
