/* The verb `explore`: every placement of at most so many faults, every order of threads within a
 * bound, level after level. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/explore.h"
#include "cli/file.h"
#include "cli/options.h"
#include "cli/save.h"
#include "cli/triggers.h"

enum { FAULTS_MAX = 16, PREEMPTIONS_MAX = 32, PROGRESS_NS = 100 * 1000000 };

static const char all_orders[] = "all";

/* ---- progress, on a terminal ---- */

struct progress {
    bool is_shown;
    uint32_t level;
    uint64_t runs_before; /* of the levels before */
    uint64_t since_ns;
    uint64_t shown_ns;
};

static void show_progress(void *user_data, uint64_t runs) {
    struct progress *progress = user_data;
    const uint64_t now_ns = cli_now_ns();
    if (!progress->is_shown || now_ns - progress->shown_ns < PROGRESS_NS) {
        return;
    }
    progress->shown_ns = now_ns;
    runs += progress->runs_before;
    const uint64_t elapsed_ms = (now_ns - progress->since_ns) / 1000000 + 1;
    fprintf(stderr, "\r\x1b[K[level %" PRIu32 "] %" PRIu64 " runs, %" PRIu64 " a second",
        progress->level, runs, runs * 1000 / elapsed_ms);
    fflush(stderr);
}

static void hide_progress(const struct progress *progress) {
    if (progress->is_shown && progress->shown_ns != 0) {
        fputs("\r\x1b[K", stderr);
        fflush(stderr);
    }
}

/* ---- bounds ---- */

static int read_preemptions(const char *word, struct wbh_enumeration *enumeration) {
    char *end = NULL;
    enumeration->orders = word != NULL;
    if (word == NULL) {
        return CLI_OK;
    }
    if (strcmp(word, all_orders) == 0) {
        enumeration->preemptions_max = WBH_UNBOUNDED;
        return CLI_OK;
    }
    errno = 0;
    const unsigned long number = strtoul(word, &end, 10);
    if (word[0] < '0' || word[0] > '9' || *end != '\0' || errno != 0 || number > PREEMPTIONS_MAX) {
        return cli_error(
            "explore: --preemptions: found '%s', expected a number from 0 to %d, or %s", word,
            PREEMPTIONS_MAX, all_orders);
    }
    enumeration->preemptions_max = (uint32_t)number;
    return CLI_OK;
}

static enum wbh_legality legality_from(const char *name) {
    enum wbh_legality legality = WBH_LEGALITY_KERNEL;
    while (strcmp(wbh_legality_name(legality), name) != 0) {
        legality++;
    }
    return legality;
}

static int read_bounds(
    const struct cli_explore_options *options, struct wbh_enumeration *enumeration) {
    *enumeration = (struct wbh_enumeration){
        .faults_max = (uint32_t)options->faults,
        .legality_max = legality_from(options->legality),
        .total_max = WBH_UNBOUNDED,
    };
    const bool has_bounds = options->faults != 0 || options->preemptions != NULL;
    if (options->splits && has_bounds) {
        return cli_error("explore: --splits cannot be combined with --faults and --preemptions");
    }
    if (!options->splits && !has_bounds) {
        return cli_error("explore: give --faults K, --preemptions P, or both; or --splits\n"
                         "Try 'wouldblock explore --help'.");
    }
    return read_preemptions(options->preemptions, enumeration);
}

/* ---- exploring ---- */

static void begin_level(struct cli_exploration *exploration, const struct cli_explored *explored,
    struct progress *progress) {
    const struct cli_explore_options *options = explored->options;
    *exploration = (struct cli_exploration){
        .job = {.input = explored->input,
            .trigger = options->trigger,
            .seed = explored->input->scenario->seed,
            .is_tolerant = cli_input_is_tolerant(explored->input, options->tolerant)},
        .runs_max = options->limit == 0 ? UINT64_MAX : options->limit - explored->runs,
        .workers = (unsigned)options->workers,
        .seconds = (unsigned)options->seconds,
        .on_progress = show_progress,
        .user_data = progress,
    };
    progress->level = explored->level_count;
    progress->runs_before = explored->runs;
}

static void end_level(struct cli_explored *explored, const struct cli_exploration *exploration) {
    explored->levels[explored->level_count++] = (struct cli_level){
        .runs = exploration->runs,
        .total_max = exploration->enumeration.total_max,
        .is_complete = exploration->is_complete && !exploration->is_cut_short,
    };
    explored->runs += exploration->runs;
}

