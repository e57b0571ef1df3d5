/* Programs of several threads: what goes wrong between them is found within a bounded number of
 * seeds, told with the threads and what each waits for, and reproduced by its plan; what is right
 * is never blamed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judged.h"
#include "threads.h"

/* So many seeds find each of the planted races below, by a wide margin. */
enum { SEEDS = 256, HEALTHY_SEEDS = 300 };

static int setup(void **state) {
    (void)state;
    size_t count;
    const struct wbh_program *programs = thread_programs(&count);
    wbh_program_register(programs, count);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

static const struct wbh_finding *found(const char *oracle, const char *part) {
    const struct wbh_finding *finding = judged_finding(oracle);
    if (finding == NULL) {
        fail_msg("%s is silent", oracle);
        return NULL;
    }
    if (strstr(finding->text, part) == NULL && strstr(finding->why, part) == NULL) {
        fail_msg("\"%s\" is neither in: %s\nnor in: %s", part, finding->text, finding->why);
    }
    return finding;
}

/* ---- searching ---- */

static void judge_seeded(const char *text, const char *profile, uint64_t seed) {
    struct wbh_run_options options = {.flags = WBH_RUN_RECORD, .seed = &seed, .profile = profile};
    judge_text(text, &options);
}

/* The first seed with that verdict; SEEDS: none. Its run is the last one. */
static uint64_t hunt(const char *text, const char *profile, enum wbh_verdict verdict) {
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        judge_seeded(text, profile, seed);
        if (judged.verdict == verdict) {
            return seed;
        }
    }
    return SEEDS;
}

/* The last run, whose decisions were kept, happens again by its plan alone, call for call, also
 * after the plan was written down and read. */
static void check_plan_of_last_run(const char *text) {
    struct wbh_parse_error where;
    char error[256];
    const struct wbh_trace *trace = wbh_runner_trace(judged_runner());
    const struct wbh_result first = judged;
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &where);
    assert_non_null(scenario);
    assert_int_equal(wbh_scenario_set_plan(scenario, trace->decisions, trace->decision_count), 0);
    size_t len;
    char *printed = wbh_scenario_print(scenario, &len);
    assert_non_null(printed);
    wbh_scenario_destroy(scenario);
    scenario = wbh_scenario_parse(printed, len, &where);
    assert_non_null(scenario);
    assert_int_equal(wbh_run(judged_runner(), scenario, NULL, &judged, error, sizeof(error)), 0);
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.verdict, first.verdict);
    assert_int_equal(judged.calls, first.calls);
    assert_true(judged.time_ns == first.time_ns);
    wbh_scenario_destroy(scenario);
    free(printed);
}

static void check_hunted(const char *text, const char *profile, enum wbh_verdict verdict,
    const char *oracle, const char *part) {
    judge_text(text, NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK); /* without faults nothing shows */
    assert_true(hunt(text, profile, verdict) < SEEDS);
    assert_int_equal(judged.highest_legality, WBH_LEGALITY_KERNEL);
    (void)found(oracle, part);
    check_plan_of_last_run(text);
}

/* ---- races ---- */

static void thread_lost_wake_up_of_a_condition_is_found(void **state) {
    (void)state;
    check_hunted("scenario \"x\"\nprogram check_then_wait careless=yes\n", "gentle",
        WBH_VERDICT_HANG, "hang", "waits for condition 1, and nobody is left to signal it");
}

static void thread_lost_ring_of_a_bell_is_found(void **state) {
    (void)state;
    check_hunted("scenario \"x\"\nprogram bell careless=yes\nprogram counter\n", "hostile",
        WBH_VERDICT_PROTOCOL, "expectation", "status 1");
}

static void thread_lost_update_of_an_atomic_is_found(void **state) {
    (void)state;
    check_hunted("scenario \"x\"\nprogram counter careless=yes\n", "gentle", WBH_VERDICT_PROTOCOL,
        "expectation", "status 1");
}

static void thread_locks_in_opposite_order_are_found(void **state) {
    (void)state;
    check_hunted("scenario \"x\"\nprogram two_locks careless=yes\n", "gentle", WBH_VERDICT_HANG,
        "hang", "which thread 2 has locked");
    (void)found("hang", "which thread 3 has locked");
    (void)found("hang", "Thread 1 waits for the end of thread 2");
}

/* "if" where it should be "while": only a wake-up for nothing shows that. */
static void thread_wait_that_is_not_repeated_is_found(void **state) {
    (void)state;
    const char *text = "scenario \"x\"\nprogram wait_once\n";
    assert_int_equal(hunt(text, "gentle", WBH_VERDICT_PROTOCOL), SEEDS);
    assert_true(hunt(text, "hostile", WBH_VERDICT_PROTOCOL) < SEEDS);
    assert_int_equal(judged.highest_legality, WBH_LEGALITY_CONTRACT);
    check_plan_of_last_run(text);
}

/* It came to its end by itself: one that sleeps for ever is told to end, and nobody is blamed. */
static void check_success(const char *text, uint64_t seed) {
    if (judged.verdict != WBH_VERDICT_OK || judged.stop != SIM_STOP_EXITED
        || judged.exit_status != 0) {
        fail_msg("%s seed %d: stop %d, status %d, %s\n%s", text, (int)seed, (int)judged.stop,
            judged.exit_status, judged.findings[0].text, judged.findings[0].why);
    }
}

