/* Reading through cursors. */
#include "wb/buf.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define B(literal) wb_bytes_from_string(literal)

/* The same bytes in one piece, or in two with the border at `border`. */
struct source {
    struct wb_bytes pieces[2];
    struct wb_chain chain;
};

static struct wb_buf split_source(struct source *source, struct wb_bytes bytes, size_t border) {
    source->pieces[0] = wb_bytes_slice(bytes, 0, border);
    source->pieces[1] = wb_bytes_slice(bytes, border, bytes.len);
    source->chain.first = wb_buf_from_bytes(&source->pieces[0]);
    source->chain.last = wb_buf_from_bytes(&source->pieces[1]);
    return wb_buf_from_chain(&source->chain);
}

static const uint8_t numbers[] = {0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8, 0x09};

/* ---- the cursor ---- */

/* A-BUF-01; BY-01: test_fresh_cursor_vec */
static void buf_chunk_and_advance_walk_a_view(void **state) {
    (void)state;
    struct wb_bytes bytes = B("hello");
    struct wb_buf buf = wb_buf_from_bytes(&bytes);
    assert_int_equal(wb_buf_remaining(buf), 5);
    assert_true(wb_bytes_equal(wb_buf_chunk(buf), B("hello")));
    wb_buf_advance(buf, 2);
    assert_int_equal(wb_buf_remaining(buf), 3);
    assert_true(wb_bytes_equal(wb_buf_chunk(buf), B("llo")));
    wb_buf_advance(buf, 3);
    assert_false(wb_buf_has_remaining(buf));
    assert_int_equal(wb_buf_chunk(buf).len, 0);
    wb_buf_advance(buf, 0);
    assert_int_equal(bytes.len, 0);
}

/* D-12: past the end it aborts, it does not clamp */
static void buf_advance_past_the_end_aborts(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes bytes = B("hello");
    assert_aborts(wb_buf_advance(wb_buf_from_bytes(&bytes), 6));
    assert_int_equal(bytes.len, 5);
    struct source source;
    assert_aborts(wb_buf_advance(split_source(&source, bytes, 3), 6));
    assert_int_equal(source.pieces[0].len, 3);
    struct wb_bytes_shared shared = wb_bytes_shared_from_static(bytes);
    assert_aborts(wb_buf_advance(wb_buf_from_shared(&shared), 6));
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    assert_aborts(wb_buf_advance(wb_buf_from_bytes_mut(&mut), 1));
}

/* A-BUF-01: a chunk may be less than what remains, but never nothing while something remains */
static void buf_chunk_is_never_empty_while_bytes_remain(void **state) {
    (void)state;
    for (size_t border = 0; border <= 5; border++) {
        struct source source;
        struct wb_buf buf = split_source(&source, B("hello"), border);
        char seen[6] = {0};
        size_t len = 0;
        while (wb_buf_has_remaining(buf)) {
            struct wb_bytes chunk = wb_buf_chunk(buf);
            assert_true(chunk.len > 0);
            seen[len++] = (char)chunk.ptr[0];
            wb_buf_advance(buf, 1);
        }
        assert_string_equal(seen, "hello");
    }
}

/* BY-01: deref_buf_forwards: through each kind of storage the same bytes come */
static void buf_over_every_storage_reads_the_same(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes bytes = B("\x01\x02\x03\x04");
    struct wb_bytes_shared shared = wb_bytes_shared_from_static(bytes);
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    assert_int_equal(wb_bytes_mut_extend(&mut, bytes), WB_OK);
    struct source source;
    struct wb_buf bufs[] = {
        split_source(&source, bytes, 1),
        wb_buf_from_bytes(&bytes),
        wb_buf_from_shared(&shared),
        wb_buf_from_bytes_mut(&mut),
    };
    for (size_t i = 0; i < sizeof(bufs) / sizeof(bufs[0]); i++) {
        assert_int_equal(wb_buf_get_u8(bufs[i]), 1);
        assert_int_equal(wb_buf_remaining(bufs[i]), 3);
        assert_int_equal(wb_buf_get_u16_be(bufs[i]), 0x0203);
        assert_int_equal(wb_buf_get_i8(bufs[i]), 4);
        assert_false(wb_buf_has_remaining(bufs[i]));
    }
    wb_bytes_mut_release(&mut);
}

/* ---- copying out ---- */

/* A-BUF-02; BY-01 */
static void buf_copy_to_crosses_borders(void **state) {
    (void)state;
    for (size_t border = 0; border <= 11; border++) {
        struct source source;
        struct wb_buf buf = split_source(&source, B("hello world"), border);
        char out[12] = {0};
        wb_buf_copy_to(buf, out, 11);
        assert_string_equal(out, "hello world");
        assert_false(wb_buf_has_remaining(buf));
    }
}

