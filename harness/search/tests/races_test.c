/* Planted races between threads: each is found by a search with at most two pre-emptions and by
 * PCT, its plan does the same again from a file, and the right twin is never blamed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hunter.h"
#include "judged.h"
#include "runtime/planted.h"
#include "runtime/sync/planted.h"
#include "scenes.h"
#include "twins.h"

enum { PREEMPTIONS = 2, PCT_DEPTH = 3, PCT_SEEDS = 3000, PROGRAMS_MAX = 64 };

static struct wbh_program programs[PROGRAMS_MAX];

struct race {
    const char *class;
    enum wb__runtime_planted planted; /* WB__RUNTIME_PLANTED_COUNT: none, */
    enum wb__sync_planted in_sync;    /* ... and neither: `careless` plants it */
    const char *careless;             /* program and options */
    const char *right;
    enum wbh_verdict verdict;
};

#define CARELESS WB__RUNTIME_PLANTED_COUNT, WB__SYNC_PLANTED_COUNT
#define IN_RUNTIME(name) WB__RUNTIME_PLANTED_##name, WB__SYNC_PLANTED_COUNT
#define IN_SYNC(name) WB__RUNTIME_PLANTED_COUNT, WB__SYNC_PLANTED_##name

static const struct race races[] = {
    {"C2", CARELESS, "late_sleeper careless", "late_sleeper", WBH_VERDICT_HANG},
    {"C2", CARELESS, "early_hush careless", "early_hush", WBH_VERDICT_PROTOCOL},
    {"C2", IN_RUNTIME(LATE_IDLE), "task_wake flavour=single", "task_wake flavour=single",
        WBH_VERDICT_HANG},
    {"C2", IN_RUNTIME(FORGOTTEN_WAKE), "block_on", "block_on", WBH_VERDICT_HANG},
    {"J2", IN_RUNTIME(UNARMED_TIMER), "sleep", "sleep", WBH_VERDICT_HANG},
    {"C2", IN_RUNTIME(UNTOLD_WAITER), "mpsc flavour=single", "mpsc flavour=single",
        WBH_VERDICT_HANG},
    {"C2", IN_SYNC(UNSEEN_VALUE), "mpsc_value flavour=single", "mpsc_value flavour=single",
        WBH_VERDICT_HANG},
    {"C2", IN_SYNC(UNTOLD_RECEIVER), "mpsc_value flavour=single", "mpsc_value flavour=single",
        WBH_VERDICT_HANG},
    {"C2", IN_SYNC(UNSEEN_ROOM), "mpsc_room flavour=single", "mpsc_room flavour=single",
        WBH_VERDICT_HANG},
    {"C2", IN_SYNC(KEPT_ROOM), "mpsc_room flavour=single", "mpsc_room flavour=single",
        WBH_VERDICT_HANG},
    {"C2", IN_SYNC(UNSEEN_ANSWER), "oneshot flavour=single", "oneshot flavour=single",
        WBH_VERDICT_HANG},
    {"I1", CARELESS, "reused_slot careless", "reused_slot", WBH_VERDICT_PROTOCOL},
    {"I3", CARELESS, "closed_in_batch careless", "closed_in_batch", WBH_VERDICT_MISUSE},
};

enum { RACE_COUNT = sizeof(races) / sizeof(races[0]) };

static int setup(void **state) {
    size_t scene_program_count;
    size_t twin_count;
    const struct wbh_program *of_scenes = scene_programs(&scene_program_count);
    const struct wbh_program *of_twins = twin_programs(&twin_count);
    (void)state;
    assert_true(scene_program_count + twin_count <= PROGRAMS_MAX);
    memcpy(programs, of_scenes, scene_program_count * sizeof(*programs));
    memcpy(programs + scene_program_count, of_twins, twin_count * sizeof(*programs));
    wbh_program_register(programs, scene_program_count + twin_count);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    hunter_clean_up();
    return 0;
}

static const char *text_of(const char *cast) {
    static char text[128];
    (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram %s\n", cast);
    return text;
}

/* The plan, read again and run without a source, is the same run. */
static void check_plan(const struct hunt *hunt) {
    assert_non_null(hunt->plan);
    judge_text(hunt->plan, NULL);
    assert_int_equal(judged.verdict, hunt->verdict);
    assert_int_equal(judged.planned_unfired, 0);
    assert_true(judged.hash == hunt->hash);
}

/* Who stands still for good is told of by the oracle of hangs if that knows why, and by the
 * comparison with the run without faults otherwise. */
static bool is_verdict(const struct race *race, enum wbh_verdict verdict) {
    return verdict == race->verdict
           || (race->verdict == WBH_VERDICT_HANG && verdict == WBH_VERDICT_DIVERGENCE);
}

static void check_found(const struct race *race, const struct hunt *hunt, const char *how) {
    if (hunt->searched != WBH_SEARCH_FOUND || !is_verdict(race, hunt->verdict)) {
        fail_msg("%s, %s: not found by %s in %lu runs: verdict %d", race->class, race->careless,
            how, (unsigned long)hunt->runs, (int)hunt->verdict);
    }
    check_plan(hunt);
}

static uint32_t check_by_search(const struct race *race) {
    const struct wbh_enumeration turns = hunt_turns(PREEMPTIONS);
    struct hunt hunt = hunt_by_levels(text_of(race->careless), &turns);
    check_found(race, &hunt, "search");
    const uint32_t level = hunt.level;
    print_message("%s %-26s search: run %lu, %u pre-emptions; ", race->class, race->careless,
        (unsigned long)hunt.runs, (unsigned)level);
    hunt_clean_up(&hunt);
    return level;
}

static void check_by_pct(const struct race *race) {
    struct hunt hunt = hunt_by_pct(text_of(race->careless), PCT_DEPTH, PCT_SEEDS);
    check_found(race, &hunt, "PCT");
    print_message("PCT: run %lu\n", (unsigned long)hunt.runs);
    hunt_clean_up(&hunt);
}

static void check_right(const struct race *race, uint32_t level) {
    const struct wbh_enumeration turns = hunt_turns(level);
    struct hunt hunt = hunt_by_levels(text_of(race->right), &turns);
    if (hunt.searched != WBH_SEARCH_DONE) {
        fail_msg("%s is blamed: %s\n%s", race->right, judged.findings[0].text, hunt.plan);
    }
    hunt = hunt_by_pct(text_of(race->right), PCT_DEPTH, PCT_SEEDS / 10);
    if (hunt.searched != WBH_SEARCH_DONE) {
        fail_msg("%s is blamed: %s\n%s", race->right, judged.findings[0].text, hunt.plan);
    }
}

static void planted_race_is_found_and_its_right_twin_is_not_blamed(void **state) {
    const struct race *race = *state;
    wb__runtime_planted = race->planted;
    wb__sync_planted = race->in_sync;
    const uint32_t level = check_by_search(race);
    check_by_pct(race);
    wb__runtime_planted = WB__RUNTIME_PLANTED_COUNT;
    wb__sync_planted = WB__SYNC_PLANTED_COUNT;
    check_right(race, level);
}

int main(void) {
    struct CMUnitTest tests[RACE_COUNT] = {0};
    for (size_t i = 0; i < RACE_COUNT; i++) {
        tests[i] = (struct CMUnitTest){.name = races[i].careless,
            .test_func = planted_race_is_found_and_its_right_twin_is_not_blamed,
            .initial_state = (void *)&races[i]};
    }
    return _cmocka_run_group_tests("races", tests, RACE_COUNT, setup, teardown);
}
