/* The seeded source: a function of seed and key, with the profile's frequencies. Every expectation
 * is either exact or a bound that holds for these fixed seeds with a wide margin (more than five
 * standard deviations). */
#include "wouldblock/fault.h"

#include "wb/sys.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { DRAWS = 20000 };

#define BIT(name) WBH_ACTION_BIT(WBH_ACTION_##name)

static struct wbh_seeded_source source_of(const char *profile, uint64_t seed) {
    struct wbh_seeded_source source;
    wbh_seeded_source_init(&source, wbh_profile_from_name(profile, strlen(profile)), seed);
    return source;
}

static struct wbh_choice ask(
    struct wbh_seeded_source *source, const struct wbh_choice_point *point) {
    return source->base.ops->choose(&source->base, point);
}

static int same(struct wbh_choice a, struct wbh_choice b) {
    return a.action == b.action && a.subject == b.subject && a.pick == b.pick && a.value == b.value;
}

static const struct wbh_choice_point recv_point = {
    .point = WBH_POINT_RECV,
    .subject = WBH_SUBJECT(0, 0),
    .ordinal = 1,
    .kernel = BIT(SHORT),
    .contract = BIT(WOULD_BLOCK),
    .failing = BIT(RESET) | BIT(ERROR),
    .size = 1000,
};

static void count_actions(
    const char *profile, const struct wbh_choice_point *point, unsigned out[WBH_ACTION_COUNT]) {
    struct wbh_seeded_source source = source_of(profile, 99);
    struct wbh_choice_point moment = *point;
    memset(out, 0, sizeof(unsigned[WBH_ACTION_COUNT]));
    for (uint32_t i = 1; i <= DRAWS; i++) {
        moment.ordinal = i;
        out[ask(&source, &moment).action]++;
    }
}

static void seeded_same_seed_and_key_same_answer(void **state) {
    (void)state;
    struct wbh_seeded_source a = source_of("failing", 7);
    struct wbh_seeded_source b = source_of("failing", 7);
    struct wbh_choice_point moment = recv_point;
    for (uint32_t i = 1; i <= 1000; i++) {
        moment.ordinal = i;
        struct wbh_choice_point elsewhere = {.point = WBH_POINT_STEP, .kernel = BIT(DELAY)};
        elsewhere.ordinal = i * 3;
        (void)ask(&b, &elsewhere); /* another question in between changes nothing */
        assert_true(same(ask(&a, &moment), ask(&b, &moment)));
    }
}

/* Each part of the key matters: with it changed, about as many answers differ as chance allows. */
static void seeded_every_part_of_the_key_counts(void **state) {
    (void)state;
    struct wbh_seeded_source seven = source_of("hostile", 7);
    struct wbh_seeded_source eight = source_of("hostile", 8);
    unsigned by_seed = 0;
    unsigned by_subject = 0;
    unsigned by_ordinal = 0;
    unsigned by_point = 0;
    for (uint32_t i = 1; i <= 1000; i++) {
        struct wbh_choice_point moment = recv_point;
        moment.ordinal = i;
        struct wbh_choice here = ask(&seven, &moment);
        by_seed += !same(here, ask(&eight, &moment));
        moment.subject = WBH_SUBJECT(1, 0);
        by_subject += !same(here, ask(&seven, &moment));
        moment.subject = recv_point.subject;
        moment.ordinal = i + 1000;
        by_ordinal += !same(here, ask(&seven, &moment));
        moment.ordinal = i;
        moment.point = WBH_POINT_SEND;
        by_point += !same(here, ask(&seven, &moment));
    }
    assert_in_range(by_seed, 400, 900);
    assert_in_range(by_subject, 400, 900);
    assert_in_range(by_ordinal, 400, 900);
    assert_in_range(by_point, 400, 900);
}

/* A wait is asked about each of its actions alone, at one ordinal: the answers are independent. */
static void seeded_disjoint_sets_of_one_moment_are_independent(void **state) {
    (void)state;
    struct wbh_seeded_source source = source_of("hostile", 3);
    struct wbh_choice_point moment = {.point = WBH_POINT_WAIT, .size = 8, .spurious_candidates = 4};
    unsigned batch = 0;
    unsigned order = 0;
    unsigned both = 0;
    for (uint32_t i = 1; i <= DRAWS; i++) {
        moment.ordinal = i;
        moment.kernel = BIT(BATCH);
        int is_batch = ask(&source, &moment).action == WBH_ACTION_BATCH;
        moment.kernel = BIT(ORDER);
        int is_order = ask(&source, &moment).action == WBH_ACTION_ORDER;
        batch += (unsigned)is_batch;
        order += (unsigned)is_order;
        both += (unsigned)(is_batch && is_order);
    }
    assert_in_range(batch, DRAWS / 6 - 270, DRAWS / 6 + 270);
    assert_in_range(order, DRAWS / 6 - 270, DRAWS / 6 + 270);
    assert_in_range(both, DRAWS / 36 - 120, DRAWS / 36 + 120);
}

