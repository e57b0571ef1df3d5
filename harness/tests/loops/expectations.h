/* What libuv and libevent expect of epoll, where that stands, and what comes of ignoring it: the
 * table the test goes through. */
#ifndef LOOPS_EXPECTATIONS_H
#define LOOPS_EXPECTATIONS_H

#include "cases.h"

struct loops_expectation {
    struct planted_case as; /* `classes` is the library, `what` the expectation */
    const char *documented; /* page, or file and function, of the library */
    const char *ignored;    /* what a program does that does not know of it */
    int edges_only;         /* the healthy program works edge-triggered only, as documented */
    uint32_t unfit;         /* SIM_FLAVOUR_* under which the healthy program cannot work either */
};

extern const struct loops_expectation loops_expectations[];
extern const size_t loops_expectation_count;

#endif
