/* What a sweep says while it goes on: a few lines for each group that fails, a progress line. */
#include "cli/sweep.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/save.h"
#include "report/names.h"

enum {
    SEEDS_SHOWN = 8,            /* of those that fail alike; the others are counted */
    UNFIRED_SHOWN = 8,          /* of a scenario's faults that never fired; likewise */
    PROGRESS_NS = 100 * 1000000 /* between two drawings of the progress line */
};

void cli_sweep_hide_progress(struct cli_sweep *sweep) {
    if (sweep->shows_progress && sweep->shown_ns != 0) {
        fputs("\r\x1b[K", stderr);
        fflush(stderr);
    }
}

void cli_sweep_show_progress(struct cli_sweep *sweep) {
    if (!sweep->shows_progress) {
        return;
    }
    uint64_t now_ns = cli_now_ns();
    if (now_ns - sweep->shown_ns < PROGRESS_NS || sweep->done_count == sweep->job_count) {
        return;
    }
    sweep->shown_ns = now_ns;
    size_t group = sweep->next_group < sweep->group_count ? sweep->next_group : 0;
    fprintf(stderr, "\r\x1b[K[%zu/%zu] %zu failing  %.60s", sweep->done_count, sweep->job_count,
        sweep->failing_count, sweep->inputs[sweep->groups[group].input].path);
    fflush(stderr);
}

/* Where lines about failures go: the standard output belongs to hashes and JSON when asked for. */
static FILE *tell_stream(const struct cli_sweep *sweep) {
    return sweep->options->hash || sweep->options->as_json ? stderr : stdout;
}

static void tell_error(const struct cli_job *job, const struct cli_outcome *outcome) {
    cli_input_complain(
        job->input, outcome->finding != NULL ? outcome->finding->text : "cannot be run");
}

/* Saves a failing run, if it is the first of its kind or all are wanted. */
static void save_job(struct cli_sweep *sweep, FILE *stream, size_t job) {
    const struct cli_sweep_options *options = sweep->options;
    if (options->no_save) {
        return;
    }
    enum cli_saved_as as = CLI_SAVED_PLAN;
    sweep->saved[job] = cli_save(
        &sweep->jobs[job], &sweep->outcomes[job], options->save, (unsigned)options->seconds, &as);
    if (sweep->saved[job] == NULL) {
        sweep->save_failed = 1;
        return;
    }
    if (as != CLI_SAVED_PLAN) {
        fprintf(stream, "      note: %s\n", cli_saved_as_text(as));
    }
    fprintf(stream, "      replay: wouldblock replay %s%s%s\n", sweep->saved[job],
        cli_job_compares(&sweep->jobs[job]) ? " --trigger all" : "",
        sweep->jobs[job].is_tolerant ? " --tolerant" : "");
}

static int fails_alike(const struct cli_sweep *sweep, size_t a, size_t b) {
    return !sweep->outcomes[a].is_unrunnable && !sweep->outcomes[b].is_unrunnable
           && sweep->outcomes[a].verdict == sweep->outcomes[b].verdict;
}

static void tell_other_seeds(
    const struct cli_sweep *sweep, FILE *stream, const struct cli_group *group, size_t first) {
    size_t end = group->first_job + (size_t)sweep->options->seeds;
    size_t alike = 0;
    size_t shown = 0;
    for (size_t i = first + 1; i < end; i++) {
        alike += (size_t)fails_alike(sweep, first, i);
    }
    if (alike == 0) {
        return;
    }
    fprintf(stream, "      also with seed%s", alike == 1 ? "" : "s");
    for (size_t i = first + 1; shown < alike && shown < SEEDS_SHOWN; i++) {
        if (fails_alike(sweep, first, i)) {
            fprintf(stream, "%s%" PRIu64, shown++ == 0 ? " " : ", ", sweep->jobs[i].seed);
        }
    }
    if (alike > shown) {
        fprintf(stream, " and %zu more", alike - shown);
    }
    fputc('\n', stream);
}

static void tell_unfired_of_run(FILE *stream, const struct cli_outcome *outcome) {
    if (!outcome->is_dead && outcome->planned_unfired != 0) {
        fprintf(stream, " (%" PRIu32 " of %" PRIu32 " explicit faults never fired)",
            outcome->planned_unfired, outcome->planned);
    }
}

