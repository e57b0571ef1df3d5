/* Values for everybody: order, slow receivers and what they miss, and who owns a value when. */
#include "desk.h"

#include "wb/broadcast.h"

static struct wb_broadcast_sender sender;
static struct wb_broadcast_receiver receiver;
static int got;
static int copies;

static enum wb_status count_copy(void *to, const void *from, void *user_data) {
    (void)user_data;
    copies++;
    *(int *)to = *(const int *)from;
    return WB_OK;
}

static void open_channel(uint32_t capacity) {
    struct wb_value_type type = desk_int;
    type.copy = count_copy;
    copies = 0;
    got = -1;
    assert_ok(wb_broadcast_new(desk.sys, &type, capacity, &sender, &receiver));
}

static void close_channel(void) {
    wb_broadcast_sender_drop(&sender);
    wb_broadcast_receiver_drop(&receiver);
}

static void send_all(int first, int count) {
    for (int i = first; i < first + count; i++) {
        assert_ok(wb_broadcast_send(&sender, &i));
    }
}

static void expect_all(struct wb_broadcast_receiver *of, int first, int count) {
    for (int i = first; i < first + count; i++) {
        assert_ok(wb_broadcast_try_receive(of, &got));
        assert_int_equal(got, i);
    }
}

static void expect_end(struct wb_broadcast_receiver *of, enum wb_status end) {
    assert_status(wb_broadcast_try_receive(of, &got), end);
}

static struct wb_broadcast_receive receive_new(struct wb_broadcast_receiver *of) {
    struct wb_broadcast_receive receive;
    wb_broadcast_receive_init(&receive, of, &got);
    return receive;
}

static void tk_40_all_receivers_get_all_values(void **state) {
    (void)state;
    open_channel(4);
    send_all(1, 1);
    struct wb_broadcast_receiver late = wb_broadcast_subscribe(&sender);
    send_all(2, 2);
    expect_all(&receiver, 1, 3);
    expect_all(&late, 2, 2);
    expect_end(&receiver, WB_WOULD_BLOCK);
    expect_end(&late, WB_WOULD_BLOCK);
    assert_int_equal(copies, 2); /* the last to get a value has it moved */
    assert_int_equal(atomic_load(&desk.drops), 0);
    wb_broadcast_receiver_drop(&late);
    close_channel();
}

static void tk_40_receivers_are_woken_by_values_and_by_the_end(void **state) {
    (void)state;
    open_channel(4);
    struct wb_broadcast_sender other = wb_broadcast_sender_clone(&sender);
    struct wb_broadcast_receiver second = wb_broadcast_subscribe(&sender);
    struct wb_broadcast_receive waiting[2] = {receive_new(&receiver), receive_new(&second)};
    assert_pending(&waiting[0].future, 0);
    assert_pending(&waiting[1].future, 1);
    assert_ok(wb_broadcast_send(&other, &(int){7}));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(desk_woken(i), 1);
        assert_over(&waiting[i].future, i, WB_OK);
        assert_int_equal(got, 7);
    }
    waiting[0] = receive_new(&receiver);
    assert_pending(&waiting[0].future, 0);
    wb_broadcast_sender_drop(&other);
    assert_int_equal(desk_woken(0), 0);
    wb_broadcast_sender_drop(&sender);
    assert_int_equal(desk_woken(0), 1);
    assert_over(&waiting[0].future, 0, WB_EOF);
    wb_broadcast_receiver_drop(&second);
    close_channel();
}

static void tk_40_lagging_rx(void **state) {
    (void)state;
    open_channel(2);
    struct wb_broadcast_receiver fast = wb_broadcast_subscribe(&sender);
    send_all(1, 2);
    expect_all(&fast, 1, 1);
    send_all(3, 1); /* the first receiver loses 1 */
    expect_all(&fast, 2, 2);
    expect_end(&receiver, WB_ERR_LIMIT);
    assert_int_equal(receiver.missed, 1);
    expect_all(&receiver, 2, 1);
    send_all(4, 3);
    expect_end(&receiver, WB_ERR_LIMIT);
    assert_int_equal(receiver.missed, 2);
    expect_all(&receiver, 5, 2);
    expect_end(&receiver, WB_WOULD_BLOCK);
    expect_end(&fast, WB_ERR_LIMIT);
    assert_int_equal(fast.missed, 1);
    wb_broadcast_receiver_drop(&fast);
    close_channel();
}

static void tk_40_lagging_receiver_recovers_after_wrap(void **state) {
    (void)state;
    for (uint32_t capacity = 1; capacity <= 5; capacity++) {
        open_channel(capacity);
        for (int sent = 0; sent < 3; sent++) {
            send_all(0, 23);
            expect_end(&receiver, WB_ERR_LIMIT);
            assert_int_equal(receiver.missed, 23 - capacity);
            expect_all(&receiver, 23 - (int)capacity, (int)capacity);
            expect_end(&receiver, WB_WOULD_BLOCK);
        }
        assert_int_equal(atomic_load(&desk.drops), 3 * (23 - (int)capacity));
        atomic_store(&desk.drops, 0);
        close_channel();
        assert_int_equal(atomic_load(&desk.drops), 0);
    }
}

