/* A program that keeps things in files, on the runtime: `keeper` writes, reads, moves and removes
 * them. Ends with 0 if all was as it must be, with 1 if not, and with 3 if a call failed. Takes
 * `flavour=multi`. */
#ifndef RUN_TESTS_KEEPERS_H
#define RUN_TESTS_KEEPERS_H

#include "wb/sys.h"

int keeper_main(const struct wb_sys *sys, int argc, char *const argv[]);

#endif
