/* The queue of values: capacity, order, closing, reserved room, and who is woken. */
#include "desk.h"

#include "wb/mpsc.h"

static struct wb_mpsc_sender sender;
static struct wb_mpsc_receiver receiver;
static int got;

static void open_channel(uint32_t capacity) {
    got = 0;
    assert_ok(wb_mpsc_new(desk.sys, &desk_int, capacity, &sender, &receiver));
}

static void close_channel(void) {
    wb_mpsc_sender_drop(&sender);
    wb_mpsc_receiver_drop(&receiver);
}

static struct wb_mpsc_send send_new(const int *value) {
    struct wb_mpsc_send send;
    wb_mpsc_send_init(&send, &sender, value);
    return send;
}

static struct wb_mpsc_receive receive_new(void) {
    struct wb_mpsc_receive receive;
    wb_mpsc_receive_init(&receive, &receiver, &got);
    return receive;
}

static struct wb_mpsc_reserve reserve_new(void) {
    struct wb_mpsc_reserve reserve;
    wb_mpsc_reserve_init(&reserve, &sender);
    return reserve;
}

static void send_all(int first, int count) {
    for (int i = first; i < first + count; i++) {
        assert_ok(wb_mpsc_try_send(&sender, &i));
    }
}

static void expect_all(int first, int count) {
    for (int i = first; i < first + count; i++) {
        assert_ok(wb_mpsc_try_receive(&receiver, &got));
        assert_int_equal(got, i);
    }
}

static void tk_36_send_recv_with_buffer(void **state) {
    (void)state;
    open_channel(16);
    struct wb_mpsc_send first = send_new(&(int){1});
    struct wb_mpsc_send second = send_new(&(int){2});
    assert_over(&first.future, 0, WB_OK);
    assert_over(&second.future, 0, WB_OK);
    wb_mpsc_sender_drop(&sender);
    struct wb_mpsc_receive receive = receive_new();
    assert_over(&receive.future, 1, WB_OK);
    assert_int_equal(got, 1);
    receive = receive_new();
    assert_over(&receive.future, 1, WB_OK);
    assert_int_equal(got, 2);
    receive = receive_new();
    assert_over(&receive.future, 1, WB_EOF);
    close_channel();
}

static void tk_36_receiver_is_woken_by_values_and_by_the_end(void **state) {
    (void)state;
    open_channel(2);
    struct wb_mpsc_sender other = wb_mpsc_sender_clone(&sender);
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 0);
    assert_ok(wb_mpsc_try_send(&other, &(int){5}));
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_OK);
    receive = receive_new();
    assert_pending(&receive.future, 0);
    wb_mpsc_sender_drop(&other);
    assert_int_equal(desk_woken(0), 0);
    wb_mpsc_sender_drop(&sender);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_EOF);
    close_channel();
}

static void tk_36_start_send_past_cap(void **state) {
    (void)state;
    const int values[] = {1, 2, 3};
    open_channel(1);
    struct wb_mpsc_send first = send_new(&values[0]);
    struct wb_mpsc_send second = send_new(&values[1]);
    struct wb_mpsc_send third = send_new(&values[2]);
    assert_over(&first.future, 0, WB_OK);
    assert_pending(&second.future, 1);
    assert_pending(&third.future, 2);
    wb_future_drop(&second.future);
    expect_all(1, 1);
    assert_int_equal(desk_woken(1), 0);
    assert_int_equal(desk_woken(2), 1);
    assert_over(&third.future, 2, WB_OK);
    expect_all(3, 1);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 0);
}

static void tk_36_room_goes_to_who_waited_longest(void **state) {
    (void)state;
    const int values[] = {1, 2, 3, 4};
    open_channel(1);
    send_all(0, 1);
    struct wb_mpsc_send waiting[3];
    for (int i = 0; i < 3; i++) {
        waiting[i] = send_new(&values[i]);
        assert_pending(&waiting[i].future, i);
    }
    expect_all(0, 1);
    assert_status(wb_mpsc_try_send(&sender, &values[3]), WB_ERR_FULL); /* it is taken */
    for (int i = 0; i < 3; i++) {
        assert_int_equal(desk_woken(i), 1);
        assert_over(&waiting[i].future, i, WB_OK);
        expect_all(i + 1, 1);
    }
    close_channel();
}

