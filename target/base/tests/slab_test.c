/* A slab's keys, slots and generations. */
#include "wb/slab.h"

#include <string.h>

#include "test_abort.h"
#include "test_sys.h"

static struct wb_slab slab_of_ints(
    struct test_sys *test, size_t first, size_t capacity, size_t capacity_max) {
    struct wb_slab slab;
    const struct wb_slab_options options = {
        .element_size = sizeof(int),
        .first = first,
        .capacity = capacity,
        .capacity_max = capacity_max,
        .label = 7,
    };
    assert_int_equal(wb_slab_init(&slab, &test->sys, &options), WB_OK);
    return slab;
}

static size_t insert(struct wb_slab *slab, int value) {
    size_t key = SIZE_MAX;
    assert_int_equal(wb_slab_insert(slab, &value, &key), WB_OK);
    return key;
}

static int value_at(const struct wb_slab *slab, size_t key) {
    const int *element = wb_slab_at(slab, key);
    return *element;
}

/* ---- keys and reuse ---- */

/* SL-01: insert_get_remove_one */
static void slab_one_element_comes_and_goes(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    size_t key = insert(&slab, 10);
    assert_int_equal(key, 0);
    assert_int_equal(value_at(&slab, key), 10);
    assert_true(wb_slab_contains(&slab, key));
    int removed = 0;
    wb_slab_remove(&slab, key, &removed);
    assert_int_equal(removed, 10);
    assert_false(wb_slab_contains(&slab, key));
    assert_null(wb_slab_get(&slab, key));
    assert_int_equal(wb_slab_len(&slab), 0);
    wb_slab_clean_up(&slab);
}

/* SL-01: insert_get_many; A-SLAB-02: keys outlive growth */
static void slab_many_elements_keep_their_keys_when_it_grows(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(insert(&slab, i + 10), i);
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(value_at(&slab, (size_t)i), i + 10);
    }
    assert_int_equal(wb_slab_len(&slab), 1000);
    assert_true(wb_slab_capacity(&slab) >= 1000);
    wb_slab_clean_up(&slab);
}

/* SL-01: insert_get_remove_many; A-SLAB-05: last in, first out */
static void slab_freed_slots_are_reused_last_first(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    for (int i = 0; i < 8; i++) {
        (void)insert(&slab, i);
    }
    wb_slab_remove(&slab, 2, NULL);
    wb_slab_remove(&slab, 6, NULL);
    wb_slab_remove(&slab, 4, NULL);
    size_t capacity = wb_slab_capacity(&slab);
    assert_int_equal(insert(&slab, 40), 4);
    assert_int_equal(insert(&slab, 60), 6);
    assert_int_equal(insert(&slab, 20), 2);
    assert_int_equal(wb_slab_capacity(&slab), capacity);
    assert_int_equal(insert(&slab, 80), 8);
    assert_int_equal(value_at(&slab, 4), 40);
    assert_int_equal(value_at(&slab, 3), 3);
    wb_slab_clean_up(&slab);
}

static void slab_element_null_is_zeroes(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    size_t key;
    assert_int_equal(wb_slab_insert(&slab, NULL, &key), WB_OK);
    assert_int_equal(value_at(&slab, key), 0);
    wb_slab_clean_up(&slab);
}

/* Any size of element, not only those that fit a word. */
static void slab_element_of_odd_size_is_kept_whole(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab;
    const struct wb_slab_options options = {.element_size = 3};
    assert_int_equal(wb_slab_init(&slab, &test->sys, &options), WB_OK);
    size_t key;
    for (int i = 0; i < 20; i++) {
        const char element[3] = {'a', (char)('a' + i), 'z'};
        assert_int_equal(wb_slab_insert(&slab, element, &key), WB_OK);
    }
    assert_memory_equal(wb_slab_get(&slab, 0), "aaz", 3);
    assert_memory_equal(wb_slab_get(&slab, 19), "atz", 3);
    wb_slab_clean_up(&slab);
}

/* ---- fixed capacity and offset ---- */

