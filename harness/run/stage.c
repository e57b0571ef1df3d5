/* The stage itself: actors cast for a run, their start, who gets which incoming connection. What an
 * actor does is in actor*.c, what happens when nothing does in idle.c. */
#include "run/stage.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void wbh_stage_clean_up(struct wbh_stage *stage) {
    for (size_t i = 0; i < stage->actor_capacity; i++) {
        free(stage->actors[i].received);
        free(stage->actors[i].scenes);
        free(stage->actors[i].parked);
        free(stage->actors[i].pattern);
        free(stage->actors[i].lengths);
        free(stage->actors[i].wire);
    }
    wbh_conversation_clean_up(&stage->conversation);
    wbh_correspondence_clean_up(&stage->correspondence);
    free(stage->actors);
    free(stage->unmet);
    memset(stage, 0, sizeof(*stage));
}

static void make_room(struct wbh_stage *stage, uint32_t count) {
    size_t capacity = stage->actor_capacity;
    stage->actors = wbh_grow(stage->actors, &stage->actor_capacity, count, sizeof(*stage->actors));
    if (stage->actor_capacity != capacity) {
        memset(stage->actors + capacity, 0,
            (stage->actor_capacity - capacity) * sizeof(*stage->actors));
    }
    stage->unmet = wbh_grow(stage->unmet, &stage->unmet_capacity, count, sizeof(*stage->unmet));
}

static bool expects_responses(const struct wbh_peer *script) {
    for (uint32_t i = 0; i < script->step_count; i++) {
        if (script->steps[i].kind == WBH_STEP_EXPECT_HTTP_RESPONSE) {
            return true;
        }
    }
    return false;
}

/* Everything anew but the memory. */
static void recast(struct wbh_actor *actor, struct wbh_stage *stage, uint32_t index) {
    struct wbh_actor fresh = {
        .stage = stage,
        .script = &stage->scenario->peers[index],
        .index = index,
        .received = actor->received,
        .received_capacity = actor->received_capacity,
        .scenes = actor->scenes,
        .scene_capacity = actor->scene_capacity,
        .parked = actor->parked,
        .parked_capacity = actor->parked_capacity,
        .pattern = actor->pattern,
        .pattern_capacity = actor->pattern_capacity,
        .lengths = actor->lengths,
        .lengths_capacity = actor->lengths_capacity,
        .wire = actor->wire,
        .wire_capacity = actor->wire_capacity,
        .expects_responses = expects_responses(&stage->scenario->peers[index]),
    };
    *actor = fresh;
    /* So that there is always something to point into. */
    actor->received = wbh_grow(actor->received, &actor->received_capacity, 1, 1);
}

void wbh_stage_begin(struct wbh_stage *stage, const struct wbh_stage_config *config) {
    stage->kernel = config->kernel;
    stage->panel = config->panel;
    stage->scenario = config->scenario;
    stage->targets = config->targets;
    stage->tolerant = config->tolerant;
    stage->signals_sent = false;
    stage->lossy = false;
    stage->cut_off = false;
    stage->started = false;
    stage->takes_all = true;
    stage->frozen = false;
    stage->done_count = 0;
    stage->after_waiting = 0;
    stage->progress_ns = sim_kernel_now(config->kernel);
    stage->arrived_ns = stage->progress_ns;
    stage->told_to_end = false;
    stage->was_in_vain = false;
    stage->draining = false;
    stage->waiting_since_ns = 0;
    bool are_several = wbh_scenario_program_count(config->scenario) > 1;
    wbh_conversation_begin(&stage->conversation, are_several);
    wbh_correspondence_begin(&stage->correspondence, are_several);
    make_room(stage, config->scenario->peer_count);
    stage->actor_count = config->scenario->peer_count;
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        recast(&stage->actors[i], stage, i);
    }
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        wbh_actor_begin(&stage->actors[i]);
    }
}

static void begin_all(void *user_data) {
    struct wbh_stage *stage = user_data;
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        wbh_actor_run(&stage->actors[i]);
    }
}

