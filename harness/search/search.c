/* Run after run along the paths of an enumerated source. */
#include "wouldblock/search.h"

#include <string.h>

void wbh_search_init(struct wbh_search *search, struct wbh_runner *runner,
    const struct wbh_scenario *scenario, const struct wbh_enumeration *enumeration,
    const struct wbh_run_options *options, struct wbh_branch *branches, struct wbh_result *result) {
    memset(search, 0, sizeof(*search));
    search->runner = runner;
    search->scenario = scenario;
    search->result = result;
    if (options != NULL) {
        search->options = *options;
    }
    wbh_enumerated_source_init(&search->source, enumeration, branches);
    search->options.source = &search->source.base;
    search->options.legality_max =
        enumeration->faults_max != 0 ? enumeration->legality_max : WBH_LEGALITY_KERNEL;
}

/* One run on the present path. */
static enum wbh_searched run(struct wbh_search *search) {
    wbh_enumerated_source_begin(&search->source);
    if (wbh_run(search->runner, search->scenario, &search->options, search->result, search->error,
            sizeof(search->error))
        != 0) {
        return WBH_SEARCH_UNRUNNABLE;
    }
    search->runs++;
    search->is_at_end = true;
    search->is_cut_short |= search->source.cut_short;
    if (search->source.strayed || search->source.depth < search->source.branch_count) {
        return WBH_SEARCH_STRAYED;
    }
    return search->result->verdict == (enum wbh_verdict)search->scenario->verdict
               ? WBH_SEARCH_MORE
               : WBH_SEARCH_FOUND;
}

enum wbh_searched wbh_search_go_on(struct wbh_search *search, uint64_t runs_max) {
    for (; runs_max > 0; runs_max--) {
        if (search->is_at_end && !wbh_enumerated_source_next(&search->source)) {
            return WBH_SEARCH_DONE;
        }
        enum wbh_searched searched = run(search);
        if (searched != WBH_SEARCH_MORE) {
            return searched;
        }
    }
    if (search->is_at_end && !wbh_enumerated_source_next(&search->source)) {
        return WBH_SEARCH_DONE;
    }
    search->is_at_end = false;
    return WBH_SEARCH_MORE;
}

bool wbh_search_level(const struct wbh_enumeration *enumeration, uint32_t level,
    struct wbh_enumeration *out_enumeration) {
    enum { LAST_BEFORE_UNBOUNDED = 2 };
    const uint32_t preemptions = enumeration->orders ? enumeration->preemptions_max : 0;
    const bool is_unbounded = preemptions == WBH_UNBOUNDED;
    const uint32_t last =
        is_unbounded ? LAST_BEFORE_UNBOUNDED + 1 : enumeration->faults_max + preemptions;
    if (level > last) {
        return false;
    }
    *out_enumeration = *enumeration;
    out_enumeration->total_max = is_unbounded && level == last ? WBH_UNBOUNDED : level;
    return true;
}
