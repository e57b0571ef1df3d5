/* What the verb `explore` shares: one level of a search, and what is told of it. */
#ifndef WBH_CLI_EXPLORE_H
#define WBH_CLI_EXPLORE_H

#include <stdbool.h>

#include "cli/input.h"
#include "cli/pool.h"
#include "wouldblock/search.h"

enum { CLI_LEVELS_MAX = 64 };

struct cli_explore_options {
    uint64_t faults;
    uint64_t limit; /* runs; 0: none */
    uint64_t workers;
    uint64_t seconds;
    int splits;              /* what peers send is cut, and nothing else is chosen */
    const char *preemptions; /* a number, or "all"; NULL: turns are not chosen */
    const char *legality;
    const char *trigger;
    const char *save;
    int tolerant;
    int no_save;
    int as_json;
    int quiet;
};

/* All runs within an enumeration, on several processes: what is to be done, then what came of it.
 * The runs count in the order in which one process would make them, however many there are. */
struct cli_exploration {
    struct cli_job job; /* its schedule is set to that of the run that failed, if one did */
    struct wbh_enumeration enumeration;
    uint64_t runs_max;
    unsigned workers;
    unsigned seconds;
    void (*on_progress)(void *user_data, uint64_t runs); /* now and then; so many were made */
    void *user_data;

    uint64_t runs;     /* up to the first that failed, with it */
    bool is_complete;  /* all there are */
    bool is_cut_short; /* some had more branches than can be kept */
    bool is_sampled;   /* arguments of faults: a few stood for all */
    bool has_strayed;  /* the program did not do the same again: nothing can be said */
    bool is_found;
    struct cli_outcome outcome; /* of the run that failed; its finding is owned */
    struct cli_schedule schedule;
    struct wbh_cut cut; /* of the run that failed, where runs were cut */
    char error[256];    /* the scenario cannot be run; "" otherwise */
};

/* Explores. CLI_OK, or CLI_USAGE after a message when no process could be made. */
int cli_explore_level(struct cli_exploration *exploration);
/* The same for the run that is not cut and each that is; `enumeration` is not looked at. */
int cli_explore_splits(struct cli_exploration *exploration);
void cli_exploration_clean_up(struct cli_exploration *exploration);

/* What became of one level. */
struct cli_level {
    uint64_t runs;
    uint32_t total_max; /* faults and pre-emptions together; WBH_UNBOUNDED: only their bounds */
    bool is_complete;
};

struct cli_explored {
    const struct cli_explore_options *options;
    const struct cli_input *input;
    struct wbh_enumeration enumeration;
    struct cli_level levels[CLI_LEVELS_MAX];
    uint32_t level_count;
    const struct cli_exploration *last;
    uint64_t runs; /* of all levels */
    char *saved;   /* NULL: nothing was */
    const char *saved_as;
};

/* In explore_tell.c. CLI_OK, or CLI_USAGE after a message. */
int cli_explore_tell(const struct cli_explored *explored);
int cli_explore_print_json(const struct cli_explored *explored);

#endif
