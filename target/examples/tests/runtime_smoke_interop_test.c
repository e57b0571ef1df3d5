/* runtime_smoke with real threads (P3). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "program.h"

static void run(const char *low, const char *high, const char *pause_ms, const char *workers) {
    char expected[512];
    const char *const arguments[] = {"--low", low, "--high", high, "--pause-ms", pause_ms, NULL};
    assert_int_equal(program_run("runtime_smoke", arguments, NULL), 0);
    (void)snprintf(expected, sizeof expected,
        "%s workers ran an empty task of each queue\n"
        "polling with result: 1\npolling with result: 2\npolling with result: 3\n"
        "results: high low async\n"
        "a task that fails: a configured limit was reached; the next one: success\n"
        "the background task ran to the end\n",
        workers);
    assert_string_equal(program_output(), expected);
}

/* P3.1 to P3.5, as the program prints them and checks them itself. */
static void p3_all_of_it(void **state) {
    (void)state;
    run("2", "4", "0", "6");
    run("1", "1", "0", "2");
    run("3", "1", "1", "4");
}

/* The program says so and leaves nothing behind, whatever it could not have. */
static void p3_every_allocation_may_fail(void **state) {
    (void)state;
    int exit_status = 1;
    for (int i = 0; exit_status == 1; i++) {
        const struct program_faults faults = {.alloc_skip = i, .alloc_errors = 1};
        exit_status = program_run("runtime_smoke", NULL, &faults);
        assert_true(i < 200);
        assert_int_equal(strstr(program_output(), "out of memory") != NULL, exit_status == 1);
    }
    assert_int_equal(exit_status, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(p3_all_of_it),
        cmocka_unit_test(p3_every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