static void thread_programs_that_are_right_are_never_blamed(void **state) {
    (void)state;
    static const char *const texts[] = {
        "scenario \"x\"\nprogram check_then_wait\n",
        "scenario \"x\"\nprogram bell\nprogram counter\n",
        "scenario \"x\"\nprogram counter\n",
        "scenario \"x\"\nprogram two_locks\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (uint64_t seed = 0; seed < HEALTHY_SEEDS; seed++) {
            judge_seeded(texts[i], seed % 2 == 0 ? "gentle" : "hostile", seed);
            check_success(texts[i], seed);
        }
    }
}

/* ---- the stack's own hand-over between threads ---- */

static void thread_event_loop_gets_all_that_other_threads_send(void **state) {
    (void)state;
    static const char *const texts[] = {
        "scenario \"x\"\nprogram courier\n",
        "scenario \"x\"\nprogram courier backend=poll\n",
        "scenario \"x\"\nprogram receiver\n",
        "scenario \"x\"\nprogram wakers\n",
        "scenario \"x\"\nhost flavour=emulated-edge\nprogram courier\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        bool was_switched = false;
        for (uint64_t seed = 0; seed < HEALTHY_SEEDS; seed++) {
            judge_seeded(texts[i], seed % 2 == 0 ? "gentle" : "hostile", seed);
            check_success(texts[i], seed);
            was_switched |= judged.faults.injected[WBH_POINT_SWITCH][WBH_ACTION_ORDER] != 0;
        }
        assert_true(was_switched);
        check_plan_of_last_run(texts[i]);
    }
}

/* ---- misuse ---- */

static void thread_misuse_is_called_by_its_name(void **state) {
    (void)state;
    static const struct {
        const char *how;
        const char *part;
    } rows[] = {
        {"lock-twice", "mutex_lock fails with EDEADLK: the thread has locked it already"},
        {"unlock-foreign", "mutex_unlock fails with EPERM: the thread does not hold the mutex "
                           "(mutex 1 of the program, in thread 2)"},
        {"destroy-held", "mutex_destroy fails with EBUSY: it is locked, or others wait for it"},
        {"use-destroyed", "mutex_lock fails with EINVAL: it was never initialised, or destroyed"},
        {"wait-unlocked", "cond_wait fails with EPERM: the thread does not hold the mutex"},
        {"join-twice", "thread_join fails with ESRCH: there is no such thread"},
        {"join-never", "thread 2 was never joined"},
        {"leave-running", "thread 2 was never joined: it ends where it stands"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[128];
        (void)snprintf(text, sizeof(text), "scenario \"x\"\nprogram misuser how=%s\n", rows[i].how);
        judge_text(text, NULL);
        (void)found("misuse", rows[i].part);
        assert_int_equal(judged.verdict, WBH_VERDICT_MISUSE);
    }
}

static void thread_that_waits_for_itself_hangs(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram misuser how=lock-twice\n", NULL);
    (void)found("hang", "Thread 1 waits for mutex 1, which it has locked itself.");
}

static void thread_mutex_of_one_that_ended_hangs(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram misuser how=end-holding\n", NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_HANG);
    (void)found("hang", "waits for mutex 1, which a thread that has ended never unlocked");
}

/* ---- faults by name ---- */

static void thread_faults_are_named_in_scenarios(void **state) {
    (void)state;
    judge_text("scenario \"x\"\nprogram counter\nfault counter#2.switch 2 order 1\n"
               "fault switch 2 order 1\n",
        NULL);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    assert_int_equal(judged.planned, 2);
    assert_int_equal(judged.planned_unfired, 0);
    judge_text("scenario \"x\"\nprogram counter\nfault thread 1 error ENOMEM\n", NULL);
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.exit_status, 2);
    assert_int_equal(judged.verdict, WBH_VERDICT_OK);
    judge_text("scenario \"x\"\nprogram wait_once\nfault wait_once#2.park 1 wake\n", NULL);
    assert_int_equal(judged.planned_unfired, 0);
    assert_int_equal(judged.verdict, WBH_VERDICT_PROTOCOL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thread_lost_wake_up_of_a_condition_is_found),
        cmocka_unit_test(thread_lost_ring_of_a_bell_is_found),
        cmocka_unit_test(thread_lost_update_of_an_atomic_is_found),
        cmocka_unit_test(thread_locks_in_opposite_order_are_found),
        cmocka_unit_test(thread_wait_that_is_not_repeated_is_found),
        cmocka_unit_test(thread_programs_that_are_right_are_never_blamed),
        cmocka_unit_test(thread_event_loop_gets_all_that_other_threads_send),
        cmocka_unit_test(thread_misuse_is_called_by_its_name),
        cmocka_unit_test(thread_that_waits_for_itself_hangs),
        cmocka_unit_test(thread_mutex_of_one_that_ended_hangs),
        cmocka_unit_test(thread_faults_are_named_in_scenarios),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