static void tk_36_served_sender_that_is_dropped_gives_room_on(void **state) {
    (void)state;
    const int values[] = {1, 2};
    open_channel(1);
    send_all(0, 1);
    struct wb_mpsc_send first = send_new(&values[0]);
    struct wb_mpsc_send second = send_new(&values[1]);
    assert_pending(&first.future, 0);
    assert_pending(&second.future, 1);
    expect_all(0, 1);
    assert_int_equal(desk_woken(0), 1);
    wb_future_drop(&first.future);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&second.future, 1, WB_OK);
    expect_all(2, 1);
    close_channel();
}

static void tk_36_last_task_that_polled_is_woken(void **state) {
    (void)state;
    open_channel(1);
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 0);
    assert_pending(&receive.future, 1);
    send_all(1, 1);
    assert_int_equal(desk_woken(0), 0);
    assert_int_equal(desk_woken(1), 1);
    struct wb_mpsc_send send = send_new(&(int){2});
    assert_pending(&send.future, 2);
    assert_pending(&send.future, 3);
    assert_over(&receive.future, 1, WB_OK);
    assert_int_equal(desk_woken(2), 0);
    assert_int_equal(desk_woken(3), 1);
    assert_over(&send.future, 3, WB_OK);
    close_channel();
    assert_int_equal(desk.last_dropped, 2);
}

static void tk_36_recv_close_gets_none_idle(void **state) {
    (void)state;
    open_channel(10);
    wb_mpsc_receiver_close(&receiver);
    struct wb_mpsc_receive receive = receive_new();
    assert_over(&receive.future, 0, WB_EOF);
    close_channel();
}

/* They may be those of other tasks, which nobody else would wake. */
static void tk_36_closing_ends_waits_that_have_begun(void **state) {
    (void)state;
    open_channel(1);
    struct wb_mpsc_receive first = receive_new();
    struct wb_mpsc_receive second = receive_new();
    assert_pending(&first.future, 0);
    assert_pending(&second.future, 1);
    wb_mpsc_receiver_close(&receiver);
    assert_int_equal(desk_woken(0), 1);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&first.future, 0, WB_EOF);
    assert_over(&second.future, 1, WB_EOF);
    wb_mpsc_receiver_close(&receiver);
    wb_mpsc_sender_drop(&sender);
    assert_int_equal(desk_woken(0) + desk_woken(1), 0);
    close_channel();
}

/* While there is one to come nobody is woken for nothing. */
static void tk_36_closing_ends_no_wait_for_what_was_reserved(void **state) {
    (void)state;
    struct wb_mpsc_permit permits[2];
    open_channel(3);
    assert_ok(wb_mpsc_try_reserve(&sender, &permits[0]));
    assert_ok(wb_mpsc_try_reserve(&sender, &permits[1]));
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 0);
    wb_mpsc_receiver_close(&receiver);
    assert_int_equal(desk_woken(0), 0);
    assert_ok(wb_mpsc_permit_send(&permits[0], &(int){5}));
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_OK);
    assert_int_equal(got, 5);
    receive = receive_new();
    assert_pending(&receive.future, 0);
    wb_mpsc_permit_drop(&permits[1]);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_EOF);
    close_channel();
}

static void drop_receiver_that_is_waited_with(int argument) {
    (void)argument;
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 0);
    wb_mpsc_receiver_drop(&receiver);
}

static void receiver_that_goes_while_a_future_waits_aborts(void **state) {
    (void)state;
    open_channel(1);
    stage_assert_aborts(drop_receiver_that_is_waited_with, 0);
    close_channel();
}

