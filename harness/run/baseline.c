/* The reference run: the same scenario on a kernel without faults. Faults that are transparent by
 * their legality must not change what an independent program says to anybody (compare.c).
 *
 * The reference is kept and known by a hash of everything it depends on, so that many seeds over
 * one scenario need one reference run. */
#include "run/internal.h"

#include <string.h>

/* ---- what a reference run depends on ---- */

static uint64_t mix(uint64_t hash, uint64_t word) {
    hash ^= word;
    hash *= UINT64_C(0xff51afd7ed558ccd);
    return hash ^ (hash >> 32);
}

static uint64_t mix_bytes(uint64_t hash, const void *data, size_t len) {
    const uint8_t *bytes = data;
    uint64_t word;
    hash = mix(hash, len);
    for (; len >= sizeof(word); bytes += sizeof(word), len -= sizeof(word)) {
        memcpy(&word, bytes, sizeof(word));
        hash = mix(hash, word);
    }
    for (word = 0; len > 0; len--) {
        word = word << 8 | bytes[len - 1];
    }
    return mix(hash, word);
}

static uint64_t mix_text(uint64_t hash, const char *text) {
    return mix_bytes(hash, text, strlen(text));
}

static uint64_t mix_parts(
    uint64_t hash, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    hash = mix(hash, step->version | (uint64_t)step->part_count << 8);
    for (uint32_t i = 0; i < step->part_count; i++) {
        const struct wbh_part *part = &scenario->parts[step->part_begin + i];
        hash = mix(mix(hash, part->kind | (uint64_t)part->repeat << 8), part->count);
        if (part->data_len != 0) {
            hash = mix_bytes(hash, scenario->data + part->data_offset, part->data_len);
        }
    }
    return hash;
}

static uint64_t mix_step(
    uint64_t hash, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    hash = mix(hash, step->kind | (uint64_t)step->repeat << 8);
    hash = mix(hash, step->peer | (uint64_t)step->step << 32);
    hash = mix(hash, step->program);
    hash = mix(hash, step->count ^ step->duration_ns << 20);
    if (step->data_len != 0) {
        hash = mix_bytes(hash, scenario->data + step->data_offset, step->data_len);
    }
    return step->part_count != 0 || step->version != 0 ? mix_parts(hash, scenario, step) : hash;
}

static uint64_t mix_cast(uint64_t hash, const struct wbh_cast *cast) {
    hash = mix(mix_text(hash, cast->program), cast->host | (uint64_t)cast->option_count << 32);
    for (uint32_t i = 0; i < cast->option_count; i++) {
        hash = mix_text(mix_text(hash, cast->options[i].name), cast->options[i].value);
    }
    return hash;
}

/* Hosts, links and moments. */
static uint64_t mix_world(uint64_t hash, const struct wbh_scenario *scenario) {
    hash = mix(hash, scenario->host_count);
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        const struct wbh_named_host *host = &scenario->hosts[i];
        hash = mix(hash, host->system.fd_limit | (uint64_t)host->system.send_buffer_size << 32);
        hash = mix(hash, host->system.recv_buffer_size ^ host->system.memory_max << 24);
        for (uint32_t k = 0; k < host->address_count; k++) {
            hash = mix(hash, host->addresses[k].family);
            hash = mix_bytes(hash, host->addresses[k].ip, sizeof(host->addresses[k].ip));
        }
    }
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        const struct wbh_link *link = &scenario->links[i];
        hash = mix(hash, link->a | (uint64_t)link->b << 32);
        hash = mix(mix(hash, link->latency_ns), link->jitter_ns);
        hash = mix(hash, link->bandwidth | (uint64_t)link->loss << 32);
    }
    for (uint32_t i = 0; i < scenario->moment_count; i++) {
        const struct wbh_moment *moment = &scenario->moments[i];
        hash = mix(mix(hash, moment->at_ns), moment->kind);
        hash = mix(hash, moment->a | (uint64_t)moment->b << 32);
    }
    return hash;
}

uint64_t wbh_runner_key(const struct wbh_scenario *scenario, const char *trigger, bool tolerant) {
    const struct wbh_host *host = &scenario->host;
    uint64_t hash = tolerant;
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        const struct wbh_cast cast = wbh_scenario_program(scenario, i);
        hash = mix_cast(hash, &cast);
    }
    hash = trigger != NULL ? mix_text(hash, trigger) : mix(hash, 0);
    hash = mix(hash, host->fd_limit | (uint64_t)host->send_buffer_size << 32);
    hash = mix(hash, host->recv_buffer_size | (uint64_t)host->flavour << 32);
    hash = mix(mix(mix(hash, host->memory_max), host->calls_max), host->time_max_ns);
    hash = mix_world(hash, scenario);
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        const struct wbh_peer *peer = &scenario->peers[i];
        hash = mix(hash, peer->step_count | (uint64_t)peer->host << 32);
        for (uint32_t k = 0; k < peer->step_count; k++) {
            hash = mix_step(hash, scenario, &peer->steps[k]);
        }
    }
    return hash;
}

