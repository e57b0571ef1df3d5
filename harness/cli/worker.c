/* Runs jobs in a child process. */
#include "cli/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/child.h"
#include "cli/triggers.h"
#include "wouldblock/search.h"

static void add_counts(struct cli_outcome *outcome, const struct sim_fault_counts *faults) {
    for (size_t point = 0; point < WBH_POINT_COUNT; point++) {
        for (size_t action = 0; action < WBH_ACTION_COUNT; action++) {
            outcome->offered += faults->offered[point][action];
            outcome->injected += faults->injected[point][action];
            outcome->consumed += faults->consumed[point][action];
        }
    }
}

int cli_job_compares(const struct cli_job *job) {
    return job->trigger != NULL && strcmp(job->trigger, cli_trigger_all) == 0;
}

static struct wbh_run_options options_of(const struct cli_job *job, unsigned flags) {
    return (struct wbh_run_options){
        .flags = flags | (job->is_tolerant ? WBH_RUN_TOLERANT : 0u),
        .trigger = cli_job_compares(job) ? NULL : job->trigger,
        .seed = &job->seed,
        .profile = job->profile,
        .pct_depth = job->pct_depth,
    };
}

/* On the path of its schedule, in place of a profile. */
static int run_schedule(struct wbh_runner *runner, const struct cli_job *job,
    struct wbh_run_options *options, struct wbh_result *out_result, char *error, size_t error_len) {
    struct wbh_search search;
    const struct cli_schedule *schedule = job->schedule;
    struct wbh_branch *branches = calloc(WBH_BRANCHES_MAX, sizeof *branches);
    if (branches == NULL) {
        snprintf(error, error_len, "out of memory");
        return -1;
    }
    memcpy(branches, schedule->branches, schedule->branch_count * sizeof *branches);
    wbh_search_init(&search, runner, job->input->scenario, &schedule->enumeration, options,
        branches, out_result);
    search.source.branch_count = schedule->branch_count;
    wbh_enumerated_source_begin(&search.source);
    int rc = wbh_run(runner, job->input->scenario, &search.options, out_result, error, error_len);
    free(branches);
    return rc;
}

/* With what peers send cut, and everything else benign. */
static int run_cut(struct wbh_runner *runner, const struct cli_job *job,
    struct wbh_run_options *options, struct wbh_result *out_result, char *error, size_t error_len) {
    struct wbh_cut_source source;
    wbh_cut_source_init(&source, *job->cut);
    options->source = &source.base;
    options->legality_max = WBH_LEGALITY_CONTRACT;
    return wbh_run(runner, job->input->scenario, options, out_result, error, error_len);
}

int cli_job_run(struct wbh_runner *runner, const struct cli_job *job, unsigned flags,
    struct wbh_result *out_result, char *error, size_t error_len) {
    struct wbh_run_options options = options_of(job, flags);
    if (job->schedule != NULL) {
        return run_schedule(runner, job, &options, out_result, error, error_len);
    }
    if (job->cut != NULL) {
        return run_cut(runner, job, &options, out_result, error, error_len);
    }
    return (cli_job_compares(job) ? wbh_run_triggers : wbh_run)(
        runner, job->input->scenario, &options, out_result, error, error_len);
}

int cli_job_run_watched(struct wbh_runner *runner, const struct cli_job *job,
    void (*on_event)(void *user_data, const struct sim_event *event), void *user_data,
    struct wbh_result *out_result, char *error, size_t error_len) {
    struct wbh_run_options options = options_of(job, 0);
    options.on_event = on_event;
    options.user_data = user_data;
    if (job->schedule != NULL) {
        return run_schedule(runner, job, &options, out_result, error, error_len);
    }
    if (job->cut != NULL) {
        return run_cut(runner, job, &options, out_result, error, error_len);
    }
    return wbh_run(runner, job->input->scenario, &options, out_result, error, error_len);
}

/* A message under construction. */
struct outgoing {
    struct cli_message_head head;
    const uint8_t *fired;
    struct cli_message_finding finding;
};

static void set_finding(struct outgoing *message, const struct wbh_finding *finding) {
    message->head.has_finding = 1;
    message->finding.finding = *finding;
    message->finding.finding.oracle = NULL;
    snprintf(message->finding.oracle, sizeof message->finding.oracle, "%s", finding->oracle);
}

static void fill_message(struct outgoing *message, const struct wbh_result *result) {
    struct cli_outcome *outcome = &message->head.outcome;
    outcome->verdict = (uint8_t)result->verdict;
    outcome->highest_legality = (uint8_t)result->highest_legality;
    outcome->finding_count = result->finding_count;
    outcome->planned = result->planned;
    outcome->planned_unfired = result->planned_unfired;
    outcome->hash = result->hash;
    outcome->calls = result->calls;
    outcome->time_ns = result->time_ns;
    add_counts(outcome, &result->faults);
    message->head.fired_len = result->planned < WBH_FAULTS_MAX ? result->planned : WBH_FAULTS_MAX;
    message->fired = result->planned_fired;
    if (result->finding_count != 0) {
        set_finding(message, &result->findings[0]);
    }
}

/* A comparison of triggers is judged by the comparison alone: what one mode does wrong by itself
 * shows in that mode's own run. */
static void keep_comparison_only(const struct cli_job *job, struct outgoing *message) {
    if (message->head.has_finding && strcmp(message->finding.oracle, "triggers") == 0) {
        return;
    }
    message->head.outcome.verdict = job->input->scenario->verdict;
    message->head.outcome.finding_count = 0;
    message->head.has_finding = 0;
}

static void run_job(struct wbh_runner *runner, const struct cli_job *job, struct wbh_result *result,
    struct outgoing *message) {
    struct wbh_finding unrunnable = {.oracle = ""};
    message->head = (struct cli_message_head){.outcome = {.is_done = 1}};
    int rc = cli_job_run(runner, job, 0, result, unrunnable.text, sizeof unrunnable.text);
    if (rc != 0) {
        message->head.outcome.is_unrunnable = 1;
        set_finding(message, &unrunnable);
        return;
    }
    fill_message(message, result);
    if (cli_job_compares(job)) {
        keep_comparison_only(job, message);
    }
}

static int send_message(int results, const struct outgoing *message) {
    int rc = cli_write_all(results, &message->head, sizeof message->head);
    if (rc == 0 && message->head.fired_len != 0) {
        rc = cli_write_all(results, message->fired, message->head.fired_len);
    }
    if (rc == 0 && message->head.has_finding) {
        rc = cli_write_all(results, &message->finding, sizeof message->finding);
    }
    return rc;
}

void cli_worker_serve(const struct cli_job *jobs, int orders, int results, unsigned seconds) {
    struct wbh_runner *runner = wbh_runner_new();
    struct wbh_result *result = calloc(1, sizeof *result);
    struct outgoing *message = calloc(1, sizeof *message);
    if (runner == NULL || result == NULL || message == NULL) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    cli_child_watch(runner, seconds);
    struct cli_range range;
    while (cli_read_all(orders, &range, sizeof range) == 0) {
        for (size_t i = 0; i < range.count; i++) {
            run_job(runner, &jobs[range.first + i], result, message);
            if (send_message(results, message) != 0) {
                break;
            }
        }
    }
    wbh_runner_destroy(runner);
    free(result);
    free(message);
}

const char *cli_oracle_name(const char *name) {
    const struct wbh_oracle_info *info;
    for (size_t i = 0; (info = wbh_oracle_nth(i)) != NULL; i++) {
        if (strcmp(info->name, name) == 0) {
            return info->name;
        }
    }
    return "";
}
