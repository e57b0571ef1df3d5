/* Joining reports of one token, and taking back those that died before they were handed out: in
 * batches so short that they are scanned, and so long that they are indexed. */
#include "world.h"

#include "reactor/batch.h"

enum { BIG = 200 };

static void fill(struct wb__batch *batch, uint32_t count, uint64_t token_step) {
    for (uint32_t i = 0; i < count; i++) {
        batch->events.items[i].data = i * token_step;
        batch->events.items[i].events = WB_EPOLLIN | WB_EPOLLOUT;
    }
    batch->events.count = count;
    wb__batch_begin(batch);
}

/* Each token is reported writable, too, but apart: `distance` reports later. */
static void fill_apart(struct wb__batch *batch, uint32_t count, uint32_t distance) {
    for (uint32_t i = 0; i < count; i++) {
        bool is_second = i / distance % 2 == 1;
        batch->events.items[i].data = is_second ? i - distance : i;
        batch->events.items[i].events = is_second ? WB_EPOLLOUT : WB_EPOLLIN;
    }
    batch->events.count = count;
    wb__batch_begin(batch);
}

static uint32_t count_left(struct wb__batch *batch) {
    struct wb_event event;
    uint32_t count = 0;
    while (wb__batch_next(batch, &event)) {
        count++;
    }
    return count;
}

/* A-MIO-15 */
static void batch_after_a_token_died_does_not_hand_it_out(void **state) {
    struct world *world = *state;
    static const uint32_t counts[] = {3, 8, 9, BIG};
    struct wb__batch batch;
    assert_ok(wb__batch_init(&batch, &world->sys, BIG));
    for (size_t i = 0; i < 4; i++) {
        struct wb_event event;
        fill(&batch, counts[i], 1000003);
        assert_true(wb__batch_next(&batch, &event));
        assert_int_equal(event.token, 0);
        uint64_t dead = (uint64_t)(counts[i] - 1) * 1000003;
        wb__batch_restrict(&batch, dead, 0);
        wb__batch_restrict(&batch, 0, 0); /* handed out already */
        wb__batch_restrict(&batch, 1, 0); /* not there */
        uint32_t left = 0;
        while (wb__batch_next(&batch, &event)) {
            assert_true(event.token != dead);
            left++;
        }
        assert_int_equal(left, counts[i] - 2);
    }
    wb__batch_clean_up(&batch);
}

static void batch_restricted_to_flags_keeps_those(void **state) {
    struct world *world = *state;
    struct wb__batch batch;
    struct wb_event event;
    assert_ok(wb__batch_init(&batch, &world->sys, BIG));
    for (uint32_t count = 4; count <= BIG; count += BIG - 4) {
        fill(&batch, count, 1);
        wb__batch_restrict(&batch, 2, WB_EPOLLOUT | WB_EPOLLERR);
        wb__batch_restrict(&batch, 3, WB_EPOLLERR);
        for (uint64_t token = 0; token < 3; token++) {
            assert_true(wb__batch_next(&batch, &event));
            assert_int_equal(event.token, token);
            assert_int_equal(event.flags, token == 2 ? WB_EPOLLOUT : WB_EPOLLIN | WB_EPOLLOUT);
        }
        assert_int_equal(count_left(&batch), count - 4);
    }
    wb__batch_clean_up(&batch);
}

/* A source may be reported more than once in a batch, and several may share a token. */
static void batch_with_a_token_several_times_loses_all_of_them(void **state) {
    struct world *world = *state;
    struct wb__batch batch;
    assert_ok(wb__batch_init(&batch, &world->sys, BIG));
    for (uint32_t count = 8; count <= BIG; count += BIG - 8) {
        struct wb_event event;
        fill_apart(&batch, count, 2);
        wb__batch_restrict(&batch, 1, 0);
        wb__batch_restrict(&batch, 4, WB_EPOLLOUT);
        assert_true(wb__batch_next(&batch, &event));
        assert_int_equal(event.token, 0);
        assert_true(wb__batch_next(&batch, &event));
        assert_int_equal(event.token, 5);
        assert_int_equal(event.flags, WB_EPOLLIN | WB_EPOLLOUT);
        assert_true(wb__batch_next(&batch, &event)); /* where it was reported writable */
        assert_int_equal(event.token, 4);
        assert_int_equal(event.flags, WB_EPOLLOUT);
        assert_int_equal(count_left(&batch), count / 2 - 4);
    }
    wb__batch_clean_up(&batch);
}

