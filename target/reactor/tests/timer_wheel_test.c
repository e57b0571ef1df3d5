/* The timer wheel against a clock that the test moves. */
#include "world.h"

#include <string.h>

#include "reactor/timer_wheel.h"

#define TICK ((uint64_t)(100 * MS))
#define START UINT64_C(1234567890123)

enum { SLOTS = 256, FIRED_MAX = 4096 };

struct clockwork {
    struct world *world;
    struct wb__timer_wheel wheel;
    uint64_t now_ns;
    uint64_t fired[FIRED_MAX];
    uint32_t fired_count;
};

static struct clockwork clockwork;

static int setup(void **state) {
    void *world = NULL;
    if (world_setup_bare(&world) != 0) {
        return -1;
    }
    clockwork = (struct clockwork){.world = world, .now_ns = START};
    wb__timer_wheel_init(&clockwork.wheel, &clockwork.world->sys, TICK, SLOTS, FIRED_MAX);
    *state = &clockwork;
    return 0;
}

static int teardown(void **state) {
    struct clockwork *self = *state;
    void *world = self->world;
    wb__timer_wheel_clean_up(&self->wheel);
    return world_teardown_bare(&world);
}

static uint64_t set(struct clockwork *self, int64_t delay_ns, uint64_t value) {
    uint64_t id = 0;
    assert_ok(wb__timer_wheel_set(&self->wheel, self->now_ns, (uint64_t)delay_ns, value, &id));
    assert_true(id != 0);
    return id;
}

static bool clear(struct clockwork *self, uint64_t id) {
    return wb__timer_wheel_clear(&self->wheel, id);
}

/* Moves to a time after START and fires what is due; returns how many. */
static uint32_t advance_to(struct clockwork *self, int64_t since_start_ns) {
    self->now_ns = START + (uint64_t)since_start_ns;
    uint32_t before = self->fired_count;
    uint64_t value = 0;
    while (wb__timer_wheel_fire(&self->wheel, self->now_ns, &value)) {
        assert_true(self->fired_count < FIRED_MAX);
        self->fired[self->fired_count++] = value;
    }
    return self->fired_count - before;
}

/* The most recently fired values, in order. */
static void assert_fired(const struct clockwork *self, uint32_t count, const uint64_t *values) {
    assert_true(self->fired_count >= count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(self->fired[self->fired_count - count + i], values[i]);
    }
}

/* MOLD-12 */
static void timer_of_one_tick_fires_at_it_and_never_again(void **state) {
    struct clockwork *self = *state;
    set(self, 100 * MS, 1);
    assert_int_equal(advance_to(self, 50 * MS), 0);
    assert_int_equal(advance_to(self, 100 * MS - 1), 0);
    assert_int_equal(advance_to(self, 100 * MS), 1);
    assert_int_equal(advance_to(self, 100 * MS), 0);
    assert_int_equal(advance_to(self, 1000 * MS), 0);
    assert_true(wb__timer_wheel_is_empty(&self->wheel));
}

/* A-MOLD-14: at least one tick in the future, and never early. */
static void timer_between_ticks_waits_for_the_next(void **state) {
    struct clockwork *self = *state;
    set(self, 100 * MS, 1);
    assert_int_equal(advance_to(self, 120 * MS), 1);
    set(self, 0, 2); /* at 120: due at 200 */
    set(self, 80 * MS, 3);
    set(self, 81 * MS, 4); /* would be 201: due at 300 */
    assert_int_equal(advance_to(self, 200 * MS - 1), 0);
    assert_int_equal(advance_to(self, 200 * MS), 2);
    assert_int_equal(advance_to(self, 300 * MS - 1), 0);
    assert_int_equal(advance_to(self, 300 * MS), 1);
}

/* MOLD-13 */
static void timer_cleared_never_fires(void **state) {
    struct clockwork *self = *state;
    uint64_t id = set(self, 100 * MS, 1);
    set(self, 200 * MS, 2);
    assert_true(clear(self, id));
    assert_false(clear(self, id));
    assert_int_equal(advance_to(self, 100 * MS), 0);
    assert_int_equal(advance_to(self, 200 * MS), 1);
    assert_fired(self, 1, (const uint64_t[]){2});
}