static void tk_36_recv_close_gets_none_reserved(void **state) {
    (void)state;
    open_channel(1);
    struct wb_mpsc_reserve first = reserve_new();
    struct wb_mpsc_reserve second = reserve_new();
    assert_over(&first.future, 0, WB_OK);
    assert_pending(&second.future, 1);
    wb_mpsc_receiver_close(&receiver);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&second.future, 1, WB_ERR_CLOSED);
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 2); /* there is one to come */
    assert_ok(wb_mpsc_permit_send(&first.permit, &(int){123}));
    assert_int_equal(desk_woken(2), 1);
    assert_over(&receive.future, 2, WB_OK);
    assert_int_equal(got, 123);
    receive = receive_new();
    assert_over(&receive.future, 2, WB_EOF);
    close_channel();
}

static void tk_36_dropped_permit_of_a_closed_channel_is_its_end(void **state) {
    (void)state;
    struct wb_mpsc_permit permit;
    open_channel(1);
    assert_ok(wb_mpsc_try_reserve(&sender, &permit));
    wb_mpsc_sender_drop(&sender); /* the permit counts as one */
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 0);
    wb_mpsc_permit_drop(&permit);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_EOF);
    wb_mpsc_permit_drop(&permit);
    close_channel();
}

static void tk_36_try_send_fail(void **state) {
    (void)state;
    open_channel(1);
    send_all(1, 1);
    assert_status(wb_mpsc_try_send(&sender, &(int){2}), WB_ERR_FULL);
    expect_all(1, 1);
    send_all(3, 1);
    expect_all(3, 1);
    assert_status(wb_mpsc_try_receive(&receiver, &got), WB_WOULD_BLOCK);
    wb_mpsc_sender_drop(&sender);
    assert_status(wb_mpsc_try_receive(&receiver, &got), WB_EOF);
    close_channel();
}

static void tk_36_drop_permit_releases_permit(void **state) {
    (void)state;
    struct wb_mpsc_permit permit;
    open_channel(1);
    assert_ok(wb_mpsc_try_reserve(&sender, &permit));
    assert_status(wb_mpsc_try_send(&sender, &(int){1}), WB_ERR_FULL);
    struct wb_mpsc_reserve reserve = reserve_new();
    assert_pending(&reserve.future, 0);
    wb_mpsc_permit_drop(&permit);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&reserve.future, 0, WB_OK);
    assert_ok(wb_mpsc_permit_send(&reserve.permit, &(int){2}));
    expect_all(2, 1);
    close_channel();
}

static void tk_36_dropped_reserve_gives_room_on(void **state) {
    (void)state;
    open_channel(1);
    send_all(0, 1);
    struct wb_mpsc_reserve first = reserve_new();
    struct wb_mpsc_reserve second = reserve_new();
    assert_pending(&first.future, 0);
    assert_pending(&second.future, 1);
    expect_all(0, 1);
    wb_future_drop(&first.future);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&second.future, 1, WB_OK);
    wb_mpsc_permit_drop(&second.permit);
    close_channel();
}

static void tk_36_dropping_rx_closes_channel(void **state) {
    (void)state;
    struct wb_mpsc_permit permit;
    struct wb_mpsc_closed closed;
    open_channel(2);
    assert_ok(wb_mpsc_try_reserve(&sender, &permit));
    send_all(1, 1);
    wb_mpsc_closed_init(&closed, &sender);
    struct wb_mpsc_send send = send_new(&(int){2});
    assert_pending(&closed.future, 0);
    assert_pending(&send.future, 1);
    assert_false(wb_mpsc_sender_is_closed(&sender));
    wb_mpsc_receiver_drop(&receiver);
    assert_int_equal(atomic_load(&desk.drops), 1);
    assert_int_equal(desk_woken(0), 1);
    assert_int_equal(desk_woken(1), 1);
    assert_over(&closed.future, 0, WB_OK);
    assert_over(&send.future, 1, WB_ERR_CLOSED);
    assert_true(wb_mpsc_sender_is_closed(&sender));
    assert_status(wb_mpsc_try_send(&sender, &(int){3}), WB_ERR_CLOSED);
    assert_status(wb_mpsc_permit_send(&permit, &(int){4}), WB_ERR_CLOSED);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 1);
}

