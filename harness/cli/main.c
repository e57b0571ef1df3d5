/* The `wouldblock` command: picks the verb. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/suggest.h"

/* A command with programs of its own names the function that makes them known. */
#ifdef WBH_CLI_PREPARE
void WBH_CLI_PREPARE(void);
#endif

static const struct {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} verbs[] = {
    {"run", "run scenarios, over many seeds and triggers", cli_run},
    {"replay", "one scenario or fuzz input: verdict, diagnosis, timeline", cli_replay},
    {"explain", "print a fuzz input as scenario text", cli_explain},
    {"encode", "write scenario text as a fuzz input", cli_encode},
    {"explore", "one scenario in every way: placements of faults, orders of threads", cli_explore},
    {"semantics", "the rules of readiness, on the simulated kernel and on this one", cli_semantics},
    {"fidelity", "random operations on the simulated kernel and on the real one", cli_fidelity},
    {"list", "programs, faults, profiles, oracles, steps, verdicts, fuzz targets", cli_list},
};

static void print_help(FILE *stream) {
    fputs("usage: wouldblock VERB [ARGUMENT...]\n\n"
          "Runs network programs on a simulated kernel that is hostile and deterministic.\n\n"
          "verbs:\n",
        stream);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        fprintf(stream, "  %-11s%s\n", verbs[i].name, verbs[i].summary);
    }
    fputs("\n'wouldblock VERB --help' tells more about each.\n\n"
          "exit status:\n"
          "  0  every verdict was the one its scenario expects\n"
          "  1  a verdict was not\n"
          "  2  bad arguments or bad input: nothing was judged; or a scenario that cannot be run\n",
        stream);
}

static int complain_of_verb(const char *word) {
    char hint[128];
    struct cli_suggestion suggestion = {.wanted = word};
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        cli_suggest(&suggestion, verbs[i].name);
    }
    return cli_error("unknown verb '%s'%s\nTry 'wouldblock --help'.", word,
        cli_suggestion_text(&suggestion, hint, sizeof hint));
}

/* Help goes out when the verb is done: a full disk must not look like success. */
static int finish(int status) {
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        return cli_error("standard output: %s", strerror(errno));
    }
    return status;
}

static int help(int argc, char **argv) {
    if (argc <= 2) {
        print_help(stdout);
        return finish(CLI_OK);
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, argv[2]) == 0) {
            char name[16];
            char option[] = "--help";
            snprintf(name, sizeof name, "%s", verbs[i].name);
            return finish(verbs[i].run(2, (char *[]){name, option, NULL}));
        }
    }
    return complain_of_verb(argv[2]);
}

int main(int argc, char **argv) {
#ifdef WBH_CLI_PREPARE
    WBH_CLI_PREPARE();
#endif
    if (argc < 2) {
        print_help(stderr);
        return CLI_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        return help(argc, argv);
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        printf("wouldblock %s\n", WBH_CLI_VERSION);
        return finish(CLI_OK);
    }
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(verbs[i].name, word) == 0) {
            return finish(verbs[i].run(argc - 1, argv + 1));
        }
    }
    if (word[0] == '-') {
        return cli_error("unknown option '%s'\nTry 'wouldblock --help'.", word);
    }
    return complain_of_verb(word);
}
