/* The planned source: each decision at its key, once offered; the rest elsewhere. */
#include "wouldblock/fault.h"

#include "wb/sys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BIT(name) WBH_ACTION_BIT(WBH_ACTION_##name)

enum { PLAN_LEN = 4 };

static const struct wbh_decision plan[PLAN_LEN] = {
    {.subject = WBH_SUBJECT(0, 0),
        .point = WBH_POINT_RECV,
        .ordinal = 2,
        .action = WBH_ACTION_SHORT,
        .value = 3},
    {.point = WBH_POINT_WAIT,
        .ordinal = 4,
        .action = WBH_ACTION_SPURIOUS,
        .about = WBH_SUBJECT(0, 0),
        .value = WB_EPOLLIN},
    {.point = WBH_POINT_WAIT, .ordinal = 4, .action = WBH_ACTION_BATCH, .value = 1},
    {.subject = WBH_SUBJECT(0, 0),
        .point = WBH_POINT_RECV,
        .ordinal = 2,
        .action = WBH_ACTION_WOULD_BLOCK},
};

struct fixture {
    struct wbh_planned_source source;
    uint8_t fired[PLAN_LEN];
};

static struct fixture fixture;

static struct wbh_choice ask(struct wbh_choice_point point) {
    return fixture.source.base.ops->choose(&fixture.source.base, &point);
}

static int set_up(void **state) {
    (void)state;
    memset(&fixture, 0, sizeof fixture);
    wbh_planned_source_init(&fixture.source, plan, PLAN_LEN, fixture.fired, NULL);
    return 0;
}

static void planned_key_matches_decision_is_taken(void **state) {
    (void)state;
    struct wbh_choice choice = ask((struct wbh_choice_point){.point = WBH_POINT_RECV,
        .subject = WBH_SUBJECT(0, 0),
        .ordinal = 2,
        .kernel = BIT(SHORT) | BIT(WOULD_BLOCK),
        .size = 10});
    assert_int_equal(choice.action, WBH_ACTION_SHORT);
    assert_int_equal(choice.value, 3);
    assert_memory_equal(fixture.fired, ((uint8_t[]){1, 0, 0, 0}), PLAN_LEN);
}

static void planned_other_key_passes(void **state) {
    (void)state;
    struct wbh_choice_point point = {.point = WBH_POINT_RECV,
        .subject = WBH_SUBJECT(0, 0),
        .ordinal = 1,
        .kernel = BIT(SHORT),
        .size = 10};
    assert_int_equal(ask(point).action, WBH_ACTION_PASS);
    point.ordinal = 2;
    point.subject = WBH_SUBJECT(0, 1);
    assert_int_equal(ask(point).action, WBH_ACTION_PASS);
    point.subject = WBH_SUBJECT(0, 0);
    point.point = WBH_POINT_SEND;
    assert_int_equal(ask(point).action, WBH_ACTION_PASS);
    assert_memory_equal(fixture.fired, ((uint8_t[]){0, 0, 0, 0}), PLAN_LEN);
}

/* One key, two decisions: the first whose action the moment offers. */
static void planned_action_not_offered_next_one_is_taken(void **state) {
    (void)state;
    struct wbh_choice choice = ask((struct wbh_choice_point){.point = WBH_POINT_RECV,
        .subject = WBH_SUBJECT(0, 0),
        .ordinal = 2,
        .contract = BIT(WOULD_BLOCK),
        .size = 1});
    assert_int_equal(choice.action, WBH_ACTION_WOULD_BLOCK);
    assert_memory_equal(fixture.fired, ((uint8_t[]){0, 0, 0, 1}), PLAN_LEN);
}

static void planned_disjoint_sets_of_a_wait_find_each_their_own(void **state) {
    (void)state;
    struct wbh_choice_point point = {.point = WBH_POINT_WAIT, .ordinal = 4, .size = 5};
    point.contract = BIT(SPURIOUS);
    struct wbh_choice spurious = ask(point);
    assert_int_equal(spurious.action, WBH_ACTION_SPURIOUS);
    assert_int_equal(spurious.subject, WBH_SUBJECT(0, 0));
    assert_int_equal(spurious.value, WB_EPOLLIN);
    point.contract = 0;
    point.kernel = BIT(BATCH);
    assert_int_equal(ask(point).action, WBH_ACTION_BATCH);
    point.kernel = BIT(ORDER);
    assert_int_equal(ask(point).action, WBH_ACTION_PASS);
    assert_memory_equal(fixture.fired, ((uint8_t[]){0, 1, 1, 0}), PLAN_LEN);
}

