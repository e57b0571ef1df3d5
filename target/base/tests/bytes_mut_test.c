/* Growable bytes: room, writing, splitting and joining. */
#include "wb/bytes.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

#define B(literal) wb_bytes_from_string(literal)

static struct wb_bytes_mut with_capacity(struct test_sys *test, size_t capacity) {
    struct wb_bytes_mut mut;
    assert_int_equal(wb_bytes_mut_with_capacity(&test->sys, capacity, &mut), WB_OK);
    return mut;
}

static void extend(struct wb_bytes_mut *mut, const char *string) {
    assert_int_equal(wb_bytes_mut_extend(mut, B(string)), WB_OK);
}

static struct wb_bytes_mut mut_of(struct test_sys *test, const char *string) {
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    extend(&mut, string);
    return mut;
}

static void assert_shows(const struct wb_bytes_mut *mut, const char *string) {
    assert_int_equal(mut->len, strlen(string));
    assert_true(mut->len <= mut->capacity);
    assert_true(wb_bytes_equal(wb_bytes_mut_view(mut), B(string)));
}

static void assert_was(struct wb_bytes_shared shared, const char *string) {
    assert_true(wb_bytes_equal(wb_bytes_shared_view(&shared), B(string)));
    wb_bytes_shared_release(&shared);
}

/* ---- writing ---- */

/* A-BUF-05: with_capacity, extend_from_slice */
static void mut_with_capacity_takes_that_much_without_allocating(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 64);
    assert_int_equal(mut.capacity, 64);
    for (int i = 0; i < 16; i++) {
        extend(&mut, "abcd");
    }
    assert_int_equal(mut.len, 64);
    assert_int_equal(test->request_count, 1);
    extend(&mut, "e");
    assert_int_equal(test->request_count, 2);
    assert_int_equal(mut.ptr[64], 'e');
    wb_bytes_mut_release(&mut);
    wb_bytes_mut_release(&mut);
    wb_bytes_mut_release(NULL);
}

static void mut_new_allocates_nothing(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 0);
    extend(&mut, "");
    assert_int_equal(test->request_count, 0);
    size_t spare_len = 9;
    assert_null(wb_bytes_mut_spare(&mut, &spare_len));
    assert_int_equal(spare_len, 0);
    assert_was(wb_bytes_mut_freeze(&mut), "");
}

/* A-BUF-05: resize */
static void mut_resize_fills_or_cuts(void **state) {
    struct wb_bytes_mut mut = mut_of(*state, "abc");
    assert_int_equal(wb_bytes_mut_resize(&mut, 5, '.'), WB_OK);
    assert_shows(&mut, "abc..");
    assert_int_equal(wb_bytes_mut_resize(&mut, 2, '.'), WB_OK);
    assert_shows(&mut, "ab");
    assert_int_equal(wb_bytes_mut_resize(&mut, 4, '!'), WB_OK);
    assert_shows(&mut, "ab!!");
    wb_bytes_mut_release(&mut);
}

/* A-BUF-05: extend_from_within */
static void mut_extend_from_within_copies_its_own(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 6);
    extend(&mut, "abcdef");
    /* The block moves in between. */
    assert_int_equal(wb_bytes_mut_extend_from_within(&mut, 1, 4), WB_OK);
    assert_shows(&mut, "abcdefbcd");
    assert_int_equal(wb_bytes_mut_extend_from_within(&mut, 9, 9), WB_OK);
    assert_int_equal(wb_bytes_mut_extend_from_within(&mut, 0, 9), WB_OK);
    assert_shows(&mut, "abcdefbcdabcdefbcd");
    assert_aborts(assert_int_equal(wb_bytes_mut_extend_from_within(&mut, 3, 2), WB_OK));
    assert_aborts(assert_int_equal(wb_bytes_mut_extend_from_within(&mut, 0, 19), WB_OK));
    wb_bytes_mut_release(&mut);
}

