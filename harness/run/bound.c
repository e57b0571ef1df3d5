/* The bounds of a fuzz input, the same wherever it runs. */
#include "run/stage.h"
#include "wouldblock/run.h"

#include <string.h>

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* Whether it was more. */
static bool cap(uint64_t *value, uint64_t most) {
    bool is_more = *value > most;
    *value = least(*value, most);
    return is_more;
}

static bool bound_calls(struct wbh_host *host) {
    if (host->calls_max == 0) {
        host->calls_max = WBH_BOUND_CALLS; /* of which nothing was said */
        return false;
    }
    return cap(&host->calls_max, WBH_BOUND_CALLS);
}

/* Cuts scripts off. Whoever waits for a step that is gone waits for the whole script instead, which
 * ends before that step would have: nobody waits for more than before. */
static bool bound_steps(struct wbh_scenario *scenario) {
    uint32_t left = WBH_BOUND_STEPS;
    bool is_cut = false;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        struct wbh_peer *peer = &scenario->peers[p];
        is_cut = is_cut || peer->step_count > left;
        peer->step_count = peer->step_count < left ? peer->step_count : left;
        left -= peer->step_count;
    }
    for (uint32_t p = 0; is_cut && p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            if (step->kind == WBH_STEP_AFTER
                && step->step > scenario->peers[step->peer].step_count) {
                step->step = 0;
            }
        }
    }
    return is_cut;
}

/* ---- traffic ---- */

/* 0 is the default, which is large. */
static uint64_t smallest_of(const struct wbh_host *host, uint64_t smallest) {
    if (host->send_buffer_size != 0) {
        smallest = least(smallest, host->send_buffer_size);
    }
    return host->recv_buffer_size != 0 ? least(smallest, host->recv_buffer_size) : smallest;
}

static uint64_t smallest_buffer(const struct wbh_scenario *scenario) {
    uint64_t smallest = smallest_of(&scenario->host, WBH_BUFFER_MAX);
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        smallest = smallest_of(&scenario->hosts[i].system, smallest);
    }
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            const struct wbh_step *step = &scenario->peers[p].steps[s];
            if (step->kind == WBH_STEP_BUFFERS) {
                smallest = least(smallest, step->count);
            }
        }
    }
    return smallest;
}

static bool has_broadcast(const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        const struct wbh_program *program =
            wbh_program_find(wbh_scenario_program(scenario, i).program);
        if (program != NULL && program->conservation == WBH_CONSERVE_BROADCAST) {
            return true;
        }
    }
    return false;
}

static uint64_t traffic_max(const struct wbh_scenario *scenario) {
    uint64_t most = least(WBH_BOUND_TRAFFIC, smallest_buffer(scenario) * WBH_BOUND_FILLS);
    return scenario->peer_count != 0 && has_broadcast(scenario)
               ? least(most, WBH_BOUND_DELIVERY / scenario->peer_count)
               : most;
}

/* Shortens a literal to what is left, but never to nothing, and takes what it needs of it. */
static bool bound_literal(struct wbh_step *step, uint64_t *left) {
    uint64_t wanted = (uint64_t)step->data_len * step->repeat;
    if (step->data_len > *left) {
        step->data_len = *left != 0 ? (uint32_t)*left : 1;
        step->repeat = 1;
    } else if (wanted > *left) {
        step->repeat = (uint32_t)(*left / step->data_len);
    }
    uint64_t taken = (uint64_t)step->data_len * step->repeat;
    *left -= least(taken, *left);
    return taken != wanted;
}

static bool bound_slow_send(struct wbh_step *step) {
    if ((uint64_t)step->data_len * step->repeat <= WBH_BOUND_SLOW_SENDS) {
        return false;
    }
    step->data_len = step->data_len < WBH_BOUND_SLOW_SENDS ? step->data_len : WBH_BOUND_SLOW_SENDS;
    step->repeat = step->data_len != 0 ? WBH_BOUND_SLOW_SENDS / step->data_len : step->repeat;
    return true;
}

/* Contents are made shorter; a line that there is no room for takes all behind it along. */
static bool bound_parts(struct wbh_scenario *scenario, struct wbh_step *step, uint64_t *left) {
    bool is_cut = false;
    for (uint32_t i = 0; i < step->part_count; i++) {
        struct wbh_part *part = &scenario->parts[step->part_begin + i];
        bool is_literal = part->kind == WBH_PART_BODY || part->kind == WBH_PART_CHUNK;
        if (!is_literal && part->data_len > *left) {
            step->part_count = i;
            return true;
        }
        struct wbh_step literal = {.data_len = part->data_len, .repeat = part->repeat};
        if (part->data_len != 0) {
            is_cut |= bound_literal(&literal, left);
            part->data_len = literal.data_len;
            part->repeat = literal.repeat;
        }
    }
    return is_cut;
}

static bool bound_slow_reads(struct wbh_scenario *scenario, uint64_t traffic) {
    uint64_t count_min = traffic / WBH_BOUND_SLOW_READS + 1;
    bool is_cut = false;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            if (step->kind == WBH_STEP_READ_SLOWLY && step->count < count_min) {
                step->count = (uint32_t)count_min;
                is_cut = true;
            }
        }
    }
    return is_cut;
}

static bool bound_scripts(struct wbh_scenario *scenario) {
    uint64_t most = traffic_max(scenario);
    uint64_t left = most;
    bool is_cut = false;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            is_cut |= cap(&step->duration_ns, WBH_BOUND_DURATION_NS);
            if (step->kind == WBH_STEP_SEND_SLOWLY) {
                is_cut |= bound_slow_send(step);
            }
            if (wbh_step_is_message(step)) {
                is_cut |= bound_parts(scenario, step, &left);
            }
            if (step->kind == WBH_STEP_SEND || step->kind == WBH_STEP_SEND_SLOWLY
                || step->kind == WBH_STEP_PASS_PIPE || step->kind == WBH_STEP_PASS_SOCKET) {
                is_cut |= bound_literal(step, &left);
            }
        }
    }
    return is_cut | bound_slow_reads(scenario, most - left);
}

/* ---- faults and the world ---- */

static bool bound_faults(struct wbh_scenario *scenario) {
    bool is_cut = scenario->fault_count > WBH_BOUND_FAULTS;
    if (is_cut) {
        scenario->fault_count = WBH_BOUND_FAULTS;
    }
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        struct wbh_decision *fault = &scenario->faults[i];
        if (wbh_action_argument((enum wbh_action)fault->action) == WBH_ARGUMENT_TIME) {
            is_cut |= cap(&fault->value, WBH_BOUND_DURATION_NS);
        }
    }
    return is_cut;
}

static bool bound_world(struct wbh_scenario *scenario) {
    bool is_cut = false;
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        is_cut |= cap(&scenario->moments[i].at_ns, WBH_BOUND_DURATION_NS);
    }
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        is_cut |= cap(&scenario->links[i].latency_ns, WBH_BOUND_DURATION_NS);
        is_cut |= cap(&scenario->links[i].jitter_ns, WBH_BOUND_DURATION_NS);
    }
    return is_cut;
}

bool wbh_bound(struct wbh_scenario *scenario) {
    bool is_cut = bound_calls(&scenario->host);
    is_cut |= bound_steps(scenario);
    is_cut |= bound_scripts(scenario);
    is_cut |= bound_faults(scenario);
    return is_cut | bound_world(scenario);
}
