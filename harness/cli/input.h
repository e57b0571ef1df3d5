/* Scenarios as the user hands them in: text or fuzz input, told apart by name and content. */
#ifndef WBH_CLI_INPUT_H
#define WBH_CLI_INPUT_H

#include "wouldblock/run.h"
#include "wouldblock/scenario.h"

enum cli_form { CLI_FORM_ANY, CLI_FORM_TEXT, CLI_FORM_BINARY };

/* "text", "binary": the values of --as; NULL is CLI_FORM_ANY. */
extern const char *const cli_form_names[];
enum cli_form cli_form_from_name(const char *name);

struct cli_input {
    const char *path; /* borrowed */
    enum cli_form form;
    struct wbh_scenario *scenario;
    const struct wbh_program *program; /* the first; NULL until cli_input_check */
};

/* Reads and parses. CLI_OK, or CLI_USAGE after a message that begins with file:line:column where
 * there is such a place. Free with cli_input_clean_up. */
int cli_input_load(struct cli_input *input, const char *path, enum cli_form form);

/* Sees whether the scenario can be run at all: its programs exist and, unless the run is tolerant,
 * know their options. Of a fuzz input `ok` is expected from now on, whatever verdict its bytes
 * name: nobody chose it. CLI_OK, or CLI_USAGE after a message. */
int cli_input_check(struct cli_input *input, int is_tolerant);

/* Prints why the runner would not run it: "file:line: SENTENCE" if the sentence begins with a line.
 * Returns CLI_USAGE. */
int cli_input_complain(const struct cli_input *input, const char *sentence);

void cli_input_clean_up(struct cli_input *input);

/* Whether expectations of the script only pace its peers: always so for fuzz inputs, whose scripts
 * nobody wrote, and for texts if `asked`. */
int cli_input_is_tolerant(const struct cli_input *input, int asked);
extern const char cli_tolerant_help[];

/* Whether the program has an option of that name that takes a value. */
int cli_program_has_option(const struct wbh_program *program, const char *name);
/* "trigger=, max-connections=, framed": what a scenario may give the program. Whatever has no room
 * is left out. */
void cli_program_options(const struct wbh_program *program, char *buf, size_t buf_len);

/* Whether one of its programs, all of which are known, has a choice of trigger. */
int cli_input_has_trigger(const struct cli_input *input);

/* The trigger that the scenario gives its first program, or NULL. */
const char *cli_input_trigger(const struct cli_input *input);

/* The scenario's text with this trigger for all its programs that have a choice, and this profile
 * and seed, instead of its own; NULL and a NULL seed
 * keep what is there. Ownership: free() the result; NULL: no memory. */
char *cli_input_print(const struct wbh_scenario *scenario, const char *trigger, const char *profile,
    const uint64_t *seed, size_t *out_len);

#endif
