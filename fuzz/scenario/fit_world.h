/* Fits what a scenario says of several programs, hosts, links and moments: the part of
 * fit_scenario() that plain scenarios have no need of. */
#ifndef FUZZ_SCENARIO_FIT_WORLD_H
#define FUZZ_SCENARIO_FIT_WORLD_H

#include <stdbool.h>

#include "wouldblock/scenario.h"

/* One echo program, or one that is made to be one, on the host without a name; no links, no
 * moments. */
bool fit_is_plain(const struct wbh_scenario *scenario);

/* The programs of a scenario that is not plain, their options, and whom peers speak to. See
 * fit_scenario(). What it makes lives until the next call. Thread: one. */
void fit_world(struct wbh_scenario *scenario);

/* The value of "trigger" that this one stands for; never NULL. */
const char *fit_trigger(const char *value);
/* 1 to 999,999, without leading zeros. */
bool fit_is_small_count(const char *value);
/* Whether a program of a scenario that was fitted by fit_world() may listen at that port. */
bool fit_is_port_of_program(uint32_t port);

#endif
