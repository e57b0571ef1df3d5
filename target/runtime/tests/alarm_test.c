/* The alarm: a timer of the kernel's in place of timeouts, once many waits were for one timer. */
#include "runtime/alarm.h"

#include "stage.h"

#include "wb/time.h"

#define S (1000 * (uint64_t)MS)

static unsigned clock_reads;
static uint64_t (*still_clock)(void *self, int clock);

static uint64_t counting_clock(void *self, int clock) {
    clock_reads++;
    return still_clock(self, clock);
}

static int no_timerfd(void *self, int clock, int flags) {
    (void)self, (void)clock, (void)flags;
    return -24; /* EMFILE */
}

static struct wb_join_handle spawn_sleep(uint64_t delay_ns) {
    struct wb_sleep sleep;
    struct wb_join_handle handle;
    wb_sleep_init(&sleep, stage.runtime, delay_ns);
    assert_ok(wb_runtime_spawn(stage.runtime, &sleep.future, NULL, &handle));
    assert_ok(wb_runtime_turn(stage.runtime, 0));
    return handle;
}

/* So many waits that end without anything to do. */
static void wait_in_vain(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        assert_ok(wb_runtime_turn(stage.runtime, MS));
    }
}

static void join_at(struct wb_join_handle *handle, uint64_t at_ns) {
    assert_ok(stage_join(handle));
    assert_int_equal(stage_now() - STILL_START_NS, at_ns);
}

static void alarm_takes_the_place_of_timeouts(void **state) {
    (void)state;
    struct wb_join_handle handle = spawn_sleep(S);
    wait_in_vain(WB__ALARM_WAITS_MAX);
    assert_int_equal(stage_alarms(), 0);
    wait_in_vain(1);
    assert_int_equal(stage_alarms(), 1);
    clock_reads = 0;
    still_clock = stage.world->ops.clock_gettime;
    stage.world->ops.clock_gettime = counting_clock;
    wait_in_vain(10);
    stage.world->ops.clock_gettime = still_clock;
    assert_int_equal(clock_reads, 10); /* of each when its time was up, of none before */
    join_at(&handle, S);
    assert_int_equal(stage_alarms(), 1);
}

static void alarm_is_not_set_for_timers_that_fire_soon(void **state) {
    (void)state;
    for (uint64_t i = 1; i <= 50; i++) {
        struct wb_join_handle handle = spawn_sleep((uint64_t)MS);
        join_at(&handle, i * (uint64_t)MS);
    }
    assert_int_equal(stage_alarms(), 0);
}

static void earlier_timer_does_not_wait_for_the_alarm(void **state) {
    (void)state;
    struct wb_join_handle late = spawn_sleep(S);
    wait_in_vain(WB__ALARM_WAITS_MAX + 1);
    const uint64_t now_ns = stage_now() - STILL_START_NS;
    struct wb_join_handle early = spawn_sleep(5 * (uint64_t)MS);
    join_at(&early, now_ns + 5 * (uint64_t)MS);
    join_at(&late, S);
    assert_int_equal(stage_alarms(), 1);
}

static void alarm_of_a_timer_that_was_cleared_fires_nothing(void **state) {
    (void)state;
    struct wb_join_handle given_up = spawn_sleep(S / 2);
    struct wb_join_handle late = spawn_sleep(S);
    wait_in_vain(WB__ALARM_WAITS_MAX + 1);
    assert_int_equal(stage_alarms(), 1);
    wb_join_handle_abort(&given_up);
    assert_status(stage_join(&given_up), WB_ERR_CANCELLED);
    join_at(&late, S);
}

static void later_alarm_takes_the_place_of_one_that_has_rung(void **state) {
    (void)state;
    for (uint64_t i = 1; i <= 3; i++) {
        struct wb_join_handle handle = spawn_sleep(S - (uint64_t)(stage_now() % S));
        wait_in_vain(WB__ALARM_WAITS_MAX + 1);
        assert_int_equal(stage_alarms(), i);
        join_at(&handle, i * S);
    }
}

static void without_a_descriptor_there_are_timeouts(void **state) {
    (void)state;
    int (*still_create)(void *self, int clock, int flags) = stage.world->ops.timerfd_create;
    struct wb_join_handle handle = spawn_sleep(S);
    stage.world->ops.timerfd_create = no_timerfd;
    wait_in_vain(WB__ALARM_WAITS_MAX + 1);
    join_at(&handle, S);
    handle = spawn_sleep(S);
    wait_in_vain(WB__ALARM_WAITS_MAX + 1);
    stage.world->ops.timerfd_create = still_create;
    assert_int_equal(stage_alarms(), 0);
    wait_in_vain(WB__ALARM_WAITS_MAX + 1);
    assert_int_equal(stage_alarms(), 1);
    join_at(&handle, 2 * S);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        STILL(alarm_takes_the_place_of_timeouts),
        STILL(alarm_is_not_set_for_timers_that_fire_soon),
        STILL(earlier_timer_does_not_wait_for_the_alarm),
        STILL(alarm_of_a_timer_that_was_cleared_fires_nothing),
        STILL(later_alarm_takes_the_place_of_one_that_has_rung),
        STILL(without_a_descriptor_there_are_timeouts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
