/* Shared immutable bytes. */
#include "wb/bytes.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define B(literal) wb_bytes_from_string(literal)

static struct wb_bytes_shared copy_of(struct test_sys *test, const char *string) {
    struct wb_bytes_shared shared;
    assert_int_equal(wb_bytes_shared_copy(&test->sys, B(string), &shared), WB_OK);
    return shared;
}

static void assert_shows(const struct wb_bytes_shared *shared, const char *string) {
    assert_int_equal(shared->len, strlen(string));
    assert_true(wb_bytes_equal(wb_bytes_shared_view(shared), B(string)));
}

/* Checks a result, and gives it back. */
static void assert_was(struct wb_bytes_shared shared, const char *string) {
    assert_shows(&shared, string);
    wb_bytes_shared_release(&shared);
}

/* ---- references ---- */

/* A-BUF-04: from_static, copy_from */
static void shared_from_static_points_at_it(void **state) {
    struct test_sys *test = *state;
    static const char text[] = "static";
    struct wb_bytes_shared shared = wb_bytes_shared_from_static(B(text));
    assert_ptr_equal(shared.ptr, text);
    assert_false(wb_bytes_shared_is_unique(&shared));
    struct wb_bytes_shared other = wb_bytes_shared_slice(&shared, 1, 4);
    assert_ptr_equal(other.ptr, text + 1);
    assert_was(other, "tat");
    wb_bytes_shared_release(&shared);
    assert_int_equal(shared.len, 0);
    assert_int_equal(test->request_count, 0);
}

/* A-BUF-04: clone O(1), the last owner frees exactly once */
static void shared_acquire_shares_and_the_last_release_frees(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared first = copy_of(test, "hello");
    assert_true(wb_bytes_shared_is_unique(&first));
    struct wb_bytes_shared second = wb_bytes_shared_acquire(&first);
    assert_ptr_equal(second.ptr, first.ptr);
    assert_int_equal(test->request_count, 1);
    assert_false(wb_bytes_shared_is_unique(&first));
    assert_false(wb_bytes_shared_is_unique(&second));
    wb_bytes_shared_release(&first);
    assert_int_equal(test->block_count, 1);
    assert_true(wb_bytes_shared_is_unique(&second));
    assert_shows(&second, "hello");
    wb_bytes_shared_release(&second);
    assert_int_equal(test->block_count, 0);
    wb_bytes_shared_release(&second);
    wb_bytes_shared_release(NULL);
}

static void shared_empty_holds_nothing(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared empty = copy_of(test, "");
    assert_int_equal(test->block_count, 0);
    assert_int_equal(wb_bytes_shared_acquire(&empty).len, 0);
    assert_false(wb_bytes_shared_is_unique(&empty));
    struct wb_bytes_shared full = copy_of(test, "abc");
    struct wb_bytes_shared part = wb_bytes_shared_slice(&full, 2, 2);
    assert_true(wb_bytes_shared_is_unique(&full));
    assert_int_equal(part.len, 0);
    wb_bytes_shared_release(&full);
}

/* ---- views of parts ---- */

/* BY-04: slice; A-BUF-04 */
static void shared_slice_shows_a_part(void **state) {
    struct wb_bytes_shared shared = copy_of(*state, "hello world");
    assert_was(wb_bytes_shared_slice(&shared, 3, 5), "lo");
    assert_was(wb_bytes_shared_slice(&shared, 3, 3), "");
    assert_was(wb_bytes_shared_slice(&shared, 0, 11), "hello world");
    assert_was(wb_bytes_shared_slice(&shared, 6, 11), "world");
    struct wb_bytes_shared part = wb_bytes_shared_slice(&shared, 6, 11);
    wb_bytes_shared_release(&shared);
    assert_was(wb_bytes_shared_slice(&part, 1, 3), "or");
    wb_bytes_shared_release(&part);
}

/* BY-04: slice_oob_1, slice_oob_2, slice_start_greater_than_end */
static void shared_slice_out_of_bounds_aborts(void **state) {
    struct wb_bytes_shared shared = copy_of(*state, "hello world");
    assert_aborts((void)wb_bytes_shared_slice(&shared, 5, 44));
    assert_aborts((void)wb_bytes_shared_slice(&shared, 44, 49));
    assert_aborts((void)wb_bytes_shared_slice(&shared, 5, 3));
    assert_true(wb_bytes_shared_is_unique(&shared));
    wb_bytes_shared_release(&shared);
}

/* BY-04: slice_ref_works, slice_ref_empty, slice_ref_catches_not_a_subset */
static void shared_slice_ref_finds_the_part(void **state) {
    struct wb_bytes_shared shared = copy_of(*state, "123456789");
    struct wb_bytes view = wb_bytes_shared_view(&shared);
    assert_was(wb_bytes_shared_slice_ref(&shared, wb_bytes_slice(view, 2, 5)), "345");
    assert_was(wb_bytes_shared_slice_ref(&shared, wb_bytes_slice(view, 0, 9)), "123456789");
    assert_was(wb_bytes_shared_slice_ref(&shared, wb_bytes_slice(view, 8, 9)), "9");
    assert_was(wb_bytes_shared_slice_ref(&shared, wb_bytes_slice(view, 4, 4)), "");
    assert_was(wb_bytes_shared_slice_ref(&shared, (struct wb_bytes){0}), "");
    wb_bytes_shared_release(&shared);
}

