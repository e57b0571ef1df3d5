/* Limits and chains of cursors. */
#include "wb/buf.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define B(literal) wb_bytes_from_string(literal)
#define OK(expression) assert_int_equal(expression, WB_OK)

static void assert_iov(const struct wb_iovec *iov, const char *expected) {
    assert_int_equal(iov->len, strlen(expected));
    assert_memory_equal(iov->base, expected, iov->len);
}

/* ---- take ---- */

/* BY-14: long_take; A-BUF-06: the chunk is min(limit, inner) */
static void take_longer_than_the_source_is_the_source(void **state) {
    (void)state;
    struct wb_bytes bytes = B("hello world");
    struct wb_take take = {wb_buf_from_bytes(&bytes), 100};
    struct wb_buf buf = wb_buf_from_take(&take);
    assert_int_equal(wb_buf_remaining(buf), 11);
    assert_true(wb_bytes_equal(wb_buf_chunk(buf), B("hello world")));
    wb_buf_advance(buf, 11);
    assert_int_equal(take.limit, 89);
    assert_false(wb_buf_has_remaining(buf));
    assert_int_equal(wb_buf_chunk(buf).len, 0);
}

/* BY-16: test_buf_take.rs; BY-14 */
static void take_ends_at_the_limit(void **state) {
    (void)state;
    struct wb_bytes bytes = B("hello world");
    struct wb_take take = {wb_buf_from_bytes(&bytes), 5};
    struct wb_buf buf = wb_buf_from_take(&take);
    assert_int_equal(wb_buf_remaining(buf), 5);
    assert_true(wb_bytes_equal(wb_buf_chunk(buf), B("hello")));
    assert_aborts(wb_buf_advance(buf, 6));
    char out[12] = {0};
    assert_int_equal(wb_buf_read(buf, out, sizeof(out)), 5);
    assert_string_equal(out, "hello");
    assert_int_equal(bytes.len, 6);
    take.limit = 3;
    assert_true(wb_bytes_equal(wb_buf_chunk(buf), B(" wo")));
}

/* BY-14: take_copy_to_bytes, take_copy_to_bytes_panics */
static void take_copy_to_shared_stays_within_the_limit(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared source = wb_bytes_shared_from_static(B("abcd"));
    struct wb_take take = {wb_buf_from_shared(&source), 2};
    struct wb_buf buf = wb_buf_from_take(&take);
    struct wb_bytes_shared out;
    assert_aborts(OK(wb_buf_copy_to_shared(buf, &test->sys, 3, &out)));
    OK(wb_buf_copy_to_shared(buf, &test->sys, 1, &out));
    assert_true(wb_bytes_equal(wb_bytes_shared_view(&out), B("a")));
    assert_int_equal(test->request_count, 0);
    assert_int_equal(take.limit, 1);
    assert_int_equal(source.len, 3);
    assert_aborts(OK(wb_buf_copy_to_shared(buf, &test->sys, 2, &out)));
    struct wb_bytes plain = B("xyz");
    take = (struct wb_take){wb_buf_from_bytes(&plain), 2};
    OK(wb_buf_copy_to_shared(buf, &test->sys, 2, &out));
    assert_int_equal(test->request_count, 1);
    assert_int_equal(take.limit, 0);
    wb_bytes_shared_release(&out);
}

/* BY-14: take_chunks_vectored */
static void take_chunks_are_cut_at_the_limit(void **state) {
    (void)state;
    struct wb_bytes first = B("hello");
    struct wb_bytes last = B("world");
    struct wb_chain chain = {wb_buf_from_bytes(&first), wb_buf_from_bytes(&last)};
    struct wb_take take = {wb_buf_from_chain(&chain), 0};
    struct wb_buf buf = wb_buf_from_take(&take);
    struct wb_iovec iov[4];
    assert_int_equal(wb_buf_chunks(buf, iov, 4), 0);
    take.limit = 3;
    assert_int_equal(wb_buf_chunks(buf, iov, 4), 1);
    assert_iov(&iov[0], "hel");
    take.limit = 5;
    assert_int_equal(wb_buf_chunks(buf, iov, 4), 1);
    assert_iov(&iov[0], "hello");
    take.limit = 7;
    assert_int_equal(wb_buf_chunks(buf, iov, 4), 2);
    assert_iov(&iov[0], "hello");
    assert_iov(&iov[1], "wo");
    take.limit = SIZE_MAX;
    assert_int_equal(wb_buf_chunks(buf, iov, 4), 2);
    assert_iov(&iov[1], "world");
    assert_int_equal(wb_buf_chunks(buf, iov, 1), 1);
}

