/* A channel as a source: triggers, ends, bounds, and a system that refuses. */
#include "loop_world.h"

#include <string.h>

#include "wb/channel.h"

enum { TOKEN = 3 };

struct channel {
    struct wb_receiver receiver;
    struct wb_sender sender;
};

static void channel_open(struct channel *channel, struct world *world) {
    assert_ok(wb_channel_open(&world->sys, NULL, &channel->receiver, &channel->sender));
}

static void channel_close(struct channel *channel) {
    wb_sender_clean_up(&channel->sender);
    wb_receiver_close(&channel->receiver);
}

static void watch(
    struct world *world, struct channel *channel, uint32_t interest, enum wb_trigger trigger) {
    world_watch(world, wb_receiver_source(&channel->receiver), TOKEN, interest, trigger);
}

static void rearm(struct world *world, struct channel *channel, enum wb_trigger trigger) {
    assert_ok(wb_registry_reregister(world_registry(world), wb_receiver_source(&channel->receiver),
        TOKEN, WB_INTEREST_READABLE, trigger));
}

static void send_text(struct channel *channel, char *text) {
    assert_ok(wb_sender_send(&channel->sender, text));
}

static void expect_text(struct channel *channel, const char *text) {
    void *message = NULL;
    assert_ok(wb_receiver_receive(&channel->receiver, &message));
    assert_ptr_equal(message, text);
}

static void expect_status(struct channel *channel, enum wb_status status) {
    void *message = &status;
    assert_status(wb_receiver_receive(&channel->receiver, &message), status);
    assert_ptr_equal(message, &status);
}

/* Exactly one report, that says readable and nothing else. */
static void expect_report(struct world *world) {
    world_forget(world);
    assert_int_equal(world_wait(world, PATIENCE_NS), 1);
    assert_int_equal(world->flags[TOKEN], WB_EPOLLIN);
}

static char hello[] = "hello";
static char goodbye[] = "goodbye";

/* ---- triggers: MOLD-28 ---- */

