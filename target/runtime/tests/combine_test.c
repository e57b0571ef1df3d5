/* Combinations, and the futures they are made of. */
#include "world.h"

#include "probe.h"
#include "wb/combine.h"

enum { PARTS = 4 };

static struct probe_log logs[PARTS];
static struct probe probes[PARTS];
static struct wb_future *parts[PARTS];
static struct bell bell;
static struct wb_context context;

static int setup(void **state) {
    (void)state;
    bell_init(&bell);
    context = wb_context_with_waker(&bell.waker);
    for (int i = 0; i < PARTS; i++) {
        logs[i] = (struct probe_log){.pending = 0};
        probe_init(&probes[i], &logs[i]);
        parts[i] = &probes[i].future;
    }
    return 0;
}

static enum wb_progress poll(struct wb_future *future) {
    return wb_future_poll(future, &context);
}

static void assert_polls(int first, int second, int third, int fourth) {
    const int expected[PARTS] = {first, second, third, fourth};
    for (int i = 0; i < PARTS; i++) {
        assert_int_equal(logs[i].polls, expected[i]);
    }
}

static void assert_each_dropped_once(void) {
    for (int i = 0; i < PARTS; i++) {
        assert_int_equal(logs[i].drops, 1);
    }
}

/* ---- single futures ---- */

static void future_is_dropped_once_whatever_comes(void **state) {
    (void)state;
    wb_future_drop(parts[0]); /* before its first poll */
    wb_future_drop(parts[0]);
    assert_int_equal(logs[0].drops, 1);
    assert_false(wb_future_is_over(parts[0]));
    assert_int_equal(poll(parts[1]), WB_READY);
    assert_true(wb_future_is_over(parts[1]));
    wb_future_drop(parts[1]);
    assert_int_equal(logs[1].drops, 1);
    struct wb_future none = {0};
    wb_future_drop(&none);
}

static void yield_is_pending_once_and_wakes(void **state) {
    (void)state;
    struct wb_yield yield;
    wb_yield_init(&yield);
    assert_int_equal(poll(&yield.future), WB_PENDING);
    assert_int_equal(bell.wakes, 1);
    assert_int_equal(poll(&yield.future), WB_READY);
    assert_int_equal(bell.wakes, 1);
}

static void polls_outside_a_task_are_not_budgeted(void **state) {
    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(wb_context_spend(&context), WB_READY);
    }
}

static void stored_waker_is_cloned_only_when_it_changes(void **state) {
    (void)state;
    struct wb_task_waker slot = {0};
    struct bell other;
    bell_init(&other);
    wb_task_waker_wake(&slot); /* empty */
    wb_task_waker_fire(&slot);
    wb_task_waker_drop(&slot);
    wb_task_waker_store(&slot, &bell.waker);
    wb_task_waker_store(&slot, &bell.waker);
    assert_int_equal(bell.references, 2);
    wb_task_waker_store(&slot, &other.waker);
    assert_int_equal(bell.references, 1);
    assert_int_equal(other.references, 2);
    wb_task_waker_fire(&slot);
    assert_int_equal(other.wakes, 1);
    assert_int_equal(other.references, 1);
}

/* ---- all ---- */

static void all_is_over_with_the_last(void **state) {
    (void)state;
    struct wb_all all;
    logs[1].pending = 2;
    logs[2].pending = 1;
    wb_all_init(&all, parts, PARTS);
    assert_int_equal(poll(&all.future), WB_PENDING);
    assert_polls(1, 1, 1, 1);
    assert_int_equal(poll(&all.future), WB_PENDING);
    assert_polls(1, 2, 2, 1); /* what is over is left alone */
    assert_int_equal(poll(&all.future), WB_READY);
    assert_status(all.future.status, WB_OK);
    assert_each_dropped_once();
}

static void all_tells_the_first_failure_in_order_after_all_are_over(void **state) {
    (void)state;
    struct wb_all all;
    logs[1].status = WB_ERR_PARSE;
    logs[1].pending = 1;
    logs[3].status = WB_ERR_CLOSED;
    wb_all_init(&all, parts, PARTS);
    assert_int_equal(poll(&all.future), WB_PENDING);
    assert_int_equal(poll(&all.future), WB_READY);
    assert_status(all.future.status, WB_ERR_PARSE);
}

