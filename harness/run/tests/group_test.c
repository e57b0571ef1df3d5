/* Sets of tasks, and work beside timers, under hundreds of orders in which threads may take their
 * turns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "judged.h"
#include "runtimes.h"

enum { SEEDS = 300 };

static int setup(void **state) {
    (void)state;
    size_t count;
    const struct wbh_program *programs = group_programs(&count);
    wbh_program_register(programs, count);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

static void sweep(const char *program) {
    char text[128];
    (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram %s\n", program);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct wbh_run_options options = {.flags = WBH_RUN_RECORD,
            .seed = &seed,
            .profile = seed % 2 == 0 ? "gentle" : "hostile"};
        judge_text(text, &options);
        if (judged.verdict != WBH_VERDICT_OK || judged.stop != SIM_STOP_EXITED
            || judged.exit_status != 0) {
            fail_msg("%s seed %d: stop %d, status %d, %s", text, (int)seed, (int)judged.stop,
                judged.exit_status, judged.findings[0].text);
        }
    }
}

static void tk_14_sets_in_any_order_of_threads(void **state) {
    (void)state;
    sweep("family");
    sweep("family flavour=multi");
}

static void tk_15_blocking_when_paused(void **state) {
    (void)state;
    sweep("patient");
    sweep("patient flavour=multi");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tk_14_sets_in_any_order_of_threads),
        cmocka_unit_test(tk_15_blocking_when_paused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