static void mut_commit_counts_what_was_written_to_the_spare(void **state) {
    struct wb_bytes_mut mut = with_capacity(*state, 8);
    size_t spare_len = 0;
    uint8_t *spare = wb_bytes_mut_spare(&mut, &spare_len);
    assert_int_equal(spare_len, 8);
    memcpy(spare, "abc", 3);
    wb_bytes_mut_commit(&mut, 3);
    assert_shows(&mut, "abc");
    assert_ptr_equal(wb_bytes_mut_spare(&mut, &spare_len), mut.ptr + 3);
    assert_int_equal(spare_len, 5);
    assert_aborts(wb_bytes_mut_commit(&mut, 6));
    wb_bytes_mut_release(&mut);
}

/* BY-06, for the growable kind */
static void mut_truncate_and_advance_cut_both_ends(void **state) {
    struct wb_bytes_mut mut = mut_of(*state, "hello world");
    wb_bytes_mut_truncate(&mut, 20);
    wb_bytes_mut_truncate(&mut, 8);
    wb_bytes_mut_advance(&mut, 6);
    assert_shows(&mut, "wo");
    assert_aborts(wb_bytes_mut_advance(&mut, 3));
    size_t capacity = mut.capacity;
    wb_bytes_mut_truncate(&mut, 0);
    assert_int_equal(mut.capacity, capacity);
    wb_bytes_mut_release(&mut);
}

/* ---- room ---- */

/* BY-08: reserve_growth: appending byte by byte allocates a logarithmic number of times */
static void mut_reserve_grows_by_doubling(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    for (int i = 0; i < 64 * 1024; i++) {
        extend(&mut, "x");
    }
    /* 64, 128, ... 65536 */
    assert_int_equal(test->request_count, 11);
    assert_int_equal(mut.capacity, 64 * 1024);
    wb_bytes_mut_release(&mut);
}

/* BY-08: reserve_vec_recycling: what was dropped in front is room again once it is enough */
static void mut_reserve_moves_to_the_front_when_that_suffices(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 16);
    uint8_t *front = mut.ptr;
    extend(&mut, "0123456789abcdef");
    wb_bytes_mut_advance(&mut, 10);
    assert_int_equal(mut.capacity, 6);
    assert_int_equal(wb_bytes_mut_reserve(&mut, 8), WB_OK);
    assert_ptr_equal(mut.ptr, front);
    assert_int_equal(mut.capacity, 16);
    assert_shows(&mut, "abcdef");
    assert_int_equal(test->request_count, 1);
    wb_bytes_mut_release(&mut);
}

/* BY-08: reserve_in_arc_unique_does_not_overallocate, reserve_shared_reuse */
static void mut_reserve_reuses_the_block_only_when_alone(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 1000);
    uint8_t *front = mut.ptr;
    extend(&mut, "hello world, how");
    struct wb_bytes_mut part = wb_bytes_mut_split(&mut);
    assert_shows(&part, "hello world, how");
    extend(&mut, "x");
    /* Not alone: exactly what is needed, elsewhere. */
    assert_int_equal(wb_bytes_mut_reserve(&mut, 1000), WB_OK);
    assert_int_equal(mut.capacity, 1001);
    assert_int_equal(test->request_count, 2);
    wb_bytes_mut_release(&mut);

    mut = wb_bytes_mut_split_off(&part, 8);
    wb_bytes_mut_release(&part);
    /* Alone: what is behind it belongs to it now, then what is before it. */
    assert_int_equal(wb_bytes_mut_reserve(&mut, 984), WB_OK);
    assert_ptr_equal(mut.ptr, front + 8);
    assert_int_equal(mut.capacity, 992);
    assert_int_equal(wb_bytes_mut_reserve(&mut, 992), WB_OK);
    assert_ptr_equal(mut.ptr, front);
    assert_int_equal(mut.capacity, 1000);
    assert_shows(&mut, "rld, how");
    assert_int_equal(test->request_count, 2);
    wb_bytes_mut_release(&mut);
}