/* SL-07: test_repeated_insertion; A-SLAB-01, A-SLAB-02: the value stays with the caller */
static void slab_fixed_refuses_when_full(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_of_ints(test, 0, 3, 3);
    const void *elements = slab.elements;
    for (int i = 0; i < 3; i++) {
        assert_false(wb_slab_is_full(&slab));
        (void)insert(&slab, i);
    }
    assert_true(wb_slab_is_full(&slab));
    size_t key = 99;
    int value = 3;
    assert_int_equal(wb_slab_insert(&slab, &value, &key), WB_ERR_FULL);
    assert_int_equal(key, 99);
    assert_int_equal(wb_slab_len(&slab), 3);
    wb_slab_remove(&slab, 1, NULL);
    assert_int_equal(insert(&slab, 30), 1);
    assert_ptr_equal(slab.elements, elements);
    assert_int_equal(test->request_count, 2);
    wb_slab_clean_up(&slab);
}

/* A bound that is not a power of two, above what init allocated. */
static void slab_growable_stops_at_its_bound(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 1, 11);
    for (int i = 0; i < 11; i++) {
        (void)insert(&slab, i);
    }
    assert_int_equal(wb_slab_capacity(&slab), 11);
    size_t key;
    assert_int_equal(wb_slab_insert(&slab, NULL, &key), WB_ERR_FULL);
    wb_slab_clean_up(&slab);
}

/* SL-07: get(0) with an offset of 1; A-SLAB-01, A-SLAB-04: no underflow */
static void slab_key_below_the_first_is_absent(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 5, 4, 4);
    assert_int_equal(insert(&slab, 1), 5);
    assert_int_equal(insert(&slab, 2), 6);
    const size_t absent[] = {0, 4, 7, 8, 9, SIZE_MAX, SIZE_MAX - 4};
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        assert_null(wb_slab_get(&slab, absent[i]));
        assert_false(wb_slab_contains(&slab, absent[i]));
        assert_int_equal(wb_slab_try_remove(&slab, absent[i], NULL), WB_ERR_NO_ENTRY);
    }
    assert_int_equal(wb_slab_len(&slab), 2);
    wb_slab_remove(&slab, 5, NULL);
    assert_int_equal(insert(&slab, 3), 5);
    wb_slab_clean_up(&slab);
}

static void slab_options_out_of_range_abort(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab;
    const struct wb_slab_options bad[] = {
        {.element_size = 0},
        {.element_size = 1, .first = WB_SLAB_KEY_END},
        {.element_size = 1, .first = 10, .capacity_max = WB_SLAB_KEY_END - 9},
        {.element_size = 1, .capacity = 5, .capacity_max = 4},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_aborts(assert_int_equal(wb_slab_init(&slab, &test->sys, &bad[i]), WB_OK));
    }
}

/* The last keys there are, and none beyond. */
static void slab_keys_end_before_the_end(void **state) {
    struct wb_slab slab = slab_of_ints(*state, WB_SLAB_KEY_END - 2, 0, 0);
    assert_int_equal(insert(&slab, 1), WB_SLAB_KEY_END - 2);
    assert_int_equal(insert(&slab, 2), WB_SLAB_KEY_END - 1);
    size_t key;
    assert_int_equal(wb_slab_insert(&slab, NULL, &key), WB_ERR_FULL);
    assert_int_not_equal(wb_slab_token(&slab, WB_SLAB_KEY_END - 1), WB_SLAB_TOKEN_NONE);
    wb_slab_clean_up(&slab);
}

/* ---- the key before the element ---- */

static enum wb_status make_key_times_ten(void *element, size_t key, void *user_data) {
    int *calls = user_data;
    int zero = 0;
    assert_memory_equal(element, &zero, sizeof(zero));
    int value = (int)key * 10;
    memcpy(element, &value, sizeof(value));
    ++*calls;
    return WB_OK;
}

static enum wb_status make_nothing(void *element, size_t key, void *user_data) {
    (void)key;
    int *calls = user_data;
    memset(element, 0xff, sizeof(int));
    ++*calls;
    return WB_ERR_LIMIT;
}

/* SL-07: test_insert_with with an offset of 1; A-SLAB-03 */
static void slab_insert_with_is_told_the_key(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 1, 2, 2);
    int calls = 0;
    size_t key = 0;
    assert_int_equal(wb_slab_insert_with(&slab, make_key_times_ten, &calls, &key), WB_OK);
    assert_int_equal(key, 1);
    assert_int_equal(value_at(&slab, 1), 10);
    assert_int_equal(wb_slab_insert_with(&slab, make_key_times_ten, &calls, &key), WB_OK);
    assert_int_equal(value_at(&slab, 2), 20);
    /* Full: not called. */
    assert_int_equal(wb_slab_insert_with(&slab, make_key_times_ten, &calls, &key), WB_ERR_FULL);
    assert_int_equal(calls, 2);
    wb_slab_clean_up(&slab);
}

