/* Fits what a scenario says of several programs, hosts, links and moments: the part of
 * fit_scenario() that plain scenarios have no need of. */
#ifndef FUZZ_SCENARIO_FIT_WORLD_H
#define FUZZ_SCENARIO_FIT_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "wouldblock/scenario.h"

/* Which programs there are: the others become one of them. */
enum fit_family {
    FIT_ECHO,
    FIT_HTTP,
    FIT_HTTP_CLIENT,
};

/* One program, of those that plain scenarios are about or made to be one, on the host without a
 * name; no links, no moments. */
bool fit_is_plain(const struct wbh_scenario *scenario, enum fit_family family);

/* The program of a plain scenario that this name stands for: itself, or one by its length. */
const char *fit_plain_program(enum fit_family family, const char *name);

/* The programs of a scenario that is not plain, their options, and whom peers speak to. See
 * fit_scenario(). What it makes lives until the next call. Thread: one. */
void fit_world(struct wbh_scenario *scenario, enum fit_family family);

/* Where http_get finds a peer, and that peer's port. */
#define FIT_HTTP_PLACE "http://127.0.0.1:8080/"
#define FIT_HTTP_PORT 8080

/* False: an option of no use, which is left out; otherwise its value is one that the program takes,
 * a server of HTTP or http_get. */
bool fit_http_option(struct wbh_option *option);
bool fit_http_get_option(struct wbh_option *option);
/* Options that every program of that family has, static, and how many. */
uint32_t fit_patience(enum fit_family family, const struct wbh_option **out_options);

/* The value of "trigger" that this one stands for; never NULL. */
const char *fit_trigger(const char *value);
/* 1 to 999,999, without leading zeros. */
bool fit_is_small_count(const char *value);
/* Whether a program of a scenario that was fitted by fit_world() may listen at that port. */
bool fit_is_port_of_program(uint32_t port);

#endif
