/* Writes failing runs out as scenarios. */
#include "cli/save.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/file.h"
#include "cli/trail.h"
#include "report/text.h"

/* A run in a child: of a job, or of a text that should do the same. */
struct trial {
    const struct cli_job *job;
    const char *text; /* of the scenario that should do the same; NULL: the job itself */
    size_t text_len;
    unsigned seconds; /* bound of the watchdog */
    int keep_seed;    /* of the job, in the plan */
};

/* The trigger to be written into the text. A comparison leaves it to whoever replays. */
static const char *text_trigger(const struct cli_job *job) {
    return cli_job_compares(job) ? NULL : job->trigger;
}

/* The scenario with these decisions as its explicit faults. NULL: it cannot be one. */
static char *plan_text(const struct trial *trial, const struct wbh_trace *trace, size_t *out_len) {
    const struct cli_job *job = trial->job;
    char *text = NULL;
    struct wbh_scenario *plan = wbh_scenario_clone(job->input->scenario);
    if (plan != NULL && trace->decision_count <= WBH_FAULTS_MAX
        && wbh_scenario_set_plan(plan, trace->decisions, trace->decision_count) == 0) {
        text = cli_input_print(
            plan, text_trigger(job), NULL, trial->keep_seed ? &job->seed : NULL, out_len);
    }
    wbh_scenario_destroy(plan);
    return text;
}

/* The plan of the job's run, as text, to `results`: nothing at all if it cannot be one. */
static void record_body(void *argument, int orders, int results) {
    (void)orders;
    const struct trial *trial = argument;
    struct wbh_result *result = calloc(1, sizeof *result);
    struct wbh_runner *runner = wbh_runner_new();
    char error[256];
    if (result == NULL || runner == NULL) {
        return;
    }
    cli_child_watch(runner, trial->seconds);
    if (cli_job_run(runner, trial->job, WBH_RUN_RECORD, result, error, sizeof error) != 0) {
        return;
    }
    size_t len = 0;
    char *text = plan_text(trial, wbh_runner_trace(runner), &len);
    if (text != NULL) {
        (void)cli_write_all(results, text, len);
    }
}

/* The same of a run that takes its process with it. */
static void record_trail(const struct trial *trial, unsigned seconds, struct wbh_text *out) {
    struct cli_trail trail;
    wbh_text_clean_up(out);
    if (cli_trail_follow(&trail, trial->job, seconds) == 0) {
        size_t len = 0;
        char *text = plan_text(trial, &trail.trace, &len);
        wbh_text_append(out, text != NULL ? text : "", text != NULL ? len : 0);
        free(text);
    }
    cli_trail_clean_up(&trail);
}

/* The verdict of the text's run, as one byte. */
static void confirm_body(void *argument, int orders, int results) {
    (void)orders;
    const struct trial *trial = argument;
    struct wbh_parse_error parse_error;
    struct cli_input input = {
        .scenario = wbh_scenario_parse(trial->text, trial->text_len, &parse_error)};
    struct wbh_result *result = calloc(1, sizeof *result);
    struct wbh_runner *runner = wbh_runner_new();
    char error[256];
    if (input.scenario == NULL || result == NULL || runner == NULL) {
        return;
    }
    const struct cli_job job = {.input = &input,
        .trigger = cli_job_compares(trial->job) ? trial->job->trigger : NULL,
        .seed = input.scenario->seed,
        .is_tolerant = trial->job->is_tolerant};
    cli_child_watch(runner, trial->seconds);
    if (cli_job_run(runner, &job, 0, result, error, sizeof error) == 0) {
        uint8_t verdict = (uint8_t)result->verdict;
        (void)cli_write_all(results, &verdict, 1);
    }
}

static int is_confirmed(const struct cli_job *job, const char *text, size_t text_len,
    enum wbh_verdict verdict, unsigned seconds) {
    struct trial trial = {.job = job, .text = text, .text_len = text_len, .seconds = seconds};
    struct wbh_text results = {0};
    struct wbh_finding finding;
    int confirmed = 0;
    switch (cli_isolate(confirm_body, &trial, seconds, &results, &finding)) {
    case CLI_ISOLATED_DONE:
        confirmed = results.len == 1 && (uint8_t)results.bytes[0] == (uint8_t)verdict;
        break;
    case CLI_ISOLATED_DIED:
        confirmed = finding.verdict == (uint8_t)verdict;
        break;
    case CLI_ISOLATED_UNABLE:
        break;
    }
    wbh_text_clean_up(&results);
    return confirmed;
}

/* The plan, if there is one and it gives this verdict. */
static char *confirmed_plan(const struct cli_job *job, int keep_seed, enum wbh_verdict verdict,
    unsigned seconds, size_t *out_len) {
    struct trial trial = {.job = job, .keep_seed = keep_seed, .seconds = seconds};
    struct wbh_text plan = {0};
    struct wbh_finding finding;
    enum cli_isolated isolated = cli_isolate(record_body, &trial, seconds, &plan, &finding);
    if (isolated == CLI_ISOLATED_DIED) {
        record_trail(&trial, seconds, &plan);
    }
    if (plan.len == 0 || plan.failed
        || !is_confirmed(job, plan.bytes, plan.len, verdict, seconds)) {
        wbh_text_clean_up(&plan);
        return NULL;
    }
    *out_len = plan.len;
    return plan.bytes;
}

