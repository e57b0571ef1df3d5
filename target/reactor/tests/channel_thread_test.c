/* A channel between threads. */
#include "racing_sender.h"
#include "world.h"

#include "wb/channel.h"

enum { TOKEN = 1, SENDERS = 3, MESSAGES = 20000 };

/* ---- one sender, one wait ---- */

static void send_one(void *arg) {
    struct wb_sender *sender = arg;
    (void)!wb_sender_send(sender, sender);
    wb_sender_clean_up(sender);
}

/* MOLD-28: sending_from_other_thread_while_polling */
static void channel_sent_to_by_another_thread_ends_an_endless_wait(void **state) {
    struct world *world = *state;
    for (int round = 0; round < 100; round++) {
        struct wb_receiver receiver;
        struct wb_sender sender;
        void *message = NULL;
        assert_ok(wb_channel_open(&world->sys, NULL, &receiver, &sender));
        world_watch(
            world, wb_receiver_source(&receiver), TOKEN, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
        uint64_t thread = world_start(world, send_one, &sender);
        assert_int_equal(world_wait(world, WB_TIMEOUT_INFINITE), 1);
        assert_ok(wb_receiver_receive(&receiver, &message));
        assert_ptr_equal(message, &sender);
        world_join(world, thread);
        assert_status(wb_receiver_receive(&receiver, &message), WB_EOF);
        wb_receiver_close(&receiver);
    }
    assert_int_equal(world->flags[TOKEN], WB_EPOLLIN);
}

/* ---- several senders ---- */

struct crowd_sender {
    struct wb_sender sender;
    uintptr_t number;
    int failures;
};

/* Sends number, number + SENDERS, ...: each sender's messages grow. */
static void crowd_thread(void *arg) {
    struct crowd_sender *self = arg;
    for (uintptr_t i = 0; i < MESSAGES; i++) {
        self->failures +=
            wb_sender_send(&self->sender, (void *)(i * SENDERS + self->number)) != WB_OK;
    }
    wb_sender_clean_up(&self->sender);
}

/* Takes what is there, as an edge demands. WB_EOF: everybody is done. */
static enum wb_status drain(struct wb_receiver *receiver, uintptr_t *expected) {
    void *message = NULL;
    enum wb_status status = WB_OK;
    while ((status = wb_receiver_receive(receiver, &message)) == WB_OK) {
        uintptr_t value = (uintptr_t)message;
        assert_int_equal(value, expected[value % SENDERS]);
        expected[value % SENDERS] += SENDERS;
    }
    return status;
}

/* MOLD-28, INV-12: none lost, none waited for in vain, whatever the trigger. */
static void channel_of_several_threads_delivers_all_in_order(void **state) {
    struct world *world = *state;
    const struct wb_channel_config config = {.capacity = WB_CHANNEL_UNBOUNDED};
    for (int trigger = WB_TRIGGER_LEVEL; trigger <= WB_TRIGGER_EDGE; trigger++) {
        struct crowd_sender senders[SENDERS];
        uint64_t threads[SENDERS];
        uintptr_t expected[SENDERS] = {0, 1, 2};
        struct wb_receiver receiver;
        struct wb_sender first;
        assert_ok(wb_channel_open(&world->sys, &config, &receiver, &first));
        world_watch(world, wb_receiver_source(&receiver), TOKEN, WB_INTEREST_READABLE,
            (enum wb_trigger)trigger);
        for (uintptr_t i = 0; i < SENDERS; i++) {
            senders[i] = (struct crowd_sender){wb_sender_clone(&first), i, 0};
            threads[i] = world_start(world, crowd_thread, &senders[i]);
        }
        wb_sender_clean_up(&first);
        enum wb_status status = WB_WOULD_BLOCK;
        while (status == WB_WOULD_BLOCK) {
            assert_int_equal(world_wait(world, PATIENCE_NS), 1);
            status = drain(&receiver, expected);
        }
        assert_status(status, WB_EOF);
        for (uintptr_t i = 0; i < SENDERS; i++) {
            world_join(world, threads[i]);
            assert_int_equal(senders[i].failures, 0);
            assert_int_equal(expected[i], SENDERS * MESSAGES + i);
        }
        wb_receiver_close(&receiver);
    }
}

/* ---- a receiver that ends while others send ---- */

/* Every message that was taken is dropped once, and the bell is not rung after it was closed. */
static void channel_closed_while_others_send_drops_each_message_once(void **state) {
    struct world *world = *state;
    const struct wb_channel_config config = {.capacity = 64, .drop_message = racing_drop};
    for (int round = 0; round < 50; round++) {
        atomic_int drops = 0;
        struct racing_sender self = {.drops = &drops};
        struct wb_receiver receiver;
        assert_ok(wb_channel_open(&world->sys, &config, &receiver, &self.sender));
        world_watch(
            world, wb_receiver_source(&receiver), TOKEN, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
        uint64_t thread = world_start(world, racing_thread, &self);
        while (atomic_load(&self.begun) == 0) {
            assert_int_equal(world_wait(world, PATIENCE_NS), 1);
        }
        wb_receiver_close(&receiver);
        world_join(world, thread);
        assert_status(self.last, WB_ERR_CLOSED);
        assert_int_equal(atomic_load(&drops), self.taken);
        world_assert_quiet(world);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(channel_sent_to_by_another_thread_ends_an_endless_wait),
        CASE(channel_of_several_threads_delivers_all_in_order),
        CASE(channel_closed_while_others_send_drops_each_message_once),
    };
    return cmocka_run_group_tests_name("channel_thread", tests, NULL, NULL);
}
