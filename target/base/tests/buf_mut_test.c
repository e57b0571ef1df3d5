/* Writing through cursors. */
#include "wb/buf.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define B(literal) wb_bytes_from_string(literal)
#define OK(expression) assert_int_equal(expression, WB_OK)

/* Fixed memory in two pieces, with the border at `border`, as one target. */
struct target {
    uint8_t memory[16];
    struct wb_space pieces[2];
    struct wb_chain_mut chain;
};

static struct wb_buf_mut split_target(struct target *target, size_t len, size_t border) {
    memset(target->memory, '.', sizeof(target->memory));
    target->pieces[0] = (struct wb_space){target->memory, border};
    target->pieces[1] = (struct wb_space){target->memory + border, len - border};
    target->chain.first = wb_buf_mut_from_space(&target->pieces[0]);
    target->chain.last = wb_buf_mut_from_space(&target->pieces[1]);
    return wb_buf_mut_from_chain(&target->chain);
}

static void assert_written(const struct wb_bytes_mut *mut, const void *expected, size_t len) {
    assert_int_equal(mut->len, len);
    assert_memory_equal(mut->ptr, expected, len);
}

/* ---- the cursor ---- */

/* A-BUF-03; BY-02: test_vec_as_mut_buf */
static void buf_mut_growable_remains_almost_everything(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut;
    OK(wb_bytes_mut_with_capacity(&test->sys, 64, &mut));
    struct wb_buf_mut buf = wb_buf_mut_from_bytes_mut(&mut);
    assert_true(wb_buf_mut_remaining(buf) > SIZE_MAX / 4);
    size_t len = 0;
    uint8_t *chunk = wb_buf_mut_chunk(buf, &len);
    assert_int_equal(len, 64);
    memcpy(chunk, "zomg", 4);
    wb_buf_mut_advance(buf, 4);
    assert_written(&mut, "zomg", 4);
    OK(wb_buf_mut_put_fill(buf, 'x', 100));
    assert_int_equal(mut.len, 104);
    assert_int_equal(mut.ptr[103], 'x');
    wb_bytes_mut_release(&mut);
}

/* BY-02: vec_advance_mut out of bounds; A-BUF-03: what was not written cannot be read */
static void buf_mut_advance_beyond_the_chunk_aborts(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut;
    OK(wb_bytes_mut_with_capacity(&test->sys, 8, &mut));
    struct wb_buf_mut buf = wb_buf_mut_from_bytes_mut(&mut);
    assert_aborts(wb_buf_mut_advance(buf, 9));
    assert_int_equal(mut.len, 0);
    wb_bytes_mut_release(&mut);
    struct wb_bytes_mut empty = wb_bytes_mut_new(&test->sys);
    assert_aborts(wb_buf_mut_advance(wb_buf_mut_from_bytes_mut(&empty), 1));
    struct target target;
    buf = split_target(&target, 8, 3);
    assert_aborts(wb_buf_mut_advance(buf, 4));
    wb_buf_mut_advance(buf, 3);
    wb_buf_mut_advance(buf, 0);
    assert_int_equal(wb_buf_mut_remaining(buf), 5);
}

/* BY-03: slice_buf_mut_put_slice_overflow, write_byte_panics_if_out_of_bounds,
 * copy_from_slice_panics_if_different_length_*: a fixed target is never overrun, nor begun */
static void buf_mut_fixed_never_overflows(void **state) {
    (void)state;
    struct target target;
    for (size_t border = 0; border <= 4; border++) {
        struct wb_buf_mut buf = split_target(&target, 4, border);
        assert_aborts(OK(wb_buf_mut_put(buf, B("hello"))));
        assert_aborts(OK(wb_buf_mut_put_fill(buf, 'x', 5)));
        assert_aborts(OK(wb_buf_mut_put_u64_be(buf, 1)));
        assert_memory_equal(target.memory, "................", 16);
        OK(wb_buf_mut_put(buf, B("abcd")));
        assert_memory_equal(target.memory, "abcd............", 16);
        assert_false(wb_buf_mut_has_remaining(buf));
        assert_aborts(OK(wb_buf_mut_put_u8(buf, 'x')));
        OK(wb_buf_mut_put(buf, B("")));
        size_t len = 9;
        assert_null(wb_buf_mut_chunk(buf, &len));
        assert_int_equal(len, 0);
    }
}