static void tk_36_unconsumed_messages_are_dropped(void **state) {
    (void)state;
    open_channel(4);
    send_all(1, 4);
    expect_all(1, 2);
    send_all(5, 2); /* around the end of the ring */
    wb_mpsc_sender_drop(&sender);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 4);
    assert_int_equal(desk.last_dropped, 6);
}

static void tk_36_ready_close_cancel_bounded(void **state) {
    (void)state;
    const int values[] = {1, 2};
    open_channel(1);
    send_all(0, 1);
    struct wb_mpsc_send first = send_new(&values[0]);
    struct wb_mpsc_send second = send_new(&values[1]);
    assert_pending(&first.future, 0);
    assert_pending(&second.future, 1);
    expect_all(0, 1); /* the first has room now */
    wb_mpsc_receiver_close(&receiver);
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 2);
    assert_over(&second.future, 1, WB_ERR_CLOSED);
    wb_future_drop(&first.future);
    assert_int_equal(desk_woken(2), 1);
    assert_over(&receive.future, 2, WB_EOF);
    close_channel();
}

static void tk_36_try_recv_after_receiver_close(void **state) {
    (void)state;
    open_channel(5);
    send_all(1, 3);
    wb_mpsc_receiver_close(&receiver);
    assert_status(wb_mpsc_try_send(&sender, &(int){4}), WB_ERR_CLOSED);
    expect_all(1, 3);
    assert_status(wb_mpsc_try_receive(&receiver, &got), WB_EOF);
    close_channel();
}

static void tk_36_dropped_receive_loses_no_value(void **state) {
    (void)state;
    open_channel(1);
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 0);
    send_all(8, 1);
    wb_future_drop(&receive.future);
    expect_all(8, 1);
    close_channel();
}

static void tk_36_unbounded_grows_and_keeps_order(void **state) {
    (void)state;
    open_channel(WB_MPSC_UNBOUNDED);
    send_all(0, 10);
    expect_all(0, 10);
    send_all(10, 1000); /* grows while it begins in the middle */
    assert_int_equal(wb_mpsc_receiver_len(&receiver), 1000);
    expect_all(10, 1000);
    send_all(0, 3);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 3);
}

static void tk_36_unbounded_without_memory_says_so(void **state) {
    (void)state;
    open_channel(WB_MPSC_UNBOUNDED);
    send_all(0, 16);
    world_refuse(stage.world, 1);
    assert_status(wb_mpsc_try_send(&sender, &(int){16}), WB_ERR_NO_MEMORY);
    send_all(16, 1);
    expect_all(0, 17);
    world_refuse(stage.world, 0);
    close_channel();
}

/* What is not sent is no reason to wake who receives. */
static void tk_36_unbounded_without_memory_wakes_nobody(void **state) {
    (void)state;
    struct wb_mpsc_permit permit;
    open_channel(WB_MPSC_UNBOUNDED);
    assert_ok(wb_mpsc_try_reserve(&sender, &permit));
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 0);
    world_refuse(stage.world, 1);
    assert_status(wb_mpsc_try_send(&sender, &(int){1}), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 1);
    assert_status(wb_mpsc_permit_send(&permit, &(int){1}), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
    assert_int_equal(desk_woken(0), 0);
    send_all(1, 1);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_OK);
    close_channel();
}

static void tk_36_unbounded_takes_no_more_memory_than_it_needed_before(void **state) {
    (void)state;
    open_channel(WB_MPSC_UNBOUNDED);
    send_all(0, 1000);
    expect_all(0, 1000);
    const size_t before = atomic_load(&stage.world->requests);
    for (int round = 0; round < 50; round++) { /* 700 begin anywhere in what there is */
        send_all(round, 700);
        expect_all(round, 700);
    }
    assert_int_equal(atomic_load(&stage.world->requests), before);
    close_channel();
}

