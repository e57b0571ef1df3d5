/* The pool: many runs on several child processes. A run that kills its process costs that process
 * and nothing else. */
#ifndef WBH_CLI_POOL_H
#define WBH_CLI_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "cli/input.h"
#include "wouldblock/run.h"

enum { CLI_WORKERS_MAX = 256 };

/* A run among all that are within an enumeration: the answers that it takes at its branches. */
struct cli_schedule {
    struct wbh_enumeration enumeration;
    struct wbh_branch *branches;
    uint32_t branch_count;
};

/* One run: which scenario, how. */
struct cli_job {
    const struct cli_input *input;
    const char *trigger; /* NULL: as the scenario says; "all": all of them, compared */
    const char *profile; /* NULL: as the scenario says */
    uint64_t seed;
    int is_tolerant;                     /* expectations only pace the peers */
    uint32_t pct_depth;                  /* 0: turns are not those of PCT */
    const struct cli_schedule *schedule; /* instead of a profile; NULL: none */
    const struct wbh_cut *cut;           /* the same */
};

/* Runs a job in this process. As wbh_run; `flags` are added to the job's. */
int cli_job_run(struct wbh_runner *runner, const struct cli_job *job, unsigned flags,
    struct wbh_result *out_result, char *error, size_t error_len);

/* The same with somebody who sees each event as it happens. Not for jobs that compare. */
int cli_job_run_watched(struct wbh_runner *runner, const struct cli_job *job,
    void (*on_event)(void *user_data, const struct sim_event *event), void *user_data,
    struct wbh_result *out_result, char *error, size_t error_len);

/* Whether the job runs all triggers and compares. */
int cli_job_compares(const struct cli_job *job);

/* What came of it. Fixed size but for the finding. */
struct cli_outcome {
    uint8_t is_done;
    uint8_t is_unrunnable; /* finding->text says why; there is no verdict */
    uint8_t is_dead;       /* the process died or was ended: no hash, no counts */
    uint8_t verdict;       /* enum wbh_verdict */
    uint8_t highest_legality;
    uint32_t finding_count;
    uint32_t planned;
    uint32_t planned_unfired;
    uint64_t hash;
    uint64_t calls;
    uint64_t time_ns;
    uint64_t offered;
    uint64_t injected;
    uint64_t consumed;
    struct wbh_finding *finding; /* the first; NULL: none. Owned by whoever owns the outcome */
};

/* Called in the parent as outcomes arrive, in no particular order. `fired` tells which explicit
 * faults fired, one byte each; none when the process died. The outcome's finding is handed
 * over. */
typedef void (*cli_outcome_fn)(void *user_data, size_t job, const struct cli_outcome *outcome,
    const uint8_t *fired, size_t fired_len);

struct cli_pool_options {
    unsigned workers; /* 1 to CLI_WORKERS_MAX */
    unsigned seconds; /* without a system call: then the run is ended */
    cli_outcome_fn on_outcome;
    void *user_data;
};

/* Runs all jobs. Returns 0, or -1 after a message when no process could be started. */
int cli_pool_run(
    const struct cli_job *jobs, size_t job_count, const struct cli_pool_options *options);

/* How many processors there are. */
unsigned cli_processor_count(void);

#endif
