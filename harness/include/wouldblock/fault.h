/* Which faults a run may see: sources of choices, profiles, plans, the record of what was decided.
 */
#ifndef WOULDBLOCK_FAULT_H
#define WOULDBLOCK_FAULT_H

#include <stdbool.h>

#include "wouldblock/choice.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Probabilities in parts of 65536 for each (point, action); the highest legality it reaches. */
struct wbh_profile {
    const char *name;
    const char *summary;
    enum wbh_legality legality_max;
    uint16_t probability[WBH_POINT_COUNT][WBH_ACTION_COUNT];
};

/* none: no fault. gentle: kernel faults, seldom. hostile: kernel and contract faults, often (both
 * transparent). failing: hostile, and calls fail. A profile is found by name, or by number for fuzz
 * inputs. */
const struct wbh_profile *wbh_profile_from_name(const char *name, size_t len); /* NULL: unknown */
const struct wbh_profile *wbh_profile_nth(size_t n); /* modulo their count */
size_t wbh_profile_count(void);

/* Seeded: each answer is a hash of (seed, key) against the profile's probabilities. */
struct wbh_seeded_source {
    struct wbh_choice_source base;
    const struct wbh_profile *profile; /* borrowed */
    uint64_t seed;
};
void wbh_seeded_source_init(
    struct wbh_seeded_source *source, const struct wbh_profile *profile, uint64_t seed);

/* What became of a decision of a plan. */
enum wbh_planned_fate {
    WBH_PLANNED_UNASKED, /* its moment did not come */
    WBH_PLANNED_FIRED,
    WBH_PLANNED_UNFIT, /* its moment came and did not allow it: nothing happened */
};

/* Planned: the listed decisions, everything else as `otherwise` says (NULL: benign). */
struct wbh_planned_source {
    struct wbh_choice_source base;
    const struct wbh_decision
        *decisions; /* borrowed; looked up by (subject, point, ordinal) and offered actions */
    size_t decision_count;
    struct wbh_choice_source *otherwise;
    uint8_t *fired; /* decision_count bytes, borrowed, all 0 at first: enum wbh_planned_fate; may be
                       NULL */
    const uint32_t *index; /* borrowed; NULL: the list is looked through */
};
void wbh_planned_source_init(struct wbh_planned_source *source,
    const struct wbh_decision *decisions, size_t decision_count, uint8_t *fired,
    struct wbh_choice_source *otherwise);

/* So many words make an index of a plan. */
size_t wbh_planned_index_len(size_t decision_count);
/* Makes an answer's cost independent of the plan's length, which pays from a few dozen decisions
 * on; the answers stay the same. After init, and again if the decisions change. `index` has
 * wbh_planned_index_len() words, whatever is in them; borrowed. At most UINT32_MAX - 1 decisions.
 */
void wbh_planned_source_index(struct wbh_planned_source *source, uint32_t *index);

/* ---- sources that search: they remember the run they are in, so each run begins anew ---- */

#define WBH_UNBOUNDED UINT32_MAX

/* What an enumerated source may decide in one run. An order is an answer `order` at `switch`,
 * `rouse` or `run`: who has the next turn. It is a pre-emption where the thread that ran could have
 * gone on; every other order is free. All other answers but `pass` are faults. */
struct wbh_enumeration {
    uint32_t faults_max;            /* in one run; 0: none is placed */
    enum wbh_legality legality_max; /* of faults */
    bool orders;                    /* whether turns are chosen at all */
    uint32_t preemptions_max;       /* in one run; WBH_UNBOUNDED: any number */
    uint32_t total_max; /* faults and pre-emptions together; WBH_UNBOUNDED: only the bounds above */
};

/* A moment of the run under way where there was more than one answer. */
struct wbh_branch {
    uint32_t subject;
    uint32_t ordinal;
    uint32_t taken; /* 0: PASS */
    uint32_t count;
    uint8_t point;
};

/* Enumerated: depth-first over all that the enumeration allows, benign elsewhere. A run is told by
 * the answers it took, branch by branch; the next one differs from it in the last branch that has
 * an answer left.
 *
 * Which answers a moment has: each count of 1..size-1 as long as these are at most
 * WBH_COUNTS_WHOLE, otherwise 1, 2, the half and the last; each error that fits; of times a short
 * and a long one (WBH_TIME_SHORT_NS, WBH_TIME_LONG_NS; of jumps of the clock one); of events for
 * nothing IN and OUT of each registration. All of that is in the order of the actions' table. */