/* The limit was reached where a level ends: of the next one no run is made. True: it was. */
static bool leave_level(struct cli_explored *explored, const struct wbh_enumeration *level) {
    const uint64_t limit = explored->options->limit;
    if (limit == 0 || explored->runs < limit) {
        return false;
    }
    explored->levels[explored->level_count++] = (struct cli_level){.total_max = level->total_max};
    return true;
}

/* Until a run fails, the limit is reached or there is no further level. */
static int explore_levels(struct cli_explored *explored, struct cli_exploration *exploration) {
    struct progress progress = {
        .is_shown = isatty(STDERR_FILENO) && !explored->options->quiet && cli_wants_colour(2),
        .since_ns = cli_now_ns()};
    struct wbh_enumeration level;
    int status = CLI_OK;
    for (uint32_t n = 0; wbh_search_level(&explored->enumeration, n, &level); n++) {
        if (leave_level(explored, &level)) {
            break;
        }
        cli_exploration_clean_up(exploration);
        begin_level(exploration, explored, &progress);
        exploration->enumeration = level;
        status = cli_explore_level(exploration);
        end_level(explored, exploration);
        if (status != CLI_OK || !exploration->is_complete) {
            break;
        }
    }
    hide_progress(&progress);
    return status;
}

/* The one level that there is. */
static int explore_splits(struct cli_explored *explored, struct cli_exploration *exploration) {
    struct progress progress = {
        .is_shown = isatty(STDERR_FILENO) && !explored->options->quiet && cli_wants_colour(2),
        .since_ns = cli_now_ns()};
    begin_level(exploration, explored, &progress);
    exploration->enumeration = explored->enumeration;
    int status = cli_explore_splits(exploration);
    end_level(explored, exploration);
    hide_progress(&progress);
    return status;
}

static int save_failure(struct cli_explored *explored, struct cli_exploration *exploration) {
    const struct cli_explore_options *options = explored->options;
    enum cli_saved_as as = CLI_SAVED_PLAN;
    if (!options->splits) {
        exploration->job.schedule = &exploration->schedule;
    }
    if (options->no_save) {
        return CLI_OK;
    }
    explored->saved = cli_save(
        &exploration->job, &exploration->outcome, options->save, exploration->seconds, &as);
    explored->saved_as = as != CLI_SAVED_PLAN ? cli_saved_as_text(as) : NULL;
    return explored->saved != NULL ? CLI_OK : CLI_USAGE;
}

static int conclude(struct cli_explored *explored, struct cli_exploration *exploration) {
    int status = CLI_OK;
    if (exploration->error[0] != '\0') {
        return cli_input_complain(explored->input, exploration->error);
    }
    if (exploration->has_strayed) {
        return cli_error("%s: cannot be explored: the program did not do the same again under the "
                         "same decisions",
            explored->input->path);
    }
    if (exploration->is_found) {
        status = save_failure(explored, exploration);
    }
    explored->last = exploration;
    const int told =
        explored->options->as_json ? cli_explore_print_json(explored) : cli_explore_tell(explored);
    status = told != CLI_OK ? told : status;
    return status == CLI_OK && exploration->is_found ? CLI_FAILING : status;
}

static int explore_input(const struct cli_explore_options *options, struct cli_input *input,
    const struct wbh_enumeration *enumeration) {
    struct cli_explored explored = {
        .options = options, .input = input, .enumeration = *enumeration};
    struct cli_exploration exploration = {.runs = 0};
    int status = cli_input_check(input, cli_input_is_tolerant(input, options->tolerant));
    if (status == CLI_OK) {
        status = options->splits ? explore_splits(&explored, &exploration)
                                 : explore_levels(&explored, &exploration);
    }
    if (status == CLI_OK) {
        status = conclude(&explored, &exploration);
    }
    free(explored.saved);
    cli_exploration_clean_up(&exploration);
    return status;
}

static int explore_file(
    const struct cli_explore_options *options, int operand_count, char **operands) {
    struct wbh_enumeration enumeration;
    struct cli_input input = {0};
    if (operand_count != 1) {
        return cli_error("explore: expected one file\nTry 'wouldblock explore --help'.");
    }
    int status = read_bounds(options, &enumeration);
    if (status == CLI_OK) {
        status = cli_input_load(&input, operands[0], CLI_FORM_ANY);
    }
    if (status == CLI_OK) {
        status = explore_input(options, &input, &enumeration);
    }
    cli_input_clean_up(&input);
    return status;
}

