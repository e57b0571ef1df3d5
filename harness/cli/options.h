/* Options of a verb: one table says how they are parsed and what --help shows, so that the two
 * cannot differ. */
#ifndef WBH_CLI_OPTIONS_H
#define WBH_CLI_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"

/* Exactly one of flag, string and number is set. */
struct cli_option {
    const char *name;     /* without dashes; NULL: only the letter */
    char letter;          /* 0: none */
    const char *argument; /* what --help calls its value; NULL for flags */
    const char *help;     /* may have several lines */
    int *flag;
    const char **string;
    uint64_t *number;
    uint64_t number_min; /* inclusive; both 0: any number */
    uint64_t number_max;
    int *given;                 /* set to 1 when a number or string was given; may be NULL */
    const char *const *choices; /* NULL-terminated: the only values; NULL: any */
};

struct cli_usage {
    const char *verb;
    const char *arguments; /* behind the verb on the first line of --help */
    const char *text;      /* what the verb does; ends with a line feed */
    const struct cli_option *options;
    size_t option_count;
    const char *epilogue; /* examples; ends with a line feed; may be NULL */
};

enum cli_parsed {
    CLI_PARSED,      /* go on */
    CLI_PARSED_HELP, /* --help was printed: exit 0 */
    CLI_PARSED_BAD,  /* a message was printed: exit 2 */
};

/* Parses argv[1..]: --name VALUE, --name=VALUE, -xVALUE, -x VALUE; "--" ends options; options and
 * operands may be mixed. Operands are moved to the front of argv + 1, in their order. */
enum cli_parsed cli_parse(
    const struct cli_usage *usage, int argc, char **argv, int *out_operand_count);

/* The exit status of a verb that has nothing to do because of what cli_parse said. */
static inline int cli_parsed_status(enum cli_parsed parsed) {
    return parsed == CLI_PARSED_HELP ? CLI_OK : CLI_USAGE;
}

#endif
