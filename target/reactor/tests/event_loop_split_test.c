/* A system that tells of one source in two reports, side by side or far apart: ready is called
 * once, with both. */
#include "loop_world.h"

enum { PAIRS_MAX = 12, REPORTS_MAX = 64 };

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

/* ---- the system ---- */

enum split { SIDE_BY_SIDE, FAR_APART };

static enum split split;
static int (*whole_wait)(void *, int, struct wb_epoll_event *, int, int64_t);

/* Waits for half of what fits, and makes two reports of each that says two things. */
static int split_wait(
    void *self, int epfd, struct wb_epoll_event *events, int events_max, int64_t timeout_ns) {
    struct wb_epoll_event whole[REPORTS_MAX];
    int half = events_max / 2 < REPORTS_MAX ? events_max / 2 : REPORTS_MAX;
    int count = whole_wait(self, epfd, whole, half, timeout_ns);
    for (int i = 0; i < count; i++) {
        int first = split == SIDE_BY_SIDE ? 2 * i : i;
        int second = split == SIDE_BY_SIDE ? 2 * i + 1 : count + i;
        events[first] = whole[i];
        events[first].events &= WB_EPOLLOUT;
        events[second] = whole[i];
        events[second].events &= ~WB_EPOLLOUT;
    }
    return count < 0 ? count : 2 * count;
}

/* ---- the sources ---- */

struct crowd {
    struct loop_world self;
    int pairs;
    struct wb_tcp_stream clients[PAIRS_MAX];
    struct wb_tcp_stream servers[PAIRS_MAX];
};

/* The servers are readable and writable, each under its index. */
static void crowd_open(struct crowd *crowd, struct world *world, int pairs) {
    whole_wait = world->ops.epoll_pwait2;
    world->ops.epoll_pwait2 = split_wait;
    crowd->pairs = pairs;
    loop_world_open(&crowd->self, world, NULL);
    crowd->self.user_data = crowd;
    for (int i = 0; i < pairs; i++) {
        world_pair(world, &crowd->clients[i], &crowd->servers[i]);
        world_send(&crowd->clients[i], "x");
        world_await_readable(world, wb_tcp_stream_fd(&crowd->servers[i]));
    }
}

static void crowd_watch(struct crowd *crowd) {
    for (int i = 0; i < crowd->pairs; i++) {
        loop_world_watch(&crowd->self, wb_tcp_stream_source(&crowd->servers[i]), (uint64_t)i, BOTH,
            WB_TRIGGER_EDGE_ONESHOT);
    }
}

static void crowd_close(struct crowd *crowd) {
    for (int i = 0; i < crowd->pairs; i++) {
        wb_tcp_stream_close(&crowd->clients[i]);
        wb_tcp_stream_close(&crowd->servers[i]);
    }
    crowd->self.world->ops.epoll_pwait2 = whole_wait;
    loop_world_close(&crowd->self);
}

/* Few enough to be scanned, and so many that they are indexed; in both ways of splitting. */
static void for_each_split(struct world *world, void (*run)(struct crowd *crowd)) {
    static const int pairs[] = {1, 3, PAIRS_MAX};
    for (int how = SIDE_BY_SIDE; how <= FAR_APART; how++) {
        for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
            struct crowd crowd = {0};
            split = (enum split)how;
            crowd_open(&crowd, world, pairs[i]);
            run(&crowd);
            crowd_close(&crowd);
        }
    }
}

/* ---- cases ---- */

static void each_is_ready_once(struct crowd *crowd) {
    crowd_watch(crowd);
    loop_world_turn(&crowd->self, PATIENCE_NS);
    assert_int_equal(crowd->self.readies, crowd->pairs);
    for (int i = 0; i < crowd->pairs; i++) {
        assert_int_equal(crowd->self.reports[i], 1);
        assert_int_equal(crowd->self.flags[i], WB_EPOLLIN | WB_EPOLLOUT);
    }
    loop_world_turn(&crowd->self, 0);
    assert_int_equal(crowd->self.readies, crowd->pairs); /* what was joined does not come again */
}

/* A-MOLD-05 */
static void split_reports_of_a_source_call_ready_once(void **state) {
    for_each_split(*state, each_is_ready_once);
}

static void rearm_readable(struct loop_world *self, struct wb_event event) {
    struct crowd *crowd = self->user_data;
    (void)event;
    for (int i = 0; i < crowd->pairs; i++) {
        assert_ok(wb_event_loop_reregister(self->loop, wb_tcp_stream_source(&crowd->servers[i]),
            (uint64_t)i, WB_INTEREST_READABLE, WB_TRIGGER_EDGE_ONESHOT));
    }
}

static void rest_is_restricted(struct crowd *crowd) {
    crowd->self.on_ready = rearm_readable;
    crowd_watch(crowd);
    loop_world_turn(&crowd->self, PATIENCE_NS);
    assert_int_equal(crowd->self.readies, crowd->pairs);
    int both = 0;
    for (int i = 0; i < crowd->pairs; i++) {
        assert_int_equal(crowd->self.reports[i], 1);
        assert_true((crowd->self.flags[i] & WB_EPOLLIN) != 0);
        both += (crowd->self.flags[i] & WB_EPOLLOUT) != 0;
    }
    assert_int_equal(both, 1); /* the first, before anything was rearmed */
}

/* A-MOLD-05, A-MIO-13: what is no longer of interest is in neither half. */
static void split_reports_of_a_rearmed_source_say_only_what_it_is_armed_for(void **state) {
    for_each_split(*state, rest_is_restricted);
}

static void close_all(struct loop_world *self, struct wb_event event) {
    struct crowd *crowd = self->user_data;
    (void)event;
    for (int i = 0; i < crowd->pairs; i++) {
        wb_tcp_stream_close(&crowd->servers[i]);
    }
}

static void closed_are_silent(struct crowd *crowd) {
    crowd->self.on_ready = close_all;
    crowd_watch(crowd);
    loop_world_turn(&crowd->self, PATIENCE_NS);
    assert_int_equal(crowd->self.readies, 1);
}

/* A-MOLD-05, A-MIO-15 */
static void split_reports_of_closed_sources_are_not_handed_out(void **state) {
    for_each_split(*state, closed_are_silent);
}

static void token_is_ready_once(struct crowd *crowd) {
    for (int i = 0; i < crowd->pairs; i++) {
        loop_world_watch(&crowd->self, wb_tcp_stream_source(&crowd->servers[i]), 7,
            WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
        loop_world_watch(&crowd->self, wb_tcp_stream_source(&crowd->clients[i]), 7,
            WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    }
    loop_world_turn(&crowd->self, PATIENCE_NS);
    assert_int_equal(crowd->self.readies, 1);
    assert_int_equal(crowd->self.flags[7], WB_EPOLLIN | WB_EPOLLOUT);
}

/* A-MOLD-05: to the loop, sources under one token are one. */
static void split_reports_under_a_shared_token_call_ready_once(void **state) {
    for_each_split(*state, token_is_ready_once);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(split_reports_of_a_source_call_ready_once),
        CASE(split_reports_of_a_rearmed_source_say_only_what_it_is_armed_for),
        CASE(split_reports_of_closed_sources_are_not_handed_out),
        CASE(split_reports_under_a_shared_token_call_ready_once),
    };
    return cmocka_run_group_tests_name("event_loop_split", tests, NULL, NULL);
}
