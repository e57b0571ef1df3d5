/* See fit.h. */
#include "scenario/fit.h"

#include <stdbool.h>
#include <string.h>

#include "wouldblock/run.h"

/* ---- program and options ---- */

static const char *fit_trigger(const char *value) {
    for (size_t i = 0; i < WBH_TRIGGER_COUNT; i++) {
        if (strcmp(value, wbh_trigger_nth(i)) == 0) {
            return wbh_trigger_nth(i);
        }
    }
    return wbh_trigger_nth((uint8_t)value[0] % WBH_TRIGGER_COUNT);
}

/* 1 to 999,999, without leading zeros. */
static int is_small_count(const char *value) {
    size_t digits = strspn(value, "0123456789");
    return digits > 0 && digits < 7 && value[digits] == '\0' && value[0] != '0';
}

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
        } else if (strcmp(option.name, "max-connections") != 0 || !is_small_count(option.value)) {
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
static uint64_t smallest_buffer(const struct wbh_scenario *scenario) {
    uint64_t smallest = WBH_BUFFER_MAX;
    if (scenario->host.send_buffer_size != 0) {
        smallest = least(smallest, scenario->host.send_buffer_size);
    }
    if (scenario->host.recv_buffer_size != 0) {
        smallest = least(smallest, scenario->host.recv_buffer_size);
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

static uint64_t traffic_max(const struct wbh_scenario *scenario) {
    uint64_t most = least(FIT_TRAFFIC_MAX, smallest_buffer(scenario) * FIT_FILLS_MAX);
    bool is_broadcast = strcmp(scenario->program, "multi_echo") == 0;
    return is_broadcast && scenario->peer_count != 0
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
    scenario->program = strlen(scenario->program) % 2 == 1 ? "ping_pong" : "multi_echo";
    wbh_scenario_make_plain(scenario);
    scenario->verdict = WBH_VERDICT_OK;
    fit_options(scenario);
    fit_host(&scenario->host);
    fit_step_counts(scenario);
    fit_scripts(scenario);
    fit_faults(scenario);
}
