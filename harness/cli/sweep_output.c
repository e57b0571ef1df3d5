/* What a sweep leaves behind: the summary, the hashes, JSON, JUnit. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/file.h"
#include "cli/sweep.h"
#include "report/junit.h"
#include "report/report.h"

enum { RUN_FORMAT_VERSION = 1 };

static int write_text(struct wbh_text *text, const char *path) {
    int status = text->failed ? cli_error("run: out of memory")
                              : cli_write_file(path, wbh_text_string(text), text->len);
    wbh_text_clean_up(text);
    return status;
}

static void count_verdicts(const struct cli_sweep *sweep, size_t counts[WBH_VERDICT_COUNT]) {
    for (size_t i = 0; i < sweep->job_count; i++) {
        if (cli_is_failing(&sweep->jobs[i], &sweep->outcomes[i])) {
            counts[sweep->outcomes[i].verdict]++;
        }
    }
}

int cli_sweep_print_summary(const struct cli_sweep *sweep) {
    size_t counts[WBH_VERDICT_COUNT] = {0};
    struct wbh_text text = {0};
    uint64_t injected = 0;
    for (size_t i = 0; i < sweep->job_count; i++) {
        injected += sweep->outcomes[i].injected;
    }
    count_verdicts(sweep, counts);
    wbh_text_count(&text, sweep->input_count, "scenario");
    wbh_text_add(&text, ", ");
    wbh_text_count(&text, sweep->job_count, "run");
    wbh_text_format(&text, ": %zu as expected",
        sweep->job_count - sweep->failing_count - sweep->unrunnable_count);
    if (sweep->failing_count != 0) {
        wbh_text_format(&text, ", %zu failing (", sweep->failing_count);
        const char *separator = "";
        for (size_t verdict = 0; verdict < WBH_VERDICT_COUNT; verdict++) {
            if (counts[verdict] != 0) {
                wbh_text_format(&text, "%s%zu %s", separator, counts[verdict],
                    wbh_verdict_name((enum wbh_verdict)verdict));
                separator = ", ";
            }
        }
        wbh_text_add(&text, ")");
    }
    if (sweep->unrunnable_count != 0) {
        wbh_text_format(&text, ", %zu could not be run", sweep->unrunnable_count);
    }
    wbh_text_add(&text, "; ");
    wbh_text_count(&text, injected, "fault");
    wbh_text_add(&text, " injected");
    if (cli_sweep_unfired(sweep) != 0) {
        wbh_text_add(&text, "; ");
        wbh_text_count(&text, cli_sweep_unfired(sweep), "explicit fault");
        wbh_text_add(&text, " never fired");
    }
    wbh_text_add(&text, "\n");
    return write_text(&text, "-");
}

struct hash_line {
    const struct cli_job *job;
    const struct cli_outcome *outcome;
};

/* By path, seed, trigger. */
static int compare_hash_lines(const void *a, const void *b) {
    const struct cli_job *first = ((const struct hash_line *)a)->job;
    const struct cli_job *second = ((const struct hash_line *)b)->job;
    int order = strcmp(first->input->path, second->input->path);
    if (order == 0) {
        order = (first->seed > second->seed) - (first->seed < second->seed);
    }
    return order != 0 ? order : strcmp(cli_job_trigger(first), cli_job_trigger(second));
}

int cli_sweep_print_hashes(const struct cli_sweep *sweep) {
    struct hash_line *lines = calloc(sweep->job_count, sizeof *lines);
    if (lines == NULL) {
        return cli_error("run: out of memory");
    }
    for (size_t i = 0; i < sweep->job_count; i++) {
        lines[i] = (struct hash_line){&sweep->jobs[i], &sweep->outcomes[i]};
    }
    qsort(lines, sweep->job_count, sizeof *lines, compare_hash_lines);
    struct wbh_text text = {0};
    for (size_t i = 0; i < sweep->job_count; i++) {
        const struct cli_outcome *outcome = lines[i].outcome;
        if (outcome->is_dead || outcome->is_unrunnable) {
            wbh_text_add(&text, "----------------");
        } else {
            wbh_text_format(&text, "%016" PRIx64, outcome->hash);
        }
        wbh_text_format(&text, "  %s  %" PRIu64 "  %s\n", lines[i].job->input->path,
            lines[i].job->seed, cli_job_trigger(lines[i].job));
    }
    free(lines);
    return write_text(&text, "-");
}

static json_t *count_json(uint64_t count) {
    return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count);
}

static json_t *string_or_null(const char *string) {
    return string != NULL ? wbh_report_json_string(string) : json_null();
}