/* A-SLAB-03: abandoned by its maker */
static void slab_insert_with_that_fails_leaves_it_unchanged(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_of_ints(test, 0, 0, 0);
    (void)insert(&slab, 1);
    (void)insert(&slab, 2);
    wb_slab_remove(&slab, 0, NULL);
    size_t notes = test->note_count;
    int calls = 0;
    size_t key = 99;
    assert_int_equal(wb_slab_insert_with(&slab, make_nothing, &calls, &key), WB_ERR_LIMIT);
    assert_int_equal(calls, 1);
    assert_int_equal(key, 99);
    assert_int_equal(wb_slab_len(&slab), 1);
    assert_int_equal(test->note_count, notes);
    assert_int_equal(insert(&slab, 3), 0);
    wb_slab_clean_up(&slab);
}

/* SL-02: insert_with_vacant_entry */
static void slab_vacant_entry_knows_key_and_token(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    struct wb_slab_vacant vacant;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(wb_slab_vacant_entry(&slab, &vacant), WB_OK);
        assert_int_equal(vacant.key, i);
        int value = i * 3;
        const int *element = wb_slab_vacant_insert(&vacant, &value);
        assert_ptr_equal(element, wb_slab_get(&slab, vacant.key));
        assert_int_equal(*element, value);
        assert_int_equal(vacant.token, wb_slab_token(&slab, vacant.key));
    }
    wb_slab_remove(&slab, 4, NULL);
    assert_int_equal(wb_slab_vacant_entry(&slab, &vacant), WB_OK);
    assert_int_equal(vacant.key, 4);
    assert_int_equal(*(int *)wb_slab_vacant_insert(&vacant, NULL), 0);
    assert_int_equal(vacant.token, wb_slab_token(&slab, 4));
    wb_slab_clean_up(&slab);
}

/* SL-02: get_vacant_entry_without_using */
static void slab_vacant_entry_abandoned_is_harmless(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    struct wb_slab_vacant first;
    struct wb_slab_vacant second;
    assert_int_equal(wb_slab_vacant_entry(&slab, &first), WB_OK);
    assert_int_equal(wb_slab_vacant_entry(&slab, &second), WB_OK);
    assert_int_equal(first.key, second.key);
    assert_int_equal(wb_slab_len(&slab), 0);
    assert_int_equal(insert(&slab, 1), first.key);
    wb_slab_clean_up(&slab);
}

static void slab_vacant_entry_taken_by_another_aborts(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    struct wb_slab_vacant vacant;
    assert_int_equal(wb_slab_vacant_entry(&slab, &vacant), WB_OK);
    size_t key = insert(&slab, 1);
    assert_aborts((void)wb_slab_vacant_insert(&vacant, NULL));
    /* The key is free again, but it is another's turn there. */
    wb_slab_remove(&slab, key, NULL);
    assert_aborts((void)wb_slab_vacant_insert(&vacant, NULL));
    wb_slab_clean_up(&slab);
}

static void slab_vacant_entry_of_a_full_slab_is_none(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 1, 1);
    (void)insert(&slab, 1);
    struct wb_slab_vacant vacant;
    assert_int_equal(wb_slab_vacant_entry(&slab, &vacant), WB_ERR_FULL);
    wb_slab_clean_up(&slab);
}

/* ---- what is not there ---- */

/* SL-03: invalid_get_panics; A-SLAB-04 */
static void slab_at_absent_key_aborts(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 4, 0);
    assert_aborts((void)wb_slab_at(&slab, 0));
    size_t key = insert(&slab, 1);
    assert_non_null(wb_slab_at(&slab, key));
    wb_slab_remove(&slab, key, NULL);
    assert_aborts((void)wb_slab_at(&slab, key));
    wb_slab_clean_up(&slab);
}

/* SL-03: double_remove_panics, invalid_remove_panics; D-18 */
static void slab_remove_of_an_absent_key_aborts(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 4, 0);
    assert_aborts(wb_slab_remove(&slab, 0, NULL));
    size_t key = insert(&slab, 1);
    wb_slab_remove(&slab, key, NULL);
    assert_aborts(wb_slab_remove(&slab, key, NULL));
    wb_slab_clean_up(&slab);
}

