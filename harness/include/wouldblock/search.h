/* Searches: every way in which a scenario may go within stated bounds, run from the start for each.
 *
 * What a search covers is a statement about all runs within its enumeration (wouldblock/fault.h):
 * when it ends with WBH_SEARCH_DONE and was not cut short, each of them was made, once. */
#ifndef WOULDBLOCK_SEARCH_H
#define WOULDBLOCK_SEARCH_H

#include "wouldblock/fault.h"
#include "wouldblock/run.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One search; the members are its state and may be read. */
struct wbh_search {
    struct wbh_runner *runner; /* borrowed */
    const struct wbh_scenario *scenario;
    struct wbh_run_options options;
    struct wbh_enumerated_source source;
    struct wbh_result *result; /* of the last run; borrowed */
    uint64_t runs;
    bool is_at_end;    /* the path of the source is run already */
    bool is_cut_short; /* a run had more branches than a path has room for */
    char error[256];
};

enum wbh_searched {
    WBH_SEARCH_DONE,    /* every run within the bounds was made */
    WBH_SEARCH_MORE,    /* as many as were asked for; there are others, and the next call goes on */
    WBH_SEARCH_FOUND,   /* the last run's verdict is not the scenario's; the next call goes on */
    WBH_SEARCH_STRAYED, /* the program did not do the same under the same decisions */
    WBH_SEARCH_UNRUNNABLE /* wbh_run() said no: `error` */
};

/* Begins. `options` are those of each run, but for source and legality (NULL: none); `branches` has
 * room for WBH_BRANCHES_MAX. Ownership: all of it is borrowed. */
void wbh_search_init(struct wbh_search *search, struct wbh_runner *runner,
    const struct wbh_scenario *scenario, const struct wbh_enumeration *enumeration,
    const struct wbh_run_options *options, struct wbh_branch *branches, struct wbh_result *result);
/* Makes at most `runs_max` runs. */
enum wbh_searched wbh_search_go_on(struct wbh_search *search, uint64_t runs_max);

/* The enumeration in steps: at level n only what costs at most n faults and pre-emptions together,
 * so that what is found first is what needs fewest. False: `level` is beyond the last one, which is
 * the enumeration itself. */
bool wbh_search_level(const struct wbh_enumeration *enumeration, uint32_t level,
    struct wbh_enumeration *out_enumeration);

/* Behind the first WBH_CUTS_WHOLE bytes of a connection every WBH_CUTS_STRIDEth place stands for
 * all, and each of the last. */
enum { WBH_CUTS_WHOLE = 4096, WBH_CUTS_STRIDE = 509, WBH_CUTS_LAST = 64 };

/* Where what peers send can be cut: everywhere at once, then behind each byte of each connection
 * but its last, peer by peer. Writes at most `max` of them to `out`, which may be NULL if max is 0,
 * and returns how many there are. What is told to be sent and never is, since the connection ends
 * before, counts as well. */
size_t wbh_cuts(const struct wbh_scenario *scenario, struct wbh_cut *out, size_t max);

#ifdef __cplusplus
}
#endif

#endif
