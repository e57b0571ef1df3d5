/* Searching a scenario given as text, for tests. */
#ifndef SEARCH_TESTS_HUNTER_H
#define SEARCH_TESTS_HUNTER_H

#include "wouldblock/search.h"

/* What a search came to; a text that is no scenario, or cannot be run, ends the test. */
struct hunt {
    enum wbh_searched searched;
    uint64_t runs;  /* up to the first that failed, and with it */
    uint32_t level; /* faults and pre-emptions of that one */
    uint64_t hash;  /* of the last run */
    enum wbh_verdict verdict;
    uint64_t failures; /* of hunt_whole() */
    char *plan;        /* text of a scenario that does the same as the last that failed; or NULL */
};

/* Level after level, until a run fails or all were made. */
struct hunt hunt_by_levels(const char *text, const struct wbh_enumeration *enumeration);
/* All within the enumeration at once, failures or not; `level` stays 0. */
struct hunt hunt_whole(const char *text, const struct wbh_enumeration *enumeration);
/* PCT with so many seeds, until one fails; `runs` are those up to it; searched is FOUND or DONE. */
struct hunt hunt_by_pct(const char *text, uint32_t depth, uint64_t seeds);
void hunt_clean_up(struct hunt *hunt);

/* Turns without a fault. */
static inline struct wbh_enumeration hunt_turns(uint32_t preemptions_max) {
    return (struct wbh_enumeration){
        .orders = true, .preemptions_max = preemptions_max, .total_max = WBH_UNBOUNDED};
}

/* What all hunts share: a runner and its results. */
void hunter_clean_up(void);

#endif
