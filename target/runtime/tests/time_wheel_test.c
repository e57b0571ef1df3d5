/* The timer wheel against a plain list of timers, at the borders of its levels in particular. */
#include "world.h"

#include <string.h>

#include "runtime/time_wheel.h"

enum { TIMERS = 200 };

static struct wb__time_wheel wheel;

/* What the wheel should do: timers with the number of their setting. */
static struct model {
    struct wb__timer timer;
    uint64_t tick;
    uint64_t set_at; /* 0: not set */
} models[TIMERS];

static uint64_t settings;

static int setup(void **state) {
    (void)state;
    memset(&wheel, 0, sizeof(wheel));
    memset(wheel.slots, 0xa5, sizeof(wheel.slots)); /* of an empty wheel they may hold anything */
    memset(models, 0, sizeof(models));
    settings = 0;
    return 0;
}

static void set(int i, uint64_t tick) {
    assert_true(wb__time_wheel_set(&wheel, &models[i].timer, tick));
    models[i].tick = tick;
    models[i].set_at = ++settings;
}

static void clear(int i) {
    wb__time_wheel_clear(&wheel, &models[i].timer);
    models[i].set_at = 0;
}

/* The timer that is first: by tick, then by age. -1: none is due. */
static int first_due(uint64_t now_tick) {
    int first = -1;
    for (int i = 0; i < TIMERS; i++) {
        if (models[i].set_at == 0 || models[i].tick > now_tick) {
            continue;
        }
        if (first < 0 || models[i].tick < models[first].tick
            || (models[i].tick == models[first].tick && models[i].set_at < models[first].set_at)) {
            first = i;
        }
    }
    return first;
}

/* Pops all that is due and compares. */
static void pop_all(uint64_t now_tick) {
    for (;;) {
        const int expected = first_due(now_tick);
        struct wb__timer *timer = wb__time_wheel_pop(&wheel, now_tick);
        if (expected < 0) {
            assert_null(timer);
            return;
        }
        assert_ptr_equal(timer, &models[expected].timer);
        models[expected].set_at = 0;
    }
}

static void assert_next(uint64_t expected) {
    uint64_t tick = 0;
    assert_true(wb__time_wheel_next(&wheel, &tick));
    assert_int_equal(tick, expected);
}

static void tk_17_each_level_keeps_its_tick(void **state) {
    (void)state;
    for (unsigned shift = 0; shift < 64; shift++) {
        const uint64_t border = UINT64_C(1) << shift;
        const uint64_t ticks[] = {border - 1, border, border + 1};
        for (int i = 0; i < 3; i++) {
            setup(NULL);
            if (ticks[i] == 0) {
                continue;
            }
            set(0, ticks[i]);
            assert_next(ticks[i]);
            pop_all(ticks[i] - 1);
            assert_int_equal(wheel.count, 1);
            assert_next(ticks[i]);
            pop_all(ticks[i]);
            assert_int_equal(wheel.count, 0);
        }
    }
}

static void tk_17_the_last_tick_is_a_tick(void **state) {
    (void)state;
    wheel.done_tick = UINT64_MAX - 100;
    set(0, UINT64_MAX);
    set(1, UINT64_MAX - 99);
    set(2, UINT64_MAX - 1);
    assert_next(UINT64_MAX - 99);
    pop_all(UINT64_MAX - 1);
    assert_next(UINT64_MAX);
    pop_all(UINT64_MAX);
    assert_int_equal(wheel.count, 0);
    assert_false(wb__time_wheel_set(&wheel, &models[0].timer, UINT64_MAX));
}

static void tick_that_is_done_is_refused(void **state) {
    (void)state;
    pop_all(1000);
    assert_false(wb__time_wheel_set(&wheel, &models[0].timer, 1000));
    assert_false(wb__time_wheel_set(&wheel, &models[0].timer, 1));
    assert_int_equal(wheel.count, 0);
    set(0, 1001);
    pop_all(1001);
}

static void timers_of_one_tick_keep_their_order_across_levels(void **state) {
    (void)state;
    set(0, 5000); /* from three levels up */
    pop_all(4990);
    set(1, 5000); /* from the lowest */
    pop_all(4992);
    set(2, 5000);
    clear(0);
    set(0, 5000); /* younger now */
    pop_all(5000);
}

static void first_timer_is_known_exactly_after_it_was_cleared(void **state) {
    (void)state;
    set(0, 100000);
    set(1, 100007);
    set(2, 300000);
    assert_next(100000);
    clear(0);
    assert_next(100007);
    clear(1);
    assert_next(300000);
    clear(2);
    uint64_t tick = 0;
    assert_false(wb__time_wheel_next(&wheel, &tick));
}

static void among_many_timers_the_next_is_never_too_late(void **state) {
    (void)state;
    for (int i = 0; i < TIMERS; i++) {
        set(i, 100000 + (uint64_t)i);
    }
    clear(0);
    uint64_t tick = 0;
    assert_true(wb__time_wheel_next(&wheel, &tick));
    assert_true(tick <= 100001);
    pop_all(tick);
    pop_all(100000 + TIMERS);
}

static uint64_t next_random(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static void random_operations_match_the_model(void **state) {
    (void)state;
    uint64_t seed = 1;
    uint64_t now = 0;
    for (int step = 0; step < 40000; step++) {
        const int i = (int)(next_random(&seed) % TIMERS);
        const uint64_t span = UINT64_C(1) << next_random(&seed) % 26;
        if (models[i].set_at != 0) {
            clear(i);
        } else {
            set(i, now + 1 + next_random(&seed) % span);
        }
        if (next_random(&seed) % 8 == 0) {
            now += next_random(&seed) % (UINT64_C(1) << next_random(&seed) % 22);
            pop_all(now);
        }
    }
    pop_all(UINT64_MAX);
    assert_int_equal(wheel.count, 0);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(tk_17_each_level_keeps_its_tick),
        CASE(tk_17_the_last_tick_is_a_tick),
        CASE(tick_that_is_done_is_refused),
        CASE(timers_of_one_tick_keep_their_order_across_levels),
        CASE(first_timer_is_known_exactly_after_it_was_cleared),
        CASE(among_many_timers_the_next_is_never_too_late),
        CASE(random_operations_match_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
