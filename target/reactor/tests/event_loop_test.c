/* The loop itself: configuration, the order of an iteration, running and stopping. */
#include "loop_world.h"

#include <errno.h>
#include <string.h>

/* A-MOLD-01 */
static void loop_configured_out_of_bounds_is_refused(void **state) {
    struct world *world = *state;
    static const struct wb_event_loop_config bad[] = {
        {.events_capacity = WB_EVENTS_CAPACITY_MAX + 1},
        {.notify_capacity = (1u << 20) + 1},
        {.timer_wheel_slots = 1000},
        {.timer_wheel_slots = 1u << 17},
        {.timer_capacity = (1u << 24) + 1},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct wb_event_loop *loop = NULL;
        assert_status(wb_event_loop_new(&world->sys, &bad[i], &loop), WB_ERR_INVALID);
        assert_null(loop);
    }
}

static void loop_new_and_destroyed_leaves_nothing(void **state) {
    struct world *world = *state;
    struct wb_event_loop *loop = NULL;
    assert_ok(wb_event_loop_new(&world->sys, NULL, &loop));
    assert_ptr_equal(wb_event_loop_sys(loop), &world->sys);
    assert_false(wb_event_loop_is_running(loop));
    wb_event_loop_destroy(loop);
    wb_event_loop_destroy(NULL);
}

/* MOLD-02 */
static void loop_with_nothing_returns_after_the_timeout(void **state) {
    struct world *world = *state;
    struct loop_world self;
    loop_world_open(&self, world, NULL);
    uint64_t begin = WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    loop_world_turn(&self, 50 * MS);
    uint64_t end = WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
    assert_true(end - begin >= 50 * (uint64_t)MS);
    assert_int_equal(self.ticks, 1);
    assert_int_equal(self.readies + self.notifies + self.timeouts + self.interrupts, 0);
    loop_world_close(&self);
}

/* ---- what the loop asks of the system ---- */

static int64_t waited_ns[8];
static int wait_count;
static int clock_count;
static uint64_t clock_ns;
static int wait_result;

static int recorded(int64_t timeout_ns) {
    waited_ns[wait_count++] = timeout_ns;
    if (timeout_ns > 0) {
        clock_ns += (uint64_t)timeout_ns;
    }
    return wait_result;
}

static int recorded_wait(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    (void)self, (void)epfd, (void)events, (void)events_max;
    return recorded(timeout_ns);
}

static int recorded_poll(void *self, struct wb_pollfd *fds, uint32_t fds_len, int64_t timeout_ns) {
    (void)self, (void)fds, (void)fds_len;
    return recorded(timeout_ns);
}

static uint64_t counted_clock(void *self, int clock) {
    (void)self, (void)clock;
    clock_count++;
    return clock_ns;
}

static void record(struct world *world) {
    wait_count = clock_count = wait_result = 0;
    clock_ns = 1000;
    world->ops.epoll_pwait2 = recorded_wait;
    world->ops.poll = recorded_poll;
    world->ops.clock_gettime = counted_clock;
}

static void loop_without_timers_waits_for_ever_and_asks_no_clock(void **state) {
    struct world *world = *state;
    struct loop_world self;
    record(world);
    loop_world_open(&self, world, NULL);
    loop_world_turn(&self, WB_TIMEOUT_INFINITE);
    loop_world_turn(&self, 5);
    loop_world_turn(&self, 0);
    assert_int_equal(wait_count, 3);
    assert_true(waited_ns[0] < 0);
    assert_int_equal(waited_ns[1], 5);
    assert_int_equal(waited_ns[2], 0);
    /* poll(2) may have to wait for the rest of a timeout. */
    assert_int_equal(clock_count, world->backend == WB_BACKEND_POLL ? 1 : 0);
    loop_world_close(&self);
}

/* A-MOLD-11 */
static void loop_waits_for_the_sooner_of_timeout_and_timer(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_timeout timeout;
    record(world);
    loop_world_open(&self, world, NULL);
    assert_ok(wb_event_loop_timeout(self.loop, (uint64_t)(250 * MS), 1, &timeout));
    loop_world_turn(&self, 40 * MS);
    assert_int_equal(waited_ns[0], 40 * MS);
    loop_world_turn(&self, WB_TIMEOUT_INFINITE);
    assert_int_equal(waited_ns[1], 260 * MS); /* the third tick of 100 ms */
    assert_int_equal(self.timeouts, 1);
    loop_world_turn(&self, WB_TIMEOUT_INFINITE); /* no timer is left */
    assert_true(waited_ns[2] < 0);
    assert_ok(wb_event_loop_timeout(self.loop, (uint64_t)(250 * MS), 1, &timeout));
    assert_true(wb_event_loop_clear_timeout(self.loop, timeout));
    loop_world_turn(&self, WB_TIMEOUT_INFINITE);
    assert_true(waited_ns[3] < 0);
    assert_int_equal(self.timeouts, 1);
    loop_world_close(&self);
}