static void all_try_ends_with_the_first_failure_in_time(void **state) {
    (void)state;
    struct wb_all all;
    logs[0].pending = 5;
    logs[1].pending = 1;
    logs[1].status = WB_ERR_PARSE;
    logs[2].status = WB_OK;
    wb_all_try_init(&all, parts, PARTS);
    assert_int_equal(poll(&all.future), WB_PENDING);
    assert_int_equal(poll(&all.future), WB_READY);
    assert_status(all.future.status, WB_ERR_PARSE);
    assert_each_dropped_once();
}

static void all_of_none_is_over(void **state) {
    (void)state;
    struct wb_all all;
    wb_all_init(&all, NULL, 0);
    assert_int_equal(poll(&all.future), WB_READY);
    assert_status(all.future.status, WB_OK);
}

static void all_does_not_wait_for_what_is_over_or_missing(void **state) {
    (void)state;
    struct wb_all all;
    (void)!poll(parts[0]);
    wb_future_drop(parts[1]);
    parts[2] = NULL;
    wb_all_init(&all, parts, PARTS);
    assert_int_equal(poll(&all.future), WB_READY);
    assert_polls(1, 0, 0, 1);
}

static int polled_first = -1;

static void tell_first(struct probe_log *log, struct wb_context *unused) {
    (void)unused;
    polled_first = polled_first < 0 ? (int)(log - logs) : polled_first;
}

static void tk_41_all_begins_with_another_part_each_time(void **state) {
    (void)state;
    struct wb_all all;
    for (int i = 0; i < PARTS; i++) {
        logs[i].pending = 100;
        logs[i].during_poll = tell_first;
    }
    wb_all_init(&all, parts, PARTS);
    for (int i = 0; i < 2 * PARTS; i++) {
        polled_first = -1;
        assert_int_equal(poll(&all.future), WB_PENDING);
        assert_int_equal(polled_first, i % PARTS);
    }
    wb_future_drop(&all.future);
    assert_each_dropped_once();
}

/* ---- race ---- */

static void tk_41_biased_race_prefers_the_first(void **state) {
    (void)state;
    struct wb_race race;
    logs[0].pending = 1;
    logs[2].status = WB_ERR_PARSE;
    for (int i = 1; i < PARTS; i++) {
        logs[i].pending = 1;
    }
    wb_race_init(&race, parts, PARTS, WB_RACE_BIASED);
    assert_int_equal(poll(&race.future), WB_PENDING);
    assert_int_equal(poll(&race.future), WB_READY);
    assert_int_equal(race.winner, 0);
    assert_polls(2, 1, 1, 1);
    assert_each_dropped_once(); /* the losers, too */
    assert_false(wb_future_is_over(parts[1]));
}

static void tk_41_rotating_race_prefers_nobody(void **state) {
    (void)state;
    for (int i = 0; i < PARTS; i++) {
        setup(NULL);
        struct wb_race race;
        for (int p = 0; p < PARTS; p++) {
            logs[p].pending = i;
        }
        wb_race_init(&race, parts, PARTS, WB_RACE_ROTATING);
        for (int n = 0; n < i; n++) {
            assert_int_equal(poll(&race.future), WB_PENDING);
        }
        assert_int_equal(poll(&race.future), WB_READY);
        assert_int_equal(race.winner, i);
    }
}

static void race_has_the_status_of_the_winner(void **state) {
    (void)state;
    struct wb_race race;
    for (int i = 0; i < PARTS; i++) {
        logs[i].pending = i == 2 ? 0 : 3;
    }
    logs[2].status = WB_ERR_PARSE;
    wb_race_init(&race, parts, PARTS, WB_RACE_BIASED);
    assert_int_equal(poll(&race.future), WB_READY);
    assert_int_equal(race.winner, 2);
    assert_status(race.future.status, WB_ERR_PARSE);
}

static void tk_41_race_without_runners_is_cancelled(void **state) {
    (void)state;
    struct wb_race race;
    for (int i = 0; i < PARTS; i++) {
        wb_future_drop(parts[i]);
    }
    wb_race_init(&race, parts, PARTS, WB_RACE_ROTATING);
    assert_int_equal(poll(&race.future), WB_READY);
    assert_status(race.future.status, WB_ERR_CANCELLED);
    assert_int_equal(race.winner, PARTS);
    wb_race_init(&race, NULL, 0, WB_RACE_ROTATING);
    assert_int_equal(poll(&race.future), WB_READY);
    assert_int_equal(race.winner, 0);
}

