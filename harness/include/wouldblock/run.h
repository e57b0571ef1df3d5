/* Runs a scenario: scripted peers, the program under test and the simulated kernel; oracles watch;
 * a verdict comes out. */
#ifndef WOULDBLOCK_RUN_H
#define WOULDBLOCK_RUN_H

#include <stdbool.h>

#include "wb/sys.h"
#include "wouldblock/fault.h"
#include "wouldblock/kernel.h"
#include "wouldblock/oracle.h"
#include "wouldblock/scenario.h"

#ifdef __cplusplus
extern "C" {
#endif

struct wbh_program;

/* An option without a value. */
struct wbh_flag {
    const char *name; /* NULL ends a table */
    /* What the program is judged as when the flag is given: conservation, independence, whether it
     * speaks HTTP, whether it ends by itself and the bounds of memory are those of this one. NULL:
     * as without the flag. */
    const struct wbh_program *as;
};

/* A flag that every program has whose exit status is judged: it is not. Not passed to it. */
#define WBH_MAY_FAIL "may-fail"

struct wbh_program {
    const char *name;
    const char *summary; /* for lists; may be NULL */
    /* As of a process: argv[0] is the name, what it returns the exit status. When the peers are
     * done it is sent SIGTERM. One that takes signals (wb/termination.h) must then end and have
     * given everything back; any other is killed by it. Static variables are not set back between
     * runs: it should have none. */
    int (*main)(const struct wb_sys *sys, int argc, char *const argv[]);
    const char *const
        *arguments; /* always passed, before the scenario's options; NULL-terminated; may be NULL */
    const char *const
        *options; /* names a scenario may give, NULL-terminated: passed as --NAME VALUE */
    const struct wbh_flag *flags; /* those it may give without a value: passed as --NAME; may be
                                     NULL */
    const char *positional; /* which of the options is passed as its value alone; NULL: none */
    enum wbh_conservation conservation;
    int port;               /* where peers connect; 0: it only connects out */
    int port_is_udp;        /* ... or send datagrams */
    int shares_port;        /* it sets SO_REUSEPORT: several of it may listen at one port */
    int independent;        /* what a connection is sent depends on that connection alone */
    int connects_to_itself; /* faults may name its connections local1, local2, ... */
    int speaks_http; /* HTTP/1 on each of its streams: a server on those it accepts, a client on
                        those it makes */
    /* It looks for itself whether all was right: an exit status other than 0 is a finding, unless a
     * fault that may make calls fail was in the run, the run was written by nobody, the scenario
     * gives it the flag WBH_MAY_FAIL, or it never reached anybody to connect to and was not
     * restarted: those that begin together begin in any order. */
    int must_succeed;
    int ends_by_itself; /* though it has a port: untold, with a failure where it met one */
    /* It calls epoll_ctl on a guess and goes by the answer: EEXIST, ENOENT and EBADF of it are no
     * misuse. So do libraries that tell epoll later what changed. */
    int registers_on_a_guess;
    /* Bound: live bytes <= base + per_connection * most connections at once. Base 0: none. */
    uint64_t memory_base;
    uint64_t memory_per_connection;
    /* The base grows with the number that this option is given, by the scenario or among
     * `arguments`, times this: whoever may keep more needs more. NULL: with none. */
    const char *memory_option;
    uint64_t memory_option_times;
    const char *unbounded_option; /* given this one, it keeps a file of any size: no bound */
};

/* The built-in programs: the examples. */
const struct wbh_program *wbh_programs(size_t *out_count);
const struct wbh_program *wbh_program_find(const char *name);
/* Its flag of that name, WBH_MAY_FAIL included; NULL: none. */
const struct wbh_flag *wbh_program_flag(const struct wbh_program *program, const char *name);
/* Programs of a test (planted bugs): wbh_program_find knows them from now on, before those of the
 * same name that are built in, and no longer those of an earlier call. Ownership: the table is
 * borrowed and must outlive every run. Thread: for the whole process, so before any run. */
void wbh_program_register(const struct wbh_program *programs, size_t count);

struct wbh_result {
    enum wbh_verdict verdict; /* of the first finding */
    struct wbh_finding findings[WBH_FINDINGS_MAX];
    uint32_t finding_count;
    enum sim_stop stop;
    int exit_status;
    uint64_t hash;
    uint64_t calls;
    uint64_t time_ns;
    struct sim_fault_counts faults;
    uint32_t highest_legality;             /* of the faults in this run */
    uint32_t planned;                      /* explicit faults, and how many never fired */
    uint32_t planned_unfired;              /* ... or did not fit the moment that they name */
    uint8_t planned_fired[WBH_FAULTS_MAX]; /* enum wbh_planned_fate */
    uint32_t baseline_runs;                /* fault-free runs made to compare with */
};

/* Every event of a run, kept: for timelines and reports. */
struct wbh_trace {
    struct sim_event *events; /* event.data and event.decision point into storage of the trace */
    size_t event_count;
    struct wbh_decision *decisions; /* all that were taken, in order: the run as a plan */
    size_t decision_count;
    void *storage;
};

enum {
    WBH_RUN_RECORD = 1,        /* keep a trace */
    WBH_RUN_NO_DIVERGENCE = 2, /* skip the comparison with the fault-free run */
    /* The script was written by nobody (a fuzz input): its expectations only pace the peer. What is
     * not met is passed over, steps that cannot be are left out; every other oracle judges as
     * ever. */
    WBH_RUN_TOLERANT = 4,
    /* Makes the fault-free run to compare with even if the last run made the same: then the code
     * that a run executes depends on nothing before it, which engines that watch coverage need. */
    WBH_RUN_FRESH_BASELINE = 8
};

struct wbh_run_options {
    unsigned flags;
    const char *trigger;  /* overrides the scenario's option; NULL: as it says. Programs without
                             that option run as they are */
    const uint64_t *seed; /* overrides the scenario's seed; NULL: as it says */
    const char *profile;  /* overrides the scenario's profile; NULL: as it says */
    /* Answers instead of a profile, up to this legality; the scenario's explicit faults still go
     * before it. Borrowed; asked in the order of the run, so it may remember. NULL: the profile. */
    struct wbh_choice_source *source;
    enum wbh_legality legality_max;
    /* The turns of threads are those of PCT with this depth and the run's seed
     * (wouldblock/fault.h), everything else as without it; 0: they are not. How many moments a run
     * has is measured, once for runs that differ by seed and depth only, by a few without faults.
     */
    uint32_t pct_depth;
    /* Sees each event as it happens, so that it is known how far a run came that takes the process
     * with it; NULL: nobody. The fault-free run to compare with is not shown. */
    void (*on_event)(void *user_data, const struct sim_event *event);
    void *user_data;
};

/* A runner owns a kernel, oracles and buffers and is used again and again; cheap when warm. One
 * thread. */
struct wbh_runner *wbh_runner_new(void);
void wbh_runner_destroy(struct wbh_runner *runner);

/* 0, or -1 with a sentence in `error` when the scenario cannot be run: unknown program, an option
 * it does not have or a value that it says it does not take, a fault on a connection that cannot
 * exist, two servers at one port of a host.
 * What has a place in the text begins with it: "line 7: ". `options` may be NULL. `*out_result`
 * must be all zero, or as an earlier run has left it. The program runs in the calling thread: what
 * crashes it crashes the caller, and if it loops without a system call this does not return. Who
 * must survive that runs it in a child process. */
int wbh_run(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *out_result, char *error,
    size_t error_len);

/* Bounds of a fuzz input, by which it costs a few milliseconds at most. */
enum {
    WBH_BOUND_CALLS = 4000,      /* of all programs together */
    WBH_BOUND_STEPS = 512,       /* of all peers together */
    WBH_BOUND_FAULTS = 128,      /* explicit ones */
    WBH_BOUND_TRAFFIC = 163840,  /* bytes all peers send; the longest line of ping_pong is 65536 */
    WBH_BOUND_DELIVERY = 524288, /* bytes all peers are sent by a broadcast */
    WBH_BOUND_SLOW_READS = 128,  /* by one peer that reads slowly */
    WBH_BOUND_SLOW_SENDS = 64,   /* bytes of one step that sends slowly */
    WBH_BOUND_FILLS = 256,       /* of the smallest buffer, by all that is sent */
};
#define WBH_BOUND_DURATION_NS UINT64_C(60000000000) /* of steps, faults, moments and links */

/* Brings a scenario that nobody wrote within these bounds: what is too much is cut off, what is too
 * long made shorter. Fuzz targets and the command do so before they run it. True: it said more; a
 * bound on calls of which it said nothing does not count. */
bool wbh_bound(struct wbh_scenario *scenario);

/* So many bytes a peer's step sends on a stream. Allocates and frees. */
uint64_t wbh_step_sent_len(const struct wbh_scenario *scenario, const struct wbh_step *step);

/* The values of the option "trigger". */
enum { WBH_TRIGGER_COUNT = 4 };
const char *wbh_trigger_nth(size_t n); /* "level", "edge", "oneshot", "edge-oneshot" */

/* Runs the scenario once under each trigger mode and compares: the verdicts must be the same, and
 * for independent programs so must what every peer saw. out_result is that of the first mode that
 * failed, otherwise that of the last; if the outcomes differ it bears a finding of the oracle
 * "triggers". Same return as wbh_run; -1 too if no program has an option "trigger".
 * options->trigger is ignored. */
int wbh_run_triggers(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *out_result, char *error,
    size_t error_len);

/* System calls made so far in the run under way. May be asked from a signal handler: who sees no
 * change for long knows that the program loops without asking the kernel. */
uint64_t wbh_runner_calls(const struct wbh_runner *runner);

/* Of the last run with WBH_RUN_RECORD, empty before the first; never NULL. Valid until the next
 * run. */
const struct wbh_trace *wbh_runner_trace(const struct wbh_runner *runner);

/* What a peer received in the last run, of all its connections, for tests. NULL: there is no such
 * peer. Valid until the next run. */
const uint8_t *wbh_runner_received(const struct wbh_runner *runner, uint32_t peer, size_t *out_len);

#ifdef __cplusplus
}
#endif

#endif