/* BY-15: test_writer: as much as fits */
static void buf_mut_write_takes_what_fits(void **state) {
    (void)state;
    struct target target;
    struct wb_buf_mut buf = split_target(&target, 4, 1);
    size_t count = 0;
    OK(wb_buf_mut_write(buf, B("ab"), &count));
    assert_int_equal(count, 2);
    OK(wb_buf_mut_write(buf, B("cdef"), &count));
    assert_int_equal(count, 2);
    OK(wb_buf_mut_write(buf, B("g"), &count));
    assert_int_equal(count, 0);
    assert_memory_equal(target.memory, "abcd....", 8);
}

/* ---- putting ---- */

/* BY-02: test_put_slice, test_put_bytes */
static void buf_mut_put_crosses_borders(void **state) {
    (void)state;
    struct target target;
    for (size_t border = 0; border <= 16; border++) {
        struct wb_buf_mut buf = split_target(&target, 16, border);
        OK(wb_buf_mut_put(buf, B("hello")));
        OK(wb_buf_mut_put_fill(buf, '-', 6));
        OK(wb_buf_mut_put(buf, B("world")));
        assert_memory_equal(target.memory, "hello------world", 16);
        assert_int_equal(wb_buf_mut_remaining(buf), 0);
    }
}

/* BY-02: pieces on both sides, with borders that do not agree */
static void buf_mut_put_buf_copies_all_that_remains(void **state) {
    (void)state;
    struct target target;
    for (size_t out_border = 0; out_border <= 11; out_border++) {
        for (size_t in_border = 0; in_border <= 11; in_border++) {
            struct wb_buf_mut buf = split_target(&target, 11, out_border);
            struct wb_bytes first = wb_bytes_slice(B("hello world"), 0, in_border);
            struct wb_bytes last = wb_bytes_slice(B("hello world"), in_border, 11);
            struct wb_chain chain = {wb_buf_from_bytes(&first), wb_buf_from_bytes(&last)};
            struct wb_buf from = wb_buf_from_chain(&chain);
            OK(wb_buf_mut_put_buf(buf, from));
            assert_memory_equal(target.memory, "hello world.....", 16);
            assert_false(wb_buf_has_remaining(from));
        }
    }
    struct wb_bytes long_one = B("too long for it");
    struct wb_buf_mut buf = split_target(&target, 11, 4);
    assert_aborts(OK(wb_buf_mut_put_buf(buf, wb_buf_from_bytes(&long_one))));
    assert_int_equal(long_one.len, 15);
}

/* BY-02: test_put_u8 ... test_put_u64, be and le */
static void buf_mut_put_by_name_writes_its_width_and_order(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    struct wb_buf_mut buf = wb_buf_mut_from_bytes_mut(&mut);
    OK(wb_buf_mut_put_u8(buf, 33));
    OK(wb_buf_mut_put_i8(buf, -1));
    OK(wb_buf_mut_put_u16_be(buf, 8532));
    OK(wb_buf_mut_put_u16_le(buf, 8532));
    OK(wb_buf_mut_put_i16_be(buf, -2));
    OK(wb_buf_mut_put_i16_le(buf, -2));
    OK(wb_buf_mut_put_u32_be(buf, 0x01020304));
    OK(wb_buf_mut_put_i32_le(buf, 0x01020304));
    OK(wb_buf_mut_put_u64_be(buf, UINT64_C(0x0102030405060708)));
    OK(wb_buf_mut_put_i64_le(buf, -2));
    static const char expected[] =
        "\x21\xff\x21\x54\x54\x21\xff\xfe\xfe\xff\x01\x02\x03\x04\x04\x03"
        "\x02\x01\x01\x02\x03\x04\x05\x06\x07\x08"
        "\xfe\xff\xff\xff\xff\xff\xff\xff";
    assert_written(&mut, expected, sizeof(expected) - 1);
    wb_bytes_mut_release(&mut);
}

/* BY-02: test_put_uint, test_put_int, and all of it backwards */
static void buf_mut_put_then_get_is_the_same_number(void **state) {
    struct test_sys *test = *state;
    static const enum wb_byte_order orders[] = {
        WB_BYTE_ORDER_BIG, WB_BYTE_ORDER_LITTLE, WB_BYTE_ORDER_NATIVE};
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    struct wb_buf_mut to = wb_buf_mut_from_bytes_mut(&mut);
    struct wb_buf from = wb_buf_from_bytes_mut(&mut);
    for (size_t width = 1; width <= 8; width++) {
        uint64_t largest = UINT64_MAX >> (64 - 8 * width);
        int64_t highest = (int64_t)(largest / 2);
        for (size_t i = 0; i < 3; i++) {
            OK(wb_buf_mut_put_uint(to, largest - 1, width, orders[i]));
            OK(wb_buf_mut_put_int(to, highest, width, orders[i]));
            OK(wb_buf_mut_put_int(to, -highest - 1, width, orders[i]));
            assert_int_equal(mut.len, 3 * width);
            assert_true(wb_buf_get_uint(from, width, orders[i]) == largest - 1);
            assert_true(wb_buf_get_int(from, width, orders[i]) == highest);
            assert_true(wb_buf_get_int(from, width, orders[i]) == -highest - 1);
        }
    }
    OK(wb_buf_mut_put_uint(to, 0x010203, 3, WB_BYTE_ORDER_BIG));
    assert_written(&mut, "\x01\x02\x03", 3);
    wb_bytes_mut_release(&mut);
}

