/* A sweep: scenarios times triggers times seeds, and what came of each run. */
#ifndef WBH_CLI_SWEEP_H
#define WBH_CLI_SWEEP_H

#include "cli/input.h"
#include "cli/pool.h"
#include "report/text.h"

enum { CLI_JOBS_MAX = 20000000 };

struct cli_sweep_options {
    uint64_t seed; /* the first one */
    uint64_t seeds;
    uint64_t workers;
    uint64_t seconds;
    uint64_t pct_depth; /* 0: turns are not those of PCT */
    const char *profile;
    const char *trigger; /* NULL: as the scenario says; "all": each that there is */

    const char *junit;
    const char *save;
    int has_seed;
    int tolerant;
    int hash;
    int as_json;
    int no_save;
    int save_all;
    int quiet;
    int verbose;
};

/* One scenario with one trigger: its jobs follow each other, one a seed. */
struct cli_group {
    size_t input;
    const char *trigger; /* override; NULL: none */
    const char *shown;   /* the trigger it runs with, "-" if its program has none to choose */
    size_t first_job;
    size_t failing_count;
};

struct cli_sweep {
    const struct cli_sweep_options *options;
    struct cli_input *inputs;
    uint8_t (*fired)[WBH_FAULTS_MAX]; /* by input: which explicit faults fired in any run */
    uint8_t *is_partial; /* by input: a run died or could not be made, so nobody knows them all */
    size_t input_count;
    struct cli_group *groups;
    size_t group_count;
    struct cli_job *jobs;
    struct cli_outcome *outcomes; /* by job */
    char **saved;                 /* by job: where it was saved, or NULL */
    size_t job_count;
    size_t done_count;
    size_t next_group; /* the first that was not told yet */
    size_t next_job;   /* the first that is not done */
    size_t failing_count;
    size_t unrunnable_count;
    int save_failed;
    int shows_progress;
    uint64_t shown_ns; /* when the progress line was last drawn */
};

/* Builds groups and jobs from loaded and checked inputs. CLI_OK, or CLI_USAGE after a message. */
int cli_sweep_plan(struct cli_sweep *sweep);
void cli_sweep_clean_up(struct cli_sweep *sweep);

/* Runs all jobs, telling of each group as soon as it and all before it are done. CLI_OK, or
 * CLI_USAGE after a message. */
int cli_sweep_run(struct cli_sweep *sweep);

static inline enum wbh_verdict cli_expected(const struct cli_job *job) {
    return (enum wbh_verdict)job->input->scenario->verdict;
}

static inline int cli_is_failing(const struct cli_job *job, const struct cli_outcome *outcome) {
    return !outcome->is_unrunnable && outcome->verdict != (uint8_t)cli_expected(job);
}

/* Whether an explicit fault of an input fired in none of its runs, which are all done; and how many
 * such there are, in `sweep` and of one input. */
int cli_sweep_is_unfired(const struct cli_sweep *sweep, size_t input, uint32_t fault);
uint32_t cli_sweep_input_unfired(const struct cli_sweep *sweep, size_t input);
uint64_t cli_sweep_unfired(const struct cli_sweep *sweep);

/* The trigger a job runs with, for people. */
const char *cli_job_trigger(const struct cli_job *job);

/* In sweep_output.c. Each returns CLI_OK, or CLI_USAGE after a message. */
int cli_sweep_print_summary(const struct cli_sweep *sweep);
int cli_sweep_print_hashes(const struct cli_sweep *sweep);
int cli_sweep_print_json(const struct cli_sweep *sweep);
int cli_sweep_write_junit(const struct cli_sweep *sweep, const char *path);

/* "alice.recv 99 would-block", as behind the word fault in its scenario; and the line it stands on,
 * 0 if it stands in no text. */
void cli_add_fault(struct wbh_text *text, const struct wbh_scenario *scenario, uint32_t fault);
uint32_t cli_fault_line(const struct wbh_scenario *scenario, uint32_t fault);

/* In sweep_tell.c: the lines about a group that is done, and the progress line. */
void cli_sweep_tell_group(struct cli_sweep *sweep, const struct cli_group *group);
void cli_sweep_show_progress(struct cli_sweep *sweep);
void cli_sweep_hide_progress(struct cli_sweep *sweep);

#endif
