/* The pool: a program that crashes or loops costs its own run and no other. */
#include "cli/pool.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/child.h"
#include "cli/command.h"
#include "cli/file.h"
#include "cli/save.h"
#include "cli/trail.h"

static int end_at_once(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)sys;
    (void)argc;
    (void)argv;
    return 0;
}

/* Dies after its first system call, an epoll instance. */
static int crash(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)WB_SYS(sys, epoll_create1, 0);
    (void)argc;
    (void)argv;
    fprintf(stderr, "==4711==ERROR: something broke at 0x7ffe00112233\n");
    abort();
}

static int loop(const struct wb_sys *sys, int argc, char *const argv[]) {
    (void)sys;
    (void)argc;
    (void)argv;
    for (volatile int forever = 1; forever;) {
    }
    return 0;
}

static const struct wbh_program programs[] = {
    {.name = "test_ends", .summary = "ends at once", .main = end_at_once},
    {.name = "test_crashes", .summary = "crashes", .main = crash},
    {.name = "test_loops", .summary = "loops", .main = loop},
};

enum { PROGRAM_COUNT = sizeof programs / sizeof programs[0] };

static struct cli_input inputs[PROGRAM_COUNT];

static int parse_inputs(void **state) {
    (void)state;
    wbh_program_register(programs, PROGRAM_COUNT);
    for (size_t i = 0; i < PROGRAM_COUNT; i++) {
        char text[128];
        int len = snprintf(text, sizeof text,
            "scenario \"x\"\nprogram %s\nfaults none\nverdict ok\n", programs[i].name);
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

enum { JOBS = 40 };

struct seen {
    struct cli_outcome outcomes[JOBS];
    size_t count;
};

static void on_outcome(void *user_data, size_t job, const struct cli_outcome *outcome,
    const uint8_t *fired, size_t fired_len) {
    struct seen *seen = user_data;
    (void)fired;
    assert_int_equal(fired_len, 0);
    assert_false(seen->outcomes[job].is_done);
    seen->outcomes[job] = *outcome;
    seen->count++;
}

static void free_outcomes(struct seen *seen) {
    for (size_t i = 0; i < JOBS; i++) {
        free(seen->outcomes[i].finding);
    }
}

/* Every fourth job crashes, on one worker and on three: all others are judged, and alike. */
static void pool_with_crashes_judges_every_other_run(void **state) {
    (void)state;
    struct cli_job jobs[JOBS];
    for (size_t i = 0; i < JOBS; i++) {
        jobs[i] = (struct cli_job){.input = &inputs[i % 4 == 3 ? 1 : 0], .seed = i};
    }
    for (unsigned workers = 1; workers <= 3; workers += 2) {
        struct seen seen = {0};
        const struct cli_pool_options options = {
            .workers = workers, .seconds = 20, .on_outcome = on_outcome, .user_data = &seen};
        assert_int_equal(cli_pool_run(jobs, JOBS, &options), 0);
        assert_int_equal(seen.count, JOBS);
        for (size_t i = 0; i < JOBS; i++) {
            const struct cli_outcome *outcome = &seen.outcomes[i];
            assert_int_equal(outcome->is_dead, i % 4 == 3);
            assert_int_equal(outcome->verdict, i % 4 == 3 ? WBH_VERDICT_CRASH : WBH_VERDICT_OK);
            assert_int_equal(outcome->hash != 0, i % 4 != 3);
        }
        /* The same death reads the same: no process number, no address. */
        assert_non_null(strstr(seen.outcomes[3].finding->text, "SIGABRT"));
        assert_non_null(strstr(seen.outcomes[3].finding->text, "something broke at 0x.."));
        assert_null(strstr(seen.outcomes[3].finding->why, "4711"));
        free_outcomes(&seen);
    }
}

/* ThreadSanitizer hands a signal over at the process's next call only, of which a loop makes none:
 * the watchdog inside sleeps, and the pool's own bound ends the run. */
#if defined(__SANITIZE_THREAD__)
enum { WATCHDOG_SLEEPS = 1 };
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
enum { WATCHDOG_SLEEPS = 1 };
#else
enum { WATCHDOG_SLEEPS = 0 };
#endif
#else
enum { WATCHDOG_SLEEPS = 0 };
#endif

static void pool_with_an_endless_loop_ends_it_and_goes_on(void **state) {
    (void)state;
    char expected[64];
    snprintf(
        expected, sizeof expected, "no system call for %d s", WATCHDOG_SLEEPS ? CLI_PATIENCE : 1);
    const struct cli_job jobs[] = {
        {.input = &inputs[0]}, {.input = &inputs[2]}, {.input = &inputs[0]}};
    struct seen seen = {0};
    const struct cli_pool_options options = {
        .workers = 1, .seconds = 1, .on_outcome = on_outcome, .user_data = &seen};
    assert_int_equal(cli_pool_run(jobs, 3, &options), 0);
    assert_int_equal(seen.count, 3);
    assert_int_equal(seen.outcomes[0].verdict, WBH_VERDICT_OK);
    assert_int_equal(seen.outcomes[1].verdict, WBH_VERDICT_SPIN);
    assert_non_null(strstr(seen.outcomes[1].finding->text, expected));
    assert_int_equal(seen.outcomes[2].verdict, WBH_VERDICT_OK);
    free_outcomes(&seen);
}

static void save_of_a_crash_confirms_it_by_crashing_again(void **state) {
    (void)state;
    const struct cli_job job = {.input = &inputs[1], .seed = 7};
    enum cli_saved_as as;
    size_t len = 0;
    char *text = cli_save_text(&job, WBH_VERDICT_CRASH, 20, &as, &len);
    assert_non_null(text);
    assert_int_equal(as, CLI_SAVED_PLAN);
    assert_non_null(strstr(text, "program test_crashes"));
    assert_non_null(strstr(text, "faults none\n"));
    free(text);
}

/* What a run did before it took its process with it is known. */
static void trail_of_a_crash_ends_with_its_last_call(void **state) {
    (void)state;
    const struct cli_job job = {.input = &inputs[1]};
    struct cli_trail trail;
    assert_int_equal(cli_trail_follow(&trail, &job, 20), 0);
    assert_int_equal(trail.trace.event_count, 1);
    assert_int_equal(trail.trace.events[0].kind, SIM_EVENT_CALL);
    assert_int_equal(trail.trace.events[0].call, SIM_CALL_EPOLL_CREATE);
    assert_int_equal(trail.trace.decision_count, 0);
    cli_trail_clean_up(&trail);
}

/* Runs the verb with its standard output in a file. */
static int replay_into(const char *scenario_path, const char *out_path) {
    char verb[] = "replay";
    char path[256];
    snprintf(path, sizeof path, "%s", scenario_path);
    char *argv[] = {verb, path, NULL};
    fflush(stdout);
    int stdout_copy = dup(STDOUT_FILENO);
    int out = open(out_path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true(stdout_copy >= 0 && out >= 0);
    dup2(out, STDOUT_FILENO);
    int status = cli_replay(2, argv);
    fflush(stdout);
    dup2(stdout_copy, STDOUT_FILENO);
    close(stdout_copy);
    close(out);
    return status;
}

static void replay_of_a_crash_tells_how_far_it_came(void **state) {
    (void)state;
    static const char text[] = "scenario \"x\"\nprogram test_crashes\nfaults none\nverdict ok\n";
    char scenario_path[] = "/tmp/wouldblock_crash.XXXXXX";
    char out_path[] = "/tmp/wouldblock_out.XXXXXX";
    close(mkstemp(scenario_path));
    close(mkstemp(out_path));
    assert_int_equal(cli_write_file(scenario_path, text, sizeof text - 1), CLI_OK);
    assert_int_equal(replay_into(scenario_path, out_path), CLI_FAILING);
    size_t len = 0;
    char *report = (char *)cli_read_file(out_path, &len);
    unlink(scenario_path);
    unlink(out_path);
    assert_non_null(report);
    assert_non_null(strstr(report, "verdict  crash, expected ok\n"));
    const char *last_call = strstr(report, "program  epoll_create() = 3\n");
    assert_non_null(last_call);
    assert_non_null(strstr(last_call, "FINDING  crash: the process died of SIGABRT"));
    free(report);
}

static void save_of_another_verdict_is_not_confirmed(void **state) {
    (void)state;
    const struct cli_job job = {.input = &inputs[0]};
    enum cli_saved_as as;
    size_t len = 0;
    char *text = cli_save_text(&job, WBH_VERDICT_HANG, 20, &as, &len);
    assert_non_null(text);
    assert_int_equal(as, CLI_SAVED_UNCONFIRMED);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pool_with_crashes_judges_every_other_run),
        cmocka_unit_test(pool_with_an_endless_loop_ends_it_and_goes_on),
        cmocka_unit_test(save_of_a_crash_confirms_it_by_crashing_again),
        cmocka_unit_test(trail_of_a_crash_ends_with_its_last_call),
        cmocka_unit_test(replay_of_a_crash_tells_how_far_it_came),
        cmocka_unit_test(save_of_another_verdict_is_not_confirmed),
    };
    return cmocka_run_group_tests(tests, parse_inputs, free_inputs);
}
