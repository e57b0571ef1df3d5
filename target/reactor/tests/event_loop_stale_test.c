/* Reports that died in the batch they came in: the loop must not hand them out, and must not take
 * back more than those. */
#include "loop_world.h"

#include "reactor/selector.h"

enum { PAIRS = 8 };

#define BOTH (WB_INTEREST_READABLE | WB_INTEREST_WRITABLE)

struct crowd {
    struct loop_world self;
    struct wb_tcp_stream clients[PAIRS];
    struct wb_tcp_stream servers[PAIRS];
    struct wb_tcp_stream newcomer; /* and its peer, */
    struct wb_tcp_stream newcomer_peer;
    uint64_t first; /* token of the first report of the batch */
    bool is_done;
};

/* The servers are registered under their index and all ready at once. */
static void crowd_open(struct crowd *crowd, struct world *world, uint32_t interest,
    enum wb_trigger trigger, void (*on_ready)(struct loop_world *, struct wb_event)) {
    *crowd = (struct crowd){0};
    loop_world_open(&crowd->self, world, NULL);
    crowd->self.user_data = crowd;
    crowd->self.on_ready = on_ready;
    for (uint64_t i = 0; i < PAIRS; i++) {
        world_pair(world, &crowd->clients[i], &crowd->servers[i]);
        world_send(&crowd->clients[i], "x");
        world_await_readable(world, wb_tcp_stream_fd(&crowd->servers[i]));
        loop_world_watch(
            &crowd->self, wb_tcp_stream_source(&crowd->servers[i]), i, interest, trigger);
    }
}

static void crowd_close(struct crowd *crowd) {
    for (int i = 0; i < PAIRS; i++) {
        wb_tcp_stream_close(&crowd->clients[i]);
        wb_tcp_stream_close(&crowd->servers[i]);
    }
    wb_tcp_stream_close(&crowd->newcomer);
    wb_tcp_stream_close(&crowd->newcomer_peer);
    loop_world_close(&crowd->self);
}

/* Whether this is the first report of all, which is remembered. */
static bool is_first(struct crowd *crowd, struct wb_event event) {
    if (crowd->is_done) {
        return false;
    }
    crowd->is_done = true;
    crowd->first = event.token;
    return true;
}

/* ---- closing and deregistering others ---- */

static void close_others(struct loop_world *self, struct wb_event event) {
    struct crowd *crowd = self->user_data;
    if (is_first(crowd, event)) {
        for (uint64_t i = 0; i < PAIRS; i++) {
            if (i != event.token) {
                wb_tcp_stream_close(&crowd->servers[i]);
            }
        }
    }
}

static void deregister_others(struct loop_world *self, struct wb_event event) {
    struct crowd *crowd = self->user_data;
    if (is_first(crowd, event)) {
        for (uint64_t i = 0; i < PAIRS; i++) {
            if (i != event.token) {
                assert_ok(
                    wb_event_loop_deregister(self->loop, wb_tcp_stream_source(&crowd->servers[i])));
            }
        }
    }
}

/* A-MIO-15, T1-04, INV-13, MOLD-27 */
static void stale_reports_of_closed_sources_are_not_handed_out(void **state) {
    struct world *world = *state;
    struct crowd crowd;
    for (int how = 0; how < 2; how++) {
        crowd_open(&crowd, world, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL,
            how == 0 ? close_others : deregister_others);
        loop_world_turn(&crowd.self, PATIENCE_NS);
        assert_int_equal(crowd.self.readies, 1);
        loop_world_turn(&crowd.self, 0);
        assert_int_equal(crowd.self.readies, 2); /* the one that is left, again */
        assert_int_equal(crowd.self.reports[crowd.first], 2);
        crowd_close(&crowd);
    }
}

/* ---- a newcomer under a dead token ---- */

static void replace_next(struct loop_world *self, struct wb_event event) {
    struct crowd *crowd = self->user_data;
    if (is_first(crowd, event)) {
        uint64_t victim = (event.token + 1) % PAIRS;
        wb_tcp_stream_close(&crowd->servers[victim]);
        world_pair(self->world, &crowd->newcomer_peer, &crowd->newcomer);
        loop_world_watch(self, wb_tcp_stream_source(&crowd->newcomer), victim, WB_INTEREST_READABLE,
            WB_TRIGGER_EDGE);
    }
}

