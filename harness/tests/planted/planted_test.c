/* The proof that the harness finds bugs: each planted one is found with the right verdict by the
 * right oracle, in words that lead to it, and the same program without it is found innocent.
 *
 *   planted_test FOLDER            FOLDER holds README.md and scenarios/
 *   planted_test --table FOLDER    prints the README's table as it is measured now
 *
 * Conformance: T1-01 to T1-17, T3-01 to T3-16. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bugs.h"
#include "cli/file.h"
#include "hunt.h"
#include "programs.h"
#include "report/text.h"

enum { CASES_MAX = 128 };

static struct planted_found found[CASES_MAX];
static char readme_path[512];

static int has_words(const struct wbh_finding *finding, const char *words) {
    return strstr(finding->text, words) != NULL || strstr(finding->why, words) != NULL;
}

static void bug_is_found_and_the_healthy_twin_is_not_blamed(void **state) {
    const struct planted_case *of = *state;
    const struct planted_found *what = &found[of - planted_cases];
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
    if (what->blamed != NULL) {
        fail_msg("%s, seed %llu: the healthy twin is blamed: %s: %s\n%s", of->name,
            (unsigned long long)what->blamed_seed,
            wbh_verdict_name((enum wbh_verdict)what->blamed->verdict), what->blamed->text,
            what->blamed->why);
    }
    assert_int_equal(what->unfired, 0);
}

/* ---- completeness ---- */

static int has_case(const char *bug) {
    for (size_t i = 0; i < planted_case_count; i++) {
        if (strcmp(planted_cases[i].name, bug) == 0) {
            return 1;
        }
    }
    return 0;
}

static void every_bug_has_a_case(void **state) {
    (void)state;
    for (int bug = PLANTED_NONE + 1; bug < PLANTED_BUG_COUNT; bug++) {
        if (!has_case(planted_bug_name((enum planted_bug)bug))) {
            fail_msg("%s has no case", planted_bug_name((enum planted_bug)bug));
        }
    }
}

static void every_oracle_rings(void **state) {
    (void)state;
    for (size_t n = 0; wbh_oracle_nth(n) != NULL; n++) {
        size_t i = 0;
        while (i < planted_case_count
               && strcmp(planted_cases[i].oracle, wbh_oracle_nth(n)->name) != 0) {
            i++;
        }
        if (i == planted_case_count) {
            fail_msg("nothing is planted for the oracle %s", wbh_oracle_nth(n)->name);
        }
    }
}

/* ---- the table ---- */

static void print_table(struct wbh_text *out) {
    wbh_text_add(out, "| bug | class | what it is | verdict | scenario | seeds it took |\n");
    wbh_text_add(out, "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < planted_case_count; i++) {
        const struct planted_case *of = &planted_cases[i];
        char file[64];
        char seeds[32] = "not found";
        (void)snprintf(file, sizeof file, "%s", of->name);
        for (char *at = file; *at != '\0'; at++) {
            *at = *at == '-' ? '_' : *at;
        }
        if (found[i].finding != NULL) {
            (void)snprintf(seeds, sizeof seeds, "%llu of %u",
                of->seeds == 0 ? 1 : (unsigned long long)found[i].seed,
                of->seeds == 0 ? 1 : of->seeds);
        }
        wbh_text_format(out, "| `%s` | %s | %s | %s by %s | [%s.scn](scenarios/%s.scn) | %s |\n",
            of->name, of->classes, of->what, of->verdict, of->oracle, file, file, seeds);
    }
}

static void readme_shows_the_table_as_measured(void **state) {
    (void)state;
    struct wbh_text table = {0};
    print_table(&table);
    size_t len = 0;
    char *readme = (char *)cli_read_file(readme_path, &len);
    assert_non_null(readme);
    if (strstr(readme, wbh_text_string(&table)) == NULL) {
        fail_msg("the table of README.md is not that of planted_test --table");
    }
    free(readme);
    wbh_text_clean_up(&table);
}

/* ---- running ---- */

static int run_cases(void) {
    static struct CMUnitTest tests[CASES_MAX + 3];
    size_t count = 0;
    for (size_t i = 0; i < planted_case_count; i++) {
        tests[count++] = (struct CMUnitTest){planted_cases[i].name,
            bug_is_found_and_the_healthy_twin_is_not_blamed, NULL, NULL,
            (void *)(uintptr_t)&planted_cases[i]};
    }
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_bug_has_a_case);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_oracle_rings);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(readme_shows_the_table_as_measured);
    return _cmocka_run_group_tests("planted", tests, count, NULL, NULL);
}

int main(int argc, char *argv[]) {
    int is_table = argc == 3 && strcmp(argv[1], "--table") == 0;
    if (argc != 2 && !is_table) {
        (void)fprintf(stderr, "usage: planted_test [--table] FOLDER\n");
        return 2;
    }
    const char *folder = argv[argc - 1];
    char scenarios[480];
    (void)snprintf(scenarios, sizeof scenarios, "%s/scenarios", folder);
    (void)snprintf(readme_path, sizeof readme_path, "%s/README.md", folder);
    planted_register();
    if (planted_case_count > CASES_MAX || planted_hunt(scenarios, found) != 0) {
        return 2;
    }
    int status = 0;
    if (is_table) {
        struct wbh_text table = {0};
        print_table(&table);
        (void)fputs(wbh_text_string(&table), stdout);
        wbh_text_clean_up(&table);
    } else {
        status = run_cases();
    }
    planted_found_clean_up(found);
    return status;
}