/* A-MOLD-11 */
static void loop_with_messages_does_not_wait(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_sender sender;
    record(world);
    loop_world_open(&self, world, NULL);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    assert_ok(wb_sender_send(&sender, NULL));
    loop_world_turn(&self, WB_TIMEOUT_INFINITE);
    assert_int_equal(waited_ns[0], 0);
    assert_int_equal(self.notifies, 1);
    loop_world_turn(&self, WB_TIMEOUT_INFINITE);
    assert_true(waited_ns[1] < 0);
    wb_sender_clean_up(&sender);
    loop_world_close(&self);
}

/* A-MOLD-08 */
static void loop_interrupted_says_so_and_goes_on(void **state) {
    struct world *world = *state;
    struct loop_world self;
    record(world);
    loop_world_open(&self, world, NULL);
    wait_result = -EINTR;
    loop_world_turn(&self, WB_TIMEOUT_INFINITE);
    assert_int_equal(self.interrupts, 1);
    assert_int_equal(self.ticks, 1);
    loop_world_close(&self);
}

static void loop_whose_wait_fails_says_so(void **state) {
    struct world *world = *state;
    struct loop_world self;
    record(world);
    loop_world_open(&self, world, NULL);
    wait_result = -EBADF;
    assert_status(wb_event_loop_run(self.loop, &loop_world_handler, &self), WB_ERR_BAD_FD);
    assert_false(wb_event_loop_is_running(self.loop));
    assert_int_equal(self.ticks, 0);
    loop_world_close(&self);
}

/* ---- order ---- */

struct order {
    char text[16];
    size_t len;
};

static void order_add(struct loop_world *self, char what) {
    struct order *order = self->user_data;
    assert_true(order->len + 1 < sizeof(order->text));
    order->text[order->len++] = what;
}

static void order_ready(struct loop_world *self, struct wb_event event) {
    (void)event;
    order_add(self, 'r');
}

static void order_notify(struct loop_world *self, void *message) {
    (void)message;
    order_add(self, 'n');
}

static void order_timeout(struct loop_world *self, uint64_t value) {
    (void)value;
    order_add(self, 't');
}

static void order_tick(struct loop_world *self) {
    order_add(self, '.');
}

static void order_open(struct loop_world *self, struct world *world, struct order *order) {
    const struct wb_event_loop_config config = {.timer_tick_ns = 1};
    *order = (struct order){0};
    loop_world_open(self, world, &config);
    self->user_data = order;
    self->on_ready = order_ready;
    self->on_notify = order_notify;
    self->on_timeout = order_timeout;
    self->on_tick = order_tick;
}

