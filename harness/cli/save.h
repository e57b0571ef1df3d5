/* Failing runs kept as scenarios: every decision of the run written out as an explicit fault, and
 * tried again before anybody relies on it. */
#ifndef WBH_CLI_SAVE_H
#define WBH_CLI_SAVE_H

#include "cli/pool.h"

/* How the scenario says what happened, best first. */
enum cli_saved_as {
    CLI_SAVED_PLAN,        /* explicit faults only: independent of how seeds are used */
    CLI_SAVED_PLAN_SEEDED, /* explicit faults, and the seed: something else rests on it */
    CLI_SAVED_SEED,        /* profile and seed: the decisions are too many, or died with the run */
    CLI_SAVED_UNCONFIRMED, /* the same, and trying it gave another verdict */
};

/* What a reader of the file should know about that. */
const char *cli_saved_as_text(enum cli_saved_as as);

/* The scenario of a run, as text. Runs it again in processes of its own, at most `seconds` each.
 * Returns NULL after a message. Ownership: free() the result. */
char *cli_save_text(const struct cli_job *job, enum wbh_verdict verdict, unsigned seconds,
    enum cli_saved_as *out_as, size_t *out_len);

/* Writes that text, with a heading that says what it is, into `folder` under a name made of the
 * scenario's, the verdict and the text's hash. A job whose own file is that text already is not
 * written again. Returns the path, or NULL after a message.
 * Ownership: free() the result. */
char *cli_save(const struct cli_job *job, const struct cli_outcome *outcome, const char *folder,
    unsigned seconds, enum cli_saved_as *out_as);

#endif