/* A-MOLD-05 */
static void batch_with_a_token_several_times_joins_them_at_the_first(void **state) {
    struct world *world = *state;
    static const uint32_t counts[] = {2, 4, 8, 16, BIG};
    struct wb__batch batch;
    assert_ok(wb__batch_init(&batch, &world->sys, BIG));
    for (int i = 0; i < 5; i++) {
        for (uint32_t distance = 1; distance <= counts[i] / 2; distance *= 2) {
            struct wb_event event;
            uint64_t expected = 0;
            if (counts[i] % (2 * distance) != 0) {
                continue;
            }
            fill_apart(&batch, counts[i], distance);
            while (wb__batch_next(&batch, &event)) {
                assert_true(event.token == expected);
                assert_int_equal(event.flags, WB_EPOLLIN | WB_EPOLLOUT);
                expected += expected % distance == distance - 1 ? distance + 1 : 1;
            }
            assert_true(expected == counts[i]);
        }
    }
    wb__batch_clean_up(&batch);
}

/* A-MOLD-05: a token that everybody shares is handed out once. */
static void batch_with_one_token_is_one_report(void **state) {
    struct world *world = *state;
    struct wb__batch batch;
    struct wb_event event;
    assert_ok(wb__batch_init(&batch, &world->sys, BIG));
    for (uint32_t count = 5; count <= BIG; count += BIG - 5) {
        fill(&batch, count, 0);
        batch.events.items[count - 1].events = WB_EPOLLHUP;
        assert_true(wb__batch_next(&batch, &event));
        assert_int_equal(event.flags, WB_EPOLLIN | WB_EPOLLOUT | WB_EPOLLHUP);
        assert_false(wb__batch_next(&batch, &event));
    }
    wb__batch_clean_up(&batch);
}

static void batch_in_which_everything_dies_is_empty(void **state) {
    struct world *world = *state;
    struct wb__batch batch;
    struct wb_event event;
    assert_ok(wb__batch_init(&batch, &world->sys, BIG));
    fill(&batch, BIG, 7);
    assert_true(wb__batch_next(&batch, &event));
    for (uint64_t i = 1; i < BIG; i++) {
        wb__batch_restrict(&batch, i * 7, 0);
    }
    assert_false(wb__batch_next(&batch, &event));
    wb__batch_restrict(&batch, 7, 0); /* at the end nothing is left to restrict */
    wb__batch_clean_up(&batch);
}

/* The index of one batch says nothing of the next. */
static void batch_after_an_indexed_one_is_indexed_anew(void **state) {
    struct world *world = *state;
    struct wb__batch batch;
    assert_ok(wb__batch_init(&batch, &world->sys, BIG));
    fill(&batch, BIG, 3);
    wb__batch_restrict(&batch, 3, 0);
    assert_int_equal(count_left(&batch), BIG - 1);
    fill(&batch, BIG, 5);
    wb__batch_restrict(&batch, 3, 0);
    wb__batch_restrict(&batch, 5, 0);
    assert_int_equal(count_left(&batch), BIG - 1);
    wb__batch_clean_up(&batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(batch_after_a_token_died_does_not_hand_it_out),
        CASE(batch_restricted_to_flags_keeps_those),
        CASE(batch_with_a_token_several_times_loses_all_of_them),
        CASE(batch_with_a_token_several_times_joins_them_at_the_first),
        CASE(batch_with_one_token_is_one_report),
        CASE(batch_in_which_everything_dies_is_empty),
        CASE(batch_after_an_indexed_one_is_indexed_anew),
    };
    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
