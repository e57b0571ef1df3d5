/* Exploring on several processes: the outcome is the same for any number of them; a run that takes
 * its process with it is found like any other. */
#include "cli/explore.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/save.h"

enum { ROUNDS = 10, SECONDS = 20 };

/* ---- programs: two threads take turns at a counter; one of them minds who comes first ---- */

struct race {
    const struct wb_sys *sys;
    unsigned steps;
    unsigned seen; /* steps before the other thread came to its third */
};

static void step(void *arg) {
    struct race *race = arg;
    for (int i = 0; i < ROUNDS; i++) {
        wb_sys_interleave(race->sys, race);
        race->steps++;
    }
}

static void look(void *arg) {
    struct race *race = arg;
    for (int i = 0; i < ROUNDS; i++) {
        wb_sys_interleave(race->sys, race);
        if (i == 2) {
            race->seen = race->steps;
        }
    }
}

/* Returns what `look` saw. */
static unsigned race_once(const struct wb_sys *sys) {
    struct race race = {.sys = sys};
    uint64_t threads[2] = {0};
    (void)WB_SYS(sys, thread_create, step, &race, &threads[0]);
    (void)WB_SYS(sys, thread_create, look, &race, &threads[1]);
    (void)WB_SYS(sys, thread_join, threads[0]);
    (void)WB_SYS(sys, thread_join, threads[1]);
    return race.seen;
}

static int calm(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    (void)race_once(sys);
    return 0;
}

/* Wrong in the middle only: neither before nor after all steps. */
static int fails(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    return race_once(sys) == 3;
}

static int crashes(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)argc;
    (void)argv;
    if (race_once(sys) == 3) {
        abort();
    }
    return 0;
}

static const struct wbh_program programs[] = {
    {.name = "test_calm", .main = calm, .must_succeed = 1},
    {.name = "test_fails", .main = fails, .must_succeed = 1},
    {.name = "test_crashes", .main = crashes, .must_succeed = 1},
};

enum { CALM, FAILS, CRASHES, PROGRAM_COUNT };

static struct cli_input inputs[PROGRAM_COUNT];

static int parse_inputs(void **state) {
    (void)state;
    wbh_program_register(programs, PROGRAM_COUNT);
    for (size_t i = 0; i < PROGRAM_COUNT; i++) {
        char text[128];
        int len = snprintf(text, sizeof text, "scenario \"x\"\nprogram %s\n", programs[i].name);
        struct wbh_parse_error error;
        inputs[i] = (struct cli_input){.path = programs[i].name,
            .form = CLI_FORM_TEXT,
            .scenario = wbh_scenario_parse(text, (size_t)len, &error),
            .program = &programs[i]};
        assert_non_null(inputs[i].scenario);
    }
    return 0;
}

static int free_inputs(void **state) {
    (void)state;
    for (size_t i = 0; i < PROGRAM_COUNT; i++) {
        cli_input_clean_up(&inputs[i]);
    }
    return 0;
}

static struct cli_exploration explore(size_t input, unsigned workers, uint64_t runs_max) {
    struct cli_exploration exploration = {
        .job = {.input = &inputs[input]},
        .enumeration = {.orders = true, .preemptions_max = 3, .total_max = WBH_UNBOUNDED},
        .runs_max = runs_max,
        .workers = workers,
        .seconds = SECONDS,
    };
    assert_int_equal(cli_explore_level(&exploration), 0);
    return exploration;
}

/* ---- coverage ---- */

static void explore_covers_the_same_on_any_number_of_processes(void **state) {
    (void)state;
    struct cli_exploration alone = explore(CALM, 1, UINT64_MAX);
    assert_true(alone.is_complete && !alone.is_found);
    assert_true(alone.runs > 1000);
    for (unsigned workers = 2; workers <= 4; workers += 2) {
        struct cli_exploration exploration = explore(CALM, workers, UINT64_MAX);
        assert_true(exploration.is_complete && !exploration.is_found);
        assert_true(exploration.runs == alone.runs);
        cli_exploration_clean_up(&exploration);
    }
    cli_exploration_clean_up(&alone);
}

