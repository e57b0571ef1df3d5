/* The table of programs: each of them is a binary of its name, and each binary is in it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "wb/examples.h"

static const char *const binaries[] = {WB_EXAMPLE_BINARIES};

static void table_and_binaries_are_the_same(void **state) {
    (void)state;
    const size_t binary_count = sizeof binaries / sizeof binaries[0];
    size_t count = 0;
    const struct wb_example *examples = wb_examples(&count);
    for (size_t i = 0; i < binary_count; i++) {
        if (wb_example_find(binaries[i]) == NULL) {
            fail_msg("%s is not in the table", binaries[i]);
        }
    }
    assert_int_equal(count, binary_count);
    for (size_t i = 1; i < count; i++) {
        assert_true(strcmp(examples[i - 1].name, examples[i].name) < 0);
    }
    assert_null(wb_example_find("nonesuch"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_and_binaries_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