static void seeded_frequencies_are_the_profiles(void **state) {
    (void)state;
    unsigned counts[WBH_ACTION_COUNT];
    count_actions("hostile", &recv_point, counts);
    assert_in_range(counts[WBH_ACTION_SHORT], DRAWS / 4 - 310, DRAWS / 4 + 310);
    assert_in_range(counts[WBH_ACTION_WOULD_BLOCK], DRAWS / 6 - 270, DRAWS / 6 + 270);
    assert_int_equal(counts[WBH_ACTION_RESET] + counts[WBH_ACTION_ERROR], 0);

    count_actions("failing", &recv_point, counts);
    assert_in_range(counts[WBH_ACTION_RESET], DRAWS / 64 - 90, DRAWS / 64 + 90);
    assert_in_range(counts[WBH_ACTION_ERROR], DRAWS / 64 - 90, DRAWS / 64 + 90);

    count_actions("gentle", &recv_point, counts);
    assert_in_range(counts[WBH_ACTION_SHORT], DRAWS / 16 - 180, DRAWS / 16 + 180);
    assert_int_equal(counts[WBH_ACTION_WOULD_BLOCK], 0); /* contract, at this moment */

    count_actions("none", &recv_point, counts);
    assert_int_equal(counts[WBH_ACTION_PASS], DRAWS);
}

static void check_failing_keeps(const struct wbh_choice_point *point) {
    struct wbh_seeded_source hostile = source_of("hostile", 21);
    struct wbh_seeded_source failing = source_of("failing", 21);
    struct wbh_choice_point moment = *point;
    unsigned mild_count = 0;
    unsigned failed_count = 0;
    for (uint32_t i = 1; i <= 2000; i++) {
        moment.ordinal = i;
        struct wbh_choice mild = ask(&hostile, &moment);
        struct wbh_choice harsh = ask(&failing, &moment);
        if (mild.action != WBH_ACTION_PASS) {
            assert_true(same(mild, harsh));
            mild_count++;
        }
        failed_count += harsh.action == WBH_ACTION_ERROR;
    }
    assert_true(mild_count != 0 && failed_count != 0);
}

/* A kept seed means the same transparent faults after `hostile` is exchanged for `failing`, also
 * where the failing ones come first in the table. */
static void seeded_failing_keeps_the_transparent_decisions_of_hostile(void **state) {
    (void)state;
    const struct wbh_choice_point connect_point = {
        .point = WBH_POINT_CONNECT,
        .subject = WBH_SUBJECT(0, 0),
        .kernel = BIT(DELAY),
        .contract = BIT(IMMEDIATE),
        .failing = BIT(ERROR),
    };
    check_failing_keeps(&recv_point);
    check_failing_keeps(&connect_point);
}

static void seeded_counts_lie_within_the_moment_and_favour_its_borders(void **state) {
    (void)state;
    struct wbh_seeded_source source = source_of("hostile", 5);
    struct wbh_choice_point moment = recv_point;
    moment.size = 101;
    unsigned shorts = 0;
    unsigned one = 0;
    unsigned half = 0;
    unsigned last = 0;
    for (uint32_t i = 1; i <= DRAWS; i++) {
        moment.ordinal = i;
        struct wbh_choice choice = ask(&source, &moment);
        if (choice.action == WBH_ACTION_SHORT) {
            assert_in_range(choice.value, 1, 100);
            shorts++;
            one += choice.value == 1;
            half += choice.value == 50;
            last += choice.value == 100;
        }
    }
    assert_in_range(one, shorts / 5, shorts / 3);
    assert_in_range(last, shorts / 5, shorts / 3);
    assert_in_range(half, shorts / 10, shorts / 6);
    assert_true(one + half + last < shorts * 3 / 4); /* and others happen too */
}

static void seeded_single_byte_is_not_shortened(void **state) {
    (void)state;
    struct wbh_choice_point moment = recv_point;
    moment.size = 1;
    unsigned counts[WBH_ACTION_COUNT];
    count_actions("hostile", &moment, counts);
    assert_int_equal(counts[WBH_ACTION_SHORT], 0);
    assert_int_not_equal(counts[WBH_ACTION_WOULD_BLOCK], 0);
    moment.size = 2;
    count_actions("hostile", &moment, counts);
    assert_int_not_equal(counts[WBH_ACTION_SHORT], 0);
}

