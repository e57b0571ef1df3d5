/* See judge.h. */
#include "scenario/judge.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "wouldblock/run.h"

/* Tells libFuzzer of what coverage cannot: that a decision of the system was seen by the program,
 * and about how often. Other engines leave it alone. */
__attribute__((used, section("__libfuzzer_extra_counters"))) static uint8_t
    seen_counters[WBH_POINT_COUNT * WBH_ACTION_COUNT];

static struct wbh_runner *runner;
static struct wbh_scenario *scenario;
static struct wbh_result result;
static int shows_text;

static void set_up(void) {
    runner = wbh_runner_new();
    scenario = wbh_scenario_new();
    if (runner == NULL || scenario == NULL) {
        abort();
    }
    shows_text = getenv("WB_FUZZ_TEXT") != NULL;
}

static void print_scenario(void) {
    size_t len;
    char *text = wbh_scenario_print(scenario, &len);
    if (text != NULL) {
        fprintf(stderr, "---- scenario ----\n%.*s---- end ----\n", (int)len, text);
    }
    free(text);
}

static void print_findings(void) {
    fprintf(stderr, "verdict  %s, oracle %s\n", wbh_verdict_name(result.verdict),
        result.findings[0].oracle);
    for (uint32_t i = 0; i < result.finding_count; i++) {
        const struct wbh_finding *finding = &result.findings[i];
        fprintf(stderr, "  %s: %s\n%s    (oracle %s, at %" PRIu64 " ns, call %" PRIu32 ")\n",
            wbh_verdict_name((enum wbh_verdict)finding->verdict), finding->text, finding->why,
            finding->oracle, finding->time_ns, finding->step);
    }
}

static void die(void) {
    if (!shows_text) {
        print_scenario();
    }
    abort();
}

static void run(void) {
    static const struct wbh_run_options options = {
        .flags = WBH_RUN_TOLERANT | WBH_RUN_FRESH_BASELINE};
    char error[256];
    if (wbh_run(runner, scenario, &options, &result, error, sizeof(error)) != 0) {
        fprintf(stderr, "verdict  not runnable: %s\n", error);
        die();
    }
    if (result.verdict != WBH_VERDICT_OK) {
        print_findings();
        die();
    }
}

static void run_again(void) {
    uint64_t hash = result.hash;
    run();
    if (result.hash != hash) {
        fprintf(stderr, "verdict  not deterministic: hash %016" PRIx64 ", then %016" PRIx64 "\n",
            hash, result.hash);
        die();
    }
}

/* The engine has cleared the counters before the run. */
static void count_seen(void) {
    if (!result.faults.any) {
        return;
    }
    for (unsigned point = 0; point < WBH_POINT_COUNT; point++) {
        for (unsigned action = 0; action < WBH_ACTION_COUNT; action++) {
            uint64_t n = result.faults.consumed[point][action];
            seen_counters[point * WBH_ACTION_COUNT + action] =
                n < UINT8_MAX ? (uint8_t)n : UINT8_MAX;
        }
    }
}

int judge_input(const uint8_t *data, size_t size, void (*fit)(struct wbh_scenario *)) {
    if (runner == NULL) {
        set_up();
    }
    if (wbh_scenario_decode_into(scenario, data, size) != 0) {
        return 0; /* no memory for it */
    }
    fit(scenario);
    if (shows_text) {
        print_scenario();
    }
    run();
    count_seen();
    if (size % 16 == 15) {
        run_again();
    }
    return 0;
}
