/* What the files of the runner share. */
#ifndef RUN_INTERNAL_H
#define RUN_INTERNAL_H

#include "run/stage.h"
#include "wouldblock/fault.h"
#include "wouldblock/run.h"

/* ---- arguments.c ---- */

enum {
    WBH_ARGUMENTS_MAX = 2 * WBH_OPTIONS_MAX + 16,
    WBH_ARGUMENT_BYTES = (WBH_OPTIONS_MAX + 1) * (WBH_TEXT_MAX + 4),
};

/* The program's command line, rebuilt for each run without allocating. */
struct wbh_arguments {
    int count;
    char *items[WBH_ARGUMENTS_MAX + 1];
    char names[WBH_ARGUMENT_BYTES];
    char values[WBH_ARGUMENT_BYTES];
};

/* One that takes a value. */
bool wbh_program_has_option(const struct wbh_program *program, const char *name);
/* The value that the scenario gives an option; NULL: none. */
const char *wbh_cast_option(const struct wbh_cast *cast, const char *name);
/* Where peers find the program: at its own port, unless it is told to listen at another. 0:
 * nowhere.
 */
uint32_t wbh_program_port(const struct wbh_program *program, const struct wbh_cast *cast);
/* The program as it is to be judged with the flags that the scenario gives it. */
struct wbh_program wbh_program_with_flags(
    const struct wbh_program *program, const struct wbh_cast *cast);
/* `trigger`: overrides the option of that name; NULL: as the scenario says. */
void wbh_arguments_build(struct wbh_arguments *arguments, const struct wbh_program *program,
    const struct wbh_cast *cast, const char *trigger);

/* ---- check.c ---- */

/* 0, or -1 with a sentence why this scenario cannot be run. `programs` are those of the scenario,
 * in its order. What only a script that nobody wrote would say wrongly is not objected to if
 * `tolerant`. */
int wbh_check(const struct wbh_scenario *scenario, const struct wbh_program *const *programs,
    bool tolerant, char *error, size_t error_len);

/* ---- trace.c ---- */

struct wbh_block {
    struct wbh_block *next;
    size_t len;
    size_t capacity;
};

struct wbh_recorder {
    struct wbh_trace trace;
    size_t event_capacity;
    size_t decision_capacity;
    struct wbh_block *first; /* blocks of event data; kept from run to run */
    struct wbh_block *current;
};

void wbh_recorder_begin(struct wbh_recorder *recorder);
void wbh_recorder_add(struct wbh_recorder *recorder, const struct sim_event *event);
/* Makes the pointers of the trace good. */
void wbh_recorder_end(struct wbh_recorder *recorder);
void wbh_recorder_clean_up(struct wbh_recorder *recorder);

/* ---- refusal.c ---- */

struct wbh_role;

/* Which program would not take its arguments. */
struct wbh_refusal {
    const struct wbh_role *role; /* NULL: none */
    char said[160];              /* the last line that any program wrote to its standard error */
};

void wbh_refusal_begin(struct wbh_refusal *refusal);
/* What sim_config.on_console is to do. */
void wbh_refusal_on_console(struct wbh_refusal *refusal, int fd, const void *data, size_t len);
/* A program has ended by itself. */
void wbh_refusal_on_exit(struct wbh_refusal *refusal, const struct wbh_role *role, int exit_status);
/* 0, or -1 with a sentence: one did, and the run says nothing. */
int wbh_refusal_tell(const struct wbh_refusal *refusal, const struct wbh_scenario *scenario,
    char *error, size_t error_len);

/* ---- run.c ---- */

/* One program of a run, and who judges it. */
struct wbh_role {
    struct wbh_runner *runner;
    struct wbh_program program; /* with the scenario's flags */
    uint32_t number;
    struct wbh_arguments arguments;
    struct wbh_judge judge;
    bool is_doomed; /* a moment of the scenario is killing it */
};

/* A moment of the scenario that is to come. */
struct wbh_cue {
    struct wbh_runner *runner;
    const struct wbh_moment *moment;
};

/* Room for what was said in HTTP, without how it travelled. */
struct wbh_plain {
    char *bytes;
    size_t capacity;
};

struct wbh_runner {
    struct sim_kernel *kernel;
    struct wbh_role roles[WBH_PROGRAMS_MAX];
    struct wbh_target targets[WBH_PROGRAMS_MAX];
    uint32_t role_count;
    struct wbh_panel panel;
    struct wbh_findings findings;
    struct wbh_cue cues[WBH_MOMENTS_MAX];
    struct wbh_stage stage;
    struct wbh_recorder recorder;
    bool recording;
    void (*observer)(void *user_data, const struct sim_event *event); /* of the caller; or NULL */
    void *observer_data;
    struct wbh_seeded_source seeded;
    struct wbh_planned_source planned;
    struct wbh_pct_source pct;
    uint64_t pct_key;   /* what was measured last, */
    uint64_t pct_steps; /* and how many moments its run had; 0: nothing was */
    uint32_t *plan_index;
    size_t plan_index_capacity;

    /* The run under way. */
    struct wbh_stage *playing;
    bool returned; /* the only program came back, or all have ended, the first with */
    int exit_status;
    struct wbh_refusal refusal;
    uint64_t calls; /* as they were then */
    uint64_t time_ns;

    /* The fault-free run to compare with; see baseline.c. */
    struct wbh_stage baseline;
    uint64_t baseline_key;
    bool baseline_known;  /* the key belongs to a run that was made */
    bool baseline_usable; /* it came to a proper end */

    struct wbh_plain plain[2]; /* of the two runs that are compared */

    /* Outcomes of the first trigger mode; see triggers.c. */
    struct wbh_stage reference;
};

/* ---- play.c ---- */

/* The kernel's configuration as far as the scenario has it. */
struct sim_config wbh_runner_host(const struct wbh_scenario *scenario);
/* After the reset: hosts, links, and what is to happen when. */
void wbh_runner_build_world(struct wbh_runner *runner, const struct wbh_scenario *scenario);
enum sim_stop wbh_runner_play(struct wbh_runner *runner, struct wbh_stage *stage);
/* What sim_config.on_process_end is to do. */
void wbh_runner_process_ended(
    struct wbh_runner *runner, unsigned process, enum sim_process_change how, int exit_status);
/* Begins the judgement of a program. */
void wbh_runner_begin_judging(struct wbh_runner *runner, struct wbh_role *role);

/* ---- baseline.c ---- */

/* A hash of everything that a run without faults depends on, its seed excepted. */
uint64_t wbh_runner_key(const struct wbh_scenario *scenario, const char *trigger, bool tolerant);
/* The same of a run that sees the scenario's explicit faults. */
uint64_t wbh_runner_plan_key(uint64_t key, const struct wbh_scenario *scenario);

/* Compares what was seen in the run that was just made with a run without faults, made now or known
 * already. */
void wbh_runner_compare(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *result);

/* ---- compare.c: two runs of one scenario ---- */

/* Where connections compete for something scarce, timing decides who gets it: runs cannot be
 * compared. */
bool wbh_connections_compete(const struct wbh_scenario *scenario);
/* Whether there is anything in the run that was just made that another one must repeat. */
bool wbh_runner_is_comparable(const struct wbh_runner *runner, const struct wbh_result *result);
/* Findings of `oracle` where that run differs from the reference. */
void wbh_runner_differences(struct wbh_runner *runner, const struct wbh_oracle *oracle,
    const struct wbh_stage *reference, const char *reference_name);

#endif