static json_t *run_json(const struct cli_sweep *sweep, size_t index) {
    const struct cli_job *job = &sweep->jobs[index];
    const struct cli_outcome *outcome = &sweep->outcomes[index];
    const char *profile = job->profile != NULL ? job->profile : job->input->scenario->profile;
    json_t *run = json_object();
    int rc = 0;
    rc |= wbh_report_json_set(run, "path", wbh_report_json_string(job->input->path));
    rc |= wbh_report_json_set(run, "program", wbh_report_json_string(job->input->program->name));
    rc |= wbh_report_json_set(run, "seed", json_sprintf("%" PRIu64, job->seed));
    rc |= wbh_report_json_set(run, "trigger", wbh_report_json_string(cli_job_trigger(job)));
    rc |= wbh_report_json_set(run, "profile", string_or_null(profile));
    rc |= wbh_report_json_set(run, "expected", json_string(wbh_verdict_name(cli_expected(job))));
    if (outcome->is_unrunnable) {
        rc |= wbh_report_json_set(
            run, "error", string_or_null(outcome->finding != NULL ? outcome->finding->text : NULL));
        rc |= wbh_report_json_set(run, "verdict", json_null());
        rc |= wbh_report_json_set(run, "as_expected", json_false());
    } else {
        rc |= wbh_report_json_set(
            run, "verdict", json_string(wbh_verdict_name((enum wbh_verdict)outcome->verdict)));
        rc |= wbh_report_json_set(run, "as_expected", json_boolean(!cli_is_failing(job, outcome)));
        rc |= wbh_report_json_set(run, "hash",
            outcome->is_dead ? json_null() : json_sprintf("%016" PRIx64, outcome->hash));
        rc |= wbh_report_json_set(run, "calls", count_json(outcome->calls));
        rc |= wbh_report_json_set(run, "time_ns", count_json(outcome->time_ns));
        rc |= wbh_report_json_set(run, "faults_offered", count_json(outcome->offered));
        rc |= wbh_report_json_set(run, "faults_injected", count_json(outcome->injected));
        rc |= wbh_report_json_set(run, "faults_consumed", count_json(outcome->consumed));
        rc |= wbh_report_json_set(run, "planned", json_integer(outcome->planned));
        rc |= wbh_report_json_set(run, "planned_unfired", json_integer(outcome->planned_unfired));
        rc |= wbh_report_json_set(run, "highest_legality",
            json_string(wbh_legality_name((enum wbh_legality)outcome->highest_legality)));
        rc |= wbh_report_json_set(run, "finding",
            outcome->finding != NULL
                ? wbh_report_finding_json(job->input->scenario, outcome->finding)
                : json_null());
        rc |= wbh_report_json_set(run, "saved", string_or_null(sweep->saved[index]));
    }
    if (rc != 0) {
        json_decref(run);
        return NULL;
    }
    return run;
}

static int add_unfired_json(json_t *array, const struct cli_input *input, uint32_t fault) {
    json_t *object = json_object();
    struct wbh_text text = {0};
    cli_add_fault(&text, input->scenario, fault);
    int rc = text.failed ? -1 : 0;
    rc |= wbh_report_json_set(object, "path", wbh_report_json_string(input->path));
    rc |= wbh_report_json_set(object, "line", count_json(cli_fault_line(input->scenario, fault)));
    rc |= wbh_report_json_set(object, "fault", json_string(wbh_text_string(&text)));
    wbh_text_clean_up(&text);
    return rc | json_array_append_new(array, object);
}

static json_t *unfired_json(const struct cli_sweep *sweep) {
    json_t *array = json_array();
    int rc = 0;
    for (size_t i = 0; i < sweep->input_count; i++) {
        for (uint32_t k = 0; rc == 0 && k < sweep->inputs[i].scenario->fault_count; k++) {
            rc = cli_sweep_is_unfired(sweep, i, k) ? add_unfired_json(array, &sweep->inputs[i], k)
                                                   : 0;
        }
    }
    if (rc != 0) {
        json_decref(array);
        return NULL;
    }
    return array;
}

int cli_sweep_print_json(const struct cli_sweep *sweep) {
    json_t *document = json_object();
    json_t *runs = json_array();
    json_t *summary = json_object();
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < sweep->job_count; i++) {
        json_t *run = run_json(sweep, i);
        rc = run == NULL ? -1 : json_array_append_new(runs, run);
    }
    rc |= wbh_report_json_set(summary, "scenarios", count_json(sweep->input_count));
    rc |= wbh_report_json_set(summary, "runs", count_json(sweep->job_count));
    rc |= wbh_report_json_set(summary, "failing", count_json(sweep->failing_count));
    rc |= wbh_report_json_set(summary, "unrunnable", count_json(sweep->unrunnable_count));
    rc |= wbh_report_json_set(summary, "unfired", count_json(cli_sweep_unfired(sweep)));
    rc |= wbh_report_json_set(document, "format", json_string("wouldblock-run"));
    rc |= wbh_report_json_set(document, "version", json_integer(RUN_FORMAT_VERSION));
    rc |= wbh_report_json_set(document, "summary", summary);
    rc |= wbh_report_json_set(document, "runs", runs);
    rc |= wbh_report_json_set(document, "unfired", unfired_json(sweep));
    struct wbh_text text = {0};
    if (rc == 0) {
        wbh_report_json_print(document, &text);
    }
    text.failed |= rc != 0;
    json_decref(document);
    return write_text(&text, "-");
}