/* BY-04: slice_ref_catches_not_a_subset, slice_ref_not_an_empty_subset */
static void shared_slice_ref_elsewhere_aborts(void **state) {
    struct wb_bytes_shared shared = copy_of(*state, "123456789");
    struct wb_bytes_shared part = wb_bytes_shared_slice(&shared, 2, 7);
    assert_aborts((void)wb_bytes_shared_slice_ref(&shared, B("345")));
    struct wb_bytes view = wb_bytes_shared_view(&shared);
    assert_aborts((void)wb_bytes_shared_slice_ref(&part, wb_bytes_slice(view, 1, 4)));
    assert_aborts((void)wb_bytes_shared_slice_ref(&part, wb_bytes_slice(view, 5, 8)));
    assert_aborts((void)wb_bytes_shared_slice_ref(&part, wb_bytes_slice(view, 8, 9)));
    wb_bytes_shared_release(&part);
    wb_bytes_shared_release(&shared);
}

/* BY-05: split_off, split_to_1, split_to_2, split_off_to_loop: each point partitions exactly */
static void shared_split_at_every_point_partitions(void **state) {
    struct test_sys *test = *state;
    static const char text[] = "abcdefghijklmnopqrstuvwxyz";
    for (size_t at = 0; at < sizeof(text); at++) {
        char front[sizeof(text)] = {0};
        memcpy(front, text, at);

        struct wb_bytes_shared shared = copy_of(test, text);
        struct wb_bytes_shared tail = wb_bytes_shared_split_off(&shared, at);
        assert_shows(&shared, front);
        assert_was(tail, text + at);
        wb_bytes_shared_release(&shared);

        shared = copy_of(test, text);
        struct wb_bytes_shared head = wb_bytes_shared_split_to(&shared, at);
        assert_shows(&shared, text + at);
        assert_was(head, front);
        wb_bytes_shared_release(&shared);
        assert_int_equal(test->block_count, 0);
    }
}

/* BY-05: split_off_oob, split_to_oob, split_off_to_at_gt_len */
static void shared_split_beyond_the_end_aborts(void **state) {
    struct wb_bytes_shared shared = copy_of(*state, "hello");
    assert_aborts((void)wb_bytes_shared_split_off(&shared, 6));
    assert_aborts((void)wb_bytes_shared_split_to(&shared, 6));
    assert_shows(&shared, "hello");
    assert_true(wb_bytes_shared_is_unique(&shared));
    wb_bytes_shared_release(&shared);
}

/* BY-06: truncate, truncate_to_zero_releases_shared_reference */
static void shared_truncate_to_nothing_releases(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared shared = copy_of(test, "hello world");
    struct wb_bytes_shared other = wb_bytes_shared_acquire(&shared);
    wb_bytes_shared_truncate(&shared, 15);
    assert_shows(&shared, "hello world");
    wb_bytes_shared_truncate(&shared, 5);
    assert_shows(&shared, "hello");
    assert_false(wb_bytes_shared_is_unique(&other));
    wb_bytes_shared_truncate(&shared, 0);
    assert_shows(&shared, "");
    assert_true(wb_bytes_shared_is_unique(&other));
    assert_shows(&other, "hello world");
    wb_bytes_shared_truncate(&other, 0);
    assert_int_equal(test->block_count, 0);
}

/* BY-06: advance_static, advance_vec, advance_past_len */
static void shared_advance_drops_the_front(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared shared = copy_of(test, "hello world");
    wb_bytes_shared_advance(&shared, 6);
    assert_shows(&shared, "world");
    wb_bytes_shared_advance(&shared, 0);
    assert_aborts(wb_bytes_shared_advance(&shared, 6));
    wb_bytes_shared_advance(&shared, 5);
    assert_int_equal(test->block_count, 0);
    struct wb_bytes_shared fixed = wb_bytes_shared_from_static(B("hello"));
    wb_bytes_shared_advance(&fixed, 2);
    assert_shows(&fixed, "llo");
}

/* ---- changing the owner ---- */

/* BY-12: advance and truncate leave the block's own pointer and size for the free, which the
 * fixture checks. */
static void shared_part_gives_the_whole_block_back(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared shared = copy_of(test, "hello world");
    wb_bytes_shared_advance(&shared, 3);
    wb_bytes_shared_truncate(&shared, 4);
    struct wb_bytes_shared part = wb_bytes_shared_slice(&shared, 1, 2);
    wb_bytes_shared_release(&shared);
    assert_int_equal(test->block_count, 1);
    wb_bytes_shared_release(&part);
    assert_int_equal(test->block_count, 0);
}

