/* registration on real sockets: P9.1 of the conformance list. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "program.h"

/* How often a line that begins so was printed. */
static int count(const char *output, const char *begin) {
    int found = 0;
    for (const char *at = output; (at = strstr(at, begin)) != NULL; at++) {
        found++;
    }
    return found;
}

/* P9.1: the server readable and the client writable, nothing else before the end is closed; then
 * the client readable and closed, and a read of 0 bytes. */
static void registration_reports_both_and_then_the_end(void **state) {
    (void)state;
    for (size_t i = 0; i < TRIGGERS_COUNT; i++) {
        (void)program_start("registration", with_trigger(triggers[i], NULL, NULL), NULL);
        assert_int_equal(program_wait(), 0);
        const char *output = program_output();
        const char *closed = strstr(output, "server: closed the connection\n");
        assert_non_null(closed);
        const char *server = strstr(output, "SERVER: token=0 readable\n");
        const char *client = strstr(output, "CLIENT: token=1 writable\n");
        assert_true(server != NULL && server < closed);
        assert_true(client != NULL && client < closed);
        assert_int_equal(count(output, "SERVER:"), 1);
        assert_int_equal(count(output, "CLIENT:"), 2);
        const char *end = strstr(closed, "read-closed\n");
        assert_non_null(end);
        assert_non_null(strstr(end, "client: read 0 bytes\n"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registration_reports_both_and_then_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