/* What JUnit shows of a group's failures. */
static void add_failures(
    struct wbh_text *body, const struct cli_sweep *sweep, const struct cli_group *group) {
    for (size_t i = 0; i < sweep->options->seeds; i++) {
        const struct cli_job *job = &sweep->jobs[group->first_job + i];
        const struct cli_outcome *outcome = &sweep->outcomes[group->first_job + i];
        const char *saved = sweep->saved[group->first_job + i];
        if (!cli_is_failing(job, outcome) && !outcome->is_unrunnable) {
            continue;
        }
        wbh_text_format(body, "seed %" PRIu64 ": %s: %s\n", job->seed,
            outcome->is_unrunnable ? "cannot be run"
                                   : wbh_verdict_name((enum wbh_verdict)outcome->verdict),
            outcome->finding != NULL ? outcome->finding->text : "no finding");
        if (saved != NULL) {
            wbh_text_format(body, "%s%swouldblock replay %s\n",
                outcome->finding != NULL ? outcome->finding->why : "",
                outcome->finding != NULL && *outcome->finding->why != '\0' ? "\n" : "", saved);
        }
    }
}

/* The strings of one test case, which its struct wbh_junit_case borrows. */
struct case_texts {
    struct wbh_text group;
    struct wbh_text name;
    struct wbh_text failure;
    struct wbh_text body;
    struct wbh_text note;
};

static void add_unfired(struct wbh_text *note, const struct cli_sweep *sweep, size_t input) {
    const struct wbh_scenario *scenario = sweep->inputs[input].scenario;
    for (uint32_t i = 0; i < scenario->fault_count; i++) {
        if (cli_sweep_is_unfired(sweep, input, i)) {
            wbh_text_add(note, "never fired in any run: fault ");
            cli_add_fault(note, scenario, i);
            wbh_text_add(note, "\n");
        }
    }
}

static void fill_case(const struct cli_sweep *sweep, const struct cli_group *group,
    struct case_texts *texts, struct wbh_junit_case *out_case) {
    const char *path = sweep->inputs[group->input].path;
    const char *slash = strrchr(path, '/');
    uint64_t first_seed = sweep->jobs[group->first_job].seed;
    size_t last = group->first_job + (size_t)sweep->options->seeds - 1;
    wbh_text_append(&texts->group, path, slash != NULL ? (size_t)(slash - path) : 0);
    wbh_text_add(&texts->name, slash != NULL ? slash + 1 : path);
    wbh_text_format(&texts->name, " trigger=%s seed=%" PRIu64, group->shown, first_seed);
    if (sweep->options->seeds > 1) {
        wbh_text_format(&texts->name, "..%" PRIu64, sweep->jobs[last].seed);
    }
    *out_case = (struct wbh_junit_case){
        .group = wbh_text_string(&texts->group), .name = wbh_text_string(&texts->name)};
    for (size_t job = group->first_job; job <= last && out_case->failure == NULL; job++) {
        const struct cli_outcome *outcome = &sweep->outcomes[job];
        if (!outcome->is_unrunnable && !cli_is_failing(&sweep->jobs[job], outcome)) {
            continue;
        }
        out_case->type = outcome->is_unrunnable
                             ? "unrunnable"
                             : wbh_verdict_name((enum wbh_verdict)outcome->verdict);
        wbh_text_format(&texts->failure, "%s with seed %" PRIu64 ": %s", out_case->type,
            sweep->jobs[job].seed, outcome->finding != NULL ? outcome->finding->text : "");
        add_failures(&texts->body, sweep, group);
        out_case->failure = wbh_text_string(&texts->failure);
        out_case->body = wbh_text_string(&texts->body);
    }
    if (cli_sweep_input_unfired(sweep, group->input) != 0) {
        add_unfired(&texts->note, sweep, group->input);
        out_case->note = wbh_text_string(&texts->note);
    }
}

int cli_sweep_write_junit(const struct cli_sweep *sweep, const char *path) {
    struct wbh_junit_case *cases = calloc(sweep->group_count, sizeof *cases);
    struct case_texts *texts = calloc(sweep->group_count, sizeof *texts);
    struct wbh_text text = {0};
    text.failed = cases == NULL || texts == NULL;
    for (size_t i = 0; !text.failed && i < sweep->group_count; i++) {
        fill_case(sweep, &sweep->groups[i], &texts[i], &cases[i]);
    }
    if (!text.failed) {
        wbh_junit_print("wouldblock", cases, sweep->group_count, &text);
    }
    for (size_t i = 0; texts != NULL && i < sweep->group_count; i++) {
        text.failed |= texts[i].group.failed || texts[i].name.failed || texts[i].failure.failed
                       || texts[i].body.failed || texts[i].note.failed;
        wbh_text_clean_up(&texts[i].group);
        wbh_text_clean_up(&texts[i].name);
        wbh_text_clean_up(&texts[i].failure);
        wbh_text_clean_up(&texts[i].body);
        wbh_text_clean_up(&texts[i].note);
    }
    free(cases);
    free(texts);
    return write_text(&text, path);
}
