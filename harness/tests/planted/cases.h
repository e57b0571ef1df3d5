/* What is planted where, and what the harness must say of it: the table the test goes through. */
#ifndef PLANTED_CASES_H
#define PLANTED_CASES_H

#include <stddef.h>
#include <stdint.h>

struct planted_case {
    const char *name;    /* of the bug; its scenario is scenarios/<name with _ for ->.scn */
    const char *classes; /* traps (T...) and classes (A1 ...) it stands for */
    const char *what;    /* the mistake, in one clause */
    const char *verdict; /* that the harness must come to */
    const char *oracle;  /* that must say so */
    const char *tells;   /* a part of what the report must say: whom it concerns, what to look at */
    uint32_t seeds; /* it must be found with one of the seeds 1 to this; 0: as the scenario says */
    int compares_triggers; /* run under all trigger modes, which are compared */
};

extern const struct planted_case planted_cases[];
extern const size_t planted_case_count;

#endif
