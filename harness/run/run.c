/* The runner: one scenario, one program, one kernel; what came of it. */
#include "run/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wbh_runner *wbh_runner_new(void) {
    struct wbh_runner *runner = calloc(1, sizeof(*runner));
    if (runner == NULL) {
        return NULL;
    }
    runner->kernel = sim_kernel_new();
    if (runner->kernel == NULL) {
        free(runner);
        return NULL;
    }
    for (uint32_t i = 0; i < WBH_PROGRAMS_MAX; i++) {
        runner->roles[i].runner = runner;
        runner->roles[i].number = i;
        wbh_judge_init(&runner->roles[i].judge);
    }
    return runner;
}

void wbh_runner_destroy(struct wbh_runner *runner) {
    if (runner == NULL) {
        return;
    }
    sim_kernel_destroy(runner->kernel);
    for (uint32_t i = 0; i < WBH_PROGRAMS_MAX; i++) {
        wbh_judge_clean_up(&runner->roles[i].judge);
    }
    wbh_stage_clean_up(&runner->stage);
    wbh_stage_clean_up(&runner->baseline);
    wbh_stage_clean_up(&runner->reference);
    wbh_recorder_clean_up(&runner->recorder);
    free(runner->plan_index);
    free(runner->plain[0].bytes);
    free(runner->plain[1].bytes);
    free(runner);
}

/* ---- what the kernel tells and asks ---- */

static void on_event(void *user_data, const struct sim_event *event) {
    struct wbh_runner *runner = user_data;
    /* Where programs may begin again the panel knows which of them have ended. */
    if (runner->stage.draining && !runner->panel.is_out[0]) {
        return;
    }
    wbh_panel_on_event(&runner->panel, event);
    wbh_stage_on_event(&runner->stage, event);
}

/* The same in a run that is kept or watched. */
static void on_shown_event(void *user_data, const struct sim_event *event) {
    struct wbh_runner *runner = user_data;
    if (runner->recording) {
        wbh_recorder_add(&runner->recorder, event);
    }
    if (runner->observer != NULL) {
        runner->observer(runner->observer_data, event);
    }
    on_event(user_data, event);
}

static uint32_t on_incoming(void *user_data, struct sim_endpoint *listener) {
    return wbh_stage_on_incoming(&((struct wbh_runner *)user_data)->stage, listener);
}

static uint32_t on_incoming_unix(void *user_data, struct sim_unix *listener) {
    return wbh_stage_on_incoming_unix(&((struct wbh_runner *)user_data)->stage, listener);
}

static void on_process_end(
    void *user_data, unsigned process, enum sim_process_change how, int exit_status) {
    wbh_runner_process_ended(user_data, process, how, exit_status);
}

static void on_console(void *user_data, int fd, const void *data, size_t len) {
    wbh_refusal_on_console(&((struct wbh_runner *)user_data)->refusal, fd, data, len);
}

static int on_idle(void *user_data, uint64_t deadline_ns) {
    return wbh_stage_on_idle(&((struct wbh_runner *)user_data)->stage, deadline_ns);
}

/* ---- what may happen ---- */

struct conditions {
    const struct wbh_profile *profile;
    uint64_t seed;
    unsigned flags;
    const char *trigger;
    struct wbh_choice_source *source; /* NULL: the profile */
    enum wbh_legality legality_max;
    uint32_t pct_depth;
    uint64_t pct_steps;
};

static int find_conditions(const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct conditions *out, char *error, size_t error_len) {
    static const struct wbh_run_options none = {0};
    options = options != NULL ? options : &none;
    const char *profile = options->profile != NULL ? options->profile : scenario->profile;
    profile = profile != NULL ? profile : "none";
    out->profile = wbh_profile_from_name(profile, strlen(profile));
    out->seed = options->seed != NULL ? *options->seed : scenario->seed;
    out->flags = options->flags;
    out->trigger = options->trigger;
    out->source = options->source;
    out->pct_depth = options->pct_depth;
    out->pct_steps = 1;
    if (out->profile == NULL) {
        (void)snprintf(error, error_len, "there is no fault profile \"%.64s\"", profile);
        return -1;
    }
    out->legality_max =
        options->source != NULL ? options->legality_max : out->profile->legality_max;
    return 0;
}

static bool is_benign(const struct wbh_profile *profile) {
    return strcmp(profile->name, "none") == 0;
}

/* A plan that is so short is looked through as fast. */
enum { PLAN_LEN_INDEXED = 16 };