/* ---- limit ---- */

/* BY-14: limit_advance_mut_panic_1, limit_advance_mut_panic_2 */
static void limit_is_never_passed_nor_the_inner(void **state) {
    (void)state;
    uint8_t memory[8] = "........";
    struct wb_space space = {memory, 4};
    struct wb_limit limit = {wb_buf_mut_from_space(&space), 6};
    struct wb_buf_mut buf = wb_buf_mut_from_limit(&limit);
    assert_int_equal(wb_buf_mut_remaining(buf), 4);
    assert_aborts(wb_buf_mut_advance(buf, 5));
    limit.limit = 3;
    assert_int_equal(wb_buf_mut_remaining(buf), 3);
    assert_aborts(wb_buf_mut_advance(buf, 4));
    assert_aborts(OK(wb_buf_mut_put(buf, B("abcd"))));
    OK(wb_buf_mut_put(buf, B("ab")));
    assert_int_equal(limit.limit, 1);
    assert_int_equal(space.len, 2);
    size_t count = 0;
    OK(wb_buf_mut_write(buf, B("cd"), &count));
    assert_int_equal(count, 1);
    assert_memory_equal(memory, "abc.....", 8);
    size_t len = 9;
    assert_null(wb_buf_mut_chunk(buf, &len));
    assert_int_equal(len, 0);
}

static void limit_bounds_a_growable_buffer(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    struct wb_limit limit = {wb_buf_mut_from_bytes_mut(&mut), 100};
    struct wb_buf_mut buf = wb_buf_mut_from_limit(&limit);
    OK(wb_buf_mut_put_fill(buf, 'x', 99));
    assert_aborts(OK(wb_buf_mut_put_u16_be(buf, 1)));
    OK(wb_buf_mut_put_u8(buf, 'y'));
    assert_int_equal(mut.len, 100);
    assert_false(wb_buf_mut_has_remaining(buf));
    wb_bytes_mut_release(&mut);
}

/* ---- chain ---- */

/* BY-13: collect_two_bufs, writing_chained */
static void chain_is_read_one_after_the_other(void **state) {
    (void)state;
    struct wb_bytes first = B("hello ");
    struct wb_bytes last = B("world");
    struct wb_chain chain = {wb_buf_from_bytes(&first), wb_buf_from_bytes(&last)};
    struct wb_buf buf = wb_buf_from_chain(&chain);
    assert_int_equal(wb_buf_remaining(buf), 11);
    assert_true(wb_bytes_equal(wb_buf_chunk(buf), B("hello ")));
    wb_buf_advance(buf, 8);
    assert_true(wb_bytes_equal(wb_buf_chunk(buf), B("rld")));
    wb_buf_advance(buf, 3);
    assert_false(wb_buf_has_remaining(buf));
}

static size_t pretend_remaining(const void *self) {
    const size_t *remaining = self;
    return *remaining;
}

/* BY-13: chain_overflow_remaining, chain_overflow_remaining_mut */
static void chain_remaining_saturates(void **state) {
    (void)state;
    static const struct wb_buf_ops endless_ops = {.remaining = pretend_remaining};
    static const struct wb_buf_mut_ops endless_mut_ops = {.remaining = pretend_remaining};
    size_t all = SIZE_MAX;
    size_t one = 1;
    struct wb_chain chain = {{&endless_ops, &one}, {&endless_ops, &all}};
    assert_true(wb_buf_remaining(wb_buf_from_chain(&chain)) == SIZE_MAX);
    struct wb_chain_mut chain_mut = {{&endless_mut_ops, &all}, {&endless_mut_ops, &one}};
    assert_true(wb_buf_mut_remaining(wb_buf_mut_from_chain(&chain_mut)) == SIZE_MAX);
    all = SIZE_MAX - 1;
    assert_true(wb_buf_remaining(wb_buf_from_chain(&chain)) == SIZE_MAX);
    all = SIZE_MAX - 2;
    assert_true(wb_buf_remaining(wb_buf_from_chain(&chain)) == SIZE_MAX - 1);
}