/* BY-02: test_put_int_nbytes_overflow, test_put_int_le_nbytes_overflow */
static void buf_mut_put_number_that_does_not_fit_aborts(void **state) {
    (void)state;
    struct target target;
    struct wb_buf_mut buf = split_target(&target, 16, 8);
    assert_aborts(OK(wb_buf_mut_put_uint(buf, 1, 9, WB_BYTE_ORDER_BIG)));
    assert_aborts(OK(wb_buf_mut_put_int(buf, 1, 9, WB_BYTE_ORDER_LITTLE)));
    assert_aborts(OK(wb_buf_mut_put_uint(buf, 0, 0, WB_BYTE_ORDER_BIG)));
    assert_aborts(OK(wb_buf_mut_put_uint(buf, 256, 1, WB_BYTE_ORDER_BIG)));
    assert_aborts(OK(wb_buf_mut_put_int(buf, 128, 1, WB_BYTE_ORDER_BIG)));
    assert_aborts(OK(wb_buf_mut_put_int(buf, -129, 1, WB_BYTE_ORDER_BIG)));
    assert_int_equal(wb_buf_mut_remaining(buf), 16);
}

/* BY-02: test_put_f32, test_put_f64 */
static void buf_mut_put_float_writes_the_bits(void **state) {
    (void)state;
    struct target target;
    struct wb_buf_mut buf = split_target(&target, 12, 5);
    OK(wb_buf_mut_put_f32(buf, 1.25f, WB_BYTE_ORDER_BIG));
    OK(wb_buf_mut_put_f64(buf, 3.5, WB_BYTE_ORDER_LITTLE));
    assert_memory_equal(target.memory, "\x3f\xa0\0\0\0\0\0\0\0\0\x0c\x40", 12);
}

/* All or nothing: a put that runs out of memory has written no part. */
static void buf_mut_without_memory_writes_nothing(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut;
    OK(wb_bytes_mut_with_capacity(&test->sys, 4, &mut));
    struct wb_buf_mut buf = wb_buf_mut_from_bytes_mut(&mut);
    OK(wb_buf_mut_put(buf, B("ab")));
    struct wb_bytes three = B("cde");
    size_t count = 9;
    test_sys_refuse(test, 1);
    assert_int_equal(wb_buf_mut_put(buf, three), WB_ERR_NO_MEMORY);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_buf_mut_put_fill(buf, 'x', 3), WB_ERR_NO_MEMORY);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_buf_mut_put_buf(buf, wb_buf_from_bytes(&three)), WB_ERR_NO_MEMORY);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_buf_mut_put_u32_be(buf, 1), WB_ERR_NO_MEMORY);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_buf_mut_write(buf, three, &count), WB_ERR_NO_MEMORY);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_buf_mut_reserve(buf, 3), WB_ERR_NO_MEMORY);
    assert_int_equal(count, 9);
    assert_int_equal(three.len, 3);
    assert_written(&mut, "ab", 2);
    /* What fits needs no memory. */
    test_sys_refuse(test, 1);
    OK(wb_buf_mut_put_u16_be(buf, 0x6364));
    assert_false(test_sys_has_refused(test));
    assert_written(&mut, "abcd", 4);
    wb_bytes_mut_release(&mut);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(buf_mut_growable_remains_almost_everything),
        CASE(buf_mut_advance_beyond_the_chunk_aborts),
        CASE(buf_mut_fixed_never_overflows),
        CASE(buf_mut_write_takes_what_fits),
        CASE(buf_mut_put_crosses_borders),
        CASE(buf_mut_put_buf_copies_all_that_remains),
        CASE(buf_mut_put_by_name_writes_its_width_and_order),
        CASE(buf_mut_put_then_get_is_the_same_number),
        CASE(buf_mut_put_number_that_does_not_fit_aborts),
        CASE(buf_mut_put_float_writes_the_bits),
        CASE(buf_mut_without_memory_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
