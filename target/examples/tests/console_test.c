/* What is printed for people: lines that are too long. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "wb/sys_linux.h"

#include "examples/console.h"

static char output[2 * WB__CONSOLE_TEXT_MAX];
static size_t output_len;

static int64_t write_caught(void *self, int fd, const void *buf, size_t len) {
    (void)self;
    (void)fd;
    assert_true(output_len + len < sizeof output);
    memcpy(output + output_len, buf, len);
    output_len += len;
    return (int64_t)len;
}

/* What comes next must begin on a line of its own. */
static void console_line_that_is_cut_still_ends(void **state) {
    (void)state;
    struct wb_sys_ops ops = *wb_sys_linux()->ops;
    ops.write = write_caught;
    const struct wb_sys sys = {&ops, wb_sys_linux()->self};
    static char text[WB__CONSOLE_TEXT_MAX];
    memset(text, 'x', sizeof text - 1);
    for (size_t longer = 0; longer < 3; longer++) {
        output_len = 0;
        wb__print(&sys, WB__CONSOLE_OUT, "%s\n", text + 2 - longer);
        assert_int_equal(output_len, longer == 0 ? sizeof text - 2 : sizeof text - 1);
        assert_memory_equal(output, text, output_len - 1);
        assert_int_equal(output[output_len - 1], '\n');
    }
    output_len = 0;
    wb__print(&sys, WB__CONSOLE_OUT, "%sy", text);
    assert_int_equal(output_len, sizeof text - 1);
    assert_memory_equal(output, text, output_len);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(console_line_that_is_cut_still_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
