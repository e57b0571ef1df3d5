/* The ring buffer. */
#include "wb/ring.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define B(literal) wb_bytes_from_string(literal)
#define OK(expression) assert_int_equal(expression, WB_OK)

static struct wb_ring ring_of(struct test_sys *test, size_t capacity) {
    struct wb_ring ring;
    OK(wb_ring_init(&ring, &test->sys, capacity));
    return ring;
}

static void put(struct wb_ring *ring, const char *string) {
    OK(wb_buf_mut_put(wb_buf_mut_from_ring(ring), B(string)));
}

static void assert_gives(struct wb_ring *ring, const char *string) {
    char out[32] = {0};
    assert_true(strlen(string) < sizeof(out));
    wb_buf_copy_to(wb_buf_from_ring(ring), out, strlen(string));
    assert_string_equal(out, string);
}

/* A-BUF-06: the capacity is a power of two; BY-17: test_initial_buf_empty */
static void ring_capacity_is_rounded_up(void **state) {
    struct test_sys *test = *state;
    static const size_t cases[][2] = {{1, 1}, {2, 2}, {3, 4}, {16, 16}, {17, 32}, {1000, 1024}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wb_ring ring = ring_of(test, cases[i][0]);
        assert_int_equal(wb_ring_capacity(&ring), cases[i][1]);
        assert_int_equal(wb_ring_len(&ring), 0);
        assert_false(wb_buf_has_remaining(wb_buf_from_ring(&ring)));
        assert_int_equal(wb_buf_mut_remaining(wb_buf_mut_from_ring(&ring)), cases[i][1]);
        wb_ring_clean_up(&ring);
        wb_ring_clean_up(&ring);
    }
    wb_ring_clean_up(NULL);
}

static void ring_without_room_is_empty_and_full(void **state) {
    struct test_sys *test = *state;
    struct wb_ring ring = ring_of(test, 0);
    size_t len = 9;
    struct wb_iovec iov[2];
    assert_int_equal(test->request_count, 0);
    assert_null(wb_buf_mut_chunk(wb_buf_mut_from_ring(&ring), &len));
    assert_int_equal(len, 0);
    assert_int_equal(wb_buf_chunk(wb_buf_from_ring(&ring)).len, 0);
    assert_int_equal(wb_buf_chunks(wb_buf_from_ring(&ring), iov, 2), 0);
    wb_buf_advance(wb_buf_from_ring(&ring), 0);
    wb_buf_mut_advance(wb_buf_mut_from_ring(&ring), 0);
    wb_ring_clean_up(&ring);
}

static void ring_without_memory_is_clean(void **state) {
    struct test_sys *test = *state;
    struct wb_ring ring;
    test_sys_refuse(test, 1);
    assert_int_equal(wb_ring_init(&ring, &test->sys, 8), WB_ERR_NO_MEMORY);
    wb_ring_clean_up(&ring);
    assert_int_equal(wb_ring_init(&ring, &test->sys, SIZE_MAX), WB_ERR_NO_MEMORY);
    assert_int_equal(test->request_count, 1);
    wb_ring_clean_up(&ring);
}

/* BY-17: test_wrapping_write */
static void ring_write_wraps(void **state) {
    struct wb_ring ring = ring_of(*state, 16);
    put(&ring, "helloworld");
    assert_gives(&ring, "hello");
    put(&ring, "hello world"); /* 6 to the end, 5 at the front */
    assert_int_equal(wb_ring_len(&ring), 16);
    assert_int_equal(wb_buf_chunk(wb_buf_from_ring(&ring)).len, 11);
    assert_gives(&ring, "worldhello world");
    wb_ring_clean_up(&ring);
}

/* BY-17: test_io_write_and_read: a writer takes what fits, a reader gives what there is */
static void ring_as_writer_and_reader_is_partial(void **state) {
    struct wb_ring ring = ring_of(*state, 16);
    size_t count = 0;
    char out[32] = {0};
    OK(wb_buf_mut_write(wb_buf_mut_from_ring(&ring), B("hello"), &count));
    assert_int_equal(count, 5);
    OK(wb_buf_mut_write(wb_buf_mut_from_ring(&ring), B("hello world1234"), &count));
    assert_int_equal(count, 11);
    OK(wb_buf_mut_write(wb_buf_mut_from_ring(&ring), B("x"), &count));
    assert_int_equal(count, 0);
    assert_int_equal(wb_buf_read(wb_buf_from_ring(&ring), out, sizeof(out)), 16);
    assert_string_equal(out, "hellohello world");
    assert_int_equal(wb_buf_read(wb_buf_from_ring(&ring), out, sizeof(out)), 0);
    wb_ring_clean_up(&ring);
}

static void ring_full_aborts_on_more(void **state) {
    struct wb_ring ring = ring_of(*state, 4);
    put(&ring, "abcd");
    assert_aborts(put(&ring, "e"));
    assert_aborts(wb_buf_advance(wb_buf_from_ring(&ring), 5)); /* D-12 */
    assert_gives(&ring, "abcd");
    wb_ring_clean_up(&ring);
}

