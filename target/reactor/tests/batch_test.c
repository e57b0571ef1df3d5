/* Taking back reports that died before they were handed out: by scan, by index, by hand. */
#include "world.h"

#include "reactor/batch.h"

enum { BIG = 200 };

static void fill(struct wb__batch *batch, uint32_t count, uint64_t token_step) {
    wb__batch_begin(batch);
    for (uint32_t i = 0; i < count; i++) {
        batch->events.items[i].data = i * token_step;
        batch->events.items[i].events = WB_EPOLLIN | WB_EPOLLOUT;
    }
    batch->events.count = count;
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
    static const uint32_t counts[] = {3, 32, 33, BIG};
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
    for (uint32_t count = 10; count <= BIG; count += BIG - 10) {
        fill(&batch, count, 1);
        for (uint32_t i = 0; i < count; i++) {
            batch.events.items[i].data = i % 2;
        }
        wb__batch_restrict(&batch, 1, 0);
        assert_int_equal(count_left(&batch), count / 2);
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
        CASE(batch_in_which_everything_dies_is_empty),
        CASE(batch_after_an_indexed_one_is_indexed_anew),
    };
    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
