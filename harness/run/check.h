/* What the files share that say whether a scenario can be run. */
#ifndef RUN_CHECK_H
#define RUN_CHECK_H

#include "run/internal.h"

struct wbh_checker {
    const struct wbh_scenario *scenario;
    const struct wbh_program *const *programs; /* in the scenario's order */
    char *error;
    size_t error_len;
};

/* Writes the sentence, with its line unless that is 0, and returns -1. */
WBH_PRINTF_LIKE(3, 4)
int wbh_check_failed(const struct wbh_checker *checker, uint32_t line, const char *format, ...);

/* check_script.c: the peers' scripts, and how many connections each has. 0, or -1. */
int wbh_check_scripts(const struct wbh_checker *checker, uint32_t *connections);

#endif
