/* Notifications: kept, given, passed on by those who are dropped. */
#include "desk.h"

#include "wb/notify.h"

static struct wb_notify notify;

static int setup(void **state) {
    const int result = desk_setup(state);
    assert_ok(wb_notify_init(&notify, desk.sys));
    return result;
}

static int teardown(void **state) {
    wb_notify_clean_up(&notify);
    wb_notify_clean_up(&notify);
    return desk_teardown(state);
}

static struct wb_notified notified_new(void) {
    struct wb_notified notified;
    wb_notified_init(&notified, &notify);
    return notified;
}

static void tk_38_notify_notified_one(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    struct wb_notified second = notified_new();
    wb_notify_one(&notify);
    assert_over(&first.future, 0, WB_OK);
    assert_pending(&second.future, 1);
    wb_notify_one(&notify);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&second.future, 1, WB_OK);
}

static void tk_38_only_one_is_kept(void **state) {
    (void)state;
    wb_notify_one(&notify);
    wb_notify_one(&notify);
    struct wb_notified first = notified_new();
    struct wb_notified second = notified_new();
    assert_over(&first.future, 0, WB_OK);
    assert_pending(&second.future, 0);
    wb_future_drop(&second.future);
}

static void tk_38_longest_waiting_is_first(void **state) {
    (void)state;
    struct wb_notified waiting[3] = {notified_new(), notified_new(), notified_new()};
    for (int i = 0; i < 3; i++) {
        assert_pending(&waiting[i].future, i);
    }
    assert_pending(&waiting[0].future, 0); /* polling again does not lose the place */
    for (int i = 0; i < 3; i++) {
        wb_notify_one(&notify);
        for (int k = 0; k < 3; k++) {
            assert_int_equal(desk_woken(k), k == i);
        }
        assert_over(&waiting[i].future, i, WB_OK);
    }
}

static void tk_38_notified_multi_notify_drop_one(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    struct wb_notified second = notified_new();
    assert_pending(&first.future, 0);
    assert_pending(&second.future, 1);
    wb_notify_one(&notify);
    assert_int_equal(desk_woken(0), 1);
    assert_int_equal(desk_woken(1), 0);
    wb_future_drop(&first.future);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&second.future, 1, WB_OK);
}

static void tk_38_dropped_last_waiter_keeps_it_for_later(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    assert_pending(&first.future, 0);
    wb_notify_one(&notify);
    wb_future_drop(&first.future);
    struct wb_notified second = notified_new();
    assert_over(&second.future, 1, WB_OK);
}

static void tk_38_dropped_unnotified_waiter_gives_nothing(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    struct wb_notified second = notified_new();
    assert_pending(&first.future, 0);
    assert_pending(&second.future, 1);
    wb_future_drop(&first.future);
    assert_int_equal(desk_woken(1), 0);
    assert_pending(&second.future, 1);
    wb_future_drop(&second.future);
}

/* A waker that notifies when it is dropped. */
static void waker_clone(void *data) {
    (void)data;
}

static void waker_wake(void *data) {
    (void)data;
}

static void waker_drop(void *data) {
    (*(int *)data)++;
    wb_notify_one(&notify);
}

static const struct wb_task_waker_ops notifying_ops = {
    .clone = waker_clone, .wake = waker_wake, .drop = waker_drop};

static void tk_38_notify_in_drop_after_wake(void **state) {
    (void)state;
    int drops = 0;
    const struct wb_task_waker waker = {&notifying_ops, &drops};
    struct wb_context context = wb_context_with_waker(&waker);
    struct wb_notified first = notified_new();
    assert_int_equal(wb_future_poll(&first.future, &context), WB_PENDING);
    wb_notify_all(&notify); /* wakes and drops the waker, which notifies: nothing is locked */
    assert_int_equal(drops, 1);
    assert_over(&first.future, 0, WB_OK);
    struct wb_notified second = notified_new();
    assert_int_equal(wb_future_poll(&second.future, &context), WB_READY);
    struct wb_notified third = notified_new();
    assert_int_equal(wb_future_poll(&third.future, &context), WB_PENDING);
    wb_future_drop(&third.future);
    assert_int_equal(drops, 2);
}

