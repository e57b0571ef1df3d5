/* Runs a scenario and tells the verdict, for tests of oracles. */
#include "judged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct wbh_result judged;

static struct wbh_runner *runner;

struct wbh_runner *judged_runner(void) {
    if (runner == NULL) {
        runner = wbh_runner_new();
    }
    return runner;
}

void judged_clean_up(void) {
    wbh_runner_destroy(runner);
    runner = NULL;
}

static void give_up(const char *why) {
    (void)fprintf(stderr, "%s\n", why);
    abort();
}

void judge_text(const char *text, const struct wbh_run_options *options) {
    struct wbh_parse_error where;
    char why[512];
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    if (scenario == NULL) {
        (void)wbh_parse_error_format(&where, "text", why, sizeof(why));
        give_up(why);
    }
    if (wbh_run(judged_runner(), scenario, options, &judged, why, sizeof(why)) != 0) {
        give_up(why);
    }
    wbh_scenario_destroy(scenario);
}

const struct wbh_finding *judged_finding(const char *oracle) {
    for (uint32_t i = 0; i < judged.finding_count; i++) {
        if (strcmp(judged.findings[i].oracle, oracle) == 0) {
            return &judged.findings[i];
        }
    }
    return NULL;
}
