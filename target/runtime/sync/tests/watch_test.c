/* The watched value: what is seen, what is replaced, and the end. */
#include "desk.h"

#include "wb/watch.h"

static struct wb_watch_sender sender;
static struct wb_watch_receiver receiver;
static int got;

static void open_watch(int value) {
    got = -1;
    assert_ok(wb_watch_new(desk.sys, &desk_int, &value, &sender, &receiver));
}

static void close_watch(void) {
    wb_watch_sender_drop(&sender);
    wb_watch_receiver_drop(&receiver);
}

static struct wb_watch_changed changed_new(struct wb_watch_receiver *of) {
    struct wb_watch_changed changed;
    wb_watch_changed_init(&changed, of);
    return changed;
}

static void expect_current(int value) {
    assert_ok(wb_watch_get(&receiver, &got));
    assert_int_equal(got, value);
}

static void tk_40_first_value_counts_as_seen(void **state) {
    (void)state;
    open_watch(1);
    assert_false(wb_watch_has_changed(&receiver));
    struct wb_watch_changed changed = changed_new(&receiver);
    assert_pending(&changed.future, 0);
    assert_ok(wb_watch_send(&sender, &(int){2}));
    assert_int_equal(desk_woken(0), 1);
    assert_true(wb_watch_has_changed(&receiver));
    assert_over(&changed.future, 0, WB_OK);
    assert_false(wb_watch_has_changed(&receiver));
    expect_current(2);
    close_watch();
    assert_int_equal(atomic_load(&desk.drops), 2);
    assert_int_equal(desk.last_dropped, 2);
}

static void tk_40_only_the_latest_is_seen(void **state) {
    (void)state;
    open_watch(1);
    assert_ok(wb_watch_send(&sender, &(int){2}));
    assert_ok(wb_watch_send(&sender, &(int){3}));
    assert_int_equal(atomic_load(&desk.drops), 2);
    struct wb_watch_changed changed = changed_new(&receiver);
    assert_over(&changed.future, 0, WB_OK);
    expect_current(3);
    changed = changed_new(&receiver);
    assert_pending(&changed.future, 0);
    wb_future_drop(&changed.future);
    close_watch();
}

static void tk_40_peek_does_not_count_as_seeing(void **state) {
    (void)state;
    open_watch(1);
    assert_ok(wb_watch_send(&sender, &(int){2}));
    assert_ok(wb_watch_peek(&receiver, &got));
    assert_int_equal(got, 2);
    assert_true(wb_watch_has_changed(&receiver));
    expect_current(2);
    assert_false(wb_watch_has_changed(&receiver));
    close_watch();
}

static void tk_40_rx_observes_final_value(void **state) {
    (void)state;
    open_watch(1);
    struct wb_watch_changed changed = changed_new(&receiver);
    assert_pending(&changed.future, 0);
    assert_ok(wb_watch_send(&sender, &(int){2}));
    wb_watch_sender_drop(&sender);
    assert_over(&changed.future, 0, WB_OK);
    expect_current(2);
    changed = changed_new(&receiver);
    assert_over(&changed.future, 0, WB_EOF);
    expect_current(2);
    close_watch();
}

static void tk_40_changed_errors_on_closed_channel_with_seen_value(void **state) {
    (void)state;
    open_watch(1);
    struct wb_watch_changed changed = changed_new(&receiver);
    assert_pending(&changed.future, 0);
    wb_watch_sender_drop(&sender);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&changed.future, 0, WB_EOF);
    expect_current(1);
    close_watch();
}

