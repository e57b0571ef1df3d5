/* Going through a slab: iterating, draining, retaining, filling, shrinking, compacting. */
#include "wb/slab.h"

#include "test_abort.h"
#include "test_sys.h"

enum { FIRST = 10 };

/* Elements 0 .. count - 1 under the keys FIRST + element. */
static struct wb_slab slab_with(struct test_sys *test, int count) {
    struct wb_slab slab;
    const struct wb_slab_options options = {.element_size = sizeof(int), .first = FIRST};
    assert_int_equal(wb_slab_init(&slab, &test->sys, &options), WB_OK);
    for (int i = 0; i < count; i++) {
        size_t key;
        assert_int_equal(wb_slab_insert(&slab, &i, &key), WB_OK);
        assert_int_equal(key, FIRST + i);
    }
    return slab;
}

static void remove_all(struct wb_slab *slab, const int *elements, size_t count) {
    for (size_t i = 0; i < count; i++) {
        wb_slab_remove(slab, (size_t)(FIRST + elements[i]), NULL);
    }
}

#define REMOVE(slab, ...)                                                                          \
    remove_all(slab, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

/* The slab holds exactly these elements, in key order. */
static void assert_holds(struct wb_slab *slab, const int *elements, size_t count) {
    struct wb_slab_iter iter = wb_slab_iter(slab);
    assert_int_equal(wb_slab_len(slab), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(wb_slab_iter_len(&iter), count - i);
        const int *element = wb_slab_iter_next(&iter, NULL);
        assert_non_null(element);
        assert_int_equal(*element, elements[i]);
    }
    assert_null(wb_slab_iter_next(&iter, NULL));
    assert_int_equal(wb_slab_iter_len(&iter), 0);
}

#define HOLDS(slab, ...)                                                                           \
    assert_holds(slab, (const int[]){__VA_ARGS__}, sizeof((const int[]){__VA_ARGS__}) / sizeof(int))

static size_t insert(struct wb_slab *slab, int value) {
    size_t key;
    assert_int_equal(wb_slab_insert(slab, &value, &key), WB_OK);
    return key;
}

/* ---- iteration ---- */

/* SL-04: into_iter; SL-07: iteration with an offset; A-SLAB-07 */
static void slab_iter_visits_in_key_order_with_holes(void **state) {
    struct wb_slab slab = slab_with(*state, 8);
    REMOVE(&slab, 0, 3, 4, 7);
    struct wb_slab_iter iter = wb_slab_iter(&slab);
    const size_t keys[] = {FIRST + 1, FIRST + 2, FIRST + 5, FIRST + 6};
    for (size_t i = 0; i < 4; i++) {
        size_t key = 0;
        const int *element = wb_slab_iter_next(&iter, &key);
        assert_int_equal(key, keys[i]);
        assert_int_equal(*element, (int)key - FIRST);
    }
    assert_null(wb_slab_iter_next(&iter, NULL));
    assert_null(wb_slab_iter_next_back(&iter, NULL));
    wb_slab_clean_up(&slab);
}

/* SL-04: iter_rev */
static void slab_iter_backwards_visits_in_reverse(void **state) {
    struct wb_slab slab = slab_with(*state, 5);
    REMOVE(&slab, 1, 4);
    struct wb_slab_iter iter = wb_slab_iter(&slab);
    const int expected[] = {3, 2, 0};
    for (size_t i = 0; i < 3; i++) {
        const int *element = wb_slab_iter_next_back(&iter, NULL);
        assert_int_equal(*element, expected[i]);
    }
    assert_null(wb_slab_iter_next_back(&iter, NULL));
    wb_slab_clean_up(&slab);
}

static void slab_iter_from_both_ends_visits_each_once(void **state) {
    struct wb_slab slab = slab_with(*state, 6);
    REMOVE(&slab, 2);
    struct wb_slab_iter iter = wb_slab_iter(&slab);
    assert_int_equal(*(int *)wb_slab_iter_next(&iter, NULL), 0);
    assert_int_equal(*(int *)wb_slab_iter_next_back(&iter, NULL), 5);
    assert_int_equal(*(int *)wb_slab_iter_next_back(&iter, NULL), 4);
    assert_int_equal(wb_slab_iter_len(&iter), 2);
    assert_int_equal(*(int *)wb_slab_iter_next(&iter, NULL), 1);
    assert_int_equal(*(int *)wb_slab_iter_next(&iter, NULL), 3);
    assert_null(wb_slab_iter_next_back(&iter, NULL));
    assert_null(wb_slab_iter_next(&iter, NULL));
    wb_slab_clean_up(&slab);
}

static void slab_iter_may_remove_what_it_visited(void **state) {
    struct wb_slab slab = slab_with(*state, 6);
    struct wb_slab_iter iter = wb_slab_iter(&slab);
    size_t key;
    for (const int *element; (element = wb_slab_iter_next(&iter, &key)) != NULL;) {
        if (*element % 2 == 0) {
            wb_slab_remove(&slab, key, NULL);
        }
    }
    HOLDS(&slab, 1, 3, 5);
    wb_slab_clean_up(&slab);
}

static void slab_iter_of_an_empty_slab_visits_nothing(void **state) {
    struct wb_slab slab = slab_with(*state, 0);
    struct wb_slab_iter iter = wb_slab_iter(&slab);
    assert_int_equal(wb_slab_iter_len(&iter), 0);
    assert_null(wb_slab_iter_next(&iter, NULL));
    assert_null(wb_slab_iter_next_back(&iter, NULL));
    wb_slab_clean_up(&slab);
}

/* ---- draining, retaining, clearing ---- */

/* SL-04: drain full */
static void slab_drain_empties_in_key_order(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_with(test, 4);
    REMOVE(&slab, 1);
    struct wb_slab_iter iter = wb_slab_iter(&slab);
    const int expected[] = {0, 2, 3};
    for (size_t i = 0; i < 3; i++) {
        size_t key = 0;
        int element = -1;
        assert_true(wb_slab_drain_next(&iter, &key, &element));
        assert_int_equal(element, expected[i]);
        assert_int_equal(key, FIRST + expected[i]);
    }
    assert_false(wb_slab_drain_next(&iter, NULL, NULL));
    assert_int_equal(wb_slab_len(&slab), 0);
    assert_int_equal(test->note_count, 8);
    wb_slab_clean_up(&slab);
}

/* SL-04: drain partial */
static void slab_drain_that_ends_early_leaves_the_rest(void **state) {
    struct wb_slab slab = slab_with(*state, 4);
    struct wb_slab_iter iter = wb_slab_iter(&slab);
    assert_true(wb_slab_drain_next(&iter, NULL, NULL));
    HOLDS(&slab, 1, 2, 3);
    assert_int_equal(insert(&slab, 0), FIRST);
    wb_slab_clean_up(&slab);
}

/* SL-04: drain_rev */
static void slab_drain_backwards_empties_in_reverse(void **state) {
    struct wb_slab slab = slab_with(*state, 5);
    struct wb_slab_iter iter = wb_slab_iter(&slab);
    for (int i = 4; i >= 0; i--) {
        int element = -1;
        assert_true(wb_slab_drain_next_back(&iter, NULL, &element));
        assert_int_equal(element, i);
    }
    assert_false(wb_slab_drain_next_back(&iter, NULL, NULL));
    assert_int_equal(wb_slab_len(&slab), 0);
    wb_slab_clean_up(&slab);
}

static bool keep_odd(void *element, size_t key, void *user_data) {
    const int *value = element;
    int *calls = user_data;
    assert_int_equal(key, FIRST + *value);
    ++*calls;
    return *value % 2 == 1;
}

/* SL-04: retain; A-SLAB-07: holes before the end must not stop it at `len` slots */
static void slab_retain_looks_beyond_holes(void **state) {
    struct wb_slab slab = slab_with(*state, 10);
    REMOVE(&slab, 0, 1, 2, 3);
    int calls = 0;
    wb_slab_retain(&slab, keep_odd, &calls);
    assert_int_equal(calls, 6);
    HOLDS(&slab, 5, 7, 9);
    /* What it freed is in the free list, last first, before what was freed earlier. */
    assert_int_equal(insert(&slab, 8), FIRST + 8);
    assert_int_equal(insert(&slab, 6), FIRST + 6);
    assert_int_equal(insert(&slab, 4), FIRST + 4);
    assert_int_equal(insert(&slab, 3), FIRST + 3);
    wb_slab_clean_up(&slab);
}

/* SL-04: clear */
static void slab_clear_starts_over_with_the_first_key(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_with(test, 4);
    REMOVE(&slab, 2);
    uint64_t token = wb_slab_token(&slab, FIRST);
    size_t requests = test->request_count;
    wb_slab_clear(&slab);
    assert_int_equal(wb_slab_len(&slab), 0);
    assert_null(wb_slab_from_token(&slab, token));
    for (int i = 0; i < 4; i++) {
        assert_int_equal(insert(&slab, i), FIRST + i);
    }
    assert_null(wb_slab_from_token(&slab, token));
    assert_int_equal(test->request_count, requests);
    wb_slab_clean_up(&slab);
}

/* ---- filling ---- */

/* SL-06: from_iterator_sorted, from_iterator_new_in_order, issue_100 */
static void slab_fill_leaves_the_other_keys_free_lowest_first(void **state) {
    struct wb_slab slab = slab_with(*state, 0);
    const size_t keys[] = {FIRST + 1, FIRST + 4};
    const int elements[] = {1, 4};
    assert_int_equal(wb_slab_fill(&slab, keys, elements, 2), WB_OK);
    HOLDS(&slab, 1, 4);
    assert_int_equal(insert(&slab, 0), FIRST);
    assert_int_equal(insert(&slab, 2), FIRST + 2);
    assert_int_equal(insert(&slab, 3), FIRST + 3);
    assert_int_equal(insert(&slab, 5), FIRST + 5);
    HOLDS(&slab, 0, 1, 2, 3, 4, 5);
    wb_slab_clean_up(&slab);
}

/* SL-06: from_iterator_unordered, from_iterator_overlapping */
static void slab_fill_unordered_lets_the_later_win(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_with(test, 0);
    const size_t keys[] = {FIRST + 5, FIRST, FIRST + 5, FIRST + 2};
    const int elements[] = {1, 2, 3, 4};
    assert_int_equal(wb_slab_fill(&slab, keys, elements, 4), WB_OK);
    HOLDS(&slab, 2, 4, 3);
    assert_int_equal(test->note_count, 3);
    assert_int_equal(insert(&slab, 0), FIRST + 1);
    wb_slab_clean_up(&slab);
}

/* SL-06: from_iterator_empty */
static void slab_fill_with_nothing_is_empty(void **state) {
    struct wb_slab slab = slab_with(*state, 0);
    assert_int_equal(wb_slab_fill(&slab, NULL, NULL, 0), WB_OK);
    assert_int_equal(wb_slab_len(&slab), 0);
    assert_int_equal(insert(&slab, 0), FIRST);
    wb_slab_clean_up(&slab);
}

static void slab_fill_refuses_keys_it_cannot_have(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab;
    const struct wb_slab_options options = {
        .element_size = sizeof(int), .first = FIRST, .capacity_max = 3};
    assert_int_equal(wb_slab_init(&slab, &test->sys, &options), WB_OK);
    const int elements[] = {1, 2};
    assert_int_equal(wb_slab_fill(&slab, (size_t[]){FIRST, 9}, elements, 2), WB_ERR_INVALID);
    assert_int_equal(wb_slab_fill(&slab, (size_t[]){FIRST, FIRST + 3}, elements, 2), WB_ERR_FULL);
    test_sys_refuse(test, 1);
    assert_int_equal(wb_slab_fill(&slab, (size_t[]){FIRST, 12}, elements, 2), WB_ERR_NO_MEMORY);
    assert_int_equal(wb_slab_len(&slab), 0);
    assert_int_equal(wb_slab_fill(&slab, (size_t[]){FIRST, 12}, elements, 2), WB_OK);
    assert_aborts(assert_int_equal(wb_slab_fill(&slab, NULL, NULL, 0), WB_OK));
    wb_slab_clean_up(&slab);
}

/* ---- shrinking ---- */

/* SL-05: shrink_to_fit_doesnt_move, shrink_to_fit_doesnt_recreate_list_when_nothing_can_be_done */
static void slab_shrink_keeps_keys_and_drops_the_tail(void **state) {
    struct wb_slab slab = slab_with(*state, 9);
    REMOVE(&slab, 1, 3, 6, 8);
    wb_slab_shrink_to_fit(&slab);
    assert_int_equal(wb_slab_capacity(&slab), 8);
    HOLDS(&slab, 0, 2, 4, 5, 7);
    assert_int_equal(*(int *)wb_slab_at(&slab, FIRST + 7), 7);
    assert_int_equal(insert(&slab, 1), FIRST + 1);
    assert_int_equal(insert(&slab, 3), FIRST + 3);
    assert_int_equal(insert(&slab, 6), FIRST + 6);
    assert_int_equal(insert(&slab, 8), FIRST + 8);
    wb_slab_clean_up(&slab);
}

static void slab_shrink_of_an_empty_slab_gives_all_memory_back(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_with(test, 3);
    wb_slab_clear(&slab);
    wb_slab_shrink_to_fit(&slab);
    assert_int_equal(wb_slab_capacity(&slab), 0);
    assert_int_equal(test->block_count, 0);
    assert_int_equal(insert(&slab, 0), FIRST);
    wb_slab_clean_up(&slab);
}

static void slab_shrink_without_memory_keeps_everything(void **state) {
    struct test_sys *test = *state;
    for (size_t n = 1; n <= 2; n++) {
        struct wb_slab slab = slab_with(test, 5);
        REMOVE(&slab, 1, 4);
        size_t capacity = wb_slab_capacity(&slab);
        test_sys_refuse(test, n);
        wb_slab_shrink_to_fit(&slab);
        assert_true(test_sys_has_refused(test));
        assert_int_equal(wb_slab_capacity(&slab), capacity);
        HOLDS(&slab, 0, 2, 3);
        assert_int_equal(insert(&slab, 1), FIRST + 1);
        assert_int_equal(insert(&slab, 4), FIRST + 4);
        test_sys_refuse(test, 0);
        wb_slab_clean_up(&slab);
    }
}

/* ---- compaction ---- */

struct moves {
    size_t from[8];
    size_t to[8];
    size_t count;
    size_t refuse_at; /* this move is refused, counted from 1 */
    struct wb_slab *slab;
};

static bool record_move(void *element, size_t from, size_t to, void *user_data) {
    struct moves *moves = user_data;
    assert_ptr_equal(element, wb_slab_get(moves->slab, from));
    assert_false(wb_slab_contains(moves->slab, to));
    moves->from[moves->count] = from;
    moves->to[moves->count] = to;
    moves->count++;
    return moves->count != moves->refuse_at;
}

/* SL-05: compact_moves_successfully, compact_empty, compact_no_moves_needed */
static void slab_compact_moves_the_last_into_the_holes(void **state) {
    struct test_sys *test = *state;
    struct wb_slab slab = slab_with(test, 8);
    struct moves moves = {.slab = &slab};
    REMOVE(&slab, 1, 5, 3, 6);
    uint64_t last = wb_slab_token(&slab, FIRST + 7);
    size_t notes = test->note_count;
    wb_slab_compact(&slab, record_move, &moves);
    assert_int_equal(moves.count, 2);
    assert_int_equal(moves.from[0], FIRST + 7);
    assert_int_equal(moves.to[0], FIRST + 1);
    assert_int_equal(moves.from[1], FIRST + 4);
    assert_int_equal(moves.to[1], FIRST + 3);
    HOLDS(&slab, 0, 7, 2, 4);
    assert_int_equal(wb_slab_capacity(&slab), 4);
    assert_null(wb_slab_from_token(&slab, last));
    assert_int_equal(test->note_count, notes + 4);
    assert_int_equal(test->notes[notes].kind, WB_NOTE_SLOT_REMOVE);
    assert_int_equal(test->notes[notes].b, FIRST + 7);
    assert_int_equal(test->notes[notes + 1].kind, WB_NOTE_SLOT_INSERT);
    assert_int_equal(test->notes[notes + 1].b, FIRST + 1);
    wb_slab_compact(&slab, record_move, &moves);
    assert_int_equal(moves.count, 2);
    /* Nor does the token come to life when its key is used again. */
    for (int i = 4; i < 8; i++) {
        assert_int_equal(insert(&slab, i), FIRST + i);
    }
    assert_null(wb_slab_from_token(&slab, last));
    wb_slab_clean_up(&slab);
}

/* The one free slot there is changes its place. */
static void slab_compact_of_a_single_hole_moves_once(void **state) {
    struct wb_slab slab = slab_with(*state, 3);
    struct moves moves = {.slab = &slab};
    REMOVE(&slab, 0);
    uint64_t last = wb_slab_token(&slab, FIRST + 2);
    wb_slab_compact(&slab, record_move, &moves);
    assert_int_equal(moves.count, 1);
    HOLDS(&slab, 2, 1);
    assert_int_equal(insert(&slab, 3), FIRST + 2);
    assert_null(wb_slab_from_token(&slab, last));
    HOLDS(&slab, 2, 1, 3);
    wb_slab_clean_up(&slab);
}

/* SL-05: compact_doesnt_move_if_closure_errors */
static void slab_compact_stops_where_it_is_refused(void **state) {
    struct wb_slab slab = slab_with(*state, 7);
    struct moves moves = {.slab = &slab, .refuse_at = 2};
    REMOVE(&slab, 0, 2, 4);
    wb_slab_compact(&slab, record_move, &moves);
    assert_int_equal(moves.count, 2);
    HOLDS(&slab, 6, 1, 3, 5);
    assert_int_equal(*(int *)wb_slab_at(&slab, FIRST), 6);
    assert_int_equal(*(int *)wb_slab_at(&slab, FIRST + 5), 5);
    assert_int_equal(insert(&slab, 20), FIRST + 2);
    assert_int_equal(insert(&slab, 40), FIRST + 4);
    assert_int_equal(insert(&slab, 60), FIRST + 6);
    wb_slab_clean_up(&slab);
}

static sigjmp_buf out_of_compact;

static bool leave_at_third(void *element, size_t from, size_t to, void *user_data) {
    int *calls = user_data;
    (void)element;
    (void)from;
    (void)to;
    if (++*calls == 3) {
        siglongjmp(out_of_compact, 1);
    }
    return true;
}

/* SL-05: compact_handles_closure_panic: the slab is whole at every call */
static void slab_compact_left_by_a_jump_is_consistent(void **state) {
    struct wb_slab slab = slab_with(*state, 9);
    int calls = 0;
    REMOVE(&slab, 0, 2, 4);
    if (sigsetjmp(out_of_compact, 0) == 0) {
        wb_slab_compact(&slab, leave_at_third, &calls);
        fail_msg("%s", "did not jump");
    }
    HOLDS(&slab, 8, 1, 7, 3, 5, 6);
    /* The hole that was not filled, then the two that were moved from, then new ones. */
    assert_int_equal(insert(&slab, 40), FIRST + 4);
    assert_int_equal(insert(&slab, 80), FIRST + 8);
    assert_int_equal(insert(&slab, 70), FIRST + 7);
    assert_int_equal(insert(&slab, 90), FIRST + 9);
    HOLDS(&slab, 8, 1, 7, 3, 40, 5, 6, 70, 80, 90);
    wb_slab_clean_up(&slab);
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, test_sys_setup, test_sys_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(slab_iter_visits_in_key_order_with_holes),
        CASE(slab_iter_backwards_visits_in_reverse),
        CASE(slab_iter_from_both_ends_visits_each_once),
        CASE(slab_iter_may_remove_what_it_visited),
        CASE(slab_iter_of_an_empty_slab_visits_nothing),
        CASE(slab_drain_empties_in_key_order),
        CASE(slab_drain_that_ends_early_leaves_the_rest),
        CASE(slab_drain_backwards_empties_in_reverse),
        CASE(slab_retain_looks_beyond_holes),
        CASE(slab_clear_starts_over_with_the_first_key),
        CASE(slab_fill_leaves_the_other_keys_free_lowest_first),
        CASE(slab_fill_unordered_lets_the_later_win),
        CASE(slab_fill_with_nothing_is_empty),
        CASE(slab_fill_refuses_keys_it_cannot_have),
        CASE(slab_shrink_keeps_keys_and_drops_the_tail),
        CASE(slab_shrink_of_an_empty_slab_gives_all_memory_back),
        CASE(slab_shrink_without_memory_keeps_everything),
        CASE(slab_compact_moves_the_last_into_the_holes),
        CASE(slab_compact_of_a_single_hole_moves_once),
        CASE(slab_compact_stops_where_it_is_refused),
        CASE(slab_compact_left_by_a_jump_is_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
