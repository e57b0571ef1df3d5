/* The verb `run`: arguments, and the order of things. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/file.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/sweep.h"
#include "cli/triggers.h"

/* Loads everything before anything runs: a typing mistake in the last file shows at once, and so
 * do all others. */
static int load_inputs(struct cli_sweep *sweep, const struct cli_paths *paths) {
    int status = CLI_OK;
    sweep->inputs = calloc(paths->count, sizeof *sweep->inputs);
    if (sweep->inputs == NULL) {
        return cli_error("run: out of memory");
    }
    for (size_t i = 0; i < paths->count; i++) {
        struct cli_input *input = &sweep->inputs[sweep->input_count++];
        int loaded = cli_input_load(input, paths->paths[i], CLI_FORM_ANY);
        if (loaded == CLI_OK) {
            loaded = cli_input_check(input, cli_input_is_tolerant(input, sweep->options->tolerant));
        }
        status = loaded != CLI_OK ? loaded : status;
    }
    return status;
}

static int write_results(const struct cli_sweep *sweep) {
    const struct cli_sweep_options *options = sweep->options;
    int status = CLI_OK;
    if (options->hash) {
        status = cli_sweep_print_hashes(sweep);
    } else if (options->as_json) {
        status = cli_sweep_print_json(sweep);
    } else if (!options->quiet) {
        status = cli_sweep_print_summary(sweep);
    }
    if (status == CLI_OK && options->junit != NULL) {
        status = cli_sweep_write_junit(sweep, options->junit);
    }
    return status;
}

static int run_paths(const struct cli_sweep_options *options, const struct cli_paths *paths) {
    struct cli_sweep sweep = {.options = options,
        .shows_progress = isatty(STDERR_FILENO) && !options->quiet && cli_wants_colour(2)};
    int status = load_inputs(&sweep, paths);
    if (status == CLI_OK) {
        status = cli_sweep_plan(&sweep);
    }
    if (status == CLI_OK) {
        status = cli_sweep_run(&sweep);
    }
    if (status == CLI_OK) {
        status = write_results(&sweep);
    }
    if (status == CLI_OK && (sweep.unrunnable_count != 0 || sweep.save_failed)) {
        status = CLI_USAGE;
    }
    if (status == CLI_OK && sweep.failing_count != 0) {
        status = CLI_FAILING;
    }
    cli_sweep_clean_up(&sweep);
    return status;
}

static int check_arguments(const struct cli_sweep_options *options, int operand_count) {
    if (operand_count == 0) {
        return cli_error("run: expected files or folders\nTry 'wouldblock run --help'.");
    }
    if (options->hash && options->as_json) {
        return cli_error("run: --hash and --json both want the standard output: give one");
    }
    if (options->quiet && options->verbose) {
        return cli_error("run: --quiet and --verbose exclude each other");
    }
    return CLI_OK;
}

static int collect_and_run(
    const struct cli_sweep_options *options, int operand_count, char **operands) {
    struct cli_paths paths = {0};
    int status = check_arguments(options, operand_count);
    for (int i = 0; status == CLI_OK && i < operand_count; i++) {
        status = cli_paths_add(&paths, operands[i]) == 0 ? CLI_OK : CLI_USAGE;
    }
    if (status == CLI_OK) {
        cli_paths_sort(&paths);
        status = run_paths(options, &paths);
    }
    cli_paths_clean_up(&paths);
    return status;
}

int cli_run(int argc, char **argv) {
    struct cli_sweep_options run = {.seeds = 1,
        .workers = cli_processor_count(),
        .seconds = CLI_SECONDS_DEFAULT,
        .save = "findings"};
    const char *const *profiles = cli_profile_names();
    const struct cli_option options[] = {
        {.name = "seed",
            .argument = "N",
            .number = &run.seed,
            .given = &run.has_seed,
            .help = "begin with this seed instead of the scenario's"},
        {.name = "seeds",
            .argument = "N",
            .number = &run.seeds,
            .number_min = 1,
            .number_max = CLI_JOBS_MAX,
            .help = "run each with N seeds in a row (1)"},
        {.name = "trigger",
            .argument = "MODE",
            .string = &run.trigger,
            .choices = cli_trigger_names(),
            .help = "level, edge, oneshot or edge-oneshot instead of the scenario's, or\n"
                    "all: each of the four and a comparison of their outcomes;\n"
                    "programs without a choice of trigger run as they are"},
        {.name = "profile",
            .argument = "NAME",
            .string = &run.profile,
            .choices = profiles,
            .help = "none, gentle, hostile or failing, instead of the scenario's"},
        {.name = "pct",
            .argument = "D",
            .number = &run.pct_depth,
            .number_min = 1,
            .number_max = WBH_PCT_DEPTH_MAX,
            .help = "threads take turns by random priorities that change D - 1 times (PCT):\n"
                    "a bug that D events in a certain order show is found by one seed in\n"
                    "N * K^(D-1) or better, of runs with N threads and K calls of theirs"},
        {.name = "tolerant", .flag = &run.tolerant, .help = cli_tolerant_help},
        {.letter = 'j',
            .argument = "N",
            .number = &run.workers,
            .number_min = 1,
            .number_max = CLI_WORKERS_MAX,
            .help = "use N processes (one for each processor)"},
        {.name = "timeout",
            .argument = "SECONDS",
            .number = &run.seconds,
            .number_min = 1,
            .number_max = CLI_SECONDS_MAX,
            .help = "so much processor time without a system call is a spin (10)"},
        {.name = "save",
            .argument = "DIR",
            .string = &run.save,
            .help = "save failing runs there as scenarios (findings)"},
        {.name = "save-all",
            .flag = &run.save_all,
            .help = "save every failing run, not only the first of each scenario,\n"
                    "trigger and verdict"},
        {.name = "no-save", .flag = &run.no_save, .help = "save nothing"},
        {.name = "hash",
            .flag = &run.hash,
            .help = "print 'HASH  PATH  SEED  TRIGGER' for each run and nothing else;\n"
                    "HASH is ---------------- for a run that died"},
        {.name = "json",
            .flag = &run.as_json,
            .help = "print all runs as JSON (keys: harness/report/README.md)"},
        {.name = "junit",
            .argument = "FILE",
            .string = &run.junit,
            .help = "write JUnit XML there: a test case for each scenario and trigger"},
        {.name = "quiet", .letter = 'q', .flag = &run.quiet, .help = "print failures only"},
        {.name = "verbose",
            .letter = 'v',
            .flag = &run.verbose,
            .help = "a line for what passes, too"},
    };
    const struct cli_usage usage = {
        .verb = "run",
        .arguments = "PATH... [OPTION...]",
        .text =
            "Runs scenarios: files, and every *.scn below folders, in the order of their paths. A\n"
            "file named here may be a fuzz input as well. A run fails when its verdict is not the\n"
            "one that the scenario expects, of fuzz inputs always ok; failing runs are saved as\n"
            "scenarios that do the same without profile or seed. All files are read before the\n"
            "first one runs.\n",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .epilogue = "examples:\n"
                    "  wouldblock run scenarios\n"
                    "  wouldblock run scenarios/echo --profile hostile --seeds 1000 --trigger all\n"
                    "  wouldblock run threads.scn --pct 3 --seeds 10000\n"
                    "  wouldblock run scenarios --hash > hashes.txt\n",
    };
    int operand_count = 0;
    enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operand_count);
    if (parsed != CLI_PARSED) {
        return cli_parsed_status(parsed);
    }
    return collect_and_run(&run, operand_count, argv + 1);
}