/* BY-08: reserve_in_arc_unique_doubles */
static void mut_reserve_alone_doubles(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 1000);
    assert_int_equal(wb_bytes_mut_reserve(&mut, 1001), WB_OK);
    assert_int_equal(mut.capacity, 2000);
    assert_int_equal(wb_bytes_mut_reserve(&mut, 5000), WB_OK);
    assert_int_equal(mut.capacity, 5000);
    wb_bytes_mut_release(&mut);
}

/* BY-08: bytes_reserve_overflow; A-BUF-05 */
static void mut_reserve_overflow_aborts(void **state) {
    struct wb_bytes_mut mut = mut_of(*state, "a");
    assert_aborts(assert_int_equal(wb_bytes_mut_reserve(&mut, SIZE_MAX), WB_OK));
    assert_aborts(assert_int_equal(wb_bytes_mut_reserve(&mut, SIZE_MAX / 2), WB_OK));
    assert_shows(&mut, "a");
    wb_bytes_mut_release(&mut);
}

/* BY-10: try_reclaim_empty, try_reclaim_vec, try_reclaim_arc */
static void mut_try_reclaim_never_allocates(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    assert_false(wb_bytes_mut_try_reclaim(&mut, 6));
    assert_int_equal(wb_bytes_mut_reserve(&mut, 6), WB_OK);
    assert_true(wb_bytes_mut_try_reclaim(&mut, 6));
    assert_true(wb_bytes_mut_try_reclaim(&mut, mut.capacity));
    assert_false(wb_bytes_mut_try_reclaim(&mut, mut.capacity + 1));
    wb_bytes_mut_release(&mut);

    mut = with_capacity(test, 6);
    extend(&mut, "abcdef");
    wb_bytes_mut_advance(&mut, 2);
    assert_false(wb_bytes_mut_try_reclaim(&mut, 2)); /* 4 bytes would move over themselves */
    wb_bytes_mut_advance(&mut, 2);
    assert_true(wb_bytes_mut_try_reclaim(&mut, 4));
    assert_shows(&mut, "ef");
    assert_false(wb_bytes_mut_try_reclaim(&mut, 5));

    struct wb_bytes_mut part = wb_bytes_mut_split(&mut);
    assert_false(wb_bytes_mut_try_reclaim(&mut, 6));
    struct wb_bytes_shared frozen = wb_bytes_mut_freeze(&part);
    assert_false(wb_bytes_mut_try_reclaim(&mut, 6));
    wb_bytes_shared_release(&frozen);
    assert_true(wb_bytes_mut_try_reclaim(&mut, 6));
    assert_int_equal(test->request_count, 2);
    wb_bytes_mut_release(&mut);
}

/* The room of a part that is gone, behind this one. */
static void mut_try_reclaim_takes_the_tail_back(void **state) {
    struct wb_bytes_mut mut = with_capacity(*state, 32);
    extend(&mut, "abcdef");
    struct wb_bytes_mut back = wb_bytes_mut_split_off(&mut, 3);
    assert_int_equal(mut.capacity, 3);
    assert_false(wb_bytes_mut_try_reclaim(&mut, 1));
    wb_bytes_mut_release(&back);
    assert_true(wb_bytes_mut_try_reclaim(&mut, 29));
    assert_shows(&mut, "abc");
    assert_int_equal(mut.capacity, 32);
    wb_bytes_mut_release(&mut);
}

static void mut_without_memory_is_unchanged(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut;
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_mut_with_capacity(&test->sys, 8, &mut), WB_ERR_NO_MEMORY);
    mut = with_capacity(test, 4);
    extend(&mut, "abcd");
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_mut_extend(&mut, B("e")), WB_ERR_NO_MEMORY); /* resizing */
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_mut_resize(&mut, 5, 'e'), WB_ERR_NO_MEMORY);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_mut_extend_from_within(&mut, 0, 1), WB_ERR_NO_MEMORY);
    assert_shows(&mut, "abcd");
    struct wb_bytes_mut front = wb_bytes_mut_split_to(&mut, 2);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_mut_extend(&mut, B("e")), WB_ERR_NO_MEMORY); /* a new block */
    test_sys_refuse(test, 1);
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &front), WB_ERR_NO_MEMORY); /* wrong order */
    assert_shows(&mut, "cd");
    assert_shows(&front, "ab");
    wb_bytes_mut_release(&front);
    wb_bytes_mut_release(&mut);
}