static void tk_40_lagging_receiver_then_end(void **state) {
    (void)state;
    open_channel(2);
    send_all(1, 4);
    wb_broadcast_sender_drop(&sender);
    expect_end(&receiver, WB_ERR_LIMIT);
    assert_int_equal(receiver.missed, 2);
    expect_all(&receiver, 3, 2);
    expect_end(&receiver, WB_EOF);
    close_channel();
}

static void tk_40_drop_rx_while_values_remain(void **state) {
    (void)state;
    open_channel(4);
    struct wb_broadcast_receiver second = wb_broadcast_subscribe(&sender);
    send_all(1, 3);
    expect_all(&second, 1, 1);
    wb_broadcast_receiver_drop(&receiver); /* 1 was left for it alone */
    assert_int_equal(atomic_load(&desk.drops), 1);
    assert_int_equal(desk.last_dropped, 1);
    send_all(4, 1);
    expect_all(&second, 2, 3);
    assert_int_equal(copies, 1);
    wb_broadcast_receiver_drop(&second);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 1);
}

static void tk_40_lagging_receiver_that_is_dropped_takes_its_values(void **state) {
    (void)state;
    open_channel(2);
    send_all(1, 5);
    assert_int_equal(atomic_load(&desk.drops), 3);
    wb_broadcast_receiver_drop(&receiver);
    assert_int_equal(atomic_load(&desk.drops), 5);
    close_channel();
}

static void tk_40_send_without_receivers_is_refused(void **state) {
    (void)state;
    open_channel(2);
    wb_broadcast_receiver_drop(&receiver);
    assert_status(wb_broadcast_send(&sender, &(int){1}), WB_ERR_CLOSED);
    receiver = wb_broadcast_subscribe(&sender);
    send_all(2, 1);
    expect_all(&receiver, 2, 1);
    close_channel();
    assert_int_equal(atomic_load(&desk.drops), 0);
}

/* A waker that sends when it is dropped. */
static void waker_clone(void *data) {
    (void)data;
}

static void waker_wake(void *data) {
    (void)data;
}

static void waker_drop(void *data) {
    (*(int *)data)++;
    (void)!wb_broadcast_send(&sender, data);
}

static const struct wb_task_waker_ops sending_ops = {
    .clone = waker_clone, .wake = waker_wake, .drop = waker_drop};

static void tk_40_send_in_waker_drop(void **state) {
    (void)state;
    int drops = 0;
    const struct wb_task_waker waker = {&sending_ops, &drops};
    struct wb_context context = wb_context_with_waker(&waker);
    open_channel(4);
    struct wb_broadcast_receive receive = receive_new(&receiver);
    assert_int_equal(wb_future_poll(&receive.future, &context), WB_PENDING);
    wb_future_drop(&receive.future); /* drops the waker, which sends: nothing is locked */
    assert_int_equal(drops, 1);
    expect_all(&receiver, 1, 1);
    receive = receive_new(&receiver);
    assert_int_equal(wb_future_poll(&receive.future, &context), WB_PENDING);
    assert_pending(&receive.future, 0); /* another waker, and so does this */
    assert_int_equal(drops, 2);
    assert_over(&receive.future, 0, WB_OK);
    receive = receive_new(&receiver);
    assert_int_equal(wb_future_poll(&receive.future, &context), WB_PENDING);
    send_all(0, 1); /* and so does being woken */
    assert_int_equal(drops, 3);
    assert_over(&receive.future, 0, WB_OK);
    expect_all(&receiver, 3, 1);
    close_channel();
}

static void broadcast_new_that_fails_leaves_nothing(void **state) {
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        world_refuse(stage.world, n);
        assert_status(
            wb_broadcast_new(desk.sys, &desk_int, 4, &sender, &receiver), WB_ERR_NO_MEMORY);
        close_channel();
    }
    world_refuse(stage.world, 0);
    assert_status(wb_broadcast_new(desk.sys, &desk_int, 0, &sender, &receiver), WB_ERR_INVALID);
    close_channel();
}

static void broadcast_without_bytes_counts(void **state) {
    (void)state;
    const struct wb_value_type none = {0};
    assert_ok(wb_broadcast_new(desk.sys, &none, 2, &sender, &receiver));
    for (int sent = 0; sent < 3; sent++) {
        assert_ok(wb_broadcast_send(&sender, NULL));
    }
    assert_status(wb_broadcast_try_receive(&receiver, NULL), WB_ERR_LIMIT);
    assert_ok(wb_broadcast_try_receive(&receiver, NULL));
    close_channel();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        DESK(tk_40_all_receivers_get_all_values),
        DESK(tk_40_receivers_are_woken_by_values_and_by_the_end),
        DESK(tk_40_lagging_rx),
        DESK(tk_40_lagging_receiver_recovers_after_wrap),
        DESK(tk_40_lagging_receiver_then_end),
        DESK(tk_40_drop_rx_while_values_remain),
        DESK(tk_40_lagging_receiver_that_is_dropped_takes_its_values),
        DESK(tk_40_send_without_receivers_is_refused),
        DESK(tk_40_send_in_waker_drop),
        DESK(broadcast_new_that_fails_leaves_nothing),
        DESK(broadcast_without_bytes_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
