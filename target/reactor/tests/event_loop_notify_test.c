/* Messages to the loop, of its own thread and of others. */
#include "loop_world.h"
#include "racing_sender.h"

#include <stdatomic.h>

/* ---- waking ---- */

struct talk {
    struct wb_sender sender;
    char first;
    char second;
    int first_tick;
    int second_tick;
    enum wb_status status;
};

static void talk_thread(void *arg) {
    struct talk *talk = arg;
    talk->status = wb_sender_send(&talk->sender, &talk->first);
}

static void talk_notify(struct loop_world *self, void *message) {
    struct talk *talk = self->user_data;
    if (message == &talk->first) {
        talk->first_tick = self->ticks;
        assert_ok(wb_sender_send(&talk->sender, &talk->second));
    } else {
        assert_ptr_equal(message, &talk->second);
        talk->second_tick = self->ticks;
        wb_event_loop_shutdown(self->loop);
    }
}

/* MOLD-08, A-MOLD-06, A-MOLD-13 */
static void message_of_another_thread_wakes_the_loop(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct talk talk = {0};
    loop_world_open(&self, world, NULL);
    self.user_data = &talk;
    self.on_notify = talk_notify;
    assert_ok(wb_event_loop_sender(self.loop, &talk.sender));
    uint64_t thread = world_start(world, talk_thread, &talk);
    loop_world_run(&self);
    world_join(world, thread);
    assert_ok(talk.status);
    assert_int_equal(self.notifies, 2);
    assert_int_equal(self.readies, 0); /* waking is no event of anybody */
    assert_true(talk.second_tick > talk.first_tick);
    wb_sender_clean_up(&talk.sender);
    loop_world_close(&self);
}

/* ---- capacity ---- */

/* MOLD-09, A-MOLD-13 */
static void message_to_a_full_queue_is_given_back(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {.notify_capacity = 1};
    struct loop_world self;
    struct wb_sender sender;
    int messages[2];
    loop_world_open(&self, world, &config);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    for (int round = 0; round < 3; round++) {
        assert_ok(wb_sender_send(&sender, &messages[0]));
        assert_status(wb_sender_send(&sender, &messages[1]), WB_ERR_FULL);
        loop_world_turn(&self, WB_TIMEOUT_INFINITE);
        assert_int_equal(self.notifies, round + 1);
    }
    wb_sender_clean_up(&sender);
    loop_world_close(&self);
}

static void fifo_notify(struct loop_world *self, void *message) {
    const int **next = self->user_data;
    assert_ptr_equal(message, *next);
    (*next)++;
}

/* A-MOLD-06 */
static void messages_of_one_iteration_are_bounded_and_in_order(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {.messages_per_tick = 70, .notify_capacity = 150};
    struct loop_world self;
    struct wb_sender sender;
    int messages[150];
    const int *next = messages;
    loop_world_open(&self, world, &config);
    self.user_data = &next;
    self.on_notify = fifo_notify;
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    for (int i = 0; i < 150; i++) {
        assert_ok(wb_sender_send(&sender, &messages[i]));
    }
    static const int after[] = {70, 140, 150, 150};
    for (int i = 0; i < 4; i++) {
        loop_world_turn(&self, 0);
        assert_int_equal(self.notifies, after[i]);
    }
    wb_sender_clean_up(&sender);
    loop_world_close(&self);
}

/* The loop watches edges, so that nobody needs to hush its bell, unless edges are emulated. */
static void messages_cost_one_write_for_all_and_no_read(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_sender sender;
    loop_world_open(&self, world, NULL);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    world_count_calls(world);
    for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 10; i++) {
            assert_ok(wb_sender_send(&sender, NULL));
        }
        loop_world_turn(&self, WB_TIMEOUT_INFINITE);
        assert_int_equal(self.notifies, 10 * round);
        assert_int_equal(atomic_load(&world->writes), round);
        assert_int_equal(atomic_load(&world->reads), world->backend == WB_BACKEND_POLL ? round : 0);
    }
    wb_sender_clean_up(&sender);
    loop_world_close(&self);
}

/* ---- the end ---- */

static void drop(void *message, void *user_data) {
    (void)user_data;
    ++*(int *)message;
}

/* MOLD-10, A-MOLD-13, INV-12 */
static void message_left_when_the_loop_ends_is_dropped_once(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {.drop_message = drop};
    struct loop_world self;
    struct wb_sender sender;
    int drops[3] = {0};
    loop_world_open(&self, world, &config);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    struct wb_sender clone = wb_sender_clone(&sender);
    assert_ok(wb_sender_send(&sender, &drops[0]));
    loop_world_turn(&self, 0); /* handled: not dropped */
    assert_ok(wb_sender_send(&clone, &drops[1]));
    loop_world_close(&self);
    assert_int_equal(drops[0], 0);
    assert_int_equal(drops[1], 1);
    assert_status(wb_sender_send(&sender, &drops[2]), WB_ERR_CLOSED);
    wb_sender_clean_up(&sender);
    assert_status(wb_sender_send(&clone, &drops[2]), WB_ERR_CLOSED);
    assert_int_equal(drops[2], 0); /* given back */
    wb_sender_clean_up(&clone);
    wb_sender_clean_up(&clone);
}