/* BY-10: bytes_from_vec and back; BY-12: adopted memory is freed with its own pointer and size,
 * also when it is larger than what is in it and seen from its middle */
static void shared_adopted_memory_is_freed_as_it_came(void **state) {
    struct test_sys *test = *state;
    for (size_t size = 1; size <= 33; size++) {
        char *memory = WB_SYS(&test->sys, alloc, size);
        memset(memory, 'x', size);
        struct wb_bytes_shared shared;
        assert_int_equal(
            wb_bytes_shared_adopt(&test->sys, memory, (size + 1) / 2, size, &shared), WB_OK);
        assert_ptr_equal(shared.ptr, memory);
        assert_int_equal(shared.len, (size + 1) / 2);
        struct wb_bytes_shared last = wb_bytes_shared_split_off(&shared, shared.len - 1);
        wb_bytes_shared_release(&shared);
        assert_int_equal(test_sys_block_size(test, memory), size);
        assert_was(last, "x");
        assert_int_equal(test->block_count, 0);
    }
}

static void shared_adopt_without_memory_leaves_it_to_the_caller(void **state) {
    struct test_sys *test = *state;
    void *memory = WB_SYS(&test->sys, alloc, 10);
    struct wb_bytes_shared shared;
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_shared_adopt(&test->sys, memory, 5, 10, &shared), WB_ERR_NO_MEMORY);
    assert_int_equal(test_sys_block_size(test, memory), 10);
    WB_SYS(&test->sys, free, memory, 10);
}

static void shared_copy_without_memory_is_an_error(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared shared;
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_shared_copy(&test->sys, B("abc"), &shared), WB_ERR_NO_MEMORY);
}

/* BY-10: *_is_unique, try_into_mut */
static void shared_try_into_mut_needs_the_only_reference(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_shared shared = copy_of(test, "hello");
    struct wb_bytes_shared other = wb_bytes_shared_acquire(&shared);
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    assert_false(wb_bytes_shared_try_into_mut(&shared, &mut));
    assert_shows(&shared, "hello");
    const uint8_t *ptr = shared.ptr;
    wb_bytes_shared_release(&other);
    wb_bytes_shared_advance(&shared, 1);
    assert_true(wb_bytes_shared_try_into_mut(&shared, &mut));
    assert_int_equal(shared.len, 0);
    assert_ptr_equal(mut.ptr, ptr + 1);
    assert_int_equal(mut.len, 4);
    mut.ptr[0] = 'E';
    assert_int_equal(wb_bytes_mut_extend(&mut, B("!")), WB_OK);
    assert_true(wb_bytes_equal(wb_bytes_mut_view(&mut), B("Ello!")));
    wb_bytes_mut_release(&mut);
    struct wb_bytes_shared fixed = wb_bytes_shared_from_static(B("hello"));
    assert_false(wb_bytes_shared_try_into_mut(&fixed, &mut));
}

/* BY-10: adopted memory becomes writable, grows and is freed once */
static void shared_adopted_memory_becomes_growable(void **state) {
    struct test_sys *test = *state;
    char *memory = WB_SYS(&test->sys, alloc, 8);
    memcpy(memory, "abcd", 4);
    struct wb_bytes_shared shared;
    assert_int_equal(wb_bytes_shared_adopt(&test->sys, memory, 4, 8, &shared), WB_OK);
    struct wb_bytes_mut mut;
    assert_true(wb_bytes_shared_try_into_mut(&shared, &mut));
    assert_int_equal(mut.capacity, 8);
    assert_int_equal(wb_bytes_mut_extend(&mut, B("efgh")), WB_OK);
    assert_ptr_equal(mut.ptr, memory);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_mut_extend(&mut, B("ijkl")), WB_ERR_NO_MEMORY);
    assert_true(wb_bytes_equal(wb_bytes_mut_view(&mut), B("abcdefgh")));
    assert_int_equal(wb_bytes_mut_extend(&mut, B("ijkl")), WB_OK);
    assert_int_equal(test->block_count, 2);
    shared = wb_bytes_mut_freeze(&mut);
    assert_was(shared, "abcdefghijkl");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(shared_from_static_points_at_it),
        CASE(shared_acquire_shares_and_the_last_release_frees),
        CASE(shared_empty_holds_nothing),
        CASE(shared_slice_shows_a_part),
        CASE(shared_slice_out_of_bounds_aborts),
        CASE(shared_slice_ref_finds_the_part),
        CASE(shared_slice_ref_elsewhere_aborts),
        CASE(shared_split_at_every_point_partitions),
        CASE(shared_split_beyond_the_end_aborts),
        CASE(shared_truncate_to_nothing_releases),
        CASE(shared_advance_drops_the_front),
        CASE(shared_part_gives_the_whole_block_back),
        CASE(shared_adopted_memory_is_freed_as_it_came),
        CASE(shared_adopt_without_memory_leaves_it_to_the_caller),
        CASE(shared_copy_without_memory_is_an_error),
        CASE(shared_try_into_mut_needs_the_only_reference),
        CASE(shared_adopted_memory_becomes_growable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
