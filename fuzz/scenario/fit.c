/* See fit.h. */
#include "scenario/fit.h"

#include <stdbool.h>
#include <string.h>

#include "scenario/fit_world.h"
#include "wouldblock/run.h"

/* ---- program and options ---- */

static bool is_flag(const char *program, const char *name) {
    return wbh_program_flag(wbh_program_find(program), name) != NULL;
}

static void fit_options(struct wbh_scenario *scenario) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        struct wbh_option option = scenario->options[i];
        if (strcmp(option.name, "trigger") == 0) {
            option.value = fit_trigger(option.value);
        } else if (is_flag(scenario->program, option.name)) {
            option.value = "";
        } else if (strcmp(option.name, "max-connections") != 0
                   || !fit_is_small_count(option.value)) {
            continue;
        }
        scenario->options[kept++] = option;
    }
    scenario->option_count = kept;
}

/* ---- bounds ---- */

static void fit_host(struct wbh_host *host) {
    if (host->calls_max == 0 || host->calls_max > FIT_CALLS_MAX) {
        host->calls_max = FIT_CALLS_MAX;
    }
}

/* Cuts scripts off. Whoever waits for a step that is gone waits for the whole script instead, which
 * ends before that step would have: nobody waits for more than before. */
static void fit_step_counts(struct wbh_scenario *scenario) {
    uint32_t left = FIT_STEPS_MAX;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        struct wbh_peer *peer = &scenario->peers[p];
        peer->step_count = peer->step_count < left ? peer->step_count : left;
        left -= peer->step_count;
    }
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            if (step->kind == WBH_STEP_AFTER
                && step->step > scenario->peers[step->peer].step_count) {
                step->step = 0;
            }
        }
    }
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

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

static bool has_program(const struct wbh_scenario *scenario, const char *name) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        if (strcmp(wbh_scenario_program(scenario, i).program, name) == 0) {
            return true;
        }
    }
    return false;
}

static uint64_t traffic_max(const struct wbh_scenario *scenario) {
    uint64_t most = least(FIT_TRAFFIC_MAX, smallest_buffer(scenario) * FIT_FILLS_MAX);
    return scenario->peer_count != 0 && has_program(scenario, "multi_echo")
               ? least(most, FIT_DELIVERY_MAX / scenario->peer_count)
               : most;
}

/* Shortens a literal to what is left, but never to nothing. Returns what it takes. */
static uint64_t fit_literal(struct wbh_step *step, uint64_t left) {
    if (step->data_len > left) {
        step->data_len = left != 0 ? (uint32_t)left : 1;
        step->repeat = 1;
    } else if ((uint64_t)step->data_len * step->repeat > left) {
        step->repeat = (uint32_t)(left / step->data_len);
    }
    return (uint64_t)step->data_len * step->repeat;
}

static uint64_t fit_step(struct wbh_step *step, uint64_t left) {
    if (step->duration_ns > FIT_DURATION_MAX_NS) {
        step->duration_ns = FIT_DURATION_MAX_NS;
    }
    return step->kind == WBH_STEP_SEND ? fit_literal(step, left) : 0;
}

static void fit_slow_reads(struct wbh_scenario *scenario, uint64_t traffic) {
    uint64_t count_min = traffic / FIT_SLOW_READS_MAX + 1;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            if (step->kind == WBH_STEP_READ_SLOWLY && step->count < count_min) {
                step->count = (uint32_t)count_min;
            }
        }
    }
}

/* A program that finds its port taken ends, and rightly so. */
static void fit_ports(struct wbh_scenario *scenario, bool is_plain) {
    uint32_t own = is_plain ? (uint32_t)wbh_program_find(scenario->program)->port : 0;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            struct wbh_step *step = &scenario->peers[p].steps[s];
            bool has_port = step->kind == WBH_STEP_LISTEN || step->kind == WBH_STEP_BIND_UDP;
            if (has_port && (is_plain ? step->count == own : fit_is_port_of_program(step->count))) {
                step->count += WBH_PROGRAMS_MAX;
            }
        }
    }
}

static void fit_scripts(struct wbh_scenario *scenario) {
    uint64_t most = traffic_max(scenario);
    uint64_t traffic = 0;
    for (uint32_t p = 0; p < scenario->peer_count; p++) {
        for (uint32_t s = 0; s < scenario->peers[p].step_count; s++) {
            uint64_t left = traffic < most ? most - traffic : 0;
            traffic += fit_step(&scenario->peers[p].steps[s], left);
        }
    }
    fit_slow_reads(scenario, traffic);
}

static void fit_faults(struct wbh_scenario *scenario) {
    if (scenario->fault_count > FIT_FAULTS_MAX) {
        scenario->fault_count = FIT_FAULTS_MAX;
    }
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        struct wbh_decision *fault = &scenario->faults[i];
        if (wbh_action_argument((enum wbh_action)fault->action) == WBH_ARGUMENT_TIME
            && fault->value > FIT_DURATION_MAX_NS) {
            fault->value = FIT_DURATION_MAX_NS;
        }
    }
}

void fit_scenario(struct wbh_scenario *scenario) {
    bool is_plain = fit_is_plain(scenario);
    if (is_plain) {
        scenario->program = strlen(scenario->program) % 2 == 1 ? "ping_pong" : "multi_echo";
        fit_options(scenario);
    } else {
        fit_world(scenario);
    }
    scenario->verdict = WBH_VERDICT_OK;
    fit_host(&scenario->host);
    fit_step_counts(scenario);
    fit_ports(scenario, is_plain);
    fit_scripts(scenario);
    fit_faults(scenario);
}