/* T1-05, A-MIO-19, INV-10 */
static void stale_report_does_not_reach_the_new_owner_of_its_token(void **state) {
    struct world *world = *state;
    struct crowd crowd;
    crowd_open(&crowd, world, WB_INTEREST_READABLE, WB_TRIGGER_EDGE, replace_next);
    loop_world_turn(&crowd.self, PATIENCE_NS);
    uint64_t victim = (crowd.first + 1) % PAIRS;
    assert_int_equal(crowd.self.readies, PAIRS - 1);
    assert_int_equal(crowd.self.reports[victim], 0);
    world_send(&crowd.newcomer_peer, "own data");
    loop_world_await(&crowd.self, victim, WB_EPOLLIN);
    assert_int_equal(crowd.self.reports[victim], 1);
    crowd_close(&crowd);
}

/* ---- reregistering others ---- */

static void reregister_others_writable(struct loop_world *self, struct wb_event event) {
    struct crowd *crowd = self->user_data;
    if (is_first(crowd, event)) {
        for (uint64_t i = 0; i < PAIRS; i++) {
            if (i != event.token) {
                assert_ok(
                    wb_event_loop_reregister(self->loop, wb_tcp_stream_source(&crowd->servers[i]),
                        i, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE));
            }
        }
    }
}

/* A-MIO-13 */
static void stale_flags_of_a_reregistered_source_are_not_handed_out(void **state) {
    struct world *world = *state;
    struct crowd crowd;
    crowd_open(&crowd, world, BOTH, WB_TRIGGER_EDGE, reregister_others_writable);
    loop_world_turn(&crowd.self, PATIENCE_NS);
    assert_int_equal(crowd.self.readies, PAIRS);
    for (uint64_t i = 0; i < PAIRS; i++) {
        uint32_t expected = i == crowd.first ? WB_EPOLLIN | WB_EPOLLOUT : WB_EPOLLOUT;
        assert_int_equal(crowd.self.flags[i], expected);
    }
    crowd_close(&crowd);
}

static void rename_next(struct loop_world *self, struct wb_event event) {
    struct crowd *crowd = self->user_data;
    if (is_first(crowd, event)) {
        uint64_t victim = (event.token + 1) % PAIRS;
        assert_ok(
            wb_event_loop_reregister(self->loop, wb_tcp_stream_source(&crowd->servers[victim]),
                PAIRS, WB_INTEREST_READABLE, WB_TRIGGER_EDGE));
    }
}

/* A-MIO-13: nothing is lost, it comes under the new token. */
static void stale_token_of_a_reregistered_source_is_replaced(void **state) {
    struct world *world = *state;
    struct crowd crowd;
    crowd_open(&crowd, world, WB_INTEREST_READABLE, WB_TRIGGER_EDGE, rename_next);
    loop_world_turn(&crowd.self, PATIENCE_NS);
    assert_int_equal(crowd.self.readies, PAIRS - 1);
    assert_int_equal(crowd.self.reports[(crowd.first + 1) % PAIRS], 0);
    loop_world_await(&crowd.self, PAIRS, WB_EPOLLIN);
    assert_int_equal(crowd.self.readies, PAIRS);
    crowd_close(&crowd);
}

static void reregister_all_the_same(struct loop_world *self, struct wb_event event) {
    struct crowd *crowd = self->user_data;
    (void)event;
    for (uint64_t i = 0; i < PAIRS; i++) {
        assert_ok(wb_event_loop_reregister(self->loop, wb_tcp_stream_source(&crowd->servers[i]), i,
            WB_INTEREST_READABLE, WB_TRIGGER_EDGE));
    }
}

/* A broadcast rearms everybody in every callback: the rest of the batch must still be served. */
static void reports_survive_being_reregistered_unchanged(void **state) {
    struct world *world = *state;
    struct crowd crowd;
    crowd_open(&crowd, world, WB_INTEREST_READABLE, WB_TRIGGER_EDGE, reregister_all_the_same);
    loop_world_turn(&crowd.self, PATIENCE_NS);
    assert_int_equal(crowd.self.readies, PAIRS);
    for (int i = 0; i < PAIRS; i++) {
        assert_int_equal(crowd.self.reports[i], 1);
    }
    crowd_close(&crowd);
}

/* ---- announcements ---- */

