/* fuzz_scenario_planted: scenarios are fitted not to the echo programs but to their twins of
 * harness/tests/planted, of which the one of ping_pong has a bug. What is found replays with the
 * command wouldblock_planted. fit_scenario is called by way of this (ld --wrap). */
#include <string.h>

#include "driver/fuzz_target.h"
#include "programs.h"
#include "scenario/fit.h"

void __real_fit_scenario(struct wbh_scenario *scenario);
void __wrap_fit_scenario(struct wbh_scenario *scenario);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    planted_register();
    return 0;
}

void __wrap_fit_scenario(struct wbh_scenario *scenario) {
    static struct wbh_option options[2];
    uint32_t count = 0;
    wbh_scenario_make_plain(scenario);
    scenario->program = strlen(scenario->program) % 2 == 1 ? "ping_pong" : "multi_echo";
    __real_fit_scenario(scenario);
    for (uint32_t i = 0; i < scenario->option_count; i++) {
        if (strcmp(scenario->options[i].name, "trigger") == 0) {
            options[count++] = scenario->options[i];
            break;
        }
    }
    if (strcmp(scenario->program, "ping_pong") == 0) {
        options[count++] = (struct wbh_option){"bug", "short-read-clears"};
        scenario->program = "planted_ping_pong";
    } else {
        scenario->program = "planted_multi_echo";
    }
    scenario->options = options; /* until the next one is decoded */
    scenario->option_count = count;
}
