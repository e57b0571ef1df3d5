/* The enumerated source: every path once, none outside the bounds. */
#include "wouldblock/fault.h"

#include "wb/sys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define BIT(name) WBH_ACTION_BIT(WBH_ACTION_##name)

static struct wbh_branch branches[WBH_BRANCHES_MAX];
static struct wbh_enumerated_source source;

static void begin(struct wbh_enumeration enumeration) {
    wbh_enumerated_source_init(&source, &enumeration, branches);
}

static struct wbh_choice ask(struct wbh_choice_point point) {
    return source.base.ops->choose(&source.base, &point);
}

static uint64_t ask_switch(uint32_t ordinal, enum wbh_turn turn, uint64_t size) {
    const struct wbh_choice choice = ask((struct wbh_choice_point){.point = WBH_POINT_SWITCH,
        .ordinal = ordinal,
        .turn = (uint8_t)turn,
        .kernel = BIT(ORDER),
        .size = size});
    return choice.action == WBH_ACTION_ORDER ? choice.value : 0;
}

/* A program of so many moments; returns the number that its answers make in base `size`. */
static uint64_t run_switches(uint32_t count, enum wbh_turn turn, uint64_t size) {
    uint64_t number = 0;
    wbh_enumerated_source_begin(&source);
    for (uint32_t i = 0; i < count; i++) {
        number = number * size + ask_switch(i + 1, turn, size);
    }
    return number;
}

static void enumerated_free_orders_are_all_visited_once(void **state) {
    (void)state;
    begin((struct wbh_enumeration){.orders = true, .total_max = WBH_UNBOUNDED});
    uint64_t next = 0;
    do {
        assert_true(run_switches(4, WBH_TURN_OVER, 3) == next);
        next++;
    } while (wbh_enumerated_source_next(&source));
    assert_true(next == 3 * 3 * 3 * 3);
}

static unsigned count_preempted(uint32_t points, uint32_t preemptions_max) {
    begin((struct wbh_enumeration){
        .orders = true, .preemptions_max = preemptions_max, .total_max = WBH_UNBOUNDED});
    uint64_t before = UINT64_MAX;
    unsigned runs = 0;
    do {
        const uint64_t number = run_switches(points, WBH_TURN_HELD, 2);
        assert_true(number != before);
        assert_true((uint32_t)__builtin_popcountll(number) <= preemptions_max);
        before = number;
        runs++;
    } while (wbh_enumerated_source_next(&source));
    return runs;
}

static void enumerated_preemptions_are_bounded(void **state) {
    (void)state;
    assert_int_equal(count_preempted(10, 0), 1);
    assert_int_equal(count_preempted(10, 1), 1 + 10);
    assert_int_equal(count_preempted(10, 2), 1 + 10 + 45);
    assert_int_equal(count_preempted(10, WBH_UNBOUNDED), 1024);
}

static void enumerated_total_bounds_faults_and_preemptions_together(void **state) {
    (void)state;
    begin((struct wbh_enumeration){
        .orders = true, .faults_max = 1, .preemptions_max = 1, .total_max = 1});
    unsigned runs = 0;
    do {
        wbh_enumerated_source_begin(&source);
        (void)ask_switch(1, WBH_TURN_HELD, 2);
        (void)ask((struct wbh_choice_point){
            .point = WBH_POINT_RECV, .ordinal = 1, .kernel = BIT(WOULD_BLOCK)});
        assert_true(source.faults + source.preemptions <= 1);
        runs++;
    } while (wbh_enumerated_source_next(&source));
    assert_int_equal(runs, 3);
}

static void enumerated_spent_thread_is_not_chosen_again(void **state) {
    (void)state;
    begin((struct wbh_enumeration){.orders = true, .total_max = WBH_UNBOUNDED});
    unsigned runs = 0;
    do {
        assert_true(run_switches(1, WBH_TURN_SPENT, 3) < 2);
        runs++;
    } while (wbh_enumerated_source_next(&source));
    assert_int_equal(runs, 2);
}

/* ---- faults ---- */

static const struct wbh_choice_point reading = {
    .point = WBH_POINT_RECV,
    .ordinal = 1,
    .kernel = BIT(SHORT) | BIT(WOULD_BLOCK),
    .failing = BIT(RESET),
    .size = 4,
};

/* How many answers a moment has, PASS included. */
static unsigned count_answers(struct wbh_choice_point point, enum wbh_legality legality_max) {
    begin((struct wbh_enumeration){
        .faults_max = 1, .legality_max = legality_max, .total_max = WBH_UNBOUNDED});
    unsigned runs = 0;
    do {
        wbh_enumerated_source_begin(&source);
        (void)ask(point);
        runs++;
    } while (wbh_enumerated_source_next(&source));
    return runs;
}