/* MOLD-13: a neighbour of the same slot has fired already. */
static void timer_cleared_between_triggers_never_fires(void **state) {
    struct clockwork *self = *state;
    uint64_t ids[3];
    for (uint64_t i = 0; i < 3; i++) {
        ids[i] = set(self, 100 * MS, i);
    }
    uint64_t value = 99;
    uint64_t due_ns = START + TICK;
    assert_true(wb__timer_wheel_fire(&self->wheel, due_ns, &value));
    assert_int_equal(value, 0);
    assert_false(clear(self, ids[0])); /* fired */
    assert_true(clear(self, ids[1]));  /* the very next */
    assert_true(wb__timer_wheel_fire(&self->wheel, due_ns, &value));
    assert_int_equal(value, 2);
    assert_false(wb__timer_wheel_fire(&self->wheel, due_ns, &value));
}

/* MOLD-14, D-11 */
static void timers_of_one_tick_fire_in_the_order_they_were_set(void **state) {
    struct clockwork *self = *state;
    set(self, 100 * MS, 1);
    set(self, 40 * MS, 2);
    set(self, 100 * MS, 3);
    set(self, 0, 4);
    assert_int_equal(advance_to(self, 100 * MS), 4);
    assert_fired(self, 4, (const uint64_t[]){1, 2, 3, 4});
}

/* MOLD-14 */
static void timers_of_several_ticks_fire_in_the_order_of_ticks(void **state) {
    struct clockwork *self = *state;
    set(self, 300 * MS, 3);
    set(self, 100 * MS, 1);
    set(self, 200 * MS, 2);
    assert_int_equal(advance_to(self, 100 * MS), 1);
    assert_int_equal(advance_to(self, 200 * MS), 1);
    assert_int_equal(advance_to(self, 300 * MS), 1);
    assert_fired(self, 3, (const uint64_t[]){1, 2, 3});
}

/* MOLD-14 */
static void timers_after_a_long_pause_all_fire_in_order(void **state) {
    struct clockwork *self = *state;
    set(self, 900 * MS, 5);
    set(self, 200 * MS, 2);
    set(self, (SLOTS + 1) * 100 * MS, 7); /* the slot of the first tick, a turn later */
    set(self, 100 * MS, 1);
    set(self, 200 * MS, 3);
    set(self, (SLOTS + 9) * 100 * MS, 8); /* the slot of the ninth */
    set(self, 800 * MS, 4);
    set(self, 1000 * MS, 6);
    assert_int_equal(advance_to(self, 100 * SLOTS * 100 * MS), 8);
    assert_fired(self, 8, (const uint64_t[]){1, 2, 3, 4, 5, 6, 7, 8});
}

/* MOLD-15 */
static void timers_a_turn_apart_do_not_fire_together(void **state) {
    struct clockwork *self = *state;
    set(self, (SLOTS + 1) * 100 * MS, 2);
    set(self, 100 * MS, 1);
    set(self, (2 * SLOTS + 1) * 100 * MS, 3);
    assert_int_equal(advance_to(self, 100 * MS), 1);
    assert_fired(self, 1, (const uint64_t[]){1});
    assert_int_equal(advance_to(self, SLOTS * 100 * MS), 0);
    assert_int_equal(advance_to(self, (SLOTS + 1) * 100 * MS), 1);
    assert_fired(self, 1, (const uint64_t[]){2});
    assert_int_equal(advance_to(self, (2 * SLOTS + 1) * 100 * MS), 1);
    assert_fired(self, 1, (const uint64_t[]){3});
}

/* A-MOLD-14 */
static void timer_handle_of_a_reused_place_does_not_clear(void **state) {
    struct clockwork *self = *state;
    uint64_t first = set(self, 100 * MS, 1);
    assert_true(clear(self, first));
    uint64_t second = set(self, 100 * MS, 2); /* the same place and the same tick */
    assert_true(second != first);
    assert_false(clear(self, first));
    assert_int_equal(advance_to(self, 100 * MS), 1);
    assert_false(clear(self, second));
    set(self, 100 * MS, 3);
    assert_false(clear(self, second));
    assert_false(clear(self, 0));
    assert_false(clear(self, UINT64_MAX));
    assert_int_equal(advance_to(self, 200 * MS), 1);
}

