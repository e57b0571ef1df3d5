/* Profiles: what their names promise. */
#include "wouldblock/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct wbh_profile *by_name(const char *name) {
    const struct wbh_profile *profile = wbh_profile_from_name(name, strlen(name));
    assert_non_null(profile);
    return profile;
}

static uint32_t share_of_point(const struct wbh_profile *profile, int point) {
    uint32_t sum = 0;
    for (int action = 0; action < WBH_ACTION_COUNT; action++) {
        sum += profile->probability[point][action];
    }
    return sum;
}

/* What only a datagram can meet; a segment can be split instead. */
static uint32_t share_of_datagrams(const struct wbh_profile *profile, int point) {
    return (uint32_t)profile->probability[point][WBH_ACTION_DROP]
           + profile->probability[point][WBH_ACTION_DUPLICATE]
           + profile->probability[point][WBH_ACTION_REORDER];
}

static void profile_numbers_wrap_around(void **state) {
    (void)state;
    size_t count = wbh_profile_count();
    assert_int_equal(count, 4);
    for (size_t n = 0; n < count; n++) {
        const struct wbh_profile *profile = wbh_profile_nth(n);
        assert_ptr_equal(profile, wbh_profile_nth(n + count));
        assert_ptr_equal(profile, by_name(profile->name));
    }
    assert_null(wbh_profile_from_name("hostil", 6));
    assert_null(wbh_profile_from_name("", 0));
}

static void profile_none_decides_nothing(void **state) {
    (void)state;
    for (int point = 0; point < WBH_POINT_COUNT; point++) {
        assert_int_equal(share_of_point(by_name("none"), point), 0);
    }
}

/* Every moment must pass untouched at least half of the time, or runs need not end. */
static void profile_any_leaves_half_of_all_moments_alone(void **state) {
    (void)state;
    for (size_t n = 0; n < wbh_profile_count(); n++) {
        for (int point = 0; point < WBH_POINT_COUNT; point++) {
            if (point != WBH_POINT_WAIT) {
                uint32_t share = share_of_point(wbh_profile_nth(n), point);
                assert_in_range(share - share_of_datagrams(wbh_profile_nth(n), point), 0, 32768);
                share -= wbh_profile_nth(n)->probability[point][WBH_ACTION_SPLIT];
                assert_in_range(share, 0, 32768);
            }
        }
        for (int action = 0; action < WBH_ACTION_COUNT; action++) {
            /* Asked one by one. */
            assert_in_range(wbh_profile_nth(n)->probability[WBH_POINT_WAIT][action], 0, 32768);
        }
    }
}

static void profile_any_decides_only_what_its_point_offers(void **state) {
    (void)state;
    for (size_t n = 0; n < wbh_profile_count(); n++) {
        for (int point = 0; point < WBH_POINT_COUNT; point++) {
            for (int action = 0; action < WBH_ACTION_COUNT; action++) {
                if (wbh_profile_nth(n)->probability[point][action] != 0) {
                    assert_true(
                        wbh_point_actions((enum wbh_point)point) & (1u << (unsigned)action));
                }
            }
        }
    }
}

/* `failing` must be able to decide everything there is, or some fault would be in no sweep. */
static void profile_failing_covers_every_action_of_every_point(void **state) {
    (void)state;
    const struct wbh_profile *failing = by_name("failing");
    for (int point = 0; point < WBH_POINT_COUNT; point++) {
        uint32_t actions = wbh_point_actions((enum wbh_point)point);
        for (unsigned action = 0; action < WBH_ACTION_COUNT; action++) {
            if ((actions & (1u << action)) != 0) {
                assert_int_not_equal(failing->probability[point][action], 0);
            }
        }
    }
}

static void profile_transparent_ones_never_fail_a_call(void **state) {
    (void)state;
    static const enum wbh_action failing_actions[] = {WBH_ACTION_RESET, WBH_ACTION_ERROR,
        WBH_ACTION_FAIL, WBH_ACTION_JUMP, WBH_ACTION_DROP, WBH_ACTION_DUPLICATE,
        WBH_ACTION_REORDER};
    static const char *const transparent[] = {"none", "gentle", "hostile"};
    for (size_t n = 0; n < 3; n++) {
        const struct wbh_profile *profile = by_name(transparent[n]);
        assert_int_not_equal(profile->legality_max, WBH_LEGALITY_FAILING);
        for (int point = 0; point < WBH_POINT_COUNT; point++) {
            for (size_t i = 0; i < sizeof failing_actions / sizeof failing_actions[0]; i++) {
                assert_int_equal(profile->probability[point][failing_actions[i]], 0);
            }
        }
    }
}

static void profile_hostile_is_never_milder_than_gentle(void **state) {
    (void)state;
    const struct wbh_profile *gentle = by_name("gentle");
    const struct wbh_profile *hostile = by_name("hostile");
    const struct wbh_profile *failing = by_name("failing");
    for (int point = 0; point < WBH_POINT_COUNT; point++) {
        for (int action = 0; action < WBH_ACTION_COUNT; action++) {
            assert_true(gentle->probability[point][action] <= hostile->probability[point][action]);
            assert_true(hostile->probability[point][action] <= failing->probability[point][action]);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_numbers_wrap_around),
        cmocka_unit_test(profile_none_decides_nothing),
        cmocka_unit_test(profile_any_leaves_half_of_all_moments_alone),
        cmocka_unit_test(profile_any_decides_only_what_its_point_offers),
        cmocka_unit_test(profile_failing_covers_every_action_of_every_point),
        cmocka_unit_test(profile_transparent_ones_never_fail_a_call),
        cmocka_unit_test(profile_hostile_is_never_milder_than_gentle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
