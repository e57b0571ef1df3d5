/* Runs all cases of a suite: each bug over its seeds, and the healthy twin over the same ones and
 * under more hostile conditions. */
#ifndef PLANTED_HUNT_H
#define PLANTED_HUNT_H

#include <stdint.h>

#include "bugs.h"
#include "cases.h"
#include "wouldblock/run.h"

/* How a healthy twin is run besides as its scenario says. */
struct planted_setting {
    const char *trigger; /* NULL: as the scenario says */
    uint32_t flavour;    /* SIM_FLAVOUR_*, in addition to the scenario's */
};

struct planted_suite {
    const char *name;
    const struct planted_case *(*nth)(size_t i);
    size_t count;
    enum planted_bug first; /* its bugs: from this */
    enum planted_bug past;  /* to before that */
    const struct planted_setting *settings;
    size_t setting_count;
    /* Whether a healthy twin must bear a setting; NULL: each must bear all. */
    int (*must_bear)(size_t i, const struct planted_setting *setting);
    uint32_t hostile_seeds; /* over each scenario of a healthy twin, in each setting */
};

struct planted_found {
    uint64_t seed;               /* the first with which it was found */
    struct wbh_finding *finding; /* its first finding; NULL: it was not found */
    const char *expected;        /* the verdict that the scenario itself names */
    struct wbh_finding *blamed;  /* what was found on the healthy twin; NULL: nothing, as it must */
    uint64_t blamed_seed;
    struct planted_setting blamed_setting; /* with the scenario's own flavour in it */
    uint32_t unfired; /* planned faults whose moment never came, with the healthy twin */
};

/* A case's name as that of its scenario, without the ending. */
void planted_file_name(const struct planted_case *of, char *out, size_t out_len);

/* `folder` holds the scenarios; `out_found` has suite->count entries. 0, or -1 after a message. */
int planted_hunt(
    const struct planted_suite *suite, const char *folder, struct planted_found *out_found);
void planted_found_clean_up(struct planted_found *found, size_t count);

#endif
