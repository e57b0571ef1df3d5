/* One value: sending, receiving, closing either end, and who is woken. */
#include "desk.h"

#include "wb/oneshot.h"

static struct wb_oneshot_sender sender;
static struct wb_oneshot_receiver receiver;
static int got;

static void open_channel(void) {
    got = 0;
    assert_ok(wb_oneshot_new(desk.sys, &desk_int, &sender, &receiver));
}

static void close_channel(void) {
    wb_oneshot_sender_drop(&sender);
    wb_oneshot_receiver_drop(&receiver);
}

static void tk_37_send_recv(void **state) {
    struct wb_oneshot_receive receive;
    (void)state;
    open_channel();
    wb_oneshot_receive_init(&receive, &receiver, &got);
    assert_pending(&receive.future, 0);
    assert_int_equal(desk_woken(0), 0);
    assert_ok(wb_oneshot_send(&sender, &(int){7}));
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_OK);
    assert_int_equal(got, 7);
    assert_status(wb_oneshot_try_receive(&receiver, &got), WB_ERR_CLOSED);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 0);
}

static void tk_37_close_tx(void **state) {
    struct wb_oneshot_receive receive;
    (void)state;
    open_channel();
    wb_oneshot_receive_init(&receive, &receiver, &got);
    assert_pending(&receive.future, 0);
    wb_oneshot_sender_drop(&sender);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_ERR_CLOSED);
    close_channel();
}

static void tk_37_close_rx(void **state) {
    struct wb_oneshot_closed closed;
    const int value = 5;
    (void)state;
    open_channel();
    wb_oneshot_closed_init(&closed, &sender);
    assert_pending(&closed.future, 0);
    assert_false(wb_oneshot_sender_is_closed(&sender));
    wb_oneshot_receiver_drop(&receiver);
    assert_int_equal(desk_woken(0), 1);
    assert_true(wb_oneshot_sender_is_closed(&sender));
    assert_over(&closed.future, 0, WB_OK);
    assert_status(wb_oneshot_send(&sender, &value), WB_ERR_CLOSED);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 0); /* still the caller's */
}

static void tk_37_close_try_recv_poll(void **state) {
    struct wb_oneshot_receive receive;
    (void)state;
    open_channel();
    assert_status(wb_oneshot_try_receive(&receiver, &got), WB_WOULD_BLOCK);
    wb_oneshot_receiver_close(&receiver);
    assert_status(wb_oneshot_try_receive(&receiver, &got), WB_ERR_CLOSED);
    wb_oneshot_receive_init(&receive, &receiver, &got);
    assert_over(&receive.future, 0, WB_ERR_CLOSED);
    close_channel();
}

static void tk_37_value_sent_before_close_is_received(void **state) {
    (void)state;
    open_channel();
    assert_ok(wb_oneshot_send(&sender, &(int){9}));
    wb_oneshot_receiver_close(&receiver);
    assert_ok(wb_oneshot_try_receive(&receiver, &got));
    assert_int_equal(got, 9);
    close_channel();
}

static void tk_37_unreceived_value_is_dropped_once(void **state) {
    (void)state;
    open_channel();
    assert_ok(wb_oneshot_send(&sender, &(int){3}));
    wb_oneshot_receiver_drop(&receiver);
    assert_int_equal(atomic_load(&desk.drops), 1);
    assert_int_equal(desk.last_dropped, 3);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 1);
}

static void tk_37_drops_tasks(void **state) {
    struct wb_oneshot_receive receive;
    struct wb_oneshot_closed closed;
    (void)state;
    open_channel();
    wb_oneshot_receive_init(&receive, &receiver, &got);
    wb_oneshot_closed_init(&closed, &sender);
    assert_pending(&receive.future, 0);
    assert_pending(&closed.future, 1);
    assert_int_equal(atomic_load(&desk.bells[0].references), 2);
    wb_future_drop(&receive.future);
    wb_future_drop(&closed.future);
    assert_int_equal(atomic_load(&desk.bells[0].references), 1);
    assert_int_equal(atomic_load(&desk.bells[1].references), 1);
    assert_ok(wb_oneshot_send(&sender, &(int){1}));
    assert_int_equal(desk_woken(0) + desk_woken(1), 0);
    close_channel();
}

static void tk_37_receiver_changes_task(void **state) {
    struct wb_oneshot_receive receive;
    (void)state;
    open_channel();
    wb_oneshot_receive_init(&receive, &receiver, &got);
    assert_pending(&receive.future, 0);
    assert_pending(&receive.future, 1);
    assert_int_equal(atomic_load(&desk.bells[0].references), 1);
    assert_ok(wb_oneshot_send(&sender, &(int){1}));
    assert_int_equal(desk_woken(0), 0);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&receive.future, 1, WB_OK);
    close_channel();
}

static void tk_37_sender_changes_task(void **state) {
    struct wb_oneshot_closed closed;
    (void)state;
    open_channel();
    wb_oneshot_closed_init(&closed, &sender);
    assert_pending(&closed.future, 0);
    assert_pending(&closed.future, 1);
    wb_oneshot_receiver_close(&receiver);
    assert_int_equal(desk_woken(0), 0);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&closed.future, 1, WB_OK);
    close_channel();
}

static void tk_37_dropped_wait_loses_no_value(void **state) {
    struct wb_oneshot_receive receive;
    (void)state;
    open_channel();
    wb_oneshot_receive_init(&receive, &receiver, &got);
    assert_pending(&receive.future, 0);
    assert_ok(wb_oneshot_send(&sender, &(int){4}));
    wb_future_drop(&receive.future); /* woken, not polled */
    assert_ok(wb_oneshot_try_receive(&receiver, &got));
    assert_int_equal(got, 4);
    close_channel();
}

