/* Ranges: what is asked for of contents of several lengths, what is ignored, and the answer. */
#include "wb/http_range.h"

#include <stdio.h>
#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

static struct wb_http_ranges ranges_of(
    struct test_sys *test, const char *const *values, size_t count, uint64_t len) {
    struct wb_http_field_list list;
    wb_http_field_list_init(&list, &test->sys, 0, 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(wb_http_field_list_add(
                             &list, wb_bytes_from_string("Range"), wb_bytes_from_string(values[i])),
            WB_OK);
    }
    const struct wb_http_ranges ranges = wb_http_ranges_of(wb_http_field_list_view(&list), len);
    wb_http_field_list_clean_up(&list);
    return ranges;
}

/* "first+len first+len", "whole" or "outside". */
static void describe(const struct wb_http_ranges *ranges, char text[512]) {
    size_t at = 0;
    if (ranges->kind != WB_HTTP_RANGES_PARTS) {
        assert_int_equal(ranges->count, 0);
        strcpy(text, ranges->kind == WB_HTTP_RANGES_WHOLE ? "whole" : "outside");
        return;
    }
    for (size_t i = 0; i < ranges->count; i++) {
        at += (size_t)snprintf(text + at, 512 - at, "%s%llu+%llu", i == 0 ? "" : " ",
            (unsigned long long)ranges->items[i].first, (unsigned long long)ranges->items[i].len);
    }
}

struct row {
    const char *value;
    uint64_t len;
    const char *expected;
};

