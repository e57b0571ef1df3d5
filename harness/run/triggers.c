/* The same scenario under each trigger mode: a program's choice of mode is nobody else's business.
 */
#include "run/internal.h"

#include <stdio.h>

static const char *const triggers[WBH_TRIGGER_COUNT] = {"level", "edge", "oneshot", "edge-oneshot"};

const char *wbh_trigger_nth(size_t n) {
    return n < WBH_TRIGGER_COUNT ? triggers[n] : NULL;
}

static void swap_stages(struct wbh_stage *a, struct wbh_stage *b) {
    struct wbh_stage kept = *a;
    *a = *b;
    *b = kept;
}

/* One finding for the run as a whole: the mode is at fault, not a connection. */
static void verdict_differs(struct wbh_runner *runner, size_t mode, struct wbh_result *result) {
    struct wbh_finding *finding =
        wbh_judge_find(&runner->roles[0].judge, &wbh_oracle_triggers, WBH_SUBJECT_NONE);
    if (finding != NULL) {
        struct wbh_prose text = wbh_finding_text(finding);
        wbh_prose_add(&text, "with trigger %s the verdict is %s, with trigger %s it is ok",
            triggers[mode], wbh_verdict_name(result->verdict), triggers[0]);
    }
    result->finding_count = runner->findings.count;
}

static void compare(struct wbh_runner *runner, struct wbh_result *result) {
    wbh_runner_differences(runner, &wbh_oracle_triggers, &runner->reference, "with trigger level");
    result->finding_count = runner->findings.count;
    if (result->finding_count != 0) {
        result->verdict = (enum wbh_verdict)result->findings[0].verdict;
    }
}

/* Of programs that are not known wbh_run tells. */
static bool has_choice(const struct wbh_scenario *scenario) {
    for (uint32_t i = 0; i < wbh_scenario_program_count(scenario); i++) {
        const struct wbh_program *program =
            wbh_program_find(wbh_scenario_program(scenario, i).program);
        if (program == NULL || wbh_program_has_option(program, "trigger")) {
            return true;
        }
    }
    return false;
}

int wbh_run_triggers(struct wbh_runner *runner, const struct wbh_scenario *scenario,
    const struct wbh_run_options *options, struct wbh_result *out_result, char *error,
    size_t error_len) {
    struct wbh_run_options each = {0};
    if (options != NULL) {
        each = *options;
    }
    if (!has_choice(scenario)) {
        (void)snprintf(
            error, error_len, "the program %s has no option \"trigger\"", scenario->program);
        return -1;
    }
    bool has_reference = false;
    for (size_t mode = 0; mode < WBH_TRIGGER_COUNT; mode++) {
        each.trigger = triggers[mode];
        if (wbh_run(runner, scenario, &each, out_result, error, error_len) != 0) {
            return -1;
        }
        if (out_result->verdict != WBH_VERDICT_OK) {
            if (mode != 0) {
                verdict_differs(runner, mode, out_result);
            }
            return 0;
        }
        bool comparable = wbh_runner_is_comparable(runner, out_result);
        if (mode == 0 && comparable) {
            swap_stages(&runner->reference, &runner->stage);
            has_reference = true;
        } else if (comparable && has_reference) {
            compare(runner, out_result);
        }
        if (out_result->verdict != WBH_VERDICT_OK) {
            return 0;
        }
    }
    return 0;
}
