/* Programs of runtimes.h. `family`: sets of tasks of which some end by themselves and the rest is
 * aborted; `patient`: work that computes for long beside a timer of an hour. */
#ifndef RUN_TESTS_GROUPS_H
#define RUN_TESTS_GROUPS_H

#include "wb/sys.h"

int family_main(const struct wb_sys *sys, int argc, char *const argv[]);
int patient_main(const struct wb_sys *sys, int argc, char *const argv[]);

#endif