/* The call succeeds, or is refused memory and succeeds when asked again. */
#define RETRY(call)                                                                                \
    do {                                                                                           \
        enum wb_status first_status = call;                                                        \
        if (first_status != WB_OK) {                                                               \
            assert_int_equal(first_status, WB_ERR_NO_MEMORY);                                      \
            assert_int_equal(call, WB_OK);                                                         \
        }                                                                                          \
    } while (0)

static void write_split_and_join(struct test_sys *test) {
    struct wb_bytes_mut mut;
    struct wb_bytes_shared copy;
    RETRY(wb_bytes_mut_with_capacity(&test->sys, 4, &mut));
    RETRY(wb_bytes_mut_extend(&mut, B("hello ")));                /* resized */
    struct wb_bytes_mut front = wb_bytes_mut_split_to(&mut, 3);   /* hel|lo */
    RETRY(wb_bytes_mut_resize(&mut, 100, '!'));                   /* moved away */
    wb_bytes_mut_truncate(&mut, 4);                               /* lo ! */
    RETRY(wb_bytes_mut_unsplit(&front, &mut));                    /* copied */
    RETRY(wb_bytes_mut_extend_from_within(&front, 0, front.len)); /* hello !hello ! */
    RETRY(wb_bytes_shared_copy(&test->sys, wb_bytes_mut_view(&front), &copy));
    struct wb_bytes_shared frozen = wb_bytes_mut_freeze(&front);
    assert_was(copy, "hello !hello !");
    assert_was(frozen, "hello !hello !");
}

static void mut_survives_every_refused_allocation(void **state) {
    struct test_sys *test = *state;
    size_t n = 0;
    do {
        test_sys_refuse(test, ++n);
        write_split_and_join(test);
        assert_int_equal(test->block_count, 0);
    } while (test_sys_has_refused(test));
    assert_true(n >= 5); /* the first, the resize, the move and the copy were all refused once */
}

/* ---- splitting ---- */

/* BY-05: split_off, split_to_uninitialized, split_off_uninitialized, split_to_oob_mut */
static void mut_split_at_every_point_partitions(void **state) {
    struct test_sys *test = *state;
    static const char text[] = "abcdefghijklmnop";
    for (size_t at = 0; at < sizeof(text); at++) {
        char front[sizeof(text)] = {0};
        memcpy(front, text, at);

        struct wb_bytes_mut mut = with_capacity(test, 24);
        extend(&mut, text);
        struct wb_bytes_mut head = wb_bytes_mut_split_to(&mut, at);
        assert_shows(&head, front);
        assert_shows(&mut, text + at);
        assert_int_equal(head.capacity + mut.capacity, 24);
        wb_bytes_mut_release(&head);
        wb_bytes_mut_release(&mut);

        mut = with_capacity(test, 24);
        extend(&mut, text);
        struct wb_bytes_mut tail = wb_bytes_mut_split_off(&mut, at);
        assert_shows(&mut, front);
        assert_shows(&tail, text + at);
        assert_int_equal(tail.capacity + mut.capacity, 24);
        wb_bytes_mut_release(&mut);
        wb_bytes_mut_release(&tail);
        assert_int_equal(test->block_count, 0);
    }
}