static void explore_stops_at_its_limit(void **state) {
    (void)state;
    struct cli_exploration whole = explore(CALM, 2, UINT64_MAX);
    const uint64_t limits[] = {1, 512, 513, whole.runs - 1, whole.runs};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct cli_exploration exploration = explore(CALM, 1 + (unsigned)i % 3, limits[i]);
        assert_true(exploration.runs == limits[i]);
        assert_int_equal(exploration.is_complete, limits[i] == whole.runs);
        cli_exploration_clean_up(&exploration);
    }
    cli_exploration_clean_up(&whole);
}

/* ---- what fails ---- */

static void assert_same_path(const struct cli_schedule *a, const struct cli_schedule *b) {
    assert_int_equal(a->branch_count, b->branch_count);
    for (uint32_t i = 0; i < a->branch_count; i++) {
        assert_int_equal(a->branches[i].taken, b->branches[i].taken);
    }
}

static void explore_finds_the_same_run_on_any_number_of_processes(void **state) {
    (void)state;
    struct cli_exploration alone = explore(FAILS, 1, UINT64_MAX);
    assert_true(alone.is_found);
    assert_int_equal(alone.outcome.verdict, WBH_VERDICT_PROTOCOL);
    for (unsigned workers = 2; workers <= 4; workers += 2) {
        struct cli_exploration exploration = explore(FAILS, workers, UINT64_MAX);
        assert_true(exploration.is_found);
        assert_true(exploration.runs == alone.runs);
        assert_true(exploration.outcome.hash == alone.outcome.hash);
        assert_same_path(&exploration.schedule, &alone.schedule);
        cli_exploration_clean_up(&exploration);
    }
    cli_exploration_clean_up(&alone);
}

static void check_saved(struct cli_exploration *exploration, enum wbh_verdict verdict) {
    enum cli_saved_as as = CLI_SAVED_UNCONFIRMED;
    size_t len = 0;
    exploration->job.schedule = &exploration->schedule;
    char *text = cli_save_text(&exploration->job, verdict, SECONDS, &as, &len);
    assert_non_null(text);
    assert_int_equal(as, CLI_SAVED_PLAN); /* which was tried, and gave that verdict */
    assert_non_null(strstr(text, ".switch "));
    free(text);
}

static void explore_run_that_fails_is_saved_as_a_plan(void **state) {
    (void)state;
    struct cli_exploration exploration = explore(FAILS, 2, UINT64_MAX);
    assert_true(exploration.is_found);
    check_saved(&exploration, WBH_VERDICT_PROTOCOL);
    cli_exploration_clean_up(&exploration);
}

static void explore_run_that_crashes_is_found_and_saved(void **state) {
    (void)state;
    struct cli_exploration fails = explore(FAILS, 1, UINT64_MAX);
    for (unsigned workers = 1; workers <= 3; workers += 2) {
        struct cli_exploration exploration = explore(CRASHES, workers, UINT64_MAX);
        assert_true(exploration.is_found);
        assert_int_equal(exploration.outcome.verdict, WBH_VERDICT_CRASH);
        assert_true(exploration.outcome.is_dead);
        assert_true(exploration.runs == fails.runs); /* the same order of threads */
        if (workers == 3) {
            check_saved(&exploration, WBH_VERDICT_CRASH);
        }
        cli_exploration_clean_up(&exploration);
    }
    cli_exploration_clean_up(&fails);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(explore_covers_the_same_on_any_number_of_processes),
        cmocka_unit_test(explore_stops_at_its_limit),
        cmocka_unit_test(explore_finds_the_same_run_on_any_number_of_processes),
        cmocka_unit_test(explore_run_that_fails_is_saved_as_a_plan),
        cmocka_unit_test(explore_run_that_crashes_is_found_and_saved),
    };
    return cmocka_run_group_tests(tests, parse_inputs, free_inputs);
}