static void tell_failure(
    struct cli_sweep *sweep, FILE *stream, const struct cli_group *group, size_t job) {
    const struct cli_outcome *outcome = &sweep->outcomes[job];
    const char *path = sweep->inputs[group->input].path;
    fprintf(stream, "FAIL  %s  seed=%" PRIu64 " trigger=%s  %s, expected %s", path,
        sweep->jobs[job].seed, group->shown, wbh_verdict_name((enum wbh_verdict)outcome->verdict),
        wbh_verdict_name(cli_expected(&sweep->jobs[job])));
    tell_unfired_of_run(stream, outcome);
    fprintf(stream, "%s%s\n", outcome->finding != NULL ? ": " : "",
        outcome->finding != NULL ? outcome->finding->text : "");
    tell_other_seeds(sweep, stream, group, job);
    save_job(sweep, stream, job);
}

uint32_t cli_fault_line(const struct wbh_scenario *scenario, uint32_t fault) {
    return scenario->fault_lines != NULL ? scenario->fault_lines[fault] : 0;
}

void cli_add_fault(struct wbh_text *text, const struct wbh_scenario *scenario, uint32_t fault) {
    wbh_report_add_decision(text, scenario, &scenario->faults[fault]);
}

static void tell_fault(FILE *stream, const struct cli_input *input, uint32_t index) {
    uint32_t line = cli_fault_line(input->scenario, index);
    struct wbh_text text = {0};
    cli_add_fault(&text, input->scenario, index);
    fprintf(stream, "NOTE  %s", input->path);
    if (line != 0) {
        fprintf(stream, ":%" PRIu32, line);
    }
    fprintf(stream, ": never fired: fault %s\n", wbh_text_string(&text));
    wbh_text_clean_up(&text);
}

static int is_last_of_input(const struct cli_sweep *sweep, const struct cli_group *group) {
    return group + 1 == sweep->groups + sweep->group_count || group[1].input != group->input;
}

/* Explicit faults of the scenario that never fired in any run: told once, behind its last group. */
static void tell_unfired(struct cli_sweep *sweep, FILE *stream, const struct cli_group *group) {
    const struct cli_input *input = &sweep->inputs[group->input];
    if (!is_last_of_input(sweep, group) || sweep->options->quiet) {
        return;
    }
    uint32_t left = cli_sweep_input_unfired(sweep, group->input);
    uint32_t shown = 0;
    for (uint32_t i = 0; left > 0 && shown < UNFIRED_SHOWN; i++) {
        if (cli_sweep_is_unfired(sweep, group->input, i)) {
            tell_fault(stream, input, i);
            shown++;
            left--;
        }
    }
    if (left > 0) {
        fprintf(stream, "NOTE  %s: and %" PRIu32 " more never fired\n", input->path, left);
    }
}

static void tell_success(
    const struct cli_sweep *sweep, FILE *stream, const struct cli_group *group) {
    uint64_t unfired = 0;
    for (size_t i = 0; i < sweep->options->seeds; i++) {
        unfired += sweep->outcomes[group->first_job + i].planned_unfired != 0;
    }
    fprintf(stream, "ok    %s  trigger=%s  %" PRIu64 " %s", sweep->inputs[group->input].path,
        group->shown, sweep->options->seeds, sweep->options->seeds == 1 ? "run" : "runs");
    if (sweep->options->seeds == 1) {
        tell_unfired_of_run(stream, &sweep->outcomes[group->first_job]);
    } else if (unfired != 0) {
        fprintf(stream, " (in %" PRIu64 " of them not every explicit fault fired)", unfired);
    }
    fputc('\n', stream);
}

void cli_sweep_tell_group(struct cli_sweep *sweep, const struct cli_group *group) {
    FILE *stream = tell_stream(sweep);
    unsigned told = 0; /* bits of the verdicts told of: one line for all seeds that fail alike */
    size_t end = group->first_job + (size_t)sweep->options->seeds;
    if (group->failing_count != 0) {
        cli_sweep_hide_progress(sweep);
    }
    for (size_t job = group->first_job; job < end; job++) {
        const struct cli_outcome *outcome = &sweep->outcomes[job];
        if (outcome->is_unrunnable) {
            cli_sweep_hide_progress(sweep);
            tell_error(&sweep->jobs[job], outcome);
            break; /* the other seeds cannot be run either */
        }
        if (!cli_is_failing(&sweep->jobs[job], outcome)) {
            continue;
        }
        if ((told & (1u << outcome->verdict)) == 0) {
            told |= 1u << outcome->verdict;
            tell_failure(sweep, stream, group, job);
        } else if (sweep->options->save_all) {
            save_job(sweep, stream, job);
        }
    }
    if (sweep->options->verbose && group->failing_count == 0) {
        tell_success(sweep, stream, group);
    }
    tell_unfired(sweep, stream, group);
}