static void assert_rows(struct test_sys *test, const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char text[512];
        const struct wb_http_ranges ranges = ranges_of(test, &rows[i].value, 1, rows[i].len);
        describe(&ranges, text);
        if (strcmp(text, rows[i].expected) != 0) {
            fail_msg("%s of %llu: %s, not %s", rows[i].value, (unsigned long long)rows[i].len, text,
                rows[i].expected);
        }
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void range_of_bytes(void **state) {
    static const struct row rows[] = {
        {"bytes=0-499", 10000, "0+500"}, /* the examples of section 14.1.2 */
        {"bytes=500-999", 10000, "500+500"},
        {"bytes=-500", 10000, "9500+500"},
        {"bytes=9500-", 10000, "9500+500"},
        {"bytes=0-0,-1", 10000, "0+1 9999+1"},
        {"bytes= 0-999, 4500-5499, -1000", 10000, "0+1000 4500+1000 9000+1000"},
        {"bytes=0-0", 1, "0+1"},
        {"bytes=0-", 5, "0+5"},
        {"bytes=0-4", 5, "0+5"},
        {"bytes=0-5", 5, "0+5"},
        {"bytes=4-", 5, "4+1"},
        {"bytes=4-4", 5, "4+1"},
        {"bytes=-5", 5, "0+5"},
        {"bytes=-6", 5, "0+5"},
        {"bytes=3-100000", 5, "3+2"},
        {"Bytes=1-2", 5, "1+2"}, /* units have no case */
        {"bytes=,1-2,, ,", 5, "1+2"},
        {"bytes=3-4,0-1", 5, "3+2 0+2"}, /* in the order asked for */
        {"bytes=7-9,0-1", 5, "0+2"},     /* who is outside is left out */
        {"bytes=007-0008", 10, "7+2"},
    };
    assert_rows(*state, rows, COUNT(rows));
}

static void range_outside(void **state) {
    static const struct row rows[] = {
        {"bytes=5-", 5, "outside"},
        {"bytes=5-9", 5, "outside"},
        {"bytes=5-,7-8", 5, "outside"},
        {"bytes=-0", 5, "outside"},
        {"bytes=99999999999999999999999-", 5, "outside"},
    };
    assert_rows(*state, rows, COUNT(rows));
}

static void range_that_is_not_heeded(void **state) {
    static const struct row rows[] = {
        {"", 5, "whole"},
        {"bytes", 5, "whole"},
        {"bytes=", 5, "whole"},
        {"bytes=,", 5, "whole"},
        {"bytes =0-1", 5, "whole"},
        {"lines=0-1", 5, "whole"},
        {"=0-1", 5, "whole"},
        {"bytes=-", 5, "whole"},
        {"bytes=--1", 5, "whole"},
        {"bytes=1", 5, "whole"},
        {"bytes=a-", 5, "whole"},
        {"bytes=0-a", 5, "whole"},
        {"bytes=0-1a", 5, "whole"},
        {"bytes=-1a", 5, "whole"},
        {"bytes=0 -1", 5, "whole"},
        {"bytes=0- 1", 5, "whole"},
        {"bytes=+0-1", 5, "whole"},
        {"bytes=2-1", 5, "whole"},
        {"bytes=9-8", 5, "whole"},   /* malformed, wherever it lies */
        {"bytes=0-1,x", 5, "whole"}, /* one that is malformed spoils all */
        {"bytes=0-1;2-3", 5, "whole"},
        {"bytes=0-2,2-4", 5, "whole"}, /* longer together than the content */
        {"bytes=0-,0-", 5, "whole"},
        {"bytes=0-", 0, "whole"},
        {"bytes=-5", 0, "whole"},
    };
    assert_rows(*state, rows, COUNT(rows));
}

static void range_positions_of_any_size(void **state) {
    static const struct row rows[] = {
        {"bytes=0-18446744073709551615", UINT64_MAX, "0+18446744073709551615"},
        {"bytes=0-99999999999999999999", 7, "0+7"},
        {"bytes=18446744073709551614-", UINT64_MAX, "18446744073709551614+1"},
        {"bytes=18446744073709551615-", UINT64_MAX, "outside"},
        {"bytes=-18446744073709551616", 7, "0+7"},
    };
    assert_rows(*state, rows, COUNT(rows));
}

static void ranges_up_to_a_number(void **state) {
    char value[256] = "bytes=0-0";
    const char *const values[] = {value};
    for (size_t i = 1; i < WB_HTTP_RANGES_MAX; i++) {
        strcat(value, ",1-1");
    }
    struct wb_http_ranges ranges = ranges_of(*state, values, 1, 1000);
    assert_int_equal(ranges.kind, WB_HTTP_RANGES_PARTS);
    assert_int_equal(ranges.count, WB_HTTP_RANGES_MAX);
    strcat(value, ",5000-");
    ranges = ranges_of(*state, values, 1, 1000);
    assert_int_equal(ranges.kind, WB_HTTP_RANGES_WHOLE);
}

static void range_that_comes_twice_is_none(void **state) {
    const char *const values[] = {"bytes=0-1", "bytes=0-1"};
    assert_int_equal(ranges_of(*state, values, 0, 5).kind, WB_HTTP_RANGES_WHOLE);
    assert_int_equal(ranges_of(*state, values, 1, 5).kind, WB_HTTP_RANGES_PARTS);
    assert_int_equal(ranges_of(*state, values, 2, 5).kind, WB_HTTP_RANGES_WHOLE);
}

static void content_range_is_written(void **state) {
    (void)state;
    char text[WB_HTTP_CONTENT_RANGE_LEN_MAX + 1];
    struct wb_http_range range = {.first = 42, .len = 1192};
    assert_int_equal(wb_http_content_range_format(&range, 1234, text), 18);
    assert_string_equal(text, "bytes 42-1233/1234");
    assert_int_equal(wb_http_content_range_format(NULL, 1234, text), 12);
    assert_string_equal(text, "bytes */1234");
    range = (struct wb_http_range){.first = UINT64_MAX - 1, .len = 1};
    assert_int_equal(
        wb_http_content_range_format(&range, UINT64_MAX, text), WB_HTTP_CONTENT_RANGE_LEN_MAX);
    range = (struct wb_http_range){.first = 3, .len = 3};
    assert_aborts((void)wb_http_content_range_format(&range, 5, text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(range_of_bytes, test_sys_setup, test_sys_teardown),
        cmocka_unit_test_setup_teardown(range_outside, test_sys_setup, test_sys_teardown),
        cmocka_unit_test_setup_teardown(
            range_that_is_not_heeded, test_sys_setup, test_sys_teardown),
        cmocka_unit_test_setup_teardown(
            range_positions_of_any_size, test_sys_setup, test_sys_teardown),
        cmocka_unit_test_setup_teardown(ranges_up_to_a_number, test_sys_setup, test_sys_teardown),
        cmocka_unit_test_setup_teardown(
            range_that_comes_twice_is_none, test_sys_setup, test_sys_teardown),
        cmocka_unit_test(content_range_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