static void buf_copy_to_more_than_there_is_aborts_or_says_so(void **state) {
    (void)state;
    struct source source;
    struct wb_buf buf = split_source(&source, B("abc"), 1);
    char out[4] = "...";
    assert_aborts(wb_buf_copy_to(buf, out, 4));
    assert_int_equal(wb_buf_try_copy_to(buf, out, 4), WB_EOF);
    assert_string_equal(out, "...");
    assert_int_equal(wb_buf_remaining(buf), 3);
    assert_int_equal(wb_buf_try_copy_to(buf, out, 3), WB_OK);
    assert_string_equal(out, "abc");
    assert_int_equal(wb_buf_try_copy_to(buf, out, 0), WB_OK);
}

/* BY-15: test_reader.rs read, buf_read */
static void buf_read_gives_what_there_is(void **state) {
    (void)state;
    struct source source;
    struct wb_buf buf = split_source(&source, B("hello world"), 5);
    char out[12] = {0};
    assert_int_equal(wb_buf_read(buf, out, 7), 7);
    assert_string_equal(out, "hello w");
    assert_int_equal(wb_buf_read(buf, out, 12), 4);
    assert_memory_equal(out, "orld", 4);
    assert_int_equal(wb_buf_read(buf, out, 12), 0);
    assert_int_equal(wb_buf_read(buf, out, 0), 0);
}

/* BY-15: test_iter.rs iter_len, empty_iter_len */
static void buf_next_iterates_byte_by_byte(void **state) {
    (void)state;
    struct source source;
    struct wb_buf buf = split_source(&source, B("hey"), 1);
    const char expected[] = "hey";
    uint8_t byte = 0;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(wb_buf_remaining(buf), 3 - i);
        assert_true(wb_buf_next(buf, &byte));
        assert_int_equal(byte, expected[i]);
    }
    assert_false(wb_buf_next(buf, &byte));
}

/* A-BUF-02: copy_to_bytes; BY-01: copy_to_bytes_less, copy_to_bytes_overflow */
static void buf_copy_to_shared_copies_a_plain_view(void **state) {
    struct test_sys *test = *state;
    struct source source;
    struct wb_buf buf = split_source(&source, B("hello world"), 3);
    struct wb_bytes_shared shared;
    assert_int_equal(wb_buf_copy_to_shared(buf, &test->sys, 5, &shared), WB_OK);
    assert_true(wb_bytes_equal(wb_bytes_shared_view(&shared), B("hello")));
    assert_int_equal(wb_buf_remaining(buf), 6);
    wb_bytes_shared_release(&shared);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_buf_copy_to_shared(buf, &test->sys, 5, &shared), WB_ERR_NO_MEMORY);
    assert_int_equal(wb_buf_remaining(buf), 6);
    assert_int_equal(wb_buf_copy_to_shared(buf, &test->sys, 0, &shared), WB_OK);
    assert_int_equal(shared.len, 0);
    assert_aborts(assert_int_equal(wb_buf_copy_to_shared(buf, &test->sys, 7, &shared), WB_OK));
}

/* A-BUF-02: nothing is copied where the storage is shared */
static void buf_copy_to_shared_of_shared_only_counts(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    assert_int_equal(wb_bytes_mut_extend(&mut, B("hello world")), WB_OK);
    const uint8_t *ptr = mut.ptr;
    struct wb_bytes_shared first;
    struct wb_bytes_shared second;
    struct wb_buf buf = wb_buf_from_bytes_mut(&mut);
    assert_int_equal(wb_buf_copy_to_shared(buf, &test->sys, 5, &first), WB_OK);
    assert_ptr_equal(first.ptr, ptr);
    struct wb_bytes_shared rest = wb_bytes_mut_freeze(&mut);
    buf = wb_buf_from_shared(&rest);
    wb_buf_advance(buf, 1);
    assert_int_equal(wb_buf_copy_to_shared(buf, &test->sys, 5, &second), WB_OK);
    assert_ptr_equal(second.ptr, ptr + 6);
    assert_false(wb_buf_has_remaining(buf));
    assert_true(wb_bytes_equal(wb_bytes_shared_view(&first), B("hello")));
    assert_true(wb_bytes_equal(wb_bytes_shared_view(&second), B("world")));
    assert_int_equal(test->request_count, 1);
    wb_bytes_shared_release(&first);
    wb_bytes_shared_release(&second);
}

static void buf_chunks_of_a_plain_view_is_one(void **state) {
    (void)state;
    struct wb_bytes bytes = B("abc");
    struct wb_buf buf = wb_buf_from_bytes(&bytes);
    struct wb_iovec iov[2];
    assert_int_equal(wb_buf_chunks(buf, iov, 2), 1);
    assert_ptr_equal(iov[0].base, bytes.ptr);
    assert_int_equal(iov[0].len, 3);
    assert_int_equal(wb_buf_chunks(buf, iov, 0), 0);
    wb_buf_advance(buf, 3);
    assert_int_equal(wb_buf_chunks(buf, iov, 2), 0);
}