static void ring_chunks_are_both_ends(void **state) {
    struct wb_ring ring = ring_of(*state, 8);
    put(&ring, "abcdef");
    assert_gives(&ring, "abcd");
    put(&ring, "ghijk");
    struct wb_iovec iov[2];
    assert_int_equal(wb_buf_chunks(wb_buf_from_ring(&ring), iov, 2), 2);
    assert_int_equal(iov[0].len, 4);
    assert_memory_equal(iov[0].base, "efgh", 4);
    assert_int_equal(iov[1].len, 3);
    assert_memory_equal(iov[1].base, "ijk", 3);
    assert_int_equal(wb_buf_chunks(wb_buf_from_ring(&ring), iov, 1), 1);
    wb_buf_advance(wb_buf_from_ring(&ring), 5);
    assert_int_equal(wb_buf_chunks(wb_buf_from_ring(&ring), iov, 2), 1);
    assert_memory_equal(iov[0].base, "jk", 2);
    wb_ring_clean_up(&ring);
}

/* BY-17: test_mark_write */
static void ring_mark_survives_writes_that_do_not_reach_it(void **state) {
    struct wb_ring ring = ring_of(*state, 8);
    put(&ring, "abc");
    assert_gives(&ring, "a");
    wb_ring_mark(&ring);
    assert_gives(&ring, "bc");
    put(&ring, "defghi"); /* 6 + the 2 behind the mark: just fits */
    assert_true(wb_ring_has_mark(&ring));
    wb_ring_reset(&ring);
    assert_false(wb_ring_has_mark(&ring));
    assert_int_equal(wb_ring_len(&ring), 8);
    assert_gives(&ring, "bcdefghi");
    wb_ring_clean_up(&ring);
}

/* BY-17: test_wrap_reset (aborts): a write took the place of bytes behind the mark */
static void ring_reset_after_the_mark_was_overwritten_aborts(void **state) {
    struct wb_ring ring = ring_of(*state, 8);
    put(&ring, "abc");
    wb_ring_mark(&ring);
    assert_gives(&ring, "abc");
    put(&ring, "defgh");
    assert_true(wb_ring_has_mark(&ring));
    put(&ring, "i");
    assert_false(wb_ring_has_mark(&ring));
    assert_aborts(wb_ring_reset(&ring));
    assert_gives(&ring, "defghi");
    wb_ring_clean_up(&ring);
}

/* BY-17: test_reset_full */
static void ring_reset_of_a_full_ring_is_full(void **state) {
    struct wb_ring ring = ring_of(*state, 8);
    put(&ring, "abcdefgh");
    wb_ring_mark(&ring);
    assert_gives(&ring, "abcdefgh");
    assert_int_equal(wb_buf_mut_remaining(wb_buf_mut_from_ring(&ring)), 8);
    wb_ring_reset(&ring);
    assert_int_equal(wb_buf_mut_remaining(wb_buf_mut_from_ring(&ring)), 0);
    assert_gives(&ring, "abcdefgh");
    wb_ring_clean_up(&ring);
}

static void ring_reset_without_a_mark_aborts(void **state) {
    struct wb_ring ring = ring_of(*state, 8);
    assert_aborts(wb_ring_reset(&ring));
    put(&ring, "abc");
    wb_ring_mark(&ring);
    wb_ring_reset(&ring);
    assert_aborts(wb_ring_reset(&ring)); /* once only */
    wb_ring_mark(&ring);
    wb_ring_clear(&ring);
    assert_aborts(wb_ring_reset(&ring));
    assert_int_equal(wb_ring_len(&ring), 0);
    wb_ring_clean_up(&ring);
}

/* Every start position, every length: what goes in comes out. */
static void ring_at_every_position_keeps_the_order(void **state) {
    struct test_sys *test = *state;
    for (size_t start = 0; start < 8; start++) {
        for (size_t len = 0; len <= 8; len++) {
            struct wb_ring ring = ring_of(test, 8);
            OK(wb_buf_mut_put_fill(wb_buf_mut_from_ring(&ring), '.', start));
            wb_buf_advance(wb_buf_from_ring(&ring), start);
            struct wb_bytes bytes = wb_bytes_slice(B("abcdefgh"), 0, len);
            OK(wb_buf_mut_put(wb_buf_mut_from_ring(&ring), bytes));
            char out[8];
            assert_int_equal(wb_ring_len(&ring), len);
            wb_buf_copy_to(wb_buf_from_ring(&ring), out, len);
            assert_memory_equal(out, bytes.ptr, len);
            wb_ring_clean_up(&ring);
        }
    }
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(ring_capacity_is_rounded_up),
        CASE(ring_without_room_is_empty_and_full),
        CASE(ring_without_memory_is_clean),
        CASE(ring_write_wraps),
        CASE(ring_as_writer_and_reader_is_partial),
        CASE(ring_full_aborts_on_more),
        CASE(ring_chunks_are_both_ends),
        CASE(ring_mark_survives_writes_that_do_not_reach_it),
        CASE(ring_reset_after_the_mark_was_overwritten_aborts),
        CASE(ring_reset_of_a_full_ring_is_full),
        CASE(ring_reset_without_a_mark_aborts),
        CASE(ring_at_every_position_keeps_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