int cli_explore(int argc, char **argv) {
    static const char *const legalities[] = {"kernel", "contract", "failing", NULL};
    static const char *const triggers[] = {"level", "edge", "oneshot", "edge-oneshot", NULL};
    struct cli_explore_options explore = {.workers = cli_processor_count(),
        .seconds = CLI_SECONDS_DEFAULT,
        .legality = "contract",
        .save = "findings"};
    const struct cli_option options[] = {
        {.name = "faults",
            .argument = "K",
            .number = &explore.faults,
            .number_max = FAULTS_MAX,
            .help = "place at most K faults in a run (0)"},
        {.name = "legality",
            .argument = "NAME",
            .string = &explore.legality,
            .choices = legalities,
            .help = "of faults: kernel, contract (all that a correct program must not\n"
                    "notice), or failing (contract)"},
        {.name = "preemptions",
            .argument = "P",
            .string = &explore.preemptions,
            .help = "choose whose turn it is as well: in every way that takes the turn\n"
                    "from a thread that could go on at most P times; all: any number"},
        {.name = "splits",
            .flag = &explore.splits,
            .help = "instead of both: cut what peers send behind each byte in turn, and\n"
                    "behind every byte; the program reads the parts one after the other"},
        {.name = "limit",
            .argument = "N",
            .number = &explore.limit,
            .number_min = 1,
            .number_max = UINT64_MAX,
            .help = "stop after N runs; that not all were covered is then said, and the exit\n"
                    "status is 0 if none of them failed"},
        {.name = "trigger",
            .argument = "MODE",
            .string = &explore.trigger,
            .choices = triggers,
            .help = "level, edge, oneshot or edge-oneshot instead of the scenario's"},
        {.name = "tolerant", .flag = &explore.tolerant, .help = cli_tolerant_help},
        {.letter = 'j',
            .argument = "N",
            .number = &explore.workers,
            .number_min = 1,
            .number_max = CLI_WORKERS_MAX,
            .help = "use N processes (one for each processor)"},
        {.name = "timeout",
            .argument = "SECONDS",
            .number = &explore.seconds,
            .number_min = 1,
            .number_max = CLI_SECONDS_MAX,
            .help = "so much processor time without a system call is a spin (10)"},
        {.name = "save",
            .argument = "DIR",
            .string = &explore.save,
            .help = "save the failing run there as a scenario (findings)"},
        {.name = "no-save", .flag = &explore.no_save, .help = "save nothing"},
        {.name = "json",
            .flag = &explore.as_json,
            .help = "print what was covered and found as JSON (keys: harness/report/README.md)"},
        {.name = "quiet", .letter = 'q', .flag = &explore.quiet, .help = "show no progress"},
    };
    const struct cli_usage usage = {
        .verb = "explore",
        .arguments = "FILE [OPTION...]",
        .text =
            "Runs a scenario in every way within the bounds that are given: each placement of at\n"
            "most K faults, each order of threads (and of programs) with at most P pre-emptions.\n"
            "All else is benign, whatever profile the scenario names; its explicit faults stay.\n"
            "First come the runs without a fault or pre-emption, then those with one, and so on,\n"
            "so that what is found needs the fewest; then it stops, and saves that run as a\n"
            "scenario. At the end it says what was covered: that nothing failed is a statement\n"
            "about all those runs, and about no other.\n"
            "\n"
            "With --splits nothing else is chosen: the answers must not depend on how the bytes "
            "of\n"
            "a stream are cut on their way.\n"
            "\n"
            "Of lengths and numbers up to 8 all are tried, of larger ones 1, 2, the half and the\n"
            "last; of times a short and a long one; where such a few stood for all, that is "
            "said.\n",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .epilogue = "examples:\n"
                    "  wouldblock explore scenarios/echo/accept_once.scn --faults 2\n"
                    "  wouldblock explore threads.scn --preemptions 2 --limit 1000000\n"
                    "  wouldblock explore scenarios/http/pipelining.scn --splits\n",
    };
    int operand_count = 0;
    enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operand_count);
    if (parsed != CLI_PARSED) {
        return cli_parsed_status(parsed);
    }
    return explore_file(&explore, operand_count, argv + 1);
}
