/* Runs an input of a target whose inputs are scenarios, and aborts if its verdict is not ok.
 *
 * Not judged is what the script of a peer expects, since nobody wrote it: expectations pace the
 * peer (WBH_RUN_TOLERANT), as do the bounds on calls and time that the input sets. One input in
 * sixteen is run twice: the same must happen again. With the environment variable WB_FUZZ_TEXT set,
 * each scenario is printed before it runs. */
#ifndef FUZZ_SCENARIO_JUDGE_H
#define FUZZ_SCENARIO_JUDGE_H

#include <stddef.h>
#include <stdint.h>

#include "wouldblock/scenario.h"

/* Any bytes are a scenario; `fit` makes it one that is about the programs under test, or says that
 * it is about something else. Returns 0. */
int judge_input(const uint8_t *data, size_t size, void (*fit)(struct wbh_scenario *));

#endif
