/* Bugs of tasks are found as well where several threads run them, and the healthy twin is not
 * blamed in whatever order those take their turns.
 *
 *   workers_test FOLDER    of the scenarios */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "judged.h"
#include "programs.h"

enum { SEEDS = 40, TEXT_LEN = 2048 };

static const struct {
    const char *file; /* without its folder and .scn */
    const char *oracle;
} hunts[] = {
    {"cleared_while_readable", "waker"},
    {"error_is_pending", "waker"},
    {"newer_erased", "waker"},
    {"one_accept_per_report", "waker"},
    {"pending_unarmed", "waker"},
    {"served_while_accepting", "waker"},
    {"unarmed_after_would_block", "waker"},
    {"sleeps_in_poll", "blocking"},
    {"unbudgeted", "fairness"},
};

static const char *folder;

/* The scenario with several workers; without the bug it must come out well. */
static void load(char *text, const char *file, int is_healthy) {
    char path[512];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "%s/%s.scn", folder, file);
    char *read = (char *)cli_read_file(path, &len);
    assert_non_null(read);
    char *bug = strstr(read, " bug=");
    char *verdict = strstr(read, "\nverdict ");
    assert_non_null(bug);
    assert_non_null(verdict);
    *verdict = '\0';
    size_t bug_len = is_healthy ? strcspn(bug + 1, " \n") + 1 : 0;
    int written =
        snprintf(text, TEXT_LEN, "%.*s flavour=multi%s\n", (int)(bug - read), read, bug + bug_len);
    assert_in_range(written, 1, TEXT_LEN - 1);
    free(read);
}

static void judge(const char *text, uint64_t seed) {
    const struct wbh_run_options options = {
        .seed = &seed, .profile = seed == 0 ? "none" : "hostile"};
    judge_text(text, &options);
}

static void is_found(const char *file, const char *oracle) {
    char text[TEXT_LEN];
    load(text, file, 0);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        judge(text, seed);
        if (judged_finding(oracle) != NULL) {
            return;
        }
    }
    fail_msg("%s is not found by %s", file, oracle);
}

static void healthy_is_not_blamed(const char *file) {
    char text[TEXT_LEN];
    load(text, file, 1);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        judge(text, seed);
        if (judged.finding_count != 0) {
            fail_msg("%s, seed %d: %s: %s\n%s", file, (int)seed, judged.findings[0].oracle,
                judged.findings[0].text, judged.findings[0].why);
        }
    }
}

static void bugs_of_tasks_are_found_among_several_workers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof hunts / sizeof hunts[0]; i++) {
        is_found(hunts[i].file, hunts[i].oracle);
    }
}

static void healthy_twins_among_several_workers_are_not_blamed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof hunts / sizeof hunts[0]; i++) {
        healthy_is_not_blamed(hunts[i].file);
    }
}

static int tear_down(void **state) {
    (void)state;
    wbh_program_register(NULL, 0);
    judged_clean_up();
    return 0;
}

int main(int argc, char *argv[]) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bugs_of_tasks_are_found_among_several_workers),
        cmocka_unit_test(healthy_twins_among_several_workers_are_not_blamed),
    };
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    folder = argv[1];
    planted_register();
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
