/* The verb `fidelity`: arguments, and the order of things. */
#include "cli/fidelity.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/file.h"
#include "cli/options.h"
#include "cli/pool.h"
#include "fidelity/text.h"

enum {
    SECONDS_DEFAULT = 10,
    SECONDS_MAX = 1000000,
    STEPS_DEFAULT = 50,
    BYTES_MAX = FID_STEPS_MAX * FID_OP_BYTES,
};

static const char SAVE_DEFAULT[] = "findings"; /* made when there is something to save */

/* ---- what is asked for ---- */

static int complain_of_kind(const char *word) {
    char known[256];
    size_t len = 0;
    for (int i = 0; i < FID_KIND_COUNT; i++) {
        len += (size_t)snprintf(known + len, sizeof known - len, "%s%s", i == 0 ? "" : ", ",
            fid_kind_name((enum fid_kind)i));
    }
    return cli_error("fidelity: --kinds: found '%s', expected some of %s", word, known);
}

static int parse_kinds(struct cli_fidelity_options *options) {
    options->kinds = FID_KINDS_ALL;
    if (options->kind_list == NULL) {
        return CLI_OK;
    }
    options->kinds = 0;
    for (const char *at = options->kind_list; at != NULL;) {
        char word[32];
        size_t len = strcspn(at, ",");
        snprintf(word, sizeof word, "%.*s", (int)len, at);
        int kind = fid_kind_from_name(word);
        if (kind < 0) {
            return complain_of_kind(word); /* also of nothing, before or behind a comma */
        }
        options->kinds |= 1u << kind;
        at = at[len] == ',' ? at + len + 1 : NULL;
    }
    return CLI_OK;
}

/* Anything but *.ops is an input of the fuzz target. */
static int is_text(const char *path) {
    size_t len = strlen(path);
    return len >= 4 && strcmp(path + len - 4, ".ops") == 0;
}

static int load_file(const char *path, struct fid_ops *out_ops) {
    char error[160];
    size_t len = 0;
    uint8_t *bytes = cli_read_file(path, &len);
    if (bytes == NULL) {
        return CLI_USAGE;
    }
    int status = CLI_OK;
    if (!is_text(path)) {
        fid_ops_decode(out_ops, bytes, (uint32_t)(len < BYTES_MAX ? len : BYTES_MAX));
    } else if (fid_ops_parse(out_ops, (const char *)bytes, len, error, sizeof error) != 0) {
        status = cli_error("%s:%s", path, error);
    } else if (out_ops->count == 0) {
        status = cli_error("%s:1: expected an operation, found none in the whole file", path);
    }
    free(bytes);
    return status;
}

/* ---- keeping what differs ---- */

static int write_difference(FILE *out, const struct cli_fidelity_difference *difference) {
    fputs("# The simulated kernel and the real one differ at the last operation:\n", out);
    for (const char *line = difference->story; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        fprintf(out, "# %.*s\n", (int)len, line);
        line += len;
        line += *line == '\n';
    }
    fid_ops_print(&difference->ops, out);
    return ferror(out);
}

static int save_difference(
    const struct cli_fidelity_options *options, struct cli_fidelity_difference *difference) {
    char path[512];
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return cli_error("fidelity: out of memory");
    }
    int status = write_difference(out, difference);
    status |= fclose(out);
    snprintf(path, sizeof path, "%s/fidelity-%016" PRIx64 ".ops", options->save,
        difference->signature != 0 ? difference->signature : difference->index);
    if (status != 0 || cli_make_directory(options->save) != 0) {
        status = CLI_USAGE;
    } else {
        status = cli_write_file(path, text, len);
    }
    if (status == CLI_OK) {
        difference->path = strdup(path);
    }
    free(text);
    return status;
}

static int save_differences(struct cli_fidelity *fidelity) {
    int status = CLI_OK;
    const struct cli_fidelity_options *options = fidelity->options;
    for (size_t i = 0; options->save != NULL && i < fidelity->difference_count; i++) {
        int saved = save_difference(options, &fidelity->differences[i]);
        status = saved != CLI_OK ? saved : status;
    }
    return status;
}

/* ---- the order of things ---- */

static void clean_up(struct cli_fidelity *fidelity) {
    for (size_t i = 0; i < fidelity->difference_count; i++) {
        free(fidelity->differences[i].story);
        free(fidelity->differences[i].simulated);
        free(fidelity->differences[i].real);
        free(fidelity->differences[i].path);
    }
    munmap(fidelity->pages, fidelity->options->workers * sizeof(*fidelity->pages));
}