static void set_plan(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    struct wbh_choice_source *otherwise, struct wbh_result *result) {
    memset(result->planned_fired, 0, scenario->fault_count);
    wbh_planned_source_init(&runner->planned, scenario->faults, scenario->fault_count,
        result->planned_fired, otherwise);
    if (scenario->fault_count >= PLAN_LEN_INDEXED) {
        runner->plan_index = wbh_grow(runner->plan_index, &runner->plan_index_capacity,
            wbh_planned_index_len(scenario->fault_count), sizeof(*runner->plan_index));
        wbh_planned_source_index(&runner->planned, runner->plan_index);
    }
}

/* Explicit faults go before the profile; without either there is no source to ask. */
static void set_source(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct conditions *conditions, struct sim_config *config, struct wbh_result *result) {
    struct wbh_choice_source *source = conditions->source;
    config->legality_max = conditions->legality_max;
    if (source == NULL && !is_benign(conditions->profile)) {
        wbh_seeded_source_init(&runner->seeded, conditions->profile, conditions->seed);
        source = &runner->seeded.base;
    }
    if (conditions->pct_depth != 0) {
        wbh_pct_source_init(
            &runner->pct, conditions->pct_depth, conditions->pct_steps, conditions->seed, source);
        source = &runner->pct.base;
    }
    if (scenario->fault_count != 0) {
        set_plan(runner, scenario, source, result);
        source = &runner->planned.base;
        config->legality_max = WBH_LEGALITY_FAILING;
    }
    config->source = source;
    config->entropy_seed = conditions->seed;
}

static void count_planned(const struct wbh_scenario *scenario, struct wbh_result *result) {
    result->planned = scenario->fault_count;
    result->planned_unfired = 0;
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        result->planned_unfired += result->planned_fired[i] != WBH_PLANNED_FIRED;
    }
}

/* ---- one run ---- */

static void begin_judging(struct wbh_runner *runner, struct wbh_result *result) {
    struct wbh_judge *judges[WBH_PROGRAMS_MAX];
    runner->findings = (struct wbh_findings){.items = result->findings};
    for (uint32_t i = 0; i < runner->role_count; i++) {
        judges[i] = &runner->roles[i].judge;
        wbh_runner_begin_judging(runner, &runner->roles[i]);
    }
    wbh_panel_begin(&runner->panel, judges, runner->role_count);
}

/* Those of several that have ended were judged when they did. */
static void end_judging(struct wbh_runner *runner, enum sim_stop stop) {
    struct wbh_ending ending = {
        .stop = stop,
        .exited = runner->returned,
        .exit_status = runner->exit_status,
        .told_to_end = runner->stage.told_to_end || runner->stage.signals_sent,
        .unmet_count = 0,
    };
    if (!wbh_stage_is_done(&runner->stage) && !runner->stage.tolerant) {
        ending.unmet_count = wbh_stage_unmet(&runner->stage);
        ending.unmet = runner->stage.unmet;
    }
    wbh_panel_at_end(&runner->panel, &ending);
    if (!runner->stage.tolerant) {
        wbh_judge_files(&runner->roles[0].judge);
    }
}

static void collect(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    enum sim_stop stop, struct wbh_result *result) {
    result->stop = stop;
    result->exit_status = runner->exit_status;
    result->hash = sim_kernel_hash(runner->kernel);
    result->calls = runner->calls;
    result->time_ns = runner->time_ns;
    const struct sim_fault_counts *faults = sim_faults(runner->kernel);
    if (faults->any || result->faults.any) { /* otherwise both are all 0, and that is much */
        result->faults = *faults;
    }
    result->highest_legality = result->faults.highest_legality_injected;
    count_planned(scenario, result);
}

/* Finds the programs and writes their command lines. */
static int cast_roles(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct conditions *conditions, char *error, size_t error_len) {
    const struct wbh_program *programs[WBH_PROGRAMS_MAX];
    bool tolerant = (conditions->flags & WBH_RUN_TOLERANT) != 0;
    uint32_t count = wbh_scenario_program_count(scenario);
    for (uint32_t i = 0; i < count; i++) {
        struct wbh_cast cast = wbh_scenario_program(scenario, i);
        programs[i] = wbh_program_find(cast.program);
        if (programs[i] == NULL) {
            (void)snprintf(error, error_len, "there is no program \"%.64s\"", cast.program);
            return -1;
        }
    }
    if (wbh_check(scenario, programs, tolerant, error, error_len) != 0) {
        return -1;
    }
    runner->role_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct wbh_cast cast = wbh_scenario_program(scenario, i);
        runner->roles[i].program = wbh_program_with_flags(programs[i], &cast);
        runner->targets[i] = (struct wbh_target){
            wbh_program_port(programs[i], &cast), cast.host, programs[i]->port != 0};
        wbh_arguments_build(&runner->roles[i].arguments, programs[i], &cast, conditions->trigger);
    }
    return 0;
}

