/* The verb `semantics`: the rules of readiness, each shown on the simulated kernel and on this
 * machine's. */
#include "cli/semantics.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/file.h"
#include "cli/options.h"
#include "report/report.h"
#include "semantics/show.h"

/* cli_isolate waits CLI_PATIENCE times as long for a case that says nothing. */
enum { CASE_SECONDS = 1 };

struct options {
    const char *mode;
    const char *family;
    const char *html;
    int list;
    int json;
    int quiet;
};

/* ---- running ---- */

/* A case on one kernel, in a process of its own: it changes limits and signals there, and may take
 * its process with it. */
struct task {
    const struct wb_contract_case *one;
    const struct wb_sys *real; /* NULL: this machine's */
    int family;
    int is_simulated;
};

static void run_task(void *argument, int orders, int results) {
    const struct task *task = argument;
    struct wbh_outcome outcome;
    struct wbh_text packed = {0};
    close(orders);
    int rc = task->is_simulated ? wbh_trial_simulated(task->one, task->family, &outcome)
                                : wbh_trial_real(task->real, task->one, task->family, &outcome);
    wbh_outcome_pack(&outcome, &packed);
    if (rc != 0 || packed.failed || cli_write_all(results, packed.bytes, packed.len) != 0) {
        _exit(1);
    }
    wbh_text_clean_up(&packed);
    wbh_outcome_clean_up(&outcome);
}

static void describe_death(const struct wbh_finding *finding, struct wbh_outcome *out_outcome) {
    out_outcome->kind = WBH_OUTCOME_DIED;
    if (finding->verdict == WBH_VERDICT_SPIN) {
        (void)snprintf(out_outcome->failure, sizeof out_outcome->failure,
            "the case did not end within %d s", CASE_SECONDS * CLI_PATIENCE);
        return;
    }
    (void)snprintf(out_outcome->failure, sizeof out_outcome->failure, "%.400s", finding->text);
}

static int run_one(struct task *task, struct wbh_outcome *out_outcome) {
    struct wbh_text packed = {0};
    struct wbh_finding finding;
    int status = CLI_OK;
    switch (cli_isolate(run_task, task, CASE_SECONDS, &packed, &finding)) {
    case CLI_ISOLATED_UNABLE:
        status = CLI_USAGE;
        break;
    case CLI_ISOLATED_DIED:
        describe_death(&finding, out_outcome);
        break;
    case CLI_ISOLATED_DONE:
        if (packed.failed || wbh_outcome_unpack(out_outcome, packed.bytes, packed.len) != 0) {
            status = cli_error("semantics: %s: out of memory", task->one->name);
        }
        break;
    }
    wbh_text_clean_up(&packed);
    return status;
}

static int run_case(
    const struct wbh_survey *survey, struct wbh_case_result *result, const struct wb_sys *real) {
    struct task task = {
        .one = result->one, .real = real, .family = survey->family, .is_simulated = 1};
    int status = run_one(&task, &result->simulated);
    if (status == CLI_OK) {
        task.is_simulated = 0;
        status = run_one(&task, &result->real);
    }
    if (status == CLI_OK && wbh_survey_compare(result) != 0) {
        status = cli_error("semantics: out of memory");
    }
    return status;
}

/* On a terminal, which rule is being run; NULL when all have. */
static void show_progress(const char *rule) {
    if (!cli_wants_colour(STDERR_FILENO)) {
        return;
    }
    fprintf(stderr, "\r%-8s%s", rule != NULL ? rule : "", rule != NULL ? "" : "\r");
    fflush(stderr);
}

static int run_survey(struct wbh_survey *survey, const struct wb_sys *real) {
    char name[16];
    for (size_t i = 0; i < survey->rule_count; i++) {
        struct wbh_rule_result *rule = &survey->rules[i];
        for (size_t j = 0; rule->is_wanted && j < rule->case_count; j++) {
            show_progress(wbh_rule_name(rule->rule, name, sizeof name));
            int status = run_case(survey, &rule->cases[j], real);
            if (status != CLI_OK) {
                return status;
            }
        }
    }
    show_progress(NULL);
    wbh_survey_conclude(survey);
    return CLI_OK;
}

/* ---- showing ---- */

static int write_text(struct wbh_text *text) {
    int status = text->failed ? cli_error("semantics: out of memory")
                              : cli_write_stdout(wbh_text_string(text), text->len);
    wbh_text_clean_up(text);
    return status;
}

static int write_json(json_t *document) {
    struct wbh_text text = {0};
    if (document == NULL) {
        return cli_error("semantics: out of memory");
    }
    wbh_report_json_print(document, &text);
    json_decref(document);
    return write_text(&text);
}

static int write_html(const struct wbh_survey *survey, const char *path) {
    struct wbh_text text = {0};
    wbh_show_html(survey, &text);
    int status = text.failed ? cli_error("semantics: out of memory")
                             : cli_write_file(path, text.bytes, text.len);
    wbh_text_clean_up(&text);
    return status;
}

static unsigned show_flags(const struct options *options) {
    unsigned flags = cli_wants_colour(STDOUT_FILENO) ? (unsigned)WBH_SHOW_COLOUR : 0u;
    return flags | (options->quiet ? (unsigned)WBH_SHOW_QUIET : 0u);
}

