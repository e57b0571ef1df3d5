/* The verb `replay`: one run, told in full. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/file.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/save.h"
#include "cli/trail.h"
#include "cli/triggers.h"
#include "report/report.h"

struct replay_arguments {
    const char *path;
    const char *as;
    const char *trigger;
    const char *profile;
    const char *plan;
    uint64_t seed;
    uint64_t seconds;
    int has_seed;
    int tolerant;
    int json;
    int verbose;
};

struct replay {
    const struct replay_arguments *arguments;
    struct cli_job job;
    unsigned print_flags;
};

/* What the child sends: this, and the report behind it. */
struct replay_head {
    uint8_t status;        /* CLI_* */
    uint8_t is_unrunnable; /* the report is a message */
    uint8_t verdict;
};

static void build_report(const struct replay *replay, const struct wbh_result *result,
    const struct wbh_trace *trace, int is_dead, struct wbh_text *out) {
    const struct cli_job *job = &replay->job;
    struct wbh_report report = {.path = job->input->path,
        .scenario = job->input->scenario,
        .result = result,
        .trace = trace,
        .trigger = job->trigger,
        .seed = job->seed,
        .is_dead = is_dead};
    if (!replay->arguments->json) {
        wbh_report_print(&report, replay->print_flags, out);
        return;
    }
    json_t *document = wbh_report_json(&report);
    if (document == NULL) {
        out->failed = 1;
        return;
    }
    wbh_report_json_print(document, out);
    json_decref(document);
}

static uint8_t status_of(const struct replay *replay, enum wbh_verdict verdict) {
    int expected = replay->job.input->scenario->verdict;
    return (uint8_t)verdict == expected ? CLI_OK : CLI_FAILING;
}

static void replay_body(void *argument, int orders, int results) {
    (void)orders;
    const struct replay *replay = argument;
    const struct cli_job *job = &replay->job;
    struct wbh_runner *runner = wbh_runner_new();
    struct wbh_result *result = calloc(1, sizeof *result);
    struct replay_head head = {.status = CLI_USAGE, .is_unrunnable = 1};
    struct wbh_text report = {0};
    char error[512] = "out of memory";
    if (runner != NULL) {
        cli_child_watch(runner, (unsigned)replay->arguments->seconds);
    }
    if (runner != NULL && result != NULL
        && cli_job_run(runner, job, WBH_RUN_RECORD, result, error, sizeof error) == 0) {
        cli_child_unwatch();
        build_report(replay, result, wbh_runner_trace(runner), 0, &report);
        head.is_unrunnable = 0;
        head.status = status_of(replay, result->verdict);
        head.verdict = (uint8_t)result->verdict;
    } else {
        wbh_text_add(&report, error);
    }
    if (report.failed) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    if (cli_write_all(results, &head, sizeof head) == 0) {
        (void)cli_write_all(results, report.bytes, report.len);
    }
}

/* The report of a run that took its process with it: verdict and diagnosis, and the timeline as far
 * as it came. */
static int report_death(
    const struct replay *replay, const struct wbh_finding *finding, struct wbh_text *out) {
    struct wbh_result *result = calloc(1, sizeof *result);
    if (result == NULL) {
        return cli_error("out of memory");
    }
    result->verdict = (enum wbh_verdict)finding->verdict;
    result->stop = SIM_STOP_KILLED;
    result->finding_count = 1;
    result->findings[0] = *finding;
    struct cli_trail trail;
    int is_followed =
        cli_trail_follow(&trail, &replay->job, (unsigned)replay->arguments->seconds) == 0;
    if (is_followed && trail.trace.event_count != 0) {
        const struct sim_event *last = &trail.trace.events[trail.trace.event_count - 1];
        result->findings[0].time_ns = last->time_ns;
        result->findings[0].step = last->step;
    }
    build_report(replay, result, is_followed ? &trail.trace : NULL, 1, out);
    cli_trail_clean_up(&trail);
    free(result);
    return status_of(replay, (enum wbh_verdict)finding->verdict);
}

static int write_plan(const struct replay *replay, enum wbh_verdict verdict) {
    enum cli_saved_as as;
    size_t len = 0;
    char *text =
        cli_save_text(&replay->job, verdict, (unsigned)replay->arguments->seconds, &as, &len);
    if (text == NULL) {
        return CLI_USAGE;
    }
    int status = cli_write_file(replay->arguments->plan, text, len);
    if (status == CLI_OK && as != CLI_SAVED_PLAN) {
        fprintf(stderr, "wouldblock: %s: %s\n", replay->arguments->plan, cli_saved_as_text(as));
    }
    free(text);
    return status;
}

