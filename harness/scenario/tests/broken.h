/* What the tests of refused texts stand on: a text that is not a scenario, and what a person reads
 * of it. */
#ifndef SCENARIO_TESTS_BROKEN_H
#define SCENARIO_TESTS_BROKEN_H

#include "wouldblock/scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HEAD "scenario \"t\"\nprogram p\n"
#define PEER HEAD "peer alice\n"

struct broken {
    const char *text;
    const char *message; /* whole, exactly as it is printed */
};

/* Each of them must be refused with just its message. */
void broken_check(const struct broken *cases, size_t count);

#define BROKEN_CHECK(cases) broken_check(cases, sizeof(cases) / sizeof(cases)[0])

#endif
