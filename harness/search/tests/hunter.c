/* See hunter.h. */
#include "hunter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judged.h"

static struct wbh_branch branches[WBH_BRANCHES_MAX];

static void give_up(const char *why) {
    (void)fprintf(stderr, "%s\n", why);
    abort();
}

static struct wbh_scenario *parse(const char *text) {
    struct wbh_parse_error where;
    char why[512];
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    if (scenario == NULL) {
        (void)wbh_parse_error_format(&where, "text", why, sizeof(why));
        give_up(why);
    }
    return scenario;
}

static void check(const struct wbh_search *search, enum wbh_searched searched) {
    if (searched == WBH_SEARCH_UNRUNNABLE) {
        give_up(search->error);
    }
    if (searched == WBH_SEARCH_STRAYED || search->is_cut_short) {
        give_up("a run strayed, or was too long");
    }
}

/* The last run once more, kept, as a scenario. */
static char *write_plan(struct wbh_scenario *scenario, const struct wbh_run_options *options) {
    char error[256];
    size_t len = 0;
    struct wbh_run_options kept = *options;
    kept.flags |= WBH_RUN_RECORD;
    if (wbh_run(judged_runner(), scenario, &kept, &judged, error, sizeof(error)) != 0) {
        give_up(error);
    }
    const struct wbh_trace *trace = wbh_runner_trace(judged_runner());
    if (wbh_scenario_set_plan(scenario, trace->decisions, trace->decision_count) != 0) {
        give_up("no plan");
    }
    return wbh_scenario_print(scenario, &len);
}

static void keep(
    struct hunt *hunt, const struct wbh_scenario *scenario, const struct wbh_run_options *options) {
    struct wbh_scenario *plan = wbh_scenario_clone(scenario);
    hunt->hash = judged.hash;
    hunt->verdict = judged.verdict;
    hunt->failures++;
    free(hunt->plan);
    hunt->plan = write_plan(plan, options);
    wbh_scenario_destroy(plan);
}

static struct hunt search_some(
    const char *text, const struct wbh_enumeration *enumeration, bool goes_on) {
    struct hunt hunt = {0};
    struct wbh_search search;
    struct wbh_scenario *scenario = parse(text);
    wbh_search_init(&search, judged_runner(), scenario, enumeration, NULL, branches, &judged);
    do {
        hunt.searched = wbh_search_go_on(&search, UINT64_MAX);
        check(&search, hunt.searched);
        if (hunt.searched == WBH_SEARCH_FOUND) {
            wbh_enumerated_source_begin(&search.source);
            keep(&hunt, scenario, &search.options);
        }
    } while (goes_on && hunt.searched == WBH_SEARCH_FOUND);
    hunt.runs = search.runs;
    wbh_scenario_destroy(scenario);
    return hunt;
}

struct hunt hunt_whole(const char *text, const struct wbh_enumeration *enumeration) {
    return search_some(text, enumeration, true);
}

struct hunt hunt_by_levels(const char *text, const struct wbh_enumeration *enumeration) {
    struct wbh_enumeration bounds;
    struct hunt hunt = {0};
    uint64_t runs = 0;
    for (uint32_t level = 0; wbh_search_level(enumeration, level, &bounds); level++) {
        hunt = search_some(text, &bounds, false);
        runs += hunt.runs;
        hunt.level = level;
        if (hunt.searched == WBH_SEARCH_FOUND) {
            break;
        }
    }
    hunt.runs = runs;
    return hunt;
}

struct hunt hunt_by_pct(const char *text, uint32_t depth, uint64_t seeds) {
    struct hunt hunt = {.searched = WBH_SEARCH_DONE};
    struct wbh_scenario *scenario = parse(text);
    uint64_t seed = 0;
    struct wbh_run_options options = {.seed = &seed, .pct_depth = depth};
    char error[256];
    for (; seed < seeds; seed++) {
        if (wbh_run(judged_runner(), scenario, &options, &judged, error, sizeof(error)) != 0) {
            give_up(error);
        }
        hunt.runs++;
        if (judged.verdict != (enum wbh_verdict)scenario->verdict) {
            hunt.searched = WBH_SEARCH_FOUND;
            keep(&hunt, scenario, &options);
            break;
        }
    }
    wbh_scenario_destroy(scenario);
    return hunt;
}

void hunt_clean_up(struct hunt *hunt) {
    free(hunt->plan);
    hunt->plan = NULL;
}

void hunter_clean_up(void) {
    judged_clean_up();
}
