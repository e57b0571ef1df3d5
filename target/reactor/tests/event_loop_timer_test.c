/* Timers through the loop; the wheel by itself is in timer_wheel_test.c. */
#include "loop_world.h"

static uint64_t now(struct world *world) {
    return WB_SYS(&world->sys, clock_gettime, WB_CLOCK_MONOTONIC);
}

/* ---- a timer that hands over a socket ---- */

struct late_answer {
    struct wb_tcp_listener listener;
    struct wb_tcp_stream client;
    struct wb_tcp_stream accepted[2]; /* the timer's value says which */
};

static void late_ready(struct loop_world *self, struct wb_event event) {
    struct late_answer *answer = self->user_data;
    if (event.token == 1) {
        assert_ok(wb_tcp_listener_accept(&answer->listener, &answer->accepted[1], NULL));
        assert_ok(wb_event_loop_timeout(self->loop, (uint64_t)(200 * MS), 1, NULL));
    }
}

static void late_timeout(struct loop_world *self, uint64_t value) {
    struct late_answer *answer = self->user_data;
    world_send(&answer->accepted[value], "zzz");
    wb_tcp_stream_close(&answer->accepted[value]);
}

/* MOLD-11, A-MOLD-07 */
static void timer_hands_over_the_socket_it_was_set_for(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {.timer_tick_ns = (uint64_t)(10 * MS)};
    struct loop_world self;
    struct late_answer answer = {0};
    struct wb_addr addr;
    loop_world_open(&self, world, &config);
    self.user_data = &answer;
    self.on_ready = late_ready;
    self.on_timeout = late_timeout;
    world_listen(world, &answer.listener, &addr);
    loop_world_watch(
        &self, wb_tcp_listener_source(&answer.listener), 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    uint64_t begin = now(world);
    assert_ok(wb_tcp_stream_connect(&answer.client, &world->sys, &addr));
    loop_world_watch(
        &self, wb_tcp_stream_source(&answer.client), 2, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    loop_world_await(&self, 1, WB_EPOLLIN); /* accepted, the timer is set */
    assert_int_equal(self.flags[2] & WB_EPOLLIN, 0);
    while (self.timeouts == 0) {
        loop_world_turn(&self, WB_TIMEOUT_INFINITE); /* ends by the timer alone */
    }
    assert_true(now(world) - begin >= 200 * (uint64_t)MS);
    loop_world_await(&self, 2, WB_EPOLLIN | WB_EPOLLRDHUP);
    world_expect(world, &answer.client, "zzz");
    world_expect_eof(world, &answer.client);
    assert_int_equal(self.timeouts, 1);
    wb_tcp_stream_close(&answer.client);
    wb_tcp_listener_close(&answer.listener);
    loop_world_close(&self);
}

/* ---- never early ---- */

enum { MANY = 50 };

struct many {
    struct world *world;
    uint64_t due_ns[MANY];
};

static void many_timeout(struct loop_world *self, uint64_t value) {
    struct many *many = self->user_data;
    assert_true(now(many->world) >= many->due_ns[value]);
}

/* INV-14, A-MOLD-14 */
static void timers_of_the_real_clock_never_fire_early(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {.timer_tick_ns = (uint64_t)(2 * MS)};
    struct many many = {.world = world};
    struct loop_world self;
    loop_world_open(&self, world, &config);
    self.user_data = &many;
    self.on_timeout = many_timeout;
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t delay_ns = i * 7919 % MANY * 1000000;
        many.due_ns[i] = now(world) + delay_ns;
        assert_ok(wb_event_loop_timeout(self.loop, delay_ns, i, NULL));
    }
    int turns = 0;
    while (self.timeouts < MANY) {
        loop_world_turn(&self, WB_TIMEOUT_INFINITE);
        assert_true(++turns <= 2 * MANY); /* it does not wake for nothing */
    }
    loop_world_close(&self);
}

/* ---- changing timers from callbacks ---- */

struct chain {
    struct wb_timeout victim;
    int left;
};

static void chain_timeout(struct loop_world *self, uint64_t value) {
    struct chain *chain = self->user_data;
    assert_int_equal(value, 1); /* the victim has value 2 */
    (void)wb_event_loop_clear_timeout(self->loop, chain->victim);
    if (--chain->left > 0) {
        assert_ok(wb_event_loop_timeout(self->loop, 0, 1, NULL));
    }
}

/* MOLD-13 */
static void timer_callback_may_set_and_clear_others(void **state) {
    struct world *world = *state;
    const struct wb_event_loop_config config = {.timer_tick_ns = (uint64_t)MS};
    struct chain chain = {.left = 3};
    struct loop_world self;
    loop_world_open(&self, world, &config);
    self.user_data = &chain;
    self.on_timeout = chain_timeout;
    assert_ok(wb_event_loop_timeout(self.loop, 0, 1, NULL));
    assert_ok(wb_event_loop_timeout(self.loop, 0, 2, &chain.victim));
    while (chain.left > 0) {
        loop_world_turn(&self, PATIENCE_NS);
    }
    assert_int_equal(self.timeouts, 3);
    loop_world_turn(&self, 5 * MS);
    assert_int_equal(self.timeouts, 3);
    loop_world_close(&self);
}

static void timer_of_the_zero_handle_cannot_be_cleared(void **state) {
    struct world *world = *state;
    struct loop_world self;
    struct wb_timeout none = {0};
    loop_world_open(&self, world, NULL);
    assert_false(wb_event_loop_clear_timeout(self.loop, none));
    assert_ok(wb_event_loop_timeout(self.loop, 0, 1, NULL));
    assert_false(wb_event_loop_clear_timeout(self.loop, none));
    loop_world_close(&self);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(timer_hands_over_the_socket_it_was_set_for),
        CASE(timers_of_the_real_clock_never_fire_early),
        CASE(timer_callback_may_set_and_clear_others),
        CASE(timer_of_the_zero_handle_cannot_be_cleared),
    };
    return cmocka_run_group_tests_name("event_loop_timer", tests, NULL, NULL);
}
