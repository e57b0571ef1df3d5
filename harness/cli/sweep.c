/* Plans a sweep and runs it. */
#include "cli/sweep.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/triggers.h"

/* All modes, and then the comparison of them. */
enum { TRIGGERS_MAX = WBH_TRIGGER_COUNT + 1 };

/* The triggers a scenario is to be run with; returns how many. */
static size_t triggers_of(const struct cli_sweep *sweep, const struct cli_input *input,
    const char *out_triggers[TRIGGERS_MAX]) {
    const char *wanted = sweep->options->trigger;
    if (wanted == NULL || !cli_input_has_trigger(input)) {
        out_triggers[0] = NULL;
        return 1;
    }
    if (strcmp(wanted, cli_trigger_all) != 0) {
        out_triggers[0] = wanted;
        return 1;
    }
    memcpy(out_triggers, cli_trigger_names(), TRIGGERS_MAX * sizeof *out_triggers);
    return sweep->options->hash ? WBH_TRIGGER_COUNT : TRIGGERS_MAX; /* a comparison has no hash */
}

const char *cli_job_trigger(const struct cli_job *job) {
    if (job->trigger != NULL) {
        return job->trigger;
    }
    const char *own = cli_input_trigger(job->input);
    return own != NULL ? own : "-";
}

static void plan_input(struct cli_sweep *sweep, size_t input_index) {
    const struct cli_sweep_options *options = sweep->options;
    const struct cli_input *input = &sweep->inputs[input_index];
    const char *triggers[TRIGGERS_MAX];
    size_t trigger_count = triggers_of(sweep, input, triggers);
    uint64_t first_seed = options->has_seed ? options->seed : input->scenario->seed;
    for (size_t i = 0; i < trigger_count; i++) {
        struct cli_group *group = &sweep->groups[sweep->group_count++];
        *group = (struct cli_group){
            .input = input_index, .trigger = triggers[i], .first_job = sweep->job_count};
        for (uint64_t n = 0; n < options->seeds; n++) {
            sweep->jobs[sweep->job_count++] = (struct cli_job){.input = input,
                .trigger = triggers[i],
                .profile = options->profile,
                .seed = first_seed + n,
                .pct_depth = (uint32_t)options->pct_depth,
                .is_tolerant = cli_input_is_tolerant(input, options->tolerant)};
        }
        group->shown = cli_job_trigger(&sweep->jobs[group->first_job]);
    }
}

int cli_sweep_plan(struct cli_sweep *sweep) {
    const char *triggers[TRIGGERS_MAX];
    size_t group_count = 0;
    for (size_t i = 0; i < sweep->input_count; i++) {
        group_count += triggers_of(sweep, &sweep->inputs[i], triggers);
    }
    assert(group_count != 0); /* who names no file gets a message and no sweep */
    if (sweep->options->seeds > CLI_JOBS_MAX / group_count) {
        return cli_error("run: %zu scenarios and triggers times %zu seeds are more than %d runs",
            group_count, (size_t)sweep->options->seeds, CLI_JOBS_MAX);
    }
    size_t job_count = group_count * (size_t)sweep->options->seeds;
    sweep->groups = calloc(group_count, sizeof *sweep->groups);
    sweep->fired = calloc(sweep->input_count, sizeof *sweep->fired);
    sweep->is_partial = calloc(sweep->input_count, sizeof *sweep->is_partial);
    sweep->jobs = calloc(job_count, sizeof *sweep->jobs);
    sweep->outcomes = calloc(job_count, sizeof *sweep->outcomes);
    sweep->saved = calloc(job_count, sizeof *sweep->saved);
    if (sweep->groups == NULL || sweep->fired == NULL || sweep->is_partial == NULL
        || sweep->jobs == NULL || sweep->outcomes == NULL || sweep->saved == NULL) {
        return cli_error("run: no memory for %zu runs", job_count);
    }
    for (size_t i = 0; i < sweep->input_count; i++) {
        plan_input(sweep, i);
    }
    return CLI_OK;
}

void cli_sweep_clean_up(struct cli_sweep *sweep) {
    for (size_t i = 0; i < sweep->job_count; i++) {
        free(sweep->outcomes[i].finding);
        free(sweep->saved[i]);
    }
    for (size_t i = 0; i < sweep->input_count; i++) {
        cli_input_clean_up(&sweep->inputs[i]);
    }
    free(sweep->inputs);
    free(sweep->groups);
    free(sweep->fired);
    free(sweep->is_partial);
    free(sweep->jobs);
    free(sweep->outcomes);
    free(sweep->saved);
    *sweep = (struct cli_sweep){0};
}

int cli_sweep_is_unfired(const struct cli_sweep *sweep, size_t input, uint32_t fault) {
    return !sweep->is_partial[input] && !sweep->fired[input][fault];
}

uint32_t cli_sweep_input_unfired(const struct cli_sweep *sweep, size_t input) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < sweep->inputs[input].scenario->fault_count; i++) {
        count += (uint32_t)cli_sweep_is_unfired(sweep, input, i);
    }
    return count;
}

uint64_t cli_sweep_unfired(const struct cli_sweep *sweep) {
    uint64_t count = 0;
    for (size_t i = 0; i < sweep->input_count; i++) {
        count += cli_sweep_input_unfired(sweep, i);
    }
    return count;
}

/* Tells of all groups that can be told of now: in their order, whatever order the runs end in. */
static void tell_ready_groups(struct cli_sweep *sweep) {
    while (sweep->next_job < sweep->job_count && sweep->outcomes[sweep->next_job].is_done) {
        sweep->next_job++;
    }
    while (sweep->next_group < sweep->group_count) {
        const struct cli_group *group = &sweep->groups[sweep->next_group];
        if (group->first_job + sweep->options->seeds > sweep->next_job) {
            return;
        }
        cli_sweep_tell_group(sweep, group);
        sweep->next_group++;
    }
}

static void on_outcome(void *user_data, size_t job, const struct cli_outcome *outcome,
    const uint8_t *fired, size_t fired_len) {
    struct cli_sweep *sweep = user_data;
    sweep->outcomes[job] = *outcome;
    sweep->done_count++;
    size_t group = job / (size_t)sweep->options->seeds;
    if (outcome->is_unrunnable) {
        sweep->unrunnable_count++;
    } else if (cli_is_failing(&sweep->jobs[job], outcome)) {
        sweep->failing_count++;
        sweep->groups[group].failing_count++;
    }
    size_t input = sweep->groups[group].input;
    sweep->is_partial[input] |= outcome->is_dead || outcome->is_unrunnable;
    for (size_t i = 0; i < fired_len; i++) {
        sweep->fired[input][i] |= fired[i] == WBH_PLANNED_FIRED;
    }
    tell_ready_groups(sweep);
    cli_sweep_show_progress(sweep);
}

int cli_sweep_run(struct cli_sweep *sweep) {
    const struct cli_pool_options options = {.workers = (unsigned)sweep->options->workers,
        .seconds = (unsigned)sweep->options->seconds,
        .on_outcome = on_outcome,
        .user_data = sweep};
    int rc = cli_pool_run(sweep->jobs, sweep->job_count, &options);
    cli_sweep_hide_progress(sweep);
    return rc == 0 ? CLI_OK : CLI_USAGE;
}