static void tk_38_test_enable_consumes_permit(void **state) {
    (void)state;
    wb_notify_one(&notify);
    struct wb_notified first = notified_new();
    struct wb_notified second = notified_new();
    assert_true(wb_notified_enable(&first));
    assert_false(wb_notified_enable(&second));
    assert_over(&first.future, 0, WB_OK);
    assert_pending(&second.future, 0);
    wb_future_drop(&second.future);
}

static void tk_38_enabled_waits_in_line(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    struct wb_notified second = notified_new();
    assert_false(wb_notified_enable(&first));
    assert_pending(&second.future, 1);
    wb_notify_one(&notify); /* goes to the first, which nobody polls yet */
    assert_int_equal(desk_woken(1), 0);
    assert_over(&first.future, 0, WB_OK);
    wb_future_drop(&second.future);
}

static void tk_38_enabling_keeps_the_waker(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    assert_pending(&first.future, 0);
    assert_false(wb_notified_enable(&first));
    wb_notify_one(&notify);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&first.future, 0, WB_OK);
}

static void tk_38_test_waker_update(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    assert_pending(&first.future, 0);
    assert_pending(&first.future, 1);
    wb_notify_one(&notify);
    assert_int_equal(desk_woken(0), 0);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&first.future, 1, WB_OK);
}

static void tk_38_all_reaches_those_made_before(void **state) {
    (void)state;
    struct wb_notified waiting[BELLS];
    struct wb_notified unpolled = notified_new();
    for (int i = 0; i < BELLS; i++) {
        waiting[i] = notified_new();
        assert_pending(&waiting[i].future, i);
    }
    wb_notify_all(&notify);
    struct wb_notified late = notified_new();
    assert_pending(&late.future, 0);
    assert_over(&unpolled.future, 0, WB_OK);
    for (int i = 0; i < BELLS; i++) {
        assert_int_equal(desk_woken(i), 1);
        assert_over(&waiting[i].future, i, WB_OK);
    }
    wb_future_drop(&late.future);
}

static void tk_38_one_of_all_that_is_dropped_forwards_nothing(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    assert_pending(&first.future, 0);
    wb_notify_all(&notify);
    struct wb_notified second = notified_new();
    assert_pending(&second.future, 1);
    wb_future_drop(&first.future);
    assert_int_equal(desk_woken(1), 0);
    wb_future_drop(&second.future);
}

static void tk_38_all_leaves_what_one_gave(void **state) {
    (void)state;
    struct wb_notified first = notified_new();
    assert_pending(&first.future, 0);
    wb_notify_one(&notify); /* given to the first */
    wb_notify_all(&notify);
    struct wb_notified second = notified_new();
    assert_pending(&second.future, 1);
    wb_future_drop(&first.future); /* which passes it on, all the same */
    assert_int_equal(desk_woken(1), 1);
    assert_over(&second.future, 1, WB_OK);
}

#define NOTIFY(test)                                                                               \
    { #test, test, setup, teardown, NULL }

int main(void) {
    const struct CMUnitTest tests[] = {
        NOTIFY(tk_38_notify_notified_one),
        NOTIFY(tk_38_only_one_is_kept),
        NOTIFY(tk_38_longest_waiting_is_first),
        NOTIFY(tk_38_notified_multi_notify_drop_one),
        NOTIFY(tk_38_dropped_last_waiter_keeps_it_for_later),
        NOTIFY(tk_38_dropped_unnotified_waiter_gives_nothing),
        NOTIFY(tk_38_notify_in_drop_after_wake),
        NOTIFY(tk_38_test_enable_consumes_permit),
        NOTIFY(tk_38_enabled_waits_in_line),
        NOTIFY(tk_38_enabling_keeps_the_waker),
        NOTIFY(tk_38_test_waker_update),
        NOTIFY(tk_38_all_reaches_those_made_before),
        NOTIFY(tk_38_one_of_all_that_is_dropped_forwards_nothing),
        NOTIFY(tk_38_all_leaves_what_one_gave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