/* A-MOLD-14 */
static void timers_beyond_the_capacity_are_refused(void **state) {
    struct clockwork *self = *state;
    uint64_t id = 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < FIRED_MAX; i++) {
        last = set(self, 100 * MS, i);
    }
    assert_status(wb__timer_wheel_set(&self->wheel, self->now_ns, TICK, 0, &id), WB_ERR_FULL);
    assert_true(clear(self, last));
    set(self, 200 * MS, 7);
    assert_int_equal(advance_to(self, 100 * MS), FIRED_MAX - 1);
}

static void timer_set_while_firing_is_not_due(void **state) {
    struct clockwork *self = *state;
    set(self, 100 * MS, 1);
    self->now_ns = START + TICK;
    uint64_t value = 0;
    uint32_t fired = 0;
    while (wb__timer_wheel_fire(&self->wheel, self->now_ns, &value)) {
        assert_true(++fired < 5);
        set(self, 0, 2);
        set(self, SLOTS * 100 * MS, 3); /* the slot that is being fired */
    }
    assert_int_equal(fired, 1);
    assert_int_equal(advance_to(self, 200 * MS), 1);
    assert_fired(self, 1, (const uint64_t[]){2});
}

static void timer_deadline_is_exact_whatever_was_cleared(void **state) {
    struct clockwork *self = *state;
    set(self, 700 * MS, 7);
    set(self, (SLOTS + 3) * 100 * MS, 8);
    uint64_t third = set(self, 300 * MS, 3);
    uint64_t first = set(self, 100 * MS, 1);
    assert_true(wb__timer_wheel_deadline(&self->wheel) == START + TICK);
    assert_true(clear(self, first));
    assert_true(wb__timer_wheel_deadline(&self->wheel) == START + 3 * TICK);
    assert_true(clear(self, third)); /* its slot still holds the one of the next turn */
    assert_true(wb__timer_wheel_deadline(&self->wheel) == START + 7 * TICK);
    assert_int_equal(advance_to(self, 700 * MS), 1);
    assert_true(wb__timer_wheel_deadline(&self->wheel) == START + (SLOTS + 3) * TICK);
}

static void timer_of_an_endless_delay_does_not_overflow(void **state) {
    struct clockwork *self = *state;
    uint64_t id = 0;
    assert_ok(wb__timer_wheel_set(&self->wheel, self->now_ns, UINT64_MAX, 1, &id));
    assert_true(wb__timer_wheel_deadline(&self->wheel) > START);
    assert_int_equal(advance_to(self, INT64_MAX / 2), 0);
    assert_true(clear(self, id));
}

static void timer_is_announced_when_set_cleared_and_fired(void **state) {
    struct clockwork *self = *state;
    uint64_t first = set(self, 150 * MS, 1);
    uint64_t second = set(self, 100 * MS, 2);
    uint64_t third = set(self, 100 * MS, 2);
    assert_true(clear(self, third));
    assert_int_equal(advance_to(self, 100 * MS), 1);
    wb__timer_wheel_clean_up(&self->wheel);
    const struct note expected[] = {{WB_NOTE_TIMER_SET, first, START + 2 * TICK},
        {WB_NOTE_TIMER_SET, second, START + TICK}, {WB_NOTE_TIMER_SET, third, START + TICK},
        {WB_NOTE_TIMER_CLEAR, third, 0}, {WB_NOTE_TIMER_FIRE, second, START + TICK},
        {WB_NOTE_TIMER_CLEAR, first, 0}};
    assert_int_equal(self->world->note_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(self->world->notes[i].kind, expected[i].kind);
        assert_true(self->world->notes[i].a == expected[i].a);
        assert_true(self->world->notes[i].b == expected[i].b);
    }
}

/* ---- against a model ---- */

struct model_timer {
    uint64_t id;
    uint64_t due_ns; /* by its tick */
    uint64_t order;
    bool is_set;
};

enum { MODEL_TIMERS = 64 };