/* A-MOLD-09 */
static void loop_iteration_keeps_its_order(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct order order;
    struct wb_sender sender;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    order_open(&self, world, &order);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    world_pair(world, &client, &server);
    assert_ok(wb_event_loop_timeout(self.loop, 0, 1, NULL));
    assert_ok(wb_event_loop_timeout(self.loop, 0, 2, NULL));
    assert_ok(wb_sender_send(&sender, NULL));
    assert_ok(wb_sender_send(&sender, NULL));
    loop_world_watch(
        &self, wb_tcp_stream_source(&client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    loop_world_watch(
        &self, wb_tcp_stream_source(&server), 2, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    loop_world_turn(&self, 0);
    assert_string_equal(order.text, "rrnntt.");
    wb_sender_clean_up(&sender);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
    loop_world_close(&self);
}

static void shutdown_on_ready(struct loop_world *self, struct wb_event event) {
    assert_true(wb_event_loop_is_running(self->loop));
    wb_event_loop_shutdown(self->loop);
    assert_false(wb_event_loop_is_running(self->loop));
    order_ready(self, event);
}

/* A-MOLD-10, A-MOLD-12, MOLD-04 */
static void loop_shut_down_completes_its_iteration_and_runs_again(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct order order;
    struct wb_sender sender;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    order_open(&self, world, &order);
    self.on_ready = shutdown_on_ready;
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    world_pair(world, &client, &server);
    loop_world_watch(
        &self, wb_tcp_stream_source(&client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_LEVEL);
    for (int run = 1; run <= 2; run++) {
        memset(&order, 0, sizeof(order));
        assert_ok(wb_sender_send(&sender, NULL));
        assert_ok(wb_event_loop_timeout(self.loop, 0, 1, NULL));
        assert_ok(wb_event_loop_run(self.loop, &loop_world_handler, &self));
        assert_string_equal(order.text, "rnt.");
        assert_false(wb_event_loop_is_running(self.loop));
    }
    wb_event_loop_shutdown(self.loop); /* without effect */
    wb_sender_clean_up(&sender);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
    loop_world_close(&self);
}

/* D-17, A-MOLD-02 */
static void loop_refuses_its_own_token(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    loop_world_open(&self, world, NULL);
    world_pair(world, &client, &server);
    struct wb_source *source = wb_tcp_stream_source(&client);
    assert_status(wb_event_loop_register(self.loop, source, WB_EVENT_LOOP_TOKEN,
                      WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE),
        WB_ERR_INVALID);
    loop_world_watch(&self, source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    assert_status(wb_event_loop_reregister(self.loop, source, WB_EVENT_LOOP_TOKEN,
                      WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE),
        WB_ERR_INVALID);
    loop_world_await(&self, 1, WB_EPOLLOUT);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
    loop_world_close(&self);
}

/* ---- defaults ---- */

/* A-MOLD-01 */
static void loop_without_configuration_has_the_defaults(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config given = {.notify_capacity = 3, .timer_wheel_slots = 64};
    struct loop_world self;
    loop_world_open(&self, world, NULL);
    const struct wb_event_loop_config *config = wb_event_loop_configuration(self.loop);
    assert_int_equal(config->events_capacity, 1024);
    assert_int_equal(config->notify_capacity, 4096);
    assert_int_equal(config->messages_per_tick, 256);
    assert_true(config->timer_tick_ns == 100 * (uint64_t)MS);
    assert_int_equal(config->timer_wheel_slots, 1024);
    assert_int_equal(config->timer_capacity, 65536);
    loop_world_close(&self);
    loop_world_open(&self, world, &given);
    config = wb_event_loop_configuration(self.loop);
    assert_int_equal(config->notify_capacity, 3);
    assert_int_equal(config->timer_wheel_slots, 64);
    assert_int_equal(config->messages_per_tick, 256);
    loop_world_close(&self);
}

/* A-MOLD-01, A-MOLD-06 */
static void loop_by_default_holds_4096_messages_and_hands_out_256_a_turn(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_sender sender;
    loop_world_open(&self, world, NULL);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    for (int i = 0; i < 4096; i++) {
        assert_ok(wb_sender_send(&sender, NULL));
    }
    assert_status(wb_sender_send(&sender, NULL), WB_ERR_FULL);
    for (int turn = 1; turn <= 16; turn++) {
        loop_world_turn(&self, WB_TIMEOUT_INFINITE);
        assert_int_equal(self.notifies, turn * 256);
    }
    wb_sender_clean_up(&sender);
    loop_world_close(&self);
}

/* A-MOLD-01, A-MOLD-14: the notes of the first two timers tell the tick. */
static void loop_by_default_holds_65536_timers_100_ms_apart(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_timeout last;
    loop_world_open(&self, world, NULL);
    for (uint64_t i = 0; i < 65536; i++) {
        assert_ok(wb_event_loop_timeout(self.loop, i == 1 ? 150 * (uint64_t)MS : 1, i, &last));
    }
    assert_status(wb_event_loop_timeout(self.loop, 1, 0, NULL), WB_ERR_FULL);
    assert_true(wb_event_loop_clear_timeout(self.loop, last));
    assert_ok(wb_event_loop_timeout(self.loop, 1, 0, NULL));
    assert_int_equal(world->notes[1].kind, WB_NOTE_TIMER_SET);
    assert_true(world->notes[1].b - world->notes[0].b == 100 * (uint64_t)MS);
    loop_world_close(&self);
}

/* ---- nothing to call ---- */

static int dropped;

static void count_drop(void *message, void *user_data) {
    (void)message;
    (void)user_data;
    dropped++;
}

/* A-MOLD-05: the default of every callback is to do nothing. */
static void loop_with_an_empty_handler_does_nothing(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {.timer_tick_ns = 1, .drop_message = count_drop};
    const struct wb_handler nothing = {0};
    struct loop_world self;
    struct wb_sender sender;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    dropped = 0;
    loop_world_open(&self, world, &config);
    assert_ok(wb_event_loop_sender(self.loop, &sender));
    world_pair(world, &client, &server);
    loop_world_watch(
        &self, wb_tcp_stream_source(&client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_LEVEL);
    assert_ok(wb_event_loop_timeout(self.loop, 0, 1, NULL));
    assert_ok(wb_sender_send(&sender, NULL));
    assert_ok(wb_event_loop_run_once(self.loop, &nothing, NULL, 0));
    assert_int_equal(dropped, 1); /* a message that nobody handles still ends */
    assert_ok(wb_event_loop_run_once(self.loop, &nothing, NULL, 0));
    assert_int_equal(dropped, 1);
    wb_sender_clean_up(&sender);
    wb_tcp_stream_close(&client);
    wb_tcp_stream_close(&server);
    loop_world_close(&self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(loop_configured_out_of_bounds_is_refused),
        CASE(loop_new_and_destroyed_leaves_nothing),
        CASE(loop_with_nothing_returns_after_the_timeout),
        CASE(loop_without_timers_waits_for_ever_and_asks_no_clock),
        CASE(loop_waits_for_the_sooner_of_timeout_and_timer),
        CASE(loop_with_messages_does_not_wait),
        CASE(loop_interrupted_says_so_and_goes_on),
        CASE(loop_whose_wait_fails_says_so),
        CASE(loop_iteration_keeps_its_order),
        CASE(loop_shut_down_completes_its_iteration_and_runs_again),
        CASE(loop_refuses_its_own_token),
        CASE(loop_without_configuration_has_the_defaults),
        CASE(loop_by_default_holds_4096_messages_and_hands_out_256_a_turn),
        CASE(loop_by_default_holds_65536_timers_100_ms_apart),
        CASE(loop_with_an_empty_handler_does_nothing),
    };
    return cmocka_run_group_tests_name("event_loop", tests, NULL, NULL);
}