static void seeded_delays_spread_over_all_magnitudes(void **state) {
    (void)state;
    struct wbh_seeded_source source = source_of("hostile", 5);
    struct wbh_choice_point moment = {.point = WBH_POINT_INBOUND, .kernel = BIT(DELAY), .size = 10};
    unsigned per_magnitude[5] = {0}; /* up to 10 us, 100 us, 1 ms, 10 ms, 50 ms */
    for (uint32_t i = 1; i <= DRAWS; i++) {
        moment.ordinal = i;
        struct wbh_choice choice = ask(&source, &moment);
        if (choice.action == WBH_ACTION_DELAY) {
            assert_in_range(choice.value, 1000, 50000000);
            uint64_t limit = 10000;
            unsigned magnitude = 0;
            while (magnitude < 4 && choice.value >= limit) {
                limit *= 10;
                magnitude++;
            }
            per_magnitude[magnitude]++;
        }
    }
    for (unsigned i = 0; i < 5; i++) {
        assert_in_range(per_magnitude[i], 500, 1500); /* of about 5000 */
    }
}

static void seeded_errors_are_legal_at_their_point(void **state) {
    (void)state;
    static const enum wbh_point points[] = {WBH_POINT_RECV, WBH_POINT_SEND, WBH_POINT_CONNECT,
        WBH_POINT_ACCEPT, WBH_POINT_OPEN, WBH_POINT_REGISTER};
    struct wbh_seeded_source source = source_of("failing", 5);
    for (size_t p = 0; p < sizeof points / sizeof points[0]; p++) {
        struct wbh_choice_point moment = {.point = (uint8_t)points[p], .failing = BIT(ERROR)};
        uint32_t seen = 0;
        for (uint32_t i = 1; i <= DRAWS; i++) {
            moment.ordinal = i;
            struct wbh_choice choice = ask(&source, &moment);
            if (choice.action == WBH_ACTION_ERROR) {
                seen |= 1u << wbh_errno_index((int)choice.value);
            }
        }
        assert_int_equal(seen, wbh_point_errnos(points[p])); /* each of them, and no other */
    }
}

static void seeded_spurious_events_name_a_candidate_and_plain_readiness(void **state) {
    (void)state;
    struct wbh_seeded_source source = source_of("hostile", 5);
    struct wbh_choice_point moment = {
        .point = WBH_POINT_WAIT, .contract = BIT(SPURIOUS), .spurious_candidates = 3};
    unsigned picks[3] = {0};
    for (uint32_t i = 1; i <= DRAWS; i++) {
        moment.ordinal = i;
        struct wbh_choice choice = ask(&source, &moment);
        if (choice.action == WBH_ACTION_SPURIOUS) {
            assert_int_equal(choice.subject, WBH_SUBJECT_NONE);
            assert_int_not_equal(choice.value, 0);
            assert_int_equal(choice.value & ~(uint64_t)(WB_EPOLLIN | WB_EPOLLOUT), 0);
            picks[choice.pick % 3]++;
        }
    }
    for (unsigned i = 0; i < 3; i++) {
        assert_in_range(picks[i], 500, 850); /* of about 2000 */
    }
}

static void seeded_beyond_its_legality_decides_nothing(void **state) {
    (void)state;
    struct wbh_choice_point moment = {
        .point = WBH_POINT_ACCEPT, .failing = BIT(WOULD_BLOCK) | BIT(ERROR)};
    unsigned counts[WBH_ACTION_COUNT];
    count_actions("hostile", &moment, counts);
    assert_int_equal(counts[WBH_ACTION_PASS], DRAWS);
    moment.contract = moment.failing;
    moment.failing = 0;
    count_actions("hostile", &moment, counts);
    assert_int_not_equal(counts[WBH_ACTION_WOULD_BLOCK], 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeded_same_seed_and_key_same_answer),
        cmocka_unit_test(seeded_every_part_of_the_key_counts),
        cmocka_unit_test(seeded_disjoint_sets_of_one_moment_are_independent),
        cmocka_unit_test(seeded_frequencies_are_the_profiles),
        cmocka_unit_test(seeded_failing_keeps_the_transparent_decisions_of_hostile),
        cmocka_unit_test(seeded_counts_lie_within_the_moment_and_favour_its_borders),
        cmocka_unit_test(seeded_single_byte_is_not_shortened),
        cmocka_unit_test(seeded_delays_spread_over_all_magnitudes),
        cmocka_unit_test(seeded_errors_are_legal_at_their_point),
        cmocka_unit_test(seeded_spurious_events_name_a_candidate_and_plain_readiness),
        cmocka_unit_test(seeded_beyond_its_legality_decides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