uint64_t wbh_runner_plan_key(uint64_t key, const struct wbh_scenario *scenario) {
    key = mix(key, scenario->fault_count);
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        const struct wbh_decision *fault = &scenario->faults[i];
        key = mix(key, fault->subject | (uint64_t)fault->ordinal << 32);
        key = mix(key, fault->point | (uint64_t)fault->action << 8 | (uint64_t)fault->about << 16);
        key = mix(key, fault->value);
    }
    return key;
}

/* ---- the reference run ---- */

static void on_event(void *user_data, const struct sim_event *event) {
    wbh_stage_on_event(&((struct wbh_runner *)user_data)->baseline, event);
}

static uint32_t on_incoming(void *user_data, struct sim_endpoint *listener) {
    return wbh_stage_on_incoming(&((struct wbh_runner *)user_data)->baseline, listener);
}

static uint32_t on_incoming_unix(void *user_data, struct sim_unix *listener) {
    return wbh_stage_on_incoming_unix(&((struct wbh_runner *)user_data)->baseline, listener);
}

static int on_idle(void *user_data, uint64_t deadline_ns) {
    return wbh_stage_on_idle(&((struct wbh_runner *)user_data)->baseline, deadline_ns);
}

static void on_process_end(
    void *user_data, unsigned process, enum sim_process_change how, int exit_status) {
    wbh_runner_process_ended(user_data, process, how, exit_status);
}

static void make_baseline(
    struct wbh_runner *runner, const struct wbh_scenario *scenario, bool tolerant) {
    struct sim_config config = wbh_runner_host(scenario);
    config.entropy_seed = scenario->seed;
    config.on_event = on_event;
    config.on_idle = on_idle;
    config.on_incoming = on_incoming;
    config.on_incoming_unix = on_incoming_unix;
    config.on_process_end = on_process_end;
    config.user_data = runner;
    config.observe_kinds = 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_WAIT | 1u << SIM_EVENT_ARRIVE
                           | 1u << SIM_EVENT_PENDING
                           | (scenario->other_count != 0 ? 1u << SIM_EVENT_NOTE : 0);
    config.hides_allocations = true;
    sim_kernel_reset(runner->kernel, &config);
    wbh_runner_build_world(runner, scenario);
    struct wbh_stage_config stage = {
        .kernel = runner->kernel,
        .scenario = scenario,
        .targets = runner->targets,
        .tolerant = tolerant,
    };
    wbh_stage_begin(&runner->baseline, &stage);
    enum sim_stop stop = wbh_runner_play(runner, &runner->baseline);
    runner->baseline_usable = stop == SIM_STOP_EXITED && wbh_stage_is_done(&runner->baseline);
}

/* ---- comparing ---- */

static bool any_injected(const struct sim_fault_counts *faults) {
    for (unsigned point = 0; faults->any && point < WBH_POINT_COUNT; point++) {
        for (unsigned action = 0; action < WBH_ACTION_COUNT; action++) {
            if (faults->injected[point][action] != 0) {
                return true;
            }
        }
    }
    return false;
}

static bool is_transparent(const struct wbh_runner *runner, const struct wbh_result *result) {
    return runner->findings.count == 0 && result->highest_legality < WBH_LEGALITY_FAILING
           && any_injected(&result->faults);
}

/* The reference run stands, made now or known already. */
static void have_baseline(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *result) {
    bool tolerant = runner->stage.tolerant;
    uint64_t key = wbh_runner_key(scenario, options != NULL ? options->trigger : NULL, tolerant);
    bool fresh = options != NULL && (options->flags & WBH_RUN_FRESH_BASELINE) != 0;
    if (fresh || !runner->baseline_known || runner->baseline_key != key) {
        make_baseline(runner, scenario, tolerant);
        runner->baseline_key = key;
        runner->baseline_known = true;
        result->baseline_runs++;
    }
}

/* One program alone, no server and without a peer, depends on nobody: if it comes to its end in one
 * run it must in another. Here it stood still for good, and had to be told. */
static bool stood_still(const struct wbh_runner *runner, const struct wbh_scenario *scenario) {
    const struct wbh_program *program = &runner->roles[0].program;
    return runner->role_count == 1 && scenario->peer_count == 0 && scenario->moment_count == 0
           && program->port == 0 && program->must_succeed != 0 && runner->stage.was_in_vain;
}

static void compare_end(struct wbh_runner *runner) {
    if (runner->baseline_usable && !runner->baseline.told_to_end) {
        wbh_judge_stood_still(&runner->roles[0].judge, &wbh_oracle_divergence);
    }
}

void wbh_runner_compare(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *result) {
    if (!is_transparent(runner, result)) {
        return;
    }
    if (stood_still(runner, scenario)) {
        have_baseline(runner, scenario, options, result);
        compare_end(runner);
        return;
    }
    if (!wbh_runner_is_comparable(runner, result)) {
        return;
    }
    have_baseline(runner, scenario, options, result);
    if (runner->baseline_usable) {
        wbh_runner_differences(runner, &wbh_oracle_divergence, &runner->baseline, "without faults");
    }
}