static void dropped_race_drops_all(void **state) {
    (void)state;
    struct wb_race race;
    wb_race_init(&race, parts, PARTS, WB_RACE_BIASED);
    wb_future_drop(&race.future);
    assert_each_dropped_once();
    assert_polls(0, 0, 0, 0);
}

/* ---- map and then ---- */

static enum wb_status tolerate(struct wb_future *inner, void *user_data) {
    *(enum wb_status *)user_data = inner->status;
    return WB_EOF;
}

static void map_changes_the_status(void **state) {
    (void)state;
    struct wb_map map;
    enum wb_status seen = WB_OK;
    logs[0].status = WB_ERR_CONN_RESET;
    logs[0].pending = 1;
    wb_map_init(&map, parts[0], tolerate, &seen);
    assert_int_equal(poll(&map.future), WB_PENDING);
    assert_int_equal(poll(&map.future), WB_READY);
    assert_status(map.future.status, WB_EOF);
    assert_status(seen, WB_ERR_CONN_RESET);
    assert_int_equal(logs[0].drops, 1);
}

static struct wb_future *second_if_ok(struct wb_future *first, void *user_data) {
    return wb_status_is_error(first->status) ? NULL : user_data;
}

static void then_goes_on_with_the_second(void **state) {
    (void)state;
    struct wb_then then;
    logs[0].pending = 1;
    logs[1].pending = 1;
    logs[1].status = WB_EOF;
    wb_then_init(&then, parts[0], second_if_ok, parts[1]);
    assert_int_equal(poll(&then.future), WB_PENDING);
    assert_int_equal(logs[1].polls, 0);
    assert_int_equal(poll(&then.future), WB_PENDING);
    assert_int_equal(logs[0].drops, 1);
    assert_int_equal(poll(&then.future), WB_READY);
    assert_status(then.future.status, WB_EOF);
    assert_int_equal(logs[1].drops, 1);
}

static void then_may_end_with_the_first(void **state) {
    (void)state;
    struct wb_then then;
    logs[0].status = WB_ERR_PARSE;
    wb_then_init(&then, parts[0], second_if_ok, parts[1]);
    assert_int_equal(poll(&then.future), WB_READY);
    assert_status(then.future.status, WB_ERR_PARSE);
    assert_int_equal(logs[1].polls, 0);
    assert_int_equal(logs[1].drops, 0); /* it was never asked for */
}

static void then_dropped_in_the_second_drops_it(void **state) {
    (void)state;
    struct wb_then then;
    logs[1].pending = 10;
    wb_then_init(&then, parts[0], second_if_ok, parts[1]);
    assert_int_equal(poll(&then.future), WB_PENDING);
    wb_future_drop(&then.future);
    assert_int_equal(logs[0].drops, 1);
    assert_int_equal(logs[1].drops, 1);
}

#define CASE(name) cmocka_unit_test_setup(name, setup)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(future_is_dropped_once_whatever_comes),
        CASE(yield_is_pending_once_and_wakes),
        CASE(polls_outside_a_task_are_not_budgeted),
        CASE(stored_waker_is_cloned_only_when_it_changes),
        CASE(all_is_over_with_the_last),
        CASE(all_tells_the_first_failure_in_order_after_all_are_over),
        CASE(all_try_ends_with_the_first_failure_in_time),
        CASE(all_of_none_is_over),
        CASE(all_does_not_wait_for_what_is_over_or_missing),
        CASE(tk_41_all_begins_with_another_part_each_time),
        CASE(tk_41_biased_race_prefers_the_first),
        CASE(tk_41_rotating_race_prefers_nobody),
        CASE(race_has_the_status_of_the_winner),
        CASE(tk_41_race_without_runners_is_cancelled),
        CASE(dropped_race_drops_all),
        CASE(map_changes_the_status),
        CASE(then_goes_on_with_the_second),
        CASE(then_may_end_with_the_first),
        CASE(then_dropped_in_the_second_drops_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
