/* What the verbs of the command share: exit statuses, error messages, output. */
#ifndef WBH_CLI_COMMAND_H
#define WBH_CLI_COMMAND_H

#include <stddef.h>

enum {
    CLI_OK = 0,      /* everything as expected */
    CLI_FAILING = 1, /* a verdict that was not expected */
    CLI_USAGE = 2,   /* bad arguments or bad input; or a scenario cannot be run */
};

/* The verbs: argv[0] is the verb; each returns the exit status. */
int cli_run(int argc, char **argv);
int cli_replay(int argc, char **argv);
int cli_explain(int argc, char **argv);
int cli_encode(int argc, char **argv);
int cli_explore(int argc, char **argv);
int cli_semantics(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_fidelity(int argc, char **argv);

/* Prints "wouldblock: MESSAGE" to the standard error output and returns CLI_USAGE. */
int cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Writes to the standard output and sees to it that all of it got there. Returns CLI_OK, or
 * CLI_USAGE after a message. */
int cli_write_stdout(const char *bytes, size_t len);

/* Whether a stream (1 or 2) is a terminal on which colours are welcome: NO_COLOR and TERM=dumb say
 * no. */
int cli_wants_colour(int fd);

#endif
