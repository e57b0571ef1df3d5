/* The cut source: where it cuts, and that it cuts nothing else. */
#include "wouldblock/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint32_t alice = WBH_SUBJECT(0, 0);
static const uint32_t bob = WBH_SUBJECT(1, 0);

static struct wbh_choice ask(struct wbh_cut_source *source, uint32_t subject, uint64_t size) {
    struct wbh_choice_point point = {
        .point = WBH_POINT_RECV,
        .subject = subject,
        .contract = WBH_ACTION_BIT(WBH_ACTION_WOULD_BLOCK)
                    | (size > 1 ? WBH_ACTION_BIT(WBH_ACTION_SHORT) : 0),
        .size = size,
    };
    return source->base.ops->choose(&source->base, &point);
}

static void assert_action(struct wbh_choice choice, enum wbh_action action, uint64_t value) {
    assert_int_equal(choice.action, action);
    assert_int_equal(choice.value, value);
}

static void cut_ends_the_read_that_would_go_beyond_it_and_blocks_once(void **state) {
    (void)state;
    struct wbh_cut_source source;
    wbh_cut_source_init(&source, (struct wbh_cut){alice, 7});
    assert_action(ask(&source, alice, 5), WBH_ACTION_PASS, 0);
    assert_action(ask(&source, bob, 100), WBH_ACTION_PASS, 0);
    assert_action(ask(&source, alice, 5), WBH_ACTION_SHORT, 2);
    assert_action(ask(&source, alice, 3), WBH_ACTION_WOULD_BLOCK, 0);
    assert_action(ask(&source, alice, 3), WBH_ACTION_PASS, 0);
    assert_action(ask(&source, alice, 100), WBH_ACTION_PASS, 0);
}

static void cut_where_a_read_ends_anyway_blocks_there(void **state) {
    (void)state;
    struct wbh_cut_source source;
    wbh_cut_source_init(&source, (struct wbh_cut){alice, 5});
    assert_action(ask(&source, alice, 5), WBH_ACTION_PASS, 0);
    assert_action(ask(&source, alice, 1), WBH_ACTION_WOULD_BLOCK, 0);
    assert_action(ask(&source, alice, 0), WBH_ACTION_PASS, 0); /* the end */
}

static void cut_everywhere_takes_one_byte_at_a_time_of_every_peer(void **state) {
    (void)state;
    struct wbh_cut_source source;
    wbh_cut_source_init(&source, (struct wbh_cut){0, 0});
    assert_action(ask(&source, alice, 9), WBH_ACTION_SHORT, 1);
    assert_action(ask(&source, bob, 2), WBH_ACTION_SHORT, 1);
    assert_action(ask(&source, alice, 8), WBH_ACTION_WOULD_BLOCK, 0);
    assert_action(ask(&source, alice, 8), WBH_ACTION_SHORT, 1);
    assert_action(ask(&source, bob, 1), WBH_ACTION_WOULD_BLOCK, 0);
    assert_action(ask(&source, bob, 1), WBH_ACTION_PASS, 0);
    for (unsigned i = 2; i < WBH_CUT_BYTES_SINGLE; i++) {
        assert_action(ask(&source, alice, 100000), WBH_ACTION_WOULD_BLOCK, 0);
        assert_action(ask(&source, alice, 100000), WBH_ACTION_SHORT, 1);
    }
    assert_action(ask(&source, alice, 100000), WBH_ACTION_WOULD_BLOCK, 0);
    assert_action(ask(&source, alice, 100000), WBH_ACTION_SHORT, WBH_CUT_PIECE_LEN);
}

static void cut_leaves_everything_else_alone(void **state) {
    (void)state;
    struct wbh_cut_source source;
    wbh_cut_source_init(&source, (struct wbh_cut){0, 0});
    assert_action(ask(&source, WBH_SUBJECT_NONE, 9), WBH_ACTION_PASS, 0);
    assert_action(ask(&source, WBH_SUBJECT_LOCAL | 1, 9), WBH_ACTION_PASS, 0);
    struct wbh_choice_point point = {.point = WBH_POINT_SEND,
        .subject = alice,
        .contract = WBH_ACTION_BIT(WBH_ACTION_SHORT),
        .size = 9};
    assert_action(source.base.ops->choose(&source.base, &point), WBH_ACTION_PASS, 0);
    point.point = WBH_POINT_RECV;
    point.contract = 0; /* a datagram */
    assert_action(source.base.ops->choose(&source.base, &point), WBH_ACTION_PASS, 0);
    for (uint32_t i = 0; i < 2 * WBH_CUT_CONNECTIONS_MAX; i++) {
        (void)ask(&source, WBH_SUBJECT(0, i), 2);
    }
    assert_action(
        ask(&source, WBH_SUBJECT(0, 2 * WBH_CUT_CONNECTIONS_MAX - 1), 2), WBH_ACTION_PASS, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_ends_the_read_that_would_go_beyond_it_and_blocks_once),
        cmocka_unit_test(cut_where_a_read_ends_anyway_blocks_there),
        cmocka_unit_test(cut_everywhere_takes_one_byte_at_a_time_of_every_peer),
        cmocka_unit_test(cut_leaves_everything_else_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