/* A-MOLD-13 */
static void message_to_a_loop_that_does_not_run_is_kept(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_sender sender;
    int message = 0;
    loop_world_open(&self, world, NULL);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    loop_world_turn(&self, 0);
    assert_ok(wb_sender_send(&sender, &message));
    loop_world_turn(&self, WB_TIMEOUT_INFINITE);
    assert_int_equal(self.notifies, 1);
    wb_sender_clean_up(&sender);
    loop_world_close(&self);
}

/* ---- several threads ---- */

enum { SENDERS = 3, MESSAGES = 20000 };

struct crowd_sender {
    struct world *world;
    struct wb_sender sender;
    uintptr_t number;
    int failures;
};

/* Sends number, number + SENDERS, ...: each sender's messages grow. */
static void crowd_thread(void *arg) {
    struct crowd_sender *self = arg;
    for (uintptr_t i = 0; i < MESSAGES;) {
        enum wb_status status = wb_sender_send(&self->sender, (void *)(i * SENDERS + self->number));
        if (status == WB_ERR_FULL) {
            struct wb_pollfd none = {.fd = -1};
            (void)WB_SYS(&self->world->sys, poll, &none, 1, MS / 10); /* let the loop work */
            continue;
        }
        self->failures += status != WB_OK;
        i++;
    }
    wb_sender_clean_up(&self->sender);
}

static void crowd_notify(struct loop_world *self, void *message) {
    uintptr_t *expected = self->user_data;
    uintptr_t value = (uintptr_t)message;
    assert_int_equal(value, expected[value % SENDERS]);
    expected[value % SENDERS] += SENDERS;
    if (self->notifies == SENDERS * MESSAGES) {
        wb_event_loop_shutdown(self->loop);
    }
}

/* MOLD-08, A-MOLD-13, INV-12 */
static void messages_of_several_threads_all_arrive_in_order(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {.notify_capacity = 64};
    struct loop_world self;
    struct crowd_sender senders[SENDERS];
    uint64_t threads[SENDERS];
    uintptr_t expected[SENDERS] = {0, 1, 2};
    struct wb_sender first;
    loop_world_open(&self, world, &config);
    self.user_data = expected;
    self.on_notify = crowd_notify;
    assert_ok(wb_event_loop_sender(self.loop, &first));
    for (uintptr_t i = 0; i < SENDERS; i++) {
        senders[i] = (struct crowd_sender){world, wb_sender_clone(&first), i, 0};
        threads[i] = world_start(world, crowd_thread, &senders[i]);
    }
    loop_world_run(&self);
    for (int i = 0; i < SENDERS; i++) {
        world_join(world, threads[i]);
        assert_int_equal(senders[i].failures, 0);
        assert_int_equal(expected[i], SENDERS * MESSAGES + i);
    }
    wb_sender_clean_up(&first);
    loop_world_close(&self);
}

/* ---- a loop that ends while others send ---- */

static void racing_notify(struct loop_world *self, void *message) {
    (void)self;
    racing_drop(message, NULL);
}

static void messages_sent_while_the_loop_ends_are_ended_once(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {
        .notify_capacity = 1000, .drop_message = racing_drop};
    for (int round = 0; round < 20; round++) {
        struct loop_world self;
        atomic_int drops = 0;
        struct racing_sender sender = {.drops = &drops};
        loop_world_open(&self, world, &config);
        self.on_notify = racing_notify;
        assert_ok(wb_event_loop_sender(self.loop, &sender.sender));
        uint64_t thread = world_start(world, racing_thread, &sender);
        do {
            loop_world_turn(&self, MS);
        } while (atomic_load(&sender.begun) == 0);
        loop_world_close(&self);
        world_join(world, thread);
        assert_status(sender.last, WB_ERR_CLOSED);
        assert_int_equal(atomic_load(&drops), sender.taken);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(message_of_another_thread_wakes_the_loop),
        CASE(message_to_a_full_queue_is_given_back),
        CASE(messages_of_one_iteration_are_bounded_and_in_order),
        CASE(messages_cost_one_write_for_all_and_no_read),
        CASE(message_left_when_the_loop_ends_is_dropped_once),
        CASE(message_to_a_loop_that_does_not_run_is_kept),
        CASE(messages_of_several_threads_all_arrive_in_order),
        CASE(messages_sent_while_the_loop_ends_are_ended_once),
    };
    return cmocka_run_group_tests_name("event_loop_notify", tests, NULL, NULL);
}
