/* Runs all cases: each bug over its seeds, and the healthy twin over the same ones. */
#ifndef PLANTED_HUNT_H
#define PLANTED_HUNT_H

#include <stdint.h>

#include "cases.h"
#include "wouldblock/run.h"

struct planted_found {
    uint64_t seed;               /* the first with which it was found */
    struct wbh_finding *finding; /* its first finding; NULL: it was not found */
    const char *expected;        /* the verdict that the scenario itself names */
    struct wbh_finding *blamed;  /* what was found on the healthy twin; NULL: nothing, as it must */
    uint64_t blamed_seed;
    uint32_t unfired; /* planned faults whose moment never came, with the healthy twin */
};

/* `folder` holds the scenarios; `out_found` has planted_case_count entries. 0, or -1 after a
 * message. */
int planted_hunt(const char *folder, struct planted_found *out_found);
void planted_found_clean_up(struct planted_found *found);

#endif