static void every_report_handed_out_is_announced(void **state) {
    struct world *world = *state;
    struct crowd crowd;
    crowd_open(&crowd, world, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL, close_others);
    loop_world_turn(&crowd.self, PATIENCE_NS);
    assert_int_equal(world->note_count, 1);
    assert_int_equal(world->notes[0].kind, WB_NOTE_DISPATCH);
    assert_true(world->notes[0].a == crowd.first);
    assert_true(world->notes[0].b == WB_EPOLLIN);
    crowd_close(&crowd);
}

/* Sources outlive their loop, whichever end comes first. */
static void source_closed_after_its_loop_is_harmless(void **state) {
    struct world *world = *state;
    struct crowd crowd;
    crowd_open(&crowd, world, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL, NULL);
    loop_world_turn(&crowd.self, PATIENCE_NS);
    loop_world_close(&crowd.self);
    crowd_close(&crowd);
}

/* ---- a registry that outlives the loop ---- */

/* A source of one's own that keeps the registry it was registered with. */
struct keeper {
    struct wb_source source;
    struct wb_registry registry;
};

static enum wb_status keeper_register(struct wb_source *source, const struct wb_registry *registry,
    uint64_t token, uint32_t interest, enum wb_trigger trigger) {
    (void)token, (void)interest, (void)trigger;
    ((struct keeper *)source)->registry = wb_registry_clone(registry);
    return WB_OK;
}

static const struct wb_source_ops keeper_ops = {.on_register = keeper_register};

/* The epoll instance lives on with the clone, the loop's batch does not: nobody may look for
 * reports there. */
static void source_used_after_its_loop_through_a_clone_finds_no_batch(void **state) {
    struct world *world = *state;
    struct keeper keeper = {.source = {&keeper_ops}};
    struct crowd crowd;
    crowd_open(&crowd, world, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL, NULL);
    loop_world_watch(&crowd.self, &keeper.source, PAIRS, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    loop_world_turn(&crowd.self, PATIENCE_NS);
    assert_non_null(keeper.registry.selector->batch);
    loop_world_close(&crowd.self);
    assert_null(keeper.registry.selector->batch);
    for (int i = 0; i < PAIRS; i++) {
        struct wb_source *source = wb_tcp_stream_source(&crowd.servers[i]);
        assert_ok(wb_registry_reregister(
            &keeper.registry, source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE));
        assert_ok(wb_registry_deregister(&keeper.registry, source));
        assert_ok(wb_registry_register(
            &keeper.registry, source, 2, WB_INTEREST_READABLE, WB_TRIGGER_EDGE));
    }
    wb_registry_clean_up(&keeper.registry);
    crowd_close(&crowd);
}

/* What was registered through the clone, by whichever thread, is the loop's once the loop
 * reregisters it. */
static void stale_reports_of_sources_that_came_through_a_clone_are_not_handed_out(void **state) {
    struct world *world = *state;
    struct keeper keeper = {.source = {&keeper_ops}};
    struct crowd crowd;
    crowd_open(&crowd, world, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL, close_others);
    loop_world_watch(&crowd.self, &keeper.source, PAIRS, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL);
    for (uint64_t i = 0; i < PAIRS; i++) {
        struct wb_source *source = wb_tcp_stream_source(&crowd.servers[i]);
        assert_ok(wb_registry_deregister(&keeper.registry, source));
        assert_ok(wb_registry_register(
            &keeper.registry, source, i, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL));
        assert_ok(wb_event_loop_reregister(
            crowd.self.loop, source, i, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL));
    }
    loop_world_turn(&crowd.self, PATIENCE_NS);
    assert_int_equal(crowd.self.readies, 1);
    wb_registry_clean_up(&keeper.registry);
    crowd_close(&crowd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup_bare, world_teardown_bare)
        CASE(stale_reports_of_closed_sources_are_not_handed_out),
        CASE(stale_report_does_not_reach_the_new_owner_of_its_token),
        CASE(stale_flags_of_a_reregistered_source_are_not_handed_out),
        CASE(stale_token_of_a_reregistered_source_is_replaced),
        CASE(reports_survive_being_reregistered_unchanged),
        CASE(every_report_handed_out_is_announced),
        CASE(source_closed_after_its_loop_is_harmless),
        CASE(source_used_after_its_loop_through_a_clone_finds_no_batch),
        CASE(stale_reports_of_sources_that_came_through_a_clone_are_not_handed_out),
    };
    return cmocka_run_group_tests_name("event_loop_stale", tests, NULL, NULL);
}