/* SL-03: try_remove; A-SLAB-05, D-18: a double remove that is survived leaves the free list whole
 */
static void slab_double_remove_is_inert(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_of_ints(test, 0, 4, 4);
    for (int i = 0; i < 4; i++) {
        (void)insert(&slab, i);
    }
    int removed = 0;
    assert_int_equal(wb_slab_try_remove(&slab, 1, &removed), WB_OK);
    assert_int_equal(removed, 1);
    assert_int_equal(wb_slab_try_remove(&slab, 2, &removed), WB_OK);
    size_t notes = test->note_count;
    uint32_t generation = wb_slab_generation(&slab, 1);
    removed = 77;
    assert_int_equal(wb_slab_try_remove(&slab, 1, &removed), WB_ERR_NO_ENTRY);
    assert_int_equal(wb_slab_try_remove(&slab, 2, &removed), WB_ERR_NO_ENTRY);
    assert_int_equal(wb_slab_try_remove(&slab, 1, &removed), WB_ERR_NO_ENTRY);
    assert_int_equal(removed, 77);
    assert_int_equal(wb_slab_len(&slab), 2);
    assert_int_equal(test->note_count, notes);
    assert_int_equal(wb_slab_generation(&slab, 1), generation);
    /* Exactly two slots are free, each once. */
    assert_int_equal(insert(&slab, 20), 2);
    assert_int_equal(insert(&slab, 10), 1);
    size_t key;
    assert_int_equal(wb_slab_insert(&slab, NULL, &key), WB_ERR_FULL);
    wb_slab_clean_up(&slab);
}

/* A-SLAB-06: replace left length and free list wrong once */
static void slab_replace_changes_the_element_only(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_of_ints(test, 0, 4, 4);
    (void)insert(&slab, 1);
    (void)insert(&slab, 2);
    uint64_t token = wb_slab_token(&slab, 0);
    size_t notes = test->note_count;
    int fresh = 9;
    int old = 0;
    assert_int_equal(wb_slab_replace(&slab, 0, &fresh, &old), WB_OK);
    assert_int_equal(old, 1);
    assert_int_equal(value_at(&slab, 0), 9);
    assert_int_equal(wb_slab_replace(&slab, 1, &fresh, NULL), WB_OK);
    assert_int_equal(wb_slab_len(&slab), 2);
    assert_int_equal(wb_slab_token(&slab, 0), token);
    assert_int_equal(test->note_count, notes);
    assert_int_equal(wb_slab_replace(&slab, 2, &fresh, &old), WB_ERR_NO_ENTRY);
    assert_int_equal(insert(&slab, 3), 2);
    wb_slab_clean_up(&slab);
}

/* SL-06: get_disjoint_mut* */
static void slab_get_disjoint_gives_all_or_says_why_not(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    for (int i = 0; i < 5; i++) {
        (void)insert(&slab, i);
    }
    wb_slab_remove(&slab, 1, NULL);
    wb_slab_remove(&slab, 3, NULL);
    void *elements[3] = {0};
    assert_int_equal(wb_slab_get_disjoint(&slab, (size_t[]){4, 0, 2}, 3, elements), WB_OK);
    assert_int_equal(*(int *)elements[0], 4);
    assert_int_equal(*(int *)elements[1], 0);
    assert_int_equal(*(int *)elements[2], 2);
    assert_int_equal(wb_slab_get_disjoint(&slab, (size_t[]){4, 0, 4}, 3, elements), WB_ERR_INVALID);
    assert_int_equal(
        wb_slab_get_disjoint(&slab, (size_t[]){4, 1, 2}, 3, elements), WB_ERR_NO_ENTRY);
    assert_int_equal(wb_slab_get_disjoint(&slab, (size_t[]){5}, 1, elements), WB_ERR_NO_ENTRY);
    assert_int_equal(wb_slab_get_disjoint(&slab, NULL, 0, NULL), WB_OK);
    wb_slab_clean_up(&slab);
}

/* ---- generations ---- */