/* ---- numbers ---- */

/* BY-01: get_u8 ... get_u64, get_uint, be and le, over every border */
static void buf_get_uint_of_every_width_and_order(void **state) {
    (void)state;
    for (size_t width = 1; width <= 8; width++) {
        uint64_t big = 0;
        uint64_t little = 0;
        for (size_t i = 0; i < width; i++) {
            big = big * 256 + numbers[i];
            little = little * 256 + numbers[width - 1 - i];
        }
        for (size_t border = 0; border <= sizeof(numbers); border++) {
            struct wb_bytes bytes = {numbers, sizeof(numbers)};
            struct source source;
            struct wb_buf buf = split_source(&source, bytes, border);
            assert_int_equal(wb_buf_get_uint(buf, width, WB_BYTE_ORDER_BIG), big);
            assert_int_equal(wb_buf_remaining(buf), sizeof(numbers) - width);
            buf = split_source(&source, bytes, border);
            assert_int_equal(wb_buf_get_uint(buf, width, WB_BYTE_ORDER_LITTLE), little);
        }
    }
}

/* BY-01: get_*_ne */
static void buf_get_native_is_what_memory_says(void **state) {
    (void)state;
    uint16_t small;
    uint32_t middle;
    uint64_t large;
    memcpy(&small, numbers, sizeof(small));
    memcpy(&middle, numbers, sizeof(middle));
    memcpy(&large, numbers, sizeof(large));
    struct wb_bytes bytes = {numbers, 8};
    assert_int_equal(wb_buf_get_u16_ne(wb_buf_from_bytes(&bytes)), small);
    bytes = (struct wb_bytes){numbers, 8};
    assert_int_equal(wb_buf_get_u32_ne(wb_buf_from_bytes(&bytes)), middle);
    bytes = (struct wb_bytes){numbers, 8};
    assert_int_equal(wb_buf_get_u64_ne(wb_buf_from_bytes(&bytes)), large);
}

/* BY-01: the named ones, each reading behind the other */
static void buf_get_by_name_reads_its_width_and_order(void **state) {
    (void)state;
    static const uint8_t raw[] = {0x01, 0xff, 0x01, 0x02, 0x01, 0x02, 0x01, 0x02, 0x03, 0x04, 0x01,
        0x02, 0x03, 0x04, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8};
    struct wb_bytes bytes = {raw, sizeof(raw)};
    struct wb_buf buf = wb_buf_from_bytes(&bytes);
    assert_int_equal(wb_buf_get_u8(buf), 1);
    assert_int_equal(wb_buf_get_i8(buf), -1);
    assert_int_equal(wb_buf_get_u16_be(buf), 0x0102);
    assert_int_equal(wb_buf_get_u16_le(buf), 0x0201);
    assert_int_equal(wb_buf_get_u32_be(buf), 0x01020304);
    assert_int_equal(wb_buf_get_u32_le(buf), 0x04030201);
    assert_true(wb_buf_get_u64_be(buf) == UINT64_C(0x0102030405060708));
    assert_true(wb_buf_get_u64_le(buf) == UINT64_C(0x0807060504030201));
    assert_false(wb_buf_has_remaining(buf));
}