static void run_once(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct conditions *conditions, struct wbh_result *result) {
    struct sim_config config = wbh_runner_host(scenario);
    set_source(runner, scenario, conditions, &config, result);
    runner->recording = (conditions->flags & WBH_RUN_RECORD) != 0;
    bool shows_all = runner->recording || runner->observer != NULL;
    config.on_event = shows_all ? on_shown_event : on_event;
    config.on_idle = on_idle;
    config.on_incoming = on_incoming;
    config.on_incoming_unix = on_incoming_unix;
    config.on_process_end = on_process_end;
    config.on_console = on_console;
    config.user_data = runner;
    config.observe_kinds = shows_all ? 0 : runner->roles[0].judge.kinds;
    config.hides_allocations = !shows_all; /* no oracle asks for one that succeeds */
    sim_kernel_reset(runner->kernel, &config);
    if (runner->recording) {
        wbh_recorder_begin(&runner->recorder);
    }
    struct wbh_stage_config stage = {
        .kernel = runner->kernel,
        .panel = &runner->panel,
        .scenario = scenario,
        .targets = runner->targets,
        .tolerant = (conditions->flags & WBH_RUN_TOLERANT) != 0,
    };
    runner->stage.scenario = scenario;
    runner->stage.tolerant = stage.tolerant;
    begin_judging(runner, result);
    wbh_refusal_begin(&runner->refusal);
    wbh_runner_build_world(runner, scenario);
    wbh_stage_begin(&runner->stage, &stage);
    enum sim_stop stop = wbh_runner_play(runner, &runner->stage);
    end_judging(runner, stop);
    collect(runner, scenario, stop, result);
    if (runner->recording) {
        wbh_recorder_end(&runner->recorder);
    }
}

/* So many orders of priorities: how many moments a run has depends on who runs first. */
enum { PCT_MEASURES = 8 };

/* How many moments at which threads could change a run has. That is not known of a run that was not
 * made, so the most of a few without a profile, in which no priority changes, stand for it. */
static void measure_steps(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    struct conditions *conditions, struct wbh_result *result) {
    const bool is_tolerant = (conditions->flags & WBH_RUN_TOLERANT) != 0;
    const uint64_t key =
        wbh_runner_plan_key(wbh_runner_key(scenario, conditions->trigger, is_tolerant), scenario);
    if (runner->pct_steps == 0 || runner->pct_key != key) {
        struct conditions measure = {
            .profile = wbh_profile_from_name("none", strlen("none")),
            .flags = conditions->flags & ~(unsigned)WBH_RUN_RECORD,
            .trigger = conditions->trigger,
            .pct_depth = 1,
            .pct_steps = 1,
        };
        runner->observer = NULL;
        runner->pct_key = key;
        runner->pct_steps = 1;
        for (; measure.seed < PCT_MEASURES; measure.seed++) {
            run_once(runner, scenario, &measure, result);
            if (runner->pct.step > runner->pct_steps) {
                runner->pct_steps = runner->pct.step;
            }
        }
    }
    conditions->pct_steps = runner->pct_steps;
}

int wbh_run(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *out_result, char *error,
    size_t error_len) {
    struct conditions conditions;
    if (find_conditions(scenario, options, &conditions, error, error_len) != 0
        || cast_roles(runner, scenario, &conditions, error, error_len) != 0) {
        return -1;
    }
    if (conditions.pct_depth > 1) {
        measure_steps(runner, scenario, &conditions, out_result);
    }
    runner->observer = options != NULL ? options->on_event : NULL;
    runner->observer_data = options != NULL ? options->user_data : NULL;
    out_result->baseline_runs = 0;
    run_once(runner, scenario, &conditions, out_result);
    if (wbh_refusal_tell(&runner->refusal, scenario, error, error_len) != 0) {
        return -1;
    }
    if ((conditions.flags & WBH_RUN_NO_DIVERGENCE) == 0) {
        wbh_runner_compare(runner, scenario, options, out_result);
    }
    out_result->finding_count = runner->findings.count;
    out_result->verdict = out_result->finding_count != 0
                              ? (enum wbh_verdict)out_result->findings[0].verdict
                              : WBH_VERDICT_OK;
    return 0;
}

uint64_t wbh_runner_calls(const struct wbh_runner *runner) {
    return sim_kernel_calls(runner->kernel);
}

const struct wbh_trace *wbh_runner_trace(const struct wbh_runner *runner) {
    return &runner->recorder.trace;
}

const uint8_t *wbh_runner_received(
    const struct wbh_runner *runner, uint32_t peer, size_t *out_len) {
    if (peer >= runner->stage.actor_count) {
        *out_len = 0;
        return NULL;
    }
    *out_len = runner->stage.actors[peer].received_len;
    return runner->stage.actors[peer].received;
}