static void mut_split_off_in_the_spare_divides_the_room(void **state) {
    struct wb_bytes_mut mut = with_capacity(*state, 16);
    extend(&mut, "abcd");
    struct wb_bytes_mut room = wb_bytes_mut_split_off(&mut, 10);
    assert_shows(&mut, "abcd");
    assert_int_equal(mut.capacity, 10);
    assert_shows(&room, "");
    assert_int_equal(room.capacity, 6);
    assert_int_equal(wb_bytes_mut_split_off(&mut, 10).capacity, 0);
    assert_aborts((void)wb_bytes_mut_split_off(&mut, 11));
    assert_aborts((void)wb_bytes_mut_split_to(&mut, 5));
    wb_bytes_mut_release(&mut);
    wb_bytes_mut_release(&room);
}

/* A-BUF-05: two halves never overlap for writes */
static void mut_halves_write_apart(void **state) {
    struct wb_bytes_mut left = with_capacity(*state, 8);
    extend(&left, "aaaabbbb");
    struct wb_bytes_mut right = wb_bytes_mut_split_off(&left, 4);
    memset(left.ptr, 'L', left.len);
    memset(right.ptr, 'R', right.len);
    extend(&left, "++++");
    extend(&right, "----");
    assert_shows(&left, "LLLL++++");
    assert_shows(&right, "RRRR----");
    wb_bytes_mut_release(&left);
    wb_bytes_mut_release(&right);
}

/* ---- freezing ---- */

/* BY-07: freeze_clone_shared, freeze_clone_unique */
static void mut_freeze_keeps_the_bytes_in_place(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = mut_of(test, "abcdefgh");
    const uint8_t *ptr = mut.ptr;
    struct wb_bytes_shared frozen = wb_bytes_mut_freeze(&mut);
    assert_ptr_equal(frozen.ptr, ptr);
    assert_int_equal(mut.len, 0);
    assert_int_equal(mut.capacity, 0);
    struct wb_bytes_shared other = wb_bytes_shared_acquire(&frozen);
    assert_was(frozen, "abcdefgh");
    /* The emptied buffer is a fresh one: writing to it touches nothing that was frozen. */
    extend(&mut, "XXXXXXXX");
    assert_was(other, "abcdefgh");
    wb_bytes_mut_release(&mut);
}

/* BY-07: freeze_after_advance, freeze_after_split_to, freeze_after_split_off,
 * freeze_after_truncate, each of them also with an arc */
static void mut_freeze_after_cutting_keeps_what_is_visible(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = mut_of(test, "abcdefgh");
    wb_bytes_mut_advance(&mut, 1);
    assert_was(wb_bytes_mut_freeze(&mut), "bcdefgh");

    mut = mut_of(test, "abcdefgh");
    wb_bytes_mut_truncate(&mut, 7);
    assert_was(wb_bytes_mut_freeze(&mut), "abcdefg");

    mut = mut_of(test, "abcdefgh");
    struct wb_bytes_mut part = wb_bytes_mut_split_to(&mut, 2);
    assert_was(wb_bytes_mut_freeze(&mut), "cdefgh");
    assert_was(wb_bytes_mut_freeze(&part), "ab");

    mut = mut_of(test, "abcdefgh");
    part = wb_bytes_mut_split_off(&mut, 7);
    wb_bytes_mut_advance(&mut, 2);
    assert_was(wb_bytes_mut_freeze(&mut), "cdefg");
    assert_was(wb_bytes_mut_freeze(&part), "h");
}

/* A-BUF-05: what was frozen does not alias what is still written */
static void mut_frozen_front_is_not_overwritten(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 16);
    extend(&mut, "frozen");
    struct wb_bytes_mut front = wb_bytes_mut_split(&mut);
    struct wb_bytes_shared frozen = wb_bytes_mut_freeze(&front);
    extend(&mut, "0123456789");
    extend(&mut, "grown");
    assert_was(frozen, "frozen");
    assert_shows(&mut, "0123456789grown");
    wb_bytes_mut_release(&mut);
}

/* ---- joining ---- */