static int replay_job(struct replay *replay) {
    struct wbh_text results = {0};
    struct wbh_finding finding;
    struct replay_head head = {.status = CLI_USAGE};
    size_t begin = 0;
    switch (cli_isolate(
        replay_body, replay, (unsigned)replay->arguments->seconds, &results, &finding)) {
    case CLI_ISOLATED_DONE:
        if (results.len >= sizeof head) {
            memcpy(&head, results.bytes, sizeof head);
            begin = sizeof head;
        }
        break;
    case CLI_ISOLATED_DIED:
        wbh_text_clean_up(&results);
        head.status = (uint8_t)report_death(replay, &finding, &results);
        head.verdict = finding.verdict;
        break;
    case CLI_ISOLATED_UNABLE:
        break;
    }
    int status = head.status;
    if (results.failed) {
        status = cli_error("%s: out of memory", replay->job.input->path);
    } else if (head.is_unrunnable) {
        cli_input_complain(replay->job.input, wbh_text_string(&results) + begin);
    } else if (status != CLI_USAGE) {
        int written = cli_write_stdout(wbh_text_string(&results) + begin, results.len - begin);
        status = written != CLI_OK ? written : status;
    }
    wbh_text_clean_up(&results);
    if (status != CLI_USAGE && replay->arguments->plan != NULL) {
        int written = write_plan(replay, (enum wbh_verdict)head.verdict);
        status = written != CLI_OK ? written : status;
    }
    return status;
}

static int check_trigger(const struct cli_input *input, const char *trigger) {
    if (trigger == NULL || cli_input_has_trigger(input)) {
        return CLI_OK;
    }
    return cli_error("%s: --trigger %s: program '%s' has no trigger to choose", input->path,
        trigger, input->program->name);
}

static int replay_file(const struct replay_arguments *arguments) {
    struct cli_input input = {0};
    int status = cli_input_load(&input, arguments->path, cli_form_from_name(arguments->as));
    if (status == CLI_OK) {
        status = cli_input_check(&input, cli_input_is_tolerant(&input, arguments->tolerant));
    }
    if (status == CLI_OK) {
        status = check_trigger(&input, arguments->trigger);
    }
    if (status == CLI_OK) {
        struct replay replay = {
            .arguments = arguments,
            .job = {.input = &input,
                .trigger = arguments->trigger,
                .profile = arguments->profile,
                .seed = arguments->has_seed ? arguments->seed : input.scenario->seed,
                .is_tolerant = cli_input_is_tolerant(&input, arguments->tolerant)},
            .print_flags = (cli_wants_colour(1) ? WBH_PRINT_COLOUR : 0)
                           | (arguments->verbose ? WBH_PRINT_VERBOSE : 0),
        };
        status = replay_job(&replay);
    }
    cli_input_clean_up(&input);
    return status;
}

int cli_replay(int argc, char **argv) {
    struct replay_arguments arguments = {.seconds = CLI_SECONDS_DEFAULT};
    const char *const *profiles = cli_profile_names();
    const struct cli_option options[] = {
        {.name = "seed",
            .argument = "N",
            .number = &arguments.seed,
            .given = &arguments.has_seed,
            .help = "run with this seed instead of the scenario's"},
        {.name = "trigger",
            .argument = "MODE",
            .string = &arguments.trigger,
            .choices = cli_trigger_names(),
            .help = "level, edge, oneshot or edge-oneshot, instead of the scenario's; all:\n"
                    "the first of them that fails, or a comparison of their outcomes"},
        {.name = "profile",
            .argument = "NAME",
            .string = &arguments.profile,
            .choices = profiles,
            .help = "none, gentle, hostile or failing, instead of the scenario's"},
        {.name = "tolerant", .flag = &arguments.tolerant, .help = cli_tolerant_help},
        {.name = "plan",
            .argument = "FILE",
            .string = &arguments.plan,
            .help = "write the run there, as a scenario whose faults are all explicit"},
        {.name = "json",
            .flag = &arguments.json,
            .help = "print the report as JSON (keys: harness/report/README.md)"},
        {.name = "verbose",
            .letter = 'v',
            .flag = &arguments.verbose,
            .help = "every event, nothing folded or left out"},
        {.name = "as",
            .argument = "FORM",
            .string = &arguments.as,
            .choices = cli_form_names,
            .help = "take FILE as 'text' or 'binary', whatever it looks like"},
        {.name = "timeout",
            .argument = "SECONDS",
            .number = &arguments.seconds,
            .number_min = 1,
            .number_max = CLI_SECONDS_MAX,
            .help = "so much processor time without a system call is a spin (10)"},
    };
    const struct cli_usage usage = {
        .verb = "replay",
        .arguments = "FILE [OPTION...]",
        .text =
            "Runs one scenario, or any fuzz input as the scenario that it stands for, and tells\n"
            "what came of it: the verdict, the diagnosis, the faults (those that were planned and\n"
            "never fired, too) and the timeline. A file is a scenario text if its name ends in\n"
            "'.scn' or it begins with a comment or the word 'scenario', otherwise a fuzz input,\n"
            "which is cut to the bounds that fuzz targets have. FILE may be '-'.\n",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .epilogue = "examples:\n"
                    "  wouldblock replay findings/echo-hang-1a2b3c4d.scn\n"
                    "  wouldblock replay crash-1f2e --plan crash.scn\n",
    };
    int operand_count = 0;
    enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operand_count);
    if (parsed != CLI_PARSED) {
        return cli_parsed_status(parsed);
    }
    if (operand_count != 1) {
        return cli_error(
            "replay: expected one file, found %d\nTry 'wouldblock replay --help'.", operand_count);
    }
    arguments.path = argv[1];
    return replay_file(&arguments);
}
