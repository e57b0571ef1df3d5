/* What the files share that compare two runs. */
#ifndef RUN_COMPARE_H
#define RUN_COMPARE_H

#include "run/internal.h"

struct wbh_comparison {
    struct wbh_runner *runner;
    const struct wbh_oracle *oracle;
    const struct wbh_stage *reference;
    const struct wbh_stage *stage;
    const char *reference_name;
    bool repeats[WBH_PROGRAMS_MAX]; /* by number of the program */
    bool keeps_datagrams;           /* none was lost or overtaken in either run */
    bool is_timed;                  /* time may run out for somebody, or come too early */
};

/* compare_datagrams.c: between programs. */
void wbh_compare_datagrams(const struct wbh_comparison *of);
/* compare_http.c: makes of what was seen of a program that speaks HTTP, in two runs, what is said,
 * without how it travelled. Good until the next such call. */
void wbh_compare_plainly(
    struct wbh_runner *runner, struct wbh_seen *expected, struct wbh_seen *seen);
/* Whether it gave something up in one of the runs that it had received: then it left out an answer.
 */
bool wbh_gave_up_datagrams(const struct wbh_comparison *of, uint32_t program);

#endif