static void tk_36_unbounded_permit_without_memory_is_the_end_of_it(void **state) {
    (void)state;
    struct wb_mpsc_permit permit;
    open_channel(WB_MPSC_UNBOUNDED);
    assert_ok(wb_mpsc_try_reserve(&sender, &permit));
    wb_mpsc_sender_drop(&sender);
    struct wb_mpsc_receive receive = receive_new();
    assert_pending(&receive.future, 0);
    world_refuse(stage.world, 1);
    assert_status(wb_mpsc_permit_send(&permit, &(int){1}), WB_ERR_NO_MEMORY);
    world_refuse(stage.world, 0);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&receive.future, 0, WB_EOF);
    close_channel();
}

/* More of them than are woken at a time: each is told, one has the value, nobody stays behind. */
static void tk_36_many_that_receive_side_by_side_are_all_told(void **state) {
    (void)state;
    struct wb_mpsc_receive receives[20];
    open_channel(WB_MPSC_UNBOUNDED);
    for (int i = 0; i < 20; i++) {
        receives[i] = receive_new();
        assert_pending(&receives[i].future, i);
    }
    send_all(1, 1);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(desk_woken(i), 1);
    }
    assert_over(&receives[7].future, 7, WB_OK);
    for (int i = 0; i < 20; i++) {
        if (i != 7) {
            assert_pending(&receives[i].future, i);
        }
    }
    wb_mpsc_sender_drop(&sender);
    for (int i = 0; i < 20; i++) {
        if (i != 7) {
            assert_int_equal(desk_woken(i), 1);
            assert_over(&receives[i].future, i, WB_EOF);
        }
    }
    close_channel();
}

/* In blocks of each size: what was freed is written to again, what was not is kept. */
static void tk_36_room_is_as_much_as_was_said(void **state) {
    (void)state;
    for (uint32_t capacity = 1; capacity < 6; capacity++) {
        int sent = 0;
        int received = 0;
        open_channel(capacity);
        for (int step = 1; step < 40; step++) {
            const int taken = step % (int)(capacity + 1);
            while (wb_mpsc_try_send(&sender, &sent) == WB_OK) {
                sent++;
            }
            assert_int_equal(sent - received, capacity);
            assert_int_equal(wb_mpsc_receiver_len(&receiver), capacity);
            expect_all(received, taken);
            received += taken;
        }
        close_channel();
    }
}

static void tk_36_bounded_sends_without_allocation(void **state) {
    (void)state;
    open_channel(8);
    const size_t before = atomic_load(&stage.world->requests);
    for (int i = 0; i < 100; i++) {
        struct wb_mpsc_receive receive = receive_new();
        assert_pending(&receive.future, 0);
        send_all(i, 1);
        assert_over(&receive.future, 0, WB_OK);
    }
    assert_int_equal(atomic_load(&stage.world->requests), before);
    close_channel();
}

static void mpsc_new_that_fails_leaves_nothing(void **state) {
    (void)state;
    for (size_t n = 1; n <= 2; n++) {
        world_refuse(stage.world, n);
        assert_status(wb_mpsc_new(desk.sys, &desk_int, 4, &sender, &receiver), WB_ERR_NO_MEMORY);
        close_channel();
    }
    world_refuse(stage.world, 0);
    assert_status(wb_mpsc_new(desk.sys, &desk_int, 0, &sender, &receiver), WB_ERR_INVALID);
    assert_status(wb_mpsc_new(desk.sys, &desk_int, WB_MPSC_CAPACITY_MAX + 1, &sender, &receiver),
        WB_ERR_INVALID);
    close_channel();
}

/* ---- in a task ---- */

struct hog {
    struct wb_future future;
    struct wb_mpsc_receive receive;
};

/* Receives until there is nothing left. */
static enum wb_progress hog_poll(struct wb_future *future, struct wb_context *context) {
    struct hog *self = WB_FUTURE_OF(future, struct hog, future);
    do {
        self->receive = receive_new();
        if (wb_future_poll(&self->receive.future, context) == WB_PENDING) {
            wb_future_drop(&self->receive.future);
            return WB_PENDING;
        }
    } while (self->receive.future.status == WB_OK);
    return wb_future_end(future, self->receive.future.status);
}