static void slab_token_of_a_reused_key_is_stale(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 3, 0, 0);
    size_t key = insert(&slab, 1);
    uint64_t old = wb_slab_token(&slab, key);
    assert_int_equal(wb_slab_token_key(old), key);
    assert_int_equal(wb_slab_token_generation(old), wb_slab_generation(&slab, key));
    assert_ptr_equal(wb_slab_from_token(&slab, old), wb_slab_get(&slab, key));
    wb_slab_remove(&slab, key, NULL);
    assert_null(wb_slab_from_token(&slab, old));
    assert_int_equal(insert(&slab, 2), key);
    assert_null(wb_slab_from_token(&slab, old));
    uint64_t fresh = wb_slab_token(&slab, key);
    assert_int_not_equal(fresh, old);
    assert_int_equal(*(int *)wb_slab_from_token(&slab, fresh), 2);
    wb_slab_clean_up(&slab);
}

static void slab_token_never_given_out_is_nobodys(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    assert_null(wb_slab_from_token(&slab, 0));
    (void)insert(&slab, 1);
    assert_null(wb_slab_from_token(&slab, 0));
    assert_null(wb_slab_from_token(&slab, WB_SLAB_TOKEN_NONE));
    assert_null(wb_slab_from_token(&slab, wb_slab_token(&slab, 0) + 1));
    assert_aborts((void)wb_slab_token(&slab, 1));
    wb_slab_clean_up(&slab);
}

static void slab_generation_wraps_past_zero(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    slab.generation_floor = UINT32_MAX;
    size_t key = insert(&slab, 1);
    assert_int_equal(wb_slab_generation(&slab, key), UINT32_MAX);
    wb_slab_remove(&slab, key, NULL);
    assert_int_equal(wb_slab_generation(&slab, key), 1);
    wb_slab_clean_up(&slab);
}

/* Shrinking forgets slots; their tokens must not come to life when the slab grows back. */
static void slab_token_stays_stale_after_shrinking(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 0, 0);
    for (int i = 0; i < 3; i++) {
        (void)insert(&slab, i);
    }
    for (int i = 0; i < 5; i++) {
        wb_slab_remove(&slab, 2, NULL);
        assert_int_equal(insert(&slab, i), 2);
    }
    uint64_t last = wb_slab_token(&slab, 2);
    uint64_t middle = wb_slab_token(&slab, 1);
    wb_slab_remove(&slab, 1, NULL);
    wb_slab_remove(&slab, 2, NULL);
    wb_slab_shrink_to_fit(&slab);
    assert_int_equal(wb_slab_capacity(&slab), 1);
    assert_int_equal(insert(&slab, 10), 1);
    assert_int_equal(insert(&slab, 20), 2);
    assert_null(wb_slab_from_token(&slab, last));
    assert_null(wb_slab_from_token(&slab, middle));
    wb_slab_clean_up(&slab);
}

/* ---- announcements, memory ---- */

static void slab_announces_what_comes_and_goes(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_of_ints(test, 100, 0, 0);
    (void)insert(&slab, 1);
    (void)insert(&slab, 2);
    wb_slab_remove(&slab, 100, NULL);
    wb_slab_clear(&slab);
    const struct test_sys_note expected[] = {
        {WB_NOTE_SLOT_INSERT, 7, 100},
        {WB_NOTE_SLOT_INSERT, 7, 101},
        {WB_NOTE_SLOT_REMOVE, 7, 100},
        {WB_NOTE_SLOT_REMOVE, 7, 101},
    };
    assert_int_equal(test->note_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(test->notes[i].kind, expected[i].kind);
        assert_int_equal(test->notes[i].a, expected[i].a);
        assert_int_equal(test->notes[i].b, expected[i].b);
    }
    /* Left behind: not announced as gone. */
    (void)insert(&slab, 3);
    wb_slab_clean_up(&slab);
    assert_int_equal(test->note_count, 5);
}

/* SL-06: reserve_does_panic_with_capacity_overflow, here a status */
static void slab_reserve_makes_room_at_once(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_of_ints(test, 0, 0, 100);
    (void)insert(&slab, 0);
    assert_int_equal(wb_slab_reserve(&slab, 50), WB_OK);
    assert_true(wb_slab_capacity(&slab) >= 51);
    test_sys_refuse(test, 1);
    for (int i = 0; i < 50; i++) {
        (void)insert(&slab, i);
    }
    assert_int_equal(wb_slab_reserve(&slab, 50), WB_ERR_FULL);
    assert_int_equal(wb_slab_reserve(&slab, SIZE_MAX), WB_ERR_FULL);
    assert_int_equal(wb_slab_reserve(&slab, 49), WB_ERR_NO_MEMORY);
    assert_int_equal(wb_slab_reserve(&slab, 49), WB_OK);
    assert_int_equal(wb_slab_len(&slab), 51);
    wb_slab_clean_up(&slab);
}