char *cli_save_text(const struct cli_job *job, enum wbh_verdict verdict, unsigned seconds,
    enum cli_saved_as *out_as, size_t *out_len) {
    *out_as = CLI_SAVED_PLAN;
    char *text = confirmed_plan(job, 0, verdict, seconds, out_len);
    if (text == NULL) {
        *out_as = CLI_SAVED_PLAN_SEEDED;
        text = confirmed_plan(job, 1, verdict, seconds, out_len);
    }
    if (text != NULL) {
        return text;
    }
    *out_as = CLI_SAVED_SEED;
    text = cli_input_print(job->input->scenario, job->trigger, job->profile, &job->seed, out_len);
    if (text == NULL) {
        cli_error("%s: out of memory", job->input->path);
    } else if (!is_confirmed(job, text, *out_len, verdict, seconds)) {
        *out_as = CLI_SAVED_UNCONFIRMED;
    }
    return text;
}

/* FNV-1a: names need no more. */
static uint64_t hash_text(const char *text, size_t len) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

/* "FOLDER/NAME-hang-1a2b3c4d.scn". */
static void add_path(struct wbh_text *path, const char *folder, const char *scenario_path,
    enum wbh_verdict verdict, uint64_t hash) {
    const char *slash = strrchr(scenario_path, '/');
    const char *name = strcmp(scenario_path, "-") == 0 ? "stdin"
                       : slash != NULL                 ? slash + 1
                                                       : scenario_path;
    const char *dot = strrchr(name, '.');
    size_t len = dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name);
    size_t folder_len = strlen(folder);
    wbh_text_add(path, folder);
    wbh_text_add(path, folder_len != 0 && folder[folder_len - 1] == '/' ? "" : "/");
    wbh_text_append(path, name, len);
    wbh_text_format(
        path, "-%s-%08" PRIx32 ".scn", wbh_verdict_name(verdict), (uint32_t)(hash ^ (hash >> 32)));
}

const char *cli_saved_as_text(enum cli_saved_as as) {
    switch (as) {
    case CLI_SAVED_PLAN:
        return "every fault of the run is written out";
    case CLI_SAVED_PLAN_SEEDED:
        return "every fault of the run is written out; the seed matters beside them";
    case CLI_SAVED_SEED:
        return "profile and seed of the run, whose faults could not be written out";
    case CLI_SAVED_UNCONFIRMED:
        return "profile and seed of the run; NOT CONFIRMED: the next run gave another verdict";
    }
    return "";
}

static void add_heading(struct wbh_text *out, const struct cli_job *job,
    const struct cli_outcome *outcome, enum cli_saved_as as, const char *path) {
    const char *sentence = outcome->finding != NULL ? outcome->finding->text : "";
    wbh_text_format(out, "# %s: %.*s\n", wbh_verdict_name((enum wbh_verdict)outcome->verdict),
        (int)strcspn(sentence, "\n"), sentence);
    wbh_text_format(out, "# from %s, ", job->input->path);
    if (job->schedule != NULL || job->cut != NULL) {
        wbh_text_add(out, "by explore");
    } else {
        wbh_text_format(out, "seed %" PRIu64, job->seed);
    }
    if (job->pct_depth != 0) {
        wbh_text_format(out, ", PCT of depth %" PRIu32, job->pct_depth);
    }
    if (job->trigger != NULL) {
        wbh_text_format(out, ", trigger %s", job->trigger);
    }
    wbh_text_format(out, ": %s\n# replay: wouldblock replay %s%s%s\n", cli_saved_as_text(as), path,
        cli_job_compares(job) ? " --trigger all" : "", job->is_tolerant ? " --tolerant" : "");
}

/* Whether the job's own file says exactly this: then there is nothing to save. */
static int is_own_text(const struct cli_job *job, const char *text, size_t text_len) {
    size_t own_len = 0;
    char *own = job->input->form == CLI_FORM_TEXT && strcmp(job->input->path, "-") != 0
                    ? wbh_scenario_print(job->input->scenario, &own_len)
                    : NULL;
    int is_same = own != NULL && own_len == text_len && memcmp(own, text, text_len) == 0;
    free(own);
    return is_same;
}

char *cli_save(const struct cli_job *job, const struct cli_outcome *outcome, const char *folder,
    unsigned seconds, enum cli_saved_as *out_as) {
    enum wbh_verdict verdict = (enum wbh_verdict)outcome->verdict;
    size_t len = 0;
    char *text = cli_save_text(job, verdict, seconds, out_as, &len);
    if (text != NULL && *out_as != CLI_SAVED_UNCONFIRMED && is_own_text(job, text, len)) {
        free(text);
        *out_as = CLI_SAVED_PLAN;
        text = strdup(job->input->path);
        if (text == NULL) {
            cli_error("out of memory");
        }
        return text;
    }
    if (text == NULL || cli_make_directory(folder) != 0) {
        free(text);
        return NULL;
    }
    struct wbh_text path = {0};
    struct wbh_text file = {0};
    add_path(&path, folder, job->input->path, verdict, hash_text(text, len));
    add_heading(&file, job, outcome, *out_as, wbh_text_string(&path));
    wbh_text_append(&file, text, len);
    free(text);
    int status = path.failed || file.failed ? cli_error("out of memory")
                                            : cli_write_file(path.bytes, file.bytes, file.len);
    wbh_text_clean_up(&file);
    if (status != CLI_OK) {
        wbh_text_clean_up(&path);
    }
    return path.bytes;
}
