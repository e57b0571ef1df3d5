/* JUnit XML: counts, and that nothing can break out of its place. */
#include "report/junit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void junit_counts_cases_and_failures(void **state) {
    (void)state;
    const struct wbh_junit_case cases[] = {
        {.group = "scenarios/echo", .name = "a.scn trigger=edge seed=1"},
        {.group = "g", .name = "b", .failure = "hang", .type = "hang", .body = "why\nit hangs\n"},
    };
    struct wbh_text text = {0};
    wbh_junit_print("wouldblock", cases, 2, &text);
    assert_non_null(
        strstr(text.bytes, "<testsuite name=\"wouldblock\" tests=\"2\" failures=\"1\""));
    assert_non_null(strstr(
        text.bytes, "<testcase classname=\"scenarios/echo\" name=\"a.scn trigger=edge seed=1\"/>"));
    assert_non_null(
        strstr(text.bytes, "<failure type=\"hang\" message=\"hang\">why\nit hangs\n</failure>"));
    wbh_text_clean_up(&text);
}

static void junit_note_stands_behind_the_failure_and_in_what_passed(void **state) {
    (void)state;
    const struct wbh_junit_case cases[] = {
        {.group = "g", .name = "a", .note = "one\n<two>\n"},
        {.group = "g", .name = "b", .failure = "f", .type = "hang", .body = "w", .note = "three"},
    };
    struct wbh_text text = {0};
    wbh_junit_print("s", cases, 2, &text);
    assert_non_null(strstr(text.bytes, "tests=\"2\" failures=\"1\""));
    assert_non_null(strstr(text.bytes, "name=\"a\">\n      <system-out>one\n&lt;two&gt;\n"
                                       "</system-out>\n    </testcase>\n"));
    assert_non_null(strstr(text.bytes, ">w</failure>\n      <system-out>three</system-out>\n"));
    wbh_text_clean_up(&text);
}

static void junit_hostile_bytes_are_escaped(void **state) {
    (void)state;
    const struct wbh_junit_case cases[] = {{.group = "a<b",
        .name = "\"&\x01\xff\n",
        .failure = "]]></failure>",
        .type = "x",
        .body = "</failure><evil a='\x1b'>"}};
    struct wbh_text text = {0};
    wbh_junit_print("s", cases, 1, &text);
    assert_non_null(strstr(text.bytes, "classname=\"a&lt;b\""));
    assert_non_null(strstr(text.bytes, "name=\"&quot;&amp;\\x01\\xff&#10;\""));
    assert_non_null(strstr(text.bytes, "message=\"]]&gt;&lt;/failure&gt;\""));
    assert_non_null(strstr(text.bytes, ">&lt;/failure&gt;&lt;evil a='\\x1b'&gt;</failure>"));
    wbh_text_clean_up(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(junit_counts_cases_and_failures),
        cmocka_unit_test(junit_note_stands_behind_the_failure_and_in_what_passed),
        cmocka_unit_test(junit_hostile_bytes_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