/* One has its waker with the channel, the other waits in the queue. */
static void tk_37_both_that_receive_side_by_side_are_told(void **state) {
    struct wb_oneshot_receive receives[2];
    (void)state;
    for (int first = 0; first < 2; first++) {
        open_channel();
        for (int i = 0; i < 2; i++) {
            wb_oneshot_receive_init(&receives[i], &receiver, &got);
            assert_pending(&receives[i].future, i);
        }
        assert_ok(wb_oneshot_send(&sender, &(int){6}));
        assert_int_equal(desk_woken(0), 1);
        assert_int_equal(desk_woken(1), 1);
        assert_over(&receives[first].future, first, WB_OK);
        assert_over(&receives[1 - first].future, 1 - first, WB_ERR_CLOSED);
        close_channel();
    }
}

static void tk_37_who_waits_beside_another_goes_on_when_that_is_dropped(void **state) {
    struct wb_oneshot_receive receives[2];
    (void)state;
    open_channel();
    for (int i = 0; i < 2; i++) {
        wb_oneshot_receive_init(&receives[i], &receiver, &got);
        assert_pending(&receives[i].future, i);
    }
    wb_future_drop(&receives[0].future);
    assert_pending(&receives[1].future, 2);
    wb_oneshot_sender_drop(&sender);
    assert_int_equal(desk_woken(0) + desk_woken(1), 0);
    assert_int_equal(desk_woken(2), 1);
    assert_over(&receives[1].future, 2, WB_ERR_CLOSED);
    close_channel();
}

static void tk_37_closing_ends_waits_side_by_side(void **state) {
    struct wb_oneshot_receive receives[2];
    (void)state;
    open_channel();
    for (int i = 0; i < 2; i++) {
        wb_oneshot_receive_init(&receives[i], &receiver, &got);
        assert_pending(&receives[i].future, i);
    }
    wb_oneshot_receiver_close(&receiver);
    wb_oneshot_receiver_close(&receiver);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(desk_woken(i), 1);
        assert_over(&receives[i].future, i, WB_ERR_CLOSED);
    }
    close_channel();
}

static void drop_receiver_that_is_waited_with(int argument) {
    struct wb_oneshot_receive receive;
    (void)argument;
    wb_oneshot_receive_init(&receive, &receiver, &got);
    assert_pending(&receive.future, 0);
    wb_oneshot_receiver_drop(&receiver);
}

static void receiver_that_goes_while_a_future_waits_aborts(void **state) {
    (void)state;
    open_channel();
    stage_assert_aborts(drop_receiver_that_is_waited_with, 0);
    close_channel();
}

static void tk_37_closing_wakes_nobody_whom_the_value_woke(void **state) {
    struct wb_oneshot_receive receive;
    (void)state;
    open_channel();
    wb_oneshot_receive_init(&receive, &receiver, &got);
    assert_pending(&receive.future, 0);
    assert_ok(wb_oneshot_send(&sender, &(int){8}));
    wb_oneshot_receiver_close(&receiver);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_OK);
    assert_int_equal(got, 8);
    close_channel();
}

static void tk_37_closing_ends_a_wait_that_has_begun(void **state) {
    struct wb_oneshot_receive receive;
    (void)state;
    open_channel();
    wb_oneshot_receive_init(&receive, &receiver, &got);
    assert_pending(&receive.future, 0);
    wb_oneshot_receiver_close(&receiver);
    assert_int_equal(desk_woken(0), 1); /* it may be another task's */
    assert_over(&receive.future, 0, WB_ERR_CLOSED);
    assert_int_equal(atomic_load(&desk.bells[0].references), 1);
    assert_status(wb_oneshot_send(&sender, &(int){1}), WB_ERR_CLOSED);
    assert_int_equal(desk_woken(0), 0);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 0);
}

static void oneshot_out_of_memory_is_a_status(void **state) {
    (void)state;
    const struct wb_value_type huge = {.size = WB_VALUE_SIZE_MAX + 1};
    world_refuse(stage.world, 1);
    assert_status(wb_oneshot_new(desk.sys, &desk_int, &sender, &receiver), WB_ERR_NO_MEMORY);
    assert_null(sender.shared);
    close_channel();
    assert_status(wb_oneshot_new(desk.sys, &huge, &sender, &receiver), WB_ERR_INVALID);
    close_channel();
}

static void oneshot_without_bytes_is_an_event(void **state) {
    (void)state;
    const struct wb_value_type none = {0};
    assert_ok(wb_oneshot_new(desk.sys, &none, &sender, &receiver));
    assert_ok(wb_oneshot_send(&sender, NULL));
    assert_ok(wb_oneshot_try_receive(&receiver, NULL));
    close_channel();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(tk_37_send_recv),
        DESK(tk_37_close_tx),
        DESK(tk_37_close_rx),
        DESK(tk_37_close_try_recv_poll),
        DESK(tk_37_value_sent_before_close_is_received),
        DESK(tk_37_unreceived_value_is_dropped_once),
        DESK(tk_37_drops_tasks),
        DESK(tk_37_receiver_changes_task),
        DESK(tk_37_sender_changes_task),
        DESK(tk_37_dropped_wait_loses_no_value),
        DESK(tk_37_both_that_receive_side_by_side_are_told),
        DESK(tk_37_who_waits_beside_another_goes_on_when_that_is_dropped),
        DESK(tk_37_closing_ends_a_wait_that_has_begun),
        DESK(tk_37_closing_ends_waits_side_by_side),
        DESK(tk_37_closing_wakes_nobody_whom_the_value_woke),
        DESK(receiver_that_goes_while_a_future_waits_aborts),
        DESK(oneshot_out_of_memory_is_a_status),
        DESK(oneshot_without_bytes_is_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