/* BY-01: get_int: the sign is that of the highest byte read */
static void buf_get_int_extends_the_sign(void **state) {
    (void)state;
    static const struct {
        const char *raw;
        size_t width;
        int64_t big;
    } cases[] = {
        {"\x7f", 1, 127},
        {"\x80", 1, -128},
        {"\xff\xfe", 2, -2},
        {"\x80\x00\x00", 3, -8388608},
        {"\x7f\xff\xff", 3, 8388607},
        {"\xff\xff\xff\xff\xff\xff\xff", 7, -1},
        {"\x80\x00\x00\x00\x00\x00\x00\x00", 8, INT64_MIN},
        {"\x7f\xff\xff\xff\xff\xff\xff\xff", 8, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wb_bytes bytes = wb_bytes_from(cases[i].raw, cases[i].width);
        struct wb_buf buf = wb_buf_from_bytes(&bytes);
        assert_true(wb_buf_get_int(buf, cases[i].width, WB_BYTE_ORDER_BIG) == cases[i].big);
    }
    struct wb_bytes bytes = B("\xfe\xff\xff");
    assert_true(wb_buf_get_int(wb_buf_from_bytes(&bytes), 3, WB_BYTE_ORDER_LITTLE) == -2);
    bytes = B("\xff\xfe\xfe\xff\xff\xff\xfe\xff");
    struct wb_buf buf = wb_buf_from_bytes(&bytes);
    assert_int_equal(wb_buf_get_i16_be(buf), -2);
    assert_int_equal(wb_buf_get_i16_le(buf), -2);
    assert_int_equal(wb_buf_get_i32_be(buf), -257);
}

/* BY-01: get_f32, get_f64 */
static void buf_get_float_reads_the_bits(void **state) {
    (void)state;
    static const uint8_t raw[] = {0x3f, 0xa0, 0, 0, 0, 0, 0xa0, 0x3f, 0x40, 0x0c, 0, 0, 0, 0, 0, 0};
    struct wb_bytes bytes = {raw, sizeof(raw)};
    struct wb_buf buf = wb_buf_from_bytes(&bytes);
    assert_true(wb_buf_get_f32(buf, WB_BYTE_ORDER_BIG) == 1.25f);
    assert_true(wb_buf_get_f32(buf, WB_BYTE_ORDER_LITTLE) == 1.25f);
    assert_true(wb_buf_get_f64(buf, WB_BYTE_ORDER_BIG) == 3.5);
}

/* BY-01: too short aborts; A-BUF-02: u24 is allowed, nine bytes are not, zero neither */
static void buf_get_too_short_or_too_wide_aborts(void **state) {
    (void)state;
    struct source source;
    struct wb_bytes bytes = {numbers, sizeof(numbers)};
    struct wb_buf buf = split_source(&source, wb_bytes_slice(bytes, 0, 3), 2);
    assert_aborts((void)wb_buf_get_u32_be(buf));
    assert_aborts((void)wb_buf_get_uint(buf, 4, WB_BYTE_ORDER_LITTLE));
    assert_int_equal(wb_buf_get_uint(buf, 3, WB_BYTE_ORDER_BIG), 0x8192a3);
    assert_aborts((void)wb_buf_get_u8(buf));
    buf = split_source(&source, bytes, 2);
    assert_aborts((void)wb_buf_get_uint(buf, 9, WB_BYTE_ORDER_BIG));
    assert_aborts((void)wb_buf_get_int(buf, 9, WB_BYTE_ORDER_BIG));
    assert_aborts((void)wb_buf_get_uint(buf, 0, WB_BYTE_ORDER_BIG));
}

/* A-BUF-02: try_get_* */
static void buf_try_get_too_short_moves_nothing(void **state) {
    (void)state;
    struct source source;
    struct wb_bytes bytes = {numbers, 3};
    struct wb_buf buf = split_source(&source, bytes, 1);
    uint32_t wide = 7;
    uint64_t value = 7;
    int64_t number = 7;
    assert_int_equal(wb_buf_try_get_u32_be(buf, &wide), WB_EOF);
    assert_int_equal(wb_buf_try_get_uint(buf, 4, WB_BYTE_ORDER_BIG, &value), WB_EOF);
    assert_int_equal(wb_buf_try_get_int(buf, 4, WB_BYTE_ORDER_BIG, &number), WB_EOF);
    assert_int_equal(wide, 7);
    assert_int_equal(value, 7);
    assert_int_equal(number, 7);
    assert_int_equal(wb_buf_remaining(buf), 3);
    uint16_t small = 0;
    assert_int_equal(wb_buf_try_get_u16_be(buf, &small), WB_OK);
    assert_int_equal(small, 0x8192);
    assert_int_equal(wb_buf_try_get_int(buf, 1, WB_BYTE_ORDER_BIG, &number), WB_OK);
    assert_int_equal(number, 0xa3 - 256);
    assert_aborts(assert_int_equal(wb_buf_try_get_uint(buf, 9, WB_BYTE_ORDER_BIG, &value), WB_EOF));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(buf_chunk_and_advance_walk_a_view),
        CASE(buf_advance_past_the_end_aborts),
        CASE(buf_chunk_is_never_empty_while_bytes_remain),
        CASE(buf_over_every_storage_reads_the_same),
        CASE(buf_copy_to_crosses_borders),
        CASE(buf_copy_to_more_than_there_is_aborts_or_says_so),
        CASE(buf_read_gives_what_there_is),
        CASE(buf_next_iterates_byte_by_byte),
        CASE(buf_copy_to_shared_copies_a_plain_view),
        CASE(buf_copy_to_shared_of_shared_only_counts),
        CASE(buf_chunks_of_a_plain_view_is_one),
        CASE(buf_get_uint_of_every_width_and_order),
        CASE(buf_get_native_is_what_memory_says),
        CASE(buf_get_by_name_reads_its_width_and_order),
        CASE(buf_get_int_extends_the_sign),
        CASE(buf_get_float_reads_the_bits),
        CASE(buf_get_too_short_or_too_wide_aborts),
        CASE(buf_try_get_too_short_moves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