/* BY-09: bytes_mut_unsplit_basic */
static void mut_unsplit_neighbours_copies_nothing(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 64);
    extend(&mut, "aaabbbcccddd");
    const uint8_t *ptr = mut.ptr;
    struct wb_bytes_mut back = wb_bytes_mut_split_off(&mut, 6);
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &back), WB_OK);
    assert_shows(&mut, "aaabbbcccddd");
    assert_ptr_equal(mut.ptr, ptr);
    assert_int_equal(mut.capacity, 64);
    assert_int_equal(back.capacity, 0);
    assert_int_equal(test->request_count, 1);
    wb_bytes_mut_release(&mut);
}

/* BY-09: bytes_mut_unsplit_empty_other, bytes_mut_unsplit_empty_other_keeps_capacity */
static void mut_unsplit_empty_other_gives_its_room_back(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 64);
    extend(&mut, "aaabbbcccddd");
    struct wb_bytes_mut nothing = wb_bytes_mut_new(&test->sys);
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &nothing), WB_OK);
    assert_shows(&mut, "aaabbbcccddd");
    struct wb_bytes_mut room = wb_bytes_mut_split_off(&mut, mut.len);
    assert_int_equal(mut.capacity, 12);
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &room), WB_OK);
    assert_int_equal(mut.capacity, 64);
    wb_bytes_mut_release(&mut);
}

/* BY-09: bytes_mut_unsplit_empty_self */
static void mut_unsplit_into_nothing_takes_the_other(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = wb_bytes_mut_new(&test->sys);
    struct wb_bytes_mut other = with_capacity(test, 64);
    extend(&other, "aaabbbcccddd");
    const uint8_t *ptr = other.ptr;
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &other), WB_OK);
    assert_shows(&mut, "aaabbbcccddd");
    assert_ptr_equal(mut.ptr, ptr);
    assert_int_equal(mut.capacity, 64);
    wb_bytes_mut_release(&other);
    wb_bytes_mut_release(&mut);
}

/* BY-09: bytes_mut_unsplit_other_keeps_capacity, bytes_mut_unsplit_two_split_offs */
static void mut_unsplit_two_split_offs_in_turn(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = with_capacity(test, 64);
    extend(&mut, "aaaabbbbcccc");
    struct wb_bytes_mut middle = wb_bytes_mut_split_off(&mut, 4);
    struct wb_bytes_mut last = wb_bytes_mut_split_off(&middle, 4);
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &middle), WB_OK);
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &last), WB_OK);
    assert_shows(&mut, "aaaabbbbcccc");
    assert_int_equal(mut.capacity, 64);
    assert_int_equal(test->request_count, 1);
    wb_bytes_mut_release(&mut);
}

/* BY-09: bytes_mut_unsplit_arc_different, bytes_mut_unsplit_arc_non_contiguous */
static void mut_unsplit_strangers_copies(void **state) {
    struct test_sys *test = *state;
    struct wb_bytes_mut mut = mut_of(test, "aaaa");
    struct wb_bytes_mut stranger = mut_of(test, "bbbb");
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &stranger), WB_OK);
    assert_shows(&mut, "aaaabbbb");
    assert_int_equal(test->block_count, 1);

    struct wb_bytes_mut tail = wb_bytes_mut_split_off(&mut, 6);
    struct wb_bytes_mut middle = wb_bytes_mut_split_off(&mut, 4);
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &tail), WB_OK);
    assert_shows(&mut, "aaaabb");
    assert_shows(&middle, "bb");
    wb_bytes_mut_release(&mut);
    wb_bytes_mut_release(&middle);
}

/* The first was cut, so that the second no longer follows its bytes. */
static void mut_unsplit_over_a_gap_copies(void **state) {
    struct wb_bytes_mut mut = mut_of(*state, "aaaabbbb");
    struct wb_bytes_mut back = wb_bytes_mut_split_off(&mut, 4);
    wb_bytes_mut_truncate(&mut, 2);
    assert_int_equal(wb_bytes_mut_unsplit(&mut, &back), WB_OK);
    assert_shows(&mut, "aabbbb");
    wb_bytes_mut_release(&mut);
}