static uint64_t next_random(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static struct model_timer *model_first(struct model_timer *timers) {
    struct model_timer *first = NULL;
    for (int i = 0; i < MODEL_TIMERS; i++) {
        struct model_timer *timer = &timers[i];
        if (timer->is_set
            && (first == NULL || timer->due_ns < first->due_ns
                || (timer->due_ns == first->due_ns && timer->order < first->order))) {
            first = timer;
        }
    }
    return first;
}

static uint64_t model_due(uint64_t now_ns, uint64_t delay_ns) {
    uint64_t since = now_ns - START;
    uint64_t tick = (since + delay_ns + TICK - 1) / TICK;
    return START + (tick > since / TICK ? tick : since / TICK + 1) * TICK;
}

static void compare_with_model(struct clockwork *self) {
    struct model_timer timers[MODEL_TIMERS] = {0};
    uint64_t seed = 42;
    uint64_t order = 0;
    set(self, 0, UINT64_MAX); /* fixes tick 0 at START */
    assert_int_equal(advance_to(self, 100 * MS), 1);
    for (int step = 0; step < 20000; step++) {
        uint64_t which = next_random(&seed) % MODEL_TIMERS;
        uint64_t what = next_random(&seed) % 8;
        struct model_timer *timer = &timers[which];
        if (what == 0) {
            uint64_t turns = next_random(&seed) % 16 == 0 ? SLOTS : 1;
            self->now_ns += next_random(&seed) % (5 * TICK) * turns;
            struct model_timer *due = model_first(timers);
            uint64_t value = 0;
            while (wb__timer_wheel_fire(&self->wheel, self->now_ns, &value)) {
                assert_non_null(due);
                assert_int_equal(value, due - timers);
                assert_true(due->due_ns <= self->now_ns);
                due->is_set = false;
                due = model_first(timers);
            }
            assert_true(due == NULL || due->due_ns > self->now_ns);
        } else if (timer->is_set) {
            assert_true(clear(self, timer->id));
            timer->is_set = false;
        } else {
            uint64_t delay_ns = next_random(&seed) % (3 * SLOTS * TICK);
            delay_ns = what < 5 ? delay_ns % (4 * TICK) : delay_ns;
            assert_false(timer->id != 0 && clear(self, timer->id)); /* stale */
            assert_ok(wb__timer_wheel_set(&self->wheel, self->now_ns, delay_ns, which, &timer->id));
            timer->due_ns = model_due(self->now_ns, delay_ns);
            timer->order = order++;
            timer->is_set = true;
        }
        struct model_timer *first = model_first(timers);
        assert_int_equal(first == NULL, wb__timer_wheel_is_empty(&self->wheel));
        assert_true(first == NULL || wb__timer_wheel_deadline(&self->wheel) == first->due_ns);
    }
}

/* D-11, INV-14: whatever is set, cleared and waited for, what fires, and in which order, is what a
 * list sorted by tick and then by age would say. */
static void timers_at_random_fire_as_a_sorted_list_would(void **state) {
    struct clockwork *self = *state;
    static const uint32_t slot_counts[] = {SLOTS, 1, 8, 64};
    for (size_t i = 0; i < sizeof(slot_counts) / sizeof(slot_counts[0]); i++) {
        wb__timer_wheel_clean_up(&self->wheel);
        wb__timer_wheel_init(&self->wheel, &self->world->sys, TICK, slot_counts[i], FIRED_MAX);
        self->now_ns = START;
        compare_with_model(self);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        CASE(timer_of_one_tick_fires_at_it_and_never_again),
        CASE(timer_between_ticks_waits_for_the_next),
        CASE(timer_cleared_never_fires),
        CASE(timer_cleared_between_triggers_never_fires),
        CASE(timers_of_one_tick_fire_in_the_order_they_were_set),
        CASE(timers_of_several_ticks_fire_in_the_order_of_ticks),
        CASE(timers_after_a_long_pause_all_fire_in_order),
        CASE(timers_a_turn_apart_do_not_fire_together),
        CASE(timer_handle_of_a_reused_place_does_not_clear),
        CASE(timers_beyond_the_capacity_are_refused),
        CASE(timer_set_while_firing_is_not_due),
        CASE(timer_deadline_is_exact_whatever_was_cleared),
        CASE(timer_of_an_endless_delay_does_not_overflow),
        CASE(timer_is_announced_when_set_cleared_and_fired),
        CASE(timers_at_random_fire_as_a_sorted_list_would),
    };
    return cmocka_run_group_tests_name("timer_wheel", tests, NULL, NULL);
}