enum { WBH_COUNTS_WHOLE = 8, WBH_BRANCHES_MAX = 16384 };
#define WBH_TIME_SHORT_NS UINT64_C(20000)
#define WBH_TIME_LONG_NS UINT64_C(20000000)
#define WBH_TIME_JUMP_NS UINT64_C(3600000000000)

struct wbh_enumerated_source {
    struct wbh_choice_source base;
    struct wbh_enumeration enumeration;
    struct wbh_branch *branches; /* borrowed, WBH_BRANCHES_MAX: the path of the run */
    uint32_t branch_count;
    uint32_t fixed; /* so many branches at its beginning are not changed any more */
    bool sampled;   /* somewhere a few arguments stood for all, as said above */
    /* The run under way. */
    uint32_t depth; /* branches met so far */
    uint32_t faults;
    uint32_t preemptions;
    bool strayed;   /* a branch was not what it was when it was met first: the program does not
                       do the same under the same decisions */
    bool cut_short; /* there were more branches than room for them; those beyond were passed */
};

/* Begins with the first path, on which every answer is PASS. */
void wbh_enumerated_source_init(struct wbh_enumerated_source *source,
    const struct wbh_enumeration *enumeration, struct wbh_branch *branches);
/* Before each run: its path is the one that `branches` and `branch_count` say, PASS beyond it. */
void wbh_enumerated_source_begin(struct wbh_enumerated_source *source);
/* After a run: on to the next path. False: there is none. */
bool wbh_enumerated_source_next(struct wbh_enumerated_source *source);

/* Where what a peer sends is cut when a program reads it. */
struct wbh_cut {
    uint32_t subject; /* a peer's connection */
    uint64_t at;      /* behind so many of its bytes; 0: everywhere, on every peer's connection */
};

/* Cut: a read that would go beyond the cut ends there, and the next one would block, so that the
 * program comes to know one part without the other. Everywhere: one byte at a time, behind the
 * first WBH_CUT_BYTES_SINGLE of a connection WBH_CUT_PIECE_LEN. Benign otherwise. */
enum { WBH_CUT_CONNECTIONS_MAX = 256, WBH_CUT_BYTES_SINGLE = 2048, WBH_CUT_PIECE_LEN = 1024 };

struct wbh_cut_source {
    struct wbh_choice_source base;
    struct wbh_cut cut;
    /* The run under way: what was read so far; connections beyond the last are not cut. */
    struct {
        uint32_t subject;
        bool has_blocked; /* since the last byte */
        uint64_t len;
    } reads[WBH_CUT_CONNECTIONS_MAX];
    uint32_t read_count;
};

/* Before each run. */
void wbh_cut_source_init(struct wbh_cut_source *source, struct wbh_cut cut);

/* PCT (Burckhardt and others, 2010): threads have random priorities, and at each SWITCH the one
 * that has the highest runs; at depth - 1 random moments among the first `steps`, the thread that
 * would run has its priority lowered first, below all that were not. A bug that shows whenever
 * `depth` events come in a certain order is found by a run with probability of at least 1 /
 * (threads * steps ^ (depth - 1)), if the run has no more threads and moments than that. A thread
 * that has had its slice is lowered, too, so that one which only waits for others lets them go on.
 */
enum { WBH_PCT_DEPTH_MAX = 16, WBH_PCT_THREADS_MAX = 256 };

struct wbh_pct_source {
    struct wbh_choice_source base;
    struct wbh_choice_source *otherwise; /* all other points; NULL: benign */
    uint64_t seed;
    uint64_t changes[WBH_PCT_DEPTH_MAX - 1]; /* the moments, counted from 1 */
    uint32_t change_count;
    /* The run under way. */
    uint64_t step; /* moments so far: after a run of depth 1 an estimate for `steps` */
    uint64_t lowest;
    uint32_t subjects[WBH_PCT_THREADS_MAX]; /* lowered ones */
    uint64_t priorities[WBH_PCT_THREADS_MAX];
    uint32_t lowered_count;
};
/* For one run. `depth` is 1 to WBH_PCT_DEPTH_MAX, `steps` at least 1. */
void wbh_pct_source_init(struct wbh_pct_source *source, uint32_t depth, uint64_t steps,
    uint64_t seed, struct wbh_choice_source *otherwise);

#ifdef __cplusplus
}
#endif

#endif
