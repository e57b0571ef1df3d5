/* The reference run: the same scenario on a kernel without faults. Faults that are transparent by
 * their legality must not change what peers of an independent program see.
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

static uint64_t mix_step(
    uint64_t hash, const struct wbh_scenario *scenario, const struct wbh_step *step) {
    hash = mix(hash, step->kind | (uint64_t)step->repeat << 8);
    hash = mix(hash, step->peer | (uint64_t)step->step << 32);
    hash = mix(hash, step->count ^ step->duration_ns << 20);
    return step->data_len != 0 ? mix_bytes(hash, scenario->data + step->data_offset, step->data_len)
                               : hash;
}

/* Hosts and links; scenarios with more than one program or with moments are not compared. */
static uint64_t mix_world(uint64_t hash, const struct wbh_scenario *scenario) {
    hash = mix(hash, scenario->program_host | (uint64_t)scenario->host_count << 32);
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
    return hash;
}

static uint64_t key_of(const struct wbh_scenario *scenario, const char *trigger, bool tolerant) {
    const struct wbh_host *host = &scenario->host;
    uint64_t hash = mix_text(tolerant, scenario->program);
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        hash = mix_text(mix_text(hash, scenario->options[i].name), scenario->options[i].value);
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

/* ---- the reference run ---- */

static void on_event(void *user_data, const struct sim_event *event) {
    wbh_stage_on_event(&((struct wbh_runner *)user_data)->baseline, event);
}

static uint32_t on_incoming(void *user_data, struct sim_endpoint *listener) {
    return wbh_stage_on_incoming(&((struct wbh_runner *)user_data)->baseline, listener);
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
    config.on_process_end = on_process_end;
    config.user_data = runner;
    config.observe_kinds = 1u << SIM_EVENT_CALL | 1u << SIM_EVENT_WAIT | 1u << SIM_EVENT_ARRIVE;
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
    runner->baseline_usable =
        stop == SIM_STOP_EXITED && wbh_stage_is_done(&runner->baseline) && !runner->baseline.lossy;
}

/* ---- comparing ---- */

void wbh_runner_differences(struct wbh_judge *judge, const struct wbh_oracle *oracle,
    const struct wbh_stage *reference, const struct wbh_stage *stage, const char *reference_name) {
    for (uint32_t i = 0; i < stage->actor_count; i++) {
        const struct wbh_actor *a = &reference->actors[i];
        const struct wbh_actor *b = &stage->actors[i];
        size_t count = a->scene_count < b->scene_count ? a->scene_count : b->scene_count;
        for (size_t k = 0; k < count; k++) {
            struct wbh_seen expected = wbh_stage_seen(reference, a, k);
            struct wbh_seen seen = wbh_stage_seen(stage, b, k);
            char difference[320];
            struct wbh_prose prose;
            wbh_prose_init(&prose, difference, sizeof(difference));
            if (wbh_seen_differ(&expected, &seen, &prose)) {
                wbh_judge_diverged(judge, oracle, seen.subject, reference_name, difference);
            }
        }
    }
}

static bool has_option(const struct wbh_scenario *scenario, const char *name) {
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        if (strcmp(scenario->options[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

bool wbh_connections_compete(const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < scenario->host_count; i++) {
        const struct wbh_host *system = &scenario->hosts[i].system;
        if (system->fd_limit != 0 || system->memory_max != 0) {
            return true;
        }
    }
    return scenario->host.fd_limit != 0 || scenario->host.memory_max != 0
           || has_option(scenario, "max-connections") || has_option(scenario, "backlog");
}

static bool has_step(const struct wbh_scenario *scenario, enum wbh_step_kind kind) {
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        for (uint32_t k = 0; k < scenario->peers[i].step_count; k++) {
            if (scenario->peers[i].steps[k].kind == kind) {
                return true;
            }
        }
    }
    return false;
}

bool wbh_datagrams_overtake(const struct wbh_scenario *scenario) {
    bool has_jitter = false;
    for (uint32_t i = 0; i < scenario->link_count; i++) {
        has_jitter = has_jitter || scenario->links[i].jitter_ns != 0;
    }
    return has_jitter && has_step(scenario, WBH_STEP_BIND_UDP);
}

/* A name that a peer binds, and the host it is of. */
struct bound_name {
    uint32_t host;
    uint32_t len;
    const uint8_t *bytes;
};

static bool is_among(
    const struct bound_name *names, uint32_t count, const struct bound_name *name) {
    for (uint32_t i = 0; i < count; i++) {
        if (names[i].host == name->host && names[i].len == name->len
            && memcmp(names[i].bytes, name->bytes, name->len) == 0) {
            return true;
        }
    }
    return false;
}

bool wbh_names_pass_on(const struct wbh_scenario *scenario) {
    enum { NAMES_MAX = 64 }; /* of more one is taken to stand twice */
    struct bound_name names[NAMES_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < scenario->peer_count; i++) {
        const struct wbh_peer *peer = &scenario->peers[i];
        for (uint32_t k = 0; k < peer->step_count; k++) {
            const struct wbh_step *step = &peer->steps[k];
            if (step->kind != WBH_STEP_BIND_DATAGRAM || step->data_len == 0) {
                continue;
            }
            struct bound_name name = {
                peer->host, step->data_len, scenario->data + step->data_offset};
            if (count == NAMES_MAX || is_among(names, count, &name)) {
                return true;
            }
            names[count++] = name;
        }
    }
    return false;
}

static bool any_injected(const struct sim_fault_counts *faults) {
    for (unsigned point = 0; point < WBH_POINT_COUNT; point++) {
        for (unsigned action = 0; action < WBH_ACTION_COUNT; action++) {
            if (faults->injected[point][action] != 0) {
                return true;
            }
        }
    }
    return false;
}

static bool is_comparable(const struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_result *result) {
    const struct wbh_role *role = &runner->roles[0];
    return runner->role_count == 1 && scenario->moment_count == 0 && role->program.independent != 0
           && runner->findings.count == 0 && result->stop == SIM_STOP_EXITED
           && !role->judge.ledger.failing && result->highest_legality < WBH_LEGALITY_FAILING
           && !wbh_connections_compete(scenario) && !wbh_datagrams_overtake(scenario)
           && !wbh_names_pass_on(scenario) && any_injected(&result->faults);
}

void wbh_runner_compare(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *result) {
    if (!is_comparable(runner, scenario, result)) {
        return;
    }
    bool tolerant = runner->stage.tolerant;
    uint64_t key = key_of(scenario, options != NULL ? options->trigger : NULL, tolerant);
    bool fresh = options != NULL && (options->flags & WBH_RUN_FRESH_BASELINE) != 0;
    if (fresh || !runner->baseline_known || runner->baseline_key != key) {
        make_baseline(runner, scenario, tolerant);
        runner->baseline_key = key;
        runner->baseline_known = true;
        result->baseline_runs++;
    }
    if (runner->baseline_usable) {
        wbh_runner_differences(&runner->roles[0].judge, &wbh_oracle_divergence, &runner->baseline,
            &runner->stage, "without faults");
    }
}