static int work_and_tell(const struct cli_fidelity_options *options) {
    struct cli_fidelity *fidelity = calloc(1, sizeof(*fidelity));
    if (fidelity == NULL) {
        return cli_error("fidelity: out of memory");
    }
    fidelity->options = options;
    fidelity->pages = mmap(NULL, options->workers * sizeof(*fidelity->pages),
        PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (fidelity->pages == MAP_FAILED) {
        free(fidelity);
        return cli_error("fidelity: out of memory");
    }
    int status = cli_fidelity_work(fidelity);
    if (status == CLI_OK && fidelity->difference_count == 0
        && fidelity->pages[0].limits.kinds == 0) {
        status =
            cli_error("fidelity: nothing to compare: the simulated kernel has none of these kinds");
    }
    if (status == CLI_OK) {
        int saved = save_differences(fidelity);
        status = options->as_json ? cli_fidelity_tell_json(fidelity) : cli_fidelity_tell(fidelity);
        status = status == CLI_OK ? saved : status; /* what cannot be saved is told all the same */
    }
    if (status == CLI_OK && fidelity->difference_count != 0) {
        status = CLI_FAILING;
    }
    clean_up(fidelity);
    free(fidelity);
    return status;
}

static int replay_files(struct cli_fidelity_options *options, char **paths, size_t count) {
    struct fid_ops *files = calloc(count, sizeof(*files));
    int status = files == NULL ? cli_error("fidelity: out of memory") : CLI_OK;
    for (size_t i = 0; files != NULL && i < count; i++) {
        int loaded = load_file(paths[i], &files[i]);
        status = loaded != CLI_OK ? loaded : status;
    }
    if (status == CLI_OK) {
        options->files = files;
        options->paths = paths;
        options->file_count = count;
        options->workers = 1;
        options->save = NULL;
        status = work_and_tell(options);
    }
    free(files);
    return status;
}

static int check_and_run(
    struct cli_fidelity_options *options, int no_save, int operand_count, char **operands) {
    int status = parse_kinds(options);
    if (status != CLI_OK) {
        return status;
    }
    bool is_told_where = options->save != NULL;
    options->save = no_save ? NULL : is_told_where ? options->save : SAVE_DEFAULT;
    options->shows_progress = isatty(STDERR_FILENO) && cli_wants_colour(2);
    if (operand_count != 0) {
        if (options->seconds != 0 || options->sequences != 0 || options->first != 0
            || is_told_where) {
            return cli_error(
                "fidelity: files are run as they are: --time, --sequences, --first and --save "
                "have no meaning for them");
        }
        return replay_files(options, operands, (size_t)operand_count);
    }
    if (is_told_where && !no_save && cli_make_writable_directory(options->save) != 0) {
        return CLI_USAGE;
    }
    if (options->seconds == 0 && options->sequences == 0) {
        options->seconds = SECONDS_DEFAULT;
    }
    return work_and_tell(options);
}

int cli_fidelity(int argc, char **argv) {
    struct cli_fidelity_options fidelity = {.steps = STEPS_DEFAULT, .seed = 1};
    uint64_t workers = cli_processor_count();
    int no_save = 0;
    const struct cli_option options[] = {
        {.name = "first",
            .argument = "N",
            .number = &fidelity.first,
            .number_max = UINT32_MAX,
            .help = "begin with sequence number N of the seed (0)"},
        {.name = "time",
            .argument = "SECONDS",
            .number = &fidelity.seconds,
            .number_min = 1,
            .number_max = SECONDS_MAX,
            .help = "stop after so long (10, unless --sequences is given)"},
        {.name = "sequences",
            .argument = "N",
            .number = &fidelity.sequences,
            .number_min = 1,
            .number_max = UINT64_MAX,
            .help = "stop after so many sequences"},
        {.name = "steps",
            .argument = "N",
            .number = &fidelity.steps,
            .number_min = 1,
            .number_max = CLI_FIDELITY_STEPS_MAX,
            .help = "operations in a sequence, on average (50)"},
        {.name = "seed",
            .argument = "N",
            .number = &fidelity.seed,
            .help = "which sequences: the same seed gives the same ones (1)"},
        {.letter = 'j',
            .argument = "N",
            .number = &workers,
            .number_min = 1,
            .number_max = CLI_WORKERS_MAX,
            .help = "use N processes (one for each processor)"},
        {.name = "kinds",
            .argument = "LIST",
            .string = &fidelity.kind_list,
            .help = "only these, with commas between: tcp4, tcp6, udp4, udp6,\n"
                    "unix-stream, unix-dgram, unix-seqpacket, pipe, eventfd, timerfd,\n"
                    "signalfd, epoll, file, directory, select, urgent (all that the\n"
                    "simulation has)"},
        {.name = "coverage",
            .flag = &fidelity.coverage,
            .help = "list what was never tried: operation, kind and state of the descriptor"},
        {.name = "save",
            .argument = "DIR",
            .string = &fidelity.save,
            .help = "save differences there, as files that can be given here (findings)"},
        {.name = "no-save", .flag = &no_save, .help = "save nothing"},
        {.name = "json",
            .flag = &fidelity.as_json,
            .help = "print the result as JSON (keys: harness/fidelity/README.md)"},
    };
    const struct cli_usage usage = {
        .verb = "fidelity",
        .arguments = "[FILE...] [OPTION...]",
        .text =
            "Runs random sequences of socket, epoll and clock operations on the simulated\n"
            "kernel and on this machine's, over loopback, and compares them step by step:\n"
            "results, errors, bytes, and every reported event in its order. What differs is\n"
            "made as short as it gets, told and saved. A FILE is such a saved sequence, named\n"
            "*.ops (one operation a line), or an input of fuzz_kernel_fidelity, and is run as\n"
            "it stands. Only what depends on time may differ; each such allowance is counted.\n",
        .options = options,
        .option_count = sizeof options / sizeof options[0],
        .epilogue = "examples:\n"
                    "  wouldblock fidelity --time 60 --seed 7\n"
                    "  wouldblock fidelity --kinds tcp4,epoll --sequences 100000 --coverage\n"
                    "  wouldblock fidelity findings/fidelity-1a2b3c4d5e6f7081.ops\n",
    };
    int operand_count = 0;
    enum cli_parsed parsed = cli_parse(&usage, argc, argv, &operand_count);
    if (parsed != CLI_PARSED) {
        return cli_parsed_status(parsed);
    }
    fidelity.workers = (unsigned)workers;
    return check_and_run(&fidelity, no_save, operand_count, argv + 1);
}
