/* Borrowed views. */
#include "wb/bytes.h"

#include <string.h>

#include "test_abort.h"

#define B(literal) wb_bytes_from_string(literal)

static void bytes_slice_shows_a_part(void **state) {
    (void)state;
    struct wb_bytes bytes = B("hello world");
    assert_true(wb_bytes_equal(wb_bytes_slice(bytes, 0, 5), B("hello")));
    assert_true(wb_bytes_equal(wb_bytes_slice(bytes, 6, 11), B("world")));
    assert_ptr_equal(wb_bytes_slice(bytes, 6, 11).ptr, bytes.ptr + 6);
    assert_int_equal(wb_bytes_slice(bytes, 11, 11).len, 0);
    assert_int_equal(wb_bytes_slice((struct wb_bytes){0}, 0, 0).len, 0);
}

static void bytes_slice_out_of_bounds_aborts(void **state) {
    (void)state;
    assert_aborts((void)wb_bytes_slice(B("abc"), 0, 4));
    assert_aborts((void)wb_bytes_slice(B("abc"), 2, 1));
    assert_aborts((void)wb_bytes_slice(B("abc"), 4, 4));
}

static void bytes_compare_is_bytewise_then_by_length(void **state) {
    (void)state;
    assert_int_equal(wb_bytes_compare(B("abc"), B("abc")), 0);
    assert_true(wb_bytes_compare(B("ab"), B("abc")) < 0);
    assert_true(wb_bytes_compare(B("b"), B("abc")) > 0);
    assert_true(wb_bytes_compare(wb_bytes_from("\xff", 1), wb_bytes_from("\x01", 1)) > 0);
    assert_int_equal(wb_bytes_compare((struct wb_bytes){0}, B("")), 0);
    assert_true(wb_bytes_equal((struct wb_bytes){0}, B("")));
    assert_false(wb_bytes_equal(B("a"), B("b")));
    assert_false(wb_bytes_equal(B("a"), B("ab")));
}

static void bytes_starts_with_its_prefixes(void **state) {
    (void)state;
    assert_true(wb_bytes_starts_with(B("abc"), B("")));
    assert_true(wb_bytes_starts_with(B("abc"), B("ab")));
    assert_true(wb_bytes_starts_with(B("abc"), B("abc")));
    assert_false(wb_bytes_starts_with(B("abc"), B("abcd")));
    assert_false(wb_bytes_starts_with(B("abc"), B("b")));
}

static void bytes_find_tells_the_first_place_or_the_end(void **state) {
    (void)state;
    assert_int_equal(wb_bytes_find_byte(B("a,b,c"), ','), 1);
    assert_int_equal(wb_bytes_find_byte(B("abc"), ','), 3);
    assert_int_equal(wb_bytes_find_byte((struct wb_bytes){0}, ','), 0);
    assert_int_equal(wb_bytes_find(B("aab aaab"), B("aaab")), 4);
    assert_int_equal(wb_bytes_find(B("abc"), B("bd")), 3);
    assert_int_equal(wb_bytes_find(B("abc"), B("abcd")), 3);
    assert_int_equal(wb_bytes_find(B("abc"), B("")), 0);
    assert_int_equal(wb_bytes_find(B("head\r\n\r\nbody"), B("\r\n\r\n")), 4);
    assert_int_equal(wb_bytes_find(B("xyz"), B("z")), 2);
}

/* BY-15: test_debug.rs fmt: what does not print is escaped */
static void bytes_format_escapes_what_does_not_print(void **state) {
    (void)state;
    char text[64];
    const char raw[] = "a\n\r\t\0\\\"\x01\x7f\xc3 ~";
    size_t len = wb_bytes_format(wb_bytes_from(raw, sizeof(raw) - 1), text, sizeof(text));
    assert_string_equal(text, "a\\n\\r\\t\\0\\\\\\\"\\x01\\x7f\\xc3 ~");
    assert_int_equal(len, strlen(text));
}

/* Every byte has a text, made of printing characters, and no two the same. */
static void bytes_format_of_every_byte_is_printable_and_distinct(void **state) {
    (void)state;
    char seen[256][8];
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t raw = (uint8_t)byte;
        size_t len = wb_bytes_format(wb_bytes_from(&raw, 1), seen[byte], sizeof(seen[byte]));
        assert_in_range(len, 1, 4);
        for (size_t i = 0; i < len; i++) {
            assert_in_range((unsigned char)seen[byte][i], ' ', '~');
        }
        for (unsigned other = 0; other < byte; other++) {
            assert_string_not_equal(seen[other], seen[byte]);
        }
    }
}

static void bytes_format_cuts_between_characters(void **state) {
    (void)state;
    char text[8];
    assert_int_equal(wb_bytes_format(B("ab\x01"), text, 6), 2);
    assert_string_equal(text, "ab");
    assert_int_equal(wb_bytes_format(B("ab\x01"), text, 7), 6);
    assert_string_equal(text, "ab\\x01");
    assert_int_equal(wb_bytes_format(B("ab"), text, 1), 0);
    assert_string_equal(text, "");
    assert_aborts((void)wb_bytes_format(B("ab"), text, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_slice_shows_a_part),
        cmocka_unit_test(bytes_slice_out_of_bounds_aborts),
        cmocka_unit_test(bytes_compare_is_bytewise_then_by_length),
        cmocka_unit_test(bytes_starts_with_its_prefixes),
        cmocka_unit_test(bytes_find_tells_the_first_place_or_the_end),
        cmocka_unit_test(bytes_format_escapes_what_does_not_print),
        cmocka_unit_test(bytes_format_of_every_byte_is_printable_and_distinct),
        cmocka_unit_test(bytes_format_cuts_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