/* A program that is not listening yet would refuse peers for no reason but its start-up time. */
static bool is_cue(const struct sim_event *event) {
    return event->kind == SIM_EVENT_WAIT
           || (event->kind == SIM_EVENT_CALL
               && (event->call == SIM_CALL_CONNECT || event->call == SIM_CALL_POLL
                   || event->call == SIM_CALL_SELECT
                   || (event->call == SIM_CALL_LISTEN && event->result == 0)));
}

bool wbh_stage_raise_curtain(struct wbh_stage *stage) {
    if (stage->started) {
        return false;
    }
    stage->started = true;
    stage->takes_all = stage->conversation.is_kept;
    sim_schedule(stage->kernel, sim_kernel_now(stage->kernel), begin_all, stage);
    return true;
}

/* A connection of a peer's making that waits to be accepted, or bytes: over a slow link they come
 * long after the step that sent them. An RST is left out, since it may answer the program's own
 * attempts, without end. */
static bool comes_of_a_step(const struct wbh_stage *stage, const struct sim_event *event) {
    bool is_peers = event->subject != WBH_SUBJECT_NONE && (event->subject & WBH_SUBJECT_LOCAL) == 0
                    && WBH_SUBJECT_PEER(event->subject) < stage->actor_count;
    bool is_pending = event->kind == SIM_EVENT_PENDING && event->file != 0;
    bool is_data =
        event->kind == SIM_EVENT_ARRIVE && event->a != 0 && (event->b & SIM_ARRIVE_TO_PROGRAM) != 0;
    return is_peers && (is_pending || is_data);
}

void wbh_stage_take(struct wbh_stage *stage, const struct sim_event *event) {
    if (comes_of_a_step(stage, event)) {
        stage->progress_ns = event->time_ns;
    }
    if (event->kind == SIM_EVENT_ARRIVE && (event->b & SIM_ARRIVE_LOST) != 0) {
        stage->lossy = true;
    }
    if (stage->conversation.is_kept) {
        if (event->kind == SIM_EVENT_ARRIVE) {
            stage->arrived_ns = event->time_ns;
        }
        wbh_conversation_on_event(&stage->conversation, event);
        if (!stage->frozen) {
            wbh_correspondence_on_event(&stage->correspondence, stage->kernel, event);
        }
    }
    if (!stage->started && is_cue(event)) {
        (void)wbh_stage_raise_curtain(stage);
    }
}

static bool listens_at(const struct wbh_actor *actor, const void *listener) {
    return actor->listener == listener || actor->unix_listener == listener;
}

/* The actor that listens there and has had the fewest connections, the first of them. */
static uint32_t assign(struct wbh_stage *stage, const void *listener) {
    struct wbh_actor *chosen = NULL;
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        struct wbh_actor *actor = &stage->actors[i];
        if (listens_at(actor, listener) && (chosen == NULL || actor->incoming < chosen->incoming)) {
            chosen = actor;
        }
    }
    if (chosen == NULL) {
        return WBH_SUBJECT_NONE;
    }
    chosen->incoming++;
    return WBH_SUBJECT(chosen->index, chosen->connections++);
}

uint32_t wbh_stage_on_incoming(struct wbh_stage *stage, const struct sim_endpoint *listener) {
    return assign(stage, listener);
}

uint32_t wbh_stage_on_incoming_unix(struct wbh_stage *stage, const struct sim_unix *listener) {
    return assign(stage, listener);
}

size_t wbh_stage_unmet(struct wbh_stage *stage) {
    size_t count = 0;
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        const struct wbh_actor *actor = &stage->actors[i];
        if (!actor->done && wbh_actor_step(actor)->kind != WBH_STEP_AFTER) {
            wbh_actor_unmet(actor, &stage->unmet[count++]);
        }
    }
    return count;
}

void wbh_stage_freeze(struct wbh_stage *stage) {
    stage->frozen = true;
    stage->conversation.is_closed = true;
}

struct wbh_seen wbh_stage_seen(
    const struct wbh_stage *stage, const struct wbh_actor *actor, size_t scene) {
    const struct wbh_scene *from = &actor->scenes[scene];
    return (struct wbh_seen){
        .subject = from->subject,
        .end = from->end,
        .half_closed = from->half_closed,
        .partial = from->partial || stage->signals_sent,
        .bytes = actor->received + from->begin,
        .len = from->len,
    };
}
