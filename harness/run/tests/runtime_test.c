/* Programs on the runtime, which is right and never blamed: under hundreds of orders in which its
 * threads may take their turns they come to their end, lose no wake and leave nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "judged.h"
#include "runtimes.h"

enum { SEEDS = 300 };

static int setup(void **state) {
    (void)state;
    size_t count;
    const struct wbh_program *programs = runtime_programs(&count);
    wbh_program_register(programs, count);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

static void judge_seeded(const char *text, uint64_t seed) {
    const struct wbh_run_options options = {
        .flags = WBH_RUN_RECORD, .seed = &seed, .profile = seed % 2 == 0 ? "gentle" : "hostile"};
    judge_text(text, &options);
    if (judged.verdict != WBH_VERDICT_OK || judged.stop != SIM_STOP_EXITED
        || judged.exit_status != 0) {
        fail_msg("%s seed %d: stop %d, status %d, %s\n%s", text, (int)seed, (int)judged.stop,
            judged.exit_status, judged.findings[0].text, judged.findings[0].why);
    }
}

/* Returns how many runs changed the order of threads. */
static unsigned sweep(const char *text) {
    unsigned switched = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        judge_seeded(text, seed);
        switched += judged.faults.injected[WBH_POINT_SWITCH][WBH_ACTION_ORDER] != 0;
    }
    return switched;
}

static void rt_30_no_wake_is_lost_in_any_order_of_threads(void **state) {
    (void)state;
    assert_true(sweep("scenario \"x\"\nprogram chain\n") > SEEDS / 4);
    assert_true(sweep("scenario \"x\"\nprogram chain flavour=multi\n") > SEEDS / 4);
}

static void inv_04_nothing_is_left_in_any_order_of_threads(void **state) {
    (void)state;
    (void)sweep("scenario \"x\"\nprogram crowd as a\nprogram crowd as b\n");
    assert_true(
        sweep(
            "scenario \"x\"\nprogram crowd as a flavour=multi\nprogram crowd as b flavour=multi\n")
        > SEEDS / 4);
}

static void tk_09_wakes_race_the_end_in_any_order_of_threads(void **state) {
    (void)state;
    (void)sweep("scenario \"x\"\nprogram farewell\n");
    (void)sweep("scenario \"x\"\nprogram farewell flavour=multi\n");
}

static void tk_09_work_ends_while_shutdown_waits_in_any_order_of_threads(void **state) {
    (void)state;
    (void)sweep("scenario \"x\"\nprogram closing as a\nprogram closing as b\n");
    (void)sweep("scenario \"x\"\nprogram closing as a flavour=multi\n"
                "program closing as b flavour=multi\n");
}

static void tk_14_sets_in_any_order_of_threads(void **state) {
    (void)state;
    (void)sweep("scenario \"x\"\nprogram family\n");
    assert_true(sweep("scenario \"x\"\nprogram family flavour=multi\n") > SEEDS / 4);
}

static void tk_15_blocking_when_paused(void **state) {
    (void)state;
    (void)sweep("scenario \"x\"\nprogram patient\n");
    (void)sweep("scenario \"x\"\nprogram patient flavour=multi\n");
}

/* Tasks of two runtimes have numbers of their own each, or nothing could be said of them. */
static void inv_07_oracles_tell_tasks_of_two_runtimes_apart(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram rude\n", NULL);
    const struct wbh_finding *finding = judged_finding("blocking");
    assert_non_null(finding);
    assert_non_null(strstr(finding->text, "task 2 blocks"));
}

static void inv_22_one_seed_is_one_run(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        judge_seeded(
            "scenario \"x\"\nprogram crowd as a flavour=multi\nprogram crowd as b flavour=multi\n",
            seed);
        const struct wbh_result first = judged;
        judge_seeded(
            "scenario \"x\"\nprogram crowd as a flavour=multi\nprogram crowd as b flavour=multi\n",
            seed);
        assert_int_equal(judged.calls, first.calls);
        assert_true(judged.time_ns == first.time_ns);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rt_30_no_wake_is_lost_in_any_order_of_threads),
        cmocka_unit_test(inv_04_nothing_is_left_in_any_order_of_threads),
        cmocka_unit_test(tk_09_wakes_race_the_end_in_any_order_of_threads),
        cmocka_unit_test(tk_09_work_ends_while_shutdown_waits_in_any_order_of_threads),
        cmocka_unit_test(tk_14_sets_in_any_order_of_threads),
        cmocka_unit_test(tk_15_blocking_when_paused),
        cmocka_unit_test(inv_07_oracles_tell_tasks_of_two_runtimes_apart),
        cmocka_unit_test(inv_22_one_seed_is_one_run),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