static void tk_40_every_receiver_sees_for_itself(void **state) {
    (void)state;
    open_watch(1);
    struct wb_watch_receiver clone = wb_watch_receiver_clone(&receiver);
    assert_ok(wb_watch_send(&sender, &(int){2}));
    struct wb_watch_receiver late = wb_watch_subscribe(&sender);
    assert_true(wb_watch_has_changed(&clone));
    assert_false(wb_watch_has_changed(&late));
    expect_current(2);
    assert_true(wb_watch_has_changed(&clone));
    struct wb_watch_changed waiting[2] = {changed_new(&receiver), changed_new(&late)};
    assert_pending(&waiting[0].future, 0);
    assert_pending(&waiting[1].future, 1);
    assert_ok(wb_watch_send(&sender, &(int){3}));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(desk_woken(i), 1);
        assert_over(&waiting[i].future, i, WB_OK);
    }
    wb_watch_receiver_drop(&clone);
    wb_watch_receiver_drop(&late);
    close_watch();
}

static void tk_40_sender_hears_of_the_last_receiver(void **state) {
    (void)state;
    struct wb_watch_closed closed;
    open_watch(1);
    struct wb_watch_receiver clone = wb_watch_receiver_clone(&receiver);
    wb_watch_closed_init(&closed, &sender);
    assert_pending(&closed.future, 0);
    wb_watch_receiver_drop(&receiver);
    assert_int_equal(desk_woken(0), 0);
    wb_watch_receiver_drop(&clone);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&closed.future, 0, WB_OK);
    assert_true(wb_watch_sender_is_closed(&sender));
    assert_status(wb_watch_send(&sender, &(int){2}), WB_ERR_CLOSED);
    wb_watch_set(&sender, &(int){3});
    receiver = wb_watch_subscribe(&sender);
    assert_false(wb_watch_sender_is_closed(&sender));
    expect_current(3);
    close_watch();
}

static void tk_40_last_task_that_polled_is_woken(void **state) {
    (void)state;
    open_watch(1);
    struct wb_watch_changed changed = changed_new(&receiver);
    assert_pending(&changed.future, 0);
    assert_pending(&changed.future, 1);
    assert_ok(wb_watch_send(&sender, &(int){2}));
    assert_int_equal(desk_woken(0), 0);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&changed.future, 1, WB_OK);
    close_watch();
}

static void tk_40_dropped_wait_leaves_the_change(void **state) {
    (void)state;
    open_watch(1);
    struct wb_watch_changed changed = changed_new(&receiver);
    assert_pending(&changed.future, 0);
    assert_ok(wb_watch_send(&sender, &(int){2}));
    wb_future_drop(&changed.future);
    assert_true(wb_watch_has_changed(&receiver));
    close_watch();
}

static enum wb_status refuse_copy(void *to, const void *from, void *user_data) {
    (void)to, (void)from, (void)user_data;
    return WB_ERR_NO_MEMORY;
}

static void watch_copy_that_fails_has_not_seen(void **state) {
    (void)state;
    const struct wb_value_type type = {.size = sizeof(int), .copy = refuse_copy};
    assert_ok(wb_watch_new(desk.sys, &type, &(int){1}, &sender, &receiver));
    assert_ok(wb_watch_send(&sender, &(int){2}));
    assert_status(wb_watch_get(&receiver, &got), WB_ERR_NO_MEMORY);
    assert_true(wb_watch_has_changed(&receiver));
    close_watch();
}

static void watch_out_of_memory_is_a_status(void **state) {
    (void)state;
    world_refuse(stage.world, 1);
    assert_status(
        wb_watch_new(desk.sys, &desk_int, &(int){1}, &sender, &receiver), WB_ERR_NO_MEMORY);
    close_watch();
    assert_int_equal(atomic_load(&desk.drops), 0); /* the value is still the caller's */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(tk_40_first_value_counts_as_seen),
        DESK(tk_40_only_the_latest_is_seen),
        DESK(tk_40_peek_does_not_count_as_seeing),
        DESK(tk_40_rx_observes_final_value),
        DESK(tk_40_changed_errors_on_closed_channel_with_seen_value),
        DESK(tk_40_every_receiver_sees_for_itself),
        DESK(tk_40_sender_hears_of_the_last_receiver),
        DESK(tk_40_last_task_that_polled_is_woken),
        DESK(tk_40_dropped_wait_leaves_the_change),
        DESK(watch_copy_that_fails_has_not_seen),
        DESK(watch_out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
