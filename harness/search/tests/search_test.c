/* Searching: what is covered is covered once, in one go, in pieces or in parts; what cannot be
 * searched is said to be so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hunter.h"
#include "judged.h"
#include "twins.h"
#include "wb/sys.h"

enum { PROGRAMS_MAX = 16 };

static struct wbh_program programs[PROGRAMS_MAX];
static struct wbh_branch branches[WBH_BRANCHES_MAX];
static struct wbh_search search;

/* ---- a program that does not do the same twice ---- */

static unsigned times_run;

static void lock_once(void *arg) {
    const struct wb_sys *sys = arg;
    wb_sys_interleave(sys, &times_run);
}

static int moody_main(const struct wb_sys *sys, int argc, char *const argv[]) {
    uint64_t threads[2];
    const unsigned count = 1 + times_run++ % 2;
    (void)argc;
    (void)argv;
    for (unsigned i = 0; i < count; i++) {
        if (WB_SYS(sys, thread_create, lock_once, (void *)(uintptr_t)sys, &threads[i]) != 0) {
            return 2;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        (void)WB_SYS(sys, thread_join, threads[i]);
    }
    return 0;
}

static int setup(void **state) {
    size_t count;
    const struct wbh_program *twins = twin_programs(&count);
    (void)state;
    memcpy(programs, twins, count * sizeof(*programs));
    programs[count] = (struct wbh_program){.name = "moody", .main = moody_main};
    wbh_program_register(programs, count + 1);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    hunter_clean_up();
    return 0;
}

static struct wbh_scenario *parse(const char *text) {
    struct wbh_parse_error where;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    assert_non_null(scenario);
    return scenario;
}

static void begin(const struct wbh_scenario *scenario, struct wbh_enumeration enumeration) {
    wbh_search_init(&search, judged_runner(), scenario, &enumeration, NULL, branches, &judged);
}

/* ---- coverage ---- */

static const char hush[] = "scenario \"x\"\nprogram early_hush\n";

static void search_in_pieces_makes_the_same_runs(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse(hush);
    begin(scenario, hunt_turns(3));
    assert_int_equal(wbh_search_go_on(&search, UINT64_MAX), WBH_SEARCH_DONE);
    const uint64_t whole = search.runs;
    begin(scenario, hunt_turns(3));
    uint64_t pieces = 1;
    while (wbh_search_go_on(&search, 1) == WBH_SEARCH_MORE) {
        assert_true(search.runs == pieces);
        pieces++;
    }
    assert_true(search.runs == whole);
    assert_true(whole > 20);
    wbh_scenario_destroy(scenario);
}

/* The runs below the path that the search stands at, with everything before `fixed` kept. */
static uint64_t count_part(const struct wbh_scenario *scenario, const struct wbh_branch *path,
    uint32_t path_len, uint32_t fixed) {
    begin(scenario, hunt_turns(3));
    memcpy(branches, path, path_len * sizeof(*path));
    search.source.branch_count = path_len;
    search.source.fixed = fixed;
    assert_int_equal(wbh_search_go_on(&search, UINT64_MAX), WBH_SEARCH_DONE);
    return search.runs;
}

static void search_in_parts_makes_the_same_runs(void **state) {
    (void)state;
    static struct wbh_branch path[WBH_BRANCHES_MAX];
    struct wbh_scenario *scenario = parse(hush);
    begin(scenario, hunt_turns(3));
    assert_int_equal(wbh_search_go_on(&search, UINT64_MAX), WBH_SEARCH_DONE);
    const uint64_t whole = search.runs;
    begin(scenario, hunt_turns(3));
    assert_int_equal(wbh_search_go_on(&search, 5), WBH_SEARCH_MORE);
    uint64_t sum = search.runs;
    const uint32_t path_len = search.source.branch_count;
    memcpy(path, branches, path_len * sizeof(*path));
    sum += count_part(scenario, path, path_len, path_len);
    for (uint32_t i = path_len; i-- > 0;) {
        if (path[i].taken + 1 < path[i].count) {
            path[i].taken++;
            sum += count_part(scenario, path, i + 1, i);
            path[i].taken--;
        }
    }
    assert_true(sum == whole);
    wbh_scenario_destroy(scenario);
}

static void search_of_more_covers_more(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse(hush);
    uint64_t before = 0;
    for (uint32_t preemptions = 0; preemptions < 5; preemptions++) {
        begin(scenario, hunt_turns(preemptions));
        assert_int_equal(wbh_search_go_on(&search, UINT64_MAX), WBH_SEARCH_DONE);
        assert_true(search.runs > before);
        before = search.runs;
    }
    begin(scenario, hunt_turns(WBH_UNBOUNDED));
    assert_int_equal(wbh_search_go_on(&search, UINT64_MAX), WBH_SEARCH_DONE);
    assert_true(search.runs >= before);
    wbh_scenario_destroy(scenario);
}

static void search_levels_end_with_the_enumeration(void **state) {
    (void)state;
    struct wbh_enumeration bounds = hunt_turns(2);
    struct wbh_enumeration level;
    bounds.faults_max = 1;
    for (uint32_t n = 0; n <= 3; n++) {
        assert_true(wbh_search_level(&bounds, n, &level));
        assert_int_equal(level.total_max, n);
        assert_int_equal(level.preemptions_max, 2);
    }
    assert_false(wbh_search_level(&bounds, 4, &level));
    bounds = hunt_turns(WBH_UNBOUNDED);
    assert_true(wbh_search_level(&bounds, 3, &level));
    assert_true(level.total_max == WBH_UNBOUNDED);
    assert_false(wbh_search_level(&bounds, 4, &level));
}

/* ---- faults ---- */

static void search_places_a_fault_that_is_found(void **state) {
    (void)state;
    const struct wbh_enumeration wakes = {
        .faults_max = 1, .legality_max = WBH_LEGALITY_CONTRACT, .total_max = WBH_UNBOUNDED};
    struct hunt hunt = hunt_by_levels("scenario \"x\"\nprogram late_sleeper hasty\n", &wakes);
    assert_int_equal(hunt.searched, WBH_SEARCH_FOUND);
    assert_int_equal(hunt.level, 1);
    assert_non_null(strstr(hunt.plan, "fault park 1 wake"));
    hunt_clean_up(&hunt);
    hunt = hunt_by_levels("scenario \"x\"\nprogram late_sleeper\n", &wakes);
    assert_int_equal(hunt.searched, WBH_SEARCH_DONE);
}

static void search_places_every_fault_of_a_conversation(void **state) {
    (void)state;
    static const char text[] = "scenario \"x\"\nprogram ping_pong\n"
                               "peer alice\n  connect\n  send \"hello\\n\"\n"
                               "  expect \"hello\\n\"\n  close\n";
    uint64_t before = 0;
    for (uint32_t faults = 0; faults < 3; faults++) {
        const struct wbh_enumeration bounds = {.faults_max = faults,
            .legality_max = WBH_LEGALITY_CONTRACT,
            .total_max = WBH_UNBOUNDED};
        struct hunt hunt = hunt_whole(text, &bounds);
        assert_int_equal(hunt.searched, WBH_SEARCH_DONE);
        assert_true(hunt.failures == 0);
        assert_true(faults == 0 ? hunt.runs == 1 : hunt.runs > before * 20);
        before = hunt.runs;
    }
}

/* ---- what cannot be searched ---- */

static void search_of_a_moody_program_strays(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse("scenario \"x\"\nprogram moody\n");
    begin(scenario, hunt_turns(WBH_UNBOUNDED));
    times_run = 1; /* two threads first, then one */
    enum wbh_searched searched = wbh_search_go_on(&search, UINT64_MAX);
    assert_int_equal(searched, WBH_SEARCH_STRAYED);
    wbh_scenario_destroy(scenario);
}

static void search_of_an_unknown_program_says_why(void **state) {
    (void)state;
    struct wbh_scenario *scenario = parse("scenario \"x\"\nprogram nobody\n");
    begin(scenario, hunt_turns(1));
    assert_int_equal(wbh_search_go_on(&search, 10), WBH_SEARCH_UNRUNNABLE);
    assert_non_null(strstr(search.error, "nobody"));
    assert_true(search.runs == 0);
    wbh_scenario_destroy(scenario);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_in_pieces_makes_the_same_runs),
        cmocka_unit_test(search_in_parts_makes_the_same_runs),
        cmocka_unit_test(search_of_more_covers_more),
        cmocka_unit_test(search_levels_end_with_the_enumeration),
        cmocka_unit_test(search_places_a_fault_that_is_found),
        cmocka_unit_test(search_places_every_fault_of_a_conversation),
        cmocka_unit_test(search_of_a_moody_program_strays),
        cmocka_unit_test(search_of_an_unknown_program_says_why),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
