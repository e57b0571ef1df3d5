/* The flip buffer. */
#include "wb/flip_buf.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define B(literal) wb_bytes_from_string(literal)
#define OK(expression) assert_int_equal(expression, WB_OK)

static struct wb_flip_buf flip_of(struct test_sys *test, size_t capacity) {
    struct wb_flip_buf flip;
    OK(wb_flip_buf_init(&flip, &test->sys, capacity));
    return flip;
}

static void put(struct wb_flip_buf *flip, const char *string) {
    OK(wb_buf_mut_put(wb_buf_mut_from_flip(flip), B(string)));
}

static void assert_gives(struct wb_flip_buf *flip, const char *string) {
    char out[32] = {0};
    assert_true(strlen(string) < sizeof(out));
    wb_buf_copy_to(wb_buf_from_flip(flip), out, strlen(string));
    assert_string_equal(out, string);
}

/* BY-16: test_initial_buf_empty; A-BUF-06 */
static void flip_buf_starts_empty_for_writing(void **state) {
    struct test_sys *test = *state;
    struct wb_flip_buf flip = flip_of(test, 100);
    assert_int_equal(wb_flip_buf_capacity(&flip), 128);
    assert_false(wb_flip_buf_is_reading(&flip));
    assert_int_equal(wb_buf_mut_remaining(wb_buf_mut_from_flip(&flip)), 128);
    wb_flip_buf_flip(&flip);
    assert_true(wb_flip_buf_is_reading(&flip));
    assert_int_equal(wb_buf_remaining(wb_buf_from_flip(&flip)), 0);
    assert_int_equal(wb_buf_chunk(wb_buf_from_flip(&flip)).len, 0);
    wb_flip_buf_clean_up(&flip);
    wb_flip_buf_clean_up(&flip);
    wb_flip_buf_clean_up(NULL);
}

/* A-BUF-06: flip sets the limit to the position and the position to 0; BY-16: test_byte_buf_bytes
 */
static void flip_buf_flip_reads_exactly_what_was_written(void **state) {
    struct wb_flip_buf flip = flip_of(*state, 32);
    put(&flip, "hello ");
    put(&flip, "world");
    assert_int_equal(wb_buf_mut_remaining(wb_buf_mut_from_flip(&flip)), 21);
    wb_flip_buf_flip(&flip);
    assert_int_equal(wb_buf_remaining(wb_buf_from_flip(&flip)), 11);
    assert_gives(&flip, "hello world");
    assert_false(wb_buf_has_remaining(wb_buf_from_flip(&flip)));
    wb_flip_buf_clear(&flip);
    assert_int_equal(wb_buf_mut_remaining(wb_buf_mut_from_flip(&flip)), 32);
    put(&flip, "goodbye");
    wb_flip_buf_flip(&flip);
    assert_gives(&flip, "goodbye");
    wb_flip_buf_clean_up(&flip);
}

/* A-BUF-06: resume goes on where writing stopped */
static void flip_buf_resume_writes_behind_what_was_written(void **state) {
    struct wb_flip_buf flip = flip_of(*state, 16);
    put(&flip, "hello ");
    wb_flip_buf_flip(&flip);
    assert_gives(&flip, "hel");
    wb_flip_buf_resume(&flip);
    assert_int_equal(wb_buf_mut_remaining(wb_buf_mut_from_flip(&flip)), 10);
    put(&flip, "world");
    wb_flip_buf_flip(&flip);
    assert_gives(&flip, "hello world");
    wb_flip_buf_clean_up(&flip);
}

/* A-BUF-06: mark, reset */
static void flip_buf_reset_reads_again_from_the_mark(void **state) {
    struct wb_flip_buf flip = flip_of(*state, 16);
    put(&flip, "hello");
    assert_aborts(wb_flip_buf_mark(&flip));
    wb_flip_buf_flip(&flip);
    assert_aborts(wb_flip_buf_reset(&flip));
    assert_gives(&flip, "h");
    wb_flip_buf_mark(&flip);
    assert_gives(&flip, "ello");
    wb_flip_buf_reset(&flip);
    assert_gives(&flip, "el");
    assert_aborts(wb_flip_buf_reset(&flip));
    wb_flip_buf_mark(&flip);
    wb_flip_buf_resume(&flip);
    wb_flip_buf_flip(&flip);
    assert_aborts(wb_flip_buf_reset(&flip));
    wb_flip_buf_clean_up(&flip);
}

/* D-12 in place of BY-16's clamping: past the end it aborts */
static void flip_buf_past_its_limits_aborts(void **state) {
    struct wb_flip_buf flip = flip_of(*state, 4);
    assert_aborts(put(&flip, "abcde"));
    assert_aborts(wb_buf_mut_advance(wb_buf_mut_from_flip(&flip), 5));
    put(&flip, "abc");
    wb_flip_buf_flip(&flip);
    assert_aborts(wb_buf_advance(wb_buf_from_flip(&flip), 4));
    assert_gives(&flip, "abc");
    wb_flip_buf_clean_up(&flip);
}

static void flip_buf_in_the_wrong_state_aborts(void **state) {
    struct wb_flip_buf flip = flip_of(*state, 4);
    assert_aborts((void)wb_buf_from_flip(&flip));
    assert_aborts(wb_flip_buf_clear(&flip));
    assert_aborts(wb_flip_buf_resume(&flip));
    struct wb_buf_mut writer = wb_buf_mut_from_flip(&flip);
    wb_flip_buf_flip(&flip);
    assert_aborts((void)wb_buf_mut_from_flip(&flip));
    assert_aborts((void)wb_buf_mut_remaining(writer));
    assert_aborts(OK(wb_buf_mut_put(writer, B("a"))));
    assert_aborts(wb_flip_buf_flip(&flip));
    wb_flip_buf_clean_up(&flip);
}

static void flip_buf_without_memory_is_clean(void **state) {
    struct test_sys *test = *state;
    struct wb_flip_buf flip;
    test_sys_refuse(test, 1);
    assert_int_equal(wb_flip_buf_init(&flip, &test->sys, 8), WB_ERR_NO_MEMORY);
    wb_flip_buf_clean_up(&flip);
    assert_int_equal(wb_flip_buf_init(&flip, &test->sys, SIZE_MAX), WB_ERR_NO_MEMORY);
    assert_int_equal(test->request_count, 1);
    OK(wb_flip_buf_init(&flip, &test->sys, 0));
    size_t len = 9;
    assert_null(wb_buf_mut_chunk(wb_buf_mut_from_flip(&flip), &len));
    assert_int_equal(len, 0);
    wb_flip_buf_clean_up(&flip);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(flip_buf_starts_empty_for_writing),
        CASE(flip_buf_flip_reads_exactly_what_was_written),
        CASE(flip_buf_resume_writes_behind_what_was_written),
        CASE(flip_buf_reset_reads_again_from_the_mark),
        CASE(flip_buf_past_its_limits_aborts),
        CASE(flip_buf_in_the_wrong_state_aborts),
        CASE(flip_buf_without_memory_is_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
