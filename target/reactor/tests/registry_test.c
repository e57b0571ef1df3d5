/* Registering, reregistering, deregistering. */
#include "world.h"

struct pair {
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
};

static void pair_close(struct pair *pair) {
    wb_tcp_stream_close(&pair->client);
    wb_tcp_stream_close(&pair->server);
}

/* MIO-10, A-MIO-13 */
static void registry_reregistered_often_reports_only_the_last(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    struct wb_source *source = wb_tcp_stream_source(&pair.server);
    world_send(&pair.client, "x");
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    world_watch(world, source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    const struct wb_registry *registry = world_registry(world);
    assert_ok(wb_registry_reregister(registry, source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE));
    assert_ok(wb_registry_reregister(registry, source, 2, WB_INTEREST_READABLE, WB_TRIGGER_EDGE));
    assert_ok(wb_registry_reregister(registry, source, 3, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE));
    assert_int_equal(world_wait(world, 0), 1);
    assert_int_equal(world->flags[3], WB_EPOLLOUT);
    world_forget(world);
    assert_ok(wb_registry_reregister(registry, source, 3, WB_INTEREST_READABLE, WB_TRIGGER_EDGE));
    assert_int_equal(world_wait(world, 0), 1);
    assert_int_equal(world->flags[3], WB_EPOLLIN);
    pair_close(&pair);
}

/* MIO-11, A-MIO-12, RT-21 */
static void registry_second_registration_is_refused(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    struct wb_source *source = wb_tcp_stream_source(&pair.client);
    world_watch(world, source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    assert_status(wb_registry_register(
                      world_registry(world), source, 2, WB_INTEREST_READABLE, WB_TRIGGER_LEVEL),
        WB_ERR_ALREADY_REGISTERED);
    assert_int_equal(world_wait(world, 0), 1);
    assert_int_equal(world->flags[1], WB_EPOLLOUT); /* the first one is untouched */
    pair_close(&pair);
}

static void registry_second_source_for_one_descriptor_is_refused(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_fd_source other;
    world_pair(world, &pair.client, &pair.server);
    world_watch(
        world, wb_tcp_stream_source(&pair.client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    wb_fd_source_init(&other, &world->sys, wb_tcp_stream_fd(&pair.client));
    assert_status(wb_registry_register(world_registry(world), &other.source, 2,
                      WB_INTEREST_READABLE, WB_TRIGGER_EDGE),
        WB_ERR_ALREADY_REGISTERED);
    assert_false(wb_fd_source_is_registered(&other));
    wb_fd_source_clean_up(&other);
    assert_int_equal(world_wait(world, 0), 1);
    pair_close(&pair);
}

/* MIO-18, MOLD-20, A-MIO-12, A-MIO-16 */
static void registry_of_a_second_poll_is_refused(void **state) {
    struct world *world = *state;
    struct pair pair;
    struct wb_poll other;
    world_pair(world, &pair.client, &pair.server);
    world_poll_init(world, &other);
    struct wb_source *source = wb_tcp_stream_source(&pair.client);
    const struct wb_registry *second = wb_poll_registry(&other);
    world_watch(world, source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    assert_status(wb_registry_register(second, source, 2, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE),
        WB_ERR_ALREADY_REGISTERED);
    assert_status(wb_registry_reregister(second, source, 2, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE),
        WB_ERR_NOT_REGISTERED);
    assert_status(wb_registry_deregister(second, source), WB_ERR_NOT_REGISTERED);
    assert_ok(wb_registry_deregister(world_registry(world), source));
    assert_status(wb_registry_register(second, source, 2, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE),
        WB_ERR_INVALID);
    world_watch(world, source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE);
    wb_poll_clean_up(&other);
    pair_close(&pair);
}

/* MIO-12 */
static void registry_reregistered_between_waits_reports_the_new_token(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream client;
    struct wb_tcp_stream server;
    world_listen(world, &listener, &addr);
    struct wb_source *source = wb_tcp_listener_source(&listener);
    world_watch(world, source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_assert_quiet(world);
    assert_ok(wb_registry_reregister(
        world_registry(world), source, 2, WB_INTEREST_READABLE, WB_TRIGGER_EDGE));
    world_assert_quiet(world);
    assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
    world_await(world, 2, WB_EPOLLIN);
    assert_int_equal(world->reports[1], 0);
    assert_ok(wb_tcp_listener_accept(&listener, &server, NULL));
    wb_tcp_stream_close(&server);
    wb_tcp_stream_close(&client);
    wb_tcp_listener_close(&listener);
}

/* MIO-13, MOLD-01, A-MIO-14, RT-21 */
static void registry_refuses_what_was_never_registered(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    struct wb_source *source = wb_tcp_stream_source(&pair.client);
    assert_status(wb_registry_reregister(
                      world_registry(world), source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE),
        WB_ERR_NOT_REGISTERED);
    assert_status(wb_registry_deregister(world_registry(world), source), WB_ERR_NOT_REGISTERED);
    world_assert_quiet(world);
    pair_close(&pair);
}

/* A-MIO-20 */
static void registry_refuses_an_empty_interest(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    struct wb_source *source = wb_tcp_stream_source(&pair.client);
    const struct wb_registry *registry = world_registry(world);
    assert_status(wb_registry_register(registry, source, 1, 0, WB_TRIGGER_LEVEL), WB_ERR_INVALID);
    assert_status(wb_registry_register(registry, source, 1, 64, WB_TRIGGER_LEVEL), WB_ERR_INVALID);
    world_watch(world, source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_LEVEL);
    assert_status(wb_registry_reregister(registry, source, 1, 0, WB_TRIGGER_LEVEL), WB_ERR_INVALID);
    assert_int_equal(world_wait(world, 0), 1);
    pair_close(&pair);
}

/* A-MIO-20: on Linux they ask for nothing, alone or with others. */
static void registry_interest_in_aio_and_lio_reports_nothing_of_its_own(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    const uint32_t nothing = WB_INTEREST_AIO | WB_INTEREST_LIO;
    struct wb_source *source = wb_tcp_stream_source(&pair.server);
    world_watch(world, source, 1, WB_INTEREST_LIO, WB_TRIGGER_LEVEL);
    world_send(&pair.client, "ping");
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    world_assert_quiet(world); /* readable and writable, and neither was asked for */
    assert_ok(wb_registry_reregister(
        world_registry(world), source, 1, nothing | WB_INTEREST_READABLE, WB_TRIGGER_LEVEL));
    world_await(world, 1, WB_EPOLLIN);
    assert_int_equal(world->flags[1], WB_EPOLLIN);
    world_forget(world);
    assert_ok(wb_registry_reregister(world_registry(world), source, 1, nothing, WB_TRIGGER_LEVEL));
    world_assert_quiet(world);
    assert_ok(wb_tcp_stream_set_linger(&pair.client, 0));
    wb_tcp_stream_close(&pair.client);
    world_await(world, 1, WB_EPOLLERR | WB_EPOLLHUP); /* reported whatever the interest */
    assert_int_equal(world->flags[1], WB_EPOLLERR | WB_EPOLLHUP);
    pair_close(&pair);
}

/* MIO-16, MIO-39, MOLD-27, A-MIO-15 */
static void registry_deregistered_sources_are_quiet_and_still_work(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    uint32_t both = WB_INTEREST_READABLE | WB_INTEREST_WRITABLE;
    world_watch(world, wb_tcp_stream_source(&pair.client), 1, both, WB_TRIGGER_LEVEL);
    world_watch(world, wb_tcp_stream_source(&pair.server), 2, both, WB_TRIGGER_LEVEL);
    world_send(&pair.client, "ping");
    world_await_readable(world, wb_tcp_stream_fd(&pair.server));
    assert_ok(wb_registry_deregister(world_registry(world), wb_tcp_stream_source(&pair.client)));
    assert_ok(wb_registry_deregister(world_registry(world), wb_tcp_stream_source(&pair.server)));
    world_assert_quiet(world);
    world_expect(world, &pair.server, "ping");
    pair_close(&pair);
}

/* MIO-17, MOLD-21 */
static void registry_reregistered_before_the_wait_drops_the_old_readiness(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream client;
    for (int trigger = WB_TRIGGER_LEVEL; trigger <= WB_TRIGGER_EDGE_ONESHOT; trigger++) {
        world_listen(world, &listener, &addr);
        struct wb_source *source = wb_tcp_listener_source(&listener);
        world_watch(world, source, 1, WB_INTEREST_READABLE, (enum wb_trigger)trigger);
        assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
        world_await_readable(world, wb_tcp_listener_fd(&listener));
        assert_ok(wb_registry_reregister(
            world_registry(world), source, 1, WB_INTEREST_WRITABLE, (enum wb_trigger)trigger));
        world_assert_quiet(world);
        wb_tcp_stream_close(&client);
        wb_tcp_listener_close(&listener);
    }
}

/* MIO-19, A-MIO-16 */
static void registry_after_deregistering_takes_the_source_again(void **state) {
    struct world *world = *state;
    struct wb_tcp_listener listener;
    struct wb_addr addr;
    struct wb_tcp_stream client;
    world_listen(world, &listener, &addr);
    struct wb_source *source = wb_tcp_listener_source(&listener);
    world_watch(world, source, 1, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    assert_ok(wb_registry_deregister(world_registry(world), source));
    world_watch(world, source, 2, WB_INTEREST_READABLE, WB_TRIGGER_EDGE);
    world_assert_quiet(world);
    assert_ok(wb_tcp_stream_connect(&client, &world->sys, &addr));
    world_await(world, 2, WB_EPOLLIN);
    assert_int_equal(world->report_count, 1);
    wb_tcp_stream_close(&client);
    wb_tcp_listener_close(&listener);
}

/* A-MIO-18, A-MIO-19 */
static void registry_gives_tokens_back_verbatim(void **state) {
    struct world *world = *state;
    const uint64_t tokens[] = {0, UINT64_MAX, UINT64_C(0x8000000000000001)};
    for (size_t i = 0; i < 3; i++) {
        struct pair pair;
        world_pair(world, &pair.client, &pair.server);
        world_watch(world, wb_tcp_stream_source(&pair.client), tokens[i], WB_INTEREST_WRITABLE,
            WB_TRIGGER_EDGE);
        world_watch(world, wb_tcp_stream_source(&pair.server), tokens[i], WB_INTEREST_WRITABLE,
            WB_TRIGGER_EDGE);
        assert_ok(wb_poll_wait(&world->poll, &world->events, 0));
        assert_int_equal(wb_events_count(&world->events), 2); /* one token, two sources */
        assert_true(wb_event_token(wb_events_at(&world->events, 0)) == tokens[i]);
        assert_true(wb_event_token(wb_events_at(&world->events, 1)) == tokens[i]);
        pair_close(&pair);
    }
}

/* A-MIO-17 */
static void registry_close_ends_the_registration_despite_a_duplicate(void **state) {
    struct world *world = *state;
    struct pair pair;
    world_pair(world, &pair.client, &pair.server);
    int duplicate = WB_SYS(&world->sys, dup, wb_tcp_stream_fd(&pair.client));
    assert_true(duplicate >= 0);
    world_watch(
        world, wb_tcp_stream_source(&pair.client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_LEVEL);
    assert_int_equal(world_wait(world, 0), 1);
    wb_tcp_stream_close(&pair.client);
    world_assert_quiet(world);
    WB_SYS(&world->sys, close, duplicate);
    pair_close(&pair);
}

/* A-MIO-10: a clone outlives the poll, and sources outlive both. */
static void registry_clone_after_the_poll_still_answers(void **state) {
    struct world *world = *state;
    struct wb_poll poll;
    struct pair pair;
    world_poll_init(world, &poll);
    struct wb_registry clone = wb_registry_clone(wb_poll_registry(&poll));
    world_pair(world, &pair.client, &pair.server);
    assert_ok(wb_registry_register(
        &clone, wb_tcp_stream_source(&pair.client), 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE));
    assert_ok(wb_poll_wait(&poll, &world->events, 0));
    assert_int_equal(wb_events_count(&world->events), 1);
    wb_poll_clean_up(&poll);
    assert_ok(wb_registry_register(
        &clone, wb_tcp_stream_source(&pair.server), 2, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE));
    wb_registry_clean_up(&clone);
    pair_close(&pair);
}

/* A-MIO-01 */
static void registry_after_the_poll_ended_refuses(void **state) {
    struct world *world = *state;
    struct wb_poll poll;
    struct pair pair;
    world_poll_init(world, &poll);
    world_pair(world, &pair.client, &pair.server);
    struct wb_source *source = wb_tcp_stream_source(&pair.client);
    assert_ok(wb_registry_register(
        wb_poll_registry(&poll), source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE));
    size_t before = world_descriptors();
    wb_poll_clean_up(&poll);
    assert_int_equal(world_descriptors(), before - 1); /* at once, although a source remains */
    assert_status(wb_registry_register(
                      world_registry(world), source, 1, WB_INTEREST_WRITABLE, WB_TRIGGER_EDGE),
        WB_ERR_ALREADY_REGISTERED);
    pair_close(&pair);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)
        CASE(registry_reregistered_often_reports_only_the_last),
        CASE(registry_second_registration_is_refused),
        CASE(registry_second_source_for_one_descriptor_is_refused),
        CASE(registry_of_a_second_poll_is_refused),
        CASE(registry_reregistered_between_waits_reports_the_new_token),
        CASE(registry_refuses_what_was_never_registered),
        CASE(registry_refuses_an_empty_interest),
        CASE(registry_interest_in_aio_and_lio_reports_nothing_of_its_own),
        CASE(registry_deregistered_sources_are_quiet_and_still_work),
        CASE(registry_reregistered_before_the_wait_drops_the_old_readiness),
        CASE(registry_after_deregistering_takes_the_source_again),
        CASE(registry_gives_tokens_back_verbatim),
        CASE(registry_close_ends_the_registration_despite_a_duplicate),
        CASE(registry_clone_after_the_poll_still_answers),
        CASE(registry_after_the_poll_ended_refuses),
    };
    return cmocka_run_group_tests_name("registry", tests, NULL, NULL);
}
