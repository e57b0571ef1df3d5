/* A server whose answer depends on how the request is cut is found by cutting it at each place, and
 * its right twin never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "programs.h"
#include "wouldblock/search.h"

/* GET /a HTTP/1.1, Host: localhost */
enum { REQUEST_LEN = 36, CUTS_MAX = 64 };

/* How many of the cuts lead to a verdict; the first of them. */
static size_t count_found(const char *program, enum wbh_verdict verdict, size_t *out_first) {
    static struct wbh_cut_source source;
    static struct wbh_result result;
    struct wbh_cut cuts[CUTS_MAX];
    struct wbh_parse_error parse_error;
    char error[256];
    char text[512];
    size_t found = 0;
    (void)snprintf(text, sizeof text,
        "scenario \"a request in two parts\"\nprogram %s\npeer alice\n  connect\n"
        "  http-request GET /a\n  expect bytes 47\n  sleep 1ms\n",
        program);
    struct wbh_scenario *scenario = wbh_scenario_parse(text, strlen(text), &parse_error);
    struct wbh_runner *runner = wbh_runner_new();
    assert_non_null(scenario);
    assert_non_null(runner);
    assert_int_equal(wbh_cuts(scenario, cuts, CUTS_MAX), REQUEST_LEN);
    for (size_t i = 0; i < REQUEST_LEN; i++) {
        const struct wbh_run_options options = {
            .source = &source.base, .legality_max = WBH_LEGALITY_CONTRACT};
        wbh_cut_source_init(&source, cuts[i]);
        assert_int_equal(wbh_run(runner, scenario, &options, &result, error, sizeof error), 0);
        *out_first = result.verdict == verdict && found == 0 ? i : *out_first;
        found += result.verdict == verdict;
    }
    wbh_runner_destroy(runner);
    wbh_scenario_destroy(scenario);
    return found;
}

static void splits_show_an_answer_that_depends_on_them(void **state) {
    (void)state;
    size_t first = 1;
    assert_int_equal(count_found("planted_http bug=head-in-one-read trigger=edge",
                         WBH_VERDICT_DIVERGENCE, &first),
        REQUEST_LEN);
    assert_int_equal(first, 0); /* behind the first byte */
}

static void splits_leave_the_right_twin_alone(void **state) {
    (void)state;
    size_t first;
    static const char *const modes[] = {"level", "edge", "oneshot", "edge-oneshot"};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        char program[64];
        (void)snprintf(program, sizeof program, "planted_http trigger=%s", modes[i]);
        assert_int_equal(count_found(program, WBH_VERDICT_OK, &first), REQUEST_LEN);
    }
}

int main(void) {
    planted_register();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_show_an_answer_that_depends_on_them),
        cmocka_unit_test(splits_leave_the_right_twin_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