/* SL-06: sizes whose product would overflow are refused, not wrapped */
static void slab_of_huge_elements_is_refused(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab;
    const struct wb_slab_options options = {.element_size = SIZE_MAX / 4};
    assert_int_equal(wb_slab_init(&slab, &test->sys, &options), WB_OK);
    assert_int_equal(wb_slab_reserve(&slab, 5), WB_ERR_FULL);
    wb_slab_clean_up(&slab);
}

/* Inserts until it has `count`, through whatever refusals; each must leave the slab as it was. */
static void insert_all(struct wb_slab *slab, size_t count) {
    while (wb_slab_len(slab) < count) {
        size_t len = wb_slab_len(slab);
        size_t key = SIZE_MAX;
        int value = (int)len;
        enum wb_status status = wb_slab_insert(slab, &value, &key);
        assert_int_equal(status, key == SIZE_MAX ? WB_ERR_NO_MEMORY : WB_OK);
        assert_int_equal(wb_slab_len(slab), key == SIZE_MAX ? len : len + 1);
    }
}

static void slab_survives_every_refused_allocation(void **state) {
    struct test_sys *test = *state;
    const struct wb_slab_options options = {.element_size = sizeof(int), .capacity = 2};
    size_t n = 0;
    do {
        test_sys_refuse(test, ++n);
        struct wb_slab slab;
        if (wb_slab_init(&slab, &test->sys, &options) == WB_OK) {
            insert_all(&slab, 40);
            for (size_t key = 0; key < 40; key++) {
                assert_int_equal(value_at(&slab, key), (int)key);
            }
            while (wb_slab_len(&slab) > 3) {
                wb_slab_remove(&slab, wb_slab_len(&slab) - 1, NULL);
            }
            wb_slab_shrink_to_fit(&slab);
            assert_int_equal(value_at(&slab, 2), 2);
        }
        wb_slab_clean_up(&slab);
        assert_int_equal(test->block_count, 0);
    } while (test_sys_has_refused(test));
    /* Init, growth to 4 (min), 8, 16, 32, 64, and shrinking take two requests each. */
    assert_true(n > 12);
}

static void slab_clean_up_twice_is_allowed(void **state) {
    struct wb_slab slab = slab_of_ints(*state, 0, 4, 0);
    wb_slab_clean_up(&slab);
    wb_slab_clean_up(&slab);
    wb_slab_clean_up(NULL);
    assert_int_equal(wb_slab_len(&slab), 0);
    assert_null(wb_slab_get(&slab, 0));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(slab_one_element_comes_and_goes),
        CASE(slab_many_elements_keep_their_keys_when_it_grows),
        CASE(slab_freed_slots_are_reused_last_first),
        CASE(slab_element_null_is_zeroes),
        CASE(slab_element_of_odd_size_is_kept_whole),
        CASE(slab_fixed_refuses_when_full),
        CASE(slab_growable_stops_at_its_bound),
        CASE(slab_key_below_the_first_is_absent),
        CASE(slab_options_out_of_range_abort),
        CASE(slab_keys_end_before_the_end),
        CASE(slab_insert_with_is_told_the_key),
        CASE(slab_insert_with_that_fails_leaves_it_unchanged),
        CASE(slab_vacant_entry_knows_key_and_token),
        CASE(slab_vacant_entry_abandoned_is_harmless),
        CASE(slab_vacant_entry_taken_by_another_aborts),
        CASE(slab_vacant_entry_of_a_full_slab_is_none),
        CASE(slab_at_absent_key_aborts),
        CASE(slab_remove_of_an_absent_key_aborts),
        CASE(slab_double_remove_is_inert),
        CASE(slab_replace_changes_the_element_only),
        CASE(slab_get_disjoint_gives_all_or_says_why_not),
        CASE(slab_token_of_a_reused_key_is_stale),
        CASE(slab_token_never_given_out_is_nobodys),
        CASE(slab_generation_wraps_past_zero),
        CASE(slab_token_stays_stale_after_shrinking),
        CASE(slab_announces_what_comes_and_goes),
        CASE(slab_reserve_makes_room_at_once),
        CASE(slab_of_huge_elements_is_refused),
        CASE(slab_survives_every_refused_allocation),
        CASE(slab_clean_up_twice_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
