/* The name tables read both ways, and what they say about each other. */
#include "wouldblock/choice.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void names_points_round_trip(void **state) {
    (void)state;
    for (int i = 0; i < WBH_POINT_COUNT; i++) {
        const char *name = wbh_point_name((enum wbh_point)i);
        assert_int_equal(wbh_point_from_name(name, strlen(name)), i);
    }
    assert_int_equal(wbh_point_from_name("recv", 3), -1);
    assert_int_equal(wbh_point_from_name("", 0), -1);
}

static void names_actions_round_trip(void **state) {
    (void)state;
    for (int i = 0; i < WBH_ACTION_COUNT; i++) {
        const char *name = wbh_action_name((enum wbh_action)i);
        assert_int_equal(wbh_action_from_name(name, strlen(name)), i);
    }
    assert_int_equal(wbh_action_from_name("would-block and more", 11), WBH_ACTION_WOULD_BLOCK);
    assert_int_equal(wbh_action_from_name("would", 5), -1);
}

static void names_errors_round_trip(void **state) {
    (void)state;
    unsigned count = 1;
    while (wbh_errno_nth(count) != wbh_errno_nth(0)) {
        count++;
    }
    for (unsigned n = 0; n < count; n++) {
        int number = wbh_errno_nth(n);
        const char *name = wbh_errno_name(number);
        assert_non_null(name);
        assert_int_equal(wbh_errno_from_name(name, strlen(name)), number);
        assert_int_equal(wbh_errno_index(number), (int)n);
        assert_int_equal(wbh_errno_nth(n + count), number);
    }
    assert_int_equal(wbh_errno_from_name("EMFILE", 6), EMFILE);
    assert_int_equal(wbh_errno_from_name("EBOGUS", 6), 0);
    assert_null(wbh_errno_name(0));
    assert_int_equal(wbh_errno_index(EAGAIN), -1);
}

/* EAGAIN has an action of its own: as an injected error it would escape the accounting of
 * wake-ups. */
static void names_eagain_is_not_an_error(void **state) {
    (void)state;
    assert_int_equal(wbh_errno_from_name("EAGAIN", 6), 0);
    assert_int_equal(wbh_errno_from_name("EWOULDBLOCK", 11), 0);
}

static void names_every_action_exists_at_a_point(void **state) {
    (void)state;
    uint32_t all = 0;
    for (int i = 0; i < WBH_POINT_COUNT; i++) {
        uint32_t set = wbh_point_actions((enum wbh_point)i);
        assert_int_not_equal(set, 0);
        assert_int_equal(set & WBH_ACTION_BIT(WBH_ACTION_PASS), 0);
        all |= set;
    }
    assert_int_equal(all, (1u << WBH_ACTION_COUNT) - 2u);
}

static void names_errors_are_legal_exactly_where_error_is_an_action(void **state) {
    (void)state;
    for (int i = 0; i < WBH_POINT_COUNT; i++) {
        enum wbh_point point = (enum wbh_point)i;
        int has_error = (wbh_point_actions(point) & WBH_ACTION_BIT(WBH_ACTION_ERROR)) != 0;
        assert_int_equal(wbh_point_errnos(point) != 0, has_error);
    }
    assert_true(wbh_point_errnos(WBH_POINT_ACCEPT) & (1u << wbh_errno_index(EMFILE)));
    assert_false(wbh_point_errnos(WBH_POINT_RECV) & (1u << wbh_errno_index(EPIPE)));
}

static void names_arguments_follow_the_table(void **state) {
    (void)state;
    assert_int_equal(wbh_action_argument(WBH_ACTION_SHORT), WBH_ARGUMENT_COUNT);
    assert_int_equal(wbh_action_argument(WBH_ACTION_DELAY), WBH_ARGUMENT_TIME);
    assert_int_equal(wbh_action_argument(WBH_ACTION_ERROR), WBH_ARGUMENT_ERRNO);
    assert_int_equal(wbh_action_argument(WBH_ACTION_SPURIOUS), WBH_ARGUMENT_EVENTS);
    assert_int_equal(wbh_action_argument(WBH_ACTION_RESET), WBH_ARGUMENT_NONE);
    assert_true(wbh_point_is_per_connection(WBH_POINT_STEP));
    assert_false(wbh_point_is_per_connection(WBH_POINT_WAIT));
    assert_string_equal(wbh_legality_name(WBH_LEGALITY_CONTRACT), "contract");
}

static void names_subjects_hold_peer_and_incarnation(void **state) {
    (void)state;
    uint32_t subject = WBH_SUBJECT(63, 7);
    assert_int_equal(WBH_SUBJECT_PEER(subject), 63);
    assert_int_equal(WBH_SUBJECT_INCARNATION(subject), 7);
    assert_int_not_equal(WBH_SUBJECT(0, 0), WBH_SUBJECT_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_points_round_trip),
        cmocka_unit_test(names_actions_round_trip),
        cmocka_unit_test(names_errors_round_trip),
        cmocka_unit_test(names_eagain_is_not_an_error),
        cmocka_unit_test(names_every_action_exists_at_a_point),
        cmocka_unit_test(names_errors_are_legal_exactly_where_error_is_an_action),
        cmocka_unit_test(names_arguments_follow_the_table),
        cmocka_unit_test(names_subjects_hold_peer_and_incarnation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