static void channel_with_edge_is_reported_once_for_each_first_message(void **state) {
    struct world *world = *state;
    struct channel channel;
    channel_open(&channel, world);
    watch(world, &channel, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_assert_quiet(world);
    send_text(&channel, hello);
    expect_report(world);
    world_assert_quiet(world);
    expect_text(&channel, hello);
    expect_status(&channel, WB_WOULD_BLOCK);
    world_assert_quiet(world);
    send_text(&channel, goodbye);
    expect_report(world);
    expect_text(&channel, goodbye);
    wb_sender_clean_up(&channel.sender);
    expect_report(world);
    world_assert_quiet(world);
    expect_status(&channel, WB_EOF);
    channel_close(&channel);
}

static void channel_with_oneshot_is_reported_once_until_rearmed(void **state) {
    struct world *world = *state;
    static const enum wb_trigger triggers[] = {WB_TRIGGER_ONESHOT, WB_TRIGGER_EDGE_ONESHOT};
    for (int i = 0; i < 2; i++) {
        struct channel channel;
        channel_open(&channel, world);
        watch(world, &channel, WB_INTEREST_READABLE, triggers[i]);
        world_assert_quiet(world);
        send_text(&channel, hello);
        expect_report(world);
        world_assert_quiet(world);
        expect_text(&channel, hello);
        send_text(&channel, goodbye);
        world_assert_quiet(world);
        for (int round = 0; round < 3; round++) {
            rearm(world, &channel, triggers[i]);
            expect_report(world);
            world_assert_quiet(world);
        }
        expect_text(&channel, goodbye);
        rearm(world, &channel, triggers[i]);
        world_assert_quiet(world);
        wb_sender_clean_up(&channel.sender);
        expect_report(world);
        channel_close(&channel);
    }
}

static void channel_with_level_is_reported_while_messages_wait(void **state) {
    struct world *world = *state;
    struct channel channel;
    channel_open(&channel, world);
    watch(world, &channel, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    world_assert_quiet(world);
    send_text(&channel, hello);
    send_text(&channel, goodbye);
    for (int i = 0; i < 5; i++) {
        expect_report(world);
    }
    expect_text(&channel, hello);
    expect_report(world);
    expect_text(&channel, goodbye);
    world_assert_quiet(world);
    send_text(&channel, hello);
    wb_sender_clean_up(&channel.sender);
    expect_report(world);
    expect_text(&channel, hello);
    for (int i = 0; i < 3; i++) { /* the end does not pass */
        expect_report(world);
        expect_status(&channel, WB_EOF);
    }
    channel_close(&channel);
}

static void channel_registered_when_messages_wait_is_reported(void **state) {
    struct world *world = *state;
    for (int trigger = WB_TRIGGER_LEVEL; trigger <= WB_TRIGGER_EDGE_ONESHOT; trigger++) {
        struct channel channel;
        channel_open(&channel, world);
        send_text(&channel, hello);
        watch(world, &channel, WB_INTEREST_READABLE, (enum wb_trigger)trigger);
        expect_report(world);
        channel_close(&channel);
    }
}

static void channel_is_never_writable(void **state) {
    struct world *world = *state;
    for (int trigger = WB_TRIGGER_LEVEL; trigger <= WB_TRIGGER_EDGE_ONESHOT; trigger++) {
        struct channel channel;
        channel_open(&channel, world);
        watch(
            world, &channel, WB_INTEREST_WRITABLE | WB_INTEREST_PRIORITY, (enum wb_trigger)trigger);
        world_assert_quiet(world);
        send_text(&channel, hello);
        world_assert_quiet(world);
        assert_ok(
            wb_registry_reregister(world_registry(world), wb_receiver_source(&channel.receiver),
                TOKEN, WB_INTEREST_ALL, (enum wb_trigger)trigger));
        expect_report(world);
        channel_close(&channel);
    }
}

/* A-MIO-12, A-MIO-14, A-MIO-20 */
static void channel_is_refused_where_any_source_is(void **state) {
    struct world *world = *state;
    const struct wb_registry *registry = world_registry(world);
    struct channel channel;
    channel_open(&channel, world);
    struct wb_source *source = wb_receiver_source(&channel.receiver);
    assert_status(
        wb_registry_register(registry, source, TOKEN, 0, WB_TRIGGER_EDGE), WB_ERR_INVALID);
    assert_status(
        wb_registry_reregister(registry, source, TOKEN, WB_INTEREST_READABLE, WB_TRIGGER_EDGE),
        WB_ERR_NOT_REGISTERED);
    watch(world, &channel, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    assert_status(
        wb_registry_register(registry, source, TOKEN, WB_INTEREST_READABLE, WB_TRIGGER_EDGE),
        WB_ERR_ALREADY_REGISTERED);
    assert_ok(wb_registry_deregister(registry, source));
    send_text(&channel, hello);
    world_assert_quiet(world);
    assert_status(wb_registry_deregister(registry, source), WB_ERR_NOT_REGISTERED);
    channel_close(&channel);
}

/* ---- ends ---- */

/* MOLD-28: dropping_receive_before_poll */
static void channel_closed_before_the_wait_is_quiet(void **state) {
    struct world *world = *state;
    for (int trigger = WB_TRIGGER_LEVEL; trigger <= WB_TRIGGER_EDGE_ONESHOT; trigger++) {
        struct channel channel;
        channel_open(&channel, world);
        watch(world, &channel, WB_INTEREST_READABLE, (enum wb_trigger)trigger);
        send_text(&channel, hello);
        wb_receiver_close(&channel.receiver);
        world_assert_quiet(world);
        assert_status(wb_sender_send(&channel.sender, hello), WB_ERR_CLOSED);
        wb_sender_clean_up(&channel.sender);
        world_assert_quiet(world);
        channel_close(&channel); /* twice is allowed */
    }
}

static void channel_ends_with_the_last_of_its_senders(void **state) {
    struct world *world = *state;
    struct channel channel;
    channel_open(&channel, world);
    struct wb_sender clone = wb_sender_clone(&channel.sender);
    watch(world, &channel, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    wb_sender_clean_up(&channel.sender);
    world_assert_quiet(world);
    expect_status(&channel, WB_WOULD_BLOCK);
    assert_ok(wb_sender_send(&clone, hello));
    wb_sender_clean_up(&clone);
    expect_report(world);
    expect_text(&channel, hello);
    expect_status(&channel, WB_EOF);
    channel_close(&channel);
}

static void channel_that_was_moved_works(void **state) {
    struct world *world = *state;
    struct channel channel;
    channel_open(&channel, world);
    watch(world, &channel, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    struct channel moved = channel;
    memset(&channel, 0, sizeof(channel));
    send_text(&moved, hello);
    rearm(world, &moved, WB_TRIGGER_EDGE);
    expect_report(world);
    expect_text(&moved, hello);
    channel_close(&moved);
    channel_close(&channel);
    world_assert_quiet(world);
}

static void drop(void *message, void *user_data) {
    ++*(int *)user_data;
    ++*(int *)message;
}

/* MOLD-28, INV-12 */
static void channel_message_nobody_received_is_dropped_once(void **state) {
    struct world *world = *state;
    int dropped = 0;
    int drops[4] = {0};
    const struct wb_channel_config config = {
        .capacity = 3, .drop_message = drop, .drop_user_data = &dropped};
    struct channel channel;
    void *message = NULL;
    assert_ok(wb_channel_open(&world->sys, &config, &channel.receiver, &channel.sender));
    for (int i = 0; i < 3; i++) {
        assert_ok(wb_sender_send(&channel.sender, &drops[i]));
    }
    assert_status(wb_sender_send(&channel.sender, &drops[3]), WB_ERR_FULL);
    assert_ok(wb_receiver_receive(&channel.receiver, &message));
    assert_ptr_equal(message, &drops[0]);
    wb_receiver_close(&channel.receiver);
    assert_status(wb_sender_send(&channel.sender, &drops[3]), WB_ERR_CLOSED);
    wb_sender_clean_up(&channel.sender);
    assert_int_equal(dropped, 2);
    assert_true(drops[0] == 0 && drops[1] == 1 && drops[2] == 1 && drops[3] == 0);
}

/* ---- bounds ---- */

static void channel_with_a_bound_is_full_there_and_takes_no_memory(void **state) {
    struct world *world = *state;
    static const uint32_t capacities[] = {1, 3, 0};
    for (int i = 0; i < 3; i++) {
        const struct wb_channel_config config = {.capacity = capacities[i]};
        const uint32_t capacity = capacities[i] == 0 ? 4096 : capacities[i];
        struct channel channel;
        assert_ok(wb_channel_open(&world->sys, &config, &channel.receiver, &channel.sender));
        world_refuse(world, 0);
        for (int round = 0; round < 3; round++) {
            for (uint32_t n = 0; n < capacity; n++) {
                send_text(&channel, hello);
            }
            assert_status(wb_sender_send(&channel.sender, goodbye), WB_ERR_FULL);
            for (uint32_t n = 0; n < capacity; n++) {
                expect_text(&channel, hello);
            }
            expect_status(&channel, WB_WOULD_BLOCK);
        }
        assert_int_equal(atomic_load(&world->requests), 0);
        channel_close(&channel);
    }
}

/* The ring grows while its oldest message is anywhere in it. */
static void channel_without_bound_grows_and_keeps_the_order(void **state) {
    struct world *world = *state;
    const struct wb_channel_config config = {.capacity = WB_CHANNEL_UNBOUNDED};
    for (uintptr_t lead = 0; lead <= 16; lead += 4) {
        struct channel channel;
        uintptr_t next = 0;
        uintptr_t expected = 0;
        void *message = NULL;
        assert_ok(wb_channel_open(&world->sys, &config, &channel.receiver, &channel.sender));
        for (; next < 16; next++) {
            assert_ok(wb_sender_send(&channel.sender, (void *)next));
        }
        for (; expected < lead; expected++) {
            assert_ok(wb_receiver_receive(&channel.receiver, &message));
            assert_int_equal((uintptr_t)message, expected);
        }
        for (; next < 5000; next++) {
            assert_ok(wb_sender_send(&channel.sender, (void *)next));
        }
        for (; expected < 5000; expected++) {
            assert_ok(wb_receiver_receive(&channel.receiver, &message));
            assert_int_equal((uintptr_t)message, expected);
        }
        expect_status(&channel, WB_WOULD_BLOCK);
        channel_close(&channel);
    }
}

static void channel_of_an_impossible_capacity_is_refused(void **state) {
    struct world *world = *state;
    const struct wb_channel_config config = {.capacity = (1u << 20) + 1};
    struct channel channel;
    assert_status(
        wb_channel_open(&world->sys, &config, &channel.receiver, &channel.sender), WB_ERR_INVALID);
    channel_close(&channel);
}

/* The first of many messages rings, the last one hushes, and finding nothing asks nobody. */
static void channel_asks_the_system_only_when_it_fills_and_empties(void **state) {
    struct world *world = *state;
    struct channel channel;
    channel_open(&channel, world);
    world_count_calls(world);
    for (int round = 1; round <= 3; round++) {
        for (int i = 0; i < 10; i++) {
            send_text(&channel, hello);
        }
        for (int i = 0; i < 10; i++) {
            expect_text(&channel, hello);
        }
        expect_status(&channel, WB_WOULD_BLOCK);
        assert_int_equal(atomic_load(&world->writes), round);
        assert_int_equal(atomic_load(&world->reads), round);
    }
    channel_close(&channel);
}

/* ---- a system that refuses ---- */

static int refuse_eventfd(void *self, uint32_t initial, int flags) {
    (void)self, (void)initial, (void)flags;
    return -24; /* EMFILE */
}

static int refuse_mutex(void *self, struct wb_mutex *mutex) {
    (void)self, (void)mutex;
    return -12; /* ENOMEM */
}

static void channel_without_descriptor_or_lock_says_so(void **state) {
    struct world *world = *state;
    const struct wb_sys_ops ops = world->ops;
    struct channel channel;
    world->ops.eventfd = refuse_eventfd;
    assert_status(
        wb_channel_open(&world->sys, NULL, &channel.receiver, &channel.sender), WB_ERR_FD_LIMIT);
    world->ops.eventfd = ops.eventfd;
    world->ops.mutex_init = refuse_mutex;
    assert_status(
        wb_channel_open(&world->sys, NULL, &channel.receiver, &channel.sender), WB_ERR_NO_MEMORY);
    world->ops.mutex_init = ops.mutex_init;
    channel_close(&channel);
}

static int64_t refuse_write(void *self, int fd, const void *buf, size_t len) {
    (void)self, (void)fd, (void)buf, (void)len;
    return -5; /* EIO */
}

static int64_t refuse_read(void *self, int fd, void *buf, size_t len) {
    (void)self, (void)fd, (void)buf, (void)len;
    return -11; /* EAGAIN */
}

static void channel_whose_bell_does_not_ring_gives_the_message_back(void **state) {
    struct world *world = *state;
    int64_t (*write)(void *, int, const void *, size_t) = world->ops.write;
    struct channel channel;
    channel_open(&channel, world);
    world->ops.write = refuse_write;
    assert_status(wb_sender_send(&channel.sender, hello), WB_ERR_IO);
    expect_status(&channel, WB_WOULD_BLOCK);
    world->ops.write = write;
    send_text(&channel, goodbye);
    expect_text(&channel, goodbye);
    channel_close(&channel);
}

/* It may be reported for nothing, but neither for ever nor too little. */
static void channel_whose_bell_is_not_hushed_is_hushed_later(void **state) {
    struct world *world = *state;
    int64_t (*read)(void *, int, void *, size_t) = world->ops.read;
    struct channel channel;
    channel_open(&channel, world);
    watch(world, &channel, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    send_text(&channel, hello);
    world->ops.read = refuse_read;
    expect_text(&channel, hello);
    expect_report(world); /* for nothing */
    world->ops.read = read;
    expect_status(&channel, WB_WOULD_BLOCK);
    world_assert_quiet(world);
    send_text(&channel, goodbye);
    expect_report(world);
    channel_close(&channel);
}

/* ---- in an event loop ---- */

static void close_other(struct loop_world *self, struct wb_event event) {
    struct channel *channels = self->user_data;
    wb_receiver_close(&channels[1 - event.token].receiver);
}

/* A-MIO-15 */
static void channel_closed_by_a_callback_is_not_reported_in_the_same_batch(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct channel channels[2];
    loop_world_open(&self, world, NULL);
    self.user_data = channels;
    self.on_ready = close_other;
    for (uint64_t i = 0; i < 2; i++) {
        channel_open(&channels[i], world);
        send_text(&channels[i], hello);
        loop_world_watch(&self, wb_receiver_source(&channels[i].receiver), i, WB_INTEREST_READABLE,
            WB_TRIGGER_LEVEL);
    }
    loop_world_turn(&self, PATIENCE_NS);
    assert_int_equal(self.readies, 1);
    channel_close(&channels[0]);
    channel_close(&channels[1]);
    loop_world_close(&self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(channel_with_edge_is_reported_once_for_each_first_message),
        CASE(channel_with_oneshot_is_reported_once_until_rearmed),
        CASE(channel_with_level_is_reported_while_messages_wait),
        CASE(channel_registered_when_messages_wait_is_reported),
        CASE(channel_is_never_writable),
        CASE(channel_is_refused_where_any_source_is),
        CASE(channel_closed_before_the_wait_is_quiet),
        CASE(channel_ends_with_the_last_of_its_senders),
        CASE(channel_that_was_moved_works),
        CASE(channel_message_nobody_received_is_dropped_once),
        CASE(channel_with_a_bound_is_full_there_and_takes_no_memory),
        CASE(channel_without_bound_grows_and_keeps_the_order),
        CASE(channel_of_an_impossible_capacity_is_refused),
        CASE(channel_asks_the_system_only_when_it_fills_and_empties),
        CASE(channel_without_descriptor_or_lock_says_so),
        CASE(channel_whose_bell_does_not_ring_gives_the_message_back),
        CASE(channel_whose_bell_is_not_hushed_is_hushed_later),
        CASE(channel_closed_by_a_callback_is_not_reported_in_the_same_batch),
    };
    return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