static int show_list(const struct wbh_survey *survey, const struct options *options) {
    struct wbh_text text = {0};
    if (options->json) {
        return write_json(wbh_show_list_json(survey));
    }
    wbh_show_list(survey, show_flags(options), &text);
    return write_text(&text);
}

static int show_survey(const struct wbh_survey *survey, const struct options *options) {
    struct wbh_text text = {0};
    int status = options->html != NULL ? write_html(survey, options->html) : CLI_OK;
    if (status != CLI_OK) {
        return status;
    }
    if (options->json) {
        return write_json(wbh_show_json(survey));
    }
    wbh_show_text(survey, show_flags(options), &text);
    return write_text(&text);
}

/* ---- what is asked for ---- */

static int want_rules(struct wbh_survey *survey, char **words, int count) {
    if (count == 0) {
        wbh_survey_want_all(survey);
    }
    for (int i = 0; i < count; i++) {
        if (wbh_survey_want(survey, words[i]) != 0) {
            return cli_error("semantics: no rule is called '%s'; "
                             "'wouldblock semantics --list' shows what there is",
                words[i]);
        }
    }
    return CLI_OK;
}

static unsigned modes_to_show(const char *name) {
    unsigned modes = 0;
    for (unsigned mode = 0; mode < WB_CONTRACT_MODE_COUNT; mode++) {
        if (name == NULL || strcmp(name, wbh_mode_name(mode)) == 0) {
            modes |= 1u << mode;
        }
    }
    return modes;
}

static int show(struct wbh_survey *survey, const struct options *options, const struct wb_sys *real,
    char **words, int count) {
    struct utsname name;
    char kernel[sizeof name.sysname + sizeof name.release + sizeof name.machine + 8];
    int status = want_rules(survey, words, count);
    if (status != CLI_OK || options->list) {
        return status != CLI_OK ? status : show_list(survey, options);
    }
    (void)uname(&name);
    (void)snprintf(kernel, sizeof kernel, "%s %s %s", name.sysname, name.release, name.machine);
    survey->kernel = kernel;
    survey->modes = modes_to_show(options->mode);
    survey->family = options->family != NULL && *options->family == '6' ? WB_AF_INET6 : WB_AF_INET;
    if (!wbh_trial_has_family(survey->family)) {
        return cli_error("semantics: this machine has no IPv%s", options->family);
    }
    status = run_survey(survey, real);
    status = status == CLI_OK ? show_survey(survey, options) : status;
    if (status != CLI_OK) {
        return status;
    }
    return wbh_survey_count(survey, WBH_RULE_DIFFERS) > 0 ? CLI_FAILING : CLI_OK;
}

int cli_semantics_on(const struct wb_sys *real, int argc, char **argv) {
    static const char *const modes[] = {
        "level", "edge", "oneshot", "edge-oneshot", "exclusive", NULL};
    static const char *const families[] = {"4", "6", NULL};
    struct options asked = {.list = 0};
    const struct cli_option options[] = {
        {.name = "mode",
            .argument = "MODE",
            .string = &asked.mode,
            .choices = modes,
            .help = "show what level, edge, oneshot, edge-oneshot or exclusive\n"
                    "registrations report, instead of all five"},
        {.name = "family",
            .argument = "N",
            .string = &asked.family,
            .choices = families,
            .help = "4 or 6: over the loopback of IPv4 (default) or IPv6"},
        {.name = "list",
            .flag = &asked.list,
            .help = "print the rules and their cases, run nothing"},
        {.name = "html",
            .argument = "FILE",
            .string = &asked.html,
            .help = "write a page there as well, for reading and printing"},
        {.name = "json",
            .flag = &asked.json,
            .help = "print as JSON (keys: harness/semantics/README.md)"},
        {.name = "quiet",
            .letter = 'q',
            .flag = &asked.quiet,
            .help = "print differences, what is not covered, and the summary"},
    };
    const struct cli_usage usage = {
        .verb = "semantics",
        .arguments = "[RULE...] [OPTION...]",
        .text =
            "Shows the rules of readiness: each is run on the simulated kernel and on the kernel "
            "of\n"
            "this machine, over its loopback, in level, edge, one-shot and edge+one-shot mode and\n"
            "with EPOLLEXCLUSIVE, and printed side by side. RULE is a number as R72, a range as\n"
            "R70-R79, or an event that nothing stands behind as S3; all rules if none is named.\n"
            "Exit status 1 says that the kernels differ, or that both do not do what a rule says.\n"
            "A rule that no case shows yet is printed as NOT COVERED and is no failure.\n",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .epilogue = "examples:\n"
                    "  wouldblock semantics R72 R93\n"
                    "  wouldblock semantics R43-R57 --mode edge\n"
                    "  wouldblock semantics -q --html semantics.html\n",
    };
    int operand_count = 0;
    struct wbh_survey survey;
    enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operand_count);
    if (parsed != CLI_PARSED) {
        return cli_parsed_status(parsed);
    }
    if (wbh_survey_init(&survey) != 0) {
        return cli_error("semantics: out of memory");
    }
    int status = show(&survey, &asked, real, argv + 1, operand_count);
    wbh_survey_clean_up(&survey);
    return status;
}

int cli_semantics(int argc, char **argv) {
    return cli_semantics_on(NULL, argc, argv);
}
