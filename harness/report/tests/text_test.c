/* The growing string and how it writes bytes, times and counts. */
#include "report/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void text_empty_reads_as_empty_string(void **state) {
    (void)state;
    struct wbh_text text = {0};
    assert_string_equal(wbh_text_string(&text), "");
    wbh_text_append(&text, "x", 0);
    assert_null(text.bytes);
    wbh_text_clean_up(&text);
}

static void text_long_appends_keep_every_byte(void **state) {
    (void)state;
    struct wbh_text text = {0};
    for (int i = 0; i < 5000; i++) {
        wbh_text_format(&text, "%04d,", i);
    }
    assert_int_equal(text.len, 25000);
    assert_int_equal(text.failed, 0);
    assert_memory_equal(text.bytes, "0000,0001,", 10);
    assert_string_equal(text.bytes + 24990, "4998,4999,");
    wbh_text_clean_up(&text);
}

static void text_escape_any_byte_is_printable(void **state) {
    (void)state;
    struct wbh_text text = {0};
    wbh_text_escape(&text, "a\n\r\t\\\"\0\x7f\xff", 9, 9);
    assert_string_equal(text.bytes, "a\\n\\r\\t\\\\\\\"\\x00\\x7f\\xff");
    wbh_text_clean_up(&text);
    for (int byte = 0; byte < 256; byte++) {
        unsigned char raw = (unsigned char)byte;
        wbh_text_escape(&text, &raw, 1, 1);
    }
    for (size_t i = 0; i < text.len; i++) {
        assert_in_range(text.bytes[i], 0x20, 0x7e);
    }
    wbh_text_clean_up(&text);
}

static void text_excerpt_longer_than_bound_says_so(void **state) {
    (void)state;
    struct wbh_text text = {0};
    wbh_text_excerpt(&text, "hello", 5, 5);
    assert_string_equal(text.bytes, "\"hello\"");
    wbh_text_clean_up(&text);
    wbh_text_excerpt(&text, "hello", 5, 4);
    assert_string_equal(text.bytes, "\"hell\"...");
    wbh_text_clean_up(&text);
}

static void text_duration_takes_the_largest_exact_unit(void **state) {
    (void)state;
    static const struct {
        uint64_t ns;
        const char *text;
    } cases[] = {{0, "0s"}, {1, "1ns"}, {1000, "1us"}, {1500, "1500ns"}, {5000000, "5ms"},
        {1500000000, "1500ms"}, {60000000000, "60s"}, {UINT64_MAX, "18446744073709551615ns"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wbh_text text = {0};
        wbh_text_duration(&text, cases[i].ns);
        assert_string_equal(text.bytes, cases[i].text);
        wbh_text_clean_up(&text);
    }
}

static void text_count_one_is_singular(void **state) {
    (void)state;
    struct wbh_text text = {0};
    wbh_text_count(&text, 1, "byte");
    wbh_text_add(&text, ", ");
    wbh_text_count(&text, 0, "byte");
    assert_string_equal(text.bytes, "1 byte, 0 bytes");
    wbh_text_clean_up(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_empty_reads_as_empty_string),
        cmocka_unit_test(text_long_appends_keep_every_byte),
        cmocka_unit_test(text_escape_any_byte_is_printable),
        cmocka_unit_test(text_excerpt_longer_than_bound_says_so),
        cmocka_unit_test(text_duration_takes_the_largest_exact_unit),
        cmocka_unit_test(text_count_one_is_singular),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
