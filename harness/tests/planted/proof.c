/* See proof.h. */
#include "proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "programs.h"

enum { CASES_MAX = 256, PATH_LEN = 512 };

static const struct planted_proof *running;
static struct planted_found found[CASES_MAX];
static char readme_path[PATH_LEN];

/* ---- the cases ---- */

static int has_words(const struct wbh_finding *finding, const char *words) {
    return strstr(finding->text, words) != NULL || strstr(finding->why, words) != NULL;
}

static void bug_is_found(const struct planted_case *of, const struct planted_found *what) {
    assert_string_equal(what->expected, of->verdict);
    if (what->finding == NULL) {
        fail_msg("%s: not found", of->name);
    }
    const struct wbh_finding *finding = what->finding;
    const char *verdict = wbh_verdict_name((enum wbh_verdict)finding->verdict);
    if (strcmp(verdict, of->verdict) != 0 || strcmp(finding->oracle, of->oracle) != 0
        || !has_words(finding, of->tells)) {
        fail_msg("%s, seed %llu: expected %s by %s, with the words \"%s\"; got %s by %s:\n%s\n%s",
            of->name, (unsigned long long)what->seed, of->verdict, of->oracle, of->tells, verdict,
            finding->oracle, finding->text, finding->why);
    }
}

static void healthy_twin_is_not_blamed(
    const struct planted_case *of, const struct planted_found *what) {
    if (what->blamed != NULL) {
        const char *trigger = what->blamed_setting.trigger;
        fail_msg("%s, seed %llu, trigger %s, flavours %#x: the healthy twin is blamed: %s: %s\n%s",
            of->name, (unsigned long long)what->blamed_seed, trigger != NULL ? trigger : "-",
            (unsigned)what->blamed_setting.flavour,
            wbh_verdict_name((enum wbh_verdict)what->blamed->verdict), what->blamed->text,
            what->blamed->why);
    }
    assert_int_equal(what->unfired, 0);
}

static void bug_is_found_and_the_healthy_twin_is_not_blamed(void **state) {
    size_t i = (size_t)((const struct planted_found *)*state - found);
    const struct planted_case *of = running->suite->nth(i);
    bug_is_found(of, &found[i]);
    healthy_twin_is_not_blamed(of, &found[i]);
}

/* ---- completeness ---- */

static int has_case(const char *bug) {
    for (size_t i = 0; i < running->suite->count; i++) {
        if (strcmp(running->suite->nth(i)->name, bug) == 0) {
            return 1;
        }
    }
    return 0;
}

static void every_bug_has_a_case(void **state) {
    (void)state;
    for (int bug = (int)running->suite->first; bug < (int)running->suite->past; bug++) {
        if (!has_case(planted_bug_name((enum planted_bug)bug))) {
            fail_msg("%s has no case", planted_bug_name((enum planted_bug)bug));
        }
    }
}

static void readme_shows_the_table_as_measured(void **state) {
    (void)state;
    struct wbh_text table = {0};
    running->print_table(&table, found);
    size_t len = 0;
    char *readme = (char *)cli_read_file(readme_path, &len);
    assert_non_null(readme);
    if (strstr(readme, wbh_text_string(&table)) == NULL) {
        fail_msg("the table of README.md is not that of %s_test --table", running->suite->name);
    }
    free(readme);
    wbh_text_clean_up(&table);
}

/* ---- running ---- */

static int run_cases(void) {
    static struct CMUnitTest tests[CASES_MAX + 3];
    size_t count = 0;
    for (size_t i = 0; i < running->suite->count; i++) {
        tests[count++] = (struct CMUnitTest){running->suite->nth(i)->name,
            bug_is_found_and_the_healthy_twin_is_not_blamed, NULL, NULL, &found[i]};
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_bug_has_a_case);
    if (running->check != NULL) {
        tests[count++] = (struct CMUnitTest){running->check_name, running->check, NULL, NULL, NULL};
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(readme_shows_the_table_as_measured);
    return _cmocka_run_group_tests(running->suite->name, tests, count, NULL, NULL);
}

static int print_table(void) {
    struct wbh_text table = {0};
    running->print_table(&table, found);
    (void)fputs(wbh_text_string(&table), stdout);
    wbh_text_clean_up(&table);
    return 0;
}

int planted_proof_main(const struct planted_proof *proof, int argc, char *argv[]) {
    int is_table = argc == 3 && strcmp(argv[1], "--table") == 0;
    if (argc != 2 && !is_table) {
        (void)fprintf(stderr, "usage: %s_test [--table] FOLDER\n", proof->suite->name);
        return 2;
    }
    const char *folder = argv[argc - 1];
    char scenarios[PATH_LEN - 32];
    (void)snprintf(scenarios, sizeof scenarios, "%s/scenarios", folder);
    (void)snprintf(readme_path, sizeof readme_path, "%s/README.md", folder);
    running = proof;
    planted_register();
    if (proof->suite->count > CASES_MAX || planted_hunt(proof->suite, scenarios, found) != 0) {
        return 2;
    }
    int status = is_table ? print_table() : run_cases();
    planted_found_clean_up(found, proof->suite->count);
    return status;
}