static const struct wb_future_ops hog_ops = {
    .size = sizeof(struct hog),
    .offset = offsetof(struct hog, future),
    .poll = hog_poll,
};

static void tk_41_receives_that_are_ready_use_up_the_budget(void **state) {
    (void)state;
    struct shelf shelf;
    struct wb_task *task;
    struct hog hog = {0};
    open_channel(WB_MPSC_UNBOUNDED);
    send_all(0, WB_CONTEXT_BUDGET + 10);
    wb_mpsc_sender_drop(&sender);
    shelf_init(&shelf);
    wb_future_init(&hog.future, &hog_ops);
    assert_ok(wb_task_new(desk.sys, &shelf.scheduler, &hog.future, NULL, &task, NULL));
    assert_int_equal(wb_task_run(task), WB_TASK_WOKEN); /* and others may run now */
    assert_int_equal(got, WB_CONTEXT_BUDGET - 1);
    assert_int_equal(wb_task_run(shelf_take(&shelf)), WB_TASK_ENDED);
    assert_int_equal(got, WB_CONTEXT_BUDGET + 9);
    close_channel();
}

static void mpsc_without_bytes_counts(void **state) {
    (void)state;
    const struct wb_value_type none = {0};
    const uint32_t capacities[] = {20, WB_MPSC_UNBOUNDED};
    for (int i = 0; i < 2; i++) {
        assert_ok(wb_mpsc_new(desk.sys, &none, capacities[i], &sender, &receiver));
        for (int sent = 0; sent < 20; sent++) {
            assert_ok(wb_mpsc_try_send(&sender, NULL));
        }
        assert_int_equal(wb_mpsc_receiver_len(&receiver), 20);
        assert_ok(wb_mpsc_try_receive(&receiver, NULL));
        close_channel();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(tk_36_send_recv_with_buffer),
        DESK(tk_36_receiver_is_woken_by_values_and_by_the_end),
        DESK(tk_36_start_send_past_cap),
        DESK(tk_36_room_goes_to_who_waited_longest),
        DESK(tk_36_served_sender_that_is_dropped_gives_room_on),
        DESK(tk_36_last_task_that_polled_is_woken),
        DESK(tk_36_recv_close_gets_none_idle),
        DESK(tk_36_closing_ends_waits_that_have_begun),
        DESK(tk_36_closing_ends_no_wait_for_what_was_reserved),
        DESK(receiver_that_goes_while_a_future_waits_aborts),
        DESK(tk_36_recv_close_gets_none_reserved),
        DESK(tk_36_dropped_permit_of_a_closed_channel_is_its_end),
        DESK(tk_36_try_send_fail),
        DESK(tk_36_drop_permit_releases_permit),
        DESK(tk_36_dropped_reserve_gives_room_on),
        DESK(tk_36_dropping_rx_closes_channel),
        DESK(tk_36_unconsumed_messages_are_dropped),
        DESK(tk_36_ready_close_cancel_bounded),
        DESK(tk_36_try_recv_after_receiver_close),
        DESK(tk_36_dropped_receive_loses_no_value),
        DESK(tk_36_unbounded_grows_and_keeps_order),
        DESK(tk_36_unbounded_without_memory_says_so),
        DESK(tk_36_unbounded_without_memory_wakes_nobody),
        DESK(tk_36_unbounded_takes_no_more_memory_than_it_needed_before),
        DESK(tk_36_unbounded_permit_without_memory_is_the_end_of_it),
        DESK(tk_36_many_that_receive_side_by_side_are_all_told),
        DESK(tk_36_room_is_as_much_as_was_said),
        DESK(tk_36_bounded_sends_without_allocation),
        DESK(tk_41_receives_that_are_ready_use_up_the_budget),
        DESK(mpsc_new_that_fails_leaves_nothing),
        DESK(mpsc_without_bytes_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
