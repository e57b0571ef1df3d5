/* Running a scenario given as text, for tests: parse, run, look at what was found. */
#ifndef ORACLE_TESTS_JUDGED_H
#define ORACLE_TESTS_JUDGED_H

#include "wouldblock/run.h"

/* The one result of the runs below. A text that is no scenario, or cannot be run, ends the test. */
extern struct wbh_result judged;

struct wbh_runner *judged_runner(void);
void judged_clean_up(void);
void judge_text(const char *text, const struct wbh_run_options *options);

/* The first finding of that oracle; NULL: it is silent. */
const struct wbh_finding *judged_finding(const char *oracle);

#endif