/* Memory of the test's own, adopted in two halves: freeing them is only counted. */
struct halves {
    struct wb_sys sys;
    struct wb_sys_ops ops;
    struct test_sys *test;
    uint8_t memory[8];
    int freed_count;
};

static void *halves_alloc(void *self, size_t size) {
    struct halves *halves = self;
    return WB_SYS(&halves->test->sys, alloc, size);
}

static void *halves_resize(void *self, void *ptr, size_t old_size, size_t new_size) {
    (void)self;
    (void)ptr;
    (void)old_size;
    (void)new_size;
    return NULL;
}

static void halves_free(void *self, void *ptr, size_t size) {
    struct halves *halves = self;
    uint8_t *half = ptr;
    if (half == halves->memory || half == halves->memory + 4) {
        assert_int_equal(size, 4);
        halves->freed_count++;
    } else {
        WB_SYS(&halves->test->sys, free, ptr, size);
    }
}

/* BY-09: two allocations that happen to be neighbours are strangers all the same. */
static void mut_unsplit_of_neighbouring_allocations_does_not_join(void **state) {
    struct halves halves = {.test = *state, .memory = "aaaabbb"};
    halves.ops =
        (struct wb_sys_ops){.alloc = halves_alloc, .resize = halves_resize, .free = halves_free};
    halves.sys = (struct wb_sys){&halves.ops, &halves};
    struct wb_bytes_mut muts[2];
    for (size_t i = 0; i < 2; i++) {
        struct wb_bytes_shared shared;
        assert_int_equal(
            wb_bytes_shared_adopt(&halves.sys, halves.memory + 4 * i, 4 - i, 4, &shared), WB_OK);
        assert_true(wb_bytes_shared_try_into_mut(&shared, &muts[i]));
    }
    assert_ptr_equal(muts[0].ptr + muts[0].len, muts[1].ptr);
    assert_int_equal(wb_bytes_mut_unsplit(&muts[0], &muts[1]), WB_ERR_NO_MEMORY);
    assert_shows(&muts[0], "aaaa");
    assert_shows(&muts[1], "bbb");
    wb_bytes_mut_release(&muts[0]);
    assert_int_equal(halves.freed_count, 1);
    assert_shows(&muts[1], "bbb");
    wb_bytes_mut_release(&muts[1]);
    assert_int_equal(halves.freed_count, 2);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(mut_with_capacity_takes_that_much_without_allocating),
        CASE(mut_new_allocates_nothing),
        CASE(mut_resize_fills_or_cuts),
        CASE(mut_extend_from_within_copies_its_own),
        CASE(mut_commit_counts_what_was_written_to_the_spare),
        CASE(mut_truncate_and_advance_cut_both_ends),
        CASE(mut_reserve_grows_by_doubling),
        CASE(mut_reserve_moves_to_the_front_when_that_suffices),
        CASE(mut_reserve_reuses_the_block_only_when_alone),
        CASE(mut_reserve_alone_doubles),
        CASE(mut_reserve_overflow_aborts),
        CASE(mut_try_reclaim_never_allocates),
        CASE(mut_try_reclaim_takes_the_tail_back),
        CASE(mut_without_memory_is_unchanged),
        CASE(mut_survives_every_refused_allocation),
        CASE(mut_split_at_every_point_partitions),
        CASE(mut_split_off_in_the_spare_divides_the_room),
        CASE(mut_halves_write_apart),
        CASE(mut_freeze_keeps_the_bytes_in_place),
        CASE(mut_freeze_after_cutting_keeps_what_is_visible),
        CASE(mut_frozen_front_is_not_overwritten),
        CASE(mut_unsplit_neighbours_copies_nothing),
        CASE(mut_unsplit_empty_other_gives_its_room_back),
        CASE(mut_unsplit_into_nothing_takes_the_other),
        CASE(mut_unsplit_two_split_offs_in_turn),
        CASE(mut_unsplit_strangers_copies),
        CASE(mut_unsplit_over_a_gap_copies),
        CASE(mut_unsplit_of_neighbouring_allocations_does_not_join),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
