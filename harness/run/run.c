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
    wbh_judge_init(&runner->judge);
    return runner;
}

void wbh_runner_destroy(struct wbh_runner *runner) {
    if (runner == NULL) {
        return;
    }
    sim_kernel_destroy(runner->kernel);
    wbh_judge_clean_up(&runner->judge);
    wbh_stage_clean_up(&runner->stage);
    wbh_stage_clean_up(&runner->baseline);
    wbh_stage_clean_up(&runner->reference);
    wbh_recorder_clean_up(&runner->recorder);
    free(runner->plan_index);
    free(runner);
}

/* ---- playing ---- */

static int play(void *arg) {
    struct wbh_play *scene = arg;
    struct wbh_runner *runner = scene->runner;
    const struct wb_sys *sys = wb_sim_sys(runner->kernel);
    runner->exit_status =
        runner->program.main(sys, runner->arguments.count, runner->arguments.items);
    runner->returned = true;
    runner->calls = sim_kernel_calls(runner->kernel);
    runner->time_ns = sim_kernel_now(runner->kernel);
    /* What is under way still reaches the peers: the world goes on until it stands still. */
    if (!wbh_stage_is_done(scene->stage) && scene->stage->started) {
        scene->stage->draining = true;
        (void)WB_SYS(sys, poll, NULL, 0, WB_TIMEOUT_INFINITE);
    }
    return runner->exit_status;
}

enum sim_stop wbh_runner_play(struct wbh_runner *runner, struct wbh_stage *stage) {
    struct wbh_play scene = {runner, stage};
    runner->returned = false;
    runner->exit_status = 0;
    int exit_status;
    enum sim_stop stop = sim_kernel_run(runner->kernel, play, &scene, &exit_status);
    if (!runner->returned) {
        runner->calls = sim_kernel_calls(runner->kernel);
        runner->time_ns = sim_kernel_now(runner->kernel);
    }
    return runner->returned ? SIM_STOP_EXITED : stop;
}

struct sim_config wbh_runner_host(const struct wbh_scenario *scenario) {
    const struct wbh_host *host = &scenario->host;
    return (struct sim_config){
        .fd_limit = host->fd_limit,
        .send_buffer_size = host->send_buffer_size,
        .recv_buffer_size = host->recv_buffer_size,
        .memory_max = host->memory_max,
        .calls_max = host->calls_max,
        .time_max_ns = host->time_max_ns,
        .flavour = host->flavour,
    };
}

static void on_event(void *user_data, const struct sim_event *event) {
    struct wbh_runner *runner = user_data;
    if (runner->recording) {
        wbh_recorder_add(&runner->recorder, event);
    }
    if (runner->observer != NULL) {
        runner->observer(runner->observer_data, event);
    }
    if (runner->stage.draining) {
        return;
    }
    if ((runner->judge.kinds >> event->kind & 1u) != 0) {
        wbh_judge_on_event(&runner->judge, event);
    }
    wbh_stage_on_event(&runner->stage, event);
}

static uint32_t on_incoming(void *user_data, struct sim_endpoint *listener) {
    return wbh_stage_on_incoming(&((struct wbh_runner *)user_data)->stage, listener);
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
    if (out->profile == NULL) {
        (void)snprintf(error, error_len, "there is no fault profile \"%.64s\"", profile);
        return -1;
    }
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
    struct wbh_choice_source *source = NULL;
    config->legality_max = conditions->profile->legality_max;
    if (!is_benign(conditions->profile)) {
        wbh_seeded_source_init(&runner->seeded, conditions->profile, conditions->seed);
        source = &runner->seeded.base;
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
        result->planned_unfired += result->planned_fired[i] == 0;
    }
}

/* ---- one run ---- */

static void begin_judging(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    bool tolerant, struct wbh_result *result) {
    struct wbh_judge_config config = {
        .kernel = runner->kernel,
        .scenario = scenario,
        .conservation = runner->program.conservation,
        .independent = runner->program.independent != 0 && !wbh_connections_compete(scenario),
        .serves = runner->program.port != 0 && runner->program.ends_by_itself == 0,
        .registers_on_a_guess = runner->program.registers_on_a_guess != 0,
        .budget_is_arbitrary = tolerant,
        .memory_base = runner->program.memory_base,
        .memory_per_connection = runner->program.memory_per_connection,
        .findings = result->findings,
    };
    wbh_judge_begin(&runner->judge, &config);
}

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
    wbh_judge_at_end(&runner->judge, &ending);
}

static void collect(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    enum sim_stop stop, struct wbh_result *result) {
    result->stop = stop;
    result->exit_status = runner->exit_status;
    result->hash = sim_kernel_hash(runner->kernel);
    result->calls = runner->calls;
    result->time_ns = runner->time_ns;
    result->faults = *sim_faults(runner->kernel);
    result->highest_legality = result->faults.highest_legality_injected;
    count_planned(scenario, result);
}

static void run_once(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct conditions *conditions, struct wbh_result *result) {
    struct sim_config config = wbh_runner_host(scenario);
    set_source(runner, scenario, conditions, &config, result);
    runner->recording = (conditions->flags & WBH_RUN_RECORD) != 0;
    config.on_event = on_event;
    config.on_idle = on_idle;
    config.on_incoming = on_incoming;
    config.user_data = runner;
    bool shows_all = runner->recording || runner->observer != NULL;
    config.observe_kinds = shows_all ? 0 : runner->judge.kinds;
    wbh_arguments_build(&runner->arguments, &runner->program, scenario, conditions->trigger);
    sim_kernel_reset(runner->kernel, &config);
    if (runner->recording) {
        wbh_recorder_begin(&runner->recorder);
    }
    bool tolerant = (conditions->flags & WBH_RUN_TOLERANT) != 0;
    begin_judging(runner, scenario, tolerant, result);
    struct wbh_stage_config stage = {
        .kernel = runner->kernel,
        .judge = &runner->judge,
        .scenario = scenario,
        .port = (uint32_t)runner->program.port,
        .tolerant = tolerant,
    };
    wbh_stage_begin(&runner->stage, &stage);
    enum sim_stop stop = wbh_runner_play(runner, &runner->stage);
    end_judging(runner, stop);
    collect(runner, scenario, stop, result);
    if (runner->recording) {
        wbh_recorder_end(&runner->recorder);
    }
}

int wbh_run(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *out_result, char *error,
    size_t error_len) {
    struct conditions conditions;
    const struct wbh_program *program = wbh_program_find(scenario->program);
    if (program == NULL) {
        (void)snprintf(error, error_len, "there is no program \"%.64s\"", scenario->program);
        return -1;
    }
    if (find_conditions(scenario, options, &conditions, error, error_len) != 0
        || wbh_check(
               scenario, program, (conditions.flags & WBH_RUN_TOLERANT) != 0, error, error_len)
               != 0) {
        return -1;
    }
    runner->program = wbh_program_with_flags(program, scenario);
    runner->observer = options != NULL ? options->on_event : NULL;
    runner->observer_data = options != NULL ? options->user_data : NULL;
    out_result->baseline_runs = 0;
    run_once(runner, scenario, &conditions, out_result);
    if ((conditions.flags & WBH_RUN_NO_DIVERGENCE) == 0) {
        wbh_runner_compare(runner, scenario, options, out_result);
    }
    out_result->finding_count = runner->judge.finding_count;
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