static void enumerated_faults_have_all_their_arguments(void **state) {
    (void)state;
    assert_int_equal(count_answers(reading, WBH_LEGALITY_KERNEL), 1 + 3 + 1);
    assert_int_equal(count_answers(reading, WBH_LEGALITY_FAILING), 1 + 3 + 1 + 1);
    struct wbh_choice_point point = reading;
    point.size = 9;
    assert_int_equal(count_answers(point, WBH_LEGALITY_KERNEL), 1 + 8 + 1);
    point.size = 10;
    assert_int_equal(count_answers(point, WBH_LEGALITY_KERNEL), 1 + 4 + 1);
    point = (struct wbh_choice_point){
        .point = WBH_POINT_WAIT, .ordinal = 1, .contract = BIT(SPURIOUS), .spurious_candidates = 3};
    assert_int_equal(count_answers(point, WBH_LEGALITY_KERNEL), 1);
    assert_int_equal(count_answers(point, WBH_LEGALITY_CONTRACT), 1 + 6);
}

static void enumerated_counts_lie_within_the_size(void **state) {
    (void)state;
    begin((struct wbh_enumeration){.faults_max = 1, .total_max = WBH_UNBOUNDED});
    for (uint64_t size = 2; size < 40; size++) {
        uint64_t before = 0;
        begin((struct wbh_enumeration){.faults_max = 1, .total_max = WBH_UNBOUNDED});
        do {
            wbh_enumerated_source_begin(&source);
            const struct wbh_choice choice = ask((struct wbh_choice_point){
                .point = WBH_POINT_SEND, .ordinal = 1, .kernel = BIT(SHORT), .size = size});
            assert_true(choice.action == WBH_ACTION_PASS || choice.value > before);
            assert_true(choice.value < size);
            before = choice.value;
        } while (wbh_enumerated_source_next(&source));
        assert_true(before == size - 1);
    }
}

static void enumerated_errors_are_those_that_fit(void **state) {
    (void)state;
    const uint32_t errnos = wbh_point_errnos(WBH_POINT_OPEN);
    assert_int_equal(
        count_answers(
            (struct wbh_choice_point){.point = WBH_POINT_OPEN, .ordinal = 1, .failing = BIT(ERROR)},
            WBH_LEGALITY_FAILING),
        1 + __builtin_popcount(errnos));
}

/* Placements of at most k faults among n moments with one fault each. */
static unsigned count_placements(uint32_t moments, uint32_t faults_max) {
    begin((struct wbh_enumeration){.faults_max = faults_max, .total_max = WBH_UNBOUNDED});
    unsigned runs = 0;
    do {
        wbh_enumerated_source_begin(&source);
        for (uint32_t i = 0; i < moments; i++) {
            (void)ask((struct wbh_choice_point){
                .point = WBH_POINT_RECV, .ordinal = i + 1, .kernel = BIT(WOULD_BLOCK)});
        }
        runs++;
    } while (wbh_enumerated_source_next(&source));
    return runs;
}

static void enumerated_every_placement_is_made(void **state) {
    (void)state;
    assert_int_equal(count_placements(12, 0), 1);
    assert_int_equal(count_placements(12, 1), 13);
    assert_int_equal(count_placements(12, 2), 1 + 12 + 66);
}

/* ---- what cannot be searched ---- */

static void enumerated_program_that_does_other_things_is_noticed(void **state) {
    (void)state;
    begin((struct wbh_enumeration){.orders = true, .total_max = WBH_UNBOUNDED});
    (void)run_switches(2, WBH_TURN_OVER, 3);
    assert_true(wbh_enumerated_source_next(&source));
    (void)run_switches(2, WBH_TURN_OVER, 4);
    assert_true(source.strayed);
}

static void enumerated_path_that_is_too_long_is_said_to_be(void **state) {
    (void)state;
    begin((struct wbh_enumeration){.orders = true, .total_max = WBH_UNBOUNDED});
    (void)run_switches(WBH_BRANCHES_MAX, WBH_TURN_OVER, 2);
    assert_false(source.cut_short);
    (void)run_switches(WBH_BRANCHES_MAX + 1, WBH_TURN_OVER, 2);
    assert_true(source.cut_short);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enumerated_free_orders_are_all_visited_once),
        cmocka_unit_test(enumerated_preemptions_are_bounded),
        cmocka_unit_test(enumerated_total_bounds_faults_and_preemptions_together),
        cmocka_unit_test(enumerated_spent_thread_is_not_chosen_again),
        cmocka_unit_test(enumerated_faults_have_all_their_arguments),
        cmocka_unit_test(enumerated_counts_lie_within_the_size),
        cmocka_unit_test(enumerated_errors_are_those_that_fit),
        cmocka_unit_test(enumerated_every_placement_is_made),
        cmocka_unit_test(enumerated_program_that_does_other_things_is_noticed),
        cmocka_unit_test(enumerated_path_that_is_too_long_is_said_to_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