/* BY-13: vectored_read */
static void chain_chunks_lie_in_order(void **state) {
    (void)state;
    struct wb_bytes pieces[4] = {B("hello"), B(""), B(" "), B("world")};
    struct wb_chain front = {wb_buf_from_bytes(&pieces[0]), wb_buf_from_bytes(&pieces[1])};
    struct wb_chain back = {wb_buf_from_bytes(&pieces[2]), wb_buf_from_bytes(&pieces[3])};
    struct wb_chain chain = {wb_buf_from_chain(&front), wb_buf_from_chain(&back)};
    struct wb_buf buf = wb_buf_from_chain(&chain);
    struct wb_iovec iov[4];
    assert_int_equal(wb_buf_chunks(buf, iov, 4), 3);
    assert_iov(&iov[0], "hello");
    assert_iov(&iov[1], " ");
    assert_iov(&iov[2], "world");
    assert_int_equal(wb_buf_chunks(buf, iov, 1), 1);
    assert_int_equal(wb_buf_chunks(buf, iov, 2), 2);
    assert_iov(&iov[1], " ");
    wb_buf_advance(buf, 3);
    assert_int_equal(wb_buf_chunks(buf, iov, 4), 3);
    assert_iov(&iov[0], "lo");
    wb_buf_advance(buf, 3);
    assert_int_equal(wb_buf_chunks(buf, iov, 4), 1);
    assert_iov(&iov[0], "world");
}

/* A first part that shows only some of its pieces must not be followed by the last. */
static void chain_chunks_leave_no_gap(void **state) {
    (void)state;
    struct wb_bytes pieces[3] = {B("aa"), B("bb"), B("cc")};
    struct wb_chain front = {wb_buf_from_bytes(&pieces[0]), wb_buf_from_bytes(&pieces[1])};
    struct wb_buf_ops shy = *wb_buf_from_chain(&front).ops;
    shy.chunks = NULL;
    struct wb_chain chain = {{&shy, &front}, wb_buf_from_bytes(&pieces[2])};
    struct wb_iovec iov[4];
    assert_int_equal(wb_buf_chunks(wb_buf_from_chain(&chain), iov, 4), 1);
    assert_iov(&iov[0], "aa");
}

/* BY-13: chain_get_bytes */
static void chain_copy_to_shared_counts_where_it_can(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared first = wb_bytes_shared_from_static(B("hello"));
    struct wb_bytes_shared last = wb_bytes_shared_from_static(B("world"));
    const uint8_t *first_ptr = first.ptr;
    const uint8_t *last_ptr = last.ptr;
    struct wb_chain chain = {wb_buf_from_shared(&first), wb_buf_from_shared(&last)};
    struct wb_buf buf = wb_buf_from_chain(&chain);
    struct wb_bytes_shared out;
    OK(wb_buf_copy_to_shared(buf, &test->sys, 4, &out));
    assert_ptr_equal(out.ptr, first_ptr);
    assert_int_equal(test->request_count, 0);
    OK(wb_buf_copy_to_shared(buf, &test->sys, 3, &out));
    assert_true(wb_bytes_equal(wb_bytes_shared_view(&out), B("owo")));
    assert_int_equal(test->request_count, 1);
    wb_bytes_shared_release(&out);
    OK(wb_buf_copy_to_shared(buf, &test->sys, 3, &out));
    assert_ptr_equal(out.ptr, last_ptr + 2);
    assert_int_equal(test->request_count, 1);
}

/* BY-13: writing_chained */
static void chain_mut_is_written_one_after_the_other(void **state) {
    struct test_sys *test = *state;
    uint8_t memory[4];
    struct wb_space space = {memory, sizeof(memory)};
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    struct wb_chain_mut chain = {wb_buf_mut_from_space(&space), wb_buf_mut_from_bytes_mut(&mut)};
    struct wb_buf_mut buf = wb_buf_mut_from_chain(&chain);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_buf_mut_put(buf, B("abcdefgh")), WB_ERR_NO_MEMORY);
    assert_int_equal(space.len, 4);
    OK(wb_buf_mut_put(buf, B("abcdefgh")));
    assert_memory_equal(memory, "abcd", 4);
    assert_true(wb_bytes_equal(wb_bytes_mut_view(&mut), B("efgh")));
    wb_bytes_mut_release(&mut);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(take_longer_than_the_source_is_the_source),
        CASE(take_ends_at_the_limit),
        CASE(take_copy_to_shared_stays_within_the_limit),
        CASE(take_chunks_are_cut_at_the_limit),
        CASE(limit_is_never_passed_nor_the_inner),
        CASE(limit_bounds_a_growable_buffer),
        CASE(chain_is_read_one_after_the_other),
        CASE(chain_remaining_saturates),
        CASE(chain_chunks_lie_in_order),
        CASE(chain_chunks_leave_no_gap),
        CASE(chain_copy_to_shared_counts_where_it_can),
        CASE(chain_mut_is_written_one_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