static void planned_elsewhere_the_other_source_answers(void **state) {
    (void)state;
    struct wbh_seeded_source seeded;
    wbh_seeded_source_init(&seeded, wbh_profile_from_name("hostile", 7), 1);
    wbh_planned_source_init(&fixture.source, plan, PLAN_LEN, NULL, &seeded.base);
    unsigned decided = 0;
    for (uint32_t i = 3; i < 1000; i++) {
        struct wbh_choice_point point = {.point = WBH_POINT_RECV,
            .subject = WBH_SUBJECT(0, 0),
            .ordinal = i,
            .kernel = BIT(SHORT),
            .size = 10};
        struct wbh_choice planned = ask(point);
        struct wbh_choice direct = seeded.base.ops->choose(&seeded.base, &point);
        assert_int_equal(planned.action, direct.action);
        assert_int_equal(planned.value, direct.value);
        decided += planned.action != WBH_ACTION_PASS;
    }
    assert_true(decided > 100);
}

/* Many decisions that share keys, or parts of them: with an index and without, every moment gets
 * the same answer, and the same ones have fired. */
static void planned_index_changes_no_answer(void **state) {
    (void)state;
    enum { LONG_LEN = 3000, SUBJECTS = 5, ORDINALS = 120 };
    static const uint8_t actions[] = {WBH_ACTION_SHORT, WBH_ACTION_WOULD_BLOCK, WBH_ACTION_RESET};
    static struct wbh_decision decisions[LONG_LEN];
    static uint32_t index[3 * LONG_LEN];
    static uint8_t fired[2][LONG_LEN];
    uint32_t random = 1;
    for (size_t i = 0; i < LONG_LEN; i++) {
        random = random * 1664525u + 1013904223u;
        decisions[i] = (struct wbh_decision){.subject = WBH_SUBJECT(random >> 8 & 3u, 0),
            .ordinal = 1 + (random >> 12) % ORDINALS,
            .point = (random >> 30) % 2 == 0 ? WBH_POINT_RECV : WBH_POINT_SEND,
            .action = actions[(random >> 20) % 3],
            .value = i};
    }
    const size_t lens[] = {0, 1, 2, 3, 17, 1024, 1025, LONG_LEN};
    for (size_t l = 0; l < sizeof lens / sizeof lens[0]; l++) {
        struct wbh_planned_source plain;
        struct wbh_planned_source indexed;
        memset(fired, 0, sizeof fired);
        memset(index, 0xff, sizeof index);
        assert_in_range(wbh_planned_index_len(lens[l]), lens[l], 3 * LONG_LEN);
        wbh_planned_source_init(&plain, decisions, lens[l], fired[0], NULL);
        wbh_planned_source_init(&indexed, decisions, lens[l], fired[1], NULL);
        wbh_planned_source_index(&indexed, index);
        size_t taken = 0;
        for (uint32_t moment = 0; moment < SUBJECTS * ORDINALS * 2 * 4; moment++) {
            const struct wbh_choice_point point = {.subject = WBH_SUBJECT(moment % SUBJECTS, 0),
                .ordinal = 1 + moment / SUBJECTS % ORDINALS,
                .point = moment / SUBJECTS / ORDINALS % 2 == 0 ? WBH_POINT_RECV : WBH_POINT_SEND,
                .kernel = BIT(SHORT) | BIT(WOULD_BLOCK),
                .failing = moment / SUBJECTS / ORDINALS / 2 % 2 == 0 ? 0 : BIT(RESET)};
            struct wbh_choice a = plain.base.ops->choose(&plain.base, &point);
            struct wbh_choice b = indexed.base.ops->choose(&indexed.base, &point);
            assert_int_equal(a.action, b.action);
            assert_int_equal(a.value, b.value);
            taken += a.action != WBH_ACTION_PASS;
        }
        assert_true(lens[l] == 0 ? taken == 0 : lens[l] < 1000 || taken > 500);
        assert_memory_equal(fired[0], fired[1], LONG_LEN);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(planned_key_matches_decision_is_taken, set_up),
        cmocka_unit_test_setup(planned_other_key_passes, set_up),
        cmocka_unit_test_setup(planned_action_not_offered_next_one_is_taken, set_up),
        cmocka_unit_test_setup(planned_disjoint_sets_of_a_wait_find_each_their_own, set_up),
        cmocka_unit_test_setup(planned_elsewhere_the_other_source_answers, set_up),
        cmocka_unit_test(planned_index_changes_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
