/* The PCT source: turns by priority, and its guarantee. */
#include "wouldblock/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include <cmocka.h>

#define BIT(name) WBH_ACTION_BIT(WBH_ACTION_##name)

enum { THREADS = 3, STEPS = 10 };

static struct wbh_pct_source source;

static uint32_t ask(const uint32_t *threads, uint64_t size, enum wbh_turn turn) {
    const struct wbh_choice_point point = {
        .point = WBH_POINT_SWITCH,
        .turn = (uint8_t)turn,
        .kernel = BIT(ORDER),
        .size = size,
        .threads = threads,
    };
    const struct wbh_choice choice = source.base.ops->choose(&source.base, &point);
    assert_true(choice.action == WBH_ACTION_PASS || choice.value < size);
    return choice.action == WBH_ACTION_ORDER ? (uint32_t)choice.value : 0;
}

/* Threads that make STEPS steps each and never wait. Writes who made each step. */
static void run(uint32_t depth, uint64_t seed, uint32_t order[THREADS * STEPS]) {
    uint32_t left[THREADS] = {STEPS, STEPS, STEPS};
    uint32_t present = 0;
    wbh_pct_source_init(&source, depth, THREADS * STEPS, seed, NULL);
    for (uint32_t step = 0; step < THREADS * STEPS; step++) {
        uint32_t candidates[THREADS];
        uint32_t count = 0;
        for (uint32_t i = 0; i < THREADS; i++) {
            const uint32_t thread = (present + i) % THREADS;
            if (left[thread] != 0) {
                candidates[count++] = thread;
            }
        }
        const enum wbh_turn turn = left[present] != 0 ? WBH_TURN_HELD : WBH_TURN_OVER;
        present = candidates[ask(candidates, count, turn)];
        order[step] = present;
        left[present]--;
    }
}

static unsigned count_changes(const uint32_t order[THREADS * STEPS]) {
    unsigned changes = 0;
    for (uint32_t i = 1; i < THREADS * STEPS; i++) {
        changes += order[i] != order[i - 1];
    }
    return changes;
}

static void pct_depth_one_runs_threads_one_after_the_other(void **state) {
    uint32_t order[THREADS * STEPS];
    unsigned first[THREADS] = {0};
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        run(1, seed, order);
        assert_int_equal(count_changes(order), THREADS - 1);
        first[order[0]]++;
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_true(first[i] > 50); /* a third each */
    }
}

static void pct_depth_bounds_how_often_turns_change(void **state) {
    uint32_t order[THREADS * STEPS];
    unsigned most = 0;
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        run(3, seed, order);
        const unsigned changes = count_changes(order);
        most = changes > most ? changes : most;
    }
    /* A change takes the turn away, and it comes back once. */
    assert_in_range(most, THREADS, THREADS - 1 + 2 * 2);
}

/* The place of a thread's n-th step. */
static uint32_t place(const uint32_t order[THREADS * STEPS], uint32_t thread, uint32_t n) {
    uint32_t at = 0;
    while (order[at] != thread || n-- != 0) {
        at++;
    }
    return at;
}

/* A bug of depth two: the sixth step of thread 0 comes before the first of thread 1, and that
 * before the seventh of thread 0. */
static void pct_guarantee_holds_for_depth_two(void **state) {
    enum { SEEDS = 20000 };
    uint32_t order[THREADS * STEPS];
    unsigned hits = 0;
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        run(2, seed, order);
        const uint32_t between = place(order, 1, 0);
        hits += place(order, 0, 5) < between && between < place(order, 0, 6);
    }
    /* At least one in threads * steps. */
    assert_true(hits >= SEEDS / (THREADS * THREADS * STEPS));
    run(1, 7, order);
    assert_int_equal(count_changes(order), THREADS - 1);
}

static void pct_one_seed_is_one_order(void **state) {
    uint32_t a[THREADS * STEPS];
    uint32_t b[THREADS * STEPS];
    (void)state;
    run(4, 99, a);
    run(4, 99, b);
    assert_memory_equal(a, b, sizeof(a));
}

static void pct_spent_thread_lets_the_others_go_on(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        const uint32_t held[] = {5, 6, 7};
        wbh_pct_source_init(&source, 3, 1000, seed, NULL);
        const uint32_t first = held[ask(held, 3, WBH_TURN_OVER)];
        /* It comes last in the order when its slice is over. */
        const uint32_t others[] = {first == 5 ? 6 : 5, first == 7 ? 6 : 7, first};
        assert_int_not_equal(ask(others, 3, WBH_TURN_SPENT), 2);
    }
}

static void pct_leaves_other_points_to_another_source(void **state) {
    static const struct wbh_decision plan = {
        .point = WBH_POINT_RECV, .ordinal = 1, .action = WBH_ACTION_WOULD_BLOCK};
    const struct wbh_choice_point point = {
        .point = WBH_POINT_RECV, .ordinal = 1, .kernel = BIT(WOULD_BLOCK)};
    struct wbh_planned_source planned;
    (void)state;
    wbh_planned_source_init(&planned, &plan, 1, NULL, NULL);
    wbh_pct_source_init(&source, 2, 10, 1, &planned.base);
    assert_int_equal(source.base.ops->choose(&source.base, &point).action, WBH_ACTION_WOULD_BLOCK);
    wbh_pct_source_init(&source, 2, 10, 1, NULL);
    assert_int_equal(source.base.ops->choose(&source.base, &point).action, WBH_ACTION_PASS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pct_depth_one_runs_threads_one_after_the_other),
        cmocka_unit_test(pct_depth_bounds_how_often_turns_change),
        cmocka_unit_test(pct_guarantee_holds_for_depth_two),
        cmocka_unit_test(pct_one_seed_is_one_order),
        cmocka_unit_test(pct_spent_thread_lets_the_others_go_on),
        cmocka_unit_test(pct_leaves_other_points_to_another_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
